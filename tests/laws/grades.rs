//! Real changes of demand are graded normative, and what tipped the grade is named.

use git_spec::spec::change::ChangeKind;
use git_spec::spec::grade::Grade;
use proptest::prelude::*;

use super::{cases, changes};

/// A demand in pieces, each of which a mutation can change.
#[derive(Clone, Debug)]
struct Demand {
    subject: &'static str,
    modal: &'static str,
    negation: &'static str,
    verb: &'static str,
    bound: &'static str,
    number: String,
    unit: &'static str,
    literal: String,
    code: String,
    sign: &'static str,
    tail: &'static str,
}

const MODALS: &[&str] = &[
    "MUST",
    "SHALL",
    "SHOULD",
    "MAY",
    "must",
    "shall",
    "should",
    "may",
    "can",
    "could",
    "will",
    "would",
    "might",
    "REQUIRED",
    "RECOMMENDED",
    "OPTIONAL",
];
const BOUNDS: &[&str] = &[
    "at least",
    "at most",
    "exactly",
    "more than",
    "less than",
    "fewer than",
    "only",
    "up to",
    "within",
    "every",
    "any",
    "no more than",
    "a maximum of",
    "a minimum of",
    "before",
    "after",
];
const UNITS: &[&str] = &[
    "ms", "s", "seconds", "minutes", "hours", "days", "second", "minute", "hour", "day", "kB", "MB", "MiB", "GiB",
    "bytes", "bits", "mW", "MW", "kHz", "MHz", "%", "px", "mm", "km", "Mbit/s", "kbps",
];
const SIGNS: &[&str] = &["<=", ">=", "<", ">", "==", "!=", "=", "≤", "≥", "≠"];
#[rustfmt::skip]
const NUMBER_WORDS: &[&str] = &[
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty", "thirty", "forty",
    "fifty", "sixty", "seventy", "eighty", "ninety", "hundred", "thousand", "million", "billion",
];

const TYPOS: &[(&str, &str)] = &[
    ("This is recieved.", "This is received."),
    ("A server answers.", "The server answers."),
    ("The errors are kept.", "The error are kept."),
    ("Nothing else.", "Nothing else."),
];
const OTHER_WORDS: &[(&str, &str)] = &[
    ("aggregator", "aggregation"),
    ("contract", "contrast"),
    ("user", "used"),
    ("parser", "parse"),
    ("consumer", "consumed"),
    ("importer", "imports"),
    ("inner", "input"),
    ("request", "require"),
    ("trainer", "trainee"),
];
const OPPOSITES: &[(&str, &str)] = &[
    ("valid", "invalid"),
    ("accepted", "rejected"),
    ("included", "excluded"),
    ("synchronous", "asynchronous"),
    ("enabled", "disabled"),
    ("locked", "unlocked"),
    ("true", "false"),
    ("public", "private"),
];

/// A file of each format around a demand.
const FORMS: &[(&str, &str)] = &[
    (
        "spec.sdoc",
        "[DOCUMENT]\nTITLE: D\n\n[REQUIREMENT]\nUID: R-1\nTITLE: The demand\nSTATEMENT: >>>\nDEMAND\n<<<\n\n[REQUIREMENT]\nUID: R-2\nSTATEMENT: Nothing changes in here.\n",
    ),
    (
        "spec.sdoc",
        "[DOCUMENT]\nTITLE: D\n\n[REQUIREMENT]\nUID: R-1\nSTATEMENT: Nothing changes in this.\nRATIONALE: >>>\nDEMAND\n<<<\n",
    ),
    (
        "spec.feature",
        "Feature: F\n\n  Scenario: One\n    Given a user\n    Then DEMAND\n\n  Scenario: Two\n    Given nothing that changes\n",
    ),
    (
        "spec.feature",
        "Feature: F\n\n  Scenario: One\n    Given a table\n      | name | rule   |\n      | one  | DEMAND |\n",
    ),
    (
        "spec.rst",
        "Demands\n=======\n\n.. _the-demand:\n\nThe demand\n----------\n\nDEMAND\n\nAnother\n-------\n\nNothing changes.\n",
    ),
    ("spec.rst", "Demands\n=======\n\nThe list\n--------\n\n#. First of all\n\n   * DEMAND\n"),
    (
        "spec.md",
        "# Rules\n\n| # | Rule | L1 |\n|---|---|---|\n| **1.1** | Nothing changes in this row. | ✓ |\n| **1.2** | DEMAND | ✓ |\n",
    ),
    ("spec.md", "# Rules\n\nr[rules.first]\nNothing changes in this one.\n\nr[rules.second]\nDEMAND\n"),
    ("spec.md", "# Rules\n\n`req~second~1`\n\nDEMAND\n\nCovers:\n- feat~all~1\n"),
    ("spec.md", "# Rules\n\n1. Nothing MUST change in this one.\n2. DEMAND\n3. Nor MUST anything in here.\n"),
    (
        "openspec/specs/a/spec.md",
        "# A\n\n## Requirements\n\n### Requirement: One\nIt SHALL stay.\n\n#### Scenario: Late\n- **WHEN** it is late\n- **THEN** DEMAND\n",
    ),
    ("specs/001-a/spec.md", "# A\n\n## Requirements\n\n- **FR-001**: It MUST stay as it is.\n- **FR-002**: DEMAND\n"),
    (
        ".kiro/specs/a/requirements.md",
        "# A\n\n### Requirement 1\n\n**User Story:** As a user, I want it.\n\n#### Acceptance Criteria\n\n1. WHEN it is late THEN it SHALL stay\n2. DEMAND\n",
    ),
    (
        "draft-a-b.md",
        "---\ntitle: A\n---\n\n--- abstract\n\nNothing changes.\n\n--- middle\n\n# One {#one}\n\nDEMAND\n",
    ),
    ("spec.txt", "Nothing changes in this paragraph.\n\nDEMAND\n\nNor in this one, which is the last.\n"),
];

