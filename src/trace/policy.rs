//! What a policy says of commits: plain facts in, findings out. The same on a person's machine and on a server.

use crate::spec::grade::Grade;

use super::resolve::State;

/// What a broken rule leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Weight {
    /// It is said.
    Warn,
    /// It is refused.
    Deny,
}

/// The rules in force; `None` is a rule that nobody asks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rules {
    /// A generated change without a link.
    pub link: Option<Weight>,
    /// A link that is found nowhere for sure.
    pub resolved: Option<Weight>,
    /// Code whose links name none of the spec files that it is bound to.
    pub map: Option<Weight>,
    /// A symbolic link or submodule at or above a generated path.
    pub special: Option<Weight>,
    /// States beside `exact` and `relocated` that count as found.
    pub accept: Vec<State>,
    /// The lowest grade by which a link is too old in its commit's own tree.
    pub stale: Option<Grade>,
    /// The same at the newest commit.
    pub tip: Option<Grade>,
}

impl Rules {
    /// The stricter of both, rule by rule.
    pub fn and(&self, other: &Rules) -> Rules {
        let lower = |a: Option<Grade>, b: Option<Grade>| a.into_iter().chain(b).min();
        Rules {
            link: self.link.max(other.link),
            resolved: self.resolved.max(other.resolved),
            map: self.map.max(other.map),
            special: self.special.max(other.special),
            accept: self.accept.iter().copied().filter(|state| other.accept.contains(state)).collect(),
            stale: lower(self.stale, other.stale),
            tip: lower(self.tip, other.tip),
        }
    }

    /// Whether a link keeps them, be it refused or only warned of where it doesn't.
    pub fn are_kept_by(&self, link: &LinkFacts) -> bool {
        judge_link(link, true, self).is_none()
    }

    /// Whether no less is demanded of links by these than by others. Those that ask for no link demand nothing.
    pub fn demand_as_much_as(&self, other: &Rules) -> bool {
        let is_low =
            |mine: Option<Grade>, its: Option<Grade>| its.is_none_or(|its| mine.is_some_and(|mine| mine <= its));
        let accepts_less = || other.resolved.is_none() || self.accept.iter().all(|state| other.accept.contains(state));
        let is_found = self.resolved >= other.resolved && accepts_less();
        let is_fresh = is_low(self.stale, other.stale) && is_low(self.tip, other.tip);
        other.link.is_none() || (self.link >= other.link && is_found && is_fresh)
    }
}

/// The rules. Those up to [`Rule::Message`] are asked of commits, the others by a server of a push as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Rule {
    /// A generated change without a link.
    Link,
    /// A link that is found nowhere for sure.
    Resolved,
    /// A link that is too old in its commit's own tree.
    Stale,
    /// A link that is too old at the newest commit.
    Tip,
    /// A change of code whose links name none of the spec files that the code is bound to.
    Map,
    /// A symbolic link or a submodule at or above a generated path.
    Special,
    /// A message that not everybody reads alike, such as one with a NUL.
    Message,
    /// A protected reference is deleted.
    Deleted,
    /// A protected reference loses commits.
    Rewound,
    /// The policy cannot be read, or a new one could not be.
    Broken,
    /// The policy is changed by the push that it judges.
    Changed,
    /// The reference is a symbolic one.
    Symref,
    /// A reference in `refs/replace/`, by which other objects would be shown.
    Replace,
    /// A push into a namespace.
    Namespace,
    /// A shallow repository, on either side.
    Shallow,
    /// Notes with links are removed, rewritten or unreadable.
    Notes,
    /// What a judgement needs cannot be read.
    Unreadable,
    /// Judging took longer than it may.
    Time,
}

impl Rule {
    /// All rules, by code.
    pub const ALL: [Rule; 18] = [
        Rule::Link,
        Rule::Resolved,
        Rule::Stale,
        Rule::Tip,
        Rule::Map,
        Rule::Special,
        Rule::Message,
        Rule::Deleted,
        Rule::Rewound,
        Rule::Broken,
        Rule::Changed,
        Rule::Symref,
        Rule::Replace,
        Rule::Namespace,
        Rule::Shallow,
        Rule::Notes,
        Rule::Unreadable,
        Rule::Time,
    ];

