//! The end of step 3: words alone. What is left of one document is bonded where the bodies say the same under names that
//! have nothing in common, as when a section gets another title in another chapter, or an item without a title another
//! list. Names spoke before, so that nothing here takes a clause from its name.

use std::cell::OnceCell;
use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use super::similar::{GROWN_FROM, TITLE_CLOSE, Words, candidates};
use super::{Edge, Entry, Rule, SHORT_BODY, SIMILAR_FROM, SLUG_HELD_BELOW, without_number};
use crate::spec::clause::{Breed, Kind};
use crate::spec::token::kind;

/// A body of few words speaks for itself from here on, rare words counted too: of six words one may differ.
const FEW_ALIKE: f32 = 0.7;
/// Fewer words than this say nothing without a name.
const FEWEST_WORDS: usize = 4;
/// A body that another one swallowed, or that was cut out of it, is at least this much like it.
const SWALLOWED_FROM: f32 = 0.45;
/// A section that was written anew under a title with most of the old one's words keeps this share of its words, rare
/// words counted too.
const REWRITTEN_FROM: f32 = 0.4;
const REWRITTEN_RARE: f32 = 0.35;
/// Two sections that begin with the same words are one from this similarity on.
const OPENED_FROM: f32 = 0.25;
/// So many words make a beginning that is no phrase.
const OPENING: usize = 10;
/// So many words in a row that stand in one clause of either side make a text without a title known. Of sections with
/// titles half of those that were read were two.
const RUN: usize = 8;
/// A piece of a body has this share of its words in it.
const PIECE_FROM: f32 = 0.7;
/// Letters that may be put into a slug for it to stay the same name, and how long it is at least.
const PUT_IN: usize = 2;
const LONG_SLUG: usize = 8;

/// Bonds free clauses of one document by their words, best first, one to one.
pub(super) fn bond(edge: &mut Edge) {
    let (old, new) = (edge.free_old(), edge.free_new());
    if old.is_empty() || new.is_empty() {
        return;
    }
    let (words, openings, runs) = (OnceCell::new(), OnceCell::new(), OnceCell::new());
    let pairs = candidates(edge, &old, &new);
    let mut scored: Vec<(f32, usize, usize)> = pairs
        .iter()
        .filter(|&&(from, to)| edge.same_file(from, to))
        .map(|&(from, to)| (score(edge, (&words, &openings, &runs), from, to), from, to))
        .filter(|(score, ..)| *score > 0.0)
        .collect();
    if scored.is_empty() {
        return;
    }
    let whole = Pieces::of(edge, &pairs);
    scored.retain(|&(_, from, to)| !whole.fell_apart(edge, from, to));
    let merit = |&(_, from, to): &(f32, usize, usize)| {
        let (old, new) = (edge.old[from].at, edge.new[to].at);
        (old.abs_diff(new), old + new, edge.tie_break(from, to))
    };
    scored.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| merit(a).cmp(&merit(b))));
    for (score, from, to) in scored {
        edge.bond(from, to, Rule::Similar, score);
    }
}

/// How much two bodies alone say that they are one; 0 where they don't. What every clause around says (`WHEN`, `the`,
/// `SHALL`) must not make them alike, so that rare words have to agree too.
fn score<'e>(
    edge: &Edge<'e>,
    (words, openings, runs): (&OnceCell<Words>, &OnceCell<Openings<'e>>, &OnceCell<Runs>),
    from: usize,
    to: usize,
) -> f32 {
    let (old, new) = (&edge.old[from], &edge.new[to]);
    if (old.clause.kind == Kind::Row) != (new.clause.kind == Kind::Row) {
        return 0.0;
    }
    if is_same_slug(old, new) && speak_for_one(old, new) {
        return SIMILAR_FROM;
    }
    let (short, long) = old.bag().sizes(new.bag());
    if short < FEWEST_WORDS || (2.0 * short as f32) < OPENED_FROM * (short + long) as f32 {
        return 0.0;
    }
    let rare = || words.get_or_init(|| Words::of(edge));
    let alike_from = if short < SHORT_BODY { FEW_ALIKE } else { SIMILAR_FROM };
    let plain = old.bag().dice(new.bag());
    if plain >= alike_from {
        let alike = rare().alike(old, new).min(plain);
        if alike >= alike_from {
            return alike;
        }
    }
    if short < SHORT_BODY || plain < OPENED_FROM {
        return 0.0;
    }
    let titled = old.clause.titled && new.clause.titled && old.clause.kind == new.clause.kind;
    if titled && openings.get_or_init(|| Openings::of(edge)).are_one(edge, from, to) {
        return plain.min(SIMILAR_FROM);
    }
    if plain < REWRITTEN_FROM {
        return 0.0;
    }
    let nameless = !old.clause.titled && !new.clause.titled && old.clause.kind == new.clause.kind;
    if nameless && runs.get_or_init(|| Runs::of(edge)).are_one(edge, from, to) {
        return plain.min(SIMILAR_FROM);
    }
    let swallowed = plain >= SWALLOWED_FROM
        && old.bag().contained(new.bag()) >= GROWN_FROM
        && rare().contained(old, new) >= GROWN_FROM;
    if swallowed {
        return SIMILAR_FROM;
    }
    let rewritten =
        titled && stems_alike(&old.clause.title, &new.clause.title) && rare().alike(old, new) >= REWRITTEN_RARE;
    if rewritten { plain.min(SIMILAR_FROM) } else { 0.0 }
}

