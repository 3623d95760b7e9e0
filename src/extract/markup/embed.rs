//! Recognises embedded content: players, code, posts of networks. Each one is mapped to a URL.

use url::Url;

use crate::extract::hints::Hints;
use crate::html::ElementRef;
use crate::html::text::collapse;

use super::{Markup, below, below_named, has_class, text};

/// Maximum length of a placeholder's text, in bytes: its title and a word such as "play".
const PLACEHOLDER: usize = 240;

/// Maximum number of nodes in a placeholder.
const PARTS: usize = 60;

/// Returns the player that an element stands for; None when it embeds nothing, or is already a player with a URL.
pub fn of(element: ElementRef<'_>, hints: Hints) -> Option<Markup> {
    match element.value().name() {
        "script" => script(element).map(|src| player(src, "")),
        "noscript" => stands_for_script(element).then_some(Markup::Nothing),
        "iframe" => frame(element),
        "blockquote" => {
            let link = permalink(element)?;
            text(element).trim().is_empty().then(|| player(link, ""))
        }
        "div" | "figure" | "span" | "a" | "button" | "p" | "section" if hints.has(Hints::PLAYER) => {
            placeholder(element)
        }
        name if name.contains('-') || matches!(name, "mpvoice" | "qqmusic") => custom(element),
        _ => None,
    }
}

fn player(src: impl Into<String>, title: &str) -> Markup {
    Markup::Player { src: src.into(), title: collapse(title) }
}

/// Returns the URL of a frame: its own, or the one that a script would set; for a card, that of the page it shows. None
/// where there is no URL.
pub fn url(frame: ElementRef<'_>) -> Option<String> {
    let own = frame.attr("src").map(str::trim).filter(|src| is_url(src));
    let later = || {
        let kept = |(name, value): &(&str, &str)| name.contains("src") && *name != "src" && is_url(value.trim());
        let mut all: Vec<(&str, &str)> = frame.value().attrs().filter(kept).collect();
        all.sort_unstable();
        all.first().map(|(_, value)| value.trim())
    };
    let declared = ["data-content", "data-url", "data-href"].iter().find_map(|name| frame.attr(name));
    let src = own.or_else(later).map(str::to_owned).or_else(|| wechat_video(frame))?;
    if src.contains("embed.zenn.studio")
        && let Some(declared) = declared
    {
        let decoded = percent_encoding::percent_decode_str(declared).decode_utf8_lossy().into_owned();
        return is_url(&decoded).then_some(decoded);
    }
    Some(target(&src).unwrap_or(src))
}

/// Returns the URL of a WeChat video, which has only a number.
fn wechat_video(frame: ElementRef<'_>) -> Option<String> {
    let id = frame.attr("data-mpvid").or(frame.attr("vid")).filter(|id| is_id(id))?;
    Some(format!("https://mp.weixin.qq.com/mp/readtemplate?t=pages/video_player_tmpl&action=mpvideo&auto=0&vid={id}"))
}

/// Returns the page that a frame of a card or a post shows, where the frame's URL names it.
fn target(src: &str) -> Option<String> {
    let url = Url::parse(&with_scheme(src)).ok()?;
    let host = url.host_str().unwrap_or_default();
    let named = |wanted: &str| {
        let mut pairs = url.query_pairs();
        pairs.find(|(name, value)| name == wanted && is_url(value)).map(|(_, value)| value.into_owned())
    };
    if host.ends_with("hatenablog-parts.com") || host.ends_with("iframely.net") || host.ends_with("embedly.com") {
        return named("url").or_else(|| named("src"));
    }
    if host.ends_with("facebook.com") && url.path().starts_with("/plugins/") {
        return named("href");
    }
    // A WordPress post in a frame.
    if let Some(secret) = src.find("embed/#?secret=").or_else(|| src.find("embed#?secret=")) {
        return Some(src[..secret].to_owned());
    }
    None
}

/// Returns the player for a frame whose own URL is missing or leads to a card of a page.
fn frame(frame: ElementRef<'_>) -> Option<Markup> {
    if has_class(frame, |word| word == "wp-embedded-content") && has_quote_beside(frame) {
        return Some(Markup::Nothing);
    }
    let url = url(frame)?;
    let own = frame.attr("src").map(str::trim);
    let title = ["title", "data-title", "aria-label"].iter().find_map(|name| frame.attr(name)).unwrap_or_default();
    (own != Some(url.as_str())).then(|| player(url, title))
}

