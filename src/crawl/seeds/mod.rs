//! Seeds: feeds, sitemaps, OPML, bookmarks, plain lists, recognised by their content.

mod bookmarks;
mod feed;
mod opml;
mod plain;
mod sitemap;
mod xml;

use std::borrow::Cow;
use std::io::Read;

use flate2::read::GzDecoder;
use url::Url;

use crate::archive::FeedClaims;
use crate::capture::{FeedText, TextSource};
use crate::html::{charset_parameter, decode};
use crate::model::{PageDate, RawPage, Timestamp};

/// The most URLs that are read from one feed, sitemap or list (the protocol allows a sitemap 50,000).
pub const MOST_ITEMS: usize = 100_000;

/// The largest decompressed sitemap, in bytes (the protocol allows 50 MB).
const UNPACKED_CAP: u64 = 64 << 20;

/// The first bytes of a gzip file.
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// What a list of URLs is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// RSS, Atom or JSON Feed.
    Feed,
    /// A sitemap, or an index of sitemaps.
    Sitemap,
    /// OPML: a list of feeds.
    Opml,
    /// Bookmarks that a browser exported.
    Bookmarks,
    /// One URL per line.
    List,
}

impl Form {
    /// Returns the word used in messages and events.
    pub fn word(self) -> &'static str {
        match self {
            Self::Feed => "feed",
            Self::Sitemap => "sitemap",
            Self::Opml => "opml",
            Self::Bookmarks => "bookmarks",
            Self::List => "list",
        }
    }
}

/// A page in a list.
#[derive(Debug, Clone, PartialEq)]
pub struct Item {
    /// Its URL.
    pub url: Url,
    /// When it was published or changed, as the list says; None when it does not say, or says a future time.
    pub dated: Option<Timestamp>,
    /// When it was last changed, exactly as a sitemap says.
    pub lastmod: Option<String>,
    /// Its text, when the list contains one.
    pub offer: Option<FeedText>,
    /// What the list claims about its identity.
    pub claims: FeedClaims,
    /// Where its text is.
    pub text_source: TextSource,
}

impl Item {
    fn page(url: Url) -> Self {
        let (claims, text_source) = (FeedClaims::default(), TextSource::default());
        Self { url, dated: None, lastmod: None, offer: None, claims, text_source }
    }
}

/// The contents of a list of URLs.
#[derive(Debug, Clone, PartialEq)]
pub struct Contents {
    /// What it is.
    pub form: Form,
    /// Pages.
    pub pages: Vec<Item>,
    /// Further lists: sitemaps of an index, feeds of an OPML file.
    pub lists: Vec<Url>,
    /// The next page of the list.
    pub next: Option<Url>,
    /// The URL at which the list says that it is to be read.
    pub moved: Option<Url>,
    /// What the user should know, on one line.
    pub warning: Option<String>,
}

/// What to do with the translations of a page that a sitemap names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Alternates {
    /// They are ignored.
    #[default]
    Ignore,
    /// They are pages of the list.
    Include,
}

impl Contents {
    /// Returns an empty list.
    pub fn new(form: Form) -> Self {
        Self { form, pages: Vec::new(), lists: Vec::new(), next: None, moved: None, warning: None }
    }

    /// Adds what the user should know.
    pub fn warn(&mut self, warning: Option<String>) {
        let Some(warning) = warning else { return };
        self.warning = Some(match self.warning.take() {
            Some(earlier) => format!("{earlier}; {warning}"),
            None => warning,
        });
    }

    /// Adds a page unless there are too many.
    fn page(&mut self, item: Item) {
        if self.pages.len() < MOST_ITEMS {
            self.pages.push(item);
        } else {
            let more = format!("it lists more than {MOST_ITEMS} pages; the others are skipped");
            if self.warning.as_ref().is_none_or(|warning| !warning.ends_with(&more)) {
                self.warn(Some(more));
            }
        }
    }
}

