//! Who first wrote a comment: through everything that only moved, indented, copied or brought it back.
//!
//! Blame says which commit brought the line. From there its parents are asked for an equal comment: in the same file, in
//! the other files that the commit touched, and, for a copy, anywhere. Each step leads to a parent, so that it ends.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::rc::Rc;

use bstr::{BString, ByteSlice};

use super::super::source::Source;
use crate::error::Error;
use crate::git::{BlameLine, BlameQuery, FileChange, Oid};
use crate::trace::comment::{Comment, Stand, in_file};
use crate::trace::revert::reverted;

/// The commit that first wrote a comment and its file there, or why that cannot be told.
pub type Origin = Result<(Oid, BString), String>;

/// Where a comment stood before.
type Older = (Oid, BString, Place);
/// What is known of a comment: where it stood before, if it did, or why that cannot be told.
type Answer<'a> = (Quest<'a>, Result<Option<Older>, String>);

/// Lines that blame is asked for one by one.
const MOST_RANGES: usize = 500;
/// Bytes that a search through whole trees reads at most: some seconds, and more than most repositories have of code.
const MOST_READ: u64 = 1 << 30;
/// Files of trees that such searches look at.
const MOST_FILES: u64 = 50_000_000;

/// The comments of a file, with where they stand and the code behind them.
type Found = Rc<HashMap<Comment, Vec<Place>>>;

/// A line, and a hash of the code there.
#[derive(Clone, Copy)]
struct Place {
    line: u32,
    code: Option<u64>,
}

/// Files with their comments, each read once.
pub struct Origins<'s> {
    source: &'s Source,
    /// By blob and path, of blobs in which one of `wanted` stands.
    known: HashMap<(Oid, BString), Found>,
    /// Blobs in which nothing of `wanted` stands.
    empty: HashSet<Oid>,
    /// What comments begin with that are looked for; every other blob is passed over.
    wanted: Vec<Vec<u8>>,
    /// Bytes and files that were read.
    read: u64,
    files: u64,
}

/// A comment on its way back: which one of those that are asked for, where it stands, and what it says.
struct Quest<'a> {
    at: usize,
    comment: &'a Comment,
    path: BString,
    place: Place,
}

