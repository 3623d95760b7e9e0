//! Texts for people.

/// Returns a number with its noun: `1 article`, `2 articles`.
pub fn counted(count: u64, thing: &str) -> String {
    format!("{count} {thing}{}", if count == 1 { "" } else { "s" })
}

/// Replaces the control characters of a text, which a terminal would obey.
pub fn printable(text: &str) -> String {
    // The first bytes of the other characters that are replaced are these two.
    let may_be_replaced =
        |byte: u8| byte < b' ' && !matches!(byte, b'\n' | b'\t') || matches!(byte, 0x7f | 0xc2 | 0xe2);
    if !text.bytes().any(may_be_replaced) {
        return text.to_owned();
    }
    text.chars()
        .map(|c| match c {
            '\n' | '\t' => c,
            // Bidi overrides reverse the text after them.
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => '\u{fffd}',
            c if c.is_control() => '\u{fffd}',
            c => c,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_cannot_command_the_terminal() {
        assert_eq!(printable("a\u{1b}[31mb\u{9b}c\u{202e}d\t标题"), "a\u{fffd}[31mb\u{fffd}c\u{fffd}d\t标题");
    }
}
