//! Endless series of pages, recognised while a crawl runs: one text or one template under many URLs.
//!
//! The form of a URL is its path without the numbers in it. A form is closed when its pages no longer bring anything:
//! neither a new text nor links to pages of other forms that bring one.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use parking_lot::Mutex;
use url::Url;

use crate::model::{Digest, UrlKey};

/// The number of consecutive pages of one form with texts that were seen before, after which it is closed. Chosen by eye.
const REPEATED: u32 = 12;
/// The same for pages without an article.
const EMPTY: u32 = 20;
/// The same for pages that show one login, bot check or error, which may be gone at the next crawl.
const WALLED: u32 = 24;
/// The same for pages of a calendar, with or without texts: three years of months.
const CALENDAR: u32 = 36;
/// The minimum length of a word of letters and digits that counts as a number.
const TOKEN_CHARS: usize = 8;

/// The reasons why a form is closed.
pub const ONE_TEXT: &str = "many URLs of one form show the same text";
const NO_TEXT: &str = "many pages of one form had no text and led to nothing new";
const ENDLESS_CALENDAR: &str = "an endless calendar; name its pages with --include to follow it";
const ONE_WALL: &str = "many URLs of one form show the same login, bot check or error page";
const GROWING: &str = "paths that grow show the same text";

/// What a page brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PageText {
    /// A text with this digest.
    Kept(Digest),
    /// No article, or a list.
    Empty,
    /// A wall with this text stands in front of it.
    Wall(Digest),
    /// What is on the page is unknown: it failed.
    Unknown,
}

/// The forms of a crawl's URLs.
#[derive(Debug, Default)]
pub struct Forms(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    forms: BTreeMap<String, Form>,
    /// The folder of the first page with each text, by host: another host may show the same texts without being a trap.
    texts: BTreeMap<(String, Digest), String>,
    /// Hashes of the keys of all links.
    seen: HashSet<u64>,
}

#[derive(Debug, Default)]
struct Form {
    /// The number of pages with a new text.
    fresh: u32,
    /// The number of pages in a row that brought nothing.
    idle: u32,
    /// Why it is closed; None if it is not.
    closed: Option<&'static str>,
}

impl Forms {
    /// Returns why URLs of this form are not followed; None if they are.
    pub fn closed(&self, url: &Url) -> Option<&'static str> {
        self.0.lock().forms.get(&form(url)).and_then(|form| form.closed)
    }

    /// Counts a page and its links. Returns the folder below which no link of the page is followed; None if every link may
    /// be followed.
    pub fn count(&self, url: &Url, text: PageText, links: &[Url]) -> Option<String> {
        let mut state = self.0.lock();
        let own = form(url);
        let first = match text {
            PageText::Kept(digest) => state.first_folder(digest, url),
            PageText::Wall(_) | PageText::Empty | PageText::Unknown => None,
        };
        let is_known_wall = matches!(text, PageText::Wall(digest) if state.first_folder(digest, url).is_some());
        let is_fresh = matches!(text, PageText::Kept(_)) && first.is_none();
        let (leads_on, continues) = state.links(&own, links);
        let is_calendar = is_calendar(url) && continues;
        let form = state.forms.entry(own).or_default();
        form.fresh += u32::from(is_fresh);
        let limit = match text {
            _ if leads_on => None,
            _ if is_calendar => Some((CALENDAR, ENDLESS_CALENDAR)),
            PageText::Kept(_) if !is_fresh => Some((REPEATED, ONE_TEXT)),
            PageText::Empty => Some((EMPTY, NO_TEXT)),
            PageText::Wall(_) if is_known_wall => Some((WALLED, ONE_WALL)),
            PageText::Kept(_) | PageText::Wall(_) | PageText::Unknown => None,
        };
        match limit {
            Some((limit, why)) => {
                form.idle += 1;
                if form.idle >= limit {
                    form.closed = form.closed.or(Some(why));
                }
            }
            None if is_fresh => form.idle = 0,
            None => {}
        }
        first
            .filter(|first| folder(url).len() > first.len() && folder(url).starts_with(first.as_str()))
            .map(|_| folder(url))
    }

    /// Returns why a link of a page is not followed whose links lead no further below `folder`.
    pub fn grows(link: &Url, folder: Option<&str>) -> Option<&'static str> {
        let folder = folder?;
        let path = format!("{}{}", link.host_str().unwrap_or_default(), link.path());
        (path.len() > folder.len() && path.starts_with(folder)).then_some(GROWING)
    }
}

