//! Taking an article out of the archive: its texts, the images that only it shows, the records of its captures.
//!
//! The order keeps a kill from leaving anything behind: a tombstone that names the record, then everything that the
//! record names, then the record itself. A tombstone beside the record that it names is a removal to finish.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::model::{Digest, Timestamp, UrlKey};
use crate::warc::{self, RecordId, RecordKind};

use super::ArchiveError;
use super::images::{digest_in, digest_of};
use super::layout::{FORMAT, INDEX, RECORD, TOMBSTONE};
use super::reader::{self, read_entry};
use super::record::{Record, RecordPointer, Snapshot};
use super::writer::Writer;

/// What stays of an article that was removed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tombstone {
    /// Always 1.
    pub format: u32,
    /// The URL of the page that was kept.
    pub url: String,
    /// When it was removed.
    pub removed: Timestamp,
    /// How many texts there were.
    pub texts: u64,
    /// Digest of the record that was removed.
    pub record_sha256: Digest,
    /// Name and version of the program that removed it.
    pub software: String,
}

impl Tombstone {
    /// Reads a tombstone's bytes.
    pub(super) fn parse(path: &Path, bytes: &[u8]) -> Result<Self, ArchiveError> {
        serde_json::from_slice(bytes)
            .map_err(|error| ArchiveError::BadRecord { path: path.to_owned(), cause: error.to_string() })
    }
}

/// What a removal took.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Removed {
    /// The article's folder below the archive, where its tombstone is.
    pub folder: String,
    /// How many texts.
    pub texts: usize,
    /// How many images that no other article shows.
    pub images: usize,
    /// How many WARC records.
    pub records: usize,
}

impl Writer {
    /// Removes the article with this key, and leaves a tombstone. None when there is none. Durable when it returns.
    ///
    /// Images and WARC records that other articles need stay.
    ///
    /// # Errors
    /// A record that cannot be read: what other articles need is not known then. What the operating system refuses; the
    /// removal is then finished by the next one that opens the archive.
    pub fn remove(&mut self, key: &UrlKey, at: Timestamp) -> Result<Option<Removed>, ArchiveError> {
        let Some(entry) = self.find(key)? else { return Ok(None) };
        self.unseal()?;
        // A record may point into the capture that is under way.
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

    /// Takes away all that the record in a folder names and no other needs, then the record.
    pub(super) fn finish_removal(&mut self, folder: &str) -> Result<Removed, ArchiveError> {
        let Some(entry) = read_entry(&self.root, folder.to_owned())? else {
            return Ok(Removed { folder: folder.to_owned(), ..Removed::default() });
        };
        let needed = Needed::by_others(&self.root, folder)?;
        let images = self.remove_images(&entry.record, &needed)?;
        let records = self.remove_captures(&entry.record, &needed)?;
        for snapshot in &entry.record.snapshots {
            self.remove_file(&format!("{folder}/{}", snapshot.file))?;
        }
        self.remove_file(&format!("{folder}/{INDEX}"))?;
        // What the record names must be out of the manifests before nobody knows any more what it named.
        self.state.pending.commit(&self.state.disk, &self.root)?;
        self.remove_file(&format!("{folder}/{RECORD}"))?;
        self.state.index.forget_article(folder)?;
        self.state.pending.commit(&self.state.disk, &self.root)?;
        Ok(Removed { folder: folder.to_owned(), texts: entry.record.snapshots.len(), images, records })
    }

    fn remove_file(&mut self, path: &str) -> Result<(), ArchiveError> {
        self.state.disk.remove(&self.root.join(path))?;
        self.state.pending.gone(path)
    }

    fn remove_images(&mut self, record: &Record, needed: &Needed) -> Result<usize, ArchiveError> {
        let paths: BTreeSet<&String> = images_of(record).filter(|path| !needed.images.contains(*path)).collect();
        for path in &paths {
            self.remove_file(path)?;
            if let Some(digest) = digest_in(path) {
                self.state.index.forget_image(&digest)?;
                self.state.shelf.forget(&digest);
            }
        }
        Ok(paths.len())
    }

    /// Writes the WARC files anew without the records that only this article needs.
    fn remove_captures(&mut self, record: &Record, needed: &Needed) -> Result<usize, ArchiveError> {
        let mut going: BTreeMap<String, BTreeSet<RecordId>> = BTreeMap::new();
        for pointer in records_of(record).filter(|pointer| !needed.records.contains(pointer)) {
            going.entry(pointer.file).or_default().insert(pointer.record);
        }
        let mut count = 0;
        for (file, ids) in going {
            count += self.rewrite(&file, &ids)?;
        }
        Ok(count)
    }

    fn rewrite(&mut self, file: &str, going: &BTreeSet<RecordId>) -> Result<usize, ArchiveError> {
        let path = self.root.join(file);
        if !path.exists() {
            self.state.pending.gone(file)?;
            return Ok(0);
        }
        let fail = |cause: String| ArchiveError::Capture { path: path.clone(), cause };
        let opened = File::open(&path).map_err(|error| ArchiveError::io("read", &path, error))?;
        let (mut keeps, mut gone, mut something) = (Vec::new(), 0, false);
        for entry in warc::Reader::new(BufReader::new(opened)) {
            let entry = entry.map_err(|error| fail(error.to_string()))?;
            if going.contains(&entry.id) {
                gone += 1;
            } else {
                something |= entry.kind != RecordKind::Warcinfo;
                keeps.push((entry.offset, entry.length));
            }
        }
        match (gone, something) {
            // A removal that was cut off may have come so far.
            (0, true) => self.state.pending.file(file, digest_of(&path)?)?,
            (_, false) => self.remove_file(file)?,
            _ => {
                let digest = self.state.disk.copy_parts(&path, &keeps)?;
                self.state.pending.file(file, digest)?;
            }
        }
        Ok(gone)
    }
}

/// What the articles that stay need.
struct Needed {
    images: BTreeSet<String>,
    records: BTreeSet<RecordPointer>,
}

impl Needed {
    fn by_others(root: &Path, going: &str) -> Result<Self, ArchiveError> {
        let mut needed = Self { images: BTreeSet::new(), records: BTreeSet::new() };
        for entry in reader::Archive::open(root)?.articles()? {
            let entry = entry?;
            if entry.folder == going {
                continue;
            }
            needed.images.extend(images_of(&entry.record).cloned());
            needed.records.extend(records_of(&entry.record));
            needed.records.extend(originals_of(&entry.record));
        }
        needed.add_requests(root)?;
        Ok(needed)
    }

    /// The request of an answer that stays stays with it.
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

/// The records that hold the bytes to which an article's captures refer.
fn originals_of(record: &Record) -> impl Iterator<Item = RecordPointer> + '_ {
    record.snapshots.iter().flat_map(Snapshot::originals)
}
