//! Containers: which lists are tight, where a new list must begin, and the maximum depth.

use super::callout::Callout;
use super::ir::{Container, Event, Leaf, Piece};

/// The maximum depth of quotes and lists. Deeper content goes to the last level, so that line prefixes stay short.
const MAX_DEPTH: usize = 32;

/// The event index of an item that no element of the page opened.
const IMPLICIT: usize = usize::MAX;

/// The largest number of a list item in CommonMark, which allows nine digits.
const MAX_NUMBER: i64 = 999_999_999;

/// The numbering of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Numbering {
    Bullets,
    /// Counts up from a number.
    Ascending(i64),
    /// Counts down from a number.
    Descending(i64),
}

/// The blocks so far, and the open containers.
#[derive(Debug)]
pub(super) struct Outline<'t> {
    events: Vec<Event<'t>>,
    open: Vec<OpenContainer>,
}

impl Default for Outline<'_> {
    fn default() -> Self {
        Self {
            events: Vec::new(),
            open: vec![OpenContainer { kind: ContainerKind::Root, event: 0, previous: None, written: 0 }],
        }
    }
}

/// An open container.
#[derive(Debug, Clone, Copy)]
struct OpenContainer {
    kind: ContainerKind,
    /// The index of its event.
    event: usize,
    /// The last block in it.
    previous: Option<Block>,
    /// The index in `Outline::open` of the innermost container that is written, itself included.
    written: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ContainerKind {
    Root,
    Quote,
    List {
        numbered: bool,
        next: i64,
        step: i64,
    },
    Item {
        index: usize,
    },
    Note,
    /// Not written, since it is too deep or has no list: its content goes to the container around it.
    Transparent,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Block {
    Line,
    Paragraph,
    Heading,
    Code,
    Quote,
    Html,
    List { numbered: bool, interrupts: bool, alternate: bool },
    Rule,
    Table,
    Item,
}

impl<'t> Outline<'t> {
    /// Returns all blocks.
    pub(super) fn finish(self) -> Vec<Event<'t>> {
        self.events
    }

    /// Adds a paragraph that the page marks as one, so that a list around it becomes loose.
    pub(super) fn marked_paragraph(&mut self, pieces: Vec<Piece<'t>>) {
        self.ensure_item();
        self.record(Block::Paragraph);
        self.events.push(Event::Leaf(Leaf::Paragraph(pieces)));
    }

    /// Adds any other block of text.
    pub(super) fn leaf(&mut self, leaf: Leaf<'t>) {
        self.ensure_item();
        self.record(match leaf {
            Leaf::Paragraph(_) => Block::Line,
            Leaf::Heading(..) => Block::Heading,
            Leaf::Code { .. } => Block::Code,
            Leaf::Rule => Block::Rule,
            Leaf::Table(_) => Block::Table,
            Leaf::Html(_) => Block::Html,
        });
        self.events.push(Event::Leaf(leaf));
    }

    pub(super) fn open_quote(&mut self) {
        self.ensure_item();
        if self.is_deepest() {
            self.enter(ContainerKind::Transparent, 0);
            return;
        }
        self.record(Block::Quote);
        self.push(ContainerKind::Quote, Container::Quote);
    }

    /// Opens a callout; returns false when it is too deep for a container of its own.
    pub(super) fn open_callout(&mut self, callout: Callout<'t>) -> bool {
        self.ensure_item();
        if self.is_deepest() {
            self.enter(ContainerKind::Transparent, 0);
            return false;
        }
        self.record(Block::Quote);
        self.push(ContainerKind::Quote, Container::Callout(callout));
        // Its marker counts as a line.
        if let Some(open) = self.open.last_mut() {
            open.previous = Some(Block::Line);
        }
        true
    }

    /// Opens a footnote.
    pub(super) fn open_note(&mut self, label: &'t str) {
        self.ensure_item();
        if self.is_deepest() {
            self.enter(ContainerKind::Transparent, 0);
            return;
        }
        self.record(Block::Quote);
        self.push(ContainerKind::Note, Container::Note(label));
    }

    /// Opens a list.
    pub(super) fn open_list(&mut self, numbering: Numbering) {
        self.ensure_item();
        if self.is_deepest() {
            self.enter(ContainerKind::Transparent, 0);
            return;
        }
        match numbering {
            Numbering::Bullets => self.push_list(None, 1),
            Numbering::Ascending(start) => self.push_list(Some(start), 1),
            Numbering::Descending(start) => self.push_list(Some(start), -1),
        }
    }

    /// Opens an item; `value` is its number on the page, if given.
    pub(super) fn open_item(&mut self, value: Option<i64>) {
        self.close_implicit_item();
        let Some(&OpenContainer { kind: ContainerKind::List { numbered, next, step }, .. }) = self.open.last() else {
            self.enter(ContainerKind::Transparent, 0);
            return;
        };
        let at = value.unwrap_or(next);
        let first = self.open.last().is_some_and(|list| list.previous.is_none());
        if numbered && first {
            self.set_start(at);
        } else if numbered && (at != next || step != 1) {
            // Markdown counts up by one; any other number needs a new list.
            self.end();
            self.push_list(Some(at), step);
        }
        let mut index = 0;
        if let Some(list) = self.open.last_mut() {
            index = list.event;
            list.kind = ContainerKind::List { numbered, next: at.saturating_add(step), step };
            list.previous = Some(Block::Item);
        }
        self.push(ContainerKind::Item { index }, Container::Item);
    }

    /// Closes the innermost container.
    pub(super) fn close(&mut self) {
        self.close_implicit_item();
        self.end();
    }

    /// Returns true when an item is open and empty.
    pub(super) fn at_item_start(&self) -> bool {
        self.open.last().is_some_and(|open| matches!(open.kind, ContainerKind::Item { .. }) && open.previous.is_none())
    }

    fn is_deepest(&self) -> bool {
        self.open.len() > 2 * MAX_DEPTH
            || self
                .open
                .iter()
                .filter(|open| {
                    matches!(open.kind, ContainerKind::Quote | ContainerKind::Note | ContainerKind::List { .. })
                })
                .count()
                >= MAX_DEPTH
    }

    fn push(&mut self, kind: ContainerKind, container: Container<'t>) {
        self.enter(kind, self.events.len());
        self.events.push(Event::Open(container));
    }

    fn enter(&mut self, kind: ContainerKind, event: usize) {
        let written = match kind {
            ContainerKind::Transparent => self.around(),
            _ => self.open.len(),
        };
        self.open.push(OpenContainer { kind, event, previous: None, written });
    }

    fn push_list(&mut self, start: Option<i64>, step: i64) {
        let numbered = start.is_some();
        let alternate = match self.open[self.around()].previous {
            Some(Block::List { numbered: before, alternate, .. }) => before == numbered && !alternate,
            _ => false,
        };
        let interrupts = start.is_none_or(|start| start == 1 && step == 1);
        self.record(Block::List { numbered, interrupts, alternate });
        let next = start.unwrap_or(1);
        let written = start.map(number);
        self.push(
            ContainerKind::List { numbered, next, step },
            Container::List { start: written, tight: true, alternate },
        );
    }

    fn set_start(&mut self, value: i64) {
        let Some(list) = self.open.last() else { return };
        if let Some(Event::Open(Container::List { start, .. })) = self.events.get_mut(list.event) {
            *start = Some(number(value));
        }
        if value != 1 {
            self.loosen_around();
        }
    }

    /// Opens an item for content directly in a list: the item before it, or a new one.
    fn ensure_item(&mut self) {
        if !matches!(self.open.last(), Some(OpenContainer { kind: ContainerKind::List { .. }, .. })) {
            return;
        }
        if self.events.last() == Some(&Event::Close)
            && let Some(list) = self.open.last().map(|list| list.event)
        {
            // The item has a block already, so what follows must not continue its paragraph.
            self.events.pop();
            self.enter(ContainerKind::Item { index: list }, IMPLICIT);
            if let Some(item) = self.open.last_mut() {
                item.previous = Some(Block::Line);
            }
        } else {
            self.open_item(None);
            if let Some(item) = self.open.last_mut() {
                item.event = IMPLICIT;
            }
        }
    }

    /// Closes an item that `ensure_item` opened, which no element of the page closes.
    fn close_implicit_item(&mut self) {
        if matches!(self.open.last(), Some(OpenContainer { kind: ContainerKind::Item { .. }, event: IMPLICIT, .. })) {
            self.open.pop();
            self.events.push(Event::Close);
        }
    }

    fn end(&mut self) {
        if self.open.len() < 2 {
            return;
        }
        let Some(ended) = self.open.pop() else { return };
        match ended.kind {
            ContainerKind::Root | ContainerKind::Transparent => {}
            ContainerKind::Quote | ContainerKind::Note | ContainerKind::List { .. } if ended.previous.is_none() => {
                self.events.truncate(ended.event)
            }
            ContainerKind::Item { .. } => {
                if ended.previous.is_none() {
                    // An empty item cannot interrupt the paragraph before its list.
                    self.loosen_around();
                }
                self.events.push(Event::Close);
            }
            _ => self.events.push(Event::Close),
        }
    }

    /// Returns the index of the innermost container that is written.
    fn around(&self) -> usize {
        self.open.last().map_or(0, |open| open.written)
    }

    /// Makes the list around the innermost list loose.
    fn loosen_around(&mut self) {
        let item = self.open.iter().rev().filter_map(|open| match open.kind {
            ContainerKind::Item { index } => Some(index),
            _ => None,
        });
        if let Some(index) = item.take(1).next() {
            self.loosen(index);
        }
    }

    fn loosen(&mut self, index: usize) {
        if let Some(Event::Open(Container::List { tight, .. })) = self.events.get_mut(index) {
            *tight = false;
        }
    }

    /// Records a block in the innermost written container, and makes its list loose where needed.
    fn record(&mut self, block: Block) {
        let at = self.around();
        let previous = self.open[at].previous.replace(block);
        if let ContainerKind::Item { index } = self.open[at].kind
            && !joins(previous, block)
        {
            self.loosen(index);
        }
    }
}

/// Returns true when a block can follow another without a blank line and is still read as what it is.
fn joins(previous: Option<Block>, next: Block) -> bool {
    let clear = matches!(previous, None | Some(Block::Code | Block::Heading | Block::Rule));
    match next {
        Block::Paragraph | Block::Html => false,
        Block::Line | Block::Table => clear,
        _ if previous == Some(Block::Html) => false,
        Block::Quote => previous != Some(Block::Quote),
        Block::List { interrupts, .. } => clear || interrupts,
        Block::Heading | Block::Code | Block::Rule | Block::Item => previous != Some(Block::Table),
    }
}

fn number(value: i64) -> u64 {
    // Numbers that Markdown cannot write become 1.
    if (0..=MAX_NUMBER).contains(&value) { value.unsigned_abs() } else { 1 }
}

#[cfg(test)]
mod tests {
    use crate::markdown::check::markdown;

