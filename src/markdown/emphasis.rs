//! How a mark is written: with delimiters where CommonMark reads them as such, else as HTML.
//!
//! Between Han characters and their punctuation delimiters often do nothing: in `是**“引”**，` the first run is followed
//! by punctuation and preceded by a letter, so it opens nothing. There `<strong>` is written.

use crate::frontmatter::{Flavour, Style};

use super::flanking;
use super::ir::Mark;
use super::spaces::{Line, Pair, Token};

/// After so many attempts what is still not read as meant is written as HTML.
const ATTEMPTS: usize = 24;

/// How one pair is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// `*` or `**`.
    Star,
    /// `_` or `__`.
    Underscore,
    /// `~~`.
    Tilde,
    /// An HTML element, or nothing where none is allowed.
    Tag,
    Link,
}

impl Form {
    /// The delimiter; None for what has none.
    pub(super) fn delimiter(self) -> Option<char> {
        match self {
            Self::Star => Some('*'),
            Self::Underscore => Some('_'),
            Self::Tilde => Some('~'),
            Self::Tag | Self::Link => None,
        }
    }
}

/// What is tried for emphasis, in this order. The last stars may stand right beside others.
const EMPHASIS: [(Form, bool); 4] =
    [(Form::Star, false), (Form::Underscore, false), (Form::Star, true), (Form::Tag, true)];
const DELETION: [(Form, bool); 2] = [(Form::Tilde, true), (Form::Tag, true)];

/// The form of each pair of a line, in the order of `Line::pairs`, which is that of their openings. What `forms` held
/// before goes.
pub(super) fn find(line: &Line<'_>, style: Style, forms: &mut Vec<Form>) {
    forms.clear();
    if (0..line.pairs.len()).all(|pair| stands_clear(line, pair, style)) {
        forms.extend(line.pairs.iter().map(|pair| choice(pair.mark, 0).0));
    } else {
        forms.extend(tried(line, style));
    }
}

/// Form after form is tried, until a reader of CommonMark reads each as it is meant.
fn tried(line: &Line<'_>, style: Style) -> Vec<Form> {
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
            bad = flanking::misread(line, &written, style.html);
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

/// True when a pair's delimiters can only open and only close: letters stand right inside, and outside a space, a full
/// stop or the like, or nothing.
fn stands_clear(line: &Line<'_>, pair: usize, style: Style) -> bool {
    let Pair { mark, open, close } = line.pairs[pair];
    match mark {
        Mark::Tag(_) | Mark::Abbr(_) | Mark::Link(_) => return true,
        Mark::Del if style.flavour != Flavour::Gfm => return false,
        Mark::Del | Mark::Strong | Mark::Em => {}
    }
    let first = |at: usize| match line.tokens.get(at) {
        Some(Token::Text(text)) => line.str(*text).chars().next(),
        None | Some(Token::Break { .. }) => Some(' '),
        Some(_) => None,
    };
    let last = |at: Option<usize>| match at.map(|at| &line.tokens[at]) {
        Some(Token::Text(text)) => line.str(*text).chars().next_back(),
        None | Some(Token::Break { .. }) => Some(' '),
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

/// The form that a mark has after so many attempts, and whether it may stand right beside others.
fn choice(mark: Mark, tried: usize) -> (Form, bool) {
    let nth = |forms: &[(Form, bool)]| forms[tried.min(forms.len() - 1)];
    match mark {
        Mark::Strong | Mark::Em => nth(&EMPHASIS),
        Mark::Del => nth(&DELETION),
        Mark::Tag(_) | Mark::Abbr(_) => (Form::Tag, true),
        Mark::Link(_) => (Form::Link, true),
    }
}

/// Pairs whose delimiters would join those of another, except where both begin or both end there and it is plain which
/// is which: `***both***`.
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
            (Token::Open(first), Token::Open(second)) => (*first, *second, whole(line, *first, *second)),
            (Token::Close(second), Token::Close(first)) => (*first, *second, whole(line, *first, *second)),
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

/// True for emphasis that holds nothing but one strong stretch.
fn whole(line: &Line<'_>, outer: usize, inner: usize) -> bool {
    let (around, within) = (line.pairs[outer], line.pairs[inner]);
    around.mark == Mark::Em
        && within.mark == Mark::Strong
        && within.open == around.open + 1
        && within.close + 1 == around.close
}

/// Of pairs that are misread, those that hold no other of them: to give them another form may be enough.
fn innermost(line: &Line<'_>, bad: &[usize]) -> Vec<usize> {
    // In the order of their openings, one holds another exactly when it holds the next.
    let holds = |outer: usize, inner: usize| line.pairs[inner].open < line.pairs[outer].close;
    (0..bad.len()).filter(|&at| bad.get(at + 1).is_none_or(|&next| !holds(bad[at], next))).map(|at| bad[at]).collect()
}
