//! A page to its article: nothing that is not on the page, and nothing that runs.

use std::collections::BTreeSet;

use bindery::extract::{Options, extract};
use bindery::frontmatter::Profile;
use bindery::html::{decode, document};
use bindery::markdown;
use bindery::model::tree::Node;
use bindery::model::{Article, ImageMap};

use super::inert::{self, Source};

pub fn body(input: &[u8]) {
    let raw = super::page(input);
    for fragment in [false, true] {
        let options = Options { fragment, comments: fragment, ..Options::default() };
        match extract(&raw, options.clone()) {
            Ok(article) => {
                let again = extract(&raw, options).unwrap();
                assert_eq!(shown(&article), shown(&again), "the same page, another article");
                assert_bounded(&article);
                assert_inert(&article);
                let source = if fragment { Source::Body } else { Source::Page };
                let document = markdown::write(&article, &ImageMap::new(), &Profile::default());
                if let Some(live) = inert::live(&document.body, source) {
                    panic!("{live}:\n{}", document.body);
                }
                assert_says_no_more(&article, input);
            }
            Err(error) => super::assert_said(&error.to_string()),
        }
    }
}

fn shown(article: &Article) -> String {
    markdown::html(&article.content, &ImageMap::new())
}

fn assert_bounded(article: &Article) {
    assert!((0.0..=1.0).contains(&article.confidence), "{}", article.confidence);
    let tree = &article.content;
    let deepest = tree.descendants(tree.root()).filter(|id| tree.first_child(*id).is_none());
    // A climb from every leaf would cost their product.
    for leaf in deepest.take(100) {
        assert!(tree.ancestors(leaf).count() <= 4 * bindery::html::MAX_DEPTH);
    }
    for warning in &article.warnings {
        super::assert_said(&warning.to_string());
    }
}

/// The tree holds only what shows something.
fn assert_inert(article: &Article) {
    let tree = &article.content;
    for id in tree.descendants(tree.root()) {
        let Node::Element(element) = tree.node(id) else { continue };
        let name = element.name.as_ref();
        assert!(!matches!(name, "script" | "style" | "template" | "form" | "base" | "link" | "meta"), "{element:?}");
        assert!(!element.attrs.iter().any(|(name, _)| name.starts_with("on") || name == "style"), "{element:?}");
    }
    for image in &article.images {
        let known = ["http:", "https:", "data:"].iter().any(|scheme| image.url.starts_with(scheme));
        assert!(known, "an image at {}", image.url);
    }
}

/// Every word of the text stands on the page.
fn assert_says_no_more(article: &Article, input: &[u8]) {
    let tree = &article.content;
    let page = words_of_page(input);
    for id in tree.descendants(tree.root()) {
        let Node::Text(text) = tree.node(id) else { continue };
        for word in words(text) {
            assert!(page.says(&word), "{word:?} is not on the page");
        }
    }
}

/// The words of a page.
#[derive(Default)]
struct Said {
    /// Those of its source, of its text and of its attributes.
    each: BTreeSet<String>,
    concat: String,
    /// The letters of its text: elements may part a word.
    joined: String,
    /// The words that pieces of text begin and end with.
    begins: BTreeSet<String>,
    ends: BTreeSet<String>,
}

impl Said {
    fn says(&self, word: &str) -> bool {
        self.each.contains(word) || self.concat.contains(word) || self.joined.contains(word) || self.is_in_parts(word)
    }

    /// The end of one piece of text, whole others, and the beginning of one: what stands between them may be left out.
    fn is_in_parts(&self, word: &str) -> bool {
        let is_end = |head: &str| self.ends.iter().any(|end| end.ends_with(head));
        let cuts = word.char_indices().skip(1).map(|(at, _)| at);
        let mut reached: BTreeSet<usize> = cuts.filter(|&at| is_end(&word[..at])).collect();
        while let Some(at) = reached.pop_first() {
            let rest = &word[at..];
            if self.begins.iter().any(|begin| begin.starts_with(rest)) {
                return true;
            }
            let whole = self.begins.intersection(&self.ends).filter(|whole| !whole.is_empty());
            reached.extend(whole.filter(|whole| rest.starts_with(*whole)).map(|whole| at + whole.len()));
        }
        false
    }
}

fn words_of_page(input: &[u8]) -> Said {
    let decoded = decode(input, None, Some("org"));
    let mut said = Said::default();
    for node in document(&decoded.text).root().descendants() {
        match node.value() {
            bindery::html::Node::Text(text) => {
                said.concat.push_str(&text.text);
                said.joined.extend(text.text.chars().filter(|c| c.is_alphanumeric()));
                let words = letters(&text.text);
                said.begins.extend(words.split(' ').next().map(str::to_owned));
                said.ends.extend(words.rsplit(' ').next().map(str::to_owned));
            }
            bindery::html::Node::Element(element) => {
                element.attrs().for_each(|(_, value)| said.concat.extend([" ", value, " "]));
            }
            _ => {}
        }
    }
    said.concat = letters(&format!("{} {}", said.concat, decoded.text));
    said.each = said.concat.split(' ').map(str::to_owned).collect();
    said
}

/// Letters and figures; control characters part nothing, since no text shows them.
fn letters(text: &str) -> String {
    let shown = text.chars().filter(|c| !c.is_control() || c.is_whitespace());
    shown.map(|c| if c.is_alphanumeric() { c } else { ' ' }).collect()
}

fn words(text: &str) -> Vec<String> {
    letters(text).split_whitespace().map(str::to_owned).collect()
}
