//! What a person typed into a message beside whole links: names of clauses, which become links, and lines where Git reads
//! no trailers, which are moved or told.

use std::path::Path;

use bstr::ByteSlice;

use super::cite::cite_staged;
use super::draft_file::{self, DraftFile};
use super::link::own;
use super::source::Source;
use super::started::typed_name;
use crate::error::Error;
use crate::git::{Operation, Repo};
use crate::trace::draft::SpecTrailer;
use crate::trace::link::{Link, NotALink, Source as Origin};
use crate::trace::message::is_squash_shaped;
use crate::view::text::{one_line, shell_quote};

/// Longest part of a value that is quoted to a person, in letters.
const QUOTED: usize = 60;

/// What became of the typed lines.
#[derive(Debug, Default)]
pub struct Typed {
    /// Lines to say as warnings.
    pub warnings: Vec<String>,
    /// Why Git has to stop.
    pub refused: Option<Error>,
}

/// Completes the names in a message file to links, and moves those that stand in an earlier paragraph of trailers.
/// `amends`: the commit takes the place of HEAD. `moves`: the message is a new one, whose lines may be moved.
///
/// # Errors
/// What reading the repository and writing the file may give; a refusal is no error.
pub fn complete(repo: &Repo, draft: DraftFile, file: &Path, (amends, moves): (bool, bool)) -> Result<Typed, Error> {
    let mut scribe = Scribe { repo, source: None, amends };
    let (draft, mut warnings) = if moves { scribe.gathered(draft, file)? } else { (draft, Vec::new()) };
    let Some(text) = draft.draft() else { return Ok(Typed::default()) };
    let trailers = text.spec_trailers();
    let (mut typed, mut other) = (Vec::new(), Vec::new());
    for trailer in &trailers {
        match Link::parse(&trailer.value, Origin::Trailer) {
            Ok(_) => {}
            Err(why) => match word(&trailer.value) {
                Some(clause) => typed.push((trailer, clause)),
                None => other.push((trailer, why)),
            },
        }
    }
    warnings.extend(strangers(&other));
    let mut known: Vec<String> = text.links().iter().map(ToString::to_string).collect();
    let mut values = Vec::new();
    for (trailer, clause) in typed {
        let value = match scribe.cite(clause) {
            Ok(link) => link.to_string(),
            Err(error) if is_refusal(&error) => {
                return Ok(Typed { warnings, refused: Some(refusal(error, repo, file, amends)) });
            }
            Err(error) => return Err(error),
        };
        let again = known.contains(&value);
        known.push(value.clone());
        values.push((trailer, (!again).then(|| draft.written(&value))));
    }
    draft_file::write(file, &draft.bytes, &text.with_values(&values))?;
    Ok(Typed { warnings, refused: None })
}

/// Cites what is typed; opens the specification where something is.
struct Scribe<'r> {
    repo: &'r Repo,
    source: Option<Source>,
    amends: bool,
}

