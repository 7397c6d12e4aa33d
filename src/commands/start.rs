//! `git spec start`: a person says what is being generated, and what is done.

use std::collections::HashSet;

use bstr::ByteSlice;

use super::cite::{cite, cite_all};
use super::clause_name::{Named, find_in};
use super::links::Links;
use super::sides::Side;
use super::source::{Content, Source};
use super::standing::clause_demands;
use super::started::{
    Now, Shelf, Standing, UnderWay, document_at, standing, standing_now, typed_name, version_in, warning,
};
use crate::cli::StartArgs;
use crate::error::{Candidate, Error};
use crate::git::{Oid, Range, Repo, WorkFile};
use crate::spec::change::ChangeKind;
use crate::trace::Freshness;
use crate::trace::link::{Link, LinkVersion, named};
use crate::view::facts::path_text;
use crate::view::start::{NamedNow, StartReport, StartedClause};
use crate::view::text::shell_quote;

/// Records, forgets or lists.
///
/// # Errors
/// A clause that cannot be recorded or is not under way; then nothing was changed.
pub fn start(args: &StartArgs) -> Result<(StartReport, Source), Error> {
    let source = match Source::open(None) {
        // To forget and to list, nothing has to be specified any more.
        Err(Error::NoSpecSet { .. })
            if args.changed.is_none() && !args.open && (args.done || args.clauses.is_empty()) =>
        {
            Source::without_set(Repo::discover()?)
        }
        opened => opened?,
    };
    let names: Vec<String> = args.clauses.iter().map(|name| named(name.as_encoded_bytes())).collect();
    let (mut wanted, mut untold) = (Vec::new(), None);
    if !args.done {
        for name in &names {
            wanted.push(cite_committed(&source, name)?);
        }
        if let Some(range) = &args.changed {
            wanted.extend(changed(&source, &range.to_string_lossy())?);
        }
        if args.open {
            let (links, behind) = seen(&source, open(&source)?)?;
            wanted.extend(links);
            untold = behind;
        }
    }
    // From what is read here to what is written nobody else changes it.
    let lock = (args.done || !wanted.is_empty()).then(|| source.repo.lock_started()).transpose()?;
    let under_way = UnderWay::read(&source.repo)?;
    let mut change = Change { links: under_way.links.clone(), ..Change::default() };
    if args.done {
        change.forget(&source, &names)?;
    }
    change.take(&source, wanted)?;
    if change.links != under_way.links || (args.done && names.is_empty()) {
        under_way.keep(&source.repo, &change.links)?;
    }
    drop(lock);
    let mut report = report(&source, &under_way, &change, &names)?;
    report.hints.extend(untold);
    Ok((report, source))
}

/// What a run does to the list.
#[derive(Default)]
struct Change {
    links: Vec<Link>,
    added: Vec<Link>,
    /// What was recorded before, and what is now.
    renewed: Vec<(Link, Link)>,
    done: Vec<Link>,
    already: usize,
}

impl Change {
    fn take(&mut self, source: &Source, wanted: Vec<Link>) -> Result<(), Error> {
        if wanted.is_empty() {
            return Ok(());
        }
        // A clause that is under way may have another name by now.
        let now = nows(source, &self.links)?;
        let is_now =
            |at: usize, link: &Link| now.get(at).and_then(Option::as_ref).is_some_and(|now| now.is_named_by(link));
        for link in wanted {
            let by_name = self.links.iter().position(|known| known.same_clause(&link));
            let at = by_name.or_else(|| (0..self.links.len()).find(|&at| is_now(at, &link)));
            match at.and_then(|at| self.links.get_mut(at)) {
                Some(known) if known.version == link.version && known.same_clause(&link) => self.already += 1,
                Some(known) => {
                    let old = std::mem::replace(known, link.clone());
                    self.renewed.push((old, link));
                }
                None => {
                    self.added.push(link.clone());
                    self.links.push(link);
                }
            }
        }
        Ok(())
    }

    fn forget(&mut self, source: &Source, names: &[String]) -> Result<(), Error> {
        if names.is_empty() {
            self.done = std::mem::take(&mut self.links);
        }
        for name in names {
            let at = self.named(source, name)?;
            self.done.push(self.links.remove(at));
        }
        Ok(())
    }

    /// The recorded link that a name means: by its own words, else by the clause that the name has now.
    fn named(&self, source: &Source, name: &str) -> Result<usize, Error> {
        let by = |test: &dyn Fn(&Link) -> bool| -> Vec<usize> {
            (0..self.links.len()).filter(|&at| test(&self.links[at])).collect()
        };
        let whole = |link: &Link| link.clause_name() == name || typed_name(link) == name || link.to_string() == name;
        let mut found = by(&whole);
        if found.is_empty()
            && let Ok(now) = cite(source, name, None)
        {
            found = by(&|link| link.same_clause(&now));
            if found.is_empty() {
                let nows = nows(source, &self.links)?;
                let is_it = |at: &usize| nows[*at].as_ref().is_some_and(|place| place.is_named_by(&now));
                found = (0..self.links.len()).filter(is_it).collect();
            }
        }
        match found[..] {
            [at] => Ok(at),
            [] => {
                Err(Error::NotUnderWay { name: name.to_owned(), started: self.links.iter().map(typed_name).collect() })
            }
            _ => {
                let candidate = |&at: &usize| {
                    let link: &Link = &self.links[at];
                    Candidate { anchor: typed_name(link), title: String::new(), path: link.path.to_vec() }
                };
                Err(Error::AmbiguousClause { name: name.to_owned(), candidates: found.iter().map(candidate).collect() })
            }
        }
    }
}

