//! What paths say by themselves: places and names that are, or never are, specification.

use std::fmt;

/// The file names a glob speaks of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Name {
    /// This one.
    Is(&'static str),
    /// All with this ending.
    Ending(String),
}

/// The few shapes of globs that detection writes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Glob {
    /// At any depth beneath a folder; the empty folder is the root.
    Beneath { folder: String, name: Name },
    /// In the folders right beneath a folder.
    Child { folder: String, name: Name },
    /// One file.
    Exactly(String),
}

impl Name {
    fn matches(&self, name: &str) -> bool {
        match self {
            Name::Is(wanted) => name == *wanted,
            Name::Ending(ending) => name.strip_suffix(ending.as_str()).is_some_and(|stem| stem.ends_with('.')),
        }
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Name::Is(name) => f.write_str(name),
            Name::Ending(ending) => write!(f, "*.{ending}"),
        }
    }
}

impl Glob {
    pub(super) fn beneath(folder: &str, name: Name) -> Glob {
        Glob::Beneath { folder: folder.to_owned(), name }
    }

    pub(super) fn child(folder: &str, name: Name) -> Glob {
        Glob::Child { folder: folder.to_owned(), name }
    }

    pub(super) fn matches(&self, path: &str) -> bool {
        match self {
            Glob::Beneath { folder, name } => lies_in(path, folder) && name.matches(file_name(path)),
            Glob::Child { folder, name } => {
                let rest = path.strip_prefix(folder.as_str()).and_then(|rest| rest.strip_prefix('/'));
                rest.and_then(|rest| rest.split_once('/'))
                    .is_some_and(|(_, file)| !file.contains('/') && name.matches(file))
            }
            Glob::Exactly(file) => path == file,
        }
    }
}

impl fmt::Display for Glob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Glob::Beneath { folder, name } if folder.is_empty() => write!(f, "**/{name}"),
            Glob::Beneath { folder, name } => write!(f, "{}/**/{name}", escape_glob(folder)),
            Glob::Child { folder, name } => write!(f, "{}/*/{name}", escape_glob(folder)),
            Glob::Exactly(file) => f.write_str(&escape_glob(file)),
        }
    }
}

/// A glob that matches exactly this path.
pub fn escape_glob(path: &str) -> String {
    path.chars()
        .flat_map(|c| matches!(c, '*' | '?' | '[' | ']' | '{' | '}' | '\\').then_some('\\').into_iter().chain([c]))
        .collect()
}

/// Folders that hold other things than this repository's demands, wherever they stand.
const TREES: [(&str, &[&str]); 4] = [
    (
        "fixtures",
        &["fixtures", "fixture", "testdata", "test-data", "test_data", "__fixtures__", "snapshots", "__snapshots__"],
    ),
    ("tests", &["test", "tests", "__tests__"]),
    ("examples", &["example", "examples", "sample", "samples"]),
    (
        "other people's or generated files",
        &[
            "vendor",
            "node_modules",
            "third_party",
            "third-party",
            "thirdparty",
            "target",
            "dist",
            "build",
            "_build",
            "site-packages",
            ".git",
        ],
    ),
];

/// File names, without ending, that never are specification.
const NAMES: [(&str, &[&str]); 6] = [
    ("a licence", &["license", "licence", "copying", "notice", "copyright", "unlicense", "patents"]),
    ("a changelog", &["changelog", "changes", "history", "news", "releases", "release-notes", "release_notes"]),
    ("a read-me", &["readme"]),
    ("a table of contents", &["summary", "toc", "_sidebar", "_toc"]),
    (
        "how to take part",
        &[
            "contributing",
            "code_of_conduct",
            "code-of-conduct",
            "security",
            "support",
            "governance",
            "maintainers",
            "authors",
        ],
    ),
    ("instructions for a coding agent", &["agents", "claude", "gemini", "copilot-instructions", "skill"]),
];

