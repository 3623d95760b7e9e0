//! One crawl: of named pages (`archive`), of seeds (`crawl`), or of a source of `bindery.toml` (`snapshot`).

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use parking_lot::Mutex;
use tokio::sync::Notify;
use url::Url;

use bindery::archive::Captures;
use bindery::capture::{self, Capturer};
use bindery::crawl::seeds::{self, Alternates, Item};
use bindery::crawl::{NamedPage, Plan, Scope, Tools, crawl};
use bindery::fetch;
use bindery::frontier::{Frontier, MemoryFrontier};
use bindery::model::{Origin, RawPage, Timestamp};

use super::context::{Context, SOFTWARE, profile};
use super::error::{CliError, Ending};
use super::report::{Queue, Strict, Visits};
use super::settings::Settings;
use super::settings::groups::{Manners, Reach, Recording, Strictness, Writing};
use super::settings::values::{did_you_mean, local_path};
use super::web::{self, Pace};

/// The largest file with seeds in it, in bytes.
const SEED_FILE_CAP: u64 = 256 << 20;

/// The identity of a crawl.
pub struct Identity {
    /// The name of its queue: a crawl of the same name continues it. None for one that is not continued.
    pub queue: Option<String>,
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
    options: capture::Options,
    captures: Captures,
    strict: Strict,
}

impl Job {
    /// Returns the visits of the pages that the user named.
    ///
    /// # Errors
    /// A setting is invalid.
    pub fn of_pages(context: &Context<'_>, named: Vec<NamedPage>) -> Result<Self, CliError> {
        let settings = &context.settings;
        let identity = Identity { queue: None, command: "archive", source: None };
        let fetching = web::fetching(&settings.group()?, &context.environment, Pace::Named)?;
        let mut job = Self::new(context, settings, identity, fetching)?;
        job.plan.named = named;
        job.options.respect_robots = settings.group::<Manners>()?.respect_robots;
        Ok(job)
    }

    /// Returns a crawl of some seeds with some settings.
    ///
    /// # Errors
    /// A seed or a setting is invalid.
    pub fn of_seeds(
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
        let alternates = if reach.alternates { Alternates::Include } else { Alternates::Ignore };
        let seeds = seeds(written, now, alternates)?;
        let too_early = || CliError::usage("--since is too long ago; give a later date");
        let since = reach.since.as_ref().map(|written| written.value.instant(now).ok_or_else(too_early)).transpose()?;
        let plan = Plan {
            named: Vec::new(),
            seeds: seeds.urls,
            pages: seeds.pages,
            scope: Scope::new(within, &reach.include, &reach.exclude).map_err(CliError::usage)?,
            depth: reach.depth,
            max_pages: reach.max_pages,
            max_bytes: reach.max_bytes.map(|written| written.value.0),
            since,
            feeds: reach.feeds,
            alternates,
            retries,
        };
        Ok(Self { plan, ..Self::new(context, settings, identity, fetching)? })
    }

    fn new(
        context: &Context<'_>,
        settings: &Settings,
        identity: Identity,
        fetching: fetch::Settings,
    ) -> Result<Self, CliError> {
        let writing: Writing = settings.group()?;
        let recording: Recording = settings.group()?;
        let options = capture::Options {
            profile: profile(settings, &writing)?,
            respect_robots: true,
            comments: writing.comments,
            ignored: recording.ignored()?,
            image_checks: recording.image_checks(),
            software: SOFTWARE.to_owned(),
            clock: context.clock.clone(),
        };
        let captures = recording.captures.map(|word| word.0).unwrap_or_default();
        let strict = settings.group::<Strictness>()?.strict.into();
        Ok(Self { identity, plan: Plan::default(), fetching, options, captures, strict })
    }

