//! What stands between the article tree and the text written from it: a flat list of blocks opening and closing, and
//! in each leaf a flat list of pieces. Flat, so that no depth of nesting costs stack.

use crate::model::tree::Element;

use super::callout::Callout;

/// How a stretch of inline text is set off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mark {
    Strong,
    Em,
    Del,
    /// An element that Markdown has no form for, by its name.
    Tag(&'static &'static str),
    /// An abbreviation; its long form is the title of this link in `Blocks::links`.
    Abbr(usize),
    /// An index into `Blocks::links`.
    Link(usize),
}

/// A part of a line of text. There are very many, so none takes more room than a stretch of text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Piece<'t> {
    /// Text with the source's white space.
    Text(&'t str),
    /// Text of a code span.
    Code(&'t str),
    /// The end of a code span.
    CodeEnd,
    Open(Mark),
    Close(Mark),
    /// A break that the author made.
    Break,
    /// The edge of a block where only lines fit: in figures, captions and cells.
    Line,
    Image(&'t Element),
    /// The box of a task, ticked or not.
    Task(bool),
    /// A formula in TeX. `display`: set on a line of its own.
    Math {
        tex: &'t str,
        display: bool,
    },
    /// A reference to a footnote, by its label.
    Note(&'t str),
    /// What plays on the page and has no name of its own.
    Frame(&'t Element),
    /// A place that a link leads to, by its name.
    Anchor(&'t str),
}

/// What an image element says of its image.
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

/// The element that a player is written as, and its URL.
pub(super) fn player(frame: &Element) -> (&'static str, &str) {
    let name = match &*frame.name {
        "video" => "video",
        "audio" => "audio",
        _ => "iframe",
    };
    (name, frame.attr("src").unwrap_or_default().trim())
}

/// Where a link leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct LinkTarget<'t> {
    pub href: &'t str,
    /// Empty for none.
    pub title: &'t str,
}

/// A block that holds blocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Container<'t> {
    Quote,
    Callout(Callout<'t>),
    List {
        /// The first number; None for bullets.
        start: Option<u64>,
        tight: bool,
        /// Write the other marker, since a list of the same kind stands right before.
        alternate: bool,
    },
    Item,
    /// A footnote, by its label.
    Note(&'t str),
}

/// Alignment of a table's column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Align {
    #[default]
    None,
    Left,
    Center,
    Right,
}

/// A table whose cells hold lines of text. Rows may be shorter than the table is wide.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Table<'t> {
    /// The header's cells; empty for a table without header.
    pub header: Vec<Vec<Piece<'t>>>,
    pub rows: Vec<Vec<Vec<Piece<'t>>>>,
    /// One a column.
    pub align: Vec<Align>,
}

/// A block that holds text.
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
    /// Lines of HTML, none of them blank.
    Html(String),
}

/// A step through the blocks.
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
    /// There are formulas.
    pub math: bool,
}

// A page is mostly this.
const _: () = assert!(size_of::<Piece<'_>>() <= 3 * size_of::<usize>());
