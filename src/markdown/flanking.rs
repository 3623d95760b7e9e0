//! Which runs of delimiters CommonMark reads as emphasis: its algorithm (CommonMark 0.31, 6.2 and the appendix), applied to
//! a line before it is written.

use finl_unicode::categories::CharacterCategories as _;

use super::ir::Mark;
use super::line::{Line, Token};

/// How many runs back an opening delimiter is searched. Emphasis that spans more is written as HTML.
const MAX_DISTANCE: usize = 64;

/// The class of a character in the flanking rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CharClass {
    Space,
    /// Letters, digits, ideographs, combining and invisible characters.
    Word,
    Punctuation,
    /// Symbols, which only some versions of CommonMark count as punctuation.
    Symbol,
}

/// Returns the class of a character.
pub(super) fn class(c: char) -> CharClass {
    match c {
        _ if c.is_whitespace() => CharClass::Space,
        _ if c.is_alphanumeric() => CharClass::Word,
        _ if c.is_ascii_punctuation() || c.is_punctuation() => CharClass::Punctuation,
        _ if c.is_symbol() => CharClass::Symbol,
        _ => CharClass::Word,
    }
}

/// A variant of the flanking rules. A line must have the same meaning in each.
#[derive(Debug, Clone, Copy)]
struct Variant {
    /// Symbols are punctuation, as since CommonMark 0.31.
    symbols: bool,
    /// Tildes next to a run are skipped, as in cmark-gfm.
    past_tildes: bool,
    /// Han characters and kana flank like spaces, as proposed for CommonMark.
    friendly: bool,
}

const VARIANTS: [Variant; 3] = [
    Variant { symbols: true, past_tildes: false, friendly: false },
    Variant { symbols: false, past_tildes: false, friendly: false },
    Variant { symbols: true, past_tildes: true, friendly: true },
];
/// The variant of cmark-gfm, for lines with tildes.
const PAST_TILDES: Variant = Variant { symbols: true, past_tildes: true, friendly: false };

/// A run of one delimiter.
#[derive(Debug)]
struct DelimiterRun {
    delimiter: char,
    length: usize,
    opens: bool,
    closes: bool,
    /// The range of its delimiters among the items; shortened from both ends as they are matched.
    parts: std::ops::Range<usize>,
    /// The number of characters that are not matched.
    left: usize,
}

/// A part of a line, as far as the rules need it.
#[derive(Debug, Clone, Copy)]
enum LineItem {
    /// Text or markup, by its first and last character; None for the edge of a line.
    Chars(Option<char>, Option<char>),
    Delimiter {
        pair: usize,
        delimiter: char,
        width: usize,
    },
    LinkOpen,
    LinkClose,
}

/// What is written for a pair that has no delimiter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tags {
    Written,
    Omitted,
}

/// Returns the pairs whose delimiters would not be read as intended. `written` holds the delimiter of each pair; None for a
/// pair that is written as `tags` say.
pub(super) fn misread(line: &Line<'_>, written: &[Option<char>], tags: Tags) -> Vec<usize> {
    let items = items(line, written, tags);
    let mut bad = vec![false; line.pairs.len()];
    let tildes = written.contains(&Some('~'));
    for variant in VARIANTS.into_iter().chain(tildes.then_some(PAST_TILDES)) {
        read(&items, variant, &mut bad);
    }
    (0..bad.len()).filter(|&pair| bad[pair]).collect()
}

/// Returns the number of delimiter characters of a mark.
pub(super) fn width(mark: Mark) -> usize {
    if mark == Mark::Em { 1 } else { 2 }
}

