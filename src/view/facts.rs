//! The plain facts that every command's answer is made of, as the JSON contracts have them.

use std::borrow::Cow;

use bstr::{BStr, BString, ByteSlice};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::spec::change::{Change, ChangeKind, is_noise};
use crate::spec::grade::Grade;
use crate::spec::matching::{ClauseAt, Document, Rule};
use crate::spec::{Kind, Version};
use crate::trace::facts::{ChangeState, ClauseState};
use crate::view::text::one_line;

/// A clause at one revision.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ClauseFact {
    /// Repository-relative path; escaped as git quotes it where it isn't UTF-8.
    pub path: String,
    /// Its bytes, where they are something else than the text.
    #[serde(skip)]
    pub raw_path: Option<BString>,
    /// Name inside the file.
    pub anchor: String,
    /// Explicit id.
    pub id: Option<String>,
    /// Other ids.
    pub aliases: Vec<String>,
    /// Title; the first eight words where there is none.
    pub title: String,
    /// Ancestors' titles, outermost first.
    pub headings: Vec<String>,
    /// What sort of clause.
    pub kind: Kind,
    /// Position in a numbered list, from 1.
    pub ordinal: Option<u32>,
    /// First and last own line.
    pub lines: (u32, u32),
    /// All own runs of lines, where nested clauses leave holes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub spans: Option<Vec<(u32, u32)>>,
    /// `v1:` and 32 hex digits.
    pub version: Version,
}

impl ClauseFact {
    /// The facts of a clause.
    pub fn new(document: &Document, at: usize) -> Self {
        ClauseFact::of(ClauseState::of(document, at))
    }

    /// The facts of a clause's state.
    pub fn of(state: ClauseState) -> Self {
        let first = state.spans.iter().map(|span| span.first).min().unwrap_or(0);
        let last = state.spans.iter().map(|span| span.last).max().unwrap_or(0);
        let holes = state.spans.len() > 1;
        let (path, raw_path) = path_as_text(state.path);
        ClauseFact {
            path,
            raw_path,
            anchor: state.anchor,
            id: state.id,
            aliases: state.aliases,
            title: state.title,
            headings: state.headings,
            kind: state.kind,
            ordinal: state.ordinal,
            lines: (first, last),
            spans: holes.then(|| state.spans.iter().map(|span| (span.first, span.last)).collect()),
            version: state.version,
        }
    }

    /// The title on one line, without the id where it begins with it and goes on.
    pub fn title_beside_id(&self) -> String {
        beside_id(&one_line(&self.title), self.id.as_deref().map(one_line).as_deref()).to_owned()
    }

    /// `path#anchor` for programs, the path as its bytes are.
    pub fn raw_name(&self) -> Vec<u8> {
        let path = self.raw_path.as_ref().map_or(self.path.as_bytes(), |path| path.as_slice());
        [path, b"#", self.anchor.as_bytes()].concat()
    }

    /// The id as the screen shows it: on one line, a machine-made one by its first digits.
    pub fn shown_id(&self) -> Option<String> {
        self.id.as_deref().map(|id| one_line(short_id(id)).into_owned())
    }

    /// The title as the screen shows it beside the id: in a numbered list with its number, unless it tells it.
    pub fn shown_title(&self) -> String {
        let title = self.title_beside_id();
        let Some(number) = self.ordinal.filter(|_| self.id.is_none()).map(|n| n.to_string()) else { return title };
        let word = |word: &str| word.trim_matches(|c: char| !c.is_alphanumeric()) == number;
        if title.split_whitespace().take(3).any(word) { title } else { format!("{number}. {title}") }
    }

    /// `AUTH-2 Lockout`, or the title alone: what stands above a clause.
    pub fn shown_name(&self) -> String {
        let title = self.title_beside_id();
        match self.shown_id() {
            Some(id) if id != title => format!("{id}  {title}"),
            _ => title,
        }
    }

    /// What a person calls it: the id, else the anchor.
    pub fn name(&self) -> &str {
        short_id(self.id.as_deref().unwrap_or(&self.anchor))
    }
}

/// A title without the id that it begins with, if it goes on behind that.
pub fn beside_id<'t>(title: &'t str, id: Option<&str>) -> &'t str {
    let rest = id.map_or(title, |id| beside(title, id));
    if rest.is_empty() { title } else { rest }
}

