//! What leaves a version alone, and what changes it.

use proptest::prelude::*;

use super::dialect::{Block, body, style};
use super::{cases, version_of};

fn with_heading(body: &str) -> String {
    format!("# The clause\n\n{body}")
}

proptest! {
    #![proptest_config(cases(300))]

    #[test]
    fn how_it_is_written_never_matters(blocks in body(), a in style(), b in style()) {
        let (one, two) = (a.ends(&with_heading(&a.write(&blocks))), b.ends(&with_heading(&b.write(&blocks))));
        prop_assert_eq!(version_of(&one, "The clause"), version_of(&two, "The clause"), "{}\n=====\n{}", one, two);
    }

    #[test]
    fn where_it_stands_never_matters(blocks in body(), a in style(), before in body(), after in body(), level in 2usize..6) {
        let text = a.write(&blocks);
        let alone = version_of(&with_heading(&text), "The clause");
        let hashes = "#".repeat(level);
        let within = format!(
            "---\ntitle: file\n---\n# Top\n\n{}\n{hashes} The clause\n\n{text}\n# Behind\n\n{}",
            a.write(&before),
            a.write(&after),
        );
        prop_assert_eq!(alone, version_of(&a.ends(&within), "The clause"), "{}", within);
    }

    #[test]
    fn definitions_at_the_end_change_nothing(blocks in body(), a in style(), labels in prop::collection::vec("[a-z]{1,8}", 1..4)) {
        let text = with_heading(&a.write(&blocks));
        let definitions: String = labels.iter().chain(&["server".to_owned(), "label-1".to_owned(), "MUST".to_owned()])
            .map(|label| format!("[{label}]: https://example.org/{label}\n")).collect();
        let defined = format!("{text}\n{definitions}\n[^1]: a footnote that nobody refers to\n");
        prop_assert_eq!(version_of(&text, "The clause"), version_of(&defined, "The clause"), "{}", defined);
    }

    #[test]
    fn one_word_of_weight_matters((from, to) in weighty(), blocks in body(), at in any::<prop::sample::Index>(), a in style(), b in style()) {
        let put = |word: &str| {
            let mut blocks = blocks.clone();
            let Block::Paragraph(words) = &mut blocks[0] else { unreachable!("a body opens with a paragraph") };
            // between words that no neighbour can be taken for a number or a sentence end
            let at = 1 + at.index(words.len());
            words.splice(at..at, ["of", word, "kind"].map(str::to_owned));
            blocks
        };
        let (one, two) = (with_heading(&a.write(&put(from))), with_heading(&b.write(&put(to))));
        prop_assert_ne!(version_of(&one, "The clause"), version_of(&two, "The clause"), "{}\n=====\n{}", one, two);
    }

    #[test]
    fn a_tick_in_another_column_matters(columns in 2usize..6, from in any::<prop::sample::Index>(), to in any::<prop::sample::Index>(), mark in prop::sample::select(vec!["x", "✓", "yes"])) {
        let (from, to) = (from.index(columns), to.index(columns));
        prop_assume!(from != to);
        let table = |tick: usize| {
            let row = |cell: &dyn Fn(usize) -> String| (0..columns).map(|n| format!("| {} ", cell(n))).collect::<String>() + "|\n";
            let header = row(&|n| format!("Column{n}"));
            let ticks = row(&|n| if n == tick { mark.to_owned() } else { String::new() });
            with_heading(&format!("Which of these five are demanded:\n\n{header}{}{ticks}", row(&|_| "-".to_owned())))
        };
        prop_assert_ne!(version_of(&table(from), "The clause"), version_of(&table(to), "The clause"));
    }

    #[test]
    fn a_change_in_code_matters(lines in prop::collection::vec("[a-z]{1,6}( [a-z<>=0-9]{1,6}){0,3}", 1..5), at in any::<prop::sample::Index>(), a in style()) {
        let code = |lines: &[String]| {
            let opening = Block::Paragraph("It answers exactly with the following lines".split(' ').map(str::to_owned).collect());
            with_heading(&a.write(&[opening, Block::Code { info: "rust", lines: lines.to_vec() }]))
        };
        let mut other = lines.clone();
        other[at.index(lines.len())].push('1');
        prop_assert_ne!(version_of(&code(&lines), "The clause"), version_of(&code(&other), "The clause"));
    }
}

/// Pairs of words that mean different things.
fn weighty() -> impl Strategy<Value = (&'static str, &'static str)> {
    prop::sample::select(vec![
        ("<=", ">="),
        ("=", "!="),
        ("==", "="),
        ("≤", "≥"),
        ("mW", "MW"),
        ("Mb", "MB"),
        ("1.5", "15"),
        ("1,5", "15"),
        (".5", "5"),
        ("-5", "5"),
        ("5", "50"),
        ("50%", "50"),
        ("~5", "5"),
        ("1-5", "15"),
        ("[0,5)", "(0,5]"),
        ("2<sup>10</sup>", "210"),
        ("\"true\"", "true"),
        ("`true`", "true"),
        ("`a b`", "`a  b`"),
        ("~~MUST~~", "MUST"),
        ("<del>MUST</del>", "MUST"),
        ("<token>", "token"),
        ("MUST", "must"),
        ("MUST", "SHOULD"),
        ("MUST", "MUST not"),
        ("SHALL", "MAY"),
        ("not allowed", "allowed"),
        ("never", "ever"),
        ("no", "any"),
        ("can", "cannot"),
        ("do", "don't"),
        ("least", "most"),
        ("!ready", "ready"),
        ("✓", "✗"),
        ("![a](x.png)", "![a](y.png)"),
        ("iOS", "ios"),
        ("X", "x"),
    ])
}
