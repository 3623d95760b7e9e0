//! Finds the headline's position on the page.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use crate::html::text;

use super::collect::Clues;

/// A text that shares at least this percentage of letter pairs with the title is a rewording of it.
const ALIKE: usize = 70;

/// Returns the position of the headline: the heading with its text, else the first piece of text equal to it; None
/// where neither is found.
pub fn place(clues: &Clues<'_>, title: &str) -> Option<usize> {
    let heading = clues.headings.iter().find(|(_, text)| text == title).map(|(at, _)| *at);
    heading.or_else(|| {
        let is_it = |piece: &str| piece.len() >= title.len() && text::collapse(piece) == title;
        clues.pieces.iter().find(|(_, piece)| is_it(piece)).map(|(at, _)| *at)
    })
}

/// Returns the position of a rewording of the title, for a page without an `h1`; None where there is none.
pub fn reworded(clues: &Clues<'_>, title: &str) -> Option<usize> {
    let pairs = |text: &str| {
        let letters: Vec<char> = text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
        letters.windows(2).map(|pair| (pair[0], pair[1])).collect::<BTreeSet<_>>()
    };
    let wanted = pairs(title);
    let short = clues.pieces.iter().filter(|(at, piece)| piece.len() < 2 * title.len() && !clues.is_outside(*at));
    let shared = short.map(|(at, piece)| {
        let found = pairs(piece);
        let both = 200 * wanted.intersection(&found).count();
        (both / (wanted.len() + found.len()).max(1), Reverse(*at))
    });
    shared.max().filter(|(share, _)| *share >= ALIKE).map(|(_, Reverse(at))| at)
}
