use proptest::prelude::*;

use super::*;

const V: &str = "v1:df6cf01b71aa3e0790ab12cd34ef5678";

/// The links of a message in which `V` stands for a version, as `t:` or `b:` and the path.
fn found(message: &str) -> Vec<String> {
    let shown = |link: &Link| {
        let source = if link.source == Source::Trailer { 't' } else { 'b' };
        format!("{source}:{}", link.path)
    };
    extract(message.replace('V', V).as_bytes()).links.iter().map(shown).collect()
}

#[test]
fn trailers_as_git_defines_them() {
    for (message, links) in [
        ("Subject\n\nSpec: a V\n", vec!["t:a"]),
        ("Subject\n\nSpec: a V", vec!["t:a"]),
        ("Subject\n\nspec:a V\nSPEC : b V\n", vec!["t:a", "t:b"]),
        ("Subject\r\n\r\nSpec: a V\r\n", vec!["t:a"]),
        ("\n\nSubject\n\nSpec: a V\n\n\n", vec!["t:a"]),
        ("Subject\n\nSpec: a\n  V\n\tk:v\n", vec!["t:a"]),
        ("Subject\n\nSpec: a V\n\nText.\n", vec![]),
        ("Spec: a V\n", vec![]),
        ("Subject\nSpec: a V\n", vec![]),
        ("Subject\n\n  Spec: a V\n", vec![]),
        ("Subject\n\nText\nSpec: a V\n", vec![]),
        ("Subject\n\nText\nSpec: a V\nSigned-off-by: x\n", vec!["t:a"]),
        ("Subject\n\n1\n2\n3\n4\n5\n6\nSpec: a V\nSigned-off-by: x\n", vec!["t:a"]),
        ("Subject\n\n1\n2\n3\n4\n5\n6\n7\nSpec: a V\nSigned-off-by: x\n", vec![]),
        ("Subject\n\nSpec: a V\n(cherry picked from commit 1234567)\n", vec!["t:a"]),
        ("Subject\n\nSpec: a V\n# comment\nSpec: b V\n", vec!["t:a", "t:b"]),
        ("Subject\n\nSpec: a V\n\n# Conflicts:\n#\tx\n", vec!["t:a"]),
        ("Subject\n\nSpec: a V\n\nConflicts:\n\tx\n\ty\n", vec!["t:a"]),
        ("Subject\n\nText\n---\nMore\n\nSpec: a V\n", vec!["t:a"]),
        ("Subject\n\nSpec: a V\n# ------------------------ >8 ------------------------\ndiff\n", vec!["t:a"]),
        ("Subject\n\nSpec: a V\n\0\nSpec: b V\n", vec!["t:a"]),
        ("", vec![]),
        ("\n", vec![]),
        ("#\n\nSpec: a V\n", vec!["t:a"]),
    ] {
        assert_eq!(found(message), links, "{message:?}");
    }
}

#[test]
fn squashed_messages_are_searched_too() {
    let indented = "Squashed commit of the following:\n\ncommit 1234\nAuthor: x\n\n    Subject\n\n    Spec: a V\n\n\
                    commit 5678\n\n    Other\n\n    Spec: b\n      V\n";
    assert_eq!(found(indented), ["b:a", "b:b"]);
    let forge = "Title (#1)\n\n* One\n\nSpec: a V\n\n* Two\n\nSpec: b V\n\n---------\n\nCo-authored-by: x\n";
    assert_eq!(found(forge), ["b:a", "b:b"]);
    let tail = "Title (#1)\n\n* One\n\nSpec: a V\n\n* Two\n\nSpec: b V\n";
    assert_eq!(found(tail), ["b:a", "t:b"]);
    let combined = "# This is a combination of 2 commits.\nOne\n\nSpec: a V\n\n# The second:\n\nTwo\n\nSpec: b V\n";
    assert_eq!(found(combined), ["b:a", "t:b"]);
}

