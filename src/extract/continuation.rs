//! The numbers in URLs and the labels of links: which page of an article comes before and after which.

use url::Url;

use crate::html::text::collapse;
use crate::html::{ElementRef, Page, resolve_link};

use super::words::paging::{self, PagingWords};

/// Query parameters that number the pages of an article.
const NUMBERS: [&str; 9] = ["page", "p", "pn", "pg", "pageno", "page_no", "pageindex", "paged", "part"];

/// Words before the number of a page in a path.
const MARKS: [&str; 6] = ["page", "pg", "p", "part", "seite", "pagina"];

/// How sure it is that a link leads to another page of the same article.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Certainty {
    /// The URL and the link say so.
    Certain,
    /// The URL may be that of another article: the titles must agree.
    IfTitlesAgree,
    /// The number may be that of the article: the titles must agree, and nothing is missing if it cannot be read.
    Doubtful,
}

/// A page of the same article.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Neighbour {
    /// Its URL, without a fragment.
    pub url: Url,
    /// How sure that is.
    pub certainty: Certainty,
}

/// What the link to a page says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Label {
    Onward,
    Back,
    Whole,
    /// The number of a page.
    Number(u32),
    Other,
}

/// A URL as one of several: what they share, and the page's number.
#[derive(Debug, PartialEq, Eq)]
struct PagedUrl {
    base: String,
    number: u32,
    form: Form,
}

/// How a URL states the number of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// Not at all: it is the first page.
    First,
    /// `_2`, `-2`, `?page=2`, `/page/2`.
    Marked,
    /// `/2`, `/2.html`: a whole part of the path, as the number of an article may be.
    Bare,
    /// `page2`, without anything between.
    Glued,
}

/// Returns the next page of the article, if a link leads there.
pub fn next_of(own: &Url, element: ElementRef<'_>, target: &Url) -> Option<Neighbour> {
    let certainty = next(own, target, Rel::of(element, &["next"]), || label(element))?;
    Some(Neighbour { url: target.clone(), certainty })
}

/// Returns the page before of the same article, if a link leads there. A page that is not certain must name this page as
/// its next.
pub fn before_of(own: &Url, element: ElementRef<'_>, target: &Url) -> Option<Neighbour> {
    let certainty = before(own, target, Rel::of(element, &["prev", "previous"]), || label(element))?;
    Some(Neighbour { url: target.clone(), certainty })
}

/// Returns the next page of the article of a page whose URL is `own`.
pub fn next_page(page: &Page, own: &Url) -> Option<Neighbour> {
    let links = page.elements().filter(|element| matches!(element.value().name(), "a" | "area" | "link"));
    links.filter_map(|link| next_of(own, link, &web_target(link.attr("href")?, own)?)).next()
}

fn web_target(href: &str, base: &Url) -> Option<Url> {
    let mut url = resolve_link(href, Some(base)).filter(|url| matches!(url.scheme(), "http" | "https"))?;
    url.set_fragment(None);
    Some(url)
}

/// Returns whether two titles can be those of pages of one article: they are equal but for the number of the page. A page
/// without a title says nothing against it.
pub fn titles_agree(one: Option<&str>, other: Option<&str>) -> bool {
    let (Some(one), Some(other)) = (one.map(without_page), other.map(without_page)) else { return true };
    let (short, long) = if one.len() <= other.len() { (one, other) } else { (other, one) };
    let ends_in_digit = short.ends_with(|c: char| c.is_ascii_digit());
    // `Tunnel` and `Tunnel 2`; but not `Post 1` and `Post 10`.
    let is_number = |rest: &str| rest.len() <= 3 && rest.chars().all(|c| c.is_ascii_digit());
    long.strip_prefix(short.as_str()).is_some_and(|rest| rest.is_empty() || !ends_in_digit && is_number(rest))
}

/// Returns the letters and digits of a title without the page at its end: `(2)`, `2/3`, `第2页`, `page 2`.
fn without_page(title: &str) -> String {
    let is_mark =
        |c: char| c.is_ascii_digit() || "一二三四五六七八九十()（）[]/第页頁".contains(c) || c.is_whitespace();
    let lower = title.to_lowercase();
    let start = lower.trim_end_matches(is_mark);
    let end = &lower[start.len()..];
    let is_page = end.contains(['(', '（', '[', '/', '第', '页', '頁']) && end.chars().any(|c| !c.is_whitespace());
    let words = start.trim_end().strip_suffix("page").filter(|_| end.contains(|c: char| c.is_ascii_digit()));
    let kept = words.unwrap_or(if is_page { start } else { &lower });
    kept.chars().filter(|c| c.is_alphanumeric()).collect()
}