impl Scribe<'_> {
    fn cite(&mut self, clause: &str) -> Result<Link, Error> {
        let source = match self.source.take() {
            Some(source) => source,
            None => Source::of_staged(self.repo.reopen())?,
        };
        let source = self.source.insert(source);
        let mut link = cite_staged(source, clause)?;
        if let Some(gone) = source.repo.head()?.filter(|_| self.amends) {
            // What HEAD gave to its clauses, the commit that takes its place will have given.
            own(&mut link, gone);
        }
        Ok(link)
    }

    /// The message with those lines among its trailers that stand in another paragraph of trailers, and what is to be said
    /// of the others.
    fn gathered(&mut self, draft: DraftFile, file: &Path) -> Result<(DraftFile, Vec<String>), Error> {
        let Some(text) = draft.draft() else { return Ok((draft, Vec::new())) };
        let known: Vec<String> = text.links().iter().map(ToString::to_string).collect();
        let (strays, trailers) = (text.strays(), text.spec_trailers());
        let (mut lines, mut gone, mut warnings) = (Vec::new(), Vec::new(), Vec::new());
        for stray in &strays {
            let Ok(value) = stray.value.to_str() else { continue };
            let link = Link::parse(&stray.value, Origin::Trailer).ok();
            if link.is_some() && is_squash_shaped(&draft.bytes) {
                // It is read where it stands.
                continue;
            }
            let mut cited = link.clone();
            let name = match (&link, word(&stray.value)) {
                (Some(link), _) => typed_name(link),
                (None, Some(clause)) => match self.cite(clause) {
                    Ok(link) => {
                        cited = Some(link);
                        clause.to_owned()
                    }
                    Err(error) if is_refusal(&error) && stray.among_trailers => {
                        warnings.push(one_line(&format!("Spec: {value} is no link: {error}")).into_owned());
                        continue;
                    }
                    Err(_) => continue,
                },
                (None, None) => continue,
            };
            let is_linked = trailers.iter().any(|trailer| match Link::parse(&trailer.value, Origin::Trailer) {
                Ok(own) => cited.as_ref().is_some_and(|link| own.same_clause(link)),
                Err(_) => cited.as_ref().is_some_and(|link| {
                    trailer.value == link.clause_name() || link.anchor.as_ref().is_some_and(|own| trailer.value == *own)
                }),
            });
            if !stray.among_trailers && is_linked {
                continue;
            }
            if !stray.among_trailers {
                warnings.push(
                    one_line(&format!(
                        "Spec: {value} is no link where it stands, for Git reads trailers in the last paragraph alone; \
                     git spec commit --amend --no-edit --for {} links it",
                        shell_quote(&name)
                    ))
                    .into_owned(),
                );
                continue;
            }
            gone.push(stray);
            if !link.is_some_and(|link| known.contains(&link.to_string())) {
                lines.push(draft.line(&format!("Spec: {value}")));
            }
        }
        let rest = draft.with_bytes(text.without(&gone));
        let whole = rest.draft().map(|rest| rest.with_lines(&lines)).filter(|_| !gone.is_empty());
        let Some(whole) = whole else { return Ok((draft, warnings)) };
        draft_file::write(file, &draft.bytes, &whole)?;
        Ok((draft.with_bytes(whole), warnings))
    }
}

/// The clause that a value names: one word that is no URL.
pub fn word(value: &[u8]) -> Option<&str> {
    let text = value.to_str().ok()?;
    let one_word = !text.is_empty() && !text.contains(char::is_whitespace);
    (one_word && !text.contains("://")).then_some(text)
}

/// One line about all values that are somebody else's.
fn strangers(other: &[(&SpecTrailer, NotALink)]) -> Option<String> {
    let (first, why) = other.first()?;
    let value: String = one_line(&first.value.to_str_lossy()).chars().take(QUOTED).collect();
    // Two words of which the second begins like a version were meant as a link.
    let meant = first.value.split_str(" ").nth(1).is_some_and(|word| word.starts_with(b"v1:"));
    let reason = if meant { format!(": {}", why.0) } else { String::new() };
    let more = if other.len() > 1 { format!(", and {} more", other.len() - 1) } else { String::new() };
    Some(format!("no link, left as it is: Spec: {value}{reason}{more}"))
}

/// Whether the person who typed it has to look at it again.
fn is_refusal(error: &Error) -> bool {
    matches!(
        error,
        Error::NoSuchClause { .. }
            | Error::AmbiguousClause { .. }
            | Error::UnknownRevision { .. }
            | Error::AmbiguousArgument { .. }
            | Error::Usage { .. }
    )
}

/// The same refusal with what becomes of the message.
fn refusal(error: Error, repo: &Repo, file: &Path, amends: bool) -> Error {
    // A person may stand below the top, where git names the file from.
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let amend = if amends && repo.operation() == Some(Operation::Rebase) { "--amend " } else { "" };
    let again = format!("git commit {amend}-e -F \"$(git rev-parse --git-path {})\"", shell_quote(&name));
    Error::TypedClause { source: Box::new(error), again }
}
