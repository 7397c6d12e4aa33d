//! reStructuredText: a section is a clause, an internal target right before its title is the id.
//!
//! Sections are known by their adornments alone, and which adornment means which level is decided by the order in which they first
//! appear. Titles stand at the left edge and literal blocks don't, which is what keeps headings in examples from being sections.

use std::ops::Range;

use unicode_width::UnicodeWidthStr;

use super::super::clause::{Breed, Draft, Kind};
use super::super::token::Tokens;
use super::lines::{self, indent, is_blank};
use super::markdown::breed_of;
use super::rst_body::{self, is_run};

/// A section's title with its adornments.
struct Title<'a> {
    text: &'a str,
    /// The lines of title and adornments.
    lines: Range<usize>,
    level: u8,
}

/// One draft per section, with its own text up to the next title; text before the first title belongs to the first section.
pub fn drafts(text: &str) -> Vec<Draft> {
    let lines = lines::split(text);
    let titles = titles(&lines);
    let heads: Vec<Range<usize>> =
        titles.iter().enumerate().map(|(at, title)| head(&lines, &titles[..at], title)).collect();
    if titles.is_empty() {
        let untitled = section(&lines, 0..lines.len(), 0..0, None);
        return if untitled.spans.is_empty() { Vec::new() } else { vec![untitled] };
    }
    let drafts = titles.iter().enumerate().map(|(at, title)| {
        let from = if at == 0 { 0 } else { heads[at].start };
        let to = heads.get(at + 1).map_or(lines.len(), |next| next.start);
        section(&lines, from..to, heads[at].clone(), Some(title))
    });
    drafts.collect()
}

/// The tokens of a section's text without what it gives for the index of a book, which no reader of the text sees; nothing
/// where there are no such entries, or where the text isn't reStructuredText and its tokens are others.
pub fn without_index(text: &str, tokens: &Tokens) -> Option<Tokens> {
    const INDEX: &str = ".. index::";
    memchr::memmem::find(text.as_bytes(), INDEX.as_bytes())?;
    let lines = lines::split(text);
    if rst_body::plain(&lines).tokens.finish() != *tokens {
        return None;
    }
    let mut column = None;
    let is_seen = |line: &&str| {
        if line.trim_start().starts_with(INDEX) {
            column = Some(indent(line));
        } else if is_blank(line) || column.is_some_and(|column| indent(line) <= column) {
            column = None;
        }
        column.is_none()
    };
    let seen: Vec<&str> = lines.iter().copied().filter(is_seen).collect();
    Some(rst_body::plain(&seen).tokens.finish())
}

/// The draft of the lines `own`, of which `head` holds anchors and title.
fn section(lines: &[&str], own: Range<usize>, head: Range<usize>, title: Option<&Title<'_>>) -> Draft {
    let mut draft = Draft::new(Kind::Section, title.map_or(1, |title| title.level));
    let mut anchors = lines[head.clone()].iter().filter_map(|line| anchor(line)).map(str::to_owned);
    draft.id = anchors.next();
    draft.breed = draft.id.as_deref().map_or(Breed::Slug, breed_of);
    draft.aliases = anchors.collect();
    draft.title = title.map(|title| plain_title(title.text));
    draft.spans = lines::spans(lines, std::slice::from_ref(&own));
    let before = own.start..head.start.max(own.start);
    let after = head.end.max(own.start)..own.end;
    let mut body: Vec<&str> = lines[before].to_vec();
    if body.iter().any(|line| !is_blank(line)) {
        body.push("");
    } else {
        body.clear();
    }
    body.extend(&lines[after]);
    let prose = rst_body::plain(&body);
    draft.text = lines::joined(&body);
    draft.tokens = prose.tokens.finish();
    draft.targets = prose.targets;
    draft
}

/// A title without its inline markup, its words as they stand.
fn plain_title(title: &str) -> String {
    let mut out = String::with_capacity(title.len());
    let mut rest = title;
    while let Some(at) = rest.find(['`', '*', ':', '\\']) {
        let (before, marked) = rest.split_at(at);
        out.push_str(before);
        let role = marked
            .bytes()
            .skip(1)
            .take(64)
            .take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b':'))
            .count()
            + 1;
        let is_role = marked.starts_with(':') && marked[..role].ends_with(':') && marked[role..].starts_with('`');
        if marked.starts_with(':') && !is_role {
            out.push(':');
        }
        rest = &marked[if is_role { role } else { 1 }..];
    }
    out.push_str(rest);
    out.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The lines of a title and of the anchors right before it.
fn head(lines: &[&str], earlier: &[Title<'_>], title: &Title<'_>) -> Range<usize> {
    let floor = earlier.last().map_or(0, |before| before.lines.end);
    let mut start = title.lines.start;
    for at in (floor..title.lines.start).rev() {
        if anchor(lines[at]).is_some() {
            start = at;
        } else if !is_blank(lines[at]) {
            break;
        }
    }
    start..title.lines.end
}

/// The name of an internal target alone on its line: `.. _name:`.
fn anchor(line: &str) -> Option<&str> {
    let name = line.trim_end().strip_prefix(".. _")?.strip_suffix(':')?;
    let name = name.strip_prefix('`').and_then(|quoted| quoted.strip_suffix('`')).unwrap_or(name).trim();
    let is_internal = !name.is_empty() && !name.starts_with('_') && !name.contains(": ");
    is_internal.then_some(name)
}

/// All titles in order.
fn titles<'a>(lines: &[&'a str]) -> Vec<Title<'a>> {
    let mut styles: Vec<(u8, bool)> = Vec::new();
    let mut titles: Vec<Title<'a>> = Vec::new();
    let mut at = 0;
    while at < lines.len() {
        if let Some(end) = fence_end(lines, at) {
            at = end;
            continue;
        }
        let after_title = titles.last().is_some_and(|title| title.lines.end == at);
        let begins = at == 0 || after_title || {
            is_blank(lines[at - 1]) || indent(lines[at - 1]) > 0 || lines[at - 1].starts_with("..")
        };
        let Some((text, is_overlined)) = begins.then(|| title_at(lines, at)).flatten() else {
            at += 1;
            continue;
        };
        let length = if is_overlined { 3 } else { 2 };
        let style = (lines[at + length - 1].as_bytes()[0], is_overlined);
        let place = styles.iter().position(|&known| known == style).unwrap_or_else(|| {
            styles.push(style);
            styles.len() - 1
        });
        titles.push(Title { text, lines: at..at + length, level: u8::try_from(place + 1).unwrap_or(u8::MAX) });
        at += length;
    }
    titles
}

