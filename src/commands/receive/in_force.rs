//! Whose policy: the server's own, else the one that the default branch had before the push.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use bstr::{BStr, BString, ByteSlice};

use super::pusher::ServerSettings;
use crate::commands::source::{CONFIG_FILE, detect_at};
use crate::config::{Config, Policy, SIZE_LIMIT, SpecSet, fold_name as fold};
use crate::error::Error;
use crate::git::{Oid, RefNow, Repo};

/// References as they stood before the push.
#[derive(Clone, Debug, Default)]
pub struct Refs {
    all: BTreeMap<BString, RefNow>,
    /// What HEAD leads to, be it there or not; none where it names a commit itself.
    pub default: Option<BString>,
    detached: Option<Oid>,
    /// Symbolic references with what they lead to, those that lead to nothing as well, where all of them are known.
    symrefs: Option<BTreeMap<BString, BString>>,
}

impl Refs {
    /// As the repository has them now.
    ///
    /// # Errors
    /// What git says.
    pub fn now(repo: &Repo) -> Result<Refs, Error> {
        let all = repo.refs_now()?.into_iter().map(|at| (at.name.clone(), at)).collect();
        let symrefs = repo.reftable_symrefs();
        let mut refs = Refs { all, default: repo.symbolic_target("HEAD".into())?, detached: None, symrefs };
        match &refs.default {
            Some(name) => refs.default = Some(refs.leads_to(repo, name.as_bstr())?),
            None => refs.detached = repo.head()?,
        }
        Ok(refs)
    }

    /// The same, before moves that were made since.
    #[must_use]
    pub fn before(mut self, moves: &[(BString, Option<Oid>)]) -> Refs {
        for (name, old) in moves {
            match old {
                Some(oid) => {
                    let symref = self.all.get(name).and_then(|at| at.symref.clone());
                    self.all.insert(name.clone(), RefNow { name: name.clone(), oid: *oid, symref });
                }
                None => drop(self.all.remove(name)),
            }
        }
        self
    }

    /// The same with a reference at another object.
    #[must_use]
    pub fn with(&self, name: &BStr, oid: Oid) -> Refs {
        self.clone().before(&[(name.to_owned(), Some(oid))])
    }

    /// The object of a reference.
    pub fn object(&self, name: &BStr) -> Option<Oid> {
        self.all.get(name.as_bytes().as_bstr()).map(|at| at.oid)
    }

    /// The reference that a name stands for in the end.
    ///
    /// # Errors
    /// What git says.
    pub fn leads_to(&self, repo: &Repo, name: &BStr) -> Result<BString, Error> {
        if name == "HEAD" {
            return Ok(self.default.clone().unwrap_or_else(|| name.to_owned()));
        }
        Ok(match self.all.get(name) {
            Some(at) => at.symref.clone().unwrap_or_else(|| name.to_owned()),
            None if self.symrefs.is_some() => {
                self.symrefs.as_ref().and_then(|known| known.get(name)).cloned().unwrap_or_else(|| name.to_owned())
            }
            None if name.starts_with(b"refs/") && repo.may_dangle(name) => {
                repo.symbolic_target(name)?.unwrap_or_else(|| name.to_owned())
            }
            None => name.to_owned(),
        })
    }

    /// The tip of the default branch; none where it has no commit.
    ///
    /// # Errors
    /// What git says.
    pub fn default_tip(&self, repo: &Repo) -> Result<Option<Oid>, Error> {
        let oid = self.default.as_ref().and_then(|name| self.object(name.as_bstr())).or(self.detached);
        Ok(match oid {
            Some(oid) => repo.peeled(&[oid])?.into_iter().next().flatten(),
            None => None,
        })
    }
}

/// A policy that holds.
pub struct InForce {
    /// Where it stands, to be told to people.
    pub origin: String,
    /// Whether it came from the default branch.
    pub of_default: bool,
    /// The policy itself.
    pub policy: Policy,
    /// The whole of it.
    pub config: Config,
    protected: SpecSet,
    folded: SpecSet,
    /// References that symbolic ones with a protected name lead to.
    through: BTreeSet<BString>,
}

