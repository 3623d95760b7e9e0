//! Start tags of HTML in other text, with the places of their values.

use std::ops::Range;

/// A start tag.
pub(super) struct Tag<'t> {
    pub name: &'t str,
    /// Names, and the places of the values.
    pub attributes: Vec<(&'t str, Range<usize>)>,
    /// The length of the tag, in bytes.
    pub length: usize,
}

impl<'t> Tag<'t> {
    /// Parses the tag that a text begins with.
    pub fn parse(text: &'t str) -> Option<Self> {
        let length = text[1..].find(|c: char| !(c.is_ascii_alphanumeric() || c == '-'))?;
        let name = &text[1..=length];
        if !name.starts_with(|c: char| c.is_ascii_alphabetic()) {
            return None;
        }
        let (mut at, mut attributes) = (1 + length, Vec::new());
        loop {
            at += text[at..].len() - text[at..].trim_start_matches(|c: char| c.is_ascii_whitespace() || c == '/').len();
            if text[at..].starts_with('>') {
                return Some(Self { name, attributes, length: at + 1 });
            }
            let is_end = |c: char| c.is_ascii_whitespace() || matches!(c, '=' | '>' | '/' | '<' | '"' | '\'' | '`');
            let length = text[at..].find(is_end).filter(|&length| length > 0)?;
            let own = &text[at..at + length];
            at += length;
            let Some(rest) = text[at..].trim_start().strip_prefix('=') else { continue };
            let rest = rest.trim_start();
            at = text.len() - rest.len();
            let quote = rest.chars().next()?;
            let value = if matches!(quote, '"' | '\'') {
                at + 1..at + 1 + rest[1..].find(quote)?
            } else {
                at..at + rest.find(|c: char| c.is_ascii_whitespace() || c == '>')?
            };
            at = value.end + usize::from(matches!(quote, '"' | '\''));
            attributes.push((own, value));
        }
    }
}
