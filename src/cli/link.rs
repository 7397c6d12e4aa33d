//! What `link`, `unlink`, `squash-message` and `notes` take.

use std::ffi::OsString;

use clap::{Args, ValueHint};

/// `git spec link`
#[derive(Debug, Args)]
pub struct LinkArgs {
    /// Say that no code had to change, instead of that the commit was generated from the clause
    #[arg(long, conflicts_with_all = ["squashed", "from_annotations"])]
    pub affirm: bool,

    /// Write the link also where it will not resolve exactly
    #[arg(long)]
    pub force: bool,

    /// Only say what would be written
    #[arg(short = 'n', long)]
    pub dry_run: bool,

    /// Carry the links of a range of commits over to the commit that they were squashed into
    #[arg(long, value_name = "RANGE", conflicts_with = "from_annotations")]
    pub squashed: Option<OsString>,

    /// Take what comments in code say: the commit that wrote the comment gets the link. The words are then at most one revision, and behind `--` stand paths
    #[arg(long)]
    pub from_annotations: bool,

    /// Commits, then clauses; `--` keeps them apart
    #[arg(value_name = "COMMIT|CLAUSE", required_unless_present = "from_annotations")]
    pub words: Vec<OsString>,

    /// Clauses
    #[arg(last = true, value_name = "CLAUSE", value_hint = ValueHint::Other)]
    pub behind: Vec<OsString>,
}

/// `git spec unlink`
#[derive(Debug, Args)]
pub struct UnlinkArgs {
    /// Only say what would be withdrawn
    #[arg(short = 'n', long)]
    pub dry_run: bool,

    /// Commits, then clauses; `--` keeps them apart. Without a clause all links in the commits' notes
    #[arg(value_name = "COMMIT|CLAUSE", required = true)]
    pub words: Vec<OsString>,

    /// Clauses, as the links name them, or id:ID
    #[arg(last = true, value_name = "CLAUSE", value_hint = ValueHint::Other)]
    pub behind: Vec<OsString>,
}

/// `git spec squash-message`
#[derive(Debug, Args)]
pub struct SquashMessageArgs {
    /// The commits that are to be one: A..B, or a branch since it left HEAD
    #[arg(value_name = "RANGE")]
    pub range: OsString,
}

/// `git spec notes`
#[derive(Debug, Args)]
pub struct NotesArgs {
    /// What to do with them
    #[arg(value_name = "ACTION")]
    pub action: NotesAction,

    /// A configured remote; without it the one that git would take
    #[arg(value_name = "REMOTE")]
    pub remote: Option<OsString>,
}

/// What can be done with notes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum NotesAction {
    /// Fetch the notes of a remote and merge them with those here
    Fetch,
    /// Push the notes here to a remote; where it has others, merge them first
    Push,
}

/// `git spec fsck`
#[derive(Debug, Args)]
pub struct FsckArgs {
    /// Look at the commits that any reference reaches
    #[arg(long, conflicts_with = "revision")]
    pub all: bool,

    /// Look at the commits that this revision reaches; HEAD if there is none
    #[arg(value_name = "REVISION")]
    pub revision: Option<OsString>,
}
