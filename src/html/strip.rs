//! Removes the content of scripts, styles and small drawings from a page before it is parsed.
//!
//! It is half of the bytes of the web's pages, and the parser reads it character by character. From the first place
//! where it is not certain how the parser would read the page, everything is left as it is.

use std::borrow::Cow;

use memchr::{memchr, memmem};

use super::elements::{FOREIGN_BREAKOUT, MATHML_HTML_POINTS, RAW_TEXT, SVG_HTML_POINTS, VOID};
use super::tags::{Tag, TagContext, next_tag, script_end, text_end};

/// Returns the page without the content of elements that extraction does not read.
pub fn strip_unread(text: &str) -> Cow<'_, str> {
    let bytes = text.as_bytes();
    let mut out = String::new();
    let mut copied = 0;
    let mut at = 0;
    let mut in_select = false;
    while let Some(tag) = next_tag(bytes, at, TagContext::Html) {
        at = tag.after;
        if tag.is(&["select"]) {
            in_select = !tag.is_end;
        }
        let end = match content_model(&tag) {
            ContentModel::Html => continue,
            ContentModel::Script => script_end(bytes, at),
            // In a `select` parsers ignore the tags of most elements, and read their text as HTML.
            _ if in_select => None,
            ContentModel::Text => text_end(bytes, at, tag.name),
            ContentModel::Foreign(points) => foreign_end(bytes, &tag, points),
            ContentModel::Uncertain => None,
        };
        let Some(end) = end else { break };
        let is_shown = || is_formula(&tag, &bytes[at..end]) || is_drawing(&tag, &bytes[at..end]);
        if is_unread(&tag) && !is_shown() {
            out.push_str(&text[copied..at]);
            copied = end;
        }
        at = end;
    }
    if copied == 0 {
        return Cow::Borrowed(text);
    }
    out.push_str(&text[copied..]);
    Cow::Owned(out)
}

/// Returns true for an element whose content is not read. Data in scripts is read, since it may describe the article; so
/// are formulas, since MathJax 2 keeps their source in a script.
fn is_unread(tag: &Tag) -> bool {
    tag.is(&["style", "svg"]) || tag.is(&["script"]) && !says(tag, "json") && !says(tag, "math/")
}

/// Returns true for a formula that MathJax 3 has drawn: its elements name the parts of the formula.
fn is_formula(tag: &Tag, content: &[u8]) -> bool {
    tag.is(&["svg"]) && memchr::memmem::find(content, b"data-mml-node").is_some()
}

/// The maximum size of a drawing that is kept, in bytes.
const MAX_DRAWING: usize = 2 * 1024 * 1024;

/// Returns true for an `svg` that may be a chart or a diagram and not an icon: it is large enough and holds text or
/// several shapes.
fn is_drawing(tag: &Tag, content: &[u8]) -> bool {
    if !tag.is(&["svg"]) || content.len() > MAX_DRAWING || says(tag, "icon") || is_hidden(tag) || is_small(tag) {
        return false;
    }
    let has = |word: &str| memmem::find(content, word.as_bytes()).is_some();
    let shapes = ["<path", "<rect", "<circle", "<line", "<poly", "<ellipse"];
    let count = || shapes.iter().map(|word| memmem::find_iter(content, word.as_bytes()).take(3).count()).sum::<usize>();
    has("<text") || count() > 2 || count() > 0 && has("<foreignObject")
}

fn is_hidden(tag: &Tag) -> bool {
    attribute(tag, "aria-hidden").is_some_and(|value| value == b"true")
}

/// Returns true when the tag declares width and height below 100 pixels.
fn is_small(tag: &Tag) -> bool {
    let number = |value: &[u8]| std::str::from_utf8(value).ok().and_then(|text| text.trim().parse::<f64>().ok());
    let sides: Vec<&[u8]> = ["width", "height"].iter().filter_map(|name| attribute(tag, name)).collect();
    if sides.iter().any(|side| side.ends_with(b"em") || side.ends_with(b"ex")) {
        return true;
    }
    let sides: Vec<f64> = sides.iter().filter_map(|side| number(side.strip_suffix(b"px").unwrap_or(side))).collect();
    let grid = attribute(tag, "viewbox").unwrap_or_default();
    let grid = grid.split(|byte| matches!(byte, b' ' | b',')).filter_map(number).skip(2).collect();
    let sides: Vec<f64> = if sides.is_empty() { grid } else { sides };
    !sides.is_empty() && sides.iter().all(|side| *side < 100.0)
}

