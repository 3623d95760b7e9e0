//! Writes blocks as lines, with the prefixes of their quotes and lists.

use std::collections::BTreeSet;

use crate::frontmatter::{Bullets, Headings};

use super::code;
use super::escape::LineContext;
use super::inline::{LineBuffers, Writer};
use super::ir::{Blocks, Container, Event, Leaf, Piece};
use super::leaf_html;
use super::table;

/// Returns an article's blocks as Markdown, ending in one newline; empty when there are none. The leaves at the indices in
/// `as_html` are written as HTML.
pub(super) fn write(blocks: &Blocks<'_>, writer: Writer<'_>, as_html: &BTreeSet<usize>) -> String {
    let mut page = PageWriter {
        writer,
        out: String::new(),
        prefix: String::new(),
        lead: None,
        open: vec![ContainerState::default()],
        buffers: LineBuffers::default(),
    };
    for (at, event) in blocks.events.iter().enumerate() {
        match event {
            Event::Open(container) => page.open(*container),
            Event::Close => page.close(),
            Event::Leaf(leaf) => match as_html.contains(&at).then(|| leaf_html::as_html(leaf, writer)).flatten() {
                Some(lines) => page.leaf(&Leaf::Html(lines)),
                None => page.leaf(leaf),
            },
        }
    }
    page.out
}

/// Returns the Markdown of a leaf on its own.
pub(super) fn write_leaf(leaf: &Leaf<'_>, writer: Writer<'_>) -> String {
    let blocks = Blocks { events: vec![Event::Leaf(leaf.clone())], ..Blocks::default() };
    write(&blocks, writer, &BTreeSet::new())
}

struct PageWriter<'a, 't> {
    writer: Writer<'a>,
    out: String,
    /// Is written before every line.
    prefix: String,
    /// Is written before the next line instead: it has the markers of items and quotes that begin there.
    lead: Option<String>,
    open: Vec<ContainerState>,
    buffers: LineBuffers<'t>,
}

/// The state of an open container.
#[derive(Debug, Clone, Copy, Default)]
struct ContainerState {
    /// The length of the prefix around it.
    outer: usize,
    /// It has content.
    used: bool,
    /// Its blocks are not separated by blank lines.
    tight: bool,
    list: Option<Marker>,
    in_list: bool,
    /// Its only content is the marker of a callout.
    under_marker: bool,
}

/// The marker of a list's next item.
#[derive(Debug, Clone, Copy)]
struct Marker {
    number: Option<u64>,
    alternate: bool,
}

impl<'t> PageWriter<'_, 't> {
    fn open(&mut self, container: Container<'_>) {
        let around = self.open.last().copied().unwrap_or_default();
        let mut state =
            ContainerState { outer: self.prefix.len(), in_list: around.in_list, ..ContainerState::default() };
        let bullets = self.writer.style.bullets;
        self.start();
        match container {
            Container::Quote => self.push_prefix("> ", "> "),
            Container::Callout(callout) => {
                self.push_prefix("> ", "> ");
                self.line(callout.marker);
                state.used = true;
                state.under_marker = true;
            }
            Container::List { start, tight, alternate } => {
                state.tight = tight;
                state.list = Some(Marker { number: start, alternate });
                state.in_list = true;
            }
            Container::Note(label) => {
                let lead = if self.writer.is_gfm() { format!("[^{label}]: ") } else { format!("\\[{label}\\] ") };
                self.push_prefix(&lead, if self.writer.is_gfm() { "    " } else { "" });
            }
            Container::Item => {
                state.tight = around.tight;
                let marker = self
                    .open
                    .last_mut()
                    .and_then(|list| list.list.as_mut())
                    .map_or_else(|| "- ".to_owned(), |marker| next_marker(marker, bullets));
                self.push_prefix(&marker, &" ".repeat(marker.len()));
            }
        }
        self.open.push(state);
    }

    fn close(&mut self) {
        if self.open.len() > 1
            && let Some(state) = self.open.pop()
        {
            if self.lead.is_some() && state.list.is_none() {
                // An empty item consists of its marker.
                self.line("");
            }
            self.prefix.truncate(state.outer);
        }
    }

    fn push_prefix(&mut self, first: &str, others: &str) {
        let mut lead = self.lead.take().unwrap_or_else(|| self.prefix.clone());
        lead.push_str(first);
        self.lead = Some(lead);
        self.prefix.push_str(others);
    }

    /// Begins a block: separates it from the previous one in the same container.
    fn start(&mut self) {
        let Some(state) = self.open.last_mut() else { return };
        state.under_marker = false;
        if std::mem::replace(&mut state.used, true) && !state.tight {
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
        let mut buffers = std::mem::take(&mut self.buffers);
        if !matches!(leaf, Leaf::Paragraph(_)) {
            self.start();
        }
        match leaf {
            Leaf::Paragraph(pieces) => {
                let text = self.writer.text(pieces, LineContext::Paragraph, &mut buffers);
                // Directly below the marker of a callout, unless it would be read as the underline of a heading.
                let joins = self.open.last().is_some_and(|state| state.under_marker) && !text.starts_with('=');
                match self.open.last_mut().filter(|_| joins) {
                    Some(state) => state.under_marker = false,
                    None => self.start(),
                }
                self.lines(text);
            }
            Leaf::Heading(level, pieces) => {
                self.heading(*level, self.writer.text(pieces, LineContext::Heading, &mut buffers));
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
                let cell = |pieces: &[Piece<'t>]| writer.text(pieces, LineContext::Cell, &mut buffers).to_owned();
                table::lines(table, cell).iter().for_each(|line| self.line(line));
            }
        }
        self.buffers = buffers;
    }

    fn heading(&mut self, level: usize, text: &str) {
        let underline = match level {
            1 => '=',
            _ => '-',
        };
        // Only below a line that would be a paragraph is an underline read as such.
        let plain = self.writer.style.headings == Headings::Setext
            && level <= 2
            && !self.open.last().is_some_and(|state| state.tight)
            && text.starts_with(char::is_alphanumeric)
            && !text.starts_with(|c: char| c.is_ascii_digit());
        if plain {
            self.line(text);
            self.line(&underline.to_string().repeat(text.chars().count().clamp(3, 72)));
        } else {
            self.line(&format!("{} {text}", "#".repeat(level)));
        }
    }

    /// Returns a thematic break. In a list, `-` and `*` are markers; at the start of the body, `---` would begin front matter.
    fn rule(&self) -> &'static str {
        if self.open.last().is_some_and(|state| state.in_list) {
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
