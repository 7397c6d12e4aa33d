//! What of a text with conflicts was to be decided, and whose lines stand there in the end.
//!
//! The text comes from a merge of lines, with its markers; in what was made of it all lines outside of the conflicts have to
//! stand, in their order. So a conflict in one place frees nothing in another.

use bstr::ByteSlice;

/// What a conflict was decided for, from what asks least.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Needs {
    /// Lines of the first side stand in the place of a conflict, and not those of the second.
    pub ours: bool,
    /// Lines of the second side, and not those of the first.
    pub theirs: bool,
}

/// A part of a text with conflicts.
#[derive(Debug, PartialEq, Eq)]
enum Part<'t> {
    /// Lines that fit.
    Stands(&'t [u8]),
    /// Lines of each side that don't.
    Open(Vec<u8>, Vec<u8>),
}

/// Lines between two conflicts that belong to them: git joins what so few lines part (`xdl_simplify_non_conflicts`).
const BETWEEN: usize = 3;

/// The shortest marker that no line of the texts begins with; none where there is none that a merge could write.
pub fn marker(texts: &[&[u8]]) -> Option<u16> {
    let run = |line: &[u8]| {
        let sign = line.first().filter(|sign| b"<|=>".contains(sign));
        sign.map_or(0, |sign| line.iter().take_while(|other| *other == sign).count())
    };
    let longest = texts.iter().flat_map(|text| text.split(|byte| *byte == b'\n')).map(run).max().unwrap_or(0);
    u16::try_from(longest + 1).ok().map(|size| size.max(7))
}

/// What `made` needs to be a solution of a text with conflicts whose markers have that size; none if it is no solution:
/// a line that stands is not there, or one is beside the conflicts.
pub fn solved(conflicting: &[u8], marker: u16, made: &[u8]) -> Option<Needs> {
    let parts = parts(conflicting, usize::from(marker))?;
    let exact = whose(&parts, made);
    let exact =
        exact.into_iter().chain(whose(&joined(&parts), made)).min_by_key(|needs| (needs.ours && needs.theirs, *needs));
    let both = Needs { ours: true, theirs: true };
    exact.or_else(|| (fits(&parts, made) || fits(&joined(&parts), made)).then_some(both))
}

/// Cuts a text at its markers.
fn parts(text: &[u8], marker: usize) -> Option<Vec<Part<'_>>> {
    let mut parts = Vec::new();
    let (mut start, mut at) = (0, 0);
    // 0 outside, 1 in the first side, 2 in what was, 3 in the second side.
    let mut place = 0;
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for line in text.split_inclusive(|byte| *byte == b'\n') {
        let end = at + line.len();
        let sign = line.first().copied().unwrap_or(b'\n');
        let is_marker = line.len() >= marker && line[..marker].iter().all(|byte| *byte == sign);
        match (place, sign) {
            (0, b'<') if is_marker => {
                parts.push(Part::Stands(&text[start..at]));
                place = 1;
            }
            (1, b'|') if is_marker => place = 2,
            (1 | 2, b'=') if is_marker => place = 3,
            (3, b'>') if is_marker => {
                parts.push(Part::Open(std::mem::take(&mut ours), std::mem::take(&mut theirs)));
                (place, start) = (0, end);
            }
            (1, _) => ours.extend_from_slice(line),
            (3, _) => theirs.extend_from_slice(line),
            _ => {}
        }
        at = end;
    }
    parts.push(Part::Stands(&text[start..]));
    (place == 0).then_some(parts)
}

/// Takes few lines between two conflicts for a part of them.
fn joined<'t>(parts: &[Part<'t>]) -> Vec<Part<'t>> {
    let mut all: Vec<Part<'t>> = Vec::new();
    let mut between: Option<&'t [u8]> = None;
    for part in parts {
        match (part, &mut all[..]) {
            (Part::Stands(lines), [.., Part::Open(..)]) => between = Some(lines),
            (Part::Open(ours, theirs), [.., Part::Open(before, after)])
                if between.is_some_and(|lines| lines.split(|byte| *byte == b'\n').count() <= BETWEEN + 1) =>
            {
                let lines = between.take().unwrap_or_default();
                before.extend([lines, ours].concat());
                after.extend([lines, theirs].concat());
            }
            (part, _) => {
                all.extend(between.take().map(Part::Stands));
                all.push(match part {
                    Part::Stands(lines) => Part::Stands(lines),
                    Part::Open(ours, theirs) => Part::Open(ours.clone(), theirs.clone()),
                });
            }
        }
    }
    all.extend(between.map(Part::Stands));
    all
}

