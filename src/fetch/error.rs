//! Errors of fetching.

use std::time::Duration;

use url::Url;

use crate::model::{Failure, FailureKind, Stage};
use crate::warc::coding::CodingError;

/// A time limit of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// Resolving the name.
    Resolve,
    /// Connecting.
    Connect,
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
            Self::FirstByte => "the server did not respond",
            Self::Idle => "the server sent no more of the body",
            Self::Total => "the response was not complete",
        }
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
    #[error("{url}: {} within {after:?}; try again, or raise the limit with --timeout", limit.words())]
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
            Self::Refused { .. } | Self::Connect { .. } | Self::Timeout { .. } | Self::Truncated { .. } => true,
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
            Self::Robots { .. } => FailureKind::Robots,
            Self::Coding { .. } => FailureKind::Coding,
            Self::Protocol { .. } => FailureKind::Protocol,
            Self::Settings { .. } => FailureKind::Settings,
        }
    }

    /// Returns the HTTP status of [`FetchError::Status`]; None for other errors.
    pub fn status(&self) -> Option<u16> {
        match self {
            Self::Status { status, .. } => Some(*status),
            _ => None,
        }
    }

    /// Returns the failure that events and records of runs contain.
    pub fn failure(&self) -> Failure {
        Failure::new(Stage::Fetch, self.kind(), self.to_string())
    }

    pub(super) fn coding(url: &Url, error: CodingError) -> Self {
        let url = shown(url);
        match error {
            CodingError::Truncated { coding } => {
                Self::Truncated { url, reason: format!("its {coding} data ends early") }
            }
            CodingError::TooLarge { cap } => Self::TooLarge { url, cap, decoded: true },
            error => Self::Coding { url, reason: error.to_string() },
        }
    }
}

/// Returns a URL without user name, password and fragment, as it is requested and shown.
pub(super) fn bare(url: &Url) -> Url {
    let mut bare = crate::model::without_credentials(url);
    bare.set_fragment(None);
    bare
}

/// Returns [`bare`] as a string.
pub(super) fn shown(url: &Url) -> String {
    bare(url).into()
}

fn reason_phrase(status: u16) -> String {
    let phrase = reqwest::StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason());
    phrase.map(|phrase| format!(" {phrase}")).unwrap_or_default()
}

fn status_advice(status: u16) -> &'static str {
    match status {
        401 | 407 => "put a user name and password into the URL, or use --header",
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
    fn an_incomplete_content_coding_is_a_truncated_body() {
        let url = Url::parse("https://example.org/").unwrap();
        let cut = CodingError::Truncated { coding: "br".into() };
        assert_eq!(FetchError::coding(&url, cut).kind(), FailureKind::Truncated);
        assert_eq!(FetchError::coding(&url, CodingError::TooLarge { cap: 5 }).kind(), FailureKind::TooLarge);
    }
}
