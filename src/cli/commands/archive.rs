//! `bindery archive`.

use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex};

use clap::{Args, ValueHint};
use futures_util::{StreamExt, stream};
use tokio::sync::Notify;
use url::Url;

use bindery::archive::ArchiveError;
use bindery::capture::{self, Captured, Capturer, ContinuationPages, Input, Job, Slot};
use bindery::model::Outcome;

use crate::cli::context::{Context, SOFTWARE, profile};
use crate::cli::error::{CliError, Ending};
use crate::cli::help::examples;
use crate::cli::pages::{self, Named};
use crate::cli::report::Visits;
use crate::cli::settings::Flags;
use crate::cli::settings::groups::{Manners, Network, Recording, Strictness, Writing};
use crate::cli::settings::values::web_url;
use crate::cli::signals;
use crate::cli::web::{self, Pace};

/// Pages that are under way at once. A host is asked for one at a time; the others are being read and written.
const AT_ONCE: usize = 16;

/// How many pages before the one that was named are tried for the first page of its article.
const MOST_BACK: usize = 50;

const EXAMPLES: &str = examples!(
    "Archive two pages" => "bindery archive https://example.org/a https://example.org/b",
    "Archive a saved page with the URL it came from" => "bindery archive page.html --url https://example.org/page",
    "Archive the pages of a list, with a browser's cookies" =>
        "bindery archive --input-file urls.txt --cookie-file cookies.txt",
);

/// Archive pages: URLs, or saved pages on disk with the images beside them
///
/// Each page becomes a Markdown file with front matter in the archive, its images stored under the SHA-256 of their
/// bytes. The pages of an article in several parts are joined. A page that was archived before is visited again; only a
/// changed text is stored as a new version.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Archive {
    /// URLs (http, https) or HTML files
    #[arg(value_name = "PAGE", required_unless_present = "input_file", value_hint = ValueHint::AnyPath)]
    pages: Vec<String>,
    /// Read more pages from this file, one per line; `-` is standard input, lines that start with # are comments
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    input_file: Option<String>,
    /// Give the URL that a saved page came from (one page only)
    #[arg(long, value_name = "URL", value_hint = ValueHint::Url)]
    url: Option<String>,
    #[command(flatten)]
    recording: Recording,
    #[command(flatten)]
    strictness: Strictness,
    #[command(flatten)]
    writing: Writing,
    #[command(flatten)]
    network: Network,
    #[command(flatten)]
    manners: Manners,
}

impl Archive {
    /// Returns the flags that are settings.
    pub fn flags(&self, flags: Flags) -> Result<Flags, CliError> {
        let flags = flags.with(&self.recording)?.with(&self.strictness)?.with(&self.writing)?;
        flags.with(&self.network)?.with(&self.manners)
    }
}

/// Archives every page that was named.
pub fn run(context: &Context<'_>, args: Archive) -> Result<Ending, CliError> {
    let url = args.url.as_deref().map(web_url).transpose()?;
    let pages = pages::named(&args.pages, args.input_file.as_deref(), url.as_ref())?;
    let writing: Writing = context.settings.group()?;
    let recording: Recording = context.settings.group()?;
    let options = capture::Options {
        profile: profile(&writing)?,
        respect_robots: context.settings.group::<Manners>()?.respect_robots,
        comments: writing.comments,
        ignored: recording.ignored()?,
        image_checks: recording.image_checks(),
        software: SOFTWARE.to_owned(),
        clock: context.clock.clone(),
    };
    let fetching = web::fetching(&context.settings.group()?, &context.environment, Pace::Named)?;
    let mut opening = context.opening();
    opening.captures = recording.captures.map(|word| word.0).unwrap_or_default();
    // The name of a header may be stored; its value may be a secret.
    opening.secret = fetching.headers.iter().map(|(name, _)| name.clone()).collect();
    let received = Arc::new(AtomicU64::new(0));
    // A run over saved pages never looks for a certificate.
    let needs_web = pages.iter().any(|named| matches!(named, Named::Page(Input::Url(_))));
    let client = needs_web.then(|| web::client(context, fetching, &received)).transpose()?;
    let writer = Arc::new(Mutex::new(context.writer(opening)?));
    let stop = signals::stop_notice();
    let strict = context.settings.group::<Strictness>()?.strict.into();
    let report = Visits::new(context, "archive", &writer, &received, strict);
    let run = Run { capturer: Capturer { client, writer, options: Arc::new(options) } };
    web::runtime()?.block_on(run.all(pages, report, &stop))
}

struct Run {
    capturer: Capturer,
}

impl Run {
    async fn all(&self, pages: Vec<Named>, mut report: Visits<'_>, stop: &Notify) -> Result<Ending, CliError> {
        let mut ended = report.begin(Some(pages.len()));
        // In the order in which they were named, whichever is first: the same run prints the same lines.
        let mut done = stream::iter(pages)
            .zip(stream::iter(Slot::sequence()))
            .map(|(named, slot)| self.one(named, slot))
            .buffered(AT_ONCE);
        while ended.is_ok() {
            let next = tokio::select! {
                biased;
                () = stop.notified() => {
                    report.interrupted();
                    break;
                }
                next = done.next() => next,
            };
            ended = match next {
                None => break,
                Some(Ok(captured)) => report.page(&captured),
                Some(Err(error)) => Err(CliError::run(error)),
            };
        }
        drop(done);
        let sealed = report.seal();
        ended.and(sealed)?;
        report.sum_up()
    }

    async fn one(&self, named: Named, mut slot: Slot) -> Result<Captured, ArchiveError> {
        match named {
            Named::Page(input) => self.article(input, slot).await,
            Named::Unreadable(failure) => {
                slot.wait().await;
                Ok(Captured::failed(failure))
            }
        }
    }

    /// Captures the article of a page, from its first page where a later one was named.
    async fn article(&self, input: Input, slot: Slot) -> Result<Captured, ArchiveError> {
        let mut captured = self.visit(input, slot).await?;
        for _ in 0..MOST_BACK {
            let Some(before) = page_before(&captured) else { break };
            // Nothing was kept of the page that was named: others may pass it.
            captured = self.visit(Input::Url(before), Slot::unordered()).await?;
        }
        Ok(captured)
    }

    async fn visit(&self, input: Input, slot: Slot) -> Result<Captured, ArchiveError> {
        let continuation_pages = match input {
            Input::Url(_) => ContinuationPages::Join,
            Input::File { .. } => ContinuationPages::default(),
        };
        self.capturer.capture(Job { continuation_pages, slot, ..Job::new(input) }).await
    }
}

/// Returns the page before a continuation page, which is not captured by itself.
fn page_before(captured: &Captured) -> Option<Url> {
    let links = captured.links.as_ref().filter(|_| matches!(captured.outcome, Outcome::Skipped(_)))?;
    links.found.first().cloned()
}
