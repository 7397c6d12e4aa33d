//! The index: every answer is the same with it, without it, and whatever befalls it; at most one line is said.

#![allow(clippy::unwrap_used, reason = "a script that fails is a test that fails")]

mod support;

use std::path::{Path, PathBuf};

use support::{AUTH, Answer, Repo, run};

/// A history with changes, a branch that is merged, one that is dropped, a removal and a return.
fn history() -> Repo {
    let repo = Repo::auth();
    repo.edit("specs/auth.md", "5 failed", "3 failed");
    repo.commit("Lock sooner");
    repo.git(&["checkout", "-q", "-b", "side"]);
    repo.edit("specs/auth.md", "one hour", "two hours");
    repo.commit("Reset later");
    repo.git(&["checkout", "-q", "main"]);
    repo.write(
        "specs/pay.md",
        "# Payments\n\n## Refund {#PAY-1}\n\nA refund MUST be paid within 14 days of the claim.\n",
    );
    repo.commit("Specify payments");
    repo.git(&["merge", "-q", "--no-edit", "-s", "ours", "side"]);
    let clause = "## Sessions {#AUTH-2}\n\nA session MUST end after 30 minutes without any activity of its user.\n\n";
    repo.edit("specs/auth.md", clause, "");
    repo.commit("Drop sessions");
    repo.git(&["revert", "--no-edit", "HEAD"]);
    repo.write("src/lock.rs", "fn lock() {}\n");
    repo.commit(&format!("Lock\n\nSpec: specs/auth.md#AUTH-1 {}", version(&repo, "AUTH-1")));
    repo
}

fn version(repo: &Repo, clause: &str) -> String {
    let answer = repo.spec(&["-c", "x"]).status;
    assert_eq!(answer, 2, "options of git come before `spec`");
    let shown = run(bare(repo).args(["show", "--json", clause])).ok();
    let shown: serde_json::Value = serde_json::from_str(&shown).unwrap();
    shown["clause"]["version"].as_str().unwrap().to_owned()
}

/// The command without an index.
fn bare(repo: &Repo) -> std::process::Command {
    let mut command = repo.spec_command(repo.path());
    command.env("GIT_CONFIG_COUNT", "1").env("GIT_CONFIG_KEY_0", "spec.index").env("GIT_CONFIG_VALUE_0", "false");
    command
}

const QUESTIONS: [&[&str]; 11] = [
    &["log", "--json"],
    &["log", "--unfold", "--date=iso"],
    &["log", "--json", "--clause", "AUTH-2"],
    &["log", "--json", "--first-parent"],
    &["blame", "--json", "HEAD", "specs/auth.md"],
    &["blame", "--json", "HEAD", "src/lock.rs"],
    &["show", "--json", "reset"],
    &["diff", "--json", "HEAD~5", "HEAD"],
    &["diff", "--all", "HEAD", "HEAD~5"],
    &["diff", "--all", "-R", "HEAD~2..HEAD"],
    &["diff", "--stat", "HEAD~2..HEAD", "--", "specs/pay.md"],
];

/// What every question is answered without an index.
fn expected(repo: &Repo) -> Vec<String> {
    QUESTIONS.iter().map(|question| run(bare(repo).args(*question)).ok()).collect()
}

#[track_caller]
fn answers_are(repo: &Repo, expected: &[String]) {
    for (question, expected) in QUESTIONS.iter().zip(expected) {
        let Answer { stdout, stderr, status } = repo.spec(question);
        assert!(stderr.lines().count() <= 1 && !stderr.starts_with("error"), "{question:?}: {stderr}");
        assert_eq!((status, &stdout), (0, expected), "{question:?}");
    }
}

fn place(repo: &Repo) -> PathBuf {
    repo.path().join(".git/spec")
}

/// All files below a directory.
fn files(directory: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(directory) else { return Vec::new() };
    let mut found: Vec<PathBuf> = entries
        .flatten()
        .flat_map(|entry| if entry.path().is_dir() { files(&entry.path()) } else { vec![entry.path()] })
        .collect();
    found.sort();
    found
}

