//! Values that are shown as they were written.

use std::fmt;
use std::marker::PhantomData;
use std::str::FromStr;
use std::time::Duration;

use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::values::Notation;

/// A value beside the text that it was written as, by which it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written<T> {
    text: String,
    /// The value.
    pub value: T,
}

impl<T: Notation> FromStr for Written<T> {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let value = T::parse(text.trim()).ok_or_else(|| format!("expected {}", T::FORM))?;
        Ok(Self { text: text.trim().to_owned(), value })
    }
}

impl<T> Serialize for Written<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

impl<'de, T: Notation> Deserialize<'de> for Written<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(WrittenVisitor(PhantomData))
    }
}

struct WrittenVisitor<T>(PhantomData<T>);

impl<T: Notation> Visitor<'_> for WrittenVisitor<T> {
    type Value = Written<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(T::FORM)
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Written<T>, E> {
        text.parse().map_err(|_| E::invalid_value(de::Unexpected::Str(text), &self))
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<Written<T>, E> {
        number.to_string().parse().map_err(|_| E::invalid_value(de::Unexpected::Signed(number), &self))
    }
}

impl From<Duration> for Written<Duration> {
    fn from(value: Duration) -> Self {
        Self { text: format!("{}s", value.as_secs()), value }
    }
}

/// A number of bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bytes(pub u64);

impl Notation for Bytes {
    const FORM: &'static str = "a size such as 500MB or 2GB";

    /// Parses `500MB`, `2GB`, `1000`; units are powers of ten.
    fn parse(text: &str) -> Option<Self> {
        let digits = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
        let unit = match text[digits..].trim().to_ascii_uppercase().as_str() {
            "" | "B" => 1.0,
            "K" | "KB" => 1e3,
            "M" | "MB" => 1e6,
            "G" | "GB" => 1e9,
            "T" | "TB" => 1e12,
            _ => return None,
        };
        let bytes = text[..digits].parse::<f64>().ok()? * unit;
        // Rounded down to whole bytes.
        (bytes.is_finite() && bytes < 1e18).then_some(Self(bytes as u64))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_take_decimal_units() {
        assert_eq!(Bytes::parse("500MB"), Some(Bytes(500_000_000)));
        assert_eq!(Bytes::parse("1.5 g"), Some(Bytes(1_500_000_000)));
        assert_eq!(Bytes::parse("42"), Some(Bytes(42)));
        assert!(["much", "-1", "5 parsecs"].iter().all(|text| Bytes::parse(text).is_none()));
    }
}
