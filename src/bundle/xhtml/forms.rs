//! Which elements are written, and what may be in them (the content model of HTML).

use crate::html::elements::{is_block, is_heading};
use crate::html::{ElementRef, NodeRef};

/// What may be in an element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Content {
    /// Blocks and text.
    Flow,
    /// Text.
    Phrasing,
    /// What may be in the element around it.
    Transparent,
    /// List items.
    Items,
    /// Terms and their descriptions, already found to be in order.
    Descriptions,
    /// Groups of rows, rows, or cells.
    Rows,
}

/// How an element is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Form {
    /// The name that is written.
    pub name: &'static str,
    pub content: Content,
    /// Whether it is a block, which text may not contain.
    pub is_block: bool,
    /// A class that keeps what the name does not say; empty for none.
    pub class: &'static str,
}

impl Form {
    const fn inline(name: &'static str) -> Self {
        Self { name, content: Content::Phrasing, is_block: false, class: "" }
    }

    const fn block(name: &'static str, content: Content) -> Self {
        Self { name, content, is_block: true, class: "" }
    }

    const fn div(class: &'static str) -> Self {
        Self { name: "div", content: Content::Flow, is_block: true, class }
    }

    const fn paragraph(class: &'static str) -> Self {
        Self { name: "p", content: Content::Phrasing, is_block: true, class }
    }
}

/// The elements that are written around their content whatever surrounds them. Of others, only the content is written.
const PLAIN: [Form; 33] = [
    Form::inline("abbr"),
    Form::inline("b"),
    Form::inline("cite"),
    Form::inline("code"),
    Form::inline("dfn"),
    Form::inline("em"),
    Form::inline("i"),
    Form::inline("kbd"),
    Form::inline("mark"),
    Form::inline("q"),
    Form::inline("s"),
    Form::inline("samp"),
    Form::inline("small"),
    Form::inline("strong"),
    Form::inline("sub"),
    Form::inline("sup"),
    Form::inline("u"),
    Form::inline("var"),
    Form { content: Content::Transparent, ..Form::inline("del") },
    Form { content: Content::Transparent, ..Form::inline("ins") },
    Form::block("blockquote", Content::Flow),
    Form::block("figure", Content::Flow),
    Form::block("h1", Content::Phrasing),
    Form::block("h2", Content::Phrasing),
    Form::block("h3", Content::Phrasing),
    Form::block("h4", Content::Phrasing),
    Form::block("h5", Content::Phrasing),
    Form::block("h6", Content::Phrasing),
    Form::block("ol", Content::Items),
    Form::block("p", Content::Phrasing),
    Form::block("pre", Content::Phrasing),
    Form::block("ul", Content::Items),
    Form::block("div", Content::Flow),
];

/// Returns how an element is written; None if only its content is. `around` is the name of the open element around it.
pub(super) fn form(node: ElementRef<'_>, around: &str) -> Option<Form> {
    let name = node.value().name();
    let is_below = |parent: &str| parent_name(*node) == parent && around == parent;
    let form = match name {
        "html" | "body" => return None,
        "strike" => Form::inline("s"),
        "tt" => Form::inline("code"),
        "ruby" if is_ruby(*node) => Form::inline("ruby"),
        "rt" if is_below("ruby") => Form::inline("rt"),
        "li" if matches!(around, "ul" | "ol") => Form::block("li", Content::Flow),
        "dl" if is_description_list(*node) => Form::block("dl", Content::Descriptions),
        "dt" if is_below("dl") => Form::block("dt", Content::Phrasing),
        "dd" if is_below("dl") => Form::block("dd", Content::Flow),
        "dt" => Form::paragraph("term"),
        "dd" => Form::div("description"),
        "p" if is_captioned(*node) => Form::block("figure", Content::Flow),
        "em" if around == "figure" && node.parent().is_some_and(is_captioned) => {
            Form::block("figcaption", Content::Flow)
        }
        "table" => Form::block("table", Content::Rows),
        "caption" if is_below("table") && is_first(*node) => Form::block("caption", Content::Phrasing),
        "thead" if is_below("table") && !has_rows_before(*node) => Form::block("thead", Content::Rows),
        "thead" | "tbody" | "tfoot" if is_below("table") => Form::block("tbody", Content::Rows),
        "tr" if matches!(around, "thead" | "tbody") => Form::block("tr", Content::Rows),
        // A header cell names its column or row.
        "th" if around == "tr" && node.descendants().skip(1).any(shows) => Form::block("th", Content::Flow),
        "td" | "th" if around == "tr" => Form::block("td", Content::Flow),
        "figcaption" if is_below("figure") && is_caption(*node) => Form::block("figcaption", Content::Flow),
        "details" if is_details(*node) => Form::block("details", Content::Flow),
        "summary" if is_below("details") && is_first(*node) => Form::block("summary", Content::Phrasing),
        "summary" => Form::paragraph(""),
        "figcaption" | "caption" => Form::div("caption"),
        _ => match PLAIN.iter().find(|form| form.name == name) {
            Some(form) => *form,
            None if is_block(name) && name != "hr" => Form::div(""),
            None => return None,
        },
    };
    Some(form)
}

