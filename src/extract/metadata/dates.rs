//! Parses dates in the forms that pages write them.

mod time;

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::Offset;

use super::languages::month;

/// Maximum length of text that is searched, in characters.
const REACH: usize = 400;

/// A date as parsed, without assumptions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ParsedDate {
    /// The day.
    pub day: Date,
    /// The time of day; None when the text has none.
    pub time: Option<Time>,
    /// The offset from UTC; None when the text has none.
    pub offset: Option<Offset>,
}

/// The order of a date in bare numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// 6/17/2021.
    MonthFirst,
    /// 17/6/2021.
    DayFirst,
    /// Unknown: only a date that has one reading is accepted.
    Unknown,
}

/// Returns the first complete date in a text (day, month, year from 1990 to 2100); None when there is none.
pub fn first(text: &str, order: Order) -> Option<ParsedDate> {
    if !text.chars().take(REACH).any(char::is_numeric) {
        return None;
    }
    let chars: Vec<char> = text.chars().take(REACH).map(plain).collect();
    if let Some(instant) = epoch(&chars) {
        return Some(instant);
    }
    (0..chars.len())
        .filter(|&at| {
            at == 0 || !chars[at - 1].is_alphanumeric() || is_cjk_unit(chars[at - 1]) || !chars[at].is_ascii_digit()
        })
        .find_map(|at| {
            let mut cursor = Cursor { chars: &chars, at };
            let day = cursor.day(order)?;
            let (time, offset) = cursor.time();
            Some(ParsedDate { day, time, offset })
        })
}

/// Returns the ASCII form of full-width digits and punctuation marks; letters in lower case.
fn plain(c: char) -> char {
    match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(c as u32 - 0xfee0).unwrap_or(c).to_ascii_lowercase(),
        // Arabic and Persian digits.
        '\u{660}'..='\u{669}' => char::from_u32(c as u32 - 0x660 + 0x30).unwrap_or(c),
        '\u{6f0}'..='\u{6f9}' => char::from_u32(c as u32 - 0x6f0 + 0x30).unwrap_or(c),
        '،' => ',',
        '\u{a0}' | '\u{3000}' | '\u{202f}' => ' ',
        '‐' | '‑' | '–' | '−' => '-',
        _ => c.to_lowercase().next().unwrap_or(c),
    }
}

fn is_cjk_unit(c: char) -> bool {
    matches!(c as u32, 0x3040..=0x9fff | 0xac00..=0xd7a3)
}

/// Parses seconds or milliseconds since 1970, alone in the text.
fn epoch(chars: &[char]) -> Option<ParsedDate> {
    let text: String = chars.iter().collect();
    let text = text.trim();
    if !matches!(text.len(), 10 | 13) || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let second = text[..10].parse().ok()?;
    let utc = Offset::UTC.to_datetime(jiff::Timestamp::from_second(second).ok()?);
    plausible(utc.date()).map(|day| ParsedDate { day, time: Some(utc.time()), offset: Some(Offset::UTC) })
}

fn plausible(day: Date) -> Option<Date> {
    (1990..=2100).contains(&day.year()).then_some(day)
}

fn date(year: i32, month: i32, day: i32) -> Option<Date> {
    let date = Date::new(i16::try_from(year).ok()?, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()?;
    plausible(date)
}

struct Cursor<'a> {
    chars: &'a [char],
    at: usize,
}

