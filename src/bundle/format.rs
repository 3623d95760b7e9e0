//! What a bundle format is: one implementation of [`BundleFormat`] and one line in [`FORMATS`](super::FORMATS).

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use crate::archive::Archive;
use crate::model::Finding;

use super::{BundleError, BundleOptions, BundleSummary, Tree};

/// A bundle format: its name, its writer, and how its bundles are recognised and checked.
pub trait BundleFormat: fmt::Debug + Send + Sync {
    /// Returns the name, as `--format` and events have it.
    fn name(&self) -> &'static str;

    /// Returns what it is for, as the help says it.
    fn about(&self) -> &'static str;

    /// Packs the selected articles of an archive at `target`. `progress` receives what is done and the total.
    ///
    /// # Errors
    /// See [`write`](super::write()).
    fn write(
        &self,
        archive: &Archive,
        target: &Path,
        options: &BundleOptions,
        progress: &mut dyn FnMut(u64, u64),
    ) -> Result<BundleSummary, BundleError>;

    /// Returns whether a folder is such a bundle, by files that only this format has. Several files are tried, so that a
    /// bundle with a missing one is recognised.
    fn is_in(&self, _: &Tree) -> bool {
        // One file of text is not a folder.
        false
    }

    /// Returns how `verify` checks it.
    fn rules(&self) -> Rules {
        Rules::ForReading
    }
}

/// How the bundles of a format are checked.
#[derive(Debug, Clone, Copy)]
pub enum Rules {
    /// By the rules of BagIt, and those of archives for the archive in it.
    BagIt,
    /// By the rules of WACZ, down to every line of the index.
    Wacz,
    /// By digests: those of all files are compared with the lines of `manifest-sha256.txt` and with the digests that this
    /// function returns.
    Listed(fn(&Tree) -> Result<Description, NewerVersion>),
    /// Not at all: they are made for reading and list no digests.
    ForReading,
}

/// What a bundle says of itself.
#[derive(Debug, Default)]
pub struct Description {
    /// The program that wrote it.
    pub maker: Maker,
    /// The digests in a file of the bundle other than the manifest; None if there is none, or if they are damaged.
    pub listed: Option<ListedDigests>,
    /// What is wrong with the description.
    pub findings: Vec<Finding>,
}

/// The digests in a file of a bundle.
#[derive(Debug)]
pub struct ListedDigests {
    /// The file.
    pub file: &'static str,
    /// SHA-256 in hex, by path.
    pub digests: BTreeMap<String, String>,
}

/// A bundle of a later version than this program supports.
#[derive(Debug)]
pub struct NewerVersion {
    /// The version that it declares.
    pub found: String,
    /// The supported versions.
    pub known: &'static str,
}

/// The program that wrote a bundle. A bundle of bindery must be exactly as bindery writes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Maker {
    /// This program.
    #[default]
    Bindery,
    /// Another program.
    Other,
}

impl Maker {
    /// Returns the maker by the name and version of the program in the bundle.
    pub fn of_software(software: Option<&str>) -> Self {
        match software {
            Some(software) if software.starts_with("bindery ") => Self::Bindery,
            _ => Self::Other,
        }
    }

    /// Returns whether this program wrote it.
    pub fn is_bindery(self) -> bool {
        self == Self::Bindery
    }
}
