//! `git spec doctor`: looks at what makes answers wrong or loses links, each a small check of its own.

use std::io::Read as _;

use bstr::ByteSlice;

use super::links::NOTES;
use super::ls::borne_twice;
use super::sides::Side;
use super::source::{CONFIG_FILE, Source, settings};
use super::{doctor_policy, hooks};
use crate::cli::HooksAction;
use crate::config::{Policy, SpecSet};
use crate::error::Error;
use crate::git::{Repo, WalkQuery, git_version, is_explicit, programs};
use crate::view::doctor::{DoctorReport, Level, Trouble};
use crate::view::text::shell_quote;

/// The oldest git that is supported (DESIGN.md §7).
const OLDEST_GIT: (u32, u32) = (2, 34);

/// Variables that continuous integrations set: the general one and those of its few that don't.
const CI: [&str; 3] = ["CI", "TF_BUILD", "JENKINS_URL"];

/// What the checks found so far.
#[derive(Default)]
pub(super) struct Findings {
    troubles: Vec<Trouble>,
    fine: Vec<String>,
    /// The repository that was named, which is not the one where somebody types.
    at: Option<String>,
}

/// The words of git that a hint may begin with and that act on the repository where they are typed.
const ACTING: [&str; 7] = ["config", "symbolic-ref", "fetch", "commit-graph", "for-each-ref", "log", "ls-tree"];

/// What is to be typed, made to act on a repository that was named, wherever it is typed.
pub(super) fn aimed(hint: &str, at: Option<&str>) -> String {
    let Some(at) = at.map(shell_quote) else { return hint.to_owned() };
    // Where git finds no bare repository by itself, it takes one that is named.
    let by = if is_explicit() { "--git-dir" } else { "-C" };
    // A path that ends in `.git` makes what is aimed already look as if it were not.
    if hint.contains(&format!("git {by} {at} ")) {
        return hint.to_owned();
    }
    let mut hint = hint.to_owned();
    if let Some(place) = hint.strip_suffix("git spec hooks install --server") {
        return format!("{place}git spec hooks install --server {at}");
    }
    for word in ACTING.iter().filter(|_| !hint.contains("--system")).collect::<Vec<_>>() {
        hint = hint.replace(&format!("git {word} "), &format!("git {by} {at} {word} "));
    }
    hint
}

impl Findings {
    /// None yet, of a repository that was named.
    pub(super) fn of(at: Option<String>) -> Findings {
        Findings { at, ..Findings::default() }
    }

    pub(super) fn add(&mut self, level: Level, about: &'static str, what: impl Into<String>, hint: &[&str]) {
        let hint = hint.iter().map(|line| aimed(line, self.at.as_deref())).collect();
        self.troubles.push(Trouble { level, about, what: what.into(), hint });
    }

    pub(super) fn is_fine(&mut self, what: impl Into<String>) {
        self.fine.push(what.into());
    }

    /// The worst first.
    pub(super) fn report(mut self) -> DoctorReport {
        self.troubles.sort_by_key(|trouble| trouble.level);
        DoctorReport { schema: "git-spec/doctor/1", findings: self.troubles, fine: self.fine }
    }
}

/// Looks at everything. Writes nothing and asks no other machine.
///
/// # Errors
/// Only what leaves nothing to look at: no repository, no git.
pub fn doctor(repo: &Repo) -> Result<DoctorReport, Error> {
    let mut found = Findings::default();
    git(&mut found)?;
    path(&mut found)?;
    history(repo, &mut found)?;
    specification(repo, &mut found)?;
    let rewritten = hooks_run(repo, &mut found)?;
    notes(repo, rewritten, &mut found)?;
    doctor_policy::settings(repo, &mut found)?;
    speed(repo, &mut found)?;
    Ok(found.report())
}

pub(super) fn git(found: &mut Findings) -> Result<(), Error> {
    let (major, minor) = git_version()?;
    if (major, minor) < OLDEST_GIT {
        let (least, so) = OLDEST_GIT;
        let what = format!("git {major}.{minor} is older than {least}.{so}, the oldest that git spec is made for");
        found.add(Level::Problem, "git", what, &["install a newer git"]);
    } else {
        found.is_fine(format!("git {major}.{minor}"));
    }
    Ok(())
}

