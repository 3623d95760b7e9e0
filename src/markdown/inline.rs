//! A leaf's pieces as one or more lines of Markdown.

use std::borrow::Cow;

use crate::frontmatter::{Flavour, Style};
use crate::model::ImageMap;

use super::code::{self, Around};
use super::emphasis::{Form, forms};
use super::escape::{self, Kind, Layout, Place, Text};
use super::flanking;
use super::html::escaped;
use super::ir::{LinkTarget, Mark, Piece};
use super::link;
use super::spaces::{Line, Pair, Token, plain, settle};

/// What inline text needs to know of the document.
#[derive(Debug, Clone, Copy)]
pub(super) struct Writer<'a> {
    pub images: &'a ImageMap,
    pub links: &'a [LinkTarget<'a>],
    /// Template markers are escaped.
    pub hexo: bool,
    pub style: Style,
    /// The document has formulas: a dollar sign in its text may not begin one.
    pub math: bool,
}

/// Where the writing of a line has got to.
#[derive(Debug, Default)]
struct State {
    layout: Layout,
    /// Open links.
    bracketed: usize,
    /// Tokens that are written already.
    skip: usize,
}

impl Writer<'_> {
    pub(super) fn is_gfm(&self) -> bool {
        self.style.flavour == Flavour::Gfm
    }

    /// The text of a leaf; lines are parted by `\n`, and only in paragraphs is there more than one.
    pub(super) fn text(&self, pieces: &[Piece<'_>], place: Place) -> String {
        let line = settle(pieces);
        let forms = forms(&line, self.is_gfm());
        let mut state =
            State { layout: Layout::new(!self.math && !self.hexo && needs_no_care(&line, place)), ..State::default() };
        for (at, token) in line.tokens.iter().enumerate() {
            if state.skip > 0 {
                state.skip -= 1;
                continue;
            }
            self.token(token, at, &line, &forms, place, &mut state);
        }
        state.layout.write(self.surroundings(place))
    }

    fn surroundings(&self, place: Place) -> Text {
        Text { place, hexo: self.hexo, math: self.math }
    }

    fn token(&self, token: &Token<'_>, at: usize, line: &Line<'_>, forms: &[Form], place: Place, state: &mut State) {
        let State { layout, bracketed, skip } = state;
        match token {
            Token::Text(text) => layout.push(text, if *bracketed > 0 { Kind::Bracketed } else { Kind::Text }),
            Token::Code(text) => {
                let around =
                    Around { cell: place == Place::Cell, link: *bracketed > 0, hexo: self.hexo, html: self.style.html };
                layout.push(&code::span(text, around), Kind::Meant);
            }
            Token::Image { src, alt, title } => layout.push(&self.image(src, alt, title), Kind::Meant),
            Token::Task(ticked) => layout.push(self.task(*ticked), Kind::Meant),
            Token::Break { hard } => layout.push(self.line_end(place, *hard), Kind::Meant),
            Token::Math { tex, display } => {
                let next = line.tokens.get(at + 1);
                let digit = matches!(next, Some(Token::Text(text)) if text.starts_with(|c: char| c.is_ascii_digit()));
                layout.push(&formula(tex, *display, digit), Kind::Meant);
            }
            Token::Note(label) if self.is_gfm() => layout.push(&format!("[^{label}]"), Kind::Meant),
            Token::Note(label) => layout.push(&format!("\\[{label}\\]"), Kind::Meant),
            Token::Frame { name, src } => layout.push(&self.frame(name, src), Kind::Meant),
            Token::Open(pair) => match (forms[*pair], line.pairs[*pair].mark) {
                (Form::Link, Mark::Link(link)) => match self.autolink(line, at, link) {
                    Some(address) => {
                        layout.push(&format!("<{address}>"), Kind::Meant);
                        *skip = 2;
                    }
                    None => {
                        layout.push("[", Kind::Meant);
                        *bracketed += 1;
                    }
                },
                (Form::Tag, mark) if says_no_more(line, *pair, mark) => {}
                (form, mark) => self.delimit(layout, form, mark, true),
            },
            Token::Close(pair) => match (forms[*pair], line.pairs[*pair].mark) {
                (Form::Link, Mark::Link(link)) => {
                    layout.push(&self.link_end(link), Kind::Meant);
                    *bracketed = bracketed.saturating_sub(1);
                }
                (Form::Tag, mark) if says_no_more(line, *pair, mark) => {}
                (form, mark) => self.delimit(layout, form, mark, false),
            },
        }
    }

    fn task(&self, ticked: bool) -> &'static str {
        match (self.is_gfm(), ticked) {
            (true, true) => "[x]",
            (true, false) => "[ ]",
            (false, true) => "☑",
            (false, false) => "☐",
        }
    }

    fn line_end(&self, place: Place, hard: bool) -> &'static str {
        match (place, hard) {
            (Place::Paragraph, true) => "\\\n",
            (Place::Paragraph, false) => "\n",
            (Place::Cell, _) if self.style.html => "<br>",
            (Place::Cell | Place::Heading | Place::Inner, _) => " ",
        }
    }

    /// A player without a name: its own element, or its address.
    fn frame(&self, name: &str, src: &str) -> String {
        if self.style.html {
            let controls = if matches!(name, "video" | "audio") { " controls" } else { "" };
            return format!("<{name} src=\"{}\"{controls}></{name}>", escaped(src));
        }
        format!("[{}]({})", self.bracketed(src), link::destination(src, self.hexo))
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

    fn bracketed(&self, text: &str) -> String {
        let mut layout = Layout::default();
        layout.push(text, Kind::Bracketed);
        layout.write(self.surroundings(Place::Inner))
    }

    fn image(&self, src: &str, alt: &str, title: &str) -> String {
        let address = self.images.get(src).map_or(src, String::as_str);
        format!("![{}{}", self.bracketed(&plain(alt)), self.target(address, title))
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

    fn delimit(&self, layout: &mut Layout, form: Form, mark: Mark, opens: bool) {
        if let Some(delimiter) = form.delimiter() {
            let written: String = std::iter::repeat_n(delimiter, flanking::width(mark)).collect();
            return layout.push(&written, Kind::Delimiter);
        }
        if !self.style.html {
            return;
        }
        let tag: Cow<'_, str> = match mark {
            Mark::Strong => "strong".into(),
            Mark::Em => "em".into(),
            Mark::Del => "del".into(),
            Mark::Tag(tag) => tag.into(),
            Mark::Abbr(link) if opens => {
                let title = self.links.get(link).map_or("", |link| link.title);
                format!("abbr title=\"{}\"", escaped(&plain(title))).into()
            }
            Mark::Abbr(_) => "abbr".into(),
            Mark::Link(_) => return,
        };
        let slash = if opens { "" } else { "/" };
        layout.push(&format!("<{slash}{tag}>"), Kind::Meant);
    }
}

