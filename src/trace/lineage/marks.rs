//! Where followed clauses stand: by commit, file and position.

use std::collections::{BTreeMap, BTreeSet, HashMap, btree_map};
use std::sync::Arc;

use bstr::{BStr, BString};

use super::guess::Guesses;

/// The numbers of what stands at one place; nearly always there is a single one.
#[derive(Clone, Debug)]
enum Numbers {
    One(u32),
    Several(Vec<u32>),
}

impl Numbers {
    fn of(numbers: Vec<u32>) -> Numbers {
        match numbers[..] {
            [number] => Numbers::One(number),
            _ => Numbers::Several(numbers),
        }
    }

    fn as_slice(&self) -> &[u32] {
        match self {
            Numbers::One(number) => std::slice::from_ref(number),
            Numbers::Several(numbers) => numbers,
        }
    }
}

/// The followed clauses of a file, by position.
#[derive(Clone, Debug, Default)]
pub(super) struct Marks(BTreeMap<u32, Numbers>);

impl Marks {
    /// The numbers at a place.
    pub fn at(&self, at: u32) -> &[u32] {
        self.0.get(&at).map_or(&[], Numbers::as_slice)
    }

    /// All places in order, each with its numbers.
    pub fn iter(&self) -> impl Iterator<Item = (u32, &[u32])> {
        self.0.iter().map(|(&at, numbers)| (at, numbers.as_slice()))
    }

    /// The numbers at all places.
    pub fn numbers(&self) -> impl Iterator<Item = u32> {
        self.0.values().flat_map(|numbers| numbers.as_slice().iter().copied())
    }

    /// Whether nothing is followed.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether these numbers stand at a place already.
    pub fn has(&self, at: u32, numbers: &[u32]) -> bool {
        let there = self.at(at);
        numbers.iter().all(|number| there.contains(number))
    }

    /// Adds a number to those that came to a place. Answers a lineage with which it is now known to be one.
    pub fn add(&mut self, guesses: &mut Guesses, at: u32, number: u32) -> Option<u32> {
        match self.0.entry(at) {
            btree_map::Entry::Vacant(place) => {
                let number = guesses.settled(number);
                if !guesses.is_wrong(number) {
                    place.insert(Numbers::One(number));
                }
                None
            }
            btree_map::Entry::Occupied(mut place) => {
                if let Numbers::One(known) = place.get()
                    && guesses.settled(*known) == guesses.settled(number)
                {
                    return None;
                }
                let mut there = place.get().as_slice().to_vec();
                let met = guesses.meet(&mut there, number);
                place.insert(Numbers::of(there));
                met
            }
        }
    }

    /// Puts numbers at a place beside those that are there, whatever these are.
    pub fn put(&mut self, at: u32, numbers: &[u32]) {
        let mut there = self.at(at).to_vec();
        there.extend_from_slice(numbers);
        there.sort_unstable();
        there.dedup();
        if !there.is_empty() {
            self.0.insert(at, Numbers::of(there));
        }
    }

    /// Gives up a place.
    pub fn remove(&mut self, at: u32) {
        self.0.remove(&at);
    }

    /// Keeps the numbers for which `keep` holds.
    pub fn retain(&mut self, keep: impl Fn(u32) -> bool) {
        self.0.retain(|_, numbers| match numbers {
            Numbers::One(number) => keep(*number),
            Numbers::Several(numbers) => {
                numbers.retain(|&number| keep(number));
                !numbers.is_empty()
            }
        });
    }
}

/// The followed clauses of a commit, by the number of their file.
pub(super) type Followed = HashMap<u32, Arc<Marks>, foldhash::fast::RandomState>;

/// Paths as numbers, and which of them a lineage has ever stood in.
#[derive(Debug, Default)]
pub(super) struct Paths {
    numbers: HashMap<BString, u32, foldhash::fast::RandomState>,
    names: Vec<BString>,
    /// By lineage.
    homes: Vec<Vec<u32>>,
    /// How often a lineage came to another file.
    pub moves: usize,
}

impl Paths {
    /// The number of a path.
    pub fn number(&mut self, path: &BString) -> u32 {
        if let Some(&known) = self.numbers.get(path) {
            return known;
        }
        let number = super::position(self.names.len());
        self.names.push(path.clone());
        self.numbers.insert(path.clone(), number);
        number
    }

    /// The number of a path that has one.
    pub fn known(&self, path: &BStr) -> Option<u32> {
        self.numbers.get(path).copied()
    }

    /// The path of a number.
    pub fn name(&self, number: u32) -> &BString {
        &self.names[number as usize]
    }

    /// A lineage stands in a file.
    pub fn settle(&mut self, lineage: u32, path: u32) {
        let lineage = lineage as usize;
        if self.homes.len() <= lineage {
            self.homes.resize_with(lineage + 1, Vec::new);
        }
        if !self.homes[lineage].contains(&path) {
            self.homes[lineage].push(path);
            self.moves += 1;
        }
    }

    /// The files in which lineages have ever stood, in order.
    pub fn homes(&self, lineages: impl Iterator<Item = u32>) -> Vec<u32> {
        let mut homes: Vec<u32> = Vec::new();
        for lineage in lineages {
            let there = self.homes.get(lineage as usize).map_or(&[][..], Vec::as_slice);
            // Neighbours stand in one file.
            there.iter().for_each(|home| {
                if homes.last() != Some(home) {
                    homes.push(*home)
                }
            });
        }
        homes.sort_unstable();
        homes.dedup();
        homes
    }
}

/// The lineages that came in at a descendant.
#[derive(Clone, Debug, Default)]
pub(super) struct Absent {
    origins: Vec<u64>,
    /// Those of which it was not known what they are.
    pub guesses: BTreeSet<u32>,
    /// Differs from that of all other states.
    pub stamp: usize,
}

impl Absent {
    /// Whether a lineage, or a guess at it, is among them.
    pub fn has(&self, origin: u32) -> bool {
        self.origins.get(origin as usize / 64).is_some_and(|bits| bits >> (origin % 64) & 1 == 1)
    }

    /// One more, and what it is a guess at.
    pub fn add(&mut self, number: u32, origin: u32, is_guess: bool) {
        let word = origin as usize / 64;
        if self.origins.len() <= word {
            self.origins.resize(word + 1, 0);
        }
        self.origins[word] |= 1 << (origin % 64);
        if is_guess {
            self.guesses.insert(number);
        }
    }

    /// Takes those of another state on; answers whether any was new.
    pub fn join(&mut self, other: &Absent) -> bool {
        if self.origins.len() < other.origins.len() {
            self.origins.resize(other.origins.len(), 0);
        }
        let mut grew = false;
        for (here, there) in self.origins.iter_mut().zip(&other.origins) {
            grew |= there & !*here != 0;
            *here |= there;
        }
        let guesses = self.guesses.len();
        self.guesses.extend(&other.guesses);
        grew || self.guesses.len() > guesses
    }
}
