//! Errors of fetching.

use std::time::Duration;

use url::Url;

use crate::model::{Failure, FailureKind, MOST_OF_MESSAGE, Stage, Timestamp, brief};
use crate::warc::coding::CodingError;

/// The maximum length of a URL in an error, in characters.
const MOST_OF_URL: usize = 120;

/// The maximum length of a host in an error, in characters.
const MOST_OF_HOST: usize = 60;

/// A time limit of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// Resolving the name.
    Resolve,
    /// Connecting.
    Connect,
    /// Connecting with TLS.
    Handshake,
    /// Receiving the headers.
    FirstByte,
    /// Receiving the next bytes of the body.
    Idle,
    /// The complete request.
    Total,
}

impl Limit {
    fn words(self) -> &'static str {
        match self {
            Self::Resolve => "the name did not resolve",
            Self::Connect => "no connection was made",
            Self::Handshake => "no secure connection was made",
            Self::FirstByte => "the server did not respond",
            Self::Idle => "the server sent no more of the body",
            Self::Total => "the response was not complete",
        }
    }

    fn advice(self) -> &'static str {
        match self {
            Self::Resolve | Self::Connect => "try again later, or raise the limit with --connect-timeout",
            Self::Handshake => "check that the port speaks TLS, or raise the limit with --connect-timeout",
            Self::FirstByte | Self::Idle | Self::Total => "try again, or raise the limit with --timeout",
        }
    }

    /// Returns whether no request was sent yet.
    pub(super) fn is_of_connecting(self) -> bool {
        matches!(self, Self::Resolve | Self::Connect | Self::Handshake)
    }
}

/// Why a URL could not be fetched. Its URLs contain no user name and password.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FetchError {
    /// The name does not resolve.
    #[error("{url}: the name `{host}` does not resolve ({reason}); check the spelling of the URL")]
    Dns {
        /// The URL.
        url: String,
        /// The name in it.
        host: String,
        /// The resolver's error.
        reason: String,
    },
    /// The server refused the connection.
    #[error("{url}: the connection was refused; check the port, or try again when the server is up")]
    Refused {
        /// The URL.
        url: String,
    },
    /// The proxy refused the connection, or could not make one.
    #[error("{url}: the proxy `{proxy}` made no connection ({reason}); check that it runs, and its URL")]
    Proxy {
        /// The URL.
        url: String,
        /// The proxy, without user name and password.
        proxy: String,
        /// The cause.
        reason: String,
    },
    /// The connection failed before a response.
    #[error("{url}: the connection failed ({reason}); try again later")]
    Connect {
        /// The URL.
        url: String,
        /// The cause.
        reason: String,
    },
    /// The TLS handshake failed.
    #[error("{url}: no secure connection to `{host}`: {reason}; {advice}")]
    Tls {
        /// The URL.
        url: String,
        /// The host.
        host: String,
        /// The cause.
        reason: String,
        /// What to do next.
        advice: &'static str,
    },
    /// A time limit was exceeded.
    #[error("{url}: {} within {after:?}; {}", limit.words(), limit.advice())]
    Timeout {
        /// The URL.
        url: String,
        /// Which limit.
        limit: Limit,
        /// Its value.
        after: Duration,
    },
    /// The body is incomplete.
    #[error("{url}: the body is incomplete ({reason}); try again later")]
    Truncated {
        /// The URL.
        url: String,
        /// The cause.
        reason: String,
    },
    /// The body is larger than the limit.
    #[error("{url}: the response is larger than {cap} bytes{}; it is not an article page", if *decoded { " once decoded" } else { "" })]
    TooLarge {
        /// The URL.
        url: String,
        /// The limit, in bytes.
        cap: u64,
        /// True if the body was received within the limit and exceeded it when decoded.
        decoded: bool,
    },
    /// A redirect leads back to a URL of the same chain.
    #[error(
        "{url}: the redirects lead back to this URL; open it in a browser to see whether it needs cookies or a login"
    )]
    RedirectLoop {
        /// The URL that was visited twice.
        url: String,
    },
    /// More redirects than allowed.
    #[error("{url}: more than {max} redirects; open it in a browser and use the final URL")]
    Redirects {
        /// The requested URL.
        url: String,
        /// The maximum.
        max: usize,
    },
    /// A private address of an origin that the user did not name.
    #[error(
        "{url}: `{address}` is a private address; name a URL of this host yourself, or allow private addresses with --allow-private"
    )]
    PrivateAddress {
        /// The URL.
        url: String,
        /// The host name, or the IP address that it resolves to.
        address: String,
    },
    /// The scheme is neither http nor https.
    #[error("{url}: cannot fetch the scheme `{scheme}`; use http or https")]
    Scheme {
        /// The URL.
        url: String,
        /// Its scheme.
        scheme: String,
    },
    /// The response has an error status.
    #[error("{url}: the server answered {status}{}; {}", reason_phrase(*status), status_advice(*status))]
    Status {
        /// The URL.
        url: String,
        /// HTTP status, mostly 400 to 599.
        status: u16,
    },
    /// The server asks to come back at a time that is too late to wait for.
    #[error(
        "{url}: the server answered {status}{} and asks to come back at {until} (in {}); try again then",
        reason_phrase(*status), span(*wait)
    )]
    Later {
        /// The URL.
        url: String,
        /// HTTP status.
        status: u16,
        /// When to come back.
        until: Timestamp,
        /// The time until then.
        wait: Duration,
    },
    /// robots.txt forbids the URL, or could not be read.
    #[error("{url}: {reason}; archive the page by its own URL with `bindery archive URL`")]
    Robots {
        /// The URL.
        url: String,
        /// See [`Robots::reason`](super::Robots::reason).
        reason: String,
    },
    /// The body cannot be decoded.
    #[error("{url}: {reason}")]
    Coding {
        /// The URL.
        url: String,
        /// What is wrong, and what to do.
        reason: String,
    },
    /// The response violates HTTP.
    #[error("{url}: the response is not valid HTTP ({reason}); check the scheme and port of the URL")]
    Protocol {
        /// The URL.
        url: String,
        /// The cause.
        reason: String,
    },
    /// A setting is invalid. Only [`Client::new`](super::Client::new) returns this.
    #[error("{reason}")]
    Settings {
        /// The setting, what is wrong with it, and what to do.
        reason: String,
    },
}

