//! One request and its response: timeouts, size limits, content codings and retries.

use std::error::Error;
use std::io;
use std::time::Duration;

use reqwest::Response;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use tokio::time::timeout;
use url::Url;

use super::error::{FetchError, Limit, shown};
use super::shared::Inner;
use super::{Event, redirect, retry, tls};
use crate::model::{Exchange, Headers, Hop, Timestamp, brief};
use crate::warc::coding::{self, Decoded};

/// The maximum size of a redirect's body that is kept, in bytes.
const REDIRECT_CAP: u64 = 1 << 20;

/// The maximum size of a response's headers, in bytes.
const HEADERS_CAP: usize = 64 << 10;

/// The maximum length of what a library says of a connection, in characters.
const MOST_OF_REASON: usize = 90;

/// What a request is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    Page,
    Image,
    Robots,
    /// A feed, sitemap or list of links.
    Seed,
}

/// A request that is ready to be sent.
pub(super) struct PreparedRequest {
    pub url: Url,
    pub purpose: Purpose,
    /// Without `Host` and `Cookie`; names in lower case.
    pub headers: Vec<(String, String)>,
    /// True if it has a validator, so that the server may respond with 304.
    pub conditional: bool,
}

/// A response that is not an error: 2xx, a redirect, or a 304 to a conditional request.
#[derive(Debug)]
pub(super) struct Answer {
    pub url: Url,
    pub status: u16,
    pub headers: Headers,
    pub body: Vec<u8>,
    pub decoded: Option<Vec<u8>>,
    /// Why a part of the body may be missing or wrong, as a clause.
    pub damage: Option<String>,
    pub captured: Timestamp,
    pub exchange: Exchange,
}

impl From<Answer> for Hop {
    fn from(answer: Answer) -> Self {
        let Answer { url, status, headers, body, captured, exchange, .. } = answer;
        Self { url, status, headers, body, captured, exchange }
    }
}

/// Why an attempt failed, with the `Retry-After` of the response.
struct AttemptError {
    error: FetchError,
    retry_after: Option<Duration>,
}

impl AttemptError {
    /// Returns the error of a response that is neither content nor a redirect.
    fn of_status(url: &Url, status: u16, headers: &Headers, now: Timestamp) -> Self {
        let error = FetchError::Status { url: shown(url), status };
        let field = headers.get("retry-after").filter(|_| error.may_pass());
        match field.and_then(|value| retry::retry_after(value, now)) {
            Some(wait) if wait > retry::RETRY_AFTER_CAP => {
                let seconds = i64::try_from(wait.as_secs()).unwrap_or(i64::MAX);
                let until = Timestamp::from_second(now.as_second().saturating_add(seconds)).unwrap_or(now);
                FetchError::later(url, status, until, now).into()
            }
            retry_after => Self { error, retry_after },
        }
    }
}

impl From<FetchError> for AttemptError {
    fn from(error: FetchError) -> Self {
        Self { error, retry_after: None }
    }
}

/// The body of a response.
struct Body {
    bytes: Vec<u8>,
    /// Why it is incomplete, as a clause; None if it is complete or needs not be.
    damage: Option<String>,
}

impl From<Vec<u8>> for Body {
    fn from(bytes: Vec<u8>) -> Self {
        Self { bytes, damage: None }
    }
}

