//! `git spec hook pre-receive`, `update` and `vref`: judges a push on the server, closed and loud. Reads only.

pub mod in_force;
pub mod pusher;

use std::collections::{HashMap, HashSet};

use bstr::{BStr, BString, ByteSlice};

use self::in_force::{InForce, Refs, at_commit};
use self::pusher::{Pusher, ServerSettings, bypass};
use super::judge::{Job, judge_commits};
use super::source::{CONFIG_FILE, Source};
use crate::config::fold_name as fold;
use crate::error::{Error, in_one_line, render};
use crate::git::{GitError, Oid, PushFacts, Repo, WalkQuery};
use crate::trace::note::{self, Fault};
use crate::trace::policy::Rule;
use crate::view::Style;
use crate::view::check::CheckReport;
use crate::view::receive::{Audit, Refusal, Verdict, ref_text};
use crate::view::text::{one_line, shell_quote};

/// Where links in notes live.
const NOTES: &[u8] = b"refs/notes/spec";
/// Bytes of a note that are read; a link has some hundred.
const NOTE_LIMIT: u64 = 4 << 20;
/// With more excluded commits than these only those at the border of what is new are handed on: a command line ends.
const MOST_EXCLUDED: usize = 500;

/// Refs that a wider policy protects and that are shown; the rest is a number.
const WIDER_SHOWN: usize = 5;

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
    let Some(in_force) = in_force else { return Ok(court.verdict) };
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
        None => court.judge(&in_force, &to_judge)?,
    }
    Ok(court.verdict)
}

/// What is said of a failure that keeps from judging.
pub fn failure(error: &Error) -> Verdict {
    let what = match error {
        Error::Git(GitError::MissingObject { .. }) | Error::MissingObject { .. } | Error::GitFailed { .. } => {
            Refusal::new(
                Rule::Unreadable,
                format!("the push cannot be judged: {}", first_line(error)),
                format!("if it comes from a shallow clone: {UNSHALLOW}\nelse tell the administrator of the server"),
            )
        }
        _ => Refusal::new(
            Rule::Unreadable,
            format!("the push cannot be judged: {}", in_one_line(error)),
            "tell the administrator of the server",
        ),
    };
    Verdict { refusals: vec![what], ..Verdict::default() }
}

fn first_line(error: &Error) -> String {
    error.to_string().lines().next().unwrap_or_default().to_owned()
}

/// What is said of a new policy by which more refs are protected; nothing of one that cannot be read, which is refused.
fn wider(push: &Push<'_>, in_force: &InForce, commit: Oid) -> Option<String> {
    let config = at_commit(push.repo, commit, CONFIG_FILE).ok()??;
    let names = in_force.would_join(push.refs, &config.policy?).ok()?;
    let shown: Vec<String> = names.iter().take(WIDER_SHOWN).map(|name| ref_text(name)).collect();
    let more = match names.len().saturating_sub(WIDER_SHOWN) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let first = names.first()?;
    Some(format!(
        "the new policy protects {}{more} as well, and takes what is there for judged; look at it first: git spec check {}",
        shown.join(", "),
        shell_quote(&format!("HEAD..{}", short_name(first)))
    ))
}

/// What is said of a policy that cannot be read.
fn unreadable(error: &Error) -> Refusal {
    let hint = "the administrator of the server mends it: git config spec.policy FILE\nor lets a pusher by: git config spec.exemptPusher NAME\nand takes push options: git config receive.advertisePushOptions true\nwho then types: git push -o spec.bypass=REASON REMOTE BRANCH";
    Refusal {
        excerpt: excerpt(error),
        ..Refusal::new(Rule::Broken, format!("the policy cannot be read: {error}"), hint)
    }
}

