//! Builds the article's tree from the kept parts of a page.
//!
//! The tree contains only the elements and attributes that `markdown` reads. Images get their real URL, and links become
//! absolute.

mod anchor;
mod image;
mod image_forms;
mod look;
mod names;
mod note;
mod unit;

use std::collections::{BTreeMap, BTreeSet, HashSet};

use url::Url;

use crate::html::{ElementRef, Node, Page, resolve_link, text};
use crate::model::tree::{Element, NodeId, Tree};
use crate::model::{ImageRef, Step};

use super::attributes::Attributes;
use super::coverage::Coverage;
use super::inline_styles::styled_name;
use super::layout_tables::{self, LAYOUT};
use super::lines::{self, LINE};
use super::markup::Markup;
use super::media::{self, Shown};
use super::notes::{Notes, Role};
use super::redirect;
use super::scan::Scan;
use super::tabs::{TabSet, Tabs};
use super::thread::Thread;

use anchor::Anchors;
use image_forms::{Forms, images_below};
pub use look::Look;
use look::look;
use names::{kept_attributes, made_name};

/// The attribute that carries an element's look from the build to the passes, which remove it.
pub const LOOK: &str = "x-look";

/// The maximum length of an unreadable formula's text in a loss, in characters.
const UNREADABLE: usize = 80;

/// What was built.
pub struct Built {
    /// The content.
    pub tree: Tree,
    /// Its images, once each, in order of first use.
    pub images: Vec<ImageRef>,
    /// The trace of what was left out.
    pub steps: Vec<Step>,
    /// A short text of each formula that could not be read as TeX; the content has what readers see of it.
    pub unreadable_formulas: Vec<String>,
    /// The alternative texts of images whose URL the page does not contain.
    pub unnamed_images: Vec<String>,
}

/// What an article is built from.
#[derive(Clone, Copy)]
pub struct Source<'b, 'a> {
    /// The page.
    pub page: &'a Page,
    /// Its nodes.
    pub scan: &'b Scan<'a>,
    /// Its footnotes.
    pub notes: &'b Notes,
}

/// Whether each omission becomes a step of the trace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Omissions {
    Traced,
    Untraced,
}

/// Builds the content below `container`. Without `kept`, everything visible is kept.
pub fn build(source: Source<'_, '_>, container: usize, kept: Option<&Coverage<'_, '_>>, omissions: Omissions) -> Built {
    let scan = source.scan;
    let mut builder = Builder::new(source, kept, omissions);
    let end = scan.entries[container].end;
    let mut at = container + 1;
    while at < end {
        at = builder.step(at);
    }
    builder.close_up_to(end);
    builder.late_notes();
    builder.built
}

/// Builds the posts of a thread, each below its header; replies are nested in block quotes.
pub fn build_thread(source: Source<'_, '_>, thread: &Thread, kept: &Coverage<'_, '_>, omissions: Omissions) -> Built {
    let mut builder = Builder::new(source, Some(kept), omissions);
    let mut quotes: Vec<NodeId> = Vec::new();
    for post in &thread.posts {
        let tree = &mut builder.built.tree;
        quotes.truncate(post.depth);
        while quotes.len() < post.depth {
            let outer = quotes.last().copied().unwrap_or(tree.root());
            quotes.push(tree.append_element(outer, Element::new("blockquote")));
        }
        let outer = quotes.last().copied().unwrap_or(tree.root());
        post.head.append(tree, outer);
        for part in &post.parts {
            let text = builder.built.tree.append_element(outer, Element::new("div"));
            builder.open = vec![(usize::MAX, text)];
            let mut at = part.start;
            while at < part.end {
                at = builder.step(at);
            }
        }
    }
    builder.close_up_to(usize::MAX);
    builder.late_notes();
    builder.built
}

/// Returns the footnotes that kept references point to, in order.
fn references<'n>(notes: &'n Notes, kept: Option<&'n Coverage<'_, '_>>) -> impl Iterator<Item = usize> + 'n {
    let is_kept = move |at: usize| kept.is_none_or(|kept| kept.keeps_reference(at));
    notes.references().iter().filter(move |(at, _)| is_kept(*at)).map(|(_, number)| *number)
}

