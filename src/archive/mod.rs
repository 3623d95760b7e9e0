//! The archive on disk, format 1: the door to durable bytes.
//!
//! The normative text is the project's `archive/README.md`. An archive has one [`Writer`] at a time and any number of
//! readers ([`Archive`]). Files are written in an order in which a kill at any moment leaves nothing that the next
//! [`Writer::open`] does not complete or set aside: images, text, `index.md`, `record.json`, manifests, root manifest.

mod error;
mod images;
mod layout;
mod manifest;
mod pending;
mod reader;
mod record;
mod recover;
mod store;
mod visit;
mod writer;

pub use error::ArchiveError;
pub use layout::FORMAT;
pub use reader::{Archive, Entry};
pub use record::{Reason, Record, RecordedImage, Redirect, SavedImages, Snapshot, Unchanged, recorded_url};
pub use visit::{Kept, Urls, Visit, VisitImage};
pub use writer::Writer;
