//! Which runs of delimiters CommonMark reads as emphasis: its own procedure (CommonMark 0.31, 6.2 and the appendix),
//! gone through on a line that is about to be written.

use finl_unicode::categories::CharacterCategories as _;

use super::ir::Mark;
use super::spaces::{Line, Token};

/// An opening delimiter is looked for so many runs back; emphasis that reaches further is written as HTML.
const FARTHEST: usize = 64;

/// What a character is to the flanking rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    Space,
    /// Letters, digits, ideographs, and what shows nothing by itself.
    Word,
    Punctuation,
    /// Punctuation to some versions of CommonMark (which count symbols) and not to others.
    Unsure,
}

pub(super) fn class(c: char) -> Class {
    match c {
        _ if c.is_whitespace() => Class::Space,
        _ if c.is_alphanumeric() => Class::Word,
        _ if c.is_ascii_punctuation() || c.is_punctuation() => Class::Punctuation,
        _ if c.is_symbol() => Class::Unsure,
        _ => Class::Word,
    }
}

/// A way to read the rules; what is written must mean the same in each.
#[derive(Debug, Clone, Copy)]
struct Reading {
    /// Symbols are punctuation, as since CommonMark 0.31.
    symbols: bool,
    /// Tildes are looked past, as cmark-gfm does.
    past_tildes: bool,
    /// Han characters and kana flank as spaces do, as has been proposed for CommonMark.
    friendly: bool,
}

const READINGS: [Reading; 3] = [
    Reading { symbols: true, past_tildes: false, friendly: false },
    Reading { symbols: false, past_tildes: false, friendly: false },
    Reading { symbols: true, past_tildes: true, friendly: true },
];
/// Where there are tildes, cmark-gfm's own reading too.
const PAST_TILDES: Reading = Reading { symbols: true, past_tildes: true, friendly: false };

/// A stretch of delimiters of one kind.
#[derive(Debug)]
struct Run {
    delimiter: char,
    length: usize,
    opens: bool,
    closes: bool,
    /// Where its delimiters stand among the items; taken off from either end.
    parts: std::ops::Range<usize>,
    left: usize,
}

/// What is seen at one place of the line.
#[derive(Debug, Clone, Copy)]
enum Item {
    /// First and last character; None is the edge of a line.
    Seen(Option<char>, Option<char>),
    Delimiter {
        pair: usize,
        delimiter: char,
        width: usize,
    },
    LinkOpen,
    LinkClose,
}

/// The pairs whose delimiters, as `written` has them (None for a pair without: a tag where there is `html`, else
/// nothing), would not be read as meant.
pub(super) fn misread(line: &Line<'_>, written: &[Option<char>], html: bool) -> Vec<usize> {
    let items = items(line, written, html);
    let mut bad = vec![false; line.pairs.len()];
    let tildes = written.contains(&Some('~'));
    for reading in READINGS.into_iter().chain(tildes.then_some(PAST_TILDES)) {
        read(&items, reading, &mut bad);
    }
    (0..bad.len()).filter(|&pair| bad[pair]).collect()
}

/// How many characters of delimiter a mark takes.
pub(super) fn width(mark: Mark) -> usize {
    if mark == Mark::Em { 1 } else { 2 }
}

fn items(line: &Line<'_>, written: &[Option<char>], html: bool) -> Vec<Item> {
    let same = |c: char| Item::Seen(Some(c), Some(c));
    let items = line.tokens.iter().filter_map(|token| {
        let item = match token {
            Token::Text(text) => Item::Seen(line.str(*text).chars().next(), line.str(*text).chars().next_back()),
            Token::Break { .. } => Item::Seen(None, None),
            Token::Open(pair) | Token::Close(pair) => match (line.pairs[*pair].mark, written[*pair]) {
                (mark, Some(delimiter)) => Item::Delimiter { pair: *pair, delimiter, width: width(mark) },
                (Mark::Link(_), None) if matches!(token, Token::Open(_)) => Item::LinkOpen,
                (Mark::Link(_), None) => Item::LinkClose,
                _ if !html => return None,
                _ => Item::Seen(Some('<'), Some('>')),
            },
            Token::Image(_) => Item::Seen(Some('!'), Some(')')),
            Token::Math { .. } => same('$'),
            Token::Note(_) => Item::Seen(Some('['), Some(']')),
            Token::Frame(_) | Token::Anchor(_) => Item::Seen(Some('<'), Some('>')),
            Token::Code(_) => same('`'),
            Token::Task(_) => Item::Seen(Some('['), Some(']')),
        };
        Some(item)
    });
    items.collect()
}

