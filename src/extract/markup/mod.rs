//! Recognises constructs that sites write in many ways and the article's tree in one: code blocks, formulas, callouts
//! and embedded content.
//!
//! They are read from the page's own elements, where classes and scripts still identify them, and put into the tree as
//! `pre` (`class="language-…"`, one text) and `math` (`tex`, `display`).

mod callout;
mod callout_words;
mod card;
mod characters;
mod code;
mod embed;
mod formula;
mod katex;
mod labels;
mod language;
mod letters;
mod lines;
mod math;
mod mathjax;
mod mathml;

use crate::html::{ElementRef, Node, NodeRef};
use crate::model::tree::Element;

use super::elements;
use super::hints::Hints;

pub use callout::{Callout, of as callout};
pub use card::{Card, of as card};
pub use embed::{of as embed, permalink, url as frame_url};

/// How many nodes are searched for other content on a line.
const LINE: usize = 12;

/// What replaces an element in the tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Markup {
    /// A code block.
    Code {
        /// Empty when the page names none.
        language: String,
        /// Verbatim, without line numbers.
        text: String,
    },
    /// A formula.
    Math {
        /// TeX, without delimiters.
        tex: String,
        /// Displayed on a line of its own.
        display: bool,
    },
    /// A formula that cannot be read: neither its source nor a readable rendering is there.
    Unreadable {
        /// The formula's visible text; empty when it is an image.
        seen: String,
        /// Displayed on a line of its own.
        display: bool,
    },
    /// A player that a script fills in.
    Player {
        /// The URL that it plays.
        src: String,
        /// Empty when it has none.
        title: String,
    },
    /// Nothing: decoration of code or of a heading, or a second rendering of a formula.
    Nothing,
}

impl Markup {
    /// Returns what replaces an element with these hints; None for an ordinary element.
    pub fn of(element: ElementRef<'_>, hints: Hints) -> Option<Self> {
        match element.value().name() {
            "a" | "span" if is_heading_ornament(element) => Some(Self::Nothing),
            "input" if has_class(element, |word| word == "margin-toggle") => Some(Self::Nothing),
            "object" => object(element),
            _ => Self::unit(element, hints).or_else(|| embed::of(element, hints)),
        }
    }

    /// Returns the formula or code block that an element is, or nothing for decoration of one; None for an ordinary
    /// element. These are read as one unit, whatever elements are inside.
    pub fn unit(element: ElementRef<'_>, hints: Hints) -> Option<Self> {
        math::of(element, hints).or_else(|| code::of(element, hints))
    }

    /// Returns the tree's element with its text; None for nothing.
    pub fn made(self) -> Option<(Element, String)> {
        match self {
            Self::Code { language, text } if language.is_empty() => Some((Element::new("pre"), text)),
            Self::Code { language, text } => {
                Some((Element::new("pre").with("class", format!("language-{language}")), text))
            }
            Self::Math { tex, display } => {
                let made = Element::new("math").with("tex", tex);
                Some((if display { made.with("display", "block") } else { made }, String::new()))
            }
            Self::Unreadable { seen, .. } if seen.is_empty() => None,
            Self::Unreadable { seen, display } => Some((Element::new(if display { "p" } else { "span" }), seen)),
            Self::Player { src, title } => {
                Some((Element::new("iframe").with("src", src).with("title", title), String::new()))
            }
            Self::Nothing => None,
        }
    }
}

/// Returns true for a permalink of a heading, a term or a caption, and for a link to edit a heading's section.
fn is_heading_ornament(element: ElementRef<'_>) -> bool {
    if has_class(element, |word| word == "mw-editsection") {
        return true;
    }
    let named = || {
        has_class(element, |word| {
            let word = word.to_ascii_lowercase();
            ["anchor", "headerlink", "permalink", "header-link", "heading-link", "hash-link"]
                .iter()
                .any(|part| word.contains(part))
        })
    };
    let leads_here = || element.attr("href").is_some_and(|href| href.starts_with('#'));
    let is_sign = || matches!(text(element).trim(), "¶" | "#" | "§" | "🔗");
    if element.value().name() == "a" && named() && leads_here() && is_sign() {
        return true;
    }
    element.value().name() == "a"
        && (named() || leads_here())
        && matches!(text(element).trim(), "" | "¶" | "#" | "§" | "🔗" | "\u{200b}")
        && ancestors(element)
            .take(2)
            .any(|above| matches!(above.value().name(), "h1" | "h2" | "h3" | "h4" | "h5" | "h6"))
}

