//! Deterministic record ids: the same response has the same id in every archive.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::kind::RecordKind;
use crate::model::{Digest, Timestamp};

const SCHEME: &str = "urn:uuid:";

/// The id of a record: `urn:uuid:` and a UUID in lower-case hex.
///
/// Records of other programs may have other URIs as ids; a reader keeps them unchanged.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecordId(String);

impl RecordId {
    /// Derives the id of a record that bindery writes: a version 8 UUID (RFC 9562) from the first 16 bytes of the
    /// SHA-256 of type, target URI, date and block digest, separated by line feeds. A missing target is the empty text;
    /// the digest is written `sha256:<hex>`.
    pub fn derive(kind: RecordKind, target: Option<&str>, date: Timestamp, block: &Digest) -> Self {
        let text = format!("{}\n{}\n{date}\nsha256:{block}", kind.word(), target.unwrap_or_default());
        let digest = Digest::of(text.as_bytes());
        let mut bytes: [u8; 16] = std::array::from_fn(|at| digest.as_bytes()[at]);
        bytes[6] = bytes[6] & 0x0f | 0x80;
        bytes[8] = bytes[8] & 0x3f | 0x80;
        let mut text = SCHEME.to_owned();
        for (at, byte) in bytes.iter().enumerate() {
            if matches!(at, 4 | 6 | 8 | 10) {
                text.push('-');
            }
            text.push_str(&format!("{byte:02x}"));
        }
        Self(text)
    }

    /// Returns an id written by another program.
    pub(super) fn foreign(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// Returns the bits of the UUID; `None` for another program's id that is not a UUID.
    pub fn bits(&self) -> Option<[u8; 16]> {
        let hex = self.0.strip_prefix(SCHEME)?.replace('-', "");
        let bits = u128::from_str_radix(&hex, 16).ok().filter(|_| hex.len() == 32)?;
        Some(bits.to_be_bytes())
    }

    /// Returns the id without the angle brackets around it in a WARC file.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RecordId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The error for a text that is not a record id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a valid record id; expected `urn:uuid:` and a UUID in lower-case hex")]
pub struct ParseRecordIdError(String);

impl FromStr for RecordId {
    type Err = ParseRecordIdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let is_uuid = |uuid: &str| {
            let digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
            let fits =
                |(at, byte): (usize, u8)| if matches!(at, 8 | 13 | 18 | 23) { byte == b'-' } else { digit(byte) };
            uuid.len() == 36 && uuid.bytes().enumerate().all(fits)
        };
        match text.strip_prefix(SCHEME) {
            Some(uuid) if is_uuid(uuid) => Ok(Self(text.to_owned())),
            _ => Err(ParseRecordIdError(text.chars().take(80).collect())),
        }
    }
}

impl Serialize for RecordId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for RecordId {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_derived_from_type_url_date_and_block() {
        let date = "2026-11-23T08:58:55Z".parse().unwrap();
        let id = RecordId::derive(RecordKind::Resource, Some("urn:example"), date, &Digest::of(b"abc"));
        // printf 'resource\nurn:example\n2026-11-23T08:58:55Z\nsha256:%s' "$(printf abc | sha256sum | cut -c-64)" | sha256sum
        // prints 2a1cadbe65bdbda28182772a3156c2fb…; version 8 and variant 10 replace some of its bits.
        assert_eq!(id.as_str(), "urn:uuid:2a1cadbe-65bd-8da2-8182-772a3156c2fb");
        let warcinfo = RecordId::derive(RecordKind::Warcinfo, None, date, &Digest::of(b"abc"));
        assert_ne!(id, warcinfo);
        assert_eq!(warcinfo, RecordId::derive(RecordKind::Warcinfo, Some(""), date, &Digest::of(b"abc")));
    }

    #[test]
    fn only_a_valid_id_is_parsed() {
        let text = "urn:uuid:0190163d-8694-839b-aed5-966c26ac4f3f";
        let id: RecordId = text.parse().unwrap();
        assert_eq!(id.to_string(), text);
        assert_eq!(id.bits().map(|bits| bits[..3].to_vec()), Some(vec![0x01, 0x90, 0x16]));
        assert_eq!(RecordId::foreign("urn:x").bits(), None);
        assert_eq!(serde_json::from_str::<RecordId>(&serde_json::to_string(&id).unwrap()).unwrap(), id);
        for wrong in ["", "urn:uuid:", &text.to_uppercase(), &text[9..], &format!("<{text}>"), &text.replace('-', "0")]
        {
            assert!(wrong.parse::<RecordId>().is_err(), "{wrong}");
        }
    }
}
