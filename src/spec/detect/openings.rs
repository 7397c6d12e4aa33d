//! What the opening of a Markdown file says: rule markers, and the words that demands are made of.
//!
//! A line scan and no parser: it has to be quick over many files, and only counts. What it counts wrongly in one file
//! is outvoted by the others.

/// Bytes of a file that are looked at.
const SIZE: usize = 64 << 10;

/// From this many on, rule markers in a file are no accident.
pub(super) const SEVERAL: usize = 3;

/// RFC 2119, sections 1 to 5.
const KEYWORDS: [&str; 7] = ["MUST", "SHALL", "SHOULD", "MAY", "REQUIRED", "RECOMMENDED", "OPTIONAL"];

/// The usual names of RFC 2119 and of what RFC 8174 made of it.
const KEYWORD_SOURCES: [&str; 5] = ["RFC 2119", "RFC2119", "BCP 14", "BCP14", "rfc2119"];

/// The parts of a document in kramdown-rfc and in mmark; nothing else has such lines.
const DRAFT_MARKS: [&str; 4] = ["--- abstract", "--- middle", "{mainmatter}", ".# Abstract"];

/// Sections that say what is specified or proposed, in the templates of numbered proposals.
const DETAIL: [&str; 7] = [
    "specification",
    "technical specification",
    "detailed specification",
    "detailed design",
    "reference-level explanation",
    "proposal",
    "proposed solution",
];

/// Lines in which a preamble is looked for.
const PREAMBLE: usize = 80;

/// Characters of a title that are kept: a label stands in the first few.
const TITLE: usize = 64;

/// Words of which a row of a table of demands has one: RFC 2119's, ISO's, and the verb of verification standards.
const MODALS: [&str; 4] = ["must", "shall", "should", "verify"];

/// What an opening holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Evidence {
    /// Rule markers on lines of their own.
    pub(super) markers: usize,
    /// Table rows, list items and headings that label a demand: an id, then a sentence with a modal verb.
    pub(super) rows: usize,
    /// Whether it calls itself a specification in its title, or in a Sphinx project's.
    pub(super) is_titled_specification: bool,
    /// Whether it has a section for what is specified in detail.
    pub(super) has_detail: bool,
    /// What its preamble gives as numbers, by the lower-case names of the fields.
    numbers: Vec<(String, u32)>,
    /// Whether its preamble gives a status.
    has_status: bool,
    /// The first heading.
    title: String,
    /// The marks of kramdown-rfc or mmark, which only Internet-Drafts bear.
    pub(super) is_internet_draft: bool,
    /// Whether RFC 2119 or BCP 14 is named.
    pub(super) names_keywords: bool,
    sections: Share,
    items: Share,
}

/// So many of so many hold a keyword.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Share {
    demanding: usize,
    all: usize,
}

impl Share {
    /// At least half, and enough of them not to be an accident.
    fn is_most(self) -> bool {
        self.demanding >= SEVERAL && self.demanding * 2 >= self.all
    }
}

impl Evidence {
    /// `None` for a file that isn't text.
    pub(super) fn of(bytes: &[u8]) -> Option<Evidence> {
        let bytes = &bytes[..bytes.len().min(SIZE)];
        if bytes.contains(&0) {
            return None;
        }
        let mut scan = Scan::default();
        String::from_utf8_lossy(bytes).lines().for_each(|line| scan.line(line));
        scan.close_section();
        Some(scan.evidence)
    }

    /// Whether the file demands throughout: it says which words do and uses them in several sections, or it is made of
    /// demands.
    pub(super) fn is_normative(&self) -> bool {
        (self.names_keywords && self.sections.demanding >= SEVERAL) || self.demands().is_some()
    }

    /// The beginning of the first heading; empty without one.
    pub(super) fn title(&self) -> &str {
        &self.title
    }

