//! Which URLs belong to a crawl.

use std::collections::BTreeSet;
use std::str::FromStr;

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};
use url::Url;

use crate::model::registrable_domain;

/// How far links may lead from the seeds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Within {
    /// The same host and port; `www.` makes no difference.
    #[default]
    Host,
    /// Hosts below the same registrable domain.
    Domain,
    /// Anywhere.
    Any,
}

impl Within {
    /// Every value.
    pub const ALL: [Self; 3] = [Self::Host, Self::Domain, Self::Any];

    /// Returns the word that users write.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Host => "host",
            Self::Domain => "domain",
            Self::Any => "any",
        }
    }
}

impl FromStr for Within {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|value| value.as_str() == text);
        found.ok_or_else(|| format!("invalid value `{text}`; use host, domain or any"))
    }
}

/// Endings of URLs that lead to no page.
const NO_PAGES: [&str; 62] = [
    "7z", "aac", "apk", "atom", "avi", "avif", "bin", "bmp", "bz2", "css", "csv", "deb", "dmg", "doc", "docx", "eot",
    "epub", "exe", "flac", "flv", "gif", "gz", "ico", "iso", "jpeg", "jpg", "js", "json", "m4a", "m4v", "mjs", "mkv",
    "mobi", "mov", "mp3", "mp4", "mpeg", "mpg", "msi", "ogg", "otf", "pdf", "png", "ppt", "pptx", "rar", "rpm", "rss",
    "svg", "swf", "tar", "tgz", "ttf", "wav", "webm", "webp", "wmv", "woff", "woff2", "xls", "xlsx", "zip",
];

/// Which URLs belong to a crawl.
#[derive(Debug, Clone, Default)]
pub struct Scope {
    within: Within,
    homes: BTreeSet<String>,
    include: Patterns,
    exclude: Patterns,
}

/// An invalid pattern.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("invalid pattern `{pattern}` ({reason}); `*` matches any text, `?` a character, `{{a,b}}` either of them")]
pub struct PatternError {
    /// The pattern.
    pub pattern: String,
    /// What is wrong with it.
    pub reason: String,
}

impl Scope {
    /// Returns a scope around the seeds of a crawl. Patterns are matched against complete URLs, or against path and
    /// query when they start with `/`; without `include` everything is included.
    ///
    /// # Errors
    /// A pattern is invalid.
    pub fn new(within: Within, include: &[String], exclude: &[String]) -> Result<Self, PatternError> {
        let (include, exclude) = (Patterns::new(include)?, Patterns::new(exclude)?);
        Ok(Self { within, homes: BTreeSet::new(), include, exclude })
    }

    /// Adds a seed.
    pub fn begins_at(&mut self, url: &Url) {
        self.homes.insert(home(url, self.within));
    }

    /// Returns whether a link may be followed.
    pub fn follows(&self, url: &Url) -> bool {
        (self.within == Within::Any || self.homes.contains(&home(url, self.within))) && is_page(url) && self.admits(url)
    }

    /// Returns whether the user's patterns name a URL.
    pub fn names(&self, url: &Url) -> bool {
        self.include.matches(url)
    }

    /// Returns whether a URL of a feed, sitemap or list is in scope; its host does not matter.
    pub fn admits(&self, url: &Url) -> bool {
        (self.include.is_empty() || self.include.matches(url)) && !self.exclude.matches(url)
    }
}

fn home(url: &Url, within: Within) -> String {
    let host = url.host_str().unwrap_or_default();
    let host = host.strip_prefix("www.").filter(|rest| rest.contains('.')).unwrap_or(host);
    match within {
        Within::Domain => {
            let domain = registrable_domain(host).filter(|_| url.domain().is_some());
            domain.unwrap_or(host).to_owned()
        }
        Within::Host | Within::Any => match url.port() {
            Some(port) => format!("{host}:{port}"),
            None => host.to_owned(),
        },
    }
}

