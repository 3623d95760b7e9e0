//! Images on their way into the article's tree: each gets the URL of what it really shows.

use crate::html::ElementRef;
use crate::images::{self, Pick, Picked};
use crate::model::tree::{Element, NodeId};
use crate::model::{ImageRef, ReferrerPolicy};

use super::Builder;

impl<'a> Builder<'_, 'a> {
    pub(super) fn picture(&mut self, at: usize, parent: NodeId, img: ElementRef<'a>) {
        let attrs = attrs_of(img);
        let sources: Vec<Vec<(&str, &str)>> = enclosing_picture(img)
            .map(|picture| {
                picture.child_elements().filter(|child| child.value().name() == "source").map(attrs_of).collect()
            })
            .unwrap_or_default();
        let fallbacks: Vec<Vec<(&str, &str)>> = noscript_images(img).into_iter().map(attrs_of).collect();
        let sources: Vec<images::Attrs<'_>> = sources.iter().map(Vec::as_slice).collect();
        let fallbacks: Vec<images::Attrs<'_>> = fallbacks.iter().map(Vec::as_slice).collect();
        let pick = match images::pick(&attrs, &sources, &fallbacks) {
            Picked::Picture(pick) => match images::shown(&attrs) {
                // A body that was given as such keeps the pictures it shows.
                Some(shown) if self.kept.is_none() => Pick { written: shown.to_owned(), ..pick },
                _ => pick,
            },
            Picked::Dropped(reason) => match img.attr("src") {
                Some(src) if self.kept.is_none() => Pick { written: src.to_owned(), alternatives: Vec::new() },
                _ => return self.note(at, &reason.to_string()),
            },
        };
        let base = self.page.base.as_ref();
        let mut addresses = std::iter::once(&pick.written).chain(&pick.alternatives).filter_map(|written| {
            let url = images::resolve(written, base)?;
            Some((url, written.clone()))
        });
        let Some((url, written)) = addresses.next() else {
            return self.note(at, "no address that could be fetched");
        };
        let alternatives: Vec<String> = addresses.map(|(url, _)| url).filter(|other| *other != url).collect();
        let mut made = Element::new("img").with("src", url.clone());
        for name in ["alt", "title"] {
            if let Some(value) = img.attr(name).filter(|value| !value.trim().is_empty()) {
                made.set(name, value);
            }
        }
        self.built.tree.append_element(parent, made);
        if self.seen.insert(url.clone()) {
            let referrer_policy = self.referrer_policy(img);
            self.built.images.push(ImageRef { url, written, alternatives, referrer_policy });
        }
    }

    fn referrer_policy(&self, img: ElementRef<'a>) -> ReferrerPolicy {
        images::policy_from(img.attr("referrerpolicy"), self.policy.0.as_deref(), self.policy.1.as_deref())
    }
}

/// An element's attributes, in the order of their names: how a page writes them says nothing.
fn attrs_of(element: ElementRef<'_>) -> Vec<(&str, &str)> {
    let mut attrs: Vec<(&str, &str)> = element.value().attrs().collect();
    attrs.sort_unstable_by_key(|(name, _)| *name);
    attrs
}

fn enclosing_picture(img: ElementRef<'_>) -> Option<ElementRef<'_>> {
    img.ancestors().take(3).filter_map(ElementRef::wrap).find(|above| above.value().name() == "picture")
}

/// Pictures in a `<noscript>` beside this one (or beside its `<picture>` or link): what a browser without scripts shows.
fn noscript_images(img: ElementRef<'_>) -> Vec<ElementRef<'_>> {
    let mut at = *img;
    for _ in 0..3 {
        for sibling in
            [at.next_siblings().find(|n| n.value().is_element()), at.prev_siblings().find(|n| n.value().is_element())]
        {
            if let Some(noscript) = sibling.and_then(ElementRef::wrap).filter(|s| s.value().name() == "noscript") {
                return pictures_below(noscript).take(4).collect();
            }
        }
        match at
            .parent()
            .filter(|parent| parent.value().as_element().is_some_and(|e| matches!(e.name(), "picture" | "a" | "span")))
        {
            Some(parent) => at = parent,
            None => break,
        }
    }
    Vec::new()
}

pub(super) fn pictures_below(element: ElementRef<'_>) -> impl Iterator<Item = ElementRef<'_>> {
    element.descendants().filter_map(ElementRef::wrap).filter(|below| below.value().name() == "img")
}
