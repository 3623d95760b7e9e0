//! The settings, each declared once: as a flag, as a key of a configuration file and of a source, and as a `BINDERY_*`
//! variable.

#[cfg(feature = "net")]
use std::num::NonZeroUsize;
use std::path::PathBuf;
#[cfg(feature = "net")]
use std::time::Duration;

use clap::{Args, ValueHint};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use bindery::archive::Captures;
#[cfg(feature = "net")]
use bindery::capture::ImageChecks;
#[cfg(feature = "net")]
use bindery::crawl::Within;
use bindery::frontmatter::{Bullets, Engine, Flavour, Headings, ProfileName};
#[cfg(feature = "net")]
use bindery::markdown::IgnoredLines;
use bindery::model::WarningKind;

#[cfg(feature = "net")]
use crate::cli::error::CliError;

#[cfg(feature = "net")]
use super::values::When;
use super::values::{Word, word};
#[cfg(feature = "net")]
use super::written::{Bytes, Written};

/// A group of settings that are flags of the same commands.
pub trait Group: Args + Default + Serialize + DeserializeOwned {
    /// Returns the values that apply where none is set.
    fn defaults() -> Self {
        Self::default()
    }
}

/// The archive's folder.
#[derive(Debug, Clone, Default, Args, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Place {
    /// The archive's folder [default: bindery-archive]
    #[arg(short, long, global = true, value_name = "DIR", value_hint = ValueHint::DirPath, help_heading = COMMON)]
    pub archive: Option<PathBuf>,
}

/// The heading of the options that every command has.
pub const COMMON: &str = "Common options";

impl Group for Place {
    fn defaults() -> Self {
        Self { archive: Some("bindery-archive".into()) }
    }
}

/// How Markdown is written.
#[derive(Debug, Clone, Default, Args, Serialize, Deserialize)]
#[command(next_help_heading = "Markdown options")]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Writing {
    /// Use this front matter profile [default: default]
    #[arg(long, value_name = "NAME", value_parser = word::<ProfileName>())]
    pub profile: Option<Word<ProfileName>>,
    /// Lay out the front matter of `--profile custom` with this MiniJinja template
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub template: Option<PathBuf>,
    /// Put articles into these categories
    #[arg(long, value_name = "A,B,C", value_delimiter = ',')]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub categories: Vec<String>,
    /// Start image links with this prefix instead of a relative path (`/images/` for a site)
    #[arg(long, value_name = "PREFIX")]
    pub image_base: Option<String>,
    /// Write Markdown with this engine [default: bindery]
    #[arg(long, value_name = "NAME", value_parser = word::<Engine>())]
    pub engine: Option<Word<Engine>>,
    /// Write this dialect [default: gfm]
    #[arg(long, value_name = "DIALECT", value_parser = word::<Flavour>())]
    pub markdown: Option<Word<Flavour>>,
    /// Write headings of levels 1 and 2 in this style [default: atx]
    #[arg(long, value_name = "STYLE", value_parser = word::<Headings>())]
    pub heading_style: Option<Word<Headings>>,
    /// Start items of bulleted lists with this character [default: -]
    #[arg(long, value_name = "CHAR", allow_hyphen_values = true, value_parser = word::<Bullets>())]
    pub list_marker: Option<Word<Bullets>>,
    /// Keep readers' comments in a section at the end
    #[arg(long)]
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub comments: bool,
    /// Write no HTML; elements that Markdown cannot express keep only their text
    #[arg(long)]
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub no_html: bool,
    /// Skip the round-trip check, which renders the Markdown and compares it with the article
    #[arg(long)]
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub no_check: bool,
}

impl Group for Writing {
    fn defaults() -> Self {
        Self {
            profile: Some(Word(ProfileName::default())),
            engine: Some(Word(Engine::default())),
            markdown: Some(Word(Flavour::default())),
            heading_style: Some(Word(Headings::default())),
            list_marker: Some(Word(Bullets::default())),
            ..Self::default()
        }
    }
}

/// What is recorded beside the texts.
#[derive(Debug, Clone, Default, Args, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Recording {
    /// Store what servers sent (WARC): for visits that brought something new (changed), for all visits, for new texts
    /// without their images (pages), or never (none) [default: changed]
    #[arg(long, value_name = "WHICH", value_parser = word::<Captures>())]
    pub captures: Option<Word<Captures>>,
    /// Ignore these query parameters when URLs are compared, besides known tracking parameters; `*` at the end matches
    /// any text
    #[arg(long, value_name = "A,B,C", value_delimiter = ',')]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tracking_parameters: Vec<String>,
    /// Fetch the images of an unchanged text again, and store a new version if one has other bytes; `--captures all` does
    /// it too
    #[arg(long)]
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub check_images: bool,
    /// Ignore lines that match this regular expression when texts are compared; repeatable
    #[arg(long, value_name = "REGEX", allow_hyphen_values = true)]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ignore: Vec<String>,
}

#[cfg(feature = "net")]
impl Recording {
    /// Returns the lines that are not compared.
    ///
    /// # Errors
    /// A pattern is not a regular expression, or matches every line.
    pub fn ignored(&self) -> Result<IgnoredLines, CliError> {
        IgnoredLines::new(&self.ignore).map_err(|error| CliError::usage(format!("ignore: {error}")))
    }

    /// Returns whether images of unchanged texts are fetched again.
    pub fn image_checks(&self) -> ImageChecks {
        let captures_all = self.captures.as_ref().is_some_and(|word| word.0 == Captures::All);
        if self.check_images || captures_all { ImageChecks::Again } else { ImageChecks::Never }
    }
}