fn number() -> impl Strategy<Value = String> {
    prop_oneof![
        "[1-9][0-9]{0,3}",
        "[0-9]\\.[0-9]",
        "-[1-9]",
        prop::sample::select(NUMBER_WORDS).prop_map(str::to_owned),
    ]
}

fn demand() -> impl Strategy<Value = Demand> {
    let names = (
        prop::sample::select(vec!["server", "client", "session token", "reader of the log"]),
        prop::sample::select(MODALS),
        prop::sample::select(vec!["", "", "not", "never"]),
        prop::sample::select(vec!["accept", "keep", "send", "wait for"]),
    );
    let amounts = (prop::sample::select(BOUNDS), number(), prop::sample::select(UNITS), prop::sample::select(SIGNS));
    let literals = ("[a-z]{2,8}( [a-z]{2,8}){0,2}", "[a-z_]{2,8}");
    let tail = prop::sample::select(vec!["of the reply", "for each account", "when the network is slow", ""]);
    (names, amounts, literals, tail).prop_map(
        |((subject, modal, negation, verb), (bound, number, unit, sign), (literal, code), tail)| Demand {
            subject,
            modal,
            negation,
            verb,
            bound,
            number,
            unit,
            literal,
            code,
            sign,
            tail,
        },
    )
}

impl Demand {
    fn text(&self) -> String {
        let Demand { subject, modal, negation, verb, bound, number, unit, literal, code, sign, tail } = self;
        let sentence = format!(
            "The {subject} {modal} {negation} {verb} {bound} {number} {unit} with \"{literal}\" {tail} while `{code}` {sign} 3."
        );
        sentence.split_whitespace().collect::<Vec<_>>().join(" ") + "\n"
    }
}

