//! Writes the pieces of a leaf as one or more lines of Markdown.

use std::borrow::Cow;

use crate::frontmatter::{Flavour, Style};
use crate::model::ImageMap;

use super::chars::plain;
use super::code::{self, CodeContext};
use super::emphasis::{self, Form};
use super::escape::{self, EscapeRules, Layout, LineContext, Origin};
use super::flanking;
use super::formula::{self, Following};
use super::html::escaped;
use super::ir::{Image, LinkTarget, Mark, Piece, Task, player};
use super::line::{Break, Line, Pair, TextRange, Token};
use super::link;
use super::markers::Templates;

/// Writes inline text, with what it needs to know of the document.
#[derive(Debug, Clone, Copy)]
pub(super) struct Writer<'a> {
    pub images: &'a ImageMap,
    pub links: &'a [LinkTarget<'a>],
    /// Whose template markers are escaped.
    pub templates: Templates,
    pub style: Style,
    /// The document has formulas, so dollar signs in its text are escaped.
    pub math: bool,
}

/// The buffers for one line, reused for the next.
#[derive(Debug, Default)]
pub(super) struct LineBuffers<'t> {
    line: Line<'t>,
    forms: Vec<Form>,
    layout: Layout,
}

/// The state of writing a line.
#[derive(Debug)]
struct State<'a> {
    layout: &'a mut Layout,
    /// The number of open links.
    bracketed: usize,
    /// The number of next tokens that are written already.
    skip: usize,
}

