//! Commits that became others: their notes go along (`git spec hook post-rewrite`).

use std::collections::{BTreeMap, BTreeSet, HashMap};

use bstr::ByteSlice;

use super::copied;
use super::links::NOTES;
use super::notes::new_lines;
use super::polished;
use super::reverts;
use super::sides::Side;
use super::source::Source;
use super::squash_names::{Place, Places};
use super::started::typed_name;
use super::stopped::{Fate, fates};
use super::taken_back::taken_back;
use super::unseen;
use crate::error::Error;
use crate::git::{GitError, NotesEdit, Oid, Record, Repo};
use crate::trace::link::Link;
use crate::trace::message::{extract, links_as_trailers};
use crate::trace::note;
use crate::view::text::{one_line, shell_quote};

/// What a run did and has to say.
#[derive(Debug, Default)]
pub struct Rewritten {
    /// How many notes changed.
    pub changed: usize,
    /// Lines to say as warnings.
    pub warnings: Vec<String>,
}

/// Copies the note lines of old commits to the new ones. `input` is what git hands to the hook: a line for each with the
/// old and the new id, and perhaps more. No note changes where git has copied them itself. Links of a commit that another one
/// takes back, where both became one, are withdrawn there; those of messages that git dropped, as of a fixup, are added.
///
/// A new id of zeros, as `git filter-repo` writes for a commit that it dropped, is passed over, and so is the head line of
/// its map. `amended` are such lines for what was amended within the rebase that `input` tells of.
///
/// # Errors
/// [`Error::Usage`] for a line that is no pair of ids, and what writing notes may give; then nothing was written.
pub fn rewritten(repo: &Repo, input: &[u8], amended: &[u8]) -> Result<Rewritten, Error> {
    let (told, amended) = (pairs(input)?, pairs(amended)?);
    let (mut pairs, mut unclear, mut skipped) = (Vec::new(), Vec::new(), Vec::new());
    for (old, fate) in fates(repo, &told, &amended)? {
        match fate {
            Fate::Became(new) => pairs.push((old, new)),
            Fate::Nothing => skipped.push(old),
            Fate::Unclear(made) => unclear.push((old, made)),
        }
    }
    let begin = if told.is_empty() { BTreeMap::new() } else { copied::undone(repo, &told, &pairs)? };
    let became = pairs.clone();
    pairs.extend(amended);
    let mut result = of_pairs(repo, &pairs, &begin)?;
    if repo.unshown_by_rebase().is_some() {
        // A commit that was amended on its way counts as joined with what it was, and has been told.
        for line in stripped(repo, &became)? {
            if !result.warnings.contains(&line) {
                result.warnings.push(line);
            }
        }
    }
    result.warnings.extend(split(repo, &unclear)?);
    result.warnings.extend(left_behind(repo, &skipped)?);
    result.warnings.extend(polished::rewritten(repo, &pairs, input.trim().is_empty())?);
    Ok(result)
}

/// What is said of commits with links in their notes of which a rebase made nothing, as where others had their changes already.
fn left_behind(repo: &Repo, skipped: &[Oid]) -> Result<Vec<String>, Error> {
    let mut said = Vec::new();
    let head = repo.head()?;
    for &old in skipped {
        let note = repo.notes_now(NOTES)?.note(old)?.unwrap_or_default();
        let stands = || head.is_some_and(|head| repo.is_behind(old, head).unwrap_or(true));
        if !note::read(&note).links.is_empty() && !stands() {
            said.push(format!(
                "the links in the note of {} stay with it, for the rebase made no commit of it; {}, with the one that has its \
                 changes as COMMIT, carries them over",
                old.short(9),
                carries(old)
            ));
        }
    }
    Ok(said)
}

/// What is said of commits with links in their notes that certainly became none of those that were made in their place.
fn split(repo: &Repo, unclear: &[(Oid, Vec<Oid>)]) -> Result<Vec<String>, Error> {
    let mut said = Vec::new();
    for (old, made) in unclear {
        let note = repo.notes_now(NOTES)?.note(*old)?.unwrap_or_default();
        if note::read(&note).links.is_empty() {
            continue;
        }
        let made: Vec<String> = made.iter().rev().map(|commit| commit.short(9)).collect();
        said.push(format!(
            "the links in the note of {} go to no commit, for none made in its place is certainly it ({}); {}, with the one \
             that it became as COMMIT, carries them over",
            old.short(9),
            made.join(", "),
            carries(*old)
        ));
    }
    Ok(said)
}

