//! Extracts people's names from one text.

use crate::html::text;

use super::author_words::{AFTER, BEFORE, NOBODY, ORGANISATIONS, OUTLETS, ROLES};
use super::entities;
use super::{cjk_names, latin_names};

/// A longer text, in characters, is not a list of names.
const LONGEST: usize = 200;

/// Returns the people named in one text; empty where there are none.
pub fn people(written: &str, sites: &[String]) -> Vec<String> {
    let text = entities::decoded(written);
    let text = text::collapse(&text);
    if text.contains("://") || text.starts_with("www.") || text.chars().count() > LONGEST {
        return Vec::new();
    }
    let text = without_before(text.trim_matches(is_bracket));
    if cjk_names::has_cjk(text) {
        // A photographer is not an author.
        if text.ends_with(['摄', '攝']) {
            return Vec::new();
        }
        let names = cjk_names::names(without_url(text)).into_iter();
        return names.filter(|name| is_person(name, sites)).collect();
    }
    let text = latin_names::without_month(&text[..end(text)]);
    let mut names: Vec<String> = Vec::new();
    for part in text.split(['、', '，', ',', ';', '；', '&', '＆', '/', '／', '|']).flat_map(latin_names::split_words)
    {
        if let Some(last) = names.last_mut().filter(|_| latin_names::is_degree(part.trim())) {
            last.push_str(", ");
            last.push_str(part.trim());
            continue;
        }
        let part = without_before(part.trim().trim_matches(is_bracket)).trim();
        let name = part.trim_matches(|c: char| is_bracket(c) || matches!(c, ':' | '：' | '.' | '-' | '»' | '|')).trim();
        let name = latin_names::without_role(name);
        if is_person(name, sites) {
            names.push(name.to_owned());
        }
    }
    names
}

/// Returns true for a company, an institution or an outlet, by the words in its name.
pub fn is_organisation(name: &str) -> bool {
    let words: Vec<String> = name.split_whitespace().map(|word| word.trim_matches([',', '.']).to_lowercase()).collect();
    let is_one = words.len() > 1 && words.iter().any(|word| ORGANISATIONS.contains(&word.as_str()));
    is_one || cjk_names::is_outlet(name) && cjk_names::has_cjk(name)
}

/// Returns the text before an email address or an account: `홍길동 기자 hong@example.org`.
fn without_url(text: &str) -> &str {
    let mail = text.find('@').and_then(|at| text[..at].rfind(char::is_whitespace));
    &text[..mail.unwrap_or(text.len())]
}

fn is_bracket(c: char) -> bool {
    matches!(c, '【' | '】' | '[' | ']' | '(' | ')' | '（' | '）' | '「' | '」' | '"' | '“' | '”' | '〔' | '〕')
        || c.is_whitespace()
}

/// Drops the words that introduce a name.
pub fn without_before(text: &str) -> &str {
    let mut rest = text.trim();
    loop {
        let found = BEFORE.iter().find_map(|before| {
            let head = rest.get(..before.len()).filter(|head| head.to_lowercase() == **before)?;
            let after = &rest[head.len()..];
            // `by` must be a word: Byron is a name.
            let joins = before.ends_with(|c: char| c.is_ascii_alphabetic()) && after.starts_with(char::is_alphanumeric);
            (!joins && !after.trim().is_empty()).then_some(after)
        });
        match found {
            Some(after) => {
                rest = after.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, ':' | '：' | '/' | '／'))
            }
            None => return rest,
        }
    }
}

/// Returns where the names end, in bytes: at a separator, a year or a URL.
fn end(text: &str) -> usize {
    let lower = text.to_lowercase();
    let marks = AFTER.iter().filter_map(|mark| lower.find(mark)).filter(|&at| at > 0 && text.is_char_boundary(at));
    let mail = text.find('@').and_then(|at| text[..at].rfind(char::is_whitespace).or(Some(0)));
    let year = text
        .char_indices()
        .zip(text.chars().skip(1))
        .find(|((at, a), b)| {
            // In `ann1987` the number is a part of the name.
            a.is_numeric()
                && b.is_numeric()
                && !text[..*at].ends_with(|c: char| c.is_alphanumeric() && !text::is_cjk(c))
        })
        .map(|((at, _), _)| at);
    marks.chain(mail).chain(year).min().unwrap_or(text.len())
}