/// Returns the value of a quoted attribute.
fn attribute<'a>(tag: &Tag<'a>, name: &str) -> Option<&'a [u8]> {
    let bytes = tag.attributes;
    let mut from = 0;
    while let Some(at) = memchr(b'=', &bytes[from..]).map(|at| from + at) {
        let before = bytes[from..at].trim_ascii_end();
        let is_named = before.len() >= name.len()
            && before[before.len() - name.len()..].eq_ignore_ascii_case(name.as_bytes())
            && before[..before.len() - name.len()].last().is_none_or(u8::is_ascii_whitespace);
        let rest = bytes[at + 1..].trim_ascii_start();
        let start = bytes.len() - rest.len();
        let Some(quote) = rest.first().copied().filter(|byte| matches!(byte, b'"' | b'\'')) else {
            from = at + 1;
            continue;
        };
        let end = start + 1 + memchr(quote, &bytes[start + 1..])?;
        if is_named {
            return Some(&bytes[start + 1..end]);
        }
        from = end + 1;
    }
    None
}

/// How the content after a start tag is read.
enum ContentModel {
    Html,
    Script,
    Text,
    /// SVG or MathML, with the elements in which HTML begins again.
    Foreign(&'static [&'static str]),
    Uncertain,
}

fn content_model(tag: &Tag) -> ContentModel {
    match tag {
        _ if tag.is_end => ContentModel::Html,
        _ if tag.is(&["script"]) => ContentModel::Script,
        _ if tag.is(&RAW_TEXT) => ContentModel::Text,
        _ if tag.is(&["svg"]) && !tag.closes_itself => ContentModel::Foreign(&SVG_HTML_POINTS),
        _ if tag.is(&["math"]) && !tag.closes_itself => ContentModel::Foreign(&MATHML_HTML_POINTS),
        _ if tag.is(&UNCERTAIN) => ContentModel::Uncertain,
        _ => ContentModel::Html,
    }
}

/// Elements after which a parser reads the rest of the page by other rules.
const UNCERTAIN: [&str; 2] = ["plaintext", "frameset"];

/// Returns the position of the end tag of the SVG or MathML element that `root` begins; None where that is not certain.
fn foreign_end(bytes: &[u8], root: &Tag, points: &[&str]) -> Option<usize> {
    let mut open = vec![root.name];
    // The number of elements that were open when HTML began again.
    let mut html_from = None;
    let mut at = root.after;
    loop {
        let in_foreign = html_from.is_none_or(|depth| depth == open.len());
        let context = if in_foreign { TagContext::Foreign } else { TagContext::Html };
        let tag = next_tag(bytes, at, context)?;
        at = tag.after;
        let is_same = |name: &&[u8]| name.eq_ignore_ascii_case(tag.name);
        if tag.is_end {
            let depth = open.iter().rposition(is_same)?;
            if html_from.is_some() && depth + 1 != open.len() {
                return None;
            }
            if depth == 0 {
                return Some(tag.start);
            }
            open.truncate(depth);
            html_from = html_from.filter(|from| *from <= depth);
        } else if html_from.is_some() {
            if !matches!(content_model(&tag), ContentModel::Html) || tag.is(&["select"]) {
                return None;
            }
            if !tag.is(&VOID) {
                open.push(tag.name);
            }
        } else {
            if tag.is(&FOREIGN_BREAKOUT) || is_html_in_mathml(&tag) {
                return None;
            }
            if !tag.closes_itself {
                open.push(tag.name);
                html_from = tag.is(points).then_some(open.len());
            }
        }
    }
}

/// Returns true for a MathML element in which HTML may begin again.
fn is_html_in_mathml(tag: &Tag) -> bool {
    tag.is(&["annotation-xml"]) && says(tag, "html")
}

