//! Which files of a repository are its specification, where nobody has said so.
//!
//! The first layout that fits wins, the surest first: tools that fix the place of their files, then formats that are
//! nothing but specification, then marks in the text, then names, last the words that demands are made of. Whatever
//! is decided comes with its reasons, as `git spec init` shows them. Only paths and a bounded number of openings are
//! looked at, so that it stays quick in a repository of a hundred thousand files.

mod openings;
mod places;

use std::collections::BTreeMap;

use openings::Evidence;
pub use places::escape_glob;
use places::{Glob, Name, common_folder, ending, is_top_level, never, spec_folder, top_folder};

/// Openings that are read in search of rule markers. A spread of this size finds any layout that fills a folder.
const OPENINGS: usize = 256;

/// Top-level files that are read in search of demands.
const TOP_OPENINGS: usize = 32;

/// Single files that are named one by one; beyond that their folder is.
const SINGLE_FILES: usize = 32;

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
    /// Markdown with rule markers on lines of their own.
    RuleMarkers,
    /// `spec/`, `specs/`, `specification/`, `docs/spec*/`.
    Folder,
    /// A top-level `*spec*.md`.
    Named,
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
}

/// The layouts in the words of an error message.
pub fn looked_for() -> Vec<String> {
    [
        "openspec/specs/**/spec.md",
        "specs/*/spec.md",
        ".kiro/specs/**/requirements.md",
        "**/*.sdoc",
        "Markdown with rule markers",
        "spec/, specs/, specification/ and docs/spec*/ folders",
        "a top-level *spec*.md",
        "a top-level file of RFC 2119 demands",
    ]
    .map(str::to_owned)
    .to_vec()
}

/// Decides from the paths of one revision, and from openings of a few of them, which are the specification.
///
/// `opening` gives the first bytes of a file (64 KiB are looked at), or nothing where it cannot be read.
pub fn detect(paths: &[&[u8]], opening: &mut dyn FnMut(&[u8]) -> Option<Vec<u8>>) -> Detection {
    let mut repository = Repository::new(paths, opening);
    let by_place = [open_spec, spec_kit, kiro, strict_doc];
    if let Some(find) = by_place.iter().find_map(|finder| finder(&repository)) {
        return find.conclude(&repository);
    }
    let by_text = [rule_markers, folders, named, demands];
    let Some(markdown) = by_text.iter().find_map(|finder| finder(&mut repository)) else {
        return nothing(&repository);
    };
    with_features(markdown, &repository).conclude(&repository)
}

/// The paths of a revision, those that aren't UTF-8 left out: no glob can name them one by one.
struct Repository<'a> {
    /// All, in order.
    paths: Vec<&'a str>,
    /// Those with an ending of interest that aren't ruled out by their place or name.
    candidates: Vec<&'a str>,
    opening: &'a mut dyn FnMut(&[u8]) -> Option<Vec<u8>>,
}

impl<'a> Repository<'a> {
    fn new(paths: &[&'a [u8]], opening: &'a mut dyn FnMut(&[u8]) -> Option<Vec<u8>>) -> Repository<'a> {
        let mut paths: Vec<&str> = paths.iter().filter_map(|path| std::str::from_utf8(path).ok()).collect();
        paths.sort_unstable();
        paths.dedup();
        let interesting =
            |path: &&str| ending(path).is_some_and(|found| ENDINGS.contains(&found)) && never(path).is_none();
        let candidates = paths.iter().copied().filter(interesting).collect();
        Repository { paths, candidates, opening }
    }

