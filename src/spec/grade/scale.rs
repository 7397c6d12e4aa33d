//! The scale: each run of changed tokens is laid on it, and it tells the grade of all.

use std::collections::HashMap;

use super::code::{keywords, values};
use super::deciding::{CONDITIONS, decides, shown};
use super::form::{self, Layout, Plain};
use super::opposites::are_opposites;
use super::spelling::{near, slipped};
use super::{Grade, MOST_TIPPED, Token, Verdict, kind};

/// A run of changed tokens within its sequence.
pub(super) struct Side<'s, 't> {
    pub all: &'s [Token<'t>],
    pub range: std::ops::Range<usize>,
}

impl<'t> Side<'_, 't> {
    pub fn tokens(&self) -> &[Token<'t>] {
        &self.all[self.range.clone()]
    }

    /// The words that decide, each as it would be shown: whole tokens, and the keywords in a line of code.
    fn deciding(&self) -> Vec<String> {
        let mut deciding = Vec::new();
        for at in self.range.clone() {
            if self.all[at].kind == kind::CODE_LINE {
                deciding.extend(keywords(self.all[at].text).map(str::to_owned));
            } else if decides(self.all, at) {
                deciding.push(shown(self.all[at]));
            }
        }
        deciding
    }
}

#[derive(Default)]
pub(super) struct Scale {
    pub tipped: Vec<String>,
    heavy: bool,
    spellings: usize,
}

impl Scale {
    pub fn weigh<'t>(&mut self, mut gone: Side<'_, 't>, mut come: Side<'_, 't>, layout: &Layout) {
        form::trim(&mut gone, &mut come);
        let (gone, come) = (&gone, &come);
        let (mut was, mut now) = (gone.deciding(), come.deciding());
        let (a, b) = form::plain(gone, come);
        let is_kept = a == b && layout.is_kept(gone, come);
        if is_kept || was == now && form::are_written_together(&a, &b) || form::is_doubled(gone, come) {
            return;
        }
        balance_conditions(&mut was, &mut now);
        if was != now {
            self.tip(&was, &now);
        }
        self.turn(gone, come);
        self.compare_code(gone, come);
        if a.len() != b.len() {
            self.heavy = true;
            return;
        }
        for (a, b) in a.iter().map(Plain::text).zip(b.iter().map(Plain::text)) {
            if near(a, b) {
                self.spellings += usize::from(a != b && !slipped(a, b));
            } else {
                self.heavy |= a != b;
            }
        }
        let literal = |side: &Side| {
            side.tokens().iter().any(|t| {
                matches!(
                    t.kind,
                    kind::CODE_LINE
                        | kind::IMAGE
                        | kind::TAG
                        | kind::STRIKE
                        | kind::STRIKE_END
                        | kind::CELL
                        | kind::FOOTNOTE
                )
            })
        };
        self.heavy |= literal(gone) || literal(come);
    }

    /// Looks for values in lines of code of which nothing else differs.
    fn compare_code(&mut self, gone: &Side, come: &Side) {
        let (a, b) = (gone.tokens(), come.tokens());
        if a.len() != b.len() || !a.iter().chain(b).all(|token| token.kind == kind::CODE_LINE) {
            return;
        }
        for (old, new) in a.iter().zip(b) {
            let ((was, rest), (now, other)) = (values(old.text), values(new.text));
            if rest == other && was != now {
                let owned = |values: Vec<&str>| values.into_iter().map(str::to_owned).collect::<Vec<_>>();
                self.tip(&owned(was), &owned(now));
            }
        }
    }

    /// Looks for words that were exchanged for their opposite.
    fn turn(&mut self, gone: &Side, come: &Side) {
        let words = |side: &Side| -> Vec<String> {
            let word = |t: &Token| (t.kind == kind::WORD).then(|| t.text.to_lowercase());
            side.tokens().iter().filter_map(word).take(LONGEST_TURN).collect()
        };
        let (was, now) = (words(gone), words(come));
        for old in was.iter().filter(|old| !now.contains(*old)) {
            if let Some(new) = now.iter().find(|new| !was.contains(*new) && are_opposites(old, new)) {
                let said = format!("{old} → {new}");
                if !self.tipped.contains(&said) {
                    self.tipped.push(said);
                }
            }
        }
    }

    pub fn tip(&mut self, was: &[String], now: &[String]) {
        let (mut gone, mut come) = (beyond(was, now), beyond(now, was));
        if gone.is_empty() && come.is_empty() {
            (gone, come) = (was.to_vec(), now.to_vec());
        }
        let pairs = gone.len().min(come.len());
        for (a, b) in gone.iter().zip(&come) {
            self.tipped.push(format!("{a} → {b}"));
        }
        self.tipped.extend(gone[pairs..].iter().map(|word| format!("-{word}")));
        self.tipped.extend(come[pairs..].iter().map(|word| format!("+{word}")));
    }

    pub fn verdict(mut self) -> Verdict {
        let grade = if !self.tipped.is_empty() {
            Grade::Normative
        } else if self.heavy || self.spellings > 2 {
            Grade::Substantive
        } else {
            Grade::Minor
        };
        self.tipped.truncate(MOST_TIPPED);
        Verdict { grade, tipped: self.tipped }
    }
}

/// In a longer run of changed words a word's opposite may be there by chance, and all pairs cost its square.
const LONGEST_TURN: usize = 12;

/// What the first list has more often than the second, in order.
pub(super) fn beyond(all: &[String], others: &[String]) -> Vec<String> {
    let mut spare: HashMap<&str, usize> = HashMap::new();
    for word in others {
        *spare.entry(word).or_default() += 1;
    }
    let mut kept = Vec::new();
    for word in all {
        match spare.get_mut(word.as_str()) {
            Some(count) if *count > 0 => *count -= 1,
            _ => kept.push(word.clone()),
        }
    }
    kept
}

/// Takes out words of condition of which one stands for another on the other side.
fn balance_conditions(was: &mut Vec<String>, now: &mut Vec<String>) {
    let is_condition = |word: &String| CONDITIONS.iter().any(|c| word.eq_ignore_ascii_case(c));
    let count = |words: &[String]| words.iter().filter(|word| is_condition(word)).count();
    let both = count(was).min(count(now));
    for words in [was, now] {
        let mut left = both;
        words.retain(|word| {
            let goes = left > 0 && is_condition(word);
            left -= usize::from(goes);
            !goes
        });
    }
}
