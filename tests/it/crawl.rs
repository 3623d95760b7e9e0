//! Crawls of a site on loopback, through the program.
#![cfg(all(feature = "cli", feature = "net"))]

use std::collections::BTreeSet;
use std::io::Write;
use std::sync::{Arc, Mutex};
use std::time::Instant;

use crate::support::program::{Program, Ran};
use crate::support::server::{Answer, Asked, Server};

const TEXT: &str = "<p>这座图书馆建于一九五六年，当时只有两层，藏书不到三万册，读者大多是附近工厂的工人。</p>\
<p>七十年过去，它搬过三次家，换过五任馆长，书却越来越多，如今已经有一百二十万册，每天开放到晚上十点。</p>\
<p>馆长说，最难的不是买书，而是让每一本书都找得到，为此他们花了整整六年，把卡片目录一张一张录入电脑。</p>";

fn article(title: &str, more: &str) -> Answer {
    Answer::html(format!(
        "<html lang=zh-CN><head><title>{title}</title></head><body><article><h1>{title}</h1>{TEXT}<p>{title}</p>{more}\
         </article></body></html>"
    ))
}

fn crawl(program: &Program, seeds: &[&str], more: &[&str]) -> Ran {
    program.run(&[&["crawl", "--json", "--delay", "0s"], seeds, more].concat())
}

/// The paths below `articles/<host>/<year>/` would say nothing: titles do.
fn titles(ran: &Ran) -> BTreeSet<String> {
    let events = ran.events_named("article");
    let kept = events.iter().filter(|event| matches!(event["outcome"].as_str(), Some("new" | "updated" | "unchanged")));
    kept.map(|event| event["title"].as_str().unwrap_or_default().to_owned()).collect()
}

fn set(titles: &[&str]) -> BTreeSet<String> {
    titles.iter().map(|title| (*title).to_owned()).collect()
}

fn paths(server: &Server) -> Vec<String> {
    server.log().into_iter().map(|asked| asked.path).collect()
}

fn a_small_site(asked: &Asked) -> Answer {
    match asked.path.as_str() {
        "/" => article("首页", "<a href=/1>一</a><a href='/2?utm_source=home'>二</a><a href=/file.pdf>文</a>"),
        "/1" => article("第一篇", "<a href=/2>二</a><a href=/>首页</a><a href=http://127.0.0.1:9/x>外</a>"),
        "/2" | "/2?utm_source=home" => article("第二篇", "<a href=/deep/3>三</a><a href=/private/4>四</a>"),
        "/deep/3" => article("第三篇", "<a href=/gone>无</a>"),
        "/robots.txt" => Answer::bytes("text/plain", "User-agent: *\nDisallow: /private/\n"),
        _ => Answer::status(404),
    }
}

#[test]
fn links_are_followed_within_the_host_and_each_page_is_visited_once() {
    let (server, program) = (Server::start(a_small_site), Program::new());
    let ran = crawl(&program, &[server.url("/").as_str()], &[]);
    assert_eq!(ran.code, 3, "one link is dead: {}", ran.err);
    assert_eq!(titles(&ran), set(&["首页", "第一篇", "第二篇", "第三篇"]));
    let summary = ran.summary();
    assert_eq!(
        (summary["new"].as_u64(), summary["failed"].as_u64(), summary["skipped"].as_u64()),
        (Some(4), Some(1), Some(1))
    );
    let asked = paths(&server);
    assert_eq!(asked.len(), asked.iter().collect::<BTreeSet<_>>().len(), "{asked:?}");
    assert!(!asked.iter().any(|path| path.contains("private") || path.contains("pdf")), "{asked:?}");
    program.run_to(0, &["verify"]);
    let again = crawl(&program, &[server.url("/").as_str()], &[]);
    assert_eq!(again.summary()["unchanged"], 4, "{}", again.out);
}

