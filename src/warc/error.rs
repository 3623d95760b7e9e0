//! What can be wrong with a WARC file.

use std::io;

use super::RecordId;
use crate::model::Digest;

/// What is wrong with a record, and where in the file the record begins.
#[derive(Debug, thiserror::Error)]
#[error("at byte {offset}: {fault}")]
pub struct WarcError {
    /// Where the record begins, in bytes of the file as it lies there, compressed or not.
    pub offset: u64,
    /// What is wrong.
    pub fault: Fault,
}

/// What is wrong with a record.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// The bytes cannot be read at all.
    #[error("cannot be read: {0}; check the disk and who may read the file")]
    Io(io::Error),
    /// The file ends inside the record.
    #[error("the file ends inside a record: it was cut short; take it from a copy, or keep what is before")]
    Truncated,
    /// A gzip member that cannot be unpacked, or whose checksum differs.
    #[error("a gzip member is damaged ({reason}); take the file from a copy")]
    Gzip {
        /// What the decoder found.
        reason: String,
    },
    /// Not a record, or a head that breaks the format's rules.
    #[error("{reason}; if it is a WARC file it was damaged or edited: take it from a copy")]
    Malformed {
        /// What was found.
        reason: String,
    },
    /// A later version of the format.
    #[error("the record is {version}, and this bindery knows WARC/1.1 and earlier; use a newer bindery")]
    NewerVersion {
        /// The version as the record has it.
        version: String,
    },
    /// Several records in one gzip member, where none can be read without the others.
    #[error("several records share one gzip member; pack the file again, one member a record (`warcio recompress`)")]
    Shared,
    /// A field that every such record has is not there.
    #[error("the record has no {field}; it was written by a faulty program or edited: take the file from a copy")]
    MissingField {
        /// The field's name.
        field: &'static str,
    },
    /// The block is longer or shorter than `Content-Length` says.
    #[error(
        "Content-Length says {stated} bytes, and the record's block does not end there; it was edited: take the file \
         from a copy"
    )]
    WrongLength {
        /// The length stated.
        stated: u64,
    },
    /// The bytes are not those of the digest stated.
    #[error(
        "the {part} of record {id} has the digest sha256:{found}, and the record says sha256:{stated}; its bytes were \
         changed: take the file from a copy"
    )]
    Digest {
        /// The record.
        id: RecordId,
        /// `block` or `payload`.
        part: &'static str,
        /// The digest that the record states.
        stated: Digest,
        /// The digest of the bytes.
        found: Digest,
    },
    /// The id is not that of type, URL, date and block.
    #[error("record {stated} must have the id {derived}; its head was edited: take the file from a copy")]
    WrongId {
        /// The id that the record states.
        stated: RecordId,
        /// The id that follows from the record.
        derived: RecordId,
    },
    /// The block is larger than the caller takes.
    #[error("the record's block has more than {cap} bytes; raise the limit to read it whole")]
    TooLarge {
        /// The limit, in bytes.
        cap: u64,
    },
}

impl Fault {
    pub(super) fn malformed(reason: impl Into<String>) -> Self {
        Self::Malformed { reason: reason.into() }
    }

    /// What an error of the gzip decoder or of the file below it means.
    pub(super) fn of_io(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::UnexpectedEof => Self::Truncated,
            io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData => Self::Gzip { reason: error.to_string() },
            _ => Self::Io(error),
        }
    }

    pub(super) fn at(self, offset: u64) -> WarcError {
        WarcError { offset, fault: self }
    }
}
