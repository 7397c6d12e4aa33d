//! Rule markers: `r[a.b.c]` (any lower-case prefix) and OpenFastTrace `` `req~name~1` ``, alone on a line.

use super::markdown::breed_of;
use crate::spec::clause::{Breed, Kind};
use crate::spec::cut::Cut;
use crate::spec::outline::{Heading, Outline};

/// A marker found on a line of its own.
#[derive(Clone, Debug)]
pub struct Marker {
    /// Its line.
    pub line: u32,
    /// The id it gives, version suffix stripped.
    pub id: String,
    /// OpenFastTrace puts its id behind the heading that it names, rule markers put it before.
    pub follows_heading: bool,
}

impl Marker {
    /// The clause that begins here, inside a section of which it is one level below.
    pub fn cut(self, level: u8) -> Cut {
        let mut cut = Cut::section(self.line, self.line + 1, level);
        self.name(&mut cut);
        cut
    }

    /// Gives a clause its id.
    pub fn name(self, cut: &mut Cut) {
        cut.breed = self.breed();
        cut.kind = Kind::Requirement;
        cut.id = Some(self.id);
    }

    /// Whether the id is a chosen name or a number in a sequence, as `FR-001` is and, in OpenFastTrace, `req~fr-001`.
    fn breed(&self) -> Breed {
        match self.id.split_once('~') {
            Some((_, name)) => breed_of(&name.to_ascii_uppercase()),
            None => breed_of(&self.id),
        }
    }

    /// Whether only blank lines stand between the last heading and this marker.
    pub fn after_heading(&self, outline: &Outline, section: u8) -> bool {
        let behind = outline.headings.partition_point(|h| h.lines.1 < self.line);
        // backwards, so that many markers behind one heading don't each walk the whole way from it
        let blank = |h: &Heading| (h.lines.1 + 1..self.line).rev().all(|n| outline.line(n).trim().is_empty());
        section > 0 && outline.headings[..behind].last().is_some_and(blank)
    }
}

/// Whether a marker stands right before a heading: nothing but blank lines and comments between.
pub fn leads_to(outline: &Outline, marker: u32, heading: u32) -> bool {
    let mut in_comment = false;
    let passes = |n: u32| {
        let line = outline.line(n).trim();
        if in_comment {
            in_comment = !line.ends_with("-->");
            return !line.contains("<!--") && (in_comment || !line[..line.len() - 3].contains("-->"));
        }
        in_comment = line.starts_with("<!--") && !line.contains("-->");
        in_comment || is_passed_over(line)
    };
    (marker + 1..heading).all(passes) && !in_comment
}

/// Whether a marker may stand at the end of a text with nothing but blank lines and comments behind it.
pub fn may_lead_on(text: &str) -> bool {
    let mut in_comment = false;
    for line in text.rsplit('\n').map(str::trim) {
        if in_comment {
            in_comment = !line.starts_with("<!--");
        } else if line.ends_with("-->") && !line.contains("<!--") {
            in_comment = true;
        } else if !is_passed_over(line) {
            return of_line(line).is_some();
        }
    }
    false
}

/// Whether a line may stand between a marker and its heading: blank, or a comment.
pub fn is_passed_over(line: &str) -> bool {
    let line = line.trim();
    line.is_empty() || (line.starts_with("<!--") && line.ends_with("-->"))
}

/// All markers outside code, HTML and front matter, those in wrapped prose left out.
pub fn find(outline: &Outline) -> Vec<Marker> {
    let mut found: Vec<Marker> = Vec::new();
    for number in 1..=outline.count() {
        if outline.verbatim[number as usize - 1] {
            continue;
        }
        // wrapped prose may have a line such as `count[i]`
        let counts = |(id, is_other): &(&str, bool)| {
            let goes_on = outline.goes_on[number as usize - 1];
            !goes_on || *is_other || id.contains('.') || found.last().is_some_and(|mark| mark.line + 1 == number)
        };
        if let Some((id, follows_heading)) = of_line(outline.line(number)).filter(counts) {
            found.push(Marker { line: number, id: id.to_owned(), follows_heading });
        }
    }
    found
}

/// The id that a line gives as a marker, and whether it stands behind its heading.
pub fn of_line(line: &str) -> Option<(&str, bool)> {
    // most lines are told apart by their last byte
    if !matches!(line.trim_end().as_bytes().last(), Some(b']' | b'`')) {
        return None;
    }
    let line = line.trim_start_matches(['>', ' ', '\t']).trim_end();
    rule(line).map(|id| (id, false)).or_else(|| Some((openfasttrace(line)?, true)))
}

