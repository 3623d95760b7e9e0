//! `bindery archive`.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::{StreamExt, stream};
use serde_json::json;
use tokio::sync::Notify;

use bindery::archive::{ArchiveError, Writer};
use bindery::capture::{self, Captured, Input, Turn, capture};
use bindery::fetch::{Client, Event, Events};
use bindery::model::{Clock, Outcome};

use crate::cli::args::Archive;
use crate::cli::output::Output;
use crate::cli::{CliError, Context, Ending, SOFTWARE};

use super::counted;
use super::inputs::{self, Named};

/// Pages that are under way at once. A host is asked for one at a time; the others are being read and written.
const AT_ONCE: usize = 16;

/// Archives every page that was named.
pub fn run(context: &Context<'_>, args: Archive) -> Result<Ending, CliError> {
    let pages = inputs::named(&args)?;
    let settings = capture::Settings {
        profile: context.profile()?,
        respect_robots: context.settings.switch("respect-robots"),
        comments: context.settings.switch("comments"),
        software: SOFTWARE.to_owned(),
        clock: context.clock.clone(),
    };
    let bytes = Arc::new(AtomicU64::new(0));
    let client = client(context, &pages, &bytes)?;
    let root = context.archive();
    let mut opening = context.opening();
    opening.captures = context.settings.text("captures").unwrap_or_default().parse().map_err(CliError::usage)?;
    opening.secret = header_names(context);
    let writer = Writer::open(&root, opening).map_err(CliError::run)?;
    writer.notes().iter().for_each(|note| context.output.note(note));
    let writer = Arc::new(Mutex::new(writer));
    let stop = stop_on_signal();
    let run = Run { context, client, writer, settings, bytes, root, strict: args.strict };
    let runtime = super::runtime::runtime()?;
    runtime.block_on(run.all(pages, &stop))
}

struct Run<'a> {
    context: &'a Context<'a>,
    /// None when no page needs the network.
    client: Option<Client>,
    writer: Arc<Mutex<Writer>>,
    settings: capture::Settings,
    bytes: Arc<AtomicU64>,
    root: PathBuf,
    /// Warning about a text ends the run as a failed page does.
    strict: bool,
}

impl Run<'_> {
    async fn all(&self, pages: Vec<Named>, stop: &Notify) -> Result<Ending, CliError> {
        let progress = self.context.output.progress();
        progress.start(pages.len() as u64, "pages");
        let mut tally = Tally::default();
        let mut ended = self.note(&super::run_event(self.context, "archive"));
        // In the order they were named, whichever is first: the same run prints the same lines.
        let mut done = stream::iter(pages)
            .zip(stream::iter(Turn::line()))
            .map(|(named, turn)| self.one(named, turn))
            .buffered(AT_ONCE);
        while ended.is_ok() {
            let next = tokio::select! {
                biased;
                () = stop.notified() => {
                    tally.interrupted = true;
                    break;
                }
                next = done.next() => next,
            };
            ended = match next {
                None => break,
                Some(Ok(captured)) => self.tell(&captured, &mut tally),
                Some(Err(error)) => Err(CliError::run(error)),
            };
            progress.step();
            progress.traffic(tally.saved, self.bytes.load(Ordering::Relaxed));
        }
        drop(done);
        let noted = self.note(&tally.event(&self.context.clock));
        // Whatever ended the run: what was kept until then is sealed.
        let committed = self.writer().commit().map_err(CliError::run);
        ended.and(noted).and(committed)?;
        self.sum_up(&tally)
    }

    async fn one(&self, named: Named, mut turn: Turn) -> Result<Captured, ArchiveError> {
        match named {
            Named::Page(input) => capture(&input, self.client.as_ref(), &self.writer, &self.settings, turn).await,
            Named::Unreadable(failure) => {
                turn.wait().await;
                Ok(Captured::failed(failure))
            }
        }
    }

    fn writer(&self) -> MutexGuard<'_, Writer> {
        self.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes an event into the archive's own record of the run.
    fn note(&self, event: &serde_json::Value) -> Result<(), CliError> {
        self.writer().write_event(event).map_err(CliError::run)
    }

    fn tell(&self, captured: &Captured, tally: &mut Tally) -> Result<(), CliError> {
        tally.count(captured);
        if self.strict {
            for warning in captured.warnings.iter().filter(|warning| warning.is_of_the_article()) {
                self.context.output.problem(&format!("{}: {warning}", captured.name()));
            }
        }
        let event = event(captured);
        self.note(&event)?;
        tell_page(self.context.output, captured, &event)
    }

    fn sum_up(&self, tally: &Tally) -> Result<Ending, CliError> {
        let Tally { new, updated, unchanged, skipped, failed, with_warnings, lost, saved, missing, interrupted } =
            *tally;
        let received = self.bytes.load(Ordering::Relaxed);
        let event = json!({
            "event": "summary", "command": "archive", "archive": self.root.to_string_lossy(), "new": new,
            "updated": updated, "unchanged": unchanged, "skipped": skipped, "failed": failed, "with_warnings": with_warnings,
            "losses": lost, "images": { "saved": saved, "missing": missing }, "bytes": received, "interrupted": interrupted,
        });
        let stopped = if interrupted { "interrupted; what was done is kept: " } else { "" };
        let losses = if lost > 0 { format!(", {lost} units of articles lost") } else { String::new() };
        let warnings = if with_warnings > 0 { format!(", {with_warnings} with warnings") } else { String::new() };
        let sentence = format!(
            "{stopped}{new} new, {updated} updated, {unchanged} unchanged, {skipped} skipped, {failed} failed{warnings}; \
             {saved} images saved, {missing} missing{losses}; in {}",
            self.root.display()
        );
        self.context.output.summary(&event, &sentence)?;
        Ok(match (interrupted, failed + if self.strict { with_warnings } else { 0 }) {
            (true, _) => Ending::Interrupted,
            (_, 0) => Ending::Done,
            _ => Ending::PageFailed,
        })
    }
}

