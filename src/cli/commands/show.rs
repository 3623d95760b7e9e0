//! `bindery show`.

use std::path::PathBuf;

use bindery::archive::{Archive, Entry};

use crate::cli::args::Show;
use crate::cli::{CliError, Context, Ending};

/// Prints an article's newest text, or its record.
pub fn run(context: &Context<'_>, args: Show) -> Result<Ending, CliError> {
    let root = context.archive();
    let archive = Archive::open(&root).map_err(CliError::run)?;
    let found = archive.find(&args.article).map_err(CliError::run)?;
    let entry = only(found, &args.article)?;
    let wants_record = args.record || context.output.is_json();
    let path: PathBuf = root.join(&entry.folder).join(if wants_record { "record.json" } else { "index.md" });
    let text = std::fs::read_to_string(&path).map_err(|error| {
        CliError::run(format!("{} cannot be read: {error}; `bindery verify` tells what is damaged", path.display()))
    })?;
    match serde_json::from_str::<serde_json::Value>(&text) {
        // One object a line is what a program that asked for JSON expects.
        Ok(record) if context.output.is_json() => context.output.result(&record, "")?,
        _ => context.output.raw(&text)?,
    }
    Ok(Ending::Done)
}

fn only(found: Vec<Entry>, asked: &str) -> Result<Entry, CliError> {
    let count = found.len();
    let mut found = found.into_iter();
    match (found.next(), count) {
        (Some(entry), 1) => Ok(entry),
        (None, _) => Err(CliError::run(format!("`{asked}` is not in the archive; `bindery list` shows what is"))),
        (Some(entry), _) => Err(CliError::run(format!(
            "`{asked}` names {count} articles, {} the first of them; give a whole address or path",
            entry.folder
        ))),
    }
}
