//! The article of a page, its metadata, and the document written from it.

use std::fmt;

use serde::{Deserialize, Serialize};
use url::Url;

use super::tree::{NodeId, Tree};
use super::{Digest, ImageRef, Loss, PageDate, Timestamp};

/// A value with where on the page it came from (`json-ld`, `og:title`, `h1`…).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sourced<T> {
    /// The value.
    pub value: T,
    /// Where it came from.
    pub source: String,
}

impl<T> Sourced<T> {
    /// Creates a value with its source.
    pub fn new(value: T, source: impl Into<String>) -> Self {
        Self { value, source: source.into() }
    }
}

/// What a page says about itself. `None` means that the page does not say it, never that extraction skipped it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Metadata {
    /// Headline, without the site's name.
    pub title: Option<Sourced<String>>,
    /// The authors in the page's order; never the site or an editor.
    pub authors: Option<Sourced<Vec<String>>>,
    /// First publication.
    pub published: Option<Sourced<PageDate>>,
    /// Last modification that the page states.
    pub modified: Option<Sourced<PageDate>>,
    /// The site's name.
    pub site: Option<Sourced<String>>,
    /// BCP 47 tag (`zh-CN`).
    pub language: Option<Sourced<String>>,
    /// The page's own summary.
    pub description: Option<Sourced<String>>,
    /// URL of the image that represents the page in previews.
    pub lead_image: Option<Sourced<String>>,
    /// Keywords.
    pub tags: Option<Sourced<Vec<String>>>,
    /// The page's canonical URL, absolute.
    pub canonical: Option<Sourced<Url>>,
    /// The licence: its URL, or its name if the page gives no URL.
    pub licence: Option<Sourced<String>>,
    /// The article's closing statement on the use of its text, in its own words.
    pub rights: Option<Sourced<String>>,
}

/// The charset a page was decoded with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Charset {
    /// WHATWG name: `UTF-8`, `gb18030`.
    pub name: String,
    /// What decided the charset: `bom`, `http`, `meta`, `utf-8` (valid as such), `detected`, `default`.
    pub source: String,
}

/// A reason to trust a result less. Shown as `kind: detail`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Warning {
    /// A stable word in kebab-case: `thin`, `charset`, `assumed-offset`…
    pub kind: String,
    /// What was seen.
    pub detail: String,
}

impl Warning {
    /// Creates a warning.
    pub fn new(kind: &str, detail: impl Into<String>) -> Self {
        Self { kind: kind.to_owned(), detail: detail.into() }
    }
}

/// Kinds of warning that concern the article itself: the text is something else, or a part of it is missing.
const OF_THE_ARTICLE: [&str; 11] = [
    "thin",
    "second-choice",
    "paywall",
    "login",
    "consent-wall",
    "error-page",
    "app-shell",
    "listing",
    "pagination",
    "incomplete",
    "unsure",
];

impl Warning {
    /// Returns true if the text may be incomplete or not the article; false for a value that was assumed, such as a
    /// charset or a time zone.
    pub fn is_of_the_article(&self) -> bool {
        OF_THE_ARTICLE.contains(&self.kind.as_str())
    }
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.kind, self.detail)
    }
}

/// One decision about a part of the page.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Step {
    /// The step that decided: `container`, `clean`, `title`…
    pub step: &'static str,
    /// Whether the part was kept or removed.
    pub kept: bool,
    /// The part, as a short selector and the start of its text.
    pub what: String,
    /// Why.
    pub reason: String,
    /// The score that decided; `None` if no score did.
    pub score: Option<f64>,
}

/// What was kept or removed, and why, in page order within each step.
pub type Trace = Vec<Step>;

