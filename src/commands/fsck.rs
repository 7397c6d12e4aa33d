//! `git spec fsck`: every link that is not exact, and what would mend it.

mod later;
mod mends;
mod passed;

use std::collections::{BTreeMap, HashMap};

use bstr::ByteSlice;

use super::ledger::commit_id;
use super::link::Scribe;
use super::links::{Facts, NOTES, subject};
use super::rewritten::carries;
use super::same_ids;
use super::source::Source;
use super::uncompleted::Uncompleted;
use crate::error::Error;
use crate::git::{GitError, Message, MessageQuery, Note as StoredNote, Oid};
use crate::trace::link::{Reason, Source as Origin};
use crate::trace::note::Note;
use crate::trace::resolve::{State, resolve_all};
use crate::trace::{CommitId, Link, Resolution, message, note};
use crate::view::fsck::{Finding, FsckReport, What};
use later::Later;
use mends::{Mend, mend};

/// What a commit carries.
#[derive(Default)]
struct Carried {
    oid: Option<Oid>,
    subject: String,
    links: Vec<Link>,
    values: Vec<message::Rejected>,
    /// Whole links that stand in the message where none is read.
    passed: Vec<Link>,
    /// Whether it says that it reverts another commit.
    reverts: bool,
    note: Note,
}

impl Carried {
    /// Whether history has to be read for it.
    fn has_links(&self) -> bool {
        !self.links.is_empty() || !self.passed.is_empty()
    }
}

/// Looks at the links of the commits that a revision reaches, HEAD if there is none, or with `all` every reference.
pub fn fsck(source: &Source, revision: Option<&str>, all: bool) -> Result<FsckReport, Error> {
    let tips = match revision {
        None if all => source.repo.tips()?,
        rev => vec![source.repo.resolve(rev.unwrap_or("HEAD"))?],
    };
    if all {
        source.walks_from(&[], true);
    }
    let mut report = FsckReport { schema: "git-spec/fsck/1", ..FsckReport::default() };
    report.rev = if all { None } else { tips.first().map(ToString::to_string) };
    let (mut carried, reverting) = in_messages(source, &tips)?;
    let orphans = in_notes(source, &tips, all, &mut carried)?;
    let mut scribe = Scribe::new(source)?;
    let subjects = carried.iter().map(|(&commit, carried)| (commit, carried.subject.clone()));
    scribe.knows_reverts(reverting, subjects.collect());
    for tip in tips {
        let here = reached(source, tip, &mut carried)?;
        if !here.iter().any(|(_, carried)| carried.has_links()) {
            for (_, carried) in &here {
                report.aside(source, carried)?;
            }
            continue;
        }
        for (_, carried) in &here {
            if let Some(oid) = carried.oid {
                scribe.expect(oid, &carried.links)?;
                scribe.expect_names(oid, &carried.passed)?;
            }
        }
        let facts = scribe.facts(tip)?;
        let tip = commit_id(tip);
        let resolved: Vec<Vec<Resolution>> =
            here.iter().map(|(id, carried)| resolve_all(&carried.links, *id, facts)).collect();
        let later = Later::of(&here, &resolved, facts);
        for ((id, carried), resolutions) in here.iter().zip(&resolved) {
            report.weigh(source, (*id, carried, resolutions), (facts, &later), tip.unwrap_or(*id))?;
            report.aside(source, carried)?;
            report.findings.extend(passed::findings(source, carried, (*id, tip.unwrap_or(*id)), facts)?);
        }
    }
    report.findings.extend(orphans);
    report.findings.sort_by_key(|finding| (!finding.broken, finding.what));
    report.incomplete = source.incomplete.borrow().clone();
    if source.repo.is_shallow() && report.incomplete.is_empty() {
        report.incomplete.push("the history is shallow".to_owned());
    }
    Ok(report)
}

/// The links and would-be links in the messages of all commits that the tips reach, and the messages that name reverts.
fn in_messages(source: &Source, tips: &[Oid]) -> Result<(BTreeMap<CommitId, Carried>, Vec<Message>), Error> {
    let revs = tips.iter().map(ToString::to_string).collect();
    let query = MessageQuery { revs, grep_spec: true, ..MessageQuery::default() };
    let (mut carried, mut reverting) = (BTreeMap::new(), Vec::new());
    for message in source.repo.messages(&query)? {
        let message = message?;
        if message.names_revert() {
            reverting.push(message.clone());
        }
        let found = message::extract(&message.bytes);
        let (links, values, passed) = (found.links, found.rejected, found.passed_over);
        let is_none = links.is_empty() && values.is_empty() && passed.is_empty();
        let Some(id) = commit_id(message.commit).filter(|_| !is_none) else { continue };
        let (subject, reverts) = (subject(&message.bytes), message.names_revert());
        let oid = Some(message.commit);
        carried.insert(id, Carried { oid, subject, links, values, passed, reverts, note: Note::default() });
    }
    Ok((carried, reverting))
}