    /// Whether the preamble gives a status, and this number as the document's own.
    pub(super) fn says_its_number(&self, number: u32) -> bool {
        let is_name = |name: &str| {
            (2..=6).contains(&name.len())
                && name.bytes().all(|b| b.is_ascii_lowercase())
                && !["order", "weight", "index", "id", "level", "rank", "page", "sort"].contains(&name)
        };
        self.has_status && self.numbers.iter().any(|(name, found)| *found == number && is_name(name))
    }

    /// Whether it has headings, as prose has.
    pub(super) fn has_several_sections(&self) -> bool {
        self.sections.all >= SEVERAL
    }

    /// Whether several sections demand, be they few among all.
    pub(super) fn demands_in_several(&self) -> bool {
        self.sections.demanding >= SEVERAL
    }

    /// Whether the file is made of demands, and why so: most of its sections, or of the items of a numbered list,
    /// hold a capital RFC 2119 word.
    pub(super) fn demands(&self) -> Option<String> {
        let Share { demanding, all } = if self.sections.is_most() { self.sections } else { self.items };
        let what = if self.sections.is_most() { "sections" } else { "numbered items" };
        (self.sections.is_most() || self.items.is_most())
            .then(|| format!("RFC 2119 words in {demanding} of {all} {what}"))
    }
}

/// A pass over the lines of a file.
#[derive(Default)]
struct Scan {
    evidence: Evidence,
    /// The open code fence: its character and length.
    fence: Option<(char, usize)>,
    /// Whether the line before was blank.
    after_blank: bool,
    /// The line before, trimmed.
    before: String,
    /// Lines seen so far.
    lines: usize,
    /// Whether a heading was seen.
    has_heading: bool,
    /// Whether the line stands in front matter between two lines of `---`.
    in_front: bool,
    /// Whether the last heading is a label, whose demand is still to come.
    labelled: bool,
    section: Part,
    item: Part,
    list: Share,
}

/// A section or an item that is being read.
#[derive(Clone, Copy, Default)]
struct Part {
    open: bool,
    has_text: bool,
    demands: bool,
}

impl Scan {
    fn line(&mut self, line: &str) {
        let bare = unquoted(line);
        self.lines += 1;
        let is_edge = line.trim_end() == "---" && (self.lines == 1 || self.in_front);
        self.in_front ^= is_edge;
        if self.lines <= PREAMBLE {
            self.field(bare);
        }
        if self.is_fenced(bare) {
            return;
        }
        self.evidence.is_internet_draft |= DRAFT_MARKS.contains(&line.trim_end());
        self.evidence.names_keywords |= KEYWORD_SOURCES.iter().any(|source| line.contains(source));
        self.evidence.rows += usize::from(line.starts_with('|') && is_numbered_demand(line));
        if is_rule_marker(bare) || is_open_fast_trace(bare) {
            // An indented code block shows a marker and makes none.
            self.evidence.markers += usize::from(!line.starts_with("    ") && !line.starts_with('\t'));
        } else if line.starts_with('#') && !self.in_front {
            self.close_section();
            self.heading(line.trim_matches(|c: char| c == '#' || c.is_whitespace()));
        } else if is_underline(line) && !self.after_blank && !is_edge {
            // The heading itself was counted as the end of the section before; a capital word in it is rare.
            self.close_section();
            let title = std::mem::take(&mut self.before);
            self.heading(&title);
        } else {
            self.text(line, bare);
        }
        self.after_blank = bare.is_empty();
        bare.clone_into(&mut self.before);
    }

    fn heading(&mut self, title: &str) {
        let says = |word: &str| title.to_ascii_lowercase().contains(word);
        if !self.has_heading {
            self.evidence.title = title.chars().take(TITLE).collect();
        }
        self.evidence.is_titled_specification |= !self.has_heading && says("specification");
        let plain = title.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.').trim();
        self.evidence.has_detail |= DETAIL.iter().any(|wanted| plain.eq_ignore_ascii_case(wanted));
        self.labelled = after_label(title).is_some();
        self.has_heading = true;
    }

