//! `bindery reindex`.

use clap::Args;
use serde_json::json;

use bindery::archive::{Archive, Writer, listed};

use crate::cli::context::{Context, counted};
use crate::cli::error::{CliError, Ending};

use super::list::report_unreadable;

/// Rebuild the archive's index from its files
///
/// The index makes opening and searching a large archive fast; everything in it comes from the files. Like every command that
/// writes, this also completes what an interrupted run left unfinished.
#[derive(Debug, Args)]
pub struct Reindex {}

/// Rebuilds the archive's index from its files.
pub fn run(context: &Context<'_>, _: &Reindex) -> Result<Ending, CliError> {
    let root = context.archive();
    // A writer would create an archive that does not exist.
    Archive::open(&root).map_err(CliError::run)?;
    let mut opening = context.opening();
    opening.reindex = true;
    let writer = Writer::open(&root, opening).map_err(CliError::run)?;
    let articles = writer.articles().map_err(CliError::run)?;
    #[cfg(feature = "store")]
    bindery::archive::reindex_search(&root).map_err(CliError::run)?;
    let event = json!({
        "event": "summary", "command": "reindex", "archive": root.to_string_lossy(), "articles": articles,
        "notes": writer.notes(),
    });
    let counted = counted(articles as u64, "article");
    context.output.summary(&event, &format!("{counted} in the index of {}", root.display()))?;
    let listing = listed(&root).map_err(CliError::run)?;
    Ok(report_unreadable(context, &listing.unreadable))
}
