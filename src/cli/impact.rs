use std::ffi::OsString;

use clap::Args;

/// `git spec impact`
#[derive(Debug, Args)]
pub struct ImpactArgs {
    /// Only the paths of the files, each once
    #[arg(long)]
    pub files: bool,

    /// With --files end each path with a NUL instead of a line feed, and quote nothing
    #[arg(short = 'z', long = "null", requires = "files")]
    pub null: bool,

    /// A..B, A...B (since their merge base), A B, or A with the work tree; nothing asks for all that is behind at HEAD
    #[arg(value_name = "REVISION")]
    pub revisions: Vec<OsString>,
}
