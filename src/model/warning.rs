//! Reasons to trust a result less.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What a warning is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WarningKind {
    /// Scripts fill the page in.
    AppShell,
    /// A time without an offset was given one.
    AssumedOffset,
    /// The page checks whether a browser or a program asks.
    BotCheck,
    /// The charset was guessed.
    Charset,
    /// The page asks for consent instead of showing the article.
    ConsentWall,
    /// The page is an error in disguise.
    ErrorPage,
    /// A feed has less text than the archived article.
    Excerpt,
    /// Formulas could not be read.
    Formula,
    /// The front matter of a post could not be read.
    FrontMatter,
    /// Units of the article are lost.
    Incomplete,
    /// Most of the text is links.
    Listing,
    /// The page asks for a login.
    Login,
    /// The site is closed for maintenance.
    Maintenance,
    /// Some bytes are not valid in the page's charset.
    Malformed,
    /// A continuation page could not be fetched.
    PagesMissing,
    /// The article has further pages, which were not read.
    Pagination,
    /// The domain is for sale or has no site.
    Parked,
    /// The page shows a part of the article only.
    Paywall,
    /// The page is not shown in the reader's region.
    Region,
    /// The article was removed by its author or the site.
    Removed,
    /// The text is the second choice.
    SecondChoice,
    /// There is little text.
    Thin,
    /// The page arrived incomplete or damaged, or its HTML ends in the middle.
    Truncated,
    /// It is not clear which parts of the page are the article.
    Unsure,
}

impl WarningKind {
    /// The kinds that say that the text may be something other than the article, or less than it.
    pub const OF_THE_ARTICLE: [Self; 19] = [
        Self::Thin,
        Self::SecondChoice,
        Self::Paywall,
        Self::Login,
        Self::ConsentWall,
        Self::BotCheck,
        Self::Region,
        Self::Removed,
        Self::Maintenance,
        Self::Parked,
        Self::ErrorPage,
        Self::AppShell,
        Self::Truncated,
        Self::Excerpt,
        Self::Listing,
        Self::Pagination,
        Self::PagesMissing,
        Self::Incomplete,
        Self::Unsure,
    ];

    /// The kinds that say that something else stands in the place of the article, or of a part of it.
    const WALLS: [Self; 11] = [
        Self::Paywall,
        Self::Login,
        Self::ConsentWall,
        Self::BotCheck,
        Self::Region,
        Self::Removed,
        Self::Maintenance,
        Self::Parked,
        Self::ErrorPage,
        Self::AppShell,
        Self::Truncated,
    ];

    /// Returns true when something else stands in the place of the article, or of a part of it.
    pub fn is_wall(self) -> bool {
        Self::WALLS.contains(&self)
    }

    /// Returns true when the page is not the requested one.
    pub fn replaces_page(self) -> bool {
        self.is_wall() && !matches!(self, Self::Paywall | Self::Truncated | Self::AppShell)
    }

    /// Returns the stable word for programs, in kebab-case.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AppShell => "app-shell",
            Self::AssumedOffset => "assumed-offset",
            Self::BotCheck => "bot-check",
            Self::Charset => "charset",
            Self::ConsentWall => "consent-wall",
            Self::ErrorPage => "error-page",
            Self::Excerpt => "excerpt",
            Self::Formula => "formula",
            Self::FrontMatter => "front-matter",
            Self::Incomplete => "incomplete",
            Self::Listing => "listing",
            Self::Login => "login",
            Self::Maintenance => "maintenance",
            Self::Malformed => "malformed",
            Self::PagesMissing => "pages-missing",
            Self::Pagination => "pagination",
            Self::Parked => "parked",
            Self::Paywall => "paywall",
            Self::Region => "region",
            Self::Removed => "removed",
            Self::SecondChoice => "second-choice",
            Self::Thin => "thin",
            Self::Truncated => "truncated",
            Self::Unsure => "unsure",
        }
    }

    /// Returns true when the text may be something other than the article, or less than it; false for a value that was
    /// assumed on the way, such as a charset or a time zone.
    pub fn is_of_the_article(self) -> bool {
        Self::OF_THE_ARTICLE.contains(&self)
    }
}

/// A reason to trust a result less. Shown as `kind: detail`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Warning {
    /// What it is about.
    pub kind: WarningKind,
    /// What was seen.
    pub detail: String,
}

impl Warning {
    /// Creates a warning of a kind.
    pub fn new(kind: WarningKind, detail: impl Into<String>) -> Self {
        Self { kind, detail: detail.into() }
    }

    /// Returns true when the text may be something other than the article, or less than it.
    pub fn is_of_the_article(&self) -> bool {
        self.kind.is_of_the_article()
    }
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.kind.as_str(), self.detail)
    }
}