/// Reads a list of URLs; None for a page. `now` decides which dates lie in the future; `cap` is the number of bytes to
/// which larger lists were cut.
pub fn read(raw: &RawPage, now: Timestamp, cap: u64, alternates: Alternates) -> Option<Contents> {
    let bytes = unpacked(raw.content());
    let http = raw.headers.get("content-type").and_then(charset_parameter);
    let host = raw.url.as_ref().and_then(Url::host_str).unwrap_or_default();
    let decoded = decode(&bytes, http, host.rsplit('.').next().filter(|label| !label.is_empty()));
    let text = decoded.text.trim_start_matches('\u{feff}').trim_start();
    let skipped = xml::before(text);
    let text = &text[skipped..];
    let form = form_of(text, raw)?;
    let base = raw.url.as_ref();
    let mut contents = match form {
        Form::Feed => feed::read(text, &urls_of(raw), now),
        Form::Sitemap => sitemap::read(text, base, now, alternates),
        Form::Opml => opml::read(text, base),
        Form::Bookmarks => bookmarks::read(text),
        Form::List => plain::read(text),
    };
    if raw.content().len() as u64 >= cap {
        contents.warning = Some(format!("it is larger than {cap} bytes; only its start was read"));
    }
    if skipped > 0 {
        contents.warn(Some("the text before the XML was skipped".to_owned()));
    }
    Some(contents)
}

/// Returns the URLs of a list, the one that answered first.
fn urls_of(raw: &RawPage) -> Vec<Url> {
    let mut urls: Vec<Url> = Vec::new();
    let earlier = raw.redirects.iter().rev().map(|hop| &hop.url).chain(&raw.requested);
    for url in raw.url.iter().chain(earlier) {
        if !urls.contains(url) {
            urls.push(url.clone());
        }
    }
    urls
}

/// Decompresses a gzip file that is served as such, without a content coding.
fn unpacked(bytes: &[u8]) -> Cow<'_, [u8]> {
    if !bytes.starts_with(&GZIP) {
        return Cow::Borrowed(bytes);
    }
    let mut out = Vec::new();
    // What comes before an error is worth reading.
    let _ = GzDecoder::new(bytes).take(UNPACKED_CAP).read_to_end(&mut out);
    Cow::Owned(out)
}

fn form_of(text: &str, raw: &RawPage) -> Option<Form> {
    let start: String = text.chars().take(4096).collect();
    let lower = start.to_ascii_lowercase();
    if lower.contains("<!doctype netscape-bookmark-file") {
        return Some(Form::Bookmarks);
    }
    if start.starts_with('{') && lower.contains("jsonfeed.org/version") {
        return Some(Form::Feed);
    }
    if let Some(root) = xml::root_name(text) {
        return match root.to_ascii_lowercase().as_str() {
            "rss" | "feed" | "rdf" | "channel" => Some(Form::Feed),
            "urlset" | "sitemapindex" => Some(Form::Sitemap),
            "opml" => Some(Form::Opml),
            _ => None,
        };
    }
    let media = raw.headers.get("content-type").unwrap_or("text/plain");
    let is_packed = raw.content().starts_with(&GZIP);
    let may_be_list = (media.starts_with("text/plain") || is_packed) && !start.starts_with('<');
    (may_be_list && plain::is_list(&start)).then_some(Form::List)
}

/// Parses a URL of a list; None when it cannot be visited.
fn url(written: &str, base: Option<&Url>) -> Option<Url> {
    let mut url = url_with_fragment(written, base)?;
    url.set_fragment(None);
    Some(url)
}

fn url_with_fragment(written: &str, base: Option<&Url>) -> Option<Url> {
    let url = crate::html::resolve_link(written, base).filter(|url| matches!(url.scheme(), "http" | "https"))?;
    url.host_str().is_some_and(|host| !host.is_empty()).then_some(url)
}

/// Returns the instant of a date; for a day without a zone, its start in UTC.
fn instant(date: PageDate) -> Option<Timestamp> {
    match date {
        PageDate::Day(day) => format!("{day}T00:00:00Z").parse().ok(),
        date => date.instant(),
    }
}

