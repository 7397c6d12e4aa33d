//! The file in which Git keeps the message of a commit that is being made.

use std::path::Path;

use bstr::ByteSlice;

use super::commit::Call;
use crate::cli::GitWords;
use crate::error::Error;
use crate::git::{Config, Repo, commit_words, git_version};
use crate::trace::draft::{Draft, Encoding, apart_from, ascii, comment_sign};
use crate::trace::link::{Link, Source as Origin};

/// The version of Git from which `core.commentString` counts.
const COMMENT_STRING: (u32, u32) = (2, 45);

/// A message file as it was read, and how it is to be read.
pub struct DraftFile {
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// What begins the lines that Git will strip.
    comment: Option<Vec<u8>>,
    encoding: Encoding,
    /// Whether a person sees it in an editor.
    editing: bool,
}

/// What came of adding links.
#[derive(Debug, Default)]
pub struct Added {
    /// The message with them.
    pub bytes: Vec<u8>,
    /// Those that came in.
    pub added: Vec<Link>,
    /// Links of the message to clauses that were to be linked: they stayed.
    pub kept: Vec<Link>,
    /// Whether nothing came in, for it has no words, and nobody will write any.
    pub wordless: bool,
}

impl DraftFile {
    /// Reads the file. `editing`: a person will see it in an editor, so that Git has put comments there.
    ///
    /// # Errors
    /// [`Error::Io`], and what reading the configuration may give.
    pub fn read(repo: &Repo, file: &Path, editing: bool) -> Result<DraftFile, Error> {
        let bytes = std::fs::read(file).map_err(|error| Error::io(format!("read {}", file.display()), error))?;
        let config = repo.config()?;
        // Two names of one setting since Git 2.45; the later line wins. Before, the second one is none.
        let has_string = config.get("core.commentstring").is_some() && git_version()? >= COMMENT_STRING;
        let counts = |key: &&str| *key == "core.commentchar" || (has_string && *key == "core.commentstring");
        let last = config.keys().filter(counts).last();
        let sign = last.and_then(|key| config.get(key)).filter(|sign| !sign.is_empty());
        let comment = match sign {
            Some(sign) if !sign.eq_ignore_ascii_case(b"auto") => sign.to_vec(),
            Some(_) => comment_sign(&bytes).to_vec(),
            None => b"#".to_vec(),
        };
        let named = config.get("i18n.commitencoding").map(|name| name.to_str_lossy().into_owned()).unwrap_or_default();
        let marked = [&b"\xff\xfe"[..], b"\xfe\xff"].iter().any(|mark| bytes.starts_with(mark));
        let encoding = if marked || bytes.contains(&0) { Encoding::Other } else { Encoding::named(&named) };
        let strips = editing || strips(file, config);
        Ok(DraftFile { bytes, comment: strips.then_some(comment), encoding, editing })
    }

    /// The message; none where it can't be read.
    pub fn draft(&self) -> Option<Draft<'_>> {
        (self.encoding != Encoding::Other).then(|| Draft::read(&self.bytes, self.comment.as_deref()))
    }

    /// The message with links to clauses that it doesn't link yet; none where it can't be read. A message without an
    /// editor and without words stays as it is, so that Git refuses it.
    pub fn with_links(&self, links: &[Link]) -> Option<Added> {
        let draft = self.draft()?;
        let mut known = draft.links();
        let mut result = Added { bytes: self.bytes.clone(), ..Added::default() };
        if draft.is_wordless() && !self.editing {
            result.wordless = true;
            return Some(result);
        }
        for link in links.iter().filter(|link| !names(&draft, link)) {
            match known.iter().find(|other| other.same_clause(link)) {
                Some(other) if result.added.contains(other) => {}
                Some(other) => result.kept.push(other.clone()),
                None => {
                    known.push(link.clone());
                    result.added.push(link.clone());
                }
            }
        }
        let lines: Vec<String> = result.added.iter().map(|link| self.line(&link.line())).collect();
        result.bytes = draft.with_lines(&lines);
        Some(result)
    }

    /// The message where links to these clauses have the versions given here in the place of others, and those that went;
    /// none where it can't be read.
    pub fn renewed(&self, named: &[Link]) -> Option<(Vec<u8>, Vec<Link>)> {
        let draft = self.draft()?;
        let trailers = draft.spec_trailers();
        let (mut values, mut gone, mut there) = (Vec::new(), Vec::new(), draft.links());
        for trailer in &trailers {
            let Ok(old) = Link::parse(&trailer.value, Origin::Trailer) else { continue };
            let new = named.iter().find(|link| link.same_clause(&old) && link.version != old.version);
            let Some(new) = new else { continue };
            let is_there = there.iter().any(|link| link.same_clause(new) && link.version == new.version);
            values.push((trailer, (!is_there).then(|| self.written(&new.to_string()))));
            there.push(new.clone());
            gone.push(old);
        }
        Some((draft.with_values(&values), gone))
    }

    /// The message with those of these links among its trailers that something has cut off from them; none where there is
    /// nothing to do.
    pub fn gathered(&self, links: &[Link]) -> Option<Vec<u8>> {
        let (found, rest) = self.draft()?.strayed(links);
        let lines: Vec<String> = found.iter().map(|line| self.line(line)).collect();
        let whole = self.with_bytes(rest).draft()?.with_lines(&lines);
        (whole != self.bytes).then_some(whole)
    }

    /// The same file with other bytes.
    pub fn with_bytes(&self, bytes: Vec<u8>) -> DraftFile {
        DraftFile { bytes, comment: self.comment.clone(), ..*self }
    }

    /// The message where each line that is a link, and that Git would take for a comment, begins so that it doesn't: nothing
    /// but the letters of its key differs. The file is written anew where one is.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn apart(self, file: &Path) -> Result<DraftFile, Error> {
        let Some(sign) = self.comment.as_deref().filter(|_| self.encoding != Encoding::Other) else { return Ok(self) };
        let whole = apart_from(&self.bytes, sign);
        write(file, &self.bytes, &whole)?;
        Ok(self.with_bytes(whole))
    }

    /// A whole line, such that Git takes it for no comment, in the letters that the message's encoding has.
    pub fn line(&self, line: &str) -> String {
        let line = self.written(line);
        match &self.comment {
            Some(sign) => String::from_utf8(apart_from(line.as_bytes(), sign)).unwrap_or(line),
            None => line,
        }
    }

    /// A text in the letters that the message's encoding has.
    pub fn written(&self, line: &str) -> String {
        if self.encoding == Encoding::AsciiBased { ascii(line) } else { line.to_owned() }
    }
}

