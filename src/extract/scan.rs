//! One walk over a page: where its text is, how much of it is links, and what the elements around it declare.
//!
//! Nodes are stored in document order, so the nodes below a node are one range and every sum over them is two look-ups.

use std::collections::{HashMap, HashSet};

use foldhash::fast::RandomState;

use crate::html::{Element, ElementRef, Node, NodeRef, Page, text};

use super::attributes::Attributes;
use super::blocks::names::{self, LEXICON};
use super::elements;
use super::hidden;
use super::hints::Hints;
use super::markup::Markup;
use super::page_regions::{self, PageRegion};

/// An element that is read as one unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// A formula; its text does not count as text of the page.
    Formula,
    /// A code block; it is one block of text.
    Code,
}

/// A node in document order.
pub struct Entry<'a> {
    /// The node in the page's tree.
    pub node: NodeRef<'a>,
    /// The element's name; empty for other nodes.
    pub name: &'a str,
    /// Its parent; the root is its own.
    pub parent: usize,
    /// One past the last node below it.
    pub end: usize,
    /// True when readers never see it: scripts, controls, hidden lines, and everything below them.
    pub unseen: bool,
    /// Hidden in the HTML, with everything below: a closed panel, or a page that a script shows.
    pub hidden: bool,
    /// Hidden from every reader, or meant for screen readers only: scored like other text, but not part of the article.
    pub excluded: bool,
    /// The region that its tag, role, class and id declare.
    pub region: PageRegion,
    /// The topics of its class, id, tag and role, as bits of `blocks::names`; 0 for other nodes.
    pub topics: u64,
    /// What it may be, by a quick search.
    pub hints: Hints,
    /// The number of its class attribute: equal for equal attributes.
    pub class: u32,
    /// The nearest block element: itself or an ancestor.
    pub block: usize,
    /// Inside a link.
    pub linked: bool,
    /// Inside bold type.
    pub bold: bool,
    /// Set on the outermost element of a formula or a code block.
    pub unit: Option<Unit>,
    /// Sums over the text directly in this block; zero for other nodes.
    pub own: Text,
}

/// Sums over text.
#[derive(Debug, Clone, Copy, Default)]
pub struct Text {
    /// The weight, as defined in `html::text::weight`.
    pub weight: usize,
    /// The part of `weight` inside links.
    pub linked: usize,
    /// The number of punctuation marks of sentences, in any script.
    pub marks: usize,
}

impl Text {
    /// Returns the share of the text in links, 0 to 1; 0 without text.
    pub fn link_density(&self) -> f64 {
        if self.weight == 0 { 0.0 } else { self.linked as f64 / self.weight as f64 }
    }
}

impl Entry<'_> {
    /// Records that the element is a unit. The names of formulas and code blocks do not declare regions of the page.
    fn enter_unit(&mut self, unit: &Markup) {
        match unit {
            Markup::Math { .. } | Markup::Unreadable { .. } => {
                (self.unit, self.unseen) = (Some(Unit::Formula), false);
                (self.region, self.topics) = (PageRegion::None, 0);
            }
            Markup::Code { .. } => {
                (self.unit, self.region) = (Some(Unit::Code), PageRegion::None);
                self.topics |= names::CODE;
            }
            _ => self.unseen = true,
        }
    }
}

/// A page's nodes in document order.
pub struct Scan<'a> {
    /// Index 0 is the document itself.
    pub entries: Vec<Entry<'a>>,
    /// `sums[i]` holds the sums over the text of `entries[..i]`.
    sums: Vec<Text>,
    /// The formulas and code blocks, by their index in `entries`.
    units: HashMap<usize, Markup>,
    /// What each class attribute declares.
    classes: HashMap<&'a str, Classes, RandomState>,
    /// True when code was found, or the page has a `pre` anywhere.
    has_code: bool,
    /// Ids of parts that something on the page opens or links to.
    opened: HashSet<&'a str, RandomState>,
    /// Hidden elements that may be panels; decided at the end of the walk.
    closed: Vec<usize>,
}

