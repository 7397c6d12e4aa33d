use super::*;
use crate::view::style::Style;
use crate::view::text::is_control;

const UNICODE: Style = Style { color: false, unicode: true };

fn candidate(anchor: &str, title: &str, path: &str) -> Candidate {
    Candidate { anchor: anchor.to_owned(), title: title.to_owned(), path: path.as_bytes().to_vec() }
}

#[test]
fn an_unknown_clause_looks_as_promised() {
    let error = Error::NoSuchClause {
        name: "AUTH-22".to_owned(),
        rev: "HEAD".to_owned(),
        nearest: vec![
            candidate("AUTH-2", "Lockout", "specs/auth.md"),
            candidate("AUTH-12", "Session expiry", "specs/session.md"),
        ],
    };
    let shown = "error: no clause AUTH-22 in the spec set at HEAD\n\
                 hint: nearest:\n\
                 hint:   AUTH-2 Lockout (specs/auth.md)\n\
                 hint:   AUTH-12 Session expiry (specs/session.md)\n";
    assert_eq!(render(&error, UNICODE, 80), shown);
    assert_eq!(error.exit_code(), 2);
}

#[test]
fn candidates_can_be_copied() {
    let error = Error::AmbiguousClause {
        name: "FR-001".to_owned(),
        candidates: vec![
            candidate("FR-001", "Users\nlog in", "specs/a b/spec.md"),
            candidate("FR-001", "Pay", "specs/pay/spec.md"),
        ],
    };
    let shown = "error: FR-001 names 2 clauses\n\
                 hint: name the file too:\n\
                 hint:   'specs/a b/spec.md#FR-001'  Users log in\n\
                 hint:   specs/pay/spec.md#FR-001  Pay\n";
    assert_eq!(render(&error, Style::PLAIN, 80), shown);
}

#[test]
fn a_configuration_error_shows_its_line_with_controls_escaped() {
    let text = "[spec]\ninc\u{1b}[31m = \u{202e}7\n";
    let at = text.find('7').unwrap();
    let error = Error::BadConfig {
        file: Box::new(NamedSource::new(".gitspec.toml", text.to_owned())),
        span: (at, 1).into(),
        message: "expected a list of globs".to_owned(),
        help: Some("include = [\"docs/**/*.md\"]".to_owned()),
    };
    let shown = render(&error, Style::PLAIN, 80);
    assert!(!shown.chars().any(|c| is_control(c) && c != '\n'), "{shown}");
    let lines: Vec<&str> = shown.lines().collect();
    assert_eq!(lines[0], "error: .gitspec.toml: expected a list of globs");
    let line = lines.iter().position(|line| line.contains(r"inc\x1b[31m = \u{202e}7")).unwrap();
    assert_eq!(lines[line + 1].find('^'), lines[line].find('7'), "{shown}");
    assert_eq!(lines.last(), Some(&"hint: include = [\"docs/**/*.md\"]"));
}

#[test]
fn any_span_of_any_text_can_be_shown() {
    for text in ["", "a", "a\r\nb\r\n", "é\u{7}é", &"x".repeat(1000), "\n\n\n"] {
        for from in 0..=text.len().min(9) + 1 {
            let error = Error::BadConfig {
                file: Box::new(NamedSource::new("f", text.to_owned())),
                span: (from, 2).into(),
                message: "m".to_owned(),
                help: None,
            };
            assert!(render(&error, UNICODE, 80).starts_with("error: f: m\n"));
        }
    }
}

#[test]
fn a_closed_pipe_is_success_and_silent() {
    let error = Error::from(io::Error::from(io::ErrorKind::BrokenPipe));
    assert_eq!((error.exit_code(), render(&error, UNICODE, 80).as_str()), (0, ""));
    assert_eq!(Error::from(io::Error::other("disk full")).exit_code(), 2);
}

#[test]
fn what_cannot_be_seen_is_3() {
    assert_eq!(Error::NoSpecSet { rev: "HEAD".to_owned(), looked_for: vec![], candidates: vec![] }.exit_code(), 3);
    assert_eq!(Error::MissingObject { id: "0".repeat(40) }.exit_code(), 3);
    assert_eq!(Error::Incomplete { reasons: vec!["shallow".to_owned()] }.exit_code(), 3);
}

#[test]
fn messages_never_carry_controls() {
    let error = Error::GitFailed { command: "log".to_owned(), stderr: "fatal: \u{1b}]0;x\u{7}\nmore".to_owned() };
    assert!(render(&error, UNICODE, 80).starts_with("error: git log failed: fatal: \\x1b]0;x\\x07\nerror: more\n"));
}
