//! Where an answer sends its reader next, and the record of having been sent.

use std::time::Duration;

use url::Url;

use super::exchange::Answer;
use crate::model::{Exchange, Headers, Hop, RawPage, Timestamp, refresh};

/// The longest delay of a refresh that still is a redirect.
const REFRESH_DELAY: Duration = Duration::from_secs(5);

/// Whether a status says that the page is elsewhere.
pub(super) fn is_redirect(status: u16) -> bool {
    matches!(status, 301 | 302 | 303 | 307 | 308)
}

/// The target of a redirect or of a `Refresh` field; None when the answer is a page, or names no URL.
pub(super) fn target(url: &Url, status: u16, headers: &Headers) -> Option<Url> {
    let field = |name: &str| headers.0.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value);
    match status {
        status if is_redirect(status) => url.join(written(field("location")?).trim()).ok(),
        200 => {
            let value = written(field("refresh")?);
            let (delay, target) = refresh(&value)?;
            (delay <= REFRESH_DELAY).then(|| url.join(target).ok()).flatten()
        }
        _ => None,
    }
}

/// Bytes beyond ASCII stand for themselves: a URL in GBK is not turned into UTF-8.
fn written(value: &[u8]) -> String {
    match std::str::from_utf8(value) {
        Ok(text) => text.to_owned(),
        Err(_) => value
            .iter()
            .map(|byte| if byte.is_ascii() { char::from(*byte).to_string() } else { format!("%{byte:02X}") })
            .collect(),
    }
}

/// Whether this URL was visited on the way, with the same cookies. With other cookies it is another visit:
/// many sites set one and send the reader back.
pub(super) fn visited(hops: &[Hop], url: &Url, cookie: Option<&str>) -> bool {
    hops.iter().any(|hop| hop.url == *url && hop.exchange.request_headers.get("cookie") == cookie)
}

impl From<Answer> for Hop {
    fn from(answer: Answer) -> Self {
        let Answer { url, status, headers, body, captured, exchange, .. } = answer;
        Self { url, status, headers, body, captured, exchange }
    }
}

/// A page that sent its reader on becomes a redirect; None for a page without URL or time, which no visit gave.
pub(super) fn hop(page: RawPage) -> Option<(Vec<Hop>, Hop)> {
    let captured: Timestamp = page.captured?;
    let exchange: Exchange = page.exchange?;
    let hop = Hop { url: page.url?, status: page.status, headers: page.headers, body: page.body, captured, exchange };
    Some((page.redirects, hop))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn to(status: u16, name: &str, value: &[u8]) -> Option<String> {
        let url = Url::parse("https://example.org/a/b").unwrap();
        target(&url, status, &Headers(vec![(name.into(), value.to_vec())])).map(String::from)
    }

    #[test]
    fn a_location_is_relative_to_the_url_that_named_it() {
        assert_eq!(to(301, "location", b"../c?d").unwrap(), "https://example.org/c?d");
        assert_eq!(to(308, "Location", "/新闻".as_bytes()).unwrap(), "https://example.org/%E6%96%B0%E9%97%BB");
        assert_eq!(to(200, "location", b"/c"), None);
        assert_eq!(to(304, "location", b"/c"), None);
        assert_eq!(to(302, "location", b"http://["), None);
    }

    #[test]
    fn a_location_in_another_charset_keeps_its_bytes() {
        assert_eq!(to(302, "location", b"/\xd0\xc2\xce\xc5").unwrap(), "https://example.org/%D0%C2%CE%C5");
    }

    #[test]
    fn a_short_refresh_is_a_redirect_and_a_long_one_is_not() {
        assert_eq!(to(200, "refresh", b"0; URL='/c'").unwrap(), "https://example.org/c");
        assert_eq!(to(200, "refresh", b"5;/c").unwrap(), "https://example.org/c");
        assert_eq!(to(200, "refresh", b"6; url=/c"), None);
        assert_eq!(to(200, "refresh", b"0"), None);
        assert_eq!(to(404, "refresh", b"0; url=/c"), None);
    }
}
