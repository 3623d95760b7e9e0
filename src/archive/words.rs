//! The words of a text in any script, for differences and for comparing texts.

use std::collections::BTreeMap;

use unicode_segmentation::UnicodeSegmentation;

/// Splits a text into words, punctuation characters and runs of white space. Han, kana and other scripts without spaces
/// are divided as in UAX #29.
pub(super) fn pieces(text: &str) -> Vec<&str> {
    let mut pieces: Vec<&str> = Vec::new();
    let mut start = 0;
    for (at, piece) in text.split_word_bound_indices() {
        let is_space = piece.chars().all(|c| c.is_whitespace() && c != '\n');
        let follows_space = pieces.last().is_some_and(|last| last.chars().all(|c| c.is_whitespace() && c != '\n'));
        if is_space && follows_space {
            pieces.pop();
        } else {
            start = at;
        }
        pieces.push(&text[start..at + piece.len()]);
    }
    pieces
}

/// The minimum number of word pairs of a text. Shorter texts are only compared for equality.
const MIN_PAIRS: usize = 10;

/// Returns whether two Markdown texts are versions of one text: at least half of the pairs of neighbouring words of the
/// shorter one are in the longer one. Link targets are ignored. Very short texts must be equal.
pub(super) fn are_versions(one: &str, other: &str) -> bool {
    share(one, other, 1, 2)
}

/// Returns whether two Markdown texts are nearly equal: three quarters of the pairs of neighbouring words of the shorter
/// one are in the longer one. Link targets are ignored. Very short texts must be equal.
pub(super) fn are_nearly_equal(one: &str, other: &str) -> bool {
    share(one, other, 3, 4)
}

/// Returns whether `part` of `whole` of the pairs of the shorter text are in the longer one.
fn share(one: &str, other: &str, part: usize, whole: usize) -> bool {
    let (one, other) = (pairs(one), pairs(other));
    let count = |pairs: &BTreeMap<(&str, &str), usize>| pairs.values().sum::<usize>();
    let shorter = count(&one).min(count(&other));
    if shorter < MIN_PAIRS {
        return one == other;
    }
    let shared: usize = one.iter().map(|(pair, n)| (*n).min(other.get(pair).copied().unwrap_or_default())).sum();
    shared * whole >= shorter * part
}

/// How many pairs of neighbouring words two texts have, and how many they share.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Overlap {
    pub old: usize,
    pub new: usize,
    pub shared: usize,
}

impl Overlap {
    /// Returns the share of the old text that is in the new one, from 0 to 1; 1 if the old one has no words.
    pub fn share_of_old(self) -> f64 {
        if self.old == 0 { 1.0 } else { self.shared as f64 / self.old as f64 }
    }
}

/// Compares two Markdown texts by pairs of neighbouring words. Link targets are ignored.
pub(super) fn overlap(old: &str, new: &str) -> Overlap {
    let (old, new) = (pairs(old), pairs(new));
    let count = |pairs: &BTreeMap<(&str, &str), usize>| pairs.values().sum::<usize>();
    let shared = old.iter().map(|(pair, n)| (*n).min(new.get(pair).copied().unwrap_or_default())).sum();
    Overlap { old: count(&old), new: count(&new), shared }
}

fn pairs(text: &str) -> BTreeMap<(&str, &str), usize> {
    let mut words = Vec::new();
    let mut in_target = false;
    let mut last = "";
    for piece in text.split_word_bounds() {
        in_target = match piece {
            "(" if last == "]" => true,
            ")" | "\n" => false,
            _ => in_target,
        };
        last = piece;
        if !in_target && piece.chars().any(char::is_alphanumeric) {
            words.push(piece);
        }
    }
    let mut pairs = BTreeMap::new();
    for pair in words.windows(2) {
        *pairs.entry((pair[0], pair[1])).or_default() += 1;
    }
    pairs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_split_into_words_in_any_script_without_loss() {
        let text = "The river, 河水很慢。\n\n  Größe 2.5";
        let found = pieces(text);
        assert_eq!(found.concat(), text);
        assert_eq!(
            found,
            ["The", " ", "river", ",", " ", "河", "水", "很", "慢", "。", "\n", "\n", "  ", "Größe", " ", "2.5"]
        );
    }

    #[test]
    fn a_print_view_is_a_version_and_another_article_is_not() {
        let article =
            "城里最后一家装订铺要关门了。老师傅说，手艺不能断，他想把四十年的经验写成一本书，留给愿意学的人。";
        let printed = "城里最后一家装订铺要关门了。老师傅说，手艺不能断，他想把四十年的经验写成一本书。（打印版）";
        let other = "今天的河水比往年都要慢一些，岸边的老人说，上游新修的水坝还没有放水，鱼也跟着少了许多。";
        assert!(are_versions(article, printed) && !are_versions(article, other));
        let english = "The last bindery in town closes its doors this week after forty years of quiet work by hand.";
        let unlike = "The river runs slower this year than in any year that the old men by the bridge remember well.";
        assert!(are_versions(english, &english.replace("this week", "on Friday")) && !are_versions(english, unlike));
        assert!(!are_versions("短文", "短"), "very short texts must be equal");
    }

    #[test]
    fn link_targets_are_not_compared() {
        let link =
            |text: &str, to: &str| format!("[{text}](https://example.org/{to}/one/two/three/four/five/six/seven)\n");
        assert!(!are_versions(&link("河水", "a").repeat(9), &link("山路", "a").repeat(9)));
    }
}
