//! The outcome of a visit, and the findings of a check.

use serde::{Deserialize, Serialize};

use super::Failure;

/// What an update changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Update {
    /// Title, author or body differ.
    Text,
    /// The text is the same, but a missing image was recovered.
    Images,
}

/// The outcome of one page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Archived for the first time.
    New,
    /// Archived before, and changed since.
    Updated(Update),
    /// Archived before, and unchanged.
    Unchanged,
    /// Not visited; holds the reason.
    Skipped(String),
    /// Visited without success.
    Failed(Failure),
}

impl Outcome {
    /// Returns the word used in events: `new`, `updated`, `unchanged`, `skipped`, `failed`.
    pub fn word(&self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Updated(_) => "updated",
            Self::Unchanged => "unchanged",
            Self::Skipped(_) => "skipped",
            Self::Failed(_) => "failed",
        }
    }
}

/// The kind of a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FindingKind {
    /// Listed or referred to, but it does not exist.
    Missing,
    /// Its bytes differ from the listed digest.
    Changed,
    /// It exists, but nothing lists it.
    Unexpected,
    /// It exists, but is not valid in its format.
    Malformed,
    /// Newer than its manifest while a writer is running: no damage.
    Pending,
    /// Left by a run that was killed, in a way that the next run completes: no damage.
    Unfinished,
    /// In the archive's folder, but not the archive's: version control, synchronisers, desktops, the user's own. No damage.
    Foreign,
    /// A risk, but no damage: a weak digest, names that some file systems treat as equal.
    Warning,
}

impl FindingKind {
    /// Every kind, in the order of the table in `archive/README.md`.
    pub const ALL: [Self; 8] = [
        Self::Missing,
        Self::Changed,
        Self::Unexpected,
        Self::Malformed,
        Self::Pending,
        Self::Unfinished,
        Self::Foreign,
        Self::Warning,
    ];

    /// Returns the word used in events.
    pub fn word(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Changed => "changed",
            Self::Unexpected => "unexpected",
            Self::Malformed => "malformed",
            Self::Pending => "pending",
            Self::Unfinished => "unfinished",
            Self::Foreign => "foreign",
            Self::Warning => "warning",
        }
    }

    /// Returns whether it is damage.
    pub fn is_damage(self) -> bool {
        matches!(self, Self::Missing | Self::Changed | Self::Unexpected | Self::Malformed)
    }
}

/// One result of a check.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Finding {
    /// What is wrong.
    pub kind: FindingKind,
    /// Path below the archive or bundle, separated by `/`.
    pub path: String,
    /// What was expected and what was found, in one sentence.
    pub detail: String,
    /// The expected value; `None` if `detail` is enough.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected: Option<String>,
    /// The value that was found; `None` if `detail` is enough.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub found: Option<String>,
}

impl Finding {
    /// Creates a finding that one sentence describes.
    pub fn new(kind: FindingKind, path: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { kind, path: path.into(), detail: detail.into(), expected: None, found: None }
    }

    /// Creates a finding about two values that should be equal.
    pub fn differing(
        kind: FindingKind,
        path: impl Into<String>,
        expected: impl Into<String>,
        found: impl Into<String>,
    ) -> Self {
        let (expected, found) = (expected.into(), found.into());
        let detail = format!("expected {expected}; found {found}");
        Self { kind, path: path.into(), detail, expected: Some(expected), found: Some(found) }
    }
}
