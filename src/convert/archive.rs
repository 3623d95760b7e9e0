//! Many inputs into an archive: found and written on all cores, kept one after the other.

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

use super::event::{Event, RunError, caught};
use super::images::FoundImage;
use super::job::{self, Job};
use super::options::Options;
use super::plan::Plan;
use super::produce::{Producer, Shard, Task};
use super::write::{self, Found, input_failure};
use super::{images, joined, parallel, posts};

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
        /// What the user should know, one sentence each.
        notes: Vec<String>,
    },
    /// Anything else that happens in a run.
    Other(Event),
}

/// An article that is ready to be kept.
struct ReadyArticle {
    source: String,
    found: Found,
    input: DigestInput,
    /// The continuation pages of the article.
    pages: Vec<RawPage>,
    claims: FeedClaims,
    text: Text,
    had: Vec<FoundImage>,
    missing: images::MissingImages,
    losses: Vec<Loss>,
}

enum Ready {
    Article(Box<ReadyArticle>),
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
    let produce = |queue: &parallel::Queue<Task>| {
        let (options, shard) = (String::new(), settings.shard);
        let plan = Arc::clone(&plan);
        Producer {
            plan,
            taken,
            skip_in: None,
            options,
            extension: "md",
            shard,
            only: None,
            queue,
            files: None,
            web_archives: None,
        }
        .all()
    };
    let work = |task: Task, _: usize| match task {
        Task::Tell(event) => Ready::Event(event),
        Task::Convert(job) => {
            let source = job.source.clone();
            match caught(&source, || prepare(*job, settings)) {
                Ok(Some(article)) => Ready::Article(Box::new(article)),
                Ok(None) => Ready::Event(Event::LeftOut { why: joined::CONTINUES.to_owned() }),
                Err(failure) => Ready::Event(Event::Failed { source, failure }),
            }
        }
    };
    let mut broken = None;
    let take = |result: Ready| match result {
        Ready::Event(event) => tell(writer, Kept::Other(event)),
        Ready::Article(made) => match keep(*made, writer, settings) {
            Ok(kept) => tell(writer, kept),
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

/// The work that needs no archive; None for a continuation page of another.
fn prepare(job: Job, settings: &Settings<'_>) -> Result<Option<ReadyArticle>, Failure> {
    let options = settings.options;
    let item = job::with_url(job::open(job.what, options)?, options);
    if joined::continues(&item) {
        return Ok(None);
    }
    let around = Arc::clone(&item.resources);
    let mut losses = item.losses;
    // What an export or a post declares is more than what its bytes as a page say.
    let is_declared = matches!(item.content, ItemContent::Body(..) | ItemContent::Post(_));
    let mut claims = FeedClaims::default();
    let mut pages = Vec::new();
    let mut found = match item.content {
        ItemContent::Page(raw) => {
            let mut found = write::found(raw, options)?;
            pages = joined::join(&mut found.article, &found.raw, &*around, options);
            found
        }
        ItemContent::Body(raw, mut told) => {
            let (raw, identity) = apart(raw, told.identity.take());
            claims = identity;
            write::told_article(raw, *told, options)?
        }
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
    let base = options.profile.image_base.as_deref();
    let link = |image: &Image| image_link(&format!("images/{}", image.path()), base);
    let map: ImageMap = had.iter().map(|found| (found.url.clone(), link(&found.image))).collect();
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
    let digests: BTreeMap<&str, Digest> = had.iter().map(|found| (found.url.as_str(), found.image.digest)).collect();
    let text = Text {
        document: markdown::write(&found.article, &map, &profile),
        digest: input.digest(&|src| digests.get(src).copied()),
        profile: options.profile.name,
        options: extracted.into_iter().filter(|(_, is_on)| *is_on).map(|(option, _)| option).collect(),
        software: settings.software.to_owned(),
    };
    Ok(Some(ReadyArticle { source: job.source, found, input, pages, claims, text, had, missing, losses }))
}

/// The page of an item of a feed, with the URL by which it is told apart from the others, and what the feed says of it.
fn apart(mut raw: RawPage, identity: Option<ItemIdentity>) -> (RawPage, FeedClaims) {
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

fn keep(made: ReadyArticle, writer: &mut Writer, settings: &Settings<'_>) -> Result<Kept, ArchiveError> {
    let ReadyArticle { source, found, input, pages, claims, mut text, had, missing, losses } = made;
    let digest = |images: &SavedImages| input.digest(&|src| images.digest_of(src));
    let Found { raw, article, .. } = found;
    // The key of a page with a URL is determined when it is kept.
    let key = raw.url.as_ref().map_or_else(|| UrlKey::of_bytes(&Digest::of(&raw.body)), |url| writer.url_key(url));
    if let Some(known) = writer.find(&key)?.and_then(|entry| entry.record.same_text(&digest)) {
        text.digest = known;
    }
    let taken = raw.captured.unwrap_or(settings.now);
    let saved = had.len();
    let images = visit_images(had, &missing, writer, taken)?;
    let title = article.metadata.title.as_ref().map(|title| title.value.clone());
    let url = raw.url.as_ref().map(ToString::to_string);
    let mut warnings = article.warnings.clone();
    let losses = losses.into_iter().chain(article.losses.iter().cloned()).collect();
    let continuation_pages = pages.into_iter().map(|page| Answer::of_page(page, taken)).collect();
    let visit = Visit { images, continuation_pages, feed: claims, ..Visit::new(key, raw, article, text, taken) };
    let (outcome, path, notes) = match writer.keep_identified(visit) {
        Ok(kept) => {
            warnings.extend(kept.set_aside.filter(|why| !warnings.contains(why)));
            (kept.outcome, Some(kept.path), kept.notes)
        }
        Err(error) => (Outcome::Failed(error.page_failure()?), None, Vec::new()),
    };
    Ok(Kept::Article { source, outcome, url, path, title, images: (saved, missing), warnings, losses, notes })
}

/// The images of a visit: stored, or missing.
fn visit_images(
    had: Vec<FoundImage>,
    missing: &images::MissingImages,
    writer: &mut Writer,
    taken: Timestamp,
) -> Result<Vec<VisitImage>, ArchiveError> {
    let mut images = Vec::new();
    for FoundImage { url, image, original } in had {
        // An image inside the page is captured with it.
        let is_inside = url.starts_with("data:");
        let answers = if is_inside { Vec::new() } else { vec![Answer::of_file_image(&url, &image, original, taken)] };
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
