//! Escapes: a backslash before what would be read as Markdown where it stands, and before nothing else.
//!
//! The line is laid out first, with the marks that are meant; then each sign of the text is judged by what really
//! stands around it.

use std::collections::BTreeMap;

use memchr::{memchr, memchr_iter, memchr2_iter};

use super::flanking::{Class, class};

/// What a character of a laid-out line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Text of the page.
    Text,
    /// Text of the page between brackets: of a link, or standing for an image.
    Bracketed,
    /// A delimiter that is meant.
    Delimiter,
    /// Other Markdown or HTML that is meant, line ends among it.
    Meant,
}

impl Kind {
    fn is_text(self) -> bool {
        matches!(self, Self::Text | Self::Bracketed)
    }
}

/// Where a line stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// In a paragraph: at a line's start, blocks can begin.
    Paragraph,
    Heading,
    Cell,
    /// Inside something else of the line.
    Inner,
}

/// What text is to be escaped for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Text {
    pub place: Place,
    /// Template markers are escaped.
    pub hexo: bool,
    /// Dollar signs are escaped.
    pub math: bool,
}

/// A line laid out, before escaping.
#[derive(Debug, Default)]
pub(super) struct Layout {
    line: String,
    /// Where each stretch of one kind begins, in bytes.
    parts: Vec<(usize, Kind)>,
    escaped: String,
}

impl Layout {
    pub(super) fn clear(&mut self) {
        self.line.clear();
        self.parts.clear();
    }

    /// A line that is nothing but text of the page; what stands in its place afterwards is of no use.
    pub(super) fn text(&mut self, line: &mut String) {
        std::mem::swap(&mut self.line, line);
        self.parts.push((0, Kind::Text));
    }

    pub(super) fn push(&mut self, text: &str, kind: Kind) {
        if !text.is_empty() && self.parts.last().is_none_or(|(_, last)| *last != kind) {
            self.parts.push((self.line.len(), kind));
        }
        self.line.push_str(text);
    }

    /// The line with its escapes.
    pub(super) fn write(&mut self, text: Text) -> &str {
        let escapes = Judge { line: &self.line, parts: &self.parts, escapes: BTreeMap::new() }.all(text);
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
                (Escape::Entity, sign) if sign.is_ascii() => {
                    out.push_str(&format!("&#{sign};"));
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

/// True when the text begins with what CommonMark reads as a character reference.
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

/// So many bytes are looked at together.
const STRIDE: usize = 16;

/// A sign that can need an escape wherever it stands, or the first byte of a no-break space. Without a branch, so that
/// the processor looks at many bytes at once.
#[inline(always)]
const fn is_sign(b: u8) -> bool {
    let quotes = (b == b'\\') | (b == b'`') | (b == b'[') | (b == b']') | (b == b'^');
    let markup = (b == b'!') | (b == b'<') | (b == b'&') | (b == b'|');
    let delimiter = (b == b'*') | (b == b'_') | (b == b'~');
    quotes | markup | delimiter | (b == b'$') | (b == b'{') | (b == b'}') | (b == 0xc2)
}

fn has_sign(bytes: &[u8]) -> bool {
    let any = |bytes: &[u8; STRIDE]| bytes.iter().fold(0, |any, &byte| any | u8::from(is_sign(byte))) != 0;
    let (strides, rest) = bytes.as_chunks();
    strides.iter().any(any) || rest.iter().any(|&byte| IS_SIGN[usize::from(byte)])
}

/// The same, for bytes that are looked at one by one.
const IS_SIGN: [bool; 256] = {
    let mut signs = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        signs[byte] = is_sign(byte as u8);
        byte += 1;
    }
    signs
};

/// True when nothing in a text could need an escape between brackets.
pub(super) fn is_bare(text: &str) -> bool {
    !has_sign(text.as_bytes())
}

/// There is `:/` or `ww` somewhere.
fn may_hold_url(line: &[u8]) -> bool {
    let found = |(&one, &next): (&u8, &u8)| {
        let scheme = (one == b':') & (next == b'/');
        let host = (one | 0x20 == b'w') & (next | 0x20 == b'w');
        u8::from(scheme) | u8::from(host)
    };
    line.iter().zip(line.get(1..).unwrap_or_default()).map(found).fold(0, |any, found| any | found) != 0
}

/// What stands in the text of a line that is judged by more than its neighbours.
#[derive(Debug, Default)]
struct Seen {
    /// Of `*`, `_` and `~`, those that there are.
    delimiters: [u8; 3],
    /// What may be a URL.
    url: bool,
}

/// Judges a line sign by sign. Every sign that matters is one byte, so places are those of bytes.
struct Judge<'a> {
    line: &'a str,
    parts: &'a [(usize, Kind)],
    escapes: BTreeMap<usize, Escape>,
}

impl Judge<'_> {
    /// Every sign that is to be escaped, and how.
    fn all(mut self, text: Text) -> BTreeMap<usize, Escape> {
        let seen = self.signs(text);
        for delimiter in [b'*', b'_', b'~'] {
            if seen.delimiters.contains(&delimiter) {
                self.runs(delimiter);
            }
        }
        match text.place {
            Place::Paragraph => self.line_starts(),
            Place::Heading => self.heading_end(),
            Place::Cell | Place::Inner => {}
        }
        if seen.url {
            self.bare_urls();
        }
        self.escapes
    }

