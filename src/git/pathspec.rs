//! Pathspecs with git's magic, matched in process: gitglossary(7), "pathspec".

use std::path::Path;

use bstr::{BStr, BString, ByteSlice};

use super::error::{GitError, Result};
use super::repo::Repo;
use super::wildmatch::Pattern;

/// Which paths a command is limited to; none given means all.
#[derive(Clone, Debug, Default)]
pub struct Pathspecs {
    include: Vec<One>,
    exclude: Vec<One>,
}

#[derive(Clone, Debug)]
struct One {
    /// From the top, with a slash at the end where only what lies below is meant.
    path: BString,
    /// How much of it is where the words were typed, which is as it stands.
    prefix: usize,
    icase: bool,
    pattern: Option<Pattern>,
}

/// Where something was typed.
#[derive(Clone, Copy)]
struct Place<'p> {
    prefix: &'p BStr,
    top: Option<&'p Path>,
}

/// What a pathspec says of itself, or what git is told of all.
#[derive(Clone, Copy, Debug, Default)]
struct Magic {
    top: bool,
    exclude: bool,
    icase: bool,
    glob: bool,
    literal: bool,
}

/// What `git --literal-pathspecs` and its kin say of all pathspecs: git(1).
#[derive(Clone, Copy, Debug, Default)]
struct Global {
    literal: bool,
    glob: bool,
    noglob: bool,
    icase: bool,
}

impl Global {
    fn of_environment() -> Global {
        let is = |name: &str| {
            let no = |value: &str| ["", "0", "false", "no", "off"].iter().any(|word| value.eq_ignore_ascii_case(word));
            std::env::var_os(name).is_some_and(|value| !value.to_str().is_some_and(no))
        };
        Global {
            literal: is("GIT_LITERAL_PATHSPECS"),
            glob: is("GIT_GLOB_PATHSPECS"),
            noglob: is("GIT_NOGLOB_PATHSPECS"),
            icase: is("GIT_ICASE_PATHSPECS"),
        }
    }
}

impl Pathspecs {
    /// Reads pathspecs as typed in the directory where the program was started.
    ///
    /// # Errors
    /// [`GitError::BadPathspec`].
    pub fn new(typed: &[BString], repo: &Repo) -> Result<Pathspecs> {
        Pathspecs::read(typed, Place { prefix: repo.prefix(), top: repo.work_tree() }, Global::of_environment())
    }

    fn read(typed: &[BString], place: Place<'_>, global: Global) -> Result<Pathspecs> {
        let mut specs = Pathspecs::default();
        for text in typed {
            let (one, excludes) = one(text.as_bstr(), place, global)?;
            if excludes { specs.exclude.push(one) } else { specs.include.push(one) }
        }
        Ok(specs)
    }

    /// Whether nothing limits.
    pub fn is_empty(&self) -> bool {
        self.include.is_empty() && self.exclude.is_empty()
    }

    /// Whether a repository-relative path is meant.
    pub fn matches(&self, path: &[u8]) -> bool {
        let included = self.include.is_empty() || self.include.iter().any(|one| one.matches(path));
        included && !self.exclude.iter().any(|one| one.matches(path))
    }
}

impl One {
    fn matches(&self, path: &[u8]) -> bool {
        let (here, wanted) = self.path.split_at(self.prefix);
        let Some(rest) = path.strip_prefix(here) else { return false };
        let begins = match rest.get(..wanted.len()) {
            Some(start) if self.icase => start.eq_ignore_ascii_case(wanted),
            Some(start) => start == wanted,
            None => false,
        };
        let behind = || rest[wanted.len()..].first();
        let is_whole = self.path.is_empty() || self.path.ends_with(b"/");
        (begins && (is_whole || matches!(behind(), None | Some(b'/'))))
            || self.pattern.as_ref().is_some_and(|pattern| pattern.matches(rest))
    }
}

fn bad(message: String, help: &str) -> GitError {
    GitError::BadPathspec { message, help: help.to_owned() }
}

