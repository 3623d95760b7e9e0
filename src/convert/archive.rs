//! Many inputs into an archive: found and written on all cores, kept one after the other.

use std::num::NonZero;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::Arc;

use crate::archive::{
    Answer, AnswerSource, ArchiveError, COMMENTS, FRAGMENT, PageIdentity, TOLD, Urls, Visit, VisitImage, Writer,
};
use crate::import::{self, ItemContent};
use crate::markdown;
use crate::model::{
    Digest, Document, Failure, Image, ImageMap, Loss, Origin, Outcome, RawPage, Sourced, Stage, Timestamp, UrlKey,
    Warning,
};

use super::produce::{Job, Producer, Shard, Task};
use super::run::{RunError, opened, panicked, urled};
use super::write::{self, Found, input_failure};
use super::{Event, Options, Plan, images, parallel, posts};

/// From an article's file up to the archive's root.
const UP: &str = "../../../../";

/// What became of one item of an import.
#[derive(Debug)]
pub enum Kept {
    /// It is in the archive, or failed.
    Article {
        /// What it was made from.
        source: String,
        /// New, updated, unchanged or failed.
        outcome: Outcome,
        /// Its URL; None when it has none.
        url: Option<String>,
        /// Its `index.md` below the archive; None when nothing is kept.
        path: Option<String>,
        /// Its title; None when it has none.
        title: Option<String>,
        /// Images that the text links to locally, and those it does not, with why.
        images: (usize, Vec<(String, String)>),
        /// Reasons to trust it less.
        warnings: Vec<Warning>,
        /// What of it is not carried over.
        losses: Vec<Loss>,
    },
    /// Anything else that happens in a run.
    Other(Event),
}

/// An article that is ready to be kept.
struct Made {
    source: String,
    raw: RawPage,
    /// True when title and date are those of an export or of front matter.
    is_told: bool,
    found: Box<Found>,
    document: Document,
    text_digest: Digest,
    had: Vec<(String, Image)>,
    missing: Vec<(String, String)>,
    losses: Vec<Loss>,
}

enum Ready {
    Made(Box<Made>),
    Event(Event),
}

/// What an archive is told of a run.
pub struct Settings<'a> {
    /// Files, folders, patterns.
    pub paths: &'a [PathBuf],
    /// How to convert; the format is Markdown.
    pub options: &'a Options,
    /// How many workers there are; None for one a core.
    pub threads: Option<NonZero<usize>>,
    /// The part of the inputs that is this run's; None for all.
    pub shard: Option<Shard>,
    /// When what has no time of its own was captured.
    pub now: Timestamp,
    /// Name and version to record: `bindery 0.1.0`.
    pub software: &'a str,
}

