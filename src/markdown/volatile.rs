//! Lines that change from visit to visit without a change of the article: counters, ages, greetings, today's date.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::volatile_words::{COPYRIGHT, Class, GREETINGS, PARTICLES, UNREAD, WORDS};

/// A longer line is prose, in characters.
const LONGEST: usize = 100;

/// The longest phrase of the table, in characters.
const LONGEST_WORD: usize = 24;

/// A longer line that begins with a greeting says more than a greeting, in characters.
const GREETING: usize = 40;

static CLASSES: LazyLock<HashMap<&'static str, Class>> = LazyLock::new(|| {
    // The first class that has a word counts.
    let split = |words: &'static str| words.split(['|', '\n']).map(str::trim);
    WORDS.iter().rev().flat_map(|(class, words)| split(words).map(|word| (word, *class))).collect()
});

/// What a piece of a line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Piece {
    /// A word of the table.
    Known(Class),
    Number,
    /// Space, punctuation and symbols.
    Between,
    /// Any other word.
    Other,
}

/// Returns a line of Markdown as it is compared: without counters and ages where it is not prose; `None` if nothing else
/// is in it.
pub(super) fn steady_line(line: &str) -> Option<String> {
    if line.chars().count() > LONGEST * 3 || line.starts_with('|') {
        return Some(line.to_owned());
    }
    let text = plain(line);
    let text = text.trim_start_matches(['¡', '“', '"', '👋', '☀', '🌙', '\u{fe0f}', ' ']);
    if text.chars().count() > LONGEST {
        return Some(line.to_owned());
    }
    if GREETINGS.iter().any(|greeting| text.starts_with(greeting)) && text.chars().count() <= GREETING {
        return None;
    }
    if COPYRIGHT.iter().any(|mark| text.starts_with(mark)) {
        return Some(line.chars().filter(|c| !c.is_ascii_digit()).collect());
    }
    let pieces = pieces(text);
    let is_other = |(piece, _): &(Piece, &str)| *piece == Piece::Other;
    if !pieces.iter().any(is_other) {
        return (!(is_counter(&pieces) || is_tally_or_date(&pieces))).then(|| line.to_owned());
    }
    let is_sentence = text.ends_with(['.', '。', '!', '！', '?', '？', '…', ';', '；', '”', '"']);
    if is_sentence || line.starts_with('#') {
        return Some(line.to_owned());
    }
    let runs = pieces.chunk_by(|one, other| is_other(one) == is_other(other));
    let mut kept = String::new();
    let mut is_changed = false;
    for run in runs {
        if is_counter(run) {
            is_changed = true;
            kept.push(' ');
        } else {
            run.iter().for_each(|(_, text)| kept.push_str(text));
        }
    }
    Some(if is_changed { kept } else { line.to_owned() })
}

/// Returns a title without the number of unread messages before it: `(3) Title`.
pub(super) fn steady_title(title: &str) -> &str {
    let rest = title.trim_start_matches(['•', '●', '*', '🔴']).trim_start();
    let closed = [('(', ')'), ('[', ']'), ('（', '）'), ('【', '】')]
        .iter()
        .find_map(|(open, close)| rest.strip_prefix(*open)?.split_once(*close));
    let Some((count, after)) = closed.filter(|(_, after)| !after.trim().is_empty()) else { return rest };
    let word = count.trim_start_matches(|c: char| c.is_ascii_digit() || c.is_whitespace());
    let word = word.trim_start_matches('+').trim().to_lowercase();
    let is_count = word.len() < count.len() && count.starts_with(|c: char| c.is_ascii_digit());
    if is_count && (word.is_empty() || UNREAD.contains(&word.as_str())) { after.trim_start() } else { rest }
}

fn has(run: &[(Piece, &str)], piece: Piece) -> bool {
    run.iter().any(|(other, _)| *other == piece)
}

/// Returns whether a run of pieces states a count or an age.
fn is_counter(run: &[(Piece, &str)]) -> bool {
    let known = |class| has(run, Piece::Known(class));
    has(run, Piece::Number) && (known(Class::Counted) || known(Class::Age))
}

