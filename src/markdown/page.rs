//! Blocks as lines, each with what its quotes and lists put before it.

use std::collections::BTreeSet;

use crate::frontmatter::{Bullets, Headings};

use super::code;
use super::escape::Place;
use super::inline::{Draft, Writer};
use super::ir::{Blocks, Container, Event, Leaf, Piece};
use super::repair;
use super::table;

/// The Markdown of an article's blocks, ending in one newline; empty when there are none. The leaves at `as_html` (places
/// among the events) are written as HTML.
pub(super) fn write(blocks: &Blocks<'_>, writer: Writer<'_>, as_html: &BTreeSet<usize>) -> String {
    let mut page = Page {
        writer,
        out: String::new(),
        prefix: String::new(),
        lead: None,
        open: vec![Frame::default()],
        draft: Draft::default(),
    };
    for (at, event) in blocks.events.iter().enumerate() {
        match event {
            Event::Open(container) => page.open(*container),
            Event::Close => page.close(),
            Event::Leaf(leaf) => match as_html.contains(&at).then(|| repair::as_html(leaf, writer)).flatten() {
                Some(lines) => page.leaf(&Leaf::Html(lines)),
                None => page.leaf(leaf),
            },
        }
    }
    page.out
}

struct Page<'a, 't> {
    writer: Writer<'a>,
    out: String,
    /// Stands before every line.
    prefix: String,
    /// Stands before the next line instead: it carries the markers of items and quotes that begin there.
    lead: Option<String>,
    open: Vec<Frame>,
    draft: Draft<'t>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Frame {
    /// Length of the prefix around it.
    outer: usize,
    /// Something was written in it.
    used: bool,
    /// Its blocks stand without blank lines between them.
    tight: bool,
    list: Option<Marker>,
    in_list: bool,
    /// Nothing but the marker of a callout was written in it.
    under_marker: bool,
}

/// The marker of a list's next item.
#[derive(Debug, Clone, Copy)]
struct Marker {
    number: Option<u64>,
    alternate: bool,
}

