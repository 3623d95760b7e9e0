//! What a page says about itself: from JSON-LD, OpenGraph, Dublin Core, microdata, `<meta>`, `<time>` and what a reader
//! sees at the headline.

mod author_words;
mod authors;
mod byline;
mod collect;
mod dates;
mod jsonld;
mod language;
mod months;
mod order;
mod published;
mod series;
mod title;
mod zone;

use url::Url;

use crate::html::{Page, resolve_link, text};
use crate::model::{Doubt, Metadata, Sourced, Step};

use super::scan::Scan;
use collect::Clues;

/// The bits of [`Found::kinds`] that say that a page is an article.
const ARTICLE: u16 = 64 | 128;

/// The bits that say that it is about a product, a list of things, or a service.
const THING: u16 = 1 | 2 | 32 | 256;

/// The bit that says so in structured data: many sites call every page an article for social networks.
const WRITTEN: u16 = 64;

/// The bit that says that it is about a business, a service, a program.
const SERVICE: u16 = 32;

/// The bits that say that it is about a product.
const PRODUCT: u16 = 1 | 256;

/// The bits that say that it is about a product or a list of things.
const LIST: u16 = 1 | 2 | 256;

/// The bit that says that it is a forum's thread.
pub const THREAD: u16 = 4;

/// A page on which so many names are called authors is a list of articles.
const MANY_AUTHORS: usize = 10;

/// More tags than this are a cloud, not a choice.
const MOST_TAGS: usize = 50;

/// What was found.
pub struct Found {
    /// The page's metadata.
    pub metadata: Metadata,
    /// What was assumed on the way.
    pub doubts: Vec<Doubt>,
    /// Every candidate, for the trace.
    pub candidates: Vec<Step>,
    /// The article's text as structured data has it; None where it has none.
    pub body: Option<String>,
    /// The host that the page is from, or says it is from; empty where neither is known.
    pub host: String,
    /// What sort of page it says it is: kinds of JSON-LD objects, then `og:type` article and product, a bit each.
    pub kinds: u16,
}

/// Reads a page's metadata. It looks at each part of the page once.
pub fn find(page: &Page, scan: &Scan<'_>) -> Found {
    let clues = Clues::of(page, scan);
    let mut steps = Vec::new();
    let site = site(&clues);
    let named = site_names(page, &clues, site.as_ref());
    let mut sites = named.clone();
    sites.extend(clues.title.as_deref().map(|title| title::site_parts(title, &sites)).unwrap_or_default());
    let kinds = clues.ld.kinds
        | match clues.meta(&["og:type"]) {
            Some(kind) if kind.contains("article") => 128,
            Some(kind) if kind.contains("product") => 256,
            _ => 0,
        };
    let is_article = kinds & ARTICLE != 0;
    let is_front = is_front(page, &clues);
    let title = title::find(&clues, &title::About { named: &named, sites: &sites, kinds, is_front }, &mut steps);
    let headline = title.as_ref().and_then(|title| place(&clues, &title.value));
    // Where the title is told to search engines in other words, the page's own heading stands at its head.
    let own = clues.headings.iter().filter(|(at, text)| !clues.is_beside(*at) && !title::is_site(text, &named));
    let mut headings = own.map(|(at, _)| *at);
    let first_heading = headings.next();
    let only_heading = first_heading.filter(|_| headings.next().is_none());
    let head = only_heading.or(headline).or(first_heading);
    // A shop that calls every page an article gives none of them a day; a front page is of every day.
    let is_dated = is_article && kinds & PRODUCT == 0 && clues.meta(&["article:published_time"]).is_some();
    // What an office says of itself on all its pages does not make those of its blog pages about the office.
    let own_kinds = if is_blog(page, &clues) { kinds & !SERVICE } else { kinds };
    let is_thing = !is_dated && (is_front || own_kinds & (WRITTEN | THREAD) == 0 && own_kinds & THING != 0);
    let near = near(&clues, head);
    let about = authors::About {
        headline,
        kinds,
        is_list: is_thing || !is_article && kinds & THREAD == 0 && clues.signed() >= MANY_AUTHORS,
        signature: if is_thing { None } else { byline::beside_date(&near, &sites) },
        near: &near,
    };
    let authors = authors::find(&clues, &sites, &about, &mut steps);
    let language = language::find(page, &clues);
    let tag = language.as_ref().map(|language| language.value.as_str());
    let told = published::About { headline: head, is_thing, is_article, is_thread: kinds & THREAD != 0 && !is_article };
    let dates = published::find(page, &clues, tag, &told, &mut steps);
    let said = title.as_ref().map_or("", |title| title.value.as_str());
    let metadata = Metadata {
        description: description(&clues, said),
        tags: tags(&clues, said),
        lead_image: lead_image(page, &clues),
        canonical: canonical(page, &clues),
        licence: licence(page, &clues),
        title,
        authors,
        published: dates.published,
        modified: dates.modified,
        site,
        language,
    };
    let host = page.url.as_ref().and_then(Url::host_str).map(str::to_owned).or_else(|| claimed_host(&clues));
    let host = host.unwrap_or_default();
    Found { metadata, doubts: dates.doubts, candidates: steps, body: clues.ld.body, host, kinds }
}