/// One pathspec and whether it excludes.
fn one(typed: &BStr, place: Place<'_>, global: Global) -> Result<(One, bool)> {
    if typed.is_empty() {
        return Err(bad("an empty string is no path".to_owned(), "for all paths: -- ."));
    }
    let (mut magic, rest) = if global.literal { (Magic::default(), typed.as_bytes()) } else { magic(typed)? };
    if magic.literal && magic.glob {
        return Err(bad(format!("literal and glob do not go together: {typed}"), "take one of them: ':(literal)PATH'"));
    }
    magic.icase |= global.icase;
    magic.literal |= global.literal || (global.noglob && !magic.glob);
    let place = if magic.top { Place { prefix: b"".into(), ..place } } else { place };
    let (path, prefix) = placed(rest, place)?;
    let wild = !magic.literal && path[prefix..].find_byteset(b"*?[\\").is_some();
    let pattern = if wild { Pattern::new(&path[prefix..], magic.glob || global.glob, magic.icase) } else { None };
    Ok((One { path, prefix, icase: magic.icase, pattern }, magic.exclude))
}

/// What a pathspec says of itself, and the path behind that.
fn magic(typed: &BStr) -> Result<(Magic, &[u8])> {
    const WORDS: &str = "the words are: top, icase, literal, glob, exclude; for a path as it stands: ':(literal)PATH'";
    let mut magic = Magic::default();
    if let Some(long) = typed.strip_prefix(b":(") {
        let end = long.find_byte(b')');
        let end =
            end.ok_or_else(|| bad(format!("a ) is missing at the end of the pathspec's magic: {typed}"), WORDS))?;
        for word in long[..end].split(|&byte| byte == b',') {
            match word {
                b"top" => magic.top = true,
                b"exclude" => magic.exclude = true,
                b"icase" => magic.icase = true,
                b"glob" => magic.glob = true,
                b"literal" => magic.literal = true,
                b"" => {}
                word if word.starts_with(b"attr:") => {
                    let message = format!("pathspecs by attribute are not supported: {typed}");
                    return Err(bad(message, "git ls-files -- ':(attr:…)' lists the paths"));
                }
                word => {
                    let word = word.as_bstr();
                    return Err(bad(format!("{word} is no magic word of a pathspec: {typed}"), WORDS));
                }
            }
        }
        return Ok((magic, &long[end + 1..]));
    }
    let Some(mut rest) = typed.strip_prefix(b":") else { return Ok((magic, typed)) };
    while let Some((&sign, behind)) = rest.split_first() {
        match sign {
            b'/' => magic.top = true,
            b'!' | b'^' => magic.exclude = true,
            b':' => return Ok((magic, behind)),
            // These are kept for more magic: git's ctype.c.
            b'"' | b'#' | b'%' | b'&' | b'\'' | b',' | b'-' | b';' | b'<' | b'=' | b'>' | b'@' | b'_' | b'`' | b'~' => {
                let sign = char::from(sign);
                return Err(bad(format!("{sign} is no magic sign of a pathspec: {typed}"), WORDS));
            }
            _ => break,
        }
        rest = behind;
    }
    Ok((magic, rest))
}

/// A path from the top, and how much of it is the place where it was typed.
fn placed(typed: &[u8], place: Place<'_>) -> Result<(BString, usize)> {
    let outside = || {
        let top = place.top.map_or(".".into(), |top| top.display().to_string());
        bad(format!("{} is outside of the repository at {top}", typed.as_bstr()), "name a path below the work tree")
    };
    let (prefix, path): (&[u8], BString) = match typed.first() {
        Some(b'/') => (b"", below(typed, place.top).ok_or_else(outside)?),
        _ => (place.prefix, typed.into()),
    };
    let here: Vec<&[u8]> = prefix.split(|&byte| byte == b'/').filter(|part| !part.is_empty()).collect();
    let (mut kept, mut parts) = (here.len(), here);
    for part in path.split(|&byte| byte == b'/') {
        match part {
            b"" | b"." => {}
            b".." => {
                parts.pop().ok_or_else(outside)?;
                kept = kept.min(parts.len());
            }
            part => parts.push(part),
        }
    }
    let is_directory = matches!(path.rsplit(|&byte| byte == b'/').next(), None | Some(b"" | b"." | b".."));
    let length = parts[..kept].iter().map(|part| part.len() + 1).sum();
    let mut full = bstr::join("/", &parts);
    if is_directory && !full.is_empty() {
        full.push(b'/');
    }
    let length = full.len().min(length);
    Ok((full.into(), length))
}

