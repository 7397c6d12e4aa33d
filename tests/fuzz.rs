//! Fuzzing on the stable toolchain: structured snippets, mutated from a seed, into everything that reads foreign bytes.
//!
//! `FUZZ_SECONDS=60 cargo test --test fuzz -- --ignored --nocapture`; each target prints how many inputs it has read.
//! A failure names its seed; `FUZZ_SEED=<seed> FUZZ_SECONDS=0` reads that one input again.

#![allow(clippy::print_stdout, reason = "the number of executions is what a run is for")]

use std::time::{Duration, Instant};

use git_spec::config::Config;
use git_spec::spec::Clause;
use git_spec::spec::formats::{Format, segment};
use git_spec::trace::{Link, message, note};

/// No input of this size may take longer, on a busy machine and in a debug build, where 64 KiB of unclosed front matter
/// in a quote take 2 s.
const PATIENCE: Duration = Duration::from_secs(10);
/// Inputs grow up to this many bytes.
const SIZE: usize = 64 * 1024;

#[test]
#[ignore = "runs for FUZZ_SECONDS"]
fn markdown() {
    fuzz("markdown", MARKDOWN, |bytes| assert_sound(Format::Markdown, bytes));
}

#[test]
#[ignore = "runs for FUZZ_SECONDS"]
fn strictdoc() {
    fuzz("strictdoc", STRICTDOC, |bytes| assert_sound(Format::StrictDoc, bytes));
}

#[test]
#[ignore = "runs for FUZZ_SECONDS"]
fn gherkin() {
    fuzz("gherkin", GHERKIN, |bytes| assert_sound(Format::Gherkin, bytes));
}

#[test]
#[ignore = "runs for FUZZ_SECONDS"]
fn rst() {
    fuzz("rst", RST, |bytes| assert_sound(Format::Rst, bytes));
}

#[test]
#[ignore = "runs for FUZZ_SECONDS"]
fn paragraphs() {
    fuzz("paragraphs", RST, |bytes| assert_sound(Format::Paragraphs, bytes));
}

#[test]
#[ignore = "runs for FUZZ_SECONDS"]
fn configuration() {
    fuzz("configuration", CONFIGURATION, |bytes| {
        if let Err(error) = Config::parse(".gitspec.toml", bytes) {
            assert!(!error.to_string().is_empty());
            // the excerpt of the file is drawn too, as a user would see it
            let mut shown = String::new();
            let drawn = miette::GraphicalReportHandler::new().render_report(&mut shown, &error);
            assert!(drawn.is_ok());
        }
    });
}

#[test]
#[ignore = "runs for FUZZ_SECONDS"]
fn links() {
    fuzz("links", LINKS, |bytes| {
        let read = message::extract(bytes);
        for link in read.links.iter().chain(&note::read(bytes).links) {
            let written = link.to_string();
            let again = Link::parse(written.as_bytes(), link.source).expect("what was written reads");
            assert_eq!(again.to_string(), written);
        }
        for rejected in &read.rejected {
            assert!(!rejected.reason.to_string().is_empty());
        }
        message::trailers(bytes);
    });
}

/// Lines within the file and owned at most once, anchors unique, the same answer twice.
fn assert_sound(format: Format, bytes: &[u8]) {
    let clauses: Vec<Clause> = segment(format, bytes);
    let mut owned = vec![false; String::from_utf8_lossy(bytes).lines().count()];
    let mut anchors = std::collections::HashSet::new();
    for clause in &clauses {
        for span in &clause.spans {
            assert!(1 <= span.first && span.first <= span.last, "{span:?}");
            for line in span.first..=span.last {
                let Some(line) = owned.get_mut(line as usize - 1) else { panic!("{span:?} ends behind the file") };
                assert!(!std::mem::replace(line, true), "{span:?} is owned twice");
            }
        }
        assert!(anchors.insert(clause.anchor.as_str()), "{} twice", clause.anchor);
        clause.version();
    }
}

/// Feeds mutated snippets to a target for `FUZZ_SECONDS`.
fn fuzz(name: &str, snippets: &[&str], target: impl Fn(&[u8]) + std::panic::RefUnwindSafe) {
    let number = |name: &str| std::env::var(name).ok().and_then(|value| value.parse::<u64>().ok());
    let time = Duration::from_secs(number("FUZZ_SECONDS").unwrap_or(60));
    let start = Instant::now();
    let mut seed = number("FUZZ_SEED").unwrap_or(1);
    let (mut count, mut bytes, mut slowest) = (0u64, 0u64, (Duration::ZERO, seed));
    loop {
        let input = Mutator::new(seed).input(snippets);
        let begun = Instant::now();
        let survived = std::panic::catch_unwind(|| target(&input));
        let took = begun.elapsed();
        assert!(survived.is_ok(), "{name}: FUZZ_SEED={seed}, {} bytes: {:?}", input.len(), excerpt(&input));
        assert!(
            took < PATIENCE,
            "{name}: FUZZ_SEED={seed} took {took:?} for {} bytes: {:?}",
            input.len(),
            excerpt(&input)
        );
        slowest = slowest.max((took, seed));
        count += 1;
        bytes += input.len() as u64;
        if start.elapsed() >= time {
            break;
        }
        seed += 1;
    }
    println!("{name}: {count} inputs, {bytes} bytes, slowest {:?} (FUZZ_SEED={})", slowest.0, slowest.1);
}

