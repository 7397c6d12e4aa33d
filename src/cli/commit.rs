//! `git spec commit`, whose words are git's but for a few.
//!
//! Which word is an option and which is the value of the one before has to be known, or `-m --for` would lose its
//! message. So the options of git-commit(1) stand here, and are read as git's parse-options reads them: long ones by
//! any prefix that only one has, short ones in bundles.

use std::ffi::{OsStr, OsString};

use clap::Args;

/// `git spec commit`
#[derive(Debug, Default, Args)]
pub struct CommitArgs {
    /// Link this clause: AUTH-2, specs/auth.md#AUTH-2, AUTH-2@v1.0; may be repeated
    #[arg(long = "for", value_name = "CLAUSE")]
    pub clauses: Vec<OsString>,

    /// What git commit takes: -m, -a, --amend, paths and all the rest
    #[arg(last = true, value_name = "GIT COMMIT OPTION")]
    pub words: Vec<OsString>,
}

/// Long options of git-commit(1), and whether the next word is their value.
const LONG: [(&str, bool); 40] = [
    ("ahead-behind", false),
    ("all", false),
    ("allow-empty", false),
    ("allow-empty-message", false),
    ("amend", false),
    ("author", true),
    ("auto-advance", false),
    ("branch", false),
    ("cleanup", true),
    ("date", true),
    ("dry-run", false),
    ("edit", false),
    ("file", true),
    ("fixup", true),
    ("gpg-sign", false),
    ("include", false),
    ("inter-hunk-context", true),
    ("interactive", false),
    ("long", false),
    ("message", true),
    ("null", false),
    ("only", false),
    ("patch", false),
    ("pathspec-file-nul", false),
    ("pathspec-from-file", true),
    ("porcelain", false),
    ("post-rewrite", false),
    ("quiet", false),
    ("reedit-message", true),
    ("reset-author", false),
    ("reuse-message", true),
    ("short", false),
    ("signoff", false),
    ("squash", true),
    ("status", false),
    ("template", true),
    ("trailer", true),
    ("unified", true),
    ("untracked-files", false),
    ("verify", false),
];

/// Short options whose value is the rest of the word, or the next one.
const WITH_VALUE: [(char, &str); 6] = [
    ('m', "message"),
    ('F', "file"),
    ('C', "reuse-message"),
    ('c', "reedit-message"),
    ('t', "template"),
    ('U', "unified"),
];
/// Short options whose value, if any, is the rest of the word.
const GLUED: [char; 2] = ['S', 'u'];
/// The other short options.
const FLAGS: [(char, &str); 10] = [
    ('n', "no-verify"),
    ('q', "quiet"),
    ('v', "verbose"),
    ('s', "signoff"),
    ('e', "edit"),
    ('a', "all"),
    ('i', "include"),
    ('p', "patch"),
    ('o', "only"),
    ('z', "null"),
];

/// What the words of a `git commit` mean for its message.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GitWords {
    /// `--amend`.
    pub amend: bool,
    /// `-C`, `-c`, `--fixup` or `--squash`: the message, or its title, is another commit's.
    pub reuses: bool,
    /// `-m` or `-F`: the message is given.
    pub given: bool,
    /// Whether all that `-m` gives is blank, so that there are no words as far as these words tell.
    pub blank: bool,
    /// `--allow-empty-message`.
    pub wordless: bool,
    /// Whether git will start an editor.
    pub edits: bool,
    /// No commit is made: `--dry-run` and what implies it.
    pub rehearsal: bool,
    /// What is committed is not the index as it is: `-a`, `-p`, `-o`, `-i`, paths.
    pub picks: bool,
    /// `-t`: the message begins as a file.
    pub template: bool,
    /// `--cleanup`.
    pub cleanup: Option<String>,
    /// `--no-verify`: the commit-msg hook does not run.
    pub unverified: bool,
    /// The last option lacks its value; git will say so.
    pub cut_off: bool,
}

