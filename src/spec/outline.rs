//! The block structure of a Markdown file, by lines: what the dialects cut their clauses from.

use std::ops::Range;

use pulldown_cmark::{Event, Parser, Tag, TagEnd};

use super::formats::markers;
use super::memo::Notes;
use super::pieces::{Piece, pieces};
use super::prose::{any_label, options};

/// A heading outside quotes and lists.
#[derive(Clone, Debug)]
pub struct Heading {
    /// 1 to 6.
    pub level: u8,
    /// First and last line, 1-based, the rule markers above the words of a setext heading left out.
    pub lines: (u32, u32),
    /// Plain text.
    pub title: String,
    /// `{#id}` or a kramdown `{: #id}` on the line behind.
    pub id: Option<String>,
}

/// An item of a list that stands outside quotes.
#[derive(Clone, Debug)]
pub struct Item {
    /// First and last line with all that is nested in it, trailing blank lines off.
    pub lines: (u32, u32),
    /// Its list.
    pub list: usize,
    /// Text behind the marker on the first line, where it begins with `**`, `__` or `[` as one with an id does.
    pub opening: String,
}

/// A list that stands outside quotes.
#[derive(Clone, Debug)]
pub struct List {
    /// Whether its items are numbered.
    pub ordered: bool,
    /// 1 for a list that is in no other.
    pub depth: usize,
    /// The item that holds it.
    pub within: Option<usize>,
    /// Its items, indices into [`Outline::items`].
    pub items: Vec<usize>,
}

/// A table outside quotes and lists.
#[derive(Clone, Debug, Default)]
pub struct Table {
    /// The line of its header.
    pub first: u32,
    /// Header cells, Markdown as it stands.
    pub header: Vec<String>,
    /// Rows: line and cells.
    pub rows: Vec<(u32, Vec<String>)>,
}

/// The structure of a piece of a file that reads the same wherever it stands; lines count from 1.
#[derive(Debug, Default)]
pub struct Structure {
    headings: Vec<Heading>,
    lists: Vec<List>,
    items: Vec<Item>,
    tables: Vec<Table>,
    verbatim: Vec<bool>,
    nobody: Vec<bool>,
    rule: Vec<bool>,
    goes_on: Vec<bool>,
    footnotes: Notes,
}

impl Structure {
    /// Parses a piece.
    pub fn of(text: &str) -> Self {
        let mut starts = Vec::with_capacity(text.len() / 32 + 1);
        starts.push(0);
        starts.extend(memchr::memchr_iter(b'\n', text.as_bytes()).map(|at| at + 1));
        // behind the last newline no line begins
        let count = starts.len() - usize::from(starts.last() == Some(&text.len()));
        let mut structure = Structure::plain(count);
        let parser = Parser::new_with_broken_link_callback(text, options(), Some(any_label));
        let definitions: Vec<Range<usize>> =
            parser.reference_definitions().iter().map(|(_, d)| d.span.clone()).collect();
        let mut scan = Scan::new(text, &starts, &mut structure);
        for (event, range) in parser.into_offset_iter() {
            scan.event(event, range);
        }
        for range in definitions {
            let (first, last) = scan.lines_of(&range);
            Scan::paint(&mut scan.outline.nobody, first, last);
        }
        scan.repeated_definitions();
        structure
    }

    /// So many lines of plain text.
    fn plain(count: usize) -> Self {
        Structure {
            verbatim: vec![false; count],
            nobody: vec![false; count],
            rule: vec![false; count],
            goes_on: vec![false; count],
            ..Default::default()
        }
    }

    /// Lines that belong to nobody and hold no marker.
    fn of_nobody(text: &str) -> Self {
        let count = text.lines().count();
        Structure { verbatim: vec![true; count], nobody: vec![true; count], ..Structure::plain(count) }
    }
}

/// Everything the dialects need to know of a Markdown file.
#[derive(Debug, Default)]
pub struct Outline<'t> {
    /// The lines, line ends off; line 1 is at index 0.
    pub lines: Vec<&'t str>,
    /// Headings in order.
    pub headings: Vec<Heading>,
    /// Lists in order of their first item.
    pub lists: Vec<List>,
    /// List items in order.
    pub items: Vec<Item>,
    /// Tables in order.
    pub tables: Vec<Table>,
    /// Per line: in code, HTML or front matter, where no marker counts.
    pub verbatim: Vec<bool>,
    /// Per line: link definitions, footnotes and front matter, which belong to nobody.
    pub nobody: Vec<bool>,
    /// Per line: a thematic break, which belongs to nobody at a clause's edge.
    pub rule: Vec<bool>,
    /// Per line: the second or a later line of a paragraph. Told only where the file has a line that looks like a marker.
    pub goes_on: Vec<bool>,
    /// Footnote texts by label, in order.
    pub footnotes: Notes,
}

