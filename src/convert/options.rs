//! How to convert, and what comes of one input.

use std::sync::Arc;

use url::Url;

use crate::extract;
use crate::frontmatter::Profile;
use crate::model::{Difference, Loss, Warning};

use super::images::Remote;

/// What is written from an article.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Format {
    /// Front matter and Markdown.
    #[default]
    Markdown,
    /// The content as HTML.
    Html,
    /// The content as plain text.
    Text,
    /// Metadata, warnings and Markdown as one JSON object.
    Json,
}

impl Format {
    /// Extension of the files written, without the dot.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Markdown => "md",
            Self::Html => "html",
            Self::Text => "txt",
            Self::Json => "json",
        }
    }
}

/// How to convert.
#[derive(Clone)]
pub struct Options {
    /// How to extract.
    pub extract: extract::Options,
    /// How to write.
    pub profile: Profile,
    /// What to write.
    pub format: Format,
    /// The page's URL; for one page only.
    pub url: Option<Url>,
    /// Where images come from that are nowhere in the import; None leaves them linked to where they are.
    pub remote: Option<Arc<Remote>>,
}

impl Options {
    /// Options that write as `profile` says, and otherwise do what is usual.
    ///
    /// ```
    /// use bindery::convert::{self, Options};
    /// use bindery::frontmatter::Profile;
    ///
    /// let page = "<article><h1>手艺</h1><p>铺子在南门外，开了四十年，师傅姓林，手艺是祖上传下来的。</p></article>";
    /// let options = Options::new(Profile { front_matter: false, ..Profile::default() });
    /// let converted = convert::one(page.as_bytes().to_vec(), "a page", &options)?;
    /// assert!(converted.text.contains("铺子在南门外"));
    /// # Ok::<(), bindery::model::Failure>(())
    /// ```
    pub fn new(profile: Profile) -> Self {
        Self { extract: extract::Options::default(), profile, format: Format::default(), url: None, remote: None }
    }
}

/// What became of one input.
#[derive(Debug, Default)]
pub struct Converted {
    /// What would be, or was, written.
    pub text: String,
    /// True for a list of URLs, which is written as lines of JSON whatever the format.
    pub is_list: bool,
    /// The article's title; None when it has none.
    pub title: Option<String>,
    /// Images that the text now links to locally, and those it does not, each counted once.
    pub images: (usize, usize),
    /// How right and whole the content is expected to be, 0 to 1.
    pub confidence: f64,
    /// Reasons to trust the result less.
    pub warnings: Vec<Warning>,
    /// What of the input is known not to be in the text.
    pub losses: Vec<Loss>,
    /// Why it is what it is; empty unless asked for.
    pub trace: Vec<crate::model::Step>,
    /// Where the Markdown, rendered, says something other than the article.
    pub round_trip: Vec<Difference>,
}