impl FetchError {
    /// Returns whether the same request may succeed later.
    pub fn may_pass(&self) -> bool {
        match self {
            Self::Refused { .. }
            | Self::Proxy { .. }
            | Self::Connect { .. }
            | Self::Timeout { .. }
            | Self::Truncated { .. } => true,
            // 501 and 505 are permanent.
            Self::Status { status, .. } => matches!(status, 408 | 429 | 500 | 502..=504 | 506..=599),
            _ => false,
        }
    }

    /// Returns the kind of the failure.
    pub fn kind(&self) -> FailureKind {
        match self {
            Self::Dns { .. } => FailureKind::Dns,
            Self::Refused { .. } => FailureKind::Refused,
            Self::Proxy { .. } => FailureKind::Proxy,
            Self::Connect { .. } => FailureKind::Connect,
            Self::Tls { .. } => FailureKind::Tls,
            Self::Timeout { .. } => FailureKind::Timeout,
            Self::Truncated { .. } => FailureKind::Truncated,
            Self::TooLarge { .. } => FailureKind::TooLarge,
            Self::RedirectLoop { .. } => FailureKind::RedirectLoop,
            Self::Redirects { .. } => FailureKind::Redirects,
            Self::PrivateAddress { .. } => FailureKind::PrivateAddress,
            Self::Scheme { .. } => FailureKind::Scheme,
            Self::Status { .. } => FailureKind::Status,
            Self::Later { .. } => FailureKind::RetryLater,
            Self::Robots { .. } => FailureKind::Robots,
            Self::Coding { .. } => FailureKind::Coding,
            Self::Protocol { .. } => FailureKind::Protocol,
            Self::Settings { .. } => FailureKind::Settings,
        }
    }

    /// Returns the HTTP status of [`FetchError::Status`] and [`FetchError::Later`]; None for other errors.
    pub fn status(&self) -> Option<u16> {
        match self {
            Self::Status { status, .. } | Self::Later { status, .. } => Some(*status),
            _ => None,
        }
    }

    /// Returns the failure that events and records of runs contain.
    pub fn failure(&self) -> Failure {
        Failure::new(Stage::Fetch, self.kind(), brief(&self.to_string(), MOST_OF_MESSAGE))
    }

    /// Returns the error of a body of which a part is missing or wrong.
    pub fn truncated(url: &Url, reason: String) -> Self {
        Self::Truncated { url: shown(url), reason }
    }

    pub(super) fn later(url: &Url, status: u16, until: Timestamp, now: Timestamp) -> Self {
        let seconds = u64::try_from(until.as_second() - now.as_second()).unwrap_or(0);
        Self::Later { url: shown(url), status, until, wait: Duration::from_secs(seconds) }
    }

    pub(super) fn coding(url: &Url, error: CodingError) -> Self {
        let url = shown(url);
        match error {
            CodingError::Truncated { coding } => {
                Self::Truncated { url, reason: format!("its {coding} data ends early") }
            }
            CodingError::TooLarge { cap } => Self::TooLarge { url, cap, decoded: true },
            error => Self::Coding { url, reason: brief(&error.to_string(), MOST_OF_MESSAGE - MOST_OF_URL) },
        }
    }
}

/// Returns a URL without user name, password and fragment, as it is requested and shown.
pub(super) fn bare(url: &Url) -> Url {
    let mut bare = crate::model::without_credentials(url);
    bare.set_fragment(None);
    bare
}

/// Returns [`bare`] as an error contains it: a long URL without its middle.
pub(super) fn shown(url: &Url) -> String {
    brief(bare(url).as_str(), MOST_OF_URL)
}

/// Returns the host of a URL as an error contains it.
pub(super) fn host_of(url: &Url) -> String {
    brief(url.host_str().unwrap_or_default(), MOST_OF_HOST)
}

