//! Who pushes, as the server authenticated it, and what the server's configuration lets this one do.

use std::path::PathBuf;
use std::time::Duration;

use bstr::ByteSlice;

use crate::error::Error;
use crate::git::Config;

/// The push option that asks for a bypass.
const BYPASS: &str = "spec.bypass";

/// What the server's own configuration says. Nothing of it can come from a push.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ServerSettings {
    /// `spec.policy`: the file whose policy wins.
    pub policy: Option<PathBuf>,
    /// `spec.allowRewind`: who may delete and rewind protected refs.
    pub allow_rewind: Vec<String>,
    /// `spec.exemptPusher`: whose pushes are not refused for what is found.
    pub exempt: Vec<String>,
    /// `spec.pusherVariable`: the variable with the pusher's name.
    pub pusher_variable: Option<String>,
    /// `spec.auditLog`: where `post-receive` writes down each use of an exemption.
    pub audit_log: Option<PathBuf>,
    /// `spec.acceptNotes`: whether notes count as links.
    pub accept_notes: bool,
    /// `spec.deadline`.
    pub deadline: Option<Duration>,
}

impl ServerSettings {
    /// Reads them.
    ///
    /// # Errors
    /// [`Error::ServerSetting`].
    pub fn read(config: &Config) -> Result<ServerSettings, Error> {
        let list = |key: &str| -> Vec<String> {
            config.list(key).unwrap_or_default().into_iter().map(|name| name.to_str_lossy().into_owned()).collect()
        };
        let text = |key: &str| config.get(key).map(|value| value.to_str_lossy().into_owned());
        let file = |key: &'static str| match config.get(key).map(|path| path.to_path_lossy().into_owned()) {
            Some(path) if !path.is_absolute() => {
                Err(Error::ServerSetting { key, value: path.display().to_string(), wanted: "an absolute path" })
            }
            path => Ok(path),
        };
        Ok(ServerSettings {
            policy: file("spec.policy")?,
            allow_rewind: list("spec.allowRewind"),
            exempt: list("spec.exemptPusher"),
            pusher_variable: text("spec.pusherVariable").filter(|name| !name.is_empty()),
            audit_log: file("spec.auditLog")?,
            accept_notes: config.get_bool("spec.acceptNotes")?.unwrap_or(false),
            deadline: text("spec.deadline").map(|value| seconds("spec.deadline", &value)).transpose()?,
        })
    }
}

/// A time in seconds, with a fraction or without.
///
/// # Errors
/// [`Error::ServerSetting`].
pub fn seconds(key: &'static str, value: &str) -> Result<Duration, Error> {
    let read = value.trim().parse::<f64>().ok().and_then(|time| Duration::try_from_secs_f64(time).ok());
    read.filter(|time| !time.is_zero()).ok_or_else(|| Error::ServerSetting {
        key,
        value: value.to_owned(),
        wanted: "a number of seconds above zero",
    })
}

/// Who pushes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pusher {
    /// The name; none where nobody was authenticated.
    pub name: Option<String>,
    /// The variable that told it.
    pub from: String,
}

impl Pusher {
    /// The pusher by the variable that the server names, else by the first of those that forges and web servers set.
    ///
    /// A deploy key is nobody's name, so it gets one that no user can have.
    pub fn of(settings: &ServerSettings, variable: impl Fn(&str) -> Option<String>) -> Pusher {
        let set = |name: &str| variable(name).filter(|value| !value.is_empty());
        let named = |from: &str, name: Option<String>| Pusher { name, from: from.to_owned() };
        if let Some(own) = &settings.pusher_variable {
            return named(own, set(own));
        }
        // GitLab: GL_ID is user-N for a person, key-N for a deploy key (Gitaly's hooks).
        if set("GL_REPOSITORY").is_some()
            && let Some(id) = set("GL_ID")
        {
            return match set("GL_USERNAME").filter(|_| !id.starts_with("key-")) {
                Some(name) => named("GL_USERNAME", Some(name)),
                None => named("GL_ID", Some(format!("gl-id:{id}"))),
            };
        }
        if let Some(key) = set("GITEA_DEPLOY_KEY_ID").filter(|key| key != "0") {
            return named("GITEA_DEPLOY_KEY_ID", Some(format!("deploy-key:{key}")));
        }
        for from in ["GITEA_PUSHER_NAME", "GITHUB_USER_LOGIN", "GL_USER", "REMOTE_USER"] {
            if let Some(name) = set(from) {
                return named(from, Some(name));
            }
        }
        // sshd sets it to the account that was logged in to; a web server's own account pushed nothing. Not every server sets
        // the first of these, but git-http-backend(1) works without none of the others.
        if ["GATEWAY_INTERFACE", "REQUEST_METHOD", "GIT_PROJECT_ROOT", "PATH_TRANSLATED"]
            .into_iter()
            .any(|name| set(name).is_some())
        {
            return named("REMOTE_USER", None);
        }
        match set("LOGNAME") {
            Some(name) => named("LOGNAME", Some(name)),
            None => named("USER", set("USER")),
        }
    }

