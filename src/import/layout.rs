//! Folders, ZIP files and tar files that are one export as a whole.

use std::path::Path;

use super::container::Container;
use super::error::ImportError;
use super::item::{Report, Sink};
use super::joplin_item::{JoplinItem, is_item_name};
use super::kind::Kind;
use super::{captures, container, joplin, omnivore};

/// Reads a container as the export that it is, or else as a folder of files.
///
/// # Errors
/// It is a WACZ that cannot be read.
pub(super) fn read(container: Container, name: &str, sink: Sink<'_>) -> Result<Report, ImportError> {
    if let Some(report) = captures::wacz(&container, name, sink) {
        return report;
    }
    if let Some(folder) = joplin::folder(&container) {
        return Ok(joplin::read(container, &folder, name, sink));
    }
    if let Some(folder) = omnivore::folder(&container) {
        return Ok(omnivore::read(&container, &folder, name, sink));
    }
    Ok(container::read(container, name, sink))
}

/// Returns the kind of a folder on disk that is one export as a whole; `None` for a folder of files. `names` are the names
/// in it.
pub fn folder_kind<'n>(folder: &Path, names: impl Iterator<Item = &'n str>) -> Option<Kind> {
    for name in names {
        if omnivore::is_list_name(name) {
            return folder.join("content").is_dir().then_some(Kind::Omnivore);
        }
        if is_item_name(name) {
            let text = super::input::read_file(&folder.join(name), super::input::PAGE_CAP).ok()?;
            return JoplinItem::parse(&String::from_utf8_lossy(&text)).map(|_| Kind::Joplin);
        }
    }
    None
}
