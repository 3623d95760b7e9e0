//! Cookies of one run, in memory (RFC 6265), and those of the user's cookie file.

use cookie_store::{CookieStore, RawCookie};
use parking_lot::Mutex;
use url::Url;

use crate::model::{Headers, Timestamp, brief};

/// The maximum length of a cookie, in bytes (RFC 6265, 6.1).
const MAX_LENGTH: usize = 4096;

/// The maximum number of cookies (RFC 6265, 6.1).
const MAX_COOKIES: usize = 3000;

/// The cookies of a run. Each is sent to the host that set it only: the `Domain` attribute is ignored, because without a
/// list of public suffixes `example.com.cn` looks like `com.cn`.
#[derive(Default)]
pub(super) struct Jar {
    store: Mutex<CookieStore>,
    /// The user's cookies. A cookie of the same name set by a server takes precedence.
    given: Vec<Cookie>,
    /// The fate of each of them.
    uses: Mutex<Vec<Use>>,
    /// When the run began, in seconds since 1970.
    now: i64,
}

/// Whether a cookie of the user's was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Use {
    /// Nothing was requested of its host.
    Unused,
    /// Only other paths of its host were requested.
    OtherPath,
    /// Its host was asked over http only, and it is for https.
    Insecure,
    /// It has expired.
    Expired,
    Sent,
}

/// A cookie of the user's.
#[derive(Clone, PartialEq, Eq)]
pub struct Cookie {
    /// The host, in lower case, without a leading dot.
    pub domain: String,
    /// Whether the cookie is sent to subdomains too.
    pub subdomains: bool,
    /// The prefix of the paths that it is sent to.
    pub path: String,
    /// Whether it is sent over https only.
    pub secure: bool,
    /// When it expires, in seconds since 1970; None for never.
    pub expires: Option<i64>,
    /// Its name.
    pub name: String,
    /// Its value, a secret.
    pub value: String,
}

/// Without the value.
impl std::fmt::Debug for Cookie {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Cookie({} for {}{})", self.name, self.domain, self.path)
    }
}

/// A malformed line of a cookie file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line} has {fields} fields instead of 7 separated by tabs (the format of Netscape and curl)")]
pub struct CookieFileError {
    /// The line, from 1.
    pub line: usize,
    /// The number of its fields.
    pub fields: usize,
}

/// Parses a cookie file in the format of Netscape, curl and browser add-ons: domain, subdomains, path, secure, expiry, name
/// and value, separated by tabs. The prefix `#HttpOnly_` is ignored; other lines with `#` are comments.
///
/// # Errors
/// The first malformed line, without its text, which may be a secret.
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
        // Some programs omit the tab before an empty value.
        [domain, subdomains, path, secure, expires, name] => (domain, subdomains, path, secure, expires, name, ""),
        _ => return Err(fields.len()),
    };
    Ok(Cookie {
        domain: domain.trim_start_matches('.').to_ascii_lowercase(),
        subdomains: subdomains.eq_ignore_ascii_case("true") || domain.starts_with('.'),
        path: path.to_owned(),
        secure: secure.eq_ignore_ascii_case("true"),
        // 0 marks a session cookie.
        expires: expires.split('.').next().and_then(|text| text.parse().ok()).filter(|second| *second > 0),
        name: name.to_owned(),
        value: value.trim_end_matches('\r').to_owned(),
    })
}

impl Cookie {
    /// Returns whether it is sent with a request (RFC 6265, 5.4), and why not.
    fn use_for(&self, url: &Url, now: i64) -> Use {
        let host = url.host_str().unwrap_or_default();
        let below = host.strip_suffix(&self.domain).is_some_and(|rest| rest.ends_with('.'));
        let in_path = url.path().strip_prefix(&self.path);
        let is_in_path =
            in_path.is_some_and(|rest| rest.is_empty() || rest.starts_with('/') || self.path.ends_with('/'));
        if host != self.domain && !(self.subdomains && below) {
            Use::Unused
        } else if !is_in_path {
            Use::OtherPath
        } else if self.secure && url.scheme() != "https" {
            Use::Insecure
        } else if self.expires.is_some_and(|second| second <= now) {
            Use::Expired
        } else {
            Use::Sent
        }
    }
}

impl Jar {
    /// Returns a jar with the user's cookies.
    pub fn with(given: Vec<Cookie>, now: Timestamp) -> Self {
        let uses = Mutex::new(vec![Use::Unused; given.len()]);
        Self { store: Mutex::default(), given, uses, now: now.as_second() }
    }

    /// Returns why cookies of the user's were not sent to their hosts, in a sentence.
    pub fn withheld(&self) -> Option<String> {
        let expired = self.named(Use::Expired);
        if !expired.is_empty() {
            let advice = "log in again in the browser and export them anew";
            return Some(format!("cookies of the cookie file have expired and were not sent: {expired}; {advice}"));
        }
        let insecure = self.named(Use::Insecure);
        (!insecure.is_empty()).then(|| {
            let advice = "use the site's https:// URLs";
            format!("cookies of the cookie file are for https only and were not sent: {insecure}; {advice}")
        })
    }

    /// Returns that no cookie of the user's was for a requested URL, in a sentence.
    pub fn unused(&self) -> Option<String> {
        let uses = self.uses.lock();
        let most = uses.iter().max().copied()?;
        drop(uses);
        let advice = "export the cookies of the site that you archive";
        match most {
            Use::Unused => {
                let hosts = listed(self.given.iter().map(|cookie| cookie.domain.as_str()));
                Some(format!("no cookie of the cookie file is for a requested host; they are for {hosts}; {advice}"))
            }
            Use::OtherPath => {
                let cookies = self.named(Use::OtherPath);
                Some(format!("cookies of the cookie file are for other paths and were not sent: {cookies}; {advice}"))
            }
            _ => None,
        }
    }