/// After an amendment that nobody could see coming: the links of the message that went, which the new one doesn't have, come
/// into the note of the new commit. Tells so.
///
/// # Errors
/// As [`rewritten`].
pub fn of_unseen(repo: &Repo, input: &[u8]) -> Result<Option<String>, Error> {
    let pairs = pairs(input)?;
    let [(old, new)] = pairs[..] else { return Ok(None) };
    if !unseen::took(repo, old) {
        return Ok(None);
    }
    let links = |commit: Oid| -> Result<Vec<Link>, Error> { Ok(links_as_trailers(&repo.message(commit)?.bytes)) };
    let (mut gone, own) = (links(old)?, links(new)?);
    gone.retain(|link| !own.iter().any(|own| own.same_clause(link)));
    if gone.is_empty() {
        return Ok(None);
    }
    let record = Record { message: "Notes added by 'git spec hook post-rewrite'", reflog: "spec: post-rewrite" };
    repo.change_notes(NOTES, &record, |now| -> Result<_, Error> {
        let note = now.note(new)?.unwrap_or_default();
        let lines = new_lines(&note, &gone, new);
        let whole = note::with_lines(&note, lines.iter().map(String::as_bytes));
        Ok(whole.map(|whole| NotesEdit { notes: vec![(new, whole)], merged: None }))
    })?;
    let names: Vec<String> = gone.iter().map(typed_name).collect();
    Ok(Some(
        one_line(&format!(
            "the message that was amended had links, which are in the note of {} now: {}",
            new.short(9),
            names.join(", ")
        ))
        .into_owned(),
    ))
}

/// The command that carries the lines of a note to a commit that a person names.
pub fn carries(old: Oid) -> String {
    format!("git spec hook post-rewrite {} COMMIT", old.short(10))
}

/// [`rewritten`] of old and new ids. `begin` has notes that some commits are to begin with, whatever they are now.
///
/// # Errors
/// As [`rewritten`].
pub fn of_pairs(repo: &Repo, pairs: &[(Oid, Oid)], begin: &BTreeMap<Oid, Vec<u8>>) -> Result<Rewritten, Error> {
    let mut changed = 0;
    if pairs.is_empty() && begin.is_empty() {
        return Ok(Rewritten::default());
    }
    let joined = joined(repo, pairs)?;
    let mut dropped: Vec<(Oid, Vec<Link>)> = Vec::new();
    let mut warnings = Vec::new();
    for one in &joined {
        let (links, said) = of_messages(repo, one)?;
        warnings.extend(said);
        warnings.extend(gone_with(repo, one)?);
        if !links.is_empty() {
            dropped.push((one.new, links));
        }
    }
    if dropped.is_empty() && repo.notes_now(NOTES)?.tip().is_none() {
        return Ok(Rewritten { changed, warnings });
    }
    let record = Record { message: "Notes added by 'git spec hook post-rewrite'", reflog: "spec: post-rewrite" };
    repo.change_notes(NOTES, &record, |now| -> Result<_, Error> {
        // In the order of the lines, so that a commit that was rewritten twice hands on what it got.
        let mut notes: BTreeMap<Oid, Vec<u8>> = begin.clone();
        for &(old, new) in pairs {
            let known = |object: Oid| match notes.get(&object) {
                Some(bytes) => Ok(bytes.clone()),
                None => now.note(object).map(Option::unwrap_or_default),
            };
            let from = known(old)?;
            if from.is_empty() {
                continue;
            }
            if let Some(whole) = note::union(&known(new)?, &from) {
                notes.insert(new, whole);
            }
        }
        for Joined { new, gone, kept, .. } in joined.iter().filter(|one| !one.gone.is_empty()) {
            let live = |commit: &Oid| -> Result<_, Error> {
                let note = note::read(&now.note(*commit)?.unwrap_or_default());
                Ok(note.links.into_iter().filter_map(|link| link.id).collect::<BTreeSet<String>>())
            };
            let mut ids = BTreeSet::new();
            for commit in gone {
                ids.extend(live(commit)?);
            }
            for commit in kept {
                let kept = live(commit)?;
                ids.retain(|id| !kept.contains(id));
            }
            let lines: Vec<String> = ids.iter().map(|id| note::unspec_line(id)).collect();
            let old = match notes.get(new) {
                Some(bytes) => bytes.clone(),
                None => now.note(*new)?.unwrap_or_default(),
            };
            if let Some(whole) = note::with_lines(&old, lines.iter().map(String::as_bytes)) {
                notes.insert(*new, whole);
            }
        }
        for (new, links) in &dropped {
            let old = match notes.get(new) {
                Some(bytes) => bytes.clone(),
                None => now.note(*new)?.unwrap_or_default(),
            };
            let lines = new_lines(&old, links, *new);
            if let Some(whole) = note::with_lines(&old, lines.iter().map(String::as_bytes)) {
                notes.insert(*new, whole);
            }
        }
        for object in begin.keys() {
            if notes.get(object) == Some(&now.note(*object)?.unwrap_or_default()) {
                notes.remove(object);
            }
        }
        changed = notes.len();
        Ok((changed > 0).then(|| NotesEdit { notes: notes.into_iter().collect(), merged: None }))
    })?;
    Ok(Rewritten { changed, warnings })
}

