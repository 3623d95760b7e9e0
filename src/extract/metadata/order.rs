//! In which order a page writes a day of bare numbers.

use super::collect::Clues;
use super::dates::{self, Order};
use super::published::SHORT;

/// By the page's other days, else by its language.
pub fn of(clues: &Clues<'_>, language: Option<&str>) -> Order {
    shown(clues).unwrap_or_else(|| by_language(language))
}

/// The order in which a page writes bare numbers, where one of its dates can be read one way only and none the other way
/// only.
fn shown(clues: &Clues<'_>) -> Option<Order> {
    let times = clues.times.iter().map(|(_, text)| text.as_str());
    let texts = clues.pieces.iter().map(|(_, piece)| *piece).chain(times);
    let numbers =
        texts.filter(|text| text.len() < SHORT && text.bytes().filter(|byte| matches!(byte, b'/' | b'-')).count() >= 2);
    let (mut day_first, mut month_first) = (false, false);
    for text in numbers {
        let reads = |order| dates::first(text, order).is_some();
        match (reads(Order::DayFirst), reads(Order::MonthFirst)) {
            (true, false) => day_first = true,
            (false, true) => month_first = true,
            _ => {}
        }
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
