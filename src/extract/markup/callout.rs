//! Recognises callouts: boxes labelled note, tip or warning.
//!
//! Every site generator writes them with classes of its own. These classes, and the labels in many languages, map to
//! GitHub's five kinds.

use crate::extract::elements;
use crate::extract::hints::Hints;
use crate::extract::naming;
use crate::extract::page_regions::{self, PageRegion};
use crate::html::text::collapse;
use crate::html::{ElementRef, NodeId, NodeRef};

pub use super::callout_words::Kind;
use super::callout_words::{kind_of_label, kind_of_word};
use super::{ancestors, below, text};

/// Maximum number of nodes in a callout; a larger element is a part of the page whose class only looks like one.
const ELEMENTS: usize = 1500;

/// Maximum length of a title, in characters.
const TITLE: usize = 120;

/// How many nodes are searched for the beginning of a callout.
const LOOKED_AT: usize = 60;

/// A callout of the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Callout {
    /// Its kind.
    pub kind: Kind,
    /// The page's label; empty when there is none.
    pub label: String,
    /// The elements that label and kind replace: title and icons.
    pub left: Vec<NodeId>,
}

/// Returns the callout that an element is; None for other elements.
pub fn of(element: ElementRef<'_>, hints: Hints) -> Option<Callout> {
    let name = element.value().name();
    let may_be = matches!(name, "div" | "aside" | "section" | "blockquote" | "details" | "p" | "figure");
    if !may_be || !hints.has(Hints::CALLOUT) {
        return None;
    }
    let named = ClassNames::of(element);
    let is_called = named.family != Family::None || named.is_bare;
    if !is_called || named.is_part || !is_small(element) {
        return None;
    }
    let opening = CalloutStart::of(element);
    let known = kind_of_label(&opening.label);
    let has_label = known.is_some() || name == "p" && begins_with_label(element);
    let counts = match named.family {
        Family::Strong => true,
        Family::Weak => name != "details" && (named.has_kind_word || has_label),
        Family::None => has_label || named.is_pair || named.is_only_bare && name != "p",
    };
    if !counts {
        return None;
    }
    let kind = named.kind.or(known).unwrap_or(Kind::Note);
    let label = if opening.label.is_empty() { spoken_label(element) } else { opening.label };
    Some(Callout { kind, label, left: opening.left })
}

/// How certain a class makes it that its element is a callout.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd)]
enum Family {
    None,
    /// It can be any box.
    Weak,
    Strong,
}

/// What an element's classes say.
struct ClassNames {
    family: Family,
    kind: Option<Kind>,
    /// A word next to the family's word gives the kind.
    has_kind_word: bool,
    /// One class is a kind's name, and another class names a kind too.
    is_pair: bool,
    /// The name of a part of a callout: its title, its content.
    is_part: bool,
    /// One class is a kind's name and nothing else.
    is_bare: bool,
    /// Every class is.
    is_only_bare: bool,
}

/// Words in classes of a part of a callout, or of a container of several.
const PARTS: [&str; 27] = [
    "title",
    "heading",
    "header",
    "content",
    "contents",
    "body",
    "icon",
    "icons",
    "inner",
    "text",
    "label",
    "close",
    "link",
    "links",
    "button",
    "btn",
    "list",
    "wrapper",
    "group",
    "symbol",
    "emoji",
    "bar",
    "area",
    "footer",
    "image",
    "description",
    "summary",
];

