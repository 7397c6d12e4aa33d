//! Names to ids.

use std::collections::HashSet;

use bstr::ByteSlice;

use super::objects::{Kind, to_git2};
use super::process::Stream;
use super::{GitError, Oid, Repo, Result};

/// The two ends of a comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Range {
    /// One revision was given: compare it with the work tree.
    From(Oid),
    /// Two revisions: compare the first with the second.
    Between(Oid, Oid),
}

/// What a name stands for.
#[derive(Clone, Copy)]
enum Found {
    Oid(Oid),
    Missing,
    Ambiguous,
}

/// The objects that references point at, being told.
pub struct PointedAt(Stream);

impl PointedAt {
    /// All of them, an annotated tag's with what it is for.
    ///
    /// # Errors
    ///
    /// [`GitError::GitFailed`], as where there is no reference, and for what is no object id.
    pub fn read(self) -> Result<HashSet<Oid>> {
        let list = self.0.into_output()?;
        let oid = |line: &[u8]| {
            let id = line.split(|byte| *byte == b' ').next().unwrap_or_default();
            Oid::from_hex(id).map_err(|_| GitError::bad_output("git show-ref", "no object id"))
        };
        list.lines().map(oid).collect()
    }
}

impl Repo {
    /// The commit that `name` (any revision of gitrevisions(7)) names; tags are peeled. A name is looked up once in a
    /// run.
    ///
    /// # Errors
    ///
    /// [`GitError::UnknownRevision`], [`GitError::AmbiguousRevision`], [`GitError::UnbornBranch`] for HEAD without a
    /// commit, [`GitError::WrongKind`] for something that is no commit, [`GitError::MissingObject`].
    pub fn resolve(&self, name: &str) -> Result<Oid> {
        let found = self.commits_named(&[name])?;
        self.settle(name, found.first().copied(), Kind::Commit)
    }

    /// Looks up words that may be revisions, so that [`Repo::resolve`] knows them: one process for all instead of one
    /// for each.
    ///
    /// # Errors
    ///
    /// [`GitError::GitFailed`]; a word that is no revision is no error.
    pub fn look_ahead(&self, words: &[&str]) -> Result<()> {
        self.commits_named(words).map(|_| ())
    }

    /// Of each name its commit, if it has one; by one process.
    pub(super) fn commits_if_any(&self, names: &[&str]) -> Result<Vec<Option<Oid>>> {
        let commit = |found: Found| if let Found::Oid(oid) = found { Some(oid) } else { None };
        Ok(self.commits_named(names)?.into_iter().map(commit).collect())
    }

    /// Several commits at once, by one process, in the order of `names`.
    ///
    /// # Errors
    ///
    /// As [`Repo::resolve`], for the first name that fails.
    pub fn resolve_all(&self, names: &[&str]) -> Result<Vec<Oid>> {
        let found = self.commits_named(names)?;
        let both = names.iter().zip(found);
        both.map(|(name, found)| self.settle(name, Some(found), Kind::Commit)).collect()
    }

    /// The tree that `name` names: a commit's, a tag's, or a tree itself such as `HEAD:docs`.
    ///
    /// # Errors
    ///
    /// As [`Repo::resolve`].
    pub fn resolve_tree_ish(&self, name: &str) -> Result<Oid> {
        let found = self.look_up(&[name], Kind::Tree)?;
        self.settle(name, found.first().copied(), Kind::Tree)
    }