/// A page that shows less than this many times the text that it hides is shown by a script.
const SCRIPT_SHOWN: usize = 3;

/// A hidden part of more weight (200 Han characters) is left to the model.
const HIDDEN: usize = 600;

/// This many hidden parts with one name are panels that a reader opens, such as answers in a list of questions.
const SAME_NAME: usize = 3;

impl<'a> Scan<'a> {
    /// Walks a page.
    pub fn of(page: &'a Page) -> Self {
        let count = page.dom.count();
        let mut scan = Self {
            entries: Vec::with_capacity(count),
            sums: Vec::with_capacity(count + 1),
            units: HashMap::new(),
            classes: HashMap::default(),
            has_code: page.dom.elements().any(|element| element.name() == "pre"),
            opened: HashSet::default(),
            closed: Vec::new(),
        };
        scan.sums.push(Text::default());
        let mut open: Vec<OpenNode> = Vec::new();
        for edge in page.dom.root().traverse() {
            match edge {
                crate::html::Edge::Open(node) => scan.enter(node, &mut open),
                crate::html::Edge::Close(_) => {
                    let count = scan.entries.len();
                    if let Some(frame) = open.pop() {
                        scan.entries[frame.index].end = count;
                    }
                }
            }
        }
        scan.exclude_hidden();
        scan
    }

