//! Parses the time of day after a date, and its offset from UTC.

use jiff::civil::Time;
use jiff::tz::Offset;

use super::Cursor;

/// Maximum distance between a date and its time, in characters: `T`, commas, `at`, weekdays.
const BETWEEN: usize = 16;

/// A half of the day.
#[derive(Clone, Copy)]
pub(super) enum Half {
    Morning,
    Afternoon,
}

impl Cursor<'_> {
    /// Reads a time of day shortly after the date, and its offset.
    pub(super) fn time(&mut self) -> (Option<Time>, Option<Offset>) {
        let begin = self.at;
        let mut half = None;
        while let Some(c) = self.peek().filter(|c| !c.is_ascii_digit()) {
            if self.at - begin > BETWEEN || matches!(c, '\n' | '|') {
                return (None, None);
            }
            half = self.half_of_day().or(half);
            self.at += 1;
        }
        let Some(time) = self.attempt(|cursor| cursor.clock(half)) else { return (None, None) };
        self.spaces();
        (Some(time), self.offset())
    }

    /// Returns the half of the day that stands before a time: 上午, 下午, 午後, 오전, 오후.
    fn half_of_day(&self) -> Option<Half> {
        match self.chars.get(self.at..self.at + 2)? {
            ['上', '午'] | ['午', '前'] | ['오', '전'] | ['凌', '晨'] | ['早', '上'] => Some(Half::Morning),
            ['下', '午'] | ['午', '後'] | ['午', '后'] | ['오', '후'] | ['晚', '上'] => Some(Half::Afternoon),
            _ => None,
        }
    }

    pub(super) fn clock(&mut self, half: Option<Half>) -> Option<Time> {
        let (hour, length) = self.number(2)?;
        self.spaces();
        self.take(|c| matches!(c, ':' | '时' | '時' | '시' | 'h') || (c == '.' && length == 2))?;
        self.spaces();
        let (minute, 2) = self.number(2)? else { return None };
        self.take(|c| matches!(c, '分' | '분'));
        let second = self.attempt(|cursor| {
            cursor.take(|c| c == ':')?;
            cursor.number(2)
        });
        // Fractions of a second do not matter for an article.
        self.attempt(|cursor| {
            cursor.take(|c| matches!(c, '.' | ','))?;
            cursor.number(9)
        });
        let half = half.or_else(|| self.attempt(Self::am_or_pm));
        let hour = match half {
            Some(Half::Afternoon) if hour < 12 => hour + 12,
            Some(Half::Morning) if hour == 12 => 0,
            _ => hour,
        };
        let part = |number: i32| i8::try_from(number).ok();
        Time::new(part(hour)?, part(minute)?, part(second.map_or(0, |(second, _)| second))?, 0).ok()
    }

    fn am_or_pm(&mut self) -> Option<Half> {
        self.spaces();
        let is_pm = self.take(|c| matches!(c, 'a' | 'p'))? == 'p';
        self.take(|c| c == '.');
        self.take(|c| c == 'm')?;
        self.take(|c| c == '.');
        if self.peek().is_some_and(char::is_alphanumeric) {
            return None;
        }
        Some(if is_pm { Half::Afternoon } else { Half::Morning })
    }

    fn offset(&mut self) -> Option<Offset> {
        match self.peek()? {
            '+' | '-' => self.attempt(Self::numeric_offset),
            c if c.is_ascii_alphabetic() || c == '(' => {
                self.take(|c| c == '(');
                let name = self.word();
                let hours = match name.as_str() {
                    "z" | "utc" | "gmt" => return self.attempt(Self::numeric_offset).or(Some(Offset::UTC)),
                    "est" | "cdt" => -5,
                    "edt" => -4,
                    "pst" => -8,
                    "pdt" => -7,
                    "mst" => -7,
                    "cet" => 1,
                    "cest" => 2,
                    "jst" | "kst" => 9,
                    "hkt" | "sgt" => 8,
                    _ => return None,
                };
                Offset::from_hours(hours).ok()
            }
            _ => None,
        }
    }

    /// Reads +08:00, +0800, +8.
    fn numeric_offset(&mut self) -> Option<Offset> {
        let sign = if self.take(|c| matches!(c, '+' | '-'))? == '-' { -1 } else { 1 };
        let (number, length) = self.number(4)?;
        let minutes = match length {
            4 => number / 100 * 60 + number % 100,
            1 | 2 => {
                let more = self.attempt(|cursor| {
                    cursor.take(|c| c == ':')?;
                    cursor.number(2)
                });
                number * 60 + more.map_or(0, |(minutes, _)| minutes)
            }
            _ => return None,
        };
        if minutes > 14 * 60 { None } else { Offset::from_seconds(sign * minutes * 60).ok() }
    }
}
