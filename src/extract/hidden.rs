//! Hidden parts of a page: hidden from every reader, meant for screen readers only, or shown when a reader opens them.

use crate::html::ElementRef;

use super::attributes::Attributes;
use super::naming::words;

/// The maximum number of elements above a hidden one that are checked for names of panels.
const ABOVE: usize = 3;

/// The maximum number of nodes below a hidden one that are checked for footnotes and formulas.
const BELOW: usize = 12;

/// The maximum length of a notice that a link opens a new window, in characters.
const NEW_TAB: usize = 60;

/// Class names of text for screen readers, without `-` and `_`, in lower case. Sorted.
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

/// Notices for screen readers at the end of a link, in lower case, letters and single spaces only.
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

/// Returns true for a style that shows its element to screen readers only: clipped to nothing, or moved off screen.
pub fn cuts(style: &str) -> bool {
    // All such styles set `position`.
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

/// Returns true for a clip rectangle of at most one pixel.
fn is_pixel(cut: &str) -> bool {
    let sides = cut.replace("px", ",");
    let mut sides = sides.split(',').filter(|side| !side.is_empty());
    sides.all(|side| matches!(side, "0" | "1" | "auto"))
}

/// Returns true for an offset of thousands of pixels.
fn is_far(value: &str) -> bool {
    let digits = value.strip_prefix('-').map(|value| value.trim_end_matches(|c: char| c.is_ascii_alphabetic()));
    digits.and_then(|digits| digits.split('.').next()).is_some_and(|digits| digits.len() >= 4)
}

fn bare(style: &str) -> String {
    style.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_lowercase).collect()
}

/// Returns true for a class attribute that shows its elements to screen readers only.
pub fn is_read_out(class: &str) -> bool {
    let names = || class.split_ascii_whitespace().take(24).filter(|name| name.len() <= 80);
    // The element is shown in wide windows.
    if names().any(|name| name.ends_with(":not-sr-only") && !name.starts_with("focus")) {
        return false;
    }
    names().any(|name| {
        let bare: String = name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
        // Generated names end in the name of a component, after a hash.
        let component = ["VisuallyHidden", "ScreenReaderText", "ScreenReaderOnly", "SrOnly"];
        READ_OUT.binary_search(&bare.as_str()).is_ok() || component.iter().any(|end| name.ends_with(end))
    })
}

/// Returns true for a notice that a link opens a new window, meant for those who do not see the icon beside the link.
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

/// Returns true when the link around the element has other text too.
fn is_part_of_link(element: ElementRef<'_>, own: &str) -> bool {
    let mut above = element.ancestors().filter_map(ElementRef::wrap);
    let Some(link) = above.find(|one| one.value().name() == "a") else { return false };
    let seen = |text: &str| text.chars().filter(|c| !c.is_whitespace()).count();
    let texts = link.descendants().take(200).filter_map(|node| node.value().as_text());
    texts.map(|text| seen(&text.text)).sum::<usize>() > seen(own)
}

/// Returns true for a part that a reader opens, by its names or those around it: a panel of tabs, an answer, a spoiler.
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

/// Returns true for words that count only in the names of the part itself.
fn own_name_opens(name: &str) -> bool {
    let says =
        |word: &String| matches!(word.as_str(), "panel" | "pane" | "answer" | "more" | "readmore" | "reveal" | "fold");
    words(name).iter().any(says)
}

/// Returns true for a footnote or a list of footnotes, and for elements inside or around one.
pub fn is_note(element: ElementRef<'_>) -> bool {
    // A button that opens the notes is not a note.
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

/// Returns true for the only text of a table cell: an icon stands there for those who see it.
pub fn is_all_of_cell(element: ElementRef<'_>) -> bool {
    let mut above = element.ancestors().filter_map(ElementRef::wrap).take(ABOVE);
    let Some(cell) = above.find(|one| matches!(one.value().name(), "td" | "th")) else { return false };
    let seen = |one: ElementRef<'_>| {
        let texts = one.descendants().take(4 * BELOW).filter_map(|node| node.value().as_text());
        texts.flat_map(|text| text.text.chars()).filter(|c| !c.is_whitespace()).count()
    };
    seen(cell) == seen(element)
}

