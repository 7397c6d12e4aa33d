//! `[policy]` with its sections, and the map of `[generated]`: what they say, and what they cannot mean.

use serde::Deserialize;
use toml::Spanned;

use super::paths::PathSet;
use super::{ConfigFile, Generated, Globs, SpecSet, abbreviation, is_full_id};
use crate::error::Error;

/// `[policy]`. A rule that isn't mentioned has the strictness that the example in the documentation shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Globs of full ref names that are protected.
    pub refs: Vec<String>,
    /// The full id, in lower case, of the commit at which the policy was adopted.
    pub since: Option<String>,
    /// Whether links in notes count; a server asks its own configuration.
    pub accept_notes: bool,
    /// What holds where no section says otherwise.
    pub rules: RuleSettings,
    /// Parts of the repository with rules of their own; the first that has a path decides.
    pub sections: Vec<Section>,
}

/// How grave what is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleSettings {
    /// What a generated change without a link is.
    pub require_link: Severity,
    /// What a link that resolves to nothing sure is.
    pub require_resolved: Severity,
    /// What a link into other spec files than those that the code is bound to is.
    pub require_map: Severity,
    /// What a symbolic link or submodule at a generated path is.
    pub special_paths: Severity,
    /// From which grade of change on a link is too old in its carrier's own tree.
    pub stale: StaleGrade,
    /// The same, judged at the pushed tip.
    pub stale_tip: StaleGrade,
    /// Resolutions beside `exact` and `relocated` that count as resolved.
    pub accept: Vec<Accept>,
}

/// `[[policy.section]]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    /// Which paths.
    pub paths: PathSet,
    /// The directories that the leading parts of its globs name.
    pub above: PathSet,
    /// What it says, and what it has from `[policy]`.
    pub rules: RuleSettings,
}

/// `[[generated.map]]`: code, and the spec files that it comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MapEntry {
    /// Which code.
    pub code: PathSet,
    /// Which spec files.
    pub spec: PathSet,
}

/// What a broken rule leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// The push is refused.
    Deny,
    /// It is said.
    Warn,
    /// Nothing.
    Off,
}

/// The lowest grade of change that makes a link too old.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StaleGrade {
    /// Any change of words.
    Minor,
    /// More than articles and spelling.
    Substantive,
    /// What is demanded.
    Normative,
    /// None.
    Off,
}

