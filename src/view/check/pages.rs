//! The page of each rule: what it protects against, and how to mend what it finds.

use crate::trace::policy::Rule;

/// Where the tool is at home.
pub(super) const HOME: &str = "https://crates.io/crates/git-spec";
/// Where the pages of this version are shown, as every published crate's files are.
const PAGES: &str = concat!("https://docs.rs/crate/git-spec/", env!("CARGO_PKG_VERSION"), "/source/docs/policy");

/// The address of a rule's page.
pub(super) fn address(rule: Rule) -> String {
    format!("{PAGES}/{}.md", rule.key())
}

/// A rule by its code or its name, whatever the letter case.
pub fn rule_named(word: &str) -> Option<Rule> {
    let is = |rule: &&Rule| word.eq_ignore_ascii_case(rule.code()) || word.eq_ignore_ascii_case(rule.key());
    Rule::ALL.iter().find(is).copied()
}

/// Whether a policy has to ask for a rule by name.
pub(super) fn is_off_by_default(rule: Rule) -> bool {
    rule == Rule::Tip
}

/// The text of a rule's page.
pub fn page(rule: Rule) -> &'static str {
    macro_rules! page {
        ($name:literal) => {
            include_str!(concat!("../../../docs/policy/", $name, ".md"))
        };
    }
    match rule {
        Rule::Link => page!("require-link"),
        Rule::Resolved => page!("require-resolved"),
        Rule::Stale => page!("stale"),
        Rule::Tip => page!("stale-tip"),
        Rule::Map => page!("require-map"),
        Rule::Special => page!("special-paths"),
        Rule::Message => page!("message"),
        Rule::Deleted => page!("protected-deleted"),
        Rule::Rewound => page!("protected-rewound"),
        Rule::Broken => page!("policy-broken"),
        Rule::Changed => page!("policy-changed"),
        Rule::Symref => page!("symbolic-ref"),
        Rule::Replace => page!("replace-ref"),
        Rule::Namespace => page!("namespace"),
        Rule::Shallow => page!("shallow"),
        Rule::Notes => page!("notes"),
        Rule::Unreadable => page!("unreadable"),
        Rule::Time => page!("out-of-time"),
    }
}
