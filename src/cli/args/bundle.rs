//! `bindery bundle`.

use std::path::PathBuf;

use clap::Args;

/// Pack articles for keeping, replaying or reading elsewhere
///
/// A bag (BagIt 1.0 in a ZIP file) holds an archive of the selected articles, texts, images and
/// captures, and `bindery restore` makes an archive of it again. A wacz holds their captures for
/// replay. A textpack holds one text with its images. The same archive and selection give the same
/// bytes; SOURCE_DATE_EPOCH sets the date, which else is that of the newest capture.
#[derive(Debug, Args)]
pub struct Bundle {
    /// URLs, paths below the archive, or names of sources [default: everything]
    #[arg(value_name = "SELECTOR")]
    pub selectors: Vec<String>,
    /// Write this file; with --format textpack and a name that ends in `/`, one file an article into that folder
    #[arg(short, long, value_name = "FILE")]
    pub output: PathBuf,
    /// What to make
    #[arg(long, value_name = "FORMAT", default_value = "bag", value_parser = ["bag", "wacz", "textpack"])]
    pub format: String,
    /// Only articles in which `bindery search` finds these words
    #[arg(long, value_name = "WORDS")]
    pub query: Option<String>,
    /// Only articles with a text captured at this day or instant or later (UTC)
    #[arg(long, value_name = "WHEN")]
    pub since: Option<String>,
    /// Only articles with a text captured on this day, at this instant, or before (UTC)
    #[arg(long, value_name = "WHEN")]
    pub until: Option<String>,
    /// Only articles with this tag or category; may be given often, and all must fit
    #[arg(long, value_name = "TAG")]
    pub tag: Vec<String>,
    /// Sign with this minisign key (as `minisign -G` writes it): the signature is FILE.minisig, one for each file
    #[arg(long, value_name = "KEY")]
    pub sign: Option<PathBuf>,
    /// The first line of this file opens the key
    #[arg(long, value_name = "FILE", requires = "sign")]
    pub password_file: Option<PathBuf>,
}