/// A word, as git reads it.
enum Piece {
    Option(&'static str),
    No(&'static str),
    /// An option with its value; none where it is missing.
    Value(&'static str, Option<OsString>),
    Path,
    Unknown,
}

impl GitWords {
    /// Reads the words behind `git commit`.
    pub fn read(words: &[OsString]) -> GitWords {
        let mut read = GitWords { edits: true, ..GitWords::default() };
        let mut asked = None;
        for (piece, _) in pieces(words) {
            match piece {
                Piece::Option("amend") => read.amend = true,
                Piece::No("amend") => read.amend = false,
                Piece::No("verify") | Piece::Option("no-verify") => read.unverified = true,
                Piece::Option("verify") => read.unverified = false,
                Piece::Option("allow-empty-message") => read.wordless = true,
                Piece::No("allow-empty-message") => read.wordless = false,
                Piece::Option("edit") => asked = Some(true),
                Piece::No("edit") => asked = Some(false),
                Piece::Option("dry-run" | "short" | "porcelain" | "long" | "null") => read.rehearsal = true,
                Piece::Option("all" | "patch" | "interactive" | "only" | "include") | Piece::Path => read.picks = true,
                Piece::Value(name, value) => read.take(name, value),
                _ => {}
            }
        }
        read.edits = asked.unwrap_or(read.edits);
        read
    }

    fn take(&mut self, name: &str, value: Option<OsString>) {
        self.cut_off |= value.is_none();
        let value = value.unwrap_or_default();
        match name {
            "message" | "file" => {
                let blank = name == "message" && value.to_string_lossy().trim().is_empty();
                self.blank = blank && (self.blank || !self.given);
                (self.given, self.edits) = (true, false);
            }
            "reuse-message" => (self.reuses, self.edits) = (true, false),
            "reedit-message" | "squash" => self.reuses = true,
            "fixup" => {
                self.reuses = true;
                let value = value.to_string_lossy();
                // Only these two let the message be edited (git-commit(1)).
                self.edits &= value.starts_with("amend:") || value.starts_with("reword:");
            }
            "template" => self.template = true,
            "pathspec-from-file" => self.picks = true,
            "cleanup" => self.cleanup = Some(value.to_string_lossy().into_owned()),
            _ => {}
        }
    }
}

/// Each word that is an option or a path, and its place among the words.
fn pieces(words: &[OsString]) -> Vec<(Piece, usize)> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(word) = words.get(at) {
        let here = at;
        at += 1;
        if word == "--" {
            found.extend((at..words.len()).map(|at| (Piece::Path, at)));
            break;
        }
        let mut next = || {
            at += 1;
            words.get(at - 1).cloned()
        };
        match word.to_str() {
            Some(text) if text.starts_with("--") => found.push((long(&text[2..], &mut next), here)),
            Some(text) if text.len() > 1 && text.starts_with('-') => {
                found.extend(bundle(&text[1..], &mut next).into_iter().map(|piece| (piece, here)));
            }
            // A value that is no UTF-8 may be glued to its option.
            None if word.as_encoded_bytes().starts_with(b"-") => {
                found.extend(bundle(&word.to_string_lossy()[1..], &mut next).into_iter().map(|piece| (piece, here)))
            }
            _ => found.push((Piece::Path, here)),
        }
    }
    found
}

fn long(text: &str, next: &mut dyn FnMut() -> Option<OsString>) -> Piece {
    let (name, glued) = text.split_once('=').map_or((text, None), |(name, value)| (name, Some(OsString::from(value))));
    let named = |name: &str| {
        let mut begun = LONG.iter().filter(|(long, _)| long.starts_with(name));
        let exact = LONG.iter().find(|(long, _)| *long == name);
        exact.or_else(|| begun.next().filter(|_| begun.next().is_none()))
    };
    match (named(name), name.strip_prefix("no-").and_then(named)) {
        (Some((name, true)), _) => Piece::Value(name, glued.or_else(next)),
        (Some((name, false)), _) => Piece::Option(name),
        (None, Some((name, _))) => Piece::No(name),
        (None, None) => Piece::Unknown,
    }
}

fn bundle(letters: &str, next: &mut dyn FnMut() -> Option<OsString>) -> Vec<Piece> {
    let mut found = Vec::new();
    for (at, letter) in letters.char_indices() {
        if let Some((_, name)) = WITH_VALUE.iter().find(|(short, _)| *short == letter) {
            let rest = &letters[at + letter.len_utf8()..];
            let glued = (!rest.is_empty()).then(|| OsString::from(rest));
            found.push(Piece::Value(name, glued.or_else(&mut *next)));
            break;
        }
        if GLUED.contains(&letter) {
            break;
        }
        found.push(
            FLAGS.iter().find(|(short, _)| *short == letter).map_or(Piece::Unknown, |(_, name)| Piece::Option(name)),
        );
    }
    found
}

/// The words behind `commit` with those that are ours in front of `--`, as clap wants them, and git's behind it.
pub(super) fn sorted(words: &[OsString]) -> Vec<OsString> {
    let is_ours = |word: &OsStr| {
        let text = word.to_string_lossy();
        matches!(&*text, "-h" | "--help" | "--json" | "--no-pager" | "--no-color" | "--color")
            || text.starts_with("--for=")
            || text.starts_with("--color=")
    };
    let (mut ours, mut gits) = (Vec::new(), Vec::new());
    let mut at = 0;
    while let Some(word) = words.get(at) {
        if word == "--" {
            gits.extend_from_slice(&words[at..]);
            break;
        }
        let value = words.get(at + 1).filter(|value| !value.as_encoded_bytes().starts_with(b"-"));
        if word == "--for" {
            ours.push(word.clone());
            ours.extend(value.cloned());
            at += 1 + usize::from(value.is_some());
            continue;
        }
        if is_ours(word) {
            ours.push(word.clone());
            at += 1;
            continue;
        }
        // The value of git's option, whatever it looks like, is git's too.
        let takes = pieces(&words[at..=at]).iter().any(|(piece, _)| matches!(piece, Piece::Value(_, None)));
        let end = (at + 1 + usize::from(takes)).min(words.len());
        gits.extend_from_slice(&words[at..end]);
        at = end;
    }
    ours.push("--".into());
    ours.extend(gits);
    ours
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Vec<OsString> {
        line.split_whitespace().map(OsString::from).collect()
    }

    fn sort(line: &str) -> String {
        let sorted = sorted(&words(line));
        sorted.iter().map(|word| word.to_str().unwrap()).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn ours_come_first_and_values_stay_with_their_options() {
        assert_eq!(sort("-a --for A -m x --for=B"), "--for A --for=B -- -a -m x");
        assert_eq!(sort("-m --for A"), "-- -m --for A");
        assert_eq!(sort("-am --for --for A"), "--for A -- -am --for");
        assert_eq!(sort("-mx --for A"), "--for A -- -mx");
        assert_eq!(sort("--mess --for --author=x"), "-- --mess --for --author=x");
        assert_eq!(sort("-Skey --for A -uno"), "--for A -- -Skey -uno");
        assert_eq!(sort("--for A -- --for B"), "--for A -- -- --for B");
        assert_eq!(sort("--trailer --for -F --json x"), "-- --trailer --for -F --json x");
        assert_eq!(sort("--for -m x"), "--for -- -m x");
        assert_eq!(sort("x --json -h"), "--json -h -- x");
    }

    #[test]
    fn the_editor_is_foretold() {
        let edits = |line: &str| GitWords::read(&words(line)).edits;
        for line in ["", "-a", "--amend", "-c HEAD", "-t x", "--squash HEAD", "-m x -e", "--fixup amend:HEAD", "-v"] {
            assert!(edits(line), "{line}");
        }
        for line in ["-m x", "-amx", "-F -", "-C HEAD", "--fixup HEAD", "--amend --no-edit", "--file=x", "--mes x"] {
            assert!(!edits(line), "{line}");
        }
    }

    #[test]
    fn what_bears_on_the_message_is_read() {
        let read = GitWords::read(&words("--amend -a -m x --cleanup=strip"));
        assert!(read.amend && read.picks && read.given && !read.reuses && !read.rehearsal && !read.cut_off);
        assert_eq!(read.cleanup.as_deref(), Some("strip"));
        assert!(GitWords::read(&words("-m")).cut_off);
        assert!(GitWords::read(&words("-nm x")).unverified && GitWords::read(&words("--no-verify")).unverified);
        assert!(!GitWords::read(&words("-m n --no-verify --verify")).unverified);
        assert!(GitWords::read(&words("--porc")).rehearsal && GitWords::read(&words("-z")).rehearsal);
        assert!(GitWords::read(&words("-m x -- src")).picks && GitWords::read(&words("src -m x")).picks);
        assert!(!GitWords::read(&words("-m x -Fy")).picks);
    }
}
