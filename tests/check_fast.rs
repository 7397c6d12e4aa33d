//! The quick way to judge a link gives the verdict of the whole history, on histories that nobody thought out.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a script that fails is a test that fails")]

mod support;

use git_spec::commands::judge::{Job, judge_commits};
use git_spec::commands::source::Source;
use git_spec::config::Config;
use git_spec::git::{self, WalkQuery};
use support::Repo;

const CONFIG: &str = "[spec]\ninclude = [\"specs/*.md\"]\n[generated]\npaths = [\"src/**\"]\n[policy]\nrefs = [\"refs/heads/main\"]\n\
                      stale = \"minor\"\nstale-tip = \"minor\"\n";

/// Numbers that are the same in every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % sides as u64) as usize
    }
}

/// Clauses by id with how often each was changed.
type Clauses = Vec<(String, usize)>;

fn text(clauses: &Clauses) -> String {
    let clause = |(id, state): &(String, usize)| {
        format!(
            "## Part {id} {{#{id}}}\n\nThe part {id} of the system MUST answer within {state} seconds, or say why it cannot.\n"
        )
    };
    format!("# All\n\n{}", clauses.iter().map(clause).collect::<Vec<_>>().join("\n"))
}

/// Links to every clause of a revision, named at that revision.
fn links(repo: &Repo) -> Vec<String> {
    let listed = repo.spec(&["ls", "--json", "HEAD"]).json();
    let commit = repo.rev("HEAD");
    let link = |clause: &serde_json::Value| {
        let word = |key: &str| clause[key].as_str().unwrap().to_owned();
        format!("Spec: {}#{}@{} {}", word("path"), word("anchor"), &commit[..16], word("version"))
    };
    listed["clauses"].as_array().unwrap().iter().map(link).collect()
}

/// A history of specification, code with links to whatever was ever there, branches, merges, and copies of commits.
fn history(seed: u64) -> Repo {
    let repo = Repo::new();
    let mut dice = Dice(seed);
    let mut clauses: Clauses = (0..4).map(|n| (format!("C-{n}"), n)).collect();
    let mut file = "specs/all.md";
    let mut pool: Vec<String> = Vec::new();
    let spec = |file: &str, clauses: &Clauses, pool: &mut Vec<String>| {
        let _ = std::fs::remove_dir_all(repo.path().join("specs"));
        repo.write(file, text(clauses));
        repo.commit("Specify");
        pool.extend(links(&repo));
    };
    spec(file, &clauses, &mut pool);
    for step in 0..24 {
        match dice.roll(10) {
            0..=1 => {
                let at = dice.roll(clauses.len());
                clauses[at].1 = dice.roll(4);
                spec(file, &clauses, &mut pool);
            }
            2 => {
                // A name that another clause may have had before
                let at = dice.roll(clauses.len());
                let name = format!("C-{}", dice.roll(6));
                if clauses.iter().all(|(id, _)| *id != name) {
                    clauses[at].0 = name;
                    spec(file, &clauses, &mut pool);
                }
            }
            3 if clauses.len() > 2 => {
                clauses.remove(dice.roll(clauses.len()));
                spec(file, &clauses, &mut pool);
            }
            4 => {
                file = if file == "specs/all.md" { "specs/new.md" } else { "specs/all.md" };
                spec(file, &clauses, &mut pool);
            }
            5 => {
                // What stood before, on a branch of its own, joined or copied
                let depth = dice.roll(3) + 1;
                if repo.git_in(repo.path(), &["rev-parse", "-q", "--verify", &format!("HEAD~{depth}")]).is_ok() {
                    repo.git(&["switch", "-q", "-C", "side", &format!("HEAD~{depth}")]);
                    repo.write(format!("src/side{step}.rs"), "side\n");
                    repo.commit(&format!("Side\n\n{}", pool[dice.roll(pool.len())]));
                    repo.git(&["switch", "-q", "main"]);
                    match dice.roll(2) {
                        0 => repo.git(&["merge", "-q", "--no-edit", "--no-ff", "side"]),
                        _ => repo.git(&["cherry-pick", "side"]),
                    };
                }
            }
            _ => {
                repo.write(format!("src/{step}.rs"), "code\n");
                // Of one clause, of several, of the newest, in the body of a commit without any
                let trailers: Vec<String> =
                    (0..dice.roll(4)).map(|_| pool[pool.len() - 1 - dice.roll(pool.len())].clone()).collect();
                let trailers = if dice.roll(5) == 0 { vec![trailers.join("\n").replace("@", "@0")] } else { trailers };
                repo.commit(&format!("Code\n\n{}", trailers.join("\n")));
            }
        }
    }
    repo
}

fn verdict(repo: &Repo, slowly: bool) -> serde_json::Value {
    let source = Source::of(git::Repo::discover_in(repo.path()).unwrap(), None).unwrap();
    let config = Config::parse("test", CONFIG.as_bytes()).unwrap();
    let tip = source.repo.resolve("HEAD").unwrap();
    let query = WalkQuery { revs: vec![tip.to_string()], ..WalkQuery::default() };
    let job = Job { slowly, ..Job::new(&config, query, tip) };
    serde_json::to_value(judge_commits(&source, job).unwrap()).unwrap()
}

#[test]
fn quick_and_slow_verdicts_are_the_same() {
    let mut kinds = std::collections::BTreeSet::new();
    for seed in 1..=10u64 {
        let repo = history(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        repo.git(&["config", "spec.index", "false"]);
        repo.write(".gitspec.toml", CONFIG);
        let (quick, slow) = (verdict(&repo, false), verdict(&repo, true));
        assert_eq!(quick, slow, "seed {seed}");
        let found = quick["findings"].as_array().unwrap();
        kinds.extend(found.iter().map(|finding| finding["rule"].as_str().unwrap().to_owned()));
    }
    assert!(kinds.len() >= 4, "the histories break too few rules to tell: {kinds:?}");
}
