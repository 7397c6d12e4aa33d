//! `.gitspec.toml`, and the set of files it names.
//!
//! Parsing is strict: an unknown key is an error that shows its line, because a misspelt rule that is silently
//! ignored protects nothing. The file comes from the repository and may be anyone's: it names no program, no URL and
//! no path outside, and its size and the number of its globs are bounded.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

use bstr::{BString, ByteSlice};
use globset::{Candidate, GlobBuilder, GlobSet, GlobSetBuilder};
use miette::NamedSource;
use serde::Deserialize;
use toml::Spanned;

use crate::error::Error;
use crate::spec::detect::{LONGEST_GLOB as GLOB_SIZE, MOST_GLOBS as GLOB_LIMIT};
use crate::spec::matching::{Overrides, SaidTwice, State};
use crate::trace::link::{Link, LinkVersion, Source as LinkSource};

mod paths;
mod policy;

pub use paths::{PathSet, fold_name};
pub use policy::{Accept, MapEntry, Policy, RuleSettings, Section, Severity, StaleGrade};
use policy::{RawGenerated, RawPolicy};

/// The file's name, at the root of the repository.
pub const FILE_NAME: &str = ".gitspec.toml";

/// Bytes a configuration may have; a real one has a few hundred.
pub const SIZE_LIMIT: usize = 1 << 20;

/// A configuration file's content.
#[derive(Clone, Debug, Default)]
pub struct Config {
    /// `[spec]`: which files are the specification; without it, detection says.
    pub spec: Option<SpecSet>,
    /// `[generated]`: which files want a link when they change.
    pub generated: Generated,
    /// `[policy]`: what the server refuses; without it, nothing.
    pub policy: Option<Policy>,
    /// `[[identity]]`: what a person says of clauses that were bonded wrongly, or not at all.
    pub overrides: Overrides,
}

/// `[generated]`.
#[derive(Clone, Debug, Default)]
pub struct Generated {
    /// `paths` without `exempt`.
    pub files: SpecSet,
    /// Which code comes from which spec files.
    pub map: Vec<MapEntry>,
    folded: PathSet,
    above: PathSet,
    /// Directories behind which all is exempt.
    exempt_whole: Globs,
    /// What lies behind them.
    exempt_below: Globs,
}

/// How a path stands to what is generated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing<'c> {
    /// It isn't.
    Other,
    /// It is.
    Generated,
    /// It is, and this glob exempts it.
    Exempt(&'c str),
}

