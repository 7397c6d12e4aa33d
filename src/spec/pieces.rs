//! Cutting a Markdown file where no block can reach across, so that each piece parses alone.
//!
//! Such a place is a heading `# …` or a rule marker `r[…]` at column 0 behind a blank line: it ends every list, quote,
//! table and paragraph before it. Only a fence or an HTML block that was opened outside of all containers could go on; those are followed here, and
//! where it is doubtful whether one is open, the rest of the file is one piece.

/// A piece of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece<'t> {
    /// `---`, `+++` or `%%%` metadata at the head of the file, with both marks.
    FrontMatter(&'t str),
    /// Markdown.
    Markdown(&'t str),
}

/// What is open at a line.
enum Open {
    Nothing,
    Fence {
        mark: u8,
        length: usize,
    },
    Html {
        end: &'static str,
    },
    /// A tag began a line: an HTML block until the next blank line, or a paragraph.
    Tag,
    Doubt,
}

/// The pieces in order; together they are the whole text.
pub fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let (front, body) = text.split_at(front_matter(text));
    if !front.is_empty() {
        pieces.push(Piece::FrontMatter(front));
    }
    let mut open = Open::Nothing;
    let (mut start, mut at, mut blank_before) = (0, 0, false);
    let mut ends = memchr::memchr_iter(b'\n', body.as_bytes());
    while at < body.len() {
        let end = ends.next().map_or(body.len(), |newline| newline + 1);
        if let Some(blank) = passed_over(&body.as_bytes()[at..end], &open, blank_before) {
            blank_before = blank;
            at = end;
            continue;
        }
        let line = &body[at..end];
        let bare = line.trim_end();
        match open {
            Open::Nothing => {
                if blank_before && (is_heading(bare) || is_marker(line)) && at > start {
                    pieces.push(Piece::Markdown(&body[start..at]));
                    start = at;
                }
                open = opened(bare, &body[at + line.len()..]);
            }
            Open::Fence { mark, length } => {
                if closes(bare, mark, length) {
                    open = Open::Nothing;
                }
            }
            Open::Html { end } => {
                if contains(bare, end) {
                    open = Open::Nothing;
                }
            }
            Open::Tag => {
                if bare.is_empty() {
                    open = Open::Nothing;
                } else if !matches!(opened(bare, ""), Open::Nothing | Open::Tag) {
                    open = Open::Doubt;
                }
            }
            Open::Doubt => break,
        }
        blank_before = bare.is_empty();
        at += line.len();
    }
    if start < body.len() {
        pieces.push(Piece::Markdown(&body[start..]));
    }
    pieces
}

/// Whether a line is blank, where one look tells that it neither cuts, opens nor closes anything, as of most.
fn passed_over(line: &[u8], open: &Open, blank_before: bool) -> Option<bool> {
    let spaces = line.iter().take_while(|&&byte| byte == b' ').count();
    let first = line.get(spaces).copied().unwrap_or(b'\n');
    match open {
        Open::Nothing if first == b'\n' => Some(true),
        Open::Nothing => {
            let plain = match first {
                b'<' | b'`' | b'~' => spaces > 3,
                b'#' => spaces > 0 || !blank_before,
                b'a'..=b'z' => spaces > 0 || !blank_before,
                _ => first.is_ascii_graphic(),
            };
            plain.then_some(false)
        }
        // what stands before the line that closes it makes no difference
        Open::Fence { mark, .. } => (spaces > 3 || first != *mark).then_some(false),
        Open::Html { .. } | Open::Tag | Open::Doubt => None,
    }
}

/// How many bytes of metadata stand at the head of the file: 0 where no closing mark follows.
fn front_matter(text: &str) -> usize {
    let mut lines = text.split_inclusive('\n');
    let Some(first) = lines.next() else { return 0 };
    let mark = first.trim_end();
    if mark != "---" && mark != "+++" && mark != "%%%" {
        return 0;
    }
    let mut length = first.len();
    for (number, line) in lines.enumerate() {
        let bare = line.trim_end();
        if mark == "---" && ends_metadata(bare) {
            return length;
        }
        length += line.len();
        if number == 0 && bare.is_empty() {
            return 0;
        }
        if bare == mark || (mark == "---" && bare == "...") {
            return length;
        }
    }
    0
}

/// Whether a line ends the metadata of an Internet-Draft in kramdown-rfc without belonging to it.
fn ends_metadata(line: &str) -> bool {
    let name = line.strip_prefix("--- ").unwrap_or("");
    matches!(name, "abstract" | "middle" | "back") || name.starts_with("note_")
}

