//! Repairs malformed XML for parsers.

/// Returns the name of the root element without its prefix; None if the text is not XML.
pub fn root_name(text: &str) -> Option<&str> {
    let mut rest = text;
    loop {
        rest = rest.trim_start();
        let inside = rest.strip_prefix('<')?;
        rest = match inside.as_bytes().first()? {
            b'?' => &rest[rest.find("?>")? + 2..],
            b'!' if inside.starts_with("!--") => &rest[rest.find("-->")? + 3..],
            b'!' => &rest[doctype_end(rest)?..],
            _ => {
                let end = inside.find(|c: char| c.is_whitespace() || c == '>' || c == '/')?;
                let name = &inside[..end];
                return Some(name.rsplit(':').next().unwrap_or(name));
            }
        };
    }
}

/// The longest text before XML that is skipped, in bytes.
const SKIPPED: usize = 64 << 10;

/// Returns the length of the text before a feed, a sitemap or an OPML file: warnings of the server's own program, for
/// example; 0 for a text that begins with markup of its own, such as a page.
pub fn before(text: &str) -> usize {
    const ROOTS: [&str; 7] = ["<?xml", "<rss", "<feed", "<rdf:rdf", "<urlset", "<sitemapindex", "<opml"];
    let end = (0..=SKIPPED.min(text.len())).rev().find(|end| text.is_char_boundary(*end)).unwrap_or_default();
    let lower = text[..end].to_ascii_lowercase();
    let begins = |at: usize| ROOTS.iter().any(|root| lower[at..].starts_with(root));
    if root_name(text).is_some_and(|root| !is_text_element(root)) {
        return 0;
    }
    let Some(start) = lower.match_indices('<').map(|(at, _)| at).find(|at| begins(*at)) else { return 0 };
    let is_page = ["<html", "<!doctype", "<head", "<body"].iter().any(|mark| lower[..start].contains(mark));
    if is_page { 0 } else { start }
}

/// Returns whether an element is one of those with which programs mark up their warnings.
fn is_text_element(name: &str) -> bool {
    ["b", "br", "p", "pre", "div", "font", "span", "table"].iter().any(|known| known.eq_ignore_ascii_case(name))
}

/// Returns the end of the document type declaration at the start of the text.
fn doctype_end(text: &str) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, c) in text.char_indices() {
        match c {
            '[' => depth += 1,
            ']' => depth = depth.saturating_sub(1),
            '>' if depth == 0 => return Some(at + 1),
            _ => {}
        }
    }
    None
}

/// Returns the text with what parsers refuse repaired: without document type and so without its own entities, with
/// HTML's entities replaced, other `&` written as `&amp;`, and without characters that XML does not allow. CDATA
/// sections stay as they are.
pub fn repaired(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(['<', '&']) {
        push_legal(&mut out, &rest[..at]);
        rest = &rest[at..];
        let skipped = if let Some(section) = rest.strip_prefix("<![CDATA[") {
            let end = section.find("]]>").map_or(rest.len(), |end| "<![CDATA[".len() + end + 3);
            push_legal(&mut out, &rest[..end]);
            end
        } else if rest.len() >= 9 && rest.is_char_boundary(9) && rest[..9].eq_ignore_ascii_case("<!doctype") {
            doctype_end(rest).unwrap_or(rest.len())
        } else if rest.starts_with('&') {
            entity(&mut out, rest)
        } else {
            out.push('<');
            1
        };
        rest = &rest[skipped..];
    }
    push_legal(&mut out, rest);
    out
}

fn push_legal(out: &mut String, text: &str) {
    out.extend(text.chars().filter(|c| !c.is_control() || matches!(c, '\t' | '\n' | '\r')));
}

