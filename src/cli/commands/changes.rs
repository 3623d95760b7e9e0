//! `bindery list --changed`: the new versions of articles.

use serde_json::json;

use bindery::archive::{Archive, TextChange, atom};

use crate::cli::context::Context;
use crate::cli::error::{CliError, Ending};

use super::when;

/// The maximum number of entries of the feed.
const FEED: usize = 200;

/// Which versions are listed, and how.
pub struct VersionFilter<'a> {
    /// A text that the URL, title or path contains; None for all.
    pub filter: Option<&'a str>,
    /// The earliest time, as people write it; None for all.
    pub since: Option<&'a str>,
    /// The source of bindery.toml; None for all.
    pub source: Option<&'a str>,
    pub form: Form,
}

/// How versions are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// One line each.
    Lines,
    /// An Atom feed.
    Atom,
}

/// Prints one line per new text, newest first, or an Atom feed of them.
pub fn run(context: &Context<'_>, args: &VersionFilter<'_>) -> Result<Ending, CliError> {
    let archive = Archive::open(&context.archive()).map_err(CliError::run)?;
    let since = args.since.map(|text| when::since(text, (context.clock)())).transpose()?;
    let mut changes = archive.changes(since, args.source).map_err(CliError::run)?;
    if let Some(text) = args.filter {
        let text = text.to_lowercase();
        changes.retain(|change| {
            [&change.record.url, &change.record.title, &change.folder]
                .iter()
                .any(|field| field.to_lowercase().contains(&text))
        });
    }
    if args.form == Form::Atom {
        changes.truncate(FEED);
        let title = args.source.unwrap_or("bindery");
        context.output.raw(&atom(&archive, title, &changes).map_err(CliError::run)?)?;
        return Ok(Ending::Done);
    }
    for change in &changes {
        print(context, change)?;
    }
    Ok(Ending::Done)
}

fn print(context: &Context<'_>, change: &TextChange) -> Result<(), CliError> {
    let record = &change.record;
    let reason = json!(change.reason());
    let event = json!({
        "event": "changed", "url": record.url, "title": record.title, "path": change.path(), "reason": reason,
        "captured": change.captured(), "published": record.published.as_ref().map(ToString::to_string),
        "version": change.number + 1,
    });
    let word = reason.as_str().unwrap_or_default().to_owned();
    context.output.result(&event, &format!("{}  {word:6}  {}  {}", change.captured(), record.title, record.url))?;
    Ok(())
}
