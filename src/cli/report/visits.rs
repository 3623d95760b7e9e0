//! The report of `archive`, `crawl` and `snapshot`: on the terminal, and in the archive's own record of the run.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::Mutex;
use serde_json::{Value, json};

use bindery::archive::Writer;
use bindery::capture::Captured;
use bindery::crawl::{CrawlError, Event, OnEvent, Summary};
use bindery::model::{Failure, MOST_OF_MESSAGE, Outcome, Warning, brief};

use crate::cli::context::{Context, counted};
use crate::cli::error::{CliError, Ending};

use super::{Strict, Totals, page, with_warnings};

/// A run that visits pages.
pub struct Visits<'a> {
    context: &'a Context<'a>,
    command: &'static str,
    /// The source of `bindery.toml` that is visited; None for pages and crawls by flags.
    source: Option<String>,
    writer: Arc<Mutex<Writer>>,
    received: Arc<AtomicU64>,
    strict: Strict,
    tally: Tally,
    /// Notes about pages, and for how many each was given.
    notes: BTreeMap<String, u64>,
}

/// How the run of a queue ended.
pub struct Queue {
    pub summary: Summary,
    /// Whether an earlier run had left something in it.
    pub resumed: bool,
}

/// The counts of a run.
#[derive(Debug, Default, Clone, Copy)]
struct Tally {
    new: u64,
    updated: u64,
    unchanged: u64,
    skipped: u64,
    /// Visits whose text was set aside; they are among the unchanged.
    set_aside: u64,
    /// Units of articles that the texts of this run do not hold.
    lost: u64,
    saved: u64,
    missing: u64,
    /// Feeds, sitemaps and lists that were read.
    lists: u64,
    totals: Totals,
}

impl<'a> Visits<'a> {
    /// Returns the report of a run into an archive; the client counts in `received`.
    pub fn new(
        context: &'a Context<'a>,
        command: &'static str,
        writer: &Arc<Mutex<Writer>>,
        received: &Arc<AtomicU64>,
        strict: Strict,
    ) -> Self {
        let (writer, received) = (Arc::clone(writer), Arc::clone(received));
        Self {
            context,
            command,
            source: None,
            writer,
            received,
            strict,
            tally: Tally::default(),
            notes: BTreeMap::new(),
        }
    }

    /// Sets the source that is visited.
    pub fn of_source(self, source: Option<String>) -> Self {
        Self { source, ..self }
    }

