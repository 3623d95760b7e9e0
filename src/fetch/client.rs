//! The client: pages, images, feeds and robots.txt files, and the origins that the user named.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use parking_lot::{Mutex, RwLock};
use percent_encoding::percent_decode_str;
use reqwest::header::{HeaderName, HeaderValue};
use url::Url;

use super::address::Guard;
use super::chain::RedirectChain;
use super::closed::{ClosedOrigins, origin};
use super::cookies::Jar;
use super::error::{FetchError, bare, shown};
use super::exchange::Purpose;
use super::pace::Pace;
use super::shared::{Inner, RobotsOnce};
use super::{Event, Events, PRODUCT, Robots, Rules, Settings, Spacing, proxy, redirect, tls};
use crate::model::{Clock, RawPage, Request};

/// The maximum number of redirects of a robots.txt (RFC 9309, 2.3.1.2).
const ROBOTS_REDIRECTS: usize = 5;

/// The longest `Crawl-delay` of a robots.txt that is respected in full.
pub const CRAWL_DELAY_CAP: Duration = Duration::from_secs(30);

/// How long a robots.txt is cached, in seconds (RFC 9309, 2.4).
const ROBOTS_LIFETIME: i64 = 24 * 3600;

/// The maximum number of headers in a response.
const MAX_HEADERS: usize = 256;

/// Headers that the connection sets; settings must not.
const CONNECTION_HEADERS: [&str; 6] =
    ["Host", "Connection", "Content-Length", "Transfer-Encoding", "Upgrade", "Proxy-Authorization"];

/// Fetches URLs during one run. A clone is another handle to the same client: delays, cookies, resolved addresses and
/// robots.txt files are shared.
///
/// Works inside any tokio runtime with time and I/O enabled. Resolved addresses and cookies are kept for the client's
/// lifetime, so a long-running program creates one client per run.
#[derive(Clone)]
pub struct Client(Arc<Inner>);

impl Client {
    /// Creates a client with these settings. `clock` dates responses; `events` receives retries, progress and warnings.
    ///
    /// Reads the system's certificate store. If it is empty, bundled roots are used and one [`Event::Warning`] says so.
    /// Errors: kind `settings` for an invalid proxy URL, header or user agent.
    pub fn new(settings: Settings, clock: Clock, events: Events) -> Result<Self, FetchError> {
        check(&settings)?;
        let guard = Guard::behind(&settings.proxies);
        let tls = tls::config(&settings.authorities, |warning| events(Event::Warning(warning)))?;
        let mut http = reqwest::Client::builder()
            .tls_backend_preconfigured(tls)
            .dns_resolver(guard.clone())
            .connect_timeout(settings.connect_timeout)
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            .no_proxy()
            .http1_title_case_headers()
            .http1_max_headers(MAX_HEADERS)
            // Browsers accept these as well.
            .http1_allow_obsolete_multiline_headers_in_responses(true)
            .http1_allow_spaces_after_header_name_in_responses(true)
            .http1_ignore_invalid_headers_in_responses(true);
        for proxy in settings.proxies.urls() {
            reqwest::Proxy::all(proxy.as_str()).map_err(|_| invalid_proxy(proxy))?;
        }
        let proxies = settings.proxies.clone();
        http = http.proxy(reqwest::Proxy::custom(move |url| proxies.of(url).map(proxy::with_port)));
        let fail = |error| FetchError::Settings { reason: format!("the HTTP client cannot be created: {error}") };
        let http = http.build().map_err(fail)?;
        let pace = Pace::new(settings.delay, settings.spacing, settings.at_once);
        let jar = Jar::with(settings.cookies.clone(), clock());
        Ok(Self(Arc::new(Inner {
            http,
            settings,
            clock,
            events,
            pace,
            closed: ClosedOrigins::default(),
            jar,
            guard,
            named: RwLock::default(),
            robots: Mutex::default(),
        })))
    }

