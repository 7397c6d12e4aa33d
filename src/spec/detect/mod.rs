//! Which files of a repository are its specification, where nobody has said so.
//!
//! The first layout that fits wins, the surest first: tools that fix the place of their files, then formats that are
//! nothing but specification, then marks in the text, then names, last the words that demands are made of. Whatever
//! is decided comes with its reasons, as `git spec init` shows them. Only paths and a bounded number of openings are
//! looked at, so that it stays quick in a repository of a hundred thousand files.

mod bounds;
mod labels;
mod languages;
mod openings;
mod places;
mod standards;
mod texts;
mod tools;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use bounds::Cut;
pub use bounds::{LONGEST_GLOB, MOST_GLOBS};
use openings::Evidence;
pub use places::escape_glob;
use places::{Glob, README, ending, folder_of, never};

/// The layouts that detection knows, in order of preference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Layout {
    /// `openspec/specs/**/spec.md`.
    OpenSpec,
    /// `specs/*/spec.md` and `.specify/memory/constitution.md`.
    SpecKit,
    /// `.kiro/specs/**/requirements.md`.
    Kiro,
    /// `**/*.sdoc`.
    StrictDoc,
    /// `**/*.feature` beside Markdown specs.
    Gherkin,
    /// `**/*.feature` and no other specification.
    Features,
    /// Markdown with rule markers on lines of their own.
    RuleMarkers,
    /// Top-level Markdown in the form of kramdown-rfc or mmark.
    InternetDrafts,
    /// `spec/`, `specs/`, `specification/`, `docs/spec*/`.
    Folder,
    /// A top-level `*spec*.md`.
    Named,
    /// A `spec.md` in a folder, and the demands below that folder.
    Nested,
    /// Markdown with tables, lists or headings that label demands.
    NumberedDemands,
    /// Markdown that is named by the versions of a specification.
    Releases,
    /// A Sphinx project that is called specification.
    Sphinx,
    /// Markdown beside a grammar of the same name.
    Grammar,
    /// Folders of documents that demand.
    Documents,
    /// Numbered proposals that become standards.
    Series,
    /// A top-level file made of RFC 2119 words.
    Demands,
}

impl Layout {
    /// What people call it.
    pub fn name(self) -> &'static str {
        match self {
            Layout::OpenSpec => "OpenSpec",
            Layout::SpecKit => "Spec Kit",
            Layout::Kiro => "Kiro",
            Layout::StrictDoc => "StrictDoc",
            Layout::Gherkin => "Gherkin beside Markdown",
            Layout::Features => "Gherkin",
            Layout::InternetDrafts => "Internet-Drafts",
            Layout::Nested => "specifications in folders",
            Layout::NumberedDemands => "numbered demands",
            Layout::Releases => "releases of a specification",
            Layout::Sphinx => "a Sphinx specification",
            Layout::Grammar => "a document beside its grammar",
            Layout::Documents => "documents of demands",
            Layout::Series => "a series of numbered standards",
            Layout::RuleMarkers => "Markdown with rule markers",
            Layout::Folder => "a specification folder",
            Layout::Named => "a specification file",
            Layout::Demands => "a file of RFC 2119 demands",
        }
    }
}

/// Why something was taken or left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    /// Whether it belongs to the specification.
    pub taken: bool,
    /// A glob or a path.
    pub what: String,
    /// The reason, as half a sentence.
    pub why: String,
}

/// What detection found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Detection {
    /// The layout, if any fits.
    pub layout: Option<Layout>,
    /// Globs of the files that are specification; empty without a layout.
    pub include: Vec<String>,
    /// Globs of the files among those that aren't.
    pub exclude: Vec<String>,
    /// How many of the paths belong to the set.
    pub files: usize,
    /// What was taken and left, and why; taken ones first.
    pub reasons: Vec<Reason>,
    /// Where nothing was found: globs of the prose that there is, likeliest first.
    pub candidates: Vec<String>,
    /// Files that could not be opened, though what they say decides.
    pub unread: Vec<String>,
}

/// What the opening of a file gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Opening {
    /// Its first bytes.
    Bytes(Vec<u8>),
    /// Nothing that could be specification: it is gone, or no regular file.
    Nothing,
    /// It is there, and cannot be read.
    Unread,
}

