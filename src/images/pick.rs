//! Which of an image's many addresses is the picture.

use std::fmt;

use url::Url;

use super::placeholder::{is_placeholder, tracker};
use super::srcset::{Candidate, Descriptor, ranked, srcset};
use super::{bytes, data_uri};
use crate::html::resolve_link;

/// An element's attributes: name in lower case, and value.
pub type Attrs<'a> = &'a [(&'a str, &'a str)];

/// Attributes that hold the picture while `src` holds a stand-in, best first.
const LAZY: [&str; 29] = [
    "data-src",
    "data-lazy-src",
    "data-original",
    "data-orig",
    "data-original-src",
    "data-orig-file",
    "data-full-url",
    "data-large-file",
    "data-medium-file",
    "data-original-mos",
    "data-2000src",
    "data-1000src",
    "data-800src",
    "data-655src",
    "data-500src",
    "data-380src",
    "data-url",
    "data-img-src",
    "data-lazy",
    "data-lazyload",
    "data-srv",
    "data-actualsrc",
    "data-backsrc",
    "data-croporisrc",
    "data-cfsrc",
    "data-native-src",
    "data-hi-res-src",
    "zoomfile",
    "file",
];

/// Those that hold a larger picture than a good `src`.
const LARGER: [&str; 8] = [
    "data-orig-file",
    "data-full-url",
    "data-large-file",
    "data-original-mos",
    "data-2000src",
    "data-native-src",
    "data-hi-res-src",
    "zoomfile",
];

/// Attributes that hold a `srcset`.
const SRCSETS: [&str; 3] = ["data-srcset", "data-lazy-srcset", "srcset"];

/// Other addresses to keep for a picture that cannot be had.
const MAX_ALTERNATIVES: usize = 4;

/// A `data:` address shorter than this holds no picture when there is any other address.
const SHORT_DATA: usize = 200;

/// What was decided about an `img`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Picked {
    /// It is a picture.
    Picture(Pick),
    /// It is none.
    Dropped(Reason),
}

/// A picture's addresses as the page writes them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pick {
    /// The best one.
    pub written: String,
    /// Others of the same picture, best first; empty when there is none.
    pub alternatives: Vec<String>,
}

/// Why an `img` is no picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// No attribute holds an address.
    NoAddress,
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
            Self::NoAddress => f.write_str("an image without an address"),
            Self::OnePixel => f.write_str("an image of one pixel"),
            Self::Placeholder => f.write_str("a placeholder with no picture behind it"),
            Self::Tracker(host) => write!(f, "a tracker ({host})"),
        }
    }
}

/// Chooses among everything an `img` (`img`), the `source`s of its `picture` (`sources`) and the images of the
/// `noscript` beside it (`fallbacks`) say.
///
/// A good `src` yields only to what is declared larger; a stand-in yields to anything.
pub fn pick(img: Attrs<'_>, sources: &[Attrs<'_>], fallbacks: &[Attrs<'_>]) -> Picked {
    let src = get(img, "src").unwrap_or_default();
    let lazy: Vec<&str> = lazy_addresses(img, &LAZY).collect();
    if is_one_pixel(img) && lazy.is_empty() {
        return Picked::Dropped(Reason::OnePixel);
    }
    let good = shown(img);
    let mut found: Vec<&str> = Vec::new();
    if let Some(src) = good {
        found.extend(lazy_addresses(img, &LARGER));
        found.extend(declared_wider(img, sources));
        found.push(src);
    }
    found.extend(&lazy);
    found.extend(variants(img, sources).into_iter().map(|candidate| candidate.url));
    found.extend(fallbacks.iter().flat_map(|image| fallback_addresses(image)));
    found.extend(any_image_address(img));
    let mut unique: Vec<String> = Vec::new();
    for address in found.into_iter().map(str::trim).filter(|address| is_good(address)) {
        if unique.len() <= MAX_ALTERNATIVES && !unique.iter().any(|known| known == address) {
            unique.push(address.to_owned());
        }
    }
    if unique.is_empty() {
        return only_data(src);
    }
    let written = unique.remove(0);
    match tracker(&written) {
        Some(host) => Picked::Dropped(Reason::Tracker(host)),
        None => Picked::Picture(Pick { written, alternatives: unique }),
    }
}

