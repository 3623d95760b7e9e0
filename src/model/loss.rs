//! What of an article or an export is not in the text that was written.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What sort of thing is lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LossKind {
    /// An image of the article's part of the page, or one whose URL is not in the page.
    Image,
    /// A table of data.
    Table,
    /// A formula that cannot be read.
    Formula,
    /// The note that a reference in the text points to.
    Note,
    /// A frame, player or post of another site.
    Embed,
    /// A block of code.
    Code,
    /// A run of more than 20 words.
    Text,
    /// A file that an export names and does not hold.
    Attachment,
    /// A record of a capture that cannot be read.
    DamagedRecord,
    /// Files of an export that are of no kind that is read.
    LeftOut,
    /// A page that an index lists and no capture holds.
    ListedAndNotCaptured,
    /// A shortcode of WordPress that has no HTML.
    Shortcode,
    /// A status of WordPress that the text cannot carry.
    Status,
    /// The body of a feed item that holds a summary only.
    SummaryOnly,
    /// A tag of a template language in a post.
    TemplateTag,
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
        }
    }

    /// Returns true for a unit of an article, other than text: the article is incomplete without it.
    pub fn is_unit(self) -> bool {
        matches!(self, Self::Image | Self::Table | Self::Formula | Self::Note | Self::Embed | Self::Code)
    }

    /// Returns true for a part of an article, text included; false for what an export does not carry over.
    pub fn is_of_an_article(self) -> bool {
        self.is_unit() || self == Self::Text
    }
}

/// One thing that was left out although nothing shows that it is boilerplate, or that an export holds and the text does
/// not. Shown as `kind: detail`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Loss {
    /// What sort of thing it is.
    pub kind: LossKind,
    /// Which: its URL, or the beginning of its text.
    pub detail: String,
}

impl Loss {
    /// Creates a loss.
    pub fn new(kind: LossKind, detail: impl Into<String>) -> Self {
        Self { kind, detail: detail.into() }
    }

    /// Returns what the loss is counted under in a summary: an article's by their kind, an export's by what they are.
    pub fn counted_as(&self) -> String {
        if self.kind.is_of_an_article() { self.kind.as_str().to_owned() } else { self.to_string() }
    }
}

impl fmt::Display for Loss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.kind.as_str(), self.detail)
    }
}
