//! `bindery crawl`.

use clap::{Args, ValueHint};

use bindery::model::Digest;

use crate::cli::context::Context;
use crate::cli::error::{CliError, Ending};
use crate::cli::help::examples;
use crate::cli::job::{Identity, Job};
use crate::cli::settings::Flags;
use crate::cli::settings::groups::{Network, Reach, Recording, Strictness, Writing};
use crate::cli::signals;

const EXAMPLES: &str = examples!(
    "Archive what a feed lists" => "bindery crawl https://example.org/feed.xml",
    "Archive the news of a site, at most 500 pages" =>
        "bindery crawl https://example.org/ --include '/news/*' --max-pages 500",
    "Archive a browser's bookmarks" => "bindery crawl bookmarks.html",
);

/// Archive the pages of a feed, a sitemap or a list, or follow links
///
/// A seed is the URL of a feed, a sitemap, an OPML file, a list or a page whose links are followed, or a file on disk
/// (OPML, browser bookmarks, a list of URLs). robots.txt is always followed. An interrupted crawl continues when it is
/// started again with the same seeds and scope.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Crawl {
    /// Where to start
    #[arg(value_name = "SEED", required = true, value_hint = ValueHint::AnyPath)]
    seeds: Vec<String>,
    #[command(flatten)]
    recording: Recording,
    #[command(flatten)]
    strictness: Strictness,
    #[command(flatten)]
    reach: Reach,
    #[command(flatten)]
    writing: Writing,
    #[command(flatten)]
    network: Network,
}

impl Crawl {
    /// Returns the flags that are settings.
    pub fn flags(&self, flags: Flags) -> Result<Flags, CliError> {
        let flags = flags.with(&self.recording)?.with(&self.strictness)?.with(&self.reach)?;
        flags.with(&self.writing)?.with(&self.network)
    }
}

/// Crawls what the flags say.
pub fn run(context: &Context<'_>, args: &Crawl) -> Result<Ending, CliError> {
    let identity = Identity { queue: Some(queue(context, &args.seeds)?), command: "crawl", source: None };
    let job = Job::of_seeds(context, &context.settings, identity, &args.seeds)?;
    job.run(context, &signals::stop_notice(context.output))
}

/// Returns the name of a crawl's queue: the same seeds and scope are the same crawl.
fn queue(context: &Context<'_>, seeds: &[String]) -> Result<String, CliError> {
    let mut seeds = seeds.to_vec();
    seeds.sort();
    let scope = format!("{seeds:?}{}", context.settings.text_of::<Reach>()?);
    Ok(format!("crawl:{}:{}", seeds.len(), &Digest::of(scope.as_bytes()).hex()[..32]))
}