/// What the clauses of links are at HEAD, of those that have another name there.
fn nows(source: &Source, links: &[Link]) -> Result<Vec<Option<Now>>, Error> {
    let Some(head) = source.repo.head()? else { return Ok(vec![None; links.len()]) };
    links.iter().map(|link| Ok(standing_now(source, link, head)?.1)).collect()
}

/// The link to a clause at HEAD, or at the revision that the name holds.
fn cite_committed(source: &Source, name: &str) -> Result<Link, Error> {
    match cite(source, name, None) {
        Err(error @ (Error::NoSuchClause { .. } | Error::UnbornBranch { .. })) => {
            Err(uncommitted(source, name).unwrap_or(error))
        }
        other => other,
    }
}

/// Says so where only the index or the work tree has the clause.
fn uncommitted(source: &Source, name: &str) -> Option<Error> {
    for (side, place) in [(Side::Index, "the index"), (Side::WorkTree, "the work tree")] {
        let documents = source.documents(&side).ok()?;
        if find_in(source, &documents, name, place).is_ok() {
            return Some(Error::NotCommitted { name: name.to_owned(), place });
        }
    }
    None
}

/// The clauses that were added or modified between two revisions, as the second has them.
fn changed(source: &Source, range: &str) -> Result<Vec<Link>, Error> {
    let (from, to) = match source.repo.range(range)? {
        Range::From(from) => (from, source.repo.resolve("HEAD")?),
        Range::Between(from, to) => (from, to),
    };
    let edge = source.edge(&source.spec_changes(Some(from), to)?)?;
    let is_new = |kind: &ChangeKind| matches!(kind, ChangeKind::Added | ChangeKind::Modified);
    let found = edge.comparison.changes.iter().filter(|change| change.kinds.iter().any(is_new));
    let named = found.filter_map(|change| change.new).map(|at| Named {
        documents: edge.new.clone(),
        doc: at.doc,
        at: at.at,
        commit: Some(to),
    });
    cite_all(source, &named.collect::<Vec<_>>(), to)
}

/// Of open clauses those of which it is certain: of one that has had its version since before the border of a shallow history nobody
/// here can tell whether anything was generated from it. What is to be said of these.
fn seen(source: &Source, links: Vec<Link>) -> Result<(Vec<Link>, Option<String>), Error> {
    if !source.repo.is_shallow() {
        return Ok((links, None));
    }
    let mut before: HashSet<String> = HashSet::new();
    for &border in source.repo.shallow_borders()? {
        for document in source.documents(&Side::Commit(border))? {
            before.extend(document.clauses.iter().map(|clause| LinkVersion::Known(clause.version()).to_string()));
        }
    }
    let (hidden, links): (Vec<Link>, Vec<Link>) =
        links.into_iter().partition(|link| before.contains(&link.version.to_string()));
    let said = (!hidden.is_empty()).then(|| {
        let (count, are) = match hidden.len() {
            1 => ("1 clause".to_owned(), "is"),
            many => (format!("{many} clauses"), "are"),
        };
        format!(
            "{count} that no link here answers {are} left out, for what was generated behind the border of the shallow history cannot be \
             seen: git fetch --unshallow"
        )
    });
    Ok((links, said))
}

/// All clauses at HEAD that no resolved link ties to their present version.
fn open(source: &Source) -> Result<Vec<Link>, Error> {
    let head = source.repo.resolve("HEAD")?;
    let linked = Links::read(source, head)?;
    let fresh: HashSet<u32> =
        linked.claims().filter(|claim| claim.freshness == Freshness::Fresh).map(|claim| claim.lineage).collect();
    let documents = source.documents(&Side::Commit(head))?;
    let mut named = Vec::new();
    // Of one that something was generated from once, the next version is to be, too, whatever it says.
    let known: HashSet<u32> = linked.claims().map(|claim| claim.lineage).collect();
    for (doc, document) in documents.iter().enumerate() {
        for (at, clause) in document.clauses.iter().enumerate() {
            let lineage = linked.ledger.as_ref().and_then(|l| l.at_tip(document.path.as_bstr(), &clause.anchor));
            let is_known = lineage.is_some_and(|lineage| known.contains(&lineage));
            let is_fresh = lineage.is_some_and(|lineage| fresh.contains(&lineage));
            // Nothing can be generated from a heading without words.
            if !clause.tokens().is_empty() && !is_fresh && (is_known || clause_demands(document, at)) {
                named.push(Named { documents: documents.clone(), doc, at, commit: Some(head) });
            }
        }
    }
    cite_all(source, &named, head)
}

