//! The pages in docs/hosting are real: their commands set up a repository as a host has it, and a push that breaks the
//! policy is refused there, one that keeps it is taken. Where the host itself cannot run, something with its layout, its
//! variables and its way to call hooks stands in.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a script that fails is a test that fails")]

mod support;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use support::{AUTH, Answer, Repo, run};

const POLICY: &str = "[spec]\ninclude = [\"specs/**/*.md\"]\n\n[generated]\npaths = [\"src/**\"]\n\n\
                      [policy]\nrefs = [\"refs/heads/main\"]\n";

/// The blocks of one kind in a page, in its order.
fn blocks(page: &str, kind: &str) -> Vec<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("docs/hosting/{page}.md"));
    let text = std::fs::read_to_string(path).unwrap();
    let fence = format!("\n```{kind}\n");
    text.split(&fence).skip(1).map(|part| part.split("\n```").next().unwrap().to_owned()).collect()
}

/// A work tree with a policy, and a host's machine beside it: a root of its own, on which `app.git` lies somewhere.
struct Host {
    repo: Repo,
    root: PathBuf,
    bare: PathBuf,
}

impl Host {
    fn new(bare: &str) -> Host {
        let repo = Repo::new();
        repo.write("specs/auth.md", AUTH);
        repo.write(".gitspec.toml", POLICY);
        repo.commit("Begin");
        let root = repo.beside("host");
        let bare = root.join(bare.trim_start_matches('/'));
        std::fs::create_dir_all(bare.parent().unwrap()).unwrap();
        repo.git(&["clone", "-q", "--bare", ".", &bare.to_string_lossy()]);
        for sample in std::fs::read_dir(bare.join("hooks")).unwrap() {
            std::fs::remove_file(sample.unwrap().path()).unwrap();
        }
        Host { repo, root, bare }
    }

    /// Runs the `sh` blocks of a page in a directory of the host, with its absolute paths below the host's root.
    fn follow(&self, page: &str, place: &Path) {
        let mut script = blocks(page, "sh").join("\n");
        assert!(!script.is_empty(), "docs/hosting/{page}.md has no commands");
        for top in ["/srv/", "/data/"] {
            script = script.replace(top, &format!("{}{top}", self.root.display()));
        }
        let mut command = self.sealed("sh", place);
        let said = run(command.args(["-eu", "-c", &script]));
        assert_eq!(said.status, 0, "docs/hosting/{page}.md: {said:?}");
    }

    /// A program in the surroundings of the tests, with this build of `git spec`.
    fn sealed(&self, program: &str, place: &Path) -> Command {
        let like = self.repo.git_command(place);
        let mut command = Command::new(program);
        for (name, value) in like.get_envs() {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        command.current_dir(place);
        command
    }

    fn script(&self, path: &Path, text: &str) {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
    }

    fn push(&self, url: &str, variables: &[(&str, &str)]) -> Answer {
        let mut command = self.repo.git_command(self.repo.path());
        command
            .env("GIT_ALLOW_PROTOCOL", "file:ssh:http")
            .env("GIT_TERMINAL_PROMPT", "0")
            .env_remove("GIT_AUTHOR_DATE");
        run(command.args(["push", url, "main"]).envs(variables.iter().copied()))
    }

    /// A push of code without a link is refused, and the same with one is taken.
    fn refuses_and_takes(&self, url: &str, variables: &[(&str, &str)]) -> Answer {
        self.repo.write("src/lock.rs", "fn lock() {}\n");
        self.repo.commit("Lock accounts");
        let before = self.repo.git_in(&self.bare, &["rev-parse", "main"]).unwrap();
        let refused = self.push(url, variables);
        assert_ne!(refused.status, 0, "{refused:?}");
        assert!(refused.stderr.contains("changes src/lock.rs and links no clause (require-link)"), "{refused:?}");
        assert_eq!(self.repo.git_in(&self.bare, &["rev-parse", "main"]).unwrap(), before);
        self.repo.git(&["reset", "-q", "--hard", "HEAD~1"]);
        let good = self.repo.generate("src/lock.rs", "fn lock() {}\n", &["AUTH-1"]);
        let taken = self.push(url, variables);
        assert_eq!(taken.status, 0, "{taken:?}");
        assert_eq!(self.repo.git_in(&self.bare, &["rev-parse", "main"]).unwrap(), good);
        refused
    }
}

#[test]
fn a_bare_repository_over_ssh() {
    let host = Host::new("/srv/git/app.git");
    host.follow("ssh", &host.root);
    // What sshd gives a session: a user's name and a short search path. The words are the host and the command.
    let ssh = host.root.join("ssh");
    let line =
        "#!/bin/sh\nfor last; do :; done\nexec env -i PATH=/usr/bin:/bin LOGNAME=git PUSHER=$WHO sh -c \"$last\"\n";
    host.script(&ssh, line);
    let url = format!("git@example.org:{}", host.bare.display());
    let as_one = |who: &'static str| [("GIT_SSH", ssh.to_str().unwrap()), ("GIT_SSH_VARIANT", "simple"), ("WHO", who)];
    host.refuses_and_takes(&url, &as_one("joe"));
    // Only who is named may take commits away
    host.repo.git(&["reset", "-q", "--hard", "HEAD~1"]);
    let force = |who: &'static str| {
        let mut command = host.repo.git_command(host.repo.path());
        command.env("GIT_ALLOW_PROTOCOL", "ssh").envs(as_one(who));
        run(command.args(["push", "--force", &url, "main"]))
    };
    let said = force("joe");
    assert!(said.status != 0 && said.stderr.contains("refs/heads/main is protected"), "{said:?}");
    let said = force("ann");
    assert!(said.status == 0 && said.stderr.contains("git-spec audit: rewind pusher=\"ann\""), "{said:?}");
}

