//! Parsing with a limit on depth.
//!
//! Tree building is quadratic in depth, since each start tag searches the open elements. Real pages nest a few dozen
//! elements deep. Beyond [`MAX_DEPTH`] start tags are dropped, and the content of their elements goes to the parent.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;

use html5ever::buffer_queue::BufferQueue;
use html5ever::tendril::StrTendril;
use html5ever::tokenizer::{EndTag, StartTag, Tag, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts};
use html5ever::tree_builder::{Tracer, TreeBuilder, TreeBuilderOpts, TreeSink, create_element};
use html5ever::{Attribute, LocalName, QualName, TokenizerResult, local_name, ns};

use super::dom::{Dom, Node};
use super::sink::{NodeHandle, Sink};
use super::{attributes, elements};

/// The maximum number of elements that may be open at once.
pub const MAX_DEPTH: usize = 512;

type Builder = TreeBuilder<NodeHandle, Sink>;

/// Parses a page with scripting off: the content of `<noscript>` is part of the tree.
pub fn document(text: &str) -> Dom {
    let builder = TreeBuilder::new(Sink::new(Node::Document, node_count(text)), options());
    run(builder, TokenizerOpts::default(), text)
}

/// Parses the content of a `<body>`.
pub fn fragment(text: &str) -> Dom {
    let sink = Sink::new(Node::Fragment, node_count(text));
    let body = create_element(&sink, QualName::new(None, ns!(html), local_name!("body")), Vec::new());
    let builder = TreeBuilder::new_for_fragment(sink, body, None, options());
    let initial_state = Some(builder.tokenizer_state_for_context_elem(false));
    run(builder, TokenizerOpts { initial_state, ..TokenizerOpts::default() }, text)
}

/// Returns how many nodes a page is likely to have: for each element two tags, and a text after each of them.
fn node_count(text: &str) -> usize {
    /// A page may consist of nothing but tags.
    const MOST: usize = 1 << 16;
    memchr::memchr_iter(b'<', text.as_bytes()).count().clamp(16, MOST)
}

fn options() -> TreeBuilderOpts {
    TreeBuilderOpts { scripting_enabled: false, ..TreeBuilderOpts::default() }
}

fn run(builder: Builder, options: TokenizerOpts, text: &str) -> Dom {
    let guard = DepthGuard { builder, bound: Cell::new(0), skipped: RefCell::default() };
    let tokenizer = Tokenizer::new(guard, options);
    let input = BufferQueue::default();
    input.push_back(StrTendril::from_slice(&attributes::limit(text)));
    // The tokenizer pauses at the end of each script; scripts are not run, so it only has to continue.
    while !matches!(tokenizer.feed(&input), TokenizerResult::Done) {}
    tokenizer.end();
    tokenizer.sink.builder.sink.finish()
}

/// Passes tokens from the tokenizer to the tree builder and drops start tags when the tree is too deep.
struct DepthGuard {
    builder: Builder,
    /// An upper bound of the number of open elements: start tags increase it, and it is replaced by an exact count when
    /// it reaches the limit.
    bound: Cell<usize>,
    skipped: RefCell<SkippedElements>,
}

/// Elements whose start tags were dropped and whose end tags are still to come, innermost last.
#[derive(Default)]
struct SkippedElements {
    stack: Vec<LocalName>,
    open: HashMap<LocalName, usize>,
}

impl SkippedElements {
    fn push(&mut self, name: LocalName) {
        *self.open.entry(name.clone()).or_default() += 1;
        self.stack.push(name);
    }

    /// Returns true when the end tag belongs to a dropped start tag.
    fn closes(&mut self, name: &LocalName) -> bool {
        if self.open.get(name).is_none_or(|&count| count == 0) {
            return false;
        }
        while let Some(top) = self.stack.pop() {
            if let Some(count) = self.open.get_mut(&top) {
                *count -= 1;
            }
            if top == *name {
                break;
            }
        }
        true
    }
}

/// Counts the open elements of a tree builder.
struct OpenElementCount(Cell<usize>);

impl Tracer for OpenElementCount {
    type Handle = NodeHandle;

    fn trace_handle(&self, _: &Self::Handle) {
        self.0.set(self.0.get() + 1);
    }
}

impl DepthGuard {
    fn is_full(&self) -> bool {
        if self.bound.get() < MAX_DEPTH {
            return false;
        }
        let open = OpenElementCount(Cell::new(0));
        self.builder.trace_handles(&open);
        self.bound.set(open.0.get());
        open.0.get() >= MAX_DEPTH
    }

