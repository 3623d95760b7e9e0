//! `[[source]]` of `bindery.toml`: what is visited, when, and with which settings.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use toml::{Table, Value};
use url::Url;

use bindery::export::Layout;
use bindery::schedule::Schedule;

use crate::cli::error::CliError;

use super::file::{Entry, File, nearest};
use super::known::Known;
use super::values::{Word, duration};

/// The keys of [`Plan`]; every other key of a source is a setting.
const PLAN: [&str; 7] = ["name", "seeds", "schedule", "every", "time-zone", "jitter", EXPORT];

/// The key of [`Export`].
const EXPORT: &str = "export";

/// One source.
#[derive(Debug, Clone)]
pub struct Source {
    pub name: String,
    pub seeds: Vec<String>,
    /// When it is due; None for a source that is visited only when it is named.
    pub schedule: Option<Schedule>,
    /// Where its articles are exported to after each snapshot; None for nowhere.
    pub export: Option<Export>,
    /// Its own settings.
    pub settings: Table,
    /// The file that declares it.
    pub file: std::path::PathBuf,
}

/// An export after each snapshot.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Export {
    pub profile: Word<Layout>,
    /// The root of the site or vault.
    pub output: PathBuf,
    /// Whether the folder may have other files.
    #[serde(default)]
    pub into: bool,
    /// Whether texts are removed whose articles the archive no longer has.
    #[serde(default)]
    pub prune: bool,
    /// Whether each text ends with a list of the articles that link to it.
    #[serde(default)]
    pub backlinks: bool,
    /// The title of a site for browsers.
    #[serde(default)]
    pub site_title: Option<String>,
    /// Where a site for browsers will be.
    #[serde(default)]
    pub site_url: Option<Url>,
}

/// The keys of a source that are not settings.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Plan {
    #[serde(default)]
    name: String,
    #[serde(default)]
    seeds: Vec<String>,
    /// A cron expression.
    schedule: Option<String>,
    /// `6h`: this long after each visit.
    every: Option<String>,
    /// The time zone of `schedule`, an IANA name.
    time_zone: Option<String>,
    jitter: Option<String>,
}

/// Returns the sources of a file.
///
/// # Errors
/// A key or a value is invalid, or two sources have one name.
pub fn read(file: &File<'_>, known: &Known, tables: Vec<Vec<Entry>>) -> Result<Vec<Source>, CliError> {
    let mut sources: Vec<Source> = Vec::new();
    for table in tables {
        let source = source(file, known, table)?;
        if sources.iter().any(|other| other.name == source.name) {
            return Err(wrong(file.path, &source.name, "two sources have this name; give each its own"));
        }
        sources.push(source);
    }
    Ok(sources)
}

fn wrong(path: &Path, name: &str, what: &str) -> CliError {
    CliError::usage(format!("{}, source `{name}`: {what}", path.display()))
}

fn source(file: &File<'_>, known: &Known, entries: Vec<Entry>) -> Result<Source, CliError> {
    let (mut own, mut settings) = (Table::new(), Table::new());
    let mut export = None;
    for entry in entries {
        if entry.key == EXPORT {
            export = Some(self::export(file, &entry)?);
        } else if PLAN.contains(&entry.key.as_str()) {
            check(file, &entry)?;
            own.insert(entry.key, entry.value);
        } else if entry.key != "archive" && known.get(&entry.key).is_some() {
            let (setting, value) = file.setting(known, entry)?;
            settings.insert(setting.key.clone(), value);
        } else {
            return Err(unknown(file, known, &entry));
        }
    }
    let plan: Plan = own.try_into().map_err(|error: toml::de::Error| wrong(file.path, "", error.message()))?;
    if plan.name.trim().is_empty() || plan.seeds.is_empty() {
        return Err(wrong(file.path, &plan.name, "it needs a name and at least one seed"));
    }
    let schedule = plan.schedule().map_err(|why| wrong(file.path, &plan.name, &why))?;
    let seeds = plan.seeds.into_iter().map(|seed| file.home_expanded(seed)).collect();
    Ok(Source { name: plan.name, seeds, schedule, export, settings, file: file.path.to_owned() })
}

/// Returns the export of a source, `~` expanded.
fn export(file: &File<'_>, entry: &Entry) -> Result<Export, CliError> {
    let form = "expected a table such as { profile = \"hexo\", output = \"blog\" }";
    let wrong = |why: &str| file.wrong_value(entry, &format!("`{EXPORT}`: {why}"));
    let Value::Table(table) = &entry.value else { return Err(wrong(form)) };
    let mut export: Export =
        table.clone().try_into().map_err(|error: toml::de::Error| wrong(&format!("{}; {form}", error.message())))?;
    if export.output.as_os_str().is_empty() {
        return Err(wrong("`output` is empty; name the root of the site or vault"));
    }
    if export.profile.0 != Layout::Html && (export.site_title.is_some() || export.site_url.is_some()) {
        return Err(wrong("`site-title` and `site-url` are for the profile `html`"));
    }
    export.output = file.home_expanded(export.output.to_string_lossy().into_owned()).into();
    Ok(export)
}

