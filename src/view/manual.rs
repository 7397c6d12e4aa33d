//! Manual pages and completion scripts, made from the same definition as the help, so that the three never differ.
//!
//! git turns `git spec --help` into `man git-spec`, and asks the shell's completion of git for the words after
//! `git spec`; both only work with what is written here.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::Command;
use clap_complete::{Generator, generate, shells};
use clap_mangen::Man;

/// The name of the program on disk.
const PROGRAM: &str = "git-spec";

/// Writes `git-spec.1`, `git-spec-log.1` and so on into a directory, which is made if need be, and returns their
/// paths.
///
/// # Errors
/// What the operating system says.
pub fn write_man_pages(command: Command, directory: &Path) -> io::Result<Vec<PathBuf>> {
    std::fs::create_dir_all(directory)?;
    let pages = man_pages(command)?;
    let mut written = Vec::with_capacity(pages.len());
    for (name, page) in pages {
        let path = directory.join(name);
        std::fs::write(&path, page)?;
        written.push(path);
    }
    Ok(written)
}

/// The manual pages by file name. The same program gives the same bytes: no date is in them.
///
/// # Errors
/// None in practice: they are written to memory.
pub fn man_pages(command: Command) -> io::Result<Vec<(String, Vec<u8>)>> {
    let mut command = command.disable_help_subcommand(true);
    command.build();
    let source = format!("{PROGRAM} {}", command.get_version().unwrap_or_default());
    let pages = std::iter::once(&command).chain(command.get_subcommands().filter(|sub| !sub.is_hide_set()));
    pages.map(|page| man_page(page.clone(), &source)).collect()
}

/// The date is a space, because an empty one would let roff take the source for it.
fn man_page(command: Command, source: &str) -> io::Result<(String, Vec<u8>)> {
    let name = match command.get_name() {
        PROGRAM => PROGRAM.to_owned(),
        sub => format!("{PROGRAM}-{sub}"),
    };
    let usage = command.clone().render_usage().to_string();
    let after = command.get_after_help().map(ToString::to_string).unwrap_or_default();
    let is_top = name == PROGRAM;
    let actions: Vec<Command> = if is_top { Vec::new() } else { command.get_subcommands().cloned().collect() };
    let man = Man::new(command.display_name(name.clone()))
        .title(name.to_ascii_uppercase())
        .section("1")
        .date(" ")
        .source(source)
        .manual("Git Manual");
    let mut page = Vec::new();
    man.render_title(&mut page)?;
    man.render_name_section(&mut page)?;
    // clap_mangen's own synopsis lists each option without its value, and its place for examples fills their lines.
    writeln!(page, ".SH SYNOPSIS\n{}", roff(usage.trim_start_matches("Usage: ").trim()))?;
    man.render_description_section(&mut page)?;
    man.render_options_section(&mut page)?;
    if is_top {
        man.render_subcommands_section(&mut page)?;
    }
    for action in actions {
        words_of(&action, &mut page)?;
    }
    examples(&after, &mut page)?;
    if is_top {
        man.render_version_section(&mut page)?;
    }
    Ok((format!("{name}.1"), page))
}

/// A word that a command takes first, such as `install`, with its own options: it has no page for itself.
fn words_of(action: &Command, page: &mut Vec<u8>) -> io::Result<()> {
    let about = action.get_about().map(ToString::to_string).unwrap_or_default();
    writeln!(page, ".SS {}\n{}", roff(action.get_name()), roff(&about))?;
    let own =
        action.get_arguments().filter(|argument| !argument.is_global_set() && argument.get_long() != Some("help"));
    for argument in own {
        let flags = argument.get_short().map(|short| format!("-{short}")).into_iter();
        let flags: Vec<String> = flags.chain(argument.get_long().map(|long| format!("--{long}"))).collect();
        let names = argument.get_value_names().unwrap_or_default().join(" ");
        let typed = if flags.is_empty() { names } else { flags.join(", ") };
        let help = argument.get_help().map(ToString::to_string).unwrap_or_default();
        writeln!(page, ".TP\n\\fB{}\\fR\n{}", roff(&typed), roff(&help))?;
    }
    Ok(())
}

/// The examples beneath a command's help as a section: each command, and indented beneath it what it does.
fn examples(after: &str, page: &mut Vec<u8>) -> io::Result<()> {
    for line in after.lines().filter(|line| !line.is_empty()) {
        match line.strip_prefix("  ") {
            None if line == "EXAMPLES" => writeln!(page, ".SH EXAMPLES")?,
            None => writeln!(page, ".PP\n{}", roff(line))?,
            // It didn't fit behind its command.
            Some(rest) if rest.starts_with(' ') => writeln!(page, "{}", roff(rest.trim()))?,
            Some(rest) => {
                let (typed, does) = rest.split_once("  ").unwrap_or((rest, ""));
                writeln!(page, ".TP\n\\fB{}\\fR", roff(typed))?;
                if !does.is_empty() {
                    writeln!(page, "{}", roff(does.trim()))?;
                }
            }
        }
    }
    Ok(())
}

