//! `bindery list`.

use std::cmp::Reverse;

use clap::{Args, ValueEnum};
use serde_json::{Value, json};

use bindery::archive::{ArchiveError, Listed, listed};

use crate::cli::context::{Context, counted};
use crate::cli::error::{CliError, Ending};

use super::changes::{Form, VersionFilter};
use super::when;

/// List the archived articles, the newest first
///
/// Each line has the day of the capture, the title and the URL; with --sort published, the day of publication.
#[derive(Debug, Args)]
pub struct List {
    /// Show only articles whose URL, title or path contains this text
    #[arg(value_name = "TEXT")]
    filter: Option<String>,
    /// Sort by this: by time the newest first, otherwise from A to Z
    #[arg(long, value_name = "ORDER", default_value = "captured", conflicts_with = "changed")]
    sort: Order,
    /// Show the days of publication and capture, the site, the number of texts and the path
    #[arg(short, long, conflicts_with_all = ["changed", "atom"])]
    long: bool,
    /// List every new version instead, newest first
    #[arg(long)]
    changed: bool,
    /// Show only what was captured at or after this time: a date, or a time back from now such as 7d
    #[arg(long, value_name = "WHEN")]
    since: Option<String>,
    /// Show only articles that this source of bindery.toml captured
    #[arg(long, value_name = "NAME", requires = "changed")]
    source: Option<String>,
    /// Print an Atom feed of the changes
    #[arg(long, requires = "changed")]
    atom: bool,
}

/// An order of articles.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Order {
    Captured,
    Published,
    Title,
    Url,
}

/// Prints one line an article.
pub fn run(context: &Context<'_>, args: &List) -> Result<Ending, CliError> {
    if args.changed {
        let (filter, since, source) = (args.filter.as_deref(), args.since.as_deref(), args.source.as_deref());
        let form = if args.atom { Form::Atom } else { Form::Lines };
        return super::changes::run(context, &VersionFilter { filter, since, source, form });
    }
    let since = args.since.as_deref().map(|text| when::since(text, (context.clock)())).transpose()?;
    let listing = listed(&context.archive()).map_err(CliError::run)?;
    let wanted = args.filter.as_ref().map(|text| text.to_lowercase());
    let mut articles = listing.articles;
    articles.retain(|article| {
        since.is_none_or(|since| article.captured.is_some_and(|captured| captured >= since))
            && wanted.as_deref().is_none_or(|text| matches(article, text))
    });
    sort(&mut articles, args.sort);
    context.output.results(&articles, event, |article| line(article, args))?;
    Ok(report_unreadable(context, &listing.unreadable))
}

/// Reports the records that cannot be read, and returns how the run ends. Those in an older form are not damage, and one message stands for all.
pub fn report_unreadable(context: &Context<'_>, unreadable: &[ArchiveError]) -> Ending {
    let is_older = |error: &&ArchiveError| matches!(error, ArchiveError::OlderRecord { .. });
    let (older, damaged): (Vec<_>, Vec<_>) = unreadable.iter().partition(is_older);
    for error in damaged.iter().chain(older.first()) {
        context.output.problem(&format!("bindery: {error}"));
    }
    if older.len() > 1 {
        let all = counted(older.len() as u64, "record");
        context.output.problem(&format!("bindery: the same goes for all {all} in an older form"));
    }
    match (damaged.is_empty(), older.is_empty()) {
        (true, true) => Ending::Done,
        (true, false) => Ending::Failed,
        (false, _) => Ending::Damage,
    }
}

/// Sorts articles; those that are equal by the order stay in the order of their folders.
fn sort(articles: &mut [Listed], order: Order) {
    match order {
        Order::Captured => articles.sort_by_key(|article| Reverse(article.captured)),
        Order::Published => articles.sort_by(|one, other| other.published.cmp(&one.published)),
        Order::Title => articles.sort_by_cached_key(|article| article.title.to_lowercase()),
        Order::Url => articles.sort_by(|one, other| one.url.cmp(&other.url)),
    }
}

fn matches(article: &Listed, text: &str) -> bool {
    [&article.url, &article.title, &article.folder].iter().any(|field| contains(field, text))
}

/// Returns whether a field contains a text in lower case, whatever its own case.
fn contains(field: &str, text: &str) -> bool {
    let is_lower = !field.chars().any(char::is_uppercase);
    if is_lower { field.contains(text) } else { field.to_lowercase().contains(text) }
}

fn event(article: &Listed) -> Value {
    json!({
        "event": "listed", "url": article.url, "title": article.title, "path": format!("{}/index.md", article.folder),
        "published": article.published, "captured": article.captured, "texts": article.texts,
    })
}

fn line(article: &Listed, args: &List) -> String {
    let Listed { title, url, site, folder, .. } = article;
    let captured = || day(article.captured.map(|at| at.to_string()).as_deref());
    if args.long {
        let texts = counted(article.texts as u64, "text");
        let site = if site.is_empty() { String::new() } else { format!("  {site}") };
        let published = day(article.published.as_deref());
        return format!("{published}  {}  {texts:>8}  {title}{site}  {url}  {folder}", captured());
    }
    let day = if args.sort == Order::Published { day(article.published.as_deref()) } else { captured() };
    format!("{day}  {title}  {url}")
}

/// Returns the day of a time.
fn day(time: Option<&str>) -> String {
    // Times are written in ASCII.
    time.map_or("----------", |time| time.get(..10).unwrap_or(time)).to_owned()
}
