//! Reads the lines of a code block verbatim, whatever elements surround each of them.

use crate::html::{Edge, ElementRef, Node, NodeId, NodeRef};

use super::{ancestors, below, below_named, has_class, labels, style, text};

/// How many nodes are searched for the first number of a column.
const NUMBER: usize = 12;

/// How white space between the elements of a block is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Space {
    /// As written.
    Kept,
    /// Between line elements it is the layout of the page's source and is dropped.
    Layout,
}

/// Replaces no-break spaces, which indent code only where no `pre` preserves other spaces.
pub(super) fn plain_spaces(code: &str) -> String {
    code.replace('\u{a0}', " ").replace(['\u{200b}', '\u{feff}'], "")
}

/// Returns true for classes of line numbers.
pub(super) fn is_numbering(word: &str) -> bool {
    matches!(
        word,
        "line-numbers-rows" | "lineno" | "linenos" | "ln" | "lnt" | "line-no" | "hljs-ln-numbers" | "gl" | "normal"
    ) || ["line-number", "linenumber", "line_number", "linenodiv", "gutter", "pre-numbering", "crayon-num", "lineno"]
        .iter()
        .any(|part| word.contains(part))
}

/// Returns true for a class of elements that hold one line each.
fn has_line_class(element: ElementRef<'_>) -> bool {
    has_class(element, |word| {
        matches!(
            word,
            "line" | "token-line" | "code-line" | "view-line" | "CodeMirror-line" | "code-snippet_outer" | "grvsc-line"
        )
    })
}

/// Returns true for an element that holds one line, by its class, an attribute or a style.
pub(super) fn is_line(element: ElementRef<'_>) -> bool {
    element.attr("data-line").is_some()
        || element.attr("data-slate-type").is_some_and(|kind| kind.starts_with("code") && kind.ends_with("line"))
        || has_line_class(element)
        || is_block_by_style(element)
}

fn is_block_by_style(element: ElementRef<'_>) -> bool {
    style(element).is_some_and(|style| {
        ["display:block", "display:flex", "display:grid", "display:table-row", "display:list-item"]
            .iter()
            .any(|rule| style.contains(rule))
    })
}

/// Returns true for elements of a code block that are not code: line numbers, buttons, labels.
pub(super) fn is_left_out(element: ElementRef<'_>) -> bool {
    let name = element.value().name();
    if matches!(name, "script" | "style" | "template" | "button" | "svg" | "title" | "clipboard-copy" | "rp") {
        return true;
    }
    if counts_lines(element) || name != "code" && labels::is_label(element) {
        return true;
    }
    let is_number = |name: &str| has_class(element, |word| is_numbering(&word.to_ascii_lowercase())) || name == "th";
    let unselectable = || {
        element.attr("unselectable") == Some("on")
            || style(element).is_some_and(|style| style.contains("user-select:none"))
    };
    if (is_number(name) || unselectable()) && is_gutter(element) {
        return true;
    }
    if element.attr("class").is_none() {
        return false;
    }
    let button = || {
        has_class(element, |word| {
            let word = word.to_ascii_lowercase();
            matches!(word.as_str(), "hljs-button" | "sr-only" | "toolbar")
                || word.contains("copy-")
                || word.contains("-copy")
                || word == "copy"
        }) && text(element).chars().count() <= 40
    };
    let header = || name == "div" && has_class(element, |word| word.ends_with("-header") || word == "header");
    name != "code" && button() || header()
}

/// Returns true for an element with nothing but numbers, and rules beside them.
pub(super) fn is_gutter(element: ElementRef<'_>) -> bool {
    let mut texts = element.descendants().filter_map(|node| node.value().as_text());
    texts.all(|text| text.text.chars().all(|c| c.is_ascii_digit() || c.is_whitespace() || matches!(c, '|' | '│')))
}

/// Returns true for a column of line numbers, each in an element of its own.
fn counts_lines(element: ElementRef<'_>) -> bool {
    if !matches!(element.value().name(), "div" | "span" | "ul" | "ol" | "td" | "code" | "pre") {
        return false;
    }
    let mut next: Option<u32> = None;
    let mut count = 0;
    for (nodes, node) in element.descendants().enumerate() {
        if count == 0 && nodes > NUMBER {
            return false;
        }
        let Node::Text(text) = node.value() else { continue };
        let text = text.text.trim();
        if text.is_empty() {
            continue;
        }
        let Ok(number) = text.parse::<u32>() else { return false };
        if next.is_some_and(|next| next != number) || next.is_none() && number > 1 {
            return false;
        }
        next = Some(number + 1);
        count += 1;
    }
    count >= 2
}

