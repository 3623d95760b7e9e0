//! A page without what nobody reads of it: the insides of scripts, styles and drawings.
//!
//! They are half of the bytes of the web's pages, and a tree builder reads them character by character. Only what is
//! certain goes: an element whose end is found, with nothing inside that could change where it ends.

use std::borrow::Cow;

use memchr::{memchr, memchr2, memrchr2};

/// Elements whose content is left out.
const ELEMENTS: [&str; 3] = ["script", "style", "svg"];

/// The same page, for a reader.
pub fn lighten(text: &str) -> Cow<'_, str> {
    let bytes = text.as_bytes();
    let mut out = String::new();
    let mut copied = 0;
    let mut at = 0;
    // Where the next end tag of each element stands; looked for once, however many begin before it.
    let mut ends = [0usize; ELEMENTS.len()];
    while let Some(found) = memchr(b'<', &bytes[at..]).map(|found| at + found) {
        at = found + 1;
        let Some((which, inside)) = opened(bytes, found) else { continue };
        if ends[which] < inside {
            ends[which] = end_tag(bytes, inside, ELEMENTS[which]);
        }
        let end = ends[which];
        if end == bytes.len() {
            continue;
        }
        at = end;
        if is_certain(&bytes[inside..end], ELEMENTS[which]) {
            out.push_str(&text[copied..inside]);
            copied = end;
        } else {
            at = inside;
        }
    }
    if copied == 0 {
        return Cow::Borrowed(text);
    }
    out.push_str(&text[copied..]);
    Cow::Owned(out)
}

/// Which element begins at `at`, and where its content does. Data in scripts is kept: it may be about the article.
fn opened(bytes: &[u8], at: usize) -> Option<(usize, usize)> {
    let rest = &bytes[at + 1..];
    let which = ELEMENTS.iter().position(|name| {
        rest.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name.as_bytes()))
            && rest.get(name.len()).is_some_and(|after| after.is_ascii_whitespace() || *after == b'>')
    })?;
    if is_in_tag(&bytes[..at]) {
        return None;
    }
    // A tag with a `>` inside a value ends later than this; what is then taken for content ends no earlier.
    let close = rest.iter().take(4096).position(|byte| *byte == b'>')?;
    let tag = &rest[..close];
    let quotes = |quote: u8| tag.iter().filter(|byte| **byte == quote).count();
    let whole = quotes(b'"') % 2 == 0 && quotes(b'\'') % 2 == 0 && !tag.ends_with(b"/");
    let data = tag.windows(4).any(|part| part.eq_ignore_ascii_case(b"json"));
    (whole && !data).then_some((which, at + 1 + close + 1))
}

/// A tag has begun and not ended.
fn is_in_tag(before: &[u8]) -> bool {
    let last = memrchr2(b'<', b'>', before);
    last.is_some_and(|last| {
        let next =
            before.get(last + 1).is_some_and(|next| next.is_ascii_alphabetic() || matches!(next, b'/' | b'!' | b'?'));
        before[last] == b'<' && next
    })
}

fn end_tag(bytes: &[u8], from: usize, name: &str) -> usize {
    let mut at = from;
    while let Some(found) = memchr(b'<', &bytes[at..]).map(|found| at + found) {
        at = found + 1;
        let is_end = bytes.get(at) == Some(&b'/')
            && bytes.get(at + 1..at + 1 + name.len()).is_some_and(|end| end.eq_ignore_ascii_case(name.as_bytes()))
            && bytes.get(at + 1 + name.len()).is_some_and(|after| after.is_ascii_whitespace() || *after == b'>');
        if is_end {
            return found;
        }
    }
    bytes.len()
}

/// Nothing in it opens a comment, closes one, or begins the element again.
fn is_certain(content: &[u8], name: &str) -> bool {
    let mut at = 0;
    while let Some(found) = memchr2(b'<', b'>', &content[at..]).map(|found| at + found) {
        at = found + 1;
        if content[found] == b'>' {
            if found >= 2 && &content[found - 2..found] == b"--" {
                return false;
            }
            continue;
        }
        let rest = &content[at..];
        if rest.starts_with(b"!--")
            || rest.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name.as_bytes()))
        {
            return false;
        }
    }
    name != "svg" || is_plain_drawing(content)
}

/// Where HTML begins again in a drawing.
const HTML_WITHIN: [&str; 3] = ["title", "desc", "foreignobject"];

/// Elements of HTML whose content is text, whatever tags stand in it.
const RAW: [&str; 8] = ["title", "script", "style", "textarea", "xmp", "iframe", "noembed", "noframes"];

/// Each tag ends at its first `>`, and nothing is text in which an end tag says nothing.
fn is_plain_drawing(content: &[u8]) -> bool {
    let named = |rest: &[u8], names: &[&str]| {
        names.iter().any(|name| rest.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name.as_bytes())))
    };
    let mut in_html = false;
    let mut at = 0;
    while let Some(found) = memchr(b'<', &content[at..]).map(|found| at + found) {
        let rest = &content[found + 1..];
        let Some(close) = memchr(b'>', rest) else { return false };
        let tag = &rest[..close];
        let quotes = |quote: u8| tag.iter().filter(|byte| **byte == quote).count();
        if tag.starts_with(b"!") || quotes(b'"') % 2 != 0 || quotes(b'\'') % 2 != 0 || in_html && named(tag, &RAW) {
            return false;
        }
        match tag.strip_prefix(b"/") {
            Some(end) => in_html &= !named(end, &HTML_WITHIN),
            None => in_html |= named(tag, &HTML_WITHIN),
        }
        at = found + 1 + close;
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_styles_and_drawings_are_emptied() {
        let page = "<style a='b'>p > a { }</style><p>one<SCRIPT src=x>if (a<b) {}</SCRIPT ><svg><title>三</title><path d=x /></svg>two";
        assert_eq!(lighten(page), "<style a='b'></style><p>one<SCRIPT src=x></SCRIPT ><svg></svg>two");
    }

    #[test]
    fn what_is_not_certain_stays() {
        for page in [
            "<script>a</p>",
            "<script><!-- <script></script> --> a</script>",
            "<!-- <script> --> kept <script></script>",
            "<p title='<script>'>kept</p><script></script>",
            "<script type=application/ld+json>{}</script>",
            "<scripted>a</scripted>",
            "<svg/><p>kept</p><svg></svg>",
            "<svg><a title='</svg>'>a</a>b</svg>",
            "<svg><title><textarea></svg></textarea></title>a</svg>",
            "<svg><![CDATA[</svg>]]>a</svg>",
            "<th<svg><script>a</svg>b",
        ] {
            assert_eq!(lighten(page), page);
        }
    }
}