    /// The commit of HEAD; none where its branch has no commit yet.
    ///
    /// # Errors
    ///
    /// [`GitError::MissingObject`], [`GitError::GitFailed`].
    pub fn head(&self) -> Result<Option<Oid>> {
        match self.resolve("HEAD") {
            Ok(oid) => Ok(Some(oid)),
            Err(GitError::UnbornBranch { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// All references with what they point to, a line each, as git lists them.
    ///
    /// # Errors
    ///
    /// [`GitError::GitFailed`].
    pub fn references(&self) -> Result<Vec<u8>> {
        self.git("for-each-ref").arg("--format=%(objectname) %(refname)").output()
    }

    /// Begins to ask what all references point at.
    ///
    /// # Errors
    ///
    /// Where git cannot be started.
    pub fn pointed_at(&self) -> Result<PointedAt> {
        Ok(PointedAt(self.git("show-ref").args(["--head", "--dereference"]).stream()?))
    }

    /// Reads what `diff` takes: `A..B`, `A...B` (from the merge base of both to B) or one revision. An empty side is HEAD.
    ///
    /// As in git, a text that reads as two revisions is a range, else it is one revision (`HEAD^{/a..b}`).
    ///
    /// # Errors
    ///
    /// As [`Repo::resolve`], and [`GitError::NoMergeBase`].
    pub fn range(&self, text: &str) -> Result<Range> {
        let Some((left, right)) = text.split_once("..") else {
            return Ok(Range::From(self.resolve(text)?));
        };
        let (right, symmetric) = match right.strip_prefix('.') {
            Some(right) => (right, true),
            None => (right, false),
        };
        let or_head = |side: &str| {
            if side.is_empty() { "HEAD".to_owned() } else { side.to_owned() }
        };
        let (left, right) = (or_head(left), or_head(right));
        let found = self.commits_named(&[&left, &right])?;
        if let [Found::Oid(left), Found::Oid(right)] = found[..] {
            let base = if symmetric { self.common(left, right)? } else { left };
            return Ok(Range::Between(base, right));
        }
        if let [Found::Oid(oid)] = self.commits_named(&[text])?[..] {
            return Ok(Range::From(oid));
        }
        self.settle(&left, found.first().copied(), Kind::Commit)?;
        self.settle(&right, found.get(1).copied(), Kind::Commit).map(Range::From)
    }

    /// A best common ancestor of two commits; none where they share no history.
    ///
    /// # Errors
    ///
    /// [`GitError::GitFailed`].
    pub fn merge_base(&self, left: Oid, right: Oid) -> Result<Option<Oid>> {
        let answer = self.git("merge-base").args([left.to_string(), right.to_string()]).answer()?;
        match answer.status {
            Some(0) => parse_line(&answer.stdout).map(Some),
            Some(1) => Ok(None),
            status => Err(GitError::GitFailed { command: "git merge-base".to_owned(), stderr: answer.stderr, status }),
        }
    }

    /// The object that a full reference name stands for, unpeeled; none where there is no such reference.
    ///
    /// # Errors
    ///
    /// [`GitError::GitFailed`].
    pub fn reference(&self, name: &str) -> Result<Option<Oid>> {
        let answer = self.git("rev-parse").args(["--verify", "-q", "--end-of-options", name]).answer()?;
        if answer.status == Some(0) { parse_line(&answer.stdout).map(Some) } else { Ok(None) }
    }

    fn common(&self, left: Oid, right: Oid) -> Result<Oid> {
        self.merge_base(left, right)?.ok_or(GitError::NoMergeBase { left, right })
    }

    /// The commits that names stand for. What is known already and full ids need no process; else HEAD, which every
    /// command wants sooner or later, is asked for along with the others.
    fn commits_named(&self, names: &[&str]) -> Result<Vec<Found>> {
        let known = |name: &str| {
            let resolved = self.resolved.lock().ok()?.get(name).copied();
            resolved.or_else(|| self.full_id(name)).or_else(|| self.own_head(name))
        };
        let mut found: Vec<Option<Found>> = names.iter().map(|name| known(name).map(Found::Oid)).collect();
        let mut asked: Vec<&str> =
            names.iter().zip(&found).filter(|(_, f)| f.is_none()).map(|(name, _)| *name).collect();
        if !asked.is_empty() {
            if !asked.contains(&"HEAD") && known("HEAD").is_none() {
                asked.push("HEAD");
            }
            let answers = self.look_up(&asked, Kind::Commit)?;
            let mut open = found.iter_mut().filter(|found| found.is_none());
            for (name, answer) in asked.iter().zip(answers) {
                if let (Found::Oid(oid), Ok(mut resolved)) = (answer, self.resolved.lock()) {
                    resolved.insert((*name).to_owned(), oid);
                }
                if let Some(place) = open.next() {
                    *place = Some(answer);
                }
            }
        }
        Ok(found.into_iter().map(|found| found.unwrap_or(Found::Missing)).collect())
    }

    /// HEAD, where its files tell it; a run sees it as it was when it first asked.
    fn own_head(&self, name: &str) -> Option<Oid> {
        let oid = (name == "HEAD").then(|| self.head_in_files())??;
        if let Ok(mut resolved) = self.resolved.lock() {
            resolved.insert(name.to_owned(), oid);
        }
        Some(oid)
    }

    /// A commit that is named by all digits of its id and lies here.
    pub(super) fn full_id(&self, name: &str) -> Option<Oid> {
        let whole = name.len() == if self.sha256() { 64 } else { 40 };
        let oid = Oid::from_hex(whole.then_some(name.as_bytes())?).ok()?;
        let (_, kind) = self.odb().ok()??.read_header(to_git2(oid).ok()?).ok()?;
        (Kind::from_type(kind) == Some(Kind::Commit)).then_some(oid)
    }

    /// Looks all names up by one `git cat-file --batch-check`. Names go in through a pipe, so none can be an option.
    ///
    /// Each is put plain too, as `:/text^{commit}` and `rev:path^{tree}` mean something else.
    fn look_up(&self, names: &[&str], wanted: Kind) -> Result<Vec<Found>> {
        let mut input = String::new();
        for name in names.iter().filter(|name| is_sane(name)) {
            input += &format!("{name}\n{name}^{{{}}}\n", wanted.word());
        }
        let git = self.git("cat-file").arg("--batch-check=%(objectname) %(objecttype)");
        let output = git.feed(input.into_bytes())?.into_output()?;
        let mut lines = output.split(|byte| *byte == b'\n');
        let mut answer = || read_answer(lines.next().unwrap_or_default(), wanted);
        let found = names.iter().map(|name| match is_sane(name) {
            true => answer().or(answer()),
            false => Found::Missing,
        });
        Ok(found.collect())
    }

    /// HEAD names a branch without commits; git says which.
    pub(super) fn unborn(&self) -> Result<GitError> {
        let answer = self.git("symbolic-ref").args(["-q", "--short", "HEAD"]).answer()?;
        Ok(GitError::UnbornBranch { branch: String::from_utf8_lossy(&answer.stdout).trim_end().to_owned() })
    }

    /// Turns what was found into an id or into the reason why there is none.
    fn settle(&self, name: &str, found: Option<Found>, wanted: Kind) -> Result<Oid> {
        let unknown = || GitError::UnknownRevision { name: name.to_owned() };
        match found {
            Some(Found::Oid(oid)) => return Ok(oid),
            Some(Found::Ambiguous) => {
                return Err(GitError::AmbiguousRevision { name: name.to_owned() });
            }
            _ if !is_sane(name) => return Err(unknown()),
            _ => {}
        }
        let Some(oid) = self.reference(name)? else {
            return Err(if matches!(name, "HEAD" | "@") { self.unborn()? } else { unknown() });
        };
        match self.tree_of(oid) {
            Err(GitError::MissingObject { oid }) if name == oid.to_string() => Err(unknown()),
            Err(missing @ GitError::MissingObject { .. }) => Err(missing),
            _ => Err(GitError::WrongKind { name: name.to_owned(), wanted: wanted.word() }),
        }
    }
}

impl Found {
    fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::Oid(_), _) => self,
            (_, Self::Oid(_)) | (Self::Missing, _) => other,
            (Self::Ambiguous, _) => self,
        }
    }
}

/// Whether a name fits into one line of input.
fn is_sane(name: &str) -> bool {
    !name.is_empty() && !name.contains(['\n', '\0', '\r'])
}

/// `<id> <type>`, or the name followed by a word that says why not.
fn read_answer(line: &[u8], wanted: Kind) -> Found {
    let words: Vec<&[u8]> = line.split(|byte| *byte == b' ').collect();
    match words[..] {
        [hex, kind] if kind == wanted.word().as_bytes() => Oid::from_hex(hex).map_or(Found::Missing, Found::Oid),
        [.., b"ambiguous"] => Found::Ambiguous,
        _ => Found::Missing,
    }
}

fn parse_line(line: &[u8]) -> Result<Oid> {
    let hex = line.split(|byte| *byte == b'\n').next().unwrap_or_default();
    Oid::from_hex(hex).map_err(|_| GitError::bad_output("git rev-parse", "no object id"))
}
