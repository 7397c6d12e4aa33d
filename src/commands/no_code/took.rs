//! Which commits took code away, and whether they put something in its place.

use std::collections::BTreeSet;
use std::rc::Rc;

use bstr::{BStr, BString, ByteSlice};

use super::{LARGEST, MOST_PATHS, NoCode, PutIn, Search, Text, id};
use crate::commands::lines;
use crate::error::Error;
use crate::git::{Oid, WalkQuery};
use crate::trace::CommitId;
use crate::trace::remains::each_sequence;

impl Search<'_> {
    /// Finds the commits that took the code away: the newest that had a file with it before, and not after.
    pub(super) fn who_took(&self, tip: Oid, told: &mut [NoCode]) -> Result<(), Error> {
        if told.is_empty() {
            return Ok(());
        }
        let graph = self.source.graph_behind(tip)?;
        let is_reached = |commit: &CommitId| id(tip).is_some_and(|tip| graph.is_ancestor(*commit, tip) == Some(true));
        for one in told.iter_mut() {
            let known = self.known.borrow().went.get(&one.carrier).copied().filter(|(commit, _)| is_reached(commit));
            (one.went, one.replaced) = (known.map(|(commit, _)| commit), known.is_some_and(|(_, replaced)| replaced));
        }
        let mut open: Vec<(&mut NoCode, Rc<PutIn>)> = Vec::new();
        for one in told.iter_mut().filter(|one| one.went.is_none()) {
            let put_in = self.put_in(one.carrier)?;
            open.push((one, put_in));
        }
        let files = |put_in: &PutIn| match put_in {
            PutIn::Code(files, _) => files.keys().cloned().collect::<Vec<_>>(),
            _ => Vec::new(),
        };
        let paths: BTreeSet<BString> = open.iter().flat_map(|(_, put_in)| files(put_in)).collect();
        if paths.is_empty() || paths.len() > MOST_PATHS {
            return Ok(());
        }
        let carriers = open.iter().map(|(one, _)| one.carrier).collect();
        let base = lines::behind_all(&graph, &carriers);
        let revs = std::iter::once(tip.to_string()).chain(base.iter().map(|base| format!("^{base}"))).collect();
        let paths = paths.into_iter().collect();
        let query = WalkQuery { revs, paths, topo: true, bare_merges: true, ..WalkQuery::default() };
        for record in self.source.repo.walk(&query)? {
            let record = record?;
            for change in record.edges.iter().flat_map(|edge| &edge.files) {
                let Some((_, old)) = change.old.filter(|(mode, _)| mode.is_file()) else { continue };
                for (one, put_in) in open.iter_mut().filter(|(one, _)| one.went.is_none()) {
                    let PutIn::Code(files, sequences) = &**put_in else { continue };
                    let new = change.new.map(|(_, blob)| blob);
                    let took = files.contains_key(&change.path)
                        && self.holds(old, sequences)?
                        && !new.map(|new| self.holds(new, sequences)).transpose()?.unwrap_or(false);
                    if let (true, Some(commit)) = (took, id(record.oid)) {
                        one.went = Some(commit);
                        one.replaced = self.is_replaced(record.oid, &change.path, old, new)?;
                        self.known.borrow_mut().went.insert(one.carrier, (commit, one.replaced));
                    }
                }
            }
            if open.iter().all(|(one, _)| one.went.is_some()) {
                break;
            }
        }
        Ok(())
    }

    /// Whether a commit that took code out of a file put at least half as much in its place: into the same file, or into one of
    /// the folder that came in with it, as where code is written anew in another language.
    fn is_replaced(&self, commit: Oid, path: &BString, old: Oid, new: Option<Oid>) -> Result<bool, Error> {
        let was = self.size(old)?;
        let as_much = |blob: Oid| -> Result<bool, Error> { Ok(was > 0 && self.size(blob)? * 2 >= was) };
        if let Some(new) = new {
            return as_much(new);
        }
        let repo = &self.source.repo;
        let [parent] = repo.parents(commit)?[..] else { return Ok(false) };
        for file in repo.tree_changes(Some(parent), Some(commit), &[])? {
            let came = file.new.filter(|(mode, _)| mode.is_file() && file.old.is_none());
            let beside = folder(file.path.as_bstr()) == folder(path.as_bstr());
            if let Some((_, blob)) = came.filter(|_| beside && !self.source.set.matches(&file.path))
                && as_much(blob)?
            {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// How much a file says.
    fn size(&self, blob: Oid) -> Result<usize, Error> {
        let Text::Here(content) = self.read(blob, LARGEST)? else { return Ok(0) };
        let mut count = 0;
        each_sequence(std::iter::once(content.as_slice()), |_| count += 1);
        Ok(count)
    }
}

fn folder(path: &BStr) -> &[u8] {
    &path[..path.rfind_byte(b'/').unwrap_or(0)]
}
