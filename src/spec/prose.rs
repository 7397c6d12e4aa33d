//! Markdown text of one clause in, its normalised words out.
//!
//! A clause is tokenised alone, without the file around it: `[a]` and `[a][b]` are links whether or not the file
//! defines the label, so that the version depends on the clause alone. Only a referenced footnote's text is fetched.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::collections::{HashMap, HashSet};

use pulldown_cmark::{BrokenLink, CodeBlockKind, CowStr, Event, LinkType, Options, Parser, Tag, TagEnd};

use super::token::{TokenBuilder, Tokens, kind};

/// What the text of a clause says, apart from its layout.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Prose {
    /// Normalised words.
    pub tokens: Tokens,
    /// Targets of links and images: inline ones verbatim, reference ones as `[label]`.
    pub targets: Vec<String>,
    /// Task marks, as `("task", "x")`.
    pub metadata: Vec<(String, String)>,
}

/// The extensions that specs use: tables, footnotes, strike-through, task lists, heading ids.
///
/// Front matter is not among them: the parser would take any `---` block for it, in the middle of a file too.
pub fn options() -> Options {
    Options::ENABLE_TABLES
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_HEADING_ATTRIBUTES
}

/// Takes every reference for a link, so that a label needs no definition.
pub fn any_label<'i>(link: BrokenLink<'i>) -> Option<(CowStr<'i>, CowStr<'i>)> {
    Some((CowStr::from(format!("[{}]", link.reference)), CowStr::Borrowed("")))
}

/// A footnote of a file, read when a clause first refers to it.
#[derive(Clone, Debug, Default)]
pub struct Footnote {
    text: String,
    /// How many tokens it has, and the digits of their version.
    known: OnceCell<(usize, String)>,
}

impl Footnote {
    /// A footnote with this text.
    pub fn new(text: String) -> Footnote {
        Footnote { text, known: OnceCell::new() }
    }

    /// The number of its own tokens and the digits of their version, without those of footnotes that it refers to.
    fn known(&self) -> &(usize, String) {
        self.known.get_or_init(|| {
            let tokens = read(&self.text, &HashMap::new()).tokens;
            (tokens.len(), tokens.version().digits())
        })
    }
}

/// Reads the Markdown of one clause; `footnotes` are the file's footnotes by label.
pub fn read(text: &str, footnotes: &HashMap<String, Footnote>) -> Prose {
    let mut reader = Reader::new(footnotes, text.len());
    reader.run(text);
    Prose { tokens: reader.out.finish(), targets: reader.targets, metadata: reader.metadata }
}

struct Reader<'f> {
    footnotes: &'f HashMap<String, Footnote>,
    seen_footnotes: HashSet<String>,
    footnote_tokens: usize,
    out: TokenBuilder,
    targets: Vec<String>,
    metadata: Vec<(String, String)>,
    code: Option<String>,
    html: Option<String>,
    list_depth: usize,
    skip: usize,
    skip_link: bool,
    interval: bool,
    /// A quotation was opened, and nothing stood in it so far.
    quote_begins: bool,
    header: Vec<String>,
    head_cell: Option<String>,
    column: usize,
    cell_pending: bool,
}

impl<'f> Reader<'f> {
    fn new(footnotes: &'f HashMap<String, Footnote>, bytes: usize) -> Self {
        Reader {
            footnotes,
            seen_footnotes: HashSet::new(),
            footnote_tokens: 0,
            out: TokenBuilder::for_text(bytes),
            targets: Vec::new(),
            metadata: Vec::new(),
            code: None,
            html: None,
            list_depth: 0,
            skip: 0,
            skip_link: false,
            interval: false,
            quote_begins: false,
            header: Vec::new(),
            head_cell: None,
            column: 0,
            cell_pending: false,
        }
    }

    fn run(&mut self, text: &str) {
        let text = with_footnote_stubs(text);
        for event in Parser::new_with_broken_link_callback(&text, options(), Some(any_label)) {
            if self.skip > 0 {
                match event {
                    Event::Start(_) => self.skip += 1,
                    Event::End(_) => self.skip -= 1,
                    _ => {}
                }
                continue;
            }
            let begins = match &event {
                Event::Start(Tag::BlockQuote(_)) => true,
                Event::Start(Tag::Paragraph) => self.quote_begins,
                _ => false,
            };
            match event {
                Event::Start(tag) => self.start(tag),
                Event::End(tag) => self.end(tag),
                other => self.inline(other),
            }
            self.quote_begins = begins;
        }
    }

