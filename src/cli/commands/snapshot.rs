//! `bindery snapshot`: the sources of `bindery.toml`, when they are due.

use std::time::Duration;

use clap::Args;
use jiff::tz::TimeZone;
use serde_json::json;
use tokio::sync::Notify;

use bindery::archive::private_file;
use bindery::export::check_output;
use bindery::frontier::{last_visits, note_visit};
use bindery::model::Timestamp;
use bindery::schedule::Schedule;

use crate::cli::context::Context;
use crate::cli::error::{CliError, Ending};
use crate::cli::help::examples;
use crate::cli::job::{Identity, Job};
use crate::cli::settings::groups::{Network, Recording, Strictness};
use crate::cli::settings::{Flags, Source};
use crate::cli::signals;

use super::export;

/// The longest sleep, so that a changed clock or a suspended machine is noticed within a minute.
const NAP: Duration = Duration::from_secs(60);

/// The pause after a run that failed, in seconds.
const AFTER_FAILURE: i64 = 60;

const EXAMPLES: &str = examples!(
    "Visit the sources that are due" => "bindery snapshot",
    "Visit one source now" => "bindery snapshot news",
    "Keep running and follow the schedule" => "bindery snapshot --watch",
);

/// Take the snapshots that are due, as bindery.toml schedules them
///
/// Each `[[source]]` of bindery.toml is crawled when its `schedule` or `every` says so; a source that you name is
/// crawled now. If snapshots were missed, for example while the machine was off, one is taken for all of them. A source
/// may set whatever the flags of `crawl` set; a flag given here applies to all sources. A source with `export` is
/// exported after each of its snapshots.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Snapshot {
    /// Sources to visit, due or not [default: all that are due]
    #[arg(value_name = "SOURCE")]
    sources: Vec<String>,
    /// Keep running and follow the schedule
    #[arg(long, conflicts_with = "sources")]
    watch: bool,
    /// Show when each source is due, and visit nothing
    #[arg(long, conflicts_with = "watch")]
    dry_run: bool,
    #[command(flatten)]
    recording: Recording,
    #[command(flatten)]
    strictness: Strictness,
    #[command(flatten)]
    network: Network,
}

impl Snapshot {
    /// Returns the flags that are settings.
    pub fn flags(&self, flags: Flags) -> Result<Flags, CliError> {
        flags.with(&self.recording)?.with(&self.strictness)?.with(&self.network)
    }
}

/// Visits what is due, or what was named; with `--watch` until it is stopped.
pub fn run(context: &Context<'_>, args: &Snapshot) -> Result<Ending, CliError> {
    let sources = context.settings.sources();
    if sources.is_empty() {
        return Err(CliError::usage(
            "there is no source; add one to bindery.toml: [[source]] with name = \"…\", seeds = [\"https://…\"] and every = \"6h\"",
        ));
    }
    // Checked before anything is visited, so that an invalid source is reported now and not when it is due.
    for source in sources {
        job(context, source)?;
        if let Some(export) = &source.export {
            let options = export::options_of(&source.name, export);
            let checked = check_output(&context.archive(), &options).map_err(CliError::usage);
            checked.map_err(|error| error.about(&format!("source `{}`", source.name)))?;
        }
    }
    if args.dry_run {
        return forecast(context, sources);
    }
    let stop = signals::stop_notice(context.output);
    if !args.sources.is_empty() {
        let named = args.sources.iter().map(|name| find(sources, name)).collect::<Result<Vec<_>, _>>()?;
        return visit_all(context, &named, &stop);
    }
    if args.watch { watch(context, sources, &stop) } else { once(context, sources, &stop) }
}

fn find<'a>(sources: &'a [Source], name: &str) -> Result<&'a Source, CliError> {
    sources.iter().find(|source| source.name == name).ok_or_else(|| {
        let known: Vec<&str> = sources.iter().map(|source| source.name.as_str()).collect();
        CliError::usage(format!("there is no source `{name}`; the sources are {}", known.join(", ")))
    })
}

/// Returns the scheduled sources with the times when they are due, the earliest first.
fn agenda<'a>(context: &Context<'_>, sources: &'a [Source]) -> Result<Vec<(Timestamp, &'a Source)>, CliError> {
    let last = last_visits(&queue(context)).map_err(CliError::run)?;
    let now = (context.clock)();
    let mut agenda = Vec::new();
    for source in sources {
        if let Some(schedule) = &source.schedule {
            agenda.push((schedule.due(last.get(&source.name).copied(), now), source));
        }
    }
    agenda.sort_by(|one, other| (one.0, &one.1.name).cmp(&(other.0, &other.1.name)));
    Ok(agenda)
}

fn queue(context: &Context<'_>) -> std::path::PathBuf {
    private_file(&context.archive(), "frontier.sqlite")
}

fn forecast(context: &Context<'_>, sources: &[Source]) -> Result<Ending, CliError> {
    let now = (context.clock)();
    for (due, source) in agenda(context, sources)? {
        let event = json!({ "event": "source", "name": source.name, "due": due, "now": due <= now });
        let when = if due <= now { "now".to_owned() } else { local(source, due) };
        context.output.result(&event, &format!("{when:22}  {}", source.name))?;
    }
    Ok(Ending::Done)
}

