//! URL key, version 1: URLs with the same key identify the same page.
//!
//! The normative text is in `archive/README.md`.

use std::fmt;

use serde::{Deserialize, Serialize};
use url::Url;

use super::tracking::{keeps, without_sessions};
use super::{Digest, item_fragment};

/// Identifies a page in an archive. It is derived from the page's URL, or from its bytes if it has no URL.
///
/// `example.org/a?id=1` for `https://www.Example.org:443/a?id=1&utm_source=x#top`; `sha256:<hex>` for bytes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct UrlKey(String);

impl UrlKey {
    /// Returns the key of a web URL.
    pub fn of(url: &Url) -> Self {
        let mut key = host(url);
        if let Some(port) = url.port() {
            // http and https are equal, so both default ports are dropped.
            if !matches!(port, 80 | 443) {
                key.push_str(&format!(":{port}"));
            }
        }
        key.push_str(&without_sessions(url.path()));
        let kept: Vec<&str> = url.query().unwrap_or_default().split('&').filter(|pair| keeps(pair)).collect();
        if !kept.is_empty() {
            key.push('?');
            key.push_str(&kept.join("&"));
        }
        if let Some(fragment) = item_fragment(url) {
            key.push('#');
            key.push_str(fragment);
        }
        Self(key)
    }

    /// Returns the key of a page without a URL.
    pub fn of_bytes(digest: &Digest) -> Self {
        Self(format!("sha256:{digest}"))
    }

    /// Returns the key as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the folder name of the key's host: `example.org`, `127.0.0.1_8080`, `__1_8080` for `[::1]:8080`; `local` for bytes.
    pub fn host_folder(&self) -> String {
        if self.0.starts_with("sha256:") {
            return "local".to_owned();
        }
        let authority = self.0.split('/').next().unwrap_or_default();
        let folder = authority.replace(':', "_").replace(['[', ']'], "");
        // `local` is the folder of pages without a URL, so a host of that name needs another. Windows reserves device
        // names with any extension.
        match folder.as_str() {
            "" | "local" => format!("{folder}_"),
            _ if is_reserved(folder.split('.').next().unwrap_or_default()) => format!("_{folder}"),
            _ => folder,
        }
    }
}

/// Returns whether a lower-case name is a Windows device name.
fn is_reserved(stem: &str) -> bool {
    match stem {
        "con" | "prn" | "aux" | "nul" => true,
        _ => {
            stem.len() == 4
                && (stem.starts_with("com") || stem.starts_with("lpt"))
                && stem.as_bytes()[3].is_ascii_digit()
        }
    }
}

impl fmt::Display for UrlKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn host(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default().to_ascii_lowercase();
    let host = host.strip_suffix('.').unwrap_or(&host);
    host.strip_prefix("www.").filter(|rest| rest.contains('.')).unwrap_or(host).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(url: &str) -> String {
        UrlKey::of(&Url::parse(url).unwrap()).to_string()
    }

    #[test]
    fn parts_of_a_url_that_do_not_select_a_page_are_dropped() {
        for url in [
            "https://example.org/a?id=1",
            "http://www.Example.org:80/a?id=1",
            "https://example.org./a?utm_source=x&id=1&fbclid=2#top",
            "https://user:secret@example.org/a?id=1&spm=a.b",
            "https://example.org/a;jsessionid=1F.node1?id=1&from=timeline&isappinstalled=0",
            "https://example.org/(S(1f2e))/a?PHPSESSID=1f2e&id=1",
        ] {
            assert_eq!(key(url), "example.org/a?id=1", "{url}");
        }
    }

    #[test]
    fn parts_of_a_url_that_may_select_another_page_are_kept() {
        assert_eq!(key("https://example.org/a/?b=2&a=1"), "example.org/a/?b=2&a=1");
        assert_eq!(key("https://m.example.org:8443/A"), "m.example.org:8443/A");
        assert_eq!(key("https://example.org/a?ref=1&from=2010&sid=7"), "example.org/a?ref=1&from=2010&sid=7");
        assert_eq!(key("https://www.com/"), "www.com/");
        assert_eq!(key("https://例子.中国/文"), "xn--fsqu00a.xn--fiqs8s/%E6%96%87");
    }

    #[test]
    fn host_folders_are_safe_names() {
        let folder = |url: &str| UrlKey::of(&Url::parse(url).unwrap()).host_folder();
        assert_eq!(folder("http://127.0.0.1:8080/x"), "127.0.0.1_8080");
        assert_eq!(folder("http://[::1]:8080/x"), "__1_8080");
        assert_eq!(folder("http://local/x"), "local_");
        assert_eq!(folder("http://aux.example.org/x"), "_aux.example.org");
        assert_eq!(folder("http://com1/x"), "_com1");
        assert_eq!(UrlKey::of_bytes(&Digest::of(b"x")).host_folder(), "local");
    }
}
