//! `bindery list`.

use clap::Args;
use serde_json::json;

use bindery::archive::{Archive, Entry};

use crate::cli::context::Context;
use crate::cli::error::{CliError, Ending};

use super::changes::{Form, Wanted};

/// List the archived articles
#[derive(Debug, Args)]
pub struct List {
    /// Show only articles whose URL, title or path contains this text
    #[arg(value_name = "TEXT")]
    filter: Option<String>,
    /// List every new version instead, newest first
    #[arg(long)]
    changed: bool,
    /// Show only versions captured at or after this time: a date, or a time back from now such as 7d
    #[arg(long, value_name = "WHEN", requires = "changed")]
    since: Option<String>,
    /// Show only articles that this source of bindery.toml captured
    #[arg(long, value_name = "NAME", requires = "changed")]
    source: Option<String>,
    /// Print an Atom feed of the changes
    #[arg(long, requires = "changed")]
    atom: bool,
}

/// Prints one line an article, in the order of their folders.
pub fn run(context: &Context<'_>, args: List) -> Result<Ending, CliError> {
    if args.changed {
        let (filter, since, source) = (args.filter.as_deref(), args.since.as_deref(), args.source.as_deref());
        let form = if args.atom { Form::Atom } else { Form::Lines };
        return super::changes::run(context, &Wanted { filter, since, source, form });
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
        "published": published, "captured": captured, "texts": record.accepted().count(),
    });
    let day = published.as_deref().map_or("----------", |date| &date[..date.len().min(10)]);
    context.output.result(&event, &format!("{day}  {}  {}", record.title, record.url))?;
    Ok(())
}
