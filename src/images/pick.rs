//! Which of an image's many URLs is the image.

use std::fmt;

use url::Url;

use super::attributes::{self, Attrs, get, is_one_url};
use super::placeholder::{is_good, tracker};
use super::urls::{clean, ends_like_an_image, starts_with};
use super::variants::{declared_wider, variants};
use super::worth::{Worth, is_better, is_twin, width, worth};
use super::{bytes, css, data_uri, template};
use crate::html::resolve_link;

/// Other URLs to keep for an image that cannot be had.
const MAX_ALTERNATIVES: usize = 4;

/// What was decided about an `img`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Picked {
    /// It is an image.
    Image(Pick),
    /// It is none.
    Dropped(Reason),
}

/// An image's URLs as the page writes them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pick {
    /// The best one.
    pub written: String,
    /// Others of the same image, best first; empty when there is none.
    pub alternatives: Vec<String>,
}

/// Why an `img` is no image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// No attribute holds a URL.
    NoUrl,
    /// Its size on the page is a pixel or nothing.
    OnePixel,
    /// A stand-in, and nothing that it stands for.
    Placeholder,
    /// The host serves counters.
    Tracker(&'static str),
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoUrl => f.write_str("an image without a URL"),
            Self::OnePixel => f.write_str("an image of one pixel"),
            Self::Placeholder => f.write_str("a placeholder with no image behind it"),
            Self::Tracker(host) => write!(f, "a tracker ({host})"),
        }
    }
}

/// Chooses among everything an `img` (`img`), the `source`s of its `picture` (`sources`) and the images of the
/// `noscript` beside it (`fallbacks`) say.
///
/// A good `src` yields to what is declared larger, and to what a script would put in its place; a stand-in yields to
/// anything.
pub fn pick(img: Attrs<'_>, sources: &[Attrs<'_>], fallbacks: &[Attrs<'_>]) -> Picked {
    let src = get(img, "src").unwrap_or_default();
    let telling = attributes::telling(img);
    let filled = template::filled(img);
    let behind: Vec<String> = get(img, "style").map(css::backgrounds).unwrap_or_default();
    let lazy: Vec<&str> = attributes::lazy(&telling).filter(|value| is_good(value) && is_one_url(value)).collect();
    if is_one_pixel(img) && lazy.is_empty() && filled.is_empty() {
        return Picked::Dropped(Reason::OnePixel);
    }
    let good = shown(img);
    let waits = good.is_some_and(|src| is_stand_in(img, src, filled.first().map(String::as_str)));
    let sizes = variants(img, sources);
    let mut found: Vec<&str> = Vec::new();
    if good.is_some() {
        found.extend(attributes::larger(&telling).filter(|value| is_one_url(value)));
        found.extend(declared_wider(img, sources, sizes.first()));
        found.extend(good.filter(|_| !waits));
    }
    found.extend(filled.iter().map(String::as_str));
    found.extend(lazy);
    found.extend(sizes.into_iter().map(|candidate| candidate.url));
    found.extend(fallbacks.iter().flat_map(|image| fallback_urls(image)));
    found.extend(good);
    found.retain(|url| is_good(url));
    if let ([only], true, true) = (found.as_slice(), telling.is_empty(), behind.is_empty()) {
        return told(clean(only).into_owned(), Vec::new());
    }
    // What promises more comes first, else what was found first.
    let mut found: Vec<(Worth, &str)> = found.into_iter().map(|url| (worth(url), url)).collect();
    found.sort_by_key(|(worth, _)| *worth);
    let previews = found.partition_point(|(worth, _)| *worth < Worth::Preview);
    let weak = any_image_url(&telling).chain(behind.iter().map(String::as_str)).filter(|url| is_good(url));
    let (whole, poor) = found.split_at(previews);
    let all = whole.iter().map(|(_, url)| *url).chain(weak).chain(poor.iter().map(|(_, url)| *url));
    let mut unique: Vec<String> = Vec::new();
    for url in all.map(clean) {
        if unique.len() <= MAX_ALTERNATIVES && !unique.iter().any(|known| *known == url) {
            unique.push(url.into_owned());
        }
    }
    if unique.is_empty() {
        return only_data(src);
    }
    told(unique.remove(0), unique)
}

/// An image by its URLs, unless the first is that of a counter.
fn told(written: String, alternatives: Vec<String>) -> Picked {
    match tracker(&written) {
        Some(host) => Picked::Dropped(Reason::Tracker(host)),
        None => Picked::Image(Pick { written, alternatives }),
    }
}

