//! What a page is fetched with: the HTTP client, a browser beside it, or pages in memory in tests.

use std::num::NonZeroUsize;
use std::pin::Pin;
use std::time::Duration;

use url::Url;

use super::{Client, FetchError, Robots};
use crate::model::{RawPage, Request};

/// A result that is not there yet.
pub type Pending<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Fetches pages and images. [`Client`] says what each method does.
pub trait Fetcher: Send + Sync {
    /// Marks an origin as named by the user.
    fn name_origin(&self, url: &Url);

    /// Returns whether robots.txt allows a URL.
    fn robots<'a>(&'a self, url: &'a Url) -> Pending<'a, Robots>;

    /// Fetches a page; one that is unchanged has status 304 and no body.
    fn page<'a>(&'a self, request: &'a Request) -> Pending<'a, Result<RawPage, FetchError>>;

    /// Follows a meta refresh of a page.
    fn follow(&self, page: RawPage, target: Url) -> Pending<'_, Result<RawPage, FetchError>>;

    /// Fetches a feed, sitemap or list of URLs; one that is too large is cut.
    fn seed<'a>(&'a self, request: &'a Request) -> Pending<'a, Result<RawPage, FetchError>> {
        self.page(request)
    }

    /// Returns how many bytes of a feed, sitemap or list are read.
    fn seed_cap(&self) -> u64 {
        u64::MAX
    }

    /// Returns the sitemaps that the robots.txt of an origin lists.
    fn sitemaps<'a>(&'a self, _url: &'a Url) -> Pending<'a, Vec<String>> {
        Box::pin(std::future::ready(Vec::new()))
    }

    /// Returns how long to wait before the next request to the URL's host.
    fn rest(&self, _url: &Url) -> Duration {
        Duration::ZERO
    }

    /// Returns how many requests may be sent to one host at a time.
    fn at_once(&self) -> NonZeroUsize {
        NonZeroUsize::MIN
    }

    /// Returns whether the user's own cookies or credentials are sent, so that a link can end a session.
    fn has_session(&self) -> bool {
        false
    }

    /// Returns why cookies of the user's were not sent to their hosts, in a sentence; `None` if all were that should be.
    fn withheld_cookies(&self) -> Option<String> {
        None
    }

    /// Returns that none of the user's cookies was for a requested host, in a sentence; `None` if one was.
    fn unused_cookies(&self) -> Option<String> {
        None
    }

    /// Fetches an image of a page.
    fn image<'a>(
        &'a self,
        url: &'a Url,
        referer: Option<&'a Url>,
        page: &'a Url,
    ) -> Pending<'a, Result<RawPage, FetchError>>;
}

impl Fetcher for Client {
    fn name_origin(&self, url: &Url) {
        Client::name_origin(self, url);
    }

    fn robots<'a>(&'a self, url: &'a Url) -> Pending<'a, Robots> {
        Box::pin(Client::robots(self, url))
    }

    fn page<'a>(&'a self, request: &'a Request) -> Pending<'a, Result<RawPage, FetchError>> {
        Box::pin(Client::page(self, request))
    }

    fn follow(&self, page: RawPage, target: Url) -> Pending<'_, Result<RawPage, FetchError>> {
        Box::pin(Client::follow(self, page, target))
    }

    fn seed<'a>(&'a self, request: &'a Request) -> Pending<'a, Result<RawPage, FetchError>> {
        Box::pin(Client::seed(self, request))
    }

    fn seed_cap(&self) -> u64 {
        Client::seed_cap(self)
    }

    fn sitemaps<'a>(&'a self, url: &'a Url) -> Pending<'a, Vec<String>> {
        Box::pin(Client::sitemaps(self, url))
    }

    fn rest(&self, url: &Url) -> Duration {
        Client::rest(self, url)
    }

    fn at_once(&self) -> NonZeroUsize {
        Client::at_once(self)
    }

    fn has_session(&self) -> bool {
        Client::has_session(self)
    }

    fn withheld_cookies(&self) -> Option<String> {
        Client::withheld_cookies(self)
    }

    fn unused_cookies(&self) -> Option<String> {
        Client::unused_cookies(self)
    }

    fn image<'a>(
        &'a self,
        url: &'a Url,
        referer: Option<&'a Url>,
        page: &'a Url,
    ) -> Pending<'a, Result<RawPage, FetchError>> {
        Box::pin(Client::image(self, url, referer, page))
    }
}