/// Returns the element whose children are the lines: the one with the most block children, at least two.
pub(super) fn rows(block: ElementRef<'_>) -> Option<ElementRef<'_>> {
    let mut best: Option<(usize, ElementRef<'_>)> = None;
    let mut at = Some(Edge::Open(*block));
    while let Some(edge) = at {
        let mut contents = Contents::Skip;
        if let Edge::Open(node) = edge
            && let Some(element) = ElementRef::wrap(node)
            && (node.id() == block.id() || !is_left_out(element))
        {
            contents = Contents::Read;
            let count = element.child_elements().filter(|child| is_row(*child) && !is_left_out(*child)).count();
            if count >= 2 && best.is_none_or(|(most, _)| count > most) {
                best = Some((count, element));
            }
        }
        at = following(edge, *block, contents);
    }
    best.map(|(_, element)| element)
}

/// Returns true for an element that starts and ends a line.
fn is_row(element: ElementRef<'_>) -> bool {
    matches!(element.value().name(), "div" | "li" | "p" | "tr" | "section") || is_line(element)
}

/// Returns the element whose `span` children are the lines of a block without line breaks: each holds further elements
/// or has a line's class, and no text is between them.
fn spans_as_rows(block: ElementRef<'_>) -> Option<ElementRef<'_>> {
    let holder = below_named(block, "code").next().unwrap_or(block);
    let bare = holder.children().any(|node| node.value().as_text().is_some_and(|text| !text.text.is_empty()));
    let children: Vec<ElementRef<'_>> = holder.child_elements().filter(|child| !is_left_out(*child)).collect();
    let first = children.first()?.attr("class");
    let alike = children.iter().all(|child| child.value().name() == "span" && child.attr("class") == first);
    if bare || children.len() < 2 || !alike {
        return None;
    }
    let called = first.is_some_and(|class| {
        let class = class.to_ascii_lowercase();
        class.contains("line") || class.contains("row")
    });
    let nested = children.iter().filter(|child| child.child_elements().next().is_some()).count();
    (called || nested * 2 > children.len()).then_some(holder)
}

/// Returns the text of a block verbatim: breaks, the edges of blocks and of line elements are line breaks.
pub(super) fn verbatim(block: ElementRef<'_>, space: Space) -> String {
    let rows = rows(block);
    let written = read(block, space, rows.map(|rows| rows.id()));
    if written.trim().contains('\n') || rows.is_some() {
        return written;
    }
    match spans_as_rows(block) {
        Some(holder) => read(block, space, Some(holder.id())),
        None => written,
    }
}

fn read(block: ElementRef<'_>, space: Space, rows: Option<NodeId>) -> String {
    let mut out = Lines::default();
    if has_class(block, |word| word == "mermaid") {
        // In that language the name is an element of its own.
        out.break_text = Some("<br>");
    }
    let codes = block.child_elements().filter(|child| child.value().name() == "code").take(2).count();
    let tag_role = |element: ElementRef<'_>| {
        // A break after a line element ends that line.
        let child = rows.is_some() && element.parent().map(NodeRef::id) == rows && element.value().name() != "br";
        match is_line(element) || child || codes > 1 && element.value().name() == "code" {
            true => TagRole::Line,
            false if is_block(element.value().name()) => TagRole::Block,
            false => TagRole::Other,
        }
    };
    let mut open: Vec<usize> = Vec::new();
    let mut at = Some(Edge::Open(*block));
    while let Some(edge) = at {
        let mut contents = Contents::Read;
        match edge {
            Edge::Open(node) => match node.value() {
                Node::Text(found) if is_layout(node, space, &open) && found.text.trim().is_empty() => {}
                Node::Text(found) => out.push(&found.text),
                Node::Element(_) => {
                    if let Some(element) = ElementRef::wrap(node)
                        && node.id() != block.id()
                    {
                        if is_left_out(element) {
                            contents = Contents::Skip;
                        } else {
                            out.enter(element.value().name(), tag_role(element), &mut open);
                        }
                    }
                }
                _ => {}
            },
            Edge::Close(node) => {
                if let Some(element) = ElementRef::wrap(node)
                    && node.id() != block.id()
                {
                    out.leave(element.value().name(), tag_role(element), &mut open);
                }
            }
        }
        at = following(edge, *block, contents);
    }
    out.text
}

/// Returns true for white space that only lays out the page's source.
fn is_layout(node: NodeRef<'_>, space: Space, open: &[usize]) -> bool {
    let parent = node.parent().and_then(ElementRef::wrap).map_or("", |parent| parent.value().name());
    space == Space::Layout && open.is_empty() || matches!(parent, "ol" | "ul" | "table" | "tbody" | "thead" | "tr")
}

/// What a walk does with the contents of a node.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Contents {
    Read,
    Skip,
}

/// Returns the next step of a walk.
fn following<'a>(edge: Edge<'a>, top: NodeRef<'a>, contents: Contents) -> Option<Edge<'a>> {
    match edge {
        Edge::Open(node) if contents == Contents::Read => {
            node.first_child().map(Edge::Open).or(Some(Edge::Close(node)))
        }
        Edge::Open(node) => after(node, top),
        Edge::Close(node) => after(node, top),
    }
}

fn after<'a>(node: NodeRef<'a>, top: NodeRef<'a>) -> Option<Edge<'a>> {
    if node.id() == top.id() {
        return None;
    }
    match node.next_sibling() {
        Some(next) => Some(Edge::Open(next)),
        None => node.parent().map(Edge::Close),
    }
}

/// Returns true where a block's lines look like code: each has a line's class, is indented, or holds nothing but
/// `code`.
pub(super) fn look_like_code(rows: ElementRef<'_>) -> bool {
    let (mut lines, mut called, mut coded, mut indented) = (0, 0, 0, 0);
    for row in rows.child_elements().filter(|child| is_row(*child)) {
        lines += 1;
        let named = has_class(row, |word| {
            let word = word.to_ascii_lowercase();
            word.contains("line") || word.contains("row") || word.contains("code")
        });
        called += usize::from(named || is_line(row));
        let mut texts =
            row.descendants().filter(|node| node.value().as_text().is_some_and(|t| !t.text.trim().is_empty()));
        let in_code = |node: NodeRef<'_>| {
            node.ancestors().take(4).filter_map(ElementRef::wrap).any(|around| around.value().name() == "code")
        };
        coded += usize::from(texts.all(in_code) && below_named(row, "code").next().is_some());
        indented += usize::from(text(row).replace('\u{a0}', " ").trim_start_matches('\n').starts_with("  "));
    }
    lines > 0 && (called == lines || coded == lines || indented > 0 || is_set_as_code(rows))
}

