//! Conversion of many inputs into an archive: converted on all cores, stored one after the other.

use std::collections::BTreeMap;
use std::num::NonZero;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::Arc;

use crate::archive::{
    Answer, ArchiveError, FeedClaims, SavedImages, Text, TextOption, Visit, VisitImage, Writer, image_link,
};
use crate::import::{self, ItemContent, ItemIdentity};
use crate::markdown::{self, DigestInput, IgnoredLines};
use crate::model::{
    Digest, Failure, FailureKind, Image, ImageMap, Loss, Outcome, RawPage, Stage, Timestamp, UrlKey, Warning,
};

use super::event::{Event, RunError, without_panic};
use super::images::AvailableImage;
use super::job::{self, Job};
use super::options::Options;
use super::plan::Plan;
use super::produce::{Producer, Shard, Task};
use super::write::{self, ExtractedItem, input_failure};
use super::{images, joined, parallel, posts};

/// What happens in a run into an archive.
#[derive(Debug)]
pub enum ArchiveEvent {
    /// An article was stored, or could not be.
    Article {
        /// What it was made from.
        source: String,
        /// New, updated, unchanged or failed.
        outcome: Outcome,
        /// Its URL; None when it has none.
        url: Option<String>,
        /// Its `index.md` below the archive; None if it was not stored.
        path: Option<String>,
        /// Its title; None when it has none.
        title: Option<String>,
        /// The number of images that the text links to locally; the URLs of the others, each with the reason.
        images: (usize, Vec<(String, String)>),
        /// Reasons to trust it less.
        warnings: Vec<Warning>,
        /// Content of the input that the text does not have.
        losses: Vec<Loss>,
        /// What the user should know, one sentence each.
        notes: Vec<String>,
    },
    /// Anything else, as in a run into a folder.
    Run(Event),
}

/// An article that is ready to be stored.
struct ReadyArticle {
    source: String,
    found: ExtractedItem,
    input: DigestInput,
    /// The continuation pages of the article.
    pages: Vec<RawPage>,
    claims: FeedClaims,
    text: Text,
    available: Vec<AvailableImage>,
    missing: images::MissingImages,
    losses: Vec<Loss>,
}

enum Ready {
    Article(Box<ReadyArticle>),
    Event(Event),
}

/// The settings of a run into an archive.
pub struct Settings<'a> {
    /// Files, folders, patterns.
    pub paths: &'a [PathBuf],
    /// How to convert; the format is Markdown.
    pub options: &'a Options,
    /// The number of worker threads; None for one per core.
    pub threads: Option<NonZero<usize>>,
    /// The part of the inputs that this run converts; None for all.
    pub shard: Option<Shard>,
    /// The time of capture of inputs that name none.
    pub now: Timestamp,
    /// The program's name and version for the record: `bindery 0.1.0`.
    pub software: &'a str,
}