    fn inline(&mut self, event: Event) {
        if self.skip_link {
            return;
        }
        match event {
            Event::Text(text) => self.text(&text),
            Event::Code(code) => {
                self.cell();
                if let Some(cell) = &mut self.head_cell {
                    cell.push_str(&code);
                }
                self.out.literal(kind::CODE, &code);
            }
            Event::SoftBreak | Event::HardBreak | Event::Rule => self.out.word_end(),
            Event::Html(html) => match &mut self.html {
                Some(block) => block.push_str(&html),
                None => self.html(&html),
            },
            Event::InlineHtml(html) => self.html(&html),
            Event::TaskListMarker(done) => {
                let mark = if done { "x" } else { " " };
                self.metadata.push(("task".to_owned(), mark.to_owned()));
            }
            Event::FootnoteReference(label) => self.footnote(&label),
            Event::InlineMath(math) | Event::DisplayMath(math) => self.out.literal(kind::CODE, &math),
            Event::Start(_) | Event::End(_) => {}
        }
    }

    fn text(&mut self, text: &str) {
        if let Some(code) = &mut self.code {
            code.push_str(text);
            return;
        }
        if !text.trim().is_empty() {
            self.cell();
        }
        if let Some(cell) = &mut self.head_cell {
            cell.push_str(text);
        }
        self.out.text(text);
    }

    fn start(&mut self, tag: Tag) {
        match tag {
            Tag::CodeBlock(block) => {
                self.cell();
                if let CodeBlockKind::Fenced(info) = block
                    && !info.trim().is_empty()
                {
                    self.out.literal(kind::INFO, info.trim());
                }
                self.out.word_end();
                self.code = Some(String::new());
            }
            Tag::HtmlBlock => self.html = Some(String::new()),
            Tag::List(_) => {
                self.list_depth += 1;
                self.out.word_end();
            }
            Tag::Item => {
                self.out.word_end();
                if self.list_depth > 1 {
                    self.out.mark(kind::DEPTH, &self.list_depth.to_string());
                }
            }
            Tag::Strikethrough => {
                self.cell();
                self.out.literal(kind::STRIKE, "");
            }
            Tag::Link { link_type, dest_url, .. } => self.link(link_type, &dest_url),
            Tag::Image { dest_url, .. } => {
                self.cell();
                self.out.literal(kind::IMAGE, &dest_url);
                self.targets.push(dest_url.into_string());
            }
            Tag::FootnoteDefinition(_) => self.skip = 1,
            Tag::Table(_) => self.header.clear(),
            Tag::TableRow => self.column = 0,
            Tag::TableCell => {
                self.out.word_end();
                if self.header_open() {
                    self.head_cell = Some(String::new());
                } else {
                    self.cell_pending = true;
                }
            }
            Tag::TableHead => {
                self.column = usize::MAX;
            }
            Tag::Emphasis | Tag::Strong | Tag::Superscript | Tag::Subscript => {}
            _ => self.out.word_end(),
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::CodeBlock => self.code_block(),
            TagEnd::HtmlBlock => {
                self.out.word_end();
                if let Some(html) = self.html.take() {
                    self.html(&html);
                }
                self.out.word_end();
            }
            TagEnd::List(_) => {
                self.list_depth = self.list_depth.saturating_sub(1);
                self.out.word_end();
            }
            TagEnd::Strikethrough => self.out.literal(kind::STRIKE_END, ""),
            TagEnd::Link => {
                self.skip_link = false;
                if std::mem::take(&mut self.interval) {
                    self.out.literal(kind::WORD, "]");
                }
            }
            TagEnd::TableCell => {
                self.out.word_end();
                match self.head_cell.take() {
                    Some(title) => self.header.push(normal(&title)),
                    None => {
                        self.cell_pending = false;
                        self.column += 1;
                    }
                }
            }
            TagEnd::TableHead => self.column = 0,
            TagEnd::Emphasis | TagEnd::Strong | TagEnd::Superscript | TagEnd::Subscript => {}
            _ => self.out.word_end(),
        }
    }

