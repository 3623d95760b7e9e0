//! A page over time: what is asked, what is kept, what is captured, and how the archive tells of it.
#![cfg(all(feature = "cli", feature = "net"))]

use std::collections::BTreeMap;
use std::io::Read;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::support::program::{Program, Ran};
use crate::support::server::{Answer, Asked, Server};
use serde_json::Value;

const TEXT: &str = "<p>这座图书馆建于一九五六年，当时只有两层，藏书不到三万册，读者大多是附近工厂的工人。</p>\
<p>七十年过去，它搬过三次家，换过五任馆长，书却越来越多，如今已经有一百二十万册，每天开放到晚上十点。</p>\
<p>馆长说，最难的不是买书，而是让每一本书都找得到，为此他们花了整整六年，把卡片目录一张一张录入电脑。</p>";

fn html(title: &str, head: &str, body: &str) -> String {
    format!(
        "<html lang=zh-CN><head><meta charset=utf-8><title>{title}</title>{head}</head>\
         <body><article><h1>{title}</h1>{body}</article></body></html>"
    )
}

fn library(body: &str) -> Answer {
    Answer::html(html("图书馆的七十年", "", &format!("{TEXT}{body}")))
}

fn image(shade: u8) -> Answer {
    let mut gif = b"GIF89a\x0a\0\x0a\0\x80\0\0".to_vec();
    gif.extend([shade, shade, shade, 255, 255, 255]);
    gif.extend(b"!\xf9\x04\x01\0\0\0\0,\0\0\0\0\x0a\0\x0a\0\0\x02\x08\x84\x8f\xa9\xcb\xed\x0f\x63\x2b\0;");
    Answer::bytes("image/gif", gif)
}

fn archive(program: &Program, day: u8, arguments: &[&str]) -> Ran {
    let now = format!("2026-11-{day:02}T08:00:00Z");
    program.run(&[&["archive", "--json", "--retries", "0", "--now", &now], arguments].concat())
}

fn record(program: &Program, url: &str) -> Value {
    serde_json::from_str(&program.run_to(0, &["show", "--record", url]).out).unwrap()
}

/// Every capture, decompressed.
fn captures(program: &Program) -> String {
    let mut text = String::new();
    for file in program.files("bindery-archive").iter().filter(|file| file.ends_with(".warc.gz")) {
        let bytes = std::fs::read(program.archive().join(file)).unwrap();
        let mut plain = Vec::new();
        flate2::read::MultiGzDecoder::new(bytes.as_slice()).read_to_end(&mut plain).unwrap();
        text.push_str(&String::from_utf8_lossy(&plain));
    }
    text
}

fn count(text: &str, what: &str) -> usize {
    text.matches(what).count()
}

#[test]
fn a_page_that_is_as_it_was_costs_a_question() {
    let server = Server::start(|asked: &Asked| match (asked.path.as_str(), asked.header("if-none-match")) {
        ("/page", Some("W/\"一\"" | "\"2\"")) => Answer::status(304).header("ETag", "\"2\""),
        ("/page", _) => library("").header("ETag", "W/\"一\"").header("Last-Modified", "Tue, 17 Nov 2026 08:00:00 GMT"),
        _ => Answer::status(404),
    });
    let program = Program::new();
    let url = server.url("/page").to_string();
    assert_eq!(archive(&program, 20, &[&url]).article()["outcome"], "new");
    for day in 21..24 {
        let event = archive(&program, day, &[&url]).article();
        assert_eq!((&event["outcome"], &event["title"]), (&"unchanged".into(), &"图书馆的七十年".into()), "{event}");
    }
    let asked: Vec<Asked> = server.log().into_iter().filter(|asked| asked.path == "/page").collect();
    let sent: Vec<Option<&str>> = asked.iter().map(|asked| asked.header("if-none-match")).collect();
    assert_eq!(sent, [None, Some("W/\"一\""), Some("\"2\""), Some("\"2\"")], "as received, and the newest");
    assert_eq!(asked[3].header("if-modified-since"), Some("Tue, 17 Nov 2026 08:00:00 GMT"));
    let record = record(&program, &url);
    let seen = &record["snapshots"][0]["unchanged"];
    assert_eq!((&seen["count"], &seen["last"]), (&3.into(), &"2026-11-23T08:00:00Z".into()));
    assert_eq!(count(&captures(&program), "WARC-Type: response"), 1, "a visit that brings nothing is not captured");
    program.run_to(0, &["verify"]);
}

