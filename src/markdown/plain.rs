//! The article tree as plain text.

use crate::frontmatter::Style;
use crate::model::ImageMap;
use crate::model::tree::Tree;

use super::build;
use super::chars::plain;
use super::ir::{Container, Event, Leaf, Piece, player};
use super::line::{Line, Token};
use super::markers::MORE;

/// Returns the text of a content tree, with a blank line between blocks and one newline at the end; empty when the tree
/// shows nothing.
///
/// Table cells are separated by tabs. An image is replaced by its alternative text, a link by its text.
pub fn text(tree: &Tree) -> String {
    let images = ImageMap::new();
    let blocks = build::blocks(tree, &images, Style { html: false, ..Style::default() });
    let mut out = String::new();
    for event in &blocks.events {
        let text = match event {
            Event::Open(Container::Callout(callout)) => plain(callout.label).into_owned(),
            Event::Open(_) | Event::Close => continue,
            Event::Leaf(leaf) => written(leaf),
        };
        if text.trim().is_empty() || text.trim() == MORE.to_string() {
            continue;
        }
        if !out.is_empty() {
            out.push('\n');
        }
        out.push_str(&text);
        out.push('\n');
    }
    out
}

fn written(leaf: &Leaf<'_>) -> String {
    match leaf {
        Leaf::Paragraph(pieces) | Leaf::Heading(_, pieces) => shown(pieces, "\n"),
        Leaf::Code { text, .. } => text.clone(),
        Leaf::Rule | Leaf::Html(_) => String::new(),
        Leaf::Table(table) => {
            let header = Some(&table.header).filter(|cells| !cells.is_empty());
            let row =
                |cells: &Vec<Vec<Piece<'_>>>| cells.iter().map(|cell| shown(cell, " ")).collect::<Vec<_>>().join("\t");
            header.into_iter().chain(&table.rows).map(row).collect::<Vec<_>>().join("\n")
        }
    }
}

fn shown(pieces: &[Piece<'_>], line_end: &str) -> String {
    let line = Line::of(pieces);
    let tokens = line.tokens.iter();
    tokens
        .map(|token| match *token {
            Token::Text(text) | Token::Code(text) => line.str(text).to_owned(),
            Token::Image(image) => plain(image.attr("alt").unwrap_or_default()).into_owned(),
            Token::Task(task) => task.symbol().to_owned(),
            Token::Math { tex, .. } => tex.to_owned(),
            Token::Note(label) => format!("[{label}]"),
            Token::Player(element) => player(element).1.to_owned(),
            Token::Break(_) => line_end.to_owned(),
            Token::Open(_) | Token::Close(_) | Token::Anchor(_) => String::new(),
        })
        .collect()
}
