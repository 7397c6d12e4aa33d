//! Step 3: words alike, best first, one to one. Candidates come from a word index, so that many clauses never cost
//! the square of their number.

use std::cell::OnceCell;
use std::collections::{HashMap, HashSet};

use super::ordinal::is_number;
use super::{Edge, Entry, ORDINAL_STAYS_FROM, Rule, SHORT_BODY, SIMILAR_FROM};
use crate::spec::clause::Kind;

/// Weight of the body's words.
const BODY: f32 = 0.8;
/// Weight of the title's words.
const TITLE: f32 = 0.2;
/// Weight of the title's words where only one of the two has a body: a heading that got its first words.
const TITLE_ALONE: f32 = 0.7;
/// Added for the same parent.
const SAME_PARENT: f32 = 0.05;
/// Titles of one file that are this much alike differ in one word of three or less: under such a title a body that grew
/// or shrank is the same, however much came or went.
pub(super) const TITLE_CLOSE: f32 = 0.75;
/// The share of the shorter body's words that the longer one keeps when it grew.
pub(super) const GROWN_FROM: f32 = 0.8;
/// What the body of a clause that grew counts at least; with [`TITLE_CLOSE`] just enough for [`SIMILAR_FROM`].
const GROWN: f32 = 0.45;
/// How many clauses of the other side a clause chooses to be compared with: those that share the most rare words.
const CANDIDATES: usize = 24;
/// Among fewer clauses than this no word is common.
const FEW_CLAUSES: f32 = 8.0;
/// Words that stand in more clauses than this tell nothing apart.
const COMMON: usize = 200;
/// A clause with fewer words than this that are not common is looked for by pairs of words as well.
const FEWEST_TELLING: usize = 2;
/// Of so many of a clause's rarest words all pairs are kept: one word that changed leaves six of ten.
const RAREST: usize = 5;

/// Bonds free clauses whose words are alike. `held` are the pairs of one name that waited for this step.
pub(super) fn bond(edge: &mut Edge, held: &[(usize, usize)]) {
    let (old, new) = (edge.free_old(), edge.free_new());
    if old.is_empty() || new.is_empty() {
        return;
    }
    let rarity = Rarity::of(edge);
    let mut scored: Vec<(f32, usize, usize)> = candidates(edge, &old, &new)
        .into_iter()
        .map(|(from, to)| (score(edge, &rarity, from, to), from, to))
        .filter(|(score, ..)| *score >= SIMILAR_FROM)
        .collect();
    let merit = |&(_, from, to): &(f32, usize, usize)| {
        let (old, new) = (&edge.old[from], &edge.new[to]);
        (!edge.same_file(from, to), old.at.abs_diff(new.at), old.at + new.at, edge.tie_break(from, to))
    };
    scored.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| merit(a).cmp(&merit(b))));
    let staying: Vec<(usize, usize)> = held
        .iter()
        .copied()
        .filter(|&(from, to)| edge.old[from].bag().dice(edge.new[to].bag()) >= ORDINAL_STAYS_FROM)
        .collect();
    let (old_stays, new_stays): (HashSet<usize>, HashSet<usize>) = staying.iter().copied().unzip();
    let (early, late): (Vec<_>, Vec<_>) = scored.into_iter().partition(|&(_, from, to)| {
        edge.same_file(from, to) || !(old_stays.contains(&from) || new_stays.contains(&to))
    });
    for (score, from, to) in early {
        edge.bond(from, to, Rule::Similar, score.min(1.0));
    }
    super::key::release(edge, &staying);
    for (score, from, to) in late {
        edge.bond(from, to, Rule::Similar, score.min(1.0));
    }
}

/// The pairs worth comparing in full: for each clause of either side, those of the other that share the most words
/// with it. Both sides choose, so that the pairs are the same when old and new are swapped.
pub(super) fn candidates(edge: &Edge, old: &[usize], new: &[usize]) -> Vec<(usize, usize)> {
    let (old_index, new_index) = (index(&edge.old, old), index(&edge.new, new));
    let duos = OnceCell::new();
    let duos = || duos.get_or_init(|| Duos::of(edge, old, new));
    let mut pairs: Vec<(usize, usize)> = Vec::new();
    for &to in new {
        let near = nearest(&edge.new[to], &old_index, || duos().shared_with(&edge.new[to], &duos().old));
        pairs.extend(near.into_iter().map(|from| (from, to)));
    }
    for &from in old {
        let near = nearest(&edge.old[from], &new_index, || duos().shared_with(&edge.old[from], &duos().new));
        pairs.extend(near.into_iter().map(|to| (from, to)));
    }
    pairs.sort_unstable();
    pairs.dedup();
    pairs
}

type Index = HashMap<u64, Vec<usize>, foldhash::fast::RandomState>;

