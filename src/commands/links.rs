//! The links of a repository, found again: from messages and notes to clauses, with the reason in words.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use bstr::{BStr, BString, ByteSlice};
use serde::{Deserialize, Serialize};

use super::ledger::{Asked, Ledger, commit_id};
use super::link_scan::{PassedOver, Scan, Scanned, all_messages, scan};
use super::reverts;
use super::source::Source;
use super::standing::{self, Standing};
use super::started::typed_name;
use super::uncompleted::Uncompleted;
use crate::error::Error;
use crate::git::Oid;
use crate::trace::answer::{Answer, Claim, State, answer};
use crate::trace::freshness::Freshness;
use crate::trace::link::SHORTEST_COMMIT;
use crate::trace::message::Rejected;
use crate::trace::resolve::resolve_all;
use crate::trace::revert::Reverts;
use crate::trace::{CommitId, Graph, Link};
use crate::view::facts::LinkFact;
use crate::view::log::Generated;

pub use super::link_facts::document_version;
pub(super) use super::link_facts::{Facts, Linked, add_linked};
pub use super::link_scan::count;
pub(super) use super::link_scan::subject;

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
        self.fact.is_tied()
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
    /// Clauses that a message names and nobody completed to a link, by path and anchor in the tree of that commit.
    pub typed: BTreeMap<(BString, String), CommitId>,
    /// Commits with whole links in their messages where none is read, with the clauses that these name, as they are typed.
    pub passed_over: BTreeMap<CommitId, Vec<String>>,
}

/// A generated commit.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Carrier {
    /// First line of its message.
    pub subject: String,
    /// Its links.
    pub links: Vec<Judged>,
}

impl Carrier {
    /// Its links, each clause at a version once: of several that say the same, as a trailer and the note that mends it, the one
    /// that is tied best.
    pub fn told(&self) -> impl Iterator<Item = &Judged> {
        let rank = |judged: &Judged| match judged.fact.resolution.as_str() {
            "exact" => 0,
            "relocated" => 1,
            _ => 2,
        };
        let same = |a: &Judged, b: &Judged| {
            (&a.fact.path, &a.fact.anchor, &a.fact.version) == (&b.fact.path, &b.fact.anchor, &b.fact.version)
        };
        self.links
            .iter()
            .enumerate()
            .filter(move |(at, judged)| {
                let others = self.links.iter().enumerate().filter(|(other, twin)| other != at && same(twin, judged));
                !others.into_iter().any(|(other, twin)| (rank(twin), other) < (rank(judged), *at))
            })
            .map(|(_, judged)| judged)
    }
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
        let Scan { found, reverting, names, passed_over } = scan(source, tip)?;
        let is_none = found.is_empty() && passed_over.is_empty();
        let Some(head) = commit_id(tip).filter(|_| !is_none) else { return Ok(Links::default()) };
        let graph = source.graph_behind(tip)?;
        let is_reached = |commit: &CommitId| graph.is_ancestor(*commit, head) == Some(true);
        let passed_over = names_of(passed_over, is_reached);
        if !found.keys().any(is_reached) {
            return Ok(Links { passed_over, ..Links::default() });
        }
        for (commit, names) in named(&found, &graph) {
            asked.entry(commit).or_default().extend(names);
        }
        let carriers: BTreeSet<CommitId> = found.keys().copied().filter(is_reached).collect();
        let subjects = found.iter().map(|(&commit, (subject, _))| (commit, subject.as_str()));
        let reverts = reverts::read(source, &graph, head, &all_messages(source, reverting)?, subjects)?;
        let typed = typed(
            source,
            &found,
            names.into_iter().filter(|(commit, _)| commit_id(*commit).is_some_and(|id| is_reached(&id))),
        )?;
        let mut linked = Linked::new();
        let reached = found.iter().filter(|(carrier, _)| carriers.contains(carrier));
        add_linked(&mut linked, reached.flat_map(|(_, (_, links))| links));
        let facts = Facts::at(source, tip, &asked)?.linking(linked).with(reverts, carriers.iter().copied());
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
        let reverted = facts.undone.speaks_of_any();
        let (ledger, reverts) = (Some(facts.ledger), facts.undone.into_reverts());
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
            typed,
            passed_over,
        };
        let mut links = Links { changes: standing::changes(&links, &facts.graph), ..links };
        let namesakes: HashSet<String> = links.namesakes().into_iter().map(str::to_owned).collect();
        let stands: HashMap<u32, (String, String)> = links
            .clauses
            .iter()
            .filter_map(|standing| {
                let clause = &standing.clause;
                let path = crate::view::facts::path_text(clause.path.as_bstr());
                Some((standing.lineage?, (path, clause.anchor.clone())))
            })
            .collect();
        for judged in links.by_carrier.values_mut().flat_map(|carrier| &mut carrier.links) {
            judged.fact.namesakes = judged.fact.anchor.as_ref().is_some_and(|anchor| namesakes.contains(anchor));
            if let Some((path, anchor)) = judged.lineage.filter(|_| judged.is_resolved()).and_then(|at| stands.get(&at))
            {
                judged.fact.now_path = Some(path.clone());
                judged.fact.now_anchor = Some(anchor.clone());
            }
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

    /// The links of a commit; of those to one clause none that isn't tied for certain where another one is.
    pub fn of(&self, commit: Oid) -> Vec<LinkFact> {
        let Some(carrier) = commit_id(commit).and_then(|id| self.by_carrier.get(&id)) else { return Vec::new() };
        let told: Vec<&Judged> = carrier.told().collect();
        let same_clause = |one: &Judged, other: &Judged| {
            (&one.fact.path, &one.fact.anchor) == (&other.fact.path, &other.fact.anchor)
                || one.lineage.is_some() && one.lineage == other.lineage
        };
        let holds = |judged: &&&Judged| {
            judged.is_resolved() || !told.iter().any(|other| other.is_resolved() && same_clause(other, judged))
        };
        told.iter().filter(holds).map(|judged| judged.fact.clone()).collect()
    }

    /// Carriers with those of their links that a test takes.
    pub fn generated(&self, wanted: impl Fn(&Judged) -> bool) -> Vec<Generated> {
        let mut all: Vec<Generated> = self
            .by_carrier
            .iter()
            .filter_map(|(commit, carrier)| {
                let links: Vec<LinkFact> =
                    carrier.told().filter(|judged| wanted(judged)).map(|judged| judged.fact.clone()).collect();
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

/// The names in links that were not read, of commits that are reached.
fn names_of(passed_over: PassedOver, is_reached: impl Fn(&CommitId) -> bool) -> BTreeMap<CommitId, Vec<String>> {
    let here = passed_over.into_iter().filter(|(commit, _)| is_reached(commit));
    here.map(|(commit, links)| (commit, links.iter().map(typed_name).collect())).collect()
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

/// Of so many names that nobody completed it is read what they name.
const MOST_TYPED: usize = 100;

/// The clauses that messages name without a version, but for those that the commit links.
fn typed(
    source: &Source,
    found: &Scanned,
    names: impl Iterator<Item = (Oid, Rejected)>,
) -> Result<BTreeMap<(BString, String), CommitId>, Error> {
    let mut typed = BTreeMap::new();
    for (commit, value) in names.take(MOST_TYPED) {
        let Some((id, named)) = commit_id(commit).zip(Uncompleted::read(source, commit, &value)?) else { continue };
        let is_linked = found.get(&id).is_some_and(|(_, links)| links.iter().any(|link| named.is_named_by(link)));
        if let Some(clause) = named.clause().filter(|_| !is_linked) {
            typed.insert(clause, id);
        }
    }
    Ok(typed)
}

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