fn excerpt(input: &[u8]) -> String {
    String::from_utf8_lossy(&input[..input.len().min(2000)]).into_owned()
}

/// Makes an input from a seed: some snippets, then some damage. Small inputs are the rule, huge ones the exception.
struct Mutator {
    state: u64,
}

impl Mutator {
    fn new(seed: u64) -> Self {
        Mutator { state: seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) }
    }

    /// SplitMix64 (Steele, Lea, Flood 2014).
    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit.max(1) as u64) as usize
    }

    fn input(&mut self, snippets: &[&str]) -> Vec<u8> {
        let mut input = Vec::new();
        for _ in 0..1 + self.below(12) {
            input.extend_from_slice(snippets[self.below(snippets.len())].as_bytes());
            if self.below(3) > 0 {
                input.push(b'\n');
            }
        }
        for _ in 0..self.below(6) {
            self.damage(&mut input, snippets);
        }
        if self.below(200) == 0 {
            self.blow_up(&mut input);
        }
        input.truncate(SIZE);
        input
    }

    fn damage(&mut self, input: &mut Vec<u8>, snippets: &[&str]) {
        match self.below(10) {
            0 => self.flip(input),
            1 => self.splice_one(input, snippets),
            2 => self.splice_one(input, TOKENS),
            3 => self.cut(input),
            4 => self.lines(input, |me, lines| me.shuffle(lines)),
            5 => self.lines(input, Self::repeat),
            6 => self.indent(input),
            7 => self.nest(input),
            8 => *input = String::from_utf8_lossy(input).replace('\n', "\r\n").into_bytes(),
            _ => {
                let at = self.below(input.len());
                input.truncate(at);
            }
        }
    }

    fn flip(&mut self, input: &mut [u8]) {
        if !input.is_empty() {
            let at = self.below(input.len());
            input[at] ^= 1 << self.below(8);
        }
    }

    fn splice(&mut self, input: &mut Vec<u8>, part: &[u8]) {
        let at = self.below(input.len() + 1);
        input.splice(at..at, part.iter().copied());
    }

    fn splice_one(&mut self, input: &mut Vec<u8>, parts: &[&str]) {
        let at = self.below(parts.len());
        self.splice(input, parts[at].as_bytes());
    }

    fn cut(&mut self, input: &mut Vec<u8>) {
        let from = self.below(input.len());
        let to = (from + self.below(40)).min(input.len());
        input.drain(from..to);
    }

    fn lines(&mut self, input: &mut Vec<u8>, change: fn(&mut Self, &mut Vec<Vec<u8>>)) {
        let mut lines: Vec<Vec<u8>> = input.split(|&b| b == b'\n').map(<[u8]>::to_vec).collect();
        change(self, &mut lines);
        *input = lines.join(&b'\n');
    }

    fn shuffle(&mut self, lines: &mut [Vec<u8>]) {
        for at in (1..lines.len()).rev() {
            lines.swap(at, self.below(at + 1));
        }
    }

    fn repeat(&mut self, lines: &mut Vec<Vec<u8>>) {
        let at = self.below(lines.len());
        let line = lines[at].clone();
        let times = 1 + self.below(30);
        lines.splice(at..at, std::iter::repeat_n(line, times));
    }

    /// Puts all lines behind a prefix: into a quote, a list, a code block.
    fn indent(&mut self, input: &mut Vec<u8>) {
        let prefix = ["> ", "  ", "    ", "\t", "- ", "> > "][self.below(6)];
        let text: Vec<u8> =
            input.split(|&b| b == b'\n').flat_map(|line| [prefix.as_bytes(), line, b"\n"].concat()).collect();
        *input = text;
    }

    /// Opens something very often.
    fn nest(&mut self, input: &mut Vec<u8>) {
        let open = NESTING[self.below(NESTING.len())];
        let many = open.repeat(1 + self.below(400));
        self.splice(input, many.as_bytes());
    }

    /// Makes a huge file out of a small one: of many lines, or of one.
    fn blow_up(&mut self, input: &mut Vec<u8>) {
        let part =
            if self.below(2) == 0 { input.clone() } else { TOKENS[self.below(TOKENS.len())].as_bytes().to_vec() };
        if part.is_empty() {
            return;
        }
        while input.len() < SIZE {
            input.extend_from_slice(&part);
        }
        if self.below(2) == 0 {
            input.iter_mut().filter(|byte| **byte == b'\n').for_each(|byte| *byte = b' ');
        }
    }
}

