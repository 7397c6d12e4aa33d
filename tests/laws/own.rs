//! Changes of demand in real clauses: those of this tool's own specification. Each clause is changed once by each
//! kind of change that finds a place in it, and each change is found normative.

#![allow(clippy::unwrap_used, reason = "a file that cannot be read is a test that fails")]

use std::path::Path;

use git_spec::spec::change::{Change, ChangeKind};
use git_spec::spec::grade::Grade;
use regex::{Captures, Regex};

use super::changes;

/// A kind of change: what it looks for, and what it puts there.
type Kind = (&'static str, &'static str, fn(&Captures) -> String);

fn pair(word: &str, pairs: &[(&str, &str)]) -> String {
    let found = pairs.iter().find_map(|&(a, b)| if word == a { Some(b) } else { (word == b).then_some(a) });
    found.map_or_else(|| panic!("no partner for {word}"), str::to_owned)
}

/// Kinds of literal, and what each stands between on both sides.
const QUOTED: &[(&str, &str)] = &[("code literal", "`"), ("double quotes", "\""), ("single quotes", "'")];

/// A code span that is a word.
const CODE: &str = r"`([A-Za-z][A-Za-z_.-]+)`";

const KINDS: &[Kind] = &[
    ("negate", r"\b(must|may|can|is|are|was|has|does|MAY)( [a-z]+)", |c| format!("{} not{}", &c[1], &c[2])),
    ("negate in capitals", r"\b(MUST|SHALL|SHOULD)( [a-z]+)", |c| format!("{} NOT{}", &c[1], &c[2])),
    ("allow", r"\b(MUST|SHALL|SHOULD) NOT\b", |c| c[1].to_owned()),
    ("affirm", r"\b(is|are|does|do|can|may|has) not\b", |c| c[1].to_owned()),
    ("never", r"\bnever\b", |_| "always".to_owned()),
    ("at least", r"\bat (least|most)\b", |c| format!("at {}", pair(&c[1], &[("least", "most")]))),
    ("number", r"(^|[ (])([0-9]+)\b", |c| format!("{}{}", &c[1], c[2].parse::<u64>().unwrap_or(0) + 1)),
    ("number word", r"\b(one|two|three|four|five|ten)([ ,.;)\n])", |c| {
        format!("{}{}", pair(&c[1], &[("one", "two"), ("three", "four"), ("five", "ten")]), &c[2])
    }),
    ("unit", r"(\b[0-9]+ )(seconds?|minutes?|hours?|bytes?|kB|MB|MiB|ms|days?|digits)\b", |c| {
        format!("{}weeks", &c[1])
    }),
    ("code literal", CODE, |c| format!("`{}s`", &c[1])),
    ("double quotes", CODE, |c| format!("\"{}s\"", &c[1])),
    ("single quotes", CODE, |c| format!("'{}s'", &c[1])),
    ("obligation", r"\b(MUST|SHOULD|MAY)\b", |c| {
        pair(&c[1], &[("MUST", "SHOULD"), ("MAY", "SHALL")]).replace("SHALL", "MUST")
    }),
    ("permission", r"\b(must|may|can|should)\b", |c| pair(&c[1], &[("must", "may"), ("can", "should")])),
    ("comparison", r"\b(more|fewer|less|older|newer|longer|shorter|before|after|above|below|greater)\b", |c| {
        let pairs = [("more", "fewer"), ("less", "greater"), ("older", "newer"), ("longer", "shorter")];
        pair(&c[1], &[&pairs[..], &[("before", "after"), ("above", "below")]].concat())
    }),
    ("quantity", r"\b(all|any|each|every|some|only|both|no|none)\b", |c| {
        pair(&c[1], &[("all", "some"), ("any", "each"), ("every", "only"), ("both", "no"), ("none", "few")])
    }),
    ("condition", r"\b(if|when|unless|until)\b", |c| pair(&c[1], &[("if", "unless"), ("when", "until")])),
    ("and, or", r"\b(and|or)\b", |c| pair(&c[1], &[("and", "or")])),
];

/// This tool's specification, by file.
fn own() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/spec");
    let mut files: Vec<(String, String)> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), std::fs::read_to_string(path).unwrap()))
        .collect();
    files.sort();
    files
}