    fn header_open(&self) -> bool {
        self.column == usize::MAX
    }

    /// Writes the column header in front of a cell's first content; an empty cell leaves no trace.
    fn cell(&mut self) {
        if std::mem::take(&mut self.cell_pending) {
            match self.header.get(self.column).filter(|title| !title.is_empty()) {
                Some(title) => self.out.mark(kind::CELL, title),
                None => self.out.mark(kind::CELL, &(self.column + 1).to_string()),
            }
        }
    }

    fn code_block(&mut self) {
        let code = self.code.take().unwrap_or_default();
        for line in code.trim_end().lines() {
            self.out.mark(kind::CODE_LINE, line.trim_end());
        }
    }

    /// The label of an alert, `[!NOTE]` at the beginning of a quotation, vanishes; every other link leaves its text.
    fn link(&mut self, link_type: LinkType, target: &str) {
        let label = target.strip_prefix('[').and_then(|t| t.strip_suffix(']')).unwrap_or("");
        let shortcut = matches!(link_type, LinkType::ShortcutUnknown | LinkType::CollapsedUnknown);
        let is_alert =
            |label: &str| !label.is_empty() && label.chars().all(|c| c.is_alphanumeric() || "-_".contains(c));
        if shortcut && self.quote_begins && label.strip_prefix('!').is_some_and(is_alert) {
            self.skip_link = true;
        } else if shortcut && is_interval(label) {
            self.interval = true;
            self.cell();
            self.out.literal(kind::WORD, "[");
        } else {
            self.targets.push(target.to_owned());
        }
    }

    fn footnote(&mut self, label: &str) {
        self.cell();
        // A label is the same in any letter case.
        let found = self.footnotes.get(label).or_else(|| {
            let alike = self.footnotes.iter().filter(|(other, _)| is_alike(other, label));
            alike.min_by_key(|(other, _)| *other).map(|(_, footnote)| footnote)
        });
        let folded = label.to_lowercase();
        let Some(footnote) = found.filter(|_| self.seen_footnotes.insert(folded)) else {
            return self.out.literal(kind::FOOTNOTE, "");
        };
        let (length, digits) = footnote.known();
        let is_many = self.seen_footnotes.len() > MAX_FOOTNOTES;
        if is_many || *length > LONG_FOOTNOTE || self.footnote_tokens + length > ALL_FOOTNOTES {
            return self.out.literal(kind::FOOTNOTE, digits);
        }
        self.footnote_tokens += length;
        self.out.literal(kind::FOOTNOTE, "");
        self.run(&footnote.text);
    }

    fn html(&mut self, html: &str) {
        let (mut at, mut end) = (0, html.find('>'));
        while let Some(next) = html[at..].find('<').map(|behind| at + behind) {
            self.text(&html[at..next]);
            at = next;
            if let Some(comment) = html[at..].strip_prefix("<!--") {
                // `<!-->` and `<!--->` are whole comments.
                let short = [">", "->"].iter().find_map(|end| comment.strip_prefix(end));
                let rest = short.or_else(|| Some(comment.split_once("-->")?.1)).unwrap_or("");
                at = html.len() - rest.len();
                continue;
            }
            if end.is_some_and(|end| end < at) {
                end = html[at..].find('>').map(|behind| at + behind);
            }
            let Some(end) = end else { break };
            if self.tag(&html[at..=end]) {
                at = end + 1;
            } else {
                self.text("<");
                at += 1;
            }
        }
        self.text(&html[at..]);
    }

    /// Handles `<tag …>`; `false` when it isn't one.
    fn tag(&mut self, tag: &str) -> bool {
        let inner = &tag[1..tag.len() - 1];
        let name_part = inner.strip_prefix('/').unwrap_or(inner);
        let name: String = name_part.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '-').collect();
        let behind = name_part[name.len()..].chars().next();
        if !name.starts_with(|c: char| c.is_ascii_alphabetic())
            || !behind.is_none_or(|c| c.is_whitespace() || matches!(c, '/' | '>'))
        {
            return false;
        }
        let lower = name.to_ascii_lowercase();
        if lower == "img" {
            let source = attribute(inner, "src").unwrap_or_default();
            self.cell();
            self.out.literal(kind::IMAGE, &source);
            self.targets.push(source.into_owned());
        } else if BLOCK_TAGS.contains(&lower.as_str()) {
            self.out.word_end();
        } else if !INLINE_TAGS.contains(&lower.as_str()) {
            self.cell();
            let shown = if inner.starts_with('/') { format!("/{lower}") } else { lower };
            self.out.literal(kind::TAG, &shown);
        } else if let Some(target) = attribute(inner, "href") {
            self.targets.push(target.into_owned());
        }
        true
    }
}

