//! `git spec hook` and `git spec hooks`.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, Subcommand, ValueHint};

/// `git spec hook`
#[derive(Debug, Args)]
pub struct HookArgs {
    /// The hook: prepare-commit-msg, commit-msg, post-rewrite or pre-push; on a server pre-receive, update, vref or post-receive
    #[arg(value_name = "NAME")]
    pub name: String,

    /// Refuse the push when it could not be judged in so many seconds
    #[arg(long, value_name = "SECONDS")]
    pub deadline: Option<String>,

    /// Begin each line with GL-HOOK-ERR:, as GitLab's pages want it
    #[arg(long)]
    pub gitlab: bool,

    /// The words that Git gives the hook
    #[arg(value_name = "WORD", trailing_var_arg = true, allow_hyphen_values = true)]
    pub words: Vec<OsString>,
}

/// The message file that Git gives its editor.
#[derive(Debug, Args)]
pub struct EditMessageArgs {
    /// The file
    #[arg(value_name = "FILE")]
    pub file: OsString,
}

/// `git spec hooks`
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct HooksArgs {
    /// What to do with them; without a word their status is shown.
    #[command(subcommand)]
    pub action: Option<HooksAction>,

    /// The hooks of a server: those of this repository, or in DIR
    ///
    /// DIR is a repository, a directory of hooks, or one of files for one hook, such as pre-receive.d.
    #[arg(long, global = true, value_name = "DIR", num_args = 0..=1, value_hint = ValueHint::DirPath)]
    pub server: Option<Option<PathBuf>>,
}

/// What to do with the hooks.
#[derive(Clone, Debug, Subcommand)]
pub enum HooksAction {
    /// Put the hooks in place; what is there is kept and runs first
    Install(InstallArgs),
    /// Take the hooks away, and leave all others as they were before
    Uninstall,
    /// Tell which hooks are installed and whether they will run
    Status,
}

/// `git spec hooks install`
#[derive(Clone, Debug, Default, Args)]
pub struct InstallArgs {
    /// Also into a directory that is shared with other repositories or would be committed, and beside a manager of hooks
    #[arg(short, long)]
    pub force: bool,

    /// Write scripts also where Git has hooks in its configuration (2.54 or newer)
    #[arg(long)]
    pub scripts: bool,
}
