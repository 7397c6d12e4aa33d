//! `git spec start`.

use std::ffi::OsString;

use clap::Args;

/// `git spec start`
#[derive(Debug, Args)]
pub struct StartArgs {
    /// Clauses that are being generated: AUTH-2, specs/auth.md#AUTH-2, AUTH-2@v1.0, or a whole file; none lists what is under way
    #[arg(value_name = "CLAUSE")]
    pub clauses: Vec<OsString>,

    /// The clauses that were added or modified between two revisions: A..B, A...B, or A for A..HEAD
    #[arg(long, value_name = "RANGE", conflicts_with_all = ["open", "done"])]
    pub changed: Option<OsString>,

    /// All clauses at HEAD that nothing was generated from at their present version
    #[arg(long, conflicts_with = "done")]
    pub open: bool,

    /// Forget the clauses, or without any all that is under way
    #[arg(long)]
    pub done: bool,

    /// List what is under way
    #[arg(long, conflicts_with_all = ["clauses", "changed", "open", "done"])]
    pub list: bool,
}
