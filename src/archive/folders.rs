//! Names made durable: what was written into a folder outlasts a power cut only when the folder is flushed too.

use std::io;
use std::path::Path;

/// Flushes a folder. A file system that does not know how sees to its names by itself.
#[cfg(unix)]
pub fn flush(folder: &Path) -> io::Result<()> {
    match std::fs::File::open(folder)?.sync_all() {
        Err(error) if matches!(error.kind(), io::ErrorKind::InvalidInput | io::ErrorKind::Unsupported) => Ok(()),
        flushed => flushed,
    }
}

/// Folders cannot be flushed here; the file system's journal orders the names.
#[cfg(not(unix))]
pub fn flush(_: &Path) -> io::Result<()> {
    Ok(())
}

/// The folder that a path is in.
pub fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if parent != Path::new("") => parent,
        _ => Path::new("."),
    }
}