/// Reads a solution that has one side's lines in each place; none if it has others.
fn whose(parts: &[Part<'_>], made: &[u8]) -> Option<Needs> {
    let mut rest = made;
    let mut needs = Needs { ours: false, theirs: false };
    for (at, part) in parts.iter().enumerate() {
        match part {
            Part::Stands(lines) => rest = rest.strip_prefix(*lines)?,
            Part::Open(ours, theirs) => {
                let next: &[u8] = match parts.get(at + 1) {
                    Some(Part::Stands(lines)) => lines,
                    _ => &[],
                };
                let is_last = at + 2 >= parts.len() && next.is_empty();
                let after = |side: &[u8]| {
                    // A marker wants a line end before it, which the last line of a text may lack.
                    let cut = side.strip_suffix(b"\n").unwrap_or(side);
                    match is_last && rest == cut {
                        true => Some(&rest[rest.len()..]),
                        false => rest
                            .strip_prefix(side)
                            .filter(|rest| rest.starts_with(next) && (!is_last || rest.is_empty())),
                    }
                };
                match (after(ours), after(theirs)) {
                    // Either will do; what comes behind tells no more than that.
                    (Some(left), Some(right)) if left.len() <= right.len() => (rest, needs.ours) = (left, true),
                    (_, Some(right)) => (rest, needs.theirs) = (right, true),
                    (Some(left), None) => (rest, needs.ours) = (left, true),
                    (None, None) => return None,
                }
            }
        }
    }
    rest.is_empty().then_some(needs)
}

/// Whether all lines that stand are there in their order, with anything in the places between them.
fn fits(parts: &[Part<'_>], made: &[u8]) -> bool {
    let stands: Vec<&[u8]> =
        parts.iter().filter_map(|part| if let Part::Stands(lines) = part { Some(*lines) } else { None }).collect();
    let [first, middle @ .., last] = &stands[..] else { return false };
    let Some(rest) = made.strip_prefix(*first) else { return false };
    // With a line end before it, whole lines alone are found.
    let rest = [b"\n", rest].concat();
    let mut rest = &rest[..];
    for lines in middle.iter().filter(|lines| !lines.is_empty()) {
        let wanted = [b"\n", *lines].concat();
        let Some(found) = rest.find(&wanted) else { return false };
        // Its last line end begins what follows.
        rest = &rest[found + wanted.len() - 1..];
    }
    rest.ends_with(&[b"\n", *last].concat()) || (last.is_empty() && !rest.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn needs(ours: bool, theirs: bool) -> Option<Needs> {
        Some(Needs { ours, theirs })
    }

    const TEXT: &[u8] =
        b"a\nb\n<<<<<<<\nx\n|||||||\no\n=======\ny\n>>>>>>>\nc\nd\ne\nf\n<<<<<<<\n1\n=======\n2\n>>>>>>>\ng\n";

    #[test]
    fn lines_of_a_side_are_told_from_others() {
        assert_eq!(solved(TEXT, 7, b"a\nb\nx\nc\nd\ne\nf\n1\ng\n"), needs(true, false));
        assert_eq!(solved(TEXT, 7, b"a\nb\ny\nc\nd\ne\nf\n2\ng\n"), needs(false, true));
        assert_eq!(solved(TEXT, 7, b"a\nb\nx\nc\nd\ne\nf\n2\ng\n"), needs(true, true));
        assert_eq!(solved(TEXT, 7, b"a\nb\nnew\nlines\nc\nd\ne\nf\ng\n"), needs(true, true));
    }

    #[test]
    fn nothing_else_is_free() {
        for made in [
            &b"a\nb\nx\nc\nd\ne\nevil\nf\n1\ng\n"[..],
            b"evil\na\nb\nx\nc\nd\ne\nf\n1\ng\n",
            b"a\nb\nx\nc\nd\ne\nf\n1\ng\nevil\n",
            b"a\nb\nx\nd\ne\nf\n1\ng\n",
            b"a\nb\nx\nxc\nd\ne\nf\n1\ng\n",
            b"",
        ] {
            assert_eq!(solved(TEXT, 7, made), None, "{}", String::from_utf8_lossy(made));
        }
    }

    #[test]
    fn few_lines_between_conflicts_belong_to_them() {
        let text = b"a\n<<<<<<<\nx\n=======\ny\n>>>>>>>\nc\n<<<<<<<\n1\n=======\n2\n>>>>>>>\n";
        assert_eq!(solved(text, 7, b"a\nx\nC\n1\n"), needs(true, true));
        assert_eq!(solved(text, 7, b"a\ny\nc\n2"), needs(false, true));
        assert_eq!(solved(text, 7, b"x\nc\n1\n"), None);
    }

    #[test]
    fn a_whole_text_in_conflict_is_free() {
        let text = b"<<<<<<<\nx\n=======\ny\n>>>>>>>\n";
        assert_eq!(solved(text, 7, b"x"), needs(true, false));
        assert_eq!(solved(text, 7, b"y\n"), needs(false, true));
        assert_eq!(solved(text, 7, b""), needs(true, true));
        assert_eq!(solved(text, 7, b"z\n"), needs(true, true));
    }

    #[test]
    fn markers_are_longer_than_what_the_texts_hold() {
        assert_eq!(marker(&[b"a\n======\n", b""]), Some(7));
        assert_eq!(marker(&[b"a\n=======\n", b"<<<<<<<<<\n"]), Some(10));
        assert_eq!(marker(&[&b"=".repeat(70_000)]), None);
        let text = b"<<<<<<<<\nx\n=======\nx2\n========\ny\n>>>>>>>>\n";
        assert_eq!(solved(text, 8, b"x\n=======\nx2\n"), needs(true, false));
    }
}
