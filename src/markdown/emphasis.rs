//! The form of marks: delimiters where CommonMark recognises them, else HTML.
//!
//! Between Han characters and their punctuation, delimiters are often not recognised: in `是**“引”**，` the first run is
//! followed by punctuation and preceded by a letter, so it opens nothing. There `<strong>` is written.

use crate::frontmatter::{Flavour, Style};

use super::flanking::{self, Tags};
use super::ir::Mark;
use super::line::{Line, Pair, Token};

/// The maximum number of attempts to find forms for a line; after that all marks are written as HTML.
const ATTEMPTS: usize = 24;

/// The form of one pair.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// `*` or `**`.
    Star,
    /// `_` or `__`.
    Underscore,
    /// `~~`.
    Tilde,
    /// An HTML element, or nothing where HTML is not allowed.
    Tag,
    Link,
}

impl Form {
    /// Returns the delimiter; None for the other forms.
    pub(super) fn delimiter(self) -> Option<char> {
        match self {
            Self::Star => Some('*'),
            Self::Underscore => Some('_'),
            Self::Tilde => Some('~'),
            Self::Tag | Self::Link => None,
        }
    }
}

/// The forms to try for emphasis, in this order, each with whether it may touch delimiters of the same kind.
const EMPHASIS: [(Form, bool); 4] =
    [(Form::Star, false), (Form::Underscore, false), (Form::Star, true), (Form::Tag, true)];
const DELETION: [(Form, bool); 2] = [(Form::Tilde, true), (Form::Tag, true)];

/// Replaces `forms` with the form of each pair of a line, in the order of `Line::pairs`, which is that of their openings.
pub(super) fn find(line: &Line<'_>, style: Style, forms: &mut Vec<Form>) {
    forms.clear();
    if (0..line.pairs.len()).all(|pair| stands_clear(line, pair, style)) {
        forms.extend(line.pairs.iter().map(|pair| choice(pair.mark, 0).0));
    } else {
        forms.extend(find_by_attempts(line, style));
    }
}

/// Tries form after form until CommonMark reads every pair as intended.
fn find_by_attempts(line: &Line<'_>, style: Style) -> Vec<Form> {
    let mut tried: Vec<usize> = vec![0; line.pairs.len()];
    let choice = |tried: &[usize], pair: usize| choice(line.pairs[pair].mark, tried[pair]);
    if style.flavour != Flavour::Gfm {
        (0..tried.len()).filter(|&pair| line.pairs[pair].mark == Mark::Del).for_each(|pair| tried[pair] = 1);
    }
    for _ in 0..ATTEMPTS {
        let forms: Vec<Form> = (0..tried.len()).map(|pair| choice(&tried, pair).0).collect();
        let written: Vec<Option<char>> = forms.iter().map(|form| form.delimiter()).collect();
        let mut bad = touching(line, &tried, &forms, style);
        if bad.is_empty() {
            let tags = if style.html { Tags::Written } else { Tags::Omitted };
            bad = flanking::misread(line, &written, tags);
        }
        if bad.is_empty() {
            return forms;
        }
        for pair in innermost(line, &bad) {
            tried[pair] += 1;
        }
    }
    line.pairs.iter().map(|pair| if matches!(pair.mark, Mark::Link(_)) { Form::Link } else { Form::Tag }).collect()
}

/// Returns true when a pair's delimiters can only open and only close: they have letters directly inside, and outside a
/// space, common punctuation, or nothing.
fn stands_clear(line: &Line<'_>, pair: usize, style: Style) -> bool {
    let Pair { mark, open, close } = line.pairs[pair];
    match mark {
        Mark::Tag(_) | Mark::Abbr(_) | Mark::Link(_) => return true,
        Mark::Del if style.flavour != Flavour::Gfm => return false,
        Mark::Del | Mark::Strong | Mark::Em => {}
    }
    let first = |at: usize| match line.tokens.get(at) {
        Some(Token::Text(text)) => line.str(*text).chars().next(),
        None | Some(Token::Break(_)) => Some(' '),
        Some(_) => None,
    };
    let last = |at: Option<usize>| match at.map(|at| &line.tokens[at]) {
        Some(Token::Text(text)) => line.str(*text).chars().next_back(),
        None | Some(Token::Break(_)) => Some(' '),
        Some(_) => None,
    };
    let word = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    let clear = |c: Option<char>| {
        matches!(c, Some(' ' | '.' | ',' | ';' | ':' | '(' | ')' | '!' | '?' | '"' | '\'' | '/' | '-' | '–' | '—'))
            || matches!(c, Some('“' | '”' | '‘' | '’' | '。' | '，' | '、'))
    };
    word(first(open + 1))
        && word(last(close.checked_sub(1)))
        && clear(last(open.checked_sub(1)))
        && clear(first(close + 1))
}

/// Returns the form of a mark after `tried` attempts, and whether it may touch delimiters of the same kind.
fn choice(mark: Mark, tried: usize) -> (Form, bool) {
    let nth = |forms: &[(Form, bool)]| forms[tried.min(forms.len() - 1)];
    match mark {
        Mark::Strong | Mark::Em => nth(&EMPHASIS),
        Mark::Del => nth(&DELETION),
        Mark::Tag(_) | Mark::Abbr(_) => (Form::Tag, true),
        Mark::Link(_) => (Form::Link, true),
    }
}

/// Returns the pairs whose delimiters would merge with those of another pair, except `***both***`, which is unambiguous.
fn touching(line: &Line<'_>, tried: &[usize], forms: &[Form], style: Style) -> Vec<usize> {
    let mut bad = Vec::new();
    let shows = |token: &&Token<'_>| match token {
        Token::Open(pair) | Token::Close(pair) => style.html || forms[*pair] != Form::Tag,
        _ => true,
    };
    let mut tokens = line.tokens.iter().filter(shows).peekable();
    while let Some(token) = tokens.next() {
        let Some(next) = tokens.peek() else { break };
        let (first, second, nested) = match (token, next) {
            (Token::Open(first), Token::Open(second)) => (*first, *second, is_only_content(line, *first, *second)),
            (Token::Close(second), Token::Close(first)) => (*first, *second, is_only_content(line, *first, *second)),
            (Token::Close(first), Token::Open(second)) => (*first, *second, false),
            _ => continue,
        };
        let joins = forms[first].delimiter().is_some() && forms[first].delimiter() == forms[second].delimiter();
        let [one, other] = [first, second].map(|pair| choice(line.pairs[pair].mark, tried[pair]).1);
        let allowed = one || other;
        if joins && !nested && !allowed && !bad.contains(&second) {
            bad.push(second);
        }
    }
    bad
}

/// Returns true when the outer pair is emphasis and holds nothing but the inner one, which is strong.
fn is_only_content(line: &Line<'_>, outer: usize, inner: usize) -> bool {
    let (outer, inner) = (line.pairs[outer], line.pairs[inner]);
    outer.mark == Mark::Em
        && inner.mark == Mark::Strong
        && inner.open == outer.open + 1
        && inner.close + 1 == outer.close
}

/// Returns those misread pairs that contain no other misread pair. Another form for these may be enough.
fn innermost(line: &Line<'_>, bad: &[usize]) -> Vec<usize> {
    // In the order of their openings, a pair contains another exactly when it contains the next one.
    let holds = |outer: usize, inner: usize| line.pairs[inner].open < line.pairs[outer].close;
    (0..bad.len()).filter(|&at| bad.get(at + 1).is_none_or(|&next| !holds(bad[at], next))).map(|at| bad[at]).collect()
}