#[test]
fn a_bare_repository_over_http() {
    let host = Host::new("/srv/git/app.git");
    host.follow("http", &host.root);
    let server = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/app.git", server.local_addr().unwrap());
    let mut backend = host.sealed("git", &host.root);
    backend.env("GIT_PROJECT_ROOT", host.root.join("srv/git")).env("GIT_HTTP_EXPORT_ALL", "1");
    let environment: Vec<_> =
        backend.get_envs().map(|(k, v)| (k.to_owned(), v.map(std::ffi::OsStr::to_owned))).collect();
    std::thread::spawn(move || {
        for stream in server.incoming() {
            let mut command = Command::new("git");
            for (name, value) in &environment {
                match value {
                    Some(value) => command.env(name, value),
                    None => command.env_remove(name),
                };
            }
            serve(stream.unwrap(), command);
        }
    });
    host.refuses_and_takes(&url, &[("NO_PROXY", "127.0.0.1"), ("no_proxy", "127.0.0.1")]);
}

/// Answers one request by `git http-backend`, as a web server does (RFC 3875).
fn serve(stream: TcpStream, mut backend: Command) {
    let mut input = BufReader::new(stream.try_clone().unwrap());
    let mut line = String::new();
    input.read_line(&mut line).unwrap();
    let words: Vec<&str> = line.split_whitespace().collect();
    let [method, target, _] = words[..] else { return };
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    backend.arg("http-backend").env("REQUEST_METHOD", method).env("PATH_INFO", path).env("QUERY_STRING", query);
    backend.env("REMOTE_USER", "jane").env("REMOTE_ADDR", "127.0.0.1").env("GATEWAY_INTERFACE", "CGI/1.1");
    let (mut length, mut chunked) = (0, false);
    loop {
        let mut header = String::new();
        input.read_line(&mut header).unwrap();
        let Some((name, value)) = header.trim_end().split_once(": ") else { break };
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = value.parse().unwrap(),
            "transfer-encoding" => chunked = value == "chunked",
            "content-type" => drop(backend.env("CONTENT_TYPE", value)),
            "content-encoding" => drop(backend.env("HTTP_CONTENT_ENCODING", value)),
            "git-protocol" => drop(backend.env("HTTP_GIT_PROTOCOL", value)),
            "expect" => stream.try_clone().unwrap().write_all(b"HTTP/1.1 100 Continue\r\n\r\n").unwrap(),
            _ => {}
        }
    }
    let mut body = vec![0; length];
    input.read_exact(&mut body).unwrap();
    while chunked {
        let mut size = String::new();
        input.read_line(&mut size).unwrap();
        let size = usize::from_str_radix(size.trim(), 16).unwrap();
        let mut part = vec![0; size + 2];
        input.read_exact(&mut part).unwrap();
        body.extend(&part[..size]);
        chunked = size > 0;
    }
    backend.env("CONTENT_LENGTH", body.len().to_string());
    let mut child = backend.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(&body).unwrap();
    let answer = child.wait_with_output().unwrap().stdout;
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
    let head = String::from_utf8(answer[..end].to_vec()).unwrap();
    let status = head.lines().find_map(|line| line.strip_prefix("Status: ")).unwrap_or("200 OK").to_owned();
    let mut output = stream;
    let length = answer.len() - end - 4;
    let whole = format!("HTTP/1.1 {status}\r\n{head}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n");
    output.write_all(whole.as_bytes()).unwrap();
    output.write_all(&answer[end + 4..]).unwrap();
}

