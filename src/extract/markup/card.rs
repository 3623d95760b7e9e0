//! Recognises link cards: boxes with another page's title and a few words about it.

use std::sync::LazyLock;

use aho_corasick::AhoCorasick;
use url::Url;

use crate::extract::elements;
use crate::extract::hints::Hints;
use crate::extract::page_regions::{self, PageRegion};
use crate::html::text::collapse;
use crate::html::{ElementRef, NodeRef};

use super::embed::is_url;
use super::{below, below_named, text};

/// Maximum length of a card's text, in characters.
const TEXT: usize = 700;

/// Maximum number of nodes in a card.
const NODES: usize = 160;

/// A link to another page, with a description.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Card {
    /// The link's URL.
    pub href: String,
    /// The link's text.
    pub title: String,
    /// The remaining text, line by line.
    pub lines: Vec<String>,
}

/// Classes of cards, as parts of a word without hyphens and underscores.
const CLASSES: [&str; 21] = [
    "linkcard",
    "blogcard",
    "bookmarkcard",
    "notionbookmark",
    "embedcard",
    "linkpreview",
    "previewcard",
    "urlcard",
    "webcard",
    "ogpcard",
    "externalarticle",
    "oembedcard",
    "linkembed",
    "embedlink",
    "linkbookmark",
    "hatenacard",
    "cardlink",
    "embeddedlink",
    "webpreview",
    "unfurl",
    "linkbox",
];

/// Searches for all of them in one pass.
static CALLED: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| AhoCorasick::new(CLASSES).ok());

/// Returns the card that an element is; None for other elements.
pub fn of(element: ElementRef<'_>, hints: Hints) -> Option<Card> {
    let name = element.value().name();
    if !matches!(name, "a" | "div" | "figure" | "section" | "aside" | "article" | "span" | "p" | "blockquote") {
        return None;
    }
    let named = hints.has(Hints::CARD) && is_called(element);
    if !named && name != "a" || element.descendants().take(NODES + 1).count() > NODES {
        return None;
    }
    let href = href(element)?;
    if !named && !is_boxed_link(element) {
        return None;
    }
    let mut lines = lines(element);
    if lines.iter().map(|(line, _)| line.chars().count()).sum::<usize>() > TEXT {
        return None;
    }
    let title = lines.iter().position(|(_, is_title)| *is_title).unwrap_or(0);
    let title =
        if lines.is_empty() { accessible_name(element).unwrap_or_else(|| href.clone()) } else { lines.remove(title).0 };
    let mut rest: Vec<String> = Vec::new();
    for (line, _) in lines {
        if line != title && !rest.contains(&line) {
            rest.push(line);
        }
    }
    Some(Card { href, title, lines: rest })
}

/// Returns true for an element with a link card's class.
pub fn is_called(element: ElementRef<'_>) -> bool {
    let Some(class) = element.attr("class") else { return false };
    let named = class.split_ascii_whitespace().take(12).any(|token| {
        let token: String = token.chars().filter(|c| !matches!(c, '-' | '_')).flat_map(char::to_lowercase).collect();
        CALLED.as_ref().is_some_and(|known| known.is_match(&token))
            || element.value().name() == "a" && token == "bookmark"
    });
    named && !matches!(page_regions::of_names(class), PageRegion::Boilerplate(_))
}

/// Returns the one URL of all links in a card, or the first link's URL where the others lead to its site; None
/// otherwise.
fn href(element: ElementRef<'_>) -> Option<String> {
    let own = element.attr("href").filter(|_| element.value().name() == "a");
    let declared = ["data-src", "data-url", "data-href"].iter().find_map(|name| element.attr(name));
    let links = below_named(element, "a").filter_map(|link| link.attr("href"));
    let mut links: Vec<&str> = own.into_iter().chain(links).map(str::trim).filter(|href| is_link(href)).collect();
    links.dedup();
    let first = links.first().copied().or(declared.filter(|url| is_url(url)))?;
    let site = |href: &str| Url::parse(href).ok().and_then(|url| url.host_str().map(str::to_owned));
    let is_one = links
        .iter()
        .all(|href| *href == first || links.len() <= 3 && site(href) == site(first) && site(href).is_some());
    is_one.then(|| first.to_owned())
}

fn is_link(href: &str) -> bool {
    !href.is_empty() && !href.starts_with('#') && !href.to_ascii_lowercase().starts_with("javascript:")
}

