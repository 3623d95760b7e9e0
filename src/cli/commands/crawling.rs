//! One crawl, whoever asked for it: `crawl` by flags, `snapshot` by a source of `bindery.toml`.

use std::ops::ControlFlow;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::json;
use tokio::sync::Notify;

use bindery::archive::{Captures, Writer};
use bindery::capture;
use bindery::crawl::{Ended, Plan, Told, Tools, crawl};
use bindery::fetch::Client;
use bindery::frontier::Frontier;
use bindery::frontmatter::Profile;
use bindery::model::Failure;

use crate::cli::{CliError, Context, Ending, SOFTWARE};

use super::archive::{self, Tally};

/// A crawl, ready to go.
pub struct Job {
    /// What its queue is called: the same name goes on where it was.
    pub name: String,
    /// The command that asked for it.
    pub command: &'static str,
    /// The source in `bindery.toml`; None for a crawl by flags.
    pub source: Option<String>,
    /// What to crawl.
    pub plan: Plan,
    /// How the web is visited.
    pub fetching: bindery::fetch::Settings,
    /// How Markdown is written.
    pub profile: Profile,
    /// Which visits leave what servers sent.
    pub captures: Captures,
}

/// Crawls to the end, or until `stop` is notified.
pub fn run(context: &Context<'_>, job: Job, stop: &Notify) -> Result<Ending, CliError> {
    let root = context.archive();
    let mut opening = context.opening();
    opening.captures = job.captures;
    opening.secret = job.fetching.headers.iter().map(|(name, _)| name.clone()).collect();
    let writer = Writer::open(&root, opening).map_err(CliError::run)?;
    writer.notes().iter().for_each(|note| context.output.note(note));
    let (mut frontier, resumed) = frontier(context, &root, &job.name)?;
    if resumed {
        let counts = frontier.counts().map_err(CliError::run)?;
        context.output.note(&format!("going on where an earlier run was: {counts}"));
    }
    let received = Arc::new(AtomicU64::new(0));
    let events = archive::listener(context.output.clone(), Arc::clone(&received));
    let client = Client::new(job.fetching, context.clock.clone(), events).map_err(CliError::run)?;
    let settings = capture::Settings {
        profile: job.profile,
        respect_robots: true,
        comments: context.settings.switch("comments"),
        software: SOFTWARE.to_owned(),
        clock: context.clock.clone(),
    };
    let writer = Arc::new(Mutex::new(writer));
    let tools =
        Tools { client, writer: Arc::clone(&writer), settings: Arc::new(settings), received: Arc::clone(&received) };
    let mut telling = Telling { context, writer, received, tally: Tally::default(), lists: 0, broken: None };
    let mut begin = super::run_event(context, job.command);
    if let Some(source) = &job.source {
        begin["source"] = json!(source);
    }
    telling.note(&begin)?;
    context.output.progress().start(0, "pages");
    let runtime = super::runtime::runtime()?;
    let ended = runtime.block_on(crawl(job.plan, tools, frontier.as_mut(), stop, &mut |told| telling.tell(&told)));
    telling.end(ended.map_err(CliError::run), frontier.as_mut(), &job.source, job.command, resumed)
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
    context
        .output
        .note("this bindery was built without its store: the crawl cannot be taken up again if it is interrupted");
    Ok((Box::new(bindery::frontier::MemoryFrontier::default()), false))
}

/// What a crawl says, on the terminal and in the archive's own record of the run.
struct Telling<'a> {
    context: &'a Context<'a>,
    writer: Arc<Mutex<Writer>>,
    received: Arc<AtomicU64>,
    tally: Tally,
    /// Feeds, sitemaps and lists that were read.
    lists: u64,
    /// What keeps it from being said.
    broken: Option<CliError>,
}

