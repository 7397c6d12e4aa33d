//! Every bar of docs/performance.md, measured against git in the same run: `run.sh` with the binary as cargo built it.
//!
//! `cargo bench --bench bars -- REPOSITORY`; without a repository, in this checkout.

#![allow(clippy::print_stderr, clippy::expect_used, reason = "a measurement that fails is to stop")]

use std::process::Command;

fn main() {
    let here = env!("CARGO_MANIFEST_DIR");
    let repository = std::env::args().skip(1).find(|word| !word.starts_with('-'));
    let mut run = Command::new("bash");
    run.arg(format!("{here}/tests/bench/run.sh"));
    run.arg(repository.as_deref().unwrap_or(here)).arg(env!("CARGO_BIN_EXE_git-spec"));
    let status = run.status().expect("bash");
    if !status.success() {
        eprintln!("run.sh ended with {status}");
        std::process::exit(1);
    }
}