/// Returns a time of a list, unless it lies more than a day in the future: zones and clocks differ by less.
fn sensible(dated: Option<Timestamp>, now: Timestamp) -> Option<Timestamp> {
    dated.filter(|dated| dated.as_second() <= now.as_second() + 24 * 3600)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Headers, Origin};

    const NOW: &str = "2026-11-24T00:00:00Z";

    pub fn read_bytes(bytes: &[u8], content_type: &str) -> Option<Contents> {
        let url = Url::parse("https://news.test/a/list").unwrap();
        let mut raw = RawPage::from_bytes(bytes.to_vec(), Some(url), Origin::Network, None);
        raw.headers = Headers(vec![("content-type".to_owned(), content_type.as_bytes().to_vec())]);
        read(&raw, NOW.parse().unwrap(), 1 << 30, Alternates::Ignore)
    }

    fn urls(contents: &Contents) -> Vec<&str> {
        contents.pages.iter().map(|item| item.url.as_str()).collect()
    }

    #[test]
    fn a_page_is_not_a_list() {
        for page in
            ["<!doctype html><title>x</title>", "<html xmlns='http://www.w3.org/1999/xhtml'>", "一段文字。", "{}"]
        {
            assert_eq!(read_bytes(page.as_bytes(), "text/html"), None, "{page}");
        }
        assert_eq!(read_bytes("一段文字。\nhttp://a.test/".as_bytes(), "text/plain"), None);
    }

    #[test]
    fn a_feed_in_gbk_is_read_as_its_prolog_says() {
        let text = "<?xml version=\"1.0\" encoding=\"GBK\"?><rss version=\"2.0\"><channel><title>观察</title>\
            <item><title>装订铺</title><link>http://news.test/1</link></item></channel></rss>";
        let (bytes, ..) = encoding_rs::GBK.encode(text);
        let contents = read_bytes(&bytes, "text/xml").unwrap();
        assert_eq!(urls(&contents), ["http://news.test/1"]);
        assert_eq!(contents.warning, None);
    }

    #[test]
    fn of_a_feed_that_was_too_large_the_start_is_read_item_by_item() {
        let item = |n: usize| format!("<item><title>第{n}条</title><link>/{n}</link></item>");
        let text: String = (0..50).map(item).collect();
        let text = format!("<rss version='2.0'><channel><title>长</title>{text}<item><title>断");
        let url = Url::parse("https://news.test/rss").unwrap();
        let raw = RawPage::from_bytes(text.clone().into_bytes(), Some(url), Origin::Network, None);
        let contents = read(&raw, NOW.parse().unwrap(), text.len() as u64, Alternates::Ignore).unwrap();
        assert_eq!(contents.pages.len(), 50);
        assert!(contents.warning.unwrap().contains("only its start was read"));
    }

    #[test]
    fn feeds_in_all_their_forms_name_pages() {
        let rdf = "<rdf:RDF xmlns:rdf='r' xmlns:dc='d'><channel><title>一</title></channel>\
            <item rdf:about='x'><title>甲</title><link>/1</link><dc:date>2026-11-01T08:00:00+08:00</dc:date></item></rdf:RDF>";
        let atom = "<a:feed xmlns:a='http://www.w3.org/2005/Atom' xml:base='/b/'><a:title>二</a:title><a:entry>\
            <a:link rel='self' href='/self'/><a:link href='2'/><a:updated>2026-11-02T00:00:00Z</a:updated>\
            <a:content type='xhtml'><div>文</div></a:content></a:entry></a:feed>";
        let json = r#"{"version":"https://jsonfeed.org/version/1.1","title":"三","items":
            [{"id":"x","url":"https://news.test/3","content_text":"文","date_published":"2026-11-03T00:00:00Z"}]}"#;
        let feeds = [(rdf, "/1", 1, "一"), (atom, "/b/2", 2, "二"), (json, "/3", 3, "三")];
        for (text, path, day, site) in feeds {
            let contents = read_bytes(text.as_bytes(), "text/xml").unwrap();
            assert_eq!((contents.form, contents.warning), (Form::Feed, None), "{text}");
            let item = &contents.pages[0];
            assert_eq!(item.url.as_str(), format!("https://news.test{path}"));
            assert_eq!(item.dated, Some(format!("2026-11-0{day}T00:00:00Z").parse().unwrap()));
            assert!(item.offer.as_ref().is_none_or(|offer| offer.site.as_deref() == Some(site)), "{site}");
        }
    }

    #[test]
    fn links_of_a_feed_on_disk_begin_where_it_says_or_nowhere() {
        let feed = |channel: &str| {
            let text = format!(
                "<rss><channel>{channel}<item><link>/1</link></item><item><guid>x</guid></item></channel></rss>"
            );
            let raw = RawPage::from_bytes(text.into_bytes(), None, Origin::File("feed.xml".into()), None);
            read(&raw, NOW.parse().unwrap(), 1 << 30, Alternates::Ignore).unwrap()
        };
        let based = feed("<link>https://news.test/</link>");
        assert_eq!(urls(&based), ["https://news.test/1"]);
        assert_eq!(based.warning.as_deref(), Some("1 item of the feed has no web URL and was skipped"));
        let without = feed("");
        assert!(without.pages.is_empty());
        assert_eq!(without.warning.as_deref(), Some("2 items of the feed have no web URL and were skipped"));
    }

    #[test]
    fn a_sitemap_in_gzip_names_pages_with_their_change() {
        let text = "<?xml version='1.0'?><urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'>\
            <url><loc> https://news.test/1?a=1&amp;b=2 </loc><lastmod>2026-11-01</lastmod></url>\
            <url><loc>/2</loc><lastmod>2099-01-01T00:00:00+08:00</lastmod></url>\
            <url><loc>ftp://news.test/3</loc></url></urlset>";
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        std::io::Write::write_all(&mut packed, text.as_bytes()).unwrap();
        let contents = read_bytes(&packed.finish().unwrap(), "application/gzip").unwrap();
        assert_eq!(urls(&contents), ["https://news.test/1?a=1&b=2", "https://news.test/2"]);
        assert_eq!(contents.pages[0].dated, Some("2026-11-01T00:00:00Z".parse().unwrap()));
        assert_eq!(contents.pages[1].dated, None, "a change still to come is none");
    }

    #[test]
    fn a_sitemap_index_names_sitemaps() {
        let text = "<sitemapindex><sitemap><loc>https://news.test/a.xml.gz</loc></sitemap></sitemapindex>";
        let contents = read_bytes(text.as_bytes(), "text/xml").unwrap();
        assert_eq!(contents.lists.iter().map(Url::as_str).collect::<Vec<_>>(), ["https://news.test/a.xml.gz"]);
        assert!(contents.pages.is_empty());
    }

    #[test]
    fn opml_names_feeds_and_a_cut_one_those_before_the_cut() {
        let text = "<?xml version='1.0'?><opml version='2.0'><body><outline text='新闻'>\
            <outline type='rss' xmlUrl='https://a.test/rss?x=1&amp;y=2'/><outline type='rss' xmlurl='https://b.test/'/>";
        let contents = read_bytes(text.as_bytes(), "text/x-opml").unwrap();
        assert_eq!(contents.form, Form::Opml);
        let lists: Vec<&str> = contents.lists.iter().map(Url::as_str).collect();
        assert_eq!(lists, ["https://a.test/rss?x=1&y=2", "https://b.test/"]);
    }

    #[test]
    fn bookmarks_and_plain_lists_name_pages() {
        let text = "<!DOCTYPE NETSCAPE-Bookmark-file-1><DL><DT><A HREF=\"https://a.test/1\">一</A>\
            <DT><A HREF=\"javascript:x()\">x</A><DT><A HREF=\"place:folder\">x</A></DL>";
        let contents = read_bytes(text.as_bytes(), "text/html").unwrap();
        assert_eq!((contents.form, urls(&contents)), (Form::Bookmarks, vec!["https://a.test/1"]));
        let list =
            read_bytes(b"# mine\nhttps://a.test/1\n\nhttps://a.test/2  \n", "text/plain; charset=utf-8").unwrap();
        assert_eq!((list.form, urls(&list)), (Form::List, vec!["https://a.test/1", "https://a.test/2"]));
    }
}
