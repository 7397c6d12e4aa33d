//! The links of a repository, found again: from messages and notes to clauses, with the reason in words.

use std::cell::{OnceCell, RefCell};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::rc::Rc;
use std::sync::Arc;

use bstr::{BStr, BString, ByteSlice};
use serde::{Deserialize, Serialize};

use super::ledger::{Asked, Ledger, commit_id};
use super::lines;
use super::reverts;
use super::sides::Side;
use super::source::{Content, Source};
use super::standing::{self, Standing};
use crate::error::Error;
use crate::git::{GitError, Message, MessageQuery, Oid};
use crate::spec::Version;
use crate::spec::token::Tokens;
use crate::trace::answer::{Answer, Claim, State, answer};
use crate::trace::freshness::{self, Changes, Current, Freshness};
use crate::trace::link::{LinkVersion, SHORTEST_COMMIT, Source as LinkSource};
use crate::trace::resolve::{Found, Lookup, Sighting, resolve_all};
use crate::trace::revert::Reverts;
use crate::trace::{CommitId, Graph, Link, Resolution, message, note};
use crate::view::facts::LinkFact;
use crate::view::log::Generated;

/// Where notes with links are kept.
pub const NOTES: &str = "refs/notes/spec";

/// A link that was read, resolved and judged.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Judged {
    /// As the views show it.
    pub fact: LinkFact,
    /// The clause, where that is certain.
    pub lineage: Option<u32>,
    /// The spec commit at which the clause took on the link's version.
    pub origin: Option<CommitId>,
    /// What it says of which clauses: of one, or of all of a document; of none where it isn't tied for certain.
    pub claims: Vec<Claim>,
}

impl Judged {
    /// Whether it counts: its carrier isn't undone.
    pub fn is_live(&self) -> bool {
        self.fact.undone_by.is_none()
    }

    /// Whether it speaks of a clause, be it with its whole document.
    pub fn is_about(&self, lineage: u32) -> bool {
        self.lineage == Some(lineage) || self.claims.iter().any(|claim| claim.lineage == lineage)
    }

    /// Whether it is tied to a clause or document for certain.
    pub fn is_resolved(&self) -> bool {
        matches!(self.fact.resolution.as_str(), "exact" | "relocated")
    }
}

/// All links of the commits that a revision reaches.
#[derive(Debug, Default)]
pub struct Links {
    /// By carrier.
    pub by_carrier: BTreeMap<CommitId, Carrier>,
    /// What they were resolved against; `None` where there are none.
    pub ledger: Option<Ledger>,
    /// How each clause stands that a counted link names.
    pub answers: HashMap<u32, Answer>,
    /// What became of the clauses that are behind, since the version furthest behind, newest first.
    pub changes: BTreeMap<u32, Vec<super::ledger::State>>,
    /// What was reverted, and what was only said to be.
    pub reverts: Reverts,
    /// All clauses of the revision, in order of files and lines; none where nothing is linked.
    pub clauses: Vec<Standing>,
    /// Whether other branches and tags had a say too.
    pub looked_everywhere: bool,
    /// How the commits begin that links name, by as many digits as a link has at least: a later commit that begins so may
    /// be meant too.
    pub named: BTreeSet<String>,
    /// Whether a verified revert speaks of any carrier; whether it undoes it is told by the files of the revision.
    pub reverted: bool,
    /// Lineages that are gone and whose code is kept on purpose.
    pub on_purpose: BTreeSet<u32>,
}

/// A generated commit.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Carrier {
    /// First line of its message.
    pub subject: String,
    /// Its links.
    pub links: Vec<Judged>,
}

impl Links {
    /// Reads and judges the links that `tip` reaches, unless they were judged before. The ledger tells the states of linked
    /// clauses alone.
    pub fn read(source: &Source, tip: Oid) -> Result<Links, Error> {
        if let Some(kept) = standing::kept(source, tip)? {
            return Ok(kept);
        }
        let unseen = source.unseen_so_far();
        let links = Links::read_anew(source, tip)?;
        if links.ledger.is_some() && source.unseen_so_far() == unseen && source.incomplete.borrow().is_empty() {
            standing::keep(source, tip, &links)?;
        }
        Ok(links)
    }

    /// Reads and judges the links that `tip` reaches; the ledger tells all states of all clauses.
    pub fn read_anew(source: &Source, tip: Oid) -> Result<Links, Error> {
        Links::read_asking(source, tip, Asked::new())
    }