/// Whether a script would put another image in the place of a `src` that looks good.
fn is_stand_in(img: Attrs<'_>, src: &str, filled: Option<&str>) -> bool {
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
    let mut promised = attributes::promised(img)
        .chain(filled)
        .filter(|value| is_good(value) && is_one_url(value) && clean(value) != clean(src))
        .filter(|value| ends_like_an_image(value) || !ends_like_an_image(src));
    promised.next().is_some_and(|first| !is_smaller(first, src))
}

/// Whether a page was saved after its script had put the image in its place.
fn has_loaded(img: Attrs<'_>) -> bool {
    let states = ["lazy", "data-lazy-status", "data-ll-status", "data-was-processed", "data-loaded"];
    let says = |value: &str| matches!(value, "loaded" | "true");
    let classes = get(img, "class").unwrap_or_default();
    states.iter().filter_map(|name| get(img, name)).any(says)
        || classes.split_whitespace().any(|name| matches!(name, "lazyloaded" | "loaded" | "b-loaded" | "is-loaded"))
}

/// Whether a URL names a smaller size than another one.
fn is_smaller(url: &str, than: &str) -> bool {
    match (width(url), width(than)) {
        (Some(one), Some(other)) => one < other,
        (Some(_), None) => is_twin(url, than) && is_better(than, url),
        _ => worth(url) > worth(than),
    }
}

/// The URL in `src`, when it is an image's own and no stand-in's; None otherwise.
pub fn shown<'a>(img: Attrs<'a>) -> Option<&'a str> {
    get(img, "src").filter(|src| is_good(src))
}

