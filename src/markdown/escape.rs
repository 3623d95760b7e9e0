//! Escapes: a backslash before each character that would be read as Markdown, and before no other.
//!
//! The line is laid out first, with the intended Markdown. Then each character of the page's text is checked in its actual
//! surroundings.

use std::collections::BTreeMap;

use memchr::{memchr, memchr_iter, memchr2_iter};

use super::flanking::{CharClass, class};
use super::markers::Templates;

/// The origin of a character of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Origin {
    /// Text of the page.
    Text,
    /// Text of the page between brackets: of a link or the alternative text of an image.
    Bracketed,
    /// A delimiter that the writer added.
    Delimiter,
    /// Other Markdown or HTML that the writer added, line ends included.
    Markup,
}

impl Origin {
    fn is_text(self) -> bool {
        matches!(self, Self::Text | Self::Bracketed)
    }
}

/// What a line belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LineContext {
    /// A paragraph. Blocks can begin at the start of a line.
    Paragraph,
    Heading,
    Cell,
    /// The text of a link or image within a line.
    Inner,
}

/// The rules by which text is escaped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct EscapeRules {
    pub context: LineContext,
    /// Whose markers are escaped.
    pub templates: Templates,
    /// Dollar signs are escaped.
    pub math: bool,
}

/// A line before escaping.
#[derive(Debug, Default)]
pub(super) struct Layout {
    line: String,
    /// The byte offset of each run of one origin.
    runs: Vec<(usize, Origin)>,
    escaped: String,
}

impl Layout {
    pub(super) fn clear(&mut self) {
        self.line.clear();
        self.runs.clear();
    }

    /// Takes a line that consists of text of the page. The caller's string is replaced by a buffer to reuse.
    pub(super) fn take_text(&mut self, line: &mut String) {
        std::mem::swap(&mut self.line, line);
        self.runs.push((0, Origin::Text));
    }

    pub(super) fn push(&mut self, text: &str, origin: Origin) {
        if !text.is_empty() && self.runs.last().is_none_or(|(_, last)| *last != origin) {
            self.runs.push((self.line.len(), origin));
        }
        self.line.push_str(text);
    }

