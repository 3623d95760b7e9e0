//! Splits a title into the headline and the names of site and section after a separator.

use crate::html::text;

use super::cjk_names;

/// Separators between a headline and the names of site and section, with the white space around them.
const SIGNS: &[&str] = &[
    " | ", " - ", " – ", " — ", " · ", " • ", " » ", " « ", " :: ", " / ", " @ ", " : ", "：", "｜", "|", "_", " _ ",
    "－", "—", "--", "-",
];

/// Returns true for a character of a separator.
fn is_sign(c: char) -> bool {
    matches!(c, '|' | '-' | '–' | '—' | '·' | '•' | '»' | '«' | ':' | '/' | '@' | '：' | '｜' | '_' | '－')
}

/// Endings of the names of Chinese sites and sections.
const SITE_ENDS: &[&str] = &[
    "网",
    "網",
    "报",
    "報",
    "新闻",
    "新聞",
    "频道",
    "頻道",
    "中心",
    "在线",
    "社",
    "台",
    "日报",
    "周刊",
    "专栏",
    "博客",
    "部落格",
    "社区",
    "社區",
    "论坛",
    "論壇",
    "杂志",
    "雜誌",
    "平台",
    "デジタル",
    "オンライン",
    "ニュース",
    "タイムズ",
    "通信",
    "放送",
    "ブログ",
    "뉴스",
    "신문",
    "일보",
    "방송",
    "닷컴",
    "블로그",
];

/// Separators that occur in headlines too: the text after one is the site's name only where it is known as such.
const UNCLEAR: [&str; 3] = [":", "：", "@"];

/// Returns a title without the names of site and section at its end or its beginning.
pub fn without_site(title: &str, sites: &[String]) -> String {
    let mut rest = title.trim();
    let mut sign = None;
    for _ in 0..5 {
        rest =
            rest.strip_suffix("::").or(rest.strip_suffix(" |")).or(rest.strip_suffix(" -")).unwrap_or(rest).trim_end();
        if let Some((head, known)) =
            before_site(rest, sites).filter(|(_, known)| sign.is_none_or(|sign| sign == *known))
        {
            (rest, sign) = (head, Some(known));
            continue;
        }
        let Some((head, tail)) = last_part(rest) else { break };
        // One separator sets off the names of site and section; another one belongs to the headline.
        let same = rest[head.len()..rest.len() - tail.len()].trim();
        let is_sentence = same != "|" && tail.ends_with(['?', '!', '？', '！']);
        let is_unclear =
            UNCLEAR.contains(&same) && sign != Some(same) && !SITE_ENDS.iter().any(|end| tail.trim().ends_with(end));
        let continues = sign.is_none_or(|sign| sign == same) && !is_sentence && !is_unclear;
        if !(is_site(tail, sites) || continues && names_site(tail, head, sites)) {
            break;
        }
        sign = Some(same);
        rest = head.trim();
    }
    if let Some((head, tail)) = first_part(rest)
        && is_site(head, sites)
    {
        rest = tail.trim();
    }
    rest.to_owned()
}

/// Returns the text before the site's name and its separator, where the name itself can hold separators; and the
/// separator. None where the title does not end in the site's name.
fn before_site<'t>(text: &'t str, sites: &[String]) -> Option<(&'t str, &'static str)> {
    let heads =
        sites.iter().filter(|site| site.chars().count() > 2).filter_map(|site| text.strip_suffix(site.as_str()));
    let mut heads =
        heads.filter_map(|head| SIGNS.iter().find_map(|sign| Some((head.strip_suffix(sign)?.trim_end(), sign.trim()))));
    heads.find(|(head, _)| !head.is_empty())
}

pub fn last_part(text: &str) -> Option<(&str, &str)> {
    if !text.contains(is_sign) {
        return None;
    }
    let parts = |sign: &'static str| {
        let at = text.rfind(sign)?;
        let (head, tail) = (&text[..at], &text[at + sign.len()..]);
        // Between letters of an alphabet, a hyphen joins one word.
        let is_wide = || ends_wide(head) || begins_wide(tail);
        let joins = matches!(sign, "-" | "—" | "--" | "_") && !is_wide()
            || matches!(sign, " : " | "：") && !cjk_names::has_cjk(text);
        (!joins).then_some((at, sign))
    };
    // The last separator of all; the longest of several at one place.
    let (at, sign) =
        SIGNS.iter().filter_map(|sign| parts(sign)).max_by_key(|(at, sign)| (at + sign.len(), sign.len()))?;
    let (head, tail) = (&text[..at], &text[at + sign.len()..]);
    (!head.trim().is_empty() && !tail.trim().is_empty()).then_some((head, tail))
}

