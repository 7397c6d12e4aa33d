//! A commit message that is still being written: where Git will look for its trailers, and how links come into it
//! without a change of any other byte.
//!
//! A draft holds what a stored message doesn't: comments that Git will strip, and below a scissors line a diff. What
//! remains is read by the rules of [`super::message`].

use std::collections::BTreeMap;
use std::ops::Range;

use bstr::{BString, ByteSlice};

use super::link::{KEY, Link, Source};
use super::message::{
    extract, indent, is_blank, is_squash_shaped, separator, spec_line, step_fence, trailer_block, trim,
};

/// What Git writes behind the comment sign where a draft is cut (wt-status.c, `cut_line`).
const SCISSORS: &[u8] = b"------------------------ >8 ------------------------";

/// The signs that `core.commentChar=auto` chooses from (builtin/commit.c, `adjust_comment_line_char`).
const AUTO: &[u8] = b"#;@!$%^&|:";

/// Most lines that a folded value may take; a link needs two or three.
const FOLDED: usize = 8;

/// How the bytes of a message are to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// UTF-8.
    Utf8,
    /// ASCII stands for itself, other letters are something else.
    AsciiBased,
    /// Nothing that can be read or written here.
    Other,
}

impl Encoding {
    /// What `i18n.commitEncoding` names; UTF-8 where it names nothing.
    pub fn named(name: &str) -> Encoding {
        let name = name.to_ascii_lowercase().replace('_', "-");
        let wide = ["utf-16", "utf16", "utf-32", "utf32", "utf-7", "utf7", "ucs", "iso-10646", "ebcdic", "cp037"];
        match name.as_str() {
            "" | "utf-8" | "utf8" => Encoding::Utf8,
            other if wide.iter().any(|wide| other.starts_with(wide)) => Encoding::Other,
            _ => Encoding::AsciiBased,
        }
    }
}

/// A message that is being written.
#[derive(Debug)]
pub struct Draft<'a> {
    bytes: &'a [u8],
    /// The lines that will be stored, of those above the scissors.
    lines: Vec<Range<usize>>,
    /// The trailers, as numbers of `lines`; empty at the end of the text where there are none.
    block: Range<usize>,
    /// Lines of text, the blank ones at the end left out.
    end: usize,
}

/// A trailer of a draft whose key is `Spec`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpecTrailer {
    /// Its value, unfolded and trimmed.
    pub value: BString,
    lines: Range<usize>,
}

/// A `Spec:` line that stands where Git reads no trailer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stray {
    /// Its value, trimmed; with the lines that are folded into it where it stands among trailers.
    pub value: BString,
    /// Whether its paragraph looks like trailers and is not the title.
    pub among_trailers: bool,
    lines: Range<usize>,
}

impl<'a> Draft<'a> {
    /// Reads a draft. `comment` begins the lines that Git will strip; none where it will strip nothing, as after `-m`.
    pub fn read(bytes: &'a [u8], comment: Option<&[u8]>) -> Draft<'a> {
        let is_comment = |line: &[u8]| comment.is_some_and(|sign| !sign.is_empty() && line.starts_with(sign));
        let mut lines = Vec::new();
        for line in lines_of(bytes) {
            let text = &bytes[line.clone()];
            if is_comment(text) && comment.is_some_and(|sign| trim(&text[sign.len()..]) == SCISSORS) {
                break;
            }
            if !is_comment(text) {
                lines.push(line);
            }
        }
        let is_text = |line: &Range<usize>| !is_blank(&bytes[line.clone()]);
        let end = lines.iter().rposition(is_text).map_or(0, |at| at + 1);
        // An editor's draft may leave room for the title, so that its trailers seem to be one.
        let untitled = comment.is_some() && end > 0 && lines.first().is_some_and(|line| !is_text(line));
        let mut stored = if untitled { b"x\n".to_vec() } else { Vec::new() };
        let mut starts = Vec::with_capacity(lines.len());
        for line in &lines {
            starts.push(stored.len());
            stored.extend_from_slice(&bytes[line.clone()]);
        }
        // What Git passes over at the beginning
        let blank = if untitled { 0 } else { lines.iter().position(is_text).unwrap_or(0) };
        let skipped = starts.get(blank).copied().unwrap_or(0);
        let block = trailer_block(&stored[skipped..]);
        let number = |at: usize| starts.partition_point(|&start| start < at + skipped);
        let (from, to) = (number(block.start), number(block.end));
        let last = lines[from..to.max(from)].iter().rposition(is_text).map_or(from, |at| from + at + 1);
        let block = if block.is_empty() { end..end } else { from..last };
        Draft { bytes, lines, block, end }
    }

    /// Whether it has no words outside comments.
    pub fn is_empty(&self) -> bool {
        self.end == 0
    }

    /// Whether it has no words that Git would take for a message: sign-offs are none (builtin/commit.c, `rest_is_empty`).
    pub fn is_wordless(&self) -> bool {
        let said = |line: &[u8]| !is_blank(line) && !line.starts_with(b"Signed-off-by: ");
        !(0..self.end).any(|number| said(self.line(number)))
    }

    /// The first line with words; empty where there is none.
    pub fn subject(&self) -> &'a [u8] {
        let line = self.lines.iter().map(|line| &self.bytes[line.clone()]).find(|line| !is_blank(line));
        line.map(trim).unwrap_or_default()
    }

