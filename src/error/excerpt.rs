//! The lines of a configuration around what is wrong with it, framed by miette, with nothing in them that could drive a
//! terminal.

use miette::{Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, NamedSource, SourceCode, SourceSpan};
use thiserror::Error as ThisError;

use crate::view::style::Style;
use crate::view::text::{escape_controls, is_control};

/// A part of a file for miette to show: only its source and its label, since the message stands above already.
#[derive(Debug, ThisError)]
#[error("")]
struct Excerpt {
    source_code: NamedSource<String>,
    span: SourceSpan,
}

impl Diagnostic for Excerpt {
    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(&self.source_code)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(std::iter::once(LabeledSpan::underline(self.span))))
    }
}

/// The lines around a span, framed; empty where they cannot be shown.
pub(super) fn excerpt(file: &NamedSource<String>, span: SourceSpan, style: Style, width: usize) -> String {
    let Some((text, span)) = harmless(file.inner(), span) else { return String::new() };
    let theme = match (style.color, style.unicode) {
        (true, true) => GraphicalTheme::unicode(),
        (false, true) => GraphicalTheme::unicode_nocolor(),
        (true, false) => {
            GraphicalTheme { characters: miette::ThemeCharacters::ascii(), styles: miette::ThemeStyles::ansi() }
        }
        (false, false) => {
            GraphicalTheme { characters: miette::ThemeCharacters::ascii(), styles: miette::ThemeStyles::none() }
        }
    };
    let handler = GraphicalReportHandler::new_themed(theme).with_width(width.max(40)).with_links(false);
    let excerpt = Excerpt { source_code: NamedSource::new(escape_controls(file.name()), text), span };
    let mut out = String::new();
    if handler.render_report(&mut out, &excerpt).is_err() {
        return String::new();
    }
    // miette's header, here empty, ends where the frame begins: with the first line that names the file.
    let frame: Vec<&str> =
        out.lines().skip_while(|line| !line.contains('[')).filter(|line| !line.trim().is_empty()).collect();
    frame.iter().map(|line| format!("{}\n", line.trim_end())).collect()
}

/// Longer lines aren't shown: nobody wrote them by hand.
const LINE_SHOWN: usize = 400;

/// The text with its controls made visible *before* it is laid out, and the span moved along, so that the mark still
/// stands beneath the right words. `None` where the line in question is too long to show.
fn harmless(text: &str, span: SourceSpan) -> Option<(String, SourceSpan)> {
    let from = floor(text, span.offset());
    let to = floor(text, span.offset().saturating_add(span.len())).max(from);
    let mut out = String::with_capacity(text.len());
    let (mut start, mut end) = (0, 0);
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let here = at..=at + line.len();
        let marked = here.contains(&from) || here.contains(&to);
        if line.len() > LINE_SHOWN {
            if marked {
                return None;
            }
            out.push_str("...\n");
        } else {
            let mark = out.len();
            out.push_str(&visible(line));
            if (at..at + line.len()).contains(&from) {
                start = mark + visible(&line[..from - at]).len();
            }
            if here.contains(&to) {
                end = mark + visible(&line[..to - at]).len();
            }
        }
        at += line.len();
    }
    if from == text.len() {
        start = out.len();
    }
    Some((out, SourceSpan::from((start, end.saturating_sub(start)))))
}

/// Controls made visible, part by part: unlike [`escape_controls`] it never looks at the next character.
fn visible(part: &str) -> String {
    part.split_inclusive(is_control)
        .map(|piece| {
            if piece.ends_with(['\n', '\t', '\r']) {
                piece.trim_end_matches('\r').into()
            } else {
                escape_controls(piece)
            }
        })
        .collect()
}

fn floor(text: &str, offset: usize) -> usize {
    let mut at = offset.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}
