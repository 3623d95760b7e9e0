//! Losses: what an article or an export holds and the written text does not.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The kind of a loss.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LossKind {
    /// An image of the article's region, including one whose URL is not on the page.
    Image,
    /// A data table.
    Table,
    /// A formula whose source cannot be read.
    Formula,
    /// A note that the text refers to.
    Note,
    /// An embedded frame, player or post of another site.
    Embed,
    /// A block of code.
    Code,
    /// A passage of more than 20 words.
    Text,
    /// A file that an export lists but does not contain.
    Attachment,
    /// A capture record that cannot be read.
    DamagedRecord,
    /// Files of an export whose type is not supported.
    LeftOut,
    /// A page that an index lists but no capture contains.
    ListedAndNotCaptured,
    /// A WordPress shortcode without an HTML equivalent.
    Shortcode,
    /// A WordPress post status that the text cannot express.
    Status,
    /// The body of a feed item that contains only a summary.
    SummaryOnly,
    /// A template language's tag in a post.
    TemplateTag,
    /// A capture that refers to the body of another capture, which is in none of the files that were read.
    UnresolvedRevisit,
}

impl LossKind {
    /// Returns the stable word for programs, in kebab-case.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Image => "image",
            Self::Table => "table",
            Self::Formula => "formula",
            Self::Note => "note",
            Self::Embed => "embed",
            Self::Code => "code",
            Self::Text => "text",
            Self::Attachment => "attachment",
            Self::DamagedRecord => "damaged-record",
            Self::LeftOut => "left-out",
            Self::ListedAndNotCaptured => "listed-and-not-captured",
            Self::Shortcode => "shortcode",
            Self::Status => "status",
            Self::SummaryOnly => "summary-only",
            Self::TemplateTag => "template-tag",
            Self::UnresolvedRevisit => "unresolved-revisit",
        }
    }

    /// The kinds of units of an article.
    pub const OF_AN_ARTICLE: [Self; 7] =
        [Self::Image, Self::Table, Self::Formula, Self::Note, Self::Embed, Self::Code, Self::Text];

    /// Returns the noun for one unit of an article, and for several; None for the kinds of an export.
    pub fn nouns(self) -> Option<(&'static str, &'static str)> {
        match self {
            Self::Image => Some(("image", "images")),
            Self::Table => Some(("table", "tables")),
            Self::Formula => Some(("formula", "formulas")),
            Self::Note => Some(("note", "notes")),
            Self::Embed => Some(("embed", "embeds")),
            Self::Code => Some(("code block", "code blocks")),
            Self::Text => Some(("passage of text", "passages of text")),
            _ => None,
        }
    }

    /// Returns true for a unit other than text: without it the article is incomplete.
    pub fn is_unit(self) -> bool {
        matches!(self, Self::Image | Self::Table | Self::Formula | Self::Note | Self::Embed | Self::Code)
    }

    /// Returns true for a part of an article, text included; false for what an export does not contain.
    pub fn is_of_an_article(self) -> bool {
        Self::OF_AN_ARTICLE.contains(&self)
    }
}

/// One unit that was left out although nothing shows that it is boilerplate, or content of an export that the text does
/// not hold. Shown as `kind: detail`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Loss {
    /// The kind of the loss.
    pub kind: LossKind,
    /// Which one: its URL, or the start of its text.
    pub detail: String,
}

impl Loss {
    /// Creates a loss.
    pub fn new(kind: LossKind, detail: impl Into<String>) -> Self {
        Self { kind, detail: detail.into() }
    }

    /// Returns the key under which a summary counts the loss: the kind for an article's losses, kind and detail for an
    /// export's.
    pub fn counted_as(&self) -> String {
        if self.kind.is_of_an_article() { self.kind.as_str().to_owned() } else { self.to_string() }
    }
}

impl fmt::Display for Loss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.kind.as_str(), self.detail)
    }
}
