//! Which rules a commit's paths ask for: generated ones, those of sections, bound ones, and files that are no files.

use std::collections::{BTreeMap, BTreeSet};

use bstr::{BStr, BString, ByteSlice};

use crate::config::{Accept, Config, Generated, Policy, RuleSettings, Severity, StaleGrade, Standing};
use crate::git::{FileChange, Mode, Oid};
use crate::spec::grade::Grade;
use crate::trace::State;
use crate::trace::link::Link;
use crate::trace::policy::{Bound, Change, Rule, Rules, Special, Weight};
use crate::view::facts::path_text;

/// The configuration as the engine asks it.
pub struct Paths<'c> {
    generated: &'c Generated,
    policy: &'c Policy,
    /// What holds where no section says otherwise.
    pub whole: Rules,
    sections: Vec<Rules>,
}

/// Which sections have a path: letter by letter, and with upper and lower case taken for the same.
type Sections = [Option<usize>; 2];

/// The first of several paths, or the first of those that are there afterwards: a finding shows no file that is gone where
/// it may show one that isn't.
#[derive(Debug)]
struct Example {
    path: BString,
    is_gone: bool,
}

impl Example {
    fn add<K: Ord>(examples: &mut BTreeMap<K, Example>, key: K, path: &BStr, is_gone: bool) {
        let known = examples.get(&key).is_some_and(|known| !known.is_gone || is_gone);
        if !known {
            examples.insert(key, Example { path: path.to_owned(), is_gone });
        }
    }
}

/// What a commit does to paths that somebody asks for; one path stands for all with the same rules.
#[derive(Debug, Default)]
pub struct Touched {
    changes: BTreeMap<Sections, Example>,
    bound: BTreeMap<(usize, Sections), Example>,
    special: Vec<(BString, &'static str, Weight)>,
    /// Whether a generated path is there afterwards.
    keeps: bool,
    /// Exempt paths by the place of their glob: the first of each.
    pub exempt: BTreeMap<String, BString>,
}

/// What decides how much is demanded of a path: its sections, and the entry of the map that binds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    sections: Sections,
    bound: Option<usize>,
}

/// Special files of one commit that are said, of those that are refused and of those that are warned of.
const MOST_SPECIAL: usize = 20;
/// Any name behind a path: one that no glob spells out.
const BEHIND: &str = "/\u{1}any\u{1}";

impl Touched {
    /// The first path that a rule is about.
    pub fn first(&self, rule: Rule) -> Option<&BString> {
        match rule {
            Rule::Special => {
                let mut refused = self.special.iter().filter(|(.., weight)| *weight == Weight::Deny);
                refused.next().or(self.special.first()).map(|(path, ..)| path)
            }
            Rule::Map => first(self.bound.values()),
            _ => first(self.changes.values()),
        }
    }

    /// Whether generated paths are among them, and all of them go.
    pub fn only_deletes(&self) -> bool {
        self.any() && !self.keeps
    }

    /// Whether a generated path is among them.
    pub fn any(&self) -> bool {
        !self.changes.is_empty()
    }
}