    /// Crawls to the end, or until `stop` is notified.
    ///
    /// # Errors
    /// The archive, the queue or the output fails.
    pub fn run(self, context: &Context<'_>, stop: &Notify) -> Result<Ending, CliError> {
        let Self { identity: Identity { queue, command, source }, plan, fetching, .. } = self;
        let mut opening = context.opening();
        let scope = if source.is_some() { web::Scope::Part } else { web::Scope::Run };
        opening.captures = self.captures;
        // The name of a header may be stored; its value may be a secret.
        opening.secret = fetching.headers.iter().map(|(name, _)| name.clone()).collect();
        let received = Arc::new(AtomicU64::new(0));
        let fetcher = plan.needs_web().then(|| web::fetcher(context, fetching, &received)).transpose()?;
        let writer = Arc::new(Mutex::new(context.writer(opening)?));
        let (mut frontier, resumed) = frontier(context, queue.as_deref())?;
        if resumed {
            let counts = frontier.counts().map_err(CliError::run)?;
            context.output.note(&format!("continuing an earlier run: {counts}"));
        }
        let mut report = Visits::new(context, command, &writer, &received, self.strict).of_source(source);
        let asked = fetcher.clone();
        let tools = Tools { capturer: Capturer { fetcher, writer, options: Arc::new(self.options) }, received };
        let runtime = web::runtime()?;
        let visited = report
            .run(plan.named.len(), |on_event| runtime.block_on(crawl(plan, tools, frontier.as_mut(), stop, on_event)));
        asked.iter().for_each(|fetcher| web::say_unsent_cookies(context.output, fetcher.as_ref(), scope));
        let summary = visited?;
        if summary.complete {
            frontier.complete().map_err(CliError::run)?;
        }
        report.sum_up(queue.map(|_| Queue { summary, resumed }))
    }
}

/// Opens the queue of a crawl, and returns whether an earlier run left something in it.
fn frontier(context: &Context<'_>, name: Option<&str>) -> Result<(Box<dyn Frontier>, bool), CliError> {
    #[cfg(feature = "store")]
    if let Some(name) = name {
        let now = bindery::frontier::UnixMillis((context.clock)().as_second() * 1000);
        let path = bindery::archive::private_file(&context.archive(), "frontier.sqlite");
        let frontier = bindery::frontier::SqliteFrontier::open(&path, name, now).map_err(CliError::run)?;
        let resumed = frontier.is_resumed();
        return Ok((Box::new(frontier), resumed));
    }
    #[cfg(not(feature = "store"))]
    if name.is_some() {
        context.output.note("this build of bindery lacks the feature `store`: an interrupted crawl cannot be resumed");
    }
    Ok((Box::new(MemoryFrontier::default()), false))
}

/// The seeds of a crawl.
struct Seeds {
    /// URLs to begin with.
    urls: Vec<Url>,
    /// Pages that files on disk list.
    pages: Vec<Item>,
}

/// Reads seeds: URLs, and files that list some.
fn seeds(written: &[String], now: Timestamp, alternates: Alternates) -> Result<Seeds, CliError> {
    let mut seeds = Seeds { urls: Vec::new(), pages: Vec::new() };
    for text in written {
        match Url::parse(text) {
            Ok(url) if matches!(url.scheme(), "http" | "https") => seeds.urls.push(url),
            _ if local_path(text).is_file() => file(&local_path(text), now, alternates, &mut seeds)?,
            _ => {
                let hint = did_you_mean(text);
                return Err(CliError::usage(match hint.is_empty() {
                    true => format!(
                        "`{text}` is neither a web URL nor a file; give a URL that begins with http:// or https://, \
                         or a file with a list, OPML or bookmarks"
                    ),
                    false => format!("`{text}` is neither a web URL nor a file{hint}"),
                }));
            }
        }
    }
    Ok(seeds)
}

fn file(path: &Path, now: Timestamp, alternates: Alternates, seeds: &mut Seeds) -> Result<(), CliError> {
    let shown = path.display();
    let fail = |error: std::io::Error| {
        CliError::usage(format!("{shown} cannot be read: {error}; give a URL or an existing file"))
    };
    if path.metadata().map_err(fail)?.len() > SEED_FILE_CAP {
        return Err(CliError::usage(format!("{shown} is larger than {SEED_FILE_CAP} bytes; split it")));
    }
    let bytes = std::fs::read(path).map_err(fail)?;
    let raw = RawPage::from_bytes(bytes, None, Origin::File(path.to_owned()), Some(now));
    let contents = seeds::read(&raw, now, u64::MAX, alternates).ok_or_else(|| {
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
