//! What the hooks of a server ask: references as they stand, and what git tells a hook of a push.

use std::sync::atomic::{AtomicBool, Ordering};

use bstr::{BStr, BString, ByteSlice, ByteVec};

use super::{GitError, Oid, Repo, Result};

/// A reference as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefNow {
    /// The full name.
    pub name: BString,
    /// The object, unpeeled.
    pub oid: Oid,
    /// The reference that it is a symbolic one of, at the end of the chain.
    pub symref: Option<BString>,
}

/// What the environment tells of a push (githooks(5), git-receive-pack(1)).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PushFacts {
    /// The push options, in order.
    pub options: Vec<String>,
    /// The push goes into a namespace (gitnamespaces(7)).
    pub namespace: bool,
    /// The history ends where a file for this push says.
    pub shallow: bool,
}

impl PushFacts {
    /// What a lookup of variables tells.
    pub fn of(variable: impl Fn(&str) -> Option<String>) -> PushFacts {
        let count = variable("GIT_PUSH_OPTION_COUNT").and_then(|count| count.parse().ok()).unwrap_or(0_usize);
        let is_set = |name: &str| variable(name).is_some_and(|value| !value.is_empty());
        PushFacts {
            options: (0..count).map_while(|at| variable(&format!("GIT_PUSH_OPTION_{at}"))).collect(),
            namespace: is_set("GIT_NAMESPACE"),
            shallow: is_set("GIT_SHALLOW_FILE"),
        }
    }
}

static NEVER_FETCH: AtomicBool = AtomicBool::new(false);

/// From now on no git process of this one fetches what a remote promised.
pub fn never_fetch() {
    NEVER_FETCH.store(true, Ordering::Relaxed);
}

/// Whether [`never_fetch`] was called.
pub(super) fn fetches_nothing() -> bool {
    NEVER_FETCH.load(Ordering::Relaxed)
}

impl Repo {
    /// All references, symbolic ones with what they lead to; those that lead to nothing are left out, as by git. One
    /// process.
    ///
    /// # Errors
    ///
    /// [`GitError::GitFailed`], [`GitError::BadOutput`].
    pub fn refs_now(&self) -> Result<Vec<RefNow>> {
        let list = self.git("for-each-ref").arg("--format=%(objectname) %(refname) %(symref)").output()?;
        list.lines()
            .map(|line| {
                // No part of the name of a reference can be a space (git-check-ref-format(1)).
                let words: Vec<&[u8]> = line.split(|byte| *byte == b' ').collect();
                let [oid, name, symref] = words[..] else {
                    return Err(GitError::bad_output("git for-each-ref", "a line without three words"));
                };
                let oid = Oid::from_hex(oid).map_err(|_| GitError::bad_output("git for-each-ref", "no object id"))?;
                Ok(RefNow { name: name.into(), oid, symref: (!symref.is_empty()).then(|| symref.into()) })
            })
            .collect()
    }

    /// Symbolic references that lead to nothing, with what they would lead to. Git lists them nowhere: they are looked for
    /// among the files of references, and with reftables among `named`. Only those are asked for that `wanted` takes, which
    /// must not take what git lists. A process for each.
    ///
    /// # Errors
    ///
    /// [`GitError::GitFailed`]; [`GitError::Io`] where a directory of references cannot be read.
    pub fn dangling_symrefs(
        &self,
        wanted: impl Fn(&BStr) -> bool,
        named: impl Iterator<Item = BString>,
    ) -> Result<Vec<(BString, BString)>> {
        let common = self.common_dir();
        let mut names: Vec<BString> = Vec::new();
        if common.join("reftable").exists() {
            let can_be_asked = |name: &BString| name.starts_with(b"refs/") && !name.contains(&0);
            names.extend(named.filter(|name| can_be_asked(name) && wanted(name.as_bstr())));
        } else {
            let mut left = vec![BString::from("refs")];
            while let Some(directory) = left.pop() {
                let place = common.join(directory.to_path_lossy());
                let entries = match place.read_dir() {
                    Ok(entries) => entries,
                    // A directory goes away with the last reference in it.
                    Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
                    Err(error) => return Err(GitError::io(&place, error)),
                };
                for entry in entries {
                    let entry = entry.map_err(|error| GitError::io(&place, error))?;
                    let Ok(file) = Vec::from_os_string(entry.file_name()) else { continue };
                    let name = BString::from([directory.as_slice(), b"/", &file].concat());
                    match entry.file_type() {
                        // No part of a name begins with a dot or ends so (git-check-ref-format(1)).
                        _ if file.starts_with(b".") || file.ends_with(b".lock") => {}
                        Ok(kind) if kind.is_dir() => left.push(name),
                        _ => names.extend(Some(name).filter(|name| wanted(name.as_bstr()))),
                    }
                }
            }
        }
        let mut found = Vec::new();
        for name in names {
            if let Some(target) = self.symbolic_target(name.as_bstr())? {
                found.push((name, target));
            }
        }
        Ok(found)
    }

    /// What a symbolic reference leads to, be it there or not; none for any other. One process.
    ///
    /// # Errors
    ///
    /// [`GitError::GitFailed`].
    pub fn symbolic_target(&self, name: &BStr) -> Result<Option<BString>> {
        let answer = self.git("symbolic-ref").arg("-q").arg(name.to_os_str_lossy()).answer()?;
        match answer.status {
            Some(0) => Ok(Some(answer.stdout.trim_end().into())),
            Some(1) => Ok(None),
            status => {
                Err(GitError::GitFailed { command: "git symbolic-ref".to_owned(), stderr: answer.stderr, status })
            }
        }
    }

