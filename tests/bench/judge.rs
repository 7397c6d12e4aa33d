//! What judging a push costs, against one `git log` over the same commits with the flags and fields that judging asks for.
//!
//! `cargo bench --bench judge -- REPOSITORY COMMITS`, where REPOSITORY was made by `tests/bench/linked.py`: the newest COMMITS
//! of `main` are judged as a push onto the one before them, each generated change in them with an exact link. Runs five
//! times in turn, the medians count; the peak of memory is that of the whole process, git's own not counted.

#![allow(clippy::print_stdout, clippy::expect_used, reason = "a measurement that fails is to stop")]

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use git_spec::commands::judge::{Job, judge_commits};
use git_spec::commands::source::Source;
use git_spec::config::Config;
use git_spec::git::WalkQuery;

const RUNS: usize = 5;
/// Every fifth commit of that history carries a link; these are its files.
const POLICY: &str = "[spec]\ninclude = [\"specs/*.md\"]\n[generated]\npaths = [\"src/part*[16].rs\"]\n[policy]\nrefs = [\"refs/heads/main\"]\n";
const FLAGS: [&str; 10] = [
    "--raw",
    "-r",
    "--no-abbrev",
    "--no-renames",
    "--diff-merges=off",
    "-z",
    "--encoding=UTF-8",
    "--no-notes",
    "--ignore-submodules=none",
    "--format=tformat:c%m%H%x00%P%x00%aN%x00%aE%x00%ad%x00%at%x00%ct%x00%x00%s",
];

fn time(work: impl FnOnce()) -> Duration {
    let start = Instant::now();
    work();
    start.elapsed()
}

fn median(mut times: Vec<Duration>) -> f64 {
    times.sort();
    times[times.len() / 2].as_secs_f64() * 1000.0
}

/// The most memory that this process had, as the system says; none where it doesn't.
fn peak() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.map_or_else(|| "–".to_owned(), |line| line.trim().to_owned())
}

fn main() {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    let [repository, commits] = words.as_slice() else {
        println!("cargo bench --bench judge -- REPOSITORY COMMITS");
        return;
    };
    std::env::set_current_dir(repository).expect("a repository");
    let config = Config::parse("policy", POLICY.as_bytes()).expect("a policy");
    let (mut git, mut ours, mut judged, mut found) = (Vec::new(), Vec::new(), 0, 0);
    for _ in 0..RUNS {
        git.push(time(|| {
            let mut log = Command::new("git");
            log.arg("log").args(FLAGS).arg(format!("HEAD~{commits}..HEAD")).stdout(Stdio::null());
            assert!(log.status().expect("git").success());
        }));
        ours.push(time(|| {
            let source = Source::open(None).expect("a specification");
            let tip = source.repo.resolve("HEAD").expect("a commit");
            let old = source.repo.resolve(&format!("HEAD~{commits}")).expect("a commit");
            let query = WalkQuery { revs: vec![tip.to_string(), format!("^{old}")], ..WalkQuery::default() };
            let job = Job::new(&config, query, tip);
            let report = judge_commits(&source, job).expect("a verdict");
            (judged, found) = (report.judged, report.findings.len());
        }));
    }
    let (git, ours) = (median(git), median(ours));
    let ratio = ours / git;
    println!(
        "| judging {judged} commits, {found} findings | {git:.1} ms | {ours:.1} ms | {ratio:.2} | peak {} |",
        peak()
    );
}