    /// The `Spec:` trailers in order.
    pub fn spec_trailers(&self) -> Vec<SpecTrailer> {
        let mut found: Vec<SpecTrailer> = Vec::new();
        let mut open = false;
        for number in self.block.clone() {
            let line = self.line(number);
            if line.starts_with(b" ") || line.starts_with(b"\t") {
                if let Some(last) = found.last_mut().filter(|_| open) {
                    last.value.push(b' ');
                    last.value.extend_from_slice(trim(line));
                    last.lines.end = number + 1;
                }
                continue;
            }
            open = false;
            if let Some(at) = separator(line)
                && trim(&line[..at]).eq_ignore_ascii_case(KEY.as_bytes())
            {
                open = true;
                found.push(SpecTrailer { value: trim(&line[at + 1..]).into(), lines: number..number + 1 });
            }
        }
        for trailer in &mut found {
            trailer.value = trim(&trailer.value).into();
        }
        found
    }

    /// The links among the trailers.
    pub fn links(&self) -> Vec<Link> {
        self.spec_trailers().iter().filter_map(|trailer| Link::parse(&trailer.value, Source::Trailer).ok()).collect()
    }

    /// The links that stand before the trailers, where the message as Git will store it is one of a squash.
    pub fn body_links(&self) -> Vec<Link> {
        let text: Vec<u8> = self.lines.iter().flat_map(|line| &self.bytes[line.clone()]).copied().collect();
        extract(&text).links.into_iter().filter(|link| link.source == Source::Body).collect()
    }

    /// All links of the message, in its trailers and in the body of a squash.
    pub fn all_links(&self) -> Vec<Link> {
        [self.body_links(), self.links()].concat()
    }

    /// The bytes with further `Spec:` lines among the trailers. Nothing else differs.
    pub fn with_lines(&self, new: &[String]) -> Vec<u8> {
        if new.is_empty() {
            return self.bytes.to_vec();
        }
        let after = if self.block.is_empty() { self.end } else { self.block.end };
        let at = after.checked_sub(1).map_or(0, |last| self.lines[last].end);
        let (before, rest) = self.bytes.split_at(at);
        let eol: &[u8] = if self.bytes.lines_with_terminator().next().is_some_and(|line| line.ends_with(b"\r\n")) {
            b"\r\n"
        } else {
            b"\n"
        };
        let mut out = before.to_vec();
        if !before.is_empty() && !before.ends_with(b"\n") {
            out.extend_from_slice(eol);
        }
        if before.is_empty() {
            // Room for the title that is still to be written
            out.extend_from_slice(eol);
        }
        if self.block.is_empty() {
            out.extend_from_slice(eol);
        }
        for line in new {
            out.extend_from_slice(line.as_bytes());
            out.extend_from_slice(eol);
        }
        if rest.lines_with_terminator().next().is_some_and(|line| !is_blank(line)) {
            out.extend_from_slice(eol);
        }
        out.extend_from_slice(rest);
        out
    }

    /// The bytes with other values of some trailers, each on the one line that it then takes; a trailer whose new value
    /// is `None` goes.
    pub fn with_values(&self, new: &[(&SpecTrailer, Option<String>)]) -> Vec<u8> {
        let mut edits: BTreeMap<usize, Vec<u8>> = BTreeMap::new();
        for (trailer, value) in new {
            let first = self.line(trailer.lines.start);
            let kept = separator(first).map_or(0, |at| at + 1);
            let mut line = Vec::new();
            if let Some(value) = value {
                line.extend_from_slice(&first[..kept]);
                line.push(b' ');
                line.extend_from_slice(value.as_bytes());
                line.extend_from_slice(line_end(first));
            }
            edits.insert(trailer.lines.start, line);
            edits.extend((trailer.lines.start + 1..trailer.lines.end).map(|number| (number, Vec::new())));
        }
        self.edited(&edits)
    }

