//! One walk over a page: what text stands where, how much of it is links, and what its surroundings are called.
//!
//! Nodes are laid out in document order, so what stands below a node is one range and every sum over it is two look-ups.

use std::collections::{HashMap, HashSet};

use foldhash::fast::RandomState;

use crate::html::{ElementRef, Node, NodeRef, Page, text};

use super::attributes::Attributes;
use super::blocks::names::{self, LEXICON};
use super::elements;
use super::hidden;
use super::hints::Hints;
use super::markup::Markup;
use super::page_regions::{self, PageRegion};

/// What is read as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// A formula; the text in it is no text of the page's.
    Formula,
    /// A block of code; it is one block of text.
    Code,
}

/// A node in document order.
pub struct Entry<'a> {
    /// The node in the page's tree.
    pub node: NodeRef<'a>,
    /// Its parent; the root is its own.
    pub parent: usize,
    /// One past the last node below it.
    pub end: usize,
    /// True when no reader sees it, ever: scripts, controls, hidden lines, and everything below them.
    pub unseen: bool,
    /// Hidden as the page is delivered, with everything below: a closed panel, or a page that a script unveils.
    pub hidden: bool,
    /// Hidden for good, or meant for screen readers: no part of the article, though it is selection with the rest.
    pub excluded: bool,
    /// What its tag, role, class and id say.
    pub region: PageRegion,
    /// What class, id, tag and role name, as `blocks::names` has it; 0 for what is no element.
    pub topics: u64,
    /// What it may be, by a first look.
    pub hints: Hints,
    /// The number of its class attribute: equal for elements whose attributes are.
    pub class: u32,
    /// The nearest block element: itself, or the one it stands in.
    pub block: usize,
    /// Inside a link.
    pub linked: bool,
    /// Inside bold type.
    pub bold: bool,
    /// Set on the element that is a formula or a block of code as a whole.
    pub unit: Option<Unit>,
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

impl Entry<'_> {
    /// Takes in what the element is as a whole: a formula's class says nothing of the page, and code is code by whatever
    /// elements it is written.
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
    /// The formulas and blocks of code, by their place in `entries`.
    units: HashMap<usize, Markup>,
    /// What the values of class attributes say.
    classes: HashMap<&'a str, Classes, RandomState>,
    /// Code was met, or the page has a `pre` somewhere.
    has_code: bool,
    /// Ids of parts that something on the page opens, or leads to.
    opened: HashSet<&'a str, RandomState>,
    /// Hidden elements of which it is not known yet whether they open.
    closed: Vec<usize>,
}

/// Where a page shows less than so many times what it hides, a script unveils it.
const UNVEILED: usize = 3;

/// A hidden part of more text (200 Han characters) is left to the judgement on all of the page's text.
const HIDDEN: usize = 600;