fn unknown(file: &File<'_>, known: &Known, entry: &Entry) -> CliError {
    let settings = known.settings.iter().map(|setting| setting.key.as_str()).filter(|key| *key != "archive");
    let hint = match nearest(&entry.key, PLAN.into_iter().chain(settings)) {
        Some(key) => format!("did you mean `{key}`?"),
        None => "`bindery config` lists all settings".to_owned(),
    };
    file.wrong_key(entry, &format!("unknown key `{}` in a source; {hint}", entry.key))
}

/// Checks a key that only sources have, so that the error names its place.
fn check(file: &File<'_>, entry: &Entry) -> Result<(), CliError> {
    let fits = match (&entry.value, entry.key.as_str()) {
        (Value::Array(list), "seeds") => list.iter().all(Value::is_str),
        (Value::String(_), key) => key != "seeds",
        _ => false,
    };
    let form = if entry.key == "seeds" { "a list of texts" } else { "a text" };
    if fits { Ok(()) } else { Err(file.wrong_value(entry, &format!("`{}`: expected {form}", entry.key))) }
}

impl Plan {
    fn schedule(&self) -> Result<Option<Schedule>, String> {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Vec<Source>, CliError> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("bindery.toml");
        std::fs::write(&path, text).unwrap();
        let file = File::read(&path, Some("/home/me".into()))?;
        let (_, tables) = file.entries()?;
        read(&file, &Known::new(), tables)
    }

    fn refusal(text: &str) -> String {
        parse(text).unwrap_err().to_string()
    }

    #[test]
    fn a_source_has_a_schedule_and_settings_of_its_own() {
        let text = "[[source]]\nname = \"观察\"\nseeds = [\"https://a.test/rss\", \"~/list.txt\"]\nschedule = \"0 8 * * *\"\n\
            time-zone = \"Asia/Shanghai\"\njitter = \"10m\"\nper-host = 2\ncookie-file = \"~/cookies.txt\"\n\n\
            [[source]]\nname = \"b\"\nseeds = [\"https://b.test/\"]\n";
        let sources = parse(text).unwrap();
        assert!(sources[0].schedule.is_some() && sources[1].schedule.is_none());
        assert_eq!(sources[0].settings["per-host"].as_integer(), Some(2));
        assert_eq!(sources[0].settings["cookie-file"].as_str(), Some("/home/me/cookies.txt"));
        assert_eq!(sources[0].seeds[1], "/home/me/list.txt");
        assert!(sources[1].settings.is_empty() && sources[1].export.is_none());
        let text = "[[source]]\nname = \"a\"\nseeds = [\"https://a.test/\"]\nexport = { profile = \"hexo\", output = \"~/博客\", into = true }\n";
        let export = parse(text).unwrap().remove(0).export.unwrap();
        assert_eq!(
            (export.profile.0, export.output, export.into, export.prune),
            (Layout::Hexo, "/home/me/博客".into(), true, false)
        );
    }

    #[test]
    fn an_unknown_key_is_named_with_its_place_and_a_suggestion() {
        let text = "# 来源\n[[source]]\nname = \"a\"\nseeds = [\"https://a.test/\"]\nshedule = \"0 8 * * *\"\n";
        let message = refusal(text);
        assert!(
            message.ends_with(
                "bindery.toml, line 5, column 1: unknown key `shedule` in a source; did you mean `schedule`?"
            ),
            "{message}"
        );
    }

    #[test]
    fn an_invalid_value_is_named_with_its_source_or_place() {
        let source = |more: &str| format!("[[source]]\nname = \"a\"\nseeds = [\"https://a.test/\"]\n{more}\n");
        assert!(refusal(&source("schedule = \"often\"")).contains("source `a`: "));
        assert!(refusal(&source("every = \"10s\"")).contains("minute"));
        assert!(refusal(&source("every = \"6h\"\nschedule = \"0 8 * * *\"")).contains("both"));
        assert!(refusal(&source("every = 6")).contains("line 4, column 9: `every`: expected a text"));
        assert!(refusal(&source("per-host = 0")).contains("line 4, column 12"));
        assert!(refusal(&source("archive = \"x\"")).contains("unknown key `archive`"));
        assert!(refusal("[[source]]\nname = \"a\"").contains("at least one seed"));
        assert!(refusal(&source("export = \"blog\"")).contains("line 4, column 10: `export`: expected a table"));
        let message = refusal(&source("export = { profile = \"jekill\", output = \"blog\" }"));
        assert!(message.contains("invalid value `jekill`, expected one of hexo, hugo"), "{message}");
        assert!(refusal(&source("export = { profile = \"hexo\" }")).contains("output"));
        let message = refusal(&source("export = { profile = \"hexo\", output = \"blog\", force = true }"));
        assert!(message.contains("force"), "{message}");
        assert!(refusal("source = 1").contains("[[source]]"));
        assert!(refusal(&[source(""), source("")].concat()).contains("two sources"));
    }
}
