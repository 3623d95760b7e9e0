//! One request and its answer: sent, timed, capped, decoded, retried.

use std::error::Error;
use std::io;
use std::time::Duration;

use reqwest::Response;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use tokio::time::timeout;
use url::Url;

use super::client::Inner;
use super::error::{FetchError, Limit, shown};
use super::{Event, redirect, retry, tls};
use crate::model::{Exchange, Headers, Timestamp};
use crate::warc::coding;

/// How much of a redirect's body is kept, in bytes.
const REDIRECT_CAP: u64 = 1 << 20;

/// The largest set of header fields, in bytes.
const HEADERS_CAP: usize = 64 << 10;

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    Page,
    Image,
    Robots,
    /// What may be a feed, a sitemap or a list.
    Seed,
}

/// One request, ready to be sent.
pub(super) struct Ask {
    pub url: Url,
    pub purpose: Purpose,
    /// Without `Host` and `Cookie`; names in lower case.
    pub headers: Vec<(String, String)>,
    /// True when a 304 is an answer to it.
    pub conditional: bool,
}

/// What came back: a page (2xx), a redirect, or a 304.
#[derive(Debug)]
pub(super) struct Answer {
    pub url: Url,
    pub status: u16,
    pub headers: Headers,
    pub body: Vec<u8>,
    pub decoded: Option<Vec<u8>>,
    pub captured: Timestamp,
    pub exchange: Exchange,
}

/// An attempt in vain, and how long the server asked to be left alone.
struct Vain {
    error: FetchError,
    retry_after: Option<Duration>,
}

impl From<FetchError> for Vain {
    fn from(error: FetchError) -> Self {
        Self { error, retry_after: None }
    }
}

impl Inner {
    /// Makes a request, and again while its failure may pass and retries are left.
    pub async fn ask(&self, ask: &Ask) -> Result<Answer, FetchError> {
        let host = ask.url.host_str().unwrap_or_default();
        let mut attempt = 0;
        loop {
            let slot = match ask.purpose {
                Purpose::Page | Purpose::Seed => self.pace.page(host).await,
                Purpose::Image => self.pace.image(host).await,
                Purpose::Robots => self.pace.robots(host).await,
            };
            let limit = self.settings.timeout;
            let vain = match timeout(limit, self.attempt(ask)).await {
                Ok(Ok(answer)) => return Ok(answer),
                Ok(Err(vain)) => vain,
                Err(_) => FetchError::Timeout { url: shown(&ask.url), limit: Limit::Total, after: limit }.into(),
            };
            if let Some(wait) = vain.retry_after {
                self.pace.block(host, wait);
            }
            // Only now, so that whoever waits for the slot finds the host blocked.
            drop(slot);
            // A host without a robots.txt that can be read is not visited at all: that is asked for again in any case.
            let least = if ask.purpose == Purpose::Robots { 1 } else { 0 };
            if attempt == self.settings.retries.max(least) || !retry::may_pass(&vain.error) {
                return Err(vain.error);
            }
            attempt += 1;
            let pause = retry::pause(self.settings.backoff, attempt, fastrand::f64());
            let wait = pause.max(vain.retry_after.unwrap_or_default());
            (self.events)(Event::Retry { url: ask.url.clone(), reason: vain.error.to_string(), wait, attempt });
            tokio::time::sleep(wait).await;
        }
    }

    async fn attempt(&self, ask: &Ask) -> Result<Answer, Vain> {
        let fields = self.fields(ask);
        let request = self.http.get(ask.url.clone()).headers(header_map(&fields));
        let limit = self.settings.first_byte_timeout;
        let mut response = match timeout(limit, request.send()).await {
            Ok(Ok(response)) => response,
            Ok(Err(error)) => return Err(self.unsent(&ask.url, &error).into()),
            Err(_) => {
                return Err(FetchError::Timeout { url: shown(&ask.url), limit: Limit::FirstByte, after: limit }.into());
            }
        };
        let captured = (self.clock)();
        let status = response.status().as_u16();
        let headers = received(response.headers());
        check_size(&ask.url, &headers)?;
        self.jar.store(&headers, &ask.url);
        let onward = redirect::is_redirect(status) && redirect::target(&ask.url, status, &headers).is_some();
        let unchanged = status == 304 && ask.conditional;
        if status == 206 {
            let reason = "the server sent only a part, unasked".to_owned();
            return Err(FetchError::Truncated { url: shown(&ask.url), reason }.into());
        }
        if !onward && !unchanged && !(200..300).contains(&status) {
            let error = FetchError::Status { url: shown(&ask.url), status };
            let field = headers.get("retry-after").filter(|_| retry::may_pass(&error));
            return Err(Vain { retry_after: field.and_then(|value| retry::retry_after(value, captured)), error });
        }
        let exchange = spoken(&ask.url, &fields, &response);
        // A 304 may state the length of the page it stands for, and has no body.
        let body = if unchanged { Vec::new() } else { self.body(ask, &mut response, onward).await? };
        let decoded = if onward { None } else { self.decode(ask, &headers, &body)? };
        Ok(Answer { url: ask.url.clone(), status, headers, body, decoded, captured, exchange })
    }

