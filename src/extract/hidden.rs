//! What a page hides: from every reader, from those who see it, or until something is opened.

use crate::html::ElementRef;

use super::attributes::Attributes;
use super::naming::words;

/// So many elements above a hidden one may say that it opens.
const ABOVE: usize = 3;

/// So many nodes below a hidden one may say that it is a footnote or a formula.
const BELOW: usize = 12;

/// What tells of a link that it leads to another window is no longer than this (in characters).
const NEW_TAB: usize = 60;

/// Names of classes whose elements are read out and not shown, without `-` and `_`, in lower case. Sorted.
const READ_OUT: [&str; 36] = [
    "a11yhidden",
    "a11yonly",
    "a11ytext",
    "accessibilitytext",
    "accessibletext",
    "accessiblyhidden",
    "assistivetext",
    "cdkvisuallyhidden",
    "elementinvisible",
    "elementorscreenonly",
    "forscreenreader",
    "hiddenvisually",
    "hidevisually",
    "isvisuallyhidden",
    "offscreen",
    "offscreentext",
    "onlyscreenreader",
    "screenonly",
    "screenreader",
    "screenreaderonly",
    "screenreaders",
    "screenreadersonly",
    "screenreadertext",
    "showforsr",
    "sronly",
    "srtext",
    "uhiddenvisually",
    "usasronly",
    "uscreenreadertext",
    "usronly",
    "uvisuallyhidden",
    "vhidden",
    "visuallyhidden",
    "visuallyhiddentext",
    "voiceover",
    "wcagtext",
];

/// Words for screen readers at the end of a link, in lower case, letters and single spaces only.
const NEW_TABS: [&str; 62] = [
    "opens in a new tab",
    "opens in new tab",
    "opens a new tab",
    "opens new tab",
    "open in a new tab",
    "open in new tab",
    "opens in a new window",
    "opens in new window",
    "opens a new window",
    "opens new window",
    "open in a new window",
    "open in new window",
    "opens in a new browser tab",
    "opens in a new browser window",
    "opens in a new tab or window",
    "link opens in a new tab",
    "link opens in a new window",
    "link opens in new tab",
    "link opens in new window",
    "this link opens in a new tab",
    "this link opens in a new window",
    "this link will open in a new window",
    "opens an external site",
    "opens external site",
    "opens external website",
    "opens external link",
    "opens an external website in a new window",
    "external link",
    "external site",
    "external website",
    "link is external",
    "在新窗口打开",
    "在新窗口中打开",
    "在新标签页打开",
    "在新标签页中打开",
    "新窗口打开",
    "另開新視窗",
    "在新視窗開啟",
    "在新分頁開啟",
    "外部链接",
    "外部連結",
    "新しいタブで開く",
    "新しいタブで開きます",
    "新しいウィンドウで開く",
    "新しいウィンドウで開きます",
    "新規ウィンドウで開く",
    "別ウィンドウで開く",
    "別タブで開く",
    "外部リンク",
    "外部サイト",
    "새 창",
    "새 창에서 열림",
    "새 탭에서 열림",
    "öffnet in neuem tab",
    "öffnet in einem neuen tab",
    "öffnet in neuem fenster",
    "s ouvre dans un nouvel onglet",
    "s ouvre dans une nouvelle fenêtre",
    "se abre en una nueva pestaña",
    "abre numa nova aba",
    "si apre in una nuova scheda",
    "откроется в новой вкладке",
];

/// True for a style that leaves its element to screen readers: cut to nothing, or moved out of every window.
pub fn cuts(style: &str) -> bool {
    // All of them take the element out of the text.
    if !style.contains("osition") && !style.contains("OSITION") {
        return false;
    }
    let style = bare(style);
    let rules = || style.split(';').filter_map(|rule| rule.trim_end_matches("!important").split_once(':'));
    let has = |wanted: &dyn Fn(&str, &str) -> bool| rules().any(|(name, value)| wanted(name, value));
    let apart = has(&|name, value| name == "position" && matches!(value, "absolute" | "fixed"));
    let pixel = |wanted| has(&|name, value| name == wanted && matches!(value, "1px" | "0" | "0px"));
    let clipped = has(&|name, value| match name {
        "clip" => value.strip_prefix("rect(").is_some_and(|cut| is_pixel(cut.trim_end_matches(')'))),
        "clip-path" => matches!(value, "inset(50%)" | "inset(100%)"),
        _ => false,
    });
    let small = pixel("width") && pixel("height") && has(&|name, value| name == "overflow" && value == "hidden");
    let outside = has(&|name, value| matches!(name, "left" | "top") && is_far(value));
    apart && (clipped || small || outside)
}

