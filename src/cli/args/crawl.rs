//! The flags of `crawl`, `snapshot` and `search`.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::Args;

#[cfg(feature = "net")]
use super::{Network, Writing};

/// Archive what a feed, a sitemap, a list or links lead to
///
/// A seed is a URL (a feed, a sitemap, an OPML file, a list, or a page whose links are followed) or such a
/// file on disk (OPML, bookmarks of a browser, a list of URLs). A crawl that was interrupted or killed goes
/// on where it was when it is started again with the same seeds and scope.
#[cfg(feature = "net")]
#[derive(Debug, Args)]
pub struct Crawl {
    /// Where to begin
    #[arg(value_name = "SEED", required = true)]
    pub seeds: Vec<String>,
    #[command(flatten)]
    pub scope: Scope,
    /// Cookies for the crawl, a file as Netscape, curl and browsers' add-ons write it
    #[arg(long, value_name = "FILE", help_heading = "Network")]
    pub cookie_file: Option<PathBuf>,
    /// Send every request through this HTTP proxy
    #[arg(long, value_name = "URL", help_heading = "Network")]
    pub proxy: Option<String>,
    /// Requests to one host at a time [default: 1]
    #[arg(long, value_name = "N", help_heading = "Network")]
    pub per_host: Option<NonZeroUsize>,
    /// Which visits leave what the servers sent (WARC): changed, all, pages (without images), none
    /// [default: changed]
    #[arg(long, value_name = "WHICH")]
    pub captures: Option<String>,
    #[command(flatten)]
    pub network: Network,
    #[command(flatten)]
    pub writing: Writing,
}

/// Which URLs belong to a crawl.
#[cfg(feature = "net")]
#[derive(Debug, Args)]
#[command(next_help_heading = "Scope")]
pub struct Scope {
    /// Follow links so deep [default: from pages without end, from what feeds and lists name not at all]
    #[arg(long, value_name = "N")]
    pub depth: Option<u32>,
    /// How far links may lead: host, domain, any
    #[arg(long, value_name = "WHERE", default_value = "host", value_parser = ["host", "domain", "any"])]
    pub within: String,
    /// Only URLs like this, `*` standing for any text; beginning with `/` it is matched against the path; may be
    /// given often
    #[arg(long, value_name = "PATTERN")]
    pub include: Vec<String>,
    /// No URLs like this; may be given often
    #[arg(long, value_name = "PATTERN")]
    pub exclude: Vec<String>,
    /// Stop after so many pages were kept
    #[arg(long, value_name = "N")]
    pub max_pages: Option<u64>,
    /// Stop after so many bytes came: 500MB, 2GB
    #[arg(long, value_name = "SIZE")]
    pub max_bytes: Option<String>,
    /// Nothing older than this: a date, or a time back from now such as 7d or 12h
    #[arg(long, value_name = "WHEN")]
    pub since: Option<String>,
    /// Take the feeds that pages name, instead of their links
    #[arg(long)]
    pub feeds: bool,
}

/// Take the snapshots that are due, as bindery.toml schedules them
///
/// Each `[[source]]` of bindery.toml is crawled when its `schedule` or `every` says so; a source that is named is
/// crawled now. What was missed while the machine slept is caught up once.
#[cfg(all(feature = "net", feature = "store"))]
#[derive(Debug, Args)]
pub struct Snapshot {
    /// Sources, whether they are due or not [default: all that are due]
    #[arg(value_name = "SOURCE")]
    pub sources: Vec<String>,
    /// Stay and keep the schedule
    #[arg(long, conflicts_with = "sources")]
    pub watch: bool,
    /// Say when each source is due, and visit nothing
    #[arg(long, conflicts_with = "watch")]
    pub dry_run: bool,
    #[command(flatten)]
    pub network: Network,
}
