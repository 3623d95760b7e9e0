//! What an export has written into its folder, so that it never takes a file of the user for its own.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::model::Digest;

use super::error::ExportError;
use super::files;

/// The file in the output folder.
pub const STATE: &str = ".bindery-export.json";

/// The version of the file's format.
const FORMAT: u32 = 1;

/// What an export has written. `docs/guide.md` describes the file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct State {
    pub format: u32,
    /// The layout.
    pub profile: String,
    /// The text that lists all others; None if the layout has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub index: Option<String>,
    /// Files that are generated from all articles, except `index`.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub generated: BTreeSet<String>,
    /// The articles, by their folders in the archive.
    pub articles: BTreeMap<String, ArticleState>,
    /// The files below the output folder.
    pub files: BTreeMap<String, FileState>,
}

/// One article in the output folder.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(super) struct ArticleState {
    /// Its text.
    pub path: String,
    /// Its images.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub images: BTreeSet<String>,
    /// The source of `bindery.toml` whose export wrote it; None for one that a user started.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
}

/// One file in the output folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(super) struct FileState {
    /// What was written; None if the file has not been written yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<Digest>,
    /// What is being written; None if the run that wrote it has ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pending: Option<Digest>,
    /// The number of bytes written.
    #[serde(default)]
    pub bytes: u64,
}

impl FileState {
    /// Returns whether bindery wrote bytes with this digest.
    pub fn wrote(&self, digest: &Digest) -> bool {
        self.sha256.as_ref() == Some(digest) || self.pending.as_ref() == Some(digest)
    }
}

impl State {
    /// Returns the state of a folder that nothing was written to.
    pub fn new(profile: &str) -> Self {
        Self {
            format: FORMAT,
            profile: profile.to_owned(),
            index: None,
            generated: BTreeSet::new(),
            articles: BTreeMap::new(),
            files: BTreeMap::new(),
        }
    }

    /// Reads the state of a folder; None if it has none.
    pub fn read(output: &Path) -> Result<Option<Self>, ExportError> {
        let path = output.join(STATE);
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(ExportError::io("read", &path, error)),
        };
        let damaged = |cause: String| ExportError::DamagedState { path: path.clone(), cause };
        let state: Self = serde_json::from_slice(&bytes).map_err(|error| damaged(error.to_string()))?;
        if state.format != FORMAT {
            return Err(damaged(format!("it has format {}, but this bindery supports format {FORMAT}", state.format)));
        }
        // A path from a file that somebody changed must not lead out of the folder.
        let articles = state.articles.values().map(|article| &article.path);
        match state
            .files
            .keys()
            .chain(articles)
            .chain(&state.index)
            .chain(&state.generated)
            .find(|path| !files::is_below(path))
        {
            Some(path) => Err(damaged(format!("`{path}` is not a path below the folder"))),
            None => Ok(Some(state)),
        }
    }

    /// Writes the state. It is flushed: files that it does not name would be the user's.
    pub fn write(&self, output: &Path) -> Result<(), ExportError> {
        let path = output.join(STATE);
        let mut bytes =
            serde_json::to_vec_pretty(self).map_err(|error| ExportError::io("write", &path, error.into()))?;
        bytes.push(b'\n');
        files::write_flushed(&path, &bytes)
    }

    /// Returns the files of articles and those that are generated.
    pub fn referenced(&self) -> BTreeSet<&str> {
        let texts = self.articles.values().flat_map(|article| article.images.iter().chain([&article.path]));
        texts.chain(&self.index).chain(&self.generated).map(String::as_str).collect()
    }
}