/// Whether `git spec` and the hooks find this program.
fn path(found: &mut Findings) -> Result<(), Error> {
    let this = std::env::current_exe().and_then(|path| path.canonicalize()).ok();
    let known = programs("git-spec")?;
    let first = known.first().and_then(|path| path.canonicalize().ok());
    match (first, this) {
        (None, this) => {
            let directory = this.as_deref().and_then(std::path::Path::parent).map(|path| path.display().to_string());
            let hint = directory.map(|path| format!("export PATH=\"$PATH\":{}", shell_quote(&path)));
            let what = "git-spec is not on the search path, so that neither `git spec` nor the hooks find it";
            found.add(Level::Problem, "path", what, &hint.iter().map(String::as_str).collect::<Vec<_>>());
        }
        (Some(first), Some(this)) if first != this => {
            let what = format!("`git spec` runs {}, and this is {}", first.display(), this.display());
            found.add(Level::Warning, "path", what, &["remove the one that you don't want"]);
        }
        _ => found.is_fine("the search path"),
    }
    Ok(())
}

fn history(repo: &Repo, found: &mut Findings) -> Result<(), Error> {
    let in_ci = CI.iter().any(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty() && value != "false"));
    if repo.is_shallow() {
        let what = "it is shallow: no answer can go beyond its border, and links into what is cut off are unknown";
        let in_jobs = "in GitHub Actions: actions/checkout with fetch-depth: 0; in GitLab CI: GIT_DEPTH: 0";
        let hint: &[&str] = if in_ci { &["git fetch --unshallow", in_jobs] } else { &["git fetch --unshallow"] };
        found.add(Level::Problem, "history", what, hint);
    }
    if repo.is_partial()? {
        let what = "the clone is partial: files of the specification that are missing are fetched when they are needed";
        let refetch = ["git -c fetch.negotiationAlgorithm=noop fetch --refetch --no-filter"];
        found.add(Level::Note, "history", what, &refetch);
    }
    if repo.has_replacements()? {
        let what = "objects are replaced (refs/replace/), and git spec tells of the real ones";
        found.add(Level::Note, "history", what, &["git replace --list"]);
    }
    if !repo.is_shallow() {
        found.is_fine("the history");
    }
    Ok(())
}

fn specification(repo: &Repo, found: &mut Findings) -> Result<(), Error> {
    let config = match settings(repo) {
        Ok(config) => config,
        Err(error) => {
            let what = format!("{CONFIG_FILE} cannot be read: {error}");
            found.add(Level::Problem, "specification", what, &["git spec ls"]);
            return Ok(());
        }
    };
    let Some(head) = repo.head()? else {
        found.is_fine("a branch without commits");
        return Ok(());
    };
    if let Some(config) = &config
        && let Some(policy) = &config.policy
    {
        policy_facts(repo, policy, found)?;
        doctor_policy::paths(repo, head, config, found)?;
    }
    let source = match Source::of(repo.reopen(), None) {
        Ok(source) => source,
        Err(error @ Error::NoSpecSet { .. }) => {
            found.add(Level::Problem, "specification", error.to_string(), &["git spec init --dry-run"]);
            return Ok(());
        }
        Err(error) => return Err(error),
    };
    let files = repo.tree_files(head, &|_| true, &|_| true)?;
    let by_config = config.as_ref().is_some_and(|config| config.spec.is_some());
    for glob in source.set.include().iter().filter(|_| by_config) {
        let only = SpecSet::new(vec![glob.clone()], Vec::new(), CONFIG_FILE)?;
        if !files.iter().any(|file| file.mode.is_file() && only.matches(&file.path)) {
            let what = format!("no file at HEAD matches {glob:?} in {CONFIG_FILE}");
            found.add(Level::Warning, "specification", what, &["git spec init --dry-run shows what is there"]);
        }
    }
    let count = files.iter().filter(|file| file.mode.is_file() && source.set.matches(&file.path)).count();
    if count == 0 {
        let what = "nothing at HEAD is part of it";
        found.add(Level::Problem, "specification", what, &["git spec init --dry-run"]);
    } else {
        found.is_fine(format!("{count} spec file{}", if count == 1 { "" } else { "s" }));
    }
    let documents = source.documents(&Side::Commit(head))?;
    let clauses = documents.iter().flat_map(|document| {
        let ids =
            document.clauses.iter().filter_map(|clause| Some((clause.id.as_deref()?, clause.spans.first()?.first)));
        ids.map(|(id, line)| (document.path.as_bstr(), id, line))
    });
    for what in borne_twice(clauses) {
        found.add(Level::Warning, "specification", what, &["git spec ls"]);
    }
    Ok(())
}

