//! `bindery search`.

use clap::Args;

use crate::cli::context::Context;
use crate::cli::error::{CliError, Ending};

/// Search the texts of the archive
///
/// All words must occur; "words in quotes" must occur together; `-word` must not occur (`bindery search '图书馆
/// -装订铺'`). Chinese and Japanese need no spaces. Each search updates the index first; `bindery reindex` rebuilds it.
#[derive(Debug, Args)]
pub struct Search {
    /// Words to find in titles and texts
    #[arg(value_name = "WORDS")]
    words: Vec<String>,
    /// Words to find in the title
    #[arg(long, value_name = "WORDS")]
    title: Option<String>,
    /// Search only this site: a host, or a part of its name
    #[arg(long, value_name = "SITE")]
    site: Option<String>,
    /// Search only articles with this tag or category
    #[arg(long, value_name = "TAG")]
    tag: Option<String>,
    /// Search only articles published at or after this time: a date, or a time back from now such as 30d
    #[arg(long, value_name = "WHEN")]
    since: Option<String>,
    /// Search only articles published at or before this time: a date, or a time back from now
    #[arg(long, value_name = "WHEN")]
    until: Option<String>,
    /// Print at most this many articles, 0 for all
    #[arg(short = 'n', long, value_name = "N", default_value_t = 20)]
    limit: usize,
}

/// Finds articles by their texts.
#[cfg(feature = "store")]
pub fn run(context: &Context<'_>, args: &Search) -> Result<Ending, CliError> {
    use bindery::archive::{Query, search};
    use serde_json::json;

    use super::when;

    let now = (context.clock)();
    let day_of = |text: &str| Ok::<String, CliError>(when::since(text, now)?.to_string().chars().take(10).collect());
    let day = |text: &Option<String>| text.as_deref().map(day_of).transpose();
    let query = Query {
        text: args.words.join(" "),
        title: args.title.clone().unwrap_or_default(),
        site: args.site.clone(),
        tag: args.tag.clone(),
        since: day(&args.since)?,
        until: day(&args.until)?,
        limit: args.limit,
    };
    let hits = search(&context.archive(), &query).map_err(CliError::run)?;
    for hit in &hits {
        let path = format!("{}/index.md", hit.folder);
        let event = json!({
            "event": "found", "url": hit.url, "title": hit.title, "path": path, "site": hit.site,
            "published": hit.published, "captured": hit.captured, "tags": hit.tags, "snippet": hit.snippet,
        });
        let day: String = hit.published.as_deref().unwrap_or("----------").chars().take(10).collect();
        context
            .output
            .result(&event, &format!("{day}  {}\n            {}\n            {path}", hit.title, hit.snippet))?;
    }
    let event = json!({ "event": "summary", "command": "search", "found": hits.len() });
    context.output.summary(&event, &format!("{} found", hits.len()))?;
    Ok(Ending::Done)
}

/// Without the feature `store` there is no index to search.
#[cfg(not(feature = "store"))]
pub fn run(_: &Context<'_>, _: &Search) -> Result<Ending, CliError> {
    Err(CliError::usage(
        "this build of bindery lacks the feature `store`, which `search` needs; build it with `--features store`",
    ))
}
