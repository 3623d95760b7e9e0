//! Chooses the best of the URLs that a page gives for an image.

use std::collections::BTreeSet;
use std::fmt;

use url::Url;

use super::attributes::{self, Attrs, get, is_one_url};
use super::placeholder::{is_usable, tracker};
use super::size_class::{SizeClass, is_better, is_same_image, size_class, width};
use super::urls::{clean, ends_like_an_image, starts_with};
use super::variants::{declared_wider, variants};
use super::{bytes, css, data_uri, template};
use crate::html::resolve_link;

/// The maximum number of further URLs, to be tried when an image cannot be fetched.
const MAX_ALTERNATIVES: usize = 4;

/// The decision about an `img` element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ImageChoice {
    /// It is an image of the page.
    Image(Pick),
    /// It is not.
    Dropped(DropReason),
}

/// An image's URLs as the page writes them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pick {
    /// The best URL.
    pub written: String,
    /// Further URLs of the same image, best first.
    pub alternatives: Vec<String>,
}

/// Why an `img` element is not an image of the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DropReason {
    /// No attribute holds a URL.
    NoUrl,
    /// It is shown at a size of at most one pixel.
    OnePixel,
    /// It is a placeholder, and no other URL is known.
    Placeholder,
    /// The host, which this names, serves tracking pixels.
    Tracker(&'static str),
}

impl fmt::Display for DropReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoUrl => f.write_str("an image without a URL"),
            Self::OnePixel => f.write_str("an image of one pixel"),
            Self::Placeholder => f.write_str("a placeholder with no image behind it"),
            Self::Tracker(host) => write!(f, "a tracker ({host})"),
        }
    }
}

/// Chooses among the URLs of an `img` (`img`), of the `source`s of its `picture` (`sources`) and of the images in the
/// `noscript` next to it (`fallbacks`).
///
/// A URL that is declared larger, or that a script would put into `src`, is preferred to a usable `src`; any other URL is
/// preferred to a placeholder.
pub fn pick(img: Attrs<'_>, sources: &[Attrs<'_>], fallbacks: &[Attrs<'_>]) -> ImageChoice {
    let src = get(img, "src").unwrap_or_default();
    let extra = attributes::extra(img);
    let templates = template::expand(img);
    let backgrounds: Vec<String> = get(img, "style").map(css::backgrounds).unwrap_or_default();
    let lazy: Vec<&str> = attributes::lazy(&extra).filter(|value| is_usable(value) && is_one_url(value)).collect();
    if is_one_pixel(img) && lazy.is_empty() && templates.is_empty() {
        return ImageChoice::Dropped(DropReason::OnePixel);
    }
    let usable = usable_src(img);
    let is_replaced = usable.is_some_and(|src| is_replaced_by_script(img, src, templates.first().map(String::as_str)));
    let sizes = variants(img, sources);
    let mut found: Vec<&str> = Vec::new();
    if usable.is_some() {
        found.extend(attributes::larger(&extra).filter(|value| is_one_url(value)));
        found.extend(declared_wider(img, sources, sizes.first()));
        found.extend(usable.filter(|_| !is_replaced));
    }
    found.extend(templates.iter().map(String::as_str));
    found.extend(lazy);
    found.extend(sizes.into_iter().map(|candidate| candidate.url));
    found.extend(fallbacks.iter().flat_map(|image| fallback_urls(image)));
    found.extend(usable);
    let mut known = BTreeSet::new();
    found.retain(|url| known.insert(*url) && is_usable(url));
    if let ([only], true, true) = (found.as_slice(), extra.is_empty(), backgrounds.is_empty()) {
        return choice(clean(only).into_owned(), Vec::new());
    }
    // Larger sizes come first; within a size the order above holds.
    let mut found: Vec<(SizeClass, &str)> = found.into_iter().map(|url| (size_class(url), url)).collect();
    found.sort_by_key(|(size, _)| *size);
    let previews = found.partition_point(|(size, _)| *size < SizeClass::Preview);
    let weak = any_image_url(&extra).chain(backgrounds.iter().map(String::as_str)).filter(|url| is_usable(url));
    let (images, previews) = found.split_at(previews);
    let all = images.iter().map(|(_, url)| *url).chain(weak).chain(previews.iter().map(|(_, url)| *url));
    let mut unique: Vec<String> = Vec::new();
    for url in all.map(clean) {
        if unique.len() <= MAX_ALTERNATIVES && !unique.iter().any(|known| *known == url) {
            unique.push(url.into_owned());
        }
    }
    if unique.is_empty() {
        return only_data(src);
    }
    choice(unique.remove(0), unique)
}

