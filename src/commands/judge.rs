//! The one engine behind `git spec check` and the hooks: reads what a policy asks of commits, and lets it judge them.

mod ancestry;
mod by_git;
mod less;
mod mend;
mod merges;
mod moved_aside;
mod moved_directory;
mod own;
mod paths;
mod renamed;
mod resolved;
mod settled;
mod two_names;
mod undone;
mod unknown_yet;

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::sync_channel;
use std::thread;

use bstr::{BStr, BString, ByteSlice};

use super::links::NOTES;
use super::source::Source;
use super::started::typed_name;
use crate::config::{Config, Policy};
use crate::error::Error;
use crate::git::{CommitRecord, NotAsked, Oid, WalkQuery};
use crate::trace::link::{Link, Source as Origin};
use crate::trace::message::{extract, has_link_in_body};
use crate::trace::note;
use crate::trace::policy::{Age, Finding, Judged, LinkFacts, Rule, Rules, Weight, judge};
use crate::view::check::{CheckReport, ExemptFact, FindingFact, Tally};
use crate::view::facts::path_text;
use mend::Border;
use merges::Merge;
use own::Speaks;
use paths::{Paths, Touched};
use resolved::{Resolver, name_of};
use undone::Undone;

/// Bytes of a message that are judged, and links of one: what has more is refused for it.
const MOST_BYTES: usize = 1 << 20;
const MOST_LINKS: usize = 256;

/// Commits whose notes are looked up one by one; for more of them all notes are read.
const FEW_NOTES: usize = 64;

/// Parents of a merge: each is compared with.
const MOST_PARENTS: usize = 128;

/// Commits that are read before they are judged: as many as git lists while the graph of a long history is made.
const READ_AHEAD: usize = 8192;
/// Commits whose links are remembered for merges.
const MOST_REMEMBERED: usize = 100_000;
/// Findings that formats for programs hold: no viewer shows as many, and a report of a hundred thousand fills the memory.
const MOST_KEPT: usize = 10_000;
/// Bytes of a subject that a finding shows.
const MOST_SUBJECT: usize = 250;

/// What is to be judged.
#[derive(Debug)]
pub struct Job<'a> {
    /// The policy, and which files are generated.
    pub config: &'a Config,
    /// The commits.
    pub query: WalkQuery,
    /// The newest of them.
    pub tip: Oid,
    /// Whether notes count as links; a person's own machine asks the policy.
    pub notes: bool,
    /// Whether the commits were pushed, so that HEAD of this repository is not that of whoever mends them.
    pub pushed: bool,
    /// How many findings are kept; the others are counted.
    pub most: usize,
    /// Whether each link is judged by the whole history, even where that cannot change the verdict: for comparing.
    pub slowly: bool,
}

impl<'a> Job<'a> {
    /// Commits of which nothing more is known.
    pub fn new(config: &'a Config, query: WalkQuery, tip: Oid) -> Job<'a> {
        Job { config, query, tip, notes: false, pushed: false, most: MOST_KEPT, slowly: false }
    }
}

/// Judges commits, newest first. Writes nothing, save what the source's index keeps.
///
/// # Errors
/// [`Error::NoPolicy`], [`Error::NoSuchSince`], and what reading the repository may give.
pub fn judge_commits(source: &Source, job: Job<'_>) -> Result<CheckReport, Error> {
    Engine::run(source, job)
}

/// Whether a commit that changes this path is refused without a link.
pub fn wants_link(config: &Config, policy: &Policy, path: &BStr) -> bool {
    Paths::new(config, policy).wants_link(path)
}

/// What a commit's findings are about.
struct About {
    touched: Touched,
    links: Vec<(usize, Link)>,
}

impl About {
    /// The file that a finding is about: the generated one, else that of the clause.
    fn file(&self, finding: &Finding) -> Option<BString> {
        self.touched.first(finding.rule).cloned().or_else(|| self.linked(finding).cloned())
    }

    /// The spec file of the clause that a finding is about.
    fn linked(&self, finding: &Finding) -> Option<&BString> {
        self.link(finding).filter(|link| link.foreign.is_none()).map(|link| &link.path)
    }