    /// Returns the line with its escapes.
    pub(super) fn write(&mut self, rules: EscapeRules) -> &str {
        let escapes = Escaper { line: &self.line, runs: &self.runs, escapes: BTreeMap::new() }.all(rules);
        if escapes.is_empty() {
            return &self.line;
        }
        let out = &mut self.escaped;
        out.clear();
        let mut written = 0;
        for (at, escape) in escapes {
            out.push_str(&self.line[written..at]);
            written = at;
            match (escape, self.line.as_bytes()[at]) {
                (Escape::Backslash, _) => out.push('\\'),
                (Escape::Entity, special) if special.is_ascii() => {
                    out.push_str(&format!("&#{special};"));
                    written += 1;
                }
                (Escape::Entity, _) => {
                    out.push_str("&nbsp;");
                    written += '\u{a0}'.len_utf8();
                }
            }
        }
        out.push_str(&self.line[written..]);
        out
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Escape {
    Backslash,
    Entity,
}

/// Returns true when the text begins with a character reference of CommonMark.
pub(super) fn entity_at(text: &str) -> bool {
    let Some(name) = text.strip_prefix('&').and_then(|rest| rest.get(..rest.bytes().take(40).position(|b| b == b';')?))
    else {
        return false;
    };
    match name.strip_prefix('#') {
        Some(number) => match number.strip_prefix(['x', 'X']) {
            Some(hex) => (1..=6).contains(&hex.len()) && hex.bytes().all(|b| b.is_ascii_hexdigit()),
            None => (1..=7).contains(&number.len()) && number.bytes().all(|b| b.is_ascii_digit()),
        },
        None => name.starts_with(|c: char| c.is_ascii_alphabetic()) && name.bytes().all(|b| b.is_ascii_alphanumeric()),
    }
}

/// How many bytes are examined together.
const STRIDE: usize = 16;

/// Returns true for a character that may need an escape anywhere, or for the first byte of a no-break space. It has no
/// branches, so that the compiler uses vector instructions.
#[inline(always)]
const fn is_special(b: u8) -> bool {
    let quotes = (b == b'\\') | (b == b'`') | (b == b'[') | (b == b']') | (b == b'^');
    let markup = (b == b'!') | (b == b'<') | (b == b'&') | (b == b'|');
    let delimiter = (b == b'*') | (b == b'_') | (b == b'~');
    quotes | markup | delimiter | (b == b'$') | (b == b'{') | (b == b'}') | (b == 0xc2)
}

fn has_special(bytes: &[u8]) -> bool {
    let any = |bytes: &[u8; STRIDE]| bytes.iter().fold(0, |any, &byte| any | u8::from(is_special(byte))) != 0;
    let (strides, rest) = bytes.as_chunks();
    strides.iter().any(any) || rest.iter().any(|&byte| IS_SPECIAL[usize::from(byte)])
}

/// [`is_special`] as a table, for single bytes.
const IS_SPECIAL: [bool; 256] = {
    let mut special = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        special[byte] = is_special(byte as u8);
        byte += 1;
    }
    special
};

/// Returns true when no character of a text needs an escape between brackets.
pub(super) fn is_bare(text: &str) -> bool {
    !has_special(text.as_bytes())
}

/// Returns true for a line with `:/` or `ww`.
fn may_contain_url(line: &[u8]) -> bool {
    let found = |(&one, &next): (&u8, &u8)| {
        let scheme = (one == b':') & (next == b'/');
        let host = (one | 0x20 == b'w') & (next | 0x20 == b'w');
        u8::from(scheme) | u8::from(host)
    };
    line.iter().zip(line.get(1..).unwrap_or_default()).map(found).fold(0, |any, found| any | found) != 0
}

/// What a line's text contains that is checked by more than its neighbours.
#[derive(Debug, Default)]
struct Contents {
    /// Those of `*`, `_` and `~` that occur.
    delimiters: [u8; 3],
    /// Something that may be a URL.
    url: bool,
}

/// Finds the characters of a line that need an escape. All of them are single bytes, so positions are byte offsets.
struct Escaper<'a> {
    line: &'a str,
    runs: &'a [(usize, Origin)],
    escapes: BTreeMap<usize, Escape>,
}

