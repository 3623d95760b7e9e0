//! Items of feeds: distinguished by their identifiers, followed when their links change.
#![cfg(all(feature = "cli", feature = "net", feature = "store"))]

use std::sync::{Arc, Mutex};

use serde_json::Value;

use crate::support::program::{Program, Ran};
use crate::support::server::{Answer, Asked, Server};

const SENTENCES: [&str; 4] = [
    "渡船每天早上六点离开码头，先到对岸的石桥，再绕过沙洲回来，一趟要走四十分钟。",
    "船工说，水闸修好以后，上游的泥沙少了许多，航道却比从前更窄，只好换一条小船。",
    "码头边的账房里还留着三十年前的登记簿，每一页都写着当天的天气和乘客的人数。",
    "镇上打算把旧船坞改成一间小小的博物馆，钱已经凑了一半，木匠正在修补屋顶的梁。",
];

/// A text of its own for each number: the sentences in another order, each with the number in it.
fn text(number: usize) -> String {
    let sentence = |at: usize| {
        let words = SENTENCES[(at * 3 + number) % 4];
        format!("<p>{words}这是第{number}号记录的第{at}段，编号{}。</p>", number * 7919 + at)
    };
    (0..4).map(sentence).collect()
}

fn page(title: &str, text: &str) -> Answer {
    Answer::html(format!(
        "<html lang=zh-CN><title>{title}</title><body><article><h1>{title}</h1>{text}</article></body>"
    ))
}

fn rss(items: &str) -> Answer {
    Answer::bytes("application/rss+xml", feed(items))
}

fn feed(items: &str) -> String {
    format!(
        "<?xml version='1.0' encoding='utf-8'?><rss version='2.0' xmlns:atom='http://www.w3.org/2005/Atom' \
         xmlns:feedburner='http://rssnamespace.org/feedburner/ext/1.0'><channel><title>渡口</title>{items}</channel></rss>"
    )
}

fn item(title: &str, link: &str, guid: &str, text: &str) -> String {
    format!(
        "<item><title>{title}</title>{link}<guid isPermaLink='false'>{guid}</guid>\
         <description><![CDATA[{text}]]></description></item>"
    )
}

fn crawl(program: &Program, seed: &str, more: &[&str]) -> Ran {
    program.run(&[&["crawl", "--json", "--delay", "0s", "--retries", "0", seed], more].concat())
}

fn records(program: &Program) -> Vec<Value> {
    let paths = program.files("bindery-archive/articles");
    let records = paths.iter().filter(|path| path.ends_with("record.json"));
    records
        .map(|path| serde_json::from_str(&program.read(&format!("bindery-archive/articles/{path}"))).unwrap())
        .collect()
}

fn texts(record: &Value) -> usize {
    record["snapshots"].as_array().unwrap().len()
}

/// What a server answers, which a test may replace.
type Answers = Arc<Mutex<Box<dyn Fn(&Asked) -> Answer + Send>>>;

/// A server whose answers change between the runs of a test.
fn changing(first: impl Fn(&Asked) -> Answer + Send + 'static) -> (Server, Answers) {
    let answer: Answers = Arc::new(Mutex::new(Box::new(first)));
    let own = Arc::clone(&answer);
    (Server::start(move |asked| own.lock().unwrap()(asked)), answer)
}

#[test]
fn items_with_one_link_are_articles_that_keep_their_histories() {
    let feed = |more: &'static str| {
        move |asked: &Asked| match asked.path.as_str() {
            "/rss" => rss(&(0..3)
                .map(|n| {
                    let text = format!("{}{more}", text(n));
                    item(&format!("版本 {n}"), &format!("<link>/log#v{n}</link>"), &format!("note-{n}x"), &text)
                })
                .collect::<String>()),
            "/log" => page("全部版本", &text(90)),
            _ => Answer::status(404),
        }
    };
    let (server, answer) = changing(feed(""));
    let program = Program::new();
    let seed = server.url("/rss").to_string();
    assert_eq!(crawl(&program, &seed, &[]).summary()["new"], 3);
    assert_eq!(server.count("/log"), 0, "the page is none of the items");
    assert_eq!(crawl(&program, &seed, &[]).summary()["unchanged"], 3);
    *answer.lock().unwrap() = Box::new(feed("<p>后来又补充了一段说明，讲的是新换的小船。</p>"));
    assert_eq!(crawl(&program, &seed, &[]).summary()["updated"], 3);
    let records = records(&program);
    assert!(records.len() == 3 && records.iter().all(|record| texts(record) == 2));
    let guids: Vec<&str> = records.iter().map(|record| record["feed_items"][0]["guid"].as_str().unwrap()).collect();
    assert!(guids.contains(&"note-0x") && records[0]["feed_items"][0]["feed"] == seed.as_str(), "{guids:?}");
    program.run_to(0, &["verify"]);
    let url = records[0]["url"].as_str().unwrap();
    assert!(program.run_to(0, &["show", url]).out.contains("渡船"), "{url}");
    program.run_to(0, &["reindex"]);
    assert_eq!(crawl(&program, &seed, &[]).summary()["unchanged"], 3, "the index is rebuilt from the records");
}

