//! Judgements that are kept go on over commits that have no say, and never otherwise: whatever a history does, answers are
//! those that are found without the index.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a script that fails is a test that fails")]

mod support;

use support::{Answer, Repo, run};

fn ask(repo: &Repo, words: &[&str], index: bool) -> Answer {
    let mut command = repo.spec_command(repo.path());
    command.env("GIT_CONFIG_COUNT", "1").env("GIT_CONFIG_KEY_0", "spec.index");
    run(command.env("GIT_CONFIG_VALUE_0", if index { "true" } else { "false" }).args(words))
}

/// What status, ls, show and blame say, once by what is kept and once anew.
fn compare(repo: &Repo, done: &[String]) {
    let questions: [&[&str]; 4] =
        [&["status", "--json"], &["ls", "--json"], &["show", "--json", "AUTH-1"], &["blame", "--json", "src/a.rs"]];
    for words in questions {
        let (kept, anew) = (ask(repo, words, true), ask(repo, words, false));
        assert_eq!((kept.status, &kept.stdout), (anew.status, &anew.stdout), "{words:?} after {done:#?}");
    }
}

/// Numbers that look random and are the same each time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }
}

/// Commits all there is as generated from clauses, with the links that the tool writes.
fn generated_for(repo: &Repo, anchors: &[&str]) {
    repo.git(&["add", "-A"]);
    let wanted: Vec<&str> = anchors.iter().flat_map(|anchor| ["--for", anchor]).collect();
    repo.spec(&[&["commit", "-q", "-m", "Generated"], &wanted[..]].concat()).ok();
}

/// One step of a history, in words.
fn step(repo: &Repo, dice: &mut Dice, n: u64) -> String {
    let anchor = ["AUTH-1", "AUTH-2", "reset"][dice.roll(3) as usize];
    let file = format!("src/{}.rs", ["a", "b", "c"][dice.roll(3) as usize]);
    let dirty = |text: String| repo.write(&file, text);
    let long: u64 = repo.git(&["rev-list", "--count", "HEAD"]).parse().unwrap();
    let made = match dice.roll(if long > 4 { 14 } else { 7 }) {
        0..=2 => {
            dirty(format!("fn f{n}() {{}}\n"));
            repo.commit("Plain code");
            "code"
        }
        4 => {
            repo.generate(&file, &format!("fn g{n}() {{}}\n"), &[anchor]);
            "generated"
        }
        3 | 5 => {
            dirty(format!("fn h{n}() {{}}\n"));
            generated_for(repo, &[anchor]);
            "generated as ever"
        }
        6 => {
            let text = std::fs::read_to_string(repo.path().join("specs/auth.md")).unwrap();
            repo.write("specs/auth.md", text.replace(" MUST ", &format!(" MUST after {n} days ")));
            repo.commit("Other words");
            "spec"
        }
        7 => {
            let back = dice.roll(2);
            let said = run(repo.git_command(repo.path()).args(["revert", "--no-edit", &format!("HEAD~{back}")]));
            if said.status != 0 {
                repo.git(&["reset", "-q", "--hard"]);
                let _ = repo.git_in(repo.path(), &["revert", "--abort"]);
            }
            "revert"
        }
        8 => {
            let at = format!("HEAD~{}", dice.roll(2));
            repo.spec(&["link", "--force", &at, "--", anchor]);
            "link"
        }
        9 => {
            repo.spec(&["unlink", "HEAD"]);
            "unlink"
        }
        10 => {
            repo.git(&["checkout", "-q", "-b", &format!("side{n}"), "HEAD~1"]);
            repo.write(format!("src/side{n}.rs"), "fn side() {}\n");
            repo.commit("On a side");
            repo.git(&["checkout", "-q", "main"]);
            repo.git(&["merge", "-q", "--no-ff", "-m", "Merge", &format!("side{n}")]);
            "merge"
        }
        11 => {
            // Linked on a branch, and only then on main.
            repo.git(&["checkout", "-q", "-b", &format!("ahead{n}")]);
            repo.write(format!("src/ahead{n}.rs"), "fn ahead() {}\n");
            repo.commit("Ahead");
            repo.spec(&["link", "HEAD", anchor]);
            repo.git(&["checkout", "-q", "main"]);
            compare(repo, &[format!("{n}: a branch that is ahead")]);
            repo.git(&["merge", "-q", "--ff-only", &format!("ahead{n}")]);
            "fast-forward"
        }
        12 => {
            let line = repo.spec_line(anchor);
            repo.git(&["commit", "-q", "--amend", "-m", &format!("Amended\n\n{line}")]);
            "amend"
        }
        _ => {
            repo.git(&["reset", "-q", "--hard", "HEAD~1"]);
            "reset"
        }
    };
    format!("{n}: {made} {anchor} {file}")
}

