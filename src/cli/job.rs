//! One crawl: `crawl` starts it by flags, `snapshot` by a source of `bindery.toml`.

use std::ops::ControlFlow;
use std::path::Path;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex};

use tokio::sync::Notify;
use url::Url;

use bindery::archive::Captures;
use bindery::capture::{self, ImageChecks};
use bindery::crawl::seeds::{self, Item};
use bindery::crawl::{Plan, Scope, Tools, crawl};
use bindery::fetch;
use bindery::frontier::Frontier;
use bindery::frontmatter::Profile;
use bindery::markdown::IgnoredLines;
use bindery::model::{Origin, RawPage, Timestamp};

use super::context::{Context, SOFTWARE, profile};
use super::error::{CliError, Ending};
use super::report::{Queue, Strict, Visits};
use super::settings::Settings;
use super::settings::groups::{Reach, Recording, Strictness, Writing};
use super::web::{self, Pace};

/// The largest file with seeds in it, in bytes.
const SEED_FILE_CAP: u64 = 256 << 20;

/// Which crawl it is.
pub struct Identity {
    /// The name of its queue: a crawl of the same name continues it.
    pub queue: String,
    /// The command that asked for it.
    pub command: &'static str,
    /// The source in `bindery.toml`; None for a crawl by flags.
    pub source: Option<String>,
}

/// A crawl, ready to run.
pub struct Job {
    identity: Identity,
    plan: Plan,
    fetching: fetch::Settings,
    profile: Profile,
    comments: bool,
    captures: Captures,
    ignored: IgnoredLines,
    image_checks: ImageChecks,
    strict: Strict,
}

impl Job {
    /// Returns a crawl of some seeds with some settings.
    ///
    /// # Errors
    /// A seed or a setting is invalid.
    pub fn new(
        context: &Context<'_>,
        settings: &Settings,
        identity: Identity,
        written: &[String],
    ) -> Result<Self, CliError> {
        let now = (context.clock)();
        let mut fetching = web::fetching(&settings.group()?, &context.environment, Pace::Crawl)?;
        // The crawl itself repeats failed visits, while it visits other hosts.
        let retries = std::mem::take(&mut fetching.retries);
        let reach: Reach = settings.group()?;
        let within = reach.within.map(|word| word.0).unwrap_or_default();
        let seeds = seeds(written, now)?;
        let too_early = || CliError::usage("--since lies before the calendar begins");
        let since = reach.since.as_ref().map(|written| written.value.instant(now).ok_or_else(too_early)).transpose()?;
        let writing: Writing = settings.group()?;
        let recording: Recording = settings.group()?;
        Ok(Self {
            identity,
            plan: Plan {
                seeds: seeds.urls,
                pages: seeds.pages,
                scope: Scope::new(within, &reach.include, &reach.exclude).map_err(CliError::usage)?,
                depth: reach.depth,
                max_pages: reach.max_pages,
                max_bytes: reach.max_bytes.map(|written| written.value.0),
                since,
                feeds: reach.feeds,
                retries,
                at_once: fetching.at_once,
            },
            fetching,
            profile: profile(&writing)?,
            comments: writing.comments,
            ignored: recording.ignored()?,
            image_checks: recording.image_checks(),
            captures: recording.captures.map(|word| word.0).unwrap_or_default(),
            strict: settings.group::<Strictness>()?.strict.into(),
        })
    }

