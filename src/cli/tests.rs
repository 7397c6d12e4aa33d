use super::*;

fn parse(words: &[&str]) -> Result<Cli, clap::Error> {
    from_git(["git-spec"].iter().chain(words).map(OsString::from))
}

fn log(words: &[&str]) -> LogArgs {
    match parse(&[&["log"], words].concat()).unwrap().command {
        Command::Log(args) => args,
        other => panic!("{other:?}"),
    }
}

fn diff(words: &[&str]) -> DiffArgs {
    match parse(&[&["diff"], words].concat()).unwrap().command {
        Command::Diff(args) => args,
        other => panic!("{other:?}"),
    }
}

fn blame(words: &[&str]) -> BlameArgs {
    match parse(&[&["blame"], words].concat()).unwrap().command {
        Command::Blame(args) => args,
        other => panic!("{other:?}"),
    }
}

fn strings(words: &[OsString]) -> Vec<&str> {
    words.iter().map(|word| word.to_str().unwrap()).collect()
}

#[test]
fn the_definition_is_sound() {
    use clap::CommandFactory;
    Cli::command().debug_assert();
}

#[test]
fn a_number_is_a_count_for_log_only() {
    assert_eq!(log(&["-5"]).max_count, Some(5));
    assert_eq!(log(&["-n", "3"]).max_count, Some(3));
    assert_eq!(log(&["-n3"]).max_count, Some(3));
    assert_eq!(log(&["--max-count=3", "-2"]).max_count, Some(2));
    assert_eq!(log(&["-S", "-5"]).pickaxe.unwrap(), "-5");
    assert_eq!(strings(&log(&["--", "-5"]).targets.paths), ["-5"]);
    assert!(parse(&["ls", "-5"]).is_err());
}

#[test]
fn dashes_keep_revisions_and_paths_apart() {
    let args = log(&["main..", "^v1", "--", "specs/a.md"]);
    assert_eq!(
        (strings(&args.targets.words), strings(&args.targets.paths)),
        (vec!["main..", "^v1"], vec!["specs/a.md"])
    );
    assert!(args.targets.separated && diff(&["A", "--"]).targets.separated && !diff(&["A"]).targets.separated);
}

#[test]
fn without_dashes_the_repository_decides() {
    let is_revision = |word: &OsStr| word == "main" || word == "v1..v2";
    let is_path = |word: &OsStr| word == "specs";
    let sort = |words: &[&str]| diff(words).targets.sort(is_revision, is_path);
    let sorted = sort(&["main", "specs"]).unwrap();
    assert_eq!((strings(&sorted.revisions), strings(&sorted.paths)), (vec!["main"], vec!["specs"]));
    assert!(matches!(sort(&["nope"]), Err(Error::AmbiguousArgument { name, .. }) if name == "nope"));
    assert!(matches!(sort(&["nope", "--"]), Err(Error::UnknownRevision { name }) if name == "nope"));
    assert!(matches!(sort(&["specs", "main"]), Err(Error::AmbiguousArgument { .. })));
    assert_eq!(strings(&sort(&["v1..v2", "--", "gone"]).unwrap().paths), ["gone"]);
}

#[test]
fn what_git_walks_by_is_passed_on() {
    let args = log(&[
        "--since",
        "2 weeks",
        "--author=a",
        "--author=b",
        "-i",
        "--first-parent",
        "--no-merges",
        "-7",
        "--reverse",
        "--all",
    ]);
    assert_eq!(
        strings(&args.walk_options()),
        [
            "--since=2 weeks",
            "--author=a",
            "--author=b",
            "--regexp-ignore-case",
            "--first-parent",
            "--no-merges",
            "--all"
        ]
    );
    assert_eq!(log(&["--after=x", "--before", "y"]).walk_options(), ["--since=x", "--until=y"]);
    assert!(parse(&["log", "--merges", "--no-merges"]).is_err());
}

#[test]
fn blame_takes_what_git_blame_takes() {
    let args = blame(&[
        "-L10,14",
        "-L",
        "/a/,+5",
        "-w",
        "-M5",
        "-C",
        "-C",
        "-C40",
        "--ignore-rev",
        "abc",
        "--ignore-revs-file=f",
        "HEAD",
        "--",
        "x.rs",
    ]);
    assert_eq!(
        strings(&args.git_options()),
        ["-L10,14", "-L/a/,+5", "-w", "-M5", "-C", "-C", "-C40", "--ignore-rev=abc", "--ignore-revs-file=f"]
    );
    assert_eq!(args.revision_and_file(|_| false).unwrap(), (Some("HEAD".into()), "x.rs".into()));
}

