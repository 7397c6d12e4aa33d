//! What formats for programs say beside the findings: lines, the judged commits, and which repository it is.

use std::collections::HashMap;

use bstr::{BString, ByteSlice};

use super::source::Source;
use crate::error::Error;
use crate::git::{GitError, Oid, Repo, WalkQuery};
use crate::trace::left_lines::first_left;
use crate::view::check::{About, CheckReport};

/// Findings whose lines are looked for; the others name the file alone.
const PLACED: usize = 500;
/// Bytes of a file whose lines are looked for.
const MOST_BYTES: u64 = 1 << 20;

/// Fills in where the lines of each finding's commit are at the newest commit. By the texts alone: to blame each file takes as long
/// as all that happened to it.
///
/// # Errors
/// What reading the repository may give; a file that is gone has no lines.
pub fn place(repo: &Repo, report: &mut CheckReport, tip: Oid) -> Result<(), Error> {
    let mut now: HashMap<BString, Option<Vec<u8>>> = HashMap::new();
    for finding in report.findings.iter_mut().take(PLACED) {
        let (Some(path), Ok(commit)) = (&finding.file, Oid::from_hex(finding.commit.as_bytes())) else { continue };
        if !now.contains_key(path) {
            now.insert(path.clone(), text(repo, tip, path)?);
        }
        let Some(Some(now)) = now.get(path) else { continue };
        let Some(then) = text(repo, commit, path)? else { continue };
        let mut before = Vec::new();
        for &parent in repo.parents(commit)?.iter() {
            before.extend(text(repo, parent, path)?);
        }
        let before: Vec<&[u8]> = before.iter().map(Vec::as_slice).collect();
        finding.lines = first_left(&before, &then, now);
    }
    Ok(())
}

/// The text of a file; none where there is none, or a large one, or where it is not here.
fn text(repo: &Repo, commit: Oid, path: &BString) -> Result<Option<Vec<u8>>, Error> {
    let read = || match repo.file_at(commit, path)? {
        Some((mode, blob)) if mode.is_file() && repo.blob_size(blob)? <= MOST_BYTES => repo.blob(blob).map(Some),
        _ => Ok(None),
    };
    match read() {
        Err(GitError::MissingObject { .. }) => Ok(None),
        other => Ok(other?),
    }
}

/// Everything else.
///
/// # Errors
/// What reading the repository may give.
pub fn about(source: &Source, query: &WalkQuery, tip: Oid, reference: Option<&str>) -> Result<About, Error> {
    let mut commits = Vec::new();
    for record in source.repo.walk(&WalkQuery { commits_only: true, ..query.clone() })? {
        let record = record?;
        if !record.border {
            commits.push((record.oid.to_string(), record.subject.to_str_lossy().into_owned()));
        }
    }
    let remote = source.repo.default_remote(false)?.unwrap_or_else(|| "origin".to_owned());
    let url = source.repo.config()?.get(&format!("remote.{remote}.url")).map(|url| url.to_str_lossy().into_owned());
    let branch = reference.map(|name| name.strip_prefix("refs/heads/").unwrap_or(name).to_owned());
    Ok(About { commits, tip: Some(tip.to_string()), branch, repository: url.as_deref().and_then(address) })
}

/// The address of a remote as a URI without a password; none where it is no address that others could use.
fn address(url: &str) -> Option<String> {
    let clean = |text: &str| text.bytes().all(|byte| byte.is_ascii_graphic() && !b"\"<>\\^`{|}".contains(&byte));
    let url = match url.split_once("://") {
        Some(("file", _)) => return None,
        Some((scheme, rest)) => {
            let (place, path) = rest.split_once('/').unwrap_or((rest, ""));
            // A name alone may be a token too, so only that of SSH stays.
            let host = match place.rsplit_once('@') {
                Some((who, host)) if scheme.ends_with("ssh") => match who.split_once(':') {
                    Some((name, _)) => format!("{name}@{host}"),
                    None => place.to_owned(),
                },
                Some((_, host)) => host.to_owned(),
                None => place.to_owned(),
            };
            format!("{scheme}://{host}/{path}")
        }
        // As git reads it: a colon before any slash is another machine.
        None => match url.split_once(':') {
            Some((host, path)) if !host.is_empty() && !host.contains('/') => {
                format!("ssh://{host}/{}", path.trim_start_matches('/'))
            }
            _ => return None,
        },
    };
    clean(&url).then_some(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_hold_no_secret_and_no_place_of_this_machine() {
        let of = |url: &str| address(url).unwrap_or_default();
        assert_eq!(of("https://jane:secret@example.org/a/b.git"), "https://example.org/a/b.git");
        assert_eq!(of("https://token@example.org/a.git"), "https://example.org/a.git");
        assert_eq!(of("ssh://git:x@example.org:22/a.git"), "ssh://git@example.org:22/a.git");
        assert_eq!(of("git@example.org:a/b.git"), "ssh://git@example.org/a/b.git");
        assert_eq!(of("https://example.org"), "https://example.org/");
        assert_eq!(of("/srv/git/a.git"), "");
        assert_eq!(of("file:///srv/git/a.git"), "");
        assert_eq!(of("../a.git"), "");
        assert_eq!(of("https://example.org/a b\u{1b}"), "");
    }
}
