//! `git spec link`: says after the fact what commits were generated from.

use bstr::ByteSlice;

use super::cite;
use super::clause_name::{self, Named};
use super::ledger::{Asked, commit_id};
use super::links::{Facts, Linked, NOTES, add_linked, ask, subject};
use super::notes::{record, same_claim};
use super::outside::Outside;
use super::sides::Side;
use super::source::Source;
use crate::error::Error;
use crate::git::{Message, NotesNow, Oid, Record};
use crate::trace::link::{LinkVersion, Source as Origin};
use crate::trace::resolve::{Facts as _, Lookup, State, resolve_all};
use crate::trace::{CommitId, Link, Resolution, message, note};
use crate::view::link::{LinkReport, WrittenLink};
use crate::view::text::shell_quote;

/// What was asked for.
#[derive(Clone, Debug, Default)]
pub struct LinkQuery {
    /// Commits and clauses as typed.
    pub words: Vec<String>,
    /// What stands behind `--`; then all of `words` are commits.
    pub behind: Vec<String>,
    /// No code had to change.
    pub affirm: bool,
    /// Also where it will not resolve exactly.
    pub force: bool,
    /// Write nothing.
    pub dry_run: bool,
}

/// A commit as it was named.
#[derive(Clone, Debug)]
pub struct Carrier {
    /// As typed.
    pub word: String,
    /// The commit.
    pub oid: Oid,
}

/// Links commits to clauses, each commit to each clause.
pub fn link(source: &Source, query: &LinkQuery) -> Result<LinkReport, Error> {
    let command = if query.affirm { "link --affirm" } else { "link" };
    let (carriers, clauses) = sort(source, &query.words, &query.behind, command)?;
    if clauses.is_empty() {
        return Err(Error::Usage {
            message: "no clause was named".to_owned(),
            help: format!("git spec {command} {} CLAUSE", query.words.join(" ")),
        });
    }
    let mut scribe = Scribe::new(source)?;
    let mut meant = Vec::new();
    for carrier in &carriers {
        let all: Vec<Meant> = clauses.iter().map(|typed| scribe.find(carrier, typed)).collect::<Result<_, _>>()?;
        meant.push((carrier, all));
    }
    let mut wanted = Vec::new();
    for (carrier, all) in meant {
        let mut links = Vec::new();
        for meant in all {
            let mut link = scribe.cite(meant, carrier)?;
            if query.affirm {
                link.source = Origin::Affirm;
            }
            links.push(link);
        }
        wanted.extend(scribe.weigh(carrier, links, query.force)?);
    }
    finish(source, wanted, query.dry_run, "link")
}

/// A link that is about to be written.
pub struct Weighed {
    /// Its carrier.
    pub carrier: Oid,
    /// The link.
    pub link: Link,
    /// How it will resolve.
    pub resolution: Resolution,
    /// Where the carrier says the same already: `note` or `trailer`; `withdrawn` where a comment says what a person took away.
    pub already: Option<&'static str>,
}

/// Writes what is new, and reports.
pub fn finish(source: &Source, wanted: Vec<Weighed>, dry_run: bool, command: &str) -> Result<LinkReport, Error> {
    let new: Vec<(Oid, Link)> =
        wanted.iter().filter(|w| w.already.is_none()).map(|w| (w.carrier, w.link.clone())).collect();
    let mut added = vec![true; new.len()];
    if !dry_run && !new.is_empty() {
        let names = named(new.iter().map(|(_, link)| link.clause_name()));
        let message = format!("Notes added by 'git spec {command}'");
        added = record(&source.repo, &new, &Record { message: &message, reflog: &format!("spec {command}: {names}") })?;
    }
    let mut added = added.into_iter();
    let mut links = Vec::new();
    for weighed in wanted {
        let already = match weighed.already {
            Some(place) => Some(place),
            // Another process was faster with the same.
            None => (!added.next().unwrap_or(true)).then_some("note"),
        };
        let text = subject(&source.repo.message(weighed.carrier)?.bytes);
        links.push(WrittenLink::new(weighed.carrier.to_string(), text, &weighed.link, &weighed.resolution, already));
    }
    Ok(LinkReport { schema: "git-spec/link/1", written: !dry_run, links, untied: Vec::new() })
}

