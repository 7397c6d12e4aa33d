//! What becomes of the links of commits that are made one: `link --squashed` and `squash-message`.

use std::collections::{BTreeSet, HashMap, HashSet};

use bstr::ByteSlice;

use super::link::{Carrier, Scribe, finish};
use super::links::NOTES;
use super::sides::Side;
use super::source::Source;
use super::squash_names::{Place, Places, settle};
use super::taken_back::taken_back_at;
use super::whole_squash::Moved;
use crate::error::Error;
use crate::git::{GitError, Message, Oid, Patch, Range};
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
    let theirs = &named_as_here(source, theirs, ours, (base, parent))?;
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

/// What a range does to each file, by the names that the files have where the squash was made: since the merge base they may have got
/// others there.
fn named_as_here(
    source: &Source,
    theirs: &Patch,
    ours: &Patch,
    (base, parent): (Oid, Option<Oid>),
) -> Result<Patch, Error> {
    let Some(parent) = parent.filter(|_| theirs.keys().any(|path| !ours.contains_key(path))) else {
        return Ok(theirs.clone());
    };
    let moved = Moved::since(&source.repo, base, parent)?;
    let mut named = Patch::default();
    for (path, lines) in theirs {
        let stays = ours.contains_key(path) || source.repo.file_at(parent, path)?.is_some();
        let is_new = source.repo.file_at(base, path)?.is_none();
        let target = if stays { None } else { moved.target(path, is_new) };
        named.insert(target.unwrap_or_else(|| path.clone()), lines.clone());
    }
    Ok(named)
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
    let commits: Vec<Oid> = gathered.commits.iter().copied().collect();
    // One process for all commits that links name.
    let named: BTreeSet<&str> = gathered.links.iter().filter_map(|(_, link)| link.commit.as_deref()).collect();
    source.repo.look_ahead(&named.into_iter().collect::<Vec<_>>())?;
    let mut places = Places::of(source, &commits, &Side::Commit(at))?;
    let hexes: Vec<String> = gathered.commits.iter().map(ToString::to_string).collect();
    let in_range = |commit: &str| hexes.iter().any(|hex| hex.starts_with(commit));
    let mut links: Vec<(Oid, Link, Option<Place>)> = Vec::new();
    for (carrier, link) in &gathered.links {
        let mut link = link.clone();
        link.id = None;
        if matches!(link.source, Origin::Trailer | Origin::Body) {
            link.source = Origin::Note;
        }
        let place = places.place(&link, Some(*carrier))?;
        let stands = place.as_ref().is_some_and(|own| link.version == LinkVersion::Known(own.version));
        match (&place, link.commit.as_deref()) {
            (_, None) if !stands => link.commit = Some(carrier.short(WRITTEN)),
            (Some(place), None) => settle(&mut link, place),
            (Some(place), Some(commit)) if stands && in_range(commit) => settle(&mut link, place),
            _ => {}
        }
        if !links.iter().any(|(_, known, _)| *known == link) {
            links.push((*carrier, link, place));
        }
    }
    // Of several versions of one clause, by whatever names, that of the squash is in force.
    let stands = |link: &Link, place: &Place| link.version == LinkVersion::Known(place.version);
    let both = || links.iter().filter_map(|(_, link, place)| Some((link, place.as_ref()?)));
    let standing: HashSet<Place> =
        both().filter(|(link, place)| stands(link, place)).map(|(_, place)| place.clone()).collect();
    let mut outdated = gathered.undone.clone();
    let mut kept = Vec::new();
    for (carrier, link, place) in links {
        match place.filter(|place| standing.contains(place) && !stands(&link, place)) {
            None => kept.push(link),
            Some(place) => outdated.push(Untied {
                place: carrier.short(10),
                line: None,
                text: clause_name(link.path.as_bstr(), link.anchor.as_deref()),
                reason: format!(
                    "{} was another version of it, and the squash has {}",
                    link.version,
                    LinkVersion::Known(place.version)
                ),
            }),
        }
    }
    Ok(Composed { links: kept, outdated })
}

/// Hex digits of the commit that a written link names (DESIGN.md §4).
const WRITTEN: usize = 16;
