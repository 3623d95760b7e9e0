//! Folding: one form for the many ways in which a reader may type a word.
//!
//! Letters lose their case, accents, points and vowel signs; compatibility forms (full-width letters, ligatures) become
//! plain ones (Unicode NFKD); letters that Unicode does not decompose (đ, ß, œ) have a small table, and Chinese characters
//! one of their own. Marks without which a word is another one are kept: kana's voicing marks, vowels of Thai and Hindi, й.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Chinese characters that are treated as one; the file says where they come from.
pub(crate) const HAN: &str = include_str!("han.txt");

/// The range of the common Chinese characters, which a table covers.
const HAN_RANGE: std::ops::Range<u32> = 0x3400..0xa000;

/// The zeros of digits other than ASCII; each is followed by its nine others.
const ZEROS: [char; 12] = ['٠', '۰', '०', '০', '੦', '૦', '௦', '๐', '໐', '༠', '၀', '០'];

/// Chinese characters and what stands for them: a table of the common ones, and the rare ones.
struct Han {
    common: Vec<char>,
    rare: BTreeMap<char, char>,
}

static TABLE: LazyLock<Han> = LazyLock::new(|| {
    let mut table =
        Han { common: HAN_RANGE.map(|c| char::from_u32(c).unwrap_or(' ')).collect(), rare: BTreeMap::new() };
    for line in HAN.lines().filter(|line| !line.starts_with('#')) {
        let mut chars = line.chars();
        let Some(one) = chars.next() else { continue };
        for other in chars {
            match HAN_RANGE.contains(&u32::from(other)) {
                true => table.common[(u32::from(other) - HAN_RANGE.start) as usize] = one,
                false => drop(table.rare.insert(other, one)),
            }
        }
    }
    table
});

fn han(c: char) -> char {
    match u32::from(c) {
        code if HAN_RANGE.contains(&code) => TABLE.common[(code - HAN_RANGE.start) as usize],
        0x20000.. => TABLE.rare.get(&c).copied().unwrap_or(c),
        _ => c,
    }
}

/// Iterates over the characters of a text, each with the marks after it, as byte ranges.
pub fn clusters(text: &str) -> impl Iterator<Item = std::ops::Range<usize>> + '_ {
    let mut chars = text.char_indices().peekable();
    std::iter::from_fn(move || {
        let (start, _) = chars.next()?;
        // Conjoining jamo make one syllable, and half-width kana have marks of their own.
        let belongs =
            |c: char| !c.is_ascii() && (is_combining_mark(c) || matches!(c, '\u{1160}'..='\u{11ff}' | 'ﾞ' | 'ﾟ'));
        while chars.next_if(|(_, c)| belongs(*c)).is_some() {}
        Some(start..chars.peek().map_or(text.len(), |(end, _)| *end))
    })
}

/// Appends the folded form of a character and its marks; nothing for one that words continue over, such as a soft
/// hyphen.
pub fn fold(cluster: &str, out: &mut String) {
    let mut chars = cluster.chars();
    match (chars.next(), chars.next()) {
        (Some(c), None) if c.is_ascii() => out.push(c.to_ascii_lowercase()),
        (Some(c), None) if HAN_RANGE.contains(&u32::from(c)) => out.push(han(c)),
        // Signs that would become letters of the word before them.
        (Some('™' | '℠'), _) => out.push(' '),
        _ => decomposed(cluster, out),
    }
}

fn decomposed(cluster: &str, out: &mut String) {
    let mut base = ' ';
    let kept = cluster.nfkd().filter(|&c| {
        let is_letter_of_its_own = c == '\u{306}' && matches!(base, 'и' | 'И' | 'у' | 'У');
        let is_dropped = is_ignored(c) || (is_accent(c) && !is_letter_of_its_own);
        if !is_combining_mark(c) {
            base = c;
        }
        !is_dropped
    });
    for c in kept.nfc() {
        for c in c.to_lowercase().filter(|c| *c != '\u{307}') {
            match spelled(c) {
                Some(letters) => out.push_str(letters),
                None => out.push(digit(c).unwrap_or_else(|| han(c))),
            }
        }
    }
}

/// Returns whether words continue over a character that nobody types: soft hyphens, joiners, marks of direction, variation
/// selectors, the Arabic tatweel.
fn is_ignored(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{34f}' | '\u{61c}' | 'ـ' | '\u{17b4}'..='\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{fe00}'..='\u{fe0f}'
        | '\u{feff}' | '\u{e0100}'..='\u{e01ef}')
}