/// A resolution that a policy may accept by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Accept {
    /// Only other clauses have that version.
    Ambiguous,
    /// The named commit is on another branch.
    Elsewhere,
    /// The clause stands there with another version.
    Mismatch,
    /// A squash carries a newer link too.
    Superseded,
    /// Nothing reachable has it.
    Dangling,
    /// Another repository's specification.
    Foreign,
    /// Another scheme, or beyond a shallow border.
    Unknown,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct RawGenerated {
    #[serde(default)]
    paths: Vec<Spanned<String>>,
    #[serde(default)]
    exempt: Vec<Spanned<String>>,
    #[serde(default)]
    map: Vec<RawMap>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct RawMap {
    code: Spanned<Vec<Spanned<String>>>,
    spec: Spanned<Vec<Spanned<String>>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct RawPolicy {
    refs: Spanned<Vec<Spanned<String>>>,
    since: Option<Spanned<String>>,
    #[serde(default)]
    accept_notes: bool,
    require_link: Option<Spanned<Severity>>,
    require_resolved: Option<Severity>,
    require_map: Option<Spanned<Severity>>,
    special_paths: Option<Severity>,
    stale: Option<StaleGrade>,
    stale_tip: Option<StaleGrade>,
    accept: Option<Spanned<Vec<Accept>>>,
    #[serde(default)]
    section: Vec<Spanned<RawSection>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct RawSection {
    paths: Spanned<Vec<Spanned<String>>>,
    require_link: Option<Severity>,
    require_resolved: Option<Severity>,
    require_map: Option<Spanned<Severity>>,
    special_paths: Option<Severity>,
    stale: Option<StaleGrade>,
    stale_tip: Option<StaleGrade>,
    accept: Option<Spanned<Vec<Accept>>>,
}

impl RawSection {
    fn says_nothing(&self) -> bool {
        self.require_link.is_none()
            && self.require_resolved.is_none()
            && self.require_map.is_none()
            && self.special_paths.is_none()
            && self.stale.is_none()
            && self.stale_tip.is_none()
            && self.accept.is_none()
    }
}

impl ConfigFile<'_> {
    pub(super) fn generated(&self, raw: &RawGenerated, spec: Option<&SpecSet>) -> Result<Generated, Error> {
        if let Some(exempt) = raw.exempt.first().filter(|_| raw.paths.is_empty()) {
            let help = "name what is generated as well: paths = [\"src/**\"]";
            return Err(self.error(exempt.span(), "nothing is generated that could be exempt", Some(help)));
        }
        let files = self.globs(&raw.paths, &raw.exempt)?;
        let (folded, above) = (self.path_set(&raw.paths)?, self.leading(&raw.paths)?);
        let (exempt_whole, exempt_below) = Self::exempt_whole(&raw.exempt);
        let mut generated = Generated { files, folded, above, exempt_whole, exempt_below, map: Vec::new() };
        for entry in &raw.map {
            let (code, files) = (entry.code.get_ref(), entry.spec.get_ref());
            for (list, what) in [(&entry.code, "code"), (&entry.spec, "spec")] {
                if list.get_ref().is_empty() {
                    let help = "[[generated.map]] binds code = [\"src/auth/**\"] to spec = [\"docs/spec/auth.md\"]";
                    return Err(self.error(list.span(), format!("the map names no {what}"), Some(help)));
                }
            }
            let set = self.path_set(code)?;
            self.all_generated(code, &generated)?;
            let bound = self.path_set(files)?;
            if let Some(spec) = spec {
                self.all_in(files, spec.include(), |path| spec.matches(path), "no file of [spec] can match this")?;
            }
            generated.map.push(MapEntry { code: set, spec: bound });
        }
        Ok(generated)
    }

    pub(super) fn policy(&self, raw: RawPolicy, generated: &Generated) -> Result<Policy, Error> {
        self.refs_of(&raw)?;
        if let Some(since) = raw.since.as_ref().filter(|since| !is_full_id(since.get_ref())) {
            let help = format!("git rev-parse {} prints the full id", abbreviation(since.get_ref()));
            return Err(self.error(since.span(), "not a full commit id (40 or 64 hexadecimal digits)", Some(&help)));
        }
        if let Some(link) = raw.require_link.as_ref().filter(|link| *link.get_ref() != Severity::Off)
            && generated.files.is_empty()
        {
            let help = "say what is: [generated] with paths = [\"src/**\"]";
            return Err(self.error(link.span(), "nothing is generated that could want a link", Some(help)));
        }
        self.map_is_there(raw.require_map.as_ref(), generated)?;
        let rules = RuleSettings {
            require_link: raw.require_link.map_or(Severity::Deny, Spanned::into_inner),
            require_resolved: raw.require_resolved.unwrap_or(Severity::Deny),
            require_map: raw.require_map.map_or(Severity::Deny, Spanned::into_inner),
            special_paths: raw.special_paths.unwrap_or(Severity::Deny),
            stale: raw.stale.unwrap_or(StaleGrade::Substantive),
            stale_tip: raw.stale_tip.unwrap_or(StaleGrade::Off),
            accept: self.accepted(raw.accept, raw.require_resolved.unwrap_or(Severity::Deny))?.unwrap_or_default(),
        };
        let mut sections = Vec::with_capacity(raw.section.len());
        for section in raw.section {
            sections.push(self.section(section, &rules, generated)?);
        }
        Ok(Policy {
            refs: raw.refs.into_inner().into_iter().map(Spanned::into_inner).collect(),
            since: raw.since.map(|since| since.into_inner().to_ascii_lowercase()),
            accept_notes: raw.accept_notes,
            rules,
            sections,
        })
    }

    fn refs_of(&self, raw: &RawPolicy) -> Result<(), Error> {
        if raw.refs.get_ref().is_empty() {
            return Err(self.error(
                raw.refs.span(),
                "[policy] protects no ref",
                Some("for example: refs = [\"refs/heads/main\"]"),
            ));
        }
        for name in raw.refs.get_ref() {
            if !name.get_ref().starts_with("refs/") {
                let help = format!("write the full name: refs/heads/{}", name.get_ref());
                return Err(self.error(name.span(), "not a full ref name", Some(&help)));
            }
        }
        for name in raw.refs.get_ref() {
            if !may_be_a_ref(name.get_ref()) {
                let help = "git check-ref-format tells what is a name";
                return Err(self.error(name.span(), "no ref can have such a name", Some(help)));
            }
        }
        self.compile(raw.refs.get_ref())?;
        // Names are compared folded as well, and a class such as [Z-a] is none any more then.
        for name in raw.refs.get_ref() {
            if SpecSet::new(vec![super::paths::fold_name(name.get_ref())], Vec::new(), "policy.refs").is_err() {
                let help = "name the letters of a range in one case: [a-z]";
                let wrong = "no glob any more where upper and lower case are the same";
                return Err(self.error(name.span(), wrong, Some(help)));
            }
        }
        Ok(())
    }

    fn section(&self, raw: Spanned<RawSection>, whole: &RuleSettings, generated: &Generated) -> Result<Section, Error> {
        let span = raw.span();
        let raw = raw.into_inner();
        if raw.paths.get_ref().is_empty() {
            let help = "for example: paths = [\"packages/web/**\"]";
            return Err(self.error(raw.paths.span(), "the section has no paths", Some(help)));
        }
        if raw.says_nothing() {
            let help = "give it a rule, such as require-link = \"warn\", or drop it";
            return Err(self.error(span, "the section says nothing", Some(help)));
        }
        self.map_is_there(raw.require_map.as_ref(), generated)?;
        let (paths, above) = (self.path_set(raw.paths.get_ref())?, self.leading(raw.paths.get_ref())?);
        self.all_generated(raw.paths.get_ref(), generated)?;
        let require_resolved = raw.require_resolved.unwrap_or(whole.require_resolved);
        let rules = RuleSettings {
            require_link: raw.require_link.unwrap_or(whole.require_link),
            require_resolved,
            require_map: raw.require_map.map_or(whole.require_map, Spanned::into_inner),
            special_paths: raw.special_paths.unwrap_or(whole.special_paths),
            stale: raw.stale.unwrap_or(whole.stale),
            stale_tip: raw.stale_tip.unwrap_or(whole.stale_tip),
            accept: self.accepted(raw.accept, require_resolved)?.unwrap_or_else(|| whole.accept.clone()),
        };
        Ok(Section { paths, above, rules })
    }

    fn accepted(&self, accept: Option<Spanned<Vec<Accept>>>, resolved: Severity) -> Result<Option<Vec<Accept>>, Error> {
        let Some(accept) = accept else { return Ok(None) };
        if resolved == Severity::Off && !accept.get_ref().is_empty() {
            let help = "drop accept, or require-resolved = \"off\"";
            return Err(self.error(accept.span(), "every link is accepted where none has to be resolved", Some(help)));
        }
        Ok(Some(accept.into_inner()))
    }

    fn map_is_there(&self, said: Option<&Spanned<Severity>>, generated: &Generated) -> Result<(), Error> {
        match said.filter(|said| *said.get_ref() != Severity::Off && generated.map.is_empty()) {
            Some(said) => {
                let help =
                    "add one: [[generated.map]] with code = [\"src/auth/**\"] and spec = [\"docs/spec/auth.md\"]";
                Err(self.error(said.span(), "there is no map that code could be bound by", Some(help)))
            }
            None => Ok(()),
        }
    }

    fn all_generated(&self, globs: &[Spanned<String>], generated: &Generated) -> Result<(), Error> {
        let is = |path: &[u8]| generated.folded.matches_folded(path);
        self.all_in(globs, generated.files.include(), is, "nothing that this matches is generated")
    }

    /// Refuses a glob that has no path in common with `others`, as far as their literal parts tell.
    fn all_in(
        &self,
        globs: &[Spanned<String>],
        others: &[String],
        has: impl Fn(&[u8]) -> bool,
        wrong: &str,
    ) -> Result<(), Error> {
        for glob in globs {
            let root = super::literal_root(glob.get_ref());
            let whole = glob.get_ref().split('/').all(|component| super::literal(component).is_some());
            let may = |other: &String| {
                let (root, other) =
                    (super::paths::fold(&root), super::paths::fold(&super::literal_root(other)).into_owned());
                root.is_empty() || other.is_empty() || super::lies_in(&root, &other) || super::lies_in(&other, &root)
            };
            if !others.iter().any(may) || (whole && !has(&root)) {
                let help = format!("what can stand here lies in: {}", others.join(", "));
                return Err(self.error(glob.span(), wrong, Some(&help)));
            }
        }
        Ok(())
    }

    fn path_set(&self, globs: &[Spanned<String>]) -> Result<PathSet, Error> {
        let exact = self.compile(globs)?;
        let folded = PathSet::folded(globs.iter().map(|glob| glob.get_ref().as_str()));
        let folded = folded.map_err(|bad| {
            let span = bad.at.and_then(|at| globs.get(at)).or(globs.first()).map_or(0..0, Spanned::span);
            self.error(span, bad.message, bad.help.as_deref())
        })?;
        Ok(PathSet::new(exact, folded))
    }

    /// The directories that the leading parts of globs name.
    fn leading(&self, globs: &[Spanned<String>]) -> Result<PathSet, Error> {
        let mut all = std::collections::BTreeSet::new();
        for glob in globs {
            let named = super::paths::leading(glob.get_ref()).ok_or_else(|| {
                let help = "write several globs instead";
                self.error(glob.span(), "its braces can be read in more than 1000 ways", Some(help))
            })?;
            all.extend(named);
        }
        let help = Some("name them by fewer globs, such as packages/*/src/gen/**");
        let bad = |message: String| self.error(globs.first().map_or(0..0, Spanned::span), message, help);
        if all.len() > super::GLOB_LIMIT {
            return Err(bad(format!("the globs name more than {} directories", super::GLOB_LIMIT)));
        }
        let folded = PathSet::folded(all.iter().map(String::as_str)).map_err(|wrong| bad(wrong.message))?;
        // A class that leaves letters out, folded, leaves out what it names.
        let exact = Globs::compile(all.into_iter().collect()).map_err(|wrong| bad(wrong.message))?;
        Ok(PathSet::new(exact, folded))
    }

    /// The directories behind which all is exempt, and what lies there. What cannot be read exempts nothing.
    fn exempt_whole(globs: &[Spanned<String>]) -> (Globs, Globs) {
        let whole: Vec<&str> = globs.iter().filter_map(|glob| super::paths::whole(glob.get_ref())).collect();
        let below = whole.iter().map(|directory| format!("{directory}/**")).collect();
        let whole = whole.into_iter().map(str::to_owned).collect();
        (Globs::compile(whole).unwrap_or_default(), Globs::compile(below).unwrap_or_default())
    }
}

/// Whether a glob can be a ref's name, or match one: Git has none with blanks, controls, `..` and the like (git-check-ref-format(1)),
/// and is asked for those that are spelt out.
fn may_be_a_ref(glob: &str) -> bool {
    let is_bad = |letter: char| letter.is_ascii_control() || matches!(letter, ' ' | '~' | ':');
    if glob.contains(is_bad) || ["..", "@{", "//"].iter().any(|part| glob.contains(part)) {
        return false;
    }
    // A class may hold what a name may not.
    if glob.contains(['*', '?', '[', '{', '\\']) {
        return true;
    }
    let is_part = |part: &str| !part.is_empty() && !part.starts_with('.') && !part.ends_with(".lock");
    !glob.contains('^') && !glob.ends_with('.') && glob.split('/').all(is_part)
}
