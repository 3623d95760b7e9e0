//! Pages that end in the middle, because the connection was closed before the rest was sent.

/// How much of the end is searched for the end tags of the page, in bytes. Comments of caches and scripts stand after them.
const END: usize = 16 * 1024;

/// Elements whose end tags may not be left out, and which hold the content of a page.
const CONTAINERS: [&[u8]; 4] = [b"article", b"main", b"div", b"section"];

/// Returns true for a page whose bytes end inside of its content: there is no end tag of `body` or `html`, and several
/// containers that were opened are not closed, or one is not and the last byte is not the end of a tag.
pub fn is_cut(content: &[u8]) -> bool {
    let end = &content[content.len().saturating_sub(END)..];
    if [&b"</body"[..], b"</html", b"</frameset"].iter().any(|tag| count(end, tag) > 0) {
        return false;
    }
    let unclosed = CONTAINERS.iter().map(|name| {
        let tags = |start: &[u8]| count_tags(content, &[start, name].concat());
        tags(b"<").saturating_sub(tags(b"</"))
    });
    // One too many is a slip of the page's author.
    let least = if content.trim_ascii_end().ends_with(b">") { 2 } else { 1 };
    unclosed.sum::<usize>() >= least
}

/// Returns how often a pattern in lower case occurs, whatever the case.
fn count(content: &[u8], pattern: &[u8]) -> usize {
    positions(content, pattern).count()
}

/// Returns how often a tag occurs: its name ends after the pattern.
fn count_tags(content: &[u8], start: &[u8]) -> usize {
    let ends =
        |at: &usize| !content.get(at + start.len()).is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'-');
    positions(content, start).filter(ends).count()
}

fn positions<'a>(content: &'a [u8], pattern: &'a [u8]) -> impl Iterator<Item = usize> + 'a {
    let starts = memchr::memchr_iter(pattern[0], content);
    starts.filter(|&at| content.get(at..at + pattern.len()).is_some_and(|found| found.eq_ignore_ascii_case(pattern)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_that_ends_inside_of_its_content_is_cut() {
        let page = "<!DOCTYPE html><html><body><MAIN><div class=a><p>The lock at Eastlow was drained.</p></div></MAIN></body></html>";
        assert!(!is_cut(page.as_bytes()));
        for cut in [50, 70, 90] {
            assert!(is_cut(&page.as_bytes()[..cut]), "{}", &page[..cut]);
        }
    }

    #[test]
    fn a_page_without_optional_end_tags_is_whole() {
        assert!(!is_cut(b"<!DOCTYPE html><title>A</title><main><p>The lock at Eastlow was drained.</main>"));
        assert!(!is_cut("<p>只有一段。<p>又一段。".as_bytes()));
        assert!(!is_cut(b"<divider>a"));
        assert!(!is_cut(b"<body><div>left open<p>text</body>"));
        assert!(!is_cut(b"<body><div>left open<p>text</p>\n"));
    }
}