    #[test]
    fn numbers_that_markdown_cannot_write_become_one() {
        for start in ["-3", "1000000000", "x"] {
            assert_eq!(markdown(&format!("<ol start='{start}'><li>a</li></ol>")), "1. a\n", "{start}");
        }
        assert_eq!(markdown("<ol start='0'><li>a</li></ol>"), "0. a\n");
        assert_eq!(markdown("<ol><li value='7'>a</li><li>b</li></ol>"), "7. a\n8. b\n");
    }

    #[test]
    fn content_of_a_list_outside_its_items_is_kept() {
        assert_eq!(markdown("<ul>甲<li>乙</li></ul>"), "- 甲\n- 乙\n");
        assert_eq!(markdown("<ul><li>甲</li>乙</ul>"), "- 甲\n\n  乙\n");
        assert_eq!(markdown("<ul><p>甲</p></ul>"), "甲\n");
        assert_eq!(markdown("<ul><ul><li>甲</li></ul></ul>"), "- 甲\n");
    }

    #[test]
    fn a_list_of_lines_and_lists_is_tight() {
        assert_eq!(markdown("<ul><li>a<ol><li>b</li></ol></li><li><div>c</div></li></ul>"), "- a\n  1. b\n- c\n");
        assert_eq!(markdown("<ul><li>a<div>b</div></li><li>c</li></ul>"), "- a\n\n  b\n\n- c\n");
    }

    #[test]
    fn content_beyond_the_maximum_depth_continues_on_the_last_level() {
        let written = markdown(&format!("{}底{}", "<blockquote>层".repeat(100), "</blockquote>".repeat(100)));
        assert_eq!(written.matches('层').count(), 100);
        assert!(written.lines().all(|line| line.matches('>').count() <= 32));
        assert!(written.ends_with("底\n"));
    }
}
