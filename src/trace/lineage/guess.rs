//! Clauses that look like a followed one on an edge of a merge, until an ancestor tells whether they are.
//!
//! A merge has a clause as one parent has it; in another parent stands one in other words that matching takes for it. Matching
//! the two ends of a long branch at once errs more often than its commits one by one, so that the clause there is followed as
//! a guess: a lineage of its own number, which turns out to be the other one where both come to the same place.

use std::collections::BTreeSet;

/// The numbers of lineages, of which some are guesses at others.
#[derive(Debug, Default)]
pub(super) struct Guesses {
    /// Of a guess, what it is a guess at or, if that is sure, what it is.
    of: Vec<Option<u32>>,
    sure: Vec<bool>,
    wrong: Vec<bool>,
    /// Those that were found neither right nor wrong, so far.
    open: BTreeSet<u32>,
}

impl Guesses {
    /// Takes the next number; `of` a lineage, if it is a guess at that.
    pub fn add(&mut self, of: Option<u32>) {
        if of.is_some() {
            self.open.insert(super::position(self.of.len()));
        }
        self.of.push(of);
        self.sure.push(false);
        self.wrong.push(false);
    }

    /// Whether any guess was found neither right nor wrong, so far.
    pub fn any_open(&self) -> bool {
        !self.open.is_empty()
    }

    /// The guesses that were found neither right nor wrong, so far.
    pub fn open(&self) -> impl Iterator<Item = u32> {
        self.open.iter().copied()
    }

    /// What a number turned out to be: itself, or what it was a guess at.
    pub fn settled(&self, mut number: u32) -> u32 {
        while let (true, Some(of)) = (self.sure[number as usize], self.of[number as usize]) {
            number = of;
        }
        number
    }

    /// Whether a number is, or turned out to be, a lineage that is followed.
    pub fn is_certain(&self, number: u32) -> bool {
        self.of[self.settled(number) as usize].is_none()
    }

    /// Whether a number is a guess that was found wrong.
    pub fn is_wrong(&self, number: u32) -> bool {
        self.wrong[number as usize]
    }

    /// Finds wrong what is a guess at a lineage that stands elsewhere in the same commit: `there` are the numbers that are
    /// followed in it, `absent` those that came in behind it.
    pub fn refute(&mut self, there: &[u32], absent: impl Iterator<Item = u32>) {
        let certain = there.iter().copied().filter(|&n| self.is_certain(n));
        let certain: BTreeSet<u32> = certain.map(|number| self.settled(number)).collect();
        for number in there.iter().copied().chain(absent) {
            let number = self.settled(number);
            if !self.is_certain(number) && !self.is_wrong(number) && certain.contains(&self.origin(number)) {
                self.wrong[number as usize] = true;
                self.open.remove(&number);
            }
        }
    }

    /// Adds a number to those that came to one place. Answers a lineage with which it is now known to be one.
    pub fn meet(&mut self, there: &mut Vec<u32>, number: u32) -> Option<u32> {
        there.iter_mut().for_each(|known| *known = self.settled(*known));
        let number = self.settled(number);
        if there.contains(&number) || self.is_wrong(number) {
            return None;
        }
        there.retain(|&known| !self.is_wrong(known));
        for at in 0..there.len() {
            let known = there[at];
            if self.origin(known) != self.origin(number) {
                continue;
            }
            // Of two guesses at one lineage one is enough; a lineage confirms the guesses at it.
            let is_guess = self.of[number as usize].is_some() && !self.rests_on(known, number);
            let (guess, it) = if is_guess { (number, known) } else { (known, number) };
            self.of[guess as usize] = Some(it);
            self.sure[guess as usize] = true;
            self.open.remove(&guess);
            there.iter_mut().for_each(|known| *known = self.settled(*known));
            there.sort_unstable();
            there.dedup();
            if it == number {
                return self.meet(there, number);
            }
            return None;
        }
        let first = there.first().copied().filter(|&first| self.is_certain(first) && self.is_certain(number));
        there.push(number);
        first
    }

    /// Whether a number is a guess at another one, or at a guess at that.
    fn rests_on(&self, mut number: u32, other: u32) -> bool {
        while let Some(of) = self.of[number as usize] {
            if of == other {
                return true;
            }
            number = of;
        }
        false
    }

    /// The lineage that a number is a guess at in the end.
    pub fn origin(&self, mut number: u32) -> u32 {
        while let Some(of) = self.of[number as usize] {
            number = of;
        }
        number
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_guess_is_right_where_it_meets_what_it_is_a_guess_at() {
        let mut guesses = Guesses::default();
        guesses.add(None);
        guesses.add(None);
        guesses.add(Some(0));
        guesses.add(Some(2));
        let mut there = vec![1];
        assert_eq!(guesses.meet(&mut there, 2), None);
        assert!(!guesses.is_certain(2) && there == [1, 2]);
        let mut there = vec![3];
        guesses.meet(&mut there, 2);
        assert!(!guesses.is_certain(3) && guesses.settled(3) == 2 && there == [2]);
        guesses.meet(&mut there, 0);
        assert!(guesses.is_certain(3) && guesses.settled(3) == 0 && there == [0] && !guesses.any_open());
        assert_eq!(guesses.meet(&mut there, 1), Some(0));
        assert_eq!(there, [0, 1]);
    }

    #[test]
    fn a_guess_is_wrong_where_both_stand_in_one_commit() {
        let mut guesses = Guesses::default();
        guesses.add(None);
        guesses.add(Some(0));
        guesses.refute(&[1], std::iter::empty());
        assert!(guesses.any_open() && !guesses.is_wrong(1));
        guesses.refute(&[0], [1].into_iter());
        assert!(!guesses.any_open() && guesses.is_wrong(1) && !guesses.is_certain(1));
    }
}
