//! Where in a file comments are: no tool of its own for each language, but enough of them all to tell a comment from a
//! string, also of several lines. Where one never ends, nothing is claimed of what follows.

use std::collections::HashMap;
use std::ops::Range;

use bstr::ByteSlice;

use super::languages::{Language, Mark, Outside, Quote, Where};

/// Where the comments of a text are.
#[derive(Default)]
pub struct Places {
    /// Their bytes, in order.
    pub comments: Vec<Range<usize>>,
    /// From where on it cannot be told.
    pub doubt: Option<usize>,
}

impl Places {
    /// The comment in which a byte stands.
    pub fn comment_at(&self, at: usize) -> Option<&Range<usize>> {
        let own = self.comments.partition_point(|comment| comment.end <= at);
        self.comments.get(own).filter(|comment| comment.start <= at)
    }

    /// Whether it cannot be told of that byte.
    pub fn is_doubtful(&self, at: usize) -> bool {
        self.doubt.is_some_and(|doubt| doubt <= at)
    }
}

/// Code within strings within code, deeper than anybody writes it.
const MOST_DEPTH: usize = 60;

/// Where the comments of a text are.
pub fn places(language: &'static Language, text: &str) -> Places {
    let mut scan = Scan::new(language, text.as_bytes());
    match language.outside {
        Outside::Nothing => _ = scan.code(None),
        Outside::Php => {
            scan.at = 0;
            if scan.enter_php() {
                scan.code(None);
            }
        }
    }
    scan.places
}

/// A text that ends at a word on a line of its own, or with its indentation.
pub enum Document {
    /// The word, and whether it may be indented.
    Word(Vec<u8>, bool),
    /// All lines that are indented deeper.
    Deeper(isize),
}

/// A text that is read once from its beginning to its end.
pub struct Scan<'t> {
    pub text: &'t [u8],
    pub at: usize,
    /// Behind the last byte of code that is no white space.
    pub last: usize,
    /// Documents that begin with the next line.
    pub documents: Vec<Document>,
    /// Where the next line is that ends at a word, if there is one.
    ends: HashMap<(Vec<u8>, bool), Option<usize>>,
    pub language: &'static Language,
    pub places: Places,
    depth: usize,
}

