//! Parsing with a bound on depth.
//!
//! Tree building is quadratic in depth: each start tag looks through the open elements. Pages nest a few dozen deep;
//! beyond [`MAX_DEPTH`] a start tag opens nothing, and what it held stays where it is.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;

use html5ever::buffer_queue::BufferQueue;
use html5ever::tendril::StrTendril;
use html5ever::tokenizer::{EndTag, StartTag, Tag, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts};
use html5ever::tree_builder::{Tracer, TreeBuilder, TreeBuilderOpts, TreeSink, create_element};
use html5ever::{Attribute, LocalName, QualName, TokenizerResult, local_name, ns};

use super::dom::{Dom, Node};
use super::sink::{Handle, Sink};

use super::attributes;

/// The most elements that may be open at once.
pub const MAX_DEPTH: usize = 512;

type Builder = TreeBuilder<Handle, Sink>;

/// Parses a whole page, scripting off: what stands in `<noscript>` is content.
pub fn document(text: &str) -> Dom {
    let builder = TreeBuilder::new(Sink::new(Node::Document), options());
    run(builder, TokenizerOpts::default(), text)
}

/// Parses what could stand in a `<body>`.
pub fn fragment(text: &str) -> Dom {
    let sink = Sink::new(Node::Fragment);
    let body = create_element(&sink, QualName::new(None, ns!(html), local_name!("body")), Vec::new());
    let builder = TreeBuilder::new_for_fragment(sink, body, None, options());
    let initial_state = Some(builder.tokenizer_state_for_context_elem(false));
    run(builder, TokenizerOpts { initial_state, ..TokenizerOpts::default() }, text)
}

fn options() -> TreeBuilderOpts {
    TreeBuilderOpts { scripting_enabled: false, ..TreeBuilderOpts::default() }
}

fn run(builder: Builder, options: TokenizerOpts, text: &str) -> Dom {
    let guard = DepthGuard { builder, bound: Cell::new(0), flattened: RefCell::default() };
    let tokenizer = Tokenizer::new(guard, options);
    let input = BufferQueue::default();
    input.push_back(StrTendril::from_slice(&attributes::bound(text)));
    // A script ends a run of the tokenizer; there is nothing to do with it but go on.
    while !matches!(tokenizer.feed(&input), TokenizerResult::Done) {}
    tokenizer.end();
    tokenizer.sink.builder.sink.finish()
}

/// Stands between tokenizer and tree builder, and keeps start tags away from a tree that is too deep.
struct DepthGuard {
    builder: Builder,
    /// No fewer than the elements now open: counted up by start tags, set right by a count when it nears the limit.
    bound: Cell<usize>,
    flattened: RefCell<Flattened>,
}

/// Elements that were not opened, innermost last.
#[derive(Default)]
struct Flattened {
    stack: Vec<LocalName>,
    open: HashMap<LocalName, usize>,
}

impl Flattened {
    fn push(&mut self, name: LocalName) {
        *self.open.entry(name.clone()).or_default() += 1;
        self.stack.push(name);
    }

    /// True when the end tag closes an element that was not opened.
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

struct Count(Cell<usize>);

impl Tracer for Count {
    type Handle = Handle;

    fn trace_handle(&self, _: &Self::Handle) {
        self.0.set(self.0.get() + 1);
    }
}

impl DepthGuard {
    fn is_full(&self) -> bool {
        if self.bound.get() < MAX_DEPTH {
            return false;
        }
        let open = Count(Cell::new(0));
        self.builder.trace_handles(&open);
        self.bound.set(open.0.get());
        open.0.get() >= MAX_DEPTH
    }

    /// What is left of a tag in a tree that may be full; None when nothing is.
    fn admit(&self, tag: Tag) -> Option<Tag> {
        match tag.kind {
            StartTag if self.is_full() && !opens_nothing(&tag.name) => {
                let separates = !is_inline(&tag.name);
                self.flattened.borrow_mut().push(tag.name);
                // A break stands where a block began, so that words do not grow together.
                separates.then(line_break)
            }
            StartTag => {
                self.bound.set(self.bound.get() + 1);
                Some(tag)
            }
            EndTag if self.flattened.borrow_mut().closes(&tag.name) => None,
            EndTag => Some(tag),
        }
    }
}

impl TokenSink for DepthGuard {
    type Handle = Handle;

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

/// Void elements, elements whose content is raw text (they close before anything else opens), and the page's frame.
fn opens_nothing(name: &LocalName) -> bool {
    matches!(
        &**name,
        "area"
            | "base"
            | "basefont"
            | "bgsound"
            | "br"
            | "col"
            | "embed"
            | "frame"
            | "hr"
            | "img"
            | "input"
            | "keygen"
            | "link"
            | "meta"
            | "param"
            | "source"
            | "track"
            | "wbr"
            | "script"
            | "style"
            | "textarea"
            | "title"
            | "xmp"
            | "iframe"
            | "noembed"
            | "noframes"
            | "plaintext"
            | "html"
            | "head"
            | "body"
            | "frameset"
    )
}

fn is_inline(name: &LocalName) -> bool {
    matches!(
        &**name,
        "a" | "abbr"
            | "b"
            | "bdi"
            | "bdo"
            | "big"
            | "cite"
            | "code"
            | "data"
            | "dfn"
            | "del"
            | "em"
            | "font"
            | "i"
            | "ins"
            | "kbd"
            | "label"
            | "mark"
            | "nobr"
            | "q"
            | "rb"
            | "rp"
            | "rt"
            | "ruby"
            | "s"
            | "samp"
            | "small"
            | "span"
            | "strike"
            | "strong"
            | "sub"
            | "sup"
            | "time"
            | "tt"
            | "u"
            | "var"
    )
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
    fn a_long_flat_page_is_left_alone() {
        let html = document(&"<div><span>a</span><b>c</b></div>".repeat(5000));
        let spans =
            html.root().descendants().filter(|n| n.value().as_element().is_some_and(|e| e.name() == "span")).count();
        assert_eq!(spans, 5000);
    }

    #[test]
    fn closing_many_levels_at_once_makes_room_again() {
        let page = format!("{}{}<p>one</p><p>two</p>", "<div>".repeat(600), "</div>".repeat(600));
        let html = document(&page);
        let paragraphs =
            html.root().descendants().filter(|n| n.value().as_element().is_some_and(|e| e.name() == "p")).count();
        assert_eq!(paragraphs, 2);
    }

    #[test]
    fn words_of_flattened_blocks_stay_apart() {
        let html = document(&format!("{}<div>one<div>two", "<div>".repeat(600)));
        let nodes: Vec<_> = html.root().descendants().collect();
        let one = nodes.iter().find(|n| n.value().as_text().is_some_and(|t| t.text.contains("one"))).unwrap();
        assert!(!text(&html).contains("onetwo") || one.next_sibling().is_some_and(|n| n.value().is_element()));
    }

    #[test]
    fn noscript_is_content() {
        let html = document("<body><noscript><img src=a.jpg></noscript>");
        assert!(html.root().descendants().any(|n| n.value().as_element().is_some_and(|e| e.name() == "img")));
    }
}
