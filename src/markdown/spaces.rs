//! White space: collapsed as CSS does it, moved out of marks, and dropped where a source's line break parts two
//! characters of a script that is written without spaces.

use std::borrow::Cow;

use crate::html::text::{SOFT_HYPHEN, is_cjk};
use crate::model::tree::Element;

use super::ir::{Mark, Piece};

/// A part of a line whose white space is settled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Token<'t> {
    /// Text as a reader sees it; nothing in it is escaped yet.
    Text(Stretch),
    /// Indices into `Line::pairs`.
    Open(usize),
    Close(usize),
    Code(Stretch),
    Image(&'t Element),
    Task(bool),
    Math {
        tex: &'t str,
        display: bool,
    },
    Note(&'t str),
    Frame(&'t Element),
    Anchor(&'t str),
    /// A line ends here. `hard`: a reader sees it.
    Break {
        hard: bool,
    },
}

/// A mark with its place among the tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Pair {
    pub mark: Mark,
    pub open: usize,
    pub close: usize,
}

/// A stretch of a line's text, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stretch {
    start: usize,
    end: usize,
}

/// The content of one leaf.
#[derive(Debug, Default)]
pub(super) struct Line<'t> {
    pub tokens: Vec<Token<'t>>,
    pub pairs: Vec<Pair>,
    /// Of all tokens, one after the other.
    pub text: String,
}

impl<'t> Line<'t> {
    pub(super) fn of(pieces: &[Piece<'t>]) -> Self {
        let mut line = Self::default();
        line.settle(pieces);
        line
    }

    /// Becomes the line of a leaf, its white space settled.
    pub(super) fn settle(&mut self, pieces: &[Piece<'t>]) {
        self.tokens.clear();
        self.pairs.clear();
        self.text.clear();
        let mut settler = Settler { line: std::mem::take(self), ..Settler::default() };
        for piece in pieces {
            settler.take(piece);
        }
        *self = settler.line;
        for (at, token) in self.tokens.iter().enumerate() {
            match token {
                Token::Open(pair) => self.pairs[*pair].open = at,
                Token::Close(pair) => self.pairs[*pair].close = at,
                _ => {}
            }
        }
    }

    pub(super) fn str(&self, stretch: Stretch) -> &str {
        &self.text[stretch.start..stretch.end]
    }

    fn push_text(&mut self, text: &str) {
        let start = self.text.len();
        self.text.push_str(text);
        match self.tokens.last_mut() {
            Some(Token::Text(before)) => before.end = self.text.len(),
            _ => self.tokens.push(Token::Text(Stretch { start, end: self.text.len() })),
        }
    }

    /// `goes_on`: the text is more of the code span before it.
    fn push_code(&mut self, text: &str, goes_on: bool) {
        let start = self.text.len();
        self.text.push_str(text);
        match self.tokens.last_mut() {
            Some(Token::Code(before)) if goes_on => before.end = self.text.len(),
            _ => self.tokens.push(Token::Code(Stretch { start, end: self.text.len() })),
        }
    }
}

/// White space collapsed, nothing else changed: alternative texts and titles.
pub(super) fn plain(text: &str) -> Cow<'_, str> {
    let text = text.trim();
    if plain_run(text) == text.len() {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut gap = false;
    for c in text.chars() {
        if collapses(c) {
            gap = true;
        } else if let Some(c) = cleaned(c).filter(|&c| !is_nothing(c)) {
            if std::mem::take(&mut gap) && !out.is_empty() {
                out.push(' ');
            }
            out.push(c);
        }
    }
    Cow::Owned(out)
}

/// What is left of a character that no reader may meet: a space of one that is white space, nothing of another control
/// character, U+FFFD of NUL.
pub(super) fn cleaned(c: char) -> Option<char> {
    match c {
        '\0' => Some('\u{fffd}'),
        '\n' | '\t' => Some(c),
        '\x0b' | '\x0c' | '\u{85}' => Some(' '),
        SOFT_HYPHEN => None,
        _ if c.is_control() || (c as u32) & 0xfffe == 0xfffe || matches!(c as u32, 0xfdd0..=0xfdef) => None,
        _ => Some(c),
    }
}

/// So many bytes are looked at together: a number that is known lets the processor take them at once.
const STRIDE: usize = 16;

/// The length of the text's start in which nothing is to be settled: words, and single spaces between them.
fn plain_run(text: &str) -> usize {
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'!'..=b'~' => {
                at += 1;
                while let Some((before, ahead)) = bytes[at - 1..].first_chunk().zip(bytes[at..].first_chunk())
                    && are_words(before, ahead)
                {
                    // A space at the end is judged with what follows it.
                    at += STRIDE - usize::from(ahead[STRIDE - 1] == b' ');
                }
                at += bytes[at..].iter().take_while(|byte| byte.is_ascii_graphic()).count();
            }
            b' ' if at > 0 && bytes.get(at + 1).is_some_and(u8::is_ascii_graphic) => at += 1,
            0x80.. => match seen_length(&bytes[at..]) {
                Some(length) => {
                    at += length;
                    while let Some(length) = seen_length(&bytes[at..]) {
                        at += length;
                    }
                }
                None => match text[at..].chars().next() {
                    Some(c) if is_seen(c) && cleaned(c) == Some(c) => at += c.len_utf8(),
                    _ => break,
                },
            },
            _ => break,
        }
    }
    at
}