/// Whether two titles have most of their words in common, singular and plural taken for one. At a half, every second pair
/// of ten that were read was one of two: `Block signature`, `Block header`.
fn stems_alike(one: &str, other: &str) -> bool {
    let stems = |title: &str| -> Vec<String> {
        let words = title.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
        words
            .map(|word| word.to_lowercase())
            .map(|word| word.strip_suffix('s').map_or(word.clone(), str::to_owned))
            .collect()
    };
    let (one, mut rest) = (stems(without_number(one)), stems(without_number(other)));
    let total = one.len() + rest.len();
    let shared =
        one.iter().filter(|word| rest.iter().position(|other| other == *word).map(|at| rest.remove(at)).is_some());
    shared.count() * 4 > total
}

/// With which words the bodies of an edge begin, and how many clauses of either side begin so.
struct Openings<'e> {
    of_old: HashMap<Opening<'e>, u32, foldhash::fast::RandomState>,
    of_new: HashMap<Opening<'e>, u32, foldhash::fast::RandomState>,
}

type Opening<'e> = [&'e str; OPENING];

impl<'e> Openings<'e> {
    fn of(edge: &Edge<'e>) -> Self {
        let count = |entries: &[Entry<'e>]| {
            let mut counts: HashMap<Opening<'e>, u32, foldhash::fast::RandomState> = HashMap::default();
            entries.iter().filter_map(opening).for_each(|words| *counts.entry(words).or_default() += 1);
            counts
        };
        Openings { of_old: count(&edge.old), of_new: count(&edge.new) }
    }

    /// Whether two clauses, and no others, begin with the same words.
    fn are_one(&self, edge: &Edge<'e>, from: usize, to: usize) -> bool {
        let Some(words) = opening(&edge.old[from]) else { return false };
        let once = |counts: &HashMap<Opening<'e>, u32, foldhash::fast::RandomState>| counts.get(&words) == Some(&1);
        opening(&edge.new[to]) == Some(words) && once(&self.of_old) && once(&self.of_new)
    }
}

/// The first words of a body, code spans among them.
fn opening<'e>(entry: &Entry<'e>) -> Option<Opening<'e>> {
    let mut words = [""; OPENING];
    let mut tokens = entry.clause.tokens().iter().filter(|token| matches!(token.kind, kind::WORD | kind::CODE));
    for word in &mut words {
        *word = tokens.next()?.text;
    }
    Some(words)
}

/// How many clauses of either side hold a run of words.
struct Runs {
    of_old: Counts,
    of_new: Counts,
}

type Counts = HashMap<u64, u32, foldhash::fast::RandomState>;

impl Runs {
    fn of(edge: &Edge) -> Self {
        let count = |entries: &[Entry]| {
            let mut counts = Counts::default();
            for entry in entries.iter().filter(|entry| !entry.clause.titled) {
                runs(entry).into_iter().for_each(|run| *counts.entry(run).or_default() += 1);
            }
            counts
        };
        Runs { of_old: count(&edge.old), of_new: count(&edge.new) }
    }

    /// Whether two clauses, and no others, hold the same run of words.
    fn are_one(&self, edge: &Edge, from: usize, to: usize) -> bool {
        let theirs = runs(&edge.new[to]);
        let once = |run: &u64| self.of_old.get(run) == Some(&1) && self.of_new.get(run) == Some(&1);
        runs(&edge.old[from]).iter().any(|run| theirs.contains(run) && once(run))
    }
}

