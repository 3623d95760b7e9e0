//! The writer: one pass over the tree, with a list of the open elements.

use std::ops::Range;

use crate::html::elements::{is_block, is_heading};
use crate::html::{Dom, Edge, Element, ElementRef, Node, NodeId, NodeRef};

use super::attributes::attributes;
use super::escape::{escaped, push_escaped};
use super::forms::{Content, Form, form, is_dropped, without_heading};
use super::formula::{Formula, FormulaStyle, Formulas};
use super::ids::Ids;
use super::{FormulaCount, ImageTarget, Targets, Vocabulary, Xhtml};

/// Writes a text.
pub(super) fn write(dom: &Dom, language: &str, vocabulary: Vocabulary, targets: &mut dyn Targets) -> Xhtml {
    let root = OpenElement { node: None, name: "body", content: Content::Flow, begun: false, named: true, tag: 0..0 };
    let ids = Ids::of(dom);
    let mut writer = Writer {
        targets,
        vocabulary,
        language,
        ids,
        formulas: Formulas::of(dom),
        count: FormulaCount::default(),
        out: String::new(),
        open: vec![root],
        breaks: false,
        notes: 0,
        headings: Vec::new(),
    };
    let mut skipped: Option<NodeId> = None;
    for edge in dom.root().traverse() {
        match edge {
            Edge::Close(node) if skipped == Some(node.id()) => skipped = None,
            _ if skipped.is_some() => {}
            Edge::Open(node) => match (node.value(), ElementRef::wrap(node)) {
                (Node::Text(text), _) => writer.text(&text.text),
                (_, Some(element)) if writer.element(element) == Inside::Skipped => skipped = Some(node.id()),
                _ => {}
            },
            Edge::Close(node) => writer.close(node),
        }
    }
    writer.finish()
}

/// Whether the content of an element is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Inside {
    Written,
    Skipped,
}

struct OpenElement {
    /// The element in the tree; None for one that the content model requires.
    node: Option<NodeId>,
    name: &'static str,
    /// Never [`Content::Transparent`].
    content: Content,
    /// Whether text or an image was written in it.
    begun: bool,
    /// Whether text that can be read was written in it, of an image too.
    named: bool,
    /// Where its start tag is in what is written.
    tag: Range<usize>,
}

struct Writer<'w> {
    targets: &'w mut dyn Targets,
    vocabulary: Vocabulary,
    language: &'w str,
    ids: Ids,
    formulas: Formulas,
    count: FormulaCount,
    out: String,
    /// The open elements, outermost first; the first is the body.
    open: Vec<OpenElement>,
    /// Whether a block edge was met where only text may be.
    breaks: bool,
    /// The number of notes so far.
    notes: usize,
    /// The headings that the next one is below, as the text has them.
    headings: Vec<&'static str>,
}

