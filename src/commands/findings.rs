//! What formats for programs say beside the findings: lines, the judged commits, and which repository it is.

use std::collections::BTreeMap;

use bstr::{BString, ByteSlice};

use super::source::Source;
use crate::error::Error;
use crate::git::{BlameLine, BlameQuery, GitError, Oid, Repo, WalkQuery};
use crate::view::check::{About, CheckReport, FindingFact};

/// Files that are blamed for lines; findings in others name the file alone.
const BLAMED: usize = 100;

/// Fills in where the lines of each finding's commit are at the newest commit.
///
/// # Errors
/// What reading the repository may give; a file that is gone has no lines.
pub fn place(repo: &Repo, report: &mut CheckReport, tip: Oid) -> Result<(), Error> {
    let mut files: BTreeMap<BString, Vec<&mut FindingFact>> = BTreeMap::new();
    for finding in &mut report.findings {
        if let Some(file) = finding.file.clone() {
            files.entry(file).or_default().push(finding);
        }
    }
    for (path, findings) in files.into_iter().take(BLAMED) {
        let query = BlameQuery { rev: Some(tip.to_string()), path, ..BlameQuery::default() };
        let lines = match repo.blame(&query) {
            Ok(lines) => lines,
            Err(GitError::GitFailed { .. }) => continue,
            Err(error) => return Err(error.into()),
        };
        for finding in findings {
            finding.lines = first_run(&lines, &finding.commit);
        }
    }
    Ok(())
}

/// The first lines one behind the other that are a commit's.
fn first_run(lines: &[BlameLine], commit: &str) -> Option<[u32; 2]> {
    let is_its = |line: &&BlameLine| line.commit.to_string() == commit;
    let start = lines.iter().position(|line| is_its(&line))?;
    let count = lines[start..].iter().take_while(is_its).count();
    let last = lines.get(start + count.saturating_sub(1))?;
    Some([lines.get(start)?.line, last.line])
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
