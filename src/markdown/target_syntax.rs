//! Where the target of a link, an image or an HTML element stands in Markdown source.

use std::borrow::Cow;
use std::ops::Range;

/// The maximum length of a target or a tag in bytes, so that unclosed ones cost little.
const LONGEST: usize = 4096;

/// The maximum depth of parentheses in a destination.
const MAX_PARENTHESES: usize = 32;

/// The target of an inline link or image.
pub(super) struct InlineTarget {
    /// The URL that it stands for.
    pub url: String,
    /// The destination in the source, with its angle brackets.
    pub range: Range<usize>,
    /// After the closing parenthesis.
    pub end: usize,
}

/// Returns the target that begins with a parenthesis at a position.
pub(super) fn inline(source: &str, at: usize) -> Option<InlineTarget> {
    let bytes = source.as_bytes();
    if bytes.get(at) != Some(&b'(') {
        return None;
    }
    let limit = bytes.len().min(at + LONGEST);
    let start = after_space(bytes, at + 1, limit);
    let (text, end) = match bytes.get(start)? {
        b'<' => {
            let close = angle_close(bytes, start + 1, limit)?;
            (start + 1..close, close + 1)
        }
        _ => {
            let end = bare_end(bytes, start, limit)?;
            (start..end, end)
        }
    };
    let mut close = after_space(bytes, end, limit);
    if let Some(quote @ (b'"' | b'\'')) = bytes.get(close).filter(|_| close > end) {
        close = after_space(bytes, quoted_end(bytes, close + 1, limit, *quote)?, limit);
    }
    let url = source.get(text).map(decoded)?.into_owned();
    (bytes.get(close) == Some(&b')')).then_some(InlineTarget { url, range: start..end, end: close + 1 })
}

fn after_space(bytes: &[u8], at: usize, limit: usize) -> usize {
    (at..limit).find(|&at| !matches!(bytes[at], b' ' | b'\n' | b'\t')).unwrap_or(limit)
}

fn angle_close(bytes: &[u8], start: usize, limit: usize) -> Option<usize> {
    let mut at = start;
    while at < limit {
        match bytes[at] {
            b'>' => return Some(at),
            b'\n' | b'<' => return None,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    None
}

/// Returns the end of a destination without angle brackets.
fn bare_end(bytes: &[u8], start: usize, limit: usize) -> Option<usize> {
    let (mut at, mut depth) = (start, 0);
    while at < limit {
        match bytes[at] {
            b'(' if depth == MAX_PARENTHESES => return None,
            b'(' => depth += 1,
            b')' if depth == 0 => return Some(at),
            b')' => depth -= 1,
            b'\\' => at += 1,
            byte if byte <= b' ' => return Some(at),
            _ => {}
        }
        at += 1;
    }
    None
}

fn quoted_end(bytes: &[u8], start: usize, limit: usize, quote: u8) -> Option<usize> {
    let mut at = start;
    while at < limit {
        match bytes[at] {
            byte if byte == quote => return Some(at + 1),
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    None
}

/// Returns a destination without its escapes.
fn decoded(source: &str) -> Cow<'_, str> {
    if !source.contains(['\\', '&']) {
        return Cow::Borrowed(source);
    }
    let mut out = String::with_capacity(source.len());
    let mut chars = source.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\\' if chars.peek().is_some_and(char::is_ascii_punctuation) => out.extend(chars.next()),
            c => out.push(c),
        }
    }
    Cow::Owned(without_references(&out).into_owned())
}

/// Returns a text with the character references that bindery writes replaced.
fn without_references(text: &str) -> Cow<'_, str> {
    match text.contains('&') {
        true => Cow::Owned(
            text.replace("&lt;", "<")
                .replace("&gt;", ">")
                .replace("&quot;", "\"")
                .replace("&#39;", "'")
                .replace("&amp;", "&"),
        ),
        false => Cow::Borrowed(text),
    }
}

/// Returns the end of what stands between angle brackets at a position: a tag or an autolink.
pub(super) fn tag_end(source: &str, at: usize) -> Option<usize> {
    let bytes = source.as_bytes();
    if !bytes.get(at + 1).is_some_and(|byte| byte.is_ascii_alphabetic() || *byte == b'/') {
        return None;
    }
    let mut quote = None;
    for (end, &byte) in bytes.iter().enumerate().take(at + LONGEST).skip(at + 1) {
        match (quote, byte) {
            (None, b'>') => return Some(end + 1),
            (None, b'<') => return None,
            (None, b'"' | b'\'') => quote = Some(byte),
            (Some(open), _) if open == byte => quote = None,
            _ => {}
        }
    }
    None
}

/// Returns the name of the element that a tag opens.
pub(super) fn tag_name(inside: &str) -> &str {
    let end = inside.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(inside.len());
    &inside[..end]
}

/// The value of an attribute.
pub(super) struct Attribute {
    /// The value between its quotes.
    pub range: Range<usize>,
    /// What it stands for.
    pub value: String,
}

/// Returns an attribute of a tag whose value stands in double quotes, as bindery writes it.
pub(super) fn attribute(source: &str, tag: Range<usize>, name: &str) -> Option<Attribute> {
    let text = &source[tag.clone()];
    let start = text.match_indices(&format!("{name}=\"")).find(|(at, _)| text[..*at].ends_with([' ', '\n', '\t']));
    let start = start.map(|(at, _)| at + name.len() + 2)?;
    let end = start + text[start..].find('"')?;
    let value = without_references(&text[start..end]).into_owned();
    Some(Attribute { range: tag.start + start..tag.start + end, value })
}

/// What happens to braces, which begin the markers of Nunjucks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Braces {
    Escape,
    Keep,
}

/// Returns a URL as the value of an attribute in double quotes.
pub(super) fn attribute_value(url: &str, braces: Braces) -> String {
    let value = url.replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;");
    match braces {
        Braces::Escape => value.replace('{', "%7B").replace('}', "%7D"),
        Braces::Keep => value,
    }
}
