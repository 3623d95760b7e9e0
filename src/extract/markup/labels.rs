//! Recognises labels beside code: copy buttons and the name of its language.

use crate::html::{ElementRef, Node};

use super::{ancestors, below};

/// Maximum length of a label's text, in characters.
const LONGEST: usize = 60;

/// Maximum number of nodes in a label.
const NODES: usize = 60;

/// How deep below a label's sibling the code can be, in elements.
const DEEP: usize = 4;

/// Texts of buttons beside code, in lower case.
const BUTTONS: [&str; 38] = [
    "copy",
    "copy code",
    "copied",
    "copied!",
    "copy to clipboard",
    "copy link",
    "download",
    "wrap",
    "toggle word wrap",
    "expand",
    "collapse",
    "view raw",
    "run",
    "edit",
    "open in playground",
    "复制",
    "复制代码",
    "已复制",
    "拷贝",
    "代码",
    "运行",
    "展开",
    "收起",
    "收藏代码",
    "複製",
    "複製程式碼",
    "コピー",
    "コードをコピー",
    "복사",
    "코드 복사",
    "kopieren",
    "code kopieren",
    "copier",
    "copier le code",
    "copiar",
    "copiar código",
    "copia",
    "копировать",
];

/// What precedes the name of a language, in lower case.
const BEFORE: [&str; 7] = ["code language:", "language:", "lang:", "语言:", "语言：", "言語:", "代码语言："];

/// Names of languages as sites show them, in lower case; the second name is the one that highlighters use, where it
/// differs.
const LANGUAGES: [(&str, &str); 96] = [
    ("ada", ""),
    ("apache", ""),
    ("applescript", ""),
    ("arduino", ""),
    ("asm", ""),
    ("assembly", "asm"),
    ("awk", ""),
    ("bash", ""),
    ("bat", ""),
    ("batch", "bat"),
    ("basic", ""),
    ("c", ""),
    ("c#", "csharp"),
    ("c++", "cpp"),
    ("clojure", ""),
    ("cmake", ""),
    ("cmd", ""),
    ("cobol", ""),
    ("coffeescript", ""),
    ("console", ""),
    ("cpp", ""),
    ("csharp", ""),
    ("css", ""),
    ("csv", ""),
    ("cuda", ""),
    ("dart", ""),
    ("delphi", ""),
    ("diff", ""),
    ("docker", "dockerfile"),
    ("dockerfile", ""),
    ("elixir", ""),
    ("elm", ""),
    ("erlang", ""),
    ("f#", "fsharp"),
    ("fish", ""),
    ("fortran", ""),
    ("fsharp", ""),
    ("gherkin", ""),
    ("glsl", ""),
    ("go", ""),
    ("golang", "go"),
    ("graphql", ""),
    ("groovy", ""),
    ("handlebars", ""),
    ("haskell", ""),
    ("hcl", ""),
    ("html", ""),
    ("html/xml", "html"),
    ("http", ""),
    ("ini", ""),
    ("java", ""),
    ("javascript", ""),
    ("js", ""),
    ("json", ""),
    ("jsx", ""),
    ("julia", ""),
    ("kotlin", ""),
    ("latex", ""),
    ("less", ""),
    ("lisp", ""),
    ("lua", ""),
    ("makefile", ""),
    ("markdown", ""),
    ("matlab", ""),
    ("mermaid", ""),
    ("mysql", "sql"),
    ("nginx", ""),
    ("nix", ""),
    ("objective-c", "objectivec"),
    ("ocaml", ""),
    ("perl", ""),
    ("php", ""),
    ("plain text", "text"),
    ("plaintext", "text"),
    ("powershell", ""),
    ("properties", ""),
    ("python", ""),
    ("py", ""),
    ("r", ""),
    ("ruby", ""),
    ("rust", ""),
    ("sass", ""),
    ("scala", ""),
    ("scss", ""),
    ("sh", ""),
    ("shell", ""),
    ("solidity", ""),
    ("sql", ""),
    ("swift", ""),
    ("toml", ""),
    ("ts", ""),
    ("tsx", ""),
    ("typescript", ""),
    ("vue", ""),
    ("xml", ""),
    ("yaml", ""),
];