impl Inner {
    /// Sends a request, and retries while the failure may be temporary and retries are left.
    pub async fn send(&self, request: &PreparedRequest) -> Result<Answer, FetchError> {
        let host = request.url.host_str().unwrap_or_default();
        let mut attempt = 0;
        loop {
            let permit = match request.purpose {
                Purpose::Page | Purpose::Seed => self.pace.page(host).await,
                Purpose::Image => self.pace.image(host).await,
                Purpose::Robots => self.pace.robots(host).await,
            };
            // An answer to an earlier request may have closed the origin while this one waited.
            self.closed.check(&request.url, (self.clock)())?;
            let limit = self.settings.timeout;
            let failed = match timeout(limit, self.attempt(request)).await {
                Ok(Ok(Answer { damage: Some(reason), .. })) if attempt < self.settings.retries => {
                    FetchError::truncated(&request.url, reason).into()
                }
                Ok(Ok(answer)) => return Ok(answer),
                Ok(Err(failed)) => failed,
                Err(_) => FetchError::Timeout { url: shown(&request.url), limit: Limit::Total, after: limit }.into(),
            };
            if let Some(wait) = failed.retry_after {
                self.pace.block(host, wait);
            }
            // Not earlier: the next request that gets the permit must find the host blocked.
            drop(permit);
            if attempt >= self.retries(request.purpose, &failed.error) {
                return Err(failed.error);
            }
            attempt += 1;
            let pause = retry::pause(self.settings.backoff, attempt, fastrand::f64());
            let wait = pause.max(failed.retry_after.unwrap_or_default());
            (self.events)(Event::Retry { url: request.url.clone(), reason: failed.error.to_string(), wait, attempt });
            tokio::time::sleep(wait).await;
        }
    }

    /// Returns how often a request is retried after an error.
    fn retries(&self, purpose: Purpose, error: &FetchError) -> u32 {
        let most = self.settings.retries;
        match error {
            // The system itself has sent its packets several times until then.
            FetchError::Timeout { limit, .. } if limit.is_of_connecting() => 0,
            // A server that was too slow once will be again, and each attempt takes long.
            FetchError::Timeout { .. } if purpose == Purpose::Robots => 0,
            FetchError::Timeout { .. } => most.min(1),
            // Without its robots.txt nothing of a host is visited.
            error if error.may_pass() && purpose == Purpose::Robots => most.max(1),
            error if error.may_pass() => most,
            _ => 0,
        }
    }

    async fn attempt(&self, request: &PreparedRequest) -> Result<Answer, AttemptError> {
        let url = &request.url;
        let fields = self.fields(request);
        let sent = self.http.get(url.clone()).headers(header_map(&fields)).send();
        let limit = self.settings.first_byte_timeout;
        let mut response = match timeout(limit, sent).await {
            Ok(Ok(response)) => response,
            Ok(Err(error)) => return Err(self.connection_error(url, &error).into()),
            Err(_) => {
                return Err(FetchError::Timeout { url: shown(url), limit: Limit::FirstByte, after: limit }.into());
            }
        };
        let captured = (self.clock)();
        let status = response.status().as_u16();
        let headers = received(response.headers());
        check_size(url, &headers)?;
        self.jar.store(&headers, url);
        let redirects = redirect::is_redirect(status) && redirect::target(url, status, &headers).is_some();
        let unchanged = status == 304 && request.conditional;
        if status == 206 {
            let reason = "the server sent a part of it without being asked to".to_owned();
            return Err(FetchError::Truncated { url: shown(url), reason }.into());
        }
        if !redirects && !unchanged && !(200..300).contains(&status) {
            return Err(AttemptError::of_status(url, status, &headers, captured));
        }
        let exchange = exchange(url, &fields, &response);
        let role = if redirects { BodyRole::Redirect } else { BodyRole::Content };
        // A 304 may state the length of the page that is unchanged; it has no body itself.
        let Body { bytes: body, damage } =
            if unchanged { Vec::new().into() } else { self.body(request, &mut response, role).await? };
        let decoded = if redirects { Decoded::default() } else { self.decode(request, &headers, &body)? };
        let damage = damage.or(decoded.damage);
        if let (Some(reason), Purpose::Image) = (&damage, request.purpose) {
            return Err(FetchError::truncated(url, reason.clone()).into());
        }
        Ok(Answer { url: url.clone(), status, headers, body, decoded: decoded.body, damage, captured, exchange })
    }

    /// Returns the headers with the current cookies.
    fn fields(&self, request: &PreparedRequest) -> Vec<(String, String)> {
        let mut fields = request.headers.clone();
        add_cookies(&mut fields, self.jar.header(&request.url));
        fields
    }

