//! What sites write in a hundred ways and the article's tree in one: blocks of code, formulas, callouts, and
//! what is shown from elsewhere.
//!
//! It is read from the page's own elements, where classes and scripts still tell what is what, and put into the tree as
//! `pre` (`class="language-…"`, one text) and `math` (`tex`, `display`).

mod callout;
mod callout_words;
mod card;
mod code;
mod embed;
mod formula;
mod katex;
mod labels;
mod language;
mod lines;
mod math;
mod mathml;
mod rendered;
mod signs;

use crate::html::{ElementRef, Node, NodeRef};
use crate::model::tree::Element;

use super::elements;
use super::hints::Hints;

pub use callout::{Callout, of as callout};
pub use card::{Card, of as card};
pub use embed::{of as embed, permalink, url as frame_url};

/// What else stands on a line is looked for so far.
const LINE: usize = 12;

/// What stands for an element in the tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Markup {
    /// A block of code.
    Code {
        /// Empty when none is named.
        language: String,
        /// As it stands, without the numbers of its lines.
        text: String,
    },
    /// A formula.
    Math {
        /// TeX, without delimiters.
        tex: String,
        /// Set on a line of its own.
        display: bool,
    },
    /// A formula that cannot be read: neither its source nor its parts are there.
    Unreadable {
        /// The text that a reader of the page sees of it; empty when it is a drawing.
        seen: String,
        /// Set on a line of its own.
        display: bool,
    },
    /// A player that a script fills in.
    Player {
        /// Where it plays.
        src: String,
        /// Empty when it has none.
        title: String,
    },
    /// Nothing: an ornament of code or of a heading, a formula's other rendering.
    Nothing,
}

impl Markup {
    /// What an element with these hints is; None when it is nothing of the kind.
    pub fn of(element: ElementRef<'_>, hints: Hints) -> Option<Self> {
        match element.value().name() {
            "a" | "span" if is_heading_ornament(element) => Some(Self::Nothing),
            "input" if has_class(element, |word| word == "margin-toggle") => Some(Self::Nothing),
            "object" => object(element),
            _ => Self::unit(element, hints).or_else(|| embed::of(element, hints)),
        }
    }

    /// The formula or block of code that an element is, or nothing for what merely decorates one: parts of a page that
    /// are read as a whole, whatever elements are in them.
    pub fn unit(element: ElementRef<'_>, hints: Hints) -> Option<Self> {
        math::of(element, hints).or_else(|| code::of(element, hints))
    }

    /// The element of the tree with its text; None for nothing.
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

/// A link by which a heading, a term or a caption names itself, or one to edit a heading's section.
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

/// What an `object` without anything to show in its place would load.
fn object(element: ElementRef<'_>) -> Option<Markup> {
    let src = element.attr("data").filter(|data| !data.trim().is_empty())?;
    let shows = element.descendants().skip(1).any(|node| match node.value() {
        Node::Text(text) => !text.text.trim().is_empty(),
        Node::Element(one) => matches!(one.name(), "img" | "a" | "embed" | "iframe" | "object" | "video"),
        _ => false,
    });
    // Without a name it is told by its URL: a page's object never becomes a frame of its own.
    let title = [element.attr("title"), Some(src)].into_iter().flatten().map(str::trim).find(|name| !name.is_empty());
    let title = title.unwrap_or_default().to_owned();
    (!shows).then(|| Markup::Player { src: src.to_owned(), title })
}

/// A part that is kept as a whole: a callout, a card of a link, a post of a network.
pub fn is_unit(element: ElementRef<'_>, hints: Hints) -> bool {
    callout(element, hints).is_some()
        || hints.has(Hints::POST) && embed::is_quoted_post(element)
        || hints.has(Hints::CARD) && card::is_called(element) && card(element, hints).is_some()
}

/// True for a word of the element's class that `wanted` accepts.
fn has_class(element: ElementRef<'_>, wanted: impl Fn(&str) -> bool) -> bool {
    element.attr("class").is_some_and(|class| class.split_ascii_whitespace().any(wanted))
}

/// An element's style in lower case without white space; None without one.
fn style(element: ElementRef<'_>) -> Option<String> {
    let style = element.attr("style").filter(|style| !style.is_empty())?;
    Some(style.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_lowercase).collect())
}

/// True when nothing else stands on the element's line.
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

/// All text below an element.
fn text(element: ElementRef<'_>) -> String {
    element.descendants().filter_map(|node| node.value().as_text()).map(|text| &*text.text).collect()
}

/// Elements below an element, itself not among them.
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

/// The hints that a scan gives an element of a page without code.
#[cfg(test)]
fn hints_of(element: ElementRef<'_>) -> Hints {
    let said = crate::extract::attributes::Attributes::of(element.value());
    said.hints.and(said.class.map(Hints::of_class).unwrap_or_default())
}
