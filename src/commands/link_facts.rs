//! What is asked of a repository to resolve and judge a link, answered.

use std::cell::{OnceCell, RefCell};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;
use std::sync::Arc;

use bstr::{BStr, BString, ByteSlice};

use super::ledger::{Asked, Ledger, commit_id};
use super::links::Judged;
use super::outside::{self, Outside};
use super::reverts;
use super::sides::Side;
use super::source::{Content, Source};
use super::undone::Undone;
use crate::error::Error;
use crate::git::{Message, Oid};
use crate::spec::Version;
use crate::spec::token::Tokens;
use crate::trace::answer::Claim;
use crate::trace::freshness::{self, Changes, Current, Freshness};
use crate::trace::link::{LinkVersion, Source as LinkSource};
use crate::trace::resolve::{Clause, Found, Lookup, Name, Sighting};
use crate::trace::revert::Reverts;
use crate::trace::{CommitId, Graph, Link, Resolution};
use crate::view::facts::LinkFact;

/// The clauses that links name, each at its version, by file.
pub(super) type Linked = HashMap<BString, BTreeSet<(String, Version)>>;

/// Adds what these links name.
pub(super) fn add_linked<'l>(linked: &mut Linked, links: impl IntoIterator<Item = &'l Link>) {
    for link in links.into_iter().filter(|link| link.foreign.is_none()) {
        if let (Some(anchor), LinkVersion::Known(version)) = (&link.anchor, &link.version) {
            linked.entry(link.path.clone()).or_default().insert((anchor.clone(), *version));
        }
    }
}

/// The spec files of a commit.
type Files = Rc<Vec<(BString, Content)>>;

/// What resolution and freshness need to know, answered from the repository.
pub(super) struct Facts<'s> {
    source: &'s Source,
    /// The same with spec files that links name and that are gone.
    wider: Option<Source>,
    outside: Outside,
    pub(super) tip: Oid,
    pub(super) graph: Arc<Graph>,
    /// What other branches and tags reach too: read where a link names a commit that the revision doesn't reach.
    pub(super) everywhere: OnceCell<Option<Graph>>,
    pub(super) ledger: Ledger,
    pub(super) undone: Undone<'s>,
    complete: bool,
    trees: RefCell<HashMap<CommitId, Files>>,
    linked: Linked,
}

impl<'s> Facts<'s> {
    /// What can be known of the history of `tip`, and who bears the names there that are asked for.
    pub(super) fn at(source: &'s Source, tip: Oid, asked: &Asked) -> Result<Facts<'s>, Error> {
        let graph = source.graph_behind(tip)?;
        let outside = Outside::default();
        let wider = outside.wider(source, tip, asked)?;
        let ledger = Ledger::build(wider.as_ref().unwrap_or(source), tip, asked)?;
        if let Some(wider) = &wider {
            wider.incomplete.borrow().iter().for_each(|unseen| source.unseen(unseen.clone()));
            // What it has to say the narrow one says too.
            wider.notes();
        }
        let complete = !source.repo.is_shallow() && source.incomplete.borrow().is_empty();
        let undone = Undone::none(source, tip, graph.clone());
        Ok(Facts {
            source,
            wider,
            outside,
            tip,
            graph,
            everywhere: OnceCell::new(),
            ledger,
            undone,
            complete,
            trees: RefCell::default(),
            linked: Linked::default(),
        })
    }

    /// The same with what the links of the history name.
    pub(super) fn linking(self, linked: Linked) -> Facts<'s> {
        Facts { linked, ..self }
    }

    /// The same with these reverts; these are the carriers that will be asked about.
    pub(super) fn with(self, reverts: Reverts, carriers: impl Iterator<Item = CommitId>) -> Facts<'s> {
        Facts { undone: self.undone.knowing(reverts, carriers), ..self }
    }

    /// The same with what these messages say of reverts; carriers come with their subjects.
    pub(super) fn knowing(self, messages: &[Message], carriers: &[(CommitId, String)]) -> Result<Facts<'s>, Error> {
        if let Some(head) = commit_id(self.tip).filter(|_| !messages.is_empty()) {
            let subjects = carriers.iter().map(|(commit, subject)| (*commit, subject.as_str()));
            let reverts = reverts::read(self.source, &self.graph, head, messages, subjects)?;
            return Ok(self.with(reverts, carriers.iter().map(|(commit, _)| *commit)));
        }
        Ok(self)
    }
}