#[test]
fn what_is_carried_over_is_what_would_be_found_anew() {
    for seed in 1..=3 {
        let repo = Repo::auth();
        repo.git(&["config", "spec.include", "specs/*.md"]);
        repo.generate("src/a.rs", "fn a() {}\n", &["AUTH-1"]);
        repo.write("src/b.rs", "fn b() {}\n");
        repo.commit("Begin");
        let (mut dice, mut done) = (Dice(seed * 7919), vec![format!("seed {seed}")]);
        for n in 0..18 {
            done.push(step(&repo, &mut dice, n));
            if !repo.path().join("src/a.rs").exists() {
                repo.write("src/a.rs", "fn a() {}\n");
                repo.commit("Write it again");
            }
            compare(&repo, &done);
        }
    }
}

/// Whether an answer needed git to walk through history.
fn walks(repo: &Repo) -> bool {
    let trace = repo.beside("trace");
    let _ = std::fs::remove_file(&trace);
    let mut command = repo.spec_command(repo.path());
    run(command.env("GIT_TRACE", &trace).arg("status")).ok();
    let traced = std::fs::read_to_string(&trace).unwrap();
    // Along the first parents of what is new it is only asked whether the specification moved.
    let is_walk = |line: &&str| line.contains("built-in: git log") || line.contains("built-in: git rev-list");
    traced.lines().filter(is_walk).any(|line| !line.contains("--first-parent"))
}

#[test]
fn plain_commits_need_no_walk_and_others_do() {
    let repo = Repo::auth();
    repo.git(&["config", "spec.include", "specs/*.md"]);
    repo.generate("src/a.rs", "fn a() {}\n", &["AUTH-1"]);
    assert!(walks(&repo) && !walks(&repo));
    for n in 0..3 {
        repo.write("src/b.rs", format!("fn b{n}() {{}}\n"));
        repo.commit("Plain code");
        assert!(!walks(&repo), "{n}");
    }
    repo.edit("specs/auth.md", "30 minutes", "20 minutes");
    repo.commit("Shorten sessions");
    assert!(walks(&repo) && !walks(&repo));
    repo.generate("src/c.rs", "fn c() {}\n", &["AUTH-2"]);
    assert!(walks(&repo) && !walks(&repo));
    // What a link says that was said before, word by word, is known.
    let generate = |n: usize, anchors: &[&str]| {
        repo.write("src/d.rs", format!("fn d{n}() {{}}\n"));
        generated_for(&repo, anchors);
    };
    generate(0, &["AUTH-1", "AUTH-2"]);
    walks(&repo);
    for n in 1..4 {
        generate(n, &[["AUTH-2", "AUTH-1"][n % 2]]);
        assert!(!walks(&repo), "{n}");
        compare(&repo, &[format!("generated again {n}")]);
    }
    generate(4, &["AUTH-2", "AUTH-1"]);
    generate(5, &["AUTH-2"]);
    assert!(!walks(&repo));
    compare(&repo, &["generated from both".to_owned()]);
}