    /// Where a squashed message quotes links: the values, each once, in order, and the bytes without those lines.
    pub fn lifted(&self) -> (Vec<Link>, Vec<u8>) {
        let mut links: Vec<Link> = Vec::new();
        let mut gone = BTreeMap::new();
        let mut fence = None;
        let body = 0..if self.block.is_empty() { self.end } else { self.block.start };
        let mut number = 0;
        let joined = is_squash_shaped(self.bytes) || self.is_combination();
        while joined && body.contains(&number) {
            let line = self.line(number);
            number += 1;
            if step_fence(line, &mut fence) || fence.is_some() {
                continue;
            }
            let Some(value) = spec_line(line) else { continue };
            let Some((link, taken)) = self.folded_link(value, indent(line), number, body.end) else { continue };
            gone.extend((number - 1..number + taken).map(|line| (line, Vec::new())));
            number += taken;
            if !links.iter().any(|known| known.to_string() == link.to_string()) {
                links.push(link);
            }
        }
        (links, self.edited(&gone))
    }

    /// Whether `Spec:` lines stand where Git reads no trailers.
    pub fn has_strays(&self) -> bool {
        let outside = |number: &usize| !self.block.contains(number) && indent(self.line(*number)) == 0;
        (0..self.end).filter(outside).any(|number| spec_line(self.line(number)).is_some())
    }

    /// The `Spec:` lines before the trailers, at the margin and outside fenced code.
    pub fn strays(&self) -> Vec<Stray> {
        let end = if self.block.is_empty() { self.end } else { self.block.start };
        let (mut found, mut fence) = (Vec::new(), None);
        let (mut number, mut is_title) = (0, true);
        while number < end {
            let from = number;
            let mut fenced = false;
            while number < end && (fence.is_some() || !is_blank(self.line(number))) {
                fenced |= step_fence(self.line(number), &mut fence) || fence.is_some();
                number += 1;
            }
            if !fenced {
                self.strays_of(from..number, !is_title, &mut found);
            }
            is_title &= from == number;
            number += 1;
        }
        found
    }

    fn strays_of(&self, paragraph: Range<usize>, may_be_trailers: bool, found: &mut Vec<Stray>) {
        let is_trailer = |number: usize| match indent(self.line(number)) {
            0 => separator(self.line(number)).is_some(),
            _ => number > paragraph.start,
        };
        let among_trailers = may_be_trailers && paragraph.clone().all(is_trailer);
        for number in paragraph.clone() {
            let line = self.line(number);
            let Some(value) = spec_line(line).filter(|_| indent(line) == 0) else { continue };
            let more = (number + 1..paragraph.end).take_while(|&next| among_trailers && indent(self.line(next)) > 0);
            let mut stray = Stray { value: value.into(), among_trailers, lines: number..number + 1 };
            for next in more {
                stray.value.push(b' ');
                stray.value.extend_from_slice(trim(self.line(next)));
                stray.lines.end = next + 1;
            }
            found.push(stray);
        }
    }

    /// The bytes without some strays, and without the blank lines that then stand beside others.
    pub fn without(&self, strays: &[&Stray]) -> Vec<u8> {
        let mut gone: BTreeMap<usize, Vec<u8>> =
            strays.iter().flat_map(|stray| stray.lines.clone()).map(|number| (number, Vec::new())).collect();
        for number in 1..self.end {
            let before = (0..number).rev().find(|before| !gone.contains_key(before));
            let beside = gone.contains_key(&(number - 1)) && before.is_some_and(|before| is_blank(self.line(before)));
            if beside && is_blank(self.line(number)) {
                gone.insert(number, Vec::new());
            }
        }
        self.edited(&gone)
    }

    /// The `Spec:` lines of these links that Git won't read as trailers, for something was written behind or beside them,
    /// each once, and the bytes without them.
    pub fn strayed(&self, links: &[Link]) -> (Vec<String>, Vec<u8>) {
        let known: Vec<String> = self.links().iter().map(ToString::to_string).collect();
        let wanted: Vec<String> = links.iter().map(ToString::to_string).collect();
        let (mut found, mut gone) = (Vec::new(), BTreeMap::new());
        for number in (0..self.end).filter(|number| !self.block.contains(number)) {
            let line = self.line(number);
            let Some(value) = spec_line(line).filter(|_| indent(line) == 0) else { continue };
            let Ok(link) = Link::parse(value, Source::Trailer) else { continue };
            let text = link.to_string();
            // Beside a trailer that says the same it is what somebody wrote.
            if !wanted.contains(&text) || known.contains(&text) {
                continue;
            }
            gone.insert(number, Vec::new());
            if !found.contains(&link.line()) {
                found.push(link.line());
            }
        }
        (found, self.edited(&gone))
    }

