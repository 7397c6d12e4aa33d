//! What a person says of two clauses against the steps: these are one, or they are not.
//!
//! A clause is named by path, anchor and version, so that the word holds wherever exactly these two states meet: after a
//! rebase and a cherry-pick, between the ends of a range, and read backwards.

use std::collections::HashMap;

use bstr::{BString, ByteSlice};
use sha2::{Digest, Sha256};

use super::Edge;
use crate::spec::token::Version;

/// A clause at one version.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct State {
    /// Repository-relative path of its file.
    pub path: BString,
    /// Its name in the file.
    pub anchor: String,
    /// Its version.
    pub version: Version,
}

/// What was said of pairs of states; each pair at most once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Overrides {
    /// The smaller state first, and whether they are one; sorted.
    pairs: Vec<(State, State, bool)>,
}

/// Two entries name the same pair of states.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SaidTwice {
    /// Which of the entries comes second, from 0.
    pub at: usize,
}

impl Overrides {
    /// From `(one state, the other, whether they are one)`; which of the two is the older one doesn't matter.
    ///
    /// # Errors
    /// [`SaidTwice`] when a pair is named twice.
    pub fn new(entries: Vec<(State, State, bool)>) -> Result<Overrides, SaidTwice> {
        let mut pairs: Vec<((State, State, bool), usize)> = Vec::with_capacity(entries.len());
        for (at, (a, b, same)) in entries.into_iter().enumerate() {
            let (a, b) = if a <= b { (a, b) } else { (b, a) };
            pairs.push(((a, b, same), at));
        }
        pairs.sort();
        if let Some(twice) = pairs.windows(2).find(|two| two[0].0.0 == two[1].0.0 && two[0].0.1 == two[1].0.1) {
            return Err(SaidTwice { at: twice[0].1.max(twice[1].1) });
        }
        Ok(Overrides { pairs: pairs.into_iter().map(|(pair, _)| pair).collect() })
    }

    /// Whether nothing was said.
    pub fn is_empty(&self) -> bool {
        self.pairs.is_empty()
    }

    /// Whether two states are one, if that was said.
    pub fn of(&self, a: &State, b: &State) -> Option<bool> {
        let (a, b) = if a <= b { (a, b) } else { (b, a) };
        let at = self.pairs.binary_search_by(|(x, y, _)| (x, y).cmp(&(a, b))).ok()?;
        Some(self.pairs[at].2)
    }

    /// A hash of all that was said, the same for any order of the entries; what is remembered of edges holds only for
    /// the overrides that it was found under.
    pub fn fingerprint(&self) -> [u8; 32] {
        let mut hash = Sha256::new();
        for (a, b, same) in &self.pairs {
            for state in [a, b] {
                for part in [state.path.as_slice(), state.anchor.as_bytes(), &state.version.0] {
                    hash.update((part.len() as u64).to_le_bytes());
                    hash.update(part);
                }
            }
            hash.update([u8::from(*same)]);
        }
        hash.finalize().into()
    }

    /// The pairs of an edge that something is said of: old and new entry, and whether they are one.
    pub(super) fn on(&self, edge: &Edge) -> Vec<(usize, usize, bool)> {
        if self.is_empty() {
            return Vec::new();
        }
        let old = places(&edge.old, &edge.old_paths, self);
        let new = places(&edge.new, &edge.new_paths, self);
        let mut found = Vec::new();
        for (a, b, same) in &self.pairs {
            for (from, to) in [(a, b), (b, a)] {
                if let (Some(&from), Some(&to)) = (old.get(from), new.get(to)) {
                    found.push((from, to, *same));
                }
                if a == b {
                    break;
                }
            }
        }
        found
    }
}

/// Where one side has the states that are spoken of. Versions are hashed only of clauses with such a name.
fn places<'o>(entries: &[super::Entry], paths: &[&BString], said: &'o Overrides) -> HashMap<&'o State, usize> {
    let mut named: HashMap<(&[u8], &str), Vec<&'o State>> = HashMap::new();
    for state in said.pairs.iter().flat_map(|(a, b, _)| [a, b]) {
        named.entry((state.path.as_slice(), state.anchor.as_str())).or_default().push(state);
    }
    let mut places = HashMap::new();
    for (at, entry) in entries.iter().enumerate() {
        let Some(states) = named.get(&(paths[entry.doc].as_bytes(), entry.clause.anchor.as_str())) else { continue };
        let version = entry.clause.version();
        places.extend(states.iter().filter(|state| state.version == version).map(|state| (*state, at)));
    }
    places
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state(anchor: &str, version: u8) -> State {
        State { path: "a.md".into(), anchor: anchor.to_owned(), version: Version([version; 16]) }
    }

    #[test]
    fn neither_the_order_of_entries_nor_of_sides_matters() {
        let one = Overrides::new(vec![(state("a", 1), state("b", 2), true), (state("c", 3), state("d", 4), false)]);
        let two = Overrides::new(vec![(state("d", 4), state("c", 3), false), (state("b", 2), state("a", 1), true)]);
        assert_eq!(one, two);
        assert_eq!(one.unwrap().fingerprint(), two.unwrap().fingerprint());
    }

    #[test]
    fn what_is_said_changes_the_fingerprint() {
        let print = |entries| Overrides::new(entries).unwrap().fingerprint();
        let same = print(vec![(state("a", 1), state("b", 2), true)]);
        assert_ne!(same, print(vec![(state("a", 1), state("b", 2), false)]));
        assert_ne!(same, print(vec![(state("a", 1), state("b", 3), true)]));
        assert_ne!(same, print(vec![]));
    }

    #[test]
    fn a_pair_is_spoken_of_once() {
        let said = vec![
            (state("a", 1), state("b", 2), true),
            (state("c", 1), state("b", 2), true),
            (state("b", 2), state("a", 1), false),
        ];
        assert_eq!(Overrides::new(said), Err(SaidTwice { at: 2 }));
    }
}
