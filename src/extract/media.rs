//! Which elements of a page show an image or play something.
//!
//! Besides `img` there are elements of a page's own, `picture`s with nothing but `source`s, `object`s, backgrounds and
//! drawings that stand in the page itself.

use crate::html::{Element, ElementRef};
use crate::images;

use super::drawing;
use super::frames::{self, Frame};
use super::hints::Hints;
use super::scan::Scan;

/// How far up a figure is looked for.
const FIGURE: usize = 6;

/// The most entries below a figure that are looked through for another image.
const IN_FIGURE: usize = 60;

/// How an element shows something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    /// By its attributes: `img`, and elements of a page's own.
    Image,
    /// By the `source`s in it: a `picture` without an `img`.
    Sources,
    /// By a file: `object`, `embed`.
    Object,
    /// By its style.
    Background,
    /// By what stands in it: `svg`.
    Drawing,
    /// By playing it.
    Player,
}

/// What each node of a page shows.
pub struct Media {
    shown: Vec<Option<Shown>>,
    frames: Vec<Option<Frame>>,
}

impl Media {
    /// Looks through a page.
    pub fn of(scan: &Scan<'_>) -> Self {
        let (mut seen, mut frames) = (vec![None; scan.entries.len()], vec![None; scan.entries.len()]);
        let telling = Hints::BACKGROUND.and(Hints::PLAYER);
        for (at, entry) in scan.entries.iter().enumerate() {
            let Some(element) = entry.node.value().as_element() else { continue };
            // Most elements are these.
            let is_plain = matches!(element.name(), "div" | "span" | "a" | "p" | "li" | "ul" | "meta" | "link");
            if !is_plain || entry.hints.has(telling) {
                (seen[at], frames[at]) = (shown(scan, at), frames::of(scan, at));
            }
        }
        Self { shown: seen, frames }
    }

    /// Returns what [`shown`] does.
    pub fn shown(&self, at: usize) -> Option<Shown> {
        self.shown[at]
    }

    /// Returns what [`frames::of`] does.
    pub fn frame(&self, at: usize) -> Option<Frame> {
        self.frames[at]
    }
}

/// Returns how the element at `at` shows an image or plays something; None when it does neither.
pub fn shown(scan: &Scan<'_>, at: usize) -> Option<Shown> {
    let element = scan.element(at)?;
    let source = element.value();
    match source.name() {
        "img" | "amp-img" | "amp-anim" => Some(Shown::Image),
        "video" | "audio" | "iframe" => Some(Shown::Player),
        "embed" if is_image_file(source, "src") => Some(Shown::Object),
        "embed" => Some(Shown::Player),
        "object" => is_image_file(source, "data").then_some(Shown::Object),
        "picture" => has_only_sources(element).then_some(Shown::Sources),
        "svg" => drawing::is_drawing(scan, at).then_some(Shown::Drawing),
        name if name.contains('-') && is_custom_image(scan, at, source) => Some(Shown::Image),
        "figure" => is_background(scan, at, source).then_some(Shown::Background),
        _ if scan.entries[at].hints.has(Hints::BACKGROUND) => {
            is_background(scan, at, source).then_some(Shown::Background)
        }
        _ => None,
    }
}

/// Returns true for what no reader sees. An image in an element that is a control otherwise is seen.
pub fn is_unseen(scan: &Scan<'_>, at: usize, shown: Option<Shown>) -> bool {
    let entry = &scan.entries[at];
    match shown {
        Some(Shown::Object | Shown::Drawing) => entry.hidden || scan.entries[entry.parent].unseen,
        _ => entry.unseen,
    }
}

/// Returns the URLs of the images behind an element, best first; empty without one.
pub fn backgrounds(element: &Element) -> Vec<String> {
    let styled = element.attr("style").map(images::backgrounds).unwrap_or_default();
    let waiting = element.attrs().filter(|(name, _)| is_waiting_background(name)).map(|(_, value)| value.trim());
    let waiting = waiting.flat_map(|value| {
        if value.contains("url(") {
            images::backgrounds(&format!("background:{value}"))
        } else {
            vec![value.to_owned()]
        }
    });
    let named = (element.name() == "figure").then(|| element.attr("itemid")).flatten().map(|url| url.trim().to_owned());
    let named = named.filter(|url| images::ends_like_an_image(url));
    let mut found: Vec<String> = waiting.filter(|url| url.contains(['/', '.'])).chain(styled).chain(named).collect();
    found.retain(|url| matches!(images::pick(&[("src", url.as_str())], &[], &[]), images::ImageChoice::Image(_)));
    found
}

/// Attributes from which scripts make backgrounds.
fn is_waiting_background(name: &str) -> bool {
    matches!(
        name,
        "data-bg"
            | "data-background"
            | "data-background-image"
            | "data-bg-src"
            | "data-bg-image"
            | "data-bgimage"
            | "data-lazy-bg"
            | "data-lazy-background"
            | "data-src-background"
            | "data-image-src"
    )
}

