//! Archives article pages as Markdown with local images, and verifies every byte.
//!
//! The program `bindery` is a thin layer over this library.
//!
//! # Extract a page
//!
//! [`extract::extract`] turns the bytes of a page into an article, [`markdown::write`] an article into a document. Both are
//! pure functions: they read no file, clock, network or environment.
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
//! # Archive a page
//!
//! A [`capture::Capturer`] fetches a page and its images and adds them to an archive. It needs the feature `net` and a Tokio
//! runtime.
//!
#![cfg_attr(
    feature = "net",
    doc = "```no_run
use std::{path::Path, sync::Arc, time::SystemTime};

use bindery::capture::{Capturer, Input, Job};

# async fn run() -> Result<(), Box<dyn std::error::Error>> {
let capturer = Capturer::open(Path::new(\"archive\"), Arc::new(|| SystemTime::now().into()))?;
let captured = capturer.capture(Job::new(Input::Url(\"https://example.org/\".parse()?))).await?;
println!(\"{} {:?}\", captured.outcome.word(), captured.path);
capturer.commit()?;
# Ok(())
# }
```"
)]
//!
//! # Verify an archive
//!
//! ```no_run
//! let report = bindery::verify::archive(std::path::Path::new("archive"), 2, &mut |_| {})?;
//! for finding in &report.findings {
//!     println!("{} {}", finding.kind.word(), finding.path);
//! }
//! # Ok::<(), bindery::verify::VerifyError>(())
//! ```
//!
//! # Modules
//!
//! [`convert`] converts many files on all cores, [`bundle`] packs articles into one file, [`export`] writes them into sites
//! and vaults, [`archive`] reads and writes the format on disk, [`model`] has the types that these share. `examples/` has one program for each use. The modules that are
//! not listed here (`fetch`, `frontier`, `html`, `images`, `import`, `schedule`, `warc`) are public for the program and the
//! tests only; they may change in any release.

pub mod archive;
pub mod bundle;
#[cfg(feature = "net")]
pub mod capture;
pub mod convert;
#[cfg(feature = "net")]
#[doc(hidden)]
pub mod crawl;
pub mod export;
pub mod extract;
#[cfg(feature = "net")]
#[doc(hidden)]
pub mod fetch;
#[doc(hidden)]
pub mod frontier;
pub mod frontmatter;
#[doc(hidden)]
pub mod html;
#[doc(hidden)]
pub mod images;
#[doc(hidden)]
pub mod import;
pub mod markdown;
pub mod model;
#[doc(hidden)]
pub mod schedule;
pub mod verify;
#[doc(hidden)]
pub mod warc;
