//! What was typed.
//!
//! The comments on the arguments are the help and the manual pages. What the words mean (which are revisions, which
//! are paths) is asked of the repository later, by [`Targets::sort`]; here they stay bytes, since paths needn't be
//! UTF-8. Two habits of git that clap doesn't have are put into its terms before it sees them: [`from_git`].

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

use clap::{ArgAction, Args, Parser, Subcommand, ValueHint};

use crate::error::Error;
use crate::view::output::When;

mod doctor;
mod habits;
mod impact;
mod link;
mod status;
mod wrong_use;

pub use doctor::DoctorArgs;
pub use habits::from_git;
pub use impact::ImpactArgs;
pub use link::{FsckArgs, LinkArgs, NotesAction, NotesArgs, SquashMessageArgs, UnlinkArgs};
pub use status::StatusArgs;
mod check;
mod commit;
mod hooks;
mod start;

pub use check::CheckArgs;
pub use commit::{CommitArgs, GitWords};
pub use hooks::{EditMessageArgs, HookArgs, HooksAction, HooksArgs, InstallArgs};
pub use start::StartArgs;
pub use wrong_use::{is_refusal, wrong_use};

/// History, review and blame for specifications, clause by clause
///
/// The specification is the source; code is generated from it. `git spec` shows what the specification demands, how each demand changed, and which commits were generated from which version of it.
///
/// Which files are the specification stands in .gitspec.toml (see `git spec init`), in the configuration variable spec.include, or is detected.
#[derive(Debug, Parser)]
#[command(name = "git-spec", bin_name = "git spec", version, after_help = examples::TOP, after_long_help = examples::TOP)]
#[command(arg_required_else_help = true, args_override_self = true, max_term_width = 100, infer_long_args = true)]
pub struct Cli {
    /// What holds for every command.
    #[command(flatten)]
    pub global: Global,
    /// The command.
    #[command(subcommand)]
    pub command: Command,
}

/// Where the help lists the options of every command, so that a command's own come first.
const COMMON: &str = "Options of every command";

/// The command line as clap knows it, for manual pages and completions.
pub fn command() -> clap::Command {
    <Cli as clap::CommandFactory>::command()
}

/// Options of every command.
#[derive(Clone, Debug, Default, Args)]
pub struct Global {
    /// When to colour: always, never or auto; without a value always
    ///
    /// Without the option the variable NO_COLOR, then color.spec, then color.ui decide.
    #[arg(long, global = true, value_name = "WHEN", num_args = 0..=1, require_equals = true, default_missing_value = "always", overrides_with = "no_color", help_heading = COMMON)]
    pub color: Option<When>,

    /// The same as --color=never
    #[arg(long, global = true, overrides_with = "color", help_heading = COMMON)]
    pub no_color: bool,

    /// Do not start a pager
    #[arg(long, global = true, help_heading = COMMON)]
    pub no_pager: bool,

    /// Print JSON for programs, as docs/json.md describes it
    #[arg(long, global = true, help_heading = COMMON)]
    pub json: bool,
}

impl Global {
    /// What the flags say about colour, if anything.
    pub fn color(&self) -> Option<When> {
        if self.no_color { Some(When::Never) } else { self.color }
    }
}