/// An `object` or `embed` of an image: its type says so, or the name of its file.
fn is_image_file(element: &Element, attribute: &str) -> bool {
    let Some(url) = element.attr(attribute).map(str::trim).filter(|url| !url.is_empty()) else { return false };
    match element.attr("type").map(|kind| kind.trim().to_ascii_lowercase()) {
        Some(kind) if !kind.is_empty() => kind.starts_with("image/"),
        _ => images::ends_like_an_image(url) || url.starts_with("data:image/"),
    }
}

fn has_only_sources(image: ElementRef<'_>) -> bool {
    let below = || image.descendants().take(IN_FIGURE).filter_map(ElementRef::wrap);
    let is_image = |name: &str| name == "img" || name == "amp-img";
    below().any(|source| source.value().name() == "source") && !below().any(|one| is_image(one.value().name()))
}

/// `progressive-image`, `lazy-img`: a name that says image, and a URL; not what stands around an `img`.
fn is_custom_image(scan: &Scan<'_>, at: usize, element: &Element) -> bool {
    let says_image =
        element.name().split('-').any(|word| matches!(word, "img" | "image" | "picture" | "photo" | "anim"));
    if !says_image {
        return false;
    }
    let attrs: Vec<(&str, &str)> = element.attrs().collect();
    let end = scan.entries[at].end.min(at + IN_FIGURE);
    let holds_image =
        (at + 1..end).any(|below| scan.name(below) == "img" && scan.name(scan.entries[below].parent) != "noscript");
    !holds_image && matches!(images::pick(&attrs, &[], &[]), images::ImageChoice::Image(_))
}

/// A background is an image of the article where it is all that a figure shows, where its element is called an image, or
/// where an empty element is made as large as the image.
fn is_background(scan: &Scan<'_>, at: usize, element: &Element) -> bool {
    let styled = element.attr("style").is_some_and(|style| {
        style.contains(['u', 'U']) && style.to_ascii_lowercase().contains("url(") && style.contains(['k', 'K', '-'])
    });
    // A figure whose image a script puts in names it in its microdata.
    let is_named = element.name() == "figure" && element.attr("itemid").is_some_and(images::ends_like_an_image);
    if !styled && !is_named && !element.attrs().any(|(name, _)| is_waiting_background(name)) {
        return false;
    }
    if matches!(element.name(), "body" | "html" | "main" | "article" | "a" | "header" | "nav" | "button" | "table")
        || backgrounds(element).is_empty()
    {
        return false;
    }
    if is_alone_in_figure(scan, at) {
        return true;
    }
    let is_named = element.attr("role") == Some("img") && element.attr("aria-label").is_some();
    (is_named || is_made_large(element)) && is_empty(scan, at) && !is_badge(element)
}

/// The first background in a figure that shows nothing else.
fn is_alone_in_figure(scan: &Scan<'_>, at: usize) -> bool {
    let mut above = std::iter::successors(Some(at), |&at| Some(scan.entries[at].parent).filter(|_| at > 0));
    let Some(figure) = above.by_ref().take(FIGURE).find(|&above| scan.name(above) == "figure") else { return false };
    let end = scan.entries[figure].end.min(figure + IN_FIGURE);
    if at >= end {
        return false;
    }
    let shows = |below: usize| {
        matches!(scan.name(below), "img" | "amp-img" | "video" | "audio" | "iframe" | "embed" | "pre" | "table")
    };
    let has_background = |below: usize| {
        let style = scan.element(below).and_then(|element| element.attr("style"));
        style.is_some_and(|style| !images::backgrounds(style).is_empty())
    };
    !(figure + 1..end).any(shows) && !(figure..at).any(has_background)
}

/// Made as large as an image by its style, and called one by its class.
fn is_made_large(element: &Element) -> bool {
    let style = element.attr("style").unwrap_or_default().to_ascii_lowercase();
    let class = element.attr("class").unwrap_or_default().to_ascii_lowercase();
    let is_large = ["height", "padding-bottom", "padding-top", "aspect-ratio"].iter().any(|word| style.contains(word));
    let says = ["image", "img", "photo", "picture", "cover", "pic"].iter().any(|word| class.contains(word));
    is_large && says
}

fn is_badge(element: &Element) -> bool {
    let class = element.attr("class").unwrap_or_default().to_ascii_lowercase();
    ["avatar", "author", "profile", "logo", "icon", "badge", "qr", "sprite"].iter().any(|word| class.contains(word))
}

fn is_empty(scan: &Scan<'_>, at: usize) -> bool {
    let end = scan.entries[at].end;
    end - at <= 4
        && (at + 1..end).all(|below| {
            scan.entries[below].node.value().as_text().is_none_or(|text| text.text.trim().is_empty())
                && scan.name(below) != "img"
        })
}
