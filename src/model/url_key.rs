//! URL key, version 1: two URLs with one key are one page.
//!
//! The normative text is in `archive/README.md`.

use std::fmt;

use serde::{Deserialize, Serialize};
use url::Url;

use super::Digest;

/// What identifies a page in an archive: derived from its URL, or from its bytes when it has none.
///
/// `example.org/a?id=1` for `https://www.Example.org:443/a?id=1&utm_source=x#top`; `sha256:<hex>` for bytes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct UrlKey(String);

/// Query parameters that say where a reader came from and nothing about the page. A trailing `*` stands for any end.
const TRACKING: [&str; 21] = [
    "_ga",
    "_gl",
    "_hsenc",
    "_hsmi",
    "_openstat",
    "dclid",
    "fbclid",
    "from_source",
    "gbraid",
    "gclid",
    "gclsrc",
    "igshid",
    "mc_*",
    "mkt_tok",
    "msclkid",
    "scm",
    "share_*",
    "spm",
    "utm_*",
    "wbraid",
    "yclid",
];

impl UrlKey {
    /// The key of a web URL.
    pub fn of(url: &Url) -> Self {
        let mut key = host(url);
        if let Some(port) = url.port() {
            // http and https are one: the other scheme's default port names nothing either.
            if !matches!(port, 80 | 443) {
                key.push_str(&format!(":{port}"));
            }
        }
        key.push_str(url.path());
        let kept: Vec<&str> = url.query().unwrap_or_default().split('&').filter(|pair| keeps(pair)).collect();
        if !kept.is_empty() {
            key.push('?');
            key.push_str(&kept.join("&"));
        }
        Self(key)
    }

    /// The key of a page without a URL.
    pub fn of_bytes(digest: &Digest) -> Self {
        Self(format!("sha256:{digest}"))
    }

    /// The key as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The folder name of the key's host: `example.org`, `127.0.0.1_8080`, `__1_8080` for `[::1]:8080`; `local` for bytes.
    pub fn host_folder(&self) -> String {
        if self.0.starts_with("sha256:") {
            return "local".to_owned();
        }
        let authority = self.0.split('/').next().unwrap_or_default();
        let folder = authority.replace(':', "_").replace(['[', ']'], "");
        // A page without a URL must not share its folder with a host of that name, and Windows
        // reserves device names whatever follows their first dot.
        match folder.as_str() {
            "" | "local" => format!("{folder}_"),
            _ if is_reserved(folder.split('.').next().unwrap_or_default()) => format!("_{folder}"),
            _ => folder,
        }
    }
}

/// Windows device names, in lower case as hosts are.
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

fn keeps(pair: &str) -> bool {
    let name = pair.split('=').next().unwrap_or_default().to_ascii_lowercase();
    !pair.is_empty()
        && !TRACKING.iter().any(|listed| match listed.strip_suffix('*') {
            Some(start) => name.starts_with(start),
            None => name == *listed,
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(url: &str) -> String {
        UrlKey::of(&Url::parse(url).unwrap()).to_string()
    }

    #[test]
    fn what_names_no_other_page_is_dropped() {
        for url in [
            "https://example.org/a?id=1",
            "http://www.Example.org:80/a?id=1",
            "https://example.org./a?utm_source=x&id=1&fbclid=2#top",
            "https://user:secret@example.org/a?id=1&spm=a.b",
        ] {
            assert_eq!(key(url), "example.org/a?id=1", "{url}");
        }
    }

    #[test]
    fn what_may_name_another_page_is_kept() {
        assert_eq!(key("https://example.org/a/?b=2&a=1"), "example.org/a/?b=2&a=1");
        assert_eq!(key("https://m.example.org:8443/A"), "m.example.org:8443/A");
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