/// Adds what notes say; the notes that belong to no commit that can be seen are findings.
fn in_notes(
    source: &Source,
    tips: &[Oid],
    all: bool,
    carried: &mut BTreeMap<CommitId, Carried>,
) -> Result<Vec<Finding>, Error> {
    let mut orphans = Vec::new();
    let mut moved: Option<HashMap<Oid, Oid>> = None;
    let notes = source.repo.notes(NOTES)?;
    let mut homes = Homes { notes: &notes, known: None };
    for stored in &notes {
        let message = match source.repo.message(stored.object) {
            Ok(message) => message,
            Err(error @ (GitError::MissingObject { .. } | GitError::BadObject { .. })) => {
                let is_gone = matches!(error, GitError::MissingObject { .. });
                if is_gone && source.repo.is_shallow() {
                    continue; // It may lie beyond the border, which is said.
                }
                let moved = moved.get_or_insert_with(|| source.repo.filtered()).get(&stored.object).copied();
                let is_carried = moved.is_some_and(|moved| is_carried(&notes, stored, moved));
                if !is_carried && !is_copied(source, tips, stored, &mut homes)? {
                    orphans.push(orphan(stored.object, is_gone, moved));
                }
                continue;
            }
            Err(other) => return Err(other.into()),
        };
        let Some(id) = commit_id(stored.object) else { continue };
        if all && !is_reached(source, tips, id)? && !source.repo.is_shallow() {
            let moved = moved.get_or_insert_with(|| source.repo.filtered()).get(&stored.object).copied();
            let is_carried = moved.is_some_and(|moved| is_carried(&notes, stored, moved));
            if is_carried || is_copied(source, tips, stored, &mut homes)? {
                continue;
            }
            let mut finding = orphan(stored.object, false, moved);
            finding.reason = "no reference reaches this commit".to_owned();
            finding.subject = Some(subject(&message.bytes));
            if finding.mend.is_none() && !note::read(&stored.bytes).links.is_empty() {
                finding.advice = vec!["if you know the commit that it became:".to_owned(), carries(stored.object)];
            }
            orphans.push(finding);
            continue;
        }
        let entry = carried.entry(id).or_default();
        entry.oid = Some(stored.object);
        entry.subject = subject(&message.bytes);
        let note = note::read(&stored.bytes);
        entry.links.extend(note.links.iter().cloned());
        // An object that is annotated at two places comes twice.
        entry.note.withdrawn.extend(note.withdrawn);
        entry.note.aside.extend(note.aside);
    }
    Ok(orphans)
}

/// Carries the notes of all commits in filter-repo's map over.
const CARRY: &str = "git spec hook post-rewrite <\"$(git rev-parse --git-common-dir)/filter-repo/commit-map\"";

/// Whether the note of the commit that this one became has all its lines.
fn is_carried(notes: &[StoredNote], old: &StoredNote, new: Oid) -> bool {
    // They are sorted by object.
    let first = notes.partition_point(|note| note.object < new);
    let of_new = notes[first..].iter().take_while(|note| note.object == new);
    let mut has = of_new.map(|note| note::with_lines(&note.bytes, old.bytes.lines()).is_none());
    has.any(|all| all)
}

/// Where lines of notes stand, looked up where a note is an orphan.
struct Homes<'n> {
    notes: &'n [StoredNote],
    known: Option<HashMap<&'n [u8], Vec<Oid>>>,
}

/// Whether each line of a note stands in the note of a commit that is reached: by its id, it was copied there.
fn is_copied<'n>(source: &Source, tips: &[Oid], stored: &'n StoredNote, homes: &mut Homes<'n>) -> Result<bool, Error> {
    let notes = homes.notes;
    let known = homes.known.get_or_insert_with(|| {
        let mut known: HashMap<&[u8], Vec<Oid>> = HashMap::new();
        for note in notes {
            for line in note.bytes.lines().filter(|line| line.contains_str(" id:")) {
                known.entry(line).or_default().push(note.object);
            }
        }
        known
    });
    let mut lines = stored.bytes.lines().filter(|line| !line.trim().is_empty()).peekable();
    if lines.peek().is_none() {
        return Ok(false);
    }
    for line in lines {
        let mut stands = false;
        for &object in known.get(line).into_iter().flatten().filter(|&&object| object != stored.object) {
            stands |= match commit_id(object) {
                Some(id) => is_reached(source, tips, id)?,
                None => false,
            };
        }
        if !stands {
            return Ok(false);
        }
    }
    Ok(true)
}

fn is_reached(source: &Source, tips: &[Oid], id: CommitId) -> Result<bool, Error> {
    let Some(first) = tips.first() else { return Ok(false) };
    Ok(source.graph_behind(*first)?.contains(id))
}

