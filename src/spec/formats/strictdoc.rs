//! StrictDoc `.sdoc`: each node is a clause, under its UID or, failing that, its MID.
//!
//! The format is line-oriented: tags such as `[REQUIREMENT]` or `[[SECTION]]` at the left edge, fields below them. Only the fields
//! that demand or explain something are text; a changed STATUS or RELATIONS is no changed demand (46 of 166 commits of Zephyr's
//! requirements relabel without touching a word), so these are metadata. Both syntaxes of sections (`[SECTION]` until 2024,
//! `[[SECTION]]` since) and the old `[FREETEXT]` are read, because a history holds all of them.

use std::collections::HashMap;
use std::ops::Range;

use super::super::clause::{Breed, Draft, Kind};
use super::super::token::kind;
use super::lines::{self, is_blank};
use super::rst_body;
use super::rst_inline::{Dialect, Prose};

/// Fields that say what is demanded; a grammar may call it by either of the first three, `BODY` is of 2021.
const DEMANDS: [&str; 4] = ["STATEMENT", "DESCRIPTION", "CONTENT", "BODY"];

/// Fields that explain, in the order in which their words follow the demand's.
const EXPLANATIONS: [&str; 2] = ["RATIONALE", "COMMENT"];

/// Blocks that configure the document and demand nothing.
const SETTINGS: [&str; 3] = ["GRAMMAR", "VIEW", "DOCUMENT_FROM_FILE"];

/// What is nested deeper stands beside what is nested so deep: each clause names all that it stands in.
const DEEPEST: u8 = 32;

/// One draft per node with an id, section or requirement, in order; texts without an id are part of their section.
pub fn drafts(text: &str) -> Vec<Draft> {
    let lines = lines::split(text);
    if !lines.iter().any(|line| tag(line).is_some()) {
        return super::paragraphs::drafts(text);
    }
    let mut reader = Reader {
        lines: &lines,
        at: 0,
        nodes: Vec::new(),
        open: Vec::new(),
        names: HashMap::new(),
        document: Vec::new(),
        front: None,
    };
    while reader.at < lines.len() {
        reader.block();
    }
    reader.nodes.into_iter().map(|node| node.draft(&lines)).collect()
}

/// A tag at the left edge.
enum Tag<'a> {
    /// `[NAME]`, or `[[NAME]]` for one that holds others.
    Open { name: &'a str, holds: bool },
    /// `[/NAME]` or `[[/NAME]]`.
    Close(&'a str),
}

/// A field of a node.
struct Field<'a> {
    name: &'a str,
    /// Its lines with name and marks.
    lines: Range<usize>,
    /// Its content's lines.
    value: Vec<&'a str>,
}

/// A clause to be.
struct Node<'a> {
    kind: Kind,
    level: u8,
    /// Own lines, in order.
    parts: Vec<Range<usize>>,
    fields: Vec<Field<'a>>,
}

struct Reader<'a> {
    lines: &'a [&'a str],
    at: usize,
    nodes: Vec<Node<'a>>,
    /// Nodes that hold what follows: name, and place in `nodes`.
    open: Vec<(&'a str, usize)>,
    /// How many of a name are open, so that a stray end is known at once.
    names: HashMap<&'a str, usize>,
    /// The fields of `[DOCUMENT]`.
    document: Vec<Field<'a>>,
    /// The clause of the texts outside any section.
    front: Option<usize>,
}

impl<'a> Reader<'a> {
    /// Takes a tag and what belongs to it.
    fn block(&mut self) {
        let from = self.at;
        self.at += 1;
        match tag(self.lines[from]) {
            None => {}
            Some(Tag::Close(name)) => self.close(name),
            Some(Tag::Open { name: "FREETEXT", .. }) => self.free_text(from),
            Some(Tag::Open { name: "DOCUMENT", .. }) => {
                let fields = self.fields();
                if self.document.is_empty() {
                    self.document = fields;
                }
            }
            Some(Tag::Open { name, .. }) if SETTINGS.contains(&name) => drop(self.fields()),
            Some(Tag::Open { name, holds }) => {
                let fields = self.fields();
                let part = from..self.at;
                if name == "TEXT" && first(&fields, "UID").or(first(&fields, "MID")).is_none() {
                    self.fold(part, fields);
                } else {
                    self.node(name, holds, part, fields);
                }
            }
        }
    }

    fn node(&mut self, name: &'a str, holds: bool, part: Range<usize>, fields: Vec<Field<'a>>) {
        let level = u8::try_from(self.open.len() + 1).unwrap_or(DEEPEST).min(DEEPEST);
        let kind = if name == "SECTION" { Kind::Section } else { Kind::Node };
        if holds || name == "SECTION" || name.starts_with("COMPOSITE") {
            self.open.push((name, self.nodes.len()));
            *self.names.entry(name).or_default() += 1;
        }
        self.nodes.push(Node { kind, level, parts: vec![part], fields });
    }

