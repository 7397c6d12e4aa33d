//! Whether what a commit put into files is still somewhere: by sequences of words and signs, wherever they stand now.
//!
//! Blame answers that for lines that stay in their files. Code that was moved, wrapped anew or reworked gets other lines in
//! other files, and is not gone. Here more counts as left than that, so that what is told as gone is gone.

use std::collections::HashSet;

/// Words and signs of a sequence. Of shorter ones a file has many by chance: of files that flask and docker/compose deleted,
/// half have 2 % of theirs and nine tenths have under 35 % of them elsewhere with 8; harper, a Rust project with much alike,
/// 20 % and 50 %.
const LENGTH: usize = 8;
/// One file with a part of this many of them, or all together with one of that many, has what was put in.
const OF_ONE: usize = 4;
const OF_ALL: usize = 2;
/// Multiplier of the rolling hash: odd, with bits everywhere (the 64-bit golden ratio).
const STEP: u64 = 0x9e37_79b9_7f4a_7c15;

/// Sequences, hashed.
pub type Sequences = HashSet<u64>;

/// The sequences that texts hold which were put in, and none of those before had: of lines that came, whatever their
/// indentation; empty where so little came that nobody could find it again.
pub fn brought_in(before: &[Vec<u8>], after: &[Vec<u8>]) -> Sequences {
    let known: HashSet<&[u8]> = before.iter().flat_map(|text| lines(text)).collect();
    let mut found = Sequences::new();
    for text in after {
        let mut run: Vec<&[u8]> = Vec::new();
        // A bracket alone on its line parts nothing.
        let mut signs: Vec<&[u8]> = Vec::new();
        for line in lines(text) {
            if !says_something(line) {
                signs.push(line);
            } else if known.contains(line) {
                each_sequence(run.drain(..), |sequence| {
                    found.insert(sequence);
                });
                signs.clear();
            } else {
                if run.is_empty() {
                    signs.clear();
                }
                run.append(&mut signs);
                run.push(line);
            }
        }
        each_sequence(run.into_iter(), |sequence| {
            found.insert(sequence);
        });
    }
    for text in before {
        each_sequence(std::iter::once(text.as_slice()), |sequence| {
            found.remove(&sequence);
        });
    }
    found
}

/// Calls with each sequence of a text, in order.
pub fn each_sequence<'t>(pieces: impl Iterator<Item = &'t [u8]>, mut each: impl FnMut(u64)) {
    let leaving = (0..LENGTH).fold(1_u64, |power, _| power.wrapping_mul(STEP));
    let mut window = [0_u64; LENGTH];
    let (mut count, mut hash) = (0_usize, 0_u64);
    for token in pieces.flat_map(tokens) {
        let oldest = std::mem::replace(&mut window[count % LENGTH], token);
        hash = hash.wrapping_mul(STEP).wrapping_add(token).wrapping_sub(oldest.wrapping_mul(leaving));
        count += 1;
        if count >= LENGTH {
            each(hash);
        }
    }
}

/// Whether so much of `all` is in one file, or in all together, that it counts as left.
pub fn is_left(all: usize, most_in_one: usize, in_all: usize) -> bool {
    most_in_one * OF_ONE >= all || in_all * OF_ALL >= all
}

/// Whether a line holds more than brackets, signs and white space.
pub fn says_something(line: &[u8]) -> bool {
    line.iter().any(|&byte| is_word(byte))
}

fn lines(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split(|&byte| byte == b'\n').map(<[u8]>::trim_ascii)
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

/// Words and signs, hashed (FNV-1a).
fn tokens(text: &[u8]) -> impl Iterator<Item = u64> {
    let mut rest = text;
    std::iter::from_fn(move || {
        rest = rest.trim_ascii_start();
        let (&first, _) = rest.split_first()?;
        let length = if is_word(first) { rest.iter().take_while(|&&byte| is_word(byte)).count() } else { 1 };
        let (token, behind) = rest.split_at(length);
        rest = behind;
        let fold = |hash: u64, &byte: &u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        Some(token.iter().fold(0xcbf2_9ce4_8422_2325, fold))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOCK: &str =
        "fn lock(account: &mut Account) {\n    if account.failures >= 3 {\n        account.lock();\n    }\n}\n";

    fn of(before: &str, after: &str) -> Sequences {
        brought_in(&[before.into()], &[after.into()])
    }

    fn held(sequences: &Sequences, text: &str) -> usize {
        let mut held = Sequences::new();
        each_sequence(std::iter::once(text.as_bytes()), |sequence| {
            if sequences.contains(&sequence) {
                held.insert(sequence);
            }
        });
        held.len()
    }

    #[test]
    fn what_was_moved_and_wrapped_is_held() {
        let other = "fn other() {\n    let a = b.c(d, e, f);\n}\n";
        let put_in = of(other, &format!("{other}\n{LOCK}"));
        let wrapped = LOCK.replace(": ", ":\n\t\t").replace("    ", "  ");
        for text in [LOCK.to_owned(), wrapped.clone(), format!("{wrapped}{other}"), format!("{other}{other}{LOCK}")] {
            assert_eq!(held(&put_in, &text), put_in.len(), "{text}");
        }
        assert_eq!(held(&put_in, other), 0);
        assert!(!put_in.is_empty());
    }

    #[test]
    fn what_was_there_before_was_not_brought_in() {
        assert!(of(LOCK, LOCK).is_empty());
        assert!(of(&format!("a = b;\n{LOCK}"), &format!("{LOCK}a = b;\n")).is_empty(), "it was moved");
        let more = of(LOCK, &LOCK.replace("3", "5"));
        assert_eq!(held(&more, LOCK), 0);
    }

    #[test]
    fn too_little_is_nothing() {
        assert!(of("", "x = 1;\n").is_empty());
        assert!(of("", "").is_empty());
    }

    #[test]
    fn a_quarter_in_one_file_or_half_in_all_is_left() {
        assert!(is_left(8, 2, 2) && is_left(8, 1, 4) && is_left(1, 1, 1));
        assert!(!is_left(8, 1, 3) && !is_left(1, 0, 0));
    }
}