/// Whether a policy names branches and a commit that are there.
pub(super) fn policy_facts(repo: &Repo, policy: &Policy, found: &mut Findings) -> Result<(), Error> {
    let listed = repo.references()?;
    let mut branches: Vec<Vec<u8>> = Vec::new();
    for name in listed.lines().filter_map(|line| line.split_once_str(" ")).map(|(_, name)| name) {
        // What a remote has by that name counts too: few clones hold every branch.
        if let Some((_, branch)) = name.strip_prefix(b"refs/remotes/").and_then(|rest| rest.split_once_str("/")) {
            branches.push([b"refs/heads/", branch].concat());
        }
        branches.push(name.to_vec());
    }
    let protected = SpecSet::new(policy.refs.clone(), Vec::new(), "policy.refs")?;
    if !branches.is_empty() && !branches.iter().any(|name| protected.matches(name)) {
        let what = format!("its refs match nothing that is there: {}", policy.refs.join(", "));
        found.add(Level::Warning, "policy", what, &["git for-each-ref --format='%(refname)' lists what there is"]);
    }
    if let Some(since) = &policy.since
        && !repo.is_shallow()
        && repo.resolve(since).is_err()
    {
        let what = format!("its since is no commit of this repository, so that nothing can be judged: {since}");
        found.add(Level::Problem, "policy", what, &["git log --format=%H -1 COMMIT prints a full id"]);
    }
    Ok(())
}

/// Bytes at the beginning of a commit-graph that hold its table of chunks: 8, and 12 for each.
const CHUNKS: u64 = 8 + 16 * 12;

/// From so many commits on it is felt that git reads each of them.
const MANY: usize = 10_000;

/// Whether git can walk a large history without reading each commit.
pub(super) fn speed(repo: &Repo, found: &mut Findings) -> Result<(), Error> {
    let info = repo.common_dir().join("objects/info");
    let used = repo.config()?.get_bool("core.commitgraph")? != Some(false);
    let has_graph = used && (info.join("commit-graph").is_file() || info.join("commit-graphs").is_dir());
    if has_graph && tells_paths(&info) {
        return Ok(());
    }
    let extra = vec!["--all".into(), format!("--max-count={MANY}").into()];
    let query = WalkQuery { extra, commits_only: true, ..WalkQuery::default() };
    if repo.head()?.is_some() && repo.walk(&query)?.take(MANY).count() == MANY {
        let what = match has_graph {
            true => "the commit-graph doesn't tell which paths commits changed, so that blame is slow",
            false => "the history is large and has no commit-graph, so that walks read each commit",
        };
        let hint = if used {
            "git commit-graph write --reachable --changed-paths"
        } else {
            "git config core.commitGraph true"
        };
        found.add(Level::Note, "speed", what, &[hint]);
    }
    Ok(())
}

/// Whether a file of the commit-graph has the chunk with filters of changed paths (gitformat-commit-graph(5)); a layer without
/// it is taken for small.
fn tells_paths(info: &std::path::Path) -> bool {
    let layers = std::fs::read_dir(info.join("commit-graphs")).into_iter().flatten().flatten();
    let mut files = layers.map(|entry| entry.path()).chain([info.join("commit-graph")]);
    files.any(|path| {
        let mut head = Vec::new();
        let read = std::fs::File::open(path).and_then(|file| file.take(CHUNKS).read_to_end(&mut head));
        read.is_ok() && head.starts_with(b"CGPH") && head.find(b"BIDX").is_some()
    })
}

