//! The client: what to ask for, of whom, and where redirects lead.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use reqwest::header::{HeaderName, HeaderValue};
use tokio::sync::OnceCell;
use url::Url;

use super::address::Guard;
use super::cookies::Jar;
use super::error::{FetchError, bare};
use super::exchange::Purpose;
use super::pace::Pace;
use super::travel::Trip;
use super::{Event, Events, PRODUCT, Robots, Rules, Settings, redirect, tls};
use crate::model::{Clock, RawPage, Request, Timestamp};

/// How many redirects of a robots.txt are followed (RFC 9309, 2.3.1.2).
const ROBOTS_REDIRECTS: usize = 5;

/// The longest pause between two requests that a robots.txt can ask for.
pub const CRAWL_DELAY_CAP: Duration = Duration::from_secs(30);

/// How long a robots.txt is good for, in seconds (RFC 9309, 2.4).
const ROBOTS_LAST: i64 = 24 * 3600;

/// How many header fields an answer may have.
const MOST_FIELDS: usize = 256;

/// Fields that nobody may set by hand.
const CONNECTION_FIELDS: [&str; 6] =
    ["Host", "Connection", "Content-Length", "Transfer-Encoding", "Upgrade", "Proxy-Authorization"];

/// Visits the web for one run. A clone is another handle on the same client: it shares pace, cookies, URLs and robots.txt.
///
/// Works inside any tokio runtime with time and I/O enabled. A name is resolved once in the client's life, and cookies
/// last as long: a program that runs for days makes a client a run.
#[derive(Clone)]
pub struct Client(Arc<Inner>);

/// The robots.txt of one origin, or why it could not be read.
type RobotsOnce = OnceCell<Result<Rules, String>>;

pub(super) struct Inner {
    pub(super) http: reqwest::Client,
    pub(super) settings: Settings,
    pub(super) clock: Clock,
    pub(super) events: Events,
    pub(super) pace: Pace,
    pub(super) jar: Jar,
    pub(super) guard: Guard,
    /// Origins the user named, with the value of `Authorization` where the URL gave one.
    named: RwLock<BTreeMap<String, Option<String>>>,
    /// By origin, with when it was asked for.
    robots: Mutex<HashMap<String, (Timestamp, Arc<RobotsOnce>)>>,
}

impl Client {
    /// A client with these settings. `clock` dates what is received, `events` hears what happens.
    ///
    /// Reads the system's certificate store; when it is empty, bundled roots stand in and one [`Event::Warning`] says so.
    /// Errors: kind `settings` for a header field or user agent that cannot be sent.
    pub fn new(settings: Settings, clock: Clock, events: Events) -> Result<Self, FetchError> {
        check(&settings)?;
        let guard = Guard::behind(&settings.proxies);
        let tls = tls::config(|warning| events(Event::Warning(warning)))?;
        let mut http = reqwest::Client::builder()
            .tls_backend_preconfigured(tls)
            .dns_resolver(guard.clone())
            .connect_timeout(settings.connect_timeout)
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            .no_proxy()
            .http1_title_case_headers()
            .http1_max_headers(MOST_FIELDS)
            // What every browser forgives.
            .http1_allow_obsolete_multiline_headers_in_responses(true)
            .http1_allow_spaces_after_header_name_in_responses(true)
            .http1_ignore_invalid_headers_in_responses(true);
        for proxy in settings.proxies.urls() {
            let reason = "invalid proxy URL".to_owned();
            reqwest::Proxy::all(proxy.as_str()).map_err(|_| FetchError::Settings { reason })?;
        }
        let proxies = settings.proxies.clone();
        http = http.proxy(reqwest::Proxy::custom(move |url| proxies.of(url).cloned()));
        let http = http.build().map_err(|error| FetchError::Settings { reason: error.to_string() })?;
        let pace = Pace::new(settings.delay, settings.even_pace, settings.at_once);
        let jar = Jar::with(settings.cookies.clone(), clock());
        Ok(Self(Arc::new(Inner {
            http,
            settings,
            clock,
            events,
            pace,
            jar,
            guard,
            named: RwLock::default(),
            robots: Mutex::default(),
        })))
    }

    /// Notes an origin (scheme, host, port) that the user named: it may be private and gets the settings' `headers`.
    ///
    /// User name and password in `url` become its Basic authentication; no other origin gets them, and no URL
    /// that comes out of the client shows them. Naming an origin again without them keeps those given before.
    pub fn name_origin(&self, url: &Url) {
        let mut named = self.0.named.write().unwrap_or_else(PoisonError::into_inner);
        let entry = named.entry(origin(url)).or_default();
        if let Some(authorization) = authorization(url) {
            *entry = Some(authorization);
        }
    }