/// A new commit that several became.
struct Joined {
    new: Oid,
    /// Those of them that another takes back.
    gone: Vec<Oid>,
    /// Those of these whose code stands at HEAD all the same, as where a third commit brought it back.
    again: Vec<Oid>,
    /// The others.
    kept: Vec<Oid>,
}

fn joined(repo: &Repo, pairs: &[(Oid, Oid)]) -> Result<Vec<Joined>, Error> {
    let mut became: BTreeMap<Oid, Vec<Oid>> = BTreeMap::new();
    // A rebase that joins commits makes one after another, which it tells as amendments of its own.
    let between: BTreeSet<Oid> = pairs.iter().map(|&(_, new)| new).collect();
    for &(old, new) in pairs.iter().filter(|(old, _)| !between.contains(old)) {
        became.entry(new).or_default().push(old);
    }
    became.retain(|_, old| old.len() > 1);
    if became.is_empty() {
        return Ok(Vec::new());
    }
    let source = match Source::of(repo.reopen(), None) {
        Ok(source) => source,
        // Whether code stands is asked of all files then.
        Err(_) => Source::without_set(repo.reopen()),
    };
    let mut found = Vec::new();
    for (new, old) in became {
        let taken: HashMap<_, _> = taken_back(&source, &old, Some(new))?;
        let (gone, kept): (Vec<Oid>, Vec<Oid>) = old.into_iter().partition(|old| taken.contains_key(old));
        let stands = |head: Oid, old: Oid| head != new && reverts::stands(&source, head, old).unwrap_or(false);
        let head = repo.head()?;
        let again = gone.iter().copied().filter(|&old| head.is_some_and(|head| stands(head, old))).collect();
        found.push(Joined { new, gone, again, kept });
    }
    Ok(found)
}

/// What is said of links that go with commits of which another takes the code back, and a third one brings it back.
fn gone_with(repo: &Repo, joined: &Joined) -> Result<Vec<String>, Error> {
    let mut said = Vec::new();
    for &old in &joined.again {
        let note = repo.notes_now(NOTES)?.note(old)?.unwrap_or_default();
        let mut links = note::read(&note).links;
        links.extend(repo.message(old).map(|message| links_as_trailers(&message.bytes)).unwrap_or_default());
        let mut names: Vec<String> = links.iter().map(|link| shell_quote(&typed_name(link)).into_owned()).collect();
        names.dedup();
        if !names.is_empty() {
            said.push(
                one_line(&format!(
                    "the code of {} stands again, which {} takes back, and its links went with it; git spec link COMMIT {}, with the \
                     commit that brought the code back, links that",
                    old.short(9),
                    joined.new.short(9),
                    names.join(" ")
                ))
                .into_owned(),
            );
        }
    }
    Ok(said)
}

/// The links of the messages that git dropped: of those that it showed to nobody, and of all where the new commit has the message of
/// one of the old ones as it was; and what is to be said of a link in it to what was taken back.
fn of_messages(repo: &Repo, joined: &Joined) -> Result<(Vec<Link>, Vec<String>), Error> {
    let message = |commit: Oid| match repo.message(commit) {
        Ok(message) => Ok(Some(message.bytes)),
        // It was thrown away since.
        Err(GitError::MissingObject { .. } | GitError::BadObject { .. }) => Ok(None),
        Err(other) => Err(Error::from(other)),
    };
    let links = links_as_trailers;
    let Some(new) = message(joined.new)? else { return Ok(Default::default()) };
    let (own, mut dropped, mut is_kept) = (links(&new), Vec::new(), false);
    let unshown = repo.unshown_by_rebase();
    let is_rebase = unshown.is_some();
    let unshown = unshown.unwrap_or_default();
    let mut never_shown: Vec<Link> = Vec::new();
    for &old in joined.kept.iter().chain(&joined.gone) {
        let Some(bytes) = message(old)? else { continue };
        // A person who had an editor may have taken links out.
        is_kept |= bytes.trim_end() == new.trim_end();
        if joined.kept.contains(&old) {
            dropped.extend(links(&bytes));
            if unshown.contains(&old) {
                never_shown.extend(links(&bytes));
            }
        }
    }
    let mut said = Vec::new();
    for &old in &joined.gone {
        for link in links(&message(old)?.unwrap_or_default()) {
            if own.contains(&link) && !dropped.contains(&link) {
                said.push(
                    one_line(&format!(
                        "the message of {} keeps the link to {}, whose code was taken back in it: {}",
                        joined.new.short(9),
                        typed_name(&link),
                        opens_message(repo, joined.new)?
                    ))
                    .into_owned(),
                );
            }
        }
    }
    let is_new = |link: &Link| !own.iter().any(|own| own.same_clause(link) && own.version == link.version);
    if !is_kept && is_rebase {
        let shown: Vec<Link> = dropped.iter().filter(|link| !never_shown.contains(link)).cloned().collect();
        said.extend(taken_out(repo, (&joined.kept, joined.new), &shown, &own)?);
    }
    dropped.retain(|link| (is_kept || never_shown.contains(link)) && is_new(link));
    Ok((dropped, said))
}

