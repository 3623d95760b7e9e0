//! Markdown from bodies given as such, as a user gets it: cases of every kind, and every option.

mod cases;
mod options;
mod size;

use bindery::extract::{Options, extract};
use bindery::frontmatter::{Profile, Style};
use bindery::markdown;
use bindery::model::{Article, Document, ImageMap, Origin, RawPage};

/// A body as an article.
pub fn article(html: &str) -> Article {
    let raw = RawPage::from_bytes(html.as_bytes().to_vec(), None, Origin::Replay, None);
    extract(&raw, Options { fragment: true, ..Options::default() }).expect("the body is read")
}

/// The document of a body, without front matter.
pub fn document(html: &str, style: Style) -> Document {
    let profile = Profile { front_matter: false, style, ..Profile::default() };
    markdown::write(&article(html), &ImageMap::new(), &profile)
}
