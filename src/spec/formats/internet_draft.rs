//! Internet-Drafts in Markdown: the marks of kramdown-rfc (`--- abstract`) and of mmark (`.# Abstract`).
//!
//! They part the document where Markdown sees text. Metadata at the head is the business of
//! [`crate::spec::pieces`], since it must not be parsed.

use crate::spec::outline::{Heading, Outline};

/// Marks that part the document and say nothing.
const PARTS: [&str; 5] = ["--- middle", "--- back", "{frontmatter}", "{mainmatter}", "{backmatter}"];

/// Whether a file may be an Internet-Draft, whose marks are to be looked for in all of it.
pub fn is_draft(text: &str) -> bool {
    (text.starts_with("---") || text.starts_with("%%%")) && text.lines().any(is_part)
}

fn is_part(line: &str) -> bool {
    matches!(line.trim_end(), "--- abstract" | "--- middle" | "{mainmatter}")
}

/// Makes headings of the parts that have a title and takes the other marks out, where the file is an Internet-Draft.
pub fn mark(outline: &mut Outline) {
    let is_metadata = |line: &str| line == "---" || line == "%%%";
    let begins = outline.lines.first().is_some_and(|line| is_metadata(line.trim_end()));
    if !begins || !outline.nobody.first().copied().unwrap_or(false) {
        return;
    }
    if !outline.lines.iter().any(|line| is_part(line)) {
        return;
    }
    let mut headings = Vec::new();
    for (at, line) in outline.lines.iter().enumerate().filter(|&(at, _)| !outline.verbatim[at]) {
        let line = line.trim_end();
        let number = u32::try_from(at + 1).unwrap_or(u32::MAX);
        if PARTS.contains(&line) {
            outline.nobody[at] = true;
        } else if let Some(title) = titled(line) {
            headings.push(Heading { level: 1, lines: (number, number), title, id: None });
        }
    }
    outline.headings.extend(headings);
    outline.headings.sort_by_key(|heading| heading.lines);
}

/// The title of a part: `Abstract` in `--- abstract`, `Note to Readers` in `--- note_Note_to_Readers`.
fn titled(line: &str) -> Option<String> {
    if let Some(title) = line.strip_prefix(".# ") {
        return Some(title.trim().to_owned());
    }
    let name = line.strip_prefix("--- ")?;
    if name == "abstract" {
        return Some("Abstract".to_owned());
    }
    let name = name.strip_prefix("to_be_removed_").unwrap_or(name).strip_prefix("note_")?;
    let sound = !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-'));
    sound.then(|| name.replace('_', " "))
}
