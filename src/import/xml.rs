//! XML as a stream of elements, in any charset and in bounded memory.

use std::io::{self, BufRead, BufReader, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use encoding_rs::{UTF_16BE, UTF_16LE};
use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

use crate::html::{charset_of_start, elements};

/// The maximum size of one tag or one run of text, in bytes.
const MAX_PIECE: u64 = 64 << 20;

/// The maximum depth of nested elements.
const MAX_DEPTH: usize = 1000;

/// The number of bytes by which the charset of a document is detected that declares none, or a wrong one.
const DETECTION: u64 = 4 << 20;

/// What the elements inside an element are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Inside {
    /// Elements of the document, which are visited themselves.
    Elements,
    /// Markup that belongs to its text.
    Markup,
    /// Markup that belongs to its text, if there are any: the element gets the type `xhtml` then. Its text alone is not
    /// markup yet, and may become it when its references are replaced.
    MarkupIfAny,
}

/// An end tag in markup ends an element that is open this many elements outside, at most.
const MAX_MARKUP_DEPTH: usize = 100;

/// Receives the elements of a document.
pub trait Visitor {
    /// Is called at the start of an element; `path` ends with its name.
    fn open(&mut self, path: &[String], attributes: &[(String, String)]);

    /// Is called at the end of an element; `text` is its text after its last child. Returns true to stop reading.
    fn close(&mut self, path: &[String], attributes: &[(String, String)], text: &str) -> bool;

    /// Returns what the elements inside this one are.
    fn inside(&self, _path: &[String], _attributes: &[(String, String)]) -> Inside {
        Inside::Elements
    }
}

/// Reads a document to its end, or until the visitor stops. Undeclared entities and end tags that do not match are
/// tolerated.
///
/// # Errors
/// Why the document cannot be read further. The elements before that were visited.
pub fn visit(source: impl Read, visitor: &mut dyn Visitor) -> Result<(), String> {
    let left = Arc::new(AtomicU64::new(MAX_PIECE));
    let text = Utf8Reader::new(source).map_err(|error| error.to_string())?;
    let limited = PieceLimit { inner: BufReader::new(text), left: Arc::clone(&left) };
    let mut reader = Reader::from_reader(limited);
    let config = reader.config_mut();
    config.check_end_names = false;
    config.allow_unmatched_ends = true;
    config.allow_dangling_amp = true;
    let (path, attributes, text) = (Vec::new(), Vec::new(), String::new());
    let mut state = VisitState { visitor, path, attributes, text, markup: None, possible: None };
    let mut buffer = Vec::new();
    loop {
        left.store(MAX_PIECE, Ordering::Relaxed);
        buffer.clear();
        let event = reader.read_event_into(&mut buffer).map_err(|error| error.to_string())?;
        let is_done = match event {
            Event::Start(start) => state.open(&start)?,
            Event::Empty(start) => state.open(&start)? || state.close(start.name().0),
            Event::End(end) => state.close(end.name().0),
            Event::Text(text) => state.push_text(&text.xml_content(XmlVersion::Implicit1_0)),
            Event::CData(text) => state.push_cdata(&text.into_inner()),
            Event::GeneralRef(name) => state.push_reference(&name.into_inner()),
            Event::Eof if state.path.is_empty() => return Ok(()),
            Event::Eof => return Err("the document ends within an element".to_owned()),
            _ => false,
        };
        if is_done {
            return Ok(());
        }
        if state.text.len() as u64 > MAX_PIECE {
            return Err(format!("an element holds more than {MAX_PIECE} bytes"));
        }
    }
}

struct VisitState<'a> {
    visitor: &'a mut dyn Visitor,
    path: Vec<String>,
    /// The attributes of each element on the path.
    attributes: Vec<Vec<(String, String)>>,
    text: String,
    /// The names of the open elements inside the one that holds markup; None outside of one.
    markup: Option<Vec<String>>,
    /// The text as markup of an element that may hold markup and has held none yet; None outside of one.
    possible: Option<String>,
}

