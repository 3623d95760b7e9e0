//! Bytes in flight.

use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use url::Url;

use super::Timestamp;

/// Header fields in the order received; names as received, values undecoded.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Headers(pub Vec<(String, Vec<u8>)>);

impl Headers {
    /// The first field of that name (any case) as text; None when absent or not UTF-8.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .filter(|(key, _)| key.eq_ignore_ascii_case(name))
            .find_map(|(_, value)| std::str::from_utf8(value).ok())
    }

    /// Every field of that name (any case) that is UTF-8, in order.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0
            .iter()
            .filter(move |(key, _)| key.eq_ignore_ascii_case(name))
            .filter_map(|(_, value)| std::str::from_utf8(value).ok())
    }
}

/// What a refresh asks for (`5; url='/next'` → 5 s and `/next`): the value of a `Refresh` field or of a `<meta>` that
/// stands for one. None without a target. <https://html.spec.whatwg.org/#attr-meta-http-equiv-refresh>
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
    /// A file on disk; its images may lie beside it.
    File(PathBuf),
    /// Standard input, or a member of an export.
    Import(String),
    /// A stored capture.
    Replay,
}

/// What was said on the wire around one response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exchange {
    /// `GET`.
    pub method: String,
    /// Request header fields as sent, secrets included: a writer redacts them.
    pub request_headers: Headers,
    /// The protocol spoken: `http/1.0`, `http/1.1`, `h2`.
    pub protocol: String,
    /// The peer; None when it is not known.
    pub remote: Option<IpAddr>,
}

/// One redirect on the way to a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hop {
    /// The URL that answered with a redirect.
    pub url: Url,
    /// Its status (301, 302, 303, 307, 308; 200 for a refresh).
    pub status: u16,
    /// Its header fields.
    pub headers: Headers,
    /// Its body as received.
    pub body: Vec<u8>,
    /// When it was received.
    pub captured: Timestamp,
    /// What was said on the wire.
    pub exchange: Exchange,
}

/// A page as it was received, before anything is made of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawPage {
    /// The URL asked for; None for a file with no known URL.
    pub requested: Option<Url>,
    /// The URL that answered, after redirects; None for a file with no known URL.
    pub url: Option<Url>,
    /// The redirects between the two, in order.
    pub redirects: Vec<Hop>,
    /// HTTP status; 200 for a file.
    pub status: u16,
    /// Response header fields; empty for a file.
    pub headers: Headers,
    /// The body as received, content coding still on it.
    pub body: Vec<u8>,
    /// The body with its content coding taken off; None when there was none, and `body` is it.
    pub decoded: Option<Vec<u8>>,
    /// When it was received; None where no time was given (a plain conversion).
    pub captured: Option<Timestamp>,
    /// Where it came from.
    pub origin: Origin,
    /// What was said on the wire; None for files.
    pub exchange: Option<Exchange>,
}

impl RawPage {
    /// A page from a file or an import, with no HTTP around it.
    pub fn from_bytes(body: Vec<u8>, url: Option<Url>, origin: Origin, captured: Option<Timestamp>) -> Self {
        Self {
            requested: url.clone(),
            url,
            redirects: Vec::new(),
            status: 200,
            headers: Headers::default(),
            body,
            decoded: None,
            captured,
            origin,
            exchange: None,
        }
    }

    /// The body without its content coding.
    pub fn content(&self) -> &[u8] {
        self.decoded.as_deref().unwrap_or(&self.body)
    }
}

/// What to fetch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The URL.
    pub url: Url,
    /// `ETag` of an earlier answer, exactly as received.
    pub etag: Option<String>,
    /// `Last-Modified` of an earlier answer, exactly as received.
    pub last_modified: Option<String>,
    /// The `Referer` to send; None sends none.
    pub referrer: Option<Url>,
    /// Links followed from a seed to get here; 0 for what the user named.
    pub depth: u32,
}

impl Request {
    /// A first visit to a URL the user named.
    pub fn new(url: Url) -> Self {
        Self { url, etag: None, last_modified: None, referrer: None, depth: 0 }
    }
}
