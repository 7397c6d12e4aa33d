//! `git spec blame`: git says who wrote each line, the clauses say what it means.

use std::collections::{HashMap, HashSet};

use bstr::{BStr, ByteSlice};

use super::facts::facts_of;
use super::lines;
use super::links::Links;
use super::lives;
use super::sides::Side;
use super::source::{Content, Source};
use crate::error::Error;
use crate::git::{BlameAhead, BlameLine, BlameQuery, GitError, Oid, Range, Repo};
use crate::spec::clause::Clause;
use crate::trace::lineage::Place;
use crate::view::blame::{BlameReport, BlamedClause, BlamedLine};
use crate::view::facts::{ClauseFact, path_text};
use crate::view::shared::Shared;

/// What is asked for by commit, once for each of thousands of lines.
type ByCommit<T> = HashMap<Oid, T, foldhash::fast::RandomState>;

/// Blames a file of a revision, or of the work tree. Git's own work runs while the specification is looked at.
///
/// Links are judged at `at`, or else at that revision. `ahead` is the same query where git has begun with it. Where there is no specification, lines come without clauses;
/// nothing is missing then.
pub fn blame(
    repo: Repo,
    query: &BlameQuery,
    at: Option<&str>,
    ahead: Option<BlameAhead>,
) -> Result<(BlameReport, Result<Source, Repo>), Error> {
    let (other, door) = (repo.reopen(), repo.reopen());
    let (lines, read) = std::thread::scope(|scope| {
        let lines = scope.spawn(move || other.blame_begun(query, ahead));
        let read = Specification::read(repo, query, at);
        (lines.join(), read)
    });
    let read = read?;
    let lines = match lines {
        Ok(Ok(lines)) => lines,
        Ok(Err(error)) => match left_out(&door, query)? {
            Some(query) => door.blame_begun(&query, None).map_err(|error| explain(error, &query, &door))?,
            None => return Err(explain(error, query, &door)),
        },
        Err(panic) => std::panic::resume_unwind(panic),
    };
    read.report(query, &lines)
}

/// The same question about a file that a sparse checkout leaves out of the work tree, as the index has it.
fn left_out(repo: &Repo, query: &BlameQuery) -> Result<Option<BlameQuery>, Error> {
    if query.rev.is_some() || query.contents.is_some() || repo.work_tree().is_none() {
        return Ok(None);
    }
    let entries = repo.index_files(&|path| path == query.path)?;
    let Some(entry) = entries.into_iter().find(|entry| entry.skip_worktree && entry.mode.is_file()) else {
        return Ok(None);
    };
    Ok(Some(BlameQuery { contents: Some(repo.blob(entry.oid)?), ..query.clone() }))
}

/// What blame has to know besides the lines.
struct Specification {
    source: Result<Source, Repo>,
    tip: Option<Oid>,
    /// The revision that links are judged at; none on a branch without commits.
    judged: Option<Oid>,
    links: Links,
}

/// The commit of a revision, or the newer one of a range.
fn end_of(repo: &Repo, rev: &str) -> Result<Oid, Error> {
    Ok(match rev.contains("..").then(|| repo.range(rev)).transpose()? {
        Some(Range::From(oid) | Range::Between(_, oid)) => oid,
        None => repo.resolve(rev)?,
    })
}

impl Specification {
    fn read(repo: Repo, query: &BlameQuery, at: Option<&str>) -> Result<Specification, Error> {
        let rev = query.rev.as_deref();
        let tip = rev.map(|rev| end_of(&repo, rev)).transpose()?;
        let at = at.map(|at| repo.resolve(at)).transpose()?;
        let door = repo.reopen();
        let named = rev.map(|rev| {
            if rev.contains("..") { tip.map_or_else(String::new, |tip| tip.to_string()) } else { rev.to_owned() }
        });
        let source = match Source::of(repo, named.as_deref()) {
            Ok(source) => source,
            Err(Error::NoSpecSet { .. }) => {
                return Ok(Specification { source: Err(door), tip, judged: None, links: Links::default() });
            }
            Err(other) => return Err(other),
        };
        let judged = match at.or(tip) {
            Some(tip) => Some(tip),
            None => source.repo.head()?,
        };
        let links = judged.map(|judged| Links::read(&source, judged)).transpose()?.unwrap_or_default();
        Ok(Specification { source: Ok(source), tip, judged, links })
    }

