//! Pages saved by SingleFile. It moves an image that a page shows more than once into a style sheet and leaves an empty
//! image in its place. <https://github.com/gildas-lormeau/SingleFile>

use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;

use memchr::memmem;

/// The prefix of the names of images in the style sheet.
const NAME_PREFIX: &[u8] = b"--sf-img-";

/// The maximum length of a tag that is examined, in bytes.
const MAX_TAG: usize = 1 << 20;

/// Returns the page with each image back in its place; unchanged when SingleFile moved none.
pub fn restore_images(page: &[u8]) -> Cow<'_, [u8]> {
    let images = images(page);
    if images.is_empty() {
        return Cow::Borrowed(page);
    }
    let mut out = Vec::with_capacity(page.len());
    let mut done = 0;
    for at in memmem::find_iter(page, b"<img") {
        let Some(tag) = (at >= done).then(|| tag(page, at)).flatten() else { continue };
        let image = memmem::find(&page[tag.clone()], b"var(--sf-img-")
            .and_then(|found| images.get(number(&page[tag.start + found + 4 + NAME_PREFIX.len()..])));
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

/// Returns the position of each image of the style sheet, by its number.
fn images(page: &[u8]) -> HashMap<&[u8], Range<usize>> {
    let mut found = HashMap::new();
    for at in memmem::find_iter(page, NAME_PREFIX) {
        let number = number(&page[at + NAME_PREFIX.len()..]);
        let after = at + NAME_PREFIX.len() + number.len();
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

/// Returns the range of the tag that begins at `at`; None when it does not end.
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

/// Returns the range of the value of the tag's `src`, quotes included.
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
    fn an_image_shown_twice_is_restored() {
        let empty = "data:image/svg+xml,<svg xmlns=&quot;http://www.w3.org/2000/svg&quot; width=&quot;3&quot;></svg>";
        let page = format!(
            "<p><img class=a src=\"{empty}\" style=\"background-image:var(--sf-img-2)!important\"><img src='x.png'>\
             <img src={} style=background-image:var(--sf-img-9)><style>:root{{--sf-img-2: url(\"data:image/gif;base64,R0\")}}</style>",
            "data:,"
        );
        let restored = restore_images(page.as_bytes());
        let text = String::from_utf8_lossy(&restored);
        assert!(
            text.starts_with("<p><img class=a src=\"data:image/gif;base64,R0\" style=")
                && text.contains("<img src='x.png'><img src=data:,"),
            "{text}"
        );
        assert!(matches!(restore_images(b"<img src=a.png>"), Cow::Borrowed(_)));
    }
}
