//! Record ids that follow from the record: the same answer has the same id in every archive.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::record::RecordKind;
use crate::model::{Digest, Timestamp};

const SCHEME: &str = "urn:uuid:";

/// The id of a record, and so the pointer to it: `urn:uuid:` and a UUID in lower-case hex.
///
/// Records of other programs may have other URIs as ids; those are kept as they are when read from a WARC.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecordId(String);

impl RecordId {
    /// The id of a record of bindery: a UUID of version 8 (RFC 9562) whose bits are the first 16 bytes of the SHA-256 of
    /// type, target URI, date and block digest, a line feed between them. No target counts as the empty text; the
    /// digest is written `sha256:<hex>`.
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

    /// An id as another program wrote it.
    pub(super) fn foreign(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// The bits of its UUID; None for an id of another program that is none.
    pub fn bits(&self) -> Option<[u8; 16]> {
        let hex = self.0.strip_prefix(SCHEME)?.replace('-', "");
        let bits = u128::from_str_radix(&hex, 16).ok().filter(|_| hex.len() == 32)?;
        Some(bits.to_be_bytes())
    }

    /// The id as text, without the angle brackets it has in a WARC.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RecordId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A text that is not the id of a record.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not the id of a record: `urn:uuid:` and a UUID in lower-case hex are expected")]
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
    fn follows_from_type_url_date_and_block() {
        let date = "2026-11-23T08:58:55Z".parse().unwrap();
        let id = RecordId::derive(RecordKind::Resource, Some("urn:example"), date, &Digest::of(b"abc"));
        // printf 'resource\nurn:example\n2026-11-23T08:58:55Z\nsha256:%s' "$(printf abc | sha256sum | cut -c-64)" | sha256sum
        // gives 2a1cadbe65bdbda28182772a3156c2fb…; version 8 and variant 10 stand over its bits.
        assert_eq!(id.as_str(), "urn:uuid:2a1cadbe-65bd-8da2-8182-772a3156c2fb");
        let warcinfo = RecordId::derive(RecordKind::Warcinfo, None, date, &Digest::of(b"abc"));
        assert_ne!(id, warcinfo);
        assert_eq!(warcinfo, RecordId::derive(RecordKind::Warcinfo, Some(""), date, &Digest::of(b"abc")));
    }

    #[test]
    fn reads_back_what_it_shows_and_nothing_else() {
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
