//! One walk over a page: what text stands where, how much of it is links, and what its surroundings are called.
//!
//! Nodes are laid out in document order, so what stands below a node is one range and every sum over it is two look-ups.

use crate::html::{ElementRef, Node, NodeRef, Page, text};

use super::cues::{self, Cue};

/// A node in document order.
pub struct Entry<'a> {
    /// The node in the page's tree.
    pub node: NodeRef<'a>,
    /// Its parent; the root is its own.
    pub parent: usize,
    /// One past the last node below it.
    pub end: usize,
    /// True when no reader sees it: scripts, controls, hidden elements, and everything below them.
    pub unseen: bool,
    /// What its tag, role, class and id say.
    pub cue: Cue,
    /// The text that stands directly in this block: weight, part of it in links, sentence marks. Zero for others.
    pub own: Text,
}

/// Sums over some text.
#[derive(Debug, Clone, Copy, Default)]
pub struct Text {
    /// As `html::text::weight` has it.
    pub weight: usize,
    /// The part of `weight` inside links.
    pub linked: usize,
    /// Commas, full stops and their like of any script.
    pub marks: usize,
}

impl Text {
    /// Share of the text that is links, 0 to 1; 0 for no text.
    pub fn link_density(&self) -> f64 {
        if self.weight == 0 { 0.0 } else { self.linked as f64 / self.weight as f64 }
    }
}

/// A page's nodes in document order.
pub struct Scan<'a> {
    /// Index 0 is the document itself.
    pub entries: Vec<Entry<'a>>,
    /// `sums[i]` holds the sums over the text of `entries[..i]`.
    sums: Vec<Text>,
}

impl<'a> Scan<'a> {
    /// Walks a page.
    pub fn of(page: &'a Page) -> Self {
        let mut scan = Self { entries: Vec::new(), sums: vec![Text::default()] };
        let mut open: Vec<Frame> = Vec::new();
        for edge in page.dom.tree.root().traverse() {
            match edge {
                ego_tree::iter::Edge::Open(node) => scan.enter(node, &mut open),
                ego_tree::iter::Edge::Close(_) => {
                    let count = scan.entries.len();
                    if let Some(frame) = open.pop() {
                        scan.entries[frame.index].end = count;
                    }
                }
            }
        }
        scan
    }

    fn enter(&mut self, node: NodeRef<'a>, open: &mut Vec<Frame>) {
        let index = self.entries.len();
        let outer = open.last().copied().unwrap_or_default();
        let mut frame = Frame { index, ..outer };
        let mut entry = Entry {
            node,
            parent: outer.index,
            end: index + 1,
            unseen: outer.unseen,
            cue: Cue::None,
            own: Text::default(),
        };
        let mut sum = self.sums.last().copied().unwrap_or_default();
        match node.value() {
            Node::Element(element) => {
                let name = element.name();
                entry.unseen |= cues::is_unseen(element);
                entry.cue = cues::cue(element);
                frame.in_link |= name == "a" && element.attr("href").is_some();
                if !cues::is_inline(name) {
                    frame.block = index;
                }
            }
            Node::Text(found) if !outer.unseen => {
                let weight = text::weight(&found.text);
                let linked = if outer.in_link { weight } else { 0 };
                let marks = found.text.chars().filter(|&c| is_mark(c)).count();
                for text in [&mut sum, &mut self.entries[outer.block].own] {
                    text.weight += weight;
                    text.linked += linked;
                    text.marks += marks;
                }
            }
            _ => {}
        }
        frame.unseen = entry.unseen;
        self.entries.push(entry);
        self.sums.push(sum);
        open.push(frame);
    }

    /// Sums over all text below `index`.
    pub fn text(&self, index: usize) -> Text {
        let (from, to) = (self.sums[index], self.sums[self.entries[index].end]);
        Text { weight: to.weight - from.weight, linked: to.linked - from.linked, marks: to.marks - from.marks }
    }

    /// The element at `index`; None for text, comments and the document.
    pub fn element(&self, index: usize) -> Option<ElementRef<'a>> {
        ElementRef::wrap(self.entries[index].node)
    }

    /// The element's name; empty for what is none.
    pub fn name(&self, index: usize) -> &'a str {
        self.element(index).map_or("", |element| element.value().name())
    }

    /// Children of `index`, in order.
    pub fn children(&self, index: usize) -> impl Iterator<Item = usize> + '_ {
        let end = self.entries[index].end;
        let first = Some(index + 1).filter(|&first| first < end);
        std::iter::successors(first, move |&child| Some(self.entries[child].end).filter(|&next| next < end))
    }

    /// A short name for traces: `div#main.article "当地时间…"`.
    pub fn describe(&self, index: usize) -> String {
        let mut out = String::new();
        if let Some(element) = self.element(index) {
            out.push_str(element.value().name());
            if let Some(id) = element.attr("id") {
                out.push('#');
                out.extend(id.chars().take(40));
            }
            for class in element.attr("class").unwrap_or_default().split_whitespace().take(3) {
                out.push('.');
                out.extend(class.chars().take(40));
            }
        }
        let start: String = self.entries[index]
            .node
            .descendants()
            .filter_map(|node| node.value().as_text())
            .flat_map(|text| text.text.chars())
            .filter(|c| !c.is_control() || *c == '\n')
            .skip_while(|c| c.is_whitespace())
            .take(40)
            .collect();
        format!("{out} \"{}\"", text::collapse(&start))
    }
}

/// What is open around a node.
#[derive(Debug, Clone, Copy, Default)]
struct Frame {
    index: usize,
    block: usize,
    in_link: bool,
    unseen: bool,
}

/// Marks that sentences have and menus have not.
fn is_mark(c: char) -> bool {
    matches!(c, ',' | '.' | ';' | '!' | '?' | '，' | '。' | '、' | '；' | '！' | '？' | '：' | '،' | '۔' | '।' | '．')
}
