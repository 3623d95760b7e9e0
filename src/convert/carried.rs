//! A post whose body is Markdown: the destinations of its images and links change, and nothing else.

use crate::import::{self, Destination, DestinationKind};
use crate::model::tree::{Element, NodeId, Tree};
use crate::model::{Article, Charset, CharsetSource, Failure, ImageRef, Metadata, ReferrerPolicy};

use super::images::Localise;
use super::posts::behind;
use super::site_links::{self, StandIns};

/// Which images of a post become local.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fetching {
    /// Those on the web.
    Web,
    /// None: the network is not used.
    Nothing,
}

/// A body with its new destinations.
pub(super) struct Carried {
    pub text: String,
    /// Images on the web that it links to locally now, and those that it does not.
    pub images: (usize, usize),
}

/// Carries a body over. `localise` finds the images and the targets of the links, as for any other article.
pub(super) fn body(body: &str, fetching: Fetching, localise: Localise<'_>) -> Result<Carried, Failure> {
    let destinations = import::destinations(body);
    let mut tree = Tree::new();
    let links: Vec<Option<NodeId>> = destinations.iter().map(|found| link(&mut tree, found, body)).collect();
    let on_web = images(&destinations);
    let mut article = article(tree);
    if fetching == Fetching::Web {
        article.images.clone_from(&on_web);
    }
    let local = localise(&mut article)?;
    let mut text = String::with_capacity(body.len());
    let mut done = 0;
    for (found, link) in destinations.iter().zip(links) {
        let new = match link {
            Some(link) => article.content.attr(link, "href").filter(|href| *href != found.url),
            None => web_url(&found.url).and_then(|url| local.get(&url)).map(String::as_str),
        };
        if let Some(new) = new {
            text.push_str(&body[done..found.range.start]);
            text.push_str(&written(new, body, found));
            done = found.range.end;
        }
    }
    text.push_str(&body[done..]);
    let saved = on_web.iter().filter(|image| local.contains_key(&image.url)).count();
    Ok(Carried { text, images: (saved, on_web.len() - saved) })
}

/// Adds a link to the tree in which links are rewritten; None for an image.
fn link(tree: &mut Tree, found: &Destination, body: &str) -> Option<NodeId> {
    if found.kind != DestinationKind::Link || StandIns::occur_in(body) {
        return (found.kind == DestinationKind::Link).then(|| tree.root());
    }
    let root = tree.root();
    Some(tree.append_element(root, Element::new("a").with("href", found.url.clone())))
}

/// Returns the images on the web, once each.
fn images(destinations: &[Destination]) -> Vec<ImageRef> {
    let mut images: Vec<ImageRef> = Vec::new();
    let mut known = std::collections::HashSet::new();
    for found in destinations.iter().filter(|found| found.kind == DestinationKind::Image) {
        if let Some(url) = web_url(&found.url).filter(|url| known.insert(url.clone())) {
            images.push(ImageRef {
                alternatives: behind(&url).into_iter().collect(),
                written: found.url.clone(),
                url,
                referrer_policy: ReferrerPolicy::default(),
            });
        }
    }
    images
}

/// Returns a URL on the web with its scheme; None for any other.
fn web_url(written: &str) -> Option<String> {
    let is_web = written.starts_with("http://") || written.starts_with("https://");
    match written.strip_prefix("//") {
        Some(rest) => Some(format!("https://{rest}")),
        None => is_web.then(|| written.to_owned()),
    }
}

/// Returns a new destination as its place in the source asks for it.
fn written(new: &str, body: &str, found: &Destination) -> String {
    let is_html = body[..found.range.start].ends_with(['"', '\'', '=']);
    if is_html { new.to_owned() } else { site_links::destination(new) }
}

fn article(content: Tree) -> Article {
    Article {
        url: None,
        captured: None,
        metadata: Metadata::default(),
        content,
        comments: None,
        images: Vec::new(),
        charset: Charset { name: "UTF-8".to_owned(), source: CharsetSource::Utf8 },
        confidence: 1.0,
        warnings: Vec::new(),
        losses: Vec::new(),
        trace: Vec::new(),
    }
}
