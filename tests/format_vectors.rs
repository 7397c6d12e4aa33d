//! The test vectors of docs/format.md, recomputed: the tokens that the library finds, the version it gives, and the hash
//! made anew from the written tokens by the rule that the page states. The examples of docs/grades.md are graded too.
//!
//! `UPDATE_DOCS=1 cargo test --test format_vectors` writes tokens and versions anew. A version that changes is a new
//! scheme, so look twice.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::path::Path;

use git_spec::spec::formats::{Format, segment};
use git_spec::spec::grade::{Grade, grade};
use git_spec::spec::{Clause, Tokens};
use sha2::{Digest, Sha256};

/// What is hashed: the body's tokens, under five of them behind those of the title.
fn hashed(clause: &Clause) -> Vec<(u8, String)> {
    let mut tokens = Tokens::default();
    if clause.tokens().len() < 5 && clause.titled {
        tokens.extend(&Tokens::of_text(&clause.title));
    }
    tokens.extend(clause.tokens());
    tokens.iter().map(|token| (token.kind, token.text.to_owned())).collect()
}

/// The rule of docs/format.md, written a second time.
fn version(tokens: &[(u8, String)]) -> String {
    let mut bytes = Vec::new();
    for (kind, text) in tokens {
        bytes.push(*kind);
        bytes.extend((text.len() as u32).to_le_bytes());
        bytes.extend(text.as_bytes());
    }
    let digits: String = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    format!("v1:{}", &digits[..32])
}

fn shown(tokens: &[(u8, String)]) -> String {
    tokens.iter().map(|(kind, text)| format!("{} {text}", *kind as char).trim_end().to_owned() + "\n").collect()
}

#[test]
fn vectors_hold() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/format.md");
    let text = std::fs::read_to_string(&page).unwrap();
    let mut out = String::new();
    let mut count = 0;
    let mut wrong = String::new();
    let mut parts = text.split("\n````vector ");
    out.push_str(parts.next().unwrap());
    for part in parts {
        let (block, rest) = part.split_once("\n````\n").unwrap();
        let (name, block) = block.split_once('\n').unwrap();
        let (source, written) = block.split_once("\n=== tokens\n").unwrap();
        let clauses = segment(Format::of_path(name.as_bytes()), source.as_bytes());
        let clause = clauses.last().unwrap();
        let tokens = hashed(clause);
        assert_eq!(version(&tokens), clause.version().to_string(), "the page's rule and the library differ: {source}");
        let real = format!("{}=== version\n{}", shown(&tokens), clause.version());
        if real != written {
            wrong.push_str(&format!("{source}\n--- written\n{written}\n--- real\n{real}\n"));
        }
        out.push_str(&format!("\n````vector {name}\n{source}\n=== tokens\n{real}\n````\n{rest}"));
        count += 1;
    }
    assert!(count >= 30, "{count} vectors");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        return std::fs::write(&page, out).unwrap();
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn the_examples_of_the_grades_hold() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/grades.md");
    let text = std::fs::read_to_string(page).unwrap();
    let mut section = "";
    let (mut in_block, mut count) = (false, 0);
    for line in text.lines() {
        if let Some(title) = line.strip_prefix("## ") {
            section = title;
        } else if line.starts_with("```") {
            in_block = line == "```text";
        } else if in_block {
            let columns: Vec<&str> = line.split("  ").map(str::trim).filter(|column| !column.is_empty()).collect();
            let (old, new) = (Tokens::of_text(columns[0]), Tokens::of_text(columns[1]));
            let verdict = grade(&old, &new).unwrap().with_literals((columns[0], &old), (columns[1], &new));
            let wanted = match section {
                "Normative" => Grade::Normative,
                "Minor" => Grade::Minor,
                _ => Grade::Substantive,
            };
            assert_eq!(verdict.grade, wanted, "{line}");
            assert_eq!(verdict.tipped.join(", "), columns.get(2).copied().unwrap_or(""), "{line}");
            count += 1;
        }
    }
    assert!(count >= 8, "{count} examples");
}
