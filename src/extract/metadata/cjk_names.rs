//! Finds Chinese, Japanese and Korean names in a line, where little separates names from each other or from other
//! words.

use crate::html::text;

use super::author_words::OUTLETS;
use super::cjk_words::{CALLED, FOLLOWING, JAPANESE, KOREAN, LONG_SURNAMES, OTHERS, SURNAMES, is_not_a_name, places};

/// Separators between names.
const SIGNS: [char; 16] = ['、', '，', ',', ';', '；', '&', '＆', '/', '／', '|', '｜', '丨', '︱', '=', '＝', '\u{1}'];

/// Maximum length of a name in these scripts, in characters.
const LONGEST: usize = 16;

/// A part of a line that can be a name.
struct Token {
    text: String,
    /// A word for the role stands before it.
    is_called: bool,
}

/// Returns true for a text with a Han, kana or Hangul letter.
pub fn has_cjk(text: &str) -> bool {
    text.chars().any(is_letter)
}

/// Returns true for Han, kana and Hangul letters.
fn is_letter(c: char) -> bool {
    text::is_cjk(c) && c.is_alphabetic() || is_hangul(c)
}

/// Returns true for a text of Han characters alone.
pub fn is_han(text: &str) -> bool {
    text.chars().all(|c| is_letter(c) && !is_hangul(c) && !is_kana(c))
}

fn is_hangul(c: char) -> bool {
    matches!(c, '\u{ac00}'..='\u{d7a3}')
}

fn is_kana(c: char) -> bool {
    matches!(c, '\u{3041}'..='\u{30fa}' | 'ー')
}

/// Returns the names in a line. Where some are certain to be people, other parts without a word for a role are taken
/// for outlets, places or plain text.
pub fn names(line: &str) -> Vec<String> {
    let line = without_remarks(line);
    let tokens = tokens(before_others(&line));
    let is_sure = |token: &Token| is_full_name(&token.text);
    let any_sure = tokens.iter().any(is_sure);
    let any_called = tokens.iter().any(|token| token.is_called && is_likely(&token.text));
    let kept = tokens.iter().filter(|token| match (any_sure, any_called) {
        (true, _) => is_sure(token) || token.is_called || is_foreign(&token.text) || is_latin(&token.text),
        (false, true) => token.is_called,
        (false, false) => true,
    });
    let mut names: Vec<String> = Vec::new();
    for name in kept.map(|token| token.text.as_str()).filter(|name| is_likely(name)) {
        if !names.iter().any(|known| known == name) {
            names.push(name.to_owned());
        }
    }
    names
}

/// Returns true for a name with a common surname and the usual length.
pub fn is_full_name(name: &str) -> bool {
    let mut letters = name.chars();
    let Some(first) = letters.next() else { return false };
    let count = name.chars().count();
    if is_not_a_name(name) || is_place(name) || is_outlet(name) {
        return false;
    }
    if name.chars().all(is_hangul) {
        return count == 3 && KOREAN.contains(first);
    }
    if name.contains(' ') {
        return is_japanese(name);
    }
    let long = || LONG_SURNAMES.iter().any(|surname| name.starts_with(surname)) && (3..=4).contains(&count);
    let japanese = || JAPANESE.iter().any(|surname| name.starts_with(surname)) && (3..=5).contains(&count);
    is_han(name) && (japanese() || SURNAMES.contains(first) && (2..=3).contains(&count) || long())
}

/// Returns true for a Japanese family name and a given name with a space between.
fn is_japanese(name: &str) -> bool {
    let short = |word: &str| word.chars().count() <= 5 && word.chars().all(|c| is_letter(c) && !is_hangul(c));
    let is_known = |family: &str| JAPANESE.contains(&family) || name.chars().any(is_kana);
    name.split_once(' ').is_some_and(|(family, given)| short(family) && short(given) && is_known(family))
}

/// Returns true for a transliterated foreign name in parts: 米哈伊尔·戈尔巴乔夫, ジョン・スミス.
fn is_foreign(name: &str) -> bool {
    name.contains(['·', '・', '•']) && !is_outlet(name) && is_likely(name)
}

