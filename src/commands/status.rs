//! `git spec status`: where we are, worst first.

use std::collections::{BTreeSet, HashSet};

use bstr::{BStr, BString, ByteSlice};

use super::behind::{Behind, as_they_were, worst_first};
use super::branch::Branch;
use super::doubts::Doubts;
use super::lines::{self, Lines};
use super::links::{Judged, Links, unlinked};
use super::no_code::{self, without_code};
use super::sides::is_revision;
use super::source::{Source, settings};
use super::standing::{self, Standing};
use super::start::under_way;
use super::uncompleted::of_commit;
use super::unlinked::{self, Unlinked};
use crate::config::SpecSet;
use crate::error::Error;
use crate::git::{Oid, Pathspecs};
use crate::trace::CommitId;
use crate::trace::answer::{Claim, State};
use crate::view::behind::BehindClause;
use crate::view::facts::{ClauseFact, path_text};
use crate::view::status::{
    Counted, Counts, NoCodeClause, SaidReverted, StatusReport, TypedName, UnlinkedCommit, UntoldClause, WaitingClause,
};
use crate::view::text::{one_line, shell_quote};

/// Of so many commits without a link it is read what their messages name.
const TYPED: usize = 100;

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
    let links = Links::read(source, tip)?;
    are_there(source, query, tip, &links)?;
    let branch = match query.branch {
        true => Some(required(source, tip, name.as_deref(), query.base.as_deref())?),
        false => None,
    };
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
        report.passed_over = links.passed_over.values().map(Vec::len).sum();
        let (clauses, demanding) = standing::count(source, tip)?;
        report.counts = Counts {
            clauses,
            unanswered: demanding,
            no_demand: clauses.saturating_sub(demanding),
            ..Counts::default()
        };
    } else {
        let limits = Limits::new(branch, query, source, &links)?;
        answer(source, &links, &limits, tip, &mut report)?;
        if limits.branch.is_none() && report.waiting.len() > 1 && query.at.is_none() {
            news_first(&mut report, Branch::of(source, tip, name.as_deref(), None)?.as_ref());
        }
    }
    if query.at.is_none() {
        report.started = under_way(source)?;
        // What changed since comes first: it is the rest that may be left out.
        report.started.sort_by_key(|clause| clause.changed.is_none() && clause.state == "current");
    }
    report.incomplete = source.incomplete.borrow().clone();
    Ok(report)
}