    /// The link that a finding is about.
    fn link(&self, finding: &Finding) -> Option<&Link> {
        let clause = finding.clause.as_ref()?;
        let is_meant = |link: &Link| name_of(link) == *clause && (link.source == Origin::Note) == finding.in_note;
        let link = self.links.iter().find(|(_, link)| is_meant(link));
        link.map(|(_, link)| link)
    }
}

/// What judging a range needs and gathers.
struct Engine<'j> {
    source: &'j Source,
    job: &'j Job<'j>,
    paths: &'j Paths<'j>,
    /// All that any rule asks of a link.
    all: Rules,
    resolver: Resolver<'j>,
    undone: Undone<'j>,
    /// Links in notes by commit, where they count.
    notes: OnceCell<HashMap<Oid, Vec<(usize, Link)>>>,
    /// Commits whose notes were looked up one by one.
    looked_up: Cell<usize>,
    head: OnceCell<Option<Oid>>,
    /// The commit from which on the policy asks.
    since: Option<Oid>,
    /// What commits link, of those that were looked at for merges: those of one branch look through the same ones.
    linked: RefCell<HashMap<Oid, own::Files>>,
    /// The question for the commits, and what stands before them.
    asked: WalkQuery,
    border: OnceCell<Border>,
    exempt: BTreeMap<String, ExemptFact>,
    /// Commits whose link to a clause is the one that the newest commit has.
    renewed: HashMap<(BString, String), Vec<Oid>>,
}

/// Commits of one clause that are kept for that.
const MOST_RENEWED: usize = 16;

impl<'j> Engine<'j> {
    fn run(source: &'j Source, mut job: Job<'_>) -> Result<CheckReport, Error> {
        let Some(policy) = &job.config.policy else { return Err(Error::NoPolicy) };
        let mut query = std::mem::take(&mut job.query);
        query.bare_merges = true;
        let asked = query.clone();
        let mut border = None;
        if let Some(since) = &policy.since {
            // Never by a reference that somebody gave that name.
            let commit = source.repo.commit_starting(since)?;
            let commit = commit.ok_or_else(|| Error::NoSuchSince { since: since.clone() })?;
            query.revs.push(format!("^{commit}"));
            border = Some(commit);
        }
        let paths = Paths::new(job.config, policy);
        let all = paths.all();
        let mut engine = Engine {
            source,
            job: &job,
            paths: &paths,
            all,
            resolver: Resolver::new(source, job.tip, job.slowly),
            undone: Undone::new(source),
            notes: OnceCell::new(),
            looked_up: Cell::new(0),
            head: OnceCell::new(),
            since: border,
            linked: RefCell::default(),
            asked,
            border: OnceCell::new(),
            exempt: BTreeMap::new(),
            renewed: HashMap::new(),
        };
        let (mut judged, mut findings, mut tally) = (0, Vec::new(), Tally::default());
        let walked = engine.resolver.ancestry.judged();
        read_ahead(source, &query, &paths, &walked, |record, touched| {
            if record.border {
                source.unseen(format!("the history is shallow and ends at {}", record.oid.short(12)));
                return Ok(());
            }
            judged += 1;
            let (facts, about) = engine.facts(&record, touched)?;
            let found = judge(&facts, &paths.whole);
            tally.count(found.len(), found.iter().filter(|finding| finding.weight == Weight::Deny).count());
            let room = job.most.saturating_sub(findings.len());
            for finding in found.into_iter().take(room) {
                findings.push(engine.finding(finding, &record, &about)?);
            }
            Ok(())
        })?;
        let engine_range = mend::range(&engine.asked, engine.border.get());
        let exempt = engine.exempt.into_values().collect();
        let incomplete = source.incomplete.borrow().clone();
        let range = Some(engine_range);
        let left_out = tally.findings - findings.len();
        Ok(CheckReport { schema: "git-spec/check/1", judged, findings, left_out, exempt, incomplete, range, tally })
    }

