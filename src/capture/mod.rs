//! One page, from its address to the archive: the order of the steps, and nothing else.

mod pictures;
mod source;
mod visit;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::archive::{ArchiveError, Writer};
use crate::extract::{self, ExtractError, extract};
use crate::fetch::Client;
use crate::frontmatter::Profile;
use crate::markdown;
use crate::model::{Digest, Doubt, Failure, Outcome, RawPage, Stage, Timestamp, UrlKey};

use pictures::Pictures;
pub use source::Input;

/// What does not change from page to page.
pub struct Settings {
    /// How Markdown is written.
    pub profile: Profile,
    /// True: a named page that robots.txt forbids is skipped, not fetched with a warning.
    pub respect_robots: bool,
    /// Name and version to record: `bindery 0.1.0`.
    pub software: String,
    /// The instant of a page that was not fetched: a saved page is captured when it is read.
    pub now: Timestamp,
}

/// What became of one page.
#[derive(Debug)]
pub struct Captured {
    /// New, updated, unchanged, skipped or failed.
    pub outcome: Outcome,
    /// The address that answered, without user name and password; None for a saved page with none.
    pub url: Option<String>,
    /// The article's `index.md` below the archive; None when nothing is kept.
    pub path: Option<String>,
    /// The article's title; None when it has none.
    pub title: Option<String>,
    /// Distinct images that the text now links to locally.
    pub saved: usize,
    /// Images that it does not, each with why.
    pub missing: Vec<(String, String)>,
    /// Reasons to trust the result less.
    pub doubts: Vec<Doubt>,
    /// What the user should know, one sentence each.
    pub warnings: Vec<String>,
}

/// Takes one page from its address or file into the archive. A page's failure is in `Captured::outcome`; an `Err` is
/// the archive's and ends the run.
pub async fn capture(
    input: &Input,
    client: Option<&Client>,
    writer: &Arc<Mutex<Writer>>,
    settings: &Settings,
) -> Result<Captured, ArchiveError> {
    let mut captured = Captured::of(input);
    let raw = match source::read(input, client, settings, &mut captured.warnings).await {
        Ok(raw) => raw,
        Err(outcome) => return Ok(Captured { outcome, ..captured }),
    };
    captured.url = raw.url.as_ref().map(source::shown);
    let (raw, found) = beside_the_runtime(move || {
        let found = extract(&raw, extract::Options::default());
        (raw, found)
    })
    .await;
    let mut article = match found {
        Ok(article) => article,
        Err(error) => {
            let failure =
                Failure { stage: Stage::Extract, kind: error.kind().to_owned(), message: named(input, &error) };
            return Ok(Captured { outcome: Outcome::Failed(failure), ..captured });
        }
    };
    let key = key(&raw);
    let text_digest = markdown::text_digest(&article);
    let previous = lock(writer).find(&key)?;
    let mut pictures = Pictures::new(&article, previous.map(|entry| entry.record).as_ref(), &text_digest);
    pictures.gather(input, &raw, client, writer).await?;
    pictures.drop_counters(&mut article);

    let taken = raw.captured.unwrap_or(settings.now);
    // The front matter tells when this text was first seen, not when a picture of it was recovered.
    article.captured = Some(pictures.text_first_seen().unwrap_or(taken));
    let document = markdown::write(&article, &pictures.map(settings.profile.image_base.as_deref()), &settings.profile);
    captured.title = article.metadata.title.as_ref().map(|title| title.value.clone());
    captured.saved = pictures.saved();
    captured.missing = pictures.missing();
    captured.doubts.clone_from(&article.doubts);
    let visit = visit::describe(
        &raw,
        article,
        settings,
        visit::Made { key, text_digest, document, taken, images: pictures.into_visit() },
    );
    let kept = with_writer(writer, move |writer| writer.keep(visit)).await?;
    Ok(Captured { outcome: kept.outcome, path: Some(kept.path), ..captured })
}

fn key(raw: &RawPage) -> UrlKey {
    match &raw.url {
        Some(url) => UrlKey::of(url),
        None => UrlKey::of_bytes(&Digest::of(&raw.body)),
    }
}

fn named(input: &Input, error: &ExtractError) -> String {
    match input {
        Input::Address(url) => format!("{}: {error}", source::shown(url)),
        Input::File { path, .. } => format!("{}: {error}", path.display()),
    }
}

/// A writer that panicked left plain files, which its next run makes whole; the others may go on.
fn lock(writer: &Mutex<Writer>) -> MutexGuard<'_, Writer> {
    writer.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Disk work waits for the disk: it is done where waiting holds up nobody.
async fn with_writer<T: Send + 'static>(
    writer: &Arc<Mutex<Writer>>,
    work: impl FnOnce(&mut Writer) -> T + Send + 'static,
) -> T {
    let writer = Arc::clone(writer);
    beside_the_runtime(move || work(&mut lock(&writer))).await
}

async fn beside_the_runtime<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        // Work that has begun is never cancelled: what is left is a panic, which goes on here.
        Err(error) => std::panic::resume_unwind(error.into_panic()),
    }
}

impl Captured {
    /// A page that could not even be visited.
    pub fn failed(failure: Failure) -> Self {
        let nothing = Self::of(&Input::File { path: std::path::PathBuf::new(), url: None });
        Self { outcome: Outcome::Failed(failure), ..nothing }
    }

    /// What to call it in a message: its address or its path.
    pub fn name(&self) -> &str {
        self.url.as_deref().or(self.path.as_deref()).unwrap_or("the page")
    }

    fn of(input: &Input) -> Self {
        Self {
            outcome: Outcome::Skipped("not visited".to_owned()),
            url: input.url().map(source::shown),
            path: None,
            title: None,
            saved: 0,
            missing: Vec::new(),
            doubts: Vec::new(),
            warnings: Vec::new(),
        }
    }
}