/// Every address that the page has or says it has is that of a site's front page: scripts that fill a page in leave one
/// such claim on all of them.
fn is_front(page: &Page, clues: &Clues<'_>) -> bool {
    let claimed = [clues.canonical, clues.meta(&["og:url"])].into_iter().flatten();
    let claimed: Vec<Url> = claimed.filter_map(|url| Url::parse(url).ok()).collect();
    let mut all = claimed.iter().chain(&page.url).peekable();
    all.peek().is_some() && all.all(|url| url.path() == "/" && url.query().is_none())
}

/// An address of a blog or of news, by the name of a folder in it.
fn is_blog(page: &Page, clues: &Clues<'_>) -> bool {
    let claimed = clues.claimed_address();
    let mut all = page.url.iter().chain(&claimed).flat_map(|url| url.path().split('/').rev().skip(1));
    all.any(|folder| matches!(folder, "blog" | "blogs" | "news" | "articles" | "posts" | "stories" | "press"))
}

/// The text right after the headline; without one, what begins like a byline anywhere.
fn near<'a>(clues: &Clues<'a>, head: Option<usize>) -> Vec<&'a str> {
    match head {
        Some(head) => clues.pieces.iter().filter(|(at, _)| *at > head).take(60).map(|(_, piece)| *piece).collect(),
        None => clues
            .pieces
            .iter()
            .map(|(_, piece)| *piece)
            .filter(|piece| piece.trim_start().starts_with("【文"))
            .take(1)
            .collect(),
    }
}

fn step(name: &'static str, kept: bool, source: &str, text: &str) -> Step {
    let shown: String = text.chars().take(120).collect();
    Step {
        step: name,
        kept,
        what: format!("\"{}\"", text::collapse(&shown)),
        reason: format!("from {source}"),
        score: None,
    }
}

/// Where the headline stands: the heading with its text, else the first piece of text that is it.
fn place(clues: &Clues<'_>, title: &str) -> Option<usize> {
    let heading = clues.headings.iter().find(|(_, text)| text == title).map(|(at, _)| *at);
    heading.or_else(|| clues.pieces.iter().find(|(_, piece)| text::collapse(piece) == title).map(|(at, _)| *at))
}

fn site(clues: &Clues<'_>) -> Option<Sourced<String>> {
    let named = [
        ("og:site_name", clues.meta(&["og:site_name"])),
        ("json-ld", clues.ld.publisher.as_deref()),
        (
            "application-name",
            clues.meta(&["application-name", "apple-mobile-web-app-title", "dc.publisher", "citation_journal_title"]),
        ),
    ];
    named.into_iter().find_map(|(source, name)| {
        let name = text::collapse(name?);
        (!name.is_empty() && name.chars().count() <= 100 && !name.contains("://")).then(|| Sourced::new(name, source))
    })
}

