//! `git spec hook pre-receive`, `update` and `vref`: judges a push on the server, closed and loud. Reads only.

pub mod in_force;
mod judging;
mod notes;
mod policy;
mod protected;
pub mod pusher;
mod said;

use std::collections::HashMap;

use bstr::{BStr, BString, ByteSlice};

use self::in_force::{InForce, Refs};
use self::pusher::{Pusher, ServerSettings, bypass};
pub use self::said::failure;
use self::said::unreadable;
use crate::error::{Error, in_one_line};
use crate::git::{Oid, PushFacts, Repo};
use crate::trace::policy::Rule;
use crate::view::receive::{Audit, Refusal, Verdict};

/// What a shallow clone lacks.
const UNSHALLOW: &str = "fetch the whole history and push again: git fetch --unshallow";

/// A ref that a push moves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Update {
    /// The full name, as pushed.
    pub name: BString,
    /// What the pusher says that it was.
    pub old: Oid,
    /// What it is to be; zeros delete it.
    pub new: Oid,
}

impl Update {
    /// The words that git gives a hook.
    ///
    /// # Errors
    /// [`Error::HookInput`].
    pub fn of(old: &[u8], new: &[u8], name: &[u8]) -> Result<Update, Error> {
        let id = |hex: &[u8]| Oid::from_hex(hex).map_err(|_| Error::HookInput);
        let (old, new) = (id(old)?, id(new)?);
        if name.is_empty() || name.contains(&b'\n') {
            return Err(Error::HookInput);
        }
        Ok(Update { name: name.into(), old, new })
    }

    /// The lines `<old> <new> <ref>` of pre-receive and post-receive.
    ///
    /// # Errors
    /// [`Error::HookInput`].
    pub fn lines(input: &[u8]) -> Result<Vec<Update>, Error> {
        let line = |line: &[u8]| match line.splitn(3, |byte| *byte == b' ').collect::<Vec<_>>()[..] {
            [old, new, name] => Update::of(old, new, name),
            _ => Err(Error::HookInput),
        };
        // Only a line feed ends a line here: whatever else the name of a ref holds belongs to it.
        input.split(|byte| *byte == b'\n').filter(|text| !text.is_empty()).map(line).collect()
    }

    fn deletes(&self) -> bool {
        self.new.as_bytes().iter().all(|byte| *byte == 0)
    }
}

/// Who pushes, and what the server and the push say of it.
pub struct Push<'a> {
    /// The repository, whose HEAD and references may have moved already.
    pub repo: &'a Repo,
    /// The server's configuration.
    pub settings: &'a ServerSettings,
    /// Who pushes.
    pub pusher: &'a Pusher,
    /// What git tells of the push.
    pub facts: &'a PushFacts,
    /// References before the push.
    pub refs: &'a Refs,
}

/// Judges the moves of a push together.
///
/// # Errors
/// Whatever keeps from judging; the caller refuses the push for it.
pub fn judge_push(push: &Push<'_>, updates: &[Update]) -> Result<Verdict, Error> {
    let news: Vec<Oid> = updates.iter().filter(|update| !update.deletes()).map(|update| update.new).collect();
    let peeled = push.repo.peeled(&news)?;
    let commits = news.iter().zip(peeled).filter_map(|(new, commit)| Some((*new, commit?))).collect();
    let mut court = Court { push, verdict: Verdict::default(), named: Vec::new(), commits };
    for update in updates {
        court.named.push(push.refs.leads_to(push.repo, update.name.as_bstr())?);
    }
    let Some(reason) = court.bypass() else { return Ok(court.verdict) };
    let in_force = match InForce::find(push.repo, push.refs, push.settings) {
        Ok(found) => found,
        Err(error) if reason.is_some() => {
            court.verdict.warnings.push(format!("the policy cannot be read: {}", in_one_line(&error)));
            updates.iter().zip(court.named.clone()).for_each(|(update, name)| {
                court.audit("bypass", name.as_bstr(), update, None, reason.clone());
            });
            None
        }
        Err(error) => {
            court.verdict.refusals.push(unreadable(&error));
            return Ok(court.verdict);
        }
    };
    court.keep_policy_readable(updates)?;
    let Some(in_force) = in_force else {
        court.tell_of_no_default(updates)?;
        return Ok(court.verdict);
    };
    court.verdict.policy = Some(in_force.origin.clone());
    if in_force.of_default {
        court.tell_of_new_policy(&in_force, updates)?;
    }
    if push.facts.namespace {
        court.refuse(
            Rule::Namespace,
            "the push goes into a namespace, where refs have other names than the policy protects",
            "push without one: unset GIT_NAMESPACE",
        );
        return Ok(court.verdict);
    }
    if push.facts.shallow {
        court.refuse(Rule::Shallow, "the push comes from a shallow repository", UNSHALLOW);
        return Ok(court.verdict);
    }
    let mut to_judge = Vec::new();
    for (update, name) in updates.iter().zip(court.named.clone()) {
        if court.look_at(&in_force, update, name.as_bstr())? {
            to_judge.push((update, name));
        }
    }
    match reason {
        Some(_) => to_judge
            .iter()
            .for_each(|(update, name)| court.audit("bypass", name.as_bstr(), update, None, reason.clone())),
        None => {
            court.judge(&in_force, &to_judge)?;
            court.hint_at_notes(updates)?;
        }
    }
    Ok(court.verdict)
}

struct Court<'a> {
    push: &'a Push<'a>,
    verdict: Verdict,
    /// What the names of the updates lead to.
    named: Vec<BString>,
    /// The commits that the new values are, or lead to as tags.
    commits: HashMap<Oid, Oid>,
}

impl Court<'_> {
    fn refuse(&mut self, rule: impl Into<Option<Rule>>, what: impl Into<String>, hint: impl Into<String>) {
        self.verdict.refusals.push(Refusal::new(rule, what, hint));
    }

    fn audit(
        &mut self,
        what: &'static str,
        name: &BStr,
        update: &Update,
        findings: Option<usize>,
        reason: Option<String>,
    ) {
        let old = self.push.refs.object(name).unwrap_or_else(|| self.push.repo.zero_oid());
        self.verdict.audits.push(Audit {
            what,
            pusher: self.push.pusher.name.clone().unwrap_or_default(),
            from: self.push.pusher.from.clone(),
            name: name.to_str_lossy().into_owned(),
            old: old.to_string(),
            new: update.new.to_string(),
            findings,
            reason: reason.filter(|reason| !reason.is_empty()),
        });
    }

    /// The reason of a bypass that the pusher may have, `Some(None)` where none is asked for, and nothing where it is
    /// refused: whoever asks in vain has to hear it, and not believe that it worked.
    fn bypass(&mut self) -> Option<Option<String>> {
        let Some(reason) = bypass(&self.push.facts.options) else { return Some(None) };
        if self.push.pusher.is_among(&self.push.settings.exempt) {
            if !reason.is_empty() {
                return Some(Some(reason));
            }
            self.refuse(None, "the push option spec.bypass gives no reason", "git push -o spec.bypass=REASON …");
            return None;
        }
        let who = self.push.pusher.shown();
        self.refuse(
            None,
            "the push option spec.bypass is for those whom spec.exemptPusher of the server names",
            format!("push without the option; the push is by {who}"),
        );
        None
    }
}
