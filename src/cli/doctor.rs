//! What `git spec doctor` takes.

use std::path::PathBuf;

use clap::{Args, ValueHint};

/// `git spec doctor`
#[derive(Debug, Args)]
pub struct DoctorArgs {
    /// Look at this repository, or the one in DIR, as one that is pushed to
    #[arg(long, value_name = "DIR", num_args = 0..=1, value_hint = ValueHint::DirPath)]
    pub server: Option<Option<PathBuf>>,
}
