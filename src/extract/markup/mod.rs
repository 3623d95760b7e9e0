//! What sites write in a hundred ways and the article's tree in one: blocks of code, formulas, footnotes.
//!
//! It is read from the page's own elements, where classes and scripts still tell what is what, and put into the tree as
//! `pre` (`class="language-…"`, one text), `math` (`tex`, `display`), `note-ref` (`label`) and `note` (`label`).

mod code;
mod language;
mod math;
mod mathml;
mod notes;

use crate::html::{ElementRef, Node, NodeRef};
use crate::model::tree::Element;

pub use notes::{Notes, Role, settle};

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
    /// What an element is; None when it is nothing of the kind.
    pub fn of(element: ElementRef<'_>) -> Option<Self> {
        match element.value().name() {
            "a" | "span" if is_heading_ornament(element) => Some(Self::Nothing),
            "input" if has_class(element, |word| word == "margin-toggle") => Some(Self::Nothing),
            "object" => object(element),
            "lite-youtube" | "amp-youtube" | "lite-vimeo" | "amp-vimeo" => player(element),
            _ => math::of(element).or_else(|| code::of(element)),
        }
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
            Self::Player { src, title } => {
                Some((Element::new("iframe").with("src", src).with("title", title), String::new()))
            }
            Self::Nothing => None,
        }
    }
}

/// A link by which a heading names itself, or one to edit its section.
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
    // Without a name it is told by its address: a page's object never becomes a frame of its own.
    let title = [element.attr("title"), Some(src)].into_iter().flatten().map(str::trim).find(|name| !name.is_empty());
    let title = title.unwrap_or_default().to_owned();
    (!shows).then(|| Markup::Player { src: src.to_owned(), title })
}

/// The player that a custom element stands for.
fn player(element: ElementRef<'_>) -> Option<Markup> {
    let id = ["videoid", "data-videoid"].iter().find_map(|name| element.attr(name))?;
    let site = if element.value().name().ends_with("vimeo") {
        "https://player.vimeo.com/video/"
    } else {
        "https://www.youtube.com/embed/"
    };
    let label = ["title", "playlabel"].iter().find_map(|name| element.attr(name)).unwrap_or_default();
    Some(Markup::Player { src: format!("{site}{id}"), title: label.trim().to_owned() })
}

/// True for a word of the element's class that `wanted` accepts.
fn has_class(element: ElementRef<'_>, wanted: impl Fn(&str) -> bool) -> bool {
    element.attr("class").is_some_and(|class| class.split_ascii_whitespace().any(wanted))
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

fn text_of<'a>(node: &NodeRef<'a>) -> Option<&'a str> {
    match node.value() {
        Node::Text(text) => Some(&text.text),
        _ => None,
    }
}
