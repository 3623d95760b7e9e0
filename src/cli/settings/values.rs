//! Values of settings as people write them: durations, times, words of a closed set.

use std::fmt;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use serde::de;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use url::Url;

use bindery::archive::Captures;
use bindery::export::Layout;
use bindery::frontmatter::{Bullets, Engine, Flavour, Headings, ProfileName};
use bindery::model::Timestamp;

use crate::cli::error::CliError;

/// A kind of value that has a notation of its own.
pub trait Notation: Sized {
    /// What a value is, for messages: `a duration such as 30s`.
    const FORM: &'static str;

    /// Parses a value; None for text that is not one.
    fn parse(text: &str) -> Option<Self>;
}

impl Notation for Duration {
    const FORM: &'static str = "a duration such as 30s, 500ms or 2m";

    fn parse(text: &str) -> Option<Self> {
        duration(text)
    }
}

/// Parses `30s`, `500ms`, `2m`, `1h`, `1d` and `0`; None for anything else.
pub fn duration(text: &str) -> Option<Duration> {
    let text = text.trim();
    if text == "0" {
        return Some(Duration::ZERO);
    }
    let digits = text.find(|c: char| !c.is_ascii_digit() && c != '.')?;
    let number: f64 = text[..digits].parse().ok()?;
    let unit = match text[digits..].trim() {
        "ms" => 0.001,
        "s" => 1.0,
        "m" | "min" => 60.0,
        "h" => 3600.0,
        "d" => 86_400.0,
        _ => return None,
    };
    Duration::try_from_secs_f64(number * unit).ok()
}

/// A point in time: itself, or a time back from now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// At this instant.
    At(Timestamp),
    /// This long ago.
    Ago(Duration),
}

impl When {
    /// Returns the instant; None when it lies before the calendar begins.
    pub fn instant(self, now: Timestamp) -> Option<Timestamp> {
        match self {
            Self::At(instant) => Some(instant),
            Self::Ago(back) => {
                let back = i64::try_from(back.as_secs()).ok()?;
                now.as_second().checked_sub(back).and_then(Timestamp::from_second)
            }
        }
    }
}

impl Notation for When {
    const FORM: &'static str = "a time such as 2026-11-01, 2026-11-01T08:00:00Z, 7d or 12h";

    fn parse(text: &str) -> Option<Self> {
        if let Some(back) = duration(text) {
            return Some(Self::Ago(back));
        }
        let instant = if text.len() == 10 { format!("{text}T00:00:00Z") } else { text.to_owned() };
        instant.parse().ok().map(Self::At)
    }
}

/// A closed set of values, each with a word.
pub trait Words: Copy + FromStr<Err: fmt::Display> + Send + Sync + 'static {
    /// Returns every word.
    fn words() -> Vec<&'static str>;

    /// Returns the word of a value.
    fn word(self) -> &'static str;
}

macro_rules! words {
    ($($set:ty),+) => { $(
        impl Words for $set {
            fn words() -> Vec<&'static str> {
                Self::ALL.iter().map(|value| value.as_str()).collect()
            }

            fn word(self) -> &'static str {
                self.as_str()
            }
        }
    )+ };
}

words!(ProfileName, Engine, Flavour, Headings, Bullets, Captures, Layout);
#[cfg(feature = "net")]
words!(bindery::crawl::Within);

/// A value of a closed set, read and written as its word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Word<T>(pub T);

impl<T: Words> Serialize for Word<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0.word())
    }
}

impl<'de, T: Words> Deserialize<'de> for Word<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map(Self).map_err(|_| {
            de::Error::custom(format_args!("invalid value `{}`, expected one of {}", text, T::words().join(", ")))
        })
    }
}

/// Returns a parser for flags: help, completions and messages then list the words.
pub fn word<T: Words>() -> impl TypedValueParser<Value = Word<T>> {
    PossibleValuesParser::new(T::words())
        .try_map(|text| text.parse::<T>().map(Word).map_err(|error| Unknown(error.to_string())))
}

/// A word that is not in its set.
#[derive(Debug)]
struct Unknown(String);

impl fmt::Display for Unknown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Unknown {}

/// Returns the path that a file: URL names; any other text is a path itself.
pub fn local_path(text: &str) -> PathBuf {
    let url = Url::parse(text).ok().filter(|url| url.scheme() == "file");
    url.and_then(|url| url.to_file_path().ok()).unwrap_or_else(|| text.into())
}