/// The layouts in the words of an error message.
pub fn looked_for() -> Vec<String> {
    [
        "openspec/specs/**/spec.md",
        "specs/*/spec.md",
        ".kiro/specs/**/requirements.md",
        "**/*.sdoc",
        "Markdown with rule markers",
        "Internet-Drafts in Markdown",
        "spec/, specs/, specification/ and docs/spec*/ folders",
        "a top-level *spec.md",
        "a spec.md of demands in a folder",
        "numbered demands in Markdown",
        "releases of a specification",
        "a Sphinx specification",
        "a document beside its grammar",
        "a top-level file of RFC 2119 demands",
        "folders of documents that demand",
        "a series of numbered standards",
        "**/*.feature",
    ]
    .map(str::to_owned)
    .to_vec()
}

/// Decides from the paths of one revision, and from openings of a few of them, which are the specification.
///
/// `opening` gives the first bytes of a file (64 KiB are looked at).
pub fn detect(paths: &[&[u8]], opening: &mut dyn FnMut(&[u8]) -> Opening) -> Detection {
    let mut repository = Repository::new(paths, opening);
    let found = decide(&mut repository);
    let mut unread = repository.unread;
    unread.sort_unstable();
    Detection { unread, ..found }
}

fn decide(repository: &mut Repository<'_>) -> Detection {
    let by_tool = [tools::open_spec, tools::spec_kit, tools::kiro, tools::strict_doc];
    if let Some(find) = by_tool.iter().find_map(|finder| finder(repository)) {
        return find.conclude(repository);
    }
    let by_text = [
        texts::rule_markers,
        texts::internet_drafts,
        texts::folders,
        texts::named,
        texts::nested,
        texts::numbered_demands,
        standards::releases,
        standards::sphinx,
        standards::grammar,
        labels::labels,
        texts::demands,
        standards::documents,
        standards::series,
    ];
    if let Some(find) = by_text.iter().find_map(|finder| finder(repository)) {
        return tools::with_features(find, repository).conclude(repository);
    }
    tools::gherkin(repository).map_or_else(|| nothing(repository), |find| find.conclude(repository))
}

/// So many READMEs are read, no more.
const MOST_READMES: usize = 64;

/// So many folders of other Markdown are named; the rest is counted.
const MOST_OTHERS: usize = 12;

/// Why a file in another language is left.
const TRANSLATION: &str = "a translation";

/// The paths of a revision, those left out that aren't UTF-8 or that nobody can check out: no glob can name them one by one.
struct Repository<'a> {
    /// All, in order.
    paths: Vec<&'a str>,
    /// Those with an ending of interest that aren't ruled out by their place or name.
    candidates: Vec<&'a str>,
    opening: &'a mut dyn FnMut(&[u8]) -> Opening,
    /// What could not be read.
    unread: Vec<String>,
    /// What was read, so that no opening is read twice.
    read: HashMap<String, Option<Evidence>>,
    /// The READMEs below the top that are taken, as they demand.
    demanding_readmes: BTreeSet<&'a str>,
}

impl<'a> Repository<'a> {
    fn new(paths: &[&'a [u8]], opening: &'a mut dyn FnMut(&[u8]) -> Opening) -> Repository<'a> {
        let is_path = |path: &&str| !path.split('/').any(|name| matches!(name, "" | "." | ".."));
        let mut paths: Vec<&str> =
            paths.iter().filter_map(|path| std::str::from_utf8(path).ok()).filter(is_path).collect();
        paths.sort_unstable();
        paths.dedup();
        let mut repository = Repository {
            paths,
            candidates: Vec::new(),
            opening,
            unread: Vec::new(),
            read: HashMap::new(),
            demanding_readmes: BTreeSet::new(),
        };
        let interesting = |path: &&str| {
            ending(path).is_some_and(|found| ENDINGS.contains(&found)) && repository.never(path).is_none()
        };
        repository.candidates = repository.paths.iter().copied().filter(interesting).collect();
        repository
    }

    /// What the opening of a file says; nothing where it cannot be read or isn't text.
    fn read(&mut self, path: &str) -> Option<&Evidence> {
        if !self.read.contains_key(path) {
            let evidence = match (self.opening)(path.as_bytes()) {
                Opening::Bytes(bytes) => Evidence::of(&bytes),
                Opening::Nothing => None,
                Opening::Unread => {
                    self.unread.push(path.to_owned());
                    None
                }
            };
            self.read.insert(path.to_owned(), evidence);
        }
        self.read.get(path)?.as_ref()
    }

