//! bindery archives article pages as Markdown with local images, and proves every byte.
//!
//! # The house
//!
//! One order: a room imports only rooms above it (`tests/house.rs` holds it).
//!
//! | room | owns |
//! | --- | --- |
//! | [`model`] | the words that cross rooms, the arena tree, URL key, digest, timestamp |
//! | [`html`] | charset decoding, parsing, links, base URL |
//! | [`images`] | which address is the real picture, what bytes are, which Referer opens the door |
//! | [`import`] | saved pages: bytes, the address they came from, the pictures beside them |

pub mod html;
pub mod images;
pub mod import;
pub mod model;
