//! SVG that can act: scripts, event handlers and references to other files are taken out. SVG that only draws is left
//! alone.
//!
//! A document that can act is written anew from what a reader of XML finds in it: elements, attributes and texts that are
//! known to only draw. Nothing is copied that was not understood.

mod css;
mod entities;

use encoding_rs::Encoding;
use quick_xml::NsReader;
use quick_xml::escape::{escape, unescape_with};
use quick_xml::events::{BytesStart, Event};
use quick_xml::name::{Namespace, ResolveResult};

use super::data_uri::data_uri;
use super::sniff;
use crate::model::ImageFormat;
use entities::Entities;

const XHTML: &str = "http://www.w3.org/1999/xhtml";

/// Elements that run or fetch something, in lower case.
const ACTIVE: [&str; 14] = [
    "script", "handler", "listener", "iframe", "frame", "embed", "object", "applet", "audio", "video", "source",
    "base", "meta", "link",
];

/// Elements that animate an attribute.
const ANIMATIONS: [&str; 5] = ["animate", "set", "animatecolor", "animatemotion", "animatetransform"];

/// Attributes that hold a URL, in lower case and without a prefix.
const URLS: [&str; 8] = ["href", "src", "data", "action", "formaction", "ping", "poster", "background"];

/// Elements of HTML in a `foreignObject` that declares no namespace.
const HTML: [&str; 16] = [
    "html", "head", "body", "div", "span", "p", "table", "img", "form", "input", "button", "ul", "ol", "br", "pre",
    "h1",
];

/// The largest SVG that is nested in another as a `data:` URL, in bytes.
const NESTED_CAP: usize = 1 << 20;

/// Returns the bytes under which an image is stored, and those that were received if they differ: an SVG that can act is
/// stored without what can.
pub fn inert(bytes: Vec<u8>) -> (Vec<u8>, Option<Vec<u8>>) {
    let is_svg = sniff(&bytes) == Some(ImageFormat::Svg);
    match is_svg.then(|| without_actions(&bytes)).flatten() {
        Some(inert) => (inert, Some(bytes)),
        None => (bytes, None),
    }
}

/// Returns an SVG without what can act; None if it only draws.
fn without_actions(bytes: &[u8]) -> Option<Vec<u8>> {
    cleaned(bytes, Nesting::Outer)
}

/// Whether an SVG stands by itself.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Nesting {
    Outer,
    /// In a `data:` URL of another SVG.
    Inner,
}

fn cleaned(bytes: &[u8], nesting: Nesting) -> Option<Vec<u8>> {
    let text = decoded(bytes);
    let mut cleaner = Cleaner::new(text.len(), nesting);
    let is_whole = cleaner.read(&text);
    let is_active = cleaner.is_active || !is_whole && looks_active(&text);
    is_active.then(|| format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{}\n", cleaner.out.trim()).into_bytes())
}

fn decoded(bytes: &[u8]) -> String {
    let start = String::from_utf8_lossy(&bytes[..bytes.len().min(200)]).into_owned();
    let declared = start.split_once("encoding=").and_then(|(_, rest)| {
        let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''))?;
        Encoding::for_label(rest[1..].split(quote).next()?.as_bytes())
    });
    let declared = declared.filter(|_| start.trim_start_matches('\u{feff}').starts_with("<?xml"));
    declared.unwrap_or(encoding_rs::UTF_8).decode(bytes).0.into_owned()
}

/// Returns whether a document that cannot be read holds something that can act.
fn looks_active(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let has_handler = || {
        lower.match_indices("on").any(|(at, _)| {
            let is_start = lower[..at].ends_with(|c: char| c.is_whitespace() || matches!(c, '/' | '"' | '\''));
            let name_end = lower[at + 2..].find(|c: char| !c.is_ascii_alphabetic()).unwrap_or_default();
            is_start && name_end > 0 && lower[at + 2 + name_end..].trim_start().starts_with('=')
        })
    };
    ["<script", ":script", "javascript:", "<foreignobject", "<iframe"].iter().any(|mark| lower.contains(mark))
        || has_handler()
}

struct Cleaner {
    out: String,
    most: usize,
    nesting: Nesting,
    entities: Entities,
    /// Whether something that can act was left out.
    is_active: bool,
    /// The number of open elements in one that is left out; 0 outside of one.
    left_out: usize,
    /// The open elements that are written: their names, and how a `foreignObject` is written.
    open: Vec<Open>,
    /// The places in `open` of the elements `foreignObject`.
    foreign: Vec<usize>,
}

struct Open {
    name: String,
    is_style: bool,
    foreign: Option<Foreign>,
}

/// A `foreignObject` that is open.
struct Foreign {
    /// Where it begins in the output.
    start: usize,
    holds_html: bool,
}

