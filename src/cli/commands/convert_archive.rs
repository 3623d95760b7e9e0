//! `bindery convert --archive`: exports into an archive.

use std::ops::ControlFlow;
use std::sync::atomic::Ordering;

use serde_json::json;

use bindery::archive::Writer;
use bindery::convert::{self, Event, IntoArchiveError, Kept, Options, RunError, Settings};
use bindery::model::Outcome;

use crate::cli::args::Convert;
use crate::cli::{CliError, Context, Ending, SOFTWARE};

use super::convert::{Tally, one_event, share, stop_on_signal};

/// Brings every input into the archive.
pub fn run(context: &Context<'_>, args: &Convert, options: &Options) -> Result<Ending, CliError> {
    if args.paths.iter().any(|path| path.as_os_str() == "-") {
        return Err(CliError::usage("`-` is no page to archive; write it to a file first"));
    }
    let (threads, shard) = share(args)?;
    let now = (context.clock)();
    let settings = Settings { paths: &args.paths, options, threads, shard, now, software: SOFTWARE };
    let mut writer = Writer::open(&context.archive(), context.opening()).map_err(CliError::run)?;
    writer.notes().iter().for_each(|note| context.output.note(note));
    writer.write_event(&super::run_event(context, "convert")).map_err(CliError::run)?;
    let stop = stop_on_signal();
    let mut tally = Tally::default();
    let mut broken = None;
    let ran = convert::into_archive(&settings, &mut writer, &mut |writer, kept| {
        let told = match kept {
            Kept::Other(event) => {
                let failed = match &event {
                    Event::Failed { source, failure } => Some(json!({
                        "event": "article", "outcome": "failed", "source": source, "error": failure,
                    })),
                    _ => None,
                };
                let noted = failed.map_or(Ok(()), |event| writer.write_event(&event));
                noted.map_err(CliError::run).and_then(|()| one_event(context, event, args.explain, &mut tally))
            }
            kept => article(context, writer, kept, &mut tally),
        };
        tally.interrupted |= stop.load(Ordering::Relaxed);
        broken = told.err();
        if broken.is_some() || tally.interrupted { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    // Whatever ended the run: what was done until then is sealed.
    let summary = json!({
        "event": "summary", "ended": (context.clock)(), "kept": tally.converted, "unchanged": tally.unchanged,
        "failed": tally.failed, "interrupted": tally.interrupted,
    });
    let noted = writer.write_event(&summary).map_err(CliError::run);
    let committed = writer.commit().map_err(CliError::run);
    if let Some(error) = broken {
        return Err(error);
    }
    ran.map_err(|error| match error {
        IntoArchiveError::Run(RunError::Plan(error)) => CliError::usage(error),
        error => CliError::run(error),
    })?;
    noted.and(committed)?;
    tally.sum_up(context, "convert")
}

fn article(context: &Context<'_>, writer: &mut Writer, kept: Kept, tally: &mut Tally) -> Result<(), CliError> {
    let Kept::Article { source, outcome, url, path, title, images: (saved, missing), warnings, losses } = kept else {
        return Ok(());
    };
    let output = context.output;
    let error = match &outcome {
        Outcome::Failed(failure) => Some(failure),
        _ => None,
    };
    let reasons: Vec<_> = missing.iter().map(|(url, reason)| json!({ "url": url, "reason": reason })).collect();
    let event = json!({
        "event": "article", "source": source, "url": url, "outcome": outcome.word(), "path": path, "title": title,
        "images": { "saved": saved, "missing": missing.len() }, "missing": reasons,
        "warnings": warnings.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "losses": losses, "error": error,
    });
    writer.write_event(&event).map_err(CliError::run)?;
    warnings.iter().for_each(|warning| output.detail(&format!("{source}: {warning}")));
    losses.iter().for_each(|loss| output.detail(&format!("{source}: lost: {loss}")));
    missing.iter().for_each(|(_, reason)| output.detail(&format!("{source}: missing image: {reason}")));
    match &outcome {
        Outcome::Failed(failure) => {
            tally.fail(&source, failure);
            output.failure(&event, &format!("{source}: {}", failure.message))?;
        }
        outcome => {
            match outcome {
                Outcome::Unchanged => tally.unchanged += 1,
                _ => tally.converted += 1,
            }
            losses.iter().for_each(|loss| *tally.losses.entry(loss.counted_as()).or_default() += 1);
            tally.saved += saved as u64;
            tally.missing += missing.len() as u64;
            let path = path.unwrap_or_default();
            output.result(&event, &format!("{:9} {path}", outcome.word()))?;
        }
    }
    output.progress().step();
    Ok(())
}
