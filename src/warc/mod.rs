//! Reading and writing WARC/1.1, reading ARC, and the content codings of the bodies inside.
//!
//! ISO 28500:2017, <https://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/>. A [`Record`] is
//! made from an HTTP exchange or a file and written as one gzip member. A [`Reader`] iterates over the records of a
//! file of any size and hashes every block. [`find`] returns one record with its block. [`Recovery`] reads the files of other
//! programs, damaged ones too.

mod arc;
pub mod coding;
mod error;
mod head;
mod http;
mod id;
mod input;
mod kind;
mod read;
mod record;
mod recovery;
mod write;

pub use arc::begins as begins_as_arc;
pub use error::{Fault, WarcError};
pub use head::HeadWarning;
pub use http::{HttpHead, HttpMessage};
pub use id::{ParseRecordIdError, RecordId};
pub use kind::RecordKind;
pub use read::{Entry, Reader, StoredRecord, find, first, valid_length};
pub use record::{Original, Record};
pub use recovery::{Recovery, decompress};
pub use write::Compressor;
