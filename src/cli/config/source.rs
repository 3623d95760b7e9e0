//! `[[source]]` of `bindery.toml`: what is visited, and when.

use std::num::NonZeroUsize;
use std::path::Path;

use serde::Deserialize;

use bindery::schedule::Schedule;

use crate::cli::error::CliError;

use super::{duration, nearest, position};

/// One source as it is written.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Source {
    pub name: String,
    pub seeds: Vec<String>,
    /// A cron pattern.
    pub schedule: Option<String>,
    /// `6h`: so long after each visit.
    pub every: Option<String>,
    /// The zone of `schedule`, an IANA name.
    pub time_zone: Option<String>,
    pub jitter: Option<String>,
    pub depth: Option<u32>,
    pub within: Option<String>,
    #[serde(default)]
    pub include: Vec<String>,
    #[serde(default)]
    pub exclude: Vec<String>,
    pub max_pages: Option<u64>,
    pub max_bytes: Option<String>,
    pub since: Option<String>,
    #[serde(default)]
    pub feeds: bool,
    pub profile: Option<String>,
    pub categories: Option<Vec<String>>,
    pub image_base: Option<String>,
    pub captures: Option<String>,
    pub delay: Option<String>,
    /// Requests to one host at a time.
    pub per_host: Option<NonZeroUsize>,
    pub user_agent: Option<String>,
    #[serde(default)]
    pub header: Vec<String>,
    pub cookie_file: Option<String>,
    pub proxy: Option<String>,
}

/// The file as far as its sources go.
#[derive(Debug, Deserialize)]
struct Sources {
    #[serde(default)]
    source: Vec<Source>,
}

/// The sources of a file whose text is sound TOML.
pub fn read(text: &str, path: &Path) -> Result<Vec<Source>, CliError> {
    let shown = path.display();
    let sources: Sources = toml::from_str(text).map_err(|error: toml::de::Error| {
        let at = error.span().map_or(String::new(), |span| position(text, span.start));
        CliError::usage(format!("{shown}{at}: {}", said(error.message())))
    })?;
    let mut names = std::collections::BTreeSet::new();
    for source in &sources.source {
        let wrong = |what: String| CliError::usage(format!("{shown}, source `{}`: {what}", source.name));
        if source.name.trim().is_empty() || source.seeds.is_empty() {
            return Err(wrong("it needs a name and at least one seed".to_owned()));
        }
        if !names.insert(&source.name) {
            return Err(wrong("two sources have this name; give each its own".to_owned()));
        }
        source.when().map_err(wrong)?;
    }
    Ok(sources.source)
}

impl Source {
    /// When it is due; None for a source that is visited only when it is named.
    pub fn when(&self) -> Result<Option<Schedule>, String> {
        let span =
            |text: &String| duration(text).ok_or_else(|| format!("`{text}` is not a duration such as 30m, 6h or 1d"));
        let jitter = self.jitter.as_ref().map(span).transpose()?.unwrap_or_default();
        match (&self.schedule, &self.every) {
            (Some(_), Some(_)) => Err("it has both `schedule` and `every`; keep one".to_owned()),
            (Some(pattern), None) => {
                let zone = self.time_zone.as_deref().unwrap_or("UTC");
                Schedule::cron(pattern, zone, jitter, &self.name).map(Some).map_err(|error| error.to_string())
            }
            (None, Some(every)) => {
                Schedule::every(span(every)?, jitter, &self.name).map(Some).map_err(|error| error.to_string())
            }
            (None, None) => Ok(None),
        }
    }
}

/// ``unknown field `shedule`, expected one of `name`, …`` with the one that was meant, instead of all of them.
fn said(message: &str) -> String {
    let mut quoted = message.split('`').skip(1).step_by(2);
    match (message.starts_with("unknown field"), quoted.next()) {
        (true, Some(unknown)) => match nearest(unknown, quoted) {
            Some(known) => format!("a source has no `{unknown}`; did you mean `{known}`?"),
            None => format!("a source has no `{unknown}`; the readme lists what it can have"),
        },
        _ => message.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(text: &str) -> String {
        read(text, Path::new("bindery.toml")).unwrap_err().to_string()
    }

    #[test]
    fn a_source_is_read_with_its_schedule() {
        let text = "[[source]]\nname = \"观察\"\nseeds = [\"https://a.test/rss\"]\nschedule = \"0 8 * * *\"\n\
            time-zone = \"Asia/Shanghai\"\njitter = \"10m\"\nper-host = 2\n\n[[source]]\nname = \"b\"\nseeds = [\"https://b.test/\"]\n";
        let sources = read(text, Path::new("bindery.toml")).unwrap();
        assert_eq!(sources.len(), 2);
        assert!(sources[0].when().unwrap().is_some() && sources[1].when().unwrap().is_none());
        assert_eq!(
            sources.iter().map(|source| source.per_host.map(NonZeroUsize::get)).collect::<Vec<_>>(),
            [Some(2), None]
        );
    }

    #[test]
    fn a_typo_has_a_place_and_a_suggestion() {
        let text = "# 来源\n[[source]]\nname = \"a\"\nseeds = [\"https://a.test/\"]\nshedule = \"0 8 * * *\"\n";
        assert_eq!(
            refusal(text),
            "bindery.toml, line 5, column 1: a source has no `shedule`; did you mean `schedule`?"
        );
    }

    #[test]
    fn what_cannot_be_is_refused_with_the_sources_name() {
        let source = |more: &str| format!("[[source]]\nname = \"a\"\nseeds = [\"https://a.test/\"]\n{more}\n");
        assert!(refusal(&source("schedule = \"often\"")).contains("source `a`: invalid cron expression `often`"));
        assert!(refusal(&source("every = \"10s\"")).contains("the minimum interval is one minute"));
        assert!(refusal(&source("every = \"6h\"\nschedule = \"0 8 * * *\"")).contains("both"));
        assert!(refusal(&source("every = 6")).contains("line 4, column 9"));
        assert!(refusal(&source("per-host = 0")).contains("line 4, column 12"));
        assert!(refusal("[[source]]\nname = \"a\"").contains("seeds"));
        assert!(refusal(&[source(""), source("")].concat()).contains("two sources"));
    }
}