    /// Marks what is hidden from every reader: no reader opens it, and no script shows it.
    fn exclude_hidden(&mut self) {
        let closed = std::mem::take(&mut self.closed);
        if closed.is_empty() {
            return;
        }
        let weight = |entry: &Entry<'_>| match entry.node.value() {
            Node::Text(text) if !entry.unseen => text::weight(&text.text),
            _ => 0,
        };
        let mut before = vec![0];
        before.extend(self.entries.iter().map(weight).scan(0, |sum, weight| {
            *sum += weight;
            Some(*sum)
        }));
        let own = |scan: &Self, at: usize| before[scan.entries[at].end] - before[at];
        let (mut hidden, mut end) = (0, 0);
        for &at in &closed {
            hidden += if at >= end { own(self, at) } else { 0 };
            end = end.max(self.entries[at].end);
        }
        if hidden * SCRIPT_SHOWN >= self.text(0).weight {
            return;
        }
        let mut alike: HashMap<(&str, &str), usize> = HashMap::new();
        let named = |scan: &Self, at: usize| {
            let class = scan.element(at).and_then(|element| element.attr("class"));
            (scan.name(at), class.unwrap_or_default())
        };
        closed.iter().for_each(|&at| *alike.entry(named(self, at)).or_default() += 1);
        for at in closed {
            let is_left_to_model = own(self, at) > HIDDEN || alike[&named(self, at)] >= SAME_NAME;
            if self.entries[at].excluded || is_left_to_model || self.may_open(at) {
                continue;
            }
            let end = self.entries[at].end;
            self.entries[at..end].iter_mut().for_each(|entry| entry.excluded = true);
        }
    }

    /// Returns true for a hidden part that a reader may open, or that is a footnote.
    pub fn may_open(&self, index: usize) -> bool {
        self.element(index).is_some_and(|element| {
            let is_line = elements::is_line(element.value().name());
            let named = element.attr("id").is_some_and(|id| self.opened.contains(id));
            named || !is_line && hidden::opens(element) || hidden::is_note(element)
        })
    }

    fn enter(&mut self, node: NodeRef<'a>, open: &mut Vec<OpenNode>) {
        let index = self.entries.len();
        let outer = open.last().copied().unwrap_or_default();
        let mut frame = OpenNode { index, ..outer };
        let mut entry = Entry {
            node,
            name: node.value().as_element().map_or("", Element::name),
            parent: outer.index,
            end: index + 1,
            unseen: outer.unseen,
            hidden: outer.hidden,
            excluded: outer.excluded,
            region: PageRegion::None,
            topics: 0,
            hints: Hints::default(),
            class: 0,
            block: outer.block,
            linked: outer.in_link,
            bold: outer.bold,
            unit: None,
            own: Text::default(),
        };
        let mut sum = self.sums.last().copied().unwrap_or_default();
        match node.value() {
            Node::Element(element) => {
                let name = entry.name;
                let attributes = Attributes::of(element);
                let hides = attributes.hides();
                entry.hidden |= hides;
                let classes = attributes.class.map_or_else(Classes::default, |class| self.classes(class));
                let (region, topics) = names(name, &attributes, classes);
                entry.class = classes.number;
                entry.excluded |= is_read_out(node, &attributes, classes, outer);
                entry.hints = self.hints(attributes.hints.and(classes.hints));
                entry.unseen |= elements::is_unseen(name);
                if hides && elements::is_line(name) && !ElementRef::wrap(node).is_some_and(hidden::is_note) {
                    (entry.unseen, entry.excluded) = (true, true);
                }
                for id in hidden::opened_by(&attributes) {
                    self.opened.insert(id);
                }
                if hides && !entry.unseen && !elements::is_line(name) {
                    self.closed.push(index);
                }
                entry.region = region;
                entry.topics = topics | if hides { names::HIDDEN } else { 0 };
                frame.in_link |= name == "a" && attributes.is_link;
                frame.bold |= matches!(name, "b" | "strong");
                let unit = ElementRef::wrap(node)
                    .filter(|_| !outer.in_unit && !outer.unseen)
                    .and_then(|element| Markup::unit(element, entry.hints));
                // A hidden formula is another form of a visible one.
                let unit = unit.filter(|unit| !(hides && matches!(unit, Markup::Math { .. })));
                if let Some(unit) = unit {
                    frame.in_unit = true;
                    entry.enter_unit(&unit);
                    self.units.insert(index, unit);
                }
                if entry.unit == Some(Unit::Code) || !elements::is_inline(name) && !frame.in_unit {
                    frame.block = index;
                    entry.block = index;
                }
            }
            Node::Text(found) if !outer.unseen && !outer.hidden => {
                let (weight, marks) = measure(&found.text);
                let linked = if outer.in_link { weight } else { 0 };
                for text in [&mut sum, &mut self.entries[outer.block].own] {
                    text.weight += weight;
                    text.linked += linked;
                    text.marks += marks;
                }
            }
            _ => {}
        }
        // The content of an `iframe` is for programs without frames; the content of a formula is read with it.
        let is_formula = entry.unit == Some(Unit::Formula);
        frame.unseen = entry.unseen || is_formula || entry.name == "iframe";
        (frame.hidden, frame.excluded) = (entry.hidden, entry.excluded);
        self.entries.push(entry);
        self.sums.push(sum);
        open.push(frame);
    }

    /// Returns what a class attribute declares. Each value is read once.
    fn classes(&mut self, class: &'a str) -> Classes {
        let number = self.classes.len() as u32 + 1;
        let read = || {
            let hints = Hints::of_class(class);
            let is_read_out = hints.has(Hints::READ_OUT) && hidden::is_read_out(class);
            Classes {
                number,
                region: page_regions::of_names(class),
                topics: LEXICON.of_names(class),
                is_read_out,
                hints,
            }
        };
        *self.classes.entry(class).or_insert_with(read)
    }

    /// Returns the number of different class attributes, including one for elements without it.
    pub fn count_classes(&self) -> usize {
        self.classes.len() + 1
    }

    /// Adds the hint that an element may be near code.
    fn hints(&mut self, own: Hints) -> Hints {
        self.has_code |= own.has(Hints::CODE);
        if self.has_code { own.and(Hints::NEAR_CODE) } else { own }
    }

    /// Returns the formula or code block at `index`; None for other elements.
    pub fn unit(&self, index: usize) -> Option<&Markup> {
        self.units.get(&index)
    }

    /// Returns the sums over all text below `index`.
    pub fn text(&self, index: usize) -> Text {
        let (from, to) = (self.sums[index], self.sums[self.entries[index].end]);
        Text { weight: to.weight - from.weight, linked: to.linked - from.linked, marks: to.marks - from.marks }
    }

    /// Returns the element at `index`; None for text, comments and the document.
    pub fn element(&self, index: usize) -> Option<ElementRef<'a>> {
        ElementRef::wrap(self.entries[index].node)
    }

    /// Returns the element's name; empty for other nodes.
    pub fn name(&self, index: usize) -> &'a str {
        self.entries[index].name
    }

    /// Returns the children of `index`, in order.
    pub fn children(&self, index: usize) -> impl Iterator<Item = usize> + '_ {
        let end = self.entries[index].end;
        let first = Some(index + 1).filter(|&first| first < end);
        std::iter::successors(first, move |&child| Some(self.entries[child].end).filter(|&next| next < end))
    }

    /// Returns a short description for traces: `div#main.article "当地时间…"`.
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