/// Each run of words of a body, code spans among them, once.
fn runs(entry: &Entry) -> HashSet<u64> {
    let words: Vec<&str> = entry
        .clause
        .tokens()
        .iter()
        .filter(|token| matches!(token.kind, kind::WORD | kind::CODE))
        .map(|token| token.text)
        .collect();
    let hash = |run: &[&str]| {
        let mut hasher = DefaultHasher::new();
        run.hash(&mut hasher);
        hasher.finish()
    };
    words.windows(RUN).map(hash).collect()
}

/// How many pieces each free clause left on the other side.
#[derive(Default)]
struct Pieces {
    of_old: HashMap<usize, usize, foldhash::fast::RandomState>,
    of_new: HashMap<usize, usize, foldhash::fast::RandomState>,
}

impl Pieces {
    fn of(edge: &Edge, pairs: &[(usize, usize)]) -> Pieces {
        let mut pieces = Pieces::default();
        for &(from, to) in pairs {
            let (old, new) = (edge.old[from].bag(), edge.new[to].bag());
            let (short, long) = old.sizes(new);
            if short < FEWEST_WORDS || short * 2 > long || old.contained(new) < PIECE_FROM {
                continue;
            }
            if old.is_longer(new) {
                *pieces.of_old.entry(from).or_default() += 1;
            } else {
                *pieces.of_new.entry(to).or_default() += 1;
            }
        }
        pieces
    }

    /// Whether the longer of two clauses fell into several like the shorter one, or was joined from them: then it is none
    /// of them.
    fn fell_apart(&self, edge: &Edge, from: usize, to: usize) -> bool {
        let (old, new) = (edge.old[from].bag(), edge.new[to].bag());
        let (short, long) = old.sizes(new);
        let pieces = if old.is_longer(new) { self.of_old.get(&from) } else { self.of_new.get(&to) };
        short * 2 <= long && pieces.is_some_and(|&count| count > 1)
    }
}

/// Whether two slugs are one but for a letter or two that were put in: `relaxed_min`, `frelaxed_min`. Digits count
/// things, and are no slips.
fn is_same_slug(old: &Entry, new: &Entry) -> bool {
    let (Some(one), Some(other)) = (slug(old), slug(new)) else { return false };
    let (short, long) = if one.len() <= other.len() { (one, other) } else { (other, one) };
    let put_in = long.len() - short.len();
    if short.len() < LONG_SLUG || put_in == 0 || put_in > PUT_IN {
        return false;
    }
    let head = short.bytes().zip(long.bytes()).take_while(|(a, b)| a == b).count();
    let (middle, tail) = (&long.as_bytes()[head..head + put_in], &long.as_bytes()[head + put_in..]);
    short.as_bytes()[head..] == *tail && middle.iter().all(u8::is_ascii_alphabetic)
}

fn slug<'e>(entry: &Entry<'e>) -> Option<&'e str> {
    entry.clause.id.as_deref().filter(|_| entry.clause.breed == Breed::Slug)
}