/// Tells what became of a page.
pub(super) fn tell_page(output: &Output, captured: &Captured, event: &serde_json::Value) -> Result<(), CliError> {
    captured.notes.iter().for_each(|note| output.note(note));
    captured.warnings.iter().for_each(|warning| output.detail(&format!("{}: {warning}", captured.name())));
    for loss in &captured.losses {
        output.detail(&format!("{}: lost: {loss}", captured.name()));
    }
    captured
        .round_trip
        .iter()
        .for_each(|found| output.detail(&format!("{}: round-trip check: {found}", captured.name())));
    for (_, reason) in &captured.missing {
        output.detail(&format!("{}: missing image: {reason}", captured.name()));
    }
    match &captured.outcome {
        Outcome::Failed(failure) => output.failure(event, &failure.message)?,
        Outcome::Skipped(why) => output.failure(event, &format!("skipped {why}"))?,
        outcome => output.result(event, &line(outcome, captured))?,
    }
    Ok(())
}

/// The counts of a run.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Tally {
    pub new: u64,
    pub updated: u64,
    pub unchanged: u64,
    pub skipped: u64,
    pub failed: u64,
    /// Texts of this run that may be less than their article, or something else.
    pub with_warnings: u64,
    /// Units of articles that the texts of this run do not hold.
    pub lost: u64,
    pub saved: u64,
    pub missing: u64,
    pub interrupted: bool,
}

impl Tally {
    /// The last event in the archive's own record of the run.
    pub fn event(&self, clock: &Clock) -> serde_json::Value {
        let Self { new, updated, unchanged, skipped, failed, with_warnings, lost, saved, missing, interrupted } = *self;
        json!({
            "event": "summary", "ended": clock(), "new": new, "updated": updated, "unchanged": unchanged,
            "skipped": skipped, "failed": failed, "with_warnings": with_warnings, "losses": lost, "images": { "saved": saved, "missing": missing },
            "interrupted": interrupted,
        })
    }

    pub fn count(&mut self, captured: &Captured) {
        *match captured.outcome {
            Outcome::New => &mut self.new,
            Outcome::Updated(_) => &mut self.updated,
            Outcome::Unchanged => &mut self.unchanged,
            Outcome::Skipped(_) => &mut self.skipped,
            Outcome::Failed(_) => &mut self.failed,
        } += 1;
        self.with_warnings += u64::from(captured.warnings.iter().any(bindery::model::Warning::is_of_the_article));
        self.lost += captured.losses.iter().filter(|loss| loss.kind.is_unit()).count() as u64;
        self.saved += captured.saved as u64;
        self.missing += captured.missing.len() as u64;
    }
}

