//! `bindery remove`.

use clap::Args;
use serde_json::json;

use bindery::archive::{Archive, Removal, Writer};

use crate::cli::context::{Context, counted};
use crate::cli::error::{CliError, Ending};

use super::only;

/// Remove articles from the archive
///
/// Deletes their texts, what servers sent for them, and the images that no other article uses. A tombstone with the URL
/// and the time remains. This cannot be undone.
#[derive(Debug, Args)]
pub struct Remove {
    /// URLs, or paths below the archive
    #[arg(value_name = "ARTICLE", required = true)]
    articles: Vec<String>,
    /// Show what would be removed, and remove nothing
    #[arg(long)]
    dry_run: bool,
}

/// Removes articles: their texts, the images that only they show, the records of their captures.
pub fn run(context: &Context<'_>, args: Remove) -> Result<Ending, CliError> {
    let root = context.archive();
    let archive = Archive::open(&root).map_err(CliError::run)?;
    // All articles are found before one is removed.
    let (mut keys, mut folders) = (Vec::new(), Vec::new());
    for asked in &args.articles {
        let entry = only(archive.find(asked).map_err(CliError::run)?, asked)?;
        folders.push(entry.folder.clone());
        let key = entry.record.key().ok_or_else(|| CliError::run(format!("`{asked}` has no URL in its record")))?;
        keys.push((key, entry.record.url));
    }
    if args.dry_run {
        return forecast(context, &archive, &folders);
    }
    let mut writer = context.writer(context.opening())?;
    writer.write_event(&context.run_event("remove")).map_err(CliError::run)?;
    let mut count = 0;
    for (key, url) in keys {
        // An article may have been named twice.
        let Some(removed) = writer.remove(&key, (context.clock)()).map_err(CliError::run)? else { continue };
        count += 1;
        print(context, &mut writer, &url, &removed)?;
    }
    writer.commit().map_err(CliError::run)?;
    let event = json!({ "event": "summary", "command": "remove", "archive": root.to_string_lossy(), "removed": count });
    context.output.summary(&event, &format!("{count} removed; in {}", root.display()))?;
    Ok(Ending::Done)
}

/// Shows what would be removed.
fn forecast(context: &Context<'_>, archive: &Archive, folders: &[String]) -> Result<Ending, CliError> {
    let removals = archive.would_remove(folders).map_err(CliError::run)?;
    for removal in &removals {
        let Removal { folder, texts, images, records, .. } = removal;
        let event = json!({
            "event": "would-remove", "path": folder, "texts": texts, "images": images, "records": records,
        });
        context.output.result(&event, &format!("would remove {}", described(removal)))?;
    }
    let root = archive.root();
    let event = json!({
        "event": "summary", "command": "remove", "archive": root.to_string_lossy(), "removed": 0,
        "would_remove": removals.len(),
    });
    let sentence = format!("{} would be removed; nothing was; in {}", removals.len(), root.display());
    context.output.summary(&event, &sentence)?;
    Ok(Ending::Done)
}

fn print(context: &Context<'_>, writer: &mut Writer, url: &str, removed: &Removal) -> Result<(), CliError> {
    let Removal { folder, texts, images, records, notes } = removed;
    let event = json!({
        "event": "removed", "url": url, "path": folder, "texts": texts, "images": images, "records": records,
        "notes": notes,
    });
    writer.write_event(&event).map_err(CliError::run)?;
    notes.iter().for_each(|note| context.output.note(note));
    context.output.done(&event, &format!("removed   {}", described(removed)))?;
    Ok(())
}

fn described(removed: &Removal) -> String {
    let Removal { folder, texts, images, records, .. } = removed;
    let [texts, images, records] = [(*texts, "text"), (*images, "image"), (*records, "captured record")]
        .map(|(n, thing)| counted(n as u64, thing));
    format!("{folder}  ({texts}, {images}, {records})")
}
