//! Completion, asked of the shells themselves: `git-spec` and `git spec`, commands, options, clauses and revisions. A
//! shell that isn't installed is said to be skipped.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a script that fails is a test that fails")]
#![allow(clippy::print_stderr, reason = "a skipped test has to say so")]

mod support;

use std::path::Path;
use std::process::{Command, Stdio};

use support::{Repo, run};

/// Whether a shell can be run, and git's completion for it is where Linux distributions put it.
fn has(shell: &str, completion_of_git: &[&str]) -> bool {
    let there = Command::new(shell).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    let all = there.is_ok() && completion_of_git.iter().all(|file| Path::new(file).exists());
    if !all {
        eprintln!("skipped: no {shell}, or no completion of git for it");
    }
    all
}

/// A repository with the script of a shell beside it; runs what is asked of the shell.
struct Shell {
    repo: Repo,
}

impl Shell {
    fn new(shell: &str, file: &str) -> Shell {
        let repo = Repo::auth();
        repo.git(&["tag", "v1"]);
        let script = repo.spec(&["completions", shell]).ok();
        let path = repo.beside(file);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, script).unwrap();
        Shell { repo }
    }

    fn ask(&self, shell: &str, args: &[&str]) -> Vec<String> {
        let tool = Path::new(env!("CARGO_BIN_EXE_git-spec")).parent().unwrap();
        let path = format!("{}:{}", tool.display(), std::env::var("PATH").unwrap());
        let mut command = Command::new(shell);
        for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("GIT_")) {
            command.env_remove(name);
        }
        let home = self.repo.beside("home");
        command.args(args).current_dir(self.repo.path()).env("PATH", path).env("HOME", &home).env("TERM", "dumb");
        command.env("XDG_CONFIG_HOME", home.join(".config")).env("XDG_DATA_HOME", home.join(".local"));
        run(&mut command).stdout.lines().map(|line| line.trim_end_matches([' ', '\r']).to_owned()).collect()
    }
}

const BASH_GIT: &str = "/usr/share/bash-completion/completions/git";

#[test]
fn bash_completes_commands_options_clauses_and_revisions() {
    if !has("bash", &[BASH_GIT]) {
        return;
    }
    let shell = Shell::new("bash", "git-spec.bash");
    let script = shell.repo.beside("git-spec.bash");
    // git's own completion is called as bash would: COMP_LINE, COMP_POINT, COMP_WORDS, COMP_CWORD.
    let ask = |words: &[&str]| {
        let line = words.join(" ");
        let quoted: Vec<String> = words.iter().map(|word| format!("'{word}'")).collect();
        let function = if words[0] == "git" { "__git_wrap__git_main" } else { "__git_spec" };
        let code = format!(
            ". {BASH_GIT}; . '{}'; COMP_WORDS=({}) COMP_CWORD={} COMP_LINE='{line}' COMP_POINT={}; \
             {function} '{}' '{}' '{}' 2>/dev/null; printf '%s\\n' \"${{COMPREPLY[@]}}\"",
            script.display(),
            quoted.join(" "),
            words.len() - 1,
            line.len(),
            words[0],
            words[words.len() - 1],
            words[words.len() - 2],
        );
        shell.ask("bash", &["--norc", "-c", &code])
    };
    for through in [&["git", "spec"][..], &["git", "-C", ".", "spec"], &["git-spec"]] {
        let ask = |more: &[&str]| ask(&[through, more].concat());
        assert_eq!(ask(&["lo"]), ["log"], "{through:?}");
        assert_eq!(ask(&["log", "--onel"]), ["--oneline"], "{through:?}");
        assert_eq!(ask(&["show", "AU"]), ["AUTH-1", "AUTH-2"], "{through:?}");
        assert_eq!(ask(&["log", "--clause", "res"]), ["reset"], "{through:?}");
        assert_eq!(ask(&["ls", "v"]), ["v1"], "{through:?}");
        assert_eq!(ask(&["blame", "--at", "ma"]), ["main"], "{through:?}");
        assert_eq!(ask(&["completions", "z"]), ["zsh"], "{through:?}");
    }
    assert_eq!(ask(&["git-spec", "show", "specs/auth.md#AUTH-1"]), ["specs/auth.md#AUTH-1"]);
}

