//! Reading an archive, also while a writer is running.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::model::UrlKey;

use super::ArchiveError;
use super::layout::{ARTICLES, FORMAT, MARKER, RECORD, UNSEALED, slug_end};
use super::record::{self, Record};

/// An archive opened for reading.
#[derive(Debug, Clone)]
pub struct Archive {
    root: PathBuf,
}

/// One article of an archive.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// Its folder below the archive: `articles/<host>/<yyyy>/<slug>`.
    pub folder: String,
    /// Its record.
    pub record: Record,
}

impl Archive {
    /// Opens the archive in a folder.
    ///
    /// # Errors
    /// [`ArchiveError::Missing`], [`ArchiveError::NotAnArchive`], [`ArchiveError::NewerFormat`] and
    /// [`ArchiveError::DamagedMarker`].
    pub fn open(root: &Path) -> Result<Self, ArchiveError> {
        check_marker(root)?;
        Ok(Self { root: root.to_owned() })
    }

    /// Returns the archive in a folder whose marker may be damaged.
    pub(super) fn at(root: &Path) -> Self {
        Self { root: root.to_owned() }
    }

    /// Returns the archive's folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Returns whether a run has changed files and not written the manifests yet: it is active, or was killed. The next
    /// [`Writer`](super::Writer) completes what a killed one left.
    pub fn is_unfinished(&self) -> bool {
        self.root.join(UNSEALED).exists()
    }

    /// Returns every article, sorted by folder. A record that cannot be read is an error in its position; the list
    /// continues after it.
    ///
    /// # Errors
    /// A folder cannot be listed.
    pub fn articles(&self) -> Result<Vec<Result<Entry, ArchiveError>>, ArchiveError> {
        Ok(self.each()?.collect())
    }

    /// Iterates over every article as [`Archive::articles`] returns them, without reading all records into memory.
    ///
    /// # Errors
    /// A folder cannot be listed.
    pub fn each(&self) -> Result<impl Iterator<Item = Result<Entry, ArchiveError>> + '_, ArchiveError> {
        Ok(article_folders(&self.root)?.into_iter().filter_map(|folder| read_entry(&self.root, folder).transpose()))
    }

    /// Returns every folder that can hold an article, sorted. [`Archive::entry`] reads what is in one.
    ///
    /// # Errors
    /// A folder cannot be listed.
    pub fn folders(&self) -> Result<Vec<String>, ArchiveError> {
        article_folders(&self.root)
    }

    /// Returns the article in a folder: `articles/<host>/<yyyy>/<slug>`.
    ///
    /// # Errors
    /// The record is missing or cannot be read.
    pub fn entry(&self, folder: &str) -> Result<Entry, ArchiveError> {
        let path = self.root.join(folder).join(RECORD);
        let none = || ArchiveError::io("read", &path, io::ErrorKind::NotFound.into());
        read_entry(&self.root, folder.to_owned())?.ok_or_else(none)
    }

    /// Finds articles by a URL or a path. A URL matches articles with the same key; aliases count only if no article
    /// has the key as its own. A path is that of the article's folder or of a file in it, below the archive or starting
    /// with the archive's own folder. Returns an empty list if there is no match. Records that cannot be read are
    /// skipped; [`Archive::articles`] reports them.
    ///
    /// # Errors
    /// A folder cannot be listed, or the record at a path cannot be read.
    pub fn find(&self, text: &str) -> Result<Vec<Entry>, ArchiveError> {
        if let Some(key) = record::key_of(text) {
            let own = self.with_own_key(&key)?;
            if !own.is_empty() {
                return Ok(own);
            }
            let matches = |entry: &Entry| entry.record.keys().any(|other| other == key);
            return Ok(self.each()?.flatten().filter(matches).collect());
        }
        let parts = self.parts_below(text);
        if parts.len() < 4 || parts[0] != ARTICLES || parts.contains(&"..") {
            return Ok(Vec::new());
        }
        Ok(read_entry(&self.root, parts[..4].join("/"))?.into_iter().collect())
    }
}

