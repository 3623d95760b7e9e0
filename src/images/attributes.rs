//! Which attributes of an element hold its image, by their names.

use super::urls::ends_like_an_image;

/// An element's attributes: names in lower case, and values.
pub type Attrs<'a> = &'a [(&'a str, &'a str)];

/// Attributes that hold the URL of the image while `src` holds a placeholder, best first.
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

/// Attributes that hold the URL of a larger image than `src`, best first.
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

/// Words in the names of further attributes that hold a larger image.
const LARGER_WORDS: [&str; 22] = [
    "zoom", "full", "fullsrc", "fullsize", "fullres", "large", "largesrc", "big", "bigsrc", "hires", "highres", "hd",
    "raw", "rawsrc", "orig", "magnify", "retina", "zoomsrc", "fullimg", "zoomimg", "bigimg", "origin",
];

/// Words in the names of further attributes that hold the image behind a placeholder.
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

/// Attributes that never hold the URL of the image, apart from `src` itself.
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

/// Returns the attributes that may hold a URL besides `src` and `srcset`; most images have none.
pub fn extra<'a>(img: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
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

/// Returns the URLs of attributes that hold a larger image than `src`, best first.
pub fn larger<'a>(img: &[(&'a str, &'a str)]) -> impl Iterator<Item = &'a str> {
    let listed = LARGER.iter().filter_map(move |name| get(img, name));
    listed.chain(named(img, &LARGER_WORDS))
}

/// Returns the URLs that a lazy-loading script would put into `src`, best first.
pub fn lazy<'a>(img: &[(&'a str, &'a str)]) -> impl Iterator<Item = &'a str> {
    let listed = LAZY.iter().filter_map(move |name| get(img, name));
    listed.chain(named(img, &LAZY_WORDS)).chain(named(img, &LARGER_WORDS))
}

/// Returns the values of attributes whose names show that `src` holds a placeholder for them.
pub fn lazy_by_name<'a>(img: &[(&'a str, &'a str)]) -> impl Iterator<Item = &'a str> {
    let says = |name: &str| name != "src" && ["src", "lazy", "original"].iter().any(|word| name.contains(word));
    img.iter().filter(move |(name, _)| says(name) && !name.contains("set")).map(|(_, value)| value.trim())
}

/// Returns true for the name of an attribute that holds a `srcset`.
pub fn is_srcset(name: &str) -> bool {
    name.ends_with("srcset") || name.ends_with("src-set") || matches!(name, "data-bgset" | "data-original-set")
}

/// Returns the attribute's trimmed value; None when it is absent or blank.
pub fn get<'a>(attrs: &[(&'a str, &'a str)], name: &str) -> Option<&'a str> {
    attrs.iter().find(|(key, _)| *key == name).map(|(_, value)| value.trim()).filter(|value| !value.is_empty())
}

/// Returns the URLs in attributes that no list names and whose names contain one of the words.
fn named<'a>(img: &[(&'a str, &'a str)], words: &'static [&str]) -> impl Iterator<Item = &'a str> {
    img.iter()
        .filter(|(name, _)| !OTHERS.contains(name) && !LAZY.contains(name) && !is_srcset(name))
        .filter(move |(name, _)| name.split(['-', '_', ':', '.']).any(|word| words.contains(&word)))
        .map(|(_, value)| value.trim())
        .filter(|value| is_one_url(value) && !value.contains(char::is_whitespace) && ends_like_an_image(value))
}

/// Returns true for one URL, and not a list of URLs or a word: it has a dot or a slash, and no comma before a space.
pub fn is_one_url(value: &str) -> bool {
    value.contains(['/', '.']) && !value.contains(", ")
}