/// Why a run into an archive stopped early.
#[derive(Debug, thiserror::Error)]
pub enum IntoArchiveError {
    /// The inputs could not be read, or no thread started.
    #[error(transparent)]
    Run(#[from] RunError),
    /// The archive cannot be written.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
}

/// Converts all inputs and stores them in an archive. Calls `on_event` in the order of the inputs, as soon as an input
/// and all before it are done; `Break` ends the run. Articles that the archive already has count as unchanged. The
/// caller commits.
pub fn into_archive(
    settings: &Settings<'_>,
    writer: &mut Writer,
    on_event: &mut dyn FnMut(&mut Writer, ArchiveEvent) -> ControlFlow<()>,
) -> Result<(), IntoArchiveError> {
    let root = writer.root().to_owned();
    let (plan, outputs) = Plan::new(settings.paths, Some(&root), "md").map_err(RunError::from)?;
    if on_event(writer, ArchiveEvent::Run(Event::Begin { inputs: plan.count() })).is_break() {
        return Ok(());
    }
    let plan = Arc::new(plan);
    let produce = |queue: &parallel::Queue<Task>| {
        let (options, shard) = (String::new(), settings.shard);
        let plan = Arc::clone(&plan);
        Producer {
            plan,
            outputs,
            skip_in: None,
            options,
            extension: "md",
            shard,
            only: None,
            queue,
            files: None,
            form: None,
            web_archives: None,
            warc_files: None,
            is_reported: None,
        }
        .all()
    };
    let work = |task: Task, _: usize| match task {
        Task::Report(event) => Ready::Event(event),
        Task::Convert(job) => {
            let source = job.source.clone();
            match without_panic(&source, || prepare(*job, settings)) {
                Ok(Some(article)) => Ready::Article(Box::new(article)),
                Ok(None) => Ready::Event(Event::LeftOut { why: joined::CONTINUES.to_owned() }),
                Err(failure) => Ready::Event(Event::Failed { source, failure }),
            }
        }
    };
    let mut broken = None;
    let take = |result: Ready| match result {
        Ready::Event(event) => on_event(writer, ArchiveEvent::Run(event)),
        Ready::Article(ready) => match keep(*ready, writer, settings) {
            Ok(event) => on_event(writer, event),
            Err(error) => {
                broken = Some(error);
                ControlFlow::Break(())
            }
        },
    };
    let threads = settings.threads.or_else(|| std::thread::available_parallelism().ok()).map_or(1, NonZero::get);
    let produced = parallel::ordered(threads, produce, work, take);
    produced.map_err(RunError::Threads)?.map_err(RunError::from)?;
    broken.map_or(Ok(()), |error| Err(error.into()))
}

/// Converts an item, which needs no archive; None for a continuation page of another item.
fn prepare(job: Job, settings: &Settings<'_>) -> Result<Option<ReadyArticle>, Failure> {
    let options = settings.options;
    let item = job::with_url(job::open(job.what, options)?, options.url.as_ref());
    if joined::continues(&item) {
        return Ok(None);
    }
    let resources = Arc::clone(&item.resources);
    let mut losses = item.losses;
    // An export or a post declares metadata that extraction from its bytes would not find.
    let is_declared = matches!(item.content, ItemContent::Body(..) | ItemContent::Post(_));
    let mut claims = FeedClaims::default();
    let mut pages = Vec::new();
    let mut found = match item.content {
        ItemContent::Page(raw) => {
            let mut found = write::extract_page(raw, options)?;
            pages = joined::join(&mut found.article, &found.raw, &*resources, options);
            found
        }
        ItemContent::Body(raw, mut info) => {
            let (raw, identity) = with_identity(raw, info.identity.take());
            claims = identity;
            write::extract_body(raw, *info, options)?
        }
        ItemContent::Post(raw) => match import::post(&raw.body) {
            Some(post) => {
                let body = RawPage { body: post.body.as_bytes().to_vec(), ..raw.clone() };
                let mut found = write::extract_body(body, posts::info(&post), options)?;
                found.article.warnings.extend(posts::title(&post).1);
                losses.extend(posts::template_tags(post.body));
                ExtractedItem { raw: raw.clone(), ..found }
            }
            None => write::extract_page(raw, options)?,
        },
        ItemContent::UrlList(_) => {
            return Err(no_article(&job.source, "a list of URLs; give it to `bindery archive --input-file`"));
        }
        ItemContent::Broken(error) => return Err(input_failure(&error)),
        ItemContent::File(..) => {
            return Err(no_article(&job.source, "an archive inside too many others; unpack the outermost"));
        }
    };
    let (available, missing) = images::gather(&found.article, &*resources, options.remote.as_deref());
    let base = options.profile.image_base.as_deref();
    let link = |image: &Image| image_link(&format!("images/{}", image.path()), base);
    let map: ImageMap = available.iter().map(|found| (found.url.clone(), link(&found.image))).collect();
    found.article.captured = Some(found.raw.captured.unwrap_or(settings.now));
    let mut profile = options.profile.clone();
    if profile.categories.is_empty() {
        profile.categories.clone_from(&found.categories);
    }
    let how = &options.extract;
    let extracted = [
        (TextOption::Comments, how.comments),
        (TextOption::Fragment, how.fragment),
        (TextOption::DeclaredMetadata, is_declared),
    ];
    let input = DigestInput::new(&found.article, &IgnoredLines::default());
    let digests: BTreeMap<&str, Digest> =
        available.iter().map(|found| (found.url.as_str(), found.image.digest)).collect();
    let text = Text {
        document: markdown::write(&found.article, &map, &profile),
        digest: input.digest(&|src| digests.get(src).copied()),
        profile: options.profile.name,
        options: extracted.into_iter().filter(|(_, is_on)| *is_on).map(|(option, _)| option).collect(),
        software: settings.software.to_owned(),
    };
    Ok(Some(ReadyArticle { source: job.source, found, input, pages, claims, text, available, missing, losses }))
}

/// Gives the page of a feed item the URL that distinguishes it from the other items, and returns what the feed claims
/// of it.
fn with_identity(mut raw: RawPage, identity: Option<ItemIdentity>) -> (RawPage, FeedClaims) {
    let Some(ItemIdentity { url, items, trust }) = identity else { return (raw, FeedClaims::default()) };
    if let Some(url) = url {
        raw.requested = Some(url.clone());
        raw.url = Some(url);
    }
    (raw, FeedClaims { items, trust })
}

fn no_article(source: &str, what: &str) -> Failure {
    let message = format!("{source} is {what}");
    Failure::new(Stage::Input, FailureKind::NotAPage, message)
}

fn keep(ready: ReadyArticle, writer: &mut Writer, settings: &Settings<'_>) -> Result<ArchiveEvent, ArchiveError> {
    let ReadyArticle { source, found, input, pages, claims, mut text, available, missing, losses } = ready;
    let digest = |images: &SavedImages| input.digest(&|src| images.digest_of(src));
    let ExtractedItem { raw, article, .. } = found;
    // The key of a page with a URL is determined when it is kept.
    let key = raw.url.as_ref().map_or_else(|| UrlKey::of_bytes(&Digest::of(&raw.body)), |url| writer.url_key(url));
    if let Some(known) = writer.find(&key)?.and_then(|entry| entry.record.same_text(&digest)) {
        text.digest = known;
    }
    let captured = raw.captured.unwrap_or(settings.now);
    let saved = available.len();
    let images = visit_images(available, &missing, writer, captured)?;
    let title = article.metadata.title.as_ref().map(|title| title.value.clone());
    let url = raw.url.as_ref().map(ToString::to_string);
    let mut warnings = article.warnings.clone();
    let losses = losses.into_iter().chain(article.losses.iter().cloned()).collect();
    let continuation_pages = pages.into_iter().map(|page| Answer::of_page(page, captured)).collect();
    let visit = Visit { images, continuation_pages, feed: claims, ..Visit::new(key, raw, article, text, captured) };
    let (outcome, path, notes) = match writer.keep_identified(visit) {
        Ok(kept) => {
            warnings.extend(kept.set_aside.filter(|why| !warnings.contains(why)));
            (kept.outcome, Some(kept.path), kept.notes)
        }
        Err(error) => (Outcome::Failed(error.page_failure()?), None, Vec::new()),
    };
    Ok(ArchiveEvent::Article { source, outcome, url, path, title, images: (saved, missing), warnings, losses, notes })
}

/// Stores the available images and returns all images of the visit.
fn visit_images(
    available: Vec<AvailableImage>,
    missing: &images::MissingImages,
    writer: &mut Writer,
    captured: Timestamp,
) -> Result<Vec<VisitImage>, ArchiveError> {
    let mut images = Vec::new();
    for AvailableImage { url, image, original } in available {
        // An image inside the page is captured with it.
        let is_inside = url.starts_with("data:");
        let answers =
            if is_inside { Vec::new() } else { vec![Answer::of_file_image(&url, &image, original, captured)] };
        let path = Some(writer.store_image(&image)?);
        images.push(VisitImage { url, path, reason: None, answers });
    }
    let lacking = missing.iter().map(|(url, reason)| VisitImage {
        url: url.clone(),
        path: None,
        reason: Some(reason.clone()),
        answers: Vec::new(),
    });
    images.extend(lacking);
    Ok(images)
}
