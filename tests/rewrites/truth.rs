//! What is told at the end of a random history, held against what is known.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::ops::AddAssign;

use serde_json::Value;

use super::random::RENAMED_FILE_TELLS;
use super::world::{Fate, World};

/// How many links came out how.
#[derive(Debug, Default)]
pub struct Tally {
    pub operations: BTreeMap<&'static str, usize>,
    pub right: usize,
    /// Not tied, and neither its words nor its commit are there to tie it to.
    pub unknown: usize,
    /// Lost by git, and told.
    pub told: usize,
    /// Lost by git, where nothing that is left shows that there was a link.
    pub unseen: usize,
    pub withdrawn: usize,
    /// Left by git in a message though the code was taken away, by a commit that cannot be known to have reverted it.
    pub lingering: usize,
    pub wrong: Vec<String>,
    /// Lost, and nothing says so though something could.
    pub silent: Vec<String>,
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Tally) {
        for (name, count) in other.operations {
            *self.operations.entry(name).or_default() += count;
        }
        self.right += other.right;
        self.unknown += other.unknown;
        self.told += other.told;
        self.unseen += other.unseen;
        self.withdrawn += other.withdrawn;
        self.lingering += other.lingering;
        self.wrong.extend(other.wrong);
        self.silent.extend(other.silent);
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Tally { right, unknown, told, unseen, withdrawn, lingering, .. } = self;
        let (wrong, silent) = (self.wrong.len(), self.silent.len());
        write!(
            f,
            "right {right}, unknown {unknown}, withdrawn {withdrawn}, lingering {lingering}, lost and told {told}, "
        )?;
        write!(f, "lost without a trace {unseen}, wrong {wrong}, silently lost {silent}; of")?;
        self.operations.iter().try_for_each(|(name, count)| write!(f, " {name} {count}"))
    }
}

/// What was found while the clauses were gone through.
struct Found {
    tally: Tally,
    /// Numbers of code of which a live link was told.
    seen: BTreeSet<usize>,
    /// The code that each commit brought.
    brought: BTreeMap<String, Vec<usize>>,
    /// Commits with an exact link, and the clause that each is to.
    exact: BTreeSet<(String, usize)>,
}

impl Found {
    fn ties(&mut self, link: &Value, clause: usize) {
        if text(link, "resolution") == "exact" {
            self.exact.insert((text(link, "commit").to_owned(), clause));
        }
    }
}

impl World {
    /// Throws away what nothing reaches, and holds every answer against what is known.
    pub fn judge(&mut self) -> Tally {
        self.collect();
        let said = self.git(&["fsck", "--strict", "--no-dangling"]);
        assert_eq!(said, "", "git fsck\n{}", self.script());
        let brought = self.brought("HEAD").into_iter().collect();
        let operations = std::mem::take(&mut self.operations);
        let mut found = Found {
            tally: Tally { operations, ..Tally::default() },
            seen: BTreeSet::new(),
            brought,
            exact: BTreeSet::new(),
        };
        for at in 0..self.clauses.len() {
            self.judge_clause(at, &mut found);
        }
        self.judge_gone(&mut found);
        self.judge_lost(&mut found);
        found.tally
    }

    fn judge_clause(&self, at: usize, found: &mut Found) {
        let clause = &self.clauses[at];
        let Some(name) = &clause.name else { return };
        let shown = self.spec_json(&["show", "--json", &format!("{}#{name}", self.path)]);
        assert_eq!(shown["text"].as_str().map(str::trim), Some(clause.body.as_str()), "the model and the file");
        for link in links(&shown) {
            let case = format!("K-{at}, now {name}: {}", brief(&link));
            let brought = found.brought.get(text(&link, "commit")).cloned().unwrap_or_default();
            let mine = self.meant(&brought, at, text(&link, "version"));
            if mine.is_empty() && self.may_linger(at, text(&link, "version")) {
                found.tally.lingering += 1;
                continue;
            }
            // Not tied, and listed where its name is now: as where the commit that exchanged two names was joined with it.
            let meant = brought.iter().filter(|number| self.made[number].version == text(&link, "version"));
            let is_tied = matches!(text(&link, "resolution"), "exact" | "relocated");
            if mine.is_empty() && !is_tied && meant.clone().next().is_some() {
                found.seen.extend(meant);
                self.judge_state(&link, "unknown", &case, found);
                continue;
            }
            if mine.is_empty() {
                let made: Vec<String> =
                    brought.iter().map(|number| format!("{number} {:?}", self.made[number])).collect();
                found.tally.wrong.push(format!("WRONG, no code was made from it: {case}; the commit has {made:?}"));
                continue;
            }
            if mine.iter().all(|number| self.made[number].is_withdrawn) {
                found.tally.wrong.push(format!("WRONG, it was withdrawn: {case}"));
            }
            let there = mine.iter().filter(|&&number| self.has_code(number)).count();
            let is_undone = !link["undone_by"].is_null();
            if is_undone && there == mine.len() {
                found.tally.wrong.push(format!("WRONG, it isn't undone: {case}"));
            }
            if !is_undone && there == 0 && self.is_taken_back(&brought) {
                found.tally.wrong.push(format!("WRONG, it is undone: {case}"));
            }
            found.seen.extend(&mine);
            found.ties(&link, at);
            let truth = if self.made[&mine[0]].words == clause.body { "fresh" } else { "stale" };
            self.judge_state(&link, truth, &case, found);
        }
    }

