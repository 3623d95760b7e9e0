//! The date of a page, in the page's own offset.

use std::fmt;

use jiff::civil::{Date, DateTime};
use jiff::tz::Offset;
use serde::{Deserialize, Serialize};

use super::Timestamp;

/// A date as a page states it, in the page's own offset.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PageDate {
    /// A day, no time known.
    Day(Date),
    /// A time with its offset from UTC.
    Time {
        /// Date and time of day as the page's readers see them.
        local: DateTime,
        /// The page's offset from UTC.
        offset: Offset,
        /// True if the page states no offset and its language or country decided it.
        assumed: bool,
    },
}

impl PageDate {
    /// Returns the year in the page's own offset.
    pub fn year(&self) -> i16 {
        self.day().year()
    }

    /// Returns the day in the page's own offset.
    pub fn day(&self) -> Date {
        match self {
            Self::Day(date) => *date,
            Self::Time { local, .. } => local.date(),
        }
    }

    /// Returns the instant; `None` if only the day is known.
    pub fn instant(&self) -> Option<Timestamp> {
        match self {
            Self::Day(_) => None,
            Self::Time { local, offset, .. } => offset.to_timestamp(*local).ok().map(Timestamp::new),
        }
    }

    /// Returns the form that RSS and the `hexo` profile use, in GMT: `Thu, 17 Jun 2021 10:44:26 GMT`. A day without a
    /// time becomes midnight.
    pub fn rfc2822_gmt(&self) -> String {
        let utc = match self {
            Self::Day(date) => date.at(0, 0, 0, 0),
            Self::Time { local, offset, .. } => match offset.to_timestamp(*local) {
                Ok(instant) => Offset::UTC.to_datetime(instant),
                Err(_) => *local,
            },
        };
        utc.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
    }
}

/// `2021-06-17` or RFC 3339 with the page's offset (`2021-06-17T18:44:26+08:00`).
impl fmt::Display for PageDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Day(date) => date.fmt(f),
            Self::Time { local, offset, .. } => {
                write!(f, "{}", local.strftime("%Y-%m-%dT%H:%M:%S"))?;
                let seconds = offset.seconds();
                if seconds == 0 {
                    return f.write_str("Z");
                }
                let sign = if seconds < 0 { '-' } else { '+' };
                let minutes = seconds.abs() / 60;
                write!(f, "{sign}{:02}:{:02}", minutes / 60, minutes % 60)
            }
        }
    }
}

/// Parses what `Display` writes; `assumed` is not part of that form and comes back false.
impl std::str::FromStr for PageDate {
    type Err = jiff::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if !text.contains('T') {
            return Ok(Self::Day(text.parse()?));
        }
        let pieces = jiff::fmt::temporal::DateTimeParser::new().parse_pieces(text)?;
        let local = pieces.date().to_datetime(pieces.time().unwrap_or_default());
        let offset = pieces.to_numeric_offset().unwrap_or(Offset::UTC);
        Ok(Self::Time { local, offset, assumed: false })
    }
}

impl Serialize for PageDate {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for PageDate {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_the_pages_own_offset() {
        let text = "2021-06-17T18:44:26+08:00";
        let date: PageDate = text.parse().unwrap();
        assert_eq!(date.to_string(), text);
        assert_eq!(date.rfc2822_gmt(), "Thu, 17 Jun 2021 10:44:26 GMT");
        assert_eq!(date.instant().unwrap().to_string(), "2021-06-17T10:44:26Z");
    }

    #[test]
    fn a_day_stays_a_day() {
        let date: PageDate = "2021-06-17".parse().unwrap();
        assert_eq!(date.to_string(), "2021-06-17");
        assert_eq!(date.instant(), None);
        assert_eq!(date.rfc2822_gmt(), "Thu, 17 Jun 2021 00:00:00 GMT");
    }

    #[test]
    fn half_hour_and_negative_offsets_are_written_completely() {
        for text in ["2021-06-17T18:44:26-03:30", "2021-06-17T18:44:26+05:45", "2021-06-17T18:44:26Z"] {
            assert_eq!(text.parse::<PageDate>().unwrap().to_string(), text);
        }
    }
}
