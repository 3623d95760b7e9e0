//! The digest by which two texts of a page are compared.

use crate::frontmatter::Profile;
use crate::html::text::collapse;
use crate::model::tree::Tree;
use crate::model::{Article, Digest, ImageMap, UrlKey};

use url::Url;

use super::write::body;

/// Returns the SHA-256 of an article's text, which does not depend on the profile or on which images were saved.
///
/// The bytes are UTF-8: the title, white space collapsed (nothing when there is none), and a newline; each author, white
/// space collapsed, and a newline; one more newline; then the body as the `default` profile writes it, in which each
/// image's target is the key of its URL. The key is that of [`UrlKey`] for `http` and `https`, `data:sha256:<hex>`
/// with the digest of the whole URL as written for `data:`, and the URL itself for any other.
pub fn text_digest(article: &Article) -> Digest {
    let mut text = String::new();
    if let Some(title) = &article.metadata.title {
        text.push_str(&collapse(&title.value));
    }
    text.push('\n');
    for author in article.metadata.authors.iter().flat_map(|authors| &authors.value) {
        text.push_str(&collapse(author));
        text.push('\n');
    }
    text.push('\n');
    let tree = article.with_comments();
    text.push_str(&body(&tree, &keys(&tree), &Profile::default()));
    Digest::of(text.as_bytes())
}

fn keys(tree: &Tree) -> ImageMap {
    let images = tree.descendants(tree.root()).filter(|&id| tree.name(id) == "img");
    images.filter_map(|id| tree.attr(id, "src")).map(|src| (src.to_owned(), key(src))).collect()
}

fn key(src: &str) -> String {
    if src.get(..5).is_some_and(|scheme| scheme.eq_ignore_ascii_case("data:")) {
        return format!("data:sha256:{}", Digest::of(src.as_bytes()));
    }
    match Url::parse(src) {
        Ok(url) if matches!(url.scheme(), "http" | "https") => UrlKey::of(&url).to_string(),
        _ => src.to_owned(),
    }
}
