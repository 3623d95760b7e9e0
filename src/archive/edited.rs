//! Files that somebody edited: their version is kept before bindery writes or removes the file.

use std::fs;
use std::path::Path;

use crate::model::Digest;

use super::ArchiveError;
use super::disk::Disk;
use super::folders::folder_of;
use super::images::digest_of;
use super::layout::EDITED;

/// Copies a file of the archive to `.bindery/edited/`, unless it is missing or `is_known` says that its digest is that of
/// a version which the archive keeps. Returns one sentence that names both files; `None` if there was nothing to keep.
///
/// The file is copied, not moved, so that a kill leaves it where it was.
pub(super) fn keep_copy(
    disk: &Disk,
    root: &Path,
    path: &str,
    is_known: &dyn Fn(&Digest) -> bool,
) -> Result<Option<String>, ArchiveError> {
    let file = root.join(path);
    if !file.symlink_metadata().is_ok_and(|meta| meta.is_file()) {
        return Ok(None);
    }
    // Again if it was edited while it was copied.
    let copy = loop {
        let digest = digest_of(&file)?;
        if is_known(&digest) {
            return Ok(None);
        }
        let copy = free_path(root, path, &digest)?;
        let target = root.join(&copy);
        disk.create_folder(folder_of(&target))?;
        if target.exists() || disk.copy(&file, &target, &digest)? {
            break copy;
        }
    };
    Ok(Some(format!("{path} was edited or damaged after bindery wrote it; that version is kept as {copy}")))
}

/// Returns the path under which a version is kept, or is to be kept: `.bindery/edited/<path>`, with a number if another
/// version has that path.
fn free_path(root: &Path, path: &str, digest: &Digest) -> Result<String, ArchiveError> {
    let (stem, extension) = path.rsplit_once('.').unwrap_or((path, ""));
    let mut n = 1;
    loop {
        let copy = if n == 1 { format!("{EDITED}/{path}") } else { format!("{EDITED}/{stem}-{n}.{extension}") };
        let file = root.join(&copy);
        if fs::symlink_metadata(&file).is_err() || digest_of(&file)? == *digest {
            return Ok(copy);
        }
        n += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_edited_version_is_kept_once() {
        let root = tempfile::tempdir().unwrap();
        let path = "articles/example.org/2026/a-01234567/index.md";
        let index = root.path().join(path);
        fs::create_dir_all(folder_of(&index)).unwrap();
        let keep = || keep_copy(&Disk::default(), root.path(), path, &|digest| *digest == Digest::of(b"text")).unwrap();
        assert_eq!(keep(), None, "there is none");
        fs::write(&index, "text").unwrap();
        assert_eq!(keep(), None, "it is a text");
        for version in ["one", "two", "one"] {
            fs::write(&index, version).unwrap();
            assert!(keep().is_some_and(|note| note.contains(path)), "{version}");
        }
        let kept = root.path().join(EDITED).join("articles/example.org/2026/a-01234567");
        assert_eq!(fs::read(kept.join("index.md")).unwrap(), b"one");
        assert_eq!(fs::read(kept.join("index-2.md")).unwrap(), b"two");
        assert_eq!(fs::read_dir(kept).unwrap().count(), 2);
    }
}