    /// A field of a preamble, as `eip: 1559`, or a setting of a Sphinx project.
    fn field(&mut self, bare: &str) {
        let Some((name, value)) = bare.split_once([':', '=']) else { return };
        let name = name.trim().trim_matches(['-', '*', ' ']).to_ascii_lowercase();
        let value = value.trim().trim_start_matches(['u', 'r', 'f']).trim_matches(['"', '\'', '*', ' ']);
        if !self.has_heading {
            self.evidence.has_status |= name == "status" && !value.is_empty();
            if let Ok(number) = value.parse() {
                self.evidence.numbers.push((name, number));
                return;
            }
        }
        // `conf.py` is no Markdown, and its comments look like headings
        if matches!(name.as_str(), "project" | "title" | "html_title") && bare.contains('=') {
            self.evidence.is_titled_specification |= value.to_ascii_lowercase().contains("specification");
        }
    }

    fn text(&mut self, line: &str, bare: &str) {
        if is_numbered(line) {
            self.close_item();
            self.item.open = true;
        } else if self.after_blank && !bare.is_empty() && !line.starts_with([' ', '\t']) {
            self.close_list();
        }
        let label = after_item_mark(line).and_then(after_label);
        if label.is_some_and(is_sentence) || (self.labelled && is_sentence(bare)) {
            self.evidence.rows += 1;
            self.labelled = false;
        }
        let demands = holds_keyword(bare);
        for part in [&mut self.section, &mut self.item] {
            part.has_text |= !bare.is_empty();
            part.demands |= demands;
        }
    }

    fn close_item(&mut self) {
        let item = std::mem::take(&mut self.item);
        if item.open {
            self.list.all += 1;
            self.list.demanding += usize::from(item.demands);
        }
    }

    /// Keeps the list that demands most.
    fn close_list(&mut self) {
        self.close_item();
        let list = std::mem::take(&mut self.list);
        if list.is_most() && list.demanding > self.evidence.items.demanding {
            self.evidence.items = list;
        }
    }

    fn close_section(&mut self) {
        self.close_list();
        let section = std::mem::take(&mut self.section);
        if section.has_text {
            self.evidence.sections.all += 1;
            self.evidence.sections.demanding += usize::from(section.demands);
        }
    }

    /// Whether a line belongs to a fenced code block, its fences included.
    fn is_fenced(&mut self, bare: &str) -> bool {
        let mark = bare.chars().next().filter(|c| matches!(c, '`' | '~'));
        let length = mark.map_or(0, |mark| bare.chars().take_while(|c| *c == mark).count());
        match (self.fence, mark) {
            (Some((open, least)), Some(mark)) if mark == open && length >= least && bare.trim_end().len() == length => {
                self.fence = None;
                true
            }
            (Some(_), _) => true,
            (None, Some(mark)) if length >= 3 && !(mark == '`' && bare[length..].contains('`')) => {
                self.fence = Some((mark, length));
                true
            }
            (None, _) => false,
        }
    }
}

/// The line without indentation and quote markers.
fn unquoted(line: &str) -> &str {
    line.trim_start_matches(|c: char| c == '>' || c.is_whitespace()).trim_end()
}

/// `r[a.b.c]`: a lower-case prefix and a name in brackets, alone.
fn is_rule_marker(bare: &str) -> bool {
    let Some((prefix, name)) = bare.strip_suffix(']').and_then(|rest| rest.split_once('[')) else { return false };
    let starts_low = |text: &str| text.starts_with(|c: char| c.is_ascii_lowercase());
    let in_prefix = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '-');
    let in_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '+' | '-');
    starts_low(prefix) && prefix.chars().all(in_prefix) && starts_low(name) && name.chars().all(in_name)
}

