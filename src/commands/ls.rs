//! `git spec ls` and `git spec grep`.

use bstr::{BString, ByteSlice};
use regex::RegexBuilder;

use super::sides::Side;
use super::source::Source;
use crate::error::Error;
use crate::git::{GitError, Pathspecs};
use crate::view::facts::ClauseFact;
use crate::view::ls::{ListedClause, LsReport, MatchedLine};

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

/// The clauses of a revision, limited to paths.
pub fn ls(source: &Source, rev: Option<&str>, paths: &[BString]) -> Result<LsReport, Error> {
    let specs = Pathspecs::new(paths, source.repo.prefix());
    let (side, rev) = side(source, rev)?;
    let mut clauses = Vec::new();
    for (path, content) in source.files(&side)? {
        if !specs.matches(&path) {
            continue;
        }
        let document = source.document(path.as_bstr(), &content)?;
        for clause in &document.clauses {
            let clause = ClauseFact::new(path.as_bstr(), clause);
            clauses.push(ListedClause { clause, state: "unlinked".to_owned(), matches: Vec::new() });
        }
    }
    Ok(LsReport { schema: "git-spec/ls/1", rev, clauses, incomplete: source.incomplete.borrow().clone() })
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
        RegexBuilder::new(&text).case_insensitive(self.ignore_case).build().map_err(|error| Error::Usage {
            message: format!("'{}' is no regular expression: {error}", self.text),
            help: "take it as plain text: -F".to_owned(),
        })
    }
}

/// The clauses whose id, title or text match.
pub fn grep(source: &Source, pattern: &Pattern, rev: Option<&str>, paths: &[BString]) -> Result<LsReport, Error> {
    let regex = pattern.compile()?;
    let specs = Pathspecs::new(paths, source.repo.prefix());
    let (side, rev) = side(source, rev)?;
    let mut clauses = Vec::new();
    for (path, content) in source.files(&side)? {
        if !specs.matches(&path) {
            continue;
        }
        let document = source.document(path.as_bstr(), &content)?;
        let lines = source.lines(&content)?;
        for clause in &document.clauses {
            let own = clause.spans.iter().flat_map(|span| span.first..=span.last);
            let matches: Vec<MatchedLine> = own
                .filter_map(|line| {
                    let text = lines.get(line as usize - 1)?;
                    regex.is_match(text).then(|| MatchedLine { line, text: text.clone() })
                })
                .collect();
            let named = [clause.id.as_deref(), Some(clause.title.as_str())]
                .into_iter()
                .flatten()
                .any(|name| regex.is_match(name));
            if !matches.is_empty() || (named && clause.titled) {
                let clause = ClauseFact::new(path.as_bstr(), clause);
                clauses.push(ListedClause { clause, state: "unlinked".to_owned(), matches });
            }
        }
    }
    Ok(LsReport { schema: "git-spec/grep/1", rev, clauses, incomplete: source.incomplete.borrow().clone() })
}
