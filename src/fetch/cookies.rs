//! Cookies within one run, in memory (RFC 6265).

use std::sync::{Mutex, PoisonError};

use cookie_store::{CookieStore, RawCookie};
use url::Url;

use crate::model::Headers;

/// The longest cookie kept, in bytes (RFC 6265, 6.1).
const LONGEST: usize = 4096;

/// How many cookies are kept in all (RFC 6265, 6.1).
const MOST: usize = 3000;

/// The cookies of a run. Each goes back to the host that set it and to no other: without a list of public suffixes
/// nothing tells `example.com.cn` from `com.cn`, so the `Domain` attribute is not followed.
#[derive(Default)]
pub(super) struct Jar(Mutex<CookieStore>);

impl Jar {
    /// The value of a `Cookie` field; None when there is nothing to send.
    pub fn header(&self, url: &Url) -> Option<String> {
        let store = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut pairs: Vec<(&str, &str)> = store.get_request_values(url).collect();
        pairs.sort_unstable();
        let pairs: Vec<String> = pairs.iter().map(|(name, value)| format!("{name}={value}")).collect();
        (!pairs.is_empty()).then(|| pairs.join("; "))
    }

    /// Keeps what an answer sets. Cookies that cannot be read are none.
    pub fn store(&self, headers: &Headers, url: &Url) {
        let mut store = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for field in headers.all("set-cookie").filter(|field| field.len() <= LONGEST) {
            let Ok(mut cookie) = RawCookie::parse(field.to_owned()) else { continue };
            cookie.unset_domain();
            if store.iter_any().count() < MOST {
                // An expired, foreign or malformed cookie is refused here, as RFC 6265 wants.
                let _ = store.insert_raw(&cookie, url);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    fn jar(url_text: &str, cookies: &[&str]) -> Jar {
        let jar = Jar::default();
        let fields = cookies.iter().map(|cookie| ("Set-Cookie".to_owned(), cookie.as_bytes().to_vec()));
        jar.store(&Headers(fields.collect()), &url(url_text));
        jar
    }

    #[test]
    fn cookies_go_back_in_one_order() {
        let jar = jar("https://example.org/a/b", &["z=1; Path=/", "a=2; Path=/", "deep=3; Path=/a"]);
        assert_eq!(jar.header(&url("https://example.org/a/c")).unwrap(), "a=2; deep=3; z=1");
        assert_eq!(jar.header(&url("https://example.org/")).unwrap(), "a=2; z=1");
    }

    #[test]
    fn no_other_host_gets_them_whatever_the_domain_says() {
        let jar = jar("https://www.example.com.cn/", &["id=1; Domain=.com.cn", "own=2; Domain=example.com.cn"]);
        assert_eq!(jar.header(&url("https://other.com.cn/")), None);
        assert_eq!(jar.header(&url("https://www.example.com.cn/")).unwrap(), "id=1; own=2");
    }

    #[test]
    fn a_secure_cookie_stays_off_plain_http_and_a_dead_one_is_gone() {
        let jar = jar("https://example.org/", &["s=1; Secure", "gone=2; Max-Age=0", "plain=3", "nonsense"]);
        assert_eq!(jar.header(&url("http://example.org/")).unwrap(), "plain=3");
    }

    #[test]
    fn a_cookie_too_long_to_be_one_is_not_kept() {
        let long = format!("a={}", "x".repeat(LONGEST));
        assert_eq!(jar("https://example.org/", &[&long]).header(&url("https://example.org/")), None);
    }
}
