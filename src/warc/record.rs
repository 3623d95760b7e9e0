//! Records as bindery writes them.

use url::Url;

use super::http::{self, HttpHead};
use super::id::RecordId;
use super::kind::RecordKind;
use crate::model::{Digest, Exchange, Timestamp};

const CONFORMS_TO: &str = "https://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/";
/// The profile of a revisit whose payload is that of an earlier record.
pub(super) const IDENTICAL: &str = "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest";
/// The profile of a revisit for a response with status 304.
const NOT_MODIFIED: &str = "http://netpreserve.org/warc/1.1/revisit/server-not-modified";

/// The earlier record that a revisit refers to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Original {
    /// Its id.
    pub id: RecordId,
    /// Its target URI.
    pub uri: String,
    /// Its date.
    pub date: Timestamp,
}

/// A record to be written. Id and digests are derived from its content, so only fields that they do not cover can be
/// added later ([`Record::concurrent_to`]).
///
/// Two records with the same type, URL, second and block are the same record and have the same id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    kind: RecordKind,
    id: RecordId,
    target: Option<String>,
    date: Timestamp,
    fields: Vec<(String, String)>,
    block: Vec<u8>,
    block_digest: Digest,
    payload_digest: Option<Digest>,
    /// Whether the block is already compressed.
    pub(super) compressed: bool,
}

impl Record {
    /// Creates the first record of a file. `file_name` is the file's final name; it also makes this record differ from
    /// that of another file of the same second.
    pub fn warcinfo(file_name: &str, software: &str, date: Timestamp) -> Self {
        let (name, software) = (one_line(file_name), one_line(software));
        let block = format!(
            "software: {software}\r\nformat: WARC File Format 1.1\r\nconformsTo: {CONFORMS_TO}\r\ntitle: {name}\r\n"
        );
        let fields = vec![field("WARC-Filename", name), field("Content-Type", "application/warc-fields")];
        Self::new(RecordKind::Warcinfo, None, date, fields, block.into_bytes(), None)
    }

    /// Creates the record of a request. The values of `Cookie`, `Authorization`, `Proxy-Authorization` and of the
    /// fields named in `secret` (any case) are redacted.
    pub fn request(exchange: &Exchange, url: &Url, date: Timestamp, secret: &[String]) -> Self {
        let mut fields = connection_fields(exchange);
        fields.push(field("Content-Type", "application/http; msgtype=request"));
        let block = http::request(exchange, url, secret);
        Self::new(RecordKind::Request, Some(http::target(url)), date, fields, block, None)
    }

    /// Creates the record of a response. `body` is as received, with its content coding but without its transfer
    /// coding.
    pub fn response(head: &HttpHead<'_>, body: &[u8], date: Timestamp) -> Self {
        let payload = Digest::of(body);
        let mut fields = connection_fields(head.exchange);
        let stated = head.field("content-length").and_then(|length| length.trim().parse::<u64>().ok());
        if stated.is_some_and(|stated| stated > body.len() as u64) {
            fields.push(field("WARC-Truncated", "length"));
        }
        fields.push(field("Content-Type", "application/http; msgtype=response"));
        let mut block = head.bytes();
        block.extend(body);
        let mut record =
            Self::new(RecordKind::Response, Some(http::target(head.url)), date, fields, block, Some(payload));
        record.compressed = is_compressed(head.field("content-type")) || is_coded(head.field("content-encoding"));
        record
    }

    /// Creates the record of bytes without HTTP: a file, an import.
    pub fn resource(uri: &str, media_type: &str, body: &[u8], date: Timestamp) -> Self {
        let fields = vec![field("Content-Type", one_line(media_type))];
        let payload = Some(Digest::of(body));
        let mut record = Self::new(RecordKind::Resource, Some(one_line(uri)), date, fields, body.to_vec(), payload);
        record.compressed = is_compressed(Some(media_type));
        record
    }

    /// Creates the record of a response whose payload `original` holds; only the header is stored. `payload` is the
    /// digest of the body as received.
    pub fn revisit(head: &HttpHead<'_>, payload: &Digest, original: &Original, date: Timestamp) -> Self {
        Self::revisit_with(head, IDENTICAL, Some(*payload), original, date)
    }

    /// Creates the record of a response with status 304: the payload that `original` holds is still current.
    pub fn not_modified(head: &HttpHead<'_>, original: &Original, date: Timestamp) -> Self {
        Self::revisit_with(head, NOT_MODIFIED, None, original, date)
    }

    fn revisit_with(
        head: &HttpHead<'_>,
        profile: &str,
        payload: Option<Digest>,
        original: &Original,
        date: Timestamp,
    ) -> Self {
        let mut fields = connection_fields(head.exchange);
        fields.push(field("WARC-Profile", profile));
        fields.push(field("WARC-Refers-To", format!("<{}>", original.id)));
        fields.push(field("WARC-Refers-To-Target-URI", one_line(&original.uri)));
        fields.push(field("WARC-Refers-To-Date", original.date));
        fields.push(field("Content-Type", "application/http; msgtype=response"));
        Self::new(RecordKind::Revisit, Some(http::target(head.url)), date, fields, head.bytes(), payload)
    }

    /// Adds that this record and another belong to the same exchange, as a response and its request do.
    pub fn concurrent_to(mut self, id: &RecordId) -> Self {
        self.fields.push(field("WARC-Concurrent-To", format!("<{id}>")));
        self
    }

