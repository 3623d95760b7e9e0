//! Which attributes of an element hold its image, by their names.

use super::urls::ends_like_an_image;

/// An element's attributes: name in lower case, and value.
pub type Attrs<'a> = &'a [(&'a str, &'a str)];

/// Attributes that hold the image while `src` holds a stand-in, best first.
const LAZY: [&str; 31] = [
    "data-src",
    "data-lazy-src",
    "lazy-src",
    "data-full-src",
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

/// Those that hold a larger image than a good `src`.
const LARGER: [&str; 9] = [
    "data-full-src",
    "data-orig-file",
    "data-full-url",
    "data-large-file",
    "data-original-mos",
    "data-2000src",
    "data-native-src",
    "data-hi-res-src",
    "zoomfile",
];

/// Words of other names for a larger image.
const LARGER_WORDS: [&str; 22] = [
    "zoom", "full", "fullsrc", "fullsize", "fullres", "large", "largesrc", "big", "bigsrc", "hires", "highres", "hd",
    "raw", "rawsrc", "orig", "magnify", "retina", "zoomsrc", "fullimg", "zoomimg", "bigimg", "origin",
];

/// Words of other names for the image that a stand-in stands for.
const LAZY_WORDS: [&str; 14] = [
    "src",
    "lazy",
    "lazysrc",
    "lazyload",
    "image",
    "img",
    "original",
    "actual",
    "real",
    "realsrc",
    "echo",
    "defer",
    "delayed",
    "progressive",
];

/// Names that never hold the image itself.
const OTHERS: [&str; 12] = [
    "src",
    "srcset",
    "alt",
    "title",
    "style",
    "class",
    "id",
    "sizes",
    "href",
    "poster",
    "data-image-title",
    "data-permalink",
];

/// Returns the attributes without those that never hold the image; empty for most images.
pub fn telling<'a>(img: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let is_plain = |name: &str| {
        matches!(
            name,
            "src"
                | "srcset"
                | "alt"
                | "title"
                | "style"
                | "class"
                | "id"
                | "sizes"
                | "width"
                | "height"
                | "loading"
                | "decoding"
                | "border"
                | "align"
                | "fetchpriority"
                | "itemprop"
                | "role"
                | "type"
                | "media"
        )
    };
    img.iter().copied().filter(|(name, _)| !is_plain(name)).collect()
}

/// Returns the values of attributes that hold a larger image than `src`, best first.
pub fn larger<'a>(img: &[(&'a str, &'a str)]) -> impl Iterator<Item = &'a str> {
    let listed = LARGER.iter().filter_map(move |name| get(img, name));
    listed.chain(named(img, &LARGER_WORDS))
}

/// Returns the values of attributes that a script puts into `src`, best first.
pub fn lazy<'a>(img: &[(&'a str, &'a str)]) -> impl Iterator<Item = &'a str> {
    let listed = LAZY.iter().filter_map(move |name| get(img, name));
    listed.chain(named(img, &LAZY_WORDS)).chain(named(img, &LARGER_WORDS))
}

/// Returns the values of attributes whose names alone say that `src` is a stand-in for them.
pub fn promised<'a>(img: &[(&'a str, &'a str)]) -> impl Iterator<Item = &'a str> {
    let says = |name: &str| name != "src" && ["src", "lazy", "original"].iter().any(|word| name.contains(word));
    img.iter().filter(move |(name, _)| says(name) && !name.contains("set")).map(|(_, value)| value.trim())
}

/// Returns true for the name of an attribute that holds a `srcset`.
pub fn is_srcset(name: &str) -> bool {
    name.ends_with("srcset") || name.ends_with("src-set") || matches!(name, "data-bgset" | "data-original-set")
}

/// The attribute's value; None when it is absent or blank.
pub fn get<'a>(attrs: &[(&'a str, &'a str)], name: &str) -> Option<&'a str> {
    attrs.iter().find(|(key, _)| *key == name).map(|(_, value)| value.trim()).filter(|value| !value.is_empty())
}

/// Values of attributes that are not listed, and have a name of such words.
fn named<'a>(img: &[(&'a str, &'a str)], words: &'static [&str]) -> impl Iterator<Item = &'a str> {
    img.iter()
        .filter(|(name, _)| !OTHERS.contains(name) && !LAZY.contains(name) && !is_srcset(name))
        .filter(move |(name, _)| name.split(['-', '_', ':', '.']).any(|word| words.contains(&word)))
        .map(|(_, value)| value.trim())
        .filter(|value| is_one_url(value) && !value.contains(char::is_whitespace) && ends_like_an_image(value))
}

/// No list, no word: a URL has a dot or a slash, and no space before its end.
pub fn is_one_url(value: &str) -> bool {
    value.contains(['/', '.']) && !value.contains(", ")
}