struct Builder<'b, 'a> {
    page: &'a Page,
    scan: &'b Scan<'a>,
    kept: Option<&'b Coverage<'b, 'a>>,
    omissions: Omissions,
    /// The page's Referer policy: `<meta name=referrer>` and header field.
    policy: (Option<String>, Option<String>),
    built: Built,
    /// URLs in `built.images`.
    seen: BTreeSet<String>,
    tabs: Tabs,
    /// Elements to skip because they are already built in another form: titles and icons of callouts.
    skipped: HashSet<crate::html::NodeId>,
    /// Links to append at the end of an element.
    after: BTreeMap<NodeId, String>,
    notes: &'b Notes,
    /// The footnotes that kept references point to.
    wanted: HashSet<usize>,
    /// The footnotes that have been built.
    made_notes: HashSet<usize>,
    /// Footnotes that are not part of the text around them: they are appended at the end.
    apart: Vec<NodeId>,
    /// Everything before this entry is kept: it is in a footnote.
    kept_until: usize,
    anchors: Anchors,
    forms: Forms,
    /// The open elements of the tree, with the end of each in the scan.
    open: Vec<(usize, NodeId)>,
}

impl<'b, 'a> Builder<'b, 'a> {
    fn new(source: Source<'b, 'a>, kept: Option<&'b Coverage<'b, 'a>>, omissions: Omissions) -> Self {
        let Source { page, scan, notes } = source;
        Self {
            page,
            scan,
            kept,
            omissions,
            policy: (page.meta("referrer").map(str::to_owned), page.headers.referrer_policy.clone()),
            built: Built {
                tree: Tree::new(),
                images: Vec::new(),
                steps: Vec::new(),
                unreadable_formulas: Vec::new(),
                unnamed_images: Vec::new(),
            },
            seen: BTreeSet::new(),
            notes,
            wanted: references(notes, kept).collect(),
            made_notes: HashSet::new(),
            apart: Vec::new(),
            kept_until: 0,
            anchors: Anchors::of(page, scan, notes),
            forms: Forms::default(),
            tabs: Tabs::of(scan, |set| kept.is_none_or(|kept| holds_most(kept, set))),
            skipped: HashSet::new(),
            after: BTreeMap::new(),
            open: Vec::new(),
        }
    }

    /// Builds the node at `at` and returns the index to continue with.
    fn step(&mut self, at: usize) -> usize {
        self.close_up_to(at);
        let parent = self.open.last().map_or(self.built.tree.root(), |(_, id)| *id);
        let entry = &self.scan.entries[at];
        let role = self.notes.role(at);
        match role {
            Some(Role::Left) => return entry.end,
            Some(Role::Wrapper) => return at + 1,
            _ => {}
        }
        if let Node::Text(text) = entry.node.value() {
            if self.kept_at(at).is_none_or(|kept| kept.keeps_text(at)) {
                let shown = self.notes.brackets(at).map_or(&*text.text, |brackets| brackets.off(&text.text));
                if !shown.trim().is_empty() {
                    self.place_anchors(parent);
                }
                self.built.tree.append_text(parent, &text::without_soft_hyphens(shown));
            }
            return at + 1;
        }
        let Some(element) = self.scan.element(at) else { return if at == 0 { at + 1 } else { self.past_unknown(at) } };
        self.collect_anchor(at, parent, element);
        if let Some(next) = role.and_then(|role| self.note_part(at, parent, element, role)) {
            return next;
        }
        if let Some(next) = self.unit(at, parent, element) {
            return next;
        }
        let shown = self.shown(at);
        if shown != Some(Shown::Object)
            && !self.is_omitted(at)
            && let Some(markup) = self.scan.unit(at).cloned().or_else(|| Markup::of(element, entry.hints))
        {
            if let Markup::Unreadable { seen, .. } = &markup {
                self.unreadable(element, seen);
            }
            if let Some((mut made, text)) = markup.made() {
                if let Some(src) = made.attr("src").map(str::to_owned) {
                    made.set("src", absolute(&src, self.page.base.as_ref()));
                }
                self.place_anchors(parent);
                let id = self.built.tree.append_element(parent, made);
                if !text.is_empty() {
                    self.built.tree.append_text(id, &text);
                }
            }
            return entry.end;
        }
        if let Some(reason) = self.omission_reason(at, element, shown) {
            if !reason.is_empty() {
                self.note(at, reason);
            }
            return entry.end;
        }
        match (shown, element.value().name()) {
            (Some(Shown::Image | Shown::Sources | Shown::Object), name) => {
                self.place_anchors(parent);
                self.image(at, parent, element);
                // An element of a page's own that nobody closed holds what follows it.
                let is_closed = !name.contains('-') || self.scan.text(at).weight == 0;
                if is_closed { entry.end } else { at + 1 }
            }
            (Some(Shown::Drawing), _) => {
                self.drawing(at, parent, element);
                entry.end
            }
            (_, name @ ("br" | "hr")) => {
                self.built.tree.append_element(parent, Element::new(made_name(name)));
                entry.end
            }
            _ => {
                if shown == Some(Shown::Player) {
                    self.poster(at, parent, element);
                }
                let made = self.made(element);
                let id = self.built.tree.append_element(parent, made);
                self.open.push((entry.end, id));
                if shown == Some(Shown::Background) {
                    self.background(at, id, element);
                }
                at + 1
            }
        }
    }

