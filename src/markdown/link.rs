//! The targets of links and images, and their form in Markdown.

use std::borrow::Cow;

use url::Url;

use crate::model::tree::{NodeId, Tree};

use super::markers::Templates;

/// Schemes that are not linked: they run a script, contain a page, or lead to the reader's own machine.
const UNSAFE: [&str; 5] = ["javascript", "vbscript", "data", "file", "blob"];

/// The depth of parentheses in a URL that CommonMark requires renderers to support.
const MAX_PARENTHESES: usize = 32;

/// Returns true for a node within a link that is written.
pub(super) fn is_in_link(tree: &Tree, id: NodeId) -> bool {
    tree.ancestors(id).any(|above| tree.name(above) == "a" && tree.attr(above, "href").is_some_and(is_safe))
}

/// Returns true for relative URLs, fragments, and every scheme that is not in [`UNSAFE`].
pub(super) fn is_safe(href: &str) -> bool {
    if href.starts_with("https://") || href.starts_with("http://") {
        return true;
    }
    // Browsers ignore white space and control characters in a scheme.
    let mut url = Cow::Borrowed(href);
    if href.contains(char::is_control) {
        url = Cow::Owned(href.chars().filter(|c| !c.is_control()).collect());
    }
    let url = url.trim_start();
    match url.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'))) {
        Some(end) if end > 0 && url[end..].starts_with(':') && url.starts_with(|c: char| c.is_ascii_alphabetic()) => {
            !UNSAFE.contains(&url[..end].to_ascii_lowercase().as_str())
        }
        _ => true,
    }
}

/// Sites whose players are written as frames, subdomains included. Any other frame becomes a link.
const PLAYERS: [&str; 18] = [
    "archive.org",
    "bandcamp.com",
    "bilibili.com",
    "dailymotion.com",
    "iqiyi.com",
    "nicovideo.jp",
    "player.twitch.tv",
    "podcasts.apple.com",
    "soundcloud.com",
    "spotify.com",
    "ted.com",
    "tv.naver.com",
    "upload.wikimedia.org",
    "v.qq.com",
    "vimeo.com",
    "youku.com",
    "youtube-nocookie.com",
    "youtube.com",
];

/// Returns true for a URL on one of the sites in [`PLAYERS`], by its host.
pub(super) fn is_player(src: &str) -> bool {
    let absolute = if src.starts_with("//") { Cow::Owned(format!("https:{src}")) } else { Cow::Borrowed(src) };
    let Some(url) = Url::parse(&absolute).ok().filter(|url| matches!(url.scheme(), "http" | "https")) else {
        return false;
    };
    let host = url.host_str().unwrap_or_default();
    PLAYERS.iter().any(|site| host.strip_suffix(site).is_some_and(|below| below.is_empty() || below.ends_with('.')))
}

/// The bytes that have no special meaning in a link destination.
const SIMPLE: [bool; 256] = {
    let mut simple = [false; 256];
    let mut byte = 0;
    while byte < 128 {
        simple[byte] = (byte as u8).is_ascii_alphanumeric();
        byte += 1;
    }
    let signs = b"/:.-_~?#%=+,;@!*";
    let mut at = 0;
    while at < signs.len() {
        simple[signs[at] as usize] = true;
        at += 1;
    }
    simple
};

/// Returns the destination of a link or image in Markdown. An ampersand is written as a character reference, since cmark
/// reads those before backslash escapes. For Hexo, braces are percent-encoded.
pub(super) fn destination(url: &str, templates: Templates) -> Cow<'_, str> {
    if url.bytes().all(|byte| SIMPLE[usize::from(byte)]) {
        return Cow::Borrowed(url);
    }
    let url = url.trim_matches(|c: char| c.is_whitespace() || c.is_control());
    let mut out = String::with_capacity(url.len());
    let mut chars = url.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let next = chars.peek().map(|(_, next)| *next);
        match c {
            '<' | '>' | '`' | '|' => percent(&mut out, c),
            '{' | '}' if templates == Templates::Hexo => percent(&mut out, c),
            _ if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') => percent(&mut out, c),
            '\\' if next.is_none_or(|next| next.is_ascii_punctuation()) => out.push_str("\\\\"),
            '&' if super::escape::entity_at(&url[at..]) => out.push_str("&amp;"),
            _ => out.push(c),
        }
    }
    Cow::Owned(if out.contains(char::is_whitespace) || !is_balanced(&out) { format!("<{out}>") } else { out })
}

