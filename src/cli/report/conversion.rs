//! The report of `convert`: its events, its last line, its exit code.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Value, json};

use bindery::convert::{ArchiveEvent, Converted, Event};
use bindery::import::Report;
use bindery::model::{Failure, FailureKind, Loss, LossKind, Outcome, Stage, Warning, WarningKind};

use crate::cli::context::{Context, counted as things};
use crate::cli::error::{CliError, Ending};
use crate::cli::output::step_line;

use super::file::ReportFile;
use super::{Strict, Totals, show_warnings, with_warnings};

/// The number of failures of a kind that the last line names.
const NAMED: usize = 3;

/// The report of a run that converts.
pub struct Conversions<'a> {
    context: &'a Context<'a>,
    strict: Strict,
    /// Whether each decision of an extraction is shown.
    explain: bool,
    converted: u64,
    unchanged: u64,
    saved: u64,
    missing: u64,
    totals: Totals,
    disk_is_full: bool,
    /// The failures by kind: their number, and the first of them.
    failures: BTreeMap<FailureKind, (u64, Vec<String>)>,
    left_out: BTreeMap<String, u64>,
    losses: BTreeMap<String, u64>,
    /// The file that receives the events, too.
    file: Option<ReportFile>,
}

impl<'a> Conversions<'a> {
    /// Returns the report of a run.
    pub fn new(context: &'a Context<'a>, strict: Strict) -> Self {
        Self {
            context,
            strict,
            explain: false,
            converted: 0,
            unchanged: 0,
            saved: 0,
            missing: 0,
            totals: Totals::default(),
            disk_is_full: false,
            failures: BTreeMap::new(),
            left_out: BTreeMap::new(),
            losses: BTreeMap::new(),
            file: None,
        }
    }

    /// Shows each decision of an extraction.
    pub fn explaining(self) -> Self {
        Self { explain: true, ..self }
    }

    /// Writes the events into a file, too; the first says which part of the inputs the run converts (`2/3`).
    pub fn written_to(self, mut file: ReportFile, shard: Option<&str>) -> Result<Self, CliError> {
        file.add(
            &json!({ "event": "begin", "command": "convert", "started": (self.context.clock)(), "shard": shard }),
        )?;
        Ok(Self { file: Some(file), ..self })
    }

    /// Records that the run was stopped.
    pub fn interrupted(&mut self) {
        self.totals.interrupted = true;
    }

    /// Returns whether the run must stop.
    pub fn must_stop(&self) -> bool {
        self.totals.interrupted || self.disk_is_full
    }

    /// Reports the only page of a run, whose text goes to standard output.
    pub fn single(&mut self, source: &Path, converted: Result<&Converted, &Failure>) -> Result<Ending, CliError> {
        let output = self.context.output;
        let source = source.to_string_lossy();
        let mut event = event(&source, None, converted);
        match converted {
            Ok(converted) => {
                self.details(&source, converted);
                self.count(converted);
                if output.is_json() {
                    event["text"] = converted.text.clone().into();
                    output.result(&event, "")?;
                } else {
                    output.raw(&converted.text)?;
                }
                self.cut(&source, converted)?;
            }
            Err(failure) => {
                self.fail(&source, failure);
                output.failure(&event, &failure.message)?;
            }
        }
        Ok(self.totals.ending(self.strict))
    }

    /// Counts a page whose answer says everything else about it.
    pub fn answered(&mut self, source: &str, converted: &Result<Converted, Failure>) {
        match converted {
            Ok(converted) => self.count(converted),
            Err(failure) => self.fail(source, failure),
        }
    }

    /// Reports an event of a run into a folder.
    pub fn event(&mut self, happened: Event) -> Result<(), CliError> {
        let output = self.context.output;
        match happened {
            Event::Begin { inputs } => output.progress().start(inputs, "inputs"),
            Event::Converted { source, output: place, converted } => {
                self.details(&source, &converted);
                self.count(&converted);
                let line = format!("{source} → {}", place.display());
                let event = event(&source, Some(&place), Ok(&converted));
                self.write(&event)?;
                output.done(&event, &line)?;
                self.cut(&source, &converted)?;
                output.progress().step();
            }
            Event::Unchanged { source, output: place } => {
                self.unchanged += 1;
                let event = json!({
                    "event": "converted", "outcome": "unchanged", "source": source, "output": place.to_string_lossy(),
                });
                if output.is_json() {
                    output.result(&event, "")?;
                }
                output.progress().step();
            }
            Event::Failed { source, failure } => {
                self.fail(&source, &failure);
                let line = with_source(&source, &failure.message);
                let event = event(&source, None, Err(&failure));
                self.write(&event)?;
                output.failure(&event, &line)?;
                output.progress().step();
            }
            Event::Report { source, kind, report } => self.import(&source, kind.as_str(), report)?,
            Event::LeftOut { why } => *self.left_out.entry(why).or_default() += 1,
        }
        Ok(())
    }

