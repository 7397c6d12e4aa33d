//! What may not happen to a ref, whatever its commits are.

use bstr::{BStr, ByteSlice};

use super::in_force::InForce;
use super::notes::NOTES;
use super::{Court, Update};
use crate::config::fold_name as fold;
use crate::error::Error;
use crate::trace::policy::Rule;
use crate::view::receive::ref_text;
use crate::view::text::shell_quote;

impl Court<'_> {
    /// Refuses what may not happen to a ref at all; whether its commits are to be judged.
    pub(super) fn look_at(&mut self, in_force: &InForce, update: &Update, name: &BStr) -> Result<bool, Error> {
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
    pub(super) fn keeps(&mut self, update: &Update, name: &BStr) -> Result<bool, Error> {
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
}