    /// [`Links::read_anew`] with a ledger that also knows who bears these names.
    pub fn read_asking(source: &Source, tip: Oid, mut asked: Asked) -> Result<Links, Error> {
        let (found, reverting) = scan(source, tip)?;
        let Some(head) = commit_id(tip).filter(|_| !found.is_empty()) else { return Ok(Links::default()) };
        let graph = source.graph_behind(tip)?;
        if !found.keys().any(|&carrier| graph.is_ancestor(carrier, head) == Some(true)) {
            return Ok(Links::default());
        }
        for (commit, names) in named(&found, &graph) {
            asked.entry(commit).or_default().extend(names);
        }
        let is_reached = |carrier: &CommitId| graph.is_ancestor(*carrier, head) == Some(true);
        let carriers: BTreeSet<CommitId> = found.keys().copied().filter(is_reached).collect();
        let subjects = found.iter().map(|(&commit, (subject, _))| (commit, subject.as_str()));
        let reverts = reverts::read(source, &graph, head, &all_messages(source, reverting)?, subjects)?;
        let facts = Facts { reverts, ..Facts::at(source, tip, &asked)? };
        let commits = found.values().flat_map(|(_, links)| links).filter_map(|link| link.commit.as_ref());
        let named = commits.filter_map(|commit| commit.get(..SHORTEST_COMMIT).map(str::to_owned)).collect();
        let mut by_carrier = BTreeMap::new();
        for (carrier, (subject, links)) in found {
            if !carriers.contains(&carrier) {
                continue;
            }
            let resolutions = resolve_all(&links, carrier, &facts);
            let judged =
                links.iter().zip(&resolutions).map(|(link, to)| facts.judge(link, to, carrier, head)).collect();
            by_carrier.insert(carrier, Carrier { subject, links: judged });
        }
        let answers = answers(&by_carrier, &facts.graph);
        let on_purpose = on_purpose(&by_carrier, &answers, &facts);
        let clauses = standing::clauses(source, tip, Some(&facts.ledger))?;
        let looked_everywhere = facts.everywhere.get().is_some();
        let reverted = carriers.iter().any(|&carrier| facts.reverts.undone_by(carrier, &facts.graph).is_some());
        let (ledger, reverts) = (Some(facts.ledger), facts.reverts);
        let changes = BTreeMap::new();
        let links = Links {
            by_carrier,
            ledger,
            answers,
            changes,
            reverts,
            clauses,
            looked_everywhere,
            named,
            reverted,
            on_purpose,
        };
        let mut links = Links { changes: standing::changes(&links, &facts.graph), ..links };
        let namesakes: HashSet<String> = links.namesakes().into_iter().map(str::to_owned).collect();
        for judged in links.by_carrier.values_mut().flat_map(|carrier| &mut carrier.links) {
            judged.fact.namesakes = judged.fact.anchor.as_ref().is_some_and(|anchor| namesakes.contains(anchor));
        }
        Ok(links)
    }

    /// All links with their carriers.
    pub fn all(&self) -> impl Iterator<Item = (CommitId, &Judged)> {
        self.by_carrier.iter().flat_map(|(&id, carrier)| carrier.links.iter().map(move |judged| (id, judged)))
    }

    /// What counted links say.
    pub fn claims(&self) -> impl Iterator<Item = &Claim> {
        self.all().filter(|(_, judged)| judged.is_live()).flat_map(|(_, judged)| &judged.claims)
    }

    /// The paths that links know, by how they are shown.
    pub fn paths(&self) -> BTreeMap<String, &BString> {
        let standing = self.clauses.iter().map(|standing| &standing.clause.path);
        let states = self.ledger.iter().flat_map(|ledger| &ledger.lineages).flatten();
        let before = states.filter_map(|state| state.name.as_ref()).map(|(path, _)| path);
        standing.chain(before).map(|path| (crate::view::facts::path_text(path.as_bstr()), path)).collect()
    }

    /// Anchors that several clauses of the revision have.
    pub fn namesakes(&self) -> HashSet<&str> {
        let mut seen = HashSet::new();
        let anchors = self.clauses.iter().map(|standing| standing.clause.anchor.as_str());
        anchors.filter(|anchor| !seen.insert(*anchor)).collect()
    }

    /// What counted links say, by clause; answers name those in force by their places here.
    pub fn by_lineage(&self) -> BTreeMap<u32, Vec<&Claim>> {
        by_lineage(&self.by_carrier)
    }