/// The first name, and how many more there are.
fn named(mut names: impl Iterator<Item = String>) -> String {
    let first = names.next().unwrap_or_default();
    match names.count() {
        0 => first,
        more => format!("{first} and {more} more"),
    }
}

/// Tells commits from clauses: before `--` all are commits; without it the words up to the first that names none.
pub fn sort(
    source: &Source,
    words: &[String],
    behind: &[String],
    command: &str,
) -> Result<(Vec<Carrier>, Vec<String>), Error> {
    let repo = &source.repo;
    repo.look_ahead(&words.iter().map(String::as_str).filter(|word| !word.contains("..")).collect::<Vec<_>>())?;
    if let Some(range) = words.iter().find(|word| word.contains("..") && repo.range(word).is_ok()) {
        let list = format!("name its commits: git spec {command} $(git rev-list {}) -- CLAUSE", shell_quote(range));
        return Err(Error::Usage { message: format!("{range} is a range, not a commit"), help: list });
    }
    let mut carriers: Vec<Carrier> = Vec::new();
    let mut clauses: Vec<String> = Vec::new();
    for (at, word) in words.iter().enumerate() {
        match repo.resolve(word) {
            Ok(oid) if behind.is_empty() => {
                ambiguous(source, word, oid, command)?;
                carriers.push(Carrier { word: word.clone(), oid });
            }
            Ok(oid) => carriers.push(Carrier { word: word.clone(), oid }),
            Err(error) if at == 0 || !behind.is_empty() => return Err(no_commit(source, word, error.into(), command)),
            Err(_) => {
                clauses.extend_from_slice(&words[at..]);
                break;
            }
        }
    }
    clauses.extend_from_slice(behind);
    let mut seen = Vec::new();
    carriers.retain(|carrier| {
        !seen.contains(&carrier.oid) && {
            seen.push(carrier.oid);
            true
        }
    });
    let mut kept: Vec<String> = Vec::new();
    clauses.retain(|clause| {
        !kept.contains(clause) && {
            kept.push(clause.clone());
            true
        }
    });
    Ok((carriers, clauses))
}

/// Says so where a clause stands in the place of the commit.
fn no_commit(source: &Source, word: &str, error: Error, command: &str) -> Error {
    match clause_name::find(source, word, None) {
        Ok(_) => Error::Usage {
            message: format!("{word} is a clause; the commit comes first"),
            help: format!("git spec {command} HEAD {}", shell_quote(word)),
        },
        Err(_) => error,
    }
}

/// A name of a commit that is the name of a clause too.
fn ambiguous(source: &Source, word: &str, oid: Oid, command: &str) -> Result<(), Error> {
    if oid.to_string().starts_with(&word.to_ascii_lowercase()) {
        return Ok(());
    }
    let documents = source.documents(&Side::Commit(oid))?;
    let same = |clause: &crate::spec::Clause| clause.anchor == word || clause.id.as_deref() == Some(word);
    if documents.iter().any(|document| document.clauses.iter().any(same)) {
        return Err(Error::Usage {
            message: format!("{word} is a revision and a clause"),
            help: format!("put -- between commits and clauses: git spec {command} COMMIT -- CLAUSE"),
        });
    }
    Ok(())
}

/// What was named.
pub enum Meant {
    /// A clause.
    Clause(Named),
    /// A whole spec file, whose link is known.
    Document(Link),
}

/// Writes links down for carriers, with what is known of history read once for all of them: first all names are found,
/// or announced by [`Scribe::expect`], then history is walked.
pub struct Scribe<'s> {
    source: &'s Source,
    notes: NotesNow<'s>,
    asked: Asked,
    linked: Linked,
    reverting: (Vec<Message>, Vec<(CommitId, String)>),
    facts: Vec<Facts<'s>>,
}