/// The paragraphs of a file that are a clause's own text: no headings, markers, tables or fences.
fn paragraphs(text: &str) -> Vec<(usize, &str)> {
    let mut found = Vec::new();
    let (mut at, mut fenced) = (0, false);
    for block in text.split_inclusive("\n\n") {
        let from = at;
        at += block.len();
        let was_fenced = fenced;
        fenced ^= block.matches("```").count() % 2 == 1;
        if was_fenced || fenced || block.contains("```") {
            continue;
        }
        let mut from = from;
        for line in block.split_inclusive('\n').take_while(|line| line.starts_with("r[") || line.starts_with('#')) {
            from += line.len();
        }
        let body = &text[from..at];
        if !body.trim().is_empty() && !body.contains("\nr[") && !body.contains("\n#") {
            found.push((from, body));
        }
    }
    found
}

/// What is wrong with what became of a change of one demand.
fn wrong(changes: &[Change]) -> Option<String> {
    let told: Vec<_> = changes.iter().map(|c| (&c.kinds, c.grade, &c.tipped)).collect();
    let modified: Vec<&Change> = changes.iter().filter(|c| c.kinds.contains(&ChangeKind::Modified)).collect();
    let right = matches!(modified[..], [one] if one.grade == Some(Grade::Normative) && !one.tipped.is_empty());
    let alone = changes.iter().all(|c| c.old.is_some() && c.new.is_some());
    (!right || !alone).then(|| format!("{told:?}"))
}

#[test]
fn a_change_of_demand_in_a_real_clause_is_normative() {
    let mut counts = vec![0; KINDS.len()];
    let mut all_wrong = Vec::new();
    let kinds: Vec<Regex> = KINDS.iter().map(|(_, sought, _)| Regex::new(sought).unwrap()).collect();
    for (path, text) in own() {
        // the clause alone with its neighbours, for matching a whole file each time takes long
        for (from, body) in paragraphs(&text) {
            let file = |body: &str| {
                format!("# Demands\n\n## The demand\n\n{body}\n## Another\n\nNothing changes in this one.\n")
            };
            let old = file(body);
            for (kind, ((name, _, put), sought)) in KINDS.iter().zip(&kinds).enumerate() {
                let literal = QUOTED.iter().find(|(kind, _)| kind == name);
                // a code span is no prose, and prose no code span
                let fits = |found: &Captures| {
                    let place = found.get(0).unwrap();
                    let in_code = body[..place.start()].matches('`').count() % 2 == 1;
                    // a word written twice is a slip
                    let is_twice = *name == "negate" && &found[2] == " not";
                    !in_code && !is_twice && (literal.is_some() || !place.as_str().contains('`'))
                };
                let Some(found) = sought.captures_iter(body).find(fits) else { continue };
                let place = found.get(0).unwrap();
                let with = |text: &str| format!("{}{text}{}", &body[..place.start()], &body[place.end()..]);
                let old = literal
                    .map_or_else(|| old.clone(), |(_, quote)| file(&with(&format!("{quote}{}{quote}", &found[1]))));
                let new = with(&put(&found));
                counts[kind] += 1;
                if let Some(wrong) = wrong(&changes(&[("spec.md", &old)], &[("spec.md", &file(&new))])) {
                    all_wrong.push(format!("{path}:{from} {name}: {} → {}: {wrong}", place.as_str(), put(&found)));
                }
            }
        }
    }
    let told: Vec<_> = KINDS.iter().zip(&counts).map(|((name, ..), count)| format!("{name} {count}")).collect();
    println!("{}", told.join(", "));
    assert!(all_wrong.is_empty(), "{} of {}:\n{}", all_wrong.len(), counts.iter().sum::<usize>(), all_wrong.join("\n"));
    // enough of each to say something
    let rare: Vec<_> = told.iter().zip(&counts).filter(|(_, count)| **count == 0).map(|(told, _)| told).collect();
    assert!(rare.is_empty(), "{rare:?}");
    assert!(counts.iter().sum::<usize>() > 1000, "{told:?}");
}
