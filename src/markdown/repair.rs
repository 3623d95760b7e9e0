//! What to do when Markdown does not render back: the block that is read as something else is written as HTML.

use std::collections::BTreeSet;

use super::fidelity::{Dialect, found_in_markdown};
use super::html::{escaped, escaped_text};
use super::inline::Writer;
use super::ir::{Blocks, Event, Image, Leaf, Mark, Piece, player};
use super::page;
use super::spaces::{Line, Token, plain};

/// The leaves (by their place among the events) that, written alone, are not read as what they are. `written` is the
/// Markdown of one.
pub(super) fn misread(
    blocks: &Blocks<'_>,
    writer: Writer<'_>,
    dialect: Dialect,
    written: impl Fn(&Leaf<'_>) -> String,
) -> BTreeSet<usize> {
    let leaves = blocks.events.iter().enumerate().filter_map(|(at, event)| match event {
        Event::Leaf(leaf) => Some((at, leaf)),
        Event::Open(_) | Event::Close => None,
    });
    leaves
        .filter(|(_, leaf)| {
            as_html(leaf, writer)
                .is_some_and(|html| found_in_markdown(&html, dialect) != found_in_markdown(&written(leaf), dialect))
        })
        .map(|(at, _)| at)
        .collect()
}

/// The Markdown of a leaf that stands alone.
pub(super) fn alone(leaf: &Leaf<'_>, writer: Writer<'_>) -> String {
    let blocks = Blocks { events: vec![Event::Leaf(leaf.clone())], ..Blocks::default() };
    page::write(&blocks, writer, &BTreeSet::new())
}

/// A leaf as lines of HTML, none of them blank; None for what only Markdown can say.
pub(super) fn as_html(leaf: &Leaf<'_>, writer: Writer<'_>) -> Option<String> {
    match leaf {
        Leaf::Paragraph(pieces) => Some(format!("<p>{}</p>", line(pieces, writer)?)),
        Leaf::Heading(level, pieces) => Some(format!("<h{level}>{}</h{level}>", line(pieces, writer)?)),
        Leaf::Table(table) => {
            let row = |cells: &[Vec<Piece<'_>>], tag: &str| -> Option<String> {
                let cells: Option<Vec<String>> =
                    cells.iter().map(|cell| Some(format!("<{tag}>{}</{tag}>", line(cell, writer)?))).collect();
                Some(format!("<tr>{}</tr>", cells?.concat()))
            };
            let header = Some(&table.header).filter(|cells| !cells.is_empty()).map(|cells| row(cells, "th"));
            let rows: Option<Vec<String>> =
                header.into_iter().chain(table.rows.iter().map(|cells| row(cells, "td"))).collect();
            Some(format!("<table>\n{}\n</table>", rows?.join("\n")))
        }
        Leaf::Code { .. } | Leaf::Rule | Leaf::Html(_) => None,
    }
}

/// Formulas and references to footnotes mean something in Markdown only.
fn line(pieces: &[Piece<'_>], writer: Writer<'_>) -> Option<String> {
    let line = Line::of(pieces);
    let mut out = String::new();
    for token in &line.tokens {
        match token {
            Token::Text(text) => out.push_str(&escaped_text(line.str(*text))),
            Token::Code(text) => out.push_str(&format!("<code>{}</code>", escaped_text(line.str(*text)))),
            Token::Image(image) => {
                let Image { src, alt, title } = Image::of(image);
                let url = writer.images.get(src).map_or(src, String::as_str);
                out.push_str(&format!("<img src=\"{}\" alt=\"{}\"", escaped(url), escaped(&plain(alt))));
                if !title.trim().is_empty() {
                    out.push_str(&format!(" title=\"{}\"", escaped(&plain(title))));
                }
                out.push('>');
            }
            Token::Task(ticked) => out.push_str(if *ticked { "☑" } else { "☐" }),
            Token::Break { .. } => out.push_str("<br>"),
            Token::Anchor(name) => out.push_str(&format!("<a id=\"{}\"></a>", escaped(name))),
            Token::Frame(frame) => {
                let (name, src) = player(frame);
                out.push_str(&format!("<{name} src=\"{}\"></{name}>", escaped(src)));
            }
            Token::Math { .. } | Token::Note(_) => return None,
            Token::Open(pair) => match line.pairs[*pair].mark {
                Mark::Link(link) => {
                    let target = writer.links.get(link)?;
                    out.push_str(&format!("<a href=\"{}\"", escaped(target.href)));
                    if !target.title.trim().is_empty() {
                        out.push_str(&format!(" title=\"{}\"", escaped(&plain(target.title))));
                    }
                    out.push('>');
                }
                mark => out.push_str(&format!("<{}>", tag(mark))),
            },
            Token::Close(pair) => match line.pairs[*pair].mark {
                Mark::Link(_) => out.push_str("</a>"),
                mark => out.push_str(&format!("</{}>", tag(mark))),
            },
        }
    }
    Some(out)
}

fn tag(mark: Mark) -> &'static str {
    match mark {
        Mark::Strong => "strong",
        Mark::Em => "em",
        Mark::Del => "del",
        Mark::Tag(tag) => tag,
        Mark::Abbr(_) => "abbr",
        Mark::Link(_) => "a",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frontmatter::Style;
    use crate::markdown::fidelity::{differences, found_on_page};
    use crate::markdown::{build, check};
    use crate::model::ImageMap;

    #[test]
    fn a_block_that_is_misread_is_written_as_html_and_reads_back() {
        let source = "<h2>甲 &lt;b&gt; *</h2><ul><li>一 <strong>二</strong><br>三</li></ul>\
                      <table><tr><th>a</th><th>b|</th></tr><tr><td><a href='/x' title='t'>1</a></td><td><code>&lt;</code></td></tr></table>";
        let (tree, images, style) = (check::tree(source), ImageMap::new(), Style::default());
        let blocks = build::blocks(&tree, &images, style);
        let writer = Writer { images: &images, links: &blocks.links, hexo: false, style, math: false };
        let dialect = Dialect { style, math: false };
        assert!(misread(&blocks, writer, dialect, |leaf| alone(leaf, writer)).is_empty());
        // A writer that loses a letter of everything it writes.
        let broken = misread(&blocks, writer, dialect, |leaf| alone(leaf, writer).replace(['甲', '一', '1'], ""));
        assert_eq!(broken.len(), 3);
        let repaired = page::write(&blocks, writer, &broken);
        assert!(repaired.contains("<h2>甲 &lt;b&gt; *</h2>"), "{repaired}");
        let page = found_on_page(&tree, tree.root(), &images, style);
        assert_eq!(differences(&page, &found_in_markdown(&repaired, dialect)), [], "{repaired}");
    }
}
