//! Author dates as git writes them, for commits that git told before.

use std::time::{SystemTime, UNIX_EPOCH};

use bstr::{BStr, BString, ByteSlice};

/// A form of dates (`--date`, git-log(1)) that is known here to the letter. Those that depend on the time zone of this
/// machine or on a pattern are git's alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DateForm {
    /// How long ago, in English.
    Relative,
    /// `iso-strict`.
    IsoStrict,
    /// `iso`.
    Iso,
    /// `short`.
    Short,
}

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

impl DateForm {
    /// The form that a value of `--date` names, if it is one of these. How long ago is told in the user's language, of
    /// which only one is known here.
    pub fn of(value: &str) -> Option<DateForm> {
        match value {
            "relative" => {
                (speaks_english() && std::env::var_os("GIT_TEST_DATE_NOW").is_none()).then_some(Self::Relative)
            }
            "iso-strict" | "iso8601-strict" => Some(Self::IsoStrict),
            "iso" | "iso8601" => Some(Self::Iso),
            "short" => Some(Self::Short),
            _ => None,
        }
    }

    /// A date as git writes it: `time` is in seconds since 1970, `strict` the same in strict ISO 8601.
    pub fn written(self, time: i64, strict: &BStr) -> BString {
        match self {
            Self::Relative => relative(now().saturating_sub(time)).into(),
            Self::IsoStrict => strict.to_owned(),
            Self::Short => strict.split(|&byte| byte == b'T').next().unwrap_or_default().into(),
            Self::Iso => iso(strict),
        }
    }
}

fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}

/// `2026-01-31T12:00:00+01:00` with spaces, and the zone without its colon; `Z` is `+0000`.
fn iso(strict: &BStr) -> BString {
    let Some((day, rest)) = strict.split_once_str("T") else { return strict.to_owned() };
    let (clock, zone) = rest.split_at(rest.len().min(8));
    let zone = if zone == b"Z" { b"+0000".to_vec() } else { zone.replace(":", "") };
    [day, b" ", clock, b" ", &zone].concat().into()
}

/// How long ago something was. The limits are git's, found by trying: seconds and minutes up to 90 of them, hours up to 36,
/// days up to 14, weeks up to 70 days, months up to a year, then both up to five years; each rounded to the nearest.
fn relative(seconds: i64) -> String {
    let Ok(seconds) = u64::try_from(seconds) else { return "in the future".to_owned() };
    let ago = |count: u64, unit: &str| format!("{} ago", counted(count, unit));
    if seconds < 90 {
        return ago(seconds, "second");
    }
    let minutes = (seconds + 30) / MINUTE;
    if minutes < 90 {
        return ago(minutes, "minute");
    }
    let hours = (minutes + 30) / (HOUR / MINUTE);
    if hours < 36 {
        return ago(hours, "hour");
    }
    let days = (hours + 12) / (DAY / HOUR);
    match days {
        0..14 => ago(days, "day"),
        14..70 => ago((days + 3) / 7, "week"),
        70..365 => ago((days + 15) / 30, "month"),
        365..1825 => {
            let months = (days * 24 + 365) / 730;
            match (months / 12, months % 12) {
                (years, 0) => ago(years, "year"),
                (years, months) => format!("{}, {}", counted(years, "year"), ago(months, "month")),
            }
        }
        _ => ago((days + 183) / 365, "year"),
    }
}

fn counted(count: u64, unit: &str) -> String {
    format!("{count} {unit}{}", if count == 1 { "" } else { "s" })
}

/// Whether git, whatever it is translated into, speaks English here (gettext(3)).
fn speaks_english() -> bool {
    let value = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let english =
        |value: &str| matches!(value, "C" | "POSIX") || ["C.", "en_US"].iter().any(|en| value.starts_with(en));
    let locale = ["LC_ALL", "LC_MESSAGES", "LANG"].into_iter().find_map(value);
    locale.is_none_or(|locale| english(&locale)) && value("LANGUAGE").is_none_or(|all| english(&all))
}

#[cfg(test)]
mod tests {
    use super::super::fixture::Fixture;
    use super::*;

    /// What git writes for authors of so many seconds ago, in a form.
    fn asked(ages: &[u64], form: &str, zone: &str) -> (Vec<i64>, Vec<String>, Vec<String>) {
        let fixture = Fixture::new();
        let now = now();
        let times: Vec<i64> = ages.iter().map(|&age| now - i64::try_from(age).unwrap()).collect();
        let mut input = String::new();
        for time in &times {
            input += &format!(
                "commit refs/heads/main\nauthor A <a@example.org> {time} {zone}\ncommitter A <a@example.org> 1700000000 +0000\ndata 1\nx\n"
            );
        }
        fixture.git_with(&["fast-import", "--quiet"], input.as_bytes());
        let list = |format: &str| -> Vec<String> {
            let args = ["log", "--reverse", &format!("--date={form}"), &format!("--format={format}"), "main"];
            fixture.git(&args).lines().map(str::to_owned).collect()
        };
        (times, list("%aI"), list("%ad"))
    }

    #[test]
    fn dates_are_written_as_git_writes_them() {
        // Around every limit, but for those that the seconds of this test might cross.
        let mut ages: Vec<u64> = vec![0, 20, 60, 80, 100, 5000, 5300, 5500];
        let hours = (1..40).map(|hour| hour * HOUR + 700).chain((1..40).map(|hour| hour * HOUR + 2500));
        ages.extend(hours);
        ages.extend((1..2600).map(|day| day * DAY + 3 * HOUR));
        ages.extend((1..80).map(|day| day * DAY + 14 * HOUR));
        ages.extend((1..200).map(|year| year * 91 * DAY + 5000));
        let (times, strict, git) = asked(&ages, "relative", "+0000");
        for ((time, strict), git) in times.iter().zip(&strict).zip(&git).filter(|(_, git)| !git.contains("second")) {
            assert_eq!(DateForm::Relative.written(*time, strict.as_str().into()), git.as_str());
        }
        for (form, ours) in [("iso", DateForm::Iso), ("iso-strict", DateForm::IsoStrict), ("short", DateForm::Short)] {
            for zone in ["+0000", "-0330", "+1400"] {
                let (times, strict, git) = asked(&[0, DAY, 4000 * DAY], form, zone);
                for ((time, strict), git) in times.iter().zip(&strict).zip(&git) {
                    assert_eq!(ours.written(*time, strict.as_str().into()), git.as_str(), "{form} {zone}");
                }
            }
        }
    }

    #[test]
    fn what_is_still_to_come_is_not_ago() {
        assert_eq!(relative(-1), "in the future");
        assert_eq!((relative(1), relative(2)), ("1 second ago".to_owned(), "2 seconds ago".to_owned()));
    }
}