/// Word → the clauses that hold it, those of a word that is too common cut off.
fn index(entries: &[Entry], free: &[usize]) -> Index {
    let mut index = Index::default();
    for &at in free {
        for word in entries[at].bag().any_form().chain(entries[at].title().distinct()) {
            let places = index.entry(word).or_default();
            if places.last() != Some(&at) && places.len() <= COMMON {
                places.push(at);
            }
        }
    }
    index
}

/// How much the clauses of one side have in common with a clause of the other.
type Weights = HashMap<usize, f32, foldhash::fast::RandomState>;

/// The indexed clauses that share the most words with this one, rare words counting more. Where nearly every word stands
/// in too many clauses, `by_duos` tells those that share pairs of words.
fn nearest(entry: &Entry, index: &Index, by_duos: impl FnOnce() -> Weights) -> Vec<usize> {
    let mut weight = Weights::default();
    let (mut common, mut telling, mut strange) = (0, 0, 0);
    for word in entry.bag().any_form().chain(entry.title().distinct()) {
        let Some(places) = index.get(&word) else {
            strange += 1;
            continue;
        };
        if places.len() > COMMON {
            common += 1;
            continue;
        }
        telling += 1;
        for &at in places {
            *weight.entry(at).or_default() += 1.0 / places.len() as f32;
        }
    }
    // what has few words in common with the other side at all is not hidden by common ones
    if telling < FEWEST_TELLING && common > strange.max(1) {
        by_duos().into_iter().for_each(|(at, more)| *weight.entry(at).or_default() += more);
    }
    let mut best: Vec<(usize, f32)> = weight.into_iter().collect();
    best.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    best.truncate(CANDIDATES);
    best.into_iter().map(|(at, _)| at).collect()
}

/// Pairs of words of the free clauses of an edge, for one of a hundred thousand clauses in which no word is rare.
struct Duos {
    /// In how many clauses each word stands, both sides together.
    places: HashMap<u64, u32, foldhash::fast::RandomState>,
    /// Each pair of the rarest words of a clause, and the clause, in order.
    old: Vec<(u64, usize)>,
    new: Vec<(u64, usize)>,
}

impl Duos {
    fn of(edge: &Edge, old: &[usize], new: &[usize]) -> Duos {
        let mut duos = Duos { places: HashMap::default(), old: Vec::new(), new: Vec::new() };
        let sides = [(&edge.old, old), (&edge.new, new)];
        for entry in sides.iter().flat_map(|(entries, free)| free.iter().map(|&at| &entries[at])) {
            entry.bag().any_form().for_each(|word| *duos.places.entry(word).or_default() += 1);
        }
        let of_side = |entries: &[Entry], free: &[usize]| {
            let mut all: Vec<(u64, usize)> = free
                .iter()
                .flat_map(|&at| duos.of_clause(&entries[at]).into_iter().map(move |duo| (duo, at)))
                .collect();
            all.sort_unstable();
            all
        };
        let (old, new) = (of_side(&edge.old, old), of_side(&edge.new, new));
        Duos { old, new, ..duos }
    }

    /// All pairs of a clause's rarest words.
    fn of_clause(&self, entry: &Entry) -> Vec<u64> {
        let mut words: Vec<(u32, u64)> =
            entry.bag().any_form().map(|word| (self.places.get(&word).copied().unwrap_or(0), word)).collect();
        words.sort_unstable();
        words.truncate(RAREST);
        let mut duos = Vec::with_capacity(RAREST * (RAREST - 1) / 2);
        for (at, &(_, one)) in words.iter().enumerate() {
            duos.extend(words[at + 1..].iter().map(|&(_, other)| one.min(other).rotate_left(21) ^ one.max(other)));
        }
        duos
    }

    /// The clauses of the other side that share pairs with a clause, rare pairs counting more.
    fn shared_with(&self, entry: &Entry, side: &[(u64, usize)]) -> Weights {
        let mut weight = Weights::default();
        for duo in self.of_clause(entry) {
            let from = side.partition_point(|&(other, _)| other < duo);
            let places = &side[from..];
            let places = &places[..places.partition_point(|&(other, _)| other == duo)];
            if places.len() <= COMMON {
                places.iter().for_each(|&(_, at)| *weight.entry(at).or_default() += 1.0 / places.len() as f32);
            }
        }
        weight
    }
}

/// In how many clauses of an edge each word stands.
pub(super) struct Words {
    places: HashMap<u64, u32, foldhash::fast::RandomState>,
    clauses: f32,
}

impl Words {
    pub fn of(edge: &Edge) -> Words {
        Words::among(edge.old.iter().chain(&edge.new))
    }

