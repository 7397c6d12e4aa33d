//! Layouts of those who publish standards: releases, books, grammars, documents of demands and numbered proposals. No
//! tool fixes their place, so that each asks for evidence in the openings, be the name as telling as it may.

use std::collections::BTreeMap;

use super::openings::{Evidence, SEVERAL};
use super::places::{
    Glob, Name, ending, file_name, folder_of, is_draft_folder, is_prompt_folder, is_top_level, is_version,
};
use super::texts::{MARKDOWN, OPENINGS, PROSE, sample};
use super::{Find, Layout, Repository};

/// Openings that are read in search of releases.
const RELEASE_OPENINGS: usize = 32;

/// Sphinx projects whose configuration is read.
const BOOKS: usize = 16;

/// Openings that are read of each numbered series, and series that are looked at.
const SERIES_OPENINGS: usize = 16;
const MOST_SERIES: usize = 8;

/// From this many demanding documents on, in folders of their own, they are no accident.
const LEAST_SPREAD: usize = 5;

/// From this many numbered files on, a folder holds a series.
pub(super) const LEAST_SERIES: usize = 5;

/// Openings that are read altogether by this file, beside those that [`sample`] reads anyway.
#[cfg(test)]
pub(super) const ALL_OPENINGS: usize = RELEASE_OPENINGS + 2 * BOOKS + SERIES_OPENINGS * MOST_SERIES;

/// Markdown of demands that is named by a version, or lies in a folder that is.
pub(super) fn releases(repository: &mut Repository<'_>) -> Option<Find> {
    let mut by_shelf: BTreeMap<String, (Glob, Vec<&str>)> = BTreeMap::new();
    for path in repository.eligible(&MARKDOWN) {
        let (folder, name) = (folder_of(path), file_name(path));
        let (stem, ending) = name.rsplit_once('.').unwrap_or((name, ""));
        // beside `index.md`, `index.pr.md` is another face of it
        let first = stem.split('.').next().unwrap_or(stem);
        if first.len() < stem.len() && !is_version(stem) && repository.holds(&format!("{folder}/{first}.{ending}")) {
            continue;
        }
        let glob = if is_version(stem) && !folder.is_empty() {
            Glob::within(folder, Name::Ending(ending.to_owned()))
        } else if is_version(file_name(folder)) {
            Glob::Child { folder: folder_of(folder).to_owned(), name: Name::This(name.to_owned()) }
        } else {
            continue;
        };
        by_shelf.entry(glob.to_string()).or_insert_with(|| (glob, Vec::new())).1.push(path);
    }
    let mut find = Find::cut(Layout::Releases);
    let mut room = RELEASE_OPENINGS;
    for (glob, files) in by_shelf.into_values() {
        let read = sample(&files, room.min(RELEASE_OPENINGS / 4));
        room -= read.len();
        let demanding = read.iter().filter(|path| repository.read(path).is_some_and(Evidence::is_normative)).count();
        if demanding > 0 && demanding * 2 >= read.len() {
            let why = "releases of a specification made of demands";
            match &glob {
                // at the top there are folders of all sorts
                Glob::Child { folder, .. } if folder.is_empty() => {
                    files.iter().for_each(|path| find.take(Glob::Exactly((*path).to_owned()), why));
                }
                _ => find.take(glob, why),
            }
        }
    }
    find.unless_empty()
}

/// The reStructuredText of a Sphinx project whose configuration or first page calls it a specification.
pub(super) fn sphinx(repository: &mut Repository<'_>) -> Option<Find> {
    let is_book = |path: &&str| file_name(path) == "conf.py" && repository.never(path).is_none();
    let books: Vec<&str> = repository.paths.iter().copied().filter(is_book).take(BOOKS).map(folder_of).collect();
    let mut find = Find::cut(Layout::Sphinx);
    for folder in books {
        let inside = |name: &str| if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") };
        let (index, conf) = (inside("index.rst"), inside("conf.py"));
        let says = |repository: &mut Repository<'_>, path: &str| {
            repository.read(path).is_some_and(|evidence| evidence.is_titled_specification)
        };
        let inner = find.taken.iter().any(|(glob, _)| glob.matches(&index));
        if !inner && repository.holds(&index) && (says(repository, &index) || says(repository, &conf)) {
            find.take(
                Glob::beneath(folder, Name::Ending("rst".to_owned())),
                "a Sphinx project that is called specification",
            );
        }
    }
    find.unless_empty()
}