    /// The commit that says it reverts a carrier and is not the inverse.
    pub fn said_undone_by(&self, carrier: CommitId) -> Option<&String> {
        self.by_carrier.get(&carrier)?.links.iter().find_map(|judged| judged.fact.said_undone_by.as_ref())
    }

    /// The links of a commit.
    pub fn of(&self, commit: Oid) -> Vec<LinkFact> {
        let carrier = commit_id(commit).and_then(|id| self.by_carrier.get(&id));
        carrier.map(|carrier| carrier.links.iter().map(|judged| judged.fact.clone()).collect()).unwrap_or_default()
    }

    /// Carriers with those of their links that a test takes.
    pub fn generated(&self, wanted: impl Fn(&Judged) -> bool) -> Vec<Generated> {
        let mut all: Vec<Generated> = self
            .by_carrier
            .iter()
            .filter_map(|(commit, carrier)| {
                let links: Vec<LinkFact> =
                    carrier.links.iter().filter(|judged| wanted(judged)).map(|judged| judged.fact.clone()).collect();
                let (commit, subject) = (commit.to_string(), carrier.subject.clone());
                (!links.is_empty()).then_some(Generated { commit, subject, links, stat: None, code: None })
            })
            .collect();
        all.sort_by(|a, b| a.subject.cmp(&b.subject).then(a.commit.cmp(&b.commit)));
        all
    }

    /// What was generated from the clauses that a spec commit changed.
    pub fn from_commit(&self, commit: &str) -> Vec<Generated> {
        let Ok(id) = commit.parse::<CommitId>() else { return Vec::new() };
        self.generated(|judged| judged.origin == Some(id))
    }

    /// What was generated from one clause as a spec commit left it.
    pub fn about(&self, commit: &str, lineage: u32) -> Vec<Generated> {
        let Ok(id) = commit.parse::<CommitId>() else { return Vec::new() };
        self.generated(|judged| judged.origin == Some(id) && judged.is_about(lineage))
    }

    /// How a clause stands.
    pub fn state(&self, path: &BStr, anchor: &str) -> State {
        let lineage = self.ledger.as_ref().and_then(|ledger| ledger.at_tip(path, anchor));
        lineage.and_then(|lineage| self.answers.get(&lineage)).map(|answer| answer.state).unwrap_or_default()
    }

    /// What was generated from a clause that stands at the tip.
    pub fn from_clause(&self, path: &BStr, anchor: &str) -> Vec<Generated> {
        let lineage = self.ledger.as_ref().and_then(|ledger| ledger.at_tip(path, anchor));
        lineage.map(|lineage| self.generated(|judged| judged.is_about(lineage))).unwrap_or_default()
    }
}

/// Notes what an answer about states rests on: that a revision reaches no link is certain only where all of its history can
/// be seen.
pub fn unlinked(source: &Source, tip: Oid) -> Result<(), Error> {
    if source.repo.is_shallow() {
        let graph = source.graph_behind(tip)?;
        let is_behind = |border| graph.is_ancestor(commit_id(border)?, commit_id(tip)?);
        for &border in source.repo.shallow_borders()? {
            if is_behind(border) == Some(true) {
                source.is_border(border);
            }
        }
    }
    Ok(())
}

/// What links name: each clause at the commit that its link names, and at its carrier.
fn named(found: &Scanned, graph: &Graph) -> Asked {
    let mut asked = Asked::new();
    for (&carrier, (_, links)) in found {
        ask(&mut asked, carrier, links, graph);
    }
    asked
}

/// Adds what the links of one carrier name.
pub(super) fn ask(asked: &mut Asked, carrier: CommitId, links: &[Link], graph: &Graph) {
    for link in links.iter().filter(|link| link.foreign.is_none()) {
        let target = link.commit.as_deref().and_then(|hex| graph.resolve_prefix(hex).ok().flatten());
        for commit in [Some(carrier), target].into_iter().flatten() {
            let Ok(commit) = Oid::from_raw(commit.as_bytes()) else { continue };
            asked.entry(commit).or_default().insert((link.path.clone(), link.anchor.clone()));
        }
    }
}

type Scanned = BTreeMap<CommitId, (String, Vec<Link>)>;

/// How each clause stands that a counted link names.
fn answers(by_carrier: &BTreeMap<CommitId, Carrier>, graph: &Graph) -> HashMap<u32, Answer> {
    let descends = |new: CommitId, old: CommitId| new != old && graph.is_ancestor(old, new) == Some(true);
    let answer = |claims: Vec<&Claim>| answer(&claims.into_iter().copied().collect::<Vec<_>>(), descends);
    by_lineage(by_carrier).into_iter().map(|(lineage, claims)| (lineage, answer(claims))).collect()
}

