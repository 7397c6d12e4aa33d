use super::*;

fn terminal() -> Surroundings {
    Surroundings { terminal: true, terminal_columns: Some(120), unicode: true, ..Surroundings::default() }
}

fn variables(pairs: &'static [(&'static str, &'static str)]) -> Surroundings {
    Surroundings::of_variables(|name| {
        pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| OsString::from(value))
    })
}

#[test]
fn colour_follows_git() {
    let wishes = Wishes::default();
    assert!(terminal().color(&wishes));
    assert!(!Surroundings::default().color(&wishes));
    assert!(Surroundings { pager_in_use: true, ..Surroundings::default() }.color(&wishes));
    assert!(!Surroundings { dumb: true, ..terminal() }.color(&wishes));
    let no_color = Surroundings { no_color: true, ..terminal() };
    assert!(!no_color.color(&Wishes { color_ui: Some("always"), ..wishes }));
    assert!(no_color.color(&Wishes { color: Some(When::Always), ..wishes }));
    assert!(!terminal().color(&Wishes { color: Some(When::Never), ..wishes }));
}

#[test]
fn color_spec_beats_color_ui() {
    let with = |spec, ui| Wishes { color_spec: spec, color_ui: ui, ..Wishes::default() };
    let pipe = Surroundings::default();
    assert!(pipe.color(&with(Some("always"), Some("never"))));
    assert!(!terminal().color(&with(Some("false"), Some("always"))));
    assert!(!pipe.color(&with(Some("true"), Some("always"))));
    assert!(!terminal().color(&with(None, Some("off"))));
    assert!(terminal().color(&with(None, Some("1"))));
}

#[test]
fn width_is_columns_then_terminal_then_80() {
    assert_eq!(terminal().width(), 120);
    assert_eq!(Surroundings { columns: Some(100), ..terminal() }.width(), 100);
    assert_eq!(Surroundings::default().width(), 80);
    assert_eq!(variables(&[("COLUMNS", "0")]).width(), 80);
    assert_eq!(variables(&[("COLUMNS", "132")]).width(), 132);
}

#[test]
fn variables_are_read_as_git_reads_them() {
    let set = variables(&[("NO_COLOR", "1"), ("TERM", "dumb"), ("GIT_PAGER_IN_USE", "true"), ("LANG", "C.UTF-8")]);
    assert!(set.no_color && set.dumb && set.pager_in_use && set.unicode);
    let unset = variables(&[("NO_COLOR", ""), ("TERM", "xterm"), ("GIT_PAGER_IN_USE", "0")]);
    assert!(!unset.no_color && !unset.dumb && !unset.pager_in_use);
}

#[test]
fn no_pager_is_asked_for_without_a_terminal() {
    let ask = || -> String { panic!("asked for a pager") };
    let wishes = Wishes { paginate: true, ..Wishes::default() };
    Output::open(&Surroundings::default(), &wishes, ask).finish().unwrap();
    Output::open(&Surroundings { pager_in_use: true, ..terminal() }, &wishes, ask).finish().unwrap();
    Output::open(&terminal(), &Wishes::default(), ask).finish().unwrap();
}

#[cfg(unix)]
fn paged(command: &str) -> Output {
    let wishes = Wishes { paginate: true, ..Wishes::default() };
    Output::open(&terminal(), &wishes, || command.to_owned())
}

#[cfg(unix)]
#[test]
fn the_pager_gets_everything_before_finish_returns() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("seen");
    let mut output = paged(&format!("cat >'{}'; sleep 0.05; echo \"$LESS\" >>'{}'", file.display(), file.display()));
    output.line("first").unwrap();
    output.pause().unwrap();
    output.text("last\n").unwrap();
    output.finish().unwrap();
    let seen = std::fs::read_to_string(file).unwrap();
    let less = env::var("LESS").unwrap_or("FRX".to_owned());
    assert_eq!(seen, format!("first\nlast\n{less}\n"));
}

#[cfg(unix)]
#[test]
fn a_reader_who_leaves_is_no_failure() {
    let mut output = paged("exit 0");
    let mut result = Ok(());
    for _ in 0..100_000 {
        result = output.line("more than any pipe holds");
        if result.is_err() {
            break;
        }
    }
    assert!(matches!(result, Err(Error::Closed)));
    assert_eq!(result.unwrap_err().exit_code(), 0);
    assert!(matches!(output.finish(), Err(Error::Closed)));
}

#[cfg(unix)]
#[test]
fn a_missing_pager_is_said() {
    let output = paged("git-spec-no-such-pager 2>&-");
    assert!(matches!(output.finish(), Err(Error::PagerFailed { .. })));
}
