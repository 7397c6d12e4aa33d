//! Paths as a checkout on another system may take them: with upper and lower case for the same.

use std::borrow::Cow;

use globset::Candidate;
use unicode_normalization::UnicodeNormalization;

use super::{BadGlob, Globs};

/// Globs that are matched letter by letter, or with upper and lower case taken for the same.
#[derive(Clone, Debug, Default)]
pub struct PathSet {
    exact: Globs,
    folded: Globs,
}

impl PartialEq for PathSet {
    fn eq(&self, other: &PathSet) -> bool {
        self.exact.patterns == other.exact.patterns && self.folded.patterns == other.folded.patterns
    }
}

impl Eq for PathSet {}

impl PathSet {
    pub(super) fn new(exact: Globs, folded: Globs) -> PathSet {
        PathSet { exact, folded }
    }

    pub(super) fn folded<'g>(globs: impl Iterator<Item = &'g str>) -> Result<Globs, BadGlob> {
        Globs::compile(globs.map(|glob| String::from_utf8_lossy(&fold(glob.as_bytes())).into_owned()).collect())
    }

    /// Whether a path is in the set, letter by letter.
    pub fn matches(&self, path: &[u8]) -> bool {
        self.exact.set.is_match_candidate(&Candidate::from_bytes(path))
    }

    /// Whether a path is in the set for somebody who takes upper and lower case for the same.
    pub fn matches_folded(&self, path: &[u8]) -> bool {
        self.folded.set.is_match_candidate(&Candidate::from_bytes(&fold(path)))
    }

    /// The globs, as written.
    pub fn globs(&self) -> &[String] {
        &self.exact.patterns
    }
}

/// A text in which upper and lower case are the same. By single letters, so that what stands beside one has no say; upwards
/// first, which brings those together that only their capital has in common.
pub(super) fn fold(text: &[u8]) -> Cow<'_, [u8]> {
    if text.is_ascii() {
        let plain = !text.iter().any(u8::is_ascii_uppercase);
        return if plain { Cow::Borrowed(text) } else { Cow::Owned(text.to_ascii_lowercase()) };
    }
    match std::str::from_utf8(text) {
        Ok(text) => {
            let folded: String = text.chars().flat_map(char::to_uppercase).flat_map(char::to_lowercase).collect();
            Cow::Owned(folded.into_bytes())
        }
        Err(_) => Cow::Owned(text.to_ascii_lowercase()),
    }
}

/// The directories above what a glob matches, as far as its components name single levels; behind `**` those of whose names, or of
/// the name of one above them behind that `**`, the glob says anything. Nothing where its braces can be read in too many ways.
pub(super) fn leading(glob: &str) -> Option<Vec<String>> {
    let mut found = Vec::new();
    for glob in readings(glob)? {
        let components: Vec<&str> = glob.split('/').collect();
        let mut is_named = true;
        for (at, component) in components.iter().enumerate().take(components.len() - 1) {
            // Only a component of its own crosses levels; in others two stars are as one.
            is_named = *component != "**" && (is_named || !is_any_name(component));
            if is_named {
                found.push(components[..=at].join("/"));
            }
        }
    }
    Some(found)
}

/// What was probably meant by a glob in which `**` stands beside other characters; none where it stands alone everywhere, or
/// where the braces can be read in too many ways.
pub(super) fn unfused(glob: &str) -> Option<String> {
    let is_fused = |glob: &str| glob.split('/').any(|component| component != "**" && stars(component).is_some());
    if !is_fused(glob) {
        return None;
    }
    let readings = readings(glob)?;
    let fused = readings.iter().find(|reading| is_fused(reading))?;
    let mend = |component: &str| {
        let Some((start, end)) = stars(component).filter(|_| component != "**") else { return component.to_owned() };
        match (&component[..start], &component[end..]) {
            ("", "") => "**".to_owned(),
            ("", rest) => format!("**/*{rest}"),
            (head, "") => format!("{head}*/**"),
            (head, rest) => format!("{head}*/**/*{rest}"),
        }
    };
    Some(fused.split('/').map(mend).collect::<Vec<_>>().join("/"))
}

/// Where two stars and more stand in a component of a glob, escaped ones and those in a class left out.
fn stars(component: &str) -> Option<(usize, usize)> {
    let bytes = component.as_bytes();
    let (mut at, mut class) = (0, None);
    while at < bytes.len() {
        match (bytes[at], class) {
            (b'\\', None) => at += 1,
            // a bracket right behind the opening one is a member
            (b']', Some(open)) if at > open + 1 => class = None,
            (b'[', None) => class = Some(at + usize::from(matches!(bytes.get(at + 1), Some(b'!' | b'^')))),
            (b'*', None) => {
                let end = at + bytes[at..].iter().take_while(|&&byte| byte == b'*').count();
                if end - at > 1 {
                    return Some((at, end));
                }
            }
            _ => {}
        }
        at += 1;
    }
    None
}

/// Whether a component of a glob matches every name.
fn is_any_name(component: &str) -> bool {
    let letters = component.chars().filter(|&letter| letter != '*').count();
    component.contains('*') && (letters == 0 || (letters == 1 && component.contains('?')))
}

/// The directories of which an exempting glob takes all that lies behind them, as a glob; nothing where it takes only some of it.
pub(super) fn whole(glob: &str) -> Option<&str> {
    match glob {
        "**" | "**/*" => Some("**"),
        _ => glob.strip_suffix("/**/*").or_else(|| glob.strip_suffix("/**")),
    }
}

/// Ways to read the braces of one glob.
const MOST_READINGS: usize = 1000;