/// The address in `src`, when it is a picture's own and no stand-in's; None otherwise.
pub fn shown<'a>(img: Attrs<'a>) -> Option<&'a str> {
    get(img, "src").filter(|src| is_good(src))
}

/// The absolute form of an address that could be had: `http`, `https`, or a `data:` image as it is written. Without a
/// base a relative address stays as written. None for `blob:`, `javascript:`, `file:`, other `data:` and what is no address.
pub fn resolve(written: &str, base: Option<&Url>) -> Option<String> {
    let written = written.trim();
    if starts_with(written, "data:") {
        // Any other would be a page, or a script's food, under the name of a picture.
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

fn get<'a>(attrs: Attrs<'a>, name: &str) -> Option<&'a str> {
    attrs.iter().find(|(key, _)| *key == name).map(|(_, value)| value.trim()).filter(|value| !value.is_empty())
}

fn starts_with(text: &str, start: &str) -> bool {
    text.get(..start.len()).is_some_and(|head| head.eq_ignore_ascii_case(start))
}

/// Looks like an address, and like that of a picture rather than of a stand-in.
fn is_good(address: &str) -> bool {
    if starts_with(address, "data:") {
        return starts_with(address, "data:image/")
            && address.len() >= SHORT_DATA
            && !starts_with(address, "data:image/svg");
    }
    !address.starts_with(['{', '[', '<']) && !address.contains(['\n', '{']) && !is_placeholder(address)
}

fn lazy_addresses<'a>(attrs: Attrs<'a>, names: &'a [&str]) -> impl Iterator<Item = &'a str> {
    names.iter().filter_map(move |name| get(attrs, name)).filter(|value| is_good(value) && is_one_address(value))
}

/// No list, no word: an address has a dot or a slash, and no space before its end.
fn is_one_address(value: &str) -> bool {
    value.contains(['/', '.']) && !value.contains(", ")
}

/// Every variant of `srcset`s and `source`s, best first.
fn variants<'a>(img: Attrs<'a>, sources: &[Attrs<'a>]) -> Vec<Candidate<'a>> {
    let all = |attrs: Attrs<'a>| SRCSETS.iter().filter_map(move |name| get(attrs, name)).flat_map(srcset);
    let mut portable: Vec<Candidate<'a>> = all(img).collect();
    let mut narrow = Vec::new();
    let mut modern = Vec::new();
    for &source in sources {
        // A `source` whose file browsers are still learning to read comes last: who opens it in fifty years?
        let kind = get(source, "type").unwrap_or_default();
        let list = match kind {
            "image/avif" | "image/jxl" | "image/heic" => &mut modern,
            _ if get(source, "media").is_some_and(|media| media.contains("max-width")) => &mut narrow,
            _ => &mut portable,
        };
        list.extend(all(source));
    }
    [portable, narrow, modern].into_iter().flat_map(ranked).filter(|candidate| is_good(candidate.url)).collect()
}

/// Variants that are declared wider than a good `src` is shown, or denser.
fn declared_wider<'a>(img: Attrs<'a>, sources: &[Attrs<'a>]) -> Option<&'a str> {
    let shown = get(img, "width").and_then(|width| width.parse().ok()).unwrap_or(0.0);
    let best = variants(img, sources).into_iter().next()?;
    let wider = match best.descriptor {
        Descriptor::Width(width) => width > shown,
        Descriptor::Density(density) => density > 1.0,
    };
    wider.then_some(best.url)
}

fn fallback_addresses<'a>(image: Attrs<'a>) -> Vec<&'a str> {
    let widest = variants(image, &[]).into_iter().map(|candidate| candidate.url).next();
    widest.into_iter().chain(get(image, "src")).collect()
}

/// An attribute of any name whose value ends like a picture's address.
fn any_image_address<'a>(img: Attrs<'a>) -> impl Iterator<Item = &'a str> {
    img.iter()
        .filter(|(name, _)| !matches!(*name, "src" | "srcset" | "alt" | "title" | "style" | "class" | "id" | "sizes"))
        .map(|(_, value)| value.trim())
        .filter(|value| is_one_address(value) && !value.contains(char::is_whitespace) && ends_like_an_image(value))
}