fn once(context: &Context<'_>, sources: &[Source], stop: &Notify) -> Result<Ending, CliError> {
    let now = (context.clock)();
    let agenda = agenda(context, sources)?;
    let due: Vec<&Source> = agenda.iter().filter(|(due, _)| *due <= now).map(|(_, source)| *source).collect();
    if due.is_empty() {
        let next = agenda.first();
        let event = json!({
            "event": "summary", "command": "snapshot", "sources": 0, "next": next.map(|(due, _)| due),
            "source": next.map(|(_, source)| &source.name),
        });
        let sentence = match next {
            Some((due, source)) => format!("nothing is due; next is {} at {}", source.name, local(source, *due)),
            None => "no source has a schedule; name a source to visit it now".to_owned(),
        };
        context.output.summary(&event, &sentence)?;
        return Ok(Ending::Done);
    }
    visit_all(context, &due, stop)
}

/// Visits one source after another, until a signal.
fn visit_all(context: &Context<'_>, sources: &[&Source], stop: &Notify) -> Result<Ending, CliError> {
    let mut worst = Ending::Done;
    for source in sources {
        match visit(context, source, stop)? {
            Ending::Interrupted => return Ok(Ending::Interrupted),
            Ending::Done => {}
            other => worst = other,
        }
    }
    Ok(worst)
}

/// Visits one source. An interrupted run is not recorded, so that the next one continues it.
fn visit(context: &Context<'_>, source: &Source, stop: &Notify) -> Result<Ending, CliError> {
    let begun = (context.clock)();
    let ending = job(context, source)?.run(context, stop)?;
    if ending == Ending::Interrupted {
        return Ok(ending);
    }
    note_visit(&queue(context), &source.name, begun).map_err(CliError::run)?;
    let Some(settings) = &source.export else { return Ok(ending) };
    match export::run_source(context, &source.name, settings) {
        Ok(exported) if ending == Ending::Done => Ok(exported),
        Ok(_) => Ok(ending),
        Err(error) if error.is_closed_pipe() => Err(error),
        Err(error) => {
            // The visit succeeded, and so may the other sources; the next run exports what this one could not.
            let (name, cause) = (&source.name, error.to_string());
            let event = json!({ "event": "exported", "outcome": "failed", "source": name, "error": cause });
            context.output.failure(&event, &format!("source `{name}` is not exported: {cause}"))?;
            Ok(Ending::PageFailed)
        }
    }
}

fn watch(context: &Context<'_>, sources: &[Source], stop: &Notify) -> Result<Ending, CliError> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .map_err(|error| CliError::run(format!("the timer cannot start: {error}")))?;
    let mut not_before = Timestamp::from_second(0);
    let mut announced = None;
    loop {
        let now = (context.clock)();
        let agenda = agenda(context, sources)?;
        let next = agenda.first().filter(|(due, _)| *due <= now && not_before.is_none_or(|then| then <= now));
        if let Some((_, source)) = next {
            match visit(context, source, stop) {
                Ok(Ending::Interrupted) => return Ok(Ending::Interrupted),
                Ok(_) => continue,
                // Another program writes to the archive, or the disk is full: later runs may succeed.
                Err(error) if !error.is_closed_pipe() => {
                    context.output.problem(&format!("bindery: {}: {error}", source.name));
                    not_before = Timestamp::from_second(now.as_second() + AFTER_FAILURE);
                }
                Err(error) => return Err(error),
            }
        }
        let next = agenda.first().filter(|(due, _)| *due > now);
        if let Some((due, source)) = next.filter(|(due, source)| announced.as_ref() != Some(&(*due, &source.name))) {
            context.output.note(&format!("next: {} at {}", source.name, local(source, *due)));
            announced = Some((*due, &source.name));
        }
        let until = agenda.first().map_or(NAP, |(due, _)| pause(now, *due));
        let asked = runtime.block_on(async { tokio::time::timeout(until, stop.notified()).await.is_ok() });
        if asked {
            return Ok(Ending::Interrupted);
        }
    }
}

/// Returns a time in the time zone of the source's schedule, or else of this machine.
fn local(source: &Source, time: Timestamp) -> String {
    let zone = source.schedule.as_ref().and_then(Schedule::zone).cloned().unwrap_or_else(TimeZone::system);
    time.instant().to_zoned(zone).strftime("%Y-%m-%d %H:%M %:z").to_string()
}

fn pause(now: Timestamp, due: Timestamp) -> Duration {
    let seconds = u64::try_from(due.as_second() - now.as_second()).unwrap_or(0);
    Duration::from_secs(seconds.max(1)).min(NAP)
}

/// Returns the crawl of a source.
fn job(context: &Context<'_>, source: &Source) -> Result<Job, CliError> {
    let settings = context.settings.of_source(source);
    let wrong = |error: CliError| error.about(&format!("source `{}`", source.name));
    let (queue, name) = (Some(format!("source:{}", source.name)), Some(source.name.clone()));
    let identity = Identity { queue, command: "snapshot", source: name };
    Job::of_seeds(context, &settings, identity, &source.seeds).map_err(wrong)
}