/// A line as roff text.
fn roff(line: &str) -> String {
    let line = line.replace('\\', "\\e").replace('-', "\\-").replace('\'', "\\(aq");
    if line.starts_with('.') { format!("\\&{line}") } else { line }
}

/// The completion script for bash. Beside `git-spec` it completes `git spec` through git's own completion, which
/// calls `_git_spec` with the words in `words` and the position in `cword`.
pub fn bash(command: Command) -> Vec<u8> {
    let script = script(shells::Bash, command);
    // clap_complete 4.6 writes a hyphen in the program's name in two ways, and so never finds its subcommands.
    let script = String::from_utf8_lossy(&script).replace("git__subcmd__spec", "git__spec");
    [script.as_bytes(), BASH_BRIDGE.as_bytes()].concat()
}

/// The completion script for zsh, to be called `_git-spec`: zsh's completion of git calls the function of that name.
pub fn zsh(command: Command) -> Vec<u8> {
    let script = script(shells::Zsh, command);
    let script = String::from_utf8_lossy(&script)
        .replace(":CLAUSE:_default'", ":CLAUSE:__git_spec_clauses'")
        .replace(":REVISION:_default'", ":REVISION:__git_spec_revisions'")
        .replace("#AUTH-2:_default'", "#AUTH-2:__git_spec_clauses'")
        .replace("keeps them apart:_default'", "keeps them apart:__git_spec_targets'");
    // The functions have to be there before the first completion, which the script ends with.
    let (head, tail) = script.split_at(script.find("_git-spec() {").unwrap_or_default());
    [head, ZSH_BRIDGE, tail, ZSH_HINT].concat().into_bytes()
}

/// The completion script for fish, which asks itself for `git-spec` where `git spec` is typed.
pub fn fish(command: Command) -> Vec<u8> {
    let mut script = script(shells::Fish, command);
    script.extend_from_slice(FISH_BRIDGE.as_bytes());
    script
}

fn script(shell: impl Generator, command: Command) -> Vec<u8> {
    let mut command = command.bin_name(PROGRAM);
    let mut script = Vec::new();
    generate(shell, &mut command, PROGRAM, &mut script);
    // A blank line between what was generated and what is ours. Writing to memory cannot fail.
    let _ = script.write_all(b"\n");
    script
}

/// Names of clauses and revisions, and the way from git's completion.
const BASH_BRIDGE: &str = include_str!("shells/bridge.bash");
const ZSH_BRIDGE: &str = include_str!("shells/bridge.zsh");
const FISH_BRIDGE: &str = include_str!("shells/bridge.fish");

/// How to see `spec` among git's commands.
const ZSH_HINT: &str = r#"# To see what `spec` is among git's commands, put into ~/.zshrc:
#   zstyle ':completion:*:*:git:*' user-commands spec:'history of the specification, clause by clause'
"#;

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;
    use crate::cli::Cli;

    fn text(bytes: Vec<u8>) -> String {
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn each_command_has_a_page() {
        let folder = tempfile::tempdir().unwrap();
        let written = write_man_pages(Cli::command(), &folder.path().join("man1")).unwrap();
        let names: Vec<_> = written.iter().map(|path| path.file_name().unwrap().to_str().unwrap()).collect();
        assert!(names.starts_with(&["git-spec.1", "git-spec-init.1", "git-spec-ls.1"]), "{names:?}");
        let page = std::fs::read_to_string(folder.path().join("man1/git-spec-log.1")).unwrap();
        assert!(page.contains(".TH GIT-SPEC-LOG 1"), "{page}");
        assert!(page.contains(".SH SYNOPSIS\ngit spec log [OPTIONS] [REVISION|PATH]..."), "{page}");
    }

    #[test]
    fn each_example_is_a_paragraph_of_its_own() {
        let mut page = Vec::new();
        examples("EXAMPLES\n  git spec ls -z      for 'scripts'\n  git spec x --long\n      wide\n\nMore.", &mut page)
            .unwrap();
        assert_eq!(
            text(page),
            ".SH EXAMPLES\n.TP\n\\fBgit spec ls \\-z\\fR\nfor \\(aqscripts\\(aq\n\
             .TP\n\\fBgit spec x \\-\\-long\\fR\nwide\n.PP\nMore.\n"
        );
        for (name, page) in man_pages(Cli::command()).unwrap() {
            let page = text(page);
            assert!(page.contains("\n.SH EXAMPLES\n.TP\n\\fBgit spec "), "{name}: {page}");
        }
    }

    #[test]
    fn scripts_reach_into_the_completion_of_git() {
        assert!(text(bash(Cli::command())).contains("\n_git_spec() {"));
        assert!(text(zsh(Cli::command())).starts_with("#compdef git-spec"));
        assert!(text(fish(Cli::command())).contains("complete -c git -f -n '__fish_git_using_command spec'"));
    }
}
