//! Inline markup of reStructuredText: what of a paragraph is words, what is a literal, what is only dress.
//!
//! Own code because no maintained crate parses it. The rules are those of the docutils specification ("Inline markup recognition
//! rules"): a start-string follows white space or an opening mark and precedes text, an end-string the other way round; anything else
//! is text. Linear: a delimiter whose end was once searched in vain isn't searched again in the same paragraph.

use super::super::token::{TokenBuilder, kind};

/// How far a role name, footnote label or StrictDoc link may reach, so that looking for its end takes constant time.
const REACH: usize = 256;

/// Which conventions stand on top of plain reStructuredText.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dialect {
    /// None: `` `x` `` is text.
    Plain,
    /// StrictDoc's fields, a mix with Markdown habits: `` `x` `` is code, `[LINK: X]` and `[x](url)` are links.
    StrictDoc,
}

/// Tokens and link targets of prose, collected.
#[derive(Debug)]
pub(super) struct Prose {
    /// The tokens so far.
    pub(super) tokens: TokenBuilder,
    /// The link and image targets so far.
    pub(super) targets: Vec<String>,
    dialect: Dialect,
}

/// A piece of markup: what it leaves, and where the text goes on.
struct Markup<'a> {
    leaves: Leaves<'a>,
    end: usize,
}

enum Leaves<'a> {
    Nothing,
    Text(&'a str),
    Code(&'a str),
    Link(&'a str, &'a str),
    Footnote(&'a str),
}

/// Delimiters that are known to have no end in the rest of the paragraph.
#[derive(Default)]
struct Unclosed {
    literal: bool,
    strong: bool,
    emphasis: bool,
    interpreted: bool,
    substitution: bool,
}

impl Prose {
    pub(super) fn new(dialect: Dialect) -> Self {
        Prose { tokens: TokenBuilder::default(), targets: Vec::new(), dialect }
    }

    /// Nothing yet, in the same dialect.
    pub(super) fn alone(&self) -> Self {
        Prose::new(self.dialect)
    }

    /// Adds the text of one paragraph; its last word is ended.
    pub(super) fn inline(&mut self, text: &str) {
        let mut unclosed = Unclosed::default();
        let (mut at, mut plain, mut word) = (0, 0, 0);
        let bytes = text.as_bytes();
        while at < bytes.len() {
            let found = match bytes[at] {
                b'\\' => escape(text, at),
                b'_' if bytes.get(at + 1) == Some(&b'`') => inner_target(text, at, &mut unclosed),
                b'`' | b'*' | b'|' | b':' => spanned(text, at, self.dialect, &mut unclosed),
                b'[' | b']' => bracketed(text, at, self.dialect),
                b'_' => reference_end(text, at, word),
                _ => None,
            };
            if bytes[at].is_ascii_whitespace() {
                word = at + 1;
            }
            let Some(markup) = found else {
                at += 1;
                continue;
            };
            self.tokens.text(&text[plain..at]);
            self.leave(&markup.leaves);
            plain = markup.end;
            // what a backslash protects is text, whatever it looks like
            let protects = bytes[at] == b'\\' && plain == at + 1;
            at = if protects { plain + text[plain..].chars().next().map_or(0, char::len_utf8) } else { plain };
        }
        self.tokens.text(&text[plain..]);
        self.tokens.word_end();
    }

    fn leave(&mut self, leaves: &Leaves<'_>) {
        match *leaves {
            Leaves::Nothing => {}
            Leaves::Text(text) => self.tokens.text(&unescaped(text)),
            Leaves::Code(code) => self.tokens.literal(kind::CODE, &one_line(code)),
            Leaves::Footnote(label) => self.tokens.literal(kind::FOOTNOTE, label),
            Leaves::Link(text, target) => {
                self.tokens.text(&unescaped(text));
                self.targets.push(target.split_whitespace().collect());
            }
        }
    }
}

/// A backslash: it hides before punctuation, and joins two words before white space; before a letter it stays (`C:\temp`).
fn escape(text: &str, at: usize) -> Option<Markup<'_>> {
    let next = text[at + 1..].chars().next()?;
    let end = if next.is_whitespace() { at + 1 + next.len_utf8() } else { at + 1 };
    (next.is_whitespace() || next.is_ascii_punctuation()).then_some(Markup { leaves: Leaves::Nothing, end })
}

/// Markup between a delimiter and its like: literals, strong, emphasis, interpreted text with or without a role, substitutions.
fn spanned<'a>(text: &'a str, at: usize, dialect: Dialect, unclosed: &mut Unclosed) -> Option<Markup<'a>> {
    let rest = &text[at..];
    if rest.starts_with("``") {
        let end = closing(text, at, "``", &mut unclosed.literal)?;
        return Some(Markup { leaves: Leaves::Code(&text[at + 2..end]), end: end + 2 });
    }
    if rest.starts_with("**") {
        let end = closing(text, at, "**", &mut unclosed.strong)?;
        return Some(Markup { leaves: Leaves::Text(&text[at + 2..end]), end: end + 2 });
    }
    match rest.as_bytes()[0] {
        b'*' => {
            let end = closing(text, at, "*", &mut unclosed.emphasis)?;
            Some(Markup { leaves: Leaves::Text(&text[at + 1..end]), end: end + 1 })
        }
        b'|' => {
            let end = closing(text, at, "|", &mut unclosed.substitution)?;
            let after = end + 1 + text[end + 1..].bytes().take(2).take_while(|&b| b == b'_').count();
            Some(Markup { leaves: Leaves::Text(&text[at + 1..end]), end: after })
        }
        b':' => {
            let length = role(rest).filter(|&length| rest[length..].starts_with('`') && opens(text, at, length))?;
            let end = closing(text, at + length, "`", &mut unclosed.interpreted)?;
            let inner = &text[at + length + 1..end];
            Some(Markup { leaves: by_role(&rest[1..length - 1], inner), end: end + 1 })
        }
        _ => {
            let end = closing(text, at, "`", &mut unclosed.interpreted)?;
            let inner = &text[at + 1..end];
            let after = &text[end + 1..];
            if after.starts_with('_') {
                let marks = if after.starts_with("__") { 2 } else { 1 };
                return Some(Markup { leaves: titled_link(inner), end: end + 1 + marks });
            }
            if let Some(length) = role(after) {
                return Some(Markup { leaves: by_role(&after[1..length - 1], inner), end: end + 1 + length });
            }
            let leaves = if dialect == Dialect::StrictDoc { Leaves::Code(inner) } else { Leaves::Text(inner) };
            Some(Markup { leaves, end: end + 1 })
        }
    }
}

