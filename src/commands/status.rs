//! `git spec status`: where we are, worst first.

use std::collections::{BTreeSet, HashSet};

use bstr::{BStr, BString, ByteSlice};

use super::behind::{Behind, worst_first};
use super::branch::Branch;
use super::lines;
use super::links::{Links, unlinked};
use super::source::{Source, settings};
use super::standing::{self, Standing};
use super::start::under_way;
use super::unlinked::{self, Unlinked};
use crate::error::Error;
use crate::git::{Oid, Pathspecs};
use crate::trace::answer::State;
use crate::view::behind::BehindClause;
use crate::view::facts::{ClauseFact, path_text};
use crate::view::status::{Counts, StatusReport, UnlinkedCommit, WaitingClause};

/// What to look at.
#[derive(Clone, Debug, Default)]
pub struct StatusQuery {
    /// HEAD where none.
    pub at: Option<String>,
    /// Only what the branch touched.
    pub branch: bool,
    /// What the branch is compared with.
    pub base: Option<String>,
    /// Pathspecs as typed.
    pub paths: Vec<BString>,
}

/// How the clauses of a revision stand, and what there is to do.
pub fn status(source: &Source, query: &StatusQuery) -> Result<StatusReport, Error> {
    let tip = source.repo.resolve(query.at.as_deref().unwrap_or("HEAD"))?;
    let name = source.repo.current_branch()?;
    let branch = match query.branch {
        true => Some(required(source, tip, name.as_deref(), query.base.as_deref())?),
        false => None,
    };
    let links = Links::read(source, tip)?;
    let mut report = StatusReport {
        schema: "git-spec/status/1",
        rev: tip.to_string(),
        at: query.at.clone(),
        branch: name.clone().filter(|_| query.at.is_none()),
        base: branch.as_ref().map(|branch| branch.base.to_string()),
        base_name: branch.as_ref().map(|branch| branch.name.clone()),
        linked: links.ledger.is_some(),
        ..StatusReport::default()
    };
    if links.ledger.is_none() {
        unlinked(source, tip)?;
        report.counts.clauses = standing::count(source, tip)?;
        report.counts.unanswered = report.counts.clauses;
    } else {
        let limits = Limits::new(branch, query, source, &links);
        answer(source, &links, &limits, tip, &mut report)?;
        if limits.branch.is_none() && report.waiting.len() > 1 && query.at.is_none() {
            news_first(&mut report, Branch::of(source, tip, name.as_deref(), None)?.as_ref());
        }
    }
    if query.at.is_none() {
        report.started = under_way(source)?;
    }
    report.incomplete = source.incomplete.borrow().clone();
    Ok(report)
}

fn required(source: &Source, tip: Oid, current: Option<&str>, base: Option<&str>) -> Result<Branch, Error> {
    Branch::of(source, tip, current, base)?.ok_or_else(|| Error::Usage {
        message: "there is no upstream or default branch to compare this branch with".to_owned(),
        help: "name one: git spec status --branch=BASE".to_owned(),
    })
}

/// What is looked at: everything, or what a branch touched, in some files.
struct Limits {
    branch: Option<Branch>,
    /// Lineages that the branch's carriers link.
    linked: HashSet<u32>,
    paths: Pathspecs,
}

impl Limits {
    fn new(branch: Option<Branch>, query: &StatusQuery, source: &Source, links: &Links) -> Limits {
        let on_branch = |branch: &Branch| {
            let own = links.claims().filter(|claim| branch.commits.contains(&claim.carrier));
            own.map(|claim| claim.lineage).collect()
        };
        let linked = branch.as_ref().map(on_branch).unwrap_or_default();
        Limits { branch, linked, paths: Pathspecs::new(&query.paths, source.repo.prefix()) }
    }

    fn holds(&self, standing: &Standing) -> bool {
        let clause = &standing.clause;
        let touched = self.branch.as_ref().is_none_or(|branch| {
            branch.clauses.contains(&(clause.path.clone(), clause.anchor.clone()))
                || standing.lineage.is_some_and(|lineage| self.linked.contains(&lineage))
        });
        touched && self.paths.matches(&clause.path)
    }

    fn holds_gone(&self, behind: &Behind, lineage: u32) -> bool {
        let touched = self.branch.as_ref().is_none_or(|branch| {
            self.linked.contains(&lineage)
                || behind.removed_in(lineage).is_some_and(|commit| branch.commits.contains(&commit))
        });
        touched && behind.name(lineage).is_some_and(|(path, _)| self.paths.matches(&path))
    }

    fn holds_commit(&self, commit: crate::trace::CommitId) -> bool {
        self.branch.as_ref().is_none_or(|branch| branch.commits.contains(&commit))
    }
}