/// Returns whether a complete line states a tally or a date.
fn is_tally_or_date(line: &[(Piece, &str)]) -> bool {
    let known = |class| has(line, Piece::Known(class));
    let number = has(line, Piece::Number);
    let is_time = |(piece, text): &(Piece, &str)| *piece == Piece::Number && is_date_or_clock(text);
    let has_unit = |unit: &str| line.iter().any(|(_, text)| *text == unit);
    let is_full_date = line.iter().any(is_time) || number && has_unit("年") && has_unit("月");
    known(Class::Now) || number && (known(Class::Tally) || known(Class::Date)) || is_full_date
}

/// Returns whether a number is a date, as `2026-11-30` and `30.11.2026`, or a time, as `10:42`.
fn is_date_or_clock(number: &str) -> bool {
    let parts = |separator: char| number.split(separator).map(str::len).collect::<Vec<_>>();
    let is_date = |separator| matches!(parts(separator)[..], [1..=2, 1..=2, 4] | [4, 1..=2, 1..=2]);
    let is_clock = matches!(parts(':')[..], [1..=2, 2] | [1..=2, 2, 2]);
    is_clock || ['-', '.', '/'].into_iter().any(is_date)
}

/// Returns a line in lower case without the marks of Markdown and the targets of its links.
fn plain(line: &str) -> String {
    let line = line.trim_start().trim_start_matches(['#', '>', '-', '+', '*', ' ']);
    let mut text = String::with_capacity(line.len());
    let mut rest = line.chars().peekable();
    let mut last = ' ';
    while let Some(c) = rest.next() {
        match c {
            '(' if last == ']' => {
                rest.by_ref().find(|c| *c == ')');
            }
            '<' if rest.peek().is_some_and(|c| c.is_ascii_alphabetic() || *c == '/') => {
                rest.by_ref().find(|c| *c == '>');
            }
            '*' | '_' | '[' | ']' | '\\' | '`' => {}
            _ => text.extend(c.to_lowercase()),
        }
        last = c;
    }
    text.trim().to_owned()
}

fn pieces(text: &str) -> Vec<(Piece, &str)> {
    let mut pieces = Vec::new();
    let mut at = 0;
    while let Some(first) = text[at..].chars().next() {
        let rest = &text[at..];
        let (piece, length) = if first.is_ascii_digit() {
            (Piece::Number, number(rest))
        } else if let Some((class, length)) = known_word(rest) {
            (Piece::Known(class), length)
        } else if first.is_alphanumeric() {
            (Piece::Other, other_word(rest))
        } else {
            (Piece::Between, first.len_utf8())
        };
        pieces.push((piece, &rest[..length]));
        at += length;
    }
    pieces
}

/// Returns the length of the number at the start of a text, with its separators and its suffix: `1,002`, `10:30`, `1.2k`, `3万`.
fn number(text: &str) -> usize {
    let end = text
        .find(|c: char| !c.is_ascii_digit() && !matches!(c, ',' | '.' | ':' | '/' | '-' | '\''))
        .unwrap_or(text.len());
    let digits = text[..end].trim_end_matches(|c: char| !c.is_ascii_digit()).len();
    let suffix =
        text[digits..].chars().next().filter(|c| matches!(c, 'k' | 'm' | 'w' | '万' | '萬' | '千' | '亿' | '만'));
    let suffix = suffix.filter(|c| {
        let after = text[digits + c.len_utf8()..].chars().next();
        !c.is_ascii() || !after.is_some_and(char::is_alphanumeric)
    });
    digits + suffix.map_or(0, char::len_utf8)
}

/// Returns the class and length of the longest word of the table at the start of a text.
fn known_word(text: &str) -> Option<(Class, usize)> {
    let ends = text.char_indices().map(|(at, c)| at + c.len_utf8()).take(LONGEST_WORD);
    let found = ends.filter_map(|end| Some((*CLASSES.get(&text[..end])?, end)));
    found.filter_map(|(class, end)| Some((class, end + rest_of_word(&text[..end], &text[end..])?))).last()
}

/// Returns the length of what belongs to a word after it, a Korean particle; `None` if the word goes on otherwise.
fn rest_of_word(before: &str, after: &str) -> Option<usize> {
    if ends_word(before, after) {
        return Some(0);
    }
    let particle = |particle: &&&str| after.strip_prefix(**particle).is_some_and(|rest| ends_word(particle, rest));
    PARTICLES.iter().find(particle).map(|particle| particle.len())
}

