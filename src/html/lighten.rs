//! A page without what nobody reads of it: the insides of scripts, styles and drawings.
//!
//! They are half of the bytes of the web's pages, and a tree builder reads them character by character. Where it is
//! not certain how a tree builder reads a page, everything from there on stays.

use std::borrow::Cow;

use memchr::{memchr, memmem};

use super::tags::{Tag, next_tag, script_end, text_end};

/// The same page, for a reader.
pub fn lighten(text: &str) -> Cow<'_, str> {
    let bytes = text.as_bytes();
    let mut out = String::new();
    let mut copied = 0;
    let mut at = 0;
    let mut in_select = false;
    while let Some(tag) = next_tag(bytes, at, false) {
        at = tag.after;
        if tag.is(&["select"]) {
            in_select = !tag.is_end;
        }
        let end = match content_of(&tag) {
            Content::Html => continue,
            Content::Script => script_end(bytes, at),
            // In a list to choose from, most elements are none, and their text is read as HTML.
            _ if in_select => None,
            Content::Text => text_end(bytes, at, tag.name),
            Content::Foreign(points) => foreign_end(bytes, &tag, points),
            Content::Uncertain => None,
        };
        let Some(end) = end else { break };
        let is_shown = || is_formula(&tag, &bytes[at..end]) || is_drawing(&tag, &bytes[at..end]);
        if is_read_by_nobody(&tag) && !is_shown() {
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

/// Data in scripts is read: it may be about the article. So is a formula: MathJax 2 keeps its source in a script.
fn is_read_by_nobody(tag: &Tag) -> bool {
    tag.is(&["style", "svg"]) || tag.is(&["script"]) && !says(tag, "json") && !says(tag, "math/")
}

/// A drawing by MathJax 3 names the parts of its formula.
fn is_formula(tag: &Tag, content: &[u8]) -> bool {
    tag.is(&["svg"]) && memchr::memmem::find(content, b"data-mml-node").is_some()
}

/// The largest drawing that is read, in bytes.
const LARGEST_DRAWING: usize = 2 * 1024 * 1024;

/// An `svg` that may be a chart or a diagram: large enough, and with a text or several shapes in it. Icons go.
fn is_drawing(tag: &Tag, content: &[u8]) -> bool {
    if !tag.is(&["svg"]) || content.len() > LARGEST_DRAWING || says(tag, "icon") || is_hidden(tag) || is_small(tag) {
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

/// Less than a hundred pixels wide and high, by what the tag says.
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

/// The value of an attribute in quotes; None without one.
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

/// How what stands behind a tag is read.
enum Content {
    Html,
    Script,
    Text,
    /// SVG or MathML, with the names of the elements in which HTML begins again.
    Foreign(&'static [&'static str]),
    Uncertain,
}

fn content_of(tag: &Tag) -> Content {
    match tag {
        _ if tag.is_end => Content::Html,
        _ if tag.is(&["script"]) => Content::Script,
        _ if tag.is(&TEXT) => Content::Text,
        _ if tag.is(&["svg"]) && !tag.closes_itself => Content::Foreign(&["title", "desc", "foreignobject"]),
        _ if tag.is(&["math"]) && !tag.closes_itself => Content::Foreign(&["mi", "mo", "mn", "ms", "mtext"]),
        _ if tag.is(&UNCERTAIN) => Content::Uncertain,
        _ => Content::Html,
    }
}

/// Elements of HTML whose content is text, whatever tags stand in it.
const TEXT: [&str; 7] = ["title", "style", "textarea", "xmp", "iframe", "noembed", "noframes"];

/// After these, a tree builder reads on by other rules.
const UNCERTAIN: [&str; 2] = ["plaintext", "frameset"];

/// Elements of HTML that have no end tag.
const VOID: [&str; 14] =
    ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr"];

/// Elements that end SVG and MathML where they begin (WHATWG HTML 13.2.6.5).
const BREAKOUT: [&str; 45] = [
    "b",
    "big",
    "blockquote",
    "body",
    "br",
    "center",
    "code",
    "dd",
    "div",
    "dl",
    "dt",
    "em",
    "embed",
    "font",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "head",
    "hr",
    "i",
    "img",
    "li",
    "listing",
    "menu",
    "meta",
    "nobr",
    "ol",
    "p",
    "pre",
    "ruby",
    "s",
    "small",
    "span",
    "strong",
    "strike",
    "sub",
    "sup",
    "table",
    "tt",
    "u",
    "ul",
    "var",
];

/// Where the end tag of the element of SVG or MathML stands that `root` begins; None where that is not certain.
fn foreign_end(bytes: &[u8], root: &Tag, points: &[&str]) -> Option<usize> {
    let mut open = vec![root.name];
    // How many elements were open when HTML began again.
    let mut html_from = None;
    let mut at = root.after;
    loop {
        let tag = next_tag(bytes, at, html_from.is_none_or(|depth| depth == open.len()))?;
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
            if !matches!(content_of(&tag), Content::Html) || tag.is(&["select"]) {
                return None;
            }
            if !tag.is(&VOID) {
                open.push(tag.name);
            }
        } else {
            if tag.is(&BREAKOUT) || is_html_in_mathml(&tag) {
                return None;
            }
            if !tag.closes_itself {
                open.push(tag.name);
                html_from = tag.is(points).then_some(open.len());
            }
        }
    }
}

/// HTML may begin in it.
fn is_html_in_mathml(tag: &Tag) -> bool {
    tag.is(&["annotation-xml"]) && says(tag, "html")
}

/// The letters stand among its attributes.
fn says(tag: &Tag, word: &str) -> bool {
    tag.attributes.windows(word.len()).any(|part| part.eq_ignore_ascii_case(word.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::html::Edge;

    #[test]
    fn scripts_styles_and_drawings_are_emptied() {
        for (page, light) in [
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
            assert_eq!(lighten(page), light);
        }
    }

    #[test]
    fn a_drawing_with_words_or_several_shapes_stays() {
        for page in [
            "<svg viewBox='0 0 400 200'><rect/><text>三月</text></svg>",
            "<svg viewBox=\"0,0,400,200\" width='100%'><rect/><rect/><rect/></svg>",
            "<svg><g><rect/><foreignObject><div>a</div></foreignObject></g></svg>",
        ] {
            assert_eq!(lighten(page), page);
        }
        for icon in [
            "<svg viewBox='0 0 24 24'><path/><path/><path/></svg>",
            "<svg width=\"1em\" viewBox='0 0 512 512'><path/><path/><path/></svg>",
            "<svg aria-hidden=\"true\"><path/><path/><path/><text>a</text></svg>",
            "<svg viewBox='0 0 512 512'><path/></svg>",
        ] {
            assert!(!lighten(icon).contains("<path"), "{icon}");
        }
    }

    #[test]
    fn what_is_not_certain_stays() {
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
            assert_eq!(lighten(page), page);
        }
    }

    /// What a tree has outside scripts, styles and drawings: a letter for each element, and the text.
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
        fn a_reader_sees_the_same_page(pieces in proptest::collection::vec(proptest::sample::select(&PIECES[..]), 0..24)) {
            let page = pieces.concat();
            proptest::prop_assert_eq!(readable(&lighten(&page)), readable(&page));
        }
    }
}
