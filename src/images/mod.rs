//! Images: which URL is the real one, which format the bytes have, and which Referer a server accepts.
//!
//! Everything here is pure: it says what to fetch and checks what was fetched.

mod attributes;
mod bytes;
mod css;
mod data_uri;
mod pick;
mod placeholder;
mod referer;
mod size_class;
mod srcset;
mod svg;
mod template;
mod urls;
mod variants;

pub use attributes::Attrs;
pub use bytes::{ImageError, dimensions, identify, sniff};
pub use css::backgrounds;
pub use data_uri::{data_uri, svg_uri};
pub use pick::{DropReason, ImageChoice, Pick, pick, resolve, usable_src};
pub use referer::{policy_from, referers};
pub use size_class::{SizeClass, is_better, is_same_image, size_class};
pub use srcset::{Candidate, Descriptor, MAX_WIDTH, srcset};
pub use svg::inert;
pub use urls::{clean, ends_like_an_image, leads_to_an_image};