fn items(line: &Line<'_>, written: &[Option<char>], tags: Tags) -> Vec<LineItem> {
    let same = |c: char| LineItem::Chars(Some(c), Some(c));
    let items = line.tokens.iter().filter_map(|token| {
        let item = match token {
            Token::Text(text) => LineItem::Chars(line.str(*text).chars().next(), line.str(*text).chars().next_back()),
            Token::Break(_) => LineItem::Chars(None, None),
            Token::Open(pair) | Token::Close(pair) => match (line.pairs[*pair].mark, written[*pair]) {
                (mark, Some(delimiter)) => LineItem::Delimiter { pair: *pair, delimiter, width: width(mark) },
                (Mark::Link(_), None) if matches!(token, Token::Open(_)) => LineItem::LinkOpen,
                (Mark::Link(_), None) => LineItem::LinkClose,
                _ if tags == Tags::Omitted => return None,
                _ => LineItem::Chars(Some('<'), Some('>')),
            },
            Token::Image(_) => LineItem::Chars(Some('!'), Some(')')),
            Token::Math { .. } => same('$'),
            Token::Note(_) => LineItem::Chars(Some('['), Some(']')),
            Token::Player(_) | Token::Anchor(_) => LineItem::Chars(Some('<'), Some('>')),
            Token::Code(_) => same('`'),
            Token::Task(_) => LineItem::Chars(Some('['), Some(']')),
        };
        Some(item)
    });
    items.collect()
}

/// Matches the delimiters of a line as a renderer does, and marks the misread pairs in `bad`.
fn read(items: &[LineItem], variant: Variant, bad: &mut [bool]) {
    let mut stack: Vec<DelimiterRun> = Vec::new();
    let mut links: Vec<usize> = Vec::new();
    let mut at = 0;
    while at < items.len() {
        match items[at] {
            LineItem::LinkOpen => links.push(stack.len()),
            LineItem::LinkClose => {
                let bottom = links.pop().unwrap_or(0);
                pair_up(&mut stack[bottom..], items, bad);
                stack.truncate(bottom);
            }
            LineItem::Delimiter { delimiter, .. } => {
                let end = at + run_length(&items[at..], delimiter);
                stack.push(run(items, at, end, variant));
                at = end;
                continue;
            }
            LineItem::Chars(..) => {}
        }
        at += 1;
    }
    pair_up(&mut stack, items, bad);
}

fn run_length(items: &[LineItem], wanted: char) -> usize {
    items
        .iter()
        .take_while(|item| matches!(item, LineItem::Delimiter { delimiter, .. } if *delimiter == wanted))
        .count()
}

fn run(items: &[LineItem], start: usize, end: usize, variant: Variant) -> DelimiterRun {
    let delimiter = match items[start] {
        LineItem::Delimiter { delimiter, .. } => delimiter,
        _ => '*',
    };
    let looked_past = |item: &&LineItem| {
        variant.past_tildes && matches!(item, LineItem::Delimiter { delimiter: '~', .. }) && delimiter != '~'
    };
    let before = items[..start].iter().rev().find(|item| !looked_past(item)).map(|item| last_char(*item));
    let after = items[end..].iter().find(|item| !looked_past(item)).map(|item| first_char(*item));
    let (before, after) = (before.flatten(), after.flatten());
    let left = flanks(before, after, variant);
    let right = flanks(after, before, variant);
    let punctuation = |c: Option<char>| c.is_some_and(|c| is_punctuation(c, variant));
    let (opens, closes) = match delimiter {
        '_' => (left && (!right || punctuation(before)), right && (!left || punctuation(after))),
        _ => (left, right),
    };
    let length = width_of(items, &(start..end));
    DelimiterRun { delimiter, length, opens, closes, parts: start..end, left: length }
}

/// Returns the pair and the width of a delimiter; None for another item.
fn part(items: &[LineItem], at: Option<usize>) -> Option<(usize, usize)> {
    match items.get(at?)? {
        LineItem::Delimiter { pair, width, .. } => Some((*pair, *width)),
        _ => None,
    }
}

fn width_of(items: &[LineItem], parts: &std::ops::Range<usize>) -> usize {
    parts.clone().filter_map(|at| part(items, Some(at))).map(|(_, width)| width).sum()
}

/// Marks all delimiters that are left of a run as misread.
fn give_up(run: &mut DelimiterRun, items: &[LineItem], bad: &mut [bool]) {
    run.parts.by_ref().filter_map(|at| part(items, Some(at))).for_each(|(pair, _)| bad[pair] = true);
    run.left = 0;
}

fn first_char(item: LineItem) -> Option<char> {
    match item {
        LineItem::Chars(first, _) => first,
        LineItem::Delimiter { delimiter, .. } => Some(delimiter),
        LineItem::LinkOpen => Some('['),
        LineItem::LinkClose => Some(']'),
    }
}

