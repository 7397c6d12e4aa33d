//! Folders of demands with a file for each, whose title begins with the label that the file is called by: `57.md` with
//! the title `NIP-57`, `AUTH-1.md` with `AUTH-1: Lockout`.

use std::collections::BTreeMap;

use super::places::{Glob, Name, ending, file_name, folder_of};
use super::standards::{LEAST_SERIES, number_of, shared_start};
use super::texts::{PROSE, sample};
use super::{Find, Layout, Repository};

/// Openings that are read of each folder.
const OPENINGS: usize = 16;

/// Openings that are read altogether: no more than two folders hold half of the prose.
#[cfg(test)]
pub(super) const ALL_OPENINGS: usize = 2 * OPENINGS;

/// Labels of what was decided or is to be done, not of what is demanded.
const OTHER_LABELS: [&str; 14] = [
    "ADR", "TASK", "TODO", "BUG", "ISSUE", "TICKET", "EPIC", "STORY", "US", "INCIDENT", "INC", "CVE", "GHSA", "RUSTSEC",
];

/// The folder of which most files are titled by the label that names them, where it is half of all prose.
pub(super) fn labels(repository: &mut Repository<'_>) -> Option<Find> {
    let prose = repository.eligible(&PROSE);
    let mut by_folder: BTreeMap<(&str, &str), Vec<&str>> = BTreeMap::new();
    for &path in prose.iter().filter(|path| number_of(path).is_some() || label(stem(path)).is_some()) {
        by_folder.entry((folder_of(path), ending(path).unwrap_or_default())).or_default().push(path);
    }
    let mut find = Find::cut(Layout::Series);
    for ((folder, ending), files) in by_folder {
        if files.len() < LEAST_SERIES || files.len() * 2 < prose.len() {
            continue;
        }
        let read = sample(&files, OPENINGS);
        let is_titled = |path: &&&str| {
            let (stem, number) = (stem(path), number_of(path));
            repository
                .read(path)
                .and_then(|evidence| label(evidence.title()))
                .is_some_and(|(label, found)| label.eq_ignore_ascii_case(stem) || number == Some(found))
        };
        if read.iter().filter(is_titled).count() * 2 > read.len() {
            let name = shared_start(&files)
                .map_or_else(|| Name::Ending(ending.to_owned()), |start| Name::Between(start, ending.to_owned()));
            find.take(Glob::within(folder, name), "a file for each demand, titled by its label");
        }
    }
    find.unless_empty()
}

/// The name of a file without its ending.
fn stem(path: &str) -> &str {
    let name = file_name(path);
    name.rsplit_once('.').map_or(name, |(stem, _)| stem)
}

/// The label at the beginning of a title or of a file's name, and its number: `MASVS-CODE-2`, 2.
fn label(text: &str) -> Option<(&str, u32)> {
    let text = text.trim_start_matches(['*', '`', '[']);
    let end = text.find(|c: char| !(c.is_ascii_uppercase() || c.is_ascii_digit() || c == '-')).unwrap_or(text.len());
    let (label, rest) = text.split_at(end);
    let (prefix, digits) = label.rsplit_once('-')?;
    let is_sound = prefix.starts_with(|c: char| c.is_ascii_uppercase())
        && (1..=5).contains(&digits.len())
        && digits.bytes().all(|b| b.is_ascii_digit())
        && !OTHER_LABELS.contains(&prefix.split('-').next().unwrap_or(prefix))
        && (rest.is_empty() || rest.starts_with(['*', '`', ']', ':', '.', ' ', '-', '_']));
    is_sound.then(|| Some((label, digits.parse().ok()?))).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_of_demands() {
        for (text, found) in [
            ("NIP-57", Some(("NIP-57", 57))),
            ("**AUTH-SSO-2**: Lockout", Some(("AUTH-SSO-2", 2))),
            ("ADR-0007 Use a cache", None),
            ("TASK-7: Tidy up", None),
            ("12. Use a cache", None),
            ("Chapter 3", None),
            ("UTF-8x", None),
        ] {
            assert_eq!(label(text), found, "{text}");
        }
    }
}