    /// The same for some of its clauses.
    pub fn among<'e>(entries: impl Iterator<Item = &'e Entry<'e>>) -> Words {
        let mut places: HashMap<u64, u32, foldhash::fast::RandomState> = HashMap::default();
        let mut clauses = 0;
        for entry in entries {
            clauses += 1;
            for word in entry.bag().distinct() {
                *places.entry(word).or_default() += 1;
            }
        }
        Words { places, clauses: clauses as f32 }
    }

    /// How alike two bodies are by words that few clauses have.
    pub fn alike(&self, old: &Entry, new: &Entry) -> f32 {
        old.bag().dice_by(new.bag(), |word| self.weight(word))
    }

    /// The share of the shorter body that the longer one has too, by words that few clauses have.
    pub fn contained(&self, old: &Entry, new: &Entry) -> f32 {
        old.bag().contained_by(new.bag(), |word| self.weight(word))
    }

    /// Little for a word that stands in most clauses (`WHEN`, `the`, `system`, `SHALL`), much for a rare one.
    fn weight(&self, word: u64) -> f32 {
        let places = self.places.get(&word).copied().unwrap_or(1) as f32;
        0.1 + (self.clauses.max(FEW_CLAUSES) / places).ln().max(0.0)
    }
}

/// Which documents can't be told from strangers, and how rare their words are.
struct Rarity {
    words: Option<Words>,
    /// The same for numbered clauses of one mould, read when there are some.
    all: OnceCell<Words>,
    /// Old documents whose path is gone.
    gone: HashSet<usize>,
    /// New documents whose path came.
    come: HashSet<usize>,
    /// Documents that share a clause word by word.
    kin: HashSet<(usize, usize)>,
}

impl Rarity {
    fn of(edge: &Edge) -> Rarity {
        let continuing: HashSet<usize> = edge.continues.values().copied().collect();
        let gone: HashSet<usize> =
            edge.old.iter().map(|e| e.doc).filter(|doc| !edge.continues.contains_key(doc)).collect();
        let come: HashSet<usize> = edge.new.iter().map(|e| e.doc).filter(|doc| !continuing.contains(doc)).collect();
        // Only between strangers does it matter how rare a word is.
        let words = (!gone.is_empty() && !come.is_empty()).then(|| Words::of(edge));
        let kin = edge.new.iter().zip(&edge.new_bond).filter_map(|(new, bond)| match bond {
            Some((old, Rule::Exact, _)) => Some((edge.old[*old].doc, new.doc)),
            _ => None,
        });
        Rarity { words, all: OnceCell::new(), gone, come, kin: kin.collect() }
    }

    /// Whether one document went and the other came without a clause in common: one feature's file deleted in the
    /// commit that adds another's.
    fn are_strangers(&self, old: usize, new: usize) -> bool {
        self.gone.contains(&old) && self.come.contains(&new) && !self.kin.contains(&(old, new))
    }
}

/// Whether a clause is a numbered item without a title, such as `WHEN … THEN the system SHALL …`. Rows and titled demands were
/// bonded for worse as often as for better when the words of the mould didn't count.
fn is_criterion(entry: &Entry) -> bool {
    is_number(entry) && !entry.clause.titled && entry.clause.kind != Kind::Row
}

