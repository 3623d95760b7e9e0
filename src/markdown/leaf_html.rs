//! A leaf as HTML, for leaves that Markdown would not render back.

use super::chars::plain;
use super::html::{escaped, escaped_text};
use super::inline::Writer;
use super::ir::{Image, Leaf, Mark, Piece, player};
use super::line::{Line, Token};

/// Returns a leaf as lines of HTML without blank lines; None for what only Markdown can express.
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

/// Returns inline text as HTML; None with formulas and footnote references, which exist in Markdown only.
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
            Token::Task(task) => out.push_str(task.symbol()),
            Token::Break(_) => out.push_str("<br>"),
            Token::Anchor(name) => out.push_str(&format!("<a id=\"{}\"></a>", escaped(name))),
            Token::Player(element) => {
                let (name, src) = player(element);
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
