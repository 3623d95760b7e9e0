//! Blocks of code as hljs, Prism, Shiki, Pygments, Chroma, Rouge, GitHub, WeChat and their like write them: what is code,
//! without the numbers of lines, the buttons and the labels around it.

use crate::html::{ElementRef, Node};

use super::language::language;
use super::{Markup, ancestors, below, below_named, has_class, text};

/// The block of code that an element is, or nothing for what merely decorates one.
pub(super) fn of(element: ElementRef<'_>) -> Option<Markup> {
    match element.value().name() {
        "pre" | "listing" | "xmp" => {
            let text = verbatim(element);
            // An editor in a browser writes lines with breaks, and indents them by what does not collapse.
            let text = if below_named(element, "br").next().is_some() { plain_spaces(&text) } else { text };
            Some(Markup::Code { language: language(element), text })
        }
        "table" => numbered_table(element),
        "clipboard-copy" => Some(Markup::Nothing),
        "div" | "section" | "figure" if has_class(element, is_wrapper) => wrapper(element),
        _ if is_ornament(element) => Some(Markup::Nothing),
        _ => None,
    }
}

/// Classes of what holds the lines of a block without any `pre`.
fn is_wrapper(word: &str) -> bool {
    matches!(
        word,
        "syntaxhighlighter" | "crayon-syntax" | "CodeMirror" | "CodeMirror-code" | "monaco-editor" | "view-lines"
    )
}

fn wrapper(element: ElementRef<'_>) -> Option<Markup> {
    if let Some(table) = below_named(element, "table").find_map(numbered_table) {
        return Some(table);
    }
    let lines: Vec<String> = below(element)
        .filter(|one| has_class(*one, |word| matches!(word, "line" | "crayon-line" | "CodeMirror-line" | "view-line")))
        .map(|line| plain_spaces(&verbatim(line)).trim_end_matches('\n').to_owned())
        .collect();
    let joined = lines.join("\n");
    (!joined.trim().is_empty()).then(|| Markup::Code { language: language(element), text: joined })
}

/// A table of two columns, of which the first holds nothing but the numbers of the lines in the second.
fn numbered_table(table: ElementRef<'_>) -> Option<Markup> {
    let mut code: Vec<String> = Vec::new();
    let mut first = None;
    let mut marked = has_class(table, |word| {
        matches!(
            word,
            "highlighttable" | "lntable" | "rouge-table" | "hljs-ln" | "js-file-line-container" | "codehilitetable"
        )
    });
    for row in below_named(table, "tr") {
        let cells: Vec<ElementRef<'_>> =
            row.child_elements().filter(|cell| matches!(cell.value().name(), "td" | "th")).collect();
        let [numbers, lines] = cells[..] else { return None };
        marked |= [numbers, lines].into_iter().any(|cell| has_class(cell, is_code_cell));
        let is_gutter = text(numbers).chars().all(|c| c.is_ascii_digit() || c.is_whitespace());
        if !is_gutter {
            return None;
        }
        first = first.or(Some(below_named(lines, "pre").next().unwrap_or(lines)));
        code.push(lines_of(lines));
    }
    let first = first.filter(|_| marked)?;
    let own = below_named(table, "pre").map(language).find(|name| !name.is_empty());
    let named = own.unwrap_or_else(|| language(first));
    let language = if named.is_empty() { language(table) } else { named };
    Some(Markup::Code { language, text: code.join("\n") })
}

/// The code in a cell: of its `pre` where it has some, else of the cell.
fn lines_of(cell: ElementRef<'_>) -> String {
    let pre = below_named(cell, "pre").next();
    plain_spaces(&verbatim(pre.unwrap_or(cell))).trim_matches('\n').to_owned()
}

/// Code is indented by no-break spaces only where no `pre` keeps the others.
fn plain_spaces(code: &str) -> String {
    code.replace('\u{a0}', " ")
}

fn is_code_cell(word: &str) -> bool {
    matches!(
        word,
        "gutter"
            | "linenos"
            | "lineno"
            | "lntd"
            | "rouge-gutter"
            | "rouge-code"
            | "blob-num"
            | "blob-code"
            | "hljs-ln-numbers"
            | "hljs-ln-code"
            | "code"
            | "crayon-nums"
            | "line-numbers"
    )
}

/// What stands beside code for the reader's hand only.
fn is_ornament(element: ElementRef<'_>) -> bool {
    let name = element.value().name();
    if !matches!(name, "div" | "span" | "ul" | "button" | "a" | "p" | "ol") || element.attr("class").is_none() {
        return false;
    }
    let beside_code = || {
        let in_block = ancestors(element).take(4).any(|above| {
            has_class(above, |word| {
                let word = word.to_ascii_lowercase();
                [
                    "highlight",
                    "language-",
                    "lang-",
                    "codeblock",
                    "code-block",
                    "code-toolbar",
                    "code-wrapper",
                    "codehilite",
                    "code-snippet",
                    "cnblogs_code",
                    "prism",
                    "shiki",
                    "snippet",
                ]
                .iter()
                .any(|start| word.starts_with(start))
            })
        });
        let beside = element
            .parent()
            .into_iter()
            .flat_map(|parent| parent.children())
            .filter_map(ElementRef::wrap)
            .any(|one| matches!(one.value().name(), "pre"));
        in_block || beside
    };
    let named = has_class(element, |word| {
        let word = word.to_ascii_lowercase();
        is_numbering(&word)
            || matches!(
                word.as_str(),
                "lang" | "code-lang" | "code-language" | "toolbar" | "hljs-button" | "hljs-language"
            )
            || ["copy", "clipboard", "code-toolbar__", "code-snippet__line-index", "pre-numbering"]
                .iter()
                .any(|part| word.contains(part))
            || word.ends_with("_toolbar")
    });
    named && below_named(element, "pre").next().is_none() && text(element).chars().count() <= 60 && beside_code()
        || has_class(element, |word| {
            matches!(word, "code-snippet__line-index" | "pre-numbering" | "line-numbers-wrapper")
        })
}

