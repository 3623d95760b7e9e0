//! Which article a page belongs to when its URL was never kept: claims of pages are believed only as far as the
//! archive bears them out.

use url::Url;

use crate::model::{Digest, UrlKey};

use super::ArchiveError;
use super::layout::INDEX;
use super::reader::Entry;
use super::record::read_bytes;
use super::words::alike;
use super::writer::Writer;

/// A page as it arrived.
#[derive(Clone, Copy)]
pub struct Arrival<'a> {
    /// The URL that answered.
    pub answered: &'a Url,
    /// The URL asked for and the redirects on the way.
    pub on_the_way: &'a [Url],
    /// The URL that the page claims for itself; None when it claims none.
    pub canonical: Option<&'a Url>,
    /// Digest over title, author and body with images named by their sources.
    pub text_digest: &'a Digest,
    /// Gives the body as Markdown, when it is needed.
    pub body: &'a dyn Fn() -> String,
}

impl Writer {
    /// The key under which a page is kept: that of an article that is known by its URL; else of one that is known
    /// by a URL on the way, by the canonical URL that the page claims, or by itself claiming this URL, if
    /// it lies on the same registrable domain, neither URL is a home page, and the texts are equal or forms of one;
    /// else the key of the URL that answered.
    ///
    /// # Errors
    /// An index, record or text that cannot be read.
    pub fn home(&self, arrival: &Arrival<'_>) -> Result<UrlKey, ArchiveError> {
        let own = UrlKey::of(arrival.answered);
        if self.state.index.folder(&own)?.is_some() || is_home_page(arrival.answered) {
            return Ok(own);
        }
        let canonical = arrival.canonical.map(UrlKey::of);
        let mut candidates = Vec::new();
        for key in arrival.on_the_way.iter().map(UrlKey::of).chain(canonical.clone()) {
            candidates.extend(self.state.index.folder(&key)?);
        }
        // A page that claims another URL for itself is not the one that others mean by this URL.
        if canonical.is_none_or(|canonical| canonical == own) {
            candidates.extend(self.state.index.claimants(&own)?);
        }
        for folder in candidates {
            let Some(entry) = self.entry(folder)? else { continue };
            if self.is_one(arrival, &entry)? {
                return Ok(entry.record.key().unwrap_or(own));
            }
        }
        Ok(own)
    }

    fn is_one(&self, arrival: &Arrival<'_>, entry: &Entry) -> Result<bool, ArchiveError> {
        let known = Url::parse(&entry.record.url).ok();
        let Some(known) = known.filter(|known| is_one_site(known, arrival.answered) && !is_home_page(known)) else {
            return Ok(false);
        };
        let newest = entry.record.newest();
        if newest.is_some_and(|newest| newest.text_digest == *arrival.text_digest) {
            return Ok(true);
        }
        // An article whose own page sends its readers to a third URL is not what this page means.
        let claim = newest.and_then(|newest| newest.canonical.as_deref()).and_then(|url| Url::parse(url).ok());
        let names =
            |url: &Url| UrlKey::of(url) == UrlKey::of(&known) || UrlKey::of(url) == UrlKey::of(arrival.answered);
        if claim.is_some_and(|claim| !names(&claim)) {
            return Ok(false);
        }
        let path = self.root.join(&entry.folder).join(INDEX);
        let text = read_bytes(&path)?;
        let start = usize::try_from(newest.map_or(0, |newest| newest.front_matter_bytes)).unwrap_or_default();
        Ok(alike(&String::from_utf8_lossy(text.get(start..).unwrap_or_default()), &(arrival.body)()))
    }
}

/// Whether two URLs belong to one owner: the same registrable domain by the public suffix list; the same host and
/// port where there is none.
fn is_one_site(one: &Url, other: &Url) -> bool {
    match (registrable(one), registrable(other)) {
        (Some(one), Some(other)) => one == other,
        (None, None) => one.host_str() == other.host_str() && one.port() == other.port(),
        _ => false,
    }
}

fn registrable(url: &Url) -> Option<&str> {
    let host = url.domain()?;
    psl::domain_str(host.strip_suffix('.').unwrap_or(host))
}

/// Whether a URL is that of a site and not of one of its pages.
fn is_home_page(url: &Url) -> bool {
    let file = url.path().trim_start_matches('/').to_ascii_lowercase();
    let is_index = matches!(file.split_once('.'), Some(("index" | "default" | "home", ext)) if !ext.contains('/'));
    (file.is_empty() || is_index) && url.query().is_none_or(str::is_empty)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    #[test]
    fn a_site_ends_at_its_registrable_domain() {
        let one = |a: &str, b: &str| is_one_site(&url(a), &url(b));
        assert!(one("https://m.example.com.cn/a", "https://www.example.com.cn/b"));
        assert!(!one("https://a.github.io/a", "https://b.github.io/a"), "users of one host are not one owner");
        assert!(!one("https://a.com.cn/a", "https://b.com.cn/a"));
        assert!(one("http://127.0.0.1:81/a", "http://127.0.0.1:81/b"));
        assert!(!one("http://127.0.0.1:81/a", "http://127.0.0.1:82/a"));
    }

    #[test]
    fn home_pages_are_known_by_their_paths() {
        for home in ["https://example.org", "https://example.org/index.html", "https://example.org/Default.aspx?"] {
            assert!(is_home_page(&url(home)), "{home}");
        }
        for page in ["https://example.org/?p=1", "https://example.org/index/2.html", "https://example.org/a"] {
            assert!(!is_home_page(&url(page)), "{page}");
        }
    }
}