/// `` `req~name~1` ``, alone.
fn is_open_fast_trace(bare: &str) -> bool {
    let Some(inner) = bare.strip_prefix('`').and_then(|rest| rest.strip_suffix('`')) else { return false };
    let parts: Vec<&str> = inner.split('~').collect();
    let [kind, name, revision] = parts[..] else { return false };
    let is_name = name.starts_with(char::is_alphabetic)
        && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '.' | '-'));
    let is = |text: &str, test: fn(&char) -> bool| !text.is_empty() && text.chars().all(|c| test(&c));
    is(kind, char::is_ascii_alphabetic) && is_name && is(revision, char::is_ascii_digit)
}

/// The underline of a setext heading.
fn is_underline(line: &str) -> bool {
    let line = line.trim_end();
    line.len() >= 2 && (line.bytes().all(|b| b == b'=') || line.bytes().all(|b| b == b'-'))
}

/// An item of a top-level numbered list.
fn is_numbered(line: &str) -> bool {
    let rest = line.trim_start_matches(|c: char| c.is_ascii_digit());
    rest.len() < line.len() && rest.strip_prefix(['.', ')']).is_some_and(|rest| rest.starts_with([' ', '\t']))
}

/// A table row with an id of several parts in its first cell and a sentence that demands in another.
fn is_numbered_demand(row: &str) -> bool {
    let mut cells = row.trim_matches(|c: char| c == '|' || c.is_whitespace()).split('|');
    let id = cells.next().unwrap_or("").trim_matches(|c| matches!(c, '*' | '`' | '_' | ' ' | '[' | ']'));
    let parts: Vec<&str> = id.split(['.', '-', '_']).collect();
    let sound = |part: &&str| {
        (1..=12).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
    };
    let is_range = id.contains('-') && id.bytes().all(|b| !b.is_ascii_alphabetic());
    let is_id = parts.len() > 1
        && !is_range
        && parts.iter().all(sound)
        && parts.last().is_some_and(|last| last.starts_with(|c: char| c.is_ascii_digit()));
    is_id && cells.any(is_sentence)
}

/// What stands behind the mark of a list item.
fn after_item_mark(line: &str) -> Option<&str> {
    let line = line.trim_start();
    let rest = line.strip_prefix(['-', '*', '+']).or_else(|| {
        let rest = line.trim_start_matches(|c: char| c.is_ascii_digit());
        (rest.len() < line.len()).then(|| rest.strip_prefix(['.', ')'])).flatten()
    })?;
    rest.starts_with(' ').then(|| rest.trim_start())
}

/// What stands behind a label: `**FR-001**: …`, `AUTH-2: …` or `[AUTH-2] …`.
fn after_label(text: &str) -> Option<&str> {
    let text = text.trim_start_matches(['*', '`', '[']);
    let end = text.find(|c: char| !(c.is_ascii_uppercase() || c.is_ascii_digit() || c == '-'))?;
    let (prefix, number) = text[..end].rsplit_once('-')?;
    let is_label = prefix.starts_with(|c: char| c.is_ascii_uppercase())
        && (1..=4).contains(&number.len())
        && number.bytes().all(|b| b.is_ascii_digit())
        && !OTHER_LABELS.iter().any(|other| prefix == *other || prefix.starts_with(&format!("{other}-")));
    let rest = text[end..].trim_start_matches(|c: char| c.is_ascii_lowercase());
    (is_label && text[end..].len() - rest.len() <= 1 && rest.starts_with(['*', '`', ']', ':', ' ', '.']))
        .then_some(rest)
}

/// Labels of what is no demand: weaknesses, decisions, other people's standards and code pages.
const OTHER_LABELS: [&str; 12] =
    ["CVE", "GHSA", "CWE", "RUSTSEC", "ADR", "RFC", "ISO", "IEC", "UTF", "SHA", "AES", "GPT"];

