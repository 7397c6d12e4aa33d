//! Words marked inside a changed text: `[-5-]{+3+}`, wrapped to the screen, unchanged stretches folded.

use std::time::{Duration, Instant};

use similar::{Algorithm, ChangeTag, TextDiff};

use super::style::{Meaning, Sign, Style};
use super::text::{escape_controls, width};

/// Unchanged words kept on each side of a change.
const CONTEXT: usize = 12;
/// Huge rewritten texts are compared for no longer than this.
const PATIENCE: Duration = Duration::from_millis(200);
/// Lines shown of a new clause.
const OPENING_LINES: usize = 3;

/// One run of words that were kept, taken out or put in.
#[derive(Debug, PartialEq)]
struct Run {
    tag: ChangeTag,
    words: Vec<String>,
}

/// The new text with the changed words marked as `git diff --word-diff` does, wrapped to `room` columns; nothing where
/// only the layout differs.
pub fn marked(before: &str, after: &str, room: usize, style: Style) -> Vec<String> {
    let runs = runs(before, after);
    if runs.iter().all(|run| run.tag == ChangeTag::Equal) {
        return Vec::new();
    }
    let last = runs.len().saturating_sub(1);
    let mut words: Vec<(Meaning, String)> = Vec::new();
    for (at, run) in runs.iter().enumerate() {
        match run.tag {
            ChangeTag::Equal => fold(&run.words, at == 0, at == last, style, &mut words),
            ChangeTag::Delete => mark(&run.words, ("[-", "-]"), Meaning::Removed, &mut words),
            ChangeTag::Insert => mark(&run.words, ("{+", "+}"), Meaning::Added, &mut words),
        }
    }
    wrap(&words, room, style)
}

/// The first lines of a new text.
pub fn opening(text: &str, room: usize, style: Style) -> Vec<String> {
    let words: Vec<(Meaning, String)> = clean(text).into_iter().map(|word| (Meaning::Added, word)).collect();
    let mut lines = wrap(&words, room, style);
    if lines.len() > OPENING_LINES {
        lines.truncate(OPENING_LINES);
        if let Some(line) = lines.last_mut() {
            line.push_str(&style.paint(Meaning::Dim, format!(" {}", style.sign(Sign::Ellipsis))));
        }
    }
    lines
}

fn clean(text: &str) -> Vec<String> {
    text.split_whitespace().map(|word| escape_controls(word).into_owned()).collect()
}

fn runs(before: &str, after: &str) -> Vec<Run> {
    let (a, b) = (clean(before), clean(after));
    let (a, b): (Vec<&str>, Vec<&str>) =
        (a.iter().map(String::as_str).collect(), b.iter().map(String::as_str).collect());
    let diff =
        TextDiff::configure().algorithm(Algorithm::Myers).deadline(Instant::now() + PATIENCE).diff_slices(&a, &b);
    let mut runs: Vec<Run> = Vec::new();
    for change in diff.iter_all_changes() {
        let word = change.value().to_owned();
        match runs.last_mut().filter(|run| run.tag == change.tag()) {
            Some(run) => run.words.push(word),
            None => runs.push(Run { tag: change.tag(), words: vec![word] }),
        }
    }
    runs
}

/// Keeps [`CONTEXT`] words next to changes and folds the rest to an ellipsis.
fn fold(kept: &[String], first: bool, last: bool, style: Style, words: &mut Vec<(Meaning, String)>) {
    let head = if first { 0 } else { CONTEXT };
    let tail = if last { 0 } else { CONTEXT };
    let plain = |word: &String| (Meaning::Plain, word.clone());
    if kept.len() <= head + tail + 3 {
        words.extend(kept.iter().map(plain));
        return;
    }
    words.extend(kept[..head].iter().map(plain));
    words.push((Meaning::Dim, style.sign(Sign::Ellipsis).to_owned()));
    words.extend(kept[kept.len() - tail..].iter().map(plain));
}

fn mark(run: &[String], (open, close): (&str, &str), meaning: Meaning, words: &mut Vec<(Meaning, String)>) {
    let last = run.len().saturating_sub(1);
    for (at, word) in run.iter().enumerate() {
        let before = if at == 0 { open } else { "" };
        let after = if at == last { close } else { "" };
        words.push((meaning, format!("{before}{word}{after}")));
    }
}

fn wrap(words: &[(Meaning, String)], room: usize, style: Style) -> Vec<String> {
    let mut lines = Vec::new();
    let (mut line, mut used) = (String::new(), 0);
    let mut previous: Option<&str> = None;
    for (meaning, word) in words {
        let wide = width(word);
        let glued = previous.is_some_and(|p| p.ends_with("-]")) && word.starts_with("{+");
        let gap = usize::from(used > 0 && !glued);
        if used > 0 && used + gap + wide > room {
            lines.push(std::mem::take(&mut line));
            used = 0;
        } else if gap > 0 {
            line.push(' ');
            used += 1;
        }
        line.push_str(&style.paint(*meaning, word));
        used += wide;
        previous = Some(word);
    }
    if !line.is_empty() {
        lines.push(line);
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changed_words_are_marked_in_place() {
        let lines = marked("lock after 5 tries", "lock after 3 tries", 60, Style::PLAIN);
        assert_eq!(lines, ["lock after [-5-]{+3+} tries"]);
    }

    #[test]
    fn long_unchanged_stretches_fold() {
        let long = (0..60).map(|n| format!("w{n}")).collect::<Vec<_>>().join(" ");
        let lines = marked(&format!("a {long} b"), &format!("c {long} d"), 400, Style::PLAIN);
        assert!(lines[0].contains(" ... ") && lines[0].starts_with("[-a-]{+c+} w0"), "{lines:?}");
    }
}
