//! Where text goes: the one place that knows pager, terminal, width and broken pipes.
//!
//! A reader who leaves early (`q` in the pager, `| head`) is no failure. Every write that meets a closed pipe yields
//! [`Error::Closed`], which travels up with `?` and which `main` turns into success; nothing panics, nobody is killed.

use std::env;
use std::ffi::OsString;
use std::io::{self, BufWriter, IsTerminal, Write};
use std::process::{Child, ChildStdin, Command, Stdio};

use super::progress;
use super::style::{Style, locale_is_utf8};
use crate::error::Error;

/// Columns where nobody says how many there are.
pub const DEFAULT_WIDTH: usize = 80;

/// No screen is wider; a line is filled to its width, and so many blanks have to be made.
const MOST_COLUMNS: usize = 1000;

/// What `--color` asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, clap::ValueEnum)]
pub enum When {
    /// Also into files and pipes.
    Always,
    /// Never.
    Never,
    /// Where a terminal shows it.
    Auto,
}

/// What of the process's surroundings bears on output. Read once; tests make their own.
#[derive(Clone, Debug, Default)]
pub struct Surroundings {
    /// Whether standard output is a terminal.
    pub terminal: bool,
    /// Whether standard output is a regular file, which nobody watches grow.
    pub regular_file: bool,
    /// Columns of the terminal on standard output.
    pub terminal_columns: Option<usize>,
    /// `COLUMNS`, if it is a number above zero.
    pub columns: Option<usize>,
    /// `NO_COLOR` is set and not empty (<https://no-color.org>).
    pub no_color: bool,
    /// `TERM` is `dumb` or, outside Windows, unset (git's `is_terminal_dumb`).
    pub dumb: bool,
    /// git has already started a pager for us (`pager.spec=true`).
    pub pager_in_use: bool,
    /// The locale's characters are UTF-8.
    pub unicode: bool,
}

impl Surroundings {
    /// Those of this process.
    pub fn of_process() -> Surroundings {
        Surroundings {
            terminal: io::stdout().is_terminal(),
            regular_file: stdout_is_regular_file(),
            terminal_columns: terminal_size::terminal_size_of(io::stdout()).map(|(columns, _)| usize::from(columns.0)),
            ..Surroundings::of_variables(|name| env::var_os(name))
        }
    }

    /// What the environment variables say; no terminal.
    pub fn of_variables(variable: impl Fn(&str) -> Option<OsString>) -> Surroundings {
        let text = |name: &str| variable(name).map(|value| value.to_string_lossy().into_owned());
        Surroundings {
            columns: text("COLUMNS").and_then(|value| value.trim().parse().ok()).filter(|&columns| columns > 0),
            no_color: variable("NO_COLOR").is_some_and(|value| !value.is_empty()),
            dumb: text("TERM").map_or(!cfg!(windows), |term| term.is_empty() || term == "dumb"),
            pager_in_use: git_bool(text("GIT_PAGER_IN_USE").as_deref()).unwrap_or(false),
            unicode: locale_is_utf8(&variable),
            ..Surroundings::default()
        }
    }

    /// The columns to lay out for.
    pub fn width(&self) -> usize {
        let columns = self.columns.or(self.terminal_columns.filter(|&columns| columns > 0)).unwrap_or(DEFAULT_WIDTH);
        columns.min(MOST_COLUMNS)
    }

    /// Whether to colour, by git's rules: the flag, then `NO_COLOR`, then `color.spec`, then `color.ui`; `auto` means
    /// a terminal, or git's own pager, that isn't dumb.
    pub fn color(&self, wishes: &Wishes<'_>) -> bool {
        let configured = || wishes.color_spec.or(wishes.color_ui).map_or(When::Auto, color_config);
        let when = match wishes.color {
            Some(when) => when,
            None if self.no_color => When::Never,
            None => configured(),
        };
        match when {
            When::Always => true,
            When::Never => false,
            When::Auto => (self.terminal || self.pager_in_use) && !self.dumb,
        }
    }
}