impl Facts<'_> {
    pub(super) fn judge(&self, link: &Link, to: &Resolution, carrier: CommitId, head: CommitId) -> Judged {
        let fresh = match &link.version {
            LinkVersion::Known(version) if link.anchor.is_none() && to.state.is_resolved() => {
                self.document_freshness(head, link.path.as_bstr(), *version, to.resolved_commit)
            }
            _ => freshness::freshness(link, to, head, self),
        };
        let origin = match (to.lineage, &link.version, to.resolved_commit) {
            (Some(lineage), LinkVersion::Known(version), Some(at)) => {
                self.ledger.origin(&self.graph, lineage, *version, at)
            }
            // A document took on its version where it was last changed, and that is what its links name.
            _ if link.anchor.is_none() => to.resolved_commit,
            _ => None,
        };
        let source = serde_json::to_value(link.source).ok().and_then(|v| v.as_str().map(str::to_owned));
        let state = match fresh {
            Freshness::Stale { changes, worst } if changes > 0 => {
                format!(
                    "; {changes} change{} since, {}",
                    if changes == 1 { "" } else { "s" },
                    worst.map_or("editorial", |g| g.word())
                )
            }
            _ => String::new(),
        };
        let fact = LinkFact {
            commit: carrier.to_string(),
            path: crate::view::facts::path_text(link.path.as_bstr()),
            anchor: link.anchor.clone(),
            version: match &link.version {
                LinkVersion::Known(version) => version.to_string(),
                LinkVersion::Unknown(text) => text.clone(),
            },
            source: source.unwrap_or_default(),
            resolution: to.state.word().to_owned(),
            freshness: fresh.word().to_owned(),
            changes: if let Freshness::Stale { changes, .. } = fresh { changes } else { 0 },
            worst: if let Freshness::Stale { worst, .. } = fresh { worst } else { None },
            resolved_commit: to.resolved_commit.map(|id| id.to_string()),
            undone_by: self.undone.by(carrier).map(|id| id.to_string()),
            said_undone_by: self.undone.said(carrier).map(|id| id.to_string()),
            reason: format!("{}{state}{}", to.reason, self.undone.why(carrier)),
            namesakes: false,
            now_path: None,
            now_anchor: None,
        };
        Judged { fact, lineage: to.lineage, origin, claims: self.claims(link, to, carrier, head, fresh) }
    }

    /// What a link says of which clauses, where that is certain.
    fn claims(
        &self,
        link: &Link,
        to: &Resolution,
        carrier: CommitId,
        head: CommitId,
        freshness: Freshness,
    ) -> Vec<Claim> {
        let LinkVersion::Known(version) = link.version else { return Vec::new() };
        let affirms = link.source == LinkSource::Affirm;
        match (to.state.is_resolved(), to.lineage, to.resolved_commit) {
            (true, Some(lineage), Some(since)) => {
                vec![Claim { carrier, lineage, version, since, freshness, affirms }]
            }
            (true, None, Some(at)) if link.anchor.is_none() => {
                let clauses = self.document_clauses(at, link.path.as_bstr());
                let claim = |(lineage, version): (u32, Version)| {
                    let freshness = self.clause_freshness(lineage, version, at, head);
                    Claim { carrier, lineage, version, since: at, freshness, affirms }
                };
                clauses.into_iter().map(claim).collect()
            }
            _ => Vec::new(),
        }
    }

    /// The clauses of a document at a commit, with their versions.
    fn document_clauses(&self, at: CommitId, path: &BStr) -> Vec<(u32, Version)> {
        let files = self.files(at);
        let content = files.as_ref().and_then(|files| files.iter().find(|(p, _)| p == path));
        let document = content.and_then(|(_, content)| self.source.document(path, content).ok());
        let lineage = |anchor: &str| self.ledger.bearer(&self.graph, path, anchor, at);
        let clauses = document.iter().flat_map(|document| &document.clauses);
        clauses.filter_map(|clause| Some((lineage(&clause.anchor)?, clause.version()))).collect()
    }

    fn clause_freshness(&self, lineage: u32, version: Version, since: CommitId, at: CommitId) -> Freshness {
        use crate::trace::freshness::Facts as _;
        match self.current(lineage, at) {
            Current::Version(now) if now == version => Freshness::Fresh,
            Current::Version(_) => {
                let Changes { count, worst } = self.changes_since(lineage, since, at).unwrap_or_default();
                Freshness::Stale { changes: count, worst }
            }
            Current::Gone => Freshness::Retired,
            Current::Unseen => Freshness::Unknown,
        }
    }

    /// How a whole document stands to the version that a link names, wherever its clauses are now; how often it changed is
    /// not counted.
    fn document_freshness(&self, at: CommitId, path: &BStr, version: Version, since: Option<CommitId>) -> Freshness {
        use crate::trace::resolve::Facts as _;
        let clauses = since.map(|since| self.document_clauses(since, path)).unwrap_or_default();
        let mut places: BTreeMap<&BStr, usize> = BTreeMap::new();
        for (path, ..) in clauses.iter().filter_map(|(lineage, _)| self.ledger.current.get(lineage)) {
            *places.entry(path.as_bstr()).or_default() += 1;
        }
        let most = places.values().max().copied().unwrap_or_default();
        let mut best = places.iter().filter(|(_, count)| **count == most).map(|(path, _)| *path);
        let place = match (places.contains_key(path), best.next(), best.next()) {
            (true, ..) => path,
            (false, Some(only), None) => only,
            // Its clauses went to several files, so that it is no document any more.
            (false, Some(_), Some(_)) => return Freshness::Stale { changes: 0, worst: None },
            (false, None, _) if clauses.is_empty() => path,
            (false, None, _) if self.complete => return Freshness::Retired,
            (false, None, _) => return Freshness::Unknown,
        };
        match self.clause_versions_at(at, place, None) {
            Lookup::Version(now) if now == version => Freshness::Fresh,
            Lookup::Version(_) => Freshness::Stale { changes: 0, worst: None },
            Lookup::NoFile | Lookup::Unspecified => Freshness::Retired,
            Lookup::NoClause | Lookup::Unseen => Freshness::Unknown,
        }
    }

    /// A spec file of a commit, by today's specification or by the commit's own, or what stands there instead.
    fn held(&self, commit: CommitId, path: &BStr) -> Result<Content, Lookup> {
        let files = self.files(commit).ok_or(Lookup::Unseen)?;
        if let Some((_, content)) = files.iter().find(|(p, _)| p == path) {
            return Ok(content.clone());
        }
        let oid = Oid::from_raw(commit.as_bytes()).map_err(|_| Lookup::NoFile)?;
        match self.outside.find(self.source, oid, path) {
            outside::Found::Specified(blob) => Ok(Content::Blob(blob)),
            outside::Found::There => Err(Lookup::Unspecified),
            outside::Found::Nowhere => Err(Lookup::NoFile),
            outside::Found::Unseen => Err(Lookup::Unseen),
        }
    }

    /// The spec files of a commit, listed once.
    fn files(&self, commit: CommitId) -> Option<Files> {
        if let Some(known) = self.trees.borrow().get(&commit) {
            return Some(known.clone());
        }
        let oid = Oid::from_raw(commit.as_bytes()).ok()?;
        let source = self.wider.as_ref().unwrap_or(self.source);
        let files = Rc::new(source.files(&Side::Commit(oid)).ok()?);
        self.trees.borrow_mut().insert(commit, files.clone());
        Some(files)
    }
}