fn is_page(url: &Url) -> bool {
    let name = url.path().rsplit('/').next().unwrap_or_default();
    let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase());
    ending.is_none_or(|ending| NO_PAGES.binary_search(&ending.as_str()).is_err())
}

#[derive(Debug, Clone, Default)]
struct Patterns {
    urls: GlobSet,
    paths: GlobSet,
}

impl Patterns {
    fn new(written: &[String]) -> Result<Self, PatternError> {
        let (mut urls, mut paths) = (GlobSetBuilder::new(), GlobSetBuilder::new());
        for pattern in written {
            let wrong =
                |error: globset::Error| PatternError { pattern: pattern.clone(), reason: error.kind().to_string() };
            let glob = GlobBuilder::new(pattern).literal_separator(false).build().map_err(wrong)?;
            if pattern.starts_with('/') {
                paths.add(glob)
            } else {
                urls.add(glob)
            };
        }
        let build = |builder: GlobSetBuilder| {
            builder.build().map_err(|error| PatternError { pattern: written.join(" "), reason: error.to_string() })
        };
        Ok(Self { urls: build(urls)?, paths: build(paths)? })
    }

    fn is_empty(&self) -> bool {
        self.urls.is_empty() && self.paths.is_empty()
    }

    fn matches(&self, url: &Url) -> bool {
        let path = match url.query() {
            Some(query) => format!("{}?{query}", url.path()),
            None => url.path().to_owned(),
        };
        // A pattern may be written with decoded characters.
        let read = |text: &str| percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned();
        self.urls.is_match(url.as_str())
            || self.paths.is_match(&path)
            || self.urls.is_match(read(url.as_str()))
            || self.paths.is_match(read(&path))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scope(within: Within, include: &[&str], exclude: &[&str]) -> Scope {
        let owned = |list: &[&str]| list.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        let mut scope = Scope::new(within, &owned(include), &owned(exclude)).unwrap();
        scope.begins_at(&Url::parse("https://www.example.com.cn/news/").unwrap());
        scope
    }

    fn follows(scope: &Scope, url: &str) -> bool {
        scope.follows(&Url::parse(url).unwrap())
    }

    #[test]
    fn links_stay_within_the_host_unless_more_is_asked_for() {
        let host = scope(Within::Host, &[], &[]);
        assert!(follows(&host, "http://example.com.cn/a") && !follows(&host, "https://m.example.com.cn/a"));
        assert!(!follows(&host, "https://example.com.cn:8443/a"));
        let domain = scope(Within::Domain, &[], &[]);
        assert!(follows(&domain, "https://m.example.com.cn/a") && !follows(&domain, "https://other.com.cn/a"));
        assert!(follows(&scope(Within::Any, &[], &[]), "https://other.com.cn/a"));
    }

    #[test]
    fn patterns_include_and_exclude() {
        let scope = scope(Within::Any, &["/news/*", "*/文化/*"], &["*print=1*", "/news/{old,tmp}/*"]);
        assert!(follows(&scope, "https://a.test/news/2024/1.html"));
        assert!(follows(&scope, "https://a.test/x/%E6%96%87%E5%8C%96/1"));
        assert!(!follows(&scope, "https://a.test/sport/1"));
        assert!(!follows(&scope, "https://a.test/news/1?print=1") && !follows(&scope, "https://a.test/news/old/1"));
        let wrong = Scope::new(Within::Any, &["a{b".to_owned()], &[]).unwrap_err().to_string();
        assert!(wrong.starts_with("invalid pattern `a{b`"), "{wrong}");
    }

    #[test]
    fn what_ends_like_a_file_is_no_page() {
        assert!(NO_PAGES.is_sorted());
        let scope = scope(Within::Any, &[], &[]);
        assert!(!follows(&scope, "https://a.test/a.PDF") && !follows(&scope, "https://a.test/b.jpg?x=1"));
        assert!(follows(&scope, "https://a.test/a.shtml") && follows(&scope, "https://a.test/v1.2"));
    }
}
