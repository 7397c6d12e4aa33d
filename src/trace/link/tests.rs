use proptest::prelude::*;

use super::*;

const V: &str = "v1:df6cf01b71aa3e0790ab12cd34ef5678";

fn parse(value: impl AsRef<[u8]>) -> Result<Link, Reason> {
    Link::parse(value.as_ref(), Source::Trailer).map_err(|NotALink(reason)| reason)
}

#[test]
fn the_example_of_the_design_reads_and_prints() {
    let text = format!("specs/auth.md#AUTH-2@443d3707dde4c0ff {V}");
    let link = parse(&text).unwrap();
    assert_eq!(link.path, "specs/auth.md");
    assert_eq!(link.anchor.as_deref(), Some("AUTH-2"));
    assert_eq!(link.commit.as_deref(), Some("443d3707dde4c0ff"));
    assert_eq!(link.version.to_string(), V);
    assert_eq!(link.to_string(), text);
    assert_eq!(link.line(), format!("Spec: {text}"));
    assert_eq!(link.clause_name(), "specs/auth.md#AUTH-2");
}

#[test]
fn what_is_accepted_and_how_it_is_written() {
    let forty = "4".repeat(40);
    for (given, written) in [
        ("a.md V", "a.md V"),
        ("  a.md \t V\t ", "a.md V"),
        ("a.md@ABCDEF0 V", "a.md@abcdef0 V"),
        (&format!("a.md@{forty} V"), &format!("a.md@{forty} V")),
        ("%61.md#%23 V", "a.md#%23 V"),
        ("a%23b%40c%3ad%25e.md V", "a%23b%40c%3Ad%25e.md V"),
        ("a%0Ab%20c.md V", "a%0Ab%20c.md V"),
        ("%FF%fe.md V", "%FF%FE.md V"),
        ("%C3%A9.md V", "é.md V"),
        ("e\u{301}.md V", "e\u{301}.md V"),
        ("a.md#%E2%80%AEx V", "a.md#%E2%80%AEx V"),
        ("a.md#x/y~1 V", "a.md#x/y~1 V"),
        ("other:a.md#x V", "other:a.md#x V"),
        ("o%3Ap:a.md V", "o%3Ap:a.md V"),
        ("...md/..a/b.. V", "...md/..a/b.. V"),
        ("a.md V by:affirm k:a:b#c@d%20e%25", "a.md V by:affirm k:a:b#c@d%20e%25"),
        ("a.md V ID:DEADBEEF", "a.md V id:deadbeef"),
        ("a.md v2:abc x:y", "a.md v2:abc x:y"),
    ] {
        let (given, written) = (given.replace('V', V), written.replace('V', V));
        let link = parse(&given).unwrap_or_else(|e| panic!("{given}: {e}"));
        assert_eq!(link.to_string(), written);
        assert_eq!(parse(&written).unwrap(), link);
    }
}

