//! Which characters are white space, invisible or wide, and which may not occur in Markdown.

use std::borrow::Cow;

use crate::html::text::{SOFT_HYPHEN, is_cjk};

/// Collapses white space and trims, for alternative texts and titles.
pub(super) fn plain(text: &str) -> Cow<'_, str> {
    let text = text.trim();
    if plain_run(text) == text.len() {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut has_space = false;
    for c in text.chars() {
        if collapses(c) {
            has_space = true;
        } else if let Some(c) = cleaned(c).filter(|&c| !is_zero_width(c)) {
            if std::mem::take(&mut has_space) && !out.is_empty() {
                out.push(' ');
            }
            out.push(c);
        }
    }
    Cow::Owned(out)
}

/// Returns the replacement of a character that must not be written: a space for white space, U+FFFD for NUL, None for any
/// other control character. All other characters are returned unchanged.
pub(super) fn cleaned(c: char) -> Option<char> {
    match c {
        '\0' => Some('\u{fffd}'),
        '\n' | '\t' => Some(c),
        '\x0b' | '\x0c' | '\u{85}' => Some(' '),
        SOFT_HYPHEN => None,
        _ if c.is_control() || (c as u32) & 0xfffe == 0xfffe || matches!(c as u32, 0xfdd0..=0xfdef) => None,
        _ => Some(c),
    }
}

/// How many bytes are examined together. A constant lets the compiler use vector instructions.
const STRIDE: usize = 16;

/// Returns the length of the longest start of a text that needs no change: words with single spaces between them.
pub(super) fn plain_run(text: &str) -> usize {
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'!'..=b'~' => {
                at += 1;
                while let Some((before, ahead)) = bytes[at - 1..].first_chunk().zip(bytes[at..].first_chunk())
                    && are_words(before, ahead)
                {
                    // A space at the end is examined with the next byte.
                    at += STRIDE - usize::from(ahead[STRIDE - 1] == b' ');
                }
                at += bytes[at..].iter().take_while(|byte| byte.is_ascii_graphic()).count();
            }
            b' ' if at > 0 && bytes.get(at + 1).is_some_and(u8::is_ascii_graphic) => at += 1,
            0x80.. => match visible_length(&bytes[at..]) {
                Some(length) => {
                    at += length;
                    while let Some(length) = visible_length(&bytes[at..]) {
                        at += length;
                    }
                }
                None => match text[at..].chars().next() {
                    Some(c) if is_visible(c) && cleaned(c) == Some(c) => at += c.len_utf8(),
                    _ => break,
                },
            },
            _ => break,
        }
    }
    at
}

/// Returns the length of the first character when its first bytes show that it is neither white space nor a control
/// character: letters from U+00C0 to U+07FF, the commonest punctuation, Han characters, kana, Hangul.
fn visible_length(bytes: &[u8]) -> Option<usize> {
    match bytes {
        [0xc3..=0xdf, ..] => Some(2),
        [0xe4..=0xec, ..] | [0xe3, 0x81..=0xbf, ..] | [0xe2, 0x80, 0x90..=0xa7, ..] => Some(3),
        _ => None,
    }
}

/// Returns true when the bytes are words with single spaces between them. `before` holds the byte before each byte.
fn are_words(before: &[u8; STRIDE], bytes: &[u8; STRIDE]) -> bool {
    let mut other = 0;
    for at in 0..STRIDE {
        let printed = bytes[at].wrapping_sub(b' ') < 95;
        other |= u8::from(!printed) | u8::from((bytes[at] == b' ') & (before[at] == b' '));
    }
    other == 0
}

/// Returns true for a visible character.
pub(super) fn is_visible(c: char) -> bool {
    !c.is_whitespace() && !is_zero_width(c) && cleaned(c).is_some()
}

/// Returns true for text that is visible in code, where a no-break space counts as a character.
pub(super) fn shows_in_code(text: &str) -> bool {
    text.chars().any(|c| c == '\u{a0}' || is_visible(c))
}

/// Returns true for text with a visible character.
pub(super) fn has_visible(text: &str) -> bool {
    // The first byte that is not ASCII white space nearly always decides.
    let is_space = |byte: u8| (byte == b' ') | (byte.wrapping_sub(b'\t') < 5);
    let blank = |stride: &[u8; STRIDE]| stride.iter().fold(0, |any, &byte| any | u8::from(!is_space(byte))) == 0;
    if text.bytes().next().is_some_and(|byte| byte.is_ascii_graphic()) {
        return true;
    }
    let (strides, _) = text.as_bytes().as_chunks();
    let begin = strides.iter().take_while(|stride| blank(stride)).count() * STRIDE;
    match text.as_bytes()[begin..].iter().find(|&&byte| !is_space(byte)) {
        None => false,
        Some(byte) if byte.is_ascii_graphic() => true,
        Some(_) => text.chars().any(is_visible),
    }
}

/// Returns true for the zero-width space and the byte order mark.
pub(super) fn is_zero_width(c: char) -> bool {
    matches!(c, '\u{200b}' | '\u{feff}')
}

/// Returns true for white space that collapses. Other white space, such as no-break and ideographic spaces, is kept.
pub(super) fn collapses(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\r' | '\x0b' | '\x0c' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

pub(super) fn ends_line(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// Returns true when a line break between two characters is not a space (CSS Text 4, segment break transformation): both
/// are wide and not Hangul, or one is and the other is punctuation of ambiguous width.
pub(super) fn joins(previous: char, next: char) -> bool {
    let either =
        |c: char| matches!(c, '“' | '”' | '‘' | '’' | '…' | '—' | '―' | '‥' | '·' | '※' | '§' | '¶' | '†' | '‡');
    match (is_wide(previous), is_wide(next)) {
        (true, true) => true,
        (true, false) => either(next),
        (false, true) => either(previous),
        (false, false) => false,
    }
}

/// Returns true for characters that are East Asian wide, full-width or half-width, without Hangul.
pub(super) fn is_wide(c: char) -> bool {
    is_cjk(c) || matches!(c as u32, 0xa000..=0xa4cf | 0xff61..=0xff9f | 0x1f300..=0x1faff)
}
