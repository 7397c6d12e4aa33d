//! Git's own way to match a path with a pattern, byte by byte: gitglossary(7), "pathspec", and git's `wildmatch.c`.

/// A pattern that was read.
#[derive(Clone, Debug)]
pub(super) struct Pattern {
    parts: Vec<Part>,
    icase: bool,
}

#[derive(Clone, Debug)]
enum Part {
    Byte(u8),
    /// `?`, and whether it matches a slash.
    One(bool),
    /// `*`, and whether it crosses a slash.
    Star(bool),
    /// What `[…]` names.
    Class(Box<[bool; 256]>),
    /// The next two parts may be left out: of `**/` both or none match.
    Maybe,
}

impl Pattern {
    /// Reads a pattern; nothing where it can match no path, as with a bracket that never ends. With `paths` a star stays within
    /// a directory, and `**` between slashes crosses them.
    pub(super) fn new(pattern: &[u8], paths: bool, icase: bool) -> Option<Pattern> {
        let mut parts = Vec::new();
        let mut at = 0;
        while let Some(&byte) = pattern.get(at) {
            at += 1;
            match byte {
                b'\\' => {
                    parts.push(Part::Byte(*pattern.get(at)?));
                    at += 1;
                }
                b'?' => parts.push(Part::One(!paths)),
                b'*' => {
                    let first = at - 1;
                    while pattern.get(at) == Some(&b'*') {
                        at += 1;
                    }
                    let is_bound = (first == 0 || pattern[first - 1] == b'/')
                        && matches!(&pattern[at..], [] | [b'/', ..] | [b'\\', b'/', ..]);
                    let crosses = !paths || (at - first > 1 && is_bound);
                    if paths && crosses && pattern.get(at) == Some(&b'/') {
                        parts.extend([Part::Maybe, Part::Star(true), Part::Byte(b'/')]);
                        at += 1;
                    } else {
                        parts.push(Part::Star(crosses));
                    }
                }
                b'[' => {
                    let (mut class, end) = class(pattern, at, icase)?;
                    class[usize::from(b'/')] &= !paths;
                    parts.push(Part::Class(class));
                    at = end;
                }
                byte => parts.push(Part::Byte(byte)),
            }
        }
        Some(Pattern { parts, icase })
    }

    /// Whether a text is matched whole.
    pub(super) fn matches(&self, text: &[u8]) -> bool {
        // All places of the pattern that the text so far may stand at, so that no pattern takes long.
        let mut now = vec![false; self.parts.len() + 1];
        self.enter(&mut now, 0);
        for &byte in text {
            let mut next = vec![false; now.len()];
            for (at, part) in self.parts.iter().enumerate().filter(|(at, _)| now[*at]) {
                match part {
                    Part::Star(crosses) if *crosses || byte != b'/' => self.enter(&mut next, at),
                    Part::Star(_) | Part::Maybe => {}
                    part if self.is_one(part, byte) => self.enter(&mut next, at + 1),
                    _ => {}
                }
            }
            now = next;
        }
        now[self.parts.len()]
    }

    /// Notes a place, and those that are reached from it with nothing.
    fn enter(&self, places: &mut [bool], mut at: usize) {
        while !std::mem::replace(&mut places[at], true) {
            match self.parts.get(at) {
                Some(Part::Star(_)) => at += 1,
                Some(Part::Maybe) => {
                    self.enter(places, at + 3);
                    at += 1;
                }
                _ => return,
            }
        }
    }

    fn is_one(&self, part: &Part, byte: u8) -> bool {
        match part {
            Part::Byte(wanted) if self.icase => wanted.eq_ignore_ascii_case(&byte),
            Part::Byte(wanted) => *wanted == byte,
            Part::One(slash) => *slash || byte != b'/',
            Part::Class(class) if self.icase => class[usize::from(byte.to_ascii_lowercase())],
            Part::Class(class) => class[usize::from(byte)],
            Part::Star(_) | Part::Maybe => false,
        }
    }
}

