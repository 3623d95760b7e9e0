//! Frames and players: which show content of the article, and which are advertisements and counters.

use super::markup::{Markup, embed, frame_url};
use super::scan::Scan;

/// What a frame shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Frame {
    /// Content of a known site, such as a video.
    Known,
    /// A page of an unknown site.
    Unknown,
    /// An advertisement, a counter, a form or buttons: not content, wherever it stands.
    NotContent,
}

/// Parts of URLs of known content: hosts and beginnings of paths.
const PLAYERS: [&str; 74] = [
    "youtube",
    "youtu.be",
    "vimeo",
    "dailymotion",
    "bilibili",
    "youku",
    "v.qq.com",
    "mp.weixin.qq.com",
    "res.wx.qq.com",
    "iqiyi",
    "nicovideo",
    "tv.naver",
    "tv.kakao",
    "tv.sohu.com",
    "ixigua",
    "acfun",
    "music.163.com",
    "y.qq.com",
    "ximalaya",
    "soundcloud",
    "spotify",
    "podcasts.apple",
    "music.apple",
    "bandcamp",
    "mixcloud",
    "deezer",
    "anchor.fm",
    "buzzsprout",
    "simplecast",
    "libsyn",
    "acast.com",
    "twitter",
    "platform.x.com",
    "instagram",
    "facebook.com/plugins/post",
    "facebook.com/plugins/video",
    "tiktok",
    "threads.net",
    "bsky.app",
    "reddit.com",
    "redditmedia",
    "t.me/",
    "pinterest",
    "tumblr.com",
    "imgur",
    "codepen",
    "codesandbox",
    "stackblitz",
    "jsfiddle",
    "jsbin",
    "glitch.com",
    "replit",
    "observablehq",
    "gist.github",
    "asciinema",
    "play.rust-lang.org",
    "ted.com",
    "slideshare",
    "speakerdeck",
    "docs.google.com",
    "google.com/maps",
    "maps.google",
    "openstreetmap",
    "datawrapper",
    "dwcdn.net",
    "flourish",
    "flo.uri.sh",
    "infogram",
    "wistia",
    "jwplatform",
    "brightcove",
    "megaphone",
    "loom.com",
    "archive.org",
];

/// Words of a URL that mark a frame without content.
const NOT_CONTENT: [&str; 41] = [
    "ad",
    "ads",
    "adserver",
    "adservice",
    "adsystem",
    "adframe",
    "adnxs",
    "adform",
    "advert",
    "adverts",
    "advertisement",
    "advertising",
    "analytics",
    "banner",
    "banners",
    "captcha",
    "recaptcha",
    "hcaptcha",
    "consent",
    "cookie",
    "cookies",
    "counter",
    "criteo",
    "disqus",
    "doubleclick",
    "googlesyndication",
    "googletagmanager",
    "hsforms",
    "intercom",
    "login",
    "newsletter",
    "outbrain",
    "pixel",
    "promo",
    "signup",
    "sponsor",
    "subscribe",
    "taboola",
    "tags",
    "tracker",
    "tracking",
];

/// Parts of URLs of buttons and counters.
const BUTTONS: [&str; 13] = [
    "facebook.com/plugins/like",
    "facebook.com/plugins/share",
    "facebook.com/plugins/page",
    "facebook.com/plugins/follow",
    "facebook.com/plugins/comments",
    "facebook.com/tr",
    "twitter.com/widgets/tweet_button",
    "twitter.com/widgets/follow_button",
    "google.com/recaptcha",
    "accounts.google",
    "list-manage.com",
    "tanx.com",
    "pos.baidu.com",
];

/// Returns what the frame at `at` shows; None when the element is not a frame.
pub fn of(scan: &Scan<'_>, at: usize) -> Option<Frame> {
    let element = scan.element(at)?;
    let hints = scan.entries[at].hints;
    let name = element.value().name();
    if matches!(name, "iframe" | "embed") {
        if matches!(embed(element, hints), Some(Markup::Nothing)) || is_invisible(scan, at) {
            return Some(Frame::NotContent);
        }
        let class = element.attr("class").unwrap_or_default().to_ascii_lowercase();
        let own = element.attr("src").unwrap_or_default();
        let is_named = ["embed", "player", "video"].iter().any(|word| class.contains(word)) || own.contains("embed");
        return Some(match frame_url(element).map_or(Frame::NotContent, |src| shows(&src)) {
            Frame::Unknown if is_named => Frame::Known,
            shown => shown,
        });
    }
    match embed(element, hints)? {
        Markup::Player { src, .. } => Some(match shows(&src) {
            Frame::NotContent => Frame::NotContent,
            // Its element or attributes declare a player.
            _ => Frame::Known,
        }),
        _ => None,
    }
}

fn shows(src: &str) -> Frame {
    let src = src.to_ascii_lowercase();
    if BUTTONS.iter().any(|part| src.contains(part)) {
        return Frame::NotContent;
    }
    if PLAYERS.iter().any(|host| src.contains(host)) {
        return Frame::Known;
    }
    let path = src.split(['?', '#']).next().unwrap_or_default();
    let mut words = path.split(|c: char| !c.is_ascii_alphanumeric());
    let is_web = src.starts_with("http") || src.starts_with('/');
    match words.any(|word| NOT_CONTENT.contains(&word)) || !is_web {
        true => Frame::NotContent,
        false => Frame::Unknown,
    }
}

/// Returns true for a frame that no reader sees: it is a counter or an advertisement.
fn is_invisible(scan: &Scan<'_>, at: usize) -> bool {
    let Some(element) = scan.element(at) else { return true };
    let tiny = |name: &str| {
        let size = element.attr(name).map(|value| value.trim().trim_end_matches("px"));
        size.and_then(|size| size.parse::<u32>().ok()).is_some_and(|size| size <= 2)
    };
    tiny("width") && tiny("height")
        || element.attr("title").is_some_and(|title| title.trim().eq_ignore_ascii_case("advertisement"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn players_and_advertisements_are_distinguished() {
        for src in [
            "https://www.youtube.com/embed/a",
            "//player.bilibili.com/player.html?bvid=b",
            "https://codepen.io/a/embed/b",
        ] {
            assert_eq!(shows(src), Frame::Known, "{src}");
        }
        for src in ["https://charts.example/embed/7", "/widgets/map.html"] {
            assert_eq!(shows(src), Frame::Unknown, "{src}");
        }
        for src in [
            "https://ads.example/frame?slot=7",
            "https://tags.example/ns.html?id=GT-1",
            "https://www.googletagmanager.com/ns.html?id=GTM-1",
            "https://securepubads.g.doubleclick.net/x",
            "https://www.facebook.com/plugins/like.php?href=a",
            "javascript:false",
        ] {
            assert_eq!(shows(src), Frame::NotContent, "{src}");
        }
    }
}
