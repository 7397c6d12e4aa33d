//! Layouts that names of folders and files, or the openings of files, give away.

use std::collections::{BTreeMap, BTreeSet};

use super::openings::{Evidence, SEVERAL};
use super::places::{
    self, Glob, Name, common_folder, ending, escape_glob, file_name, folder_of, is_draft_folder, is_nested_spec,
    is_top_level, is_version, lies_in, spec_folder, top_folder,
};
use super::{Find, Layout, MOST_OTHERS, Repository};

/// Openings that are read in search of rule markers and tables. A spread of this size finds any layout that fills a
/// folder.
pub(super) const OPENINGS: usize = 256;

/// Top-level files that are read in search of demands.
const TOP_OPENINGS: usize = 32;

/// Openings that are read in the folders of nested specs.
const NESTED_OPENINGS: usize = 128;

/// Openings that are read altogether.
#[cfg(test)]
pub(super) const ALL_OPENINGS: usize = 2 * OPENINGS + 3 * TOP_OPENINGS + NESTED_OPENINGS + DRAFT_OPENINGS;

/// Openings that are read in search of Internet-Drafts below the top.
const DRAFT_OPENINGS: usize = 64;

/// Single files that are named one by one; beyond that their folder is.
const SINGLE_FILES: usize = 32;

/// The endings of files that may hold rule markers.
pub(super) const MARKDOWN: [&str; 3] = ["md", "mdx", "markdown"];

/// The endings of files that a name alone may make specification.
pub(super) const PROSE: [&str; 4] = ["md", "mdx", "markdown", "rst"];

pub(super) fn rule_markers(repository: &mut Repository<'_>) -> Option<Find> {
    let why = "rule markers on lines of their own";
    counted(repository, Layout::RuleMarkers, (why, "rule markers"), |evidence| evidence.markers)
}

pub(super) fn numbered_demands(repository: &mut Repository<'_>) -> Option<Find> {
    let why = "demands with numbers or labels";
    counted(repository, Layout::NumberedDemands, (why, "demands with numbers or labels"), |evidence| evidence.rows)
}

/// The Markdown files with several of what is counted in their openings.
fn counted(
    repository: &mut Repository<'_>,
    layout: Layout,
    (why, what): (&str, &str),
    count: impl Fn(&Evidence) -> usize,
) -> Option<Find> {
    let mut read: Vec<(&str, usize)> = Vec::new();
    for path in sample(&repository.eligible(&MARKDOWN), OPENINGS) {
        if let Some(evidence) = repository.read(path) {
            read.push((path, count(evidence)));
        }
    }
    let homes: BTreeSet<&str> =
        read.iter().filter(|(_, count)| *count >= SEVERAL).filter_map(|(path, _)| spec_folder(path)).collect();
    // of a folder that is called specification it is no accident in others either
    let counts = |path: &str, count: usize| {
        count >= SEVERAL || count > 0 && spec_folder(path).is_some_and(|folder| homes.contains(folder))
    };
    let mut by_folder: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (path, _) in read.iter().filter(|(path, count)| counts(path, *count)) {
        by_folder.entry(top_folder(path)).or_default().push(path);
    }
    let mut find = Find::cut(layout);
    for (top, files) in by_folder {
        globs_of_counted(top, &files, &read).into_iter().for_each(|glob| find.take(glob, why));
    }
    if find.taken.is_empty() {
        return None;
    }
    leave_few(&mut find, &read, what);
    find.leave_others_in(repository, |path| spec_folder(path).is_some());
    Some(find)
}

/// Leaves the files with a few of what was counted, by name.
fn leave_few(find: &mut Find, read: &[(&str, usize)], what: &str) {
    let is_left = |path: &str, count: usize| count > 0 && !find.taken.iter().any(|(glob, _)| glob.matches(path));
    let mut few: Vec<(&str, usize)> = read.iter().copied().filter(|(path, count)| is_left(path, *count)).collect();
    few.sort_unstable();
    let more = few.len().saturating_sub(MOST_OTHERS);
    for (path, count) in few.into_iter().take(MOST_OTHERS) {
        let lines = if count == 1 { "line" } else { "lines" };
        let why = format!("{what} on only {count} {lines}; name it in .gitspec.toml if it is specification too");
        find.leave(escape_glob(path), &why);
    }
    if more > 0 {
        find.leave(format!("{more} more files"), &format!("{what} on few lines"));
    }
}