/// Returns the player for an `object` without fallback content.
fn object(element: ElementRef<'_>) -> Option<Markup> {
    let src = element.attr("data").filter(|data| !data.trim().is_empty())?;
    let shows = element.descendants().skip(1).any(|node| match node.value() {
        Node::Text(text) => !text.text.trim().is_empty(),
        Node::Element(one) => matches!(one.name(), "img" | "a" | "embed" | "iframe" | "object" | "video"),
        _ => false,
    });
    // Without a type the URL decides: one of the page's own objects never becomes a frame.
    let title = [element.attr("title"), Some(src)].into_iter().flatten().map(str::trim).find(|name| !name.is_empty());
    let title = title.unwrap_or_default().to_owned();
    (!shows).then(|| Markup::Player { src: src.to_owned(), title })
}

/// Returns true for an element that is kept as one unit: a callout, a link card, a post of a network.
pub fn is_unit(element: ElementRef<'_>, hints: Hints) -> bool {
    callout(element, hints).is_some()
        || hints.has(Hints::POST) && embed::is_quoted_post(element)
        || hints.has(Hints::CARD) && card::is_called(element) && card(element, hints).is_some()
}

/// Returns true where `wanted` accepts a word of the element's class.
fn has_class(element: ElementRef<'_>, wanted: impl Fn(&str) -> bool) -> bool {
    element.attr("class").is_some_and(|class| class.split_ascii_whitespace().any(wanted))
}

/// Returns an element's style in lower case without white space; None without one.
fn style(element: ElementRef<'_>) -> Option<String> {
    let style = element.attr("style").filter(|style| !style.is_empty())?;
    Some(style.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_lowercase).collect())
}

/// Returns true when nothing else is on the element's line.
fn stands_alone(element: ElementRef<'_>) -> bool {
    let mut at = *element;
    for _ in 0..LINE {
        let is_edge = |node: &NodeRef<'_>| {
            node.value().as_element().is_some_and(|one| one.name() == "br" || !elements::is_inline(one.name()))
        };
        let is_blank = |node: NodeRef<'_>| match node.value() {
            Node::Text(text) => text.text.trim().is_empty(),
            Node::Element(_) => {
                !node.has_children() && !matches!(ElementRef::wrap(node), Some(one) if one.value().name() == "img")
            }
            _ => true,
        };
        let alone = at.prev_siblings().take(LINE).take_while(|node| !is_edge(node)).all(is_blank)
            && at.next_siblings().take(LINE).take_while(|node| !is_edge(node)).all(is_blank);
        let Some(parent) = at.parent().and_then(ElementRef::wrap) else { return alone };
        if !alone || matches!(parent.value().name(), "li" | "td" | "th" | "dd" | "dt") {
            return false;
        }
        if !elements::is_inline(parent.value().name()) {
            return true;
        }
        at = *parent;
    }
    false
}

/// Returns all text below an element.
fn text(element: ElementRef<'_>) -> String {
    element.descendants().filter_map(|node| node.value().as_text()).map(|text| &*text.text).collect()
}

/// Returns the elements below an element, without itself.
fn below(element: ElementRef<'_>) -> impl Iterator<Item = ElementRef<'_>> {
    element.descendants().skip(1).filter_map(ElementRef::wrap)
}

fn below_named<'a>(element: ElementRef<'a>, name: &'a str) -> impl Iterator<Item = ElementRef<'a>> {
    below(element).filter(move |one| one.value().name() == name)
}

fn ancestors(element: ElementRef<'_>) -> impl Iterator<Item = ElementRef<'_>> {
    element.ancestors().filter_map(ElementRef::wrap)
}

fn next_element(element: ElementRef<'_>) -> Option<ElementRef<'_>> {
    element.next_siblings().find_map(ElementRef::wrap)
}

/// Returns the hints that a scan gives an element of a page without code.
#[cfg(test)]
fn hints_of(element: ElementRef<'_>) -> Hints {
    let said = crate::extract::attributes::Attributes::of(element.value());
    said.hints.and(said.class.map(Hints::of_class).unwrap_or_default())
}
