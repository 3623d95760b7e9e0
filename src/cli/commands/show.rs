//! `bindery show`.

use clap::Args;

use bindery::archive::{Archive, Entry, Record, Recorded, Snapshot};
use bindery::model::{PageDate, Timestamp};

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
    /// Print the text that the page had at this time: a date, which includes its whole day in UTC, or a date with a time
    #[arg(long, value_name = "WHEN", conflicts_with = "version")]
    as_of: Option<String>,
    /// Print all texts, oldest first, also those that were set aside, each under a line with its file
    #[arg(long, conflicts_with_all = ["version", "as_of", "record"])]
    all: bool,
    /// Print the article's record (JSON) instead
    #[arg(long)]
    record: bool,
}

/// Prints a text of an article, all of them, or its record.
pub fn run(context: &Context<'_>, args: Show) -> Result<Ending, CliError> {
    let archive = Archive::open(&context.archive()).map_err(CliError::run)?;
    let found = archive.find(&args.article).map_err(CliError::run)?;
    let entry = only(found, &args.article)?;
    if args.all && !context.output.is_json() {
        for snapshot in &entry.record.snapshots {
            context.output.raw(&heading(&entry, snapshot))?;
            context.output.raw(&read(&archive, &entry, &snapshot.file)?)?;
        }
        return Ok(Ending::Done);
    }
    let wants_record = args.record || context.output.is_json();
    let file = match (args.version, &args.as_of) {
        _ if wants_record => "record.json",
        (Some(version), _) => &text_of(&entry.record, version)?.file,
        (None, Some(time)) => &as_of(&entry.record, time)?.file,
        (None, None) => "index.md",
    };
    let text = read(&archive, &entry, file)?;
    match serde_json::from_str::<serde_json::Value>(&text) {
        // With --json, one object per line.
        Ok(record) if context.output.is_json() => context.output.result(&record, "")?,
        _ => context.output.raw(&text)?,
    }
    Ok(Ending::Done)
}

/// Reads a file of an article.
fn read(archive: &Archive, entry: &Entry, file: &str) -> Result<String, CliError> {
    let path = archive.root().join(&entry.folder).join(file);
    std::fs::read_to_string(&path).map_err(|error| {
        CliError::run(format!("{} cannot be read: {error}; `bindery verify` lists what is damaged", path.display()))
    })
}

/// Returns the line above a text, as `head` and `tail` write it.
fn heading(entry: &Entry, snapshot: &Snapshot) -> String {
    let aside = match &snapshot.set_aside {
        Some(Recorded::Known(why)) => format!(" (set aside: {why})"),
        Some(Recorded::Unknown(_)) => " (set aside)".to_owned(),
        None => String::new(),
    };
    format!("==> {}/{}{aside} <==\n", entry.folder, snapshot.file)
}

/// Returns a version: 1 is the oldest, -1 the newest. Texts that were set aside do not count.
pub(super) fn text_of(record: &Record, version: i64) -> Result<&Snapshot, CliError> {
    let texts = record.accepted().count();
    let count = i64::try_from(texts).unwrap_or(i64::MAX);
    let at = if version < 0 { count + version } else { version - 1 };
    usize::try_from(at).ok().and_then(|at| record.accepted().nth(at)).ok_or_else(|| {
        CliError::usage(format!(
            "there is no version {version}: the article has {texts}, 1 is the oldest and -1 the newest"
        ))
    })
}

/// Returns the text that the page had at a time.
fn as_of<'a>(record: &'a Record, time: &str) -> Result<&'a Snapshot, CliError> {
    let moment = end_of(time).ok_or_else(|| {
        CliError::usage(format!("`{time}` is not a date such as 2026-03-01 or a time such as 2026-03-01T08:00:00Z"))
    })?;
    let first = record.accepted().map(|snapshot| snapshot.captured).min();
    record.as_of(moment).ok_or_else(|| {
        let first = first.map(|at| at.to_string()).unwrap_or_default();
        CliError::usage(format!("the article was not archived yet at {time}; its first text is of {first}"))
    })
}

/// Returns the last second of a day, or a time itself.
fn end_of(text: &str) -> Option<Timestamp> {
    let date: PageDate = text.parse().ok()?;
    date.instant().or_else(|| format!("{text}T23:59:59Z").parse().ok())
}