    /// Returns the cookies of which that became, with their hosts.
    fn named(&self, wanted: Use) -> String {
        let uses = self.uses.lock();
        let of_them = self.given.iter().zip(uses.iter()).filter(|(_, found)| **found == wanted);
        let names: Vec<String> =
            of_them.map(|(cookie, _)| format!("`{}` for {}", cookie.name, cookie.domain)).collect();
        listed(names.iter().map(String::as_str))
    }

    /// Returns the value of `Cookie` for a URL; None if there is no cookie for it.
    pub fn header(&self, url: &Url) -> Option<String> {
        let store = self.store.lock();
        let mut pairs: Vec<(&str, &str)> = store.get_request_values(url).collect();
        let mut uses = self.uses.lock();
        for (cookie, known) in self.given.iter().zip(uses.iter_mut()) {
            let found = cookie.use_for(url, self.now);
            *known = (*known).max(found);
            if found == Use::Sent && !pairs.iter().any(|(name, _)| *name == cookie.name) {
                pairs.push((&cookie.name, &cookie.value));
            }
        }
        pairs.sort_unstable();
        let pairs: Vec<String> = pairs.iter().map(|(name, value)| format!("{name}={value}")).collect();
        (!pairs.is_empty()).then(|| pairs.join("; "))
    }

    /// Stores the cookies that a response sets. Malformed ones are ignored.
    pub fn store(&self, headers: &Headers, url: &Url) {
        let mut store = self.store.lock();
        for field in headers.all("set-cookie").filter(|field| field.len() <= MAX_LENGTH) {
            let Ok(mut cookie) = RawCookie::parse(field.to_owned()) else { continue };
            cookie.unset_domain();
            if store.iter_any().count() < MAX_COOKIES {
                // Expired, foreign and malformed cookies are refused here (RFC 6265).
                let _ = store.insert_raw(&cookie, url);
            }
        }
    }
}

/// Returns the first three of some texts, each once, in a list.
fn listed<'a>(texts: impl Iterator<Item = &'a str>) -> String {
    let mut distinct: Vec<&str> = texts.collect();
    distinct.sort_unstable();
    distinct.dedup();
    let shown: Vec<String> = distinct.iter().take(3).map(|text| brief(text, 60)).collect();
    let others = if distinct.len() > shown.len() {
        format!(" and {} more", distinct.len() - shown.len())
    } else {
        String::new()
    };
    shown.join(", ") + &others
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
    fn cookies_are_sent_in_a_stable_order() {
        let jar = jar("https://example.org/a/b", &["z=1; Path=/", "a=2; Path=/", "deep=3; Path=/a"]);
        assert_eq!(jar.header(&url("https://example.org/a/c")).unwrap(), "a=2; deep=3; z=1");
        assert_eq!(jar.header(&url("https://example.org/")).unwrap(), "a=2; z=1");
    }

    #[test]
    fn cookies_of_a_file_are_sent_to_their_hosts_only() {
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
    fn cookies_that_are_not_sent_are_named() {
        let file = "a.test\tFALSE\t/\tFALSE\t1000\told\tgeheim\nb.test\tFALSE\t/\tTRUE\t0\tsafe\tgeheim\n\
            c.test\tFALSE\t/in\tFALSE\t0\tdeep\tgeheim\n";
        let jar = || Jar::with(cookie_file(file).unwrap(), "2026-11-23T08:58:55Z".parse().unwrap());
        let asked = |urls: &[&str]| {
            let jar = jar();
            urls.iter().for_each(|text| assert_eq!(jar.header(&url(text)), None, "{text}"));
            (jar.withheld().unwrap_or_default(), jar.unused().unwrap_or_default())
        };
        let (withheld, unused) = asked(&["http://a.test/", "http://a.test/2"]);
        assert!(withheld.contains("expired") && withheld.contains("`old` for a.test;"), "{withheld}");
        assert_eq!(unused, "");
        assert!(asked(&["http://b.test/"]).0.contains("https only"));
        let (withheld, unused) = asked(&["http://c.test/"]);
        assert!(withheld.is_empty() && unused.contains("other paths") && unused.contains("`deep`"), "{unused}");
        let (withheld, unused) = asked(&["http://d.test/"]);
        assert!(withheld.is_empty() && unused.contains("they are for a.test, b.test, c.test;"), "{unused}");
        let jar = jar();
        assert!(jar.header(&url("https://b.test/")).is_some());
        assert_eq!((jar.withheld(), jar.unused()), (None, None));
        assert_eq!((Jar::default().withheld(), Jar::default().unused()), (None, None));
    }

    #[test]
    fn cookies_are_sent_to_no_other_host_even_if_domain_allows_it() {
        let jar = jar("https://www.example.com.cn/", &["id=1; Domain=.com.cn", "own=2; Domain=example.com.cn"]);
        assert_eq!(jar.header(&url("https://other.com.cn/")), None);
        assert_eq!(jar.header(&url("https://www.example.com.cn/")).unwrap(), "id=1; own=2");
    }

    #[test]
    fn a_secure_cookie_is_not_sent_over_http_and_an_expired_one_not_at_all() {
        let jar = jar("https://example.org/", &["s=1; Secure", "gone=2; Max-Age=0", "plain=3", "nonsense"]);
        assert_eq!(jar.header(&url("http://example.org/")).unwrap(), "plain=3");
    }

    #[test]
    fn a_cookie_over_the_length_limit_is_ignored() {
        let long = format!("a={}", "x".repeat(MAX_LENGTH));
        assert_eq!(jar("https://example.org/", &[&long]).header(&url("https://example.org/")), None);
    }
}
