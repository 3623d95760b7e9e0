//! From what was built to the article's own form: paragraphs, captions, sub-headings, nothing empty, no containers.

use crate::html::text;
use crate::model::Step;
use crate::model::tree::{Edge, Element, NodeId, Tree};

use super::build::LOOK;
use super::captions;
use super::cues;
use super::insertions;

/// A sub-heading is no heavier than this (35 Han characters, 105 letters).
const HEADING: usize = 105;

/// An editor's line is no heavier than this.
const EDITOR_LINE: usize = 120;

/// Who did what, or where a text is from: with a mark after it, such a word begins a line of the editors. Spaces and the
/// brackets before it are ignored.
const EDITORS: [&str; 21] = [
    "编辑",
    "责编",
    "责任编辑",
    "执行编辑",
    "值班编辑",
    "实习编辑",
    "文字编辑",
    "新媒体编辑",
    "校对",
    "审校",
    "审核",
    "监制",
    "来源",
    "稿源",
    "原标题",
    "本文原标题",
    "編輯",
    "責編",
    "責任編輯",
    "來源",
    "原題",
];

/// What may stand after such a word.
const MARKS: [char; 8] = ['：', ':', '|', '｜', '丨', '/', '／', '】'];

/// How other lines of the editors begin, with no mark needed.
const EDITOR_STARTS: [&str; 12] = [
    "责任编辑",
    "責任編輯",
    "责编",
    "責編",
    "扫一扫",
    "扫描二维码",
    "扫描下方二维码",
    "长按二维码",
    "长按识别",
    "点击下方",
    "点击菜单栏",
    "↓↓↓",
];

/// What a notice on the use of a text says.
const NOTICES: [&str; 12] = [
    "不得转载",
    "不得轉載",
    "禁止转载",
    "禁止轉載",
    "请勿转载",
    "請勿轉載",
    "转载请",
    "轉載請",
    "免责声明：",
    "版权归",
    "版權歸",
    "無断転載",
];

/// How such a notice begins: an article that only speaks of rights begins otherwise.
const NOTICE_STARTS: [&str; 21] = [
    "未经",
    "未經",
    "版权",
    "版權",
    "本文",
    "本站",
    "本网",
    "本網",
    "本报",
    "本報",
    "本刊",
    "本記事",
    "声明",
    "聲明",
    "免责声明：",
    "转载",
    "轉載",
    "禁止",
    "如需",
    "©",
    "無断転載",
];

/// How a line of the editors begins is told by so many characters.
const BEGINNING: usize = 24;

/// Last lines of the editors are no heavier than this (150 Han characters).
const LAST_LINES: usize = 450;

/// Brings a built tree of a page from `host` into its final form. The steps say what was changed or left out.
pub fn run(tree: &mut Tree, host: &str) -> Vec<Step> {
    let mut steps = Vec::new();
    paragraphs(tree);
    captions::tie(tree);
    editor_lines(tree, &mut steps);
    last_lines(tree, &mut steps);
    insertions::remove(tree, host, &mut steps);
    strong_headings(tree, &mut steps);
    flatten(tree);
    prune(tree);
    steps
}

/// The form of an article's body that was given as such: nothing is judged.
pub fn run_fragment(tree: &mut Tree) {
    strip_looks(tree);
}

fn is_block(tree: &Tree, id: NodeId) -> bool {
    tree.element(id).is_some_and(|element| !cues::is_inline(&element.name))
}

/// Containers may hold both blocks and lines of text.
fn is_container(tree: &Tree, id: NodeId) -> bool {
    id == tree.root() || tree.name(id) == "div"
}

/// Puts every run of lines that stands directly in a container into paragraphs of its own, cut where two breaks meet,
/// or where a line begins with the indentation of a Chinese paragraph.
fn paragraphs(tree: &mut Tree) {
    let containers: Vec<NodeId> = tree.descendants(tree.root()).filter(|&id| is_container(tree, id)).collect();
    for container in containers {
        lift_blocks_out_of_inlines(tree, container);
        let mut run: Vec<NodeId> = Vec::new();
        let children: Vec<NodeId> = tree.children(container).collect();
        for child in children {
            if is_block(tree, child) {
                wrap(tree, std::mem::take(&mut run), Some(child), container);
            } else {
                run.push(child);
            }
        }
        wrap(tree, run, None, container);
    }
    let broken: Vec<NodeId> = tree.descendants(tree.root()).filter(|&id| tree.name(id) == "p").collect();
    for paragraph in broken {
        split_at_breaks(tree, paragraph);
    }
}