impl Generated {
    /// How a path stands, with upper and lower case taken for the same. Exemptions hold letter by letter: what another
    /// spelling names is another directory to most.
    pub fn standing(&self, path: &[u8]) -> Standing<'_> {
        // A class that leaves letters out, folded, leaves out what it names.
        if !self.folded.matches_folded(path) && !self.folded.matches(path) {
            return Standing::Other;
        }
        match self.files.excluded_by(path) {
            Some(glob) => Standing::Exempt(glob),
            None => Standing::Generated,
        }
    }

    /// Whether a path is a directory that a glob names, so that what lies behind it may be generated.
    pub fn is_above(&self, path: &[u8]) -> bool {
        self.above.matches_folded(path) || self.above.matches(path)
    }

    /// Whether all that may lie behind a path is exempt, whatever it is called.
    pub fn is_exempt_behind(&self, path: &[u8]) -> bool {
        let path = Candidate::from_bytes(path);
        self.exempt_whole.set.is_match_candidate(&path) || self.exempt_below.set.is_match_candidate(&path)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct RawConfig {
    spec: Option<RawSpec>,
    #[serde(default)]
    generated: RawGenerated,
    policy: Option<RawPolicy>,
    #[serde(default)]
    identity: Vec<Spanned<RawIdentity>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct RawIdentity {
    old: Spanned<String>,
    new: Spanned<String>,
    same: bool,
    #[serde(default, rename = "reason")]
    _reason: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct RawSpec {
    include: Spanned<Vec<Spanned<String>>>,
    #[serde(default)]
    exclude: Vec<Spanned<String>>,
}

impl Config {
    /// Reads a configuration; `name` is what errors call it, such as `.gitspec.toml` or `HEAD:.gitspec.toml`.
    ///
    /// # Errors
    /// [`Error::ConfigTooLarge`] over [`SIZE_LIMIT`], else [`Error::BadConfig`] with the line.
    pub fn parse(name: &str, bytes: &[u8]) -> Result<Config, Error> {
        if bytes.len() > SIZE_LIMIT {
            return Err(Error::ConfigTooLarge { name: name.to_owned(), size: bytes.len(), limit: SIZE_LIMIT });
        }
        let file = ConfigFile { name, text: &String::from_utf8_lossy(bytes) };
        if let Err(invalid) = std::str::from_utf8(bytes) {
            let at = invalid.valid_up_to();
            return Err(file.error(at..at + '\u{fffd}'.len_utf8(), "not UTF-8", Some("save the file as UTF-8")));
        }
        let raw: RawConfig = toml::from_str(file.text).map_err(|error| file.toml_error(&error))?;
        let spec = raw.spec.map(|spec| file.spec(&spec)).transpose()?;
        let generated = file.generated(&raw.generated, spec.as_ref())?;
        Ok(Config {
            policy: raw.policy.map(|policy| file.policy(policy, &generated)).transpose()?,
            spec,
            generated,
            overrides: file.overrides(&raw.identity)?,
        })
    }
}

/// The `[spec]` section that says what was detected, for `init` to write.
pub fn spec_section(include: &[String], exclude: &[String]) -> String {
    let list = |globs: &[String]| match globs {
        [] => "[]".to_owned(),
        [one] => format!("[{}]", toml::Value::from(one.as_str())),
        many => {
            let lines: String =
                many.iter().map(|glob| format!("    {},\n", toml::Value::from(glob.as_str()))).collect();
            format!("[\n{lines}]")
        }
    };
    format!("[spec]\ninclude = {}\nexclude = {}\n", list(include), list(exclude))
}

/// A file that is being read: its errors show its lines.
struct ConfigFile<'a> {
    name: &'a str,
    text: &'a str,
}

impl ConfigFile<'_> {
    fn error(&self, span: Range<usize>, message: impl Into<String>, help: Option<&str>) -> Error {
        Error::BadConfig {
            file: Box::new(NamedSource::new(self.name, self.text.to_owned())),
            span: span.into(),
            message: message.into(),
            help: help.map(str::to_owned),
        }
    }

    fn toml_error(&self, error: &toml::de::Error) -> Error {
        let message = error.message().lines().collect::<Vec<_>>().join("; ");
        let span = error.span().unwrap_or(0..0);
        if let Some(unknown) = Unknown::of(&message) {
            return self.error(span, format!("unknown {} {}", unknown.what, unknown.found), Some(&unknown.help()));
        }
        // serde names the type that it fills
        let message = match message.split_once(", expected struct ") {
            Some((found, _)) => format!("{found}, expected a section"),
            None => message,
        };
        let help = if message.ends_with("expected a section") {
            "write its keys below its name in brackets: [spec]"
        } else if message.starts_with("invalid type: map, expected a sequence") {
            "write two pairs of brackets, for there may be several: [[policy.section]]"
        } else if message.ends_with("expected a sequence") {
            "put it into brackets: [\"…\"]"
        } else {
            "mend the line: docs/policy.md has all keys"
        };
        self.error(span, message, Some(help))
    }

    fn spec(&self, raw: &RawSpec) -> Result<SpecSet, Error> {
        if raw.include.get_ref().is_empty() {
            let help = "name at least one: include = [\"docs/spec/**/*.md\"], or drop [spec] to have it detected";
            return Err(self.error(raw.include.span(), "[spec] includes no files", Some(help)));
        }
        self.globs(raw.include.get_ref(), &raw.exclude)
    }

    fn globs(&self, include: &[Spanned<String>], exclude: &[Spanned<String>]) -> Result<SpecSet, Error> {
        Ok(SpecSet { include: self.compile(include)?, exclude: self.compile(exclude)?, ..SpecSet::default() })
    }

    fn compile(&self, globs: &[Spanned<String>]) -> Result<Globs, Error> {
        Globs::compile(globs.iter().map(|glob| glob.get_ref().clone()).collect()).map_err(|bad| {
            let span = bad.at.and_then(|at| globs.get(at)).or(globs.last()).map_or(0..0, Spanned::span);
            self.error(span, bad.message, bad.help.as_deref())
        })
    }

    fn overrides(&self, raw: &[Spanned<RawIdentity>]) -> Result<Overrides, Error> {
        let mut said = Vec::with_capacity(raw.len());
        for entry in raw {
            let entry = entry.get_ref();
            said.push((self.state(&entry.old)?, self.state(&entry.new)?, entry.same));
        }
        Overrides::new(said).map_err(|SaidTwice { at }| {
            let span = raw.get(at).map_or(0..0, |entry| entry.get_ref().new.span());
            let help = "the two clauses are named by an [[identity]] before it: keep one of them";
            self.error(span, "this pair has an [[identity]] already", Some(help))
        })
    }

    /// A clause at a version, written as links write it.
    fn state(&self, text: &Spanned<String>) -> Result<State, Error> {
        let help = "write PATH#ANCHOR v1:…, as git spec diff --identity prints it";
        let wrong = |what: String| self.error(text.span(), what, Some(help));
        let link = Link::parse(text.get_ref().as_bytes(), LinkSource::Trailer);
        let link = link.map_err(|reason| wrong(format!("not a clause at a version: {}", reason.0)))?;
        if link.foreign.is_some() || !link.fields.is_empty() {
            return Err(wrong("a clause of this repository and its version, nothing else, can stand here".to_owned()));
        }
        if link.commit.is_some() {
            return Err(wrong("an identity holds wherever the two versions meet, so it names no commit".to_owned()));
        }
        match (link.anchor, link.version) {
            (Some(anchor), LinkVersion::Known(version)) => Ok(State { path: link.path, anchor, version }),
            (None, _) => Err(wrong("the clause is missing: PATH#ANCHOR".to_owned())),
            (_, LinkVersion::Unknown(other)) => Err(wrong(format!("{other} is no version that this git-spec knows"))),
        }
    }
}

/// Whether a text is a commit's id, none abbreviated.
pub fn is_full_id(text: &str) -> bool {
    matches!(text.len(), 40 | 64) && text.bytes().all(|b| b.is_ascii_hexdigit())
}

/// The text itself where it is an abbreviated id; nothing else goes into a command that somebody may copy.
fn abbreviation(text: &str) -> &str {
    if !text.is_empty() && text.len() < 64 && text.bytes().all(|b| b.is_ascii_hexdigit()) { text } else { "COMMIT" }
}

/// A key or value that serde doesn't know, taken from its wording: the first name in backticks is what stands there,
/// the others are what could.
struct Unknown<'a> {
    what: &'static str,
    found: &'a str,
    expected: Vec<&'a str>,
}

