//! What can go wrong on the way to a page.

use std::time::Duration;

use url::Url;

use crate::model::{Failure, Stage};
use crate::warc::coding::CodingError;

/// Which of the time limits ran out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// The name has no address yet.
    Resolve,
    /// No connection yet.
    Connect,
    /// Connected, and no header fields yet.
    FirstByte,
    /// A pause inside the body.
    Idle,
    /// The whole of one request.
    Total,
}

impl Limit {
    fn words(self) -> &'static str {
        match self {
            Self::Resolve => "the name did not resolve",
            Self::Connect => "no connection was made",
            Self::FirstByte => "the server sent no answer",
            Self::Idle => "the body stopped arriving",
            Self::Total => "the answer was not complete",
        }
    }
}

/// Why a URL gave no page. URLs inside are shown without user name and password.
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
        /// What the resolver said.
        reason: String,
    },
    /// The port is closed.
    #[error("{url}: the connection was refused; check the port, or try again when the server is up")]
    Refused {
        /// The URL.
        url: String,
    },
    /// No connection, or it broke before an answer.
    #[error("{url}: the connection failed ({reason}); try again later")]
    Connect {
        /// The URL.
        url: String,
        /// The cause.
        reason: String,
    },
    /// No secure connection.
    #[error("{url}: no secure connection to `{host}`, because {reason}; {advice}")]
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
    /// A time limit ran out.
    #[error("{url}: {} within {after:?}; try again, or raise the limit with --timeout", limit.words())]
    Timeout {
        /// The URL.
        url: String,
        /// Which limit.
        limit: Limit,
        /// How long it was.
        after: Duration,
    },
    /// The body ended before its end.
    #[error("{url}: the body is not whole ({reason}); try again later")]
    Truncated {
        /// The URL.
        url: String,
        /// The cause.
        reason: String,
    },
    /// The body is larger than the cap.
    #[error("{url}: the answer is larger than {cap} bytes{}; it is not an article page", if *decoded { " once decoded" } else { "" })]
    TooLarge {
        /// The URL.
        url: String,
        /// The cap, in bytes.
        cap: u64,
        /// True when the bytes on the wire were fewer, and only decoding them went over the cap.
        decoded: bool,
    },
    /// A redirect leads back to a URL already visited on the way.
    #[error("{url}: the redirects lead in a circle back to this URL; open it in a browser to see what it waits for")]
    RedirectLoop {
        /// The URL that came up twice.
        url: String,
    },
    /// More redirects than allowed.
    #[error("{url}: more than {max} redirects; give the URL where they end")]
    Redirects {
        /// The URL asked for.
        url: String,
        /// How many are followed.
        max: usize,
    },
    /// An address inside a private network that the user did not name.
    #[error("{url}: `{address}` is a private address; name this origin itself, or allow all with --allow-private")]
    PrivateAddress {
        /// The URL.
        url: String,
        /// The host name or the number it resolves to.
        address: String,
    },
    /// Neither http nor https.
    #[error("{url}: the scheme `{scheme}` cannot be fetched; only http and https can")]
    Scheme {
        /// The URL.
        url: String,
        /// Its scheme.
        scheme: String,
    },
    /// An answer that is no page.
    #[error("{url}: the server answered {status}{}; {}", reason_phrase(*status), status_advice(*status))]
    Status {
        /// The URL.
        url: String,
        /// HTTP status, mostly 400 to 599.
        status: u16,
    },
    /// robots.txt forbids the visit, or could not be read.
    #[error("{url}: robots.txt does not allow this visit ({rule}); ask the site, or name the page yourself")]
    Robots {
        /// The URL.
        url: String,
        /// The rule, or why there is none to read.
        rule: String,
    },
    /// The content coding cannot be taken off.
    #[error("{url}: {reason}")]
    Coding {
        /// The URL.
        url: String,
        /// What is wrong, and what to do.
        reason: String,
    },
    /// The server does not speak HTTP as it should.
    #[error("{url}: the answer is not valid HTTP ({reason}); check the scheme and port of the URL")]
    Protocol {
        /// The URL.
        url: String,
        /// The cause.
        reason: String,
    },
    /// A setting that no request can be made with; comes from [`Client::new`](super::Client::new) alone.
    #[error("the network settings cannot be used: {reason}; correct them and start again")]
    Settings {
        /// Which setting, and why.
        reason: String,
    },
}

