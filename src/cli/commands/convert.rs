//! `bindery convert`.

use std::collections::BTreeMap;
use std::io::Read;
use std::num::NonZero;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::json;
use url::Url;

use bindery::convert::{self, Converted, Event, Format, Options, Run, Shard};
use bindery::extract;
use bindery::import::{Input, PAGE_CAP, Report};
use bindery::model::Failure;

use crate::cli::args::Convert;
use crate::cli::{CliError, Context, Ending};

/// How many failures of a kind are named in the last line.
const NAMED: usize = 3;

/// Converts files, folders and exports, or one page to standard output.
pub fn run(context: &Context<'_>, args: Convert, into_archive: bool) -> Result<Ending, CliError> {
    let options = options(context, &args)?;
    let is_input = |path: &PathBuf| path.as_os_str() == "-";
    if into_archive {
        if args.output.is_some() || options.format != Format::Markdown {
            return Err(CliError::usage("--archive takes the place of --output and --format; give one or the other"));
        }
        return super::convert_archive::run(context, &args, &options);
    }
    match (&args.output, args.paths.as_slice()) {
        (None, [path]) if is_input(path) => {
            let converted = convert::one(standard_input()?, "standard input", &options);
            to_standard_output(context, path, converted, args.explain)
        }
        (None, [path]) if path.is_file() || !path.exists() => {
            to_standard_output(context, path, convert::input(&Input::file(path), &options), args.explain)
        }
        (None, _) => Err(CliError::usage("several pages need a folder to be written to; add --output DIR")),
        (Some(folder), _) => into_folder(context, &args, folder, &options),
    }
}

fn options(context: &Context<'_>, args: &Convert) -> Result<Options, CliError> {
    let mut profile = context.profile()?;
    profile.front_matter = !args.no_front_matter;
    let url = args.url.as_deref().map(url).transpose()?;
    if url.is_some() && (args.paths.len() > 1 || args.paths.iter().any(|path| path.is_dir())) {
        return Err(CliError::usage("--url names the URL of one page; convert the pages one by one, or leave it away"));
    }
    let format = match args.format.as_str() {
        "html" => Format::Html,
        "text" => Format::Text,
        "json" => Format::Json,
        _ => Format::Markdown,
    };
    let extract = extract::Options {
        fragment: args.fragment,
        comments: context.settings.switch("comments"),
        trace: args.explain,
        model: args.model.as_deref().map(model).transpose()?,
    };
    #[cfg(feature = "net")]
    let remote = if args.fetch_images { Some(super::remote::images(context)?) } else { None };
    #[cfg(not(feature = "net"))]
    let remote = None;
    Ok(Options { extract, format, url, remote, ..Options::new(profile) })
}

fn model(path: &Path) -> Result<Arc<extract::Model>, CliError> {
    let bytes = std::fs::read(path)
        .map_err(|error| CliError::usage(format!("the model {} cannot be read: {error}", path.display())))?;
    let model = extract::Model::read(&bytes)
        .map_err(|error| CliError::usage(format!("{} is no model that fits: {error}", path.display())))?;
    Ok(Arc::new(model))
}

/// A web URL that a flag names.
pub fn url(text: &str) -> Result<Url, CliError> {
    match Url::parse(text) {
        Ok(url) if matches!(url.scheme(), "http" | "https") => Ok(url),
        Ok(url) => Err(CliError::usage(format!(
            "`{text}` is a {}: URL; give one that begins with http:// or https://",
            url.scheme()
        ))),
        Err(error) => Err(CliError::usage(format!(
            "`{text}` is not a web URL ({error}); give one such as https://example.org/page"
        ))),
    }
}

/// The number of workers and the part of the inputs that flags ask for.
pub fn share(args: &Convert) -> Result<(Option<NonZero<usize>>, Option<Shard>), CliError> {
    let part = |text: &str| {
        let (part, of) = text.split_once('/')?;
        let shard = Shard { part: part.trim().parse().ok()?, of: of.trim().parse().ok()? };
        (1..=shard.of).contains(&shard.part).then_some(shard)
    };
    let wrong = |text: &String| CliError::usage(format!("`--shard {text}` is no part; write it as 1/8, 2/8 … 8/8"));
    let shard = args.shard.as_ref().map(|text| part(text).ok_or_else(|| wrong(text))).transpose()?;
    Ok((args.threads, shard))
}

/// Standard input, which cannot be looked into before it is read.
fn standard_input() -> Result<Vec<u8>, CliError> {
    let mut bytes = Vec::new();
    let read = std::io::stdin().lock().take(PAGE_CAP + 1).read_to_end(&mut bytes);
    read.map_err(|error| CliError::run(format!("standard input cannot be read: {error}")))?;
    if bytes.len() as u64 > PAGE_CAP {
        return Err(CliError::run(format!("standard input is larger than {PAGE_CAP} bytes, the limit for one page")));
    }
    Ok(bytes)
}

