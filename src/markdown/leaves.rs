//! Building from elements whose child elements are not visited: breaks, images, checkboxes, code, formulas, embeds.

use crate::model::tree::NodeId;

use super::build::{Builder, Heading};
use super::code;
use super::formula;
use super::ir::{Image, Leaf, LinkTarget, Mark, Piece, Task, has_content};
use super::link;
use super::names::is_checkbox;

impl Builder<'_> {
    /// Adds a line break. Two in a row separate paragraphs.
    pub(super) fn line_break(&mut self) {
        if matches!(self.heading, Heading::Line(_)) {
            self.run.push(Piece::Text(" "));
            return;
        }
        let before = self.run.iter().rev().find(|piece| match piece {
            Piece::Text(text) => text.chars().any(|c| !c.is_whitespace()),
            piece => !matches!(piece, Piece::Open(_) | Piece::Close(_) | Piece::CodeEnd),
        });
        if self.lines == 0 && before == Some(&Piece::Break) {
            self.flush();
        } else {
            self.run.push(Piece::Break);
        }
    }

    pub(super) fn image(&mut self, id: NodeId) {
        let Some(image) = self.tree.element(id) else { return };
        let Image { src, alt, .. } = Image::of(image);
        if src.trim().is_empty() {
            self.run.push(Piece::Text(alt));
            return;
        }
        // In a figure each image is on a line of its own.
        let in_figure = self.lines > 0 && self.captions == 0 && self.grid.is_none();
        if in_figure {
            self.run.push(Piece::Line);
        }
        self.run.push(Piece::Image(image));
        if in_figure {
            self.run.push(Piece::Line);
        }
    }

    /// Adds a checkbox. At the start of a list item it makes a task.
    pub(super) fn input(&mut self, id: NodeId) {
        if !self.tree.element(id).is_some_and(is_checkbox) {
            return;
        }
        let task = if self.tree.attr(id, "checked").is_some() { Task::Done } else { Task::Open };
        let first = self.lines == 0 && !has_content(&self.run) && self.outline.at_item_start();
        self.run.push(match (first, task) {
            (true, task) => Piece::Task(task),
            (false, Task::Done) => Piece::Text("☑ "),
            (false, Task::Open) => Piece::Text("☐ "),
        });
    }

    pub(super) fn preformatted(&mut self, id: NodeId) {
        self.edge();
        if self.lines == 0 {
            let leaf = Leaf::Code { language: code::language(self.tree, id), text: code::verbatim(self.tree, id) };
            self.outline.leaf(leaf);
            return;
        }
        let tree = self.tree;
        self.run.extend(tree.descendants(id).filter_map(|below| tree.text_of(below)).map(Piece::Code));
        self.run.extend([Piece::CodeEnd, Piece::Line]);
    }

    pub(super) fn formula(&mut self, id: NodeId) {
        let tex = self.tree.attr(id, "tex").unwrap_or_default();
        let display = self.tree.attr(id, "display").is_some_and(|display| display == "block");
        if formula::text(tex).is_empty() {
            return;
        }
        if display {
            self.edge();
        }
        self.math = true;
        self.run.push(Piece::Math { tex, display });
        if display {
            self.edge();
        }
    }

    /// Adds an embed. With a title it becomes a link with that title. Without one, audio, video and the players of well-known
    /// sites are kept as elements, and any other frame becomes a link with its URL as text.
    pub(super) fn embed(&mut self, id: NodeId) {
        let attr = |name| self.tree.attr(id, name).unwrap_or_default().trim();
        let (src, title) = (attr("src"), attr("title"));
        let plays = matches!(self.tree.name(id), "video" | "audio") || link::is_player(src);
        let player = self.tree.element(id).filter(|_| title.is_empty() && plays);
        self.edge();
        let in_link = self.marks.iter().any(|(_, mark)| matches!(mark, Mark::Link(_)));
        if src.is_empty() || in_link || !link::is_safe(src) {
            self.run.push(Piece::Text(title));
        } else if let Some(player) = player {
            self.run.push(Piece::Player(player));
        } else {
            self.links.push(LinkTarget { href: src, title: "" });
            let mark = Mark::Link(self.links.len() - 1);
            let shown = if title.is_empty() { src } else { title };
            self.run.extend([Piece::Open(mark), Piece::Text(shown), Piece::Close(mark)]);
        }
        self.edge();
    }
}