/// Returns the title after a destination, with a space before it; empty without a title.
pub(super) fn title(title: &str, templates: Templates) -> String {
    if title.is_empty() {
        return String::new();
    }
    let title = super::chars::plain(title);
    if title.is_empty() {
        return String::new();
    }
    let mut out = String::from(" \"");
    for (at, c) in title.char_indices() {
        let next = title[at + c.len_utf8()..].chars().next();
        match c {
            '"' => out.push_str("\\\""),
            '\\' if next.is_none_or(|next| next.is_ascii_punctuation()) => out.push_str("\\\\"),
            '&' if super::escape::entity_at(&title[at..]) => out.push_str("&amp;"),
            '{' | '}' if templates == Templates::Hexo => out.push_str(&format!("&#{};", c as u32)),
            // A code span that begins before the link could end here.
            '`' => out.push_str("&#96;"),
            '<' => out.push_str("&lt;"),
            _ => out.push(c),
        }
    }
    out.push('"');
    out
}

fn is_balanced(url: &str) -> bool {
    let mut depth = 0usize;
    for c in url.chars() {
        match c {
            '(' => depth += 1,
            ')' if depth == 0 => return false,
            ')' => depth -= 1,
            _ => {}
        }
        if depth > MAX_PARENTHESES {
            return false;
        }
    }
    depth == 0
}

fn percent(out: &mut String, c: char) {
    let mut bytes = [0; 4];
    for byte in c.encode_utf8(&mut bytes).bytes() {
        out.push_str(&format!("%{byte:02X}"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_that_run_scripts_or_lead_to_local_files_are_unsafe() {
        for href in [
            "",
            "a",
            "/a:b",
            "#a",
            "?a:b",
            "//a.cn",
            "HTTPS://a.cn",
            "mailto:a@b.cn",
            "tel:1",
            "ftp://a.cn",
            "irc://a.cn",
            "thunder://QUF",
            "文:字",
            "1:2",
        ] {
            assert!(is_safe(href), "{href}");
        }
        for href in [
            "javascript:a",
            " JavaScript:a",
            "java\nscript:a",
            "\u{1}javascript:a",
            "data:text/html,a",
            "vbscript:a",
            "file:///etc",
            "blob:https://a.cn/1",
        ] {
            assert!(!is_safe(href), "{href}");
        }
    }

    #[test]
    fn a_player_is_recognised_by_its_host_only() {
        for src in ["https://www.youtube.com/embed/a", "//player.bilibili.com/player.html?bvid=b", "http://vimeo.com/1"]
        {
            assert!(is_player(src), "{src}");
        }
        for src in [
            "https://evil.example/youtube.com",
            "https://youtube.com.evil.example/",
            "https://notyoutube.com/",
            "https://youtube.com@evil.example/",
            "/youtube.com",
            "javascript:'https://youtube.com/'",
        ] {
            assert!(!is_player(src), "{src}");
        }
    }

    #[test]
    fn a_destination_that_would_end_early_is_put_between_angle_brackets() {
        for (url, written) in [
            ("/a(b)", "/a(b)"),
            ("/a(b", "</a(b>"),
            ("a b", "<a b>"),
            ("a\nb\u{1}", "a%0Ab"),
            ("<a>", "%3Ca%3E"),
            ("a\\*", "a\\\\*"),
            ("/文", "/文"),
            ("a\u{3000}b", "<a\u{3000}b>"),
        ] {
            assert_eq!(destination(url, Templates::None), written);
        }
        assert_eq!(destination("/{{a}}", Templates::Hexo), "/%7B%7Ba%7D%7D");
    }
}