    /// Whether a rebase has joined it from several messages (sequencer.c, `update_squash_messages`).
    pub fn is_combination(&self) -> bool {
        self.bytes.lines().next().is_some_and(|line| line.contains_str("This is a combination of "))
    }

    /// The link that a value is, alone or with the deeper lines behind it; and how many of them.
    fn folded_link(&self, value: &[u8], depth: usize, next: usize, end: usize) -> Option<(Link, usize)> {
        let deeper =
            (next..end).take(FOLDED).take_while(|&n| !is_blank(self.line(n)) && indent(self.line(n)) > depth).count();
        let mut folded = value.to_vec();
        for number in next..next + deeper {
            folded.push(b' ');
            folded.extend_from_slice(trim(self.line(number)));
        }
        match Link::parse(&folded, Source::Trailer) {
            Ok(link) => Some((link, deeper)),
            Err(_) => Link::parse(value, Source::Trailer).ok().map(|link| (link, 0)),
        }
    }

    /// Where the only words are links, with or without sign-offs: the bytes without the links. Git then finds the message
    /// empty, for it disregards sign-offs (builtin/commit.c, `rest_is_empty`).
    pub fn without_words(&self) -> Option<Vec<u8>> {
        let mut gone = BTreeMap::new();
        for number in 0..self.end {
            let line = self.line(number);
            let link = |value: &[u8]| Link::parse(value, Source::Trailer).is_ok();
            if spec_line(line).is_some_and(link) && indent(line) == 0 {
                gone.insert(number, Vec::new());
            } else if !is_blank(line) && !line.starts_with(b"Signed-off-by: ") {
                return None;
            }
        }
        (!gone.is_empty()).then(|| self.edited(&gone))
    }

    fn line(&self, number: usize) -> &'a [u8] {
        &self.bytes[self.lines[number].clone()]
    }

    /// The bytes with some lines replaced.
    fn edited(&self, edits: &BTreeMap<usize, Vec<u8>>) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.bytes.len());
        let mut at = 0;
        for (&number, line) in edits {
            let old = &self.lines[number];
            out.extend_from_slice(&self.bytes[at..old.start]);
            out.extend_from_slice(line);
            at = old.end;
        }
        out.extend_from_slice(&self.bytes[at..]);
        out
    }
}

/// The comment sign that a draft shows where the configuration leaves the choice to Git: the one before the scissors, or
/// the one that the last line begins with.
pub fn comment_sign(bytes: &[u8]) -> &[u8] {
    let scissors = bytes.lines().find_map(|line| line.strip_suffix(SCISSORS)?.strip_suffix(b" "));
    let last = || bytes.lines().rev().find(|line| !is_blank(line));
    let sign = scissors.or_else(last).and_then(|line| line.get(..1)).unwrap_or_default();
    if AUTO.contains_str(sign) && !sign.is_empty() { sign } else { b"#" }
}

/// The text where each line that is a link and begins with the comment sign has its key in other letters, so that it begins
/// with that no more. Keys match without ASCII case.
pub fn apart_from(text: &[u8], sign: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut cut = false;
    for line in text.lines_with_terminator() {
        let is_comment = !sign.is_empty() && line.starts_with(sign);
        cut |= is_comment && trim(&line[sign.len()..]) == SCISSORS;
        let is_link = |value: &[u8]| Link::parse(value, Source::Trailer).is_ok();
        if is_comment && !cut && indent(line) == 0 && spec_line(line).is_some_and(is_link) {
            let (key, rest) = line.split_at(KEY.len());
            let keys = [key.to_ascii_lowercase(), key.to_ascii_uppercase(), b"sPEC".to_vec()];
            let other = keys.into_iter().map(|key| [&key, rest].concat()).find(|line| !line.starts_with(sign));
            out.extend(other.unwrap_or_else(|| line.to_vec()));
        } else {
            out.extend_from_slice(line);
        }
    }
    out
}

/// A link's line in ASCII alone.
pub fn ascii(line: &str) -> String {
    let mut out = String::new();
    for byte in line.bytes() {
        if byte.is_ascii() { out.push(byte as char) } else { out.push_str(&format!("%{byte:02X}")) }
    }
    out
}

fn lines_of(bytes: &[u8]) -> impl Iterator<Item = Range<usize>> {
    let mut at = 0;
    bytes.lines_with_terminator().map(move |line| {
        let start = at;
        at += line.len();
        start..at
    })
}

fn line_end(line: &[u8]) -> &[u8] {
    let text = line.strip_suffix(b"\n").map_or(line, |text| text.strip_suffix(b"\r").unwrap_or(text));
    &line[text.len()..]
}

#[cfg(test)]
mod tests;