#[test]
fn items_without_links_are_kept_and_items_without_anything_are_counted() {
    let entry = |n: usize| {
        format!(
            "<entry><id>urn:notice:{n}z</id><title>通知 {n}</title><content type='html'><![CDATA[{}]]></content></entry>",
            text(n)
        )
    };
    let entries: String = (0..2).map(entry).collect();
    let atom = format!(
        "<feed xmlns='http://www.w3.org/2005/Atom'><title>渡口</title>{entries}\
         <entry><id>urn:x</id><title>空</title></entry></feed>"
    );
    let server = Server::start(move |asked| match asked.path.as_str() {
        "/atom" => Answer::bytes("application/atom+xml", atom.clone()),
        _ => Answer::status(404),
    });
    let program = Program::new();
    let ran = crawl(&program, server.url("/atom").as_str(), &[]);
    assert_eq!(ran.summary()["new"], 2, "{}", ran.err);
    assert!(ran.err.contains("1 item of the feed has no web URL and was skipped"), "{}", ran.err);
}

#[test]
fn an_item_stays_one_article_when_its_link_changes_with_the_headline() {
    let run = |old_answer: fn(&Server) -> Answer| {
        let (server, answer) = changing(|asked: &Asked| match asked.path.as_str() {
            "/rss" => rss(&item("渡船停开", "<link>/n/stops</link>", "tag:4711", "短")),
            "/n/stops" => page("渡船停开", &text(1)),
            _ => Answer::status(404),
        });
        let program = Program::new();
        let seed = server.url("/rss").to_string();
        crawl(&program, &seed, &[]);
        let old = old_answer(&server);
        *answer.lock().unwrap() = Box::new(move |asked: &Asked| match asked.path.as_str() {
            "/rss" => rss(&item("渡船复航", "<link>/n/runs</link>", "tag:4711", "短")),
            "/n/runs" => page("渡船复航", &text(1)),
            "/n/stops" => old.clone(),
            _ => Answer::status(404),
        });
        let ran = crawl(&program, &seed, &[]);
        assert_eq!(ran.summary()["updated"], 1, "{}", ran.out);
        let records = records(&program);
        assert_eq!((records.len(), texts(&records[0])), (1, 2));
        assert_eq!(records[0]["title"], "渡船复航");
        program.run_to(0, &["verify"]);
    };
    run(|server| Answer::redirect(301, server.url("/n/runs")));
    run(|_| page("渡船停开", &text(1)));
}

#[test]
fn a_convert_of_a_feed_makes_an_article_of_each_item() {
    let program = Program::new();
    let items = |more: &str| {
        (0..3)
            .map(|n| {
                item(
                    &format!("版本 {n}"),
                    "<link>https://log.test/all</link>",
                    &format!("v{n}x"),
                    &format!("{}{more}", text(n)),
                )
            })
            .collect::<String>()
    };
    let feed = |more: &str| format!("<rss version='2.0'><channel><title>日志</title>{}</channel></rss>", items(more));
    program.write("feed.xml", feed(""));
    program.run_to(0, &["convert", "feed.xml", "--archive", "bindery-archive"]);
    let first = records(&program);
    assert!(first.len() == 3 && first.iter().all(|record| texts(record) == 1));
    program.write("feed.xml", feed("<p>后来又补充了一段说明。</p>"));
    program.run_to(0, &["convert", "feed.xml", "--archive", "bindery-archive"]);
    let again = records(&program);
    assert!(again.len() == 3 && again.iter().all(|record| texts(record) == 2));
    program.run_to(0, &["convert", "feed.xml", "--output", "posts"]);
    let post = program.files("posts").into_iter().find(|path| path.ends_with(".md")).unwrap();
    assert!(
        program.read(&format!("posts/{post}")).contains("url: https://log.test/all\n"),
        "the link as the feed has it"
    );
}

#[test]
fn the_pages_of_a_feed_are_read_and_a_feed_without_end_is_left() {
    let server = Server::start(|asked| {
        let number = |prefix: &str| asked.path.strip_prefix(prefix).and_then(|rest| rest.parse::<usize>().ok());
        if let Some(n) = number("/feed/") {
            let next = if n < 3 { format!("<atom:link rel='next' href='/feed/{}'/>", n + 1) } else { String::new() };
            return rss(&format!(
                "{next}{}",
                item(&format!("第{n}篇"), &format!("<link>/p/{n}</link>"), &format!("{n}z"), "短")
            ));
        }
        if let Some(n) = number("/endless/") {
            return rss(&format!(
                "<atom:link rel='next' href='/endless/{}'/>{}",
                n + 1,
                item("同", "<link>/p/9</link>", "same", "短")
            ));
        }
        number("/p/").map_or(Answer::status(404), |n| page(&format!("第{n}篇"), &text(n)))
    });
    let program = Program::new();
    assert_eq!(crawl(&program, server.url("/feed/1").as_str(), &[]).summary()["new"], 3);
    let ran = crawl(&program, server.url("/endless/1").as_str(), &[]);
    let asked = server.log().iter().filter(|asked| asked.path.starts_with("/endless/")).count();
    assert!((2..10).contains(&asked), "{asked}");
    assert!(ran.err.contains("list nothing new; stopped before"), "{}", ran.err);
}

