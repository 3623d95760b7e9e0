//! Recovery of captures and events.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use crate::warc;

use super::super::ArchiveError;
use super::super::images::digest_of;
use super::super::layout::{OPEN, is_capture_name, is_run_name};
use super::super::manifest::Manifest;
use super::super::reader::list;
use super::Recovery;

/// The maximum length of a line of a run's events, in bytes.
const MAX_LINE_BYTES: u64 = 16 << 20;

impl Recovery<'_> {
    /// Recovers the captures of a month.
    pub(super) fn captures(&mut self, leaf: &str) -> Result<(), ArchiveError> {
        self.sealed(leaf, is_capture_name, &|path| {
            let file = File::open(path).map_err(|error| ArchiveError::io("read", path, error))?;
            warc::valid_length(BufReader::new(file)).map_err(|error| ArchiveError::io("read", path, error))
        })
    }

    /// Recovers the events of a year.
    pub(super) fn events(&mut self, leaf: &str) -> Result<(), ArchiveError> {
        self.sealed(leaf, is_run_name, &valid_lines)
    }

    /// Recovers files that are sealed at the end of their run: an open one is truncated to its valid part and sealed.
    /// `is_own` returns whether a name is that of such a file, `valid_length` the length of that part.
    fn sealed(
        &mut self,
        leaf: &str,
        is_own: fn(&str) -> bool,
        valid_length: &dyn Fn(&Path) -> Result<u64, ArchiveError>,
    ) -> Result<(), ArchiveError> {
        let files = list(&self.root.join(leaf))?.1;
        self.remove_temps(leaf, &files)?;
        let manifest = self.leaf(leaf)?;
        for name in files.iter().filter(|name| is_own(name.strip_suffix(OPEN).unwrap_or(name))) {
            match name.strip_suffix(OPEN) {
                Some(sealed) => self.seal(leaf, name, sealed, valid_length)?,
                None => self.unlisted(leaf, name, manifest.as_ref(), valid_length)?,
            }
        }
        Ok(())
    }

    fn seal(
        &mut self,
        leaf: &str,
        name: &str,
        sealed: &str,
        valid_length: &dyn Fn(&Path) -> Result<u64, ArchiveError>,
    ) -> Result<(), ArchiveError> {
        let path = self.root.join(leaf).join(name);
        let target = self.root.join(leaf).join(sealed);
        let length = fs::metadata(&path).map_err(|error| ArchiveError::io("read", &path, error))?.len();
        let kept = valid_length(&path)?;
        if kept == 0 || target.exists() {
            return self.state.disk.remove(&path);
        }
        if kept < length {
            self.state.disk.truncate(&path, kept)?;
        }
        self.state.disk.rename(&path, &target)?;
        self.state.pending.file(&format!("{leaf}/{sealed}"), digest_of(&target)?)?;
        self.note(format!(
            "{leaf}/{sealed} is from an interrupted run; {kept} of its {length} bytes are valid and were kept"
        ));
        Ok(())
    }

    /// Lists a file that was sealed, or rewritten by a removal, but is not listed yet.
    fn unlisted(
        &mut self,
        leaf: &str,
        name: &str,
        manifest: Option<&Manifest>,
        valid_length: &dyn Fn(&Path) -> Result<u64, ArchiveError>,
    ) -> Result<(), ArchiveError> {
        let path = self.root.join(leaf).join(name);
        let line = manifest.and_then(|found| found.lines.get(name));
        if (line.is_some() || manifest.is_some()) && !self.is_recent(&path, manifest)? {
            return Ok(());
        }
        let digest = digest_of(&path)?;
        if line == Some(&digest) {
            return Ok(());
        }
        let length = fs::metadata(&path).map_err(|error| ArchiveError::io("read", &path, error))?.len();
        if valid_length(&path)? < length {
            self.note(format!("{leaf}/{name} is damaged; run `bindery verify`"));
            return Ok(());
        }
        self.state.pending.file(&format!("{leaf}/{name}"), digest)
    }
}

/// Returns the length in bytes of the complete lines of a file, up to the first that is not JSON.
fn valid_lines(path: &Path) -> Result<u64, ArchiveError> {
    let fail = |error| ArchiveError::io("read", path, error);
    let mut reader = BufReader::new(File::open(path).map_err(fail)?);
    let (mut length, mut line) = (0, Vec::new());
    loop {
        line.clear();
        reader.by_ref().take(MAX_LINE_BYTES).read_until(b'\n', &mut line).map_err(fail)?;
        if !line.ends_with(b"\n") || serde_json::from_slice::<serde_json::Value>(&line).is_err() {
            return Ok(length);
        }
        length += line.len() as u64;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_valid_up_to_the_first_incomplete_one() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("run.jsonl.open");
        for (text, length) in
            [("", 0), ("{\"a\":1}\n", 8), ("{\"a\":1}\n{\"b\"", 8), ("{\"a\":1}\n\0\0\0\n", 8), ("{}", 0)]
        {
            fs::write(&path, text).unwrap();
            assert_eq!(valid_lines(&path).unwrap(), length, "{text:?}");
        }
    }
}
