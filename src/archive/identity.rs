//! Which article a page belongs to. What a page claims about itself counts only if the archived texts confirm it.

use std::collections::BTreeSet;

use url::Url;

use crate::model::{Digest, FeedItem, GuidTrust, UrlKey, Warning, item_fragment, registrable_domain};

use super::ArchiveError;
use super::feed_items::FeedClaims;
use super::layout::INDEX;
use super::reader::Entry;
use super::record::read_bytes;
use super::variants::{Traits, Twins, is_front_page, is_home_page, is_wall, place_of_page, plain_title};
use super::words::{are_nearly_equal, are_versions};
use super::writer::Writer;

/// The number of articles with one canonical URL that are compared with the page of that URL.
const MOST_CLAIMANTS: usize = 100;

/// What identifies a page: its URLs and its text.
#[derive(Clone, Copy)]
pub struct PageIdentity<'a> {
    /// The final URL, after redirects.
    pub answered: &'a Url,
    /// The requested URL and the URLs of the redirects.
    pub redirected_from: &'a [Url],
    /// The page's canonical URL; `None` if it states none.
    pub canonical: Option<&'a Url>,
    /// What feeds say of the page.
    pub feed: &'a FeedClaims,
    /// The title; empty if it has none.
    pub title: &'a str,
    /// The warnings about its text.
    pub warnings: &'a [Warning],
    /// The digest over title, author and body with images named by their sources.
    pub text_digest: &'a Digest,
    /// Returns the body as Markdown. It is called only if the text must be compared.
    pub body: &'a dyn Fn() -> String,
}

impl Writer {
    /// Returns the key of the article to which a page belongs; section 3 of `archive/README.md` specifies it.
    ///
    /// # Errors
    /// The index, a record or a text cannot be read.
    pub fn article_key(&self, page: &PageIdentity<'_>) -> Result<UrlKey, ArchiveError> {
        let own = self.url_key(page.answered);
        // A login or a bot check replaces the requested page, whatever its own URL is.
        if let Some(asked) = page.redirected_from.first().filter(|_| replaces_page(page.warnings)) {
            let key = self.url_key(asked);
            let known = self.find(&key)?.and_then(|entry| entry.record.key());
            return Ok(known.unwrap_or(key));
        }
        let named = self.state.index.folder(&own)?;
        if let Some(folder) = &named {
            let Some(entry) = self.entry(folder.clone())? else { return Ok(own) };
            let key = entry.record.key().unwrap_or_else(|| own.clone());
            if key == own
                || item_fragment(page.answered).is_some()
                || is_wall(page.warnings)
                || self.is_still(page, &entry)?
            {
                return Ok(key);
            }
        }
        let mut tried: BTreeSet<String> = named.into_iter().collect();
        let is_item = item_fragment(page.answered).is_some();
        for folder in self.folders_of_item(page)?.into_iter().filter(|folder| !tried.contains(folder)) {
            let Some(entry) = self.entry(folder)? else { continue };
            let is_certain = page.feed.trust == GuidTrust::Certain && is_of_same_site(page, &entry);
            if is_item || is_certain || self.is_same_article(page, &entry, Link::Named)? {
                return Ok(entry.record.key().unwrap_or(own));
            }
        }
        // An item of a feed is not the page that it shares with others.
        if is_item {
            return Ok(own);
        }
        for (folder, link) in self.candidates(page, &own)? {
            if !tried.insert(folder.clone()) {
                continue;
            }
            let Some(entry) = self.entry(folder)? else { continue };
            if self.is_same_article(page, &entry, link)? {
                return Ok(entry.record.key().unwrap_or(own));
            }
        }
        Ok(own)
    }

    /// Returns the folders of the articles that are the same item of a feed as the page.
    ///
    /// An item without a link is found by its feed. An item that shares its link is found by its own URL only: another
    /// article with its identifier is that of the page to which the link leads.
    fn folders_of_item(&self, page: &PageIdentity<'_>) -> Result<Vec<String>, ArchiveError> {
        let urls: Vec<Url> = page.feed.items.iter().filter_map(FeedItem::url).collect();
        if item_fragment(page.answered).is_some() && !urls.contains(page.answered) {
            return Ok(Vec::new());
        }
        let folders = urls.iter().map(|url| self.state.index.folder(&UrlKey::of(url)));
        folders.filter_map(Result::transpose).collect()
    }

    /// Returns the key of a URL, without the parameters that the user named as tracking parameters.
    pub fn url_key(&self, url: &Url) -> UrlKey {
        UrlKey::of(&self.tracking.strip(url))
    }

    /// Returns the URL of the article whose newest text has a page as a continuation page; `None` if there is none, or if the
    /// page is an article of its own.
    ///
    /// # Errors
    /// The index or a record cannot be read.
    pub fn article_continued_on(&self, page: &Url) -> Result<Option<Url>, ArchiveError> {
        let key = self.url_key(page);
        if self.contains(&key)? {
            return Ok(None);
        }
        for folder in self.state.index.listed(&place_of_page(&key))? {
            let Some(entry) = self.entry(folder)? else { continue };
            if let Some(first) = Url::parse(&entry.record.url).ok().filter(Url::has_host) {
                return Ok(Some(first));
            }
        }
        Ok(None)
    }