    /// Whether a file is never specification: the glob that cuts it out, and why.
    fn never(&self, path: &str) -> Option<(String, &'static str)> {
        let translation = || {
            let glob = languages::translation(path, |folder| self.has_folder(folder), |file| self.holds(file))?;
            Some((glob, TRANSLATION))
        };
        if self.demanding_readmes.contains(path) {
            return translation();
        }
        let by_place = never(path).map(|(glob, why)| {
            let alone = why == README && !self.demanding_readmes.is_empty();
            (if alone { escape_glob(path) } else { glob }, why)
        });
        by_place.or_else(translation)
    }

    /// Makes candidates of the READMEs that demand, among those below the top that `fits` takes.
    fn take_readmes(&mut self, fits: impl Fn(&str) -> bool) {
        let is_readme = |path: &&str| {
            path.contains('/')
                && ending(path).is_some_and(|found| found == "md")
                && self.never(path).is_some_and(|(_, why)| why == README)
                && fits(path)
        };
        let readmes: Vec<&str> = self.paths.iter().copied().filter(is_readme).take(MOST_READMES).collect();
        for path in readmes {
            let demands = |evidence: &Evidence| evidence.names_keywords || evidence.demands_in_several();
            if self.read(path).is_some_and(demands) && self.demanding_readmes.insert(path) {
                self.candidates.push(path);
            }
        }
        self.candidates.sort_unstable();
    }

    /// Folders of translations that no other glob cuts out, with the reason, as `docs/{de,fr}/**`.
    fn translations(&self, cut: &BTreeMap<String, &'static str>) -> Vec<(String, String)> {
        let mut by_parent: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for path in self.paths.iter().filter(|path| ending(path).is_some_and(|found| ENDINGS.contains(&found))) {
            let Some((glob, _)) = self.never(path).filter(|(glob, why)| *why == TRANSLATION && !cut.contains_key(glob))
            else {
                continue;
            };
            let Some(folder) = glob.strip_suffix("/**") else { continue };
            let (parent, language) = (folder_of(folder).to_owned(), places::file_name(folder).to_owned());
            let languages = by_parent.entry(parent).or_default();
            if languages.last() != Some(&language) {
                languages.push(language);
            }
        }
        let glob = |(parent, languages): (String, Vec<String>)| {
            let slash = if parent.is_empty() { "" } else { "/" };
            let names = languages.join(",");
            let names = if languages.len() > 1 { format!("{{{names}}}") } else { names };
            (format!("{parent}{slash}{names}/**"), TRANSLATION.to_owned())
        };
        by_parent.into_iter().map(glob).collect()
    }

    /// The candidates with one of these endings.
    fn eligible(&self, endings: &[&str]) -> Vec<&'a str> {
        self.candidates
            .iter()
            .copied()
            .filter(|path| ending(path).is_some_and(|found| endings.contains(&found)))
            .collect()
    }

    fn holds(&self, path: &str) -> bool {
        self.paths.binary_search(&path).is_ok()
    }

    /// Whether there is anything in a folder.
    fn has_folder(&self, folder: &str) -> bool {
        self.beneath(folder).next().is_some()
    }

    /// What lies in a folder, at any depth.
    fn beneath(&self, folder: &str) -> impl Iterator<Item = &'a str> {
        let folder = format!("{folder}/");
        let at = self.paths.partition_point(|path| *path < folder.as_str());
        self.paths[at..].iter().copied().take_while(move |path| path.starts_with(&folder))
    }
}

/// A layout that fits.
struct Find {
    layout: Layout,
    /// What is specification, and why.
    taken: Vec<(Glob, String)>,
    /// What lies beside it, and why it isn't.
    left: Vec<(String, String)>,
    /// Whether names and places that are never specification have to be cut out.
    cut: bool,
}

impl Find {
    /// A layout whose tool fixes the place of its files.
    fn fixed(layout: Layout) -> Find {
        Find { layout, taken: Vec::new(), left: Vec::new(), cut: false }
    }

    /// A layout whose globs may hold more than specification.
    fn cut(layout: Layout) -> Find {
        Find { cut: true, ..Find::fixed(layout) }
    }

    fn take(&mut self, glob: Glob, why: &str) {
        self.taken.push((glob, why.to_owned()));
    }

    fn leave(&mut self, what: String, why: &str) {
        self.left.push((what, why.to_owned()));
    }

    /// Leaves the folders of other Markdown, by name, so that nobody takes what was found for all there is.
    fn leave_others(&mut self, repository: &Repository<'_>) {
        self.leave_others_in(repository, |_| true);
    }

