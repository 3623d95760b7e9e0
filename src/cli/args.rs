//! The command line's definition: flags and help, no logic.

mod bundle;
mod convert;
#[cfg(feature = "net")]
mod crawl;
mod rebuild;
mod restore;
mod search;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use clap_complete::Shell;

pub use bundle::Bundle;
pub use convert::Convert;
#[cfg(all(feature = "net", feature = "store"))]
pub use crawl::Snapshot;
#[cfg(feature = "net")]
pub use crawl::{Crawl, Scope};
pub use rebuild::Rebuild;
pub use restore::Restore;
pub use search::Search;

/// Archive article pages as Markdown with local images, and prove every byte
#[derive(Debug, Parser)]
#[command(name = "bindery", version, max_term_width = 100, arg_required_else_help = true)]
#[command(
    after_help = "EXIT STATUS\n  0 done · 1 the run failed · 2 usage or configuration · 3 finished, but a page failed, or (with --strict) has warnings\n  4 verify found damage · 130 interrupted"
)]
pub struct Cli {
    #[command(flatten)]
    pub global: Global,
    #[command(subcommand)]
    pub command: Command,
}

/// What every command takes.
#[derive(Debug, Args)]
pub struct Global {
    /// The archive's folder [default: ./bindery-archive]
    #[arg(short, long, global = true, value_name = "DIR")]
    pub archive: Option<PathBuf>,
    /// Read settings from this file instead of bindery.toml in the archive or the working folder
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Print one JSON object a line on standard output
    #[arg(long, global = true)]
    pub json: bool,
    /// Print less: only errors
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Print more: warnings, retries, every missing image
    #[arg(short, long, global = true)]
    pub verbose: bool,
    /// Show no progress bars
    #[arg(long, global = true)]
    pub no_progress: bool,
    /// Take this instant as now (RFC 3339), so that a run can be repeated byte for byte
    #[arg(long, global = true, hide = true, value_name = "INSTANT")]
    pub now: Option<String>,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    #[cfg(feature = "net")]
    Archive(Archive),
    #[cfg(feature = "net")]
    Crawl(Crawl),
    #[cfg(all(feature = "net", feature = "store"))]
    Snapshot(Snapshot),
    Convert(Convert),
    Bundle(Bundle),
    Verify(Verify),
    Restore(Restore),
    Rebuild(Rebuild),
    List(List),
    Show(Show),
    Diff(Diff),
    Search(Search),
    Remove(Remove),
    Reindex(Reindex),
    Config(Config),
    Completions(Completions),
    Man(Man),
}

/// Archive pages: URLs, or saved pages on disk with the images beside them
///
/// Each page becomes a Markdown file with front matter in the archive, its images stored under the
/// SHA-256 of their bytes. A page that was archived before is visited again; only a changed text is
/// kept as a new version.
#[cfg(feature = "net")]
#[derive(Debug, Args)]
pub struct Archive {
    /// URLs (http, https) or HTML files
    #[arg(value_name = "PAGE", required_unless_present = "input_file")]
    pub pages: Vec<String>,
    /// Read more pages from a file, one a line; `-` reads standard input; lines with # are comments
    #[arg(long, value_name = "FILE")]
    pub input_file: Option<String>,
    /// The URL a saved page came from (one page only)
    #[arg(long, value_name = "URL")]
    pub url: Option<String>,
    /// Which visits leave what the servers sent (WARC): changed, all, pages (without images), none
    /// [default: changed]
    #[arg(long, value_name = "WHICH")]
    pub captures: Option<String>,
    /// End with exit status 3 when an article has one of these warnings: thin, paywall, login, consent-wall, error-page,
    /// app-shell, listing, pagination, unsure; it is kept all the same
    #[arg(long)]
    pub strict: bool,
    #[command(flatten)]
    pub network: Network,
    #[command(flatten)]
    pub writing: Writing,
}

/// How pages are fetched.
#[cfg(feature = "net")]
#[derive(Debug, Args)]
#[command(next_help_heading = "Network")]
pub struct Network {
    /// The most time one request may take, redirects and body included [default: 120s]
    #[arg(long, value_name = "DURATION")]
    pub timeout: Option<String>,
    /// Pause between two requests for pages of one host [default: 0s; in crawls 1s]
    #[arg(long, value_name = "DURATION")]
    pub delay: Option<String>,
    /// How often a request that failed is tried again [default: 3]
    #[arg(long, value_name = "N")]
    pub retries: Option<u32>,
    /// The User-Agent to send [default: bindery/<version>]
    #[arg(long, value_name = "TEXT")]
    pub user_agent: Option<String>,
    /// A header for the named pages' own hosts, `Name: value`; may be given often
    #[arg(long, value_name = "HEADER")]
    pub header: Vec<String>,
    /// Allow private, loopback and link-local addresses everywhere
    #[arg(long)]
    pub allow_private: bool,
    /// Skip a named page that robots.txt forbids, instead of warning
    #[arg(long)]
    pub respect_robots: bool,
}