    /// Records a formula that could not be read, by its visible text or the name of its element.
    fn unreadable(&mut self, element: ElementRef<'a>, seen: &str) {
        let text: String = seen.chars().take(UNREADABLE).collect();
        let text = if text.is_empty() { element.value().name().to_owned() } else { text };
        self.built.unreadable_formulas.push(text);
    }

    /// Returns how an element shows an image or plays media; None when it does neither.
    fn shown(&self, at: usize) -> Option<Shown> {
        self.kept.map_or_else(|| media::shown(self.scan, at), |kept| kept.shown(at))
    }

    /// Closes the elements that end before `at`.
    fn close_up_to(&mut self, at: usize) {
        while let Some((_, id)) = self.open.pop_if(|(end, _)| *end <= at) {
            self.ends(id);
        }
    }

    /// Returns true when nothing of the element is kept.
    fn is_omitted(&self, at: usize) -> bool {
        self.kept_at(at).is_some_and(|kept| kept.reason(at).is_some())
    }

    /// Returns the coverage that decides about a node; None where everything is kept.
    fn kept_at(&self, at: usize) -> Option<&'b Coverage<'b, 'a>> {
        self.kept.filter(|_| at >= self.kept_until)
    }

    /// Returns the index after a node that is neither element nor text, such as a comment. The content of a `<template>` is
    /// skipped: no reader sees it.
    fn past_unknown(&self, at: usize) -> usize {
        match self.scan.entries[at].node.value() {
            Node::Document => at + 1,
            _ => self.scan.entries[at].end,
        }
    }

    /// Returns why the element is left out; None when it is built. An empty reason is not worth a line in the trace.
    fn omission_reason(&self, at: usize, element: ElementRef<'a>, shown: Option<Shown>) -> Option<&'static str> {
        let name = element.value().name();
        let is_shown = matches!(shown, Some(Shown::Object | Shown::Drawing));
        match self.kept_at(at) {
            Some(_) if media::is_unseen(self.scan, at, shown) => {
                Some(if self.scan.entries[at].hidden { "hidden" } else { "" })
            }
            None if is_shown => Attributes::of(element.value()).hides().then_some(""),
            None if matches!(name, "script" | "style" | "template" | "head" | "svg" | "datalist") => Some(""),
            None if matches!(name, "button" | "select" | "textarea" | "canvas" | "map" | "object")
                && self.is_control(element) =>
            {
                Some("")
            }
            _ if self.scan.entries[at].excluded => Some("hidden"),
            None if Attributes::of(element.value()).hides() && !self.scan.may_open(at) => Some(""),
            // Browsers do not show a `title` in the body.
            _ if matches!(name, "source" | "track" | "title") => Some(""),
            // Its image is another form of the one beside it and was read there.
            _ if name == "noscript" && holds_only_images(element) && self.has_image_beside(at) => Some(""),
            Some(kept) => kept.reason(at),
            None => None,
        }
    }

    /// Returns true for a control without text or images.
    fn is_control(&self, element: ElementRef<'a>) -> bool {
        element
            .descendants()
            .filter_map(ElementRef::wrap)
            .all(|below| !matches!(below.value().name(), "img" | "p" | "a" | "embed" | "iframe"))
    }

    fn note(&mut self, at: usize, reason: &str) {
        if self.omissions == Omissions::Untraced {
            return;
        }
        self.built.steps.push(Step {
            step: "part",
            kept: false,
            what: self.scan.describe(at),
            reason: reason.to_owned(),
            score: None,
        });
    }

    fn has_image_beside(&self, at: usize) -> bool {
        self.scan.children(self.scan.entries[at].parent).any(|sibling| {
            matches!(self.scan.name(sibling), "img" | "picture" | "figure" | "a" | "span" | "div")
                && holds_image(self.scan, sibling)
        })
    }

    fn made(&self, element: ElementRef<'a>) -> Element {
        let source = element.value();
        let mut made = Element::new(styled_name(source).unwrap_or_else(|| made_name(source.name())));
        for name in kept_attributes(&made.name) {
            if let Some(value) = source.attr(name) {
                made.set(*name, value);
            }
        }
        match source.name() {
            "a" => {
                let resolved = |href: &str| {
                    let fragment = anchor::in_page(href, self.page);
                    fragment.map_or_else(|| absolute(href, self.page.base.as_ref()), |fragment| format!("#{fragment}"))
                };
                if let Some(href) = source.attr("href").map(resolved)
                    && self.is_allowed(&href)
                {
                    made.set("href", redirect::unwrapped(&href).unwrap_or(href));
                }
            }
            "video" | "audio" | "iframe" | "embed" => {
                let nested = element.child_elements().find_map(|child| child.attr("src"));
                let own = source.attr("src").filter(|src| !src.starts_with("about:"));
                let src = own.or(source.attr("data-src")).or(nested).map(|src| absolute(src, self.page.base.as_ref()));
                if let Some(src) = src.filter(|src| self.is_allowed(src)) {
                    made.set("src", src);
                }
            }
            _ => {}
        }
        if lines::is_line(source) {
            made.set(LINE, "");
        }
        if let Some(layout) = layout_tables::declared_layout(source) {
            made.set(LAYOUT, layout.as_str());
        }
        if self.kept.is_some()
            && let Some(look) = look(source)
        {
            made.set(LOOK, look.as_str());
        }
        made
    }

    /// Returns true when a link to the URL is kept. Links of a page may point to pages and people but not start programs; a
    /// fragment keeps all its links.
    fn is_allowed(&self, url: &str) -> bool {
        let known = |url: Url| matches!(url.scheme(), "http" | "https" | "mailto" | "tel");
        self.kept.is_none() || Url::parse(url).map_or(true, known)
    }
}

