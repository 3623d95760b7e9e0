//! The sizes of one image that a page offers: `srcset`s, and the `source`s of a `picture`.

use super::attributes::{Attrs, get, is_srcset, lazy, telling};
use super::placeholder::is_good;
use super::srcset::{Candidate, Descriptor, ranked, srcset};

/// Where and for whom a `source` shows its image.
#[derive(Clone, Copy, PartialEq)]
enum Window {
    /// Everywhere.
    Any,
    /// In windows of at least this width in pixels.
    From(f64),
    /// In windows up to this width in pixels.
    UpTo(f64),
    /// On paper, in the dark, on its side.
    Other,
}

/// Every variant of `srcset`s and `source`s, best first.
pub fn variants<'a>(img: Attrs<'a>, sources: &[Attrs<'a>]) -> Vec<Candidate<'a>> {
    let mut portable: Vec<(f64, Candidate<'a>)> = listed(img).into_iter().map(|candidate| (0.0, candidate)).collect();
    let mut narrow = Vec::new();
    let mut other = Vec::new();
    let mut modern = Vec::new();
    for &source in sources {
        let window = window(get(source, "media").unwrap_or_default());
        // A `source` whose file browsers are still learning to read comes last: who opens it in fifty years?
        let list = match (get(source, "type").unwrap_or_default(), window) {
            ("image/avif" | "image/jxl" | "image/heic", _) => &mut modern,
            (_, Window::UpTo(_)) => &mut narrow,
            (_, Window::Other) => &mut other,
            _ => &mut portable,
        };
        let alone = [get(source, "src"), get(source, "data-src")].into_iter().flatten();
        let alone = alone.map(|url| Candidate { url, descriptor: Descriptor::Density(1.0) });
        let size = if let Window::UpTo(size) = window { size } else { 0.0 };
        list.extend(listed(source).into_iter().chain(alone).map(|candidate| (size, in_window(candidate, window))));
    }
    narrow.sort_by(|a, b| b.0.total_cmp(&a.0));
    let lists = [portable, narrow, modern, other].into_iter();
    let lists = lists.map(|list| list.into_iter().map(|(_, candidate)| candidate).collect());
    lists.flat_map(ranked).filter(|candidate| is_good(candidate.url)).collect()
}

/// Returns the best of an image's variants where it is declared wider than a good `src` is shown, or denser; None
/// without one.
pub fn declared_wider<'a>(img: Attrs<'a>, sources: &[Attrs<'a>], best: Option<&Candidate<'a>>) -> Option<&'a str> {
    let best = best?;
    let shown = get(img, "width").and_then(|width| width.parse().ok()).unwrap_or(0.0);
    let is_for_wide_windows = |source: &&Attrs<'a>| {
        matches!(window(get(source, "media").unwrap_or_default()), Window::From(_))
            && listed(source).iter().any(|candidate| candidate.url == best.url)
    };
    let wider = match best.descriptor {
        // The width of an element in a page says nothing of the image for the widest window.
        Descriptor::Width(width) => width > shown || sources.iter().any(|source| is_for_wide_windows(&source)),
        Descriptor::Density(density) => density > 1.0,
    };
    wider.then_some(best.url)
}

fn listed<'a>(attrs: Attrs<'a>) -> Vec<Candidate<'a>> {
    let named = attrs.iter().filter(|(name, _)| is_srcset(name)).flat_map(|(_, value)| srcset(value));
    let telling = telling(attrs);
    let lists = lazy(&telling).filter(|value| is_list(value)).flat_map(srcset);
    named.chain(lists).collect()
}

/// `a.jpg 320w, b.jpg 640w` in an attribute that is named like one for a URL.
fn is_list(value: &str) -> bool {
    let last = value.trim_end().rsplit(' ').next().unwrap_or_default();
    let number = last.strip_suffix(['w', 'x']).unwrap_or_default();
    value.contains(' ') && !value.starts_with(['{', '[', '<']) && number.parse::<f64>().is_ok()
}

/// Told apart by windows alone, images have the sizes of these.
fn in_window(candidate: Candidate<'_>, window: Window) -> Candidate<'_> {
    let descriptor = match (candidate.descriptor, window) {
        (Descriptor::Density(density), Window::From(width)) => Descriptor::Width(width.max(1.0) * density),
        (descriptor, _) => descriptor,
    };
    Candidate { descriptor, ..candidate }
}

fn window(media: &str) -> Window {
    let media = media.to_ascii_lowercase();
    if ["print", "dark", "portrait", "inverted"].iter().any(|word| media.contains(word)) {
        return Window::Other;
    }
    let of = |name: &str| media.split_once(name).map(|(_, rest)| pixels(rest.trim_start_matches([':', ' ', '>', '='])));
    match (of("min-width").or_else(|| of("width >")), of("max-width").or_else(|| of("width <"))) {
        (_, Some(width)) => Window::UpTo(width),
        (Some(width), None) => Window::From(width),
        (None, None) => Window::Any,
    }
}

/// A length of a media query in pixels; 0 for what is none.
fn pixels(length: &str) -> f64 {
    let end = length.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(length.len());
    let number: f64 = length[..end].parse().unwrap_or(0.0);
    if length[end..].starts_with("em") || length[end..].starts_with("rem") { number * 16.0 } else { number }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn best(sources: &[Attrs<'_>]) -> String {
        variants(&[], sources).first().map(|candidate| candidate.url.to_owned()).unwrap_or_default()
    }

    fn wider<'a>(img: Attrs<'a>, sources: &[Attrs<'a>]) -> Option<&'a str> {
        declared_wider(img, sources, variants(img, sources).first())
    }

    #[test]
    fn the_widest_window_shows_the_largest_size() {
        let small: Attrs<'_> = &[("media", "(max-width: 480px)"), ("srcset", "/480.jpg")];
        let large: Attrs<'_> = &[("media", "(min-width: 75em)"), ("srcset", "/1600.jpg")];
        let middle: Attrs<'_> = &[("media", "(min-width: 700px)"), ("data-srcset", "/900.jpg")];
        assert_eq!(best(&[small, large, middle]), "/1600.jpg");
        assert_eq!(wider(&[("src", "/480.jpg"), ("width", "1300")], &[small, large, middle]), Some("/1600.jpg"));
        assert_eq!(wider(&[("src", "/a.jpg")], &[small]), None);
    }

    #[test]
    fn a_source_for_the_dark_is_the_last_resort() {
        let dark: Attrs<'_> = &[("media", "(prefers-color-scheme: dark)"), ("srcset", "/dark.png 2000w")];
        let light: Attrs<'_> = &[("srcset", "/light.png")];
        assert_eq!(best(&[dark, light]), "/light.png");
        assert_eq!(best(&[dark]), "/dark.png");
    }

    #[test]
    fn a_list_under_the_name_of_a_url_is_a_list() {
        assert_eq!(variants(&[("data-src", "/a.jpg 320w, /b.jpg 960w")], &[])[0].url, "/b.jpg");
    }
}
