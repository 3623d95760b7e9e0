//! The variants of one image that a page offers in `srcset` attributes and in the `source`s of a `picture`.

use super::attributes::{Attrs, extra, get, is_srcset, lazy};
use super::placeholder::is_usable;
use super::srcset::{Candidate, Descriptor, ranked, srcset};

/// The media query of a `source`, as far as it matters here.
#[derive(Clone, Copy, PartialEq)]
enum MediaQuery {
    /// No condition that matters.
    All,
    /// Viewports of at least this width in pixels.
    MinWidth(f64),
    /// Viewports of at most this width in pixels.
    MaxWidth(f64),
    /// Print, dark colour schemes, portrait orientation, inverted colours.
    Special,
}

/// Returns every usable variant of an `img` and of its `source`s, best first.
pub fn variants<'a>(img: Attrs<'a>, sources: &[Attrs<'a>]) -> Vec<Candidate<'a>> {
    let mut portable: Vec<(f64, Candidate<'a>)> = listed(img).into_iter().map(|candidate| (0.0, candidate)).collect();
    let mut narrow = Vec::new();
    let mut other = Vec::new();
    let mut modern = Vec::new();
    for &source in sources {
        let query = media_query(get(source, "media").unwrap_or_default());
        // Formats that are not yet supported everywhere come last, since files must remain readable for decades.
        let list = match (get(source, "type").unwrap_or_default(), query) {
            ("image/avif" | "image/jxl" | "image/heic", _) => &mut modern,
            (_, MediaQuery::MaxWidth(_)) => &mut narrow,
            (_, MediaQuery::Special) => &mut other,
            _ => &mut portable,
        };
        let alone = [get(source, "src"), get(source, "data-src")].into_iter().flatten();
        let alone = alone.map(|url| Candidate { url, descriptor: Descriptor::Density(1.0) });
        let size = if let MediaQuery::MaxWidth(size) = query { size } else { 0.0 };
        list.extend(
            listed(source).into_iter().chain(alone).map(|candidate| (size, with_viewport_width(candidate, query))),
        );
    }
    narrow.sort_by(|a, b| b.0.total_cmp(&a.0));
    let lists = [portable, narrow, modern, other].into_iter();
    let lists = lists.map(|list| list.into_iter().map(|(_, candidate)| candidate).collect());
    lists.flat_map(ranked).filter(|candidate| is_usable(candidate.url)).collect()
}

/// Returns `best`, the best variant of an image, when it is declared wider than `src` is shown, or denser.
pub fn declared_wider<'a>(img: Attrs<'a>, sources: &[Attrs<'a>], best: Option<&Candidate<'a>>) -> Option<&'a str> {
    let best = best?;
    let shown = get(img, "width").and_then(|width| width.parse().ok()).unwrap_or(0.0);
    let is_for_wide_viewports = |source: &&Attrs<'a>| {
        matches!(media_query(get(source, "media").unwrap_or_default()), MediaQuery::MinWidth(_))
            && listed(source).iter().any(|candidate| candidate.url == best.url)
    };
    let wider = match best.descriptor {
        // The `width` attribute does not limit the image for the widest viewport.
        Descriptor::Width(width) => width > shown || sources.iter().any(|source| is_for_wide_viewports(&source)),
        Descriptor::Density(density) => density > 1.0,
    };
    wider.then_some(best.url)
}

fn listed<'a>(attrs: Attrs<'a>) -> Vec<Candidate<'a>> {
    let named = attrs.iter().filter(|(name, _)| is_srcset(name)).flat_map(|(_, value)| srcset(value));
    let extra = extra(attrs);
    let lists = lazy(&extra).filter(|value| is_list(value)).flat_map(srcset);
    named.chain(lists).collect()
}

/// Returns true for a `srcset` such as `a.jpg 320w, b.jpg 640w`, in an attribute whose name suggests one URL.
fn is_list(value: &str) -> bool {
    let last = value.trim_end().rsplit(' ').next().unwrap_or_default();
    let number = last.strip_suffix(['w', 'x']).unwrap_or_default();
    value.contains(' ') && !value.starts_with(['{', '[', '<']) && number.parse::<f64>().is_ok()
}

/// Returns the candidate with the viewport's width as its own, where only the viewport distinguishes the variants.
fn with_viewport_width(candidate: Candidate<'_>, query: MediaQuery) -> Candidate<'_> {
    let descriptor = match (candidate.descriptor, query) {
        (Descriptor::Density(density), MediaQuery::MinWidth(width)) => Descriptor::Width(width.max(1.0) * density),
        (descriptor, _) => descriptor,
    };
    Candidate { descriptor, ..candidate }
}

fn media_query(media: &str) -> MediaQuery {
    let media = media.to_ascii_lowercase();
    if ["print", "dark", "portrait", "inverted"].iter().any(|word| media.contains(word)) {
        return MediaQuery::Special;
    }
    let of = |name: &str| media.split_once(name).map(|(_, rest)| pixels(rest.trim_start_matches([':', ' ', '>', '='])));
    match (of("min-width").or_else(|| of("width >")), of("max-width").or_else(|| of("width <"))) {
        (_, Some(width)) => MediaQuery::MaxWidth(width),
        (Some(width), None) => MediaQuery::MinWidth(width),
        (None, None) => MediaQuery::All,
    }
}

/// Returns a length of a media query in pixels; 0 for an invalid one.
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
    fn the_source_for_the_widest_viewport_is_best() {
        let small: Attrs<'_> = &[("media", "(max-width: 480px)"), ("srcset", "/480.jpg")];
        let large: Attrs<'_> = &[("media", "(min-width: 75em)"), ("srcset", "/1600.jpg")];
        let middle: Attrs<'_> = &[("media", "(min-width: 700px)"), ("data-srcset", "/900.jpg")];
        assert_eq!(best(&[small, large, middle]), "/1600.jpg");
        assert_eq!(wider(&[("src", "/480.jpg"), ("width", "1300")], &[small, large, middle]), Some("/1600.jpg"));
        assert_eq!(wider(&[("src", "/a.jpg")], &[small]), None);
    }

    #[test]
    fn a_source_for_dark_mode_is_the_last_resort() {
        let dark: Attrs<'_> = &[("media", "(prefers-color-scheme: dark)"), ("srcset", "/dark.png 2000w")];
        let light: Attrs<'_> = &[("srcset", "/light.png")];
        assert_eq!(best(&[dark, light]), "/light.png");
        assert_eq!(best(&[dark]), "/dark.png");
    }

    #[test]
    fn a_srcset_in_a_data_src_attribute_is_recognised() {
        assert_eq!(variants(&[("data-src", "/a.jpg 320w, /b.jpg 960w")], &[])[0].url, "/b.jpg");
    }
}
