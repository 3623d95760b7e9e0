//! What lies at a path: an archive, or which kind of bundle.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use crate::bundle::{FileKind, Tree, Zip};

use super::{Progress, Report, VerifyError, archive, bag, textpack, wacz};

/// Checks whatever lies at `path`: the folder of an archive, a bag or a TextBundle, or a ZIP file that holds a bag, a WACZ
/// or a TextPack. Every byte is read and nothing is extracted. The findings do not depend on the number of threads.
///
/// # Errors
/// What is neither, what cannot be opened, and what a later version wrote. Damage is no error.
pub fn any(path: &Path, threads: usize, progress: &mut dyn FnMut(Progress)) -> Result<Report, VerifyError> {
    let meta = path.metadata().map_err(|_| VerifyError::Missing { path: path.to_owned() })?;
    if meta.is_dir() {
        let tree = Tree::folder(path);
        return match kind_of(&tree) {
            Some(What::TextPack) if !tree.is_file("bindery-archive.json") => {
                textpack::check(&tree, "", threads, progress)
            }
            Some(What::Wacz) if !tree.is_file("bindery-archive.json") => wacz::check(&tree, threads, progress),
            Some(What::Bag) if !tree.is_file("bindery-archive.json") => bag::check(&tree, "", threads, progress),
            _ => archive(path, threads, progress),
        };
    }
    let mut begin = [0; 4];
    let read = File::open(path).and_then(|mut file| file.read(&mut begin));
    read.map_err(|source| VerifyError::Unreadable { path: path.to_owned(), source })?;
    let zip = Arc::new(Zip::open(path)?);
    let whole = Tree::in_zip(&zip, "");
    let folders = top_folders(&whole);
    let tops = std::iter::once(String::new()).chain(folders);
    let found = tops.filter_map(|top| Some((kind_of(&Tree::in_zip(&zip, &top))?, top))).next();
    match found {
        Some((What::Bag, top)) => bag::check(&Tree::in_zip(&zip, &top), &top, threads, progress),
        Some((What::TextPack, top)) => textpack::check(&Tree::in_zip(&zip, &top), &top, threads, progress),
        Some((What::Wacz, _)) => wacz::check(&whole, threads, progress),
        None => {
            let cause = "no file in it tells what it is".to_owned();
            Err(VerifyError::NothingKnown { path: path.to_owned(), cause })
        }
    }
}

enum What {
    Bag,
    Wacz,
    TextPack,
}

/// What a folder is, by the files that only one kind has; files that are missing must not hide what it was.
fn kind_of(tree: &Tree) -> Option<What> {
    let children = tree.list("").unwrap_or_default();
    let names: BTreeSet<String> = children.iter().filter_map(|child| child.name.to_str().map(str::to_owned)).collect();
    let is_manifest = |name: &String| name.starts_with("manifest-") && name.ends_with(".txt");
    if names.contains("bagit.txt") || names.contains("data") && names.iter().any(is_manifest) {
        return Some(What::Bag);
    }
    let has_text = names.iter().any(|name| name.starts_with("text."));
    let is_named = tree.path().extension().is_some_and(|extension| extension == "textbundle");
    if names.contains("info.json") && has_text || is_named && (has_text || names.contains("info.json")) {
        return Some(What::TextPack);
    }
    let parts = ["datapackage.json", "archive", "indexes", "pages"];
    if parts.iter().filter(|part| names.contains(**part)).count() >= 2 {
        return Some(What::Wacz);
    }
    None
}

fn top_folders(tree: &Tree) -> Vec<String> {
    let children = tree.list("").unwrap_or_default();
    let folders = children.into_iter().filter(|child| child.kind == FileKind::Folder);
    folders.filter_map(|child| child.name.into_string().ok()).collect()
}
