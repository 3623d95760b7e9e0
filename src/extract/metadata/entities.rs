//! Decodes character references that a site escaped twice: `&amp;hellip;`.

use std::borrow::Cow;

use crate::html;

/// Maximum length of a reference, in bytes.
const LONGEST: usize = 10;

/// Decodes the references in a text. Those for markup characters stay as they are: the page meant to show them.
pub fn decoded(text: &str) -> Cow<'_, str> {
    if !references(text).any(|_| true) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut upto = 0;
    for (at, reference) in references(text) {
        out.push_str(&text[upto..at]);
        out.push_str(&read(reference));
        upto = at + reference.len();
    }
    out.push_str(&text[upto..]);
    Cow::Owned(out)
}

/// Finds `&name;`, `&#39;`, `&#x27;`, each with its position in bytes.
fn references(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.match_indices('&').filter_map(|(at, _)| {
        let rest = &text[at..];
        let end = rest.bytes().take(LONGEST).position(|byte| byte == b';')?;
        let name = &rest[1..end];
        let is_name = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'#');
        (is_name && !matches!(name, "lt" | "gt")).then_some((at, &rest[..=end]))
    })
}

/// Decodes one reference; returns an unknown one unchanged.
fn read(reference: &str) -> String {
    match reference {
        "&amp;" => "&".to_owned(),
        "&quot;" => "\"".to_owned(),
        _ => html::fragment(reference).root().text().collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doubly_escaped_references_are_decoded() {
        for (written, read) in [
            ("Paste &hellip; and glue", "Paste … and glue"),
            ("Tom &amp; Ann&#39;s &ldquo;paste&rdquo;", "Tom & Ann's “paste”"),
            ("老城&mdash;&mdash;装订铺", "老城——装订铺"),
            ("AT&T; R&D", "AT&T; R&D"),
            ("How to write &lt;b&gt;", "How to write &lt;b&gt;"),
            ("one & two; three", "one & two; three"),
        ] {
            assert_eq!(decoded(written), read);
        }
    }
}