/// A link's destination inside running text, ``_`text` ``.
fn inner_target<'a>(text: &'a str, at: usize, unclosed: &mut Unclosed) -> Option<Markup<'a>> {
    let end = if opens(text, at, 2) { closed(text, at + 2, "`", &mut unclosed.interpreted)? } else { return None };
    Some(Markup { leaves: Leaves::Text(&text[at + 2..end]), end: end + 1 })
}

/// Links and labels in square brackets: `[1]_`, and StrictDoc's `[LINK: X]`, `[ANCHOR: X, title]` and Markdown's `](url)`.
fn bracketed(text: &str, at: usize, dialect: Dialect) -> Option<Markup<'_>> {
    let rest = &text[at..];
    if dialect == Dialect::StrictDoc
        && let Some(url) = rest.strip_prefix("](")
    {
        let length = url.bytes().position(|b| matches!(b, b')' | b'(') || b.is_ascii_whitespace())?;
        let is_link = length > 0 && url.as_bytes()[length] == b')';
        return is_link.then(|| Markup { leaves: Leaves::Link("", &url[..length]), end: at + 2 + length + 1 });
    }
    let length = rest.bytes().take(REACH).position(|b| b == b']').filter(|_| rest.starts_with('['))?;
    let inner = &rest[1..length];
    if dialect == Dialect::StrictDoc {
        if let Some(target) = inner.strip_prefix("LINK:") {
            return Some(Markup { leaves: Leaves::Link("", target), end: at + length + 1 });
        }
        if let Some(anchor) = inner.strip_prefix("ANCHOR:") {
            let title = anchor.split_once(',').map_or("", |(_, title)| title);
            return Some(Markup { leaves: Leaves::Text(title), end: at + length + 1 });
        }
    }
    let is_label = !inner.is_empty()
        && inner.chars().all(|c| c.is_alphanumeric() || matches!(c, '#' | '*' | '.' | '-' | '_' | ':'));
    let is_footnote =
        is_label && rest[length + 1..].starts_with('_') && ends(&rest[length + 2..]) && opens(text, at, 1);
    is_footnote.then_some(Markup { leaves: Leaves::Footnote(inner), end: at + length + 2 })
}

