//! One change on the screen: its sign, what it is called, what happened to it, and its words.

use super::Output;
use super::facts::ChangeFact;
use super::style::{Meaning, Sign, Style};
use super::text::{cut_path, fit, one_line, truncate, width};
use super::words;
use crate::error::Error;
use crate::spec::change::ChangeKind;
use crate::spec::grade::Grade;

/// Ids wider than this don't make the ids above and below them wider.
const WIDEST_ID: usize = 20;
/// Of a title at least so much is shown before what happened is cut.
const LEAST_TITLE: usize = 14;
/// Columns that `--stat` keeps for the counts behind a path.
const TALLY: usize = 34;
/// Words that tipped a grade, shown at most.
const MOST_TIPS: usize = 3;

/// The sign that says most about a change.
pub fn sign_of(change: &ChangeFact) -> Sign {
    let has = |kind| change.is(kind);
    if has(ChangeKind::Added) {
        Sign::Added
    } else if has(ChangeKind::Removed) {
        Sign::Removed
    } else if has(ChangeKind::Modified) && change.grade != Some(Grade::Minor) {
        Sign::Modified
    } else if has(ChangeKind::Renamed) || has(ChangeKind::IdChanged) {
        Sign::Renamed
    } else if has(ChangeKind::Moved) || has(ChangeKind::MovedFile) {
        Sign::Moved
    } else {
        Sign::Folded
    }
}

/// How much a reader has to know of a change, the most first.
fn weight(change: &ChangeFact) -> u8 {
    match (sign_of(change), change.grade) {
        (_, Some(Grade::Normative)) => 0,
        (Sign::Removed, _) => 1,
        (Sign::Modified, _) => 2,
        (Sign::Added, _) => 3,
        (Sign::Renamed, _) => 4,
        (Sign::Moved, _) => 5,
        _ => 6,
    }
}

/// The file that a change is shown under.
pub fn path_of(change: &ChangeFact) -> &str {
    change.shown().map_or("", |clause| &clause.path)
}

/// Of changes at most `most`, the worst, in the order that they stand in.
pub fn worst<'c>(changes: &[&'c ChangeFact], most: usize) -> Vec<&'c ChangeFact> {
    let mut by_weight: Vec<usize> = (0..changes.len()).collect();
    by_weight.sort_by_key(|&at| weight(changes[at]));
    by_weight.truncate(most);
    by_weight.sort_unstable();
    by_weight.into_iter().map(|at| changes[at]).collect()
}

/// `~6 +10 >1 ·5`: how many changes of each sign.
pub fn tally(changes: &[&ChangeFact], style: Style) -> String {
    let signs = [Sign::Modified, Sign::Added, Sign::Removed, Sign::Renamed, Sign::Moved, Sign::Folded];
    let mut parts = Vec::new();
    for sign in signs {
        let count = changes.iter().filter(|change| sign_of(change) == sign).count();
        if count > 0 {
            parts.push(style.paint(sign.meaning(), format!("{}{count}", style.sign(sign))));
        }
    }
    parts.join(" ")
}

/// A line per file with the tally of its changes.
pub fn stat_lines(changes: &[&ChangeFact], indent: usize, out: &mut Output) -> Result<(), Error> {
    let style = out.style();
    let files: Vec<&[&ChangeFact]> = changes.chunk_by(|a, b| path_of(a) == path_of(b)).collect();
    let widest = files.iter().map(|file| width(path_of(file[0]))).max().unwrap_or(0);
    let widest = widest.min(out.width().saturating_sub(indent + TALLY));
    for file in files {
        let normative = file.iter().filter(|change| change.grade == Some(Grade::Normative)).count();
        let normative = match normative {
            0 => String::new(),
            some => style.paint(Meaning::Normative, format!("  {some} normative")),
        };
        let path = super::text::pad(&cut_path(path_of(file[0]), widest, style), widest);
        out.line(&format!("{:indent$}{path} | {}{normative}", "", tally(file, style)))?;
    }
    Ok(())
}