#[test]
fn fish_completes_commands_options_clauses_and_revisions() {
    if !has("fish", &[]) {
        return;
    }
    let shell = Shell::new("fish", "home/.config/fish/conf.d/git-spec.fish");
    let ask = |line: &str| {
        let found = shell.ask("fish", &["-c", &format!("complete -C '{line}'")]);
        found.iter().map(|line| line.split('\t').next().unwrap_or_default().to_owned()).collect::<Vec<String>>()
    };
    for through in ["git spec", "git -C . spec", "git-spec"] {
        assert_eq!(ask(&format!("{through} lo")), ["log"], "{through}");
        assert_eq!(ask(&format!("{through} log --onel")), ["--oneline"], "{through}");
        assert_eq!(ask(&format!("{through} show AU")), ["AUTH-1", "AUTH-2"], "{through}");
        assert_eq!(ask(&format!("{through} log --clause res")), ["reset"], "{through}");
        assert_eq!(ask(&format!("{through} ls v")), ["v1"], "{through}");
        assert_eq!(ask(&format!("{through} completions z")), ["zsh"], "{through}");
    }
    assert!(ask("git sp").contains(&"spec".to_owned()));
}

#[test]
fn zsh_completes_commands_options_clauses_and_revisions() {
    if !has("zsh", &[]) {
        return;
    }
    let shell = Shell::new("zsh", "functions/_git-spec");
    let functions = shell.repo.beside("functions");
    // zsh completes only at a terminal: one is made by zsh/zpty, and what compadd is given is printed.
    let ask = |line: &str| {
        // The shell's own compadd tells which words match; they go to a file, which is waited for.
        let code = format!(
            r#"zmodload zsh/zpty
zpty z zsh -f -i
zpty -w z 'PS1=; fpath=("{0}" $fpath); autoload -Uz compinit; compinit -u -D; bindkey "^I" complete-word'
zpty -w z 'compadd() {{ if [[ ${{@[1,(i)(-|--)]}} == *-(O|A|D)\ * ]]; then builtin compadd "$@"; return $?; fi; local -a __hits; builtin compadd -A __hits "$@"; builtin compadd "$@"; local h; for h in $__hits; do print -r -- "<hit>$h<end>" >>"{1}"; done }}'
zpty -w -n z $'{line}\t'
for i in {{1..100}}; do [[ -s "{1}" ]] && break; sleep 0.1; done
sleep 0.3
zpty -d z
cat "{1}" 2>/dev/null"#,
            functions.display(),
            shell.repo.beside("hits").display(),
        );
        let _ = std::fs::remove_file(shell.repo.beside("hits"));
        let found = shell.ask("zsh", &["-f", "-c", &code]);
        let hit = |line: &String| Some(line.split_once("<hit>")?.1.split_once("<end>")?.0.to_owned());
        let mut hits: Vec<String> = found.iter().filter_map(hit).collect();
        hits.sort();
        hits.dedup();
        hits
    };
    for through in ["git spec", "git-spec"] {
        assert_eq!(ask(&format!("{through} lo")), ["log"], "{through}");
        assert_eq!(ask(&format!("{through} show AU")), ["AUTH-1", "AUTH-2"], "{through}");
        assert_eq!(ask(&format!("{through} log --clause res")), ["reset"], "{through}");
        assert_eq!(ask(&format!("{through} completions z")), ["zsh"], "{through}");
        assert!(ask(&format!("{through} ls v")).contains(&"v1".to_owned()), "{through}");
    }
}
