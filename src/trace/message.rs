//! The links in a commit message, as bytes.
//!
//! What a trailer is follows Git's `trailer.c` (git-interpret-trailers(1), read at 2.47) as `git log` applies it to
//! stored messages: no `---` divider, `#` as the comment character, `:` as the separator, no configured keys. Nothing is
//! read from the configuration, so that a message means the same on every machine.

use std::ops::Range;

use bstr::{BStr, BString, ByteSlice};

use super::link::{KEY, Link, NotALink, Reason, Source};

/// The links of one message, in the order of their lines.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Extracted {
    /// The links found.
    pub links: Vec<Link>,
    /// `Spec:` lines that are no links.
    pub rejected: Vec<Rejected>,
    /// Whole links that stand before the trailers where none is read: at the beginning of a line, outside fences, in a message that
    /// is no squash's. Those to a clause that a trailer links aren't among them.
    pub passed_over: Vec<Link>,
    /// Whether the message holds a NUL; nothing behind it was read, as Git doesn't either.
    pub has_nul: bool,
}

/// A `Spec:` line that is no link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejected {
    /// The unfolded value, cut at [`Rejected::SHOWN`] bytes.
    pub value: BString,
    /// [`Source::Trailer`] or [`Source::Body`].
    pub source: Source,
    /// What is wrong with it.
    pub reason: Reason,
}

impl Rejected {
    /// Bytes of a rejected value that are kept.
    pub const SHOWN: usize = 256;

    fn new(value: &[u8], source: Source, reason: Reason) -> Rejected {
        let value = value[..value.len().min(Self::SHOWN)].into();
        Rejected { value, source, reason }
    }
}

/// One trailer, unfolded and trimmed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trailer<'a> {
    /// The key as it stands.
    pub key: &'a BStr,
    /// The value, each line break with the white space around it replaced by one space. (Git keeps what stands before
    /// the break, a carriage return too.)
    pub value: BString,
}

/// The links of a raw commit message (the bytes behind the header's empty line, whatever their encoding).
///
/// Reads the trailers, and where [`is_squash_shaped`] also `Spec:` lines between the subject and the trailers, outside
/// fenced code, as [`Source::Body`]. Elsewhere such links are no links, and told apart. Linear in the length, never panics.
pub fn extract(message: &[u8]) -> Extracted {
    let text = readable(message);
    let block = trailer_block(text);
    let mut found = Extracted { has_nul: message.contains(&0), ..Extracted::default() };
    if is_squash_shaped(text) {
        let subject = line_end(text, 0);
        let taken_back = super::squash_log::taken_back(text);
        scan_body(text, subject..block.start.max(subject), usize::MAX, &taken_back, &mut found);
    } else if may_hold_link(&text[..block.start]) {
        let mut body = Extracted::default();
        scan_body(text, 0..block.start, 0, &[], &mut body);
        found.passed_over = body.links;
    }
    for trailer in split_trailers(&text[block]) {
        if trailer.key.eq_ignore_ascii_case(KEY.as_bytes()) {
            match Link::parse(&trailer.value, Source::Trailer) {
                Ok(link) => found.links.push(link),
                Err(NotALink(reason)) => {
                    let rejected = Rejected::new(&trailer.value, Source::Trailer, reason);
                    found.rejected.push(rejected);
                }
            }
        }
    }
    found.passed_over.retain(|link| !found.links.iter().any(|own| own.same_clause(link)));
    found
}

/// The links of a message, those of its trailers and those that the body of a squash has, all as trailers would have them.
pub fn links_as_trailers(message: &[u8]) -> Vec<Link> {
    let links = extract(message).links.into_iter();
    links.map(|link| Link { source: Source::Trailer, ..link }).collect()
}

/// Whether any line begins as one with a link does. Most bodies have none, and need no look at their fences.
fn may_hold_link(body: &[u8]) -> bool {
    let begins = |line: &[u8]| line.get(..KEY.len()).is_some_and(|start| start.eq_ignore_ascii_case(KEY.as_bytes()));
    body.lines().any(begins)
}

/// The trailers of a raw commit message in order, as `git log --format='%(trailers:only,unfold)'` shows them.
pub fn trailers(message: &[u8]) -> Vec<Trailer<'_>> {
    let text = readable(message);
    split_trailers(&text[trailer_block(text)])
}

/// Whether a line outside the trailers is a link, be the message squash-shaped or not.
pub fn has_link_in_body(message: &[u8]) -> bool {
    let text = readable(message);
    let body = &text[..trailer_block(text).start];
    let is_link = |line: &[u8]| spec_line(line).is_some_and(|value| Link::parse(value, Source::Body).is_ok());
    body.lines().any(is_link)
}

/// Whether a message looks like several joined into one: by `git merge --squash`, by a rebase, or by a forge.
///
/// Lists with `* ` look the same; what is found in the body therefore never satisfies a policy.
pub fn is_squash_shaped(message: &[u8]) -> bool {
    let is_rule = |line: &[u8]| {
        let line = line.trim_end();
        line.len() >= 9 && line.iter().all(|&b| b == b'-')
    };
    message.lines().any(|line| {
        line.starts_with(b"Squashed commit of the following")
            || line.starts_with(b"* ")
            || line.starts_with(b"# This is a combination of")
            || is_rule(line)
    })
}