fn by_lineage(by_carrier: &BTreeMap<CommitId, Carrier>) -> BTreeMap<u32, Vec<&Claim>> {
    let mut by_lineage: BTreeMap<u32, Vec<&Claim>> = BTreeMap::new();
    let live = by_carrier.values().flat_map(|carrier| &carrier.links).filter(|judged| judged.is_live());
    for claim in live.flat_map(|judged| &judged.claims) {
        by_lineage.entry(claim.lineage).or_default().push(claim);
    }
    by_lineage
}

/// Lineages that are gone, and of which nothing is in force but affirmations made where they were gone already.
fn on_purpose(
    by_carrier: &BTreeMap<CommitId, Carrier>,
    answers: &HashMap<u32, Answer>,
    facts: &Facts,
) -> BTreeSet<u32> {
    let went = |lineage: u32| {
        let newest = facts.ledger.lineages.get(lineage as usize)?.first()?;
        newest.name.is_none().then_some(newest.commit)
    };
    let affirms =
        |claim: &Claim, went: CommitId| claim.affirms && facts.graph.is_ancestor(went, claim.carrier) == Some(true);
    let is_kept = |(lineage, claims): &(u32, Vec<&Claim>)| {
        let in_force = answers.get(lineage).map_or(&[][..], |answer| answer.in_force.as_slice());
        let gone = claims.iter().any(|claim| claim.freshness == Freshness::Retired);
        gone && !in_force.is_empty()
            && went(*lineage).is_some_and(|went| in_force.iter().all(|&at| affirms(claims[at], went)))
    };
    by_lineage(by_carrier).into_iter().filter(is_kept).map(|(lineage, _)| lineage).collect()
}

/// How many links the history of `tip` and the notes hold: all of them are read, and none is resolved. For measuring what
/// reading alone costs.
///
/// # Errors
/// What reading the repository may give.
pub fn count(source: &Source, tip: Oid) -> Result<usize, Error> {
    Ok(scan(source, tip)?.0.values().map(|(_, links)| links.len()).sum())
}

/// All links in messages and notes, not resolved yet, and the commits whose messages say that they revert another.
fn scan(source: &Source, tip: Oid) -> Result<(Scanned, Vec<Reverting>), Error> {
    let mut found: Scanned = BTreeMap::new();
    let (messages, reverting) = messages(source, tip)?;
    for message in messages {
        let links = message::extract(&message.bytes).links;
        if let Some(id) = commit_id(message.commit).filter(|_| !links.is_empty()) {
            found.insert(id, (subject(&message.bytes), links));
        }
    }
    for note in source.repo.notes(NOTES)? {
        let links = note::read(&note.bytes).links;
        let Some(id) = commit_id(note.object).filter(|_| !links.is_empty()) else { continue };
        match found.get_mut(&id) {
            Some((_, known)) => known.extend(links),
            None => {
                let message = match source.repo.message(note.object) {
                    Ok(message) => subject(&message.bytes),
                    Err(GitError::MissingObject { .. } | GitError::BadObject { .. }) => continue,
                    Err(other) => return Err(other.into()),
                };
                found.insert(id, (message, links));
            }
        }
    }
    Ok((found, reverting))
}

/// A message that says it reverts a commit, or the commit whose message does.
enum Reverting {
    Known(Oid),
    Read(Message),
}

/// The messages themselves. Few commands come so far: where nothing is linked, nobody asks.
fn all_messages(source: &Source, reverting: Vec<Reverting>) -> Result<Vec<Message>, Error> {
    let mut messages = Vec::new();
    for one in reverting {
        match one {
            Reverting::Read(message) => messages.push(message),
            Reverting::Known(commit) => match source.repo.message(commit) {
                Ok(message) => messages.push(message),
                // It was thrown away since.
                Err(GitError::MissingObject { .. } | GitError::BadObject { .. }) => {}
                Err(other) => return Err(other.into()),
            },
        }
    }
    Ok(messages)
}