    fn close(&mut self, name: &str) {
        if self.names.get(name).copied().unwrap_or(0) == 0 {
            return;
        }
        while let Some((open, _)) = self.open.pop() {
            if let Some(count) = self.names.get_mut(open) {
                *count -= 1;
            }
            if open == name {
                break;
            }
        }
    }

    /// `[FREETEXT]` up to its end; the two marks belong to the text's lines.
    fn free_text(&mut self, from: usize) {
        let length = self.lines[self.at..].iter().take_while(|line| line.trim_end() != "[/FREETEXT]").count();
        let value = self.lines[self.at..self.at + length].to_vec();
        let end = (self.at + length + 1).min(self.lines.len());
        self.at = end;
        self.fold(from..end, vec![Field { name: "STATEMENT", lines: from..end, value }]);
    }

    /// Gives a text without an id to what holds it: the innermost section, or else a clause titled as the document.
    fn fold(&mut self, part: Range<usize>, fields: Vec<Field<'a>>) {
        let holder = self.open.last().map(|&(_, at)| at).or(self.front).unwrap_or_else(|| {
            self.nodes.push(Node {
                kind: Kind::Section,
                level: 1,
                parts: Vec::new(),
                fields: std::mem::take(&mut self.document),
            });
            self.nodes.len() - 1
        });
        if self.open.is_empty() {
            self.front = Some(holder);
        }
        self.nodes[holder].parts.push(part);
        self.nodes[holder].fields.extend(fields);
    }

    /// The fields up to the next tag.
    fn fields(&mut self) -> Vec<Field<'a>> {
        let mut fields: Vec<Field<'a>> = Vec::new();
        while let Some(&line) = self.lines.get(self.at).filter(|line| tag(line).is_none()) {
            let from = self.at;
            self.at += 1;
            if is_blank(line) {
                continue;
            }
            match field(line) {
                Some((name, ">>>")) => {
                    let length = self.lines[self.at..].iter().take_while(|line| line.trim_end() != "<<<").count();
                    let value = self.lines[self.at..self.at + length].to_vec();
                    self.at = (self.at + length + 1).min(self.lines.len());
                    fields.push(Field { name, lines: from..self.at, value });
                }
                Some((name, value)) => fields.push(Field {
                    name,
                    lines: from..self.at,
                    value: if value.is_empty() { Vec::new() } else { vec![value] },
                }),
                None => match fields.last_mut() {
                    Some(field) => {
                        field.value.push(line);
                        field.lines.end = self.at;
                    }
                    None => fields.push(Field { name: "STATEMENT", lines: from..self.at, value: vec![line] }),
                },
            }
        }
        fields
    }
}

impl Node<'_> {
    fn draft(self, lines: &[&str]) -> Draft {
        let mut draft = Draft::new(self.kind, self.level);
        let (uid, mid) = (first(&self.fields, "UID"), first(&self.fields, "MID"));
        draft.breed = if uid.as_deref().is_some_and(is_numbered) { Breed::Ordinal } else { Breed::Slug };
        draft.aliases = mid.iter().filter(|_| uid.is_some()).cloned().collect();
        draft.id = uid.or(mid);
        draft.title = first(&self.fields, "TITLE").or_else(|| first(&self.fields, "NAME"));
        draft.spans = lines::spans(lines, &self.parts);
        let mut prose = Prose::new(Dialect::StrictDoc);
        let mut text: Vec<String> = Vec::new();
        for field in self.fields.iter().filter(|field| DEMANDS.contains(&field.name)) {
            prose = rst_body::read(&field.value, prose);
            text.push(lines::joined(&field.value));
        }
        for name in EXPLANATIONS {
            for field in self.fields.iter().filter(|field| field.name == name) {
                // a sentence that moves from the demand to its reason is no longer demanded
                prose.tokens.literal(kind::TAG, name);
                prose = rst_body::read(&field.value, prose);
                text.push(lines::joined(&lines[field.lines.clone()]));
            }
        }
        draft.text = text.join("\n\n");
        draft.tokens = prose.tokens.finish();
        draft.targets = prose.targets;
        draft.metadata = self.fields.iter().flat_map(metadata).collect();
        draft
    }
}