/// Several words, one of which demands.
fn is_sentence(cell: &str) -> bool {
    cell.split_whitespace().nth(3).is_some()
        && cell.split(|c: char| !c.is_alphanumeric()).any(|w| MODALS.iter().any(|modal| w.eq_ignore_ascii_case(modal)))
}

fn holds_keyword(text: &str) -> bool {
    text.split(|c: char| !c.is_alphanumeric()).any(|word| KEYWORDS.contains(&word))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Evidence {
        Evidence::of(text.as_bytes()).unwrap()
    }

    #[test]
    fn markers_stand_alone_and_outside_fences() {
        let text = "r[a.b]\n> r[a.b-c+2]\n  > > req[x]\nsee r[a.b]\n[link]\na[B]\n```\nr[no]\n~~~\n```\nfoo-1[x_y]\n`req~log-in~12`\n`a~b`\n";
        assert_eq!(of(text).markers, 5);
        assert_eq!(of("````\n```\nr[a]\n````\nr[b]\n").markers, 1);
        assert_eq!(of("```r[a]``` is code\nr[b]\n").markers, 1);
        assert_eq!(of("An item:\n\n    `req~log-in~1`\n\n\tr[a]\n").markers, 0);
    }

    #[test]
    fn most_sections_or_most_items_must_demand() {
        assert!(of("# A\nx MUST y\n# B\nSHALL\n# C\nMAY\n# D\nno\n").demands().is_some());
        assert!(of("# A\nx must y\n# B\nshall\n# C\nmay\n").demands().is_none());
        assert!(of("# A\nMUST\n# B\nx\n# C\ny\n").demands().is_none());
        let list =
            "T\n=\n\n1. a MUST\n\n1. b\nMAY c\n\n1. d SHOULD\n\n2) e\n\nafter\n\n# F\nx\n# G\ny\n# H\nz\n# I\nz\n";
        assert_eq!(of(list).demands().as_deref(), Some("RFC 2119 words in 3 of 4 numbered items"));
        assert!(of("1. a\n2. b\n3. c\n4. d MUST\n").demands().is_none());
    }

    #[test]
    fn labels_of_items_and_headings_stand_before_a_demand() {
        let text = "- **FR-001**: The system MUST log in.\n* **FR-2a:** A user shall be told.\n1. [SYS-SEC-3] It should stop at once.\n- **FR-4**: Logs.\n\n## AUTH-2: Lock\n\nThe account must be locked.\n\n## AUTH-3\n\nNothing of note here.\n";
        assert_eq!(of(text).rows, 4);
        assert_eq!(of("- **CVE-2020-1234**: you should upgrade now\n- UTF-8 must be used here\n").rows, 0);
    }

    #[test]
    fn a_preamble_gives_number_and_status() {
        let eip = of("---\neip: 1559\ntitle: Fees\nstatus: Final\n---\n\n## Abstract\n\n## Specification\n\nx\n");
        assert!(eip.says_its_number(1559) && !eip.says_its_number(1) && eip.has_detail);
        assert!(of("PEP: 8\nTitle: Style\nStatus: Active\n\nIntroduction\n============\n").says_its_number(8));
        assert!(!of("---\nnav_order: 12\nid: 12\nstatus: done\n---\n# A\n").says_its_number(12));
        assert!(!of("# 12. Use a cache\n\n## Status\n\nAccepted\n\nADR: 12\n").says_its_number(12));
    }

    #[test]
    fn a_title_calls_it_a_specification() {
        assert!(of("WebAssembly Specification\n=========================\n\ntext\n").is_titled_specification);
        assert!(of("# setup\nproject = u'X'\ntitle = u'X Specification'\n").is_titled_specification);
        assert!(!of("Manual\n======\n\nSpecification\n=============\n").is_titled_specification);
    }

    #[test]
    fn binary_files_say_nothing() {
        assert!(Evidence::of(b"r[a]\0").is_none());
    }
}