pub fn first_part(text: &str) -> Option<(&str, &str)> {
    if !text.contains(is_sign) {
        return None;
    }
    let found = SIGNS
        .iter()
        .filter(|sign| !matches!(**sign, "-" | " : " | "：" | " @ "))
        .filter_map(|sign| Some((text.find(sign)?, *sign)));
    let (at, sign) = found.min_by_key(|(at, sign)| (*at, usize::MAX - sign.len()))?;
    Some((&text[..at], &text[at + sign.len()..]))
}

fn ends_wide(text: &str) -> bool {
    text.trim_end().chars().next_back().is_some_and(text::is_cjk)
}

fn begins_wide(text: &str) -> bool {
    text.trim_start().chars().next().is_some_and(text::is_cjk)
}

/// Returns true where the last part of a title names the site or a section of it.
fn names_site(part: &str, head: &str, sites: &[String]) -> bool {
    let part = part.trim();
    if is_site(part, sites) {
        return true;
    }
    let weight = text::weight(part);
    if begins_wide(part) || ends_wide(part) {
        return weight <= 30
            && (SITE_ENDS.iter().any(|end| part.ends_with(end)) || weight <= 12 && text::weight(head) > 2 * weight);
    }
    part.split_whitespace().count() <= 5 && weight <= 48
}

pub fn is_site(part: &str, sites: &[String]) -> bool {
    let part = letters(part);
    !part.is_empty()
        && sites.iter().map(|site| letters(site)).any(|site| {
            site == part || site.chars().count() > 3 && (part == format!("{site}com") || part == format!("the{site}"))
        })
}

/// Returns the words in lower case; each Han character is a word.
pub fn words(text: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    for c in text.chars().flat_map(char::to_lowercase) {
        match words.last_mut() {
            Some(word) if c.is_alphanumeric() && !text::is_cjk(c) => word.push(c),
            _ if text::is_cjk(c) => words.extend([c.to_string(), String::new()]),
            _ => words.push(String::new()),
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// Returns letters and digits in lower case, for comparing two spellings of a headline.
pub fn letters(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bare(title: &str) -> String {
        without_site(title, &["晨钟网".to_owned(), "Example Times".to_owned()])
    }

    #[test]
    fn names_of_site_and_section_are_dropped() {
        for (title, headline) in [
            ("老城的装订铺_文化频道_晨钟网", "老城的装订铺"),
            ("老城的装订铺-晨钟网", "老城的装订铺"),
            ("The last binder – artist or clerk? - Talbote", "The last binder – artist or clerk?"),
            ("老城的装订铺 | 晨钟网", "老城的装订铺"),
            ("石板路_秋日散步 (2) @ 晨钟网 :: 老城博客 ::", "石板路_秋日散步 (2)"),
            ("古い町の製本所に新しい灯：晨鐘新聞デジタル", "古い町の製本所に新しい灯"),
            ("古い町の製本所に新しい灯 : 社会 : ニュース : 晨鐘新聞オンライン", "古い町の製本所に新しい灯"),
            ("오래된 골목의 제본소 : 문화 : 뉴스 : 새벽신문", "오래된 골목의 제본소"),
            ("老城的装订铺：一门手艺的三百年", "老城的装订铺：一门手艺的三百年"),
            ("晨钟网｜老城的装订铺", "老城的装订铺"),
            ("The last binder in the old town - Example Times", "The last binder in the old town"),
            (
                "Example Times: News | The last binder in the old town | Example Times",
                "Example Times: News | The last binder in the old town",
            ),
        ] {
            assert_eq!(bare(title), headline, "{title}");
        }
    }

    #[test]
    fn separators_inside_a_headline_are_kept() {
        for title in [
            "Self-taught binders",
            "COVID-19与图书馆",
            "1949—1956：图书馆的七年",
            "How to bind a book - and why you should never do it in a hurry",
        ] {
            assert_eq!(bare(title), title);
        }
    }
}