/// Returns true when the tag's attributes contain a word, in any case.
fn says(tag: &Tag, word: &str) -> bool {
    tag.attributes.windows(word.len()).any(|part| part.eq_ignore_ascii_case(word.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::html::Edge;

    #[test]
    fn the_content_of_scripts_styles_and_drawings_is_removed() {
        for (page, stripped) in [
            (
                "<style a='b'>p > a { }</style><p>one<SCRIPT src=x>if (a<b) {}</SCRIPT ><svg><title>三</title><path d=x /></svg>two",
                "<style a='b'></style><p>one<SCRIPT src=x></SCRIPT ><svg></svg>two",
            ),
            ("<a title='>'><svg>a</svg></a>", "<a title='>'><svg></svg></a>"),
            ("<script><!-- a --></script >b", "<script></script >b"),
            ("<script><!-- <script></script> --> a</script>b", "<script></script>b"),
            ("<svg><!-- > --><g><svg/><svg></svg></g><path></svg>b", "<svg></svg>b"),
            ("<svg><style><![CDATA[</svg>]]></style></svg>b", "<svg></svg>b"),
            ("<svg><a title='</svg>'>a</a></svg>b", "<svg></svg>b"),
            ("<svg><foreignObject><p>a<br></p></foreignObject></svg>b", "<svg></svg>b"),
            ("<math><mi>x</mi></math><style>a</style>", "<math><mi>x</mi></math><style></style>"),
            ("<!--><style>a</style>", "<!--><style></style>"),
            (
                "<script type='math/tex'>a<b</script><style>a</style>",
                "<script type='math/tex'>a<b</script><style></style>",
            ),
            (
                "<svg><g data-mml-node=mi></g></svg><style>a</style>",
                "<svg><g data-mml-node=mi></g></svg><style></style>",
            ),
        ] {
            assert_eq!(strip_unread(page), stripped);
        }
    }

    #[test]
    fn a_drawing_with_text_or_several_shapes_is_kept() {
        for page in [
            "<svg viewBox='0 0 400 200'><rect/><text>三月</text></svg>",
            "<svg viewBox=\"0,0,400,200\" width='100%'><rect/><rect/><rect/></svg>",
            "<svg><g><rect/><foreignObject><div>a</div></foreignObject></g></svg>",
        ] {
            assert_eq!(strip_unread(page), page);
        }
        for icon in [
            "<svg viewBox='0 0 24 24'><path/><path/><path/></svg>",
            "<svg width=\"1em\" viewBox='0 0 512 512'><path/><path/><path/></svg>",
            "<svg aria-hidden=\"true\"><path/><path/><path/><text>a</text></svg>",
            "<svg viewBox='0 0 512 512'><path/></svg>",
        ] {
            assert!(!strip_unread(icon).contains("<path"), "{icon}");
        }
    }

    #[test]
    fn nothing_is_removed_where_parsing_is_uncertain() {
        for page in [
            "<script>a</p>",
            "<!-- <script> --> kept <script></script>",
            "<p title='<script>'>kept</p><script></script>",
            "<p title='> <script>'>kept</p><script></script>",
            "<p title=\"a > <svg>\">kept</p><p title=\"</svg>\"></p>",
            "<textarea><svg>kept</textarea></svg>",
            "<script type=application/ld+json>{}</script>",
            "<scripted>a</scripted>",
            "<svg/><p>kept</p><svg></svg>",
            "<svg><title><textarea></svg></textarea></title>a</svg>",
            "<div><svg><path></div>kept</svg>",
            "<svg><path><p>kept</p></svg>",
            "<svg><desc><svg></desc></svg></svg>",
            "<math><style><p>kept</p></style></math>",
            "<math><annotation-xml encoding='text/html'><style></math></style></annotation-xml></math><style>a</style>",
            "<select><style></select>kept</style>",
            "<plaintext><style>kept</style>",
            "<th<svg><script>a</svg>b",
        ] {
            assert_eq!(strip_unread(page), page);
        }
    }

    /// Returns the start tags and the text of a page outside scripts, styles and drawings.
    fn readable(page: &str) -> String {
        let dom = crate::html::document(page);
        let mut out = String::new();
        let mut within = None;
        for edge in dom.root().traverse() {
            match edge {
                Edge::Open(node) if within.is_none() => {
                    if let Some(element) = node.value().as_element() {
                        out.push_str(&format!("<{}>", element.name()));
                        within = ["script", "style", "svg"].contains(&element.name()).then_some(node.id());
                    } else if let Some(text) = node.value().as_text() {
                        out.push_str(&text.text);
                    }
                }
                Edge::Close(node) if within == Some(node.id()) => within = None,
                _ => {}
            }
        }
        out
    }

    const PIECES: [&str; 70] = [
        "a",
        " ",
        "<svg>",
        "<svg ",
        "<svg/>",
        "</svg>",
        "<script>",
        "</script>",
        "</script x>",
        "<script src='",
        "<style>",
        "</style>",
        "<!--",
        "-->",
        "--!>",
        "<!-->",
        "<![CDATA[",
        "]]>",
        "<!a",
        "<?a",
        "</",
        "<",
        ">",
        "/>",
        "'",
        "\"",
        "=",
        "a=",
        "title='",
        "title=\"",
        "<p>",
        "</p>",
        "<a ",
        "<a>",
        "</a>",
        "<path ",
        "<path/>",
        "<g>",
        "</g>",
        "<title>",
        "</title>",
        "<desc>",
        "</desc>",
        "<foreignObject>",
        "</foreignObject>",
        "<div>",
        "</div>",
        "<br>",
        "<math>",
        "</math>",
        "<mi>",
        "</mi>",
        "<annotation-xml encoding='text/html'>",
        "<annotation-xml>",
        "</annotation-xml>",
        "<textarea>",
        "</textarea>",
        "<select>",
        "</select>",
        "<option>",
        "<table>",
        "<td>",
        "</table>",
        "<template>",
        "</template>",
        "<noscript>",
        "</noscript>",
        "<iframe>",
        "</iframe>",
        "<plaintext>",
    ];

    proptest::proptest! {
        #![proptest_config(proptest::test_runner::Config::with_cases(10_000))]

        #[test]
        fn stripping_does_not_change_the_rest_of_the_tree(pieces in proptest::collection::vec(proptest::sample::select(&PIECES[..]), 0..24)) {
            let page = pieces.concat();
            proptest::prop_assert_eq!(readable(&strip_unread(&page)), readable(&page));
        }
    }
}