/// What happened in words: `SHOULD → MUST`, `was CHK-12`, `moved from specs/a.md`; in at most `room` columns.
pub fn what_happened(change: &ChangeFact, room: usize, style: Style) -> String {
    let whole = told(change, MOST_TIPS, false, style);
    shortened(whole, change, room, style)
}

/// The same, where the whole of it is there already.
fn shortened(whole: String, change: &ChangeFact, room: usize, style: Style) -> String {
    if width(&whole) <= room {
        return whole;
    }
    let brief = (1..=MOST_TIPS).rev().map(|tips| told(change, tips, true, style));
    let fitting = brief.into_iter().find(|brief| width(brief) <= room);
    fitting.unwrap_or_else(|| truncate(&told(change, 1, true, style), room, style))
}

/// What happened, with so many of the words that tipped it; `brief` leaves out what two titles or paths share.
fn told(change: &ChangeFact, tips: usize, brief: bool, style: Style) -> String {
    let mut parts: Vec<String> = Vec::new();
    if let Some(grade) = change.grade {
        let arrow = |tip: &String| if style.unicode { tip.clone() } else { tip.replace('→', "->") };
        let shown: Vec<String> = change.tipped.iter().take(tips).map(arrow).collect();
        parts.push(match (shown.join(", "), change.tipped.len().saturating_sub(tips)) {
            (shown, _) if shown.is_empty() => grade.word().to_owned(),
            (shown, 0) => format!("{}: {shown}", grade.word()),
            (shown, more) => format!("{}: {shown} and {more} more", grade.word()),
        });
    } else if change.is(ChangeKind::Editorial) {
        parts.push("editorial".to_owned());
    }
    if let (Some(was), Some(now)) = (&change.was, &change.clause) {
        if change.is(ChangeKind::IdChanged) {
            parts.push(was.shown_id().map_or("got its id".to_owned(), |id| format!("was {id}")));
        }
        if change.is_renamed() {
            let title = if brief { differing(&was.title, &now.title, style) } else { was.title.clone() };
            parts.push(format!("was \"{title}\""));
        }
        if change.is(ChangeKind::MovedFile) {
            let path = if brief { file_name(&was.path) } else { &was.path };
            parts.push(format!("from {path}"));
        } else if change.is(ChangeKind::Moved) {
            let from = was.headings.last().filter(|up| now.headings.last() != Some(up));
            parts.push(match from {
                Some(up) if !brief => format!("moved from \"{up}\""),
                _ => "moved".to_owned(),
            });
        }
    }
    for (kind, word) in [(ChangeKind::Retargeted, "link target"), (ChangeKind::Metadata, "attributes")] {
        if change.is(kind) {
            parts.push(word.to_owned());
        }
    }
    if let Some(other) = &change.other {
        let verb = if change.is(ChangeKind::Split) {
            "split from"
        } else if change.is(ChangeKind::Merged) {
            "merged into"
        } else {
            "copy of"
        };
        parts.push(format!("{verb} {}", other.name()));
    }
    if change.returned {
        parts.push("back again".to_owned());
    }
    if let Some(parent) = &change.dropped {
        parts.push(format!("drops the state of {}", parent.get(..7).unwrap_or(parent)));
    }
    one_line(&parts.join("; ")).into_owned()
}

fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// The words of a title that another title doesn't have, what both begin and end with left out.
fn differing(title: &str, other: &str, style: Style) -> String {
    let (title, other): (Vec<&str>, Vec<&str>) =
        (title.split_whitespace().collect(), other.split_whitespace().collect());
    let same = |pairs: &mut dyn Iterator<Item = (&&str, &&str)>| pairs.take_while(|(a, b)| a == b).count();
    let head = same(&mut title.iter().zip(&other));
    let most = title.len().min(other.len()) - head;
    let tail = same(&mut title.iter().rev().zip(other.iter().rev()).take(most));
    let middle = title[head..title.len() - tail].join(" ");
    let cut = |shared: usize| if shared > 0 { style.sign(Sign::Ellipsis) } else { "" };
    let gap = |shared: usize| if shared > 0 && !middle.is_empty() { " " } else { "" };
    format!("{}{}{middle}{}{}", cut(head), gap(head), gap(tail), if middle.is_empty() { "" } else { cut(tail) })
}

