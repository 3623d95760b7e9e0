//! The URLs of images as records have them, and the images that a text has saved.

use std::collections::{BTreeMap, BTreeSet};

use url::Url;

use crate::model::{Digest, UrlKey, shown_url};

use super::layout::digest_in;

/// The saved images of a text, by URL.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SavedImages(pub(super) BTreeMap<String, String>);

impl SavedImages {
    /// Returns the number of different images.
    pub fn count(&self) -> usize {
        self.0.values().collect::<BTreeSet<_>>().len()
    }

    /// Returns the path of the image with this URL below the archive; `None` if the text does not contain it or it is
    /// missing.
    pub fn path_of(&self, url: &str) -> Option<&str> {
        self.0.get(&image_key(url)).map(String::as_str)
    }

    /// Returns the digest of the bytes of the image with this URL.
    pub fn digest_of(&self, url: &str) -> Option<Digest> {
        digest_in(self.path_of(url)?)
    }
}

/// Returns an image's URL in the form used in records: without user name and password; a `data:` URI of more than 200
/// bytes as its type and the digest of the complete URI, `data:image/png;sha256=<hex>`.
pub fn recorded_url(url: &str) -> String {
    let is_data = url.get(..5).is_some_and(|start| start.eq_ignore_ascii_case("data:"));
    if is_data && url.len() > 200 {
        let kind = url[5..].split([',', ';']).next().unwrap_or_default();
        let kind: String = kind.chars().take(60).collect();
        return format!("data:{kind};sha256={}", Digest::of(url.as_bytes()));
    }
    match Url::parse(url) {
        Ok(parsed) if !parsed.username().is_empty() || parsed.password().is_some() => shown_url(&parsed),
        _ => url.to_owned(),
    }
}

/// Returns the key by which two references to the same image are equal.
pub(super) fn image_key(url: &str) -> String {
    let recorded = recorded_url(url);
    match Url::parse(&recorded) {
        Ok(parsed) if parsed.has_host() => UrlKey::of(&parsed).to_string(),
        _ => recorded,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recorded_url_has_no_password() {
        let url = Url::parse("https://user:secret@example.org/a?b#c").unwrap();
        assert_eq!(shown_url(&url), "https://example.org/a?b#c");
        assert_eq!(recorded_url("https://user:secret@example.org/a.png"), "https://example.org/a.png");
        assert_eq!(recorded_url("图/一.png"), "图/一.png");
    }

    #[test]
    fn an_inline_image_is_recorded_by_its_digest() {
        let long = format!("data:image/png;base64,{}", "A".repeat(100_000));
        let recorded = recorded_url(&long);
        assert!(recorded.starts_with("data:image/png;sha256=") && recorded.len() < 100, "{recorded}");
        assert_eq!(recorded_url(&recorded), recorded);
    }
}
