//! URLs of images as written in pages.

use std::borrow::Cow;

/// Returns the URL without the white space around it, and without line breaks and tabs inside it and the blanks next to
/// them, which come from an editor's indentation. A `data:` URL is only trimmed.
pub fn clean(written: &str) -> Cow<'_, str> {
    let trimmed = written.trim();
    if !has_break(trimmed) || starts_with(trimmed, "data:") {
        return Cow::Borrowed(trimmed);
    }
    let mut out = String::with_capacity(trimmed.len());
    let mut rest = trimmed;
    while let Some(at) = rest.find(char::is_whitespace) {
        out.push_str(&rest[..at]);
        let after = rest[at..].trim_start();
        let blanks = &rest[at..rest.len() - after.len()];
        if !has_break(blanks) {
            out.push_str(blanks);
        }
        rest = after;
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// Returns true when the path of a URL has the extension of an image file.
pub fn ends_like_an_image(value: &str) -> bool {
    let path = value.split(['?', '#']).next().unwrap_or_default().trim_end();
    let extension = path.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase());
    extension.is_some_and(|found| {
        matches!(
            found.as_str(),
            "jpg"
                | "jpeg"
                | "jpe"
                | "jfif"
                | "png"
                | "apng"
                | "webp"
                | "avif"
                | "gif"
                | "svg"
                | "bmp"
                | "tif"
                | "tiff"
                | "heic"
                | "jxl"
        )
    })
}

/// Returns true when a link leads to an image file and not to a page about one.
pub fn leads_to_an_image(href: &str) -> bool {
    let href = href.trim();
    let path = href.split(['?', '#']).next().unwrap_or_default();
    let is_web = !href.contains(':') || starts_with(href, "http://") || starts_with(href, "https://");
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    // Wikis name the page about a file `File:…`; code hosts show a file in a page below `blob`.
    let is_page = name.contains(':')
        || name.to_ascii_lowercase().contains("%3a")
        || folder.contains("/blob/") && !href.contains("raw=");
    is_web && !is_page && !name.starts_with('.') && ends_like_an_image(href)
}

pub(super) fn starts_with(text: &str, start: &str) -> bool {
    text.get(..start.len()).is_some_and(|head| head.eq_ignore_ascii_case(start))
}

pub(super) fn has_break(text: &str) -> bool {
    text.contains(['\n', '\r', '\t'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_breaks_and_indentation_are_removed_from_urls() {
        for (written, url) in [
            ("\n  /a/b.jpg\n ", "/a/b.jpg"),
            ("/a/tea-\n      cards.jpg", "/a/tea-cards.jpg"),
            ("/a/\t茶-\r\n 山.jpg", "/a/茶-山.jpg"),
            ("/a/two words.jpg", "/a/two words.jpg"),
            ("data:image/svg+xml,<svg\n a='b'>", "data:image/svg+xml,<svg\n a='b'>"),
        ] {
            assert_eq!(clean(written), url);
        }
    }

    #[test]
    fn a_link_to_a_page_about_an_image_does_not_count_as_a_link_to_the_image() {
        for href in
            ["/up/2024/a.JPG", "https://i.cn/图.png?x=1", "a.webp", "https://git.example/a/blob/b/c.png?raw=true"]
        {
            assert!(leads_to_an_image(href), "{href}");
        }
        for href in [
            "/wiki/File:A.jpg",
            "/wiki/%E6%96%87%E4%BB%B6%3AA.jpg",
            "/a/",
            "/a.html",
            "javascript:show('a.jpg')",
            "https://git.example/a/blob/main/c.png",
        ] {
            assert!(!leads_to_an_image(href), "{href}");
        }
    }
}