/// A span or link that holds blocks would swallow them into one paragraph: it is taken away around them.
fn lift_blocks_out_of_inlines(tree: &mut Tree, container: NodeId) {
    let mut at = tree.first_child(container);
    while let Some(id) = at {
        let lifts = tree.element(id).is_some_and(|e| cues::is_inline(&e.name))
            && tree.descendants(id).skip(1).any(|below| is_block(tree, below));
        if lifts {
            let first = tree.first_child(id);
            let next = tree.next(id);
            tree.unwrap(id);
            at = first.or(next);
        } else {
            at = tree.next(id);
        }
    }
}

fn wrap(tree: &mut Tree, run: Vec<NodeId>, before: Option<NodeId>, container: NodeId) {
    if run.iter().all(|&id| is_blank(tree, id)) {
        // Breaks and spaces between blocks say nothing.
        run.into_iter().for_each(|id| tree.detach(id));
        return;
    }
    let paragraph = tree.create(crate::model::tree::Node::Element(Element::new("p")));
    match before {
        Some(before) => tree.insert_before(before, paragraph),
        None => tree.append(container, paragraph),
    }
    for id in run {
        tree.append(paragraph, id);
    }
}

/// White space and breaks only.
fn is_blank(tree: &Tree, id: NodeId) -> bool {
    tree.descendants(id).all(|below| match tree.node(below) {
        crate::model::tree::Node::Text(text) => text::is_blank(text),
        crate::model::tree::Node::Element(element) => !is_void_content(&element.name),
        crate::model::tree::Node::Root => true,
    })
}

/// Elements that are content without any text in them.
fn is_void_content(name: &str) -> bool {
    matches!(name, "img" | "video" | "audio" | "iframe" | "embed" | "hr" | "input" | "math" | "note-ref")
}

fn split_at_breaks(tree: &mut Tree, paragraph: NodeId) {
    let children: Vec<NodeId> = tree.children(paragraph).collect();
    if !children.iter().any(|&id| tree.name(id) == "br") {
        return;
    }
    let mut parts: Vec<Vec<NodeId>> = vec![Vec::new()];
    let mut breaks: Vec<NodeId> = Vec::new();
    for child in children {
        if tree.name(child) == "br" {
            breaks.push(child);
            continue;
        }
        if is_blank(tree, child) && !breaks.is_empty() {
            tree.detach(child);
            continue;
        }
        let part = parts.last().map_or(0, Vec::len);
        let begins = |tree: &Tree| begins_indented(tree, child) || begins_editors(tree, child);
        if breaks.len() >= 2 || (breaks.len() == 1 && begins(tree)) || part == 0 {
            breaks.drain(..).for_each(|id| tree.detach(id));
            if part > 0 {
                parts.push(Vec::new());
            }
        }
        if let Some(part) = parts.last_mut() {
            part.append(&mut breaks);
            part.push(child);
        }
    }
    breaks.into_iter().for_each(|id| tree.detach(id));
    for part in parts.into_iter().rev().skip(1).rev() {
        let first = tree.create(crate::model::tree::Node::Element(Element::new("p")));
        tree.insert_before(paragraph, first);
        for id in part {
            tree.append(first, id);
        }
    }
}

/// Two ideographic spaces at least, as Chinese pages begin a paragraph.
fn begins_indented(tree: &Tree, id: NodeId) -> bool {
    let text = tree.text(id);
    let indent = text.chars().take_while(|c| c.is_whitespace()).filter(|&c| c == '\u{3000}').count();
    indent >= 2
}

/// The text without white space; of a longer one, so many characters and one more.
fn bare_text(tree: &Tree, id: NodeId, most: usize) -> String {
    let mut bare = String::new();
    let texts = tree.descendants(id).filter_map(|below| tree.text_of(below));
    for c in texts.flat_map(str::chars).filter(|c| !c.is_whitespace()).take(most + 1) {
        bare.push(c);
    }
    bare
}

/// A line of the editors among others of the text.
fn begins_editors(tree: &Tree, id: NodeId) -> bool {
    is_of_the_editors(&bare_text(tree, id, BEGINNING))
}

