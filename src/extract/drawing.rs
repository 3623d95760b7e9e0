//! Inline SVG drawings: which of them are images of the article, and a safe standalone file of each.

use std::collections::BTreeSet;

use crate::html::text::escape_xml;
use crate::html::{Edge, Element, ElementRef, Node, NodeRef};

use super::scan::Scan;

/// The maximum number of nodes of a drawing that are read.
const MOST: usize = 50_000;

/// The maximum size of a drawing, in bytes.
const LARGEST: usize = 4 * 1024 * 1024;

/// Drawings whose longer side is shorter than this are icons, in pixels.
const ICON: f64 = 100.0;

/// The maximum number of elements around a drawing that are checked.
const AROUND: usize = 12;

/// Elements of SVG that draw something.
const SHAPES: [&str; 9] = ["path", "rect", "circle", "ellipse", "line", "polyline", "polygon", "text", "image"];

/// Elements that a standalone file keeps. Others are unwrapped or left out with all their content.
#[rustfmt::skip]
const KEPT: [&str; 50] = [
    "svg", "g", "path", "rect", "circle", "ellipse", "line", "polyline", "polygon", "text", "tspan", "textPath", "title",
    "desc", "defs", "linearGradient", "radialGradient", "stop", "clipPath", "mask", "pattern", "marker", "symbol", "use",
    "image", "style", "filter", "feBlend", "feColorMatrix", "feComponentTransfer", "feComposite", "feConvolveMatrix",
    "feDiffuseLighting", "feDisplacementMap", "feDistantLight", "feDropShadow", "feFlood", "feFuncA", "feFuncB",
    "feFuncG", "feFuncR", "feGaussianBlur", "feMerge", "feMergeNode", "feMorphology", "feOffset", "fePointLight",
    "feSpecularLighting", "feTile", "feTurbulence",
];

/// The content of an `svg` that shows whether it is a drawing.
#[derive(Default)]
struct Content<'a> {
    shapes: usize,
    texts: usize,
    title: Option<String>,
    ids: BTreeSet<&'a str>,
    uses: Vec<&'a str>,
}

/// Returns true for an `svg` that illustrates the text: a chart, a diagram, a map; false for icons, logos, rules and
/// formulas.
pub fn is_drawing(scan: &Scan<'_>, at: usize) -> bool {
    let Some(svg) = scan.element(at) else { return false };
    let element = svg.value();
    if element.attr("aria-hidden") == Some("true") || is_icon(element) || says_icon(element) {
        return false;
    }
    let mut is_in_figure = false;
    for above in svg.ancestors().take(AROUND).filter_map(ElementRef::wrap) {
        match above.value().name() {
            "figure" => is_in_figure = true,
            "a" | "button" | "nav" | "label" | "summary" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "svg" => {
                return false;
            }
            name if name.starts_with("mjx-") || says_icon(above.value()) => return false,
            _ => {}
        }
    }
    let content = content(svg);
    let is_whole = content.uses.iter().all(|id| content.ids.contains(id));
    if content.shapes == 0 || !is_whole {
        return false;
    }
    let role = element.attr("role").unwrap_or_default();
    let is_called = role.starts_with("img")
        || role.starts_with("graphics")
        || element.attr("aria-roledescription").is_some()
        || element.attr("aria-label").is_some()
        || content.title.is_some();
    // A single word in an inline drawing is a label, not a chart.
    is_in_figure || content.texts > 1 || is_called && (content.texts > 0 && content.shapes > 1 || content.shapes > 4)
}

/// Returns a drawing's label or title; empty when it has neither.
pub fn name(svg: ElementRef<'_>) -> String {
    let label = svg.attr("aria-label").map(str::trim).filter(|label| !label.is_empty());
    label.map(str::to_owned).or_else(|| content(svg).title).unwrap_or_default()
}