    /// Reports an article that goes into an archive; `record` writes its event into the archive's own record of the run.
    pub fn article(
        &mut self,
        kept: ArchiveEvent,
        record: &mut dyn FnMut(&Value) -> Result<(), CliError>,
    ) -> Result<(), CliError> {
        let ArchiveEvent::Article {
            source,
            outcome,
            url,
            path,
            title,
            images: (saved, missing),
            warnings,
            losses,
            notes,
        } = kept
        else {
            return Ok(());
        };
        let output = self.context.output;
        let error = match &outcome {
            Outcome::Failed(failure) => Some(failure),
            _ => None,
        };
        let reasons: Vec<_> = missing.iter().map(|(url, reason)| json!({ "url": url, "reason": reason })).collect();
        let event = json!({
            "event": "article", "source": source, "url": url, "outcome": outcome.word(), "path": path, "title": title,
            "images": { "saved": saved, "missing": missing.len() }, "missing": reasons,
            "warnings": warnings.iter().map(ToString::to_string).collect::<Vec<_>>(),
            "losses": losses, "notes": notes, "error": error,
        });
        record(&event)?;
        notes.iter().for_each(|note| output.note(note));
        show_warnings(output, &source, &warnings, self.strict);
        losses.iter().for_each(|loss| output.detail(&format!("{source}: lost: {loss}")));
        missing.iter().for_each(|(_, reason)| output.detail(&format!("{source}: missing image: {reason}")));
        match &outcome {
            Outcome::Failed(failure) => {
                self.fail(&source, failure);
                output.failure(&event, &format!("{source}: {}", failure.message))?;
            }
            outcome => {
                match outcome {
                    Outcome::Unchanged => self.unchanged += 1,
                    _ => self.converted += 1,
                }
                losses.iter().for_each(|loss| *self.losses.entry(loss.counted_as()).or_default() += 1);
                self.totals.with_warnings += u64::from(warnings.iter().any(Warning::is_of_the_article));
                self.saved += saved as u64;
                self.missing += missing.len() as u64;
                output.done(&event, &format!("{:9} {}", outcome.word(), path.unwrap_or_default()))?;
            }
        }
        output.progress().step();
        Ok(())
    }

    /// Returns the last event in the archive's own record of the run.
    pub fn run_summary(&self) -> Value {
        json!({
            "event": "summary", "ended": (self.context.clock)(), "kept": self.converted, "unchanged": self.unchanged,
            "failed": self.totals.failed, "interrupted": self.totals.interrupted,
        })
    }

    /// Prints the last line.
    pub fn sum_up(&mut self) -> Result<Ending, CliError> {
        let Self { converted, unchanged, saved, missing, .. } = *self;
        let Totals { failed, with_warnings: warned, interrupted } = self.totals;
        let failures: BTreeMap<FailureKind, u64> =
            self.failures.iter().map(|(kind, (count, _))| (*kind, *count)).collect();
        let event = json!({
            "event": "summary", "command": "convert", "converted": converted, "unchanged": unchanged, "failed": failed,
            "with_warnings": warned, "images": { "saved": saved, "missing": missing }, "failures": failures,
            "left_out": self.left_out, "losses": self.losses, "interrupted": interrupted,
        });
        self.write(&event)?;
        let mut sentence = format!(
            "{converted} converted, {unchanged} unchanged, {failed} failed{}; {} saved, {missing} not saved",
            with_warnings(warned),
            things(saved, "image")
        );
        for (kind, (count, named)) in &self.failures {
            let more = if *count > named.len() as u64 { ", …" } else { "" };
            sentence += &format!("\nfailed: {count} {kind} ({}{more})", named.join(", "));
        }
        for (what, counts) in [("left out", &self.left_out), ("lost", &self.losses)] {
            if !counts.is_empty() {
                sentence += &format!("\n{what}: {}", counted(counts));
            }
        }
        if interrupted {
            sentence = format!("interrupted; run the same command again to continue: {sentence}");
        }
        self.context.output.summary(&event, &sentence)?;
        if self.disk_is_full {
            return Err(CliError::run("the disk is full; free space and run the same command again"));
        }
        Ok(self.totals.ending(self.strict))
    }