fn is_latin(name: &str) -> bool {
    super::latin_names::is_full_name(name)
}

/// Returns true for text that can be a person's or an account's name.
fn is_likely(name: &str) -> bool {
    let count = name.chars().count();
    let letters = name.chars().filter(|c| c.is_alphanumeric()).count();
    let cjk = name.chars().filter(|c| is_letter(*c)).count();
    let most = if cjk > 0 { LONGEST } else { 40 };
    (2..=most).contains(&count)
        && letters * 2 > count
        && name.chars().any(char::is_alphabetic)
        && !is_not_a_name(name)
        && !is_place(name)
        && !CALLED.contains(&name)
        && !name.ends_with(['？', '?', '！', '!', '。', '：', ':'])
}

/// Returns true for an outlet, by the end of its name.
pub fn is_outlet(name: &str) -> bool {
    name.chars().count() >= 3 && OUTLETS.iter().any(|end| name.ends_with(end))
}

fn is_place(name: &str) -> bool {
    let name = name.strip_suffix(['市', '省', '县', '縣', '讯', '訊', '电', '電']).unwrap_or(name);
    places().any(|place| place == name)
}

/// Drops bracketed remarks after a name: a role, an account, a reading. Brackets at the beginning of the line hold the
/// place of writing.
fn without_remarks(line: &str) -> String {
    let mut out = String::new();
    let mut rest = line;
    while let Some(at) = rest.find(['（', '(', '[', '［', '〔', '【']) {
        let (before, inner) = rest.split_at(at);
        let inner = &inner[inner.chars().next().map_or(0, char::len_utf8)..];
        out.push_str(before);
        let Some(end) = inner.find(['）', ')', ']', '］', '〕', '】']) else {
            // An unclosed bracket begins a remark, or is all there is.
            if out.trim().is_empty() {
                out.push_str(inner);
            }
            return out;
        };
        let closed = inner[end..].chars().next().map_or(0, char::len_utf8);
        let after = &inner[end + closed..];
        if out.trim().is_empty() && after.trim().is_empty() {
            return inner[..end].to_owned();
        }
        out.push(' ');
        rest = after;
    }
    out.push_str(rest);
    out
}

/// Returns the line up to a credit for something other than writing: `记者 林远 责任编辑 何苗`; drops the outlet right before
/// that word too.
fn before_others(line: &str) -> &str {
    // `出品｜晨钟组 作者｜林远 编辑｜何苗`: other credits can precede the author too.
    let author = line.match_indices("作者").map(|(at, word)| line[at + word.len()..].trim_start());
    let author = author.filter_map(|rest| rest.strip_prefix(['：', ':', '|', '｜', '丨', '︱', '/', '／'])).next();
    let line = author.filter(|rest| !rest.trim().is_empty()).unwrap_or(line).trim_start();
    if OTHERS.iter().any(|word| line.starts_with(word)) {
        return "";
    }
    // Inside a word it can be a part of a name: 老城设计.
    let is_apart = |at: usize, word: &str| {
        let after = &line[at + word.len()..];
        line[..at].ends_with(is_edge) || after.starts_with(is_edge) || matches!(word, "发自" | "發自")
    };
    let found = OTHERS.iter().flat_map(|word| line.match_indices(*word));
    let found = found.filter(|(at, word)| *at > 0 && is_apart(*at, word)).map(|(at, _)| at).min();
    let Some(at) = found else { return line };
    let head = &line[..at];
    let joined = head.rfind(|c: char| c.is_whitespace() || SIGNS.contains(&c));
    match joined.filter(|_| !head.ends_with(char::is_whitespace)) {
        Some(space) => &head[..space],
        None => head,
    }
}

/// Returns true for white space and for separators of names and labels.
fn is_edge(c: char) -> bool {
    c.is_whitespace() || SIGNS.contains(&c) || matches!(c, '：' | ':')
}

