//! `bindery reindex`.

use serde_json::json;

use bindery::archive::{Archive, Writer};

use crate::cli::{CliError, Context, Ending};

/// Makes the archive's index anew from its files, and brings in order what a run left that was killed.
pub fn run(context: &Context<'_>) -> Result<Ending, CliError> {
    let root = context.archive();
    // A writer would make the archive that is not there.
    Archive::open(&root).map_err(CliError::run)?;
    let mut opening = context.opening();
    opening.reindex = true;
    let writer = Writer::open(&root, opening).map_err(CliError::run)?;
    writer.notes().iter().for_each(|note| context.output.note(note));
    let articles = writer.articles().map_err(CliError::run)?;
    #[cfg(feature = "store")]
    bindery::archive::reindex_search(&root).map_err(CliError::run)?;
    let event = json!({
        "event": "summary", "command": "reindex", "archive": root.to_string_lossy(), "articles": articles,
        "notes": writer.notes(),
    });
    let counted = super::counted(articles as u64, "article");
    context.output.summary(&event, &format!("{counted} in the index of {}", root.display()))?;
    Ok(Ending::Done)
}
