//! White space and classes of characters, for all modules that read text.

use std::borrow::Cow;

/// Collapses each run of white space to one space and trims the ends. Ideographic and no-break spaces count as white
/// space; soft hyphens are removed.
pub fn collapse(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    if text.is_ascii() {
        for word in text.split(|c: char| c.is_ascii() && c.is_whitespace()).filter(|word| !word.is_empty()) {
            if !out.is_empty() {
                out.push(' ');
            }
            out.push_str(word);
        }
        return out;
    }
    let separates = |c: char| c.is_whitespace() || is_invisible(c);
    for word in text.split(separates).filter(|word| word.chars().any(|c| c != SOFT_HYPHEN)) {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(&without_soft_hyphens(word));
    }
    out
}

/// Appends text escaped for XML and HTML, without the characters that XML does not allow.
pub fn escape_xml(text: &str, out: &mut String) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' | '\t' => out.push(c),
            '\u{fffe}' | '\u{ffff}' => {}
            c if c.is_control() => {}
            c => out.push(c),
        }
    }
}

/// Marks where a word may be broken; it is invisible elsewhere.
pub const SOFT_HYPHEN: char = '\u{ad}';

/// Returns the text without soft hyphens.
pub fn without_soft_hyphens(text: &str) -> Cow<'_, str> {
    if !text.is_ascii() && text.contains(SOFT_HYPHEN) {
        Cow::Owned(text.replace(SOFT_HYPHEN, ""))
    } else {
        Cow::Borrowed(text)
    }
}

/// Returns true for a text of which [`collapse`] leaves nothing.
pub fn is_blank(text: &str) -> bool {
    text.chars().all(|c| c.is_whitespace() || is_invisible(c) || c == SOFT_HYPHEN)
}

/// Returns true for a text of white space alone.
pub fn is_white_space(text: &str) -> bool {
    text.chars().all(char::is_whitespace)
}

/// Returns where the first `most` characters of a text end, in bytes, and how many there are.
pub fn start_of(text: &str, most: usize) -> (usize, usize) {
    if text.is_ascii() {
        let end = text.len().min(most);
        return (end, end);
    }
    text.char_indices().take(most).fold((0, 0), |(_, count), (at, c)| (at + c.len_utf8(), count + 1))
}

/// Returns true for the zero-width space and the byte order mark.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}' | '\u{feff}')
}

/// Returns true for Han, kana and their punctuation: scripts written without spaces between words. Hangul is not one.
pub fn is_cjk(c: char) -> bool {
    matches!(c as u32,
        0x2e80..=0x2fdf | 0x3001..=0x30ff | 0x31f0..=0x31ff | 0x3400..=0x4dbf | 0x4e00..=0x9fff
        | 0xf900..=0xfaff | 0xff01..=0xff60 | 0xffe0..=0xffe6 | 0x20000..=0x3ffff)
}

/// Returns the amount of text, in letters of an alphabet. A Han or kana character counts as three letters, a Hangul
/// syllable as two, white space as none.
pub fn weight(text: &str) -> usize {
    if text.is_ascii() {
        // This loop is vectorised.
        return text.len() - text.bytes().filter(|byte| matches!(byte, b' ' | b'\t'..=b'\r')).count();
    }
    text.chars().map(|c| usize::from(weight_of(c))).sum()
}

/// Returns the weight of one character.
pub fn weight_of(c: char) -> u8 {
    match c {
        '!'..='~' => 1,
        _ if c.is_whitespace() => 0,
        '\u{ac00}'..='\u{d7a3}' => 2,
        _ if is_cjk(c) => 3,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn white_space_of_every_kind_collapses() {
        assert_eq!(collapse(" \n　a\u{a0}b\u{200b} c\t"), "a b c");
        assert_eq!(collapse("　　"), "");
        assert!(is_blank(" \n　\u{200b}") && !is_blank(" a"));
    }

    #[test]
    fn a_soft_hyphen_does_not_split_a_word() {
        assert_eq!(collapse("Donau\u{ad}dampf\u{ad}schiff \u{ad} 书\u{ad}店"), "Donaudampfschiff 书店");
        assert!(is_blank("\u{ad} "));
    }

    #[test]
    fn a_chinese_character_counts_as_three_letters() {
        assert_eq!(weight("会 晤"), 6);
        assert_eq!(weight("abc d"), 4);
        assert!(!is_cjk('한') && is_cjk('。') && is_cjk('カ'));
    }
}