/// Returns a time in words, rounded up: `3 minutes`, `24 hours`, `30 days`.
fn span(wait: Duration) -> String {
    let seconds = wait.as_secs();
    let (unit, word) = match seconds {
        0..7_200 => (60, "minutes"),
        7_200..172_800 => (3_600, "hours"),
        _ => (86_400, "days"),
    };
    format!("{} {word}", seconds.div_ceil(unit))
}

fn reason_phrase(status: u16) -> String {
    let phrase = reqwest::StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason());
    phrase.map(|phrase| format!(" {phrase}")).unwrap_or_default()
}

fn status_advice(status: u16) -> &'static str {
    match status {
        401 => "put a user name and password into the URL, or use --header",
        407 => "put a user name and password into the URL of the proxy",
        403 | 451 => {
            "the site blocks automated requests or your region; save the page in a browser and archive the file"
        }
        404 | 410 => "the page is gone, or the URL is misspelt",
        429 => "use a longer --delay",
        500..=599 => "try again later",
        _ => "open it in a browser to see why",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(status: u16) -> FetchError {
        FetchError::Status { url: "http://example.org/".into(), status }
    }

    #[test]
    fn a_busy_server_is_retried_and_a_missing_page_is_not() {
        for passing in [408, 429, 500, 502, 503, 504, 522] {
            assert!(status(passing).may_pass(), "{passing}");
        }
        for lasting in [304, 400, 401, 403, 404, 410, 451, 501, 505] {
            assert!(!status(lasting).may_pass(), "{lasting}");
        }
    }

    #[test]
    fn a_broken_connection_is_retried_and_an_unknown_name_is_not() {
        let url = String::new;
        assert!(FetchError::Refused { url: url() }.may_pass());
        assert!(FetchError::Truncated { url: url(), reason: url() }.may_pass());
        assert!(!FetchError::Dns { url: url(), host: url(), reason: url() }.may_pass());
        assert!(FetchError::Proxy { url: url(), proxy: url(), reason: url() }.may_pass());
        assert!(!FetchError::Tls { url: url(), host: url(), reason: url(), advice: "" }.may_pass());
        assert!(!FetchError::TooLarge { url: url(), cap: 1, decoded: false }.may_pass());
        assert!(!FetchError::PrivateAddress { url: url(), address: url() }.may_pass());
    }

    #[test]
    fn a_shown_url_has_no_password() {
        let url = Url::parse("http://reader:geheim@example.org/a?b#c").unwrap();
        assert_eq!(shown(&url), "http://example.org/a?b");
    }

    #[test]
    fn an_error_status_is_explained_with_a_hint() {
        let error = FetchError::Status { url: "https://example.org/".into(), status: 404 };
        assert_eq!(
            error.failure().message,
            "https://example.org/: the server answered 404 Not Found; the page is gone, or the URL is misspelt"
        );
        assert_eq!(error.failure().kind, FailureKind::Status);
        assert_eq!(error.status(), Some(404));
    }

    #[test]
    fn a_long_retry_after_is_reported_with_the_time_to_come_back() {
        let now: Timestamp = "2026-11-30T08:00:00Z".parse().unwrap();
        let url = Url::parse("https://example.org/").unwrap();
        let at = |text: &str| FetchError::later(&url, 429, text.parse().unwrap(), now);
        assert_eq!(
            at("2026-12-01T08:00:00Z").to_string(),
            "https://example.org/: the server answered 429 Too Many Requests and asks to come back at \
             2026-12-01T08:00:00Z (in 24 hours); try again then"
        );
        assert!(at("2026-11-30T08:02:01Z").to_string().contains("(in 3 minutes)"));
        assert!(at("2026-12-30T08:00:00Z").to_string().contains("(in 30 days)"));
        assert!(!at("2026-12-01T08:00:00Z").may_pass());
    }

    #[test]
    fn an_error_has_at_most_300_characters_whatever_the_url() {
        let long = Url::parse(&format!("https://{}.test/{}", "a".repeat(60), "x".repeat(60_000))).unwrap();
        let (url, host) = (shown(&long), host_of(&long));
        let reason = "r".repeat(60_000);
        for error in [
            FetchError::Status { url: url.clone(), status: 404 },
            FetchError::Dns { url: url.clone(), host, reason: reason.clone() },
            FetchError::Robots { url, reason },
        ] {
            assert!(error.failure().message.chars().count() <= MOST_OF_MESSAGE, "{error}");
        }
        let named = FetchError::Status { url: shown(&long), status: 404 }.to_string();
        assert!(named.contains("404 Not Found; the page is gone"), "{named}");
    }

    #[test]
    fn an_incomplete_content_coding_is_a_truncated_body() {
        let url = Url::parse("https://example.org/").unwrap();
        let cut = CodingError::Truncated { coding: "br".into() };
        assert_eq!(FetchError::coding(&url, cut).kind(), FailureKind::Truncated);
        assert_eq!(FetchError::coding(&url, CodingError::TooLarge { cap: 5 }).kind(), FailureKind::TooLarge);
    }
}