/// The last paragraphs, while they begin with a line of the editors or say how the text may be used.
fn last_lines(tree: &mut Tree, steps: &mut Vec<Step>) {
    let is_told = |tree: &Tree, id: NodeId| matches!(tree.name(id), "p" | "li" | "pre" | "td" | "blockquote");
    let told: Vec<NodeId> = tree.descendants(tree.root()).filter(|&id| is_told(tree, id)).collect();
    // What is left has a text before these lines, not only them.
    for &id in told.iter().skip(1).rev() {
        let text = bare_text(tree, id, LAST_LINES);
        if text.is_empty() {
            continue;
        }
        let is_last = tree.name(id) == "p" && text::weight(&text) <= LAST_LINES;
        let pictured = tree.descendants(id).any(|below| is_void_content(tree.name(below)));
        if !is_last || pictured || !(is_of_the_editors(&text) || is_notice(&text)) {
            return;
        }
        let what = format!("p \"{}\"", text.chars().take(40).collect::<String>());
        let reason = "last lines of the editors".to_owned();
        steps.push(Step { step: "editor-line", kept: false, what, reason, score: None });
        tree.detach(id);
    }
}

/// `text` has no spaces.
fn is_notice(text: &str) -> bool {
    let bare = text.trim_start_matches(|c: char| !c.is_alphanumeric() && c != '©');
    let is_apart = [("【", "】"), ("（", "）"), ("[", "]"), ("(", ")")];
    let is_apart = is_apart.iter().any(|(open, close)| text.starts_with(open) && text.ends_with(close));
    let begins = is_apart || NOTICE_STARTS.iter().any(|start| bare.starts_with(start));
    begins && NOTICES.iter().any(|notice| text.contains(notice))
}

/// Lines of the editors, at the head and foot of the text.
fn editor_lines(tree: &mut Tree, steps: &mut Vec<Step>) {
    let lines: Vec<NodeId> = tree.descendants(tree.root()).filter(|&id| matches!(tree.name(id), "p" | "div")).collect();
    for id in lines {
        if !is_of_the_editors(&bare_text(tree, id, BEGINNING))
            || is_of_a_list(tree, id)
            || tree.descendants(id).any(|below| is_void_content(tree.name(below)))
        {
            continue;
        }
        let text = bare_text(tree, id, EDITOR_LINE);
        if text::weight(&text) <= EDITOR_LINE {
            steps.push(Step {
                step: "editor-line",
                kept: false,
                what: format!("p \"{}\"", text.chars().take(40).collect::<String>()),
                reason: "a line of the editors".to_owned(),
                score: None,
            });
            tree.detach(id);
        }
    }
}

/// The one paragraph of an item or a cell: what it says is said of the thing that the list or the table is about.
fn is_of_a_list(tree: &Tree, id: NodeId) -> bool {
    let is_part = |at: NodeId| matches!(tree.name(at), "li" | "td" | "th" | "dt" | "dd");
    let alone = |at: NodeId| tree.children(at).filter(|&child| !is_blank(tree, child)).nth(1).is_none();
    let Some(parent) = tree.parent(id).filter(|&parent| is_part(parent) && alone(parent)) else { return false };
    tree.parent(parent).is_some_and(|around| tree.children(around).filter(|&at| is_part(at)).nth(1).is_some())
}

/// `text` has no spaces.
fn is_of_the_editors(text: &str) -> bool {
    let bare = text.trim_start_matches(['（', '(', '【', '[', '「', '*', '■', '●', '▌']);
    let marked = |word: &&str| bare.strip_prefix(*word).is_some_and(|rest| rest.starts_with(MARKS));
    let bracketed = bare.len() < text.len() && (bare.starts_with("编辑") || bare.starts_with("編輯"));
    bracketed || EDITORS.iter().any(marked) || EDITOR_STARTS.iter().any(|start| bare.starts_with(start))
}

/// A paragraph that is one short bold line without a full stop, with text after it, is a sub-heading.
fn strong_headings(tree: &mut Tree, steps: &mut Vec<Step>) {
    let headed = tree.descendants(tree.root()).any(|id| matches!(tree.name(id), "h1" | "h2"));
    let level = if headed { "h3" } else { "h2" };
    let paragraphs: Vec<NodeId> = tree.descendants(tree.root()).filter(|&id| tree.name(id) == "p").collect();
    for id in paragraphs {
        let in_container = tree.ancestors(id).all(|above| is_container(tree, above));
        // The label of a panel is none: the panels of a set say the same in several ways.
        let is_label = tree.attr(id, LOOK) == Some("label");
        if is_label || !in_container || !is_bold_line(tree, id) || !is_followed_by_text(tree, id) {
            continue;
        }
        let bolds: Vec<NodeId> = tree.descendants(id).filter(|&b| matches!(tree.name(b), "strong" | "b")).collect();
        bolds.into_iter().for_each(|bold| tree.unwrap(bold));
        if let Some(element) = tree.element_mut(id) {
            element.name = level.into();
        }
        steps.push(Step {
            step: "heading",
            kept: true,
            what: format!("p \"{}\"", text::collapse(&tree.text(id))),
            reason: "a short bold line of its own before text".to_owned(),
            score: None,
        });
    }
}

