//! `git spec diff --identity`: what `.gitspec.toml` has to hold to overrule a bond, ready to be copied.

use bstr::BStr;

use super::facts::{ChangeFact, ClauseFact};
use super::text::escape_controls;
use crate::trace::link::clause_name;

/// One entry per bonded change, and the clauses that came and went to make entries of. Is TOML as a whole: what isn't
/// meant to be taken over as it stands is a comment.
pub fn entries(changes: &[ChangeFact], all: bool) -> String {
    let mut text = String::new();
    for change in changes.iter().filter(|change| all || !change.is_noise()) {
        if let (Some(was), Some(clause)) = (&change.was, &change.clause) {
            let rule = serde_json::to_value(change.rule).ok().and_then(|rule| rule.as_str().map(str::to_owned));
            let (rule, score) = (rule.unwrap_or_default(), change.score.unwrap_or_default());
            text += &format!(
                "# taken for one: {rule}, {score:.2}\n[[identity]]\nold = {}\nnew = {}\nsame = false\n\n",
                state(was),
                state(clause)
            );
        }
    }
    let lone = |clause: Option<&ClauseFact>, other: Option<&ClauseFact>, key: &str| match (clause, other) {
        (Some(clause), None) => format!("#   {key} = {}\n", state(clause)),
        _ => String::new(),
    };
    let removed: String = changes.iter().map(|c| lone(c.was.as_ref(), c.clause.as_ref(), "old")).collect();
    let added: String = changes.iter().map(|c| lone(c.clause.as_ref(), c.was.as_ref(), "new")).collect();
    if !removed.is_empty() && !added.is_empty() {
        text += &format!(
            "# removed, and added: one of each in an [[identity]] with same = true makes them one\n{removed}{added}"
        );
    }
    text
}

/// A clause at its version, as a TOML string.
fn state(clause: &ClauseFact) -> String {
    let name = clause_name(BStr::new(&clause.path), Some(&clause.anchor));
    let text = escape_controls(&format!("{name} {}", clause.version)).into_owned();
    toml::Value::from(text).to_string()
}
