//! The archive on disk, format 1.
//!
//! The normative specification is the project's `archive/README.md`. An archive has one [`Writer`] at a time and any
//! number of readers ([`Archive`]). Files are written in a fixed order: images, capture, text, `index.md`,
//! `record.json`, manifests, root manifest. Whatever a kill leaves unfinished, the next [`Writer::open`] completes or
//! sets aside.

mod acceptance;
mod captures;
mod diff;
mod disk;
mod edited;
mod error;
mod feed_items;
pub(crate) mod folders;
mod history;
mod identity;
mod image_urls;
mod images;
mod index;
mod keep;
mod known;
mod layout;
mod listed;
mod listing;
mod lock;
mod log;
mod manifest;
mod merge;
mod older;
mod pending;
mod provenance;
mod reader;
mod rebuild;
mod record;
mod recover;
mod remove;
mod repair;
#[cfg(feature = "store")]
mod search;
mod state;
mod tokens;
mod tombstone;
mod variants;
mod visit;
mod words;
mod writer;

pub use captures::Captures;
#[doc(hidden)]
pub use captures::{Answer, AnswerSource};
pub use diff::{Hunk, Piece, diff};
#[doc(hidden)]
pub use disk::{Change, Watch};
pub use error::ArchiveError;
pub(crate) use error::OLDER_ADVICE;
#[doc(hidden)]
pub use feed_items::FeedClaims;
#[doc(hidden)]
pub use history::{TextChange, Version, atom, differences};
#[doc(hidden)]
pub use identity::{PageIdentity, leads_home};
#[doc(hidden)]
pub use image_urls::{SavedImages, recorded_url};
#[doc(hidden)]
pub use known::Recorded;
#[doc(hidden)]
pub use layout::{MANIFEST, NOTES, digest_in as stored_digest, is_own_path, private_file};
#[doc(hidden)]
pub use listed::{Listed, Listing};
#[doc(hidden)]
pub use listing::listed;
pub(crate) use lock::lock_holder;
#[doc(hidden)]
pub use merge::{MergeEvent, MergeListener, MergedArticle};
pub(crate) use older::older_field;
#[doc(hidden)]
pub use provenance::{PageOrigin, TextOption};
pub use reader::{Archive, Entry};
#[doc(hidden)]
pub use record::TextMetadata;
#[doc(hidden)]
pub use record::{
    Absence, AbsenceReason, CapturePointer, ContinuationPage, Payload, Reason, RecordPointer, Redirect, Unchanged,
};
pub use record::{Record, RecordedImage, Snapshot};
#[doc(hidden)]
pub use remove::Removal;
#[doc(hidden)]
pub use repair::{Repair, plan_repair, restore_marker};
#[cfg(feature = "store")]
#[doc(hidden)]
pub use search::reindex_search;
#[cfg(feature = "store")]
#[doc(hidden)]
pub use search::{EarlierText, Marked, Texts};
#[cfg(feature = "store")]
pub use search::{Found, Hit, Query, search};
pub(crate) use tokens::{HAN, readable, words as search_words};
#[doc(hidden)]
pub use tombstone::Tombstone;
#[doc(hidden)]
pub use visit::{Absent, Kept, NotModified, Text, Visit, VisitImage, image_link};
#[doc(hidden)]
pub use writer::{Writer, WriterOptions};
