//! `bindery rebuild`.

use serde_json::json;

use bindery::archive::{Archive, Entry, Writer, diff};
use bindery::bundle::Selection;
use bindery::convert::{self, Change, RebuildError, Rebuilding};
use bindery::extract;

use crate::cli::args::Rebuild;
use crate::cli::{CliError, Context, Ending, SOFTWARE};

use super::diff::shown;

/// How many articles are what.
#[derive(Default)]
struct Tally {
    changed: usize,
    same: usize,
    skipped: usize,
    failed: usize,
}

/// Extracts every selected article again; shows what changes, and keeps it when it is to be written.
pub fn run(context: &Context<'_>, args: Rebuild) -> Result<Ending, CliError> {
    let root = context.archive();
    let archive = Archive::open(&root).map_err(CliError::run)?;
    let selection = Selection { selectors: args.selectors.clone(), ..Selection::default() };
    let entries = selection.articles(&archive).map_err(CliError::run)?;
    let how = Rebuilding {
        extract: extract::Options { comments: context.settings.switch("comments"), ..extract::Options::default() },
        profile: context.profile()?,
        changes_profile: args.writing.profile.is_some(),
        software: SOFTWARE.to_owned(),
        now: (context.clock)(),
    };
    let mut writer = match args.write {
        true => {
            let mut writer = Writer::open(&root, context.opening()).map_err(CliError::run)?;
            writer.notes().iter().for_each(|note| context.output.note(note));
            writer.write_event(&super::run_event(context, "rebuild")).map_err(CliError::run)?;
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
        // Whatever ended the run: what was done until then is sealed.
        let noted = writer.write_event(&json!({
            "event": "summary", "updated": tally.changed, "unchanged": tally.same, "skipped": tally.skipped,
            "failed": tally.failed,
        }));
        let committed = writer.commit();
        noted.and(committed).map_err(CliError::run)?;
    }
    broken?;
    let Tally { changed, same, skipped, failed } = tally;
    let event = json!({
        "event": "summary", "command": "rebuild", "archive": root.to_string_lossy(), "written": args.write,
        "changed": changed, "unchanged": same, "skipped": skipped, "failed": failed,
    });
    let verb = if args.write { "changed" } else { "would change; --write keeps them" };
    let sentence = format!("{changed} {verb}; {same} are the same, {skipped} skipped, {failed} failed");
    context.output.summary(&event, &sentence)?;
    Ok(if failed > 0 { Ending::PageFailed } else { Ending::Done })
}

fn one(
    context: &Context<'_>,
    archive: &Archive,
    entry: &Entry,
    how: &Rebuilding,
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
            let written = writer.is_some();
            if let Some(writer) = writer {
                writer.keep_rebuilt(entry, &change.rebuilt).map_err(CliError::run)?;
                let path = format!("{}/index.md", entry.folder);
                let event = json!({ "event": "article", "url": url, "outcome": "updated", "path": path });
                writer.write_event(&event).map_err(CliError::run)?;
            }
            show(context, entry, &change, lines, written)?;
        }
        Err(RebuildError::NoCapture(why)) => {
            tally.skipped += 1;
            output.note(&format!("{}: not extracted again: {why}", entry.folder));
        }
        Err(error) => {
            tally.failed += 1;
            let event = json!({ "event": "rebuilt", "url": url, "path": entry.folder, "outcome": "failed", "error": error.to_string() });
            output.failure(&event, &format!("{}: {error}", entry.folder))?;
        }
    }
    Ok(())
}

fn show(context: &Context<'_>, entry: &Entry, change: &Change, lines: usize, written: bool) -> Result<(), CliError> {
    let hunks = diff(&change.before, &change.after, lines);
    let newest = entry.record.newest();
    let made_by = newest.map(|text| text.software.as_str()).unwrap_or_default();
    let event = json!({
        "event": "rebuilt", "url": entry.record.url, "path": entry.folder, "outcome": "changed", "written": written,
        "from": made_by, "to": change.rebuilt.software, "hunks": hunks,
    });
    let path = |text: &str| format!("{}/{text}", entry.folder);
    let before = path(newest.map(|text| text.file.as_str()).unwrap_or_default());
    let mut text = format!("--- {before} ({made_by})\n+++ {} ({})\n", path("index.md"), change.rebuilt.software);
    hunks.iter().for_each(|hunk| text.push_str(&shown(hunk)));
    context.output.result(&event, text.trim_end_matches('\n'))?;
    Ok(())
}