impl Telling<'_> {
    fn writer(&self) -> MutexGuard<'_, Writer> {
        self.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn note(&self, event: &serde_json::Value) -> Result<(), CliError> {
        self.writer().write_event(event).map_err(CliError::run)
    }

    fn tell(&mut self, told: &Told<'_>) -> ControlFlow<()> {
        let said = self.say(told);
        let progress = self.context.output.progress();
        progress.traffic(self.tally.saved, self.received.load(Ordering::Relaxed));
        match said {
            Ok(()) => ControlFlow::Continue(()),
            Err(error) => {
                self.broken = Some(error);
                ControlFlow::Break(())
            }
        }
    }

    fn say(&mut self, told: &Told<'_>) -> Result<(), CliError> {
        let output = self.context.output;
        match told {
            Told::Page(captured) => {
                self.tally.count(captured);
                output.progress().step();
                let event = archive::event(captured);
                self.note(&event)?;
                archive::tell_page(output, captured, &event)
            }
            Told::List { url, form, named, warning } => {
                self.lists += 1;
                let event = json!({ "event": "list", "url": url, "form": form, "named": named, "warning": warning });
                self.note(&event)?;
                if output.is_json() {
                    output.result(&event, "")?;
                }
                if let Some(warning) = warning {
                    output.note(&format!("{url}: {warning}"));
                }
                output.detail(&format!("{url}: a {form} that names {named}"));
                Ok(())
            }
            Told::Again { url, reason, wait } => {
                output.detail(&format!("{url}: {reason}; visited again in {:.1} s", wait.as_secs_f64()));
                Ok(())
            }
            Told::Lost { url, failure } => {
                self.tally.failed += 1;
                self.lost(url, Some(failure), &failure.message)
            }
            Told::Passed { url, reason } => {
                self.tally.skipped += 1;
                self.lost(url, None, &format!("skipped {reason}"))
            }
        }
    }

    fn lost(&self, url: &url::Url, failure: Option<&Failure>, sentence: &str) -> Result<(), CliError> {
        let event = json!({ "event": "list", "url": url, "error": failure, "warning": sentence });
        self.note(&event)?;
        self.context.output.failure(&event, sentence)?;
        Ok(())
    }

    fn end(
        mut self,
        ended: Result<Ended, CliError>,
        frontier: &mut dyn Frontier,
        source: &Option<String>,
        command: &str,
        resumed: bool,
    ) -> Result<Ending, CliError> {
        self.tally.interrupted = ended.as_ref().is_ok_and(|ended| !ended.complete);
        let noted = self.note(&self.tally.event(&self.context.clock));
        // Whatever ended the crawl: what was kept until then is sealed.
        let committed = self.writer().commit().map_err(CliError::run);
        let ended = ended?;
        noted.and(committed)?;
        if ended.complete {
            frontier.complete().map_err(CliError::run)?;
        }
        if let Some(error) = self.broken.take() {
            return Err(error);
        }
        for (why, count) in &ended.trapped {
            self.context.output.note(&format!("{count} URLs were not followed: {why}"));
        }
        let Tally { new, updated, unchanged, skipped, failed, with_warnings, lost, saved, missing, interrupted } =
            self.tally;
        let root = self.context.archive();
        let event = json!({
            "event": "summary", "command": command, "source": source, "archive": root.to_string_lossy(), "new": new,
            "updated": updated, "unchanged": unchanged, "skipped": skipped, "failed": failed,
            "with_warnings": with_warnings, "losses": lost, "lists": self.lists,
            "images": { "saved": saved, "missing": missing }, "bytes": self.received.load(Ordering::Relaxed),
            "left": ended.left, "trapped": ended.trapped, "resumed": resumed, "interrupted": interrupted,
        });
        let stopped = match (interrupted, ended.left) {
            (true, left) => format!("interrupted with {left} to visit; run it again to go on: "),
            _ => String::new(),
        };
        let name = source.as_ref().map(|name| format!("{name}: ")).unwrap_or_default();
        let losses = if lost > 0 { format!(", {lost} units of articles lost") } else { String::new() };
        let sentence = format!(
            "{name}{stopped}{new} new, {updated} updated, {unchanged} unchanged, {skipped} skipped, {failed} failed; \
             {saved} images saved, {missing} missing{losses}; in {}",
            root.display()
        );
        self.context.output.summary(&event, &sentence)?;
        Ok(match (interrupted, failed) {
            (true, _) => Ending::Interrupted,
            (_, 0) => Ending::Done,
            _ => Ending::PageFailed,
        })
    }
}
