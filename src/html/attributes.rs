//! A bound on the attributes of one tag.
//!
//! The tokenizer looks for each attribute among those before it, so a tag with a million of them would hold it for
//! hours. No page needs more than [`MAX_ATTRIBUTES`]; what a tag has beyond them goes before anything is parsed.

use std::borrow::Cow;

use memchr::memchr;

/// The most attributes that a tag keeps.
const MAX_ATTRIBUTES: usize = 1000;

/// How many times its own length a page may cost. Each `<` begins a tag here, in comments and values too, so a byte may
/// be read more than once; real pages stay under twice.
const EFFORT: usize = 16;

/// The same page with no tag of more attributes. Beyond the effort, which only a page made for it needs, what would
/// begin a tag is text.
pub fn bound(text: &str) -> Cow<'_, str> {
    let bytes = text.as_bytes();
    let mut effort = bytes.len().saturating_mul(EFFORT);
    let mut out = String::new();
    let (mut copied, mut at) = (0, 0);
    while let Some(found) = memchr(b'<', &bytes[at..]).map(|found| at + found) {
        at = found + 1;
        if !bytes.get(at).is_some_and(u8::is_ascii_alphabetic) {
            continue;
        }
        // Beyond the effort nothing is read any more.
        let within = &bytes[..bytes.len().min(at.saturating_add(effort))];
        let tag = Tag::read(within, at);
        if tag.end == within.len() && within.len() < bytes.len() {
            out.push_str(&text[copied..found]);
            out.push_str("&lt;");
            copied = at;
            effort = 0;
            continue;
        }
        effort -= tag.end - at;
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

/// Where a tag ends, and what it has too much of.
struct Tag {
    /// Where the first attribute begins that is one too many.
    surplus: Option<usize>,
    /// Where its `>` stands, or the page ends.
    end: usize,
}

/// What the tokenizer of the HTML standard would be in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// The tag's name, or an attribute's.
    Name,
    /// Before an attribute's name.
    Before,
    /// After `=`.
    BeforeValue,
    /// In a value without quotes.
    Bare,
}

impl Tag {
    /// Reads a tag from the first letter of its name.
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
                (State::BeforeValue, _) => State::Bare,
                (State::Bare, _) if !byte.is_ascii_whitespace() => State::Bare,
                // The name of a tag holds `=`; the name of an attribute ends at it.
                (State::Name, b'=') if attributes > 0 => State::BeforeValue,
                // White space may stand between a name and its `=`.
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
        }
        Self { surplus, end: at }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_with_few_attributes_is_left_as_it_is() {
        let page = "<p a=1 b='2>' c=\"3>\" d e=f/g/>text < 3 <b>x</b><!-- <a b=' --> <i a>";
        assert!(matches!(bound(page), Cow::Borrowed(same) if same == page));
    }

    #[test]
    fn what_a_tag_has_too_much_of_goes_however_it_is_written() {
        for attribute in [" a", " a=1", "/a", " a='>'", "\na = \"<\"", " a=b'c", " a=\"\"b"] {
            let tag = format!("<div{}>text</div>", attribute.repeat(5000));
            let page = format!("<p title='>'>before</p>{tag}<p>after</p>");
            let bounded = bound(&page);
            assert!(bounded.len() < page.len() / 2, "{attribute:?}");
            assert!(bounded.contains("before") && bounded.ends_with(">text</div><p>after</p>"), "{attribute:?}");
        }
    }

    #[test]
    fn a_tag_hidden_behind_what_looks_like_one_is_found() {
        let many = " a".repeat(5000);
        for page in [format!("<!-- <a title=\" --><div{many}>\""), format!("<script>'<a b='</script><div{many}>'")] {
            assert!(bound(&page).len() < page.len() / 2, "{page:.40}");
        }
    }

    #[test]
    fn a_page_made_to_cost_keeps_all_its_text() {
        // `benches/depth.rs` measures that its time grows with its length.
        for part in ["<a/b=", "<a b=\"<a c='", "<a ", "<a <"] {
            let page = part.repeat(30_000);
            assert!(bound(&page).len() <= page.len() + 3 * page.matches('<').count());
        }
    }

    #[test]
    fn the_tokenizer_sees_no_more_either() {
        let attributes: String = (0..20_000).map(|n| format!(" a{n}")).collect();
        let html = crate::html::document(&format!("<div{attributes}>text</div>"));
        let most =
            html.root().descendants().filter_map(|node| node.value().as_element()).map(|e| e.attrs().count()).max();
        assert_eq!(most, Some(MAX_ATTRIBUTES));
    }
}
