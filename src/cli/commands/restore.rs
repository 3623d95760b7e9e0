//! `bindery restore`.

use std::path::PathBuf;

use clap::{Args, ValueHint};
use indicatif::HumanBytes;
use serde_json::json;

use bindery::bundle::{self, BundleError};
use bindery::verify;

use crate::cli::context::{Context, counted, threads};
use crate::cli::error::{CliError, Ending};
use crate::cli::signals;

/// Restore an archive from a bag
///
/// Checks the bag before anything is written. The archive's folder (-a) must be empty or not exist. The restored archive
/// is byte for byte what was packed.
#[derive(Debug, Args)]
pub struct Restore {
    /// The bag, a file or a folder
    #[arg(value_name = "BUNDLE", value_hint = ValueHint::AnyPath)]
    bundle: PathBuf,
}

/// Checks a bag, then restores its archive.
pub fn run(context: &Context<'_>, args: Restore) -> Result<Ending, CliError> {
    let target = context.archive();
    let progress = context.output.progress();
    progress.start(0, "bytes");
    let report = verify::any(&args.bundle, threads(), &mut |done| progress.bytes(done.bytes)).map_err(CliError::run)?;
    if report.is_damaged() {
        super::verify::print(context, &args.bundle, super::verify::Prefix::None, &report)?;
        context.output.problem(&format!("bindery: {} is damaged, and nothing was restored", args.bundle.display()));
        return Ok(Ending::Damage);
    }
    // Before this nothing was written, and a signal ends the process.
    let stop = signals::stop_flag(context.output);
    let restored = match bundle::restore(&args.bundle, &target, &stop, &mut |done, all| progress.position(done, all)) {
        Err(error @ BundleError::Interrupted) => {
            context.output.problem(&format!("bindery: {}: {error}", target.display()));
            return Ok(Ending::Interrupted);
        }
        restored => restored.map_err(CliError::run)?,
    };
    let event = json!({
        "event": "summary", "command": "restore", "archive": target.to_string_lossy(), "files": restored.files,
        "bytes": restored.bytes, "articles": report.articles,
    });
    let size = HumanBytes(restored.bytes);
    let (articles, files) = (counted(report.articles, "article"), counted(restored.files, "file"));
    let sentence = format!("{}: {articles}, {files}, {size}", target.display());
    context.output.summary(&event, &sentence)?;
    Ok(Ending::Done)
}