impl<'a> Unknown<'a> {
    fn of(message: &'a str) -> Option<Unknown<'a>> {
        let kinds = [("unknown field ", "key"), ("unknown variant ", "value")];
        let (_, what) = kinds.into_iter().find(|(start, _)| message.starts_with(start))?;
        let mut names = message.split('`').skip(1).step_by(2);
        Some(Unknown { what, found: names.next()?, expected: names.collect() })
    }

    fn help(&self) -> String {
        let near = |name: &str| strsim::normalized_damerau_levenshtein(self.found, name);
        let nearest = self.expected.iter().filter(|name| near(name) >= NEAR).max_by(|a, b| near(a).total_cmp(&near(b)));
        match nearest {
            Some(name) => format!("did you mean {name}?"),
            None => format!("what can stand here: {}", self.expected.join(", ")),
        }
    }
}

/// Half of the letters right is a slip, less is another word.
const NEAR: f64 = 0.5;

/// Which files belong together: globs over whole repository-relative paths, where `*` doesn't cross `/` and `**`
/// does. Case counts. Paths are bytes and needn't be UTF-8.
#[derive(Clone, Debug, Default)]
pub struct SpecSet {
    include: Globs,
    exclude: Globs,
    overrides: Arc<Overrides>,
    /// What files of the set were called when other globs held them.
    former: Arc<BTreeSet<BString>>,
}

impl SpecSet {
    /// The set of globs that stand at `origin`, which errors name.
    ///
    /// # Errors
    /// [`Error::BadGlob`].
    pub fn new(include: Vec<String>, exclude: Vec<String>, origin: &str) -> Result<SpecSet, Error> {
        let compile = |globs: Vec<String>| {
            Globs::compile(globs.clone()).map_err(|bad| Error::BadGlob {
                glob: bad.at.and_then(|at| globs.get(at)).cloned().unwrap_or_default(),
                origin: origin.to_owned(),
                message: bad.message,
            })
        };
        Ok(SpecSet { include: compile(include)?, exclude: compile(exclude)?, ..SpecSet::default() })
    }

