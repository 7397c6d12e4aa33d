//! Everything that can stop a command, as the situations a user can be in.
//!
//! Each variant has a code and a help that ends in what to type next (`help`); `report` is the one place that says so.
//! A refused push and the findings of `check` are no errors but views; a closed pipe is one only so that it can travel
//! up with `?`.

mod candidate;
mod excerpt;
mod help;
mod report;

use std::io;

use miette::{Diagnostic, NamedSource, SourceSpan};
use thiserror::Error as ThisError;

use crate::git::GitError;
use crate::view::text::{one_line, quote_path, shell_quote, shell_quote_bytes};

use help::*;

pub use candidate::Candidate;
pub use report::{hints, in_one_line, notes, render, report, warnings};

/// What can stop a command.
#[derive(Debug, ThisError, Diagnostic)]
#[non_exhaustive]
pub enum Error {
    /// Neither here nor above is a repository.
    #[error("not a git repository (or any of the parent directories)")]
    #[diagnostic(
        code(git_spec::not_a_repository),
        help("change into a repository, or name one: git -C DIRECTORY spec …")
    )]
    NotARepository,

    /// git itself isn't there.
    #[error("git was not found on PATH")]
    #[diagnostic(code(git_spec::git_not_found), help("install Git 2.34 or newer: https://git-scm.com/downloads"))]
    GitNotFound,

    /// Git lists other parents than the commit's object names: a damaged commit-graph file, or grafts.
    #[error("git lists other parents for {} than the commit itself names", &commit[..commit.len().min(12)])]
    #[diagnostic(
        code(git_spec::other_parents),
        help(
            "check Git's shortcuts: git commit-graph verify (git commit-graph write --reachable mends it), and .git/info/grafts"
        )
    )]
    OtherParents {
        /// Full id.
        commit: String,
    },

    /// Git lists a commit before its child, or not at all: a damaged commit-graph file.
    #[error("git does not list {} behind the commit whose parent it is", &commit[..commit.len().min(12)])]
    #[diagnostic(
        code(git_spec::out_of_order),
        help("check Git's shortcuts: git commit-graph verify (git commit-graph write --reachable mends it)")
    )]
    OutOfOrder {
        /// Full id.
        commit: String,
    },

    /// git is older than 2.34.
    #[error("this is git {found}, git-spec needs 2.34 or newer")]
    #[diagnostic(code(git_spec::git_too_old), help("upgrade Git: https://git-scm.com/downloads"))]
    GitTooOld {
        /// What `git version` said.
        found: String,
    },

    /// A revision that git doesn't know.
    #[error("unknown revision {name}")]
    #[diagnostic(
        code(git_spec::unknown_revision),
        help("see what there is: git branch --all, git tag, git log --oneline")
    )]
    UnknownRevision {
        /// As typed.
        name: String,
    },

    /// A word that is neither a revision nor a path.
    #[error("{name} is neither a revision nor a path in the work tree")]
    #[diagnostic(
        code(git_spec::ambiguous_argument),
        help(
            "for a path that is not there: git spec COMMAND -- {}\nfor a revision, see what there is: git branch --all, git tag",
            shell_quote_bytes(typed)
        )
    )]
    AmbiguousArgument {
        /// As typed, for people.
        name: String,
        /// As typed, to the byte.
        typed: Vec<u8>,
    },

    /// HEAD names a branch without commits.
    #[error("the branch {branch} has no commits yet")]
    #[diagnostic(code(git_spec::unborn_branch), help("commit first: git add --all && git commit"))]
    UnbornBranch {
        /// Its name.
        branch: String,
    },

    /// The repository could not answer for another reason.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Git(GitError),

    /// No file is known to be specification.
    #[error("no specification found at {rev}")]
    #[diagnostic(code(git_spec::no_spec_set), help("{}", no_spec_set_help(looked_for, candidates)))]
    NoSpecSet {
        /// The revision, as typed.
        rev: String,
        /// The configured globs, or the layouts that detection knows.
        looked_for: Vec<String>,
        /// Globs of the prose that there is, likeliest first.
        candidates: Vec<String>,
    },

    /// No clause of that name.
    #[error("no clause {name} in the spec set at {rev}")]
    #[diagnostic(code(git_spec::no_such_clause), help("{}", no_such_clause_help(nearest, rev)))]
    NoSuchClause {
        /// As typed, without the revision.
        name: String,
        /// The revision, as typed.
        rev: String,
        /// Clauses with similar names, nearest first.
        nearest: Vec<Candidate>,
    },

    /// Several clauses of that name.
    #[error("{name} names {} clauses", candidates.len())]
    #[diagnostic(code(git_spec::ambiguous_clause), help("{}", ambiguous_clause_help(candidates)))]
    AmbiguousClause {
        /// As typed.
        name: String,
        /// All of them.
        candidates: Vec<Candidate>,
    },

    /// A clause that is linked from a commit whose own tree doesn't have it.
    #[error("{clause} is not in the specification at {commit}, only at HEAD")]
    #[diagnostic(
        code(git_spec::not_in_commit),
        help(
            "name the version that it was generated from: git spec link --force {} {}\nfor a clause that had another name then, use that name: git spec log --clause {}",
            shell_quote(commit), shell_quote(&format!("{clause}@REVISION")), shell_quote(clause)
        )
    )]
    NotInCommit {
        /// As typed.
        clause: String,
        /// As typed.
        commit: String,
    },

    /// A link that nobody would find again for sure.
    #[error("the link from {commit} to {clause} would be {state}: {reason}")]
    #[diagnostic(code(git_spec::inexact_link), help("{}", inexact_help(commit, clause, *is_here)))]
    Inexact {
        /// As typed.
        commit: String,
        /// Path and anchor.
        clause: String,
        /// The state that it would have.
        state: String,
        /// Why.
        reason: String,
        /// Whether the commit's own tree has the clause.
        is_here: bool,
    },

    /// A range whose commits have no link to carry over.
    #[error("no commit of {range} has a link")]
    #[diagnostic(code(git_spec::no_squash), help("see what the range holds: git log --oneline {}", shell_quote(range)))]
    NoSquash {
        /// As typed.
        range: String,
    },

    /// A commit that does something else than the range that it is said to replace.
    #[error("{commit} does not do the same as {range}")]
    #[diagnostic(
        code(git_spec::squash_differs),
        help(
            "the change differs in {}\nlink it by itself: git spec link {} CLAUSE",
            listed(files),
            shell_quote(commit)
        )
    )]
    SquashDiffers {
        /// As typed.
        range: String,
        /// As typed.
        commit: String,
        /// Files that differ.
        files: Vec<String>,
    },

    /// A link to take back that the commit doesn't have.
    #[error("{commit} has no link to {name}")]
    #[diagnostic(code(git_spec::no_such_link), help("{}", links_help(commit, links)))]
    NoSuchLink {
        /// As typed.
        commit: String,
        /// As typed, or `any clause`.
        name: String,
        /// The links that it has.
        links: Vec<String>,
    },

    /// A link that stands in the message, from which nothing can be withdrawn.
    #[error("{commit} has its link to {name} in its message, from which it cannot be withdrawn")]
    #[diagnostic(
        code(git_spec::link_in_message),
        help("{}", reword_help(how.as_ref()))
    )]
    LinkInMessage {
        /// As typed.
        commit: String,
        /// The clause.
        name: String,
        /// The command that opens the message, and what to do there; none where no branch has the commit.
        how: Option<(String, Option<String>)>,
    },

    /// A configuration file that cannot be read as one.
    #[error("{}: {message}", file.name())]
    #[diagnostic(code(git_spec::bad_config))]
    BadConfig {
        /// The file; its text is what `span` counts in.
        file: Box<NamedSource<String>>,
        /// Where.
        span: SourceSpan,
        /// What is wrong.
        message: String,
        /// What to write instead.
        #[help]
        help: Option<String>,
    },

    /// A configuration that is no file, so that it would count for nothing.
    #[error("{name} is no regular file, and no configuration is read through a link")]
    #[diagnostic(
        code(git_spec::config_no_file),
        help("put the file itself there, or remove what is there: ls -l {name}")
    )]
    ConfigNoFile {
        /// The file.
        name: String,
    },

    /// Detection without the files that decide.
    #[error("which files are the specification cannot be told: {} cannot be read{}", one_line(first), and_more(*more))]
    #[diagnostic(
        code(git_spec::undetected),
        help(
            "fetch what is missing: git fetch --refetch\nor name the files in .gitspec.toml, for one run: git -c spec.include='docs/**' spec …"
        )
    )]
    Undetected {
        /// The first of them.
        first: String,
        /// How many more there are.
        more: usize,
    },

    /// A configuration file beyond the size limit.
    #[error("{name} is {size} bytes long; a configuration may have {limit}")]
    #[diagnostic(code(git_spec::config_too_large), help("name fewer and wider globs in it"))]
    ConfigTooLarge {
        /// The file.
        name: String,
        /// Its bytes.
        size: usize,
        /// Bytes allowed.
        limit: usize,
    },

    /// `init` in a repository that has a configuration.
    #[error("{name} exists already")]
    #[diagnostic(code(git_spec::config_exists), help("edit it, or write it anew: git spec init --force"))]
    ConfigExists {
        /// The file.
        name: String,
    },

    /// A glob from git's configuration or the command line.
    #[error("bad glob {glob} in {origin}: {}", message.trim_start_matches("bad glob: "))]
    #[diagnostic(code(git_spec::bad_glob), help("{}", glob_help(origin)))]
    BadGlob {
        /// The glob.
        glob: String,
        /// Where it stands, such as `spec.include`.
        origin: String,
        /// What is wrong.
        message: String,
    },

    /// An object that should be there and isn't.
    #[error("object {id} is missing from the repository")]
    #[diagnostic(
        code(git_spec::missing_object),
        help("fetch what is missing: git fetch --refetch, and look for damage: git fsck")
    )]
    MissingObject {
        /// Its full id.
        id: String,
    },

    /// A path that isn't in that revision.
    #[error("no file {} in {rev}", quote_path(path))]
    #[diagnostic(
        code(git_spec::no_such_file),
        help("list the files there: git ls-tree -r --name-only {}", shell_quote(rev))
    )]
    NoSuchFile {
        /// As typed, made relative to the repository's root.
        path: Vec<u8>,
        /// The revision, as typed.
        rev: String,
    },

    /// The answer was given as far as it could be.
    #[error("the answer is incomplete: {}", reasons.join("; "))]
    #[diagnostic(code(git_spec::incomplete), help("{}", incomplete_help(reasons)))]
    Incomplete {
        /// What cannot be seen, and why.
        reasons: Vec<String>,
    },

    /// Arguments that don't go together.
    #[error("{message}")]
    #[diagnostic(code(git_spec::usage), help("{help}"))]
    Usage {
        /// What is wrong with them.
        message: String,
        /// What to type instead.
        help: String,
    },

    /// A clause that no commit has yet, where one is wanted.
    #[error("{name} is in {place} only, and no commit has it yet")]
    #[diagnostic(
        code(git_spec::not_committed),
        help(
            "commit the specification first: git commit\nor record both in one commit: git spec commit --for {}",
            shell_quote(name)
        )
    )]
    NotCommitted {
        /// As typed.
        name: String,
        /// `the index` or `the work tree`.
        place: &'static str,
    },

    /// A clause for a commit that nobody has staged.
    #[error("{name} is in the work tree only, and not in what is to be committed")]
    #[diagnostic(code(git_spec::not_staged), help("stage its file: git add FILE, or commit with -a"))]
    NotStaged {
        /// As typed.
        name: String,
    },

    /// `start --done` of something that isn't under way.
    #[error("{name} is not under way")]
    #[diagnostic(code(git_spec::not_under_way), help("{}", not_under_way_help(started)))]
    NotUnderWay {
        /// As typed.
        name: String,
        /// What is.
        started: Vec<String>,
    },

    /// A clause that was typed into a commit message, and isn't one.
    #[error("in the commit message: {source}")]
    #[diagnostic(code(git_spec::typed_clause), help("{}", typed_clause_help(source, again)))]
    TypedClause {
        /// Why not.
        source: Box<Error>,
        /// The command that goes on from the message that is kept.
        again: String,
    },

    /// A commit message that links cannot be written into.
    #[error("the commit message holds a NUL, or its encoding is not based on ASCII")]
    #[diagnostic(
        code(git_spec::unreadable_message),
        help("look at the encoding: git config i18n.commitEncoding, or commit without links: git commit")
    )]
    UnreadableMessage,

    /// Links in a message that has nothing else.
    #[error("a message without words can carry no link: git reads no trailer in its first paragraph")]
    #[diagnostic(
        code(git_spec::wordless_message),
        help(
            "give it a subject: git spec commit -m SUBJECT …\nor link the commit afterwards: git spec link HEAD CLAUSE"
        )
    )]
    WordlessMessage,

    /// A directory of hooks that more than this clone uses.
    #[error("hooks belong into {path} here: {why}")]
    #[diagnostic(
        code(git_spec::shared_hooks),
        help(
            "if that is wanted: git spec hooks install --force\nsee who set it: git config --show-origin core.hooksPath"
        )
    )]
    SharedHooks {
        /// The directory.
        path: String,
        /// What is wrong with it.
        why: &'static str,
    },

    /// Hooks of a server would go where nobody runs them.
    #[error("{path} is no repository and no directory of hooks")]
    #[diagnostic(
        code(git_spec::no_server),
        help(
            "name the bare repository, a directory of hooks that exists, or one such as pre-receive.d; --force takes a directory by another name"
        )
    )]
    NoServer {
        /// As typed.
        path: String,
    },

    /// `--server` names a repository that git refuses to use for its owner.
    #[error("{path} belongs to another user, so that git refuses to use it")]
    #[diagnostic(
        code(git_spec::other_owner),
        help(
            "as the owner: sudo -u {owner} git spec hooks {action} --server {0}\nfor users who push to it by themselves: git config --system --add safe.directory {0}",
            shell_quote(path)
        )
    )]
    OtherOwner {
        /// As typed.
        path: String,
        /// Whose it is, as sudo takes it.
        owner: String,
        /// What was to be done.
        action: &'static str,
    },

    /// core.hooksPath names something that is no directory.
    #[error("hooks are switched off: {path} is no directory")]
    #[diagnostic(code(git_spec::hooks_off), help("see who set it: git config --show-origin core.hooksPath"))]
    HooksOff {
        /// What it names.
        path: String,
    },

    /// Another process changes what is under way, or one that was killed left its lock behind.
    #[error("another process changes what is under way, or was killed while it did; nothing was changed")]
    #[diagnostic(
        code(git_spec::start::locked),
        help("where no other git spec runs here, take its lock away: rm {}", shell_quote(path))
    )]
    StartedLocked {
        /// The file of the lock.
        path: String,
    },

    /// A file has the name that a hook would be kept under.
    #[error("{path} is in the way: {hook} would be kept under this name")]
    #[diagnostic(
        code(git_spec::hook_in_the_way),
        help(
            "look what both are, as after another program wrote over the hook of git spec\nto run {hook} before it: mv {} {}\nto run {path} before it: rm {}\nthen: git spec hooks install",
            shell_quote(hook),
            shell_quote(path),
            shell_quote(hook)
        )
    )]
    HookInTheWay {
        /// The file.
        path: String,
        /// The hook that is to be kept.
        hook: String,
    },

    /// A script of ours that somebody else has written into.
    #[error("{path} holds more than the hook of git spec, and what that is nobody knows here")]
    #[diagnostic(
        code(git_spec::hook_changed),
        help(
            "keep it under another name, and do the same again: mv {} {}\nthen write what it has of its own into a hook of yours",
            shell_quote(path),
            shell_quote(&format!("{path}.mine"))
        )
    )]
    HookChanged {
        /// The file.
        path: String,
    },

    /// `check` without a policy.
    #[error("there is no [policy] in .gitspec.toml")]
    #[diagnostic(
        code(git_spec::no_policy),
        help(
            "write one, for example:\n  [generated]\n  paths = [\"src/**\"]\n  [policy]\n  refs = [\"refs/heads/main\"]"
        )
    )]
    NoPolicy,

    /// The commit at which the policy was adopted is not there.
    #[error("the policy's since, {since}, is no commit of this repository")]
    #[diagnostic(
        code(git_spec::no_such_since),
        help(
            "name a commit that every clone has: git rev-parse HEAD prints one; a shallow clone may lack it: git fetch --unshallow"
        )
    )]
    NoSuchSince {
        /// The id, as the configuration has it.
        since: String,
    },

    /// A value in the configuration of a server.
    #[error("{key} is {value}, which is not {wanted}")]
    #[diagnostic(code(git_spec::server_setting), help("{}", setting_help(key)))]
    ServerSetting {
        /// The key.
        key: &'static str,
        /// The value.
        value: String,
        /// What it has to be.
        wanted: &'static str,
    },

    /// The file that a server's own policy is in.
    #[error("the policy of this server, {path}, {why}")]
    #[diagnostic(code(git_spec::server_policy), help("the administrator of the server mends it"))]
    ServerPolicy {
        /// The file.
        path: String,
        /// What is wrong with it.
        why: String,
    },

    /// Words on standard input or the command line that git never gives a hook.
    #[error("what the hook was given is not what git gives it")]
    #[diagnostic(
        code(git_spec::hook_input),
        help("git spec hook pre-receive and git spec hook post-receive read lines of OLD NEW REF")
    )]
    HookInput,

    /// The operating system said no.
    #[error("cannot {doing}: {source}")]
    #[diagnostic(code(git_spec::io), help("check that the path exists, is yours, and the disk has room"))]
    Io {
        /// What was to be done: `write .gitspec.toml`.
        doing: String,
        /// Why not.
        source: io::Error,
    },

    /// A job that doesn't say which commits it is about.
    #[error("which commits were pushed is not known: {message}")]
    #[diagnostic(
        code(git_spec::unknown_push),
        help(
            "name the commits: git spec check A..B\nor set GIT_SPEC_BEFORE, GIT_SPEC_AFTER and GIT_SPEC_REF for --ci"
        )
    )]
    UnknownPush {
        /// What is missing.
        message: String,
    },

    /// A job whose checkout lacks the history that links need.
    #[error("the checkout is shallow, so that neither the pushed commits nor what they link can be seen whole")]
    #[diagnostic(code(git_spec::shallow_checkout), help("{}", shallow_help(*in_action, *in_gitlab)))]
    ShallowCheckout {
        /// In GitHub's or Gitea's actions.
        in_action: bool,
        /// In GitLab CI.
        in_gitlab: bool,
    },

    /// A job whose push was forced, and nobody can tell what policy held before.
    #[error(
        "the push was forced and {} is gone: by what policy it is to be judged is not known, and the pushed one is not \
         asked, for a forced push would choose it",
        one_line(old).get(..12).unwrap_or(old)
    )]
    #[diagnostic(
        code(git_spec::policy_gone),
        help(
            "git fetch {} {}\nwhere the host has forgotten that commit, have a person look at the branch: git spec check A..B",
            shell_quote(remote),
            shell_quote(old)
        )
    )]
    PolicyGone {
        /// The old value, as the host names it.
        old: String,
        /// The remote.
        remote: String,
    },

    /// A rule that there is not.
    #[error("there is no rule {}", one_line(name))]
    #[diagnostic(code(git_spec::no_such_rule), help("one of: {}", rules_help()))]
    NoSuchRule {
        /// As typed.
        name: String,
    },

    /// A git command failed for a reason of its own.
    #[error("git {command} failed: {}", stderr.trim())]
    #[diagnostic(code(git_spec::git_failed), help("{}", failed_help(command, stderr)))]
    GitFailed {
        /// Its arguments, shell-quoted.
        command: String,
        /// What it said.
        stderr: String,
    },

    /// The pager could not be started.
    #[error("the pager {command} could not be started")]
    #[diagnostic(
        code(git_spec::pager_failed),
        help("git spec --no-pager …, or set another: git config core.pager less")
    )]
    PagerFailed {
        /// The command.
        command: String,
    },

    /// Whoever read the output has gone; a success.
    #[error("output was closed")]
    #[diagnostic(code(git_spec::closed))]
    Closed,
}