/// Returns the image with these URLs, unless the first is a tracker.
fn choice(written: String, alternatives: Vec<String>) -> ImageChoice {
    match tracker(&written) {
        Some(host) => ImageChoice::Dropped(DropReason::Tracker(host)),
        None => ImageChoice::Image(Pick { written, alternatives }),
    }
}

/// Returns true when a script would replace a `src` that looks usable. `template` is a URL from a template attribute.
fn is_replaced_by_script(img: Attrs<'_>, src: &str, template: Option<&str>) -> bool {
    let says = |value: &str| {
        value.split(|c: char| !c.is_alphanumeric()).any(|word| {
            let word = word.to_ascii_lowercase();
            matches!(
                word.as_str(),
                "lazy" | "lazyload" | "lazyloading" | "lozad" | "unveil" | "progressive" | "placeholder"
            ) || word.starts_with("blur")
        })
    };
    if has_loaded(img) {
        return false;
    }
    if ["class", "style"].iter().filter_map(|name| get(img, name)).any(says) {
        return true;
    }
    let mut others = attributes::lazy_by_name(img)
        .chain(template)
        .filter(|value| is_usable(value) && is_one_url(value) && clean(value) != clean(src))
        .filter(|value| ends_like_an_image(value) || !ends_like_an_image(src));
    others.next().is_some_and(|first| !is_smaller(first, src))
}

/// Returns true when the page was saved after its script had replaced `src`.
fn has_loaded(img: Attrs<'_>) -> bool {
    let states = ["lazy", "data-lazy-status", "data-ll-status", "data-was-processed", "data-loaded"];
    let says = |value: &str| matches!(value, "loaded" | "true");
    let classes = get(img, "class").unwrap_or_default();
    states.iter().filter_map(|name| get(img, name)).any(says)
        || classes.split_whitespace().any(|name| matches!(name, "lazyloaded" | "loaded" | "b-loaded" | "is-loaded"))
}

/// Returns true when a URL names a smaller size than another one.
fn is_smaller(url: &str, than: &str) -> bool {
    match (width(url), width(than)) {
        (Some(one), Some(other)) => one < other,
        (Some(_), None) => is_same_image(url, than) && is_better(than, url),
        _ => size_class(url) > size_class(than),
    }
}

/// Returns the URL in `src`; None when it is missing, a placeholder or not a URL of an image.
pub fn usable_src<'a>(img: Attrs<'a>) -> Option<&'a str> {
    get(img, "src").filter(|src| is_usable(src))
}

/// Returns the absolute form of a URL that can be fetched: `http`, `https`, or a `data:` image as written. Without a base,
/// a relative URL is returned as written. None for `blob:`, `javascript:`, `file:`, other `data:` and invalid URLs.
pub fn resolve(written: &str, base: Option<&Url>) -> Option<String> {
    let written = clean(written);
    let written = written.as_ref();
    if starts_with(written, "data:") {
        // A `data:` URL of another type is a page or data for a script.
        return starts_with(written, "data:image/").then(|| written.to_owned());
    }
    match resolve_link(written, base) {
        Some(url) if matches!(url.scheme(), "http" | "https") => Some(url.to_string()),
        Some(_) => None,
        None if base.is_some() || written.is_empty() => None,
        None if written.starts_with("//") => resolve(&format!("https:{written}"), None),
        None => Some(written.to_owned()),
    }
}

fn fallback_urls<'a>(image: Attrs<'a>) -> Vec<&'a str> {
    let widest = variants(image, &[]).into_iter().map(|candidate| candidate.url).next();
    widest.into_iter().chain(get(image, "src")).chain(attributes::lazy(image).filter(|url| is_one_url(url))).collect()
}

/// Returns the URLs that end like the name of an image file, in attributes of any name.
fn any_image_url<'a>(img: &[(&'a str, &'a str)]) -> impl Iterator<Item = &'a str> {
    img.iter()
        .map(|(_, value)| value.trim())
        .filter(|value| is_one_url(value) && !value.contains(char::is_whitespace) && ends_like_an_image(value))
}

fn is_one_pixel(img: Attrs<'_>) -> bool {
    let tiny = |value: &str| value.trim_end_matches("px").trim().parse::<f64>().is_ok_and(|size| size <= 1.0);
    if let (Some(width), Some(height)) = (get(img, "width"), get(img, "height")) {
        return tiny(width) && tiny(height);
    }
    let style = get(img, "style").unwrap_or_default().to_ascii_lowercase();
    let sized = |name: &str| {
        style
            .split(';')
            .filter_map(|rule| rule.split_once(':'))
            .any(|(key, value)| key.trim() == name && tiny(value.trim()))
    };
    // An image that fills its container needs no size of its own.
    let fills = style.replace(' ', "").contains("min-width:100%");
    sized("width") && sized("height") && !fills
}