/// The column that ids of these changes stand in, so that their titles begin below one another.
pub fn id_column(changes: &[&ChangeFact]) -> usize {
    let ids = changes.iter().filter_map(|change| change.shown()?.shown_id());
    ids.map(|id| width(&id)).filter(|&wide| wide <= WIDEST_ID).max().unwrap_or(0)
}

/// One line: sign, name, title, and at the right what happened.
pub fn show_change(change: &ChangeFact, indent: usize, column: usize, out: &mut Output) -> Result<(), Error> {
    let style = out.style();
    let Some(clause) = change.shown() else { return Ok(()) };
    let sign = sign_of(change);
    let room = out.width().saturating_sub(indent + 2);
    let title = clause.shown_title();
    let (label, least) = match clause.shown_id() {
        Some(id) if title == id => (id.clone(), width(&id)),
        Some(id) => {
            let id = super::text::pad(&id, column);
            (format!("{id}  {title}"), width(&id) + 2 + width(&title).min(LEAST_TITLE))
        }
        None => (title.clone(), width(&title).min(LEAST_TITLE)),
    };
    let what = told(change, MOST_TIPS, false, style);
    let what = if width(&label) + 2 + width(&what) <= room {
        what
    } else {
        // Half of the line is enough for what happened, unless the name needs less than the other half.
        shortened(what, change, room.saturating_sub(least + 2).min(room * 6 / 10), style)
    };
    if what.is_empty() {
        let label = style.paint(sign.meaning(), truncate(&label, room, style));
        return line(out, indent, &[&style.signed(sign), " ", &label]);
    }
    let label = fit(&label, room.saturating_sub(width(&what) + 2), style);
    let meaning = if change.grade == Some(Grade::Normative) { Meaning::Normative } else { Meaning::Dim };
    let (label, what) = (style.paint(sign.meaning(), label), style.paint(meaning, what));
    line(out, indent, &[&style.signed(sign), " ", &label, "  ", &what])
}

/// Writes a line of several parts. A log writes very many of them, and putting them together first takes time.
fn line(out: &mut Output, indent: usize, parts: &[&str]) -> Result<(), Error> {
    (0..indent).try_for_each(|_| out.text(" "))?;
    parts.iter().try_for_each(|part| out.text(part))?;
    out.text("\n")
}

/// The text with its changed words marked, for modified clauses; of an added one how it begins.
pub fn show_words(change: &ChangeFact, indent: usize, out: &mut Output) -> Result<(), Error> {
    let style = out.style();
    let room = out.width().saturating_sub(indent).max(20);
    let lines = match (&change.before, &change.after) {
        (Some(before), Some(after)) if before != after => words::marked(before, after, room, style),
        (None, Some(after)) => words::opening(after, room, style),
        _ => return Ok(()),
    };
    for line in lines {
        out.line(&format!("{:indent$}{}", "", line))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const UNICODE: Style = Style { color: false, unicode: true };

    #[test]
    fn of_two_long_titles_what_differs_is_told() {
        let told = |was, now| differing(was, now, UNICODE);
        assert_eq!(told("How do I do it", "How would I do it"), "… do …");
        assert_eq!(told("Versioning 2.0.0-rc.2", "Versioning 2.0.0"), "… 2.0.0-rc.2");
        assert_eq!(told("Lockout", "Locking"), "Lockout");
        assert_eq!(told("a b", "a b c"), "…", "nothing went");
        assert_eq!(told("a a", "a"), "… a");
        assert_eq!(told("", "a"), "");
    }
}