    /// The header fields with the cookies of this moment.
    fn fields(&self, ask: &Ask) -> Vec<(String, String)> {
        let mut fields = ask.headers.clone();
        add_cookies(&mut fields, self.jar.header(&ask.url));
        fields
    }

    /// The value of `Cookie` that a request would have now; None for none.
    pub fn cookie(&self, ask: &Ask) -> Option<String> {
        self.fields(ask).into_iter().find(|(name, _)| name == "cookie").map(|(_, value)| value)
    }

    fn cap(&self, purpose: Purpose) -> u64 {
        match purpose {
            Purpose::Page => self.settings.page_cap,
            Purpose::Image => self.settings.image_cap,
            Purpose::Robots => super::robots::PARSED as u64 + 1,
            Purpose::Seed => self.settings.seed_cap,
        }
    }

    /// A redirect's body is worth keeping, not worth failing for: what there is of it is kept. Of a robots.txt only the start is
    /// read, and of a feed or list that is too large.
    async fn body(&self, ask: &Ask, response: &mut Response, onward: bool) -> Result<Vec<u8>, FetchError> {
        let mut body = Vec::new();
        let stated = response.content_length();
        let cap = if onward { REDIRECT_CAP } else { self.cap(ask.purpose) };
        let is_cut = match ask.purpose {
            Purpose::Robots => true,
            Purpose::Seed => stated.is_none_or(|length| length > cap),
            Purpose::Page | Purpose::Image => false,
        };
        let whole = !onward && !is_cut;
        if whole && stated.is_some_and(|length| length > cap) {
            return Err(FetchError::TooLarge { url: shown(&ask.url), cap, decoded: false });
        }
        match self.read(&ask.url, response, cap, &mut body).await {
            Err(FetchError::TooLarge { .. }) if is_cut => {}
            Err(error) if onward => {
                let kept = body.len();
                let note = format!("of a redirect's body only {kept} bytes are kept: {error}");
                (self.events)(Event::Warning(note));
            }
            done => done?,
        }
        // Over HTTP/2 a server may end a stream early with "no error", which reads as an end.
        if let Some(stated) = stated.filter(|stated| whole && *stated != body.len() as u64) {
            let reason = format!("{} of {stated} bytes came", body.len());
            return Err(FetchError::Truncated { url: shown(&ask.url), reason });
        }
        Ok(body)
    }

    /// Reads until the end or the cap; `body` then holds what came before.
    async fn read(&self, url: &Url, response: &mut Response, cap: u64, body: &mut Vec<u8>) -> Result<(), FetchError> {
        let limit = self.settings.idle_timeout;
        loop {
            let chunk = match timeout(limit, response.chunk()).await {
                Ok(Ok(Some(chunk))) => chunk,
                Ok(Ok(None)) => return Ok(()),
                Ok(Err(error)) => return Err(FetchError::Truncated { url: shown(url), reason: root(&error) }),
                Err(_) => return Err(FetchError::Timeout { url: shown(url), limit: Limit::Idle, after: limit }),
            };
            (self.events)(Event::Received { bytes: chunk.len() as u64 });
            let room = usize::try_from(cap).unwrap_or(usize::MAX) - body.len();
            body.extend_from_slice(&chunk[..chunk.len().min(room)]);
            if chunk.len() > room {
                return Err(FetchError::TooLarge { url: shown(url), cap, decoded: false });
            }
        }
    }

    fn decode(&self, ask: &Ask, headers: &Headers, body: &[u8]) -> Result<Option<Vec<u8>>, FetchError> {
        let codings: Vec<&str> = headers.all("content-encoding").collect();
        coding::decode(&codings.join(", "), body, self.cap(ask.purpose))
            .map_err(|error| FetchError::coding(&ask.url, error))
    }

