//! Files that are there whole or not at all.

use std::io::{self, Write};
use std::path::Path;

/// Writes a file through a temporary one beside it, and makes its folders.
pub fn file(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder)?;
    let mut name = std::ffi::OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(".part");
    let part = folder.join(name);
    let written = std::fs::File::create(&part)
        .and_then(|mut file| file.write_all(bytes))
        .and_then(|()| std::fs::rename(&part, path));
    if written.is_err() {
        // The first error is the one to tell; what is left of the part is of no use.
        let _ = std::fs::remove_file(&part);
    }
    written
}

/// The same for a file named by its bytes: one that is there already has them.
pub fn once(path: &Path, bytes: &[u8]) -> io::Result<()> {
    match std::fs::metadata(path) {
        Ok(about) if about.len() == bytes.len() as u64 => Ok(()),
        _ => file(path, bytes),
    }
}