/// The common folder of the files where at least half of what was read there counts; else the files alone.
fn globs_of_counted(top: &str, files: &[&str], read: &[(&str, usize)]) -> Vec<Glob> {
    let folder = common_folder(files.iter().copied()).unwrap_or_default();
    let beneath: Vec<usize> = read.iter().filter(|(path, _)| lies_in(path, folder)).map(|(_, count)| *count).collect();
    let dense = beneath.iter().filter(|count| **count > 0).count() * 2 >= beneath.len();
    let few = files.len() <= SINGLE_FILES && (files.len() == 1 || !dense);
    if top.is_empty() || few {
        return files.iter().map(|path| Glob::Exactly((*path).to_owned())).collect();
    }
    globs_by_ending(folder, files)
}

fn globs_by_ending(folder: &str, files: &[&str]) -> Vec<Glob> {
    let endings =
        PROSE.iter().filter(|wanted| files.iter().any(|path| ending(path).is_some_and(|found| found == **wanted)));
    endings.map(|ending| Glob::beneath(folder, Name::Ending((*ending).to_owned()))).collect()
}

/// At most `limit` paths, spread evenly, those whose path speaks of specification first.
pub(super) fn sample<'a>(paths: &[&'a str], limit: usize) -> Vec<&'a str> {
    let speaks = |path: &&str| {
        ["spec", "reference", "requirement", "rules"].iter().any(|word| path.to_ascii_lowercase().contains(word))
    };
    let (likely, others): (Vec<&str>, Vec<&str>) = paths.iter().copied().partition(speaks);
    let spread = |paths: &[&'a str], room: usize| -> Vec<&'a str> {
        let step = paths.len().div_ceil(room.max(1)).max(1);
        paths.iter().copied().step_by(step).take(room).collect()
    };
    let mut taken = spread(&likely, limit.saturating_sub(others.len().min(limit / 2)));
    taken.extend(spread(&others, limit - taken.len()));
    taken
}

/// Documents of kramdown-rfc or mmark at the top, where their tools look for them.
pub(super) fn internet_drafts(repository: &mut Repository<'_>) -> Option<Find> {
    const DRAFT: &str = "draft-";
    let is_draft = |path: &&str| path.starts_with(DRAFT);
    let top: Vec<&str> = repository.eligible(&MARKDOWN).into_iter().filter(|path| is_top_level(path)).collect();
    let (named, others): (Vec<&str>, Vec<&str>) = top.into_iter().partition(is_draft);
    let read: Vec<&str> = named.into_iter().take(TOP_OPENINGS).chain(others.into_iter().take(TOP_OPENINGS)).collect();
    let mut globs: Vec<Glob> = Vec::new();
    for path in read {
        if repository.read(path).is_some_and(|evidence| evidence.is_internet_draft) {
            let ending = ending(path).unwrap_or_default().to_owned();
            let glob = if is_draft(&path) {
                Glob::within("", Name::Between(DRAFT.to_owned(), ending))
            } else {
                Glob::Exactly(path.to_owned())
            };
            if !globs.contains(&glob) {
                globs.push(glob);
            }
        }
    }
    if globs.is_empty() {
        globs = drafts_below(repository);
    }
    let mut find = Find::cut(Layout::InternetDrafts);
    globs.into_iter().for_each(|glob| find.take(glob, "an Internet-Draft in Markdown"));
    find.leave_others(repository);
    find.unless_empty()
}