impl<'s> Scribe<'s> {
    /// History is not read yet.
    pub fn new(source: &'s Source) -> Result<Scribe<'s>, Error> {
        let notes = source.repo.notes_now(NOTES)?;
        Ok(Scribe {
            source,
            notes,
            asked: Asked::new(),
            linked: Linked::new(),
            reverting: Default::default(),
            facts: Vec::new(),
        })
    }

    /// Says that these messages name commits which they revert, so that the links of those are judged as undone; carriers
    /// come with their subjects.
    pub fn knows_reverts(&mut self, messages: Vec<Message>, carriers: Vec<(CommitId, String)>) {
        self.reverting = (messages, carriers);
    }

    /// Says that these links of a carrier will be judged.
    pub fn expect(&mut self, carrier: Oid, links: &[Link]) -> Result<(), Error> {
        add_linked(&mut self.linked, links);
        self.expect_names(carrier, links)
    }

    /// Says that what these name will be asked for, which are no links of the carrier.
    pub fn expect_names(&mut self, carrier: Oid, links: &[Link]) -> Result<(), Error> {
        if let Some(id) = commit_id(carrier) {
            let graph = self.source.graph_behind(carrier)?;
            ask(&mut self.asked, id, links, &graph);
        }
        Ok(())
    }

    /// What is known of the history of a commit: that of HEAD, where this has it.
    pub(super) fn facts(&mut self, commit: Oid) -> Result<&Facts<'s>, Error> {
        let id = commit_id(commit);
        let head = self.source.repo.head()?;
        let knows = |facts: &Facts| {
            id.zip(commit_id(facts.tip)).is_some_and(|(a, b)| facts.graph.is_ancestor(a, b) == Some(true))
        };
        let at = match self.facts.iter().position(knows) {
            Some(at) => at,
            None => {
                let mut tip = commit;
                if let Some(head) = head.filter(|_| self.facts.is_empty()) {
                    let graph = self.source.graph_behind(head)?;
                    let ends = id.zip(commit_id(head));
                    if ends.is_some_and(|(a, b)| graph.is_ancestor(a, b) == Some(true)) {
                        tip = head;
                    }
                }
                let facts = Facts::at(self.source, tip, &self.asked)?.linking(self.linked.clone());
                self.facts.push(facts.knowing(&self.reverting.0, &self.reverting.1)?);
                self.facts.len() - 1
            }
        };
        Ok(&self.facts[at])
    }

    /// Finds what a carrier is to be linked to: the clause in the carrier's own tree, or in that of the revision that is
    /// named with it.
    ///
    /// # Errors
    /// [`Error::NotInCommit`] where only HEAD has the clause, else [`Error::NoSuchClause`] and what reading may give.
    pub fn find(&mut self, carrier: &Carrier, typed: &str) -> Result<Meant, Error> {
        let hex = carrier.oid.to_string();
        if let Some(mut link) = cite::cite_document(self.source, typed, Some(&hex))? {
            own(&mut link, carrier.oid);
            link.source = Origin::Note;
            return Ok(Meant::Document(link));
        }
        let unseen = self.source.unseen_so_far();
        let mut found = clause_name::find(self.source, typed, Some(&hex));
        if matches!(found, Err(Error::NoSuchClause { .. }))
            && let Some(named) = Outside::default().named(self.source, typed, carrier.oid)
        {
            found = Ok(named);
        }
        match found {
            Ok(named) => {
                self.announce(&named, carrier.oid);
                Ok(Meant::Clause(named))
            }
            Err(Error::NoSuchClause { .. }) if self.source.unseen_so_far() > unseen => {
                Err(Error::Incomplete { reasons: self.source.incomplete.borrow().clone() })
            }
            Err(Error::NoSuchClause { name, rev, nearest }) => {
                if rev == hex && cite::cite(self.source, typed, None).is_ok() {
                    return Err(Error::NotInCommit { clause: typed.to_owned(), commit: carrier.word.clone() });
                }
                let rev = if rev == hex { carrier.word.clone() } else { rev };
                Err(Error::NoSuchClause { name, rev, nearest })
            }
            Err(error) => Err(error),
        }
    }

    /// Says that the lineage of a clause will be asked for.
    pub fn announce(&mut self, named: &Named, carrier: Oid) {
        let name = (named.documents[named.doc].path.clone(), Some(named.clause().anchor.clone()));
        for commit in [named.commit.unwrap_or(carrier), carrier] {
            self.asked.entry(commit).or_default().insert(name.clone());
        }
    }

