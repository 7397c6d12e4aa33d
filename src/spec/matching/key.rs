//! Step 2: the same name. Ids first, then the title under the same parent, then the anchor; doubtful ids wait.

use std::collections::{BTreeSet, HashMap};

use bstr::BString;

use super::similar::Words;
use super::{Edge, Entry, Rule, SHORT_BODY, SIMILAR_FROM, SLUG_HELD_BELOW, without_number};
use crate::spec::clause::Breed;

/// Two bodies under one number that are less alike than this, counted by words that few clauses have, are two demands.
const REUSED_BELOW: f32 = 0.15;

/// Under a title that is the only one of its document, a body that keeps this share of the shorter one's words grew, or
/// gave its sections headings of their own.
const KEPT_FROM: f32 = 0.6;

/// Bonds by name inside files; returns pairs whose words are too different to trust the name yet.
pub(super) fn bond(edge: &mut Edge) -> Vec<(usize, usize)> {
    let mut held = Vec::new();
    bond_aliases(edge);
    let ordinal = |entry: &super::Entry| entry.clause.breed == Breed::Ordinal;
    let (numbers, slugs): (Vec<_>, Vec<_>) = pairs(edge, |e, at| edge_id(&e[at]))
        .into_iter()
        .partition(|&(old, new)| ordinal(&edge.old[old]) || ordinal(&edge.new[new]));
    for pair in slugs {
        let score = similarity(edge, pair);
        if score < SLUG_HELD_BELOW {
            held.push(pair);
        } else {
            edge.bond(pair.0, pair.1, Rule::Key, score);
        }
    }
    held.extend(super::ordinal::bond(edge, &numbers));
    bond_slugs_across(edge);
    let waiting = super::titles::bond(edge);
    bond_numbered_anew(edge, &waiting);
    for pair in pairs(edge, |e, at| e[at].clause.id.is_none().then(|| e[at].clause.anchor.clone())) {
        if !waiting.contains(&pair) {
            let score = similarity(edge, pair);
            edge.bond(pair.0, pair.1, Rule::Key, score);
        }
    }
    // a heading that is given the id that its title made before
    for pair in pairs(edge, |e, at| (e[at].clause.breed != Breed::Ordinal).then(|| e[at].clause.anchor.clone())) {
        let score = similarity(edge, pair);
        let titles = edge.old[pair.0].title().dice(edge.new[pair.1].title());
        let named = edge.old[pair.0].clause.id.is_some() && edge.new[pair.1].clause.id.is_some();
        if !named && !waiting.contains(&pair) && (score >= SLUG_HELD_BELOW || titles >= SIMILAR_FROM) {
            edge.bond(pair.0, pair.1, Rule::Key, score);
        }
    }
    held.extend(waiting);
    held
}

/// Bonds titles that are one but for the number before them, under whatever heading, where no other title of the two
/// documents is the same and the bodies have something in common.
fn bond_numbered_anew(edge: &mut Edge, waiting: &BTreeSet<(usize, usize)>) {
    let (old, new) = (edge.free_old(), edge.free_new());
    if old.is_empty() || new.is_empty() {
        return;
    }
    let named = |entry: &Entry| (entry.clause.titled && entry.clause.breed != Breed::Ordinal).then_some(entry.doc);
    let (mut old_titles, mut new_titles) = (Titles::default(), Titles::default());
    for (entries, titles) in [(&edge.old, &mut old_titles), (&edge.new, &mut new_titles)] {
        for (at, entry) in entries.iter().enumerate() {
            if let Some(doc) = named(entry) {
                titles.entry((doc, without_number(&entry.clause.title))).or_default().push(at);
            }
        }
    }
    let only = |titles: &Titles, doc: usize, title: &str| match titles.get(&(doc, title)).map(Vec::as_slice) {
        Some(&[at]) => Some(at),
        _ => None,
    };
    let found: Vec<(usize, usize)> = old
        .into_iter()
        .filter_map(|from| {
            let doc = named(&edge.old[from])?;
            let title = without_number(&edge.old[from].clause.title);
            let to = only(&new_titles, *edge.continues.get(&doc)?, title)?;
            let is_left = edge.new_bond[to].is_none() && !waiting.contains(&(from, to));
            (is_left && only(&old_titles, doc, title).is_some()).then_some((from, to))
        })
        .filter(|&(from, to)| {
            let (from, to) = (edge.old[from].bag(), edge.new[to].bag());
            from.dice(to) >= SLUG_HELD_BELOW || from.sizes(to).0 >= SHORT_BODY && from.contained(to) >= KEPT_FROM
        })
        .collect();
    for pair in found {
        let score = similarity(edge, pair);
        edge.bond(pair.0, pair.1, Rule::Key, score);
    }
}

