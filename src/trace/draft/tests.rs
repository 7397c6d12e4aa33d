use super::super::message::extract;
use super::*;

const V: &str = "v1:df6cf01b71aa3e0790ab12cd34ef5678";

fn line(name: &str) -> String {
    format!("Spec: specs/a.md#{name}@443d3707dde4c0ff {V}")
}

fn added(text: &str, comment: Option<&str>) -> String {
    let draft = Draft::read(text.as_bytes(), comment.map(str::as_bytes));
    String::from_utf8(draft.with_lines(&[line("A")])).unwrap()
}

#[track_caller]
fn reads_one(text: &str) {
    assert_eq!(extract(text.as_bytes()).links.len(), 1, "{text}");
}

#[test]
fn a_title_gets_a_paragraph_of_links() {
    for text in ["Title", "Title\n", "Title\n\n", "Title\n\nBody: with words\nand more\n"] {
        let new = added(text, None);
        assert_eq!(new.trim_end(), format!("{}\n\n{}", text.trim_end(), line("A")));
        reads_one(&new);
    }
}

#[test]
fn a_block_of_trailers_is_made_longer() {
    let new = added("Title\n\nBody\n\nSigned-off-by: A <a@b>\n", None);
    assert_eq!(new, format!("Title\n\nBody\n\nSigned-off-by: A <a@b>\n{}\n", line("A")));
    reads_one(&new);
}

#[test]
fn comments_and_what_is_below_the_scissors_stay() {
    let rest = "\n# Please enter\n# ------------------------ >8 ------------------------\n# Do not\ndiff --git a b\n+Spec: x\n";
    assert_eq!(
        added(&format!("Title\n{rest}"), Some("#")),
        format!("Title\n\n{}\n{rest}", line("A")).replace("\n\n\n", "\n\n")
    );
    assert_eq!(added(rest, Some("#")), format!("\n\n{}\n{rest}", line("A")));
    assert_eq!(added("Title\n; c\n", Some(";")), format!("Title\n\n{}\n\n; c\n", line("A")));
}

#[test]
fn room_for_a_title_is_no_title() {
    let new = added("\n\nSigned-off-by: A <a@b>\n\n# c\n", Some("#"));
    assert_eq!(new, format!("\n\nSigned-off-by: A <a@b>\n{}\n\n# c\n", line("A")));
}

#[test]
fn without_an_editor_a_number_sign_is_text() {
    let new = added("Title\n\n#12 is solved\n", None);
    assert_eq!(new, format!("Title\n\n#12 is solved\n\n{}\n", line("A")));
    reads_one(&new);
}

#[test]
fn line_ends_are_those_of_the_message() {
    assert_eq!(added("Title\r\n\r\nBody\r\n", None), format!("Title\r\n\r\nBody\r\n\r\n{}\r\n", line("A")));
}

#[test]
fn values_are_replaced_where_they_stand() {
    let text = "Title\n\nspec : A\nKey: x\nSpec: B\n  C\n# c\nSpec: D\n";
    let draft = Draft::read(text.as_bytes(), Some(b"#"));
    let found = draft.spec_trailers();
    assert_eq!(found.iter().map(|t| t.value.to_string()).collect::<Vec<_>>(), ["A", "B C", "D"]);
    let new = draft.with_values(&[(&found[0], Some("X".into())), (&found[1], Some("Y".into())), (&found[2], None)]);
    assert_eq!(String::from_utf8(new).unwrap(), "Title\n\nspec : X\nKey: x\nSpec: Y\n# c\n");
}

#[test]
fn links_alone_are_no_message() {
    let comment = Some(&b"#"[..]);
    let words =
        |text: &str| Draft::read(text.as_bytes(), comment).without_words().map(|b| String::from_utf8(b).unwrap());
    assert_eq!(words(&format!("\n\n{}\n\n# c\n", line("A"))).unwrap(), "\n\n\n# c\n");
    assert_eq!(words(&format!("{}\nSigned-off-by: A <a@b>\n", line("A"))).unwrap(), "Signed-off-by: A <a@b>\n");
    assert_eq!(words(&format!("T\n\n{}\n", line("A"))), None);
    assert_eq!(words("Spec: make it clear\n"), None);
    assert_eq!(words("# c\n"), None);
}

#[test]
fn quoted_links_are_lifted_once() {
    let text = format!(
        "Squashed commit of the following:\n\ncommit 1\nAuthor: A\n\n    One\n    \n    {}\n\ncommit 2\n\n    Two\n    \n    {}\n    {}\n    ```\n    {}\n    ```\n",
        line("A"),
        line("A"),
        line("B"),
        line("C")
    );
    let draft = Draft::read(text.as_bytes(), Some(b"#"));
    let (links, rest) = draft.lifted();
    assert_eq!(links.iter().map(|l| l.anchor.clone().unwrap()).collect::<Vec<_>>(), ["A", "B"]);
    let rest = String::from_utf8(rest).unwrap();
    assert!(!rest.contains("#A@") && rest.contains("#C@") && rest.contains("    Two\n"), "{rest}");
}

#[test]
fn the_sign_that_git_chose_is_seen() {
    assert_eq!(comment_sign(b"#1\n\n; Please\n; x\n"), b";");
    assert_eq!(comment_sign(b"t\n\n@ ------------------------ >8 ------------------------\n@ x\ndiff\n"), b"@");
    assert_eq!(comment_sign(b"title\n"), b"#");
    assert_eq!(comment_sign(b""), b"#");
}

#[test]
fn encodings_are_told_apart() {
    assert_eq!(Encoding::named("UTF-8"), Encoding::Utf8);
    assert_eq!(Encoding::named("ISO-8859-1"), Encoding::AsciiBased);
    assert_eq!(Encoding::named("UTF-16LE"), Encoding::Other);
    assert_eq!(ascii("Spec: ä.md#b v1:1"), "Spec: %C3%A4.md#b v1:1");
}

mod laws {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Whatever the draft: what was there is still there, in order, and Git reads the new link.
        #[test]
        fn an_added_link_is_read_and_nothing_is_lost(
            title in "[a-z]{1,9}",
            lines in prop::collection::vec(prop::sample::select(vec![
                "", "", "text", "Key: value", "Signed-off-by: A <a@b>", "  folded", "#3", "Spec: X", "* a", "a:",
            ]), 0..9),
        ) {
            let text = format!("{title}\n\n{}\n", lines.join("\n"));
            let new = added(&text, None);
            let rest: Vec<&str> = new.lines().filter(|l| *l != line("A") && !l.is_empty()).collect();
            let old: Vec<&str> = text.lines().filter(|l| !l.is_empty()).collect();
            prop_assert_eq!(rest, old);
            prop_assert_eq!(extract(new.as_bytes()).links.iter().filter(|l| l.anchor.as_deref() == Some("A")).count(), 1, "{}", new);
        }

        #[test]
        fn any_bytes_are_read(bytes in any::<Vec<u8>>(), comment in prop::option::of(Just(b"#".to_vec()))) {
            let draft = Draft::read(&bytes, comment.as_deref());
            let _ = (draft.is_empty(), draft.subject(), draft.links(), draft.lifted(), draft.without_words());
            let new = draft.with_lines(&[line("A")]);
            prop_assert!(new.len() > bytes.len());
            let found = draft.spec_trailers();
            let _ = draft.with_values(&found.iter().map(|t| (t, None)).collect::<Vec<_>>());
        }
    }
}
