//! What is known of a commit: which clause of each parent became which of its own, and what changed on the way.
//!
//! Plain values without texts, small enough to keep for every commit of a history. Texts are read again where they are
//! shown.

use bstr::{BStr, BString, ByteSlice};
use serde::{Deserialize, Serialize};

use crate::spec::body::Body;
use crate::spec::change::{Change, ChangeKind, Comparison};
use crate::spec::clause::headings;
use crate::spec::matching::{ClauseAt, Document, Rule};
use crate::spec::{Grade, Kind, Span, Version};

/// A clause as one commit has it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ClauseState {
    /// Repository-relative path.
    pub path: BString,
    /// Position in the file, from 0.
    pub at: u32,
    /// Name inside the file.
    pub anchor: String,
    /// Explicit id.
    pub id: Option<String>,
    /// Other ids.
    pub aliases: Vec<String>,
    /// Title; the first eight words where there is none.
    pub title: String,
    /// Whether the author gave the title.
    pub titled: bool,
    /// Ancestors' titles, outermost first.
    pub headings: Vec<String>,
    /// What sort of clause.
    pub kind: Kind,
    /// Position in a numbered list, from 1.
    pub ordinal: Option<u32>,
    /// Own lines.
    pub spans: Vec<Span>,
    /// The hash of its words.
    pub version: Version,
    /// How many tokens its body has.
    pub tokens: u32,
    /// Where its text stands in the file, where it stands there as it is.
    pub body: Option<Body>,
}

impl ClauseState {
    /// The state of a clause of a document.
    pub fn of(document: &Document, at: usize) -> ClauseState {
        let clause = &document.clauses[at];
        ClauseState {
            path: document.path.clone(),
            at: number(at),
            anchor: clause.anchor.clone(),
            id: clause.id.clone(),
            aliases: clause.aliases.clone(),
            title: clause.title.clone(),
            titled: clause.titled,
            headings: headings(&document.clauses, at),
            kind: clause.kind,
            ordinal: clause.ordinal,
            spans: clause.spans.to_vec(),
            version: clause.version(),
            tokens: number(clause.tokens().len()),
            body: clause.body.clone(),
        }
    }
}

/// What became of a clause on one edge.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ChangeState {
    /// All that holds.
    pub kinds: Vec<ChangeKind>,
    /// The weight of a modification.
    pub grade: Option<Grade>,
    /// What made it normative.
    pub tipped: Vec<String>,
    /// What bonded the two.
    pub rule: Option<Rule>,
    /// How sure, 0 to 1.
    pub score: Option<f32>,
    /// Before.
    pub old: Option<Box<ClauseState>>,
    /// After.
    pub new: Option<Box<ClauseState>>,
    /// Of an added clause: what it was copied or split from; of a removed one: what took it in.
    pub other: Option<Box<ClauseState>>,
    /// The merge drops this state of the parent that the edge leads to.
    pub dropped: bool,
}

impl ChangeState {
    /// A change between two sets of documents.
    pub fn of<D: AsRef<Document>>(change: &Change, old: &[D], new: &[D]) -> ChangeState {
        let state = |docs: &[D], at: ClauseAt| Box::new(ClauseState::of(docs[at.doc].as_ref(), at.at));
        let other = change.other.map(|at| if change.new.is_some() { state(old, at) } else { state(new, at) });
        ChangeState {
            kinds: change.kinds.clone(),
            grade: change.grade,
            tipped: change.tipped.clone(),
            rule: change.rule,
            score: change.score,
            old: change.old.map(|at| state(old, at)),
            new: change.new.map(|at| state(new, at)),
            other,
            dropped: false,
        }
    }

    /// Whether a kind holds.
    pub fn is(&self, kind: ChangeKind) -> bool {
        self.kinds.contains(&kind)
    }

    /// Whether it changed what is demanded: it came in, or its words differ by more than spelling.
    pub fn is_meaning(&self) -> bool {
        self.is(ChangeKind::Added) || (self.is(ChangeKind::Modified) && self.grade != Some(Grade::Minor))
    }

    /// Whether it changed the text at all.
    pub fn is_text(&self) -> bool {
        use ChangeKind::{Added, Editorial, Modified, Renamed, Retargeted};
        [Added, Modified, Editorial, Retargeted, Renamed].into_iter().any(|kind| self.is(kind))
    }

    /// Layout, targets, attributes or spelling only.
    pub fn is_noise(&self) -> bool {
        crate::spec::change::is_noise(&self.kinds, self.grade)
    }
}

/// A run of clauses that stand in the same order before and after.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    /// Position of the first one after.
    pub new: u32,
    /// How many.
    pub len: u32,
    /// Their file before, an index into [`EdgeState::old_paths`].
    pub old_path: u32,
    /// Position of the first one before.
    pub old: u32,
}

/// A file that differs on an edge, as the commit has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileState {
    /// Its path.
    pub path: BString,
    /// Which of its clauses were which before; empty for a file of a merge that another parent has as it is.
    pub runs: Vec<Run>,
    /// Of a merge: another parent has this file as it is, so that this one has no say, save where it is dropped.
    pub elsewhere: bool,
}

