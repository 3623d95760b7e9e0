//! Code: spans, and blocks as they stand.

use std::collections::BTreeSet;

use crate::model::tree::{Edge, Node, NodeId, Tree};

use super::names::is_block;
use super::spaces::cleaned;

/// The text of a `pre` as it stands: breaks are line ends, and so are the edges of blocks in it. No line end at its end.
pub(super) fn verbatim(tree: &Tree, pre: NodeId) -> String {
    let mut text = String::new();
    // A block in it begins a new line, but only once something follows.
    let mut line_due = false;
    for edge in tree.walk(pre) {
        let (id, opens) = match edge {
            Edge::Open(id) => (id, true),
            Edge::Close(id) => (id, false),
        };
        match tree.node(id) {
            Node::Text(found) if opens && !found.is_empty() => {
                let ends_line = found.starts_with('\n') || found.starts_with("\r\n");
                if std::mem::take(&mut line_due) && !ends_line && !text.is_empty() && !text.ends_with('\n') {
                    text.push('\n');
                }
                push_clean(&mut text, found);
            }
            Node::Element(element) if element.name == "br" && opens => text.push('\n'),
            Node::Element(element) if id != pre && is_block(&element.name) => line_due = true,
            _ => {}
        }
    }
    if text.ends_with('\n') {
        text.pop();
    }
    text
}

/// Adds text with line ends of one kind, and nothing that no reader may meet.
fn push_clean(out: &mut String, text: &str) {
    if is_code(text) {
        return out.push_str(text);
    }
    let mut rest = text;
    while let Some((at, c)) = rest.char_indices().find(|(_, c)| *c == '\r' || cleaned(*c) != Some(*c)) {
        out.push_str(&rest[..at]);
        rest = &rest[at + c.len_utf8()..];
        // Of the two that some systems end lines with, the second is enough.
        if c != '\r' || !rest.starts_with('\n') {
            out.extend(cleaned(if c == '\r' { '\n' } else { c }));
        }
    }
    out.push_str(rest);
}

/// Nothing in it is to be changed.
fn is_code(text: &str) -> bool {
    let other = |byte: u8| !matches!(byte, b' '..=b'~' | b'\n' | b'\t');
    text.bytes().fold(0, |any, byte| any | u8::from(other(byte))) == 0
}

/// The language of a `pre`, by its class or that of the code in it; empty when none is named.
pub(super) fn language(tree: &Tree, pre: NodeId) -> String {
    let inner = tree.children(pre).find(|&child| tree.name(child) == "code");
    let classes = inner.into_iter().chain([pre]).filter_map(|id| tree.attr(id, "class"));
    classes.filter_map(named).next().unwrap_or_default()
}

fn named(class: &str) -> Option<String> {
    let class = class.replace("brush: ", "brush:");
    let name = class.split_whitespace().find_map(|word| {
        let brush = word.strip_prefix("brush:").map(|name| name.trim_end_matches(';'));
        brush.or_else(|| ["language-", "lang-", "highlight-source-"].iter().find_map(|start| word.strip_prefix(start)))
    })?;
    // Anything else would not be one word after the fence.
    let plain =
        !name.is_empty() && name.chars().all(|c| !c.is_control() && !matches!(c, '`' | '\\' | '&' | '{' | '}' | '~'));
    plain.then(|| name.to_owned())
}

/// The fence around a block of code: longer than any run of backticks in it.
pub(super) fn fence(text: &str) -> String {
    let longest = runs(text).max().unwrap_or(0);
    "`".repeat(longest.saturating_add(1).max(3))
}

/// What stands around a code span.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Around {
    /// A table's cell: it is cut at `|` before code is read.
    pub cell: bool,
    /// A link: at the start of a paragraph, `]:` would end the label of a definition before code is read.
    pub link: bool,
    /// A post of Hexo, which hides template markers in fenced blocks from its engine, but not in spans.
    pub hexo: bool,
    /// HTML may be written.
    pub html: bool,
}

/// A code span: between backticks where that reads back, else as HTML, and its text alone where none may be written.
pub(super) fn span(text: &str, around: Around) -> String {
    let markers = ["{{", "}}", "{%", "%}", "{#", "#}"];
    let template = around.hexo && markers.iter().any(|marker| text.contains(marker));
    let broken = (around.cell && text.contains("\\|")) || (around.link && text.contains("]:"));
    if template || broken {
        let shown = entities(text);
        return if around.html { format!("<code>{shown}</code>") } else { shown };
    }
    let taken: BTreeSet<usize> = runs(text).collect();
    let ticks = "`".repeat((1..).find(|n| !taken.contains(n)).unwrap_or(1));
    let spaced = text.starts_with(' ') && text.ends_with(' ') && text.chars().any(|c| c != ' ');
    let pad = if text.starts_with('`') || text.ends_with('`') || spaced { " " } else { "" };
    format!("{ticks}{pad}{text}{pad}{ticks}")
}

/// Lengths of the runs of backticks.
fn runs(text: &str) -> impl Iterator<Item = usize> + '_ {
    text.split(|c| c != '`').map(str::len).filter(|length| *length > 0)
}

/// Every sign that Markdown or a template could read, as an entity.
fn entities(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        if c.is_ascii_punctuation() && !matches!(c, '.' | ',' | '-' | '/' | ';' | '(' | ')') {
            out.push_str(&format!("&#{};", c as u32));
        } else {
            out.push(c);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::markdown::check;

    fn pre(source: &str) -> (String, String) {
        let tree = check::tree(source);
        let pre = tree.descendants(tree.root()).find(|&id| tree.name(id) == "pre").unwrap();
        (language(&tree, pre), verbatim(&tree, pre))
    }

    #[test]
    fn the_language_is_read_from_the_classes_highlighters_use() {
        for class in ["language-c", "x lang-c y", "highlight-source-c", "brush: c; gutter: false", "brush:c"] {
            assert_eq!(pre(&format!("<pre class='{class}'>a</pre>")).0, "c", "{class}");
            assert_eq!(pre(&format!("<pre><code class='{class}'>a</code></pre>")).0, "c", "{class}");
        }
        for class in ["", "code", "language-", "language-a`b"] {
            assert_eq!(pre(&format!("<pre class='{class}'>a</pre>")).0, "", "{class}");
        }
    }

    #[test]
    fn text_stays_as_it_stands_and_blocks_in_it_are_lines() {
        assert_eq!(pre("<pre>\n\n a\tb  \n\nc\n</pre>").1, "\n a\tb  \n\nc");
        assert_eq!(pre("<pre>a<br>b<span>c</span></pre>").1, "a\nbc");
        assert_eq!(pre("<pre><code><div>a</div><div>b</div>\n<div>c</div></code></pre>").1, "a\nb\nc");
    }

    #[test]
    fn a_span_has_backticks_that_its_text_has_not() {
        for (text, written) in
            [("a", "`a`"), ("`", "`` ` ``"), ("a`b", "``a`b``"), ("``a`", "``` ``a` ```"), ("a``b", "`a``b`")]
        {
            assert_eq!(span(text, Around::default()), written);
        }
        assert_eq!(span("a\\|b", Around { cell: true, html: true, ..Around::default() }), "<code>a&#92;&#124;b</code>");
        assert_eq!(span("a\\|b", Around { cell: true, ..Around::default() }), "a&#92;&#124;b");
    }
}
