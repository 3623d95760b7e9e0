//! Recognises code blocks as hljs, Prism, Shiki, Pygments, Chroma, Rouge, GitHub, WeChat and others write them, and
//! returns the code without line numbers, buttons and labels.

use crate::extract::hints::Hints;
use crate::html::ElementRef;

use super::language::language;
use super::lines::{self, Space, is_gutter, is_numbering, plain_spaces, verbatim};
use super::{Markup, ancestors, below, below_named, has_class, labels, stands_alone, style, text};

/// How many nodes are searched for the elements of a code block.
const LOOK: usize = 2000;

/// Beginnings of the source of a Mermaid diagram.
const MERMAID: [&str; 24] = [
    "graph",
    "flowchart",
    "sequencediagram",
    "classdiagram",
    "statediagram",
    "erdiagram",
    "gantt",
    "pie",
    "journey",
    "gitgraph",
    "mindmap",
    "timeline",
    "quadrantchart",
    "requirementdiagram",
    "c4",
    "sankey",
    "xychart",
    "block",
    "packet",
    "kanban",
    "architecture",
    "zenuml",
    "%%",
    "---",
];

/// Returns the code block that an element is, or `Markup::Nothing` for decoration of one; None for other elements.
pub(super) fn of(element: ElementRef<'_>, hints: Hints) -> Option<Markup> {
    let is_ornament = || hints.has(Hints::NEAR_CODE) && is_ornament(element, hints);
    match element.value().name() {
        "pre" | "listing" | "xmp" => pre(element),
        "table" => numbered_table(element),
        "clipboard-copy" => Some(Markup::Nothing),
        "code" => by_itself(element),
        "div" | "section" | "figure" | "ol" | "ul" if hints.has(Hints::CODE) => {
            block(element).or_else(|| is_ornament().then_some(Markup::Nothing))
        }
        _ => is_ornament().then_some(Markup::Nothing),
    }
}

/// Returns a code block without a `pre`.
fn block(element: ElementRef<'_>) -> Option<Markup> {
    if has_class(element, |word| word == "mermaid") {
        return mermaid(element);
    }
    if has_class(element, is_wrapper) {
        return wrapper(element);
    }
    if has_class(element, |word| word == "gist-meta") {
        return Some(Markup::Nothing);
    }
    let slate = element.attr("data-slate-type").is_some_and(|kind| {
        matches!(kind.to_ascii_lowercase().replace(['-', '_'], "").as_str(), "pre" | "code" | "codeblock")
    });
    let is_list = matches!(element.value().name(), "ol" | "ul");
    let named = has_class(element, names_code);
    let set = || {
        !is_list && style(element).is_some_and(|style| style.contains("monospace") && style.contains("white-space:pre"))
    };
    if !slate && !named && !set() {
        return None;
    }
    let holds_more = below(element).take(LOOK).any(|one| {
        matches!(one.value().name(), "pre" | "img" | "table" | "h1" | "h2" | "h3" | "h4" | "iframe" | "video" | "form")
    });
    if holds_more {
        return None;
    }
    let rows = lines::rows(element).filter(|rows| slate || lines::look_like_code(*rows));
    let single = || below(element).take(LOOK).any(lines::is_line) && (slate || named);
    if rows.is_none() && !single() {
        return None;
    }
    code(element, Space::Layout)
}

/// Returns the code of a block without a `pre`.
fn code(element: ElementRef<'_>, space: Space) -> Option<Markup> {
    let text = plain_spaces(&verbatim(element, space));
    let text = text.trim_start_matches('\n').trim_end().to_owned();
    (!text.is_empty()).then(|| Markup::Code { language: language(element), text })
}

fn pre(element: ElementRef<'_>) -> Option<Markup> {
    let copies = has_class(element, |word| word.contains("copy-button"));
    if copies || is_origin(element) {
        return Some(Markup::Nothing);
    }
    if has_class(element, |word| word == "mermaid") {
        return mermaid(element);
    }
    let text = verbatim(element, Space::Kept);
    // Browser editors write lines with breaks, and indent them with no-break spaces.
    let is_plain = below_named(element, "br").next().is_some() || lines::rows(element).is_some();
    let text = if is_plain { plain_spaces(&text) } else { text };
    Some(Markup::Code { language: language(element), text })
}

/// Returns true for the hidden source of a block that a script has rendered beside it.
fn is_origin(element: ElementRef<'_>) -> bool {
    let hidden = || style(element).is_some_and(|style| style.contains("display:none"));
    let named = has_class(element, |word| word.starts_with("Enlighter") || word.starts_with("enlighter"));
    (named || hidden()) && {
        let before = element.prev_siblings().filter_map(ElementRef::wrap).take(2);
        let after = element.next_siblings().filter_map(ElementRef::wrap).take(2);
        before.chain(after).any(|one| has_class(one, is_wrapper))
    }
}

/// Returns the source of a diagram; `Markup::Nothing` where the diagram has replaced its source.
fn mermaid(element: ElementRef<'_>) -> Option<Markup> {
    let source = verbatim(element, Space::Kept);
    let begins = source.trim_start().to_ascii_lowercase();
    let is_source = MERMAID.iter().any(|word| begins.starts_with(word)) && below_named(element, "svg").next().is_none();
    let text = source.trim_matches('\n').trim_end().to_owned();
    is_source.then(|| Markup::Code { language: "mermaid".to_owned(), text })
}

