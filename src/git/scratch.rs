//! What git makes of two commits by itself: asked in a repository of its own that borrows the objects and is thrown away,
//! so that nothing is written where the commits are, and nobody's settings, attributes or merge drivers have a say.

use std::collections::HashMap;
use std::fs::{self, DirBuilder};
use std::io::{ErrorKind, Write};
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bstr::{BString, ByteSlice};

use super::process::{Answer, Git, NOTHING};
use super::walk::parse_file;
use super::{FileChange, Mode, Oid, Repo, Result};

/// How many signs a marker of a conflict has in what git makes.
pub const MARKER: u16 = 199;

/// Files of each side that are compared with each other for renames: four thousand files are read for it at most.
const MOST_RENAMES: usize = 2000;

/// Variables that would lead a child back to the judged repository, or to somebody's settings.
const STRANGE: [&str; 13] = [
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_ATTR_SOURCE",
    "GIT_COMMON_DIR",
    "GIT_CONFIG",
    "GIT_CONFIG_COUNT",
    "GIT_CONFIG_PARAMETERS",
    "GIT_DEFAULT_HASH",
    "GIT_INDEX_FILE",
    "GIT_NAMESPACE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_QUARANTINE_PATH",
    "GIT_SHALLOW_FILE",
    "GIT_WORK_TREE",
];

/// Why git could not be asked. The words go behind "Git could not be asked: ".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotAsked {
    /// `git merge-tree` has no `--write-tree`.
    OldGit,
    /// No directory for temporary files.
    NoPlace,
    /// What git writes does not fit there.
    NoRoom,
    /// Parents of some commits are not here.
    Shallow,
    /// A path of the repository can't be written into a list of object stores.
    Path,
    /// It would take too much room.
    TooMuch,
    /// Git failed in another way, or was ended.
    Failed,
}

impl NotAsked {
    /// The reason, in words of this program alone.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::OldGit => "it is older than 2.38",
            Self::NoPlace => "no directory for temporary files can be written to",
            Self::NoRoom => "there is no room for its temporary files",
            Self::Shallow => "the history is shallow",
            Self::Path => "the path of the repository has a line end",
            Self::TooMuch => "there is too much to merge",
            Self::Failed => "`git merge-tree` failed",
        }
    }

    /// Whether the machine is the reason, and nothing that somebody could push.
    #[must_use]
    pub fn is_lasting(self) -> bool {
        matches!(self, Self::OldGit | Self::NoPlace | Self::Shallow | Self::Path)
    }
}

/// What git makes of commits, compared with a commit.
#[derive(Debug, Default)]
pub struct MadeTree {
    /// Paths that the commit has otherwise, with what git has as `old` and what the commit has as `new`.
    pub differs: HashMap<BString, FileChange>,
    /// Paths that don't fit, with what the base, the first and the second side have there; a renamed file by its new name.
    pub conflicts: HashMap<BString, [Option<(Mode, Oid)>; 3]>,
}

/// The directories of this process, and whether there may be any.
#[derive(Default)]
struct Open {
    closed: bool,
    directories: Vec<PathBuf>,
}

static OPEN: Mutex<Open> = Mutex::new(Open { closed: false, directories: Vec::new() });

fn opened() -> MutexGuard<'static, Open> {
    OPEN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Takes away what this process has among temporary files, for one that ends in the middle of its work. Git is not asked any
