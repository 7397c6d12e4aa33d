//! What paths say by themselves: places and names that are, or never are, specification.

use std::fmt;

/// The file names a glob speaks of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Name {
    /// This one.
    Is(&'static str),
    /// This one, as the repository has it.
    This(String),
    /// All with this ending.
    Ending(String),
    /// All that begin and end so.
    Between(String, String),
}

/// The few shapes of globs that detection writes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Glob {
    /// At any depth beneath a folder; the empty folder is the root.
    Beneath { folder: String, name: Name },
    /// In the folders right beneath a folder.
    Child { folder: String, name: Name },
    /// In a folder itself; the empty folder is the root.
    In { folder: String, name: Name },
    /// One file.
    Exactly(String),
}

impl Name {
    fn matches(&self, name: &str) -> bool {
        match self {
            Name::Is(wanted) => name == *wanted,
            Name::This(wanted) => name == wanted,
            Name::Ending(ending) => is_ending(name, ending),
            Name::Between(start, ending) => name.starts_with(start.as_str()) && is_ending(name, ending),
        }
    }
}

fn is_ending(name: &str, ending: &str) -> bool {
    name.strip_suffix(ending).is_some_and(|stem| stem.ends_with('.'))
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Name::Is(name) => f.write_str(name),
            Name::This(name) => f.write_str(&escape_glob(name)),
            Name::Ending(ending) => write!(f, "*.{ending}"),
            Name::Between(start, ending) => write!(f, "{}*.{ending}", escape_glob(start)),
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

    pub(super) fn within(folder: &str, name: Name) -> Glob {
        Glob::In { folder: folder.to_owned(), name }
    }

    pub(super) fn matches(&self, path: &str) -> bool {
        match self {
            Glob::In { folder, name } => folder_of(path) == folder && name.matches(file_name(path)),
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
            Glob::In { folder, name } if folder.is_empty() => write!(f, "{name}"),
            Glob::In { folder, name } => write!(f, "{}/{name}", escape_glob(folder)),
            Glob::Exactly(file) => f.write_str(&escape_glob(file)),
        }
    }
}

/// A glob that matches exactly this path.
pub fn escape_glob(path: &str) -> String {
    // Nothing that begins with ! is taken for a glob.
    let first = path.starts_with('!').then_some('\\').into_iter();
    let special = |c: &char| matches!(c, '*' | '?' | '[' | ']' | '{' | '}' | '\\');
    first.chain(path.chars().flat_map(|c| special(&c).then_some('\\').into_iter().chain([c]))).collect()
}

/// Folders that hold other things than this repository's demands, wherever they stand.
const TREES: [(&str, &[&str]); 4] = [
    (
        "fixtures",
        &["fixtures", "fixture", "testdata", "test-data", "test_data", "__fixtures__", "snapshots", "__snapshots__"],
    ),
    ("tests", &["test", "tests", "__tests__", "t", "xt"]),
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

/// Why OpenSpec's changes are no specification.
pub(super) const PROPOSED: &str = "proposed changes repeat the names of the demands they change";

/// Why a README is no specification.
pub(super) const README: &str = "a read-me";

/// File names, without ending, that never are specification.
const NAMES: [(&str, &[&str]); 6] = [
    ("a licence", &["license", "licence", "copying", "notice", "copyright", "unlicense", "patents"]),
    ("a changelog", &["changelog", "changes", "history", "news", "releases", "release-notes", "release_notes"]),
    (README, &["readme"]),
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
    let name = file_name(path);
    if let Some(tree) = never_folder(folder_of(path)) {
        return Some(tree);
    }
    let lower = name.to_ascii_lowercase();
    let stem = lower.rsplit_once('.').map_or(lower.as_str(), |(stem, _)| stem);
    let variant = |wanted: &&str| stem.strip_prefix(wanted).is_some_and(|rest| rest.starts_with(['-', '.', '_']));
    let is = |wanted: &&str| stem == *wanted || (WITH_VARIANTS.contains(wanted) && variant(wanted));
    let (why, _) = NAMES.iter().find(|(_, names)| names.iter().any(is))?;
    Some((format!("**/{}", escape_glob(name)), why))
}

/// Whether nothing beneath a folder is ever specification: the glob that cuts it out, and why.
pub(super) fn never_folder(folders: &str) -> Option<(String, &'static str)> {
    let mut above = "";
    for folder in folders.split('/') {
        let is = |name: &&str| name.eq_ignore_ascii_case(folder);
        if let Some((why, _)) = TREES.iter().find(|(_, names)| names.iter().any(is)) {
            return Some((format!("**/{}/**", escape_glob(folder)), why));
        }
        if above == "openspec" && folder == "changes" {
            return Some(("**/openspec/changes/**".to_owned(), PROPOSED));
        }
        above = folder;
    }
    None
}

/// The ending of a file's name as it stands: globs mind the case.
pub(super) fn ending(path: &str) -> Option<&str> {
    file_name(path).rsplit_once('.').map(|(_, ending)| ending)
}

pub(super) fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// The folders of a path; empty for a top-level file.
pub(super) fn folder_of(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folders, _)| folders)
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
    let first = folder_of(files.next()?);
    Some(files.fold(first, |mut common, path| {
        while !lies_in(path, common) {
            common = folder_of(common);
        }
        common
    }))
}

