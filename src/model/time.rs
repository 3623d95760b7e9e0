//! Instants, to the second, always in UTC.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use jiff::tz::Offset;
use serde::{Deserialize, Serialize};

/// An instant in UTC, to the second. Shown and serialised as RFC 3339 (`2026-11-23T08:58:55Z`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(jiff::Timestamp);

/// Where "now" comes from: the program passes the system's clock, a test a fixed one.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

impl Timestamp {
    /// The instant, cut to its second.
    pub fn new(instant: jiff::Timestamp) -> Self {
        // Cutting the fraction of a valid instant leaves a valid instant.
        Self(jiff::Timestamp::from_second(instant.as_second()).unwrap_or(instant))
    }

    /// Seconds since 1970 in UTC; None beyond year 9999.
    pub fn from_second(second: i64) -> Option<Self> {
        jiff::Timestamp::from_second(second).ok().map(Self)
    }

    /// Seconds since 1970 in UTC.
    pub fn as_second(&self) -> i64 {
        self.0.as_second()
    }

    /// The instant as jiff has it.
    pub fn instant(&self) -> jiff::Timestamp {
        self.0
    }

    /// Year in UTC.
    pub fn year(&self) -> i16 {
        Offset::UTC.to_datetime(self.0).year()
    }

    /// The form used in file names: `20261123T085855Z`.
    pub fn compact(&self) -> String {
        Offset::UTC.to_datetime(self.0).strftime("%Y%m%dT%H%M%SZ").to_string()
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A text that is not an RFC 3339 instant.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not an instant such as 2026-11-23T08:58:55Z")]
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
    fn has_a_form_for_people_and_one_for_file_names() {
        let time: Timestamp = "2021-06-17T18:44:26.75+08:00".parse().unwrap();
        assert_eq!(time.to_string(), "2021-06-17T10:44:26Z");
        assert_eq!(time.compact(), "20210617T104426Z");
        assert_eq!(time.year(), 2021);
    }
}
