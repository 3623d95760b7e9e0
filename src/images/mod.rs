//! Pictures: which address is the real one, what the bytes are, and which Referer opens the door.
//!
//! Everything here is pure: it tells what to fetch and judges what came.

mod bytes;
mod data_uri;
mod pick;
mod placeholder;
mod referer;
mod srcset;

pub use bytes::{ImageError, dimensions, identify, sniff};
pub use data_uri::data_uri;
pub use pick::{Attrs, Pick, Picked, Reason, pick, resolve, shown};
pub use referer::{policy_from, referers};
pub use srcset::{Candidate, Descriptor, MAX_WIDTH, srcset};
