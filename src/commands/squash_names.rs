//! What the links of joined commits name in the tree of the squash: a clause may have another name, and another file, there.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;
use std::sync::Arc;

use bstr::BString;

use super::sides::Side;
use super::source::Source;
use super::started::{commit_of, document_at, version_in};
use crate::error::Error;
use crate::git::{Oid, Repo};
use crate::spec::Version;
use crate::spec::change::Comparison;
use crate::spec::matching::{Bond, Document};
use crate::trace::link::{Link, LinkVersion};

/// A clause in the tree of the squash.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Place {
    /// Its file.
    pub path: BString,
    /// Its name there.
    pub anchor: Option<String>,
    /// What it says there.
    pub version: Version,
}

/// Tells where clauses of joined commits stand in another tree.
pub struct Places<'s> {
    source: &'s Source,
    /// The joined commits, in which links without a commit are looked for.
    joined: &'s [Oid],
    new: Vec<Arc<Document>>,
    compared: HashMap<(Oid, BString), Rc<Edge>>,
}

/// The documents of a joined commit that differ from those of the squash, compared with these.
struct Edge {
    old: Vec<Arc<Document>>,
    new: Vec<Arc<Document>>,
    comparison: Comparison,
}

impl<'s> Places<'s> {
    /// Of the clauses of the joined commits in what `side` holds.
    ///
    /// # Errors
    /// What reading the repository may give.
    pub fn of(source: &'s Source, joined: &'s [Oid], side: &Side) -> Result<Places<'s>, Error> {
        Ok(Places { source, joined, new: source.documents(side)?, compared: HashMap::new() })
    }

    /// Where the clause of a link stands: under its own name if it has the linked version there, else where its lineage leads
    /// from a joined commit that has it so, else under its own name at another version. `carrier` is the commit that has the
    /// link, where that is known.
    ///
    /// # Errors
    /// What reading the repository may give.
    pub fn place(&mut self, link: &Link, carrier: Option<Oid>) -> Result<Option<Place>, Error> {
        if link.foreign.is_some() {
            return Ok(None);
        }
        let own = self.new.iter().find(|document| document.path == link.path);
        let own = own.and_then(|document| version_in(document, link));
        let own = own.map(|version| Place { path: link.path.clone(), anchor: link.anchor.clone(), version });
        if own.as_ref().is_some_and(|own| LinkVersion::Known(own.version) == link.version) {
            return Ok(own);
        }
        Ok(self.followed(link, carrier)?.or(own))
    }

    fn followed(&mut self, link: &Link, carrier: Option<Oid>) -> Result<Option<Place>, Error> {
        let Some(anchor) = &link.anchor else { return Ok(None) };
        let commits: Vec<Oid> = match (&link.commit, carrier) {
            (Some(hex), _) => commit_of(self.source, hex).into_iter().collect(),
            (None, Some(carrier)) => vec![carrier],
            (None, None) => self.joined.to_vec(),
        };
        for commit in commits {
            let Some(document) = document_at(self.source, link, commit)? else { continue };
            if version_in(&document, link).map(LinkVersion::Known).as_ref() != Some(&link.version) {
                continue;
            }
            let edge = self.edge(commit, &document)?;
            let is_it = |bond: &&Bond| {
                let old = &edge.old[bond.old.doc];
                old.path == link.path && old.clauses[bond.old.at].anchor == *anchor
            };
            if let Some(bond) = edge.comparison.bonds.iter().find(is_it) {
                let document = &edge.new[bond.new.doc];
                let clause = &document.clauses[bond.new.at];
                let (path, anchor) = (document.path.clone(), Some(clause.anchor.clone()));
                return Ok(Some(Place { path, anchor, version: clause.version() }));
            }
        }
        Ok(None)
    }

    fn edge(&mut self, commit: Oid, document: &Arc<Document>) -> Result<Rc<Edge>, Error> {
        let key = (commit, document.path.clone());
        if let Some(known) = self.compared.get(&key) {
            return Ok(known.clone());
        }
        let mut old = self.source.documents(&Side::Commit(commit))?;
        if !old.iter().any(|known| known.path == document.path) {
            // The specification of today has no place for it.
            old.push(document.clone());
        }
        let differing = |all: &[Arc<Document>], others: &[Arc<Document>]| -> Vec<Arc<Document>> {
            all.iter().filter(|one| !others.iter().any(|other| Arc::ptr_eq(one, other))).cloned().collect()
        };
        let (old, new) = (differing(&old, &self.new), differing(&self.new, &old));
        let comparison = self.source.compare(&old, &new);
        let edge = Rc::new(Edge { old, new, comparison });
        self.compared.insert(key, edge.clone());
        Ok(edge)
    }
}

/// Links as what is committed has their clauses: by the name that they have there, and without a commit where that is one of those
/// that are joined. One for each, in their order.
pub fn by_themselves(repo: &Repo, mut links: Vec<Link>, joined: &[Oid]) -> Vec<Link> {
    if joined.is_empty() || links.is_empty() {
        return links;
    }
    let Ok(source) = Source::of_staged(repo.reopen()) else { return links };
    let Ok(mut places) = Places::of(&source, joined, &Side::Index) else { return links };
    for link in links.iter_mut().filter(|link| is_joined(link, joined)) {
        if let Ok(Some(place)) = places.place(link, None) {
            settle(link, &place);
        }
    }
    links
}

/// Whether the commit that gave a link its version is joined.
fn is_joined(link: &Link, joined: &[Oid]) -> bool {
    link.commit.as_ref().is_none_or(|commit| joined.iter().any(|oid| oid.to_string().starts_with(commit.as_str())))
}

/// Names a clause as the squash does, which has it at the linked version by itself; else leaves the link as it is.
pub fn settle(link: &mut Link, place: &Place) {
    if LinkVersion::Known(place.version) == link.version {
        link.commit = None;
        link.path = place.path.clone();
        link.anchor = place.anchor.clone();
    }
}

/// Links without those to versions of a clause of which another link names the one that is committed now.
pub fn in_force(repo: &Repo, mut links: Vec<Link>, joined: &[Oid]) -> Vec<Link> {
    let versions: HashSet<String> = links.iter().map(|link| link.version.to_string()).collect();
    if versions.len() < 2 {
        return links;
    }
    let Ok(source) = Source::of_staged(repo.reopen()) else { return links };
    let Ok(mut places) = Places::of(&source, joined, &Side::Index) else { return links };
    let found: Vec<Option<Place>> = links.iter().map(|link| places.place(link, None).ok().flatten()).collect();
    let stands = |link: &Link, place: &Place| LinkVersion::Known(place.version) == link.version;
    let both = || links.iter().zip(&found).filter_map(|(link, place)| Some((link, place.as_ref()?)));
    let standing: HashSet<Place> =
        both().filter(|(link, place)| stands(link, place)).map(|(_, place)| place.clone()).collect();
    let outlived: Vec<bool> = links
        .iter()
        .zip(&found)
        .map(|(link, place)| place.as_ref().is_some_and(|place| standing.contains(place) && !stands(link, place)))
        .collect();
    let mut outlived = outlived.into_iter();
    links.retain(|_| !outlived.next().unwrap_or(false));
    links
}
