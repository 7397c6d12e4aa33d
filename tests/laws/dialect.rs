//! A clause body as a writer means it, and the many ways to write it down in Markdown.

use proptest::prelude::*;

/// Words that mean what they say wherever a line breaks.
const WORDS: &[&str] = &[
    "server",
    "Client",
    "session",
    "token",
    "MUST",
    "SHOULD",
    "not",
    "never",
    "reject",
    "answer",
    "5",
    "1.5",
    "ms",
    "mW",
    "<=",
    "at",
    "least",
    "50%",
    "iOS",
    "naïve",
    "認証",
    "re-try",
    "don't",
    "(optional)",
    "done,",
    "ends.",
    "The",
];

/// What a body is made of.
#[derive(Clone, Debug)]
pub enum Block {
    Paragraph(Vec<String>),
    List { ordered: bool, items: Vec<Vec<String>> },
    Quote(Vec<String>),
    Code { info: &'static str, lines: Vec<String> },
}

/// How a body is written down; nothing of it may matter.
#[derive(Clone, Debug)]
pub struct Style {
    pub width: usize,
    pub crlf: bool,
    pub bullet: char,
    pub delimiter: char,
    pub numbers: [u32; 3],
    pub loose: bool,
    pub emphasis: Vec<u8>,
    pub links: Vec<u8>,
    pub comments: Vec<bool>,
    pub fence: String,
    pub quoted: bool,
    pub blanks: usize,
}

/// A body of one to four blocks that begins with a sentence of at least five words, so that the title stays out.
pub fn body() -> impl Strategy<Value = Vec<Block>> {
    let opening = prop::collection::vec(prop::sample::select(WORDS), 6..14)
        .prop_map(|words| Block::Paragraph([vec!["Opening"], words].concat().into_iter().map(str::to_owned).collect()));
    (opening, prop::collection::vec(block(), 0..4)).prop_map(|(opening, more)| {
        let mut blocks = vec![opening];
        for block in more {
            // two lists or quotes in a row read as one, whatever the writer meant
            let same = blocks.last().is_some_and(|last| std::mem::discriminant(last) == std::mem::discriminant(&block));
            if same {
                blocks.push(Block::Paragraph(vec!["Between".to_owned()]));
            }
            blocks.push(block);
        }
        blocks
    })
}

fn words() -> impl Strategy<Value = Vec<String>> {
    // a word that no block marker can be made of comes first
    prop::collection::vec(prop::sample::select(WORDS), 1..10)
        .prop_map(|words| [vec!["Word"], words].concat().into_iter().map(str::to_owned).collect())
}

/// An ordered list of demands is cut into clauses of its own, which isn't the question here.
fn without_demands(items: Vec<Vec<String>>) -> Vec<Vec<String>> {
    let demands = |word: &String| matches!(word.as_str(), "MUST" | "SHOULD");
    items.into_iter().map(|item| item.into_iter().filter(|word| !demands(word)).collect()).collect()
}

fn block() -> impl Strategy<Value = Block> {
    prop_oneof![
        words().prop_map(Block::Paragraph),
        words().prop_map(Block::Quote),
        (any::<bool>(), prop::collection::vec(words(), 1..4))
            .prop_map(|(ordered, items)| Block::List { ordered, items: without_demands(items) }),
        (prop::sample::select(vec!["", "rust", "text"]), prop::collection::vec("[a-z#=<>0-9 ]{0,12}", 1..4)).prop_map(
            |(info, lines)| {
                // blank lines at the edges of code are the parser's business
                let lines = lines.into_iter().map(|line| format!("x {line}").trim_end().to_owned()).collect();
                Block::Code { info, lines }
            }
        ),
    ]
}

pub fn style() -> impl Strategy<Value = Style> {
    let layout = (12usize..120, any::<bool>(), any::<bool>(), any::<bool>(), 1usize..4);
    let marks = (
        prop::sample::select(vec!['-', '*', '+']),
        prop::sample::select(vec!['.', ')']),
        prop::sample::select(vec![[1, 1, 1], [1, 2, 3], [7, 8, 9], [3, 1, 2]]),
        prop::sample::select(vec!["```", "````", "~~~", "~~~~~~", "````````````````````````````````"]),
    );
    let inline = (
        prop::collection::vec(0u8..8, 1..12),
        prop::collection::vec(0u8..8, 1..12),
        prop::collection::vec(prop::bool::weighted(0.1), 1..12),
    );
    (layout, marks, inline).prop_map(
        |((width, crlf, loose, quoted, blanks), (bullet, delimiter, numbers, fence), (emphasis, links, comments))| {
            Style {
                width,
                crlf,
                bullet,
                delimiter,
                numbers,
                loose,
                emphasis,
                links,
                comments,
                fence: fence.to_owned(),
                quoted,
                blanks,
            }
        },
    )
}

impl Style {
    /// The body as Markdown, its blocks apart from each other.
    pub fn write(&self, blocks: &[Block]) -> String {
        let mut lines: Vec<String> = Vec::new();
        for (at, block) in blocks.iter().enumerate() {
            if at > 0 {
                lines.extend(vec![String::new(); self.blanks]);
            }
            lines.extend(self.block(block, at));
        }
        if self.quoted {
            lines = lines.iter().map(|line| format!("> {line}").trim_end().to_owned()).collect();
        }
        lines.join("\n") + "\n"
    }

