//! One file per command: its flags and its `run`.

pub mod about;
#[cfg(feature = "net")]
pub mod archive;
pub mod bundle;
mod changes;
pub mod config;
pub mod convert;
mod convert_archive;
#[cfg(feature = "net")]
pub mod crawl;
pub mod diff;
pub mod export;
pub mod list;
pub mod merge;
mod merged_reports;
mod packed;
pub mod rebuild;
pub mod reindex;
#[cfg(feature = "net")]
mod remote;
pub mod remove;
pub mod repair;
pub mod restore;
pub mod search;
mod selected;
pub mod show;
#[cfg(all(feature = "net", feature = "store"))]
pub mod snapshot;
mod stream;
pub mod verify;
mod when;

use bindery::archive::Entry;

use super::error::CliError;
use super::settings::values::did_you_mean;

/// Returns the one article that a user named.
///
/// # Errors
/// No article matches, or more than one does.
fn only(found: Vec<Entry>, asked: &str) -> Result<Entry, CliError> {
    let count = found.len();
    let mut found = found.into_iter();
    match (found.next(), count) {
        (Some(entry), 1) => Ok(entry),
        (None, _) => Err(CliError::run(match did_you_mean(asked) {
            hint if hint.is_empty() => format!("`{asked}` is not in the archive; `bindery list` shows what is"),
            hint => format!("`{asked}` is not in the archive{hint}"),
        })),
        (Some(entry), _) => Err(CliError::run(format!(
            "`{asked}` matches {count} articles; the first is {}; give a complete URL or path",
            entry.folder
        ))),
    }
}
