//! What sites and files do wrong: a crawl reads what can be read, says so once, and comes to its end.
#![cfg(all(feature = "cli", feature = "net"))]

use std::time::{Duration, Instant};

use crate::support::program::{Program, Ran};
use crate::support::server::{Answer, Asked, Server};

const TEXT: &str = "<p>这座图书馆建于一九五六年，当时只有两层，藏书不到三万册，读者大多是附近工厂的工人。</p>\
<p>七十年过去，它搬过三次家，换过五任馆长，书却越来越多，如今已经有一百二十万册，每天开放到晚上十点。</p>\
<p>馆长说，最难的不是买书，而是让每一本书都找得到，为此他们花了整整六年，把卡片目录一张一张录入电脑。</p>";

fn article(title: &str, more: &str) -> Answer {
    Answer::html(format!(
        "<html lang=zh-CN><head><title>{title}</title></head><body><article><h1>{title}</h1>{TEXT}</article>{more}</body></html>"
    ))
}

/// Crawls `/seed`; every other page is an article.
fn crawl(seed: impl Fn(&Asked) -> Answer + Send + Sync + 'static, more: &[&str]) -> (Ran, Server) {
    let server = Server::start(move |asked| match asked.path.as_str() {
        "/robots.txt" => Answer::status(404),
        "/seed" => seed(asked),
        path => article(path, ""),
    });
    let program = Program::new();
    let url = server.url("/seed").to_string();
    let begin = Instant::now();
    let ran = program.run(&[&["crawl", "--json", "--delay", "0s", "--retries", "0", &url], more].concat());
    assert!(begin.elapsed() < Duration::from_secs(60), "{:?}", begin.elapsed());
    if program.archive().exists() {
        program.run_to(0, &["verify"]);
    }
    (ran, server)
}

fn feed(body: impl Into<Vec<u8>>) -> Answer {
    Answer::bytes("application/rss+xml", body)
}

/// The titles of what was kept, sorted; a page's title is its path.
fn kept(ran: &Ran) -> Vec<String> {
    let events = ran.events_named("article");
    let new = events.iter().filter(|event| event["outcome"] == "new");
    let mut titles: Vec<String> = new.map(|event| event["title"].as_str().unwrap().to_owned()).collect();
    titles.sort();
    titles
}

fn warnings(ran: &Ran) -> Vec<String> {
    let lists = ran.events_named("list");
    lists.iter().filter_map(|event| event["warning"].as_str().map(str::to_owned)).collect()
}

#[test]
fn a_broken_feed_gives_its_readable_items_and_one_warning() {
    let (ran, _server) = crawl(
        |_| {
            feed(
                "<?xml version='1.0'?><rss version='2.0'><channel><title>坏 & 了</title><item><title>一</title><link>/1</link></item>\
                <item><title>二</b></title><link>/2</link></item><item><title>三</title><link>/3</link></item><item><title>四</title><li",
            )
        },
        &[],
    );
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    let titles = kept(&ran);
    assert!(titles.contains(&"/1".to_owned()) && titles.contains(&"/3".to_owned()), "{titles:?}");
    assert_eq!(warnings(&ran).len(), 1, "{}", ran.out);
    assert!(warnings(&ran)[0].contains("the feed is broken"), "{}", ran.out);
}

#[test]
fn entities_that_grow_are_not_expanded() {
    let (ran, _server) = crawl(
        |_| {
            let entities: String =
                (1..30).map(|n| format!("<!ENTITY l{n} \"&l{};&l{};&l{};\">", n - 1, n - 1, n - 1)).collect();
            feed(format!(
                "<?xml version='1.0'?><!DOCTYPE rss [<!ENTITY l0 \"lol\">{entities}]><rss version='2.0'><channel><title>&l29;</title>\
                 <item><title>&l29;</title><link>/1</link></item></channel></rss>"
            ))
        },
        &[],
    );
    assert_eq!(kept(&ran), ["/1"], "{}{}", ran.out, ran.err);
}

