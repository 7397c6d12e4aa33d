//! `git spec check`.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, ValueHint};

use crate::view::check::Format;

/// `git spec check`
#[derive(Debug, Args)]
pub struct CheckArgs {
    /// The commits to judge, as for git log: A..B; without it those that the upstream branch lacks
    #[arg(value_name = "RANGE")]
    pub range: Option<OsString>,

    /// Judge what was pushed, as the environment of a job tells it: GitHub and Gitea actions, GitLab CI, or GIT_SPEC_BEFORE and GIT_SPEC_AFTER
    #[arg(long, conflicts_with = "range")]
    pub ci: bool,

    /// What to write the findings as; with --ci in an action github, else text
    #[arg(short, long, value_name = "FORMAT", hide_possible_values = false)]
    pub format: Option<Format>,

    /// Write that into a file, and show the text as well
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub output: Option<PathBuf>,

    /// Print the page of a rule, named by its code or its key, and judge nothing
    #[arg(long, value_name = "RULE", conflicts_with_all = ["range", "ci", "format", "output"])]
    pub explain: Option<String>,
}