fn segments(repo: &Repo) -> Vec<PathBuf> {
    files(&place(repo)).into_iter().filter(|path| path.extension().is_some_and(|ending| ending == "facts")).collect()
}

#[test]
fn the_second_run_reads_what_the_first_one_understood() {
    let repo = history();
    let expected = expected(&repo);
    assert!(!place(&repo).exists(), "switched off, nothing is written");
    answers_are(&repo, &expected);
    assert!(!segments(&repo).is_empty());
    let before = files(&place(&repo));
    answers_are(&repo, &expected);
    assert_eq!(files(&place(&repo)), before, "nothing new was learnt");
}

#[test]
fn new_commits_are_added_and_segments_are_joined() {
    let repo = history();
    for day in 0..20 {
        repo.edit("specs/pay.md", &format!("{} days", 14 + day), &format!("{} days", 15 + day));
        repo.commit(&format!("Day {day}"));
        repo.spec(&["log", "-n", "1"]).ok();
    }
    assert!(segments(&repo).len() <= 7, "{:?}", segments(&repo));
    answers_are(&repo, &expected(&repo));
}

#[test]
fn any_damaged_byte_is_noticed() {
    let repo = history();
    let expected = expected(&repo);
    answers_are(&repo, &expected);
    let whole: Vec<(PathBuf, Vec<u8>)> =
        files(&place(&repo)).into_iter().map(|path| (path.clone(), std::fs::read(path).unwrap())).collect();
    let question = QUESTIONS[0];
    for (path, bytes) in &whole {
        // Every place would take long; these are all sorts of places, and the tail of the file byte by byte.
        let places = (0..bytes.len()).filter(|at| at % 97 == 0 || at + 40 >= bytes.len());
        for at in places {
            let mut damaged = bytes.clone();
            damaged[at] ^= 1 << (at % 8);
            whole.iter().for_each(|(path, bytes)| std::fs::write(path, bytes).unwrap());
            std::fs::write(path, &damaged).unwrap();
            let Answer { stdout, stderr, status } = repo.spec(question);
            assert_eq!((status, &stdout), (0, &expected[0]), "byte {at} of {}", path.display());
            assert!(stderr.lines().count() <= 1, "{stderr}");
        }
    }
    answers_are(&repo, &expected);
}

#[test]
fn cut_off_emptied_and_foreign_files_do_no_harm() {
    let repo = history();
    let expected = expected(&repo);
    answers_are(&repo, &expected);
    for path in files(&place(&repo)) {
        let bytes = std::fs::read(&path).unwrap();
        for kept in [0, 7, 24, bytes.len() / 2, bytes.len() - 1] {
            std::fs::write(&path, &bytes[..kept]).unwrap();
            answers_are(&repo, &expected);
        }
    }
    let directory = segments(&repo)[0].parent().unwrap().to_owned();
    std::fs::write(directory.join("writing-1-abc"), "left behind by a killed process").unwrap();
    std::fs::write(directory.join("zzz.facts"), vec![b'x'; 4096]).unwrap();
    std::fs::create_dir(directory.join("dir.facts")).unwrap();
    answers_are(&repo, &expected);
    answers_are(&repo, &expected);
}

#[cfg(unix)]
#[test]
fn pipes_devices_and_endless_files_are_not_read() {
    let repo = history();
    let expected = expected(&repo);
    answers_are(&repo, &expected);
    for path in files(&place(&repo)) {
        let kept = std::fs::read(&path).unwrap();
        for special in ["pipe", "device", "endless"] {
            std::fs::remove_file(&path).unwrap();
            match special {
                "pipe" => assert!(std::process::Command::new("mkfifo").arg(&path).status().unwrap().success()),
                "device" => std::os::unix::fs::symlink("/dev/zero", &path).unwrap(),
                _ => std::fs::File::create(&path).unwrap().set_len(1 << 40).unwrap(),
            }
            let answer = repo.spec(&["log", "--json"]);
            assert_eq!((answer.status, &answer.stdout), (0, &expected[0]), "{special} {path:?}: {}", answer.stderr);
            assert!(answer.stderr.lines().count() <= 1, "{}", answer.stderr);
            let _ = std::fs::remove_file(&path);
            std::fs::write(&path, &kept).unwrap();
        }
    }
}