    /// Whether the state of a link is the true one, or rightly withheld.
    fn judge_state(&self, link: &Value, truth: &str, case: &str, found: &mut Found) {
        let words = &self.made_with(text(link, "version")).words;
        match (text(link, "resolution"), text(link, "freshness")) {
            ("superseded", _) => found.tally.right += 1,
            ("exact" | "relocated", told) if told == truth => {
                let at = text(link, "resolved_commit");
                let is_before = self.tries(&["merge-base", "--is-ancestor", at, text(link, "commit")]);
                let has_words = self.tries(&["grep", "-q", "-F", "-e", words, at]);
                match is_before && has_words {
                    true => found.tally.right += 1,
                    false => found.tally.wrong.push(format!("WRONG commit: {case}")),
                }
            }
            ("exact" | "relocated", _) => found.tally.wrong.push(format!("WRONG, it is {truth}: {case}")),
            (_, told) if told != "unknown" && told != truth => {
                found.tally.wrong.push(format!("WRONG, it is {truth}: {case}"));
            }
            _ => {
                found.tally.unknown += 1;
                let may_tell = self.may_tell(link);
                let search = format!("-S{words}");
                if may_tell && !self.git(&["log", "-1", "--format=%h", &search, text(link, "commit")]).is_empty() {
                    found.tally.silent.push(format!("WITHHELD, its words are in its history: {case}"));
                }
            }
        }
    }

    /// Links to clauses that are gone are told by the lines that they left.
    fn judge_gone(&self, found: &mut Found) {
        for (&number, made) in &self.made {
            if self.clauses[made.clause].name.is_some() || !self.has_code(number) {
                continue;
            }
            let blamed = self.spec_json(&["blame", "--json", "--", &self.file(number)]);
            for link in blamed["lines"][0]["links"].as_array().into_iter().flatten() {
                if text(link, "version") == made.version {
                    found.seen.insert(number);
                    found.ties(link, made.clause);
                    self.judge_state(link, "retired", &format!("{number}: {}", brief(link)), found);
                }
            }
        }
    }

    /// Each link that isn't there any more must be one that git may lose, and must be told where that can be known.
    fn judge_lost(&self, found: &mut Found) {
        let fsck = self.spec_json(&["fsck", "--json"]);
        let status = self.spec_json(&["status", "--json"]);
        let told: BTreeSet<&str> = (fsck["findings"].as_array().into_iter().flatten().map(|one| text(one, "object")))
            .chain(status["unlinked"].as_array().into_iter().flatten().map(|one| text(one, "commit")))
            .collect();
        for (&number, made) in &self.made {
            let homes: Vec<&str> = (found.brought.iter())
                .filter(|(_, brought)| brought.contains(&number))
                .map(|(commit, _)| commit.as_str())
                .collect();
            if !self.has_code(number) || homes.is_empty() || found.seen.contains(&number) {
                continue;
            }
            let is_told = homes.iter().any(|home| told.contains(home))
                || made.homes.iter().any(|home| told.contains(home.as_str()));
            if let Some(link) = self.untied(number, &homes, &fsck, found) {
                self.judge_untied(&link, &format!("{number}: {}", brief(&link)), found);
                continue;
            }
            let case = format!("{number}, made by {homes:?}: {made:?}");
            match (made.is_withdrawn, made.fate, is_told) {
                (true, ..) => found.tally.withdrawn += 1,
                (_, Fate::Kept, _) => found.tally.silent.push(format!("LOST: {case}, told: {is_told}")),
                (_, _, true) => found.tally.told += 1,
                (_, Fate::Untold, _) => found.tally.unseen += 1,
                (_, Fate::Told, false) => found.tally.silent.push(format!("LOST without a word: {case}")),
            }
        }
    }