impl ClassNames {
    fn of(element: ElementRef<'_>) -> Self {
        let class = element.attr("class").unwrap_or_default();
        let mut named = Self {
            family: Family::None,
            kind: None,
            has_kind_word: false,
            is_pair: false,
            is_part: false,
            is_bare: false,
            is_only_bare: !class.is_empty(),
        };
        let mut kinds: Vec<(String, Kind)> = Vec::new();
        let mut others = 0;
        for token in class.split_ascii_whitespace().take(16) {
            let words = naming::words(token);
            let family = family_of(token, &words);
            if family != Family::None && words.iter().any(|word| PARTS.contains(&word.as_str())) && !is_complete(token)
            {
                named.is_part = true;
            }
            if family > named.family {
                named.family = family;
            }
            let bare = words.len() == 1 && kind_of_word(&words[0]).is_some();
            let sure = bare && matches!(words[0].as_str(), "note" | "tip" | "warning" | "caution" | "important");
            named.is_bare |= sure;
            named.is_only_bare &= bare;
            others += usize::from(!bare);
            kinds.extend(words.into_iter().filter_map(|word| kind_of_word(&word).map(|kind| (word, kind))));
        }
        if let Some(kind) = element.attr("data-callout") {
            named.family = Family::Strong;
            kinds.extend(kind_of_word(&kind.to_ascii_lowercase()).map(|found| (kind.to_owned(), found)));
        }
        named.has_kind_word = kinds.iter().any(|(word, _)| !matches!(word.as_str(), "alert" | "hint" | "notice"));
        named.is_pair = named.is_bare && kinds.iter().any(|(word, _)| *word != kinds[0].0);
        named.kind = qiita(&kinds).filter(|_| others == 0).or_else(|| most_specific(&kinds));
        named.is_only_bare &= named.is_bare;
        let id = element.attr("id").unwrap_or_default();
        let is_note = ["fn", "note", "footnote", "ref"].iter().any(|start| {
            id.strip_prefix(start)
                .is_some_and(|rest| rest.trim_start_matches(['-', '_', ':']).starts_with(|c: char| c.is_ascii_digit()))
        });
        let beside = matches!(page_regions::of_names(class), PageRegion::Boilerplate(word) if word != "extra");
        if is_note || beside || class.contains("footnote") {
            named.family = Family::None;
            named.is_bare = false;
        }
        named
    }
}

/// Returns true for classes of complete callouts that contain a word of [`PARTS`].
fn is_complete(token: &str) -> bool {
    matches!(token, "hint-container" | "admonition-wrapper" | "alert-wrapper")
}

fn family_of(token: &str, words: &[String]) -> Family {
    let has = |word: &str| words.iter().any(|one| one == word);
    let first = words.first().map_or("", String::as_str);
    let token = token.to_ascii_lowercase();
    let strong = ["admonition", "admonitionblock", "callout", "notecard"].iter().any(|word| has(word))
        || ["markdown-alert", "starlight-aside", "confluence-information-macro", "bs-callout", "custom-block"]
            .iter()
            .any(|start| token.starts_with(start))
        || token == "hint-container"
        || token == "book-hint";
    if strong {
        return Family::Strong;
    }
    let weak = ["alert", "notice", "notices", "hint", "msg", "panel", "infobox", "aside"].contains(&first);
    let boxed = words.last().is_some_and(|last| last == "box") && first != "info" && kind_of_word(first).is_some();
    if weak || boxed { Family::Weak } else { Family::None }
}

/// Returns true for a word that is the class of every box on some sites.
fn is_box(word: &str) -> bool {
    matches!(word, "alert" | "hint" | "note" | "notice")
}

/// Returns the kind of Qiita's box with the bare classes `note` and `alert`, its strongest; None for other classes.
fn qiita(kinds: &[(String, Kind)]) -> Option<Kind> {
    let named = |word: &str| kinds.iter().any(|(one, _)| one == word);
    (named("note") && named("alert")).then_some(Kind::Caution)
}

/// Returns the most specific kind: any other before `note`, and a word for every box of a site last.
fn most_specific(kinds: &[(String, Kind)]) -> Option<Kind> {
    let is_specific = |(word, _): &&(String, Kind)| !is_box(word);
    let other =
        kinds.iter().filter(is_specific).find(|(_, kind)| *kind != Kind::Note).or(kinds.iter().find(is_specific));
    let any = kinds.iter().find(|(word, _)| word != "alert");
    other.or(any).map(|(_, kind)| *kind)
}

/// Returns true for an element small enough to be a part of the article, not a container of it.
fn is_small(element: ElementRef<'_>) -> bool {
    let mut count = 0;
    below(element).all(|one| {
        count += 1;
        count <= ELEMENTS && !matches!(one.value().name(), "h1" | "article" | "main" | "form" | "nav")
    })
}

/// The beginning of a callout.
#[derive(Default)]
struct CalloutStart {
    label: String,
    left: Vec<NodeId>,
}