/// Document and title without its number → the clauses that have it.
type Titles<'e> = HashMap<(usize, &'e str), Vec<usize>, foldhash::fast::RandomState>;

/// Bonds what was held back and is still free on both sides. A number with other words is reused: under another title,
/// or where the two bodies share none but the words of every clause around. A body of a few words may be a mark that
/// the clause is withdrawn, and says nothing against the number.
pub(super) fn release(edge: &mut Edge, held: &[(usize, usize)]) {
    let free = |edge: &Edge, pair: (usize, usize)| edge.old_bond[pair.0].is_none() && edge.new_bond[pair.1].is_none();
    let mut words = None;
    for &pair in held {
        if !free(edge, pair) {
            continue;
        }
        let score = similarity(edge, pair);
        let (from, to) = (&edge.old[pair.0], &edge.new[pair.1]);
        let (old, new) = (from.clause, to.clause);
        let slugs = old.breed == Breed::Slug && new.breed == Breed::Slug;
        let renamed = old.titled && new.titled && old.title != new.title;
        let long = from.bag().sizes(to.bag()).0 >= SHORT_BODY;
        let mut reused = || long && words.get_or_insert_with(|| Words::of(edge)).alike(from, to) < REUSED_BELOW;
        if slugs || if renamed { score >= SLUG_HELD_BELOW } else { !reused() } {
            edge.bond(pair.0, pair.1, Rule::Key, score);
        }
    }
}

/// Bonds a title that left one file and stands in exactly one other, and in no other clause of either side, where some
/// rare words of the body went along.
pub(super) fn bond_titles_across(edge: &mut Edge) {
    let (old, new) = (edge.free_old(), edge.free_new());
    if old.is_empty() || new.is_empty() {
        return;
    }
    let mut named: HashMap<&str, (Vec<usize>, Vec<usize>), foldhash::fast::RandomState> = HashMap::default();
    for (at, entry) in edge.old.iter().enumerate().filter(|(_, entry)| entry.clause.titled) {
        named.entry(&entry.clause.title).or_default().0.push(at);
    }
    for (at, entry) in edge.new.iter().enumerate().filter(|(_, entry)| entry.clause.titled) {
        named.entry(&entry.clause.title).or_default().1.push(at);
    }
    let mut pairs: Vec<(usize, usize)> = named
        .into_values()
        .filter_map(|(old, new)| match (&old[..], &new[..]) {
            (&[old], &[new]) if !edge.same_file(old, new) => Some((old, new)),
            _ => None,
        })
        .filter(|&(old, new)| edge.old_bond[old].is_none() && edge.new_bond[new].is_none())
        .filter(|&(old, new)| edge.old[old].bag().sizes(edge.new[new].bag()).0 >= SHORT_BODY)
        .collect();
    if pairs.is_empty() {
        return;
    }
    pairs.sort_unstable();
    let words = Words::of(edge);
    for pair in pairs {
        if words.alike(&edge.old[pair.0], &edge.new[pair.1]) >= SLUG_HELD_BELOW {
            let score = similarity(edge, pair);
            edge.bond(pair.0, pair.1, Rule::Key, score);
        }
    }
}

