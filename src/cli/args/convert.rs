//! The flags of `bindery convert`.

use std::num::NonZero;
use std::path::PathBuf;

use clap::Args;

use super::Writing;

/// Convert exported HTML to Markdown, in bulk
///
/// A folder is mirrored: `convert a --output D` turns a/b/c.html into D/b/c.md. Saved pages,
/// SingleFile, MHTML, posts of Hexo, Jekyll and Hugo, WordPress exports, RSS and Atom, WARC and WACZ
/// are told by their content, also inside gz, zst, zip and tar files, which are read in place.
/// Images that an input holds go to D/images under the SHA-256 of their bytes. Bookmarks and lists
/// of URLs become D/NAME.jsonl, which `archive --input-file` takes. What has not changed since
/// the last run is not made again. With one input and no --output the Markdown goes to standard
/// output; with --archive DIR everything goes into that archive.
#[derive(Debug, Args)]
pub struct Convert {
    /// Files, folders, patterns; `-` reads standard input
    #[arg(value_name = "PATH", required = true)]
    pub paths: Vec<PathBuf>,
    /// Write below this folder
    #[arg(short, long, value_name = "DIR")]
    pub output: Option<PathBuf>,
    /// Make again what has not changed, too
    #[arg(long)]
    pub force: bool,
    /// Do only this part of the inputs, for runs side by side: 1/8, 2/8 … 8/8
    #[arg(long, value_name = "I/N")]
    pub shard: Option<String>,
    /// How many workers there are [default: one a core]
    #[arg(long, value_name = "N")]
    pub threads: Option<NonZero<usize>>,
    /// The page's URL (one page only)
    #[arg(long, value_name = "URL")]
    pub url: Option<String>,
    /// The input is an article's body already: extract and remove nothing
    #[arg(long)]
    pub fragment: bool,
    /// Write no front matter
    #[arg(long)]
    pub no_front_matter: bool,
    /// What to write: md, html, text, json
    #[arg(long, value_name = "FORMAT", default_value = "md", value_parser = ["md", "html", "text", "json"])]
    pub format: String,
    /// Say on standard error what was kept or removed, and why
    #[arg(long)]
    pub explain: bool,
    /// Judge blocks of text by this model instead of the one that ships
    #[arg(long, value_name = "FILE", conflicts_with = "fragment")]
    pub model: Option<PathBuf>,
    /// Fetch images that no input holds from the web
    #[cfg(feature = "net")]
    #[arg(long)]
    pub fetch_images: bool,
    #[cfg(feature = "net")]
    #[command(flatten)]
    pub network: super::Network,
    #[command(flatten)]
    pub writing: Writing,
}