/// Returns the drawing as a standalone file without scripts, handlers, foreign content and links to other files; None
/// when it is too large.
pub fn standalone(svg: ElementRef<'_>) -> Option<String> {
    let mut out = String::new();
    let mut left_out = None;
    for edge in svg.traverse() {
        match edge {
            Edge::Open(node) if left_out.is_none() => match node.value() {
                Node::Text(text) => escape_xml(&text.text, &mut out),
                Node::Element(element) => match fate(node, element) {
                    Fate::Coverage => {
                        let namespace = if out.is_empty() { NAMESPACE } else { "" };
                        open(element, namespace, &mut out);
                    }
                    Fate::Unwrapped => {}
                    Fate::Label => {
                        label(node, element, &mut out);
                        left_out = Some(node.id());
                    }
                    Fate::LeftOut => left_out = Some(node.id()),
                },
                _ => {}
            },
            Edge::Close(node) if left_out == Some(node.id()) => left_out = None,
            Edge::Close(node) if left_out.is_none() => {
                if let Node::Element(element) = node.value()
                    && matches!(fate(node, element), Fate::Coverage)
                {
                    out.push_str("</");
                    out.push_str(element.name());
                    out.push('>');
                }
            }
            _ => {}
        }
        if out.len() > LARGEST {
            return None;
        }
    }
    Some(out)
}

/// What to do with an element of a drawing.
enum Fate {
    Coverage,
    Unwrapped,
    /// Convert an HTML label into SVG text.
    Label,
    LeftOut,
}

fn fate(node: NodeRef<'_>, element: &Element) -> Fate {
    match element.name() {
        "foreignObject" => Fate::Label,
        "a" | "switch" => Fate::Unwrapped,
        "style" if !is_harmless_style(&node.text().collect::<String>()) => Fate::LeftOut,
        "image" if !element.attr_any("href").is_some_and(is_pixels) => Fate::LeftOut,
        "use" if !element.attr_any("href").is_some_and(|href| href.trim().starts_with('#')) => Fate::LeftOut,
        name if KEPT.contains(&name) => Fate::Coverage,
        _ => Fate::LeftOut,
    }
}

/// The declaration that a standalone file's root needs.
const NAMESPACE: &str = " xmlns=\"http://www.w3.org/2000/svg\"";

fn open(element: &Element, namespace: &str, out: &mut String) {
    out.push('<');
    out.push_str(element.name());
    out.push_str(namespace);
    let mut written = BTreeSet::new();
    for (name, value) in element.attrs().filter(|(name, value)| is_harmless(name, value)) {
        if written.insert(name) {
            out.push(' ');
            out.push_str(name);
            out.push_str("=\"");
            escape_xml(value, out);
            out.push('"');
        }
    }
    out.push('>');
}

/// Writes the text of foreign content, centred in its box.
fn label(node: NodeRef<'_>, element: &Element, out: &mut String) {
    let text: String = node.text().collect();
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if text.is_empty() {
        return;
    }
    let number = |name: &str| element.attr(name).and_then(pixels).unwrap_or(0.0);
    let (x, y) = (number("x") + number("width") / 2.0, number("y") + number("height") / 2.0);
    out.push_str(&format!("<text x=\"{x}\" y=\"{y}\" text-anchor=\"middle\" dominant-baseline=\"middle\">"));
    escape_xml(&text, out);
    out.push_str("</text>");
}

fn is_harmless(name: &str, value: &str) -> bool {
    let is_name = name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'));
    let lower = name.to_ascii_lowercase();
    if !is_name
        || lower.starts_with("on")
        || lower.starts_with("xml")
        || matches!(lower.as_str(), "base" | "space" | "src")
    {
        return false;
    }
    match lower.as_str() {
        "href" => value.trim().starts_with('#') || is_pixels(value),
        _ => is_harmless_style(value),
    }
}

/// Returns true for a style that loads nothing, runs nothing and refers only to the drawing itself.
fn is_harmless_style(style: &str) -> bool {
    let style: String = style.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_lowercase).collect();
    let is_inner = style.split("url(").skip(1).all(|url| url.trim_start_matches(['"', '\'']).starts_with('#'));
    // A backslash can disguise letters.
    is_inner && !["@import", "javascript:", "expression(", "image-set(", "\\"].iter().any(|word| style.contains(word))
}

