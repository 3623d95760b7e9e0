//! `bindery diff`.

use clap::Args;
use serde_json::json;

use bindery::archive::{Archive, Hunk, Piece, Snapshot, differences};

use crate::cli::colour::{Colour, Role};
use crate::cli::context::Context;
use crate::cli::error::{CliError, Ending};
use crate::cli::settings::values::whole;
use crate::cli::text::printable;

use super::only;
use super::show::text_of;
use super::when;

/// Show what changed between two versions of an article
///
/// Compares title, authors and dates, and the text by line, and within lines by word, or by character in scripts without
/// spaces. Unless standard output is a
/// terminal, removed words are printed as [-…-] and added words as {+…+}.
#[derive(Debug, Args)]
pub struct Diff {
    /// A URL, or a path below the archive
    #[arg(value_name = "ARTICLE", required_unless_present = "source", conflicts_with_all = ["source", "since"])]
    article: Option<String>,
    /// Show every change to the articles of this source of bindery.toml
    #[arg(long, value_name = "NAME", conflicts_with_all = ["from", "to"])]
    source: Option<String>,
    /// With --source, show only changes at or after this time: a date, or a time back from now such as 7d
    #[arg(long, value_name = "WHEN", requires = "source")]
    since: Option<String>,
    /// Compare from this version: 1 is the oldest, -1 the newest [default: -2]
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    from: Option<i64>,
    /// Compare to this version [default: -1]
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    to: Option<i64>,
    /// Show this many unchanged lines around each change
    #[arg(short = 'U', long, value_name = "LINES", default_value_t = 2, value_parser = whole::<usize>)]
    context: usize,
}

/// Prints what differs between two versions of an article: the last two, unless others are named.
pub fn run(context: &Context<'_>, args: Diff) -> Result<Ending, CliError> {
    let archive = Archive::open(&context.archive()).map_err(CliError::run)?;
    let Some(article) = &args.article else { return of_source(context, &archive, &args) };
    let entry = only(archive.find(article).map_err(CliError::run)?, article)?;
    let texts = entry.record.accepted().count();
    if texts == 1 && args.from.is_none() && args.to.is_none() {
        context.output.note("the article has only one version");
        return Ok(Ending::Done);
    }
    let to = text_of(&entry.record, args.to.unwrap_or(-1))?;
    let from = text_of(&entry.record, args.from.unwrap_or(-2))?;
    let read = |snapshot: &Snapshot| archive.version(&entry.folder, snapshot).map_err(CliError::run);
    let hunks = differences(&read(from)?, &read(to)?, args.context);
    let path = |snapshot: &Snapshot| format!("{}/{}", entry.folder, snapshot.file);
    print(context, &path(from), &path(to), &hunks)?;
    Ok(Ending::Done)
}

/// Prints every change to the articles of a source, the newest first.
fn of_source(context: &Context<'_>, archive: &Archive, args: &Diff) -> Result<Ending, CliError> {
    let since = args.since.as_deref().map(|text| when::since(text, (context.clock)())).transpose()?;
    let changes = archive.changes(since, args.source.as_deref()).map_err(CliError::run)?;
    for change in &changes {
        let Some(before) = change.before() else { continue };
        let hunks = change.difference(archive, args.context).map_err(CliError::run)?;
        let before = &change.record.snapshots[before].file;
        print(context, &format!("{}/{before}", change.folder), &change.path(), &hunks)?;
    }
    Ok(Ending::Done)
}

fn print(context: &Context<'_>, from: &str, to: &str, hunks: &[Hunk]) -> Result<(), CliError> {
    let event = json!({ "event": "diff", "from": from, "to": to, "hunks": hunks });
    let colour = context.output.colour();
    let (from, to) = (colour.paint(Role::Place, from), colour.paint(Role::Place, to));
    let mut text = format!("--- {from}\n+++ {to}\n");
    hunks.iter().for_each(|hunk| text.push_str(&shown(hunk, colour)));
    context.output.coloured(&event, text.trim_end_matches('\n'))?;
    Ok(())
}

/// Returns a hunk with what differs marked: by colours on a terminal, by characters elsewhere, as `git diff --word-diff` and
/// `wdiff` do.
pub fn shown(hunk: &Hunk, colour: Colour) -> String {
    let place = format!("@@ -{} +{} @@", hunk.old_line, hunk.new_line);
    let mut out = format!("{}\n", colour.paint(Role::Place, &place));
    for piece in &hunk.pieces {
        match piece {
            Piece::Same(text) => out.push_str(&printable(text)),
            Piece::Removed(text) => out.push_str(&marked(text, Role::Removed, colour)),
            Piece::Added(text) => out.push_str(&marked(text, Role::Added, colour)),
        }
    }
    if !out.ends_with('\n') {
        out.push('\n');
    }
    out
}

/// Marks each line by itself.
fn marked(text: &str, role: Role, colour: Colour) -> String {
    let [before, after] = match (colour, role) {
        (Colour::Terminal, _) => ["", ""],
        (_, Role::Removed) => ["[-", "-]"],
        _ => ["{+", "+}"],
    };
    let lines = text.split_inclusive('\n').map(|line| match line.strip_suffix('\n') {
        Some("") => "\n".to_owned(),
        Some(line) => format!("{before}{}{after}\n", colour.paint(role, line)),
        None => format!("{before}{}{after}", colour.paint(role, line)),
    });
    lines.collect()
}