/// Returns the URL that a text without a scheme was probably meant to be: one of a domain, an address or localhost.
fn meant_url(text: &str) -> Option<Url> {
    /// Endings that are more often those of files than of domains.
    const FILES: [&str; 40] = [
        "html", "htm", "xhtml", "shtml", "mhtml", "mht", "md", "txt", "zip", "gz", "tar", "zst", "xml", "rss", "atom",
        "opml", "json", "jsonl", "csv", "toml", "yaml", "yml", "warc", "wacz", "epub", "enex", "pdf", "png", "jpg",
        "jpeg", "gif", "svg", "mov", "py", "rs", "sh", "pl", "ps", "doc", "docx",
    ];
    let host = text.split(['/', '?', '#']).next().unwrap_or_default();
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    let (before, ending) = name.rsplit_once('.').unwrap_or_default();
    let is_local = name == "localhost" || name.parse::<std::net::Ipv4Addr>().is_ok();
    let is_word = ending.chars().count() > 1 && ending.chars().all(char::is_alphabetic);
    let is_domain = is_word && !(host == text && FILES.contains(&ending));
    if text.contains(char::is_whitespace) || !(is_local || is_domain && !before.is_empty()) {
        return None;
    }
    Url::parse(&format!("{}://{text}", if is_local { "http" } else { "https" })).ok()
}

/// Returns the end of a message about a text that is not a URL: what was probably meant, or nothing.
pub fn did_you_mean(text: &str) -> String {
    meant_url(text).map(|url| format!("; did you mean {}://{text}?", url.scheme())).unwrap_or_default()
}

/// Parses a number that a flag names.
///
/// # Errors
/// It is not a number of at least 1.
pub fn positive(text: &str) -> Result<NonZeroUsize, String> {
    text.parse().map_err(|_| "expected a number of at least 1".to_owned())
}

/// Parses a whole number.
///
/// # Errors
/// It is not one, or is too large.
pub fn whole<N: FromStr>(text: &str) -> Result<N, String> {
    text.parse().map_err(|_| "expected a whole number, 0 or more".to_owned())
}

/// Parses a web URL that a flag names.
///
/// # Errors
/// It is not one.
pub fn web_url(text: &str) -> Result<Url, CliError> {
    match Url::parse(text) {
        Ok(url) if matches!(url.scheme(), "http" | "https") => Ok(url),
        _ if meant_url(text).is_some() => {
            Err(CliError::usage(format!("`{text}` is not a web URL{}", did_you_mean(text))))
        }
        Ok(url) => Err(CliError::usage(format!(
            "`{text}` is a {}: URL; give one that begins with http:// or https://",
            url.scheme()
        ))),
        Err(error) => Err(CliError::usage(format!(
            "`{text}` is not a web URL ({error}); give one such as https://example.org/page"
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_need_a_unit_except_zero() {
        assert_eq!(duration("1.5m"), Some(Duration::from_secs(90)));
        assert_eq!(duration("0"), Some(Duration::ZERO));
        assert!(duration("5").is_none() && duration("s").is_none() && duration("-1s").is_none());
    }

    #[test]
    fn a_url_without_its_scheme_is_recognised() {
        let meant = |text: &str| did_you_mean(text);
        assert_eq!(meant("example.org/page"), "; did you mean https://example.org/page?");
        assert_eq!(meant("例子.cn/一?a=b#c"), "; did you mean https://例子.cn/一?a=b#c?");
        assert_eq!(meant("www.example.test"), "; did you mean https://www.example.test?");
        assert_eq!(meant("localhost:8080/x"), "; did you mean http://localhost:8080/x?");
        for text in ["没有这个文件.html", "page.html", "notes.md", "some words", "a/b.org", "没有", "v1.2", ""]
        {
            assert_eq!(meant(text), "", "{text}");
        }
    }

    #[test]
    fn times_are_dates_instants_or_a_time_back_from_now() {
        let now: Timestamp = "2026-11-24T12:00:00Z".parse().unwrap();
        let at = |text: &str| When::parse(text).and_then(|when| when.instant(now)).map(|instant| instant.to_string());
        assert_eq!(at("2026-11-01").as_deref(), Some("2026-11-01T00:00:00Z"));
        assert_eq!(at("7d").as_deref(), Some("2026-11-17T12:00:00Z"));
        assert_eq!(at("12h").as_deref(), Some("2026-11-24T00:00:00Z"));
        assert!(at("yesterday").is_none() && at("2026-13-01").is_none());
    }
}