#[test]
fn a_segment_that_goes_takes_no_answer_with_it() {
    let repo = history();
    let expected = expected(&repo);
    repo.spec(&["log", "-n", "1"]).ok();
    answers_are(&repo, &expected);
    for gone in segments(&repo) {
        std::fs::remove_file(gone).unwrap();
        answers_are(&repo, &expected);
    }
    std::fs::remove_dir_all(place(&repo)).unwrap();
    answers_are(&repo, &expected);
}

#[test]
fn a_killed_process_leaves_the_index_as_it_was() {
    let repo = history();
    let expected = expected(&repo);
    for delay in (0..60).step_by(3) {
        let mut child = repo.spec_command(repo.path());
        let mut child = child
            .args(["log", "--json"])
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(std::time::Duration::from_millis(delay));
        let _ = child.kill();
        child.wait().unwrap();
        if delay % 12 == 0 {
            answers_are(&repo, &expected);
            std::fs::remove_dir_all(place(&repo)).unwrap();
        }
    }
    answers_are(&repo, &expected);
}

#[test]
fn fifty_processes_at_once_answer_alike() {
    let repo = history();
    let expected = expected(&repo);
    let children: Vec<_> = (0..50)
        .map(|_| {
            let mut command = repo.spec_command(repo.path());
            command.args(QUESTIONS[0]).stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
            command.spawn().unwrap()
        })
        .collect();
    for child in children {
        let output = child.wait_with_output().unwrap();
        assert_eq!(String::from_utf8(output.stderr).unwrap(), "");
        assert_eq!(String::from_utf8(output.stdout).unwrap(), expected[0]);
    }
    answers_are(&repo, &expected);
    assert!(segments(&repo).len() <= 8, "they are joined in the end: {:?}", segments(&repo));
}

/// Another build of the tool: this one with other words in it.
fn another(repo: &Repo, name: &str, words: &[(&str, &str)]) -> PathBuf {
    let mut program = std::fs::read(env!("CARGO_BIN_EXE_git-spec")).unwrap();
    for (word, other) in words {
        assert_eq!(word.len(), other.len());
        let places: Vec<usize> = memchr::memmem::find_iter(&program, word.as_bytes()).collect();
        assert!(!places.is_empty(), "{word} stands in the program");
        places.iter().for_each(|&at| program[at..at + other.len()].copy_from_slice(other.as_bytes()));
    }
    let path = repo.beside(name);
    std::fs::copy(env!("CARGO_BIN_EXE_git-spec"), &path).unwrap();
    std::fs::write(&path, program).unwrap();
    path
}

/// The command as another build runs it.
fn command_of(program: &Path, repo: &Repo) -> std::process::Command {
    let ours = repo.spec_command(repo.path());
    let mut command = std::process::Command::new(program);
    command.current_dir(repo.path()).env_clear().env("PATH", std::env::var_os("PATH").unwrap());
    command.envs(ours.get_envs().filter_map(|(name, value)| Some((name.to_owned(), value?.to_owned()))));
    command
}

#[test]
fn two_versions_answer_in_turn_and_at_once() {
    let repo = history();
    let expected = expected(&repo);
    // What a version understands is named by a hash over its sources.
    let turned = |hash: &str| hash.chars().rev().collect::<String>();
    let (parser, judging) = (env!("GIT_SPEC_PARSER"), env!("GIT_SPEC_JUDGING"));
    let other = another(&repo, "other", &[(parser, &turned(parser)), (judging, &turned(judging))]);
    for _ in 0..3 {
        for (question, expected) in QUESTIONS.iter().zip(&expected) {
            let Answer { stdout, stderr, status } = run(command_of(&other, &repo).args(*question));
            assert_eq!((status, &stdout, stderr.as_str()), (0, expected, ""), "{question:?}");
        }
        answers_are(&repo, &expected);
    }
    let keys = std::fs::read_dir(place(&repo).join("index")).unwrap().count();
    assert_eq!(keys, 2, "each has an index of its own");

    std::fs::remove_dir_all(place(&repo)).unwrap();
    let children: Vec<_> = (0..24)
        .map(|at| {
            let mut command = if at % 2 == 0 { command_of(&other, &repo) } else { repo.spec_command(repo.path()) };
            let question = at / 2 % QUESTIONS.len();
            command.args(QUESTIONS[question]).stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
            (question, command.spawn().unwrap())
        })
        .collect();
    for (question, child) in children {
        let output = child.wait_with_output().unwrap();
        assert_eq!(String::from_utf8(output.stderr).unwrap(), "");
        assert_eq!(String::from_utf8(output.stdout).unwrap(), expected[question]);
    }
    answers_are(&repo, &expected);
}