impl<'c> Paths<'c> {
    /// The rules of a configuration that has a policy.
    pub fn new(config: &'c Config, policy: &'c Policy) -> Paths<'c> {
        let sections = policy.sections.iter().map(|section| rules(&section.rules)).collect();
        Paths { generated: &config.generated, policy, whole: rules(&policy.rules), sections }
    }

    /// Whether any rule asks how old links are at the newest commit, or at their own.
    pub fn all(&self) -> Rules {
        self.sections.iter().fold(self.whole.clone(), |all, rules| all.and(rules))
    }

    /// Whether anybody asks for a path.
    pub fn is_asked(&self, path: &BStr) -> bool {
        self.generated.standing(path) == Standing::Generated
    }

    /// Whether a commit that changes a path is refused without a link.
    pub fn wants_link(&self, path: &BStr) -> bool {
        self.is_asked(path) && self.rules_of(self.sections_of(path)).link == Some(Weight::Deny)
    }

    /// Adds a changed file.
    pub fn add(&self, file: &FileChange, touched: &mut Touched) {
        match self.generated.standing(&file.path) {
            Standing::Other => {
                if is_special(file).is_some() && self.hides_generated(file.path.as_bstr()) {
                    self.add_special(file, touched);
                }
                return;
            }
            Standing::Exempt(glob) => {
                if !touched.exempt.contains_key(glob) {
                    touched.exempt.insert(glob.to_owned(), file.path.clone());
                }
                if self.hides_generated(file.path.as_bstr()) {
                    self.add_special(file, touched);
                }
                return;
            }
            Standing::Generated => {}
        }
        self.add_path(file.path.as_bstr(), file.new.is_none(), touched);
        self.add_special(file, touched);
    }

    /// Adds a generated path, which counts as one that stays.
    pub fn add_generated(&self, path: &BStr, touched: &mut Touched) {
        self.add_path(path, false, touched);
    }

    fn add_path(&self, path: &BStr, is_gone: bool, touched: &mut Touched) {
        touched.keeps |= !is_gone;
        let Place { sections, bound } = self.place_of(path);
        Example::add(&mut touched.changes, sections, path, is_gone);
        if let Some(entry) = bound {
            Example::add(&mut touched.bound, (entry, sections), path, is_gone);
        }
    }

    fn place_of(&self, path: &BStr) -> Place {
        let bound =
            self.generated.map.iter().position(|entry| entry.code.matches_folded(path) || entry.code.matches(path));
        Place { sections: self.sections_of(path), bound }
    }

    /// What is demanded of a path; nothing where nobody asks for it.
    pub fn place(&self, path: &BStr) -> Option<Place> {
        self.is_asked(path).then(|| self.place_of(path))
    }

    /// Whether as much is demanded of a path as of those at a place.
    pub fn demands_as_much(&self, path: &BStr, place: Place) -> bool {
        let Some(own) = self.place(path) else { return self.rules_of(place.sections).link.is_none() };
        if own == place {
            return true;
        }
        let (mine, its) = (self.rules_of(own.sections), self.rules_of(place.sections));
        let spec =
            |bound: Option<usize>| bound.and_then(|at| self.generated.map.get(at)).map(|entry| entry.spec.globs());
        let is_bound = its.link.is_none()
            || its.map.is_none()
            || place.bound.is_none()
            || (mine.map >= its.map && spec(own.bound) == spec(place.bound));
        mine.demand_as_much_as(&its) && is_bound
    }

    /// Whether a path has a symbolic link or a submodule, and somebody asks about that.
    pub fn asks_about_special(&self, file: &FileChange) -> bool {
        is_special(file).is_some() && self.rules_behind(file.path.as_bstr()).special.is_some()
    }

    /// Adds a file that is a symbolic link or a submodule, if it is one and somebody asks about that. Of those that are refused and
    /// of those that are warned of so many are kept, whatever others there are.
    pub fn add_special(&self, file: &FileChange, touched: &mut Touched) {
        let count = |wanted| touched.special.iter().filter(|(.., weight)| *weight == wanted).count();
        let Some(what) = is_special(file).filter(|_| count(Weight::Deny) < MOST_SPECIAL) else { return };
        if let Some(weight) = self.rules_behind(file.path.as_bstr()).special
            && count(weight) < MOST_SPECIAL
        {
            touched.special.push((file.path.clone(), what, weight));
        }
    }

    /// Whether a directory that leads to generated paths, or such a path, becomes a symbolic link or a submodule.
    pub fn puts_special(&self, file: &FileChange) -> bool {
        is_special(file).is_some() && self.leads_to_generated(file.path.as_bstr())
    }

    /// Whether such a one comes or goes, or becomes another one: what a side of a merge took away does not come back unseen.
    pub fn moves_special(&self, file: &FileChange) -> bool {
        (special(file.new).is_some() || special(file.old).is_some()) && self.leads_to_generated(file.path.as_bstr())
    }

    fn leads_to_generated(&self, path: &BStr) -> bool {
        match self.generated.standing(path) {
            Standing::Generated => true,
            Standing::Exempt(_) | Standing::Other => self.hides_generated(path),
        }
    }

    /// Whether a path that is not generated itself may have something behind it that is, if it leads to a directory.
    fn hides_generated(&self, path: &BStr) -> bool {
        (self.generated.is_above(path) && !self.generated.is_exempt_behind(path))
            || self.is_asked(behind(path).as_bstr())
    }

    fn sections_of(&self, path: &BStr) -> Sections {
        let first = |has: &dyn Fn(&crate::config::PathSet) -> bool| {
            self.policy.sections.iter().position(|section| has(&section.paths))
        };
        if self.policy.sections.is_empty() {
            return [None; 2];
        }
        [first(&|paths| paths.matches(path)), first(&|paths| paths.matches_folded(path))]
    }

    fn rules_of(&self, sections: Sections) -> Rules {
        let of = |section: Option<usize>| section.and_then(|at| self.sections.get(at)).unwrap_or(&self.whole);
        let [exact, folded] = sections;
        if exact == folded { of(exact).clone() } else { of(exact).and(of(folded)) }
    }

    /// The strictest rules for a path and all that a section may have behind it, if it is a directory.
    fn rules_behind(&self, path: &BStr) -> Rules {
        let own = self.rules_of(self.sections_of(path)).and(&self.rules_of(self.sections_of(behind(path).as_bstr())));
        let sections = self.policy.sections.iter().zip(&self.sections);
        let above = sections.filter(|(section, _)| section.above.matches_folded(path) || section.above.matches(path));
        above.fold(own, |all, (_, rules)| all.and(rules))
    }

    /// Whether links into these files do for a path that a map binds, where anybody asks about that.
    pub fn is_bound_by(&self, path: &BStr, files: &[BString]) -> bool {
        let Some(place) = self.place(path) else { return true };
        let Some(entry) = place.bound.and_then(|at| self.generated.map.get(at)) else { return true };
        self.rules_of(place.sections).map.is_none() || files.iter().any(|file| entry.spec.matches(file))
    }

    fn change(&self, path: &BStr, sections: Sections) -> Change {
        Change { path: path_text(path), rules: self.rules_of(sections) }
    }

    /// The changes by their rules.
    pub fn changes(&self, touched: &Touched) -> Vec<Change> {
        touched.changes.iter().map(|(&sections, example)| self.change(example.path.as_bstr(), sections)).collect()
    }

    /// The bound code, and whether one of the links names what it is bound to.
    pub fn bound(&self, touched: &Touched, links: &[(usize, Link)]) -> Vec<Bound> {
        let bound = |(&(entry, sections), example): (&(usize, Sections), &Example)| {
            let spec = &self.generated.map.get(entry)?.spec;
            let is_met = links.iter().any(|(_, link)| link.foreign.is_none() && spec.matches(&link.path));
            Some(Bound { change: self.change(example.path.as_bstr(), sections), to: spec.globs().join(", "), is_met })
        };
        touched.bound.iter().filter_map(bound).collect()
    }

    /// Symbolic links and submodules where code is expected.
    pub fn special(&self, touched: &Touched) -> Vec<Special> {
        let special = |(path, what, _): &(BString, &'static str, Weight)| {
            let change = Change { path: path_text(path.as_bstr()), rules: self.rules_behind(path.as_bstr()) };
            Special { change, what }
        };
        // What is refused is said before what is warned of.
        let (refused, others): (Vec<_>, Vec<_>) =
            touched.special.iter().partition(|(.., weight)| *weight == Weight::Deny);
        refused.into_iter().chain(others).map(special).collect()
    }

    /// Whether a link would have been wanted, had the exempt paths not been exempt.
    pub fn exemption_decides(&self, touched: &Touched) -> bool {
        let asks = |path: &BString| self.rules_of(self.sections_of(path.as_bstr())).link.is_some();
        touched.exempt.values().any(asks)
    }
}