fn orphan(object: Oid, is_gone: bool, moved: Option<Oid>) -> Finding {
    let moved = moved.filter(|moved| !moved.is_zero()).map(|moved| moved.to_string());
    let reason = match (is_gone, &moved) {
        (true, Some(_)) => "the commit is gone; git filter-repo says what it became",
        (true, None) => "the object is gone, and nothing tells what became of it",
        (false, _) => "the object is no commit",
    };
    let mend = moved.as_ref().map(|_| CARRY.to_owned());
    Finding { reason: reason.to_owned(), mend, moved_to: moved, ..Finding::new(What::Orphan, object.to_string()) }
}

/// Takes out the commits that a tip reaches.
fn reached(
    source: &Source,
    tip: Oid,
    carried: &mut BTreeMap<CommitId, Carried>,
) -> Result<Vec<(CommitId, Carried)>, Error> {
    let Some(end) = commit_id(tip).filter(|_| !carried.is_empty()) else { return Ok(Vec::new()) };
    let graph = source.graph_behind(tip)?;
    let ids: Vec<CommitId> = carried.keys().copied().filter(|&id| graph.is_ancestor(id, end) == Some(true)).collect();
    let mut here: Vec<(CommitId, Carried)> =
        ids.into_iter().filter_map(|id| Some((id, carried.remove(&id)?))).collect();
    here.sort_by_key(|(id, _)| graph.position(*id));
    Ok(here)
}

impl FsckReport {
    /// Judges the links of a commit.
    fn weigh(
        &mut self,
        source: &Source,
        (id, carried, resolutions): (CommitId, &Carried, &[Resolution]),
        (facts, later): (&Facts<'_>, &Later<'_>),
        tip: CommitId,
    ) -> Result<(), Error> {
        let mends = |link: &Link| {
            carried.links.iter().zip(resolutions).any(|(other, to)| {
                let by_note = !matches!(other.source, Origin::Trailer | Origin::Body);
                let one_version = other.version == link.version;
                to.state == State::Exact
                    && if other.same_clause(link) { by_note || one_version } else { by_note && one_version }
            })
        };
        for (link, to) in carried.links.iter().zip(resolutions) {
            self.links += 1;
            if to.state == State::Exact {
                self.exact += 1;
            } else if mends(link) || later.settles(link, to, id, facts) {
                self.mended += 1;
            } else {
                let fact = facts.judge(link, to, id, tip).fact;
                let Mend { command, advice } = mend(source, link, to, (id, tip), facts)?;
                let broken = matches!(
                    to.state,
                    State::Dangling | State::Mismatch | State::Ambiguous | State::Elsewhere | State::Unknown
                );
                self.findings.push(Finding {
                    subject: Some(carried.subject.clone()),
                    broken,
                    reason: format!("{}{}", to.reason, facts.undone.why(id)),
                    mend: command,
                    advice,
                    id: link.id.clone(),
                    text: Some(link.to_string()),
                    link: Some(fact),
                    ..Finding::new(What::Link, id.to_string())
                });
            }
        }
        Ok(())
    }

    /// Counts what was withdrawn, and lists what is no link.
    fn aside(&mut self, source: &Source, carried: &Carried) -> Result<(), Error> {
        self.withdrawn += carried.note.withdrawn.len();
        let object = carried.oid.map(|oid| oid.to_string()).unwrap_or_default();
        for value in &carried.values {
            let typed = match carried.oid {
                Some(oid) if value.reason != Reason::TakenBack => Uncompleted::read(source, oid, value)?,
                _ => None,
            };
            if let Some(typed) = typed {
                if !carried.links.iter().any(|link| typed.is_named_by(link)) {
                    self.findings.push(Finding {
                        subject: Some(carried.subject.clone()),
                        text: Some(typed.typed),
                        reason: "it names a clause, and nobody completed it to a link with its version".to_owned(),
                        mend: Some(typed.command),
                        ..Finding::new(What::Value, object.clone())
                    });
                }
                continue;
            }
            self.findings.push(Finding {
                subject: Some(carried.subject.clone()),
                text: Some(value.value.to_str_lossy().into_owned()),
                reason: match value.reason {
                    Reason::TakenBack => value.reason.to_string(),
                    reason => format!("{reason}; it may be somebody else's trailer"),
                },
                ..Finding::new(What::Value, object.clone())
            });
        }
        for (line, reason) in &carried.note.aside {
            self.findings.push(Finding {
                subject: Some(carried.subject.clone()),
                text: Some(line.to_str_lossy().into_owned()),
                reason: reason.to_string(),
                ..Finding::new(What::Line, object.clone())
            });
        }
        self.findings.extend(same_ids::findings(&object, &carried.subject, &carried.links));
        Ok(())
    }
}