/// Returns true for a label of the code beside it.
pub(super) fn is_label(element: ElementRef<'_>) -> bool {
    let name = element.value().name();
    let may_be = matches!(
        name,
        "div"
            | "span"
            | "p"
            | "button"
            | "small"
            | "a"
            | "figcaption"
            | "header"
            | "footer"
            | "ul"
            | "strong"
            | "label"
    );
    may_be
        && (stands_by_code(element, Side::After) || stands_by_code(element, Side::Before))
        && pieces(element).is_some()
}

/// Returns the language that a code block's label names; empty where there is none.
pub(super) fn language(block: ElementRef<'_>) -> String {
    let around = std::iter::once(block).chain(ancestors(block).take(3));
    let beside = around.flat_map(|one| {
        let before = one.prev_siblings().find_map(ElementRef::wrap);
        let after = one.next_siblings().find_map(ElementRef::wrap);
        [before, after].into_iter().flatten()
    });
    let inside = below(block).take(NODES / 4);
    let mut labels = inside.chain(beside).filter(|one| is_label(*one));
    labels.find_map(|label| pieces(label)?.iter().rev().find_map(|piece| known(piece))).unwrap_or_default().to_owned()
}

/// Where the code of a label is looked for.
#[derive(Clone, Copy)]
enum Side {
    Before,
    After,
}

/// Returns true where a `pre` is the next sibling on one side, or the code of the `pre` around the element is.
fn stands_by_code(element: ElementRef<'_>, side: Side) -> bool {
    let sibling = match side {
        Side::Before => element.prev_siblings().find_map(ElementRef::wrap),
        Side::After => element.next_siblings().find_map(ElementRef::wrap),
    };
    let mut at = sibling;
    let in_pre = || ancestors(element).take(DEEP).any(|around| around.value().name() == "pre");
    for _ in 0..DEEP {
        let Some(one) = at else { return false };
        match one.value().name() {
            "pre" => return true,
            "code" => return in_pre(),
            "div" | "figure" | "section" | "span" | "table" | "tbody" | "tr" | "td" => {}
            _ => return false,
        }
        let mut children = one.child_elements();
        at = match side {
            Side::Before => children.last(),
            Side::After => children.next(),
        };
    }
    false
}

/// Returns the texts of a label in lower case; None when one of them is not a label's word.
fn pieces(element: ElementRef<'_>) -> Option<Vec<String>> {
    let mut pieces = Vec::new();
    let mut length = 0;
    for (count, node) in element.descendants().enumerate() {
        match node.value() {
            _ if count > NODES => return None,
            Node::Text(text) if !text.text.trim().is_empty() => {
                length += text.text.trim().chars().count();
                if length > LONGEST {
                    return None;
                }
                let text = text.text.trim().to_lowercase();
                let begun = BEFORE.iter().find_map(|before| text.strip_prefix(before)).unwrap_or(&text);
                let parts = begun.split(['(', ')', '|', '·']).map(str::trim).filter(|part| !part.is_empty());
                pieces.extend(parts.map(str::to_owned));
                if begun.len() < text.len() {
                    pieces.push(String::new());
                }
            }
            Node::Element(one) if matches!(one.name(), "pre" | "code" | "img" | "table" | "textarea") => return None,
            _ => {}
        }
    }
    let fits = |piece: &String| piece.is_empty() || BUTTONS.contains(&piece.as_str()) || known(piece).is_some();
    (!pieces.is_empty() && pieces.iter().all(fits)).then_some(pieces)
}

/// Returns the highlighters' name for a language's displayed name.
fn known(name: &str) -> Option<&'static str> {
    let (shown, called) = LANGUAGES.iter().find(|(shown, _)| *shown == name)?;
    Some(if called.is_empty() { shown } else { called })
}