fn to_standard_output(
    context: &Context<'_>,
    source: &Path,
    converted: Result<Converted, Failure>,
    explain: bool,
) -> Result<Ending, CliError> {
    let output = context.output;
    match converted {
        Ok(converted) => {
            tell(context, &converted, explain);
            if output.is_json() {
                let mut event = event(&source.to_string_lossy(), None, Ok(&converted));
                event["text"] = converted.text.clone().into();
                output.result(&event, "")?;
            } else {
                output.raw(&converted.text)?;
            }
            Ok(Ending::Done)
        }
        Err(failure) => {
            output.failure(&event(&source.to_string_lossy(), None, Err(&failure)), &failure.message)?;
            Ok(Ending::PageFailed)
        }
    }
}

fn into_folder(context: &Context<'_>, args: &Convert, folder: &Path, options: &Options) -> Result<Ending, CliError> {
    let (threads, shard) = share(args)?;
    let spooled = Spooled::of(&args.paths)?;
    let run = Run { paths: spooled.paths(&args.paths), folder, options, threads, force: args.force, shard };
    let stop = stop_on_signal();
    let mut tally = Tally::default();
    let mut broken = None;
    convert::run(&run, &mut |event| {
        let told = one_event(context, event, args.explain, &mut tally);
        if stop.load(Ordering::Relaxed) {
            tally.interrupted = true;
        }
        let full = tally.disk_is_full;
        broken = told.err();
        if broken.is_some() || full || tally.interrupted { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    })
    .map_err(|error| match error {
        convert::RunError::Plan(error) => CliError::usage(error),
        error => CliError::run(error),
    })?;
    if let Some(error) = broken {
        return Err(error);
    }
    tally.sum_up(context, "convert")
}

/// Standard input as a file, for a run that writes into a folder: an export may be longer than memory.
struct Spooled {
    /// The folder goes when the run is over.
    _folder: Option<tempfile::TempDir>,
    paths: Vec<PathBuf>,
}

impl Spooled {
    fn of(paths: &[PathBuf]) -> Result<Self, CliError> {
        if !paths.iter().any(|path| path.as_os_str() == "-") {
            return Ok(Self { _folder: None, paths: Vec::new() });
        }
        let failed = |error| CliError::run(format!("standard input cannot be set aside: {error}; free space"));
        let folder = tempfile::tempdir().map_err(failed)?;
        let file = folder.path().join("stdin");
        let mut copy = std::fs::File::create(&file).map_err(failed)?;
        std::io::copy(&mut std::io::stdin().lock(), &mut copy).map_err(failed)?;
        let named = |path: &PathBuf| if path.as_os_str() == "-" { file.clone() } else { path.clone() };
        Ok(Self { paths: paths.iter().map(named).collect(), _folder: Some(folder) })
    }

    fn paths<'a>(&'a self, named: &'a [PathBuf]) -> &'a [PathBuf] {
        if self.paths.is_empty() { named } else { &self.paths }
    }
}

/// True once the first signal came; the second one ends the process at once.
pub fn stop_on_signal() -> Arc<AtomicBool> {
    let stop = Arc::new(AtomicBool::new(false));
    let told = Arc::clone(&stop);
    // Without a handler a signal ends the process: every output is whole or not there.
    let _ = ctrlc::set_handler(move || {
        if told.swap(true, Ordering::SeqCst) {
            std::process::exit(130);
        }
    });
    stop
}

/// The counts of a run.
#[derive(Default)]
pub struct Tally {
    pub converted: u64,
    pub unchanged: u64,
    pub failed: u64,
    pub saved: u64,
    pub missing: u64,
    pub interrupted: bool,
    disk_is_full: bool,
    /// Of each kind of failure: how many, and the first of them.
    failures: BTreeMap<String, (u64, Vec<String>)>,
    left_out: BTreeMap<String, u64>,
    pub losses: BTreeMap<String, u64>,
}

/// Tells of one event, and counts it.
pub fn one_event(context: &Context<'_>, event: Event, explain: bool, tally: &mut Tally) -> Result<(), CliError> {
    let output = context.output;
    match event {
        Event::Begin { inputs } => output.progress().start(inputs, "inputs"),
        Event::Converted { source, output: place, converted } => {
            tell(context, &converted, explain);
            tally.converted += 1;
            tally.saved += converted.images.0 as u64;
            tally.missing += converted.images.1 as u64;
            for loss in &converted.losses {
                *tally.losses.entry(loss.counted_as()).or_default() += 1;
            }
            let line = format!("{source} → {}", place.display());
            output.result(&self::event(&source, Some(&place), Ok(&converted)), &line)?;
            output.progress().step();
        }
        Event::Unchanged { source, output: place } => {
            tally.unchanged += 1;
            let event = json!({
                "event": "converted", "outcome": "unchanged", "source": source, "output": place.to_string_lossy(),
            });
            if output.is_json() {
                output.result(&event, "")?;
            }
            output.progress().step();
        }
        Event::Failed { source, failure } => {
            tally.fail(&source, &failure);
            let line = if failure.message.contains(&source) {
                failure.message.clone()
            } else {
                format!("{source}: {}", failure.message)
            };
            output.failure(&self::event(&source, None, Err(&failure)), &line)?;
            output.progress().step();
        }
        Event::Report { source, kind, report } => tally.report(context, &source, kind.as_str(), report)?,
        Event::LeftOut { why } => *tally.left_out.entry(why).or_default() += 1,
    }
    Ok(())
}

impl Tally {
    /// Counts one failure.
    pub fn fail(&mut self, source: &str, failure: &Failure) {
        self.failed += 1;
        self.disk_is_full |= failure.kind == "disk-full";
        let (count, named) = self.failures.entry(failure.kind.clone()).or_default();
        *count += 1;
        if named.len() < NAMED {
            named.push(source.to_owned());
        }
    }

    fn report(&mut self, context: &Context<'_>, source: &str, kind: &str, report: Report) -> Result<(), CliError> {
        let output = context.output;
        let event = json!({
            "event": "import", "source": source, "kind": kind, "left_out": report.left_out, "losses": report.losses,
            "cut": report.cut,
        });
        let counted = counted(&report.left_out);
        if output.is_json() {
            output.result(&event, "")?;
        }
        if !counted.is_empty() {
            output.note(&format!("{source}: left out {counted}"));
        }
        for (loss, count) in &report.losses {
            output.detail(&format!("{source}: lost {count} × {loss}"));
        }
        for (from, to) in [(report.left_out, &mut self.left_out), (report.losses, &mut self.losses)] {
            from.into_iter().for_each(|(what, count)| *to.entry(what).or_default() += count);
        }
        Ok(())
    }

    /// The last line, and how the run ended.
    pub fn sum_up(&self, context: &Context<'_>, command: &str) -> Result<Ending, CliError> {
        let Self { converted, unchanged, failed, saved, missing, interrupted, .. } = *self;
        let failures: BTreeMap<&String, u64> = self.failures.iter().map(|(kind, (count, _))| (kind, *count)).collect();
        let event = json!({
            "event": "summary", "command": command, "converted": converted, "unchanged": unchanged, "failed": failed,
            "images": { "saved": saved, "missing": missing }, "failures": failures, "left_out": self.left_out,
            "losses": self.losses, "interrupted": interrupted,
        });
        let mut sentence = format!(
            "{converted} converted, {unchanged} unchanged, {failed} failed; {saved} images saved, {missing} left where they were"
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
            sentence = format!("interrupted; the same command goes on from here: {sentence}");
        }
        context.output.summary(&event, &sentence)?;
        if self.disk_is_full {
            return Err(CliError::run("the disk is full; free space and run the same command again"));
        }
        Ok(match (interrupted, failed) {
            (true, _) => Ending::Interrupted,
            (_, 0) => Ending::Done,
            _ => Ending::PageFailed,
        })
    }
}

/// The first of many counts, for people.
fn counted(counts: &BTreeMap<String, u64>) -> String {
    let mut all: Vec<(&String, &u64)> = counts.iter().collect();
    all.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
    let more = if all.len() > 8 { ", …" } else { "" };
    all.iter().take(8).map(|(what, count)| format!("{count} {what}")).collect::<Vec<_>>().join(", ") + more
}

fn tell(context: &Context<'_>, converted: &Converted, explain: bool) {
    for warning in &converted.warnings {
        context.output.detail(&warning.to_string());
    }
    for loss in &converted.losses {
        context.output.detail(&format!("lost: {loss}"));
    }
    if explain {
        for step in &converted.trace {
            context.output.problem(&crate::cli::output::step_line(step));
        }
    }
    for difference in &converted.round_trip {
        let line = format!("round-trip check: {difference}");
        if explain { context.output.problem(&line) } else { context.output.detail(&line) }
    }
}

fn event(source: &str, output: Option<&Path>, converted: Result<&Converted, &Failure>) -> serde_json::Value {
    let warnings = |converted: &Converted| converted.warnings.iter().map(ToString::to_string).collect::<Vec<_>>();
    json!({
        "event": "converted",
        "outcome": if converted.is_ok() { "converted" } else { "failed" },
        "source": source,
        "output": output.map(|path| path.to_string_lossy()),
        "title": converted.ok().and_then(|converted| converted.title.as_deref()),
        "images": converted.ok().map(|converted| json!({ "saved": converted.images.0, "missing": converted.images.1 })),
        "round_trip": converted.ok().map(|converted| &converted.round_trip),
        "confidence": converted.ok().map(|converted| converted.confidence),
        "warnings": converted.ok().map(warnings).unwrap_or_default(),
        "losses": converted.map_or(&[][..], |converted| &converted.losses),
        "error": converted.err(),
    })
}