impl Archive {
    /// Returns the names in a path below the archive. The archive's own folder at its beginning, as shells complete it,
    /// is removed.
    pub fn parts_below<'text>(&self, path: &'text str) -> Vec<&'text str> {
        fn names(path: &str) -> Vec<&str> {
            path.split(['/', '\\']).filter(|name| !name.is_empty() && *name != ".").collect()
        }
        let all = names(path);
        let root = self.root.to_string_lossy();
        let root = names(&root);
        match all.starts_with(&root) && all.first() != Some(&ARTICLES) {
            true => all[root.len()..].to_vec(),
            false => all,
        }
    }

    /// Returns the articles with this own key. The suffix of the folder's name identifies them, regardless of year and
    /// title.
    fn with_own_key(&self, key: &UrlKey) -> Result<Vec<Entry>, ArchiveError> {
        let host = format!("{ARTICLES}/{}", key.host_folder());
        let end = slug_end(key);
        let mut found = Vec::new();
        for year in list(&self.root.join(&host))?.0 {
            let slugs = list(&self.root.join(format!("{host}/{year}")))?.0;
            for slug in slugs.into_iter().filter(|slug| slug.ends_with(&end)) {
                // Records that cannot be read are reported by `articles`.
                let entry = read_entry(&self.root, format!("{host}/{year}/{slug}")).ok().flatten();
                found.extend(entry.filter(|entry| entry.record.key().as_ref() == Some(key)));
            }
        }
        Ok(found)
    }
}

/// Reads the article in a folder; `None` if the folder has no record.
pub(super) fn read_entry(root: &Path, folder: String) -> Result<Option<Entry>, ArchiveError> {
    let path = root.join(&folder).join(RECORD);
    let bytes = match record::read_bytes(&path) {
        Err(ArchiveError::Io { source, .. }) if source.kind() == io::ErrorKind::NotFound => return Ok(None),
        other => other?,
    };
    Ok(Some(Entry { record: Record::parse(&path, &bytes)?, folder }))
}

/// Returns an error if the folder is not an archive of this format.
pub(super) fn check_marker(root: &Path) -> Result<(), ArchiveError> {
    #[derive(Deserialize)]
    struct Marker {
        format: u64,
    }
    let path = root.join(MARKER);
    let bytes = match record::read_bytes(&path) {
        Ok(bytes) => bytes,
        Err(ArchiveError::Io { source, .. }) if source.kind() == io::ErrorKind::NotFound => {
            let path = root.to_owned();
            return Err(if root.exists() {
                ArchiveError::NotAnArchive { path }
            } else {
                ArchiveError::Missing { path }
            });
        }
        Err(error) => return Err(error),
    };
    match serde_json::from_slice::<Marker>(&bytes) {
        Ok(Marker { format }) if format == u64::from(FORMAT) => Ok(()),
        Ok(Marker { format }) if format > u64::from(FORMAT) => {
            Err(ArchiveError::NewerFormat { path: root.to_owned(), found: format })
        }
        _ => Err(ArchiveError::DamagedMarker { path }),
    }
}

/// Returns every folder that can contain an article, sorted.
pub(super) fn article_folders(root: &Path) -> Result<Vec<String>, ArchiveError> {
    let mut level = vec![ARTICLES.to_owned()];
    for _ in 0..3 {
        let mut below = Vec::new();
        for folder in level {
            let (folders, _) = list(&root.join(&folder))?;
            below.extend(folders.into_iter().map(|name| format!("{folder}/{name}")));
        }
        level = below;
    }
    level.sort();
    Ok(level)
}

/// Returns the names of the folders and of the files in a folder, each sorted; both are empty if the folder does not
/// exist. Symbolic links and names that are not UTF-8 cannot belong to an archive and are ignored.
pub(super) fn list(folder: &Path) -> Result<(Vec<String>, Vec<String>), ArchiveError> {
    let fail = |error| ArchiveError::io("list", folder, error);
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok((Vec::new(), Vec::new())),
        Err(error) => return Err(fail(error)),
    };
    let (mut folders, mut files) = (Vec::new(), Vec::new());
    for entry in entries {
        let entry = entry.map_err(fail)?;
        let kind = entry.file_type().map_err(fail)?;
        let Ok(name) = entry.file_name().into_string() else { continue };
        match kind {
            _ if kind.is_dir() => folders.push(name),
            _ if kind.is_file() => files.push(name),
            _ => {}
        }
    }
    folders.sort();
    files.sort();
    Ok((folders, files))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_that_is_not_an_archive_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let open = |path: &Path| Archive::open(path).unwrap_err();
        assert!(matches!(open(&folder.path().join("gone")), ArchiveError::Missing { .. }));
        assert!(matches!(open(folder.path()), ArchiveError::NotAnArchive { .. }));
        for (text, newer) in [("{\"format\": 2}", true), ("{\"format\": 0}", false), ("{", false), ("", false)] {
            fs::write(folder.path().join(MARKER), text).unwrap();
            assert_eq!(matches!(open(folder.path()), ArchiveError::NewerFormat { found: 2, .. }), newer, "{text}");
            assert_eq!(matches!(open(folder.path()), ArchiveError::DamagedMarker { .. }), !newer, "{text}");
        }
    }
}
