//! What becomes of a link when history is rewritten: the real git does each operation, and each answer is held against
//! what is known to be true.
//!
//! `expected.txt` says for each operation and each place of a link what has to come out. Whatever it says, an answer that
//! names another clause than the one that was meant, or another freshness than the words themselves show, is wrong, and
//! none may be. `UPDATE_EXPECTED=1` writes the file anew, to be read before it is committed.

#![allow(clippy::expect_used, clippy::print_stderr, reason = "a script that fails is a test that fails")]

#[path = "../support/mod.rs"]
mod support;

mod operations;
mod random;
mod story;
mod truth;
mod world;

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use operations::{Operation, operations};
use story::{Count, Mode, Place, Story};

/// One operation in one place, by mode.
fn row(operation: &Operation, place: Place, count: &Mutex<Count>) -> Option<String> {
    let cells: Vec<String> = Mode::ALL
        .iter()
        .map(|&mode| {
            let mut story = Story::begin(place, mode);
            story.tell(operation)?;
            let (cell, counted) = story.judge(&format!("{}, {place:?}, {mode:?}", operation.name));
            *count.lock().expect("no other failed") += counted;
            Some(cell)
        })
        .collect::<Option<_>>()?;
    Some(format!("{:<34} {:<8} {}", operation.name, place.word(), cells.join(" | ")))
}

#[test]
fn links_through_every_rewrite() {
    let operations = operations();
    let work: Vec<(&Operation, Place)> =
        operations.iter().flat_map(|operation| Place::ALL.map(|place| (operation, place))).collect();
    let next = AtomicUsize::new(0);
    let rows: Mutex<Vec<(usize, String)>> = Mutex::default();
    let count = Mutex::new(Count::default());
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(2, usize::from) {
            scope.spawn(|| {
                while let Some(&(operation, place)) = work.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let at = work.iter().position(|&(other, p)| p == place && other.name == operation.name);
                    match row(operation, place, &count) {
                        Some(row) => rows.lock().expect("no other failed").push((at.unwrap_or_default(), row)),
                        None => eprintln!("skipped: {} ({})", operation.name, operation.needs.unwrap_or("?")),
                    }
                }
            });
        }
    });
    let mut rows = rows.into_inner().expect("nobody failed");
    rows.sort();
    let count = count.into_inner().expect("nobody failed");
    let found: String = rows.iter().map(|(_, row)| format!("{row}\n")).collect();
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/rewrites/expected.txt");
    if std::env::var_os("UPDATE_EXPECTED").is_some() {
        std::fs::write(path, &found).expect("the file can be written");
    }
    eprintln!("{count}");
    assert_eq!(count.wrong, 0, "{count}");
    let expected = std::fs::read_to_string(path).expect("the file is there");
    let skipped = |line: &&str| found.lines().any(|row| row.get(..43) == line.get(..43));
    let expected: String = expected.lines().filter(skipped).map(|line| format!("{line}\n")).collect();
    similar_asserts(&expected, &found);
}

fn similar_asserts(expected: &str, found: &str) {
    let diff = similar::TextDiff::from_lines(expected, found);
    assert!(expected == found, "{}", diff.unified_diff().context_radius(0));
}