    /// The set that the values of `spec.include` in git's configuration name, in git's order: an empty value clears
    /// those before it. `None` where nothing is left: then the file or detection says.
    ///
    /// # Errors
    /// [`Error::BadGlob`].
    pub fn from_includes(values: Vec<String>) -> Result<Option<SpecSet>, Error> {
        let from = values.iter().rposition(String::is_empty).map_or(0, |at| at + 1);
        let globs = values[from..].to_vec();
        if globs.is_empty() { Ok(None) } else { SpecSet::new(globs, Vec::new(), "spec.include").map(Some) }
    }

    /// The set with what a person says of its clauses' identity.
    pub fn with_overrides(self, overrides: Overrides) -> SpecSet {
        SpecSet { overrides: Arc::new(overrides), ..self }
    }

    /// What a person says of the identity of clauses.
    pub fn overrides(&self) -> &Overrides {
        &self.overrides
    }

    /// Whether the file at this path belongs to the set.
    pub fn matches(&self, path: &[u8]) -> bool {
        if self.former.contains(path.as_bstr()) {
            return true;
        }
        let path = Candidate::from_bytes(path);
        self.include.set.is_match_candidate(&path) && !self.exclude.set.is_match_candidate(&path)
    }

    /// Whether an excluding glob matches a path.
    pub fn excludes(&self, path: &[u8]) -> bool {
        self.exclude.set.is_match_candidate(&Candidate::from_bytes(path))
    }

    /// The set with what its files were called before, whatever the globs say of these names.
    pub fn with_former(self, former: BTreeSet<BString>) -> SpecSet {
        SpecSet { former: Arc::new(former), ..self }
    }

    /// What files of the set were called before, in order.
    pub fn former(&self) -> &BTreeSet<BString> {
        &self.former
    }

    /// The first excluding glob that a path matches.
    fn excluded_by(&self, path: &[u8]) -> Option<&str> {
        let at = self.exclude.set.matches_candidate(&Candidate::from_bytes(path)).into_iter().min()?;
        self.exclude.patterns.get(at).map(String::as_str)
    }

    /// Whether no glob includes anything.
    pub fn is_empty(&self) -> bool {
        self.include.patterns.is_empty()
    }

    /// The including globs, as written.
    pub fn include(&self) -> &[String] {
        &self.include.patterns
    }

    /// The excluding globs, as written.
    pub fn exclude(&self) -> &[String] {
        &self.exclude.patterns
    }