/// The vocabulary of an element, by its namespace.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Vocabulary {
    Html,
    /// SVG, MathML and unknown ones.
    Other,
}

impl Cleaner {
    fn new(length: usize, nesting: Nesting) -> Self {
        Self {
            out: String::with_capacity(length),
            most: 4 * length + (1 << 16),
            nesting,
            entities: Entities::default(),
            is_active: false,
            left_out: 0,
            open: Vec::new(),
            foreign: Vec::new(),
        }
    }

    /// Reads a document, and returns whether it could be read to its end. What was written is closed.
    fn read(&mut self, text: &str) -> bool {
        let mut reader = NsReader::from_str(text);
        reader.config_mut().check_end_names = true;
        let is_whole = loop {
            if self.out.len() > self.most {
                break false;
            }
            match reader.read_resolved_event() {
                Ok((_, Event::Eof)) => break self.open.is_empty() && self.left_out == 0,
                Ok((namespace, event)) => {
                    let vocabulary = self.vocabulary(&namespace);
                    self.event(event, vocabulary);
                }
                Err(_) => break false,
            }
        };
        while !self.open.is_empty() {
            self.end();
        }
        is_whole
    }

    fn vocabulary(&self, namespace: &ResolveResult<'_>) -> Vocabulary {
        let ResolveResult::Bound(Namespace(name)) = namespace else { return Vocabulary::Other };
        match unescape_with(name, |entity| self.entities.get(entity)) {
            Ok(name) if name.trim() == XHTML => Vocabulary::Html,
            _ => Vocabulary::Other,
        }
    }

    fn event(&mut self, event: Event<'_>, vocabulary: Vocabulary) {
        match event {
            Event::Start(start) => self.start(&start, vocabulary),
            Event::Empty(start) => {
                self.start(&start, vocabulary);
                self.end();
            }
            Event::End(_) => self.end(),
            Event::PI(instruction) => self.is_active |= instruction.target().eq_ignore_ascii_case("xml-stylesheet"),
            Event::DocType(declared) => {
                self.entities = Entities::of(&declared);
                self.is_active |= self.entities.are_active;
            }
            _ if self.left_out > 0 => {}
            Event::Text(text) => self.text(&text),
            Event::CData(text) => {
                let escaped = escape(&*text).into_owned();
                self.text(&escaped);
            }
            Event::GeneralRef(name) => match self.entities.get(&name) {
                Some(value) => self.out.push_str(&escape(value)),
                None if entities::is_of_xml(&name) => self.out.push_str(&format!("&{};", &*name)),
                None => {}
            },
            Event::Comment(_) | Event::Decl(_) | Event::Eof => {}
        }
    }

    fn text(&mut self, written: &str) {
        if !self.open.last().is_some_and(|open| open.is_style) {
            self.out.push_str(written);
            return;
        }
        let Ok(text) = unescape_with(written, |entity| self.entities.get(entity)) else { return };
        let inert = css::without_references(&text);
        self.is_active |= inert.is_some();
        self.out.push_str(&escape(inert.as_deref().unwrap_or(&text)));
    }

    fn start(&mut self, start: &BytesStart<'_>, vocabulary: Vocabulary) {
        let is_html = vocabulary == Vocabulary::Html;
        if self.left_out > 0 {
            self.left_out += 1;
            return;
        }
        let name = start.name().0.to_owned();
        let local = start.local_name().as_ref().to_ascii_lowercase();
        let around = self.foreign.last().and_then(|at| self.open.get_mut(*at)?.foreign.as_mut());
        if let Some(around) = around.filter(|_| is_html || HTML.contains(&local.as_str())) {
            around.holds_html = true;
        }
        let acts = ACTIVE.contains(&local.as_str()) || is_html || self.animates_action(start, &local);
        if acts || !is_name(&name) {
            self.is_active = true;
            self.left_out = 1;
            return;
        }
        let at = self.out.len();
        self.out.push('<');
        self.out.push_str(&name);
        for attribute in start.attributes().with_checks(false) {
            let Ok(attribute) = attribute else {
                self.is_active |= looks_active(start);
                continue;
            };
            self.attribute(&local, attribute.key.0, &attribute.value);
        }
        self.out.push('>');
        let foreign = (local == "foreignobject").then_some(Foreign { start: at, holds_html: false });
        self.foreign.extend(foreign.is_some().then_some(self.open.len()));
        self.open.push(Open { name, is_style: local == "style", foreign });
    }

