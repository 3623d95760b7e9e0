//! Spans of time: from one day or hour to another.

use super::dates::{Order, first};

/// From one day or hour to another: `1/27/2026 - 3/24/2026`, `8 a.m. – 6 p.m.`; what lasts is no publication.
pub fn is_span(text: &str, order: Order) -> bool {
    let parts = text.split_once(" - ").or_else(|| text.split_once('–')).or_else(|| text.split_once(" to "));
    let is_end = |part: &str| first(part, order).is_some() || is_hour(part);
    parts.is_some_and(|(from, to)| is_end(from) && is_end(to) && (first(to, order).is_some() || is_hour(from)))
}

/// It ends or begins with an hour of the day.
fn is_hour(part: &str) -> bool {
    let lower = part.to_lowercase();
    let is_half = |word: &str| {
        let word = word.trim_matches([',', '(', ')', ':']).trim_start_matches(|c: char| c.is_ascii_digit() || c == ':');
        matches!(word, "am" | "pm" | "a.m." | "p.m.")
    };
    let words = || lower.split_whitespace();
    words().next_back().is_some_and(is_half) || words().take(2).any(is_half)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn from_a_day_to_another() {
        assert!(is_span("1/27/2026 - 3/24/2026", Order::MonthFirst));
        assert!(is_span("3 May 2024 – 6 May 2024", Order::Unknown));
        assert!(!is_span("2024-05-03 - by Jane Doe", Order::Unknown));
    }
}