/// Four sides, none of them further than one pixel.
fn is_pixel(cut: &str) -> bool {
    let sides = cut.replace("px", ",");
    let mut sides = sides.split(',').filter(|side| !side.is_empty());
    sides.all(|side| matches!(side, "0" | "1" | "auto"))
}

/// Thousands of pixels away.
fn is_far(value: &str) -> bool {
    let digits = value.strip_prefix('-').map(|value| value.trim_end_matches(|c: char| c.is_ascii_alphabetic()));
    digits.and_then(|digits| digits.split('.').next()).is_some_and(|digits| digits.len() >= 4)
}

fn bare(style: &str) -> String {
    style.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_lowercase).collect()
}

/// True for a class that leaves its elements to screen readers.
pub fn is_read_out(class: &str) -> bool {
    let names = || class.split_ascii_whitespace().take(24).filter(|name| name.len() <= 80);
    // Shown again in wide windows.
    if names().any(|name| name.ends_with(":not-sr-only") && !name.starts_with("focus")) {
        return false;
    }
    names().any(|name| {
        let bare: String = name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
        // Before the name of a component stands a number; a word there says that something in the element is hidden.
        let component = ["VisuallyHidden", "ScreenReaderText", "ScreenReaderOnly", "SrOnly"];
        READ_OUT.binary_search(&bare.as_str()).is_ok() || component.iter().any(|end| name.ends_with(end))
    })
}

/// True when what an element shows is for those who hear a link and do not see the sign beside it.
pub fn says_new_tab(element: ElementRef<'_>) -> bool {
    let mut text = String::new();
    for part in element.descendants().take(BELOW).filter_map(|node| node.value().as_text()) {
        text.push_str(&part.text);
        if text.len() > NEW_TAB * 4 {
            return false;
        }
    }
    let lower = text.to_lowercase();
    let words: Vec<&str> = lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    !words.is_empty() && NEW_TABS.contains(&words.join(" ").as_str()) && is_part_of_link(element, &text)
}

/// The link says something beside it.
fn is_part_of_link(element: ElementRef<'_>, own: &str) -> bool {
    let mut above = element.ancestors().filter_map(ElementRef::wrap);
    let Some(link) = above.find(|one| one.value().name() == "a") else { return false };
    let seen = |text: &str| text.chars().filter(|c| !c.is_whitespace()).count();
    let texts = link.descendants().take(200).filter_map(|node| node.value().as_text());
    texts.map(|text| seen(&text.text)).sum::<usize>() > seen(own)
}

/// True for a part that a reader opens, as its names or those around it say: a panel of tabs, an answer, a spoiler.
pub fn opens(element: ElementRef<'_>) -> bool {
    let around = element.ancestors().filter_map(ElementRef::wrap).take(ABOVE);
    let role = matches!(element.attr("role"), Some("tabpanel" | "region"));
    role || names(element).any(|name| name_opens(name) || own_name_opens(name))
        || around.take_while(|one| one.value().name() != "body").flat_map(names).any(name_opens)
}

fn name_opens(name: &str) -> bool {
    words(name).into_iter().any(|word| {
        let tab = word.starts_with("tab") && !word.starts_with("tabl");
        let starts = ["accordion", "collaps", "spoiler", "expand", "faq", "unfold", "foldable", "toggle", "details"];
        tab || starts.iter().any(|start| word.starts_with(start))
    })
}

