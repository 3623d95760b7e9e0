//! `bindery restore`.

use indicatif::HumanBytes;
use serde_json::json;

use bindery::bundle::{self, BundleError};
use bindery::verify;

use super::counted;
use crate::cli::args::Restore;
use crate::cli::{CliError, Context, Ending};

/// Checks a bag, then makes an archive of it.
pub fn run(context: &Context<'_>, args: Restore) -> Result<Ending, CliError> {
    let target = context.archive();
    let progress = context.output.progress();
    progress.start(0, "bytes");
    let report =
        verify::any(&args.bundle, super::threads(), &mut |done| progress.bytes(done.bytes)).map_err(CliError::run)?;
    if report.is_damaged() {
        super::verify::tell(context, &args.bundle, false, &report)?;
        context.output.problem(&format!("bindery: {} is damaged, and nothing was restored", args.bundle.display()));
        return Ok(Ending::Damage);
    }
    // Until here nothing was written, and a signal just ends it.
    let stop = super::convert::stop_on_signal();
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