impl<'t> Page<'_, 't> {
    fn open(&mut self, container: Container<'_>) {
        let around = self.open.last().copied().unwrap_or_default();
        let mut frame = Frame { outer: self.prefix.len(), in_list: around.in_list, ..Frame::default() };
        let bullets = self.writer.style.bullets;
        self.start();
        match container {
            Container::Quote => self.push_prefix("> ", "> "),
            Container::Callout(callout) => {
                self.push_prefix("> ", "> ");
                self.line(callout.marker);
                frame.used = true;
                frame.under_marker = true;
            }
            Container::List { start, tight, alternate } => {
                frame.tight = tight;
                frame.list = Some(Marker { number: start, alternate });
                frame.in_list = true;
            }
            Container::Note(label) => {
                let lead = if self.writer.is_gfm() { format!("[^{label}]: ") } else { format!("\\[{label}\\] ") };
                self.push_prefix(&lead, if self.writer.is_gfm() { "    " } else { "" });
            }
            Container::Item => {
                frame.tight = around.tight;
                let marker = self
                    .open
                    .last_mut()
                    .and_then(|list| list.list.as_mut())
                    .map_or_else(|| "- ".to_owned(), |marker| next_marker(marker, bullets));
                self.push_prefix(&marker, &" ".repeat(marker.len()));
            }
        }
        self.open.push(frame);
    }

    fn close(&mut self) {
        if self.open.len() > 1
            && let Some(frame) = self.open.pop()
        {
            if self.lead.is_some() && frame.list.is_none() {
                // An item that holds nothing is its marker.
                self.line("");
            }
            self.prefix.truncate(frame.outer);
        }
    }

    fn push_prefix(&mut self, first: &str, others: &str) {
        let mut lead = self.lead.take().unwrap_or_else(|| self.prefix.clone());
        lead.push_str(first);
        self.lead = Some(lead);
        self.prefix.push_str(others);
    }

    /// Begins a block: parts it from the one before it in the same container.
    fn start(&mut self) {
        let Some(frame) = self.open.last_mut() else { return };
        frame.under_marker = false;
        if std::mem::replace(&mut frame.used, true) && !frame.tight {
            self.out.push_str(self.prefix.trim_end());
            self.out.push('\n');
        }
    }

    fn line(&mut self, text: &str) {
        let lead = self.lead.take();
        let lead = lead.as_deref().unwrap_or(&self.prefix);
        self.out.push_str(if text.is_empty() { lead.trim_end() } else { lead });
        self.out.push_str(text);
        self.out.push('\n');
    }

    fn lines(&mut self, text: &str) {
        let mut rest = text;
        while let Some(end) = memchr::memchr(b'\n', rest.as_bytes()) {
            self.line(&rest[..end]);
            rest = &rest[end + 1..];
        }
        self.line(rest);
    }

    fn leaf(&mut self, leaf: &Leaf<'t>) {
        let mut draft = std::mem::take(&mut self.draft);
        if !matches!(leaf, Leaf::Paragraph(_)) {
            self.start();
        }
        match leaf {
            Leaf::Paragraph(pieces) => {
                let text = self.writer.text(pieces, Place::Paragraph, &mut draft);
                // Right under the marker of a callout, unless it would be read as an underline of it.
                let joins = self.open.last().is_some_and(|frame| frame.under_marker) && !text.starts_with('=');
                match self.open.last_mut().filter(|_| joins) {
                    Some(frame) => frame.under_marker = false,
                    None => self.start(),
                }
                self.lines(text);
            }
            Leaf::Heading(level, pieces) => {
                self.heading(*level, self.writer.text(pieces, Place::Heading, &mut draft));
            }
            Leaf::Code { language, text } => {
                let fence = code::fence(text);
                self.line(&format!("{fence}{language}"));
                if !text.is_empty() {
                    self.lines(text);
                }
                self.line(&fence);
            }
            Leaf::Html(lines) => self.lines(lines),
            Leaf::Rule => {
                let rule = self.rule();
                self.line(rule);
            }
            Leaf::Table(table) => {
                let writer = self.writer;
                let cell = |pieces: &[Piece<'t>]| writer.text(pieces, Place::Cell, &mut draft).to_owned();
                table::lines(table, cell).iter().for_each(|line| self.line(line));
            }
        }
        self.draft = draft;
    }

    fn heading(&mut self, level: usize, text: &str) {
        let underline = match level {
            1 => '=',
            _ => '-',
        };
        // An underline reads as one only below a line that is a paragraph's.
        let plain = self.writer.style.headings == Headings::Setext
            && level <= 2
            && !self.open.last().is_some_and(|frame| frame.tight)
            && text.starts_with(char::is_alphanumeric)
            && !text.starts_with(|c: char| c.is_ascii_digit());
        if plain {
            self.line(text);
            self.line(&underline.to_string().repeat(text.chars().count().clamp(3, 72)));
        } else {
            self.line(&format!("{} {text}", "#".repeat(level)));
        }
    }

    /// In a list, `-` and `*` are markers; at the very start, `---` would begin front matter.
    fn rule(&self) -> &'static str {
        if self.open.last().is_some_and(|frame| frame.in_list) {
            "___"
        } else if self.out.is_empty() {
            "***"
        } else {
            "---"
        }
    }
}

fn next_marker(marker: &mut Marker, bullets: Bullets) -> String {
    match (&mut marker.number, marker.alternate) {
        (None, false) => format!("{bullets} "),
        (None, true) => if bullets == Bullets::Star { "- " } else { "* " }.to_owned(),
        (Some(number), alternate) => {
            let written = format!("{number}{} ", if alternate { ')' } else { '.' });
            *number = number.saturating_add(1).min(999_999_999);
            written
        }
    }
}