/// The underscores that make a word a reference: `name_`, `name__`; `word` is where the word begins.
fn reference_end(text: &str, at: usize, word: usize) -> Option<Markup<'_>> {
    let marks = if text[at..].starts_with("__") { 2 } else { 1 };
    let is_name = text[..at].chars().next_back().is_some_and(char::is_alphanumeric);
    let starts_as_name = || {
        let mut start = text[word..at].chars().take(4).skip_while(|c| matches!(c, '(' | '[' | '{' | '<' | '"' | '\''));
        start.next().is_some_and(char::is_alphanumeric)
    };
    (is_name && ends(&text[at + marks..]) && starts_as_name())
        .then_some(Markup { leaves: Leaves::Nothing, end: at + marks })
}

/// The length of a role's marker `:name:` at the start of a text.
fn role(text: &str) -> Option<usize> {
    let name = text.strip_prefix(':')?;
    let allowed = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.' | b'+' | b':');
    let length = name.bytes().take(REACH).take_while(|b| allowed(b)).count();
    let is_role = length >= 2 && name.as_bytes()[length - 1] == b':' && name.as_bytes()[0].is_ascii_alphanumeric();
    is_role.then_some(length + 1)
}

/// What a role leaves: roles that show code leave a literal, all others their text.
fn by_role<'a>(name: &str, inner: &'a str) -> Leaves<'a> {
    match name {
        "code" | "literal" | "math" | "samp" | "kbd" | "file" | "command" | "program" | "option" | "envvar"
        | "regexp" => Leaves::Code(inner),
        _ => match titled_link(inner) {
            // `~` and `!` only shorten or unlink what a cross-reference shows
            Leaves::Text(text) => Leaves::Text(text.strip_prefix(['~', '!']).unwrap_or(text)),
            other => other,
        },
    }
}

/// `title <target>` as a link, anything else as text.
fn titled_link(inner: &str) -> Leaves<'_> {
    let link = inner.strip_suffix('>').and_then(|head| head.rsplit_once('<'));
    match link {
        Some((title, target)) if title.trim().is_empty() => Leaves::Link(target, target),
        Some((title, target)) if title.ends_with(char::is_whitespace) => Leaves::Link(title, target),
        _ => Leaves::Text(inner),
    }
}

/// Where the delimiter that opens at `at` is closed.
fn closing(text: &str, at: usize, delimiter: &str, hopeless: &mut bool) -> Option<usize> {
    if opens(text, at, delimiter.len()) { closed(text, at + delimiter.len(), delimiter, hopeless) } else { None }
}

/// Where the delimiter whose content begins at `from` is closed.
fn closed(text: &str, mut from: usize, delimiter: &str, hopeless: &mut bool) -> Option<usize> {
    if *hopeless {
        return None;
    }
    let is_literal = delimiter == "``";
    // the character after the start-string is never an end
    from += text[from..].chars().next().map_or(0, char::len_utf8);
    while let Some(found) = text[from..].find(delimiter) {
        let end = from + found;
        let before = text[..end].chars().next_back();
        let is_held = before.is_none_or(|c| c.is_whitespace() || (c == '\\' && !is_literal));
        let after = &text[end + delimiter.len()..];
        let linked = after.strip_prefix("__").or_else(|| after.strip_prefix('_'));
        let is_suffixed = matches!(delimiter, "`" | "|") && linked.is_some_and(ends);
        let is_role = delimiter == "`" && role(after).is_some_and(|length| ends(&after[length..]));
        if !is_held && (ends(after) || is_suffixed || is_role) {
            return Some(end);
        }
        from = end + 1;
    }
    *hopeless = true;
    None
}