impl Error {
    /// A failure of the operating system while `doing` something: a verb and its object.
    pub fn io(doing: impl Into<String>, source: io::Error) -> Error {
        Error::Io { doing: doing.into(), source }
    }

    /// The exit status: 0 for a reader who left, 3 where something cannot be seen, else 2. (1 is for findings.)
    pub fn exit_code(&self) -> u8 {
        match self {
            Error::Closed => 0,
            Error::NoSpecSet { .. }
            | Error::Undetected { .. }
            | Error::MissingObject { .. }
            | Error::Incomplete { .. } => 3,
            _ => 2,
        }
    }
}

/// For writes to [`crate::view::Output`]; for anything else [`Error::io`] says what was being done.
impl From<io::Error> for Error {
    fn from(source: io::Error) -> Error {
        match source.kind() {
            io::ErrorKind::BrokenPipe => Error::Closed,
            _ => Error::io("write the output", source),
        }
    }
}

/// What went wrong at the door, as the user's situation.
impl From<GitError> for Error {
    fn from(error: GitError) -> Error {
        match error {
            GitError::NotARepository { stderr } if stderr.contains("not a git repository") => Error::NotARepository,
            GitError::NotARepository { stderr } => Error::GitFailed { command: "rev-parse".to_owned(), stderr },
            GitError::UnknownRevision { name } => Error::UnknownRevision { name },
            GitError::BadPathspec { message, help } => Error::Usage { message, help },
            GitError::UnbornBranch { branch } => Error::UnbornBranch { branch },
            GitError::MissingObject { oid } => Error::MissingObject { id: oid.to_string() },
            GitError::GitMissing => Error::GitNotFound,
            GitError::GitFailed { command, stderr, .. } => Error::GitFailed {
                command: command.trim_start_matches("git ").to_owned(),
                stderr: stderr.trim_start_matches("fatal: ").to_owned(),
            },
            GitError::Unwritable { path, source } => Error::io(format!("write {}", path.display()), source),
            GitError::Locked { path } => Error::StartedLocked { path: path.to_string_lossy().into_owned() },
            other => Error::Git(other),
        }
    }
}

/// For JSON written to [`crate::view::Output`].
impl From<serde_json::Error> for Error {
    fn from(source: serde_json::Error) -> Error {
        Error::from(io::Error::from(source))
    }
}

#[cfg(test)]
mod tests;
