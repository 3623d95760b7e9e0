//! Pages that SingleFile saved: an image that a page shows more than once stands in a style sheet, and an empty one in
//! its place. <https://github.com/gildas-lormeau/SingleFile>

use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;

use memchr::memmem;

/// How the names of images in the style sheet begin.
const NAME: &[u8] = b"--sf-img-";

/// The longest tag that is looked at, its embedded images apart.
const MAX_TAG: usize = 1 << 20;

/// The page with each image in its place again; the page itself when SingleFile moved none.
pub fn settled(page: &[u8]) -> Cow<'_, [u8]> {
    let images = images(page);
    if images.is_empty() {
        return Cow::Borrowed(page);
    }
    let mut out = Vec::with_capacity(page.len());
    let mut done = 0;
    for at in memmem::find_iter(page, b"<img") {
        let Some(tag) = (at >= done).then(|| tag(page, at)).flatten() else { continue };
        let image = memmem::find(&page[tag.clone()], b"var(--sf-img-")
            .and_then(|found| images.get(number(&page[tag.start + found + 4 + NAME.len()..])));
        let Some((source, image)) = source(page, &tag).zip(image) else { continue };
        out.extend(&page[done..source.start]);
        out.push(b'"');
        out.extend(&page[image.clone()]);
        out.push(b'"');
        done = source.end;
    }
    out.extend(&page[done..]);
    Cow::Owned(out)
}

/// Where each image of the style sheet stands in the page, by its number.
fn images(page: &[u8]) -> HashMap<&[u8], Range<usize>> {
    let mut found = HashMap::new();
    for at in memmem::find_iter(page, NAME) {
        let number = number(&page[at + NAME.len()..]);
        let after = at + NAME.len() + number.len();
        let Some(value) = page[after..].trim_ascii_start().strip_prefix(b":") else { continue };
        let value = value.trim_ascii_start();
        let Some(value) = value.strip_prefix(b"url(") else { continue };
        let value = value.trim_ascii_start();
        let value = value.strip_prefix(b"\"").or_else(|| value.strip_prefix(b"'")).unwrap_or(value);
        let start = page.len() - value.len();
        let end = value.iter().position(|byte| b"\"')<".contains(byte)).unwrap_or(0);
        if value[..end].starts_with(b"data:") {
            found.entry(number).or_insert(start..start + end);
        }
    }
    found
}

fn number(text: &[u8]) -> &[u8] {
    &text[..text.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(text.len())]
}

/// The tag that begins at `at`, up to its end outside of quotes; None when it has none.
fn tag(page: &[u8], at: usize) -> Option<Range<usize>> {
    let mut quote = None;
    for (nth, &byte) in page[at..].iter().take(MAX_TAG).enumerate() {
        match (quote, byte) {
            (None, b'>') => return Some(at..at + nth + 1),
            (None, b'"' | b'\'') if page[at + nth - 1] == b'=' => quote = Some(byte),
            (Some(open), close) if open == close => quote = None,
            _ => {}
        }
    }
    None
}

/// The value of the tag's `src`, with its quotes.
fn source(page: &[u8], tag: &Range<usize>) -> Option<Range<usize>> {
    let inside = &page[tag.clone()];
    let at = memmem::find_iter(inside, b"src=").find(|&at| inside[at - 1].is_ascii_whitespace())? + 4;
    let length = match inside.get(at)? {
        quote @ (b'"' | b'\'') => inside[at + 1..].iter().position(|byte| byte == quote)? + 2,
        _ => inside[at..].iter().position(|byte| byte.is_ascii_whitespace() || *byte == b'>')?,
    };
    Some(tag.start + at..tag.start + at + length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_image_shown_twice_is_in_its_place_again() {
        let empty = "data:image/svg+xml,<svg xmlns=&quot;http://www.w3.org/2000/svg&quot; width=&quot;3&quot;></svg>";
        let page = format!(
            "<p><img class=a src=\"{empty}\" style=\"background-image:var(--sf-img-2)!important\"><img src='x.png'>\
             <img src={} style=background-image:var(--sf-img-9)><style>:root{{--sf-img-2: url(\"data:image/gif;base64,R0\")}}</style>",
            "data:,"
        );
        let settled = settled(page.as_bytes());
        let text = String::from_utf8_lossy(&settled);
        assert!(
            text.starts_with("<p><img class=a src=\"data:image/gif;base64,R0\" style=")
                && text.contains("<img src='x.png'><img src=data:,"),
            "{text}"
        );
        assert!(matches!(super::settled(b"<img src=a.png>"), Cow::Borrowed(_)));
    }
}