/// So many hidden parts of one name are what a reader opens one by one, such as answers to questions.
const ALIKE: usize = 3;

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
        let mut open: Vec<Frame> = Vec::new();
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
        scan.veil();
        scan
    }

    /// Marks what is hidden for good: no reader opens it, and it is not what a script unveils.
    fn veil(&mut self) {
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
        if hidden * UNVEILED >= self.text(0).weight {
            return;
        }
        let mut alike: HashMap<(&str, &str), usize> = HashMap::new();
        let named = |scan: &Self, at: usize| {
            let class = scan.element(at).and_then(|element| element.attr("class"));
            (scan.name(at), class.unwrap_or_default())
        };
        closed.iter().for_each(|&at| *alike.entry(named(self, at)).or_default() += 1);
        for at in closed {
            let is_judged = own(self, at) > HIDDEN || alike[&named(self, at)] >= ALIKE;
            if self.entries[at].excluded || is_judged || self.may_open(at) {
                continue;
            }
            let end = self.entries[at].end;
            self.entries[at..end].iter_mut().for_each(|entry| entry.excluded = true);
        }
    }

    /// True for a hidden part that a reader may open, or that is a footnote.
    pub fn may_open(&self, index: usize) -> bool {
        self.element(index).is_some_and(|element| {
            let is_line = elements::is_line(element.value().name());
            let named = element.attr("id").is_some_and(|id| self.opened.contains(id));
            named || !is_line && hidden::opens(element) || hidden::is_note(element)
        })
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
                let name = element.name();
                let attributes = Attributes::of(element);
                let hides = attributes.hides();
                entry.hidden |= hides;
                let classes = attributes.class.map_or_else(Classes::default, |class| self.classes(class));
                let (region, topics) = names(name, &attributes, classes);
                entry.class = classes.number;
                entry.excluded |= is_read_out(node, &attributes, classes, outer.in_link);
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
                // A hidden formula is another form of one that is shown.
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
                let (weight, marks) = weigh(&found.text);
                let linked = if outer.in_link { weight } else { 0 };
                for text in [&mut sum, &mut self.entries[outer.block].own] {
                    text.weight += weight;
                    text.linked += linked;
                    text.marks += marks;
                }
            }
            _ => {}
        }
        // What stands in a frame's element is for programs that know no frames; in a formula, it is the formula's.
        let is_formula = entry.unit == Some(Unit::Formula);
        frame.unseen =
            entry.unseen || is_formula || matches!(node.value(), Node::Element(element) if element.name() == "iframe");
        (frame.hidden, frame.excluded) = (entry.hidden, entry.excluded);
        self.entries.push(entry);
        self.sums.push(sum);
        open.push(frame);
    }

    /// What a class attribute says; each is read once, however many elements have it.
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

    /// How many different class attributes there are; the elements without one have a number too.
    pub fn count_classes(&self) -> usize {
        self.classes.len() + 1
    }

    /// Adds to an element's own hints that it stands near code.
    fn hints(&mut self, own: Hints) -> Hints {
        self.has_code |= own.has(Hints::CODE);
        if self.has_code { own.and(Hints::NEAR_CODE) } else { own }
    }

    /// The formula or block of code that the element at `index` is as a whole.
    pub fn unit(&self, index: usize) -> Option<&Markup> {
        self.units.get(&index)
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

/// Weight and sentence marks of a text.
fn weigh(text: &str) -> (usize, usize) {
    // Bytes are counted many at a time.
    if text.is_ascii() {
        let blank = text.bytes().filter(|byte| matches!(byte, b' ' | b'\t'..=b'\r')).count();
        let marks = text.bytes().filter(|byte| matches!(byte, b',' | b'.' | b';' | b'!' | b'?')).count();
        return (text.len() - blank, marks);
    }
    text.chars()
        .fold((0, 0), |(weight, marks), c| (weight + usize::from(text::weight_of(c)), marks + usize::from(is_mark(c))))
}

/// What a class attribute says.
#[derive(Debug, Clone, Copy, Default)]
struct Classes {
    /// The place of the attribute's value among all, from 1; 0 for no attribute.
    number: u32,
    region: PageRegion,
    /// As `blocks::names` has them.
    topics: u64,
    /// Its elements are left to screen readers.
    is_read_out: bool,
    hints: Hints,
}

/// PageRegion and topics of an element.
fn names(name: &str, attributes: &Attributes<'_>, classes: Classes) -> (PageRegion, u64) {
    let mut region = classes.region;
    let mut topics = names::of_element(name, attributes.role) | classes.topics;
    for value in [attributes.id, attributes.property].into_iter().flatten() {
        region = region.or(page_regions::of_names(value));
        topics |= LEXICON.of_names(value);
    }
    (page_regions::of_element(name, attributes.role, attributes.property).unwrap_or(region), topics)
}

/// Meant for screen readers: by its class or style, or by what it says at the end of a link.
fn is_read_out(node: NodeRef<'_>, attributes: &Attributes<'_>, classes: Classes, in_link: bool) -> bool {
    let Some(element) = ElementRef::wrap(node) else { return false };
    let name = element.value().name();
    // Sites of Korea call it so.
    let blind = attributes.class == Some("blind") && elements::is_line(name);
    if classes.is_read_out || blind || attributes.style.is_some_and(hidden::cuts) {
        return !(hidden::is_note(element) || hidden::holds_formula(element) || hidden::is_all_of_cell(element));
    }
    in_link && elements::is_inline(name) && name != "a" && hidden::says_new_tab(element)
}

/// What is open around a node.
#[derive(Debug, Clone, Copy, Default)]
struct Frame {
    index: usize,
    block: usize,
    in_link: bool,
    bold: bool,
    unseen: bool,
    hidden: bool,
    in_unit: bool,
    excluded: bool,
}

/// Marks that sentences have and menus have not.
pub fn is_mark(c: char) -> bool {
    matches!(c, ',' | '.' | ';' | '!' | '?' | '，' | '。' | '、' | '；' | '！' | '？' | '：' | '،' | '۔' | '।' | '．')
}