    /// Whether the name in a link can tell its clause where the commit that is named is gone: not where several clauses bore it,
    /// or where it came later.
    fn may_tell(&self, link: &Value) -> bool {
        let name = text(link, "anchor");
        let is_one = self.bearers.get(name).is_none_or(|bearers| bearers.len() == 1);
        let known = |what: &str| !self.git(&["log", "-1", "--format=%h", what, text(link, "commit")]).is_empty();
        let is_renamed = !text(link, "path").ends_with("specs/all.md");
        is_one && known(&format!("-S{{#{name}}}")) && (RENAMED_FILE_TELLS || !is_renamed)
    }

    /// Whether a link to that version may stand in a message though its code is gone: a commit took it away that did other
    /// things too, or doesn't say that it reverts, and was joined with the one that brought it.
    fn may_linger(&self, at: usize, version: &str) -> bool {
        self.made.values().any(|made| made.clause == at && made.version == version && made.is_lingering)
    }

    /// A link that is under no clause, as where the commit that gave the clause its name was dropped: `fsck` lists it, or it
    /// is settled, since code that was made from the same clause later has a link that is exact.
    fn untied(&self, number: usize, homes: &[&str], fsck: &Value, found: &Found) -> Option<Value> {
        let made = &self.made[&number];
        let is_it = |link: &&Value| text(link, "version") == made.version && text(link, "source") != "withdrawn";
        let listed = fsck["findings"].as_array().into_iter().flatten();
        let listed = listed.filter(|one| homes.contains(&text(one, "object"))).map(|one| &one["link"]);
        if let Some(link) = listed.into_iter().find(is_it) {
            return Some(link.clone());
        }
        let is_later =
            |home: &str, later: &str| home != later && self.tries(&["merge-base", "--is-ancestor", home, later]);
        let is_settled = (found.exact.iter().filter(|(_, clause)| *clause == made.clause))
            .any(|(later, _)| homes.iter().any(|home| is_later(home, later)));
        let blamed = self.spec_json(&["blame", "--json", "--", &self.file(number)]);
        let shown = blamed["lines"][0]["links"].as_array().into_iter().flatten().find(is_it).cloned();
        shown.filter(|_| is_settled)
    }

    fn judge_untied(&self, link: &Value, case: &str, found: &mut Found) {
        match text(link, "resolution") {
            "exact" | "relocated" => found.tally.silent.push(format!("TIED, but under no clause: {case}")),
            _ => self.judge_state(link, "unknown", case, found),
        }
    }

    /// Numbers of code, of those that a commit brought, that were made from that version of a clause.
    fn meant(&self, brought: &[usize], at: usize, version: &str) -> Vec<usize> {
        let is_meant =
            |number: &&usize| self.made.get(*number).is_some_and(|made| made.clause == at && made.version == version);
        brought.iter().filter(is_meant).copied().collect()
    }

    /// Whether the newest commit that touched what this one brought took away all of that, and nothing else, and says so;
    /// and this one brought nothing else either. Nobody else can tell a revert from a change.
    fn is_taken_back(&self, brought: &[usize]) -> bool {
        let files: Vec<String> = brought.iter().map(|&number| self.file(number)).collect();
        let of_files = |filter: &str| {
            let args = ["log", "-1", "--full-history", "--no-renames", "--format=%H", filter, "--"].into_iter();
            self.git(&args.chain(files.iter().map(String::as_str)).collect::<Vec<&str>>())
        };
        let (last, first) = (of_files("--diff-filter=AD"), of_files("--diff-filter=A"));
        let changes = |letter: &str| files.iter().map(|file| format!("{letter}\t{file}")).collect::<BTreeSet<String>>();
        !first.is_empty()
            && !last.is_empty()
            && self.changes(&first) == changes("A")
            && self.changes(&last) == changes("D")
            && self.says_revert(&last)
    }
}

/// All live links of `show`.
fn links(shown: &Value) -> Vec<Value> {
    let generated = shown["generated"].as_array().expect("a list").iter();
    let all = generated.flat_map(|one| one["links"].as_array().expect("links").clone());
    all.filter(|link| link["source"] != "withdrawn").collect()
}

fn text<'v>(value: &'v Value, key: &str) -> &'v str {
    value[key].as_str().unwrap_or_default()
}

fn brief(link: &Value) -> String {
    let word = |key| text(link, key);
    format!(
        "{} has {}#{} {} ({}), {} {}: {}",
        word("commit").get(..10).unwrap_or_default(),
        word("path"),
        word("anchor"),
        word("version"),
        word("source"),
        word("resolution"),
        word("freshness"),
        word("reason"),
    )
}
