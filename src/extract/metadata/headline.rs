//! Where the headline stands on the page.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use crate::html::text;

use super::collect::Clues;

/// A text that shares so many percent of its pairs of letters with the title says the same in other words.
const ALIKE: usize = 70;

/// Where the headline stands: the heading with its text, else the first piece of text that is it.
pub fn place(clues: &Clues<'_>, title: &str) -> Option<usize> {
    let heading = clues.headings.iter().find(|(_, text)| text == title).map(|(at, _)| *at);
    heading.or_else(|| {
        let is_it = |piece: &str| piece.len() >= title.len() && text::collapse(piece) == title;
        clues.pieces.iter().find(|(_, piece)| is_it(piece)).map(|(at, _)| *at)
    })
}

/// Where a page without headings of the first rank says its title in other words.
pub fn reworded(clues: &Clues<'_>, title: &str) -> Option<usize> {
    let pairs = |text: &str| {
        let letters: Vec<char> = text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
        letters.windows(2).map(|pair| (pair[0], pair[1])).collect::<BTreeSet<_>>()
    };
    let wanted = pairs(title);
    let short = clues.pieces.iter().filter(|(at, piece)| piece.len() < 2 * title.len() && !clues.is_beside(*at));
    let shared = short.map(|(at, piece)| {
        let found = pairs(piece);
        let both = 200 * wanted.intersection(&found).count();
        (both / (wanted.len() + found.len()).max(1), Reverse(*at))
    });
    shared.max().filter(|(share, _)| *share >= ALIKE).map(|(_, Reverse(at))| at)
}
