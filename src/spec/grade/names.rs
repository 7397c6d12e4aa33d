//! Names in braces, which tokens don't hold.

use super::scale::Scale;
use super::{Grade, Verdict};

impl Verdict {
    /// Weighs names in braces too, which a specification's own notation may have for what others put into code spans:
    /// tokens don't hold the braces, so that `{errors}` and `{error}` look like a word and its plural.
    pub fn with_names(self, old: &str, new: &str) -> Verdict {
        if self.grade == Grade::Normative {
            return self;
        }
        let has_names = |text: &str| memchr::memchr(b'{', text.as_bytes()).is_some();
        if !has_names(old) && !has_names(new) {
            return self;
        }
        let (was, now) = (names(old), names(new));
        if was == now {
            return self;
        }
        let mut scale = Scale::default();
        scale.tip(&was, &now);
        if scale.tipped.is_empty() { self } else { scale.verdict() }
    }
}

/// The names in braces, sorted: letters, digits and `_ - . ( )`, a letter first.
fn names(text: &str) -> Vec<String> {
    let name = |piece: &str| {
        let (name, _) = piece.split_once('}')?;
        let within = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '(' | ')');
        (name.starts_with(char::is_alphabetic) && name.chars().all(within)).then(|| format!("{{{name}}}"))
    };
    let mut names: Vec<String> = Vec::new();
    let mut fenced = false;
    for line in text.lines() {
        let bare = line.trim_start_matches([' ', '\t', '>']);
        if bare.starts_with("```") || bare.starts_with("~~~") {
            fenced = !fenced;
        } else if !fenced {
            // code spans and blocks are weighed by their tokens
            let prose = line.split('`').step_by(2);
            names.extend(prose.flat_map(|prose| prose.split('{').skip(1)).filter_map(name));
        }
    }
    names.sort_unstable();
    names
}
