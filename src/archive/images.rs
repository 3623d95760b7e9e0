//! Images: each once, named by its bytes.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use crate::model::{Digest, Hasher, Image, ImageFormat};

use super::layout::IMAGES;
use super::{ArchiveError, store};

/// The images an archive has.
#[derive(Debug, Default)]
pub(super) struct Shelf {
    formats: BTreeMap<Digest, ImageFormat>,
    /// Those whose bytes were seen to be whole since the archive was opened.
    whole: BTreeSet<Digest>,
}

/// What became of an image.
pub(super) struct Stored {
    /// Its file below the archive.
    pub path: String,
    /// False: it was there already.
    pub written: bool,
}

impl Shelf {
    /// Notes an image that is there. The first name of a digest stays.
    pub fn note(&mut self, digest: Digest, format: ImageFormat) {
        self.formats.entry(digest).or_insert(format);
    }

    /// Writes an image unless it is there and whole.
    pub fn store(&mut self, root: &Path, image: &Image) -> Result<Stored, ArchiveError> {
        let known = self.formats.get(&image.digest).copied();
        let hex = image.digest.hex();
        let extension = known.unwrap_or(image.format).extension();
        let path = format!("{IMAGES}/{}/{hex}.{extension}", &hex[..2]);
        let file = root.join(&path);
        if self.whole.contains(&image.digest) || known.is_some() && is_whole(&file, image)? {
            self.whole.insert(image.digest);
            return Ok(Stored { path, written: false });
        }
        if Digest::of(&image.bytes) != image.digest {
            return Err(ArchiveError::BadImage { digest: hex });
        }
        store::create_folder(&root.join(format!("{IMAGES}/{}", &hex[..2])))?;
        store::write(&file, &image.bytes)?;
        self.note(image.digest, image.format);
        self.whole.insert(image.digest);
        Ok(Stored { path, written: true })
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
    use std::fs;

    fn image(bytes: &[u8], format: ImageFormat) -> Image {
        Image { digest: Digest::of(bytes), format, bytes: bytes.to_vec() }
    }

    #[test]
    fn an_image_is_stored_once_and_keeps_its_first_name() {
        let root = tempfile::tempdir().unwrap();
        let mut shelf = Shelf::default();
        let first = shelf.store(root.path(), &image(b"GIF", ImageFormat::Gif)).unwrap();
        let again = shelf.store(root.path(), &image(b"GIF", ImageFormat::Bin)).unwrap();
        assert!(first.written && !again.written);
        assert_eq!(first.path, again.path);
        assert!(first.path.ends_with(".gif"));
    }

    #[test]
    fn a_damaged_image_is_written_again() {
        let root = tempfile::tempdir().unwrap();
        let picture = image(b"picture", ImageFormat::Png);
        let path = Shelf::default().store(root.path(), &picture).unwrap().path;
        for damage in [&b"pictura"[..], b"pic"] {
            fs::write(root.path().join(&path), damage).unwrap();
            let mut shelf = Shelf::default();
            shelf.note(picture.digest, picture.format);
            assert!(shelf.store(root.path(), &picture).unwrap().written);
            assert_eq!(fs::read(root.path().join(&path)).unwrap(), b"picture");
        }
    }

    #[test]
    fn bytes_that_are_not_those_of_the_digest_are_refused() {
        let root = tempfile::tempdir().unwrap();
        let wrong = Image { bytes: b"other".to_vec(), ..image(b"picture", ImageFormat::Png) };
        assert!(matches!(Shelf::default().store(root.path(), &wrong), Err(ArchiveError::BadImage { .. })));
    }
}
