//! A clause that is offered to somebody who named another, in a hint.

use crate::view::facts::short_id;
use crate::view::style::Style;
use crate::view::text::{cut_path, one_line, quote_path, shell_quote, truncate, width};

/// A clause offered to somebody who named another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// Its anchor.
    pub anchor: String,
    /// Its title.
    pub title: String,
    /// Its file, as the bytes git stores.
    pub path: Vec<u8>,
}

/// Columns of a candidate behind `hint:`; a name is never cut, a title not below so much.
const HINT: usize = 70;
const LEAST_TITLE: usize = 12;
/// The report writes the ellipsis in ASCII where need be.
const SIGNS: Style = Style { color: false, unicode: true };

impl Candidate {
    /// On one line of a hint with others.
    pub(super) fn short(&self) -> String {
        let title = one_line(&self.title);
        let title =
            title.strip_prefix(self.anchor.as_str()).unwrap_or(&title).trim_start_matches([':', ' ', '-', '–', '—']);
        let (name, path) = (short_id(&self.anchor), quote_path(&self.path));
        let path = cut_path(&path, HINT / 2, SIGNS);
        let room = HINT.saturating_sub(width(name) + width(&path) + 4).max(LEAST_TITLE);
        format!("{name} {} ({path})", truncate(title, room, SIGNS))
    }

    /// With its file, as it can be typed.
    pub(super) fn full(&self) -> String {
        let name = format!("{}#{}", quote_path(&self.path), self.anchor);
        let name = shell_quote(&name);
        let room = HINT.saturating_sub(width(&name) + 2).max(LEAST_TITLE);
        format!("{name}  {}", truncate(&one_line(&self.title), room, SIGNS))
    }
}
