//! Reading an archive. Any number of readers may stand beside a writer.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::model::UrlKey;

use super::ArchiveError;
use super::layout::{ARTICLES, FORMAT, MARKER, RECORD, slug_end};
use super::record::{self, Record};

/// An archive that is read.
#[derive(Debug, Clone)]
pub struct Archive {
    root: PathBuf,
}

/// One article of an archive.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// Its folder below the archive: `articles/<host>/<yyyy>/<slug>`.
    pub folder: String,
    /// What is known about it.
    pub record: Record,
}

impl Archive {
    /// Opens the archive in a folder.
    ///
    /// # Errors
    /// [`ArchiveError::Missing`], [`ArchiveError::NotAnArchive`], [`ArchiveError::NewerFormat`] and
    /// [`ArchiveError::DamagedMarker`], as their names say.
    pub fn open(root: &Path) -> Result<Self, ArchiveError> {
        check_marker(root)?;
        Ok(Self { root: root.to_owned() })
    }

    /// The folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Every article, sorted by folder. A record that cannot be read is an error in its place and does not end the list.
    ///
    /// # Errors
    /// A folder that cannot be listed.
    pub fn articles(&self) -> Result<Vec<Result<Entry, ArchiveError>>, ArchiveError> {
        Ok(self.each()?.collect())
    }

    /// The same, one after another: a large archive has more records than there is memory.
    ///
    /// # Errors
    /// A folder that cannot be listed.
    pub fn each(&self) -> Result<impl Iterator<Item = Result<Entry, ArchiveError>> + '_, ArchiveError> {
        Ok(article_folders(&self.root)?.into_iter().filter_map(|folder| read_entry(&self.root, folder).transpose()))
    }

    /// The article in a folder: `articles/<host>/<yyyy>/<slug>`.
    ///
    /// # Errors
    /// A record that is not there or cannot be read.
    pub fn entry(&self, folder: &str) -> Result<Entry, ArchiveError> {
        let path = self.root.join(folder).join(RECORD);
        let none = || ArchiveError::io("read", &path, io::ErrorKind::NotFound.into());
        read_entry(&self.root, folder.to_owned())?.ok_or_else(none)
    }

    /// The articles that `text` names: a URL of the page (any with the same key; an article's own goes before what
    /// leads to others), or a path of the article's folder or of a file in it, below the archive or with the archive's own
    /// folder before it. Empty when there is none. Records that cannot be read are passed over; [`Archive::articles`] shows
    /// them.
    ///
    /// # Errors
    /// A folder that cannot be listed; for a path, a record that cannot be read.
    pub fn find(&self, text: &str) -> Result<Vec<Entry>, ArchiveError> {
        if let Some(key) = record::key_of(text) {
            let own = self.at_home(&key)?;
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
    /// The names in a path below the archive. One that begins with the archive's own folder, as shells complete it, is taken
    /// as it is meant.
    pub fn parts_below<'text>(&self, path: &'text str) -> Vec<&'text str> {
        fn names(path: &str) -> Vec<&str> {
            path.split(['/', '\\']).filter(|name| !name.is_empty() && *name != ".").collect()
        }
        let whole = names(path);
        let root = self.root.to_string_lossy();
        let root = names(&root);
        match whole.starts_with(&root) && whole.first() != Some(&ARTICLES) {
            true => whole[root.len()..].to_vec(),
            false => whole,
        }
    }

    /// The article whose own key this is: its folder's name says so, whatever its year and title.
    fn at_home(&self, key: &UrlKey) -> Result<Vec<Entry>, ArchiveError> {
        let host = format!("{ARTICLES}/{}", key.host_folder());
        let end = slug_end(key);
        let mut found = Vec::new();
        for year in list(&self.root.join(&host))?.0 {
            let slugs = list(&self.root.join(format!("{host}/{year}")))?.0;
            for slug in slugs.into_iter().filter(|slug| slug.ends_with(&end)) {
                // A record that cannot be read is shown by the list of all.
                let entry = read_entry(&self.root, format!("{host}/{year}/{slug}")).ok().flatten();
                found.extend(entry.filter(|entry| entry.record.key().as_ref() == Some(key)));
            }
        }
        Ok(found)
    }
}

/// Reads the article in a folder; None when the folder has no record.
pub(super) fn read_entry(root: &Path, folder: String) -> Result<Option<Entry>, ArchiveError> {
    let path = root.join(&folder).join(RECORD);
    let bytes = match record::read_bytes(&path) {
        Err(ArchiveError::Io { source, .. }) if source.kind() == io::ErrorKind::NotFound => return Ok(None),
        other => other?,
    };
    Ok(Some(Entry { record: Record::parse(&path, &bytes)?, folder }))
}

/// Refuses what is no archive of this format.
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

/// Every folder that can hold an article, sorted.
fn article_folders(root: &Path) -> Result<Vec<String>, ArchiveError> {
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

/// Names of the folders and of the files in a folder, each sorted; both empty when it does not exist. Symbolic links and
/// names that are not UTF-8 belong to no archive and are left out.
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
    fn what_is_no_archive_says_so() {
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