#[test]
fn depth_and_patterns_and_limits_bound_a_crawl() {
    let (server, program) = (Server::start(a_small_site), Program::new());
    let home = server.url("/").to_string();
    assert_eq!(titles(&crawl(&program, &[&home], &["--depth", "0"])), set(&["首页"]));
    assert_eq!(titles(&crawl(&program, &[&home], &["--depth", "1"])), set(&["首页", "第一篇", "第二篇"]));
    assert_eq!(titles(&crawl(&program, &[&home], &["--include", "/1"])), set(&["首页", "第一篇"]));
    assert_eq!(titles(&crawl(&program, &[&home], &["--exclude", "/2*"])), set(&["首页", "第一篇"]));
    assert_eq!(titles(&crawl(&program, &[&home], &["--max-pages", "2"])).len(), 2);
    assert!(titles(&crawl(&program, &[&home], &["--max-bytes", "1"])).len() <= 1);
}

#[test]
fn a_feed_brings_its_pages_and_its_text_where_a_page_says_less() {
    let server = Server::start(|asked| {
        let host = asked.header("host").unwrap();
        let full = TEXT.replace('<', "&lt;");
        let item = |n: u32, title: &str| {
            format!(
                "<item><title>{title}</title><link>http://{host}/{n}</link>\
            <pubDate>Tue, 03 Nov 2026 08:00:00 +0800</pubDate><content:encoded>{full}</content:encoded></item>"
            )
        };
        match asked.path.as_str() {
            "/rss" => Answer::bytes(
                "application/rss+xml",
                format!(
                    "<?xml version='1.0'?><rss version='2.0' xmlns:content='http://purl.org/rss/1.0/modules/content/'>\
                 <channel><title>图书馆报</title>{}{}{}</channel></rss>",
                    item(1, "全文"),
                    item(2, "短文"),
                    item(3, "没有")
                ),
            ),
            "/1" => article("全文", "<a href=/elsewhere>别处</a>"),
            "/2" => Answer::html(
                "<title>短文</title><article><p>馆长说，最难的不是买书，而是让每一本书都找得到。</p></article>",
            ),
            _ => Answer::status(404),
        }
    });
    let program = Program::new();
    let ran = crawl(&program, &[server.url("/rss").as_str()], &[]);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    assert_eq!(titles(&ran), set(&["全文", "短文", "没有"]));
    assert!(!paths(&server).iter().any(|path| path == "/elsewhere"), "links of items are not followed");
    for event in ran.events_named("article") {
        let text = program.read(&format!("bindery-archive/{}", event["path"].as_str().unwrap()));
        assert!(text.contains("一张一张录入电脑"), "{text}");
        assert!(event["title"] == "全文" || text.contains("2026-11-03"), "{text}");
    }
    program.run_to(0, &["verify"]);
}

