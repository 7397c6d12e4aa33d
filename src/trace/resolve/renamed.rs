//! Whether a clause under another path is the one that a link names. The same words prove nothing: a paragraph may stand in
//! every file of a template.

use std::collections::BTreeSet;

use bstr::{BStr, ByteSlice};

use super::case::{Case, Target, short};
use super::{Clause, Lookup, Resolution, Sighting, State};
use crate::trace::link::clause_name;

impl Case<'_> {
    /// The only clause that has had the version, under the same anchor, where no file ever stood at the link's path, if it is
    /// shown that the file is called otherwise in this history.
    pub(super) fn renamed(&self, target: Option<Target>) -> Result<(), Resolution> {
        let path = self.link.path.as_bstr();
        let sees_all = self.facts.sees_all(self.carrier);
        if !sees_all || self.facts.knows_path(path) || self.at(self.carrier) != Lookup::NoFile {
            return Ok(());
        }
        let (found, hidden) = self.reached(self.facts.sightings(self.version).iter());
        let is_one = found.iter().all(|s| s.lineage == found[0].lineage && !s.empty_body);
        let newest = self.newest(&found).filter(|s| is_one && !hidden && s.anchor == self.link.anchor);
        let Some(newest) = newest.filter(|newest| self.is_shown(target, &found, newest)) else { return Ok(()) };
        Err(Resolution {
            state: State::Relocated,
            resolved_commit: Some(newest.commit),
            lineage: Some(newest.lineage),
            reason: format!(
                "{}, and no clause ever stood in {}; only {} took on this version, at {}",
                self.why_not_exact(target),
                clause_name(path, None),
                clause_name(newest.path.as_bstr(), newest.anchor.as_deref()),
                short(newest.commit)
            ),
        })
    }

    /// Whether it is shown that the only clause with the words is the linked one. `found` is where it took them on.
    fn is_shown(&self, target: Option<Target>, found: &[&Sighting], newest: &Sighting) -> bool {
        let (was, is) = (self.link.path.as_bstr(), newest.path.as_bstr());
        let is_moved = is_below(was, is) || is_below(is, was);
        match target {
            None => is_moved && self.is_witnessed(is),
            Some(target) if target.in_history => {
                let is_alone = self
                    .facts
                    .bearers_at(target.commit, self.version)
                    .is_some_and(|names| names.len() == 1 && Some(&names[0].1) == self.link.anchor.as_ref());
                let came_there = found.iter().any(|s| s.commit == target.commit);
                is_alone && (is_moved && came_there || name_of(was) == name_of(is) && self.is_witnessed(is))
            }
            Some(target) if target.clause == Lookup::Version(self.version) => {
                let shared = found.iter().any(|s| self.facts.is_ancestor(s.commit, target.commit) == Some(true));
                self.twins_at(target).is_some_and(|twins| twins.is_empty())
                    && (shared || name_of(was) == name_of(is))
                    && [newest.commit, self.carrier].into_iter().take(if shared { 2 } else { 1 }).any(|at| {
                        let files = self.facts.clauses_in(target.commit, was).zip(self.facts.clauses_in(at, is));
                        files.is_some_and(|(linked, found)| self.are_alike(&linked, &found, shared))
                    })
            }
            Some(_) => false,
        }
    }

    /// Whether the linked file is the found one by its other clauses: of files that came in apart, as by a cherry-pick, all; in one
    /// history more than half of each, or an id of the clause, which came along to another file. Where there are none, the titles
    /// tell, and only in one history.
    fn are_alike(&self, linked: &[Clause], found: &[Clause], shared: bool) -> bool {
        let others = |clauses: &[Clause]| -> BTreeSet<_> {
            let others = clauses.iter().filter(|clause| !clause.empty_body && clause.version != self.version);
            others.map(|clause| (clause.anchor.clone(), clause.version)).collect()
        };
        let has_id = |clause: &Clause| {
            clause.has_id && clause.version == self.version && Some(&clause.anchor) == self.link.anchor.as_ref()
        };
        if shared && linked.iter().any(has_id) && found.iter().any(has_id) {
            return true;
        }
        let (own, there) = (others(linked), others(found));
        if own.is_empty() {
            let titles = |clauses: &[Clause]| -> Vec<String> { clauses.iter().map(|c| c.anchor.clone()).collect() };
            return shared && titles(linked) == titles(found);
        }
        let common = own.intersection(&there).count();
        if shared { common * 2 > own.len().max(there.len()) } else { own == there }
    }

    /// Whether the links of the history to at least two clauses of the linked file all lead to this file, and this one is among them.
    fn is_witnessed(&self, is: &BStr) -> bool {
        let linked = self.facts.linked(self.link.path.as_bstr());
        let leads = |(anchor, version): &(String, crate::spec::Version)| {
            // A link of a later carrier, too.
            let found = self.facts.sightings(*version);
            !found.is_empty()
                && found.iter().all(|s| s.lineage == found[0].lineage && !s.empty_body)
                && found.iter().any(|s| s.path == is && s.anchor.as_ref() == Some(anchor))
        };
        let names: BTreeSet<&String> = linked.iter().map(|(anchor, _)| anchor).collect();
        names.len() > 1 && linked.iter().all(leads)
    }

    /// The names under which the linked words stand in the tree of a commit, but for the linked one; none where not all of it can be read.
    fn twins_at(&self, target: Target) -> Option<Vec<super::Name>> {
        let mut names = self.facts.bearers_at(target.commit, self.version)?;
        names.retain(|(path, anchor)| *path != self.link.path || Some(anchor) != self.link.anchor.as_ref());
        Some(names)
    }

    /// Whether the clause of a lineage, which bears another name in the carrier, is one that stands beside the linked one in the
    /// tree of a commit outside the carrier's history.
    pub(super) fn is_twin(&self, target: Option<Target>, lineage: u32) -> bool {
        let Some(target) = target.filter(|t| !t.in_history && t.clause == Lookup::Version(self.version)) else {
            return false;
        };
        // A file that was renamed changes no state, so that the name may be one that the clause has no more.
        let stands = matches!(self.at(self.carrier), Lookup::Version(_));
        if stands && self.named(self.carrier) == Some(lineage) {
            return false;
        }
        let names = self.facts.names_of(lineage);
        self.twins_at(target).is_some_and(|twins| twins.iter().any(|twin| names.contains(twin)))
    }
}

/// Whether a path is another one behind leading folders.
fn is_below(path: &BStr, folders: &BStr) -> bool {
    path.strip_suffix(folders.as_bytes()).is_some_and(|front| front.ends_with(b"/"))
}

/// The last part of a path.
fn name_of(path: &BStr) -> &[u8] {
    path.rsplit(|&byte| byte == b'/').next().unwrap_or_default()
}
