//! Images: which URL is the real one, what the bytes are, and which Referer opens the door.
//!
//! Everything here is pure: it tells what to fetch and judges what came.

mod attributes;
mod bytes;
mod css;
mod data_uri;
mod pick;
mod placeholder;
mod referer;
mod srcset;
mod template;
mod urls;
mod variants;
mod worth;

pub use attributes::Attrs;
pub use bytes::{ImageError, dimensions, identify, sniff};
pub use css::backgrounds;
pub use data_uri::{data_uri, svg_uri};
pub use pick::{Pick, Picked, Reason, pick, resolve, shown};
pub use referer::{policy_from, referers};
pub use srcset::{Candidate, Descriptor, MAX_WIDTH, srcset};
pub use urls::{clean, ends_like_an_image, leads_to_an_image};
pub use worth::{Worth, is_better, is_twin, worth};
