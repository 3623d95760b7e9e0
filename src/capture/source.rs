//! Where a page comes from: a URL, or a file on disk.

use std::path::PathBuf;
use std::time::Duration;

use url::Url;

use crate::fetch::{Client, FetchError, Robots};
use crate::html::Page;
use crate::import::{self, PAGE_CAP};
use crate::model::{Failure, Outcome, RawPage, Request, Stage};

use super::Settings;

/// A refresh later than this is a page that renews itself, not one that sends its reader on.
const SOON: Duration = Duration::from_secs(5);

/// One page that the user named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// A web URL.
    Url(Url),
    /// A saved page, its images beside it.
    File {
        /// The HTML file.
        path: PathBuf,
        /// The URL it came from; None looks for it in the page.
        url: Option<Url>,
    },
}

impl Input {
    /// The URL, where one was named.
    pub fn url(&self) -> Option<&Url> {
        match self {
            Self::Url(url) => Some(url),
            Self::File { url, .. } => url.as_ref(),
        }
    }
}

/// What an earlier answer said of its own age, to be sent back.
#[derive(Debug, Clone, Default)]
pub(super) struct Validators {
    pub etag: Option<String>,
    pub last_modified: Option<String>,
}

/// A page that could not be had.
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

/// Gets the page's bytes; a page of status 304 answers the validators and has none.
pub(super) async fn read(
    input: &Input,
    client: Option<&Client>,
    validators: Validators,
    settings: &Settings,
    found: bool,
    notes: &mut Vec<String>,
) -> Result<RawPage, Unread> {
    match (input, client) {
        (Input::File { path, url }, _) => {
            import::read(path, PAGE_CAP, url.clone(), Some(settings.now())).map_err(|error| {
                let (kind, message) = (error.kind().to_owned(), error.to_string());
                Outcome::Failed(Failure { stage: Stage::Input, kind, message }).into()
            })
        }
        (Input::Url(url), Some(client)) => {
            // What a page names gets no trust from that.
            if !found {
                client.name_origin(url);
            }
            heed_robots(url, client, settings, notes).await?;
            fetch(url, client, validators).await.map_err(|error| Unread {
                may_pass: error.may_pass(),
                gone: error.status().filter(|status| matches!(status, 404 | 410)),
                outcome: Outcome::Failed(error.failure()),
            })
        }
        (Input::Url(url), None) => Err(Outcome::Failed(Failure {
            stage: Stage::Fetch,
            kind: "offline".to_owned(),
            message: format!("{} needs the network, and this run has none", shown(url)),
        })
        .into()),
    }
}

async fn heed_robots(url: &Url, client: &Client, settings: &Settings, notes: &mut Vec<String>) -> Result<(), Outcome> {
    let robots = client.robots(url).await;
    let Some(reason) = robots.reason() else { return Ok(()) };
    if settings.respect_robots {
        return Err(Outcome::Skipped(format!("{}: {reason}", shown(url))));
    }
    // If the host cannot be reached, fetching the page fails with the same reason.
    if matches!(robots, Robots::Disallowed { .. }) {
        notes.push(format!(
            "{}: {reason}; fetched anyway because you requested it (--respect-robots skips it)",
            shown(url)
        ));
    }
    Ok(())
}

/// The page behind a URL, and behind the refreshes that send a browser on.
async fn fetch(url: &Url, client: &Client, validators: Validators) -> Result<RawPage, FetchError> {
    let Validators { etag, last_modified } = validators;
    let mut raw = client.page(&Request { etag, last_modified, ..Request::new(url.clone()) }).await?;
    while let Some(target) = sent_on(&raw) {
        // The redirect budget of the client ends a chain of refreshes.
        raw = client.follow(raw, target).await?;
    }
    Ok(raw)
}

fn sent_on(raw: &RawPage) -> Option<Url> {
    const WORD: &[u8] = b"refresh";
    // Parsing costs a thousand times as much as this look.
    if !raw.content().windows(WORD.len()).any(|window| window.eq_ignore_ascii_case(WORD)) {
        return None;
    }
    let (delay, target) = Page::parse(raw).refresh()?;
    let leads_elsewhere = raw.url.as_ref() != Some(&target);
    (delay <= SOON && leads_elsewhere && matches!(target.scheme(), "http" | "https")).then_some(target)
}

/// A URL as it may be shown and stored: without user name and password.
pub(super) fn shown(url: &Url) -> String {
    crate::model::without_credentials(url).into()
}