/// What stands behind the top of the work tree in an absolute path, whichever links lead there.
fn below(typed: &[u8], top: Option<&Path>) -> Option<BString> {
    let top = top?;
    let real = top.canonicalize().ok()?;
    let ends = typed.iter().enumerate().filter(|(_, byte)| **byte == b'/').map(|(at, _)| at).chain([typed.len()]);
    for end in ends.filter(|end| *end > 0) {
        let start = typed[..end].to_path().ok()?;
        if start == top || start.canonicalize().is_ok_and(|start| start == real) {
            return Some(typed[end..].trim_start_with(|letter| letter == '/').into());
        }
    }
    None
}

impl Repo {
    /// A path as typed where the program was started, from the top of the repository.
    ///
    /// # Errors
    /// [`GitError::BadPathspec`] for one that is outside.
    pub fn path_from_top(&self, typed: &[u8]) -> Result<BString> {
        let (path, _) = placed(typed, Place { prefix: self.prefix(), top: self.work_tree() })?;
        Ok(path.strip_suffix(b"/").map_or_else(|| path.clone(), BString::from))
    }
}

/// A path typed in the directory `prefix`, from the top of the repository: `.` and `..` resolved.
pub fn from_top(prefix: &[u8], path: &[u8]) -> BString {
    let mut parts: Vec<&[u8]> = Vec::new();
    for part in prefix.split(|&b| b == b'/').chain(path.split(|&b| b == b'/')) {
        match part {
            b"" | b"." => {}
            b".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    BString::from(bstr::join("/", parts))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(specs: &[&str], prefix: &str, global: Global) -> Result<Pathspecs> {
        let typed: Vec<BString> = specs.iter().map(|&s| BString::from(s)).collect();
        Pathspecs::read(&typed, Place { prefix: prefix.into(), top: None }, global)
    }

    fn matches(specs: &[&str], prefix: &str, path: &str) -> bool {
        read(specs, prefix, Global::default()).unwrap().matches(path.as_bytes())
    }

    #[test]
    fn pathspecs_match_as_in_git() {
        assert!(matches(&["a"], "docs/", "docs/a/b.md") && !matches(&["a"], "docs/", "docs/ab.md"));
        assert!(matches(&[":/a"], "docs/", "a/b.md") && matches(&[":(top)a"], "docs/", "a/b.md"));
        assert!(matches(&["*.md"], "", "x/y.md") && !matches(&[":(glob)*.md"], "", "x/y.md"));
        assert!(!matches(&[".", ":!b.md"], "", "b.md") && matches(&[":!b.md"], "", "c.md"));
        assert!(matches(&[":(icase)DOCS"], "", "docs/x") && matches(&["../b"], "a/", "b"));
        assert!(!matches(&["{a,b}*"], "", "a.md") && matches(&["[[:lower:]]*"], "", "a.md"));
        assert!(matches(&["a/"], "", "a/b") && !matches(&["a.md/"], "", "a.md") && matches(&["../"], "a/b/", "a/x"));
        assert!(matches(&["*.md"], "a*/", "a*/x.md") && !matches(&["*.md"], "a*/", "ab/x.md"));
        assert!(!matches(&[":(icase)B"], "A/", "a/b") && matches(&[":(icase)B"], "A/", "A/b"));
        assert!(matches(&["a[1].md"], "", "a[1].md") && matches(&["a[1].md"], "", "a1.md"));
        assert!(matches(&["\\*.md"], "", "*.md") && !matches(&["\\*.md"], "", "a.md"));
    }

    #[test]
    fn what_git_refuses_is_refused() {
        for spec in ["", ":(bogus)x", ":(icase", ":(attr:foo)x", "../x", "/nowhere/x", ":%x", ":(glob,literal)x"] {
            assert!(read(&[spec], "", Global::default()).is_err(), "{spec}");
        }
    }

    #[test]
    fn what_git_is_told_of_all_pathspecs_holds() {
        let of = |global: Global, spec: &str, path: &str| read(&[spec], "", global).unwrap().matches(path.as_bytes());
        let none = Global::default();
        assert!(!of(Global { literal: true, ..none }, "*", "a") && of(Global { literal: true, ..none }, ":/x", ":/x"));
        assert!(!of(Global { glob: true, ..none }, "*.md", "x/y.md") && of(Global { icase: true, ..none }, "A", "a/b"));
        assert!(!of(Global { noglob: true, ..none }, "*", "a") && of(Global { noglob: true, ..none }, ":(glob)*", "a"));
    }
}