#[test]
fn fences_and_ordinary_bodies_hide_their_lines() {
    for (message, links) in [
        ("Subject\n\nSpec: a V\n\nText\n", vec![]),
        ("Subject\n\n* x\n\n```\nSpec: a V\n```\nSpec: b V\n\nText\n", vec!["b:b"]),
        ("Subject\n\n* x\n\n    ~~~~ x\nSpec: a V\n~~~\n```\n~~~~\nSpec: b V\n\nText\n", vec!["b:b"]),
        ("Subject\n\n* x\n\n```\nSpec: a V\n\nText\n", vec![]),
        ("Subject\n\n* x\n\n```a`b\nSpec: a V\n\nText\n", vec!["b:a"]),
        ("Subject\n\n* Spec: a V\n\nText\n", vec![]),
        ("* x\n\n> Spec: a V\n\nText\n", vec![]),
        ("* Subject\n\nSpec: a V\n  as we said\n\nText\n", vec!["b:a"]),
        ("* Subject\n\nSpec: a V\n  Spec: b V\n\nText\n", vec!["b:a", "b:b"]),
    ] {
        assert_eq!(found(message), links, "{message:?}");
    }
}

#[test]
fn what_is_no_link_is_kept_with_its_reason() {
    let all = extract(b"Subject\n\nSpec: AUTH-2\nSpec:\n");
    assert!(all.links.is_empty());
    let shown: Vec<_> = all.rejected.iter().map(|r| (r.value.to_string(), r.reason)).collect();
    assert_eq!(shown, [("AUTH-2".to_owned(), Reason::NoVersion), (String::new(), Reason::Empty)]);
    let body = extract(b"Subject\n\n* x\n\nSpec: see below\n\nText\n");
    assert_eq!(body.rejected[0].source, Source::Body);
}

#[test]
fn foreign_bytes_and_sizes_do_no_harm() {
    let latin = [b"Gr\xfc\xdfe\n\nReviewed-by: J\xfcrgen\nSpec: a ".as_slice(), V.as_bytes()].concat();
    assert_eq!(extract(&latin).links.len(), 1);
    let raw = [b"x\n\nSpec: \xfc ".as_slice(), V.as_bytes()].concat();
    assert_eq!(extract(&raw).rejected[0].reason, Reason::NotUtf8);
    let long = [b"x\n\nSpec: ".as_slice(), &vec![b'a'; 10 << 20]].concat();
    let rejected = &extract(&long).rejected[0];
    assert_eq!((rejected.value.len(), rejected.reason), (Rejected::SHOWN, Reason::TooLong));
    let deeper: Vec<u8> = (0..3000).flat_map(|n| [b" ".repeat(n).as_slice(), b"Spec: a\n"].concat()).collect();
    assert_eq!(extract(&[b"x\n\n* y\n\n", deeper.as_slice(), b"\n\nend\n"].concat()).rejected.len(), 3000);
    assert!(extract(b"x\0\n").has_nul);
}

#[test]
fn trailers_are_unfolded_and_trimmed() {
    let all = trailers(b"S\n\nA-b:  1 \r\n\t2\n  \nC :3\n");
    // a line of white space divides paragraphs even where it could be a continuation
    assert_eq!(all, [Trailer { key: "C".into(), value: "3".into() }]);
    let folded = trailers(b"S\n\nA-b:  1 \n\t 2\n  3\n");
    assert_eq!(folded, [Trailer { key: "A-b".into(), value: "1 2 3".into() }]);
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = extract(&bytes);
    }

    #[test]
    fn no_lines_make_it_panic(lines in prop::collection::vec("(Spec:|\\* |#|```|~~~~| |\t|a|\r|-{9}|Signed-off-by: |:){0,4}", 0..12)) {
        let message = lines.join("\n");
        let all = extract(message.as_bytes());
        prop_assert!(all.links.is_empty());
    }
}