/// Bonds what stays alone under an id of StrictDoc, which is the key of a node in all of its project and no place in a
/// list, whatever became of its words.
pub(super) fn bond_nodes(edge: &mut Edge) {
    let (old, new) = (edge.free_old(), edge.free_new());
    if old.is_empty() || new.is_empty() {
        return;
    }
    let mut named: HashMap<&str, (Vec<usize>, Vec<usize>), foldhash::fast::RandomState> = HashMap::default();
    let is_node = |path: &BString| path.ends_with(b".sdoc");
    for at in old.into_iter().filter(|&at| is_node(edge.old_path(at))) {
        if let Some(id) = &edge.old[at].clause.id {
            named.entry(id).or_default().0.push(at);
        }
    }
    for at in new.into_iter().filter(|&at| is_node(edge.new_path(at))) {
        if let Some(id) = &edge.new[at].clause.id {
            named.entry(id).or_default().1.push(at);
        }
    }
    let alone = |(old, new): (Vec<usize>, Vec<usize>)| match (&old[..], &new[..]) {
        (&[old], &[new]) => Some((old, new)),
        _ => None,
    };
    let pairs: Vec<(usize, usize)> = named.into_values().filter_map(alone).collect();
    for pair in pairs {
        let score = similarity(edge, pair);
        edge.bond(pair.0, pair.1, Rule::Key, score);
    }
}

/// Bonds clauses of a file whose other ids say that they are one: a StrictDoc node keeps its MID under another UID,
/// also when it had no statement yet.
fn bond_aliases(edge: &mut Edge) {
    if !edge.old.iter().any(|entry| !entry.clause.aliases.is_empty())
        && !edge.new.iter().any(|entry| !entry.clause.aliases.is_empty())
    {
        return;
    }
    let names = |entry: &super::Entry| -> Vec<String> {
        let id = entry.clause.id.clone().filter(|_| entry.clause.breed == Breed::Slug);
        entry.clause.aliases.iter().cloned().chain(id).collect()
    };
    let first = |entries: &[Entry], free: Vec<usize>| {
        let mut places: HashMap<(usize, String), usize> = HashMap::new();
        for at in free {
            for name in names(&entries[at]) {
                places.entry((entries[at].doc, name)).or_insert(at);
            }
        }
        places
    };
    let (old, new) = (first(&edge.old, edge.free_old()), first(&edge.new, edge.free_new()));
    let mut found: Vec<(bool, f32, usize, usize)> = old
        .iter()
        .filter_map(|((doc, name), &from)| {
            let to = *new.get(&(*edge.continues.get(doc)?, name.clone()))?;
            let filled = edge.old[from].bag().is_empty() || edge.new[to].bag().is_empty();
            let score = similarity(edge, (from, to));
            let is_own = edge.old[from].clause.id == edge.new[to].clause.id;
            (filled || score >= SLUG_HELD_BELOW).then_some((is_own, score, from, to))
        })
        .collect();
    // of two sections that became one, with the names of both, the one that keeps its own name first, then the likest
    let merit = |&(_, _, from, to): &(bool, f32, usize, usize)| {
        let (old, new) = (edge.old[from].at, edge.new[to].at);
        (old.abs_diff(new), old + new, edge.tie_break(from, to))
    };
    found.sort_by(|a, b| b.0.cmp(&a.0).then(b.1.total_cmp(&a.1)).then_with(|| merit(a).cmp(&merit(b))));
    for (_, score, from, to) in found {
        edge.bond(from, to, Rule::Key, score);
    }
}