    fn end(&mut self) {
        if self.left_out > 0 {
            self.left_out -= 1;
            return;
        }
        let Some(Open { name, foreign, .. }) = self.open.pop() else { return };
        self.foreign.pop_if(|at| *at == self.open.len());
        match foreign.filter(|foreign| foreign.holds_html) {
            Some(foreign) => {
                self.out.truncate(foreign.start);
                self.is_active = true;
            }
            None => self.out.push_str(&format!("</{name}>")),
        }
    }

    /// Returns whether an element sets an event handler or a link while the image is shown.
    fn animates_action(&self, start: &BytesStart<'_>, local: &str) -> bool {
        ANIMATIONS.contains(&local)
            && start.attributes().flatten().any(|attribute| {
                let target = unescape_with(&attribute.value, |entity| self.entities.get(entity)).unwrap_or_default();
                let target = target.trim().to_ascii_lowercase();
                let target = target.rsplit(':').next().unwrap_or_default();
                attribute.key.0.eq_ignore_ascii_case("attributename") && (URLS.contains(&target) || is_handler(target))
            })
    }

    fn attribute(&mut self, element: &str, name: &str, written: &str) {
        let value = unescape_with(written, |entity| self.entities.get(entity)).ok().filter(|_| is_name(name));
        let local = name.rsplit(':').next().unwrap_or_default().to_ascii_lowercase();
        let is_handler = is_handler(&local) || name.eq_ignore_ascii_case("xml:base");
        let Some(value) = value else {
            self.is_active |= is_handler;
            return;
        };
        let inert = match () {
            () if is_handler => None,
            () if URLS.contains(&local.as_str()) => self.is_harmless(element, &value).then(|| value.to_string()),
            () => match css::without_references(&value) {
                Some(_) if local != "style" => None,
                Some(inert) => {
                    self.is_active = true;
                    Some(inert)
                }
                None => Some(value.to_string()),
            },
        };
        match inert {
            Some(value) => self.out.push_str(&format!(" {name}=\"{}\"", escape(value))),
            None => self.is_active = true,
        }
    }

    /// Returns whether a URL neither runs nor fetches anything by itself.
    fn is_harmless(&self, element: &str, url: &str) -> bool {
        let url: String = url.chars().filter(|c| !c.is_control() && !c.is_whitespace()).collect();
        let lower = url.to_ascii_lowercase();
        if lower.is_empty() || lower.starts_with('#') {
            return true;
        }
        let scheme = lower.split_once(':').map(|(scheme, _)| scheme).filter(|scheme| !scheme.contains(['/', '?', '#']));
        match (element, scheme) {
            // The reader of the image must click on it.
            ("a", None | Some("http" | "https" | "mailto" | "ftp")) => true,
            ("image" | "feimage", Some("data")) => self.is_inert_image(&url),
            _ => false,
        }
    }

    fn is_inert_image(&self, url: &str) -> bool {
        let Ok(bytes) = data_uri(url, usize::MAX) else { return false };
        match sniff(&bytes) {
            Some(ImageFormat::Svg) => {
                self.nesting == Nesting::Outer && bytes.len() <= NESTED_CAP && cleaned(&bytes, Nesting::Inner).is_none()
            }
            Some(_) => true,
            None => false,
        }
    }
}

fn is_handler(local: &str) -> bool {
    local.len() > 2 && local.starts_with("on")
}