    fn finding(&self, finding: Finding, record: &CommitRecord, about: &About) -> Result<FindingFact, Error> {
        let file = about.file(&finding);
        Ok(FindingFact {
            commit: record.oid.to_string(),
            subject: record.subject.to_str_lossy().into_owned(),
            code: finding.rule.code(),
            rule: finding.rule.key(),
            severity: if finding.weight == Weight::Deny { "deny" } else { "warn" },
            mend: self.mend(&finding, record, about)?,
            clause: finding.clause,
            path: file.as_ref().map(|file| path_text(file.as_bstr())),
            lines: None,
            what: finding.what,
            file,
        })
    }

    /// What to type.
    fn mend(&self, finding: &Finding, record: &CommitRecord, about: &About) -> Result<String, Error> {
        let ancestry = &self.resolver.ancestry;
        let border = match self.border.get() {
            Some(border) => border,
            None => {
                let border = Border::of(&self.asked, self.job.tip, ancestry)?;
                self.border.get_or_init(|| border)
            }
        };
        let is_head = self.head()? == Some(record.oid);
        if let (Some(file), Some(clause)) = (about.linked(finding), &finding.clause)
            && finding.rule == Rule::Resolved
            && let Some(first) = unknown_yet::known_by(self.source, &self.asked, record, file)?
        {
            if first == record.oid {
                return border.done_at(record, is_head, unknown_yet::split(file, clause), ancestry);
            }
            return Ok(unknown_yet::push_first(file, first, border.is_behind(first, ancestry)?));
        }
        if let Some(link) = about.link(finding).filter(|link| link.source == Origin::Note) {
            let is_alone = about.links.len() == 1;
            let is_here = || Ok::<_, Error>(link.foreign.is_none() && self.resolver.is_there(link, record.oid)?);
            let named = is_alone.then(is_here).transpose()?;
            return Ok(mend::taken_back(record.oid, link, named, self.job.pushed));
        }
        if let Some(link) = about.link(finding).filter(|link| link.foreign.is_some()) {
            return border.done_at(record, is_head, mend::of_another(&name_of(link)), ancestry);
        }
        if let Some(link) = about.link(finding).filter(|link| link.source == Origin::Trailer)
            && matches!(finding.rule, Rule::Resolved | Rule::Stale)
            && !self.resolver.is_there(link, record.oid)?
        {
            return border.done_at(record, is_head, mend::taken_out(&typed_name(link)), ancestry);
        }
        border.mend((finding.rule, finding.clause.as_deref()), record, is_head, ancestry)
    }

    /// The commit that can be amended: the newest one of a push, else HEAD.
    fn head(&self) -> Result<Option<Oid>, Error> {
        if self.job.pushed {
            return Ok(Some(self.job.tip));
        }
        match self.head.get() {
            Some(head) => Ok(*head),
            None => {
                let head = self.source.repo.head()?;
                Ok(*self.head.get_or_init(|| head))
            }
        }
    }

