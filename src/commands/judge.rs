//! The one engine behind `git spec check` and the hooks: reads what a policy asks of commits, and lets it judge them.

use std::collections::BTreeSet;
use std::time::Instant;

use bstr::{BStr, BString, ByteSlice};

use super::ledger::commit_id;
use super::links::Links;
use super::source::Source;
use super::started::{Standing, commit_of, standing_since, typed_name};
use crate::config::{Accept, Config, Policy, Severity, StaleGrade};
use crate::error::Error;
use crate::git::{CommitRecord, FileChange, GitError, Oid, WalkQuery};
use crate::spec::grade::Grade;
use crate::trace::State;
use crate::trace::link::{Link, Source as Origin};
use crate::trace::message::extract;
use crate::trace::policy::{Age, Judged, LinkFacts, Rule, Rules, Weight, judge};
use crate::view::check::{CheckReport, FindingFact};
use crate::view::facts::path_text;
use crate::view::text::shell_quote;

/// What a revert says of what it reverts (git-revert(1)).
const REVERTS: &[u8] = b"This reverts commit ";

/// What is to be judged.
#[derive(Debug)]
pub struct Job<'a> {
    /// The policy, and which files are generated.
    pub config: &'a Config,
    /// The commits.
    pub query: WalkQuery,
    /// The newest of them.
    pub tip: Oid,
    /// What the reference was before; none for a new one, and where no reference is moved.
    pub old: Option<Oid>,
    /// Whether notes count as links; a person's own machine asks the policy.
    pub notes: bool,
    /// When judging gives up; never without one.
    pub deadline: Option<Instant>,
}