/// One per question.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Detect the specification and write .gitspec.toml
    #[command(after_help = examples::INIT)]
    Init(InitArgs),
    /// List the clauses of the specification
    #[command(after_help = examples::LS)]
    Ls(LsArgs),
    /// Find clauses by a regular expression
    #[command(after_help = examples::GREP)]
    Grep(GrepArgs),
    /// Show a clause: its text, its lineage in short, what was generated from it
    #[command(after_help = examples::SHOW)]
    Show(ShowArgs),
    /// Show what the demands became, noise folded
    #[command(after_help = examples::DIFF)]
    Diff(DiffArgs),
    /// Show the commits that changed demands
    #[command(after_help = examples::LOG)]
    Log(LogArgs),
    /// Show who last changed the meaning of each clause, or from which clause each line of code came
    #[command(after_help = examples::BLAME, override_usage = "git spec blame [OPTIONS] [REVISION] [--] FILE")]
    #[command(mut_arg("words", |words| words.help("At most one revision or range, the work tree if there is none, and one file")))]
    #[command(mut_arg("paths", |paths| paths.help("The file, where it could be taken for a revision")))]
    Blame(BlameArgs),
    /// Say what is wrong with this set-up, and what mends it
    ///
    /// Looks at git, the search path, the history, the configuration, the hooks and the notes. Writes nothing but the index and asks no other machine.
    #[command(after_help = examples::DOCTOR)]
    Doctor(DoctorArgs),
    /// Show what is behind: stale and new clauses, code without a demand, commits without a link
    #[command(after_help = examples::STATUS)]
    Status(StatusArgs),
    /// Show the code that was generated from older versions of clauses
    #[command(after_help = examples::IMPACT)]
    Impact(ImpactArgs),
    /// Say after the fact what commits were generated from
    #[command(after_help = examples::LINK, override_usage = "git spec link [OPTIONS] COMMIT... [--] CLAUSE...\n       git spec link --squashed RANGE COMMIT\n       git spec link --from-annotations [REVISION] [-- PATH...]")]
    Link(LinkArgs),
    /// Take back links that stand in notes
    #[command(after_help = examples::UNLINK, override_usage = "git spec unlink [OPTIONS] COMMIT... [[--] CLAUSE...]")]
    Unlink(UnlinkArgs),
    /// Print the links of a range as trailers for the message of a squash
    #[command(after_help = examples::SQUASH_MESSAGE)]
    SquashMessage(SquashMessageArgs),
    /// Share the links in notes with a remote
    #[command(after_help = examples::NOTES)]
    Notes(NotesArgs),
    /// List every link that is not exact, and what would mend it
    #[command(after_help = examples::FSCK)]
    Fsck(FsckArgs),
    /// Say what is being generated, so that commits carry its links from now on
    #[command(after_help = examples::START)]
    Start(StartArgs),
    /// Run git commit, with links to what is under way or named
    #[command(after_help = examples::COMMIT, override_usage = "git spec commit [--for CLAUSE]... [GIT COMMIT OPTIONS]")]
    Commit(CommitArgs),
    /// Judge commits by the policy, as a push will
    #[command(after_help = examples::CHECK)]
    Check(CheckArgs),
    /// Install, remove or look at the hooks
    #[command(after_help = examples::HOOKS)]
    Hooks(HooksArgs),
    /// Do what one of Git's hooks has to do; the hooks call it
    #[command(after_help = examples::HOOK)]
    Hook(HookArgs),
    /// What git spec commit makes Git start as its editor
    #[command(hide = true, after_help = examples::HOOK)]
    EditMessage(EditMessageArgs),
    /// Write the manual pages into a directory, so that `git spec --help` finds them
    #[command(name = "install-man-pages", alias = "man", after_help = examples::MAN)]
    InstallManPages(InstallManPagesArgs),
    /// Print the completion script of a shell
    #[command(after_help = examples::COMPLETIONS)]
    Completions(CompletionsArgs),
}

/// Revisions and paths as they were typed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Args)]
pub struct Targets {
    /// Revisions, then paths; `--` keeps them apart
    #[arg(value_name = "REVISION|PATH")]
    pub words: Vec<OsString>,

    /// Only what lies in these paths, with git's pathspec magic
    #[arg(last = true, value_name = "PATH", value_hint = ValueHint::AnyPath)]
    pub paths: Vec<OsString>,

    /// Whether `--` was typed: then all words are revisions.
    #[arg(skip)]
    pub separated: bool,
}

/// Words whose meaning is known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sorted {
    /// Revisions and ranges.
    pub revisions: Vec<OsString>,
    /// Pathspecs.
    pub paths: Vec<OsString>,
}

impl Targets {
    /// Tells revisions from paths as git does: before `--` all are revisions, after it all are paths; without it the
    /// words up to the first that is no revision are revisions, and each one after it has to be a path.
    ///
    /// # Errors
    /// [`Error::UnknownRevision`] before `--`, [`Error::AmbiguousArgument`] without it.
    pub fn sort(
        &self,
        is_revision: impl Fn(&OsStr) -> bool,
        is_path: impl Fn(&OsStr) -> bool,
    ) -> Result<Sorted, Error> {
        let known = self.words.iter().take_while(|word| is_revision(word)).count();
        let (revisions, others) = self.words.split_at(known);
        if let Some(word) = others.first().filter(|_| self.separated) {
            return Err(Error::UnknownRevision { name: word.to_string_lossy().into_owned() });
        }
        if let Some(word) = others.iter().find(|word| !is_path(word)) {
            let (name, typed) = (word.to_string_lossy().into_owned(), word.as_encoded_bytes().to_vec());
            return Err(Error::AmbiguousArgument { name, typed });
        }
        let paths = others.iter().chain(&self.paths).cloned().collect();
        Ok(Sorted { revisions: revisions.to_vec(), paths })
    }
}

