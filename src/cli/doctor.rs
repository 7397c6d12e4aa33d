//! What `git spec doctor` takes.

use clap::Args;

/// `git spec doctor`
#[derive(Debug, Args)]
pub struct DoctorArgs {}