/// The article of a page.
#[derive(Debug, Clone)]
pub struct Article {
    /// The page's URL after redirects; `None` for a file without a known URL.
    pub url: Option<Url>,
    /// When the page was captured; `None` if no time was given.
    pub captured: Option<Timestamp>,
    /// What the page says about itself.
    pub metadata: Metadata,
    /// The cleaned content: see [`crate::extract`] for the elements that occur.
    pub content: Tree,
    /// Every image in the content, once each, in order of first mention.
    pub images: Vec<ImageRef>,
    /// The charset the page was decoded with.
    pub charset: Charset,
    /// How correct and complete the content is expected to be, from 0 to 1; 1 if the input was the
    /// article's body itself.
    pub confidence: f64,
    /// Reasons to trust the result less; empty when there are none.
    pub warnings: Vec<Warning>,
    /// Units of the article's region that are not in the content, in page order; empty if nothing is lost.
    pub losses: Vec<Loss>,
    /// Why the content is what it is; empty unless asked for.
    pub trace: Trace,
}

impl Article {
    /// Appends the text, images, warnings and losses of a continuation page. If that page repeats the complete text so
    /// far, the repeated blocks are appended only once.
    pub fn append_page(&mut self, mut part: Article) {
        self.remove_repeated_start(&mut part.content);
        let root = self.content.root();
        self.content.graft(root, &part.content);
        for image in part.images {
            if !self.images.iter().any(|known| known.url == image.url) {
                self.images.push(image);
            }
        }
        for warning in part.warnings {
            if !self.warnings.contains(&warning) {
                self.warnings.push(warning);
            }
        }
        self.losses.extend(part.losses);
        self.confidence = self.confidence.min(part.confidence);
    }

    /// Removes from a continuation page the blocks of this article, if the page begins with all of them. The last block
    /// of this article may be cut short; it is then replaced by the complete one.
    fn remove_repeated_start(&mut self, part: &mut Tree) {
        let (own, theirs) = (blocks(&self.content), blocks(part));
        let Some(((last, cut), before)) = own.split_last() else { return };
        let same = before.iter().zip(&theirs).all(|((_, one), (_, other))| one == other);
        let Some((_, whole)) = theirs.get(before.len()).filter(|_| same) else { return };
        let begun = cut.trim_end_matches(['…', '.', '。', ' ']);
        let repeated = if whole == cut {
            own.len()
        } else if !begun.is_empty() && !before.is_empty() && whole.starts_with(begun) {
            self.content.detach(*last);
            before.len()
        } else {
            return;
        };
        theirs[..repeated].iter().for_each(|(block, _)| part.detach(*block));
    }
}

/// Returns the top-level blocks of a text, each with its words and the URLs of its images. A container around all
/// blocks is entered, not returned.
fn blocks(tree: &Tree) -> Vec<(NodeId, String)> {
    let mut at = tree.root();
    loop {
        let said = |id: NodeId| {
            let images = tree.descendants(id).filter_map(|id| tree.attr(id, "src"));
            images.fold(tree.text(id).trim().to_owned(), |said, image| said + " " + image)
        };
        let found: Vec<_> = tree.children(at).map(|id| (id, said(id))).filter(|(_, said)| !said.is_empty()).collect();
        match found.as_slice() {
            [(only, _)] if tree.children(*only).any(|child| tree.element(child).is_some()) => at = *only,
            _ => return found,
        }
    }
}

/// One difference between the rendered Markdown and the article it was written from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Difference {
    /// What differs, as a stable word: `words`, `links`, `images`, `code`, `cells`, `headings`, `notes`; `front-matter`
    /// for a template that failed; `unchecked` for a text too large to compare.
    pub kind: String,
    /// What the article has there, truncated; empty for nothing.
    pub expected: String,
    /// What the rendered Markdown has there, truncated; empty for nothing.
    pub found: String,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: the page has “{}”, the Markdown “{}”", self.kind, self.expected, self.found)
    }
}

/// A Markdown file: front matter and body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// Front matter with its fences and the newline after the closing one; empty when the profile writes none.
    pub front_matter: String,
    /// Markdown, ending in one newline (empty for an empty article).
    pub body: String,
    /// SHA-256 of `body`.
    pub body_digest: Digest,
    /// The differences that the round-trip check found; empty if there are none or the check was skipped.
    pub round_trip: Vec<Difference>,
}

impl Document {
    /// Returns the complete file.
    pub fn text(&self) -> String {
        format!("{}{}", self.front_matter, self.body)
    }
}