/// A hook that gives what it gets to each executable file in a directory, as Gitea and Gitaly do.
fn dispatcher(directory: &str) -> String {
    format!(
        "#!/bin/sh\ninput=$(cat)\nfor hook in \"$GIT_DIR\"/{directory}/*; do\n  test -x \"$hook\" || continue\n  \
         printf '%s\\n' \"$input\" | \"$hook\" || exit\ndone\n"
    )
}

#[test]
fn gitea_and_forgejo() {
    let host = Host::new("/data/git/repositories/team/app.git");
    host.script(&host.bare.join("hooks/pre-receive"), &dispatcher("hooks/pre-receive.d"));
    host.script(&host.bare.join("hooks/pre-receive.d/gitea"), "#!/bin/sh\ncat >/dev/null\n");
    host.follow("gitea", &host.root);
    let variables = [("GITEA_PUSHER_NAME", "jane"), ("GITEA_REPO_NAME", "app"), ("SSH_ORIGINAL_COMMAND", "1")];
    host.refuses_and_takes(&host.bare.to_string_lossy(), &variables);
    assert!(host.bare.join("hooks/pre-receive.d/gitea").exists());
    // The two lines for the browser do the same
    let lines = blocks("gitea", "text").remove(0);
    host.script(&host.bare.join("hooks/pre-receive.d/git-spec"), &lines);
    host.refuses_and_takes_again();
}

#[test]
fn gitlab() {
    let host = Host::new("/var/opt/app.git");
    let desk = host.root.join("desk");
    std::fs::create_dir_all(&desk).unwrap();
    host.follow("gitlab", &desk);
    // gitaly hooks set
    let said = run(Command::new("tar").arg("-xf").arg(desk.join("custom_hooks.tar")).arg("-C").arg(&host.bare));
    assert_eq!(said.status, 0, "{said:?}");
    // What is let through is written down
    assert!(host.bare.join("custom_hooks/post-receive.d/git-spec").is_file());
    host.script(&host.bare.join("hooks/pre-receive"), &dispatcher("custom_hooks/pre-receive.d"));
    let variables =
        [("GL_ID", "user-7"), ("GL_USERNAME", "jane"), ("GL_REPOSITORY", "project-1"), ("GL_PROTOCOL", "ssh")];
    let said = host.refuses_and_takes(&host.bare.to_string_lossy(), &variables);
    let ours = said.stderr.lines().filter_map(|line| line.strip_prefix("remote: ")).map(str::trim_end);
    let ours: Vec<&str> = ours.filter(|line| !line.is_empty()).collect();
    assert!(!ours.is_empty() && ours.iter().all(|line| line.starts_with("GL-HOOK-ERR: ")), "{ours:#?}");
}

#[test]
fn github_enterprise() {
    let host = Host::new("/data/app.git");
    let hooks = host.root.join("hooks");
    host.repo.git(&["init", "-q", &hooks.to_string_lossy()]);
    host.follow("github-enterprise", &hooks);
    // The server calls the script of the other repository with its variables.
    let call = format!("#!/bin/sh\nexec {}/pre-receive-spec\n", hooks.display());
    host.script(&host.bare.join("hooks/pre-receive"), &call);
    let variables = [("GITHUB_USER_LOGIN", "jane"), ("GITHUB_VIA", "git"), ("GITHUB_REPO_NAME", "team/app")];
    host.refuses_and_takes(&host.bare.to_string_lossy(), &variables);
}

#[test]
fn gitolite() {
    let host = Host::new("/home/git/repositories/app.git");
    let home = host.root.join("home/git");
    host.follow("gitolite", &home);
    let hook = host.bare.join("hooks/pre-receive");
    std::fs::copy(home.join("local/hooks/common/pre-receive"), &hook).unwrap();
    host.refuses_and_takes(&host.bare.to_string_lossy(), &[("GL_USER", "jane"), ("GL_REPO", "app")]);
    std::fs::remove_file(&hook).unwrap();
    // gitolite's own update calls a VREF with the ref, both commits, both trees and its own name, and reads refexes.
    let vref = home.join("local/VREF/git-spec");
    let update = format!(
        "#!/bin/sh\ntree() {{ git rev-parse -q --verify \"$1^{{tree}}\" || echo 4b825dc642cb6eb9a060e54bf8d69288fbee4904; }}\n\
         out=$('{}' \"$1\" \"$2\" \"$3\" \"$(tree $2)\" \"$(tree $3)\" VREF/git-spec VREF/git-spec)\nstatus=$?\n\
         case $out in VREF/git-spec*) echo \"FATAL: $out\" >&2; exit 1;; esac\nexit $status\n",
        vref.display()
    );
    host.script(&host.bare.join("hooks/update"), &update);
    host.refuses_and_takes_again();
}

