//! Containers: which lists are tight, where a list begins anew, how deep nesting goes.

use super::callout::Callout;
use super::ir::{Container, Event, Leaf};

/// Quotes and lists nest this deep; what stands deeper continues on the last level. Readers see no difference, and
/// what stands before each line stays short.
const DEEPEST: usize = 32;

/// Stands for the event of an item that no element of the page opened.
const LEFT_OPEN: usize = usize::MAX;

/// Numbers of CommonMark lists have at most nine digits.
const LARGEST: i64 = 999_999_999;

/// The blocks so far, and the containers that are open.
#[derive(Debug)]
pub(super) struct Outline<'t> {
    events: Vec<Event<'t>>,
    open: Vec<Open>,
}

impl Default for Outline<'_> {
    fn default() -> Self {
        Self { events: Vec::new(), open: vec![Open { kind: Kind::Root, event: 0, previous: None, written: 0 }] }
    }
}

#[derive(Debug, Clone, Copy)]
struct Open {
    kind: Kind,
    /// Index of its event.
    event: usize,
    /// The block that was written in it last.
    previous: Option<Block>,
    /// Index (in `Outline::open`) of the innermost container that is written, itself included.
    written: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
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
    /// Too deep, or with no place of its own: its content goes to what is around it.
    Through,
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
    /// All blocks.
    pub(super) fn finish(self) -> Vec<Event<'t>> {
        self.events
    }

    /// Adds a block of text. `explicit`: the page made it a paragraph, and not only a line.
    pub(super) fn leaf(&mut self, leaf: Leaf<'t>, explicit: bool) {
        self.need_item();
        self.note(match leaf {
            Leaf::Paragraph(_) if explicit => Block::Paragraph,
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
        self.need_item();
        if self.is_deepest() {
            self.enter(Kind::Through, 0);
            return;
        }
        self.note(Block::Quote);
        self.push(Kind::Quote, Container::Quote);
    }

    /// A callout; false when it is too deep for a container of its own.
    pub(super) fn open_callout(&mut self, callout: Callout<'t>) -> bool {
        self.need_item();
        if self.is_deepest() {
            self.enter(Kind::Through, 0);
            return false;
        }
        self.note(Block::Quote);
        self.push(Kind::Quote, Container::Callout(callout));
        // Its marker is a line.
        if let Some(open) = self.open.last_mut() {
            open.previous = Some(Block::Line);
        }
        true
    }

    /// A footnote.
    pub(super) fn open_note(&mut self, label: &'t str) {
        self.need_item();
        if self.is_deepest() {
            self.enter(Kind::Through, 0);
            return;
        }
        self.note(Block::Quote);
        self.push(Kind::Note, Container::Note(label));
    }

    /// `start`: the first number; None for bullets.
    pub(super) fn open_list(&mut self, start: Option<i64>, reversed: bool) {
        self.need_item();
        if self.is_deepest() {
            self.enter(Kind::Through, 0);
            return;
        }
        self.push_list(start, if reversed { -1 } else { 1 });
    }

    /// `value`: the number the page gives this item.
    pub(super) fn open_item(&mut self, value: Option<i64>) {
        self.close_left_open_item();
        let Some(&Open { kind: Kind::List { numbered, next, step }, .. }) = self.open.last() else {
            self.enter(Kind::Through, 0);
            return;
        };
        let at = value.unwrap_or(next);
        let first = self.open.last().is_some_and(|list| list.previous.is_none());
        if numbered && first {
            self.set_start(at);
        } else if numbered && (at != next || step != 1) {
            // Markdown counts on by one; another number needs a list of its own.
            self.end();
            self.push_list(Some(at), step);
        }
        let mut index = 0;
        if let Some(list) = self.open.last_mut() {
            index = list.event;
            list.kind = Kind::List { numbered, next: at.saturating_add(step), step };
            list.previous = Some(Block::Item);
        }
        self.push(Kind::Item { index }, Container::Item);
    }

    /// Closes the innermost container.
    pub(super) fn close(&mut self) {
        self.close_left_open_item();
        self.end();
    }

    /// True when an item is open and nothing was written in it.
    pub(super) fn at_item_start(&self) -> bool {
        self.open.last().is_some_and(|open| matches!(open.kind, Kind::Item { .. }) && open.previous.is_none())
    }

    fn is_deepest(&self) -> bool {
        self.open.len() > 2 * DEEPEST
            || self.open.iter().filter(|open| matches!(open.kind, Kind::Quote | Kind::Note | Kind::List { .. })).count()
                >= DEEPEST
    }

    fn push(&mut self, kind: Kind, container: Container<'t>) {
        self.enter(kind, self.events.len());
        self.events.push(Event::Open(container));
    }

    fn enter(&mut self, kind: Kind, event: usize) {
        let written = match kind {
            Kind::Through => self.around(),
            _ => self.open.len(),
        };
        self.open.push(Open { kind, event, previous: None, written });
    }

    fn push_list(&mut self, start: Option<i64>, step: i64) {
        let numbered = start.is_some();
        let alternate = match self.open[self.around()].previous {
            Some(Block::List { numbered: before, alternate, .. }) => before == numbered && !alternate,
            _ => false,
        };
        let interrupts = start.is_none_or(|start| start == 1 && step == 1);
        self.note(Block::List { numbered, interrupts, alternate });
        let next = start.unwrap_or(1);
        let written = start.map(number);
        self.push(Kind::List { numbered, next, step }, Container::List { start: written, tight: true, alternate });
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

    /// Content directly in a list belongs to the item before it, or to one of its own.
    fn need_item(&mut self) {
        if !matches!(self.open.last(), Some(Open { kind: Kind::List { .. }, .. })) {
            return;
        }
        if self.events.last() == Some(&Event::Close)
            && let Some(list) = self.open.last().map(|list| list.event)
        {
            // The item counts as one that holds a block already: what follows may be no line of its paragraph.
            self.events.pop();
            self.enter(Kind::Item { index: list }, LEFT_OPEN);
            if let Some(item) = self.open.last_mut() {
                item.previous = Some(Block::Line);
            }
        } else {
            self.open_item(None);
            if let Some(item) = self.open.last_mut() {
                item.event = LEFT_OPEN;
            }
        }
    }

    /// An item that `need_item` opened has no element whose end would close it.
    fn close_left_open_item(&mut self) {
        if matches!(self.open.last(), Some(Open { kind: Kind::Item { .. }, event: LEFT_OPEN, .. })) {
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
            Kind::Root | Kind::Through => {}
            Kind::Quote | Kind::Note | Kind::List { .. } if ended.previous.is_none() => {
                self.events.truncate(ended.event)
            }
            Kind::Item { .. } => {
                if ended.previous.is_none() {
                    // An empty item would not end the paragraph before its list.
                    self.loosen_around();
                }
                self.events.push(Event::Close);
            }
            _ => self.events.push(Event::Close),
        }
    }

    /// The innermost container that is written.
    fn around(&self) -> usize {
        self.open.last().map_or(0, |open| open.written)
    }

    /// The list around the innermost list needs blank lines.
    fn loosen_around(&mut self) {
        let item = self.open.iter().rev().filter_map(|open| match open.kind {
            Kind::Item { index } => Some(index),
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

    fn note(&mut self, block: Block) {
        let at = self.around();
        let previous = self.open[at].previous.replace(block);
        if let Kind::Item { index } = self.open[at].kind
            && !joins(previous, block)
        {
            self.loosen(index);
        }
    }
}

/// True when a block may stand right under another without a blank line, and read back as what it is.
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
    // A number that Markdown cannot hold is counted from 1.
    if (0..=LARGEST).contains(&value) { value.unsigned_abs() } else { 1 }
}

#[cfg(test)]
mod tests {
    use crate::markdown::check::markdown;

    #[test]
    fn numbers_that_markdown_cannot_hold_count_from_one() {
        for start in ["-3", "1000000000", "x"] {
            assert_eq!(markdown(&format!("<ol start='{start}'><li>a</li></ol>")), "1. a\n", "{start}");
        }
        assert_eq!(markdown("<ol start='0'><li>a</li></ol>"), "0. a\n");
        assert_eq!(markdown("<ol><li value='7'>a</li><li>b</li></ol>"), "7. a\n8. b\n");
    }

    #[test]
    fn what_stands_in_a_list_outside_its_items_is_kept() {
        assert_eq!(markdown("<ul>甲<li>乙</li></ul>"), "- 甲\n- 乙\n");
        assert_eq!(markdown("<ul><li>甲</li>乙</ul>"), "- 甲\n\n  乙\n");
        assert_eq!(markdown("<ul><p>甲</p></ul>"), "甲\n");
        assert_eq!(markdown("<ul><ul><li>甲</li></ul></ul>"), "- 甲\n");
    }

    #[test]
    fn a_list_is_tight_when_its_items_hold_lines_and_lists() {
        assert_eq!(markdown("<ul><li>a<ol><li>b</li></ol></li><li><div>c</div></li></ul>"), "- a\n  1. b\n- c\n");
        assert_eq!(markdown("<ul><li>a<div>b</div></li><li>c</li></ul>"), "- a\n\n  b\n\n- c\n");
    }

    #[test]
    fn beyond_the_deepest_level_content_goes_on_at_the_last() {
        let written = markdown(&format!("{}底{}", "<blockquote>层".repeat(100), "</blockquote>".repeat(100)));
        assert_eq!(written.matches('层').count(), 100);
        assert!(written.lines().all(|line| line.matches('>').count() <= 32));
        assert!(written.ends_with("底\n"));
    }
}
