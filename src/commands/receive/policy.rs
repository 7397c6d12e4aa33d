//! What a push does to the policy itself.

use bstr::{BStr, ByteSlice};

use super::in_force::{InForce, at_commit};
use super::said::excerpt;
use super::{Court, Push, Update};
use crate::commands::judge::wants_link;
use crate::commands::source::CONFIG_FILE;
use crate::error::{Error, in_one_line};
use crate::git::{GitError, Oid, Repo};
use crate::trace::policy::Rule;
use crate::view::receive::{Refusal, ref_text};
use crate::view::text::shell_quote;

/// What takes a mended policy into the newest commit.
const AMEND: &str = "git commit --amend --no-edit .gitspec.toml";

/// What comes before it where a policy would refuse everything.
const NOBODY: &str = "after this push nobody could push any more; mend the file, and amend the commit";

/// Refs that a wider policy protects and that are shown; the rest is a number.
const WIDER_SHOWN: usize = 5;

impl Court<'_> {
    /// Says that a new policy does not hold yet: whoever loosens it would wonder.
    pub(super) fn tell_of_new_policy(&mut self, in_force: &InForce, updates: &[Update]) -> Result<(), Error> {
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

    /// Says that a policy which is pushed is not asked, since the default branch that it would be taken from is not there.
    pub(super) fn tell_of_no_default(&mut self, updates: &[Update]) -> Result<(), Error> {
        let refs = self.push.refs;
        let Some(default) = refs.default.as_ref().filter(|name| refs.object(name.as_bstr()).is_none()) else {
            return Ok(());
        };
        if self.named.contains(default) {
            return Ok(());
        }
        for (update, name) in updates.iter().zip(&self.named) {
            let Some(commit) = self.commits.get(&update.new) else { continue };
            let config = at_commit(self.push.repo, *commit, CONFIG_FILE).ok().flatten();
            if config.is_some_and(|config| config.policy.is_some()) && name.starts_with(b"refs/heads/") {
                let text = format!(
                    "the default branch {} of the server does not exist, so that no policy is asked; its administrator can name \
                     another: git symbolic-ref HEAD {}",
                    ref_text(default.as_bstr()),
                    shell_quote(&name.to_str_lossy())
                );
                self.verdict.warnings.push(text);
                return Ok(());
            }
        }
        Ok(())
    }

    /// Refuses what would leave the default branch with a policy that refuses everything.
    pub(super) fn keep_policy_readable(&mut self, updates: &[Update]) -> Result<(), Error> {
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
                    format!("put the file itself there, and amend the commit:\n{AMEND}"),
                );
                continue;
            }
            match at_commit(repo, new, &format!("{}:.gitspec.toml", new.short(9))) {
                Ok(config) => {
                    let detects = config.as_ref().is_none_or(|config| config.spec.is_none());
                    if let Some(since) = config.and_then(|config| config.policy).and_then(|policy| policy.since)
                        && let Some(wrong) = wrong_since(repo, old, new, &since)?
                    {
                        self.refuse(
                            Rule::Broken,
                            format!("the new policy names a since {wrong}: {since}"),
                            format!(
                                "name a commit of this branch, or take the line out of .gitspec.toml; then:\n{AMEND}"
                            ),
                        );
                        continue;
                    }
                    // What was in force before the push goes on to be so, unless it has to be detected what it is about.
                    let is_as_before = !detects
                        && old.map(|old| repo.file_at(old, &CONFIG_FILE.into())).transpose()?.flatten()
                            == repo.file_at(new, &CONFIG_FILE.into())?;
                    if !is_as_before && let Some(what) = locks_out(self.push, default.as_bstr(), new) {
                        self.refuse(Rule::Broken, what, format!("{NOBODY}:\n{AMEND}"));
                    }
                }
                Err(error @ (Error::BadConfig { .. } | Error::ConfigTooLarge { .. } | Error::BadGlob { .. })) => {
                    let what = format!("the new .gitspec.toml cannot be read: {error}");
                    let file = format!("{}:{CONFIG_FILE}", new.short(9));
                    let hint =
                        format!("{NOBODY}:\n{AMEND}\nto see what would be pushed:\ngit show {}", shell_quote(&file));
                    let hint = match &error {
                        Error::BadConfig { help: Some(help), .. } => format!("{help}\n{hint}"),
                        _ => hint,
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
}

/// Why the next push could not be judged with a commit on the default branch; nothing where it could. It is asked as that push
/// would be: what reads well need not hold.
fn locks_out(push: &Push<'_>, default: &BStr, new: Oid) -> Option<String> {
    let (repo, after) = (push.repo, push.refs.with(default, new));
    match InForce::find(repo, &after, push.settings) {
        Ok(None) => None,
        Ok(Some(found)) if found.of_default && found.is_twin(default) => Some(format!(
            "by the new policy {} is the same as a protected ref to some file systems, so that each push to it would be refused",
            ref_text(default)
        )),
        Ok(Some(found)) => match found.spec_set(repo, &after, new) {
            Ok(set) => {
                let is_nowhere = || {
                    let files = repo.tree_files(new, &|path| set.matches(path), &|_| true);
                    files.is_ok_and(|files| !files.iter().any(|file| file.mode.is_file()))
                };
                let wants_link = found.of_default && wants_link(&found.config, &found.policy, CONFIG_FILE.into());
                (wants_link && is_nowhere()).then(|| {
                    format!(
                        "by the new policy {CONFIG_FILE} itself wants a link, and there is no file of the specification to link; exempt it: \
                         exempt = [\"{CONFIG_FILE}\"]"
                    )
                })
            }
            Err(error) => Some(format!(
                "after this push nobody could tell what the specification is, for want of [spec] with include: {}",
                in_one_line(&error)
            )),
        },
        Err(error) => Some(format!("the new policy cannot be put into force: {}", in_one_line(&error))),
    }
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

/// What is wrong with the `since` of a new policy; nothing where it may be asked.
fn wrong_since(repo: &Repo, old: Option<Oid>, new: Oid, since: &str) -> Result<Option<&'static str>, Error> {
    let before = old.and_then(|old| at_commit(repo, old, CONFIG_FILE).ok().flatten());
    let known = before.and_then(|config| config.policy).and_then(|policy| policy.since);
    Ok(match commit_object(repo, since)? {
        None => Some("that the repository does not have"),
        // Behind another branch alone it may be gone tomorrow, and nobody could push any more.
        Some(commit) if known.as_deref() != Some(since) && !repo.contains(new, commit)? => {
            Some("that this branch does not contain")
        }
        Some(_) => None,
    })
}

/// The commit of a full id, by its object alone: a ref of that name would win otherwise.
pub(super) fn commit_object(repo: &Repo, id: &str) -> Result<Option<Oid>, Error> {
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

fn short_name(name: &BStr) -> String {
    name.strip_prefix(b"refs/heads/").unwrap_or(name).to_str_lossy().into_owned()
}
