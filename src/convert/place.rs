//! Writes files completely or not at all.

use std::collections::HashSet;
use std::ffi::OsString;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use parking_lot::{Condvar, Mutex};

use crate::model::Digest;

/// Writes a file through a staging file in the same folder, and creates its folders. `time` sets its modification time.
/// No other run may write it at the same time: a staging file that a killed run left is overwritten.
pub fn file(path: &Path, bytes: &[u8], time: Option<SystemTime>) -> io::Result<()> {
    through(path, bytes, "", time)
}

fn through(path: &Path, bytes: &[u8], writer: &str, time: Option<SystemTime>) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let own = path.file_name().unwrap_or_default();
    let mut name = OsString::from(".");
    // A longer name may have no room for the extension.
    if own.len() < 200 {
        name.push(own)
    } else {
        name.push(&Digest::of(own.as_encoded_bytes()).hex()[..32])
    }
    let mut staging = folder.join(name).into_os_string();
    staging.push(format!("{writer}.part"));
    let mut created = std::fs::File::create(&staging);
    if created.as_ref().is_err_and(|error| error.kind() == io::ErrorKind::NotFound) {
        std::fs::create_dir_all(folder)?;
        created = std::fs::File::create(&staging);
    }
    let fill = |mut file: std::fs::File| {
        file.write_all(bytes)?;
        // A file system without modification times is not an error.
        let _ = time.map(|time| file.set_modified(time));
        Ok(())
    };
    let written = created.and_then(fill).and_then(|()| std::fs::rename(&staging, path));
    if written.is_err() {
        // The first error is the one to report.
        let _ = std::fs::remove_file(&staging);
    }
    written
}

/// Writes files named by their digests, which several workers may need at once.
#[derive(Debug, Default)]
pub struct SharedFiles {
    /// Distinguishes the staging files of this run from those of others that write to the same folder.
    run: String,
    under_way: Mutex<HashSet<PathBuf>>,
    done: Condvar,
}

impl SharedFiles {
    /// Returns the files of one of several concurrent runs; None for the only run.
    pub fn of(shard: Option<u64>) -> Self {
        Self { run: shard.map(|part| format!(".{part}")).unwrap_or_default(), ..Self::default() }
    }

    /// Writes a file; one that is there already has the same bytes.
    pub fn put(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        let mut under_way = self.under_way.lock();
        while under_way.contains(path) {
            self.done.wait(&mut under_way);
        }
        if std::fs::metadata(path).is_ok_and(|about| about.len() == bytes.len() as u64) {
            return Ok(());
        }
        under_way.insert(path.to_owned());
        drop(under_way);
        let written = through(path, bytes, &self.run, None);
        self.under_way.lock().remove(path);
        self.done.notify_all();
        written
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_writers_of_one_file_leave_it_whole_and_nothing_else() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a/b.png");
        let bytes = vec![7; 100_000];
        // A killed run left its staging file.
        std::fs::create_dir_all(dir.path().join("a")).unwrap();
        std::fs::write(dir.path().join("a/.b.png.part"), b"half").unwrap();
        let shared_files = SharedFiles::default();
        std::thread::scope(|scope| {
            for _ in 0..8 {
                let (path, bytes, shared_files) = (&path, &bytes, &shared_files);
                scope.spawn(move || (0..20).for_each(|_| shared_files.put(path, bytes).unwrap()));
            }
        });
        assert_eq!(std::fs::read(&path).unwrap(), bytes);
        assert_eq!(std::fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
    }

    #[test]
    fn a_name_as_long_as_names_can_be_is_written() {
        let dir = tempfile::tempdir().unwrap();
        file(&dir.path().join("长".repeat(84)), b"x", None).unwrap();
    }
}