/// Whether two labels differ in letter case alone.
fn is_alike(one: &str, other: &str) -> bool {
    match one.is_ascii() && other.is_ascii() {
        true => one.eq_ignore_ascii_case(other),
        false => one.to_lowercase() == other.to_lowercase(),
    }
}

/// Whether a bracketed text is an interval, `[0, 5]`, and no link: a number, a comma, more.
fn is_interval(label: &str) -> bool {
    let number = |text: &str| {
        let text = text.trim().trim_start_matches(['-', '+']);
        text.starts_with(|c: char| c.is_ascii_digit()) || text.starts_with('.') || text.starts_with('∞')
    };
    label.split_once([',', ';']).is_some_and(|(a, b)| number(a) && number(b))
}

/// Gives each footnote reference a definition, since the parser takes one without for plain text. They stand before the text,
/// whose last block may be open, and a comment between keeps its first line from going on with the last of them.
fn with_footnote_stubs(text: &str) -> Cow<'_, str> {
    if !text.contains("[^") {
        return Cow::Borrowed(text);
    }
    let mut labels: HashSet<&str> = HashSet::new();
    let mut stubs = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("[^") {
        rest = &rest[at + 2..];
        let Some(end) = rest.find([']', '\n', '[']).filter(|&end| rest.as_bytes()[end] == b']') else { continue };
        let label = &rest[..end];
        let is_label = !label.is_empty() && label.len() < MAX_LABEL && !label.ends_with('\\');
        if is_label && !label.contains(char::is_whitespace) && labels.insert(label) {
            stubs.extend(["[^", label, "]: .\n\n"]);
        }
    }
    if stubs.is_empty() {
        return Cow::Borrowed(text);
    }
    Cow::Owned(format!("{stubs}<!---->\n\n{text}"))
}

/// CommonMark takes no longer label.
const MAX_LABEL: usize = 999;

/// A footnote may refer to others; from this many labels in one clause on they count by their versions.
const MAX_FOOTNOTES: usize = 64;

/// A footnote with more tokens than this counts by its version: many clauses may refer to it, and each would repeat it.
/// The longest of 21 in the Rust reference has 34 words.
const LONG_FOOTNOTE: usize = 64;

/// The same for the tokens of all footnotes of one clause.
const ALL_FOOTNOTES: usize = 256;

/// Tags that only lay text out, as blocks.
const BLOCK_TAGS: &[&str] = &[
    "p",
    "div",
    "br",
    "hr",
    "ul",
    "ol",
    "li",
    "dl",
    "dt",
    "dd",
    "table",
    "thead",
    "tbody",
    "tr",
    "td",
    "th",
    "details",
    "summary",
    "section",
    "center",
    "blockquote",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "figure",
    "figcaption",
    "pre",
];

/// Tags that only format text, inside a line.
const INLINE_TAGS: &[&str] = &[
    "a", "b", "i", "em", "strong", "span", "u", "small", "big", "font", "code", "kbd", "samp", "var", "tt", "cite",
    "dfn", "abbr", "mark", "wbr", "nobr", "picture", "source",
];

/// The value of an attribute of a tag without its brackets, the first one of this name.
fn attribute<'t>(tag: &'t str, name: &str) -> Option<Cow<'t, str>> {
    let mut rest = &tag[tag.find(|c: char| c.is_whitespace() || c == '/')?..];
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == '/');
        let end = rest.find(|c: char| c.is_whitespace() || c == '=').unwrap_or(rest.len());
        let (found, behind) = rest.split_at(end);
        let Some(value) = behind.trim_start().strip_prefix('=').map(str::trim_start) else {
            if found.is_empty() {
                return None;
            }
            rest = behind;
            continue;
        };
        let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''));
        let (value, behind) = match quote {
            Some(quote) => value[1..].split_once(quote).unwrap_or((&value[1..], "")),
            None => value.split_at(value.find(char::is_whitespace).unwrap_or(value.len())),
        };
        if found.eq_ignore_ascii_case(name) {
            return Some(Cow::Borrowed(value));
        }
        rest = behind;
    }
}

