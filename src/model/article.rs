//! The article of a page, its metadata, and the document written from it.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};
use url::Url;

use super::tree::{NodeId, Tree};
use super::{Digest, ImageRef, Loss, PageDate, Timestamp, Warning};

/// A value with where on the page it came from (`json-ld`, `og:title`, `h1`…).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
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

/// What a page says about itself. None means that the page does not say it, never that it was not looked for.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
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
    /// URL of the image that stands for the page.
    #[serde(rename = "image")]
    pub lead_image: Option<Sourced<String>>,
    /// Keywords.
    pub tags: Option<Sourced<Vec<String>>>,
    /// The page's canonical URL, absolute.
    pub canonical: Option<Sourced<Url>>,
    /// The path at which the article lay on its own site, percent-decoded, as an export states it: `/2012/05/hello/`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub permalink: Option<Sourced<String>>,
    /// What the text may be used under: what the article says at its end in its own words, else the URL or the name of the
    /// licence that the page names.
    pub rights: Option<Sourced<String>>,
    /// Other properties that an export states, name and value, in its order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub properties: Vec<(String, String)>,
    /// Who could read it on its site.
    #[serde(skip_serializing_if = "Publication::is_public")]
    pub publication: Publication,
}

/// Who could read an article on its site, as an export states it. A page that was fetched is public.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Publication {
    /// Everybody.
    #[default]
    Public,
    /// Nobody yet: a draft, or an article that waits for its review or its day.
    Draft,
    /// Its authors only.
    Private,
    /// Those who have a password or a subscription.
    Protected,
}

impl Publication {
    /// Returns true when everybody could read it.
    pub fn is_public(&self) -> bool {
        *self == Self::Public
    }

    /// Returns the stable word for programs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Draft => "draft",
            Self::Private => "private",
            Self::Protected => "protected",
        }
    }

    /// Returns the name of the folder that keeps such articles apart; `None` for public ones.
    pub fn folder(self) -> Option<&'static str> {
        match self {
            Self::Public => None,
            Self::Draft => Some("drafts"),
            Self::Private => Some("private"),
            Self::Protected => Some("protected"),
        }
    }
}

/// The charset a page was decoded with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Charset {
    /// WHATWG name: `UTF-8`, `gb18030`.
    pub name: String,
    /// What decided.
    pub source: CharsetSource,
}

/// What decided a charset.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CharsetSource {
    /// A byte order mark.
    Bom,
    /// Nothing: all of it is ASCII.
    Default,
    /// The bytes themselves.
    Detected,
    /// The `Content-Type` of the response.
    Http,
    /// A `<meta>` of the page.
    Meta,
    /// The bytes are valid UTF-8.
    #[serde(rename = "utf-8")]
    Utf8,
}

impl CharsetSource {
    /// Returns the stable word for programs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Bom => "bom",
            Self::Default => "default",
            Self::Detected => "detected",
            Self::Http => "http",
            Self::Meta => "meta",
            Self::Utf8 => "utf-8",
        }
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
    /// What readers wrote below the article, under a heading of its own; None when it was not asked for, or there is
    /// nothing.
    pub comments: Option<Tree>,
    /// Every image in the content and the comments, once each, in order of first mention.
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
    /// What was kept or removed, and why, in page order within each step; empty unless asked for.
    pub trace: Vec<Step>,
}

impl Article {
    /// Appends the text and the images of a continuation page. What a page with the complete text begins with, because
    /// it is here already, is not repeated. Of the pages with comments the first counts: sites show them on each.
    pub fn append_page(&mut self, mut part: Article) {
        self.settle_beginning(&mut part.content);
        let root = self.content.root();
        self.content.graft(root, &part.content);
        self.comments = self.comments.take().or(part.comments);
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

    /// Returns everything that is written of the article: the content, then the comments.
    pub fn with_comments(&self) -> Cow<'_, Tree> {
        let Some(comments) = &self.comments else { return Cow::Borrowed(&self.content) };
        let mut tree = self.content.clone();
        tree.graft(tree.root(), comments);
        Cow::Owned(tree)
    }

    /// Returns the content and the comments.
    pub fn trees_mut(&mut self) -> impl Iterator<Item = &mut Tree> {
        std::iter::once(&mut self.content).chain(&mut self.comments)
    }

    /// Returns the URLs of the videos and sounds in the text, once each. Their files are not stored.
    pub fn players(&self) -> Vec<String> {
        let trees = std::iter::once(&self.content).chain(&self.comments);
        let found = trees.flat_map(|tree| {
            let players = tree.descendants(tree.root()).filter(|id| matches!(tree.name(*id), "video" | "audio"));
            players.filter_map(|id| tree.attr(id, "src").filter(|src| !src.is_empty()).map(str::to_owned))
        });
        found.collect::<std::collections::BTreeSet<_>>().into_iter().collect()
    }

    /// Removes from the text the images whose URLs are `dropped`.
    pub fn drop_images(&mut self, dropped: impl Fn(&str) -> bool) {
        for tree in self.trees_mut() {
            let is_dropped = |id: &NodeId| tree.name(*id) == "img" && tree.attr(*id, "src").is_some_and(&dropped);
            let found: Vec<NodeId> = tree.descendants(tree.root()).filter(is_dropped).collect();
            found.into_iter().for_each(|id| tree.detach(id));
        }
        self.images.retain(|image| !dropped(&image.url));
    }

    /// Removes from a continuation page the blocks that all of this text consists of, if it begins with them. The last of them
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

/// In what the Markdown, rendered, differs from its article.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DifferenceKind {
    /// The cells of a table.
    Cells,
    /// Code.
    Code,
    /// Front matter whose template failed.
    FrontMatter,
    /// Headings.
    Headings,
    /// Images.
    Images,
    /// Links.
    Links,
    /// Footnotes.
    Notes,
    /// The text was too large to be compared.
    Unchecked,
    /// Words.
    Words,
}

impl DifferenceKind {
    /// Returns the stable word for programs, in kebab-case.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Cells => "cells",
            Self::Code => "code",
            Self::FrontMatter => "front-matter",
            Self::Headings => "headings",
            Self::Images => "images",
            Self::Links => "links",
            Self::Notes => "notes",
            Self::Unchecked => "unchecked",
            Self::Words => "words",
        }
    }
}

/// One way in which the Markdown, rendered, differs from the article it was written from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Difference {
    /// What differs.
    pub kind: DifferenceKind,
    /// What the article has there, cut short; empty for nothing.
    pub expected: String,
    /// What the rendered Markdown has there, truncated; empty for nothing.
    pub found: String,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: the page has “{}”, the Markdown “{}”", self.kind.as_str(), self.expected, self.found)
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
