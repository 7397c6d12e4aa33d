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
    for (at, quoted) in line.split('"').enumerate() {
        if at % 2 == 1 {
            values.push(quoted);
            continue;
        }
        let pieces = quoted.split(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | '(' | ')' | '[' | ']' | '|'));
        for piece in pieces.filter(|piece| !piece.is_empty()) {
            let bare = piece.trim_start_matches(['-', '+', '.']);
            let is_sign = piece.chars().all(|c| matches!(c, '<' | '>' | '=' | '!' | '≤' | '≥' | '≠'));
            let is_value = bare.starts_with(|c: char| c.is_ascii_digit()) || is_sign;
            if is_value { values.push(piece) } else { rest.push(piece) }
        }
    }
    (values, rest)
}
