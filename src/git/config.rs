//! Git's configuration from all its sources: files, includes, `-c` and the environment.

use bstr::{BStr, BString, ByteSlice};

use super::{GitError, Result};

/// All configuration values in the order in which git read them: a later one wins over an earlier.
#[derive(Clone, Debug, Default)]
pub struct Config {
    entries: Vec<(String, Option<BString>)>,
}

impl Config {
    /// Reads the output of `git config -z --list`: `key\nvalue\0`, or `key\0` where there is no `=`.
    pub(super) fn parse(list: &[u8]) -> Self {
        let entries = list.split(|byte| *byte == 0).filter(|entry| !entry.is_empty());
        let entries = entries.map(|entry| match entry.split_once_str("\n") {
            Some((key, value)) => (lossy(key), Some(value.into())),
            None => (lossy(entry), None),
        });
        Self { entries: entries.collect() }
    }

    /// The value that holds: the last one. A key without `=` has an empty value here. Section and name of `key` are
    /// taken without case, the part between them with case (git-config(1)).
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&BStr> {
        self.find(key).last().map(|value| value.unwrap_or_default())
    }

    /// All values in order.
    #[must_use]
    pub fn get_all(&self, key: &str) -> Vec<&BStr> {
        self.find(key).map(Option::unwrap_or_default).collect()
    }

    /// The values of a multi-valued key of which an empty one clears those before it.
    ///
    /// None where the key is not set at all, so that "cleared" and "not set" differ.
    #[must_use]
    pub fn list(&self, key: &str) -> Option<Vec<&BStr>> {
        let all = self.get_all(key);
        if all.is_empty() {
            return None;
        }
        let start = all.iter().rposition(|value| value.is_empty()).map_or(0, |cleared| cleared + 1);
        Some(all[start..].to_vec())
    }

    /// The value as a boolean, by the rules of git-config(1): a key without `=` is true, an empty value is false.
    ///
    /// # Errors
    ///
    /// [`GitError::BadConfig`] for a value that is no boolean.
    pub fn get_bool(&self, key: &str) -> Result<Option<bool>> {
        let Some(value) = self.find(key).last() else {
            return Ok(None);
        };
        let Some(value) = value else {
            return Ok(Some(true));
        };
        match value.to_ascii_lowercase().as_slice() {
            b"true" | b"yes" | b"on" => Ok(Some(true)),
            b"false" | b"no" | b"off" | b"" => Ok(Some(false)),
            other => match number(other) {
                Some(number) => Ok(Some(number != 0)),
                None => Err(GitError::BadConfig { key: key.to_owned(), value: value.to_owned(), wanted: "a boolean" }),
            },
        }
    }

    /// Every key that is set, in order, with repetitions.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.entries.iter().map(|(key, _)| key.as_str())
    }

    /// Every key with its value, in order; none for a key without `=`.
    pub(super) fn entries(&self) -> impl Iterator<Item = (&str, Option<&BStr>)> {
        self.entries.iter().map(|(key, value)| (key.as_str(), value.as_ref().map(|value| value.as_bstr())))
    }

    fn find(&self, key: &str) -> impl Iterator<Item = Option<&BStr>> {
        let key = canonical(key);
        self.entries
            .iter()
            .filter(move |(name, _)| *name == key)
            .map(|(_, value)| value.as_ref().map(|value| value.as_bstr()))
    }
}

fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn canonical(key: &str) -> String {
    match (key.find('.'), key.rfind('.')) {
        (Some(first), Some(last)) => {
            key[..first].to_ascii_lowercase() + &key[first..last] + &key[last..].to_ascii_lowercase()
        }
        _ => key.to_ascii_lowercase(),
    }
}

/// A number with git's unit suffix; only whether it is zero matters, so the unit is not multiplied.
fn number(text: &[u8]) -> Option<i64> {
    let digits = text.strip_suffix(b"k").or(text.strip_suffix(b"m")).or(text.strip_suffix(b"g")).unwrap_or(text);
    digits.to_str().ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config() -> Config {
        Config::parse(
            b"spec.include\na\0spec.include\n\0spec.include\nb\nc\0core.bare\0x.One.y\n1k\0x.e\n\0x.bad\nmaybe\0x.z\n0\0",
        )
    }

    #[test]
    fn values_keep_their_order_and_an_empty_one_clears() {
        let config = config();
        assert_eq!(config.get_all("Spec.Include"), ["a", "", "b\nc"]);
        assert_eq!(config.get("spec.include").unwrap(), "b\nc");
        assert_eq!(config.list("spec.include").unwrap(), ["b\nc"]);
        assert_eq!(config.list("spec.exclude"), None);
        assert_eq!(config.get("x.one.y"), None, "the middle part has case");
    }

    #[test]
    fn booleans_follow_git() {
        let config = config();
        let bool = |key| config.get_bool(key).unwrap();
        assert_eq!(
            (bool("core.bare"), bool("X.One.Y"), bool("x.e"), bool("x.z"), bool("none")),
            (Some(true), Some(true), Some(false), Some(false), None)
        );
        assert!(matches!(config.get_bool("x.bad"), Err(GitError::BadConfig { .. })));
    }
}
