//! Origins that are not asked for a while: they said so, or no connection to them can be made.

use std::collections::HashMap;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::time::Instant;
use url::Url;

use super::error::{FetchError, Limit, shown};
use crate::model::Timestamp;

/// How long an origin that does not answer is not asked again.
const SILENCE: Duration = Duration::from_secs(60);

/// The closed origins of a run.
#[derive(Default)]
pub(super) struct ClosedOrigins(Mutex<HashMap<String, Closure>>);

enum Closure {
    /// It sent a `Retry-After` that is too long to wait for, with this status.
    Later { status: u16, until: Timestamp },
    /// No connection was made within a limit.
    Silent { limit: Limit, after: Duration, since: Instant },
}

impl ClosedOrigins {
    /// Closes the origin of a URL if that follows from an error.
    pub fn learn(&self, url: &Url, error: &FetchError) {
        let closure = match error {
            FetchError::Later { status, until, .. } => Closure::Later { status: *status, until: *until },
            FetchError::Timeout { limit, after, .. } if limit.is_of_connecting() => {
                Closure::Silent { limit: *limit, after: *after, since: Instant::now() }
            }
            _ => return,
        };
        let mut closed = self.0.lock();
        // A request that failed because of a closure does not extend it.
        closed.entry(origin(url)).or_insert(closure);
    }

    /// Returns the error of a request to a closed origin, which need not be sent.
    pub fn check(&self, url: &Url, now: Timestamp) -> Result<(), FetchError> {
        let mut closed = self.0.lock();
        let key = origin(url);
        match closed.get(&key) {
            Some(Closure::Later { status, until }) if *until > now => Err(FetchError::later(url, *status, *until, now)),
            Some(Closure::Silent { limit, after, since }) if since.elapsed() < SILENCE => {
                Err(FetchError::Timeout { url: shown(url), limit: *limit, after: *after })
            }
            Some(_) => {
                closed.remove(&key);
                Ok(())
            }
            None => Ok(()),
        }
    }
}

/// Returns scheme, host and port as one string, without the scheme's default port.
pub(super) fn origin(url: &Url) -> String {
    url.origin().ascii_serialization()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::FailureKind;

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    #[test]
    fn an_origin_that_asked_for_a_day_is_closed_for_a_day() {
        let now: Timestamp = "2026-11-30T08:00:00Z".parse().unwrap();
        let day = "2026-12-01T08:00:00Z".parse().unwrap();
        let closed = ClosedOrigins::default();
        closed.learn(&url("https://a.test/1"), &FetchError::later(&url("https://a.test/1"), 429, day, now));
        let error = closed.check(&url("https://a.test/2"), now).unwrap_err();
        assert_eq!(error.status(), Some(429));
        assert!(error.to_string().starts_with("https://a.test/2: "), "{error}");
        assert_eq!(closed.check(&url("https://b.test/"), now), Ok(()));
        assert_eq!(closed.check(&url("https://a.test/2"), day), Ok(()));
    }

    #[test]
    fn only_errors_of_connecting_close_an_origin() {
        let now: Timestamp = "2026-11-30T08:00:00Z".parse().unwrap();
        let (closed, page) = (ClosedOrigins::default(), url("https://a.test/"));
        let after = |limit| FetchError::Timeout { url: String::new(), limit, after: Duration::from_secs(10) };
        closed.learn(&page, &after(Limit::FirstByte));
        closed.learn(&page, &FetchError::Refused { url: String::new() });
        assert_eq!(closed.check(&page, now), Ok(()));
        closed.learn(&page, &after(Limit::Handshake));
        assert_eq!(closed.check(&page, now).unwrap_err().kind(), FailureKind::Timeout);
    }
}
