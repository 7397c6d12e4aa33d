//! Colours and signs, decided once and by meaning.
//!
//! A renderer says what a piece of text *is*; here stands what that looks like. Colour only repeats what the signs
//! say, so that every screen reads the same through a pipe. Nothing is global: the [`Style`] is passed along.

use std::ffi::OsString;
use std::fmt::Display;

use owo_colors::{OwoColorize, Style as Paint};

/// What a piece of text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Meaning {
    /// A new clause, or a word that came in.
    Added,
    /// A clause that is gone, or a word that went out.
    Removed,
    /// A clause whose words changed.
    Modified,
    /// A clause that got another id or title.
    Renamed,
    /// A clause that stands elsewhere now.
    Moved,
    /// Noise that was folded to a number.
    Folded,
    /// A commit that was generated from a clause.
    Generated,
    /// The id of a commit.
    Commit,
    /// The path or title that begins a block.
    Heading,
    /// The anchor or id of a clause.
    Anchor,
    /// A change of what is demanded, and what tipped it.
    Normative,
    /// A link whose clause changed since.
    Stale,
    /// A link whose clause still has that version.
    Fresh,
    /// A link whose clause is gone.
    Retired,
    /// What nobody can know here.
    Unknown,
    /// What was guessed and isn't counted.
    Inferred,
    /// `error:`
    Error,
    /// `warning:`
    Warning,
    /// `hint:`
    Hint,
    /// What is there for completeness.
    Dim,
    /// Ordinary text.
    Plain,
}

/// The alphabet of all screens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Sign {
    /// `+`
    Added,
    /// `-`
    Removed,
    /// `~`
    Modified,
    /// `#`: renumbered or renamed.
    Renamed,
    /// `>`
    Moved,
    /// `·`, in ASCII `.`
    Folded,
    /// `↳`, in ASCII `` `-> ``: generated from it.
    Generated,
    /// `→`, in ASCII `->`: between old and new.
    Becomes,
    /// `…`, in ASCII `...`: cut off, or from … to.
    Ellipsis,
}

impl Sign {
    /// What the sign says, for its colour.
    pub fn meaning(self) -> Meaning {
        match self {
            Sign::Added => Meaning::Added,
            Sign::Removed => Meaning::Removed,
            Sign::Modified => Meaning::Modified,
            Sign::Renamed => Meaning::Renamed,
            Sign::Moved => Meaning::Moved,
            Sign::Folded => Meaning::Folded,
            Sign::Generated => Meaning::Generated,
            Sign::Becomes | Sign::Ellipsis => Meaning::Dim,
        }
    }
}

/// How text is dressed where it goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Style {
    /// Whether escape sequences may be used.
    pub color: bool,
    /// Whether characters beyond ASCII may be used for our own signs.
    pub unicode: bool,
}

impl Style {
    /// Neither colour nor signs beyond ASCII.
    pub const PLAIN: Style = Style { color: false, unicode: false };

    /// `text` in the colour of its meaning. Each line is coloured by itself, as pagers forget colours at line ends.
    pub fn paint(self, meaning: Meaning, text: impl Display) -> String {
        let text = text.to_string();
        let paint = paint_of(meaning);
        if !self.color || paint.is_plain() {
            return text;
        }
        let lines: Vec<String> = text
            .split('\n')
            .map(|line| if line.is_empty() { String::new() } else { line.style(paint).to_string() })
            .collect();
        lines.join("\n")
    }

    /// A sign in this locale, uncoloured.
    pub fn sign(self, sign: Sign) -> &'static str {
        match (sign, self.unicode) {
            (Sign::Added, _) => "+",
            (Sign::Removed, _) => "-",
            (Sign::Modified, _) => "~",
            (Sign::Renamed, _) => "#",
            (Sign::Moved, _) => ">",
            (Sign::Folded, true) => "·",
            (Sign::Folded, false) => ".",
            (Sign::Generated, true) => "↳",
            (Sign::Generated, false) => "`->",
            (Sign::Becomes, true) => "→",
            (Sign::Becomes, false) => "->",
            (Sign::Ellipsis, true) => "…",
            (Sign::Ellipsis, false) => "...",
        }
    }

    /// A sign in this locale, in its colour.
    pub fn signed(self, sign: Sign) -> String {
        self.paint(sign.meaning(), self.sign(sign))
    }
}

