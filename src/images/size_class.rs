//! What a URL reveals about the size of its image, and which URLs are sizes of one image.

use std::borrow::Cow;

use super::urls::starts_with;

/// The width in pixels below which an image is a preview.
const TINY: u32 = 64;

/// The maximum width in pixels of a small image.
const SMALL: u32 = 320;

/// The length in bytes below which a `data:` URL is a preview.
const SHORT: usize = 4000;

/// Words that mark a blurred preview.
const BLUR_WORDS: [&str; 6] = ["blur", "blurred", "blurry", "lqip", "pixelated", "lowquality"];

/// Words that mark a small image.
const SMALL_WORDS: [&str; 17] = [
    "low",
    "lowres",
    "lq",
    "thumb",
    "thumbs",
    "thumbnail",
    "thumbnails",
    "tn",
    "preview",
    "previews",
    "tiny",
    "small",
    "mini",
    "micro",
    "sm",
    "xs",
    "placeholder",
];

/// Words that mark a large image.
const LARGE_WORDS: [&str; 19] = [
    "large",
    "big",
    "full",
    "fullsize",
    "high",
    "highres",
    "hires",
    "hi",
    "hd",
    "hq",
    "orig",
    "original",
    "originals",
    "medium",
    "xl",
    "lg",
    "md",
    "mobile",
    "desktop",
];

/// Words after which a number is a width.
const WIDTH_WORDS: [&str; 9] = ["w", "width", "wid", "imwidth", "maxwidth", "max", "fit", "resize", "size"];

/// Widths in pixels in which sites commonly offer images.
const WIDTHS: [u64; 38] = [
    200, 240, 250, 300, 320, 360, 375, 400, 414, 450, 480, 500, 540, 600, 640, 700, 720, 750, 768, 800, 828, 900, 960,
    1000, 1024, 1080, 1200, 1280, 1400, 1440, 1500, 1536, 1600, 1800, 1920, 2000, 2048, 2560,
];

/// Query parameters that say how an image is rendered, not which one it is.
const RENDERING_PARAMETERS: [&str; 19] = [
    "h", "height", "q", "quality", "fm", "format", "auto", "crop", "dpr", "strip", "ssl", "sharp", "webp", "jpg",
    "jpeg", "png", "avif", "wx_fmt", "wxfrom",
];

/// The size of an image as far as its URL reveals it, best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum SizeClass {
    /// Nothing in the URL marks a reduced size.
    Full,
    /// The URL marks a small image.
    Small,
    /// The URL marks a preview: blurred, or a few pixels wide.
    Preview,
}

/// Returns the size of an image as far as its URL reveals it.
pub fn size_class(url: &str) -> SizeClass {
    if starts_with(url, "data:") {
        return if url.len() < SHORT { SizeClass::Preview } else { SizeClass::Full };
    }
    let words = words(url);
    let words: Vec<&str> = listed(&words).collect();
    let width = width_among(&words);
    let is_sharp = |at: usize| matches!(words.get(at + 1), Some(&("0" | "false" | "no")));
    let is_blurred = words.iter().enumerate().any(|(at, word)| BLUR_WORDS.contains(word) && !is_sharp(at));
    if is_blurred || width.is_some_and(|width| width < TINY) {
        return SizeClass::Preview;
    }
    let is_small = words.iter().any(|word| SMALL_WORDS.contains(word));
    if is_small || width.is_some_and(|width| width <= SMALL) { SizeClass::Small } else { SizeClass::Full }
}

/// Returns the width in pixels that a URL names; None when it names none.
pub fn width(url: &str) -> Option<u32> {
    if starts_with(url, "data:") { None } else { width_among(&listed(&words(url)).collect::<Vec<_>>()) }
}

/// Returns true when two URLs name the same image, perhaps in two sizes.
pub fn is_same_image(one: &str, other: &str) -> bool {
    if one == other {
        return true;
    }
    if starts_with(one, "data:") || starts_with(other, "data:") {
        return false;
    }
    let (a, b) = (Identity::of(one), Identity::of(other));
    if a.words.is_empty() || a.words != b.words {
        return false;
    }
    match (a.number, b.number) {
        (Some(a), Some(b)) => a == b || WIDTHS.contains(&a) && WIDTHS.contains(&b),
        (Some(number), None) => WIDTHS.contains(&number) || size_class(one) > size_class(other),
        (None, Some(number)) => WIDTHS.contains(&number) || size_class(other) > size_class(one),
        (None, None) => true,
    }
}