    /// The same of those files only that `fits` takes.
    fn leave_others_in(&mut self, repository: &Repository<'_>, fits: impl Fn(&str) -> bool) {
        let mut by_folder: BTreeMap<&str, usize> = BTreeMap::new();
        let others = repository.candidates.iter().filter(|path| {
            texts::MARKDOWN.contains(&ending(path).unwrap_or_default())
                && path.contains('/')
                && !path.starts_with('.')
                && fits(path)
                && !self.left.iter().any(|(what, _)| *what == places::escape_glob(path))
                && !self.taken.iter().any(|(glob, _)| glob.matches(path))
        });
        for path in others {
            *by_folder.entry(places::top_folder(path)).or_default() += 1;
        }
        let more = by_folder.len().saturating_sub(MOST_OTHERS);
        for (folder, files) in by_folder.into_iter().take(MOST_OTHERS) {
            let files = format!("{files} file{}", if files == 1 { "" } else { "s" });
            self.leave(
                format!("{}/**", places::escape_glob(folder)),
                &format!("other Markdown ({files}); name it in .gitspec.toml if it is specification too"),
            );
        }
        if more > 0 {
            self.leave(format!("{more} more folders"), "other Markdown");
        }
    }

    fn unless_empty(self) -> Option<Find> {
        (!self.taken.is_empty()).then_some(self)
    }

    fn conclude(self, repository: &Repository<'_>) -> Detection {
        let (found, more) = bounds::first(self.taken);
        if found.is_empty() {
            return nothing(repository);
        }
        let inside = repository.paths.iter().copied().filter(|path| found.iter().any(|(glob, _)| glob.matches(path)));
        let ruled_out = |path| if self.cut { repository.never(path) } else { None };
        let inside: Vec<(&str, Option<(String, &'static str)>)> = inside.map(|path| (path, ruled_out(path))).collect();
        let never: Vec<bounds::Never<'_>> =
            inside.iter().filter_map(|(path, never)| never.clone().map(|(glob, why)| (*path, glob, why))).collect();
        let cut = Cut::of(&never);
        let own = |never: &'_ Option<(String, &'static str)>| never.as_ref().map(|(glob, _)| glob.clone());
        let inside: Vec<&str> = inside
            .iter()
            .filter(|(path, never)| !cut.has(path, own(never).as_deref()))
            .map(|(path, _)| *path)
            .collect();
        let count = |glob: &Glob| inside.iter().filter(|path| glob.matches(path)).count();
        let taken = found.iter().map(|(glob, why)| {
            let files = count(glob);
            Reason {
                taken: true,
                what: glob.to_string(),
                why: format!("{why} ({files} file{})", if files == 1 { "" } else { "s" }),
            }
        });
        let elsewhere = if self.cut { repository.translations(&cut.globs) } else { Vec::new() };
        let cut_out = cut.globs.iter().map(|(glob, why)| (glob.clone(), (*why).to_owned()));
        let left = self.left.iter().cloned().chain(elsewhere).chain(cut_out).chain(unsaid(more, cut.more));
        let left = left.map(|(what, why)| Reason { taken: false, what, why });
        Detection {
            layout: Some(self.layout),
            include: found.iter().map(|(glob, _)| glob.to_string()).collect(),
            exclude: cut.globs.keys().cloned().collect(),
            files: inside.len(),
            reasons: taken.chain(left).collect(),
            ..Detection::default()
        }
    }
}

/// What no configuration has room for.
fn unsaid(taken: usize, cut: usize) -> impl Iterator<Item = (String, String)> {
    let name_folders = "more than a configuration may hold; name their folders in .gitspec.toml";
    let taken = (taken > 0).then(|| (format!("{taken} more files or folders"), name_folders.to_owned()));
    let cut = (cut > 0).then(|| {
        let why = "no specification, but more than a configuration may leave out; name their folders in .gitspec.toml";
        (format!("{cut} more globs"), why.to_owned())
    });
    taken.into_iter().chain(cut)
}

fn nothing(repository: &Repository<'_>) -> Detection {
    let is_feature = |path: &&str| ending(path) == Some("feature");
    let why = "Gherkin in a test suite is no specification by itself; name it in .gitspec.toml if it is one";
    let left = Reason { taken: false, what: "**/*.feature".to_owned(), why: why.to_owned() };
    let reasons = repository.paths.iter().any(is_feature).then_some(left).into_iter().collect();
    Detection { reasons, candidates: standards::candidates(repository), ..Detection::default() }
}

/// The endings of all files that can be specification outside the places that tools fix.
const ENDINGS: [&str; 7] = ["md", "mdx", "markdown", "rst", "sdoc", "feature", "txt"];

#[cfg(test)]
mod tests;