    /// What is known of a commit.
    fn facts(&mut self, record: &CommitRecord, touched: Touched) -> Result<(Judged, About), Error> {
        if record.parents.len() > MOST_PARENTS {
            let wrong = format!("has {} parents; {MOST_PARENTS} are the most that are judged", record.parents.len());
            let judged = Judged { message: Some(wrong), ..Judged::default() };
            return Ok((judged, About { touched, links: Vec::new() }));
        }
        let (touched, unasked) = if record.parents.len() > 1 { self.merged(record)? } else { (touched, None) };
        let message = self.source.repo.message(record.oid)?.bytes;
        let special = self.paths.special(&touched);
        if message.len() > MOST_BYTES {
            let wrong = format!("has a message of {} bytes; {MOST_BYTES} are the most that are judged", message.len());
            let judged = Judged { message: Some(wrong), special, ..Judged::default() };
            return Ok((judged, About { touched, links: Vec::new() }));
        }
        let carried = extract(&message);
        let count = carried.links.len();
        let mut links: Vec<(usize, Link)> =
            carried.links.into_iter().enumerate().filter(|(_, link)| link.source == Origin::Trailer).collect();
        if links.len() > MOST_LINKS {
            let wrong =
                format!("has {} links among its trailers; {MOST_LINKS} are the most that are judged", links.len());
            let judged = Judged { message: Some(wrong), special, ..Judged::default() };
            return Ok((judged, About { touched, links: Vec::new() }));
        }
        if self.job.notes {
            let mut noted = self.noted(record.oid, count)?;
            // What says the same as a trailer is judged with it.
            noted.retain(|(_, note)| !links.iter().any(|(_, link)| says_the_same(link, note)));
            links.extend(noted);
        }
        let asks = touched.any() && links.is_empty();
        let reverts = asks
            && match record.parents[..] {
                [parent] => self.undone.is_revert(record.oid, parent, &message, &self.resolver.ancestry)?,
                _ => false,
            };
        if links.is_empty() && !touched.any() && self.paths.exemption_decides(&touched) {
            self.note_exempt(record.oid, &touched);
        }
        let mut judged = Judged {
            changes: self.paths.changes(&touched),
            is_merge: record.parents.len() > 1,
            unasked: unasked.map(NotAsked::words),
            reverts,
            bound: self.paths.bound(&touched, &links),
            special,
            only_deletes: touched.only_deletes(),
            has_body_link: asks && has_link_in_body(&message),
            message: carried.has_nul.then(|| "has a NUL in its message, behind which git reads nothing".to_owned()),
            links: Vec::new(),
        };
        judged.links = self.resolver.facts(record.oid, &links, &self.all)?;
        if judged.links.iter().any(|link| !link.state.is_resolved()) {
            judged.has_body_link = has_link_in_body(&message);
        }
        self.forget_renewed(record.oid, &links, &mut judged.links)?;
        Ok((judged, About { touched, links }))
    }

