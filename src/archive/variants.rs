//! Forms of a URL that often show one article: another host for small screens, a print view, a trailing slash. They only
//! suggest where to look; the texts decide.

use url::Url;

use crate::model::{Digest, UrlKey, Warning, WarningKind, registrable_domain};

use super::known::Recorded;
use super::record::{Record, Snapshot};

/// Labels of a host that show the same pages in another form.
const VIEW_LABELS: [&str; 9] = ["3g", "amp", "h5", "m", "mobile", "print", "touch", "wap", "www"];

/// Words of a path or query that select another form of the same page.
const VIEWS: [&str; 14] = [
    "amp",
    "h5",
    "m",
    "mobile",
    "print",
    "print-friendly",
    "print-view",
    "printable",
    "printer",
    "printer-friendly",
    "printerfriendly",
    "printview",
    "touch",
    "wap",
];

/// Endings of a file's name that say how the page is made, not which it is.
const ENDINGS: [&str; 11] =
    [".html", ".htm", ".shtml", ".xhtml", ".php", ".asp", ".aspx", ".jsp", ".amp", ".cgi", ".do"];

/// Names of the page that stands for its folder.
const INDEXES: [&str; 3] = ["default", "home", "index"];

/// Places under which articles are looked up that may be the same as a page. Each is a short opaque string of a URL and a
/// title: equal texts have equal titles.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Twins {
    /// Articles with a URL or canonical URL of the same form.
    pub of_form: Vec<String>,
    /// Articles with a URL that differs in its parameters only.
    pub of_path: Vec<String>,
}

/// What is compared of a page or an article.
pub(super) struct Traits<'a> {
    /// Its URLs.
    pub urls: &'a [&'a Url],
    /// The canonical URL that it states, unless that is a home page.
    pub canonical: Option<&'a Url>,
    /// Its title; empty if it has none.
    pub title: &'a str,
}

impl Traits<'_> {
    /// Returns where the article is listed, and where a page is looked up.
    pub fn twins(&self) -> Twins {
        let title = plain_title(self.title);
        // A page, the pages that state its URL as canonical, and those that state the same one are found by each other.
        let forms = self.urls.iter().copied().chain(self.canonical).map(|url| short(&[&variant(url), &title]));
        let paths = self.urls.iter().map(|url| short(&["?", &without_query(url), &title]));
        let (mut of_form, mut of_path): (Vec<String>, Vec<String>) = (forms.collect(), paths.collect());
        for list in [&mut of_form, &mut of_path] {
            list.sort();
            list.dedup();
        }
        Twins { of_form, of_path }
    }
}

/// Returns the places in which an article is listed for pages that may be the same.
pub(super) fn places(record: &Record) -> Vec<String> {
    let Some(newest) = record.newest() else { return Vec::new() };
    let urls: Vec<Url> =
        std::iter::once(&record.url).chain(&record.aliases).filter_map(|url| Url::parse(url).ok()).collect();
    let urls: Vec<&Url> = urls.iter().filter(|url| url.has_host()).collect();
    if urls.is_empty() || is_behind_wall(newest) {
        return Vec::new();
    }
    let canonical = newest.canonical.as_deref().and_then(|url| Url::parse(url).ok());
    let canonical = canonical.as_ref().filter(|url| url.has_host() && !is_home_page(url));
    let traits = Traits { urls: &urls, canonical, title: &record.title };
    let Twins { of_form, of_path } = traits.twins();
    let pages = newest.capture.iter().flat_map(|capture| &capture.continuation_pages);
    let pages = pages.filter_map(|page| Some(place_of_page(&UrlKey::of(&Url::parse(&page.url).ok()?))));
    of_form.into_iter().chain(of_path).chain(pages).collect()
}

/// Returns the place in which an article is listed for a continuation page of it.
pub(super) fn place_of_page(key: &UrlKey) -> String {
    format!("page {key}")
}

fn is_behind_wall(snapshot: &Snapshot) -> bool {
    snapshot.warnings.iter().filter_map(Recorded::known).any(|warning| is_wall_kind(warning.kind))
}

pub(super) fn is_wall(warnings: &[Warning]) -> bool {
    warnings.iter().any(|warning| is_wall_kind(warning.kind))
}

/// Returns whether a warning says that the text is not that of the article.
fn is_wall_kind(kind: WarningKind) -> bool {
    kind.replaces_page() || kind == WarningKind::AppShell
}

/// Returns whether a URL is that of a home page, perhaps in a language of its own: `/en/`, `/zh-cn/index.html`.
pub(super) fn is_front_page(url: &Url) -> bool {
    let is_letters = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphabetic());
    let is_language = |name: &str| {
        let (main, more) = name.split_once(['-', '_']).map_or((name, None), |(main, more)| (main, Some(more)));
        main.len() == 2 && is_letters(main) && more.is_none_or(|more| matches!(more.len(), 2..=4) && is_letters(more))
    };
    let path = url.path().trim_start_matches('/').to_owned();
    let (name, rest) = path.split_once('/').unwrap_or((&path, ""));
    let mut url = url.clone();
    if is_language(name) || matches!(name, "m" | "mobile" | "home") {
        url.set_path(rest);
    }
    is_home_page(&url)
}

/// Returns whether a URL is that of a site's home page.
pub(super) fn is_home_page(url: &Url) -> bool {
    let file = url.path().trim_start_matches('/').to_ascii_lowercase();
    let is_index = matches!(file.split_once('.'), Some(("index" | "default" | "home", ext)) if !ext.contains('/'));
    (file.is_empty() || is_index) && url.query().is_none_or(str::is_empty)
}

fn short(parts: &[&str]) -> String {
    Digest::of(parts.join("\n").as_bytes()).hex()[..24].to_owned()
}

