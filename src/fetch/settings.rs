//! How to visit the web, and what is told along the way.

use std::fmt;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use url::Url;

use super::{Cookie, Proxies};

/// How to visit the web.
#[derive(Clone)]
pub struct Settings {
    /// `User-Agent`.
    pub user_agent: String,
    /// `Accept-Language`; None sends none.
    pub accept_language: Option<String>,
    /// Header fields that go to origins the user named, and to no other. They replace the client's own of that name.
    pub headers: Vec<(String, String)>,
    /// Limit of one request, from its start to the last byte of its body.
    pub timeout: Duration,
    /// Limit until the connection stands, and until a name resolves.
    pub connect_timeout: Duration,
    /// Limit until the header fields are there, connecting included.
    pub first_byte_timeout: Duration,
    /// The longest pause inside a body.
    pub idle_timeout: Duration,
    /// The pause between two page requests to one host, from the end of the last answer.
    pub delay: Duration,
    /// Whether the pause stands between all requests to one host, images and robots.txt too, and one is made at a time:
    /// the manners of a crawl. `Crawl-delay` is heeded then.
    pub even_pace: bool,
    /// How many requests to one host may be under way at once, images apart unless the pace is even. A host whose
    /// robots.txt asks for a pause is asked one by one all the same.
    pub at_once: NonZeroUsize,
    /// How often a request is made again after a failure that may pass.
    pub retries: u32,
    /// The longest first pause before a retry; it doubles each time, and a random part of it is waited.
    pub backoff: Duration,
    /// How many redirects are followed, refreshes included.
    pub max_redirects: usize,
    /// The largest page, in bytes, both as sent and decoded.
    pub page_cap: u64,
    /// The largest image, in bytes, both as sent and decoded.
    pub image_cap: u64,
    /// How much of a feed, sitemap or list is read, in bytes, as sent; decoded it may not be larger.
    pub seed_cap: u64,
    /// Cookies that the user gave.
    pub cookies: Vec<Cookie>,
    /// The HTTP proxies that requests go through.
    pub proxies: Proxies,
    /// Whether private, loopback and link-local addresses may be visited though nobody named them.
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
            even_pace: false,
            at_once: NonZeroUsize::MIN,
            retries: 3,
            backoff: Duration::from_millis(500),
            max_redirects: 10,
            page_cap: 20_000_000,
            image_cap: 50_000_000,
            seed_cap: 50 << 20,
            cookies: Vec::new(),
            proxies: Proxies::default(),
            allow_private: false,
        }
    }
}

/// Everything but the values of `headers` and cookies and the proxies' URLs, which may be secret.
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
            .field("even_pace", &self.even_pace)
            .field("at_once", &self.at_once)
            .field("retries", &self.retries)
            .field("backoff", &self.backoff)
            .field("max_redirects", &self.max_redirects)
            .field("page_cap", &self.page_cap)
            .field("image_cap", &self.image_cap)
            .field("seed_cap", &self.seed_cap)
            .field("cookies", &self.cookies.len())
            .field("proxies", &self.proxies.urls().count())
            .field("allow_private", &self.allow_private)
            .finish()
    }
}

/// What a client tells while it works.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A request failed and will be made again.
    Retry {
        /// The URL, without user name and password.
        url: Url,
        /// Why, one sentence.
        reason: String,
        /// The pause before the next attempt.
        wait: Duration,
        /// Which retry this is: 1 for the first.
        attempt: u32,
    },
    /// Bytes of a body arrived.
    Received {
        /// How many.
        bytes: u64,
    },
    /// Something the user should know, one sentence.
    Warning(String),
}

/// Where events go. Called from many tasks: it must be quick.
pub type Events = Arc<dyn Fn(Event) + Send + Sync>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn header_values_are_not_printed() {
        let settings = Settings { headers: vec![("X-Key".into(), "geheim".into())], ..Settings::default() };
        let printed = format!("{settings:?}");
        assert!(printed.contains("X-Key") && !printed.contains("geheim"));
    }
}
