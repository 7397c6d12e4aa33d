//! Spec files that links name and that today's specification holds no more: what a link names is read at its own path in its own
//! commit, whatever the globs of the revision are.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use bstr::{BStr, BString, ByteSlice};

use super::clause_name::Named;
use super::ledger::Asked;
use super::sides::{Side, Sides};
use super::source::{CONFIG_FILE, Content, Source, at_its_time};
use crate::config::SpecSet;
use crate::error::Error;
use crate::git::{FileChange, GitError, Oid, from_top};
use crate::spec::formats::Format;

/// Of so many commits that have a file it is asked whether their own specification held it: else a repository could make that
/// many look at all their files.
const MOST_ASKED: usize = 8;

/// What specifications of other times held.
#[derive(Default)]
pub(super) struct Outside {
    at_their_time: RefCell<HashMap<Oid, Option<SpecSet>>>,
    /// Paths that were held once, and how often the others were asked for.
    paths: RefCell<HashMap<BString, (bool, usize)>>,
}

/// A file that the spec set has no place for, in a commit.
pub(super) enum Found {
    /// The specification of that commit held it.
    Specified(Oid),
    /// It is there, and no specification holds it.
    There,
    /// It is not there.
    Nowhere,
    /// What tells it is missing.
    Unseen,
}

impl Outside {
    /// What a file outside of the spec set is in a commit, by the commit's own word; a judge takes none.
    pub(super) fn find(&self, source: &Source, commit: Oid, path: &BStr) -> Found {
        let blob = match source.repo.file_at(commit, &path.to_owned()) {
            Ok(Some((mode, blob))) if mode.is_file() => blob,
            Ok(_) => return Found::Nowhere,
            Err(_) => return Found::Unseen,
        };
        if !source.judges && self.held(source, commit, path) { Found::Specified(blob) } else { Found::There }
    }

    /// The spec files of a commit, by today's specification or by its own; a judge takes none of its words. None where not all of
    /// its trees can be read.
    pub(super) fn files_then(&self, source: &Source, commit: Oid) -> Option<Vec<(BString, Content)>> {
        let mut known = self.at_their_time.borrow_mut();
        let own = match source.judges {
            true => None,
            false => known.entry(commit).or_insert_with(|| at_its_time(&source.repo, commit).ok().flatten()).as_ref(),
        };
        let want = |path: &BStr| source.set.matches(path) || own.is_some_and(|set| set.matches(path));
        let files = source.repo.tree_files(commit, &want, &|_| true).ok()?;
        let files = files.into_iter().filter(|file| file.mode.is_file());
        Some(files.map(|file| (file.path, Content::Blob(file.oid))).collect())
    }

    /// Whether a file was part of the specification, as far as it is asked for.
    fn held(&self, source: &Source, commit: Oid, path: &BStr) -> bool {
        let mut paths = self.paths.borrow_mut();
        let (held, asked) = paths.entry(path.to_owned()).or_default();
        if !*held && *asked < MOST_ASKED {
            *asked += 1;
            let mut known = self.at_their_time.borrow_mut();
            // A specification that cannot be told holds nothing.
            let set = known.entry(commit).or_insert_with(|| at_its_time(&source.repo, commit).ok().flatten());
            *held = set.as_ref().is_some_and(|set| set.matches(path));
        }
        *held
    }

    /// The source with the files as well that links name, that the specification of their commits held and that are gone at the
    /// tip; none where there is no such file.
    pub(super) fn wider(&self, source: &Source, tip: Oid, asked: &Asked) -> Result<Option<Source>, Error> {
        let mut named: BTreeMap<&BString, BTreeSet<Oid>> = BTreeMap::new();
        for (&commit, names) in asked.iter().filter(|_| !source.judges) {
            for (path, _) in names.iter().filter(|(path, _)| !source.set.matches(path)) {
                named.entry(path).or_default().insert(commit);
            }
        }
        let mut gone = BTreeSet::new();
        for (path, commits) in named {
            match source.repo.file_at(tip, path) {
                Ok(None) => {}
                // It is there, so that only the question leaves it out.
                Ok(Some(_)) | Err(GitError::MissingObject { .. }) => continue,
                Err(other) => return Err(other.into()),
            }
            let has =
                |commit: &Oid| matches!(source.repo.file_at(*commit, path), Ok(Some((mode, _))) if mode.is_file());
            if commits.into_iter().filter(has).take(MOST_ASKED).any(|commit| self.held(source, commit, path.as_bstr()))
            {
                gone.insert(path.clone());
            }
        }
        if gone.is_empty() { Ok(None) } else { source.wider(gone).map(Some) }
    }