impl<'t> Outline<'t> {
    /// Reads the structure of a file or of a passage of it, piece by piece.
    pub fn new(text: &'t str) -> Self {
        Outline::shown_as(text, text)
    }

    /// The same, where the structure is that of another text whose bytes stand in the same places.
    pub fn shown_as(text: &'t str, shown: &str) -> Self {
        let mut outline = Outline { lines: text.lines().collect(), ..Default::default() };
        let mut at = 0;
        for piece in pieces(text) {
            let (Piece::FrontMatter(own) | Piece::Markdown(own)) = piece;
            let shown = shown.get(at..at + own.len()).unwrap_or(own);
            at += own.len();
            let parsed = match piece {
                Piece::FrontMatter(text) => Structure::of_nobody(text),
                Piece::Markdown(_) => Structure::of(shown),
            };
            outline.append(parsed);
        }
        outline.kramdown_ids();
        outline
    }

    /// Adds a piece behind those before it.
    fn append(&mut self, piece: Structure) {
        let line = u32::try_from(self.verbatim.len()).unwrap_or(u32::MAX);
        let (list, item) = (self.lists.len(), self.items.len());
        let shift = |(first, last): (u32, u32)| (first + line, last + line);
        self.headings.extend(piece.headings.into_iter().map(|h| Heading { lines: shift(h.lines), ..h }));
        self.items.extend(piece.items.into_iter().map(|i| Item { lines: shift(i.lines), list: i.list + list, ..i }));
        self.lists.extend(piece.lists.into_iter().map(|mut l| {
            l.items.iter_mut().for_each(|at| *at += item);
            List { within: l.within.map(|at| at + item), ..l }
        }));
        self.tables.extend(piece.tables.into_iter().map(|mut t| {
            t.rows.iter_mut().for_each(|(at, _)| *at += line);
            t.first += line;
            t
        }));
        self.verbatim.extend(piece.verbatim);
        self.nobody.extend(piece.nobody);
        self.rule.extend(piece.rule);
        self.goes_on.extend(piece.goes_on);
        self.footnotes.extend(piece.footnotes);
    }

    /// A line by its 1-based number; empty past the end.
    pub fn line(&self, number: u32) -> &'t str {
        self.lines.get((number as usize).wrapping_sub(1)).copied().unwrap_or("")
    }

    /// How many lines.
    pub fn count(&self) -> u32 {
        u32::try_from(self.lines.len()).unwrap_or(u32::MAX)
    }

    /// Whether a line is blank, a thematic break or nobody's: what a clause's edges are trimmed of.
    pub fn is_edge(&self, number: u32) -> bool {
        let at = (number as usize).wrapping_sub(1);
        self.line(number).trim().is_empty()
            || self.rule.get(at).copied().unwrap_or(false)
            || self.nobody.get(at).copied().unwrap_or(false)
    }

    /// Gives a heading the id of a kramdown attribute list `{: #id}` on the line behind it.
    fn kramdown_ids(&mut self) {
        for at in 0..self.headings.len() {
            let behind = self.headings[at].lines.1 + 1;
            let line = self.line(behind).trim();
            let Some(list) = line.strip_prefix("{:").and_then(|l| l.strip_suffix('}')) else { continue };
            let id = list.split_whitespace().find_map(|word| word.strip_prefix('#'));
            if self.headings[at].id.is_none() {
                self.headings[at].id = id.map(str::to_owned);
            }
            if let Some(nobody) = self.nobody.get_mut(behind as usize - 1) {
                *nobody = true;
            }
        }
    }
}

/// Walks the parser's events and notes what stands where.
struct Scan<'o, 't> {
    text: &'t str,
    starts: &'o [usize],
    outline: &'o mut Structure,
    quotes: usize,
    open_lists: Vec<usize>,
    open_items: Vec<usize>,
    heading: Option<Heading>,
    /// Markers above the words of the heading that are still to come, each on a line of its own.
    above_heading: u32,
    footnote: Option<(String, usize)>,
    table: Option<Table>,
    /// Whether there is a line that may be a marker.
    has_markers: bool,
    /// The lines of which the parser says anything, where a definition may be among the others.
    read: Option<Vec<bool>>,
}