impl crate::trace::resolve::Facts for Facts<'_> {
    fn is_ancestor(&self, a: CommitId, b: CommitId) -> Option<bool> {
        if !self.graph.contains(b)
            && let Some(Some(all)) = self.everywhere.get()
            && all.contains(b)
        {
            // A commit that a link names, and that the revision doesn't reach.
            return all.is_ancestor(a, b).filter(|&is| is || self.complete).or(self.complete.then_some(false));
        }
        let seen = self.graph.contains(a) && self.graph.contains(b);
        if !self.complete && !seen {
            return None;
        }
        match self.graph.is_ancestor(a, b) {
            Some(false) if !self.complete => None,
            known => Some(known.unwrap_or(false)),
        }
    }

    fn find_commit(&self, hex: &str) -> Found {
        let mut found = self.graph.resolve_prefix(hex);
        if found == Ok(None) {
            let everywhere = self.everywhere.get_or_init(|| self.source.graph_of_all().ok());
            found = everywhere.as_ref().map_or(Ok(None), |graph| graph.resolve_prefix(hex));
        }
        match found {
            Ok(Some(commit)) => Found::Commit(commit),
            Ok(None) if self.complete => Found::Absent,
            Ok(None) => Found::Unseen,
            Err(_) => Found::Several,
        }
    }

    fn clause_versions_at(&self, commit: CommitId, path: &BStr, anchor: Option<&str>) -> Lookup {
        let content = match self.held(commit, path) {
            Ok(content) => content,
            Err(lookup) => return lookup,
        };
        let Ok(document) = self.source.document(path, &content) else { return Lookup::Unseen };
        match anchor {
            None => Lookup::Version(document_version(&document.clauses)),
            Some(anchor) => match document.clauses.iter().find(|clause| clause.anchor == anchor) {
                Some(clause) => Lookup::Version(clause.version()),
                None => Lookup::NoClause,
            },
        }
    }

    fn sightings(&self, version: Version) -> &[Sighting] {
        self.ledger.sightings.get(&version).map_or(&[], Vec::as_slice)
    }

    fn lineage_of(&self, path: &BStr, anchor: Option<&str>, commit: CommitId) -> Option<u32> {
        self.ledger.bearer(&self.graph, path, anchor?, commit)
    }

    fn only_bearer(&self, path: &BStr, anchor: &str, commit: CommitId) -> Option<u32> {
        self.ledger.only_bearer(&self.graph, path, anchor, commit).filter(|_| self.complete)
    }

    fn bearers_at(&self, commit: CommitId, version: Version) -> Option<Vec<Name>> {
        let mut names = Vec::new();
        for (path, content) in &self.outside.files_then(self.source, Oid::from_raw(commit.as_bytes()).ok()?)? {
            let document = self.source.document(path.as_bstr(), content).ok()?;
            let bear = document.clauses.iter().filter(|clause| clause.version() == version);
            names.extend(bear.map(|clause| (path.clone(), clause.anchor.clone())));
        }
        Some(names)
    }

    fn clauses_in(&self, commit: CommitId, path: &BStr) -> Option<Vec<Clause>> {
        let document = self.source.document(path, &self.held(commit, path).ok()?).ok()?;
        let clause = |clause: &crate::spec::Clause| Clause {
            anchor: clause.anchor.clone(),
            version: clause.version(),
            has_id: clause.id.is_some(),
            empty_body: clause.tokens().is_empty(),
        };
        Some(document.clauses.iter().map(clause).collect())
    }

    fn names_of(&self, lineage: u32) -> Vec<Name> {
        let states = self.ledger.lineages.get(lineage as usize).into_iter().flatten();
        let now = self.ledger.current.get(&lineage).map(|(path, anchor, _)| (path.clone(), anchor.clone()));
        states.filter_map(|state| state.name.clone()).chain(now).collect()
    }

    fn linked(&self, path: &BStr) -> Vec<(String, Version)> {
        self.linked.get(path).into_iter().flatten().cloned().collect()
    }

    fn knows_path(&self, path: &BStr) -> bool {
        self.ledger.knows_path(path)
    }

    fn sees_all(&self, _carrier: CommitId) -> bool {
        self.complete
    }
}

impl freshness::Facts for Facts<'_> {
    fn current(&self, lineage: u32, _at: CommitId) -> Current {
        match self.ledger.current.get(&lineage) {
            Some((_, _, version)) => Current::Version(*version),
            None if self.complete => Current::Gone,
            None => Current::Unseen,
        }
    }

    fn changes_since(&self, lineage: u32, since: CommitId, at: CommitId) -> Option<Changes> {
        let (count, worst) = self.ledger.changes_since(&self.graph, lineage, since, at);
        Some(Changes { count, worst })
    }
}

/// The version of a whole document: the hash over its clauses' versions in order.
pub fn document_version(clauses: &[crate::spec::Clause]) -> Version {
    let mut tokens = Tokens::default();
    for clause in clauses {
        tokens.push(crate::spec::token::kind::WORD, &clause.version().to_string());
    }
    tokens.version()
}