/// The length of the first character where its first bytes tell that it is neither space nor control: letters of Europe
/// and the Near East (U+00C0 to U+07FF), the commonest punctuation, Han characters, kana, Hangul.
fn seen_length(bytes: &[u8]) -> Option<usize> {
    match bytes {
        [0xc3..=0xdf, ..] => Some(2),
        [0xe4..=0xec, ..] | [0xe3, 0x81..=0xbf, ..] | [0xe2, 0x80, 0x90..=0xa7, ..] => Some(3),
        _ => None,
    }
}

/// True when all of the bytes are of words, with single spaces between them. `before`: the byte before each.
fn are_words(before: &[u8; STRIDE], bytes: &[u8; STRIDE]) -> bool {
    let mut other = 0;
    for at in 0..STRIDE {
        let printed = bytes[at].wrapping_sub(b' ') < 95;
        other |= u8::from(!printed) | u8::from((bytes[at] == b' ') & (before[at] == b' '));
    }
    other == 0
}

/// Neither white space nor nothing at all.
pub(super) fn is_seen(c: char) -> bool {
    !c.is_whitespace() && !is_nothing(c) && cleaned(c).is_some()
}

/// A character of it stands in code: there a no-break space is one like others.
pub(super) fn shows_in_code(text: &str) -> bool {
    text.chars().any(|c| c == '\u{a0}' || is_seen(c))
}

/// A reader sees something of the text.
pub(super) fn has_seen(text: &str) -> bool {
    // Nearly all text, and the white space between blocks, is told by the first byte that is no ASCII space.
    let is_space = |byte: u8| (byte == b' ') | (byte.wrapping_sub(b'\t') < 5);
    let blank = |stride: &[u8; STRIDE]| stride.iter().fold(0, |any, &byte| any | u8::from(!is_space(byte))) == 0;
    if text.bytes().next().is_some_and(|byte| byte.is_ascii_graphic()) {
        return true;
    }
    let (strides, _) = text.as_bytes().as_chunks();
    let begin = strides.iter().take_while(|stride| blank(stride)).count() * STRIDE;
    match text.as_bytes()[begin..].iter().find(|&&byte| !is_space(byte)) {
        None => false,
        Some(byte) if byte.is_ascii_graphic() => true,
        Some(_) => text.chars().any(is_seen),
    }
}

/// Zero-width space and byte order mark.
fn is_nothing(c: char) -> bool {
    matches!(c, '\u{200b}' | '\u{feff}')
}