/// What the user wants, from flags and configuration.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wishes<'a> {
    /// `--color`.
    pub color: Option<When>,
    /// The value of `color.spec`; a key without value is `true`.
    pub color_spec: Option<&'a str>,
    /// The value of `color.ui`.
    pub color_ui: Option<&'a str>,
    /// Whether long output may go through a pager: `--no-pager` and commands that answer in a line say no.
    pub paginate: bool,
}

/// A value of `color.*` as git reads it: three words, else a boolean whose `true` means `auto`.
fn color_config(value: &str) -> When {
    match value.to_ascii_lowercase().as_str() {
        "always" => When::Always,
        "never" => When::Never,
        "auto" => When::Auto,
        other if git_bool(Some(other)) == Some(false) => When::Never,
        _ => When::Auto,
    }
}

/// A boolean as git-config(1) defines it; `None` for no value or one that isn't boolean.
fn git_bool(value: Option<&str>) -> Option<bool> {
    match value?.to_ascii_lowercase().as_str() {
        "true" | "yes" | "on" => Some(true),
        "false" | "no" | "off" | "" => Some(false),
        number => number.parse::<i64>().ok().map(|number| number != 0),
    }
}

#[cfg(unix)]
fn stdout_is_regular_file() -> bool {
    use std::os::fd::AsFd;
    let copy = io::stdout().as_fd().try_clone_to_owned().map(std::fs::File::from);
    copy.and_then(|file| file.metadata()).is_ok_and(|metadata| metadata.is_file())
}

#[cfg(not(unix))]
fn stdout_is_regular_file() -> bool {
    false
}

enum Sink {
    Stdout(BufWriter<io::Stdout>),
    Pager(Pager),
    Memory(Vec<u8>),
}

/// A running pager. It is waited for whenever this is dropped, so that the shell's prompt never comes up beneath it.
struct Pager {
    command: String,
    child: Child,
    input: Option<BufWriter<ChildStdin>>,
    interrupted: Interrupt,
}

/// Where the text of one run goes.
pub struct Output {
    sink: Sink,
    style: Style,
    width: usize,
    flush_entries: bool,
}

impl Output {
    /// Standard output, behind a pager where it is a terminal and the wishes allow one.
    ///
    /// `pager` tells the pager's command (`git var GIT_PAGER`) and is asked only if one is to be started; an empty
    /// command and `cat` mean none.
    pub fn open(surroundings: &Surroundings, wishes: &Wishes<'_>, pager: impl FnOnce() -> String) -> Output {
        let wanted = wishes.paginate && surroundings.terminal && !surroundings.pager_in_use;
        let command = if wanted { pager() } else { String::new() };
        let sink = match command.trim() {
            "" | "cat" => None,
            command => Pager::start(command).ok().map(Sink::Pager),
        };
        Output {
            sink: sink.unwrap_or_else(|| Sink::Stdout(BufWriter::with_capacity(1 << 16, io::stdout()))),
            style: Style { color: surroundings.color(wishes), unicode: surroundings.unicode },
            width: surroundings.width(),
            flush_entries: !surroundings.regular_file,
        }
    }

    /// Into memory, for tests and for text that is needed as a string.
    pub fn in_memory(style: Style, width: usize) -> Output {
        Output { sink: Sink::Memory(Vec::new()), style, width, flush_entries: false }
    }

    /// How to dress text.
    pub fn style(&self) -> Style {
        self.style
    }

    /// Columns to lay out for.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Writes a text as it stands.
    pub fn text(&mut self, text: &str) -> Result<(), Error> {
        self.bytes(text.as_bytes())
    }

    /// Writes what another output collected.
    pub fn bytes(&mut self, bytes: &[u8]) -> Result<(), Error> {
        Ok(self.write_all(bytes)?)
    }

    /// Writes a line.
    pub fn line(&mut self, line: &str) -> Result<(), Error> {
        self.text(line)?;
        self.text("\n")
    }

