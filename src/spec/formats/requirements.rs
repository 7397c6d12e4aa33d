//! Requirement headings: `#### Requirement 1.1.2.1`, `### Requirement 4: Login`, `## AUTH-2: Lockout`.

use crate::spec::clause::{Breed, Kind};
use crate::spec::cut::Cut;

/// Words that make the number behind them an id.
const LEADS: &[&str] = &["Conditional Requirement", "Requirement", "Condition", "Req"];

/// Gives a heading that is numbered as a requirement its number as id; `line` is the heading as it stands, for brackets
/// are no part of a title.
pub fn refine(cut: &mut Cut, line: &str) {
    if cut.id.is_some() {
        return;
    }
    let title = cut.title.as_deref().unwrap_or("");
    if let Some(id) = numbered(title).or_else(|| labelled(title)).or_else(|| bracketed(line)) {
        cut.id = Some(id.to_owned());
        cut.breed = Breed::Ordinal;
        cut.kind = Kind::Requirement;
    }
}

/// `1.1.2.1` in `Requirement 1.1.2.1`, behind which nothing or a title follows.
pub fn numbered(title: &str) -> Option<&str> {
    let rest = LEADS.iter().find_map(|lead| {
        let rest = title
            .get(lead.len()..)
            .filter(|_| title.get(..lead.len()).is_some_and(|t| t.eq_ignore_ascii_case(lead)))?;
        rest.starts_with(' ').then(|| rest.trim_start())
    })?;
    let end = rest.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(rest.len());
    let number = rest[..end].trim_end_matches('.');
    let ends_word = !rest[end..].starts_with(|c: char| c.is_alphanumeric());
    (number.starts_with(|c: char| c.is_ascii_digit()) && ends_word).then_some(number)
}

/// `AUTH-2` in `AUTH-2`, `AUTH-2: Lockout` or `AUTH-2 – Lockout`.
fn labelled(title: &str) -> Option<&str> {
    let end = title.find(|c: char| c.is_whitespace() || c == ':').unwrap_or(title.len());
    let (label, rest) = title.split_at(end);
    let rest = rest.trim_start();
    let set_off = rest.is_empty() || [":", "- ", "– ", "— "].iter().any(|mark| rest.starts_with(mark));
    (set_off && is_label(label)).then_some(label)
}

/// `AUTH-2` in `## [AUTH-2] Lockout`.
fn bracketed(line: &str) -> Option<&str> {
    let (label, rest) = line.trim_start_matches(['#', ' ']).strip_prefix('[')?.split_once(']')?;
    // a link says of what the section is, not which one it is
    (is_label(label) && !rest.starts_with(['(', '['])).then_some(label)
}

/// Capitals, a hyphen, a number: `FR-001`, `SYS-SEC-12`.
pub fn is_label(label: &str) -> bool {
    let Some((head, number)) = label.rsplit_once('-') else { return false };
    let digits = number.trim_end_matches(|c: char| c.is_ascii_lowercase());
    let numbered = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()) && number.len() - digits.len() <= 1;
    let capital = |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit());
    numbered && head.starts_with(|c: char| c.is_ascii_uppercase()) && head.split(['-', '_']).all(capital)
}

#[cfg(test)]
mod tests {
    use crate::spec::formats::{Format, segment};

    #[test]
    fn a_label_that_is_set_off_is_an_id() {
        let id = |heading: &str| {
            let text = format!("{heading}\n\nThe reader MUST stop.\n");
            segment(Format::Markdown, text.as_bytes())[0].id.clone()
        };
        for heading in ["## REQ-3: Reset", "## REQ-3 - Reset", "## REQ-3", "## [REQ-3] Reset", "[REQ-3] Reset\n---"] {
            assert_eq!(id(heading).as_deref(), Some("REQ-3"), "{heading}");
        }
        for heading in
            ["## SHA-256 digests", "## [See below] REQ-3 resets", "## [Reset][REQ-3]", "## [REQ-3](#x) and others"]
        {
            assert_eq!(id(heading), None, "{heading}");
        }
    }
}