#[test]
fn a_feed_that_moved_says_where_to_and_other_text_before_it_is_skipped() {
    let server = Server::start(|asked| match asked.path.as_str() {
        "/old" => Answer::redirect(301, "/new"),
        "/new" => {
            let link = "<link>https://count.test/x</link><feedburner:origLink>/p</feedburner:origLink>";
            let warning = "<br />\n<b>Warning</b>: x in <b>f.php</b><br />\n";
            Answer::bytes("application/rss+xml", format!("{warning}{}", feed(&item("一", link, "a", "短"))))
        }
        "/p" => page("一", &text(1)),
        _ => Answer::status(404),
    });
    let program = Program::new();
    let ran = crawl(&program, server.url("/old").as_str(), &[]);
    assert_eq!(ran.summary()["new"], 1, "{}", ran.err);
    let line = ran.err.lines().find(|line| line.contains("moved permanently to")).unwrap();
    assert!(line.contains(server.url("/new").as_str()) && line.contains("text before the XML was skipped"), "{line}");
}

#[test]
fn a_page_is_visited_again_when_its_sitemap_says_that_it_changed() {
    let map = |first: &'static str, second: &'static str| {
        move |asked: &Asked| match asked.path.as_str() {
            "/map.xml" => Answer::bytes(
                "text/xml",
                format!(
                    "<urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9' xmlns:x='http://www.w3.org/1999/xhtml'>\
                 <url><loc>/p/1</loc><lastmod>{first}</lastmod></url><url><loc>/p/2</loc><lastmod>{second}</lastmod>\
                 <x:link rel='alternate' hreflang='en' href='/p/3'/></url></urlset>"
                ),
            ),
            path => path
                .strip_prefix("/p/")
                .and_then(|n| n.parse().ok())
                .map_or(Answer::status(404), |n| page(path, &text(n))),
        }
    };
    let (server, answer) = changing(map("2024-01-01", "2024-01-01"));
    let (program, seed) = (Program::new(), server.url("/map.xml").to_string());
    assert_eq!(crawl(&program, &seed, &[]).summary()["new"], 2);
    *answer.lock().unwrap() = Box::new(map("2024-01-01", "2024-02-01"));
    let ran = crawl(&program, &seed, &[]);
    assert_eq!((server.count("/p/1"), server.count("/p/2"), server.count("/p/3")), (1, 2, 0));
    assert!(ran.err.contains("1 pages have the lastmod of their last visit"), "{}", ran.err);
    assert_eq!(crawl(&program, &seed, &["--alternates"]).summary()["new"], 1);
}

#[test]
fn items_with_one_guid_are_told_apart_by_their_links() {
    let items: String =
        (0..3).map(|n| item(&format!("版本 {n}"), &format!("<link>/log/{n}</link>"), "the same", &text(n))).collect();
    let feed = rss(&items);
    let server = Server::start(move |asked| match asked.path.as_str() {
        "/rss" => feed.clone(),
        path => match path.strip_prefix("/log/").and_then(|n| n.parse().ok()) {
            Some(n) => page(&format!("版本 {n}"), &text(n)),
            None => Answer::status(404),
        },
    });
    let program = Program::new();
    let seed = server.url("/rss").to_string();
    assert_eq!(crawl(&program, &seed, &[]).summary()["new"], 3);
    assert_eq!(crawl(&program, &seed, &[]).summary()["unchanged"], 3);
    assert!(records(&program).iter().all(|record| texts(record) == 1));
    program.run_to(0, &["verify"]);
}

#[test]
fn a_feed_of_very_many_items_with_one_link_ends() {
    let items: String =
        (0..100_000).map(|n| format!("<item><title>n{n}</title><link>/one</link><guid>g{n}</guid></item>")).collect();
    let feed = rss(&items);
    let server = Server::start(move |asked| match asked.path.as_str() {
        "/rss" => feed.clone(),
        "/one" => page("全部版本", &text(7)),
        _ => Answer::status(404),
    });
    let program = Program::new();
    let ran = crawl(&program, server.url("/rss").as_str(), &["--max-pages", "50"]);
    assert!(matches!(ran.code, 0 | 3), "{}", ran.err.chars().take(2000).collect::<String>());
    assert!(ran.err.len() < 20_000 && records(&program).len() <= 50, "{}", ran.err.len());
    program.run_to(0, &["verify"]);
}