/// How Markdown is written.
#[derive(Debug, Args)]
#[command(next_help_heading = "Markdown")]
pub struct Writing {
    /// Front matter profile: default, hexo, hugo, jekyll, obsidian, zola, custom [default: default]
    #[arg(long, value_name = "NAME")]
    pub profile: Option<String>,
    /// The template (MiniJinja) of the custom profile's front matter
    #[arg(long, value_name = "FILE")]
    pub template: Option<String>,
    /// Categories for the front matter
    #[arg(long, value_name = "A,B,C", value_delimiter = ',')]
    pub categories: Vec<String>,
    /// Begin image links with this instead of a relative path (`/images/` for a site)
    #[arg(long, value_name = "PREFIX")]
    pub image_base: Option<String>,
    /// What turns an article into Markdown: bindery, htmd [default: bindery]
    #[arg(long, value_name = "NAME")]
    pub engine: Option<String>,
    /// The dialect: gfm, commonmark [default: gfm]
    #[arg(long, value_name = "DIALECT")]
    pub markdown: Option<String>,
    /// How the first two levels of headings look: atx, setext [default: atx]
    #[arg(long, value_name = "STYLE")]
    pub heading_style: Option<String>,
    /// The marker of bulleted lists: -, *, + [default: -]
    #[arg(long, value_name = "SIGN", allow_hyphen_values = true)]
    pub list_marker: Option<String>,
    /// Keep readers' comments, as a section at the end
    #[arg(long)]
    pub comments: bool,
    /// Write no HTML: what Markdown has no form for keeps its text only
    #[arg(long)]
    pub no_html: bool,
    /// Do not look whether the Markdown renders back to the article
    #[arg(long)]
    pub no_check: bool,
}

/// Check an archive or a bundle, down to every byte
///
/// Every file is hashed and compared with the manifests, every image with its name, every text with
/// its record. Bundles are bags (of any program), WACZ and TextPack files; nothing is extracted.
/// Each difference is one line on standard output.
#[derive(Debug, Args)]
pub struct Verify {
    /// Archives and bundles [default: the archive]
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// Show the chain from a text to what the server sent, with the commands that repeat it, instead
    #[arg(long, value_name = "ARTICLE", conflicts_with_all = ["paths", "public_key"])]
    pub explain: Option<String>,
    /// Check the signature beside each bundle (FILE.minisig) with this minisign key too
    #[arg(long, value_name = "FILE", requires = "paths")]
    pub public_key: Option<PathBuf>,
}

/// List the archived articles
#[derive(Debug, Args)]
pub struct List {
    /// Only articles whose URL, title or path holds this text
    #[arg(value_name = "TEXT")]
    pub filter: Option<String>,
    /// Every new text instead, newest first
    #[arg(long)]
    pub changed: bool,
    /// Only what came since: a date, or a time back from now such as 7d
    #[arg(long, value_name = "WHEN", requires = "changed")]
    pub since: Option<String>,
    /// Only articles that this source of bindery.toml brought
    #[arg(long, value_name = "NAME", requires = "changed")]
    pub source: Option<String>,
    /// Print an Atom feed, to subscribe to what changes
    #[arg(long, requires = "changed")]
    pub atom: bool,
}

/// Print an archived article's newest text, or an earlier one
#[derive(Debug, Args)]
pub struct Show {
    /// A URL, or a path below the archive
    #[arg(value_name = "ARTICLE")]
    pub article: String,
    /// Print this version: 1 is the oldest, -1 the newest
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    pub version: Option<i64>,
    /// Print what is recorded about it instead
    #[arg(long)]
    pub record: bool,
}

/// Show what changed between two texts of an article
///
/// By line, and within lines by word, or by character in scripts without spaces. In a pipe words
/// that went stand in [-…-] and words that came in {+…+}.
#[derive(Debug, Args)]
pub struct Diff {
    /// A URL, or a path below the archive
    #[arg(value_name = "ARTICLE", required_unless_present = "source", conflicts_with_all = ["source", "since"])]
    pub article: Option<String>,
    /// Every changed text of the articles that this source of bindery.toml brought
    #[arg(long, value_name = "NAME", conflicts_with_all = ["from", "to"])]
    pub source: Option<String>,
    /// With --source: only what came since, a date or a time back from now such as 7d
    #[arg(long, value_name = "WHEN", requires = "source")]
    pub since: Option<String>,
    /// The older version: 1 is the oldest, -1 the newest [default: -2]
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    pub from: Option<i64>,
    /// The newer version [default: -1]
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    pub to: Option<i64>,
    /// Unchanged lines shown around each change
    #[arg(short = 'U', long, value_name = "LINES", default_value_t = 2)]
    pub context: usize,
}

/// Remove articles from the archive
///
/// Their texts go, the images that no other article shows, and what the servers sent for them. A
/// tombstone with the URL and the time stays. Nothing brings back what was removed.
#[derive(Debug, Args)]
pub struct Remove {
    /// URLs, or paths below the archive
    #[arg(value_name = "ARTICLE", required = true)]
    pub articles: Vec<String>,
}

/// Make the archive's index anew from its files
///
/// The files are the truth: the index only makes opening a large archive fast. Also brings in order
/// what a run left that was killed, as every command does that writes.
#[derive(Debug, Args)]
pub struct Reindex {}

/// Show each setting, its value and where it came from
#[derive(Debug, Args)]
pub struct Config {}

/// Print a completion script for a shell
#[derive(Debug, Args)]
pub struct Completions {
    /// The shell
    pub shell: Shell,
}

/// Print the manual page, or write one for each command into a folder
#[derive(Debug, Args)]
pub struct Man {
    /// Write bindery.1 and one page for each command here
    #[arg(value_name = "DIR")]
    pub folder: Option<PathBuf>,
}
