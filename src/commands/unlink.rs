//! `git spec unlink`: takes links in notes back.

use std::collections::{BTreeMap, BTreeSet};

use bstr::ByteSlice;

use super::link::{Carrier, links_of, sort};
use super::links::{NOTES, subject};
use super::notes::withdraw;
use super::reword::reword;
use super::same_ids::{list, shared};
use super::source::Source;
use crate::error::Error;
use crate::git::{Oid, Record, from_top};
use crate::trace::Link;
use crate::trace::link::decoded;
use crate::view::text::shell_quote;
use crate::view::unlink::{UnlinkReport, WithdrawnLink};

/// Withdraws the links of commits to these clauses, or all that their notes have; also says what stays in messages.
pub fn unlink(source: &Source, words: &[String], behind: &[String], dry_run: bool) -> Result<UnlinkReport, Error> {
    let (carriers, clauses) = sort(source, words, behind, "unlink")?;
    let mut wanted: BTreeMap<Oid, Vec<String>> = BTreeMap::new();
    let mut report =
        UnlinkReport { schema: "git-spec/unlink/1", written: !dry_run, links: Vec::new(), kept: Vec::new() };
    let notes = source.repo.notes_now(NOTES)?;
    let mut told = BTreeSet::new();
    for carrier in &carriers {
        let (in_message, in_note) = links_of(source, &notes, carrier.oid)?;
        let text = subject(&source.repo.message(carrier.oid)?.bytes);
        for typed in if clauses.is_empty() { vec![None] } else { clauses.iter().map(Some).collect() } {
            let means = |link: &&Link| typed.is_none_or(|typed| names(link, typed, source));
            let found: Vec<&Link> = in_note.iter().filter(means).collect();
            let stay: Vec<&Link> = in_message.iter().filter(means).collect();
            if found.is_empty() {
                return Err(nothing(source, carrier, typed, &stay, in_note.iter().chain(&in_message)));
            }
            if let Some((id, all)) = shared(&in_note).into_iter().find(|(id, all)| {
                let meant = |link: &&Link| link.id.as_deref() == Some(id);
                let some = found.iter().filter(|link| meant(link)).count();
                some > 0 && some < all.len()
            }) {
                return Err(Error::Usage {
                    message: format!("{} has one id, id:{id}, for several links: {}", carrier.word, list(&all)),
                    help: format!(
                        "to take them all back: git spec unlink {commit} id:{id}\n\
                         to give each of them an id of its own: git notes --ref=spec edit {commit}",
                        commit = shell_quote(&carrier.word)
                    ),
                });
            }
            for link in found {
                let ids = wanted.entry(carrier.oid).or_default();
                let Some(id) = link.id.clone().filter(|_| told.insert((carrier.oid, link.to_string()))) else {
                    continue;
                };
                if !ids.contains(&id) {
                    ids.push(id);
                }
                report.links.push(WithdrawnLink::new(carrier.oid.to_string(), text.clone(), link));
            }
            let how = if stay.is_empty() { None } else { reword(source, carrier.oid)? };
            let command = how.as_ref().map(|how| format!(": {}", how.command)).unwrap_or_default();
            report.kept.extend(stay.iter().map(|link| {
                format!("{}: the link to {} in the message stays{command}", carrier.word, link.clause_name())
            }));
            report.kept.extend(how.and_then(|how| how.then));
        }
    }
    if !dry_run && !wanted.is_empty() {
        let reflog = format!("spec unlink: {} lines", report.links.len());
        withdraw(&source.repo, &wanted, &Record { message: "Notes added by 'git spec unlink'", reflog: &reflog })?;
    }
    Ok(report)
}

/// Whether a link is meant by a name: `id:` and its id, path and anchor, the anchor alone, or the path of a whole
/// document; each of the last three with `@` and the commit of the link behind it.
fn names(link: &Link, typed: &str, source: &Source) -> bool {
    if let Some(id) = typed.strip_prefix("id:") {
        return link.id.as_deref().is_some_and(|own| own.eq_ignore_ascii_case(id));
    }
    let is_path = |typed: &[u8]| link.path == typed || link.path == from_top(source.repo.prefix(), typed);
    let path = |typed: &str| is_path(typed.as_bytes()) || decoded(typed).is_some_and(|plain| is_path(&plain));
    let plain = |typed: &str| match &link.anchor {
        Some(anchor) => {
            typed == anchor
                || typed.strip_suffix(anchor.as_str()).and_then(|rest| rest.strip_suffix('#')).is_some_and(path)
                || link.clause_name() == typed
        }
        None => path(typed) || link.clause_name() == typed,
    };
    let at_commit = typed.rsplit_once('@').is_some_and(|(name, commit)| {
        let same = |own: &String| commit.len() >= 4 && (own.starts_with(commit) || commit.starts_with(own.as_str()));
        plain(name) && link.commit.as_ref().is_some_and(same)
    });
    plain(typed) || at_commit
}

fn nothing<'l>(
    source: &Source,
    carrier: &Carrier,
    typed: Option<&String>,
    stay: &[&Link],
    all: impl Iterator<Item = &'l Link>,
) -> Error {
    let commit = carrier.word.clone();
    if let Some(link) = stay.first() {
        let how = match reword(source, carrier.oid) {
            Ok(how) => how.map(|how| (how.command, how.then)),
            Err(error) => return error,
        };
        return Error::LinkInMessage { commit, name: link.clause_name(), how };
    }
    let name = typed.cloned().unwrap_or_else(|| "any clause".to_owned());
    let shown = |link: &Link| match &link.id {
        Some(id) => format!("{} (id:{id})", link.path.to_str_lossy() + &*anchor(link)),
        None => format!("{} (in its message)", link.path.to_str_lossy() + &*anchor(link)),
    };
    Error::NoSuchLink { commit, name, links: all.map(shown).collect() }
}

fn anchor(link: &Link) -> String {
    link.anchor.as_ref().map(|anchor| format!("#{anchor}")).unwrap_or_default()
}