impl<'s> Origins<'s> {
    /// Nothing is read yet.
    pub fn new(source: &'s Source) -> Origins<'s> {
        Origins { source, known: HashMap::new(), empty: HashSet::new(), wanted: Vec::new(), read: 0, files: 0 }
    }

    /// The comments of a file at the tip; their like are looked for from then on.
    pub fn at_tip(&mut self, tip: Oid, path: &BString) -> Result<Vec<Stand>, Error> {
        let Some((_, blob)) = self.source.repo.file_at(tip, path)?.filter(|(mode, _)| mode.is_file()) else {
            return Ok(Vec::new());
        };
        let bytes = self.source.repo.blob(blob)?;
        let found = in_file(&path.to_str_lossy(), &bytes.to_str_lossy());
        for stand in &found {
            let begins = begin(&stand.comment);
            if !self.wanted.contains(&begins) {
                self.wanted.push(begins);
            }
        }
        self.known.insert((blob, path.clone()), by_comment(found.clone()));
        Ok(found)
    }

    /// Where each of these, that stand in the tree of `tip`, was first written, in their order.
    pub fn settle(&mut self, tip: Oid, all: &[(BString, Stand)]) -> Result<Vec<Origin>, Error> {
        let mut settled: Vec<Option<Origin>> = vec![None; all.len()];
        // Comments of one file at one commit share one blame, and those that are new in one commit its trees.
        let mut open: BTreeMap<(Oid, BString), Vec<Quest>> = BTreeMap::new();
        for (at, (path, Stand { line, comment, code, .. })) in all.iter().enumerate() {
            let quest = Quest { at, comment, path: path.clone(), place: Place { line: *line, code: *code } };
            open.entry((tip, path.clone())).or_default().push(quest);
        }
        while !open.is_empty() {
            let mut new: BTreeMap<Oid, Vec<Quest>> = BTreeMap::new();
            while let Some(((commit, path), quests)) = open.pop_first() {
                let blamed = blame(self.source, commit, &path, quests.iter().map(|quest| quest.place.line).collect())?;
                for mut quest in quests {
                    let Some(line) = blamed.get(&quest.place.line) else { continue };
                    quest.path.clone_from(&line.orig_path);
                    quest.place.line = line.orig_line;
                    if line.boundary {
                        settled[quest.at] = Some(Err(cut_off(line.commit)));
                    } else if let Some((parent, path, place)) = self.in_same_file(&quest, line)? {
                        open.entry((parent, path.clone())).or_default().push(Quest { path, place, ..quest });
                    } else {
                        new.entry(line.commit).or_default().push(quest);
                    }
                }
            }
            for (commit, quests) in new {
                for (quest, older) in self.elsewhere(commit, quests)? {
                    match older {
                        Ok(Some((older, path, place))) => {
                            open.entry((older, path.clone())).or_default().push(Quest { path, place, ..quest });
                        }
                        Ok(None) => settled[quest.at] = Some(Ok((commit, quest.path))),
                        Err(reason) => settled[quest.at] = Some(Err(reason)),
                    }
                }
            }
        }
        let gone = || Err("the commit that wrote it cannot be told".to_owned());
        Ok(settled.into_iter().map(|origin| origin.unwrap_or_else(gone)).collect())
    }

    /// The comment in the file from which blame has it, where this had as many of them.
    fn in_same_file(&mut self, quest: &Quest, blamed: &BlameLine) -> Result<Option<Older>, Error> {
        let Some((parent, was)) = &blamed.previous else { return Ok(None) };
        let now = self.at(blamed.commit, &blamed.orig_path)?;
        let then = self.at(*parent, was)?;
        let (now, then) = (equal(&now, quest.comment), equal(&then, quest.comment));
        let at = now.iter().position(|place| place.line == blamed.orig_line).unwrap_or_default();
        let older = then.get(at.min(then.len().saturating_sub(1))).filter(|_| then.len() >= now.len());
        Ok(older.map(|place| (*parent, was.clone(), *place)))
    }

    /// The same of comments that are new in their file in one commit: moved from one of the other files that it touched, or
    /// copied from anywhere, or brought back.
    fn elsewhere<'a>(&mut self, commit: Oid, quests: Vec<Quest<'a>>) -> Result<Vec<Answer<'a>>, Error> {
        let parents = self.source.repo.parents(commit)?;
        let mut answers = Vec::new();
        let mut left = quests;
        for &parent in parents.iter() {
            let changes = self.source.repo.tree_changes(Some(parent), Some(commit), &[])?;
            let touched = self.touched(&changes)?;
            left = partition(left, &mut answers, |quest| {
                moved(&touched, quest).map(|(path, place)| (parent, path, place))
            });
        }
        let mut before = parents.to_vec();
        before.extend(self.undone_by(commit)?);
        for older in before {
            if left.is_empty() {
                break;
            }
            if self.read > MOST_READ || self.files > MOST_FILES {
                let reason = "whether it was copied was not looked for, as there is too much to read: name paths";
                answers.extend(left.drain(..).map(|quest| (quest, Err(reason.to_owned()))));
                break;
            }
            let tree = self.tree(older)?;
            left =
                partition(left, &mut answers, |quest| copied(&tree, quest).map(|(path, place)| (older, path, place)));
        }
        answers.extend(left.into_iter().map(|quest| (quest, Ok(None))));
        Ok(answers)
    }

    /// The comments before and after, of each file that differs and has or had some.
    fn touched(&mut self, changes: &[FileChange]) -> Result<Vec<(BString, Found, Found)>, Error> {
        let mut touched = Vec::new();
        for FileChange { path, old, new } in changes {
            let (old, new) = (self.in_blob(*old, path)?, self.in_blob(*new, path)?);
            if old.is_some() || new.is_some() {
                touched.push((path.clone(), old.unwrap_or_default(), new.unwrap_or_default()));
            }
        }
        Ok(touched)
    }

    /// The parents of the commits that a commit says it reverts: what these took away it may have brought back.
    fn undone_by(&self, commit: Oid) -> Result<Vec<Oid>, Error> {
        let repo = &self.source.repo;
        let mut parents = Vec::new();
        for named in reverted(&repo.message(commit)?.bytes) {
            if let Ok(target) = repo.resolve(&named.commit)
                && target != commit
            {
                parents.extend(repo.parents(target)?.iter().copied());
            }
        }
        Ok(parents)
    }

    fn at(&mut self, commit: Oid, path: &BString) -> Result<Found, Error> {
        let file = self.source.repo.file_at(commit, path)?;
        Ok(self.in_blob(file, path)?.unwrap_or_default())
    }

    /// The comments of a regular file; none of one without any that is wanted, and of the specification.
    fn in_blob(&mut self, file: Option<(crate::git::Mode, Oid)>, path: &BString) -> Result<Option<Found>, Error> {
        let Some((_, blob)) = file.filter(|(mode, _)| mode.is_file()) else { return Ok(None) };
        if self.empty.contains(&blob) || self.source.set.matches(path) {
            return Ok(None);
        }
        let key = (blob, path.clone());
        if let Some(known) = self.known.get(&key) {
            return Ok(Some(known.clone()));
        }
        let bytes = self.source.repo.blob(blob)?;
        self.read += bytes.len() as u64;
        if !self.wanted.iter().any(|begins| bytes.contains_str(begins)) {
            self.empty.insert(blob);
            return Ok(None);
        }
        let found = by_comment(in_file(&path.to_str_lossy(), &bytes.to_str_lossy()));
        self.known.insert(key, found.clone());
        Ok(Some(found))
    }

    /// The comments of all files of a commit that have some.
    fn tree(&mut self, commit: Oid) -> Result<Vec<(BString, Found)>, Error> {
        let files = self.source.repo.tree_files(commit, &|_| true, &|_| true)?;
        self.files += files.len() as u64;
        let mut all = Vec::new();
        for file in files {
            if let Some(found) = self.in_blob(Some((file.mode, file.oid)), &file.path)? {
                all.push((file.path, found));
            }
        }
        Ok(all)
    }
}

