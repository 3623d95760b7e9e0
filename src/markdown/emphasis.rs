//! How a mark is written: with delimiters where CommonMark reads them as such, else as HTML.
//!
//! A run of delimiters opens or closes emphasis only by what stands on both its sides (CommonMark 0.31, 6.2). Between
//! Han characters and their punctuation it often does neither: in `是**“引”**，` the first run is followed by punctuation
//! and preceded by a letter, so it opens nothing. There `<strong>` is written.

use super::ir::Mark;
use super::spaces::{Line, Pair, Token};

/// How one pair is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// `*` or `**`.
    Star,
    /// `_` or `__`.
    Underscore,
    /// `~~`.
    Tilde,
    /// An HTML element.
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

/// What a character is to the flanking rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    Space,
    /// Letters, digits, ideographs.
    Word,
    Punctuation,
    /// Punctuation to some versions of CommonMark (which count symbols) and not to others.
    Unsure,
}

pub(super) fn class(c: char) -> Class {
    match c {
        _ if c.is_whitespace() => Class::Space,
        _ if c.is_alphanumeric() => Class::Word,
        _ if c.is_ascii_punctuation() => Class::Punctuation,
        '\u{a1}' | '\u{a7}' | '\u{ab}' | '\u{b6}' | '\u{b7}' | '\u{bb}' | '\u{bf}' | '\u{60c}' | '\u{61b}'
        | '\u{61f}' | '\u{6d4}' => Class::Punctuation,
        '\u{2010}'..='\u{2027}' | '\u{2030}'..='\u{2043}' | '\u{2045}'..='\u{2051}' | '\u{2053}'..='\u{205e}' => {
            Class::Punctuation
        }
        '\u{3001}'..='\u{3003}'
        | '\u{3008}'..='\u{3011}'
        | '\u{3014}'..='\u{301f}'
        | '\u{3030}'
        | '\u{303d}'
        | '\u{30fb}' => Class::Punctuation,
        '\u{fe10}'..='\u{fe19}' | '\u{fe30}'..='\u{fe52}' | '\u{fe54}'..='\u{fe61}' => Class::Punctuation,
        '\u{ff01}'..='\u{ff03}'
        | '\u{ff05}'..='\u{ff0a}'
        | '\u{ff0c}'..='\u{ff0f}'
        | '\u{ff1a}'
        | '\u{ff1b}'
        | '\u{ff1f}'
        | '\u{ff20}' => Class::Punctuation,
        '\u{ff3b}'..='\u{ff3d}' | '\u{ff3f}' | '\u{ff5b}' | '\u{ff5d}' | '\u{ff5f}'..='\u{ff65}' => Class::Punctuation,
        _ => Class::Unsure,
    }
}

/// True when a run between the two is left-flanking to every version of the rules. Swapped, right-flanking.
fn flanks(outer: Class, inner: Class) -> bool {
    match inner {
        Class::Space => false,
        Class::Word => true,
        Class::Punctuation | Class::Unsure => matches!(outer, Class::Space | Class::Punctuation),
    }
}

/// The form of each pair of a line, in the order of `Line::pairs`, which is that of their openings.
pub(super) fn forms(line: &Line<'_>) -> Vec<Form> {
    let mut forms: Vec<Option<Form>> = vec![None; line.pairs.len()];
    for at in 0..line.pairs.len() {
        if forms[at].is_none() {
            let pair = line.pairs[at];
            forms[at] = Some(match pair.mark {
                Mark::Link(_) => Form::Link,
                Mark::Tag(_) => Form::Tag,
                Mark::Del => first_that_fits(line, &forms, pair, &[Form::Tilde]),
                Mark::Strong => first_that_fits(line, &forms, pair, &[Form::Star, Form::Underscore]),
                Mark::Em => match both(line, &forms, pair) {
                    Some(strong) => {
                        forms[strong] = Some(Form::Star);
                        Form::Star
                    }
                    None => first_that_fits(line, &forms, pair, &[Form::Star, Form::Underscore]),
                },
            });
        }
    }
    forms.into_iter().map(|form| form.unwrap_or(Form::Tag)).collect()
}

