//! Storing images: each once, named by the digest of its bytes.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use crate::model::{Digest, Hasher, Image};

use super::ArchiveError;
use super::disk::{Disk, Phase};
use super::index::Index;
use super::layout::image_path;

/// Writes images to an archive.
#[derive(Debug, Default)]
pub(super) struct ImageStore {
    /// The images whose stored bytes were checked since the archive was opened.
    intact: BTreeSet<Digest>,
}

/// The result of storing an image.
pub(super) struct StoredImage {
    /// The path of its file below the archive.
    pub path: String,
    /// False if the archive already had the image.
    pub written: bool,
    /// An error if the file was written but could not be flushed.
    pub flushed: Result<(), ArchiveError>,
}

impl ImageStore {
    /// Writes an image unless the archive has it undamaged. A digest keeps its first file name.
    pub fn store(
        &mut self,
        disk: &Disk,
        index: &mut dyn Index,
        root: &Path,
        image: &Image,
    ) -> Result<StoredImage, ArchiveError> {
        let known = index.image(&image.digest)?;
        let path = image_path(&image.digest, known.unwrap_or(image.format));
        let file = root.join(&path);
        if self.intact.contains(&image.digest) || known.is_some() && is_intact(&file, image)? {
            self.intact.insert(image.digest);
            return Ok(StoredImage { path, written: false, flushed: Ok(()) });
        }
        if Digest::of(&image.bytes) != image.digest {
            return Err(ArchiveError::BadImage { digest: image.digest.hex() });
        }
        disk.create_folder(file.parent().unwrap_or(root))?;
        let flushed = disk.write_in_phase(Phase::Content, &file, &image.bytes);
        if flushed.is_err() && !(file.exists() && is_intact(&file, image)?) {
            return flushed.map(|()| StoredImage { path, written: false, flushed: Ok(()) });
        }
        index.put_image(&image.digest, image.format)?;
        self.intact.insert(image.digest);
        Ok(StoredImage { path, written: true, flushed })
    }

    /// Forgets an image that was removed.
    pub fn forget(&mut self, digest: &Digest) {
        self.intact.remove(digest);
    }
}

fn is_intact(file: &Path, image: &Image) -> Result<bool, ArchiveError> {
    match file.metadata() {
        Ok(meta) if meta.len() != image.bytes.len() as u64 => Ok(false),
        Ok(_) => Ok(digest_of(file)? == image.digest),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(ArchiveError::io("read", file, error)),
    }
}

/// Returns the digest of a file's bytes.
pub(super) fn digest_of(path: &Path) -> Result<Digest, ArchiveError> {
    let fail = |error| ArchiveError::io("read", path, error);
    let mut file = File::open(path).map_err(fail)?;
    let mut hasher = Hasher::new();
    let mut block = vec![0; 1 << 16];
    loop {
        match file.read(&mut block) {
            Ok(0) => return Ok(hasher.finish()),
            Ok(n) => hasher.update(&block[..n]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(fail(error)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::archive::index::MemoryIndex;
    use crate::model::ImageFormat;
    use std::fs;

    fn image(bytes: &[u8], format: ImageFormat) -> Image {
        Image { digest: Digest::of(bytes), format, bytes: bytes.to_vec() }
    }

    fn store(root: &Path, index: &mut MemoryIndex, image: &Image) -> Result<StoredImage, ArchiveError> {
        ImageStore::default().store(&Disk::default(), index, root, image)
    }

    #[test]
    fn an_image_is_stored_once_under_its_first_name() {
        let root = tempfile::tempdir().unwrap();
        let mut index = MemoryIndex::default();
        let first = store(root.path(), &mut index, &image(b"GIF", ImageFormat::Gif)).unwrap();
        let again = store(root.path(), &mut index, &image(b"GIF", ImageFormat::Bin)).unwrap();
        assert!(first.written && !again.written);
        assert_eq!(first.path, again.path);
        assert!(first.path.ends_with(".gif"));
    }

    #[test]
    fn a_damaged_image_is_written_again() {
        let root = tempfile::tempdir().unwrap();
        let mut index = MemoryIndex::default();
        let image = image(b"image", ImageFormat::Png);
        let path = store(root.path(), &mut index, &image).unwrap().path;
        for damage in [&b"imago"[..], b"ima"] {
            fs::write(root.path().join(&path), damage).unwrap();
            assert!(store(root.path(), &mut index, &image).unwrap().written);
            assert_eq!(fs::read(root.path().join(&path)).unwrap(), b"image");
        }
    }

    #[test]
    fn an_image_with_a_wrong_digest_is_refused() {
        let root = tempfile::tempdir().unwrap();
        let wrong = Image { bytes: b"other".to_vec(), ..image(b"image", ImageFormat::Png) };
        let refused = store(root.path(), &mut MemoryIndex::default(), &wrong);
        assert!(matches!(refused, Err(ArchiveError::BadImage { .. })));
    }
}
