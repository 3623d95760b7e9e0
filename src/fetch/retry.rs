//! How long to wait before a retry.

use std::time::Duration;

use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use crate::model::Timestamp;

/// The longest `Retry-After` that is waited for.
pub const RETRY_AFTER_CAP: Duration = Duration::from_secs(120);

/// The longest `Retry-After` that is used as it is (ten years).
const FAR: u64 = 10 * 366 * 24 * 3600;

/// The maximum pause before a retry without `Retry-After`.
const BACKOFF_CAP: Duration = Duration::from_secs(60);

/// Returns the pause before retry `attempt` (1 for the first): `first`, doubled each time, times `part`. Choosing `part`
/// between 0 and 1 at random ("full jitter") keeps clients from retrying at the same time.
pub fn pause(first: Duration, attempt: u32, part: f64) -> Duration {
    let ceiling = first.saturating_mul(1_u32.checked_shl(attempt.saturating_sub(1)).unwrap_or(u32::MAX));
    ceiling.min(BACKOFF_CAP).mul_f64(part.clamp(0.0, 1.0))
}

/// Returns the wait of a `Retry-After` header, seconds or an HTTP date (RFC 9110, 10.2.3). None if it is neither.
pub fn retry_after(value: &str, now: Timestamp) -> Option<Duration> {
    let value = value.trim();
    let wait = match value.parse::<u64>() {
        Ok(seconds) => seconds,
        Err(_) if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) => u64::MAX,
        Err(_) => u64::try_from(http_date(value)?.as_second() - now.as_second()).unwrap_or(0),
    };
    Some(Duration::from_secs(wait.min(FAR)))
}

/// Parses the three forms of RFC 9110, 5.6.7. Unlike the crate `httpdate`, the RFC 2822 parser accepts what servers send
/// instead of the first form: other offsets than GMT, and days of one digit.
fn http_date(value: &str) -> Option<Timestamp> {
    if let Ok(instant) = jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(value) {
        return Some(Timestamp::new(instant));
    }
    let civil = ["%A, %d-%b-%y %H:%M:%S GMT", "%a %b %e %H:%M:%S %Y"]
        .iter()
        .find_map(|form| DateTime::strptime(form, value).ok())?;
    civil.to_zoned(TimeZone::UTC).ok().map(|zoned| Timestamp::new(zoned.timestamp()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_a_minute() {
        let first = Duration::from_millis(500);
        assert_eq!(pause(first, 1, 1.0), first);
        assert_eq!(pause(first, 3, 1.0), Duration::from_secs(2));
        assert_eq!(pause(first, 3, 0.5), Duration::from_secs(1));
        assert_eq!(pause(first, 99, 1.0), Duration::from_secs(60));
        assert_eq!(pause(first, 2, 0.0), Duration::ZERO);
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let now: Timestamp = "1994-11-06T08:49:30Z".parse().unwrap();
        let seconds = |value| retry_after(value, now).map(|wait| wait.as_secs());
        assert_eq!(seconds(" 3 "), Some(3));
        assert_eq!(seconds("Sun, 06 Nov 1994 08:49:37 GMT"), Some(7));
        assert_eq!(seconds("Sunday, 06-Nov-94 08:49:37 GMT"), Some(7));
        assert_eq!(seconds("Sun Nov  6 08:49:37 1994"), Some(7));
        assert_eq!(seconds("Sun, 6 Nov 1994 16:49:37 +0800"), Some(7));
        assert_eq!(seconds("Sun, 06 Nov 1994 08:00:00 GMT"), Some(0));
        assert_eq!(seconds("86400"), Some(86_400));
        assert_eq!(seconds("Mon, 07 Nov 1994 08:49:30 GMT"), Some(86_400));
        assert_eq!(seconds("99999999999999999999999"), Some(FAR));
        assert_eq!(seconds("-3"), None);
        assert_eq!(seconds("明天"), None);
    }
}
