//! Restores images from the captures of the pages that show them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use crate::model::Digest;
use crate::warc::{self, RecordId, coding};

use super::super::ArchiveError;
use super::super::layout::{IMAGES, digest_in};
use super::super::reader::Archive;
use super::super::record::Snapshot;
use super::{Source, Step};

/// The maximum size of an image in bytes, with or without its content coding.
const MAX_BYTES: u64 = 1 << 30;

/// The WARC record that contains an image.
pub(super) struct CapturedImage {
    /// The WARC file, below the archive.
    file: String,
    record: RecordId,
    digest: Digest,
}

impl CapturedImage {
    /// Returns the image's bytes, without their content coding.
    pub fn read(&self, root: &Path) -> Result<Vec<u8>, ArchiveError> {
        let path = root.join(&self.file);
        let fail = |cause: String| ArchiveError::Capture { path: path.clone(), cause };
        let opened = File::open(&path).map_err(|error| ArchiveError::io("read", &path, error))?;
        let found = warc::find(BufReader::new(opened), &self.record, MAX_BYTES)
            .map_err(|error| fail(error.to_string()))?
            .ok_or_else(|| fail(format!("it does not contain the record {}", self.record)))?;
        let Some(message) = found.http() else { return self.checked(found.block, fail) };
        let coded =
            message.headers.get("content-encoding").map(|header| coding::decode(header, message.body, MAX_BYTES));
        let decoded = coded.transpose().map_err(|error| fail(error.to_string()))?.and_then(|decoded| decoded.body);
        self.checked(decoded.unwrap_or_else(|| message.body.to_vec()), fail)
    }

    fn checked(&self, bytes: Vec<u8>, fail: impl Fn(String) -> ArchiveError) -> Result<Vec<u8>, ArchiveError> {
        match Digest::of(&bytes) == self.digest {
            true => Ok(bytes),
            false => Err(fail(format!("the record {} does not contain the image {}", self.record, self.digest))),
        }
    }
}

/// Returns how damaged images are restored from captures.
pub(super) fn steps(root: &Path, damaged: &BTreeSet<&str>) -> Result<Vec<Step>, ArchiveError> {
    let mut wanted: BTreeMap<&str, Digest> = BTreeMap::new();
    for path in damaged.iter().filter(|path| path.strip_prefix(IMAGES).is_some_and(|below| below.starts_with('/'))) {
        wanted.extend(digest_in(path).map(|digest| (*path, digest)));
    }
    let mut steps = Vec::new();
    if wanted.is_empty() {
        return Ok(steps);
    }
    for entry in Archive::at(root).each()? {
        // Other damage is reported by the verifier.
        let Ok(entry) = entry else { continue };
        for (path, captured) in entry.record.snapshots.iter().flat_map(captured) {
            let is_wanted = wanted.get(path.as_str()) == Some(&captured.digest);
            if is_wanted && captured.read(root).is_ok() {
                wanted.remove(path.as_str());
                let how = format!("is in {}", captured.file);
                let digest = captured.digest;
                steps.push(Step::new(&path, how, Source::Capture(captured), digest));
            }
        }
    }
    Ok(steps)
}

/// Returns path and record of each image that a visit captured.
fn captured(snapshot: &Snapshot) -> Vec<(String, CapturedImage)> {
    let Some(capture) = &snapshot.capture else { return Vec::new() };
    let images = snapshot.images.iter().filter_map(|image| {
        let path = image.path.clone()?;
        let digest = digest_in(&path)?;
        let (file, record) = match &image.original {
            Some(original) => (original.file.clone(), original.record.clone()),
            None => (capture.file.clone(), image.record.clone()?),
        };
        Some((path, CapturedImage { file, record, digest }))
    });
    images.collect()
}