/// Returns true for an element that is not written, nor its content.
pub(super) fn is_dropped(name: &str) -> bool {
    matches!(
        name,
        "script" | "style" | "template" | "head" | "title" | "svg" | "object" | "embed" | "rp" | "col" | "colgroup"
    )
}

fn parent_name<'a>(node: NodeRef<'a>) -> &'a str {
    node.parent().and_then(|parent| parent.value().as_element()).map_or("", |element| element.name())
}

/// Returns true for a node that shows something.
fn shows(node: NodeRef<'_>) -> bool {
    match node.value().as_text() {
        Some(text) => !text.text.trim().is_empty(),
        None => node.value().is_element(),
    }
}

fn is_first(node: NodeRef<'_>) -> bool {
    !node.prev_siblings().any(shows)
}

/// Returns true for the only caption of a figure, at either end.
fn is_caption(node: NodeRef<'_>) -> bool {
    let is_named = |node: NodeRef<'_>| node.value().as_element().is_some_and(|element| element.name() == "figcaption");
    !node.prev_siblings().any(is_named) && (is_first(node) || !node.next_siblings().any(shows))
}

/// Returns true for a paragraph of images with a line of emphasised text below them, in which Markdown keeps a caption.
fn is_captioned(node: NodeRef<'_>) -> bool {
    let mut has_image = false;
    let mut has_caption = false;
    for child in node.children().filter(|child| shows(*child)) {
        let Some(element) = ElementRef::wrap(child).filter(|_| !has_caption) else { return false };
        let is_image = match element.value().name() {
            "img" => true,
            "a" => element.children().filter(|inner| shows(*inner)).all(is_image),
            "em" if has_image => {
                has_caption = true;
                continue;
            }
            _ => false,
        };
        if !is_image {
            return false;
        }
        has_image = true;
    }
    has_caption
}

fn is_image(node: NodeRef<'_>) -> bool {
    node.value().as_element().is_some_and(|element| element.name() == "img")
}

fn has_rows_before(node: NodeRef<'_>) -> bool {
    let mut before = node.prev_siblings().filter_map(|node| node.value().as_element());
    before.any(|element| matches!(element.name(), "thead" | "tbody" | "tfoot" | "tr"))
}

/// Returns true for details with a summary at their beginning.
fn is_details(node: NodeRef<'_>) -> bool {
    let first = node.children().find(|child| shows(*child));
    first.and_then(|child| child.value().as_element()).is_some_and(|element| element.name() == "summary")
}

/// Returns true for a list of terms, each group of them followed by their descriptions, and nothing else.
fn is_description_list(node: NodeRef<'_>) -> bool {
    let mut last = "dd";
    for child in node.children().filter(|child| shows(*child)) {
        let name = child.value().as_element().map_or("", |element| element.name());
        if !matches!(name, "dt" | "dd") || (last == "dd" && name == "dd" && is_first(child)) {
            return false;
        }
        last = name;
    }
    last == "dd" && node.children().any(shows)
}

/// Returns true for text with annotations beside it, each after its base.
fn is_ruby(node: NodeRef<'_>) -> bool {
    let (mut has_base, mut has_annotation) = (false, false);
    for child in node.children() {
        match child.value().as_element().map(|element| element.name()) {
            Some("rt") if !has_base => return false,
            Some("rt") => has_annotation = true,
            Some("rp") => {}
            _ => {
                if has_annotation && shows(child) {
                    has_annotation = false;
                }
                has_base |= child.text().any(|text| !text.trim().is_empty());
            }
        }
    }
    let is_nested = node.descendants().skip(1).filter_map(|node| node.value().as_element());
    has_annotation && is_nested.filter(|element| matches!(element.name(), "ruby" | "rtc")).count() == 0
}

/// Returns the name of a heading as a paragraph where headings are not allowed.
pub(super) fn without_heading(form: Form) -> Form {
    if is_heading(form.name) { Form::paragraph("heading") } else { form }
}