/// The title that begins on a line, and whether it has an overline.
fn title_at<'a>(lines: &[&'a str], at: usize) -> Option<(&'a str, bool)> {
    let line = lines[at].trim_end();
    let next = lines.get(at + 1)?.trim_end();
    if is_run(line) {
        let under = lines.get(at + 2)?.trim_end();
        let title = next.trim_start();
        let is_framed = under == line && !title.is_empty() && !is_run(title) && is_long_enough(line, title);
        return is_framed.then_some((title, true));
    }
    let starts = |mark: &str| line.starts_with(mark);
    let is_other =
        line.is_empty() || indent(line) > 0 || [".. ", "- ", "* ", "+ ", "| "].into_iter().any(starts) || line == "..";
    (!is_other && is_run(next) && is_long_enough(next, line)).then_some((line, false))
}

/// Docutils takes an adornment shorter than its title (with a warning), but only from four marks on.
fn is_long_enough(adornment: &str, title: &str) -> bool {
    adornment.len() >= 4 || (adornment != "::" && adornment != ".." && adornment.len() >= title.width())
}

/// The line after a Markdown fence that begins at a line; people use them in `.rst` too, and headings inside are none.
fn fence_end(lines: &[&str], at: usize) -> Option<usize> {
    let info = lines[at].strip_prefix("```")?;
    let length = lines[at + 1..].iter().take_while(|line| !line.trim().starts_with("```")).count();
    (!info.contains('`')).then(|| (at + length + 2).min(lines.len()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::super::clause::Span;
    use super::*;

    const SAMPLE: &str = "\
Intro words.

.. _top:

=====
Pumps
=====

A pump shall *never* run dry. See `the manual <http://m.x/1>`_.

.. _start:
.. _begin:

Start
-----

It starts within 5 s::

    Not a title
    -----------

Then ``READY`` holds.

Stop
====

Halt
----
Now.
";

    #[test]
    fn sections_have_levels_anchors_and_own_text() {
        let found = drafts(SAMPLE);
        let seen: Vec<_> =
            found.iter().map(|d| (d.title.as_deref().unwrap_or(""), d.level, d.id.as_deref(), d.spans[0])).collect();
        let span = |first, last| Span { first, last };
        assert_eq!(
            seen,
            [
                ("Pumps", 1, Some("top"), span(1, 9)),
                ("Start", 2, Some("start"), span(11, 22)),
                ("Stop", 3, None, span(24, 25)),
                ("Halt", 2, None, span(27, 29)),
            ]
        );
        assert_eq!(
            found[0].text,
            "Intro words.\n\n\n\nA pump shall *never* run dry. See `the manual <http://m.x/1>`_."
        );
        assert_eq!(found[0].targets, ["http://m.x/1"]);
        assert_eq!(found[1].aliases, ["begin"]);
        assert!(found[2].tokens.is_empty());
    }

    #[test]
    fn crlf_and_wrapping_leave_the_version() {
        let versions = |text: &str| drafts(text).iter().map(|d| d.tokens.version()).collect::<Vec<_>>();
        assert_eq!(versions(SAMPLE), versions(&SAMPLE.replace('\n', "\r\n")));
        assert_eq!(versions(SAMPLE), versions(&SAMPLE.replace("never* run", "never*\nrun")));
        for (from, to) in [("5 s", "6 s"), ("READY", "ready"), ("Not a title", "Not A title"), ("never", "ever")] {
            assert_ne!(versions(SAMPLE), versions(&SAMPLE.replace(from, to)), "{from}");
        }
    }

    #[test]
    fn what_only_looks_like_a_title_is_none() {
        for text in [
            "- a\n---\n",
            "a b c\n--\n",
            "one\ntwo\n====\n",
            "a\n\n====\n\nb",
            "::\n\n  A\n  ====\n",
            "```\nA\n====\n```\n",
            "=== ===\na   b\n=== ===\n",
        ] {
            assert!(drafts(text).iter().all(|d| d.title.is_none()), "{text:?}");
        }
        assert!(drafts("\n \n").is_empty());
    }

    #[test]
    fn titles_lose_their_markup() {
        assert_eq!(plain_title("The ``run`` :ref:`step`: *all*"), "The run step: all");
    }

    proptest! {
        #[test]
        fn any_text(text in "(?s).{0,200}") {
            lines::assert_sound(&text, &drafts(&text));
        }

        #[test]
        fn any_lines(lines in prop::collection::vec(
            prop::sample::select(vec!["", "A", "  b", "====", "-----", ".. _x:", ".. note:: a", "a::", "```", "> q", "=== ===", "| a", "+--+", "* - x", "..", "x é\u{a0}y"]), 0..40,
        )) {
            let text = lines.join("\n");
            lines::assert_sound(&text, &drafts(&text));
        }
    }
}