fn score(edge: &Edge, rarity: &Rarity, from: usize, to: usize) -> f32 {
    let (old, new) = (&edge.old[from], &edge.new[to]);
    let same_title = old.clause.title == new.clause.title;
    let same_parent = edge.same_parent(from, to) && edge.same_file(from, to);
    let one_empty = old.bag().is_empty() || new.bag().is_empty();
    let titles_decide = one_empty && old.clause.titled && new.clause.titled && edge.same_file(from, to);
    let (short, long) = old.bag().sizes(new.bag());
    let titles = old.title().dice(new.title());
    let close = titles >= TITLE_CLOSE && old.clause.titled && new.clause.titled && edge.same_file(from, to);
    if short < SHORT_BODY && !same_title && !same_parent && !titles_decide && !close {
        return 0.0;
    }
    let bonus = if same_parent { SAME_PARENT } else { 0.0 };
    if old.bag().is_empty() && new.bag().is_empty() {
        return old.title().dice(new.title()) * (BODY + TITLE);
    }
    if titles_decide {
        return old.title().dice(new.title()) * TITLE_ALONE;
    }
    // equal words that the first step left apart: they stand in many files, and only a title can tell which is which
    if titles < SIMILAR_FROM && !edge.same_file(from, to) && old.clause.tokens() == new.clause.tokens() {
        return 0.0;
    }
    let close = close && short >= SHORT_BODY && same_parent;
    // a huge clause against many small ones would cost the product of their sizes, and can't be alike
    if !close && BODY * 2.0 * short as f32 / (short + long) as f32 + TITLE + SAME_PARENT < SIMILAR_FROM {
        return 0.0;
    }
    let plain = old.bag().dice(new.bag());
    // Demands of one template share half of their words in any two files: between strangers only rare words tell.
    let body = match &rarity.words {
        Some(words) if rarity.are_strangers(old.doc, new.doc) => plain.min(words.alike(old, new)),
        // sentences of one mould share half of their words, whatever they demand
        _ if is_criterion(old) && is_criterion(new) => {
            let rare = |words: &Words| plain.min((plain + words.alike(old, new)) / 2.0);
            rare(rarity.all.get_or_init(|| Words::of(edge)))
        }
        _ if close && old.bag().contained(new.bag()) >= GROWN_FROM => plain.max(GROWN),
        _ => plain,
    };
    BODY * body + TITLE * titles + bonus
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{became, bonds};

    #[test]
    fn a_heading_that_gets_its_first_words_is_the_same() {
        let old = "# A\n\n## Detailed evaluation\n\n### One\nx y z\n";
        let new = "# 1. A\n\n## 1.4. Detailed evaluation\nThis section is stable.\n\n### One\nx y z\n";
        assert!(became(&[("a.md", old)], &[("a.md", new)], "detailed-evaluation", "14-detailed-evaluation"));
    }

    #[test]
    fn a_section_that_grew_under_nearly_its_title_is_the_same() {
        let old = "# A\n\n## Codes\nEvery code below has to be checked before it is used.\n\n## 2.9 Multi-factor Code Demands\nThe table lists what is demanded of such codes.\n\n## End\nNothing more is said here.\n";
        let new = "# A\n\n## Codes\nEvery code below has to be checked before it is used.\n\n## 2.9 Multi-factor Code Verifier Demands\nCodes of more than one factor are made by a device that wants a secret number, a finger or a nearby card before it shows what is typed into the form, and whoever steals the device alone can do nothing with it at all. The table lists what is demanded of such codes.\n\n## 2.10 Service Demands\nSomething else that was never said before.\n\n## End\nNothing more is said here.\n";
        let (from, to) = ("29-multi-factor-code-demands", "29-multi-factor-code-verifier-demands");
        assert!(became(&[("a.md", old)], &[("a.md", new)], from, to));
    }

    #[test]
    fn a_sentence_put_before_code_doesnt_hide_the_code() {
        let code = "```\ndef make_list(block, cells):\n    rows = [compute(cell) for cell in cells]\n    return [Row(block, row) for row in rows]\n```\n";
        let old = format!("# A\n\n### make_list\n{code}\n## End\nNothing more is said here.\n");
        let new = format!(
            "# B\n\n### make_list\nThe list that belongs to a block is made from its cells as follows.\n{code}"
        );
        let (old, kept) = ([("a.md", &old[..])], "# A\n\n## End\nNothing more is said here.\n");
        assert!(became(&old, &[("a.md", kept), ("b.md", &new)], "make_list", "make_list"));
    }

    #[test]
    fn of_many_clauses_without_a_rare_word_each_is_found_again() {
        // a thousand sections of twelve of forty words, one of which changes with the title
        let word =
            |seed: u64, at: u64| format!("w{}", ((seed * 31 + at).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 40) % 40);
        let file = |edited: bool| -> String {
            let section = |seed: u64| {
                let mut words: Vec<String> = (0..12).map(|at| word(seed, at)).collect();
                if edited {
                    words[(seed % 12) as usize] = "changed".to_owned();
                }
                format!("## {}\n{}\n\n", if edited { "New" } else { "Old" }, words.join(" "))
            };
            (0..1000).map(section).collect()
        };
        let bonds = bonds(&[("a.md", &file(false))], &[("a.md", &file(true))]);
        let right = bonds.iter().filter(|bond| bond.0.replace("old", "new") == bond.1).count();
        assert!(right > 800, "{right} of {}", bonds.len());
    }

    #[test]
    fn demands_of_one_template_in_two_features_are_two() {
        let feature = |title: &str, demands: &[String]| -> String {
            let items: String = demands.iter().enumerate().map(|(at, d)| format!("{}. {d}\n", at + 1)).collect();
            format!("# {title}\n\n### Requirement 1: {title}\n\n{items}")
        };
        let template = |words: &[&str]| -> Vec<String> {
            words.iter().map(|w| format!("WHEN {w} fails, THEN the system SHALL log an error about {w}")).collect()
        };
        let old = feature("Issues", &template(&["login", "reading", "parsing", "branching", "posting", "closing"]));
        let new = feature("States", &template(&["routing", "locking", "polling", "merging", "deploying", "testing"]));
        let (old, new) = ([("issues/requirements.md", &old[..])], [("states/requirements.md", &new[..])]);
        let bonds = bonds(&old, &new);
        assert!(!bonds.iter().any(|bond| bond.0.starts_with("1.")), "{bonds:?}");
    }
}
