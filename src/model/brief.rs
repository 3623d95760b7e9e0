//! What servers sent, in messages.

/// The maximum length of a message about a page, in characters.
pub const MOST_OF_MESSAGE: usize = 300;

/// Returns a text as a message contains it: with control characters escaped, and without its middle if it has more than
/// `most` characters.
pub fn brief(text: &str, most: usize) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            // Bidi overrides reverse the text after them.
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => escaped.extend(c.escape_unicode()),
            c if c.is_control() => escaped.extend(c.escape_default()),
            c => escaped.push(c),
        }
    }
    let count = escaped.chars().count();
    if count <= most {
        return escaped;
    }
    // The end of a URL says more than its middle.
    let head = most * 2 / 3;
    let tail = most.saturating_sub(head + 1);
    escaped.chars().take(head).chain(['…']).chain(escaped.chars().skip(count - tail)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_text_loses_its_middle() {
        assert_eq!(brief("/news/2024/一", 20), "/news/2024/一");
        let cut = brief(&format!("http://a.test/{}/end", "x".repeat(60_000)), 30);
        assert_eq!(cut, "http://a.test/xxxxxx…xxxxx/end");
        assert_eq!(cut.chars().count(), 30);
        assert_eq!(brief("abc", 1), "…");
    }

    #[test]
    fn control_characters_are_shown_escaped() {
        assert_eq!(brief("a\u{1b}[31m\n\u{9b}\u{202e}文", 300), "a\\u{1b}[31m\\n\\u{9b}\\u{202e}文");
    }
}