#[test]
fn sitemaps_lists_opml_and_bookmarks_name_pages() {
    let server = Server::start(|asked| {
        let host = asked.header("host").unwrap().to_owned();
        let loc = |path: &str| format!("<url><loc>http://{host}{path}</loc><lastmod>2026-11-01</lastmod></url>");
        match asked.path.as_str() {
            "/robots.txt" => Answer::bytes("text/plain", "Sitemap: /index.xml\n"),
            "/index.xml" => Answer::bytes(
                "text/xml",
                format!(
                    "<sitemapindex><sitemap><loc>http://{host}/map.xml.gz</loc></sitemap>\
                 <sitemap><loc>http://{host}/index.xml</loc></sitemap></sitemapindex>"
                ),
            ),
            "/map.xml.gz" => {
                let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
                write!(packed, "<urlset>{}<url><loc>/old</loc><lastmod>2020-01-01</lastmod></url></urlset>", loc("/a"))
                    .unwrap();
                Answer::bytes("application/gzip", packed.finish().unwrap())
            }
            "/rss" => Answer::bytes(
                "text/xml",
                format!("<rss version='2.0'><channel><item><link>http://{host}/b</link></item></channel></rss>"),
            ),
            "/list.txt" => Answer::bytes("text/plain", format!("http://{host}/c\n# 注\n")),
            path => article(&format!("页{path}"), ""),
        }
    });
    let program = Program::new();
    let url = |path: &str| server.url(path).to_string();
    assert_eq!(titles(&crawl(&program, &[&url("/robots.txt")], &["--since", "2026-01-01"])), set(&["页/a"]));
    let rest = crawl(&program, &[&url("/index.xml")], &[]);
    // When the other was visited last stands in the queue on disk.
    let expected: &[&str] = if cfg!(feature = "store") { &["页/old"] } else { &["页/a", "页/old"] };
    assert_eq!(titles(&rest), set(expected), "the other did not change since its visit: {}", rest.err);
    program.write("feeds.opml", format!("<opml><body><outline xmlUrl='{}'/></body></opml>", url("/rss")));
    program.write("b.html", format!("<!DOCTYPE NETSCAPE-Bookmark-file-1><DL><DT><A HREF='{}'>x</A></DL>", url("/d")));
    assert_eq!(titles(&crawl(&program, &["feeds.opml"], &[])), set(&["页/b"]));
    assert_eq!(titles(&crawl(&program, &["b.html"], &[])), set(&["页/d"]));
    assert_eq!(titles(&crawl(&program, &[&url("/list.txt")], &[])), set(&["页/c"]));
    // What they are converted into is read by both commands.
    program.write("csv.csv", format!("title,url,time_added,tags\n\"三, 四\",{},1600322788,河|船\n", url("/e")));
    program.run_to(0, &["convert", "feeds.opml", "b.html", "csv.csv", "--output", "lists"]);
    for (list, title) in [("feeds", "页/b"), ("b", "页/d"), ("csv", "页/e")] {
        let list = format!("lists/{list}.jsonl");
        let crawled = crawl(&program, &[&list, "--archive", &format!("of-{}", title.replace('/', "-"))], &[]);
        assert_eq!(titles(&crawled), set(&[title]), "{}", crawled.err);
    }
    let archived =
        program.run_to(0, &["archive", "--input-file", "lists/csv.jsonl", "--archive", "listed", "--allow-private"]);
    assert!(archived.err.contains("1 new"), "{} {}", archived.out, archived.err);
}

#[test]
fn an_article_on_several_pages_becomes_one() {
    let server = Server::start(|asked| {
        let part = |n: u32, text: &str, next: &str| {
            Answer::html(format!(
                "<html lang=zh-CN><title>长文</title><article><h1>长文</h1>{TEXT}<p>{text}，这一段只在第{n}页才有，别处没有。</p></article>{next}"
            ))
        };
        match asked.path.as_str() {
            "/rss" => Answer::bytes(
                "text/xml",
                format!(
                    "<rss version='2.0'><channel><item><link>http://{}/1024.html</link></item></channel></rss>",
                    asked.header("host").unwrap()
                ),
            ),
            "/1024.html" => part(1, "起", "<a href=1024_2.html>下一页</a><a href=1025.html>下一篇</a>"),
            "/1024_2.html" => part(2, "承", "<a href=1024.html>上一页</a><a href=1024_3.html>下一页</a>"),
            "/1024_3.html" => part(3, "合", "<a href=1024_2.html>上一页</a>"),
            _ => Answer::status(404),
        }
    });
    let program = Program::new();
    let ran = crawl(&program, &[server.url("/rss").as_str()], &["--depth", "1", "--exclude", "*1025*"]);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    let event = ran.article();
    let text = program.read(&format!("bindery-archive/{}", event["path"].as_str().unwrap()));
    let at = |word: &str| text.find(word).unwrap_or_else(|| panic!("{word} is not in {text}"));
    assert!(at("起，这一段") < at("承，这一段") && at("承，这一段") < at("合，这一段"));
    program.run_to(0, &["verify"]);
    let folder = event["path"].as_str().unwrap().strip_suffix("/index.md").unwrap();
    program.run_to(0, &["bundle", folder, "-o", "one.bag"]);
    program.run_to(0, &["restore", "one.bag", "-a", "back"]);
    program.run_to(0, &["bundle", "-o", "one.wacz", "--format", "wacz", "-a", "back"]);
    program.run_to(0, &["verify", "back", "one.wacz"]);
    for archive in ["bindery-archive", "back"] {
        let ran = program.run_to(0, &["rebuild", "-a", archive, "--json"]);
        assert_eq!(ran.summary()["unchanged"], 1, "a text is made again from all its pages: {}{}", ran.out, ran.err);
    }
}

