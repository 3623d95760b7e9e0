//! Pictures that stand in for others, and pictures that only count readers.

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
const STAND_IN: [&str; 17] = [
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
const BESIDE: [&str; 13] =
    ["img", "image", "images", "bg", "pic", "gif", "icon", "default", "load", "loader", "small", "big", "white"];

/// The host that an address counts readers for; None for an ordinary picture.
pub fn tracker(address: &str) -> Option<&'static str> {
    let rest = address.trim();
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

/// True for an address that only holds the place of another: nothing, `#`, `about:blank`, `blank.gif`, a small blur.
/// Says nothing of `data:` addresses.
pub fn is_placeholder(address: &str) -> bool {
    let address = address.trim();
    if address.is_empty() || address.starts_with('#') || address.starts_with("about:") {
        return true;
    }
    if address.starts_with("data:") {
        return false;
    }
    let (path, query) = address.split_once('?').unwrap_or((address, ""));
    let name = path.rsplit('/').next().unwrap_or_default().to_ascii_lowercase();
    let stem = name.rsplit_once('.').map_or(name.as_str(), |(stem, _)| stem);
    names_a_stand_in(stem) || is_tiny(query)
}

fn names_a_stand_in(stem: &str) -> bool {
    let mut named = false;
    for word in stem.split(['-', '_', '.', '@']).filter(|word| !word.is_empty()) {
        if STAND_IN.contains(&word) {
            named = true;
        } else if !BESIDE.contains(&word) && !word.chars().all(|c| c.is_ascii_digit()) {
            return false;
        }
    }
    named
}

/// `w=20`: a preview that is blurred until the picture is there.
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
        for address in [
            "",
            "#",
            "about:blank",
            "/static/image/common/none.gif",
            "//s.cn/blank.png?v=2",
            "img-loading_2.gif",
            "/p.jpg?w=20",
        ] {
            assert!(is_placeholder(address), "{address}");
        }
        for address in [
            "/google-pixel-8.jpg",
            "/loading-dock-fire.jpg",
            "/a.jpg?w=800",
            "/gray-whale.png",
            "data:image/gif;base64,R0",
        ] {
            assert!(!is_placeholder(address), "{address}");
        }
    }

    #[test]
    fn counters_are_told_by_host() {
        assert_eq!(tracker("https://sb.scorecardresearch.com/p?c1=2"), Some("scorecardresearch.com"));
        assert_eq!(tracker("https://www.facebook.com/tr?id=1"), Some("facebook.com/tr"));
        assert_eq!(tracker("https://www.facebook.com/travel/a.jpg"), None);
        assert_eq!(tracker("https://notdoubleclick.net/a.jpg"), None);
    }
}