#[test]
fn an_index_from_the_future_is_passed_over() {
    let repo = history();
    let expected = expected(&repo);
    // The same key and sound checks, but files of a form that this version does not know.
    let marks = [("gspecix1", "gspecix2"), ("gspeckp1", "gspeckp2"), ("gspecwk1", "gspecwk2")];
    let future = another(&repo, "future", &marks);
    let ask = |what: &str| {
        for (question, expected) in QUESTIONS.iter().zip(&expected) {
            let Answer { stdout, stderr, status } = run(command_of(&future, &repo).args(*question));
            assert_eq!((status, &stdout), (0, expected), "{what}: {question:?}");
            assert!(stderr.lines().count() <= 1, "{what}: {stderr}");
        }
    };
    ask("the future begins");
    let marked = |mark: &str| {
        let holds = |path: &PathBuf| std::fs::read(path).unwrap().starts_with(mark.as_bytes());
        files(&place(&repo)).iter().filter(|path| holds(path)).count()
    };
    assert!(marked("gspecix2") > 0 && marked("gspecix1") == 0);
    answers_are(&repo, &expected);
    assert!(marked("gspecix1") > 0, "what could not be read was found and kept anew");
    ask("the future comes back");
    answers_are(&repo, &expected);
}

#[test]
fn a_place_that_cannot_be_written_is_no_failure() {
    let repo = history();
    let expected = expected(&repo);
    // Rights don't stop root, a file in the place of the directory does.
    std::fs::write(place(&repo), "no directory").unwrap();
    answers_are(&repo, &expected);
}

#[test]
#[cfg(unix)]
fn a_full_disk_is_said_in_one_line_and_no_failure() {
    let repo = history();
    let expected = expected(&repo);
    // A limit on the size of files stands for the disk; the shell's `trap` makes it an error and no signal.
    let script = format!("trap '' XFSZ; ulimit -f 0; exec {} log --json", env!("CARGO_BIN_EXE_git-spec"));
    let environment: Vec<_> = repo
        .spec_command(repo.path())
        .get_envs()
        .filter_map(|(name, value)| Some((name.to_owned(), value?.to_owned())))
        .collect();
    let mut shell = std::process::Command::new("sh");
    shell.current_dir(repo.path()).args(["-c", &script]).env_clear();
    shell.env("PATH", std::env::var_os("PATH").unwrap()).envs(environment);
    let Answer { stdout, stderr, status } = run(&mut shell);
    assert_eq!((status, &stdout), (0, &expected[0]), "{stderr}");
    assert!(stderr.contains("the index could not be written") && stderr.lines().count() == 1, "{stderr}");
    assert_eq!(segments(&repo), [] as [PathBuf; 0]);
    answers_are(&repo, &expected);
}

#[test]
fn another_specification_has_an_index_of_its_own() {
    let repo = history();
    let expected = expected(&repo);
    answers_are(&repo, &expected);
    for name in ["pay", "auth", "none", "a", "b", "c", "d", "e", "f", "g"] {
        let mut command = repo.spec_command(repo.path());
        command.env("GIT_CONFIG_COUNT", "1").env("GIT_CONFIG_KEY_0", "spec.include");
        let narrow = run(command.env("GIT_CONFIG_VALUE_0", format!("specs/{name}.md")).args(["log", "--json"])).ok();
        assert_eq!(narrow.contains("Specify payments"), name == "pay");
    }
    let keys = std::fs::read_dir(place(&repo).join("index")).unwrap().count();
    assert!(keys <= 8, "{keys} keys are kept");
    answers_are(&repo, &expected);
}

