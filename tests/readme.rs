//! The examples of README.md and docs/ are real: each `$ ` command of a `console` block runs in the repository that
//! `tests/readme/setup.sh` builds, and has to print what stands beneath it.
//!
//! `UPDATE_DOCS=1 cargo test --test readme` writes the outputs anew.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::path::{Path, PathBuf};
use std::process::Command;

/// A file's text with what its commands print put in place of what stood there.
fn replayed(text: &str, folder: &Path) -> String {
    let mut out = String::new();
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        out.push_str(line);
        out.push('\n');
        if line != "```console" {
            continue;
        }
        while let Some(line) = lines.next_if(|line| *line != "```") {
            if let Some(command) = line.strip_prefix("$ ") {
                out.push_str(line);
                out.push('\n');
                out.push_str(&output(command, folder));
            }
        }
    }
    out
}

/// What a command prints, standard error too; a NUL is shown as `\0`.
fn output(command: &str, folder: &Path) -> String {
    let done = isolated("sh", folder).arg("-c").arg(format!("exec 2>&1; {command}")).output().unwrap();
    let mut shown = String::from_utf8(done.stdout).unwrap().replace('\0', "\\0");
    if !shown.is_empty() && !shown.ends_with('\n') {
        shown.push('\n');
    }
    shown
}

/// A process that sees nothing of the machine's own configuration.
fn isolated(program: &str, folder: &Path) -> Command {
    let tool = Path::new(env!("CARGO_BIN_EXE_git-spec")).parent().unwrap();
    let path = format!("{}:{}", tool.display(), std::env::var("PATH").unwrap());
    let mut command = Command::new(program);
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("GIT_")) {
        command.env_remove(name);
    }
    command
        .current_dir(folder)
        .env("PATH", path)
        .env("HOME", folder)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("LC_ALL", "C.UTF-8")
        .env("COLUMNS", "80")
        .env("NO_COLOR", "1");
    command
}

fn markdown(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            markdown(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "md") {
            found.push(path);
        }
    }
}

#[test]
fn examples_print_what_the_pages_say() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut pages = vec![root.join("README.md")];
    markdown(&root.join("docs"), &mut pages);
    let update = std::env::var_os("UPDATE_DOCS").is_some();
    let mut wrong = String::new();
    for page in pages {
        let text = std::fs::read_to_string(&page).unwrap();
        if !text.contains("\n```console\n") {
            continue;
        }
        let place = tempfile::tempdir().unwrap();
        let folder = place.path().join("repository");
        let built = isolated("sh", root).arg("tests/readme/setup.sh").arg(&folder).output().unwrap();
        assert!(built.status.success(), "setup.sh: {}", String::from_utf8_lossy(&built.stderr));
        let real = replayed(&text, &folder);
        if update && real != text {
            std::fs::write(&page, &real).unwrap();
        }
        for (at, (said, real)) in text.lines().zip(real.lines()).enumerate() {
            if said != real && !update {
                wrong.push_str(&format!("{}:{}\n  says   {said}\n  really {real}\n", page.display(), at + 1));
                break;
            }
        }
        if !update && wrong.is_empty() && text.lines().count() != real.lines().count() {
            wrong.push_str(&format!("{}: some output is missing or too much\n", page.display()));
        }
    }
    assert!(wrong.is_empty(), "mend the pages with UPDATE_DOCS=1 cargo test --test readme\n{wrong}");
}

#[test]
fn every_flag_stands_in_its_reference_page() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/reference");
    let mut missing = Vec::new();
    for command in git_spec::cli::command().get_subcommands().filter(|command| !command.is_hide_set()) {
        let name = command.get_name();
        let page = std::fs::read_to_string(root.join(format!("{name}.md"))).unwrap_or_default();
        if page.is_empty() {
            missing.push(format!("docs/reference/{name}.md"));
            continue;
        }
        for argument in command.get_arguments() {
            let long = argument.get_long_and_visible_aliases().unwrap_or_default();
            let short = argument.get_short_and_visible_aliases().unwrap_or_default();
            let flags =
                long.iter().map(|flag| format!("`--{flag}")).chain(short.iter().map(|flag| format!("`-{flag}")));
            missing.extend(flags.filter(|flag| !page.contains(flag)).map(|flag| format!("{name}: {flag}`")));
        }
    }
    assert!(missing.is_empty(), "not in docs/reference: {missing:#?}");
}

/// What the README shows of this project's own history, where that history is at hand.
#[test]
fn its_own_history_is_as_the_readme_shows_it() {
    let top = Path::new(env!("CARGO_MANIFEST_DIR"));
    let readme = std::fs::read_to_string(top.join("README.md")).unwrap();
    let (_, rest) = readme.split_once("```text\n$ git spec log ").expect("the example");
    let (arguments, rest) = rest.split_once('\n').expect("its command");
    let (shown, _) = rest.split_once("```").expect("its end");
    let arguments: Vec<&str> = arguments.split(' ').collect();
    let commit = format!("{}^{{commit}}", arguments.last().expect("a commit"));
    let git = |args: &[&str]| {
        let mut command = std::process::Command::new("git");
        command
            .current_dir(top)
            .args(args)
            .output()
            .is_ok_and(|output| output.status.success() && output.stdout != b"true\n")
    };
    if !git(&["cat-file", "-e", &commit]) || !git(&["rev-parse", "--is-shallow-repository"]) {
        eprintln!("skipped: {commit} and what is behind it are not in this checkout");
        return;
    }
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_git-spec"));
    command.current_dir(top).env("NO_COLOR", "1").env("COLUMNS", "80").env("LC_ALL", "C.UTF-8").env("TZ", "UTC");
    command.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1").arg("log").args(&arguments);
    let output = command.output().unwrap();
    let told = String::from_utf8_lossy(&output.stdout);
    // Branches and tags come and go.
    let plain = |text: &str| -> Vec<String> {
        text.lines().map(|line| line.split(" (").next().unwrap_or(line).trim_end().to_owned()).collect()
    };
    assert_eq!(plain(&told), plain(shown));
}