    /// Returns the tag to pass on; None to drop it.
    fn admit(&self, tag: Tag) -> Option<Tag> {
        match tag.kind {
            StartTag if self.is_full() && !opens_nothing(&tag.name) => {
                let separates = !elements::is_inline(&tag.name);
                self.skipped.borrow_mut().push(tag.name);
                // A line break replaces the start of a block, so that words on both sides stay apart.
                separates.then(line_break)
            }
            StartTag => {
                self.bound.set(self.bound.get() + 1);
                Some(tag)
            }
            EndTag if self.skipped.borrow_mut().closes(&tag.name) => None,
            EndTag => Some(tag),
        }
    }
}

impl TokenSink for DepthGuard {
    type Handle = NodeHandle;

    fn process_token(&self, token: Token, line: u64) -> TokenSinkResult<Self::Handle> {
        match token {
            Token::TagToken(tag) => match self.admit(tag) {
                Some(tag) => self.builder.process_token(Token::TagToken(tag), line),
                None => TokenSinkResult::Continue,
            },
            token => self.builder.process_token(token, line),
        }
    }

    fn end(&self) {
        self.builder.end();
    }

    fn adjusted_current_node_present_but_not_in_html_namespace(&self) -> bool {
        self.builder.adjusted_current_node_present_but_not_in_html_namespace()
    }
}

fn line_break() -> Tag {
    Tag {
        kind: StartTag,
        name: local_name!("br"),
        self_closing: false,
        attrs: Vec::<Attribute>::new(),
        had_duplicate_attributes: false,
    }
}

/// Returns true for an element that adds no depth: it holds no elements, or the page has it already.
fn opens_nothing(name: &str) -> bool {
    let sets = [&elements::VOID[..], &elements::OBSOLETE_VOID, &elements::RAW_TEXT, &elements::DOCUMENT];
    matches!(name, "script" | "plaintext") || sets.iter().any(|set| set.contains(&name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn depth(html: &Dom) -> usize {
        html.root().descendants().map(|node| node.ancestors().count()).max().unwrap_or_default()
    }

    fn text(html: &Dom) -> String {
        html.root().descendants().filter_map(|node| node.value().as_text()).map(|text| &*text.text).collect()
    }

    #[test]
    fn a_hundred_thousand_nested_elements_keep_their_text() {
        // `benches/depth.rs` measures what they cost.
        let page: String = (0..100_000).map(|n| format!("<div>t{n} ")).collect();
        let html = document(&format!("{page}{}<p>after</p>", "</div>".repeat(100_000)));
        assert!(depth(&html) <= MAX_DEPTH + 4);
        let text = text(&html);
        assert!(text.contains("t0 ") && text.contains("t99999 ") && text.ends_with("after"));
        let after =
            html.root().descendants().find(|node| node.value().as_text().is_some_and(|t| &*t.text == "after")).unwrap();
        assert_eq!(after.ancestors().count(), 4, "what follows the nest is not in it");
    }

    #[test]
    fn unclosed_paragraphs_are_not_nested() {
        let html = document(&"<p>words".repeat(1000));
        assert!(depth(&html) <= 5);
        let paragraphs =
            html.root().descendants().filter(|n| n.value().as_element().is_some_and(|e| e.name() == "p")).count();
        assert_eq!(paragraphs, 1000);
    }

    #[test]
    fn a_long_flat_page_keeps_all_elements() {
        let html = document(&"<div><span>a</span><b>c</b></div>".repeat(5000));
        let spans =
            html.root().descendants().filter(|n| n.value().as_element().is_some_and(|e| e.name() == "span")).count();
        assert_eq!(spans, 5000);
    }

    #[test]
    fn elements_are_kept_again_after_many_levels_are_closed() {
        let page = format!("{}{}<p>one</p><p>two</p>", "<div>".repeat(600), "</div>".repeat(600));
        let html = document(&page);
        let paragraphs =
            html.root().descendants().filter(|n| n.value().as_element().is_some_and(|e| e.name() == "p")).count();
        assert_eq!(paragraphs, 2);
    }

    #[test]
    fn words_of_dropped_blocks_stay_apart() {
        let html = document(&format!("{}<div>one<div>two", "<div>".repeat(600)));
        let nodes: Vec<_> = html.root().descendants().collect();
        let one = nodes.iter().find(|n| n.value().as_text().is_some_and(|t| t.text.contains("one"))).unwrap();
        assert!(!text(&html).contains("onetwo") || one.next_sibling().is_some_and(|n| n.value().is_element()));
    }

    #[test]
    fn the_content_of_noscript_is_part_of_the_page() {
        let html = document("<body><noscript><img src=a.jpg></noscript>");
        assert!(html.root().descendants().any(|n| n.value().as_element().is_some_and(|e| e.name() == "img")));
    }
}
