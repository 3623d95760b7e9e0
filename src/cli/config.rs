//! Settings in layers: default, user file, `bindery.toml`, environment, flag; the last one that speaks decides.

#[cfg(all(feature = "net", feature = "store"))]
mod source;

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use toml::Value;

use super::error::CliError;

#[cfg(all(feature = "net", feature = "store"))]
pub use source::Source;

/// A setting's place in every layer: its key in files, its default, what it is for.
struct Setting {
    key: &'static str,
    default: fn() -> Option<Value>,
    form: Form,
}

#[derive(Debug, Clone, Copy)]
enum Form {
    Text,
    Whole,
    Switch,
    List,
    Duration,
}

/// Every setting, in the order in which `bindery config` shows them.
const SETTINGS: [Setting; 20] = [
    Setting { key: "archive", default: || Some("bindery-archive".into()), form: Form::Text },
    Setting { key: "profile", default: || Some("default".into()), form: Form::Text },
    Setting { key: "template", default: || None, form: Form::Text },
    Setting { key: "categories", default: || Some(Value::Array(Vec::new())), form: Form::List },
    Setting { key: "image-base", default: || None, form: Form::Text },
    Setting { key: "captures", default: || Some("changed".into()), form: Form::Text },
    Setting { key: "comments", default: || Some(false.into()), form: Form::Switch },
    Setting { key: "engine", default: || Some("bindery".into()), form: Form::Text },
    Setting { key: "markdown", default: || Some("gfm".into()), form: Form::Text },
    Setting { key: "heading-style", default: || Some("atx".into()), form: Form::Text },
    Setting { key: "list-marker", default: || Some("-".into()), form: Form::Text },
    Setting { key: "no-html", default: || Some(false.into()), form: Form::Switch },
    Setting { key: "no-check", default: || Some(false.into()), form: Form::Switch },
    Setting { key: "timeout", default: || Some("120s".into()), form: Form::Duration },
    Setting { key: "delay", default: || Some("0s".into()), form: Form::Duration },
    Setting { key: "retries", default: || Some(3.into()), form: Form::Whole },
    Setting {
        key: "user-agent",
        default: || Some(concat!("bindery/", env!("CARGO_PKG_VERSION")).into()),
        form: Form::Text,
    },
    Setting { key: "header", default: || Some(Value::Array(Vec::new())), form: Form::List },
    Setting { key: "allow-private", default: || Some(false.into()), form: Form::Switch },
    Setting { key: "respect-robots", default: || Some(false.into()), form: Form::Switch },
];

/// The table of sources, which is no setting.
const SOURCE: &str = "source";

/// Where a value came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    Default,
    File(PathBuf),
    Environment(String),
    Flag(String),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File(path) => write!(f, "{}", path.display()),
            Self::Environment(name) => f.write_str(name),
            Self::Flag(name) => f.write_str(name),
        }
    }
}

/// Flags that were given, by the setting's key.
pub type Flags = BTreeMap<&'static str, Value>;

/// What the layers are read from.
pub struct Surroundings {
    /// `BINDERY_*` and what tells where the user's file is.
    pub environment: BTreeMap<String, String>,
    /// The working folder.
    pub folder: PathBuf,
}

/// Every setting's value and origin.
#[derive(Debug)]
pub struct Settings {
    values: BTreeMap<&'static str, (Value, Origin)>,
    /// `[[source]]` of the files, those of the last file that has any.
    #[cfg(all(feature = "net", feature = "store"))]
    sources: Vec<Source>,
}

impl Settings {
    /// Reads every layer. `file` replaces the search for `bindery.toml`.
    pub fn load(flags: Flags, file: Option<&Path>, around: &Surroundings) -> Result<Self, CliError> {
        let mut settings = Self {
            values: BTreeMap::new(),
            #[cfg(all(feature = "net", feature = "store"))]
            sources: Vec::new(),
        };
        for setting in &SETTINGS {
            if let Some(value) = (setting.default)() {
                settings.values.insert(setting.key, (value, Origin::Default));
            }
        }
        if let Some(path) = user_file(around).filter(|path| path.is_file()) {
            settings.take_file(&path)?;
        }
        let environment = from_environment(around)?;
        match file {
            Some(path) => settings.take_file(path)?,
            None => {
                // The archive's own file is found by what flag and environment say about the archive.
                let said = flags.get("archive").or(environment.get("archive").map(|(value, _)| value));
                let archive =
                    said.and_then(Value::as_str).map_or_else(|| settings.text("archive"), |text| Some(text.to_owned()));
                let candidates = [around.folder.join(archive.unwrap_or_default()), around.folder.clone()];
                if let Some(path) =
                    candidates.iter().map(|folder| folder.join("bindery.toml")).find(|path| path.is_file())
                {
                    settings.take_file(&path)?;
                }
            }
        }
        settings.values.extend(environment);
        for (key, value) in flags {
            settings.values.insert(key, (value, Origin::Flag(format!("--{key}"))));
        }
        Ok(settings)
    }