impl<'a> Job<'a> {
    /// Commits of which nothing more is known.
    pub fn new(config: &'a Config, query: WalkQuery, tip: Oid) -> Job<'a> {
        Job { config, query, tip, old: None, notes: false, deadline: None }
    }
}

/// Judges commits, newest first.
///
/// # Errors
/// [`Error::NoPolicy`], and what reading the repository may give.
pub fn judge_commits(source: &Source, job: Job<'_>) -> Result<CheckReport, Error> {
    let Job { config, mut query, tip, .. } = job;
    let Some(policy) = &config.policy else { return Err(Error::NoPolicy) };
    if let Some(since) = &policy.since {
        query.revs.push(format!("^{}", source.repo.resolve(since)?));
    }
    let rules = rules(policy);
    let links = Links::read(source, tip)?;
    let head = source.repo.head()?;
    let (mut judged, mut findings) = (0, Vec::new());
    for record in source.repo.walk(&query)? {
        let record = record?;
        if record.border {
            source.unseen(format!("the history is shallow and ends at {}", record.oid.short(12)));
            continue;
        }
        judged += 1;
        let facts = facts(source, config, &links, &record, tip)?;
        for finding in judge(&facts, &rules) {
            let mend = mend(finding.rule, finding.clause.as_deref(), &record, head);
            let file = place(source, config, &record, finding.clause.as_deref())?;
            findings.push(FindingFact {
                commit: record.oid.to_string(),
                subject: record.subject.to_str_lossy().into_owned(),
                code: finding.rule.code(),
                rule: finding.rule.key(),
                severity: if finding.weight == Weight::Deny { "deny" } else { "warn" },
                clause: finding.clause,
                path: file.as_ref().map(|file| path_text(file.as_bstr())),
                lines: None,
                what: finding.what,
                mend,
                file,
            });
        }
    }
    let incomplete = source.incomplete.borrow().clone();
    Ok(CheckReport { schema: "git-spec/check/1", judged, findings, incomplete })
}

/// The rules as the engine has them.
fn rules(policy: &Policy) -> Rules {
    let weight = |severity| match severity {
        Severity::Deny => Some(Weight::Deny),
        Severity::Warn => Some(Weight::Warn),
        Severity::Off => None,
    };
    let grade = |least| match least {
        StaleGrade::Minor => Some(Grade::Minor),
        StaleGrade::Substantive => Some(Grade::Substantive),
        StaleGrade::Normative => Some(Grade::Normative),
        StaleGrade::Off => None,
    };
    let state = |accept: &Accept| match accept {
        Accept::Ambiguous => State::Ambiguous,
        Accept::Elsewhere => State::Elsewhere,
        Accept::Mismatch => State::Mismatch,
        Accept::Superseded => State::Superseded,
        Accept::Dangling => State::Dangling,
        Accept::Foreign => State::Foreign,
        Accept::Unknown => State::Unknown,
    };
    Rules {
        link: weight(policy.require_link),
        resolved: weight(policy.require_resolved),
        accept: policy.accept.iter().map(state).collect(),
        stale: grade(policy.stale),
        tip: grade(policy.stale_tip),
    }
}

fn facts(source: &Source, config: &Config, links: &Links, record: &CommitRecord, tip: Oid) -> Result<Judged, Error> {
    let changes = generated(config, record);
    let message = source.repo.message(record.oid)?;
    let carried = extract(&message.bytes).links;
    let resolved = commit_id(record.oid).and_then(|id| links.by_carrier.get(&id));
    let mut found = Vec::new();
    // The links of the message come first, in the order in which they were read.
    let read = resolved.map(|carrier| carrier.links.as_slice()).unwrap_or_default();
    for (link, judged) in carried.iter().zip(read).filter(|(link, _)| link.source == Origin::Trailer) {
        let at = judged.fact.resolved_commit.as_deref().and_then(|hex| commit_of(source, hex));
        found.push(LinkFacts {
            name: typed_name(link),
            state: state_named(&judged.fact.resolution),
            reason: judged.fact.reason.clone(),
            own: age(source, link, at, record.oid)?,
            tip: age(source, link, at, tip)?,
        });
    }
    let reverts = changes.is_some() && found.is_empty() && undoes(source, record, &message.bytes)?;
    Ok(Judged { changes: changes.map(|path| path_text(path.as_bstr())), reverts, links: found })
}

/// The first generated path that a commit changes; of a merge the first that differs from all parents.
fn generated(config: &Config, record: &CommitRecord) -> Option<BString> {
    let of = |files: &[FileChange]| -> BTreeSet<BString> {
        let wanted = |file: &&FileChange| config.generated.files.matches(&file.path);
        files.iter().filter(wanted).map(|file| file.path.clone()).collect()
    };
    let mut edges = record.edges.iter().map(|edge| of(&edge.files));
    let first = edges.next()?;
    edges.fold(first, |all, edge| all.intersection(&edge).cloned().collect()).into_iter().next()
}

/// The file that a finding is about: the generated one, else that of the clause.
fn place(
    source: &Source,
    config: &Config,
    record: &CommitRecord,
    clause: Option<&str>,
) -> Result<Option<BString>, Error> {
    if let Some(path) = generated(config, record) {
        return Ok(Some(path));
    }
    let Some(clause) = clause else { return Ok(None) };
    let carried = extract(&source.repo.message(record.oid)?.bytes).links;
    let link = carried.iter().find(|link| link.foreign.is_none() && typed_name(link) == clause);
    Ok(link.map(|link| link.path.clone()))
}

fn state_named(word: &str) -> State {
    let all = [
        State::Exact,
        State::Relocated,
        State::Ambiguous,
        State::Elsewhere,
        State::Mismatch,
        State::Superseded,
        State::Dangling,
        State::Foreign,
    ];
    all.into_iter().find(|state| state.word() == word).unwrap_or(State::Unknown)
}

fn age(source: &Source, link: &Link, from: Option<Oid>, at: Oid) -> Result<Age, Error> {
    Ok(match standing_since(source, link, from, at)? {
        Standing::Current => Age::Current,
        Standing::Changed { what, grade: Some(grade) } => Age::Changed(grade, what),
        Standing::Gone => Age::Gone,
        Standing::Changed { grade: None, .. } | Standing::Unseen => Age::Unknown,
    })
}

/// Whether the commit says that it reverts another, and its diff is the inverse, blob by blob.
fn undoes(source: &Source, record: &CommitRecord, message: &[u8]) -> Result<bool, Error> {
    let [edge] = record.edges.as_slice() else { return Ok(false) };
    let Some(at) = message.find(REVERTS) else { return Ok(false) };
    let rest = &message[at + REVERTS.len()..];
    let hex = rest.split(|byte| !byte.is_ascii_hexdigit()).next().unwrap_or_default();
    let Ok(other) = Oid::from_hex(hex) else { return Ok(false) };
    let parents = match source.repo.parents(other) {
        Ok(parents) => parents,
        Err(GitError::MissingObject { .. } | GitError::BadObject { .. }) => return Ok(false),
        Err(error) => return Err(error.into()),
    };
    let [parent] = parents.as_slice() else { return Ok(false) };
    let theirs = source.repo.tree_changes(Some(*parent), Some(other), &[])?;
    let inverse: Vec<(&BStr, _, _)> = theirs.iter().map(|file| (file.path.as_bstr(), file.new, file.old)).collect();
    let ours: Vec<(&BStr, _, _)> = edge.files.iter().map(|file| (file.path.as_bstr(), file.old, file.new)).collect();
    Ok(ours == inverse)
}

/// What to type.
fn mend(rule: Rule, clause: Option<&str>, commit: &CommitRecord, head: Option<Oid>) -> String {
    let onto = if commit.parents.is_empty() { "--root".to_owned() } else { format!("{}^", commit.oid.short(9)) };
    let first = if head == Some(commit.oid) {
        String::new()
    } else {
        format!("git rebase -i {onto}, edit {} there, and ", commit.oid.short(9))
    };
    match (rule, clause) {
        (Rule::Link, _) | (_, None) => format!("{first}git spec commit --amend --no-edit --for CLAUSE"),
        (Rule::Tip, Some(clause)) => {
            format!("make the code anew: git spec start {}, then git spec commit", shell_quote(clause))
        }
        (_, Some(clause)) => {
            format!(
                "{first}git commit --amend with {} in the place of the link",
                shell_quote(&format!("Spec: {clause}"))
            )
        }
    }
}
