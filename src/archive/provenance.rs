//! Where a page came from, and how its text was extracted.

use crate::model::Origin;

/// An option with which a text was extracted, other than the defaults.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextOption {
    /// Readers' comments are kept.
    Comments,
    /// The page's bytes are the body of the article, from which nothing was removed.
    Fragment,
    /// Title, authors and date are those that an export or a feed gives.
    DeclaredMetadata,
}

impl TextOption {
    /// Returns the word used in records.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Comments => "comments",
            Self::Fragment => "fragment",
            Self::DeclaredMetadata => "declared-metadata",
        }
    }
}

/// Where a page's bytes came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PageOrigin {
    /// The web.
    Network,
    /// A file on disk.
    File,
    /// An export, or another capture.
    Import,
}

impl PageOrigin {
    /// Returns the origin of a page.
    pub fn of(origin: &Origin) -> Self {
        match origin {
            Origin::Network => Self::Network,
            Origin::File(_) => Self::File,
            Origin::Import(_) | Origin::Replay => Self::Import,
        }
    }

    /// Returns the word used in records.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Network => "network",
            Self::File => "file",
            Self::Import => "import",
        }
    }
}