/// The lines of a configuration that are wrong, without the words around them.
fn excerpt(error: &Error) -> String {
    let plain = Style { color: false, unicode: false };
    let lines = render(error, plain, 80);
    let is_frame = |line: &&str| !line.starts_with("error: ") && !line.starts_with("hint: ");
    lines.lines().filter(is_frame).map(|line| format!("  {line}\n")).collect()
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

    /// Says that a new policy does not hold yet: whoever loosens it would wonder.
    fn tell_of_new_policy(&mut self, in_force: &InForce, updates: &[Update]) -> Result<(), Error> {
        let repo = self.push.repo;
        let file = |object: Oid| -> Result<_, Error> {
            let commit = repo.peeled(&[object])?.into_iter().next().flatten();
            Ok(commit.map(|commit| repo.file_at(commit, &CONFIG_FILE.into())).transpose()?.flatten())
        };
        let Some(default) = &self.push.refs.default else { return Ok(()) };
        let Some(old) = self.push.refs.object(default.as_bstr()) else { return Ok(()) };
        let moves = updates.iter().zip(&self.named).filter(|(update, name)| *name == default && !update.deletes());
        for (update, _) in moves {
            if file(update.new)? != file(old)? {
                let rule = Rule::Changed.key();
                let text = format!("this push changes {CONFIG_FILE}; it is judged by the policy from before ({rule})");
                self.verdict.warnings.push(text);
                let commit = self.commits.get(&update.new).copied();
                if in_force.of_default
                    && let Some(commit) = commit
                    && at_commit(repo, commit, CONFIG_FILE).is_ok_and(|new| new.is_none_or(|new| new.policy.is_none()))
                {
                    let text = format!("after this push nothing is refused any more: {CONFIG_FILE} has no [policy]");
                    self.verdict.warnings.push(text);
                }
                self.verdict.warnings.extend(commit.and_then(|commit| wider(self.push, in_force, commit)));
            }
        }
        Ok(())
    }

    /// Refuses what would leave the default branch with a policy that refuses everything.
    fn keep_policy_readable(&mut self, updates: &[Update]) -> Result<(), Error> {
        let Some(default) = &self.push.refs.default else { return Ok(()) };
        let moves = updates.iter().zip(&self.named).filter(|(update, name)| *name == default && !update.deletes());
        let news: Vec<Oid> = moves.map(|(update, _)| update.new).collect();
        let repo = self.push.repo;
        let old = self.push.refs.object(default.as_bstr());
        let old = old.map(|old| repo.peeled(&[old])).transpose()?.and_then(|found| found.into_iter().next().flatten());
        for new in repo.peeled(&news)?.into_iter().flatten() {
            let is_odd = |commit: Oid| repo.is_odd_at(commit, &CONFIG_FILE.into());
            if is_odd(new)? && !old.map(is_odd).transpose()?.unwrap_or(false) {
                self.refuse(
                    Rule::Broken,
                    format!("the new {CONFIG_FILE} is no regular file, so that there would be no policy"),
                    "put the file itself there",
                );
                continue;
            }
            match at_commit(repo, new, &format!("{}:.gitspec.toml", new.short(9))) {
                Ok(config) => {
                    let since = config.and_then(|config| config.policy).and_then(|policy| policy.since);
                    let before = old.and_then(|old| at_commit(repo, old, CONFIG_FILE).ok().flatten());
                    let known = before.and_then(|config| config.policy).and_then(|policy| policy.since);
                    if let Some(since) = since {
                        let wrong = match commit_object(repo, &since)? {
                            None => Some("that the repository does not have"),
                            // Behind another branch alone it may be gone tomorrow, and nobody could push any more.
                            Some(commit) if known.as_ref() != Some(&since) && !repo.contains(new, commit)? => {
                                Some("that this branch does not contain")
                            }
                            Some(_) => None,
                        };
                        if let Some(wrong) = wrong {
                            self.refuse(
                                Rule::Broken,
                                format!("the new policy names a since {wrong}: {since}"),
                                "name a commit of this branch, or take the line out of .gitspec.toml",
                            );
                        }
                    }
                }
                Err(error @ (Error::BadConfig { .. } | Error::ConfigTooLarge { .. } | Error::BadGlob { .. })) => {
                    let what = format!("the new .gitspec.toml cannot be read: {error}");
                    let hint =
                        "mend it, for after this push nobody could push any more; to see the line:\ngit spec check";
                    let hint = match &error {
                        Error::BadConfig { help: Some(help), .. } => format!("{help}\n{hint}"),
                        _ => hint.to_owned(),
                    };
                    self.verdict
                        .refusals
                        .push(Refusal { excerpt: excerpt(&error), ..Refusal::new(Rule::Broken, what, hint) });
                }
                Err(other) => return Err(other),
            }
        }
        Ok(())
    }

    /// Refuses what may not happen to a ref at all; whether its commits are to be judged.
    fn look_at(&mut self, in_force: &InForce, update: &Update, name: &BStr) -> Result<bool, Error> {
        let shown = ref_text(update.name.as_bstr());
        let folded = fold(&name.to_str_lossy());
        if ["refs/replace/", "refs/namespaces/"].iter().any(|aside| folded.starts_with(aside)) {
            let (rule, what) = match folded.starts_with("refs/replace/") {
                true => (Rule::Replace, "replaces objects, so that others would be seen than were judged"),
                false => (Rule::Namespace, "lies in a namespace, where no policy is asked"),
            };
            self.refuse(rule, format!("{shown} {what}"), "take it out of the push");
            return Ok(false);
        }
        if name == NOTES.as_bstr() {
            if self.stands_as_said(update, name) {
                self.look_at_notes(update, name)?;
            }
            return Ok(false);
        }
        if folded.as_bytes() == NOTES || in_force.is_twin(name) {
            if update.deletes() {
                // Nothing else mends a repository that has such a one.
                return Ok(false);
            }
            self.refuse(
                Rule::Symref,
                format!("{shown} is the same as a protected ref to some file systems"),
                "choose another name",
            );
            return Ok(false);
        }
        let protected = in_force.protects(name);
        let policy_stands_here =
            in_force.of_default && self.push.refs.default.as_ref().is_some_and(|default| default == name);
        if !(protected || policy_stands_here)
            || !self.stands_as_said(update, name)
            || !self.keeps(update, name)?
            || update.deletes()
        {
            return Ok(false);
        }
        if !self.commits.contains_key(&update.new) {
            self.refuse(
                Rule::Unreadable,
                format!("{shown} is protected, and {} is no commit, or not here", update.new.short(9)),
                "push a commit, or a tag of one",
            );
            return Ok(false);
        }
        Ok(protected)
    }

    /// Whether a ref still has the value that the push replaces.
    ///
    /// Git looks at that only when it moves the ref. Until then another push may bring it to just the value that this one
    /// names, and what was judged to be kept would be lost.
    fn stands_as_said(&mut self, update: &Update, name: &BStr) -> bool {
        let here = self.push.refs.object(name).unwrap_or_else(|| self.push.repo.zero_oid());
        if here == update.old {
            return true;
        }
        self.refuse(
            Rule::Rewound,
            format!("{} is not where the push says that it was", ref_text(update.name.as_bstr())),
            "fetch, and push again",
        );
        false
    }

    /// Whether a protected ref keeps what it has, or the pusher may take it away.
    fn keeps(&mut self, update: &Update, name: &BStr) -> Result<bool, Error> {
        let repo = self.push.repo;
        let Some(old) = self.push.refs.object(name) else { return Ok(true) };
        let (what, rule, loses) = if update.deletes() {
            ("delete", Rule::Deleted, "is protected and cannot be deleted")
        } else {
            // From a blob or tree on nothing is lost that was ever judged; but nobody can say what is new either.
            let Some(&new) = self.commits.get(&update.new) else { return Ok(true) };
            if new == old {
                return Ok(true);
            }
            let Some(old) = repo.peeled(&[old])?.into_iter().next().flatten() else { return Ok(true) };
            if repo.contains(new, old)? {
                return Ok(true);
            }
            ("rewind", Rule::Rewound, "is protected and would lose commits that it has")
        };
        if self.push.pusher.is_among(&self.push.settings.allow_rewind) {
            self.audit(what, name, update, None, None);
            return Ok(true);
        }
        let shown = ref_text(update.name.as_bstr());
        let ask = format!(
            "only the administrator of the server can allow it: git config --add spec.allowRewind NAME\n\
             the push is by {}",
            self.push.pusher.shown()
        );
        // Only what is on a branch can be put upon what came in beside it.
        let hint = match name.strip_prefix(b"refs/heads/") {
            Some(branch) if what == "rewind" => {
                format!(
                    "bring in what is there: git pull --rebase origin {}\n{ask}",
                    shell_quote(&branch.to_str_lossy())
                )
            }
            _ if what == "rewind" && name == NOTES.as_bstr() => {
                format!("bring in what is there: git spec notes fetch, then git spec notes push\n{ask}")
            }
            _ => ask,
        };
        self.refuse(rule, format!("{shown} {loses}"), hint);
        Ok(false)
    }

    /// Notes only grow, by lines that can be read.
    fn look_at_notes(&mut self, update: &Update, name: &BStr) -> Result<(), Error> {
        let repo = self.push.repo;
        if !self.keeps(update, name)? || update.deletes() {
            return Ok(());
        }
        let Some(new) = repo.peeled(&[update.new])?.into_iter().next().flatten() else {
            self.refuse(
                Rule::Notes,
                "refs/notes/spec would be no commit",
                "merge the notes: git spec notes fetch, then git spec notes push",
            );
            return Ok(());
        };
        let old = match self.push.refs.object(name) {
            Some(old) => repo.peeled(&[old])?.into_iter().next().flatten(),
            None => None,
        };
        let may_lose = self.push.pusher.is_among(&self.push.settings.allow_rewind);
        for note in repo.changed_notes(old, new)? {
            let wrong = match (note.odd, read_notes(repo, &note.old)?, read_notes(repo, &note.new)?) {
                (true, ..) => Some("is no file".to_owned()),
                (_, Some(old), Some(new)) => match note::fault(&old, &new) {
                    Some(Fault::Lost(_)) if may_lose => None,
                    Some(Fault::Lost(line)) => Some(format!("loses the line {}", quoted(line.as_bstr()))),
                    Some(Fault::Unreadable(line, why)) => {
                        Some(format!("gets the line {}: {why}", quoted(line.as_bstr())))
                    }
                    None => None,
                },
                _ => Some("is too large".to_owned()),
            };
            if let Some(wrong) = wrong {
                let what = format!("the note of {} {wrong}", note.object.short(9));
                let hint = "notes with links only grow; to join what others wrote:\ngit spec notes fetch\nto take a link back:\ngit spec unlink COMMIT CLAUSE";
                self.refuse(Rule::Notes, what, hint);
            }
        }
        Ok(())
    }

    /// Judges the commits that protected refs get.
    fn judge(&mut self, in_force: &InForce, updates: &[(&Update, BString)]) -> Result<(), Error> {
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

/// The commit of a full id, by its object alone: a ref of that name would win otherwise.
fn commit_object(repo: &Repo, id: &str) -> Result<Option<Oid>, Error> {
    let Ok(oid) = Oid::from_hex(id.as_bytes()) else { return Ok(None) };
    if oid.as_bytes().len() != repo.zero_oid().as_bytes().len() {
        return Ok(None);
    }
    match repo.raw_commit(oid) {
        Ok(_) => Ok(Some(oid)),
        Err(GitError::MissingObject { .. } | GitError::BadObject { .. }) => Ok(None),
        Err(other) => Err(other.into()),
    }
}

/// The bytes of notes one behind the other; none where they are too many.
fn read_notes(repo: &Repo, blobs: &[Oid]) -> Result<Option<Vec<u8>>, Error> {
    let mut whole = Vec::new();
    for &blob in blobs {
        if repo.blob_size(blob)? > NOTE_LIMIT {
            return Ok(None);
        }
        whole.extend_from_slice(&repo.blob(blob)?);
        whole.push(b'\n');
    }
    Ok(Some(whole))
}

/// Letters of a line that are shown.
const QUOTED: usize = 60;

fn quoted(line: &BStr) -> String {
    let text: String = one_line(&line.to_str_lossy()).chars().take(QUOTED).collect();
    format!("\"{text}\"")
}

fn short_name(name: &BStr) -> String {
    name.strip_prefix(b"refs/heads/").unwrap_or(name).to_str_lossy().into_owned()
}