/// The entries a field adds to the metadata: one, or for a list such as RELATIONS one per item.
fn metadata(field: &Field<'_>) -> Vec<(String, String)> {
    let is_other = ["UID", "MID", "TITLE", "NAME"].contains(&field.name)
        || DEMANDS.contains(&field.name)
        || EXPLANATIONS.contains(&field.name);
    if is_other {
        return Vec::new();
    }
    let is_list = field.value.first().is_some_and(|line| line.starts_with("- "));
    if !is_list {
        return vec![(field.name.to_owned(), lines::joined(&field.value).trim().to_owned())];
    }
    let mut items: Vec<(String, String)> = Vec::new();
    for line in &field.value {
        let (is_new, entry) = line.strip_prefix("- ").map_or((false, line.trim()), |entry| (true, entry.trim()));
        let value = entry.split_once(": ").map_or(entry, |(_, value)| value.trim());
        match items.last_mut().filter(|_| !is_new) {
            Some((_, item)) => {
                item.push(' ');
                item.push_str(value);
            }
            None => items.push((field.name.to_owned(), value.to_owned())),
        }
    }
    items
}

/// The content of the first field of a name, unless empty.
fn first(fields: &[Field<'_>], name: &str) -> Option<String> {
    let field = fields.iter().find(|field| field.name == name)?;
    let words: Vec<&str> = field.value.iter().flat_map(|line| line.split_whitespace()).collect();
    (!words.is_empty()).then(|| words.join(" "))
}

fn tag(line: &str) -> Option<Tag<'_>> {
    let inner = line.trim_end().strip_prefix('[')?.strip_suffix(']')?;
    let doubled = inner.strip_prefix('[').and_then(|inner| inner.strip_suffix(']'));
    let name = doubled.unwrap_or(inner);
    let (is_end, name) = name.strip_prefix('/').map_or((false, name), |name| (true, name));
    if !is_upper_name(name) {
        return None;
    }
    Some(if is_end { Tag::Close(name) } else { Tag::Open { name, holds: doubled.is_some() } })
}

/// `NAME: value`, the value trimmed.
fn field(line: &str) -> Option<(&str, &str)> {
    let (name, value) = line.split_once(':')?;
    let is_field = is_upper_name(name) && (value.is_empty() || value.starts_with(char::is_whitespace));
    is_field.then(|| (name, value.trim()))
}

fn is_upper_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_uppercase())
        && name.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || matches!(b, b'_' | b'-'))
}