impl Writer<'_> {
    pub(super) fn is_gfm(&self) -> bool {
        self.style.flavour == Flavour::Gfm
    }

    /// Returns the text of a leaf. Only paragraphs may have more than one line, separated by `\n`.
    pub(super) fn text<'d, 't>(
        &self,
        pieces: &[Piece<'t>],
        context: LineContext,
        buffers: &'d mut LineBuffers<'t>,
    ) -> &'d str {
        let LineBuffers { line, forms, layout } = buffers;
        line.rebuild(pieces);
        layout.clear();
        match line.tokens.as_slice() {
            [] => {}
            [Token::Text(_)] => layout.take_text(&mut line.text),
            _ => {
                emphasis::find(line, self.style, forms);
                self.tokens(line, forms, context, layout);
            }
        }
        layout.write(self.rules(context))
    }

    fn tokens(&self, line: &Line<'_>, forms: &[Form], context: LineContext, layout: &mut Layout) {
        let mut state = State { layout, bracketed: 0, skip: 0 };
        for (at, token) in line.tokens.iter().enumerate() {
            if state.skip > 0 {
                state.skip -= 1;
                continue;
            }
            self.token(token, at, line, forms, context, &mut state);
        }
    }

    fn rules(&self, context: LineContext) -> EscapeRules {
        EscapeRules { context, templates: self.templates, math: self.math }
    }

    fn token(
        &self,
        token: &Token<'_>,
        at: usize,
        line: &Line<'_>,
        forms: &[Form],
        context: LineContext,
        state: &mut State<'_>,
    ) {
        let State { layout, bracketed, skip } = state;
        match token {
            Token::Text(text) => {
                layout.push(line.str(*text), if *bracketed > 0 { Origin::Bracketed } else { Origin::Text })
            }
            Token::Code(text) => {
                let code_context = CodeContext {
                    cell: context == LineContext::Cell,
                    link: *bracketed > 0,
                    templates: self.templates,
                    html: self.style.html,
                };
                let (text, further) = self.joined_code(line, forms, at, *text);
                layout.push(&code::span(&text, code_context), Origin::Markup);
                *skip = further;
            }
            Token::Image(image) => self.image(layout, Image::of(image)),
            Token::Task(task) => layout.push(self.task(*task), Origin::Markup),
            Token::Break(line_break) => layout.push(self.line_end(context, *line_break), Origin::Markup),
            Token::Math { tex, display: true } => layout.push(&formula::displayed(tex), Origin::Markup),
            Token::Math { tex, display: false } => {
                let next = line.tokens[at + 1..].iter().find(|token| self.shows(line, forms, token));
                let following = match next {
                    Some(Token::Text(text)) if line.str(*text).starts_with(|c: char| c.is_ascii_digit()) => {
                        Following::DigitOrCode
                    }
                    Some(Token::Code(_)) => Following::DigitOrCode,
                    _ => Following::Other,
                };
                layout.push(&formula::inline(tex, following), Origin::Markup);
            }
            Token::Note(label) if self.is_gfm() => layout.push(&format!("[^{label}]"), Origin::Markup),
            Token::Note(label) => layout.push(&format!("\\[{label}\\]"), Origin::Markup),
            Token::Anchor(name) => layout.push(&format!("<a id=\"{}\"></a>", escaped(name)), Origin::Markup),
            Token::Player(element) => {
                let (name, src) = player(element);
                layout.push(&self.player(name, src), Origin::Markup);
            }
            Token::Open(pair) => match (forms[*pair], line.pairs[*pair].mark) {
                (Form::Link, Mark::Link(link)) => match self.autolink(line, at, link) {
                    Some(url) => {
                        layout.push(&format!("<{url}>"), Origin::Markup);
                        *skip = 2;
                    }
                    None => {
                        layout.push("[", Origin::Markup);
                        *bracketed += 1;
                    }
                },
                (Form::Tag, mark) if is_redundant(line, *pair, mark) => {}
                (form, mark) => self.delimit(layout, form, mark, Side::Open),
            },
            Token::Close(pair) => match (forms[*pair], line.pairs[*pair].mark) {
                (Form::Link, Mark::Link(link)) => {
                    self.link_end(layout, link);
                    *bracketed = bracketed.saturating_sub(1);
                }
                (Form::Tag, mark) if is_redundant(line, *pair, mark) => {}
                (form, mark) => self.delimit(layout, form, mark, Side::Close),
            },
        }
    }

    /// Returns the text of a code span joined with the code spans directly after it, since their delimiters would merge, and
    /// the number of tokens after the first that this includes.
    fn joined_code<'l>(&self, line: &'l Line<'_>, forms: &[Form], at: usize, text: TextRange) -> (Cow<'l, str>, usize) {
        let mut joined = Cow::Borrowed(line.str(text));
        let mut further = 0;
        for (index, token) in line.tokens.iter().enumerate().skip(at + 1) {
            match token {
                Token::Code(more) => {
                    joined.to_mut().push_str(line.str(*more));
                    further = index - at;
                }
                _ if self.shows(line, forms, token) => break,
                _ => {}
            }
        }
        (joined, further)
    }

    /// Returns true when something is written for a token. Marks in the form of a tag are not written without HTML or when they
    /// are redundant.
    fn shows(&self, line: &Line<'_>, forms: &[Form], token: &Token<'_>) -> bool {
        match token {
            Token::Open(pair) | Token::Close(pair) if forms[*pair] == Form::Tag => {
                self.style.html && !is_redundant(line, *pair, line.pairs[*pair].mark)
            }
            _ => true,
        }
    }

    /// Returns the box of a task.
    fn task(&self, task: Task) -> &'static str {
        match (self.is_gfm(), task) {
            (true, Task::Done) => "[x]",
            (true, Task::Open) => "[ ]",
            (false, task) => task.symbol(),
        }
    }

    fn line_end(&self, context: LineContext, line_break: Break) -> &'static str {
        match (context, line_break) {
            (LineContext::Paragraph, Break::Hard) => "\\\n",
            (LineContext::Paragraph, Break::Soft) => "\n",
            (LineContext::Cell, _) if self.style.html => "<br>",
            (LineContext::Cell | LineContext::Heading | LineContext::Inner, _) => " ",
        }
    }

    /// Returns a player without a title: its element, or a link to its URL.
    fn player(&self, name: &str, src: &str) -> String {
        if self.style.html {
            let controls = if matches!(name, "video" | "audio") { " controls" } else { "" };
            return format!("<{name} src=\"{}\"{controls}></{name}>", escaped(src));
        }
        format!("[{}]({})", self.bracketed(&plain(src)), link::destination(src, self.templates))
    }

    fn link_end(&self, layout: &mut Layout, link: usize) {
        let empty = LinkTarget { href: "", title: "" };
        let LinkTarget { href, title } = self.links.get(link).unwrap_or(&empty);
        self.target(layout, href, title);
    }

    fn target(&self, layout: &mut Layout, url: &str, title: &str) {
        let title = link::title(title, self.templates);
        let destination = link::destination(url, self.templates);
        layout.push("](", Origin::Markup);
        layout.push(if destination.is_empty() && !title.is_empty() { "<>" } else { &destination }, Origin::Markup);
        layout.push(&title, Origin::Markup);
        layout.push(")", Origin::Markup);
    }

    fn bracketed<'a>(&self, text: &'a str) -> Cow<'a, str> {
        if escape::is_bare(text) && !self.math && self.templates == Templates::None {
            return Cow::Borrowed(text);
        }
        let mut layout = Layout::default();
        layout.push(text, Origin::Bracketed);
        Cow::Owned(layout.write(self.rules(LineContext::Inner)).to_owned())
    }

    fn image(&self, layout: &mut Layout, Image { src, alt, title }: Image<'_>) {
        let url = self.images.get(src).map_or(src, String::as_str);
        layout.push("![", Origin::Markup);
        layout.push(&self.bracketed(&plain(alt)), Origin::Markup);
        self.target(layout, url, title);
    }

    /// Returns the URL of a link whose text is its URL, when every renderer reads `<…>` as the same link.
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

    fn delimit(&self, layout: &mut Layout, form: Form, mark: Mark, side: Side) {
        if let Some(delimiter) = form.delimiter() {
            let mut bytes = [0; 4];
            let written = delimiter.encode_utf8(&mut bytes);
            return (0..flanking::width(mark)).for_each(|_| layout.push(written, Origin::Delimiter));
        }
        if !self.style.html {
            return;
        }
        let tag: Cow<'_, str> = match mark {
            Mark::Strong => "strong".into(),
            Mark::Em => "em".into(),
            Mark::Del => "del".into(),
            Mark::Tag(tag) => (*tag).into(),
            Mark::Abbr(link) if side == Side::Open => {
                let title = self.links.get(link).map_or("", |link| link.title);
                format!("abbr title=\"{}\"", escaped(&plain(title))).into()
            }
            Mark::Abbr(_) => "abbr".into(),
            Mark::Link(_) => return,
        };
        let slash = if side == Side::Open { "" } else { "/" };
        layout.push(&format!("<{slash}{tag}>"), Origin::Markup);
    }
}

/// The opening or the closing of a mark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Open,
    Close,
}

/// Returns true for emphasis within emphasis of the same kind, which is written without a tag.
fn is_redundant(line: &Line<'_>, pair: usize, mark: Mark) -> bool {
    let inner = line.pairs[pair];
    let holds = |outer: &Pair| outer.mark == mark && outer.open < inner.open && outer.close > inner.close;
    matches!(mark, Mark::Strong | Mark::Em) && line.pairs[..pair].iter().any(holds)
}