    /// The lines with those that reverts brought back as those of the commits that they came from.
    fn brought_back(
        &self,
        source: &Source,
        query: &BlameQuery,
        lines: &[BlameLine],
    ) -> Result<Option<Vec<BlameLine>>, Error> {
        let Some(judged) = self.judged.filter(|_| self.links.ledger.is_some()) else { return Ok(None) };
        let sources = self.links.reverts.sources(source.graph_behind(judged)?.as_ref());
        let back = lines::brought_back(&source.repo, query, lines, &sources)?;
        Ok(back.filter(|back| back.len() == lines.len()))
    }

    fn report(self, query: &BlameQuery, lines: &[BlameLine]) -> Result<(BlameReport, Result<Source, Repo>), Error> {
        let mut report = BlameReport {
            schema: "git-spec/blame/1",
            path: path_text(query.path.as_bstr()),
            rev: self.tip.map_or_else(|| "worktree".to_owned(), |oid| oid.to_string()),
            lines: blamed(lines),
            clauses: Vec::new(),
            incomplete: Vec::new(),
        };
        if let Ok(source) = &self.source {
            let back = self.brought_back(source, query, lines)?;
            let mut of_commits: ByCommit<Shared<_>> = HashMap::default();
            for ((line, own), from) in report.lines.iter_mut().zip(lines).zip(back.as_deref().unwrap_or(lines)) {
                let links = of_commits.entry(from.commit).or_insert_with(|| self.links.of(from.commit).into());
                line.links = links.clone();
                line.brought_back = (from.commit != own.commit).then(|| from.commit.to_string());
            }
            if source.set.matches(&query.path) {
                clauses(source, &self.links, self.tip, query.path.as_bstr(), &mut report)?;
            } else {
                infer(source, lines, &mut report)?;
            }
            report.incomplete = source.incomplete.borrow().clone();
        }
        Ok((report, self.source))
    }
}

/// Says that the file itself cannot be read in the revision, of which git says that it has no such path.
fn own_blob(query: &BlameQuery, repo: &Repo) -> Option<GitError> {
    let commit = repo.resolve(query.rev.as_deref()?).ok()?;
    let (_, blob) = repo.file_at(commit, &query.path).ok()?.filter(|(mode, _)| mode.is_file())?;
    repo.blob(blob).err().filter(|error| matches!(error, GitError::MissingObject { .. }))
}

fn explain(error: GitError, query: &BlameQuery, repo: &Repo) -> Error {
    if let Some(missing) = own_blob(query, repo) {
        return missing.into();
    }
    match &error {
        GitError::GitFailed { stderr, .. } if stderr.contains("no such path") || stderr.contains("No such file") => {
            Error::NoSuchFile { path: query.path.to_vec(), rev: query.rev.clone().unwrap_or_else(|| "HEAD".to_owned()) }
        }
        GitError::GitFailed { stderr, .. } if missing_object(stderr).is_some() => {
            let oid = missing_object(stderr);
            oid.map_or(error, |oid| GitError::MissingObject { oid }).into()
        }
        // On a branch without commits git speaks of its own ref.
        GitError::GitFailed { stderr, .. } if stderr.contains("no such ref: HEAD") => {
            repo.resolve("HEAD").err().unwrap_or(error).into()
        }
        _ => error.into(),
    }
}

