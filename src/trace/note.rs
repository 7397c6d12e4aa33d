//! The links in a note, one to a line.
//!
//! Lines are only ever added, so that merging two people's notes is their union (`cat_sort_uniq`); hence neither order
//! nor repetition may mean anything here.

use std::collections::{BTreeSet, HashSet};

use bstr::{BString, ByteSlice};

use super::link::{KEY, Link, NotALink, Reason, Source, as_id, read_field, words};

/// The key of a line that withdraws another.
const WITHDRAWAL: &str = "Unspec";

/// What a note says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Note {
    /// The links that stand, in the order of their text, each once.
    pub links: Vec<Link>,
    /// The links that were withdrawn, likewise.
    pub withdrawn: Vec<Link>,
    /// Every id that an `Unspec:` line names, also where no line has it yet.
    pub unspec: BTreeSet<String>,
    /// Lines that are neither, with the reason.
    pub aside: BTreeSet<(BString, Reason)>,
}

/// Reads a note's blob. Blank lines and carriage returns at line ends don't count. Never panics.
///
/// Where two different lines carry the same id, withdrawing it withdraws both: a claim too few is better than one that
/// somebody took back.
pub fn read(blob: &[u8]) -> Note {
    let mut note = Note::default();
    let mut all = BTreeSet::new();
    for line in blob.lines().map(|line| line.trim_end()) {
        match read_line(line) {
            Ok(Line::Blank) => {}
            Ok(Line::Spec(link)) => {
                all.insert((link.to_string(), link));
            }
            Ok(Line::Unspec(id)) => {
                note.unspec.insert(id);
            }
            Err(reason) => {
                note.aside.insert((line.into(), reason));
            }
        }
    }
    let gone = |link: &Link| link.id.as_ref().is_some_and(|id| note.unspec.contains(id));
    (note.withdrawn, note.links) = all.into_iter().map(|(_, link)| link).partition(gone);
    note
}

/// The line that records a link in a note, without its line break.
///
/// `id` is 8 lower-case hex digits that the caller drew at random. A link that is [`Source::Affirm`] or
/// [`Source::Annotation`] gets its `by:` field if it has none.
pub fn spec_line(link: &Link, id: &str) -> String {
    let by = match link.source {
        Source::Affirm => Some("affirm"),
        Source::Annotation => Some("annotation"),
        Source::Trailer | Source::Body | Source::Note => None,
    };
    let mut link = link.clone();
    if let (Some(by), None) = (by, link.field("by")) {
        link.fields.push(("by".to_owned(), by.to_owned()));
    }
    link.id = Some(id.to_owned());
    link.line()
}

/// The line that withdraws the one with this id, without its line break.
pub fn unspec_line(id: &str) -> String {
    format!("{WITHDRAWAL}: id:{id}")
}

/// A note with lines added behind what it holds, each on a line of its own; `None` where it has all of them.
///
/// What stands in the note stays byte for byte, whatever it is.
pub fn with_lines<'l>(note: &[u8], lines: impl IntoIterator<Item = &'l [u8]>) -> Option<Vec<u8>> {
    let mut known: HashSet<&[u8]> = note.lines().map(|line| line.trim_end()).collect();
    let mut added: Vec<&[u8]> = Vec::new();
    for line in lines {
        if !line.trim().is_empty() && known.insert(line.trim_end()) {
            added.push(line);
        }
    }
    if added.is_empty() {
        return None;
    }
    let mut whole = note.to_vec();
    if whole.last().is_some_and(|byte| *byte != b'\n') {
        whole.push(b'\n');
    }
    for line in added {
        whole.extend_from_slice(line);
        whole.push(b'\n');
    }
    Some(whole)
}

/// What two people's notes of one object come to: every line of both. `None` where ours has all that theirs has.
///
/// A note that is the beginning of the other gives way to it whole, so that foreign text keeps its form.
pub fn union(ours: &[u8], theirs: &[u8]) -> Option<Vec<u8>> {
    // Only whole lines count: `a` is no beginning of `ab`.
    let begins = |short: &[u8], long: &[u8]| {
        let ends_line =
            short.is_empty() || short.ends_with(b"\n") || matches!(long.get(short.len()), None | Some(b'\n'));
        long.starts_with(short) && ends_line
    };
    if begins(theirs, ours) {
        None
    } else if begins(ours, theirs) {
        Some(theirs.to_vec())
    } else {
        with_lines(ours, theirs.lines())
    }
}

/// Every id that a line of the note has or names, so that a new one can differ.
pub fn ids(blob: &[u8]) -> BTreeSet<String> {
    let note = read(blob);
    let of_links = note.links.iter().chain(&note.withdrawn).filter_map(|link| link.id.clone());
    of_links.chain(note.unspec.iter().cloned()).collect()
}

/// Why a note may not take the place of an older one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// A line of the older one is gone.
    Lost(BString),
    /// A line with one of our keys came in that says nothing.
    Unreadable(BString, Reason),
}