/// What differs between a commit and one of its parents.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct EdgeState {
    /// The files that the commit has and that differ, by path.
    pub files: Vec<FileState>,
    /// The paths that [`Run::old_path`] counts.
    pub old_paths: Vec<BString>,
    /// What became of their clauses.
    pub changes: Vec<ChangeState>,
}

impl EdgeState {
    /// An edge from compared documents.
    pub fn of<D: AsRef<Document>>(comparison: &Comparison, old: &[D], new: &[D]) -> EdgeState {
        EdgeState::of_files(comparison, old, new, |_| true)
    }

    /// An edge from compared documents, of which only files with these paths are told: as the commit has them or, of what
    /// is gone, as the parent had them.
    pub fn of_files<D: AsRef<Document>>(
        comparison: &Comparison,
        old: &[D],
        new: &[D],
        wanted: impl Fn(&BStr) -> bool,
    ) -> EdgeState {
        let is_wanted =
            |docs: &[D]| -> Vec<bool> { docs.iter().map(|doc| wanted(doc.as_ref().path.as_bstr())).collect() };
        let (old_wanted, new_wanted) = (is_wanted(old), is_wanted(new));
        let shown = |change: &&Change| match (change.new, change.old) {
            (Some(at), _) => new_wanted[at.doc],
            (None, Some(at)) => old_wanted[at.doc],
            (None, None) => false,
        };
        let mut files: Vec<FileState> = new
            .iter()
            .map(|document| FileState { path: document.as_ref().path.clone(), runs: Vec::new(), elsewhere: false })
            .collect();
        for bond in comparison.bonds.iter().filter(|bond| new_wanted[bond.new.doc]) {
            let (new, old_path, old) = (number(bond.new.at), number(bond.old.doc), number(bond.old.at));
            let runs = &mut files[bond.new.doc].runs;
            match runs.last_mut() {
                Some(run) if run.new + run.len == new && run.old + run.len == old && run.old_path == old_path => {
                    run.len += 1;
                }
                _ => runs.push(Run { new, len: 1, old_path, old }),
            }
        }
        let mut told = new_wanted.iter();
        files.retain(|_| told.next() == Some(&true));
        files.sort_by(|a, b| a.path.cmp(&b.path));
        EdgeState {
            files,
            old_paths: old.iter().map(|document| document.as_ref().path.clone()).collect(),
            changes: comparison.changes.iter().filter(shown).map(|change| ChangeState::of(change, old, new)).collect(),
        }
    }

    /// A file that differs, by its path in the commit.
    pub fn file(&self, path: &BStr) -> Option<&FileState> {
        self.files.binary_search_by(|file| file.path.as_slice().cmp(path)).ok().map(|at| &self.files[at])
    }

    /// Where a clause of a file that differs stood before.
    pub fn old_place(&self, file: &FileState, at: u32) -> Option<(&BString, u32)> {
        let after = file.runs.partition_point(|run| run.new <= at);
        let run = file.runs.get(after.checked_sub(1)?)?;
        let inside = at - run.new;
        (inside < run.len).then(|| Some((self.old_paths.get(run.old_path as usize)?, run.old + inside)))?
    }
}

/// What is known of a commit.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CommitFacts {
    /// One for each parent, or one for a root; none where nothing of the specification differs from any parent.
    pub edges: Vec<EdgeState>,
    /// Of a merge: the changes that it made itself, as edge and number in that edge's changes.
    pub own: Vec<(u32, u32)>,
    /// Of a commit with one parent: the files that left the specification with it, with their clauses, and where outside of it
    /// the same bytes appear, by path. None where that is not known.
    pub left: Option<Vec<(BString, BString)>>,
}

impl CommitFacts {
    /// Whether a change is the commit's own: every one of a commit with one parent, of a merge those that it made itself.
    pub fn made(&self, edge: usize, change: usize) -> bool {
        let at = (u32::try_from(edge).unwrap_or(u32::MAX), number(change));
        self.edges.len() == 1 || self.own.binary_search(&at).is_ok()
    }

    /// [`CommitFacts::shown`] of facts that are needed no longer: edges and changes.
    pub fn into_shown(mut self) -> Vec<(usize, ChangeState)> {
        match self.edges.pop() {
            Some(single) if self.edges.is_empty() => single.changes.into_iter().map(|change| (0, change)).collect(),
            Some(last) => {
                self.edges.push(last);
                self.shown().map(|(edge, _, change)| (edge, change.clone())).collect()
            }
            None => Vec::new(),
        }
    }

    /// The changes that the commit made, each with the edge it is seen on and its number there.
    pub fn shown(&self) -> impl Iterator<Item = (usize, usize, &ChangeState)> {
        let single = self.edges.first().filter(|_| self.edges.len() == 1);
        let own = self.own.iter().filter_map(|&(edge, change)| {
            let (edge, number) = (edge as usize, change as usize);
            Some((edge, number, self.edges.get(edge)?.changes.get(number)?))
        });
        let all = single.into_iter().flat_map(|edge| edge.changes.iter().enumerate());
        all.map(|(number, change)| (0, number, change)).chain(own)
    }
}

/// A position as it is stored. No file has 2³² clauses: its size is limited to far less.
fn number(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}