/// Words that say it of the part itself only.
fn own_name_opens(name: &str) -> bool {
    let says =
        |word: &String| matches!(word.as_str(), "panel" | "pane" | "answer" | "more" | "readmore" | "reveal" | "fold");
    words(name).iter().any(says)
}

/// True for a footnote or a list of them; or for what stands in one, or holds one.
pub fn is_note(element: ElementRef<'_>) -> bool {
    // A button that opens the notes is none of them.
    if element.attr("role") == Some("button") || matches!(element.value().name(), "a" | "button" | "input") {
        return false;
    }
    let around = element.ancestors().filter_map(ElementRef::wrap).take(ABOVE);
    let inside = element.descendants().take(BELOW).filter_map(ElementRef::wrap);
    inside.chain(around).any(|one| {
        let role = one.attr("role").is_some_and(|role| role.contains("note") && role.starts_with("doc-"));
        role || names(one).any(|name| {
            words(name).iter().any(|word| {
                let starts = ["footnote", "endnote", "sidenote", "marginnote", "noteref", "reflist"];
                let starts = starts.iter().any(|start| word.starts_with(start));
                let number = word.strip_prefix("fn").is_some_and(|rest| rest.chars().all(|c| c.is_ascii_digit()));
                starts || number || matches!(word.as_str(), "references" | "fnote")
            })
        })
    })
}

/// True for all that a cell of a table says: a sign stands there for those who see it.
pub fn is_all_of_cell(element: ElementRef<'_>) -> bool {
    let mut above = element.ancestors().filter_map(ElementRef::wrap).take(ABOVE);
    let Some(cell) = above.find(|one| matches!(one.value().name(), "td" | "th")) else { return false };
    let seen = |one: ElementRef<'_>| {
        let texts = one.descendants().take(4 * BELOW).filter_map(|node| node.value().as_text());
        texts.flat_map(|text| text.text.chars()).filter(|c| !c.is_whitespace()).count()
    };
    seen(cell) == seen(element)
}

/// True for what holds a formula: it is hidden beside the image of it.
pub fn holds_formula(element: ElementRef<'_>) -> bool {
    let mut inside = element.descendants().take(BELOW).filter_map(|node| node.value().as_element());
    inside.any(|one| matches!(one.name(), "math" | "annotation"))
}

fn names<'a>(element: ElementRef<'a>) -> impl Iterator<Item = &'a str> {
    let element = element.value();
    let values = ["class", "id"].into_iter().filter_map(move |name| element.attr(name));
    values.flat_map(|value| value.split_ascii_whitespace().take(24)).filter(|name| name.len() <= 80)
}