/// Where monorepos keep their packages.
const PACKAGES: [&str; 9] =
    ["packages", "crates", "apps", "services", "libs", "modules", "components", "projects", "plugins"];

/// The folder that calls itself specification and holds this path: `spec/` and its like at the top, one level down or
/// in a package, `docs/spec*/` the same.
pub(super) fn spec_folder(path: &str) -> Option<&str> {
    let folders: Vec<&str> = path.rsplit_once('/')?.0.split('/').collect();
    // a scope, as npm has them, is no package
    let is_scoped = folders.get(1).is_some_and(|scope| scope.starts_with('@'));
    let reach = if PACKAGES.contains(&folders[0]) { 3 + usize::from(is_scoped) } else { 2 };
    if folders.iter().take(reach).any(|folder| folder.starts_with('.')) {
        return None;
    }
    let through = |depth: usize| path.match_indices('/').nth(depth).map(|(at, _)| &path[..at]);
    (0..reach).find_map(|depth| {
        // Jekyll wants `_` before the name of a folder whose pages it collects
        let lower = |depth: usize| folders.get(depth).map(|folder| folder.trim_start_matches('_').to_ascii_lowercase());
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

/// Whether a file below the top is called specification and nothing else.
pub(super) fn is_nested_spec(path: &str) -> bool {
    let (stem, ending) = file_name(path).rsplit_once('.').unwrap_or((path, ""));
    let is = |wanted: &&str| stem.eq_ignore_ascii_case(wanted);
    let hidden = || folder_of(path).split('/').any(|folder| folder.starts_with('.') || is_draft_folder(folder));
    !is_top_level(path) && ending == "md" && ["spec", "specification"].iter().any(is) && !hidden()
}

/// Whether a folder holds what is demanded later, or never.
pub(super) fn is_draft_folder(folder: &str) -> bool {
    ["template", "templates", "draft", "drafts", "working-drafts", "proposals", "archive", "archived"]
        .iter()
        .any(|name| folder.eq_ignore_ascii_case(name))
}

/// Whether a folder holds what is told to a coding agent, who is shouted at in the words of demands.
pub(super) fn is_prompt_folder(folder: &str) -> bool {
    ["prompts", "prompt", "agents", "skills", "commands", "rules", "instructions", "personas", "workflows"]
        .iter()
        .any(|name| folder.eq_ignore_ascii_case(name))
}

/// Whether a name is a version of two parts or more: `3.1.0`, `v1.0.0-rc2`.
pub(super) fn is_version(name: &str) -> bool {
    let bare = name.strip_prefix(['v', 'V']).unwrap_or(name);
    let (numbers, label) = bare.split_once(['-', '+', '_']).map_or((bare, None), |(n, label)| (n, Some(label)));
    let parts = || numbers.split('.');
    let is_number = |part: &str| (1..=4).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
    let is_label = |label: &str| {
        let word = label.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
        ["alpha", "beta", "rc", "draft", "pre", "dev", "wd", ""].contains(&word.trim_end_matches(['-', '.']))
    };
    (2..=4).contains(&parts().count()) && parts().all(is_number) && label.is_none_or(is_label)
}

/// Whether the last word of a file's name ends in "spec" or "specification", be a version, a language or "draft" behind
/// it: `SPEC.md`, `openapi-spec.md`, `spec-v2.md`, but not `inspect.md`, `special.md` or `spec-lifecycle.md`.
pub(super) fn is_called_spec(path: &str) -> bool {
    let name = file_name(path).to_ascii_lowercase();
    let stem = name.rsplit_once('.').map_or(name.as_str(), |(stem, _)| stem);
    let ends =
        |word: &str| ["spec", "specs", "specification", "specifications"].iter().any(|ending| word.ends_with(ending));
    let goes_on = |word: &&str| {
        let digits = word.strip_prefix('v').unwrap_or(word);
        matches!(*word, "" | "draft" | "en" | "final" | "latest")
            || digits.strip_prefix("rc").unwrap_or(digits).bytes().all(|b| b.is_ascii_digit())
    };
    stem.split(|c: char| !c.is_alphanumeric()).rev().find(|word| !goes_on(word)).is_some_and(ends)
}