fn has_quote_beside(frame: ElementRef<'_>) -> bool {
    let mut beside = frame.prev_siblings().chain(frame.next_siblings()).take(8).filter_map(ElementRef::wrap);
    beside.any(|one| one.value().name() == "blockquote" && has_class(one, |word| word == "wp-embedded-content"))
}

/// Returns the URL of the text that a script writes into the page; None for other scripts.
fn script(script: ElementRef<'_>) -> Option<String> {
    if let Some(post) = script.attr("data-telegram-post").filter(|post| is_path(post)) {
        return Some(format!("https://t.me/{post}"));
    }
    let src = script.attr("src")?.trim();
    if let Some(id) = script.attr("data-id").filter(|id| is_id(id) && src.contains("speakerdeck.com/")) {
        return Some(format!("https://speakerdeck.com/player/{id}"));
    }
    let known = ["gist", "asciinema", "jsfiddle", "emgithub"];
    let lower = src.to_ascii_lowercase();
    let url = known.iter().any(|name| lower.contains(name)).then(|| Url::parse(&with_scheme(src)).ok()).flatten();
    let url = url.filter(|url| matches!(url.scheme(), "http" | "https"))?;
    let path = url.path().strip_suffix(".js").unwrap_or(url.path());
    let file = url.query_pairs().find(|(name, _)| name == "file").map(|(_, file)| file.into_owned());
    match url.host_str().unwrap_or_default() {
        host @ ("gist.github.com" | "gist-it.appspot.com") if path.len() > 1 => {
            let mut found = Url::parse(&format!("https://{host}{path}")).ok()?;
            if let Some(file) = file {
                found.query_pairs_mut().append_pair("file", &file);
            }
            Some(found.to_string())
        }
        "asciinema.org" if path.starts_with("/a/") => Some(format!("https://asciinema.org{path}")),
        "jsfiddle.net" if path.contains("/embed") => {
            Some(format!("https://jsfiddle.net{}/", path.split("/embed").next().unwrap_or_default()))
        }
        "emgithub.com" => url.query_pairs().find(|(name, _)| name == "target").map(|(_, url)| url.into_owned()),
        _ => None,
    }
}

/// Returns true for a `noscript` link next to a script for the same content.
fn stands_for_script(noscript: ElementRef<'_>) -> bool {
    let before = noscript.prev_siblings().find_map(ElementRef::wrap).filter(|one| one.value().name() == "script");
    before.and_then(script).is_some_and(|src| {
        below(noscript).take(PARTS).filter_map(|one| one.attr("href")).any(|href| {
            let key = |url: &str| url.split(['?', '#']).next().unwrap_or_default().trim_end_matches('/').to_owned();
            key(href).rsplit('/').next() == key(&src).rsplit('/').next()
        })
    })
}

/// Returns the URL of a quoted post of a network; None for other quotations.
pub fn permalink(quote: ElementRef<'_>) -> Option<String> {
    let attributes = ["data-instgrm-permalink", "data-text-post-permalink", "data-href", "data-url", "cite"];
    if !is_quoted_post(quote) {
        return None;
    }
    let declared = attributes.iter().find_map(|name| quote.attr(name)).filter(|url| is_url(url));
    let uri = quote.attr("data-bluesky-uri").and_then(bluesky);
    let linked = || below_named(quote, "a").filter_map(|link| link.attr("href")).filter(|href| is_url(href)).last();
    let pen = quote.attr("data-slug-hash").filter(|id| is_id(id)).map(|id| {
        let user = quote.attr("data-user").filter(|user| is_id(user)).unwrap_or("anon");
        format!("https://codepen.io/{user}/pen/{id}")
    });
    declared.map(str::to_owned).or(uri).or(pen).or_else(|| linked().map(str::to_owned))
}