    /// Marks an origin (scheme, host, port) as named by the user: it may be private and is sent the settings' `headers`.
    ///
    /// User name and password in `url` are sent to this origin only, as Basic authentication, and are removed from every
    /// URL that the client returns. Naming an origin again without them keeps the earlier ones.
    pub fn name_origin(&self, url: &Url) {
        let mut named = self.0.named.write();
        let entry = named.entry(origin(url)).or_default();
        if let Some(authorization) = authorization(url) {
            *entry = Some(authorization);
        }
    }

    /// Fetches a page, after the delay of its host.
    ///
    /// The validators of `request` are sent, also after redirects within its host. If the page is unchanged, the result
    /// has status 304, the unchanged URL and no body. Errors: a status of 400 or more is of kind `status`; for the other
    /// kinds see [`FetchError::kind`].
    pub async fn page(&self, request: &Request) -> Result<RawPage, FetchError> {
        let chain = RedirectChain {
            referer: request.referrer.as_ref(),
            etag: request.etag.as_deref(),
            last_modified: request.last_modified.as_deref(),
            ..self.0.chain(Purpose::Page, &request.url)
        };
        self.0.fetch(&chain, bare(&request.url), Vec::new()).await
    }

    /// Fetches a feed, sitemap or list of links: like a page, but one that is too large is cut instead of refused.
    ///
    /// Errors: as [`Client::page`].
    pub async fn seed(&self, request: &Request) -> Result<RawPage, FetchError> {
        let chain = RedirectChain {
            etag: request.etag.as_deref(),
            last_modified: request.last_modified.as_deref(),
            ..self.0.chain(Purpose::Seed, &request.url)
        };
        self.0.fetch(&chain, bare(&request.url), Vec::new()).await
    }

    /// Returns how many bytes of a feed, sitemap or list [`Client::seed`] reads.
    pub fn seed_cap(&self) -> u64 {
        self.0.settings.seed_cap
    }

    /// Returns whether the user's own cookies or credentials are sent, so that a link can end a session.
    pub fn has_session(&self) -> bool {
        let settings = &self.0.settings;
        let is_secret = |name: &str| name.eq_ignore_ascii_case("cookie") || name.eq_ignore_ascii_case("authorization");
        !settings.cookies.is_empty() || settings.headers.iter().any(|(name, _)| is_secret(name))
    }

    /// Returns why cookies of the settings were not sent to their hosts, in a sentence; None if all were that should be.
    pub fn withheld_cookies(&self) -> Option<String> {
        self.0.jar.withheld()
    }

    /// Returns that none of the cookies of the settings was for a requested host, in a sentence; None if one was.
    pub fn unused_cookies(&self) -> Option<String> {
        self.0.jar.unused()
    }

    /// Returns how long to wait before the next request to the URL's host: its delay, or its `Retry-After`.
    pub fn rest(&self, url: &Url) -> Duration {
        self.0.pace.wait_time(url.host_str().unwrap_or_default())
    }

    /// Returns the maximum number of simultaneous page requests to one host.
    pub fn at_once(&self) -> NonZeroUsize {
        self.0.settings.at_once
    }

    /// Fetches an image; at most four at a time from one host.
    ///
    /// `page` is the page that contains it. An image at a private address is fetched only if its origin and the page's
    /// are both named by the user. `referer` is sent as `Referer`, without user name, password and fragment; None sends
    /// none.
    pub async fn image(&self, url: &Url, referer: Option<&Url>, page: &Url) -> Result<RawPage, FetchError> {
        let chain = RedirectChain { referer, page: Some(page), ..self.0.chain(Purpose::Image, url) };
        self.0.fetch(&chain, bare(url), Vec::new()).await
    }

