//! Settings in layers: defaults, user file, `bindery.toml`, its source, environment, flags. The last layer that sets one
//! wins.

mod file;
pub mod groups;
mod known;
#[cfg(all(feature = "net", feature = "store"))]
mod source;
pub mod values;
#[cfg(feature = "net")]
mod written;

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use toml::{Table, Value};

use super::error::CliError;

use file::File;
use groups::{Group, Place};
use known::Known;
pub use known::{Form, Setting};

#[cfg(all(feature = "net", feature = "store"))]
pub use source::{Export, Source};

/// The file that every archive has at its root.
const ARCHIVE_MARKER: &str = "bindery-archive.json";

/// Where a value came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    Default,
    /// The archive that contains the working folder.
    Folder,
    File(PathBuf),
    /// A source of a file.
    #[cfg(all(feature = "net", feature = "store"))]
    Source(PathBuf, String),
    Environment(String),
    Flag(String),
}

impl Origin {
    /// Returns whether it overrides the settings of a source.
    #[cfg(all(feature = "net", feature = "store"))]
    fn beats_sources(&self) -> bool {
        matches!(self, Self::Environment(_) | Self::Flag(_))
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::Folder => f.write_str("contains the working folder"),
            Self::File(path) => write!(f, "{}", path.display()),
            #[cfg(all(feature = "net", feature = "store"))]
            Self::Source(path, name) => write!(f, "{}, source `{name}`", path.display()),
            Self::Environment(name) | Self::Flag(name) => f.write_str(name),
        }
    }
}

/// Variables by name.
pub type Environment = BTreeMap<String, String>;

/// The settings that a command line gives.
#[derive(Debug, Default)]
pub struct Flags(Table);

impl Flags {
    /// Adds those of a group.
    ///
    /// # Errors
    /// A path is not valid Unicode.
    pub fn with<G: Group>(mut self, group: &G) -> Result<Self, CliError> {
        self.0.extend(known::table(group).map_err(CliError::usage)?);
        Ok(self)
    }
}

/// The environment that the layers are read from.
pub struct Surroundings {
    /// `BINDERY_*`, and the variables that say where the user's file is.
    pub environment: Environment,
    /// The working folder.
    pub folder: PathBuf,
}

/// One setting, as `bindery config` shows it.
pub struct Row<'a> {
    pub key: &'a str,
    /// None when it is not set and has no default.
    pub value: Option<Value>,
    pub origin: Option<&'a Origin>,
}

/// Every setting's value and origin.
#[derive(Clone)]
pub struct Settings {
    known: std::sync::Arc<Known>,
    values: BTreeMap<String, (Value, Origin)>,
    /// The files that were read, in order.
    files: Vec<PathBuf>,
    /// `[[source]]` of the files, those of the last file that has any.
    #[cfg(all(feature = "net", feature = "store"))]
    sources: Vec<Source>,
}

impl Settings {
    /// Reads every layer. `flags` are the settings of the command line; `file` replaces the search for `bindery.toml`.
    ///
    /// # Errors
    /// A file cannot be read, a key is unknown, or a value is invalid.
    pub fn load(Flags(flags): Flags, file: Option<&Path>, around: &Surroundings) -> Result<Self, CliError> {
        let known = std::sync::Arc::new(Known::new());
        let defaults = known.defaults.clone().into_iter().map(|(key, value)| (key, (value, Origin::Default)));
        let mut settings = Self {
            values: defaults.collect(),
            known,
            files: Vec::new(),
            #[cfg(all(feature = "net", feature = "store"))]
            sources: Vec::new(),
        };
        if let Some(path) = user_file(around).filter(|path| path.is_file()) {
            settings.take_file(&path, around)?;
        }
        settings.take_folder(&around.folder);
        let environment = settings.environment(around)?;
        // The archive's own file is found by what flag and environment say about the archive.
        let archive = flags.get("archive").or(environment.get("archive").map(|(value, _)| value));
        let archive = archive.and_then(Value::as_str).map(PathBuf::from);
        let found = match file {
            Some(path) => Some(path.to_owned()),
            None => {
                let archive = archive.or(settings.group::<Place>()?.archive).unwrap_or_default();
                let candidates = [around.folder.join(archive), around.folder.clone()];
                candidates.iter().map(|folder| folder.join("bindery.toml")).find(|path| path.is_file())
            }
        };
        if let Some(path) = found {
            settings.take_file(&path, around)?;
        }
        settings.values.extend(environment);
        for (key, value) in flags {
            let origin = Origin::Flag(format!("--{key}"));
            settings.values.insert(key, (value, origin));
        }
        Ok(settings)
    }

    /// Sets the archive to the one that contains the working folder, if no file names one.
    fn take_folder(&mut self, folder: &Path) {
        let is_set = self.values.get("archive").is_some_and(|(_, origin)| *origin != Origin::Default);
        let enclosing = folder.ancestors().find(|folder| folder.join(ARCHIVE_MARKER).is_file());
        if let Some(root) = enclosing.and_then(Path::to_str).filter(|_| !is_set) {
            self.values.insert("archive".to_owned(), (Value::from(root), Origin::Folder));
        }
    }