/// Returns true for a `data:` URL of a raster image.
fn is_pixels(href: &str) -> bool {
    let href = href.trim().to_ascii_lowercase();
    ["png", "jpeg", "jpg", "gif", "webp"].iter().any(|kind| {
        href.strip_prefix("data:image/")
            .and_then(|rest| rest.strip_prefix(kind))
            .is_some_and(|rest| rest.starts_with(';'))
    })
}

fn content(svg: ElementRef<'_>) -> Content<'_> {
    let mut found = Content::default();
    for node in svg.descendants().take(MOST) {
        let Some(element) = node.value().as_element() else { continue };
        let name = element.name();
        found.shapes += usize::from(SHAPES.contains(&name));
        match name {
            "text" | "foreignObject" if node.text().any(|text| !text.trim().is_empty()) => {
                found.texts += 1;
                found.shapes += usize::from(name == "foreignObject");
            }
            "title" if found.title.is_none() => {
                let text: String = node.text().collect();
                let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
                found.title = Some(text).filter(|text| !text.is_empty());
            }
            "use" => found.uses.extend(element.attr_any("href").and_then(|href| href.trim().strip_prefix('#'))),
            _ => {}
        }
        found.ids.extend(element.attr("id"));
    }
    found
}

/// Returns true for an icon: small by its width and height or by its view box, or sized in `em`.
fn is_icon(element: &Element) -> bool {
    let sides: Vec<&str> = ["width", "height"].iter().filter_map(|name| element.attr(name)).collect();
    if sides.iter().any(|side| side.trim_end().ends_with("em") || side.trim_end().ends_with("ex")) {
        return true;
    }
    let longest = sides
        .iter()
        .filter_map(|side| pixels(side))
        .fold(None, |longest: Option<f64>, side| Some(longest.map_or(side, |longest| longest.max(side))));
    let grid = element
        .attr("viewBox")
        .map(|grid| grid.split([' ', ',']).filter_map(|part| part.parse().ok()).skip(2).fold(0.0, f64::max));
    longest.or(grid).is_some_and(|longest| longest < ICON)
}

/// Returns a length in pixels; None for a percentage and for an invalid length.
fn pixels(length: &str) -> Option<f64> {
    let length = length.trim();
    length.strip_suffix("px").unwrap_or(length).parse().ok().filter(|number: &f64| number.is_finite())
}

fn says_icon(element: &Element) -> bool {
    let class = element.attr("class").unwrap_or_default().to_ascii_lowercase();
    ["icon", "logo", "sprite", "emoji", "mathjax", "katex", "svg-inline--fa", "avatar", "divider", "spinner"]
        .iter()
        .any(|word| class.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(svg: &str) -> String {
        let dom = crate::html::fragment(svg);
        let svg = dom.root().descendants().filter_map(ElementRef::wrap).find(|one| one.value().name() == "svg");
        standalone(svg.unwrap()).unwrap()
    }

    #[test]
    fn scripts_and_external_files_are_removed_from_a_drawing() {
        let written = file(
            "<svg viewBox='0 0 9 9' onload='x()'><script>x()</script><a href='javascript:x()'><rect fill='url(https://e.example/a)' width=3 onclick=x></rect></a>\
             <image href='https://e.example/a.png'></image><use href='https://e.example/a#b'></use><animate onbegin=x></animate>\
             <style>@import 'https://e.example/a.css'; .a{}</style><style>.a>.b{fill:red}</style>\
             <foreignObject x=10 width=20 y=2 height=4><div>三月 &amp; 四月<iframe src=x></iframe></div></foreignObject><text>a &lt; b</text></svg>",
        );
        for gone in
            ["script", "onload", "onclick", "javascript", "e.example", "animate", "iframe", "foreignObject", "<a"]
        {
            assert!(!written.contains(gone), "{gone}: {written}");
        }
        for kept in [
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 9 9\">",
            "<rect width=\"3\"></rect>",
            ".a&gt;.b{fill:red}",
            "<text x=\"20\" y=\"4\" text-anchor=\"middle\" dominant-baseline=\"middle\">三月 &amp; 四月</text>",
            "<text>a &lt; b</text>",
        ] {
            assert!(written.contains(kept), "{kept}: {written}");
        }
        assert!(crate::images::identify(written.into_bytes()).is_ok());
    }
}