    /// Fetches a page: one at a time from one host, after the delay.
    ///
    /// The validators of `request` go along, also through redirects within its host. A 304 that answers them is a page
    /// with status 304 and no body; its `url` says which URL is unchanged. Errors: a status of 400 or more is of
    /// kind `status`, see [`FetchError::kind`] for the others.
    pub async fn page(&self, request: &Request) -> Result<RawPage, FetchError> {
        let trip = Trip {
            referer: request.referrer.as_ref(),
            etag: request.etag.as_deref(),
            last_modified: request.last_modified.as_deref(),
            ..self.0.trip(Purpose::Page, &request.url)
        };
        self.0.travel(&trip, bare(&request.url), Vec::new()).await
    }

    /// Fetches what may be a feed, a sitemap or a list: as a page, but of one that is too large only the start is kept.
    ///
    /// Errors: as [`Client::page`].
    pub async fn seed(&self, request: &Request) -> Result<RawPage, FetchError> {
        let trip = Trip {
            etag: request.etag.as_deref(),
            last_modified: request.last_modified.as_deref(),
            ..self.0.trip(Purpose::Seed, &request.url)
        };
        self.0.travel(&trip, bare(&request.url), Vec::new()).await
    }

    /// How much of what [`Client::seed`] fetches is kept, in bytes.
    pub fn seed_cap(&self) -> u64 {
        self.0.settings.seed_cap
    }

    /// How long it is until the host of a URL may be asked again: its pause, or what `Retry-After` said.
    pub fn rest(&self, url: &Url) -> Duration {
        self.0.pace.rest(url.host_str().unwrap_or_default())
    }

    /// Fetches an image: at most four at once from one host.
    ///
    /// `page` is the page it belongs to: only a page of a named origin may show images of a private one, which must be
    /// named too. `referer` is what to send as `Referer`, None for nothing; user name, password and fragment are cut off.
    pub async fn image(&self, url: &Url, referer: Option<&Url>, page: &Url) -> Result<RawPage, FetchError> {
        let trip = Trip { referer, page: Some(page), ..self.0.trip(Purpose::Image, url) };
        self.0.travel(&trip, bare(url), Vec::new()).await
    }

    /// Goes on from a page that sends its reader elsewhere (a meta refresh): the page becomes a redirect on record and
    /// `target` is fetched within the same budget. A target that was visited on the way is kind `redirect-loop`, so a
    /// page that merely reloads itself must not be followed.
    ///
    /// Of a page that no client fetched (without URL, time and exchange) only `requested` is kept.
    pub async fn follow(&self, page: RawPage, target: Url) -> Result<RawPage, FetchError> {
        let requested = page.requested.clone().unwrap_or_else(|| target.clone());
        let trip = self.0.trip(Purpose::Page, &requested);
        let mut hops = Vec::new();
        if let Some((before, hop)) = redirect::hop(page) {
            hops = before;
            hops.push(hop);
        }
        self.0.travel(&trip, bare(&target), hops).await
    }

    /// What the robots.txt of that origin says of a URL. It is fetched once a day.
    ///
    /// None there (4xx, too many redirects) allows everything; an answer of 5xx or none at all is [`Robots::Unreachable`].
    pub async fn robots(&self, url: &Url) -> Robots {
        match self.rules(url).get_or_init(|| self.0.read_robots(url)).await {
            Ok(rules) => rules.check(url),
            Err(reason) => Robots::Unreachable { reason: reason.clone() },
        }
    }

    /// The sitemaps that the robots.txt of that origin names, as written; none when it cannot be read.
    pub async fn sitemaps(&self, url: &Url) -> Vec<String> {
        let cell = self.rules(url);
        let rules = cell.get_or_init(|| self.0.read_robots(url)).await;
        rules.as_ref().map(|rules| rules.sitemaps().to_vec()).unwrap_or_default()
    }

    fn rules(&self, url: &Url) -> Arc<RobotsOnce> {
        let now = (self.0.clock)();
        let mut known = self.0.robots.lock().unwrap_or_else(PoisonError::into_inner);
        let (since, cell) = known.entry(origin(url)).or_insert_with(|| (now, Arc::default()));
        // A clock that was set back makes nothing last longer.
        if !(0..ROBOTS_LAST).contains(&(now.as_second() - since.as_second())) {
            (*since, *cell) = (now, Arc::default());
        }
        Arc::clone(cell)
    }
}

impl Inner {
    async fn read_robots(&self, url: &Url) -> Result<Rules, String> {
        let robots = url.join("/robots.txt").map_err(|error| error.to_string())?;
        let trip = Trip { max_redirects: ROBOTS_REDIRECTS, ..self.trip(Purpose::Robots, &robots) };
        match self.travel(&trip, bare(&robots), Vec::new()).await {
            Ok(page) => {
                let rules = Rules::parse(page.content(), PRODUCT);
                self.heed_pause(url, rules.crawl_delay());
                Ok(rules)
            }
            Err(FetchError::Status { status: ..500, .. }) => Ok(Rules::default()),
            Err(FetchError::Redirects { .. } | FetchError::RedirectLoop { .. }) => Ok(Rules::default()),
            Err(error) => Err(error.to_string()),
        }
    }