/// The id in `r[a.b.c+2]`, without the version suffix.
fn rule(line: &str) -> Option<&str> {
    let (prefix, rest) = line.split_once('[')?;
    let inner = rest.strip_suffix(']')?;
    let word = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_');
    if !prefix.starts_with(|c: char| c.is_ascii_lowercase()) || !prefix.chars().all(word) {
        return None;
    }
    let id = match inner.rsplit_once('+') {
        Some((id, version)) if !version.is_empty() && version.bytes().all(|b| b.is_ascii_digit()) => id,
        _ => inner,
    };
    let part = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | ':' | '/');
    let named = id.starts_with(|c: char| c.is_alphabetic()) && id.chars().all(part);
    named.then_some(id)
}

/// The id in `` `req~name~1` ``, without the revision.
fn openfasttrace(line: &str) -> Option<&str> {
    let inner = line.strip_prefix('`')?.strip_suffix('`')?;
    let (id, revision) = inner.rsplit_once('~')?;
    let (artifact, name) = id.split_once('~')?;
    let kind = !artifact.is_empty() && artifact.chars().all(|c| c.is_ascii_lowercase());
    let named = !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '.' | '-' | '_'));
    let numbered = !revision.is_empty() && revision.bytes().all(|b| b.is_ascii_digit());
    (kind && named && numbered).then_some(id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::clause::Clause;
    use crate::spec::formats::{Format, segment};

    fn clauses(text: &str) -> Vec<Clause> {
        segment(Format::Markdown, text.as_bytes())
    }

    fn named(text: &str) -> Vec<(String, String)> {
        clauses(text).iter().map(|clause| (clause.anchor.clone(), clause.title.clone())).collect()
    }

    #[test]
    fn a_number_is_one_whatever_mark_gives_it() {
        for (text, breed) in [
            ("r[FR-001]\nx\n", Breed::Ordinal),
            ("`req~fr-001~1`\n\nx\n", Breed::Ordinal),
            ("# A\n`req~FR-1~2`\n\nx\n", Breed::Ordinal),
            ("r[FR-001]\n# A\nx\n", Breed::Ordinal),
            ("r[a.b.1]\nx\n", Breed::Slug),
            ("r[auth.lock]\nx\n", Breed::Slug),
            ("`req~log-in~12`\n\nx\n", Breed::Slug),
        ] {
            assert_eq!(clauses(text)[0].breed, breed, "{text}");
        }
    }

    #[test]
    fn wrapped_prose_is_cut_by_no_marker() {
        for text in ["The value of\ncount[i]\nis read.\n", "- an item of\ncount[i]\n", "see `a\ncount[i]\nb` here\n"] {
            assert_eq!(clauses(&format!("# A\n\n{text}")).len(), 1, "{text}");
        }
        let ids = |text: &str| -> Vec<String> { clauses(text).iter().filter_map(|clause| clause.id.clone()).collect() };
        assert_eq!(ids("r[a]\nr[b]\nx\n"), ["a", "b"]);
        assert_eq!(ids("r[a.b]\n* one\nr[a.c]\n* two\n`req~d~1`\n"), ["a.b", "a.c", "req~d"]);
        assert_eq!(ids("# A\nr[a]\nx\n\n<!-- c -->\nr[b]\ny\n\n> r[c]\n> z\n"), ["a", "b", "c"]);
    }

    #[test]
    fn a_heading_takes_the_marker_before_it() {
        let pair = |id: &str, title: &str| (id.to_owned(), title.to_owned());
        for between in ["", "\n", "<!-- one -->\n\n", "<!-- one\ntwo -->\n\n", "<!--\none\n\n# no\n-->\n"] {
            let text = format!("# A\n\nr[a.b]\n{between}## B\n\ny\n");
            assert_eq!(named(&text), [pair("a", "A"), pair("a.b", "B")], "{text}");
        }
        assert_eq!(named("# A\n\nr[a.b]\nB\n---\n\ny\n"), [pair("a", "A"), pair("a.b", "B")]);
        assert_eq!(named("# A\n\nr[a.b]\n---\n\ny\n"), [pair("a", "A"), pair("a.b", "y")]);
        let both = named("# A\n\nr[a.b]\nr[a.c]\nB\nand more\n---\n\ny\n");
        assert_eq!(both.last(), Some(&pair("a.c", "B and more")));
        assert_eq!(both[1].0, "a.b");
    }

    #[test]
    fn an_id_below_a_heading_is_that_headings() {
        let pair = |id: &str, title: &str| (id.to_owned(), title.to_owned());
        let text = "# A\n`req~a~1`\n\n## B\n\n`req~b~1`\n\n## C\n";
        assert_eq!(named(text), [pair("req~a", "A"), pair("req~b", "B"), pair("c", "C")]);
    }
}