impl<'t> Scan<'t> {
    fn new(language: &'static Language, text: &'t [u8]) -> Scan<'t> {
        let (documents, ends, places) = (Vec::new(), HashMap::new(), Places::default());
        Scan { text, at: 0, last: 0, documents, ends, language, places, depth: 0 }
    }

    pub fn rest(&self) -> &'t [u8] {
        self.text.get(self.at..).unwrap_or_default()
    }

    pub fn starts(&self, word: &str) -> bool {
        self.rest().starts_with(word.as_bytes())
    }

    pub fn peek(&self, ahead: usize) -> Option<u8> {
        self.text.get(self.at + ahead).copied()
    }

    pub fn before(&self) -> Option<u8> {
        self.at.checked_sub(1).map(|at| self.text[at])
    }

    /// Whether the byte before belongs to a word.
    pub fn in_word(&self) -> bool {
        self.before().is_some_and(is_word)
    }

    /// Whether nothing but white space stands before on this line.
    pub fn begins_line(&self) -> bool {
        let line = self.text[..self.at].rfind_byte(b'\n').map_or(0, |at| at + 1);
        self.text[line..self.at].iter().all(u8::is_ascii_whitespace)
    }

    /// Where this line ends, before its line feed.
    pub fn line_end(&self) -> usize {
        self.at + self.rest().find_byte(b'\n').unwrap_or(self.rest().len())
    }

    /// Goes on by so many bytes, as code.
    pub fn skip(&mut self, bytes: usize) -> bool {
        self.at = (self.at + bytes).min(self.text.len());
        self.last = self.at;
        true
    }

    /// Nothing can be told from `start` on.
    pub fn give_up(&mut self, start: usize) {
        self.places.doubt.get_or_insert(start);
        self.at = self.text.len();
    }

    /// Takes all up to `end` for a comment.
    pub fn comment_to(&mut self, end: usize) -> bool {
        self.places.comments.push(self.at..end);
        self.at = end;
        true
    }

    /// Reads code, to the end of the text or behind the bracket that closes it.
    pub fn code(&mut self, close: Option<u8>) -> bool {
        let (mut open, mut cases) = (0_usize, 0_usize);
        while let Some(&byte) = self.text.get(self.at) {
            if byte == b'\n' {
                self.at += 1;
                self.read_documents();
            } else if (self.language.special)(self) {
                // What it took for a comment is no code.
                if self.places.comments.last().is_none_or(|comment| comment.end != self.at) {
                    self.last = self.at;
                }
            } else if self.comment() {
            } else if self.string() {
                self.last = self.at;
            } else {
                if close == Some(b')') && self.language.cases && !self.in_word() {
                    let ends =
                        |word: &str| self.starts(word) && self.peek(word.len()).is_none_or(|next| !is_word(next));
                    cases += usize::from(ends("case"));
                    cases = cases.saturating_sub(usize::from(ends("esac")));
                }
                if close.is_some_and(|close| byte == opening(close)) {
                    open += 1;
                } else if close == Some(byte) {
                    // A pattern of `case` closes what nothing opened.
                    match open {
                        0 if cases == 0 => return self.skip(1),
                        0 => {}
                        _ => open -= 1,
                    }
                }
                self.at += 1;
                if !byte.is_ascii_whitespace() {
                    self.last = self.at;
                }
            }
        }
        close.is_none()
    }

    /// Reads the code that stands in a string, behind the bracket that opens it.
    pub fn nested(&mut self, close: u8) -> bool {
        self.deeper(|scan| scan.code(Some(close)))
    }

    /// Reads something within something of its own kind, and gives up where it never ends or is too deep.
    pub fn deeper(&mut self, read: impl FnOnce(&mut Self) -> bool) -> bool {
        let start = self.at;
        self.depth += 1;
        let closed = self.depth <= MOST_DEPTH && read(self);
        self.depth -= 1;
        if !closed {
            self.give_up(start);
        }
        closed
    }

    fn comment(&mut self) -> bool {
        for (open, close) in self.language.block {
            if self.starts(open) {
                let (start, nested) = (self.at, self.language.nested);
                return match self.block_end(open, close, nested) {
                    Some(end) => self.comment_to(end),
                    None => {
                        self.give_up(start);
                        true
                    }
                };
            }
        }
        let Some(mark) = self.language.line.iter().find(|mark| self.is_mark(mark)) else { return false };
        let mut end = self.line_end();
        while mark.goes_on && self.text[..end].trim_end_with(|c| c == '\r').ends_with(b"\\") && end < self.text.len() {
            end += 1 + self.text[end + 1..].find_byte(b'\n').unwrap_or(self.text.len() - end - 1);
        }
        if let Some(inner) = self.language.ends_line.and_then(|close| self.text[self.at..end].find(close)) {
            end = self.at + inner;
        }
        self.comment_to(end)
    }

    fn is_mark(&self, mark: &Mark) -> bool {
        let word = |byte: u8| byte.is_ascii_whitespace() || b";,(){}[]&|".contains(&byte);
        self.starts(mark.text)
            && match mark.place {
                Where::Anywhere => true,
                Where::Word => self.before().is_none_or(word),
                Where::Line => self.begins_line(),
            }
    }

    /// Where a block ends; none where it never does.
    pub fn block_end(&self, open: &str, close: &str, nested: bool) -> Option<usize> {
        let (mut depth, mut at) = (1, self.at + open.len());
        while at < self.text.len() {
            let rest = &self.text[at..];
            if rest.starts_with(close.as_bytes()) {
                at += close.len();
                depth -= 1;
                if depth == 0 {
                    return Some(at);
                }
            } else if nested && rest.starts_with(open.as_bytes()) {
                at += open.len();
                depth += 1;
            } else {
                at += 1;
            }
        }
        None
    }

    fn string(&mut self) -> bool {
        let language = self.language;
        let Some(quote) = language.strings.iter().find(|quote| self.starts(quote.open)) else { return false };
        self.quoted(quote);
        true
    }

    /// Reads a string to its end. One that has to end on its line does so.
    pub fn quoted(&mut self, quote: &Quote) {
        let start = self.at;
        self.at += quote.open.len();
        while let Some(&byte) = self.text.get(self.at) {
            if let Some((open, close)) = quote.inner.iter().find(|(open, _)| self.starts(open)) {
                self.at += open.len();
                if !self.nested(*close) {
                    return;
                }
            } else if quote.escape == Some(byte) {
                let crlf = self.text[self.at + 1..].starts_with(b"\r\n");
                self.skip(if crlf { 3 } else { 2 });
            } else if self.starts(quote.close) {
                self.skip(quote.close.len());
                // Of more than three marks the last ones close.
                let mark = quote.close.as_bytes()[0];
                while quote.close.len() == 3 && self.peek(0) == Some(mark) {
                    self.at += 1;
                }
                return;
            } else if byte == b'\n' && !quote.lines {
                return;
            } else {
                self.at += 1;
            }
        }
        if quote.lines {
            self.give_up(start);
        }
    }

    /// Reads on behind the next `close`.
    pub fn raw(&mut self, open: usize, close: &[u8]) -> bool {
        match self.rest().get(open..).and_then(|body| body.find(close)) {
            Some(end) => self.skip(open + end + close.len()),
            None => {
                self.give_up(self.at);
                true
            }
        }
    }

    /// Whether a line from here on consists of a word; then it ends a document that begins with the next line.
    pub fn opens_document(&mut self, word: &[u8], indented: bool) -> bool {
        let key = (word.to_vec(), indented);
        let next = self.line_end() + 1;
        let end = match self.ends.get(&key) {
            Some(None) => None,
            Some(Some(end)) if *end >= next => Some(*end),
            _ => {
                let mut at = next;
                let mut lines = self.text.get(next..).unwrap_or_default().lines_with_terminator();
                lines.find_map(|line| {
                    at += line.len();
                    is_end(line.trim_end_with(|c| c == '\n'), word, indented).then(|| at - line.len())
                })
            }
        };
        self.ends.insert(key, end);
        if end.is_some() {
            self.documents.push(Document::Word(word.to_vec(), indented));
        }
        end.is_some()
    }

    fn read_documents(&mut self) {
        for document in std::mem::take(&mut self.documents) {
            let is_last = |line: &[u8]| match &document {
                Document::Word(word, indented) => is_end(line, word, *indented),
                Document::Deeper(_) => false,
            };
            let is_behind = |line: &[u8]| match document {
                Document::Word(..) => false,
                Document::Deeper(parent) => {
                    let indent = line.iter().take_while(|byte| **byte == b' ').count();
                    !line.trim_ascii().is_empty() && isize::try_from(indent).is_ok_and(|indent| indent <= parent)
                }
            };
            for line in self.rest().lines_with_terminator() {
                if is_behind(line) {
                    break;
                }
                self.at += line.len();
                if is_last(line.trim_end_with(|c| c == '\n')) {
                    break;
                }
            }
            self.last = self.at;
        }
    }

    /// Reads a part of the text as another language.
    pub fn embed(&mut self, language: &'static Language, end: usize) {
        let start = self.at;
        let inner = {
            let mut scan = Scan::new(language, &self.text[start..end]);
            scan.depth = self.depth + 1;
            scan.code(None);
            scan.places
        };
        self.places.comments.extend(inner.comments.into_iter().map(|own| own.start + start..own.end + start));
        self.at = end;
        if let Some(doubt) = inner.doubt.filter(|_| !language.cases) {
            self.give_up(start + doubt);
        }
    }

    /// Goes behind the next opening tag of PHP.
    pub fn enter_php(&mut self) -> bool {
        match self.rest().find("<?") {
            Some(open) => self.skip(open + if self.rest()[open..].starts_with(b"<?php") { 5 } else { 2 }),
            None => {
                self.at = self.text.len();
                false
            }
        }
    }
}

fn is_end(line: &[u8], word: &[u8], indented: bool) -> bool {
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    if !indented {
        return line == word;
    }
    line.trim_ascii_start().strip_prefix(word).is_some_and(|rest| !rest.first().copied().is_some_and(is_word))
}

fn opening(close: u8) -> u8 {
    match close {
        b')' => b'(',
        b']' => b'[',
        b'>' => b'<',
        _ => b'{',
    }
}

/// Whether a byte belongs to a word.
pub fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}
