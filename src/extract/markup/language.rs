//! Determines the language of a code block from highlighters' classes.

use crate::html::ElementRef;

use super::{ancestors, below_named, has_class, labels};

/// Words in place of a language that name none.
const NONE: [&str; 8] = ["none", "undefined", "default", "nohighlight", "no-highlight", "auto", "ls", "null"];

/// Classes beside a highlighter's own that do not name a language.
const NOISE: [&str; 28] = [
    "hljs",
    "highlight",
    "code",
    "sourcecode",
    "prettyprint",
    "prettyprinted",
    "linenums",
    "line-numbers",
    "chroma",
    "shiki",
    "prism",
    "prism-code",
    "wrap",
    "copyable",
    "block",
    "codeblock",
    "code-block",
    "literal-block",
    "numbersource",
    "numberlines",
    "numbered",
    "notranslate",
    "src",
    "pre",
    "figure",
    "syntaxhighlighter",
    "crayon",
    "listing",
];

/// Returns the language of a `pre`, by its own classes or those around it; empty when there is none.
pub(super) fn language(pre: ElementRef<'_>) -> String {
    let inner = below_named(pre, "code").next();
    let around = ancestors(pre).take(5).filter(|one| {
        matches!(
            one.value().name(),
            "div" | "figure" | "section" | "td" | "tr" | "tbody" | "table" | "code-block" | "ol"
        )
    });
    let mut all = inner.into_iter().chain([pre]).chain(around);
    all.find_map(named).or_else(|| origin(pre)).unwrap_or_else(|| labels::language(pre))
}

/// Returns the language of the hidden source that a script has rendered beside it.
fn origin(block: ElementRef<'_>) -> Option<String> {
    let around = std::iter::once(block).chain(ancestors(block).take(2));
    let beside = around.flat_map(|one| {
        let before = one.prev_siblings().filter_map(ElementRef::wrap).take(2);
        before.chain(one.next_siblings().filter_map(ElementRef::wrap).take(2))
    });
    beside.filter(|one| one.value().name() == "pre" && one.attr("data-enlighter-language").is_some()).find_map(named)
}

fn named(element: ElementRef<'_>) -> Option<String> {
    let attribute = [
        "data-lang",
        "data-language",
        "data-code-language",
        "data-enlighter-language",
        "data-shcb-language-slug",
        "data-tagsearch-lang",
    ]
    .iter()
    .find_map(|name| element.attr(name));
    let lang = element.attr("lang").filter(|_| element.value().name() == "pre");
    let class = element.attr("class").unwrap_or_default();
    let parameters = element.attr("data-syntaxhighlighter-params").unwrap_or_default();
    let found = attribute
        .map(str::to_owned)
        .or_else(|| brush(class).or_else(|| brush(parameters)))
        .or_else(|| prefixed(class))
        .or_else(|| beside(element, class))
        .or(lang.map(str::to_owned))?;
    let name = found.trim();
    // The language must be one word after the fence.
    let plain = !name.is_empty()
        && name.len() <= 40
        && name
            .chars()
            .all(|c| !c.is_control() && !c.is_whitespace() && !matches!(c, '`' | '\\' | '&' | '{' | '}' | '~'));
    (plain && !NONE.contains(&name.to_ascii_lowercase().as_str())).then(|| name.to_owned())
}

/// Reads `brush: java; gutter: false`.
fn brush(text: &str) -> Option<String> {
    let rest = text.split("brush:").nth(1)?;
    let name: String =
        rest.trim_start().chars().take_while(|c| !c.is_whitespace() && !matches!(c, ';' | '"' | '\'')).collect();
    Some(name).filter(|name| !name.is_empty())
}

/// Reads `language-rust`, `lang-py`, `highlight-source-js`, `highlight-python`, `code-snippet__js`, `src-c`.
fn prefixed(class: &str) -> Option<String> {
    let words = || class.split_ascii_whitespace();
    let after = |start: &str| words().find_map(|word| word.strip_prefix(start)).map(str::to_owned);
    let wechat = || {
        let names = words().filter_map(|word| word.strip_prefix("code-snippet__"));
        names.map(str::to_owned).find(|name| !matches!(name.as_str(), "fix" | "line-index" | "outer" | "js-code"))
    };
    after("language-")
        .or_else(|| after("enlighter-l-"))
        .or_else(|| after("lang-"))
        .or_else(|| after("highlight-source-"))
        .or_else(|| words().any(|word| word == "highlight-text-html-basic").then(|| "html".to_owned()))
        .or_else(wechat)
        .or_else(|| after("src-").filter(|_| words().any(|word| word == "src")))
        .or_else(|| {
            after("highlight-").filter(|name| name.chars().all(|c| c.is_ascii_alphanumeric() || "+#".contains(c)))
        })
}

/// Reads a bare word beside the highlighter's own class: `hljs javascript`, `sourceCode haskell`,
/// `figure.highlight.js`.
fn beside(element: ElementRef<'_>, class: &str) -> Option<String> {
    let own = |word: &str| matches!(word, "hljs" | "sourceCode" | "prettyprint" | "crayon" | "syntaxhighlighter");
    let hexo = element.value().name() == "figure" && has_class(element, |word| word == "highlight");
    if !hexo && !class.split_ascii_whitespace().any(own) {
        return None;
    }
    let mut words = class.split_ascii_whitespace().map(str::to_owned);
    words.find(|word| {
        let lower = word.to_ascii_lowercase();
        !NOISE.contains(&lower.as_str())
            && !["hljs", "line", "theme", "nogutter", "wp-", "is-", "has-"].iter().any(|start| lower.starts_with(start))
    })
}