    /// Why no header fields came back.
    fn unsent(&self, url: &Url, error: &reqwest::Error) -> FetchError {
        if error.is_timeout() {
            let after = self.settings.connect_timeout;
            return FetchError::Timeout { url: shown(url), limit: Limit::Connect, after };
        }
        for cause in causes(error) {
            if let Some(error) = cause.downcast_ref::<rustls::Error>() {
                return tls::failure(url, error);
            }
            if cause.downcast_ref::<io::Error>().is_some_and(|io| io.kind() == io::ErrorKind::ConnectionRefused) {
                return FetchError::Refused { url: shown(url) };
            }
        }
        let reason = root(error);
        // The client names a malformed answer in words alone.
        match reason.starts_with("invalid") || reason.starts_with("message head") {
            true => FetchError::Protocol { url: shown(url), reason },
            false => FetchError::Connect { url: shown(url), reason },
        }
    }
}

/// An error and what it wraps, outermost first. An `io::Error` hides the error it was made of, so that is looked for.
fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |error| inner(*error))
}

fn inner<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a (dyn Error + 'static)> {
    match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
        Some(inner) => Some(inner),
        None => error.source(),
    }
}

/// The innermost cause, which names no URL.
fn root(error: &(dyn Error + 'static)) -> String {
    causes(error).last().map(ToString::to_string).unwrap_or_default()
}

/// Cookies of the run come after those the user gave.
fn add_cookies(fields: &mut Vec<(String, String)>, cookies: Option<String>) {
    let Some(cookies) = cookies else { return };
    match fields.iter_mut().find(|(name, _)| name == "cookie") {
        Some((_, value)) => *value = format!("{value}; {cookies}"),
        None => fields.push(("cookie".to_owned(), cookies)),
    }
}

/// Values that no field can hold are left out: those of the settings were checked, the others come from servers.
fn header_map(fields: &[(String, String)]) -> HeaderMap {
    let valid =
        |(name, value): &(String, String)| Some((HeaderName::try_from(name).ok()?, HeaderValue::try_from(value).ok()?));
    let mut map = HeaderMap::new();
    for (name, value) in fields.iter().filter_map(valid) {
        map.append(name, value);
    }
    map
}

fn received(map: &HeaderMap) -> Headers {
    Headers(map.iter().map(|(name, value)| (name.as_str().to_owned(), value.as_bytes().to_vec())).collect())
}

fn check_size(url: &Url, headers: &Headers) -> Result<(), FetchError> {
    let size: usize = headers.0.iter().map(|(name, value)| name.len() + value.len() + 4).sum();
    if size <= HEADERS_CAP {
        return Ok(());
    }
    Err(FetchError::Protocol { url: shown(url), reason: format!("{size} bytes of header fields") })
}

/// The request as it was on the wire: `Host` first, names as HTTP/1 or HTTP/2 writes them.
fn spoken(url: &Url, fields: &[(String, String)], response: &Response) -> Exchange {
    let protocol = match response.version() {
        reqwest::Version::HTTP_2 => "h2",
        reqwest::Version::HTTP_10 => "http/1.0",
        _ => "http/1.1",
    };
    let name = |name: &str| if protocol == "h2" { name.to_owned() } else { title_case(name) };
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    let host = format!("{}{port}", url.host_str().unwrap_or_default());
    let mut sent = vec![(name("host"), host.into_bytes())];
    let valid = header_map(fields);
    sent.extend(valid.iter().map(|(key, value)| (name(key.as_str()), value.as_bytes().to_vec())));
    Exchange {
        method: "GET".to_owned(),
        request_headers: Headers(sent),
        protocol: protocol.to_owned(),
        remote: response.remote_addr().map(|socket| socket.ip()),
    }
}

/// `user-agent` → `User-Agent`.
fn title_case(name: &str) -> String {
    let parts = name.split('-').map(|part| {
        let mut letters = part.chars();
        let first = letters.next().map(|letter| letter.to_ascii_uppercase());
        first.into_iter().chain(letters).collect::<String>()
    });
    parts.collect::<Vec<_>>().join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cookies_of_the_user_come_first() {
        let mut fields = vec![("cookie".to_owned(), "own=1".to_owned())];
        add_cookies(&mut fields, Some("site=2".into()));
        assert_eq!(fields[0].1, "own=1; site=2");
    }

    #[test]
    fn names_are_written_as_http_1_writes_them() {
        assert_eq!(title_case("if-none-match"), "If-None-Match");
        assert_eq!(title_case("dnt"), "Dnt");
    }

    #[test]
    fn header_fields_without_end_are_refused() {
        let url = Url::parse("http://example.org/").unwrap();
        let headers = |n: usize| Headers(vec![("x".into(), vec![b'a'; n])]);
        assert!(check_size(&url, &headers(1000)).is_ok());
        assert_eq!(check_size(&url, &headers(HEADERS_CAP)).unwrap_err().kind(), "protocol");
    }
}
