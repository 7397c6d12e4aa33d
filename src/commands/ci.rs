//! Which commits a job was started for: what the environment of a continuous integration says of a push, read without
//! asking anybody.

use std::path::Path;

use bstr::ByteSlice;
use serde_json::Value;

use super::receive::in_force::at_commit;
use super::source::CONFIG_FILE;
use crate::config::{Config, SpecSet, fold_name, is_full_id};
use crate::error::Error;
use crate::git::{GitError, Oid, Repo};
use crate::view::text::one_line;

/// Bytes that the description of an event may have; GitHub's have at most 25 MiB.
const EVENT_LIMIT: u64 = 32 << 20;

/// Who runs the job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Host {
    /// GitHub, Gitea or Forgejo actions, which have the same variables.
    Actions,
    /// GitLab CI.
    GitLab,
    /// Anything else, where the job has to name the commits.
    Other,
}

/// What was pushed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pushed {
    /// A reference was deleted.
    Nothing,
    /// Commits.
    Commits(Span),
}

/// The two ends of a push, or of a pull or merge request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    /// The old value or the base; none for a reference that was not there.
    pub old: Option<String>,
    /// The new value or the head.
    pub new: String,
    /// The full name of the reference, where it is known.
    pub reference: Option<String>,
    /// The short name of the default branch, where it is known.
    pub default: Option<String>,
    /// The short name of the branch that a request is for.
    pub target: Option<String>,
}

/// The variables of the environment, empty ones left out.
pub type Variables<'a> = &'a dyn Fn(&str) -> Option<String>;