    /// Reports the visits that `visit` makes, of `pages` pages (0 if unknown), and seals what they archived, also after
    /// an error.
    pub fn run(
        &mut self,
        pages: usize,
        visit: impl FnOnce(OnEvent<'_>) -> Result<Summary, CrawlError>,
    ) -> Result<Summary, CliError> {
        self.context.output.progress().start(pages as u64, "pages");
        let mut begin = self.context.run_event(self.command);
        if let Some(source) = &self.source {
            begin["source"] = json!(source);
        }
        self.record(&begin)?;
        let mut broken = None;
        let ended = visit(&mut |event| {
            broken = self.visited(&event).err();
            if broken.is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        self.tally.totals.interrupted = ended.as_ref().is_ok_and(|ended| !ended.complete);
        let sealed = self.seal();
        let summary = ended.map_err(CliError::run)?;
        sealed?;
        broken.map_or(Ok(summary), Err)
    }

    fn page(&mut self, captured: &Captured) -> Result<(), CliError> {
        self.tally.count(captured);
        let event = page::event(captured);
        self.record(&event)?;
        self.note(captured);
        page::show(self.context.output, captured, &event, self.strict)?;
        let progress = self.context.output.progress();
        progress.step();
        progress.traffic(self.tally.saved, self.received.load(Ordering::Relaxed));
        Ok(())
    }

    /// Prints a page's notes. A note that was printed for another page is only counted.
    fn note(&mut self, captured: &Captured) {
        let name = format!("{}: ", captured.name());
        for note in &captured.notes {
            // A note about a host is the same for all its pages.
            let Some(what) = note.strip_prefix(&name) else {
                self.context.output.note_once(&brief(note, MOST_OF_MESSAGE));
                continue;
            };
            let count = self.notes.entry(what.to_owned()).or_default();
            *count += 1;
            if *count == 1 {
                self.context.output.note(&brief(note, MOST_OF_MESSAGE));
            }
        }
    }

    /// Prints how many more pages each note applies to.
    fn count_notes(&self) {
        for (note, count) in self.notes.iter().filter(|(_, count)| **count > 1) {
            self.context.output.note(&format!("{}: {note}", counted(count - 1, "more page")));
        }
    }

    fn visited(&mut self, event: &Event<'_>) -> Result<(), CliError> {
        let output = self.context.output;
        match event {
            Event::Page(captured) => self.page(captured),
            Event::List { url, form, named, warning } => {
                self.tally.lists += 1;
                let event = json!({ "event": "list", "url": url, "form": form, "named": named, "warning": warning });
                self.record(&event)?;
                if output.is_json() {
                    output.result(&event, "")?;
                }
                if let Some(warning) = warning {
                    output.note(&brief(&format!("{url}: {warning}"), MOST_OF_MESSAGE));
                }
                output.detail(&format!("{url}: a {form} that lists {}", counted(*named as u64, "URL")));
                Ok(())
            }
            Event::Again { reason, wait, .. } => {
                // The reason names the URL.
                output.detail(&format!("{reason}; retrying in {:.1} s", wait.as_secs_f64()));
                Ok(())
            }
            Event::Lost { url, failure } => {
                self.tally.totals.failed += 1;
                self.lost(url, Some(failure), &failure.message)
            }
            Event::Passed { url, reason } => {
                self.tally.skipped += 1;
                self.lost(url, None, &brief(&format!("skipped {reason}"), MOST_OF_MESSAGE))
            }
            Event::Queue { done, known } => {
                output.progress().position(*done, *known);
                Ok(())
            }
        }
    }

    fn lost(&self, url: &url::Url, failure: Option<&Failure>, sentence: &str) -> Result<(), CliError> {
        let event = json!({ "event": "list", "url": url, "error": failure, "warning": sentence });
        self.record(&event)?;
        match failure {
            Some(_) => self.context.output.failure(&event, sentence)?,
            None => self.context.output.aside(&event, sentence)?,
        }
        Ok(())
    }

    /// Records the end of the run, and seals what it kept.
    fn seal(&self) -> Result<(), CliError> {
        let mut event = self.tally.event();
        event["event"] = json!("summary");
        event["ended"] = json!((self.context.clock)());
        let recorded = self.record(&event);
        let committed = self.writer.lock().commit().map_err(CliError::run);
        recorded.and(committed)
    }

    /// Prints the last line; without a queue the pages were named.
    pub fn sum_up(&self, queue: Option<Queue>) -> Result<Ending, CliError> {
        let root = self.context.archive();
        let mut event = self.tally.event();
        event["event"] = json!("summary");
        event["command"] = json!(self.command);
        event["archive"] = json!(root.to_string_lossy());
        event["bytes"] = json!(self.received.load(Ordering::Relaxed));
        let mut start = self.source.as_ref().map(|name| format!("{name}: ")).unwrap_or_default();
        if let Some(Queue { summary, resumed }) = &queue {
            for (why, count) in &summary.trapped {
                let verb = if *count == 1 { "was" } else { "were" };
                self.context.output.note(&format!("{} {verb} not followed: {why}", counted(*count, "URL")));
            }
            event["source"] = json!(self.source);
            event["lists"] = json!(self.tally.lists);
            event["left"] = json!(summary.left);
            event["trapped"] = json!(summary.trapped);
            event["resumed"] = json!(resumed);
        }
        if self.tally.totals.interrupted {
            start += &match &queue {
                Some(Queue { summary, .. }) => {
                    let left = counted(summary.left, "URL");
                    format!("interrupted with {left} left; run the same command again to continue: ")
                }
                None => "interrupted; what was done is kept: ".to_owned(),
            };
        }
        self.count_notes();
        self.context.output.summary(&event, &self.tally.sentence(&start, &root))?;
        Ok(self.tally.totals.ending(self.strict))
    }

    /// Writes an event into the archive's own record of the run.
    fn record(&self, event: &Value) -> Result<(), CliError> {
        self.writer.lock().write_event(event).map_err(CliError::run)
    }
}

impl Tally {
    fn event(&self) -> Value {
        let Self { new, updated, unchanged, skipped, set_aside, lost, saved, missing, totals, .. } = *self;
        json!({
            "new": new, "updated": updated, "unchanged": unchanged, "skipped": skipped, "failed": totals.failed,
            "set_aside": set_aside, "with_warnings": totals.with_warnings, "losses": lost, "images": { "saved": saved, "missing": missing },
            "interrupted": totals.interrupted,
        })
    }

    fn sentence(&self, start: &str, root: &Path) -> String {
        let Self { new, updated, unchanged, skipped, set_aside, lost, saved, missing, totals, .. } = *self;
        let aside = if set_aside > 0 { format!(", {set_aside} set aside") } else { String::new() };
        let losses = if lost > 0 { format!(", {} of articles lost", counted(lost, "unit")) } else { String::new() };
        format!(
            "{start}{new} new, {updated} updated, {unchanged} unchanged, {skipped} skipped, {} failed{aside}{}; \
             {} saved, {missing} missing{losses}; in {}",
            totals.failed,
            with_warnings(totals.with_warnings),
            counted(saved, "image"),
            root.display()
        )
    }

    fn count(&mut self, captured: &Captured) {
        *match captured.outcome {
            Outcome::New => &mut self.new,
            Outcome::Updated(_) => &mut self.updated,
            Outcome::Unchanged => &mut self.unchanged,
            Outcome::Skipped(_) => &mut self.skipped,
            Outcome::Failed(_) => &mut self.totals.failed,
        } += 1;
        self.totals.with_warnings += u64::from(captured.warnings.iter().any(Warning::is_of_the_article));
        self.set_aside += u64::from(captured.set_aside.is_some());
        self.lost += captured.losses.iter().filter(|loss| loss.kind.is_unit()).count() as u64;
        self.saved += captured.saved as u64;
        self.missing += captured.missing.len() as u64;
    }
}
