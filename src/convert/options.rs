//! The options of a conversion, and its result for one input.

use std::sync::Arc;

use serde_json::{Map, Value};
use url::Url;

use crate::extract;
use crate::frontmatter::Profile;
use crate::model::{Difference, Loss, Warning};

use super::images::Remote;

/// An output format.
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
    /// Returns the extension of the files written, without the dot.
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
    /// Fetches images that the import does not contain; None leaves their links unchanged.
    pub remote: Option<Arc<Remote>>,
}

impl Options {
    /// Returns options that write with `profile` and are otherwise the defaults.
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

/// The result for one input.
#[derive(Debug, Default)]
pub struct Converted {
    /// The text of the output; empty in events, where it is on disk only.
    pub text: String,
    /// The length of the front matter at the start of the text, in bytes.
    pub front_matter: usize,
    /// The article's metadata with its sources, URL and charset, as [`Format::Json`] has them; empty for other inputs.
    pub fields: Map<String, Value>,
    /// True for a list of URLs, which is written as lines of JSON whatever the format.
    pub is_list: bool,
    /// The article's title; None when it has none.
    pub title: Option<String>,
    /// The number of images that the text links to locally, and of those it does not; each counts once.
    pub images: (usize, usize),
    /// The URLs of the images that it does not link to locally, and why; empty when nothing is written to a folder.
    pub missing: Vec<(String, String)>,
    /// How correct and complete the content is expected to be, from 0 to 1.
    pub confidence: f64,
    /// Reasons to trust the result less.
    pub warnings: Vec<Warning>,
    /// Content of the input that is known to be missing from the text.
    pub losses: Vec<Loss>,
    /// Why each part was kept or removed; empty unless requested.
    pub trace: Vec<crate::model::Step>,
    /// Where the rendered Markdown differs from the article.
    pub round_trip: Vec<Difference>,
}