/// Names of which there are variants: `LICENSE-MIT`, `README.zh-CN.md`.
const WITH_VARIANTS: [&str; 5] = ["license", "licence", "copying", "readme", "changelog"];

/// Whether a file is never specification, by its folders or its name: the glob that cuts it out, and why.
pub(super) fn never(path: &str) -> Option<(String, &'static str)> {
    let (folders, name) = path.rsplit_once('/').unwrap_or(("", path));
    for folder in folders.split('/') {
        let is = |name: &&str| name.eq_ignore_ascii_case(folder);
        if let Some((why, _)) = TREES.iter().find(|(_, names)| names.iter().any(is)) {
            return Some((format!("**/{}/**", escape_glob(folder)), why));
        }
    }
    let lower = name.to_ascii_lowercase();
    let stem = lower.rsplit_once('.').map_or(lower.as_str(), |(stem, _)| stem);
    let variant = |wanted: &&str| stem.strip_prefix(wanted).is_some_and(|rest| rest.starts_with(['-', '.', '_']));
    let is = |wanted: &&str| stem == *wanted || (WITH_VARIANTS.contains(wanted) && variant(wanted));
    let (why, _) = NAMES.iter().find(|(_, names)| names.iter().any(is))?;
    Some((format!("**/{}", escape_glob(name)), why))
}

/// The ending of a file's name as it stands: globs mind the case.
pub(super) fn ending(path: &str) -> Option<&str> {
    file_name(path).rsplit_once('.').map(|(_, ending)| ending)
}

pub(super) fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

pub(super) fn is_top_level(path: &str) -> bool {
    !path.contains('/')
}

/// The first folder of a path; empty for a top-level file.
pub(super) fn top_folder(path: &str) -> &str {
    path.split_once('/').map_or("", |(folder, _)| folder)
}

/// Whether a path lies in a folder, at any depth.
pub(super) fn lies_in(path: &str, folder: &str) -> bool {
    folder.is_empty() || path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
}

/// The deepest folder that holds all files; `None` without files.
pub(super) fn common_folder<'a>(mut files: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let folder_of = |path: &'a str| path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let first = folder_of(files.next()?);
    Some(files.fold(first, |mut common, path| {
        while !lies_in(path, common) {
            common = folder_of(common);
        }
        common
    }))
}

/// The folder that calls itself specification and holds this path: `spec/` and its like at the top or one level
/// down, `docs/spec*/` the same.
pub(super) fn spec_folder(path: &str) -> Option<&str> {
    let folders: Vec<&str> = path.rsplit_once('/')?.0.split('/').collect();
    if folders.iter().take(2).any(|folder| folder.starts_with('.')) {
        return None;
    }
    let through = |depth: usize| path.match_indices('/').nth(depth).map(|(at, _)| &path[..at]);
    (0..2).find_map(|depth| {
        let lower = |depth: usize| folders.get(depth).map(|folder| folder.to_ascii_lowercase());
        if matches!(lower(depth)?.as_str(), "spec" | "specs" | "specification" | "specifications") {
            return through(depth);
        }
        let in_docs = matches!(lower(depth)?.as_str(), "docs" | "doc");
        let beneath = lower(depth + 1)?;
        (in_docs && beneath.starts_with("spec") && !beneath.starts_with("special"))
            .then(|| through(depth + 1))
            .flatten()
    })
}

/// Whether a file's name has a word that ends in "spec" or "specification": `SPEC.md`, `openapi-spec.md`, but not
/// `inspect.md` or `special.md`.
pub(super) fn is_called_spec(path: &str) -> bool {
    let name = file_name(path).to_ascii_lowercase();
    let stem = name.rsplit_once('.').map_or(name.as_str(), |(stem, _)| stem);
    let ends =
        |word: &str| ["spec", "specs", "specification", "specifications"].iter().any(|ending| word.ends_with(ending));
    stem.split(|c: char| !c.is_alphanumeric()).any(ends)
}