/// Whether each path that was typed names a file of the revision, or of a clause that is gone.
fn are_there(source: &Source, query: &StatusQuery, tip: Oid, links: &Links) -> Result<(), Error> {
    if query.paths.is_empty() {
        return Ok(());
    }
    let files = source.repo.tree_files(tip, &|_| true, &|_| true)?;
    let states = links.ledger.iter().flat_map(|ledger| &ledger.lineages).flatten();
    let before: Vec<&BString> = states.filter_map(|state| state.name.as_ref()).map(|(path, _)| path).collect();
    for typed in &query.paths {
        let spec = Pathspecs::new(std::slice::from_ref(typed), &source.repo)?;
        if files.iter().any(|file| spec.matches(&file.path)) || before.iter().any(|path| spec.matches(path)) {
            continue;
        }
        let word = typed.to_str_lossy();
        if is_revision(&source.repo, &word) {
            let name = shell_quote(&word);
            return Err(Error::Usage {
                message: format!("{} names no file, but a revision", one_line(&word)),
                help: format!("git spec status --branch={name}, or git spec status --at {name}"),
            });
        }
        let rev = query.at.clone().unwrap_or_else(|| "HEAD".to_owned());
        return Err(Error::NoSuchFile { path: typed.to_vec(), rev });
    }
    Ok(())
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
    fn new(branch: Option<Branch>, query: &StatusQuery, source: &Source, links: &Links) -> Result<Limits, Error> {
        let on_branch = |branch: &Branch| {
            let own = links.claims().filter(|claim| branch.commits.contains(&claim.carrier));
            own.map(|claim| claim.lineage).collect()
        };
        let linked = branch.as_ref().map(on_branch).unwrap_or_default();
        Ok(Limits { branch, linked, paths: Pathspecs::new(&query.paths, &source.repo)? })
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

    fn holds_commit(&self, commit: CommitId) -> bool {
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
    let doubts = Doubts::of(links);
    let counted = |standing: &Standing| match state(standing) {
        State::Unanswered if doubts.about(standing).is_some() => Counted::Untold,
        State::Unanswered if !standing.demands => Counted::NoDemand,
        state => Counted::As(state),
    };
    report.counts = Counts::of(held.iter().map(|standing| counted(standing)));
    let in_state = |wanted: State| -> Vec<u32> {
        held.iter().filter(|standing| state(standing) == wanted).filter_map(|standing| standing.lineage).collect()
    };
    let (stale, contested) = (in_state(State::Stale), in_state(State::Contested));
    let gone: Vec<u32> =
        behind.lineages(None).into_iter().filter(|&lineage| limits.holds_gone(&behind, lineage)).collect();
    let code = Code { source, generated: &config.generated.files, tip, links, behind: &behind };
    code.lists(&stale, &contested, &gone, report)?;
    report.said = code.said(&held)?;
    report.no_code = code.none(&held, &report.said)?;
    let waits = |standing: &&&Standing| matches!(counted(standing), Counted::As(State::Unanswered));
    report.untold = held
        .iter()
        .filter(|standing| matches!(counted(standing), Counted::Untold))
        .filter_map(|standing| doubts.about(standing).map(|(carrier, judged)| untold(standing, carrier, judged)))
        .collect();
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
    for commit in report.unlinked.iter_mut().take(TYPED) {
        let named = of_commit(source, source.repo.resolve(&commit.commit)?)?;
        commit.typed = named.into_iter().map(|one| TypedName { name: one.typed, command: one.command }).collect();
    }
    for commit in &mut report.unlinked {
        let passed = commit.commit.parse().ok().and_then(|commit: CommitId| links.passed_over.get(&commit));
        commit.passed_over = passed.cloned().unwrap_or_default();
    }
    let passed = links.passed_over.iter().filter(|(commit, _)| limits.holds_commit(**commit));
    report.passed_over = passed.map(|(_, names)| names.len()).sum();
    report.doubtful = Doubts::of(links).count(source, tip, |carrier| limits.holds_commit(carrier))?;
    Ok(())
}

fn untold(standing: &Standing, carrier: CommitId, judged: &Judged) -> UntoldClause {
    UntoldClause {
        clause: ClauseFact::of(standing.clause.clone()),
        commit: carrier.to_string(),
        resolution: judged.fact.resolution.clone(),
        reason: judged.fact.reason.clone(),
    }
}

/// Where the code of clauses is looked for.
struct Code<'l> {
    source: &'l Source,
    generated: &'l SpecSet,
    tip: Oid,
    links: &'l Links,
    behind: &'l Behind<'l>,
}

impl<'l> Code<'l> {
    fn left<'c>(&self, claims: impl Iterator<Item = &'c Claim>) -> Result<Lines, Error> {
        let carriers = claims.map(|claim| claim.carrier).collect();
        lines::left(self.source, self.generated, self.tip, &carriers, &self.links.reverts)
    }

    /// What code is behind of: what nobody superseded, and all of it where a clause is gone or nothing else is left.
    fn lists(&self, stale: &[u32], contested: &[u32], gone: &[u32], report: &mut StatusReport) -> Result<(), Error> {
        let front = |lineage: &u32| (*lineage, self.behind.front(*lineage));
        let whole = |lineage: &u32| (*lineage, self.behind.all(*lineage));
        let mut stale: Vec<(u32, Vec<&Claim>)> = stale.iter().map(front).collect();
        let contested: Vec<(u32, Vec<&Claim>)> = contested.iter().map(front).collect();
        let gone: Vec<(u32, Vec<&Claim>)> = gone.iter().map(whole).collect();
        let mut lines =
            self.left(stale.iter().chain(&contested).chain(&gone).flat_map(|(_, claims)| claims).copied())?;
        let mut older: Vec<&Claim> = Vec::new();
        for (lineage, claims) in &mut stale {
            if !claims.iter().any(|claim| lines.contains_key(&claim.carrier)) {
                *claims = self.behind.all(*lineage);
                older.extend(claims.iter());
            }
        }
        lines.extend(self.left(older.into_iter())?);
        let carriers = |(_, claims): &(u32, Vec<&Claim>)| claims.iter().map(|claim| claim.carrier).collect();
        let clauses: Vec<BTreeSet<CommitId>> = stale.iter().chain(&gone).map(carriers).collect();
        no_code::add_by_words(self.source, self.generated, self.tip, &clauses, &mut lines)?;
        let told = |all: &[(u32, Vec<&Claim>)]| -> Vec<BehindClause> {
            let clause = |(lineage, claims): &(u32, Vec<&Claim>)| self.behind.of_claims(*lineage, claims, &lines);
            let mut all: Vec<BehindClause> = all.iter().filter_map(clause).collect();
            worst_first(&mut all);
            all
        };
        report.stale = told(&stale);
        report.contested = told(&contested);
        report.retired = told(&gone);
        as_they_were(self.source, self.links, &mut report.retired)?;
        Ok(())
    }

    /// Answered clauses of a carrier in force that another commit says it reverts.
    fn said(&self, held: &[&'l Standing]) -> Result<Vec<SaidReverted>, Error> {
        let mut found: Vec<(&Standing, &Claim, &String)> = Vec::new();
        for standing in held {
            let answered = |lineage: &u32| self.links.answers.get(lineage).is_some_and(|a| a.state == State::Answered);
            let Some(lineage) = standing.lineage.filter(answered) else { continue };
            let claims = self.behind.in_force(lineage).into_iter().filter(|claim| !claim.affirms);
            found
                .extend(claims.filter_map(|claim| Some((*standing, claim, self.links.said_undone_by(claim.carrier)?))));
        }
        let lines = self.left(found.iter().map(|(_, claim, _)| *claim))?;
        let told = |(standing, claim, by): (&Standing, &Claim, &String)| SaidReverted {
            clause: ClauseFact::of(standing.clause.clone()),
            commit: claim.carrier.to_string(),
            by: by.clone(),
            leftover: lines.get(&claim.carrier).map_or(0, lines::count),
            typed: typed(&self.links.clauses, standing),
        };
        Ok(found.into_iter().map(told).collect())
    }
}

impl Code<'_> {
    /// Answered clauses of whose code nothing is left, but for those of which more is said.
    fn none(&self, held: &[&Standing], said: &[SaidReverted]) -> Result<Vec<NoCodeClause>, Error> {
        let is_said = |standing: &Standing| {
            let clause = &standing.clause;
            said.iter().any(|said| {
                said.clause.anchor == clause.anchor && said.clause.path == path_text(BStr::new(&clause.path))
            })
        };
        let is_answered =
            |lineage: &u32| self.links.answers.get(lineage).is_some_and(|answer| answer.state == State::Answered);
        let answered: Vec<u32> = (held.iter().filter(|standing| !is_said(standing)))
            .filter_map(|standing| standing.lineage.filter(is_answered))
            .collect();
        let gone = without_code(self.source, self.generated, self.tip, (self.links, self.behind), &answered)?;
        let told = gone.into_iter().filter_map(|gone| {
            let standing = self.behind.standing(gone.lineage)?;
            Some(NoCodeClause {
                clause: ClauseFact::of(standing.clause.clone()),
                commit: gone.carrier.to_string(),
                went: gone.went.map(|commit| commit.to_string()),
                replaced: gone.replaced,
                typed: typed(&self.links.clauses, standing),
            })
        });
        Ok(told.collect())
    }
}

fn unlinked_commit(commit: Unlinked) -> UnlinkedCommit {
    UnlinkedCommit {
        commit: commit.commit.to_string(),
        subject: commit.subject,
        paths: commit.paths.iter().map(|path| path_text(path.as_bstr())).collect(),
        inferred: commit.inferred,
        typed: Vec::new(),
        passed_over: Vec::new(),
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
        || !report.said.is_empty()
        || !report.no_code.is_empty()
        || !report.unlinked.is_empty()
}