/// Folders of such documents, and single ones, where none lies at the top.
fn drafts_below(repository: &mut Repository<'_>) -> Vec<Glob> {
    let is_below = |path: &&str| {
        !is_top_level(path)
            && !folder_of(path).split('/').any(|folder| folder.starts_with('.') || is_draft_folder(folder))
    };
    let below: Vec<&str> = repository.eligible(&MARKDOWN).into_iter().filter(is_below).collect();
    let mut by_folder: BTreeMap<&str, (Vec<&str>, usize)> = BTreeMap::new();
    for path in sample(&below, DRAFT_OPENINGS) {
        let (drafts, all) = by_folder.entry(folder_of(path)).or_default();
        *all += 1;
        if repository.read(path).is_some_and(|evidence| evidence.is_internet_draft) {
            drafts.push(path);
        }
    }
    let globs = |(folder, (drafts, all)): (&str, (Vec<&str>, usize))| -> Vec<Glob> {
        let glob = Glob::within(folder, Name::Ending("md".to_owned()));
        if drafts.len() * 2 >= all && !drafts.is_empty() && drafts.iter().all(|path| glob.matches(path)) {
            return vec![glob];
        }
        drafts.into_iter().map(|path| Glob::Exactly(path.to_owned())).collect()
    };
    by_folder.into_iter().flat_map(globs).collect()
}

pub(super) fn folders(repository: &mut Repository<'_>) -> Option<Find> {
    repository.take_readmes(|path| spec_folder(path).is_some());
    let mut by_folder: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for path in repository.eligible(&PROSE) {
        if let Some(folder) = spec_folder(path) {
            by_folder.entry(folder).or_default().push(path);
        }
    }
    let mut find = Find::cut(Layout::Folder);
    for (folder, files) in by_folder {
        if holds_tests(repository, folder) {
            find.leave(format!("{}/**", escape_glob(folder)), "a test suite");
        } else {
            let why = "a folder that is called specification";
            globs_by_ending(folder, &files).into_iter().for_each(|glob| find.take(glob, why));
        }
    }
    find.unless_empty()
}

/// Whether a `spec` folder is the one of RSpec, Jasmine and their kin.
fn holds_tests(repository: &Repository<'_>, folder: &str) -> bool {
    let is_test = |path: &str| {
        let name = file_name(path);
        name.starts_with("spec_helper.")
            || name.contains("_spec.")
            || name.contains(".spec.")
            || name.contains("_test.")
    };
    repository.beneath(folder).any(is_test)
}

pub(super) fn named(repository: &mut Repository<'_>) -> Option<Find> {
    let mut find = Find::fixed(Layout::Named);
    let is_spec = |path: &&str| is_top_level(path) && places::is_called_spec(path);
    let why = "a top-level file that is called specification";
    for path in repository.eligible(&PROSE).into_iter().filter(is_spec) {
        find.take(Glob::Exactly(path.to_owned()), why);
    }
    // plain text of that name may be anything, a list of packages for one
    for path in repository.eligible(&["txt"]).into_iter().filter(is_spec).take(TOP_OPENINGS) {
        if repository.read(path).is_some_and(Evidence::has_several_sections) {
            find.take(Glob::Exactly(path.to_owned()), why);
        }
    }
    take_beside(repository, &mut find);
    find.unless_empty()
}