/// Whether an id ends in a number of its own: `SRS-12`, `1.2`.
fn is_numbered(id: &str) -> bool {
    let name = id.trim_end_matches(|c: char| c.is_ascii_digit());
    name.len() < id.len() && (name.is_empty() || name.ends_with(['-', '_', '.']))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::super::clause::Span;
    use super::*;

    const SAMPLE: &str = "\
[DOCUMENT]
UID: DOC_PUMP
TITLE: Pump
OPTIONS:
  ENABLE_MID: True

[GRAMMAR]
ELEMENTS:
- TAG: REQUIREMENT
  FIELDS:
  - TITLE: UID

[FREETEXT]
About pumps.
[/FREETEXT]

[[SECTION]]
MID: 0123456789abcdef0123456789abcdef
TITLE: Safety

[TEXT]
STATEMENT: >>>
Why [LINK: PUMP-2] matters.
<<<

[REQUIREMENT]
MID: 11111111111111111111111111111111
UID: PUMP-2
LEVEL: 3
STATUS: Active
TITLE: Dry run
STATEMENT: >>>
The pump shall stop within 5 s. Use ``stop()`` or `Halt`.

.. code:: text

    [REQUIREMENT]
    UID: NOT-1
<<<
RATIONALE: Heat.
RELATIONS:
- TYPE: Parent
  VALUE: SYS-1
  ROLE: Refines
- TYPE: File
  VALUE: a.c

[TEXT]
STATEMENT: Afterwards.

[[PART]]
UID: PARTS

[TEXT]
MID: 22222222222222222222222222222222
STATEMENT: Inner.

[[/PART]]

[[/SECTION]]
";

    fn tokens(draft: &Draft) -> String {
        draft.tokens.iter().map(|t| t.text).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn nodes_are_clauses() {
        let found = drafts(SAMPLE);
        let seen: Vec<_> =
            found.iter().map(|d| (d.id.as_deref().unwrap_or(""), d.kind, d.level, d.title.as_deref())).collect();
        assert_eq!(
            seen,
            [
                ("DOC_PUMP", Kind::Section, 1, Some("Pump")),
                ("0123456789abcdef0123456789abcdef", Kind::Section, 1, Some("Safety")),
                ("PUMP-2", Kind::Node, 2, Some("Dry run")),
                ("PARTS", Kind::Node, 2, None),
                ("22222222222222222222222222222222", Kind::Node, 3, None),
            ]
        );
        let span = |first, last| Span { first, last };
        assert_eq!(found[0].spans, [span(13, 15)]);
        assert_eq!(found[1].spans, [span(17, 24), span(48, 49)]);
        assert_eq!(tokens(&found[1]), "why matters  afterwards");
        assert_eq!(found[1].targets, ["PUMP-2"]);
        assert_eq!(found[1].text, "Why [LINK: PUMP-2] matters.\n\nAfterwards.");
    }

    #[test]
    fn a_requirement_has_words_and_metadata() {
        let found = drafts(SAMPLE);
        let pump = &found[2];
        assert_eq!(pump.breed, Breed::Ordinal);
        assert_eq!(pump.aliases, ["1".repeat(32)]);
        assert_eq!(
            tokens(pump),
            "the pump shall stop within 5 s  use stop() or Halt text [REQUIREMENT] UID: NOT-1 RATIONALE heat"
        );
        let entry = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(
            pump.metadata,
            [
                entry("LEVEL", "3"),
                entry("STATUS", "Active"),
                entry("RELATIONS", "Parent SYS-1 Refines"),
                entry("RELATIONS", "File a.c")
            ]
        );
        assert!(pump.text.starts_with("The pump shall"));
        assert!(pump.text.ends_with("RATIONALE: Heat."));
    }

    #[test]
    fn old_syntax_is_read() {
        let text = "[DOCUMENT]\nNAME: Old\n\n[SECTION]\nTITLE: A\n\n[FREETEXT]\nWords [REQUIREMENT]\n[REQUIREMENT]\n[/FREETEXT]\n\n[COMPOSITE_REQUIREMENT]\nUID: X\nSTATEMENT: Both.\n\n[REQUIREMENT]\nSTATEMENT: One.\n\n[/COMPOSITE_REQUIREMENT]\n\n[/SECTION]\n\n[SECTION]\nTITLE: B\n[/SECTION]\n";
        let found = drafts(text);
        let seen: Vec<_> =
            found.iter().map(|d| (d.title.as_deref().or(d.id.as_deref()).unwrap_or(""), d.level)).collect();
        assert_eq!(seen, [("A", 1), ("X", 2), ("", 3), ("B", 1)]);
        assert_eq!(tokens(&found[0]), "words REQUIREMENT REQUIREMENT");
        assert_eq!(tokens(&found[2]), "one");
    }

    #[test]
    fn only_words_change_the_version() {
        let versions = |text: &str| drafts(text).iter().map(|d| d.tokens.version()).collect::<Vec<_>>();
        for (from, to) in [("\n", "\r\n"), ("stop within", "stop\nwithin"), ("Active", "Draft"), ("SYS-1", "SYS-2")] {
            assert_eq!(versions(SAMPLE), versions(&SAMPLE.replace(from, to)), "{from}");
        }
        for (from, to) in [
            ("5 s", "6 s"),
            ("stop()", "Stop()"),
            ("Halt", "halt"),
            ("NOT-1", "NOT-2"),
            ("Heat", "Cold"),
            ("Afterwards", "Before"),
        ] {
            assert_ne!(versions(SAMPLE), versions(&SAMPLE.replace(from, to)), "{from}");
        }
    }

    #[test]
    fn breeds() {
        for id in ["SDOC-SRS-12", "ZEP-SRS-1-3", "A_3", "1.2"] {
            assert!(is_numbered(id), "{id}");
        }
        for id in ["SDOC_UG", "V2", "A-1b"] {
            assert!(!is_numbered(id), "{id}");
        }
    }

    #[test]
    fn stray_ends_cost_linear_time() {
        drafts(&("[[A]]\n".repeat(20_000) + &"[[/B]]\n".repeat(20_000)));
        drafts(&"[TEXT]\nA: >>>\n".repeat(20_000));
        drafts(&"[FREETEXT]\n\n[/FREETEXT]\n[[A]]\n[[/A]]\n".repeat(20_000));
    }

    proptest! {
        #[test]
        fn any_text(text in "(?s).{0,200}") {
            lines::assert_sound(&text, &drafts(&text));
        }

        #[test]
        fn any_lines(lines in prop::collection::vec(
            prop::sample::select(vec![
                "", "[DOCUMENT]", "[GRAMMAR]", "[TEXT]", "[[SECTION]]", "[[/SECTION]]", "[SECTION]", "[/SECTION]", "[FREETEXT]", "[/FREETEXT]",
                "[X]", "[[X]]", "[[/X]]", "UID: A-1", "MID: b", "TITLE: t", "STATEMENT: s", "STATEMENT: >>>", "RATIONALE: >>>", "<<<",
                "- TYPE: a", "  VALUE: b", "RELATIONS:", "words", ".. code::", "   x",
            ]), 0..40,
        )) {
            let text = lines.join("\n");
            lines::assert_sound(&text, &drafts(&text));
        }
    }
}
