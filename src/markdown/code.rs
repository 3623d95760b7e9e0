//! Code spans and code blocks.

use std::collections::BTreeSet;

use crate::model::tree::{Edge, Node, NodeId, Tree};

use super::chars::cleaned;
use super::markers::Templates;
use super::names::is_block;

/// Returns the text of a `pre` as written, without the line end at its end. Line breaks and the edges of blocks inside it
/// are line ends.
pub(super) fn verbatim(tree: &Tree, pre: NodeId) -> String {
    let mut text = String::new();
    // A block inside begins a new line, but only before further text.
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

/// Appends text with `\n` as line ends and without characters that must not be written.
fn push_clean(out: &mut String, text: &str) {
    if is_clean(text) {
        return out.push_str(text);
    }
    let mut rest = text;
    while let Some((at, c)) = rest.char_indices().find(|(_, c)| *c == '\r' || cleaned(*c) != Some(*c)) {
        out.push_str(&rest[..at]);
        rest = &rest[at + c.len_utf8()..];
        // Of `\r\n` only the second is written.
        if c != '\r' || !rest.starts_with('\n') {
            out.extend(cleaned(if c == '\r' { '\n' } else { c }));
        }
    }
    out.push_str(rest);
}

/// Returns true for text that needs no change.
fn is_clean(text: &str) -> bool {
    let other = |byte: u8| !matches!(byte, b' '..=b'~' | b'\n' | b'\t');
    text.bytes().fold(0, |any, byte| any | u8::from(other(byte))) == 0
}

/// Returns the language of a `pre`, from its class or that of the `code` in it; empty when neither names one.
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
    // The info string after the fence is one word without these characters.
    let plain =
        !name.is_empty() && name.chars().all(|c| !c.is_control() && !matches!(c, '`' | '\\' | '&' | '{' | '}' | '~'));
    plain.then(|| name.to_owned())
}

/// Returns the fence for a block of code: longer than any run of backticks in it.
pub(super) fn fence(text: &str) -> String {
    let longest = runs(text).max().unwrap_or(0);
    "`".repeat(longest.saturating_add(1).max(3))
}

/// The context of a code span.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct CodeContext {
    /// It is in a table cell: rows are split at `|` before code spans are read.
    pub cell: bool,
    /// It is in a link: at the start of a paragraph, `]:` would end the label of a definition before code spans are read.
    pub link: bool,
    /// The template engine of the profile. Hexo protects fenced blocks from its engine, but not code spans.
    pub templates: Templates,
    /// HTML may be written.
    pub html: bool,
}

/// Returns a code span: with backticks where that reads back, else as HTML, and as text where HTML is not allowed.
pub(super) fn span(text: &str, context: CodeContext) -> String {
    let markers = ["{{", "}}", "{%", "%}", "{#", "#}"];
    let template = context.templates == Templates::Hexo && markers.iter().any(|marker| text.contains(marker));
    let broken = (context.cell && text.contains("\\|")) || (context.link && text.contains("]:"));
    if template || broken {
        let shown = entities(text);
        return if context.html { format!("<code>{shown}</code>") } else { shown };
    }
    let taken: BTreeSet<usize> = runs(text).collect();
    let ticks = "`".repeat((1..).find(|n| !taken.contains(n)).unwrap_or(1));
    let spaced = text.starts_with(' ') && text.ends_with(' ') && text.chars().any(|c| c != ' ');
    let pad = if text.starts_with('`') || text.ends_with('`') || spaced { " " } else { "" };
    format!("{ticks}{pad}{text}{pad}{ticks}")
}

/// Returns the lengths of the runs of backticks.
fn runs(text: &str) -> impl Iterator<Item = usize> + '_ {
    text.split(|c| c != '`').map(str::len).filter(|length| *length > 0)
}

/// Returns text with every character that Markdown or a template engine could interpret as a character reference.
pub(super) fn entities(text: &str) -> String {
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
    fn the_language_is_read_from_the_classes_of_highlighters() {
        for class in ["language-c", "x lang-c y", "highlight-source-c", "brush: c; gutter: false", "brush:c"] {
            assert_eq!(pre(&format!("<pre class='{class}'>a</pre>")).0, "c", "{class}");
            assert_eq!(pre(&format!("<pre><code class='{class}'>a</code></pre>")).0, "c", "{class}");
        }
        for class in ["", "code", "language-", "language-a`b"] {
            assert_eq!(pre(&format!("<pre class='{class}'>a</pre>")).0, "", "{class}");
        }
    }

    #[test]
    fn preformatted_text_is_unchanged_and_blocks_in_it_become_lines() {
        assert_eq!(pre("<pre>\n\n a\tb  \n\nc\n</pre>").1, "\n a\tb  \n\nc");
        assert_eq!(pre("<pre>a<br>b<span>c</span></pre>").1, "a\nbc");
        assert_eq!(pre("<pre><code><div>a</div><div>b</div>\n<div>c</div></code></pre>").1, "a\nb\nc");
    }

    #[test]
    fn the_backticks_around_a_span_do_not_occur_in_its_text() {
        for (text, written) in
            [("a", "`a`"), ("`", "`` ` ``"), ("a`b", "``a`b``"), ("``a`", "``` ``a` ```"), ("a``b", "`a``b`")]
        {
            assert_eq!(span(text, CodeContext::default()), written);
        }
        assert_eq!(
            span("a\\|b", CodeContext { cell: true, html: true, ..CodeContext::default() }),
            "<code>a&#92;&#124;b</code>"
        );
        assert_eq!(span("a\\|b", CodeContext { cell: true, ..CodeContext::default() }), "a&#92;&#124;b");
    }
}