impl Host {
    /// [`Host::refuses_and_takes`] after another one.
    fn refuses_and_takes_again(&self) {
        let url = self.bare.to_string_lossy().into_owned();
        self.repo.write("src/again.rs", "fn again() {}\n");
        self.repo.commit("Once more");
        let refused = self.push(&url, &[]);
        assert!(
            refused.status != 0 && refused.stderr.contains("changes src/again.rs and links no clause"),
            "{refused:?}"
        );
        self.repo.git(&["reset", "-q", "--hard", "HEAD~1"]);
        self.repo.generate("src/again.rs", "fn again() {}\n", &["AUTH-2"]);
        assert_eq!(self.push(&url, &[]).status, 0);
    }
}

#[test]
fn pre_commit() {
    let installed = Command::new("pre-commit").arg("--version").output().is_ok_and(|said| said.status.success());
    if !installed {
        eprintln!("skipped: pre-commit is not on the search path");
        return;
    }
    let host = Host::new("/srv/git/app.git");
    // The repository of the hooks, without what pre-commit would have to build.
    let ours = host.repo.beside("git-spec");
    host.repo.git(&["init", "-q", &ours.to_string_lossy()]);
    let hooks = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(".pre-commit-hooks.yaml")).unwrap();
    std::fs::write(ours.join(".pre-commit-hooks.yaml"), hooks.replace("language: rust", "language: system")).unwrap();
    host.repo.git_in(&ours, &["add", "-A"]).unwrap();
    host.repo.git_in(&ours, &["commit", "-q", "-m", "Hooks"]).unwrap();
    let id = host.repo.git_in(&ours, &["rev-parse", "HEAD"]).unwrap();
    let page = blocks("pre-commit", "yaml").remove(0);
    let page = page.replace("https://HOST/OWNER/git-spec", &ours.to_string_lossy()).replace("VERSION", &id);
    host.repo.write(".pre-commit-config.yaml", page);
    host.repo.commit("Use pre-commit");
    host.repo.git(&["remote", "add", "origin", &host.bare.to_string_lossy()]);
    host.follow("pre-commit", host.repo.path());
    let git = |words: &[&str]| {
        let mut command = host.repo.git_command(host.repo.path());
        run(command.env("GIT_EDITOR", "true").env("PRE_COMMIT_HOME", host.repo.beside("cache")).args(words))
    };
    assert_eq!(git(&["push", "-q", "origin", "main"]).status, 0);
    host.repo.write("src/lock.rs", "fn lock() {}\n");
    host.repo.git(&["add", "-A"]);
    assert_eq!(git(&["commit", "-q", "-m", "Lock"]).status, 0);
    let refused = git(&["push", "-q", "origin", "main"]);
    let said = refused.stdout.clone() + &refused.stderr;
    assert!(refused.status != 0 && said.contains("changes src/lock.rs and links no clause"), "{refused:?}");
    // A typed link is completed, and one to nothing stops the commit
    assert_eq!(git(&["commit", "-q", "--amend", "-m", "Lock\n\nSpec: NOPE-1"]).status, 1);
    let said = git(&["commit", "-q", "--amend", "-m", "Lock\n\nSpec: AUTH-1"]);
    assert_eq!(said.status, 0, "{said:?}");
    assert!(host.repo.git(&["log", "-1", "--format=%b"]).starts_with("Spec: specs/auth.md#AUTH-1@"));
    let said = git(&["push", "-q", "origin", "main"]);
    assert_eq!(said.status, 0, "{said:?}");
    // What is under way is linked
    assert_eq!(git(&["spec", "start", "AUTH-2"]).status, 0);
    host.repo.write("src/session.rs", "fn session() {}\n");
    host.repo.git(&["add", "-A"]);
    assert_eq!(git(&["commit", "-q", "-m", "Sessions"]).status, 0);
    assert!(host.repo.git(&["log", "-1", "--format=%b"]).starts_with("Spec: specs/auth.md#AUTH-2@"));
}

#[test]
fn each_way_has_its_page() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/hosting");
    let index = std::fs::read_to_string(folder.join("index.md")).unwrap();
    let mut pages = 0;
    for entry in std::fs::read_dir(&folder).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        pages += 1;
        assert!(name == "index.md" || index.contains(&format!("]({name})")), "index.md doesn't name {name}");
    }
    assert_eq!(pages, 10);
}
