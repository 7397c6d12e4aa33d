//! Whether a text has the lines of others in an order that these give.
//!
//! Not every way to compare texts puts what two sides changed in the same order, so that a merge with the right lines may have
//! them otherwise than this program's way does. But none takes a line past others that stood in an order on its side.

use std::collections::HashMap;

use similar::{Algorithm, DiffOp, capture_diff_slices};

/// Lines of two texts that are compared, without what they begin and end with alike; comparing takes the product in the worst
/// case.
const MOST_LINES: usize = 20_000;

/// The lines of texts as numbers, equal ones with the same.
#[derive(Default)]
pub(super) struct Lines<'t> {
    known: HashMap<&'t [u8], u32>,
}

impl<'t> Lines<'t> {
    pub(super) fn of(&mut self, text: &'t [u8]) -> Vec<u32> {
        let mut numbers = Vec::new();
        for line in text.split(|byte| *byte == b'\n') {
            let next = u32::try_from(self.known.len()).unwrap_or(u32::MAX);
            numbers.push(*self.known.entry(line).or_insert(next));
        }
        numbers
    }
}

/// Whether what each side has in common with `whole`, which was made of them all, stands in `made` in that side's order. Not where
/// that would take too long to tell.
pub fn keeps_order(sides: &[&[u8]], whole: &[u8], made: &[u8]) -> bool {
    let mut lines = Lines::default();
    let (whole, made) = (lines.of(whole), lines.of(made));
    sides.iter().all(|side| {
        let side = lines.of(side);
        common(&side, &whole).is_some_and(|pairs| stands(pairs.iter().map(|&(at, _)| side[at]), &made))
    })
}

/// Whether the lines of either side that the other one didn't take away stand in `made` in that side's order. Not where that
/// would take too long to tell.
pub fn keeps_order_of_both([base, left, right]: [&[u8]; 3], made: &[u8]) -> bool {
    let mut lines = Lines::default();
    let [base, left, right, made] = [base, left, right, made].map(|text| lines.of(text));
    let (Some(of_left), Some(of_right)) = (common(&base, &left), common(&base, &right)) else { return false };
    [(&left, &of_left, &of_right), (&right, &of_right, &of_left)].into_iter().all(|(side, own, other)| {
        let kept: HashMap<usize, usize> = own.iter().map(|&(was, at)| (at, was)).collect();
        let kept_there: std::collections::HashSet<usize> = other.iter().map(|&(was, _)| was).collect();
        let is_left = |at: &usize| kept.get(at).is_none_or(|was| kept_there.contains(was));
        stands((0..side.len()).filter(is_left).map(|at| side[at]), &made)
    })
}

/// The places of lines that two texts have in common, in order; none where they differ in too many.
pub(super) fn common(one: &[u32], other: &[u32]) -> Option<Vec<(usize, usize)>> {
    let start = one.iter().zip(other).take_while(|(a, b)| a == b).count();
    let (x, y) = (&one[start..], &other[start..]);
    let end = x.iter().rev().zip(y.iter().rev()).take_while(|(a, b)| a == b).count();
    let (x, y) = (&x[..x.len() - end], &y[..y.len() - end]);
    if x.len() + y.len() > MOST_LINES {
        return None;
    }
    let mut pairs: Vec<(usize, usize)> = (0..start).map(|at| (at, at)).collect();
    for op in capture_diff_slices(Algorithm::Myers, x, y) {
        if let DiffOp::Equal { old_index, new_index, len } = op {
            pairs.extend((0..len).map(|n| (start + old_index + n, start + new_index + n)));
        }
    }
    let (left, right) = (one.len() - end, other.len() - end);
    pairs.extend((0..end).map(|n| (left + n, right + n)));
    Some(pairs)
}

/// Whether lines are there one behind the other, with any between them.
fn stands(mut lines: impl Iterator<Item = u32>, made: &[u32]) -> bool {
    let mut made = made.iter();
    lines.all(|line| made.any(|its| *its == line))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_line_goes_past_another_of_its_side() {
        let (left, right) = (b"head\na\nb\nc\n", b"a\nb\nc\ntail\n");
        let whole = b"head\na\nb\nc\ntail\n";
        assert!(keeps_order(&[left, right], whole, whole));
        assert!(!keeps_order(&[left, right], whole, b"head\nc\na\nb\ntail\n"));
        assert!(!keeps_order(&[left, right], whole, b"a\nhead\nb\nc\ntail\n"));
        assert!(keeps_order_of_both([b"a\nb\nc\n", left, right], whole));
        assert!(!keeps_order_of_both([b"a\nb\nc\n", left, right], b"head\nb\na\nc\ntail\n"));
    }

    #[test]
    fn what_both_put_in_one_place_may_stand_either_way() {
        let (base, left, right) = (b"a\nx\nb\n", b"a\nl1\nl2\nb\n", b"a\nr\nb\n");
        for made in [&b"a\nl1\nl2\nr\nb\n"[..], b"a\nr\nl1\nl2\nb\n", b"a\nl1\nr\nl2\nb\n"] {
            assert!(keeps_order_of_both([base, left, right], made));
        }
        assert!(!keeps_order_of_both([base, left, right], b"a\nl2\nl1\nr\nb\n"));
        assert!(!keeps_order_of_both([base, left, right], b"l1\nl2\na\nr\nb\n"));
    }

    #[test]
    fn what_a_side_moved_stands_where_that_side_has_it() {
        let (base, left, right) = (b"a\nb\nc\nd\n", b"c\nd\na\nb\n", b"a\nb\nc\nd\ne\n");
        assert!(keeps_order_of_both([base, left, right], b"c\nd\na\nb\ne\n"));
    }

    #[test]
    fn texts_that_differ_in_too_much_are_not_compared() {
        let text = |from: u32| (from..from + 15_000).map(|n| format!("{n}\n")).collect::<String>();
        assert!(!keeps_order(&[text(0).as_bytes()], text(20_000).as_bytes(), text(0).as_bytes()));
    }
}
