//! Who wrote each line: `git blame --porcelain`.

use std::collections::HashMap;
use std::io::BufRead;
use std::ops::Deref;
use std::path::Path;
use std::sync::Arc;

use bstr::{BString, ByteSlice};

use super::process::{Git, Stream};
use super::quote::unquote;
use super::{GitError, Oid, Repo, Result};

/// What to blame.
#[derive(Clone, Debug, Default)]
pub struct BlameQuery {
    /// The revision or range; none means the work tree. One that begins with `-` is refused.
    pub rev: Option<String>,
    /// From the top of the repository, with `/`.
    pub path: BString,
    /// Values of `-L`; none means the whole file.
    pub ranges: Vec<String>,
    /// Git's own options that choose the origin of lines (`-w`, `-M`, `-C`, `--ignore-rev=…`, `--first-parent` …), passed
    /// on as they are. None that changes the output's form.
    pub flags: Vec<std::ffi::OsString>,
    /// Blame these bytes in place of the work tree's file.
    pub contents: Option<Vec<u8>>,
    /// Commits that are taken for children of others than they have. Nothing on systems without `/dev/stdin`, nor together
    /// with `contents`.
    pub parents: Vec<(Oid, Vec<Oid>)>,
}

/// How git is given a text that it reads as a file.
const STDIN: &str = "/dev/stdin";

impl BlameQuery {
    /// What `-S` reads: a line for each commit, its parents behind it.
    fn grafts(&self) -> Option<Vec<u8>> {
        let given = cfg!(unix) && self.contents.is_none() && !self.parents.is_empty();
        let line = |(commit, parents): &(Oid, Vec<Oid>)| {
            let parents: String = parents.iter().map(|parent| format!(" {parent}")).collect();
            format!("{commit}{parents}\n")
        };
        given.then(|| self.parents.iter().map(line).collect::<String>().into_bytes())
    }
}

/// A line and, by `Deref`, what it has in common with all lines from there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlameLine {
    /// The commit that brought the line; zero where it is not committed.
    pub commit: Oid,
    /// The line's number in that commit's file, from 1.
    pub orig_line: u32,
    /// The line's number in the blamed file, from 1.
    pub line: u32,
    /// Where it comes from.
    pub origin: Arc<Origin>,
    /// The line without its line feed; a carriage return stays.
    pub text: BString,
}

impl Deref for BlameLine {
    type Target = Origin;

    fn deref(&self) -> &Origin {
        &self.origin
    }
}

/// What git says once about each commit, and again where the commit's path changes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origin {
    /// The file's path in that commit.
    pub orig_path: BString,
    /// By mailmap.
    pub author: BString,
    /// By mailmap, without the angle brackets.
    pub author_mail: BString,
    /// Seconds since 1970 in UTC.
    pub author_time: i64,
    /// As `+0100`.
    pub author_tz: BString,
    /// The first line of the message.
    pub summary: BString,
    /// The parent commit from which the line's file comes, and its path there; none where the file was new.
    pub previous: Option<(Oid, BString)>,
    /// The line may be older: the range or a shallow clone ends here.
    pub boundary: bool,
}

/// A blame that began before the repository was looked for: git finds the same one from the current directory.
pub struct BlameAhead(Stream);

impl BlameAhead {
    /// Begins to blame the file at the path of `query`, which is taken as typed. Nothing where the answer could be another one
    /// than [`Repo::blame`] gives for the same file.
    #[must_use]
    pub fn begin(query: &BlameQuery) -> Option<BlameAhead> {
        // Where these say what the repository is, the current directory needn't lie in it.
        let named = ["GIT_DIR", "GIT_WORK_TREE", "GIT_COMMON_DIR", "GIT_PREFIX"];
        let plain = |part: &[u8]| !matches!(part, b"" | b"." | b"..");
        let is_odd = query.is_odd_revision() || query.contents.is_some() || !query.parents.is_empty();
        if is_odd || named.iter().any(|name| std::env::var_os(name).is_some()) || !query.path.split_str("/").all(plain)
        {
            return None;
        }
        let here = std::path::absolute(Path::new(".")).ok()?;
        let git = query.arguments(Git::with_config(&here, "blame", &CONFIG), None);
        git.stream().ok().map(BlameAhead)
    }
}

/// Settings of a blame.
const CONFIG: [&str; 1] = ["core.quotePath=false"];

impl BlameQuery {
    /// Whether git would take the revision for something else.
    fn is_odd_revision(&self) -> bool {
        self.rev.as_ref().is_some_and(|rev| rev.starts_with('-') || rev.is_empty())
    }

    /// `before` comes ahead of the user's flags, so that it cannot undo them.
    fn arguments(&self, git: Git, before: Option<&str>) -> Git {
        // `--root`: a root commit is no boundary.
        let git = git
            .args(before)
            .args(&self.flags)
            .args(["--porcelain", "--root", "--no-textconv", "--encoding=UTF-8", "--no-progress"])
            .args(self.ranges.iter().map(|range| format!("-L{range}")));
        let contents = self.contents.as_ref().map(|_| ["--contents", "-"]).into_iter().flatten();
        let git = git.args(self.grafts().map(|_| ["-S", STDIN]).into_iter().flatten());
        git.args(contents).args(&self.rev).arg("--").arg(self.path.to_os_str_lossy())
    }
}