    /// Follows a meta refresh: `page` is recorded as a redirect, and `target` is fetched within the same redirect limit.
    /// A target that the chain has visited is an error of kind `redirect-loop`, so do not follow a page that reloads
    /// itself.
    ///
    /// If the page did not come from a client (no URL, time and exchange), only its `requested` is kept.
    pub async fn follow(&self, page: RawPage, target: Url) -> Result<RawPage, FetchError> {
        let requested = page.requested.clone().unwrap_or_else(|| target.clone());
        let chain = self.0.chain(Purpose::Page, &requested);
        let mut hops = Vec::new();
        if let Some((before, hop)) = redirect::hop(page) {
            hops = before;
            hops.push(hop);
        }
        self.0.fetch(&chain, bare(&target), hops).await
    }

    /// Returns whether the robots.txt of its origin allows a URL. The file is cached for a day.
    ///
    /// A missing file (4xx, too many redirects) allows everything; a 5xx or no response is [`Robots::Unreachable`].
    pub async fn robots(&self, url: &Url) -> Robots {
        match self.rules(url).get_or_init(|| self.0.read_robots(url)).await {
            Ok(rules) => rules.check(url),
            Err(reason) => Robots::Unreachable { reason: reason.clone() },
        }
    }

    /// Returns the sitemaps that the robots.txt of this origin lists, as written; empty if it cannot be read.
    pub async fn sitemaps(&self, url: &Url) -> Vec<String> {
        let cell = self.rules(url);
        let rules = cell.get_or_init(|| self.0.read_robots(url)).await;
        rules.as_ref().map(|rules| rules.sitemaps().to_vec()).unwrap_or_default()
    }

    fn rules(&self, url: &Url) -> Arc<RobotsOnce> {
        let now = (self.0.clock)();
        let mut known = self.0.robots.lock();
        let (since, cell) = known.entry(origin(url)).or_insert_with(|| (now, Arc::default()));
        // A clock that was set back does not extend the lifetime.
        if !(0..ROBOTS_LIFETIME).contains(&(now.as_second() - since.as_second())) {
            (*since, *cell) = (now, Arc::default());
        }
        Arc::clone(cell)
    }
}

impl Inner {
    async fn read_robots(&self, url: &Url) -> Result<Rules, String> {
        let robots = url.join("/robots.txt").map_err(|error| error.to_string())?;
        let chain = RedirectChain { max_redirects: ROBOTS_REDIRECTS, ..self.chain(Purpose::Robots, &robots) };
        match self.fetch(&chain, bare(&robots), Vec::new()).await {
            Ok(page) => {
                let rules = Rules::parse(page.content(), PRODUCT);
                self.apply_crawl_delay(url, rules.crawl_delay());
                Ok(rules)
            }
            Err(FetchError::Status { status: ..500, .. }) => Ok(Rules::default()),
            Err(FetchError::Redirects { .. } | FetchError::RedirectLoop { .. }) => Ok(Rules::default()),
            Err(error) => Err(error.failure().message),
        }
    }

    /// Applies a host's `Crawl-delay`, up to [`CRAWL_DELAY_CAP`], if the settings space all requests.
    fn apply_crawl_delay(&self, url: &Url, asked: Option<Duration>) {
        let Some(asked) = asked.filter(|_| self.settings.spacing == Spacing::AllRequests) else { return };
        let host = url.host_str().unwrap_or_default();
        if asked > CRAWL_DELAY_CAP {
            (self.events)(Event::Warning(format!(
                "{host}: robots.txt sets a crawl delay of {} s; using the maximum of {} s",
                asked.as_secs(),
                CRAWL_DELAY_CAP.as_secs()
            )));
        }
        self.pace.set_delay(host, asked.min(CRAWL_DELAY_CAP));
    }
}

/// Returns the `Authorization` of a URL (`user:pass@` → `Basic dXNlcjpwYXNz`); None without user name and password.
fn authorization(url: &Url) -> Option<String> {
    if url.username().is_empty() && url.password().is_none() {
        return None;
    }
    let mut secret: Vec<u8> = percent_decode_str(url.username()).collect();
    secret.push(b':');
    secret.extend(percent_decode_str(url.password().unwrap_or_default()));
    Some(format!("Basic {}", BASE64_STANDARD.encode(secret)))
}

