//! Answered clauses of whose code nothing is left: what their commits put in is looked for everywhere, and only what is
//! nowhere is told.
//!
//! It is looked for where it was put first, then in all files, and blame is asked last. Where a commit's code was found is
//! kept with the contents that it was found in, so that the next time only these are compared.

mod took;

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;

use bstr::{BString, ByteSlice};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::behind::Behind;
use super::lines::{self, Lines};
use super::links::Links;
use super::source::Source;
use crate::config::SpecSet;
use crate::error::Error;
use crate::git::{FileChange, GitError, Mode, Oid};
use crate::trace::CommitId;
use crate::trace::answer::Claim;
use crate::trace::remains::{Sequences, brought_in, each_sequence, is_left, says_something};

/// The sort of what is kept here.
const SORT: &str = "code";
/// Bytes of a file that is looked through, and of one whose content a commit put in.
const LARGEST: u64 = 1 << 20;
/// Bytes of all files of a revision that are looked through.
const MOST_BYTES: u64 = 64 << 20;
/// Carriers that are kept; when there are more, all are found anew.
const MOST_CARRIERS: usize = 200_000;
/// Files that a commit is looked for by which took code away.
const MOST_PATHS: usize = 256;

/// A clause of whose code nothing is left.
#[derive(Debug)]
pub struct NoCode {
    /// The clause.
    pub lineage: u32,
    /// The newest commit that was generated from it.
    pub carrier: CommitId,
    /// The commit that took its code away, where that can be told.
    pub went: Option<CommitId>,
    /// Whether that commit put as much in its place.
    pub replaced: bool,
}

/// A file with its content at some revision.
type Place = (BString, CommitId);

/// A clause that was told, by its name; its carrier, what took its code away, and whether that replaced it.
type Told = (BString, String, CommitId, Option<CommitId>, bool);

/// What is known of carriers: none of it depends on the revision that is asked about.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Known {
    /// Contents that hold what is left of a carrier.
    left: BTreeMap<CommitId, Vec<Place>>,
    /// The last revision at which nothing was left.
    gone: BTreeMap<CommitId, CommitId>,
    /// Of an affirmation and a carrier, whether nothing was left of the carrier where somebody affirmed.
    affirmed: BTreeMap<CommitId, BTreeMap<CommitId, bool>>,
    /// The commits that took code away, and whether they replaced it.
    went: BTreeMap<CommitId, (CommitId, bool)>,
    /// What was told last, and of which question it was the answer.
    told: (Vec<u8>, Vec<Told>),
    /// Carriers that put in nothing that can be looked for; `true` for those that put in nothing at all.
    unseen: BTreeMap<CommitId, bool>,
}

/// What a carrier put in.
enum PutIn {
    /// Code: the contents that it left, by file, and the sequences that it brought in.
    Code(BTreeMap<BString, Oid>, Sequences),
    /// No code at all.
    Nothing,
    /// Nobody can look for it.
    Unknown,
}

/// How the code of a carrier stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    Left,
    Gone,
    Nothing,
    Unknown,
    /// It isn't where it was put; whether it is elsewhere was not looked at.
    Open,
}

/// The answered clauses, of these lineages, of whose code nothing is left at `tip`.
pub fn without_code(
    source: &Source,
    generated: &SpecSet,
    tip: Oid,
    (links, behind): (&Links, &Behind),
    lineages: &[u32],
) -> Result<Vec<NoCode>, Error> {
    let search = Search::new(source, generated)?;
    let question = question(source, tip, behind, lineages)?;
    if let Some(told) = search.told_before(&question, behind, lineages) {
        return Ok(told);
    }
    let told = search.told(tip, (links, behind), lineages)?;
    if !search.missed.get() {
        search.remember(question, &told, behind);
    }
    search.keep();
    Ok(told)
}