impl Writer<'_> {
    fn finish(mut self) -> Xhtml {
        let left: Vec<String> = self.ids.left().cloned().collect();
        left.iter().for_each(|id| self.out.push_str(&format!("<span id=\"{id}\"></span>")));
        self.out.truncate(self.out.trim_end().len());
        self.out.push('\n');
        Xhtml { text: self.out, formulas: self.count }
    }

    fn top(&self) -> (&'static str, Content) {
        self.open.last().map_or(("body", Content::Flow), |open| (open.name, open.content))
    }

    fn is_in(&self, name: &str) -> bool {
        self.open.iter().any(|open| open.name == name)
    }

    fn text(&mut self, text: &str) {
        if text.chars().all(is_invisible) {
            let (name, content) = self.top();
            let is_shown = matches!(content, Content::Flow | Content::Phrasing);
            if is_shown && !(name == "section" && self.out.ends_with('\n')) {
                push_escaped(&mut self.out, text);
            }
            return;
        }
        if self.begin_text() {
            push_escaped(&mut self.out, text);
        }
    }

    /// Prepares for text that can be read. Returns false where there can be no text.
    fn begin_text(&mut self) -> bool {
        let may_begin = self.begin_inline();
        if may_begin {
            self.open.iter_mut().for_each(|open| open.named = true);
        }
        may_begin
    }

    /// Prepares for text or an image. Returns false where there can be none.
    fn begin_inline(&mut self) -> bool {
        match self.top().1 {
            Content::Items => self.push_item(),
            Content::Rows | Content::Descriptions => return false,
            Content::Flow | Content::Phrasing | Content::Transparent => {}
        }
        if std::mem::take(&mut self.breaks) && self.top().1 == Content::Phrasing {
            self.out.push_str(if self.is_in("pre") { "\n" } else { "<br/>" });
        }
        self.open.iter_mut().for_each(|open| open.begun = true);
        true
    }

    /// Opens the item that a list requires around its content.
    fn push_item(&mut self) {
        self.out.push_str("<li>");
        self.open.push(OpenElement {
            node: None,
            name: "li",
            content: Content::Flow,
            begun: false,
            named: false,
            tag: 0..0,
        });
    }

    /// Closes an item that no element of the tree stands for.
    fn close_implied(&mut self) {
        if let Some(open) = self.open.pop_if(|open| open.node.is_none() && open.name == "li") {
            self.out.push_str(&format!("</{}>", open.name));
        }
    }

    fn element(&mut self, node: ElementRef<'_>) -> Inside {
        let element = node.value();
        if let Some(formula) = Formula::of(node) {
            self.formula(&formula);
            return Inside::Skipped;
        }
        match element.name() {
            name if is_dropped(name) => return Inside::Skipped,
            "img" => self.image(element),
            "br" => self.void("<br/>"),
            "wbr" => self.void("<wbr/>"),
            "hr" => self.rule(),
            "input" => self.checkbox(element),
            "iframe" | "video" | "audio" => self.player(element),
            "section" if element.attr("data-footnotes").is_some() => {
                self.start_notes(node.id());
                return Inside::Written;
            }
            "li" if element.attr("id").is_some_and(|id| id.starts_with("fn-")) && self.top().0 == "section" => {
                self.start_note(node);
                return Inside::Written;
            }
            // The items of the list of notes are not written as such.
            "ol" if self.top().0 == "section" => return Inside::Written,
            "a" if element.attr("data-footnote-backref").is_some() => {}
            "a" => {
                self.link(node);
                return Inside::Written;
            }
            "rt" if !self.is_in("ruby") => {
                let text: String = node.text().collect();
                self.text(&format!("（{}）", text.trim()));
            }
            "p" if element.attr("class") == Some("markdown-alert-title") => self.callout_label(node),
            _ => {
                self.plain(node);
                return Inside::Written;
            }
        }
        Inside::Skipped
    }

    /// Writes the start tag of an element in the nearest form that is valid here.
    fn plain(&mut self, node: ElementRef<'_>) {
        if node.value().name() == "li" {
            self.close_implied();
        }
        let Some(mut form) = form(node, self.top().0) else { return self.anchor(node.value()) };
        if self.is_in("th") || self.is_in("dt") {
            form = without_heading(form);
        } else {
            form.name = self.heading(form.name);
        }
        if self.top().1 == Content::Items && form.name != "li" {
            self.push_item();
        }
        let is_misplaced = match self.top().1 {
            Content::Phrasing => form.is_block,
            Content::Rows => !matches!(form.name, "caption" | "thead" | "tbody" | "tr" | "td" | "th"),
            _ => false,
        };
        if is_misplaced || form.name == "details" && self.is_in("a") {
            self.block_edge();
            return self.anchor(node.value());
        }
        if !form.is_block && !self.begin_text() {
            return;
        }
        let id = self.ids.take(node.value());
        self.start(node.id(), form, &attributes(node.value(), form, id.as_deref()));
    }

    fn start(&mut self, node: NodeId, form: Form, attributes: &str) {
        let content = if form.content == Content::Transparent { self.top().1 } else { form.content };
        let at = self.out.len();
        self.out.push_str(&format!("<{}{attributes}>", form.name));
        if form.is_block {
            self.breaks = false;
        }
        let tag = at..self.out.len();
        self.open.push(OpenElement { node: Some(node), name: form.name, content, begun: false, named: false, tag });
    }

    /// Returns the name of a heading without a gap to the levels above it, the title of the article being the first; any
    /// other name as it is.
    fn heading(&mut self, name: &'static str) -> &'static str {
        if !is_heading(name) {
            return name;
        }
        while self.headings.pop_if(|above| *above >= name).is_some() {}
        self.headings.push(name);
        ["h2", "h3", "h4", "h5", "h6"].get(self.headings.len() - 1).copied().unwrap_or("h6")
    }

    /// Notes the edge of a block that is not written, where only text may be.
    fn block_edge(&mut self) {
        self.breaks |= self.open.last().is_some_and(|open| open.content == Content::Phrasing && open.begun);
    }

    /// Writes the target of links for an element that is not written.
    fn anchor(&mut self, element: &Element) {
        if matches!(self.top().1, Content::Flow | Content::Phrasing)
            && let Some(id) = self.ids.take(element)
        {
            self.out.push_str(&format!("<span id=\"{id}\"></span>"));
        }
    }

    fn close(&mut self, node: NodeRef<'_>) {
        let Some(element) = node.value().as_element() else { return };
        self.close_implied();
        match self.open.pop_if(|open| open.node == Some(node.id())) {
            Some(open) if open.name == "a" && !open.named => self.close_nameless(element, &open),
            Some(open) => self.out.push_str(&format!("</{}>", open.name)),
            None if is_block(element.name()) => self.block_edge(),
            None => {}
        }
    }

    /// Closes a link without text: one around an image gets a name for those who do not see it, any other is no link.
    fn close_nameless(&mut self, element: &Element, open: &OpenElement) {
        if open.begun {
            if element.attr("title").is_none_or(|title| title.trim().is_empty()) {
                let href = element.attr("href").unwrap_or_default();
                let name = format!(" aria-label=\"{}\"", escaped(file_name(href)));
                self.out.insert_str(open.tag.end - 1, &name);
            }
            self.out.push_str("</a>");
        } else {
            let tag = &self.out[open.tag.clone()];
            let id = tag.strip_prefix("<a id=\"").and_then(|rest| rest.split('"').next());
            let anchor = id.map(|id| format!("<span id=\"{id}\"></span>")).unwrap_or_default();
            self.out.replace_range(open.tag.clone(), &anchor);
        }
    }

    fn void(&mut self, tag: &str) {
        if matches!(self.top().1, Content::Flow | Content::Phrasing) {
            self.out.push_str(tag);
        }
    }

    fn rule(&mut self) {
        match self.top().1 {
            Content::Flow => self.out.push_str("<hr/>"),
            _ => self.block_edge(),
        }
    }

    fn checkbox(&mut self, element: &Element) {
        if element.attr("type").is_some_and(|kind| kind.eq_ignore_ascii_case("checkbox")) {
            self.text(if element.attr("checked").is_some() { "☑" } else { "☐" });
        }
    }

    fn image(&mut self, element: &Element) {
        let attr = |name| element.attr(name).unwrap_or_default();
        let target = self.targets.image(attr("src"));
        let alt = attr("alt").trim();
        let is_nameless = alt.is_empty() && matches!(target, ImageTarget::Shown(_));
        if !(if is_nameless { self.begin_inline() } else { self.begin_text() }) {
            return;
        }
        match target {
            ImageTarget::Shown(src) => {
                let title = match attr("title").trim() {
                    "" => String::new(),
                    title => format!(" title=\"{}\"", escaped(title)),
                };
                self.out.push_str(&format!("<img src=\"{}\" alt=\"{}\"{title}/>", escaped(&src), escaped(alt)));
            }
            ImageTarget::Linked(url) => {
                let shown = if alt.is_empty() { file_name(&url) } else { alt };
                match self.is_in("a") {
                    true => push_escaped(&mut self.out, shown),
                    false => self.out.push_str(&format!(
                        "<a class=\"image\" href=\"{}\">{}</a>",
                        escaped(&url),
                        escaped(shown)
                    )),
                }
            }
            // A link needs something to be seen.
            ImageTarget::Text if alt.is_empty() && self.is_in("a") => self.out.push('…'),
            ImageTarget::Text => push_escaped(&mut self.out, alt),
        }
    }

    /// Writes a player as a link.
    fn player(&mut self, element: &Element) {
        let attr = |name| element.attr(name).unwrap_or_default().trim();
        let Some(url) = self.targets.link(attr("src")) else { return self.text(attr("title")) };
        let shown = if attr("title").is_empty() { url.as_str() } else { attr("title") };
        if !self.begin_text() {
            return;
        }
        match self.is_in("a") {
            true => push_escaped(&mut self.out, shown),
            false => self.out.push_str(&format!("<a href=\"{}\">{}</a>", escaped(&url), escaped(shown))),
        }
    }

    fn formula(&mut self, formula: &Formula) {
        if !self.begin_text() {
            return;
        }
        let is_display = formula.style == FormulaStyle::Display;
        let written = match self.formulas.mathml(formula) {
            Some(mathml) if is_display => format!("<span class=\"display\">{mathml}</span>"),
            Some(mathml) => mathml.to_owned(),
            None => {
                let class = if is_display { "math display" } else { "math" };
                format!("<span class=\"{class}\">{}</span>", escaped(&formula.tex))
            }
        };
        match self.formulas.mathml(formula) {
            Some(_) => self.count.mathml += 1,
            None => self.count.tex += 1,
        }
        self.out.push_str(&written);
    }

    fn link(&mut self, node: ElementRef<'_>) {
        let element = node.value();
        let id = self.ids.take(element).map(|id| format!(" id=\"{id}\"")).unwrap_or_default();
        let href = element.attr("href").unwrap_or_default();
        let target = match href.starts_with('#') {
            true => self.ids.target(href).map(|name| format!("#{name}")),
            false => self.targets.link(href),
        };
        let target = target.filter(|_| !self.is_in("a"));
        if target.is_none() && id.is_empty() || !self.begin_text() {
            return;
        }
        let is_note = element.attr("data-footnote-ref").is_some();
        let mut attributes = id;
        if let Some(href) = target {
            attributes.push_str(&format!(" href=\"{}\"", escaped(&href)));
            if is_note {
                attributes.push_str(&self.semantics("noteref", "doc-noteref"));
            }
            if let Some(title) = element.attr("title").filter(|title| !title.trim().is_empty()) {
                attributes.push_str(&format!(" title=\"{}\"", escaped(title)));
            }
        }
        let name = if attributes.contains(" href=") { "a" } else { "span" };
        let form = Form { name, content: Content::Transparent, is_block: false, class: "" };
        self.start(node.id(), form, &attributes);
    }

    /// Returns the attributes that say what an element is for.
    fn semantics(&self, kind: &str, role: &str) -> String {
        let kind = match self.vocabulary {
            Vocabulary::Epub => format!(" epub:type=\"{kind}\""),
            Vocabulary::Html => String::new(),
        };
        if role.is_empty() { kind } else { format!("{kind} role=\"{role}\"") }
    }

    fn start_notes(&mut self, node: NodeId) {
        let form = Form { name: "section", content: Content::Flow, is_block: true, class: "notes" };
        let attributes = format!(" class=\"notes\"{}", self.semantics("footnotes", ""));
        self.start(node, form, &attributes);
        self.out.push('\n');
    }

    /// Begins a note with its number, which leads back to the text.
    fn start_note(&mut self, node: ElementRef<'_>) {
        self.notes += 1;
        let id = self.ids.take(node.value()).map(|id| format!(" id=\"{id}\"")).unwrap_or_default();
        let back = node.descendants().filter_map(ElementRef::wrap).find_map(|element| {
            element.attr("data-footnote-backref")?;
            self.ids.target(element.attr("href")?)
        });
        let number = match back {
            Some(id) => format!("<a href=\"#{id}\" role=\"doc-backlink\">{}</a>", self.notes),
            None => self.notes.to_string(),
        };
        let form = Form { name: "aside", content: Content::Flow, is_block: true, class: "" };
        let attributes = format!("{id}{}", self.semantics("footnote", "doc-footnote"));
        self.start(node.id(), form, &attributes);
        self.out.push_str(&format!("<p class=\"number\">{number}</p>"));
    }

    /// Writes the label of a callout, unless the callout begins with one of its own.
    fn callout_label(&mut self, node: ElementRef<'_>) {
        let next = node.next_siblings().find_map(ElementRef::wrap);
        let first = next.and_then(|next| next.children().find_map(ElementRef::wrap));
        let has_own = match (next, first) {
            (Some(next), Some(first)) => first.value().name() == "strong" && next.text().eq(first.text()),
            _ => false,
        };
        if !has_own && self.top().1 == Content::Flow {
            let kind: String = node.text().collect();
            let label = callout_label(kind.trim(), self.language);
            self.out.push_str(&format!("<p><strong>{}</strong></p>", escaped(label)));
        }
    }
}

/// Returns whether a character is white space or has no width.
fn is_invisible(c: char) -> bool {
    c.is_whitespace()
        || matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' | '\u{fe0e}' | '\u{fe0f}')
}

/// Returns the last part of a URL's path, or the URL if it has none.
fn file_name(url: &str) -> &str {
    let path = url.split(['?', '#']).next().unwrap_or(url);
    path.rsplit('/').next().filter(|name| !name.is_empty()).unwrap_or(url)
}

/// Returns the label of a callout, which comrak names in English.
fn callout_label<'k>(kind: &'k str, language: &str) -> &'k str {
    match (kind, language.get(..2)) {
        ("Note", Some("zh")) => "说明",
        ("Tip", Some("zh")) => "提示",
        ("Important", Some("zh")) => "重要",
        ("Warning", Some("zh")) => "警告",
        ("Caution", Some("zh")) => "注意",
        _ => kind,
    }
}
