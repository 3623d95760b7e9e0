//! Bytes to text. The first line is the charset that the server names (empty for none), the rest the body.

use bindery::html::{charset_parameter, decode};

pub fn body(input: &[u8]) {
    let (label, bytes) = super::first_line(input);
    let label = std::str::from_utf8(label).ok().filter(|label| !label.is_empty());
    if let Some(label) = label {
        let value = format!("text/html; charset={label}");
        assert!(charset_parameter(&value).is_none_or(|charset| value.contains(charset)));
    }
    let decoded = decode(bytes, label, Some("cn"));
    assert_eq!(decoded.text, decode(bytes, label, Some("cn")).text, "the same bytes, another text");
    let encoding = encoding_rs::Encoding::for_label(decoded.charset.name.as_bytes());
    assert!(encoding.is_some(), "no charset is called {}", decoded.charset.name);
    assert!(!decoded.malformed || decoded.text.contains('\u{fffd}'), "what was lost leaves a mark");
    assert!(decoded.text.len() <= bytes.len() * 3, "a text of more than its bytes");
    if let Ok(text) = std::str::from_utf8(bytes)
        && let Some(marked) = text.strip_prefix('\u{feff}')
    {
        assert_eq!(decoded.text, marked, "a mark of UTF-8 goes before everything");
    }
    if decoded.charset.name == "UTF-8" && !decoded.malformed {
        assert_eq!(decoded.text.as_bytes(), bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes));
    }
}
