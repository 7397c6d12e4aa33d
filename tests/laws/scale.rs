//! A commit that touches very many clauses neither hangs nor eats the memory.
//!
//! The bounds are those of a debug build on a busy machine; what is square in the number of clauses misses them by far.

use std::time::{Duration, Instant};

use git_spec::spec::change::compare;
use git_spec::spec::matching::Document;

use super::document;

const MANY: usize = 20_000;
const SOON: Duration = Duration::from_secs(30);

fn within(what: &str, work: impl FnOnce()) {
    let start = Instant::now();
    work();
    let took = start.elapsed();
    assert!(took < SOON, "{what} took {took:?}");
}

fn file(path: &str, sections: impl Iterator<Item = String>) -> Document {
    document(path, &sections.collect::<String>())
}

#[test]
fn many_identical_clauses() {
    let body = "The server MUST answer within five seconds of the request.";
    let old = file("a.md", (0..MANY).map(|_| format!("## Demand\n\n{body}\n\n")));
    let new = file("b.md", (0..MANY).map(|_| format!("## Demand\n\n{body}\n\n")));
    within("moving equal clauses", || assert_eq!(compare(&[&old], &[&new]).bonds.len(), MANY));
    within("changing nothing", || assert_eq!(compare(&[&old], &[&old]).changes, []));
    let fewer = file("a.md", (0..MANY / 2).map(|_| format!("## Demand\n\n{body}\n\n")));
    within("dropping half of equal clauses", || {
        assert_eq!(compare(&[&old], &[&fewer]).changes.len(), MANY / 2);
    });
    within("copying equal clauses", || assert_eq!(compare(&[&old], &[&old, &new]).changes.len(), MANY));
}

#[test]
fn many_distinct_clauses_removed_and_added() {
    let word = |n: usize| format!("w{n}");
    let sections = |salt: usize| {
        (0..MANY).map(move |n| {
            let words: Vec<String> = (0..10).map(|k| word(n * 10 + k + salt)).collect();
            format!("## T{}\n\nThe server MUST {}.\n\n", n + salt, words.join(" "))
        })
    };
    let (old, new) = (file("a.md", sections(0)), file("a.md", sections(1_000_000)));
    within("replacing all clauses", || {
        let done = compare(&[&old], &[&new]);
        assert_eq!(done.changes.len() - done.bonds.len(), 2 * MANY - 2 * done.bonds.len());
    });
    let moved = file("b.md", sections(3));
    within("comparing shifted clauses", || assert!(compare(&[&old], &[&moved]).changes.len() >= MANY));
}

/// Each number holds its neighbour's demand, with a word edited, and all demands are of one mould.
#[test]
fn many_numbers_that_shifted_by_one() {
    let rows = |from: usize, what: &str| {
        let row = |n: usize| {
            let (a, b) = (n * 7 % 1009, n * 13 % 2003);
            format!(
                "| **1.{}** | WHEN user w{a} opens page p{b} {what} THEN the system SHALL show s{n} |\n",
                n - from + 1
            )
        };
        let head = "# T\n\n| # | Demand |\n|--|--|\n".to_owned();
        std::iter::once(head).chain((from..from + MANY / 4).map(row).collect::<Vec<_>>())
    };
    let (old, new) = (file("a.md", rows(1, "again")), file("a.md", rows(2, "anew")));
    within("numbers that shifted", || {
        let bonds = compare(&[&old], &[&new]).bonds;
        let right = bonds.iter().filter(|bond| bond.old.at == bond.new.at + 1).count();
        assert!(right * 100 > MANY / 4 * 98, "{right} of {}", bonds.len());
    });
}

#[test]
fn many_clauses_of_the_same_few_words() {
    let words = ["server", "client", "reject", "answer", "late", "early", "token", "reply", "lock", "open"];
    let sections = |salt: usize| {
        (0..MANY).map(move |n| {
            let mix: Vec<&str> = (0..12).map(|k| words[(n * 7 + k * (n % 9 + salt)) % words.len()]).collect();
            format!("## Demand {n}\n\n{}\n\n", mix.join(" "))
        })
    };
    let (old, new) = (file("a.md", sections(1)), file("b.md", sections(2)));
    within("common words", || assert!(!compare(&[&old], &[&new]).changes.is_empty()));
}

#[test]
fn many_files() {
    let doc =
        |path: String, n: usize| document(&path, &format!("# T{n}\n\nThe server MUST answer request number {n}.\n"));
    let count = MANY / 4;
    let old: Vec<Document> = (0..count).map(|n| doc(format!("old/{n}.md"), n)).collect();
    let new: Vec<Document> = (0..count).map(|n| doc(format!("new/{n}.md"), n)).collect();
    let (old, new): (Vec<&Document>, Vec<&Document>) = (old.iter().collect(), new.iter().collect());
    within("renaming a folder", || {
        let done = compare(&old, &new);
        assert_eq!((done.bonds.len(), done.changes.len(), done.documents.len()), (count, 0, count));
    });
}