/// Decides about a `src` without alternatives: a `data:` URL is an image unless its bytes are a spacer.
fn only_data(src: &str) -> ImageChoice {
    if !starts_with(src, "data:") {
        return ImageChoice::Dropped(if src.is_empty() { DropReason::NoUrl } else { DropReason::Placeholder });
    }
    // Placeholders are small. A large `data:` URL was usable before this, unless it is SVG.
    let image = data_uri(src, src.len()).ok().and_then(|bytes| bytes::identify(bytes).ok());
    match image {
        Some(image) if !is_empty_drawing(&image.bytes) => {
            ImageChoice::Image(Pick { written: src.to_owned(), alternatives: Vec::new() })
        }
        _ => ImageChoice::Dropped(DropReason::Placeholder),
    }
}

/// Returns true for an SVG without shapes, which only reserves space.
fn is_empty_drawing(bytes: &[u8]) -> bool {
    const SHAPES: [&str; 9] = ["<path", "<rect", "<circle", "<ellipse", "<line", "<poly", "<text", "<image", "<use"];
    match std::str::from_utf8(bytes) {
        Ok(text) if text.contains("<svg") => !SHAPES.iter().any(|shape| text.contains(shape)),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(img: Attrs<'_>) -> String {
        with(img, &[], &[])
    }

    fn with(img: Attrs<'_>, sources: &[Attrs<'_>], fallbacks: &[Attrs<'_>]) -> String {
        match pick(img, sources, fallbacks) {
            ImageChoice::Image(pick) => pick.written,
            ImageChoice::Dropped(reason) => format!("dropped: {reason}"),
        }
    }

    const GIF: &str = "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7";

    #[test]
    fn the_lazy_url_replaces_a_placeholder() {
        for (name, src) in
            [("data-src", GIF), ("data-original", "/none.gif"), ("zoomfile", ""), ("data-actualsrc", "loading.gif")]
        {
            assert_eq!(chosen(&[("src", src), (name, "https://img.cn/a.jpg")]), "https://img.cn/a.jpg", "{name}");
        }
        assert_eq!(chosen(&[("src", GIF), ("data-whatever", "/p/a.JPG?x=1")]), "/p/a.JPG?x=1");
        assert_eq!(chosen(&[("data-src", "{\"a\":1}"), ("data-srcset", "/a.jpg 320w, /b.jpg 640w")]), "/b.jpg");
    }

    #[test]
    fn a_usable_src_is_replaced_only_by_a_url_declared_larger() {
        assert_eq!(chosen(&[("src", "/big.jpg"), ("data-src", "/small.jpg")]), "/big.jpg");
        assert_eq!(chosen(&[("src", "/m.jpg"), ("data-large-file", "/l.jpg")]), "/l.jpg");
        assert_eq!(chosen(&[("src", "/m.jpg"), ("width", "600"), ("srcset", "/s.jpg 300w, /l.jpg 1200w")]), "/l.jpg");
        assert_eq!(chosen(&[("src", "/m.jpg"), ("width", "600"), ("srcset", "/s.jpg 300w")]), "/m.jpg");
        assert_eq!(chosen(&[("src", "/tiny.jpg?w=30"), ("data-src", "/a.jpg")]), "/a.jpg");
    }

    #[test]
    fn widely_supported_formats_are_preferred() {
        let avif: Attrs<'_> = &[("type", "image/avif"), ("srcset", "/a.avif 2000w")];
        let webp: Attrs<'_> = &[("type", "image/webp"), ("srcset", "/a.webp 2000w")];
        let phone: Attrs<'_> = &[("media", "(max-width: 600px)"), ("srcset", "/phone.jpg")];
        assert_eq!(with(&[("src", "/a.jpg")], &[avif, webp], &[]), "/a.webp");
        assert_eq!(with(&[("src", "/a.jpg")], &[phone], &[]), "/a.jpg");
        assert_eq!(with(&[("src", GIF)], &[avif], &[]), "/a.avif");
    }

    #[test]
    fn a_url_that_a_script_would_show_is_preferred_to_src() {
        for (name, src) in [
            ("lazy-src", "/img/s/a.jpg"),
            ("data-lazy-src", "/a.jpg?type=w80_blur"),
            ("data-full-src", "/low/a-20.jpg"),
            ("data-original", "/thumbs/a.jpg"),
            ("data-zoom-image", "/s/a.jpg"),
            ("real_src", "/preview.jpg"),
            ("data-actualsrc", "//z.example/ztext/whitedot.jpg"),
            ("data-lazy", "/img/ajax-loader.gif"),
        ] {
            assert_eq!(chosen(&[("src", src), (name, "/l/茶.jpg")]), "/l/茶.jpg", "{name}");
        }
        assert_eq!(chosen(&[("src", "/shown.jpg"), ("lazy", "loaded"), ("data-src", "/x.jpg")]), "/shown.jpg");
        // A loader that has run leaves the size it chose.
        assert_eq!(chosen(&[("src", "/a-1024x768.jpg"), ("data-src", "/a-300x225.jpg")]), "/a-1024x768.jpg");
        assert_eq!(chosen(&[("src", "/a.jpg"), ("data-src", "/a-1024x768.jpg")]), "/a.jpg");
    }

    #[test]
    fn the_noscript_image_replaces_a_lazy_one() {
        let noscript: Attrs<'_> = &[("src", "/full/bridge.jpg")];
        for img in [
            &[("class", "lazy"), ("src", "/x/1.jpg")][..],
            &[("src", "/low/bridge-20.jpg")],
            &[("src", "/x/2.jpg"), ("style", "filter: blur(8px)")],
        ] {
            assert_eq!(with(img, &[], &[noscript]), "/full/bridge.jpg");
        }
    }

    #[test]
    fn templates_line_breaks_and_backgrounds_yield_urls() {
        let img: Attrs<'_> =
            &[("src", "/lid_300x.jpg"), ("data-src", "/lid_{width}x.jpg"), ("data-widths", "[180, 720]")];
        assert_eq!(chosen(img), "/lid_720x.jpg");
        assert_eq!(chosen(&[("src", "/a/tea-\n   hill.jpg")]), "/a/tea-hill.jpg");
        assert_eq!(chosen(&[("src", "/spacer.gif"), ("style", "background: url(/a.jpg)")]), "/a.jpg");
    }

    #[test]
    fn the_noscript_image_replaces_a_placeholder() {
        let noscript: Attrs<'_> = &[("src", "/real.jpg")];
        assert_eq!(with(&[("src", GIF)], &[], &[noscript]), "/real.jpg");
        let ImageChoice::Image(pick) = pick(&[("src", "/a.jpg")], &[], &[noscript]) else { panic!("dropped") };
        assert_eq!(pick.alternatives, ["/real.jpg"]);
    }

    #[test]
    fn tracking_pixels_and_spacers_are_dropped_with_a_reason() {
        assert_eq!(
            chosen(&[("src", "/c.gif?id=1"), ("width", "1"), ("height", "1")]),
            "dropped: an image of one pixel"
        );
        assert_eq!(chosen(&[("src", "/c.gif"), ("style", "width:0; HEIGHT: 0px")]), "dropped: an image of one pixel");
        assert_eq!(chosen(&[("src", "/fill.jpg"), ("style", "width:0;height:0;min-width: 100%")]), "/fill.jpg");
        assert_eq!(chosen(&[("src", "https://mc.yandex.ru/watch/1")]), "dropped: a tracker (mc.yandex.ru)");
        assert_eq!(chosen(&[("src", GIF)]), "dropped: a placeholder with no image behind it");
        assert_eq!(chosen(&[("alt", "x")]), "dropped: an image without a URL");
    }

    #[test]
    fn a_data_url_without_alternatives_is_the_image() {
        let dot = "data:image/gif;base64,R0lGODlhCgAKAIAAAAAAAP///yH5BAEAAAAALAAAAAAKAAoAAAIIhI+py+0PYysAOw==";
        assert_eq!(chosen(&[("src", dot)]), dot);
        let frame = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 3 2'%3E%3C/svg%3E";
        assert_eq!(chosen(&[("src", frame)]), "dropped: a placeholder with no image behind it");
    }

    #[test]
    fn urls_are_made_absolute_where_possible() {
        let base = Url::parse("https://a.cn/x/").unwrap();
        assert_eq!(resolve(" y.jpg ", Some(&base)).as_deref(), Some("https://a.cn/x/y.jpg"));
        assert_eq!(resolve("//b.cn/y.jpg", None).as_deref(), Some("https://b.cn/y.jpg"));
        assert_eq!(resolve("img/图 1.jpg", None).as_deref(), Some("img/图 1.jpg"));
        for invalid in ["blob:https://a.cn/1", "javascript:x", "file:///etc/passwd", "data:text/html,<p>x", ""] {
            assert_eq!(resolve(invalid, None), None, "{invalid}");
        }
    }
}
