//! What the message of a squash says of the commits that it joins: which of them another of them takes back.
//!
//! The commits themselves may be gone, so nothing can be compared; what is said to be taken back may be there or not.

use std::ops::Range;

use bstr::ByteSlice;

use super::message::{indent, is_blank, trim};
use super::revert::quoted_subject;

/// What `git merge --squash` begins its log with.
const LOG: &[u8] = b"Squashed commit of the following";

/// A joined commit.
struct Joined {
    from: usize,
    subject: String,
}

/// The parts of a message that belong to commits which a later one in the same message reverts, unless that is reverted in its
/// turn. Where several have the subject that is quoted nobody can say which of them it is, so that none of them counts. Of a list of commits as forges write it (`* Subject`), oldest first, or of the log of `git merge --squash`, newest
/// first.
pub fn taken_back(message: &[u8]) -> Vec<Range<usize>> {
    if !message.contains_str(b"Revert \"") {
        return Vec::new();
    }
    let newest_first = message.lines().any(|line| line.starts_with(LOG));
    let joined = if newest_first { logged(message) } else { listed(message) };
    let mut order: Vec<usize> = (0..joined.len()).collect();
    if !newest_first {
        order.reverse();
    }
    let mut undone = vec![false; joined.len()];
    for (place, &at) in order.iter().enumerate() {
        let Some(quoted) = quoted_subject(&joined[at].subject).filter(|_| !undone[at]) else { continue };
        for &other in &order[place + 1..] {
            undone[other] |= joined[other].subject == quoted;
        }
    }
    let end = |at: usize| joined.get(at + 1).map_or(message.len(), |next| next.from);
    (0..joined.len()).filter(|&at| undone[at]).map(|at| joined[at].from..end(at)).collect()
}

/// Lines with the places where they begin.
fn lines(message: &[u8]) -> Vec<(usize, &[u8])> {
    let mut lines = Vec::new();
    let mut from = 0;
    for line in message.lines_with_terminator() {
        lines.push((from, line));
        from += line.len();
    }
    lines
}

/// `* Subject` with a blank line before and behind: items of a list stand together.
fn listed(message: &[u8]) -> Vec<Joined> {
    let lines = lines(message);
    let blank = |at: Option<usize>| at.is_none_or(|at| lines.get(at).is_none_or(|(_, line)| is_blank(line)));
    let joined = |(at, (from, line)): (usize, &(usize, &[u8]))| {
        let subject = line.strip_prefix(b"* ").filter(|_| blank(at.checked_sub(1)) && blank(Some(at + 1)))?;
        Some(Joined { from: *from, subject: trim(subject).to_str_lossy().into_owned() })
    };
    lines.iter().enumerate().filter_map(joined).collect()
}

/// `commit ID`, a head, a blank line, and the message, indented.
fn logged(message: &[u8]) -> Vec<Joined> {
    let mut joined: Vec<Joined> = Vec::new();
    for (from, line) in lines(message) {
        if line.starts_with(b"commit ") {
            joined.push(Joined { from, subject: String::new() });
        } else if let Some(last) = joined.last_mut().filter(|last| last.subject.is_empty())
            && indent(line) >= 4
            && !is_blank(line)
        {
            last.subject = trim(line).to_str_lossy().into_owned();
        }
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(message: &str) -> Vec<&str> {
        taken_back(message.as_bytes()).into_iter().map(|range| message[range].lines().next().unwrap()).collect()
    }

    #[test]
    fn lists_of_forges_name_what_they_take_back() {
        let item = |subject: &str| format!("* {subject}\n\nBody.\n\n* one\n* two\n\nSpec: a#b v1:c\n\n");
        let list =
            |subjects: &[&str]| format!("Topic (#7)\n\n{}", subjects.iter().map(|s| item(s)).collect::<String>());
        for (subjects, expected) in [
            (&["A", "B", "Revert \"B\"", "D"][..], &["* B"][..]),
            (&["A", "Revert \"A\"", "Reapply \"A\""], &["* Revert \"A\""]),
            (&["A", "Revert \"A\"", "Revert \"Revert \"A\"\""], &["* Revert \"A\""]),
            (&["Revert \"A\"", "A"], &[]),
            (&["A", "Revert \"one\""], &[]),
            (&["A", "A", "Revert \"A\""], &["* A", "* A"]),
        ] {
            assert_eq!(taken(&list(subjects)), expected, "{subjects:?}");
        }
    }

    #[test]
    fn logs_of_git_come_newest_first() {
        let entry = |subject: &str| format!("commit 0123456\nAuthor: A\n\n    {subject}\n\n    Spec: a#b v1:c\n\n");
        let log = |all: &[&str]| {
            format!(
                "Squash\n\nSquashed commit of the following:\n\n{}",
                all.iter().map(|s| entry(s)).collect::<String>()
            )
        };
        assert_eq!(taken(&log(&["Revert \"B\"", "B", "A"])).len(), 1);
        assert_eq!(taken(&log(&["B", "Revert \"B\"", "A"])).len(), 0);
    }
}
