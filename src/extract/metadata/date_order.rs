//! Determines the order of day and month in a page's bare numbers.

use std::collections::BTreeSet;

use super::collect::Clues;
use super::date_words::SHORT;
use super::dates::{self, Order};

/// Returns the order by the page's other dates, else by its language.
pub fn of(clues: &Clues<'_>, language: Option<&str>) -> Order {
    shown(clues).unwrap_or_else(|| by_language(language))
}

/// Returns the order of a page's bare numbers, where at least one date has one reading only and no other contradicts
/// it, or where one of two readings is a date that the page also writes out; None otherwise.
fn shown(clues: &Clues<'_>) -> Option<Order> {
    let times = clues.times.iter().map(|(_, text)| text.as_str());
    let texts = clues.pieces.iter().map(|(_, piece)| *piece).chain(times).filter(|text| text.len() < SHORT);
    let is_numbers = |text: &&str| text.bytes().filter(|byte| matches!(byte, b'/' | b'-')).count() >= 2;
    let (mut day_first, mut month_first) = (false, false);
    let mut unclear = Vec::new();
    for text in texts.clone().filter(is_numbers) {
        let read = |order| dates::first(text, order).map(|written| written.day);
        match (read(Order::DayFirst), read(Order::MonthFirst)) {
            (Some(_), None) => day_first = true,
            (None, Some(_)) => month_first = true,
            (Some(one), Some(other)) if one != other => unclear.push((one, other)),
            _ => {}
        }
    }
    if !unclear.is_empty() && !day_first && !month_first {
        let digits = texts.filter(|text| text.bytes().any(|byte| byte.is_ascii_digit()));
        let written: BTreeSet<_> =
            digits.filter_map(|text| dates::first(text, Order::Unknown)).map(|of| of.day).collect();
        day_first = unclear.iter().any(|(one, _)| written.contains(one));
        month_first = unclear.iter().any(|(_, other)| written.contains(other));
    }
    match (day_first, month_first) {
        (true, false) => Some(Order::DayFirst),
        (false, true) => Some(Order::MonthFirst),
        _ => None,
    }
}

fn by_language(language: Option<&str>) -> Order {
    match language {
        Some("en-US" | "en-CA" | "fil") => Order::MonthFirst,
        Some(tag) if !tag.starts_with("en") => Order::DayFirst,
        Some("en-GB" | "en-AU" | "en-NZ" | "en-IN" | "en-IE" | "en-ZA") => Order::DayFirst,
        _ => Order::Unknown,
    }
}