    /// Whether a list of the server's names this one.
    pub fn is_among(&self, names: &[String]) -> bool {
        self.name.as_ref().is_some_and(|name| names.contains(name))
    }

    /// As it is told to people.
    pub fn shown(&self) -> String {
        match &self.name {
            Some(name) => format!("{name} ({})", self.from),
            None => format!("nobody whom the server authenticated ({} is not set)", self.from),
        }
    }
}

/// The reason that a push gives for a bypass; none where it asks for none. The last option wins.
pub fn bypass(options: &[String]) -> Option<String> {
    let reason = |option: &String| {
        let rest = option.strip_prefix(BYPASS)?;
        match rest.strip_prefix('=') {
            Some(reason) => Some(reason.trim().to_owned()),
            None => rest.is_empty().then(String::new),
        }
    };
    options.iter().rev().find_map(reason)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pusher(own: Option<&str>, variables: &[(&str, &str)]) -> (Option<String>, String) {
        let settings = ServerSettings { pusher_variable: own.map(str::to_owned), ..ServerSettings::default() };
        let find = |name: &str| variables.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
        let Pusher { name, from } = Pusher::of(&settings, find);
        (name, from)
    }

    #[test]
    fn the_pusher_is_who_the_server_says() {
        let name = |variables: &[(&str, &str)]| pusher(None, variables).0;
        assert_eq!(pusher(None, &[]), (None, "USER".to_owned()));
        assert_eq!(pusher(None, &[("LOGNAME", "git"), ("REMOTE_USER", "ann")]).1, "REMOTE_USER");
        assert_eq!(pusher(Some("WHO"), &[("REMOTE_USER", "ann")]), (None, "WHO".to_owned()));
        assert_eq!(pusher(Some("WHO"), &[("WHO", "bob"), ("GL_USER", "ann")]).0.as_deref(), Some("bob"));
        assert_eq!(name(&[("LOGNAME", "www"), ("GATEWAY_INTERFACE", "CGI/1.1")]), None, "an anonymous push");
        assert_eq!(name(&[("LOGNAME", "www"), ("REQUEST_METHOD", "POST")]), None, "an anonymous push");
        let gitlab = [("GL_REPOSITORY", "project-1"), ("GL_ID", "user-7"), ("GL_USERNAME", "ann")];
        assert_eq!(name(&gitlab).as_deref(), Some("ann"));
        let key = [("GL_REPOSITORY", "project-1"), ("GL_ID", "key-7"), ("GL_USERNAME", "ann")];
        assert_eq!(name(&key).as_deref(), Some("gl-id:key-7"));
        assert_eq!(name(&[("GITEA_PUSHER_NAME", "ann"), ("GITEA_DEPLOY_KEY_ID", "0")]).as_deref(), Some("ann"));
        let key = [("GITEA_PUSHER_NAME", "ann"), ("GITEA_DEPLOY_KEY_ID", "4")];
        assert_eq!(name(&key).as_deref(), Some("deploy-key:4"));
    }

    #[test]
    fn a_bypass_is_asked_for_by_its_whole_name() {
        let asked = |options: &[&str]| bypass(&options.iter().map(|&option| option.to_owned()).collect::<Vec<_>>());
        assert_eq!(asked(&["ci.skip", "spec.bypass=fire "]).as_deref(), Some("fire"));
        assert_eq!(asked(&["spec.bypass"]).as_deref(), Some(""));
        assert_eq!(asked(&["spec.bypassed=x", "Spec.bypass=x", "xspec.bypass"]), None);
    }

    #[test]
    fn a_deadline_is_a_time() {
        assert_eq!(seconds("spec.deadline", "1.5").unwrap(), Duration::from_millis(1500));
        for wrong in ["", "0", "-1", "NaN", "inf", "1e400", "5s"] {
            assert!(seconds("spec.deadline", wrong).is_err(), "{wrong}");
        }
    }
}