#[test]
fn sitemaps_that_name_each_other_end() {
    let (ran, server) = crawl(
        |_| {
            Answer::bytes(
                "text/xml",
                "<sitemapindex><sitemap><loc>/seed</loc></sitemap><sitemap><loc>/seed?a=1</loc></sitemap></sitemapindex>",
            )
        },
        &[],
    );
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    assert_eq!(server.count("/seed"), 1);
}

#[test]
fn a_page_in_the_place_of_a_feed_names_the_feed() {
    let server = Server::start(|asked| match asked.path.as_str() {
        "/robots.txt" => Answer::status(404),
        "/feed" => Answer::html(
            "<link rel=alternate type=application/rss+xml href=/real.rss><p>本站已改版</p><a href=/x>x</a>",
        ),
        "/real.rss" => feed("<rss version='2.0'><channel><item><link>1</link></item></channel></rss>"),
        path => article(path, ""),
    });
    let program = Program::new();
    let ran = program.run(&["crawl", "--json", "--delay", "0s", server.url("/feed").as_str()]);
    assert_eq!((ran.code, kept(&ran)), (0, vec!["/1".to_owned()]), "a relative link, too: {}{}", ran.out, ran.err);
}

#[test]
fn dates_to_come_and_dates_that_are_none_keep_nothing_away() {
    let (ran, _server) = crawl(
        |_| {
            let item = |n: u32, date: &str| format!("<item><link>/{n}</link><pubDate>{date}</pubDate></item>");
            let items =
                [item(1, "Tue, 01 Jan 2999 00:00:00 GMT"), item(2, "昨天"), item(3, "Tue, 01 Jan 2019 00:00:00 GMT")];
            feed(format!("<rss version='2.0'><channel>{}</channel></rss>", items.concat()))
        },
        &["--since", "2020-01-01"],
    );
    assert_eq!(kept(&ran), ["/1", "/2"], "{}{}", ran.out, ran.err);
}

#[test]
fn a_hundred_thousand_links_on_a_page_are_taken() {
    let (ran, _server) = crawl(
        |_| article("many", &(0..100_000).map(|n| format!("<a href=/p/{n}>{n}</a>")).collect::<String>()),
        &["--max-pages", "3"],
    );
    assert_eq!(ran.code, 0, "{}", ran.err);
    let summary = ran.summary();
    assert!(summary["left"].as_u64().unwrap() > 99_000, "{summary}");
}

#[test]
fn a_calendar_that_links_for_ever_ends() {
    let server = Server::start(|asked| {
        if asked.path == "/robots.txt" {
            return Answer::status(404);
        }
        let month: u32 = asked.path.strip_prefix("/cal/").and_then(|text| text.parse().ok()).unwrap_or(0);
        let days: String = (1..=30).map(|day| format!("<td>{day}</td>")).collect();
        Answer::html(format!(
            "<title>日历</title><table><tr>{days}</tr></table><a href=/cal/{}>下个月</a><a href=/cal/{}/a/b/a/b/a/b/a/b>深</a>",
            month + 1,
            month
        ))
    });
    let program = Program::new();
    let begin = Instant::now();
    let ran = program.run(&["crawl", "--json", "--delay", "0s", server.url("/cal/1").as_str()]);
    assert!(begin.elapsed() < Duration::from_secs(60));
    assert!(ran.code == 0 || ran.code == 3, "{}", ran.err);
    assert!(server.log().len() < 60, "{} pages were visited", server.log().len());
    assert!(!ran.summary()["trapped"].as_object().unwrap().is_empty(), "{}", ran.out);
}