/// `git spec init`
#[derive(Debug, Args)]
pub struct InitArgs {
    /// Write over an existing .gitspec.toml
    #[arg(short, long)]
    pub force: bool,

    /// Only say what would be written
    #[arg(short = 'n', long)]
    pub dry_run: bool,
}

/// `git spec ls`
#[derive(Debug, Args)]
pub struct LsArgs {
    /// End each entry with a NUL instead of a line feed, and quote nothing
    #[arg(short = 'z', long = "null")]
    pub null: bool,

    /// Tell kind, version and state of each clause too, and when it came in and last changed
    #[arg(short = 'l', long)]
    pub long: bool,

    /// Judge the state of the links as of this revision instead of the listed one
    #[arg(long, value_name = "REVISION")]
    pub at: Option<OsString>,

    /// At most one revision (HEAD if there is none), then paths.
    #[command(flatten)]
    pub targets: Targets,
}

/// `git spec grep`
#[derive(Debug, Args)]
pub struct GrepArgs {
    /// Letter case doesn't matter
    #[arg(short, long)]
    pub ignore_case: bool,

    /// The pattern is text, not a regular expression
    #[arg(short = 'F', long)]
    pub fixed_strings: bool,

    /// End each entry with a NUL instead of a line feed, and quote nothing
    #[arg(short = 'z', long = "null")]
    pub null: bool,

    /// What to look for in ids, titles and texts
    #[arg(value_name = "PATTERN", required_unless_present = "pattern_option", allow_hyphen_values = false)]
    pub pattern: Option<OsString>,

    /// The pattern, also where it begins with a hyphen
    #[arg(short = 'e', value_name = "PATTERN", allow_hyphen_values = true)]
    pub pattern_option: Option<OsString>,

    /// At most one revision, then paths.
    #[command(flatten)]
    pub targets: Targets,
}

impl GrepArgs {
    /// The pattern and the targets: with `-e` the first word is a target.
    pub fn pattern_and_targets(&self) -> (OsString, Targets) {
        let mut targets = self.targets.clone();
        match (&self.pattern_option, &self.pattern) {
            (Some(pattern), first) => {
                targets.words.splice(0..0, first.iter().cloned());
                (pattern.clone(), targets)
            }
            (None, pattern) => (pattern.clone().unwrap_or_default(), targets),
        }
    }
}

/// `git spec show`
#[derive(Debug, Args)]
pub struct ShowArgs {
    /// Clauses: AUTH-2, specs/auth.md#AUTH-2, specs/auth.md#AUTH-2@v1.0, or v1.0:specs/auth.md#AUTH-2
    #[arg(value_name = "CLAUSE[@REVISION]", required = true)]
    pub clauses: Vec<OsString>,

    /// Judge the state of the links as of this revision instead of the clause's
    #[arg(long, value_name = "REVISION")]
    pub at: Option<OsString>,
}

/// `git spec diff`
#[derive(Debug, Args)]
pub struct DiffArgs {
    /// Compare the index instead of the work tree with the revision
    #[arg(long, visible_alias = "staged")]
    pub cached: bool,

    /// Show editorial and minor changes too, instead of folding them to a number
    #[arg(long, visible_alias = "unfold")]
    pub all: bool,

    /// Only how many clauses changed in which way, per file
    #[arg(long)]
    pub stat: bool,

    /// Only the names of the changed clauses
    #[arg(long, conflicts_with = "stat")]
    pub name_only: bool,

    /// With --name-only end each entry with a NUL instead of a line feed, and quote nothing
    #[arg(short = 'z', long = "null")]
    pub null: bool,

    /// Entries for .gitspec.toml that say against this answer which clauses are one and which are not
    #[arg(long, conflicts_with_all = ["stat", "name_only"])]
    pub identity: bool,

