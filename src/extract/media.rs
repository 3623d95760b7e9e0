//! Which elements of a page show an image or play media.
//!
//! Besides `img` these are custom elements, `picture`s with only `source`s, `object`s, background images and inline SVG.

use crate::html::{Element, ElementRef};
use crate::images;

use super::drawing;
use super::frames::{self, Frame};
use super::hints::Hints;
use super::scan::Scan;

/// The maximum number of elements from an image up to its figure.
const FIGURE: usize = 6;

/// The maximum number of entries below an element that are searched for another image.
const IN_FIGURE: usize = 60;

/// How an element shows an image or plays media.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    /// By its attributes: `img` and custom elements.
    Image,
    /// By the `source`s in it: a `picture` without an `img`.
    Sources,
    /// By a file: `object`, `embed`.
    Object,
    /// By its style.
    Background,
    /// By its content: `svg`.
    Drawing,
    /// By playing it: video, audio and frames.
    Player,
}

/// What each node of a page shows or plays.
pub struct Media {
    shown: Vec<Option<Shown>>,
    frames: Vec<Option<Frame>>,
}

impl Media {
    /// Examines all nodes of a page.
    pub fn of(scan: &Scan<'_>) -> Self {
        let (mut seen, mut frames) = (vec![None; scan.entries.len()], vec![None; scan.entries.len()]);
        let relevant = Hints::BACKGROUND.and(Hints::PLAYER);
        for (at, entry) in scan.entries.iter().enumerate() {
            let Some(element) = entry.node.value().as_element() else { continue };
            // Most elements are these, and show nothing without a hint.
            let is_plain = matches!(element.name(), "div" | "span" | "a" | "p" | "li" | "ul" | "meta" | "link");
            if !is_plain || entry.hints.has(relevant) {
                (seen[at], frames[at]) = (shown(scan, at), frames::of(scan, at));
            }
        }
        Self { shown: seen, frames }
    }

    /// Returns the result of [`shown`].
    pub fn shown(&self, at: usize) -> Option<Shown> {
        self.shown[at]
    }

    /// Returns the result of [`frames::of`].
    pub fn frame(&self, at: usize) -> Option<Frame> {
        self.frames[at]
    }
}

/// Returns how the element at `at` shows an image or plays media; None when it does neither.
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

/// Returns true for an image that no reader sees. An `object` or a drawing is visible although its content is not text.
pub fn is_unseen(scan: &Scan<'_>, at: usize, shown: Option<Shown>) -> bool {
    let entry = &scan.entries[at];
    match shown {
        Some(Shown::Object | Shown::Drawing) => entry.hidden || scan.entries[entry.parent].unseen,
        _ => entry.unseen,
    }
}

/// Returns the URLs of an element's background images, best first; empty without one.
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

/// Returns true for attributes from which scripts set backgrounds.
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

/// Returns true for an `object` or `embed` of an image, by its type or its file name.
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

/// Returns true for a custom element such as `progressive-image` or `lazy-img` with a URL, but not for one around an `img`.
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

/// Returns true when a background is an image of the article: all that a figure shows, or on an empty element that has the
/// role of an image or the size of one.
fn is_background(scan: &Scan<'_>, at: usize, element: &Element) -> bool {
    let styled = element.attr("style").is_some_and(|style| {
        style.contains(['u', 'U']) && style.to_ascii_lowercase().contains("url(") && style.contains(['k', 'K', '-'])
    });
    // A figure whose image is added by a script may name it in its microdata.
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

/// Returns true for the first background in a figure that shows nothing else.
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

/// Returns true when the style sets an image's height and the class names an image.
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