impl CalloutStart {
    fn of(element: ElementRef<'_>) -> Self {
        let mut found = Self::default();
        let mut skipped: Option<NodeId> = None;
        for node in element.descendants().skip(1).take(LOOKED_AT) {
            let within = |id: NodeId| node.ancestors().take(8).any(|above| above.id() == id);
            if skipped.is_some_and(within) {
                continue;
            }
            if let Some(one) = ElementRef::wrap(node) {
                if is_icon(one) {
                    found.left.push(one.id());
                    skipped = Some(one.id());
                } else if is_title(one) {
                    let label = label_of(one);
                    found.left.push(one.id());
                    skipped = Some(one.id());
                    if !label.is_empty() {
                        found.label = label;
                        return found;
                    }
                }
            } else if node.value().as_text().is_some_and(|text| !text.text.trim().is_empty()) {
                found.take_first_line(element, node);
                return found;
            }
        }
        found
    }

    /// Takes the first line as the title where it is nothing but a word for a kind, whatever its class.
    fn take_first_line(&mut self, callout: ElementRef<'_>, first: NodeRef<'_>) {
        let own = first.value().as_text().map(|text| bare(&text.text)).unwrap_or_default();
        if kind_of_label(&own).is_none() {
            return;
        }
        let alone = |above: &ElementRef<'_>| above.id() != callout.id() && bare(&text(*above)) == own;
        let line = first.ancestors().take(6).filter_map(ElementRef::wrap).take_while(alone).last();
        if let Some(line) = line.filter(|line| !elements::is_inline(line.value().name()) || stands_alone(*line)) {
            self.left.push(line.id());
            self.label = own;
        }
    }
}

/// Returns true for an inline element followed by a block or a break: it is a line of its own.
fn stands_alone(line: ElementRef<'_>) -> bool {
    let mut after = line.next_siblings().filter(|node| match node.value().as_text() {
        Some(text) => !text.text.trim().is_empty(),
        None => node.value().is_element(),
    });
    after
        .next()
        .and_then(ElementRef::wrap)
        .is_some_and(|next| next.value().name() == "br" || !elements::is_inline(next.value().name()))
}

fn is_title(element: ElementRef<'_>) -> bool {
    let name = element.value().name();
    let is_heading = matches!(name, "h2" | "h3" | "h4" | "h5" | "h6" | "summary");
    let class = element.attr("class").unwrap_or_default();
    let is_called = || {
        let mut words = class.split_ascii_whitespace().take(8).flat_map(naming::words);
        words.any(|word| matches!(word.as_str(), "title" | "heading" | "header" | "label" | "caption"))
    };
    let is_short =
        || element.descendants().take(LOOKED_AT).count() < LOOKED_AT && text(element).chars().count() <= TITLE;
    name != "a" && (is_heading || is_called()) && is_short()
}

/// Returns true for a drawing, or for text in an icon font.
fn is_icon(element: ElementRef<'_>) -> bool {
    if element.value().name() == "svg" {
        return true;
    }
    let class = element.attr("class").unwrap_or_default();
    let mut words = class.split_ascii_whitespace().take(8).flat_map(naming::words);
    if !words.any(|word| matches!(word.as_str(), "icon" | "icons" | "symbol" | "symbols" | "emoji")) {
        return false;
    }
    let text = text(element);
    let text = text.trim();
    let draws = text.chars().all(|c| !c.is_alphanumeric()) || element.value().name() == "i";
    draws && text.chars().count() <= 24 && !below(element).take(8).any(|one| one.value().name() == "img")
}

/// Returns the title's words, without those of its icons.
fn label_of(title: ElementRef<'_>) -> String {
    let mut words = String::new();
    for node in title.descendants().take(LOOKED_AT) {
        let in_icon = || {
            let within = ancestors_below(node, title);
            within.into_iter().any(is_icon)
        };
        if let Some(text) = node.value().as_text()
            && !in_icon()
        {
            words.push_str(&text.text);
        }
    }
    bare(&words)
}

fn ancestors_below<'a>(node: NodeRef<'a>, top: ElementRef<'a>) -> Vec<ElementRef<'a>> {
    node.ancestors().take(8).filter_map(ElementRef::wrap).take_while(|above| above.id() != top.id()).collect()
}

/// Returns a label without the punctuation marks around it.
fn bare(label: &str) -> String {
    let label = collapse(label);
    let label = label.trim_start_matches(|c: char| !c.is_alphanumeric() && !"“\"'‘«「『（([`".contains(c));
    label.trim_end_matches([':', '：', ' ', '¶', '#']).trim().to_owned()
}