#[test]
fn a_repository_that_becomes_shallow_is_read_anew() {
    let repo = history();
    repo.spec(&["log"]).ok();
    let clone = repo.beside("clone");
    let source = format!("file://{}", repo.path().display());
    repo.git_in(repo.path(), &["clone", "-q", &source, clone.to_str().unwrap()]).unwrap();
    let whole = run(repo.spec_command(&clone).args(["log", "--json"])).ok();
    let short = |answer: &Answer| answer.stdout.matches("\"commit\"").count();
    repo.git_in(&clone, &["fetch", "-q", "--depth", "4"]).unwrap();
    let shallow = run(repo.spec_command(&clone).args(["log", "--json"]));
    assert_eq!(shallow.status, 3, "{shallow:?}");
    assert!(!shallow.stdout.contains("Write the specification down"), "{}", shallow.stdout);
    assert!(short(&shallow) > 0);
    repo.git_in(&clone, &["fetch", "-q", "--unshallow"]).unwrap();
    assert_eq!(run(repo.spec_command(&clone).args(["log", "--json"])).ok(), whole);
}

#[test]
fn replacements_change_no_answer() {
    let repo = history();
    let before = expected(&repo);
    repo.spec(&["log"]).ok();
    repo.git(&["replace", "HEAD~3", "HEAD~4"]);
    for (question, expected) in QUESTIONS.iter().zip(&before) {
        let answer = repo.spec(question);
        assert_eq!((&answer.stdout, answer.status), (expected, 0));
        assert_eq!(answer.stderr.lines().count(), 1, "{}", answer.stderr);
    }
}

/// Where a chunk of a commit-graph file begins (gitformat-commit-graph(5)).
fn chunk(graph: &[u8], id: &[u8]) -> usize {
    let row = (8..).step_by(12).find(|&at| &graph[at..at + 4] == id).unwrap();
    usize::try_from(u64::from_be_bytes(graph[row + 4..row + 12].try_into().unwrap())).unwrap()
}

#[test]
fn a_commit_graph_that_lies_is_refused_or_makes_no_difference() {
    let repo = history();
    let expected = run(bare(&repo).args(["log", "--json"])).ok();
    repo.git(&["commit-graph", "write", "--reachable"]);
    let path = repo.path().join(".git/objects/info/commit-graph");
    let whole = std::fs::read(&path).unwrap();
    assert_eq!(repo.spec(&["log", "--json"]).ok(), expected);
    let data = chunk(&whole, b"CDAT");
    let commits = (whole.len() - data).min(9 * 36) / 36;
    let mut refused = 0;
    for commit in 0..commits {
        let mut lying = whole.clone();
        let parent = data + commit * 36 + 20 + 3;
        lying[parent] = (lying[parent] + 1) % 3;
        // Git writes the file without the right to write it.
        std::fs::remove_file(&path).unwrap();
        std::fs::write(&path, lying).unwrap();
        for mut command in [bare(&repo), repo.spec_command(repo.path())] {
            let answer = run(command.args(["log", "--json"]));
            if answer.status == 2 {
                refused += 1;
            } else {
                assert_eq!((answer.status, &answer.stdout), (0, &expected), "{}", answer.stderr);
            }
        }
    }
    assert!(refused > 0, "the lie was never met");
}