fn line(outcome: &Outcome, captured: &Captured) -> String {
    let path = captured.path.as_deref().unwrap_or_default();
    let images = match (captured.saved, captured.missing.len()) {
        (0, 0) => String::new(),
        (saved, 0) => format!("  ({})", counted(saved as u64, "image")),
        (saved, missing) => format!("  ({}, {missing} missing)", counted(saved as u64, "image")),
    };
    format!("{:9} {path}{images}", outcome.word())
}

pub(super) fn event(captured: &Captured) -> serde_json::Value {
    let error = match &captured.outcome {
        Outcome::Failed(failure) => json!(failure),
        _ => serde_json::Value::Null,
    };
    let missing: Vec<_> =
        captured.missing.iter().map(|(url, reason)| json!({ "url": url, "reason": reason })).collect();
    json!({
        "event": "article",
        "url": captured.url,
        "outcome": captured.outcome.word(),
        "reason": match &captured.outcome { Outcome::Skipped(why) => Some(why.as_str()), _ => None },
        "updated": match &captured.outcome { Outcome::Updated(what) => Some(what), _ => None },
        "path": captured.path,
        "title": captured.title,
        "images": { "saved": captured.saved, "missing": captured.missing.len() },
        "missing": missing,
        "confidence": captured.confidence,
        "warnings": captured.warnings.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "losses": captured.losses,
        "round_trip": captured.round_trip,
        "notes": captured.notes,
        "error": error,
    })
}

/// What a header field is called may be stored; what it says may be a secret.
pub(super) fn header_names(context: &Context<'_>) -> Vec<String> {
    let headers = context.settings.list("header");
    headers.iter().filter_map(|header| Some(header.split_once(':')?.0.trim().to_owned())).collect()
}

/// A client, when some page needs one: a run over saved pages never looks for a certificate.
fn client(context: &Context<'_>, pages: &[Named], bytes: &Arc<AtomicU64>) -> Result<Option<Client>, CliError> {
    if !pages.iter().any(|named| matches!(named, Named::Page(Input::Url(_)))) {
        return Ok(None);
    }
    connect(context, bytes).map(Some)
}

/// A client with the settings of the command line; `bytes` counts what it receives.
pub(super) fn connect(context: &Context<'_>, bytes: &Arc<AtomicU64>) -> Result<Client, CliError> {
    Client::new(fetching(context)?, context.clock.clone(), listener(context.output.clone(), Arc::clone(bytes)))
        .map_err(CliError::run)
}

/// How the settings say that the web is visited.
pub(super) fn fetching(context: &Context<'_>) -> Result<bindery::fetch::Settings, CliError> {
    let settings = &context.settings;
    let mut headers = Vec::new();
    for header in settings.list("header") {
        let pair = header.split_once(':').map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned()));
        // What follows the name may be a secret: it is not repeated.
        headers.push(pair.ok_or_else(|| CliError::usage("--header needs the form `Name: value`"))?);
    }
    Ok(bindery::fetch::Settings {
        user_agent: settings.text("user-agent").unwrap_or_default(),
        headers,
        timeout: settings.duration("timeout")?,
        delay: settings.duration("delay")?,
        retries: settings.whole("retries"),
        allow_private: settings.switch("allow-private"),
        ..bindery::fetch::Settings::default()
    })
}

pub(super) fn listener(output: Output, bytes: Arc<AtomicU64>) -> Events {
    Arc::new(move |event| match event {
        Event::Received { bytes: more } => {
            bytes.fetch_add(more, Ordering::Relaxed);
        }
        Event::Warning(message) => output.note(&message),
        Event::Retry { url, reason, wait, attempt } => {
            output.detail(&format!("{url}: {reason}; try {} in {}", attempt + 1, seconds(wait)));
        }
    })
}

fn seconds(wait: Duration) -> String {
    format!("{:.1} s", wait.as_secs_f64())
}

/// Told once by the first signal; the second one ends the process at once.
pub(super) fn stop_on_signal() -> Arc<Notify> {
    let stop = Arc::new(Notify::new());
    let told = Arc::clone(&stop);
    let asked = AtomicBool::new(false);
    // Without a handler a signal ends the process, and the next run makes its files whole.
    let _ = ctrlc::set_handler(move || {
        if asked.swap(true, Ordering::SeqCst) {
            std::process::exit(130);
        }
        told.notify_one();
    });
    stop
}
