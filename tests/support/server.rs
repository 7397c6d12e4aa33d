//! A server to push to: a bare repository with this build's hooks, and a clone that pushes.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use super::{AUTH, Answer, Repo, run};

/// A policy that asks a link of each change below `src`.
pub const POLICY: &str = "[spec]\ninclude = [\"specs/**/*.md\"]\n\n[generated]\npaths = [\"src/**\"]\nexempt = [\"src/vendor/**\"]\n\n\
                          [policy]\nrefs = [\"refs/heads/main\", \"refs/heads/release/*\", \"refs/tags/v*\"]\n";

/// A clone with a server beside it.
pub struct Server {
    /// The clone.
    pub repo: Repo,
    /// The bare repository.
    pub bare: PathBuf,
}

impl Server {
    /// With a specification and [`POLICY`], pushed.
    pub fn new() -> Server {
        Server::with(&[], POLICY).unwrap()
    }

    /// The same with options of `git init` for both, and another policy.
    pub fn with(options: &[&str], policy: &str) -> Result<Server, String> {
        let server = Server::empty(options)?;
        server.repo.write("specs/auth.md", AUTH);
        server.repo.write(".gitspec.toml", policy);
        server.repo.commit("Begin");
        server.repo.git(&["tag", "begin"]);
        server.push(&["main"]).ok();
        Ok(server)
    }

    /// Nothing is pushed yet.
    pub fn empty(options: &[&str]) -> Result<Server, String> {
        let repo = Repo::with(options)?;
        let bare = repo.beside("server.git");
        let words = [&["init", "-q", "--bare", "-b", "main"], options, &[bare.to_str().unwrap()]].concat();
        repo.git_in(repo.path(), &words)?;
        repo.git(&["remote", "add", "origin", bare.to_str().unwrap()]);
        let server = Server { repo, bare };
        // Else newer gits tidy up behind a push, while its files are looked at.
        server.config("receive.autogc", "false");
        server.hook("pre-receive");
        Ok(server)
    }

    /// Puts one of this project's hooks into the server as it is.
    pub fn hook(&self, name: &str) {
        let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("hooks").join(name);
        self.script(name, &std::fs::read_to_string(from).unwrap());
    }

    /// Puts a script into the hooks of the server.
    pub fn script(&self, name: &str, text: &str) {
        let path = self.bare.join("hooks").join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// A setting of the server.
    pub fn config(&self, key: &str, value: &str) {
        self.on_server(&["config", "--add", key, value]);
    }

    /// Runs git on the server.
    pub fn on_server(&self, words: &[&str]) -> String {
        self.repo.git_in(&self.bare, words).unwrap()
    }

    /// `git push -q origin` with these words, by nobody in particular.
    pub fn push(&self, words: &[&str]) -> Answer {
        self.push_with(&[], words)
    }

    /// The same by somebody.
    pub fn push_by(&self, pusher: &str, words: &[&str]) -> Answer {
        self.push_with(&[("REMOTE_USER", pusher)], words)
    }

    /// The same with variables.
    pub fn push_with(&self, variables: &[(&str, &str)], words: &[&str]) -> Answer {
        let mut command = self.git();
        command.envs(variables.iter().copied()).args(["push", "-q", "origin"]).args(words);
        run(&mut command)
    }

    /// git in the clone, with nobody's name in the environment.
    pub fn git(&self) -> std::process::Command {
        let mut command = self.repo.git_command(self.repo.path());
        for name in ["REMOTE_USER", "LOGNAME", "USER", "GL_ID", "GL_USER", "GITEA_PUSHER_NAME"] {
            command.env_remove(name);
        }
        command
    }

    /// The object of a ref on the server; empty where there is none.
    pub fn at(&self, name: &str) -> String {
        self.repo.git_in(&self.bare, &["rev-parse", "--verify", "-q", name]).unwrap_or_default()
    }

    /// Commits a change of code without a link; the full id.
    pub fn unlinked(&self, message: &str) -> String {
        let path = self.repo.path().join("src/page.rs");
        let old = std::fs::read_to_string(path).unwrap_or_default();
        self.repo.write("src/page.rs", old + "line\n");
        self.repo.commit(message)
    }

    /// Commits a change of code with a link; the full id.
    pub fn linked(&self) -> String {
        let path = self.repo.path().join("src/lock.rs");
        let old = std::fs::read_to_string(path).unwrap_or_default();
        self.repo.generate("src/lock.rs", &(old + "line\n"), &["AUTH-1"])
    }

    /// All files of the server with their content.
    pub fn files(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        let mut found = BTreeMap::new();
        let mut left = vec![self.bare.clone()];
        while let Some(directory) = left.pop() {
            for entry in std::fs::read_dir(&directory).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    found.insert(path.clone(), Vec::new());
                    left.push(path);
                } else {
                    found.insert(path.clone(), std::fs::read(&path).unwrap());
                }
            }
        }
        found
    }

    /// Pushes what must be refused with these words among what is said; nothing on the server may change.
    #[track_caller]
    pub fn refused(&self, words: &[&str], said: &[&str]) -> String {
        self.refused_with(&[], words, said)
    }

    /// The same with variables.
    #[track_caller]
    pub fn refused_with(&self, variables: &[(&str, &str)], words: &[&str], said: &[&str]) -> String {
        let before = self.files();
        let answer = self.push_with(variables, words);
        assert_ne!(answer.status, 0, "not refused: {answer:?}");
        let text = remote(&answer);
        // Long lines are wrapped between words.
        let flat = text.split_whitespace().collect::<Vec<_>>().join(" ");
        for part in said {
            assert!(text.contains(part) || flat.contains(part), "{part:?} is not in\n{text}\n{}", answer.stderr);
        }
        let after = self.files();
        let changed: Vec<_> = after.iter().filter(|(path, now)| before.get(*path) != Some(now)).collect();
        assert!(before.keys().all(|path| after.contains_key(path)), "something is gone");
        assert!(changed.is_empty(), "written: {:?}", changed.iter().map(|(path, _)| path).collect::<Vec<_>>());
        text
    }
}

/// What the server said, without git's mark before each line and the blanks behind it.
pub fn remote(answer: &Answer) -> String {
    let lines = answer.stderr.lines().filter_map(|line| line.strip_prefix("remote: "));
    lines.map(|line| format!("{}\n", line.trim_end())).collect()
}

/// The same on one line: long ones are wrapped between words.
pub fn flat(answer: &Answer) -> String {
    remote(answer).split_whitespace().collect::<Vec<_>>().join(" ")
}
