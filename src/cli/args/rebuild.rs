//! `bindery rebuild`.

use clap::Args;

use super::Writing;

/// Extract articles again from their stored captures, offline
///
/// Shows what would change in their Markdown. With --write each changed text is kept as a new
/// version, whose record names the program that made it; the earlier ones stay. Texts keep their
/// profile unless --profile is given.
#[derive(Debug, Args)]
pub struct Rebuild {
    /// URLs, paths below the archive, or names of sources [default: everything]
    #[arg(value_name = "SELECTOR")]
    pub selectors: Vec<String>,
    /// Keep what changed as new versions
    #[arg(long)]
    pub write: bool,
    /// Unchanged lines shown around each change
    #[arg(short = 'U', long, value_name = "LINES", default_value_t = 2)]
    pub context: usize,
    #[command(flatten)]
    pub writing: Writing,
}