/// What became of a clause.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ChangeFact {
    /// All that happened to it.
    pub kinds: Vec<ChangeKind>,
    /// Weight of a modification.
    pub grade: Option<Grade>,
    /// What made it normative: `SHOULD → MUST`, `5 → 3`, `+not`.
    pub tipped: Vec<String>,
    /// What bonded the two.
    pub rule: Option<Rule>,
    /// How sure, 0 to 1.
    pub score: Option<f32>,
    /// After; `null` when it went.
    pub clause: Option<ClauseFact>,
    /// Before; `null` when it came.
    pub was: Option<ClauseFact>,
    /// Own text before.
    pub before: Option<String>,
    /// Own text after.
    pub after: Option<String>,
    /// Of an added clause: what it was copied or split from; of a removed one: what took it in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub other: Option<ClauseFact>,
    /// Of a merge: the parent whose newer state of the clause it drops.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dropped: Option<String>,
    /// Of an added clause in the life of one: an ancestor had removed it, and it came back.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub returned: bool,
}

impl ChangeFact {
    /// The facts of a change between two sets of documents, with its texts.
    pub fn new<D: AsRef<Document>>(change: &Change, old: &[D], new: &[D]) -> Self {
        let text = |docs: &[D], at: ClauseAt| docs[at.doc].as_ref().clauses[at.at].text.clone();
        ChangeFact {
            before: change.old.map(|at| text(old, at)),
            after: change.new.map(|at| text(new, at)),
            ..ChangeFact::of(ChangeState::of(change, old, new), None)
        }
    }

    /// The facts of a change without its texts; `dropped` is the parent whose newer state a merge drops.
    pub fn of(change: ChangeState, dropped: Option<String>) -> Self {
        ChangeFact {
            kinds: change.kinds,
            grade: change.grade,
            tipped: change.tipped,
            rule: change.rule,
            score: change.score.map(|score| (score * 100.0).round() / 100.0),
            clause: change.new.map(|state| ClauseFact::of(*state)),
            was: change.old.map(|state| ClauseFact::of(*state)),
            before: None,
            after: None,
            other: change.other.map(|state| ClauseFact::of(*state)),
            dropped,
            returned: false,
        }
    }

    /// Whether a kind holds.
    pub fn is(&self, kind: ChangeKind) -> bool {
        self.kinds.contains(&kind)
    }

    /// Whether its title differs by more than the id in it.
    pub fn is_renamed(&self) -> bool {
        let title = |clause: &Option<ClauseFact>| clause.as_ref().map(ClauseFact::title_beside_id);
        self.is(ChangeKind::Renamed) && title(&self.was) != title(&self.clause)
    }

    /// Layout, targets, spelling: what views fold.
    pub fn is_noise(&self) -> bool {
        is_noise(&self.kinds, self.grade)
    }

    /// The clause after, or before where it went.
    pub fn shown(&self) -> Option<&ClauseFact> {
        self.clause.as_ref().or(self.was.as_ref())
    }
}

/// A link from a generated commit to a clause version.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct LinkFact {
    /// The carrier.
    pub commit: String,
    /// The spec file it names.
    pub path: String,
    /// The clause in it; `null` for the whole document.
    pub anchor: Option<String>,
    /// The version it names.
    pub version: String,
    /// `trailer`, `body`, `note`, `annotation` or `affirm`.
    pub source: String,
    /// How it was found again.
    pub resolution: String,
    /// Whether the clause is still at that version.
    pub freshness: String,
    /// How often the clause changed since, where it is stale.
    pub changes: u32,
    /// The worst grade of those changes.
    pub worst: Option<Grade>,
    /// The commit at which the clause has that version.
    pub resolved_commit: Option<String>,
    /// The commit that verifiably reverts the carrier.
    pub undone_by: Option<String>,
    /// A commit that says it reverts the carrier and is not the inverse, where none verifiably does.
    pub said_undone_by: Option<String>,
    /// Resolution, freshness and what became of the carrier in words.
    pub reason: String,
    /// Whether several clauses of the set have this anchor, so that its file names it too.
    pub namesakes: bool,
    /// The spec file in which the clause stands at the revision; `null` where it is gone, or isn't known for certain.
    pub now_path: Option<String>,
    /// The clause in that file.
    pub now_anchor: Option<String>,
}

