//! Placeholders for images that are loaded later, and tracking pixels.

use super::template;
use super::urls::{clean, has_break, starts_with};

/// A `data:` URL shorter than this, in bytes, is a placeholder when there is any other URL.
const SHORT_DATA: usize = 200;

/// Hosts, some with the start of a path, that serve nothing but tracking pixels.
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

/// Words of the file names of placeholders. A placeholder's name contains at least one of them.
const PLACEHOLDER_WORDS: [&str; 33] = [
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

/// Further words that such a name may contain.
const NEUTRAL_WORDS: [&str; 22] = [
    "img", "image", "images", "bg", "pic", "gif", "icon", "default", "load", "small", "big", "ajax", "no", "svg",
    "thumb", "photo", "picture", "bar", "circle", "page", "post", "ratio",
];

/// Returns the entry of [`TRACKERS`] that a URL belongs to; None for an ordinary image.
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

/// Returns true for the URL of a placeholder: empty, `#`, `about:blank`, `blank.gif`, a small blurred preview. Always false
/// for `data:` URLs.
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
    // Yahoo's spacer, which many sites copied.
    name == "s.gif" || is_placeholder_name(stem) || is_tiny(query)
}

/// Returns true for text that looks like the URL of an image and not of a placeholder.
pub(super) fn is_usable(url: &str) -> bool {
    if starts_with(url, "data:") {
        return starts_with(url, "data:image/") && url.len() >= SHORT_DATA && !starts_with(url, "data:image/svg");
    }
    // A URL may contain a line break; with blanks or tags besides, it is text.
    let is_text = has_break(url.trim()) && clean(url).contains([' ', '<', '"']);
    // An event handler in the wrong attribute.
    let is_script = url.contains('=') && url.contains(['\'', ';']) && url.contains("this.");
    !url.starts_with(['[', '<'])
        && !is_script
        && !url.contains('{')
        && !is_text
        && !is_placeholder(url)
        && !template::is_template(url)
}

fn is_placeholder_name(stem: &str) -> bool {
    let mut named = false;
    for word in stem.split(['-', '_', '.', '@']).filter(|word| !word.is_empty()) {
        if PLACEHOLDER_WORDS.contains(&word) {
            named = true;
        } else if !NEUTRAL_WORDS.contains(&word) && !word.chars().all(|c| c.is_ascii_digit() || c == 'x') {
            return false;
        }
    }
    named
}

/// Returns true for a query such as `w=20`, which asks for a preview.
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
    fn placeholders_are_recognised_by_whole_words() {
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
    fn text_and_scripts_are_not_urls() {
        for value in [
            "{\"a\": 1}",
            "[a.jpg, small]",
            "<img src=a.jpg>",
            "one\ntwo words.jpg",
            "if(this.src!='a.jpg') this.src='a.jpg';",
        ] {
            assert!(!is_usable(value), "{value}");
        }
        assert!(is_usable("/a/tea-\n   hill.jpg") && is_usable("/茶山 1.jpg"));
    }

    #[test]
    fn trackers_are_recognised_by_host() {
        assert_eq!(tracker("https://sb.scorecardresearch.com/p?c1=2"), Some("scorecardresearch.com"));
        assert_eq!(tracker("https://www.facebook.com/tr?id=1"), Some("facebook.com/tr"));
        assert_eq!(tracker("https://www.facebook.com/travel/a.jpg"), None);
        assert_eq!(tracker("https://notdoubleclick.net/a.jpg"), None);
    }
}