/// Emphasis in emphasis of the same kind is not worth a tag.
fn says_no_more(line: &Line<'_>, pair: usize, mark: Mark) -> bool {
    let inner = line.pairs[pair];
    let holds = |outer: &Pair| outer.mark == mark && outer.open < inner.open && outer.close > inner.close;
    matches!(mark, Mark::Strong | Mark::Em) && line.pairs[..pair].iter().any(holds)
}

/// True when no sign of the line's text could be taken for Markdown, so that none must be judged by what is around it.
fn needs_no_care(line: &Line<'_>, place: Place) -> bool {
    let mut starts = true;
    line.tokens.iter().enumerate().all(|(at, token)| match token {
        Token::Text(text) => {
            let before_link = matches!(line.tokens.get(at + 1), Some(Token::Open(_) | Token::Image { .. }));
            let first = std::mem::replace(&mut starts, false);
            escape::is_plain(text, first) && !(before_link && text.ends_with('!'))
        }
        Token::Break { .. } => {
            starts = true;
            true
        }
        Token::Code(code) => {
            starts = false;
            !(place == Place::Cell && code.contains('|'))
        }
        Token::Image { alt, .. } => {
            starts = false;
            !(place == Place::Cell && alt.contains('|'))
        }
        Token::Open(_) | Token::Close(_) => {
            starts = false;
            true
        }
        Token::Math { .. } | Token::Note(_) | Token::Frame { .. } | Token::Task(_) => false,
    })
}

/// A formula between dollar signs. `digit`: one follows, before which a dollar sign closes nothing.
fn formula(tex: &str, display: bool, digit: bool) -> String {
    let tex = plain(tex);
    match display {
        true => format!("$${tex}$$"),
        false if digit || tex.contains('$') => format!("$`{tex}`$"),
        false => format!("${tex}$"),
    }
}