/// The messages that may hold a link, and those that say they revert a commit: of all commits that `tip` reaches, and
/// perhaps of others that the index knows.
fn messages(source: &Source, tip: Oid) -> Result<(Vec<Message>, Vec<Reverting>), Error> {
    let Some(index) = source.index() else {
        let query = MessageQuery { revs: vec![tip.to_string()], grep_spec: true, ..MessageQuery::default() };
        let all: Vec<Message> = source.repo.messages(&query)?.collect::<Result<_, _>>()?;
        let reverting = all.iter().filter(|message| message.names_revert()).cloned().map(Reverting::Read).collect();
        return Ok((all, reverting));
    };
    let known = index.may_all_revert();
    let known = known.iter().filter_map(|commit| Oid::from_raw(commit).ok());
    let mut reverting: Vec<Reverting> = known.map(Reverting::Known).collect();
    let mut carriers: Vec<Oid> = index.may_all_link().iter().filter_map(|commit| Oid::from_raw(commit).ok()).collect();
    let tips: Vec<Oid> = index.tips().iter().filter_map(|tip| Oid::from_raw(tip).ok()).collect();
    let mut found = Vec::new();
    if !tips.contains(&tip) {
        for commit in source.repo.commits_since(tip, &tips)? {
            match index.may_link(commit.as_bytes()) {
                Some(_) => {}
                None => {
                    let message = source.repo.message(commit)?;
                    let (may_link, may_revert) = (message.names_spec(), message.names_revert());
                    index.keep_message(commit.as_bytes(), may_link, may_revert);
                    if may_revert {
                        reverting.push(Reverting::Read(message.clone()));
                    }
                    found.extend(may_link.then_some(message));
                }
            }
        }
        index.keep_tip(tip.as_bytes());
    }
    carriers.sort_unstable();
    for carrier in carriers {
        match source.repo.message(carrier) {
            Ok(message) => found.push(message),
            // It was thrown away since.
            Err(GitError::MissingObject { .. } | GitError::BadObject { .. }) => {}
            Err(other) => return Err(other.into()),
        }
    }
    Ok((found, reverting))
}

/// The first paragraph of a message on one line.
pub(super) fn subject(message: &[u8]) -> String {
    let paragraph =
        message.lines().skip_while(|line| line.trim().is_empty()).take_while(|line| !line.trim().is_empty());
    paragraph.map(|line| line.trim().to_str_lossy()).collect::<Vec<_>>().join(" ")
}

/// Whether a revision reaches a commit: a graph may hold what others reach.
fn reached_by_tip(graph: &Graph, commit: CommitId, tip: Oid) -> bool {
    commit_id(tip).is_some_and(|tip| graph.is_ancestor(commit, tip) == Some(true))
}

/// The spec files of a commit.
type Files = Rc<Vec<(BString, Content)>>;

/// What resolution and freshness need to know, answered from the repository.
pub(super) struct Facts<'s> {
    source: &'s Source,
    pub(super) tip: Oid,
    pub(super) graph: Arc<Graph>,
    /// What other branches and tags reach too: read where a link names a commit that the revision doesn't reach.
    everywhere: OnceCell<Option<Graph>>,
    pub(super) ledger: Ledger,
    reverts: Reverts,
    complete: bool,
    trees: RefCell<HashMap<CommitId, Files>>,
    /// Of carriers that were looked at, whether their code stands though it was reverted.
    standing: RefCell<HashMap<CommitId, bool>>,
    merges: OnceCell<Vec<CommitId>>,
}

impl<'s> Facts<'s> {
    /// What can be known of the history of `tip`, and who bears the names there that are asked for.
    pub(super) fn at(source: &'s Source, tip: Oid, asked: &Asked) -> Result<Facts<'s>, Error> {
        let graph = source.graph_behind(tip)?;
        let ledger = Ledger::build(source, tip, asked)?;
        let complete = !source.repo.is_shallow() && source.incomplete.borrow().is_empty();
        let (everywhere, trees, reverts) = (OnceCell::new(), RefCell::default(), Reverts::default());
        let (standing, merges) = (RefCell::default(), OnceCell::new());
        Ok(Facts { source, tip, graph, everywhere, ledger, reverts, complete, trees, standing, merges })
    }

    /// The same with what these messages say of reverts; carriers come with their subjects.
    pub(super) fn knowing(mut self, messages: &[Message], carriers: &[(CommitId, String)]) -> Result<Facts<'s>, Error> {
        if let Some(head) = commit_id(self.tip).filter(|_| !messages.is_empty()) {
            let subjects = carriers.iter().map(|(commit, subject)| (*commit, subject.as_str()));
            self.reverts = reverts::read(self.source, &self.graph, head, messages, subjects)?;
        }
        Ok(self)
    }
}