/// Returns true when most panels of a set are kept, so that the article is not in one of them.
fn holds_most(kept: &Coverage<'_, '_>, set: &TabSet) -> bool {
    let kept = set.panels.iter().filter(|(panel, _)| kept.reason(*panel).is_none()).count();
    kept > 0 && kept * 2 > set.panels.len()
}

/// Returns the absolute URL. A fragment, or a URL that cannot be resolved, stays as written.
fn absolute(written: &str, base: Option<&Url>) -> String {
    let trimmed = written.trim();
    // A URL that is absolute already stays as written.
    let whole = |url: Url| url.cannot_be_a_base() || trimmed.contains("://");
    if !trimmed.contains(['\n', '\t', '\r']) && Url::parse(trimmed).is_ok_and(whole) {
        return trimmed.to_owned();
    }
    match resolve_link(written, base) {
        Some(url) if !written.trim_start().starts_with('#') => url.to_string(),
        _ => trimmed.to_owned(),
    }
}

fn holds_only_images(element: ElementRef<'_>) -> bool {
    images_below(element).next().is_some()
        && element.descendants().filter_map(|n| n.value().as_text()).all(|text| text.text.trim().is_empty())
}

fn holds_image(scan: &Scan<'_>, index: usize) -> bool {
    let end = scan.entries[index].end.min(index + 12);
    (index..end).any(|below| matches!(media::shown(scan, below), Some(Shown::Image | Shown::Sources)))
}