/// Goes through the line once, as a reader of Markdown does.
fn read(items: &[Item], reading: Reading, bad: &mut [bool]) {
    let mut stack: Vec<Run> = Vec::new();
    let mut links: Vec<usize> = Vec::new();
    let mut at = 0;
    while at < items.len() {
        match items[at] {
            Item::LinkOpen => links.push(stack.len()),
            Item::LinkClose => {
                let bottom = links.pop().unwrap_or(0);
                pair_up(&mut stack[bottom..], items, bad);
                stack.truncate(bottom);
            }
            Item::Delimiter { delimiter, .. } => {
                let end = at + run_length(&items[at..], delimiter);
                stack.push(run(items, at, end, reading));
                at = end;
                continue;
            }
            Item::Seen(..) => {}
        }
        at += 1;
    }
    pair_up(&mut stack, items, bad);
}

fn run_length(items: &[Item], wanted: char) -> usize {
    items.iter().take_while(|item| matches!(item, Item::Delimiter { delimiter, .. } if *delimiter == wanted)).count()
}

fn run(items: &[Item], start: usize, end: usize, reading: Reading) -> Run {
    let delimiter = match items[start] {
        Item::Delimiter { delimiter, .. } => delimiter,
        _ => '*',
    };
    let looked_past = |item: &&Item| {
        reading.past_tildes && matches!(item, Item::Delimiter { delimiter: '~', .. }) && delimiter != '~'
    };
    let before = items[..start].iter().rev().find(|item| !looked_past(item)).map(|item| edge(*item, false));
    let after = items[end..].iter().find(|item| !looked_past(item)).map(|item| edge(*item, true));
    let (before, after) = (before.flatten(), after.flatten());
    let left = flanks(before, after, reading);
    let right = flanks(after, before, reading);
    let punctuation = |c: Option<char>| c.is_some_and(|c| is_punctuation(c, reading));
    let (opens, closes) = match delimiter {
        '_' => (left && (!right || punctuation(before)), right && (!left || punctuation(after))),
        _ => (left, right),
    };
    let length = width_of(items, &(start..end));
    Run { delimiter, length, opens, closes, parts: start..end, left: length }
}

/// A delimiter's pair and width; None for what is none.
fn part(items: &[Item], at: Option<usize>) -> Option<(usize, usize)> {
    match items.get(at?)? {
        Item::Delimiter { pair, width, .. } => Some((*pair, *width)),
        _ => None,
    }
}

fn width_of(items: &[Item], parts: &std::ops::Range<usize>) -> usize {
    parts.clone().filter_map(|at| part(items, Some(at))).map(|(_, width)| width).sum()
}

/// None of what is left of a run has its match.
fn give_up(run: &mut Run, items: &[Item], bad: &mut [bool]) {
    run.parts.by_ref().filter_map(|at| part(items, Some(at))).for_each(|(pair, _)| bad[pair] = true);
    run.left = 0;
}

fn edge(item: Item, first: bool) -> Option<char> {
    match item {
        Item::Seen(start, end) => {
            if first {
                start
            } else {
                end
            }
        }
        Item::Delimiter { delimiter, .. } => Some(delimiter),
        Item::LinkOpen => Some('['),
        Item::LinkClose => Some(if first { ']' } else { ')' }),
    }
}

fn is_punctuation(c: char, reading: Reading) -> bool {
    match class(c) {
        Class::Punctuation => true,
        Class::Unsure => reading.symbols,
        Class::Space | Class::Word => false,
    }
}

/// True when a run between the two is left-flanking. Swapped, right-flanking.
fn flanks(outer: Option<char>, inner: Option<char>, reading: Reading) -> bool {
    let Some(inner) = inner.filter(|&c| class(c) != Class::Space) else { return false };
    let eased = |c: char| reading.friendly && crate::html::text::is_cjk(c);
    !is_punctuation(inner, reading)
        || eased(inner)
        || outer.is_none_or(|c| class(c) == Class::Space || is_punctuation(c, reading) || eased(c))
}

/// Matches closing runs with opening ones; pairs that do not match each other are marked.
fn pair_up(runs: &mut [Run], items: &[Item], bad: &mut [bool]) {
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

fn opener_of(runs: &[Run], closer: usize) -> Option<usize> {
    let end = &runs[closer];
    (closer.saturating_sub(FARTHEST)..closer).rev().find(|&at| {
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
    fn characters_are_classed_as_unicode_has_them() {
        for c in "。，、；：？！（）《》「」“”‘’…—·「」【】*_~.,".chars() {
            assert_eq!(class(c), Class::Punctuation, "{c}");
        }
        for c in "中カ한é1\u{ad}\u{301}\u{fe0f}".chars() {
            assert_eq!(class(c), Class::Word, "{c}");
        }
        for c in "￥＋→©👍".chars() {
            assert_eq!(class(c), Class::Unsure, "{c}");
        }
        assert_eq!(class('\u{3000}'), Class::Space);
    }

    #[test]
    fn punctuation_inside_needs_a_space_or_punctuation_outside() {
        let strict = READINGS[0];
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
        assert!(flanks(Some('a'), Some('￥'), READINGS[1]));
    }
}