impl<'o, 't> Scan<'o, 't> {
    fn new(text: &'t str, starts: &'o [usize], outline: &'o mut Structure) -> Self {
        let count = outline.nobody.len();
        Scan {
            text,
            starts,
            outline,
            quotes: 0,
            open_lists: Vec::new(),
            open_items: Vec::new(),
            heading: None,
            above_heading: 0,
            footnote: None,
            table: None,
            has_markers: text.lines().any(|line| markers::of_line(line).is_some()),
            read: memchr::memmem::find(text.as_bytes(), b"]:").map(|_| vec![false; count]),
        }
    }

    /// The 1-based line of a byte offset.
    fn line_at(&self, offset: usize) -> u32 {
        u32::try_from(self.starts.partition_point(|&start| start <= offset)).unwrap_or(u32::MAX)
    }

    /// First and last line of a range, white space at its end left out.
    fn lines_of(&self, range: &Range<usize>) -> (u32, u32) {
        let end = range.start + self.text[range.clone()].trim_end().len();
        (self.line_at(range.start), self.line_at(end.saturating_sub(1).max(range.start)))
    }

    fn paint(lines: &mut [bool], first: u32, last: u32) {
        for number in first..=last {
            if let Some(line) = lines.get_mut((number as usize).wrapping_sub(1)) {
                *line = true;
            }
        }
    }

