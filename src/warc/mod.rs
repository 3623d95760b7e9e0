//! Reading and writing WARC/1.1, and the content codings of the bodies inside.
//!
//! ISO 28500:2017, <https://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/>. A [`Record`] is
//! made from an HTTP exchange or a file and written as one gzip member. A [`Reader`] iterates over the records of a
//! file of any size and hashes every block. [`find`] returns one record with its block.

pub mod coding;
mod error;
mod head;
mod http;
mod id;
mod input;
mod kind;
mod read;
mod record;
mod write;

pub use error::{Fault, WarcError};
pub use http::{HttpHead, HttpMessage};
pub use id::{ParseRecordIdError, RecordId};
pub use kind::RecordKind;
pub use read::{Entry, Reader, StoredRecord, find, valid_length};
pub use record::{Original, Record};
pub use write::Compressor;