#[test]
fn an_image_that_was_missing_is_asked_for_again_beside_a_304() {
    let server = Server::start(|asked: &Asked| match (asked.path.as_str(), asked.header("if-none-match")) {
        ("/page", Some(_)) => Answer::status(304),
        ("/page", _) => library("<p><img src=/a.gif></p><p><img src=/b.gif></p>").header("ETag", "\"1\""),
        ("/a.gif", _) => image(1),
        ("/b.gif", _) if asked.header("referer").is_none() && asked.n >= 6 => image(2),
        _ => Answer::status(404),
    });
    let program = Program::new();
    let url = server.url("/page").to_string();
    let mut outcomes = Vec::new();
    for day in 1..9 {
        let event = archive(&program, day, &[&url]).article();
        outcomes.push((event["outcome"].as_str().unwrap().to_owned(), event["images"]["saved"].as_u64().unwrap()));
    }
    let updated = outcomes.iter().position(|(outcome, _)| outcome == "updated").expect("the image comes back");
    assert!(outcomes[1..updated].iter().all(|(outcome, saved)| outcome == "unchanged" && *saved == 1), "{outcomes:?}");
    assert!(outcomes[updated..].iter().all(|(_, saved)| *saved == 2), "{outcomes:?}");
    let record = record(&program, &url);
    assert_eq!(record["snapshots"].as_array().unwrap().len(), 2);
    assert_eq!(record["snapshots"][1]["reason"], "images");
    assert!(!program.run_to(0, &["show", &url]).out.contains("/b.gif"), "the newest text shows it locally");
    program.run_to(0, &["verify"]);
}

#[test]
fn a_page_that_is_gone_is_on_record_and_stays() {
    let visits = Arc::new(AtomicUsize::new(0));
    let server = Server::start({
        let visits = visits.clone();
        move |asked: &Asked| match asked.path.as_str() {
            "/page" => match visits.fetch_add(1, Ordering::SeqCst) {
                0 => library(""),
                1 | 2 => Answer::status(404),
                _ => Answer::status(410),
            },
            _ => Answer::status(404),
        }
    });
    let program = Program::new();
    let url = server.url("/page").to_string();
    archive(&program, 20, &[&url]);
    let text = program.run_to(0, &["show", &url]).out;
    for day in 21..25 {
        let ran = archive(&program, day, &[&url]);
        assert_eq!(ran.code, 3);
        let event = ran.article();
        assert_eq!(event["error"]["kind"], "status");
        assert!(event["notes"][0].as_str().unwrap().contains("stays in articles/"), "{event}");
    }
    assert_eq!(program.run_to(0, &["show", &url]).out, text);
    let absences = record(&program, &url)["absences"].clone();
    assert_eq!((&absences[0]["status"], &absences[0]["count"]), (&404.into(), &2.into()));
    assert_eq!((&absences[1]["status"], &absences[1]["last"]), (&410.into(), &"2026-11-24T08:00:00Z".into()));
    let runs: Vec<String> = program.files("bindery-archive/runs");
    let events = program.read(&format!("bindery-archive/runs/{}", runs[runs.len() - 2]));
    assert!(events.contains("\"outcome\":\"failed\"") && events.contains("410"), "{events}");
    program.run_to(0, &["verify"]);
}