#[test]
fn generations_that_lie_cut_no_life_short_in_silence() {
    let repo = Repo::auth();
    for number in 3..8 {
        repo.edit(
            "specs/auth.md",
            &format!("{} failed", if number == 3 { 5 } else { number - 1 }),
            &format!("{number} failed"),
        );
        repo.commit(&format!("{number} times"));
    }
    repo.git(&["checkout", "-q", "-b", "side", "HEAD~4"]);
    repo.edit("specs/auth.md", "one hour", "two hours");
    repo.commit("Reset later");
    repo.git(&["checkout", "-q", "main"]);
    repo.git(&["merge", "-q", "--no-edit", "side"]);
    let questions: [&[&str]; 2] = [&["show", "--json", "AUTH-1"], &["blame", "--json", "HEAD", "specs/auth.md"]];
    let expected = questions.map(|question| run(bare(&repo).args(question)).ok());
    repo.git(&["-c", "commitGraph.generationVersion=1", "commit-graph", "write", "--reachable"]);
    let path = repo.path().join(".git/objects/info/commit-graph");
    let whole = std::fs::read(&path).unwrap();
    let (data, count) = (chunk(&whole, b"CDAT"), 8);
    let order = repo.git(&["-c", "core.commitGraph=false", "rev-list", "--topo-order", "HEAD"]);
    let mut believed = 0;
    for lie in 1..8u32 {
        let mut lying = whole.clone();
        for commit in 0..count {
            let at = data + commit * 36 + 28;
            let word = u32::from_be_bytes(lying[at..at + 4].try_into().unwrap());
            let generation = ((word >> 2) * lie) % 5 + 1;
            lying[at..at + 4].copy_from_slice(&((generation << 2) | (word & 3)).to_be_bytes());
        }
        std::fs::remove_file(&path).unwrap();
        std::fs::write(&path, lying).unwrap();
        believed += usize::from(repo.git(&["rev-list", "--topo-order", "HEAD"]) != order);
        for (question, expected) in questions.iter().zip(&expected) {
            for mut command in [bare(&repo), repo.spec_command(repo.path())] {
                let answer = run(command.args(*question));
                if answer.status == 2 {
                    assert!(answer.stderr.contains("commit-graph"), "{}", answer.stderr);
                } else {
                    assert_eq!((answer.status, &answer.stdout), (0, expected), "{}", answer.stderr);
                }
            }
        }
    }
    assert!(believed > 0, "git goes by the generations");
}

#[test]
fn what_rests_on_a_missing_object_is_not_kept() {
    let repo = Repo::auth();
    repo.edit("specs/auth.md", "5 failed", "3 failed");
    repo.commit("Lock sooner");
    let expected = run(bare(&repo).args(["log", "--json"])).ok();
    let blob = repo.rev("HEAD:specs/auth.md");
    let object = repo.path().join(".git/objects").join(&blob[..2]).join(&blob[2..]);
    let kept = std::fs::read(&object).unwrap();
    std::fs::remove_file(&object).unwrap();
    let without = repo.spec(&["log", "--json"]);
    assert_eq!(without.status, 3, "{without:?}");
    assert_eq!(repo.spec(&["diff", "HEAD~..HEAD"]).status, 3);
    std::fs::write(&object, kept).unwrap();
    assert!(repo.spec(&["diff", "HEAD~..HEAD"]).ok().contains("5 → 3"));
    assert_eq!(repo.spec(&["log", "--json"]).ok(), expected);
    assert_eq!(repo.spec(&["log", "--json"]).ok(), expected);
    assert!(AUTH.contains("5 failed"));
}

#[test]
fn a_file_that_joined_is_told_from_the_index_as_it_was_found() {
    let repo = Repo::auth();
    let limits = "# Limits\n\n## Requests {#L-1}\n\nA client MUST NOT send more than 100 requests in one minute.\n";
    repo.write("notes/limits.md", limits);
    repo.commit("Note the limits");
    repo.git(&["mv", "notes/limits.md", "specs/limits.md"]);
    repo.edit("specs/limits.md", "100 requests", "50 requests");
    repo.commit("Specify the limits");
    let question = ["diff", "--json", "HEAD~", "HEAD"];
    let expected = run(bare(&repo).args(question)).ok();
    assert!(expected.contains("notes/limits.md") && expected.contains("100 requests"), "{expected}");
    assert_eq!(repo.spec(&question).ok(), expected);
    assert_eq!(repo.spec(&question).ok(), expected);
    assert_eq!(files(&place(&repo)).iter().filter(|path| path.extension().is_some_and(|end| end == "diff")).count(), 1);
}

