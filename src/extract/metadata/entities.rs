//! Character references that a site wrote twice: `&amp;hellip;`.

use std::borrow::Cow;

use crate::html;

/// No reference is longer, in bytes.
const LONGEST: usize = 10;

/// A text with the references in it read. What stands for a sign of markup was meant to be seen as it is.
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

/// `&name;`, `&#39;`, `&#x27;`, each with where it begins.
fn references(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.match_indices('&').filter_map(|(at, _)| {
        let rest = &text[at..];
        let end = rest.bytes().take(LONGEST).position(|byte| byte == b';')?;
        let name = &rest[1..end];
        let is_name = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'#');
        (is_name && !matches!(name, "lt" | "gt")).then_some((at, &rest[..=end]))
    })
}

/// What one reference stands for; itself where it stands for nothing.
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
    fn references_written_twice_are_read() {
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
