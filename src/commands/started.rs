//! What is under way in this worktree: links that a person recorded with `start`, and how they stand to HEAD.

use bstr::{BString, ByteSlice};

use super::cite::cite;
use super::links::document_version;
use super::source::{Content, EdgeDocuments, Source};
use crate::error::Error;
use crate::git::{Oid, Repo};
use crate::spec::Version;
use crate::spec::change::Change;
use crate::spec::grade::Grade;
use crate::spec::matching::{Bond, ClauseAt, Document};
use crate::trace::link::{Link, LinkVersion, Source as Origin};

/// Where it is recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shelf {
    /// With a branch.
    Branch(BString),
    /// With a HEAD that is on no branch; the commit that it is.
    Detached(Oid),
}

/// What is under way.
#[derive(Clone, Debug)]
pub struct UnderWay {
    /// Where it is recorded.
    pub shelf: Shelf,
    /// The links, oldest first.
    pub links: Vec<Link>,
    /// Values that are no links.
    pub strange: Vec<BString>,
    /// The commit at which links were recorded that do not count, since HEAD is not behind it.
    pub left: Option<Oid>,
}

impl UnderWay {
    /// Reads it; two processes on a branch.
    ///
    /// # Errors
    /// What git says.
    pub fn read(repo: &Repo) -> Result<UnderWay, Error> {
        if let Some(branch) = repo.head_branch()? {
            let values = repo.branch_values(branch.as_bstr())?;
            return Ok(UnderWay::of(Shelf::Branch(branch), values));
        }
        let head = repo.resolve("HEAD")?;
        let (at, values) = repo.detached_values()?.unwrap_or((head, Vec::new()));
        let counts = at == head || repo.is_behind(at, head).unwrap_or(false);
        let mut found = UnderWay::of(Shelf::Detached(head), if counts { values } else { Vec::new() });
        found.left = (!counts).then_some(at);
        Ok(found)
    }

    fn of(shelf: Shelf, values: Vec<BString>) -> UnderWay {
        let mut found = UnderWay { shelf, links: Vec::new(), strange: Vec::new(), left: None };
        for value in values {
            match Link::parse(&value, Origin::Trailer) {
                Ok(link) => found.links.push(link),
                Err(_) => found.strange.push(value),
            }
        }
        found
    }

    /// Records these links in the place of those that were. What is no link stays, unless nothing else does.
    ///
    /// # Errors
    /// What git or the operating system says.
    pub fn keep(&self, repo: &Repo, links: &[Link]) -> Result<(), Error> {
        let mut values: Vec<BString> = links.iter().map(|link| BString::from(link.to_string())).collect();
        if !values.is_empty() {
            values.extend(self.strange.iter().cloned());
        }
        match &self.shelf {
            Shelf::Branch(branch) => repo.set_branch_values(branch.as_bstr(), &values)?,
            Shelf::Detached(head) => repo.set_detached_values(*head, &values)?,
        }
        Ok(())
    }
}

/// Recorded links as HEAD's history has them: where the commit that one names is not behind HEAD, as after a rebase, and the
/// clause has that version at HEAD, with the commit that gave it to it there. What cannot be told stays.
pub fn placed(source: &Source, links: Vec<Link>) -> Vec<Link> {
    let Ok(Some(head)) = source.repo.head() else { return links };
    let place = |link: Link| {
        let commit = link.commit.as_ref().filter(|_| link.foreign.is_none());
        let Some(hex) = commit else { return link };
        let is_behind = commit_of(source, hex).is_some_and(|at| source.repo.is_behind(at, head).unwrap_or(true));
        if is_behind {
            return link;
        }
        match cite(source, &link.clause_name(), None) {
            Ok(now) if now.same_clause(&link) && now.version == link.version => Link { commit: now.commit, ..link },
            _ => link,
        }
    };
    links.into_iter().map(place).collect()
}

/// How a recorded link stands to a revision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// The clause has that version.
    Current,
    /// It has another.
    Changed {
        /// What changed, in words.
        what: String,
        /// How much; none for a whole document.
        grade: Option<Grade>,
    },
    /// It is gone.
    Gone,
    /// What the link names cannot be seen.
    Unseen,
}

/// How a link stands to `head`: by the one file where nothing changed, else by a comparison with the commit that it
/// names.
///
/// # Errors
/// What reading the repository may give.
pub fn standing(source: &Source, link: &Link, head: Oid) -> Result<Standing, Error> {
    Ok(standing_now(source, link, head)?.0)
}

/// [`standing`], and the clause that the link's is at `head` where it has another name there, or stands in another file.
///
/// # Errors
/// What reading the repository may give.
pub fn standing_now(source: &Source, link: &Link, head: Oid) -> Result<(Standing, Option<Now>), Error> {
    since(source, link, link.commit.as_deref().and_then(|hex| commit_of(source, hex)), head)
}

/// [`standing`] of a link whose clause had its version at `old`.
///
/// # Errors
/// What reading the repository may give.
pub fn standing_since(source: &Source, link: &Link, old: Option<Oid>, head: Oid) -> Result<Standing, Error> {
    Ok(since(source, link, old, head)?.0)
}

/// What a clause is now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Now {
    /// Its file.
    pub path: BString,
    /// Its name.
    pub anchor: String,
    /// Its title.
    pub title: String,
}

impl Now {
    /// Whether a link names this clause.
    pub fn is_named_by(&self, link: &Link) -> bool {
        link.foreign.is_none() && self.path == link.path && link.anchor.as_ref() == Some(&self.anchor)
    }
}