/// What stands in brackets, from behind the opening one, and where the pattern goes on. With `icase` it is asked for small letters,
/// which ranges of capitals name as well; single capitals name none, as git has it.
fn class(pattern: &[u8], mut at: usize, icase: bool) -> Option<(Box<[bool; 256]>, usize)> {
    let negated = matches!(pattern.get(at), Some(b'!' | b'^'));
    at += usize::from(negated);
    let mut class = Box::new([false; 256]);
    let mut before: Option<u8> = None;
    let first = at;
    loop {
        let byte = *pattern.get(at)?;
        at += 1;
        match byte {
            b']' if at - 1 > first => break,
            b'[' if pattern.get(at) == Some(&b':') => {
                let length = pattern[at..].iter().position(|&byte| byte == b']')?;
                match pattern[at + 1..at + length].strip_suffix(b":") {
                    Some(name) => {
                        let has = named(name)?;
                        let has = |byte: &u8| has(byte) || (icase && name == b"upper" && byte.is_ascii_lowercase());
                        (0..=u8::MAX).filter(has).for_each(|byte| class[usize::from(byte)] = true);
                        at += length + 1;
                        before = None;
                    }
                    None => {
                        class[usize::from(byte)] = true;
                        before = Some(byte);
                    }
                }
            }
            b'-' if before.is_some() && !matches!(pattern.get(at), None | Some(b']')) => {
                let mut last = *pattern.get(at)?;
                at += 1;
                if last == b'\\' {
                    last = *pattern.get(at)?;
                    at += 1;
                }
                for byte in before?..=last {
                    class[usize::from(byte)] = true;
                    class[usize::from(byte.to_ascii_lowercase())] |= icase;
                }
                before = None;
            }
            byte => {
                let byte = if byte == b'\\' { *pattern.get(at)? } else { byte };
                at += usize::from(pattern[at - 1] == b'\\');
                class[usize::from(byte)] = true;
                before = Some(byte);
            }
        }
    }
    if negated {
        class.iter_mut().for_each(|has| *has = !*has);
    }
    Some((class, at))
}

/// What a POSIX name for bytes stands for.
fn named(name: &[u8]) -> Option<fn(&u8) -> bool> {
    Some(match name {
        b"alnum" => u8::is_ascii_alphanumeric,
        b"alpha" => u8::is_ascii_alphabetic,
        b"blank" => |byte| matches!(byte, b' ' | b'\t'),
        b"cntrl" => u8::is_ascii_control,
        b"digit" => u8::is_ascii_digit,
        b"graph" => u8::is_ascii_graphic,
        b"lower" => u8::is_ascii_lowercase,
        b"print" => |byte| byte.is_ascii_graphic() || *byte == b' ',
        b"punct" => u8::is_ascii_punctuation,
        b"space" => |byte| byte.is_ascii_whitespace() || *byte == 0x0b,
        b"upper" => u8::is_ascii_uppercase,
        b"xdigit" => u8::is_ascii_hexdigit,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_as_in_git() {
        let is = |pattern: &str, text: &str, paths: bool| {
            Pattern::new(pattern.as_bytes(), paths, false).is_some_and(|pattern| pattern.matches(text.as_bytes()))
        };
        for (pattern, text, plain, paths) in [
            ("*.md", "a/b.md", true, false),
            ("**/b.md", "b.md", false, true),
            ("**/b.md", "a/c/b.md", true, true),
            ("**/b.md", "xb.md", false, false),
            ("a/**", "a/b/c", true, true),
            ("a/**/c", "a/c", false, true),
            ("a**c", "a/c", true, false),
            ("a?c", "a/c", true, false),
            ("a[!b]c", "a/c", true, false),
            ("[[:lower:]]x[[:digit:]_-]", "bx-", true, true),
            ("[]a]\\*[a\\]-]", "]*]", true, true),
            ("[c-a]", "b", false, false),
            ("[a-c]{x,y}", "b{x,y}", true, true),
            ("[a-c]{x,y}", "bx", false, false),
            ("[a", "a", false, false),
            ("[[:nope:]a]", "a", false, false),
        ] {
            assert_eq!((is(pattern, text, false), is(pattern, text, true)), (plain, paths), "{pattern} {text}");
        }
        let icase = Pattern::new(b"D[N-P]C[[:upper:]]/*", true, true).unwrap();
        assert!(icase.matches(b"docs/X"));
        assert!(!Pattern::new(b"D[O]CS/*", true, true).unwrap().matches(b"docs/X"));
        assert!(!is(&"*a".repeat(400), &"b".repeat(4000), false));
    }
}
