//! Images that stand in for others, and images that only count readers.

use super::template;
use super::urls::{clean, has_break, starts_with};

/// A `data:` URL shorter than this holds no image when there is any other URL.
const SHORT_DATA: usize = 200;

/// Hosts (or hosts with the start of a path) that serve nothing but counters.
const TRACKERS: [&str; 15] = [
    "pixel.wp.com",
    "stats.wordpress.com",
    "feeds.feedburner.com/~r",
    "scorecardresearch.com",
    "google-analytics.com",
    "doubleclick.net",
    "mc.yandex.ru",
    "bat.bing.com",
    "facebook.com/tr",
    "quantserve.com",
    "hm.baidu.com",
    "s4.cnzz.com",
    "c.cnzz.com",
    "sb.gscontxt.net",
    "counter.yadro.ru",
];

/// Words that a stand-in's file name is made of; one of them is needed.
const STAND_IN: [&str; 33] = [
    "whitedot",
    "whitepixel",
    "white",
    "spinner",
    "spin",
    "loader",
    "preloader",
    "ajaxloader",
    "dummy",
    "shim",
    "lazyimg",
    "nopic",
    "noimage",
    "throbber",
    "skeleton",
    "1px",
    "none",
    "blank",
    "spacer",
    "loading",
    "lazy",
    "lazyload",
    "lazyloading",
    "placeholder",
    "grey",
    "gray",
    "pixel",
    "transparent",
    "clear",
    "empty",
    "trans",
    "1x1",
    "dot",
];

/// Words that may stand beside them.
const BESIDE: [&str; 22] = [
    "img", "image", "images", "bg", "pic", "gif", "icon", "default", "load", "small", "big", "ajax", "no", "svg",
    "thumb", "photo", "picture", "bar", "circle", "page", "post", "ratio",
];

/// The host that a URL counts readers for; None for an ordinary image.
pub fn tracker(url: &str) -> Option<&'static str> {
    let rest = url.trim();
    let rest = rest.split_once("//").map_or(rest, |(_, rest)| rest).to_ascii_lowercase();
    let (host, path) = rest.split_once('/').unwrap_or((&rest, ""));
    TRACKERS.into_iter().find(|row| {
        let (wanted, start) = row.split_once('/').unwrap_or((row, ""));
        let on_host = host == wanted || host.strip_suffix(wanted).is_some_and(|sub| sub.ends_with('.'));
        on_host
            && path
                .strip_prefix(start)
                .is_some_and(|after| start.is_empty() || !after.starts_with(char::is_alphanumeric))
    })
}

/// True for a URL that only holds the place of another: nothing, `#`, `about:blank`, `blank.gif`, a small blur.
/// Says nothing of `data:` URLs.
pub fn is_placeholder(url: &str) -> bool {
    let url = url.trim();
    if url.is_empty() || url.starts_with('#') || url.starts_with("about:") {
        return true;
    }
    if url.starts_with("data:") {
        return false;
    }
    let (path, query) = url.split_once('?').unwrap_or((url, ""));
    let name = path.rsplit('/').next().unwrap_or_default().to_ascii_lowercase();
    let stem = name.rsplit_once('.').map_or(name.as_str(), |(stem, _)| stem);
    // Yahoo's spacer, which many have taken over.
    name == "s.gif" || names_a_stand_in(stem) || is_tiny(query)
}

/// Returns true for what looks like a URL, and like that of an image rather than of a stand-in.
pub(super) fn is_good(url: &str) -> bool {
    if starts_with(url, "data:") {
        return starts_with(url, "data:image/") && url.len() >= SHORT_DATA && !starts_with(url, "data:image/svg");
    }
    // A line break may stand in a URL; with blanks or tags between the lines it is a text.
    let is_text = has_break(url.trim()) && clean(url).contains([' ', '<', '"']);
    // A handler of a script in the wrong attribute.
    let is_script = url.contains('=') && url.contains(['\'', ';']) && url.contains("this.");
    !url.starts_with(['[', '<'])
        && !is_script
        && !url.contains('{')
        && !is_text
        && !is_placeholder(url)
        && !template::is_template(url)
}

fn names_a_stand_in(stem: &str) -> bool {
    let mut named = false;
    for word in stem.split(['-', '_', '.', '@']).filter(|word| !word.is_empty()) {
        if STAND_IN.contains(&word) {
            named = true;
        } else if !BESIDE.contains(&word) && !word.chars().all(|c| c.is_ascii_digit() || c == 'x') {
            return false;
        }
    }
    named
}

/// `w=20`: a preview that is blurred until the image is there.
fn is_tiny(query: &str) -> bool {
    query.split('&').any(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or_default();
        matches!(name, "w" | "width") && value.parse::<u32>().is_ok_and(|width| width < 64)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stand_ins_are_told_by_whole_words() {
        for url in [
            "",
            "#",
            "about:blank",
            "/static/image/common/none.gif",
            "//s.cn/blank.png?v=2",
            "img-loading_2.gif",
            "/p.jpg?w=20",
            "//z.example/ztext/whitedot.jpg",
            "/img/ajax-loader.gif",
            "/s.gif",
            "/placeholder-16x9.svg",
        ] {
            assert!(is_placeholder(url), "{url}");
        }
        for url in [
            "/google-pixel-8.jpg",
            "/loading-dock-fire.jpg",
            "/a.jpg?w=800",
            "/gray-whale.png",
            "data:image/gif;base64,R0",
        ] {
            assert!(!is_placeholder(url), "{url}");
        }
    }

    #[test]
    fn text_and_scripts_are_no_urls() {
        for value in [
            "{\"a\": 1}",
            "[a.jpg, small]",
            "<img src=a.jpg>",
            "one\ntwo words.jpg",
            "if(this.src!='a.jpg') this.src='a.jpg';",
        ] {
            assert!(!is_good(value), "{value}");
        }
        assert!(is_good("/a/tea-\n   hill.jpg") && is_good("/茶山 1.jpg"));
    }

    #[test]
    fn counters_are_told_by_host() {
        assert_eq!(tracker("https://sb.scorecardresearch.com/p?c1=2"), Some("scorecardresearch.com"));
        assert_eq!(tracker("https://www.facebook.com/tr?id=1"), Some("facebook.com/tr"));
        assert_eq!(tracker("https://www.facebook.com/travel/a.jpg"), None);
        assert_eq!(tracker("https://notdoubleclick.net/a.jpg"), None);
    }
}