/// Returns true for a link around nothing but boxes of text, which Markdown cannot write as one link.
fn is_boxed_link(link: ElementRef<'_>) -> bool {
    let boxed = |one: ElementRef<'_>| matches!(one.value().name(), "div" | "p");
    let other = |one: ElementRef<'_>| {
        !(boxed(one) || elements::is_inline(one.value().name()) || one.value().name() == "svg")
            || matches!(one.value().name(), "img" | "picture" | "video" | "audio" | "iframe" | "input" | "a")
    };
    below(link).any(boxed) && !below(link).any(other) && !text(link).trim().is_empty()
}

/// Returns the card's lines, each with whether its class says title.
fn lines(element: ElementRef<'_>) -> Vec<(String, bool)> {
    let mut lines: Vec<(String, bool)> = Vec::new();
    let mut last = None;
    for node in element.descendants() {
        let Some(piece) = node.value().as_text() else { continue };
        let within = around(node, element);
        if within.iter().any(|one| elements::is_unseen(one.value().name())) || piece.text.trim().is_empty() {
            continue;
        }
        // Inline markup belongs to its line.
        let line = within.iter().find(|one| one.attr("class").is_some() || !elements::is_inline(one.value().name()));
        let line = line.map_or(element.id(), |line| line.id());
        let is_title = within.iter().any(|one| is_titled(*one));
        match lines.last_mut().filter(|_| last == Some(line)) {
            Some((text, _)) => text.push_str(&piece.text),
            None => lines.push((piece.text.to_string(), is_title)),
        }
        last = Some(line);
    }
    lines.iter_mut().for_each(|(line, _)| *line = collapse(line));
    lines.retain(|(line, _)| !line.is_empty());
    lines
}

fn around<'a>(node: NodeRef<'a>, top: ElementRef<'a>) -> Vec<ElementRef<'a>> {
    node.ancestors().take(16).filter_map(ElementRef::wrap).take_while(|above| above.id() != top.id()).collect()
}

fn is_titled(element: ElementRef<'_>) -> bool {
    matches!(element.value().name(), "h1" | "h2" | "h3" | "h4" | "h5" | "h6")
        || element.attr("class").is_some_and(|class| class.to_ascii_lowercase().contains("title"))
}

/// Returns the accessible name of a card without text; None where it has none.
fn accessible_name(element: ElementRef<'_>) -> Option<String> {
    let own = std::iter::once(element).chain(below_named(element, "a"));
    let named = own.filter_map(|one| one.attr("title").or(one.attr("aria-label")).or(one.attr("data-text")));
    let alt = below_named(element, "img").filter_map(|img| img.attr("alt"));
    named.chain(alt).map(collapse).find(|name| !name.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::markup::hints_of;
    use crate::html::fragment;

    fn first(html: &str) -> Option<Card> {
        let dom = fragment(html);
        dom.root().descendants().filter_map(ElementRef::wrap).find_map(|one| of(one, hints_of(one)))
    }

    #[test]
    fn a_card_becomes_a_titled_link_and_lines_of_text() {
        for html in [
            "<div class=blog-card><a href='https://cha.example/1'><div class=blog-card-image><img src=a.png></div><div class=blog-card-title>茶山</div><div class=blog-card-desc>一条步道</div></a></div>",
            "<a class='LinkCard new' href='https://cha.example/1'><span class=LinkCard-title>茶山</span><span class=LinkCard-desc>一条步道</span></a>",
            "<figure class='kg-card kg-bookmark-card'><a class=kg-bookmark-container href='https://cha.example/1'><div><div class=kg-bookmark-title>茶山</div><div class=kg-bookmark-description>一条<b>步道</b></div></div></a></figure>",
            "<figure><a href='https://cha.example/1' class='bookmark source'><div class=bookmark-title>茶山</div><div class=bookmark-description>一条步道</div></a></figure>",
            "<a href='https://cha.example/1'><div>茶山</div><p>一条步道</p></a>",
        ] {
            let card =
                Card {
                    href: "https://cha.example/1".into(), title: "茶山".into(), lines: vec!["一条步道".into()]
                };
            assert_eq!(first(html), Some(card), "{html}");
        }
    }

    #[test]
    fn every_class_of_a_card_sets_its_hint() {
        for name in CLASSES {
            assert!(Hints::of_class(name).has(Hints::CARD), "{name}");
        }
    }

    #[test]
    fn lists_of_cards_images_and_inline_links_are_not_cards() {
        for html in [
            "<a href=/1>茶山</a>",
            "<a href=/1><div><img src=a.png></div></a>",
            "<a href=/1><h2>茶山</h2></a>",
            "<a href='#top'><div>茶山</div></a>",
            "<div class=related-link-card><a href=/1><h2>茶山</h2></a></div>",
        ] {
            assert_eq!(first(html), None, "{html}");
        }
    }
}