fn ends_like_an_image(value: &str) -> bool {
    let path = value.split(['?', '#']).next().unwrap_or_default();
    let extension = path.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase());
    extension.is_some_and(|found| matches!(found.as_str(), "jpg" | "jpeg" | "png" | "webp" | "avif" | "gif"))
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
    sized("width") && sized("height")
}

/// With nothing better, a `data:` address is the picture, unless its bytes say that it is a spacer.
fn only_data(src: &str) -> Picked {
    if !starts_with(src, "data:") {
        return Picked::Dropped(if src.is_empty() { Reason::NoAddress } else { Reason::Placeholder });
    }
    // A stand-in is small; a large one was taken before, or is a drawing.
    let picture = data_uri(src, src.len()).ok().and_then(|bytes| bytes::identify(bytes).ok());
    match picture {
        Some(image) if !is_empty_drawing(&image.bytes) => {
            Picked::Picture(Pick { written: src.to_owned(), alternatives: Vec::new() })
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
            Picked::Picture(pick) => pick.written,
            Picked::Dropped(reason) => format!("dropped: {reason}"),
        }
    }

    const GIF: &str = "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7";

    #[test]
    fn a_stand_in_yields_to_the_lazy_address() {
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
    fn a_picture_is_kept_in_a_form_that_lasts() {
        let avif: Attrs<'_> = &[("type", "image/avif"), ("srcset", "/a.avif 2000w")];
        let webp: Attrs<'_> = &[("type", "image/webp"), ("srcset", "/a.webp 2000w")];
        let phone: Attrs<'_> = &[("media", "(max-width: 600px)"), ("srcset", "/phone.jpg")];
        assert_eq!(with(&[("src", "/a.jpg")], &[avif, webp], &[]), "/a.webp");
        assert_eq!(with(&[("src", "/a.jpg")], &[phone], &[]), "/a.jpg");
        assert_eq!(with(&[("src", GIF)], &[avif], &[]), "/a.avif");
    }

    #[test]
    fn noscript_speaks_for_a_stand_in() {
        let noscript: Attrs<'_> = &[("src", "/real.jpg")];
        assert_eq!(with(&[("src", GIF)], &[], &[noscript]), "/real.jpg");
        let Picked::Picture(pick) = pick(&[("src", "/a.jpg")], &[], &[noscript]) else { panic!("dropped") };
        assert_eq!(pick.alternatives, ["/real.jpg"]);
    }

    #[test]
    fn counters_and_spacers_are_dropped_with_a_reason() {
        assert_eq!(
            picked(&[("src", "/c.gif?id=1"), ("width", "1"), ("height", "1")]),
            "dropped: an image of one pixel"
        );
        assert_eq!(picked(&[("src", "/c.gif"), ("style", "width:0; HEIGHT: 0px")]), "dropped: an image of one pixel");
        assert_eq!(picked(&[("src", "https://mc.yandex.ru/watch/1")]), "dropped: a tracker (mc.yandex.ru)");
        assert_eq!(picked(&[("src", GIF)]), "dropped: a placeholder with no picture behind it");
        assert_eq!(picked(&[("alt", "x")]), "dropped: an image without an address");
    }

    #[test]
    fn a_data_address_alone_is_the_picture() {
        let dot = "data:image/gif;base64,R0lGODlhCgAKAIAAAAAAAP///yH5BAEAAAAALAAAAAAKAAoAAAIIhI+py+0PYysAOw==";
        assert_eq!(picked(&[("src", dot)]), dot);
        let frame = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 3 2'%3E%3C/svg%3E";
        assert_eq!(picked(&[("src", frame)]), "dropped: a placeholder with no picture behind it");
    }

    #[test]
    fn addresses_become_absolute_when_they_can() {
        let base = Url::parse("https://a.cn/x/").unwrap();
        assert_eq!(resolve(" y.jpg ", Some(&base)).as_deref(), Some("https://a.cn/x/y.jpg"));
        assert_eq!(resolve("//b.cn/y.jpg", None).as_deref(), Some("https://b.cn/y.jpg"));
        assert_eq!(resolve("img/图 1.jpg", None).as_deref(), Some("img/图 1.jpg"));
        for no in ["blob:https://a.cn/1", "javascript:x", "file:///etc/passwd", "data:text/html,<p>x", ""] {
            assert_eq!(resolve(no, None), None, "{no}");
        }
    }
}