impl LinkFact {
    /// The clause it names, with its file where others have the same name; or the file where it names all of it.
    pub fn name(&self) -> Cow<'_, str> {
        match self.anchor.as_deref() {
            Some(anchor) if self.namesakes => Cow::Owned(format!("{}#{}", self.path, short_id(anchor))),
            Some(anchor) => Cow::Borrowed(short_id(anchor)),
            None => Cow::Borrowed(&self.path),
        }
    }

    /// [`LinkFact::name`], with the one that it has now, if that is another.
    pub fn name_and_present(&self) -> Cow<'_, str> {
        match (&self.anchor, &self.now_anchor) {
            (Some(anchor), Some(now)) if anchor != now => {
                Cow::Owned(format!("{} (now {})", self.name(), short_id(now)))
            }
            _ => self.name(),
        }
    }

    /// Whether it is tied to a clause for certain.
    pub fn is_tied(&self) -> bool {
        matches!(self.resolution.as_str(), "exact" | "relocated")
    }

    /// `fresh`, `relocated fresh`, `stale 2`, `retired`, `unknown`; what isn't tied for sure is told with its resolution alone, an
    /// affirmation as that, and what was undone with the commit that did.
    pub fn state(&self) -> String {
        let doubt = !self.is_tied();
        let state = match (doubt, self.changes) {
            (true, _) => self.resolution.clone(),
            (false, 0) => self.freshness.clone(),
            (false, changes) => format!("{} {changes}", self.freshness),
        };
        let state = if self.resolution == "relocated" { format!("relocated {state}") } else { state };
        let state = if self.source == "affirm" { format!("affirmed {state}") } else { state };
        let short = |by: &'_ String| by.get(..SHORT_COMMIT).unwrap_or(by).to_owned();
        match (&self.undone_by, &self.said_undone_by) {
            (Some(by), _) => format!("{state}, undone by {}", short(by)),
            (None, Some(by)) => format!("{state}, unverified revert {}", short(by)),
            (None, None) => state,
        }
    }
}

/// A spec file that came, went or took another path.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct DocumentFact {
    /// Path before; `null` when it came.
    pub was: Option<String>,
    /// Path after; `null` when it went.
    pub path: Option<String>,
    /// Of a file that joined the spec set where it stood before, of one that left it where it stands now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outside: Option<String>,
}

/// Digits that are shown of the commit that undid another.
const SHORT_COMMIT: usize = 7;
/// Digits that are shown of a machine-made id.
const SHORT_ID: usize = 8;

/// Whether an id was made by a machine: 32 or more hexadecimal digits, as StrictDoc's MIDs, or a UUID.
pub fn is_machine_id(id: &str) -> bool {
    id.bytes().filter(u8::is_ascii_hexdigit).count() >= 32 && id.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-')
}

/// An id as the screen shows it: a machine-made one by its first digits, which name it on the command line too.
pub fn short_id(id: &str) -> &str {
    if is_machine_id(id) { id.get(..SHORT_ID).unwrap_or(id) } else { id }
}

/// A title without the name that it begins with, and what parts the two.
pub fn beside<'a>(title: &'a str, name: &str) -> &'a str {
    match title.strip_prefix(name) {
        Some(rest) => rest.trim_start_matches([':', ' ', '-', '–', '—']),
        None => title,
    }
}

/// A path as text: as it is where it is clean UTF-8, else quoted as git quotes it.
pub fn path_text(path: &BStr) -> String {
    match std::str::from_utf8(path) {
        Ok(text) if is_clean(text) => text.to_owned(),
        _ => crate::view::text::quote_path(path),
    }
}

/// [`path_text`] of a path that isn't needed otherwise, and its bytes where they are something else.
fn path_as_text(path: BString) -> (String, Option<BString>) {
    match String::from_utf8(path.into()) {
        Ok(text) if is_clean(&text) => (text, None),
        Ok(text) => (crate::view::text::quote_path(text.as_bytes().as_bstr()), Some(text.into())),
        Err(odd) => (crate::view::text::quote_path(odd.as_bytes().as_bstr()), Some(odd.into_bytes().into())),
    }
}

fn is_clean(text: &str) -> bool {
    text.bytes().all(|byte| (b' '..0x7f).contains(&byte)) || !text.chars().any(char::is_control)
}

#[cfg(test)]
mod tests {
    use super::beside;

    #[test]
    fn a_title_loses_only_the_name_that_it_begins_with() {
        assert_eq!(beside("AUTH-2: Lockout", "AUTH-2"), "Lockout");
        assert_eq!(beside("--clause CLAUSE MUST follow", "command.log.clause"), "--clause CLAUSE MUST follow");
        assert_eq!(beside("AUTH-2", "AUTH-2"), "");
    }
}