/// Whether a line is an ATX heading at column 0.
pub fn is_heading(line: &str) -> bool {
    let level = line.bytes().take_while(|&b| b == b'#').count();
    (1..=6).contains(&level) && matches!(line.as_bytes().get(level), None | Some(b' ' | b'\t'))
}

/// Whether a line looks like a rule marker: a paragraph at column 0, which no container reaches across a blank line.
fn is_marker(line: &str) -> bool {
    line.starts_with(|c: char| c.is_ascii_lowercase()) && line.trim_end().ends_with(']') && line.contains('[')
}

/// What a line opens, `rest` being the text behind it.
fn opened(line: &str, rest: &str) -> Open {
    let indent = line.bytes().take_while(|&b| b == b' ').count();
    if indent > 3 {
        return Open::Nothing;
    }
    let text = &line[indent..];
    if let Some((mark, length)) = fence(text) {
        if indent == 0 {
            return Open::Fence { mark, length };
        }
        // It may be inside a list: both readings agree only if it is closed before anything stands at column 0.
        for line in rest.lines() {
            if closes(line, mark, length) {
                return if line.starts_with(' ') { Open::Fence { mark, length } } else { Open::Doubt };
            }
            if line.starts_with(|c: char| !c.is_whitespace()) {
                break;
            }
        }
        return Open::Doubt;
    }
    let Some(end) = html_end(text) else {
        let tag = text.strip_prefix('<').map(|rest| rest.strip_prefix('/').unwrap_or(rest));
        let begins = tag.is_some_and(|tag| tag.starts_with(|c: char| c.is_ascii_alphabetic()));
        return if begins { Open::Tag } else { Open::Nothing };
    };
    if contains(text.get(1..).unwrap_or(""), end) {
        return Open::Nothing;
    }
    if indent == 0 { Open::Html { end } } else { Open::Doubt }
}

/// Mark and length of an opening fence.
fn fence(text: &str) -> Option<(u8, usize)> {
    let mark = *text.as_bytes().first().filter(|b| matches!(b, b'`' | b'~'))?;
    let length = text.bytes().take_while(|&b| b == mark).count();
    let sound = length >= 3 && (mark == b'~' || !text[length..].contains('`'));
    sound.then_some((mark, length))
}

fn closes(line: &str, mark: u8, length: usize) -> bool {
    let indent = line.bytes().take_while(|&b| b == b' ').count();
    let text = line[indent..].trim_end();
    indent <= 3 && text.len() >= length && text.bytes().all(|b| b == mark)
}

/// The end of an HTML block that blank lines don't end (CommonMark 4.6, start conditions 1 to 5).
fn html_end(text: &str) -> Option<&'static str> {
    let lower = |prefix: &str| text.get(..prefix.len()).is_some_and(|head| head.eq_ignore_ascii_case(prefix));
    if !text.starts_with('<') {
        return None;
    }
    [
        ("<!--", "-->"),
        ("<script", "</script>"),
        ("<pre", "</pre>"),
        ("<style", "</style>"),
        ("<textarea", "</textarea>"),
        ("<?", "?>"),
        ("<![CDATA[", "]]>"),
        ("<!", ">"),
    ]
    .into_iter()
    .find(|(start, _)| lower(start))
    .map(|(_, end)| end)
}

/// Whether a line holds a mark, letter case aside.
fn contains(line: &str, mark: &str) -> bool {
    line.as_bytes().windows(mark.len()).any(|part| part.eq_ignore_ascii_case(mark.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(text: &str) -> Vec<&str> {
        pieces(text)
            .into_iter()
            .map(|piece| match piece {
                Piece::FrontMatter(t) | Piece::Markdown(t) => t,
            })
            .collect()
    }

    #[test]
    fn headings_behind_blank_lines_cut() {
        assert_eq!(texts("# A\n\nx\n\n## B\ny\n"), ["# A\n\nx\n\n", "## B\ny\n"]);
        assert_eq!(texts("x\n## B\n"), ["x\n## B\n"]);
    }

    #[test]
    fn nothing_is_cut_inside_fences_comments_and_front_matter() {
        for whole in ["```\n\n# a\n", "<!--\n\n# a\n-->\n", "- x\n\n  ```\n\n# a\n\n# b\n", "~~~~\n~~~\n\n# a\n"] {
            assert_eq!(texts(whole), [whole]);
        }
        assert_eq!(texts("---\na: b\n\n# c\n---\nx\n"), ["---\na: b\n\n# c\n---\n", "x\n"]);
        assert_eq!(texts("---\n\n# c\n---\n"), ["---\n\n", "# c\n---\n"]);
    }
}
