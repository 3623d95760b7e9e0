//! Writing what comes in.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use crate::model::Digest;
use crate::warc::{self, RecordKind};

use super::super::ArchiveError;
use super::super::disk::Phase;
use super::super::images::digest_of;
use super::super::layout::{CAPTURES, INDEX};
use super::super::record::{Record, read_bytes};
use super::super::writer::Writer;

/// The maximum size of the block of a `warcinfo` in bytes.
const MAX_WARCINFO: u64 = 1 << 20;

impl Writer {
    /// Writes texts that came from another archive, `index.md` if the newest text is another one, and the record.
    pub(in crate::archive) fn put_merged(
        &mut self,
        folder: &str,
        texts: &[(String, Vec<u8>)],
        before: Option<&Record>,
        record: Record,
    ) -> Result<(), ArchiveError> {
        let path = self.root.join(folder);
        self.state.disk.create_folder(&path)?;
        for (file, bytes) in texts {
            self.state.disk.write_in_phase(Phase::Content, &path.join(file), bytes)?;
        }
        let newest = record.newest().cloned();
        let is_other =
            newest.as_ref().map(|newest| newest.sha256) != before.and_then(Record::newest).map(|old| old.sha256);
        if let Some(newest) = newest.filter(|_| is_other) {
            let bytes = match texts.iter().find(|(file, _)| *file == newest.file) {
                Some((_, bytes)) => bytes.clone(),
                None => read_bytes(&path.join(&newest.file))?,
            };
            self.state.disk.write_in_phase(Phase::Index, &path.join(INDEX), &bytes)?;
        }
        let record = self.write_record(folder, record)?;
        self.register(folder, &record)
    }

    /// Copies a file whose digest is known into the archive; returns false, and leaves nothing, if the digest differs.
    /// A capture with another name gets that name in its first record.
    pub(in crate::archive) fn copy_file(
        &mut self,
        from: &Path,
        path: &str,
        digest: &Digest,
    ) -> Result<bool, ArchiveError> {
        let to = self.root.join(path);
        self.state.disk.create_folder(to.parent().unwrap_or(&self.root))?;
        if to.file_name() == from.file_name() || !path.starts_with(CAPTURES) {
            let is_whole = self.state.disk.copy(from, &to, digest)?;
            if is_whole {
                self.state.pending.file(path, *digest)?;
            }
            return Ok(is_whole);
        }
        if digest_of(from)? != *digest {
            return Ok(false);
        }
        let (head, length) = renamed_warcinfo(from, path)?;
        let digest = self.state.disk.copy_behind(from, &to, &head, length)?;
        self.state.pending.file(path, digest)?;
        Ok(true)
    }

    /// Writes a small file of an article's folder.
    pub(in crate::archive) fn put_file(&mut self, path: &str, bytes: &[u8]) -> Result<(), ArchiveError> {
        let to = self.root.join(path);
        self.state.disk.create_folder(to.parent().unwrap_or(&self.root))?;
        self.state.disk.write_in_phase(Phase::Content, &to, bytes)?;
        self.state.pending.file(path, Digest::of(bytes))
    }
}

/// Returns the first record of a capture as a file with another name has it, and the length of the original's.
fn renamed_warcinfo(from: &Path, path: &str) -> Result<(Vec<u8>, u64), ArchiveError> {
    let fail = |cause: String| ArchiveError::Capture { path: from.to_owned(), cause };
    let open = || File::open(from).map_err(|error| ArchiveError::io("read", from, error));
    let first = warc::Reader::new(BufReader::new(open()?)).next();
    let first = first.ok_or_else(|| fail("it is empty".to_owned()))?.map_err(|error| fail(error.to_string()))?;
    if first.kind != RecordKind::Warcinfo {
        return Err(fail("its first record is not a warcinfo".to_owned()));
    }
    let stored =
        warc::find(BufReader::new(open()?), &first.id, MAX_WARCINFO).map_err(|error| fail(error.to_string()))?;
    let block = stored.map(|stored| String::from_utf8_lossy(&stored.block).into_owned()).unwrap_or_default();
    let software = block.lines().find_map(|line| line.strip_prefix("software: ")).unwrap_or_default().trim();
    let name = path.rsplit('/').next().unwrap_or(path);
    Ok((warc::Record::warcinfo(name, software, first.date).to_gzip(), first.offset + first.length))
}
