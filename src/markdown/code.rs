//! Code: spans, and blocks as they stand.

use std::collections::BTreeSet;

use crate::model::tree::{Edge, Node, NodeId, Tree};

use super::build::is_block;
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
            Node::Text(found) if opens => {
                for c in found.replace("\r\n", "\n").chars() {
                    if std::mem::take(&mut line_due) && !text.is_empty() && !text.ends_with('\n') {
                        text.push('\n');
                    }
                    text.extend(cleaned(if c == '\r' { '\n' } else { c }));
                }
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

/// The language of a `pre`, by its class or that of the code in it; empty when none is named.
pub(super) fn language(tree: &Tree, pre: NodeId) -> String {
    let inner = tree.children(pre).find(|&child| tree.name(child) == "code");
    let classes = inner.into_iter().chain([pre]).filter_map(|id| tree.attr(id, "class"));
    classes.filter_map(named).next().unwrap_or_default()
}

fn named(class: &str) -> Option<String> {
    let class = class.replace("brush: ", "brush:");
    let name = class.split_whitespace().find_map(|word| {
        ["language-", "lang-", "highlight-source-", "brush:"].iter().find_map(|start| word.strip_prefix(start))
    })?;
    let name = name.trim_end_matches(';');
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

/// A code span. `cell`: it stands in a table. `hexo`: template markers must not be seen by Hexo, which escapes them in
/// fenced blocks but not in spans.
pub(super) fn span(text: &str, cell: bool, hexo: bool) -> String {
    let markers = ["{{", "}}", "{%", "%}", "{#", "#}"];
    let hidden = hexo && markers.iter().any(|marker| text.contains(marker));
    if hidden || (cell && text.contains("\\|")) {
        return format!("<code>{}</code>", entities(text));
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
