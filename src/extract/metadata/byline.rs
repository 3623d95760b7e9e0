//! Bylines that stand in the text itself.

use crate::html::text;

use super::{authors, dates};

/// How a byline begins.
const BEGINS: &[&str] = &[
    "作者︱",
    "作者丨",
    "作者｜",
    "文●",
    "【文/",
    "【文／",
    "[文/",
    "（文/",
    "文/",
    "文／",
    "文｜",
    "文|",
    "文丨",
    "文＝",
    "作者：",
    "作者:",
    "撰文：",
    "取材・文",
];

/// What stands before a name as a piece of its own, or within a line of facts.
const LABELS: &[&str] = &[
    "by",
    "By",
    "BY",
    "Written by",
    "Words by",
    "von",
    "Von",
    "VON",
    "Autor",
    "Autorin",
    "par",
    "Par",
    "PAR",
    "Auteur",
    "por",
    "Por",
    "POR",
    "Autora",
    "di",
    "Di",
    "door",
    "Door",
    "Автор",
    "Текст",
    "作者",
    "撰文",
    "文・",
    "文",
    "記者",
    "记者",
    "取材・文",
    "글",
    "بقلم",
    "كتب",
    "كتبت",
    "الكاتب",
];

/// A byline is no longer than this, in characters.
const LONGEST: usize = 60;

/// How far into the text after the headline a reporter is looked for, in pieces.
const DEEPEST: usize = 40;

/// The byline among pieces of text near the headline; empty when there is none.
pub fn names(near: &[&str]) -> Vec<String> {
    let pieces: Vec<String> = near.iter().take(DEEPEST).map(|piece| text::collapse(piece)).collect();
    let near = || pieces.iter().map(String::as_str);
    if let Some(line) = near().find_map(begun) {
        return vec![line];
    }
    if let Some(line) = near().find_map(western) {
        return vec![line];
    }
    if let Some(name) = parted(&pieces) {
        return vec![name];
    }
    if let Some(line) = near().find_map(in_line) {
        return vec![line];
    }
    near().find_map(reporter).into_iter().collect()
}

/// A label and a name in a line that holds the date as well: `2023年4月12日　作者：何苗`.
fn in_line(piece: &str) -> Option<String> {
    if piece.chars().count() > 90 || dates::first(piece, dates::Order::DayFirst).is_none() {
        return None;
    }
    LABELS.iter().filter(|label| label.chars().count() > 1).find_map(|label| {
        let at = piece.find(label)?;
        let (before, rest) = (&piece[..at], &piece[at + label.len()..]);
        let apart = !before.ends_with(char::is_alphabetic) || before.chars().next_back().is_some_and(text::is_cjk);
        let begins = rest.starts_with([':', '：', ' ', '　']) || label.ends_with('・');
        let name = until_end(rest.trim_start_matches([':', '：', ' ', '　']));
        let is_name = authors::is_full_name(&name) || name.chars().all(|c| text::is_cjk(c) || c == ' ' || c == '·');
        (apart && begins && is_name && (2..=30).contains(&name.chars().count())).then_some(name)
    })
}

/// A name as a whole piece of text among the first after the headline, with a date within three pieces of it.
pub fn beside_date(near: &[&str], sites: &[String]) -> Option<String> {
    let pieces: Vec<String> = near.iter().take(12).map(|piece| text::collapse(piece)).collect();
    let is_date = |piece: &String| piece.chars().count() < 60 && dates::first(piece, dates::Order::DayFirst).is_some();
    let is_site = |piece: &str| sites.iter().any(|site| site.eq_ignore_ascii_case(piece));
    let at = pieces.iter().take(8).position(|piece| authors::is_full_name(piece) && !is_site(piece))?;
    let around = &pieces[at.saturating_sub(3)..pieces.len().min(at + 4)];
    around.iter().any(is_date).then(|| pieces[at].clone())
}

/// `by` and the name, each an element of its own.
fn parted(pieces: &[String]) -> Option<String> {
    let word = |piece: &str| LABELS.contains(&piece.trim_end_matches([':', '：', ' ']));
    let at = pieces.iter().position(|piece| word(piece))?;
    let name = pieces.get(at + 1)?;
    let words: Vec<&str> = name.split_whitespace().collect();
    // Scripts without capitals have words of letters.
    let capital = |word: &&str| {
        word.starts_with(|c: char| c.is_uppercase() || c.is_alphabetic() && !c.is_lowercase())
            || matches!(*word, "de" | "van" | "von")
    };
    ((1..=5).contains(&words.len()) && words.iter().all(capital)).then(|| name.clone())
}

/// 【文/晨钟网 林远】, 作者：林远.
fn begun(piece: &str) -> Option<String> {
    let rest = BEGINS.iter().find_map(|begin| piece.strip_prefix(begin))?;
    let line = until_end(rest);
    (!line.is_empty()).then_some(line)
}

/// `By Jane Doe` alone in its line.
fn western(piece: &str) -> Option<String> {
    let rest = piece.strip_prefix("By ").or_else(|| piece.strip_prefix("BY ")).or_else(|| piece.strip_prefix("by "))?;
    let words: Vec<&str> = rest.split_whitespace().collect();
    let capital = |word: &&str| {
        word.starts_with(|c: char| c.is_uppercase()) || matches!(*word, "and" | "&" | "de" | "van" | "von")
    };
    ((2..=8).contains(&words.len()) && words.iter().all(capital)).then(|| rest.to_owned())
}

/// （记者 林远、何苗）, 记者林远 in the first lines; `홍길동 기자`.
fn reporter(piece: &str) -> Option<String> {
    if let Some(at) = piece.find(" 기자").filter(|_| piece.chars().count() < LONGEST) {
        let name = piece[..at].rsplit([' ', ']', '=', '(']).next()?;
        return (2..=4).contains(&name.chars().count()).then(|| name.to_owned());
    }
    // A line of nothing but outlet, 记者 and name.
    if piece.chars().count() <= 24
        && let Some((_, name)) = piece.rsplit_once("记者")
        && (2..=10).contains(&name.trim().chars().count())
    {
        return Some(until_end(name));
    }
    let start: String = piece.chars().take(120).collect();
    for word in ["（记者", "(记者", "（記者", "（本报记者", "本报记者", "【记者"] {
        if let Some((_, rest)) = start.split_once(word) {
            let line = until_end(rest);
            return (!line.is_empty()).then_some(line);
        }
    }
    None
}

fn until_end(rest: &str) -> String {
    let line: String = rest
        .chars()
        .take(LONGEST)
        .take_while(|c| !matches!(c, '】' | ']' | '）' | ')' | '\n' | '。' | '|' | '：'))
        .collect();
    // A sentence that merely begins like one goes on to the end of the piece.
    if line.chars().count() >= LONGEST { String::new() } else { line.trim().to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bylines_are_read_where_they_stand() {
        assert_eq!(names(&["【文/晨钟网 林远】三月的一个清晨，石板路还湿着。"]), ["晨钟网 林远"]);
        assert_eq!(names(&["2024-03-18", "新华社北京3月18日电（记者 林远、何苗）图书馆今天"]), ["林远、何苗"]);
        assert_eq!(names(&["By Jane Doe", "June 17"]), ["Jane Doe"]);
        assert_eq!(names(&["서울=연합 홍길동 기자"]), ["홍길동"]);
        assert!(names(&["文章很长", "By the way, this is a sentence."]).is_empty());
    }
}