    /// The name, which is the key in `[policy]` of a rule that can be set there.
    pub fn key(self) -> &'static str {
        self.facts().1
    }

    /// A code that never changes its meaning: `GS0` and two digits for what is asked of commits, `GS1` for a push.
    pub fn code(self) -> &'static str {
        self.facts().0
    }

    /// What is demanded, in a line.
    pub fn summary(self) -> &'static str {
        self.facts().2
    }

    /// Whether `[policy]` sets how grave it is; the others are always refused.
    pub fn is_set_by_policy(self) -> bool {
        self <= Rule::Special
    }

    fn facts(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Rule::Link => ("GS001", "require-link", "A commit that changes generated files links a clause"),
            Rule::Resolved => ("GS002", "require-resolved", "A link is found again for sure"),
            Rule::Stale => ("GS003", "stale", "A link names its clause as the commit's own tree has it"),
            Rule::Tip => ("GS004", "stale-tip", "A link names its clause as the newest commit has it"),
            Rule::Map => ("GS005", "require-map", "Code links a clause of the spec files that it is bound to"),
            Rule::Special => {
                ("GS006", "special-paths", "No symbolic link or submodule stands at or above a generated path")
            }
            Rule::Message => ("GS007", "message", "A commit's message reads the same to everybody"),
            Rule::Deleted => ("GS101", "protected-deleted", "A protected reference is not deleted"),
            Rule::Rewound => ("GS102", "protected-rewound", "A protected reference keeps the commits that it has"),
            Rule::Broken => ("GS103", "policy-broken", "The policy can be read, before the push and after it"),
            Rule::Changed => ("GS104", "policy-changed", "A push is judged by the policy that was there before it"),
            Rule::Symref => ("GS105", "symbolic-ref", "No push goes through a symbolic reference to a protected one"),
            Rule::Replace => ("GS106", "replace-ref", "No reference replaces objects by others"),
            Rule::Namespace => ("GS107", "namespace", "No push goes into a namespace"),
            Rule::Shallow => ("GS108", "shallow", "The history that is judged is whole"),
            Rule::Notes => ("GS109", "notes", "Notes with links only grow, and can be read"),
            Rule::Unreadable => ("GS110", "unreadable", "What a judgement needs can be read"),
            Rule::Time => ("GS111", "out-of-time", "A push is judged in the time that there is"),
        }
    }
}

/// How old a link is somewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Age {
    /// The clause has the linked version.
    Current,
    /// It has changed so much since; and in words.
    Changed(Grade, String),
    /// It is gone.
    Gone,
    /// Nobody can know.
    Unknown,
}

impl Age {
    /// What is wrong, where the clause changed by that grade or more.
    fn from(&self, least: Grade) -> Option<String> {
        match self {
            Age::Changed(grade, what) if *grade >= least => Some(format!("changed since: {what}")),
            Age::Gone => Some("is gone".to_owned()),
            _ => None,
        }
    }
}

/// A link among a commit's trailers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkFacts {
    /// The clause as a person would type it.
    pub name: String,
    /// Whether it stands in a note.
    pub in_note: bool,
    /// How it was found again.
    pub state: State,
    /// Why so.
    pub reason: String,
    /// In the commit's own tree.
    pub own: Age,
    /// At the newest commit.
    pub tip: Age,
}

/// A generated path that a commit changes, the first of those with its rules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// As it is shown.
    pub path: String,
    /// The rules for it.
    pub rules: Rules,
}

/// Code that a commit changes and that is bound to spec files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bound {
    /// The first such path.
    pub change: Change,
    /// The spec files, as the configuration names them.
    pub to: String,
    /// Whether a link names one of them.
    pub is_met: bool,
}

/// A symbolic link or a submodule where code is expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Special {
    /// Where, with the rules for it.
    pub change: Change,
    /// What it is: `a symbolic link`.
    pub what: &'static str,
}

/// What is known of a commit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Judged {
    /// Generated paths that it changes, one for all with the same rules; of a merge those that nothing explains.
    pub changes: Vec<Change>,
    /// Whether it is a merge.
    pub is_merge: bool,
    /// Why Git could not be asked what it makes of a merge's sides, where it had to be.
    pub unasked: Option<&'static str>,
    /// Whether it undoes another commit exactly.
    pub reverts: bool,
    /// Code that it changes and that is bound to spec files.
    pub bound: Vec<Bound>,
    /// Symbolic links and submodules that it puts where code is expected.
    pub special: Vec<Special>,
    /// Whether it does nothing to generated paths but delete them.
    pub only_deletes: bool,
    /// Its links.
    pub links: Vec<LinkFacts>,
    /// Whether a link stands in the body, where it counts for nothing.
    pub has_body_link: bool,
    /// What is wrong with its message.
    pub message: Option<String>,
}

impl Judged {
    /// The rules for its links: the strictest of all paths that it changes; where it changes none, `whole`.
    pub fn rules(&self, whole: &Rules) -> Rules {
        let all = self.changes.iter().map(|change| &change.rules);
        all.fold(None, |known: Option<Rules>, rules| {
            Some(known.map_or_else(|| rules.clone(), |known| known.and(rules)))
        })
        .unwrap_or_else(|| whole.clone())
    }
}

