//! What a merge reports.

use crate::model::{Failure, FailureKind, Outcome, Stage, Update};

use super::super::ArchiveError;
use super::super::record::Record;

/// A step of a merge.
#[derive(Debug, Clone, PartialEq)]
pub enum MergeEvent {
    /// An article of the other archive is done.
    Article(MergedArticle),
    /// A file of the other archive was not taken: its path below that archive, and what is wrong with it.
    Damage(String, String),
    /// Something worth knowing, as a sentence.
    Note(String),
}

/// The result for an article of the other archive.
#[derive(Debug, Clone, PartialEq)]
pub struct MergedArticle {
    /// New, updated, unchanged, skipped or failed.
    pub outcome: Outcome,
    /// Its URL.
    pub url: String,
    /// Its title; empty if it has none.
    pub title: String,
    /// Its folder below this archive; `None` if it is not in it.
    pub folder: Option<String>,
    /// The number of texts that came in.
    pub texts: usize,
    /// Whether it failed because files of the other archive are damaged.
    pub is_damaged: bool,
}

/// What was taken of an article.
pub enum Taken {
    New(String, usize),
    Updated(String, usize),
    Unchanged(String),
    Removed,
}

impl Taken {
    pub fn into_article(self, of: MergedArticle) -> MergedArticle {
        let (outcome, folder, texts) = match self {
            Self::New(folder, texts) => (Outcome::New, Some(folder), texts),
            Self::Updated(folder, texts) => (Outcome::Updated(Update::Text), Some(folder), texts),
            Self::Unchanged(folder) => (Outcome::Unchanged, Some(folder), 0),
            Self::Removed => {
                let why = format!("{} was removed from this archive after its last visit", of.url);
                (Outcome::Skipped(why), None, 0)
            }
        };
        MergedArticle { outcome, folder, texts, ..of }
    }
}

impl MergedArticle {
    /// Returns the report of a page from which no article could be made.
    pub fn failed_page(url: String, failure: Failure) -> Self {
        let (title, folder, texts) = (String::new(), None, 0);
        Self { outcome: Outcome::Failed(failure), url, title, folder, texts, is_damaged: false }
    }

    pub(super) fn of(record: &Record) -> Self {
        Self {
            outcome: Outcome::Unchanged,
            url: record.url.clone(),
            title: record.title.clone(),
            folder: None,
            texts: 0,
            is_damaged: false,
        }
    }

    pub(super) fn failed(self, kind: FailureKind, message: String) -> Self {
        Self { outcome: Outcome::Failed(Failure { stage: Stage::Archive, kind, message }), ..self }
    }

    pub(super) fn unreadable(error: &ArchiveError) -> Self {
        let none = Self {
            outcome: Outcome::Unchanged,
            url: String::new(),
            title: String::new(),
            folder: None,
            texts: 0,
            is_damaged: true,
        };
        none.failed(FailureKind::Damaged, error.to_string())
    }
}
