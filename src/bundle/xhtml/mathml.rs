//! MathML as every reader shows it: known elements and attributes only, in one order, letters in the characters that say
//! their form, and cells aligned by classes.

use std::collections::BTreeMap;
use std::ops::Range;

use quick_xml::escape::resolve_xml_entity;
use quick_xml::events::{BytesStart, Event};
use quick_xml::reader::Reader;

use super::escape::{escaped, push_escaped};

/// The elements of presentation MathML that formulas may have.
const ELEMENTS: [&str; 23] = [
    "math",
    "menclose",
    "mfrac",
    "mi",
    "mn",
    "mo",
    "mover",
    "mpadded",
    "mphantom",
    "mroot",
    "mrow",
    "mspace",
    "msqrt",
    "mstyle",
    "msub",
    "msubsup",
    "msup",
    "mtable",
    "mtd",
    "mtext",
    "mtr",
    "munder",
    "munderover",
];

/// The attributes that they may have. None of them loads or runs anything.
const ATTRIBUTES: [&str; 30] = [
    "accent",
    "accentunder",
    "columnlines",
    "columnspacing",
    "depth",
    "displaystyle",
    "fence",
    "height",
    "largeop",
    "linethickness",
    "lspace",
    "mathbackground",
    "mathcolor",
    "maxsize",
    "minsize",
    "movablelimits",
    "notation",
    "rowlines",
    "rowspacing",
    "rspace",
    "scriptlevel",
    "separator",
    "stretchy",
    "symmetric",
    "voffset",
    "width",
    "xmlns",
    "columnalign",
    "side",
    "mathvariant",
];

/// Says that a function is applied, and is not seen.
const APPLICATION: &str = "\u{2061}";

/// Returns a formula as it is written into a text; None for markup that a formula cannot have. `own` are
/// attributes that it gets.
pub(super) fn rewritten(markup: &str, own: &[(&str, &str)]) -> Option<String> {
    let mut writer = MathWriter::default();
    let mut reader = Reader::from_str(markup);
    loop {
        match reader.read_event().ok()? {
            Event::Start(start) => writer.open(&start, own)?,
            Event::Empty(start) => {
                writer.open(&start, own)?;
                writer.close();
            }
            Event::End(_) => writer.close(),
            Event::Text(text) => writer.text(&text)?,
            Event::GeneralRef(name) => match name.resolve_char_ref().ok()? {
                Some(c) => writer.text(c.encode_utf8(&mut [0; 4]))?,
                None => writer.text(resolve_xml_entity(&name)?)?,
            },
            Event::Eof => break,
            _ => return None,
        }
    }
    Some(writer.out).filter(|out| out.starts_with("<math") && writer.open.is_empty())
}

/// An open element.
#[derive(Debug, Clone, Default)]
struct OpenElement {
    /// Its name; empty for an element that is not written.
    name: String,
    /// The form of its letters.
    variant: String,
    /// The alignments of the columns of a table, and the position of the cell in its row.
    columns: Vec<String>,
    cell: usize,
    /// Where its start tag is written.
    tag: Range<usize>,
}

impl OpenElement {
    /// Returns whether it may have text only (MathML 3, 3.2).
    fn is_token(&self) -> bool {
        matches!(self.name.as_str(), "mi" | "mn" | "mo" | "mtext")
    }
}

#[derive(Debug, Default)]
struct MathWriter {
    out: String,
    open: Vec<OpenElement>,
    /// The number of open elements that are not written, with everything in them.
    hidden: usize,
}

