//! The jobs of capturing pages, and their results.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use url::Url;

use crate::archive::{ArchiveError, FeedClaims, Kept};
use crate::frontmatter::Profile;
use crate::markdown::IgnoredLines;
use crate::model::{Clock, Difference, Digest, Failure, Loss, Outcome, RawPage, Timestamp, Warning, shown_url};

use super::feed_text::FeedText;
use super::links::Links;
use super::slot::Slot;

/// The options that are the same for all pages.
pub struct Options {
    /// How Markdown is written.
    pub profile: Profile,
    /// Whether a named page that robots.txt forbids is skipped instead of being fetched with a note.
    pub respect_robots: bool,
    /// Whether readers' comments are kept, as a section at the end.
    pub comments: bool,
    /// Lines of texts that are not compared.
    pub ignored: IgnoredLines,
    /// Whether images of a text that is archived already are fetched again.
    pub image_checks: ImageChecks,
    /// The program's name and version for the record: `bindery 0.1.0`.
    pub software: String,
    /// The current time: a saved page is captured when it is read.
    pub clock: Clock,
}

impl Options {
    pub(super) fn now(&self) -> Timestamp {
        (self.clock)()
    }
}

/// Whether images of a text that is archived already are fetched again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ImageChecks {
    /// They are not fetched again.
    #[default]
    Never,
    /// They are fetched again, and an image with other bytes makes a new version.
    Again,
}

/// Where a page is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// On the web.
    Url(Url),
    /// In a file, with its images next to it.
    File {
        /// The HTML file.
        path: PathBuf,
        /// The URL it came from; if None, the page is searched for it.
        url: Option<Url>,
    },
}

impl Input {
    /// Returns the URL, if there is one.
    pub fn url(&self) -> Option<&Url> {
        match self {
            Self::Url(url) => Some(url),
            Self::File { url, .. } => url.as_ref(),
        }
    }

    /// Returns its name in messages.
    pub(super) fn name(&self) -> String {
        match self {
            Self::Url(url) => shown_url(url),
            Self::File { path, .. } => path.display().to_string(),
        }
    }
}

/// Who named a URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum NamedBy {
    /// The user, who thereby trusts its host.
    #[default]
    User,
    /// A page or a feed.
    Page,
}

/// What to do with the links of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LinkUse {
    /// Nothing.
    #[default]
    Ignore,
    /// They are listed. The page is fetched in full, since a response that nothing changed (304) has no links.
    List,
}

/// What to do with the continuation pages of an article.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ContinuationPages {
    /// Each is a page of its own.
    #[default]
    Separate,
    /// They are fetched with the first and become one article.
    Join,
}

/// What to do if a page cannot be fetched now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OnFailure {
    /// Archive the feed's text of it instead.
    #[default]
    GiveUp,
    /// Visit it again later, if that may succeed.
    Retry,
}

/// Where the text of an article is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum TextSource {
    /// On its page; a feed's text replaces it if the page has less.
    #[default]
    Page,
    /// Only in a feed: the item has no page, or shares it with others.
    Feed,
}

/// One page to capture, and how.
#[derive(Debug)]
pub struct Job {
    /// The page.
    pub input: Input,
    /// Its bytes, if it was fetched already.
    pub fetched: Option<RawPage>,
    /// Who named its URL.
    pub named_by: NamedBy,
    /// What to do with its links.
    pub links: LinkUse,
    /// What to do with the article's continuation pages.
    pub continuation_pages: ContinuationPages,
    /// Articles published earlier are skipped.
    pub since: Option<Timestamp>,
    /// The feed's text of the page, in case the page itself has less.
    pub feed_text: Option<FeedText>,
    /// Where its text is.
    pub text_source: TextSource,
    /// What feeds claim about its identity.
    pub feed_claims: FeedClaims,
    /// What to do if the page cannot be fetched now.
    pub on_failure: OnFailure,
    /// Its place in the order in which pages are archived.
    pub slot: Slot,
}