/// What `git spec hooks` tells: whether they are there, and whether they will run.
fn hooks_run(repo: &Repo, found: &mut Findings) -> Result<bool, Error> {
    let report = hooks::hooks(repo, &HooksAction::Status)?;
    let missing: Vec<&str> = report.hooks.iter().filter(|hook| hook.state == "missing").map(|hook| hook.name).collect();
    for problem in &report.problems {
        let (what, hint) = problem.rsplit_once(": git ").unwrap_or((problem, "spec hooks"));
        found.add(Level::Problem, "hooks", what, &[&format!("git {hint}")]);
    }
    if missing.len() == report.hooks.len() && !report.problems.is_empty() {
        // What stands in their way has been said.
    } else if missing.len() == report.hooks.len() {
        let what = "none is installed: a plain `git commit` carries no links";
        found.add(Level::Note, "hooks", what, &["git spec hooks install"]);
    } else if !missing.is_empty() {
        let what = format!("others are installed, but not {}", missing.join(", "));
        found.add(Level::Warning, "hooks", what, &["git spec hooks install"]);
    } else if report.problems.is_empty() {
        found.is_fine("the hooks");
    }
    Ok(report.hooks.iter().any(|hook| hook.name == "post-rewrite" && hook.runs))
}

fn notes(repo: &Repo, rewritten: bool, found: &mut Findings) -> Result<(), Error> {
    let config = repo.config()?;
    let mut remotes: Vec<&str> = Vec::new();
    for key in config.keys() {
        let remote = key.strip_prefix("remote.").and_then(|rest| rest.rsplit_once('.'));
        if let Some((remote, "url")) = remote
            && !remotes.contains(&remote)
        {
            remotes.push(remote);
        }
    }
    let mut well = true;
    for remote in &remotes {
        let key = format!("remote.{remote}.fetch");
        let specs = config.get_all(&key);
        let overwrites = |spec: &&&bstr::BStr| {
            let target = spec.strip_prefix(b"+").and_then(|spec| spec.rsplit_once_str(":"));
            target.is_some_and(|(_, to)| to.starts_with(b"refs/notes/") && !to.starts_with(b"refs/notes/remotes/"))
        };
        for spec in specs.iter().filter(overwrites) {
            well = false;
            let what = format!("fetching from {remote} writes over notes that were not pushed ({key} = {spec})");
            let unset = format!("git config --unset {} '^\\+refs/notes/'", shell_quote(&key));
            found.add(Level::Problem, "notes", what, &[&unset, "git spec notes fetch"]);
        }
        if repo.reference(&format!("refs/notes/remotes/{remote}/spec"))?.is_none() {
            well = false;
            let what = format!("links that {remote} may have in notes were never fetched");
            let fetch = format!("git spec notes fetch {}", shell_quote(remote));
            found.add(Level::Note, "notes", what, &[&fetch]);
        }
    }
    let rewrites = config.get_all("notes.rewriteref").iter().any(|glob| **glob == NOTES || **glob == "refs/notes/*");
    if repo.reference(NOTES)?.is_some() && !rewrites && !rewritten {
        well = false;
        let what = "links in notes stay behind when their commit is amended or rebased";
        found.add(Level::Warning, "notes", what, &["git spec hooks install"]);
    }
    let mode = config.get("notes.rewritemode").map(|mode| mode.to_ascii_lowercase());
    let loses = mode.as_deref().and_then(|mode| match mode {
        b"ignore" => Some("ignore"),
        b"overwrite" => Some("overwrite"),
        _ => None,
    });
    if let Some(mode) = loses.filter(|_| rewrites) {
        well = false;
        let kept = if mode == "ignore" { "first" } else { "last" };
        let what = format!(
            "notes.rewriteMode = {mode}: of several commits that become one Git carries the links of the {kept} alone, and where a rebase \
             stops, what it copies to a wrong commit cannot be told from your own"
        );
        found.add(Level::Warning, "notes", what, &["git config notes.rewriteMode concatenate"]);
    }
    if well {
        found.is_fine("the notes");
    }
    Ok(())
}