impl Escaper<'_> {
    /// Returns every character to be escaped, and how.
    fn all(mut self, rules: EscapeRules) -> BTreeMap<usize, Escape> {
        let contents = self.single_characters(rules);
        for delimiter in [b'*', b'_', b'~'] {
            if contents.delimiters.contains(&delimiter) {
                self.delimiter_runs(delimiter);
            }
        }
        match rules.context {
            LineContext::Paragraph => self.line_starts(),
            LineContext::Heading => self.heading_end(),
            LineContext::Cell | LineContext::Inner => {}
        }
        if contents.url {
            self.bare_urls();
        }
        self.escapes
    }

    fn byte(&self, at: usize) -> Option<u8> {
        self.line.as_bytes().get(at).copied()
    }

    fn origin(&self, at: usize) -> Origin {
        let run = self.runs.partition_point(|(start, _)| *start <= at);
        run.checked_sub(1).map_or(Origin::Markup, |run| self.runs[run].1)
    }

    /// Returns the byte at a position if it is text of the page.
    fn text(&self, at: usize) -> Option<u8> {
        self.byte(at).filter(|_| self.origin(at).is_text())
    }

    /// Returns true when a whole range is text of the page.
    fn is_text(&self, start: usize, end: usize) -> bool {
        let first = self.runs.partition_point(|(at, _)| *at <= start).saturating_sub(1);
        self.runs[first..].iter().take_while(|(at, _)| *at < end).all(|(_, origin)| origin.is_text())
    }

    fn is_markup(&self, at: usize) -> bool {
        at < self.line.len() && !self.origin(at).is_text()
    }

    fn escape(&mut self, at: usize) {
        self.escapes.entry(at).or_insert(Escape::Backslash);
    }

    /// Escapes the characters that are checked by their neighbours alone, and returns which others the line contains.
    fn single_characters(&mut self, rules: EscapeRules) -> Contents {
        let mut contents = Contents::default();
        let ends = self.runs.iter().skip(1).map(|(start, _)| *start).chain([self.line.len()]);
        for (&(start, origin), end) in self.runs.iter().zip(ends) {
            let run = &self.line.as_bytes()[start..end];
            if origin.is_text() {
                for (nth, bytes) in run.chunks(STRIDE).enumerate().filter(|(_, bytes)| has_special(bytes)) {
                    let specials = bytes.iter().enumerate().filter(|(_, byte)| IS_SPECIAL[usize::from(**byte)]);
                    specials.for_each(|(at, &special)| match special {
                        b'*' => contents.delimiters[0] = special,
                        b'_' => contents.delimiters[1] = special,
                        b'~' => contents.delimiters[2] = special,
                        _ => self.single_character(start + nth * STRIDE + at, special, origin, rules),
                    });
                }
                // URLs between brackets are not linked.
                contents.url |= origin == Origin::Text && may_contain_url(run);
            } else if rules.context == LineContext::Cell {
                // Rows are split into cells before anything else is read.
                memchr_iter(b'|', run).for_each(|at| self.escape(start + at));
            }
        }
        contents
    }

    fn single_character(&mut self, at: usize, special: u8, origin: Origin, rules: EscapeRules) {
        let EscapeRules { context: place, templates, math } = rules;
        let hexo = templates == Templates::Hexo;
        let next = self.byte(at + 1);
        let before = at.checked_sub(1).and_then(|at| self.byte(at));
        let bracketed = origin == Origin::Bracketed;
        let escape = match special {
            b'\\' => {
                next.is_none_or(|next| next.is_ascii_punctuation() || next == b'\n')
                    || (place == LineContext::Inner && next.is_none())
            }
            b'`' => {
                let beside = |at: usize| self.byte(at) == Some(b'`') && self.is_markup(at);
                if at.checked_sub(1).is_some_and(beside) || beside(at + 1) {
                    self.escapes.insert(at, Escape::Entity);
                }
                true
            }
            b'[' => bracketed || matches!(next, Some(b'^' | b'[')),
            b']' => bracketed || matches!(next, Some(b'(' | b'[' | b':')),
            b'^' => match at.checked_sub(1) {
                Some(at) => before == Some(b'[') && self.is_markup(at),
                None => place == LineContext::Inner,
            },
            b'!' => next == Some(b'[') && self.is_markup(at + 1),
            b'<' => {
                next.is_some_and(|next| next.is_ascii_alphabetic() || matches!(next, b'/' | b'!' | b'?'))
                    || is_mailbox(&self.line[at + 1..])
            }
            b'&' => entity_at(&self.line[at..]),
            b'|' => place == LineContext::Cell,
            b'$' => math,
            // Some renderers trim a no-break space from the start of a line.
            0xc2 if next == Some(0xa0)
                && at.checked_sub(1).is_none_or(|at| before == Some(b'\n') && self.origin(at) == Origin::Markup) =>
            {
                self.escapes.insert(at, Escape::Entity);
                false
            }
            b'{' if hexo && matches!(next, Some(b'{' | b'%' | b'#')) => {
                self.escapes.insert(at, Escape::Entity);
                false
            }
            b'}' if hexo && matches!(before, Some(b'}' | b'%' | b'#')) => {
                self.escapes.insert(at, Escape::Entity);
                false
            }
            _ => false,
        };
        if escape {
            self.escape(at);
        }
    }

    /// Escapes the runs of a delimiter in the text of which one could open and a later one close emphasis. When in doubt,
    /// a run can do both, since some renderers are more permissive next to Han characters than CommonMark.
    fn delimiter_runs(&mut self, delimiter: u8) {
        struct Run {
            start: usize,
            end: usize,
            opens: bool,
            closes: bool,
            is_markup: bool,
            touches_markup: bool,
        }
        let mut runs: Vec<Run> = Vec::new();
        let mut at = 0;
        while let Some(found) = memchr(delimiter, &self.line.as_bytes()[at..]) {
            let start = at + found;
            at = start + 1;
            let origin = self.origin(start);
            if origin == Origin::Markup {
                continue;
            }
            let is_markup = origin == Origin::Delimiter;
            let continues = |at: usize| {
                let origin = self.origin(at);
                self.byte(at) == Some(delimiter)
                    && origin != Origin::Markup
                    && (origin == Origin::Delimiter) == is_markup
            };
            while continues(at) {
                at += 1;
            }
            let side = |c: Option<char>| c.map_or(CharClass::Space, class);
            let before = side(self.line[..start].chars().next_back());
            let after = side(self.line[at..].chars().next());
            let inside_word = delimiter == b'_';
            let joins = |at: usize| self.is_delimiter(at, delimiter);
            runs.push(Run {
                start,
                end: at,
                opens: is_markup || (after != CharClass::Space && !(inside_word && before == CharClass::Word)),
                closes: is_markup || (before != CharClass::Space && !(inside_word && after == CharClass::Word)),
                is_markup,
                touches_markup: start.checked_sub(1).is_some_and(joins) || joins(at),
            });
        }
        let first_opener = runs.iter().position(|run| run.opens).unwrap_or(usize::MAX);
        let last_closer = runs.iter().rposition(|run| run.closes);
        for (index, run) in runs.iter().enumerate() {
            let paired =
                (run.opens && last_closer.is_some_and(|last| last > index)) || (run.closes && first_opener < index);
            if !run.is_markup && (paired || run.touches_markup) {
                (run.start..run.end).for_each(|at| self.escape(at));
            }
        }
    }

    /// Returns true for a delimiter that would merge with a run of `delimiter`. For flanking, GFM skips tildes next to runs
    /// of any other delimiter.
    fn is_delimiter(&self, at: usize, delimiter: u8) -> bool {
        self.byte(at).is_some_and(|byte| byte == delimiter || delimiter == b'~') && self.origin(at) == Origin::Delimiter
    }

    /// Escapes what would begin a block at the start of a line.
    fn line_starts(&mut self) {
        if self.runs.len() == 1 {
            return self.line_start(0, self.line.len());
        }
        let mut start = 0;
        for end in memchr_iter(b'\n', self.line.as_bytes()).chain([self.line.len()]) {
            if end == self.line.len() || self.origin(end) == Origin::Markup {
                self.line_start(start, end);
                start = end + 1;
            }
        }
    }

    fn line_start(&mut self, start: usize, end: usize) {
        let first = start == 0;
        let Some(special) = self.text(start) else { return };
        let run = |escaper: &Self| (start..end).take_while(|&at| escaper.text(at) == Some(special)).count();
        let ends_word = |escaper: &Self, at: usize| at >= end || escaper.text(at) == Some(b' ');
        let all =
            |escaper: &Self, wanted: &dyn Fn(u8) -> bool| (start..end).all(|at| escaper.text(at).is_some_and(wanted));
        match special {
            b'>' => self.escape(start),
            b'#' if run(self) <= 6 && ends_word(self, start + run(self)) => self.escape(start),
            b'+' | b'-' | b'*' if ends_word(self, start + 1) => self.escape(start),
            b'~' if run(self) >= 3 => (start..start + run(self)).for_each(|at| self.escape(at)),
            b'=' if !first && all(self, &|c| c == b'=' || c == b' ') => self.escape(start),
            b'-' | b'_' | b'*' if all(self, &|c| c == special || c == b' ') => self.escape(start),
            b'-' | b':' | b'|' if all(self, &|c| matches!(c, b'-' | b':' | b'|' | b' ')) => self.escape(start),
            // Definitions are read before code spans, so a code span with `]:` may end a label.
            b'[' if first && self.is_callout_marker(start) => self.escape(start),
            b'[' if first && self.has_label_end_in_markup() => self.escape(start),
            b'[' if matches!(self.text(start + 1), Some(b' ' | b'x' | b'X')) && self.text(start + 2) == Some(b']') => {
                self.escape(start)
            }
            b'0'..=b'9' => {
                let digit = |at: &usize| self.text(*at).is_some_and(|c| c.is_ascii_digit());
                let digits = (start..end).take(10).take_while(digit).count();
                let special = start + digits;
                if digits <= 9 && matches!(self.text(special), Some(b'.' | b')')) && ends_word(self, special + 1) {
                    self.escape(special);
                }
            }
            _ => {}
        }
    }

    /// Returns true for `[!NOTE]`, which some renderers take for the marker of a callout at the start of a quote.
    fn is_callout_marker(&self, start: usize) -> bool {
        let rest = &self.line[start + 1..];
        let end = rest.strip_prefix('!').and_then(|rest| rest.find(|c: char| !c.is_alphanumeric() && c != '-'));
        end.is_some_and(|end| end > 0 && rest.as_bytes()[1..][end] == b']') && self.is_text(start, start + 2)
    }

    fn has_label_end_in_markup(&self) -> bool {
        memchr_iter(b']', self.line.as_bytes())
            .any(|at| self.byte(at + 1) == Some(b':') && self.origin(at) == Origin::Markup)
    }

    /// Escapes `#` at the end of a heading that would be read as its closing sequence.
    fn heading_end(&mut self) {
        let before = self.line.trim_end_matches('#');
        if before.len() < self.line.len() && (before.is_empty() || before.ends_with(' ')) {
            self.escape(self.line.len() - 1);
        }
    }

    /// Escapes bare URLs that GFM would link wrongly. A linked URL extends up to the next space and shows escapes in it as
    /// they are; where that matters, its `:` or `.` is escaped, so that it is not linked.
    fn bare_urls(&mut self) {
        let line = self.line;
        let (mut end, mut clean) = (0, true);
        for separator in memchr2_iter(b':', b'.', line.as_bytes()) {
            let Some(start) = self.url_start(separator) else { continue };
            if start >= end {
                let length = line[start..].find(|c: char| c.is_whitespace() || c == '<');
                end = length.map_or(line.len(), |length| start + length);
                // The backslash of an escaped `<` would be the last character of the URL.
                clean = self.is_text(start, end) && self.escapes.range(start..=end).next().is_none();
            }
            if !clean {
                self.escape(separator);
            }
        }
    }

    /// Returns the start of the URL whose colon (`http://…`) or first dot (`www.…`) is at `separator`.
    fn url_start(&self, separator: usize) -> Option<usize> {
        let (before, after) = self.line.as_bytes().split_at(separator);
        let words: &[&str] = match after.starts_with(b".") {
            true => &["www"],
            false if after.starts_with(b"://") => &["https", "http", "ftp"],
            false => return None,
        };
        let ends = |word: &&&str| {
            let end = before.len().checked_sub(word.len()).map(|start| &before[start..]);
            end.is_some_and(|end| end.eq_ignore_ascii_case(word.as_bytes()))
        };
        let start = separator - words.iter().find(ends)?.len();
        let end = if after[0] == b'.' { separator + 1 } else { separator + 3 };
        // URLs between brackets are not linked.
        (self.origin(start) == Origin::Text && self.is_text(start, end)).then_some(start)
    }
}

/// Returns true for `user@example.org>`, which with `<` before it is an autolink.
fn is_mailbox(ahead: &str) -> bool {
    /// More characters than a valid email address has.
    const MAX_LENGTH: usize = 330;
    let ends = |(n, (_, c)): &(usize, (usize, char))| *n >= MAX_LENGTH || c.is_whitespace() || matches!(c, '<' | '>');
    let Some((_, (end, c))) = ahead.char_indices().enumerate().find(ends) else { return false };
    c == '>' && ahead[..end].contains('@')
}