/// The absolute form of a URL that could be had: `http`, `https`, or a `data:` image as it is written. Without a
/// base a relative URL stays as written. None for `blob:`, `javascript:`, `file:`, other `data:` and what is not a URL.
pub fn resolve(written: &str, base: Option<&Url>) -> Option<String> {
    let written = clean(written);
    let written = written.as_ref();
    if starts_with(written, "data:") {
        // Any other would be a page, or a script's food, under the name of an image.
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

/// An attribute of any name whose value ends like an image's URL.
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
    // An image that fills its box is given no size of its own.
    let fills = style.replace(' ', "").contains("min-width:100%");
    sized("width") && sized("height") && !fills
}

/// With nothing better, a `data:` URL is the image, unless its bytes say that it is a spacer.
fn only_data(src: &str) -> Picked {
    if !starts_with(src, "data:") {
        return Picked::Dropped(if src.is_empty() { Reason::NoUrl } else { Reason::Placeholder });
    }
    // A stand-in is small; a large one was taken before, or is a drawing.
    let image = data_uri(src, src.len()).ok().and_then(|bytes| bytes::identify(bytes).ok());
    match image {
        Some(image) if !is_empty_drawing(&image.bytes) => {
            Picked::Image(Pick { written: src.to_owned(), alternatives: Vec::new() })
        }
        _ => Picked::Dropped(Reason::Placeholder),
    }
}

/// An SVG that draws nothing: it keeps the place's proportions.
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

    fn picked(img: Attrs<'_>) -> String {
        with(img, &[], &[])
    }

    fn with(img: Attrs<'_>, sources: &[Attrs<'_>], fallbacks: &[Attrs<'_>]) -> String {
        match pick(img, sources, fallbacks) {
            Picked::Image(pick) => pick.written,
            Picked::Dropped(reason) => format!("dropped: {reason}"),
        }
    }

    const GIF: &str = "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7";

    #[test]
    fn a_stand_in_yields_to_the_lazy_url() {
        for (name, src) in
            [("data-src", GIF), ("data-original", "/none.gif"), ("zoomfile", ""), ("data-actualsrc", "loading.gif")]
        {
            assert_eq!(picked(&[("src", src), (name, "https://img.cn/a.jpg")]), "https://img.cn/a.jpg", "{name}");
        }
        assert_eq!(picked(&[("src", GIF), ("data-whatever", "/p/a.JPG?x=1")]), "/p/a.JPG?x=1");
        assert_eq!(picked(&[("data-src", "{\"a\":1}"), ("data-srcset", "/a.jpg 320w, /b.jpg 640w")]), "/b.jpg");
    }

    #[test]
    fn a_good_src_yields_only_to_what_is_declared_larger() {
        assert_eq!(picked(&[("src", "/big.jpg"), ("data-src", "/small.jpg")]), "/big.jpg");
        assert_eq!(picked(&[("src", "/m.jpg"), ("data-large-file", "/l.jpg")]), "/l.jpg");
        assert_eq!(picked(&[("src", "/m.jpg"), ("width", "600"), ("srcset", "/s.jpg 300w, /l.jpg 1200w")]), "/l.jpg");
        assert_eq!(picked(&[("src", "/m.jpg"), ("width", "600"), ("srcset", "/s.jpg 300w")]), "/m.jpg");
        assert_eq!(picked(&[("src", "/tiny.jpg?w=30"), ("data-src", "/a.jpg")]), "/a.jpg");
    }

    #[test]
    fn an_image_is_kept_in_a_form_that_lasts() {
        let avif: Attrs<'_> = &[("type", "image/avif"), ("srcset", "/a.avif 2000w")];
        let webp: Attrs<'_> = &[("type", "image/webp"), ("srcset", "/a.webp 2000w")];
        let phone: Attrs<'_> = &[("media", "(max-width: 600px)"), ("srcset", "/phone.jpg")];
        assert_eq!(with(&[("src", "/a.jpg")], &[avif, webp], &[]), "/a.webp");
        assert_eq!(with(&[("src", "/a.jpg")], &[phone], &[]), "/a.jpg");
        assert_eq!(with(&[("src", GIF)], &[avif], &[]), "/a.avif");
    }

    #[test]
    fn what_a_script_would_show_comes_before_the_src() {
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
            assert_eq!(picked(&[("src", src), (name, "/l/茶.jpg")]), "/l/茶.jpg", "{name}");
        }
        assert_eq!(picked(&[("src", "/shown.jpg"), ("lazy", "loaded"), ("data-src", "/x.jpg")]), "/shown.jpg");
        // A loader that has run leaves the size it chose.
        assert_eq!(picked(&[("src", "/a-1024x768.jpg"), ("data-src", "/a-300x225.jpg")]), "/a-1024x768.jpg");
        assert_eq!(picked(&[("src", "/a.jpg"), ("data-src", "/a-1024x768.jpg")]), "/a.jpg");
    }

    #[test]
    fn a_lazy_image_yields_to_its_noscript() {
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
    fn a_template_and_a_line_break_become_a_url() {
        let img: Attrs<'_> =
            &[("src", "/lid_300x.jpg"), ("data-src", "/lid_{width}x.jpg"), ("data-widths", "[180, 720]")];
        assert_eq!(picked(img), "/lid_720x.jpg");
        assert_eq!(picked(&[("src", "/a/tea-\n   hill.jpg")]), "/a/tea-hill.jpg");
        assert_eq!(picked(&[("src", "/spacer.gif"), ("style", "background: url(/a.jpg)")]), "/a.jpg");
    }

    #[test]
    fn noscript_speaks_for_a_stand_in() {
        let noscript: Attrs<'_> = &[("src", "/real.jpg")];
        assert_eq!(with(&[("src", GIF)], &[], &[noscript]), "/real.jpg");
        let Picked::Image(pick) = pick(&[("src", "/a.jpg")], &[], &[noscript]) else { panic!("dropped") };
        assert_eq!(pick.alternatives, ["/real.jpg"]);
    }

    #[test]
    fn counters_and_spacers_are_dropped_with_a_reason() {
        assert_eq!(
            picked(&[("src", "/c.gif?id=1"), ("width", "1"), ("height", "1")]),
            "dropped: an image of one pixel"
        );
        assert_eq!(picked(&[("src", "/c.gif"), ("style", "width:0; HEIGHT: 0px")]), "dropped: an image of one pixel");
        assert_eq!(picked(&[("src", "/fill.jpg"), ("style", "width:0;height:0;min-width: 100%")]), "/fill.jpg");
        assert_eq!(picked(&[("src", "https://mc.yandex.ru/watch/1")]), "dropped: a tracker (mc.yandex.ru)");
        assert_eq!(picked(&[("src", GIF)]), "dropped: a placeholder with no image behind it");
        assert_eq!(picked(&[("alt", "x")]), "dropped: an image without a URL");
    }

    #[test]
    fn a_data_url_alone_is_the_image() {
        let dot = "data:image/gif;base64,R0lGODlhCgAKAIAAAAAAAP///yH5BAEAAAAALAAAAAAKAAoAAAIIhI+py+0PYysAOw==";
        assert_eq!(picked(&[("src", dot)]), dot);
        let frame = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 3 2'%3E%3C/svg%3E";
        assert_eq!(picked(&[("src", frame)]), "dropped: a placeholder with no image behind it");
    }

    #[test]
    fn urls_become_absolute_when_they_can() {
        let base = Url::parse("https://a.cn/x/").unwrap();
        assert_eq!(resolve(" y.jpg ", Some(&base)).as_deref(), Some("https://a.cn/x/y.jpg"));
        assert_eq!(resolve("//b.cn/y.jpg", None).as_deref(), Some("https://b.cn/y.jpg"));
        assert_eq!(resolve("img/图 1.jpg", None).as_deref(), Some("img/图 1.jpg"));
        for no in ["blob:https://a.cn/1", "javascript:x", "file:///etc/passwd", "data:text/html,<p>x", ""] {
            assert_eq!(resolve(no, None), None, "{no}");
        }
    }
}
