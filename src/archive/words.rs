//! The words of a text, in any script: what differences are told in, and what likeness is measured by.

use std::collections::BTreeMap;

use unicode_segmentation::UnicodeSegmentation;

/// The pieces of a text, which together are the text: words, single signs, runs of white space. Han, kana and other
/// scripts without spaces fall into pieces of one character or word as UAX #29 divides them.
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

/// Two texts with fewer pairs of words than this have no likeness.
const MIN_PAIRS: usize = 10;

/// Whether two Markdown texts are forms of one: at least half of the pairs of neighbouring words of the shorter are in
/// the longer. Where links lead does not count. Texts of a few words are alike only when they are equal.
pub(super) fn alike(one: &str, other: &str) -> bool {
    let (one, other) = (pairs(one), pairs(other));
    let count = |pairs: &BTreeMap<(&str, &str), usize>| pairs.values().sum::<usize>();
    let shorter = count(&one).min(count(&other));
    if shorter < MIN_PAIRS {
        return one == other;
    }
    let shared: usize = one.iter().map(|(pair, n)| (*n).min(other.get(pair).copied().unwrap_or_default())).sum();
    shared * 2 >= shorter
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
    fn pieces_are_words_in_any_script_and_together_the_text() {
        let text = "The river, 河水很慢。\n\n  Größe 2.5";
        let found = pieces(text);
        assert_eq!(found.concat(), text);
        assert_eq!(
            found,
            ["The", " ", "river", ",", " ", "河", "水", "很", "慢", "。", "\n", "\n", "  ", "Größe", " ", "2.5"]
        );
    }

    #[test]
    fn a_print_view_is_alike_and_another_article_is_not() {
        let article =
            "城里最后一家装订铺要关门了。老师傅说，手艺不能断，他想把四十年的经验写成一本书，留给愿意学的人。";
        let printed = "城里最后一家装订铺要关门了。老师傅说，手艺不能断，他想把四十年的经验写成一本书。（打印版）";
        let other = "今天的河水比往年都要慢一些，岸边的老人说，上游新修的水坝还没有放水，鱼也跟着少了许多。";
        assert!(alike(article, printed) && !alike(article, other));
        let english = "The last bindery in town closes its doors this week after forty years of quiet work by hand.";
        let unlike = "The river runs slower this year than in any year that the old men by the bridge remember well.";
        assert!(alike(english, &english.replace("this week", "on Friday")) && !alike(english, unlike));
        assert!(!alike("短文", "短"), "a few words say nothing");
    }

    #[test]
    fn where_a_link_leads_makes_no_likeness() {
        let link =
            |text: &str, to: &str| format!("[{text}](https://example.org/{to}/one/two/three/four/five/six/seven)\n");
        assert!(!alike(&link("河水", "a").repeat(9), &link("山路", "a").repeat(9)));
    }
}