impl Repo {
    /// Blames a file. One process; a second where `blame.ignoreRevsFile` names a file that is not there.
    ///
    /// # Errors
    ///
    /// [`GitError::UnknownRevision`] for a revision that looks like an option; [`GitError::NoWorkTree`];
    /// [`GitError::GitFailed`] with git's reason: no such path, a line out of range.
    pub fn blame(&self, query: &BlameQuery) -> Result<Vec<BlameLine>> {
        self.blame_begun(query, None)
    }

    /// [`Repo::blame`], of which git may have begun with the same query. Where that failed, it is asked again.
    ///
    /// # Errors
    ///
    /// Those of [`Repo::blame`].
    pub fn blame_begun(&self, query: &BlameQuery, ahead: Option<BlameAhead>) -> Result<Vec<BlameLine>> {
        if let Some(name) = query.rev.as_ref().filter(|_| query.is_odd_revision()) {
            return Err(GitError::UnknownRevision { name: name.clone() });
        }
        if query.rev.is_none() && self.work_tree().is_none() {
            return Err(GitError::NoWorkTree);
        }
        let begun = ahead.and_then(|BlameAhead(stream)| read(stream).ok());
        let lines = match begun.map_or_else(|| self.run_blame(query, None), Ok) {
            Err(GitError::GitFailed { .. }) if self.ignores_revs_by_config()? => {
                self.run_blame(query, Some("--no-ignore-revs-file"))
            }
            other => other,
        };
        let mut lines = lines?;
        if self.is_shallow() {
            let borders = self.shallow_borders()?;
            for line in lines.iter_mut().filter(|line| !line.boundary && borders.contains(&line.commit)) {
                Arc::make_mut(&mut line.origin).boundary = true;
            }
        }
        Ok(lines)
    }

    fn ignores_revs_by_config(&self) -> Result<bool> {
        Ok(self.config()?.list("blame.ignorerevsfile").is_some_and(|files| !files.is_empty()))
    }

    fn run_blame(&self, query: &BlameQuery, before: Option<&str>) -> Result<Vec<BlameLine>> {
        let git = query.arguments(self.git_with("blame", &CONFIG), before);
        let input = query.contents.clone().or_else(|| query.grafts());
        read(match input {
            Some(bytes) => git.feed(bytes)?,
            None => git.stream()?,
        })
    }
}

/// Reads what git says while it says it.
fn read(mut stream: Stream) -> Result<Vec<BlameLine>> {
    let lines = parse(stream.out()).map_err(|error| GitError::io("git blame", error))?;
    // A bad end says more than a line that isn't understood.
    stream.into_output()?;
    lines.ok_or_else(|| GitError::bad_output("git blame", "a strange line"))
}

/// Reads the porcelain format of git-blame(1). None where it is broken.
fn parse(output: &mut impl BufRead) -> std::io::Result<Option<Vec<BlameLine>>> {
    let mut lines = Vec::new();
    let mut origins: HashMap<Oid, Arc<Origin>, foldhash::fast::RandomState> = HashMap::default();
    let mut line = Vec::new();
    while next(output, &mut line)? {
        let Some((commit, orig_line, number)) = parse_head(&line) else { return Ok(None) };
        let origin = origins.entry(commit).or_default();
        let mut previous = None;
        let text = loop {
            if !next(output, &mut line)? {
                return Ok(None);
            }
            if let Some(text) = line.strip_prefix(b"\t") {
                break text;
            }
            if read_field(&line, Arc::make_mut(origin), &mut previous).is_none() {
                return Ok(None);
            }
        };
        lines.push(BlameLine { commit, orig_line, line: number, origin: origin.clone(), text: text.into() });
    }
    Ok(Some(lines))
}

/// Reads a line without its line feed. `false` at the end.
fn next(output: &mut impl BufRead, line: &mut Vec<u8>) -> std::io::Result<bool> {
    line.clear();
    if output.read_until(b'\n', line)? == 0 {
        return Ok(false);
    }
    if line.last() == Some(&b'\n') {
        line.pop();
    }
    Ok(true)
}

/// `<id> <line there> <line here> [<lines in this group>]`.
fn parse_head(head: &[u8]) -> Option<(Oid, u32, u32)> {
    let mut words = head.split(|byte| *byte == b' ');
    let commit = Oid::from_hex(words.next()?).ok()?;
    let mut number = || words.next()?.to_str().ok()?.parse().ok();
    Some((commit, number()?, number()?))
}

/// Takes over one field. `filename` comes last and settles `previous`, which git leaves out where there is none.
fn read_field(field: &[u8], origin: &mut Origin, previous: &mut Option<(Oid, BString)>) -> Option<()> {
    let (key, value) = field.split_once_str(" ").unwrap_or((field, b""));
    match key {
        b"author" => origin.author = value.into(),
        b"author-mail" => {
            let bare = value.strip_prefix(b"<").and_then(|mail| mail.strip_suffix(b">"));
            origin.author_mail = bare.unwrap_or(value).into();
        }
        b"author-time" => origin.author_time = value.to_str().ok()?.parse().ok()?,
        b"author-tz" => origin.author_tz = value.into(),
        b"summary" => origin.summary = value.into(),
        b"boundary" => origin.boundary = true,
        b"previous" => {
            let (oid, path) = value.split_once_str(" ")?;
            *previous = Some((Oid::from_hex(oid).ok()?, unquote(path)?));
        }
        b"filename" => {
            origin.orig_path = unquote(value)?;
            origin.previous = previous.take();
        }
        _ => {}
    }
    Some(())
}
