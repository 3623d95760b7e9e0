//! The article tree as Markdown: CommonMark 0.31 with GFM's tables, strikethrough and task lists.
//!
//! What is written renders back to the same text, links, images, tables and emphasis; nothing is escaped that would not
//! be read as Markdown. One paragraph is one line. What Markdown has no form for is written as inline HTML (`<sub>`,
//! `<ruby>`), and so is emphasis where CommonMark would not see its delimiters, as next to Chinese punctuation.

mod build;
mod code;
mod digest;
mod emphasis;
mod escape;
mod facts;
mod html;
mod inline;
mod ir;
mod link;
mod list;
mod page;
mod plain;
mod spaces;
mod table;

pub use digest::text_digest;
pub use html::html;
pub use plain::text;

use crate::frontmatter::{self, Fields, Profile, ProfileName};
use crate::model::tree::Tree;
use crate::model::{Article, Digest, Document, ImageMap};

/// Writes an article: body, digest of the body, and the front matter that names the digest.
///
/// `images` maps the `src` of images to what the Markdown links to; one that is not in it stays linked as it is. The
/// front matter's `archived` is the instant of capture, its `image` what the first image of the content links to.
pub fn write(article: &Article, images: &ImageMap, profile: &Profile) -> Document {
    let body = body(&article.content, images, profile);
    let body_digest = Digest::of(body.as_bytes());
    let front_matter = frontmatter::write(&fields(article, images, profile, body_digest), profile);
    Document { front_matter, body, body_digest }
}

/// The Markdown of a content tree, ending in one newline; empty when the tree shows nothing.
pub fn body(tree: &Tree, images: &ImageMap, profile: &Profile) -> String {
    let blocks = build::blocks(tree);
    let writer = inline::Writer { images, links: &blocks.links, hexo: profile.name == ProfileName::Hexo };
    page::write(&blocks, writer)
}

fn fields(article: &Article, images: &ImageMap, profile: &Profile, digest: Digest) -> Fields {
    let found = &article.metadata;
    let tree = &article.content;
    let first = tree.descendants(tree.root()).filter(|&id| tree.name(id) == "img").find_map(|id| tree.attr(id, "src"));
    Fields {
        title: found.title.as_ref().map(|title| title.value.clone()),
        authors: found.authors.as_ref().map(|authors| authors.value.clone()).unwrap_or_default(),
        published: found.published.as_ref().map(|date| date.value),
        modified: found.modified.as_ref().map(|date| date.value),
        url: article.url.clone(),
        canonical: found.canonical.as_ref().map(|url| url.value.clone()),
        site: found.site.as_ref().map(|site| site.value.clone()),
        language: found.language.as_ref().map(|language| language.value.clone()),
        description: found.description.as_ref().map(|description| description.value.clone()),
        tags: found.tags.as_ref().map(|tags| tags.value.clone()).unwrap_or_default(),
        categories: profile.categories.clone(),
        image: first.map(|src| images.get(src).map_or(src, String::as_str).to_owned()),
        archived: article.captured,
        sha256: Some(digest),
    }
}