#[test]
fn comments_on_the_first_page_stand_below_the_last() {
    let server = Server::start(|asked| {
        let comment = |name: &str, said: &str| format!("<div class=comment-item><b>{name}</b><p>{said}</p></div>");
        let comments = [
            comment("老周", "小时候天天去那里看书，闭馆的铃声现在还记得。"),
            comment("阿梅", "馆里的老先生还在吗？他教会我查卡片目录。"),
            comment("木木", "周末再去一次，带孩子看看。"),
        ];
        let page = |text: &str, below: &str| {
            Answer::html(format!(
                "<html lang=zh-CN><title>长文</title><article><h1>长文</h1>{TEXT}<p>{text}</p></article>{below}"
            ))
        };
        match asked.path.as_str() {
            "/1024.html" => page(
                "起，这一段只在第一页才有。",
                &format!("<a href=1024_2.html>下一页</a><div class=comment-list>{}</div>", comments.concat()),
            ),
            "/1024_2.html" => page("合，这一段只在第二页才有。", "<a href=1024.html>上一页</a>"),
            _ => Answer::status(404),
        }
    });
    let program = Program::new();
    let ran = crawl(&program, &[server.url("/1024.html").as_str()], &["--comments"]);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    let text = program.read(&format!("bindery-archive/{}", ran.article()["path"].as_str().unwrap()));
    let at = |word: &str| text.find(word).unwrap_or_else(|| panic!("{word} is not in {text}"));
    assert!(at("起，这一段") < at("合，这一段"), "{text}");
    assert!(at("合，这一段") < at("## 评论") && at("## 评论") < at("闭馆的铃声"), "{text}");
    let ran = program.run_to(0, &["rebuild", "--json"]);
    assert_eq!(ran.summary()["unchanged"], 1, "{}{}", ran.out, ran.err);
}

#[test]
fn further_pages_are_known_by_their_words_and_by_rel_next() {
    const REST: &str = "<p>这一段只在后面一页才有，讲的是图书馆后来怎样从老城搬到了河对岸，以及搬家那天的雨。</p>";
    let server = Server::start(|asked| {
        let page = |head: &str, text: &str, link: &str| {
            Answer::html(format!(
                "<html lang=zh-CN><head><title>长文</title>{head}</head><article><h1>长文</h1>{text}</article>{link}"
            ))
        };
        match asked.path.as_str() {
            "/list" => Answer::bytes(
                "text/plain",
                ["全文.html", "ja?id=7", "rel.html"]
                    .map(|path| format!("http://{}/{path}\n", asked.header("host").unwrap()))
                    .concat(),
            ),
            "/%E5%85%A8%E6%96%87.html" => {
                page("", &TEXT.replace("录入电脑。", "录入……"), "<a href='全文_all.html'>余下全文 &gt;&gt;</a>")
            }
            // The whole text, its beginning once more.
            "/%E5%85%A8%E6%96%87_all.html" => page("", &format!("{TEXT}{REST}"), ""),
            "/ja?id=7" => page("", TEXT, "<a href='?id=7&amp;page=2'>次のページへ »</a>"),
            "/rel.html" => page("<link rel=next href=rel_2.html>", TEXT, "<a href=rel_2.html>2</a>"),
            "/ja?id=7&page=2" | "/rel_2.html" => page("", REST, ""),
            _ => Answer::status(404),
        }
    });
    let program = Program::new();
    let ran = crawl(&program, &[server.url("/list").as_str()], &[]);
    let articles = ran.events_named("article");
    assert_eq!((ran.code, articles.len()), (0, 3), "{}{}", ran.out, ran.err);
    for event in articles {
        let text = program.read(&format!("bindery-archive/{}", event["path"].as_str().unwrap()));
        for once in ["建于一九五六年", "最难的不是买书", "搬到了河对岸"] {
            assert_eq!(text.matches(once).count(), 1, "{once}: {text}");
        }
    }
    program.run_to(0, &["verify"]);
}

