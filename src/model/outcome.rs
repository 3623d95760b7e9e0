//! What became of a visit, and what a check found.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What a new visit changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Update {
    /// Title, author or body differ.
    Text,
    /// The text is the same, but an image that was missing is there now.
    Images,
}

/// What became of one page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Seen for the first time.
    New,
    /// Kept before, and different now.
    Updated(Update),
    /// Kept before, and the same.
    Unchanged,
    /// Not visited, and why.
    Skipped(String),
    /// Visited in vain.
    Failed(Failure),
}

impl Outcome {
    /// The word used in events: `new`, `updated`, `unchanged`, `skipped`, `failed`.
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

/// The step at which a page failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Stage {
    /// Reading a URL, a file or an export.
    Input,
    /// Fetching.
    Fetch,
    /// Finding the article.
    Extract,
    /// Writing Markdown.
    Write,
    /// Keeping it on disk.
    Archive,
}

/// A page's failure: data, not an error of the run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// Where it happened.
    pub stage: Stage,
    /// A stable word for programs, in kebab-case: `dns`, `refused`, `tls`, `timeout`, `status`, `truncated`, `no-article`…
    pub kind: String,
    /// One sentence for people: what, why, and what to do next.
    pub message: String,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

/// What kind of thing a check found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FindingKind {
    /// Listed or referred to, and not there.
    Missing,
    /// There, with other bytes than listed.
    Changed,
    /// There, and listed nowhere.
    Unexpected,
    /// There, and not in its own form.
    Malformed,
    /// Newer than its manifest, beside a live writer: no damage.
    Pending,
    /// Worth knowing, and no damage: a weak digest, names that some systems take for one.
    Warning,
}

impl FindingKind {
    /// The word used in events.
    pub fn word(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Changed => "changed",
            Self::Unexpected => "unexpected",
            Self::Malformed => "malformed",
            Self::Pending => "pending",
            Self::Warning => "warning",
        }
    }
}

/// One thing that a check found.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Finding {
    /// What is wrong.
    pub kind: FindingKind,
    /// Path below the archive or bundle, `/` between its parts.
    pub path: String,
    /// What was expected and what is there, one sentence.
    pub detail: String,
    /// What was expected, by itself; None where the sentence says it all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected: Option<String>,
    /// What is there, by itself; None where the sentence says it all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub found: Option<String>,
}

impl Finding {
    /// A finding that a sentence tells.
    pub fn told(kind: FindingKind, path: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { kind, path: path.into(), detail: detail.into(), expected: None, found: None }
    }

    /// A finding of two things that should agree.
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