/// Whether Git strips comments although no person sees them: where clean-up says so.
fn strips(file: &Path, config: &Config) -> bool {
    let asked = match Call::about(file) {
        Some(call) => call.cleanup,
        None => commit_words().and_then(|words| GitWords::read(&words).cleanup),
    };
    let set = || config.get("commit.cleanup").map(|value| value.to_str_lossy().into_owned());
    asked.or_else(set).as_deref() == Some("strip")
}

/// Whether a person typed the clause of a link into a trailer, as a name that is still to be completed.
fn names(draft: &Draft<'_>, link: &Link) -> bool {
    let whole = match &link.anchor {
        Some(anchor) => format!("{}#{anchor}", link.path),
        None => link.path.to_string(),
    };
    let is_name = |value: &[u8]| {
        value == whole.as_bytes() || link.anchor.as_ref().is_some_and(|anchor| value == anchor.as_bytes())
    };
    draft.spec_trailers().iter().any(|trailer| is_name(&trailer.value))
}

/// A template to which links were added, kept from one hook to the next: whoever leaves it as it is wants no commit.
#[derive(Debug, PartialEq, Eq)]
pub struct Template {
    /// As git gave it.
    pub original: Vec<u8>,
    /// With the links.
    pub linked: Vec<u8>,
}

impl Template {
    /// Keeps it until the message was written.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn keep(&self, repo: &Repo) -> Result<(), Error> {
        let path = repo.template_path();
        let bytes = [format!("{}\n", self.original.len()).as_bytes(), &self.original, &self.linked].concat();
        std::fs::write(&path, bytes).map_err(|error| Error::io(format!("write {}", path.display()), error))
    }

    /// Reads it and throws it away; none where there is none.
    pub fn take(repo: &Repo) -> Option<Template> {
        let path = repo.template_path();
        let bytes = std::fs::read(&path).ok()?;
        let _ = std::fs::remove_file(path);
        let (length, rest) = bytes.split_once_str("\n")?;
        let (original, linked) = rest.split_at_checked(length.to_str().ok()?.parse().ok()?)?;
        Some(Template { original: original.to_vec(), linked: linked.to_vec() })
    }
}

/// Says so where a message may be without words because Git could not write any down: it does not look.
///
/// # Errors
/// [`Error::Io`] where nothing can be written to the file.
pub fn has_room(file: &Path) -> Result<(), Error> {
    use std::io::Write as _;
    let tried = std::fs::OpenOptions::new().append(true).open(file).and_then(|mut file| {
        let length = file.metadata()?.len();
        file.write_all(b"\n")?;
        file.sync_data()?;
        file.set_len(length)
    });
    tried.map_err(|error| Error::io(format!("write {}", file.display()), error))
}

/// Writes the file anew where it differs.
///
/// # Errors
/// [`Error::Io`].
pub fn write(file: &Path, old: &[u8], new: &[u8]) -> Result<(), Error> {
    if old == new {
        return Ok(());
    }
    // In place: it keeps its mode, and a process that dies here makes git give the commit up.
    std::fs::write(file, new).map_err(|error| Error::io(format!("write {}", file.display()), error))
}