/// Top-level Markdown beside a formal grammar of the same name, as `toml.md` beside `toml.abnf`.
pub(super) fn grammar(repository: &mut Repository<'_>) -> Option<Find> {
    let mut find = Find::fixed(Layout::Grammar);
    for path in repository.eligible(&MARKDOWN).into_iter().filter(|path| is_top_level(path)) {
        let stem = path.rsplit_once('.').map_or(path, |(stem, _)| stem);
        if ["abnf", "ebnf", "bnf"].iter().any(|ending| repository.holds(&format!("{stem}.{ending}"))) {
            find.take(Glob::Exactly(path.to_owned()), "a document beside its grammar");
        }
    }
    find.unless_empty()
}

/// Folders of documents of which half demand in several sections, and what else does, in a repository of prose.
pub(super) fn documents(repository: &mut Repository<'_>) -> Option<Find> {
    let prose = repository.eligible(&PROSE).len();
    if prose * 3 < repository.paths.len() {
        return None;
    }
    repository.take_readmes(|_| true);
    let mut by_folder: BTreeMap<&str, (Vec<&str>, usize)> = BTreeMap::new();
    for path in sample(&repository.eligible(&MARKDOWN), OPENINGS) {
        let is_paper =
            |folder: &str| folder.starts_with(['.', '_']) || is_draft_folder(folder) || is_prompt_folder(folder);
        if is_top_level(path) || folder_of(path).split('/').any(is_paper) {
            continue;
        }
        let (demanding, all) = by_folder.entry(folder_of(path)).or_default();
        *all += 1;
        if repository.read(path).is_some_and(Evidence::demands_in_several) {
            demanding.push(path);
        }
    }
    let is_seed = |(demanding, all): &(Vec<&str>, usize)| demanding.len() >= SEVERAL && demanding.len() * 2 >= *all;
    let numbered = series(repository);
    let of_series = |glob: &Glob, path: &str| matches!(glob, Glob::In { folder, .. } if folder == folder_of(path));
    let in_series =
        |path: &&str| numbered.as_ref().is_some_and(|find| find.taken.iter().any(|(glob, _)| of_series(glob, path)));
    if by_folder.values().all(|(demanding, _)| demanding.iter().all(in_series)) {
        return numbered;
    }
    let (demanding, all) = by_folder.values().fold((0, 0), |(a, b), (files, all)| (a + files.len(), b + all));
    let is_spread = demanding >= LEAST_SPREAD && demanding * 4 >= all;
    if !is_spread && !by_folder.values().any(is_seed) {
        return None;
    }
    let mut find = Find::cut(Layout::Documents);
    for (folder, found) in by_folder {
        if is_seed(&found) {
            find.take(Glob::within(folder, Name::Ending("md".to_owned())), "documents that demand in several sections");
        } else {
            found.0.iter().for_each(|path| {
                find.take(Glob::Exactly((*path).to_owned()), "a document that demands in several sections")
            });
        }
    }
    find.leave_others(repository);
    find.unless_empty()
}

/// Folders of numbered documents that say of themselves which number and status they have, or of which a repository is
/// made and that have a section for what is specified.
pub(super) fn series(repository: &mut Repository<'_>) -> Option<Find> {
    let mut by_folder: BTreeMap<(&str, &str), Vec<&str>> = BTreeMap::new();
    for path in repository.eligible(&PROSE) {
        if !is_top_level(path) && number_of(path).is_some() {
            by_folder.entry((folder_of(path), ending(path).unwrap_or_default())).or_default().push(path);
        }
    }
    let mut large: Vec<_> = by_folder.into_iter().filter(|(_, files)| files.len() >= LEAST_SERIES).collect();
    large.sort_by_key(|(_, files)| std::cmp::Reverse(files.len()));
    let mut find = Find::cut(Layout::Series);
    for ((folder, ending), files) in large.into_iter().take(MOST_SERIES) {
        let read = sample(&files, SERIES_OPENINGS);
        let (mut named, mut detailed) = (0, 0);
        for path in &read {
            let Some(evidence) = repository.read(path) else { continue };
            named += usize::from(number_of(path).is_some_and(|number| evidence.says_its_number(number)));
            detailed += usize::from(evidence.has_detail);
        }
        let is_most = |count: usize| count * 2 > read.len();
        if is_most(named) || (is_most(detailed) && files.len() * 2 >= repository.paths.len()) {
            // beside the numbered ones there are templates, indexes and notes
            let name = shared_start(&files)
                .map_or_else(|| Name::Ending(ending.to_owned()), |start| Name::Between(start, ending.to_owned()));
            find.take(Glob::within(folder, name), "a series of numbered documents");
        }
    }
    find.unless_empty()
}