fn answer(source: &Source, links: &Links, limits: &Limits, tip: Oid, report: &mut StatusReport) -> Result<(), Error> {
    let config = settings(&source.repo)?.unwrap_or_default();
    let behind = Behind::new(links);
    let held: Vec<&Standing> = links.clauses.iter().filter(|standing| limits.holds(standing)).collect();
    let state = |standing: &Standing| {
        let answer = standing.lineage.and_then(|lineage| links.answers.get(&lineage));
        answer.map(|answer| answer.state).unwrap_or_default()
    };
    report.counts = Counts::of(held.iter().map(|standing| state(standing)));
    let in_state = |wanted: State| -> Vec<u32> {
        held.iter().filter(|standing| state(standing) == wanted).filter_map(|standing| standing.lineage).collect()
    };
    let (stale, contested) = (in_state(State::Stale), in_state(State::Contested));
    let gone: Vec<u32> =
        behind.lineages(None).into_iter().filter(|&lineage| limits.holds_gone(&behind, lineage)).collect();
    let carriers = behind.carriers(stale.iter().chain(&contested).chain(&gone).copied());
    let lines = lines::left(source, &config.generated.files, tip, &carriers)?;
    let told = |lineages: &[u32]| -> Vec<BehindClause> {
        let mut all: Vec<BehindClause> =
            lineages.iter().filter_map(|&lineage| behind.clause(lineage, &lines)).collect();
        worst_first(&mut all);
        all
    };
    report.stale = told(&stale);
    report.contested = told(&contested);
    report.retired = told(&gone);
    let waits = |standing: &&&Standing| standing.demands && state(standing) == State::Unanswered;
    let fact = |standing: &Standing| ClauseFact::of(standing.clause.clone());
    report.waiting = held
        .iter()
        .filter(waits)
        .map(|standing| WaitingClause {
            typed: typed(&links.clauses, standing),
            clause: fact(standing),
            new: limits.branch.as_ref().is_some_and(|branch| is_new(branch, &standing.clause)),
        })
        .collect();
    let affirmed = |standing: &&&Standing| {
        standing.lineage.and_then(|lineage| links.answers.get(&lineage)).is_some_and(|answer| answer.affirmed)
    };
    report.affirmed = held.iter().filter(affirmed).map(|standing| fact(standing)).collect();
    report.unlinked = unlinked::unlinked(source, &config, links, tip)?
        .into_iter()
        .filter(|commit| limits.holds_commit(commit.commit))
        .filter(|commit| commit.paths.iter().any(|path| limits.paths.matches(path)))
        .map(unlinked_commit)
        .collect();
    let doubtful = links.all().filter(|(carrier, judged)| {
        let known = matches!(judged.fact.resolution.as_str(), "exact" | "relocated" | "superseded" | "foreign");
        !known && limits.holds_commit(*carrier)
    });
    report.doubtful = doubtful.count();
    Ok(())
}

fn unlinked_commit(commit: Unlinked) -> UnlinkedCommit {
    UnlinkedCommit {
        commit: commit.commit.to_string(),
        subject: commit.subject,
        paths: commit.paths.iter().map(|path| path_text(path.as_bstr())).collect(),
        inferred: commit.inferred,
    }
}

fn is_new(branch: &Branch, clause: &crate::trace::facts::ClauseState) -> bool {
    branch.clauses.contains(&(clause.path.clone(), clause.anchor.clone()))
}

/// Puts what the branch added or changed before the rest.
fn news_first(report: &mut StatusReport, branch: Option<&Branch>) {
    let Some(branch) = branch.filter(|branch| Some(&branch.base.to_string()) != Some(&report.rev)) else { return };
    let touched: BTreeSet<(String, &String)> =
        branch.clauses.iter().map(|(path, anchor)| (path_text(path.as_bstr()), anchor)).collect();
    for waiting in &mut report.waiting {
        waiting.new = touched.contains(&(waiting.clause.path.clone(), &waiting.clause.anchor));
    }
    report.waiting.sort_by_key(|waiting| !waiting.new);
}

/// What names a clause on the command line: its anchor, with its file where others have the same.
fn typed(all: &[Standing], standing: &Standing) -> String {
    let anchor = &standing.clause.anchor;
    let several = all.iter().filter(|other| other.clause.anchor == *anchor).nth(1).is_some();
    if several { format!("{}#{anchor}", path_text(BStr::new(&standing.clause.path))) } else { anchor.clone() }
}

/// Whether anything is behind: what `--exit-code` is about.
pub fn is_behind(report: &StatusReport) -> bool {
    let left = |clause: &BehindClause| clause.leftover > 0;
    !report.stale.is_empty()
        || !report.contested.is_empty()
        || report.retired.iter().any(left)
        || !report.unlinked.is_empty()
}