/// Appends what the entity at the start of the text stands for, and returns its length in the text.
fn entity(out: &mut String, text: &str) -> usize {
    let end = text.char_indices().take(12).find(|(_, c)| *c == ';').map(|(at, _)| at);
    let Some(end) = end else {
        out.push_str("&amp;");
        return 1;
    };
    let name = &text[1..end];
    let legal_number = name.strip_prefix('#').is_some_and(|number| {
        let code = match number.strip_prefix(['x', 'X']) {
            Some(hex) => u32::from_str_radix(hex, 16).ok(),
            None => number.parse().ok(),
        };
        code.and_then(char::from_u32).is_some_and(|c| !c.is_control() || matches!(c, '\t' | '\n' | '\r'))
    });
    if legal_number || matches!(name, "amp" | "lt" | "gt" | "quot" | "apos") {
        out.push_str(&text[..=end]);
        return end + 1;
    }
    if name.starts_with('#') {
        return end + 1;
    }
    match named(name) {
        Some(character) => {
            out.push(character);
            end + 1
        }
        None => {
            out.push_str("&amp;");
            1
        }
    }
}

/// Returns the character of an HTML entity that feeds use without declaring it.
fn named(name: &str) -> Option<char> {
    const NAMES: [(&str, char); 22] = [
        ("bull", '•'),
        ("copy", '©'),
        ("darr", '↓'),
        ("deg", '°'),
        ("eacute", 'é'),
        ("emsp", '\u{2003}'),
        ("ensp", '\u{2002}'),
        ("euro", '€'),
        ("hellip", '…'),
        ("laquo", '«'),
        ("ldquo", '“'),
        ("lsquo", '‘'),
        ("mdash", '—'),
        ("middot", '·'),
        ("nbsp", '\u{a0}'),
        ("ndash", '–'),
        ("raquo", '»'),
        ("rdquo", '”'),
        ("reg", '®'),
        ("rsquo", '’'),
        ("times", '×'),
        ("yen", '¥'),
    ];
    NAMES.iter().find(|(known, _)| *known == name).map(|(_, character)| *character)
}

/// Returns the complete elements of a name (with or without a prefix), each as written.
pub fn elements<'a>(text: &'a str, name: &str) -> Vec<&'a str> {
    let (open, close) = (format!("<{name}"), format!("</{name}>"));
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(start) = text[from..].find(&open).map(|at| from + at) {
        let inside = start + open.len();
        if !text[inside..].starts_with(|c: char| c.is_whitespace() || c == '>') {
            from = inside;
            continue;
        }
        let Some(length) = text[inside..].find(&close) else { break };
        let end = inside + length + close.len();
        // An element that was not closed ends where the next begins.
        match text[inside..inside + length].rfind(&open) {
            Some(again) => from = inside + again,
            None => {
                found.push(&text[start..end]);
                from = end;
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_root_is_found_behind_declarations() {
        assert_eq!(
            root_name("<?xml version='1.0'?><!-- x --><!DOCTYPE rss [<!ENTITY a '>'>]><rdf:RDF a='1'>"),
            Some("RDF")
        );
        assert_eq!(root_name("text"), None);
        assert_eq!(root_name("<!DOCTYPE"), None);
    }

    #[test]
    fn text_before_a_feed_is_skipped_and_a_page_is_left_alone() {
        let feed = "<?xml version='1.0'?><rss></rss>";
        for warning in ["<br />\n<b>Warning</b>: x in <b>feed.php</b><br />\n", "Notice: 甲\n\n", ""] {
            assert_eq!(before(&format!("{warning}{feed}")), warning.len(), "{warning}");
        }
        for page in ["<!doctype html><pre><?xml", "<p>a</p><html><rss>", "<html><rss>", "<svg><?xml ?></svg>", "<p>x"] {
            assert_eq!(before(page), 0, "{page}");
        }
    }

    #[test]
    fn what_no_parser_reads_is_repaired() {
        let text = "<!DOCTYPE r [<!ENTITY lol 'lol'>]><r>a&nbsp;b & c&lol;&#0;&#x4e2d;\u{1}<![CDATA[x & y]]></r>";
        assert_eq!(repaired(text), "<r>a\u{a0}b &amp; c&amp;lol;&#x4e2d;<![CDATA[x & y]]></r>");
    }

    #[test]
    fn elements_that_stand_whole_are_found() {
        let text = "<c><item>1</item><items/><item a='1'>2<item>3</item><item>4";
        assert_eq!(elements(text, "item"), ["<item>1</item>", "<item>3</item>"]);
    }
}
