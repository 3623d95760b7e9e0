//! The index of a WACZ: CDXJ lines, sorted, in gzip blocks with a list of the blocks (ZipNum).

use std::collections::BTreeMap;
use std::io::{self, Write};

use flate2::{Compression, GzBuilder};
use serde::Serialize;
use url::Url;

use crate::model::{Digest, Timestamp};
use crate::warc::{Entry, RecordKind};

/// Lines in one block.
const BLOCK: usize = 3000;

/// An index while it grows.
#[derive(Default)]
pub(super) struct Index {
    lines: Vec<String>,
}

/// What a line says of its record; every value is a text.
#[derive(Serialize)]
struct Fields<'a> {
    url: &'a str,
    mime: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<String>,
    digest: String,
    length: String,
    offset: String,
    filename: &'a str,
}

impl Index {
    /// Adds a record that can be replayed; others are passed over.
    pub fn add(&mut self, filename: &str, entry: &Entry) {
        let (mime, digest) = match (entry.kind, entry.payload_digest) {
            (RecordKind::Response | RecordKind::Resource, Some(digest)) => (entry.media_type.as_deref(), Some(digest)),
            (RecordKind::Revisit, _) => (Some("warc/revisit"), entry.revisited_payload()),
            _ => return,
        };
        let Some(url) = &entry.target else { return };
        let mime = mime.map(|mime| mime.split(';').next().unwrap_or_default().trim()).filter(|mime| !mime.is_empty());
        let fields = Fields {
            url,
            mime: mime.unwrap_or("unk"),
            status: entry
                .status
                .or((entry.kind == RecordKind::Resource).then_some(200))
                .map(|status| status.to_string()),
            digest: digest.map_or_else(|| "-".to_owned(), |digest| format!("sha256:{digest}")),
            length: entry.length.to_string(),
            offset: entry.offset.to_string(),
            filename,
        };
        // A struct of texts: the writer refuses none.
        let json = serde_json::to_string(&fields).unwrap_or_default();
        self.lines.push(format!("{} {} {json}\n", surt(url), digits(entry.date)));
    }

    /// True when no record was added.
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// `index.cdx.gz` and `index.idx`.
    pub fn files(mut self, filename: &str) -> io::Result<(Vec<u8>, Vec<u8>)> {
        self.lines.sort();
        let mut packed = Vec::new();
        let mut list =
            format!("!meta 0 {{\"format\": \"cdxj-gzip-1.0\", \"filename\": \"{filename}\"}}\n").into_bytes();
        for block in self.lines.chunks(BLOCK) {
            let offset = packed.len();
            let mut gzip = GzBuilder::new().mtime(0).operating_system(255).write(&mut packed, Compression::new(6));
            block.iter().try_for_each(|line| gzip.write_all(line.as_bytes()))?;
            gzip.finish()?;
            let begins = block[0].split_once(" {").map(|(key, _)| key).unwrap_or_default();
            let place = BTreeMap::from([
                ("digest", serde_json::json!(format!("sha256:{}", Digest::of(&packed[offset..])))),
                ("filename", serde_json::json!(filename)),
                ("length", serde_json::json!(packed.len() - offset)),
                ("offset", serde_json::json!(offset)),
            ]);
            list.extend(format!("{begins} {}\n", serde_json::to_string(&place)?).into_bytes());
        }
        Ok((packed, list))
    }
}

/// The moment as indexes have it: `20261123085855`.
pub(super) fn digits(date: Timestamp) -> String {
    date.compact().chars().filter(char::is_ascii_digit).collect()
}

/// The key under which an address is sorted, as replay programs derive it: host turned around and without `www.`, path and
/// query in lower case, the query's pairs sorted. An address of another scheme is its own key.
pub fn surt(address: &str) -> String {
    let lower = address.to_lowercase();
    let url = match Url::parse(&lower) {
        Ok(url) if matches!(url.scheme(), "http" | "https") => url,
        _ => return address.to_owned(),
    };
    let host = url.host_str().unwrap_or_default();
    let host = match host.strip_prefix("www").map(|rest| rest.trim_start_matches(|c: char| c.is_ascii_digit())) {
        Some(rest) if rest.starts_with('.') => &rest[1..],
        _ => host,
    };
    let turned = match url.domain() {
        Some(_) => host.rsplit('.').collect::<Vec<_>>().join(","),
        None => host.to_owned(),
    };
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    let mut pairs: Vec<&str> = url.query().unwrap_or_default().split('&').filter(|pair| !pair.is_empty()).collect();
    pairs.sort_unstable();
    let query = if pairs.is_empty() { String::new() } else { format!("?{}", pairs.join("&")) };
    format!("{turned}{port}){}{query}", url.path())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_those_of_replay_programs() {
        let cases = [
            ("https://www.Example.org/A?b=2&a=1#x", "org,example)/a?a=1&b=2"),
            ("http://www2.example.com.cn:8080/", "cn,com,example:8080)/"),
            ("http://127.0.0.1:81/x", "127.0.0.1:81)/x"),
            ("https://wwwhat.example/", "example,wwwhat)/"),
            ("urn:sha256:AB", "urn:sha256:AB"),
        ];
        for (address, key) in cases {
            assert_eq!(surt(address), key);
        }
    }
}