/// The first reason why a note may not take the place of an older one. Lines that were there before, and lines with keys
/// of other people, are nobody's fault.
pub fn fault(old: &[u8], new: &[u8]) -> Option<Fault> {
    let lines = |note: &'_ [u8]| -> BTreeSet<BString> { note.lines().map(|line| line.trim_end().into()).collect() };
    let (old, new) = (lines(old), lines(new));
    if let Some(lost) = old.iter().find(|line| !line.is_empty() && !new.contains(*line)) {
        return Some(Fault::Lost(lost.clone()));
    }
    let unreadable = |line: &BString| match read_line(line) {
        Err(Reason::UnknownKey) | Ok(_) => None,
        Err(reason) => Some(Fault::Unreadable(line.clone(), reason)),
    };
    new.difference(&old).find_map(unreadable)
}

enum Line {
    Blank,
    Spec(Link),
    Unspec(String),
}

fn read_line(line: &[u8]) -> Result<Line, Reason> {
    if line.is_empty() {
        return Ok(Line::Blank);
    }
    let (key, value) = line.split_once_str(":").ok_or(Reason::UnknownKey)?;
    if key.eq_ignore_ascii_case(KEY.as_bytes()) {
        read_spec(value).map(Line::Spec)
    } else if key.eq_ignore_ascii_case(WITHDRAWAL.as_bytes()) {
        read_unspec(value).map(Line::Unspec)
    } else {
        Err(Reason::UnknownKey)
    }
}

fn read_spec(value: &[u8]) -> Result<Link, Reason> {
    let mut link = Link::parse(value, Source::Note).map_err(|NotALink(reason)| reason)?;
    link.source = match link.field("by") {
        Some("affirm") => Source::Affirm,
        Some("annotation") => Source::Annotation,
        _ => Source::Note,
    };
    if link.id.is_some() { Ok(link) } else { Err(Reason::NoId) }
}