/// A rule that a commit breaks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The rule.
    pub rule: Rule,
    /// What it leads to.
    pub weight: Weight,
    /// The clause in question; none where there is no link.
    pub clause: Option<String>,
    /// Whether the link in question stands in a note.
    pub in_note: bool,
    /// What is wrong, to be read behind the commit's name.
    pub what: String,
}

/// Judges a commit; `whole` holds for links of one that changes no generated path.
pub fn judge(commit: &Judged, whole: &Rules) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut say = |rule, weight, what| found.push(Finding { rule, weight, clause: None, in_note: false, what });
    if let Some(what) = &commit.message {
        say(Rule::Message, Weight::Deny, what.clone());
    }
    for special in &commit.special {
        if let Some(weight) = special.change.rules.special {
            let what = format!("puts {} at {}, where generated code is expected", special.what, special.change.path);
            say(Rule::Special, weight, what);
        }
    }
    if let Some((weight, what)) = unlinked(commit) {
        say(Rule::Link, weight, what);
    } else if !commit.reverts {
        for bound in commit.bound.iter().filter(|bound| !bound.is_met) {
            if let Some(weight) = bound.change.rules.map {
                say(Rule::Map, weight, format!("changes {} and links no clause of {}", bound.change.path, bound.to));
            }
        }
    }
    let rules = commit.rules(whole);
    for link in &commit.links {
        found.extend(judge_link(link, commit.only_deletes, &rules));
    }
    found
}

/// What is to be said of a commit that wants a link and has none.
fn unlinked(commit: &Judged) -> Option<(Weight, String)> {
    if !commit.links.is_empty() || commit.reverts {
        return None;
    }
    let asked = commit.changes.iter().filter_map(|change| Some((change.rules.link?, &change.path)));
    // The first of the gravest.
    let (weight, path) = asked.reduce(|best, next| if next.0 > best.0 { next } else { best })?;
    let does = if commit.is_merge {
        let unasked = commit.unasked.map(|why| format!("; Git could not be asked what it makes of them: {why}"));
        let unasked = unasked.unwrap_or_default();
        format!("brings {path} to a content that none of its sides explains, and links no clause{unasked}")
    } else {
        format!("changes {path} and links no clause")
    };
    let body = if commit.has_body_link { "; a link in the body of a message counts for nothing" } else { "" };
    Some((weight, format!("{does}{body}")))
}