/// Bonds a slug that left one file and stands in exactly one other: a chosen name with some of its words went along.
fn bond_slugs_across(edge: &mut Edge) {
    let slug = |entry: &super::Entry| entry.clause.id.clone().filter(|_| entry.clause.breed == Breed::Slug);
    let mut places: HashMap<String, (Vec<usize>, Vec<usize>)> = HashMap::new();
    for at in edge.free_old() {
        if let Some(id) = slug(&edge.old[at]) {
            places.entry(id).or_default().0.push(at);
        }
    }
    for at in edge.free_new() {
        if let Some(id) = slug(&edge.new[at])
            && let Some(place) = places.get_mut(&id)
        {
            place.1.push(at);
        }
    }
    let mut pairs: Vec<(usize, usize)> = places
        .into_values()
        .filter_map(|(old, new)| match (&old[..], &new[..]) {
            (&[old], &[new]) if !edge.same_file(old, new) => Some((old, new)),
            _ => None,
        })
        .collect();
    pairs.sort_unstable();
    for (old, new) in pairs {
        let (from, to) = (&edge.old[old], &edge.new[new]);
        let empty = from.bag().is_empty() && to.bag().is_empty();
        let score = if empty { from.title().dice(to.title()) } else { from.bag().dice(to.bag()) };
        if score >= SLUG_HELD_BELOW {
            edge.bond(old, new, Rule::Key, score);
        }
    }
}

fn edge_id(entry: &super::Entry) -> Option<String> {
    entry.clause.id.clone()
}

pub(super) fn similarity(edge: &Edge, (old, new): (usize, usize)) -> f32 {
    edge.old[old].bag().dice(edge.new[new].bag())
}