/// One change of what is demanded.
#[derive(Clone, Debug)]
enum Mutation {
    Modal(&'static str),
    Case,
    Negate,
    Bound(&'static str),
    Number(String),
    Unit(&'static str),
    Literal(String),
    LiteralWord,
    Unquote,
    Code(String),
    Sign(&'static str),
    Strike,
    Condition(&'static str),
    Default,
}

fn mutation() -> impl Strategy<Value = Mutation> {
    prop_oneof![
        prop::sample::select(MODALS).prop_map(Mutation::Modal),
        Just(Mutation::Case),
        Just(Mutation::Negate),
        prop::sample::select(BOUNDS).prop_map(Mutation::Bound),
        number().prop_map(Mutation::Number),
        prop::sample::select(UNITS).prop_map(Mutation::Unit),
        "[a-z]{2,8}".prop_map(Mutation::Literal),
        Just(Mutation::LiteralWord),
        Just(Mutation::Unquote),
        "[a-z_]{2,8}".prop_map(Mutation::Code),
        prop::sample::select(SIGNS).prop_map(Mutation::Sign),
        Just(Mutation::Strike),
        prop::sample::select(vec!["if", "when", "unless", "only", "except"]).prop_map(Mutation::Condition),
        Just(Mutation::Default),
    ]
}

/// The demand before and after.
fn mutated(demand: &Demand, mutation: &Mutation) -> (String, String) {
    let mut new = demand.clone();
    let before = demand.text();
    match mutation {
        Mutation::Modal(modal) => new.modal = modal,
        Mutation::Case => {
            let upper = demand.modal.to_uppercase();
            let other = if upper == demand.modal { demand.modal.to_lowercase() } else { upper };
            return (before.clone(), before.replacen(demand.modal, &other, 1));
        }
        Mutation::Negate => new.negation = if demand.negation.is_empty() { "not" } else { "" },
        Mutation::Bound(bound) => new.bound = bound,
        Mutation::Number(number) => new.number.clone_from(number),
        Mutation::Unit(unit) => new.unit = unit,
        Mutation::Literal(literal) => new.literal.clone_from(literal),
        Mutation::LiteralWord => new.literal.push('s'),
        Mutation::Unquote => return (before.clone(), before.replace('"', "")),
        Mutation::Code(code) => new.code.clone_from(code),
        Mutation::Sign(sign) => new.sign = sign,
        Mutation::Condition(word) => return (before.clone(), before.replacen(" while", &format!(" {word} while"), 1)),
        Mutation::Default => return (before.clone(), before.replacen(" while", " by default while", 1)),
        Mutation::Strike => {
            return (before.clone(), before.replacen(demand.modal, &format!("~~{}~~", demand.modal), 1));
        }
    }
    (before, new.text())
}

#[rustfmt::skip]
const ANY: &[&str] = &[
    "the", "a", "server", "servers", "client", "sends", "sent", "MUST", "must", "MAY", "not", "never", "if", "when", "only",
    "at", "least", "most", "5", "five", "3", "ms", "seconds", "<=", "`code`", "code", "\"text\"", "text", "valid", "invalid", "and",
    "or", "log-in", "login", "log in", "Reply.", "reply,", "0x1f", "0x1F", "all", "each", "~~gone~~", "default", "maxSize", "max_size",
];

/// The only change of one clause, as its grade and what tipped it.
fn graded(old: &str, new: &str) -> (Grade, Vec<String>) {
    let file =
        |body: &str| format!("# Demands\n\n## The demand\n\n{body}\n## Another\n\nNothing changes in this one here.\n");
    let changes = changes(&[("spec.md", &file(old))], &[("spec.md", &file(new))]);
    assert_eq!(changes.len(), 1, "{old}{new}{changes:?}");
    assert_eq!(changes[0].kinds, [ChangeKind::Modified], "{old}{new}");
    let Some(grade) = changes[0].grade else { panic!("a modification without a grade: {old}{new}") };
    (grade, changes[0].tipped.clone())
}

proptest! {
    #![proptest_config(cases(1500))]

    #[test]
    fn a_changed_demand_is_normative(demand in demand(), mutation in mutation()) {
        let (old, new) = mutated(&demand, &mutation);
        prop_assume!(old != new);
        let (grade, tipped) = graded(&old, &new);
        prop_assert_eq!(grade, Grade::Normative, "{:?}\n{}{}", mutation, old, new);
        prop_assert!(!tipped.is_empty());
    }

    /// What is graded minor says the same: no word that decides came, went or was exchanged, in any clause.
    #[test]
    fn nothing_hides_among_minor(demand in demand(), mutation in mutation(), typo in prop::sample::select(TYPOS)) {
        let (old, new) = mutated(&demand, &mutation);
        prop_assume!(old != new);
        let old = format!("{} {old}", typo.0);
        let new = format!("{} {new}", typo.1);
        prop_assert_eq!(graded(&old, &new).0, Grade::Normative, "{}{}", old, new);
    }

    /// A value in a line of code is one as in prose, whatever stands around it.
    #[test]
    fn a_changed_value_in_code_is_normative(
        demand in demand(),
        was in "[0-9]{1,4}|\"[a-z]{1,6}\"",
        now in "[0-9]{1,4}|\"[a-z]{1,6}\"",
        line in prop::sample::select(vec!["limit = VALUE", "  \"limit\": VALUE,", "uint64 limit = VALUE; // as below"]),
    ) {
        prop_assume!(was != now);
        let with = |value: &str| {
            format!("{}\n```\nbegin\n{}\nend\n```\n", demand.text(), line.replace("VALUE", value))
        };
        prop_assert_eq!(graded(&with(&was), &with(&now)).0, Grade::Normative, "{} {}", was, now);
    }

    /// Letter case, layout and line ends around it don't make a change of demand smaller.
    #[test]
    fn a_changed_demand_in_a_table_or_list_is_normative(demand in demand(), mutation in mutation(), form in 0usize..3) {
        let (old, new) = mutated(&demand, &mutation);
        prop_assume!(old != new);
        let laid_out = |text: &str| match form {
            0 => format!("- First of all.\n- {text}"),
            1 => format!("| Name | Demand |\n|---|---|\n| one | {} |\n", text.trim_end().replace('|', "/")),
            _ => format!("> [!NOTE]\n> {text}"),
        };
        prop_assert_eq!(graded(&laid_out(&old), &laid_out(&new)).0, Grade::Normative, "{}{}", old, new);
    }

    /// The same in every format that is read, with the clause's neighbours as the format has them.
    #[test]
    fn a_changed_demand_is_normative_in_every_format(demand in demand(), mutation in mutation(), form in prop::sample::select(FORMS)) {
        let (old, new) = mutated(&demand, &mutation);
        prop_assume!(old != new);
        let (path, frame) = form;
        let file = |body: &str| {
            let body = body.trim_end();
            // reStructuredText has two ticks where others have one
            let body = if path.ends_with(".rst") { body.replace('`', "``") } else { body.to_owned() };
            frame.replace("DEMAND", &body)
        };
        let changes = changes(&[(path, &file(&old))], &[(path, &file(&new))]);
        let graded: Vec<Option<Grade>> = changes.iter().map(|change| change.grade).collect();
        prop_assert_eq!(graded, [Some(Grade::Normative)], "{}: {:?}\n{}{}{:?}", path, mutation, old, new, changes);
        prop_assert!(!changes[0].tipped.is_empty());
    }

    /// One word for another of the same beginning is no spelling, whichever the clause.
    #[test]
    fn another_word_is_never_minor(demand in demand(), words in prop::sample::select(OTHER_WORDS), turn in any::<bool>()) {
        let (a, b) = if turn { (words.1, words.0) } else { words };
        let with = |word: &str| format!("Each {word} counts. {}", demand.text());
        prop_assert!(graded(&with(a), &with(b)).0 > Grade::Minor, "{a} / {b}");
    }

    #[test]
    fn an_opposite_is_normative(demand in demand(), words in prop::sample::select(OPPOSITES), turn in any::<bool>()) {
        let (a, b) = if turn { (words.1, words.0) } else { words };
        let with = |word: &str| format!("It is {word} then. {}", demand.text());
        let (grade, tipped) = graded(&with(a), &with(b));
        prop_assert_eq!((grade, tipped.first().cloned()), (Grade::Normative, Some(format!("{a} → {b}"))));
    }

    #[test]
    fn a_grade_is_the_same_backwards(demand in demand(), other in demand()) {
        let (old, new) = (demand.text(), other.text());
        prop_assume!(old != new);
        let (forth, back) = (graded_or_new(&old, &new), graded_or_new(&new, &old));
        prop_assert_eq!(forth, back, "{}{}", old, new);
    }

    /// The same for words in any order, of which some decide.
    #[test]
    fn a_grade_of_any_words_is_the_same_backwards(
        words in prop::collection::vec(prop::sample::select(ANY), 1..24), edits in prop::collection::vec((any::<prop::sample::Index>(), 0usize..4, prop::sample::select(ANY)), 1..6),
    ) {
        let mut new = words.clone();
        for (at, how, word) in edits {
            let at = at.index(new.len() + 1);
            match how {
                0 if at < new.len() => _ = new.remove(at),
                1 if at < new.len() => new[at] = word,
                2 if at + 1 < new.len() => new.swap(at, at + 1),
                _ => new.insert(at, word),
            }
        }
        let (old, new) = (words.join(" "), new.join(" "));
        prop_assume!(old != new);
        prop_assert_eq!(graded_or_new(&old, &new), graded_or_new(&new, &old), "{}\n{}", old, new);
    }

    #[test]
    fn two_changes_weigh_no_less_than_one(demand in demand(), mutation in mutation()) {
        let (old, new) = mutated(&demand, &mutation);
        prop_assume!(old != new);
        let new = new.replacen("The ", "A quite different ", 1);
        prop_assert_eq!(graded(&old, &new).0, Grade::Normative, "{}{}", old, new);
    }
}

fn graded_or_new(old: &str, new: &str) -> Option<Grade> {
    let file = |body: &str| format!("# Demands\n\n## The demand\n\n{body}");
    let changes = changes(&[("spec.md", &file(old))], &[("spec.md", &file(new))]);
    changes.iter().find(|change| change.old.is_some() && change.new.is_some()).and_then(|change| change.grade)
}
