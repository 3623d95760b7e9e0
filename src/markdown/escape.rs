//! Escapes: a backslash before what would be read as Markdown where it stands, and before nothing else.
//!
//! The line is laid out first, with the marks that are meant; then each sign of the text is judged by what really
//! stands around it.

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

/// True when no reader of Markdown could take anything in a stretch of text for something else, in a document without
/// formulas or templates. `first`: a line begins with it.
pub(super) fn is_plain(text: &str, first: bool) -> bool {
    let special = |byte: u8| {
        matches!(
            byte,
            b'\\' | b'`' | b'*' | b'_' | b'[' | b']' | b'<' | b'&' | b'~' | b'|' | b'^' | b'#' | b'\n' | 0xc2
        )
    };
    let bytes = text.as_bytes();
    let digits = bytes.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let may_start = !first
        || match bytes.first() {
            Some(b'0'..=b'9') => !matches!(bytes.get(digits), None | Some(b'.' | b')')),
            Some(start) => start.is_ascii_alphabetic() || *start >= 0x80 || b"\"'(!?.,;%@".contains(start),
            None => false,
        };
    // Nothing but an address has a colon before a slash, or a dot after its third letter.
    let address = |at: usize| match bytes[at] {
        b':' => bytes.get(at + 1) == Some(&b'/'),
        b'.' => at >= 3 && bytes[at - 3..at].eq_ignore_ascii_case(b"www"),
        _ => false,
    };
    may_start && !(0..bytes.len()).any(|at| special(bytes[at]) || address(at))
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
    chars: Vec<(char, Kind)>,
    /// Of the ASCII characters, those that stand in it, a bit each.
    ascii: u128,
    /// The line itself, where nothing in it needs an escape.
    plain: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Escape {
    None,
    Backslash,
    Entity,
}

impl Layout {
    /// `plain`: nothing that will be laid out needs an escape.
    pub(super) fn new(plain: bool) -> Self {
        Self { plain: plain.then(String::new), ..Self::default() }
    }

    pub(super) fn push(&mut self, text: &str, kind: Kind) {
        if let Some(plain) = &mut self.plain {
            return plain.push_str(text);
        }
        self.chars.extend(text.chars().map(|c| (c, kind)));
        self.ascii |= text.bytes().filter(u8::is_ascii).fold(0, |seen, byte| seen | 1 << byte);
    }

    fn has(&self, c: char) -> bool {
        self.ascii >> (c as u32) & 1 == 1
    }

    /// The line with its escapes.
    pub(super) fn write(self, text: Text) -> String {
        if let Some(plain) = self.plain {
            return plain;
        }
        let place = text.place;
        let mut judge = Judge { chars: &self.chars, escapes: vec![Escape::None; self.chars.len()] };
        for at in 0..self.chars.len() {
            if matches!(self.chars[at].0, '!'..='/' | ':'..='@' | '['..='`' | '{'..='~' | '\u{a0}') {
                judge.sign(at, text);
            }
        }
        for delimiter in ['*', '_', '~'].into_iter().filter(|&delimiter| self.has(delimiter)) {
            judge.runs(delimiter);
        }
        match place {
            Place::Paragraph => judge.line_starts(),
            Place::Heading => judge.heading_end(),
            Place::Cell | Place::Inner => {}
        }
        if self.has(':') || self.has('.') {
            judge.bare_addresses();
        }
        let mut out = String::with_capacity(self.chars.len() * 2);
        for (&(c, _), escape) in self.chars.iter().zip(&judge.escapes) {
            match escape {
                Escape::Entity if c == '\u{a0}' => out.push_str("&nbsp;"),
                Escape::Entity => out.push_str(&format!("&#{};", c as u32)),
                Escape::Backslash => out.extend(['\\', c]),
                // A table is cut into cells before anything else is read.
                Escape::None if c == '|' && place == Place::Cell => out.push_str("\\|"),
                Escape::None => out.push(c),
            }
        }
        out
    }
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

struct Judge<'a> {
    chars: &'a [(char, Kind)],
    escapes: Vec<Escape>,
}

impl Judge<'_> {
    fn text(&self, at: usize) -> Option<char> {
        self.chars.get(at).filter(|(_, kind)| matches!(kind, Kind::Text | Kind::Bracketed)).map(|(c, _)| *c)
    }

    fn any(&self, at: usize) -> Option<char> {
        self.chars.get(at).map(|(c, _)| *c)
    }

    fn is_meant(&self, at: usize) -> bool {
        self.chars.get(at).is_some_and(|(_, kind)| matches!(kind, Kind::Meant | Kind::Delimiter))
    }

    fn escape(&mut self, at: usize) {
        if self.escapes.get(at) == Some(&Escape::None) {
            self.escapes[at] = Escape::Backslash;
        }
    }

    /// Signs that are judged by their neighbours alone.
    fn sign(&mut self, at: usize, Text { place, hexo, math }: Text) {
        let Some(c) = self.text(at) else { return };
        let next = self.any(at + 1);
        let bracketed = self.chars[at].1 == Kind::Bracketed;
        let escape = match c {
            '\\' => {
                next.is_none_or(|next| next.is_ascii_punctuation() || next == '\n')
                    || (place == Place::Inner && next.is_none())
            }
            '`' => {
                let beside = |at: usize| self.is_meant(at) && self.any(at) == Some('`');
                if at.checked_sub(1).is_some_and(beside) || beside(at + 1) {
                    self.escapes[at] = Escape::Entity;
                }
                true
            }
            '[' => bracketed || matches!(next, Some('^' | '[')),
            ']' => bracketed || matches!(next, Some('(' | '[' | ':')),
            '^' => match at.checked_sub(1) {
                Some(at) => self.is_meant(at) && self.any(at) == Some('['),
                None => place == Place::Inner,
            },
            '!' => next == Some('[') && self.is_meant(at + 1),
            '<' => {
                next.is_some_and(|next| next.is_ascii_alphabetic() || matches!(next, '/' | '!' | '?'))
                    || self.is_mailbox(at + 1)
            }
            '&' => entity_at(&self.ahead(at, 40)),
            '|' => place == Place::Cell,
            '$' => math,
            // A reader of Markdown may trim it from the line.
            '\u{a0}' if at == 0 || self.chars[at - 1] == ('\n', Kind::Meant) => {
                self.escapes[at] = Escape::Entity;
                false
            }
            '{' if hexo && matches!(next, Some('{' | '%' | '#')) => {
                self.escapes[at] = Escape::Entity;
                false
            }
            '}' if hexo
                && at
                    .checked_sub(1)
                    .and_then(|at| self.any(at))
                    .is_some_and(|before| matches!(before, '}' | '%' | '#')) =>
            {
                self.escapes[at] = Escape::Entity;
                false
            }
            _ => false,
        };
        if escape {
            self.escape(at);
        }
    }

    fn ahead(&self, at: usize, most: usize) -> String {
        self.chars.iter().skip(at).take(most).map(|(c, _)| *c).collect()
    }

    /// `user@example.org>` ahead: with the `<` before it, an address that links itself.
    fn is_mailbox(&self, at: usize) -> bool {
        let inside: String =
            self.ahead(at, 330).chars().take_while(|c| !c.is_whitespace() && !matches!(c, '<' | '>')).collect();
        inside.contains('@') && self.any(at + inside.chars().count()) == Some('>')
    }

    /// Runs of a delimiter in the text, where one could open and a later one close. Both are judged generously, since
    /// some readers let Han characters flank more freely than CommonMark does.
    fn runs(&mut self, delimiter: char) {
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
        while at < self.chars.len() {
            let (c, kind) = self.chars[at];
            let relevant = c == delimiter && kind != Kind::Meant;
            if !relevant {
                at += 1;
                continue;
            }
            let meant = kind == Kind::Delimiter;
            let start = at;
            while self
                .chars
                .get(at)
                .is_some_and(|(c, kind)| *c == delimiter && *kind != Kind::Meant && (*kind == Kind::Delimiter) == meant)
            {
                at += 1;
            }
            let side = |c: Option<char>| c.map_or(Class::Space, class);
            let (before, after) = (side(start.checked_sub(1).and_then(|at| self.any(at))), side(self.any(at)));
            let inside_word = delimiter == '_';
            runs.push(Run {
                start,
                end: at,
                opens: meant || (after != Class::Space && !(inside_word && before == Class::Word)),
                closes: meant || (before != Class::Space && !(inside_word && after == Class::Word)),
                meant,
                touches_meant: self.is_delimiter(start.wrapping_sub(1), delimiter) || self.is_delimiter(at, delimiter),
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
    fn is_delimiter(&self, at: usize, delimiter: char) -> bool {
        self.chars.get(at).is_some_and(|(c, kind)| *kind == Kind::Delimiter && (*c == delimiter || delimiter == '~'))
    }

    /// What would begin a block at the start of a line.
    fn line_starts(&mut self) {
        let mut start = 0;
        let mut first = true;
        while start < self.chars.len() {
            let length = self.chars[start..].iter().position(|(c, kind)| *c == '\n' && *kind == Kind::Meant);
            let end = length.map_or(self.chars.len(), |length| start + length);
            self.line_start(start, end, first);
            first = false;
            start = end + 1;
        }
    }

    fn line_start(&mut self, start: usize, end: usize, first: bool) {
        let Some(c) = self.text(start) else { return };
        let run = (start..end).take_while(|&at| self.text(at) == Some(c)).count();
        let ends_word = |judge: &Self, at: usize| at >= end || judge.text(at) == Some(' ');
        let all =
            |judge: &Self, wanted: &dyn Fn(char) -> bool| (start..end).all(|at| judge.text(at).is_some_and(wanted));
        match c {
            '>' => self.escape(start),
            '#' if run <= 6 && ends_word(self, start + run) => self.escape(start),
            '+' | '-' | '*' if ends_word(self, start + 1) => self.escape(start),
            '~' if run >= 3 => (start..start + run).for_each(|at| self.escape(at)),
            '=' if !first && all(self, &|c| c == '=' || c == ' ') => self.escape(start),
            '-' | '_' | '*' if all(self, &|sign| sign == c || sign == ' ') => self.escape(start),
            '-' | ':' | '|' if all(self, &|c| matches!(c, '-' | ':' | '|' | ' ')) => self.escape(start),
            // Code is read after definitions, so one that holds `]:` may end a label.
            '[' if first && self.chars.windows(2).any(|two| two[0] == (']', Kind::Meant) && two[1].0 == ':') => {
                self.escape(start);
            }
            '[' if matches!(self.text(start + 1), Some(' ' | 'x' | 'X')) && self.text(start + 2) == Some(']') => {
                self.escape(start)
            }
            '0'..='9' => {
                let digits =
                    (start..end).take(10).take_while(|&at| self.text(at).is_some_and(|c| c.is_ascii_digit())).count();
                let sign = start + digits;
                if digits <= 9 && matches!(self.text(sign), Some('.' | ')')) && ends_word(self, sign + 1) {
                    self.escape(sign);
                }
            }
            _ => {}
        }
    }

    /// Signs at a heading's end that would be taken for its closing.
    fn heading_end(&mut self) {
        let count = self.chars.iter().rev().take_while(|(c, _)| *c == '#').count();
        let Some(last) = self.chars.len().checked_sub(1).filter(|_| count > 0) else { return };
        if self.chars.len() == count || self.any(last - count) == Some(' ') {
            self.escape(last);
        }
    }

    /// A bare address in the text, which GFM links, keeps its escapes as they stand and takes in what follows it up to
    /// a space. Where that would show, the address is kept from being one.
    fn bare_addresses(&mut self) {
        let mut at = 0;
        while at < self.chars.len() {
            let Some(sign) = self.address_sign(at) else {
                at += 1;
                continue;
            };
            let end = (at..self.chars.len())
                .find(|&at| self.any(at).is_none_or(|c| c.is_whitespace() || c == '<'))
                .unwrap_or(self.chars.len());
            // The backslash of an escaped `<` would be the address's last sign.
            let clean = (at..end).all(|at| self.text(at).is_some() && self.escapes[at] == Escape::None)
                && self.escapes.get(end).is_none_or(|escape| *escape == Escape::None);
            if !clean {
                self.escape(sign);
                (at + 1..end)
                    .filter_map(|at| self.address_sign(at))
                    .collect::<Vec<_>>()
                    .into_iter()
                    .for_each(|sign| self.escape(sign));
            }
            at = end.max(at + 1);
        }
    }

    /// Where the sign stands that makes an address of `http://…` or `www.…` at this place.
    fn address_sign(&self, at: usize) -> Option<usize> {
        // Between brackets no address is looked for.
        if self.chars.get(at).is_some_and(|(_, kind)| *kind == Kind::Bracketed) {
            return None;
        }
        let matches = |word: &str| {
            word.chars().enumerate().all(|(n, c)| self.text(at + n).is_some_and(|found| found.eq_ignore_ascii_case(&c)))
        };
        match self.text(at)?.to_ascii_lowercase() {
            'h' if matches("http://") => Some(at + 4),
            'h' if matches("https://") => Some(at + 5),
            'f' if matches("ftp://") => Some(at + 3),
            'w' if matches("www.") => Some(at + 3),
            _ => None,
        }
    }
}