    /// Crawls to the end, or until `stop` is notified.
    ///
    /// # Errors
    /// The archive, the queue or the output fails.
    pub fn run(self, context: &Context<'_>, stop: &Notify) -> Result<Ending, CliError> {
        let mut opening = context.opening();
        let Identity { queue, command, source } = self.identity;
        opening.captures = self.captures;
        // The name of a header may be stored; its value may be a secret.
        opening.secret = self.fetching.headers.iter().map(|(name, _)| name.clone()).collect();
        let writer = Arc::new(Mutex::new(context.writer(opening)?));
        let (mut frontier, resumed) = frontier(context, &context.archive(), &queue)?;
        if resumed {
            let counts = frontier.counts().map_err(CliError::run)?;
            context.output.note(&format!("continuing an earlier run: {counts}"));
        }
        let received = Arc::new(AtomicU64::new(0));
        let client = web::client(context, self.fetching, &received)?;
        let settings = capture::Options {
            profile: self.profile,
            respect_robots: true,
            comments: self.comments,
            ignored: self.ignored,
            image_checks: self.image_checks,
            software: SOFTWARE.to_owned(),
            clock: context.clock.clone(),
        };
        let mut report = Visits::new(context, command, &writer, &received, self.strict).of_source(source);
        let tools = Tools { client, writer, settings: Arc::new(settings), received };
        report.begin(None)?;
        let mut broken = None;
        let ended = web::runtime()?.block_on(crawl(self.plan, tools, frontier.as_mut(), stop, &mut |told| {
            broken = report.crawled(&told).err();
            if broken.is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        }));
        if ended.as_ref().is_ok_and(|ended| !ended.complete) {
            report.interrupted();
        }
        let sealed = report.seal();
        let ended = ended.map_err(CliError::run)?;
        sealed?;
        if ended.complete {
            frontier.complete().map_err(CliError::run)?;
        }
        match broken {
            Some(error) => Err(error),
            None => report.sum_up_queue(&Queue { summary: ended, resumed }),
        }
    }
}

/// The queue of a crawl, and whether an earlier run left something in it.
#[cfg(feature = "store")]
fn frontier(context: &Context<'_>, root: &Path, name: &str) -> Result<(Box<dyn Frontier>, bool), CliError> {
    let now = bindery::frontier::UnixMillis((context.clock)().as_second() * 1000);
    let path = bindery::archive::private_file(root, "frontier.sqlite");
    let frontier = bindery::frontier::SqliteFrontier::open(&path, name, now).map_err(CliError::run)?;
    let resumed = frontier.is_resumed();
    Ok((Box::new(frontier), resumed))
}

#[cfg(not(feature = "store"))]
fn frontier(context: &Context<'_>, _: &Path, _: &str) -> Result<(Box<dyn Frontier>, bool), CliError> {
    context.output.note("this build of bindery lacks the feature `store`: an interrupted crawl cannot be resumed");
    Ok((Box::new(bindery::frontier::MemoryFrontier::default()), false))
}

/// What the seeds of a crawl are.
struct Seeds {
    /// URLs to begin with.
    urls: Vec<Url>,
    /// Pages that files on disk list.
    pages: Vec<Item>,
}

/// Reads seeds: URLs, and files that list some.
fn seeds(written: &[String], now: Timestamp) -> Result<Seeds, CliError> {
    let mut seeds = Seeds { urls: Vec::new(), pages: Vec::new() };
    for text in written {
        match Url::parse(text) {
            Ok(url) if matches!(url.scheme(), "http" | "https") => seeds.urls.push(url),
            _ if Path::new(text).is_file() => file(Path::new(text), now, &mut seeds)?,
            _ => {
                return Err(CliError::usage(format!(
                    "`{text}` is neither a web URL nor a file; give a URL that begins with http:// or https://, \
                     or a file with a list, OPML or bookmarks"
                )));
            }
        }
    }
    Ok(seeds)
}

fn file(path: &Path, now: Timestamp, seeds: &mut Seeds) -> Result<(), CliError> {
    let shown = path.display();
    let fail = |error: std::io::Error| CliError::usage(format!("{shown} cannot be read: {error}"));
    if path.metadata().map_err(fail)?.len() > SEED_FILE_CAP {
        return Err(CliError::usage(format!("{shown} is larger than {SEED_FILE_CAP} bytes; split it")));
    }
    let bytes = std::fs::read(path).map_err(fail)?;
    let raw = RawPage::from_bytes(bytes, None, Origin::File(path.to_owned()), Some(now));
    let contents = seeds::read(&raw, now, u64::MAX).ok_or_else(|| {
        CliError::usage(format!(
            "{shown} is not a list of URLs, OPML, bookmarks, a feed or a sitemap; give one of these"
        ))
    })?;
    if contents.pages.is_empty() && contents.lists.is_empty() {
        return Err(CliError::usage(format!("{shown} contains no web URL")));
    }
    seeds.pages.extend(contents.pages);
    seeds.urls.extend(contents.lists);
    Ok(())
}
