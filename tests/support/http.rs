//! `git http-backend` behind a web server of a few lines on the loopback interface, as git-http-backend(1) wants its CGI.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A web server; its thread goes with the process.
pub struct Web {
    port: u16,
}

impl Web {
    /// Serves the repositories below a directory. Below `/auth/` a name and any password are asked for.
    pub fn serve(root: &Path) -> Web {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let root = root.to_owned();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let root = root.clone();
                // Whoever hangs up in the middle is no failure of the server.
                std::thread::spawn(move || stream.map(|stream| answer(stream, &root)));
            }
        });
        Web { port }
    }

    /// The address of a repository; for somebody, if there is a name.
    pub fn address(&self, user: Option<&str>, path: &str) -> String {
        match user {
            Some(user) => format!("http://{user}:secret@127.0.0.1:{}/auth/{path}", self.port),
            None => format!("http://127.0.0.1:{}/{path}", self.port),
        }
    }
}

struct Request {
    method: String,
    path: String,
    query: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Request {
    fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    fn read(stream: &TcpStream) -> std::io::Result<Request> {
        let mut input = BufReader::new(stream);
        let mut line = String::new();
        input.read_line(&mut line)?;
        let mut words = line.split(' ');
        let (method, target) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let mut request = Request {
            method: method.to_owned(),
            path: path.to_owned(),
            query: query.to_owned(),
            headers: Vec::new(),
            body: Vec::new(),
        };
        loop {
            let mut line = String::new();
            input.read_line(&mut line)?;
            let Some((key, value)) = line.trim_end().split_once(": ") else { break };
            request.headers.push((key.to_owned(), value.to_owned()));
        }
        if request.header("Expect").is_some() {
            (&*stream).write_all(b"HTTP/1.1 100 Continue\r\n\r\n")?;
        }
        if request.header("Transfer-Encoding") == Some("chunked") {
            loop {
                let mut size = String::new();
                input.read_line(&mut size)?;
                let size = usize::from_str_radix(size.trim(), 16).unwrap();
                let mut chunk = vec![0; size + 2];
                input.read_exact(&mut chunk)?;
                request.body.extend_from_slice(&chunk[..size]);
                if size == 0 {
                    break;
                }
            }
        } else {
            request.body = vec![0; request.header("Content-Length").and_then(|size| size.parse().ok()).unwrap_or(0)];
            input.read_exact(&mut request.body)?;
        }
        Ok(request)
    }

    fn user(&self) -> Option<String> {
        let name = decoded(self.header("Authorization")?.strip_prefix("Basic ")?);
        Some(name.split_once(':')?.0.to_owned())
    }
}

/// Base 64.
fn decoded(text: &str) -> String {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let (mut bits, mut count, mut bytes) = (0_u32, 0, Vec::new());
    for letter in text.bytes().filter_map(|byte| LETTERS.iter().position(|letter| *letter == byte)) {
        bits = bits << 6 | u32::try_from(letter).unwrap();
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push(u8::try_from(bits >> count & 0xff).unwrap());
        }
    }
    String::from_utf8(bytes).unwrap()
}

fn answer(mut stream: TcpStream, root: &PathBuf) -> std::io::Result<()> {
    let request = Request::read(&stream)?;
    let (path, user) = match request.path.strip_prefix("/auth/") {
        None => (request.path.clone(), None),
        Some(path) => match request.user() {
            Some(user) => (format!("/{path}"), Some(user)),
            None => {
                let head = "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"test\"\r\n";
                return write!(stream, "{head}Content-Length: 0\r\nConnection: close\r\n\r\n");
            }
        },
    };
    let mut command = Command::new("git");
    // What a careful web server hands on: no home, nothing of its own.
    command.arg("http-backend").env_clear().env("GIT_PROJECT_ROOT", root).env("GIT_HTTP_EXPORT_ALL", "1");
    let tool = Path::new(env!("CARGO_BIN_EXE_git-spec")).parent().unwrap();
    command.env("PATH", format!("{}:{}", tool.display(), std::env::var("PATH").unwrap()));
    command.env("GATEWAY_INTERFACE", "CGI/1.1").env("REQUEST_METHOD", &request.method);
    command.env("PATH_INFO", path).env("QUERY_STRING", &request.query).env("REMOTE_ADDR", "127.0.0.1");
    for (header, variable) in [
        ("Content-Type", "CONTENT_TYPE"),
        ("Content-Encoding", "HTTP_CONTENT_ENCODING"),
        ("Git-Protocol", "GIT_PROTOCOL"),
    ] {
        if let Some(value) = request.header(header) {
            command.env(variable, value);
        }
    }
    if let Some(user) = user {
        command.env("REMOTE_USER", user);
    }
    command.env("CONTENT_LENGTH", request.body.len().to_string());
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
    let mut stdin = child.stdin.take().unwrap();
    let body = request.body;
    std::thread::spawn(move || stdin.write_all(&body));
    let output = child.wait_with_output()?.stdout;
    let at = output.windows(4).position(|bytes| bytes == b"\r\n\r\n").unwrap_or(output.len());
    let head = String::from_utf8_lossy(&output[..at]).into_owned();
    let body = output.get(at + 4..).unwrap_or_default();
    let status = head.lines().find_map(|line| line.strip_prefix("Status: ")).unwrap_or("200 OK").to_owned();
    write!(stream, "HTTP/1.1 {status}\r\n")?;
    for line in head.lines().filter(|line| !line.starts_with("Status: ")) {
        write!(stream, "{line}\r\n")?;
    }
    write!(stream, "Content-Length: {}\r\nConnection: close\r\n\r\n", body.len())?;
    stream.write_all(body)
}
