//! Formats for reading: what they have in common, and one file for each article, where the target is a folder.

use std::fs;
use std::path::Path;
use std::sync::atomic::Ordering;

use crate::archive::Archive;

use super::stored::StoredText;
use super::{BundleError, BundleOptions, BundleSummary, is_standard_output};

/// Writes one article to a file, and adds what was written to the summary.
pub(super) type WriteOne<'w> = &'w mut dyn FnMut(&StoredText<'_>, &Path, &mut BundleSummary) -> Result<(), BundleError>;

/// Returns whether a target is a folder for a file of each article: an existing one, or a name that ends in `/`.
pub(super) fn is_folder(target: &Path) -> bool {
    let is_named = || target.as_os_str().to_string_lossy().ends_with(['/', std::path::MAIN_SEPARATOR]);
    !is_standard_output(target) && (target.is_dir() || is_named())
}

/// Writes the newest text of each selected article to a file of its own: to `target`, which then holds one article only, or
/// into the folder that it names, under the name of the article's folder with this extension.
pub(super) fn each(
    archive: &Archive,
    (target, extension): (&Path, &str),
    options: &BundleOptions,
    progress: &mut dyn FnMut(u64, u64),
    write: WriteOne<'_>,
) -> Result<BundleSummary, BundleError> {
    let folders = selected(archive, options)?;
    let mut summary = BundleSummary::default();
    let in_folder = is_folder(target);
    if in_folder {
        fs::create_dir_all(target).map_err(|error| BundleError::io("create the folder", target, error))?;
    } else if folders.len() != 1 {
        return Err(BundleError::SeveralTexts { path: target.to_owned(), count: folders.len() });
    }
    texts(archive, &folders, options, progress, &mut |_, stored| {
        let name = || format!("{}.{extension}", stored.slug());
        let path = if in_folder { target.join(name()) } else { target.to_owned() };
        write(stored, &path, &mut summary)?;
        summary.written.push(path);
        summary.articles += 1;
        Ok(())
    })?;
    Ok(summary)
}

/// Returns the folders of the selected articles.
pub(super) fn selected(archive: &Archive, options: &BundleOptions) -> Result<Vec<String>, BundleError> {
    let mut folders = Vec::new();
    options.selection.each(archive, &mut |entry| folders.push(entry.folder))?;
    Ok(folders)
}

/// Receives the position of an article and its newest text.
type Take<'t> = &'t mut dyn FnMut(usize, &StoredText<'_>) -> Result<(), BundleError>;

/// Calls `take` with the newest text of each article in these folders that has one.
pub(super) fn texts(
    archive: &Archive,
    folders: &[String],
    options: &BundleOptions,
    progress: &mut dyn FnMut(u64, u64),
    take: Take<'_>,
) -> Result<(), BundleError> {
    for (at, folder) in folders.iter().enumerate() {
        if options.stop.load(Ordering::Relaxed) {
            return Err(BundleError::Interrupted);
        }
        let entry = archive.entry(folder)?;
        if let Some(stored) = StoredText::read(archive, &entry)? {
            take(at, &stored)?;
        }
        progress(at as u64 + 1, folders.len() as u64);
    }
    Ok(())
}