    /// Swap the two sides
    #[arg(short = 'R', long)]
    pub reverse: bool,

    /// Exit with 1 if any clause changed
    #[arg(long)]
    pub exit_code: bool,

    /// Print nothing; implies --exit-code
    #[arg(short, long)]
    pub quiet: bool,

    /// A..B, A...B (since their merge base), A B, or A with the work tree; nothing compares HEAD with the work tree.
    #[command(flatten)]
    pub targets: Targets,
}

/// `git spec log`
#[derive(Debug, Args)]
pub struct LogArgs {
    /// Only this clause: the biography of one demand, under all its names
    #[arg(long, value_name = "CLAUSE")]
    pub clause: Option<OsString>,

    /// Judge the state of the links as of this revision instead of HEAD
    #[arg(long, value_name = "REVISION")]
    pub at: Option<OsString>,

    /// Show at most N spec commits; -N is the same
    #[arg(short = 'n', long, value_name = "N")]
    pub max_count: Option<usize>,

    /// Pass over the first N spec commits
    #[arg(long, value_name = "N", default_value_t = 0, hide_default_value = true)]
    pub skip: usize,

    /// Only commits after this date
    #[arg(long, visible_alias = "after", value_name = "DATE")]
    pub since: Option<OsString>,

    /// Only commits before this date
    #[arg(long, visible_alias = "before", value_name = "DATE")]
    pub until: Option<OsString>,

    /// Only commits whose author matches this regular expression
    #[arg(long, value_name = "PATTERN", allow_hyphen_values = true)]
    pub author: Vec<OsString>,

    /// Only commits whose message matches this regular expression
    #[arg(long, value_name = "PATTERN", allow_hyphen_values = true)]
    pub grep: Vec<OsString>,

    /// Letter case doesn't matter for --author and --grep
    #[arg(short = 'i', long)]
    pub regexp_ignore_case: bool,

    /// Of a merge follow the first parent only
    #[arg(long)]
    pub first_parent: bool,

    /// Only merges
    #[arg(long, conflicts_with = "no_merges")]
    pub merges: bool,

    /// No merges
    #[arg(long)]
    pub no_merges: bool,

    /// Begin at all refs, not at HEAD alone
    #[arg(long)]
    pub all: bool,

    /// Oldest first
    #[arg(long)]
    pub reverse: bool,

    /// Only changes that alter how often this text stands in a clause
    #[arg(short = 'S', value_name = "STRING", allow_hyphen_values = true)]
    pub pickaxe: Option<OsString>,

    /// Only changes whose added or removed words match this regular expression
    #[arg(short = 'G', value_name = "REGEX", allow_hyphen_values = true)]
    pub changed: Option<OsString>,

    /// Mark the changed words beneath each change, as diff does
    #[arg(short, long)]
    pub patch: bool,

    /// Show editorial and minor changes too, and all clauses of a commit
    #[arg(long)]
    pub unfold: bool,

    /// One line per spec commit
    #[arg(long)]
    pub oneline: bool,

    /// How many clauses each commit changed in which way
    #[arg(long)]
    pub stat: bool,

    /// How to write dates: relative, iso, short, format:... as git log knows them
    #[arg(long, value_name = "FORMAT")]
    pub date: Option<OsString>,

    /// Revisions and ranges as for git log, then paths.
    #[command(flatten)]
    pub targets: Targets,
}

impl LogArgs {
    /// The options that git's own walk understands. Counting (`-n`, `--skip`) and `--reverse` aren't among them: they
    /// speak of spec commits, which git doesn't know.
    pub fn walk_options(&self) -> Vec<OsString> {
        let mut options = Vec::new();
        options.extend(self.since.iter().map(|value| joined("--since=", value)));
        options.extend(self.until.iter().map(|value| joined("--until=", value)));
        options.extend(self.author.iter().map(|value| joined("--author=", value)));
        options.extend(self.grep.iter().map(|value| joined("--grep=", value)));
        let flags = [
            (self.regexp_ignore_case, "--regexp-ignore-case"),
            (self.first_parent, "--first-parent"),
            (self.merges, "--merges"),
            (self.no_merges, "--no-merges"),
            (self.all, "--all"),
        ];
        options.extend(flags.iter().filter(|(set, _)| *set).map(|(_, flag)| OsString::from(flag)));
        options
    }
}

