//! `bindery list`.

use serde_json::json;

use bindery::archive::{Archive, Entry};

use crate::cli::args::List;
use crate::cli::{CliError, Context, Ending};

/// Prints one line an article, in the order of their folders.
pub fn run(context: &Context<'_>, args: List) -> Result<Ending, CliError> {
    if args.changed {
        return super::changes::run(context, &args);
    }
    let archive = Archive::open(&context.archive()).map_err(CliError::run)?;
    let wanted = args.filter.map(|text| text.to_lowercase());
    let mut unreadable = false;
    for entry in archive.articles().map_err(CliError::run)? {
        match entry {
            Ok(entry) if wanted.as_deref().is_none_or(|text| matches(&entry, text)) => tell(context, &entry)?,
            Ok(_) => {}
            Err(error) => {
                unreadable = true;
                context.output.problem(&format!("bindery: {error}"));
            }
        }
    }
    Ok(if unreadable { Ending::Damage } else { Ending::Done })
}

fn matches(entry: &Entry, text: &str) -> bool {
    let record = &entry.record;
    [&record.url, &record.title, &entry.folder].iter().any(|field| field.to_lowercase().contains(text))
}

fn tell(context: &Context<'_>, entry: &Entry) -> Result<(), CliError> {
    let record = &entry.record;
    let published = record.published.as_ref().map(ToString::to_string);
    let captured = record.newest().map(|snapshot| snapshot.captured);
    let event = json!({
        "event": "listed", "url": record.url, "title": record.title, "path": format!("{}/index.md", entry.folder),
        "published": published, "captured": captured, "texts": record.snapshots.len(),
    });
    let day = published.as_deref().map_or("----------", |date| &date[..date.len().min(10)]);
    context.output.result(&event, &format!("{day}  {}  {}", record.title, record.url))?;
    Ok(())
}
