//! `bindery convert --archive`: exports into an archive.

use std::ops::ControlFlow;
use std::sync::atomic::Ordering;

use serde_json::json;

use bindery::archive::{Archive, Writer};
use bindery::convert::{self, ArchiveEvent, Event, IntoArchiveError, RunError, Settings};

use crate::cli::context::Context;
use crate::cli::error::{CliError, Ending};
use crate::cli::report::Conversions;
use crate::cli::signals;

/// Stores the articles of every input in the archive.
pub fn run(context: &Context<'_>, settings: &Settings<'_>, mut report: Conversions<'_>) -> Result<Ending, CliError> {
    if settings.paths.iter().any(|path| path.as_os_str() == "-") {
        return Err(CliError::usage("`-` cannot be archived; write it to a file first"));
    }
    if let Some(path) = settings.paths.iter().find(|path| Archive::open(path).is_ok()) {
        return Err(CliError::usage(format!(
            "{} is an archive; use `bindery merge`, which keeps its versions, captures and images",
            path.display()
        )));
    }
    let mut writer = context.writer(context.opening())?;
    writer.write_event(&context.run_event("convert")).map_err(CliError::run)?;
    let stop = signals::stop_flag(context.output);
    let mut broken = None;
    let ran = convert::into_archive(settings, &mut writer, &mut |writer, event| {
        broken = report_event(&mut report, writer, event).err();
        if stop.load(Ordering::Relaxed) {
            report.interrupted();
        }
        if broken.is_some() || report.must_stop() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    // Whatever ended the run: what was done until then is sealed.
    let noted = writer.write_event(&report.run_summary()).map_err(CliError::run);
    let committed = writer.commit().map_err(CliError::run);
    if let Some(error) = broken {
        return Err(error);
    }
    ran.map_err(|error| match error {
        IntoArchiveError::Run(RunError::Plan(error)) => CliError::usage(error),
        error => CliError::run(error),
    })?;
    noted.and(committed)?;
    report.sum_up()
}

fn report_event(report: &mut Conversions<'_>, writer: &mut Writer, event: ArchiveEvent) -> Result<(), CliError> {
    let mut record = |event: &serde_json::Value| writer.write_event(event).map_err(CliError::run);
    match event {
        ArchiveEvent::Run(event) => {
            if let Event::Failed { source, failure } = &event {
                record(&json!({ "event": "article", "outcome": "failed", "source": source, "error": failure }))?;
            }
            report.event(event)
        }
        event => report.article(event, &mut record),
    }
}
