//! Links to places inside an article: each points to a heading, by the name that Markdown renderers give it, or to an
//! anchor in the Markdown.

use std::collections::{HashMap, HashSet};

use url::Url;

use crate::html::text;
use crate::model::tree::{Element, Node, NodeId, Tree};

/// The attribute of a heading that lists the ids it replaces, one per line. The build sets it; [`resolve`] removes it.
pub const ANCHORS: &str = "x-anchors";

/// What to do with a link whose target is not in the article.
#[derive(Debug, Clone, Copy)]
pub enum MissingTarget<'u> {
    /// Link to the page, where its URL is known; otherwise keep the text without the link.
    Page(Option<&'u Url>),
    /// Keep the link: the input is a fragment of an unknown page.
    Keep,
}

/// Gives every link inside the article its final target.
pub fn resolve(tree: &mut Tree, missing: MissingTarget<'_>) {
    let all: Vec<NodeId> = tree.descendants(tree.root()).filter(|&id| tree.element(id).is_some()).collect();
    let links: Vec<(NodeId, String)> = all
        .iter()
        .filter(|&&id| tree.name(id) == "a")
        .filter_map(|&id| Some((id, tree.attr(id, "href")?.strip_prefix('#')?.to_owned())))
        .collect();
    let mut targets = Targets::of(tree, &all);
    for (link, fragment) in links {
        targets.resolve(tree, link, &fragment, missing);
    }
    targets.finish(tree);
}

impl MissingTarget<'_> {
    /// Returns the new target of such a link; None when the link is removed.
    fn target(self, fragment: &str) -> Option<String> {
        if fragment.is_empty() {
            return None;
        }
        match self {
            Self::Page(url) => url.map(|url| {
                let mut url = url.clone();
                url.set_fragment(Some(fragment));
                url.to_string()
            }),
            Self::Keep => Some(format!("#{fragment}")),
        }
    }
}

/// The places in an article that links can point to.
#[derive(Default)]
struct Targets {
    /// Headings by the ids at them, each with its own slug.
    headings: HashMap<String, (NodeId, String)>,
    /// The slugs of all headings.
    slugs: HashSet<String>,
    /// Anchors by name.
    anchors: HashMap<String, NodeId>,
    /// Names of anchors that a link points to.
    used: HashSet<String>,
}

impl Targets {
    fn of(tree: &mut Tree, all: &[NodeId]) -> Self {
        let mut targets = Self::default();
        let mut counts: HashMap<String, usize> = HashMap::new();
        let mut heading: Option<(NodeId, String)> = None;
        for &id in all {
            if is_heading(tree.name(id)) {
                let is_written = !tree.ancestors(id).any(|above| matches!(tree.name(above), "table" | "figure"));
                let slug = Some(slug(&text::collapse(&tree.text(id))))
                    .filter(|_| is_written)
                    .map(|slug| numbered(slug, &mut counts));
                let slug = slug.unwrap_or_default();
                let names = tree.element_mut(id).and_then(|element| take(element, ANCHORS)).unwrap_or_default();
                targets.slugs.insert(slug.clone());
                names.lines().for_each(|name| targets.name(tree, name, id, &slug));
                heading = Some((id, slug));
            } else if let Some(name) = tree.attr(id, "id").filter(|_| tree.name(id) == "a").map(str::to_owned) {
                // A paragraph may have become a heading after an anchor was put into it.
                match heading.as_ref().filter(|(heading, _)| tree.ancestors(id).take(8).any(|above| above == *heading))
                {
                    Some((heading, slug)) if !slug.is_empty() => {
                        targets.headings.entry(name).or_insert((*heading, slug.clone()));
                        tree.detach(id);
                    }
                    _ => {
                        targets.anchors.entry(name).or_insert(id);
                    }
                }
            }
        }
        targets
    }

    /// Adds a name for a heading. A heading without letters has no slug and gets an anchor.
    fn name(&mut self, tree: &mut Tree, name: &str, heading: NodeId, slug: &str) {
        if !slug.is_empty() {
            self.headings.entry(name.to_owned()).or_insert((heading, slug.to_owned()));
            return;
        }
        let anchor = tree.create(Node::Element(Element::new("a").with("id", name)));
        match tree.first_child(heading) {
            Some(first) => tree.insert_before(first, anchor),
            None => tree.append(heading, anchor),
        }
        self.anchors.entry(name.to_owned()).or_insert(anchor);
    }

    fn resolve(&mut self, tree: &mut Tree, link: NodeId, fragment: &str, missing: MissingTarget<'_>) {
        let href = if let Some((heading, slug)) = self.headings.get(fragment) {
            // A heading's link to itself is removed.
            let is_own = tree.ancestors(link).any(|above| above == *heading);
            if !is_own {
                let slug = slug.clone();
                if let Some(element) = tree.element_mut(*heading) {
                    element.set("id", slug);
                }
            }
            Some(format!("#{slug}")).filter(|_| !is_own)
        } else if self.anchors.contains_key(fragment) {
            self.used.insert(fragment.to_owned());
            Some(format!("#{}", self.anchor_name(fragment)))
        } else {
            missing.target(fragment)
        };
        match (href, tree.element_mut(link)) {
            (Some(href), Some(element)) => element.set("href", href),
            _ => tree.unwrap(link),
        }
    }

    /// Returns an anchor's name, changed where a heading has the same slug.
    fn anchor_name(&self, name: &str) -> String {
        let plain: String = name.split_whitespace().collect::<Vec<_>>().join("-");
        if self.slugs.contains(&plain) { format!("{plain}-anchor") } else { plain }
    }

    /// Names the anchors that are used and removes the others.
    fn finish(self, tree: &mut Tree) {
        for (name, &anchor) in &self.anchors {
            match self.used.contains(name) {
                true => {
                    let name = self.anchor_name(name);
                    if let Some(element) = tree.element_mut(anchor) {
                        element.set("id", name);
                    }
                }
                false => tree.detach(anchor),
            }
        }
    }
}

fn is_heading(name: &str) -> bool {
    matches!(name, "h1" | "h2" | "h3" | "h4" | "h5" | "h6")
}

fn take(element: &mut Element, name: &str) -> Option<String> {
    let at = element.attrs.iter().position(|(own, _)| own == name)?;
    Some(element.attrs.remove(at).1)
}

/// Returns the id that GitHub and most other Markdown renderers give a heading.
fn slug(heading: &str) -> String {
    let kept = |c: &char| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_') || is_mark(*c);
    heading.trim().chars().filter(kept).map(|c| if c == ' ' { '-' } else { c }).flat_map(char::to_lowercase).collect()
}

fn is_mark(c: char) -> bool {
    unicode_normalization::char::is_combining_mark(c)
}

/// Appends a number to a slug from its second use on.
fn numbered(slug: String, counts: &mut HashMap<String, usize>) -> String {
    let count = counts.entry(slug.clone()).or_default();
    let number = *count;
    *count += 1;
    if number == 0 || slug.is_empty() { slug } else { format!("{slug}-{number}") }
}
