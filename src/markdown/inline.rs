//! A leaf's pieces as one or more lines of Markdown.

use std::borrow::Cow;

use crate::frontmatter::{Flavour, Style};
use crate::model::ImageMap;

use super::code::{self, Around};
use super::emphasis::{self, Form};
use super::escape::{self, Kind, Layout, Place, Text};
use super::flanking;
use super::formula;
use super::html::escaped;
use super::ir::{Image, LinkTarget, Mark, Piece, player};
use super::link;
use super::spaces::{Line, Pair, Stretch, Token, plain};

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

/// A line that is being written. Its memory serves for the next one too.
#[derive(Debug, Default)]
pub(super) struct Draft<'t> {
    line: Line<'t>,
    forms: Vec<Form>,
    layout: Layout,
}

/// Where the writing of a line has got to.
#[derive(Debug)]
struct State<'a> {
    layout: &'a mut Layout,
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
    pub(super) fn text<'d, 't>(&self, pieces: &[Piece<'t>], place: Place, draft: &'d mut Draft<'t>) -> &'d str {
        let Draft { line, forms, layout } = draft;
        line.settle(pieces);
        layout.clear();
        match line.tokens.as_slice() {
            [] => {}
            [Token::Text(_)] => layout.text(&mut line.text),
            _ => {
                emphasis::find(line, self.style, forms);
                self.tokens(line, forms, place, layout);
            }
        }
        layout.write(self.surroundings(place))
    }

    fn tokens(&self, line: &Line<'_>, forms: &[Form], place: Place, layout: &mut Layout) {
        let mut state = State { layout, bracketed: 0, skip: 0 };
        for (at, token) in line.tokens.iter().enumerate() {
            if state.skip > 0 {
                state.skip -= 1;
                continue;
            }
            self.token(token, at, line, forms, place, &mut state);
        }
    }

    fn surroundings(&self, place: Place) -> Text {
        Text { place, hexo: self.hexo, math: self.math }
    }

    fn token(
        &self,
        token: &Token<'_>,
        at: usize,
        line: &Line<'_>,
        forms: &[Form],
        place: Place,
        state: &mut State<'_>,
    ) {
        let State { layout, bracketed, skip } = state;
        match token {
            Token::Text(text) => {
                layout.push(line.str(*text), if *bracketed > 0 { Kind::Bracketed } else { Kind::Text })
            }
            Token::Code(text) => {
                let around =
                    Around { cell: place == Place::Cell, link: *bracketed > 0, hexo: self.hexo, html: self.style.html };
                let (text, further) = self.whole_code(line, forms, at, *text);
                layout.push(&code::span(&text, around), Kind::Meant);
                *skip = further;
            }
            Token::Image(image) => self.image(layout, Image::of(image)),
            Token::Task(ticked) => layout.push(self.task(*ticked), Kind::Meant),
            Token::Break { hard } => layout.push(self.line_end(place, *hard), Kind::Meant),
            Token::Math { tex, display: true } => layout.push(&formula::displayed(tex), Kind::Meant),
            Token::Math { tex, display: false } => {
                let next = line.tokens[at + 1..].iter().find(|token| self.shows(line, forms, token));
                let closes = match next {
                    Some(Token::Text(text)) => !line.str(*text).starts_with(|c: char| c.is_ascii_digit()),
                    Some(Token::Code(_)) => false,
                    _ => true,
                };
                layout.push(&formula::in_line(tex, closes), Kind::Meant);
            }
            Token::Note(label) if self.is_gfm() => layout.push(&format!("[^{label}]"), Kind::Meant),
            Token::Note(label) => layout.push(&format!("\\[{label}\\]"), Kind::Meant),
            Token::Anchor(name) => layout.push(&format!("<a id=\"{}\"></a>", escaped(name)), Kind::Meant),
            Token::Frame(frame) => {
                let (name, src) = player(frame);
                layout.push(&self.frame(name, src), Kind::Meant);
            }
            Token::Open(pair) => match (forms[*pair], line.pairs[*pair].mark) {
                (Form::Link, Mark::Link(link)) => match self.autolink(line, at, link) {
                    Some(url) => {
                        layout.push(&format!("<{url}>"), Kind::Meant);
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
                    self.link_end(layout, link);
                    *bracketed = bracketed.saturating_sub(1);
                }
                (Form::Tag, mark) if says_no_more(line, *pair, mark) => {}
                (form, mark) => self.delimit(layout, form, mark, false),
            },
        }
    }

    /// The text of a code span with those that nothing parts from it, since their signs would run into one; and how many
    /// further tokens that takes in.
    fn whole_code<'l>(&self, line: &'l Line<'_>, forms: &[Form], at: usize, text: Stretch) -> (Cow<'l, str>, usize) {
        let mut whole = Cow::Borrowed(line.str(text));
        let mut further = 0;
        for (place, token) in line.tokens.iter().enumerate().skip(at + 1) {
            match token {
                Token::Code(more) => {
                    whole.to_mut().push_str(line.str(*more));
                    further = place - at;
                }
                _ if self.shows(line, forms, token) => break,
                _ => {}
            }
        }
        (whole, further)
    }

    /// Something is written for it: marks without a form leave nothing where there is no HTML, or where they say no more.
    fn shows(&self, line: &Line<'_>, forms: &[Form], token: &Token<'_>) -> bool {
        match token {
            Token::Open(pair) | Token::Close(pair) if forms[*pair] == Form::Tag => {
                self.style.html && !says_no_more(line, *pair, line.pairs[*pair].mark)
            }
            _ => true,
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

    /// A player without a name: its own element, or its URL.
    fn frame(&self, name: &str, src: &str) -> String {
        if self.style.html {
            let controls = if matches!(name, "video" | "audio") { " controls" } else { "" };
            return format!("<{name} src=\"{}\"{controls}></{name}>", escaped(src));
        }
        format!("[{}]({})", self.bracketed(&plain(src)), link::destination(src, self.hexo))
    }

    fn link_end(&self, layout: &mut Layout, link: usize) {
        let none = LinkTarget { href: "", title: "" };
        let LinkTarget { href, title } = self.links.get(link).unwrap_or(&none);
        self.target(layout, href, title);
    }

    fn target(&self, layout: &mut Layout, url: &str, title: &str) {
        let title = link::title(title, self.hexo);
        let destination = link::destination(url, self.hexo);
        layout.push("](", Kind::Meant);
        layout.push(if destination.is_empty() && !title.is_empty() { "<>" } else { &destination }, Kind::Meant);
        layout.push(&title, Kind::Meant);
        layout.push(")", Kind::Meant);
    }

    fn bracketed<'a>(&self, text: &'a str) -> Cow<'a, str> {
        if escape::is_bare(text) && !self.math && !self.hexo {
            return Cow::Borrowed(text);
        }
        let mut layout = Layout::default();
        layout.push(text, Kind::Bracketed);
        Cow::Owned(layout.write(self.surroundings(Place::Inner)).to_owned())
    }

    fn image(&self, layout: &mut Layout, Image { src, alt, title }: Image<'_>) {
        let url = self.images.get(src).map_or(src, String::as_str);
        layout.push("![", Kind::Meant);
        layout.push(&self.bracketed(&plain(alt)), Kind::Meant);
        self.target(layout, url, title);
    }

    /// The URL of a link that shows its own URL, when `<…>` says the same to every reader.
    fn autolink<'l>(&self, line: &'l Line<'_>, open: usize, link: usize) -> Option<&'l str> {
        let LinkTarget { href, title } = self.links.get(link)?;
        let (Token::Text(text), Token::Close(_)) = (line.tokens.get(open + 1)?, line.tokens.get(open + 2)?) else {
            return None;
        };
        let text = line.str(*text);
        let web = ["http://", "https://"].iter().any(|scheme| text.starts_with(scheme));
        let simple = |c: char| {
            c.is_ascii_alphanumeric()
                || matches!(c, ':' | '/' | '.' | '-' | '_' | '~' | '?' | '=' | '#' | ',' | '+' | '@')
        };
        (web && title.trim().is_empty() && text == *href && text.chars().all(simple)).then_some(text)
    }

    fn delimit(&self, layout: &mut Layout, form: Form, mark: Mark, opens: bool) {
        if let Some(delimiter) = form.delimiter() {
            let mut bytes = [0; 4];
            let written = delimiter.encode_utf8(&mut bytes);
            return (0..flanking::width(mark)).for_each(|_| layout.push(written, Kind::Delimiter));
        }
        if !self.style.html {
            return;
        }
        let tag: Cow<'_, str> = match mark {
            Mark::Strong => "strong".into(),
            Mark::Em => "em".into(),
            Mark::Del => "del".into(),
            Mark::Tag(tag) => (*tag).into(),
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