fn is_name(name: &str) -> bool {
    let mut chars = name.chars();
    chars.next().is_some_and(|c| c.is_alphabetic() || matches!(c, '_' | ':'))
        && chars.all(|c| c.is_alphanumeric() || matches!(c, '_' | ':' | '-' | '.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn svg(inside: &str) -> String {
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" xmlns:xlink=\"http://www.w3.org/1999/xlink\" width=\"9\">\
             {inside}<rect width=\"9\"/></svg>"
        )
    }

    fn inert(inside: &str) -> String {
        String::from_utf8(without_actions(svg(inside).as_bytes()).unwrap_or_else(|| panic!("{inside}"))).unwrap()
    }

    #[test]
    fn what_only_draws_is_left_alone() {
        for inside in [
            "<title>Chart &amp; more</title><style>.a{fill:url(#g)}</style><text class='a'>on x = 1</text>",
            "<!-- <script> --><use xlink:href='#a'/><a href='https://news.test/'><circle r='4'/></a>",
            "<image href='data:image/gif;base64,R0lGODlhAQABAAAAACw='/><animate attributeName='r' to='4'/>",
            "<foreignObject><i:pgf xmlns:i='http://ns.adobe.com/i'/></foreignObject><![CDATA[x < y]]>",
        ] {
            assert_eq!(without_actions(svg(inside).as_bytes()), None, "{inside}");
        }
        let illustrator = "<!DOCTYPE svg PUBLIC '-//W3C//DTD SVG 1.1//EN' 'http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd' [\
            <!ENTITY ns_svg \"http://www.w3.org/2000/svg\">]><svg xmlns='&ns_svg;'><rect/></svg>";
        assert_eq!(without_actions(illustrator.as_bytes()), None);
        assert_eq!(
            without_actions(b"<svg xmlns='http://www.w3.org/2000/svg'><g><rect></svg>"),
            None,
            "broken, not active"
        );
    }

    #[test]
    fn what_can_act_is_left_out_and_the_drawing_stays() {
        for inside in [
            "<script>alert(1)</script>",
            "<SCRIPT href='x.js'/>",
            "<x:script xmlns:x='http://www.w3.org/2000/svg'>a</x:script>",
            "<g onclick='a()' ONLOAD='b()'><circle r='4'/></g>",
            "<a href=' java&#10;script:a()'><circle/></a>",
            "<a xlink:href='data:text/html,x'><circle/></a>",
            "<foreignObject><body xmlns='http://www.w3.org/1999/xhtml'><p>x</p></body></foreignObject>",
            "<foreignObject><div>x</div></foreignObject>",
            "<h:img xmlns:h='http://www.w3.org/1999/xhtml' src='x'/>",
            "<set attributeName='xlink:href' to='javascript:a()'/>",
            "<animate attributeName='onclick' to='a()'/>",
            "<image href='https://news.test/a.png'/>",
            "<use href='other.svg#a'/>",
            "<image href='data:image/svg+xml,%3Csvg xmlns=%22http://www.w3.org/2000/svg%22 onload=%22a()%22%3E%3C/svg%3E'/>",
            "<style>@import url(https://news.test/a.css); .a{fill:red}</style>",
            "<style><![CDATA[.a{background:u\\72l(https://news.test/a.png)}]]></style>",
            "<circle style='fill:url(https://news.test/a#b)'/>",
            "<circle fill='url(//news.test/a#b)'/>",
            "<g xml:base='https://news.test/'/>",
            "<?xml-stylesheet href='a.xsl'?>",
        ] {
            let inert = inert(inside);
            let lower = inert.to_ascii_lowercase();
            for mark in
                ["script", " on", "foreignobject", "news.test", "text/html", "other.svg", "<h:", "<set", "stylesheet"]
            {
                assert!(!lower.contains(mark), "{inside}: {inert}");
            }
            assert!(inert.contains("<rect width=\"9\"></rect>"), "{inert}");
            assert_eq!(without_actions(inert.as_bytes()), None, "{inert}");
        }
    }

    #[test]
    fn entities_hide_nothing() {
        for declared in [
            "<!ENTITY x '<script>a()</script>'>",
            "<!ENTITY x SYSTEM 'https://news.test/x'>",
            "<!ENTITY % p 'x'>",
            "<!ATTLIST svg onload CDATA 'a()'>",
        ] {
            let text = format!("<!DOCTYPE svg [{declared}]><svg xmlns='http://www.w3.org/2000/svg'>&x;<rect/></svg>");
            let inert = String::from_utf8(without_actions(text.as_bytes()).unwrap()).unwrap();
            assert!(!inert.contains("a()") && !inert.contains("ENTITY") && inert.contains("<rect>"), "{inert}");
        }
        let link = "<!DOCTYPE svg [<!ENTITY j 'javascript:a()'>]><svg xmlns='http://www.w3.org/2000/svg'><a href='&j;'/></svg>";
        assert!(!String::from_utf8(without_actions(link.as_bytes()).unwrap()).unwrap().contains("javascript"));
    }

    #[test]
    fn a_hostile_document_ends_in_bounded_time() {
        let deep = format!("{}{}", svg("").replace("</svg>", ""), "<g onload='a'>".repeat(100_000));
        assert!(without_actions(deep.as_bytes()).unwrap().len() < 2 * deep.len());
        let wide = svg(&format!("<g {}/>", (0..50_000).map(|n| format!("a{n}='1' ")).collect::<String>()));
        assert_eq!(without_actions(wide.as_bytes()), None);
        let bomb = format!(
            "<!DOCTYPE svg [<!ENTITY x '{}'>]><svg onload='a'>{}</svg>",
            "x".repeat(10_000),
            "&x;".repeat(10_000)
        );
        assert!(without_actions(bomb.as_bytes()).unwrap().len() < 10_000_000);
    }

    #[test]
    fn other_charsets_are_read_as_declared() {
        let text = "<?xml version='1.0' encoding='GBK'?><svg xmlns='http://www.w3.org/2000/svg' onload='a()'><text>水闸</text></svg>";
        let inert = without_actions(&encoding_rs::GBK.encode(text).0).unwrap();
        assert!(String::from_utf8(inert).unwrap().contains("<text>水闸</text>"));
    }
}