    fn read(&mut self, path: &str) -> Option<Evidence> {
        (self.opening)(path.as_bytes()).and_then(|bytes| Evidence::of(&bytes))
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
        let at = self.paths.partition_point(|path| *path < folder);
        self.paths[at..]
            .iter()
            .take_while(|path| path.starts_with(folder))
            .any(|path| path[folder.len()..].starts_with('/'))
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

    fn conclude(self, repository: &Repository<'_>) -> Detection {
        let is_in = |path: &&&str| self.taken.iter().any(|(glob, _)| glob.matches(path));
        let inside: Vec<&str> = repository.paths.iter().filter(is_in).copied().collect();
        let mut cut: BTreeMap<String, &'static str> = BTreeMap::new();
        if self.cut {
            cut.extend(inside.iter().filter_map(|path| never(path)));
        }
        let files = inside.iter().filter(|path| !self.cut || never(path).is_none()).count();
        let count = |glob: &Glob| {
            inside.iter().filter(|path| glob.matches(path) && (!self.cut || never(path).is_none())).count()
        };
        let taken = self.taken.iter().map(|(glob, why)| {
            let files = count(glob);
            Reason {
                taken: true,
                what: glob.to_string(),
                why: format!("{why} ({files} file{})", if files == 1 { "" } else { "s" }),
            }
        });
        let left = self.left.iter().cloned().chain(cut.iter().map(|(glob, why)| (glob.clone(), (*why).to_owned())));
        let left = left.map(|(what, why)| Reason { taken: false, what, why });
        Detection {
            layout: Some(self.layout),
            include: self.taken.iter().map(|(glob, _)| glob.to_string()).collect(),
            exclude: cut.keys().cloned().collect(),
            files,
            reasons: taken.chain(left).collect(),
        }
    }
}

fn nothing(repository: &Repository<'_>) -> Detection {
    let features = repository.eligible(&["feature"]);
    let why = "Gherkin is taken only beside Markdown specs; name it in .gitspec.toml if it is the specification";
    let left =
        (!features.is_empty()).then(|| Reason { taken: false, what: "**/*.feature".to_owned(), why: why.to_owned() });
    Detection { reasons: left.into_iter().collect(), ..Detection::default() }
}

fn open_spec(repository: &Repository<'_>) -> Option<Find> {
    let specs = Glob::beneath("openspec/specs", Name::Is("spec.md"));
    repository.paths.iter().any(|path| specs.matches(path)).then(|| {
        let mut find = Find::fixed(Layout::OpenSpec);
        find.taken.push((specs, "the current specs of OpenSpec".to_owned()));
        if repository.has_folder("openspec/changes") {
            find.left.push((
                "openspec/changes/**".to_owned(),
                "proposed changes repeat the names of the demands they change".to_owned(),
            ));
        }
        find
    })
}

fn spec_kit(repository: &Repository<'_>) -> Option<Find> {
    const CONSTITUTION: &str = ".specify/memory/constitution.md";
    let mut find = Find::fixed(Layout::SpecKit);
    for folder in ["specs", ".specify/specs"] {
        let specs = Glob::child(folder, Name::Is("spec.md"));
        if repository.paths.iter().any(|path| specs.matches(path)) {
            find.taken.push((specs, "the specs of Spec Kit's features".to_owned()));
            find.left.extend(working_papers(repository, folder));
        }
    }
    if repository.holds(CONSTITUTION) {
        find.taken.push((Glob::Exactly(CONSTITUTION.to_owned()), "the rules that hold for every feature".to_owned()));
    }
    if repository.has_folder(".specify/templates") {
        find.left.push((".specify/templates/**".to_owned(), "templates demand nothing".to_owned()));
    }
    (!find.taken.is_empty()).then_some(find)
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

fn kiro(repository: &Repository<'_>) -> Option<Find> {
    let specs = Glob::beneath(".kiro/specs", Name::Is("requirements.md"));
    repository.paths.iter().any(|path| specs.matches(path)).then(|| {
        let mut find = Find::fixed(Layout::Kiro);
        find.taken.push((specs, "the requirements of Kiro's features".to_owned()));
        for (name, why) in
            [("design.md", "the design says how, not what"), ("tasks.md", "the tasks say who does what next")]
        {
            let glob = Glob::beneath(".kiro/specs", Name::Is(name));
            if repository.paths.iter().any(|path| glob.matches(path)) {
                find.left.push((glob.to_string(), why.to_owned()));
            }
        }
        find
    })
}

fn strict_doc(repository: &Repository<'_>) -> Option<Find> {
    let files = repository.eligible(&["sdoc"]);
    let folder = common_folder(files.iter().copied())?;
    let taken = vec![(Glob::beneath(folder, Name::Ending("sdoc".to_owned())), "StrictDoc documents".to_owned())];
    Some(Find { layout: Layout::StrictDoc, taken, left: Vec::new(), cut: true })
}

/// The endings of all files that can be specification outside the places that tools fix.
const ENDINGS: [&str; 6] = ["md", "mdx", "markdown", "rst", "sdoc", "feature"];

/// The endings of files that may hold rule markers.
const MARKDOWN: [&str; 3] = ["md", "mdx", "markdown"];

/// The endings of files that a name alone may make specification.
const PROSE: [&str; 4] = ["md", "mdx", "markdown", "rst"];

fn rule_markers(repository: &mut Repository<'_>) -> Option<Find> {
    let mut read: Vec<(&str, usize)> = Vec::new();
    for path in sample(&repository.eligible(&MARKDOWN), OPENINGS) {
        if let Some(evidence) = repository.read(path) {
            read.push((path, evidence.markers));
        }
    }
    let marked: Vec<&str> =
        read.iter().filter(|(_, markers)| *markers >= openings::SEVERAL).map(|(path, _)| *path).collect();
    if marked.is_empty() {
        return None;
    }
    let mut by_folder: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for path in marked {
        by_folder.entry(top_folder(path)).or_default().push(path);
    }
    let why = || "rule markers on lines of their own".to_owned();
    let taken = by_folder
        .into_iter()
        .flat_map(|(top, files)| globs_of_marked(top, &files, &read))
        .map(|glob| (glob, why()))
        .collect();
    Some(Find { layout: Layout::RuleMarkers, taken, left: Vec::new(), cut: true })
}

/// The common folder of files with markers where at least half of what was read there has one; else the files alone.
fn globs_of_marked(top: &str, files: &[&str], read: &[(&str, usize)]) -> Vec<Glob> {
    let folder = common_folder(files.iter().copied()).unwrap_or_default();
    let beneath: Vec<usize> =
        read.iter().filter(|(path, _)| places::lies_in(path, folder)).map(|(_, markers)| *markers).collect();
    let dense = beneath.iter().filter(|markers| **markers > 0).count() * 2 >= beneath.len();
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
fn sample<'a>(paths: &[&'a str], limit: usize) -> Vec<&'a str> {
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

fn folders(repository: &mut Repository<'_>) -> Option<Find> {
    let mut by_folder: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for path in repository.eligible(&PROSE) {
        if let Some(folder) = spec_folder(path) {
            by_folder.entry(folder).or_default().push(path);
        }
    }
    let (tests, specs): (Vec<_>, Vec<_>) =
        by_folder.into_iter().partition(|(folder, _)| holds_tests(repository, folder));
    let taken: Vec<(Glob, String)> = specs
        .iter()
        .flat_map(|(folder, files)| globs_by_ending(folder, files))
        .map(|glob| (glob, "a folder that is called specification".to_owned()))
        .collect();
    let left =
        tests.iter().map(|(folder, _)| (format!("{}/**", escape_glob(folder)), "a test suite".to_owned())).collect();
    (!taken.is_empty()).then_some(Find { layout: Layout::Folder, taken, left, cut: true })
}

/// Whether a `spec` folder is the one of RSpec, Jasmine and their kin.
fn holds_tests(repository: &Repository<'_>, folder: &str) -> bool {
    let is_test = |path: &&str| {
        let name = path.rsplit('/').next().unwrap_or(path);
        name.starts_with("spec_helper.")
            || name.contains("_spec.")
            || name.contains(".spec.")
            || name.contains("_test.")
    };
    repository.paths.iter().filter(|path| places::lies_in(path, folder)).any(is_test)
}

fn named(repository: &mut Repository<'_>) -> Option<Find> {
    let files =
        repository.eligible(&PROSE).into_iter().filter(|path| is_top_level(path) && places::is_called_spec(path));
    let taken: Vec<(Glob, String)> = files
        .map(|path| (Glob::Exactly(path.to_owned()), "a top-level file that is called specification".to_owned()))
        .collect();
    (!taken.is_empty()).then_some(Find { layout: Layout::Named, taken, left: Vec::new(), cut: false })
}

fn demands(repository: &mut Repository<'_>) -> Option<Find> {
    let mut taken = Vec::new();
    let top: Vec<&str> =
        repository.eligible(&MARKDOWN).into_iter().filter(|path| is_top_level(path)).take(TOP_OPENINGS).collect();
    for path in top {
        if let Some(why) = repository.read(path).and_then(|evidence| evidence.demands()) {
            taken.push((Glob::Exactly(path.to_owned()), why));
        }
    }
    (!taken.is_empty()).then_some(Find { layout: Layout::Demands, taken, left: Vec::new(), cut: false })
}

/// Gherkin files are specification where Markdown specs say what they exercise; alone they are a test suite.
fn with_features(mut find: Find, repository: &Repository<'_>) -> Find {
    let mut by_folder: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for path in repository.eligible(&["feature"]) {
        by_folder.entry(top_folder(path)).or_default().push(path);
    }
    for (_, files) in by_folder {
        let folder = common_folder(files.into_iter()).unwrap_or_default();
        let glob = Glob::beneath(folder, Name::Ending("feature".to_owned()));
        find.taken.push((glob, "Gherkin beside Markdown specs".to_owned()));
        find.layout = Layout::Gherkin;
        find.cut = true;
    }
    find
}

#[cfg(test)]
mod tests;
