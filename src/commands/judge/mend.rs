//! What to type to mend a commit: nothing that gives new ids to commits which others have.

use super::ancestry::Ancestry;
use super::resolved::name_of;
use crate::error::Error;
use crate::git::{CommitRecord, Oid, WalkQuery};
use crate::trace::link::Link;
use crate::trace::policy::Rule;
use crate::view::text::shell_quote;

/// Commits that a range leaves out and that are looked at; a server with more has most of them behind each other.
const MOST_TOPS: usize = 32;

/// Where what is judged begins: the commits that are left out and that its tip contains. Others have them.
pub struct Border {
    tops: Vec<Oid>,
}

impl Border {
    /// Reads it off the question for the commits.
    pub fn of(query: &WalkQuery, tip: Oid, ancestry: &Ancestry<'_>) -> Result<Border, Error> {
        let left_out = query.revs.iter().filter_map(|rev| Oid::from_hex(rev.strip_prefix('^')?.as_bytes()).ok());
        let mut tops = Vec::new();
        for top in left_out.take(MOST_TOPS) {
            if ancestry.is_behind(top, tip)? {
                // One that contains another comes before it.
                let holds_first = match tops.first() {
                    Some(&first) => ancestry.is_behind(first, top)?,
                    None => false,
                };
                tops.insert(if holds_first { 0 } else { tops.len() }, top);
            }
        }
        Ok(Border { tops })
    }

    /// Whether a commit has all that is left out and that its tip has: a push up to it moves the ref forwards.
    pub fn is_behind(&self, commit: Oid, ancestry: &Ancestry<'_>) -> Result<bool, Error> {
        for &top in &self.tops {
            if !ancestry.is_behind(top, commit)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// What comes before the commands that amend a commit which is not the newest.
    fn stop_at(&self, commit: &CommitRecord, ancestry: &Ancestry<'_>) -> Result<Vec<String>, Error> {
        let short = commit.oid.short(9);
        let there = match commit.parents.len() > 1 {
            true => format!("there, a line `break` behind the one that merges {short}; where it stops:"),
            false => format!("there, edit {short}; where it stops:"),
        };
        Ok(vec![format!("git rebase -i -r {}", self.base(commit, ancestry)?), there])
    }

    /// The same with what is done there.
    pub fn done_at(
        &self,
        commit: &CommitRecord,
        is_head: bool,
        steps: String,
        ancestry: &Ancestry<'_>,
    ) -> Result<String, Error> {
        let mut lines = if is_head { Vec::new() } else { self.stop_at(commit, ancestry)? };
        lines.push(steps);
        Ok(lines.join("\n"))
    }

    /// The word behind `git rebase -i -r`: the commit's parent, unless what was left out comes in beside or behind it by a
    /// merge, for then a rebase from the parent would go through commits of others.
    fn base(&self, commit: &CommitRecord, ancestry: &Ancestry<'_>) -> Result<String, Error> {
        let parent = commit.parents.first();
        for &top in &self.tops {
            let holds = match parent {
                Some(&parent) => ancestry.is_behind(top, parent)?,
                None => false,
            };
            if !holds {
                return Ok(top.short(9));
            }
        }
        Ok(if parent.is_some() { format!("{}^", commit.oid.short(9)) } else { "--root".to_owned() })
    }

    /// What to type or do, each on a line of its own. `is_head`: the commit can be amended where it is.
    pub fn mend(
        &self,
        (rule, clause): (Rule, Option<&str>),
        commit: &CommitRecord,
        is_head: bool,
        ancestry: &Ancestry<'_>,
    ) -> Result<String, Error> {
        let mut lines = Vec::new();
        if !is_head && rule != Rule::Tip {
            lines.extend(self.stop_at(commit, ancestry)?);
        }
        let own = |clause: &str| format!("git spec commit --amend --no-edit --for {}", shell_quote(clause));
        match (rule, clause) {
            (Rule::Special, _) => {
                lines.push(
                    "put the files themselves there, or let an earlier push add the path, and the path with /** behind it, to \
                     exempt below [generated]"
                        .to_owned(),
                );
            }
            (Rule::Message, _) => {
                lines.push("write a plain, shorter message:".to_owned());
                lines.push("git commit --amend".to_owned());
            }
            (Rule::Tip, Some(clause)) => lines.extend([
                "make the code anew, and commit it:".to_owned(),
                format!("git spec start {}", shell_quote(clause)),
                "git spec commit -a".to_owned(),
                "or, where the code needs no change:".to_owned(),
                format!("git spec commit --allow-empty --for {}", shell_quote(clause)),
            ]),
            (Rule::Link | Rule::Map, _) | (_, None) => lines.push(own("CLAUSE")),
            (_, Some(clause)) => lines.push(own(clause)),
        }
        Ok(lines.join("\n"))
    }
}

/// What to type where the commit does not have the linked clause, so that `--for` can neither name nor replace it.
pub fn taken_out(clause: &str) -> String {
    format!(
        "take the line with {} out of the message, then link what the code is made from:\ngit commit --amend\n\
         git spec commit --amend --no-edit --for CLAUSE",
        shell_quote(clause)
    )
}

/// What to type where the link leads into another repository's specification, of which nothing is known here.
pub fn of_another(clause: &str) -> String {
    format!(
        "take the line with {} out of the message, then link what the code is made from; or let an earlier push accept such \
         links, by accept = [\"foreign\"] below [policy]:\ngit commit --amend\ngit spec commit --amend --no-edit --for CLAUSE",
        shell_quote(clause)
    )
}

/// What to type where the link stands in a note, which no commit can be amended of. `is_there`: whether the commit has the
/// clause, where it has no other link; `pushed`: whether a server's notes count.
pub fn taken_back(commit: Oid, link: &Link, is_there: Option<bool>, pushed: bool) -> String {
    let name = name_of(link);
    let meant = link.id.as_ref().map_or_else(|| name.clone(), |id| format!("id:{id}"));
    let commit = commit.short(9);
    let mut lines = vec!["its link stands in a note; take it back there:".to_owned()];
    lines.extend(pushed.then(|| "git spec notes fetch".to_owned()));
    lines.push(format!("git spec unlink {commit} {}", shell_quote(&meant)));
    let clause = is_there.map(|is_there| if is_there { shell_quote(&name) } else { "CLAUSE".into() });
    lines.extend(clause.map(|clause| format!("git spec link {commit} {clause}")));
    lines.extend(pushed.then(|| "git spec notes push".to_owned()));
    lines.join("\n")
}

/// The judged commits as a range of a command line: from the last commit that is left out to the newest.
pub fn range(query: &WalkQuery, border: Option<&Border>) -> String {
    let id = |rev: &String| Oid::from_hex(rev.trim_start_matches('^').as_bytes()).ok().map(|oid| oid.short(9));
    let top = border.and_then(|border| border.tops.first()).map(|top| top.short(9));
    let before = top.or_else(|| query.revs.iter().filter(|rev| rev.starts_with('^')).find_map(id));
    let tip = query.revs.iter().filter(|rev| !rev.starts_with('^')).find_map(id).unwrap_or_else(|| "HEAD".to_owned());
    before.map_or_else(|| tip.clone(), |before| format!("{before}..{tip}"))
}