    /// Reports what another run wrote into its file: prints failures and counts everything.
    pub fn merge(&mut self, event: &Value) -> Result<(), CliError> {
        if event["event"] == "import" {
            add(&mut self.losses, &event["losses"]);
            return Ok(());
        }
        let source = event["source"].as_str().unwrap_or_default();
        if event["outcome"] == "failed" {
            let failure = serde_json::from_value(event["error"].clone());
            // Later versions may have more kinds.
            let failure = failure.unwrap_or_else(|_| {
                let message = event["error"]["message"].as_str().unwrap_or_default();
                Failure::new(Stage::Input, FailureKind::UnknownKind, message)
            });
            self.fail(source, &failure);
            self.context.output.failure(event, &with_source(source, &failure.message))?;
            return Ok(());
        }
        self.converted += 1;
        self.saved += event["images"]["saved"].as_u64().unwrap_or_default();
        self.missing += event["images"]["missing"].as_u64().unwrap_or_default();
        let warnings = event["warnings"].as_array().into_iter().flatten().filter_map(Value::as_str);
        let mut kinds = warnings.map(|warning| warning.split(':').next().unwrap_or_default());
        let is_of_the_article =
            |kind: &str| WarningKind::OF_THE_ARTICLE.iter().any(|of_article| of_article.as_str() == kind);
        self.totals.with_warnings += u64::from(kinds.any(is_of_the_article));
        let losses: Vec<Loss> = serde_json::from_value(event["losses"].clone()).unwrap_or_default();
        losses.iter().for_each(|loss| *self.losses.entry(loss.counted_as()).or_default() += 1);
        Ok(())
    }

    /// Adds what another run left out, by reason.
    pub fn merge_left_out(&mut self, counts: &Value) {
        add(&mut self.left_out, counts);
    }

    fn write(&mut self, event: &Value) -> Result<(), CliError> {
        self.file.as_mut().map_or(Ok(()), |file| file.add(event))
    }

    fn count(&mut self, converted: &Converted) {
        self.converted += 1;
        self.saved += converted.images.0 as u64;
        self.missing += converted.images.1 as u64;
        self.totals.with_warnings += u64::from(converted.warnings.iter().any(Warning::is_of_the_article));
        for loss in &converted.losses {
            *self.losses.entry(loss.counted_as()).or_default() += 1;
        }
    }

    fn fail(&mut self, source: &str, failure: &Failure) {
        self.totals.failed += 1;
        self.disk_is_full |= failure.kind == FailureKind::DiskFull;
        let (count, named) = self.failures.entry(failure.kind).or_default();
        *count += 1;
        if named.len() < NAMED {
            named.push(source.to_owned());
        }
    }

    /// Reports a list of which only the start could be read: what is written is not all of it.
    fn cut(&mut self, source: &str, converted: &Converted) -> Result<(), CliError> {
        let cut = converted.losses.iter().find(|loss| converted.is_list && loss.kind == LossKind::DamagedRecord);
        let Some(cut) = cut else { return Ok(()) };
        let failure = Failure::new(Stage::Input, FailureKind::Cut, format!("{source}: {}", cut.detail));
        self.fail(source, &failure);
        let event = event(source, None, Err(&failure));
        self.write(&event)?;
        Ok(self.context.output.failure(&event, &failure.message)?)
    }

    fn details(&self, source: &str, converted: &Converted) {
        let output = self.context.output;
        show_warnings(output, source, &converted.warnings, self.strict);
        converted.losses.iter().for_each(|loss| output.detail(&format!("{source}: lost: {loss}")));
        for (url, reason) in &converted.missing {
            output.detail(&format!("{source}: missing image: {url}: {reason}"));
        }
        if self.explain {
            converted.trace.iter().for_each(|step| output.problem(&step_line(step)));
        }
        for difference in &converted.round_trip {
            let line = format!("round-trip check: {difference}");
            if self.explain { output.problem(&line) } else { output.detail(&line) }
        }
    }