/// Whether a link's attribute `rel` names the page that is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rel {
    Named,
    NotNamed,
}

impl Rel {
    fn of(element: ElementRef<'_>, words: &[&str]) -> Self {
        let rel = element.attr("rel").unwrap_or_default();
        let is_named =
            rel.split_ascii_whitespace().any(|word| words.iter().any(|known| known.eq_ignore_ascii_case(word)));
        if is_named { Self::Named } else { Self::NotNamed }
    }
}

/// Returns what a link says, by its text or by what describes it for those who do not see it.
fn label(element: ElementRef<'_>) -> Label {
    let text = collapse(&element.text().take(50).collect::<String>());
    let described = || ["aria-label", "title"].into_iter().find_map(|name| element.attr(name)).unwrap_or_default();
    match said(&text) {
        Label::Other => said(described()),
        label => label,
    }
}

fn said(text: &str) -> Label {
    let letters: String = text.chars().filter(|c| c.is_alphabetic()).flat_map(char::to_lowercase).take(40).collect();
    let is_in = |words: fn(&PagingWords) -> &'static [&'static str]| {
        paging::ALL.iter().any(|(_, language)| words(language).contains(&letters.as_str()))
    };
    if letters.is_empty() && !text.chars().any(char::is_numeric) {
        return match text.chars().find(|c| !c.is_whitespace()) {
            Some('»' | '›' | '>' | '→' | '▶' | '❯' | '⟩' | '＞') => Label::Onward,
            Some('«' | '‹' | '<' | '←' | '◀' | '❮' | '⟨' | '＜') => Label::Back,
            _ => Label::Other,
        };
    }
    if let Some(number) = page_number(text).filter(|_| letters.is_empty() || is_in(|words| words.page)) {
        return Label::Number(number);
    }
    match () {
        () if is_in(|words| words.next) => Label::Onward,
        () if is_in(|words| words.previous) => Label::Back,
        () if is_in(|words| words.whole) => Label::Whole,
        () => chinese_number(&letters).map_or(Label::Other, Label::Number),
    }
}

/// Returns the only number in a label.
fn page_number(text: &str) -> Option<u32> {
    let mut numbers = text.split(|c: char| !c.is_ascii_digit()).filter(|digits| !digits.is_empty());
    let number = numbers.next()?.parse().ok()?;
    numbers.next().is_none().then_some(number)
}

/// Parses a Chinese page number, such as 第二页.
fn chinese_number(letters: &str) -> Option<u32> {
    let digit = letters.strip_prefix('第')?.strip_suffix(['页', '頁'])?;
    let at = "一二三四五六七八九十".chars().position(|known| digit.chars().eq([known]))?;
    u32::try_from(at + 1).ok()
}

/// Returns how sure it is that a link leads to the next page of the same article; None when it does not.
fn next(own: &Url, target: &Url, rel: Rel, label: impl Fn() -> Label) -> Option<Certainty> {
    // A home page is not an article.
    let is_home = own.path() == "/" && own.query().is_none_or(str::is_empty);
    if target.host_str() != own.host_str() || target == own || is_home {
        return None;
    }
    let label = std::cell::LazyCell::new(label);
    for (here, there) in pairs(own, target) {
        // Some number the second page 1.
        let is_from_zero = here.form == Form::First && there.form == Form::Marked && there.number == 1;
        if there.form == Form::First || !(is_from_zero || there.number == here.number + 1) {
            continue;
        }
        let is_bare = here.form == Form::Bare && there.form == Form::Bare;
        let says = match *label {
            Label::Onward => true,
            Label::Number(number) => !is_bare && number == there.number + u32::from(is_from_zero),
            Label::Back | Label::Whole | Label::Other => false,
        };
        if says || rel == Rel::Named && !is_bare {
            return Some(match (here.form, there.form) {
                (Form::Bare, Form::Bare) | (Form::Glued, Form::Glued) => Certainty::Doubtful,
                (_, Form::Glued) => Certainty::IfTitlesAgree,
                _ => Certainty::Certain,
            });
        }
    }
    let is_rest = own.path() != target.path()
        && stem(target.path()).starts_with(stem(own.path()))
        && stem(own.path()).len() > 1
        && *label == Label::Whole;
    is_rest.then_some(Certainty::Certain)
}

