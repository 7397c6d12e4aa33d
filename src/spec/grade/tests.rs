//! What counts, and what is form.

use super::*;

fn of(a: &str, b: &str) -> Option<(Grade, Vec<String>)> {
    grade(&Tokens::of_text(a), &Tokens::of_text(b)).map(|v| (v.grade, v.tipped))
}

#[test]
fn what_counts_is_normative_and_named() {
    for (a, b, tipped) in [
        ("it SHOULD stop", "it MUST stop", "SHOULD → MUST"),
        ("after 5 tries", "after 3 tries", "5 → 3"),
        ("at least ten", "at most ten", "least → most"),
        ("it may stop", "it may not stop", "+not"),
        ("5 ms", "5 s", "ms → s"),
        ("a <= b", "a >= b", "<= → >="),
        ("is \"on\"", "is \"off\"", "on → off"),
        ("the `___` stays", "the `__` stays", "`___` → `__`"),
    ] {
        assert_eq!(of(a, b), Some((Grade::Normative, vec![tipped.to_owned()])), "{a} / {b}");
    }
}

/// Where no markup is read, its marks stand around words.
#[test]
fn emphasis_decides_nothing_and_hides_nothing() {
    assert_eq!(of("it MUST stop", "it *MUST* stop"), Some((Grade::Minor, vec![])));
    assert_eq!(of("it _may_ stop", "it may stop"), Some((Grade::Minor, vec![])));
    assert_eq!(of("it MUST NOT stop", "it *MUST NOT* stop"), Some((Grade::Substantive, vec![])));
    for (a, b, tipped) in [
        ("it *MUST* stop", "it *MAY* stop", "MUST → MAY"),
        ("it *MUST NOT* stop", "it *MUST* stop", "-NOT"),
        ("it MUST stop", "it *MAY* stop", "MUST → MAY"),
        ("it MUST stop", "it *must* stop", "MUST → must"),
        ("reads max of it", "reads *max of it", "max → *max"),
        ("within *five* tries", "within *four* tries", "five → four"),
    ] {
        assert_eq!(of(a, b), Some((Grade::Normative, vec![tipped.to_owned()])), "{a} / {b}");
        assert_eq!(of(b, a).map(|(grade, _)| grade), Some(Grade::Normative));
    }
}

#[test]
fn spelling_and_articles_are_minor() {
    assert_eq!(of("the version is kept", "the versions is kept"), Some((Grade::Minor, vec![])));
    assert_eq!(of("in a file", "in the file"), Some((Grade::Minor, vec![])));
    assert_eq!(of("one", "one"), None);
}

#[test]
fn another_form_is_minor() {
    let minor = Some((Grade::Minor, vec![]));
    for (a, b) in [
        ("a Websocket is opened by unix", "a WebSocket is opened by UNIX"),
        ("they cleanup and login", "they clean up and log in"),
        ("several users' IDs at it's lifecycle", "several users' ID's at its life-cycle"),
        ("the meta data of a homeserver", "the metadata of a home-server"),
        ("UTF8 as in NIP04 or SHA256", "UTF-8 as in NIP-04 or SHA-256"),
        ("KEY_UPDATE_ERROR (0xE) is 0X1f", "KEY_UPDATE_ERROR (0xe) is 0x1F"),
        ("for cases when when it may not", "for cases when it may not"),
        ("the options — those below — count", "the options, those below | count"),
        (
            "it was ommitted, recieved and seperated by an accident",
            "it was omitted, received and separated by an accident",
        ),
    ] {
        assert_eq!(of(a, b), minor, "{a} / {b}");
    }
    for (a, b) in [
        ("maybe it stops", "may be it stops"),
        ("from x-5 on", "from x5 on"),
        ("the code 0xE is sent", "the code 0xF is sent"),
        ("the code 0xE is sent", "the code xE is sent"),
        ("from 2-5 on", "from 25 on"),
        ("it may not", "it may"),
        ("the entryPoint is read", "the entrypoint is read"),
        ("it takes 5 MW", "it takes 5 mW"),
        ("it must stop", "it MUST stop"),
        ("from 5 - 3 of them", "from 5 3 of them"),
        ("the point T is read", "the point t is read"),
        ("a synchronous reply", "asynchronous reply"),
    ] {
        assert_ne!(of(a, b), minor, "{a} / {b}");
    }
}

