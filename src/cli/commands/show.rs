//! `bindery show`.

use std::path::PathBuf;

use clap::Args;

use bindery::archive::{Archive, Record};

use crate::cli::context::Context;
use crate::cli::error::{CliError, Ending};

use super::only;

/// Print an archived article's newest text, or an earlier one
#[derive(Debug, Args)]
pub struct Show {
    /// A URL, or a path below the archive
    #[arg(value_name = "ARTICLE")]
    article: String,
    /// Print this version: 1 is the oldest, -1 the newest
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    version: Option<i64>,
    /// Print the article's record (JSON) instead
    #[arg(long)]
    record: bool,
}

/// Prints a text of an article, or its record.
pub fn run(context: &Context<'_>, args: Show) -> Result<Ending, CliError> {
    let root = context.archive();
    let archive = Archive::open(&root).map_err(CliError::run)?;
    let found = archive.find(&args.article).map_err(CliError::run)?;
    let entry = only(found, &args.article)?;
    let wants_record = args.record || context.output.is_json();
    let file = match args.version {
        _ if wants_record => "record.json".to_owned(),
        None => "index.md".to_owned(),
        Some(version) => text_of(&entry.record, version)?,
    };
    let path: PathBuf = root.join(&entry.folder).join(file);
    let text = std::fs::read_to_string(&path).map_err(|error| {
        CliError::run(format!("{} cannot be read: {error}; `bindery verify` lists what is damaged", path.display()))
    })?;
    match serde_json::from_str::<serde_json::Value>(&text) {
        // With --json, one object per line.
        Ok(record) if context.output.is_json() => context.output.result(&record, "")?,
        _ => context.output.raw(&text)?,
    }
    Ok(Ending::Done)
}

/// Returns the file of a version: 1 is the oldest, -1 the newest.
pub(super) fn text_of(record: &Record, version: i64) -> Result<String, CliError> {
    let texts = record.snapshots.len();
    let count = i64::try_from(texts).unwrap_or(i64::MAX);
    let at = if version < 0 { count + version } else { version - 1 };
    let snapshot = usize::try_from(at).ok().and_then(|at| record.snapshots.get(at));
    snapshot.map(|snapshot| snapshot.file.clone()).ok_or_else(|| {
        CliError::usage(format!(
            "there is no version {version}: the article has {texts}, 1 is the oldest and -1 the newest"
        ))
    })
}
