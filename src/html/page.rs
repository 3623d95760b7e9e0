//! A parsed page.

use std::time::Duration;

use memchr::memmem;
use url::Url;

use super::dom::{Dom, ElementRef};
use super::strip::strip_unread;
use super::{charset, email, parse};
use crate::model::{Charset, RawPage, refresh};

/// A decoded, parsed page.
#[derive(Debug)]
pub struct Page {
    /// The tree.
    pub dom: Dom,
    /// The page's own URL; None for a file without one.
    pub url: Option<Url>,
    /// The base of relative URLs: `<base href>`, else `url`; None when neither is known.
    pub base: Option<Url>,
    /// The charset and what decided it.
    pub charset: Charset,
    /// True when some bytes were not valid in that charset.
    pub malformed: bool,
    /// The HTTP header fields that concern the page as a whole.
    pub headers: PageHeaders,
}

/// HTTP header fields that concern the page as a whole; None when absent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PageHeaders {
    /// `Referrer-Policy`.
    pub referrer_policy: Option<String>,
    /// `Content-Language`.
    pub content_language: Option<String>,
    /// `Last-Modified`.
    pub last_modified: Option<String>,
}

impl Page {
    /// Decodes and parses a page.
    pub fn parse(raw: &RawPage) -> Self {
        Self::read(raw, |text| parse::document(&strip_unread(text)))
    }

    /// Decodes and parses the body of an article without a page around it.
    pub fn parse_fragment(raw: &RawPage) -> Self {
        Self::read(raw, parse::fragment)
    }

    fn read(raw: &RawPage, parse: fn(&str) -> Dom) -> Self {
        let http = raw.headers.get("content-type").and_then(charset::charset_parameter);
        let host = raw.url.as_ref().and_then(Url::host_str).unwrap_or_default();
        let tld = host.rsplit('.').next().filter(|label| !label.is_empty());
        let decoded = charset::decode(raw.content(), http, tld);
        let mut dom = parse(&decoded.text);
        let bytes = decoded.text.as_bytes();
        if memmem::find(bytes, b"cfemail").or_else(|| memmem::find(bytes, b"email-protection")).is_some() {
            email::reveal(&mut dom);
        }
        let base = base(&dom, raw.url.as_ref());
        let header = |name| raw.headers.get(name).map(str::to_owned);
        Self {
            dom,
            url: raw.url.clone(),
            base,
            charset: decoded.charset,
            malformed: decoded.malformed,
            headers: PageHeaders {
                referrer_policy: header("referrer-policy"),
                content_language: header("content-language"),
                last_modified: header("last-modified"),
            },
        }
    }

    /// Returns every element, in document order.
    pub fn elements(&self) -> impl Iterator<Item = ElementRef<'_>> {
        self.dom.root().descendants().filter_map(ElementRef::wrap)
    }

    /// Returns every element of that name, in document order.
    pub fn elements_named<'a>(&'a self, name: &'a str) -> impl Iterator<Item = ElementRef<'a>> {
        self.elements().filter(move |element| element.value().name() == name)
    }

    /// Returns the first `content` of a `<meta>` whose `name`, `property`, `itemprop` or `http-equiv` is `key` (any case), trimmed and not empty.
    pub fn meta(&self, key: &str) -> Option<&str> {
        self.elements_named("meta").find_map(|meta| {
            let named = ["name", "property", "itemprop", "http-equiv"]
                .iter()
                .any(|attr| meta.attr(attr).is_some_and(|value| value.trim().eq_ignore_ascii_case(key)));
            meta.attr("content").map(str::trim).filter(|content| named && !content.is_empty())
        })
    }

    /// Returns the delay and target of a meta refresh; None without one or without a target.
    pub fn refresh(&self) -> Option<(Duration, Url)> {
        let (delay, target) = refresh(self.meta("refresh")?)?;
        Some((delay, resolve_link(target, self.base.as_ref())?))
    }
}

/// Resolves a URL as written in a page, ignoring white space around it and line breaks inside it, as browsers do.
/// Returns None for an invalid URL and for a relative one without a base.
pub fn resolve_link(written: &str, base: Option<&Url>) -> Option<Url> {
    let written = written.trim();
    match base {
        Some(base) => base.join(written).ok(),
        None => Url::parse(written).ok(),
    }
}

fn base(dom: &Dom, url: Option<&Url>) -> Option<Url> {
    let written = dom
        .root()
        .descendants()
        .filter_map(ElementRef::wrap)
        .find_map(|element| if element.value().name() == "base" { element.attr("href") } else { None });
    let declared =
        written.and_then(|href| resolve_link(href, url)).filter(|base| matches!(base.scheme(), "http" | "https"));
    declared.or_else(|| url.cloned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Origin;

    fn page(html: &str) -> Page {
        let url = Url::parse("https://example.org/news/1.html").unwrap();
        Page::parse(&RawPage::from_bytes(html.into(), Some(url), Origin::Replay, None))
    }

    #[test]
    fn a_base_element_moves_relative_urls() {
        let page = page("<base href='/other/'><a href='x y.html'>");
        assert_eq!(
            resolve_link(" x\n.html ", page.base.as_ref()).unwrap().as_str(),
            "https://example.org/other/x.html"
        );
    }

    #[test]
    fn a_base_that_is_not_a_web_url_is_ignored() {
        assert_eq!(page("<base href='javascript:x'>").base.unwrap().as_str(), "https://example.org/news/1.html");
    }

    #[test]
    fn a_refresh_names_delay_and_target() {
        let refresh = |value: &str| page(&format!("<meta http-equiv=Refresh content=\"{value}\">")).refresh();
        let (delay, target) = refresh("0; URL='/next'").unwrap();
        assert_eq!((delay.as_secs(), target.path()), (0, "/next"));
        assert_eq!(refresh("300"), None);
        assert_eq!(refresh("x; url=/a"), None);
    }

    #[test]
    fn meta_is_found_by_any_of_its_names() {
        let page = page("<meta property=OG:Title content=' 标题 '><meta name=empty content=' '>");
        assert_eq!(page.meta("og:title"), Some("标题"));
        assert_eq!(page.meta("empty"), None);
    }
}
