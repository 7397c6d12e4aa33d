//! `git spec ls` and `git spec grep`.

use std::collections::BTreeMap;

use bstr::{BStr, BString, ByteSlice};
use regex::RegexBuilder;

use super::links::{Links, unlinked};
use super::lives;
use super::sides::Side;
use super::source::Source;
use crate::error::Error;
use crate::git::{GitError, Oid, Pathspecs};
use crate::trace::lineage::Place;
use crate::view::facts::{ClauseFact, path_text};
use crate::view::ls::{Life, ListedClause, LsReport, MatchedLine};
use crate::view::text::one_line;

/// The side that a revision names; the work tree where there is none to name and a work tree to read.
pub fn side(source: &Source, rev: Option<&str>) -> Result<(Side, String), Error> {
    let name = rev.unwrap_or("HEAD");
    match source.repo.resolve(name) {
        Ok(oid) => Ok((Side::Commit(oid), oid.to_string())),
        Err(GitError::UnbornBranch { .. }) if rev.is_none() && source.repo.work_tree().is_some() => {
            Ok((Side::WorkTree, "worktree".to_owned()))
        }
        Err(other) => Err(other.into()),
    }
}

/// The links to judge by: those that `at` reaches, else the revision that is listed.
fn linked(source: &Source, side: &Side, at: Option<&str>) -> Result<Links, Error> {
    match (at, side) {
        (Some(at), _) => Links::read(source, source.repo.resolve(at)?),
        (None, Side::Commit(tip)) => Links::read(source, *tip),
        (None, _) => Ok(Links::default()),
    }
}

/// The clauses of a revision, limited to paths; `long` says whether their states will be shown, and when they came in and
/// changed: the one costs a look at all messages, the other a walk through history.
pub fn ls(
    source: &Source,
    rev: Option<&str>,
    at: Option<&str>,
    paths: &[BString],
    long: bool,
) -> Result<LsReport, Error> {
    let specs = Pathspecs::new(paths, &source.repo)?;
    let (side, rev) = side(source, rev)?;
    let linked = linked(source, &side, at)?;
    if let Side::Commit(tip) = &side
        && long
        && linked.ledger.is_none()
    {
        unlinked(source, *tip)?;
    }
    let (mut clauses, mut places) = (Vec::new(), Vec::new());
    let files: Vec<_> = source.files(&side)?.into_iter().filter(|(path, _)| specs.matches(path)).collect();
    let documents = source.read_all(&files.iter().map(|(path, content)| (path, content)).collect::<Vec<_>>())?;
    for ((path, _), document) in files.iter().zip(documents) {
        let Some(document) = document else { continue };
        for at in 0..document.clauses.len() {
            let clause = ClauseFact::new(&document, at);
            let state = linked.state(path.as_bstr(), &clause.anchor);
            clauses.push(ListedClause { clause, state, life: None, matches: Vec::new() });
            places.push(Place { path: path.clone(), at });
        }
    }
    if long {
        let lives = if let Side::Commit(tip) = side { lives_of(source, tip, places)? } else { Vec::new() };
        let lives = lives.into_iter().chain(std::iter::repeat_with(Life::default));
        clauses.iter_mut().zip(lives).for_each(|(listed, life)| listed.life = Some(life));
    }
    Ok(LsReport { schema: "git-spec/ls/1", rev, clauses, incomplete: source.incomplete.borrow().clone() })
}

/// When each of the clauses came in and changed, all in one walk.
fn lives_of(source: &Source, tip: Oid, places: Vec<Place>) -> Result<Vec<Life>, Error> {
    let count = places.len();
    if count == 0 {
        return Ok(Vec::new());
    }
    let lives = lives::follow(source, tip, places, lives::iso(), |_, _| Ok(true))?;
    let life = |at| {
        let (introduced, last_meaning_change, last_text_change) = lives.moments(at);
        Life { introduced, last_meaning_change, last_text_change }
    };
    Ok((0..count).map(life).collect())
}

/// Ids told in one go; the others are counted.
const TOLD_TWICE: usize = 5;

/// What there is to say of ids that several clauses of one file bear: nobody can tell which of them is meant.
pub fn borne_twice<'c>(clauses: impl Iterator<Item = (&'c BStr, &'c str, u32)>) -> Vec<String> {
    let mut lines: BTreeMap<(&BStr, &str), Vec<u32>> = BTreeMap::new();
    for (path, id, line) in clauses {
        lines.entry((path, id)).or_default().push(line);
    }
    let several: Vec<_> = lines.into_iter().filter(|(_, lines)| lines.len() > 1).collect();
    let told = several.iter().take(TOLD_TWICE).map(|((path, id), lines)| {
        let count = lines.len();
        let lines = lines.iter().take(TOLD_TWICE).map(u32::to_string).collect::<Vec<_>>().join(", ");
        let (path, id) = (path_text(path), one_line(id));
        format!("{count} clauses of {path} bear the id {id} (lines {lines}), so that a link may go astray; give each its own")
    });
    let mut told: Vec<String> = told.collect();
    if several.len() > TOLD_TWICE {
        told.push(format!("{} more ids are borne by several clauses", several.len() - TOLD_TWICE));
    }
    told
}

/// What to look for.
#[derive(Clone, Debug, Default)]
pub struct Pattern {
    /// A regular expression.
    pub text: String,
    /// Letter case aside.
    pub ignore_case: bool,
    /// The pattern is plain text.
    pub fixed: bool,
}

impl Pattern {
    /// Compiles it.
    pub fn compile(&self) -> Result<regex::Regex, Error> {
        let text = if self.fixed { regex::escape(&self.text) } else { self.text.clone() };
        RegexBuilder::new(&text).case_insensitive(self.ignore_case).build().map_err(|error| {
            // What is wrong stands in the last line, beneath a drawing of where.
            let error = error.to_string();
            let why = error.lines().last().unwrap_or_default().trim_start_matches("error: ");
            Error::Usage {
                message: format!("'{}' is no regular expression: {why}", self.text),
                help: "take it as plain text: -F".to_owned(),
            }
        })
    }
}

/// The clauses whose id, title or text match.
pub fn grep(source: &Source, pattern: &Pattern, rev: Option<&str>, paths: &[BString]) -> Result<LsReport, Error> {
    let (regex, at) = (pattern.compile()?, None);
    let specs = Pathspecs::new(paths, &source.repo)?;
    let (side, rev) = side(source, rev)?;
    let linked = linked(source, &side, at)?;
    let mut clauses = Vec::new();
    for (path, content) in source.files(&side)? {
        if !specs.matches(&path) {
            continue;
        }
        let document = source.document(path.as_bstr(), &content)?;
        let lines = source.lines(&content)?;
        for (at, clause) in document.clauses.iter().enumerate() {
            let own = clause.spans.iter().flat_map(|span| span.first..=span.last);
            let matches: Vec<MatchedLine> = own
                .filter_map(|line| {
                    let text = lines.get(line as usize - 1)?;
                    regex.is_match(text).then(|| MatchedLine { line, text: text.clone() })
                })
                .collect();
            // A clause without a title is called by its first words, which its text has.
            let title = clause.titled.then_some(&clause.title);
            let named = clause.id.iter().chain(&clause.aliases).chain(title).any(|name| regex.is_match(name));
            if !matches.is_empty() || named {
                let clause = ClauseFact::new(&document, at);
                let state = linked.state(path.as_bstr(), &clause.anchor);
                clauses.push(ListedClause { clause, state, life: None, matches });
            }
        }
    }
    Ok(LsReport { schema: "git-spec/grep/1", rev, clauses, incomplete: source.incomplete.borrow().clone() })
}
