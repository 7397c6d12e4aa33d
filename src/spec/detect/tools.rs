//! Layouts whose tools fix the place and name of their files, at the top or in the packages of a monorepo; and formats
//! that are nothing but specification.

use std::collections::{BTreeMap, BTreeSet};

use super::places::{Glob, Name, PROPOSED, common_folder, ending, escape_glob, file_name, never_folder, top_folder};
use super::{Find, Layout, Repository};

/// Packages that are named one by one. A repository with more wants a configuration of its own.
const PACKAGES: usize = 256;

pub(super) fn open_spec(repository: &mut Repository<'_>) -> Option<Find> {
    let packages = packages(repository, "openspec/specs", |rest| file_name(rest) == "spec.md");
    let mut find = Find::fixed(Layout::OpenSpec);
    for package in packages {
        let folder = format!("{package}openspec/specs");
        find.take(Glob::beneath(&folder, Name::Is("spec.md")), "the current specs of OpenSpec");
        let changes = format!("{package}openspec/changes");
        if repository.has_folder(&changes) {
            find.leave(format!("{}/**", escape_glob(&changes)), PROPOSED);
        }
    }
    find.unless_empty()
}

pub(super) fn spec_kit(repository: &mut Repository<'_>) -> Option<Find> {
    let mut find = Find::fixed(Layout::SpecKit);
    let is_spec = |rest: &str| rest.split_once('/').is_some_and(|(_, file)| file == "spec.md");
    for package in packages(repository, "specs", is_spec) {
        let folder = format!("{package}specs");
        find.take(Glob::child(&folder, Name::Is("spec.md")), "the specs of Spec Kit's features");
        find.left.extend(working_papers(repository, &folder));
    }
    for package in packages(repository, ".specify/memory", |rest| rest == "constitution.md") {
        let constitution = Glob::Exactly(format!("{package}.specify/memory/constitution.md"));
        find.take(constitution, "the rules that hold for every feature");
    }
    for package in packages(repository, ".specify/templates", |_| true) {
        find.leave(format!("{}.specify/templates/**", escape_glob(package)), "templates demand nothing");
    }
    find.unless_empty()
}

/// What a feature's folder holds beside its spec.
fn working_papers(repository: &Repository<'_>, folder: &str) -> Vec<(String, String)> {
    let named = [("plan.md", "the plan says how, not what"), ("tasks.md", "the tasks say who does what next")];
    let mut left = Vec::new();
    for (name, why) in named {
        let glob = Glob::child(folder, Name::Is(name));
        if repository.paths.iter().any(|path| glob.matches(path)) {
            left.push((glob.to_string(), why.to_owned()));
        }
    }
    let known = |path: &str| {
        ["spec.md", "plan.md", "tasks.md"].iter().any(|name| Glob::child(folder, Name::Is(name)).matches(path))
    };
    let all = Glob::beneath(folder, Name::Ending("md".to_owned()));
    let others = repository.paths.iter().filter(|path| all.matches(path) && !known(path)).count();
    if others > 0 {
        left.push((all.to_string(), format!("{others} other working papers")));
    }
    left
}

pub(super) fn kiro(repository: &mut Repository<'_>) -> Option<Find> {
    let mut find = Find::fixed(Layout::Kiro);
    let homes = kiro_homes(repository);
    let folders: BTreeSet<String> = homes
        .into_iter()
        .flat_map(|home| {
            let fits = |rest: &str| file_name(rest) == "requirements.md";
            packages(repository, &home, fits).into_iter().map(move |package| format!("{package}{home}"))
        })
        .collect();
    for folder in folders {
        find.take(Glob::beneath(&folder, Name::Is("requirements.md")), "the requirements of Kiro's features");
        for (name, why) in
            [("design.md", "the design says how, not what"), ("tasks.md", "the tasks say who does what next")]
        {
            let glob = Glob::beneath(&folder, Name::Is(name));
            if repository.paths.iter().any(|path| glob.matches(path)) {
                find.leave(glob.to_string(), why);
            }
        }
    }
    find.unless_empty()
}

/// `.kiro/specs` and its kin in other hidden folders, as the tools that followed Kiro have them.
fn kiro_homes(repository: &Repository<'_>) -> BTreeSet<String> {
    let home = |path: &&str| {
        let (above, rest) = path.strip_suffix("/requirements.md")?.split_once("/specs/")?;
        let hidden = file_name(above);
        (hidden.starts_with('.') && !rest.is_empty()).then(|| format!("{hidden}/specs"))
    };
    repository.paths.iter().filter_map(home).collect()
}

/// What stands in front of a tool's folder, with its `/`, for all folders `inner` with a file that fits: the top, and
/// the packages of a monorepo. Trees that are never specification, hidden folders and documentation have no packages.
fn packages<'a>(repository: &Repository<'a>, inner: &str, fits: impl Fn(&str) -> bool) -> BTreeSet<&'a str> {
    let mut found = BTreeSet::new();
    for &path in &repository.paths {
        let inside = path.match_indices(inner).find(|(at, _)| {
            let rest = path[at + inner.len()..].strip_prefix('/');
            (*at == 0 || path[..*at].ends_with('/')) && rest.is_some_and(&fits)
        });
        let Some((at, _)) = inside.filter(|_| found.len() < PACKAGES) else { continue };
        if is_package(&path[..at]) {
            found.insert(&path[..at]);
        }
    }
    found
}

fn is_package(above: &str) -> bool {
    let folders = || above.split('/').filter(|folder| !folder.is_empty());
    let is_other = |folder: &str| (folder.starts_with('.') && folder != ".specify") || matches!(folder, "doc" | "docs");
    never_folder(above).is_none() && !folders().any(is_other)
}

pub(super) fn strict_doc(repository: &mut Repository<'_>) -> Option<Find> {
    let files = repository.eligible(&["sdoc"]);
    let folder = common_folder(files.iter().copied())?;
    let mut find = Find::cut(Layout::StrictDoc);
    find.take(Glob::beneath(folder, Name::Ending("sdoc".to_owned())), "StrictDoc documents");
    Some(find)
}

/// Gherkin files beside other specifications: they say by example what those demand.
pub(super) fn with_features(mut find: Find, repository: &Repository<'_>) -> Find {
    for glob in features(repository) {
        find.take(glob, "Gherkin beside Markdown specs");
        find.layout = Layout::Gherkin;
        find.cut = true;
    }
    find
}

/// Gherkin files where nothing else is specification. What lies in a test suite stays out, and so do the few beside it.
pub(super) fn gherkin(repository: &mut Repository<'_>) -> Option<Find> {
    let all = repository.paths.iter().filter(|path| ending(path) == Some("feature")).count();
    if repository.eligible(&["feature"]).len() * 2 < all {
        return None;
    }
    let mut find = Find::cut(Layout::Features);
    for glob in features(repository) {
        find.take(glob, "Gherkin, the only specification here");
    }
    find.unless_empty()
}

fn features(repository: &Repository<'_>) -> Vec<Glob> {
    let mut by_folder: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for path in repository.eligible(&["feature"]) {
        by_folder.entry(top_folder(path)).or_default().push(path);
    }
    let glob = |files: Vec<&str>| {
        let folder = common_folder(files.into_iter()).unwrap_or_default();
        Glob::beneath(folder, Name::Ending("feature".to_owned()))
    };
    by_folder.into_values().map(glob).collect()
}