fn is_bold_line(tree: &Tree, id: NodeId) -> bool {
    is_bold(tree, id) && is_sub_heading(&text::collapse(&tree.text(id)))
}

/// Short, and without the mark that ends a sentence.
fn is_sub_heading(text: &str) -> bool {
    let weight = text::weight(text);
    // A sub-heading may be a quotation as a whole.
    let bare = text.strip_prefix('“').and_then(|text| text.strip_suffix('”')).unwrap_or(text);
    let ends = bare.chars().next_back().unwrap_or('.');
    weight > 0 && weight <= HEADING && !"。！？；：，、.!?;:,”\"）)…".contains(ends)
}

/// All of its text is in bold type, and there is nothing else in it.
fn is_bold(tree: &Tree, id: NodeId) -> bool {
    let mut depth = 0usize;
    for edge in tree.walk(id) {
        match edge {
            Edge::Open(at) if matches!(tree.name(at), "strong" | "b") => depth += 1,
            Edge::Close(at) if matches!(tree.name(at), "strong" | "b") => depth -= 1,
            Edge::Open(at) => match tree.node(at) {
                crate::model::tree::Node::Text(text) if depth == 0 && !text::is_blank(text) => return false,
                crate::model::tree::Node::Element(element)
                    if is_void_content(&element.name) || matches!(&*element.name, "br" | "a") =>
                {
                    return false;
                }
                _ => {}
            },
            Edge::Close(_) => {}
        }
    }
    true
}

/// What comes next in reading order is a paragraph of text, a picture or a list, not another bold line.
fn is_followed_by_text(tree: &Tree, id: NodeId) -> bool {
    let mut at = id;
    loop {
        if let Some(next) = tree.next(at) {
            if is_blank(tree, next) {
                at = next;
                continue;
            }
            let first = tree.descendants(next).find(|&below| {
                matches!(tree.name(below), "p" | "ul" | "ol" | "table" | "figure" | "blockquote" | "pre")
            });
            return first.is_some_and(|first| tree.name(first) != "p" || !is_bold_line(tree, first));
        }
        match tree.parent(at) {
            Some(parent) if parent != tree.root() => at = parent,
            _ => return false,
        }
    }
}

/// Takes containers and spans away: what they held stands in their place.
fn flatten(tree: &mut Tree) {
    let all: Vec<NodeId> = tree.descendants(tree.root()).skip(1).collect();
    for id in all {
        let unwraps = match tree.name(id) {
            "span" | "picture" => true,
            // In a cell or an item, a container still parts one paragraph from the next.
            "div" => tree.ancestors(id).all(|above| is_container(tree, above)),
            _ => false,
        };
        if unwraps {
            tree.unwrap(id);
        }
    }
    strip_looks(tree);
}

fn strip_looks(tree: &mut Tree) {
    let all: Vec<NodeId> = tree.descendants(tree.root()).collect();
    for id in all {
        if let Some(element) = tree.element_mut(id) {
            element.attrs.retain(|(name, _)| name != LOOK);
        }
    }
}

/// Elements without content go, innermost first.
fn prune(tree: &mut Tree) {
    let closing: Vec<NodeId> = tree
        .walk(tree.root())
        .filter_map(|edge| match edge {
            Edge::Close(id) => Some(id),
            Edge::Open(_) => None,
        })
        .collect();
    for id in closing {
        let Some(element) = tree.element(id) else { continue };
        let keeps = is_void_content(&element.name) || matches!(&*element.name, "br" | "td" | "th" | "a");
        if !keeps && tree.children(id).all(|child| is_blank(tree, child)) && !has_space(tree, id) {
            tree.detach(id);
        }
    }
}

/// An inline element that holds nothing but a space still parts two words.
fn has_space(tree: &Tree, id: NodeId) -> bool {
    cues::is_inline(tree.name(id)) && tree.first_child(id).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_the_editors_are_told_from_the_text() {
        for line in
            ["（责任编辑：王芳）", "编辑|禤志", "来源：新华社", "【原标题：图书馆】", "校对丨黄", "长按二维码关注我们"]
        {
            assert!(is_of_the_editors(line), "{line}");
        }
        for line in ["编辑部在二楼。", "来源不明的书不收。", "校对是一门手艺", "原标题党已经过时"]
        {
            assert!(!is_of_the_editors(line), "{line}");
        }
    }
}
