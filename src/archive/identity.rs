//! Which article a page belongs to if its URL is not in the archive. What a page claims about itself counts only if the
//! archived texts confirm it.

use url::Url;

use crate::model::{Digest, UrlKey};

use super::ArchiveError;
use super::image_urls::SavedImages;
use super::layout::INDEX;
use super::reader::Entry;
use super::record::read_bytes;
use super::words::are_versions;
use super::writer::Writer;

/// What identifies a page: its URLs and its text.
#[derive(Clone, Copy)]
pub struct PageIdentity<'a> {
    /// The final URL, after redirects.
    pub answered: &'a Url,
    /// The requested URL and the URLs of the redirects.
    pub redirected_from: &'a [Url],
    /// The page's canonical URL; `None` if it states none.
    pub canonical: Option<&'a Url>,
    /// Returns the digest over title, authors and body, for the images that an archived text has.
    pub text_digest: &'a dyn Fn(&SavedImages) -> Digest,
    /// Returns the body as Markdown. It is called only if the text must be compared.
    pub body: &'a dyn Fn() -> String,
}

impl Writer {
    /// Returns the key of the article to which a page belongs.
    ///
    /// That is the article with the page's final URL. If there is none, it is the article with a URL that redirected to
    /// the page or with the page's canonical URL, or the article whose canonical URL is the page's URL, provided that
    /// both are on the same registrable domain, neither is a home page, and the texts are equal or versions of one
    /// another. Otherwise the page is a new article with the key of its final URL.
    ///
    /// # Errors
    /// The index, a record or a text cannot be read.
    pub fn article_key(&self, page: &PageIdentity<'_>) -> Result<UrlKey, ArchiveError> {
        let own = UrlKey::of(page.answered);
        if self.state.index.folder(&own)?.is_some() || is_home_page(page.answered) {
            return Ok(own);
        }
        let canonical = page.canonical.map(UrlKey::of);
        let mut candidates = Vec::new();
        for key in page.redirected_from.iter().map(UrlKey::of).chain(canonical.clone()) {
            candidates.extend(self.state.index.folder(&key)?);
        }
        // If the page states another canonical URL, articles that claim this URL mean another page.
        if canonical.is_none_or(|canonical| canonical == own) {
            candidates.extend(self.state.index.claimants(&own)?);
        }
        for folder in candidates {
            let Some(entry) = self.entry(folder)? else { continue };
            if self.is_same_article(page, &entry)? {
                return Ok(entry.record.key().unwrap_or(own));
            }
        }
        Ok(own)
    }

    fn is_same_article(&self, page: &PageIdentity<'_>, entry: &Entry) -> Result<bool, ArchiveError> {
        let known = Url::parse(&entry.record.url).ok();
        let Some(known) = known.filter(|known| is_same_site(known, page.answered) && !is_home_page(known)) else {
            return Ok(false);
        };
        let newest = entry.record.newest();
        if newest.is_some_and(|newest| newest.text_digest == (page.text_digest)(&newest.saved_images())) {
            return Ok(true);
        }
        // An article whose canonical URL is a third URL is not the article of this page.
        let claim = newest.and_then(|newest| newest.canonical.as_deref()).and_then(|url| Url::parse(url).ok());
        let names = |url: &Url| UrlKey::of(url) == UrlKey::of(&known) || UrlKey::of(url) == UrlKey::of(page.answered);
        if claim.is_some_and(|claim| !names(&claim)) {
            return Ok(false);
        }
        let path = self.root.join(&entry.folder).join(INDEX);
        let text = read_bytes(&path)?;
        let start = usize::try_from(newest.map_or(0, |newest| newest.front_matter_bytes)).unwrap_or_default();
        Ok(are_versions(&String::from_utf8_lossy(text.get(start..).unwrap_or_default()), &(page.body)()))
    }
}

/// Returns whether two URLs belong to one owner: they have the same registrable domain by the public suffix list, or
/// the same host and port if they have no such domain.
fn is_same_site(one: &Url, other: &Url) -> bool {
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

/// Returns whether a redirect from one URL to another led from a page of a site to the home page of the same site, or of
/// one of its languages.
pub fn leads_home(from: &Url, to: &Url) -> bool {
    is_same_site(from, to) && !is_front_page(from) && is_front_page(to)
}

/// Returns whether a URL is that of a home page, perhaps in a language of its own: `/en/`, `/zh-cn/index.html`.
fn is_front_page(url: &Url) -> bool {
    let is_language = |name: &str| {
        let (main, more) = name.split_once(['-', '_']).map_or((name, None), |(main, more)| (main, Some(more)));
        let is_letters = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphabetic());
        main.len() == 2 && is_letters(main) && more.is_none_or(|more| matches!(more.len(), 2..=4) && is_letters(more))
    };
    let mut url = url.clone();
    let path = url.path().to_owned();
    let rest =
        path.trim_start_matches('/').split_once('/').map_or((path.trim_matches('/'), ""), |(name, rest)| (name, rest));
    let (name, rest) = rest;
    if is_language(name) || matches!(name, "m" | "mobile" | "home") {
        url.set_path(rest);
    }
    is_home_page(&url)
}

/// Returns whether a URL is that of a site's home page.
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
        let one = |a: &str, b: &str| is_same_site(&url(a), &url(b));
        assert!(one("https://m.example.com.cn/a", "https://www.example.com.cn/b"));
        assert!(
            !one("https://a.github.io/a", "https://b.github.io/a"),
            "users of a hosting service are different owners"
        );
        assert!(!one("https://a.com.cn/a", "https://b.com.cn/a"));
        assert!(one("http://127.0.0.1:81/a", "http://127.0.0.1:81/b"));
        assert!(!one("http://127.0.0.1:81/a", "http://127.0.0.1:82/a"));
    }

    #[test]
    fn home_pages_are_recognised_by_their_paths() {
        for home in ["https://example.org", "https://example.org/index.html", "https://example.org/Default.aspx?"] {
            assert!(is_home_page(&url(home)), "{home}");
        }
        for page in ["https://example.org/?p=1", "https://example.org/index/2.html", "https://example.org/a"] {
            assert!(!is_home_page(&url(page)), "{page}");
        }
    }
}