/// Splits a line at separators, spaces and words for roles.
fn tokens(line: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    for (segment, is_called) in segments(line) {
        for chunk in segment.split(SIGNS) {
            let words = chunk.split_whitespace().flat_map(apart).collect::<Vec<_>>();
            let names = joined(&words).into_iter().map(|word| bare(&word));
            tokens.extend(names.filter(|word| !word.is_empty()).map(|text| Token { text, is_called }));
        }
    }
    // One role after a list of names belongs to all of them, and the text before the names is an outlet.
    tokens
}

/// Finds the first word for a role in a line, the longest at that place.
fn first_called(line: &str) -> Option<(usize, &'static str)> {
    // Most short words for a role also begin pen names.
    let is_firm = |word: &str| word.chars().count() > 2 || matches!(word, "记者" | "記者" | "编译" | "編譯");
    let found = CALLED.iter().filter_map(|word| Some((line.find(word)?, *word)));
    let found = found.filter(|(at, word)| {
        let after = &line[at + word.len()..];
        is_firm(word) || after.is_empty() || after.starts_with(is_edge)
    });
    found.min_by_key(|(at, word)| (*at, usize::MAX - word.len()))
}

/// Splits a line at words for roles; each part says whether such a word precedes it.
fn segments(line: &str) -> Vec<(&str, bool)> {
    let mut found = Vec::new();
    let (mut rest, mut is_called) = (line, false);
    while let Some((at, word)) = first_called(rest) {
        found.push((up_to_day(&rest[..at]), is_called));
        rest =
            rest[at + word.len()..].trim_start_matches(|c: char| c.is_whitespace() || "：:|｜/／丨︱=＝".contains(c));
        is_called = true;
    }
    // A role after the name describes that name, not the next.
    let last = up_to_day(rest);
    match last.trim().is_empty() {
        true => found.iter_mut().for_each(|(_, called)| *called = false),
        false => found.push((last, is_called)),
    }
    found
}

/// Returns the text up to a day or a time: `林远 2024年`, `林远3日电`.
fn up_to_day(text: &str) -> &str {
    let is_digit = |c: char| c.is_ascii_digit() || ('\u{660}'..='\u{669}').contains(&c);
    let mut run = 0;
    let mut begin = 0;
    for (at, c) in text.char_indices() {
        if is_digit(c) {
            begin = if run == 0 { at } else { begin };
            run += 1;
            if run == 4 {
                return &text[..begin];
            }
        } else if run > 0 && matches!(c, '年' | '月' | '日' | ':' | '：' | '-' | '.' | '년' | '월' | '일') {
            return &text[..begin];
        } else {
            run = 0;
        }
    }
    text
}

/// Splits names joined without a space by a separator or a word: `林远和何苗`, `홍길동·김철수`. The point inside a foreign name
/// does not split it.
fn apart(word: &str) -> Vec<&str> {
    let points: Vec<&str> = word.split(['·', '・', 'ㆍ', '•']).collect();
    if points.len() > 1 && points.iter().all(|part| is_full_name(bare(part).as_str()) || is_kanji(part)) {
        return points;
    }
    for joint in ["和", "与", "與", "及", "と"] {
        if let Some((one, other)) = word.split_once(joint)
            && is_full_name(one)
            && is_full_name(other)
        {
            return vec![one, other];
        }
    }
    vec![word]
}

/// Returns true for two to five Han characters, as in Japanese names; transliterated names have kana or more
/// characters.
fn is_kanji(part: &str) -> bool {
    JAPANESE.iter().any(|surname| part.starts_with(surname)) && part.chars().count() <= 5
}

/// Joins words that form one name: Latin words, a Chinese name of two characters with a space in it, a Japanese family
/// name and a given name.
fn joined(words: &[&str]) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    let mut at = 0;
    let mut was_latin = false;
    while let Some(word) = words.get(at) {
        at += 1;
        let latin = !has_cjk(word);
        if latin && was_latin {
            if let Some(name) = names.last_mut() {
                name.push(' ');
                name.push_str(word);
            }
            continue;
        }
        was_latin = latin;
        let next = words.get(at).filter(|next| !latin && has_cjk(next));
        match next.and_then(|next| pair(word, next)) {
            Some(name) => {
                names.push(name);
                at += 1;
            }
            None => names.push((*word).to_owned()),
        }
    }
    names
}