    fn import(&mut self, source: &str, kind: &str, report: Report) -> Result<(), CliError> {
        let output = self.context.output;
        let event = json!({
            "event": "import", "source": source, "kind": kind, "left_out": report.left_out, "losses": report.losses,
            "warnings": report.warnings, "unpublished": report.unpublished, "cut": report.cut,
        });
        self.write(&event)?;
        let counted = counted(&report.left_out);
        if output.is_json() {
            output.result(&event, "")?;
        }
        if !counted.is_empty() {
            output.note(&format!("{source}: left out {counted}"));
        }
        if !report.unpublished.is_empty() {
            let counts: Vec<_> = report.unpublished.iter().map(|(what, count)| format!("{count} {what}")).collect();
            let place = "each is marked in its front matter and stored in a folder of its own";
            output.note(&format!("{source}: not public: {}; {place}", counts.join(", ")));
        }
        if !report.warnings.is_empty() {
            let counts: Vec<_> = report.warnings.iter().map(|(what, count)| format!("{count} × {what}")).collect();
            output.note(&format!("{source}: {}", counts.join(", ")));
        }
        for (loss, count) in &report.losses {
            output.detail(&format!("{source}: lost {count} × {loss}"));
        }
        for (from, to) in [(report.left_out, &mut self.left_out), (report.losses, &mut self.losses)] {
            from.into_iter().for_each(|(what, count)| *to.entry(what).or_default() += count);
        }
        Ok(())
    }
}

/// Returns a message that names the source that it is about.
fn with_source(source: &str, message: &str) -> String {
    if message.contains(source) { message.to_owned() } else { format!("{source}: {message}") }
}

/// Adds the numbers of an object to counts.
fn add(counts: &mut BTreeMap<String, u64>, more: &Value) {
    for (what, count) in more.as_object().into_iter().flatten() {
        *counts.entry(what.clone()).or_default() += count.as_u64().unwrap_or_default();
    }
}

/// Returns the largest of many counts, for people.
fn counted(counts: &BTreeMap<String, u64>) -> String {
    let mut all: Vec<(&String, &u64)> = counts.iter().collect();
    all.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
    let more = if all.len() > 8 { ", …" } else { "" };
    all.iter().take(8).map(|(what, count)| counted_one(what, **count)).collect::<Vec<_>>().join(", ") + more
}

/// Returns one count, for people: `2 images`, or `2 × draft` for what an export names in its own words.
fn counted_one(what: &str, count: u64) -> String {
    let kind = LossKind::OF_AN_ARTICLE.into_iter().find(|kind| kind.as_str() == what);
    match kind.and_then(LossKind::nouns) {
        Some((one, _)) if count == 1 => format!("1 {one}"),
        Some((_, many)) => format!("{count} {many}"),
        None => format!("{count} × {what}"),
    }
}

fn event(source: &str, output: Option<&Path>, converted: Result<&Converted, &Failure>) -> Value {
    let missing = |converted: &Converted| -> Vec<Value> {
        converted.missing.iter().map(|(url, reason)| json!({ "url": url, "reason": reason })).collect()
    };
    let warnings = |converted: &Converted| converted.warnings.iter().map(ToString::to_string).collect::<Vec<_>>();
    json!({
        "event": "converted",
        "outcome": if converted.is_ok() { "converted" } else { "failed" },
        "source": source,
        "output": output.map(|path| path.to_string_lossy()),
        "title": converted.ok().and_then(|converted| converted.title.as_deref()),
        "images": converted.ok().map(|converted| json!({ "saved": converted.images.0, "missing": converted.images.1 })),
        "missing": converted.ok().map(missing).unwrap_or_default(),
        "round_trip": converted.ok().map(|converted| &converted.round_trip),
        "confidence": converted.ok().map(|converted| converted.confidence),
        "warnings": converted.ok().map(warnings).unwrap_or_default(),
        "losses": converted.map_or(&[][..], |converted| &converted.losses),
        "error": converted.err(),
    })
}
