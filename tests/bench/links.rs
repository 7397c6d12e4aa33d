//! What reading all links of a history costs, against what git needs to print all messages: no link is resolved.
//!
//! `cargo bench --bench links -- REPOSITORY`. Each runs five times in turn, the medians count; `spec.index` of the repository
//! decides whether the index is read.

#![allow(clippy::print_stdout, clippy::expect_used, reason = "a measurement that fails is to stop")]

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use git_spec::commands::links;
use git_spec::commands::source::Source;

const RUNS: usize = 5;

fn time(work: impl FnOnce()) -> Duration {
    let start = Instant::now();
    work();
    start.elapsed()
}

fn median(mut times: Vec<Duration>) -> f64 {
    times.sort();
    times[times.len() / 2].as_secs_f64() * 1000.0
}

fn main() {
    let Some(repository) = std::env::args().skip(1).find(|word| !word.starts_with('-')) else {
        println!("cargo bench --bench links -- REPOSITORY");
        return;
    };
    std::env::set_current_dir(&repository).expect("a repository");
    let (mut git, mut ours, mut found) = (Vec::new(), Vec::new(), 0);
    for _ in 0..RUNS {
        git.push(time(|| {
            let mut log = Command::new("git");
            log.args(["log", "-z", "--format=%B"]).stdout(Stdio::null());
            assert!(log.status().expect("git").success());
        }));
        ours.push(time(|| {
            let source = Source::open(None).expect("a specification");
            let tip = source.repo.resolve("HEAD").expect("a commit");
            found = links::count(&source, tip).expect("links");
        }));
    }
    let (git, ours) = (median(git), median(ours));
    println!("| reading {found} links | {git:.1} ms | {ours:.1} ms | {:.2} |", ours / git);
}