impl Job {
    /// Returns the job of capturing a page that the user named, with defaults for everything else.
    pub fn new(input: Input) -> Self {
        Self {
            input,
            fetched: None,
            named_by: NamedBy::default(),
            links: LinkUse::default(),
            continuation_pages: ContinuationPages::default(),
            since: None,
            feed_text: None,
            text_source: TextSource::default(),
            feed_claims: FeedClaims::default(),
            on_failure: OnFailure::default(),
            slot: Slot::unordered(),
        }
    }
}

/// The result of one visit.
#[derive(Debug)]
pub struct Captured {
    /// New, updated, unchanged, skipped or failed.
    pub outcome: Outcome,
    /// The URL that answered, without user name and password; None for a saved page with none.
    pub url: Option<String>,
    /// The article's `index.md` below the archive; None if nothing was archived.
    pub path: Option<String>,
    /// The article's title; None when it has none.
    pub title: Option<String>,
    /// The number of distinct images that the text links to locally.
    pub saved: usize,
    /// The URLs of the other images, each with the reason.
    pub missing: Vec<(String, String)>,
    /// How correct and complete the text is expected to be, from 0 to 1; None for a page that was not read.
    pub confidence: Option<f64>,
    /// Reasons to trust the result less.
    pub warnings: Vec<Warning>,
    /// Why the text was set aside, so that the archived one stays the newest; None if it was not.
    pub set_aside: Option<Warning>,
    /// Units of the article that the text does not have.
    pub losses: Vec<Loss>,
    /// Where the rendered text differs from the page.
    pub round_trip: Vec<Difference>,
    /// What the user should know, one sentence each.
    pub notes: Vec<String>,
    /// The links of the page, if they were requested and the page was read.
    pub links: Option<Links>,
    /// URLs of the continuation pages that were joined to this article.
    pub continuation_pages: Vec<Url>,
    /// The page before, for a continuation page.
    pub continues: Option<Input>,
    /// The URL that answered; None for a saved page and for one that did not answer.
    pub answered: Option<Url>,
    /// The digest of the article's text; None without one.
    pub text_digest: Option<Digest>,
    /// The length of the article's text in letters, a Han character counting as about three; 0 without an article.
    pub weight: usize,
    /// Whether a visit that failed may succeed later.
    pub may_pass: bool,
}

impl Captured {
    /// Returns the result for a page that could not be visited at all.
    pub fn failed(failure: Failure) -> Self {
        Self::of(&Input::File { path: PathBuf::new(), url: None }).ended(Outcome::Failed(failure))
    }

    /// Returns its name in messages: its URL or its path.
    pub fn name(&self) -> &str {
        self.url.as_deref().or(self.path.as_deref()).unwrap_or("the page")
    }

    pub(super) fn of(input: &Input) -> Self {
        Self {
            outcome: Outcome::Skipped("not visited".to_owned()),
            url: input.url().map(shown_url),
            path: None,
            title: None,
            saved: 0,
            missing: Vec::new(),
            confidence: None,
            warnings: Vec::new(),
            set_aside: None,
            losses: Vec::new(),
            round_trip: Vec::new(),
            notes: Vec::new(),
            links: None,
            continuation_pages: Vec::new(),
            continues: None,
            answered: None,
            text_digest: None,
            weight: 0,
            may_pass: false,
        }
    }

    /// Adds the result of archiving the page.
    pub(super) fn kept(mut self, kept: Kept) -> Self {
        self.outcome = kept.outcome;
        if let Some(why) = kept.set_aside.as_ref().filter(|why| !self.warnings.contains(why)) {
            self.warnings.push(why.clone());
        }
        let back = kept.back_to.map(|at| format!("{}: the page shows its text of {at} again", self.name()));
        self.path = Some(kept.path);
        self.set_aside = kept.set_aside;
        self.notes.extend(kept.notes);
        self.noted(back)
    }

    pub(super) fn ended(self, outcome: Outcome) -> Self {
        Self { outcome, ..self }
    }

    /// Returns the page's failure, or the error if it concerns more than this page.
    pub(super) fn failed_by(self, error: ArchiveError) -> Result<Self, ArchiveError> {
        Ok(self.ended(Outcome::Failed(error.page_failure()?)))
    }

    pub(super) fn noted(mut self, note: Option<String>) -> Self {
        self.notes.extend(note);
        self
    }
}
