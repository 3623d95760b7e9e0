//! The command line: the options of all commands, and the commands.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueHint};

#[cfg(all(feature = "net", feature = "store"))]
use super::commands::snapshot;
use super::commands::{
    about, bundle, config, convert, diff, export, list, merge, rebuild, reindex, remove, repair, restore, search, show,
    verify,
};
#[cfg(feature = "net")]
use super::commands::{archive, crawl};
use super::error::CliError;
use super::help::exit_status;
use super::settings::Flags;
use super::settings::groups::{COMMON, Place};

/// Archive article pages as Markdown with local images, and verify every byte
#[derive(Debug, Parser)]
#[command(name = "bindery", version, max_term_width = 100, arg_required_else_help = true, after_help = exit_status())]
pub struct Cli {
    #[command(flatten)]
    pub global: Global,
    #[command(subcommand)]
    pub command: Command,
}

/// The options of every command.
#[derive(Debug, Args)]
pub struct Global {
    #[command(flatten)]
    pub place: Place,
    /// Read settings from this file instead of bindery.toml in the archive or the working folder
    #[arg(long, global = true, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = COMMON)]
    pub config: Option<PathBuf>,
    /// Print one JSON object per line on standard output
    #[arg(long, global = true, help_heading = COMMON)]
    pub json: bool,
    /// Print only errors, and the results of `list`, `show`, `search` and `diff`
    #[arg(short, long, global = true, conflicts_with = "verbose", help_heading = COMMON)]
    pub quiet: bool,
    /// Also print retries, missing images, losses, round-trip differences and minor warnings
    #[arg(short, long, global = true, help_heading = COMMON)]
    pub verbose: bool,
    /// Show no progress bars
    #[arg(long, global = true, help_heading = COMMON)]
    pub no_progress: bool,
    /// Use this instant (RFC 3339) as the current time, so that a run can be repeated byte for byte
    #[arg(long, global = true, hide = true, value_name = "INSTANT")]
    pub now: Option<String>,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    #[cfg(feature = "net")]
    Archive(archive::Archive),
    #[cfg(feature = "net")]
    Crawl(crawl::Crawl),
    #[cfg(all(feature = "net", feature = "store"))]
    Snapshot(snapshot::Snapshot),
    Convert(convert::Convert),
    Bundle(bundle::Bundle),
    Export(export::Export),
    Verify(verify::Verify),
    Repair(repair::RepairArgs),
    Restore(restore::Restore),
    Merge(merge::Merge),
    Rebuild(rebuild::Rebuild),
    List(list::List),
    Show(show::Show),
    Diff(diff::Diff),
    Search(search::Search),
    Remove(remove::Remove),
    Reindex(reindex::Reindex),
    Config(config::Config),
    Completions(about::Completions),
    Man(about::Man),
}

impl Cli {
    /// Returns the flags that are settings.
    ///
    /// # Errors
    /// A path is not valid Unicode.
    pub fn flags(&self) -> Result<Flags, CliError> {
        let flags = Flags::default().with(&self.global.place)?;
        match &self.command {
            #[cfg(feature = "net")]
            Command::Archive(args) => args.flags(flags),
            #[cfg(feature = "net")]
            Command::Crawl(args) => args.flags(flags),
            #[cfg(all(feature = "net", feature = "store"))]
            Command::Snapshot(args) => args.flags(flags),
            Command::Convert(args) => args.flags(flags),
            Command::Rebuild(args) => args.flags(flags),
            _ => Ok(flags),
        }
    }
}
