//! One page, from its address to the archive: the order of the steps, and nothing else.

mod pictures;
mod source;
mod turn;
mod visit;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use url::Url;

use crate::archive::{ArchiveError, Arrival, Kept, NotModified, Record, Writer};
use crate::extract::{self, ExtractError, extract};
use crate::fetch::Client;
use crate::frontmatter::Profile;
use crate::markdown;
use crate::model::{
    Article, Clock, Difference, Digest, Doubt, Failure, ImageMap, Outcome, RawPage, Stage, Timestamp, UrlKey,
};

use pictures::Pictures;
pub use source::Input;
use source::{Unread, Validators};
pub use turn::Turn;

/// What does not change from page to page.
pub struct Settings {
    /// How Markdown is written.
    pub profile: Profile,
    /// True: a named page that robots.txt forbids is skipped, not fetched with a warning.
    pub respect_robots: bool,
    /// True: readers' comments are kept, as a section at the end.
    pub comments: bool,
    /// Name and version to record: `bindery 0.1.0`.
    pub software: String,
    /// Now: a saved page is captured when it is read.
    pub clock: Clock,
}

impl Settings {
    fn now(&self) -> Timestamp {
        (self.clock)()
    }
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
    /// How right and whole the text is expected to be, 0 to 1; None for a page that was not read.
    pub adequacy: Option<f64>,
    /// Reasons to trust the result less.
    pub doubts: Vec<Doubt>,
    /// Where the text, rendered, says something else than the page.
    pub fidelity: Vec<Difference>,
    /// What the user should know, one sentence each.
    pub warnings: Vec<String>,
}

/// Takes one page from its address or file into the archive. A page's failure is in `Captured::outcome`; an `Err` is
/// the archive's and ends the run. Nothing is kept before it is this page's turn.
pub async fn capture(
    input: &Input,
    client: Option<&Client>,
    writer: &Arc<Mutex<Writer>>,
    settings: &Settings,
    mut turn: Turn,
) -> Result<Captured, ArchiveError> {
    let mut captured = Captured::of(input);
    let one = One { input, client, writer, settings };
    let done = one.archive(&mut captured, &mut turn).await;
    turn.wait().await;
    // A page that was asked for twice warns once.
    captured.warnings.dedup();
    match done.or_else(page_failure) {
        Ok(outcome) => Ok(Captured { outcome, ..captured }),
        Err(error) => Err(error),
    }
}

/// One page on its way.
struct One<'a> {
    input: &'a Input,
    client: Option<&'a Client>,
    writer: &'a Arc<Mutex<Writer>>,
    settings: &'a Settings,
}

