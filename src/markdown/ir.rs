//! The intermediate form between the article tree and Markdown: a flat list of events that open and close blocks, and in
//! each leaf a flat list of pieces. The lists are flat so that deep nesting needs no stack.

use crate::model::tree::Element;

use super::callout::Callout;
use super::chars;

/// The markup of a run of inline text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mark {
    Strong,
    Em,
    Del,
    /// An HTML element that Markdown has no form for, by its name.
    Tag(&'static &'static str),
    /// An abbreviation, by an index into `Blocks::links`; the title there is its long form.
    Abbr(usize),
    /// A link, by its index into `Blocks::links`.
    Link(usize),
}

/// The box of a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Task {
    Done,
    Open,
}

impl Task {
    /// Returns the character for a box that is not a list item's.
    pub(super) fn symbol(self) -> &'static str {
        match self {
            Self::Done => "☑",
            Self::Open => "☐",
        }
    }
}

/// A part of a line of text. A page consists of very many, so each is kept as small as a string slice allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Piece<'t> {
    /// Text with its original white space.
    Text(&'t str),
    /// Text of a code span.
    Code(&'t str),
    /// The end of a code span.
    CodeEnd,
    Open(Mark),
    Close(Mark),
    /// A line break in the source.
    Break,
    /// The edge of a block in figures, captions and cells, where blocks become lines.
    Line,
    Image(&'t Element),
    /// The box of a task, checked or not.
    Task(Task),
    /// A formula in TeX. `display`: shown on a line of its own.
    Math {
        tex: &'t str,
        display: bool,
    },
    /// A reference to a footnote, by its label.
    Note(&'t str),
    /// An audio, video or frame without a title.
    Player(&'t Element),
    /// A target of links, by its id.
    Anchor(&'t str),
}

/// Returns true when the pieces show anything. A code span of white space only shows its background.
pub(super) fn has_content(pieces: &[Piece<'_>]) -> bool {
    let mut has_code = false;
    pieces.iter().any(|piece| match piece {
        Piece::Text(text) => chars::has_visible(text),
        Piece::Code(text) => {
            has_code |= !text.is_empty();
            chars::shows_in_code(text)
        }
        Piece::CodeEnd => has_code,
        Piece::Image(_)
        | Piece::Task(_)
        | Piece::Math { .. }
        | Piece::Note(_)
        | Piece::Player(_)
        | Piece::Anchor(_) => true,
        Piece::Open(_) | Piece::Close(_) | Piece::Break | Piece::Line => false,
    })
}

/// The attributes of an image element.
pub(super) struct Image<'t> {
    pub src: &'t str,
    pub alt: &'t str,
    pub title: &'t str,
}

impl<'t> Image<'t> {
    pub(super) fn of(image: &'t Element) -> Self {
        let attr = |name| image.attr(name).unwrap_or_default();
        Self { src: attr("src"), alt: attr("alt"), title: attr("title") }
    }
}

/// Returns the name of the element that a player is written as, and its URL.
pub(super) fn player(element: &Element) -> (&'static str, &str) {
    let name = match &*element.name {
        "video" => "video",
        "audio" => "audio",
        _ => "iframe",
    };
    (name, element.attr("src").unwrap_or_default().trim())
}

/// The target of a link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct LinkTarget<'t> {
    pub href: &'t str,
    /// Empty for a link without title.
    pub title: &'t str,
}

/// A block that contains blocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Container<'t> {
    Quote,
    Callout(Callout<'t>),
    List {
        /// The first number; None for bullets.
        start: Option<u64>,
        tight: bool,
        /// The other marker is written, since a list of the same kind comes directly before.
        alternate: bool,
    },
    Item,
    /// A footnote, by its label.
    Note(&'t str),
}

/// The alignment of a table column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Align {
    #[default]
    None,
    Left,
    Center,
    Right,
}

/// A table whose cells hold inline text. Rows may have fewer cells than the table has columns.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Table<'t> {
    /// The cells of the header; empty for a table without one.
    pub header: Vec<Vec<Piece<'t>>>,
    pub rows: Vec<Vec<Vec<Piece<'t>>>>,
    /// The alignment of each column.
    pub align: Vec<Align>,
}

/// A block that contains text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Leaf<'t> {
    Paragraph(Vec<Piece<'t>>),
    Heading(usize, Vec<Piece<'t>>),
    Code {
        language: String,
        text: String,
    },
    Rule,
    Table(Table<'t>),
    /// Lines of HTML without blank lines.
    Html(String),
}

/// An event in the sequence of blocks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Event<'t> {
    Open(Container<'t>),
    Close,
    Leaf(Leaf<'t>),
}

/// An article as blocks.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Blocks<'t> {
    pub events: Vec<Event<'t>>,
    pub links: Vec<LinkTarget<'t>>,
    /// True when the article has formulas.
    pub math: bool,
}

// Pieces make up most of a page, so their size matters.
const _: () = assert!(size_of::<Piece<'_>>() <= 3 * size_of::<usize>());
