//! Pages that declare or show their metadata in many ways.

use super::*;
use crate::model::{Origin, RawPage};

fn read(html: &str) -> Findings {
    read_at(html, Url::parse("https://news.chenzhong.cn/wenhua/1.shtml").unwrap())
}

fn read_at(html: &str, url: Url) -> Findings {
    let page = Page::parse(&RawPage::from_bytes(html.into(), Some(url), Origin::Replay, None));
    find(&page, &Scan::of(&page))
}

#[test]
fn visible_text_replaces_missing_metadata() {
    let found = read(
        "<title>老城的装订铺_晨钟网</title><div class=top>今天是2026年1月1日</div><h1>老城的装订铺</h1>\
         <p>2024年03月18日 09:26　来源：晨钟网</p><p>【文/晨钟网 林远】三月的一个清晨，南门街的石板路还湿着，铺子已经开门。</p>",
    );
    let metadata = found.metadata;
    assert_eq!(metadata.title.unwrap().value, "老城的装订铺");
    assert_eq!(metadata.authors.unwrap().value, ["林远"]);
    assert_eq!(metadata.published.unwrap().value.to_string(), "2024-03-18T09:26:00+08:00");
    assert_eq!(found.warnings[0].kind.as_str(), "assumed-offset");
}

#[test]
fn a_word_for_today_beside_a_date_is_not_an_author() {
    for line in ["오늘은 2024년 2월 11일 일요일입니다", "今日は 2024年2月11日", "Today is 11 February 2024"]
    {
        let found = read(&format!("<h1>老城的装订铺</h1><p>{line}</p><p>三月的一个清晨，南门街的石板路还湿着。</p>"));
        assert_eq!(found.metadata.authors.map(|authors| authors.value), None, "{line}");
    }
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
fn a_time_without_a_zone_becomes_a_date_where_the_country_is_unknown() {
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
fn a_thread_has_the_date_of_its_first_post_and_a_list_has_none() {
    let post = |number: usize, day: &str| {
        format!("<div id=p{number}><h3>jo</h3><b>Joined:</b> 2019-03-0{number}<p>{day}</p><p>I bind books.</p></div>")
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
fn the_only_date_labelled_as_published_counts_anywhere_on_the_page() {
    let text = "<p>Flour and water make the paste that holds a book.</p>".repeat(40);
    let page = |end: &str| format!("<h1>The last binder</h1>{text}{end}<p>2019-03-04</p>");
    assert_eq!(day_of(&page("<div>Posted on the 15/12/2025 at 19:00 by <a href=/jo>Jo</a></div>")), "2025-12-15");
    assert_eq!(day_of(&page("<h4>发布日期</h4><time datetime=2025-12-15>上周</time>")), "2025-12-15");
    assert_eq!(day_of(&page("<p>Posted on 2025-12-15</p><p>Posted on 2025-12-18</p>")), "-");
    assert_eq!(day_of(&page("<p>A list of 14 books, created 2008-05-14 by Jo</p>")), "-");
}

#[test]
fn the_footer_of_the_only_article_has_its_date() {
    let text = "<p>Flour and water make the paste that holds a book for three hundred years.</p>".repeat(30);
    let foot = "<div class=article-footer><time datetime=2025-08-12>August 12</time></div>";
    let posting = "itemscope itemtype='http://schema.org/BlogPosting'";
    assert_eq!(day_of(&format!("<div {posting}><h1>The last binder</h1>{text}{foot}</div>")), "2025-08-12");
    let card = format!("<article><h2>Another</h2>{foot}</article>");
    assert_eq!(day_of(&format!("<article><h1>The last binder</h1>{text}</article>{card}{card}")), "-");
}

#[test]
fn a_thread_whose_posts_quote_each_other_has_its_earliest_date() {
    let post = |number: usize, day: &str, quoted: &str| {
        format!("<div id=p{number}><time datetime=2024-02-{day}>Feb {day}</time>{quoted}<p>I bind books.</p></div>")
    };
    let quote = |day: &str| format!("<blockquote>jo wrote: <p>2024-02-{day}</p>I bind.</blockquote>");
    let posts = [post(1, "24", ""), post(2, "25", &quote("24")), post(3, "26", &(quote("25") + &quote("24")))];
    let far = "<p>One of many lines above.</p>".repeat(20);
    assert_eq!(day_of(&format!("<h1>Bookbinders</h1>{far}<h2>Which glue?</h2>{}", posts.concat())), "2024-02-24");
}

#[test]
fn dates_of_events_and_of_changes_are_not_publication_dates() {
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
    let posts: String = (10..15)
        .rev()
        .map(|day| format!("<h2>News</h2><p>[Paste] Posted Mar {day}, 2026 17:33 UTC by jo</p>"))
        .collect();
    assert_eq!(page(&posts), "-");
}

#[test]
fn a_date_in_the_first_sentence_is_not_the_articles() {
    let page = "<meta property=og:type content=article><meta property=article:published_time content=2025-06-12>\
                <h1>The last binder</h1><p>On January 1, 2025, the town closed the shop, and nobody came to see it.</p>";
    assert_eq!(day_of(page), "2025-06-12");
}

#[test]
fn a_blog_keeps_its_dates_where_every_page_declares_a_business() {
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
fn the_date_at_the_headline_wins_over_a_later_declared_one() {
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
fn a_date_in_bare_numbers_is_read_in_the_order_of_the_pages_other_dates() {
    let page = |other: &str| day_of(&format!("<html lang=en><h1>Paste</h1><p class=date>3/4/2025</p><p>{other}</p>"));
    assert_eq!(page("Flour and water."), "-");
    assert_eq!(page("28/2/2025"), "2025-04-03");
    assert_eq!(page("2/28/2025"), "2025-03-04");
    assert_eq!(page("April 3, 2025"), "2025-04-03");
    assert_eq!(page("<a href=/next>Glue</a> <time datetime=2025-03-04>yesterday</time>"), "2025-03-04");
}

#[test]
fn the_footer_element_of_the_only_article_is_its_own() {
    let text = "<p>Flour and water make the paste that holds a book.</p>".repeat(9);
    let foot = "<footer><span>Paste</span> <time datetime=2025-08-12T11:15:06Z>August 12, 2025</time></footer>";
    assert_eq!(day_of(&format!("<article><h2>Paste</h2>{text}{foot}</article>")), "2025-08-12T11:15:06Z");
    assert_eq!(day_of(&format!("<article><h2>Paste</h2>{text}</article>{foot}")), "-");
}

#[test]
fn a_date_labelled_as_published_wins_over_the_declared_one_anywhere_on_the_page() {
    let text = "<p>Flour and water make the paste that holds a book.</p>".repeat(30);
    let page = |above: &str, below: &str| {
        let declared =
            "<meta property=og:type content=article><meta property=article:published_time content=2025-11-29>";
        day_of(&format!("{declared}{above}<h1>The last binder</h1>{text}{below}"))
    };
    assert_eq!(page("", "<p class=date>Published <time datetime=2025-08-13>August 13, 2025</time></p>"), "2025-08-13");
    assert_eq!(page("<time datetime=2025-08-13>August 13, 2025</time>", ""), "2025-08-13");
    assert_eq!(page("", "<p><time datetime=2025-08-13>August 13, 2025</time></p>"), "2025-11-29");
}

#[test]
fn a_reworded_title_is_the_headline_where_there_is_no_h1() {
    let page = |heading: &str| {
        let text = "<p>Flour and water make the paste that holds a book.</p>".repeat(30);
        let other = "<h2>More from the shop</h2><p>May 3, 2019</p>";
        day_of(&format!("<title>七种方法学会裁纸与装订</title><p>2022-02-01</p><h2>{heading}</h2>{text}{other}"))
    };
    assert_eq!(page("用七种方法学会裁纸与装订"), "2022-02-01");
    assert_eq!(page("关于我们的书店"), "-");
}

#[test]
fn a_date_in_the_declared_url_is_the_pages() {
    let page =
        |path: &str| day_of(&format!("<link rel=canonical href=https://example.org{path}><h1>Paste</h1><p>Flour.</p>"));
    assert_eq!(page("/blog/2023/october/03/paste"), "2023-10-03");
    assert_eq!(page("/blog/2023/10/03/paste"), "2023-10-03");
    assert_eq!(page("/blog/2023/october/paste"), "-");
}

#[test]
fn a_date_in_a_machine_readable_class_needs_the_same_date_in_structured_data() {
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
fn a_front_pages_title_keeps_the_sites_name() {
    let page = |url: &str| {
        let html = "<meta property=og:site_name content=Talbote><title>Talbote - Bound by hand, shipped by post</title><p>Hello.</p>";
        read_at(html, Url::parse(url).unwrap()).metadata.title.unwrap().value
    };
    assert_eq!(page("https://talbote.org/"), "Talbote - Bound by hand, shipped by post");
    assert_eq!(page("https://talbote.org/about"), "Bound by hand, shipped by post");
}

#[test]
fn structured_data_in_a_meta_element_is_read() {
    let data = r#"{"@type":"Article","datePublished":"2025-11-17T09:00:00-05:00"}"#;
    assert_eq!(
        day_of(&format!("<meta name='script:ld+json' content='{data}'><h1>Paste</h1>")),
        "2025-11-17T09:00:00-05:00"
    );
}

#[test]
fn the_trace_gives_the_source_and_reason_of_every_value() {
    let found = read(
        "<html lang=zh-CN><meta property=og:title content='装订铺 - 晨钟网'><meta property=og:site_name content=晨钟网>\
         <meta property=article:modified_time content=2024-05-01><h1>装订铺</h1><p>文/林远</p><p>2024-03-18</p><p>面粉和水。</p>",
    );
    let lines: Vec<String> = found
        .candidates
        .iter()
        .map(|step| format!("{} {} {} {}", if step.kept { '+' } else { '-' }, step.step, step.what, step.reason))
        .collect();
    assert_eq!(
        lines,
        [
            "- title \"装订铺 - 晨钟网\" from og:title",
            "+ title \"装订铺\" from h1: the page declares the same title",
            "+ author \"林远\" from byline: the first source that names an author",
            "+ published \"2024-03-18\" from visible: the first source with a date",
            "+ modified \"2024-05-01\" from article:modified_time: the first source that has one",
            "+ site \"晨钟网\" from og:site_name: the first source that has one",
            "+ language \"zh-CN\" from html lang: the first source that has one",
        ]
    );
}
