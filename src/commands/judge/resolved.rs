//! How a commit's links stand: an exact one by what it names alone, the others by the whole history, read once.
//!
//! What is quick here follows [`crate::trace::resolve`]: an object whose id is the only one to begin so, that is a commit and
//! behind the carrier, is the only such commit of the carrier's history; and what a link says of it is either so there
//! or the link isn't exact. Two versions of one clause in a commit are left to the whole history, unless it is plain that
//! the clauses are two.

use std::cell::OnceCell;

use bstr::ByteSlice;

use super::ancestry::Ancestry;
use crate::commands::ledger::commit_id;
use crate::commands::links::Links;
use crate::commands::sides::Side;
use crate::commands::source::Source;
use crate::commands::started::{Standing, commit_of, document_at, standing_since, typed_name, version_in};
use crate::error::Error;
use crate::git::Oid;
use crate::spec::Version;
use crate::spec::grade::Grade;
use crate::trace::State;
use crate::trace::link::{Link, LinkVersion, Source as Origin, clause_name};
use crate::trace::policy::{Age, LinkFacts, Rules};
use crate::trace::resolve::OTHER_SCHEME;

/// Answers for the links of commits behind one tip.
pub struct Resolver<'s> {
    source: &'s Source,
    tip: Oid,
    /// Who descends from whom.
    pub ancestry: Ancestry<'s>,
    whole: OnceCell<Links>,
    /// Only for tests of the quick way: all links are judged by the whole history.
    slowly: bool,
}

/// How a link stands.
struct Found {
    state: State,
    reason: String,
    at: Option<Oid>,
}

