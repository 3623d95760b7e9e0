//! Articles in the folders of other programs: sites, vaults, plain files.
//!
//! An export is incremental. A state file in the output folder lists what was written; new and changed articles are
//! written, and a file that the user changed is never replaced. Links among the exported articles lead to their texts.

mod article;
mod decide;
mod error;
mod files;
mod layout;
mod names;
mod run;
mod site;
mod state;
mod survey;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use crate::bundle::Selection;

pub use decide::{Edits, FileOutcome};
pub use error::ExportError;
pub use layout::{Layout, ParseLayoutError};
#[doc(hidden)]
pub use run::check_output;
pub use run::export;
pub use site::SiteOptions;
#[doc(hidden)]
pub use state::STATE;

/// What to export, and where.
#[derive(Debug, Clone)]
pub struct ExportOptions {
    /// The program that articles are exported for.
    pub layout: Layout,
    /// The output folder: the root of the site or vault.
    pub output: PathBuf,
    /// The articles.
    pub selection: Selection,
    /// The source of `bindery.toml` that is exported; None for an export that a user started. Articles of other sources are
    /// never removed.
    pub source: Option<String>,
    /// Whether files that the user changed are replaced.
    pub edits: Edits,
    /// Whether texts of articles that are no longer selected are removed.
    pub stale: Stale,
    /// Whether the output folder may have files of the user.
    pub folder: Folder,
    /// Whether anything is written.
    pub mode: Mode,
    /// Whether each text ends with a list of the articles that link to it.
    pub backlinks: Backlinks,
    /// The title and the address of a site for browsers.
    pub site: SiteOptions,
    /// Set by another thread to interrupt the work.
    pub stop: Arc<AtomicBool>,
}

/// What is done with texts whose articles are no longer selected, or no longer in the archive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Stale {
    /// They stay.
    #[default]
    Keep,
    /// They are removed, unless the user changed them.
    Remove,
}

/// Which folders are written to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Folder {
    /// Empty ones, and those of an earlier export.
    #[default]
    Own,
    /// Any folder.
    Any,
}

/// Whether anything is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Mode {
    /// It is.
    #[default]
    Write,
    /// It is only reported.
    DryRun,
}

/// Whether each text ends with a list of the articles that link to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Backlinks {
    /// It does not.
    #[default]
    None,
    /// It does, if there are any.
    List,
}

impl ExportOptions {
    /// Returns the options of an export of the whole archive.
    pub fn new(layout: Layout, output: PathBuf) -> Self {
        Self {
            layout,
            output,
            selection: Selection::default(),
            source: None,
            edits: Edits::default(),
            stale: Stale::default(),
            folder: Folder::default(),
            mode: Mode::default(),
            backlinks: Backlinks::default(),
            site: SiteOptions::default(),
            stop: Arc::default(),
        }
    }
}

/// What happens in an export.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ExportEvent {
    /// How many articles are selected; comes first.
    Begin {
        /// Their number.
        articles: usize,
    },
    /// A name was avoided because a file of the user has it.
    NameTaken {
        /// The user's file, below the output folder.
        path: String,
        /// The file that is written instead.
        instead: String,
    },
    /// An article was exported, or left as it is.
    Article {
        /// What was done with its text.
        outcome: FileOutcome,
        /// Its text, below the output folder.
        path: String,
        /// Its folder in the archive.
        folder: String,
        /// Its URL.
        url: String,
        /// Its title; empty if it has none.
        title: String,
        /// The number of its images.
        images: usize,
    },
    /// An article could not be exported; what an earlier export wrote stays.
    Failed {
        /// Its folder in the archive, or the record that cannot be read.
        folder: String,
        /// What is wrong.
        cause: String,
    },
    /// An image of an article is damaged: the text links to the one on the web.
    Damaged {
        /// The image, below the archive.
        image: String,
        /// The article's folder in the archive.
        folder: String,
        /// What is wrong with it.
        cause: String,
    },
    /// A file that is generated from all articles, such as a list of them, was written, or left as it is.
    Index {
        /// What was done with it.
        outcome: FileOutcome,
        /// The file, below the output folder.
        path: String,
    },
    /// A file of an earlier export was removed.
    Removed {
        /// The file, below the output folder.
        path: String,
    },
    /// A file of an earlier export was to be removed, and stays because the user changed it.
    KeptEdited {
        /// The file, below the output folder.
        path: String,
    },
}

/// What an export did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ExportSummary {
    /// Texts written for the first time.
    pub new: usize,
    /// Texts that replace what an earlier export wrote.
    pub updated: usize,
    /// Texts that were there already.
    pub unchanged: usize,
    /// Texts that the user changed, which stay.
    pub edited: usize,
    /// Texts that the user removed, which are not written again.
    pub deleted: usize,
    /// Articles that could not be exported.
    pub failed: usize,
    /// Images written.
    pub images: usize,
    /// Images that are damaged in the archive.
    pub damaged: usize,
    /// Texts removed because their articles are no longer selected.
    pub removed: usize,
    /// Texts whose articles are no longer selected, and which stay.
    pub stale: usize,
}