impl Group for Recording {
    fn defaults() -> Self {
        Self { captures: Some(Word(Captures::default())), ..Self::default() }
    }
}

/// What makes a run fail.
#[derive(Debug, Clone, Default, Args, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Strictness {
    #[arg(long, help = strict_help())]
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub strict: bool,
}

impl Group for Strictness {}

fn strict_help() -> String {
    let kinds = WarningKind::OF_THE_ARTICLE.map(WarningKind::as_str).join(", ");
    format!("Exit with code 3 if an article has one of these warnings (it is kept anyway): {kinds}")
}

/// How pages are fetched.
#[cfg(feature = "net")]
#[derive(Debug, Clone, Default, Args, Serialize, Deserialize)]
#[command(next_help_heading = "Network options")]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Network {
    /// Send every request through this proxy (http, https, socks5 or socks5h) [default: as HTTP_PROXY, HTTPS_PROXY,
    /// ALL_PROXY and NO_PROXY say]
    #[arg(long, value_name = "URL", value_hint = ValueHint::Url)]
    pub proxy: Option<String>,
    /// Send the cookies in this file (Netscape format, as curl and browser extensions write it)
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub cookie_file: Option<PathBuf>,
    /// Send this header (`Name: value`) to the hosts of the URLs you name; repeatable
    #[arg(long, value_name = "HEADER")]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub header: Vec<String>,
    /// Send this User-Agent [default: bindery/VERSION]
    #[arg(long, value_name = "TEXT")]
    pub user_agent: Option<String>,
    /// Wait this long between two requests to one host [default: 0s, in crawls 1s]
    #[arg(long, value_name = "DURATION")]
    pub delay: Option<Written<Duration>>,
    /// Send at most this many requests to one host at a time [default: 1]
    #[arg(long, value_name = "N", value_parser = super::values::positive)]
    pub per_host: Option<NonZeroUsize>,
    /// Trust the certificate authorities in this file (PEM) besides those of the system
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub ca_file: Option<PathBuf>,
    /// Give up connecting to a host after this time, TLS handshake included [default: 10s]
    #[arg(long, value_name = "DURATION")]
    pub connect_timeout: Option<Written<Duration>>,
    /// Give up on a request after this time, body included; a server must respond within 30s, or within this time if it
    /// is longer than the default [default: 120s]
    #[arg(long, value_name = "DURATION")]
    pub timeout: Option<Written<Duration>>,
    /// Retry a failed request at most this many times [default: 3]
    #[arg(long, value_name = "N", value_parser = super::values::whole::<u32>)]
    pub retries: Option<u32>,
    /// Allow private, loopback and link-local addresses everywhere, not only where you name them
    #[arg(long)]
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub allow_private: bool,
}

#[cfg(feature = "net")]
impl Group for Network {
    fn defaults() -> Self {
        let web = bindery::fetch::Settings::default();
        Self {
            user_agent: Some(web.user_agent),
            per_host: Some(web.at_once),
            connect_timeout: Some(web.connect_timeout.into()),
            timeout: Some(web.timeout.into()),
            retries: Some(web.retries),
            ..Self::default()
        }
    }
}

/// How the pages that a user names are fetched; a crawl always follows robots.txt.
#[cfg(feature = "net")]
#[derive(Debug, Clone, Default, Args, Serialize, Deserialize)]
#[command(next_help_heading = "Network options")]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Manners {
    /// Skip a page that robots.txt forbids instead of fetching it with a warning
    #[arg(long)]
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub respect_robots: bool,
}

#[cfg(feature = "net")]
impl Group for Manners {}

/// Which URLs belong to a crawl.
#[cfg(feature = "net")]
#[derive(Debug, Clone, Default, Args, Serialize, Deserialize)]
#[command(next_help_heading = "Scope options")]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Reach {
    /// Follow links at most this many levels deep [default: unlimited from pages, 0 from feeds and lists]
    #[arg(long, value_name = "N", value_parser = super::values::whole::<u32>)]
    pub depth: Option<u32>,
    /// Follow links to the seed's host, to its registrable domain, or anywhere [default: host]
    #[arg(long, value_name = "WHERE", value_parser = word::<Within>())]
    pub within: Option<Word<Within>>,
    /// Visit only URLs that match; `*` matches any text, a pattern that starts with `/` matches the path; repeatable
    #[arg(long, value_name = "PATTERN")]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub include: Vec<String>,
    /// Skip URLs that match; repeatable
    #[arg(long, value_name = "PATTERN")]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub exclude: Vec<String>,
    /// Stop after archiving this many pages
    #[arg(long, value_name = "N", value_parser = super::values::whole::<u64>)]
    pub max_pages: Option<u64>,
    /// Stop after receiving this many bytes: 500MB, 2GB
    #[arg(long, value_name = "SIZE")]
    pub max_bytes: Option<Written<Bytes>>,
    /// Skip articles older than this: a date, or a time back from now such as 7d or 12h
    #[arg(long, value_name = "WHEN")]
    pub since: Option<Written<When>>,
    /// Read the feeds that pages declare instead of following their links
    #[arg(long)]
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub feeds: bool,
    /// Also visit the translations that sitemaps name (hreflang alternates)
    #[arg(long)]
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub alternates: bool,
}

#[cfg(feature = "net")]
impl Group for Reach {
    fn defaults() -> Self {
        Self { within: Some(Word(Within::default())), ..Self::default() }
    }
}
