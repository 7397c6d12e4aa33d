//! Step 4: what is alone between the same two neighbours. The weakest rule, shown as such.

use std::cell::{OnceCell, RefCell};
use std::collections::{HashMap, HashSet};

use super::similar::Words;
use super::{Edge, Entry, Rule, SHORT_BODY, without_number};
use crate::spec::clause::Breed;

/// Between the same neighbours stands the same clause rewritten or another one in its place. Under this share of common
/// words, and no word of the title in common, each of three that were read was another one.
const REWRITTEN_FROM: f32 = 0.2;
/// The same under titles without a word in common, rare words counted too.
const STRANGE_FROM: f32 = 0.3;
/// A clause that lost most of its text keeps this share of the shorter side's words.
const KEPT_FROM: f32 = 0.6;

/// Bonds one left-over old and one left-over new clause between the same bonded neighbours, of the same kind and level.
pub(super) fn bond(edge: &mut Edge) {
    let (old, new) = (edge.free_old(), edge.free_new());
    if old.is_empty() || new.is_empty() {
        return;
    }
    let (titles, words) = (Titles::default(), OnceCell::new());
    let singles: Vec<(usize, usize)> = old
        .into_iter()
        .filter_map(|old| {
            let new = between(edge, old).or_else(|| heads(edge, old))?;
            let alike = edge.new[new].clause.kind == edge.old[old].clause.kind && edge.same_parent(old, new);
            (alike && continues(edge, &titles, &words, old, new)).then_some((old, new))
        })
        .collect();
    for (old, new) in singles {
        let (old_entry, new_entry) = (&edge.old[old], &edge.new[new]);
        let bodies = old_entry.bag().dice(new_entry.bag());
        let empty = old_entry.bag().is_empty() && new_entry.bag().is_empty();
        edge.bond(old, new, Rule::Position, if empty { old_entry.title().dice(new_entry.title()) } else { bodies });
    }
}

/// The free new clause between the partners of an old one's neighbours.
fn between(edge: &Edge, old: usize) -> Option<usize> {
    let before = neighbour(edge.old.len(), old, -1, |a| edge.old[a].doc == edge.old[old].doc);
    let after = neighbour(edge.old.len(), old, 1, |a| edge.old[a].doc == edge.old[old].doc);
    let doc = *edge.continues.get(&edge.old[old].doc)?;
    let new = match (before, after) {
        (Some(before), _) => edge.old_bond[before]? + 1,
        (None, Some(after)) => edge.old_bond[after]?.checked_sub(1)?,
        (None, None) => return None,
    };
    edge.new.get(new).filter(|e| e.doc == doc && edge.new_bond[new].is_none())?;
    let next = neighbour(edge.new.len(), new, 1, |a| edge.new[a].doc == doc);
    let previous = neighbour(edge.new.len(), new, -1, |a| edge.new[a].doc == doc);
    let tied = |old: Option<usize>, new: Option<usize>| match (old, new) {
        (None, None) => true,
        (Some(old), Some(new)) => edge.old_bond[old] == Some(new),
        _ => false,
    };
    (tied(before, previous) && tied(after, next)).then_some(new)
}

/// The free first clause of the document that continues the one of which an old clause is the first: a document keeps
/// its head, whatever comes in behind it.
fn heads(edge: &Edge, old: usize) -> Option<usize> {
    if edge.old[old].at != 0 || !edge.old[old].clause.titled {
        return None;
    }
    let first = edge.first_of(*edge.continues.get(&edge.old[old].doc)?)?;
    let (from, to) = (&edge.old[old], &edge.new[first]);
    let alike = from.title().shared(to.title()) > 0 || from.bag().dice(to.bag()) >= REWRITTEN_FROM;
    (edge.new_bond[first].is_none() && to.clause.titled && alike).then_some(first)
}

/// Whether anything but the place speaks for the two: words, the title, a name from the same family, the head of the
/// document. Two numbers speak against them: another one, for the old one would have stayed, and the same one, for the
/// step `key` has found it reused.
fn continues(edge: &Edge, titles: &Titles, words: &OnceCell<Words>, old: usize, new: usize) -> bool {
    let (from, to) = (&edge.old[old], &edge.new[new]);
    let (a, b) = (from.clause, to.clause);
    if a.id.is_some() && b.id.is_some() && a.breed == Breed::Ordinal && b.breed == Breed::Ordinal {
        return false;
    }
    let related = || {
        if a.breed == Breed::Ordinal || b.breed == Breed::Ordinal {
            return None;
        }
        let (old, new) = (a.id.as_ref()?.rsplit_once('.')?, b.id.as_ref()?.rsplit_once('.')?);
        Some(old.0 == new.0 || old.1 == new.1)
    };
    // Any two paragraphs of English share a fifth of their words: under titles that have nothing in common rare ones count.
    let strange = a.titled && b.titled && from.title().shared(to.title()) == 0 && !have_one_number(&a.title, &b.title);
    let alike = from.bag().dice(to.bag());
    let rare = || words.get_or_init(|| Words::of(edge));
    let shorter = from.bag().sizes(to.bag()).0;
    from.bag().is_empty() && to.bag().is_empty()
        || from.at == 0 && to.at == 0
        || alike >= REWRITTEN_FROM && (!strange || alike.min(rare().alike(from, to)) >= STRANGE_FROM)
        || shorter >= SHORT_BODY
            && from.bag().contained(to.bag()) >= KEPT_FROM
            && (!strange || rare().contained(from, to) >= KEPT_FROM)
        || a.titled && b.titled && titles.share_a_telling_word(edge, old, new)
        || related() == Some(true)
}

