//! How the git was called that runs a hook, where the system shows it.

use std::path::PathBuf;

use bstr::ByteSlice;

/// Processes that may stand between a hook and its git: a shell, and a manager of hooks.
const MOST: usize = 8;
/// Options of `git commit` whose value is a word of its own.
const WITH_VALUE: [&[u8]; 8] = [b"-m", b"--message", b"-F", b"--file", b"-C", b"-c", b"-t", b"--author"];

/// Whether the `git commit` behind this process was called with `--amend`. None where nobody shows it, as on systems
/// without `/proc` (proc(5)), or where an alias hides it.
#[must_use]
pub fn called_to_amend() -> Option<bool> {
    let mut process = "self".to_owned();
    for _ in 0..MOST {
        process = parent(&process)?;
        let line = std::fs::read(place(&process, "cmdline")).ok()?;
        let words: Vec<&[u8]> = line.split(|byte| *byte == 0).collect();
        let program = words.first()?.rsplit(|byte| *byte == b'/').next()?;
        if program == b"git" && !is_ours(&words) {
            return amends(&words);
        }
    }
    None
}

fn place(process: &str, file: &str) -> PathBuf {
    PathBuf::from("/proc").join(process).join(file)
}

/// The process that started another: the second field behind its name, which stands in parentheses.
fn parent(process: &str) -> Option<String> {
    let stat = std::fs::read(place(process, "stat")).ok()?;
    let fields = &stat[stat.rfind_byte(b')')? + 1..];
    fields.fields().nth(1)?.to_str().ok().map(str::to_owned)
}

/// Whether a hook called this git, to find us.
fn is_ours(words: &[&[u8]]) -> bool {
    words.windows(2).any(|pair| pair == [&b"spec"[..], b"hook"])
}

/// Whether these are the words of a `git commit --amend`; none where they are those of another command.
fn amends(words: &[&[u8]]) -> Option<bool> {
    let at = words.iter().position(|word| *word == b"commit")?;
    let mut options = words[at + 1..].iter().take_while(|word| **word != b"--");
    while let Some(word) = options.next() {
        if WITH_VALUE.contains(word) {
            options.next();
        } else if word.len() > b"--a".len() && b"--amend".starts_with(word) {
            return Some(true);
        }
    }
    Some(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(line: &str) -> Option<bool> {
        amends(&line.split(' ').map(str::as_bytes).collect::<Vec<_>>())
    }

    #[test]
    fn the_words_of_git_tell() {
        assert_eq!(of("git commit --amend -m x"), Some(true));
        assert_eq!(of("git -c a.b=c commit -m x --am"), Some(true));
        assert_eq!(of("git commit -qam x"), Some(false));
        assert_eq!(of("git commit -m --amend"), Some(false));
        assert_eq!(of("git commit -m x -- --amend"), Some(false));
        assert_eq!(of("git commit --all --author x --allow-empty -m y"), Some(false));
        assert_eq!(of("git ci --amend"), None);
        assert_eq!(of("git rebase -i HEAD~2"), None);
    }
}