impl<'s> Resolver<'s> {
    /// Nothing is read yet.
    pub fn new(source: &'s Source, tip: Oid, slowly: bool) -> Resolver<'s> {
        Resolver { source, tip, ancestry: Ancestry::new(source, tip), whole: OnceCell::new(), slowly }
    }

    /// What the rules ask of the links of a commit. `place` is where the first of them stands among the links that the whole
    /// history has of it.
    pub fn facts(&self, carrier: Oid, links: &[(usize, Link)], rules: &Rules) -> Result<Vec<LinkFacts>, Error> {
        if links.is_empty() {
            return Ok(Vec::new());
        }
        let quick = if self.slowly { None } else { self.quickly(carrier, links)? };
        let states = match quick {
            Some(states) => states,
            None => self.by_history(carrier, links)?,
        };
        let mut facts = Vec::with_capacity(links.len());
        for ((_, link), Found { state, reason, at }) in links.iter().zip(states) {
            let own = if rules.stale.is_some() { self.age(link, at, carrier)? } else { Age::Unknown };
            let tip = if rules.tip.is_some() { self.age(link, at, self.tip)? } else { Age::Unknown };
            let in_note = link.source == Origin::Note;
            facts.push(LinkFacts { name: name_of(link), in_note, state, reason, own, tip });
        }
        Ok(facts)
    }

    /// All links of a commit, if none of them needs the history.
    fn quickly(&self, carrier: Oid, links: &[(usize, Link)]) -> Result<Option<Vec<Found>>, Error> {
        let mut states = Vec::with_capacity(links.len());
        for (_, link) in links {
            match self.exact(carrier, link)? {
                Some(state) => states.push(state),
                None => return Ok(None),
            }
        }
        for (at, (_, one)) in links.iter().enumerate() {
            for (before, (_, other)) in links[..at].iter().enumerate() {
                if may_be_one(one, other) && !self.are_two(carrier, (one, states[at].at), (other, states[before].at))? {
                    return Ok(None);
                }
            }
        }
        Ok(Some(states))
    }

    /// An exact link, or one of which its own words tell the state.
    fn exact(&self, carrier: Oid, link: &Link) -> Result<Option<Found>, Error> {
        if let Some(name) = &link.foreign {
            let name = clause_name(name.as_bytes().as_bstr(), None);
            let reason = format!("the spec belongs to another repository, {name}");
            return Ok(Some(Found { state: State::Foreign, reason, at: None }));
        }
        let LinkVersion::Known(version) = link.version else {
            let reason = format!("version {} {OTHER_SCHEME}", link.version);
            return Ok(Some(Found { state: State::Unknown, reason, at: None }));
        };
        let at = match &link.commit {
            None => carrier,
            Some(hex) => match self.source.repo.commit_starting(hex)? {
                Some(commit) if self.ancestry.is_behind(commit, carrier)? => commit,
                _ => return Ok(None),
            },
        };
        let is_exact = self.source.set.matches(&link.path) && self.version_at(link, at)? == Some(version);
        Ok(is_exact.then(|| Found { state: State::Exact, reason: String::new(), at: Some(at) }))
    }

    /// Whether two links surely name two clauses: both stand in one tree under their names.
    fn are_two(&self, carrier: Oid, one: (&Link, Option<Oid>), other: (&Link, Option<Oid>)) -> Result<bool, Error> {
        if (&one.0.path, &one.0.anchor) == (&other.0.path, &other.0.anchor) {
            return Ok(false);
        }
        Ok(one.1 == other.1 || (self.stands(carrier, one.0)? && self.stands(carrier, other.0)?))
    }

    fn stands(&self, carrier: Oid, link: &Link) -> Result<bool, Error> {
        let own = self.version_at(link, carrier)?;
        Ok(own.is_some_and(|own| link.version == LinkVersion::Known(own)))
    }

    /// Whether a commit's tree has what a link names, in whatever words.
    pub fn is_there(&self, link: &Link, commit: Oid) -> Result<bool, Error> {
        Ok(self.version_at(link, commit)?.is_some())
    }

    fn version_at(&self, link: &Link, commit: Oid) -> Result<Option<Version>, Error> {
        match document_at(self.source, link, commit) {
            Ok(document) => Ok(document.and_then(|document| version_in(&document, link))),
            // What is missing is the history's to tell.
            Err(Error::MissingObject { .. }) => Ok(None),
            Err(other) => Err(other),
        }
    }

    fn by_history(&self, carrier: Oid, links: &[(usize, Link)]) -> Result<Vec<Found>, Error> {
        let whole = match self.whole.get() {
            Some(whole) => whole,
            None => {
                let read = Links::read(self.source, self.tip)?;
                self.whole.get_or_init(|| read)
            }
        };
        let read = commit_id(carrier).and_then(|id| whole.by_carrier.get(&id)).map(|carrier| carrier.links.as_slice());
        let unread = || Found { state: State::Unknown, reason: "it could not be read".to_owned(), at: None };
        let state = |(place, _): &(usize, Link)| {
            let Some(judged) = read.and_then(|read| read.get(*place)) else { return unread() };
            let at = judged.fact.resolved_commit.as_deref().and_then(|hex| commit_of(self.source, hex));
            Found { state: state_named(&judged.fact.resolution), reason: judged.fact.reason.clone(), at }
        };
        Ok(links.iter().map(state).collect())
    }

    /// How old a link is at a commit; one that was found again under another name is as old as the clause that it was found
    /// as.
    fn age(&self, link: &Link, from: Option<Oid>, at: Oid) -> Result<Age, Error> {
        let standing = match (standing_since(self.source, link, from, at)?, from) {
            (Standing::Unseen, Some(old)) => match self.named_now(link, old)? {
                Some(link) => standing_since(self.source, &link, from, at)?,
                None => Standing::Unseen,
            },
            (standing, _) => standing,
        };
        Ok(match standing {
            Standing::Current => Age::Current,
            Standing::Changed { what, grade: Some(grade) } => Age::Changed(grade, what),
            Standing::Gone => Age::Gone,
            // A whole document; how much of it changed, nobody has weighed.
            Standing::Changed { grade: None, what } => Age::Changed(Grade::Substantive, what),
            Standing::Unseen => Age::Unknown,
        })
    }
}

impl Resolver<'_> {
    /// A link by the name that the clause of its version has at a commit, its own anchor first; none where several may be it.
    fn named_now(&self, link: &Link, at: Oid) -> Result<Option<Link>, Error> {
        let (LinkVersion::Known(version), Some(own)) = (&link.version, &link.anchor) else { return Ok(None) };
        let documents = self.source.documents(&Side::Commit(at))?;
        let clauses =
            documents.iter().flat_map(|document| document.clauses.iter().map(move |clause| (document, clause)));
        let mut named: Vec<_> = clauses.filter(|(_, clause)| clause.version() == *version).collect();
        if named.iter().any(|(_, clause)| clause.anchor == *own) {
            named.retain(|(_, clause)| clause.anchor == *own);
        }
        let only = named.pop().filter(|_| named.is_empty());
        Ok(only.map(|(document, clause)| Link {
            path: document.path.clone(),
            anchor: Some(clause.anchor.clone()),
            ..link.clone()
        }))
    }
}

/// A link as a person would type its clause, with the repository where that is another one.
pub fn name_of(link: &Link) -> String {
    match &link.foreign {
        Some(name) => format!("{name}:{}", clause_name(link.path.as_bstr(), link.anchor.as_deref())),
        None => typed_name(link),
    }
}

/// Whether two links could give one clause two versions.
fn may_be_one(one: &Link, other: &Link) -> bool {
    match (&one.version, &other.version) {
        (LinkVersion::Known(a), LinkVersion::Known(b)) => a != b && one.foreign.is_none() && other.foreign.is_none(),
        _ => false,
    }
}

fn state_named(word: &str) -> State {
    let all = [
        State::Exact,
        State::Relocated,
        State::Ambiguous,
        State::Elsewhere,
        State::Mismatch,
        State::Superseded,
        State::Dangling,
        State::Foreign,
    ];
    all.into_iter().find(|state| state.word() == word).unwrap_or(State::Unknown)
}