/// `git spec blame`
#[derive(Debug, Args)]
pub struct BlameArgs {
    /// Only these lines: START,END or /REGEX/,+COUNT or :FUNCTION, as for git blame; may be repeated
    #[arg(short = 'L', value_name = "RANGE", allow_hyphen_values = true)]
    pub lines: Vec<OsString>,

    /// White space doesn't matter
    #[arg(short = 'w')]
    pub ignore_space: bool,

    /// Follow lines that moved within the file, from so many letters on
    #[arg(short = 'M', value_name = "LETTERS", num_args = 0..=1, require_equals = true, default_missing_value = "")]
    pub moves: Vec<String>,

    /// Follow lines that came from other files; repeat it to look into more of them
    #[arg(short = 'C', value_name = "LETTERS", num_args = 0..=1, require_equals = true, default_missing_value = "")]
    pub copies: Vec<String>,

    /// Look through this commit, as if it had changed nothing; may be repeated
    #[arg(long, value_name = "REVISION")]
    pub ignore_rev: Vec<OsString>,

    /// Judge the state of the links as of this revision instead of the blamed one
    #[arg(long, value_name = "REVISION")]
    pub at: Option<OsString>,

    /// Look through the commits that this file lists; may be repeated
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub ignore_revs_file: Vec<OsString>,

    /// At most one revision or range (the work tree if there is none), and one file.
    #[command(flatten)]
    pub targets: Targets,
}

impl BlameArgs {
    /// The options that `git blame` understands, as it writes them.
    pub fn git_options(&self) -> Vec<OsString> {
        let mut options = Vec::new();
        options.extend(self.lines.iter().map(|value| joined("-L", value)));
        options.extend(self.ignore_space.then(|| OsString::from("-w")));
        options.extend(self.moves.iter().map(|letters| OsString::from(format!("-M{letters}"))));
        options.extend(self.copies.iter().map(|letters| OsString::from(format!("-C{letters}"))));
        options.extend(self.ignore_rev.iter().map(|value| joined("--ignore-rev=", value)));
        options.extend(self.ignore_revs_file.iter().map(|value| joined("--ignore-revs-file=", value)));
        options
    }

    /// The revision, if any, and the file: `[REVISION] [--] FILE`, or git's older `FILE REVISION`.
    ///
    /// # Errors
    /// [`Error::Usage`] where it isn't one file and at most one revision.
    pub fn revision_and_file(&self, is_path: impl Fn(&OsStr) -> bool) -> Result<(Option<OsString>, OsString), Error> {
        let usage = |message: &str| Error::Usage {
            message: message.to_owned(),
            help: "git spec blame [REVISION] [--] FILE".to_owned(),
        };
        let Targets { words, paths, .. } = &self.targets;
        match (words.as_slice(), paths.as_slice()) {
            ([], [file]) => Ok((None, file.clone())),
            ([revision], [file]) => Ok((Some(revision.clone()), file.clone())),
            ([file], []) => Ok((None, file.clone())),
            ([file, revision], []) if is_path(file) && !is_path(revision) => Ok((Some(revision.clone()), file.clone())),
            ([revision, file], []) => Ok((Some(revision.clone()), file.clone())),
            ([], []) => Err(usage("no file was named")),
            _ => Err(usage("more than one revision and one file were named")),
        }
    }
}

fn joined(option: &str, value: &OsStr) -> OsString {
    let mut whole = OsString::from(option);
    whole.push(value);
    whole
}

/// `git spec install-man-pages`
#[derive(Debug, Args)]
pub struct InstallManPagesArgs {
    /// Where `man` looks for section 1
    #[arg(value_name = "DIRECTORY", value_hint = ValueHint::DirPath)]
    pub directory: PathBuf,
}

/// `git spec completions`
#[derive(Debug, Args)]
pub struct CompletionsArgs {
    /// The shell
    #[arg(value_name = "SHELL", action = ArgAction::Set)]
    pub shell: Shell,
}

/// Shells that completions are written for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Shell {
    /// Works with git's own completion too.
    Bash,
    /// Works with zsh's completion of git too.
    Zsh,
    /// Works with fish's completion of git too.
    Fish,
}

mod examples;

#[cfg(test)]
mod tests;
