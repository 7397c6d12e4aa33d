//! `git spec init`: detect the specification, say what was taken and why, write the configuration.

use schemars::JsonSchema;
use serde::Serialize;

use super::source::{CONFIG_FILE, detect_at, detect_in_index};
use crate::config::{Config, spec_section};
use crate::error::Error;
use crate::git::Repo;
use crate::spec::detect::looked_for;
use crate::view::Output;
use crate::view::style::{Meaning, Sign};
use crate::view::text::one_line;

/// The answer of `git spec init`.
#[derive(Debug, Serialize, JsonSchema)]
pub struct InitReport {
    /// `git-spec/init/1`.
    pub schema: &'static str,
    /// The layout that was found.
    pub layout: String,
    /// How many files it takes.
    pub files: usize,
    /// What was taken and left, and why.
    pub reasons: Vec<InitReason>,
    /// The configuration.
    pub config: String,
    /// Whether it was written.
    pub written: bool,
}

/// A path or pattern and why it was taken or left.
#[derive(Debug, Serialize, JsonSchema)]
pub struct InitReason {
    /// Taken, else left.
    pub taken: bool,
    /// Path or pattern.
    pub what: String,
    /// Why.
    pub why: String,
}

/// Detects and, unless it is a rehearsal, writes `.gitspec.toml` at the top of the work tree.
pub fn init(repo: &Repo, force: bool, dry_run: bool) -> Result<InitReport, Error> {
    let found = match repo.head()? {
        Some(head) => detect_at(repo, head)?,
        None => detect_in_index(repo)?,
    };
    let Some(layout) = found.layout else {
        return Err(Error::NoSpecSet {
            rev: "HEAD".to_owned(),
            looked_for: looked_for(),
            candidates: found.candidates,
        });
    };
    let config = spec_section(&found.include, &found.exclude);
    // What is written is what every command reads from then on.
    Config::parse(CONFIG_FILE, config.as_bytes())?;
    if !dry_run {
        write(repo, &config, force)?;
    }
    let reasons = found.reasons.into_iter().map(|r| InitReason { taken: r.taken, what: r.what, why: r.why }).collect();
    let layout = layout.name().to_owned();
    Ok(InitReport { schema: "git-spec/init/1", layout, files: found.files, reasons, config, written: !dry_run })
}

fn write(repo: &Repo, config: &str, force: bool) -> Result<(), Error> {
    let Some(top) = repo.work_tree() else {
        return Err(Error::Usage {
            message: "a bare repository has no work tree to write .gitspec.toml into".to_owned(),
            help: "see what would be written: git spec init --dry-run".to_owned(),
        });
    };
    let path = top.join(CONFIG_FILE);
    let doing = || format!("write {CONFIG_FILE}");
    if path.symlink_metadata().is_ok() && !force {
        return Err(Error::ConfigExists { name: CONFIG_FILE.to_owned() });
    }
    // Beside the target and renamed over it, so that a killed process leaves the old file whole.
    let beside = top.join(format!("{CONFIG_FILE}.{}.tmp", std::process::id()));
    std::fs::write(&beside, config).map_err(|error| Error::io(doing(), error))?;
    std::fs::rename(&beside, &path).map_err(|error| {
        let _ = std::fs::remove_file(&beside);
        Error::io(doing(), error)
    })
}

impl InitReport {
    /// Writes the text for people.
    pub fn show(&self, out: &mut Output) -> Result<(), Error> {
        let style = out.style();
        let count = if self.files == 1 { "1 file".to_owned() } else { format!("{} files", self.files) };
        out.line(&format!("{}: {count}", style.paint(Meaning::Heading, &self.layout)))?;
        for reason in &self.reasons {
            let sign = if reason.taken { Sign::Added } else { Sign::Removed };
            let line = format!(
                "  {} {}  {}",
                style.signed(sign),
                one_line(&reason.what),
                style.paint(Meaning::Dim, &reason.why)
            );
            out.line(&line)?;
        }
        out.line("")?;
        out.text(&self.config)?;
        let next = if self.written {
            format!(
                "\nWrote {CONFIG_FILE}. Next: git spec ls; git add {CONFIG_FILE} && git commit\nFor links in plain git commits: git spec hooks install"
            )
        } else {
            "\nNothing was written (--dry-run).".to_owned()
        };
        out.line(&next)
    }
}
