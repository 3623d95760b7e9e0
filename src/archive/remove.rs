//! Removing an article from the archive: its texts, the images that only it uses, and the records of its captures.
//!
//! The order makes an interrupted removal recoverable: first a tombstone that names the record, then everything that
//! the record names is removed, then the record itself. A tombstone next to the record that it names is a removal to
//! complete.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use crate::model::{Digest, Timestamp, UrlKey};
use crate::warc::{self, RecordId, RecordKind};

use super::ArchiveError;
use super::images::digest_of;
use super::layout::{FORMAT, INDEX, RECORD, TOMBSTONE, digest_in};
use super::reader::{Archive, read_entry};
use super::record::{Record, RecordPointer, Snapshot};
use super::tombstone::Tombstone;
use super::writer::Writer;

/// What was removed with an article.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Removal {
    /// The article's folder below the archive, where its tombstone is.
    pub folder: String,
    /// The number of texts.
    pub texts: usize,
    /// The number of images that no other article uses.
    pub images: usize,
    /// The number of WARC records.
    pub records: usize,
    /// What the user should know, one sentence each: where the version is that somebody edited.
    pub notes: Vec<String>,
}

impl Archive {
    /// Returns what removing the articles in some folders, one after the other, would remove. Nothing is changed.
    ///
    /// # Errors
    /// A record or a capture cannot be read, so that it is not known what other articles need.
    pub fn would_remove(&self, folders: &[String]) -> Result<Vec<Removal>, ArchiveError> {
        let mut removed = BTreeSet::new();
        let mut removals = Vec::new();
        for folder in folders {
            if !removed.insert(folder.as_str()) {
                continue;
            }
            let Some(entry) = read_entry(self.root(), folder.clone())? else { continue };
            let others = References::of_others(self.root(), &removed)?;
            let images: BTreeSet<&String> =
                images_of(&entry.record).filter(|path| !others.images.contains(*path)).collect();
            let records: BTreeSet<RecordPointer> =
                records_of(&entry.record).filter(|pointer| !others.records.contains(pointer)).collect();
            let texts = entry.record.snapshots.len();
            let (images, records) = (images.len(), records.len());
            removals.push(Removal { folder: folder.clone(), texts, images, records, notes: Vec::new() });
        }
        Ok(removals)
    }
}

impl Writer {
    /// Removes the article with this key and leaves a tombstone; returns `None` if there is no such article. Images and
    /// WARC records that other articles need are kept. The removal is durable when this returns.
    ///
    /// # Errors
    /// A record cannot be read, so that it is not known what other articles need; or an operation of the operating
    /// system fails. In the latter case the next writer that opens the archive completes the removal.
    pub fn remove(&mut self, key: &UrlKey, at: Timestamp) -> Result<Option<Removal>, ArchiveError> {
        let Some(entry) = self.find(key)? else { return Ok(None) };
        self.mark_unsealed()?;
        // The record may refer to the capture that is still open.
        self.seal_captures()?;
        let path = self.root.join(&entry.folder).join(RECORD);
        let tombstone = Tombstone {
            format: FORMAT,
            url: entry.record.url.clone(),
            removed: at,
            texts: entry.record.snapshots.len() as u64,
            record_sha256: digest_of(&path)?,
            software: self.software.clone(),
        };
        let path = self.root.join(&entry.folder).join(TOMBSTONE);
        let json = serde_json::to_string_pretty(&tombstone)
            .map_err(|error| ArchiveError::BadRecord { path: path.clone(), cause: error.to_string() })?
            + "\n";
        self.state.disk.write(&path, json.as_bytes())?;
        self.state.pending.file(&format!("{}/{TOMBSTONE}", entry.folder), Digest::of(json.as_bytes()))?;
        self.finish_removal(&entry.folder).map(Some)
    }

    /// Removes everything that the record in a folder names and no other article needs, then the record.
    pub(super) fn finish_removal(&mut self, folder: &str) -> Result<Removal, ArchiveError> {
        let Some(entry) = read_entry(&self.root, folder.to_owned())? else {
            return Ok(Removal { folder: folder.to_owned(), ..Removal::default() });
        };
        let others = References::of_others(&self.root, &BTreeSet::from([folder]))?;
        let images = self.remove_images(&entry.record, &others)?;
        let records = self.remove_captures(&entry.record, &others)?;
        for snapshot in &entry.record.snapshots {
            self.remove_file(&format!("{folder}/{}", snapshot.file))?;
        }
        self.keep_edited(folder, &|digest| entry.record.has_text(digest))?;
        self.remove_file(&format!("{folder}/{INDEX}"))?;
        // The manifests must be updated while the record still says what it named.
        self.state.pending.commit(&self.state.disk, &self.root)?;
        self.remove_file(&format!("{folder}/{RECORD}"))?;
        self.state.index.forget_article(folder)?;
        self.state.pending.commit(&self.state.disk, &self.root)?;
        let notes = std::mem::take(&mut self.state.edited);
        Ok(Removal { folder: folder.to_owned(), texts: entry.record.snapshots.len(), images, records, notes })
    }

