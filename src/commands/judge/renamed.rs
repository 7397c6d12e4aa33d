//! Renamed files and directories, for where git cannot be asked.

use std::collections::HashMap;

use bstr::{BString, ByteSlice};

use super::merges::{Base, Merge, Version, counted, version};
use crate::error::Error;
use crate::git::FileChange;

impl Merge<'_> {
    /// Whether a path that a side lacks is one to which the other side renamed a file, with what the former did to that;
    /// or one that git put into a directory that the other side renamed.
    pub(super) fn is_renamed(
        &self,
        path: &BString,
        bases: &[Base],
        [left, right]: [&Version; 2],
        here: &Version,
    ) -> Result<bool, Error> {
        let [base] = bases else { return Ok(false) };
        let most = base.changed.iter().chain(&self.differs).map(HashMap::len).max().unwrap_or_default();
        let Some(left_over) = self.pairs.get().checked_sub(most) else { return Ok(false) };
        self.pairs.set(left_over);
        let name = |path: &BString| path.rsplit(|byte| *byte == b'/').next().map(<[u8]>::to_vec);
        if here.is_none() {
            // The one place of what git put into another one; a side that had it before the other took it away is no such.
            let made = if left.is_some() { left } else { right };
            let is_new =
                base.changed.iter().find_map(|changed| changed.get(path)).is_some_and(|file| file.old.is_none());
            let renamer = &base.changed[usize::from(left.is_some())];
            let went = |(to, file): (&BString, &FileChange)| {
                name(to) == name(path)
                    && Self::is_directory_renamed(renamer, path, to)
                    && self.demands_as_much(to, path)
                    && file.old.is_none()
                    && version(file.new) == *made
                    && self.differs[1].get(to).is_some_and(|file| file.old.is_none())
            };
            return Ok(is_new && made.is_some() && self.differs[0].iter().any(went));
        }
        for (renamer, has, lacks) in [(0, left, right), (1, right, left)] {
            if lacks.is_some() {
                continue;
            }
            for (from, change) in &base.changed[1 - renamer] {
                let Some(new) = change.new else { continue };
                let new = version(Some(new));
                if has.is_none() {
                    // The merge has it elsewhere than the side that made it.
                    let is_moved = change.old.is_none()
                        && new == *here
                        && name(from) == name(path)
                        && Self::is_directory_renamed(&base.changed[renamer], from, path)
                        && self.demands_as_much(from, path)
                        && self.differs[1 - renamer].get(from).is_some_and(|file| file.new.is_none());
                    if is_moved {
                        return Ok(true);
                    }
                    continue;
                }
                let gone = base.changed[renamer].get(from).is_some_and(|other| other.new.is_none());
                if !gone || self.renames.get() == 0 || !self.demands_as_much(from, path) {
                    continue;
                }
                self.renames.set(self.renames.get() - 1);
                if !self.is_like(&version(change.old), has)? {
                    continue;
                }
                let sides = if renamer == 0 { [has, &new] } else { [&new, has] };
                if self.is_made_of(from, [&version(change.old), sides[0], sides[1]], here)? {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }

    /// Whether as much is demanded of one path as of another one.
    fn demands_as_much(&self, one: &BString, other: &BString) -> bool {
        self.paths.place(other.as_bstr()).is_none_or(|place| self.paths.demands_as_much(one.as_bstr(), place))
    }

    /// Whether a text has at least half of its lines from another one, which git takes for a rename.
    fn is_like(&self, old: &Version, new: &Version) -> Result<bool, Error> {
        let (Some(old), Some(new)) = (self.text(old)?, self.text(new)?) else { return Ok(false) };
        let (old, new) = (counted(&old), counted(&new));
        let common: usize = old.iter().map(|(line, count)| new.get(line).map_or(0, |its| *count.min(its))).sum();
        Ok(2 * common >= old.values().sum::<usize>().max(new.values().sum()))
    }

    /// Whether a side renamed a directory so that what was or came at `from` belongs at `to`.
    fn is_directory_renamed(renamer: &HashMap<BString, FileChange>, from: &BString, to: &BString) -> bool {
        let parts = |path: &BString| path.split(|byte| *byte == b'/').map(BString::from).collect::<Vec<_>>();
        let (old, new) = (parts(from), parts(to));
        let rest = old.iter().rev().zip(new.iter().rev()).take_while(|(one, other)| one == other).count();
        let directory = |parts: &[BString]| {
            parts[..parts.len() - rest].iter().flat_map(|part| [&part[..], b"/"].concat()).collect::<Vec<u8>>()
        };
        let (old, new) = (directory(&old), directory(&new));
        rest > 0
            && renamer.iter().any(|(path, file)| {
                let moved = path.strip_prefix(&old[..]).map(|rest| BString::from([&new[..], rest].concat()));
                file.new.is_none()
                    && moved.is_some_and(|to| renamer.get(&to).is_some_and(|to| to.old.is_none() && to.new.is_some()))
            })
    }
}