/// Whether a start-string of `length` bytes may stand at `at`.
fn opens(text: &str, at: usize, length: usize) -> bool {
    let before = text[..at].chars().next_back();
    let Some(after) = text[at + length..].chars().next().filter(|c| !c.is_whitespace()) else { return false };
    let Some(before) = before else { return true };
    let quoted =
        matches!((before, after), ('"', '"') | ('\'', '\'') | ('(', ')') | ('[', ']') | ('{', '}') | ('<', '>'));
    let is_start = before.is_whitespace()
        || matches!(before, '\'' | '"' | '(' | '[' | '{' | '<' | '-' | '/' | ':')
        || (!before.is_ascii() && !before.is_alphanumeric());
    is_start && !quoted
}

/// Whether an end-string may stand before this text.
fn ends(after: &str) -> bool {
    after.chars().next().is_none_or(|c| {
        c.is_whitespace()
            || matches!(c, '\'' | '"' | ')' | ']' | '}' | '>' | '-' | '/' | '\\' | ':' | '.' | ',' | ';' | '!' | '?')
            || (!c.is_ascii() && !c.is_alphanumeric())
    })
}

/// Text without the backslashes that protect something.
fn unescaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match chars.peek() {
            Some(next) if c == '\\' && next.is_whitespace() => drop(chars.next()),
            Some(next) if c == '\\' && next.is_ascii_punctuation() => out.extend(chars.next()),
            _ => out.push(c),
        }
    }
    out
}

/// A literal that was wrapped, on one line again.
fn one_line(code: &str) -> String {
    code.lines().map(str::trim).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn show(dialect: Dialect, text: &str) -> String {
        let mut prose = Prose::new(dialect);
        prose.inline(text);
        let tokens = prose.tokens.finish();
        let words: Vec<String> = tokens
            .iter()
            .map(|t| if t.kind == kind::WORD { t.text.to_owned() } else { format!("{}:{}", t.kind as char, t.text) })
            .collect();
        format!("{} -> {}", words.join(" "), prose.targets.join(" "))
    }

    fn plain(text: &str) -> String {
        show(Dialect::Plain, text).trim_end_matches(" -> ").to_owned()
    }

    #[test]
    fn dress_vanishes_and_text_stays() {
        assert_eq!(plain("an *open* **shut and** |sub| x"), "an open shut and sub x");
        assert_eq!(plain("H\\ :sub:`2`\\ O"), "H2O");
        assert_eq!(plain("see :ref:`this part <that>` and :func:`~a.b`"), "see this part and a.b -> that");
        assert_eq!(plain("a `word`:emphasis: here"), "a word here");
        assert_eq!(plain("an _`inner target` too"), "an inner target too");
    }

    #[test]
    fn literals_stay_verbatim() {
        assert_eq!(plain("use ``A.b  c`` now"), "use c:A.b  c now");
        assert_eq!(plain("use ``a\n   b``."), "use c:a b");
        assert_eq!(plain(":code:`X`"), "c:X");
        assert_eq!(plain("``\\``"), "c:\\");
        assert_eq!(show(Dialect::StrictDoc, "a `B` c"), "a c:B c -> ");
        assert_eq!(plain("a `B` c"), "a B c");
    }

    #[test]
    fn links_leave_their_text() {
        assert_eq!(plain("the `main page <http://x.y/z>`_ of Python_."), "the main page of python -> http://x.y/z");
        assert_eq!(plain("`<http://x.y>`__"), "http://x.y -> http://x.y");
        assert_eq!(show(Dialect::StrictDoc, "see [LINK: A-B] and [it](u/v)"), "see and it -> A-B u/v");
        assert_eq!(plain("as told [1]_ before"), "as told f:1 before");
    }

    #[test]
    fn what_only_looks_like_markup_is_text() {
        assert_eq!(plain("2 * 3 * 4"), "2 * 3 * 4");
        assert_eq!(plain("**kwargs and *args"), "**kwargs and *args");
        assert_eq!(plain("__init__ and a_b"), "__init__ and a_b");
        assert_eq!(plain("\\*no\\* C:\\temp"), "*no* C:\\temp");
        assert_eq!(plain("a [x] b"), "a x b");
    }

    #[test]
    fn ends_that_never_come_cost_linear_time() {
        for piece in ["*a ", "`a ", "``a ", "**a ", "|a ", ":a:`b ", "[LINK: ", "](", "a_-", "[", "(", "\\"] {
            let text = piece.repeat(100_000);
            show(Dialect::StrictDoc, &text);
        }
    }
}
