//! One fetch: from a URL through its redirects to the final response.

use url::Url;

use super::address::Reach;
use super::error::{FetchError, bare, shown};
use super::exchange::{Answer, PreparedRequest, Purpose};
use super::redirect;
use super::shared::Inner;
use crate::model::{Hop, Origin, RawPage};

const ACCEPT_PAGE: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
const ACCEPT_SEED: &str = "application/rss+xml,application/atom+xml,application/feed+json,application/xml;q=0.9,\
    text/xml;q=0.9,text/html;q=0.8,*/*;q=0.7";
const ACCEPT_IMAGE: &str = "image/webp,image/png,image/jpeg,image/svg+xml,image/avif;q=0.9,image/*;q=0.8,*/*;q=0.5";
const ACCEPT_ROBOTS: &str = "text/plain,*/*;q=0.5";

/// What stays the same for all requests of one fetch, from the first URL to the end of its redirects.
pub(super) struct RedirectChain<'a> {
    pub purpose: Purpose,
    /// The first URL.
    pub requested: Url,
    pub referer: Option<&'a Url>,
    pub etag: Option<&'a str>,
    pub last_modified: Option<&'a str>,
    /// The page that contains the image; None unless an image is fetched.
    pub page: Option<&'a Url>,
    pub max_redirects: usize,
}

impl Inner {
    /// Returns a chain that begins at `requested`, without referrer and validators.
    pub fn chain<'a>(&self, purpose: Purpose, requested: &Url) -> RedirectChain<'a> {
        RedirectChain {
            purpose,
            requested: bare(requested),
            referer: None,
            etag: None,
            last_modified: None,
            page: None,
            max_redirects: self.settings.max_redirects,
        }
    }

    /// Fetches `url` and follows its redirects. `hops` are redirects that were followed before; they count too.
    pub async fn fetch(
        &self,
        chain: &RedirectChain<'_>,
        mut url: Url,
        mut hops: Vec<Hop>,
    ) -> Result<RawPage, FetchError> {
        loop {
            if !matches!(url.scheme(), "http" | "https") {
                return Err(FetchError::Scheme { url: shown(&url), scheme: url.scheme().to_owned() });
            }
            let request = self.prepare(chain, &url);
            if redirect::was_visited(&hops, &url, self.cookie(&request).as_deref()) {
                return Err(FetchError::RedirectLoop { url: shown(&url) });
            }
            if hops.len() > chain.max_redirects {
                return Err(FetchError::Redirects { url: shown(&chain.requested), max: chain.max_redirects });
            }
            let may_be_private = self.settings.allow_private || self.is_trusted(chain, &url);
            let reach = if may_be_private { Reach::Anywhere } else { Reach::Public };
            let answer = self.answer(&request, reach).await.inspect_err(|error| self.closed.learn(&url, error))?;
            match self.redirect_target(&request, &answer) {
                Some(target) => {
                    hops.push(answer.into());
                    url = target;
                }
                None => return Ok(page(chain, answer, hops)),
            }
        }
    }

    /// Sends one request, unless its address is out of reach, or its origin is closed.
    async fn answer(&self, request: &PreparedRequest, reach: Reach) -> Result<Answer, FetchError> {
        self.closed.check(&request.url, (self.clock)())?;
        self.guard.check(&request.url, reach, self.settings.connect_timeout).await?;
        self.send(request).await
    }

    /// Returns the URL that a response redirects to; None if it is final. A page that reloads itself is final.
    fn redirect_target(&self, request: &PreparedRequest, answer: &Answer) -> Option<Url> {
        let target = bare(&redirect::target(&answer.url, answer.status, &answer.headers)?);
        if redirect::is_redirect(answer.status) {
            return Some(target);
        }
        let sent = answer.exchange.request_headers.get("cookie");
        let reloads = target == answer.url && self.cookie(request).as_deref() == sent;
        (request.purpose == Purpose::Page && !reloads).then_some(target)
    }

    /// Returns whether the user asked for this request: then its address may be private, and the user's headers are sent.
    /// An image of a named origin on a page of another origin is not trusted, or any page could reach into a private
    /// network.
    fn is_trusted(&self, chain: &RedirectChain<'_>, url: &Url) -> bool {
        self.is_named(url) && chain.page.is_none_or(|page| self.is_named(page))
    }

    fn prepare(&self, chain: &RedirectChain<'_>, url: &Url) -> PreparedRequest {
        let (accept, coding) = match chain.purpose {
            Purpose::Page => (ACCEPT_PAGE, "gzip, br, zstd, deflate"),
            Purpose::Image => (ACCEPT_IMAGE, "gzip, br, zstd, deflate"),
            Purpose::Seed => (ACCEPT_SEED, "gzip, br, zstd, deflate"),
            // Only its start is read, and a compressed body cannot be decoded in part.
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
        let trusted = self.is_trusted(chain, url);
        if let Some(referer) = chain.referer.filter(|referer| trusted || may_see(chain, url, referer)) {
            add("referer", bare(referer).as_str());
        }
        let same_host = host(&chain.requested) == host(url);
        let validators = [("if-none-match", chain.etag), ("if-modified-since", chain.last_modified)];
        let validators = validators.into_iter().filter_map(|(name, value)| Some((name, value.filter(|_| same_host)?)));
        let conditional = validators.clone().count() > 0;
        validators.for_each(|(name, value)| add(name, value));
        if trusted {
            self.add_user_headers(url, &mut headers);
        }
        PreparedRequest { url: url.clone(), purpose: chain.purpose, headers, conditional }
    }

    /// Adds the user's headers; they replace the client's of the same name.
    fn add_user_headers(&self, url: &Url, headers: &mut Vec<(String, String)>) {
        let given = &self.settings.headers;
        headers.retain(|(name, _)| !given.iter().any(|(theirs, _)| theirs.eq_ignore_ascii_case(name)));
        headers.extend(given.iter().map(|(name, value)| (name.to_ascii_lowercase(), value.clone())));
        if let Some(authorization) = self.authorization(url) {
            headers.retain(|(name, _)| name != "authorization");
            headers.push(("authorization".to_owned(), authorization));
        }
    }
}

/// Returns whether a referrer may be sent to `url`. An image's referrer is sent until a redirect leaves the image's origin;
/// a page's is sent to its own origin only. Neither is sent from https to http.
fn may_see(chain: &RedirectChain<'_>, url: &Url, referer: &Url) -> bool {
    let asked = if chain.purpose == Purpose::Image { &chain.requested } else { referer };
    let downgrade = referer.scheme() == "https" && url.scheme() == "http";
    asked.origin() == url.origin() && !downgrade
}

/// Returns the host without `www.`, which does not make another site.
fn host(url: &Url) -> &str {
    let host = url.host_str().unwrap_or_default();
    host.strip_prefix("www.").unwrap_or(host)
}

fn page(chain: &RedirectChain<'_>, answer: Answer, redirects: Vec<Hop>) -> RawPage {
    RawPage {
        requested: Some(chain.requested.clone()),
        url: Some(answer.url),
        redirects,
        status: answer.status,
        headers: answer.headers,
        body: answer.body,
        decoded: answer.decoded,
        damage: answer.damage,
        captured: Some(answer.captured),
        origin: Origin::Network,
        exchange: Some(answer.exchange),
    }
}