/// Returns true when the first of two URLs is known to name the larger size.
pub fn is_better(one: &str, other: &str) -> bool {
    let (a, b) = (size_class(one), size_class(other));
    if a != b {
        return a < b;
    }
    match (width(one), width(other)) {
        (Some(a), Some(b)) => a > b,
        // The URL of the original has no size in it.
        (None, Some(b)) => b <= 1200 && is_same_image(one, other),
        (None, None) if is_same_image(one, other) => match (Identity::of(one).number, Identity::of(other).number) {
            (Some(a), Some(b)) => a > b,
            (None, Some(b)) => b <= 1200,
            _ => false,
        },
        _ => false,
    }
}

/// What identifies the image of a URL, whatever its size.
struct Identity {
    words: Vec<String>,
    /// The number at the end of the file name.
    number: Option<u64>,
}

impl Identity {
    fn of(url: &str) -> Self {
        let rest = url.split('#').next().unwrap_or_default();
        let rest = rest.split_once("//").map_or(rest, |(_, rest)| rest.split_once('/').map_or("", |(_, path)| path));
        let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
        let stem = match path.rsplit_once('.') {
            Some((stem, extension)) if !extension.contains('/') && extension.len() <= 5 => stem,
            _ => path,
        };
        let mut words = identifying(&split(stem));
        let number = match words.last().and_then(|last| last.parse().ok()) {
            Some(number) if words.len() > 1 => {
                words.pop();
                Some(number)
            }
            _ => None,
        };
        // Versions and time stamps do not identify an image.
        let query: Vec<String> =
            query.split('&').filter(|pair| !is_rendering_parameter(pair)).map(str::to_owned).collect();
        words.extend(identifying(&split(&query.join("&"))));
        Self { words, number }
    }
}

fn is_rendering_parameter(pair: &str) -> bool {
    let name = pair.split('=').next().unwrap_or_default().to_ascii_lowercase();
    matches!(name.as_str(), "v" | "ver" | "t" | "ts" | "type" | "tp") || RENDERING_PARAMETERS.contains(&name.as_str())
}

/// Returns the words without those that name a size.
fn identifying(words: &str) -> Vec<String> {
    let words: Vec<&str> = listed(words).collect();
    let mut out = Vec::new();
    let mut at = 0;
    while let Some(&word) = words.get(at) {
        at += 1;
        let is_width_name = WIDTH_WORDS.contains(&word) || matches!(word, "h" | "blur" | "q");
        if is_width_name && words.get(at).is_some_and(|next| next.parse::<u32>().is_ok()) {
            at += 1;
        } else if !is_size(word) {
            out.push(word.to_owned());
        }
    }
    out
}

fn is_size(word: &str) -> bool {
    let is_density = matches!(word, "1x" | "2x" | "3x" | "4x");
    let named = [&BLUR_WORDS[..], &SMALL_WORDS[..], &LARGE_WORDS[..]].iter().any(|list| list.contains(&word));
    let high = word.strip_prefix('h').is_some_and(|rest| rest.parse::<u32>().is_ok());
    is_density || named || high || size_of(word).is_some()
}

/// Parses the width in `300x200`, `300x`, `w300`, `300w` or `300px`.
fn size_of(word: &str) -> Option<u32> {
    let number = |text: &str| text.parse::<u32>().ok().filter(|&size| (8..10_000).contains(&size));
    if let Some((width, height)) = word.split_once('x') {
        return number(width).filter(|_| height.is_empty() || number(height).is_some());
    }
    let inner = word
        .strip_prefix('w')
        .or_else(|| word.strip_prefix('s'))
        .or_else(|| word.strip_suffix("px"))
        .or_else(|| word.strip_suffix('w'));
    inner.and_then(number)
}

fn width_among(words: &[&str]) -> Option<u32> {
    let mut found = None;
    for (at, word) in words.iter().enumerate() {
        if let Some(size) = size_of(word) {
            found = Some(size);
        } else if WIDTH_WORDS.contains(word)
            && let Some(size) = words.get(at + 1).and_then(|next| next.parse::<u32>().ok())
        {
            found = Some(size).filter(|size| *size > 0).or(found);
        }
    }
    found
}