impl State {
    /// Returns the folder of the first page of the host with this text; None if it is this one.
    fn first_folder(&mut self, digest: Digest, url: &Url) -> Option<String> {
        match self.texts.entry((url.host_str().unwrap_or_default().to_owned(), digest)) {
            Entry::Occupied(known) => Some(known.get().clone()),
            Entry::Vacant(new) => {
                new.insert(folder(url));
                None
            }
        }
    }

    /// Records the links of a page. Returns whether a new one leads to a form that brings texts or may do so, and
    /// whether a new one leads to the page's own form.
    fn links(&mut self, own: &str, links: &[Url]) -> (bool, bool) {
        let (mut leads_on, mut continues) = (false, false);
        for link in links {
            let mut hasher = DefaultHasher::new();
            UrlKey::of(link).hash(&mut hasher);
            if !self.seen.insert(hasher.finish()) {
                continue;
            }
            let form = form(link);
            if form == own {
                continues = true;
            } else {
                let known = self.forms.get(&form);
                leads_on |= known.is_none_or(|form| form.fresh > 0 && form.closed.is_none());
            }
        }
        (leads_on, continues)
    }
}

/// Returns host and path of a URL up to its last slash.
fn folder(url: &Url) -> String {
    let path = url.path();
    format!("{}{}", url.host_str().unwrap_or_default(), &path[..path.rfind('/').map_or(0, |at| at + 1)])
}

/// Returns the form of a URL: host and path, with every number as `#`. A page of a front controller is identified by
/// its first parameter.
fn form(url: &Url) -> String {
    let key = UrlKey::of(url);
    let (path, query) = key.as_str().split_once('?').unwrap_or((key.as_str(), ""));
    let (host, path) = path.split_once('/').unwrap_or((path, ""));
    let mut form = format!("{host}/{}", without_numbers(path));
    if path.is_empty() || path.ends_with("index.php") {
        form.push('?');
        form.push_str(&without_numbers(query.split('&').next().unwrap_or_default()));
    }
    form
}

fn without_numbers(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for word in text.split_inclusive(|c: char| !c.is_ascii_alphanumeric()) {
        let end = word.trim_end_matches(|c: char| !c.is_ascii_alphanumeric());
        let sign = &word[end.len()..];
        let has_digit = end.bytes().any(|byte| byte.is_ascii_digit());
        if has_digit && (end.len() >= TOKEN_CHARS || end.bytes().all(|byte| byte.is_ascii_digit())) {
            folded.push('#');
        } else {
            for c in end.chars() {
                match c {
                    c if !c.is_ascii_digit() => folded.push(c),
                    _ if folded.ends_with('#') => {}
                    _ => folded.push('#'),
                }
            }
        }
        folded.push_str(sign);
    }
    folded
}