    fn remove_file(&mut self, path: &str) -> Result<(), ArchiveError> {
        self.state.disk.remove(&self.root.join(path))?;
        self.state.pending.removed(path)
    }

    fn remove_images(&mut self, record: &Record, others: &References) -> Result<usize, ArchiveError> {
        let paths: BTreeSet<&String> = images_of(record).filter(|path| !others.images.contains(*path)).collect();
        for path in &paths {
            self.remove_file(path)?;
            if let Some(digest) = digest_in(path) {
                self.state.index.forget_image(&digest)?;
                self.state.images.forget(&digest);
            }
        }
        Ok(paths.len())
    }

    /// Rewrites the WARC files without the records that only this article needs.
    fn remove_captures(&mut self, record: &Record, others: &References) -> Result<usize, ArchiveError> {
        let mut removed: BTreeMap<String, BTreeSet<RecordId>> = BTreeMap::new();
        for pointer in records_of(record).filter(|pointer| !others.records.contains(pointer)) {
            removed.entry(pointer.file).or_default().insert(pointer.record);
        }
        let mut count = 0;
        for (file, ids) in removed {
            count += self.rewrite(&file, &ids)?;
        }
        Ok(count)
    }

    fn rewrite(&mut self, file: &str, removed: &BTreeSet<RecordId>) -> Result<usize, ArchiveError> {
        let path = self.root.join(file);
        if !path.exists() {
            self.state.pending.removed(file)?;
            return Ok(0);
        }
        let fail = |cause: String| ArchiveError::Capture { path: path.clone(), cause };
        let opened = File::open(&path).map_err(|error| ArchiveError::io("read", &path, error))?;
        let (mut kept, mut count, mut has_content) = (Vec::new(), 0, false);
        for entry in warc::Reader::new(BufReader::new(opened)) {
            let entry = entry.map_err(|error| fail(error.to_string()))?;
            if removed.contains(&entry.id) {
                count += 1;
            } else {
                has_content |= entry.kind != RecordKind::Warcinfo;
                kept.push((entry.offset, entry.length));
            }
        }
        match (count, has_content) {
            // An interrupted removal has already rewritten this file.
            (0, true) => self.state.pending.file(file, digest_of(&path)?)?,
            (_, false) => self.remove_file(file)?,
            _ => {
                let digest = self.state.disk.keep_ranges(&path, &kept)?;
                self.state.pending.file(file, digest)?;
            }
        }
        Ok(count)
    }
}

/// The images and WARC records that other articles need.
struct References {
    images: BTreeSet<String>,
    records: BTreeSet<RecordPointer>,
}

impl References {
    fn of_others(root: &Path, removed: &BTreeSet<&str>) -> Result<Self, ArchiveError> {
        let mut references = Self { images: BTreeSet::new(), records: BTreeSet::new() };
        for entry in Archive::open(root)?.articles()? {
            let entry = entry?;
            if removed.contains(entry.folder.as_str()) {
                continue;
            }
            references.images.extend(images_of(&entry.record).cloned());
            references.records.extend(records_of(&entry.record));
            references.records.extend(originals_of(&entry.record));
        }
        references.add_requests(root)?;
        Ok(references)
    }

    /// Adds the requests of the responses that are needed.
    fn add_requests(&mut self, root: &Path) -> Result<(), ArchiveError> {
        let mut files: BTreeMap<&str, BTreeSet<&RecordId>> = BTreeMap::new();
        for pointer in &self.records {
            files.entry(&pointer.file).or_default().insert(&pointer.record);
        }
        let mut requests = Vec::new();
        for (file, ids) in files {
            let path = root.join(file);
            let Ok(opened) = File::open(&path) else { continue };
            for entry in warc::Reader::new(BufReader::new(opened)) {
                let entry =
                    entry.map_err(|error| ArchiveError::Capture { path: path.clone(), cause: error.to_string() })?;
                if !ids.contains(&entry.id) {
                    continue;
                }
                let request = entry.field("WARC-Concurrent-To").and_then(|id| id.parse().ok());
                requests.extend(request.map(|record| RecordPointer { file: file.to_owned(), record }));
            }
        }
        self.records.extend(requests);
        Ok(())
    }
}

fn images_of(record: &Record) -> impl Iterator<Item = &String> {
    record.snapshots.iter().flat_map(|snapshot| &snapshot.images).filter_map(|image| image.path.as_ref())
}

fn records_of(record: &Record) -> impl Iterator<Item = RecordPointer> + '_ {
    record.snapshots.iter().flat_map(Snapshot::records)
}

/// Returns the records that contain the bytes to which an article's captures refer.
fn originals_of(record: &Record) -> impl Iterator<Item = RecordPointer> + '_ {
    record.snapshots.iter().flat_map(Snapshot::originals)
}
