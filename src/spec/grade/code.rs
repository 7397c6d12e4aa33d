//! What counts in lines of code: keywords in comments, and values.

/// RFC 2119, sections 1 to 5. In capitals they demand in code too, where the comments of an interface hold the rules for
/// each of its fields; other words of code are the program's.
const KEYWORDS: [&str; 7] = ["MUST", "SHALL", "SHOULD", "MAY", "REQUIRED", "RECOMMENDED", "OPTIONAL"];

/// The capital keywords in a line of code, `NOT` where it stands behind one.
pub(super) fn keywords(line: &str) -> impl Iterator<Item = &str> {
    let mut demands = false;
    line.split(|c: char| !(c.is_alphanumeric() || c == '_')).filter(|word| !word.is_empty()).filter(move |word| {
        let before = std::mem::replace(&mut demands, KEYWORDS.contains(word));
        demands || (before && *word == "NOT")
    })
}

/// The values in a line of code (numbers, signs of comparison, literals in quotes) and what is left of it.
pub(super) fn values(line: &str) -> (Vec<&str>, Vec<&str>) {
    let (mut values, mut rest) = (Vec::new(), Vec::new());
    let mut from = 0;
    while let Some((at, literal, behind)) = quoted(line, from) {
        pieces(&line[from..at], &mut values, &mut rest);
        values.push(literal);
        from = behind;
    }
    pieces(&line[from..], &mut values, &mut rest);
    (values, rest)
}

/// The first literal in quotes from a place on: where it begins, what it holds, and where the line goes on. A double quote that
/// stays open reaches to the end of the line. A single one behind a letter is none (`don't`), nor is one whose end stands
/// before a letter or nowhere (`&'a str`).
fn quoted(line: &str, from: usize) -> Option<(usize, &str, usize)> {
    let is_inner = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    line[from..].match_indices(['"', '\'']).find_map(|(at, quote)| {
        let (at, inner) = (from + at, from + at + 1);
        let Some(length) = line[inner..].find(quote) else {
            return (quote == "\"").then_some((at, &line[inner..], line.len()));
        };
        let behind = inner + length + 1;
        let is_apostrophe = is_inner(line[..at].chars().next_back()) || is_inner(line[behind..].chars().next());
        (quote == "\"" || !is_apostrophe).then_some((at, &line[inner..inner + length], behind))
    })
}

/// The numbers and signs of a piece of code, and what else it holds.
fn pieces<'l>(code: &'l str, values: &mut Vec<&'l str>, rest: &mut Vec<&'l str>) {
    let pieces = code.split(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | '(' | ')' | '[' | ']' | '|'));
    for piece in pieces.filter(|piece| !piece.is_empty()) {
        let bare = piece.trim_start_matches(['-', '+', '.']);
        let is_sign = piece.chars().all(|c| matches!(c, '<' | '>' | '=' | '!' | '≤' | '≥' | '≠'));
        let is_value = bare.starts_with(|c: char| c.is_ascii_digit()) || is_sign;
        if is_value { values.push(piece) } else { rest.push(piece) }
    }
}
