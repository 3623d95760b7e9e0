//! Determines the page's language, as a BCP 47 tag.

use crate::html::Page;
use crate::model::Sourced;

use super::collect::Clues;

/// Pairs of common characters that differ between the two Chinese scripts.
const SIMPLIFIED: &str = "们这国说时会来对发经实现关问样东车书长门开见";
const TRADITIONAL: &str = "們這國說時會來對發經實現關問樣東車書長門開見";

/// Returns the declared language, else the one that charset or script implies; None where nothing implies one.
pub fn find(page: &Page, clues: &Clues<'_>) -> Option<Sourced<String>> {
    let declared = [
        ("html lang", clues.language),
        ("og:locale", clues.meta(&["og:locale"])),
        ("content-language", clues.meta(&["content-language", "language", "dc.language"])),
        ("http", page.headers.content_language.as_deref()),
    ];
    let declared = declared.into_iter().find_map(|(source, tag)| Some(Sourced::new(normalised(tag?)?, source)));
    let by_charset = || {
        let tag = match page.charset.name.as_str() {
            "gb18030" | "GBK" => "zh-CN",
            "Big5" => "zh-TW",
            "Shift_JIS" | "EUC-JP" | "ISO-2022-JP" => "ja",
            "EUC-KR" => "ko",
            _ => return None,
        };
        Some(Sourced::new(tag.to_owned(), "charset"))
    };
    // Many templates declare `en` on pages that are entirely Chinese.
    let seen = by_script(&clues.sample);
    match (declared, seen) {
        (Some(tag), Some(seen)) if contradicts(&tag.value, seen) => Some(Sourced::new(seen.to_owned(), "script")),
        (Some(tag), _) => Some(tag),
        (None, seen) => by_charset().or_else(|| seen.map(|tag| Sourced::new(tag.to_owned(), "script"))),
    }
}

/// Normalises a tag: `zh_cn` → `zh-CN`, `zh-hans-cn` → `zh-Hans-CN`; None for an invalid one.
fn normalised(tag: &str) -> Option<String> {
    let tag = tag.split([',', ';', '.']).next().unwrap_or_default().trim();
    let mut parts = tag.split(['-', '_']);
    let primary = parts.next()?.to_ascii_lowercase();
    if !(2..=3).contains(&primary.len()) || !primary.bytes().all(|byte| byte.is_ascii_lowercase()) {
        return None;
    }
    // Obsolete tags that pages still use for the language itself.
    let mut out = match primary.as_str() {
        "cn" => "zh-CN".to_owned(),
        "jp" => "ja".to_owned(),
        "kr" => "ko".to_owned(),
        _ => primary,
    };
    for part in parts.filter(|part| part.bytes().all(|byte| byte.is_ascii_alphanumeric())) {
        match part.len() {
            2 => out.push_str(&format!("-{}", part.to_ascii_uppercase())),
            4 => out.push_str(&format!("-{}{}", part[..1].to_ascii_uppercase(), part[1..].to_ascii_lowercase())),
            _ => {}
        }
    }
    Some(out)
}

fn by_script(text: &str) -> Option<&'static str> {
    let count = |wanted: &dyn Fn(char) -> bool| text.chars().filter(|&c| wanted(c)).count();
    let han = count(&|c| matches!(c, '\u{4e00}'..='\u{9fff}'));
    let kana = count(&|c| matches!(c, '\u{3041}'..='\u{30fa}'));
    let hangul = count(&|c| matches!(c, '\u{ac00}'..='\u{d7a3}'));
    let letters = count(&|c| c.is_alphabetic());
    let east_asian = han + kana + hangul;
    if east_asian < 20 || east_asian * 3 < letters {
        return None;
    }
    if hangul * 2 > east_asian {
        return Some("ko");
    }
    if kana * 10 > east_asian {
        return Some("ja");
    }
    let simplified = count(&|c| SIMPLIFIED.contains(c));
    let traditional = count(&|c| TRADITIONAL.contains(c));
    Some(match simplified.cmp(&traditional) {
        std::cmp::Ordering::Greater => "zh-Hans",
        std::cmp::Ordering::Less => "zh-Hant",
        std::cmp::Ordering::Equal => "zh",
    })
}

/// Returns true when the text is clearly in an East Asian script that the declared language does not use.
fn contradicts(declared: &str, seen: &str) -> bool {
    let primary = |tag: &str| tag.split('-').next().unwrap_or_default().to_owned();
    !matches!(primary(declared).as_str(), "zh" | "ja" | "ko" | "yue" | "wuu" | "nan" | "lzh")
        && primary(declared) != primary(seen)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_normalised() {
        for (tag, written) in
            [("zh_cn", "zh-CN"), ("ZH-hans-cn", "zh-Hans-CN"), ("en", "en"), ("cn", "zh-CN"), ("de-DE, en", "de-DE")]
        {
            assert_eq!(normalised(tag).as_deref(), Some(written));
        }
        assert_eq!(normalised("{{lang}}"), None);
        assert_eq!(normalised(""), None);
    }

    #[test]
    fn the_script_gives_the_language_where_no_tag_does() {
        assert_eq!(by_script(&"这是我们的国家，说的是对的".repeat(3)), Some("zh-Hans"));
        assert_eq!(by_script(&"這是我們的國家，說的是對的".repeat(3)), Some("zh-Hant"));
        assert_eq!(by_script(&"政府は今日の閣議で決めた".repeat(3)), Some("ja"));
        assert_eq!(by_script(&"정부는 오늘 회의에서 결정했다".repeat(3)), Some("ko"));
        assert_eq!(by_script("A short page about 北京 and its people, in English throughout."), None);
    }
}