#[test]
fn a_robots_txt_that_cannot_be_had_forbids_all_and_one_that_is_huge_is_read_at_its_start() {
    let program = Program::new();
    let busy = Server::start(|asked| match asked.path.as_str() {
        "/robots.txt" => Answer::status(503),
        path => article(path, ""),
    });
    let ran = program.run(&["crawl", "--json", "--delay", "0s", busy.url("/1").as_str()]);
    assert_eq!(ran.summary()["new"], 0);
    assert!(ran.err.contains("robots.txt"), "{}", ran.err);
    assert_eq!(busy.count("/1"), 0);

    let huge = Server::start(|asked| match asked.path.as_str() {
        "/robots.txt" => {
            Answer::bytes("text/plain", format!("User-agent: *\nDisallow: /no\n{}", "# x\n".repeat(2_500_000)))
        }
        path => article(path, "<a href=/no/1>不</a><a href=/yes/1>可</a>"),
    });
    let ran = program.run(&["crawl", "--json", "--delay", "0s", huge.url("/yes/0").as_str()]);
    assert_eq!(kept(&ran), ["/yes/0", "/yes/1"], "{}", ran.err);
}

#[test]
fn a_busy_page_is_visited_again_while_others_go_on() {
    let server = Server::start(|asked| match (asked.path.as_str(), asked.n) {
        ("/robots.txt", _) => Answer::status(404),
        ("/seed", _) => {
            Answer::bytes("text/plain", format!("http://{0}/busy\nhttp://{0}/2\n", asked.header("host").unwrap()))
        }
        ("/busy", 0) => Answer::status(503).header("Retry-After", "1"),
        (path, _) => article(path, ""),
    });
    let program = Program::new();
    let ran = program.run(&["crawl", "--json", "--delay", "0s", server.url("/seed").as_str()]);
    assert_eq!((ran.code, kept(&ran)), (0, vec!["/2".to_owned(), "/busy".to_owned()]), "{}{}", ran.out, ran.err);
    assert_eq!((server.count("/busy"), ran.events_named("article").len()), (2, 2));
}

#[test]
fn a_page_cannot_lead_into_a_private_network() {
    let inside = Server::start_at("127.0.0.2", |asked| article(&asked.path, ""));
    let secret = inside.url("/secret").to_string();
    let (ran, _server) = crawl(move |_| article("外", &format!("<a href={secret}>内</a>")), &["--within", "any"]);
    assert_eq!(kept(&ran), ["外"], "{}", ran.out);
    assert!(ran.err.contains("private address"), "{}", ran.err);
    assert!(inside.log().is_empty());
}

#[test]
fn what_is_no_seed_says_so() {
    let program = Program::new();
    program.write("page.html", "<html><p>页</p></html>");
    for (seed, says) in [
        ("nowhere.txt", "neither a web URL nor a file"),
        ("page.html", "not a list of URLs"),
        ("ftp://a.test/", "http://"),
    ] {
        let ran = program.run(&["crawl", seed]);
        assert!(ran.code == 2 && ran.err.contains(says), "{seed}: {}", ran.err);
    }
    let ran = program.run(&["crawl", "https://a.test/", "--include", "a{b"]);
    assert!(ran.code == 2 && ran.err.contains("invalid pattern `a{b`"), "{}", ran.err);
    assert!(
        program.run(&["crawl", "https://a.test/", "--max-bytes", "much"]).err.contains("a size such as 500MB or 2GB")
    );
    assert!(!program.archive().exists(), "nothing is made before all is well");
}

#[test]
fn of_a_feed_that_never_ends_the_start_is_read() {
    let item = |n: usize| {
        format!("<item><title>{n}</title><link>/{n}</link><description>{}</description></item>", "长".repeat(400_000))
    };
    let body = format!("<rss version='2.0'><channel><title>长</title>{}", (0..3).map(item).collect::<String>());
    let (ran, server) = crawl(move |_| feed("").endless(body.clone()), &[]);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    assert_eq!(kept(&ran), ["0", "1", "2"]);
    assert!(warnings(&ran).len() == 1 && warnings(&ran)[0].contains("only its start was read"), "{}", ran.out);
    assert_eq!(server.count("/seed"), 1);
}

