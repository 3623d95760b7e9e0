//! Flushing folders. A new or renamed file survives a power failure only if its folder is flushed too.

use std::io;
use std::path::Path;

/// Flushes a folder to the disk. File systems that do not support this are ignored.
#[cfg(unix)]
pub fn flush(folder: &Path) -> io::Result<()> {
    match std::fs::File::open(folder)?.sync_all() {
        Err(error) if matches!(error.kind(), io::ErrorKind::InvalidInput | io::ErrorKind::Unsupported) => Ok(()),
        flushed => flushed,
    }
}

/// Does nothing: folders cannot be flushed here, and the file system's journal keeps renames in order.
#[cfg(not(unix))]
pub fn flush(_: &Path) -> io::Result<()> {
    Ok(())
}

/// Returns the folder that contains a path.
pub fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if parent != Path::new("") => parent,
        _ => Path::new("."),
    }
}