fn is_person(name: &str, sites: &[String]) -> bool {
    let lower = name.to_lowercase();
    let length = name.chars().count();
    let letters = name.chars().filter(|c| c.is_alphabetic()).count();
    let cjk = cjk_names::has_cjk(name);
    let most = if cjk { 16 } else { 60 };
    let is_role = ROLES.iter().any(|role| lower == *role || lower.split_whitespace().all(|word| ROLES.contains(&word)));
    let is_site = sites.iter().any(|site| site.to_lowercase() == lower || cjk && site.starts_with(name));
    let outlet = cjk && length >= 3 && OUTLETS.iter().any(|end| name.ends_with(end));
    // A degree after the name is not checked.
    let bare = name.split(',').next().unwrap_or_default();
    (2..=most).contains(&length)
        && (letters * 2 > length || letters >= 3 && name.starts_with(char::is_alphabetic) && !name.contains('-'))
        && lower.matches('.').count() <= 2 * name.split_whitespace().count()
        && !name.ends_with('*')
        && bare.split_whitespace().count() <= 5
        && !NOBODY.contains(&lower.as_str())
        && !NO_BEGINNINGS.iter().any(|begin| lower.starts_with(begin))
        && !(is_role || is_site || outlet || latin_names::is_degree(name))
        && !lower.contains(".com")
        && !NO_PARTS.iter().any(|word| name.contains(word))
}

/// Beginnings of lines about a text that are not names.
const NO_BEGINNINGS: &[&str] = &[
    "posted on",
    "posted in",
    "published on",
    "published in",
    "published by",
    "updated on",
    "last updated",
    "visit the ",
    "read more",
    "view all",
    "more from",
    "get in touch",
    "share ",
];

/// Words of lines about editors and sources that do not occur in names.
const NO_PARTS: &[&str] =
    &["编辑", "編輯", "報導", "报道", "責任", "责任", "来源", "來源", "责编", "校对", "审核", "原标题", "版权"];

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> String {
        people(text, &["晨钟网".to_owned(), "Example Times".to_owned()]).join("|")
    }

    #[test]
    fn words_around_names_are_dropped() {
        for (written, names) in [
            ("【文/晨钟网 林远】", "林远"),
            ("文｜林远 何苗", "林远|何苗"),
            ("作者：林远", "林远"),
            ("本报记者 林远、何苗", "林远|何苗"),
            ("记者林远 发自北京", "林远"),
            ("作者： Jane Doe 翻訳者 田中 一郎", "Jane Doe"),
            ("作者：林远 责任编辑：何苗", "林远"),
            ("홍길동 기자", "홍길동"),
            ("By Jane Doe and John A. Roe", "Jane Doe|John A. Roe"),
            ("By Jane Doe | Staff Writer", "Jane Doe"),
            ("Jane Doe, Reporter", "Jane Doe"),
            ("By Jane Doe Updated June 17, 2021", "Jane Doe"),
            ("米哈伊尔·戈尔巴乔夫", "米哈伊尔·戈尔巴乔夫"),
            ("Byron Smith", "Byron Smith"),
        ] {
            assert_eq!(read(written), names, "{written}");
        }
    }

    #[test]
    fn sites_editors_and_urls_are_not_people() {
        for written in [
            "晨钟网",
            "Example Times",
            "admin",
            "责任编辑：何苗",
            "https://example.org/jane",
            "jane@example.org",
            "新华社",
            "Staff",
            "来源：晨钟网",
        ] {
            assert_eq!(read(written), "", "{written}");
        }
    }
}