/// Returns true for an element that contains a formula: it may be hidden beside the formula's image.
pub fn holds_formula(element: ElementRef<'_>) -> bool {
    let mut inside = element.descendants().take(BELOW).filter_map(|node| node.value().as_element());
    inside.any(|one| matches!(one.name(), "math" | "annotation"))
}

fn names<'a>(element: ElementRef<'a>) -> impl Iterator<Item = &'a str> {
    let element = element.value();
    let values = ["class", "id"].into_iter().filter_map(move |name| element.attr(name));
    values.flat_map(|value| value.split_ascii_whitespace().take(24)).filter(|name| name.len() <= 80)
}

/// Returns the ids of the parts that an element opens, by attributes such as `aria-controls`, `onclick` or `href`.
pub fn opened_by<'a>(attributes: &Attributes<'a>) -> impl Iterator<Item = &'a str> {
    let named = attributes.opens.into_iter().flat_map(|value| value.split_ascii_whitespace().take(8));
    let called = attributes.onclick.filter(|script| script.len() <= 400).into_iter().flat_map(|script| {
        // The strings between quotes.
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

    /// Returns the text of an article, and of the same HTML as a fragment.
    fn texts(html: &str) -> [String; 2] {
        [false, true].map(|fragment| {
            let page = format!("<title>渡口</title><article>{html}</article>");
            let raw = RawPage::from_bytes(page.into(), None, Origin::Replay, None);
            let article = extract(&raw, Options { fragment, ..Options::default() }).unwrap();
            article.content.text(article.content.root())
        })
    }

    #[test]
    fn every_class_name_for_screen_readers_has_a_hint() {
        for name in READ_OUT {
            assert!(Hints::of_class(name).has(Hints::READ_OUT), "{name}");
        }
    }

    #[test]
    fn hidden_text_is_left_out() {
        for part in [
            "<div style='display:none'>藏起来的编辑备注，待核实后删除。</div>",
            "<section hidden><h3>藏</h3><p>藏起来的旧稿，不再使用。</p></section>",
            "<p style='visibility: hidden'>藏起来的一句话。</p>",
            "<h2 class=visually-hidden>藏</h2>",
            "<p>木牌<span class=sr-only>藏</span>还在。</p>",
            "<p>见<a href='/x'>名单<span style='position:absolute;clip:rect(0,0,0,0)'>藏</span></a>。</p>",
        ] {
            for text in texts(&format!("{TEXT}{part}{TEXT}")) {
                assert!(text.contains("拔了") && !text.contains('藏'), "{part}: {text}");
            }
        }
        for text in texts(&format!("{TEXT}<p>见<a href='/x'>名单 <small>(opens in a new tab)</small></a>。</p>{TEXT}"))
        {
            assert!(text.contains("名单") && !text.contains("opens"), "{text}");
        }
    }

    #[test]
    fn panels_that_a_reader_opens_are_kept() {
        for part in [
            "<div class=tabs><div role=tabpanel style='display:none'><p>另一页写着渡口的开船时刻，夏天每半小时一班。</p></div></div>",
            "<div class=faq-item><h3>几点开船？</h3><div hidden><p>夏天每半小时一班，开船时刻写在木牌上。</p></div></div>",
            "<table><tr><th>渡口</th><th>夏天</th></tr><tr><td>南岸</td><td><svg></svg><span class=sr-only>开船时刻</span></td></tr></table>",
            "<p><a href='#more' aria-controls=rest>更多</a></p><div id=rest style='display:none'><p>开船时刻写在木牌上，夏天每半小时一班。</p></div>",
        ] {
            for text in texts(&format!("{TEXT}{part}{TEXT}")) {
                assert!(text.contains("开船时刻"), "{part}: {text}");
            }
        }
    }

    #[test]
    fn a_page_that_a_script_shows_is_read() {
        let page = format!("<div id=app style='display:none'>{TEXT}<p hidden>藏</p></div>");
        let [text, _] = texts(&page);
        assert!(text.contains("拔了") && !text.contains('藏'), "{text}");
    }

    #[test]
    fn clipped_text_is_for_screen_readers() {
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
    fn classes_for_screen_readers_are_recognised_by_name() {
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
