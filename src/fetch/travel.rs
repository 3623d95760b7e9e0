//! From a URL through its redirects to a page.

use url::Url;

use super::client::Inner;
use super::error::{FetchError, bare, shown};
use super::exchange::{Answer, Ask, Purpose};
use super::redirect;
use crate::model::{Hop, Origin, RawPage};

const ACCEPT_PAGE: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
const ACCEPT_SEED: &str = "application/rss+xml,application/atom+xml,application/feed+json,application/xml;q=0.9,\
    text/xml;q=0.9,text/html;q=0.8,*/*;q=0.7";
const ACCEPT_IMAGE: &str = "image/webp,image/png,image/jpeg,image/svg+xml,image/avif;q=0.9,image/*;q=0.8,*/*;q=0.5";
const ACCEPT_ROBOTS: &str = "text/plain,*/*;q=0.5";

/// A way through redirects: what stays the same on it.
pub(super) struct Trip<'a> {
    pub purpose: Purpose,
    /// What the result says was asked for.
    pub requested: Url,
    pub referer: Option<&'a Url>,
    pub etag: Option<&'a str>,
    pub last_modified: Option<&'a str>,
    /// The page an image belongs to.
    pub page: Option<&'a Url>,
    pub max_redirects: usize,
}

impl Inner {
    pub fn trip<'a>(&self, purpose: Purpose, requested: &Url) -> Trip<'a> {
        Trip {
            purpose,
            requested: bare(requested),
            referer: None,
            etag: None,
            last_modified: None,
            page: None,
            max_redirects: self.settings.max_redirects,
        }
    }

    /// Visits `url` and what it leads to. `hops` were visited before and count.
    pub async fn travel(&self, trip: &Trip<'_>, mut url: Url, mut hops: Vec<Hop>) -> Result<RawPage, FetchError> {
        loop {
            if !matches!(url.scheme(), "http" | "https") {
                return Err(FetchError::Scheme { url: shown(&url), scheme: url.scheme().to_owned() });
            }
            let ask = self.compose(trip, &url);
            if redirect::visited(&hops, &url, self.cookie(&ask).as_deref()) {
                return Err(FetchError::RedirectLoop { url: shown(&url) });
            }
            if hops.len() > trip.max_redirects {
                return Err(FetchError::Redirects { url: shown(&trip.requested), max: trip.max_redirects });
            }
            let permitted = self.settings.allow_private || self.is_trusted(trip, &url);
            self.guard.check(&url, permitted, self.settings.connect_timeout).await?;
            let answer = self.ask(&ask).await?;
            match self.next(&ask, &answer) {
                Some(target) => {
                    hops.push(answer.into());
                    url = target;
                }
                None => return Ok(page(trip, answer, hops)),
            }
        }
    }

    /// Where an answer leads; None when it is the page. A page that merely reloads itself is the page.
    fn next(&self, ask: &Ask, answer: &Answer) -> Option<Url> {
        let target = bare(&redirect::target(&answer.url, answer.status, &answer.headers)?);
        if redirect::is_redirect(answer.status) {
            return Some(target);
        }
        let sent = answer.exchange.request_headers.get("cookie");
        let reloads = target == answer.url && self.cookie(ask).as_deref() == sent;
        (ask.purpose == Purpose::Page && !reloads).then_some(target)
    }

    /// Whether the user stands behind this visit: it may be private, and gets what the user gave for it. An image of a
    /// named origin on a page of another does not count, or any page could reach into a private network.
    fn is_trusted(&self, trip: &Trip<'_>, url: &Url) -> bool {
        self.is_named(url) && trip.page.is_none_or(|page| self.is_named(page))
    }

    fn compose(&self, trip: &Trip<'_>, url: &Url) -> Ask {
        let (accept, coding) = match trip.purpose {
            Purpose::Page => (ACCEPT_PAGE, "gzip, br, zstd, deflate"),
            Purpose::Image => (ACCEPT_IMAGE, "gzip, br, zstd, deflate"),
            Purpose::Seed => (ACCEPT_SEED, "gzip, br, zstd, deflate"),
            // Only its start is read, and half a coding is of no use.
            Purpose::Robots => (ACCEPT_ROBOTS, "identity"),
        };
        let mut headers = Vec::new();
        let mut add = |name: &str, value: &str| headers.push((name.to_owned(), value.to_owned()));
        add("user-agent", &self.settings.user_agent);
        add("accept", accept);
        if let Some(language) = &self.settings.accept_language {
            add("accept-language", language);
        }
        add("accept-encoding", coding);
        let trusted = self.is_trusted(trip, url);
        if let Some(referer) = trip.referer.filter(|referer| trusted || may_see(trip, url, referer)) {
            add("referer", &shown(referer));
        }
        let same_host = host(&trip.requested) == host(url);
        let validators = [("if-none-match", trip.etag), ("if-modified-since", trip.last_modified)];
        let validators = validators.into_iter().filter_map(|(name, value)| Some((name, value.filter(|_| same_host)?)));
        let conditional = validators.clone().count() > 0;
        validators.for_each(|(name, value)| add(name, value));
        if trusted {
            self.add_own(url, &mut headers);
        }
        Ask { url: url.clone(), purpose: trip.purpose, headers, conditional }
    }

    /// The user's own fields take the place of the client's.
    fn add_own(&self, url: &Url, headers: &mut Vec<(String, String)>) {
        let own = &self.settings.headers;
        headers.retain(|(name, _)| !own.iter().any(|(theirs, _)| theirs.eq_ignore_ascii_case(name)));
        headers.extend(own.iter().map(|(name, value)| (name.to_ascii_lowercase(), value.clone())));
        if let Some(authorization) = self.authorization(url) {
            headers.retain(|(name, _)| name != "authorization");
            headers.push(("authorization".to_owned(), authorization));
        }
    }
}

/// An image's referrer is the caller's choice, and ends at a redirect to another origin; a page's stays within its origin.
fn may_see(trip: &Trip<'_>, url: &Url, referer: &Url) -> bool {
    let asked = if trip.purpose == Purpose::Image { &trip.requested } else { referer };
    let downgrade = referer.scheme() == "https" && url.scheme() == "http";
    asked.origin() == url.origin() && !downgrade
}

/// `www.` makes no other site.
fn host(url: &Url) -> &str {
    let host = url.host_str().unwrap_or_default();
    host.strip_prefix("www.").unwrap_or(host)
}

fn page(trip: &Trip<'_>, answer: Answer, redirects: Vec<Hop>) -> RawPage {
    RawPage {
        requested: Some(trip.requested.clone()),
        url: Some(answer.url),
        redirects,
        status: answer.status,
        headers: answer.headers,
        body: answer.body,
        decoded: answer.decoded,
        captured: Some(answer.captured),
        origin: Origin::Network,
        exchange: Some(answer.exchange),
    }
}