/// The letters before the number that all names share, with the hyphen: `eip-`.
pub(super) fn shared_start(files: &[&str]) -> Option<String> {
    let start = |path: &str| {
        let name = file_name(path);
        name.find(|c: char| c.is_ascii_digit()).map(|at| name[..at].to_owned())
    };
    let first = start(files.first()?)?;
    (!first.is_empty() && files.iter().all(|path| start(path).as_deref() == Some(&first))).then_some(first)
}

/// The number in a file's name of two digits or more, be it alone, at the start or behind a short word: `1559` in
/// `eip-1559.md`, `12` in `0012-names.md`; one of a date is none.
pub(super) fn number_of(path: &str) -> Option<u32> {
    let name = file_name(path);
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let word = stem.trim_start_matches(|c: char| c.is_ascii_alphabetic());
    if stem.len() - word.len() > 6 {
        return None;
    }
    let rest = if word.len() < stem.len() { word.strip_prefix(['-', '_']).unwrap_or(word) } else { word };
    let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    let after = &rest[end..];
    let is_date =
        end == 4 && after.strip_prefix('-').is_some_and(|after| after.starts_with(|c: char| c.is_ascii_digit()));
    let short = word.len() == stem.len() && end < 2;
    ((1..=5).contains(&end) && !short && !is_date && (after.is_empty() || after.starts_with(['-', '_'])))
        .then(|| rest[..end].parse().ok())
        .flatten()
}

/// Globs of the prose of a repository in which no specification was found, likeliest first.
pub(super) fn candidates(repository: &Repository<'_>) -> Vec<String> {
    const ENDINGS: [&str; 9] = ["md", "mdx", "markdown", "rst", "adoc", "asciidoc", "asc", "bs", "txt"];
    const SPEAKS: [&str; 9] =
        ["spec", "standard", "requirement", "reqs", "proposal", "rfc", "reference", "version", "protocol"];
    const MOST: usize = 3;
    let mut by_glob: BTreeMap<String, (bool, usize)> = BTreeMap::new();
    for path in &repository.paths {
        let Some(found) = ending(path).filter(|found| ENDINGS.contains(found)) else { continue };
        let folder = path.split_once('/').map_or("", |(folder, _)| folder);
        let speaks = found == "bs" || SPEAKS.iter().any(|word| folder.to_ascii_lowercase().contains(word));
        if folder.starts_with('.') || repository.never(path).is_some() || (found == "txt" && !speaks) {
            continue;
        }
        let glob = if folder.is_empty() {
            Glob::within("", Name::Ending(found.to_owned()))
        } else {
            Glob::beneath(folder, Name::Ending(found.to_owned()))
        };
        let entry = by_glob.entry(glob.to_string()).or_default();
        entry.0 |= speaks;
        entry.1 += 1;
    }
    let mut globs: Vec<(String, (bool, usize))> = by_glob.into_iter().collect();
    globs.sort_by(|(a, (a_speaks, a_count)), (b, (b_speaks, b_count))| {
        b_speaks.cmp(a_speaks).then(b_count.cmp(a_count)).then(a.cmp(b))
    });
    globs.into_iter().take(MOST).map(|(glob, _)| glob).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_in_names() {
        for (path, number) in [
            ("EIPS/eip-1559.md", Some(1559)),
            ("eip-1.md", Some(1)),
            ("text/0012-names.md", Some(12)),
            ("peps/pep-0001.rst", Some(1)),
            ("a/rfc2119.md", Some(2119)),
            ("posts/2020-01-31-hello.md", None),
            ("a/1-intro.md", None),
            ("a/chapter.md", None),
            ("a/sections-12.md", None),
            ("a/v12rc.md", None),
        ] {
            assert_eq!(number_of(path), number, "{path}");
        }
    }

    #[test]
    fn what_names_share() {
        assert_eq!(shared_start(&["a/eip-1.md", "a/eip-22.md"]).as_deref(), Some("eip-"));
        assert_eq!(shared_start(&["a/0001-x.md", "a/0002-y.md"]), None);
    }
}