#[test]
fn a_branch_beside_the_linked_one_is_understood_as_if_it_were_checked_out() {
    let repo = Repo::auth();
    repo.git(&["checkout", "-q", "-b", "side"]);
    repo.edit("specs/auth.md", "30 minutes", "60 minutes");
    repo.commit("Sixty minutes");
    repo.git(&["checkout", "-q", "-b", "ours", "main"]);
    repo.edit("specs/auth.md", "5 failed", "3 failed");
    repo.commit("Lock sooner");
    repo.git(&["merge", "-q", "-s", "ours", "--no-edit", "side"]);
    repo.git(&["checkout", "-q", "main"]);
    let link = format!("specs/auth.md#AUTH-1@{} {}", &repo.rev("HEAD")[..16], version(&repo, "AUTH-1"));
    repo.write("src/lock.rs", "fn lock() {}\n");
    repo.commit(&format!("Lock accounts\n\nSpec: {link}"));
    let newest = || repo.spec(&["log", "-n", "1", "ours"]).ok();
    let beside = newest();
    assert!(beside.contains("drops the state of"), "{beside}");
    repo.git(&["checkout", "-q", "ours"]);
    assert!(newest().contains("drops the state of"));
}

/// What `git log` was asked for a question.
fn logs(repo: &Repo, question: &[&str]) -> Vec<String> {
    let trace = repo.path().join(".git/trace");
    let _ = std::fs::remove_file(&trace);
    let mut command = repo.spec_command(repo.path());
    command.env("GIT_TRACE", &trace).args(question);
    run(&mut command).ok();
    let told = std::fs::read_to_string(&trace).unwrap();
    told.lines().filter(|line| line.contains("built-in: git log")).map(str::to_owned).collect()
}

/// How often git walked for a question.
fn walks(repo: &Repo, question: &[&str]) -> usize {
    logs(repo, question).iter().filter(|line| !line.contains("--no-walk")).count()
}

#[test]
fn a_walk_is_told_again_until_anything_changes_that_it_rests_on() {
    let repo = history();
    let json: &[&str] = &["log", "--json"];
    assert!(walks(&repo, json) > 0);
    assert_eq!((walks(&repo, json), walks(&repo, &["log"])), (0, 0));
    answers_are(&repo, &expected(&repo));
    for question in QUESTIONS.iter().filter(|question| !question.contains(&"--first-parent")) {
        assert_eq!(walks(&repo, question), 0, "{question:?}");
    }
    // What points where is asked each time.
    repo.git(&["tag", "v1", "HEAD~2"]);
    repo.git(&["branch", "old", "HEAD~3"]);
    assert!(repo.spec(&["log"]).ok().contains("tag: v1"));
    answers_are(&repo, &expected(&repo));
    let changes: [&dyn Fn(); 5] = [
        &|| repo.write(".mailmap", "Somebody Else <a@example.org> <author@example.com>\n"),
        &|| repo.write(".mailmap", "Third <t@example.org> <author@example.com>\n"),
        &|| drop(repo.git(&["commit-graph", "write", "--reachable"])),
        &|| drop(repo.git(&["config", "core.commitGraph", "false"])),
        &|| drop(repo.git(&["commit", "-q", "--amend", "-m", "Another\n\nFor a reason."])),
    ];
    for (at, change) in changes.into_iter().enumerate() {
        change();
        assert!(walks(&repo, json) > 0, "change {at}");
        answers_are(&repo, &expected(&repo));
        assert_eq!(walks(&repo, json), 0, "change {at}");
    }
}

#[test]
fn a_line_of_later_commits_comes_before_the_walk_that_was_kept() {
    let repo = history();
    answers_are(&repo, &expected(&repo));
    for day in 0..3 {
        repo.edit("specs/pay.md", &format!("{} days", 14 + day), &format!("{} days", 15 + day));
        // Older than all before it: a walk by date would like to tell it last.
        repo.git(&["-c", "user.name=Late", "commit", "-qam", "Late", "--date=2001-01-01T00:00:00Z"]);
        answers_are(&repo, &expected(&repo));
    }
    // A merge has a choice of order, and is walked anew.
    repo.git(&["checkout", "-q", "-b", "topic", "HEAD~2"]);
    repo.write("specs/more.md", "# More\n\n## Also {#MORE-1}\n\nIt MUST be so for as long as anybody asks for it.\n");
    repo.commit("More");
    repo.git(&["checkout", "-q", "main"]);
    repo.git(&["merge", "-q", "--no-edit", "topic"]);
    answers_are(&repo, &expected(&repo));
    repo.edit("specs/pay.md", "17 days", "18 days");
    repo.commit("After the merge");
    answers_are(&repo, &expected(&repo));
}