/// Checks what the underlying client would ignore or refuse later.
fn check(settings: &Settings) -> Result<(), FetchError> {
    let refuse = |reason: String| Err(FetchError::Settings { reason });
    let is_valid = |value: &String| HeaderValue::try_from(value).is_ok();
    if !is_valid(&settings.user_agent) {
        return refuse(format!(
            "invalid user agent `{}`: remove control characters",
            settings.user_agent.escape_debug()
        ));
    }
    if let Some(language) = settings.accept_language.as_ref().filter(|language| !is_valid(language)) {
        return refuse(format!("invalid language `{}`: remove control characters", language.escape_debug()));
    }
    // Requests would bypass a proxy of another scheme.
    if let Some(proxy) = settings.proxies.urls().find(|proxy| !proxy::SCHEMES.contains(&proxy.scheme())) {
        return Err(invalid_proxy(proxy));
    }
    for (name, value) in &settings.headers {
        if HeaderName::try_from(name).is_err() {
            return refuse(format!(
                "invalid header name `{}`: use letters, digits and hyphens, as in `X-Token`",
                name.escape_debug()
            ));
        }
        // The value may be a secret.
        if !is_valid(value) {
            return refuse(format!("invalid value of header `{name}`: remove control characters"));
        }
        if CONNECTION_HEADERS.iter().any(|own| own.eq_ignore_ascii_case(name)) {
            return refuse(format!("header `{name}` is set by bindery itself: omit it"));
        }
    }
    Ok(())
}

fn invalid_proxy(proxy: &Url) -> FetchError {
    FetchError::Settings {
        reason: format!("invalid proxy URL `{}`: use http://HOST:PORT or socks5h://HOST:PORT", shown(proxy)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::FailureKind;

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    #[test]
    fn user_name_and_password_become_basic_authentication() {
        assert_eq!(authorization(&url("http://user:pass@example.org/")).unwrap(), "Basic dXNlcjpwYXNz");
        let decoded = authorization(&url("http://a%40b:%E4%B8%AD%zz%@example.org/")).unwrap();
        assert_eq!(decoded, format!("Basic {}", BASE64_STANDARD.encode("a@b:中%zz%")));
        assert_eq!(authorization(&url("http://example.org/")), None);
    }

    #[test]
    fn an_origin_is_scheme_host_and_port() {
        assert_eq!(origin(&url("https://u@Example.org:443/a")), origin(&url("https://example.org/b")));
        assert_ne!(origin(&url("https://example.org/")), origin(&url("http://example.org/")));
        assert_ne!(origin(&url("https://example.org/")), origin(&url("https://example.org:8443/")));
    }

    #[test]
    fn invalid_settings_are_refused_before_the_first_request() {
        let refused = |settings: Settings| {
            let error = check(&settings).unwrap_err();
            assert_eq!(error.kind(), FailureKind::Settings);
            error.to_string()
        };
        for (name, value, message) in [
            ("a b", "x", "invalid header name `a b`"),
            ("X-A", "geheim\nb", "invalid value of header `X-A`"),
            ("Host", "example.org", "header `Host` is set by bindery itself"),
        ] {
            let settings = Settings { headers: vec![(name.into(), value.into())], ..Settings::default() };
            let refused = refused(settings);
            assert!(refused.starts_with(message) && !refused.contains("geheim"), "{refused}");
        }
        let agent = refused(Settings { user_agent: "a\nb".into(), ..Settings::default() });
        assert!(agent.starts_with("invalid user agent `a\\nb`"), "{agent}");
        let proxy = refused(Settings {
            proxies: crate::fetch::Proxies::all(url("ftp://user:geheim@proxy.test/")),
            ..Settings::default()
        });
        assert!(proxy.starts_with("invalid proxy URL `ftp://proxy.test/`"), "{proxy}");
        assert_eq!(check(&Settings::default()), Ok(()));
    }
}