impl VisitState<'_> {
    fn open(&mut self, start: &BytesStart<'_>) -> Result<bool, String> {
        if let Some(text) = self.possible.take() {
            self.text = text;
            self.markup = Some(Vec::new());
            if let Some(attributes) = self.attributes.last_mut() {
                attributes.retain(|(key, _)| key != "type");
                attributes.push(("type".to_owned(), "xhtml".to_owned()));
            }
        }
        if let Some(open) = &mut self.markup {
            // Elements of HTML that are always empty may lack an end tag.
            if !elements::is_void(local(start.name().0)) {
                open.push(start.name().0.to_owned());
            }
            self.text.push('<');
            self.text.push_str(local(start.name().0));
            for attribute in start.html_attributes().flatten() {
                self.text.push_str(&format!(" {}=\"{}\"", attribute.key.0, attribute.value.replace('"', "&quot;")));
            }
            self.text.push('>');
            return Ok(false);
        }
        if self.path.len() >= MAX_DEPTH {
            return Err(format!("elements are nested more than {MAX_DEPTH} deep"));
        }
        self.path.push(start.name().0.to_ascii_lowercase());
        let attributes = start.html_attributes().flatten();
        let pair = |key: &str, value: &str| (key.to_ascii_lowercase(), unescaped(value));
        self.attributes.push(attributes.map(|found| pair(found.key.0, &found.value)).collect());
        self.text.clear();
        let own = self.attributes.last().map(Vec::as_slice).unwrap_or_default();
        self.visitor.open(&self.path, own);
        match self.visitor.inside(&self.path, own) {
            Inside::Elements => {}
            Inside::Markup => self.markup = Some(Vec::new()),
            Inside::MarkupIfAny => self.possible = Some(String::new()),
        }
        Ok(false)
    }

    fn close(&mut self, name: &str) -> bool {
        self.possible = None;
        if let Some(open) = &mut self.markup {
            let inner = open.len().saturating_sub(MAX_MARKUP_DEPTH);
            if let Some(at) = open[inner..].iter().rposition(|open| open == name) {
                open.truncate(inner + at);
                self.text.push_str(&format!("</{}>", local(name)));
                return false;
            }
            // An end tag of markup that was not opened is ignored; that of an outer element ends the markup.
            if !self.path.iter().any(|open| open.eq_ignore_ascii_case(name)) {
                return false;
            }
            self.markup = None;
        }
        let name = name.to_ascii_lowercase();
        // An end tag without a start tag is ignored; one of an outer element ends the elements inside it too.
        let Some(at) = self.path.iter().rposition(|open| *open == name) else { return false };
        let mut is_done = false;
        while self.path.len() > at {
            let attributes = self.attributes.pop().unwrap_or_default();
            is_done |= self.visitor.close(&self.path, &attributes, &self.text);
            self.text.clear();
            self.path.pop();
        }
        is_done
    }

    fn push_text(&mut self, text: &str) -> bool {
        self.text.push_str(text);
        if let Some(possible) = &mut self.possible {
            possible.push_str(text);
        }
        false
    }

    fn push_cdata(&mut self, text: &str) -> bool {
        match self.markup {
            Some(_) => self.text.push_str(&escaped(text)),
            None => self.text.push_str(text),
        }
        if let Some(possible) = &mut self.possible {
            // What is marked as text may be HTML that is followed by an element.
            possible.push_str(text);
        }
        false
    }

    fn push_reference(&mut self, name: &str) -> bool {
        let source = format!("&{name};");
        if self.markup.is_some() {
            self.text.push_str(&source);
        } else {
            self.text.push_str(&unescaped(&source));
        }
        if let Some(possible) = &mut self.possible {
            possible.push_str(&source);
        }
        false
    }
}

/// Returns a name without its namespace prefix.
fn local(name: &str) -> &str {
    name.rsplit(':').next().unwrap_or(name)
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// Replaces the character references of XML and HTML; unknown ones are kept as text.
fn unescaped(text: &str) -> String {
    if !text.contains('&') {
        return text.to_owned();
    }
    let one = |name: &str| -> Option<String> {
        if let Some(number) = name.strip_prefix('#') {
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => number.parse().ok()?,
            };
            return Some(character(code).to_string());
        }
        quick_xml::escape::resolve_html5_entity(name).map(str::to_owned)
    };
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        out.push_str(before);
        match after.find(';').filter(|&end| end <= 32).and_then(|end| Some((one(&after[..end])?, &after[end + 1..]))) {
            Some((character, behind)) => {
                out.push_str(&character);
                rest = behind;
            }
            None => {
                out.push('&');
                rest = after;
            }
        }
    }
    out.push_str(rest);
    out
}

