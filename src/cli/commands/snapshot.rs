//! `bindery snapshot`: the sources of `bindery.toml`, when they are due.

use std::path::Path;
use std::time::Duration;

use serde_json::json;
use tokio::sync::Notify;

use bindery::archive::private_file;
use bindery::crawl::{Plan, Scope};
use bindery::frontier::{last_visits, note_visit};
use bindery::frontmatter::Profile;
use bindery::model::Timestamp;

use crate::cli::args::Snapshot;
use crate::cli::config::Source;
use crate::cli::{CliError, Context, Ending};

use super::archive;
use super::crawl::{self, DELAY, Seeds};
use super::crawling::{self, Job};
use super::when;

/// No longer sleep: a clock that was set, a machine that slept, is noticed within a minute.
const NAP: Duration = Duration::from_secs(60);

/// The pause after a run that could not be made.
const AFTER_TROUBLE: i64 = 60;

/// Visits what is due, or what was named; with `--watch` stays.
pub fn run(context: &Context<'_>, args: &Snapshot) -> Result<Ending, CliError> {
    let sources = context.settings.sources();
    if sources.is_empty() {
        return Err(CliError::usage(
            "no source is set; put one into bindery.toml: [[source]] with name = \"…\", seeds = [\"https://…\"] and every = \"6h\"",
        ));
    }
    // Before anything is visited: a source that cannot be is an error now, not at three in the morning.
    for source in sources {
        job(context, source)?;
    }
    if args.dry_run {
        return forecast(context, sources);
    }
    let stop = archive::stop_on_signal();
    if !args.sources.is_empty() {
        let named = args.sources.iter().map(|name| find(sources, name)).collect::<Result<Vec<_>, _>>()?;
        return visit_all(context, &named, &stop);
    }
    if args.watch { watch(context, sources, &stop) } else { once(context, sources, &stop) }
}

fn find<'a>(sources: &'a [Source], name: &str) -> Result<&'a Source, CliError> {
    sources.iter().find(|source| source.name == name).ok_or_else(|| {
        let known: Vec<&str> = sources.iter().map(|source| source.name.as_str()).collect();
        CliError::usage(format!("there is no source `{name}`; bindery.toml has {}", known.join(", ")))
    })
}

/// Each scheduled source with when it is due, the first first.
fn agenda<'a>(context: &Context<'_>, sources: &'a [Source]) -> Result<Vec<(Timestamp, &'a Source)>, CliError> {
    let last = last_visits(&queue(context)).map_err(CliError::run)?;
    let now = (context.clock)();
    let mut agenda = Vec::new();
    for source in sources {
        if let Some(schedule) = source.when().map_err(CliError::usage)? {
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
        let when = if due <= now { "now".to_owned() } else { due.to_string() };
        context.output.result(&event, &format!("{when:20}  {}", source.name))?;
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
            Some((due, source)) => format!("nothing is due; next is {} at {due}", source.name),
            None => "no source has a schedule; name one to visit it now".to_owned(),
        };
        context.output.summary(&event, &sentence)?;
        return Ok(Ending::Done);
    }
    visit_all(context, &due, stop)
}

/// One source after another. What ends one run of them ends the others only when it was a signal.
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

/// A run that is cut off is not noted: it goes on as soon as somebody looks.
fn visit(context: &Context<'_>, source: &Source, stop: &Notify) -> Result<Ending, CliError> {
    let begun = (context.clock)();
    let ending = crawling::run(context, job(context, source)?, stop)?;
    if ending != Ending::Interrupted {
        note_visit(&queue(context), &source.name, begun).map_err(CliError::run)?;
    }
    Ok(ending)
}