/// Why a run into an archive ends before its end.
#[derive(Debug, thiserror::Error)]
pub enum IntoArchiveError {
    /// As a run into a folder.
    #[error(transparent)]
    Run(#[from] RunError),
    /// The archive cannot be written.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
}

/// Brings everything into an archive, and tells of each thing as soon as it and all before it are done. What the archive
/// has already is counted as unchanged. `Break` ends the run. The caller commits.
pub fn into_archive(
    settings: &Settings<'_>,
    writer: &mut Writer,
    tell: &mut dyn FnMut(&mut Writer, Kept) -> ControlFlow<()>,
) -> Result<(), IntoArchiveError> {
    let root = writer.root().to_owned();
    let (plan, taken) = Plan::new(settings.paths, Some(&root), "md").map_err(RunError::from)?;
    if tell(writer, Kept::Other(Event::Begin { inputs: plan.count() })).is_break() {
        return Ok(());
    }
    let plan = Arc::new(plan);
    let produce = |gate: &parallel::Gate<Task>| {
        let (options, shard) = (String::new(), settings.shard);
        let plan = Arc::clone(&plan);
        Producer { plan, taken, skip_in: None, options, extension: "md", shard, only: None, gate, files: None }.all()
    };
    let work = |task: Task, _: usize| match task {
        Task::Tell(event) => Ready::Event(event),
        Task::Convert(job) => {
            let source = job.source.clone();
            match made(*job, settings) {
                Ok(made) => Ready::Made(Box::new(made)),
                Err(failure) => Ready::Event(Event::Failed { source, failure }),
            }
        }
    };
    let mut broken = None;
    let take = |result: Ready| match result {
        Ready::Event(event) => tell(writer, Kept::Other(event)),
        Ready::Made(made) => match keep(*made, writer, settings) {
            Ok(kept) => tell(writer, kept),
            Err(error) => {
                broken = Some(error);
                ControlFlow::Break(())
            }
        },
    };
    let threads = settings.threads.or_else(|| std::thread::available_parallelism().ok()).map_or(1, NonZero::get);
    let produced = parallel::ordered(threads, produce, work, |why| Ready::Event(panicked(why)), take);
    produced.map_err(RunError::Threads)?.map_err(RunError::from)?;
    broken.map_or(Ok(()), |error| Err(error.into()))
}

/// The work that needs no archive.
fn made(job: Job, settings: &Settings<'_>) -> Result<Made, Failure> {
    let options = settings.options;
    let item = urled(opened(job.what)?, options);
    let around = Arc::clone(&item.resources);
    let mut losses = item.losses;
    // What an export or a post tells of itself is more than what its bytes as a page say.
    let is_told = matches!(item.content, ItemContent::Body(..) | ItemContent::Post(_));
    let mut found = match item.content {
        ItemContent::Page(raw) => write::found(raw, options)?,
        ItemContent::Body(raw, told) => write::told_article(raw, *told, options)?,
        ItemContent::Post(raw) => match import::post(&raw.body) {
            Some(post) => {
                let body = RawPage { body: post.body.as_bytes().to_vec(), ..raw.clone() };
                let mut found = write::told_article(body, posts::told(&post), options)?;
                found.article.warnings.extend(posts::title(&post).1);
                losses.extend(posts::template_tags(post.body));
                Found { raw: raw.clone(), ..found }
            }
            None => write::found(raw, options)?,
        },
        ItemContent::UrlList(_) => {
            return Err(no_article(&job.source, "a list of URLs; give it to `bindery archive --input-file`"));
        }
        ItemContent::Broken(error) => return Err(input_failure(&error)),
        ItemContent::File(..) => {
            return Err(no_article(&job.source, "an archive inside too many others; unpack the outermost"));
        }
    };
    let (had, missing) = images::gather(&found.article, &*around, options.remote.as_deref());
    let target = |image: &Image| match &options.profile.image_base {
        Some(base) => format!("{base}{}", image.path()),
        None => format!("{UP}images/{}", image.path()),
    };
    let map: ImageMap = had.iter().map(|(url, image)| (url.clone(), target(image))).collect();
    found.article.captured = Some(found.raw.captured.unwrap_or(settings.now));
    let mut profile = options.profile.clone();
    if profile.categories.is_empty() {
        profile.categories.clone_from(&found.categories);
    }
    let document = markdown::write(&found.article, &map, &profile);
    let text_digest = markdown::text_digest(&found.article);
    let raw = found.raw.clone();
    Ok(Made { source: job.source, raw, is_told, found: Box::new(found), document, text_digest, had, missing, losses })
}

fn no_article(source: &str, what: &str) -> Failure {
    let message = format!("{source} is {what}");
    Failure { stage: Stage::Input, kind: "not-a-page".to_owned(), message }
}

fn keep(made: Made, writer: &mut Writer, settings: &Settings<'_>) -> Result<Kept, ArchiveError> {
    let Made { source, raw, is_told, found, document, text_digest, had, missing, losses } = made;
    let article = found.article;
    let taken = raw.captured.unwrap_or(settings.now);
    let key = match &raw.url {
        None => UrlKey::of_bytes(&Digest::of(&raw.body)),
        Some(answered) => writer.article_key(&PageIdentity {
            answered,
            redirected_from: &[],
            canonical: article.metadata.canonical.as_ref().map(|found| &found.value),
            text_digest: &text_digest,
            body: &|| document.body.clone(),
        })?,
    };
    let mut images = Vec::new();
    for (url, image) in &had {
        let is_web = url.starts_with("http://") || url.starts_with("https://");
        let uri = if is_web { url.clone() } else { format!("urn:sha256:{}", image.digest) };
        let media_type = image.format.media_type().to_owned();
        let answer = Answer { received: taken, body: None, source: AnswerSource::File { uri, media_type } };
        // An image inside the page is captured with it.
        let answers = if url.starts_with("data:") { Vec::new() } else { vec![answer] };
        let path = Some(writer.store_image(image)?);
        images.push(VisitImage { url: url.clone(), path, reason: None, answers });
    }
    let lacking = missing.iter().map(|(url, reason)| (url.clone(), reason.clone()));
    images.extend(lacking.map(|(url, reason)| VisitImage {
        url,
        path: None,
        reason: Some(reason),
        answers: Vec::new(),
    }));
    let value = |field: Option<Sourced<String>>| field.map(|found| found.value);
    let title = value(article.metadata.title);
    let url = raw.url.as_ref().map(ToString::to_string);
    let how = &settings.options.extract;
    let extracted = [(COMMENTS, how.comments), (FRAGMENT, how.fragment), (TOLD, is_told)];
    let visit = Visit {
        key,
        urls: Urls {
            requested: raw.requested.clone(),
            answered: raw.url.clone(),
            canonical: article.metadata.canonical.map(|found| found.value),
        },
        aliases: Vec::new(),
        title: title.clone().unwrap_or_default(),
        authors: article.metadata.authors.map(|found| found.value).unwrap_or_default(),
        site: value(article.metadata.site),
        published: article.metadata.published.map(|found| found.value),
        licence: value(article.metadata.licence),
        captured: taken,
        document,
        text_digest,
        images,
        confidence: Some(article.confidence),
        warnings: article.warnings.clone(),
        losses: article.losses.clone(),
        charset: article.charset,
        profile: settings.options.profile.name.to_string(),
        etag: None,
        last_modified: None,
        status: raw.status,
        redirects: Vec::new(),
        payload_digest: Digest::of(&raw.body),
        software: settings.software.to_owned(),
        origin: if matches!(raw.origin, Origin::File(_)) { "file" } else { "import" }.to_owned(),
        options: extracted.iter().filter(|(_, is_on)| *is_on).map(|(word, _)| (*word).to_owned()).collect(),
        answers: vec![page_answer(raw, taken)],
        parts: Vec::new(),
    };
    let (outcome, path) = match writer.keep(visit) {
        Ok(kept) => (kept.outcome, Some(kept.path)),
        Err(error) if error.is_of_one_article() => {
            let message = error.to_string();
            (Outcome::Failed(Failure { stage: Stage::Archive, kind: "record".to_owned(), message }), None)
        }
        Err(error) => return Err(error),
    };
    let images = (had.len(), missing);
    Ok(Kept::Article {
        source,
        outcome,
        url,
        path,
        title,
        images,
        warnings: article.warnings,
        losses: losses.into_iter().chain(article.losses).collect(),
    })
}

fn page_answer(raw: RawPage, taken: Timestamp) -> Answer {
    let uri = raw.url.map_or_else(|| format!("urn:sha256:{}", Digest::of(&raw.body)), String::from);
    Answer {
        received: taken,
        body: Some(raw.body),
        source: AnswerSource::File { uri, media_type: "text/html".to_owned() },
    }
}