/// Returns how sure it is that a link leads to the page before, or to the first page, of the same article.
fn before(own: &Url, target: &Url, rel: Rel, label: impl Fn() -> Label) -> Option<Certainty> {
    if target.host_str() != own.host_str() || target == own {
        return None;
    }
    let label = std::cell::LazyCell::new(label);
    pairs(own, target).find_map(|(here, there)| {
        if here.form == Form::First || there.form == Form::Bare {
            return None;
        }
        let is_from_zero = here.form == Form::Marked && here.number == 1 && there.form == Form::First;
        let is_one_before = is_from_zero || here.number > 1 && there.number + 1 == here.number;
        let is_first = here.number > 1 && there.number == 1;
        let says = is_one_before && (rel == Rel::Named || *label == Label::Back)
            || (is_one_before || is_first) && *label == Label::Number(1);
        let is_weak = here.form == Form::Glued || there.form == Form::Glued;
        says.then_some(if is_weak { Certainty::Doubtful } else { Certainty::Certain })
    })
}

/// Returns the readings of two URLs that share their base.
fn pairs(own: &Url, target: &Url) -> impl Iterator<Item = (PagedUrl, PagedUrl)> {
    let (here, there) = (readings(own), readings(target));
    let pairs = here.into_iter().flat_map(move |here| {
        let same = there.iter().filter(|there| there.base == here.base).map(PagedUrl::copy).collect::<Vec<_>>();
        same.into_iter().map(move |there| (here.copy(), there))
    });
    pairs.collect::<Vec<_>>().into_iter()
}

impl PagedUrl {
    fn copy(&self) -> Self {
        Self { base: self.base.clone(), ..*self }
    }
}

fn stem(path: &str) -> &str {
    let name = path.rfind('/').map_or(0, |at| at + 1);
    path[name..].rfind('.').map_or(path, |dot| &path[..name + dot]).trim_end_matches('/')
}

/// Returns the ways to read a URL as one of the pages of an article.
fn readings(url: &Url) -> Vec<PagedUrl> {
    let host = url.host_str().unwrap_or_default();
    let path = stem(url.path());
    let pairs: Vec<&str> = url.query().unwrap_or_default().split('&').filter(|pair| !pair.is_empty()).collect();
    let query = pairs.join("&");
    let mut found = vec![PagedUrl { base: format!("{host}{path}?{query}"), number: 1, form: Form::First }];
    for (at, pair) in pairs.iter().enumerate() {
        let number = pair.split_once('=').and_then(|(name, value)| {
            let is_number = NUMBERS.contains(&name.to_ascii_lowercase().as_str());
            value.parse::<u32>().ok().filter(|number| is_number && (1..1000).contains(number))
        });
        if let Some(number) = number {
            let rest: Vec<&str> = pairs[..at].iter().chain(&pairs[at + 1..]).copied().collect();
            let base = format!("{host}{path}?{}", rest.join("&"));
            found.push(PagedUrl { base, number, form: Form::Marked });
        }
    }
    found.extend(path_reading(path).map(|(base, number, form)| PagedUrl {
        base: format!("{host}{base}?{query}"),
        number,
        form,
    }));
    found
}