#[test]
fn earlier_texts_can_be_read_and_compared() {
    let server = Server::start(|asked: &Asked| match (asked.path.as_str(), asked.n) {
        ("/page", 0) => library("<p>如今它要搬到新城去。</p>"),
        ("/page", _) => library("<p>如今它要搬到河边去。</p><p>新馆明年开放。</p>"),
        _ => Answer::status(404),
    });
    let program = Program::new();
    let url = server.url("/page").to_string();
    archive(&program, 20, &[&url]);
    let alone = program.run_to(0, &["diff", &url]);
    assert!(alone.out.is_empty() && alone.err.contains("only one version"), "{}", alone.err);
    assert_eq!(archive(&program, 21, &[&url]).article()["outcome"], "updated");
    let version = |n: &str| program.run_to(0, &["show", &url, "--version", n]).out;
    assert!(version("1").contains("新城") && version("-2") == version("1"));
    assert!(version("2").contains("河边") && version("-1") == version("2"));
    assert_eq!(program.run_to(0, &["show", &url]).out, version("2"));
    assert!(program.run_to(2, &["show", &url, "--version", "3"]).err.contains("1 is the oldest"));
    let diff = program.run_to(0, &["diff", &url]).out;
    assert!(diff.contains("如今它要搬到[-新城-]{+河边+}去。"), "{diff}");
    assert!(diff.contains("{+新馆明年开放。+}"), "{diff}");
    let events = program.run_to(0, &["diff", "--json", &url, "--from", "2", "--to", "1"]).events();
    assert_eq!(events[0]["event"], "diff");
    let kinds: Vec<&str> = events[0]["hunks"][0]["pieces"]
        .as_array()
        .unwrap()
        .iter()
        .map(|piece| piece["kind"].as_str().unwrap())
        .collect();
    assert!(kinds.contains(&"removed") && kinds.contains(&"added"), "{kinds:?}");
}

#[test]
fn what_is_captured_is_a_choice() {
    for (mode, responses, images) in [("changed", 2, 1), ("all", 3, 1), ("pages", 2, 0), ("none", 0, 0)] {
        let server = Server::start(|asked: &Asked| match (asked.path.as_str(), asked.n) {
            ("/page", 2) => library("<p>这一段是后来加上去的。</p><img src=/a.gif>"),
            ("/page", n) => library(&format!("<img src=/a.gif><!-- {n} -->")),
            ("/a.gif", _) => image(3),
            _ => Answer::status(404),
        });
        let program = Program::new();
        let url = server.url("/page").to_string();
        for day in 20..23 {
            archive(&program, day, &["--captures", mode, &url]);
        }
        let captured = captures(&program);
        assert_eq!(count(&captured, &format!("WARC-Target-URI: {url}\r\n")), responses * 2, "{mode}");
        assert_eq!(count(&captured, "GIF89a"), images, "{mode}: the same image is kept whole once");
        program.run_to(0, &["verify"]);
    }
    let program = Program::new();
    let wrong = program.run_to(2, &["archive", "http://127.0.0.1:9/", "--captures", "some"]);
    assert!(wrong.err.contains("changed, all, pages, none"), "{}", wrong.err);
}

#[test]
fn a_print_view_joins_its_article_and_a_false_claim_does_not() {
    let canonical = |path: &str| format!("<link rel=canonical href=\"{path}\">");
    let other = "<p>河水今年比往年都慢，岸边的老人说上游新修的水坝还没有放水，鱼也跟着少了许多，船家只好改行。</p>\
                 <p>码头上的石阶露出了往年看不见的最下面三级，孩子们在那里捡到了几枚旧铜钱和一只断了柄的瓷勺。</p>";
    let server = Server::start(move |asked: &Asked| match asked.path.as_str() {
        "/article" => Answer::html(html("图书馆的七十年", &canonical("/article"), TEXT)),
        "/article/print" => {
            Answer::html(html("图书馆的七十年", &canonical("/article"), &format!("{TEXT}<p>打印本页。</p>")))
        }
        "/river" => Answer::html(html("河水", &canonical("/article"), other)),
        "/home-claim" => Answer::html(html("图书馆的七十年", &canonical("/"), TEXT)),
        "/moved" => Answer::redirect(301, "/article"),
        _ => Answer::status(404),
    });
    let program = Program::new();
    let outcome = |path: &str, day: u8| {
        let event = archive(&program, day, &[server.url(path).as_str()]).article();
        (event["outcome"].as_str().unwrap().to_owned(), event["path"].as_str().unwrap().to_owned())
    };
    let (new, article) = outcome("/article", 20);
    assert_eq!(new, "new");
    let (joined, print) = outcome("/article/print", 21);
    assert_eq!((joined.as_str(), &print), ("updated", &article), "a form of one text");
    let (hijack, river) = outcome("/river", 22);
    assert_eq!(hijack, "new", "another text is another article, whatever the page claims");
    assert_ne!(river, article);
    assert_eq!(outcome("/home-claim", 23).0, "new", "a home page is no article");
    assert_eq!(outcome("/moved", 24).1, article, "redirects end at one article");
    assert_eq!(outcome("/article", 25), ("unchanged".to_owned(), article.clone()));
    for path in ["/moved", "/article/print"] {
        let found = program.run_to(0, &["show", "--record", server.url(path).as_str()]).out;
        assert!(found.contains("/article\""), "{found}");
    }
    program.run_to(0, &["verify"]);
}