    /// The literal directories, or files, that a walk through history may be limited to; none means the whole
    /// repository. Git's Bloom filters work for a single one only (git 2.47).
    pub fn walk_roots(&self) -> Vec<Vec<u8>> {
        let mut roots: Vec<Vec<u8>> = self.include.patterns.iter().map(|glob| literal_root(glob)).collect();
        roots.extend(self.former.iter().map(|path| directory(path).unwrap_or(path).to_vec()));
        roots.sort();
        let mut kept: Vec<Vec<u8>> = Vec::new();
        for root in roots {
            if root.is_empty() {
                return Vec::new();
            }
            if !kept.iter().any(|above| lies_in(&root, above)) {
                kept.push(root);
            }
        }
        kept
    }
}

/// The directory of a path; none at the top.
fn directory(path: &[u8]) -> Option<&[u8]> {
    path.rsplit_once_str("/").map(|(directory, _)| directory)
}

fn lies_in(path: &[u8], root: &[u8]) -> bool {
    path.strip_prefix(root).is_some_and(|rest| rest.is_empty() || rest[0] == b'/')
}

/// The components of a glob before the first with a special character, unescaped.
fn literal_root(glob: &str) -> Vec<u8> {
    let literal: Vec<String> = glob.split('/').map_while(literal).collect();
    literal.join("/").into_bytes()
}

/// What a glob's component matches, if only one text.
fn literal(component: &str) -> Option<String> {
    let mut out = String::with_capacity(component.len());
    let mut rest = component.chars();
    while let Some(c) = rest.next() {
        match c {
            '*' | '?' | '[' | ']' | '{' | '}' => return None,
            '\\' => out.push(rest.next()?),
            c => out.push(c),
        }
    }
    Some(out)
}

#[derive(Clone, Debug)]
struct Globs {
    patterns: Vec<String>,
    set: GlobSet,
}

impl Default for Globs {
    fn default() -> Globs {
        Globs { patterns: Vec::new(), set: GlobSet::empty() }
    }
}

/// What is wrong with one glob of a list, or with all together.
struct BadGlob {
    at: Option<usize>,
    message: String,
    help: Option<String>,
}

impl Globs {
    fn compile(patterns: Vec<String>) -> Result<Globs, BadGlob> {
        if patterns.len() > GLOB_LIMIT {
            return Err(BadGlob { at: Some(GLOB_LIMIT), message: format!("more than {GLOB_LIMIT} globs"), help: None });
        }
        let mut set = GlobSetBuilder::new();
        for (at, pattern) in patterns.iter().enumerate() {
            if pattern.len() > GLOB_SIZE {
                let message = format!("a glob of {} bytes; {GLOB_SIZE} are the most", pattern.len());
                return Err(BadGlob { at: Some(at), message, help: None });
            }
            if let Some((message, help)) = out_of_place(pattern) {
                return Err(BadGlob { at: Some(at), message: message.to_owned(), help: Some(help) });
            }
            let glob = GlobBuilder::new(pattern).literal_separator(true).backslash_escape(true).build();
            set.add(glob.map_err(|error| BadGlob {
                at: Some(at),
                message: format!("bad glob: {}", error.kind()),
                help: None,
            })?);
        }
        let set = set.build().map_err(|error| BadGlob {
            at: None,
            message: format!("bad globs: {}", error.kind()),
            help: None,
        })?;
        Ok(Globs { patterns, set })
    }
}

/// Globs that would silently match nothing, with what was meant.
fn out_of_place(glob: &str) -> Option<(&'static str, String)> {
    let root = || "globs start at the repository's root: docs/spec/**/*.md".to_owned();
    if glob.is_empty() {
        return Some(("an empty glob", "drop it".to_owned()));
    }
    if glob.starts_with('!') {
        return Some((
            "no glob begins with !",
            "what is left out has a list of its own: exclude, or exempt".to_owned(),
        ));
    }
    if let Some(folder) = glob.strip_suffix('/') {
        return Some(("globs match files, not folders", format!("did you mean {folder}/**?")));
    }
    if glob.starts_with('/') {
        return Some(("an absolute path", root()));
    }
    if glob.split('/').any(|component| matches!(component, "." | ".." | "")) {
        return Some(("a path that git never has", root()));
    }
    let meant = paths::unfused(glob)?;
    Some(("** crosses folders only where it stands alone between slashes", format!("did you mean {meant}?")))
}

#[cfg(test)]
mod tests;