    fn new(
        kind: RecordKind,
        target: Option<String>,
        date: Timestamp,
        fields: Vec<(String, String)>,
        block: Vec<u8>,
        payload_digest: Option<Digest>,
    ) -> Self {
        // A resource's payload is its block.
        let block_digest = match (kind, payload_digest) {
            (RecordKind::Resource, Some(digest)) => digest,
            _ => Digest::of(&block),
        };
        let id = RecordId::derive(kind, target.as_deref(), date, &block_digest);
        Self { kind, id, target, date, fields, block, block_digest, payload_digest, compressed: false }
    }

    /// Returns its type.
    pub fn kind(&self) -> RecordKind {
        self.kind
    }

    /// Returns its id.
    pub fn id(&self) -> &RecordId {
        &self.id
    }

    /// Returns its target URI; `None` for a warcinfo.
    pub fn target(&self) -> Option<&str> {
        self.target.as_deref()
    }

    /// Returns its date.
    pub fn date(&self) -> Timestamp {
        self.date
    }

    /// Returns its block: HTTP header and body, or the header alone for a revisit.
    pub fn block(&self) -> &[u8] {
        &self.block
    }

    /// Returns the digest of its payload, the body as received. `None` for a warcinfo, a request and a 304.
    pub fn payload_digest(&self) -> Option<&Digest> {
        self.payload_digest.as_ref()
    }

    /// Returns the header: version, named fields, empty line.
    pub(super) fn head(&self) -> String {
        let mut head = format!("WARC/1.1\r\nWARC-Type: {}\r\nWARC-Record-ID: <{}>\r\n", self.kind.word(), self.id);
        head += &format!("WARC-Date: {}\r\n", self.date);
        if let Some(target) = &self.target {
            head += &format!("WARC-Target-URI: {target}\r\n");
        }
        for (name, value) in &self.fields {
            head += &format!("{name}: {value}\r\n");
        }
        if let Some(digest) = &self.payload_digest {
            head += &format!("WARC-Payload-Digest: sha256:{digest}\r\n");
        }
        head + &format!(
            "WARC-Block-Digest: sha256:{}\r\nContent-Length: {}\r\n\r\n",
            self.block_digest,
            self.block.len()
        )
    }
}

fn field(name: &str, value: impl ToString) -> (String, String) {
    (name.to_owned(), value.to_string())
}

fn connection_fields(exchange: &Exchange) -> Vec<(String, String)> {
    let mut fields = Vec::new();
    if let Some(remote) = exchange.remote {
        fields.push(field("WARC-IP-Address", remote));
    }
    fields.push(field("WARC-Protocol", one_line(&exchange.protocol)));
    fields
}

/// Returns a value without line ends.
fn one_line(text: &str) -> String {
    text.replace(|c: char| c.is_ascii() && http::ends_a_line(c as u8), " ").trim().to_owned()
}

/// Returns whether a body has a content coding.
fn is_coded(coding: Option<&str>) -> bool {
    coding.is_some_and(|coding| coding.split(',').any(|name| !matches!(name.trim(), "" | "identity")))
}

/// Returns whether data of this media type is already compressed.
fn is_compressed(media_type: Option<&str>) -> bool {
    let Some(media_type) = media_type else { return false };
    let essence = media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    match essence.split_once('/') {
        Some(("image", "svg+xml" | "bmp" | "x-ms-bmp" | "x-icon" | "vnd.microsoft.icon")) => false,
        Some(("image" | "video", _)) => true,
        Some(("audio", kind)) => !matches!(kind, "wav" | "x-wav" | "wave" | "aiff"),
        Some(("font", kind)) => matches!(kind, "woff" | "woff2"),
        Some(("application", kind)) => {
            matches!(kind, "zip" | "gzip" | "x-gzip" | "zstd" | "x-7z-compressed" | "x-xz" | "x-bzip2" | "vnd.rar")
                || kind.ends_with("+zip")
                || kind.starts_with("vnd.openxmlformats-")
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn compressed_media_types_are_recognised() {
        for compressed in ["image/png", "IMAGE/JPEG; q=1", "video/mp4", "application/epub+zip", "font/woff2"] {
            assert!(is_compressed(Some(compressed)), "{compressed}");
        }
        for uncompressed in ["image/svg+xml", "image/bmp", "text/html; charset=utf-8", "application/json", "", "image"]
        {
            assert!(!is_compressed(Some(uncompressed)), "{uncompressed}");
        }
        assert!(is_coded(Some("gzip")) && is_coded(Some("identity, br")));
        assert!(!is_coded(Some("identity")) && !is_coded(None));
    }

    #[test]
    fn a_value_cannot_start_another_field() {
        let date = "2026-11-23T08:58:55Z".parse().unwrap();
        let record = Record::resource("urn:a\r\nWARC-Type: b", "text/x\r\n\r\ny", b"", date);
        assert_eq!(record.head().lines().filter(|line| line.starts_with("WARC-Type")).count(), 1);
        assert_eq!(record.head().matches("\r\n\r\n").count(), 1);
        let info = Record::warcinfo("a\nb", "c\r\nd: e", date);
        assert_eq!(info.block().split(|&byte| byte == b'\n').count(), 5);
    }
}
