//! Attaches captions to the images of the article's tree.
//!
//! News pages, Chinese ones above all, write a caption as a paragraph of its own after the image: grey, small,
//! centred, or beginning with ▲ or 图为. It is tied to its image as a `figure`.

use crate::html::text;
use crate::model::tree::{Element, Node, NodeId, Tree};

use super::build::{LOOK, Look};
use super::words::captions;

/// The maximum weight of a caption (80 Han characters, 240 letters).
const CAPTION: usize = 240;

/// Symbols that begin captions.
const SYMBOLS: [char; 4] = ['▲', '△', '▼', '↑'];

/// Makes a figure of each image with a caption after it.
pub fn attach(tree: &mut Tree) {
    let blocks: Vec<NodeId> =
        tree.descendants(tree.root()).filter(|&id| matches!(tree.name(id), "p" | "div")).collect();
    for id in blocks {
        if tree.name(id) != "p" || !is_image_paragraph(tree, id) {
            continue;
        }
        if split_own_caption(tree, id) {
            continue;
        }
        if let Some(caption) = next_block(tree, id).filter(|&next| is_caption(tree, next)) {
            make_figure(tree, id, Some(caption));
        }
    }
}

/// Returns the next block in reading order: a sibling, or the first one inside or after the containers around it.
fn next_block(tree: &Tree, id: NodeId) -> Option<NodeId> {
    let mut at = id;
    let mut next = loop {
        match tree.next(at) {
            Some(next) if is_space(tree, next) => at = next,
            Some(next) => break next,
            // A caption may stand after the box around the image, when the box holds nothing else.
            None => {
                let parent = tree.parent(at).filter(|&parent| tree.name(parent) == "div")?;
                if tree.children(parent).any(|child| child != at && !is_space(tree, child)) {
                    return None;
                }
                at = parent;
            }
        }
    };
    while tree.name(next) == "div" && tree.attr(next, LOOK) != Some(Look::Caption.as_str()) {
        next = tree.children(next).find(|&child| !is_space(tree, child))?;
    }
    matches!(tree.name(next), "p" | "div").then_some(next)
}

fn is_space(tree: &Tree, id: NodeId) -> bool {
    match tree.node(id) {
        Node::Text(text) => text::is_blank(text),
        Node::Element(element) => {
            matches!(&*element.name, "p" | "div" | "span" | "br")
                && !tree.descendants(id).any(|below| match tree.node(below) {
                    Node::Text(text) => !text::is_blank(text),
                    Node::Element(element) => !matches!(&*element.name, "p" | "div" | "span" | "br"),
                    Node::Root => false,
                })
        }
        Node::Root => false,
    }
}

/// Returns true for a paragraph, outside figures, tables and lists, that begins with an image.
fn is_image_paragraph(tree: &Tree, id: NodeId) -> bool {
    tree.descendants(id).any(|below| tree.name(below) == "img")
        && tree.ancestors(id).all(|above| !matches!(tree.name(above), "figure" | "table" | "li"))
        && first_content(tree, id).is_some_and(|first| tree.name(first) == "img")
}

/// Returns the first image or text below `id`.
fn first_content(tree: &Tree, id: NodeId) -> Option<NodeId> {
    tree.descendants(id).find(|&below| match tree.node(below) {
        Node::Text(text) => !text::is_blank(text),
        Node::Element(element) => element.name == "img",
        Node::Root => false,
    })
}

/// Turns a paragraph of image, break and caption into a figure. Returns false when the paragraph is an image alone, so that
/// its caption may follow.
fn split_own_caption(tree: &mut Tree, id: NodeId) -> bool {
    let text = text::collapse(&tree.text(id));
    if text.is_empty() {
        return false;
    }
    let children: Vec<NodeId> = tree.children(id).collect();
    let Some(last_image) =
        children.iter().rposition(|&child| tree.descendants(child).any(|below| tree.name(below) == "img"))
    else {
        return true;
    };
    let (images, rest) = children.split_at(last_image + 1);
    let text_before = images.iter().any(|&child| !text::is_blank(&tree.text(child)));
    let broken = rest.iter().any(|&child| tree.name(child) == "br");
    let looks = rest.iter().any(|&child| tree.attr(child, LOOK).is_some())
        || tree.attr(id, LOOK) == Some(Look::Centred.as_str());
    if text_before || !(broken || looks) || !(is_caption_text(&text) || looks && is_short(&text)) {
        return true;
    }
    let caption = tree.create(Node::Element(Element::new("p")));
    for &child in rest {
        if tree.name(child) == "br" {
            tree.detach(child);
        } else {
            tree.append(caption, child);
        }
    }
    make_figure(tree, id, Some(caption));
    true
}

