//! The URL that a saved page came from, as the page itself declares it.

use url::Url;

use crate::html::Page;
use crate::model::{Origin, RawPage, Sourced};

/// How many bytes are searched for a comment with the URL, which is before or right after the first tag.
const HEAD: usize = 8 * 1024;

/// Returns the URL that a saved page declares: in the comment of SingleFile or of a browser's "save as", which is where the
/// bytes came from; else in `<link rel=canonical>`; else in `og:url`.
pub fn source_url(bytes: &[u8]) -> Option<Url> {
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(HEAD)]);
    comments(&head).find_map(saved_from).or_else(|| claimed(bytes))
}

/// Returns the URL as [`source_url`] does, from the first bytes of a page and without parsing them, for many pages.
pub fn declared_url(start: &[u8]) -> Option<Url> {
    let head = String::from_utf8_lossy(&start[..start.len().min(HEAD)]);
    comments(&head).find_map(saved_from).or_else(|| {
        let of = |word: &str, tag: &str, value: &str| {
            memchr::memmem::find_iter(start, word.as_bytes()).find_map(|at| {
                let open = memchr::memrchr(b'<', &start[..at])?;
                let close = at + memchr::memchr(b'>', &start[at..])?;
                let text = std::str::from_utf8(&start[open + 1..close]).ok()?;
                let is_tag = text.get(..tag.len()).is_some_and(|name| name.eq_ignore_ascii_case(tag));
                web_url(&attribute(text, value).filter(|_| is_tag)?.replace("&amp;", "&"))
            })
        };
        of("canonical", "link", "href").or_else(|| of("og:url", "meta", "content"))
    })
}

/// Returns the value of an attribute in the text of a tag, quoted or not.
fn attribute<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    let at = tag.match_indices(name).find(|(at, _)| {
        tag[..*at].ends_with([' ', '\n', '\t', '"', '\'']) && tag[at + name.len()..].trim_start().starts_with('=')
    })?;
    let value = tag[at.0 + name.len()..].trim_start().strip_prefix('=')?.trim_start();
    match value.chars().next()? {
        quote @ ('"' | '\'') => value[1..].split(quote).next(),
        _ => value.split_whitespace().next().map(|value| value.trim_end_matches('/')),
    }
}

fn comments(head: &str) -> impl Iterator<Item = &str> {
    head.split("<!--").skip(1).map(|rest| rest.split("-->").next().unwrap_or_default())
}

/// Parses ` saved from url=(0030)https://example.org/ ` and SingleFile's ` url: https://example.org/ `.
fn saved_from(comment: &str) -> Option<Url> {
    let after = if let Some((_, after)) = comment.split_once("saved from url=") {
        let after = after.trim_start();
        after.strip_prefix('(').and_then(|rest| rest.split_once(')')).map_or(after, |(_, rest)| rest)
    } else if comment.contains("SingleFile") {
        comment.lines().find_map(|line| line.trim().strip_prefix("url:"))?
    } else {
        return None;
    };
    web_url(after.split_whitespace().next()?)
}

/// Returns the URL in the page's links and metadata. The head is parsed first, and is usually enough.
fn claimed(bytes: &[u8]) -> Option<Url> {
    let mut tags = memchr::memchr_iter(b'<', bytes);
    let is_body = |at: &usize| bytes.get(at + 1..at + 5).is_some_and(|name| name.eq_ignore_ascii_case(b"body"));
    let body = tags.find(is_body).unwrap_or(bytes.len());
    claimed_in(&bytes[..body]).or_else(|| claimed_in(&bytes[body..]))
}

fn claimed_in(bytes: &[u8]) -> Option<Url> {
    // Pages write these in lower case; without either word, parsing would find nothing.
    if !["canonical", "og:url"].iter().any(|word| memchr::memmem::find(bytes, word.as_bytes()).is_some()) {
        return None;
    }
    if let Some(url) = canonical_at_once(bytes) {
        return Some(url);
    }
    let page = parsed(bytes);
    canonical(&page).and_then(web_url).or_else(|| page.meta("og:url").and_then(web_url))
}

/// Returns the canonical URL in the part of a page that ends with the first link of that kind: most pages have it early in
/// a long head. None when it must be looked for in the whole.
fn canonical_at_once(bytes: &[u8]) -> Option<Url> {
    let at = memchr::memmem::find(bytes, b"canonical")?;
    let name = bytes[memchr::memrchr(b'<', &bytes[..at])?..].get(1..5)?;
    if !name.eq_ignore_ascii_case(b"link") {
        return None;
    }
    let end = at + memchr::memchr(b'>', &bytes[at..])?;
    let page = parsed(&bytes[..=end]);
    // What declares the charset may come later, and decides how other characters are read.
    canonical(&page).filter(|href| href.bytes().all(|byte| byte.is_ascii_graphic())).and_then(web_url)
}

fn parsed(bytes: &[u8]) -> Page {
    Page::parse(&RawPage::from_bytes(bytes.to_vec(), None, Origin::Replay, None))
}

/// Returns the target of the first canonical link to a web URL.
fn canonical(page: &Page) -> Option<&str> {
    page.elements_named("link").find_map(|link| {
        let is_canonical = link
            .attr("rel")
            .is_some_and(|rel| rel.split_whitespace().any(|word| word.eq_ignore_ascii_case("canonical")));
        link.attr("href").filter(|href| is_canonical && web_url(href).is_some())
    })
}

/// Returns the path of an article on its own site, percent-decoded; None for the start page and for URLs with a query, at
/// which a site of files cannot redirect.
pub(super) fn permalink(url: &Url, source: &str) -> Option<Sourced<String>> {
    let path = url.path();
    let decoded = percent_encoding::percent_decode_str(path).decode_utf8().ok();
    let path =
        decoded.filter(|path| !path.contains(char::is_control)).map_or(path.to_owned(), |path| path.into_owned());
    (url.query().is_none() && path.len() > 1).then(|| Sourced::new(path, source))
}

/// Parses a URL of the schemes `http` and `https`; None for any other text.
pub(super) fn web_url(text: &str) -> Option<Url> {
    Url::parse(text.trim()).ok().filter(is_web)
}

/// Returns true for the schemes `http` and `https`.
pub(super) fn is_web(url: &Url) -> bool {
    matches!(url.scheme(), "http" | "https")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(html: &str) -> Option<String> {
        source_url(html.as_bytes()).map(|url| url.to_string())
    }

    #[test]
    fn the_saving_program_is_trusted_more_than_the_page() {
        let claim = "<link rel='canonical' href='https://b.cn/2'>";
        let ie = format!("<!DOCTYPE html>\n<!-- saved from url=(0021)https://a.cn/1?x=1 -->\n<html>{claim}");
        assert_eq!(found(&ie).as_deref(), Some("https://a.cn/1?x=1"));
        let single =
            format!("<html><!--\n Page saved with SingleFile \n url: https://a.cn/1 \n saved date: x\n-->{claim}");
        assert_eq!(found(&single).as_deref(), Some("https://a.cn/1"));
        assert_eq!(found(claim).as_deref(), Some("https://b.cn/2"));
        assert_eq!(found("<meta property=og:url content='http://c.cn/3'>").as_deref(), Some("http://c.cn/3"));
    }

    #[test]
    fn anything_but_a_web_url_is_ignored() {
        for html in
            ["<p>x", "<!-- saved from url=(0014)about:internet -->", "<link rel=canonical href='/relative'>", "<!--"]
        {
            assert_eq!(found(html), None, "{html}");
        }
    }
}