/// The part of a message that Git reads: from the first line that isn't blank up to a NUL.
fn readable(message: &[u8]) -> &[u8] {
    let mut text = message.split(|&b| b == 0).next().unwrap_or(message);
    while !text.is_empty() && is_blank(first_line(text)) {
        text = &text[line_end(text, 0)..];
    }
    text
}

// ---- the trailer block, as trailer.c finds it

/// Lines that Git itself writes; one of them lets a block hold other lines too.
const GIT_GENERATED: [&[u8]; 2] = [b"Signed-off-by: ", b"(cherry picked from commit "];

/// `core.commentChar`'s default.
const COMMENT: u8 = b'#';

/// `git commit -v` cuts a message here (wt-status.c, `cut_line`).
const SCISSORS: &[u8] = b"# ------------------------ >8 ------------------------\n";

/// What has been seen of a paragraph, from its end upwards.
#[derive(Default)]
struct Tally {
    generated: bool,
    trailers: usize,
    others: usize,
    /// Indented lines, which belong to whatever turns up above them.
    pending: usize,
}

impl Tally {
    fn add(&mut self, line: &[u8]) {
        let generated = GIT_GENERATED.iter().any(|p| line.starts_with(p));
        let indented = line.first().is_some_and(|&b| is_space(b));
        if generated || (!indented && separator(line).is_some()) {
            self.generated |= generated;
            self.trailers += 1;
            self.pending = 0;
        } else if indented {
            self.pending += 1;
        } else {
            self.others += 1;
            self.settle();
        }
    }

    fn settle(&mut self) {
        self.others += std::mem::take(&mut self.pending);
    }

    /// All lines are trailers, or at least a quarter is and one of them is Git's own.
    fn is_block(&self) -> bool {
        (self.generated && self.trailers * 3 >= self.others) || (self.trailers > 0 && self.others == 0)
    }
}

/// Where the trailer block stands; empty, at the end, where there is none.
pub(super) fn trailer_block(text: &[u8]) -> Range<usize> {
    let text = &text[..end_of_log(text)];
    let none = text.len()..text.len();
    let title = end_of_title(text);
    let mut tally = Tally::default();
    let mut only_blank = true;
    let mut end = text.len();
    while end > 0 {
        let start = text[..end - 1].rfind_byte(b'\n').map_or(0, |at| at + 1);
        if start < title {
            break;
        }
        let line = &text[start..end];
        if line.first() == Some(&COMMENT) {
            tally.settle();
        } else if !is_blank(line) {
            only_blank = false;
            tally.add(line);
        } else if !only_blank {
            tally.settle();
            return if tally.is_block() { end..text.len() } else { none };
        }
        end = start;
    }
    none
}

/// The end of the first paragraph, which is the title and never holds trailers.
fn end_of_title(text: &[u8]) -> usize {
    let mut at = 0;
    while at < text.len() {
        if text[at] != COMMENT && is_blank(first_line(&text[at..])) {
            break;
        }
        at = line_end(text, at);
    }
    at
}

/// Where the message ends for Git: before a scissors line, and before trailing comments, blank lines and an old-style
/// `Conflicts:` list (commit.c, `ignored_log_message_bytes`).
fn end_of_log(text: &[u8]) -> usize {
    let cutoff = scissors(text).unwrap_or(text.len());
    // 0 stands for "none", as in Git: what begins the message is never ignorable
    let mut ignorable = 0;
    let mut in_conflicts = false;
    let mut at = 0;
    while at < cutoff {
        let line = first_line(&text[at..]);
        let opens_conflicts = line == b"Conflicts:\n";
        if matches!(line.first(), Some(&COMMENT | b'\n')) || opens_conflicts {
            in_conflicts |= opens_conflicts;
            ignorable = if ignorable == 0 { at } else { ignorable };
        } else if ignorable != 0 && !(in_conflicts && line.first() == Some(&b'\t')) {
            ignorable = 0;
            in_conflicts = false;
        }
        at = line_end(text, at);
    }
    if ignorable == 0 { cutoff } else { ignorable }
}

fn scissors(text: &[u8]) -> Option<usize> {
    let mut hits = text.find_iter(SCISSORS);
    hits.find(|&at| at == 0 || text[at - 1] == b'\n')
}

/// The trailers of a block.
fn split_trailers(block: &[u8]) -> Vec<Trailer<'_>> {
    let mut out: Vec<Trailer<'_>> = Vec::new();
    let mut open = false;
    for line in block.lines_with_terminator() {
        if open && line.first().is_some_and(|&b| is_space(b)) {
            if let Some(last) = out.last_mut() {
                last.value.push(b' ');
                last.value.extend_from_slice(trim(line));
            }
            continue;
        }
        let at = separator(line).filter(|_| line.first() != Some(&COMMENT));
        open = at.is_some();
        if let Some(at) = at {
            let key = trim(&line[..at]).as_bstr();
            let value = trim(&line[at + 1..]).into();
            out.push(Trailer { key, value });
        }
    }
    for trailer in &mut out {
        trailer.value = trim(&trailer.value).into();
    }
    out
}

