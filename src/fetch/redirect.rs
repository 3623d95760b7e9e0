//! Redirects: their targets, and their records.

use std::time::Duration;

use url::Url;

use crate::model::{Exchange, Headers, Hop, RawPage, Timestamp, refresh};

/// The longest delay of a refresh that counts as a redirect.
const REFRESH_DELAY: Duration = Duration::from_secs(5);

/// Returns whether a status is a redirect.
pub(super) fn is_redirect(status: u16) -> bool {
    matches!(status, 301 | 302 | 303 | 307 | 308)
}

/// Returns the target of a redirect or of a `Refresh` header; None if there is none, or it is not a valid URL.
pub(super) fn target(url: &Url, status: u16, headers: &Headers) -> Option<Url> {
    let field = |name: &str| headers.0.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value);
    match status {
        status if is_redirect(status) => url.join(as_text(field("location")?).trim()).ok(),
        200 => {
            let value = as_text(field("refresh")?);
            let (delay, target) = refresh(&value)?;
            (delay <= REFRESH_DELAY).then(|| url.join(target).ok()).flatten()
        }
        _ => None,
    }
}

/// Returns the text of a header. If it is not UTF-8, bytes beyond ASCII are percent-encoded, so that a URL in GBK keeps
/// its bytes.
fn as_text(value: &[u8]) -> String {
    match std::str::from_utf8(value) {
        Ok(text) => text.to_owned(),
        Err(_) => value
            .iter()
            .map(|byte| if byte.is_ascii() { char::from(*byte).to_string() } else { format!("%{byte:02X}") })
            .collect(),
    }
}

/// Returns whether this URL was visited with the same cookies. Many sites set a cookie and redirect back, which is not a
/// loop.
pub(super) fn was_visited(hops: &[Hop], url: &Url, cookie: Option<&str>) -> bool {
    hops.iter().any(|hop| hop.url == *url && hop.exchange.request_headers.get("cookie") == cookie)
}

/// Turns a page with a meta refresh into a redirect: the earlier redirects and this one. None for a page without URL, time
/// or exchange, which did not come from a client.
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
    fn a_location_is_relative_to_the_redirecting_url() {
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
