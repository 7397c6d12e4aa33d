//! How what stands beside the answer is dressed: errors, notes, hints and help, each by the stream that it goes to.

use std::ffi::OsString;
use std::io::{IsTerminal as _, Write as _};
use std::sync::{Mutex, OnceLock, PoisonError};

use bstr::ByteSlice;

use crate::cli::{Cli, Command};
use crate::commands::source::replaced;
use crate::error::Error;
use crate::git::Repo;
use crate::view::output::{Output, Surroundings, When, Wishes};
use crate::view::progress;
use crate::view::style::Style;

/// What the command line says of colour.
static FLAG: Mutex<Option<When>> = Mutex::new(None);

/// The values of `color.spec` and `color.ui`.
type Configured = [Option<String>; 2];

/// They are asked for once in a run.
static CONFIGURED: OnceLock<Configured> = OnceLock::new();

/// Takes what was typed: how it is dressed, and whether the time is watched. Where it could not be understood, its words are
/// looked through for what they say of colour.
pub fn begin(typed: Result<&Cli, &[OsString]>) {
    let flag = match typed {
        Ok(cli) => cli.global.color(),
        Err(words) => flag_of(words),
    };
    *FLAG.lock().unwrap_or_else(PoisonError::into_inner) = flag;
    if typed.is_ok_and(|cli| is_question(&cli.command)) {
        progress::watch();
    }
}

/// Whether a command answers, and starts no program that has its own say on the screen.
fn is_question(command: &Command) -> bool {
    matches!(
        command,
        Command::Ls(_)
            | Command::Grep(_)
            | Command::Show(_)
            | Command::Diff(_)
            | Command::Log(_)
            | Command::Blame(_)
            | Command::Status(_)
            | Command::Impact(_)
            | Command::Start(_)
            | Command::Check(_)
            | Command::Fsck(_)
            | Command::Doctor(_)
            | Command::SquashMessage(_)
    )
}

fn flag_of(words: &[OsString]) -> Option<When> {
    let flag = |word: &OsString| match word.to_str()? {
        "--color" | "--color=always" => Some(When::Always),
        "--no-color" | "--color=never" => Some(When::Never),
        "--color=auto" => Some(When::Auto),
        _ => None,
    };
    words.iter().skip(1).take_while(|word| *word != "--").filter_map(flag).last()
}

/// What the configuration says of colour, where somebody has read it already.
pub(super) fn configured_as(spec: &Option<String>, ui: &Option<String>) {
    let _ = CONFIGURED.set([spec.clone(), ui.clone()]);
}

fn configured() -> &'static Configured {
    let read = || -> Option<Configured> {
        let repo = Repo::discover().ok()?;
        let config = repo.config().ok()?;
        Some(["color.spec", "color.ui"].map(|key| config.get(key).map(|value| value.to_str_lossy().into_owned())))
    };
    CONFIGURED.get_or_init(|| read().unwrap_or_default())
}

fn is_colored(surroundings: &Surroundings) -> bool {
    let color = *FLAG.lock().unwrap_or_else(PoisonError::into_inner);
    if color.is_some() || surroundings.no_color {
        return surroundings.color(&Wishes { color, ..Wishes::default() });
    }
    let [spec, ui] = configured();
    surroundings.color(&Wishes { color_spec: spec.as_deref(), color_ui: ui.as_deref(), ..Wishes::default() })
}

/// How errors are dressed: as the output, but for standard error. To be asked where something is said: it may have to read the
/// configuration.
pub fn error_style() -> (Style, usize) {
    let terminal = std::io::stderr().is_terminal();
    let surroundings = Surroundings { terminal, pager_in_use: false, ..Surroundings::of_process() };
    (Style { color: is_colored(&surroundings), unicode: surroundings.unicode }, surroundings.width())
}

/// Prints help or the version, without a pager, and says the exit status.
pub fn help(shown: &clap::Error) -> u8 {
    let text = shown.render();
    let dressed = |color: bool| if color { text.ansi().to_string() } else { text.to_string() };
    // Whoever reads no more of it is no failure.
    if shown.use_stderr() {
        let _ = std::io::stderr().write_all(dressed(error_style().0.color).as_bytes());
        return 2;
    }
    let surroundings = Surroundings { pager_in_use: false, ..Surroundings::of_process() };
    let mut out = Output::open(&surroundings, &Wishes::default(), String::new);
    let _ = out.text(&dressed(is_colored(&surroundings))).and_then(|()| out.finish());
    0
}

/// What has to be known of the repository where a run ended in an error.
pub fn note_of_failed(error: &Error) -> Vec<String> {
    let is_elsewhere = matches!(
        error,
        Error::Closed | Error::NotARepository | Error::GitNotFound | Error::GitTooOld { .. } | Error::Usage { .. }
    );
    let repo = if is_elsewhere { None } else { Repo::discover().ok() };
    repo.as_ref().and_then(replaced).into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_word_about_color_counts_and_none_behind_the_dashes() {
        let flag = |words: &str| flag_of(&words.split(' ').map(OsString::from).collect::<Vec<_>>());
        assert_eq!(flag("git-spec log --no-colr"), None);
        assert_eq!(flag("git-spec --color log --no-color --bogus"), Some(When::Never));
        assert_eq!(flag("git-spec --no-color --color=always x"), Some(When::Always));
        assert_eq!(flag("git-spec log -- --no-color"), None);
    }
}
