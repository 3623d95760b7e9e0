//! `bindery verify`.

use std::path::{Path, PathBuf};

use indicatif::HumanBytes;
use serde_json::json;

use bindery::verify::{self, Report};

use crate::cli::args::Verify;
use crate::cli::{CliError, Context, Ending};

/// Checks every archive that was named, else the archive of the settings.
pub fn run(context: &Context<'_>, args: Verify) -> Result<Ending, CliError> {
    let paths: Vec<PathBuf> = if args.paths.is_empty() { vec![context.archive()] } else { args.paths };
    let mut damaged = false;
    for path in &paths {
        let several = paths.len() > 1;
        damaged |= check(context, path, several)?;
    }
    Ok(if damaged { Ending::Damage } else { Ending::Done })
}

/// True when there is damage.
fn check(context: &Context<'_>, path: &Path, named: bool) -> Result<bool, CliError> {
    let output = context.output;
    let progress = output.progress();
    progress.start(0, "folders");
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let report = verify::archive(path, threads, &mut |done| {
        progress.position(done.folders, done.all_folders);
        progress.bytes(done.bytes);
    })
    .map_err(CliError::run)?;
    for finding in &report.findings {
        let event = json!({
            "event": "finding", "kind": finding.kind.word(), "path": finding.path, "detail": finding.detail,
            "archive": path.to_string_lossy(),
        });
        let prefix = if named { format!("{}: ", path.display()) } else { String::new() };
        output.result(&event, &format!("{:10} {prefix}{}: {}", finding.kind.word(), finding.path, finding.detail))?;
    }
    let damaged = report.is_damaged();
    sum_up(context, path, &report, damaged)?;
    Ok(damaged)
}

fn sum_up(context: &Context<'_>, path: &Path, report: &Report, damaged: bool) -> Result<(), CliError> {
    let event = json!({
        "event": "summary", "command": "verify", "archive": path.to_string_lossy(), "files": report.files,
        "bytes": report.bytes, "articles": report.articles, "images": report.images,
        "findings": report.findings.len(), "damaged": damaged,
    });
    let state = match (damaged, report.findings.len()) {
        (false, 0) => "every byte is as it was written".to_owned(),
        (false, pending) => format!("{pending} files are newer than their manifest, since a run is under way"),
        (true, 1) => "DAMAGED: 1 finding".to_owned(),
        (true, findings) => format!("DAMAGED: {findings} findings"),
    };
    let sentence = format!(
        "{}: {state}; {} articles, {} images, {} files, {}",
        path.display(),
        report.articles,
        report.images,
        report.files,
        HumanBytes(report.bytes)
    );
    context.output.summary(&event, &sentence)?;
    Ok(())
}