    /// The line of a 1-based number.
    fn line(&self, number: u32) -> &'t str {
        let start = self.starts.get((number as usize).wrapping_sub(1)).copied().unwrap_or(self.text.len());
        self.text[start..].lines().next().unwrap_or("")
    }

    /// Link definitions that say a label once more: of those the parser says nothing, like of no other line of text.
    fn repeated_definitions(&mut self) {
        let Some(read) = self.read.take() else { return };
        for (at, is_read) in read.into_iter().enumerate() {
            let number = u32::try_from(at + 1).unwrap_or(u32::MAX);
            if !is_read && !self.outline.verbatim[at] && is_definition(self.line(number)) {
                self.outline.nobody[at] = true;
            }
        }
    }

    /// Notes on which lines the parser found what.
    fn note(&mut self, event: &Event<'t>, range: &Range<usize>) {
        let paragraph = matches!(event, Event::Start(Tag::Paragraph));
        let broken = matches!(event, Event::SoftBreak | Event::HardBreak);
        if self.has_markers && (paragraph || broken) {
            let (first, last) = self.lines_of(range);
            Self::paint(&mut self.outline.goes_on, first + 1, if broken { first + 1 } else { last });
        }
        let is_leaf = match event {
            Event::Start(tag) => matches!(tag, Tag::Link { .. } | Tag::Image { .. }),
            Event::End(_) | Event::SoftBreak | Event::HardBreak => false,
            _ => true,
        };
        if is_leaf && self.read.is_some() {
            let (first, last) = self.lines_of(range);
            if let Some(read) = &mut self.read {
                Self::paint(read, first, last);
            }
        }
    }

    fn event(&mut self, event: Event<'t>, range: Range<usize>) {
        self.note(&event, &range);
        match event {
            Event::Start(tag) => self.start(tag, range),
            Event::End(tag) => self.end(tag),
            Event::Text(text) | Event::Code(text) => {
                if let Some(heading) = &mut self.heading {
                    heading.title.push_str(&text);
                }
            }
            Event::SoftBreak | Event::HardBreak => {
                if let Some(heading) = &mut self.heading {
                    match self.above_heading {
                        0 => heading.title.push(' '),
                        1 => heading.title.clear(),
                        _ => {}
                    }
                    self.above_heading = self.above_heading.saturating_sub(1);
                }
            }
            Event::Rule => {
                let line = self.line_at(range.start);
                Self::paint(&mut self.outline.rule, line, line);
            }
            _ => {}
        }
    }

    fn start(&mut self, tag: Tag<'t>, range: Range<usize>) {
        let top = self.quotes == 0 && self.open_lists.is_empty() && self.footnote.is_none();
        match tag {
            Tag::Heading { level, id, .. } if top => {
                let (first, last) = self.lines_of(&range);
                let is_marker = |&number: &u32| matches!(markers::of_line(self.line(number)), Some((_, false)));
                let above = (first..last).take_while(is_marker).count() as u32;
                if above > 0 && first + above == last {
                    // nothing but markers above a line of dashes
                    Self::paint(&mut self.outline.rule, last, last);
                    return;
                }
                self.above_heading = above;
                self.heading = Some(Heading {
                    level: level as u8,
                    lines: (first + above, last),
                    title: String::new(),
                    id: id.map(|id| id.into_string()),
                });
            }
            Tag::CodeBlock(_) | Tag::HtmlBlock => {
                let (first, last) = self.lines_of(&range);
                Self::paint(&mut self.outline.verbatim, first, last);
            }
            Tag::BlockQuote(_) => self.quotes += 1,
            Tag::FootnoteDefinition(label) => {
                let (first, last) = self.lines_of(&range);
                Self::paint(&mut self.outline.nobody, first, last);
                let body = self.text[range.clone()].split_once("]:").map_or("", |(_, body)| body.trim());
                self.outline.footnotes.push((label.to_string(), body.to_owned()));
                self.footnote = Some((label.into_string(), range.end));
            }
            Tag::List(number) => {
                let within = self.open_items.last().copied();
                let depth = self.open_lists.len() + 1;
                self.open_lists.push(self.outline.lists.len());
                self.outline.lists.push(List { ordered: number.is_some(), depth, within, items: Vec::new() });
            }
            Tag::Item => self.item(range),
            Tag::Table(_) if top => self.table = Some(Table { first: self.line_at(range.start), ..Table::default() }),
            Tag::TableHead => {
                let cells = self.cells(&range);
                if let Some(table) = &mut self.table {
                    table.header = cells;
                }
            }
            Tag::TableRow => {
                let line = self.line_at(range.start);
                let cells = self.cells(&range);
                if let Some(table) = &mut self.table {
                    table.rows.push((line, cells));
                }
            }
            _ => {}
        }
    }

    fn item(&mut self, range: Range<usize>) {
        let Some(&list) = self.open_lists.last() else { return };
        let lines = self.lines_of(&range);
        let opening = self.opening(lines.0, range.start);
        let at = self.outline.items.len();
        self.open_items.push(at);
        if self.quotes == 0 && self.footnote.is_none() {
            self.outline.lists[list].items.push(at);
        }
        self.outline.items.push(Item { lines, list, opening });
    }

    /// The text behind the marker of an item that begins a line, where it may hold an id: bold, or a task.
    fn opening(&self, line: u32, from: usize) -> String {
        let start = self.starts[line as usize - 1];
        if !self.text[start..from].trim().is_empty() {
            return String::new();
        }
        let line = self.text[from..].lines().next().unwrap_or("").trim_start();
        let opening = line.trim_start_matches(|c: char| c.is_ascii_digit());
        let opening = opening.strip_prefix(['-', '*', '+', '.', ')']).unwrap_or(opening).trim();
        let may_have_id = ["**", "__", "["].iter().any(|mark| opening.starts_with(mark));
        if may_have_id { opening.to_owned() } else { String::new() }
    }

    /// The cells of a row as they stand, split at `|` that aren't escaped.
    fn cells(&self, range: &Range<usize>) -> Vec<String> {
        let row = self.text[range.clone()].trim();
        let row = row.strip_prefix('|').unwrap_or(row);
        let mut cells = vec![String::new()];
        let mut escaped = false;
        for c in row.chars() {
            match c {
                '|' if !escaped => cells.push(String::new()),
                c => {
                    if let Some(cell) = cells.last_mut() {
                        cell.push(c);
                    }
                }
            }
            escaped = c == '\\' && !escaped;
        }
        if row.ends_with('|') && cells.len() > 1 && cells.last().is_some_and(|c| c.trim().is_empty()) {
            cells.pop();
        }
        cells.iter().map(|cell| cell.trim().to_owned()).collect()
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Heading(_) => {
                if let Some(heading) = self.heading.take() {
                    self.outline.headings.push(heading);
                }
            }
            TagEnd::BlockQuote(_) => self.quotes = self.quotes.saturating_sub(1),
            TagEnd::FootnoteDefinition => self.footnote = None,
            TagEnd::List(_) => {
                self.open_lists.pop();
            }
            TagEnd::Item => {
                self.open_items.pop();
            }
            TagEnd::Table => {
                if let Some(table) = self.table.take() {
                    self.outline.tables.push(table);
                }
            }
            _ => {}
        }
    }
}