/// Of clauses with these carriers, of which no line is left, adds the files that hold what they put in by its words, without lines: which
/// of them it is nobody can tell.
pub fn add_by_words(
    source: &Source,
    generated: &SpecSet,
    tip: Oid,
    clauses: &[BTreeSet<CommitId>],
    lines: &mut Lines,
) -> Result<(), Error> {
    let has_lines = |carrier: &CommitId| lines.get(carrier).is_some_and(|files| !files.is_empty());
    let lost: BTreeSet<CommitId> =
        clauses.iter().filter(|carriers| !carriers.iter().any(has_lines)).flatten().copied().collect();
    if lost.is_empty() {
        return Ok(());
    }
    let search = Search::new(source, generated)?;
    search.everywhere(tip, &lost)?;
    for carrier in lost {
        let places = search.known.borrow().left.get(&carrier).cloned().unwrap_or_default();
        if search.stand(tip, &places)? {
            let files = lines.entry(carrier).or_default();
            files.extend(places.into_iter().map(|(path, _)| (path, Vec::new())));
        }
    }
    search.keep();
    Ok(())
}

/// What an answer rests on: the revision, the notes, and the clauses that are asked about.
fn question(source: &Source, tip: Oid, behind: &Behind, lineages: &[u32]) -> Result<Vec<u8>, Error> {
    let notes = source.repo.link_notes_tip()?;
    let mut hash = Sha256::new();
    hash.update(format!("{tip} {notes:?} {}", source.repo.is_partial()?));
    for (path, anchor) in lineages.iter().filter_map(|&lineage| behind.name(lineage)) {
        hash.update([path.as_slice(), b"#", anchor.as_bytes(), b"\0"].concat());
    }
    Ok(hash.finalize().to_vec())
}

impl Search<'_> {
    fn told_before(&self, question: &[u8], behind: &Behind, lineages: &[u32]) -> Option<Vec<NoCode>> {
        let known = self.known.borrow();
        let told = Some(&known.told).filter(|(asked, _)| asked == question).map(|(_, told)| told)?;
        let names: HashMap<(BString, String), u32> = if told.is_empty() {
            HashMap::new()
        } else {
            lineages.iter().filter_map(|&lineage| Some((behind.name(lineage)?, lineage))).collect()
        };
        let one = |(path, anchor, carrier, went, replaced): &Told| {
            let lineage = *names.get(&(path.clone(), anchor.clone()))?;
            Some(NoCode { lineage, carrier: *carrier, went: *went, replaced: *replaced })
        };
        told.iter().map(one).collect()
    }

    fn remember(&self, question: Vec<u8>, told: &[NoCode], behind: &Behind) {
        let one = |one: &NoCode| {
            let (path, anchor) = behind.name(one.lineage)?;
            Some((path, anchor, one.carrier, one.went, one.replaced))
        };
        self.known.borrow_mut().told = (question, told.iter().filter_map(one).collect());
    }

    fn told(&self, tip: Oid, (links, behind): (&Links, &Behind), lineages: &[u32]) -> Result<Vec<NoCode>, Error> {
        let mut open: Vec<(u32, Vec<&Claim>)> = Vec::new();
        for &lineage in lineages {
            let claims = behind.counted(lineage);
            if self.may_be_gone(tip, &claims, &behind.in_force(lineage))? {
                open.push((lineage, claims));
            }
        }
        if open.is_empty() {
            return Ok(Vec::new());
        }
        let carriers: BTreeSet<CommitId> =
            open.iter().flat_map(|(_, claims)| claims).map(|claim| claim.carrier).collect();
        self.everywhere(tip, &carriers)?;
        open.retain(|(_, claims)| self.all_gone(tip, claims));
        let blamed = self.blamed(tip, open.iter().flat_map(|(_, claims)| claims).map(|claim| claim.carrier), links)?;
        open.retain(|(_, claims)| !claims.iter().any(|claim| blamed.contains(&claim.carrier)));
        let mut told = Vec::new();
        for (lineage, claims) in open {
            let graph = self.source.graph_behind(tip)?;
            if self.is_on_purpose(&claims, &behind.in_force(lineage))? {
                continue;
            }
            let newest = claims.iter().map(|claim| claim.carrier).min_by_key(|&carrier| graph.position(carrier));
            told.extend(newest.map(|carrier| NoCode { lineage, carrier, went: None, replaced: false }));
        }
        self.who_took(tip, &mut told)?;
        Ok(told)
    }
}

/// What differs between two revisions.
type Changes = Rc<Vec<FileChange>>;