/// The first of paths, of those that are there afterwards where there are any.
fn first<'e>(examples: impl Iterator<Item = &'e Example>) -> Option<&'e BString> {
    examples.min_by_key(|example| (example.is_gone, &example.path)).map(|example| &example.path)
}

/// Any path behind one.
fn behind(path: &BStr) -> BString {
    [path.as_bytes(), BEHIND.as_bytes()].concat().into()
}

/// What a file becomes that is no file.
fn is_special(file: &FileChange) -> Option<&'static str> {
    special(file.new)
}

/// What stands there, where that is no file.
fn special(side: Option<(Mode, Oid)>) -> Option<&'static str> {
    match side {
        Some((Mode::Symlink, _)) => Some("a symbolic link"),
        Some((Mode::Submodule, _)) => Some("a submodule"),
        _ => None,
    }
}

/// The rules as the engine has them.
fn rules(settings: &RuleSettings) -> Rules {
    let weight = |severity| match severity {
        Severity::Deny => Some(Weight::Deny),
        Severity::Warn => Some(Weight::Warn),
        Severity::Off => None,
    };
    let grade = |least| match least {
        StaleGrade::Minor => Some(Grade::Minor),
        StaleGrade::Substantive => Some(Grade::Substantive),
        StaleGrade::Normative => Some(Grade::Normative),
        StaleGrade::Off => None,
    };
    let state = |accept: &Accept| match accept {
        Accept::Ambiguous => State::Ambiguous,
        Accept::Elsewhere => State::Elsewhere,
        Accept::Mismatch => State::Mismatch,
        Accept::Superseded => State::Superseded,
        Accept::Dangling => State::Dangling,
        Accept::Foreign => State::Foreign,
        Accept::Unknown => State::Unknown,
    };
    let accept: BTreeSet<State> = settings.accept.iter().map(state).collect();
    Rules {
        link: weight(settings.require_link),
        resolved: weight(settings.require_resolved),
        map: weight(settings.require_map),
        special: weight(settings.special_paths),
        accept: accept.into_iter().collect(),
        stale: grade(settings.stale),
        tip: grade(settings.stale_tip),
    }
}
