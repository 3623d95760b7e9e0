//! Lines of text from the pieces of a leaf. White space is collapsed as in CSS, moved out of marks, and removed where a line
//! break of the source separates two characters of a script without spaces.

use std::borrow::Cow;

use crate::model::tree::Element;

use super::chars::{cleaned, collapses, ends_line, is_zero_width, joins, plain_run};
use super::ir::{Mark, Piece, Task};

/// A part of a line, with final white space.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Token<'t> {
    /// Text as shown, before escaping.
    Text(TextRange),
    /// The opening of a pair, by its index into `Line::pairs`.
    Open(usize),
    /// The closing of a pair, by its index into `Line::pairs`.
    Close(usize),
    Code(TextRange),
    Image(&'t Element),
    Task(Task),
    Math {
        tex: &'t str,
        display: bool,
    },
    Note(&'t str),
    Player(&'t Element),
    Anchor(&'t str),
    Break(Break),
}

/// A line end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Break {
    /// Shown as a line break.
    Hard,
    /// Shown as a space.
    Soft,
}

/// A mark with the positions of its opening and closing among the tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Pair {
    pub mark: Mark,
    pub open: usize,
    pub close: usize,
}

/// A range of a line's text, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TextRange {
    start: usize,
    end: usize,
}

/// The content of one leaf.
#[derive(Debug, Default)]
pub(super) struct Line<'t> {
    pub tokens: Vec<Token<'t>>,
    pub pairs: Vec<Pair>,
    /// The text of all tokens in sequence.
    pub text: String,
}

impl<'t> Line<'t> {
    pub(super) fn of(pieces: &[Piece<'t>]) -> Self {
        let mut line = Self::default();
        line.rebuild(pieces);
        line
    }

    /// Replaces this line with that of a leaf, reusing its memory.
    pub(super) fn rebuild(&mut self, pieces: &[Piece<'t>]) {
        self.tokens.clear();
        self.pairs.clear();
        self.text.clear();
        let mut builder = LineBuilder { line: std::mem::take(self), ..LineBuilder::default() };
        for piece in pieces {
            builder.add(piece);
        }
        *self = builder.line;
        for (at, token) in self.tokens.iter().enumerate() {
            match token {
                Token::Open(pair) => self.pairs[*pair].open = at,
                Token::Close(pair) => self.pairs[*pair].close = at,
                _ => {}
            }
        }
    }

    /// Returns the text of a range.
    pub(super) fn str(&self, range: TextRange) -> &str {
        &self.text[range.start..range.end]
    }

    fn push_text(&mut self, text: &str) {
        let start = self.text.len();
        self.text.push_str(text);
        match self.tokens.last_mut() {
            Some(Token::Text(before)) => before.end = self.text.len(),
            _ => self.tokens.push(Token::Text(TextRange { start, end: self.text.len() })),
        }
    }

    /// Adds a code span.
    fn push_code(&mut self, text: &str) {
        let start = self.text.len();
        self.text.push_str(text);
        self.tokens.push(Token::Code(TextRange { start, end: self.text.len() }));
    }

    /// Adds text to the code span that is the last token.
    fn extend_code(&mut self, text: &str) {
        self.text.push_str(text);
        if let Some(Token::Code(range)) = self.tokens.last_mut() {
            range.end = self.text.len();
        }
    }
}

/// The white space and line ends after the last content, which are written only before further content.
#[derive(Debug, Default)]
struct PendingSpace {
    text: Cow<'static, str>,
    has_line_end: bool,
    breaks: usize,
    edge: bool,
}

/// What comes next in a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Next {
    /// Text or code with this first character.
    Char(char),
    Image,
    Other,
}

/// Builds a line from pieces.
#[derive(Debug, Default)]
struct LineBuilder<'t> {
    line: Line<'t>,
    space: PendingSpace,
    /// The open marks, outermost first, with their pair once it is written.
    open: Vec<(Mark, Option<usize>)>,
    /// The number of open marks that are written: always the outermost ones.
    written: usize,
    /// The last character, ignoring marks; None at the start of a line and after tokens that are not text.
    previous: Option<char>,
    after_image: bool,
    /// The last token is a code span that ended.
    code_ended: bool,
    /// The open code span has visible characters.
    code_has_visible: bool,
    /// The open code span has any characters.
    code_has_text: bool,
}

