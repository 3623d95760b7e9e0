//! `bindery search`.

use crate::cli::args::Search;
use crate::cli::{CliError, Context, Ending};

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

/// Without its store a bindery has no index to search.
#[cfg(not(feature = "store"))]
pub fn run(_: &Context<'_>, _: &Search) -> Result<Ending, CliError> {
    Err(CliError::usage(
        "this bindery was built without its store, which `search` needs; build it with --features store",
    ))
}
