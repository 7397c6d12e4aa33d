//! The situations in which the repository cannot answer.

use std::path::PathBuf;

use bstr::BString;
use miette::Diagnostic;

use super::Oid;

/// What a question to the repository yields.
pub type Result<T, E = GitError> = std::result::Result<T, E>;

/// Why the repository could not answer.
///
/// Texts that come from git or from the repository (`stderr`, `name`, `problem`) are passed on as they are; whoever shows
/// them escapes them.
#[derive(Debug, thiserror::Error, Diagnostic)]
pub enum GitError {
    /// No repository here, or git refuses to use it (`safe.directory`, `safe.bareRepository`, an unknown extension).
    #[error("not a usable Git repository: {stderr}")]
    #[diagnostic(code(git_spec::git::not_a_repository))]
    NotARepository {
        /// Git's own words, which name the reason.
        stderr: String,
    },
    /// The question is about a work tree, and there is none.
    #[error("this repository has no work tree here")]
    #[diagnostic(code(git_spec::git::no_work_tree), help("name a revision, for example HEAD"))]
    NoWorkTree,
    /// No such revision.
    #[error("unknown revision `{name}`")]
    #[diagnostic(code(git_spec::git::unknown_revision), help("`git branch --all` and `git tag` list names"))]
    UnknownRevision {
        /// The revision as it was typed.
        name: String,
    },
    /// A pathspec that git refuses, or that is not understood here.
    #[error("{message}")]
    #[diagnostic(code(git_spec::git::bad_pathspec), help("{help}"))]
    BadPathspec {
        /// What is wrong with it.
        message: String,
        /// What to type instead.
        help: String,
    },
    /// An abbreviated object id that several objects share.
    #[error("revision `{name}` is ambiguous")]
    #[diagnostic(code(git_spec::git::ambiguous_revision), help("type more digits of the object id"))]
    AmbiguousRevision {
        /// The revision as it was typed.
        name: String,
    },
    /// The revision names an object of another kind, such as a blob where a commit is wanted.
    #[error("revision `{name}` is no {wanted}")]
    #[diagnostic(code(git_spec::git::wrong_kind))]
    WrongKind {
        /// The revision as it was typed.
        name: String,
        /// What it should have been: `commit` or `tree`.
        wanted: &'static str,
    },
    /// HEAD names a branch that has no commit yet.
    #[error("the branch {branch} has no commits yet")]
    #[diagnostic(code(git_spec::git::unborn_branch), help("make the first commit, or name another revision"))]
    UnbornBranch {
        /// The branch, without `refs/heads/`.
        branch: String,
    },
    /// `A...B` of two unrelated histories.
    #[error("`{left}` and `{right}` have no commit in common")]
    #[diagnostic(code(git_spec::git::no_merge_base), help("compare them directly with `..`"))]
    NoMergeBase {
        /// The left side.
        left: Oid,
        /// The right side.
        right: Oid,
    },
    /// An object that should be there is not, and git could not fetch it.
    #[error("object {oid} is missing")]
    #[diagnostic(
        code(git_spec::git::missing_object),
        help("`git fsck` tells whether the repository is damaged; in a partial clone the remote must be reachable")
    )]
    MissingObject {
        /// The missing object.
        oid: Oid,
    },
    /// An object is there but cannot be what it should be.
    #[error("object {oid} is bad: {problem}")]
    #[diagnostic(code(git_spec::git::bad_object), help("run `git fsck`"))]
    BadObject {
        /// The object.
        oid: Oid,
        /// What is wrong with it.
        problem: String,
    },
    /// A configuration value that does not read as what it should be.
    #[error("bad value `{value}` of `{key}`: wanted {wanted}")]
    #[diagnostic(
        code(git_spec::git::bad_config),
        help("`git config --show-origin --get-all {key}` tells where it is set")
    )]
    BadConfig {
        /// The configuration key.
        key: String,
        /// The value as it was set.
        value: BString,
        /// What was wanted, for example `a boolean`.
        wanted: &'static str,
    },
    /// Nobody to put down as the author of what is written.
    #[error("git does not know who you are: {}", stderr.lines().next().unwrap_or_default())]
    #[diagnostic(
        code(git_spec::git::no_identity),
        help("git config --global user.name 'Your Name'\ngit config --global user.email you@example.com")
    )]
    NoIdentity {
        /// Git's own words.
        stderr: String,
    },
    /// Other processes moved a reference again and again.
    #[error("{reference} was moved by other processes at every attempt; nothing was written")]
    #[diagnostic(code(git_spec::git::contended), help("try again when they are done"))]
    Contended {
        /// The full name.
        reference: String,
    },
    /// Another process holds what is to be changed, or was killed while it did.
    #[error("{} is there", path.display())]
    #[diagnostic(code(git_spec::git::locked))]
    Locked {
        /// The lock.
        path: PathBuf,
    },
    /// There is no `git` to run.
    #[error("cannot find the `git` program")]
    #[diagnostic(code(git_spec::git::git_missing), help("install Git 2.34 or newer and put it in PATH"))]
    GitMissing,
    /// A git process ended with a failure, at once or in mid-stream.
    #[error("`{command}` failed{}: {stderr}", status.map(|code| format!(" with status {code}")).unwrap_or_default())]
    #[diagnostic(code(git_spec::git::git_failed))]
    GitFailed {
        /// The subcommand, for example `git log`.
        command: String,
        /// Git's own words.
        stderr: String,
        /// The exit status; none where a signal ended it.
        status: Option<i32>,
    },
    /// A git process said something that nobody expected.
    #[error("cannot understand the output of `{command}`: {problem}")]
    #[diagnostic(code(git_spec::git::bad_output))]
    BadOutput {
        /// The subcommand, for example `git log`.
        command: String,
        /// What could not be understood.
        problem: String,
    },
    /// The reference of notes names something else.
    #[error("{reference} names no notes: {problem}")]
    #[diagnostic(
        code(git_spec::git::no_notes),
        help(
            "see what it named before: git reflog show {reference}\nto put it back: git update-ref {reference} COMMIT"
        )
    )]
    NoNotes {
        /// The full name.
        reference: String,
        /// What it names.
        problem: String,
    },
    /// The operating system refused a write.
    #[error("cannot write {}", path.display())]
    #[diagnostic(code(git_spec::git::unwritable))]
    Unwritable {
        /// The file.
        path: PathBuf,
        /// The operating system's reason.
        source: std::io::Error,
    },
    /// The operating system refused.
    #[error("cannot read {}", path.display())]
    #[diagnostic(code(git_spec::git::io))]
    Io {
        /// The file, directory or program.
        path: PathBuf,
        /// The operating system's reason.
        source: std::io::Error,
    },
}

impl GitError {
    pub(super) fn bad_output(command: &str, problem: impl Into<String>) -> Self {
        Self::BadOutput { command: command.to_owned(), problem: problem.into() }
    }

    pub(super) fn unwritable(path: impl Into<PathBuf>, source: std::io::Error) -> Self {
        Self::Unwritable { path: path.into(), source }
    }

    pub(super) fn io(path: impl Into<PathBuf>, source: std::io::Error) -> Self {
        Self::Io { path: path.into(), source }
    }
}
