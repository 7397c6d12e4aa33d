//! `git spec check`.

use std::ffi::OsString;

use clap::Args;

/// `git spec check`
#[derive(Debug, Args)]
pub struct CheckArgs {
    /// The commits to judge, as for git log: A..B; without it those that the upstream branch lacks
    #[arg(value_name = "RANGE")]
    pub range: Option<OsString>,
}
