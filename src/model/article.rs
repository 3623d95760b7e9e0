//! What was found on a page, and what is written from it.

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
    /// A value from a place.
    pub fn new(value: T, source: impl Into<String>) -> Self {
        Self { value, source: source.into() }
    }
}

/// What a page says about itself. None means that the page does not say it, never that it was not looked for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Metadata {
    /// Headline, without the site's name.
    pub title: Option<Sourced<String>>,
    /// Who wrote it, in the page's order; never the site or an editor.
    pub authors: Option<Sourced<Vec<String>>>,
    /// First publication.
    pub published: Option<Sourced<PageDate>>,
    /// Last change that the page names.
    pub modified: Option<Sourced<PageDate>>,
    /// The site's name.
    pub site: Option<Sourced<String>>,
    /// BCP 47 tag (`zh-CN`).
    pub language: Option<Sourced<String>>,
    /// The page's own summary.
    pub description: Option<Sourced<String>>,
    /// URL of the image that stands for the page.
    pub lead_image: Option<Sourced<String>>,
    /// Keywords.
    pub tags: Option<Sourced<Vec<String>>>,
    /// The URL the page claims for itself, absolute.
    pub canonical: Option<Sourced<Url>>,
    /// What the page may be used under: the licence's URL, or its name where no URL is given.
    pub licence: Option<Sourced<String>>,
    /// What the article says at its end of the use of its text, in its own words.
    pub rights: Option<Sourced<String>>,
}

/// The charset a page was read in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Charset {
    /// WHATWG name: `UTF-8`, `gb18030`.
    pub name: String,
    /// What decided: `bom`, `http`, `meta`, `utf-8` (valid as such), `detected`, `default`.
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
    /// A warning of a kind.
    pub fn new(kind: &str, detail: impl Into<String>) -> Self {
        Self { kind: kind.to_owned(), detail: detail.into() }
    }
}

impl Warning {
    /// Kinds of warning that are about the article itself: something else stands in its place, or a part of it is
    /// missing.
    pub const KINDS_OF_THE_ARTICLE: [&str; 11] = [
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

    /// True when the text may be something else than the article, or less than it; false for a value that was assumed
    /// on the way, such as a charset or a time zone.
    pub fn is_of_the_article(&self) -> bool {
        Self::KINDS_OF_THE_ARTICLE.contains(&self.kind.as_str())
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
    /// True: kept; false: removed.
    pub kept: bool,
    /// The part, as a short selector and the start of its text.
    pub what: String,
    /// Why.
    pub reason: String,
    /// The score that decided, where there is one.
    pub score: Option<f64>,
}

/// What was kept or removed, and why, in page order within each step.
pub type Trace = Vec<Step>;

/// The article of a page.
#[derive(Debug, Clone)]
pub struct Article {
    /// The page's URL after redirects; None for a file with none.
    pub url: Option<Url>,
    /// When the page was captured; None where no time was given.
    pub captured: Option<Timestamp>,
    /// What the page says about itself.
    pub metadata: Metadata,
    /// The cleaned content: see [`crate::extract`] for the elements that occur.
    pub content: Tree,
    /// Every image in the content, once each, in order of first mention.
    pub images: Vec<ImageRef>,
    /// The charset the page was read in.
    pub charset: Charset,
    /// How right and whole the content is expected to be, 0 to 1; 1 for a body that was given as such.
    pub confidence: f64,
    /// Reasons to trust the result less; empty when there are none.
    pub warnings: Vec<Warning>,
    /// Units of the article's part of the page that are not in the content, in page order; empty when nothing is lost.
    pub losses: Vec<Loss>,
    /// Why the content is what it is; empty unless asked for.
    pub trace: Trace,
}

impl Article {
    /// Goes on with the text and the images of a further page of the same article. What a page with the whole text
    /// begins with, because it is here already, is not said twice.
    pub fn go_on_with(&mut self, mut part: Article) {
        self.settle_beginning(&mut part.content);
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

    /// Takes out of a further page the blocks that all of this text consists of, if it begins with them. The last of them
    /// may be cut short here.
    fn settle_beginning(&mut self, part: &mut Tree) {
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

/// The blocks of a text, each with its words and the URLs of its images; a container of everything is none.
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

/// One way in which the Markdown, rendered, differs from the article it was written from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Difference {
    /// What differs, a stable word: `words`, `links`, `images`, `code`, `cells`, `headings`, `notes`, `front-matter`
    /// for a template that failed, or `unchecked` for a text that was too large to be compared.
    pub kind: String,
    /// What the article has there, cut short; empty for nothing.
    pub expected: String,
    /// What a reader of the Markdown finds there, cut short; empty for nothing.
    pub found: String,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: the page has “{}”, the Markdown “{}”", self.kind, self.expected, self.found)
    }
}

/// What a reader opens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// Front matter with its fences and the newline after the closing one; empty when the profile writes none.
    pub front_matter: String,
    /// Markdown, ending in one newline (empty for an empty article).
    pub body: String,
    /// SHA-256 of `body`.
    pub body_digest: Digest,
    /// Where the body, rendered, says something else than the article; empty when it renders back to it, or when that was
    /// not asked for.
    pub fidelity: Vec<Difference>,
}

impl Document {
    /// The whole file.
    pub fn text(&self) -> String {
        format!("{}{}", self.front_matter, self.body)
    }
}
