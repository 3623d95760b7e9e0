//! Ruby readings: each is placed directly after its word, regardless of their order on the page.

use crate::html::text;
use crate::model::tree::{NodeId, Tree};

/// The maximum number of words in one `ruby`.
const WORDS: usize = 100;

/// Places each reading after its word where a page lists all words before all readings.
pub fn pair_readings(tree: &mut Tree) {
    let all: Vec<NodeId> = tree.descendants(tree.root()).filter(|&id| tree.name(id) == "ruby").collect();
    for ruby in all {
        let groups: Vec<NodeId> = tree.children(ruby).filter(|&child| is_group(tree, child)).collect();
        groups.into_iter().for_each(|group| tree.unwrap(group));
        let children: Vec<NodeId> = tree.children(ruby).filter(|&child| is_seen(tree, child)).take(2 * WORDS).collect();
        let words = children.iter().take_while(|&&child| tree.name(child) == "span").count();
        let readings = &children[words..];
        let paired = words > 1 && readings.len() == words && readings.iter().all(|&child| tree.name(child) == "rt");
        if !paired {
            continue;
        }
        let every: Vec<NodeId> = tree.children(ruby).collect();
        every.into_iter().for_each(|child| tree.detach(child));
        for (&word, &reading) in children[..words].iter().zip(readings) {
            tree.append(ruby, word);
            tree.append(ruby, reading);
        }
    }
}

/// Returns true for an element that contains readings, such as `rtc`.
fn is_group(tree: &Tree, id: NodeId) -> bool {
    tree.name(id) == "span" && tree.children(id).any(|child| tree.name(child) == "rt")
}

/// Returns true for a node other than white space and the fallback brackets.
fn is_seen(tree: &Tree, id: NodeId) -> bool {
    tree.name(id) != "rp" && tree.text_of(id).is_none_or(|text| !text::is_blank(text))
}

#[cfg(test)]
mod tests {
    use crate::extract::{Options, extract};
    use crate::frontmatter::{Profile, Style};
    use crate::markdown;
    use crate::model::{ImageMap, Origin, RawPage};

    fn written(html: &str, with_html: bool) -> String {
        let raw = RawPage::from_bytes(html.into(), None, Origin::Replay, None);
        let article = extract(&raw, Options { fragment: true, ..Options::default() }).unwrap();
        let profile = Profile { style: Style { html: with_html, ..Style::default() }, ..Profile::default() };
        let document = markdown::write(&article, &ImageMap::new(), &profile);
        assert!(document.round_trip.is_empty(), "{:?}", document.round_trip);
        document.body
    }

    #[test]
    fn without_html_a_reading_stands_in_brackets_after_its_word() {
        for (ruby, expected) in [
            ("<ruby>山路<rt>やまみち</rt></ruby>", "山路(やまみち)"),
            ("<ruby><rb>山路</rb><rp>（</rp><rt>やまみち</rt><rp>）</rp></ruby>", "山路(やまみち)"),
            ("<ruby>山<rt>やま</rt>路<rt>みち</rt></ruby>", "山(やま)路(みち)"),
            ("<ruby><rb>山</rb><rb>路</rb><rt>やま</rt><rt>みち</rt></ruby>", "山(やま)路(みち)"),
            ("<ruby><rb>汉</rb><rb>字</rb><rtc><rt>hàn</rt><rt>zì</rt></rtc></ruby>", "汉(hàn)字(zì)"),
            ("<ruby>汉字<rt>hàn</rt><rt>zì</rt></ruby>", "汉字(hàn zì)"),
            ("<ruby>山<rt></rt></ruby>", "山"),
        ] {
            assert_eq!(
                written(&format!("<p>この{ruby}を歩く。</p>"), false),
                format!("この{expected}を歩く。\n"),
                "{ruby}"
            );
        }
    }

    #[test]
    fn with_html_readings_stay_ruby() {
        let ruby = "<ruby>山路<rp>（</rp><rt>やまみち</rt><rp>）</rp></ruby>";
        assert_eq!(written(&format!("<p>{ruby}</p>"), true), format!("{ruby}\n"));
    }
}
