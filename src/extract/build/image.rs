//! Builds the images of the article's tree: each gets the URL of the image that readers see.

use crate::extract::{drawing, media};
use crate::html::ElementRef;
use crate::images::{self, DropReason, ImageChoice, Pick};
use crate::model::tree::{Element, NodeId};
use crate::model::{ImageRef, ReferrerPolicy};

use super::Builder;
use super::image_forms::{self, FormRole, attrs_of, images_below};

/// The maximum length of an alternative text that is not from `alt`, in characters.
const LONGEST_ALT: usize = 300;

impl<'a> Builder<'_, 'a> {
    /// Adds an image to the tree, once for all its forms.
    pub(super) fn image(&mut self, at: usize, parent: NodeId, img: ElementRef<'a>) {
        let pick = match self.forms.own(self.scan, at) {
            ImageChoice::Image(pick) => match images::usable_src(&attrs_of(img)) {
                // A fragment keeps the images that it shows.
                Some(shown) if self.kept.is_none() => Pick { written: images::clean(shown).into_owned(), ..pick },
                _ => pick,
            },
            ImageChoice::Dropped(reason) => match img.attr("src") {
                Some(src) if self.kept.is_none() => Pick { written: src.to_owned(), alternatives: Vec::new() },
                _ => {
                    if reason == DropReason::Placeholder && img.attr("alt").is_some_and(|alt| !alt.trim().is_empty()) {
                        self.built.unnamed_images.push(short(img.attr("alt").unwrap_or_default()));
                    }
                    return self.note(at, &reason.to_string());
                }
            },
        };
        let mut alt = alt_of(img);
        let pick = if self.kept.is_none() {
            pick
        } else {
            match image_forms::role(&mut self.forms, self.scan, at, pick) {
                FormRole::Main(pick, other) => {
                    alt = alt.or_else(|| other.and_then(alt_of));
                    pick
                }
                FormRole::Duplicate => return self.note(at, "another form of the image beside it"),
            }
        };
        self.put(at, parent, img, NamedImage { pick, alt });
    }

    /// Adds an inline SVG drawing to the tree, as an image with a `data:` URL.
    pub(super) fn drawing(&mut self, at: usize, parent: NodeId, svg: ElementRef<'a>) {
        let Some(file) = drawing::standalone(svg) else { return self.note(at, "the drawing is too large") };
        let pick = Pick { written: images::svg_uri(&file), alternatives: Vec::new() };
        let alt = Some(short(&drawing::name(svg))).filter(|alt| !alt.is_empty());
        self.put(at, parent, svg, NamedImage { pick, alt });
    }

    /// Adds an element's background image to it.
    pub(super) fn background(&mut self, at: usize, id: NodeId, element: ElementRef<'a>) {
        let mut urls = media::backgrounds(element.value()).into_iter();
        let Some(written) = urls.next() else { return };
        self.put(
            at,
            id,
            element,
            NamedImage { pick: Pick { written, alternatives: urls.take(4).collect() }, alt: alt_of(element) },
        );
    }

    /// Adds a video's poster before the video.
    pub(super) fn poster(&mut self, at: usize, parent: NodeId, film: ElementRef<'a>) {
        let poster = ["poster", "data-poster"].iter().find_map(|name| film.attr(name)).unwrap_or_default();
        if let ImageChoice::Image(pick) = images::pick(&[("src", poster)], &[], &[])
            && film.value().name() == "video"
        {
            self.put(at, parent, film, NamedImage { pick, alt: alt_of(film) });
        }
    }

    fn put(&mut self, at: usize, parent: NodeId, element: ElementRef<'a>, image: NamedImage) {
        let base = self.page.base.as_ref();
        let pick = image.pick;
        let mut urls = std::iter::once(&pick.written).chain(&pick.alternatives).filter_map(|written| {
            let url = images::resolve(written, base)?;
            Some((url, written.clone()))
        });
        let Some((url, written)) = urls.next() else {
            return self.note(at, "no valid URL");
        };
        let alternatives: Vec<String> = urls.map(|(url, _)| url).filter(|other| *other != url).collect();
        let mut made = Element::new("img").with("src", url.clone());
        if let Some(alt) = image.alt {
            made.set("alt", alt);
        }
        if let Some(title) = element.attr("title").filter(|title| !title.trim().is_empty()) {
            made.set("title", title);
        }
        self.built.tree.append_element(parent, made);
        if self.seen.insert(url.clone()) {
            let referrer_policy = self.referrer_policy(element);
            self.built.images.push(ImageRef { url, written, alternatives, referrer_policy });
        }
    }

    fn referrer_policy(&self, img: ElementRef<'a>) -> ReferrerPolicy {
        images::policy_from(img.attr("referrerpolicy"), self.policy.0.as_deref(), self.policy.1.as_deref())
    }
}

/// An image with its alternative text.
struct NamedImage {
    pick: Pick,
    alt: Option<String>,
}

/// Returns an element's alternative text: its `alt`, its label, or the content of an `object`; None without one.
fn alt_of(element: ElementRef<'_>) -> Option<String> {
    let own = |name: &str| element.attr(name).filter(|value| !value.trim().is_empty());
    if element.value().name() == "img" {
        return own("alt").map(str::to_owned);
    }
    let inner = matches!(element.value().name(), "object" | "picture").then(|| {
        let text: String = element.text().take(40).collect();
        let alt = images_below(element).find_map(|img| img.attr("alt")).unwrap_or_default();
        short(if text.trim().is_empty() { alt } else { &text })
    });
    let label = own("alt").or_else(|| own("aria-label")).map(str::to_owned);
    label.or(inner).filter(|alt| !alt.is_empty())
}

/// Returns the text as one line, truncated.
fn short(text: &str) -> String {
    let text: String = text.chars().take(LONGEST_ALT * 4).collect();
    text.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(LONGEST_ALT).collect()
}