/// Returns the character of a numeric reference, as HTML does: codes of C1 controls stand for the characters of
/// windows-1252. <https://html.spec.whatwg.org/#numeric-character-reference-end-state>
fn character(code: u32) -> char {
    let code_in_windows = u8::try_from(code).ok().filter(|code| (0x80..0xa0).contains(code));
    let windows = code_in_windows.and_then(|code| encoding_rs::WINDOWS_1252.decode(&[code]).0.chars().next());
    windows.or_else(|| char::from_u32(code)).filter(|c| *c != '\0').unwrap_or('\u{fffd}')
}

/// Fails when one tag or run of text takes more bytes than allowed.
struct PieceLimit<R> {
    inner: R,
    left: Arc<AtomicU64>,
}

impl<R: BufRead> Read for PieceLimit<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.fill_buf()?.read(buffer)?;
        self.consume(read);
        Ok(read)
    }
}

impl<R: BufRead> BufRead for PieceLimit<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.left.load(Ordering::Relaxed) == 0 {
            return Err(io::Error::other(format!("a tag or a run of text has more than {MAX_PIECE} bytes")));
        }
        self.inner.fill_buf()
    }

    fn consume(&mut self, amount: usize) {
        let left = self.left.load(Ordering::Relaxed);
        self.left.store(left.saturating_sub(amount as u64), Ordering::Relaxed);
        self.inner.consume(amount);
    }
}

/// Decodes any charset to UTF-8. Invalid bytes become U+FFFD, and control characters that XML forbids become spaces.
pub(super) struct Utf8Reader<R> {
    inner: R,
    decoder: encoding_rs::Decoder,
    decoded: Vec<u8>,
    at: usize,
    done: bool,
}

impl<R: Read> Utf8Reader<BufReader<io::Chain<io::Cursor<Vec<u8>>, R>>> {
    /// Begins to read.
    pub fn new(mut inner: R) -> io::Result<Self> {
        let mut start = Vec::new();
        inner.by_ref().take(DETECTION).read_to_end(&mut start).or_else(|error| match start.is_empty() {
            true => Err(error),
            // The fault comes again, after what came before it.
            false => Ok(0),
        })?;
        let encoding = match start.as_slice() {
            [b'<', 0, ..] => UTF_16LE,
            [0, b'<', ..] => UTF_16BE,
            start => charset_of_start(start),
        };
        let inner = BufReader::new(io::Cursor::new(start).chain(inner));
        Ok(Self { inner, decoder: encoding.new_decoder(), decoded: Vec::new(), at: 0, done: false })
    }
}

impl<R: BufRead> Read for Utf8Reader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.at == self.decoded.len() && !self.done {
            let piece = self.inner.fill_buf()?;
            let last = piece.is_empty();
            self.decoded.resize(piece.len() * 3 + 16, 0);
            let (_, read, written, _) = self.decoder.decode_to_utf8(piece, &mut self.decoded, last);
            self.decoded.truncate(written);
            self.decoded
                .iter_mut()
                .filter(|byte| **byte < 32 && !b"\t\n\r".contains(byte))
                .for_each(|byte| *byte = b' ');
            self.at = 0;
            self.done = last;
            self.inner.consume(read);
        }
        let length = buffer.len().min(self.decoded.len() - self.at);
        buffer[..length].copy_from_slice(&self.decoded[self.at..self.at + length]);
        self.at += length;
        Ok(length)
    }
}

#[cfg(test)]
mod tests {
    use encoding_rs::Encoding;

    use super::*;

    #[derive(Default)]
    struct Seen(Vec<String>);

    impl Visitor for Seen {
        fn open(&mut self, _: &[String], _: &[(String, String)]) {}

        fn close(&mut self, path: &[String], attributes: &[(String, String)], text: &str) -> bool {
            self.0.push(format!("{} {attributes:?} {text}", path.join("/")));
            false
        }

        fn inside(&self, path: &[String], _: &[(String, String)]) -> Inside {
            match path.last().map(String::as_str) {
                Some("content") => Inside::Markup,
                Some("summary") => Inside::MarkupIfAny,
                _ => Inside::Elements,
            }
        }
    }

    fn seen(bytes: &[u8]) -> (Vec<String>, Result<(), String>) {
        let mut seen = Seen::default();
        let ended = visit(bytes, &mut seen);
        (seen.0, ended)
    }

