//! `bindery remove`.

use serde_json::json;

use bindery::archive::{Archive, Removal, Writer};

use crate::cli::args::Remove;
use crate::cli::{CliError, Context, Ending};

use super::{counted, only};

/// Removes articles: their texts, the images that only they show, the records of their captures.
pub fn run(context: &Context<'_>, args: Remove) -> Result<Ending, CliError> {
    let root = context.archive();
    let archive = Archive::open(&root).map_err(CliError::run)?;
    // All of them are found before one is taken.
    let mut keys = Vec::new();
    for asked in &args.articles {
        let entry = only(archive.find(asked).map_err(CliError::run)?, asked)?;
        let key = entry.record.key().ok_or_else(|| CliError::run(format!("`{asked}` has no URL in its record")))?;
        keys.push((key, entry.record.url));
    }
    let mut writer = Writer::open(&root, context.opening()).map_err(CliError::run)?;
    writer.notes().iter().for_each(|note| context.output.note(note));
    writer.write_event(&super::run_event(context, "remove")).map_err(CliError::run)?;
    let mut count = 0;
    for (key, url) in keys {
        // The same article may have been named twice.
        let Some(removed) = writer.remove(&key, (context.clock)()).map_err(CliError::run)? else { continue };
        count += 1;
        tell(context, &mut writer, &url, &removed)?;
    }
    writer.commit().map_err(CliError::run)?;
    let event = json!({ "event": "summary", "command": "remove", "archive": root.to_string_lossy(), "removed": count });
    context.output.summary(&event, &format!("{count} removed; in {}", root.display()))?;
    Ok(Ending::Done)
}

fn tell(context: &Context<'_>, writer: &mut Writer, url: &str, removed: &Removal) -> Result<(), CliError> {
    let Removal { folder, texts, images, records } = removed;
    let event = json!({
        "event": "removed", "url": url, "path": folder, "texts": texts, "images": images, "records": records,
    });
    writer.write_event(&event).map_err(CliError::run)?;
    let [texts, images, records] = [(*texts, "text"), (*images, "image"), (*records, "captured record")]
        .map(|(n, thing)| counted(n as u64, thing));
    let line = format!("removed   {folder}  ({texts}, {images}, {records})");
    context.output.result(&event, &line)?;
    Ok(())
}