    /// Returns the body of the newest text of the article with a key, as it was written; `None` if there is none.
    ///
    /// # Errors
    /// The record or the text cannot be read.
    pub fn newest_text(&self, key: &UrlKey) -> Result<Option<String>, ArchiveError> {
        let Some(entry) = self.find_own(key)? else { return Ok(None) };
        let Some(newest) = entry.record.newest() else { return Ok(None) };
        let text = read_bytes(&self.root.join(&entry.folder).join(&newest.file))?;
        let start = usize::try_from(newest.front_matter_bytes).unwrap_or_default();
        Ok(Some(String::from_utf8_lossy(text.get(start..).unwrap_or_default()).into_owned()))
    }

    /// Returns the articles that may be that of a page, best first.
    fn candidates(&self, page: &PageIdentity<'_>, own: &UrlKey) -> Result<Vec<(String, Link)>, ArchiveError> {
        let index = &self.state.index;
        let mut found: Vec<(String, Link)> = Vec::new();
        if !is_home_page(page.answered) {
            for key in page.redirected_from.iter().chain(page.canonical).map(|url| self.url_key(url)) {
                found.extend(index.folder(&key)?.map(|folder| (folder, Link::Named)));
            }
            let claimants = index.claimants(own)?.into_iter().take(MOST_CLAIMANTS);
            found.extend(claimants.map(|folder| (folder, Link::Named)));
        }
        // The same wall stands in front of many articles.
        if is_wall(page.warnings) {
            return Ok(found);
        }
        let canonical = page.canonical.filter(|url| !is_home_page(url));
        let answered = self.tracking.strip(page.answered);
        let traits = Traits { urls: &[&answered], canonical, title: page.title };
        let Twins { of_form, of_path } = traits.twins();
        for (places, link) in [(of_form, Link::Form), (of_path, Link::Path)] {
            for place in places {
                found.extend(index.listed(&place)?.into_iter().map(|folder| (folder, link)));
            }
        }
        Ok(found)
    }

    /// Returns whether a page that answers at an alias of an article is still that article.
    fn is_still(&self, page: &PageIdentity<'_>, entry: &Entry) -> Result<bool, ArchiveError> {
        let is_known = entry.record.snapshots.iter().any(|snapshot| snapshot.text_digest == *page.text_digest);
        let title = plain_title(page.title);
        let has_title = !title.is_empty() && title == plain_title(&entry.record.title);
        Ok(is_known || has_title || are_versions(&self.newest_body(entry)?, &(page.body)()))
    }

    fn is_same_article(&self, page: &PageIdentity<'_>, entry: &Entry, link: Link) -> Result<bool, ArchiveError> {
        let known = Url::parse(&entry.record.url).ok();
        let Some(known) = known.filter(|known| is_same_site(known, page.answered)) else { return Ok(false) };
        // The front pages of a site are one article only if their URLs say so.
        if is_home_page(&known) != is_home_page(page.answered) {
            return Ok(false);
        }
        let newest = entry.record.newest();
        let is_equal = newest.is_some_and(|newest| newest.text_digest == *page.text_digest);
        if is_equal || link == Link::Path {
            return Ok(is_equal);
        }
        // An article whose canonical URL is a third URL is not the article of this page.
        let claim = newest.and_then(|newest| newest.canonical.as_deref()).and_then(|url| Url::parse(url).ok());
        let meant = [Some(&known), Some(page.answered), page.canonical];
        let names = |url: &Url| meant.iter().flatten().any(|other| UrlKey::of(other) == UrlKey::of(url));
        if claim.is_some_and(|claim| !names(&claim)) {
            return Ok(false);
        }
        let body = self.newest_body(entry)?;
        match link {
            Link::Named => Ok(are_versions(&body, &(page.body)())),
            Link::Form | Link::Path => Ok(are_nearly_equal(&body, &(page.body)())),
        }
    }

    fn newest_body(&self, entry: &Entry) -> Result<String, ArchiveError> {
        let text = read_bytes(&self.root.join(&entry.folder).join(INDEX))?;
        let start = usize::try_from(entry.record.newest().map_or(0, |newest| newest.front_matter_bytes));
        Ok(String::from_utf8_lossy(text.get(start.unwrap_or_default()..).unwrap_or_default()).into_owned())
    }
}

/// Returns whether the warnings say that the page is not the requested one.
fn replaces_page(warnings: &[Warning]) -> bool {
    warnings.iter().any(|warning| warning.kind.replaces_page())
}

/// What connects a page with an article.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Link {
    /// A redirect or a canonical URL names one of them.
    Named,
    /// They have the same title, and URLs or canonical URLs of one form: the texts must be nearly equal.
    Form,
    /// They have the same title, and URLs that differ in their parameters only: the texts must be equal.
    Path,
}

/// Returns whether an article is on the page's site, and is not its home page.
fn is_of_same_site(page: &PageIdentity<'_>, entry: &Entry) -> bool {
    let known = Url::parse(&entry.record.url);
    known.is_ok_and(|known| is_same_site(&known, page.answered) && !is_home_page(&known))
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
    registrable_domain(host.strip_suffix('.').unwrap_or(host))
}

/// Returns whether a redirect from one URL to another led from a page of a site to the home page of the same site, or of
/// one of its languages.
pub fn leads_home(from: &Url, to: &Url) -> bool {
    is_same_site(from, to) && !is_front_page(from) && is_front_page(to)
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
}