impl Facts<'_> {
    pub(super) fn judge(&self, link: &Link, to: &Resolution, carrier: CommitId, head: CommitId) -> Judged {
        let fresh = match &link.version {
            LinkVersion::Known(version) if link.anchor.is_none() && to.state.is_resolved() => {
                self.document_freshness(head, link.path.as_bstr(), *version, to.resolved_commit)
            }
            _ => freshness::freshness(link, to, head, self),
        };
        let origin = match (to.lineage, &link.version, to.resolved_commit) {
            (Some(lineage), LinkVersion::Known(version), Some(at)) => {
                self.ledger.origin(&self.graph, lineage, *version, at)
            }
            // A document took on its version where it was last changed, and that is what its links name.
            _ if link.anchor.is_none() => to.resolved_commit,
            _ => None,
        };
        let source = serde_json::to_value(link.source).ok().and_then(|v| v.as_str().map(str::to_owned));
        let state = match fresh {
            Freshness::Stale { changes, worst } if changes > 0 => {
                format!(
                    "; {changes} change{} since, {}",
                    if changes == 1 { "" } else { "s" },
                    worst.map_or("editorial", |g| g.word())
                )
            }
            _ => String::new(),
        };
        let fact = LinkFact {
            commit: carrier.to_string(),
            path: crate::view::facts::path_text(link.path.as_bstr()),
            anchor: link.anchor.clone(),
            version: match &link.version {
                LinkVersion::Known(version) => version.to_string(),
                LinkVersion::Unknown(text) => text.clone(),
            },
            source: source.unwrap_or_default(),
            resolution: to.state.word().to_owned(),
            freshness: fresh.word().to_owned(),
            changes: if let Freshness::Stale { changes, .. } = fresh { changes } else { 0 },
            worst: if let Freshness::Stale { worst, .. } = fresh { worst } else { None },
            resolved_commit: to.resolved_commit.map(|id| id.to_string()),
            undone_by: self.undone_by(carrier).map(|id| id.to_string()),
            said_undone_by: self.said_undone_by(carrier).map(|id| id.to_string()),
            reason: format!("{}{state}{}", to.reason, self.why_undone(carrier)),
            namesakes: false,
        };
        Judged { fact, lineage: to.lineage, origin, claims: self.claims(link, to, carrier, head, fresh) }
    }

    /// The commit that undoes a carrier, unless its code stands all the same.
    fn undone_by(&self, carrier: CommitId) -> Option<CommitId> {
        let by = self.reverts.undone_by(carrier, &self.graph)?;
        if let Some(&known) = self.standing.borrow().get(&carrier) {
            return (!known).then_some(by);
        }
        let stands = self.stands(carrier, by);
        self.standing.borrow_mut().insert(carrier, stands);
        (!stands).then_some(by)
    }

    /// A commit that says it reverts a carrier, where none verifiably does.
    fn said_undone_by(&self, carrier: CommitId) -> Option<CommitId> {
        let verified = self.reverts.undone_by(carrier, &self.graph).is_some();
        self.reverts.doubtful(carrier, &self.graph).filter(|_| !verified).map(|revert| revert.commit)
    }

    /// Whether the code of a reverted carrier stands: each file as the carrier left it, or lines that a merge kept.
    fn stands(&self, carrier: CommitId, by: CommitId) -> bool {
        let Ok(oid) = Oid::from_raw(carrier.as_bytes()) else { return false };
        if reverts::stands(self.source, self.tip, oid) == Some(true) {
            return true;
        }
        self.may_pass_by(carrier, by) && self.kept_half(carrier, oid).unwrap_or(false)
    }

    /// Whether half of the lines that a carrier put in are left: single ones, such as a bracket, may stand by chance.
    fn kept_half(&self, carrier: CommitId, oid: Oid) -> Result<bool, Error> {
        let code = crate::config::SpecSet::default();
        let left = lines::left(self.source, &code, self.tip, &BTreeSet::from([carrier]), &self.reverts)?;
        let ranges = left.values().flat_map(BTreeMap::values).flatten();
        let kept: u64 = ranges.map(|&(first, last)| u64::from(last.saturating_sub(first)) + 1).sum();
        Ok(kept > 0 && 2 * kept >= self.source.repo.numstats()?.of(oid)?.added)
    }

    /// Whether a merge had a side that knew a carrier and not what reverts it: else the revert reached all there is.
    fn may_pass_by(&self, carrier: CommitId, by: CommitId) -> bool {
        let reached = |old: CommitId, new: CommitId| self.graph.is_ancestor(old, new) == Some(true);
        let merges = self.merges.get_or_init(|| {
            let is_merge = |commit: &CommitId| self.graph.parents(*commit).nth(1).is_some();
            self.graph.commits().filter(is_merge).collect()
        });
        merges.iter().any(|&merge| {
            reached(by, merge)
                && reached_by_tip(&self.graph, merge, self.tip)
                && self.graph.parents(merge).any(|side| !reached(by, side) && reached(carrier, side))
        })
    }

    /// What was said of reverting a carrier, in words.
    pub(super) fn why_undone(&self, carrier: CommitId) -> String {
        let short = |id: CommitId| id.to_string().get(..10).unwrap_or_default().to_owned();
        if let Some(by) = self.reverts.undone_by(carrier, &self.graph) {
            let as_left = |oid| reverts::stands(self.source, self.tip, oid) == Some(true);
            return match self.undone_by(carrier) {
                Some(_) => format!("; undone by {}, which reverts it", short(by)),
                None if Oid::from_raw(carrier.as_bytes()).is_ok_and(as_left) => {
                    format!("; {} reverts it, but its code stands as it left it", short(by))
                }
                None => format!("; {} reverts it, but a merge kept lines of its code", short(by)),
            };
        }
        match self.reverts.doubtful(carrier, &self.graph) {
            Some(revert) => {
                let (by, what) = (short(revert.commit), if revert.target == carrier { "it" } else { "its merge" });
                format!("; {by} says that it reverts {what}, but its change isn't the inverse")
            }
            None => String::new(),
        }
    }

    /// What a link says of which clauses, where that is certain.
    fn claims(
        &self,
        link: &Link,
        to: &Resolution,
        carrier: CommitId,
        head: CommitId,
        freshness: Freshness,
    ) -> Vec<Claim> {
        let LinkVersion::Known(version) = link.version else { return Vec::new() };
        let affirms = link.source == LinkSource::Affirm;
        match (to.state.is_resolved(), to.lineage, to.resolved_commit) {
            (true, Some(lineage), Some(since)) => {
                vec![Claim { carrier, lineage, version, since, freshness, affirms }]
            }
            (true, None, Some(at)) if link.anchor.is_none() => {
                let clauses = self.document_clauses(at, link.path.as_bstr());
                let claim = |(lineage, version): (u32, Version)| {
                    let freshness = self.clause_freshness(lineage, version, at, head);
                    Claim { carrier, lineage, version, since: at, freshness, affirms }
                };
                clauses.into_iter().map(claim).collect()
            }
            _ => Vec::new(),
        }
    }

    /// The clauses of a document at a commit, with their versions.
    fn document_clauses(&self, at: CommitId, path: &BStr) -> Vec<(u32, Version)> {
        let files = self.files(at);
        let content = files.as_ref().and_then(|files| files.iter().find(|(p, _)| p == path));
        let document = content.and_then(|(_, content)| self.source.document(path, content).ok());
        let lineage = |anchor: &str| self.ledger.bearer(&self.graph, path, anchor, at);
        let clauses = document.iter().flat_map(|document| &document.clauses);
        clauses.filter_map(|clause| Some((lineage(&clause.anchor)?, clause.version()))).collect()
    }

    fn clause_freshness(&self, lineage: u32, version: Version, since: CommitId, at: CommitId) -> Freshness {
        use crate::trace::freshness::Facts as _;
        match self.current(lineage, at) {
            Current::Version(now) if now == version => Freshness::Fresh,
            Current::Version(_) => {
                let Changes { count, worst } = self.changes_since(lineage, since, at).unwrap_or_default();
                Freshness::Stale { changes: count, worst }
            }
            Current::Gone => Freshness::Retired,
            Current::Unseen => Freshness::Unknown,
        }
    }

    /// How a whole document stands to the version that a link names, wherever its clauses are now; how often it changed is
    /// not counted.
    fn document_freshness(&self, at: CommitId, path: &BStr, version: Version, since: Option<CommitId>) -> Freshness {
        use crate::trace::resolve::Facts as _;
        let clauses = since.map(|since| self.document_clauses(since, path)).unwrap_or_default();
        let mut places: BTreeMap<&BStr, usize> = BTreeMap::new();
        for (path, ..) in clauses.iter().filter_map(|(lineage, _)| self.ledger.current.get(lineage)) {
            *places.entry(path.as_bstr()).or_default() += 1;
        }
        let most = places.values().max().copied().unwrap_or_default();
        let mut best = places.iter().filter(|(_, count)| **count == most).map(|(path, _)| *path);
        let place = match (places.contains_key(path), best.next(), best.next()) {
            (true, ..) => path,
            (false, Some(only), None) => only,
            // Its clauses went to several files, so that it is no document any more.
            (false, Some(_), Some(_)) => return Freshness::Stale { changes: 0, worst: None },
            (false, None, _) if clauses.is_empty() => path,
            (false, None, _) if self.complete => return Freshness::Retired,
            (false, None, _) => return Freshness::Unknown,
        };
        match self.clause_versions_at(at, place, None) {
            Lookup::Version(now) if now == version => Freshness::Fresh,
            Lookup::Version(_) => Freshness::Stale { changes: 0, worst: None },
            Lookup::NoFile => Freshness::Retired,
            Lookup::NoClause | Lookup::Unseen => Freshness::Unknown,
        }
    }

    /// The spec files of a commit, listed once.
    fn files(&self, commit: CommitId) -> Option<Files> {
        if let Some(known) = self.trees.borrow().get(&commit) {
            return Some(known.clone());
        }
        let oid = Oid::from_raw(commit.as_bytes()).ok()?;
        let files = Rc::new(self.source.files(&Side::Commit(oid)).ok()?);
        self.trees.borrow_mut().insert(commit, files.clone());
        Some(files)
    }
}

