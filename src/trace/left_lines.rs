//! Which lines of a text an earlier change put there, told by the texts before it, after it and now. As blame would say, but for
//! lines that went and came back; and without a walk through all that happened between.

use std::collections::HashSet;

use super::order::{Lines, common};

/// The first lines one behind the other, from 1, that a change from all of `before` to `then` put in and that `now` still has. None
/// where there are none, and where the texts differ in too many lines to tell.
pub fn first_left(before: &[&[u8]], then: &[u8], now: &[u8]) -> Option<[u32; 2]> {
    let (then, now) = (whole(then), whole(now));
    if then.is_empty() || now.is_empty() {
        return None;
    }
    let mut lines = Lines::default();
    let (then, now) = (lines.of(then), lines.of(now));
    let mut known: HashSet<usize> = HashSet::new();
    for text in before.iter().map(|text| whole(text)).filter(|text| !text.is_empty()) {
        known.extend(common(&lines.of(text), &then)?.into_iter().map(|(_, at)| at));
    }
    let left = common(&then, &now)?.into_iter().filter(|(at, _)| !known.contains(at));
    let mut run: Option<[usize; 2]> = None;
    for (_, at) in left {
        match &mut run {
            None => run = Some([at, at]),
            Some([_, last]) if at == *last + 1 => *last = at,
            Some(_) => break,
        }
    }
    let [first, last] = run?;
    Some([u32::try_from(first).ok()? + 1, u32::try_from(last).ok()? + 1])
}

/// A text without the end of its last line, behind which no other one begins.
fn whole(text: &[u8]) -> &[u8] {
    text.strip_suffix(b"\n").unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_run_of_a_change_is_told() {
        assert_eq!(first_left(&[b"a\nb\n"], b"a\nx\ny\nb\nz\n", b"new\na\nx\ny\nb\nz\n"), Some([3, 4]));
        // In between others changed it
        assert_eq!(first_left(&[b"a\n"], b"a\nx\ny\nz\n", b"a\nx\nnot y\nz\n"), Some([2, 2]));
        assert_eq!(first_left(&[], b"x\ny", b"y\n"), Some([1, 1]));
        // A merge's own are those that no side has
        assert_eq!(first_left(&[b"l\n", b"r\n"], b"l\nr\nown\n", b"l\nr\nown\n"), Some([3, 3]));
        assert_eq!(first_left(&[b"a\n"], b"a\nx\n", b"a\n"), None);
        assert_eq!(first_left(&[b"a\n"], b"a\n", b"a\n"), None);
    }
}