fn watch(context: &Context<'_>, sources: &[Source], stop: &Notify) -> Result<Ending, CliError> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .map_err(|error| CliError::run(format!("the clock cannot be watched: {error}")))?;
    let mut not_before = Timestamp::from_second(0);
    loop {
        let now = (context.clock)();
        let agenda = agenda(context, sources)?;
        let next = agenda.first().filter(|(due, _)| *due <= now && not_before.is_none_or(|then| then <= now));
        if let Some((_, source)) = next {
            match visit(context, source, stop) {
                Ok(Ending::Interrupted) => return Ok(Ending::Interrupted),
                Ok(_) => continue,
                // Somebody else writes to the archive, or the disk is full: that passes, or a person sees to it.
                Err(error) if !error.is_closed_pipe() => {
                    context.output.problem(&format!("bindery: {}: {error}", source.name));
                    not_before = Timestamp::from_second(now.as_second() + AFTER_TROUBLE);
                }
                Err(error) => return Err(error),
            }
        }
        let until = agenda.first().map_or(NAP, |(due, _)| pause(now, *due));
        let asked = runtime.block_on(async { tokio::time::timeout(until, stop.notified()).await.is_ok() });
        if asked {
            return Ok(Ending::Interrupted);
        }
    }
}

fn pause(now: Timestamp, due: Timestamp) -> Duration {
    let seconds = u64::try_from(due.as_second() - now.as_second()).unwrap_or(0);
    Duration::from_secs(seconds.max(1)).min(NAP)
}

/// A source, ready to be visited.
fn job(context: &Context<'_>, source: &Source) -> Result<Job, CliError> {
    let now = (context.clock)();
    let mut fetching = archive::fetching(context)?;
    fetching.even_pace = true;
    let retries = std::mem::take(&mut fetching.retries);
    if let Some(delay) = &source.delay {
        let wrong = || CliError::usage(format!("source `{}`: `{delay}` is not a duration such as 2s", source.name));
        fetching.delay = crate::cli::config::duration(delay).ok_or_else(wrong)?;
    } else if context.settings.is_default("delay") {
        fetching.delay = DELAY;
    }
    if let Some(agent) = &source.user_agent {
        fetching.user_agent.clone_from(agent);
    }
    for header in &source.header {
        let (name, value) = header.split_once(':').ok_or_else(|| {
            CliError::usage(format!("source `{}`: a header needs the form `Name: value`", source.name))
        })?;
        fetching.headers.push((name.trim().to_owned(), value.trim().to_owned()));
    }
    if let Some(file) = &source.cookie_file {
        fetching.cookies = crawl::cookies(Path::new(file))?;
    }
    fetching.at_once = source.per_host.unwrap_or(fetching.at_once);
    fetching.proxy = source.proxy.as_deref().map(crawl::proxy).transpose()?;
    let Seeds { urls, pages } = crawl::seeds(&source.seeds, now)?;
    let within = source.within.as_deref().unwrap_or("host").parse().map_err(CliError::usage)?;
    let captures = source.captures.clone().or_else(|| context.settings.text("captures")).unwrap_or_default();
    Ok(Job {
        name: format!("source:{}", source.name),
        command: "snapshot",
        source: Some(source.name.clone()),
        plan: Plan {
            seeds: urls,
            pages,
            scope: Scope::new(within, &source.include, &source.exclude).map_err(CliError::usage)?,
            depth: source.depth,
            max_pages: source.max_pages,
            max_bytes: source.max_bytes.as_deref().map(crawl::size).transpose()?,
            since: source.since.as_deref().map(|text| when::since(text, now)).transpose()?,
            feeds: source.feeds,
            retries,
            at_once: fetching.at_once,
        },
        fetching,
        profile: profile(context, source)?,
        captures: captures.parse().map_err(CliError::usage)?,
    })
}

fn profile(context: &Context<'_>, source: &Source) -> Result<Profile, CliError> {
    let mut profile = context.profile()?;
    if let Some(name) = &source.profile {
        profile.name = name.parse().map_err(CliError::usage)?;
    }
    if let Some(categories) = &source.categories {
        profile.categories.clone_from(categories);
    }
    if let Some(base) = &source.image_base {
        profile.image_base = Some(if base.ends_with('/') { base.clone() } else { format!("{base}/") });
    }
    Ok(profile)
}