/// Returns two words as one name; None where they are two names, or no name.
fn pair(one: &str, other: &str) -> Option<String> {
    let other = &bare(other);
    let (first, second) = (one.chars().count(), other.chars().count());
    let is_name = |word: &str| {
        !is_not_a_name(word)
            && !is_place(word)
            && !is_outlet(word)
            && word.chars().all(|c| is_letter(c) && !is_hangul(c))
    };
    if first > 4 || second > 5 || second == 0 || !is_name(one) || !is_name(other) {
        return None;
    }
    if first == 1 && second == 1 && one.chars().all(|c| SURNAMES.contains(c)) {
        return Some(format!("{one}{other}"));
    }
    let is_japanese = JAPANESE.contains(&one) || one.chars().chain(other.chars()).any(is_kana) && first <= 3;
    let is_one = is_japanese || first <= 3 && !is_full_name(other) && !is_full_name(one);
    is_one.then(|| format!("{one} {other}"))
}

/// Drops a role, place or verb attached to a name.
fn bare(word: &str) -> String {
    let sign = |c: char| !c.is_alphanumeric();
    let mut rest = word.trim_matches(|c: char| sign(c) && c != '_');
    loop {
        let before = rest.len();
        for end in FOLLOWING {
            if let Some(head) = rest.strip_suffix(end).map(|head| head.trim_end_matches(sign)) {
                let is_named = is_full_name(head) || is_japanese(head) || is_place(head);
                if is_named || head.chars().count() >= 2 && head.chars().all(is_hangul) && head.chars().count() <= 4 {
                    rest = head;
                } else if head.is_empty() {
                    return String::new();
                }
            }
        }
        for place in places() {
            if let Some(head) = rest.strip_suffix(place).filter(|head| is_full_name(head)) {
                rest = head;
            }
        }
        if rest.len() == before {
            return rest.to_owned();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_among_outlets_places_and_roles() {
        for (line, wanted) in [
            ("晨钟新闻记者 林远", "林远"),
            ("晨钟日报·晨钟网记者 林远 何苗", "林远|何苗"),
            ("晨钟新闻见习记者 林远 记者 何苗", "林远|何苗"),
            ("本报记者 林远 通讯员 何苗 王小满", "林远|何苗|王小满"),
            ("每晨记者 林远 每晨编辑 何苗", "林远"),
            ("記者王小滿／台北報導", "王小滿"),
            ("中央社記者王小滿台北3日電", "王小滿"),
            ("編譯王小滿／綜合報導", "王小滿"),
            ("王小滿 專欄作者", "王小滿"),
            ("林远和何苗", "林远|何苗"),
            ("林远·何苗", "林远|何苗"),
            ("林远（南门大学教授）", "林远"),
            ("欧阳远山 李四光", "欧阳远山|李四光"),
            ("林　远", "林远"),
            ("米哈伊尔·戈尔巴乔夫", "米哈伊尔·戈尔巴乔夫"),
            ("老城手艺人", "老城手艺人"),
            ("著者：山田 太郎", "山田 太郎"),
            ("高橋 和夫", "高橋 和夫"),
            ("小暮 ひさのり", "小暮 ひさのり"),
            ("田中花子・鈴木一郎", "田中花子|鈴木一郎"),
            ("ジョン・スミス", "ジョン・スミス"),
            ("山田太郎記者", "山田太郎"),
            ("[서울=새벽뉴스] 홍길동 기자 =", "홍길동"),
            ("홍길동·김철수 기자", "홍길동|김철수"),
            ("도쿄=홍길동 특파원", "홍길동"),
            ("홍길동 선임기자", "홍길동"),
            ("기자명 홍길동 기자", "홍길동"),
        ] {
            assert_eq!(names(line).join("|"), wanted, "{line}");
        }
    }

    #[test]
    fn labels_and_places_are_not_names() {
        for line in ["发布时间", "总阅读", "文章", "整合", "東京", "東京 3日", "記者", "기자", "2024年3月18日"]
        {
            assert_eq!(names(line).join("|"), "", "{line}");
        }
    }
}