/// The sixteen colours only, so that the user's theme decides what they look like.
fn paint_of(meaning: Meaning) -> Paint {
    let paint = Paint::new();
    match meaning {
        Meaning::Added | Meaning::Fresh => paint.green(),
        Meaning::Removed | Meaning::Retired => paint.red(),
        Meaning::Modified | Meaning::Commit => paint.yellow(),
        Meaning::Renamed | Meaning::Moved => paint.cyan(),
        Meaning::Generated => paint.blue(),
        Meaning::Heading => paint.bold(),
        Meaning::Anchor => paint.cyan().bold(),
        Meaning::Normative | Meaning::Error => paint.red().bold(),
        Meaning::Stale | Meaning::Warning => paint.yellow().bold(),
        Meaning::Hint => paint.yellow(),
        Meaning::Inferred => paint.magenta(),
        Meaning::Folded | Meaning::Unknown | Meaning::Dim => paint.dimmed(),
        Meaning::Plain => paint,
    }
}

/// Whether the locale's characters are UTF-8: the first of `LC_ALL`, `LC_CTYPE` and `LANG` that isn't empty decides
/// (POSIX, Base Definitions 8.2). Windows has no such variables by default and writes UTF-8.
pub fn locale_is_utf8(variable: impl Fn(&str) -> Option<OsString>) -> bool {
    let set = ["LC_ALL", "LC_CTYPE", "LANG"].iter().find_map(|name| variable(name).filter(|value| !value.is_empty()));
    match set {
        Some(locale) => {
            let locale = locale.to_string_lossy().to_ascii_lowercase();
            locale.contains("utf-8") || locale.contains("utf8")
        }
        None => cfg!(windows),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sign_has_an_ascii_twin() {
        let all = [
            Sign::Added,
            Sign::Removed,
            Sign::Modified,
            Sign::Renamed,
            Sign::Moved,
            Sign::Folded,
            Sign::Generated,
            Sign::Becomes,
            Sign::Ellipsis,
        ];
        assert!(all.iter().all(|&sign| Style::PLAIN.sign(sign).is_ascii()));
        let unicode = Style { color: false, unicode: true };
        assert_eq!(all.map(|sign| unicode.sign(sign)).concat(), "+-~#>·↳→…");
    }

    #[test]
    fn colour_is_per_line_and_only_when_asked_for() {
        let style = Style { color: true, unicode: true };
        assert_eq!(style.paint(Meaning::Added, "a\n\nb"), "\u{1b}[32ma\u{1b}[0m\n\n\u{1b}[32mb\u{1b}[0m");
        assert_eq!(Style::PLAIN.paint(Meaning::Added, "a"), "a");
        assert_eq!(style.paint(Meaning::Plain, "a"), "a");
    }

    #[test]
    fn the_first_set_variable_decides_the_locale() {
        let with = |all: &'static str, ctype: &'static str, lang: &'static str| {
            locale_is_utf8(move |name| {
                Some(OsString::from(match name {
                    "LC_ALL" => all,
                    "LC_CTYPE" => ctype,
                    _ => lang,
                }))
            })
        };
        assert!(with("", "", "en_GB.UTF-8"));
        assert!(with("C.utf8", "", "C"));
        assert!(!with("C", "de_DE.UTF-8", "de_DE.UTF-8"));
        assert!(!with("", "POSIX", "de_DE.UTF-8"));
        assert!(!with("", "", "de_DE.ISO-8859-1"));
    }
}
