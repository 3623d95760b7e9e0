//! The types of records.

/// The type of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RecordKind {
    /// Describes the records after it.
    Warcinfo,
    /// A request to a server.
    Request,
    /// A response of a server.
    Response,
    /// Bytes without HTTP.
    Resource,
    /// A visit whose payload an earlier record holds.
    Revisit,
    /// A type that bindery does not write: `metadata`, `conversion`, `continuation` or a non-standard one.
    Other,
}

impl RecordKind {
    /// Returns the value of `WARC-Type`; `other` for [`RecordKind::Other`].
    pub fn word(self) -> &'static str {
        match self {
            Self::Warcinfo => "warcinfo",
            Self::Request => "request",
            Self::Response => "response",
            Self::Resource => "resource",
            Self::Revisit => "revisit",
            Self::Other => "other",
        }
    }

    /// Returns the type with this `WARC-Type` in any case.
    pub(super) fn of_word(word: &str) -> Self {
        let known = [Self::Warcinfo, Self::Request, Self::Response, Self::Resource, Self::Revisit];
        known.into_iter().find(|kind| word.eq_ignore_ascii_case(kind.word())).unwrap_or(Self::Other)
    }
}