fn report(source: &Source, under_way: &UnderWay, change: &Change, names: &[String]) -> Result<StartReport, Error> {
    let head = source.repo.resolve("HEAD")?;
    let facts = |links: &[Link]| links.iter().map(|link| fact(source, link, head)).collect::<Result<Vec<_>, Error>>();
    let mut renewed = Vec::new();
    for (old, new) in &change.renewed {
        let what = match standing(source, old, head)? {
            Standing::Changed { what, .. } => Some(what),
            _ => None,
        };
        let was = (!old.same_clause(new))
            .then(|| NamedNow { path: path_text(old.path.as_bstr()), anchor: old.anchor.clone().unwrap_or_default() });
        let now = fact(source, new, head)?.0;
        // One that is taken as an older revision has it is no more what was just said.
        let changed = if now.state == "current" { what } else { now.changed.clone() };
        renewed.push(StartedClause { changed, was, ..now });
    }
    let listed = facts(&change.links)?;
    let mut unread: Vec<String> = Vec::new();
    if !under_way.strange.is_empty() && !change.links.is_empty() {
        unread.push(format!("{} recorded values are no links", under_way.strange.len()));
    }
    if let Some(at) = under_way.left.filter(|_| change.done.is_empty() && change.links.is_empty()) {
        unread.push(super::hook::left(&at.short(7)).warnings.join(" "));
    }
    let mut hints: Vec<String> = listed.iter().filter_map(|(_, hint)| hint.clone()).collect();
    for link in change.added.iter().chain(change.renewed.iter().map(|(_, new)| new)) {
        if names.is_empty() {
            break;
        }
        hints.extend(edited(source, link)?);
    }
    let plain = |facts: Vec<(StartedClause, Option<String>)>| facts.into_iter().map(|(fact, _)| fact).collect();
    Ok(StartReport {
        schema: "git-spec/start/1",
        branch: match &under_way.shelf {
            Shelf::Branch(branch) => Some(path_text(branch.as_bstr())),
            Shelf::Detached(_) => None,
        },
        started: plain(listed),
        added: plain(facts(&change.added)?),
        renewed,
        done: plain(facts(&change.done)?),
        already: change.already,
        unread,
        hints,
        incomplete: source.incomplete.borrow().clone(),
    })
}

/// What is under way at HEAD; nothing on a branch without commits.
///
/// # Errors
/// What git says.
pub fn under_way(source: &Source) -> Result<Vec<StartedClause>, Error> {
    let Some(head) = source.repo.head()? else { return Ok(Vec::new()) };
    let links = UnderWay::read(&source.repo)?.links;
    links.iter().map(|link| Ok(fact(source, link, head)?.0)).collect()
}

/// A recorded link as the view shows it, and what is to be said of it.
fn fact(source: &Source, link: &Link, head: Oid) -> Result<(StartedClause, Option<String>), Error> {
    let (standing, now) = standing_now(source, link, head)?;
    let title = match &now {
        Some(now) => Some(now.title.clone()),
        None => document_at(source, link, head)?.and_then(|document| {
            let named = |clause: &&crate::spec::Clause| Some(&clause.anchor) == link.anchor.as_ref();
            document.clauses.iter().find(named).map(|clause| clause.title.clone())
        }),
    };
    let now = now.map(|now| NamedNow { path: path_text(now.path.as_bstr()), anchor: now.anchor });
    let hint = warning(link, &standing);
    let (state, changed) = match standing {
        Standing::Current => ("current", None),
        Standing::Changed { what, .. } => ("changed", Some(what)),
        Standing::Gone => ("gone", None),
        Standing::Unseen => ("unknown", None),
    };
    let version = match &link.version {
        LinkVersion::Known(version) => version.to_string(),
        LinkVersion::Unknown(text) => text.clone(),
    };
    let path = path_text(link.path.as_bstr());
    let (anchor, link) = (link.anchor.clone(), link.to_string());
    Ok((StartedClause { path, anchor, now, was: None, title, version, link, state: state.to_owned(), changed }, hint))
}

/// Says so where the work tree has other words for a clause than those that were recorded.
fn edited(source: &Source, link: &Link) -> Result<Option<String>, Error> {
    let head = source.repo.resolve("HEAD")?;
    if source.repo.work_tree().is_none() || standing(source, link, head)? != Standing::Current {
        return Ok(None);
    }
    let Ok(WorkFile::Regular(bytes)) = source.repo.work_file(link.path.as_bstr()) else { return Ok(None) };
    let document = source.document(link.path.as_bstr(), &Content::Bytes(bytes))?;
    let lying = version_in(&document, link);
    let same = lying.is_some_and(|version| link.version == LinkVersion::Known(version));
    let name = typed_name(link);
    let quoted = shell_quote(&name).into_owned();
    Ok((!same).then(|| {
        format!(
            "{name} has other words in the work tree, which are not recorded: commit them, then git spec start {quoted}"
        )
    }))
}