#[cfg(all(unix, feature = "store"))]
#[test]
fn one_signal_ends_a_crawl_in_good_order_and_the_next_run_goes_on() {
    // A signal of a person or of the system interrupts the run; it does not kill it.
    for signal in ["-INT", "-TERM"] {
        ends_in_good_order(signal);
    }
}

#[cfg(all(unix, feature = "store"))]
fn ends_in_good_order(signal: &str) {
    let server = Server::start(|asked| match asked.path.as_str() {
        "/robots.txt" => Answer::status(404),
        "/0" => article("/0", &(1..40).map(|n| format!("<a href=/{n}>{n}</a>")).collect::<String>()),
        path => article(path, ""),
    });
    let program = Program::new();
    let url = server.url("/0").to_string();
    let arguments = ["crawl", "--json", "--delay", "50ms", &url];
    let child = program.command(&arguments).stdout(std::process::Stdio::piped()).spawn().unwrap();
    while server.log().len() < 10 {
        std::thread::sleep(Duration::from_millis(10));
    }
    assert!(std::process::Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap().success());
    let ended = child.wait_with_output().unwrap();
    assert_eq!(ended.status.code(), Some(130), "{signal}");
    let printed = String::from_utf8(ended.stdout).unwrap();
    assert!(printed.lines().last().unwrap().contains("\"interrupted\":true"), "{printed}");
    program.run_to(0, &["verify"]);
    let rest = program.run_to(0, &["crawl", "--json", "--delay", "0s", &url]);
    assert_eq!(rest.summary()["resumed"], true);
    assert_eq!(program.run_to(0, &["list"]).out.lines().count(), 40);
    let twice = (0..40).filter(|n| server.count(&format!("/{n}")) > 1).count();
    assert!(twice <= 1, "{twice} pages were fetched twice");
}

#[cfg(all(unix, feature = "store"))]
#[test]
fn a_second_signal_ends_a_crawl_at_once() {
    let server = Server::start(|asked| match asked.path.as_str() {
        "/robots.txt" => Answer::status(404),
        path => article(path, "").delay(Duration::from_secs(30)),
    });
    let program = Program::new();
    let url = server.url("/0").to_string();
    let mut child = program.command(&["crawl", "-q", &url]).spawn().unwrap();
    while server.count("/0") == 0 {
        std::thread::sleep(Duration::from_millis(5));
    }
    let signal = |id: u32| std::process::Command::new("kill").args(["-INT", &id.to_string()]).status().unwrap();
    assert!(signal(child.id()).success());
    std::thread::sleep(Duration::from_millis(300));
    assert!(child.try_wait().unwrap().is_none(), "what is under way may end for a moment");
    let begin = std::time::Instant::now();
    assert!(signal(child.id()).success());
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert!(begin.elapsed() < Duration::from_secs(2), "{:?}", begin.elapsed());
    // The next writer completes what it left.
    program.run_to(0, &["reindex"]);
    program.run_to(0, &["verify"]);
}

#[test]
fn a_page_cut_once_is_visited_again_and_one_that_is_always_cut_is_kept_with_a_warning() {
    let server = Server::start(|asked| match asked.path.as_str() {
        "/robots.txt" => Answer::status(404),
        "/seed" => feed(
            "<rss version='2.0'><channel><title>截断</title><item><link>/once</link></item>\
             <item><link>/always</link></item></channel></rss>",
        ),
        "/once" if asked.n > 0 => article("/once", ""),
        path => article(path, "").cut(TEXT.len() + 90),
    });
    let program = Program::new();
    let url = server.url("/seed").to_string();
    let ran = program.run_to(0, &["crawl", "--json", "--delay", "0s", "--retries", "1", &url]);
    assert_eq!(kept(&ran), ["/always", "/once"]);
    for event in ran.events_named("article") {
        let is_cut = event["warnings"].to_string().contains("truncated: the page may end early");
        assert_eq!(is_cut, event["title"] == "/always", "{event}");
    }
    assert_eq!((server.count("/once"), server.count("/always")), (2, 2));
}
