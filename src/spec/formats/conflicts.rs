//! Conflicts that nobody has resolved yet.
//!
//! A file in the middle of a merge is still read, by `git spec diff` before all. Its `=======` would make a heading of
//! the line above, in Markdown and in reStructuredText, and so rename or end a clause. The marker lines are emptied
//! before any format sees them: what stands between them is text, and line numbers stay.

use std::borrow::Cow;
use std::collections::HashSet;

/// The text with the marker lines of conflicts emptied; those inside a code block stay, since they are an example.
pub(super) fn without_markers(text: Cow<'_, str>) -> Cow<'_, str> {
    if !text.starts_with(BEGIN) && memchr::memmem::find(text.as_bytes(), b"\n<<<<<<<").is_none() {
        return text;
    }
    let markers = markers(&text);
    if markers.is_empty() {
        return text;
    }
    let mut out = String::with_capacity(text.len());
    for (at, line) in text.split_inclusive('\n').enumerate() {
        if markers.contains(&at) {
            out.push_str(&line[line.trim_end_matches('\n').len()..]);
        } else {
            out.push_str(line);
        }
    }
    Cow::Owned(out)
}

const BEGIN: &str = "<<<<<<<";
const BASE: &str = "|||||||";
const BETWEEN: &str = "=======";
const END: &str = ">>>>>>>";

/// The marker lines of all conflicts that begin, part and end, from 0.
fn markers(text: &str) -> HashSet<usize> {
    let mut found = HashSet::new();
    let mut open: Vec<usize> = Vec::new();
    let mut is_parted = false;
    let mut fence: Option<(u8, usize)> = None;
    for (at, line) in text.lines().enumerate() {
        let is = |mark: &str| line.strip_prefix(mark).is_some_and(|rest| rest.is_empty() || rest.starts_with(' '));
        if is(BEGIN) && fence.is_none() {
            open = vec![at];
            is_parted = false;
        } else if !open.is_empty() && (is(BASE) || line == BETWEEN) {
            open.push(at);
            is_parted |= line == BETWEEN;
        } else if !open.is_empty() && is(END) {
            open.push(at);
            found.extend(open.drain(..).filter(|_| is_parted));
            // a side may have left a fence open that the other one closes
            fence = None;
        } else {
            fence = fence_after(line, fence);
        }
    }
    found
}

/// The open code fence behind a line: its character and length.
fn fence_after(line: &str, open: Option<(u8, usize)>) -> Option<(u8, usize)> {
    let text = line.trim_start_matches(' ');
    let mark = *text.as_bytes().first().filter(|b| matches!(b, b'`' | b'~') && line.len() - text.len() < 4)?;
    let length = text.bytes().take_while(|&b| b == mark).count();
    let rest = &text[length..];
    match open {
        Some((begun, least)) if begun == mark && length >= least && rest.trim().is_empty() => None,
        Some(_) => open,
        None => (length >= 3 && !(mark == b'`' && rest.contains('`'))).then_some((mark, length)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn emptied(text: &str) -> String {
        without_markers(Cow::Borrowed(text)).into_owned()
    }

    #[test]
    fn markers_are_emptied_and_lines_stay() {
        let text = "# A\n<<<<<<< HEAD\none\n||||||| base\nzero\n=======\ntwo\n>>>>>>> theirs\nz\n";
        assert_eq!(emptied(text), "# A\n\none\n\nzero\n\ntwo\n\nz\n");
        assert_eq!(emptied("<<<<<<<\na\n=======\nb\n>>>>>>>"), "\na\n\nb\n");
    }

    #[test]
    fn what_is_no_conflict_stays() {
        for text in [
            "Lockout\n=======\n\ntext\n",
            "<<<<<<< HEAD\nLockout\n=======\n",
            "<<<<<<< HEAD\na\n>>>>>>> b\n",
            "```\n<<<<<<< HEAD\na\n=======\nb\n>>>>>>> c\n```\n",
            "<<<<<<<<\na\n=======\nb\n>>>>>>> c\n",
        ] {
            assert_eq!(emptied(text), text);
        }
        assert_eq!(emptied("<<<<<<< a\n<<<<<<< b\nx\n=======\ny\n>>>>>>> b\n"), "<<<<<<< a\n\nx\n\ny\n\n");
    }
}