/// Whether two titles begin with one section number (`V6.2 Algorithms`).
fn have_one_number(one: &str, other: &str) -> bool {
    let number = |title: &'_ str| title.len() - without_number(title).len();
    number(one) > 0 && number(one) == number(other) && one.get(..number(one)) == other.get(..number(other))
}

/// Words of titles that stand in more titles of a document than this (`Modified …`, `… operations`) tell nothing.
const TELLING: u32 = 3;

/// How often each word stands in the titles of a document, counted once for each document that is asked for.
#[derive(Default)]
struct Titles {
    old: RefCell<Counted>,
    new: RefCell<Counted>,
}

/// Document → word → titles with it.
type Counted = HashMap<usize, HashMap<u64, u32>>;

impl Titles {
    /// Whether both titles have a word that is rare in either document's titles.
    fn share_a_telling_word(&self, edge: &Edge, old: usize, new: usize) -> bool {
        let (from, to) = (&edge.old[old], &edge.new[new]);
        if from.title().shared(to.title()) == 0 {
            return false;
        }
        let others: HashSet<u64> = to.title().distinct().collect();
        let (mut old_counts, mut new_counts) = (self.old.borrow_mut(), self.new.borrow_mut());
        let old_words = old_counts.entry(from.doc).or_insert_with(|| count(&edge.old, old));
        let new_words = new_counts.entry(to.doc).or_insert_with(|| count(&edge.new, new));
        let telling = |words: &HashMap<u64, u32>, word: u64| words.get(&word).is_none_or(|&count| count <= TELLING);
        from.title()
            .distinct()
            .any(|word| others.contains(&word) && telling(old_words, word) && telling(new_words, word))
    }
}

/// The words of the titles of the document that an entry belongs to.
fn count(entries: &[Entry], at: usize) -> HashMap<u64, u32> {
    let doc = entries[at].doc;
    let start = at - entries[at].at;
    let mut words = HashMap::new();
    for entry in entries[start..].iter().take_while(|entry| entry.doc == doc).filter(|entry| entry.clause.titled) {
        entry.title().distinct().for_each(|word| *words.entry(word).or_default() += 1);
    }
    words
}

/// The entry next to `at` in a direction, if it is of the same document.
fn neighbour(count: usize, at: usize, step: isize, same: impl Fn(usize) -> bool) -> Option<usize> {
    at.checked_add_signed(step).filter(|&next| next < count && same(next))
}

#[cfg(test)]
mod tests {
    use super::super::Rule;
    use super::super::fixture::bonds;

    fn by_position(old: &str, new: &str) -> bool {
        let text = |middle: &str| {
            format!(
                "# T\n\n## A\nfirst words that stay as they are\n\n{middle}\n## Z\nlast words that stay as they are\n"
            )
        };
        let (old, new) = (text(old), text(new));
        bonds(&[("a.md", &old)], &[("a.md", &new)]).iter().any(|bond| bond.2 == Rule::Position)
    }

    #[test]
    fn the_place_alone_is_not_enough() {
        assert!(!by_position(
            "## Characters\nA few names may hold signs outside of ASCII.\n",
            "## Grammar\nThese notations are used by snippets: capitals stand for tokens.\n"
        ));
    }

    #[test]
    fn a_word_of_every_title_is_not() {
        let text = |title: &str, body: &str| {
            format!(
                "# T\n\n## Modified lists\nfirst words that stay as they are\n\n## Modified rows\nother words that stay\n\n## {title}\n{body}\n\n## Modified cells\nlast words that stay as they are\n"
            )
        };
        let old = text("Modified blocks", "Adds each block that fails the check to a set of its own.");
        let new = text("Modified payloads", "Every message is read again when its sender asks for it.");
        assert!(!bonds(&[("a.md", &old)], &[("a.md", &new)]).iter().any(|bond| bond.2 == Rule::Position));
    }

    #[test]
    fn a_document_keeps_its_head() {
        let old = "# Plain format, draft\nThis is the work in progress of how values are written down.\n\n## Old part\nIt goes away entirely now.\n";
        let new = "# Plain format\nHere typing, writing and reading are told.\n\n## Contents\nOne, two and three.\n\n## New part\nBrought in by somebody else today.\n";
        let bonds = bonds(&[("a.md", old)], &[("a.md", new)]);
        assert_eq!(bonds.first().map(|bond| (&*bond.0, &*bond.1)), Some(("plain-format-draft", "plain-format")));
    }

    #[test]
    fn a_word_of_the_title_is() {
        assert!(by_position(
            "## End: finish it\nNo parameters.\n",
            "## End\nTakes the current time as that of the end.\n"
        ));
    }
}