impl<'t> LineBuilder<'t> {
    fn add(&mut self, piece: &Piece<'t>) {
        match *piece {
            Piece::Text(text) => self.text(text),
            Piece::Code(text) => self.code(text),
            Piece::CodeEnd => self.end_code(),
            Piece::Open(mark) => self.open.push((mark, None)),
            Piece::Close(_) => self.close(),
            Piece::Break => {
                self.space.text = Cow::Borrowed("");
                self.space.breaks += 1;
            }
            Piece::Line => {
                self.space.text = Cow::Borrowed("");
                self.space.edge = true;
            }
            Piece::Image(image) => {
                self.content(Next::Image);
                self.line.tokens.push(Token::Image(image));
                self.previous = None;
                self.after_image = true;
            }
            Piece::Task(task) => {
                // Within a mark, the box at the start of an item would be text.
                if !self.line.tokens.is_empty() {
                    self.content(Next::Other);
                }
                self.line.tokens.push(Token::Task(task));
                self.space.text = Cow::Borrowed(" ");
            }
            Piece::Math { tex, display } => self.token(Token::Math { tex, display }),
            Piece::Note(label) => self.token(Token::Note(label)),
            Piece::Player(player) => self.token(Token::Player(player)),
            Piece::Anchor(name) => self.token(Token::Anchor(name)),
        }
    }

    fn token(&mut self, token: Token<'t>) {
        self.content(Next::Other);
        self.line.tokens.push(token);
        self.previous = None;
    }

    fn close(&mut self) {
        let Some((_, pair)) = self.open.pop() else { return };
        if let Some(pair) = pair {
            self.written -= 1;
            self.line.tokens.push(Token::Close(pair));
        }
    }

    fn text(&mut self, text: &'t str) {
        let mut rest = text;
        while let Some(first) = rest.chars().next() {
            let words = rest.trim_ascii_start();
            if words.len() < rest.len() {
                self.ascii_space(&rest[..rest.len() - words.len()]);
                rest = words;
                continue;
            }
            let run = plain_run(rest);
            if run == 0 {
                rest = &rest[first.len_utf8()..];
                if self.take_space(first) {
                    continue;
                }
                let Some(c) = cleaned(first) else { continue };
                self.content(Next::Char(c));
                self.push(c.encode_utf8(&mut [0; 4]));
                continue;
            }
            self.content(Next::Char(first));
            self.push(&rest[..run]);
            rest = &rest[run..];
        }
    }

    fn push(&mut self, text: &str) {
        self.line.push_text(text);
        self.previous = text.chars().next_back();
    }

    fn ascii_space(&mut self, space: &str) {
        self.space.has_line_end |= space.bytes().any(|byte| matches!(byte, b'\n' | b'\r'));
        self.add_space();
    }

    fn add_space(&mut self) {
        if self.space.text.is_empty() {
            self.space.text = Cow::Borrowed(" ");
        } else if self.space.text.as_bytes().last() != Some(&b' ') {
            self.space.text.to_mut().push(' ');
        }
    }

    /// Takes in white space and zero-width characters; returns false for any other character.
    fn take_space(&mut self, c: char) -> bool {
        if is_zero_width(c) {
            return true;
        }
        if !c.is_whitespace() {
            return false;
        }
        self.space.has_line_end |= ends_line(c);
        if collapses(c) {
            self.add_space();
        } else {
            self.space.text.to_mut().push(c);
        }
        true
    }