/// Returns whether the numbers of a URL are a date and nothing else: `/2031/05/`, `?y=2031&m=5`, `?date=2031-05-01`; or
/// whether it names a calendar and has a number.
fn is_calendar(url: &Url) -> bool {
    let text = format!("{}?{}", url.path(), url.query().unwrap_or_default()).to_ascii_lowercase();
    let numbers: Vec<&str> = text.split(|c: char| !c.is_ascii_digit()).filter(|number| !number.is_empty()).collect();
    let names = ["calendar", "calendrier", "calendario", "kalender", "日历", "カレンダー"];
    let words = percent_encoding::percent_decode_str(&text).decode_utf8_lossy();
    if !numbers.is_empty() && names.iter().any(|name| words.contains(name)) {
        return true;
    }
    let value = |number: &str| number.parse::<u32>().unwrap_or(u32::MAX);
    let is_year = |number: &str| number.len() == 4 && (1800..2200).contains(&value(number));
    let is_part = |number: &str| number.len() <= 2 && value(number) <= 53;
    let is_whole = |number: &str| matches!(number.len(), 6 | 8) && is_year(&number[..4]);
    let years = numbers.iter().filter(|number| is_year(number)).count();
    let parts = numbers.iter().filter(|number| is_part(number)).count();
    let wholes = numbers.iter().filter(|number| is_whole(number)).count();
    let is_date = years == 1 && (1..=2).contains(&parts) && wholes == 0 || wholes == 1 && years == 0 && parts == 0;
    is_date && years + parts + wholes == numbers.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(path: &str) -> Url {
        Url::parse("https://a.test/").unwrap().join(path).unwrap()
    }

    #[test]
    fn numbers_and_tokens_make_no_form_of_their_own() {
        assert_eq!(form(&url("/s/1f2e3d4c5b/a1")), form(&url("/s/99aa88bb77/a2")));
        assert_eq!(form(&url("/list?a=1&b=2")), form(&url("/list?c=3")));
        assert_ne!(form(&url("/list")), form(&url("/lamp/1")));
        assert_ne!(form(&url("/?p=1")), form(&url("/?cat=1")));
    }

    #[test]
    fn a_calendar_is_known_by_its_dates() {
        for page in ["/agenda/2024/01/", "/x?y=2024&m=1", "/d/2024-01-05", "/d?on=20240105", "/calendar?offset=7"] {
            assert!(is_calendar(&url(page)), "{page}");
        }
        for page in ["/2024/03/18/1024.shtml", "/read?id=7", "/p/2024", "/a/20240318_1024.html", "/list?page=3"] {
            assert!(!is_calendar(&url(page)), "{page}");
        }
    }

    #[test]
    fn a_form_is_closed_when_its_pages_bring_nothing() {
        let text = |n: u32| PageText::Kept(Digest::of(&n.to_le_bytes()));
        let (stories, facets, list) = (Forms::default(), Forms::default(), Forms::default());
        for n in 0..200 {
            stories.count(&url(&format!("/read?id={n}")), text(n), &[url(&format!("/read?id={}", n + 1))]);
            facets.count(&url(&format!("/list?a={n}")), text(0), &[url(&format!("/list?a={}", n + 1))]);
            let story = url(&format!("/story/{n}"));
            list.count(
                &url(&format!("/list?page={n}")),
                text(u32::MAX),
                &[story.clone(), url(&format!("/list?page={}", n + 1))],
            );
            list.count(&story, text(n), &[]);
        }
        assert_eq!(stories.closed(&url("/read?id=201")), None);
        assert_eq!(facets.closed(&url("/list?a=201")), Some(ONE_TEXT));
        assert_eq!(list.closed(&url("/list?page=201")), None, "its pages lead to new texts");
    }

    #[test]
    fn the_same_texts_on_another_host_close_nothing() {
        let forms = Forms::default();
        for n in 0..100_u32 {
            let text = PageText::Kept(Digest::of(&n.to_le_bytes()));
            for host in ["https://a.test", "https://b.test"] {
                let url = |n: u32| Url::parse(&format!("{host}/p/{n}")).unwrap();
                forms.count(&url(n), text, &[url(n + 1)]);
                assert_eq!(forms.closed(&url(n + 1)), None, "{host}, page {n}");
            }
        }
    }

    #[test]
    fn links_below_a_page_that_repeats_a_text_are_not_followed() {
        let forms = Forms::default();
        let text = PageText::Kept(Digest::of(b"1"));
        assert_eq!(forms.count(&url("/de/"), text, &[]), None);
        let folder = forms.count(&url("/de/terms/"), text, &[]);
        assert!(Forms::grows(&url("/de/terms/privacy/"), folder.as_deref()).is_some());
        assert!(Forms::grows(&url("/de/other/"), folder.as_deref()).is_none());
        assert_eq!(forms.count(&url("/de/?print"), text, &[]), None);
    }
}
