//! Detects and checks an archive or a bundle of any format.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use crate::bundle::{FileKind, Tree, Zip};

use super::tar::{self, TarContent};
use super::{Progress, Report, VerifyError, archive, bag, textpack, wacz};

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
        return match kind_of(&tree) {
            Some(BundleKind::TextPack) if !tree.is_file("bindery-archive.json") => {
                textpack::check(&tree, "", threads, progress)
            }
            Some(BundleKind::Wacz) if !tree.is_file("bindery-archive.json") => wacz::check(&tree, threads, progress),
            Some(BundleKind::Bag) if !tree.is_file("bindery-archive.json") => bag::check(&tree, "", threads, progress),
            _ => archive(path, threads, progress),
        };
    }
    let mut begin = [0; 4];
    let read = File::open(path).and_then(|mut file| file.read(&mut begin));
    read.map_err(|source| VerifyError::Unreadable { path: path.to_owned(), source })?;
    if let Some(content) = tar::content(path) {
        let what = match content {
            TarContent::Bag => "a bag in a tar file",
            TarContent::Other => "a tar file",
        };
        return Err(VerifyError::Tar { path: path.to_owned(), what });
    }
    let zip = Arc::new(Zip::open(path)?);
    let whole = Tree::in_zip(&zip, "");
    let folders = top_folders(&whole);
    let tops = std::iter::once(String::new()).chain(folders);
    let found = tops.filter_map(|top| Some((kind_of(&Tree::in_zip(&zip, &top))?, top))).next();
    match found {
        Some((BundleKind::Bag, top)) => bag::check(&Tree::in_zip(&zip, &top), &top, threads, progress),
        Some((BundleKind::TextPack, top)) => textpack::check(&Tree::in_zip(&zip, &top), &top, threads, progress),
        Some((BundleKind::Wacz, _)) => wacz::check(&whole, threads, progress),
        None => {
            let cause = "it contains no file of a known format".to_owned();
            Err(VerifyError::UnknownFormat { path: path.to_owned(), cause })
        }
    }
}

enum BundleKind {
    Bag,
    Wacz,
    TextPack,
}

/// Returns the kind of bundle in a folder, by files that only this kind contains. Several files are tried, so that a bundle
/// with a missing one is recognized.
fn kind_of(tree: &Tree) -> Option<BundleKind> {
    let children = tree.list("").unwrap_or_default();
    let names: BTreeSet<String> = children.iter().filter_map(|child| child.name.to_str().map(str::to_owned)).collect();
    let is_manifest = |name: &String| name.starts_with("manifest-") && name.ends_with(".txt");
    if names.contains("bagit.txt") || names.contains("data") && names.iter().any(is_manifest) {
        return Some(BundleKind::Bag);
    }
    let has_text = names.iter().any(|name| name.starts_with("text."));
    let is_named = tree.path().extension().is_some_and(|extension| extension == "textbundle");
    if names.contains("info.json") && has_text || is_named && (has_text || names.contains("info.json")) {
        return Some(BundleKind::TextPack);
    }
    let parts = ["datapackage.json", "archive", "indexes", "pages"];
    if parts.iter().filter(|part| names.contains(**part)).count() >= 2 {
        return Some(BundleKind::Wacz);
    }
    None
}

fn top_folders(tree: &Tree) -> Vec<String> {
    let children = tree.list("").unwrap_or_default();
    let folders = children.into_iter().filter(|child| child.kind == FileKind::Folder);
    folders.filter_map(|child| child.name.into_string().ok()).collect()
}