impl InForce {
    /// The policy in force; none where there is none.
    ///
    /// # Errors
    /// [`Error::BadConfig`], [`Error::ServerPolicy`], and what reading may give.
    pub fn find(repo: &Repo, refs: &Refs, settings: &ServerSettings) -> Result<Option<InForce>, Error> {
        if let Some(path) = &settings.policy {
            let config = of_server(path)?;
            let without =
                || Error::ServerPolicy { path: path.display().to_string(), why: "has no [policy]".to_owned() };
            let policy = config.policy.clone().ok_or_else(without)?;
            return InForce::new("the policy of this server".to_owned(), repo, refs, policy, config).map(Some);
        }
        let Some(tip) = refs.default_tip(repo)? else { return Ok(None) };
        let Some(config) = at_commit(repo, tip, &name_of(refs))? else { return Ok(None) };
        let Some(policy) = config.policy.clone() else { return Ok(None) };
        let origin = format!("the policy in {} ({})", name_of(refs), tip.short(9));
        Ok(Some(InForce { of_default: true, ..InForce::new(origin, repo, refs, policy, config)? }))
    }

    fn new(origin: String, repo: &Repo, refs: &Refs, policy: Policy, config: Config) -> Result<InForce, Error> {
        let protected = SpecSet::new(policy.refs.clone(), Vec::new(), "policy.refs")?;
        let globs = policy.refs.iter().map(|glob| fold(glob)).collect();
        let folded = SpecSet::new(globs, Vec::new(), "policy.refs")?;
        let named = refs.all.values().filter(|at| protected.matches(&at.name));
        let mut through: BTreeSet<BString> = named.filter_map(|at| at.symref.clone()).collect();
        // What makes the target of such a one makes what it shows.
        let is_name = |glob: &&String| !glob.contains(['*', '?', '[', '{', '\\']);
        let spelt_out = policy.refs.iter().filter(is_name).map(|name| BString::from(name.as_str()));
        let wanted = |name: &BStr| protected.matches(name) && !refs.all.contains_key(name);
        match &refs.symrefs {
            Some(known) => {
                through
                    .extend(known.iter().filter(|(name, _)| wanted(name.as_bstr())).map(|(_, target)| target.clone()));
            }
            None => through.extend(repo.dangling_symrefs(wanted, spelt_out)?.into_iter().map(|(_, target)| target)),
        }
        Ok(InForce { origin, of_default: false, policy, config, protected, folded, through })
    }

    /// Whether the policy names this reference.
    fn names(&self, name: &BStr) -> bool {
        self.protected.matches(name)
    }

    /// Whether a reference, which is no symbolic one, is protected: the policy names it, or a symbolic one that leads to
    /// it.
    pub fn protects(&self, name: &BStr) -> bool {
        self.names(name) || self.through.contains(name)
    }

    /// Whether a reference differs from a protected one in no more than some file systems see.
    pub fn is_twin(&self, name: &BStr) -> bool {
        !self.names(name) && self.folded.matches(fold(&name.to_str_lossy()).as_bytes())
    }

    /// The references that another policy would protect, and this one doesn't.
    ///
    /// # Errors
    /// [`Error::BadGlob`].
    pub fn would_join<'r>(&self, refs: &'r Refs, other: &Policy) -> Result<Vec<&'r BStr>, Error> {
        let named = SpecSet::new(other.refs.clone(), Vec::new(), "policy.refs")?;
        let names = refs.all.keys().map(|name| name.as_bstr());
        Ok(names.filter(|name| named.matches(name) && !self.protects(name)).collect())
    }

    /// The old values of protected branches and tags, whose commits were judged. Others may vouch for nothing, whatever the
    /// policy names: of what notes have behind them only the notes are looked at, and a forge writes those of requests by
    /// itself.
    pub fn old_values(&self, repo: &Repo, refs: &Refs) -> Result<Vec<Oid>, Error> {
        let is_pushed = |name: &[u8]| name.starts_with(b"refs/heads/") || name.starts_with(b"refs/tags/");
        let judged = |at: &&RefNow| at.symref.is_none() && is_pushed(&at.name) && self.protects(at.name.as_bstr());
        let own = refs.all.values().filter(judged);
        let objects: Vec<Oid> = own.map(|at| at.oid).collect();
        let mut commits: Vec<Oid> = repo.peeled(&objects)?.into_iter().flatten().collect();
        commits.sort_unstable();
        commits.dedup();
        Ok(commits)
    }

    /// The spec set that links are judged against.
    ///
    /// # Errors
    /// What reading may give.
    pub fn spec_set(&self, repo: &Repo, refs: &Refs, pushed: Oid) -> Result<SpecSet, Error> {
        spec_set(repo, refs, &self.config, !self.of_default, pushed)
    }
}