impl One<'_> {
    async fn archive(&self, captured: &mut Captured, turn: &mut Turn) -> Result<Outcome, ArchiveError> {
        let raw = match self.read(self.validators()?, captured).await {
            Ok(raw) => raw,
            Err(unread) => return self.unread(unread, captured, turn).await,
        };
        if raw.status != 304 {
            return self.page(raw, captured, turn).await;
        }
        match self.unchanged(raw, captured, turn).await? {
            Some(outcome) => Ok(outcome),
            // An image came back, or the answer was for a page that is not known: the page itself is needed.
            None => match self.read(Validators::default(), captured).await {
                Ok(raw) => self.page(raw, captured, turn).await,
                Err(unread) => self.unread(unread, captured, turn).await,
            },
        }
    }

    async fn read(&self, validators: Validators, captured: &mut Captured) -> Result<RawPage, Unread> {
        source::read(self.input, self.client, validators, self.settings, &mut captured.warnings).await
    }

    /// What the last answer of a page that is known said of its age.
    fn validators(&self) -> Result<Validators, ArchiveError> {
        let Some(url) = self.input.url().filter(|_| matches!(self.input, Input::Address(_))) else {
            return Ok(Validators::default());
        };
        let known = lock(self.writer).find(&UrlKey::of(url))?;
        Ok(known.map_or_else(Validators::default, |entry| Validators {
            etag: entry.record.etag,
            last_modified: entry.record.last_modified,
        }))
    }

    /// A page that could not be had; that it is gone is told to the article that is kept of it.
    async fn unread(&self, unread: Unread, captured: &mut Captured, turn: &mut Turn) -> Result<Outcome, ArchiveError> {
        if let (Some(status), Some(url)) = (unread.gone, self.input.url()) {
            turn.wait().await;
            let (key, now) = (UrlKey::of(url), self.settings.now());
            let known = with_writer(self.writer, move |writer| writer.note_absence(&key, status, now)).await?;
            if let Some(folder) = known {
                captured.warnings.push(format!("{}: what was kept of it stays in {folder}", source::shown(url)));
            }
        }
        Ok(unread.outcome)
    }

    /// A page that the server says is as it was. None when the page itself is needed.
    async fn unchanged(
        &self,
        raw: RawPage,
        captured: &mut Captured,
        turn: &mut Turn,
    ) -> Result<Option<Outcome>, ArchiveError> {
        let (Some(url), Some(client)) = (raw.url.clone(), self.client) else { return Ok(None) };
        let key = UrlKey::of(&url);
        let Some(entry) = lock(self.writer).find(&key)? else { return Ok(None) };
        let Some(missing) = pictures::still_missing(&entry.record, client, &url).await else { return Ok(None) };
        captured.url = Some(source::shown(&url));
        captured.title = Some(entry.record.title.clone()).filter(|title| !title.is_empty());
        captured.saved = entry.record.saved_images().count();
        captured.missing.clone_from(&missing);
        let header = |name: &str| raw.headers.get(name).map(str::to_owned);
        let taken = raw.captured.unwrap_or_else(|| self.settings.now());
        let visit = NotModified {
            key,
            captured: taken,
            etag: header("etag"),
            last_modified: header("last-modified"),
            missing,
            answers: visit::answers(raw, taken),
        };
        turn.wait().await;
        let kept = with_writer(self.writer, move |writer| writer.keep_unchanged(&visit)).await?;
        Ok(Some(keeping(kept, captured)))
    }

    async fn page(&self, raw: RawPage, captured: &mut Captured, turn: &mut Turn) -> Result<Outcome, ArchiveError> {
        captured.url = raw.url.as_ref().map(source::shown);
        let options = extract::Options { comments: self.settings.comments, ..extract::Options::default() };
        let (raw, found) = beside_the_runtime(move || {
            let found = extract(&raw, options);
            (raw, found)
        })
        .await;
        let mut article = match found {
            Ok(article) => article,
            Err(error) => {
                let message = named(self.input, &error);
                let kind = error.kind().to_owned();
                return Ok(Outcome::Failed(Failure { stage: Stage::Extract, kind, message }));
            }
        };
        let text_digest = markdown::text_digest(&article);
        let key = self.key(&raw, &article, &text_digest)?;
        let previous = lock(self.writer).find(&key)?.map(|entry| entry.record);
        let profile = self.profile(previous.as_ref(), captured);
        let taken = raw.captured.unwrap_or_else(|| self.settings.now());
        let mut pictures = Pictures::new(&article, previous.as_ref(), &text_digest);
        pictures.gather(self.input, &raw, self.client, self.writer, taken).await?;
        pictures.drop_counters(&mut article);

        // The front matter tells when this text was first seen, not when a picture of it was recovered.
        article.captured = Some(pictures.text_first_seen().unwrap_or(taken));
        let document = markdown::write(&article, &pictures.map(profile.image_base.as_deref()), &profile);
        captured.title = article.metadata.title.as_ref().map(|title| title.value.clone());
        captured.saved = pictures.saved();
        captured.missing = pictures.missing();
        captured.adequacy = Some(article.adequacy);
        captured.doubts.clone_from(&article.doubts);
        captured.fidelity.clone_from(&document.fidelity);
        let images = pictures.into_visit();
        let made = visit::Made { key, text_digest, document, profile: profile.name, taken, images };
        let visit = visit::describe(raw, article, self.settings, made);
        turn.wait().await;
        let kept = with_writer(self.writer, move |writer| writer.keep(visit)).await?;
        Ok(keeping(kept, captured))
    }

    /// The key under which the page is kept.
    fn key(&self, raw: &RawPage, article: &Article, text_digest: &Digest) -> Result<UrlKey, ArchiveError> {
        let Some(answered) = &raw.url else { return Ok(UrlKey::of_bytes(&Digest::of(&raw.body))) };
        let hops = raw.redirects.iter().map(|hop| &hop.url);
        let on_the_way: Vec<Url> = raw.requested.iter().chain(hops).cloned().collect();
        let mut plain = Profile { image_base: None, ..self.settings.profile.clone() };
        plain.style.check = false;
        lock(self.writer).home(&Arrival {
            answered,
            on_the_way: &on_the_way,
            canonical: article.metadata.canonical.as_ref().map(|found| &found.value),
            text_digest,
            body: &|| markdown::write(article, &ImageMap::new(), &plain).body,
        })
    }

    /// An article keeps the profile with which it was kept first.
    fn profile(&self, previous: Option<&Record>, captured: &mut Captured) -> Profile {
        let profile = self.settings.profile.clone();
        match previous.and_then(|record| record.profile.parse().ok()) {
            Some(name) if name != profile.name => {
                let page = captured.name();
                captured.warnings.push(format!("{page}: keeps the profile `{name}` that its texts have"));
                Profile { name, ..profile }
            }
            _ => profile,
        }
    }
}

fn keeping(kept: Kept, captured: &mut Captured) -> Outcome {
    captured.path = Some(kept.path);
    kept.outcome
}

/// What concerns one article only is that page's failure, and the run goes on.
fn page_failure(error: ArchiveError) -> Result<Outcome, ArchiveError> {
    if !error.is_of_one_article() {
        return Err(error);
    }
    Ok(Outcome::Failed(Failure { stage: Stage::Archive, kind: "record".to_owned(), message: error.to_string() }))
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
            adequacy: None,
            doubts: Vec::new(),
            fidelity: Vec::new(),
            warnings: Vec::new(),
        }
    }
}
