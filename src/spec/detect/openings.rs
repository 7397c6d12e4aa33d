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

/// Words of which a row of a table of demands has one: RFC 2119's, ISO's, and the verb of verification standards.
const MODALS: [&str; 4] = ["must", "shall", "should", "verify"];

/// What an opening holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Evidence {
    /// Rule markers on lines of their own.
    pub(super) markers: usize,
    /// Table rows that number a demand: an id, then a cell with a modal verb.
    pub(super) rows: usize,
    /// The marks of kramdown-rfc or mmark, which only Internet-Drafts bear.
    pub(super) is_internet_draft: bool,
    /// Whether RFC 2119 or BCP 14 is named.
    names_keywords: bool,
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
        if self.is_fenced(bare) {
            return;
        }
        self.evidence.is_internet_draft |= DRAFT_MARKS.contains(&line.trim_end());
        self.evidence.names_keywords |= KEYWORD_SOURCES.iter().any(|source| line.contains(source));
        self.evidence.rows += usize::from(line.starts_with('|') && is_numbered_demand(line));
        if is_rule_marker(bare) || is_open_fast_trace(bare) {
            // An indented code block shows a marker and makes none.
            self.evidence.markers += usize::from(!line.starts_with("    ") && !line.starts_with('\t'));
        } else if line.starts_with('#') {
            self.close_section();
        } else if is_underline(line) && !self.after_blank {
            // The heading itself was counted as the end of the section before; a capital word in it is rare.
            self.close_section();
        } else {
            self.text(line, bare);
        }
        self.after_blank = bare.is_empty();
    }

    fn text(&mut self, line: &str, bare: &str) {
        if is_numbered(line) {
            self.close_item();
            self.item.open = true;
        } else if self.after_blank && !bare.is_empty() && !line.starts_with([' ', '\t']) {
            self.close_list();
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
    fn binary_files_say_nothing() {
        assert!(Evidence::of(b"r[a]\0").is_none());
    }
}
