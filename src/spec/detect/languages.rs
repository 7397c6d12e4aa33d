//! Translations: files that say once more, in another language, what their original says.
//!
//! Two demands in two languages are one demand; a set that holds both shows each change several times and has every
//! id twice. So the original alone is specification, as far as paths tell which one it is.

/// The languages that documents are translated into, by their ISO 639-1 codes. Codes that more often mean something
/// else in a path (`cs`, `ts`, `io`) count only with a region behind them, as in `cs-CZ`.
const LANGUAGES: [&str; 60] = [
    "az", "eu", "gl", "hy", "kk", "km", "mk", "mn", "mr", "ms", "ne", "sq", "sw", "uz", "ar", "be", "bg", "bn", "ca",
    "cn", "da", "de", "el", "en", "es", "et", "fa", "fi", "fr", "he", "hi", "hr", "hu", "id", "it", "ja", "jp", "ka",
    "ko", "kr", "lt", "lv", "nb", "nl", "no", "pl", "pt", "ro", "ru", "sk", "sl", "sr", "sv", "ta", "th", "tr", "uk",
    "ur", "vi", "zh",
];

/// Codes that count as a folder's name where the same stands without it, and nowhere else.
const DOUBTFUL: [&str; 2] = ["cs", "is"];

/// Codes of which two letters are hardly a word or what a specification is about, as `id`, `fr` and `es` may be.
const SURE: [&str; 10] = ["zh", "cn", "ja", "jp", "ko", "kr", "ru", "de", "pl", "tr"];

/// Folders that hold a folder for each language, with the original elsewhere.
const SHELVES: [&str; 9] =
    ["languages", "language", "langs", "lang", "translations", "translation", "i18n", "l10n", "locales"];

/// The folders that English stands in.
const ENGLISH: [&str; 15] = [
    "en", "EN", "En", "en-US", "en-us", "en_US", "en_us", "EN-US", "EN_US", "en-GB", "en-gb", "en_GB", "en_gb",
    "english", "English",
];

/// The names of English behind that of a file.
const IN_ENGLISH: [&str; 6] = [".en", ".en-US", ".en_US", "-en", "_en", ".EN"];

/// Whether a path is a translation of another: the glob that names its folder or itself. `has_folder` and `holds` tell
/// whether the repository has a folder or file.
pub(super) fn translation(
    path: &str,
    has_folder: impl Fn(&str) -> bool,
    holds: impl Fn(&str) -> bool,
) -> Option<String> {
    let (folders, name) = path.rsplit_once('/').unwrap_or(("", path));
    let mut end = 0;
    for folder in folders.split('/') {
        let start = end;
        end += folder.len() + 1;
        let above = &path[..start];
        let stands_without = || holds(&format!("{above}{}", &path[end..]));
        let is_doubtful = DOUBTFUL.contains(&folder) && stands_without();
        if !is_foreign(folder) && !is_doubtful {
            continue;
        }
        let shelf = above.trim_end_matches('/').rsplit('/').next().unwrap_or("").to_ascii_lowercase();
        let in_english = || ENGLISH.iter().any(|english| has_folder(&format!("{above}{english}")));
        if SHELVES.contains(&shelf.as_str()) || in_english() || is_doubtful || stands_without() {
            return Some(format!("{}/**", super::escape_glob(&path[..end - 1])));
        }
    }
    let original = untranslated(name)?;
    let (stem, ending) = original.rsplit_once('.')?;
    let here = &path[..path.len() - name.len()];
    let is_there = holds(&format!("{here}{original}"))
        || IN_ENGLISH.iter().any(|english| holds(&format!("{here}{stem}{english}.{ending}")));
    is_there.then(|| super::escape_glob(path))
}

/// The name of the file that `spec.de.md`, `spec_pt-BR.md` or `spec-zh.md` would be a translation of.
fn untranslated(name: &str) -> Option<String> {
    let (stem, ending) = name.rsplit_once('.')?;
    if let Some((head, language)) = stem.rsplit_once('.') {
        return is_foreign(language).then(|| format!("{head}.{ending}"));
    }
    // behind a hyphen two letters may be a word, so that only what can hardly be one counts
    let sure = |language: &str| is_foreign(language) && (language.len() > 2 || SURE.contains(&language));
    let at = stem.match_indices(['-', '_']).map(|(at, _)| at).find(|&at| sure(&stem[at + 1..]))?;
    Some(format!("{}.{ending}", &stem[..at]))
}

/// What the name of a translated file says of its language, with its ending: `.de.md` of `spec.de.md`.
pub(super) fn tail(name: &str) -> Option<&str> {
    let original = untranslated(name)?;
    let (stem, _) = original.rsplit_once('.')?;
    name.get(stem.len()..)
}

/// Whether a name is the tag of a language other than English: `de`, `pt-BR`, `zh_Hans`.
fn is_foreign(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    let (language, region) = lower.split_once(['-', '_']).map_or((lower.as_str(), None), |(l, r)| (l, Some(r)));
    let is_region = |region: &str| (2..=4).contains(&region.len()) && region.bytes().all(|b| b.is_ascii_alphanumeric());
    let known = LANGUAGES.contains(&language) || (region.is_some() && language == "cs");
    known && language != "en" && region.is_none_or(is_region)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(path: &str, others: &[&str]) -> Option<String> {
        let has_folder = |folder: &str| others.iter().any(|other| other.starts_with(&format!("{folder}/")));
        translation(path, has_folder, |file| others.contains(&file))
    }

    #[test]
    fn a_translation_stands_beside_its_original() {
        let original = ["4.0/en/a.md", "spec/a.md", "spec.md"];
        assert_eq!(of("4.0/zh-cn/b.md", &original).as_deref(), Some("4.0/zh-cn/**"));
        assert_eq!(of("x/languages/he/b.md", &original).as_deref(), Some("x/languages/he/**"));
        assert_eq!(of("spec/de/a.md", &original).as_deref(), Some("spec/de/**"));
        assert_eq!(of("spec/cs/a.md", &original).as_deref(), Some("spec/cs/**"));
        assert_eq!(of("spec.zh-CN.md", &original).as_deref(), Some("spec.zh-CN.md"));
        assert_eq!(of("spec_pt-BR.md", &original).as_deref(), Some("spec_pt-BR.md"));
        assert_eq!(of("spec-zh.md", &original).as_deref(), Some("spec-zh.md"));
        assert_eq!(of("spec-de.md", &original).as_deref(), Some("spec-de.md"));
        for english in ["x.en.md", "x-en.md", "x.en-US.md"] {
            assert_eq!(of("x.de.md", &[english]).as_deref(), Some("x.de.md"), "{english}");
        }
        for english in ["a/en_US/b.md", "a/EN/b.md"] {
            assert_eq!(of("a/de_DE/b.md", &[english]).as_deref(), Some("a/de_DE/**"), "{english}");
        }
    }

    #[test]
    fn an_original_is_none() {
        let others = ["4.0/en/a.md", "spec/a.md", "spec.md", "de/a.md"];
        for path in [
            "4.0/en/a.md",
            "4.0/en-GB/a.md",
            "4.0/cs/b.md",
            "spec/cs/b.md",
            "de/b.md",
            "spec/de/b.md",
            "spec/go/a.md",
            "spec-id.md",
            "x.de.md",
        ] {
            assert_eq!(of(path, &others), None, "{path}");
        }
    }
}