#[test]
fn what_is_no_link_and_why() {
    use Reason::*;
    for (value, reason) in [
        ("", Empty),
        (" \t ", Empty),
        ("AUTH-2", NoVersion),
        ("the login spec", BadVersion),
        ("a.md v1:abc", BadVersion),
        ("a.md v01:abc", BadVersion),
        ("a.md v:abc", BadVersion),
        ("a.md v2:", BadVersion),
        ("a.md x:1 V", BadVersion),
        ("#x V", EmptyPath),
        ("@abcdef0 V", EmptyPath),
        ("/etc/passwd V", BadPath),
        ("../a.md V", BadPath),
        ("a/../b.md V", BadPath),
        ("a/%2e%2E/b.md V", BadPath),
        ("./a.md V", BadPath),
        ("a//b.md V", BadPath),
        ("a/ V", BadPath),
        ("a%00b V", BadPath),
        ("https://example.org/a.md V", BadPath),
        ("a.md# V", BadAnchor),
        ("a.md#%FF V", BadAnchor),
        ("a.md#x#y V", RawMark),
        ("a.md#x:y V", RawMark),
        ("ab:cd:e.md V", RawMark),
        ("a.md@abcdef0#x V", RawMark),
        ("a.md@abcdef0@abcdef0 V", RawMark),
        ("a.md@ V", BadCommit),
        ("a.md@abcdef V", BadCommit),
        ("a.md@HEAD~12 V", BadCommit),
        (&format!("a.md@{} V", "a".repeat(65)), BadCommit),
        ("c:a.md V", BadForeign),
        (":a.md V", BadForeign),
        ("%FF%FE:a.md V", BadForeign),
        ("a%2.md V", BadEscape),
        ("a%zz.md V", BadEscape),
        ("a.md% V", BadEscape),
        ("a.md%é V", BadEscape),
        ("a.md V as discussed", BadField),
        ("a.md V k:", BadField),
        ("a.md V :v", BadField),
        ("a.md V k:%FF", BadField),
        ("a.md V\nSpec: b.md V", RawControl),
        ("a\rb.md V", RawControl),
        ("a\0b.md V", RawControl),
        ("a\u{a0}b.md V", RawControl),
        ("a\u{202e}b.md V", RawControl),
        ("a\u{1b}[31m.md V", RawControl),
    ] {
        assert_eq!(parse(value.replace('V', V)), Err(reason), "{value:?}");
    }
    assert_eq!(parse(b"\xff.md v1:0"), Err(NotUtf8));
    assert_eq!(parse("a".repeat(10 << 20)), Err(TooLong));
}

#[test]
fn a_written_link_is_one_line_whatever_it_holds() {
    let mut link = parse(format!("a.md {V}")).unwrap();
    link.commit = Some("x\ny".into());
    link.version = LinkVersion::Unknown("v2:\n \u{202e}".into());
    link.fields = vec![("k\n".into(), "\r\n".into())];
    link.id = Some("\n".into());
    assert!(!link.to_string().contains(['\n', '\r', '\u{202e}']));
}

#[test]
fn fields_are_found_without_letter_case() {
    let link = parse(format!("a.md {V} By:affirm")).unwrap();
    assert_eq!(link.field("by"), Some("affirm"));
    assert_eq!(link.field("to"), None);
}

fn any_path() -> impl Strategy<Value = BString> {
    let part = prop::collection::vec(1u8.., 1..12)
        .prop_map(|part| part.replace("/", "x"))
        .prop_filter("dots", |part| part != b"." && part != b"..");
    prop::collection::vec(part, 1..4).prop_map(|parts| bstr::join("/", parts).into())
}

fn any_link() -> impl Strategy<Value = Link> {
    let version = prop_oneof![
        any::<[u8; 16]>().prop_map(|v| LinkVersion::Known(Version(v))),
        "v[2-9]{1,3}:[a-z0-9]{1,40}".prop_map(LinkVersion::Unknown),
    ];
    let field = ("[a-hj-z][a-zA-Z0-9_.-]{0,6}", "(?s).{1,8}");
    (
        any_path(),
        prop::option::of("(?s).{1,12}"),
        prop::option::of("[0-9a-f]{7,64}"),
        version,
        prop::option::of("(?s).{2,8}"),
        prop::collection::vec(field, 0..3),
        prop::option::of("[0-9a-f]{8}"),
    )
        .prop_map(|(path, anchor, commit, version, foreign, fields, id)| Link {
            path,
            anchor,
            commit,
            version,
            foreign,
            fields,
            source: Source::Trailer,
            id,
        })
}

proptest! {
    #[test]
    fn a_printed_link_reads_back(link in any_link()) {
        let text = link.to_string();
        prop_assert!(!text.chars().any(|c| c != ' ' && is_hidden(c)));
        prop_assert_eq!(parse(&text), Ok(link));
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..80)) {
        let _ = parse(bytes);
    }

    #[test]
    fn what_is_read_is_written_the_same_from_then_on(text in "[a#@:%/ .0-9]{0,12} ?v1:0{32}[ a:%]{0,6}") {
        if let Ok(link) = parse(&text) {
            prop_assert_eq!(parse(link.to_string()), Ok(link));
        }
    }
}
