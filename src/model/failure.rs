//! The failure of a page: data, not an error of the run.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The step at which a page failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Stage {
    /// Parsing a URL, or reading a file or an export.
    Input,
    /// Fetching.
    Fetch,
    /// Finding the article.
    Extract,
    /// Writing Markdown.
    Write,
    /// Writing to the archive.
    Archive,
}

/// The kind of a failure. Events and records of runs contain it as a word in kebab-case; a reader that must accept the words
/// of later versions reads `archive::Recorded<Failure>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum FailureKind {
    /// Two inputs would be written to one path.
    Clash,
    /// The body cannot be decoded.
    Coding,
    /// No connection can be made.
    Connect,
    /// An export was not read to its end.
    Cut,
    /// A file or an export is damaged.
    Damaged,
    /// The disk is full.
    DiskFull,
    /// The host's name cannot be resolved.
    Dns,
    /// There are no bytes.
    Empty,
    /// A file cannot be written.
    Io,
    /// A line of a stream cannot be read.
    Malformed,
    /// The file does not exist.
    Missing,
    /// An archive lies in too many others.
    Nested,
    /// The page has no article.
    NoArticle,
    /// The path is not a file.
    NotAFile,
    /// The content is not a page.
    NotAPage,
    /// An image of a saved page is not beside it.
    NotBeside,
    /// The input has nothing to convert.
    Nothing,
    /// The page needs the network, and this run has none.
    Offline,
    /// An internal error.
    Panic,
    /// The host is on a private network.
    PrivateAddress,
    /// The server's response violates HTTP.
    Protocol,
    /// The proxy made no connection.
    Proxy,
    /// The article's record cannot be read.
    Record,
    /// A redirect leads back.
    RedirectLoop,
    /// There are too many redirects.
    Redirects,
    /// The server refuses the connection.
    Refused,
    /// The server asks to come back at a later time.
    RetryLater,
    /// robots.txt forbids the page.
    Robots,
    /// The URL's scheme is not supported.
    Scheme,
    /// A setting of the client is invalid.
    Settings,
    /// The input has several pages where one is expected.
    Several,
    /// The server's status is an error.
    Status,
    /// No response came in time.
    Timeout,
    /// No TLS connection can be made.
    Tls,
    /// There are more bytes than the limit.
    TooLarge,
    /// The body ends early.
    Truncated,
    /// The file is of a kind that is not read.
    UnknownKind,
    /// The file cannot be read.
    Unreadable,
    /// The text is not a URL.
    Url,
}

impl FailureKind {
    /// Every kind, sorted by its word.
    pub const ALL: [Self; 39] = [
        Self::Clash,
        Self::Coding,
        Self::Connect,
        Self::Cut,
        Self::Damaged,
        Self::DiskFull,
        Self::Dns,
        Self::Empty,
        Self::Io,
        Self::Malformed,
        Self::Missing,
        Self::Nested,
        Self::NoArticle,
        Self::NotAFile,
        Self::NotAPage,
        Self::NotBeside,
        Self::Nothing,
        Self::Offline,
        Self::Panic,
        Self::PrivateAddress,
        Self::Protocol,
        Self::Proxy,
        Self::Record,
        Self::RedirectLoop,
        Self::Redirects,
        Self::Refused,
        Self::RetryLater,
        Self::Robots,
        Self::Scheme,
        Self::Settings,
        Self::Several,
        Self::Status,
        Self::Timeout,
        Self::Tls,
        Self::TooLarge,
        Self::Truncated,
        Self::UnknownKind,
        Self::Unreadable,
        Self::Url,
    ];

    /// Returns the stable word for programs, in kebab-case.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Clash => "clash",
            Self::Coding => "coding",
            Self::Connect => "connect",
            Self::Cut => "cut",
            Self::Damaged => "damaged",
            Self::DiskFull => "disk-full",
            Self::Dns => "dns",
            Self::Empty => "empty",
            Self::Io => "io",
            Self::Malformed => "malformed",
            Self::Missing => "missing",
            Self::Nested => "nested",
            Self::NoArticle => "no-article",
            Self::NotAFile => "not-a-file",
            Self::NotAPage => "not-a-page",
            Self::NotBeside => "not-beside",
            Self::Nothing => "nothing",
            Self::Offline => "offline",
            Self::Panic => "panic",
            Self::PrivateAddress => "private-address",
            Self::Protocol => "protocol",
            Self::Proxy => "proxy",
            Self::Record => "record",
            Self::RedirectLoop => "redirect-loop",
            Self::Redirects => "redirects",
            Self::Refused => "refused",
            Self::RetryLater => "retry-later",
            Self::Robots => "robots",
            Self::Scheme => "scheme",
            Self::Settings => "settings",
            Self::Several => "several",
            Self::Status => "status",
            Self::Timeout => "timeout",
            Self::Tls => "tls",
            Self::TooLarge => "too-large",
            Self::Truncated => "truncated",
            Self::UnknownKind => "unknown-kind",
            Self::Unreadable => "unreadable",
            Self::Url => "url",
        }
    }
}

impl fmt::Display for FailureKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A page's failure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// The step at which it happened.
    pub stage: Stage,
    /// What happened.
    pub kind: FailureKind,
    /// One sentence for the user: what happened, why, and what to do.
    pub message: String,
}

impl Failure {
    /// Creates a failure.
    pub fn new(stage: Stage, kind: FailureKind, message: impl Into<String>) -> Self {
        Self { stage, kind, message: message.into() }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_contain_the_word_of_a_kind() {
        for kind in FailureKind::ALL {
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.as_str());
        }
        assert!(FailureKind::ALL.is_sorted_by_key(|kind| kind.as_str()));
    }
}