/// Judges a link. So goes the code of a clause that is gone: by a commit that only deletes.
fn judge_link(link: &LinkFacts, only_deletes: bool, rules: &Rules) -> Option<Finding> {
    let clause = || Some(link.name.clone());
    let say = |rule, weight, what| Some(Finding { rule, weight, clause: clause(), in_note: link.in_note, what });
    if !link.state.is_resolved()
        && !rules.accept.contains(&link.state)
        && let Some(weight) = rules.resolved
    {
        let what = format!("links {}, and the link is {}: {}", link.name, link.state.word(), link.reason);
        return say(Rule::Resolved, weight, what);
    }
    let counts = |age: &Age| !(only_deletes && *age == Age::Gone);
    if let Some(what) = rules.stale.filter(|_| counts(&link.own)).and_then(|least| link.own.from(least)) {
        return say(Rule::Stale, Weight::Deny, format!("links {}, which in the commit's own tree {what}", link.name));
    }
    let what = rules.tip.filter(|_| counts(&link.tip)).and_then(|least| link.tip.from(least))?;
    say(Rule::Tip, Weight::Deny, format!("links {}, which {what}", link.name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules() -> Rules {
        Rules {
            link: Some(Weight::Deny),
            resolved: Some(Weight::Warn),
            map: Some(Weight::Warn),
            special: Some(Weight::Deny),
            accept: vec![State::Foreign],
            stale: Some(Grade::Substantive),
            tip: Some(Grade::Normative),
        }
    }

    fn link(state: State, own: Age, tip: Age) -> LinkFacts {
        LinkFacts { name: "A".to_owned(), in_note: false, state, reason: "so".to_owned(), own, tip }
    }

    fn change(path: &str, rules: Rules) -> Change {
        Change { path: path.to_owned(), rules }
    }

    fn keys(commit: &Judged) -> Vec<&'static str> {
        judge(commit, &rules()).iter().map(|finding| finding.rule.key()).collect()
    }

    #[test]
    fn rules_have_codes_of_their_own_in_order() {
        assert!(Rule::ALL.windows(2).all(|two| two[0] < two[1] && two[0].code() < two[1].code()));
        let keys: std::collections::BTreeSet<&str> = Rule::ALL.iter().map(|rule| rule.key()).collect();
        assert_eq!(keys.len(), Rule::ALL.len());
    }

    #[test]
    fn a_generated_change_wants_a_link_or_an_exact_revert() {
        let commit = Judged { changes: vec![change("src/a.rs", rules())], ..Judged::default() };
        assert_eq!(keys(&commit), ["require-link"]);
        assert!(keys(&Judged { reverts: true, ..commit.clone() }).is_empty());
        let links = vec![link(State::Exact, Age::Current, Age::Current)];
        assert!(keys(&Judged { links, ..commit }).is_empty());
        assert!(keys(&Judged::default()).is_empty());
        let nobody = Judged { changes: vec![change("src/a.rs", Rules::default())], ..Judged::default() };
        assert!(judge(&nobody, &rules()).is_empty());
    }

    #[test]
    fn a_link_is_judged_by_state_then_age() {
        let of = |state, own, tip| keys(&Judged { links: vec![link(state, own, tip)], ..Judged::default() });
        let changed = |grade| Age::Changed(grade, "5 → 3".to_owned());
        assert_eq!(of(State::Dangling, Age::Unknown, Age::Unknown), ["require-resolved"]);
        assert!(of(State::Foreign, Age::Unknown, Age::Unknown).is_empty());
        assert_eq!(of(State::Exact, changed(Grade::Substantive), Age::Gone), ["stale"]);
        assert!(of(State::Exact, changed(Grade::Minor), Age::Current).is_empty());
        assert_eq!(of(State::Relocated, Age::Gone, Age::Gone), ["stale"]);
        assert_eq!(of(State::Exact, Age::Current, changed(Grade::Normative)), ["stale-tip"]);
        assert!(of(State::Exact, Age::Current, changed(Grade::Substantive)).is_empty());
        assert!(of(State::Exact, Age::Unknown, Age::Unknown).is_empty());
        let gone = vec![link(State::Exact, Age::Gone, Age::Gone)];
        assert_eq!(keys(&Judged { links: gone.clone(), ..Judged::default() }), ["stale"]);
        assert!(keys(&Judged { links: gone, only_deletes: true, ..Judged::default() }).is_empty());
    }

    #[test]
    fn the_strictest_of_all_paths_holds() {
        let mild =
            Rules { link: Some(Weight::Warn), accept: vec![State::Foreign, State::Dangling], ..Rules::default() };
        let commit = Judged { changes: vec![change("a", mild.clone()), change("b", rules())], ..Judged::default() };
        let found = judge(&commit, &Rules::default());
        assert_eq!((found[0].weight, found[0].what.as_str()), (Weight::Deny, "changes b and links no clause"));
        let all = commit.rules(&Rules::default());
        assert_eq!(
            (all.accept, all.stale, all.tip),
            (vec![State::Foreign], Some(Grade::Substantive), Some(Grade::Normative))
        );
        assert_eq!(mild.and(&mild), mild);
    }

    #[test]
    fn less_is_demanded_where_any_rule_is_milder() {
        let strict = Rules { accept: Vec::new(), map: None, special: None, ..rules() };
        assert!(strict.demand_as_much_as(&strict) && strict.demand_as_much_as(&Rules::default()));
        let milder = [
            Rules { link: Some(Weight::Warn), ..strict.clone() },
            Rules { link: None, ..strict.clone() },
            Rules { resolved: None, ..strict.clone() },
            Rules { accept: vec![State::Dangling], ..strict.clone() },
            Rules { stale: Some(Grade::Normative), ..strict.clone() },
            Rules { tip: None, ..strict.clone() },
        ];
        for mild in milder {
            assert!(!mild.demand_as_much_as(&strict) && strict.demand_as_much_as(&mild), "{mild:?}");
        }
        let anywhere = Rules { resolved: None, accept: vec![State::Dangling], ..strict.clone() };
        assert!(anywhere.demand_as_much_as(&Rules { resolved: None, ..strict }));
    }

    #[test]
    fn bound_code_wants_a_link_into_its_files_and_special_files_are_said() {
        let bound = |is_met| Bound { change: change("src/a.rs", rules()), to: "specs/a.md".to_owned(), is_met };
        let links = vec![link(State::Exact, Age::Current, Age::Current)];
        let changes = vec![change("src/a.rs", rules())];
        let of = |is_met| Judged {
            bound: vec![bound(is_met)],
            links: links.clone(),
            changes: changes.clone(),
            ..Judged::default()
        };
        assert_eq!(keys(&of(false)), ["require-map"]);
        assert!(keys(&of(true)).is_empty());
        assert_eq!(keys(&Judged { links: Vec::new(), ..of(false) }), ["require-link"], "one of them is enough");
        let special = vec![Special { change: change("src", rules()), what: "a submodule" }];
        assert_eq!(keys(&Judged { special, ..Judged::default() }), ["special-paths"]);
        let message = Some("has a NUL".to_owned());
        assert_eq!(keys(&Judged { message, ..Judged::default() }), ["message"]);
    }
}
