//! `bindery verify`.

use std::path::{Path, PathBuf};

use indicatif::HumanBytes;
use serde_json::json;

use bindery::model::FindingKind;
use bindery::verify::{self, Report, Subject};

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
    let report = verify::any(path, super::threads(), &mut |done| {
        progress.position(done.folders, done.all_folders);
        progress.bytes(done.bytes);
    })
    .map_err(CliError::run)?;
    tell(context, path, named, &report)?;
    let damaged = report.is_damaged();
    sum_up(context, path, &report, damaged)?;
    Ok(damaged)
}

/// One line for each finding; `named` puts the path of the archive or bundle before it.
pub fn tell(context: &Context<'_>, path: &Path, named: bool, report: &Report) -> Result<(), CliError> {
    let output = context.output;
    for finding in &report.findings {
        let mut event = json!({
            "event": "finding", "kind": finding.kind.word(), "path": finding.path, "detail": finding.detail,
            "archive": path.to_string_lossy(),
        });
        for (key, value) in [("expected", &finding.expected), ("found", &finding.found)] {
            if let Some(value) = value {
                event[key] = json!(value);
            }
        }
        let prefix = if named { format!("{}: ", path.display()) } else { String::new() };
        output.result(&event, &format!("{:10} {prefix}{}: {}", finding.kind.word(), finding.path, finding.detail))?;
    }
    Ok(())
}

fn sum_up(context: &Context<'_>, path: &Path, report: &Report, damaged: bool) -> Result<(), CliError> {
    let event = json!({
        "event": "summary", "command": "verify", "archive": path.to_string_lossy(), "subject": report.subject.word(),
        "files": report.files,
        "bytes": report.bytes, "articles": report.articles, "images": report.images,
        "findings": report.findings.len(), "damaged": damaged,
    });
    let count = |kind| report.findings.iter().filter(|finding| finding.kind == kind).count();
    let (pending, warnings) = (count(FindingKind::Pending), count(FindingKind::Warning));
    let mut state = match (damaged, report.findings.len() - warnings) {
        (false, 0) => "every byte is as it was written".to_owned(),
        (false, _) => format!("{pending} files are newer than their manifest, since a run is under way"),
        (true, 1) => "DAMAGED: 1 finding".to_owned(),
        (true, findings) => format!("DAMAGED: {findings} findings"),
    };
    if warnings > 0 {
        state.push_str(&format!(", {warnings} warnings"));
    }
    let what = match report.subject {
        Subject::Archive => String::new(),
        bundle => format!("{}, ", bundle.word()),
    };
    let sentence = format!(
        "{}: {what}{state}; {} articles, {} images, {} files, {}",
        path.display(),
        report.articles,
        report.images,
        report.files,
        HumanBytes(report.bytes)
    );
    context.output.summary(&event, &sentence)?;
    Ok(())
}
