//! `refs/notes/spec` in a push: it only grows, by lines that can be read.

use bstr::{BStr, ByteSlice};

use super::{Court, Update};
use crate::error::Error;
use crate::git::{Oid, Repo};
use crate::trace::link::Source;
use crate::trace::note::{self, Fault};
use crate::trace::policy::Rule;
use crate::view::text::one_line;

/// Where links in notes live.
pub(super) const NOTES: &[u8] = b"refs/notes/spec";
/// Bytes of a note that are read; a link has some hundred.
const NOTE_LIMIT: u64 = 4 << 20;
/// Letters of a line that are shown.
const QUOTED: usize = 60;

impl Court<'_> {
    /// Notes only grow, by lines that can be read.
    pub(super) fn look_at_notes(&mut self, update: &Update, name: &BStr) -> Result<(), Error> {
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

    /// Tells of each commit without a link how a note would count: only once the server has it.
    pub(super) fn hint_at_notes(&mut self, updates: &[Update]) -> Result<(), Error> {
        if !self.push.settings.accept_notes {
            return Ok(());
        }
        let Some(check) = &mut self.verdict.check else { return Ok(()) };
        if self.verdict.refusals.is_empty() && !check.refuses() {
            return Ok(());
        }
        let repo = self.push.repo;
        let pushed = updates.iter().zip(&self.named).find(|(update, name)| *name == NOTES && !update.deletes());
        let pushed = pushed.and_then(|(update, _)| self.commits.get(&update.new)).copied();
        let mut others = false;
        for finding in check.findings.iter_mut().filter(|finding| finding.rule == Rule::Link.key()) {
            let commit = Oid::from_hex(finding.commit.as_bytes()).ok();
            let note = match (pushed, commit) {
                (Some(notes), Some(commit)) => read_notes(repo, &repo.note_at(notes, commit)?)?,
                _ => None,
            };
            if note.is_some_and(|note| note::read(&note).links.iter().any(|link| link.source == Source::Note)) {
                finding.mend =
                    "its link is in the notes of this same push; push those first:\ngit spec notes push".to_owned();
            } else {
                others = true;
            }
        }
        if others {
            self.verdict.hints.push(
                "a link in a note counts here as well, once the notes are pushed:\ngit spec link COMMIT CLAUSE\ngit spec notes push"
                    .to_owned(),
            );
        }
        Ok(())
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

fn quoted(line: &BStr) -> String {
    let text: String = one_line(&line.to_str_lossy()).chars().take(QUOTED).collect();
    format!("\"{text}\"")
}