    /// Lets links be as young at the newest commit as those by which a later commit has renewed them; commits come newest
    /// first.
    fn forget_renewed(&mut self, commit: Oid, links: &[(usize, Link)], facts: &mut [LinkFacts]) -> Result<(), Error> {
        for ((_, link), fact) in links.iter().zip(facts) {
            let Some(anchor) = link.anchor.clone().filter(|_| link.foreign.is_none()) else { continue };
            let renewed = self.renewed.entry((link.path.clone(), anchor)).or_default();
            match fact.tip {
                Age::Current if renewed.len() < MOST_RENEWED => renewed.push(commit),
                Age::Changed(..) | Age::Gone => {
                    for &later in renewed.iter() {
                        if self.resolver.ancestry.is_behind(commit, later)? {
                            fact.tip = Age::Current;
                            break;
                        }
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// What a merge does by itself to paths that somebody asks for, and why git could not be asked where it had to be.
    fn merged(&self, record: &CommitRecord) -> Result<(Touched, Option<NotAsked>), Error> {
        let ancestry = &self.resolver.ancestry;
        let mut parents = record.parents.clone();
        let mut seen = BTreeSet::new();
        parents.retain(|parent| seen.insert(*parent));
        let files = |commit| self.linked_files(commit);
        let is_bound = |path: &BString, files: &[BString]| self.paths.is_bound_by(path.as_bstr(), files);
        let speaks = Speaks { since: self.since, files: &files, is_bound: &is_bound };
        Merge::read(self.source, ancestry, self.paths, record.oid, &parents, speaks)?.touched()
    }

    /// The spec files that a commit links; none where it has no link, or one that breaks a rule, be it refused for that or warned
    /// of.
    fn linked_files(&self, commit: Oid) -> Result<own::Files, Error> {
        if let Some(known) = self.linked.borrow().get(&commit) {
            return Ok(known.clone());
        }
        let message = self.source.repo.message(commit)?.bytes;
        let carried = extract(&message);
        let (count, is_odd) = (carried.links.len(), carried.has_nul || message.len() > MOST_BYTES);
        let mut links: Vec<(usize, Link)> =
            carried.links.into_iter().enumerate().filter(|(_, link)| link.source == Origin::Trailer).collect();
        if links.is_empty() && self.job.notes {
            links = self.noted(commit, count)?;
        }
        let mut files = None;
        if !links.is_empty() && links.len() <= MOST_LINKS && !is_odd {
            // How old they are at the newest commit is no matter of what was decided then.
            let rules = Rules { tip: None, ..self.all.clone() };
            let facts = self.resolver.facts(commit, &links, &rules)?;
            if facts.iter().all(|link| rules.are_kept_by(link)) {
                let own = links.into_iter().filter(|(_, link)| link.foreign.is_none()).map(|(_, link)| link.path);
                files = Some(Rc::new(own.collect()));
            }
        }
        let mut known = self.linked.borrow_mut();
        if known.len() < MOST_REMEMBERED {
            known.insert(commit, files.clone());
        }
        Ok(files)
    }

    /// The links in the notes of a commit, with their places behind the `before` links of its message.
    fn noted(&self, commit: Oid, before: usize) -> Result<Vec<(usize, Link)>, Error> {
        if self.notes.get().is_none() {
            if self.looked_up.get() < FEW_NOTES {
                self.looked_up.set(self.looked_up.get() + 1);
                let tip = self.source.repo.link_notes_tip()?;
                if tip.map_or(Ok(true), |tip| self.source.repo.note_at(tip, commit).map(|blobs| blobs.is_empty()))? {
                    return Ok(Vec::new());
                }
            }
            let mut all: HashMap<Oid, Vec<(usize, Link)>> = HashMap::new();
            for note in self.source.repo.notes(NOTES)? {
                let known = all.entry(note.object).or_default();
                let at = known.len();
                known.extend(note::read(&note.bytes).links.into_iter().enumerate().map(|(n, link)| (at + n, link)));
            }
            let _ = self.notes.set(all);
        }
        let links = self.notes.get().and_then(|all| all.get(&commit)).cloned().unwrap_or_default();
        let counts = |(_, link): &(usize, Link)| link.source == Origin::Note;
        Ok(links.into_iter().filter(counts).take(MOST_LINKS).map(|(at, link)| (at + before, link)).collect())
    }

    fn note_exempt(&mut self, commit: Oid, touched: &Touched) {
        for (glob, path) in &touched.exempt {
            let first = || ExemptFact {
                glob: glob.clone(),
                commits: 0,
                commit: commit.to_string(),
                path: path_text(BStr::new(path)),
            };
            self.exempt.entry(glob.clone()).or_insert_with(first).commits += 1;
        }
    }
}

/// Whether two links say the same, wherever they stand.
fn says_the_same(one: &Link, other: &Link) -> bool {
    let said = |link: &Link| (link.path.clone(), link.anchor.clone(), link.commit.clone(), link.foreign.clone());
    one.version == other.version && said(one) == said(other)
}

/// Walks through history in a thread of its own, so that git doesn't wait while a commit is judged. Of what waits to be
/// judged only as much is kept as has a bound: what commits do to the paths in question, and the beginnings of subjects.
/// `walked` counts them.
fn read_ahead(
    source: &Source,
    query: &WalkQuery,
    paths: &Paths,
    walked: &AtomicUsize,
    mut judge: impl FnMut(CommitRecord, Touched) -> Result<(), Error>,
) -> Result<(), Error> {
    let look = |mut record: CommitRecord| {
        walked.fetch_add(1, Ordering::Relaxed);
        let mut touched = Touched::default();
        for file in record.edges.iter().flat_map(|edge| &edge.files) {
            paths.add(file, &mut touched);
        }
        record.edges = Vec::new();
        record.subject.truncate(MOST_SUBJECT);
        (record.author_name, record.author_email, record.author_date) = Default::default();
        (record, touched)
    };
    let repo = source.repo.reopen();
    thread::scope(|scope| {
        let (sender, receiver) = sync_channel(READ_AHEAD);
        scope.spawn(move || match repo.walk(query) {
            // Whoever stopped judging stops the walk.
            Ok(mut walk) => while walk.next().is_some_and(|record| sender.send(record.map(look)).is_ok()) {},
            Err(error) => drop(sender.send(Err(error))),
        });
        receiver.iter().try_for_each(|read| {
            let (record, touched) = read?;
            judge(record, touched)
        })
    })
}