    /// Whether a reference that git doesn't list may be a symbolic one that leads to nothing. Only then it is worth a
    /// process to ask.
    #[must_use]
    pub fn may_dangle(&self, name: &BStr) -> bool {
        let common = self.common_dir();
        common.join("reftable").exists() || common.join(name.to_path_lossy()).symlink_metadata().is_ok()
    }

    /// Of each object the commit that it is, or that its tags lead to; none for anything else, and for what is missing.
    /// At most one process.
    ///
    /// # Errors
    ///
    /// [`GitError::GitFailed`].
    pub fn peeled(&self, objects: &[Oid]) -> Result<Vec<Option<Oid>>> {
        let names: Vec<String> = objects.iter().map(ToString::to_string).collect();
        self.commits_if_any(&names.iter().map(String::as_str).collect::<Vec<_>>())
    }

    /// Whether one commit contains another, or is it. One process.
    ///
    /// # Errors
    ///
    /// [`GitError::GitFailed`], also where history has holes.
    pub fn contains(&self, new: Oid, old: Oid) -> Result<bool> {
        let answer = self.git("merge-base").args(["--is-ancestor", &old.to_string(), &new.to_string()]).answer()?;
        match answer.status {
            Some(0) => Ok(true),
            Some(1) => Ok(false),
            status => Err(GitError::GitFailed { command: "git merge-base".to_owned(), stderr: answer.stderr, status }),
        }
    }

    /// Of `known` commits, and what they reach, those that stand directly behind the commits that only `tip` reaches: with
    /// them excluded, the same commits are left. None where nothing is left. One process.
    ///
    /// # Errors
    ///
    /// [`GitError::GitFailed`] where history has holes.
    pub fn frontier(&self, tip: Oid, known: &[Oid]) -> Result<Option<Vec<Oid>>> {
        let mut input = format!("{tip}\n");
        known.iter().for_each(|oid| input += &format!("^{oid}\n"));
        let mut stream = self.git("rev-list").args(["--boundary", "--stdin"]).feed(input.into_bytes())?;
        let (mut frontier, mut some) = (Vec::new(), false);
        while let Some(line) = stream.piece(b'\n')? {
            match line.strip_prefix(b"-") {
                Some(hex) => {
                    let oid = Oid::from_hex(hex).map_err(|_| GitError::bad_output("git rev-list", "no object id"))?;
                    frontier.push(oid);
                }
                None => some = true,
            }
        }
        Ok(some.then_some(frontier))
    }

    /// The blobs of the note that an object has in a notes commit; none where it has none.
    ///
    /// # Errors
    ///
    /// [`GitError::MissingObject`], [`GitError::BadObject`].
    pub fn note_at(&self, notes: Oid, object: Oid) -> Result<Vec<Oid>> {
        self.note_blobs(self.tree_of(notes)?, object)
    }

    /// The objects whose notes differ between two notes commits, with the blobs that each has in the one and in the other.
    ///
    /// # Errors
    ///
    /// [`GitError::MissingObject`], [`GitError::BadObject`].
    pub fn changed_notes(&self, old: Option<Oid>, new: Oid) -> Result<Vec<ChangedNote>> {
        let mut changed: std::collections::BTreeMap<Oid, ChangedNote> = std::collections::BTreeMap::new();
        for file in self.tree_changes(old, Some(new), &[])? {
            let Some(object) = self.annotated(file.path.as_ref()) else { continue };
            let note = changed.entry(object).or_insert_with(|| ChangedNote {
                object,
                old: Vec::new(),
                new: Vec::new(),
                odd: false,
            });
            note.old.extend(file.old.filter(|(mode, _)| mode.is_file()).map(|(_, blob)| blob));
            note.new.extend(file.new.filter(|(mode, _)| mode.is_file()).map(|(_, blob)| blob));
            note.odd |= file.new.is_some_and(|(mode, _)| !mode.is_file());
        }
        // A note that is moved to another place of the fan-out, or stands in two, is not lost by leaving one.
        let tree = self.tree_of(new)?;
        for note in changed.values_mut().filter(|note| !note.old.is_empty()) {
            note.new = self.note_blobs(tree, note.object)?;
        }
        Ok(changed.into_values().collect())
    }
}

/// What became of the note of an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangedNote {
    /// The annotated object, which need not exist.
    pub object: Oid,
    /// The blobs before, of the places that changed.
    pub old: Vec<Oid>,
    /// The blobs after, likewise.
    pub new: Vec<Oid>,
    /// What stands in the place of the note is no regular file.
    pub odd: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn push_options_are_counted() {
        let facts = PushFacts::of(|name| match name {
            "GIT_PUSH_OPTION_COUNT" => Some("2".to_owned()),
            "GIT_PUSH_OPTION_0" => Some("a".to_owned()),
            "GIT_PUSH_OPTION_1" => Some("spec.bypass=x y".to_owned()),
            "GIT_NAMESPACE" => Some("n".to_owned()),
            "GIT_SHALLOW_FILE" => Some(String::new()),
            _ => None,
        });
        assert_eq!(facts.options, ["a", "spec.bypass=x y"]);
        assert!(facts.namespace && !facts.shallow);
        assert_eq!(PushFacts::of(|_| None), PushFacts::default());
    }
}