    fn byte(&self, at: usize) -> Option<u8> {
        self.line.as_bytes().get(at).copied()
    }

    fn kind(&self, at: usize) -> Kind {
        let part = self.parts.partition_point(|(start, _)| *start <= at);
        part.checked_sub(1).map_or(Kind::Meant, |part| self.parts[part].1)
    }

    /// The byte at a place, where it is the page's text.
    fn text(&self, at: usize) -> Option<u8> {
        self.byte(at).filter(|_| self.kind(at).is_text())
    }

    /// All of a stretch is the page's text.
    fn is_text(&self, start: usize, end: usize) -> bool {
        let first = self.parts.partition_point(|(at, _)| *at <= start).saturating_sub(1);
        self.parts[first..].iter().take_while(|(at, _)| *at < end).all(|(_, kind)| kind.is_text())
    }

    fn is_meant(&self, at: usize) -> bool {
        at < self.line.len() && !self.kind(at).is_text()
    }

    fn escape(&mut self, at: usize) {
        self.escapes.entry(at).or_insert(Escape::Backslash);
    }

    /// Judges the signs of the text that are judged by their neighbours alone, and tells what others there are.
    fn signs(&mut self, text: Text) -> Seen {
        let mut seen = Seen::default();
        let ends = self.parts.iter().skip(1).map(|(start, _)| *start).chain([self.line.len()]);
        for (&(start, kind), end) in self.parts.iter().zip(ends) {
            let stretch = &self.line.as_bytes()[start..end];
            if kind.is_text() {
                for (nth, bytes) in stretch.chunks(STRIDE).enumerate().filter(|(_, bytes)| has_sign(bytes)) {
                    let signs = bytes.iter().enumerate().filter(|(_, byte)| IS_SIGN[usize::from(**byte)]);
                    signs.for_each(|(at, &sign)| match sign {
                        b'*' => seen.delimiters[0] = sign,
                        b'_' => seen.delimiters[1] = sign,
                        b'~' => seen.delimiters[2] = sign,
                        _ => self.sign(start + nth * STRIDE + at, sign, kind, text),
                    });
                }
                // Between brackets no URL is looked for.
                seen.url |= kind == Kind::Text && may_hold_url(stretch);
            } else if text.place == Place::Cell {
                // A table is cut into cells before anything else is read.
                memchr_iter(b'|', stretch).for_each(|at| self.escape(start + at));
            }
        }
        seen
    }