fn path_reading(path: &str) -> Option<(&str, u32, Form)> {
    let start = path.trim_end_matches(|c: char| c.is_ascii_digit());
    // Three digits at most, or it is the number of an article.
    let digits = Some(&path[start.len()..]).filter(|digits| (1..=3).contains(&digits.len()))?;
    let number = digits.parse::<u32>().ok().filter(|number| *number > 0)?;
    let separators = ['_', '-', '.', ','];
    let before = start.strip_suffix(separators).or_else(|| start.strip_suffix('/')).unwrap_or(start);
    // `/page/2`, `-p2`, `/page-2`
    let marked = MARKS.iter().find_map(|mark| {
        let rest = before.strip_suffix(mark)?;
        rest.strip_suffix(separators).or_else(|| rest.strip_suffix('/'))
    });
    match marked {
        Some(base) if !base.is_empty() => Some((base, number, Form::Marked)),
        _ if start.ends_with(separators) => Some((before, number, Form::Marked)),
        _ if start.ends_with('/') => Some((before, number, Form::Bare)),
        _ => Some((start, number, Form::Glued)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(path: &str) -> Url {
        Url::parse("https://news.test").unwrap().join(path).unwrap()
    }

    fn on(own: &str, target: &str, rel: Rel, text: &str) -> Option<Certainty> {
        next(&parse(own), &parse(target), rel, || said(text))
    }

    fn back(own: &str, target: &str, text: &str) -> Option<Certainty> {
        before(&parse(own), &parse(target), Rel::NotNamed, || said(text))
    }

    #[test]
    fn numbers_in_many_forms_name_the_next_page() {
        for (own, target) in [
            ("/a/1024.html", "/a/1024_2.html"),
            ("/q/200.html", "/q/200_2.html"),
            ("/a/7.html", "/a/7-2.html"),
            ("/a/1024_2.html", "/a/1024_3.html"),
            ("/a/1024-9.html", "/a/1024-10.html"),
            ("/a/t20240318_12345.html", "/a/t20240318_12345_1.html"),
            ("/story", "/story/2"),
            ("/story/", "/story/page/2/"),
            ("/story.html", "/story-p2.html"),
            ("/a?id=7", "/a?id=7&page=2"),
            ("/?p=123", "/?p=123&page=2"),
            ("/a?page=2&id=7", "/a?page=3&id=7"),
        ] {
            assert_eq!(on(own, target, Rel::NotNamed, "下一页"), Some(Certainty::Certain), "{own} → {target}");
            assert_eq!(on(target, own, Rel::NotNamed, "下一页"), None, "{target} → {own}");
        }
        assert_eq!(on("/read/paged", "/read/paged2", Rel::NotNamed, "下一页"), Some(Certainty::IfTitlesAgree));
        for (own, target) in [("/story/2/", "/story/3/"), ("/paged2", "/paged3")] {
            assert_eq!(on(own, target, Rel::NotNamed, "下一页"), Some(Certainty::Doubtful), "{own} → {target}");
        }
    }

    #[test]
    fn a_link_to_the_next_page_says_so_in_many_languages() {
        for text in [
            "Next page »",
            "2",
            "[2]",
            "第2页",
            "第二页",
            "Page 2",
            "Weiter",
            "page suivante",
            "»",
            "次へ",
            "다음 페이지",
        ] {
            assert_eq!(on("/a/7.html", "/a/7_2.html", Rel::NotNamed, text), Some(Certainty::Certain), "{text}");
        }
        for text in ["相关阅读", "3", "上一页", "下一篇", "Next article", "Read more", "«", "2 comments"] {
            assert_eq!(on("/a/7.html", "/a/7_2.html", Rel::NotNamed, text), None, "{text}");
        }
    }

    #[test]
    fn another_article_is_not_a_continuation_page() {
        assert_eq!(on("/a/1024.html", "/a/1025.html", Rel::Named, "下一页"), None);
        assert_eq!(on("/q/200.html", "/q/201.html", Rel::Named, "下一篇"), None);
        assert_eq!(on("/2024/05/", "/2024/06/", Rel::Named, "June"), None, "a bare number with no word for it");
        assert_eq!(on("/a/1024.html", "/a/1024_3.html", Rel::NotNamed, "下一页"), None, "a page is left out");
        assert_eq!(on("/", "/2", Rel::NotNamed, "2"), None, "a home page");
        for (one, other) in [
            ("隧道", "隧道（第2页）"),
            ("隧道（1）", "隧道(2)"),
            ("Tunnel", "Tunnel - Page 2"),
            ("Tunnel", "Tunnel 2"),
            ("Tunnel 1/3", "Tunnel 2/3"),
        ] {
            assert!(titles_agree(Some(one), Some(other)), "{one}, {other}");
        }
        for (one, other) in [("Post 8", "Post 9"), ("Post 1", "Post 10"), ("渡船", "隧道"), ("Tunnel", "Tunnels")] {
            assert!(!titles_agree(Some(one), Some(other)), "{one}, {other}");
        }
    }

    #[test]
    fn a_continuation_page_leads_back_and_an_article_does_not() {
        for (own, target, text) in [
            ("/q/200_2.html", "/q/200.html", "上一页"),
            ("/q/200_3.html", "/q/200.html", "1"),
            ("/a/12345_1.html", "/a/12345.html", "上一页"),
            ("/story/2", "/story", "Previous"),
        ] {
            assert_eq!(back(own, target, text), Some(Certainty::Certain), "{own} → {target}");
        }
        assert_eq!(back("/q/201.html", "/q/200.html", "上一页"), None);
        assert_eq!(back("/q/200.html", "/q/200_2.html", "上一页"), None);
        assert_eq!(back("/post9", "/post8", "上一页"), Some(Certainty::Doubtful), "the page before must confirm it");
    }
}