    fn take_file(&mut self, path: &Path, around: &Surroundings) -> Result<(), CliError> {
        let file = File::read(path, around.environment.get("HOME").map(PathBuf::from))?;
        let (entries, sources) = file.entries()?;
        for entry in entries {
            let (setting, value) = file.setting(&self.known, entry)?;
            self.values.insert(setting.key.clone(), (value, Origin::File(path.to_owned())));
        }
        #[cfg(all(feature = "net", feature = "store"))]
        if !sources.is_empty() {
            self.sources = source::read(&file, &self.known, sources)?;
        }
        #[cfg(not(all(feature = "net", feature = "store")))]
        drop(sources);
        self.files.push(path.to_owned());
        Ok(())
    }

    fn environment(&self, around: &Surroundings) -> Result<BTreeMap<String, (Value, Origin)>, CliError> {
        let mut found = BTreeMap::new();
        for setting in &self.known.settings {
            let name = setting.variable();
            let Some(text) = around.environment.get(&name).filter(|text| !text.is_empty()) else { continue };
            let value = from_text(setting, text).map_err(|why| CliError::usage(format!("{name}: {why}")))?;
            found.insert(setting.key.clone(), (value, Origin::Environment(name)));
        }
        Ok(found)
    }

    /// Returns the values of a group.
    ///
    /// # Errors
    /// A value is invalid; those of files and variables were checked before.
    pub fn group<G: Group>(&self) -> Result<G, CliError> {
        let own: Table = known::keys::<G>()
            .into_iter()
            .filter_map(|key| Some((key.clone(), self.values.get(&key)?.0.clone())))
            .collect();
        own.try_into().map_err(|error: toml::de::Error| CliError::usage(error.message()))
    }

    /// Returns whether a layer after the one that sets `other` sets `key`.
    pub fn is_set_after(&self, key: &str, other: &str) -> bool {
        self.layer(key) > self.layer(other)
    }

    /// Returns the place of the layer that sets a key among all; 0 for the defaults.
    fn layer(&self, key: &str) -> usize {
        match self.values.get(key).map(|(_, origin)| origin) {
            None | Some(Origin::Default | Origin::Folder) => 0,
            Some(Origin::File(path)) => 1 + self.files.iter().position(|file| file == path).unwrap_or_default(),
            #[cfg(all(feature = "net", feature = "store"))]
            Some(Origin::Source(..)) => 1 + self.files.len(),
            Some(Origin::Environment(_)) => 2 + self.files.len(),
            Some(Origin::Flag(_)) => 3 + self.files.len(),
        }
    }

    /// Returns the values of a group as text; the same values give the same text.
    #[cfg(feature = "net")]
    pub fn text_of<G: Group>(&self) -> Result<String, CliError> {
        Ok(known::table(&self.group::<G>()?).map_err(CliError::usage)?.to_string())
    }

    /// Returns the settings that apply to a source: its own, where neither a variable nor a flag says otherwise.
    #[cfg(all(feature = "net", feature = "store"))]
    pub fn of_source(&self, source: &Source) -> Self {
        let mut settings = self.clone();
        for (key, value) in &source.settings {
            if settings.values.get(key).is_some_and(|(_, origin)| origin.beats_sources()) {
                continue;
            }
            let origin = Origin::Source(source.file.clone(), source.name.clone());
            settings.values.insert(key.clone(), (value.clone(), origin));
        }
        settings
    }

    /// Returns the sources of `bindery snapshot`.
    #[cfg(all(feature = "net", feature = "store"))]
    pub fn sources(&self) -> &[Source] {
        &self.sources
    }

    /// Returns the files that were read, in order.
    pub fn files(&self) -> &[PathBuf] {
        &self.files
    }

    /// Returns every setting of this build with its default; `None` for one without.
    pub fn defaults(&self) -> impl Iterator<Item = (&Setting, Option<Value>)> {
        self.known.settings.iter().map(|setting| (setting, self.known.default_of(setting)))
    }

    /// Returns the variable of each setting, with the setting's key.
    pub fn variables(&self) -> impl Iterator<Item = (String, &str)> {
        self.known.settings.iter().map(|setting| (setting.variable(), setting.key.as_str()))
    }

    /// Returns every setting for people, in order.
    pub fn rows(&self) -> impl Iterator<Item = Row<'_>> {
        self.known.settings.iter().map(|setting| match self.values.get(&setting.key) {
            Some((value, origin)) => Row { key: &setting.key, value: Some(value.clone()), origin: Some(origin) },
            None => {
                let value = self.known.default_of(setting);
                Row { key: &setting.key, origin: value.as_ref().map(|_| &Origin::Default), value }
            }
        })
    }
}

/// Parses the text of a variable.
fn from_text(setting: &Setting, text: &str) -> Result<Value, String> {
    let value = match setting.form {
        Form::Single => Value::from(text),
        Form::Switch => match text {
            "1" | "true" | "yes" => Value::from(true),
            "0" | "false" | "no" => Value::from(false),
            other => return Err(format!("invalid value `{other}`, expected true or false")),
        },
        Form::List => Value::from(text.split(',').map(str::trim).collect::<Vec<_>>()),
    };
    // A number may be one, or a text of digits.
    let number = text.trim().parse::<i64>().ok().filter(|_| setting.form == Form::Single).map(Value::from);
    match (setting.check(&value), number) {
        (Ok(()), _) => Ok(value),
        (Err(_), Some(number)) => setting.check(&number).map(|()| number),
        (Err(why), None) => Err(why),
    }
}

fn user_file(around: &Surroundings) -> Option<PathBuf> {
    let set = |name: &str| around.environment.get(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let folder = set("XDG_CONFIG_HOME").or_else(|| set("HOME").map(|home| home.join(".config")))?;
    Some(folder.join("bindery").join("config.toml"))
}

#[cfg(test)]
mod tests;
