//! Times as people write them.

use bindery::model::Timestamp;

use crate::cli::CliError;
use crate::cli::config::duration;

/// A date, an instant, or a time back from now.
pub fn since(text: &str, now: Timestamp) -> Result<Timestamp, CliError> {
    let text = text.trim();
    let wrong = || CliError::usage(format!("`{text}` is no time such as 2026-11-01, 2026-11-01T08:00:00Z, 7d or 12h"));
    if let Some(back) = duration(text) {
        let second = i64::try_from(back.as_secs()).ok().and_then(|back| now.as_second().checked_sub(back));
        return second.and_then(Timestamp::from_second).ok_or_else(wrong);
    }
    let instant = if text.len() == 10 { format!("{text}T00:00:00Z") } else { text.to_owned() };
    instant.parse().map_err(|_| wrong())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_as_people_write_them() {
        let now: Timestamp = "2026-11-24T12:00:00Z".parse().unwrap();
        assert_eq!(since("2026-11-01", now).unwrap().to_string(), "2026-11-01T00:00:00Z");
        assert_eq!(since("7d", now).unwrap().to_string(), "2026-11-17T12:00:00Z");
        assert_eq!(since("12h", now).unwrap().to_string(), "2026-11-24T00:00:00Z");
        assert!(since("yesterday", now).is_err() && since("2026-13-01", now).is_err());
    }
}