/// Classes of the numbers of lines.
fn is_numbering(word: &str) -> bool {
    matches!(
        word,
        "line-numbers-rows"
            | "lineno"
            | "linenos"
            | "ln"
            | "lnt"
            | "line-number"
            | "linenumber"
            | "line-no"
            | "hljs-ln-numbers"
            | "gl"
            | "linenodiv"
            | "gutter"
            | "pre-numbering"
            | "crayon-num"
            | "react-syntax-highlighter-line-number"
            | "normal"
            | "line-numbers-wrapper"
    )
}

/// Classes of elements that hold a line each.
fn is_line(element: ElementRef<'_>) -> bool {
    element.attr("data-line").is_some()
        || has_class(element, |word| {
            matches!(
                word,
                "line"
                    | "token-line"
                    | "code-line"
                    | "view-line"
                    | "CodeMirror-line"
                    | "code-snippet_outer"
                    | "grvsc-line"
            )
        })
}

fn is_left_out(element: ElementRef<'_>) -> bool {
    let name = element.value().name();
    if matches!(name, "script" | "style" | "template" | "button" | "svg" | "title" | "clipboard-copy" | "rp") {
        return true;
    }
    if element.attr("class").is_none() {
        return false;
    }
    let number = has_class(element, |word| is_numbering(&word.to_ascii_lowercase()))
        && text(element).chars().all(|c| c.is_ascii_digit() || c.is_whitespace());
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
    number || name != "code" && button() || header()
}

/// The text of a block as it stands: breaks are line ends, and so are the edges of blocks and of elements that hold a
/// line each.
fn verbatim(pre: ElementRef<'_>) -> String {
    let mut out = Lines::default();
    let codes = pre.child_elements().filter(|child| child.value().name() == "code").take(2).count();
    let mut open: Vec<usize> = Vec::new();
    let mut at = Some(crate::html::Edge::Open(*pre));
    while let Some(edge) = at {
        let mut skip = false;
        match edge {
            crate::html::Edge::Open(node) => match node.value() {
                Node::Text(found) => out.push(&found.text),
                Node::Element(_) => {
                    if let Some(element) = ElementRef::wrap(node) {
                        let inner = node.id() != pre.id();
                        skip = inner && is_left_out(element);
                        if !skip && inner {
                            let line = is_line(element) || (codes > 1 && element.value().name() == "code");
                            out.enter(element.value().name(), line, &mut open);
                        }
                    }
                }
                _ => {}
            },
            crate::html::Edge::Close(node) => {
                if let Some(element) = ElementRef::wrap(node)
                    && node.id() != pre.id()
                {
                    let line = is_line(element) || (codes > 1 && element.value().name() == "code");
                    out.leave(element.value().name(), line, &mut open);
                }
            }
        }
        at = match edge {
            crate::html::Edge::Open(node) if !skip && node.has_children() => {
                node.first_child().map(crate::html::Edge::Open)
            }
            crate::html::Edge::Open(node) if skip => after(node, *pre),
            crate::html::Edge::Open(node) => Some(crate::html::Edge::Close(node)),
            crate::html::Edge::Close(node) if node.id() == pre.id() => None,
            crate::html::Edge::Close(node) => after(node, *pre),
        };
    }
    out.text
}

fn after<'a>(node: crate::html::NodeRef<'a>, top: crate::html::NodeRef<'a>) -> Option<crate::html::Edge<'a>> {
    if node.id() == top.id() {
        return None;
    }
    match node.next_sibling() {
        Some(next) => Some(crate::html::Edge::Open(next)),
        None => node.parent().map(crate::html::Edge::Close),
    }
}

#[derive(Debug, Default)]
struct Lines {
    text: String,
    /// A block began or ended: once something follows, it stands on a new line.
    block_edge: bool,
    /// A line element ended without a line end.
    line_ended: bool,
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

    fn enter(&mut self, name: &str, line: bool, open: &mut Vec<usize>) {
        if line {
            if std::mem::take(&mut self.line_ended) {
                self.text.push('\n');
            }
            open.push(self.text.len());
        }
        if name == "br" {
            self.text.push('\n');
            self.line_ended = false;
        } else if is_block(name) && !line {
            self.block_edge = true;
        }
    }

    fn leave(&mut self, name: &str, line: bool, open: &mut Vec<usize>) {
        if line && let Some(start) = open.pop() {
            self.line_ended = !self.text.get(start..).is_some_and(|line| line.ends_with('\n'));
        } else if is_block(name) && !line {
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