impl Cursor<'_> {
    fn peek(&self) -> Option<char> {
        self.chars.get(self.at).copied()
    }

    fn take(&mut self, wanted: impl Fn(char) -> bool) -> Option<char> {
        let found = self.peek().filter(|&c| wanted(c))?;
        self.at += 1;
        Some(found)
    }

    fn spaces(&mut self) {
        while self.take(char::is_whitespace).is_some() {}
    }

    /// Reads a run of at most `most` digits, with its length.
    fn number(&mut self, most: usize) -> Option<(i32, usize)> {
        let begin = self.at;
        while self.take(|c| c.is_ascii_digit()).is_some() {}
        let length = self.at - begin;
        if length == 0 || length > most {
            return None;
        }
        let text: String = self.chars[begin..self.at].iter().collect();
        Some((text.parse().ok()?, length))
    }

    /// Reads a run of letters and skips a full stop after it.
    fn word(&mut self) -> String {
        let begin = self.at;
        while self.take(char::is_alphabetic).is_some() {}
        let word = self.chars[begin..self.at].iter().collect();
        self.take(|c| c == '.');
        word
    }

    /// Tries one form; moves on only when it matches.
    fn attempt<T>(&mut self, way: impl FnOnce(&mut Self) -> Option<T>) -> Option<T> {
        let begin = self.at;
        let found = way(self);
        if found.is_none() {
            self.at = begin;
        }
        found
    }

    fn day(&mut self, order: Order) -> Option<Date> {
        let first = self.peek()?;
        if first.is_ascii_digit() {
            return self
                .attempt(Self::year_first)
                .or_else(|| self.attempt(Self::year_apart))
                .or_else(|| self.attempt(Self::year_month_name))
                .or_else(|| self.attempt(Self::compact))
                .or_else(|| self.attempt(Self::day_month_name))
                .or_else(|| self.attempt(|cursor| cursor.numbers(order)));
        }
        match first {
            '令' | '平' => self.attempt(Self::era),
            c if c.is_alphabetic() => self.attempt(Self::month_name_first),
            _ => None,
        }
    }

    /// Reads 2021-06-17, 2021/6/17, 2021.06.17., 2021年6月17日, 2021년 6월 17일.
    fn year_first(&mut self) -> Option<Date> {
        let (year, 4) = self.number(4)? else { return None };
        let month = self.after_sign(&['-', '/', '.', '年', '년'])?;
        let day = self.after_sign(&['-', '/', '.', '月', '월'])?;
        self.attempt(|cursor| {
            cursor.spaces();
            cursor.take(|c| matches!(c, '日' | '일' | '.' | '号'))
        });
        date(year, month, day)
    }

    /// Reads 2021 06/17, where a page sets the year above the day.
    fn year_apart(&mut self) -> Option<Date> {
        let (year, 4) = self.number(4)? else { return None };
        self.take(char::is_whitespace)?;
        self.spaces();
        let (month, 2) = self.number(2)? else { return None };
        let day = self.after_sign(&['/', '-', '.'])?;
        date(year, month, day)
    }

    /// Reads 2021 Jun 17.
    fn year_month_name(&mut self) -> Option<Date> {
        let (year, 4) = self.number(4)? else { return None };
        self.spaces();
        let month = self.month()?;
        self.spaces();
        let (day, _) = self.number(2)?;
        date(year, i32::from(month), day)
    }

    fn after_sign(&mut self, signs: &[char]) -> Option<i32> {
        self.spaces();
        self.take(|c| signs.contains(&c))?;
        self.spaces();
        self.number(2).map(|(number, _)| number)
    }

    /// Reads 20210617.
    fn compact(&mut self) -> Option<Date> {
        let (number, 8) = self.number(8)? else { return None };
        date(number / 10000, number / 100 % 100, number % 100)
    }

    /// Reads 令和3年6月17日.
    fn era(&mut self) -> Option<Date> {
        let begin = match (self.take(|_| true)?, self.take(|c| matches!(c, '和' | '成'))?) {
            ('令', '和') => 2018,
            ('平', '成') => 1988,
            _ => return None,
        };
        let year = if self.take(|c| c == '元').is_some() { 1 } else { self.number(2)?.0 };
        let month = self.after_sign(&['年'])?;
        let day = self.after_sign(&['月'])?;
        self.take(|c| c == '日');
        date(begin + year, month, day)
    }

    /// Reads 17 June 2021, 17. Juni 2021, 17 de junio de 2021, 17th of June, 2021.
    fn day_month_name(&mut self) -> Option<Date> {
        let (day, _) = self.number(2)?;
        self.attempt(|cursor| matches!(cursor.word().as_str(), "st" | "nd" | "rd" | "th" | "er" | "º").then_some(()));
        self.joint();
        let month = self.month()?;
        self.joint();
        let (year, 4) = self.number(4)? else { return None };
        date(year, i32::from(month), day)
    }

    /// Reads June 17, 2021; Jun. 17th 2021.
    fn month_name_first(&mut self) -> Option<Date> {
        if self.at > 0 && self.chars[self.at - 1].is_alphabetic() {
            return None;
        }
        // Most words have no number after them.
        let word = self.word();
        self.spaces();
        let (day, _) = self.number(2)?;
        let month = month(&word)?;
        self.attempt(|cursor| matches!(cursor.word().as_str(), "st" | "nd" | "rd" | "th").then_some(()));
        self.joint();
        let year = self.attempt(|cursor| cursor.number(4).filter(|(_, length)| *length == 4));
        let (year, _) = year.or_else(|| self.attempt(Self::year_last))?;
        date(year, i32::from(month), day)
    }

    /// Reads the year after a weekday, or after a time and its zone: `Jun 17 10:20:30 CEST 2021`, `Jun 17 Thu 2021`.
    fn year_last(&mut self) -> Option<(i32, usize)> {
        let weekday = self.attempt(|cursor| {
            let word = cursor.word();
            ["mon", "tue", "wed", "thu", "fri", "sat", "sun"].iter().any(|day| word.starts_with(day)).then_some(())
        });
        self.joint();
        let clock = self.attempt(|cursor| cursor.clock(None));
        self.spaces();
        if clock.is_some() {
            self.word();
            self.spaces();
        }
        let year = self.number(4).filter(|(_, length)| *length == 4);
        year.filter(|_| weekday.is_some() || clock.is_some())
    }

    fn month(&mut self) -> Option<i8> {
        let word = self.word();
        month(&word)
    }

    /// Skips full stops, commas, `de`, `of` and spaces.
    fn joint(&mut self) {
        while self.take(|c| c.is_whitespace() || matches!(c, '.' | ',' | '-' | '/')).is_some() {}
        self.attempt(|cursor| matches!(cursor.word().as_str(), "de" | "of" | "del" | "do").then_some(()));
        self.spaces();
    }

    /// Reads 17/06/2021 or 06/17/2021.
    fn numbers(&mut self, order: Order) -> Option<Date> {
        let (first, _) = self.number(2)?;
        let sign = self.take(|c| matches!(c, '/' | '.' | '-'))?;
        self.spaces();
        let (second, _) = self.number(2)?;
        self.take(|c| c == sign)?;
        self.spaces();
        let (year, 4) = self.number(4)? else { return None };
        let (day, month) = match order {
            _ if sign == '.' => (first, second),
            Order::MonthFirst => (second, first),
            Order::DayFirst => (first, second),
            Order::Unknown if first > 12 => (first, second),
            Order::Unknown if second > 12 || first == second => (second, first),
            Order::Unknown => return None,
        };
        date(year, month, day)
    }
}

