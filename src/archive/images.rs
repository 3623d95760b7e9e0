//! Images: each once, named by its bytes.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use crate::model::{Digest, Hasher, Image, ImageFormat};

use super::ArchiveError;
use super::disk::{Disk, Step};
use super::index::Index;
use super::layout::IMAGES;

/// The images of an archive that is written.
#[derive(Debug, Default)]
pub(super) struct Shelf {
    /// Those whose bytes were seen to be whole since the archive was opened.
    whole: BTreeSet<Digest>,
}

/// What became of an image.
pub(super) struct Stored {
    /// Its file below the archive.
    pub path: String,
    /// False: it was there already.
    pub written: bool,
    /// What kept it from being durable; the file is in its place all the same.
    pub flushed: Result<(), ArchiveError>,
}

/// The file of an image below the archive.
pub(super) fn image_path(digest: &Digest, format: ImageFormat) -> String {
    let hex = digest.hex();
    format!("{IMAGES}/{}/{hex}.{}", &hex[..2], format.extension())
}

/// The digest in the path of an image; None when it is the path of none.
pub(super) fn digest_in(path: &str) -> Option<Digest> {
    path.rsplit('/').next()?.split('.').next()?.parse().ok()
}

impl Shelf {
    /// Writes an image unless it is there and whole. The first name of a digest stays.
    pub fn store(
        &mut self,
        disk: &Disk,
        index: &mut dyn Index,
        root: &Path,
        image: &Image,
    ) -> Result<Stored, ArchiveError> {
        let known = index.image(&image.digest)?;
        let path = image_path(&image.digest, known.unwrap_or(image.format));
        let file = root.join(&path);
        if self.whole.contains(&image.digest) || known.is_some() && is_whole(&file, image)? {
            self.whole.insert(image.digest);
            return Ok(Stored { path, written: false, flushed: Ok(()) });
        }
        if Digest::of(&image.bytes) != image.digest {
            return Err(ArchiveError::BadImage { digest: image.digest.hex() });
        }
        disk.create_folder(file.parent().unwrap_or(root))?;
        let flushed = disk.write_in(Step::Content, &file, &image.bytes);
        if flushed.is_err() && !(file.exists() && is_whole(&file, image)?) {
            return flushed.map(|()| Stored { path, written: false, flushed: Ok(()) });
        }
        index.put_image(&image.digest, image.format)?;
        self.whole.insert(image.digest);
        Ok(Stored { path, written: true, flushed })
    }

    /// Forgets that an image is there.
    pub fn forget(&mut self, digest: &Digest) {
        self.whole.remove(digest);
    }
}

fn is_whole(file: &Path, image: &Image) -> Result<bool, ArchiveError> {
    match file.metadata() {
        Ok(meta) if meta.len() != image.bytes.len() as u64 => Ok(false),
        Ok(_) => Ok(digest_of(file)? == image.digest),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(ArchiveError::io("read", file, error)),
    }
}

/// The digest of a file's bytes.
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
    use std::fs;

    fn image(bytes: &[u8], format: ImageFormat) -> Image {
        Image { digest: Digest::of(bytes), format, bytes: bytes.to_vec() }
    }

    fn store(root: &Path, index: &mut MemoryIndex, image: &Image) -> Result<Stored, ArchiveError> {
        Shelf::default().store(&Disk::default(), index, root, image)
    }

    #[test]
    fn an_image_is_stored_once_and_keeps_its_first_name() {
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
        let image = image(b"picture", ImageFormat::Png);
        let path = store(root.path(), &mut index, &image).unwrap().path;
        for damage in [&b"pictura"[..], b"pic"] {
            fs::write(root.path().join(&path), damage).unwrap();
            assert!(store(root.path(), &mut index, &image).unwrap().written);
            assert_eq!(fs::read(root.path().join(&path)).unwrap(), b"picture");
        }
    }

    #[test]
    fn bytes_that_are_not_those_of_the_digest_are_refused() {
        let root = tempfile::tempdir().unwrap();
        let wrong = Image { bytes: b"other".to_vec(), ..image(b"picture", ImageFormat::Png) };
        let refused = store(root.path(), &mut MemoryIndex::default(), &wrong);
        assert!(matches!(refused, Err(ArchiveError::BadImage { .. })));
    }
}