/// Returns true for a quoted post, by the class that the network's script looks for.
pub fn is_quoted_post(element: ElementRef<'_>) -> bool {
    const CLASSES: [&str; 16] = [
        "twitter-tweet",
        "twitter-video",
        "instagram-media",
        "tiktok-embed",
        "reddit-embed-bq",
        "reddit-card",
        "bluesky-embed",
        "mastodon-embed",
        "text-post-media",
        "wp-embedded-content",
        "imgur-embed-pub",
        "embedly-card",
        "fb-post",
        "fb-video",
        "fb-xfbml-parse-ignore",
        "codepen",
    ];
    matches!(element.value().name(), "blockquote" | "div" | "p" | "a")
        && has_class(element, |word| CLASSES.contains(&word))
}

/// Returns the URL for `at://did:plc:abc/app.bsky.feed.post/xyz`.
fn bluesky(uri: &str) -> Option<String> {
    let (who, post) = uri.strip_prefix("at://")?.split_once("/app.bsky.feed.post/")?;
    Some(format!("https://bsky.app/profile/{who}/post/{post}"))
}

/// Returns the player for a box that a script turns into one.
fn placeholder(element: ElementRef<'_>) -> Option<Markup> {
    let value = element.value();
    let class = value.attr("class").unwrap_or_default();
    if is_bare_url_of_block(element, class) {
        // No frame can show it: it becomes a link with its URL as text.
        let shown = text(element);
        return Some(player(shown.trim(), shown.trim()));
    }
    let src = placeholder_url(element, &class.to_ascii_lowercase())?;
    if element.descendants().take(PARTS + 1).count() > PARTS {
        return None;
    }
    let shown = text(element);
    let has_frame = below(element).take(PARTS).any(|one| one.value().name() == "iframe" && url(one).is_some());
    if shown.trim().len() > PLACEHOLDER || has_frame {
        return None;
    }
    let named = ["data-title", "data-video-title", "title", "aria-label", "data-name"];
    let title = named.iter().find_map(|name| element.attr(name)).unwrap_or_default();
    let alt = || below_named(element, "img").find_map(|img| img.attr("alt")).unwrap_or_default().to_owned();
    let title = if title.is_empty() { alt() } else { title.to_owned() };
    Some(player(src, if title.trim().is_empty() { &shown } else { &title }))
}

/// Returns true for the URL that WordPress leaves where it could not fetch the embedded content.
fn is_bare_url_of_block(element: ElementRef<'_>, class: &str) -> bool {
    if !class.contains("wp-block-embed__wrapper") || element.child_elements().next().is_some() {
        return false;
    }
    let shown = text(element);
    is_url(shown.trim()) && !shown.trim().contains(char::is_whitespace)
}

/// Returns the URL that a placeholder's player would load.
fn placeholder_url(element: ElementRef<'_>, class: &str) -> Option<String> {
    let attr = |name: &str| element.attr(name).map(str::trim).filter(|value| !value.is_empty());
    let first = |names: &[&str]| names.iter().find_map(|name| attr(name));
    let youtube = [
        "data-youtube-id",
        "data-yt-id",
        "data-ytid",
        "data-youtube",
        "data-youtube-video-id",
        "data-yt",
        "data-youtubeid",
    ];
    if let Some(id) = first(&youtube) {
        return if is_url(id) { Some(id.to_owned()) } else { youtube_url(id) };
    }
    if let Some(id) = first(&["data-vimeo-id", "data-vimeo"]).filter(|id| is_id(id)) {
        return Some(format!("https://vimeo.com/{id}"));
    }
    if let Some(id) = attr("data-bvid").filter(|id| is_id(id)) {
        return Some(format!("https://www.bilibili.com/video/{id}"));
    }
    let service = first(&[
        "data-plyr-provider",
        "data-service",
        "data-provider",
        "data-video-type",
        "data-video-provider",
        "data-type",
        "data-source",
        "data-platform",
    ]);
    let names = |site: &str| class.contains(site) || service.is_some_and(|one| one.eq_ignore_ascii_case(site));
    let id = first(&[
        "data-plyr-embed-id",
        "data-video-id",
        "data-videoid",
        "data-embed",
        "data-embed-id",
        "data-video",
        "data-id",
    ]);
    let says_video = ["video", "player", "youtube", "vimeo", "embed", "lazy", "lyte", "yt-", "ytp"]
        .iter()
        .any(|word| class.contains(word));
    if let Some(id) = id {
        if is_url(id) {
            return (says_video || service.is_some()).then(|| id.to_owned());
        }
        if names("vimeo") && is_id(id) {
            return Some(format!("https://vimeo.com/{id}"));
        }
        if names("bilibili") && is_id(id) {
            return Some(format!("https://www.bilibili.com/video/{id}"));
        }
        let by_class =
            class.split_ascii_whitespace().any(|word| matches!(word, "yt" | "lyte") || word.starts_with("yt-"));
        let is_youtube = names("youtube") || by_class || attr("data-id").is_none() && says_video && service.is_none();
        if is_youtube && id.len() == 11 {
            return youtube_url(id);
        }
    }
    let url = first(&[
        "data-oembed-url",
        "data-embed-url",
        "data-embed-src",
        "data-video-url",
        "data-video-src",
        "data-iframe-src",
        "data-lazy-src",
        "data-src",
        "data-url",
        "data-href",
    ])?;
    let shows = ["embed", "video", "player", "youtube", "vimeo", "oembed", "iframe", "fb-post"]
        .iter()
        .any(|word| class.contains(word));
    let says = attr("data-oembed-url").or(attr("data-embed-url")).or(attr("data-iframe-src")).is_some();
    (is_url(url) && (says || shows || is_video(url)) && !is_image(url)).then(|| url.to_owned())
}

