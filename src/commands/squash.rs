//! What becomes of the links of commits that are made one: `link --squashed` and `squash-message`.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use bstr::{BString, ByteSlice};

use super::link::{Carrier, Scribe, finish};
use super::links::{NOTES, document_version};
use super::sides::Side;
use super::source::Source;
use super::taken_back::taken_back_at;
use crate::error::Error;
use crate::git::{GitError, Message, Oid, Range};
use crate::spec::Version;
use crate::spec::matching::Document;
use crate::trace::link::{LinkVersion, Source as Origin, clause_name};
use crate::trace::{Link, message, note};
use crate::view::facts::path_text;
use crate::view::link::{LinkReport, Untied};
use crate::view::squash::SquashReport;

/// Carries the links of a range over to the commit that it was squashed into, if that does the same.
pub fn squashed(source: &Source, range: &str, commit: &str, dry_run: bool) -> Result<LinkReport, Error> {
    let repo = &source.repo;
    let carrier = Carrier { word: commit.to_owned(), oid: repo.resolve(commit)? };
    let parents = repo.parents(carrier.oid)?;
    if parents.len() > 1 {
        return Err(Error::Usage {
            message: format!("{commit} is a merge, not a squash"),
            help: "a merge keeps the commits and their links; name the commit that replaced the range".to_owned(),
        });
    }
    let parent = parents.first().copied();
    let (base, start, tip) = ends(source, range, parent)?;
    let patches = repo.patches(&[(Some(base), tip), (parent, carrier.oid)])?;
    let [theirs, ours] = patches.as_slice() else { return Err(Error::NoSquash { range: range.to_owned() }) };
    let differ: Vec<String> = theirs
        .keys()
        .chain(ours.keys().filter(|path| !theirs.contains_key(*path)))
        .filter(|path| theirs.get(*path) != ours.get(*path))
        .map(|path| path_text(path.as_bstr()))
        .collect();
    if !differ.is_empty() {
        return Err(Error::SquashDiffers { range: range.to_owned(), commit: commit.to_owned(), files: differ });
    }
    let gathered = gather(source, start, tip)?;
    if gathered.links.is_empty() && gathered.undone.is_empty() {
        return Err(Error::NoSquash { range: range.to_owned() });
    }
    let composed = compose(source, &gathered, carrier.oid)?;
    let mut scribe = Scribe::new(source)?;
    scribe.expect(carrier.oid, &composed.links)?;
    let wanted = scribe.weigh(&carrier, composed.links, true)?;
    let mut report = finish(source, wanted, dry_run, "link --squashed")?;
    report.untied = composed.outdated;
    Ok(report)
}

/// The links of a range as trailers, for the message of the commit that will replace it.
pub fn squash_message(source: &Source, range: &str) -> Result<SquashReport, Error> {
    let (_, start, tip) = ends(source, range, source.repo.head()?)?;
    let mut gathered = gather(source, start, tip)?;
    let affirms = |link: &Link| link.source == Origin::Affirm;
    let affirmations = gathered.links.iter().filter(|(_, link)| affirms(link)).count();
    gathered.links.retain(|(_, link)| !affirms(link));
    let composed = compose(source, &gathered, tip)?;
    let trailer = |mut link: Link| {
        link.fields.retain(|(key, _)| !key.eq_ignore_ascii_case("by"));
        link.line()
    };
    Ok(SquashReport {
        schema: "git-spec/squash-message/1",
        trailers: composed.links.into_iter().map(trailer).collect(),
        outdated: composed.outdated,
        affirmations,
    })
}

/// The merge base, the commit at which the range begins, and its tip. A single revision is a range since `other`.
fn ends(source: &Source, range: &str, other: Option<Oid>) -> Result<(Oid, Oid, Oid), Error> {
    let (start, tip) = match source.repo.range(range)? {
        Range::Between(start, tip) => (start, tip),
        Range::From(tip) => (other.ok_or_else(|| Error::NoSquash { range: range.to_owned() })?, tip),
    };
    let base = source.repo.merge_base(start, tip)?.ok_or(GitError::NoMergeBase { left: start, right: tip })?;
    Ok((base, start, tip))
}

/// The links of a range, oldest commit first.
struct Gathered {
    commits: HashSet<Oid>,
    links: Vec<(Oid, Link)>,
    /// What doesn't go on, since a commit of the range takes its carrier back.
    undone: Vec<Untied>,
}

