//! Finds tags in the text of a page as a tokenizer does (WHATWG HTML 13.2.5).

use memchr::{memchr, memchr2, memmem};

/// A tag in the text of a page.
pub struct Tag<'a> {
    /// The name as written, in upper or lower case.
    pub name: &'a [u8],
    pub is_end: bool,
    /// True when it ends in `/>`, which has a meaning in SVG and MathML only.
    pub closes_itself: bool,
    /// The bytes between the name and the `>`.
    pub attributes: &'a [u8],
    /// The position of its `<`.
    pub start: usize,
    /// The position after its `>`.
    pub after: usize,
}

impl Tag<'_> {
    /// Returns true for one of the names, which must be in lower case.
    pub fn is(&self, names: &[&str]) -> bool {
        names.iter().any(|name| self.name.eq_ignore_ascii_case(name.as_bytes()))
    }
}

/// What the text around a tag belongs to.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum TagContext {
    Html,
    /// SVG or MathML, which have CDATA sections.
    Foreign,
}

/// Returns the first complete tag at or after `from`, which must be a position where tags are recognised.
pub fn next_tag(bytes: &[u8], from: usize, context: TagContext) -> Option<Tag<'_>> {
    let mut at = from;
    loop {
        let start = at + memchr(b'<', &bytes[at..])?;
        let rest = &bytes[start + 1..];
        at = match rest.first()? {
            b'!' if rest.starts_with(b"!--") => comment_end(bytes, start)?,
            b'!' if context == TagContext::Foreign && rest.starts_with(b"![CDATA[") => {
                start + memmem::find(&bytes[start..], b"]]>")? + 3
            }
            b'/' if rest.get(1)?.is_ascii_alphabetic() => return tag(bytes, start),
            b'!' | b'?' | b'/' => start + memchr(b'>', &bytes[start..])? + 1,
            first if first.is_ascii_alphabetic() => return tag(bytes, start),
            _ => start + 1,
        }
    }
}

/// Returns the position after the comment whose `<!--` is at `start`.
fn comment_end(bytes: &[u8], start: usize) -> Option<usize> {
    let mut at = start + 4;
    loop {
        let end = at + memchr(b'>', &bytes[at..])?;
        let within = &bytes[start + 4..end];
        let is_end = within.ends_with(b"--") || within.ends_with(b"--!") || matches!(within, b"" | b"-");
        at = end + 1;
        if is_end {
            return Some(at);
        }
    }
}

/// The state of reading a tag's attributes.
#[derive(Clone, Copy, PartialEq)]
enum AttributeState {
    BeforeName,
    Name,
    BeforeValue,
    Value,
}

/// Returns the tag whose `<` is at `start`; None if it has no end.
fn tag(bytes: &[u8], start: usize) -> Option<Tag<'_>> {
    let is_end = bytes.get(start + 1) == Some(&b'/');
    let name_start = start + 1 + usize::from(is_end);
    let ends_name = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b'/' | b'>');
    let name_end = name_start + bytes[name_start..].iter().position(ends_name)?;
    let mut state = AttributeState::BeforeName;
    let mut at = name_end;
    loop {
        let byte = *bytes.get(at)?;
        state = match (state, byte) {
            (AttributeState::BeforeValue, b'"' | b'\'') => {
                at += 1 + memchr(byte, &bytes[at + 1..])?;
                AttributeState::BeforeName
            }
            (_, b'>') => break,
            (AttributeState::BeforeValue | AttributeState::BeforeName, _) if byte.is_ascii_whitespace() => state,
            (AttributeState::Value, _) if byte.is_ascii_whitespace() => AttributeState::BeforeName,
            (AttributeState::BeforeValue | AttributeState::Value, _) => AttributeState::Value,
            (AttributeState::BeforeName | AttributeState::Name, b'/') => AttributeState::BeforeName,
            (AttributeState::Name, b'=') => AttributeState::BeforeValue,
            (AttributeState::BeforeName | AttributeState::Name, _) => {
                // The rest of the name, at once.
                at += bytes[at + 1..].iter().take_while(|byte| is_plain(**byte)).count();
                AttributeState::Name
            }
        };
        at += 1;
    }
    let closes_itself = state == AttributeState::BeforeName && bytes[at - 1] == b'/';
    let (name, attributes) = (&bytes[name_start..name_end], &bytes[name_end..at]);
    Some(Tag { name, is_end, closes_itself, attributes, start, after: at + 1 })
}

/// Returns true for the bytes of which nearly all names consist: they end nothing, wherever they stand in a tag.
pub fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'-'
}

/// Returns the position of the end tag of an element whose content is text and begins at `from`.
pub fn text_end(bytes: &[u8], from: usize, name: &[u8]) -> Option<usize> {
    let mut at = from;
    loop {
        let found = at + memchr(b'<', &bytes[at..])?;
        at = found + 1;
        if bytes.get(at) == Some(&b'/') && is_named(&bytes[at + 1..], name) {
            return Some(found);
        }
    }
}

/// Returns the position of the end tag of a script whose content begins at `from`. After `<!-- <script>` the next end tag
/// belongs to the content.
pub fn script_end(bytes: &[u8], from: usize) -> Option<usize> {
    let (mut is_escaped, mut is_double) = (false, false);
    let mut dashes_from = from;
    let mut at = from;
    loop {
        let found = at + memchr2(b'<', b'>', &bytes[at..])?;
        let rest = &bytes[found + 1..];
        at = found + 1;
        if bytes[found] == b'>' {
            if is_escaped && bytes[dashes_from..found].ends_with(b"--") {
                (is_escaped, is_double) = (false, false);
            }
        } else if rest.starts_with(b"/") && is_named(&rest[1..], b"script") {
            if !is_double {
                return Some(found);
            }
            is_double = false;
        } else if is_escaped && is_named(rest, b"script") {
            is_double = true;
        } else if !is_escaped && rest.starts_with(b"!--") {
            is_escaped = true;
            dashes_from = found + 2;
        }
    }
}

fn is_named(rest: &[u8], name: &[u8]) -> bool {
    rest.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name))
        && rest.get(name.len()).is_some_and(|after| after.is_ascii_whitespace() || matches!(after, b'/' | b'>'))
}