/// Returns whether a mark is an accent, a point or a vowel sign that readers leave out.
fn is_accent(c: char) -> bool {
    matches!(c,
        // Latin, Greek and Cyrillic accents.
        '\u{300}'..='\u{36f}' | '\u{483}'..='\u{489}' | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}'
        | '\u{20d0}'..='\u{20ff}' | '\u{2de0}'..='\u{2dff}' | '\u{a66f}'..='\u{a67d}' | '\u{fe20}'..='\u{fe2f}'
        // Hebrew points and cantillation.
        | '\u{591}'..='\u{5bd}' | '\u{5bf}' | '\u{5c1}'..='\u{5c2}' | '\u{5c4}'..='\u{5c5}' | '\u{5c7}' | '\u{fb1e}'
        // Arabic vowel signs, hamza above and below, Koranic marks.
        | '\u{610}'..='\u{61a}' | '\u{64b}'..='\u{65f}' | '\u{670}' | '\u{6d6}'..='\u{6dc}' | '\u{6df}'..='\u{6e4}'
        | '\u{6e7}'..='\u{6e8}' | '\u{6ea}'..='\u{6ed}' | '\u{8ca}'..='\u{8ff}'
        // Syriac points.
        | '\u{711}' | '\u{730}'..='\u{74a}'
        // The dots of loanwords in Indic scripts.
        | '\u{93c}' | '\u{9bc}' | '\u{a3c}' | '\u{abc}' | '\u{b3c}')
}

/// Returns the letters that are typed for one that has no decomposition.
fn spelled(c: char) -> Option<&'static str> {
    Some(match c {
        'ß' => "ss",
        'æ' => "ae",
        'œ' => "oe",
        'ø' => "o",
        'đ' | 'ð' | 'ɖ' => "d",
        'þ' => "th",
        'ł' => "l",
        'ħ' => "h",
        'ı' => "i",
        'ŋ' => "n",
        'ŧ' => "t",
        'ĸ' => "k",
        'ƒ' => "f",
        'ə' => "e",
        'ς' => "σ",
        'ґ' => "г",
        // Forms of one Arabic letter.
        'ٱ' => "ا",
        'ى' | 'ی' => "ي",
        'ة' | 'ە' | 'ہ' => "ه",
        'ک' => "ك",
        // Final forms of Hebrew letters.
        'ך' => "כ",
        'ם' => "מ",
        'ן' => "נ",
        'ף' => "פ",
        'ץ' => "צ",
        _ => return None,
    })
}

fn digit(c: char) -> Option<char> {
    let offset = |zero: &char| u32::from(c).checked_sub(u32::from(*zero)).filter(|offset| *offset < 10);
    if c.is_ascii() || !c.is_numeric() {
        return None;
    }
    ZEROS.iter().find_map(offset).and_then(|offset| char::from_digit(offset, 10))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folded(text: &str) -> String {
        let mut out = String::new();
        clusters(text).for_each(|cluster| fold(&text[cluster], &mut out));
        out
    }

    #[test]
    fn letters_lose_case_and_accents_in_every_script() {
        for (one, other) in [
            ("Αθήνα ΟΔΥΣΣΈΑΣ ᾠδή", "αθηνα οδυσσεασ ωδη"),
            ("Ещё Ёлка їжак", "еще елка іжак"),
            ("Tiếng Việt, Đà Nẵng", "tieng viet, da nang"),
            ("Straße GROẞ Œuvre Æon Łódź Þór İstanbul ısı", "strasse gross oeuvre aeon lodz thor istanbul isi"),
            ("ﬁne ﬂow Ｏｐｅｎ ｶﾞｲﾄﾞ ㎏", "fine flow open ガイド kg"),
            ("مَكْتَبَة ذَهَبَ كِتَابًا الـــكتاب إلى أحمد", "مكتبه ذهب كتابا الكتاب الي احمد"),
            ("שָׁלוֹם", "שלומ"),
            ("फ़िल्म", "फिल्म"),
            ("Donau\u{ad}dampf zu\u{200b}sammen", "donaudampf zusammen"),
            ("৩৪ ٣٤ ๓๔", "34 34 34"),
        ] {
            assert_eq!(folded(one), other);
            assert_eq!(folded(&one.nfd().collect::<String>()), other, "decomposed");
        }
    }

    #[test]
    fn marks_that_make_another_word_are_kept() {
        for (one, other) in [("мой", "мои"), ("がく", "かく"), ("ข้าว", "ขาว"), ("한국", "하국"), ("कि", "क")]
        {
            assert_ne!(folded(one), folded(other));
            assert_eq!(folded(one), folded(&one.nfd().collect::<String>()), "decomposed");
        }
    }

    #[test]
    fn traditional_simplified_and_japanese_forms_are_one() {
        assert_eq!(folded("臺灣的圖書館員說：裝訂鋪"), "台湾的图书馆员说:装订铺");
        assert_eq!(folded("図書館で歩く看著爲為"), folded("图书馆で步く看着为为"));
        assert_ne!(folded("沪"), folded("滤"));
    }
}
