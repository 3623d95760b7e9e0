//! Pages as received: bytes, header fields, redirects; and the request for one.

use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use url::Url;

use super::Timestamp;

/// Header fields in the order received; names as received, values undecoded.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Headers(pub Vec<(String, Vec<u8>)>);

impl Headers {
    /// Returns the first field of that name (any case) that is UTF-8; `None` if there is none.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .filter(|(key, _)| key.eq_ignore_ascii_case(name))
            .find_map(|(_, value)| std::str::from_utf8(value).ok())
    }

    /// Returns every field of that name (any case) that is UTF-8, in order.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0
            .iter()
            .filter(move |(key, _)| key.eq_ignore_ascii_case(name))
            .filter_map(|(_, value)| std::str::from_utf8(value).ok())
    }
}

/// Parses the value of a `Refresh` field or of a `<meta http-equiv="refresh">`: `5; url='/next'` is 5 s and `/next`.
/// Returns `None` if it has no target. <https://html.spec.whatwg.org/#attr-meta-http-equiv-refresh>
pub fn refresh(value: &str) -> Option<(Duration, &str)> {
    let (delay, rest) = value.split_once([';', ','])?;
    let seconds: f64 = delay.trim().parse().ok().filter(|seconds| (0.0..1e6).contains(seconds))?;
    let rest = rest.trim();
    let target = match rest.get(..3) {
        Some(start) if start.eq_ignore_ascii_case("url") => rest[3..].trim_start().strip_prefix('=')?.trim(),
        _ => rest,
    };
    let target = target.trim_matches(['"', '\'']);
    (!target.is_empty()).then_some((Duration::from_secs_f64(seconds), target))
}

/// Where a page's bytes came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// Fetched from the web.
    Network,
    /// A file on disk; its images may be in folders next to it.
    File(PathBuf),
    /// Standard input, or a member of an export.
    Import(String),
    /// A capture in an archive.
    Replay,
}

/// The request and connection of one response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exchange {
    /// `GET`.
    pub method: String,
    /// Request header fields as sent, secrets included; the WARC writer redacts them.
    pub request_headers: Headers,
    /// The protocol of the connection: `http/1.0`, `http/1.1`, `h2`.
    pub protocol: String,
    /// The server's IP address; `None` if unknown.
    pub remote: Option<IpAddr>,
}

/// One redirect on the way to a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hop {
    /// The URL that responded with the redirect.
    pub url: Url,
    /// Its status (301, 302, 303, 307, 308; 200 for a refresh).
    pub status: u16,
    /// Its header fields.
    pub headers: Headers,
    /// Its body as received.
    pub body: Vec<u8>,
    /// When it was received.
    pub captured: Timestamp,
    /// The request and connection.
    pub exchange: Exchange,
}

/// A page as received, before it is decoded or parsed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawPage {
    /// The requested URL; `None` for a file without a known URL.
    pub requested: Option<Url>,
    /// The final URL, after redirects; `None` for a file without a known URL.
    pub url: Option<Url>,
    /// The redirects between the two, in order.
    pub redirects: Vec<Hop>,
    /// HTTP status; 200 for a file.
    pub status: u16,
    /// Response header fields; empty for a file.
    pub headers: Headers,
    /// The body as received, with its content coding.
    pub body: Vec<u8>,
    /// The body with its content coding removed; `None` if `body` has none.
    pub decoded: Option<Vec<u8>>,
    /// Why a part of the body may be missing or wrong, as a clause; `None` if nothing shows that.
    pub damage: Option<String>,
    /// When it was received; `None` if no time was given (a plain conversion).
    pub captured: Option<Timestamp>,
    /// Where it came from.
    pub origin: Origin,
    /// The request and connection; `None` for files.
    pub exchange: Option<Exchange>,
}

impl RawPage {
    /// Creates a page from a file or an import, without HTTP.
    pub fn from_bytes(body: Vec<u8>, url: Option<Url>, origin: Origin, captured: Option<Timestamp>) -> Self {
        Self {
            requested: url.clone(),
            url,
            redirects: Vec::new(),
            status: 200,
            headers: Headers::default(),
            body,
            decoded: None,
            damage: None,
            captured,
            origin,
            exchange: None,
        }
    }

    /// Returns what is missing of a body that is shorter than its `Content-Length`, as a clause; `None` for others.
    pub fn missing_bytes(&self) -> Option<String> {
        let stated: u64 = self.headers.get("content-length")?.trim().parse().ok()?;
        let received = self.body.len() as u64;
        (received < stated).then(|| format!("only {received} of {stated} bytes were received"))
    }

    /// Returns the body without its content coding.
    pub fn content(&self) -> &[u8] {
        self.decoded.as_deref().unwrap_or(&self.body)
    }
}

/// What to fetch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The URL.
    pub url: Url,
    /// `ETag` of an earlier response, exactly as received.
    pub etag: Option<String>,
    /// `Last-Modified` of an earlier response, exactly as received.
    pub last_modified: Option<String>,
    /// The `Referer` to send; `None` sends none.
    pub referrer: Option<Url>,
}

impl Request {
    /// Creates a request without validators or referrer.
    pub fn new(url: Url) -> Self {
        Self { url, etag: None, last_modified: None, referrer: None }
    }
}
