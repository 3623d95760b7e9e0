//! A limit on the attributes of one tag.
//!
//! The tokenizer compares each attribute with all those before it, so a tag with a million attributes would take it
//! hours. No real page needs more than [`MAX_ATTRIBUTES`]; further ones are removed before anything is parsed.

use std::borrow::Cow;

use memchr::memchr;

use super::tags::is_plain;

/// The maximum number of attributes of a tag.
const MAX_ATTRIBUTES: usize = 1000;

/// How often each byte of a page may be read on average. Each `<` is taken for the start of a tag, in comments and
/// attribute values too, so a byte may be read more than once; real pages stay below 2.
const MAX_READS_PER_BYTE: usize = 16;

/// Returns the page without the attributes beyond [`MAX_ATTRIBUTES`] of each tag. Once the allowed number of reads is
/// used up, which only a hostile page does, every further `<` that would begin a tag becomes text.
pub fn limit(text: &str) -> Cow<'_, str> {
    let bytes = text.as_bytes();
    let mut reads_left = bytes.len().saturating_mul(MAX_READS_PER_BYTE);
    let mut out = String::new();
    let (mut copied, mut at) = (0, 0);
    while let Some(found) = memchr(b'<', &bytes[at..]).map(|found| at + found) {
        at = found + 1;
        if !bytes.get(at).is_some_and(u8::is_ascii_alphabetic) {
            continue;
        }
        let within = &bytes[..bytes.len().min(at.saturating_add(reads_left))];
        let tag = Tag::read(within, at);
        if tag.end == within.len() && within.len() < bytes.len() {
            out.push_str(&text[copied..found]);
            out.push_str("&lt;");
            copied = at;
            reads_left = 0;
            continue;
        }
        reads_left -= tag.end - at;
        if let Some(from) = tag.surplus {
            out.push_str(&text[copied..from]);
            copied = tag.end;
            at = tag.end;
        }
    }
    if copied == 0 {
        return Cow::Borrowed(text);
    }
    out.push_str(&text[copied..]);
    Cow::Owned(out)
}

/// The extent of a tag and of its surplus attributes.
struct Tag {
    /// The position of the first attribute beyond the limit; None when there is none.
    surplus: Option<usize>,
    /// The position of its `>`, or the end of the page.
    end: usize,
}

/// The state that the tokenizer of the HTML standard would be in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// In the name of the tag or of an attribute.
    Name,
    /// Before an attribute's name.
    Before,
    /// After `=`.
    BeforeValue,
    /// In an unquoted value.
    Unquoted,
}

impl Tag {
    /// Reads the tag whose name begins at `from`.
    fn read(bytes: &[u8], from: usize) -> Self {
        let (mut state, mut attributes, mut surplus) = (State::Name, 0, None);
        let mut at = from;
        while let Some(&byte) = bytes.get(at) {
            state = match (state, byte) {
                (State::BeforeValue, b'"' | b'\'') => match memchr(byte, &bytes[at + 1..]) {
                    Some(closes) => {
                        at += closes + 1;
                        State::Before
                    }
                    None => return Self { surplus, end: bytes.len() },
                },
                (_, b'>') => break,
                (State::BeforeValue, _) if byte.is_ascii_whitespace() => State::BeforeValue,
                (State::BeforeValue, _) => State::Unquoted,
                (State::Unquoted, _) if !byte.is_ascii_whitespace() => State::Unquoted,
                // The name of a tag may contain `=`; the name of an attribute ends at it.
                (State::Name, b'=') if attributes > 0 => State::BeforeValue,
                // White space is allowed between a name and its `=`.
                (State::Before, b'=') if attributes > 0 => State::BeforeValue,
                (_, b'/') => State::Before,
                _ if byte.is_ascii_whitespace() => State::Before,
                (State::Before, _) => {
                    attributes += 1;
                    if attributes == MAX_ATTRIBUTES + 1 {
                        surplus = Some(at);
                    }
                    State::Name
                }
                (state, _) => state,
            };
            at += 1;
            if state == State::Name {
                // The rest of the name, at once.
                at += bytes[at..].iter().take_while(|byte| is_plain(**byte)).count();
            }
        }
        Self { surplus, end: at }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_with_few_attributes_is_unchanged() {
        let page = "<p a=1 b='2>' c=\"3>\" d e=f/g/>text < 3 <b>x</b><!-- <a b=' --> <i a>";
        assert!(matches!(limit(page), Cow::Borrowed(same) if same == page));
    }

    #[test]
    fn surplus_attributes_are_removed_however_they_are_written() {
        for attribute in [" a", " a=1", "/a", " a='>'", "\na = \"<\"", " a=b'c", " a=\"\"b"] {
            let tag = format!("<div{}>text</div>", attribute.repeat(5000));
            let page = format!("<p title='>'>before</p>{tag}<p>after</p>");
            let bounded = limit(&page);
            assert!(bounded.len() < page.len() / 2, "{attribute:?}");
            assert!(bounded.contains("before") && bounded.ends_with(">text</div><p>after</p>"), "{attribute:?}");
        }
    }

    #[test]
    fn a_tag_hidden_behind_something_like_a_tag_is_found() {
        let many = " a".repeat(5000);
        for page in [format!("<!-- <a title=\" --><div{many}>\""), format!("<script>'<a b='</script><div{many}>'")] {
            assert!(limit(&page).len() < page.len() / 2, "{page:.40}");
        }
    }

    #[test]
    fn a_hostile_page_keeps_all_its_text() {
        // `benches/depth.rs` measures that its time grows with its length.
        for part in ["<a/b=", "<a b=\"<a c='", "<a ", "<a <"] {
            let page = part.repeat(30_000);
            // Escaping makes each `<` at most three bytes longer.
            assert!(limit(&page).len() <= page.len() + 3 * page.matches('<').count());
        }
    }

    #[test]
    fn the_parsed_tag_has_no_more_attributes_than_the_limit() {
        let attributes: String = (0..20_000).map(|n| format!(" a{n}")).collect();
        let html = crate::html::document(&format!("<div{attributes}>text</div>"));
        let most =
            html.root().descendants().filter_map(|node| node.value().as_element()).map(|e| e.attrs().count()).max();
        assert_eq!(most, Some(MAX_ATTRIBUTES));
    }
}