/// Where the `:` behind a key stands: letters, digits and hyphens, then spaces and tabs (trailer.c, `find_separator`).
pub(super) fn separator(line: &[u8]) -> Option<usize> {
    let key = line.iter().take_while(|b| b.is_ascii_alphanumeric() || **b == b'-').count();
    let space = line[key..].iter().take_while(|b| matches!(b, b' ' | b'\t')).count();
    let at = key + space;
    (key > 0 && line.get(at) == Some(&b':')).then_some(at)
}

// ---- squashed messages

/// Most lines that a folded value in a body may take; a link needs two or three.
const FOLDED: usize = 8;

/// A code fence that is open: its character and length.
pub(super) type Fence = (u8, usize);

/// Reads a part of a text, but for lines that are indented deeper; what stands in `taken_back` is no link.
fn scan_body(text: &[u8], body: Range<usize>, deepest: usize, taken_back: &[Range<usize>], found: &mut Extracted) {
    let mut fence: Option<Fence> = None;
    let mut rest = &text[body.clone()];
    while !rest.is_empty() {
        let at = body.end - rest.len();
        let line = first_line(rest);
        rest = &rest[line.len()..];
        if step_fence(line, &mut fence) || fence.is_some() {
            continue;
        }
        if let Some(value) = spec_line(line).filter(|_| indent(line) <= deepest) {
            let before = found.links.len();
            rest = &rest[take_value(indent(line), value, rest, found)..];
            if taken_back.iter().any(|part| part.contains(&at)) {
                let links = found.links.split_off(before).into_iter();
                let reject = |link: Link| Rejected::new(link.to_string().as_bytes(), Source::Body, Reason::TakenBack);
                found.rejected.extend(links.map(reject));
            }
        }
    }
}

/// The value of a `Spec:` line, however indented.
pub(super) fn spec_line(line: &[u8]) -> Option<&[u8]> {
    let text = &line[indent(line)..];
    let at = separator(text)?;
    trim(&text[..at]).eq_ignore_ascii_case(KEY.as_bytes()).then(|| trim(&text[at + 1..]))
}

/// Reads a value that may go on in deeper lines of `rest`; tells how many bytes of `rest` belong to it.
fn take_value(depth: usize, value: &[u8], rest: &[u8], found: &mut Extracted) -> usize {
    let mut folded = value.to_vec();
    let mut taken = 0;
    for line in rest.lines_with_terminator().take(FOLDED) {
        if is_blank(line) || indent(line) <= depth {
            break;
        }
        folded.push(b' ');
        folded.extend_from_slice(trim(line));
        taken += line.len();
    }
    if let Ok(link) = Link::parse(&folded, Source::Body) {
        found.links.push(link);
        return taken;
    }
    // the deeper lines are something else
    match Link::parse(value, Source::Body) {
        Ok(link) => found.links.push(link),
        Err(NotALink(reason)) => {
            let rejected = Rejected::new(value, Source::Body, reason);
            found.rejected.push(rejected);
        }
    }
    0
}

/// Opens or closes a fence (CommonMark 0.31 §4.5, but at any indentation, for `git merge --squash` indents by four);
/// tells whether the line did. One that is never closed reaches to the end.
pub(super) fn step_fence(line: &[u8], fence: &mut Option<Fence>) -> bool {
    let text = trim(line);
    let Some(&mark) = text.first().filter(|b| matches!(b, b'`' | b'~')) else {
        return false;
    };
    let length = text.iter().take_while(|&&b| b == mark).count();
    let info = &text[length..];
    match *fence {
        Some((open, least)) if open == mark && length >= least && info.is_empty() => *fence = None,
        None if length >= 3 && !(mark == b'`' && info.contains(&b'`')) => {
            *fence = Some((mark, length));
        }
        _ => return false,
    }
    true
}

// ---- lines

fn first_line(text: &[u8]) -> &[u8] {
    &text[..line_end(text, 0)]
}

/// Just behind the line that begins at `from`.
fn line_end(text: &[u8], from: usize) -> usize {
    text[from..].find_byte(b'\n').map_or(text.len(), |at| from + at + 1)
}

/// Git's `isspace` (sane_ctype: no vertical tab or form feed).
fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
}

pub(super) fn is_blank(line: &[u8]) -> bool {
    line.iter().all(|&b| is_space(b))
}

pub(super) fn trim(text: &[u8]) -> &[u8] {
    let from = text.iter().position(|&b| !is_space(b)).unwrap_or(text.len());
    let to = text.iter().rposition(|&b| !is_space(b)).map_or(from, |at| at + 1);
    &text[from..to]
}

pub(super) fn indent(line: &[u8]) -> usize {
    line.iter().take_while(|b| matches!(b, b' ' | b'\t')).count()
}

#[cfg(test)]
mod tests;
