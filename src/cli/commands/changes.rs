//! `bindery list --changed`: what came since.

use serde_json::json;

use bindery::archive::{Archive, TextChange, atom};

use crate::cli::args::List;
use crate::cli::{CliError, Context, Ending};

use super::when;

/// A feed of more entries is read by nobody.
const FEED: usize = 200;

/// Prints one line a new text, newest first, or an Atom feed of them.
pub fn run(context: &Context<'_>, args: &List) -> Result<Ending, CliError> {
    let archive = Archive::open(&context.archive()).map_err(CliError::run)?;
    let since = args.since.as_deref().map(|text| when::since(text, (context.clock)())).transpose()?;
    let mut changes = archive.changes(since, args.source.as_deref()).map_err(CliError::run)?;
    if let Some(text) = &args.filter {
        let text = text.to_lowercase();
        changes.retain(|change| {
            [&change.record.url, &change.record.title, &change.folder]
                .iter()
                .any(|field| field.to_lowercase().contains(&text))
        });
    }
    if args.atom {
        changes.truncate(FEED);
        let title = args.source.as_deref().unwrap_or("bindery");
        context.output.raw(&atom(&archive, title, &changes).map_err(CliError::run)?)?;
        return Ok(Ending::Done);
    }
    for change in &changes {
        tell(context, change)?;
    }
    Ok(Ending::Done)
}

fn tell(context: &Context<'_>, change: &TextChange) -> Result<(), CliError> {
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
