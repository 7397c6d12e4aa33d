//! OpenSpec: `### Requirement: …` and, inside it, `#### Scenario: …`.

use crate::spec::clause::Kind;
use crate::spec::cut::Cut;

/// Tells requirements and scenarios from other sections by the prefix of the title.
pub fn refine(cut: &mut Cut) {
    let title = cut.title.as_deref().unwrap_or("");
    let begins = |prefix: &str| title.get(..prefix.len()).is_some_and(|t| t.eq_ignore_ascii_case(prefix));
    if begins("Requirement:") {
        cut.kind = Kind::Requirement;
    } else if begins("Scenario:") {
        cut.kind = Kind::Scenario;
    }
}