/// `id:<8 hex>`, then fields that are passed over.
fn read_unspec(value: &[u8]) -> Result<String, Reason> {
    let text = std::str::from_utf8(value).map_err(|_| Reason::NotUtf8)?;
    let mut fields = words(text)?.map(read_field);
    let first = fields.next().ok_or(Reason::Empty)??;
    let id = as_id(&first).ok_or(Reason::NoId)?;
    fields.try_for_each(|field| field.map(|_| ()))?;
    Ok(id)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const V: &str = "v1:df6cf01b71aa3e0790ab12cd34ef5678";

    fn note(text: &str) -> Note {
        read(text.replace('V', V).as_bytes())
    }

    fn paths(links: &[Link]) -> Vec<String> {
        links.iter().map(|link| link.path.to_string()).collect()
    }

    #[test]
    fn links_and_their_sources() {
        let all =
            note("Spec: b V by:affirm id:00000002\n\nspec: a V id:00000001\r\nSpec: c V by:annotation id:00000003");
        assert_eq!(paths(&all.links), ["a", "b", "c"]);
        let sources: Vec<_> = all.links.iter().map(|link| link.source).collect();
        assert_eq!(sources, [Source::Note, Source::Affirm, Source::Annotation]);
        assert!(all.aside.is_empty());
    }

    #[test]
    fn unspec_withdraws_exactly_its_line_wherever_it_stands() {
        let all = note("Unspec: id:AAAAAAAA\nSpec: a V id:aaaaaaaa\nSpec: a V id:bbbbbbbb\nUnspec: id:cccccccc by:x\n");
        assert_eq!(all.links.len(), 1);
        assert_eq!(all.links[0].id.as_deref(), Some("bbbbbbbb"));
        assert_eq!(paths(&all.withdrawn), ["a"]);
        assert_eq!(all.unspec.len(), 2);
    }

    #[test]
    fn other_lines_are_kept_aside() {
        for (line, reason) in [
            ("hello", Reason::UnknownKey),
            ("Reviewed-by: x", Reason::UnknownKey),
            (" Spec: a V id:00000001", Reason::UnknownKey),
            ("Spec: a V", Reason::NoId),
            ("Spec: a V id:0000000g", Reason::NoId),
            ("Spec: a V id:00000001 by:affirm", Reason::NoId),
            ("Spec: a id:00000001", Reason::BadVersion),
            ("Unspec: 00000001", Reason::BadField),
            ("Unspec: id:1", Reason::NoId),
            ("Unspec:", Reason::Empty),
        ] {
            let all = note(line);
            assert!(all.links.is_empty() && all.unspec.is_empty(), "{line}");
            let reasons: Vec<_> = all.aside.iter().map(|(_, reason)| *reason).collect();
            assert_eq!(reasons, [reason], "{line}");
        }
    }

    #[test]
    fn a_note_grows_by_lines_that_can_be_read() {
        let fault = |old: &str, new: &str| fault(old.replace('V', V).as_bytes(), new.replace('V', V).as_bytes());
        let ours = "Spec: a V id:00000001";
        assert_eq!(fault("", ours), None);
        assert_eq!(fault("x\r\n", &format!("Unspec: id:00000001\n{ours}\nx\nSigned-off-by: y")), None);
        assert_eq!(fault("Spec: old\n", &format!("{ours}\nSpec: old")), None, "it was there before");
        assert!(matches!(fault(ours, "x"), Some(Fault::Lost(_))));
        assert_eq!(fault("", "spec: a V"), Some(Fault::Unreadable(format!("spec: a {V}").into(), Reason::NoId)));
        assert!(matches!(fault("", "Unspec: 1"), Some(Fault::Unreadable(..))));
    }

    #[test]
    fn lines_are_added_behind_what_is_there() {
        let add = |note: &str, lines: &[&str]| {
            with_lines(note.as_bytes(), lines.iter().map(|line| line.as_bytes())).map(|n| String::from_utf8(n).unwrap())
        };
        assert_eq!(add("", &["a", "b", "a"]).unwrap(), "a\nb\n");
        assert_eq!(add("x\n\ny", &["a", ""]).unwrap(), "x\n\ny\na\n");
        assert_eq!(add("a\r\nb", &["b", "a"]), None);
    }

    #[test]
    fn a_longer_note_gives_foreign_text_its_form() {
        assert_eq!(union(b"a\n", b"a\n\na\n").unwrap(), b"a\n\na\n");
        assert_eq!(union(b"a\n\na\n", b"a\n"), None);
        assert_eq!(union(b"a", b"ab\n").unwrap(), b"a\nab\n");
        assert_eq!(union(b"ab\n", b"a").unwrap(), b"ab\na\n");
        assert_eq!(union(b"a", b"a\nb").unwrap(), b"a\nb");
        assert_eq!(union(b"", b"b").unwrap(), b"b");
    }

    #[test]
    fn written_lines_read_back() {
        for source in [Source::Note, Source::Affirm, Source::Annotation] {
            let link = Link::parse(format!("a#b {V}").as_bytes(), source).unwrap();
            let all = note(&spec_line(&link, "0123abcd"));
            assert_eq!(all.links[0].source, source);
            assert_eq!(all.links[0].id.as_deref(), Some("0123abcd"));
        }
        assert!(note(&unspec_line("0123abcd")).unspec.contains("0123abcd"));
    }

    fn any_lines() -> impl Strategy<Value = Vec<String>> {
        let line = prop_oneof![
            "Spec: [ab](@abcdef[01])? v1:0{32}( by:affirm)? id:0000000[1-4]",
            "Unspec: id:0000000[1-4]",
            "[xy]{0,2}",
        ];
        prop::collection::vec(line, 0..10)
    }

    proptest! {
        #[test]
        fn order_and_repetition_mean_nothing(lines in any_lines(), turn in 0usize..10, again in 0usize..10) {
            let plain = note(&lines.join("\n"));
            let mut other = lines.clone();
            other.reverse();
            if !lines.is_empty() {
                other.rotate_left(turn % lines.len());
                other.push(lines[again % lines.len()].clone());
            }
            prop_assert_eq!(note(&other.join("\n")), plain);
        }

        #[test]
        fn a_union_of_notes_is_a_note_of_the_union(a in any_lines(), b in any_lines()) {
            let concatenated = note(&format!("{}\n\n{}", a.join("\n"), b.join("\n")));
            let sorted: BTreeSet<String> = a.iter().chain(&b).cloned().collect();
            let sorted: Vec<String> = sorted.into_iter().collect();
            prop_assert_eq!(&note(&sorted.join("\n")), &concatenated);
            // withdrawing counts across both, and nothing else is lost or won
            let (a, b) = (note(&a.join("\n")), note(&b.join("\n")));
            let mut links: BTreeSet<Link> = a.links.into_iter().chain(b.links).collect();
            links.retain(|link| !concatenated.withdrawn.contains(link));
            let stand: BTreeSet<Link> = concatenated.links.into_iter().collect();
            prop_assert_eq!(links, stand);
        }

        #[test]
        fn a_union_has_every_line_of_both(a in "[ab\n\r ]{0,8}", b in "[ab\n\r ]{0,8}") {
            let lines = |text: &[u8]| -> BTreeSet<Vec<u8>> {
                text.lines().map(|line| line.trim_end().to_vec()).filter(|line| !line.is_empty()).collect()
            };
            let (a, b) = (a.as_bytes(), b.as_bytes());
            let whole = union(a, b).unwrap_or_else(|| a.to_vec());
            prop_assert!(whole.starts_with(a));
            let both: BTreeSet<Vec<u8>> = lines(a).union(&lines(b)).cloned().collect();
            prop_assert_eq!(lines(&whole), both);
            prop_assert_eq!(union(&whole, b), None);
            prop_assert_eq!(union(&whole, a), None);
        }

        #[test]
        fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..100)) {
            let _ = read(&bytes);
        }
    }
}
