//! Markdown from whole pages and from bodies, as a user gets it.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

use bindery::extract::{Options, extract};
use bindery::frontmatter::Profile;
use bindery::markdown;
use bindery::model::{Document, ImageMap, Origin, RawPage};

/// The document of a body given as such.
pub fn document(html: &str, profile: &Profile) -> Document {
    let raw = RawPage::from_bytes(html.as_bytes().to_vec(), None, Origin::Replay, None);
    let article = extract(&raw, Options { fragment: true, trace: false }).expect("the body is read");
    markdown::write(&article, &ImageMap::new(), profile)
}
