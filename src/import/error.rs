//! Why an input cannot be imported.

use std::io;

use crate::model::FailureKind;

/// Why an input, or an image next to a saved page, cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The file does not exist.
    #[error("{name} does not exist; check the path")]
    Missing {
        /// The file as the caller named it.
        name: String,
    },
    /// The file exists and cannot be read.
    #[error("{name} cannot be read: {source}; check its permissions")]
    Unreadable {
        /// The file as the caller named it.
        name: String,
        /// The operating system's reason.
        source: io::Error,
    },
    /// The path is a folder, a device or a pipe.
    #[error("{name} is not a file; name the HTML file itself")]
    NotAFile {
        /// The path as the caller named it.
        name: String,
    },
    /// The input is larger than the limit.
    #[error("{name} is larger than {cap} bytes, the limit for one page; split it, or check that it is the right file")]
    TooLarge {
        /// The file as the caller named it.
        name: String,
        /// The limit in bytes.
        cap: u64,
    },
    /// The file holds nothing but white space.
    #[error("{name} is empty; save the page again")]
    Empty {
        /// The file as the caller named it.
        name: String,
    },
    /// The bytes are not HTML.
    #[error("{name} is {what}, not an HTML page; name the page that it belongs to")]
    NotHtml {
        /// The file as the caller named it.
        name: String,
        /// What it is, as part of a sentence: `a PDF file`.
        what: String,
    },
    /// The file is of a kind that is not read.
    #[error("{name} is {what}, which is not read; `bindery convert --list-kinds` lists what is")]
    Unsupported {
        /// The file as the caller named it.
        name: String,
        /// What it looks like, as part of a sentence: `a CSV table`.
        what: String,
    },
    /// An item of an export is encrypted.
    #[error("{name} is an encrypted {what}; switch encryption off where it was written and export it again")]
    Encrypted {
        /// The item in its export.
        name: String,
        /// What it is: `note`.
        what: &'static str,
    },
    /// The export violates its own format.
    #[error("{name} is damaged: {cause}; export it again, or check that it was copied completely")]
    Damaged {
        /// The file as the caller named it.
        name: String,
        /// What is wrong with it.
        cause: String,
    },
    /// No file next to the page matches the URL of an image.
    #[error("no file next to the page matches `{written}`")]
    ImageNotFound {
        /// The URL as written in the page.
        written: String,
    },
}

impl ImportError {
    /// Returns the kind of the failure.
    pub fn kind(&self) -> FailureKind {
        match self {
            Self::Missing { .. } => FailureKind::Missing,
            Self::Unreadable { .. } => FailureKind::Unreadable,
            Self::NotAFile { .. } => FailureKind::NotAFile,
            Self::TooLarge { .. } => FailureKind::TooLarge,
            Self::Empty { .. } => FailureKind::Empty,
            Self::NotHtml { .. } => FailureKind::NotAPage,
            Self::Unsupported { .. } | Self::Encrypted { .. } => FailureKind::UnknownKind,
            Self::Damaged { .. } => FailureKind::Damaged,
            Self::ImageNotFound { .. } => FailureKind::NotBeside,
        }
    }
}
