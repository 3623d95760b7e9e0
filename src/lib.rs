//! bindery archives article pages as Markdown with local images, and proves every byte.
//!
//! # The house
//!
//! One order: a room imports only rooms above it (`tests/house.rs` holds it).
//!
//! | room | owns |
//! | --- | --- |
//! | [`model`] | the words that cross rooms, the arena tree, URL key, digest, timestamp |
//! | [`warc`] | WARC/1.1: records, reading, writing; content codings |
//! | [`html`] | charset decoding, parsing, links, base URL |
//! | [`frontmatter`] | profiles, YAML that reads back unchanged |
//! | [`markdown`] | article tree → Markdown, HTML, plain text |
//! | [`images`] | which address is the real picture, what bytes are, which Referer opens the door |
//! | [`extract`] | metadata, main content, doubts, reasons |
//! | [`schedule`] | when a source is due: pure policy |
//! | `fetch` | HTTP, redirects, limits, robots.txt, pace, address guard, retries (feature `net`) |
//! | [`frontier`] | what to visit next: queue, leases, each address once |
//! | [`archive`] | the on-disk format: write order, versions, manifests, search |
//! | [`bundle`] | BagIt, WACZ and TextPack: writing and reading, deterministic ZIP files |
//! | [`import`] | saved pages: bytes, the address they came from, the pictures beside them |
//! | [`verify`] | deriving again what an archive must be, and comparing |
//! | `capture` | the order of the steps for one page (feature `net`) |
//! | [`convert`] | bulk: walking, mirroring, local images |
//! | `crawl` | the loop: seeds, scope, workers, shutdown (feature `net`) |

pub mod archive;
pub mod bundle;
#[cfg(feature = "net")]
pub mod capture;
pub mod convert;
#[cfg(feature = "net")]
pub mod crawl;
pub mod extract;
#[cfg(feature = "net")]
pub mod fetch;
pub mod frontier;
pub mod frontmatter;
pub mod html;
pub mod images;
pub mod import;
pub mod markdown;
pub mod model;
pub mod schedule;
pub mod verify;
pub mod warc;