/// Returns a title in lower case without punctuation and without a counter of messages before it.
pub(super) fn plain_title(title: &str) -> String {
    let words = title.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join(" ").to_lowercase()
}

/// Returns the form of a URL that its views share: without the labels, segments, endings and parameters that select a
/// view, and with the parameters in order.
fn variant(url: &Url) -> String {
    let key = UrlKey::of(url);
    let query = key.as_str().split_once('?').map_or("", |(_, query)| query);
    let mut pairs: Vec<&str> = query.split('&').filter(|pair| !pair.is_empty() && !is_view(pair)).collect();
    pairs.sort_unstable();
    format!("{}?{}", without_query(url), pairs.join("&"))
}

fn is_view(pair: &str) -> bool {
    let pair = pair.to_ascii_lowercase();
    let (name, value) = pair.split_once('=').unwrap_or((&pair, ""));
    VIEWS.contains(&name) || VIEWS.contains(&value) || name == "tmpl" && value == "component" || name == "outputtype"
}

/// Returns host and path of a URL without what selects a view of a page.
fn without_query(url: &Url) -> String {
    let key = UrlKey::of(url);
    let bare = key.as_str().split('?').next().unwrap_or_default();
    let (host, path) = bare.split_once('/').unwrap_or((bare, ""));
    let mut segments: Vec<String> = Vec::new();
    let mut all = path.split('/').filter(|segment| !segment.is_empty()).peekable();
    while let Some(segment) = all.next() {
        let mut name = segment.to_ascii_lowercase();
        if all.peek().is_none() {
            name = without_endings(&name);
            if INDEXES.contains(&name.as_str()) {
                continue;
            }
        }
        if !VIEWS.contains(&name.as_str()) {
            segments.push(name);
        }
    }
    format!("{}/{}", plain_host(host, url), segments.join("/"))
}

fn without_endings(name: &str) -> String {
    let stem = ENDINGS.iter().find_map(|ending| name.strip_suffix(ending)).unwrap_or(name);
    let of_view = |view: &&str| {
        ['-', '_', '.'].iter().find_map(|sign| stem.strip_suffix(*view).and_then(|stem| stem.strip_suffix(*sign)))
    };
    let stem = VIEWS.iter().filter(|view| view.len() > 1).find_map(of_view).unwrap_or(stem);
    stem.to_owned()
}

/// Returns a host without the labels of a view before its registrable domain.
fn plain_host(host: &str, url: &Url) -> String {
    let domain = url.domain().and_then(registrable_domain).unwrap_or_default().to_ascii_lowercase();
    let (name, port) = host.split_once(':').unwrap_or((host, ""));
    let Some(before) = name.strip_suffix(domain.as_str()).filter(|_| !domain.is_empty()) else {
        return host.to_owned();
    };
    let labels = before.split('.').filter(|label| !label.is_empty() && !VIEW_LABELS.contains(label));
    let labels: Vec<&str> = labels.chain([domain.as_str()]).collect();
    let separator = if port.is_empty() { "" } else { ":" };
    format!("{}{separator}{port}", labels.join("."))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(url: &str) -> String {
        variant(&Url::parse(url).unwrap())
    }

    #[test]
    fn views_of_one_page_have_one_form() {
        let one = of("https://courier.example/fires/ropewalk");
        for url in [
            "http://www.courier.example/fires/ropewalk/",
            "http://m.courier.example/fires/ropewalk.html",
            "https://amp.courier.example/fires/ropewalk/index.html",
            "https://courier.example/amp/fires/ropewalk",
            "https://courier.example/fires/ropewalk.amp.html",
            "https://courier.example/fires/ropewalk_print.shtml",
            "https://courier.example/fires/ropewalk/print?view=print&utm_source=x",
            "https://courier.example/fires/ropewalk?amp",
            "https://courier.example/fires/ropewalk?print=1",
        ] {
            assert_eq!(of(url), one, "{url}");
        }
        assert_eq!(of("https://a.test/read?b=2&a=1"), of("https://a.test/read?a=1&b=2"));
    }

    #[test]
    fn other_pages_have_other_forms() {
        assert_ne!(of("https://courier.example/read?id=1"), of("https://courier.example/read?id=2"));
        assert_ne!(of("https://a.github.io/x"), of("https://b.github.io/x"));
        assert_ne!(of("https://news.courier.example/x"), of("https://courier.example/x"));
        assert_ne!(of("http://127.0.0.1:81/x"), of("http://127.0.0.1:82/x"));
    }

    #[test]
    fn titles_are_compared_without_case_and_punctuation() {
        assert_eq!(plain_title("The Ropewalk – burns!"), plain_title("the ropewalk burns"));
        assert_ne!(plain_title("Week 31"), plain_title("Week 32"));
    }

    #[test]
    fn home_pages_are_recognised_by_their_paths() {
        for home in ["https://example.org", "https://example.org/index.html", "https://example.org/Default.aspx?"] {
            assert!(is_home_page(&Url::parse(home).unwrap()), "{home}");
        }
        for page in ["https://example.org/?p=1", "https://example.org/index/2.html", "https://example.org/a"] {
            assert!(!is_home_page(&Url::parse(page).unwrap()), "{page}");
        }
    }

    #[test]
    fn a_front_page_may_be_in_a_language_of_its_own() {
        let is_front = |url: &str| is_front_page(&Url::parse(url).unwrap());
        for front in ["https://a.test/", "https://a.test/en/", "https://a.test/zh-CN", "https://a.test/m/index.html"] {
            assert!(is_front(front), "{front}");
        }
        for page in ["https://a.test/news/", "https://a.test/en/2024", "https://a.test/?p=1", "https://a.test/english"]
        {
            assert!(!is_front(page), "{page}");
        }
    }
}