/// What opens a block or a span.
#[rustfmt::skip]
const NESTING: &[&str] = &[
    "> ", "- ", "1. ", "  - ", "[", "![", "*", "_", "`", "~", "<", "<div>", "<!--", "(", "\"", "[^", "|", "#", "[[", "{", "&",
    "[[SECTION]]\n", "[SECTION]\n", "\n  ", "::\n\n  ", "[spec]\n", "a.", "[a](", "\\", "\u{301}", "=",
];

/// What means something somewhere.
#[rustfmt::skip]
const TOKENS: &[&str] = &[
    "\0", "\r", "\r\n", "\n", "\t", "\u{feff}", "\u{2028}", "\u{202e}", "\x1b[2J", "é", "認", "👍🏽", "`", "```", "~~~", "|", "[^1]",
    "[^1]: x", "[x]: y", "[", "]", "<", ">", "<!--", "-->", "\"", "'", "#", "===", "---", "+++", "{#", "}", "r[a]", "`req~a~1`",
    "**FR-001**", "1.", ":", "::", ".. ", "@id:x", "\"\"\"", ">>>", "<<<", "[[", "]]", "99999999999999999999", "&amp;", "\\", "*", "_",
    "\u{85}", "\u{b}", "\u{c}", "<<<<<<< ours\n", "=======\n", ">>>>>>> theirs\n",
];

#[rustfmt::skip]
const MARKDOWN: &[&str] = &[
    "# Title\n\ntext MUST\n", "Title\n=====\n", "Title\n-----\n", "## Two {#two}\n", "# A\n{: #a .b}\n", "---\ntitle: x\n---\n", "+++\na = 1\n+++\n",
    "r[a.b.c]\n", "> r[a.b+2]\n> text\n", "`req~login~1`\n", "### Requirement: Login\nThe system SHALL\n\n#### Scenario: Works\n- **WHEN** a\n- **THEN** b\n",
    "- **FR-001**: MUST a\n  more\n- **FR-002**: MUST b\n", "### User Story 1 - x (Priority: P1)\n", "### Requirement 2\n\n#### Acceptance Criteria\n\n1. WHEN a\n2. IF b\n",
    "1. It MUST a\n1. It MAY b\n   - nested\n\n     more\n", "| **1.1.1** | a | ✓ |\n", "| Id | Text |\n|---|---|\n| 1.1.1 | a |\n| 1.1.2 | b \\| c |\n",
    "```rust\n# no heading\nr[no]\n```\n", "~~~~\ncode\n", "    indented code\n", "- item\n\n  ```\n  # x\n  ```\n", "> quote\n> # no\nlazy\n", "> [!NOTE]\n> note\n",
    "text[^1] and [a][b] and [c](d) ![e](f)\n", "[^1]: the footnote[^2]\n\n[^2]: deeper[^1]\n", "[x]: https://example.org \"t\"\n", "<div>\n# no\n</div>\n",
    "a <del>b</del> <token> 2<sup>10</sup> <img src=x> <br/>\n", "<!-- a\n# b\n-->\n", "---\n", "* * *\n", "- [x] done\n- [ ] open\n", "~~MUST~~ *a* **b** `c` \\* &lt;\n",
    ":::note\ntext\n:::\n", "import X from 'y'\n\n<Tab a={1}>\n", "a  \nb\\\nc\n", "1) a\n2) b\n\n3) c\n", "+ a\n+ b\n", "#### Requirement 1.1.2.1\n", "## AUTH-2: Lock\n",
];

#[rustfmt::skip]
const STRICTDOC: &[&str] = &[
    "[DOCUMENT]\nTITLE: T\nOPTIONS:\n  ENABLE_MID: On\n", "[REQUIREMENT]\nMID: a1\nUID: A-1\nTITLE: t\nSTATEMENT: It shall\n", "[[SECTION]]\nTITLE: S\n", "[[/SECTION]]\n",
    "[SECTION]\nUID: S-1\nTITLE: S\n", "[/SECTION]\n", "STATEMENT: >>>\nmany\n\nlines\n<<<\n", "RATIONALE: >>>\nnever closed\n", "COMMENT: a\nCOMMENT: b\n", "[TEXT]\nSTATEMENT: t\n",
    "RELATIONS:\n- TYPE: Parent\n  VALUE: A-2\n  ROLE: r\n", "[GRAMMAR]\nELEMENTS:\n- TAG: REQUIREMENT\n  FIELDS:\n  - TITLE: UID\n    TYPE: String\n    REQUIRED: True\n",
    "[COMPOSITE_REQUIREMENT]\nUID: C\n", "[/COMPOSITE_REQUIREMENT]\n", "[[REQUIREMENT]]\nUID: D\n\n[[/REQUIREMENT]]\n", "[DOCUMENT_FROM_FILE]\nFILE: a.sdoc\n", "UID:\n", "STATUS: Active\n", "[FREETEXT]\ntext\n[/FREETEXT]\n",
];

