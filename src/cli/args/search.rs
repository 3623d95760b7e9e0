//! The flags of `search`.

use clap::Args;

/// Search the texts of the archive
///
/// All words must be there; "words in quotes" together; -word not. Chinese and Japanese need no spaces. The
/// index is brought up to date by each search; `bindery reindex` makes it anew.
#[derive(Debug, Args)]
pub struct Search {
    /// What to look for in titles and texts
    #[arg(value_name = "WORDS", allow_hyphen_values = true)]
    pub words: Vec<String>,
    /// What must be in the title
    #[arg(long, value_name = "WORDS")]
    pub title: Option<String>,
    /// Only this site: a host, or a part of its name
    #[arg(long, value_name = "SITE")]
    pub site: Option<String>,
    /// Only articles with this tag or category
    #[arg(long, value_name = "TAG")]
    pub tag: Option<String>,
    /// Published since: a date, or a time back from now such as 30d
    #[arg(long, value_name = "WHEN")]
    pub since: Option<String>,
    /// Published until: a date, or a time back from now
    #[arg(long, value_name = "WHEN")]
    pub until: Option<String>,
    /// At most so many, 0 for all
    #[arg(short = 'n', long, value_name = "N", default_value_t = 20)]
    pub limit: usize,
}
