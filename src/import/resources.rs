//! What an export holds besides a page: its images, and the pages that it links to.

use std::path::PathBuf;
use std::sync::Arc;

use crate::model::ImageRef;

/// The images of one page and the pages that it links to, as far as its export holds them.
pub trait Resources: Send + Sync {
    /// Returns the bytes of an image; None when the export does not hold it.
    fn image(&self, image: &ImageRef) -> Option<Vec<u8>>;

    /// Returns the name of the linked page, in the form of [`super::Item::name`]; None when the export does not hold it.
    fn page(&self, href: &str) -> Option<PathBuf>;

    /// Returns where the page lies among other files; None when it does not.
    fn location(&self) -> Option<PageLocation> {
        None
    }
}

/// The resources of an export that holds neither images nor other pages.
pub struct NoResources;

impl Resources for NoResources {
    fn image(&self, _: &ImageRef) -> Option<Vec<u8>> {
        None
    }

    fn page(&self, _: &str) -> Option<PathBuf> {
        None
    }
}

/// A tree of files. Paths are relative, separated by `/`, without `.` and `..`.
pub trait Files: Send + Sync {
    /// Returns the bytes of a file; None when it does not exist or is too large.
    fn read(&self, path: &str) -> Option<Vec<u8>>;

    /// Returns true when the file exists.
    fn has(&self, path: &str) -> bool;

    /// Returns false when nothing at all exists at the first part of a path: a quick check before [`Files::has`].
    fn may_have(&self, path: &str) -> bool;

    /// Returns the names of the folders in a folder; None when it has more than `limit` entries.
    fn folders(&self, path: &str, limit: usize) -> Option<Vec<String>>;

    /// Returns the names of the files in a folder, at most `limit`, sorted.
    fn names(&self, path: &str, limit: usize) -> Vec<String>;
}

/// A page in a tree of files, which may hold its images and the pages that it links to.
#[derive(Clone)]
pub struct PageLocation {
    /// The files.
    pub files: Arc<dyn Files>,
    /// The path of the page among them.
    pub page: String,
}