impl crate::trace::resolve::Facts for Facts<'_> {
    fn is_ancestor(&self, a: CommitId, b: CommitId) -> Option<bool> {
        let seen = self.graph.contains(a) && self.graph.contains(b);
        if !self.complete && !seen {
            return None;
        }
        match self.graph.is_ancestor(a, b) {
            Some(false) if !self.complete => None,
            known => Some(known.unwrap_or(false)),
        }
    }

    fn find_commit(&self, hex: &str) -> Found {
        let mut found = self.graph.resolve_prefix(hex);
        if found == Ok(None) {
            let everywhere = self.everywhere.get_or_init(|| self.source.graph_of_all().ok());
            found = everywhere.as_ref().map_or(Ok(None), |graph| graph.resolve_prefix(hex));
        }
        match found {
            Ok(Some(commit)) => Found::Commit(commit),
            Ok(None) if self.complete => Found::Absent,
            Ok(None) => Found::Unseen,
            Err(_) => Found::Several,
        }
    }

    fn clause_versions_at(&self, commit: CommitId, path: &BStr, anchor: Option<&str>) -> Lookup {
        let Some(files) = self.files(commit) else { return Lookup::Unseen };
        let Some((_, content)) = files.iter().find(|(p, _)| p == path) else { return Lookup::NoFile };
        let Ok(document) = self.source.document(path, content) else { return Lookup::Unseen };
        match anchor {
            None => Lookup::Version(document_version(&document.clauses)),
            Some(anchor) => match document.clauses.iter().find(|clause| clause.anchor == anchor) {
                Some(clause) => Lookup::Version(clause.version()),
                None => Lookup::NoClause,
            },
        }
    }

    fn sightings(&self, version: Version) -> &[Sighting] {
        self.ledger.sightings.get(&version).map_or(&[], Vec::as_slice)
    }

    fn lineage_of(&self, path: &BStr, anchor: Option<&str>, commit: CommitId) -> Option<u32> {
        self.ledger.bearer(&self.graph, path, anchor?, commit)
    }

    fn sees_all(&self, _carrier: CommitId) -> bool {
        self.complete
    }
}

impl freshness::Facts for Facts<'_> {
    fn current(&self, lineage: u32, _at: CommitId) -> Current {
        match self.ledger.current.get(&lineage) {
            Some((_, _, version)) => Current::Version(*version),
            None if self.complete => Current::Gone,
            None => Current::Unseen,
        }
    }

    fn changes_since(&self, lineage: u32, since: CommitId, at: CommitId) -> Option<Changes> {
        let (count, worst) = self.ledger.changes_since(&self.graph, lineage, since, at);
        Some(Changes { count, worst })
    }
}

/// The version of a whole document: the hash over its clauses' versions in order.
pub fn document_version(clauses: &[crate::spec::Clause]) -> Version {
    let mut tokens = Tokens::default();
    for clause in clauses {
        tokens.push(crate::spec::token::kind::WORD, &clause.version().to_string());
    }
    tokens.version()
}
