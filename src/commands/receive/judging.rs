//! The commits that a push brings to protected refs.

use std::collections::HashSet;

use bstr::{BString, ByteSlice};

use super::in_force::InForce;
use super::policy::commit_object;
use super::{Court, UNSHALLOW, Update};
use crate::commands::judge::{Job, judge_commits};
use crate::commands::source::Source;
use crate::error::Error;
use crate::git::{Oid, Repo, WalkQuery};
use crate::trace::policy::Rule;
use crate::view::check::CheckReport;

/// With more excluded commits than these only those at the border of what is new are handed on: a command line ends.
const MOST_EXCLUDED: usize = 500;

impl Court<'_> {
    /// Judges the commits that protected refs get.
    pub(super) fn judge(&mut self, in_force: &InForce, updates: &[(&Update, BString)]) -> Result<(), Error> {
        if updates.is_empty() {
            return Ok(());
        }
        let repo = self.push.repo;
        if let Some(since) = &in_force.policy.since
            && commit_object(repo, since)?.is_none()
        {
            self.refuse(
                Rule::Broken,
                format!("the policy names a since that the repository does not have: {since}"),
                "the administrator of the server mends the policy",
            );
            return Ok(());
        }
        let tips: Vec<Option<Oid>> = updates.iter().map(|(update, _)| self.commits.get(&update.new).copied()).collect();
        let mut excluded = in_force.old_values(repo, self.push.refs)?;
        // A push of a thousand refs often has but a few values.
        let mut known: HashSet<Oid> = excluded.iter().copied().collect();
        let mut whole = CheckReport::default();
        let exempt = self.push.pusher.is_among(&self.push.settings.exempt);
        let first = tips.iter().flatten().next().copied().unwrap_or_else(|| repo.zero_oid());
        let source = Source::judging(repo.reopen(), in_force.spec_set(repo, self.push.refs, first)?);
        for ((update, name), tip) in updates.iter().zip(tips) {
            let Some(tip) = tip.filter(|tip| known.insert(*tip)) else { continue };
            let Some(query) = new_commits(repo, tip, &excluded)? else { continue };
            let job =
                Job { pushed: true, notes: self.push.settings.accept_notes, ..Job::new(&in_force.config, query, tip) };
            let mut found = judge_commits(&source, job)?;
            if let Some(unseen) = found.incomplete.first() {
                self.refuse(Rule::Shallow, format!("the push cannot be judged: {unseen}"), UNSHALLOW);
            }
            let denied = found.findings.iter().filter(|finding| finding.severity == "deny").count();
            if exempt && denied > 0 {
                found.findings.iter_mut().for_each(|finding| finding.severity = "warn");
                self.audit("exempt", name.as_bstr(), update, Some(denied), None);
            }
            whole.join(found);
            excluded.push(tip);
        }
        if self.verdict.refusals.is_empty() && !whole.refuses() {
            // What is let through is on a protected ref in a moment, where nothing may be amended.
            whole.findings.iter_mut().for_each(|finding| finding.mend.clear());
        }
        self.verdict.check = Some(whole);
        Ok(())
    }
}

/// The commits that a tip reaches and none of the excluded does; none where there are none for sure.
fn new_commits(repo: &Repo, tip: Oid, excluded: &[Oid]) -> Result<Option<WalkQuery>, Error> {
    let few = if excluded.len() > MOST_EXCLUDED { repo.frontier(tip, excluded)? } else { Some(excluded.to_vec()) };
    let Some(few) = few else { return Ok(None) };
    let mut revs = vec![tip.to_string()];
    revs.extend(few.iter().map(|oid| format!("^{oid}")));
    Ok(Some(WalkQuery { revs, ..WalkQuery::default() }))
}