/// Returns true for a style typical of code.
pub(super) fn is_set_as_code(element: ElementRef<'_>) -> bool {
    let set = |one: ElementRef<'_>| {
        style(one).is_some_and(|style| {
            style.contains("monospace") || style.contains("white-space:pre") && !style.contains("pre-line")
        })
    };
    set(element) || ancestors(element).take(2).any(set) || below(element).take(3).any(set)
}

/// What an element is in a block's text.
#[derive(Clone, Copy, PartialEq, Eq)]
enum TagRole {
    /// A line.
    Line,
    /// A block of several lines: text around it stands on other lines.
    Block,
    Other,
}

#[derive(Debug, Default)]
struct Lines {
    text: String,
    /// A block began or ended: text that follows starts on a new line.
    block_edge: bool,
    /// A line element ended without a line break.
    line_ended: bool,
    /// That element was a block: a break after it is a line of its own.
    ended_block: bool,
    /// What a break is in the text; None for a line break.
    break_text: Option<&'static str>,
}

impl Lines {
    fn push(&mut self, text: &str) {
        let text = text.replace("\r\n", "\n").replace('\r', "\n");
        if text.is_empty() {
            return;
        }
        if std::mem::take(&mut self.block_edge)
            && !text.starts_with('\n')
            && !self.text.is_empty()
            && !self.text.ends_with('\n')
        {
            self.text.push('\n');
        }
        if text.contains('\n') {
            self.line_ended = false;
        }
        self.text.push_str(&text);
    }

    fn enter(&mut self, name: &str, role: TagRole, open: &mut Vec<usize>) {
        if role == TagRole::Line {
            if std::mem::take(&mut self.line_ended) {
                self.text.push('\n');
            }
            open.push(self.text.len());
        }
        if name == "br" {
            if let Some(text) = self.break_text {
                return self.text.push_str(text);
            }
            if self.line_ended && self.ended_block {
                self.text.push('\n');
            }
            self.text.push('\n');
            self.line_ended = false;
        } else if role == TagRole::Block {
            self.block_edge = true;
        }
    }

    fn leave(&mut self, name: &str, role: TagRole, open: &mut Vec<usize>) {
        if role == TagRole::Line
            && let Some(start) = open.pop()
        {
            self.line_ended = !self.text.get(start..).is_some_and(|line| line.ends_with('\n'));
            self.ended_block = is_block(name);
        } else if role == TagRole::Block {
            self.block_edge = true;
        }
    }
}

fn is_block(name: &str) -> bool {
    matches!(
        name,
        "div" | "p" | "li" | "ol" | "ul" | "table" | "tr" | "section" | "pre" | "blockquote" | "h1" | "h2" | "h3"
    )
}