/// Every name the site goes by: its own, its publisher's, and its host's.
fn site_names(page: &Page, clues: &Clues<'_>, site: Option<&Sourced<String>>) -> Vec<String> {
    let mut names: Vec<String> = site.iter().map(|site| site.value.clone()).collect();
    names.extend(clues.ld.publisher.clone());
    names.extend(clues.meta(&["application-name"]).map(str::to_owned));
    names.extend(clues.home_names.iter().cloned());
    let host = page.url.as_ref().and_then(Url::host_str).map(|host| host.trim_start_matches("www.").to_owned());
    if let Some(host) = host.or_else(|| claimed_host(clues)) {
        names.extend(host.split('.').rev().nth(1).map(str::to_owned));
        names.push(host);
    }
    names
}

fn claimed_host(clues: &Clues<'_>) -> Option<String> {
    clues.claimed_address()?.host_str().map(|host| host.trim_start_matches("www.").to_owned())
}

fn description(clues: &Clues<'_>, title: &str) -> Option<Sourced<String>> {
    let said = [
        ("description", clues.meta(&["description"])),
        ("og:description", clues.meta(&["og:description"])),
        ("json-ld", clues.ld.description.as_deref()),
        ("dc.description", clues.meta(&["dc.description", "twitter:description"])),
    ];
    said.into_iter().find_map(|(source, text)| {
        let text: String = text::collapse(text?).chars().take(2000).collect();
        (!text.is_empty() && text != title).then(|| Sourced::new(text, source))
    })
}

fn tags(clues: &Clues<'_>, title: &str) -> Option<Sourced<Vec<String>>> {
    let split = |text: &str| text.split([',', '，', ';', '；', '、', '|']).map(text::collapse).collect::<Vec<_>>();
    let listed: Vec<String> = clues.metas("article:tag").iter().flat_map(|text| split(text)).collect();
    let keywords: Vec<String> = clues.metas("keywords").iter().flat_map(|text| split(text)).collect();
    let ld: Vec<String> = clues.ld.keywords.iter().flat_map(|text| split(text)).collect();
    [("article:tag", listed), ("keywords", keywords), ("json-ld", ld)].into_iter().find_map(|(source, found)| {
        let mut tags: Vec<String> = Vec::new();
        for tag in found {
            if !tag.is_empty()
                && tag.chars().count() <= 60
                && tag != title
                && !tags.contains(&tag)
                && tags.len() < MOST_TAGS
            {
                tags.push(tag);
            }
        }
        (!tags.is_empty()).then(|| Sourced::new(tags, source))
    })
}

fn lead_image(page: &Page, clues: &Clues<'_>) -> Option<Sourced<String>> {
    let said = [
        ("og:image", clues.meta(&["og:image", "og:image:url", "og:image:secure_url"])),
        ("twitter:image", clues.meta(&["twitter:image", "twitter:image:src"])),
        ("json-ld", clues.ld.image.as_deref()),
    ];
    said.into_iter().find_map(|(source, written)| Some(Sourced::new(web(written?, page)?.to_string(), source)))
}

fn canonical(page: &Page, clues: &Clues<'_>) -> Option<Sourced<Url>> {
    let said =
        [("canonical", clues.canonical), ("og:url", clues.meta(&["og:url"])), ("json-ld", clues.ld.url.as_deref())];
    said.into_iter().find_map(|(source, written)| Some(Sourced::new(web(written?, page)?, source)))
}

/// What the page says of its own use; a link in the text to some licence is one only where it is Creative Commons' own.
fn licence(page: &Page, clues: &Clues<'_>) -> Option<Sourced<String>> {
    let linked = |wanted: &str| clues.licences.iter().find(|(source, _)| *source == wanted).map(|(_, href)| *href);
    let said = [
        ("rel=license", linked("rel=license")),
        ("json-ld", clues.ld.licence.as_deref()),
        (
            "meta",
            clues.meta(&["license", "licence", "dcterms.license", "dc.rights.license", "og:license", "cc:license"]),
        ),
        ("dc.rights", clues.meta(&["dc.rights", "dcterms.rights"]).filter(|text| text.contains("://"))),
        ("link", linked("link")),
    ];
    said.into_iter().find_map(|(source, written)| {
        let written = text::collapse(written?);
        // A name of a licence has spaces in it, or no dot or slash; an address is made absolute.
        let is_name = written.contains(' ') || !written.contains(['/', '.']);
        let value = if is_name { written } else { web(&written, page)?.to_string() };
        (!value.is_empty() && value.chars().count() <= 300).then(|| Sourced::new(value, source))
    })
}