/// What is said of links that the messages of commits had, and those of what a rebase made of each alone have no more: as where an editor
/// writes everything anew.
fn stripped(repo: &Repo, pairs: &[(Oid, Oid)]) -> Result<Vec<String>, Error> {
    let mut said = Vec::new();
    for &(old, new) in pairs {
        let is_one = pairs.iter().filter(|(_, other)| *other == new).count() == 1;
        let (Ok(before), Ok(after)) = (repo.message(old), repo.message(new)) else { continue };
        let had = links_as_trailers(&before.bytes);
        if !is_one || had.is_empty() || before.bytes == after.bytes {
            continue;
        }
        let note = repo.notes_now(NOTES)?.note(new)?.unwrap_or_default();
        let own: Vec<Link> = extract(&after.bytes).links.into_iter().chain(note::read(&note).links).collect();
        said.extend(taken_out(repo, (&[old], new), &had, &own)?);
    }
    Ok(said)
}

/// What is said of links that the messages had which Git joined, and that the message of the commit has no more: neither to this version
/// of their clauses nor to another.
fn taken_out(repo: &Repo, (old, new): (&[Oid], Oid), shown: &[Link], own: &[Link]) -> Result<Option<String>, Error> {
    let mut lost: Vec<&Link> = shown.iter().filter(|link| !own.iter().any(|own| own.same_clause(link))).collect();
    lost.dedup_by(|a, b| a.same_clause(b));
    if lost.is_empty() {
        return Ok(None);
    }
    let source = match Source::of(repo.reopen(), None) {
        Ok(source) => source,
        Err(_) => Source::without_set(repo.reopen()),
    };
    let mut places = Places::of(&source, old, &Side::Commit(new))?;
    let mut names: Vec<String> = Vec::new();
    for link in lost {
        let place = places.place(link, None)?;
        // It may have another name by now.
        let is_linked = |place: &Place| own.iter().any(|own| own.path == place.path && own.anchor == place.anchor);
        if !place.as_ref().is_some_and(is_linked) {
            let name = place.and_then(|place| place.anchor).unwrap_or_else(|| typed_name(link));
            names.extend((!names.contains(&name)).then_some(name));
        }
    }
    if names.is_empty() {
        return Ok(None);
    }
    let quoted: Vec<String> = names.iter().map(|name| shell_quote(name).into_owned()).collect();
    let (what, it) = if names.len() > 1 { ("the links to", "them") } else { ("the link to", "it") };
    Ok(Some(
        one_line(&format!(
            "{what} {} taken out of the message of {}; git spec link {} {} brings {it} back",
            format_args!("{} {}", names.join(", "), if names.len() > 1 { "were" } else { "was" }),
            new.short(9),
            new.short(9),
            quoted.join(" ")
        ))
        .into_owned(),
    ))
}

/// The command that opens the message of a commit of the branch that was rewritten; it keeps merges, where there are any.
pub(super) fn opens_message(repo: &Repo, commit: Oid) -> Result<String, Error> {
    if repo.head()? == Some(commit) {
        return Ok("git commit --amend".to_owned());
    }
    let onto = match repo.parents(commit)?.is_empty() {
        true => "--root".to_owned(),
        false => shell_quote(&format!("{}^", commit.short(9))).into_owned(),
    };
    Ok(format!("git rebase -i -r {onto}, with reword in its line"))
}

fn pairs(input: &[u8]) -> Result<Vec<(Oid, Oid)>, Error> {
    let mut pairs = Vec::new();
    for (number, line) in input.lines().enumerate() {
        let words: Vec<&[u8]> = line.fields().take(2).collect();
        let [old, new] = words[..] else {
            if words.is_empty() {
                continue;
            }
            return Err(no_pair(number));
        };
        if (old, new) == (b"old", b"new") {
            continue;
        }
        let id = |hex: &[u8]| Oid::from_hex(hex).map_err(|_| no_pair(number));
        let (old, new) = (id(old)?, id(new)?);
        if old != new && !new.is_zero() {
            pairs.push((old, new));
        }
    }
    Ok(pairs)
}

fn no_pair(number: usize) -> Error {
    Error::Usage {
        message: format!("line {} of the input is no pair of an old and a new commit id", number + 1),
        help: "git calls this hook itself; see what runs: git spec hook -h".to_owned(),
    }
}