/// The object that git names where it could not read one.
pub(super) fn missing_object(stderr: &str) -> Option<Oid> {
    let words = ["Cannot read blob ", "Could not read ", "unable to read tree (", "unable to read "];
    let behind = words.iter().find_map(|words| stderr.split_once(words)).map(|(_, behind)| behind)?;
    let end = behind.find(|letter: char| !letter.is_ascii_hexdigit()).unwrap_or(behind.len());
    Oid::from_hex(&behind.as_bytes()[..end]).ok()
}

/// The lines as the report has them. What the lines of a commit have in common is there once.
fn blamed(lines: &[BlameLine]) -> Vec<BlamedLine> {
    let (links, names) = (Shared::from(Vec::new()), Shared::from(Vec::new()));
    let mut known: ByCommit<[Shared<str>; 3]> = HashMap::default();
    let mut line = |line: &BlameLine| {
        let of_commit = || {
            let date = day(line.author_time, &line.author_tz.to_str_lossy());
            [line.commit.to_string(), line.author.to_string(), date].map(Shared::from)
        };
        let [commit, author, date] = known.entry(line.commit).or_insert_with(of_commit).clone();
        BlamedLine {
            line: line.line,
            commit,
            links: links.clone(),
            brought_back: None,
            inferred: false,
            author,
            date,
            clause: None,
            inferred_from: names.clone(),
            text: line.text.to_str_lossy().into_owned(),
        }
    };
    lines.iter().map(&mut line).collect()
}

/// Tells of each clause on the blamed lines where it came in and last changed.
fn clauses(
    source: &Source,
    links: &Links,
    tip: Option<Oid>,
    path: &BStr,
    report: &mut BlameReport,
) -> Result<(), Error> {
    let head = match tip {
        Some(tip) => Some(tip),
        None => source.repo.head()?,
    };
    let content = match tip {
        Some(tip) => source.files(&Side::Commit(tip))?.into_iter().find(|(p, _)| p == path).map(|(_, content)| content),
        None => source.files(&Side::WorkTree)?.into_iter().find(|(p, _)| p == path).map(|(_, content)| content),
    };
    let Some(content) = content else { return Ok(()) };
    let document = source.document(path, &content)?;
    let wanted: Vec<usize> = (0..document.clauses.len())
        .filter(|&at| report.lines.iter().any(|line| document.clauses[at].owns(line.line)))
        .collect();
    let committed = committed_places(source, head, path, &content, &document.clauses, &wanted)?;
    let followed: Vec<Place> = committed.iter().flatten().map(|committed| committed.place.clone()).collect();
    let lives = match head {
        Some(head) if !followed.is_empty() => {
            Some(lives::follow(source, head, followed, lives::iso(), |_, _| Ok(true))?)
        }
        _ => None,
    };
    let mut lineage = 0;
    for (&at, place) in wanted.iter().zip(&committed) {
        let (introduced, last_meaning_change, last_text_change) = match (&lives, place) {
            (Some(lives), Some(committed)) => {
                lineage += 1;
                let (introduced, meaning, text) = lives.moments(lineage - 1);
                // What nobody has committed yet changed last.
                (introduced, meaning.filter(|_| committed.means_the_same), text.filter(|_| committed.says_the_same))
            }
            _ => (None, None, None),
        };
        let number = report.clauses.len();
        for line in report.lines.iter_mut().filter(|line| document.clauses[at].owns(line.line)) {
            line.clause = Some(number);
        }
        let clause = ClauseFact::new(&document, at);
        let generated = links.from_clause(path, &clause.anchor);
        report.clauses.push(BlamedClause { clause, introduced, last_meaning_change, last_text_change, generated });
    }
    Ok(())
}

/// A clause of HEAD, and whether it has the meaning and the text that it has here.
struct Committed {
    place: Place,
    means_the_same: bool,
    says_the_same: bool,
}

