//! Settings of a client, and the events that it reports.

use std::fmt;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use url::Url;

use super::{Cookie, Proxies};

/// Which requests to one host the delay is kept between.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spacing {
    /// Those for pages; images and robots.txt are requested at once.
    Pages,
    /// All, and `Crawl-delay` is respected, as crawls should.
    AllRequests,
}

/// Settings of a client.
#[derive(Clone)]
pub struct Settings {
    /// `User-Agent`.
    pub user_agent: String,
    /// `Accept-Language`; None sends none.
    pub accept_language: Option<String>,
    /// Headers that are sent to origins named by the user only. They replace the client's of the same name.
    pub headers: Vec<(String, String)>,
    /// The time limit of one request, including the body.
    pub timeout: Duration,
    /// The time limit of resolving a name, and of connecting, TLS handshake included.
    pub connect_timeout: Duration,
    /// The time limit until the headers are received, including connecting.
    pub first_byte_timeout: Duration,
    /// The time limit for the next bytes of a body.
    pub idle_timeout: Duration,
    /// The delay between two page requests to one host, from the end of the last response.
    pub delay: Duration,
    /// Which requests the delay applies to.
    pub spacing: Spacing,
    /// The maximum number of concurrent requests to one host, not counting images unless all requests are spaced. A host with a
    /// `Crawl-delay` that is respected gets one request at a time.
    pub at_once: NonZeroUsize,
    /// The maximum number of retries after a failure that may be temporary.
    pub retries: u32,
    /// The maximum pause before the first retry; it doubles for each, and a random part of it is waited.
    pub backoff: Duration,
    /// The maximum number of redirects, including refreshes.
    pub max_redirects: usize,
    /// The maximum size of a page in bytes, as sent and decoded.
    pub page_cap: u64,
    /// The maximum size of an image in bytes, as sent and decoded.
    pub image_cap: u64,
    /// The number of bytes of a feed, sitemap or list that are read, as sent; also its maximum size when decoded.
    pub seed_cap: u64,
    /// The user's cookies.
    pub cookies: Vec<Cookie>,
    /// The proxies that requests go through.
    pub proxies: Proxies,
    /// Certificate authorities to trust besides those of the system, in PEM.
    pub authorities: Vec<u8>,
    /// Whether private, loopback and link-local addresses may be requested although the user did not name them.
    pub allow_private: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            user_agent: concat!("bindery/", env!("CARGO_PKG_VERSION")).to_owned(),
            accept_language: None,
            headers: Vec::new(),
            timeout: Duration::from_secs(120),
            connect_timeout: Duration::from_secs(10),
            first_byte_timeout: Duration::from_secs(30),
            idle_timeout: Duration::from_secs(20),
            delay: Duration::ZERO,
            spacing: Spacing::Pages,
            at_once: NonZeroUsize::MIN,
            retries: 3,
            backoff: Duration::from_millis(500),
            max_redirects: 10,
            page_cap: 20_000_000,
            image_cap: 50_000_000,
            seed_cap: 50 << 20,
            cookies: Vec::new(),
            proxies: Proxies::default(),
            authorities: Vec::new(),
            allow_private: false,
        }
    }
}

/// Without the values of headers and cookies and the proxies' URLs, which may be secret.
impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.headers.iter().map(|(name, _)| name.as_str()).collect();
        f.debug_struct("Settings")
            .field("user_agent", &self.user_agent)
            .field("accept_language", &self.accept_language)
            .field("headers", &names)
            .field("timeout", &self.timeout)
            .field("connect_timeout", &self.connect_timeout)
            .field("first_byte_timeout", &self.first_byte_timeout)
            .field("idle_timeout", &self.idle_timeout)
            .field("delay", &self.delay)
            .field("spacing", &self.spacing)
            .field("at_once", &self.at_once)
            .field("retries", &self.retries)
            .field("backoff", &self.backoff)
            .field("max_redirects", &self.max_redirects)
            .field("page_cap", &self.page_cap)
            .field("image_cap", &self.image_cap)
            .field("seed_cap", &self.seed_cap)
            .field("cookies", &self.cookies.len())
            .field("proxies", &self.proxies.urls().count())
            .field("authorities", &self.authorities.len())
            .field("allow_private", &self.allow_private)
            .finish()
    }
}

/// What a client reports while it works.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A request failed and will be retried.
    Retry {
        /// The URL, without user name and password.
        url: Url,
        /// The error.
        reason: String,
        /// The pause before the retry.
        wait: Duration,
        /// The number of the retry, from 1.
        attempt: u32,
    },
    /// Bytes of a body were received.
    Received {
        /// Their number.
        bytes: u64,
    },
    /// A message for the user.
    Warning(String),
}

/// Receives events. It is called from many tasks, so it must be quick.
pub type Events = Arc<dyn Fn(Event) + Send + Sync>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_output_contains_no_header_values() {
        let settings = Settings { headers: vec![("X-Key".into(), "geheim".into())], ..Settings::default() };
        let printed = format!("{settings:?}");
        assert!(printed.contains("X-Key") && !printed.contains("geheim"));
    }
}