    /// Slows down for a host that asks for it, as far as is bearable.
    fn heed_pause(&self, url: &Url, asked: Option<Duration>) {
        let Some(asked) = asked.filter(|_| self.settings.even_pace) else { return };
        let host = url.host_str().unwrap_or_default();
        if asked > CRAWL_DELAY_CAP {
            (self.events)(Event::Warning(format!(
                "{host}: its robots.txt asks for {} s between two requests; {} s are kept",
                asked.as_secs(),
                CRAWL_DELAY_CAP.as_secs()
            )));
        }
        self.pace.slow(host, asked.min(CRAWL_DELAY_CAP));
    }

    /// Whether the user named the origin.
    pub(super) fn is_named(&self, url: &Url) -> bool {
        self.named.read().unwrap_or_else(PoisonError::into_inner).contains_key(&origin(url))
    }

    /// The value of `Authorization` for the origin; None when the user gave none.
    pub(super) fn authorization(&self, url: &Url) -> Option<String> {
        self.named.read().unwrap_or_else(PoisonError::into_inner).get(&origin(url)).cloned().flatten()
    }
}

/// Scheme, host and port as one text, the port always there or never.
fn origin(url: &Url) -> String {
    url.origin().ascii_serialization()
}

/// `user:pass@` → `Basic dXNlcjpwYXNz`; None without a user name and a password.
fn authorization(url: &Url) -> Option<String> {
    if url.username().is_empty() && url.password().is_none() {
        return None;
    }
    let mut secret = percent_decoded(url.username());
    secret.push(b':');
    secret.extend(percent_decoded(url.password().unwrap_or_default()));
    Some(format!("Basic {}", BASE64_STANDARD.encode(secret)))
}

fn percent_decoded(text: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [byte, tail @ ..] = rest {
        let coded = tail.get(..2).filter(|_| *byte == b'%').and_then(|pair| std::str::from_utf8(pair).ok());
        match coded.and_then(|pair| u8::from_str_radix(pair, 16).ok()) {
            Some(octet) => {
                out.push(octet);
                rest = &tail[2..];
            }
            None => {
                out.push(*byte);
                rest = tail;
            }
        }
    }
    out
}

fn check(settings: &Settings) -> Result<(), FetchError> {
    let wrong = |reason: String| Err(FetchError::Settings { reason });
    if HeaderValue::try_from(&settings.user_agent).is_err() {
        return wrong("the user agent holds characters that no header field can".to_owned());
    }
    if settings.accept_language.as_ref().is_some_and(|value| HeaderValue::try_from(value).is_err()) {
        return wrong("the language holds characters that no header field can".to_owned());
    }
    for (name, value) in &settings.headers {
        if HeaderName::try_from(name).is_err() {
            return wrong(format!("`{name}` is no name of a header field"));
        }
        if HeaderValue::try_from(value).is_err() {
            return wrong(format!("the value of the header field `{name}` holds characters that it cannot"));
        }
        if CONNECTION_FIELDS.iter().any(|own| own.eq_ignore_ascii_case(name)) {
            return wrong(format!("the header field `{name}` belongs to the connection"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    #[test]
    fn user_name_and_password_become_basic_authentication() {
        assert_eq!(authorization(&url("http://user:pass@example.org/")).unwrap(), "Basic dXNlcjpwYXNz");
        assert_eq!(percent_decoded("a%40b%E4%B8%AD%zz%"), "a@b中%zz%".as_bytes());
        assert_eq!(authorization(&url("http://example.org/")), None);
    }

    #[test]
    fn an_origin_is_scheme_host_and_port() {
        assert_eq!(origin(&url("https://u@Example.org:443/a")), origin(&url("https://example.org/b")));
        assert_ne!(origin(&url("https://example.org/")), origin(&url("http://example.org/")));
        assert_ne!(origin(&url("https://example.org/")), origin(&url("https://example.org:8443/")));
    }

    #[test]
    fn a_header_that_cannot_be_sent_is_refused_before_the_first_request() {
        for (name, value) in [("a b", "x"), ("X-A", "a\nb"), ("Host", "example.org")] {
            let settings = Settings { headers: vec![(name.into(), value.into())], ..Settings::default() };
            assert_eq!(check(&settings).unwrap_err().kind(), "settings", "{name}");
        }
        assert_eq!(check(&Settings::default()), Ok(()));
    }
}
