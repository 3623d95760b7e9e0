//! `bindery search`.

use clap::Args;

use crate::cli::context::Context;
use crate::cli::error::{CliError, Ending};
use crate::cli::settings::values::whole;

/// Search the texts of the archive
///
/// All words must occur; "words in quotes" must occur together; `-word` must not occur (`bindery search '图书馆 -装订铺'`).
/// Accents do not matter, nor whether Chinese is in traditional or simplified characters; Chinese and other scripts
/// without spaces need no spaces in the query. Each search updates the index first; `bindery reindex` rebuilds it.
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
    #[arg(short = 'n', long, value_name = "N", default_value_t = 20, value_parser = whole::<usize>)]
    limit: usize,
    /// Also search earlier versions of the texts; matches in them alone come last, with the time of their capture
    #[arg(long)]
    versions: bool,
}

/// Finds articles by their texts.
#[cfg(feature = "store")]
pub fn run(context: &Context<'_>, args: &Search) -> Result<Ending, CliError> {
    use bindery::archive::{Query, Texts, search};
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
        texts: if args.versions { Texts::All } else { Texts::Newest },
        limit: args.limit,
    };
    let found = search(&context.archive(), &query).map_err(CliError::run)?;
    for hit in &found.hits {
        print(context, hit)?;
    }
    let (shown, total) = (found.hits.len(), found.total);
    let event = json!({ "event": "summary", "command": "search", "found": total, "shown": shown });
    let sentence = match shown == total {
        true => format!("{total} found"),
        false => format!("{shown} of {total}; -n 0 shows all"),
    };
    context.output.summary(&event, &sentence)?;
    Ok(Ending::Done)
}

#[cfg(feature = "store")]
fn print(context: &Context<'_>, hit: &bindery::archive::Hit) -> Result<(), CliError> {
    use crate::cli::colour::Role;

    let earlier = hit.earlier.as_ref();
    let path = format!("{}/{}", hit.folder, earlier.map_or("index.md", |text| &text.file));
    let event = serde_json::json!({
        "event": "found", "url": hit.url, "title": hit.title.text, "path": path, "site": hit.site,
        "published": hit.published, "captured": hit.captured, "tags": hit.tags, "snippet": hit.snippet.text,
        "earlier": earlier.map(|text| text.captured),
    });
    let colour = context.output.colour();
    let day: String = hit.published.as_deref().unwrap_or("----------").chars().take(10).collect();
    let when = earlier.and_then(|text| text.captured).map(|at| format!("  (in the text captured {at})"));
    let place = colour.paint(Role::Place, &format!("{path}{}", when.unwrap_or_default()));
    let (title, snippet) = (marked(colour, &hit.title), marked(colour, &hit.snippet));
    context.output.coloured(&event, &format!("{day}  {title}\n            {snippet}\n            {place}"))?;
    Ok(())
}

/// Returns a text with what matches in colour.
#[cfg(feature = "store")]
fn marked(colour: crate::cli::colour::Colour, text: &bindery::archive::Marked) -> String {
    use crate::cli::colour::{Colour, Role};

    let (mut out, mut end) = (String::new(), 0);
    for place in &text.matches {
        out.push_str(&Colour::Never.paint(Role::Match, &text.text[end..place.start]));
        out.push_str(&colour.paint(Role::Match, &text.text[place.clone()]));
        end = place.end;
    }
    out + &Colour::Never.paint(Role::Match, &text.text[end..])
}

/// Refuses to search: without the feature `store` there is no index.
#[cfg(not(feature = "store"))]
pub fn run(_: &Context<'_>, _: &Search) -> Result<Ending, CliError> {
    Err(CliError::usage(
        "this build of bindery lacks the feature `store`, which `search` needs; build it with `--features store`",
    ))
}