fn last_char(item: LineItem) -> Option<char> {
    match item {
        LineItem::Chars(_, last) => last,
        LineItem::Delimiter { delimiter, .. } => Some(delimiter),
        LineItem::LinkOpen => Some('['),
        LineItem::LinkClose => Some(')'),
    }
}

fn is_punctuation(c: char, variant: Variant) -> bool {
    match class(c) {
        CharClass::Punctuation => true,
        CharClass::Symbol => variant.symbols,
        CharClass::Space | CharClass::Word => false,
    }
}

/// Returns true when a run between `outer` and `inner` is left-flanking; with the arguments swapped, right-flanking.
fn flanks(outer: Option<char>, inner: Option<char>, variant: Variant) -> bool {
    let Some(inner) = inner.filter(|&c| class(c) != CharClass::Space) else { return false };
    let eased = |c: char| variant.friendly && crate::html::text::is_cjk(c);
    !is_punctuation(inner, variant)
        || eased(inner)
        || outer.is_none_or(|c| class(c) == CharClass::Space || is_punctuation(c, variant) || eased(c))
}

/// Matches closing runs with opening ones, and marks the pairs that do not match each other in `bad`.
fn pair_up(runs: &mut [DelimiterRun], items: &[LineItem], bad: &mut [bool]) {
    for closer in 0..runs.len() {
        while runs[closer].closes && runs[closer].left > 0 {
            let Some(opener) = opener_of(runs, closer) else { break };
            let both = runs[opener].left >= 2 && runs[closer].left >= 2;
            let used = if both { 2 } else { 1 };
            runs[opener + 1..closer].iter_mut().for_each(|between| give_up(between, items, bad));
            let opened = part(items, runs[opener].parts.next_back());
            let closed = part(items, runs[closer].parts.next());
            if opened != closed || opened.is_none_or(|(_, width)| width != used) {
                [opened, closed].into_iter().flatten().for_each(|(pair, _)| bad[pair] = true);
            }
            runs[opener].left = width_of(items, &runs[opener].parts);
            runs[closer].left = width_of(items, &runs[closer].parts);
        }
        if !runs[closer].opens {
            give_up(&mut runs[closer], items, bad);
        }
    }
    runs.iter_mut().for_each(|run| give_up(run, items, bad));
}

fn opener_of(runs: &[DelimiterRun], closer: usize) -> Option<usize> {
    let end = &runs[closer];
    (closer.saturating_sub(MAX_DISTANCE)..closer).rev().find(|&at| {
        let start = &runs[at];
        let odd = (start.closes || end.opens)
            && (start.length + end.length).is_multiple_of(3)
            && !(start.length.is_multiple_of(3) && end.length.is_multiple_of(3));
        let fits = if end.delimiter == '~' { start.left == end.left } else { !odd };
        start.delimiter == end.delimiter && start.opens && start.left > 0 && fits
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_have_the_class_that_unicode_gives_them() {
        for c in "。，、；：？！（）《》「」“”‘’…—·「」【】*_~.,".chars() {
            assert_eq!(class(c), CharClass::Punctuation, "{c}");
        }
        for c in "中カ한é1\u{ad}\u{301}\u{fe0f}".chars() {
            assert_eq!(class(c), CharClass::Word, "{c}");
        }
        for c in "￥＋→©👍".chars() {
            assert_eq!(class(c), CharClass::Symbol, "{c}");
        }
        assert_eq!(class('\u{3000}'), CharClass::Space);
    }

    #[test]
    fn punctuation_inside_requires_a_space_or_punctuation_outside() {
        let strict = VARIANTS[0];
        for (outer, inner, expected) in [
            (Some('a'), Some('b'), true),
            (None, Some('（'), true),
            (Some('。'), Some('（'), true),
            (Some('中'), Some('（'), false),
            (None, Some(' '), false),
            (Some('a'), Some('￥'), false),
        ] {
            assert_eq!(flanks(outer, inner, strict), expected, "{outer:?} {inner:?}");
        }
        assert!(flanks(Some('a'), Some('￥'), VARIANTS[1]));
    }
}
