//! Detects and checks an archive or a bundle of any format.

use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use crate::bundle::{BundleError, BundleFormat, FORMATS, FileKind, Rules, Tree, Zip};

use super::tar::{self, TarContent};
use super::{Progress, Report, Subject, VerifyError, archive, bag, listed, wacz};

/// Checks the archive or bundle at `path`: the folder of an archive, a bag, a WACZ or a TextBundle, or a ZIP file with a
/// bag, a WACZ or a TextPack. Every byte is read and nothing is extracted. The findings do not depend on the number of
/// threads.
///
/// # Errors
/// A path that is neither, cannot be opened, or was written by a later version. Damage is a finding, not an error.
pub fn any(path: &Path, threads: usize, progress: &mut dyn FnMut(Progress)) -> Result<Report, VerifyError> {
    let meta = path.metadata().map_err(|_| VerifyError::Missing { path: path.to_owned() })?;
    if meta.is_dir() {
        let tree = Tree::folder(path);
        return match format_of(&tree).filter(|_| !tree.is_file("bindery-archive.json")) {
            Some(format) => check(&tree, "", format, threads, progress),
            None => archive(path, threads, progress),
        };
    }
    let mut begin = [0; 4];
    let read = File::open(path).and_then(|mut file| file.read(&mut begin));
    let length = read.map_err(|source| VerifyError::Unreadable { path: path.to_owned(), source })?;
    if let Some(content) = tar::content(path) {
        let what = match content {
            TarContent::Bag => "a bag in a tar file",
            TarContent::Other => "a tar file",
        };
        return Err(VerifyError::Tar { path: path.to_owned(), what });
    }
    let zip = match Zip::open(path) {
        Err(BundleError::InvalidZip { .. }) if length >= 2 && !begin.starts_with(b"PK") => {
            let cause = "it is not a ZIP file".to_owned();
            return Err(VerifyError::UnknownFormat { path: path.to_owned(), cause });
        }
        opened => Arc::new(opened?),
    };
    let tops = std::iter::once(String::new()).chain(top_folders(&Tree::in_zip(&zip, "")));
    let found = tops.filter_map(|top| Some((format_of(&Tree::in_zip(&zip, &top))?, top))).next();
    match found {
        Some((format, top)) => {
            // A WACZ has no top folder.
            let top = if matches!(format.rules(), Rules::Wacz) { String::new() } else { top };
            check(&Tree::in_zip(&zip, &top), &top, format, threads, progress)
        }
        None => {
            let cause = "it contains no file of a known format".to_owned();
            Err(VerifyError::UnknownFormat { path: path.to_owned(), cause })
        }
    }
}

/// Checks a bundle in a folder. `top` is its folder in the ZIP file; empty on disk, and if there is none.
fn check(
    tree: &Tree,
    top: &str,
    format: &dyn BundleFormat,
    threads: usize,
    progress: &mut dyn FnMut(Progress),
) -> Result<Report, VerifyError> {
    let report = match format.rules() {
        Rules::BagIt => bag::check(tree, top, threads, progress),
        Rules::Wacz => wacz::check(tree, threads, progress),
        Rules::Listed(describe) => listed::check(tree, top, describe, threads, progress),
        Rules::ForReading => {
            Err(VerifyError::ForReading { path: tree.path().components().collect(), format: format.name() })
        }
    };
    Ok(Report { subject: Subject::Bundle(format.name()), ..report? })
}

/// Returns the format of the bundle in a folder; None if it is not a bundle.
fn format_of(tree: &Tree) -> Option<&'static dyn BundleFormat> {
    FORMATS.into_iter().find(|format| format.is_in(tree))
}

/// Returns the names of all formats, for messages.
pub(super) fn names() -> String {
    let checked = FORMATS.into_iter().filter(|format| !matches!(format.rules(), Rules::ForReading));
    checked.map(|format| format.name()).collect::<Vec<_>>().join(", ")
}

fn top_folders(tree: &Tree) -> Vec<String> {
    let children = tree.list("").unwrap_or_default();
    let folders = children.into_iter().filter(|child| child.kind == FileKind::Folder);
    folders.filter_map(|child| child.name.into_string().ok()).collect()
}