    /// Returns the value of `Cookie` that would be sent now; None for none.
    pub fn cookie(&self, request: &PreparedRequest) -> Option<String> {
        self.fields(request).into_iter().find(|(name, _)| name == "cookie").map(|(_, value)| value)
    }

    fn cap(&self, purpose: Purpose) -> u64 {
        match purpose {
            Purpose::Page => self.settings.page_cap,
            Purpose::Image => self.settings.image_cap,
            Purpose::Robots => super::robots::PARSED as u64 + 1,
            Purpose::Seed => self.settings.seed_cap,
        }
    }

    /// Reads the body. Only the start of a robots.txt, and of a feed or list that is too large, is read. An incomplete body
    /// of a redirect is kept and not an error. One that is shorter than its `Content-Length` is returned as damaged: that
    /// number is often wrong. Other incomplete bodies are errors.
    async fn body(
        &self,
        request: &PreparedRequest,
        response: &mut Response,
        role: BodyRole,
    ) -> Result<Body, FetchError> {
        let mut body = Vec::new();
        let stated = response.content_length();
        let is_redirect = role == BodyRole::Redirect;
        let cap = if is_redirect { REDIRECT_CAP } else { self.cap(request.purpose) };
        let is_cut = match request.purpose {
            Purpose::Robots => true,
            Purpose::Seed => stated.is_none_or(|length| length > cap),
            Purpose::Page | Purpose::Image => false,
        };
        let must_be_complete = !is_redirect && !is_cut;
        if must_be_complete && stated.is_some_and(|length| length > cap) {
            return Err(FetchError::TooLarge { url: shown(&request.url), cap, decoded: false });
        }
        match self.read(&request.url, response, cap, &mut body).await {
            Err(FetchError::TooLarge { .. }) if is_cut => {}
            Err(FetchError::Truncated { .. }) if must_be_complete && stated.is_some() && !body.is_empty() => {}
            Err(error) if is_redirect => {
                let kept = body.len();
                let note = format!("kept only {kept} bytes of a redirect's body: {error}");
                (self.events)(Event::Warning(note));
            }
            done => done?,
        }
        // Over HTTP/2 a server may end a stream early with "no error", which reads as an end.
        let received = body.len() as u64;
        let missing = stated.filter(|stated| must_be_complete && received < *stated);
        let damage = missing.map(|stated| format!("only {received} of {stated} bytes were received"));
        match damage {
            Some(reason) if received == 0 => Err(FetchError::truncated(&request.url, reason)),
            damage => Ok(Body { bytes: body, damage }),
        }
    }

