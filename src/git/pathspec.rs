//! Pathspecs with git's magic, matched in process: gitglossary(7), "pathspec".

use bstr::{BStr, BString, ByteSlice};
use globset::{GlobBuilder, GlobMatcher};

/// Which paths a command is limited to; none given means all.
#[derive(Clone, Debug, Default)]
pub struct Pathspecs {
    include: Vec<One>,
    exclude: Vec<One>,
}

#[derive(Clone, Debug)]
struct One {
    literal: BString,
    icase: bool,
    glob: Option<GlobMatcher>,
}

impl Pathspecs {
    /// Reads pathspecs as typed in the directory `prefix` of the work tree.
    pub fn new(typed: &[BString], prefix: &BStr) -> Pathspecs {
        let mut specs = Pathspecs::default();
        for text in typed {
            let (one, excludes) = one(text.as_bstr(), prefix);
            if excludes { specs.exclude.push(one) } else { specs.include.push(one) }
        }
        specs
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
        let under = |path: &[u8], literal: &[u8]| {
            literal.is_empty()
                || path
                    .strip_prefix(literal)
                    .is_some_and(|rest| rest.is_empty() || rest[0] == b'/' || literal.ends_with(b"/"))
        };
        let found = if self.icase {
            under(&path.to_ascii_lowercase(), &self.literal.to_ascii_lowercase())
        } else {
            under(path, &self.literal)
        };
        found || self.glob.as_ref().is_some_and(|glob| glob.is_match(path.to_path_lossy()))
    }
}

/// One pathspec and whether it excludes.
fn one(typed: &BStr, prefix: &BStr) -> (One, bool) {
    let (mut top, mut excludes, mut icase, mut glob, mut literal) = (false, false, false, false, false);
    let mut rest: &[u8] = typed;
    if let Some(long) = typed.strip_prefix(b":(") {
        if let Some(end) = long.find_byte(b')') {
            for word in long[..end].split(|&b| b == b',') {
                match word {
                    b"top" => top = true,
                    b"exclude" => excludes = true,
                    b"icase" => icase = true,
                    b"glob" => glob = true,
                    b"literal" => literal = true,
                    _ => {}
                }
            }
            rest = &long[end + 1..];
        }
    } else if let Some(short) = typed.strip_prefix(b":") {
        rest = short;
        while let Some((&sign, behind)) = rest.split_first() {
            match sign {
                b'/' => top = true,
                b'!' | b'^' => excludes = true,
                b':' => {
                    rest = behind;
                    break;
                }
                _ => break,
            }
            rest = behind;
        }
    }
    let full = from_top(if top { b"" } else { prefix }, rest);
    let wild = !literal && full.find_byteset(b"*?[").is_some();
    let matcher = wild.then(|| {
        let pattern = full.to_str_lossy();
        GlobBuilder::new(&pattern)
            .literal_separator(glob)
            .case_insensitive(icase)
            .build()
            .ok()
            .map(|g| g.compile_matcher())
    });
    (One { literal: full.clone(), icase, glob: matcher.flatten() }, excludes)
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

    fn matches(specs: &[&str], prefix: &str, path: &str) -> bool {
        let typed: Vec<BString> = specs.iter().map(|&s| BString::from(s)).collect();
        Pathspecs::new(&typed, prefix.into()).matches(path.as_bytes())
    }

    #[test]
    fn pathspecs_match_as_in_git() {
        assert!(matches(&["a"], "docs/", "docs/a/b.md") && !matches(&["a"], "docs/", "docs/ab.md"));
        assert!(matches(&[":/a"], "docs/", "a/b.md") && matches(&[":(top)a"], "docs/", "a/b.md"));
        assert!(matches(&["*.md"], "", "x/y.md") && !matches(&[":(glob)*.md"], "", "x/y.md"));
        assert!(!matches(&[".", ":!b.md"], "", "b.md") && matches(&[":!b.md"], "", "c.md"));
        assert!(matches(&[":(icase)DOCS"], "", "docs/x") && matches(&["../b"], "a/", "b"));
    }
}