    fn sign(&mut self, at: usize, sign: u8, kind: Kind, Text { place, hexo, math }: Text) {
        let next = self.byte(at + 1);
        let before = at.checked_sub(1).and_then(|at| self.byte(at));
        let bracketed = kind == Kind::Bracketed;
        let escape = match sign {
            b'\\' => {
                next.is_none_or(|next| next.is_ascii_punctuation() || next == b'\n')
                    || (place == Place::Inner && next.is_none())
            }
            b'`' => {
                let beside = |at: usize| self.byte(at) == Some(b'`') && self.is_meant(at);
                if at.checked_sub(1).is_some_and(beside) || beside(at + 1) {
                    self.escapes.insert(at, Escape::Entity);
                }
                true
            }
            b'[' => bracketed || matches!(next, Some(b'^' | b'[')),
            b']' => bracketed || matches!(next, Some(b'(' | b'[' | b':')),
            b'^' => match at.checked_sub(1) {
                Some(at) => before == Some(b'[') && self.is_meant(at),
                None => place == Place::Inner,
            },
            b'!' => next == Some(b'[') && self.is_meant(at + 1),
            b'<' => {
                next.is_some_and(|next| next.is_ascii_alphabetic() || matches!(next, b'/' | b'!' | b'?'))
                    || is_mailbox(&self.line[at + 1..])
            }
            b'&' => entity_at(&self.line[at..]),
            b'|' => place == Place::Cell,
            b'$' => math,
            // A reader of Markdown may trim it from the line.
            0xc2 if next == Some(0xa0)
                && at.checked_sub(1).is_none_or(|at| before == Some(b'\n') && self.kind(at) == Kind::Meant) =>
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

    /// Runs of a delimiter in the text, where one could open and a later one close. Both are judged generously, since
    /// some readers let Han characters flank more freely than CommonMark does.
    fn runs(&mut self, delimiter: u8) {
        struct Run {
            start: usize,
            end: usize,
            opens: bool,
            closes: bool,
            meant: bool,
            touches_meant: bool,
        }
        let mut runs: Vec<Run> = Vec::new();
        let mut at = 0;
        while let Some(found) = memchr(delimiter, &self.line.as_bytes()[at..]) {
            let start = at + found;
            at = start + 1;
            let kind = self.kind(start);
            if kind == Kind::Meant {
                continue;
            }
            let meant = kind == Kind::Delimiter;
            let goes_on = |at: usize| {
                let kind = self.kind(at);
                self.byte(at) == Some(delimiter) && kind != Kind::Meant && (kind == Kind::Delimiter) == meant
            };
            while goes_on(at) {
                at += 1;
            }
            let side = |c: Option<char>| c.map_or(Class::Space, class);
            let before = side(self.line[..start].chars().next_back());
            let after = side(self.line[at..].chars().next());
            let inside_word = delimiter == b'_';
            let joins = |at: usize| self.is_delimiter(at, delimiter);
            runs.push(Run {
                start,
                end: at,
                opens: meant || (after != Class::Space && !(inside_word && before == Class::Word)),
                closes: meant || (before != Class::Space && !(inside_word && after == Class::Word)),
                meant,
                touches_meant: start.checked_sub(1).is_some_and(joins) || joins(at),
            });
        }
        let first_opener = runs.iter().position(|run| run.opens).unwrap_or(usize::MAX);
        let last_closer = runs.iter().rposition(|run| run.closes);
        for (index, run) in runs.iter().enumerate() {
            let paired =
                (run.opens && last_closer.is_some_and(|last| last > index)) || (run.closes && first_opener < index);
            if !run.meant && (paired || run.touches_meant) {
                (run.start..run.end).for_each(|at| self.escape(at));
            }
        }
    }

    /// A delimiter that would join a run of `delimiter`. GFM looks past tildes for what flanks any other run.
    fn is_delimiter(&self, at: usize, delimiter: u8) -> bool {
        self.byte(at).is_some_and(|byte| byte == delimiter || delimiter == b'~') && self.kind(at) == Kind::Delimiter
    }

    /// What would begin a block at the start of a line.
    fn line_starts(&mut self) {
        if self.parts.len() == 1 {
            return self.line_start(0, self.line.len());
        }
        let mut start = 0;
        for end in memchr_iter(b'\n', self.line.as_bytes()).chain([self.line.len()]) {
            if end == self.line.len() || self.kind(end) == Kind::Meant {
                self.line_start(start, end);
                start = end + 1;
            }
        }
    }

    fn line_start(&mut self, start: usize, end: usize) {
        let first = start == 0;
        let Some(sign) = self.text(start) else { return };
        let run = |judge: &Self| (start..end).take_while(|&at| judge.text(at) == Some(sign)).count();
        let ends_word = |judge: &Self, at: usize| at >= end || judge.text(at) == Some(b' ');
        let all = |judge: &Self, wanted: &dyn Fn(u8) -> bool| (start..end).all(|at| judge.text(at).is_some_and(wanted));
        match sign {
            b'>' => self.escape(start),
            b'#' if run(self) <= 6 && ends_word(self, start + run(self)) => self.escape(start),
            b'+' | b'-' | b'*' if ends_word(self, start + 1) => self.escape(start),
            b'~' if run(self) >= 3 => (start..start + run(self)).for_each(|at| self.escape(at)),
            b'=' if !first && all(self, &|c| c == b'=' || c == b' ') => self.escape(start),
            b'-' | b'_' | b'*' if all(self, &|c| c == sign || c == b' ') => self.escape(start),
            b'-' | b':' | b'|' if all(self, &|c| matches!(c, b'-' | b':' | b'|' | b' ')) => self.escape(start),
            // Code is read after definitions, so one that holds `]:` may end a label.
            b'[' if first && self.is_callout_marker(start) => self.escape(start),
            b'[' if first && self.has_meant_label_end() => self.escape(start),
            b'[' if matches!(self.text(start + 1), Some(b' ' | b'x' | b'X')) && self.text(start + 2) == Some(b']') => {
                self.escape(start)
            }
            b'0'..=b'9' => {
                let digit = |at: &usize| self.text(*at).is_some_and(|c| c.is_ascii_digit());
                let digits = (start..end).take(10).take_while(digit).count();
                let sign = start + digits;
                if digits <= 9 && matches!(self.text(sign), Some(b'.' | b')')) && ends_word(self, sign + 1) {
                    self.escape(sign);
                }
            }
            _ => {}
        }
    }

    /// `[!NOTE]`: at the start of a quotation, some readers take it for the marker of a callout.
    fn is_callout_marker(&self, start: usize) -> bool {
        let rest = &self.line[start + 1..];
        let end = rest.strip_prefix('!').and_then(|rest| rest.find(|c: char| !c.is_alphanumeric() && c != '-'));
        end.is_some_and(|end| end > 0 && rest.as_bytes()[1..][end] == b']') && self.is_text(start, start + 2)
    }

    fn has_meant_label_end(&self) -> bool {
        memchr_iter(b']', self.line.as_bytes())
            .any(|at| self.byte(at + 1) == Some(b':') && self.kind(at) == Kind::Meant)
    }

    /// Signs at a heading's end that would be taken for its closing.
    fn heading_end(&mut self) {
        let before = self.line.trim_end_matches('#');
        if before.len() < self.line.len() && (before.is_empty() || before.ends_with(' ')) {
            self.escape(self.line.len() - 1);
        }
    }

    /// A bare URL in the text, which GFM links, keeps its escapes as they stand and takes in what follows it up to
    /// a space. Where that would show, the URL is kept from being one.
    fn bare_urls(&mut self) {
        let line = self.line;
        let (mut end, mut clean) = (0, true);
        for sign in memchr2_iter(b':', b'.', line.as_bytes()) {
            let Some(start) = self.url_start(sign) else { continue };
            if start >= end {
                let length = line[start..].find(|c: char| c.is_whitespace() || c == '<');
                end = length.map_or(line.len(), |length| start + length);
                // The backslash of an escaped `<` would be the URL's last sign.
                clean = self.is_text(start, end) && self.escapes.range(start..=end).next().is_none();
            }
            if !clean {
                self.escape(sign);
            }
        }
    }

    /// Where a URL begins whose sign, the colon of `http://…` or the dot of `www.…`, stands at `sign`.
    fn url_start(&self, sign: usize) -> Option<usize> {
        let (before, after) = self.line.as_bytes().split_at(sign);
        let words: &[&str] = match after.starts_with(b".") {
            true => &["www"],
            false if after.starts_with(b"://") => &["https", "http", "ftp"],
            false => return None,
        };
        let ends = |word: &&&str| {
            let end = before.len().checked_sub(word.len()).map(|start| &before[start..]);
            end.is_some_and(|end| end.eq_ignore_ascii_case(word.as_bytes()))
        };
        let start = sign - words.iter().find(ends)?.len();
        let whole = if after[0] == b'.' { sign + 1 } else { sign + 3 };
        // Between brackets no URL is looked for.
        (self.kind(start) == Kind::Text && self.is_text(start, whole)).then_some(start)
    }
}

/// `user@example.org>` ahead: with the `<` before it, a URL that links itself.
fn is_mailbox(ahead: &str) -> bool {
    /// Longer than any address that mail is sent to.
    const LONGEST: usize = 330;
    let ends = |(n, (_, c)): &(usize, (usize, char))| *n >= LONGEST || c.is_whitespace() || matches!(c, '<' | '>');
    let Some((_, (end, sign))) = ahead.char_indices().enumerate().find(ends) else { return false };
    sign == '>' && ahead[..end].contains('@')
}