/// The variables of this process.
pub fn variables(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// Who runs the job.
pub fn host(variables: Variables<'_>) -> Host {
    let is_on = |name: &str| variables(name).is_some_and(|value| value == "true" || value == "1");
    if is_on("GITHUB_ACTIONS") || is_on("GITEA_ACTIONS") || is_on("FORGEJO_ACTIONS") {
        Host::Actions
    } else if is_on("GITLAB_CI") {
        Host::GitLab
    } else {
        Host::Other
    }
}

/// What the environment says was pushed.
///
/// # Errors
/// [`Error::UnknownPush`] where it says nothing, or something that pushes no commits; what reading the event may give.
pub fn pushed(host: Host, variables: Variables<'_>) -> Result<Pushed, Error> {
    match host {
        Host::Actions => {
            let path = variables("GITHUB_EVENT_PATH").ok_or_else(|| unknown("GITHUB_EVENT_PATH is not set"))?;
            of_actions(&event(Path::new(&path))?, variables)
        }
        Host::GitLab => of_gitlab(variables),
        Host::Other => {
            let Some(old) = variables("GIT_SPEC_BEFORE") else {
                return Err(unknown("this is neither an action nor GitLab CI, and GIT_SPEC_BEFORE is not set"));
            };
            let new = variables("GIT_SPEC_AFTER").unwrap_or_else(|| "HEAD".to_owned());
            if let Some(name) = variables("GIT_SPEC_REF").filter(|name| !name.starts_with("refs/")) {
                let name = one_line(&name).into_owned();
                return Err(unknown(format!("GIT_SPEC_REF is no full name such as refs/heads/main: {name}")));
            }
            span(Some(old), new, variables("GIT_SPEC_REF"), None, None)
        }
    }
}

fn unknown(message: impl Into<String>) -> Error {
    Error::UnknownPush { message: message.into() }
}

fn event(path: &Path) -> Result<Value, Error> {
    let doing = |error| Error::io(format!("read the event {}", path.display()), error);
    let size = path.metadata().map_err(doing)?.len();
    if size > EVENT_LIMIT {
        return Err(unknown(format!("the event {} is too large", path.display())));
    }
    let text = std::fs::read(path).map_err(doing)?;
    serde_json::from_slice(&text).map_err(|error| unknown(format!("the event {} is no JSON: {error}", path.display())))
}

fn of_actions(event: &Value, variables: Variables<'_>) -> Result<Pushed, Error> {
    let text = |pointer: &str| event.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
    let name = variables("GITHUB_EVENT_NAME").unwrap_or_default();
    let default = text("/repository/default_branch");
    let branch = |name: Option<String>| name.map(|name| format!("refs/heads/{name}"));
    let (old, new, reference, target) = match name.as_str() {
        "push" => (text("/before"), text("/after"), text("/ref"), None),
        "pull_request" | "pull_request_target" => (
            text("/pull_request/base/sha"),
            text("/pull_request/head/sha"),
            branch(text("/pull_request/head/ref")),
            text("/pull_request/base/ref"),
        ),
        "merge_group" => (
            text("/merge_group/base_sha"),
            text("/merge_group/head_sha"),
            text("/merge_group/head_ref"),
            text("/merge_group/base_ref").map(|name| name.trim_start_matches("refs/heads/").to_owned()),
        ),
        other => {
            return Err(unknown(format!("the event {} pushes no commits", one_line(other))));
        }
    };
    match (old, new) {
        (Some(old), Some(new)) => span(Some(old), new, reference, default, target),
        _ => Err(unknown(format!("the event {name} names no commits"))),
    }
}

fn of_gitlab(variables: Variables<'_>) -> Result<Pushed, Error> {
    let head = variables("CI_COMMIT_SHA").ok_or_else(|| unknown("CI_COMMIT_SHA is not set"))?;
    let default = variables("CI_DEFAULT_BRANCH");
    let branch = |name: String| format!("refs/heads/{name}");
    if let Some(base) = variables("CI_MERGE_REQUEST_DIFF_BASE_SHA") {
        // In a pipeline for merged results the commit of the pipeline is a merge that nobody pushed.
        let new = variables("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA").unwrap_or(head);
        let reference = variables("CI_MERGE_REQUEST_SOURCE_BRANCH_NAME").map(branch);
        return span(Some(base), new, reference, default, variables("CI_MERGE_REQUEST_TARGET_BRANCH_NAME"));
    }
    // A schedule, a person or a program starts a pipeline of what is there.
    let source = variables("CI_PIPELINE_SOURCE");
    let pushes = |source: &str| match source {
        "push" | "external_pull_request_event" => true,
        "parent_pipeline" => variables("CI_COMMIT_BEFORE_SHA").is_some_and(|old| old.bytes().any(|byte| byte != b'0')),
        _ => false,
    };
    if let Some(source) = source.filter(|source| !pushes(source)) {
        return Err(unknown(format!("a pipeline that was started by {} pushes no commits", one_line(&source))));
    }
    let tag = variables("CI_COMMIT_TAG").map(|tag| format!("refs/tags/{tag}"));
    let reference = tag.or_else(|| variables("CI_COMMIT_BRANCH").map(branch));
    span(variables("CI_COMMIT_BEFORE_SHA"), head, reference, default, None)
}

/// Two ends of which zeros mean that there is none.
fn span(
    old: Option<String>,
    new: String,
    reference: Option<String>,
    default: Option<String>,
    target: Option<String>,
) -> Result<Pushed, Error> {
    let is_none = |id: &str| id.len() >= 40 && id.bytes().all(|byte| byte == b'0');
    if is_none(&new) {
        return Ok(Pushed::Nothing);
    }
    // What is misspelt in a job must not pass for a commit that is gone.
    if let Some(old) = old.as_deref().filter(|old| !is_full_id(old)) {
        return Err(unknown(format!("the old value is no full commit id: {}", one_line(old))));
    }
    Ok(Pushed::Commits(Span { old: old.filter(|old| !is_none(old)), new, reference, default, target }))
}

/// What is to be judged, and by what.
#[derive(Debug)]
pub struct Task {
    /// The commits, as git log takes them.
    pub revs: Vec<String>,
    /// The newest of them.
    pub tip: Oid,
    /// The old value or the base, where it is there.
    pub old: Option<Oid>,
    /// The policy in force.
    pub config: Config,
    /// Sentences on what was chosen and why.
    pub notes: Vec<String>,
}

/// Finds the commits of a push, and the policy that was in force before it.
///
/// # Errors
/// [`Error::ShallowCheckout`], [`Error::NoPolicy`], a new policy that doesn't parse, and what reading the repository may
/// give.
pub fn task(repo: &Repo, host: Host, span: &Span) -> Result<Task, Error> {
    if repo.is_shallow() {
        return Err(Error::ShallowCheckout { in_gitlab: host == Host::GitLab, in_action: host == Host::Actions });
    }
    let tip = repo.resolve(&span.new).map_err(|error| match error {
        GitError::UnknownRevision { name } => {
            unknown(format!("{} is not in this checkout", name.get(..12).unwrap_or(&name)))
        }
        other => other.into(),
    })?;
    let old = span.old.as_deref().and_then(|old| repo.resolve(old).ok());
    if old.is_none() && span.reference.is_none() {
        return Err(unknown("GIT_SPEC_BEFORE names no commit of this checkout, and GIT_SPEC_REF is not set"));
    }
    let new_config = config_of(repo, tip)?;
    let remote = repo.default_remote(false)?.unwrap_or_else(|| "origin".to_owned());
    let mut notes = Vec::new();
    let checked = match host {
        Host::Other => Some(known(repo, span, &remote, (old, tip), &mut notes)?),
        // A host knows the names of its own branches, of which a checkout may lack some.
        Host::Actions | Host::GitLab => None,
    };
    let span = checked.as_ref().unwrap_or(span);
    let config = in_force(repo, span, &remote, (old, tip), new_config, &mut notes)?;
    let protected = config.policy.as_ref().map(|policy| policy.refs.clone()).unwrap_or_default();
    let protected = SpecSet::new(protected, Vec::new(), "policy.refs")?;
    let name = span.reference.as_deref().unwrap_or("the pushed commits");
    let mut revs = vec![tip.to_string()];
    match old {
        Some(old) => {
            revs.push(format!("^{old}"));
            notes.push(format!("judging {name}: {}..{}", old.short(12), tip.short(12)));
        }
        None => {
            let reference = span.reference.as_deref().unwrap_or_default();
            let others = if protected.matches(reference.as_bytes()) {
                // Other protected branches may have come with the same push, and each job would rely on the other.
                let default = default_branch(repo, &remote, span.default.as_deref())?;
                let default = default.filter(|default| default.name != reference).and_then(|default| default.tip);
                default.iter().map(ToString::to_string).collect()
            } else {
                tracked(repo, &remote, |name| name != reference.as_bytes())?
            };
            let why = match &span.old {
                Some(gone) => format!("{} is gone, so a push was forced", gone.get(..12).unwrap_or(gone)),
                None => "it is new".to_owned(),
            };
            let than = match others.len() {
                0 => "all behind it",
                _ if protected.matches(reference.as_bytes()) => "what the default branch lacks",
                _ => "what other branches lack",
            };
            notes.push(format!("judging {name} at {}: {why}; {than}", tip.short(12)));
            revs.extend(others.iter().map(|other| format!("^{other}")));
        }
    }
    Ok(Task { revs, tip, old, config, notes })
}

/// What was pushed, without the name of a reference that is not there: what is misspelt would vouch for itself.
fn known(
    repo: &Repo,
    span: &Span,
    remote: &str,
    (old, tip): (Option<Oid>, Oid),
    notes: &mut Vec<String>,
) -> Result<Span, Error> {
    let Some(name) = &span.reference else { return Ok(span.clone()) };
    let tracked = name.strip_prefix("refs/heads/").map(|short| format!("refs/remotes/{remote}/{short}"));
    let is_it =
        |there: &[u8]| [Some(name), tracked.as_ref()].into_iter().flatten().any(|name| name.as_bytes() == there);
    // Never by a look for one name, which a file system may take for another.
    let listed = repo.references()?;
    let listed = || listed.lines().filter_map(|line| line.split_once_str(" "));
    let found: Vec<Oid> =
        listed().filter(|(_, there)| is_it(there)).filter_map(|(id, _)| Oid::from_hex(id).ok()).collect();
    let shown = one_line(name);
    if found.is_empty() {
        let folded = [Some(name), tracked.as_ref()].map(|name| name.map(|name| fold_name(name)));
        let is_twin = |there: &[u8]| folded.iter().flatten().any(|name| *name == fold_name(&there.to_str_lossy()));
        let twin = listed().map(|(_, there)| there).find(|there| is_twin(there)).map(|there| {
            let short = there.strip_prefix(format!("refs/remotes/{remote}/").as_bytes());
            let name = short.map_or(there.to_vec(), |short| [b"refs/heads/", short].concat());
            format!("; perhaps {}", one_line(&name.to_str_lossy()))
        });
        let wrong =
            format!("GIT_SPEC_REF names a reference that is not in this checkout: {shown}{}", twin.unwrap_or_default());
        if old.is_none() {
            return Err(unknown(wrong));
        }
        notes.push(wrong);
        return Ok(Span { reference: None, ..span.clone() });
    }
    if found.iter().all(|at| matches!(repo.contains(*at, tip), Ok(false))) {
        notes.push(format!("{shown}, which GIT_SPEC_REF names, does not have {}", tip.short(12)));
    }
    Ok(span.clone())
}

/// The default branch of a remote, as it was fetched last.
pub struct DefaultBranch {
    /// Its full name there.
    pub name: String,
    /// Its tip here; none where it was not fetched.
    pub tip: Option<Oid>,
}

/// The default branch of a remote: by the name that a host gives, else by what the remote's HEAD led to; none where neither
/// is known.
///
/// # Errors
/// What git says.
pub fn default_branch(repo: &Repo, remote: &str, named: Option<&str>) -> Result<Option<DefaultBranch>, Error> {
    let prefix = format!("refs/remotes/{remote}/");
    let head = format!("{prefix}HEAD");
    let name = match named {
        Some(name) => Some(name.to_owned()),
        // A remote without a name, which is an address, has none.
        None if repo.reference(&head)?.is_none() => None,
        None => {
            let target = repo.symbolic_target(head.as_str().into())?.map(|target| target.to_str_lossy().into_owned());
            target.and_then(|target| target.strip_prefix(&prefix).map(str::to_owned))
        }
    };
    let Some(name) = name else { return Ok(None) };
    let tip = repo.reference(&format!("{prefix}{name}"))?;
    Ok(Some(DefaultBranch { name: format!("refs/heads/{name}"), tip }))
}

/// The policy before the push: at the branch that a request is for, else at the old value, else at the remote's default branch, else the pushed one.
///
/// After a forced push whose old value is gone the last is none that can be asked: whoever forces a push would choose it.
fn in_force(
    repo: &Repo,
    span: &Span,
    remote: &str,
    (old, tip): (Option<Oid>, Oid),
    new: Option<Config>,
    notes: &mut Vec<String>,
) -> Result<Config, Error> {
    let target = span.target.as_ref().map(|name| repo.reference(&format!("refs/remotes/{remote}/{name}")));
    let target = match target.transpose()?.flatten() {
        // What was merged already brought its policy along.
        Some(commit) if repo.contains(commit, tip)? => None,
        target => target,
    };
    let default = default_branch(repo, remote, span.default.as_deref())?;
    let default = match (&default, &span.reference) {
        // Of another reference it is known that the default branch did not get the push.
        (Some(DefaultBranch { name, tip: Some(at) }), Some(reference)) if name != reference => Some(*at),
        // A checkout sees the default branch with the push in it; after a forced one, who knows with which.
        (Some(DefaultBranch { tip: Some(at), .. }), _) if old.is_some() || span.old.is_none() => {
            (!repo.contains(*at, tip)?).then_some(*at)
        }
        _ => None,
    };
    for commit in [target, old, default].into_iter().flatten() {
        match config_of(repo, commit) {
            Ok(Some(config)) if config.policy.is_some() => return Ok(config),
            Ok(_) => {}
            Err(Error::BadConfig { .. } | Error::ConfigTooLarge { .. }) => {
                notes.push(format!("the policy at {} cannot be read, so it is not asked", commit.short(12)));
            }
            Err(error) => return Err(error),
        }
    }
    if let (Some(gone), None) = (&span.old, old) {
        return Err(Error::PolicyGone { old: gone.clone(), remote: remote.to_owned() });
    }
    let config = new.filter(|config| config.policy.is_some()).ok_or(Error::NoPolicy)?;
    notes.push("nothing before the push has a policy, so that the pushed one is asked".to_owned());
    Ok(config)
}

/// The configuration that a commit has.
///
/// # Errors
/// As [`at_commit`].
pub fn config_of(repo: &Repo, commit: Oid) -> Result<Option<Config>, Error> {
    at_commit(repo, commit, &format!("{}:{CONFIG_FILE}", commit.short(12)))
}

/// The ids of a remote's branches, as they were fetched last, whose full name there is wanted.
///
/// # Errors
/// What git says.
pub fn tracked(repo: &Repo, remote: &str, wanted: impl Fn(&[u8]) -> bool) -> Result<Vec<String>, Error> {
    let prefix = format!("refs/remotes/{remote}/");
    let listed = repo.references()?;
    let mut found = Vec::new();
    for line in listed.lines() {
        let Some((id, name)) = line.split_once_str(" ") else { continue };
        let Some(short) = name.strip_prefix(prefix.as_bytes()).filter(|short| *short != b"HEAD") else { continue };
        if wanted(&[b"refs/heads/", short].concat()) {
            found.push(id.to_str_lossy().into_owned());
        }
    }
    found.sort_unstable();
    found.dedup();
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    const B: &str = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";
    const ZERO: &str = "0000000000000000000000000000000000000000";

    fn set<'a>(pairs: &'a [(&'a str, &'a str)]) -> impl Fn(&str) -> Option<String> + 'a {
        |name| pairs.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
    }

    fn ends(pushed: Result<Pushed, Error>) -> String {
        match pushed {
            Ok(Pushed::Nothing) => "nothing".to_owned(),
            Ok(Pushed::Commits(span)) => {
                let short = |id: &str| id.get(..1).unwrap_or_default().to_owned();
                let old = span.old.as_deref().map(short).unwrap_or_default();
                format!("{old}..{} {}", short(&span.new), span.reference.unwrap_or_default())
            }
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn hosts_are_known_by_their_variables() {
        assert_eq!(host(&set(&[("GITHUB_ACTIONS", "true")])), Host::Actions);
        assert_eq!(host(&set(&[("GITEA_ACTIONS", "true")])), Host::Actions);
        assert_eq!(host(&set(&[("GITLAB_CI", "true")])), Host::GitLab);
        assert_eq!(host(&set(&[("CI", "true")])), Host::Other);
    }

    #[test]
    fn events_of_actions_name_their_ends() {
        let of = |name: &str, event: Value| ends(of_actions(&event, &set(&[("GITHUB_EVENT_NAME", name)])));
        let push =
            |before: &str, after: &str| serde_json::json!({"ref": "refs/heads/main", "before": before, "after": after});
        assert_eq!(of("push", push(A, B)), "a..b refs/heads/main");
        assert_eq!(of("push", push(ZERO, B)), "..b refs/heads/main");
        assert_eq!(of("push", push(A, ZERO)), "nothing");
        let pull = serde_json::json!({"pull_request": {"base": {"sha": A, "ref": "main"}, "head": {"sha": B, "ref": "topic"}}});
        assert_eq!(of("pull_request", pull.clone()), "a..b refs/heads/topic");
        assert_eq!(of("pull_request_target", pull.clone()), "a..b refs/heads/topic");
        let group = serde_json::json!({"merge_group": {"base_sha": A, "head_sha": B, "head_ref": "refs/heads/q"}});
        assert_eq!(of("merge_group", group), "a..b refs/heads/q");
        assert_eq!(
            of("schedule", Value::Null),
            "which commits were pushed is not known: the event schedule pushes no commits"
        );
        assert_eq!(of("push", pull), "which commits were pushed is not known: the event push names no commits");
        assert_eq!(
            of("push", serde_json::json!({"before": 1, "after": []})),
            "which commits were pushed is not known: the event push names no commits"
        );
    }

    #[test]
    fn pipelines_of_gitlab_name_their_ends() {
        let of = |pairs: &[(&str, &str)]| ends(of_gitlab(&set(pairs)));
        let branch = ("CI_COMMIT_BRANCH", "main");
        assert_eq!(of(&[("CI_COMMIT_BEFORE_SHA", A), ("CI_COMMIT_SHA", B), branch]), "a..b refs/heads/main");
        assert_eq!(of(&[("CI_COMMIT_BEFORE_SHA", ZERO), ("CI_COMMIT_SHA", B), branch]), "..b refs/heads/main");
        assert_eq!(of(&[("CI_COMMIT_SHA", B), ("CI_COMMIT_TAG", "v1")]), "..b refs/tags/v1");
        let request = ("CI_MERGE_REQUEST_DIFF_BASE_SHA", A);
        // The old value is all zeros in a pipeline of a merge request
        assert_eq!(of(&[request, ("CI_COMMIT_BEFORE_SHA", ZERO), ("CI_COMMIT_SHA", B)]), "a..b ");
        let merged = ("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA", B);
        assert_eq!(of(&[request, merged, ("CI_COMMIT_SHA", "cc")]), "a..b ");
        assert_eq!(of(&[]), "which commits were pushed is not known: CI_COMMIT_SHA is not set");
    }

    #[test]
    fn others_name_the_commits_themselves() {
        let of = |pairs: &[(&str, &str)]| ends(pushed(Host::Other, &set(pairs)));
        assert_eq!(of(&[("GIT_SPEC_BEFORE", A)]), "a..H ");
        assert_eq!(
            of(&[("GIT_SPEC_BEFORE", ZERO), ("GIT_SPEC_AFTER", B), ("GIT_SPEC_REF", "refs/heads/x")]),
            "..b refs/heads/x"
        );
        assert!(of(&[]).contains("GIT_SPEC_BEFORE is not set"));
    }
}
