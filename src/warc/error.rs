//! The errors of reading a WARC file.

use std::io;

use super::RecordId;
use crate::model::Digest;

/// A fault of a record, and where in the file the record begins.
#[derive(Debug, thiserror::Error)]
#[error("at byte {offset}: {fault}")]
pub struct WarcError {
    /// Where the record begins: an offset in bytes in the file as stored, compressed or not.
    pub offset: u64,
    /// The fault.
    pub fault: Fault,
}

/// A fault of a record.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// The operating system cannot read the file.
    #[error("cannot read the file: {0}; check the disk and the file's permissions")]
    Io(io::Error),
    /// The file ends inside the record.
    #[error("the file ends inside a record; restore it from a copy, or cut it here and keep the records before")]
    Truncated,
    /// A gzip member cannot be decompressed, or its checksum differs.
    #[error("a gzip member is damaged ({reason}); restore the file from a copy")]
    Gzip {
        /// What the decoder reported.
        reason: String,
    },
    /// The bytes are not a valid record.
    #[error("{reason}; if this is a WARC file, it is damaged or was edited: restore it from a copy")]
    Malformed {
        /// Which rule is broken.
        reason: String,
    },
    /// The record has a newer version of the format.
    #[error("the record has version {version}, but this bindery supports WARC/1.1 and earlier; use a newer bindery")]
    NewerVersion {
        /// The version that the record states.
        version: String,
    },
    /// A gzip member contains several records, which cannot be read independently.
    #[error(
        "several records share one gzip member; recompress the file with one member per record (`warcio recompress`)"
    )]
    Shared,
    /// A required field is missing.
    #[error(
        "the record has no {field} field; it was edited, or the program that wrote it is faulty: restore the file from a copy"
    )]
    MissingField {
        /// The field's name.
        field: &'static str,
    },
    /// The block is longer or shorter than `Content-Length` says.
    #[error(
        "the record's block does not end after the {stated} bytes that Content-Length states; the file was edited: \
         restore it from a copy"
    )]
    WrongLength {
        /// The stated length in bytes.
        stated: u64,
    },
    /// The bytes do not have the stated digest.
    #[error(
        "the {part} of record {id} has the digest sha256:{found}, but the record states sha256:{stated}; its bytes were \
         changed: restore the file from a copy"
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
    /// The id does not follow from type, URL, date and block.
    #[error("record {stated} should have the id {derived}; its header was edited: restore the file from a copy")]
    WrongId {
        /// The id that the record states.
        stated: RecordId,
        /// The id derived from the record.
        derived: RecordId,
    },
    /// The block exceeds the caller's limit.
    #[error("the record's block is larger than {cap} bytes; this is the largest size that bindery reads")]
    TooLarge {
        /// The limit in bytes.
        cap: u64,
    },
}

impl Fault {
    pub(super) fn malformed(reason: impl Into<String>) -> Self {
        Self::Malformed { reason: reason.into() }
    }

    /// Returns the fault that an error of the gzip decoder or of the underlying file means.
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