/// more what it makes of a merge.
pub fn close_benches() {
    let mut open = opened();
    open.closed = true;
    for directory in open.directories.drain(..) {
        // A git that is about to end may put one more file there.
        for _ in 0..5 {
            let _ = fs::remove_dir_all(&directory);
            if !directory.exists() {
                break;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

/// Why there is no directory for temporary files, in words that follow its name; none where one can be made.
#[must_use]
pub fn no_temporary_place() -> Option<String> {
    let named = std::env::var_os("TMPDIR");
    let place = std::env::temp_dir();
    if cfg!(unix) && named.is_some_and(|named| named.is_empty()) {
        return Some("TMPDIR is set to nothing".to_owned());
    }
    if !place.is_absolute() {
        return Some(format!("TMPDIR is no absolute path: {}", place.display()));
    }
    match new_directory() {
        Ok(made) => {
            let _ = fs::remove_dir(made);
            None
        }
        Err(error) => Some(format!("nothing can be written to {}: {error}", place.display())),
    }
}

/// A directory that was not there before and that nobody else can read.
fn new_directory() -> std::io::Result<PathBuf> {
    let above = std::env::temp_dir();
    if !above.is_absolute() {
        // From where the hook runs it would lead into the repository.
        return Err(ErrorKind::NotFound.into());
    }
    let mut builder = DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    let mut last = None;
    for _ in 0..8 {
        let dir = above.join(format!("git-spec-{}-{:08x}", std::process::id(), super::random()));
        match builder.create(&dir) {
            Ok(()) => return Ok(dir),
            Err(error) => last = Some(error),
        }
    }
    Err(last.unwrap_or_else(|| std::io::ErrorKind::AlreadyExists.into()))
}

/// A repository to ask git in; dropping it takes it away.
pub struct Bench {
    dir: PathBuf,
    sha256: bool,
    /// Whether git lets itself be told the merge base (2.40); without, it looks for it in the whole history.
    takes_base: bool,
}

impl Drop for Bench {
    fn drop(&mut self) {
        let mut open = opened();
        open.directories.retain(|directory| *directory != self.dir);
        let _ = fs::remove_dir_all(&self.dir);
    }
}

impl Bench {
    /// Makes a repository that borrows the objects of another one.
    ///
    /// # Errors
    ///
    /// Why not.
    pub fn open(repo: &Repo) -> Result<Bench, NotAsked> {
        if repo.is_shallow() {
            return Err(NotAsked::Shallow);
        }
        let mut borrowed = Vec::new();
        for store in std::iter::once(&repo.place.objects_dir).chain(&repo.place.alternates) {
            let path = <[u8]>::from_path(store).ok_or(NotAsked::Path)?;
            if path.contains(&b'\n') {
                return Err(NotAsked::Path);
            }
            borrowed.extend_from_slice(path);
            borrowed.push(b'\n');
        }
        super::tidy_when_ended();
        super::remember_children();
        let mut open = opened();
        if open.closed {
            return Err(NotAsked::Failed);
        }
        let dir = new_directory().map_err(|error| match error.kind() {
            // As it will be for the next push. A full disk may be of somebody's making.
            ErrorKind::NotFound
            | ErrorKind::NotADirectory
            | ErrorKind::PermissionDenied
            | ErrorKind::ReadOnlyFilesystem => NotAsked::NoPlace,
            _ => NotAsked::NoRoom,
        })?;
        open.directories.push(dir.clone());
        drop(open);
        // From here on dropping it takes the directory away.
        let takes_base = super::git_version().is_ok_and(|version| version >= (2, 40));
        let bench = Bench { dir, sha256: repo.sha256(), takes_base };
        bench.fill(&borrowed).map_err(|_| NotAsked::NoRoom)?;
        Ok(bench)
    }

    fn fill(&self, borrowed: &[u8]) -> std::io::Result<()> {
        let write = |name: &str, content: &[u8]| fs::File::create(self.dir.join(name))?.write_all(content);
        fs::create_dir_all(self.dir.join("objects/info"))?;
        fs::create_dir(self.dir.join("info"))?;
        write("info/attributes", format!("* conflict-marker-size={MARKER}\n").as_bytes())?;
        fs::create_dir(self.dir.join("refs"))?;
        write("HEAD", b"ref: refs/heads/none\n")?;
        write("objects/info/alternates", borrowed)?;
        let format = if self.sha256 { "1\n[extensions]\n\tobjectFormat = sha256" } else { "0" };
        let config = format!(
            "[core]\n\tbare = true\n\tattributesFile = {NOTHING}\n\tprotectNTFS = false\n\tprotectHFS = false\n\tlooseCompression = 1\n\tfsync = none\n\
             \trepositoryFormatVersion = {format}\n[merge]\n\trenames = true\n\trenameLimit = {MOST_RENAMES}\n"
        );
        write("config", config.as_bytes())
    }

    fn git(&self, subcommand: &str, config: &[&str]) -> Git {
        Git::with_config(&self.dir, subcommand, config)
            .without(&STRANGE)
            .env("GIT_DIR", &self.dir)
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_CONFIG_GLOBAL", NOTHING)
            .env("GIT_ATTR_NOSYSTEM", "1")
            .env("GIT_NO_LAZY_FETCH", "1")
    }

    fn good(&self, git: Git) -> Result<Vec<u8>, NotAsked> {
        Self::of_answer(git.answer())
    }

    fn of_answer(answer: Result<Answer>) -> Result<Vec<u8>, NotAsked> {
        let answer = answer.map_err(|_| NotAsked::Failed)?;
        if answer.status == Some(0) { Ok(answer.stdout) } else { Err(because(&answer.stderr, answer.status)) }
    }

    /// What git makes of the parents, one after the other, compared with a commit. `moves`: new files go into directories
    /// that a side renamed. `base`: the only merge base of two, where it is known. None where more than two don't fit.
    ///
    /// # Errors
    ///
    /// Why git could not be asked.
    pub fn merge(
        &self,
        parents: &[Oid],
        commit: Oid,
        moves: bool,
        base: Option<Oid>,
    ) -> Result<Option<MadeTree>, NotAsked> {
        let [first, rest @ ..] = parents else { return Ok(None) };
        let mut so_far = *first;
        let mut made = None;
        for (at, next) in rest.iter().enumerate() {
            let directories = format!("merge.directoryRenames={moves}");
            let git = self.git("merge-tree", &[&directories]);
            let words = ["--write-tree", "-z", "--no-messages", "--allow-unrelated-histories"];
            let base =
                base.filter(|_| self.takes_base && parents.len() == 2).map(|base| format!("--merge-base={base}"));
            let git = git.args(words).args(base).args([so_far, *next].map(|oid| oid.to_string()));
            let answer = git.answer().map_err(|_| NotAsked::Failed)?;
            if !matches!(answer.status, Some(0 | 1)) {
                return Err(because(&answer.stderr, answer.status));
            }
            let (tree, conflicts) = parse(&answer.stdout).ok_or(NotAsked::Failed)?;
            if parents.len() > 2 && !conflicts.is_empty() {
                return Ok(None);
            }
            if at + 1 < rest.len() {
                so_far = self.commit(tree, &[so_far, *next])?;
            }
            made = Some((tree, conflicts));
        }
        let Some((tree, conflicts)) = made else { return Ok(None) };
        let words = ["-r", "-z", "--raw", "--no-abbrev", "--no-renames", "--no-ext-diff", "--ignore-submodules=none"];
        let list = self.good(self.git("diff-tree", &[]).args(words).args([tree, commit].map(|oid| oid.to_string())))?;
        let mut pieces = list.split(|byte| *byte == 0);
        let mut differs = HashMap::new();
        while let (Some(facts), Some(path)) = (pieces.next(), pieces.next()) {
            let file = facts.strip_prefix(b":").and_then(|facts| parse_file(facts, path.to_vec()));
            let file = file.ok_or(NotAsked::Failed)?;
            differs.insert(file.path.clone(), file);
        }
        Ok(Some(MadeTree { differs, conflicts }))
    }

    /// A commit that stands for another one, and has it as its parent, in which some files are as given or not there.
    ///
    /// # Errors
    ///
    /// Why git could not make it: it has no such paths as `.git`.
    pub fn with_files(&self, commit: Oid, files: &[(BString, Option<(Mode, Oid)>)]) -> Result<Oid, NotAsked> {
        let index = self.dir.join(format!("index-{:08x}", super::random()));
        let git = |subcommand| self.git(subcommand, &[]).env("GIT_INDEX_FILE", &index);
        self.good(git("read-tree").arg(commit.to_string()))?;
        let mut lines = Vec::new();
        for (path, file) in files {
            let line = match file {
                Some((mode, oid)) => format!("{} {oid}\t", mode.octal()),
                None => format!("0 {}\t", "0".repeat(commit.to_string().len())),
            };
            lines.extend_from_slice(line.as_bytes());
            lines.extend_from_slice(path);
            lines.push(0);
        }
        let fed = git("update-index").args(["-z", "--index-info"]).feed(lines);
        Self::of_answer(fed.and_then(super::process::Stream::into_answer))?;
        let tree = self.good(git("write-tree").arg("--missing-ok"))?;
        let _ = fs::remove_file(&index);
        self.commit(Oid::from_hex(tree.trim()).map_err(|_| NotAsked::Failed)?, &[commit])
    }

    /// A commit that stands for what was merged so far. Nobody sees its date, which only has to be a late one.
    fn commit(&self, tree: Oid, parents: &[Oid]) -> Result<Oid, NotAsked> {
        let mut git = self.git("commit-tree", &[]).arg(tree.to_string()).args(["-m", "Merge"]);
        for (key, value) in [("NAME", "git-spec"), ("EMAIL", "git-spec"), ("DATE", "@4102444800 +0000")] {
            git = git.env(&format!("GIT_AUTHOR_{key}"), value).env(&format!("GIT_COMMITTER_{key}"), value);
        }
        for parent in parents {
            git = git.arg("-p").arg(parent.to_string());
        }
        Oid::from_hex(self.good(git)?.trim()).map_err(|_| NotAsked::Failed)
    }

    /// A blob that git wrote here or that it borrows; none where it has more bytes than `most`.
    ///
    /// # Errors
    ///
    /// Where they can't be opened.
    pub fn blob(&self, blob: Oid, most: u64) -> Result<Option<Vec<u8>>> {
        let path = self.dir.join("objects");
        super::objects::lone_blob(&path, self.sha256, blob, most)
    }
}

/// What a failure says.
fn because(stderr: &str, status: Option<i32>) -> NotAsked {
    let room = ["unable to write", "unable to create", "No space left", "write error"];
    match () {
        () if status == Some(129) => NotAsked::OldGit,
        () if room.iter().any(|words| stderr.contains(words)) => NotAsked::NoRoom,
        () => NotAsked::Failed,
    }
}

type Conflicts = HashMap<BString, [Option<(Mode, Oid)>; 3]>;

/// The answer of `git merge-tree -z --no-messages`: a tree, then `<mode> <id> <stage> TAB <path>` for what doesn't fit.
fn parse(answer: &[u8]) -> Option<(Oid, Conflicts)> {
    let mut pieces = answer.split(|byte| *byte == 0);
    let tree = Oid::from_hex(pieces.next()?).ok()?;
    let mut conflicts = Conflicts::new();
    for piece in pieces.filter(|piece| !piece.is_empty()) {
        let (facts, path) = piece.split_once_str("\t")?;
        let words: Vec<&[u8]> = facts.split(|byte| *byte == b' ').collect();
        let [mode, oid, stage] = words[..] else { return None };
        let stage = match stage {
            b"1" => 0,
            b"2" => 1,
            b"3" => 2,
            _ => return None,
        };
        conflicts.entry(path.into()).or_default()[stage] = Some((Mode::from_octal(mode)?, Oid::from_hex(oid).ok()?));
    }
    Some((tree, conflicts))
}