    fn take_file(&mut self, path: &Path) -> Result<(), CliError> {
        let shown = path.display();
        let text = std::fs::read_to_string(path)
            .map_err(|error| CliError::usage(format!("{shown} cannot be read: {error}")))?;
        let table: toml::Table = text.parse().map_err(|error: toml::de::Error| {
            let at = error.span().map_or(String::new(), |span| position(&text, span.start));
            CliError::usage(format!("{shown}{at}: {}", error.message()))
        })?;
        #[cfg(all(feature = "net", feature = "store"))]
        if table.contains_key(SOURCE) {
            self.sources = source::read(&text, path)?;
        }
        for (key, value) in table.into_iter().filter(|(key, _)| key != SOURCE) {
            let Some(setting) = SETTINGS.iter().find(|setting| setting.key == key) else {
                let at = text.find(&key).map_or(String::new(), |start| position(&text, start));
                return Err(CliError::usage(format!("{shown}{at}: there is no setting `{key}`{}", suggestion(&key))));
            };
            let value = check(setting, value).map_err(|wanted| {
                let at = text.find(&key).map_or(String::new(), |start| position(&text, start));
                CliError::usage(format!("{shown}{at}: `{key}` must be {wanted}"))
            })?;
            self.values.insert(setting.key, (value, Origin::File(path.to_owned())));
        }
        Ok(())
    }

    /// The sources that snapshots are taken of.
    #[cfg(all(feature = "net", feature = "store"))]
    pub fn sources(&self) -> &[Source] {
        &self.sources
    }

    /// Each key with its value as TOML and its origin; None for what is not set.
    pub fn rows(&self) -> impl Iterator<Item = (&'static str, Option<&(Value, Origin)>)> {
        SETTINGS.iter().map(|setting| (setting.key, self.values.get(setting.key)))
    }

    /// A text; None when not set.
    pub fn text(&self, key: &str) -> Option<String> {
        self.values.get(key).and_then(|(value, _)| value.as_str()).map(str::to_owned)
    }

    /// Whether nobody has said anything about it.
    #[cfg_attr(not(feature = "net"), expect(dead_code, reason = "only crawls ask"))]
    pub fn is_default(&self, key: &str) -> bool {
        self.values.get(key).is_none_or(|(_, origin)| *origin == Origin::Default)
    }

    /// A list; empty when not set.
    pub fn list(&self, key: &str) -> Vec<String> {
        let list = self.values.get(key).and_then(|(value, _)| value.as_array());
        list.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
    }

    /// A switch; off when not set.
    pub fn switch(&self, key: &str) -> bool {
        self.values.get(key).and_then(|(value, _)| value.as_bool()).unwrap_or_default()
    }

    /// A whole number; 0 when not set.
    #[cfg_attr(not(feature = "net"), expect(dead_code, reason = "only network settings are numbers"))]
    pub fn whole(&self, key: &str) -> u32 {
        let value = self.values.get(key).and_then(|(value, _)| value.as_integer());
        value.and_then(|value| u32::try_from(value).ok()).unwrap_or_default()
    }

    /// A duration; an error naming the setting's origin when it is none.
    #[cfg_attr(not(feature = "net"), expect(dead_code, reason = "only network settings are durations"))]
    pub fn duration(&self, key: &str) -> Result<Duration, CliError> {
        let Some((value, origin)) = self.values.get(key) else { return Ok(Duration::ZERO) };
        let text = value.as_str().unwrap_or_default();
        duration(text)
            .ok_or_else(|| CliError::usage(format!("{origin}: `{text}` is not a duration such as 30s, 500ms or 2m")))
    }
}

/// `30s`, `500ms`, `2m`, `1h`, `1d`; None for anything else.
pub fn duration(text: &str) -> Option<Duration> {
    let text = text.trim();
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

fn check(setting: &Setting, value: Value) -> Result<Value, &'static str> {
    let fits = match setting.form {
        Form::Text => value.is_str(),
        Form::Whole => value.as_integer().is_some_and(|number| u32::try_from(number).is_ok()),
        Form::Switch => value.is_bool(),
        Form::List => value.as_array().is_some_and(|list| list.iter().all(Value::is_str)),
        Form::Duration => value.as_str().is_some_and(|text| duration(text).is_some()),
    };
    if fits { Ok(value) } else { Err(wanted(setting.form)) }
}

fn wanted(form: Form) -> &'static str {
    match form {
        Form::Text => "a text",
        Form::Whole => "a whole number, 0 or more",
        Form::Switch => "true or false",
        Form::List => "a list of texts",
        Form::Duration => "a duration such as \"30s\" or \"500ms\"",
    }
}

