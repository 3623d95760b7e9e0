//! `bindery archive`.

use clap::{Args, ValueHint};

use crate::cli::context::Context;
use crate::cli::error::{CliError, Ending};
use crate::cli::help::examples;
use crate::cli::job::Job;
use crate::cli::pages;
use crate::cli::settings::Flags;
use crate::cli::settings::groups::{Manners, Network, Recording, Strictness, Writing};
use crate::cli::settings::values::web_url;
use crate::cli::signals;

const EXAMPLES: &str = examples!(
    "Archive two pages" => "bindery archive https://example.org/a https://example.org/b",
    "Archive a saved page with the URL it came from" => "bindery archive page.html --url https://example.org/page",
    "Archive the pages of a list, with a browser's cookies" =>
        "bindery archive --input-file urls.txt --cookie-file cookies.txt",
);

/// Archive pages: URLs, or saved pages on disk with the images next to them
///
/// Each page becomes a Markdown file with front matter in the archive, its images stored under the SHA-256 of their
/// bytes. If an article continues on further pages, these are joined to it. A page that was archived before is visited
/// again; only a changed text is stored as a new version.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Archive {
    /// URLs (http, https) or HTML files
    #[arg(value_name = "PAGE", required_unless_present = "input_file", value_hint = ValueHint::AnyPath)]
    pages: Vec<String>,
    /// Read more pages from this file, one per line; `-` is standard input, lines that start with # are comments
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    input_file: Option<String>,
    /// Give the URL that a saved page came from (one page only)
    #[arg(long, value_name = "URL", value_hint = ValueHint::Url)]
    url: Option<String>,
    #[command(flatten)]
    recording: Recording,
    #[command(flatten)]
    strictness: Strictness,
    #[command(flatten)]
    writing: Writing,
    #[command(flatten)]
    network: Network,
    #[command(flatten)]
    manners: Manners,
}

impl Archive {
    /// Returns the flags that are settings.
    pub fn flags(&self, flags: Flags) -> Result<Flags, CliError> {
        let flags = flags.with(&self.recording)?.with(&self.strictness)?.with(&self.writing)?;
        flags.with(&self.network)?.with(&self.manners)
    }
}

/// Archives every page that was named.
pub fn run(context: &Context<'_>, args: &Archive) -> Result<Ending, CliError> {
    let url = args.url.as_deref().map(web_url).transpose()?;
    let pages = pages::named(&args.pages, args.input_file.as_deref(), url.as_ref())?;
    Job::of_pages(context, pages)?.run(context, &signals::stop_notice(context.output))
}
