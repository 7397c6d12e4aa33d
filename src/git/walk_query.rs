//! Which commits a walk through history wants, as arguments of `git log`.

use std::ffi::OsString;

use bstr::{BString, ByteSlice};

use super::process::Git;
use super::{GitError, Repo, Result};

/// What a walk asks for.
#[derive(Clone, Debug, Default)]
pub struct WalkQuery {
    /// Revisions, ranges and exclusions (`^A`); none means HEAD. One that begins with `-` is refused.
    pub revs: Vec<String>,
    /// Files and directories from the top, literally; none means everywhere. One alone is fastest in repositories with
    /// Bloom filters.
    pub paths: Vec<BString>,
    /// The paths are pathspecs with git's magic, as typed in the current directory; each commit that they choose comes with all its files.
    pub magic: bool,
    /// Git's own options that choose or order commits (`-n`, `--since`, `--author`, `--grep`, `--first-parent`,
    /// `--reverse`, `--all` …), passed on as they are. None that changes the output's form.
    pub extra: Vec<OsString>,
    /// Children before parents (`--topo-order`).
    pub topo: bool,
    /// By date, but children before parents (`--date-order`).
    pub by_date: bool,
    /// Parents rewritten to the next commits that the walk shows (`--parents`).
    pub parents: bool,
    /// How `author_date` is written (`--date`); none leaves it to `log.date`.
    pub date: Option<String>,
    /// No branch is left out because another one explains the result (`--full-history`).
    pub full_history: bool,
    /// Fill in `decoration`, which costs reading all references.
    pub decorate: bool,
    /// List no files: every commit that the revisions and `extra` choose comes, with its real parents and no edges, nor
    /// an address or times.
    pub commits_only: bool,
    /// Of a walk of commits alone, fill in `author_time` and `author_strict` too.
    pub exact_dates: bool,
    /// Compare no merge with its parents: its edges come without files.
    pub bare_merges: bool,
}

/// Settings of the user that would change the output's form.
const NEUTRAL: [&str; 5] =
    ["log.showRoot=true", "log.showSignature=false", "log.follow=false", "core.quotePath=false", "color.ui=false"];

/// What a walk that lists files asks for, and one that doesn't.
const FILES: [&str; 5] = ["--raw", "-r", "--no-abbrev", "--no-renames", "--diff-merges=off"];
const COMMITS: [&str; 1] = ["--no-patch"];

/// The fields of a record and how many there are. Neither can hold a NUL, which parts them.
const FIELDS: [&str; FIELD_COUNT] = ["c%m%H", "%P", "%aN", "%aE", "%ad", "%at", "%ct", "%D", "%aI", "%s"];
pub(super) const FIELD_COUNT: usize = 10;

/// Options that leave no commit out between others, so that the next one comes at once.
const DENSE: [&str; 4] = ["--no-walk", "--all", "--first-parent", "--max-count="];

impl WalkQuery {
    /// Whether commits come one soon after the other.
    fn is_dense(&self) -> bool {
        let dense = |option: &OsString| DENSE.iter().any(|dense| option.to_string_lossy().starts_with(dense));
        self.paths.is_empty() && self.extra.iter().all(dense)
    }

    /// The format that asks git for the fields that are wanted; the others are empty.
    fn format(&self) -> String {
        let wanted = |field: &str| match field {
            "%D" => self.decorate,
            "%aI" => self.exact_dates,
            "%at" => self.exact_dates || !self.commits_only,
            // Nobody asks a walk of commits alone for addresses and times.
            "%aE" | "%ct" => !self.commits_only,
            _ => true,
        };
        FIELDS.map(|field| if wanted(field) { field } else { "" }).join("%x00")
    }
}

impl Repo {
    /// The process that answers `query`. Merges come without files: see [`super::Walk`].
    pub(super) fn log(&self, query: &WalkQuery) -> Result<Git> {
        if let Some(name) = query.revs.iter().find(|rev| rev.starts_with('-') || rev.is_empty()) {
            return Err(GitError::UnknownRevision { name: name.clone() });
        }
        let flag = |on: bool, flag: &'static str| on.then_some(flag);
        let git = self.git_with("log", &NEUTRAL);
        let git = if query.is_dense() { git.buffered() } else { git };
        let git = if query.magic { self.where_typed(git) } else { git.literal_paths() };
        // The user's options first, so that the output's form is ours.
        Ok(git
            .args(&query.extra)
            .args(if query.commits_only { &COMMITS[..] } else { &FILES[..] })
            .args(["-z", "--encoding=UTF-8"])
            .args(["--no-color", "--no-ext-diff", "--no-textconv", "--no-show-signature", "--no-notes"])
            .args(["--ignore-submodules=none", "--no-relative", "-O/dev/null", "--no-abbrev-commit"])
            .args(flag(query.topo, "--topo-order"))
            .args(flag(query.by_date, "--date-order"))
            .args(flag(query.magic, "--full-diff"))
            .args(flag(query.parents, "--parents"))
            .args(flag(query.full_history, "--full-history"))
            .args(query.date.as_ref().map(|date| format!("--date={date}")))
            .arg(format!("--format=tformat:{}", query.format()))
            .arg("--end-of-options")
            .args(&query.revs)
            .arg("--")
            .args(query.paths.iter().map(|path| path.to_os_str_lossy())))
    }

    /// In the directory that typed pathspecs are relative to.
    fn where_typed(&self, git: Git) -> Git {
        match self.work_tree() {
            Some(top) => git.in_directory(&top.join(self.prefix().to_path_lossy())),
            None => git,
        }
    }
}