#[test]
fn a_page_that_was_kept_first_is_joined_by_the_canonical_it_named() {
    let claims = |path: &str| Answer::html(html("图书馆的七十年", &format!("<link rel=canonical href={path}>"), TEXT));
    let server = Server::start(move |asked: &Asked| match (asked.path.as_str(), asked.n) {
        ("/amp", 1) => claims("/other"),
        ("/amp" | "/article", _) => claims("/article"),
        _ => Answer::status(404),
    });
    let program = Program::new();
    let first = archive(&program, 20, &[server.url("/amp").as_str()]).article();
    let second = archive(&program, 21, &[server.url("/article").as_str()]).article();
    assert_eq!((&second["outcome"], &second["path"]), (&"unchanged".into(), &first["path"]), "{second}");
    // The page claims another URL than the first time, and the article stays where it is.
    let third = archive(&program, 22, &[server.url("/amp").as_str()]).article();
    assert_eq!((&third["outcome"], &third["path"]), (&"unchanged".into(), &first["path"]));
}

#[test]
fn two_runs_of_one_input_are_identical_trees() {
    let server = Server::start(|asked: &Asked| match asked.path.as_str() {
        "/same" | "/title" => library("<img src=/1.gif>"),
        "/1.gif" | "/2.gif" | "/3.gif" => image(asked.path.as_bytes()[1])
            .delay(std::time::Duration::from_millis(u64::from(asked.path.as_bytes()[1] % 3) * 20)),
        path if path.starts_with("/p") => Answer::html(html(
            &format!("第{path}篇"),
            "",
            &format!("{TEXT}<p>这是{path}。</p><img src=/3.gif><img src=/2.gif><img src=/1.gif>"),
        )),
        _ => Answer::status(404),
    });
    let urls: Vec<String> = ["/p1", "/p2", "/p3", "/p4", "/same", "/title", "/gone"]
        .iter()
        .map(|path| server.url(path).to_string())
        .collect();
    let tree = || {
        let program = Program::new();
        let arguments: Vec<&str> = urls.iter().map(String::as_str).collect();
        archive(&program, 20, &arguments);
        program.run_to(0, &["verify"]);
        let files = program.files("bindery-archive").into_iter().filter(|file| !file.starts_with(".bindery"));
        files
            .map(|file| (file.clone(), std::fs::read(program.archive().join(file)).unwrap()))
            .collect::<BTreeMap<_, _>>()
    };
    let (one, two) = (tree(), tree());
    assert!(one.keys().any(|path| path.ends_with(".warc.gz")) && one.keys().any(|path| path.ends_with(".jsonl")));
    let texts = one.keys().filter(|path| path.ends_with("20261120T080000Z.md")).count();
    assert_eq!(texts, 6, "two pages with one title in one second are two articles");
    for (path, bytes) in &one {
        assert_eq!(Some(bytes), two.get(path), "{path}");
    }
    assert_eq!(one.len(), two.len());
}