/// Whether bodies or titles have as much in common as a name that stayed asks for.
fn speak_for_one(old: &Entry, new: &Entry) -> bool {
    old.bag().dice(new.bag()) >= SLUG_HELD_BELOW || old.title().dice(new.title()) >= TITLE_CLOSE
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{became, bonds};

    #[test]
    fn a_section_under_a_new_title_and_parent_is_known_by_its_words() {
        let rest = "## Storage\nTokens are kept where no other program of the device reads them.\n\n## Retries\nA request that failed is sent again after a pause which doubles.\n\n";
        let old = format!(
            "# A\n\n{rest}## Intermediaries\n\n### Options\nA gateway in front of the origin checks the proof itself with the exported secret of its own connection.\n"
        );
        let new = format!(
            "# A\n\n## Between gateway and backend\nA gateway in front of the origin hands on the exported secret of its own connection, and the backend checks the proof.\n\n{rest}"
        );
        assert!(became(&[("a.md", &old)], &[("a.md", &new)], "options", "between-gateway-and-backend"));
        let other = new.replace(
            "A gateway in front of the origin hands on the exported secret of its own connection, and the backend checks the proof",
            "A gateway in front of the origin writes the address of the client into a header that the backend logs",
        );
        assert!(!became(&[("a.md", &old)], &[("a.md", &other)], "options", "between-gateway-and-backend"));
    }

    #[test]
    fn a_short_item_under_another_heading_is_known_by_its_rare_words() {
        let list = |title: &str, items: &[&str]| -> String {
            let items: String = items.iter().enumerate().map(|(at, item)| format!("{}. {item}\n", at + 1)).collect();
            format!("## {title}\n\n{items}\n")
        };
        let old = format!(
            "# A\n\n{}{}",
            list("Grants", &["Clients MUST use a grant", "PKCE is REQUIRED for all clients"]),
            list("Servers", &["Servers MUST log each grant of a client", "Servers SHOULD rotate tokens"])
        );
        let new = format!(
            "# A\n\n{}{}",
            list("Grants", &["Clients MUST use a grant"]),
            list(
                "Security",
                &[
                    "PKCE is REQUIRED for all clients and servers",
                    "Servers MUST log each grant of a client",
                    "Servers SHOULD rotate tokens"
                ]
            )
        );
        let to = "pkce-is-required-for-all-clients-and-servers";
        assert!(became(&[("a.md", &old)], &[("a.md", &new)], "pkce-is-required-for-all-clients", to));
        let (old, new) = (old.replace("PKCE", "Proof"), new.replace("PKCE", "Rotation"));
        let bonds = bonds(&[("a.md", &old)], &[("a.md", &new)]);
        assert!(!bonds.iter().any(|bond| bond.1.starts_with("rotation-is")), "{bonds:?}");
    }

    #[test]
    fn a_list_item_that_became_a_section_is_the_same() {
        let old = "# A\n\n## Security\n\n1. Clients MUST securely store tokens following the best practices of OAuth\n2. Servers SHOULD enforce that tokens expire and rotate\n";
        let new = "# A\n\n## Theft\nWhoever gains access to a device makes requests in the name of others. Clients MUST securely store tokens following the best practices of OAuth.\n\n## Lifetime\nServers SHOULD enforce that tokens expire and rotate, for a day is long for a token that was stolen.\n";
        let from = "clients-must-securely-store-tokens-following-the-best";
        assert!(
            became(&[("a.md", old)], &[("a.md", new)], from, "theft"),
            "{:?}",
            bonds(&[("a.md", old)], &[("a.md", new)])
        );
    }

    #[test]
    fn a_slug_with_a_letter_put_in_is_the_same() {
        let file = |ids: [&str; 2], bodies: [&str; 2]| {
            format!("# Ops\n\n## first {{#{}}}\n{}\n\n## second {{#{}}}\n{}\n", ids[0], bodies[0], ids[1], bodies[1])
        };
        let old = file(
            ["op-relaxed_min", "op-relaxed_dot"],
            [
                "The smaller operand is returned, or any operand where both of them are zeros.",
                "The product may saturate where inputs have their highest bit set.",
            ],
        );
        let new = file(
            ["op-frelaxed_min", "op-irelaxed_dot"],
            [
                "A global parameter picks which operand a machine returns for zeros.",
                "A global parameter picks whether a machine lets the product saturate or wrap.",
            ],
        )
        .replace("## first", "## f first")
        .replace("## second", "## i second");
        let (old, new) = ([("a.md", &old[..])], [("a.md", &new[..])]);
        assert!(became(&old, &new, "op-relaxed_min", "op-frelaxed_min"), "{:?}", bonds(&old, &new));
        assert!(became(&old, &new, "op-relaxed_dot", "op-irelaxed_dot"));
    }

    #[test]
    fn a_section_that_fell_into_pieces_is_none_of_them() {
        let cases = [
            "the change is unknown, the command says so and names it",
            "there are no specs, the command lists what it looked for",
            "the folder is missing, the command offers to create it",
        ];
        let lines: String = cases.map(|case| format!("- WHEN {case}\n")).concat();
        let scenarios: String =
            cases.iter().enumerate().map(|(at, case)| format!("### Case {at}\n- WHEN {case}\n\n")).collect();
        let old = format!("# A\n\n## Errors\n{lines}");
        let new = format!("# A\n\n## What goes wrong\n{scenarios}");
        let bonds = bonds(&[("a.md", &old)], &[("a.md", &new)]);
        assert!(!bonds.iter().any(|bond| bond.0 == "errors" && bond.1.starts_with("case")), "{bonds:?}");
    }

    /// Sections that stay as they are, around others.
    fn chapter(first: &str, second: &str) -> String {
        format!(
            "# A\n\n## Storage\nTokens are kept where no other program of the device reads them.\n\n{first}## Retries\nA request that failed is sent again after a pause which doubles.\n\n{second}## Limits\nNo client opens more than a handful of connections at once.\n"
        )
    }

    #[test]
    fn a_section_written_anew_under_nearly_its_title_is_the_same() {
        let old = "## Request validation\nSender and receiver are no zero addresses, the timestamp of a block is not expired, and the balance of the sender covers the amount and the fee of the relayer.\n\n";
        let new = "### Validation of requests\nThe nonce of a request grows by one. A request is handled before its block is expired, zero addresses are refused, and the balance covers whatever it hands on together with the fee.\n\n";
        let added = "## Order\nWhatever came first is handled first, and nothing is handled twice.\n\n";
        let (old, new) = (chapter(old, ""), chapter("", &format!("{added}{new}")));
        let (old, new) = ([("a.md", &old[..])], [("a.md", &new[..])]);
        assert!(became(&old, &new, "request-validation", "validation-of-requests"), "{:?}", bonds(&old, &new));
        // under a title that says something else it is another one
        let other = new[0].1.replace("Validation of requests", "Request fees");
        assert!(!became(&old, &[("a.md", &other)], "request-validation", "request-fees"));
    }

    #[test]
    fn a_section_written_anew_behind_its_first_sentence_is_the_same() {
        let first = "A desirable feature is to let the owners of a room restrict who may enter it";
        let old = format!(
            "## Membership\n{first} by the groups that a person is in. How the door is shut for whoever leaves such a group is unclear, and so is which server has to do it and in whose name.\n\n"
        );
        let new = format!(
            "## Restricting rooms to groups\n{first}. The rules of joining name the groups that are let in. Servers look up these groups before they answer, keep what they found for a day, and ask again when somebody complains about it.\n\n"
        );
        let added = "## Kicking\nWhoever is in no group any more is put out of the room at once.\n\n";
        let (from, to) = (chapter(&old, ""), chapter("", &format!("{added}{new}")));
        assert!(became(&[("a.md", &from)], &[("a.md", &to)], "membership", "restricting-rooms-to-groups"));
        let twice = to.replace("## Kicking\n", &format!("## Kicking\n{first}. "));
        assert!(!became(&[("a.md", &from)], &[("a.md", &twice)], "membership", "restricting-rooms-to-groups"));
    }

    #[test]
    fn an_item_written_anew_around_words_that_stay_is_the_same() {
        let list = |item: &str| {
            format!(
                "# A\n\n1. A commit MUST begin with a type, which is a noun.\n{item}2. A longer body MAY stand behind the short description of the code.\n3. Words of the type MUST NOT be told by their letter case.\n"
            )
        };
        let old = list(
            "1. A footer of one or more lines MAY be provided one blank line after the body. The footer MUST contain meta-information about the commit, e.g., related pull-requests, reviewers, breaking changes, with one piece of meta-information per-line.\n",
        );
        let new = list(
            "1. One or more footers MAY be provided one blank line after the body. Each footer MUST consist of a word token, followed by either a colon or a number sign, followed by a string value (this is inspired by the convention of trailers).\n1. A word of a footer MUST use a dash in place of white space.\n",
        );
        let (from, to) = ("a-footer-of-one-or-more-lines-may", "one-or-more-footers-may-be-provided-one");
        let (old, new) = ([("a.md", &old[..])], [("a.md", &new[..])]);
        assert!(became(&old, &new, from, to), "{:?}", bonds(&old, &new));
        // the same words in a third item are a phrase
        let twice = new[0].1.replace(
            "A word of a footer",
            "A note MAY be provided one blank line after the body, and a word of a footer",
        );
        assert!(!became(&old, &[("a.md", &twice)], from, to));
    }

    #[test]
    fn a_name_goes_before_words() {
        let file = |ids: [&str; 2], bodies: [&str; 2]| {
            format!("r[{}]\n{}\n\nr[{}]\n{}\n", ids[0], bodies[0], ids[1], bodies[1])
        };
        let moved = "Variables that the outer pattern binds are moved or copied only when the guard succeeds.";
        let old = file(
            ["guard.scope", "guard.borrowing"],
            ["Names of a guard live until its arm ends, and no longer than that.", moved],
        );
        let new = "r[guard.scope]\nVariables that the outer pattern binds are moved or copied only when guards succeed. Names live until the arm ends.\n";
        assert!(became(&[("a.md", &old)], &[("a.md", new)], "guard.scope", "guard.scope"));
    }
}