/// Returns true where the text begins with a word for a kind and a colon.
fn begins_with_label(element: ElementRef<'_>) -> bool {
    let start: String = text(element).trim_start().chars().take(40).collect();
    start.split_once([':', '：']).is_some_and(|(label, _)| kind_of_label(&bare(label)).is_some())
}

/// Returns the label for screen readers; empty where there is none.
fn spoken_label(element: ElementRef<'_>) -> String {
    let named = ["aria-label", "data-title"].iter().find_map(|name| element.attr(name)).unwrap_or_default();
    let label = bare(named);
    let short = label.chars().count() <= TITLE;
    let outside = ancestors(element).take(1).all(|above| above.value().name() != "nav");
    if short && outside { label } else { String::new() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::markup::hints_of;
    use crate::html::fragment;

    fn first(html: &str) -> Option<Callout> {
        let dom = fragment(html);
        dom.root().descendants().filter_map(ElementRef::wrap).find_map(|one| of(one, hints_of(one)))
    }

    fn kind_and_label(html: &str) -> Option<(Kind, String)> {
        first(html).map(|callout| (callout.kind, callout.label))
    }

    #[test]
    fn callouts_of_many_generators_have_kind_and_label() {
        for (html, kind, label) in [
            (
                "<div class='markdown-alert markdown-alert-tip'><p class=markdown-alert-title>Tip</p><p>a</p></div>",
                Kind::Tip,
                "Tip",
            ),
            ("<div class='admonition danger'><p class=admonition-title>危险</p><p>a</p></div>", Kind::Caution, "危险"),
            (
                "<div class='theme-admonition theme-admonition-warning admonition_x alert alert--warning'><div class=admonitionHeading_y><span class=admonitionIcon_z></span>注意</div><div class=admonitionContent_q>a</div></div>",
                Kind::Warning,
                "注意",
            ),
            (
                "<aside aria-label=提示 class='starlight-aside starlight-aside--tip'><div>a</div></aside>",
                Kind::Tip,
                "提示",
            ),
            (
                "<div class='custom-block important'><p class=custom-block-title>Before you begin</p><p>a</p></div>",
                Kind::Important,
                "Before you begin",
            ),
            ("<div class='note alert'><p>a</p></div>", Kind::Caution, ""),
            ("<div class='note info flat'><p>a</p></div>", Kind::Note, ""),
            ("<p class='note note-danger'>a</p>", Kind::Caution, ""),
            ("<div class='block-box memo-box'><p>a</p></div>", Kind::Note, ""),
            ("<blockquote class='alert alert-note'>a</blockquote>", Kind::Note, ""),
            ("<div class='note info'><p>a</p></div>", Kind::Note, ""),
            ("<div class=WARNING><p>Warnung</p><p>a</p></div>", Kind::Warning, "Warnung"),
            ("<div class='hint hint-info'><p>a</p></div>", Kind::Note, ""),
            (
                "<div class=callout data-callout=bug><div class=callout-title><div class=callout-icon></div><div class=callout-title-inner>Known</div></div><div class=callout-content>a</div></div>",
                Kind::Caution,
                "Known",
            ),
            ("<div class='alert alert-danger'><h4 class=alert-heading>Halt</h4>a</div>", Kind::Caution, "Halt"),
            (
                "<div class='confluence-information-macro confluence-information-macro-tip'><p class=title>小技巧</p><div class=confluence-information-macro-body>a</div></div>",
                Kind::Tip,
                "小技巧",
            ),
            ("<details class=warning><summary>Read this</summary><p>a</p></details>", Kind::Warning, "Read this"),
            (
                "<figure class='block-color-gray callout'><div><span class=icon>!</span></div><div>a</div></figure>",
                Kind::Note,
                "",
            ),
        ] {
            assert_eq!(kind_and_label(html), Some((kind, label.to_owned())), "{html}");
        }
    }

    #[test]
    fn elements_with_similar_classes_are_not_callouts() {
        for html in [
            "<div class=note id=fn1><p>A footnote.</p></div>",
            "<div class='newsletter callout'><p>Subscribe.</p></div>",
            "<div class=info><p>2024-01-01</p></div>",
            "<p class=note>The lid is closed.</p>",
            "<div class=alert><p>a</p></div>",
            "<div class=notebook><p>a</p></div>",
            "<div class='admonition-content'><p>a</p></div>",
        ] {
            assert_eq!(kind_and_label(html), None, "{html}");
        }
    }
}