#[test]
fn names_stand_beside_their_commits_however_many_references_there_are() {
    let repo = history();
    repo.git(&["tag", "v1", "HEAD~2"]);
    repo.git(&["tag", "-a", "-m", "Two", "v2", "HEAD~1"]);
    // Nothing that log tells is behind this one.
    let apart = repo.git(&["commit-tree", "-m", "Apart", "HEAD^{tree}"]);
    repo.git(&["update-ref", "refs/heads/apart", apart.trim()]);
    let commit = |subject: &str| repo.git(&["log", "-1", "--format=%H", "--grep", subject]);
    let (new, old) = (commit("Revert"), commit("Lock sooner"));
    let name = |number: usize| format!("refs/heads/pull/{number}/of-somebody-who-gave-it-a-long-name/head");
    let line = |number: usize| format!("{} {}\n", if number == 2999 { new.trim() } else { old.trim() }, name(number));
    let mut packed = "# pack-refs with: peeled fully-peeled sorted \n".to_owned();
    let mut names: Vec<usize> = (0..3000).collect();
    names.sort_by_key(|&number| name(number));
    packed.extend(names.into_iter().map(line));
    std::fs::write(repo.path().join(".git/packed-refs"), packed).unwrap();
    assert_eq!(repo.git(&["for-each-ref", "refs/heads/pull"]).lines().count(), 3000);
    let expected = expected(&repo);
    answers_are(&repo, &expected);
    answers_are(&repo, &expected);
    let first = repo.spec(&["log", "--oneline"]).ok();
    assert!(first.lines().next().unwrap().contains("pull/2999/"), "{first}");
    assert!(first.contains("tag: v1") && first.contains("tag: v2") && first.contains("pull/2998/"), "{first}");
    let asked = logs(&repo, &["log"]);
    assert!(!asked.is_empty());
    let of_these =
        |line: &String| line.contains("--no-walk") && !line.contains("--all") && !line.contains(apart.trim());
    assert!(asked.iter().all(of_these), "{asked:?}");
}

#[test]
fn what_a_walk_compared_behind_a_merge_is_kept_and_found_anew() {
    let repo = Repo::auth();
    repo.git(&["checkout", "-q", "-b", "side"]);
    repo.edit("specs/auth.md", "5 failed", "3 failed");
    repo.commit("Lock sooner");
    repo.git(&["checkout", "-q", "main"]);
    // The other parent's line touches the file too, and the merge has it as the side has it.
    repo.edit("specs/auth.md", "one hour", "two hours");
    repo.commit("Reset later");
    repo.edit("specs/auth.md", "two hours", "one hour");
    repo.commit("Reset as before");
    repo.git(&["merge", "-q", "--no-edit", "side"]);
    let question = ["ls", "--json"];
    let expected = run(bare(&repo).args(question)).ok();
    let kept = || files(&place(&repo)).into_iter().find(|path| path.ends_with("all.bonds"));
    for _ in 0..2 {
        assert_eq!(repo.spec(&question).ok(), expected);
        assert!(kept().is_some());
    }
    let bytes = std::fs::read(kept().unwrap()).unwrap();
    for at in (0..bytes.len()).step_by(7) {
        let mut damaged = bytes.clone();
        damaged[at] ^= 1 << (at % 8);
        std::fs::write(kept().unwrap(), &damaged).unwrap();
        let Answer { stdout, stderr, status } = repo.spec(&question);
        assert_eq!((status, &stdout), (0, &expected), "byte {at}");
        assert!(stderr.lines().count() <= 1, "{stderr}");
        assert_eq!(std::fs::read(kept().unwrap()).unwrap(), bytes, "byte {at}");
    }
}