/// Free clauses of a file and of its successor that share a name; repeated names pair up in order.
fn pairs<'a>(edge: &Edge<'a>, name: impl Fn(&[super::Entry<'a>], usize) -> Option<String>) -> Vec<(usize, usize)> {
    let free_old = edge.free_old();
    if free_old.is_empty() {
        return Vec::new();
    }
    type Waiting = HashMap<(usize, String), std::collections::VecDeque<usize>, foldhash::fast::RandomState>;
    let mut waiting = Waiting::default();
    for at in edge.free_new() {
        if let Some(name) = name(&edge.new, at) {
            waiting.entry((edge.new[at].doc, name)).or_default().push_back(at);
        }
    }
    free_old
        .into_iter()
        .filter_map(|at| {
            let doc = *edge.continues.get(&edge.old[at].doc)?;
            let to = waiting.get_mut(&(doc, name(&edge.old, at)?))?.pop_front()?;
            Some((at, to))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{became, bonds};

    fn node(mid: &str, uid: &str, title: &str, statement: &str) -> String {
        let statement = if statement.is_empty() { String::new() } else { format!("STATEMENT: {statement}\n") };
        format!(
            "[DOCUMENT]\nTITLE: T\n\n[REQUIREMENT]\nMID: {}\nUID: {uid}\nTITLE: {title}\n{statement}",
            mid.repeat(32)
        )
    }

    #[test]
    fn of_two_sections_that_became_one_the_one_with_its_name_is_it_both_ways() {
        let section = |names: &str, title: &str, text: &str| {
            let names: String = names.split(' ').map(|name| format!(".. _{name}:\n")).collect();
            format!("{names}\n{title}\n{}\n\n{text}\n\n", "-".repeat(title.len()))
        };
        let (fields, lists) = ("Fields of a record are read one by one.", "Lists are read as many values of one type.");
        let old = section("functions", "Functions", lists) + &section("types", "Types", fields);
        let new = section("types functions", "All types", "");
        let there = bonds(&[("a.rst", &old)], &[("a.rst", &new)]);
        assert_eq!(there.iter().map(|bond| (&*bond.0, &*bond.1)).collect::<Vec<_>>(), [("types", "types")]);
        let back = bonds(&[("a.rst", &new)], &[("a.rst", &old)]);
        assert_eq!(back.iter().map(|bond| (&*bond.0, &*bond.1)).collect::<Vec<_>>(), [("types", "types")]);
    }

    #[test]
    fn a_heading_that_is_given_the_id_its_title_made_is_the_same() {
        let rest = "# Framing\nHere all the frames are told one by one, with their fields.\n";
        let old = format!(
            "# Stream Mapping\nThe layer below manages streams, so that numbers are replaced by its own.\n\n{rest}"
        );
        let new = format!(
            "# Stream Mapping and Usage {{#stream-mapping}}\nOrdered bytes are delivered reliably, and nothing is promised between two of them.\n\n# Other\nSomething new.\n\n{rest}"
        );
        assert!(became(&[("a.md", &old)], &[("a.md", &new)], "stream-mapping", "stream-mapping"));
        let other = new.replace("Stream Mapping and Usage", "What is sent");
        assert!(!became(&[("a.md", &old)], &[("a.md", &other)], "stream-mapping", "stream-mapping"));
    }

    #[test]
    fn a_section_numbered_anew_under_another_heading_keeps_its_name() {
        let overview = "The framework fetches files in a way that nobody on the way can turn against the user.";
        let parts = "Each role signs one file with its own key. The keys are kept apart from each other, and whoever holds one of them cannot sign in the name of another role, whatever the repository says about it.";
        let old = format!(
            "# The framework\nWritten in May.\n\n## 2. Overview\n{overview}\n\n* **2.1. Roles**\n\n  {parts} {parts} {parts}\n"
        );
        let new = format!(
            "# Introduction\nOther words.\n\n# Overview {{#overview}}\n{overview}\n\n## Roles\n{parts} {parts} {parts}\n"
        );
        assert!(became(&[("a.md", &old)], &[("a.md", &new)], "2-overview", "overview"));
        let twice = format!("{new}\n# Annex\n\n## Overview\nNothing.\n");
        assert!(!became(&[("a.md", &old)], &[("a.md", &twice)], "2-overview", "overview"));
    }

    #[test]
    fn a_node_keeps_its_machine_id_under_another_uid() {
        let (old, new) =
            (node("a", "TABLES", "Tables", ""), node("a", "TABLE_EDITOR", "Editor", "The tool shall edit."));
        assert!(became(&[("a.sdoc", &old)], &[("a.sdoc", &new)], "TABLES", "TABLE_EDITOR"));
        let other = node("b", "TABLE_EDITOR", "Editor", "The tool shall edit.");
        assert!(!became(&[("a.sdoc", &old)], &[("a.sdoc", &other)], "TABLES", "TABLE_EDITOR"));
    }

    #[test]
    fn a_node_keeps_its_uid_in_whatever_words() {
        let rest =
            "\n[REQUIREMENT]\nUID: SRS-1\nTITLE: Home\nSTATEMENT: The tool shall show a tree on its first page.\n";
        let file = |title: &str, statement: &str| format!("{}{rest}", node("a", "SRS-51", title, statement));
        let shown = file("Printable pages", "The tool shall provide export to printable pages.");
        for new in [
            file(
                "Export of documents to PDF",
                "It shall allow trees of them as one file, with covers and a list of parts.",
            ),
            file("Printable pages of everything", ""),
        ] {
            assert!(became(&[("a.sdoc", &shown)], &[("a.sdoc", &new)], "SRS-51", "SRS-51"));
            assert!(became(&[("a.sdoc", &new)], &[("b.sdoc", &shown)], "SRS-51", "SRS-51"));
        }
    }

    #[test]
    fn a_slug_goes_along_to_another_file() {
        let demand = "r[panic.handler]\nthe default handler unwinds the stack of the thread that panics\n";
        let rest = "r[other]\nthe entry point is called main and takes no argument at all\n";
        let old = format!("{rest}\n{demand}");
        let new = demand.replace("unwinds the stack of the thread that panics", "prints a message and unwinds");
        assert!(became(
            &[("a.md", &old), ("b.md", "# B\n")],
            &[("a.md", rest), ("b.md", &new)],
            "panic.handler",
            "panic.handler"
        ));
    }

    #[test]
    fn a_number_under_another_title_with_other_words_is_reused() {
        let old = "## S\n\n#### Requirement 2.4.2\n\n> The provider MAY define a status accessor which indicates readiness.\n";
        let new = "## S\n\n#### Condition 2.4.2\n\n> Initialization exists.\n\n##### Conditional Requirement 2.4.2.1\n\n> It SHOULD end.\n";
        assert!(
            !became(&[("a.md", old)], &[("a.md", new)], "2.4.2", "2.4.2"),
            "{:?}",
            bonds(&[("a.md", old)], &[("a.md", new)])
        );
    }
}