fn gather(source: &Source, start: Oid, tip: Oid) -> Result<Gathered, Error> {
    let mut commits = source.repo.commits_since(tip, &[start])?;
    commits.reverse();
    let set: HashSet<Oid> = commits.iter().copied().collect();
    let mut notes: HashMap<Oid, Vec<Link>> = HashMap::new();
    for note in source.repo.notes(NOTES)?.into_iter().filter(|note| set.contains(&note.object)) {
        notes.entry(note.object).or_default().extend(note::read(&note.bytes).links);
    }
    let (mut links, mut undone) = (Vec::new(), Vec::new());
    let messages: Vec<Message> = commits.iter().map(|&at| source.repo.message(at)).collect::<Result<_, _>>()?;
    let taken = taken_back_at(source, tip, &messages, tip)?;
    for (commit, message) in commits.into_iter().zip(&messages) {
        let in_message = message::extract(&message.bytes).links;
        let in_note = notes.remove(&commit).unwrap_or_default();
        let all = in_message.into_iter().chain(in_note);
        match taken.get(&commit) {
            None => links.extend(all.map(|link| (commit, link))),
            Some(by) => undone.extend(all.map(|link| Untied {
                place: commit.short(10),
                line: None,
                text: link.clause_name(),
                reason: format!("{} takes that commit back", by.to_string().get(..10).unwrap_or_default()),
            })),
        }
    }
    Ok(Gathered { commits: set, links, undone })
}

/// The links of a squash, and those that another version of the same clause leaves behind.
struct Composed {
    links: Vec<Link>,
    outdated: Vec<Untied>,
}

/// What the links of a range come to in one commit with the tree of `at`.
fn compose(source: &Source, gathered: &Gathered, at: Oid) -> Result<Composed, Error> {
    let documents = source.documents(&Side::Commit(at))?;
    let hexes: Vec<String> = gathered.commits.iter().map(ToString::to_string).collect();
    let in_range = |commit: &str| hexes.iter().any(|hex| hex.starts_with(commit));
    let mut links: Vec<(Oid, Link)> = Vec::new();
    for (carrier, link) in &gathered.links {
        let mut link = link.clone();
        link.id = None;
        if matches!(link.source, Origin::Trailer | Origin::Body) {
            link.source = Origin::Note;
        }
        let stands = standing(&documents, &link).is_some_and(|own| link.version == LinkVersion::Known(own));
        match link.commit.as_deref() {
            None if !stands => link.commit = Some(carrier.short(WRITTEN)),
            Some(commit) if stands && in_range(commit) => link.commit = None,
            _ => {}
        }
        if !links.iter().any(|(_, known)| *known == link) {
            links.push((*carrier, link));
        }
    }
    let mut by_clause: BTreeMap<(Option<String>, BString, Option<String>), Vec<usize>> = BTreeMap::new();
    for (at, (_, link)) in links.iter().enumerate() {
        by_clause.entry((link.foreign.clone(), link.path.clone(), link.anchor.clone())).or_default().push(at);
    }
    let mut out = HashSet::new();
    let mut outdated = gathered.undone.clone();
    for group in by_clause.values() {
        let Some(own) = standing(&documents, &links[group[0]].1).map(LinkVersion::Known) else { continue };
        if group.iter().any(|&at| links[at].1.version == own) {
            for &at in group.iter().filter(|&&at| links[at].1.version != own) {
                out.insert(at);
                let (carrier, link) = &links[at];
                outdated.push(Untied {
                    place: carrier.short(10),
                    line: None,
                    text: clause_name(link.path.as_bstr(), link.anchor.as_deref()),
                    reason: format!("{} was another version of it, and the squash has {own}", link.version),
                });
            }
        }
    }
    let links = links.into_iter().enumerate().filter(|(at, _)| !out.contains(at)).map(|(_, (_, link))| link).collect();
    Ok(Composed { links, outdated })
}

/// Hex digits of the commit that a written link names (DESIGN.md §4).
const WRITTEN: usize = 16;

/// The version that a tree has of what a link names.
fn standing(documents: &[Arc<Document>], link: &Link) -> Option<Version> {
    let document = documents.iter().find(|document| document.path == link.path && link.foreign.is_none())?;
    match &link.anchor {
        None => Some(document_version(&document.clauses)),
        Some(anchor) => document.clauses.iter().find(|clause| clause.anchor == *anchor).map(|clause| clause.version()),
    }
}