impl FetchError {
    /// Whether the same request may succeed later.
    pub fn may_pass(&self) -> bool {
        super::retry::may_pass(self)
    }

    /// A stable word for programs: `dns`, `refused`, `connect`, `tls`, `timeout`, `truncated`, `too-large`,
    /// `redirect-loop`, `redirects`, `private-address`, `scheme`, `status`, `robots`, `coding`, `protocol`, `settings`.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Dns { .. } => "dns",
            Self::Refused { .. } => "refused",
            Self::Connect { .. } => "connect",
            Self::Tls { .. } => "tls",
            Self::Timeout { .. } => "timeout",
            Self::Truncated { .. } => "truncated",
            Self::TooLarge { .. } => "too-large",
            Self::RedirectLoop { .. } => "redirect-loop",
            Self::Redirects { .. } => "redirects",
            Self::PrivateAddress { .. } => "private-address",
            Self::Scheme { .. } => "scheme",
            Self::Status { .. } => "status",
            Self::Robots { .. } => "robots",
            Self::Coding { .. } => "coding",
            Self::Protocol { .. } => "protocol",
            Self::Settings { .. } => "settings",
        }
    }

    /// The HTTP status, when that is what went wrong.
    pub fn status(&self) -> Option<u16> {
        match self {
            Self::Status { status, .. } => Some(*status),
            _ => None,
        }
    }

    /// The page's failure, as data.
    pub fn failure(&self) -> Failure {
        Failure { stage: Stage::Fetch, kind: self.kind().to_owned(), message: self.to_string() }
    }

    pub(super) fn coding(url: &Url, error: CodingError) -> Self {
        let url = shown(url);
        match error {
            CodingError::Truncated { coding } => {
                Self::Truncated { url, reason: format!("its {coding} coding ends early") }
            }
            CodingError::TooLarge { cap } => Self::TooLarge { url, cap, decoded: true },
            error => Self::Coding { url, reason: error.to_string() },
        }
    }
}

/// A URL without user name, password and fragment: what is requested, and all that anyone is shown.
pub(super) fn bare(url: &Url) -> Url {
    let mut bare = crate::model::without_credentials(url);
    bare.set_fragment(None);
    bare
}

/// [`bare`], as text.
pub(super) fn shown(url: &Url) -> String {
    bare(url).into()
}

fn reason_phrase(status: u16) -> String {
    let phrase = reqwest::StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason());
    phrase.map(|phrase| format!(" {phrase}")).unwrap_or_default()
}

fn status_advice(status: u16) -> &'static str {
    match status {
        401 | 407 => "give a user name and password in the URL, or a --header",
        403 | 451 => {
            "the site does not serve this page to programs or to your place; save it in a browser and convert that"
        }
        404 | 410 => "the page is gone, or the URL is misspelt",
        429 => "visit more slowly, with a longer --delay",
        500..=599 => "try again later",
        _ => "open it in a browser to see why",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_message_shows_a_password() {
        let url = Url::parse("http://reader:geheim@example.org/a?b#c").unwrap();
        assert_eq!(shown(&url), "http://example.org/a?b");
    }

    #[test]
    fn a_status_says_what_it_means_and_what_to_do() {
        let error = FetchError::Status { url: "https://example.org/".into(), status: 404 };
        assert_eq!(
            error.failure().message,
            "https://example.org/: the server answered 404 Not Found; the page is gone, or the URL is misspelt"
        );
        assert_eq!(error.failure().kind, "status");
        assert_eq!(error.status(), Some(404));
    }

    #[test]
    fn a_cut_coding_is_a_truncated_body() {
        let url = Url::parse("https://example.org/").unwrap();
        let cut = CodingError::Truncated { coding: "br".into() };
        assert_eq!(FetchError::coding(&url, cut).kind(), "truncated");
        assert_eq!(FetchError::coding(&url, CodingError::TooLarge { cap: 5 }).kind(), "too-large");
    }
}