/// Returns whether a word ends between two texts. Words of scripts without spaces end anywhere.
fn ends_word(before: &str, after: &str) -> bool {
    let (last, next) = (before.chars().next_back(), after.chars().next());
    let is_spaced = |c: char| c.is_alphabetic() && !crate::html::text::is_cjk(c);
    !(last.is_some_and(is_spaced) && next.is_some_and(is_spaced))
}

/// Returns the length of the word at the start of a text; one character in scripts without spaces.
fn other_word(text: &str) -> usize {
    let mut chars = text.chars();
    let first = chars.next().map_or(0, char::len_utf8);
    if text.chars().next().is_some_and(crate::html::text::is_cjk) {
        return first;
    }
    let is_word = |c: &char| c.is_alphanumeric() && !crate::html::text::is_cjk(*c);
    first + chars.take_while(is_word).map(char::len_utf8).sum::<usize>()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_counters_ages_and_dates_is_left_out() {
        for line in [
            "Views: 1003",
            "**1,003** views · 12 comments",
            "5 min read · 3 claps",
            "阅读量：1003　点赞 3",
            "浏览 1.2万 次",
            "3小时前",
            "[12 comments](https://example.org/a#comments)",
            "- 閲覧数 120 いいね 4",
            "조회수 1,003",
            "vor 3 Stunden",
            "il y a 3 heures · 12 vues",
            "hace 2 minutos",
            "Просмотров: 1003",
            "3 часа назад",
            "2 minuti fa",
            "há 5 minutos",
            "Today is Monday, 30 November 2026",
            "Posted yesterday at 10:20",
            "今天是2026年11月30日 星期一",
            "Good evening, reader!",
            "刚刚",
            "This article has been read 1,003 times.",
            "12 Leser online",
            "14 mal geteilt",
            "3 lecteurs en ligne",
            "5 lectores en línea",
            "Сейчас читают: 5",
            "現在 5 人が閲覧中",
            "현재 5명이 읽는 중",
            "您是第 1003 位访客。",
            "当前在线 12 人",
            "오늘은 2026년 11월 30일 월요일입니다",
            "今日は2026年11月30日 月曜日です",
            "2026年11月30日",
            "10:42",
            "30.11.2026",
            "¡Buenas tardes, lector!",
            "좋은 저녁입니다, 독자 여러분!",
            "Добрый день, читатель!",
        ] {
            assert_eq!(steady_line(line), None, "{line}");
        }
    }

    #[test]
    fn what_an_article_says_stays() {
        for line in [
            "Passengers: 1002",
            "The film had 1,002 views.",
            "About 1,003 comments were sent to the council in May, and most of them opposed the plan.",
            "| views | 1003 |",
            "# 12 views of the river",
            "Bake for 20 minutes",
            "水位 1003 米",
            "第3章",
            "- Eastlow Rovers 12 points",
            "3:2",
            "2026",
            "The price rose to 300 yuan",
            "",
        ] {
            assert_eq!(steady_line(line).as_deref(), Some(line));
        }
    }

    #[test]
    fn a_counter_beside_other_words_is_left_out_alone() {
        let same = |one: &str, other: &str| assert_eq!(steady_line(one), steady_line(other));
        same("Posted 2 minutes ago by the news desk", "Posted 3 hours ago by the news desk");
        same("© 2025 Eastlow Courier", "© 2026 Eastlow Courier");
        same("来源：晚报　阅读 12", "来源：晚报　阅读 13");
        assert_ne!(steady_line("By Ana · 3 views"), steady_line("By Ben · 3 views"));
    }

    #[test]
    fn the_number_of_messages_is_no_part_of_a_title() {
        for title in ["(3) The lock", "(12) The lock", "[3] The lock", "(2 new) The lock", "● The lock", "The lock"] {
            assert_eq!(steady_title(title), "The lock", "{title}");
        }
        for title in ["(un)known", "(3)", "2024 in numbers", "（上）老城"] {
            assert_eq!(steady_title(title), title);
        }
    }
}
