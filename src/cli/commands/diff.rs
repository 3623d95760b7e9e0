//! `bindery diff`.

use std::io::IsTerminal;
use std::path::Path;

use serde_json::json;

use bindery::archive::{Archive, Entry, Hunk, Piece, diff};

use crate::cli::args::Diff;
use crate::cli::{CliError, Context, Ending};

use super::only;
use super::show::text_of;
use super::when;

/// Prints what differs between two texts of an article: the last two, unless others are named.
pub fn run(context: &Context<'_>, args: Diff) -> Result<Ending, CliError> {
    let root = context.archive();
    let archive = Archive::open(&root).map_err(CliError::run)?;
    let Some(article) = &args.article else { return of_source(context, &archive, &args) };
    let entry = only(archive.find(article).map_err(CliError::run)?, article)?;
    let texts = entry.record.snapshots.len();
    if texts == 1 && args.from.is_none() && args.to.is_none() {
        context.output.note("the article has one text, and nothing to compare it with");
        return Ok(Ending::Done);
    }
    let to = text_of(&entry.record, args.to.unwrap_or(-1))?;
    let from = text_of(&entry.record, args.from.unwrap_or(-2))?;
    let hunks = diff(&read(&root, &entry, &from)?, &read(&root, &entry, &to)?, args.context);
    let path = |file: &str| format!("{}/{file}", entry.folder);
    tell(context, &path(&from), &path(&to), &hunks)?;
    Ok(Ending::Done)
}

/// Every changed text of a source's articles, the newest first.
fn of_source(context: &Context<'_>, archive: &Archive, args: &Diff) -> Result<Ending, CliError> {
    let since = args.since.as_deref().map(|text| when::since(text, (context.clock)())).transpose()?;
    let changes = archive.changes(since, args.source.as_deref()).map_err(CliError::run)?;
    for change in changes.iter().filter(|change| change.number > 0) {
        let hunks = change.difference(archive, args.context).map_err(CliError::run)?;
        let before = &change.record.snapshots[change.number - 1].file;
        tell(context, &format!("{}/{before}", change.folder), &change.path(), &hunks)?;
    }
    Ok(Ending::Done)
}

fn tell(context: &Context<'_>, from: &str, to: &str, hunks: &[Hunk]) -> Result<(), CliError> {
    let event = json!({ "event": "diff", "from": from, "to": to, "hunks": hunks });
    let mut text = format!("--- {from}\n+++ {to}\n");
    hunks.iter().for_each(|hunk| text.push_str(&shown(hunk)));
    context.output.result(&event, text.trim_end_matches('\n'))?;
    Ok(())
}

/// A text as it stands, less its front matter: that tells of the capture, not of the article.
fn read(root: &Path, entry: &Entry, file: &str) -> Result<String, CliError> {
    let path = root.join(&entry.folder).join(file);
    let bytes = std::fs::read(&path).map_err(|error| {
        CliError::run(format!("{} cannot be read: {error}; `bindery verify` tells what is damaged", path.display()))
    })?;
    let snapshot = entry.record.snapshots.iter().find(|snapshot| snapshot.file == file);
    let start = snapshot.and_then(|snapshot| usize::try_from(snapshot.front_matter_bytes).ok()).unwrap_or_default();
    Ok(String::from_utf8_lossy(bytes.get(start..).unwrap_or_default()).into_owned())
}

/// What stands around words that went and words that came.
struct Marks {
    removed: [&'static str; 2],
    added: [&'static str; 2],
}

/// As `git diff --word-diff` and `wdiff` write them.
const SIGNS: Marks = Marks { removed: ["[-", "-]"], added: ["{+", "+}"] };
const COLOURS: Marks = Marks { removed: ["\u{1b}[31m", "\u{1b}[0m"], added: ["\u{1b}[32m", "\u{1b}[0m"] };

/// A hunk with marks around what differs: colours on a terminal, signs elsewhere.
pub fn shown(hunk: &Hunk) -> String {
    let marks = if std::io::stdout().is_terminal() { &COLOURS } else { &SIGNS };
    let mut out = format!("@@ -{} +{} @@\n", hunk.old_line, hunk.new_line);
    for piece in &hunk.pieces {
        match piece {
            Piece::Same(text) => out.push_str(&printable(text)),
            Piece::Removed(text) => out.push_str(&marked(text, marks.removed)),
            Piece::Added(text) => out.push_str(&marked(text, marks.added)),
        }
    }
    if !out.ends_with('\n') {
        out.push('\n');
    }
    out
}

/// Marks stand within their lines, so that a line that went is one.
fn marked(text: &str, [before, after]: [&str; 2]) -> String {
    let lines = text.split_inclusive('\n').map(|line| match line.strip_suffix('\n') {
        Some("") => "\n".to_owned(),
        Some(line) => format!("{before}{}{after}\n", printable(line)),
        None => format!("{before}{}{after}", printable(line)),
    });
    lines.collect()
}

fn printable(text: &str) -> String {
    crate::cli::output::printable(text)
}