/// Returns the words of a URL's path and query, in lower case, separated by spaces.
fn words(url: &str) -> String {
    let rest = url.split('#').next().unwrap_or_default();
    let rest = rest.split_once("//").map_or(rest, |(_, rest)| rest.split_once('/').map_or("", |(_, path)| path));
    split(rest)
}

/// Returns the words of a text in lower case, separated by spaces.
fn split(text: &str) -> String {
    // The file name is at the end; 400 characters are enough.
    let skipped = if text.len() < 400 { 0 } else { text.char_indices().rev().nth(399).map_or(0, |(at, _)| at) };
    let rest = &text[skipped..];
    let decoded = match rest.contains('%') {
        true => Cow::Owned(rest.replace("%2F", "/").replace("%2C", ",")),
        false => Cow::Borrowed(rest),
    };
    if decoded.is_ascii() {
        let set_apart = |byte: u8| if byte.is_ascii_alphanumeric() { byte.to_ascii_lowercase() } else { b' ' };
        return decoded.bytes().map(set_apart).map(char::from).collect();
    }
    let words = decoded.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.flat_map(|word| [word.to_lowercase(), " ".to_owned()]).collect()
}

/// Returns the words that [`split`] separates.
fn listed(words: &str) -> impl Iterator<Item = &str> {
    words.split(' ').filter(|word| !word.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn previews_and_small_images_are_recognised_by_their_urls() {
        for url in [
            "https://p.example/a.jpg?type=w80_blur",
            "/a.jpg?w=20&blur=10",
            "https://r.example/image/upload/e_blur:1000,w_30/v1/a.jpg",
            "https://m.example/freeze/max/60/1*ab.jpeg?q=20",
            "https://cn.example/v2/resize:fit:60/1*ab.jpeg",
            "/a-40x30.jpg",
            "data:image/jpeg;base64,AAAA",
        ] {
            assert_eq!(size_class(url), SizeClass::Preview, "{url}");
        }
        for url in ["/p/low/a-20.jpg", "/thumbs/a.jpg", "/a-300x200.jpg", "/files/lid_300x.jpg?v=1"] {
            assert_eq!(size_class(url), SizeClass::Small, "{url}");
        }
        for url in ["/a.jpg?w=1600&blur=0", "/lower-mill.jpg", "/图/一.jpg", "/a-1024x768.jpg", "/IMG_0020.jpg"] {
            assert_eq!(size_class(url), SizeClass::Full, "{url}");
        }
    }

    #[test]
    fn sizes_of_one_image_are_distinguished_from_two_images() {
        for (one, other) in [
            ("/p/low/mill-20.jpg", "/p/full/mill.jpg"),
            ("/mill-300x200.jpg", "/mill.jpg"),
            ("/mill-480.jpg", "/mill-1600.jpg"),
            ("/mill-small.jpg", "/mill-large.webp"),
            ("https://a.cn/w_60/v1/茶山.jpg", "https://b.cn/w_1600/v1/茶山.jpg"),
            ("/mill.jpg?w=60&q=20", "/mill.jpg?w=1600&q=80"),
        ] {
            assert!(is_same_image(one, other) && is_same_image(other, one), "{one} {other}");
        }
        for (one, other) in [
            ("/mill-1.jpg", "/mill-2.jpg"),
            ("/2024/05/1.jpg", "/2024/06/1.jpg"),
            ("/mill-before.jpg", "/mill-after.jpg"),
            ("/image.php?id=5", "/image.php?id=6"),
            ("/large.jpg", "/small.jpg"),
            ("/IMG_1021.jpg", "/IMG_2034.jpg"),
        ] {
            assert!(!is_same_image(one, other), "{one} {other}");
        }
    }

    #[test]
    fn the_larger_size_is_better() {
        assert!(is_better("/mill.jpg", "/mill-300x200.jpg") && !is_better("/mill-300x200.jpg", "/mill.jpg"));
        assert!(is_better("/mill-1600x900.jpg", "/mill-800x450.jpg"));
        assert!(is_better("/mill-1600.jpg", "/mill-480.jpg"));
        assert!(!is_better("/mill.jpg", "/oven.jpg"));
    }
}
