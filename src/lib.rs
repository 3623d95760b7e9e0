//! bindery archives article pages as Markdown with local images, and proves every byte.
//!
//! # The front door
//!
//! Two pure functions stand between a page's bytes and its Markdown: [`extract::extract`] makes an article of a
//! [`model::RawPage`], [`markdown::write`] a [`model::Document`] of an article. Neither reads a file, a clock or the
//! network; images are fetched, or not, between the two. Around them, [`import`] reads exports of many kinds,
//! [`convert`] takes thousands of inputs on all cores, and [`archive`] keeps what comes of them.
//!
//! ```
//! use bindery::extract::{Options, extract};
//! use bindery::frontmatter::Profile;
//! use bindery::markdown;
//! use bindery::model::{ImageMap, Origin, RawPage};
//!
//! let page = "<title>Bread</title><article><h1>Bread</h1><p>Flour, water and salt, and most of a day to wait for it.</p>\
//!     <p>Nothing else goes in, whatever the recipe on the packet says about sugar.</p></article>";
//! let raw = RawPage::from_bytes(page.into(), None, Origin::Replay, None);
//! let article = extract(&raw, Options::default())?;
//! let document = markdown::write(&article, &ImageMap::new(), &Profile::default());
//! assert!(document.front_matter.starts_with("---\ntitle: Bread\n"));
//! assert!(document.body.starts_with("Flour, water and salt"));
//! # Ok::<(), bindery::extract::ExtractError>(())
//! ```
//!
//! # The house
//!
//! One order: a room imports only rooms above it (`tests/it/house.rs` holds it).
//!
//! | room | owns |
//! | --- | --- |
//! | [`model`] | the words that cross rooms, the arena tree, URL key, digest, timestamp |
//! | [`warc`] | WARC/1.1: records, reading, writing; content codings |
//! | [`html`] | charset decoding, parsing, links, base URL |
//! | [`frontmatter`] | profiles, YAML that reads back unchanged |
//! | [`markdown`] | article tree → Markdown, HTML, plain text |
//! | [`images`] | which URL is the real image, what bytes are, which Referer opens the door |
//! | [`extract`] | metadata, main content, warnings, reasons |
//! | [`schedule`] | when a source is due: pure policy |
//! | `fetch` | HTTP, redirects, limits, robots.txt, pace, URL guard, retries (feature `net`) |
//! | [`frontier`] | what to visit next: queue, leases, each URL once |
//! | [`archive`] | the on-disk format: write order, versions, manifests, search |
//! | [`bundle`] | BagIt, WACZ and TextPack: writing and reading, deterministic ZIP files |
//! | [`import`] | exports of every kind: what they are, the articles in them, the images beside them |
//! | [`verify`] | deriving again what an archive must be, and comparing |
//! | `capture` | the order of the steps for one page (feature `net`) |
//! | [`convert`] | bulk: all cores, mirroring, links between pages, local images |
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