fn web(written: &str, page: &Page) -> Option<Url> {
    resolve_link(written, page.base.as_ref()).filter(|url| matches!(url.scheme(), "http" | "https"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Origin, RawPage};

    fn read(html: &str) -> Found {
        read_at(html, Url::parse("https://news.chenzhong.cn/wenhua/1.shtml").unwrap())
    }

    fn read_at(html: &str, url: Url) -> Found {
        let page = Page::parse(&RawPage::from_bytes(html.into(), Some(url), Origin::Replay, None));
        find(&page, &Scan::of(&page))
    }

    #[test]
    fn a_page_without_any_metadata_is_read_as_a_reader_reads_it() {
        let found = read(
            "<title>老城的装订铺_晨钟网</title><div class=top>今天是2026年1月1日</div><h1>老城的装订铺</h1>\
             <p>2024年03月18日 09:26　来源：晨钟网</p><p>【文/晨钟网 林远】三月的一个清晨，南门街的石板路还湿着，铺子已经开门。</p>",
        );
        let metadata = found.metadata;
        assert_eq!(metadata.title.unwrap().value, "老城的装订铺");
        assert_eq!(metadata.authors.unwrap().value, ["林远"]);
        assert_eq!(metadata.published.unwrap().value.to_string(), "2024-03-18T09:26:00+08:00");
        assert_eq!(found.doubts[0].kind, "assumed-offset");
    }

    #[test]
    fn what_a_page_declares_beats_what_it_shows() {
        let found = read(
            "<html lang=en-US><meta property=og:site_name content='Example Times'><meta property=og:title content='The last binder'>\
             <meta property=article:published_time content='2021-06-17T18:44:26-04:00'><meta name=author content='Jane Doe'>\
             <meta name=keywords content='books, binding,books'><link rel=canonical href=/a>\
             <h1>The last binder</h1><span class=date>June 18, 2021</span><span class=byline>By Someone Else</span>",
        );
        let metadata = found.metadata;
        assert_eq!(metadata.published.unwrap().value.to_string(), "2021-06-17T18:44:26-04:00");
        assert_eq!(metadata.authors.unwrap().value, ["Jane Doe"]);
        assert_eq!(metadata.tags.unwrap().value, ["books", "binding"]);
        assert_eq!(metadata.canonical.unwrap().value.as_str(), "https://news.chenzhong.cn/a");
        assert!(found.candidates.iter().any(|step| step.kept && step.what.contains("2021-06-17")));
    }

    #[test]
    fn a_time_without_a_zone_is_a_day_where_no_country_is_known() {
        let page = |url: &str| {
            let html = "<html lang=en><h1>The last binder</h1><time datetime='2021-06-17 18:44'>";
            let url = Url::parse(url).unwrap();
            read_at(html, url).metadata.published.unwrap().value
        };
        assert_eq!(page("https://example.org/a").to_string(), "2021-06-17");
        assert_eq!(page("https://example.jp/a").to_string(), "2021-06-17T18:44:00+09:00");
        let undated = "<h1>The last binder</h1>";
        let url = Url::parse("https://example.org/2021/06/17/binder").unwrap();
        let found = read_at(undated, url);
        assert_eq!(found.metadata.published.unwrap().value.to_string(), "2021-06-17");
    }

    fn day_of(html: &str) -> String {
        let url = Url::parse("https://example.org/a").unwrap();
        read_at(html, url).metadata.published.map_or("-".to_owned(), |date| date.value.to_string())
    }

    #[test]
    fn a_thread_is_of_the_day_of_its_first_post_and_a_list_of_none() {
        let post = |number: usize, day: &str| {
            format!(
                "<div id=p{number}><h3>jo</h3><b>Joined:</b> 2019-03-0{number}<p>{day}</p><p>I bind books.</p></div>"
            )
        };
        let posts = [post(1, "2024-02-03"), post(2, "2024-02-03"), post(3, "2024-02-07")].concat();
        let far = "<p>One of many lines above.</p>".repeat(20);
        assert_eq!(day_of(&format!("<h1>Which glue?</h1>{far}{posts}")), "2024-02-03");
        let card = |day: usize| format!("<div><h2><a href=/{day}>A day at the shop</a></h2><p>2024-02-{day}</p></div>");
        let cards: String = [29, 27, 24, 20, 11].map(card).concat();
        assert_eq!(day_of(&format!("<h1>All the news</h1>{cards}")), "-");
        let text = "<p>Flour and water make the paste that holds a book for three hundred years.</p>".repeat(30);
        let article = format!("<div>2023-05-06</div><h1>The last binder</h1>{text}{cards}");
        assert_eq!(day_of(&article), "2023-05-06");
    }

    #[test]
    fn the_only_day_called_that_of_publication_counts_wherever_it_stands() {
        let text = "<p>Flour and water make the paste that holds a book.</p>".repeat(40);
        let page = |end: &str| format!("<h1>The last binder</h1>{text}{end}<p>2019-03-04</p>");
        assert_eq!(day_of(&page("<div>Posted on the 15/12/2025 at 19:00 by <a href=/jo>Jo</a></div>")), "2025-12-15");
        assert_eq!(day_of(&page("<h4>发布日期</h4><time datetime=2025-12-15>上周</time>")), "2025-12-15");
        assert_eq!(day_of(&page("<p>Posted on 2025-12-15</p><p>Posted on 2025-12-18</p>")), "-");
        assert_eq!(day_of(&page("<p>A list of 14 books, created 2008-05-14 by Jo</p>")), "-");
    }

    #[test]
    fn the_foot_of_the_only_article_has_its_day() {
        let text = "<p>Flour and water make the paste that holds a book for three hundred years.</p>".repeat(30);
        let foot = "<div class=article-footer><time datetime=2025-08-12>August 12</time></div>";
        let posting = "itemscope itemtype='http://schema.org/BlogPosting'";
        assert_eq!(day_of(&format!("<div {posting}><h1>The last binder</h1>{text}{foot}</div>")), "2025-08-12");
        let card = format!("<article><h2>Another</h2>{foot}</article>");
        assert_eq!(day_of(&format!("<article><h1>The last binder</h1>{text}</article>{card}{card}")), "-");
    }

    #[test]
    fn a_thread_whose_posts_quote_each_other_is_of_its_first_day() {
        let post = |number: usize, day: &str, quoted: &str| {
            format!("<div id=p{number}><time datetime=2024-02-{day}>Feb {day}</time>{quoted}<p>I bind books.</p></div>")
        };
        let quote = |day: &str| format!("<blockquote>jo wrote: <p>2024-02-{day}</p>I bind.</blockquote>");
        let posts = [post(1, "24", ""), post(2, "25", &quote("24")), post(3, "26", &(quote("25") + &quote("24")))];
        let far = "<p>One of many lines above.</p>".repeat(20);
        assert_eq!(day_of(&format!("<h1>Bookbinders</h1>{far}<h2>Which glue?</h2>{}", posts.concat())), "2024-02-24");
    }

    #[test]
    fn days_of_events_and_of_changes_are_none_of_publication() {
        let text = "<p>Flour and water make the paste that holds a book.</p>".repeat(9);
        let page = |line: &str| day_of(&format!("<h1>Bookbinders</h1>{line}{text}"));
        assert_eq!(page("<p>The book is launched online on 19th June 2022</p>"), "-");
        assert_eq!(page("<p>Posted in Paste on 19th June 2022</p>"), "2022-06-19");
        assert_eq!(page("<p>March 14, 2026 Members only: 8 a.m. – 10 a.m. Public: 10am – 6pm</p>"), "-");
        assert_eq!(page("<span class=updated style='display:none'>2025-12-08T13:42:59-08:00</span>"), "-");
        assert_eq!(page("<time class='entry-date published updated' datetime=2025-12-08>8 Dec</time>"), "2025-12-08");
        let days: String =
            (10..22).map(|day| format!("<div><a href=/{day}>A fair</a><p>2026-03-{day}</p></div>")).collect();
        assert_eq!(page(&days), "-");
        let told: String = (10..15)
            .rev()
            .map(|day| format!("<h2>News</h2><p>[Paste] Posted Mar {day}, 2026 17:33 UTC by jo</p>"))
            .collect();
        assert_eq!(page(&told), "-");
    }

    #[test]
    fn a_day_in_the_first_sentence_is_no_day_of_the_article() {
        let page = "<meta property=og:type content=article><meta property=article:published_time content=2025-06-12>\
                    <h1>The last binder</h1><p>On January 1, 2025, the town closed the shop, and nobody came to see it.</p>";
        assert_eq!(day_of(page), "2025-06-12");
    }

    #[test]
    fn what_an_office_says_of_itself_does_not_undate_its_blog() {
        let office = r#"<script type="application/ld+json">{"@type":"LocalBusiness","name":"Talbote"}</script>"#;
        let page = |path: &str| {
            let html = format!("{office}<h1>How to bind a book</h1><p>March 17, 2025</p>");
            let url = Url::parse("https://talbote.org").unwrap().join(path).unwrap();
            read_at(&html, url).metadata.published.map(|date| date.value.to_string())
        };
        assert_eq!(page("/blog/how-to-bind").as_deref(), Some("2025-03-17"));
        assert_eq!(page("/repairs/how-to-bind"), None);
    }

    #[test]
    fn the_day_at_the_headline_is_the_articles_where_machines_are_told_a_later_one() {
        let page = |shown: &str| {
            format!(
                "<meta property=og:type content=article><meta property=article:published_time content=2025-06-12>\
                 <h1>The last binder</h1><p>{shown}</p><p>Flour and water make the paste.</p>"
            )
        };
        assert_eq!(day_of(&page("November 2, 2022")), "2022-11-02");
        assert_eq!(day_of(&page("Updated November 2, 2025")), "2025-06-12");
        assert_eq!(day_of(&page("1/27/2022 - 3/24/2022")), "2025-06-12");
    }

    #[test]
    fn a_day_of_bare_numbers_is_read_as_the_pages_other_days_are() {
        let page =
            |other: &str| day_of(&format!("<html lang=en><h1>Paste</h1><p class=date>3/4/2025</p><p>{other}</p>"));
        assert_eq!(page("Flour and water."), "-");
        assert_eq!(page("28/2/2025"), "2025-04-03");
        assert_eq!(page("2/28/2025"), "2025-03-04");
    }

    #[test]
    fn a_day_in_the_address_that_a_page_claims_is_its_own() {
        let page = |path: &str| {
            day_of(&format!("<link rel=canonical href=https://example.org{path}><h1>Paste</h1><p>Flour.</p>"))
        };
        assert_eq!(page("/blog/2023/october/03/paste"), "2023-10-03");
        assert_eq!(page("/blog/2023/10/03/paste"), "2023-10-03");
        assert_eq!(page("/blog/2023/october/paste"), "-");
    }

    #[test]
    fn a_day_for_machines_is_the_one_that_structured_data_declares() {
        let page = |declared: &str| {
            let data =
                format!("{{\"@type\":\"WebPage\",\"datePublished\":\"{declared}\",\"dateModified\":\"2023-09-21\"}}");
            day_of(&format!(
                "<script type=application/ld+json>{data}</script><h1>Paste</h1><time class=updated datetime=2021-09-09>Sep 9</time>"
            ))
        };
        assert_eq!(page("2021-09-09T07:00:15+00:00"), "2021-09-09");
        assert_eq!(page("2019-01-01"), "-");
    }

    #[test]
    fn a_front_page_is_called_by_its_sites_name() {
        let page = |url: &str| {
            let html = "<meta property=og:site_name content=Talbote><title>Talbote - Bound by hand, shipped by post</title><p>Hello.</p>";
            read_at(html, Url::parse(url).unwrap()).metadata.title.unwrap().value
        };
        assert_eq!(page("https://talbote.org/"), "Talbote - Bound by hand, shipped by post");
        assert_eq!(page("https://talbote.org/about"), "Bound by hand, shipped by post");
    }
}
