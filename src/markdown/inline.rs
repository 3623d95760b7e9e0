//! A leaf's pieces as one or more lines of Markdown.

use crate::model::ImageMap;

use super::code::{self, Around};
use super::emphasis::{Form, forms};
use super::escape::{Kind, Layout, Place};
use super::ir::{LinkTarget, Mark, Piece};
use super::link;
use super::spaces::{Line, Token, plain, settle};

/// What inline text needs to know of the document.
#[derive(Debug, Clone, Copy)]
pub(super) struct Writer<'a> {
    pub images: &'a ImageMap,
    pub links: &'a [LinkTarget<'a>],
    /// Template markers are escaped.
    pub hexo: bool,
}

impl Writer<'_> {
    /// The text of a leaf; lines are parted by `\n`, and only in paragraphs is there more than one.
    pub(super) fn text(&self, pieces: &[Piece<'_>], place: Place) -> String {
        let line = settle(pieces);
        let forms = forms(&line);
        let mut layout = Layout::default();
        let mut bracketed = 0usize;
        let mut skip = 0usize;
        for (at, token) in line.tokens.iter().enumerate() {
            if skip > 0 {
                skip -= 1;
                continue;
            }
            match token {
                Token::Text(text) => layout.push(text, if bracketed > 0 { Kind::Bracketed } else { Kind::Text }),
                Token::Code(text) => {
                    let around = Around { cell: place == Place::Cell, link: bracketed > 0, hexo: self.hexo };
                    layout.push(&code::span(text, around), Kind::Meant);
                }
                Token::Image { src, alt, title } => layout.push(&self.image(src, alt, title), Kind::Meant),
                Token::Task(ticked) => layout.push(if *ticked { "[x]" } else { "[ ]" }, Kind::Meant),
                Token::Break { hard } => layout.push(line_end(place, *hard), Kind::Meant),
                Token::Open(pair) => match (forms[*pair], line.pairs[*pair].mark) {
                    (Form::Link, Mark::Link(link)) => match self.autolink(&line, at, link) {
                        Some(href) => {
                            layout.push(&format!("<{href}>"), Kind::Meant);
                            skip = 2;
                        }
                        None => {
                            layout.push("[", Kind::Meant);
                            bracketed += 1;
                        }
                    },
                    (form, mark) => delimit(&mut layout, form, mark, true),
                },
                Token::Close(pair) => match (forms[*pair], line.pairs[*pair].mark) {
                    (Form::Link, Mark::Link(link)) => {
                        layout.push(&self.link_end(link), Kind::Meant);
                        bracketed = bracketed.saturating_sub(1);
                    }
                    (form, mark) => delimit(&mut layout, form, mark, false),
                },
            }
        }
        layout.write(place, self.hexo)
    }

    fn link_end(&self, link: usize) -> String {
        let Some(LinkTarget { href, title }) = self.links.get(link) else { return "]()".to_owned() };
        self.target(href, title)
    }

    fn target(&self, address: &str, title: &str) -> String {
        let title = link::title(title, self.hexo);
        let destination = link::destination(address, self.hexo);
        let destination = if destination.is_empty() && !title.is_empty() { "<>".to_owned() } else { destination };
        format!("]({destination}{title})")
    }

    fn image(&self, src: &str, alt: &str, title: &str) -> String {
        let mut layout = Layout::default();
        layout.push(&plain(alt), Kind::Bracketed);
        let address = self.images.get(src).map_or(src, String::as_str);
        format!("![{}{}", layout.write(Place::Inner, self.hexo), self.target(address, title))
    }

    /// The address of a link that shows its own address, when `<…>` says the same to every reader.
    fn autolink<'l>(&self, line: &'l Line<'_>, open: usize, link: usize) -> Option<&'l str> {
        let LinkTarget { href, title } = self.links.get(link)?;
        let (Token::Text(text), Token::Close(_)) = (line.tokens.get(open + 1)?, line.tokens.get(open + 2)?) else {
            return None;
        };
        let web = ["http://", "https://"].iter().any(|scheme| text.starts_with(scheme));
        let simple = |c: char| {
            c.is_ascii_alphanumeric()
                || matches!(c, ':' | '/' | '.' | '-' | '_' | '~' | '?' | '=' | '#' | ',' | '+' | '@')
        };
        (web && title.trim().is_empty() && text == href && text.chars().all(simple)).then_some(text)
    }
}

fn line_end(place: Place, hard: bool) -> &'static str {
    match (place, hard) {
        (Place::Paragraph, true) => "\\\n",
        (Place::Paragraph, false) => "\n",
        (Place::Cell, _) => "<br>",
        (Place::Heading | Place::Inner, _) => " ",
    }
}

fn delimit(layout: &mut Layout, form: Form, mark: Mark, opens: bool) {
    if let Some(delimiter) = form.delimiter() {
        let count = if mark == Mark::Em { 1 } else { 2 };
        layout.push(&delimiter.to_string().repeat(count), Kind::Delimiter);
        return;
    }
    let tag = match mark {
        Mark::Strong => "strong",
        Mark::Em => "em",
        Mark::Del => "del",
        Mark::Tag(tag) => tag,
        Mark::Link(_) => return,
    };
    let slash = if opens { "" } else { "/" };
    layout.push(&format!("<{slash}{tag}>"), Kind::Meant);
}
