use std::ffi::OsString;

use clap::{Args, ValueHint};

/// `git spec status`
#[derive(Debug, Args)]
pub struct StatusArgs {
    /// Only what this branch touched since it left BASE; without a value its upstream, else the default branch
    #[arg(long, value_name = "BASE", num_args = 0..=1, require_equals = true, default_missing_value = "")]
    pub branch: Option<OsString>,

    /// Answer about this revision instead of HEAD
    #[arg(long, value_name = "REVISION")]
    pub at: Option<OsString>,

    /// Exit with 1 if anything is behind
    #[arg(long)]
    pub exit_code: bool,

    /// Only clauses in these spec files, and commits that touch these files, with git's pathspec magic
    #[arg(value_name = "PATH", value_hint = ValueHint::AnyPath)]
    pub paths: Vec<OsString>,
}