/// A glob with each choice of its braces; none where there are too many.
fn readings(glob: &str) -> Option<Vec<String>> {
    let (mut left, mut done) = (vec![glob.to_owned()], Vec::new());
    while let Some(glob) = left.pop() {
        match braces(&glob) {
            Some((start, end, choices)) => {
                left.extend(choices.iter().map(|choice| format!("{}{choice}{}", &glob[..start], &glob[end..])));
            }
            None => done.push(glob),
        }
        if left.len() + done.len() > MOST_READINGS {
            return None;
        }
    }
    Some(done)
}

/// The first braces of a glob: where they begin, where they end, and what stands in them.
fn braces(glob: &str) -> Option<(usize, usize, Vec<&str>)> {
    let (mut depth, mut start, mut choices, mut from) = (0_usize, 0, Vec::new(), 0);
    let (mut escaped, mut class): (bool, Option<usize>) = (false, None);
    for (at, letter) in glob.char_indices() {
        if let Some(opened) = class {
            // A bracket directly behind the opening one, or behind its negation, is a letter of the class.
            let first = glob[opened + 1..at].is_empty() || matches!(&glob[opened + 1..at], "!" | "^");
            if letter == ']' && !first {
                class = None;
            }
            continue;
        }
        match letter {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '[' => class = Some(at),
            '{' => {
                depth += 1;
                if depth == 1 {
                    (start, from) = (at, at + 1);
                }
            }
            ',' if depth == 1 => {
                choices.push(&glob[from..at]);
                from = at + 1;
            }
            '}' if depth > 0 => {
                depth -= 1;
                if depth == 0 {
                    choices.push(&glob[from..at]);
                    return Some((start, at + 1, choices));
                }
            }
            _ => {}
        }
    }
    None
}

/// A name of a reference as file systems that fold see it: no case, one Unicode form, and without the characters that HFS+
/// passes over (git's `utf8.c`, `next_hfs_char`). Upwards first, which brings those together that only their capital has in
/// common.
pub fn fold_name(name: &str) -> String {
    let passed_over = |c: &char| matches!(c, '\u{200c}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{206a}'..='\u{206f}' | '\u{feff}');
    name.chars().filter(|c| !passed_over(c)).flat_map(char::to_uppercase).flat_map(char::to_lowercase).nfc().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_are_the_same_in_either_case() {
        let same = |a: &str, b: &str| fold(a.as_bytes()) == fold(b.as_bytes());
        assert!(
            same("SRC/a.RS", "src/A.rs") && same("ÄΣ/x", "äς/X") && same("\u{17f}rc", "src") && same("\u{212a}", "k")
        );
        assert!(!same("src", "srd"));
        assert_eq!(*fold(b"A\xff"), *b"a\xff");
    }

    #[test]
    fn directories_above_a_glob_are_named_until_a_double_star() {
        let leading = |glob: &str| {
            let mut found = leading(glob).unwrap();
            found.sort();
            found.dedup();
            found
        };
        assert_eq!(leading("src/*/x.rs"), ["src", "src/*"]);
        assert_eq!(leading("src/**"), ["src"]);
        assert_eq!(leading("a/{b,c/d}/e"), ["a", "a/b", "a/c", "a/c/d"]);
        assert_eq!(leading("{a/{b,c},d}/**"), ["a", "a/b", "a/c", "d"]);
        assert_eq!(leading("a/[{,]/\\{x}/y"), ["a", "a/[{,]", "a/[{,]/\\{x}"]);
        for none in ["**/*.rs", "x.rs", "**/*/x", "**/?*/x", "**/*?/*/x", "**/***/x", "**/**/x"] {
            assert!(leading(none).is_empty(), "{none}");
        }
        assert_eq!(leading("src/**/*.rs"), ["src"]);
        assert_eq!(leading("src/a**/b*/x"), ["src", "src/a**", "src/a**/b*"]);
        assert_eq!(leading("**/gen*/*.rs"), ["**/gen*"]);
        assert_eq!(leading("**/*.d/**"), ["**/*.d"]);
        assert_eq!(leading("**/core/*/*.rs"), ["**/core", "**/core/*"]);
        assert_eq!(leading("**/*/core/**/*/x"), ["**/*/core"]);
        assert_eq!(leading("app/**/{*,[!.]*,?}/x"), ["app", "app/**/?", "app/**/[!.]*"]);
        assert_eq!(leading("**/{x/gen*,*}/*.rs"), ["**/x", "**/x/gen*"]);
        assert_eq!(leading("**/{\\*,??*}/x"), ["**/??*", "**/\\*"]);
        assert_eq!(
            leading("src/**/{gen,made}/x/**"),
            ["src", "src/**/gen", "src/**/gen/x", "src/**/made", "src/**/made/x"]
        );
        assert!(super::leading(&"{a,b}".repeat(12)).is_none());
    }

    #[test]
    fn only_a_glob_that_ends_in_double_stars_exempts_all_behind() {
        for (glob, whole_of) in
            [("a/b/**", "a/b"), ("a/**/*", "a"), ("{a,b/*}/**", "{a,b/*}"), ("**", "**"), ("**/*", "**")]
        {
            assert_eq!(whole(glob), Some(whole_of));
        }
        for glob in ["a/*", "a/**/*.rs", "a/**/x", "a/b", "{a/**,b/**}", "a**", "a/*/b/*"] {
            assert_eq!(whole(glob), None, "{glob}");
        }
    }

    #[test]
    fn names_are_folded_as_file_systems_do() {
        assert_eq!(fold_name("refs/heads/M\u{200c}ain"), "refs/heads/main");
        assert_eq!(fold_name("refs/heads/U\u{308}ber"), "refs/heads/über");
        assert_eq!(fold_name("refs/heads/relea\u{17f}e"), "refs/heads/release");
    }
}
