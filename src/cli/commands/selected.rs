//! The flags that select articles, of the commands that pack or export them.

use std::collections::BTreeSet;

use clap::Args;

use bindery::bundle::Selection;
use bindery::model::Timestamp;

use crate::cli::context::Context;
use crate::cli::error::CliError;

const DAY: i64 = 24 * 60 * 60;

/// The articles that a user selects.
#[derive(Debug, Args)]
pub struct Selected {
    /// URLs, paths below the archive, or names of sources [default: all articles]
    #[arg(value_name = "SELECTOR")]
    selectors: Vec<String>,
    /// Take only articles in which `bindery search` finds these words
    #[arg(long, value_name = "WORDS")]
    query: Option<String>,
    /// Take only articles with a text captured on or after this day or time (UTC)
    #[arg(long, value_name = "WHEN")]
    since: Option<String>,
    /// Take only articles with a text captured on or before this day or time (UTC)
    #[arg(long, value_name = "WHEN")]
    until: Option<String>,
    /// Take only articles with this tag or category; if repeated, with all of them
    #[arg(long, value_name = "TAG")]
    tag: Vec<String>,
}

impl Selected {
    /// Returns the selection.
    ///
    /// # Errors
    /// A day is not valid, or the search fails.
    pub fn selection(&self, context: &Context<'_>) -> Result<Selection, CliError> {
        Ok(Selection {
            selectors: self.selectors.clone(),
            since: self.since.as_deref().map(|text| when("--since", text, DayEdge::First)).transpose()?,
            until: self.until.as_deref().map(|text| when("--until", text, DayEdge::Last)).transpose()?,
            tags: self.tag.clone(),
            folders: self.query.as_deref().map(|words| found(context, words)).transpose()?,
        })
    }
}

/// Returns the folders of the articles that a search finds.
#[cfg(feature = "store")]
fn found(context: &Context<'_>, words: &str) -> Result<BTreeSet<String>, CliError> {
    use bindery::archive::{Query, search};
    let query = Query { text: words.to_owned(), ..Query::default() };
    let found = search(&context.archive(), &query).map_err(CliError::run)?;
    Ok(found.hits.into_iter().map(|hit| hit.folder).collect())
}

#[cfg(not(feature = "store"))]
fn found(_: &Context<'_>, _: &str) -> Result<BTreeSet<String>, CliError> {
    Err(CliError::usage(
        "this build of bindery lacks the feature `store`, which --query needs; build it with `--features store`, or name articles",
    ))
}

/// The second that stands for a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum DayEdge {
    First,
    Last,
}

/// Parses an instant, or a day, for which the second at `edge` is returned.
fn when(flag: &str, text: &str, edge: DayEdge) -> Result<Timestamp, CliError> {
    if let Ok(instant) = text.parse() {
        return Ok(instant);
    }
    let day: Result<Timestamp, _> = format!("{text}T00:00:00Z").parse();
    let last = |begin: Timestamp| Timestamp::from_second(begin.as_second() + DAY - 1).unwrap_or(begin);
    match day {
        Ok(begin) => Ok(if edge == DayEdge::Last { last(begin) } else { begin }),
        Err(_) => Err(CliError::usage(format!(
            "{flag}: `{text}` is neither a day such as 2026-11-23 nor an instant such as 2026-11-23T08:58:55Z"
        ))),
    }
}