#[test]
fn blame_finds_its_file() {
    let of = |words: &[&str]| blame(words).revision_and_file(|word| word == "x.rs");
    assert_eq!(of(&["x.rs"]).unwrap(), (None, "x.rs".into()));
    assert_eq!(of(&["-M", "x.rs"]).unwrap(), (None, "x.rs".into()));
    assert_eq!(of(&["v1", "x.rs"]).unwrap(), (Some("v1".into()), "x.rs".into()));
    assert_eq!(of(&["x.rs", "v1"]).unwrap(), (Some("v1".into()), "x.rs".into()));
    assert!(matches!(of(&[]), Err(Error::Usage { .. })));
    assert!(matches!(of(&["a", "b", "c"]), Err(Error::Usage { .. })));
}

#[test]
fn global_options_stand_anywhere() {
    assert_eq!(parse(&["--color", "log"]).unwrap().global.color(), Some(When::Always));
    assert_eq!(parse(&["log", "--color=never"]).unwrap().global.color(), Some(When::Never));
    assert_eq!(parse(&["log", "--color", "main"]).unwrap().global.color(), Some(When::Always));
    assert_eq!(parse(&["log", "--color", "--no-color"]).unwrap().global.color(), Some(When::Never));
    let cli = parse(&["--no-pager", "diff", "--json", "--staged"]).unwrap();
    assert!(cli.global.no_pager && cli.global.json);
    assert!(diff(&["--staged", "-R", "-z", "--name-only"]).cached);
}

#[test]
fn grep_takes_a_pattern_or_e() {
    let of = |words: &[&str]| match parse(&[&["grep"], words].concat()).unwrap().command {
        Command::Grep(args) => args.pattern_and_targets(),
        other => panic!("{other:?}"),
    };
    let (pattern, targets) = of(&["-i", "MUST NOT", "HEAD", "--", "a"]);
    assert_eq!((pattern.to_str(), strings(&targets.words)), (Some("MUST NOT"), vec!["HEAD"]));
    let (pattern, targets) = of(&["-e", "--force", "HEAD"]);
    assert_eq!((pattern.to_str(), strings(&targets.words)), (Some("--force"), vec!["HEAD"]));
    assert!(parse(&["grep"]).is_err());
}

#[cfg(unix)]
#[test]
fn paths_need_not_be_utf8() {
    use std::os::unix::ffi::OsStringExt;
    let path = OsString::from_vec(b"caf\xe9.md".to_vec());
    let words = ["git-spec", "ls", "--"].map(OsString::from).into_iter().chain([path.clone()]);
    let Command::Ls(args) = from_git(words).unwrap().command else { panic!() };
    assert_eq!(args.targets.paths, [path]);
}

#[test]
fn help_names_git_spec_and_shows_examples() {
    let help = parse(&["log", "-h"]).unwrap_err();
    assert_eq!(help.exit_code(), 0);
    let text = help.to_string();
    assert!(text.contains("Usage: git spec log [OPTIONS] [REVISION|PATH]... [-- <PATH>...]"), "{text}");
    assert!(text.contains("EXAMPLES\n  git spec log -5"), "{text}");
    assert_eq!(parse(&["nope"]).unwrap_err().exit_code(), 2);
    assert!(parse(&["--version"]).unwrap_err().to_string().starts_with("git-spec "));
}

#[test]
fn man_is_another_name() {
    assert!(matches!(parse(&["man", "d"]).unwrap().command, Command::InstallManPages(_)));
}

#[test]
fn no_example_is_wrapped_at_80_columns() {
    use clap::CommandFactory;
    let top = Cli::command();
    for command in std::iter::once(&top).chain(top.get_subcommands()) {
        let after = command.get_after_help().unwrap().to_string();
        for line in after.lines().filter(|line| line.starts_with(' ')) {
            assert!(line.chars().count() <= 80, "{line}");
        }
    }
}

#[test]
fn the_help_of_blame_asks_for_one_file() {
    let help = parse(&["blame", "-h"]).unwrap_err().to_string();
    assert!(help.contains("Usage: git spec blame [OPTIONS] [REVISION] [--] FILE"), "{help}");
    assert!(help.contains("one file") && !help.contains("pathspec"), "{help}");
}