    /// The whole file's line ends.
    pub fn ends(&self, text: &str) -> String {
        if self.crlf { text.replace('\n', "\r\n") } else { text.to_owned() }
    }

    fn block(&self, block: &Block, at: usize) -> Vec<String> {
        match block {
            Block::Paragraph(words) => self.wrapped(words, at, ""),
            Block::Quote(words) => self.wrapped(words, at, "").into_iter().map(|line| format!("> {line}")).collect(),
            Block::Code { info, lines } => [format!("{}{info}", self.fence)]
                .into_iter()
                .chain(lines.iter().cloned())
                .chain([self.fence.clone()])
                .collect(),
            Block::List { ordered, items } => self.list(*ordered, items, at),
        }
    }

    fn list(&self, ordered: bool, items: &[Vec<String>], at: usize) -> Vec<String> {
        let mut lines = Vec::new();
        for (n, item) in items.iter().enumerate() {
            let marker =
                if ordered { format!("{}{} ", self.numbers[n], self.delimiter) } else { format!("{} ", self.bullet) };
            let indent = " ".repeat(marker.len());
            if n > 0 && self.loose {
                lines.push(String::new());
            }
            for (row, line) in self.wrapped(item, at + n, &indent).into_iter().enumerate() {
                lines.push(if row == 0 { format!("{marker}{}", line.trim_start()) } else { line });
            }
        }
        lines
    }

    /// Words with their emphasis, links and comments, in lines of about the width.
    fn wrapped(&self, words: &[String], seed: usize, indent: &str) -> Vec<String> {
        let mut lines: Vec<String> = Vec::new();
        for (at, word) in words.iter().enumerate() {
            let shown = self.decorated(word, seed + at);
            match lines.last_mut() {
                Some(line) if line.len() + shown.len() < self.width.max(indent.len() + 12) || is_marker(word) => {
                    line.push(' ');
                    line.push_str(&shown);
                }
                _ => lines.push(format!("{indent}{shown}")),
            }
        }
        lines
    }

    fn decorated(&self, word: &str, seed: usize) -> String {
        let plain = word.chars().all(char::is_alphanumeric);
        let emphasis = if plain { self.emphasis[seed % self.emphasis.len()] } else { 0 };
        let word = match emphasis {
            1 => format!("**{word}**"),
            2 => format!("*{word}*"),
            3 => format!("_{word}_"),
            4 => format!("<b>{word}</b>"),
            _ => word.to_owned(),
        };
        let link = if plain { self.links[seed % self.links.len()] } else { 0 };
        let word = match link {
            1 => format!("[{word}](https://example.org/{seed})"),
            2 => format!("[{word}](<other.md#x> \"Title\")"),
            3 => format!("[{word}][label-{seed}]"),
            4 => format!("[{word}]"),
            _ => word,
        };
        // behind the word, for a comment at the start of a line is an HTML block
        if self.comments[seed % self.comments.len()] { format!("{word} <!-- {seed} -->") } else { word }
    }
}

/// What must not stand first in a line, because it would begin a block there.
fn is_marker(word: &str) -> bool {
    word.chars().all(|c| !c.is_alphabetic())
}