/// The spec set of the default branch's own configuration.
///
/// # Errors
/// What reading may give.
pub fn own_spec_set(repo: &Repo, refs: &Refs, pushed: Oid) -> Result<SpecSet, Error> {
    spec_set(repo, refs, &Config::default(), true, pushed)
}

/// The spec set by precedence: the server's `spec.include`, a configuration, the default branch's own one where `own` says
/// so, detection at the default branch, detection at what is pushed.
fn spec_set(repo: &Repo, refs: &Refs, config: &Config, own: bool, pushed: Oid) -> Result<SpecSet, Error> {
    let overrides = config.overrides.clone();
    if let Some(values) = repo.config()?.list("spec.include")
        && let Some(set) = SpecSet::from_includes(values.iter().map(|v| v.to_str_lossy().into_owned()).collect())?
    {
        return Ok(set.with_overrides(overrides));
    }
    if let Some(set) = &config.spec {
        return Ok(set.clone().with_overrides(overrides));
    }
    let tip = refs.default_tip(repo)?;
    let own = match tip.filter(|_| own) {
        Some(tip) => at_commit(repo, tip, &name_of(refs))?,
        None => None,
    };
    let (spec, overrides) = own.map_or((None, overrides), |own| (own.spec, own.overrides));
    if let Some(set) = spec {
        return Ok(set.with_overrides(overrides));
    }
    for commit in tip.into_iter().chain([pushed]) {
        let found = detect_at(repo, commit)?;
        if !found.include.is_empty() {
            return Ok(SpecSet::new(found.include, found.exclude, "detection")?.with_overrides(overrides));
        }
    }
    Ok(SpecSet::default())
}

fn name_of(refs: &Refs) -> String {
    let default = refs.default.as_ref().map_or("HEAD".into(), |name| name.to_str_lossy().into_owned());
    format!("{default}:{CONFIG_FILE}")
}

/// The server's own file.
fn of_server(path: &Path) -> Result<Config, Error> {
    let shown = || path.display().to_string();
    let facts = path.metadata().map_err(|error| Error::io(format!("read the policy {}", shown()), error))?;
    if !facts.is_file() {
        return Err(Error::ServerPolicy { path: shown(), why: "is no regular file".to_owned() });
    }
    if facts.len() > SIZE_LIMIT as u64 {
        let size = usize::try_from(facts.len()).unwrap_or(usize::MAX);
        return Err(Error::ConfigTooLarge { name: shown(), size, limit: SIZE_LIMIT });
    }
    let bytes = std::fs::read(path).map_err(|error| Error::io(format!("read the policy {}", shown()), error))?;
    // Its lines are the server's own business, so that they are not shown to whoever pushes.
    Config::parse(&shown(), &bytes).map_err(|error| match error {
        Error::BadConfig { message, .. } => {
            Error::ServerPolicy { path: shown(), why: format!("cannot be read: {message}") }
        }
        other => other,
    })
}

/// The configuration that a commit has; none without the file. `name` is what errors call it.
///
/// # Errors
/// [`Error::BadConfig`], [`Error::ConfigTooLarge`].
pub fn at_commit(repo: &Repo, commit: Oid, name: &str) -> Result<Option<Config>, Error> {
    let Some((mode, blob)) = repo.file_at(commit, &CONFIG_FILE.into())? else { return Ok(None) };
    if !mode.is_file() {
        return Ok(None);
    }
    let size = usize::try_from(repo.blob_size(blob)?).unwrap_or(usize::MAX);
    if size > SIZE_LIMIT {
        return Err(Error::ConfigTooLarge { name: name.to_owned(), size, limit: SIZE_LIMIT });
    }
    Config::parse(name, &repo.blob(blob)?).map(Some)
}