fn from_environment(around: &Surroundings) -> Result<BTreeMap<&'static str, (Value, Origin)>, CliError> {
    let mut found = BTreeMap::new();
    for setting in &SETTINGS {
        let name = format!("BINDERY_{}", setting.key.to_ascii_uppercase().replace('-', "_"));
        let Some(text) = around.environment.get(&name).filter(|text| !text.is_empty()) else { continue };
        let value = match setting.form {
            Form::Text | Form::Duration => Value::from(text.as_str()),
            Form::Whole => text.parse::<i64>().map_or_else(|_| Value::from(text.as_str()), Value::from),
            Form::Switch => match text.as_str() {
                "1" | "true" | "yes" => Value::from(true),
                "0" | "false" | "no" => Value::from(false),
                other => Value::from(other),
            },
            Form::List => Value::from(text.split(',').map(str::trim).collect::<Vec<_>>()),
        };
        let value = check(setting, value)
            .map_err(|wanted| CliError::usage(format!("{name} must be {wanted}, not `{text}`")))?;
        found.insert(setting.key, (value, Origin::Environment(name)));
    }
    Ok(found)
}

fn user_file(around: &Surroundings) -> Option<PathBuf> {
    let set = |name: &str| around.environment.get(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let folder = set("XDG_CONFIG_HOME").or_else(|| set("HOME").map(|home| home.join(".config")))?;
    Some(folder.join("bindery").join("config.toml"))
}

fn position(text: &str, at: usize) -> String {
    let before = text.get(..at).unwrap_or_default();
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    format!(", line {line}, column {column}")
}

fn suggestion(key: &str) -> String {
    match nearest(key, SETTINGS.iter().map(|setting| setting.key).chain([SOURCE])) {
        Some(known) => format!("; did you mean `{known}`?"),
        None => "; `bindery config` lists them".to_owned(),
    }
}

/// The word that was meant by another; None when none is near.
fn nearest<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    known
        .map(|known| (distance(known, word), known))
        .min()
        .filter(|(distance, _)| *distance <= 3)
        .map(|(_, known)| known)
}

/// Levenshtein distance.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().take(64).collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let substituted = diagonal + usize::from(x != *y);
            diagonal = row[j + 1];
            row[j + 1] = substituted.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn around(folder: &Path, environment: &[(&str, &str)]) -> Surroundings {
        let environment = environment.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        Surroundings { environment, folder: folder.to_owned() }
    }

    #[test]
    fn a_flag_beats_the_environment_beats_the_file_beats_the_default() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("bindery.toml"), "profile = \"hexo\"\nretries = 1\nuser-agent = \"x\"\n")
            .unwrap();
        let environment = around(dir.path(), &[("BINDERY_RETRIES", "2"), ("BINDERY_USER_AGENT", "y")]);
        let flags = Flags::from([("user-agent", "z".into())]);
        let settings = Settings::load(flags, None, &environment).unwrap();
        assert_eq!(settings.text("profile").as_deref(), Some("hexo"));
        assert_eq!(settings.whole("retries"), 2);
        assert_eq!(settings.text("user-agent").as_deref(), Some("z"));
        assert_eq!(settings.duration("timeout").unwrap(), Duration::from_secs(120));
        let (_, origin) = settings.values.get("user-agent").unwrap();
        assert_eq!(origin.to_string(), "--user-agent");
    }

    #[test]
    fn the_archives_own_file_comes_before_the_working_folders() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join("news")).unwrap();
        std::fs::write(dir.path().join("news/bindery.toml"), "profile = \"hexo\"").unwrap();
        std::fs::write(dir.path().join("bindery.toml"), "profile = \"other\"").unwrap();
        let settings =
            Settings::load(Flags::from([("archive", "news".into())]), None, &around(dir.path(), &[])).unwrap();
        assert_eq!(settings.text("profile").as_deref(), Some("hexo"));
    }

    #[test]
    fn a_typo_is_named_with_its_place_and_a_suggestion() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("bindery.toml"), "# 设置\nprofil = \"hexo\"\n").unwrap();
        let message = Settings::load(Flags::new(), None, &around(dir.path(), &[])).unwrap_err().to_string();
        assert!(
            message.ends_with("bindery.toml, line 2, column 1: there is no setting `profil`; did you mean `profile`?"),
            "{message}"
        );
    }

    #[test]
    fn a_value_of_the_wrong_form_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        for (text, wanted) in
            [("delay = 5", "a duration"), ("retries = -1", "a whole number"), ("retries = ", "line 1")]
        {
            std::fs::write(dir.path().join("bindery.toml"), text).unwrap();
            let message = Settings::load(Flags::new(), None, &around(dir.path(), &[])).unwrap_err().to_string();
            assert!(message.contains(wanted), "{message}");
        }
        let environment = around(&dir.path().join("x"), &[("BINDERY_ALLOW_PRIVATE", "perhaps")]);
        assert!(Settings::load(Flags::new(), None, &environment).unwrap_err().to_string().contains("true or false"));
    }
}