fn since(source: &Source, link: &Link, old: Option<Oid>, head: Oid) -> Result<(Standing, Option<Now>), Error> {
    let unseen = (Standing::Unseen, None);
    let LinkVersion::Known(version) = link.version else { return Ok(unseen) };
    if version_at(source, link, head)? == Some(version) {
        return Ok((Standing::Current, None));
    }
    let Some(old) = old else { return Ok(unseen) };
    if version_at(source, link, old)? != Some(version) {
        return Ok(unseen);
    }
    let edge = source.edge(&source.spec_changes(Some(old), head)?)?;
    let Some(anchor) = &link.anchor else { return Ok((document_standing(&edge, link, version), None)) };
    let is_it = |at: ClauseAt| {
        let document = &edge.old[at.doc];
        document.path == link.path && document.clauses[at.at].anchor == *anchor
    };
    // Where its file is no part of today's specification, neither of the two is told.
    let change = edge.comparison.changes.iter().find(|change| change.old.is_some_and(is_it));
    let bond = edge.comparison.bonds.iter().find(|bond| is_it(bond.old));
    let Some(at) = change.map_or_else(|| bond.map(|bond: &Bond| bond.new), |change| change.new) else {
        return Ok(if change.is_some() { (Standing::Gone, None) } else { unseen });
    };
    let document = &edge.new[at.doc];
    let clause = &document.clauses[at.at];
    let now = Now { path: document.path.clone(), anchor: clause.anchor.clone(), title: clause.title.clone() };
    let now = Some(now).filter(|now| !now.is_named_by(link));
    if clause.version() == version {
        return Ok((Standing::Current, now));
    }
    // Of a file that was renamed as it is no clause changed.
    let Some(change) = change else { return Ok(unseen) };
    Ok((Standing::Changed { what: what_changed(change), grade: change.grade }, now))
}

/// A change in a few words: what made it normative, else its grade.
pub fn what_changed(change: &Change) -> String {
    let words = change.tipped.join(", ");
    let grade = change.grade.map_or("modified", |grade| grade.word());
    if words.is_empty() { grade.to_owned() } else { words }
}

/// How a whole document stands: in its file, or where all of its clauses went.
fn document_standing(edge: &EdgeDocuments, link: &Link, version: Version) -> Standing {
    let of_it = |bond: &&Bond| edge.old[bond.old.doc].path == link.path;
    let mut went: Vec<usize> = edge.comparison.bonds.iter().filter(of_it).map(|bond| bond.new.doc).collect();
    went.sort_unstable();
    went.dedup();
    let stays = went.iter().any(|&doc| edge.new[doc].path == link.path);
    match (stays, went.as_slice()) {
        (false, []) => Standing::Gone,
        (false, [only]) if document_version(&edge.new[*only].clauses) == version => Standing::Current,
        _ => Standing::Changed { what: "other clauses".to_owned(), grade: None },
    }
}

/// The version of what a link names, at a commit; none where it isn't there.
fn version_at(source: &Source, link: &Link, commit: Oid) -> Result<Option<Version>, Error> {
    let document = document_at(source, link, commit)?;
    Ok(document.and_then(|document| version_in(&document, link)))
}

/// The spec file that a link names, at a commit.
pub fn document_at(source: &Source, link: &Link, commit: Oid) -> Result<Option<std::sync::Arc<Document>>, Error> {
    let file = source.repo.file_at(commit, &link.path)?.filter(|(mode, _)| mode.is_file());
    file.map(|(_, blob)| source.document(link.path.as_bstr(), &Content::Blob(blob))).transpose()
}

/// The version of what a link names in its document.
pub fn version_in(document: &Document, link: &Link) -> Option<Version> {
    match &link.anchor {
        None => Some(document_version(&document.clauses)),
        Some(anchor) => document.clauses.iter().find(|clause| clause.anchor == *anchor).map(|clause| clause.version()),
    }
}

/// The commit that hex digits begin; never what a ref of that name is.
pub fn commit_of(source: &Source, hex: &str) -> Option<Oid> {
    source.repo.resolve(hex).ok().filter(|oid| oid.to_string().starts_with(hex))
}

/// One line for each recorded link whose clause is no longer what it was, with what to type.
///
/// # Errors
/// What reading the repository may give.
pub fn warnings(source: &Source, links: &[Link]) -> Result<Vec<String>, Error> {
    let Some(head) = source.repo.head()? else { return Ok(Vec::new()) };
    let mut lines = Vec::new();
    for link in links {
        lines.extend(warning(link, &standing(source, link, head)?));
    }
    Ok(lines)
}

/// What is to be said of a recorded link, if anything.
pub fn warning(link: &Link, standing: &Standing) -> Option<String> {
    let name = typed_name(link);
    let quoted = crate::view::text::shell_quote(&name);
    match standing {
        Standing::Current => None,
        Standing::Changed { what, .. } => {
            Some(format!("{name} changed since you started: {what}; git spec start {quoted} takes the new version"))
        }
        Standing::Gone => Some(format!("{name} is gone since you started; git spec start --done {quoted} forgets it")),
        Standing::Unseen => Some(format!(
            "{name} cannot be found at the version that you started with; git spec start {quoted} takes the present one"
        )),
    }
}

/// A clause as a person would type it: its anchor, or the file where the link names all of it.
pub fn typed_name(link: &Link) -> String {
    link.anchor.clone().unwrap_or_else(|| link.path.to_str_lossy().into_owned())
}