/// Files called `spec.md` below the top that demand throughout, and what else does so below their folders.
pub(super) fn nested(repository: &mut Repository<'_>) -> Option<Find> {
    let markdown = repository.eligible(&MARKDOWN);
    let named: Vec<&str> =
        markdown.iter().copied().filter(|path| is_nested_spec(path)).take(NESTED_OPENINGS / 2).collect();
    let homes = normative(repository, &named);
    let mut find = Find::cut(Layout::Nested);
    if homes.len() > SINGLE_FILES {
        let folder = common_folder(homes.iter().copied()).unwrap_or_default();
        let names =
            ["spec.md", "specification.md"].into_iter().filter(|name| homes.iter().any(|p| file_name(p) == *name));
        names.for_each(|name| find.take(Glob::beneath(folder, Name::Is(name)), "specifications made of demands"));
        return find.unless_empty();
    }
    for home in &homes {
        find.take(Glob::Exactly((*home).to_owned()), "a specification made of demands");
    }
    let is_beside = |path: &&str| {
        homes.iter().any(|home| lies_in(path, folder_of(home)))
            && !homes.contains(path)
            && !folder_of(path).split('/').any(is_draft_folder)
    };
    let mut by_folder: BTreeMap<&str, (Vec<&str>, usize)> = BTreeMap::new();
    let beside: Vec<&str> = markdown.into_iter().filter(is_beside).take(NESTED_OPENINGS / 2).collect();
    for path in &beside {
        by_folder.entry(folder_of(path)).or_default().1 += 1;
    }
    for path in normative(repository, &beside) {
        by_folder.entry(folder_of(path)).or_default().0.push(path);
    }
    for (folder, (demanding, all)) in by_folder {
        // a folder of little else is one glob, which finds the files of yesterday and tomorrow too
        let is_whole = demanding.len() > 1 && demanding.len() * 4 >= all * 3;
        let glob = Glob::within(folder, Name::Ending("md".to_owned()));
        let why = "demands below the folder of a specification";
        if is_whole && demanding.iter().all(|path| glob.matches(path)) {
            find.take(glob, why);
            continue;
        }
        demanding.iter().for_each(|path| find.take(Glob::Exactly((*path).to_owned()), why));
        if demanding.len() < all {
            find.leave(glob.to_string(), &others(all - demanding.len()));
        }
    }
    find.unless_empty()
}

/// Those files that demand throughout, or that are another release of one that does.
fn normative<'a>(repository: &mut Repository<'_>, files: &[&'a str]) -> Vec<&'a str> {
    let demands: Vec<bool> =
        files.iter().map(|path| repository.read(path).is_some_and(Evidence::is_normative)).collect();
    let found = files.iter().zip(&demands).filter(|(_, demands)| **demands);
    let releases: BTreeSet<(&str, &str)> = found.filter_map(|(path, _)| release(path)).collect();
    let is_release = |path: &str| release(path).is_some_and(|shelf| releases.contains(&shelf));
    files.iter().zip(&demands).filter(|(path, demands)| **demands || is_release(path)).map(|(path, _)| *path).collect()
}

/// Where the releases of a file stand, and its name, if it lies in a folder named by a version, be it of one number as `v2`.
fn release(path: &str) -> Option<(&str, &str)> {
    let version = file_name(folder_of(path));
    let is_number = version
        .strip_prefix(['v', 'V'])
        .is_some_and(|digits| (1..=3).contains(&digits.len()) && digits.bytes().all(|digit| digit.is_ascii_digit()));
    (is_number || is_version(version)).then(|| (folder_of(folder_of(path)), file_name(path)))
}

fn others(count: usize) -> String {
    format!("{count} file{} with few demands or none", if count == 1 { "" } else { "s" })
}

pub(super) fn demands(repository: &mut Repository<'_>) -> Option<Find> {
    let mut find = Find::fixed(Layout::Demands);
    let top: Vec<&str> =
        repository.eligible(&MARKDOWN).into_iter().filter(|path| is_top_level(path)).take(TOP_OPENINGS).collect();
    for path in top {
        if let Some(why) = repository.read(path).and_then(Evidence::demands) {
            find.take(Glob::Exactly(path.to_owned()), &why);
        }
    }
    take_beside(repository, &mut find);
    find.unless_empty()
}

/// The parts of a specification of several files: what demands in several sections beside a file that was taken.
fn take_beside(repository: &mut Repository<'_>, find: &mut Find) {
    if find.taken.is_empty() {
        return;
    }
    let is_new = |path: &&str| is_top_level(path) && !find.taken.iter().any(|(glob, _)| glob.matches(path));
    let beside: Vec<&str> = repository.eligible(&MARKDOWN).into_iter().filter(is_new).take(TOP_OPENINGS).collect();
    for path in beside {
        if repository.read(path).is_some_and(Evidence::demands_in_several) {
            find.take(Glob::Exactly(path.to_owned()), "demands beside a specification");
        }
    }
}