/// Words with code spans in backticks.
fn spans(text: &str) -> Tokens {
    let mut tokens = Tokens::default();
    for (at, piece) in text.split('`').enumerate() {
        if at % 2 == 1 { tokens.push(kind::CODE, piece) } else { tokens.extend(&Tokens::of_text(piece)) }
    }
    tokens
}

#[test]
fn what_is_only_put_into_backticks_is_the_same() {
    let of = |a: &str, b: &str| grade(&spans(a), &spans(b)).map(|v| v.grade);
    for (a, b) in [
        ("if (OP_DATA1) is used by adr-tools", "if (`OP_DATA1`) is used by `adr-tools`"),
        ("the key \"scope\" is read", "the key `scope` is read"),
        ("the scope of Retry-After is sha256", "the `scope` of `Retry-After` is `sha256`"),
        ("the code `0xE` is sent", "the code `0xe` is sent"),
        ("the code 0xE is sent", "the code `0xe` is sent"),
    ] {
        assert_eq!((of(a, b), of(b, a)), (Some(Grade::Minor), Some(Grade::Minor)), "{a} / {b}");
    }
    for (a, b) in [
        ("the key `HMAC` is read", "the key `hmac` is read"),
        ("the key hmac is read", "the key `hmacs` is read"),
        ("it is \"true\" here", "it is `true` here"),
        ("it is `a-b` here", "it is `a_b` here"),
    ] {
        assert_eq!(of(a, b), Some(Grade::Normative), "{a} / {b}");
    }
}

#[test]
fn code_that_is_laid_out_anew_is_the_same() {
    let code = |text: &str| {
        let mut tokens = Tokens::of_text("The file is");
        text.lines().for_each(|line| tokens.push(kind::CODE_LINE, line));
        tokens
    };
    let of = |a: &str, b: &str| grade(&code(a), &code(b)).map(|v| v.grade);
    let was = "a:\n  b: [ 1,2 ]\n  c: 3";
    assert_eq!(of(was, "a:\n\n    b: [1, 2]\n    c: 3"), Some(Grade::Minor));
    assert_eq!(of(was, "a:\n  b: [1, 2]\n    c: 3"), Some(Grade::Substantive));
    assert_eq!(of(was, "a:\n  b: [1, 2]\nc: 3"), Some(Grade::Substantive));
    assert_eq!(of("a:\n    b:\n\t\tc: 3\n        d: 4", "a:\n    b:\n        c: 3\n        d: 4"), Some(Grade::Minor));
    assert_eq!(of("let x = 1", "letx = 1"), Some(Grade::Substantive));
}

#[test]
fn an_image_at_another_place_is_the_same() {
    let image = |target: &str| {
        let mut tokens = Tokens::of_text("The states are these");
        tokens.push(kind::IMAGE, target);
        tokens
    };
    let of = |a: &str, b: &str| grade(&image(a), &image(b)).map(|v| v.grade);
    assert_eq!(of("img/states.png", "https://example.org/1/states.png"), Some(Grade::Minor));
    assert_eq!(of("img/states.png", "img/flow.png"), Some(Grade::Substantive));
}

#[test]
fn an_opposite_turns_the_demand() {
    for (a, b, tipped) in [
        ("reads and writes", "reads or writes", "and → or"),
        ("is valid today", "is invalid today", "valid → invalid"),
        ("the request is accepted", "the request is rejected", "accepted → rejected"),
    ] {
        assert_eq!(of(a, b), Some((Grade::Normative, vec![tipped.to_owned()])), "{a} / {b}");
    }
}

#[test]
fn a_keyword_in_a_line_of_code_demands() {
    let code = |line: &str| {
        let mut tokens = Tokens::of_text("The message is");
        tokens.push(kind::CODE_LINE, line);
        tokens
    };
    let of = |old: &str, new: &str| grade(&code(old), &code(new)).map(|v| (v.grade, v.tipped)).unwrap();
    let was = "string id = 1; // This field is OPTIONAL.";
    let tipped = vec!["OPTIONAL → REQUIRED".to_owned()];
    assert_eq!(of(was, "string id = 1; // This field is REQUIRED."), (Grade::Normative, tipped));
    let tipped = vec!["+NOT".to_owned()];
    assert_eq!(of("// It MUST be set.", "// It MUST NOT be set."), (Grade::Normative, tipped));
    assert_eq!(of(was, "string name = 1; // This field is OPTIONAL.").0, Grade::Substantive);
    assert_eq!(of("id INT NULL", "id INT NOT NULL").0, Grade::Substantive);
    assert_eq!(of("MAY_FAIL = 1", "MUST_FAIL = 1").0, Grade::Substantive);
}