    /// The clause that a name means, `path#anchor` or `path#anchor@REVISION`, of a file that the spec set has no place for and that
    /// the specification of that commit held; `commit` is meant where no revision is named.
    pub(super) fn named(&self, source: &Source, typed: &str, commit: Oid) -> Option<Named> {
        let behind = typed.rsplit_once('@').and_then(|(name, rev)| Some((name, source.repo.resolve(rev).ok()?)));
        [Some((typed, commit)), behind].into_iter().flatten().find_map(|(name, commit)| {
            let (path, anchor) = name.rsplit_once('#')?;
            let from_here = from_top(source.repo.prefix(), path.as_bytes());
            [BString::from(path), from_here].iter().filter(|path| !source.set.matches(path)).find_map(|path| {
                let Found::Specified(blob) = self.find(source, commit, path.as_bstr()) else { return None };
                let document = source.seen_document(path.as_bstr(), &Content::Blob(blob)).ok().flatten()?;
                let at = document.clauses.iter().position(|clause| clause.anchor == anchor)?;
                Some(Named { documents: vec![document], doc: 0, at, commit: Some(commit) })
            })
        })
    }
}

impl Source {
    /// The source with the files as well that the specification of one commit held and another commit lacks, unless the question
    /// itself says what is specified.
    ///
    /// # Errors
    /// What git says.
    pub fn with_gone(self, from: Oid, to: Oid) -> Result<Source, Error> {
        if from == to || self.judges || self.repo.config()?.list("spec.include").is_some() {
            return Ok(self);
        }
        let files = match self.repo.tree_changes(Some(from), Some(to), &[]) {
            Ok(files) => files,
            // What it hides is said where it is asked for.
            Err(GitError::MissingObject { .. }) => return Ok(self),
            Err(other) => return Err(other.into()),
        };
        // Detection takes files of known formats alone, so that it needn't be asked where only others went.
        let is_configured = self.repo.file_at(from, &CONFIG_FILE.into())?.is_some();
        let may_be = |path: &BString| is_configured || Format::of_path(path) != Format::Paragraphs;
        let went = |file: &FileChange| file.new.is_none() && file.old.is_some_and(|(mode, _)| mode.is_file());
        let mut gone: BTreeSet<BString> = files.into_iter().filter(went).map(|file| file.path).collect();
        gone.retain(|path| may_be(path) && !self.set.matches(path));
        if gone.is_empty() {
            return Ok(self);
        }
        let Some(set) = at_its_time(&self.repo, from).ok().flatten() else { return Ok(self) };
        gone.retain(|path| set.matches(path));
        if gone.is_empty() { Ok(self) } else { self.wider(gone) }
    }

    /// [`Source::with_gone`] for both sides of a comparison.
    ///
    /// # Errors
    /// What git says.
    pub fn with_gone_between(self, sides: &Sides) -> Result<Source, Error> {
        let head = self.repo.head()?;
        let commit = |side: &Side| match side {
            Side::Commit(commit) => Some(*commit),
            Side::Index | Side::WorkTree => head,
            Side::Empty => None,
        };
        match commit(&sides.from).zip(commit(&sides.to)) {
            Some((from, to)) => self.with_gone(from, to)?.with_gone(to, from),
            None => Ok(self),
        }
    }

    /// [`Source::with_gone`] for the revision that a clause is named with, as in `AUTH-2@v1.0`.
    ///
    /// # Errors
    /// What git says.
    pub fn with_gone_since(self, typed: &str) -> Result<Source, Error> {
        let named = typed.rsplit_once('@').and_then(|(_, rev)| self.repo.resolve(rev).ok());
        match named.zip(self.repo.head()?) {
            Some((named, head)) => self.with_gone(named, head),
            None => Ok(self),
        }
    }
}
