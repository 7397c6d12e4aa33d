//! `docs/security.md` names each attack with its test, and each test has its row.

use std::collections::BTreeSet;
use std::path::Path;

#[test]
fn each_attack_stands_in_the_table_and_each_row_has_a_test() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = std::fs::read_to_string(root.join("docs/security.md")).unwrap();
    let mut told = BTreeSet::new();
    for row in page.lines().filter(|line| line.starts_with("| ") && line.contains("::")) {
        let last = row.trim_end_matches(['|', ' ']).rsplit(" | ").next().unwrap();
        let names = last.split('`').filter(|part| part.contains("::")).map(str::to_owned);
        told.extend(names);
    }
    let mut tests = BTreeSet::new();
    for entry in std::fs::read_dir(root.join("tests/attacks")).unwrap() {
        let path = entry.unwrap().path();
        let module = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let text = std::fs::read_to_string(&path).unwrap();
        let named = text.split("#[test]\n").skip(1).filter_map(|rest| rest.trim_start().strip_prefix("fn "));
        tests.extend(named.filter_map(|rest| rest.split_once('(')).map(|(name, _)| format!("{module}::{name}")));
    }
    tests.retain(|name| !name.starts_with("documented::"));
    let missing: Vec<_> = tests.difference(&told).collect();
    let gone: Vec<_> = told.difference(&tests).collect();
    assert!(missing.is_empty() && gone.is_empty(), "without a row: {missing:#?}\nwithout a test: {gone:#?}");
}
