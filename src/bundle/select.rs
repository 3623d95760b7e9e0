//! Selects the articles of a bundle.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;

use crate::archive::{Archive, ArchiveError, Entry};
use crate::frontmatter;
use crate::model::Timestamp;

use super::BundleError;

/// The maximum number of bytes of front matter that are read for tags.
const MAX_FRONT_MATTER: usize = 1 << 20;

/// Selects the articles that match all given conditions; without a condition, all articles.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selection {
    /// URLs, paths below the archive (of an article, a file in it, a host or a host's year) and names of sources. An article
    /// must match one of them; empty for all articles.
    pub selectors: Vec<String>,
    /// Only articles with a text captured at this instant or later.
    pub since: Option<Timestamp>,
    /// Only articles with a text captured at this instant or before.
    pub until: Option<Timestamp>,
    /// Only articles whose newest text has all of these tags or categories, ignoring case.
    pub tags: Vec<String>,
    /// Only articles in these folders below the archive, the results of a search; None without a search.
    pub folders: Option<BTreeSet<String>>,
}

impl Selection {
    /// Returns whether it has no condition.
    pub fn is_everything(&self) -> bool {
        *self == Self::default()
    }

    /// Returns the selected articles, sorted by folder.
    ///
    /// # Errors
    /// A selector that matches nothing, a selection that is empty, and an archive that cannot be read.
    pub fn articles(&self, archive: &Archive) -> Result<Vec<Entry>, BundleError> {
        let mut chosen = Vec::new();
        self.each(archive, &mut |entry| chosen.push(entry))?;
        Ok(chosen)
    }

    /// Calls `take` with each selected article.
    pub(super) fn each(&self, archive: &Archive, take: &mut dyn FnMut(Entry)) -> Result<(), BundleError> {
        let mut unreadable = None;
        self.each_readable(archive, &mut |entry| match entry {
            Ok(entry) => take(entry),
            Err(error) => drop(unreadable.get_or_insert(error)),
        })?;
        unreadable.map_or(Ok(()), |error| Err(error.into()))
    }

    /// Calls `take` with each selected article, and with the error of each record that cannot be read.
    pub(crate) fn each_readable(
        &self,
        archive: &Archive,
        take: &mut dyn FnMut(Result<Entry, ArchiveError>),
    ) -> Result<(), BundleError> {
        let mut named: Option<BTreeSet<String>> = None;
        for selector in &self.selectors {
            named.get_or_insert_default().extend(matching_folders(selector, archive)?);
        }
        let mut is_empty = true;
        for entry in archive.each()? {
            let entry = match entry {
                Ok(entry) => entry,
                Err(error) => {
                    take(Err(error));
                    is_empty = false;
                    continue;
                }
            };
            let is_named = |set: &Option<BTreeSet<String>>| set.as_ref().is_none_or(|set| set.contains(&entry.folder));
            if is_named(&named)
                && is_named(&self.folders)
                && self.is_in_time(&entry)
                && self.has_tags(archive, &entry)?
            {
                take(Ok(entry));
                is_empty = false;
            }
        }
        match is_empty && !self.is_everything() {
            true => Err(BundleError::NothingSelected),
            false => Ok(()),
        }
    }

    fn is_in_time(&self, entry: &Entry) -> bool {
        let fits =
            |at: Timestamp| self.since.is_none_or(|since| at >= since) && self.until.is_none_or(|until| at <= until);
        entry.record.accepted().any(|text| fits(text.captured))
    }

    fn has_tags(&self, archive: &Archive, entry: &Entry) -> Result<bool, BundleError> {
        if self.tags.is_empty() {
            return Ok(true);
        }
        let Some(newest) = entry.record.newest() else { return Ok(false) };
        let path = archive.root().join(&entry.folder).join(&newest.file);
        let length = usize::try_from(newest.front_matter_bytes).unwrap_or(usize::MAX).min(MAX_FRONT_MATTER);
        let tags = tags(&head(&path, length).map_err(|error| BundleError::io("read", &path, error))?);
        Ok(self.tags.iter().all(|tag| tags.contains(&tag.to_lowercase())))
    }
}

/// Returns the folders of the articles that a selector matches.
fn matching_folders(selector: &str, archive: &Archive) -> Result<Vec<String>, BundleError> {
    let found = archive.find(selector)?;
    if !found.is_empty() {
        return Ok(found.into_iter().map(|entry| entry.folder).collect());
    }
    let parts = archive.parts_below(selector);
    let is_below = |folder: &str| {
        parts.first() == Some(&"articles") && folder.split('/').take(parts.len()).eq(parts.iter().copied())
    };
    let visited = archive.folders_of_source(selector)?;
    let mut folders = Vec::new();
    // Records that cannot be read are reported when all are read.
    for entry in archive.each()?.flatten() {
        if is_below(&entry.folder) || visited.contains(&entry.folder) || has_source(&entry, selector) {
            folders.push(entry.folder);
        }
    }
    match folders.is_empty() {
        true => Err(BundleError::NoMatch { selector: selector.to_owned() }),
        false => Ok(folders),
    }
}

/// Returns whether a record or one of its texts has a source of this name, in a field `source` or `sources`.
fn has_source(entry: &Entry, name: &str) -> bool {
    let is_name = |value: &Value| value.as_str() == Some(name);
    let names = |value: &Value| is_name(value) || value.as_array().is_some_and(|list| list.iter().any(is_name));
    let record = &entry.record;
    let fields = std::iter::once(&record.other).chain(record.snapshots.iter().map(|text| &text.other));
    fields.into_iter().any(|other| ["source", "sources"].iter().any(|key| other.get(*key).is_some_and(names)))
}

fn head(path: &Path, length: usize) -> std::io::Result<Vec<u8>> {
    use std::io::Read;
    let mut head = Vec::new();
    std::fs::File::open(path)?.take(length as u64).read_to_end(&mut head)?;
    Ok(head)
}

/// Returns the tags and categories of front matter, in lower case; empty if it cannot be parsed.
fn tags(front_matter: &[u8]) -> BTreeSet<String> {
    frontmatter::read_fields(&String::from_utf8_lossy(front_matter)).search_tags().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_and_categories_are_read_from_front_matter() {
        let text = "---\ntitle: 'a: b'\ntags:\n- 河流\n- Ships\ncategories: 新闻\nmade: 2024-05-06\n---\n";
        assert_eq!(tags(text.as_bytes()), ["ships", "新闻", "河流"].map(str::to_owned).into());
        assert!(tags(b"---\ntitle: x\n---\n").is_empty() && tags(b"no front matter").is_empty());
    }
}
