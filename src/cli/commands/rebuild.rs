//! `bindery rebuild`.

use std::collections::BTreeMap;

use clap::Args;
use serde_json::json;

use bindery::archive::{Archive, Entry, Writer, diff};
use bindery::bundle::Selection;
use bindery::convert::{self, Change, RebuildError, RebuildOptions};
use bindery::extract;

use crate::cli::colour::Role;
use crate::cli::context::{Context, SOFTWARE, counted, profile};
use crate::cli::error::{CliError, Ending};
use crate::cli::settings::Flags;
use crate::cli::settings::groups::Writing;
use crate::cli::settings::values::whole;

use super::diff::shown;

/// Extract articles again from their stored captures, offline
///
/// Shows what would change in their Markdown. With --write each changed text is stored as a new version whose record
/// names the program that wrote it; earlier versions stay. Texts keep their profile and categories unless --profile or
/// --categories is given.
#[derive(Debug, Args)]
pub struct Rebuild {
    /// URLs, paths below the archive, or names of sources [default: all articles]
    #[arg(value_name = "SELECTOR")]
    selectors: Vec<String>,
    /// Store what changed as new versions
    #[arg(long)]
    write: bool,
    /// Show this many unchanged lines around each change
    #[arg(short = 'U', long, value_name = "LINES", default_value_t = 2, value_parser = whole::<usize>)]
    context: usize,
    #[command(flatten)]
    writing: Writing,
}

impl Rebuild {
    /// Returns the flags that are settings.
    pub fn flags(&self, flags: Flags) -> Result<Flags, CliError> {
        flags.with(&self.writing)
    }
}

/// The counts of a run.
#[derive(Default)]
struct Tally {
    changed: usize,
    same: usize,
    /// Why articles were skipped, and how many for each reason.
    skipped: BTreeMap<&'static str, u64>,
    failed: usize,
}

impl Tally {
    fn all_skipped(&self) -> u64 {
        self.skipped.values().sum()
    }
}

/// Extracts every selected article again, shows what changes, and with --write stores it.
pub fn run(context: &Context<'_>, args: Rebuild) -> Result<Ending, CliError> {
    let root = context.archive();
    let archive = Archive::open(&root).map_err(CliError::run)?;
    let selection = Selection { selectors: args.selectors.clone(), ..Selection::default() };
    let entries = selection.articles(&archive).map_err(CliError::run)?;
    let writing: Writing = context.settings.group()?;
    let how = RebuildOptions {
        extract: extract::Options { comments: writing.comments, ..extract::Options::default() },
        profile: profile(&context.settings, &writing)?,
        changes_profile: args.writing.profile.is_some(),
        changes_categories: !args.writing.categories.is_empty(),
        software: SOFTWARE.to_owned(),
        now: (context.clock)(),
    };
    let mut writer = match args.write {
        true => {
            let mut writer = context.writer(context.opening())?;
            writer.write_event(&context.run_event("rebuild")).map_err(CliError::run)?;
            Some(writer)
        }
        false => None,
    };
    let mut tally = Tally::default();
    let progress = context.output.progress();
    progress.start(entries.len() as u64, "articles");
    let mut broken = Ok(());
    for entry in &entries {
        broken = one(context, &archive, entry, &how, args.context, writer.as_mut(), &mut tally);
        if broken.is_err() {
            break;
        }
        progress.step();
    }
    if let Some(mut writer) = writer {
        // What was done is sealed, also after an error.
        let noted = writer.write_event(&json!({
            "event": "summary", "updated": tally.changed, "unchanged": tally.same, "skipped": tally.all_skipped(),
            "failed": tally.failed,
        }));
        let committed = writer.commit();
        noted.and(committed).map_err(CliError::run)?;
    }
    broken?;
    for (why, count) in tally.skipped.iter().filter(|(_, count)| **count > 1) {
        context.output.note(&format!("{}: skipped: {why}", counted(count - 1, "more article")));
    }
    let skipped = tally.all_skipped();
    let Tally { changed, same, failed, .. } = tally;
    let event = json!({
        "event": "summary", "command": "rebuild", "archive": root.to_string_lossy(), "written": args.write,
        "changed": changed, "unchanged": same, "skipped": skipped, "failed": failed,
    });
    let verb = if args.write { "changed" } else { "would change (--write stores them)" };
    let sentence = format!("{changed} {verb}; {same} unchanged, {skipped} skipped, {failed} failed");
    context.output.summary(&event, &sentence)?;
    Ok(if failed > 0 { Ending::PageFailed } else { Ending::Done })
}

fn one(
    context: &Context<'_>,
    archive: &Archive,
    entry: &Entry,
    how: &RebuildOptions,
    lines: usize,
    writer: Option<&mut Writer>,
    tally: &mut Tally,
) -> Result<(), CliError> {
    let output = context.output;
    let url = &entry.record.url;
    match convert::rebuild(archive, entry, how) {
        Ok(None) => tally.same += 1,
        Ok(Some(change)) => {
            tally.changed += 1;
            let fate = if writer.is_some() { Fate::Written } else { Fate::Shown };
            if let Some(writer) = writer {
                let kept = writer.keep_rebuilt(entry, &change.visit, how.now).map_err(CliError::run)?;
                kept.notes.iter().for_each(|note| output.note(note));
                let path = format!("{}/index.md", entry.folder);
                let event =
                    json!({ "event": "article", "url": url, "outcome": "updated", "path": path, "notes": kept.notes });
                writer.write_event(&event).map_err(CliError::run)?;
            }
            show(context, entry, &change, lines, fate)?;
        }
        Err(RebuildError::NoCapture(why)) => {
            let count = tally.skipped.entry(why).or_default();
            *count += 1;
            let line = format!("{}: skipped: {why}", entry.folder);
            // The others are counted.
            if *count == 1 { output.note(&line) } else { output.detail(&line) }
        }
        Err(error) => {
            tally.failed += 1;
            let event = json!({ "event": "rebuilt", "url": url, "path": entry.folder, "outcome": "failed", "error": error.to_string() });
            output.failure(&event, &format!("{}: {error}", entry.folder))?;
        }
    }
    Ok(())
}

/// What is done with a changed text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    /// It is only shown.
    Shown,
    /// It is stored as a new version too.
    Written,
}

fn show(context: &Context<'_>, entry: &Entry, change: &Change, lines: usize, fate: Fate) -> Result<(), CliError> {
    let hunks = diff(&change.before, &change.after, lines);
    let newest = entry.record.newest();
    let made_by = newest.map(|text| text.software.as_str()).unwrap_or_default();
    let event = json!({
        "event": "rebuilt", "url": entry.record.url, "path": entry.folder, "outcome": "changed", "written": fate == Fate::Written,
        "from": made_by, "to": change.visit.software, "hunks": hunks,
    });
    let path = |text: &str| format!("{}/{text}", entry.folder);
    let before = path(newest.map(|text| text.file.as_str()).unwrap_or_default());
    let colour = context.output.colour();
    let (before, after) =
        (format!("{before} ({made_by})"), format!("{} ({})", path("index.md"), change.visit.software));
    let (before, after) = (colour.paint(Role::Place, &before), colour.paint(Role::Place, &after));
    let mut text = format!("--- {before}\n+++ {after}\n");
    hunks.iter().for_each(|hunk| text.push_str(&shown(hunk, colour)));
    context.output.coloured(&event, text.trim_end_matches('\n'))?;
    Ok(())
}