fn first_that_fits(line: &Line<'_>, forms: &[Option<Form>], pair: Pair, candidates: &[Form]) -> Form {
    let fits = |form: &&Form| fits(line, forms, pair, **form, (pair.open + 1, pair.close.saturating_sub(1)));
    candidates.iter().find(fits).copied().unwrap_or(Form::Tag)
}

/// Emphasis that holds nothing but one strong stretch is `***both***`: the pair inside, when that can be written.
fn both(line: &Line<'_>, forms: &[Option<Form>], pair: Pair) -> Option<usize> {
    let Some(Token::Open(inner)) = line.tokens.get(pair.open + 1) else { return None };
    let strong = line.pairs[*inner];
    let whole = strong.mark == Mark::Strong && strong.close + 1 == pair.close;
    (whole && fits(line, forms, pair, Form::Star, (strong.open + 1, strong.close - 1))).then_some(*inner)
}

/// `inner`: the tokens right inside the delimiters.
fn fits(line: &Line<'_>, forms: &[Option<Form>], pair: Pair, form: Form, inner: (usize, usize)) -> bool {
    let Some(delimiter) = form.delimiter() else { return true };
    let (before, after) = (pair.open.checked_sub(1), pair.close + 1);
    let outer_left = before.map_or(Class::Space, |at| last_class(line, at));
    let outer_right = first_class(line, after);
    let (inner_left, inner_right) = (first_class(line, inner.0), last_class(line, inner.1));
    // A run may not grow by a delimiter that stands beside it.
    let beside = [before, Some(inner.0), Some(inner.1), Some(after)];
    let grows = beside.into_iter().flatten().any(|at| match line.tokens.get(at) {
        Some(Token::Open(other) | Token::Close(other)) => forms[*other].and_then(Form::delimiter) == Some(delimiter),
        _ => false,
    });
    let flanked = flanks(outer_left, inner_left) && flanks(outer_right, inner_right);
    // `_` does nothing inside words.
    let parted = |outer: Class| form != Form::Underscore || matches!(outer, Class::Space | Class::Punctuation);
    !grows && flanked && parted(outer_left) && parted(outer_right)
}

fn first_class(line: &Line<'_>, at: usize) -> Class {
    match line.tokens.get(at) {
        Some(Token::Text(text)) => text.chars().next().map_or(Class::Space, class),
        other => class_of(line, other),
    }
}

fn last_class(line: &Line<'_>, at: usize) -> Class {
    match line.tokens.get(at) {
        Some(Token::Text(text)) => text.chars().next_back().map_or(Class::Space, class),
        other => class_of(line, other),
    }
}

fn class_of(line: &Line<'_>, token: Option<&Token<'_>>) -> Class {
    match token {
        None | Some(Token::Break { .. }) => Class::Space,
        // GFM looks past tildes for what flanks a run, CommonMark sees punctuation.
        Some(Token::Open(pair) | Token::Close(pair)) if line.pairs[*pair].mark == Mark::Del => Class::Unsure,
        Some(_) => Class::Punctuation,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_are_classed_as_unicode_has_them() {
        for c in "。，、；：？！（）《》「」“”‘’…—·「」【】*_~.,".chars() {
            assert_eq!(class(c), Class::Punctuation, "{c}");
        }
        for c in "中カ한é1".chars() {
            assert_eq!(class(c), Class::Word, "{c}");
        }
        for c in "￥＋→©👍".chars() {
            assert_eq!(class(c), Class::Unsure, "{c}");
        }
        assert_eq!(class('\u{3000}'), Class::Space);
    }

    #[test]
    fn punctuation_inside_needs_a_space_or_punctuation_outside() {
        assert!(flanks(Class::Word, Class::Word) && flanks(Class::Space, Class::Punctuation));
        assert!(flanks(Class::Punctuation, Class::Punctuation));
        assert!(!flanks(Class::Word, Class::Punctuation) && !flanks(Class::Space, Class::Space));
        // Whether a symbol is punctuation depends on the version: neither reading may be needed.
        assert!(!flanks(Class::Unsure, Class::Punctuation) && !flanks(Class::Word, Class::Unsure));
    }
}