/// Returns the weight and the number of punctuation marks of a text.
fn measure(text: &str) -> (usize, usize) {
    // These loops are vectorised.
    if text.is_ascii() {
        let blank = text.bytes().filter(|byte| matches!(byte, b' ' | b'\t'..=b'\r')).count();
        let marks = text.bytes().filter(|byte| matches!(byte, b',' | b'.' | b';' | b'!' | b'?')).count();
        return (text.len() - blank, marks);
    }
    text.chars()
        .fold((0, 0), |(weight, marks), c| (weight + usize::from(text::weight_of(c)), marks + usize::from(is_mark(c))))
}

/// What a class attribute declares.
#[derive(Debug, Clone, Copy, Default)]
struct Classes {
    /// The number of the attribute's value, from 1; 0 for no attribute.
    number: u32,
    region: PageRegion,
    /// The topics, as bits of `blocks::names`.
    topics: u64,
    /// True when its elements are for screen readers only.
    is_read_out: bool,
    hints: Hints,
}

/// Returns the region and the topics that an element declares.
fn names(name: &str, attributes: &Attributes<'_>, classes: Classes) -> (PageRegion, u64) {
    let mut region = classes.region;
    let mut topics = names::of_element(name, attributes.role) | classes.topics;
    for value in [attributes.id, attributes.property].into_iter().flatten() {
        region = region.or(page_regions::of_names(value));
        topics |= LEXICON.of_names(value);
    }
    (page_regions::of_element(name, attributes.role, attributes.property).unwrap_or(region), topics)
}

/// Returns true for text for screen readers only, by class, style or wording at the end of a link.
fn is_read_out(node: NodeRef<'_>, attributes: &Attributes<'_>, classes: Classes, outer: OpenNode) -> bool {
    let Some(element) = ElementRef::wrap(node) else { return false };
    let name = element.value().name();
    // Korean sites use this name.
    let blind = attributes.class == Some("blind") && elements::is_line(name);
    if classes.is_read_out || blind || attributes.style.is_some_and(hidden::cuts) {
        return !(hidden::is_note(element) || hidden::holds_formula(element) || hidden::is_all_of_cell(element));
    }
    outer.in_link && elements::is_inline(name) && name != "a" && hidden::says_new_tab(element)
}

/// The state that a node passes to the nodes below it.
#[derive(Debug, Clone, Copy, Default)]
struct OpenNode {
    index: usize,
    block: usize,
    in_link: bool,
    bold: bool,
    unseen: bool,
    hidden: bool,
    in_unit: bool,
    excluded: bool,
}

/// Returns true for sentence punctuation, which menus rarely contain.
pub fn is_mark(c: char) -> bool {
    matches!(c, ',' | '.' | ';' | '!' | '?' | '，' | '。' | '、' | '；' | '！' | '？' | '：' | '،' | '۔' | '।' | '．')
}