#[test]
fn a_host_is_never_asked_faster_than_the_pause_allows() {
    let times = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&times);
    let server = Server::start(move |asked| {
        seen.lock().unwrap().push(Instant::now());
        gallery(asked)
    });
    let program = Program::new();
    let ran = program.run(&["crawl", "--json", "--delay", "60ms", server.url("/").as_str()]);
    assert_eq!(ran.summary()["new"], 7, "{}", ran.err);
    let times = times.lock().unwrap();
    let gaps: Vec<_> = times.windows(2).map(|pair| pair[1] - pair[0]).collect();
    assert!(times.len() >= 14, "{}", times.len());
    assert!(gaps.iter().all(|gap| gap.as_millis() >= 59), "{gaps:?}");
}

#[test]
fn several_requests_go_to_a_host_at_once_only_where_that_is_asked_for() {
    let slow = |asked: &Asked| {
        std::thread::sleep(std::time::Duration::from_millis(60));
        gallery(asked)
    };
    for (flags, most) in [(&[][..], 1), (&["--per-host", "3"], 3)] {
        let (server, program) = (Server::start(slow), Program::new());
        let ran = crawl(&program, &[server.url("/").as_str()], flags);
        assert_eq!((ran.code, ran.summary()["new"].as_u64()), (0, Some(7)), "{}", ran.err);
        assert_eq!(server.busiest(), most);
        program.run_to(0, &["verify"]);
    }
    // A host that asks for a pause gets one request at a time anyway.
    let (server, program) = (
        Server::start(move |asked| match asked.path.as_str() {
            "/robots.txt" => Answer::bytes("text/plain", "User-agent: *\nCrawl-delay: 0.05\n"),
            _ => slow(asked),
        }),
        Program::new(),
    );
    let ran = crawl(&program, &[server.url("/").as_str()], &["--per-host", "3"]);
    assert_eq!((ran.summary()["new"].as_u64(), server.busiest()), (Some(7), 1), "{}", ran.err);
    let none = crawl(&program, &[server.url("/").as_str()], &["--per-host", "0"]);
    assert!(none.code == 2 && none.err.contains("--per-host"), "{}", none.err);
}

fn gallery(asked: &Asked) -> Answer {
    match asked.path.as_str() {
        "/" => article("首页", &(0..6).map(|n| format!("<a href=/{n}>{n}</a>")).collect::<String>()),
        path if path.ends_with(".gif") => Answer::bytes("image/gif", b"GIF89a\x0a\0\x0a\0\0\0\0;".to_vec()),
        "/robots.txt" => Answer::status(404),
        path => article(path, &format!("<img src=/{}.gif>", path.trim_start_matches('/'))),
    }
}