/// A clause with very many words against very many clauses that each share one of them.
#[test]
fn one_huge_clause_among_many_small_ones() {
    let huge: Vec<String> = (0..MANY).map(|n| format!("w{n}")).collect();
    let old = file("a.md", [format!("# Huge\n\n{}\n", huge.join(" "))].into_iter());
    let new = file("a.md", (0..MANY).map(|n| format!("## T{n}\n\nw{n} of a kind that nobody has seen before\n\n")));
    within("a huge clause", || assert!(compare(&[&old], &[&new]).changes.len() >= MANY));
}

#[test]
fn many_clauses_in_every_format() {
    let count = MANY;
    let texts = [
        ("ids.md", (0..count).map(|n| format!("- **FR-{n:06}**: MUST {n}\n")).collect::<String>()),
        ("same.md", "- **FR-001**: MUST\n".repeat(count)),
        ("ones.md", "1. It MUST do that\n".repeat(count)),
        ("kiro.md", (0..count / 4).map(|n| format!("### Requirement {n}\n\n1. a\n2. b\n\n")).collect()),
        ("markers.md", (0..count).map(|n| format!("r[a.b{n}]\n")).collect()),
        ("fasttrace.md", format!("# T\n{}", "\n`req~a~1`\n".repeat(count))),
        ("same-headings.md", "# T\n## T\n### T\n".repeat(count / 3)),
        ("table.md", format!("| Id | a |\n|-|-|\n{}", "| 1.1.1 | x |\n".repeat(count))),
        ("gap.md", format!("# T\n{}{}", "\n".repeat(count), "`req~a~1`\n".repeat(count))),
        ("a.sdoc", format!("[DOCUMENT]\nTITLE: T\n{}", "\n[REQUIREMENT]\nUID: A\nSTATEMENT: s\n".repeat(count))),
        ("deep.sdoc", format!("[DOCUMENT]\nTITLE: T\n\n{}", "[SECTION]\nTITLE: S\n\n".repeat(count / 4))),
        ("a.feature", format!("Feature: f\n{}", "\n  @id\n  Scenario: s\n    Given a\n".repeat(count))),
        ("a.rst", "Title\n=====\n\ntext\n\n".repeat(count)),
        ("a.txt", "text\n\n".repeat(count)),
    ];
    for (path, text) in texts {
        within(path, || assert!(document(path, &text).clauses.len() >= count / 5, "{path}"));
    }
}

/// What a hostile writer may put into one file. Each was square in time or memory once, or looks as if it could be.
#[test]
fn hostile_files() {
    let nested = |open: &str| format!("# T\n\n{}", open.repeat(MANY));
    let words = "word ".repeat(400);
    let title = "w".repeat(MANY);
    let bars = |cell: &str| format!("|{}\n", format!("{cell}|").repeat(MANY));
    let texts = [
        ("numbers.md", nested("1. ")),
        ("bullets.md", nested("- ")),
        ("quotes.md", nested("> ")),
        ("less.md", nested("<")),
        ("brackets.md", nested("[")),
        ("links.md", nested("[a](")),
        ("stars.md", nested("*a ")),
        ("ticks.md", nested("` ")),
        ("notes.md", nested("[^a")),
        ("line.md", nested("word ")),
        ("title.md", format!("# {title}\n\n{}", format!("## {title}\n\n").repeat(40))),
        ("titles.md", format!("# {title}\n\n{}", "## T\n\n### T\n\n".repeat(MANY / 4))),
        ("footnote.md", format!("{}[^1]: {words}\n", "# T\n\nx[^1]\n\n".repeat(MANY / 8))),
        ("chain.md", (0..MANY).map(|n| format!("[^{n}]: note [^{}]\n\n", n + 1)).collect()),
        ("definitions.md", (0..MANY).map(|n| format!("[l{n}]: u\n")).collect()),
        ("columns.md", format!("# T\n\n{}{}{}", bars("a"), bars("-"), bars("b"))),
        ("fences.md", "  ```\n\nx\n\n".repeat(MANY)),
        ("tags.md", format!("# T\n\n<div>\n{}", "<!-- <x a=\"".repeat(MANY))),
        ("conflicts.md", "<<<<<<< a\nx\n=======\n".repeat(MANY)),
        ("kiro.md", format!("### Requirement 1\n\n{}{}", "1. a\n".repeat(MANY / 4), "\n1.1. b\n".repeat(MANY / 4))),
        ("draft.md", format!("---\na: b\n--- abstract\n{}", "\n--- note_a\n".repeat(MANY / 4))),
        ("deep.sdoc", format!("[DOCUMENT]\nTITLE: T\n\n{}", "[[SECTION]]\nTITLE: S\n\n".repeat(MANY / 4))),
        ("wide.rst", format!("{0}\n{1}\n{0}\n", "== ".repeat(MANY).trim_end(), "a  ".repeat(MANY))),
        ("tall.rst", format!("{0}\n{1}{0}\n", "== ".repeat(2_000).trim_end(), "a\n".repeat(2_000))),
        ("grid.rst", format!("+{}\n{}", "--+".repeat(2_000), "| a | b |\n".repeat(2_000))),
    ];
    for (path, text) in texts {
        within(path, || {
            let clauses = document(path, &text).clauses;
            let longest = clauses.iter().map(|clause| clause.anchor.len()).max().unwrap_or(0);
            assert!(longest < 9 * 257 + 10, "an anchor of {path} has {longest} bytes");
        });
    }
}