fn is_video(url: &str) -> bool {
    ["youtube.com/", "youtu.be/", "youtube-nocookie.com/", "vimeo.com/", "bilibili.com/", "v.qq.com/", "youku.com/"]
        .iter()
        .any(|host| url.contains(host))
}

fn is_image(url: &str) -> bool {
    let path = url.split(['?', '#']).next().unwrap_or_default().to_ascii_lowercase();
    [".jpg", ".jpeg", ".png", ".gif", ".webp", ".svg", ".avif"].iter().any(|end| path.ends_with(end))
}

fn youtube_url(id: &str) -> Option<String> {
    is_id(id).then(|| format!("https://www.youtube.com/embed/{id}"))
}

/// Returns the player for a custom element of a site or of AMP, by its attributes.
fn custom(element: ElementRef<'_>) -> Option<Markup> {
    let name = element.value().name();
    let attr =
        |names: &[&str]| names.iter().find_map(|name| element.attr(name)).map(str::trim).filter(|v| !v.is_empty());
    let title = attr(&["name", "title", "playlabel", "data-title", "music_name", "data-desc", "aria-label", "alt"])
        .unwrap_or_default();
    let made = |src: String| Some(player(src, title));
    let id = attr(&["videoid", "data-videoid", "video-id", "data-video-id", "video"]).filter(|id| is_id(id));
    if let Some(id) = id {
        return match () {
            () if name.contains("youtube") => made(youtube_url(id)?),
            () if name.contains("vimeo") => made(format!("https://player.vimeo.com/video/{id}")),
            () if name.contains("dailymotion") => made(format!("https://www.dailymotion.com/video/{id}")),
            () => None,
        };
    }
    if let Some(id) = attr(&["voice_encode_fileid"]).filter(|id| is_id(id)) {
        return made(format!("https://res.wx.qq.com/voice/getvoice?mediaid={id}"));
    }
    if let Some(id) = attr(&["data-tweetid"]).filter(|id| is_id(id)) {
        return made(format!("https://twitter.com/i/status/{id}"));
    }
    if let Some(id) = attr(&["data-shortcode"]).filter(|id| is_id(id)) {
        return made(format!("https://www.instagram.com/p/{id}/"));
    }
    if let Some(id) = attr(&["data-gistid"]).filter(|id| is_id(id)) {
        return made(format!("https://gist.github.com/{id}"));
    }
    let sources = ["src", "data-src", "data-href", "data-url", "href", "url", "musicurl", "audiourl", "play_url"];
    let src = attr(&sources).filter(|src| is_url(src) && !is_image(src) && !is_drawing(src))?;
    let shows = [
        "youtube",
        "vimeo",
        "iframe",
        "embed",
        "video",
        "audio",
        "facebook",
        "tiktok",
        "reddit",
        "music",
        "voice",
        "player",
        "spotify",
        "soundcloud",
    ];
    let is_player = shows.iter().any(|word| name.contains(word));
    (is_player && text(element).trim().len() <= PLACEHOLDER).then(|| player(src, title))
}

