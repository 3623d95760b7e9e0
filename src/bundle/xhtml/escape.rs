//! Escapes text and URLs for XML.

use std::fmt::Write as _;

use crate::markdown::MORE;

/// Escapes text for XML, also for an attribute in double quotes. Characters that XML does not allow are dropped.
pub(crate) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 8);
    push_escaped(&mut out, text);
    out
}

/// Appends text, escaped.
pub(super) fn push_escaped(out: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' | '\t' => out.push(c),
            '\u{fffe}' | '\u{ffff}' | MORE => {}
            c if c.is_control() => {}
            c => out.push(c),
        }
    }
}

/// Returns a URL in which every character is allowed in URLs: percent-coded, where parsers of URLs are lenient.
pub(crate) fn url_escaped(url: &str) -> String {
    let mut out = String::with_capacity(url.len());
    let bytes = url.as_bytes();
    let is_hex = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_hexdigit);
    let mut has_fragment = false;
    // The brackets of an IPv6 host are the only ones that stay.
    let host_end = url.find("://").map_or(0, |at| url[at + 3..].find('/').map_or(url.len(), |end| at + 3 + end));
    for (at, byte) in bytes.iter().copied().enumerate() {
        let stays = match byte {
            b'%' => is_hex(at + 1) && is_hex(at + 2),
            b'#' => !std::mem::replace(&mut has_fragment, true),
            b'[' | b']' => at < host_end,
            b'"' | b'<' | b'>' | b'\\' | b'^' | b'`' | b'{' | b'|' | b'}' => false,
            byte => byte.is_ascii_graphic(),
        };
        if stays {
            out.push(char::from(byte));
        } else {
            // Writing into a string cannot fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_xml_does_not_allow_is_dropped_and_markup_is_escaped() {
        assert_eq!(escaped("a\u{0}\u{b}<&\">\u{ffff}文\n"), "a&lt;&amp;&quot;&gt;文\n");
    }

    #[test]
    fn urls_have_only_characters_of_urls() {
        let url = "https://[::1]:8/a|b?c={d}&e=100%&f=%20#g#h^";
        assert_eq!(url_escaped(url), "https://[::1]:8/a%7Cb?c=%7Bd%7D&e=100%25&f=%20#g%23h%5E");
    }
}