    /// Shows what was written so far, as the next is not ready: the first answer doesn't wait for the last.
    pub fn pause(&mut self) -> Result<(), Error> {
        if self.flush_entries {
            self.flush()?;
        }
        Ok(())
    }

    /// Writes out the rest and waits until the pager is left. To be called also after a command has failed, and before
    /// its error is reported: the pager owns the screen until then.
    ///
    /// # Errors
    /// [`Error::PagerFailed`] where the shell found no such pager, [`Error::Closed`] where the reader has gone.
    pub fn finish(mut self) -> Result<(), Error> {
        let flushed = self.flush();
        if let Sink::Pager(pager) = &mut self.sink {
            pager.wait()?;
        }
        Ok(flushed?)
    }

    /// The bytes that [`Output::in_memory`] collected; empty for any other.
    pub fn into_bytes(self) -> Vec<u8> {
        match self.sink {
            Sink::Memory(bytes) => bytes,
            _ => Vec::new(),
        }
    }

    fn writer(&mut self) -> io::Result<&mut dyn Write> {
        let closed = || io::Error::from(io::ErrorKind::BrokenPipe);
        Ok(match &mut self.sink {
            Sink::Stdout(writer) => writer,
            Sink::Memory(bytes) => bytes,
            Sink::Pager(pager) if pager.interrupted.happened() => return Err(closed()),
            Sink::Pager(pager) => pager.input.as_mut().ok_or_else(closed)?,
        })
    }
}

/// For serialisers. Errors turn into [`Error`] with `?`: a broken pipe into [`Error::Closed`].
impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.sink {
            Sink::Stdout(writer) => progress::beside(|| writer.write(bytes)),
            _ => self.writer()?.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match &mut self.sink {
            Sink::Stdout(writer) => progress::beside(|| writer.flush()),
            _ => self.writer()?.flush(),
        }
    }
}

impl Pager {
    fn start(command: &str) -> io::Result<Pager> {
        let mut shell = Command::new("sh");
        shell.arg("-c").arg(command).stdin(Stdio::piped());
        for (name, value) in [("LESS", "FRX"), ("LV", "-c")] {
            if env::var_os(name).is_none() {
                shell.env(name, value);
            }
        }
        let interrupted = Interrupt::watch();
        let mut child = shell.spawn()?;
        let input = child.stdin.take().map(BufWriter::new);
        Ok(Pager { command: command.to_owned(), child, input, interrupted })
    }

    /// Closes the pager's input and waits for it. The shell's status 126 and 127 mean that it could not be started.
    fn wait(&mut self) -> Result<(), Error> {
        self.hang_up();
        let status = self.child.wait().map_err(|source| Error::io("wait for the pager", source))?;
        match status.code() {
            Some(126 | 127) => Err(Error::PagerFailed { command: self.command.clone() }),
            _ => Ok(()),
        }
    }

    /// Closes the pager's input. What is still buffered is dropped if the user has pressed Ctrl-C.
    fn hang_up(&mut self) {
        if let Some(input) = self.input.take()
            && self.interrupted.happened()
        {
            drop(input.into_parts());
        }
    }
}

impl Drop for Pager {
    fn drop(&mut self) {
        self.hang_up();
        // Nobody is left to tell; the pager has been waited for, or is not there to wait for.
        let _ = self.child.wait();
    }
}

/// Ctrl-C belongs to the pager while one runs: it stops a search there. We only stop producing, and wait.
struct Interrupt(std::sync::Arc<std::sync::atomic::AtomicBool>);

impl Interrupt {
    fn watch() -> Interrupt {
        let flag = std::sync::Arc::default();
        // Without the handler Ctrl-C ends us as it always did, which is no reason to fail.
        #[cfg(unix)]
        let _ = signal_hook::flag::register(signal_hook::consts::SIGINT, std::sync::Arc::clone(&flag));
        Interrupt(flag)
    }

    fn happened(&self) -> bool {
        self.0.load(std::sync::atomic::Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests;
