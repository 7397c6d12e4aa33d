//! The page of each rule: what it protects against, and how to mend what it finds.

use crate::trace::policy::Rule;
use crate::view::style::{Meaning, Style};

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

/// The text of a rule's page for a terminal: headings, indented examples, and no marks of Markdown.
pub fn page_text(rule: Rule, style: Style) -> String {
    let (mut out, mut in_example) = (String::new(), false);
    for line in page(rule).lines() {
        if line.starts_with("```") {
            in_example = !in_example;
        } else if in_example {
            out.push_str(&format!("  {line}\n"));
        } else if let Some(heading) = line.strip_prefix('#') {
            out.push_str(&style.paint(Meaning::Heading, heading.trim_start_matches('#').trim_start()));
            out.push('\n');
        } else {
            out.push_str(&plain(line));
            out.push('\n');
        }
    }
    out
}

/// A line without the marks around code and links.
fn plain(line: &str) -> String {
    let line = line.replace('`', "");
    let (mut out, mut rest) = (String::new(), line.as_str());
    while let Some((before, behind)) = rest.split_once('[') {
        match behind.split_once("](").and_then(|(text, behind)| Some((text, behind.split_once(')')?.1))) {
            Some((text, behind)) if !text.contains(['[', ']']) => {
                out.push_str(&format!("{before}{text}"));
                rest = behind;
            }
            _ => {
                out.push_str(&format!("{before}["));
                rest = behind;
            }
        }
    }
    out + rest
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