/// Returns true when the block after an image is its caption.
fn is_caption(tree: &Tree, id: NodeId) -> bool {
    let text = text::collapse(&tree.text(id));
    let holds_more = tree
        .descendants(id)
        .any(|below| matches!(tree.name(below), "img" | "ul" | "ol" | "table" | "h1" | "h2" | "h3"));
    !text.is_empty() && !holds_more && (is_caption_text(&text) || is_short(&text) && looks_like_caption(tree, id))
}

/// Returns true for a text with the words of a caption: `图为…`, `Photo: …`, `…摄`.
pub fn is_caption_text(text: &str) -> bool {
    let text = text::collapse(text);
    let all = || captions::ALL.iter().map(|(_, words)| words);
    let starts =
        text.starts_with(SYMBOLS) || all().any(|words| words.starts.iter().any(|start| text.starts_with(start)));
    let end = text.trim_end_matches(['）', ')', '。', ' ']);
    let ends = all().any(|words| words.ends.iter().any(|word| end.ends_with(word)));
    is_short(&text) && (starts || (ends && text::weight(&text) <= CAPTION / 2))
}

/// Returns true for a text that is not too long for a caption.
fn is_short(text: &str) -> bool {
    text::weight(text) <= CAPTION
}

/// Returns true when all of the text is grey, small or centred, or named a caption. A bold line is a sub-heading.
fn looks_like_caption(tree: &Tree, id: NodeId) -> bool {
    let all_under = |wanted: fn(&Tree, NodeId) -> bool| {
        tree.descendants(id).filter(|&below| tree.text_of(below).is_some_and(|text| !text::is_blank(text))).all(
            |below| {
                tree.ancestors(below)
                    .take_while(|&above| Some(above) != tree.parent(id))
                    .any(|above| wanted(tree, above))
            },
        )
    };
    if all_under(|tree, at| matches!(tree.name(at), "strong" | "b"))
        && tree.attr(id, LOOK) != Some(Look::Caption.as_str())
    {
        return false;
    }
    all_under(|tree, at| tree.attr(at, LOOK).is_some())
}

/// Turns a paragraph of images into a figure, with the caption's content as its `figcaption`.
fn make_figure(tree: &mut Tree, images: NodeId, caption: Option<NodeId>) {
    if let Some(element) = tree.element_mut(images) {
        element.name = "figure".into();
    }
    let Some(caption) = caption else { return };
    if let Some(element) = tree.element_mut(caption) {
        element.name = "figcaption".into();
        element.attrs.clear();
    }
    tree.append(images, caption);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paragraph(tree: &mut Tree, look: Option<&'static str>, text: &str) -> NodeId {
        let root = tree.root();
        let mut element = Element::new("p");
        if let Some(look) = look {
            element.set(LOOK, look);
        }
        let p = tree.append_element(root, element);
        tree.append_text(p, text);
        p
    }

    fn with_image() -> (Tree, NodeId) {
        let mut tree = Tree::new();
        let p = paragraph(&mut tree, Some(Look::Centred.as_str()), " ");
        tree.append_element(p, Element::new("img").with("src", "a.png"));
        (tree, p)
    }

    #[test]
    fn a_grey_line_after_an_image_is_its_caption() {
        let (mut tree, figure) = with_image();
        let caption = paragraph(&mut tree, Some("grey"), "报道截图");
        attach(&mut tree);
        assert_eq!((tree.name(figure), tree.name(caption)), ("figure", "figcaption"));
        assert_eq!(tree.parent(caption), Some(figure));
    }

    #[test]
    fn an_ordinary_paragraph_after_an_image_is_not_a_caption() {
        let (mut tree, figure) = with_image();
        let text = paragraph(&mut tree, None, "会谈后，两国领导人签署了一份联合声明。");
        attach(&mut tree);
        assert_eq!((tree.name(figure), tree.name(text)), ("p", "p"));
    }

    #[test]
    fn a_line_with_the_words_of_a_caption_is_one_regardless_of_style() {
        for line in ["▲会谈现场", "图为会谈现场。", "会谈现场（新华社记者 李明 摄）"] {
            let (mut tree, figure) = with_image();
            paragraph(&mut tree, None, line);
            attach(&mut tree);
            assert_eq!(tree.name(figure), "figure", "{line}");
        }
    }
}