#[test]
fn what_is_removed_leaves_a_tombstone_and_nothing_else() {
    let server = Server::start(|asked: &Asked| match asked.path.as_str() {
        "/one" => {
            Answer::html(html("第一篇", "", &format!("{TEXT}<p>秘密在这里。</p><img src=/a.gif><img src=/b.gif>")))
        }
        "/two" => Answer::html(html("第二篇", "", &format!("{TEXT}<img src=/b.gif>"))),
        "/a.gif" => image(1),
        "/b.gif" => image(2),
        _ => Answer::status(404),
    });
    let program = Program::new();
    let (one, two) = (server.url("/one").to_string(), server.url("/two").to_string());
    archive(&program, 20, &[&one, &two]);
    let asked = program.run_to(1, &["remove", "https://example.org/never"]);
    assert!(asked.err.contains("is not in the archive"), "{}", asked.err);
    let removed = program.run_to(0, &["remove", &one, "--json", "--now", "2026-11-21T08:00:00Z"]);
    let event = &removed.events_named("removed")[0];
    assert_eq!((&event["texts"], &event["images"], &event["url"]), (&1.into(), &1.into(), &one.clone().into()));
    program.run_to(0, &["verify"]);
    for file in program.files("bindery-archive") {
        let bytes = std::fs::read(program.archive().join(&file)).unwrap();
        assert!(!String::from_utf8_lossy(&bytes).contains("秘密"), "{file}");
    }
    let captured = captures(&program);
    assert!(!captured.contains("秘密") && !captured.contains("/a.gif"));
    assert!(captured.contains("/two") && count(&captured, "GIF89a") == 1, "what another article shows stays");
    let tombstone = program.read(&format!("bindery-archive/{}/removed.json", event["path"].as_str().unwrap()));
    assert!(tombstone.contains(&one) && tombstone.contains("2026-11-21T08:00:00Z"), "{tombstone}");
    assert!(program.run_to(1, &["show", &one]).err.contains("is not in the archive"));
    assert!(program.run_to(0, &["show", &two]).out.contains("七十年"));
    assert_eq!(archive(&program, 22, &[&one]).article()["outcome"], "new", "it can be archived again");
    program.run_to(0, &["verify"]);
}

#[test]
fn an_index_that_is_gone_or_broken_is_made_anew() {
    let server = Server::start(|asked: &Asked| match asked.path.as_str() {
        "/page" => library(""),
        "/moved" => Answer::redirect(302, "/page"),
        _ => Answer::status(404),
    });
    let program = Program::new();
    let url = server.url("/moved").to_string();
    archive(&program, 20, &[&url]);
    std::fs::remove_dir_all(program.archive().join(".bindery")).unwrap();
    assert_eq!(archive(&program, 21, &[&url]).article()["outcome"], "unchanged");
    std::fs::write(program.archive().join(".bindery/index.sqlite"), "broken").unwrap();
    assert_eq!(archive(&program, 22, &[&url]).article()["outcome"], "unchanged");
    let ran = program.run_to(0, &["reindex", "--json"]);
    assert_eq!(ran.summary()["articles"], 1);
    program.run_to(0, &["verify"]);
    let none = program.run_to(1, &["reindex", "-a", "nowhere"]);
    assert!(none.err.contains("there is no archive") && !program.path("nowhere").exists(), "{}", none.err);
}

#[test]
fn a_second_writer_learns_who_writes() {
    let server = Server::start(|asked: &Asked| match asked.path.as_str() {
        "/slow" => library("").delay(std::time::Duration::from_secs(3)),
        "/page" => library(""),
        _ => Answer::status(404),
    });
    let program = Program::new();
    archive(&program, 20, &[server.url("/page").as_str()]);
    let mut first = program.command(&["archive", server.url("/slow").as_str(), "-q"]).spawn().unwrap();
    while server.count("/slow") == 0 {
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    let second = program.run_to(1, &["archive", server.url("/page").as_str()]);
    assert!(second.err.contains(&format!("process {}", first.id())), "{}", second.err);
    program.run_to(0, &["list"]);
    assert!(first.wait().unwrap().success());
    program.run_to(0, &["verify"]);
}
