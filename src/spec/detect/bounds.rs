//! What was found as globs that a configuration may hold: one by one where they are few enough, else by what they have in common.

use std::collections::BTreeMap;

use super::places::{Glob, escape_glob, file_name, folder_of};
use super::{TRANSLATION, languages};

/// Globs a list may have. Compiling them takes time that grows with their number, and a hook has a budget.
pub const MOST_GLOBS: usize = 1000;

/// Bytes a glob may have: compiling one takes time and memory that grow with it, and more than that with its braces.
pub const LONGEST_GLOB: usize = 1000;

/// Bytes that the globs of a list take in a file. Two such lists are well below the MiB of a configuration, and below what the
/// globs of a set take where they are compiled.
const MOST_BYTES: usize = 100_000;

/// Bytes of a glob in a file, with what surrounds it; an escape has six letters at most.
fn size(glob: &str) -> usize {
    let letter = |c: char| if c.is_control() || matches!(c, '"' | '\\') { 10 } else { c.len_utf8() };
    8 + glob.chars().map(letter).sum::<usize>()
}

/// So many of what was taken as a configuration may hold, and the number of the others.
pub(super) fn first(taken: Vec<(Glob, String)>) -> (Vec<(Glob, String)>, usize) {
    let all = taken.len();
    let (mut kept, mut bytes) = (Vec::new(), 0);
    for (glob, why) in taken {
        let text = glob.to_string();
        bytes += size(&text);
        if text.len() <= LONGEST_GLOB && kept.len() < MOST_GLOBS && bytes <= MOST_BYTES {
            kept.push((glob, why));
        }
    }
    let more = all - kept.len();
    (kept, more)
}

/// How much a glob names beside the path that it is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd)]
enum Width {
    /// What is never specification, and no more.
    #[default]
    Own,
    /// All of that language in the same folder.
    Folder,
    /// All of that name or language.
    Anywhere,
}

/// What is left out of what was taken.
#[derive(Debug, Default)]
pub(super) struct Cut {
    /// The globs, each with its reason.
    pub globs: BTreeMap<String, &'static str>,
    /// How many more there would be.
    pub more: usize,
    /// The widest of them.
    width: Width,
    /// Whether there are more for they are too many.
    is_full: bool,
}

/// A path that is never specification, with the glob that cuts it out and the reason.
pub(super) type Never<'p> = (&'p str, String, &'static str);

impl Cut {
    /// What cuts these paths out.
    pub(super) fn of(never: &[Never<'_>]) -> Cut {
        let mut cut = Cut::default();
        for width in [Width::Own, Width::Folder, Width::Anywhere] {
            cut = Cut::at(width, never);
            if !cut.is_full {
                break;
            }
        }
        cut
    }

    fn at(width: Width, never: &[Never<'_>]) -> Cut {
        let mut cut = Cut { width, ..Cut::default() };
        let mut bytes = 0;
        for path in never {
            let widths = [Width::Own, Width::Folder, Width::Anywhere].into_iter().filter(|wider| *wider >= width);
            let glob = widths.map(|width| (width, glob_at(width, path))).find(|(_, glob)| glob.len() <= LONGEST_GLOB);
            let Some((width, glob)) = glob else {
                cut.more += 1;
                continue;
            };
            if cut.globs.contains_key(&glob) {
                continue;
            }
            bytes += size(&glob);
            if cut.globs.len() == MOST_GLOBS || bytes > MOST_BYTES {
                cut.is_full = true;
                cut.more += 1;
                continue;
            }
            cut.width = if width > cut.width { width } else { cut.width };
            cut.globs.insert(glob, path.2);
        }
        cut
    }

    /// Whether a path of which this is known is left out.
    pub(super) fn has(&self, path: &str, own: Option<&str>) -> bool {
        let has = |glob: String| self.globs.contains_key(&glob);
        if self.width == Width::Own || self.globs.is_empty() {
            return own.is_some_and(|glob| self.globs.contains_key(glob));
        }
        let (folder, name) = (in_folder(path), file_name(path));
        own.is_some_and(|glob| self.globs.contains_key(glob))
            || name.match_indices(['.', '-', '_']).any(|(at, _)| {
                let tail = escape_glob(&name[at..]);
                has(format!("{folder}*{tail}")) || has(format!("**/*{tail}"))
            })
            || has(format!("**/{}", escape_glob(name)))
            || folder_of(path).split('/').any(|above| has(format!("**/{}/**", escape_glob(above))))
    }
}

/// The folder of a path with its slash, as a glob.
fn in_folder(path: &str) -> String {
    escape_glob(&path[..path.len() - file_name(path).len()])
}

/// The glob for a path, which may name others like it.
fn glob_at(width: Width, (path, own, why): &Never<'_>) -> String {
    let is_alone = *own == escape_glob(path);
    let tail = if *why == TRANSLATION && is_alone { languages::tail(file_name(path)) } else { None };
    match (width, tail) {
        (Width::Folder, Some(tail)) => format!("{}*{}", in_folder(path), escape_glob(tail)),
        (Width::Anywhere, Some(tail)) => format!("**/*{}", escape_glob(tail)),
        (Width::Anywhere, None) if is_alone => format!("**/{}", escape_glob(file_name(path))),
        (Width::Anywhere, None) if *why == TRANSLATION => {
            format!("**/{}/**", file_name(own.strip_suffix("/**").unwrap_or(own)))
        }
        _ => own.clone(),
    }
}
