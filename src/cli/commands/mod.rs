//! One file a command.

pub mod about;
#[cfg(feature = "net")]
pub mod archive;
pub mod bundle;
mod changes;
pub mod convert;
mod convert_archive;
#[cfg(feature = "net")]
pub mod crawl;
#[cfg(feature = "net")]
mod crawling;
pub mod diff;
#[cfg(feature = "net")]
mod inputs;
pub mod list;
pub mod rebuild;
pub mod reindex;
#[cfg(feature = "net")]
mod remote;
pub mod remove;
pub mod restore;
#[cfg(feature = "net")]
mod runtime;
pub mod search;
pub mod show;
#[cfg(all(feature = "net", feature = "store"))]
pub mod snapshot;
pub mod verify;
mod when;

use bindery::archive::Entry;

use super::{CliError, Context, SOFTWARE};

/// The first event in an archive's own record of a run.
fn run_event(context: &Context<'_>, command: &str) -> serde_json::Value {
    serde_json::json!({
        "event": "run", "command": command, "software": SOFTWARE, "started": (context.clock)(),
    })
}

/// As many threads as there are processors.
fn threads() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

/// So many of something: `1 article`, `2 articles`.
fn counted(count: u64, thing: &str) -> String {
    format!("{count} {thing}{}", if count == 1 { "" } else { "s" })
}

/// The one article that a user named.
fn only(found: Vec<Entry>, asked: &str) -> Result<Entry, CliError> {
    let count = found.len();
    let mut found = found.into_iter();
    match (found.next(), count) {
        (Some(entry), 1) => Ok(entry),
        (None, _) => Err(CliError::run(format!("`{asked}` is not in the archive; `bindery list` shows what is"))),
        (Some(entry), _) => Err(CliError::run(format!(
            "`{asked}` names {count} articles, {} the first of them; give a whole URL or path",
            entry.folder
        ))),
    }
}