struct Search<'s> {
    source: &'s Source,
    generated: &'s SpecSet,
    known: RefCell<Known>,
    as_read: Known,
    name: String,
    /// Contents of a partial clone are not fetched for this.
    reads: bool,
    /// An object was missing: what was found may be otherwise when it is there.
    missed: Cell<bool>,
    put_in: RefCell<HashMap<CommitId, Rc<PutIn>>>,
    changed: RefCell<HashMap<(CommitId, Oid), Changes>>,
}

fn oid(id: CommitId) -> Option<Oid> {
    Oid::from_raw(id.as_bytes()).ok()
}

fn id(oid: Oid) -> Option<CommitId> {
    CommitId::from_bytes(oid.as_bytes())
}

impl<'s> Search<'s> {
    fn new(source: &'s Source, generated: &'s SpecSet) -> Result<Search<'s>, Error> {
        let globs = [generated.include().join("\0"), generated.exclude().join("\0")].join("\0\0");
        let digest = Sha256::digest(globs);
        let name: String = digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        let kept = source.index().and_then(|index| index.kept(SORT, &name));
        let known: Known = kept.and_then(|body| postcard::from_bytes(&body).ok()).unwrap_or_default();
        Ok(Search {
            source,
            generated,
            as_read: known.clone(),
            known: RefCell::new(known),
            name,
            reads: !source.repo.is_partial()?,
            missed: Cell::new(false),
            put_in: RefCell::default(),
            changed: RefCell::default(),
        })
    }

    fn keep(&self) {
        let mut known = self.known.borrow_mut();
        if known.left.len() > MOST_CARRIERS {
            *known = Known::default();
        }
        if *known != self.as_read
            && let (Some(index), Ok(body)) = (self.source.index(), postcard::to_allocvec(&*known))
        {
            index.keep_answer(SORT, &self.name, &body);
        }
    }

    fn is_code(&self, path: &BString) -> bool {
        !self.source.set.matches(path) && (self.generated.is_empty() || self.generated.matches(path))
    }

    /// Whether nothing was found where it was put, of any of these; one that is left is enough.
    fn may_be_gone(&self, tip: Oid, claims: &[&Claim], in_force: &[&Claim]) -> Result<bool, Error> {
        let in_force: BTreeSet<CommitId> =
            in_force.iter().filter(|claim| !claim.affirms).map(|claim| claim.carrier).collect();
        let mut any = false;
        let first = claims.iter().filter(|claim| in_force.contains(&claim.carrier));
        let others = claims.iter().filter(|claim| !in_force.contains(&claim.carrier));
        for claim in first.chain(others) {
            match self.where_it_was_put(tip, claim.carrier)? {
                Verdict::Left | Verdict::Unknown => return Ok(false),
                Verdict::Nothing if in_force.contains(&claim.carrier) => return Ok(false),
                Verdict::Nothing => {}
                Verdict::Gone | Verdict::Open => any = true,
            }
        }
        Ok(any)
    }

    /// How a carrier stands by what is known, and by the files that it touched.
    fn where_it_was_put(&self, tip: Oid, carrier: CommitId) -> Result<Verdict, Error> {
        if let Some(&nothing) = self.known.borrow().unseen.get(&carrier) {
            return Ok(if nothing { Verdict::Nothing } else { Verdict::Unknown });
        }
        let known = self.known.borrow().left.get(&carrier).cloned();
        if let Some(places) = known
            && self.stand(tip, &places)?
        {
            return Ok(Verdict::Left);
        }
        if self.is_known_gone(tip, carrier)? {
            return Ok(Verdict::Gone);
        }
        let put_in = self.put_in(carrier)?;
        let (files, sequences) = match put_in.as_ref() {
            PutIn::Code(files, sequences) => (files, sequences),
            PutIn::Nothing => return Ok(self.unseen(carrier, true)),
            PutIn::Unknown => return Ok(Verdict::Unknown),
        };
        for (path, &as_left) in files {
            match self.source.repo.file_at(tip, path)? {
                Some((mode, blob)) if mode.is_file() => {
                    let holds = blob == as_left || self.holds(blob, sequences)?;
                    if let (true, Some(blob)) = (holds, id(blob)) {
                        self.found(carrier, vec![(path.clone(), blob)]);
                        return Ok(Verdict::Left);
                    }
                }
                _ => {}
            }
        }
        match (self.reads, sequences.is_empty()) {
            (false, _) => Ok(Verdict::Unknown),
            (true, true) => Ok(self.unseen(carrier, false)),
            (true, false) => Ok(Verdict::Open),
        }
    }

    fn unseen(&self, carrier: CommitId, nothing: bool) -> Verdict {
        self.known.borrow_mut().unseen.insert(carrier, nothing);
        if nothing { Verdict::Nothing } else { Verdict::Unknown }
    }

    fn found(&self, carrier: CommitId, places: Vec<Place>) {
        let mut known = self.known.borrow_mut();
        known.left.insert(carrier, places);
        known.gone.remove(&carrier);
    }

    fn stand(&self, tip: Oid, places: &[Place]) -> Result<bool, Error> {
        for (path, content) in places {
            match self.source.repo.file_at(tip, path)? {
                Some((_, blob)) if blob.as_bytes() == content.as_bytes() => {}
                _ => return Ok(false),
            }
        }
        Ok(!places.is_empty())
    }

    /// Whether nothing was left at `tip`, or at another revision from which it differs only in files that hold nothing of it.
    fn is_known_gone(&self, tip: Oid, carrier: CommitId) -> Result<bool, Error> {
        let Some(before) = self.known.borrow().gone.get(&carrier).copied() else { return Ok(false) };
        if id(tip) == Some(before) {
            return Ok(true);
        }
        let PutIn::Code(_, sequences) = &*self.put_in(carrier)? else { return Ok(false) };
        let mut bytes = 0;
        for file in self.changed(before, tip)?.iter().filter(|file| !self.source.set.matches(&file.path)) {
            let Some((_, blob)) = file.new.filter(|(mode, _)| mode.is_file()) else { continue };
            match self.read(blob, MOST_BYTES - bytes)? {
                Text::Here(content) if count(&content, sequences) > 0 => return Ok(false),
                Text::Here(content) => bytes += content.len() as u64,
                Text::Binary => {}
                Text::Unseen | Text::TooLarge => return Ok(false),
            }
        }
        self.is_gone(tip, carrier);
        Ok(true)
    }

    fn is_gone(&self, tip: Oid, carrier: CommitId) {
        if let Some(here) = id(tip) {
            self.known.borrow_mut().gone.insert(carrier, here);
        }
    }

    fn changed(&self, before: CommitId, tip: Oid) -> Result<Changes, Error> {
        if let Some(known) = self.changed.borrow().get(&(before, tip)) {
            return Ok(known.clone());
        }
        let changes = match oid(before).map(|before| self.source.repo.tree_changes(Some(before), Some(tip), &[])) {
            Some(Ok(changes)) => changes,
            // It is gone: every file is another one.
            _ => self.source.repo.tree_changes(None, Some(tip), &[])?,
        };
        let changes = Rc::new(changes);
        self.changed.borrow_mut().insert((before, tip), changes.clone());
        Ok(changes)
    }

    /// The content of a text of at most so many bytes.
    fn read(&self, blob: Oid, most: u64) -> Result<Text, Error> {
        if !self.reads {
            return Ok(Text::Unseen);
        }
        let content = match self.source.repo.blob_size(blob) {
            Ok(size) if size > most => return Ok(Text::TooLarge),
            Ok(_) => self.source.repo.blob(blob),
            Err(error) => Err(error),
        };
        match content {
            Ok(content) if is_binary(&content) => Ok(Text::Binary),
            Ok(content) => Ok(Text::Here(content)),
            Err(GitError::MissingObject { .. } | GitError::BadObject { .. }) => {
                self.missed.set(true);
                Ok(Text::Unseen)
            }
            Err(other) => Err(other.into()),
        }
    }

    fn holds(&self, blob: Oid, sequences: &Sequences) -> Result<bool, Error> {
        let Text::Here(content) = self.read(blob, LARGEST)? else { return Ok(false) };
        let held = count(&content, sequences);
        Ok(!sequences.is_empty() && is_left(sequences.len(), held, held))
    }

    fn put_in(&self, carrier: CommitId) -> Result<Rc<PutIn>, Error> {
        if let Some(known) = self.put_in.borrow().get(&carrier) {
            return Ok(known.clone());
        }
        let put_in = Rc::new(self.read_put_in(carrier)?);
        self.put_in.borrow_mut().insert(carrier, put_in.clone());
        Ok(put_in)
    }

    fn read_put_in(&self, carrier: CommitId) -> Result<PutIn, Error> {
        let repo = &self.source.repo;
        let Some(commit) = oid(carrier) else { return Ok(PutIn::Unknown) };
        let mut before: Vec<Oid> = Vec::new();
        let mut after: Option<BTreeMap<BString, Oid>> = None;
        let parents = repo.parents(commit)?;
        let sides: Vec<Option<Oid>> =
            if parents.is_empty() { vec![None] } else { parents.iter().copied().map(Some).collect() };
        let file = |side: Option<(Mode, Oid)>| side.filter(|(mode, _)| mode.is_file()).map(|(_, blob)| blob);
        for parent in sides {
            let changes = match repo.tree_changes(parent, Some(commit), &[]) {
                Ok(changes) => changes,
                Err(GitError::MissingObject { .. } | GitError::BadObject { .. }) => {
                    self.missed.set(true);
                    return Ok(PutIn::Unknown);
                }
                Err(other) => return Err(other.into()),
            };
            before.extend(changes.iter().filter_map(|change| file(change.old)));
            let new: BTreeMap<BString, Oid> = (changes.into_iter())
                .filter(|change| self.is_code(&change.path))
                .filter_map(|change| Some((change.path, file(change.new)?)))
                .collect();
            // What a merge has otherwise than all its parents.
            after = Some(match after {
                Some(known) => known.into_iter().filter(|(path, _)| new.contains_key(path)).collect(),
                None => new,
            });
        }
        let after = after.unwrap_or_default();
        if after.is_empty() {
            return Ok(PutIn::Nothing);
        }
        let (mut texts, mut is_whole) = ((Vec::new(), Vec::new()), true);
        let blobs = before.iter().map(|blob| (blob, true)).chain(after.values().map(|blob| (blob, false)));
        for (&blob, is_before) in blobs {
            match self.read(blob, LARGEST)? {
                Text::Here(text) if is_before => texts.0.push(text),
                Text::Here(text) => texts.1.push(text),
                Text::Unseen if self.reads => return Ok(PutIn::Unknown),
                Text::Binary | Text::TooLarge | Text::Unseen => is_whole = false,
            }
        }
        // Else it can only be known by its files, as they were left.
        let sequences = if is_whole { brought_in(&texts.0, &texts.1) } else { Sequences::new() };
        Ok(PutIn::Code(after, sequences))
    }

    /// Looks through all files for what isn't where it was put.
    fn everywhere(&self, tip: Oid, carriers: &BTreeSet<CommitId>) -> Result<(), Error> {
        let mut open: Vec<(CommitId, Rc<PutIn>)> = Vec::new();
        for &carrier in carriers {
            if self.where_it_was_put(tip, carrier)? == Verdict::Open {
                open.push((carrier, self.put_in(carrier)?));
            }
        }
        if open.is_empty() {
            return Ok(());
        }
        let mut wanted: HashMap<u64, Vec<usize>> = HashMap::new();
        for (at, (_, put_in)) in open.iter().enumerate() {
            let PutIn::Code(_, sequences) = put_in.as_ref() else { continue };
            sequences.iter().for_each(|&sequence| wanted.entry(sequence).or_default().push(at));
        }
        let mut held: Vec<Held> = open.iter().map(|_| Held::default()).collect();
        let mut bytes = 0;
        for file in self.source.repo.tree_files(tip, &|path| !self.source.set.matches(path), &|_| true)? {
            let (true, Some(content)) = (file.mode.is_file(), id(file.oid)) else { continue };
            let text = match self.read(file.oid, MOST_BYTES - bytes)? {
                Text::Here(text) => text,
                Text::Binary => continue,
                Text::Unseen | Text::TooLarge => return Ok(()),
            };
            bytes += text.len() as u64;
            let mut here: HashMap<usize, Sequences> = HashMap::new();
            each_sequence(std::iter::once(text.as_slice()), |sequence| {
                for &at in wanted.get(&sequence).into_iter().flatten() {
                    here.entry(at).or_default().insert(sequence);
                }
            });
            for (at, sequences) in here {
                held[at].add((file.path.clone(), content), sequences);
            }
        }
        for ((carrier, put_in), held) in open.iter().zip(held) {
            let PutIn::Code(_, sequences) = put_in.as_ref() else { continue };
            if is_left(sequences.len(), held.most.1, held.all.len()) {
                let of_one = is_left(sequences.len(), held.most.1, 0);
                let most = held.places.get(held.most.0).cloned().into_iter().collect();
                self.found(*carrier, if of_one { most } else { held.places });
            } else {
                self.is_gone(tip, *carrier);
            }
        }
        Ok(())
    }

    fn all_gone(&self, tip: Oid, claims: &[&Claim]) -> bool {
        let known = self.known.borrow();
        let here = id(tip);
        let is_gone = |carrier: &CommitId| {
            let at_tip = known.gone.get(carrier).zip(here).is_some_and(|(at, here)| *at == here);
            at_tip || known.unseen.get(carrier) == Some(&true)
        };
        claims.iter().all(|claim| is_gone(&claim.carrier))
    }

    /// Those of the carriers of which blame finds a line that says something.
    fn blamed(
        &self,
        tip: Oid,
        carriers: impl Iterator<Item = CommitId>,
        links: &Links,
    ) -> Result<BTreeSet<CommitId>, Error> {
        let carriers: BTreeSet<CommitId> = carriers.collect();
        let left = lines::left(self.source, self.generated, tip, &carriers, &links.reverts)?;
        let mut blamed = BTreeSet::new();
        for (carrier, files) in left {
            for (path, ranges) in files {
                let Some((_, blob)) = self.source.repo.file_at(tip, &path)? else { continue };
                let content = self.source.repo.blob(blob)?;
                let lines: Vec<&[u8]> = content.lines().collect();
                let within = |&(first, last): &(u32, u32)| lines.get(first as usize - 1..last as usize);
                if ranges.iter().filter_map(within).flatten().any(|line| says_something(line)) {
                    blamed.insert(carrier);
                }
            }
        }
        Ok(blamed)
    }

    /// Whether somebody said, when the code was gone already, that none is needed.
    fn is_on_purpose(&self, claims: &[&Claim], in_force: &[&Claim]) -> Result<bool, Error> {
        for affirmed in in_force.iter().filter(|claim| claim.affirms).map(|claim| claim.carrier) {
            let Some(at) = oid(affirmed) else { continue };
            let carriers: BTreeSet<CommitId> = claims.iter().map(|claim| claim.carrier).collect();
            let is_known =
                |known: &BTreeMap<CommitId, bool>| carriers.iter().all(|carrier| known.contains_key(carrier));
            if !self.known.borrow().affirmed.get(&affirmed).is_some_and(is_known) {
                let here = self.known.borrow().clone();
                self.everywhere(at, &carriers)?;
                let gone = claims.iter().map(|claim| (claim.carrier, self.all_gone(at, &[claim])));
                let gone: BTreeMap<CommitId, bool> = gone.collect();
                let mut known = self.known.borrow_mut();
                *known = here;
                known.affirmed.entry(affirmed).or_default().extend(gone);
            }
            let known = self.known.borrow();
            let gone = known.affirmed.get(&affirmed);
            if gone.is_some_and(|gone| carriers.iter().all(|carrier| gone.get(carrier) == Some(&true))) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// A file's content.
enum Text {
    Here(Vec<u8>),
    Binary,
    TooLarge,
    Unseen,
}

/// What was found of one carrier.
#[derive(Default)]
struct Held {
    all: Sequences,
    places: Vec<Place>,
    /// Which place holds the most, and how many.
    most: (usize, usize),
}

impl Held {
    fn add(&mut self, place: Place, sequences: Sequences) {
        if sequences.len() > self.most.1 {
            self.most = (self.places.len(), sequences.len());
        }
        self.places.push(place);
        self.all.extend(sequences);
    }
}

/// How many of these sequences a text holds.
fn count(text: &[u8], sequences: &Sequences) -> usize {
    let mut held = Sequences::new();
    each_sequence(std::iter::once(text), |sequence| {
        if sequences.contains(&sequence) {
            held.insert(sequence);
        }
    });
    held.len()
}

/// As git tells it: a NUL among the first 8000 bytes.
fn is_binary(content: &[u8]) -> bool {
    content.iter().take(8000).any(|&byte| byte == 0)
}