    /// Ends a code span. One of white space only is shown by its background and written as one space.
    fn end_code(&mut self) {
        if self.code_has_text && !std::mem::take(&mut self.code_has_visible) {
            self.content(Next::Other);
            self.line.push_code(" ");
            self.previous = None;
        }
        (self.code_ended, self.code_has_visible, self.code_has_text) = (true, false, false);
    }

    fn code(&mut self, text: &str) {
        self.code_has_text |= !text.is_empty();
        for c in text.chars() {
            // In code a no-break space counts as a character.
            if c != '\u{a0}' && self.take_space(c) {
                continue;
            }
            let Some(c) = cleaned(c) else { continue };
            let inside = matches!(self.line.tokens.last(), Some(Token::Code(_))) && self.written == self.open.len();
            let continues = inside
                && self.space.breaks == 0
                && !self.space.edge
                && (!self.code_ended || self.space.text.is_empty());
            let mut buffer = [0; 4];
            if continues {
                let space = std::mem::take(&mut self.space);
                self.line.extend_code(&space.text);
                self.line.extend_code(c.encode_utf8(&mut buffer));
            } else {
                self.content(Next::Char(c));
                self.line.push_code(c.encode_utf8(&mut buffer));
            }
            (self.code_ended, self.code_has_visible) = (false, true);
            self.previous = Some(c);
        }
    }

    /// Prepares for content: writes the pending space before it and opens the marks around it.
    fn content(&mut self, next: Next) {
        if self.space.breaks == 0 && self.at_list_part() {
            self.space = PendingSpace::default();
        }
        if !self.space.text.is_empty() || self.space.breaks > 0 || self.space.edge {
            self.write_space(next);
        }
        while let Some(&(mark, None)) = self.open.get(self.written) {
            let pair = self.pair(mark);
            self.open[self.written].1 = Some(pair);
            self.written += 1;
        }
        self.after_image = false;
    }

    /// Returns true where an HTML list or list item begins or has just ended. It is shown on lines of its own, so white space
    /// has no effect there.
    fn at_list_part(&self) -> bool {
        let part = |mark: Mark| matches!(mark, Mark::Tag(tag) if matches!(*tag, "ul" | "ol" | "li"));
        self.open.get(self.written).is_some_and(|(mark, _)| part(*mark))
            || matches!(self.line.tokens.last(), Some(&Token::Close(pair)) if part(self.line.pairs[pair].mark))
    }

    /// Opens a pair. If the same mark has just been closed, that pair continues.
    fn pair(&mut self, mark: Mark) -> usize {
        if let Some(&Token::Close(pair)) = self.line.tokens.last()
            && self.line.pairs[pair].mark == mark
            && matches!(mark, Mark::Strong | Mark::Em | Mark::Del)
        {
            self.line.tokens.pop();
            return pair;
        }
        let pair = self.line.pairs.len();
        self.line.pairs.push(Pair { mark, open: 0, close: 0 });
        self.line.tokens.push(Token::Open(pair));
        pair
    }

    /// Writes the pending space. At the start of a line it is dropped, no-break spaces included: they are indentation, which
    /// lines of a Markdown paragraph cannot have.
    fn write_space(&mut self, next: Next) {
        let space = std::mem::take(&mut self.space);
        if self.line.tokens.is_empty() {
            return;
        }
        if space.breaks > 0 || space.edge {
            // The line of an image has no hard break, since its caption is directly below.
            let is_hard = space.breaks > 0 || !(next == Next::Image || self.after_image);
            let line_break = if is_hard { Break::Hard } else { Break::Soft };
            self.line.tokens.extend((0..space.breaks.max(1)).map(|_| Token::Break(line_break)));
            self.previous = None;
            return;
        }
        let joined = space.has_line_end
            && space.text == " "
            && matches!((self.previous, next), (Some(previous), Next::Char(next)) if joins(previous, next));
        if joined {
            return;
        }
        self.line.push_text(&space.text);
    }
}
