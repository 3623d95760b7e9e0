//! Cookies within one run, in memory (RFC 6265), and those that the user brings in a file.

use std::sync::{Mutex, PoisonError};

use cookie_store::{CookieStore, RawCookie};
use url::Url;

use crate::model::{Headers, Timestamp};

/// The longest cookie kept, in bytes (RFC 6265, 6.1).
const LONGEST: usize = 4096;

/// How many cookies are kept in all (RFC 6265, 6.1).
const MOST: usize = 3000;

/// The cookies of a run. Each goes back to the host that set it and to no other: without a list of public suffixes
/// nothing tells `example.com.cn` from `com.cn`, so the `Domain` attribute is not followed.
#[derive(Default)]
pub(super) struct Jar {
    store: Mutex<CookieStore>,
    /// What the user brought. A server that sets a cookie of the same name replaces it.
    given: Vec<Cookie>,
}

/// A cookie that the user brought.
#[derive(Clone, PartialEq, Eq)]
pub struct Cookie {
    /// The host, in lower case, without a leading dot.
    pub domain: String,
    /// Whether hosts below it get the cookie too.
    pub subdomains: bool,
    /// The start of the paths that get it.
    pub path: String,
    /// Whether only https carries it.
    pub secure: bool,
    /// When it ends, in seconds since 1970; None for never.
    pub expires: Option<i64>,
    /// Its name.
    pub name: String,
    /// Its value, a secret.
    pub value: String,
}

/// Everything but the value.
impl std::fmt::Debug for Cookie {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Cookie({} for {}{})", self.name, self.domain, self.path)
    }
}

/// A line of a cookie file that is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line} has {fields} fields and a cookie has 7, with tabs between them (the format of Netscape and curl)")]
pub struct CookieFileError {
    /// The line, from 1.
    pub line: usize,
    /// How many fields it has.
    pub fields: usize,
}

/// Reads a cookie file as Netscape, curl and browsers' add-ons write it: domain, subdomains, path, secure, expiry, name and
/// value, a tab between them. `#HttpOnly_` before a domain says nothing here; other lines with `#` are comments.
///
/// # Errors
/// The first line that is no cookie; what it says is not repeated, since it may be a secret.
pub fn cookie_file(text: &str) -> Result<Vec<Cookie>, CookieFileError> {
    let lines = text.trim_start_matches('\u{feff}').lines().enumerate();
    let lines = lines.map(|(at, line)| (at + 1, line.strip_prefix("#HttpOnly_").unwrap_or(line)));
    let written = lines.filter(|(_, line)| !line.trim().is_empty() && !line.starts_with('#'));
    written.map(|(at, line)| cookie(line).map_err(|fields| CookieFileError { line: at, fields })).collect()
}

fn cookie(line: &str) -> Result<Cookie, usize> {
    let fields: Vec<&str> = line.split('\t').collect();
    let (domain, subdomains, path, secure, expires, name, value) = match fields[..] {
        [domain, subdomains, path, secure, expires, name, value] => {
            (domain, subdomains, path, secure, expires, name, value)
        }
        // Some programs leave the tab before an empty value out.
        [domain, subdomains, path, secure, expires, name] => (domain, subdomains, path, secure, expires, name, ""),
        _ => return Err(fields.len()),
    };
    Ok(Cookie {
        domain: domain.trim_start_matches('.').to_ascii_lowercase(),
        subdomains: subdomains.eq_ignore_ascii_case("true") || domain.starts_with('.'),
        path: path.to_owned(),
        secure: secure.eq_ignore_ascii_case("true"),
        // 0 is a cookie of the session.
        expires: expires.split('.').next().and_then(|text| text.parse().ok()).filter(|second| *second > 0),
        name: name.to_owned(),
        value: value.trim_end_matches('\r').to_owned(),
    })
}

impl Cookie {
    /// Whether it goes along with a request (RFC 6265, 5.4).
    fn goes_to(&self, url: &Url) -> bool {
        let host = url.host_str().unwrap_or_default();
        let below = host.strip_suffix(&self.domain).is_some_and(|rest| rest.ends_with('.'));
        let path = url.path();
        let in_path = path.strip_prefix(&self.path);
        (host == self.domain || self.subdomains && below)
            && in_path.is_some_and(|rest| rest.is_empty() || rest.starts_with('/') || self.path.ends_with('/'))
            && (!self.secure || url.scheme() == "https")
    }
}

impl Jar {
    /// A jar with the user's cookies in it, but for those that have ended.
    pub fn with(given: Vec<Cookie>, now: Timestamp) -> Self {
        let lasts = |cookie: &Cookie| cookie.expires.is_none_or(|second| second > now.as_second());
        Self { store: Mutex::default(), given: given.into_iter().filter(lasts).collect() }
    }

    /// The value of a `Cookie` field; None when there is nothing to send.
    pub fn header(&self, url: &Url) -> Option<String> {
        let store = self.store.lock().unwrap_or_else(PoisonError::into_inner);
        let mut pairs: Vec<(&str, &str)> = store.get_request_values(url).collect();
        for cookie in self.given.iter().filter(|cookie| cookie.goes_to(url)) {
            if !pairs.iter().any(|(name, _)| *name == cookie.name) {
                pairs.push((&cookie.name, &cookie.value));
            }
        }
        pairs.sort_unstable();
        let pairs: Vec<String> = pairs.iter().map(|(name, value)| format!("{name}={value}")).collect();
        (!pairs.is_empty()).then(|| pairs.join("; "))
    }

    /// Keeps what an answer sets. Cookies that cannot be read are none.
    pub fn store(&self, headers: &Headers, url: &Url) {
        let mut store = self.store.lock().unwrap_or_else(PoisonError::into_inner);
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
    fn a_cookie_file_is_read_and_goes_where_it_says() {
        let text = "# Netscape HTTP Cookie File\n\n.example.org\tTRUE\t/\tFALSE\t0\tid\tgeheim\r\n\
            #HttpOnly_www.example.org\tFALSE\t/a\tTRUE\t4000000000\tdeep\t2\n\
            example.org\tTRUE\t/\tFALSE\t1000\told\t3\n";
        let cookies = cookie_file(text).unwrap();
        assert!(!format!("{cookies:?}").contains("geheim"));
        let jar = Jar::with(cookies, "2026-11-23T08:58:55Z".parse().unwrap());
        assert_eq!(jar.header(&url("http://news.example.org/a")).unwrap(), "id=geheim");
        assert_eq!(jar.header(&url("https://www.example.org/a/b")).unwrap(), "deep=2; id=geheim");
        assert_eq!(jar.header(&url("https://www.example.org/ab")).unwrap(), "id=geheim");
        assert_eq!(jar.header(&url("http://notexample.org/")), None);
        let wrong = cookie_file("a\tb\tc").unwrap_err();
        assert_eq!((wrong.line, wrong.fields), (1, 3));
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
