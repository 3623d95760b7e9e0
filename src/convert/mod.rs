//! Bulk conversion: files, folders and exports to Markdown, mirrored, with the images that lie beside the pages.
//!
//! [`run`] converts many on all cores; [`one`] converts a single input without writing anything.

mod archive;
mod images;
mod links;
mod mark;
mod parallel;
mod place;
mod plan;
mod posts;
mod produce;
mod rebuild;
mod run;
mod ways;
mod write;

use std::ops::ControlFlow;
use std::sync::Arc;

use url::Url;

use crate::extract;
use crate::frontmatter::Profile;
use crate::import::{self, Input, ItemContent, Kind};
use crate::model::{Difference, Failure, ImageMap, Loss, Stage, Warning};

pub use archive::{IntoArchiveError, Kept, Settings, into_archive};
pub use images::Remote;
pub use plan::{Plan, PlanError};
pub use produce::Shard;
pub use rebuild::{Change, RebuildError, Rebuilding, rebuild};
pub use run::{Event, Run, RunError, run};

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
    /// Where the Markdown, rendered, says something else than the article.
    pub round_trip: Vec<Difference>,
}

/// Converts one input that holds one thing, from its bytes; `name` is what to call it in messages. Images stay where
/// they are.
///
/// # Errors
/// It holds nothing that can be converted, or more than one thing.
pub fn one(bytes: Vec<u8>, name: &str, options: &Options) -> Result<Converted, Failure> {
    input(&Input::memory(bytes, name), options)
}

/// The same for a file, or anything else that can be opened.
///
/// # Errors
/// As [`one`]; or it cannot be read.
pub fn input(input: &Input, options: &Options) -> Result<Converted, Failure> {
    let start = input.start().map_err(|error| write::input_failure(&error))?;
    let kind = Kind::detect(&start).unwrap_or(Kind::Page);
    let mut items = Vec::new();
    let mut sink = |item| {
        items.push(item);
        if items.len() > 1 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    let report = import::open(input, kind, None, &mut sink).map_err(|error| write::input_failure(&error))?;
    let name = input.name();
    let refuse = |kind: &str, message| Err(Failure { stage: Stage::Input, kind: kind.to_owned(), message });
    match (items.pop(), items.is_empty()) {
        (Some(item), true) if !matches!(item.content, ItemContent::File(..)) => {
            write::item(run::urled(item, options), options, &mut |_| Ok(ImageMap::new()))
        }
        (Some(_), _) => refuse("several", format!("{name} holds several pages; add --output DIR to write them to")),
        (None, _) => {
            let cut = report.cut.map(|cut| format!(" ({cut})")).unwrap_or_default();
            refuse("nothing", format!("{name} holds nothing to convert{cut}; check that it is the right file"))
        }
    }
}
