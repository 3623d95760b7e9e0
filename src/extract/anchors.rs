//! Links to places inside an article: they lead to the headings that Markdown's renderers name, or to anchors that the
//! Markdown holds.

use std::collections::{HashMap, HashSet};

use url::Url;

use crate::html::text;
use crate::model::tree::{Element, Node, NodeId, Tree};

/// The attribute of a heading that carries the names of the places it stands for, one a line, from the build to here.
pub const ANCHORS: &str = "x-anchors";

/// What becomes of a link to a place that is not in the article.
#[derive(Debug, Clone, Copy)]
pub enum Elsewhere<'u> {
    /// It leads to the page, where its URL is known; else it is no link.
    Page(Option<&'u Url>),
    /// It stays: the article is a part of something that is not known.
    Stays,
}

/// Gives every link inside the article its final target.
pub fn settle(tree: &mut Tree, elsewhere: Elsewhere<'_>) {
    let all: Vec<NodeId> = tree.descendants(tree.root()).filter(|&id| tree.element(id).is_some()).collect();
    let links: Vec<(NodeId, String)> = all
        .iter()
        .filter(|&&id| tree.name(id) == "a")
        .filter_map(|&id| Some((id, tree.attr(id, "href")?.strip_prefix('#')?.to_owned())))
        .collect();
    let mut places = Places::of(tree, &all);
    for (link, fragment) in links {
        places.lead(tree, link, &fragment, elsewhere);
    }
    places.finish(tree);
}

impl Elsewhere<'_> {
    /// Where a link to such a place leads; None where it is no link.
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
            Self::Stays => Some(format!("#{fragment}")),
        }
    }
}

/// The places of an article that have a name.
#[derive(Default)]
struct Places {
    /// Headings by the names of places at them, each with its own name.
    headings: HashMap<String, (NodeId, String)>,
    /// All names of headings.
    slugs: HashSet<String>,
    /// Anchors by their names.
    anchors: HashMap<String, NodeId>,
    /// Names of anchors to which something leads.
    used: HashSet<String>,
}

impl Places {
    fn of(tree: &mut Tree, all: &[NodeId]) -> Self {
        let mut places = Self::default();
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
                places.slugs.insert(slug.clone());
                names.lines().for_each(|name| places.name(tree, name, id, &slug));
                heading = Some((id, slug));
            } else if let Some(name) = tree.attr(id, "id").filter(|_| tree.name(id) == "a").map(str::to_owned) {
                // What became a heading after its anchor was put in it.
                match heading.as_ref().filter(|(heading, _)| tree.ancestors(id).take(8).any(|above| above == *heading))
                {
                    Some((heading, slug)) if !slug.is_empty() => {
                        places.headings.entry(name).or_insert((*heading, slug.clone()));
                        tree.detach(id);
                    }
                    _ => {
                        places.anchors.entry(name).or_insert(id);
                    }
                }
            }
        }
        places
    }

    /// A heading has one more name; one without letters gets an anchor.
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

    fn lead(&mut self, tree: &mut Tree, link: NodeId, fragment: &str, elsewhere: Elsewhere<'_>) {
        let href = if let Some((heading, slug)) = self.headings.get(fragment) {
            // A heading that leads to itself leads nowhere.
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
            elsewhere.target(fragment)
        };
        match (href, tree.element_mut(link)) {
            (Some(href), Some(element)) => element.set("href", href),
            _ => tree.unwrap(link),
        }
    }

    /// An anchor's name, other than that of any heading.
    fn anchor_name(&self, name: &str) -> String {
        let plain: String = name.split_whitespace().collect::<Vec<_>>().join("-");
        if self.slugs.contains(&plain) { format!("{plain}-anchor") } else { plain }
    }

    /// Anchors that nothing leads to go.
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

/// The name that GitHub, and most renderers of Markdown with it, give a heading.
fn slug(heading: &str) -> String {
    let kept = |c: &char| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_') || is_mark(*c);
    heading.trim().chars().filter(kept).map(|c| if c == ' ' { '-' } else { c }).flat_map(char::to_lowercase).collect()
}

fn is_mark(c: char) -> bool {
    unicode_normalization::char::is_combining_mark(c)
}

/// The first heading of a name has it alone; others are counted.
fn numbered(slug: String, counts: &mut HashMap<String, usize>) -> String {
    let count = counts.entry(slug.clone()).or_default();
    let number = *count;
    *count += 1;
    if number == 0 || slug.is_empty() { slug } else { format!("{slug}-{number}") }
}
