//! MDX: headings that CommonMark would take for HTML.
//!
//! Below a line with a tag CommonMark reads HTML up to the next blank line, MDX Markdown. Only where that hides a heading the
//! structure is read as MDX has it; the words of a clause are those of other Markdown, so that versions stay.

use std::borrow::Cow;

use crate::spec::pieces::is_heading;

/// The text with each line blank that begins and ends with a tag and stands above a heading in one block. All bytes keep their
/// place.
pub fn without_tags(text: &str) -> Cow<'_, str> {
    if !text.contains("\n#") || !text.contains('<') {
        return Cow::Borrowed(text);
    }
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let mut shown = String::with_capacity(text.len());
    for block in lines.split_inclusive(|line| line.trim().is_empty()) {
        let last = block.iter().rposition(|line| is_heading(line.trim_end())).unwrap_or(0);
        for (at, line) in block.iter().enumerate() {
            let bare = line.trim_end_matches('\n');
            if at < last && is_tag(bare.trim()) {
                shown.extend(std::iter::repeat_n(' ', bare.len()));
                shown.push_str(&line[bare.len()..]);
            } else {
                shown.push_str(line);
            }
        }
    }
    Cow::Owned(shown)
}

/// Whether a line begins and ends with a tag.
fn is_tag(line: &str) -> bool {
    let name = line.strip_prefix('<').map(|rest| rest.strip_prefix('/').unwrap_or(rest));
    name.is_some_and(|name| name.starts_with(|c: char| c.is_ascii_alphabetic())) && line.ends_with('>')
}

#[cfg(test)]
mod tests {
    use super::super::{Format, segment};
    use super::*;

    const ABOVE: &str = "# Life\n\n## Version\n\nThe client MUST send one.\n\n";

    fn titles(format: Format, text: &str) -> Vec<String> {
        segment(format, text.as_bytes()).into_iter().map(|clause| clause.title.clone()).collect()
    }

    #[test]
    fn a_tag_hides_no_heading() {
        for tags in
            ["</Note>", "<Tabs>\n<Tab title=\"é\">", "<Note>\nFor more see there.\n</Note>", "<div>x</div>", "  <A />"]
        {
            let text = format!("{ABOVE}{tags}\n## Capability\n\nThe server MUST list it.\n");
            assert_eq!(titles(Format::Mdx, &text), ["Life", "Version", "Capability"], "{tags}");
            assert_eq!(without_tags(&text).len(), text.len());
            assert_eq!(without_tags(&text).lines().count(), text.lines().count());
        }
    }

    #[test]
    fn all_else_is_read_as_other_markdown() {
        for text in [
            format!("{ABOVE}<Note>\nFor more.\n</Note>\n\n## Capability\n\nThe server <Badge /> MUST list it.\n"),
            format!("{ABOVE}```\n<Note>\n## none\n```\n\n<Tabs>\n- one\n- two\n</Tabs>\n"),
            format!("{ABOVE}<!-- no\n## heading\n-->\n"),
        ] {
            let of = |format| -> Vec<_> {
                let clauses = segment(format, text.as_bytes());
                clauses.iter().map(|c| (c.title.clone(), c.text.clone(), c.version())).collect()
            };
            assert_eq!(of(Format::Mdx), of(Format::Markdown), "{text}");
        }
        let hidden = format!("{ABOVE}</Note>\n## Capability\n\nThe server MUST list it.\n");
        assert_eq!(titles(Format::Markdown, &hidden), ["Life", "Version"], "other Markdown stays as it is");
    }
}
