//! Nothing that a page can say runs, loads a page, or talks to a terminal once it is Markdown.

/// Whose links are looked at.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// A page of the web: its links lead to pages and people.
    Page,
    /// A body that its user gave as such: no link runs a script, carries a page in itself, or leads into the machine.
    Body,
}

/// What a reader that shows HTML would run, load as a page, or be led to; None when there is nothing of the kind.
///
/// The Markdown is rendered with raw HTML let through, as an unguarded reader would.
pub fn live(markdown: &str, source: Source) -> Option<String> {
    if let Some(c) = markdown.chars().find(|c| c.is_control() && !matches!(c, '\n' | '\t')) {
        return Some(format!("the control character {c:?}"));
    }
    let rendered = comrak::markdown_to_html(markdown, &rendering());
    live_in_html(&rendered, source)
}

/// The same of HTML.
pub fn live_in_html(html: &str, source: Source) -> Option<String> {
    let page = bindery::html::document(html);
    let elements = page.root().descendants().filter_map(|node| node.value().as_element());
    elements.into_iter().find_map(|element| {
        let is_player = || element.name() == "iframe" && element.attr("src").is_some_and(is_great_site);
        let bad = if !SHOWN.contains(&element.name()) && !is_player() {
            Some("the element".to_owned())
        } else {
            element.attrs().find_map(|(name, value)| lively(element.name(), name, value, source))
        };
        bad.map(|bad| format!("{bad} in {element:?}"))
    })
}

/// Elements that show something and do nothing.
const SHOWN: [&str; 65] = [
    "html",
    "head",
    "body",
    "a",
    "abbr",
    "audio",
    "b",
    "blockquote",
    "br",
    "caption",
    "cite",
    "code",
    "col",
    "colgroup",
    "dd",
    "del",
    "details",
    "dfn",
    "div",
    "dl",
    "dt",
    "em",
    "figcaption",
    "figure",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "i",
    "img",
    "input",
    "ins",
    "kbd",
    "li",
    "mark",
    "ol",
    "p",
    "pre",
    "q",
    "rp",
    "rt",
    "ruby",
    "s",
    "samp",
    "section",
    "small",
    "span",
    "strong",
    "sub",
    "summary",
    "sup",
    "table",
    "tbody",
    "td",
    "tfoot",
    "th",
    "thead",
    "tr",
    "u",
    "ul",
    "var",
    "video",
];

/// The closed list that `SECURITY.md` speaks of.
const GREAT_SITES: [&str; 18] = [
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

/// A frame may show a player of one of the great sites.
fn is_great_site(src: &str) -> bool {
    let base = url::Url::parse("https://example.org/").ok();
    let url = url::Url::options().base_url(base.as_ref()).parse(src).ok();
    let host = url.and_then(|url| url.domain().map(str::to_owned)).unwrap_or_default();
    GREAT_SITES.iter().any(|site| host == *site || host.ends_with(&format!(".{site}")))
}

/// Why an attribute does harm; None when it does none.
fn lively(element: &str, name: &str, value: &str, source: Source) -> Option<String> {
    if name.starts_with("on") || matches!(name, "style" | "srcdoc" | "formaction" | "action") {
        return Some(format!("the attribute {name}"));
    }
    let leads = matches!(name, "href" | "src" | "poster" | "cite" | "srcset" | "data" | "background");
    let allowed = |scheme: &str| match source {
        Source::Page => ["http", "https", "mailto", "tel"].contains(&scheme),
        Source::Body => !["javascript", "vbscript", "data", "file", "blob"].contains(&scheme),
    };
    // An image that the page carries in itself is one, and nothing else.
    let is_image = element == "img"
        && name == "src"
        && value.get(..11).is_some_and(|start| start.eq_ignore_ascii_case("data:image/"));
    match scheme(value) {
        Some(_) if is_image => None,
        Some(scheme) if leads && !allowed(&scheme) => Some(format!("a URL of {scheme}:")),
        _ => None,
    }
}

/// The scheme that a browser sees in a URL; None for a relative one.
fn scheme(url: &str) -> Option<String> {
    let seen: String = url.chars().filter(|c| !matches!(c, '\t' | '\n' | '\r')).collect();
    let seen = seen.trim_start_matches(|c: char| c.is_control() || c == ' ');
    let (scheme, _) = seen.split_once(':')?;
    let is_scheme = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte));
    is_scheme.then(|| scheme.to_ascii_lowercase())
}

/// As a reader with every common extension renders it, raw HTML and all.
fn rendering() -> comrak::Options<'static> {
    let mut options = comrak::Options::default();
    options.render.r#unsafe = true;
    options.extension.table = true;
    options.extension.strikethrough = true;
    options.extension.tasklist = true;
    options.extension.footnotes = true;
    options
}