#[cfg(feature = "store")]
#[test]
fn a_feed_in_gbk_is_asked_whether_it_changed_and_its_pages_are_visited_all_the_same() {
    let server = Server::start(|asked| {
        let item = |n: u32, title: &str| format!("<item><title>{title}</title><link>/{n}.shtml</link></item>");
        match asked.path.as_str() {
            "/rss" if asked.header("if-none-match") == Some("\"第一版\"") => Answer::status(304),
            "/rss" => {
                let items = item(1, "装订铺") + &item(2, "图书馆");
                let text = format!(
                    "<?xml version=\"1.0\" encoding=\"GBK\"?><rss version=\"2.0\"><channel><title>晨钟</title>{items}</channel></rss>"
                );
                let body = encoding_rs::GBK.encode(&text).0.into_owned();
                Answer::bytes("text/xml", body).header("ETag", "\"第一版\"")
            }
            "/1.shtml" => article(&format!("装订铺{}", if asked.n > 0 { "又开了" } else { "" }), ""),
            "/2.shtml" => article("图书馆", ""),
            _ => Answer::status(404),
        }
    });
    let program = Program::new();
    let feed = server.url("/rss").to_string();
    assert_eq!(titles(&crawl(&program, &[&feed], &[])), set(&["装订铺", "图书馆"]));
    let again = crawl(&program, &[&feed], &[]);
    let asked: Vec<_> = server.log().into_iter().filter(|asked| asked.path == "/rss").collect();
    assert_eq!(asked.iter().filter(|asked| asked.header("if-none-match").is_some()).count(), 1);
    let summary = again.summary();
    assert_eq!((&summary["updated"], &summary["unchanged"], &summary["lists"]), (&1.into(), &1.into(), &1.into()));
}

#[cfg(all(unix, feature = "store"))]
#[test]
fn limits_hold_over_all_runs_of_a_crawl_that_was_interrupted() {
    let server = Server::start(|asked| match asked.path.as_str() {
        "/robots.txt" => Answer::status(404),
        "/0" => article("第0页", &(1..40).map(|n| format!("<a href=/{n}>{n}</a>")).collect::<String>()),
        path => article(&format!("第{path}页"), ""),
    });
    let program = Program::new();
    let url = server.url("/0").to_string();
    let arguments = ["crawl", "--json", "--delay", "50ms", "--max-pages", "12", &url];
    let child = program.command(&arguments).stdout(std::process::Stdio::piped()).spawn().unwrap();
    while server.log().len() < 7 {
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    assert!(std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    assert_eq!(child.wait_with_output().unwrap().status.code(), Some(130));
    let before = program.run_to(0, &["list"]).out.lines().count();
    assert!((2..12).contains(&before), "{before}");
    let rest = program.run_to(0, &["crawl", "--json", "--delay", "0s", "--max-pages", "12", &url]);
    assert_eq!((&rest.summary()["resumed"], &rest.summary()["new"]), (&true.into(), &(12 - before).into()));
    assert_eq!(program.run_to(0, &["list"]).out.lines().count(), 12);
}

#[test]
fn cookies_and_a_proxy_are_used_and_kept_to_themselves() {
    let site = |asked: &Asked| match asked.header("cookie") {
        Some("sid=geheim") => article("登录之后", ""),
        _ => Answer::status(403),
    };
    let (server, program) = (Server::start(site), Program::new());
    let url = server.url("/1").to_string();
    program.write("cookies.txt", "# Netscape HTTP Cookie File\n#HttpOnly_127.0.0.1\tFALSE\t/\tFALSE\t0\tsid\tgeheim\n");
    assert_eq!(titles(&crawl(&program, &[&url], &["--cookie-file", "cookies.txt"])), set(&["登录之后"]));
    let proxy = Server::start(|asked| match asked.path.as_str() {
        "http://news.test/1" => article("经过代理", ""),
        _ => Answer::status(404),
    });
    let through = format!("http://127.0.0.1:{}", proxy.port());
    assert_eq!(titles(&crawl(&program, &["http://news.test/1"], &["--proxy", &through])), set(&["经过代理"]));
    for file in program.files("bindery-archive") {
        let bytes = std::fs::read(program.archive().join(&file)).unwrap();
        assert!(!bytes.windows(6).any(|window| window == b"geheim"), "{file} holds the cookie");
    }
    for (flags, says) in [
        (["--cookie-file", "nowhere.txt"], "the cookie file nowhere.txt cannot be read"),
        (["--proxy", "ftp://news.test"], "--proxy needs the form http://host:port"),
    ] {
        let ran = crawl(&program, &[&url], &flags);
        assert!(ran.code == 2 && ran.err.contains(says), "{}", ran.err);
    }
}