#[rustfmt::skip]
const GHERKIN: &[&str] = &[
    "Feature: f\n  As a user\n", "# language: fr\nFonctionnalité: f\n", "@a @id:b\n", "Background:\n  Given a\n", "Rule: r\n", "  Scenario: s\n    Given a\n    When b\n    Then c\n",
    "  Scenario Outline: <x>\n    * do <x>\n\n    Examples:\n      | x |\n      | 1 |\n", "    \"\"\"json\n    Scenario: no\n    \"\"\"\n", "    ```\n    Feature: no\n    ```\n",
    "      | a | b\\|c |\n", "# comment\n", "  But d\n  And e\n", "Example: e\n", "Scenarios:\n", "Scénario: x\n", "    \"\"\"\n    never closed\n", "@\n", "  @x #y\n",
];

#[rustfmt::skip]
const RST: &[&str] = &[
    "Title\n=====\n\ntext\n", "=====\nTitle\n=====\n", "Sub\n---\n", "~~~\nx\n~~~\n", ".. _anchor:\n\n", ".. _a: https://example.org\n", ".. note::\n\n   text\n", ".. code-block:: rust\n   :linenos:\n\n   fn a() {}\n",
    "text::\n\n  literal\n  Title\n  =====\n", "* item\n\n  more\n* two\n", "#. a\n#. b\n", "1. a\n2. b\n", ":field: value\n", "term\n  definition\n", "+---+---+\n| a | b |\n+===+===+\n| c | d |\n+---+---+\n",
    "=== ===\na   b\n=== ===\nc   d\n=== ===\n", "``code`` *em* **strong** `ref`_ :role:`x` |sub| [1]_ `t <u>`__\n", ".. |sub| replace:: text\n", ".. [1] footnote\n", ".. comment\n   more\n", "----\n", "| line\n| block\n", ">>> doctest\n1\n", ".. image:: x.png\n   :alt: a\n", "::\n\n  x\n",
];

#[rustfmt::skip]
const LINKS: &[&str] = &[
    "Subject\n\nbody\n\n", "Spec: specs/auth.md#AUTH-2@443d3707dde4c0ff v1:df6cf01b71aa3e0790ab12cd34ef5678\n", "Spec: a%20b.md#x%23y v1:df6cf01b71aa3e0790ab12cd34ef5678 by:affirm id:0123abcd\n",
    "Unspec: id:0123abcd\n", "spec:\tx.md\n  v1:df6cf01b71aa3e0790ab12cd34ef5678\n", "Signed-off-by: A <a@b.c>\n", "* Squashed\n\n", "---------\n", "```\n", "Squashed commit of the following:\n\n",
    "    Spec: a.md v9:00\n", "other:x.md#y@0123456 v1:00000000000000000000000000000000\n", "(cherry picked from commit 443d3707dde4c0ffee443d3707dde4c0ffee4437)\n", "\r\n", "\0", "%ff%00%0A", "# comment\n", "Conflicts:\n\tx\n",
];

#[rustfmt::skip]
const CONFIGURATION: &[&str] = &[
    "[spec]\ninclude = [\"docs/**/*.md\"]\nexclude = []\n", "[generated]\npaths = [\"src/**\"]\nexempt = [\"src/vendor/**\"]\n", "[policy]\nrefs = [\"refs/heads/main\"]\nrequire-link = \"deny\"\n",
    "since = \"443d3707dde4c0ffee443d3707dde4c0ffee4437\"\n", "stale = \"substantive\"\n", "accept = [\"ambiguous\", \"foreign\"]\n", "include = \"x\"\n", "inclde = [\"x\"]\n", "[spec]\ninclude = [\n  \"a\",\n  \"b{c,d}[e-f]?*\",\n]\n",
    "x = 1\n", "\"quoted\" = '''\nmany\nlines'''\n", "a.b.c = { d = 1 }\n", "[[spec]]\n", "# comment\n", "exclude = [\"{{{{a,b},c},d},e}\"]\n", "include = [\"**/**/**\", \"[!a-z]\", \"\\\\\"]\n", "date = 1979-05-27T07:32:00Z\n",
];