/// Hands out what is found, and back what isn't.
fn partition<'a>(
    quests: Vec<Quest<'a>>,
    answers: &mut Vec<Answer<'a>>,
    find: impl Fn(&Quest) -> Option<Older>,
) -> Vec<Quest<'a>> {
    let mut left = Vec::new();
    for quest in quests {
        match find(&quest) {
            Some(older) => answers.push((quest, Ok(Some(older)))),
            None => left.push(quest),
        }
    }
    left
}

/// The comment in one of the files that a commit touched, where these had as many of them before.
fn moved(touched: &[(BString, Found, Found)], quest: &Quest) -> Option<(BString, Place)> {
    let (mut now, mut then) = (0, 0);
    let mut best: Option<((bool, bool), &BString, Place)> = None;
    for (path, old, new) in touched.iter().filter(|(path, ..)| is_near(quest, path)) {
        let (old, new) = (equal(old, quest.comment), equal(new, quest.comment));
        now += new.len();
        then += old.len();
        for &place in old {
            // Rather the file that lost one, and the place with the same code.
            let rank = (old.len() > new.len(), place.code.is_some() && place.code == quest.place.code);
            if best.is_none_or(|(known, ..)| known < rank) {
                best = Some((rank, path, place));
            }
        }
    }
    best.filter(|_| then >= now).map(|(_, path, place)| (path.clone(), place))
}

/// An equal comment with the same code behind it.
fn copied(tree: &[(BString, Found)], quest: &Quest) -> Option<(BString, Place)> {
    let code = quest.place.code?;
    let mut near = tree.iter().filter(|(path, _)| is_near(quest, path));
    near.find_map(|(path, found)| {
        let place = equal(found, quest.comment).iter().find(|place| place.code == Some(code))?;
        Some((path.clone(), *place))
    })
}

/// Who wrote these lines, white space aside, by line.
fn blame(source: &Source, at: Oid, path: &BString, lines: BTreeSet<u32>) -> Result<HashMap<u32, BlameLine>, Error> {
    // A long list costs more than the whole file, and does not fit on a command line.
    let few = lines.len() <= MOST_RANGES;
    let ranges = lines.iter().filter(|_| few).map(|line| format!("{line},+1")).collect();
    let (rev, path, flags) = (Some(at.to_string()), path.clone(), vec!["-w".into()]);
    let blamed = source.repo.blame(&BlameQuery { rev, path, ranges, flags, ..BlameQuery::default() })?;
    Ok(blamed.into_iter().filter(|line| lines.contains(&line.line)).map(|line| (line.line, line)).collect())
}

fn cut_off(commit: Oid) -> String {
    format!("whether it is older than {} cannot be seen: the history is cut off there", commit.short(10))
}

fn by_comment(stands: Vec<Stand>) -> Found {
    let mut found: HashMap<Comment, Vec<Place>> = HashMap::new();
    for Stand { line, comment, code, .. } in stands.into_iter().filter(|stand| stand.doubt.is_none()) {
        found.entry(comment).or_default().push(Place { line, code });
    }
    Rc::new(found)
}

/// The comments that say the same.
fn equal<'f>(found: &'f Found, comment: &Comment) -> &'f [Place] {
    found.get(comment).map_or(&[], Vec::as_slice)
}

/// Whether a comment would mean the same clause in another file.
fn is_near(quest: &Quest, other: &BString) -> bool {
    let folder = |path: &BString| path.rsplit_once_str("/").map(|(folder, _)| folder.to_owned());
    !quest.comment.is_local() || folder(&quest.path) == folder(other)
}

/// What every equal comment begins with, as bytes of its file; short, so that there are few of them.
fn begin(comment: &Comment) -> Vec<u8> {
    let end = comment.text.find([' ', '>', ':']).map_or(comment.text.len(), |at| at + 1);
    comment.text.as_bytes()[..end].to_vec()
}
