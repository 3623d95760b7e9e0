//! Words that pages use, by language: one table per subject and one row per language, so that a gap shows.
//!
//! Words that only one reader of metadata or markup needs are in the files `*_words.rs` next to it.

pub mod captions;
pub mod editors;
pub mod labels;
pub mod notes;
pub mod paging;
pub mod rights;
