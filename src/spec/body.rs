//! Where the text of a clause stands in its file, so that it can be shown without reading the file as clauses again.

use serde::{Deserialize, Serialize};

use super::spans::Spans;

/// Runs of lines that are the text of a clause as they stand, but for an indentation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Body {
    /// The runs in order, lines counted from 1.
    pub runs: Spans,
    /// Spaces that are taken off the head of each line, where it has as many.
    pub shift: u32,
}

impl Body {
    /// The same with `above` lines put above the first one.
    #[must_use]
    pub fn below(&self, above: u32) -> Body {
        Body { runs: self.runs.below(above), shift: self.shift }
    }

    /// The text, `line` being what tells a line by its number: a blank line parts two runs, white space at the end goes.
    pub fn text<'l>(&self, line: impl Fn(u32) -> &'l str) -> String {
        let mut text = String::new();
        for (n, run) in self.runs.iter().enumerate() {
            if n > 0 {
                text.push('\n');
            }
            for number in run.first..=run.last {
                let line = line(number);
                text.push_str(&line[indentation(line).min(self.shift as usize)..]);
                text.push('\n');
            }
        }
        text.truncate(text.trim_end().len());
        text
    }
}

/// The spaces at the head of a line.
pub fn indentation(line: &str) -> usize {
    line.len() - line.trim_start_matches(' ').len()
}

/// The lines of a file, as clauses count them.
#[derive(Debug)]
pub struct Lines {
    text: Box<str>,
    /// Where each begins and ends.
    lines: Vec<(u32, u32)>,
}

impl Lines {
    /// The lines of a text of less than four gigabytes; none of a longer one.
    pub fn of(text: &str) -> Option<Lines> {
        u32::try_from(text.len()).ok()?;
        let at = |line: &str| line.as_ptr() as usize - text.as_ptr() as usize;
        let lines = text.lines().map(|line| (at(line) as u32, (at(line) + line.len()) as u32)).collect();
        Some(Lines { text: text.into(), lines })
    }

    /// What a clause says there; none where the file has fewer lines.
    pub fn text(&self, body: &Body) -> Option<String> {
        let count = u32::try_from(self.lines.len()).unwrap_or(u32::MAX);
        if body.runs.iter().any(|run| run.first == 0 || run.last > count) {
            return None;
        }
        Some(body.text(|number| {
            let (from, to) = self.lines[number as usize - 1];
            &self.text[from as usize..to as usize]
        }))
    }
}