#[test]
fn a_condition_that_came_or_went_is_another_demand() {
    let normative = |tipped: &str| Some((Grade::Normative, vec![tipped.to_owned()]));
    assert_eq!(of("it is sent", "it is sent when asked for"), normative("+when"));
    assert_eq!(of("if the network fails it stops", "it stops"), normative("-if"));
    assert_eq!(
        of("if the network fails it stops", "when the network fails it stops").map(|v| v.0),
        Some(Grade::Substantive)
    );
    assert_eq!(of("it is kept currently", "it is kept by default"), normative("+default"));
}

#[test]
fn a_literal_of_plain_text_is_one() {
    let of = |a: &str, b: &str| {
        let tokens = |text: &str| {
            let mut tokens = Tokens::default();
            text.split(' ').for_each(|word| tokens.push(kind::WORD, word));
            tokens
        };
        grade(&tokens(a), &tokens(b)).map(|v| v.grade)
    };
    assert_eq!(of("write `vstap` first", "write `vsatp` first"), Some(Grade::Normative));
    assert_eq!(of("it was recieved", "it was received"), Some(Grade::Minor));
}

#[test]
fn a_value_in_a_line_of_code_is_one() {
    let code = |line: &str| {
        let mut tokens = Tokens::of_text("The file is");
        tokens.push(kind::CODE_LINE, line);
        tokens
    };
    let of = |old: &str, new: &str| grade(&code(old), &code(new)).map(|v| (v.grade, v.tipped.join(", "))).unwrap();
    assert_eq!(of("mode: 0440", "mode: 0o440"), (Grade::Normative, "0440 → 0o440".to_owned()));
    assert_eq!(of("\"level\": [\"L3\"],", "\"level\": [\"L4\"],"), (Grade::Normative, "L3 → L4".to_owned()));
    assert_eq!(of("if n <= limit:", "if n < limit:"), (Grade::Normative, "<= → <".to_owned()));
    assert_eq!(of("mode: 'strict'", "mode: 'stricts'"), (Grade::Normative, "strict → stricts".to_owned()));
    assert_eq!(of("3. Read \"the first", "3. Read \"the last"), (Grade::Normative, "the first → the last".to_owned()));
    assert_eq!(of("fn f<'a>(x: &'a str) {}", "fn f<'b>(x: &'b str) {}").0, Grade::Substantive);
    assert_eq!(of("n = first(1)", "n = second(1)").0, Grade::Substantive);
    assert_eq!(of("let n = 1;", "let m = 2;").0, Grade::Substantive);
}

#[test]
fn a_column_with_another_title_is_no_other_row() {
    let row = |titles: [&str; 2], words: &str| {
        let mut tokens = Tokens::default();
        for (title, cell) in titles.iter().zip([words, "x"]) {
            tokens.push(kind::CELL, title);
            tokens.extend(&Tokens::of_text(cell));
        }
        tokens
    };
    let of = |old: &Tokens, new: &Tokens| grade_row(old, new).map(|v| v.grade);
    let old = row(["code", "level"], "the app is signed");
    assert_eq!(of(&old, &row(["key", "level"], "the app is signed")), Some(Grade::Minor));
    assert_eq!(of(&old, &row(["key", "level"], "the app is sealed")), Some(Grade::Substantive));
    assert_eq!(of(&old, &row(["code", "L2"], "the app is signed")), Some(Grade::Substantive));
    assert_eq!(of(&old, &row(["key", "level"], "the app is not signed")), Some(Grade::Normative));
}

#[test]
fn a_name_in_braces_is_a_literal() {
    let (a, b) = ("the {errors} of it are kept", "the {error} of it are kept");
    let verdict = grade(&Tokens::of_text(a), &Tokens::of_text(b)).map(|v| v.with_names(a, b));
    assert_eq!(verdict.map(|v| (v.grade, v.tipped)), Some((Grade::Normative, vec!["{errors} → {error}".to_owned()])));
}

#[test]
fn other_words_are_substantive() {
    assert_eq!(of("the user logs in", "the admin logs in").map(|v| v.0), Some(Grade::Substantive));
}