/// Returns true for an animation: decoration that readers do not open.
fn is_drawing(url: &str) -> bool {
    let path = url.split(['?', '#']).next().unwrap_or_default().to_ascii_lowercase();
    [".json", ".lottie", ".riv"].iter().any(|end| path.ends_with(end))
}

/// Returns true for a value that is a URL.
pub fn is_url(value: &str) -> bool {
    let value = value.trim();
    let rest = value.strip_prefix("https:").or(value.strip_prefix("http:")).unwrap_or(value);
    rest.strip_prefix("//").is_some_and(|rest| rest.contains('.'))
        || value.starts_with('/') && value.len() > 1 && !value.starts_with("//")
}

fn with_scheme(src: &str) -> String {
    if src.starts_with("//") { format!("https:{src}") } else { src.to_owned() }
}

/// Returns true for a number or name that can identify content on a site.
fn is_id(value: &str) -> bool {
    (1..=120).contains(&value.len())
        && value.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'=' | b'+'))
}

fn is_path(value: &str) -> bool {
    value.split('/').all(is_id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::markup::hints_of;
    use crate::html::fragment;

    fn src(html: &str) -> Option<String> {
        let dom = fragment(html);
        let found = dom.root().descendants().filter_map(ElementRef::wrap).find_map(|one| of(one, hints_of(one)));
        found.and_then(|found| match found {
            Markup::Player { src, .. } => Some(src),
            _ => None,
        })
    }

    #[test]
    fn embedded_content_becomes_its_url() {
        for (html, expected) in [
            (
                "<script src='https://gist.github.com/lin/0a1b.js?file=a.py'></script>",
                "https://gist.github.com/lin/0a1b?file=a.py",
            ),
            (
                "<script async src='https://telegram.org/js/telegram-widget.js' data-telegram-post='cha/68'></script>",
                "https://t.me/cha/68",
            ),
            (
                "<iframe data-lazy-src='https://www.youtube.com/embed/abcdefghijk'></iframe>",
                "https://www.youtube.com/embed/abcdefghijk",
            ),
            (
                "<iframe src='about:blank' data-src='//player.bilibili.com/player.html?bvid=BV1'></iframe>",
                "//player.bilibili.com/player.html?bvid=BV1",
            ),
            (
                "<iframe class=video_iframe data-mpvid=wxv_12></iframe>",
                "https://mp.weixin.qq.com/mp/readtemplate?t=pages/video_player_tmpl&action=mpvideo&auto=0&vid=wxv_12",
            ),
            (
                "<iframe class=embed-card src='https://hatenablog-parts.com/embed?url=https%3A%2F%2Fyu.example%2F1' title=湯></iframe>",
                "https://yu.example/1",
            ),
            ("<div class='youtube-player' data-id=abcdefghijk></div>", "https://www.youtube.com/embed/abcdefghijk"),
            (
                "<div class=video-embed data-video-id=abcdefghijk><img src=a.jpg></div>",
                "https://www.youtube.com/embed/abcdefghijk",
            ),
            ("<lite-youtube videoid=abcdefghijk></lite-youtube>", "https://www.youtube.com/embed/abcdefghijk"),
            (
                "<mpvoice name='茶山' voice_encode_fileid='MzI_1'></mpvoice>",
                "https://res.wx.qq.com/voice/getvoice?mediaid=MzI_1",
            ),
            ("<div class=wp-block-embed__wrapper>\nhttps://youtu.be/abc\n</div>", "https://youtu.be/abc"),
            (
                "<blockquote class=instagram-media data-instgrm-permalink='https://www.instagram.com/p/C1/'></blockquote>",
                "https://www.instagram.com/p/C1/",
            ),
        ] {
            assert_eq!(src(html).as_deref(), Some(expected), "{html}");
        }
    }

    #[test]
    fn other_elements_are_not_embeds() {
        for html in [
            "<script src='https://stats.example/a.js'></script>",
            "<div class=article data-id=12345678901><p>文</p></div>",
            "<iframe src='https://www.youtube.com/embed/a'></iframe>",
            "<div class=lazy data-src='https://a.example/b.jpg'></div>",
            "<div data-url='https://a.example/'>文</div>",
            "<lottie-player src='https://a.example/b.json'></lottie-player>",
        ] {
            assert_eq!(src(html), None, "{html}");
        }
    }
}
