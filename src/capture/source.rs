//! Gets the bytes of a page from the web or from a file.

use crate::fetch::{FetchError, Fetcher, Robots};
use crate::import;
use crate::model::{Failure, FailureKind, Outcome, RawPage, Request, Stage, shown_url};

use url::Url;

use super::job::{Input, Job, NamedBy, OnFailure, Options};

/// The validators of an earlier response, sent with a conditional request.
#[derive(Debug, Clone, Default)]
pub(super) struct Validators {
    pub etag: Option<String>,
    pub last_modified: Option<String>,
}

/// The result of requesting a page.
pub(super) struct Response {
    /// The page; without bytes if the status is 304.
    pub page: Result<RawPage, Unread>,
    /// A note for the user.
    pub note: Option<String>,
}

/// A page that could not be read.
pub(super) struct Unread {
    /// Failed or skipped.
    pub outcome: Outcome,
    /// The status with which the server said that the page is gone: 404 or 410.
    pub gone: Option<u16>,
    /// Whether the same visit may succeed later.
    pub may_pass: bool,
}

impl From<Outcome> for Unread {
    fn from(outcome: Outcome) -> Self {
        Self { outcome, gone: None, may_pass: false }
    }
}

impl From<FetchError> for Unread {
    fn from(error: FetchError) -> Self {
        Self {
            may_pass: error.may_pass(),
            gone: error.status().filter(|status| matches!(status, 404 | 410)),
            outcome: Outcome::Failed(error.failure()),
        }
    }
}

/// Reads the page's file or fetches its URL.
pub(super) async fn fetch(
    job: &Job,
    fetcher: Option<&dyn Fetcher>,
    validators: Validators,
    options: &Options,
) -> Response {
    let url = match &job.input {
        Input::Url(url) => url,
        Input::File { path, url } => {
            let page = import::read(path, import::PAGE_CAP, url.clone(), Some(options.now()))
                .map_err(|error| Outcome::Failed(Failure::new(Stage::Input, error.kind(), error.to_string())).into());
            return Response { page, note: None };
        }
    };
    let Some(fetcher) = fetcher else {
        let message = format!("{} needs the network, and this run has none", shown_url(url));
        let failure = Failure::new(Stage::Fetch, FailureKind::Offline, message);
        return Response { page: Err(Outcome::Failed(failure).into()), note: None };
    };
    // A host that only a page names is not trusted.
    if job.named_by == NamedBy::User {
        fetcher.name_origin(url);
    }
    match heed_robots(url, fetcher, options).await {
        Ok(note) => {
            let Validators { etag, last_modified } = validators;
            let request = Request { etag, last_modified, ..Request::new(url.clone()) };
            Response { page: fetcher.page(&request).await.map_err(Unread::from), note }
        }
        Err(skipped) => Response { page: Err(skipped.into()), note: None },
    }
}

/// Skips a page that robots.txt forbids, or notes that it is fetched anyway.
async fn heed_robots(url: &Url, fetcher: &dyn Fetcher, options: &Options) -> Result<Option<String>, Outcome> {
    let why = match fetcher.robots(url).await {
        Robots::Allowed => return Ok(None),
        Robots::Disallowed { rule } if !options.respect_robots => {
            // The same text for each page of the host, so that it is reported once.
            let host = url.host_str().unwrap_or_default();
            let note = "they are fetched anyway (--respect-robots skips them)";
            return Ok(Some(format!("{host}: robots.txt forbids pages that you named ({rule}); {note}")));
        }
        // If the host does not respond at all, the request for the page reports it.
        Robots::Unreachable { .. } if !options.respect_robots => return Ok(None),
        Robots::Disallowed { rule } => format!("robots.txt forbids it ({rule})"),
        Robots::Unreachable { reason } => format!("its robots.txt could not be fetched ({reason})"),
    };
    Err(Outcome::Skipped(format!("{}: {why}", shown_url(url))))
}

/// Returns a page, unless it is incomplete and will be visited again: the next visit may get all of it.
pub(super) fn whole_or_last(job: &Job, raw: RawPage) -> Result<RawPage, Unread> {
    match (&raw.damage, job.input.url()) {
        (Some(reason), Some(url)) if job.on_failure == OnFailure::Retry => {
            Err(FetchError::truncated(url, reason.clone()).into())
        }
        _ => Ok(raw),
    }
}

/// Returns the page of a response that nothing changed (304).
pub(super) fn not_modified(response: &Response) -> Option<RawPage> {
    response.page.as_ref().ok().filter(|raw| raw.status == 304).cloned()
}