impl ParsedDate {
    /// Returns day and time together; None without a time.
    pub fn local(&self) -> Option<DateTime> {
        self.time.map(|time| self.day.to_datetime(time))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> String {
        with(text, Order::Unknown)
    }

    fn with(text: &str, order: Order) -> String {
        match first(text, order) {
            None => "-".to_owned(),
            Some(ParsedDate { day, time: None, .. }) => day.to_string(),
            Some(written @ ParsedDate { offset: None, .. }) => written.local().unwrap().to_string(),
            Some(written) => format!("{}{}", written.local().unwrap(), written.offset.unwrap()),
        }
    }

    #[test]
    fn machine_readable_dates_are_read() {
        for (text, read_as) in [
            ("2021-06-17T18:44:26+08:00", "2021-06-17T18:44:26+08"),
            ("2021-06-17T10:44:26.123Z", "2021-06-17T10:44:26+00"),
            ("2021-06-17 18:44:26 +0800", "2021-06-17T18:44:26+08"),
            ("Thu, 17 Jun 2021 10:44:26 GMT", "2021-06-17T10:44:26+00"),
            ("Thu Jun 17 18:44:26 CEST 2021", "2021-06-17"),
            ("Jun 17 Thu 2021 18:44", "2021-06-17T18:44:00"),
            ("2021 06 / 17 18:44:26", "2021-06-17T18:44:26"),
            ("20210617", "2021-06-17"),
            ("1623926666", "2021-06-17T10:44:26+00"),
            ("1623926666000", "2021-06-17T10:44:26+00"),
            ("2021-06-17T18:44", "2021-06-17T18:44:00"),
        ] {
            assert_eq!(read(text), read_as, "{text}");
        }
    }

    #[test]
    fn chinese_japanese_and_korean_dates_are_read() {
        for (text, read_as) in [
            ("发布时间：2021年6月17日 18:44", "2021-06-17T18:44:00"),
            ("２０２１年０６月１７日　来源：晨钟网", "2021-06-17"),
            ("2021/6/17 下午 6:44:26", "2021-06-17T18:44:26"),
            ("2021年06月17日18时44分", "2021-06-17T18:44:00"),
            ("令和3年6月17日", "2021-06-17"),
            ("2021年6月17日（木）午後6時44分", "2021-06-17T18:44:00"),
            ("입력 2021.06.17. 오후 6:44", "2021-06-17T18:44:00"),
            ("2021년 6월 17일 18:44", "2021-06-17T18:44:00"),
        ] {
            assert_eq!(read(text), read_as, "{text}");
        }
    }

    #[test]
    fn month_names_of_many_languages_are_read() {
        for (text, read_as) in [
            ("Published June 17, 2021 at 6:44 p.m. EDT", "2021-06-17T18:44:00-04"),
            ("Jun. 17th 2021", "2021-06-17"),
            ("17. Juni 2021, 18:44 Uhr", "2021-06-17T18:44:00"),
            ("le 17 juin 2021 à 18h44", "2021-06-17T18:44:00"),
            ("17 de junio de 2021", "2021-06-17"),
            ("17 июня 2021, 18:44", "2021-06-17T18:44:00"),
            ("17 czerwca 2021", "2021-06-17"),
            ("2021 Jun 17", "2021-06-17"),
            ("19 أغسطس 2022، 10:45", "2022-08-19T10:45:00"),
            ("١٩ أغسطس ٢٠٢٢", "2022-08-19"),
        ] {
            assert_eq!(read(text), read_as, "{text}");
        }
    }

    #[test]
    fn bare_numbers_are_read_only_in_a_known_or_unambiguous_order() {
        assert_eq!(with("06/07/2021", Order::MonthFirst), "2021-06-07");
        assert_eq!(with("06/07/2021", Order::DayFirst), "2021-07-06");
        assert_eq!(read("06/07/2021"), "-");
        assert_eq!(read("17/06/2021"), "2021-06-17");
        assert_eq!(read("06.07.2021"), "2021-07-06");
    }

    #[test]
    fn other_numbers_are_not_dates() {
        for text in
            ["06-17 18:44", "2021-13-45", "电话 020-2021-0617", "版本 1.2.3", "1856年6月17日", "", "12345678901"]
        {
            assert_eq!(read(text), "-", "{text}");
        }
    }
}