/// Where HEAD has the clauses: the same places for a commit, matched ones for the work tree.
fn committed_places(
    source: &Source,
    head: Option<Oid>,
    path: &BStr,
    content: &Content,
    clauses: &[Clause],
    wanted: &[usize],
) -> Result<Vec<Option<Committed>>, Error> {
    let own = |at: usize| Place { path: path.to_owned(), at };
    let Content::Bytes(_) = content else {
        let same = |&at: &usize| Some(Committed { place: own(at), means_the_same: true, says_the_same: true });
        return Ok(wanted.iter().map(same).collect());
    };
    let none = || Ok(wanted.iter().map(|_| None).collect());
    let Some(head) = head else { return none() };
    let old = source.files(&Side::Commit(head))?.into_iter().find(|(p, _)| p == path);
    let Some((_, old)) = old else { return none() };
    let old = source.document(path, &old)?;
    let new = std::sync::Arc::new(crate::spec::matching::Document { path: path.to_owned(), clauses: clauses.to_vec() });
    let comparison = source.compare(std::slice::from_ref(&old), &[new]);
    let bonds: HashMap<usize, usize> = comparison.bonds.iter().map(|bond| (bond.new.at, bond.old.at)).collect();
    let committed = |at: &usize| {
        let (place, here) = (own(*bonds.get(at)?), clauses.get(*at)?);
        let there = old.clauses.get(place.at)?;
        let means_the_same = there.version() == here.version();
        let says_the_same = there.content == here.content && there.title == here.title;
        Some(Committed { place, means_the_same, says_the_same })
    };
    Ok(wanted.iter().map(committed).collect())
}

/// Marks lines whose commit changed clauses together with code: guessed, shown apart.
fn infer(source: &Source, lines: &[BlameLine], report: &mut BlameReport) -> Result<(), Error> {
    let commits: HashSet<Oid> = lines.iter().map(|line| line.commit).filter(|oid| !oid.is_zero()).collect();
    let mut changed: ByCommit<Shared<Vec<String>>> = HashMap::default();
    for &commit in &commits {
        if source.repo.shallow_borders()?.contains(&commit) {
            continue;
        }
        let parents = source.repo.parents(commit)?;
        if parents.len() > 1 {
            continue;
        }
        let facts = facts_of(source, commit, &parents)?;
        let changed_here = facts.shown().filter(|(_, _, change)| !change.is_noise());
        let names: Vec<String> =
            changed_here.filter_map(|(_, _, change)| Some(change.new.as_ref()?.anchor.clone())).collect();
        if !names.is_empty() {
            changed.insert(commit, names.into());
        }
    }
    for (line, blamed) in report.lines.iter_mut().zip(lines) {
        if let Some(names) = changed.get(&blamed.commit) {
            line.inferred = line.links.is_empty();
            line.inferred_from = names.clone();
        }
    }
    Ok(())
}

/// The day of a time in its own zone, `YYYY-MM-DD`. Civil-from-days after Howard Hinnant's description.
fn day(seconds: i64, zone: &str) -> String {
    let minutes = zone.get(1..3).and_then(|h| h.parse::<i64>().ok()).unwrap_or(0) * 60
        + zone.get(3..5).and_then(|m| m.parse::<i64>().ok()).unwrap_or(0);
    let offset = if zone.starts_with('-') { -minutes * 60 } else { minutes * 60 };
    let days = seconds.saturating_add(offset).div_euclid(86_400) + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * of_year + 2) / 153;
    let date = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    format!("{year:04}-{month:02}-{date:02}")
}

#[cfg(test)]
mod tests {
    #[test]
    fn days_are_told_in_the_authors_zone() {
        assert_eq!(super::day(0, "+0000"), "1970-01-01");
        assert_eq!(super::day(951_825_600, "+0000"), "2000-02-29");
        assert_eq!(super::day(1_700_000_000, "-1200"), "2023-11-14");
        assert_eq!(super::day(-1, "+0000"), "1969-12-31");
    }
}
