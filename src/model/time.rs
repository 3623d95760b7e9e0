//! Instants in UTC with a resolution of one second.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use jiff::tz::Offset;
use serde::{Deserialize, Serialize};

/// An instant in UTC with a resolution of one second. Shown and serialised as RFC 3339 (`2026-11-23T08:58:55Z`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(jiff::Timestamp);

/// Returns the current time. The program passes the system's clock, tests a fixed one.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

impl Timestamp {
    /// Creates a timestamp; fractions of a second are dropped.
    pub fn new(instant: jiff::Timestamp) -> Self {
        // A valid instant without its fraction is valid.
        Self(jiff::Timestamp::from_second(instant.as_second()).unwrap_or(instant))
    }

    /// Creates a timestamp from seconds since 1970-01-01 UTC; `None` outside the years -9999 to 9999.
    pub fn from_second(second: i64) -> Option<Self> {
        jiff::Timestamp::from_second(second).ok().map(Self)
    }

    /// Returns the seconds since 1970-01-01 UTC.
    pub fn as_second(&self) -> i64 {
        self.0.as_second()
    }

    /// Returns the instant as a jiff type.
    pub fn instant(&self) -> jiff::Timestamp {
        self.0
    }

    /// Returns the year in UTC.
    pub fn year(&self) -> i16 {
        Offset::UTC.to_datetime(self.0).year()
    }

    /// Returns the form used in file names: `20261123T085855Z`.
    pub fn compact(&self) -> String {
        Offset::UTC.to_datetime(self.0).strftime("%Y%m%dT%H%M%SZ").to_string()
    }
}

impl From<std::time::SystemTime> for Timestamp {
    /// Returns the instant, cut to the second; the last or first one for a time that is out of range.
    fn from(time: std::time::SystemTime) -> Self {
        let second = match time.duration_since(std::time::UNIX_EPOCH) {
            Ok(since) => i64::try_from(since.as_secs()).unwrap_or(i64::MAX),
            Err(error) => i64::try_from(error.duration().as_secs()).map_or(i64::MIN, |before| -before),
        };
        let range = jiff::Timestamp::MIN.as_second()..=jiff::Timestamp::MAX.as_second();
        Self::from_second(second.clamp(*range.start(), *range.end())).unwrap_or(Self::new(jiff::Timestamp::UNIX_EPOCH))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The error for a text that is not an RFC 3339 instant.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a valid RFC 3339 instant; use the form 2026-11-23T08:58:55Z")]
pub struct ParseTimestampError(String);

impl FromStr for Timestamp {
    type Err = ParseTimestampError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self::new).map_err(|_| ParseTimestampError(text.chars().take(80).collect()))
    }
}

impl Serialize for Timestamp {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_timestamp_is_shown_as_rfc_3339_and_compactly_in_file_names() {
        let time: Timestamp = "2021-06-17T18:44:26.75+08:00".parse().unwrap();
        assert_eq!(time.to_string(), "2021-06-17T10:44:26Z");
        assert_eq!(time.compact(), "20210617T104426Z");
        assert_eq!(time.year(), 2021);
    }
}
