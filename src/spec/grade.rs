//! How much a change of wording weighs, and which words tipped it.
//!
//! Similarity can't tell: a third of real changes of meaning score above .93. So single words decide: obligation,
//! negation, quantity, comparison, number, unit, literal. What remains is `minor` only where it is spelling.

mod code;
mod deciding;
mod form;
mod names;
mod opposites;
mod quick;
mod scale;
mod spelling;

use std::ops::Range;

use serde::{Deserialize, Serialize};
use similar::{Algorithm, DiffTag, capture_diff_slices};

use super::token::{Token, Tokens, kind};
use form::Layout;
use quick::Quick;
use scale::{Scale, Side};

/// The weight of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Grade {
    /// Layout, articles, spelling.
    Minor,
    /// Words differ.
    Substantive,
    /// What is demanded differs: obligation, negation, quantity, comparison, number, unit, literal.
    Normative,
}

impl Grade {
    /// The word used in reports and in the policy.
    pub fn word(self) -> &'static str {
        match self {
            Grade::Minor => "minor",
            Grade::Substantive => "substantive",
            Grade::Normative => "normative",
        }
    }
}

/// A grade and what tipped it, as `SHOULD → MUST`, `5 → 3`, `+not`, `-only`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// The weight.
    pub grade: Grade,
    /// The words that made it normative, in order, at most [`MOST_TIPPED`].
    pub tipped: Vec<String>,
}

/// More reasons than these help nobody.
pub const MOST_TIPPED: usize = 6;

/// From so many tokens on, both sides together, the order of words is no longer looked at: comparing two rewritten
/// texts in order costs the product of their length and their difference.
const HUGE: usize = 20_000;

/// Grades the change from one token sequence to another; `None` when they are equal.
pub fn grade<'t>(old: &'t Tokens, new: &'t Tokens) -> Option<Verdict> {
    if old == new {
        return None;
    }
    let (a, b) = (old.to_vec(), new.to_vec());
    let mut scale = Scale::default();
    let layout = Layout::of(&a, &b);
    for (gone, come) in differing(&a, &b) {
        scale.weigh(Side { all: &a, range: gone }, Side { all: &b, range: come }, &layout);
    }
    Some(scale.verdict())
}

/// The runs of tokens that one text has and the other doesn't, side by side. Where two texts can be laid side by side in
/// several ways, the same one is taken whichever of them comes first.
fn differing<'t>(a: &[Token<'t>], b: &[Token<'t>]) -> Vec<(Range<usize>, Range<usize>)> {
    if a.len() + b.len() > HUGE {
        return vec![(0..a.len(), 0..b.len())];
    }
    let text = |token: &Token<'t>| (token.kind, token.text);
    let is_turned = b.iter().map(text).lt(a.iter().map(text));
    let (first, second) = if is_turned { (b, a) } else { (a, b) };
    let quick = |tokens: &[Token<'t>]| -> Vec<Quick<'t>> { tokens.iter().copied().map(Quick::of).collect() };
    let ops = capture_diff_slices(Algorithm::Myers, &quick(first), &quick(second));
    let differing = ops.into_iter().filter(|op| op.tag() != DiffTag::Equal);
    let ranges = differing.map(|op| (op.old_range(), op.new_range()));
    ranges.map(|(one, other)| if is_turned { (other, one) } else { (one, other) }).collect()
}

/// [`grade`] of a table row, which has the titles of its columns among its tokens: where only those differ, the row
/// itself says what it said, and the clause of the table tells of the titles. A title that decides (`L1`, `max`) counts.
pub fn grade_row<'t>(old: &'t Tokens, new: &'t Tokens) -> Option<Verdict> {
    let verdict = grade(old, new)?;
    let (a, b) = (old.to_vec(), new.to_vec());
    let is_title = |(old, new): (&Token, &Token)| old.kind == kind::CELL && new.kind == kind::CELL;
    let only_titles = a.len() == b.len() && a.iter().zip(&b).all(|pair| pair.0 == pair.1 || is_title(pair));
    if verdict.grade != Grade::Substantive || !only_titles {
        return Some(verdict);
    }
    let renamed = a.iter().zip(&b).filter(|(old, new)| old != new);
    let decides = renamed.filter_map(|(old, new)| grade(&Tokens::of_text(old.text), &Tokens::of_text(new.text)));
    let grade = if decides.into_iter().any(|v| v.grade == Grade::Normative) { verdict.grade } else { Grade::Minor };
    Some(Verdict { grade, ..verdict })
}

#[cfg(test)]
mod tests;
