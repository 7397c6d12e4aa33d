//! What `git spec doctor` says of a policy whose words name nothing, and of settings that nobody reads.

use std::collections::BTreeSet;

use bstr::ByteSlice;

use super::doctor::Findings;
use super::source::CONFIG_FILE;
use crate::config::{Config, Severity, SpecSet};
use crate::error::Error;
use crate::git::{Oid, Repo};
use crate::view::doctor::Level;

/// The settings below `spec.` that are read, in the form in which git lists keys.
const SETTINGS: [&str; 10] = [
    "spec.include",
    "spec.exclude",
    "spec.index",
    "spec.policy",
    "spec.deadline",
    "spec.acceptnotes",
    "spec.allowrewind",
    "spec.exemptpusher",
    "spec.pushervariable",
    "spec.auditlog",
];

/// Letters at the beginning that make one word out for another.
const ALIKE: usize = 2;

/// Tells of settings that are misspelt: one that is passed over protects nothing.
///
/// # Errors
/// What git says.
pub(super) fn settings(repo: &Repo, found: &mut Findings) -> Result<(), Error> {
    let keys: BTreeSet<String> = repo.config()?.keys().map(str::to_owned).collect();
    for key in keys.iter().filter(|key| key.starts_with("spec.") && !SETTINGS.contains(&key.as_str())) {
        let alike = |known: &str| known.chars().zip(key.chars()).take_while(|(a, b)| a == b).count();
        let nearest = SETTINGS.iter().max_by_key(|known| alike(known)).filter(|known| alike(known) >= 5 + ALIKE);
        let meant = nearest.map(|known| format!("perhaps {} is meant", spelt(known)));
        let all = format!("there are {}", SETTINGS.map(spelt).join(", "));
        let what = format!("{key} is no setting of git spec, so that it does nothing");
        let show = format!("git config --show-origin --get-all {key}");
        found.add(Level::Warning, "settings", what, &[&show, &meant.unwrap_or(all)]);
    }
    Ok(())
}

/// A key as the documentation writes it.
fn spelt(key: &str) -> &str {
    match key {
        "spec.acceptnotes" => "spec.acceptNotes",
        "spec.allowrewind" => "spec.allowRewind",
        "spec.exemptpusher" => "spec.exemptPusher",
        "spec.pushervariable" => "spec.pusherVariable",
        "spec.auditlog" => "spec.auditLog",
        other => SETTINGS.iter().find(|known| **known == other).copied().unwrap_or_default(),
    }
}

/// A glob that names a directory, which it does not match the files of; with the one that does.
pub fn directory_glob(repo: &Repo, commit: Oid, glob: &str) -> Result<Option<String>, Error> {
    let bare = glob.trim_end_matches('/');
    if bare.is_empty() || bare.contains(['*', '?', '[', '{', '\\']) {
        return Ok(None);
    }
    Ok(repo.is_directory_at(commit, &bare.into())?.then(|| format!("{bare}/**")))
}

/// The globs of paths that a configuration has, with the key of each.
pub fn path_globs(config: &Config) -> Vec<(&'static str, &str)> {
    let generated = &config.generated;
    let mut all: Vec<(&'static str, &str)> = Vec::new();
    all.extend(generated.files.include().iter().map(|glob| ("generated.paths", glob.as_str())));
    all.extend(generated.files.exclude().iter().map(|glob| ("generated.exempt", glob.as_str())));
    for entry in &generated.map {
        all.extend(entry.code.globs().iter().map(|glob| ("generated.map.code", glob.as_str())));
        all.extend(entry.spec.globs().iter().map(|glob| ("generated.map.spec", glob.as_str())));
    }
    for section in config.policy.iter().flat_map(|policy| &policy.sections) {
        all.extend(section.paths.globs().iter().map(|glob| ("policy.section.paths", glob.as_str())));
    }
    all
}

/// Tells of globs of a policy that nothing at a commit matches, and of one by which nothing wants a link.
///
/// # Errors
/// What reading the repository may give.
pub(super) fn paths(repo: &Repo, commit: Oid, config: &Config, found: &mut Findings) -> Result<(), Error> {
    let Some(policy) = &config.policy else { return Ok(()) };
    let generated = &config.generated;
    if generated.files.include().is_empty() {
        let what = "nothing is generated, so that no commit wants a link";
        found.add(Level::Warning, "policy", what, &["say what is: [generated] with paths = [\"src/**\"]"]);
    } else if policy.rules.require_link == Severity::Off && policy.sections.is_empty() {
        let what = "require-link is off, so that no commit wants a link";
        found.add(Level::Note, "policy", what, &["require-link = \"deny\" below [policy]"]);
    }
    let files = repo.tree_files(commit, &|_| true, &|_| true)?;
    for (key, glob) in path_globs(config) {
        let only = SpecSet::new(vec![glob.to_owned()], Vec::new(), CONFIG_FILE)?;
        if files.iter().any(|file| only.matches(&file.path)) {
            continue;
        }
        match directory_glob(repo, commit, glob)? {
            Some(better) => {
                let what = format!("{glob:?} in {key} names a directory, and nothing that lies in it");
                found.add(Level::Warning, "policy", what, &[&format!("write {better:?}")]);
            }
            None => {
                let what = format!("nothing at the tip matches {glob:?} in {key}");
                let show = format!("git ls-tree -r --name-only {}", commit.short(12));
                found.add(Level::Note, "policy", what, &[&format!("{show} lists what is there")]);
            }
        }
    }
    let of_it = |path: &[u8]| generated.standing(path);
    let is_any = |wanted: fn(&crate::config::Standing<'_>) -> bool| files.iter().any(|file| wanted(&of_it(&file.path)));
    if is_any(|standing| matches!(standing, crate::config::Standing::Exempt(_)))
        && !is_any(|standing| *standing == crate::config::Standing::Generated)
    {
        let globs = generated.files.exclude().to_vec().join(", ");
        let what = format!("all that is generated at the tip is exempt, so that no commit wants a link: {globs}");
        found.add(Level::Warning, "policy", what, &["name less in exempt below [generated]"]);
    }
    Ok(())
}

/// A line of a configuration that cannot be read: its number and what stands there.
pub(super) fn line_of(error: &Error) -> Option<String> {
    let Error::BadConfig { file, span, .. } = error else { return None };
    let text = file.inner();
    let at = span.offset().min(text.len());
    let before = text.as_bytes().get(..at)?;
    let number = before.find_iter(b"\n").count() + 1;
    let line = text.lines().nth(number - 1)?.trim();
    Some(format!("line {number}: {}", crate::view::text::one_line(line)))
}