/// White space that collapses. Of the others, such as no-break and ideographic spaces, each one counts.
pub(super) fn collapses(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\r' | '\x0b' | '\x0c' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

fn ends_line(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// What stands between two characters until it is known whether anything follows.
#[derive(Debug, Default)]
struct Gap {
    text: Cow<'static, str>,
    has_line_end: bool,
    breaks: usize,
    edge: bool,
}

#[derive(Debug, Default)]
struct Settler<'t> {
    line: Line<'t>,
    gap: Gap,
    /// Open marks, outermost first, with their pair once it is written.
    open: Vec<(Mark, Option<usize>)>,
    /// How many of `open` are written: always the outermost ones.
    written: usize,
    /// The character before, through marks; None at the start of a line and after images.
    previous: Option<char>,
    after_image: bool,
    /// The last token is a code span that ended.
    code_ended: bool,
    /// Of the open code span, something was seen; it holds spaces at least.
    code_seen: bool,
    code_blank: bool,
}

impl<'t> Settler<'t> {
    fn take(&mut self, piece: &Piece<'t>) {
        match *piece {
            Piece::Text(text) => self.text(text),
            Piece::Code(text) => self.code(text),
            Piece::CodeEnd => self.end_code(),
            Piece::Open(mark) => self.open.push((mark, None)),
            Piece::Close(_) => self.close(),
            Piece::Break => {
                self.gap.text = Cow::Borrowed("");
                self.gap.breaks += 1;
            }
            Piece::Line => {
                self.gap.text = Cow::Borrowed("");
                self.gap.edge = true;
            }
            Piece::Image(image) => {
                self.content(None, true);
                self.line.tokens.push(Token::Image(image));
                self.previous = None;
                self.after_image = true;
            }
            Piece::Task(ticked) => {
                // Within a mark the box that begins an item would be text.
                if !self.line.tokens.is_empty() {
                    self.content(None, false);
                }
                self.line.tokens.push(Token::Task(ticked));
                self.gap.text = Cow::Borrowed(" ");
            }
            Piece::Math { tex, display } => self.whole(Token::Math { tex, display }),
            Piece::Note(label) => self.whole(Token::Note(label)),
            Piece::Frame(frame) => self.whole(Token::Frame(frame)),
            Piece::Anchor(name) => self.whole(Token::Anchor(name)),
        }
    }

    fn whole(&mut self, token: Token<'t>) {
        self.content(None, false);
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
                if self.space(first) {
                    continue;
                }
                let Some(c) = cleaned(first) else { continue };
                self.content(Some(c), false);
                self.push(c.encode_utf8(&mut [0; 4]));
                continue;
            }
            self.content(Some(first), false);
            self.push(&rest[..run]);
            rest = &rest[run..];
        }
    }

    fn push(&mut self, text: &str) {
        self.line.push_text(text);
        self.previous = text.chars().next_back();
    }

    fn ascii_space(&mut self, space: &str) {
        self.gap.has_line_end |= space.bytes().any(|byte| matches!(byte, b'\n' | b'\r'));
        self.add_space();
    }

    fn add_space(&mut self) {
        if self.gap.text.is_empty() {
            self.gap.text = Cow::Borrowed(" ");
        } else if self.gap.text.as_bytes().last() != Some(&b' ') {
            self.gap.text.to_mut().push(' ');
        }
    }

    /// Takes in white space and what shows nothing; false for anything else.
    fn space(&mut self, c: char) -> bool {
        if is_nothing(c) {
            return true;
        }
        if !c.is_whitespace() {
            return false;
        }
        self.gap.has_line_end |= ends_line(c);
        if collapses(c) {
            self.add_space();
        } else {
            self.gap.text.to_mut().push(c);
        }
        true
    }

    /// Code of nothing but spaces is seen by its background.
    fn end_code(&mut self) {
        if self.code_blank && !std::mem::take(&mut self.code_seen) {
            self.content(None, false);
            self.line.push_code(" ", false);
            self.previous = None;
        }
        (self.code_ended, self.code_seen, self.code_blank) = (true, false, false);
    }

    fn code(&mut self, text: &str) {
        self.code_blank |= !text.is_empty();
        for c in text.chars() {
            // In code a no-break space is a character like others.
            if c != '\u{a0}' && self.space(c) {
                continue;
            }
            let Some(c) = cleaned(c) else { continue };
            let inside = matches!(self.line.tokens.last(), Some(Token::Code(_))) && self.written == self.open.len();
            let goes_on =
                inside && self.gap.breaks == 0 && !self.gap.edge && (!self.code_ended || self.gap.text.is_empty());
            if goes_on {
                let gap = std::mem::take(&mut self.gap);
                self.line.push_code(&gap.text, true);
            } else {
                self.content(Some(c), false);
            }
            self.line.push_code(c.encode_utf8(&mut [0; 4]), goes_on);
            (self.code_ended, self.code_seen) = (false, true);
            self.previous = Some(c);
        }
    }

    /// Makes ready for content: settles the gap before it and opens the marks around it.
    fn content(&mut self, next: Option<char>, image: bool) {
        if self.gap.breaks == 0 && self.at_list_part() {
            self.gap = Gap::default();
        }
        if !self.gap.text.is_empty() || self.gap.breaks > 0 || self.gap.edge {
            self.settle_gap(next, image);
        }
        while let Some(&(mark, None)) = self.open.get(self.written) {
            let pair = self.pair(mark);
            self.open[self.written].1 = Some(pair);
            self.written += 1;
        }
        self.after_image = false;
    }

    /// A list or an item in it, as HTML, begins here or ended right before: it stands on lines of its own anyway.
    fn at_list_part(&self) -> bool {
        let part = |mark: Mark| matches!(mark, Mark::Tag(tag) if matches!(*tag, "ul" | "ol" | "li"));
        self.open.get(self.written).is_some_and(|(mark, _)| part(*mark))
            || matches!(self.line.tokens.last(), Some(&Token::Close(pair)) if part(self.line.pairs[pair].mark))
    }

    /// The pair that just ended goes on when the same mark opens again right after it.
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

    /// White space at the start of a line is none of its text: no-break spaces there are indentation, which no line of a
    /// paragraph has in Markdown.
    fn settle_gap(&mut self, next: Option<char>, image: bool) {
        let gap = std::mem::take(&mut self.gap);
        if self.line.tokens.is_empty() {
            return;
        }
        if gap.breaks > 0 || gap.edge {
            // The line of an image ends without a mark, as its caption stands right under it.
            let hard = gap.breaks > 0 || !(image || self.after_image);
            self.line.tokens.extend((0..gap.breaks.max(1)).map(|_| Token::Break { hard }));
            self.previous = None;
            return;
        }
        let joined = gap.has_line_end
            && gap.text == " "
            && matches!((self.previous, next), (Some(previous), Some(next)) if joins(previous, next));
        if joined {
            return;
        }
        self.line.push_text(&gap.text);
    }
}

/// True when a line break of the source between the two is no space (CSS Text 4, segment break transformation): both are
/// wide and neither Hangul, or one is and the other punctuation that is wide or narrow by what is around it.
fn joins(previous: char, next: char) -> bool {
    let either =
        |c: char| matches!(c, '“' | '”' | '‘' | '’' | '…' | '—' | '―' | '‥' | '·' | '※' | '§' | '¶' | '†' | '‡');
    match (is_wide(previous), is_wide(next)) {
        (true, true) => true,
        (true, false) => either(next),
        (false, true) => either(previous),
        (false, false) => false,
    }
}

/// East Asian wide, full-width or half-width, without Hangul.
pub(super) fn is_wide(c: char) -> bool {
    is_cjk(c) || matches!(c as u32, 0xa000..=0xa4cf | 0xff61..=0xff9f | 0x1f300..=0x1faff)
}
