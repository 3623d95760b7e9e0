//! Recognises ranges of dates and times.

use super::dates::{Order, first};

/// Returns true for a range of days or hours, which is not a publication date: `1/27/2026 - 3/24/2026`, `8 a.m. – 6
/// p.m.`.
pub fn is_range(text: &str, order: Order) -> bool {
    let parts = text.split_once(" - ").or_else(|| text.split_once('–')).or_else(|| text.split_once(" to "));
    let is_end = |part: &str| first(part, order).is_some() || is_hour(part);
    parts.is_some_and(|(from, to)| is_end(from) && is_end(to) && (first(to, order).is_some() || is_hour(from)))
}

/// Returns true for text that begins or ends with an hour of the day.
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
    fn a_range_of_days_or_hours_is_recognised() {
        assert!(is_range("1/27/2026 - 3/24/2026", Order::MonthFirst));
        assert!(is_range("3 May 2024 – 6 May 2024", Order::Unknown));
        assert!(!is_range("2024-05-03 - by Jane Doe", Order::Unknown));
    }
}
