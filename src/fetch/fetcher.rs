//! What a page is fetched with: the HTTP client, a browser beside it, or pages in memory in tests.

use std::pin::Pin;

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

    fn image<'a>(
        &'a self,
        url: &'a Url,
        referer: Option<&'a Url>,
        page: &'a Url,
    ) -> Pending<'a, Result<RawPage, FetchError>> {
        Box::pin(Client::image(self, url, referer, page))
    }
}
