//! Paths as a checkout on another system may take them: with upper and lower case for the same.

use std::borrow::Cow;

use globset::Candidate;

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

/// The directories above what a glob matches, as far as its components name single levels: none behind `**`, nor behind
/// braces that hold a `/`.
pub(super) fn leading(glob: &str) -> Vec<String> {
    let components: Vec<&str> = glob.split('/').collect();
    let ends = |component: &&&str| {
        !component.contains("**") && component.matches('{').count() == component.matches('}').count()
    };
    let named = components.iter().take_while(ends).count().min(components.len() - 1);
    (1..=named).map(|count| components[..count].join("/")).collect()
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
        assert_eq!(leading("src/*/x.rs"), ["src", "src/*"]);
        assert_eq!(leading("src/**"), ["src"]);
        assert_eq!(leading("a/{b,c/d}/e"), ["a"]);
        assert!(leading("**/*.rs").is_empty() && leading("x.rs").is_empty());
    }
}