    /// The link to what was found; of a clause it names the commit since which it is called and reads so.
    pub fn cite(&mut self, meant: Meant, carrier: &Carrier) -> Result<Link, Error> {
        let named = match meant {
            Meant::Document(link) => return Ok(link),
            Meant::Clause(named) => named,
        };
        let at = named.commit.unwrap_or(carrier.oid);
        let (path, clause) = (named.documents[named.doc].path.clone(), named.clause());
        let name = (path, clause.anchor.clone());
        // Beyond the border of a shallow history a clause may have been called and have read so already.
        let is_whole = self.source.repo.shallow_borders()?.is_empty();
        let facts = self.facts(at)?;
        let id = commit_id(at);
        let since = id.filter(|_| is_whole).and_then(|id| {
            let lineage = facts.ledger.bearer(&facts.graph, name.0.as_bstr(), &name.1, id)?;
            facts.ledger.named_since(&facts.graph, lineage, (&name, clause.version()), id)
        });
        let since = match since {
            Some(since) => Some(since),
            // Its file was renamed without other words, which is no state of the clause.
            None => commit_id(cite::since_named(self.source, at, &name.0, clause)?),
        };
        let mut link = Link {
            path: name.0,
            anchor: Some(name.1),
            commit: since.or(id).map(|id| id.abbreviated()),
            version: LinkVersion::Known(clause.version()),
            foreign: None,
            fields: Vec::new(),
            source: Origin::Note,
            id: None,
        };
        own(&mut link, carrier.oid);
        Ok(link)
    }

    /// How new links of a carrier will resolve beside those that it has.
    ///
    /// # Errors
    /// [`Error::Inexact`] for one that will not be exact, unless that is forced.
    pub fn weigh(&mut self, carrier: &Carrier, links: Vec<Link>, force: bool) -> Result<Vec<Weighed>, Error> {
        let (in_message, in_note) = links_of(self.source, &self.notes, carrier.oid)?;
        let withdrawn = note::read(&self.notes.note(carrier.oid)?.unwrap_or_default()).withdrawn;
        let Some(id) = commit_id(carrier.oid) else { return Ok(Vec::new()) };
        let facts = self.facts(carrier.oid)?;
        let mut all: Vec<Link> = links.clone();
        all.extend(in_message.iter().chain(&in_note).cloned());
        let resolutions = resolve_all(&all, id, facts);
        let mut weighed = Vec::new();
        for (link, resolution) in links.into_iter().zip(resolutions) {
            let has = |known: &[Link]| known.iter().any(|known| same_claim(known, &link, carrier.oid));
            let already = match (has(&in_message), has(&in_note)) {
                (true, _) => Some("trailer"),
                (_, true) => Some("note"),
                // What a person took away no comment brings back.
                _ if link.source == Origin::Annotation && withdrawn.iter().any(|gone| gone.same_clause(&link)) => {
                    Some("withdrawn")
                }
                _ => None,
            };
            if already.is_none() && !force && resolution.state != State::Exact {
                return Err(Error::Inexact {
                    commit: carrier.word.clone(),
                    clause: link.clause_name(),
                    state: resolution.state.word().to_owned(),
                    reason: resolution.reason,
                    is_here: matches!(
                        facts.clause_versions_at(id, link.path.as_bstr(), link.anchor.as_deref()),
                        Lookup::Version(_)
                    ),
                });
            }
            weighed.push(Weighed { carrier: carrier.oid, link, resolution, already });
        }
        Ok(weighed)
    }
}

/// Leaves the commit out where the carrier itself is meant.
pub fn own(link: &mut Link, carrier: Oid) {
    link.commit.take_if(|commit| carrier.to_string().starts_with(commit.as_str()));
}

/// The links that a commit has: in its message, and in its note.
pub fn links_of(source: &Source, notes: &NotesNow<'_>, commit: Oid) -> Result<(Vec<Link>, Vec<Link>), Error> {
    let in_message = message::extract(&source.repo.message(commit)?.bytes).links;
    let bytes = notes.note(commit)?.unwrap_or_default();
    Ok((in_message, note::read(&bytes).links))
}