impl MathWriter {
    fn open(&mut self, start: &BytesStart<'_>, own: &[(&str, &str)]) -> Option<()> {
        let name = start.local_name().into_inner().to_owned();
        // The source in TeX is in an attribute, for readers that would show it.
        // Empty cells beside numbered equations would be taken for columns.
        let is_glue = start.try_get_attribute("class").ok()?.is_some_and(|class| class.value == "mtr-glue");
        if self.hidden > 0 || name == "annotation" || is_glue {
            self.hidden += 1;
            return Some(());
        }
        if matches!(name.as_str(), "span" | "semantics") {
            self.open.push(OpenElement::default());
            return Some(());
        }
        if !ELEMENTS.contains(&name.as_str()) {
            return None;
        }
        self.group();
        let mut attributes = attributes(start)?;
        if !matches!(name.as_str(), "mpadded" | "mspace" | "mtable") {
            attributes.remove("width");
        }
        if name == "math" {
            attributes.extend(own.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        }
        let mut element = OpenElement { name, ..OpenElement::default() };
        // A single letter of `mi` is italic unless this says otherwise, and no character says that.
        let variant = attributes.remove("mathvariant").unwrap_or_default();
        if variant == "normal" && element.name == "mi" {
            attributes.insert("mathvariant".to_owned(), variant);
        } else {
            element.variant = variant;
        }
        if let Some(columns) = attributes.remove("columnalign") {
            element.columns = columns.split_whitespace().map(str::to_owned).collect();
        }
        if element.name == "mtd" {
            self.align(&mut attributes);
        }
        let start = self.out.len();
        self.out.push_str(&format!("<{}", element.name));
        for (name, value) in &attributes {
            self.out.push_str(&format!(" {name}=\"{}\"", escaped(value)));
        }
        self.out.push('>');
        element.tag = start..self.out.len();
        self.open.push(element);
        Some(())
    }

    /// Makes a group of an open operator, identifier or text in which an element begins.
    fn group(&mut self) {
        let Some(open) = self.open.last_mut().filter(|open| open.is_token()) else { return };
        open.name = "mrow".to_owned();
        if open.tag.end == self.out.len() {
            self.out.replace_range(open.tag.clone(), "<mrow>");
        } else {
            self.out.push_str("</mtext>");
            self.out.replace_range(open.tag.clone(), "<mrow><mtext>");
        }
    }

    /// Gives the next cell of the innermost table the class of its column.
    fn align(&mut self, attributes: &mut BTreeMap<String, String>) {
        let [.., table, row] = self.open.as_mut_slice() else { return };
        let column = table.columns.get(row.cell).or(table.columns.last());
        if let Some(column) = column.filter(|column| matches!(column.as_str(), "left" | "right")) {
            attributes.insert("class".to_owned(), column.clone());
        }
        row.cell += 1;
    }

    fn close(&mut self) {
        if self.hidden > 0 {
            self.hidden -= 1;
            return;
        }
        let Some(element) = self.open.pop() else { return };
        if element.is_token() && self.out.get(element.tag.end..) == Some(APPLICATION) {
            // It cannot be seen, and would be one element too many in a fraction or a script.
            self.out.truncate(element.tag.start);
        } else if !element.name.is_empty() {
            self.out.push_str(&format!("</{}>", element.name));
        }
    }

    /// Writes text; None where there can be none.
    fn text(&mut self, text: &str) -> Option<()> {
        let Some(element) = self.open.last().filter(|_| self.hidden == 0) else { return Some(()) };
        let text: String = text.chars().map(|c| letter(c, &element.variant)).collect();
        match element.name.as_str() {
            _ if element.is_token() => push_escaped(&mut self.out, &text),
            _ if text.trim().is_empty() => {}
            "mrow" | "mtd" | "mstyle" => self.out.push_str(&format!("<mtext>{}</mtext>", escaped(&text))),
            _ => return None,
        }
        Some(())
    }
}

/// Returns the attributes of an element that are known, with plain values; None if one cannot be read.
fn attributes(start: &BytesStart<'_>) -> Option<BTreeMap<String, String>> {
    let mut known = BTreeMap::new();
    for attribute in start.attributes() {
        let attribute = attribute.ok()?;
        let name = attribute.key.into_inner();
        let value = attribute.value;
        let is_plain =
            !value.trim().is_empty() && value.chars().all(|c| c.is_ascii_alphanumeric() || " .,:/#%+-".contains(c));
        let value = match name {
            "mathcolor" | "mathbackground" => colour(&value),
            _ => Some(value.as_ref()),
        };
        if let Some(value) = value.filter(|_| ATTRIBUTES.contains(&name) && is_plain) {
            known.insert(name.to_owned(), value.to_owned());
        }
    }
    Some(known)
}

/// Returns a colour as MathML 3 has it, which knows the 16 names of HTML 4 (2.1.5.2); None for one that it cannot say.
fn colour(name: &str) -> Option<&str> {
    const NAMES: [&str; 16] = [
        "aqua", "black", "blue", "fuchsia", "gray", "green", "lime", "maroon", "navy", "olive", "purple", "red",
        "silver", "teal", "white", "yellow",
    ];
    let is_hex = |hex: &str| matches!(hex.len(), 3 | 6) && hex.bytes().all(|byte| byte.is_ascii_hexdigit());
    match name {
        "magenta" => Some("fuchsia"),
        "cyan" => Some("aqua"),
        "orange" => Some("#ffa500"),
        "brown" => Some("#a52a2a"),
        "pink" => Some("#ffc0cb"),
        "violet" => Some("#ee82ee"),
        _ => Some(name).filter(|name| NAMES.contains(name) || name.strip_prefix('#').is_some_and(is_hex)),
    }
}

/// Returns a letter or digit in a form that `mathvariant` names, as the character that Unicode has for it ("Mathematical
/// Alphanumeric Symbols"); browsers do not know the attribute any more.
fn letter(c: char, variant: &str) -> char {
    // The offsets of capitals, small letters and digits from the beginning of the block; digits have fewer forms.
    let (latin, greek, digits) = match variant {
        "bold" => (0x00, Some(0x2a8), Some(0x3ce)),
        "italic" => (0x34, Some(0x2e2), None),
        "bold-italic" => (0x68, Some(0x31c), Some(0x3ce)),
        "script" => (0x9c, None, None),
        "bold-script" => (0xd0, None, None),
        "fraktur" => (0x104, None, None),
        "double-struck" => (0x138, None, Some(0x3d8)),
        "bold-fraktur" => (0x16c, None, None),
        "sans-serif" => (0x1a0, None, Some(0x3e2)),
        "bold-sans-serif" | "sans-serif-bold" => (0x1d4, Some(0x356), Some(0x3ec)),
        "sans-serif-italic" => (0x208, None, Some(0x3e2)),
        "sans-serif-bold-italic" => (0x23c, Some(0x390), Some(0x3ec)),
        "monospace" => (0x270, None, Some(0x3f6)),
        _ => return c,
    };
    let at = |first: char, offset: u32| u32::from(c) - u32::from(first) + offset;
    let offset = match c {
        'A'..='Z' => Some(at('A', latin)),
        'a'..='z' => Some(at('a', latin + 26)),
        'Α'..='Ω' => greek.map(|greek| at('Α', greek)),
        'α'..='ω' => greek.map(|greek| at('α', greek + 26)),
        '0'..='9' => digits.map(|digits| at('0', digits)),
        _ => None,
    };
    let plain = offset.and_then(|offset| char::from_u32(0x1d400 + offset)).unwrap_or(c);
    older(plain)
}

/// Returns the character of an older block for those that the block of mathematical letters leaves out.
fn older(c: char) -> char {
    const OLDER: [(char, char); 24] = [
        ('\u{1d455}', 'ℎ'),
        ('\u{1d49d}', 'ℬ'),
        ('\u{1d4a0}', 'ℰ'),
        ('\u{1d4a1}', 'ℱ'),
        ('\u{1d4a3}', 'ℋ'),
        ('\u{1d4a4}', 'ℐ'),
        ('\u{1d4a7}', 'ℒ'),
        ('\u{1d4a8}', 'ℳ'),
        ('\u{1d4ad}', 'ℛ'),
        ('\u{1d4ba}', 'ℯ'),
        ('\u{1d4bc}', 'ℊ'),
        ('\u{1d4c4}', 'ℴ'),
        ('\u{1d506}', 'ℭ'),
        ('\u{1d50b}', 'ℌ'),
        ('\u{1d50c}', 'ℑ'),
        ('\u{1d515}', 'ℜ'),
        ('\u{1d51d}', 'ℨ'),
        ('\u{1d53a}', 'ℂ'),
        ('\u{1d53f}', 'ℍ'),
        ('\u{1d545}', 'ℕ'),
        ('\u{1d547}', 'ℙ'),
        ('\u{1d548}', 'ℚ'),
        ('\u{1d549}', 'ℝ'),
        ('\u{1d551}', 'ℤ'),
    ];
    OLDER.iter().find(|(hole, _)| *hole == c).map_or(c, |(_, older)| *older)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rewritten(markup: &str, tex: &str) -> Option<String> {
        super::rewritten(markup, &[("alttext", tex), ("display", "block")])
    }

    #[test]
    fn letters_have_the_characters_of_their_form() {
        for (variant, plain, expected) in [
            ("bold", "aZ9αΩ", "𝐚𝐙𝟗𝛂𝛀"),
            ("double-struck", "RZx1", "ℝℤ𝕩𝟙"),
            ("script", "LAe", "ℒ𝒜ℯ"),
            ("fraktur", "gC", "𝔤ℭ"),
            ("bold-italic", "xα", "𝒙𝜶"),
            ("sans-serif", "x1", "𝗑𝟣"),
            ("monospace", "x1", "𝚡𝟷"),
            ("normal", "x", "x"),
            ("bold", "文", "文"),
        ] {
            let found: String = plain.chars().map(|c| letter(c, variant)).collect();
            assert_eq!(found, expected, "{variant}");
        }
    }

    #[test]
    fn an_operator_with_elements_in_it_is_a_group() {
        let markup = "<math><mo fence=\"true\"><mover><mi mathcolor=\"cyan\">x</mi><mo mathcolor=\"puce\">→</mo></mover></mo></math>";
        let expected = "<math alttext=\"\" display=\"block\"><mrow><mover><mi mathcolor=\"aqua\">x</mi><mo>→</mo></mover></mrow></math>";
        assert_eq!(rewritten(markup, "").as_deref(), Some(expected));
        let mixed = "<math><msub><mi>x</mi><mtext>a<mi>b</mi>c</mtext><mo>\u{2061}</mo></msub></math>";
        let expected = "<math alttext=\"\" display=\"block\"><msub><mi>x</mi><mrow><mtext>a</mtext><mi>b</mi><mtext>c</mtext></mrow></msub></math>";
        assert_eq!(rewritten(mixed, "").as_deref(), Some(expected));
    }

    #[test]
    fn only_known_markup_is_written_and_attributes_are_sorted() {
        let markup = "<span class=\"k\"><math xmlns=\"m\" display=\"block\"><semantics><mtable columnalign=\"right left\"><mtr>\
            <mtd><mo stretchy=\"false\" fence=\"true\" style=\"x\">&lt;</mo></mtd><mtd><mi mathvariant=\"bold\">x</mi></mtd>\
            </mtr></mtable><annotation encoding=\"t\"><b>x</b></annotation></semantics></math></span>";
        assert_eq!(
            rewritten(markup, "\\a<b").unwrap(),
            "<math alttext=\"\\a&lt;b\" display=\"block\" xmlns=\"m\"><mtable><mtr><mtd class=\"right\"><mo fence=\"true\" \
             stretchy=\"false\">&lt;</mo></mtd><mtd class=\"left\"><mi>𝐱</mi></mtd></mtr></mtable></math>"
        );
        for other in ["<math><a href=\"x\">y</a></math>", "<math>", "<script></script>", "<math></math></b>", ""] {
            assert_eq!(rewritten(other, ""), None, "{other}");
        }
    }
}
