//! A configuration file: its settings and sources, each with its place in the text.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Path, PathBuf};

use toml::de::{DeTable, DeValue};
use toml::{Table, Value};

use crate::cli::error::CliError;

use super::known::{Known, Setting};

/// The key of the table of sources, which is not a setting.
pub const SOURCE: &str = "source";

/// A file whose text is valid TOML.
pub struct File<'a> {
    pub path: &'a Path,
    text: String,
    /// The home folder, for `~`; None when it is not known.
    home: Option<PathBuf>,
}

/// One key of a table with its value.
pub struct Entry {
    pub key: String,
    pub value: Value,
    key_at: Range<usize>,
    value_at: Range<usize>,
}

impl<'a> File<'a> {
    /// Reads a file.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn read(path: &'a Path, home: Option<PathBuf>) -> Result<Self, CliError> {
        let text = std::fs::read_to_string(path).map_err(|error| {
            CliError::usage(format!(
                "{} cannot be read: {error}; check that it is UTF-8 text, and its permissions",
                path.display()
            ))
        })?;
        Ok(Self { path, text, home })
    }

    /// Returns the entries of the root, and those of each `[[source]]`.
    ///
    /// # Errors
    /// It is not valid TOML, or `source` is not an array of tables.
    pub fn entries(&self) -> Result<(Vec<Entry>, Vec<Vec<Entry>>), CliError> {
        let malformed = |error: toml::de::Error| self.wrong(error.span().unwrap_or_default(), error.message());
        let values: Table = self.text.parse().map_err(malformed)?;
        let places = DeTable::parse(&self.text).map_err(malformed)?;
        let mut root = entries(values, places.get_ref());
        let Some(at) = root.iter().position(|entry| entry.key == SOURCE) else { return Ok((root, Vec::new())) };
        let written = root.remove(at);
        let wrong = || self.wrong(written.key_at.clone(), "`source` must be written as [[source]]");
        let Value::Array(tables) = written.value else { return Err(wrong()) };
        let spans = places.get_ref().get(SOURCE).and_then(|value| value.get_ref().as_array());
        let mut sources = Vec::new();
        for (table, place) in tables.into_iter().zip(spans.into_iter().flatten()) {
            let (Value::Table(table), DeValue::Table(place)) = (table, place.get_ref()) else { return Err(wrong()) };
            sources.push(entries(table, place));
        }
        Ok((root, sources))
    }

    /// Returns a setting's value, `~` expanded.
    ///
    /// # Errors
    /// The key is not a setting, or the value is invalid.
    pub fn setting<'k>(&self, known: &'k Known, entry: Entry) -> Result<(&'k Setting, Value), CliError> {
        let Some(setting) = known.get(&entry.key) else {
            let keys = known.settings.iter().map(|setting| setting.key.as_str()).chain([SOURCE]);
            let hint = match nearest(&entry.key, keys) {
                Some(key) => format!("did you mean `{key}`?"),
                None => "`bindery config` lists all settings".to_owned(),
            };
            return Err(self.wrong(entry.key_at, &format!("unknown setting `{}`; {hint}", entry.key)));
        };
        self.check(&entry, setting)?;
        Ok((setting, self.expanded(setting, entry.value)))
    }

    /// Checks a value.
    ///
    /// # Errors
    /// It is invalid.
    pub fn check(&self, entry: &Entry, setting: &Setting) -> Result<(), CliError> {
        setting
            .check(&entry.value)
            .map_err(|why| self.wrong(entry.value_at.clone(), &format!("`{}`: {why}", entry.key)))
    }

    /// Returns an error about a place in the text.
    pub fn wrong(&self, at: Range<usize>, what: &str) -> CliError {
        let before = self.text.get(..at.start).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        CliError::usage(format!("{}, line {line}, column {column}: {what}", self.path.display()))
    }

    /// Returns an error about a key.
    #[cfg(all(feature = "net", feature = "store"))]
    pub fn wrong_key(&self, entry: &Entry, what: &str) -> CliError {
        self.wrong(entry.key_at.clone(), what)
    }

    /// Returns an error about a value.
    #[cfg(all(feature = "net", feature = "store"))]
    pub fn wrong_value(&self, entry: &Entry, what: &str) -> CliError {
        self.wrong(entry.value_at.clone(), what)
    }

    fn expanded(&self, setting: &Setting, value: Value) -> Value {
        match value {
            Value::String(text) if setting.is_path => Value::String(self.home_expanded(text)),
            value => value,
        }
    }

    /// Returns a path with `~` replaced by the home folder.
    pub fn home_expanded(&self, text: String) -> String {
        let Some(home) = &self.home else { return text };
        match text.strip_prefix('~') {
            Some("") => home.to_string_lossy().into_owned(),
            Some(rest) if rest.starts_with(['/', std::path::MAIN_SEPARATOR]) => {
                home.join(rest.trim_start_matches(['/', std::path::MAIN_SEPARATOR])).to_string_lossy().into_owned()
            }
            _ => text,
        }
    }
}

fn entries(values: Table, places: &DeTable<'_>) -> Vec<Entry> {
    let places: BTreeMap<&str, (Range<usize>, Range<usize>)> =
        places.iter().map(|(key, value)| (key.get_ref().as_ref(), (key.span(), value.span()))).collect();
    let entry = |(key, value): (String, Value)| {
        let (key_at, value_at) = places.get(key.as_str()).cloned().unwrap_or_default();
        Entry { key, value, key_at, value_at }
    };
    values.into_iter().map(entry).collect()
}

/// Returns the known word that was probably meant; None when none is near.
pub fn nearest<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let near = known.map(|known| (strsim::damerau_levenshtein(known, word), known)).min();
    // Chosen by eye: three slips of the keys.
    near.filter(|(distance, _)| *distance <= 3).map(|(_, known)| known)
}