    #[test]
    fn elements_are_visited_at_their_end_with_references_replaced() {
        let (found, ended) =
            seen("<a x='1&amp;2'><b><![CDATA[<p>&amp;]]> 一&nbsp;&#20108;&lt;&bogus; & c</b><d/></a>".as_bytes());
        assert_eq!(ended, Ok(()));
        assert_eq!(found[0], "a/b [] <p>&amp; 一\u{a0}二<&bogus; & c");
        assert_eq!(found[1], "a/d [] ");
        assert_eq!(found[2], "a [(\"x\", \"1&2\")] ");
    }

    #[test]
    fn markup_inside_an_element_is_its_text() {
        let (found, _) = seen(b"<e><content><x:div class='a'>b &amp; <br/>c<![CDATA[<]]></x:div></content></e>");
        assert_eq!(found[0], "e/content [] <div class=\"a\">b &amp; <br>c&lt;</div>");
    }

    #[test]
    fn an_element_that_may_hold_markup_holds_it_if_there_is_any() {
        let (found, _) =
            seen(b"<e><summary>a &lt;b&gt; &amp;c</summary><summary>a &lt; <i>b</i> c&#150;d</summary></e>");
        assert_eq!(found[0], "e/summary [] a <b> &c");
        assert_eq!(found[1], "e/summary [(\"type\", \"xhtml\")] a &lt; <i>b</i> c&#150;d");
        let (found, _) = seen(b"<e><summary><p>a<br>b<p>c</zzz></summary><d/></e>");
        assert_eq!(found[0], "e/summary [(\"type\", \"xhtml\")] <p>a<br>b<p>c", "HTML without end tags ends there too");
        assert_eq!(found[1], "e/d [] ");
    }

    #[test]
    fn references_to_c1_controls_are_those_of_windows() {
        let (found, _) = seen(b"<a b='&#x96;'>1&#150;2&#x99;&#0;&#xd800;</a>");
        assert_eq!(found[0], "a [(\"b\", \"\u{2013}\")] 1\u{2013}2\u{2122}\u{fffd}\u{fffd}");
    }

    #[test]
    fn a_charset_that_is_not_declared_is_detected() {
        let text = "渡口每天开六班船，第一班在天亮以前，最后一班要等到对岸的灯都灭了才走。";
        for label in ["gbk", "big5", "shift_jis", "euc-kr", "windows-1251", "utf-16le", "utf-16be"] {
            let text = match label {
                "big5" => "渡口每天開六班船，第一班在天亮以前，最後一班要等到對岸的燈都滅了才走。",
                "shift_jis" => "渡し船は一日に六便あり、最初の便は夜明け前に、最後の便は対岸の灯が消えてから出る。",
                "euc-kr" => "나룻배는 하루에 여섯 번 떠나고, 마지막 배는 건너편 불이 꺼진 뒤에 떠난다.",
                "windows-1251" => "Паром ходит шесть раз в день, а последний ждёт, пока на том берегу погаснут огни.",
                _ => text,
            };
            let xml = format!("<a><b>{}</b>{text}</a>", "ascii ".repeat(9000));
            let bytes: Vec<u8> = match label {
                "utf-16le" => xml.encode_utf16().flat_map(u16::to_le_bytes).collect(),
                "utf-16be" => xml.encode_utf16().flat_map(u16::to_be_bytes).collect(),
                _ => Encoding::for_label(label.as_bytes()).unwrap().encode(&xml).0.into_owned(),
            };
            assert_eq!(seen(&bytes).0.last().unwrap(), &format!("a [] {text}"), "{label}");
        }
    }

    #[test]
    fn elements_before_a_truncation_are_visited() {
        let (found, ended) = seen(b"<a><b>1</b><b>2</b><b>3");
        assert_eq!((found.len(), ended.is_err()), (2, true));
        let (found, ended) = seen(b"<a><b>1</b><c><![CDATA[x");
        assert_eq!((found.len(), ended.is_err()), (1, true));
        let (found, ended) = seen(b"<a><b><i>1</b></zzz><b>2</b></a>");
        assert_eq!((found.len(), ended), (4, Ok(())));
    }

    #[test]
    fn other_charsets_and_invalid_bytes_are_decoded() {
        let (bytes, _, _) = encoding_rs::GBK.encode("<?xml version='1.0' encoding='gb2312'?><a>老城</a>");
        assert_eq!(seen(&bytes).0, ["a [] 老城"]);
        assert_eq!(seen(b"<a>x\xffy\x08z</a>").0, ["a [] x\u{fffd}y z"]);
    }
}