/// Returns a `code` element outside any `pre` whose lines are shown as written.
fn by_itself(element: ElementRef<'_>) -> Option<Markup> {
    let set = style(element).unwrap_or_default();
    let keeps_lines = set.contains("white-space:pre") && !set.contains("white-space:pre-line");
    let is_block = set.contains("display:block");
    let breaks = below_named(element, "br").next().is_some();
    let named = || {
        let around = std::iter::once(element).chain(ancestors(element).take(2));
        around.into_iter().any(|one| has_class(one, |word| names_code(word) || word.starts_with("language-")))
    };
    let ends = || text(element).trim().contains('\n');
    let rows = || below(element).take(LOOK).any(|one| lines::is_line(one) || one.value().name() == "div");
    let shown = is_block || keeps_lines && (breaks || ends() || rows());
    if !shown && !((breaks || rows() || named() && ends()) && stands_alone(element)) {
        return None;
    }
    let in_pre = ancestors(element).take(6).any(|around| matches!(around.value().name(), "pre"));
    let space = if keeps_lines || ends() && !breaks { Space::Kept } else { Space::Layout };
    if in_pre { None } else { code(element, space) }
}

/// Returns true for classes of code blocks; not for other words that end in "code", such as QR code.
fn names_code(word: &str) -> bool {
    let word = word.to_ascii_lowercase().replace(['-', '_'], "");
    const NAMES: [&str; 20] = [
        "codeblock",
        "codewrap",
        "codesnippet",
        "codelist",
        "codebox",
        "codearea",
        "codeline",
        "codeeditor",
        "codecontainer",
        "codecontent",
        "codehighlight",
        "highlightcode",
        "sourcecode",
        "syntaxhighlight",
        "blockcode",
        "dphighlighter",
        "codehilite",
        "linenums",
        "prettyprint",
        "codeview",
    ];
    if ["qrcode", "barcode", "postcode", "shortcode", "promocode", "zipcode", "encode", "decode"]
        .iter()
        .any(|other| word.contains(other))
    {
        return false;
    }
    matches!(word.as_str(), "code" | "highlight" | "hljs" | "shiki" | "prism" | "snippet")
        || NAMES.iter().any(|name| word.contains(name))
}

/// Returns true for classes of containers of the lines of a block without a `pre`.
fn is_wrapper(word: &str) -> bool {
    matches!(
        word,
        "syntaxhighlighter"
            | "crayon-syntax"
            | "urvanov-syntax-highlighter-syntax"
            | "CodeMirror"
            | "CodeMirror-code"
            | "monaco-editor"
            | "view-lines"
            | "enlighter-default"
            | "EnlighterJSWrapper"
            | "dp-highlighter"
    )
}

fn wrapper(element: ElementRef<'_>) -> Option<Markup> {
    if let Some(table) = below_named(element, "table").find_map(numbered_table) {
        return Some(table);
    }
    let raw = below_named(element, "pre").find(|pre| has_class(*pre, |word| word == "enlighter-raw"));
    if let Some(raw) = raw {
        return Some(Markup::Code { language: language(element), text: verbatim(raw, Space::Kept) });
    }
    let lines: Vec<String> = below(element)
        .filter(|one| {
            has_class(*one, |word| {
                matches!(
                    word,
                    "line" | "crayon-line" | "urvanov-syntax-highlighter-line" | "CodeMirror-line" | "view-line"
                )
            })
        })
        .map(|line| plain_spaces(&verbatim(line, Space::Kept)).trim_end_matches('\n').to_owned())
        .collect();
    let joined = lines.join("\n");
    if !joined.trim().is_empty() {
        return Some(Markup::Code { language: language(element), text: joined });
    }
    let held = below(element).find(|one| has_class(*one, |word| matches!(word, "enlighter" | "EnlighterJS")));
    let held = held.or_else(|| below_named(element, "ol").next())?;
    lines::rows(held)?;
    let text = plain_spaces(&verbatim(held, Space::Layout)).trim_matches('\n').to_owned();
    Some(Markup::Code { language: language(held), text })
}

/// Returns the code of a table whose rows end in a line of code, after cells with nothing but its number; None for
/// other tables.
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
            row.child_elements().filter(|cell| matches!(cell.value().name(), "td" | "th")).take(5).collect();
        let (lines, numbers) = cells.split_last()?;
        let is_marked =
            cells.iter().any(|cell| has_class(*cell, is_code_cell) || cell.attr("data-line-number").is_some());
        marked |= is_marked;
        if cells.len() > 4 || numbers.is_empty() && !is_marked || !numbers.iter().all(|cell| is_gutter(*cell)) {
            return None;
        }
        first = first.or(Some(below_named(*lines, "pre").next().unwrap_or(*lines)));
        code.push(lines_of(*lines));
    }
    let first = first.filter(|_| marked)?;
    let own = below_named(table, "pre").map(language).find(|name| !name.is_empty());
    let named = own.unwrap_or_else(|| language(first));
    let language = if named.is_empty() { language(table) } else { named };
    Some(Markup::Code { language, text: code.join("\n") })
}

/// Returns the code in a cell: of its `pre` where there is one, else of the cell.
fn lines_of(cell: ElementRef<'_>) -> String {
    let pre = below_named(cell, "pre").next();
    plain_spaces(&verbatim(pre.unwrap_or(cell), Space::Kept)).trim_matches('\n').to_owned()
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

/// Returns true for controls and labels beside code.
fn is_ornament(element: ElementRef<'_>, hints: Hints) -> bool {
    let name = element.value().name();
    if labels::is_label(element) {
        return true;
    }
    if !matches!(name, "div" | "span" | "ul" | "button" | "a" | "p" | "ol") || !hints.has(Hints::ORNAMENT) {
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