/// A column header's words, joined by one space.
pub fn normal(text: &str) -> String {
    let tokens = Tokens::of_text(text);
    tokens.iter().map(|t| t.text).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(text: &str) -> String {
        read(text, &HashMap::new()).tokens.version().to_string()
    }

    #[test]
    fn layout_never_matters() {
        for (a, b) in [
            ("one two\nthree", "one\ntwo three"),
            ("- a\n- b", "* a\n\n* b"),
            ("1. a\n2. b", "1) a\n1) b"),
            ("**bold** x", "bold x"),
            ("[a](b) c", "[a] c"),
            ("[a](b) c", "[a][d] c"),
            ("> quoted", "quoted"),
            ("> [!NOTE]\n> quoted", "> quoted"),
            ("> [!EDITION-2024]\n> quoted", "> quoted"),
            ("> [!warning] Title\n> quoted", "> Title\n> quoted"),
            ("a <!-- c --> b", "a <!--> b"),
            ("<div>\na <!--->\nb\n</div>", "a b"),
            ("<img alt=\"src=z\" data-src='q' src = \"x.png\"/>", "<img src=x.png>"),
            ("<div>\n<img/src=\"x.png\">\n</div>", "<img src=x.png>"),
            ("a <!-- c --> b", "a b"),
            ("a <b>c</b>", "a c"),
            ("```rust\nx\n```", "~~~rust\nx   \n~~~"),
            ("a\r\nb", "a\nb"),
            ("| a | b |\n|-|-|\n| 1 | 2 |", "|a|b|\n|:-|--:|\n|1|2|"),
        ] {
            assert_eq!(version(a), version(b), "{a:?} {b:?}");
        }
    }

    #[test]
    fn marks_that_mean_something_stay() {
        for (a, b) in [
            ("~~MUST~~ x", "MUST x"),
            ("2<sup>10</sup>", "210"),
            ("a `x` b", "a x b"),
            ("![a](x.png)", "![a](y.png)"),
            ("- a\n  - b", "- a\n- b"),
            ("|a|b|\n|-|-|\n|x| |", "|a|b|\n|-|-|\n| |x|"),
            ("a <del>b</del>", "a b"),
            ("a <token> b", "a b"),
            ("in [0, 5] s", "in (0, 5) s"),
            ("in [0, 5) or (0, 5] s", "in (0, 5] or [0, 5) s"),
            ("|a|b|\n|-|-|\n|<x>| |", "|a|b|\n|-|-|\n| |<x>|"),
            ("|a|||\n|-|-|-|\n|b|x| |", "|a|||\n|-|-|-|\n|b| |x|"),
            ("```rust\nx\n```", "```c\nx\n```"),
            ("the set [!abc] here", "the set [!xyz] here"),
            ("the set [!abc] here", "the set here"),
            ("> the set [!abc] here", "> the set here"),
            ("> [!a.b]\n> here", "> here"),
            ("<div>\nsend <user_id> now\n</div>", "<div>\nsend <user_name> now\n</div>"),
            ("<div>\nsend <b_id> now\n</div>", "<div>\nsend <a_id> now\n</div>"),
            ("<div>\nsend <b.c> now\n</div>", "<div>\nsend now\n</div>"),
            ("<img data-src=\"z\" src=\"x.png\">", "<img data-src=\"z\" src=\"y.png\">"),
            ("<img alt=\"src=z\" src=\"x.png\">", "<img alt=\"src=z\" src=\"y.png\">"),
            ("|a|b|\n|-|-|\n|[^1]| |", "|a|b|\n|-|-|\n| |[^1]|"),
            ("x[^1]\n\n|a|b|\n|-|-|\n|[^1]| |", "x[^1]\n\n|a|b|\n|-|-|\n| |[^1]|"),
            ("|a|b|\n|-|-|\n|~~x~~| |", "|a|b|\n|-|-|\n| |~~x~~|"),
            ("|a|b|\n|-|-|\n|[0, 5]| |", "|a|b|\n|-|-|\n| |[0, 5]|"),
            ("<!--> MUST do\n\nx", "x"),
            ("in [-1, 5) x", "in (-1, 5) x"),
            ("in (0, ∞] x", "in (0, ∞) x"),
            ("in (0%, 50%] x", "in (0%, 50%) x"),
        ] {
            assert_ne!(version(a), version(b), "{a:?} {b:?}");
        }
    }

    #[test]
    fn footnotes_belong_to_the_clause_that_refers_to_them() {
        let notes = |text: &str| HashMap::from([("1".to_owned(), Footnote::new(text.to_owned()))]);
        let a = read("x[^1] y", &notes("five")).tokens;
        assert_ne!(a, read("x[^1] y", &notes("six")).tokens);
        assert_ne!(a, read("x y", &notes("five")).tokens);
        let labelled = |label: &str, text: &str| HashMap::from([(label.to_owned(), Footnote::new(text.to_owned()))]);
        assert_ne!(read("x[^A]", &labelled("a", "five")).tokens, read("x[^A]", &labelled("a", "six")).tokens);
        let words =
            |tokens: &Tokens| tokens.iter().map(|t| format!("{}{}", t.kind as char, t.text)).collect::<Vec<_>>();
        let both = labelled("a", "five");
        assert_eq!(words(&read("x[^A] y[^a]", &both).tokens), ["wx", "f", "wfive", "wy", "f"]);
    }

    #[test]
    fn a_footnote_is_found_whatever_block_the_text_ends_or_begins_with() {
        let notes = HashMap::from([("1".to_owned(), Footnote::new("five".to_owned()))]);
        let with = |text: &str| read(text, &notes).tokens;
        assert_eq!(with("x[^1]\n\n```\ncode [^a-z] x"), with("x[^1]\n\n```\ncode [^a-z] x\n```"));
        assert_eq!(with("x[^1]\n\n<!-- [^a]"), with("x[^1]\n\n<!-- [^a] -->"));
        let words = |text: &str| with(text).iter().map(|t| format!("{}{}", t.kind as char, t.text)).collect::<Vec<_>>();
        assert_eq!(words("    code [^1]\n\nx[^1]"), ["lcode [^1]", "wx", "f", "wfive"]);
        assert_eq!(words("- [^1] x\n  - [^b]"), ["f", "wfive", "wx", "d2", "f"]);
        assert_eq!(words("---\n\nx[^1]"), ["wx", "f", "wfive"]);
        assert_eq!(words("x [^a\\] y [^1]"), words("x [^a\\] y [^1]\n"));
        assert!(!words("x [^a\\] y [^1]").contains(&"w.".to_owned()));
    }

    #[test]
    fn many_footnotes_count_by_their_versions() {
        let labels = 2 * MAX_FOOTNOTES;
        let text: String = (0..labels).map(|n| format!("x[^n{n}] ")).collect();
        let with = |last: &str| {
            let note = |n: usize| Footnote::new(if n == labels - 1 { last } else { "w" }.to_owned());
            read(&text, &(0..labels).map(|n| (format!("n{n}"), note(n))).collect()).tokens
        };
        assert_eq!(with("w").len(), 2 * labels + MAX_FOOTNOTES);
        assert_ne!(with("five"), with("six"));
        assert_ne!(with("five"), with("w"));
    }

    #[test]
    fn a_long_footnote_counts_by_its_version() {
        let long = |last: &str| format!("{}{last}", "word ".repeat(LONG_FOOTNOTE));
        let notes = |text: String| HashMap::from([("1".to_owned(), Footnote::new(text))]);
        let with = |text: String| read("x[^1] y", &notes(text)).tokens;
        assert_eq!(with(long("five")).len(), 3);
        assert_ne!(with(long("five")), with(long("six")));
        assert_eq!(with(long("five")), with(long("five").replace(' ', "\n")));
        let mut many = HashMap::new();
        let mut text = String::new();
        for n in 0..10 {
            many.insert(n.to_string(), Footnote::new("word ".repeat(60)));
            text.push_str(&format!("x[^{n}] "));
        }
        assert_eq!(read(&text, &many).tokens.len(), 4 * 60 + 2 * 10);
    }
}
