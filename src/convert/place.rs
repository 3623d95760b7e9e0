//! Files that are there whole or not at all.

use std::io::{self, Write};
use std::path::Path;
use std::time::SystemTime;

/// Writes a file through a temporary one beside it, and makes its folders. No two writers at one time have the same
/// `writer` name. With `time` that is its time of change.
pub fn file(path: &Path, bytes: &[u8], writer: &str, time: Option<SystemTime>) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut name = std::ffi::OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    // A name may be as long as names can be.
    let part = if name.len() < 200 { name } else { std::ffi::OsString::from(".long") };
    let mut part = folder.join(part).into_os_string();
    part.push(format!(".{writer}.part"));
    let mut created = std::fs::File::create(&part);
    if created.as_ref().is_err_and(|error| error.kind() == io::ErrorKind::NotFound) {
        std::fs::create_dir_all(folder)?;
        created = std::fs::File::create(&part);
    }
    let fill = |mut file: std::fs::File| {
        file.write_all(bytes)?;
        // A file system that keeps no times is no reason to fail.
        let _ = time.map(|time| file.set_modified(time));
        Ok(())
    };
    let written = created.and_then(fill).and_then(|()| std::fs::rename(&part, path));
    if written.is_err() {
        // The first error is the one to tell; what is left of the part is of no use.
        let _ = std::fs::remove_file(&part);
    }
    written
}

/// The same for a file named by its bytes: one that is there already has them.
pub fn once(path: &Path, bytes: &[u8], writer: &str) -> io::Result<()> {
    match std::fs::metadata(path) {
        Ok(about) if about.len() == bytes.len() as u64 => Ok(()),
        _ => file(path, bytes, writer, None),
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
        std::thread::scope(|scope| {
            for writer in 0..8 {
                let (path, bytes) = (&path, &bytes);
                scope.spawn(move || (0..20).for_each(|_| file(path, bytes, &writer.to_string(), None).unwrap()));
            }
        });
        assert_eq!(std::fs::read(&path).unwrap(), bytes);
        assert_eq!(std::fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
    }

    #[test]
    fn a_name_as_long_as_names_can_be_is_written() {
        let dir = tempfile::tempdir().unwrap();
        file(&dir.path().join("长".repeat(84)), b"x", "1", None).unwrap();
    }
}