    /// Reads the body to its end, or an error at `cap`; `body` holds what was received until then.
    async fn read(&self, url: &Url, response: &mut Response, cap: u64, body: &mut Vec<u8>) -> Result<(), FetchError> {
        let limit = self.settings.idle_timeout;
        loop {
            let chunk = match timeout(limit, response.chunk()).await {
                Ok(Ok(Some(chunk))) => chunk,
                Ok(Ok(None)) => return Ok(()),
                Ok(Err(error)) => return Err(FetchError::truncated(url, brief(&root(&error), MOST_OF_REASON))),
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

    fn decode(&self, request: &PreparedRequest, headers: &Headers, body: &[u8]) -> Result<Decoded, FetchError> {
        let codings: Vec<&str> = headers.all("content-encoding").collect();
        coding::decode(&codings.join(", "), body, self.cap(request.purpose))
            .map_err(|error| FetchError::coding(&request.url, error))
    }

    /// Returns why no response headers were received.
    fn connection_error(&self, url: &Url, error: &reqwest::Error) -> FetchError {
        let url_shown = shown(url);
        if is_timeout(error) {
            let limit = if url.scheme() == "https" { Limit::Handshake } else { Limit::Connect };
            return FetchError::Timeout { url: url_shown, limit, after: self.settings.connect_timeout };
        }
        if let Some(error) = causes(error).find_map(|cause| cause.downcast_ref::<rustls::Error>()) {
            return tls::failure(url, error);
        }
        // A request for http:// is sent to the proxy itself.
        let proxy = self.settings.proxies.of(url).filter(|_| error.is_connect() || url.scheme() == "http");
        let is_refused = causes(error).any(|cause| {
            cause.downcast_ref::<io::Error>().is_some_and(|io| io.kind() == io::ErrorKind::ConnectionRefused)
        });
        let reason = brief(&root(error), MOST_OF_REASON);
        // reqwest has no type for a malformed response, only these texts.
        let is_malformed = reason.starts_with("invalid") || reason.starts_with("message head");
        match proxy {
            _ if is_malformed => FetchError::Protocol { url: url_shown, reason },
            Some(proxy) => FetchError::Proxy { url: url_shown, proxy: shown(proxy), reason },
            None if is_refused => FetchError::Refused { url: url_shown },
            None => FetchError::Connect { url: url_shown, reason },
        }
    }
}

/// What a body belongs to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum BodyRole {
    Content,
    Redirect,
}

/// Returns whether connecting took too long: the whole of it, or one of its steps.
fn is_timeout(error: &reqwest::Error) -> bool {
    let is_io = |cause: &(dyn Error + 'static)| {
        cause.downcast_ref::<io::Error>().is_some_and(|io| io.kind() == io::ErrorKind::TimedOut)
    };
    error.is_timeout() || error.is_connect() && causes(error).any(is_io)
}

/// Returns an error and its causes, outermost first. `source` of an `io::Error` skips the error that it wraps.
fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |error| inner(*error))
}

fn inner<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a (dyn Error + 'static)> {
    match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
        Some(inner) => Some(inner),
        None => error.source(),
    }
}

/// Returns the text of the innermost cause, which contains no URL.
fn root(error: &(dyn Error + 'static)) -> String {
    causes(error).last().map(ToString::to_string).unwrap_or_default()
}

/// Appends the cookies of the run to those of the user's `Cookie` header.
fn add_cookies(fields: &mut Vec<(String, String)>, cookies: Option<String>) {
    let Some(cookies) = cookies else { return };
    match fields.iter_mut().find(|(name, _)| name == "cookie") {
        Some((_, value)) => *value = format!("{value}; {cookies}"),
        None => fields.push(("cookie".to_owned(), cookies)),
    }
}

/// Returns the headers without invalid ones: those of the settings were checked, so these come from servers.
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
    Err(FetchError::Protocol { url: shown(url), reason: format!("{size} bytes of headers") })
}

/// Returns the request as it was sent: `Host` first, names as HTTP/1 or HTTP/2 writes them.
fn exchange(url: &Url, fields: &[(String, String)], response: &Response) -> Exchange {
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

/// Returns a header name as HTTP/1 writes it (`user-agent` → `User-Agent`).
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
    use crate::model::FailureKind;

    #[test]
    fn cookies_of_the_user_come_first() {
        let mut fields = vec![("cookie".to_owned(), "own=1".to_owned())];
        add_cookies(&mut fields, Some("site=2".into()));
        assert_eq!(fields[0].1, "own=1; site=2");
    }

    #[test]
    fn header_names_are_written_in_title_case() {
        assert_eq!(title_case("if-none-match"), "If-None-Match");
        assert_eq!(title_case("dnt"), "Dnt");
    }

    #[test]
    fn headers_beyond_the_size_limit_are_refused() {
        let url = Url::parse("http://example.org/").unwrap();
        let headers = |n: usize| Headers(vec![("x".into(), vec![b'a'; n])]);
        assert!(check_size(&url, &headers(1000)).is_ok());
        assert_eq!(check_size(&url, &headers(HEADERS_CAP)).unwrap_err().kind(), FailureKind::Protocol);
    }
}
