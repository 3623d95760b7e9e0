//! Captures and events that a killed run left.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use crate::warc;

use super::super::ArchiveError;
use super::super::images::digest_of;
use super::super::layout::{MANIFEST, OPEN};
use super::super::manifest::Found;
use super::super::reader::list;
use super::Recovery;

/// No line of a run's events is longer; what is longer is none.
const MAX_LINE_BYTES: u64 = 16 << 20;

impl Recovery<'_> {
    /// A month of captures.
    pub(super) fn captures(&mut self, leaf: &str) -> Result<(), ArchiveError> {
        self.sealed(leaf, &|path| {
            let file = File::open(path).map_err(|error| ArchiveError::io("read", path, error))?;
            warc::valid_length(BufReader::new(file)).map_err(|error| ArchiveError::io("read", path, error))
        })
    }

    /// A year of events.
    pub(super) fn events(&mut self, leaf: &str) -> Result<(), ArchiveError> {
        self.sealed(leaf, &whole_lines)
    }

    /// Files that are sealed when their run ends: an open one is cut after what is whole in it, and sealed.
    fn sealed(&mut self, leaf: &str, whole: &dyn Fn(&Path) -> Result<u64, ArchiveError>) -> Result<(), ArchiveError> {
        let files = list(&self.root.join(leaf))?.1;
        self.remove_temps(leaf, &files)?;
        let manifest = self.leaf(leaf)?;
        for name in files.iter().filter(|name| *name != MANIFEST) {
            match name.strip_suffix(OPEN) {
                Some(sealed) => self.seal(leaf, name, sealed, whole)?,
                None => self.unlisted(leaf, name, manifest.as_ref(), whole)?,
            }
        }
        Ok(())
    }

    fn seal(
        &mut self,
        leaf: &str,
        name: &str,
        sealed: &str,
        whole: &dyn Fn(&Path) -> Result<u64, ArchiveError>,
    ) -> Result<(), ArchiveError> {
        let path = self.root.join(leaf).join(name);
        let target = self.root.join(leaf).join(sealed);
        let length = fs::metadata(&path).map_err(|error| ArchiveError::io("read", &path, error))?.len();
        let kept = whole(&path)?;
        if kept == 0 || target.exists() {
            return self.state.disk.remove(&path);
        }
        if kept < length {
            self.state.disk.cut(&path, kept)?;
        }
        self.state.disk.rename(&path, &target)?;
        self.state.pending.file(&format!("{leaf}/{sealed}"), digest_of(&target)?)?;
        self.note(format!(
            "{leaf}/{sealed} is of a run that did not end; {kept} of its {length} bytes are whole and kept"
        ));
        Ok(())
    }

    /// A file that was sealed, or rewritten by a removal, and not listed.
    fn unlisted(
        &mut self,
        leaf: &str,
        name: &str,
        manifest: Option<&Found>,
        whole: &dyn Fn(&Path) -> Result<u64, ArchiveError>,
    ) -> Result<(), ArchiveError> {
        let path = self.root.join(leaf).join(name);
        let line = manifest.and_then(|found| found.lines.get(name));
        if name.starts_with('.') || (line.is_some() || manifest.is_some()) && !self.is_recent(&path, manifest)? {
            return Ok(());
        }
        let digest = digest_of(&path)?;
        if line == Some(&digest) {
            return Ok(());
        }
        let length = fs::metadata(&path).map_err(|error| ArchiveError::io("read", &path, error))?.len();
        if whole(&path)? < length {
            self.note(format!("{leaf}/{name} is damaged; run `bindery verify`"));
            return Ok(());
        }
        self.state.pending.file(&format!("{leaf}/{name}"), digest)
    }
}

/// How many bytes the whole lines of a file are, up to the first that is not JSON.
fn whole_lines(path: &Path) -> Result<u64, ArchiveError> {
    let fail = |error| ArchiveError::io("read", path, error);
    let mut reader = BufReader::new(File::open(path).map_err(fail)?);
    let (mut whole, mut line) = (0, Vec::new());
    loop {
        line.clear();
        reader.by_ref().take(MAX_LINE_BYTES).read_until(b'\n', &mut line).map_err(fail)?;
        if !line.ends_with(b"\n") || serde_json::from_slice::<serde_json::Value>(&line).is_err() {
            return Ok(whole);
        }
        whole += line.len() as u64;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_whole_up_to_the_first_that_is_cut() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("run.jsonl.open");
        for (text, whole) in
            [("", 0), ("{\"a\":1}\n", 8), ("{\"a\":1}\n{\"b\"", 8), ("{\"a\":1}\n\0\0\0\n", 8), ("{}", 0)]
        {
            fs::write(&path, text).unwrap();
            assert_eq!(whole_lines(&path).unwrap(), whole, "{text:?}");
        }
    }
}