/// Whether a line by itself would define what a label links to.
fn is_definition(line: &str) -> bool {
    let text = line.trim_start_matches(' ');
    let label = text.strip_prefix('[').and_then(|rest| rest.split_once("]:")).map(|(label, _)| label);
    line.len() - text.len() < 4
        && label.is_some_and(|label| !label.trim().is_empty() && !label.starts_with('^') && !label.contains(['[', ']']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn structure_is_found_by_lines() {
        let text = "---\ntitle: x\n---\nTitle\n=====\n\n1. **a** MUST\n   more\n\n1. b\n   - [ ] c\n\n```\n# no heading\n```\n\n## Two {#two}\n\n|a|b|\n|-|-|\n|1|2\\|3|\n\n[x]: y\n";
        let outline = Outline::new(text);
        let headings: Vec<_> =
            outline.headings.iter().map(|h| (h.level, h.lines, h.title.as_str(), h.id.as_deref())).collect();
        assert_eq!(headings, [(1, (4, 5), "Title", None), (2, (17, 17), "Two", Some("two"))]);
        let items: Vec<_> = outline.items.iter().map(|i| (i.lines, i.opening.as_str())).collect();
        assert_eq!(items, [((7, 8), "**a** MUST"), ((10, 11), ""), ((11, 11), "[ ] c")]);
        assert_eq!(outline.lists[0].items, [0, 1]);
        assert_eq!(outline.tables[0].rows, [(21, vec!["1".to_owned(), "2\\|3".to_owned()])]);
        assert!(outline.nobody[22] && outline.nobody[0] && outline.verbatim[13]);
    }

    #[test]
    fn a_definition_that_is_repeated_is_nobodys_too() {
        let nobody = |text: &str| -> Vec<bool> { Outline::new(text).nobody };
        assert_eq!(nobody("x [a]\n\n[a]: u\n\n[a]: v\n\n[b]:\n"), [false, false, true, false, true, false, false]);
        for text in ["`a\n[x]: y\nb`\n", "```\n[x]: y\n[x]: z\n```\n", "[a]: u\n\nsee\n[a]: v\n"] {
            assert!(nobody(text).iter().skip(1).all(|is| !is), "{text}");
        }
    }

    #[test]
    fn kramdown_ids_are_read() {
        let outline = Outline::new("# A\n{: #a .b}\n\ntext\n");
        assert_eq!(outline.headings[0].id.as_deref(), Some("a"));
    }

    /// Snippets that open and close what could reach across a cut.
    const SNIPPETS: &[&str] = &[
        "# A\n",
        "## B\n",
        "r[a.b]\n",
        "r[c]\n## C\n",
        "\n",
        "\n\n",
        "text\n",
        "    code\n",
        "```\n",
        "~~~~\n",
        "  ```\n",
        "   ~~~\n",
        "- item\n",
        "  more\n",
        "1. one\n",
        "   - deep\n",
        "> quote\n",
        "> ```\n",
        "> # Q\n",
        "<!-- open\n",
        "-->\n",
        " <!-- x -->\n",
        "<div>\n",
        "</div>\n",
        "<pre>\n",
        "</pre>\n",
        "<script>\n",
        "</script>\n",
        "[x]: y\n",
        "[^1]: note\n",
        "    more\n",
        "| a | b |\n|-|-|\n| 1 | 2 |\n",
        "Title\n===\n",
        "---\n",
        "+++\n",
        "  # in\n",
        "`a\n",
        "b`\n",
        "<!doctype\n",
        ">\n",
        "* * *\n",
        "\t# tab\n",
        "{: #id}\n",
        "# D {#d}\n",
        "  - x\n\n    ```\n",
    ];

    proptest::proptest! {
        #![proptest_config(proptest::prelude::ProptestConfig::with_cases(2000))]

        #[test]
        fn pieces_read_as_the_whole_does(parts in proptest::collection::vec(proptest::sample::select(SNIPPETS), 0..24)) {
            let text: String = parts.concat();
            let cut = Outline::new(&text);
            let body: String = pieces(&text)
                .into_iter()
                .filter_map(|piece| if let Piece::Markdown(text) = piece { Some(text) } else { None })
                .collect();
            let front = text.len() - body.len();
            let mut whole = Outline { lines: text.lines().collect(), ..Default::default() };
            whole.append(Structure::of_nobody(&text[..front]));
            whole.append(Structure::of(&body));
            whole.kramdown_ids();
            let told = |o: &Outline| format!("{:?} {:?} {:?} {:?} {:?} {:?} {:?}", o.headings, o.lists, o.items, o.tables, o.verbatim, o.nobody, o.rule);
            // What goes on is told only where it is asked for, and each piece asks for itself.
            let marks = |o: &Outline| format!("{:?}", markers::find(o));
            proptest::prop_assert_eq!(marks(&cut), marks(&whole), "{:?}", text);
            proptest::prop_assert_eq!(told(&cut), told(&whole), "{:?}", text);
        }
    }
}