/// True for an `onclick` or the like that names what it opens, or an `href` to a part of the page.
pub fn opened_by<'a>(attributes: &Attributes<'a>) -> impl Iterator<Item = &'a str> {
    let named = attributes.opens.into_iter().flat_map(|value| value.split_ascii_whitespace().take(8));
    let called = attributes.onclick.filter(|script| script.len() <= 400).into_iter().flat_map(|script| {
        // What stands between quotes.
        script.split(['\'', '"']).skip(1).step_by(2)
    });
    named.chain(called).map(|id| id.trim_start_matches('#')).filter(|id| !id.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::hints::Hints;
    use crate::extract::{Options, extract};
    use crate::model::{Origin, RawPage};

    const TEXT: &str = "<p>老船工从十六岁起就在这条河上撑船，没有换过第二样营生，船板被草鞋磨得发亮。</p>\
        <p>大桥通车以后，坐船的只剩下对岸的几个学生，还有舍不得绕路的卖菜人，一天不过十来趟。</p>\
        <p>水退以后，有人在渡口立了一块木牌，上面写着他的名字，他嫌难看，第二天又给拔了。</p>";

    /// The text of a page, and of the same as a fragment.
    fn told(html: &str) -> [String; 2] {
        [false, true].map(|fragment| {
            let page = format!("<title>渡口</title><article>{html}</article>");
            let raw = RawPage::from_bytes(page.into(), None, Origin::Replay, None);
            let article = extract(&raw, Options { fragment, ..Options::default() }).unwrap();
            article.content.text(article.content.root())
        })
    }

    #[test]
    fn every_name_of_what_is_read_out_is_hinted_at() {
        for name in READ_OUT {
            assert!(Hints::of_class(name).has(Hints::READ_OUT), "{name}");
        }
    }

    #[test]
    fn what_no_reader_sees_is_left_out() {
        for part in [
            "<div style='display:none'>藏起来的编辑备注，待核实后删除。</div>",
            "<section hidden><h3>藏</h3><p>藏起来的旧稿，不再使用。</p></section>",
            "<p style='visibility: hidden'>藏起来的一句话。</p>",
            "<h2 class=visually-hidden>藏</h2>",
            "<p>木牌<span class=sr-only>藏</span>还在。</p>",
            "<p>见<a href='/x'>名单<span style='position:absolute;clip:rect(0,0,0,0)'>藏</span></a>。</p>",
        ] {
            for text in told(&format!("{TEXT}{part}{TEXT}")) {
                assert!(text.contains("拔了") && !text.contains('藏'), "{part}: {text}");
            }
        }
        for text in told(&format!("{TEXT}<p>见<a href='/x'>名单 <small>(opens in a new tab)</small></a>。</p>{TEXT}"))
        {
            assert!(text.contains("名单") && !text.contains("opens"), "{text}");
        }
    }

    #[test]
    fn what_a_reader_opens_stays() {
        for part in [
            "<div class=tabs><div role=tabpanel style='display:none'><p>另一页写着渡口的开船时刻，夏天每半小时一班。</p></div></div>",
            "<div class=faq-item><h3>几点开船？</h3><div hidden><p>夏天每半小时一班，开船时刻写在木牌上。</p></div></div>",
            "<table><tr><th>渡口</th><th>夏天</th></tr><tr><td>南岸</td><td><svg></svg><span class=sr-only>开船时刻</span></td></tr></table>",
            "<p><a href='#more' aria-controls=rest>更多</a></p><div id=rest style='display:none'><p>开船时刻写在木牌上，夏天每半小时一班。</p></div>",
        ] {
            for text in told(&format!("{TEXT}{part}{TEXT}")) {
                assert!(text.contains("开船时刻"), "{part}: {text}");
            }
        }
    }

    #[test]
    fn a_page_that_a_script_unveils_is_read() {
        let page = format!("<div id=app style='display:none'>{TEXT}<p hidden>藏</p></div>");
        let [text, _] = told(&page);
        assert!(text.contains("拔了") && !text.contains('藏'), "{text}");
    }

    #[test]
    fn what_is_cut_to_nothing_is_for_screen_readers() {
        for style in [
            "position:absolute;clip:rect(0,0,0,0)",
            "border:0; clip: rect(0px, 0px, 0px, 0px); height:1px; position: absolute",
            "position: absolute !important; clip: rect(1px 1px 1px 1px)",
            "clip-path: inset(50%); position:absolute; width:1px",
            "POSITION: absolute; left: -9999px",
            "position:absolute;top:-1000em",
            "position:absolute;width:1px;height:1px;overflow:hidden",
        ] {
            assert!(cuts(style), "{style}");
        }
        for style in [
            "position:absolute;left:-20px",
            "clip:rect(0,0,0,0)",
            "position:absolute;clip:rect(0,100px,50px,0)",
            "position:relative;width:1px;height:1px;overflow:hidden",
            "background-position:-9999px 0",
        ] {
            assert!(!cuts(style), "{style}");
        }
    }

    #[test]
    fn classes_for_screen_readers_are_known_by_their_names() {
        for class in
            ["sr-only", "x visually-hidden", "u-screenReaderText", "ssrcss-1f39n02-VisuallyHidden", "usa-sr-only"]
        {
            assert!(is_read_out(class), "{class}");
        }
        for class in [
            "hidden-gems",
            "screen",
            "sr",
            "visually",
            "field--label-visually_hidden",
            "sr-only sm:not-sr-only",
            "has-sr-only",
        ] {
            assert!(!is_read_out(class), "{class}");
        }
        assert!(READ_OUT.is_sorted());
    }
}
