//! Search, and what changed, through the program.
#![cfg(all(feature = "cli", feature = "net", feature = "store"))]

use crate::support::program::{Program, Ran};
use crate::support::server::{Answer, Asked, Server};

const TEXT: &str = "<p>这座图书馆建于一九五六年，当时只有两层，藏书不到三万册，读者大多是附近工厂的工人。</p>\
<p>七十年过去，它搬过三次家，换过五任馆长，书却越来越多，如今已经有一百二十万册，每天开放到晚上十点。</p>";

fn serve(asked: &Asked) -> Answer {
    let host = asked.header("host").unwrap_or_default();
    let page = |title: &str, date: &str, more: &str| {
        Answer::html(format!(
            "<html lang=zh-CN><head><title>{title}</title><meta name=keywords content=\"书籍,手艺\">\
             <meta property=article:published_time content=\"{date}T08:00:00+08:00\"></head>\
             <body><article><h1>{title}</h1>{TEXT}<p>{more}</p></article></body></html>"
        ))
    };
    match asked.path.as_str() {
        "/rss" => Answer::bytes(
            "text/xml",
            format!(
                "<rss version='2.0'><channel><item><link>http://{host}/1</link></item><item><link>http://{host}/2</link></item></channel></rss>"
            ),
        ),
        "/1" => page("老城最后一家装订铺", "2024-03-18", "师傅说手艺不能断，Open Source 也是一种手艺。"),
        "/2" => page("馆长的一天", "2026-10-01", &format!("早上八点，第{}版的目录还没有录完。", asked.n + 1)),
        "/3" => page("别处来的", "2026-10-02", "没有来源带来它。"),
        _ => Answer::status(404),
    }
}

fn archived() -> (Server, Program) {
    let (server, program) = (Server::start(serve), Program::new());
    program.write(
        "bindery.toml",
        format!("[[source]]\nname = \"报\"\nseeds = [\"{}\"]\ndelay = \"0s\"\nevery = \"1h\"\n", server.url("/rss")),
    );
    program.run_to(0, &["snapshot", "--now", "2026-11-20T00:00:00Z"]);
    (server, program)
}

fn search(program: &Program, arguments: &[&str]) -> Vec<String> {
    let ran = program.run_to(0, &[&["search", "--json"], arguments].concat());
    ran.events_named("found").iter().map(|event| event["title"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn words_of_any_script_are_found_with_filters() {
    let (_server, program) = archived();
    let (shop, day) = ("老城最后一家装订铺", "馆长的一天");
    assert_eq!(search(&program, &["装订"]), [shop]);
    assert_eq!(search(&program, &["订"]), [shop], "a single character");
    assert_eq!(search(&program, &["open source"]), [shop]);
    assert_eq!(search(&program, &["图书馆"]).len(), 2);
    assert_eq!(search(&program, &["图书馆 -装订铺"]), [day]);
    assert_eq!(search(&program, &["\"录完\""]), [day]);
    assert!(search(&program, &["书图"]).is_empty() && search(&program, &["没有这个词"]).is_empty());
    assert_eq!(search(&program, &["--title", "馆长"]), [day], "in the title, not in the text");
    assert_eq!(search(&program, &["图书馆", "--since", "2026-01-01"]), [day]);
    assert_eq!(search(&program, &["--until", "2025-12-31"]), [shop]);
    assert_eq!(search(&program, &["--tag", "手艺"]).len(), 2);
    assert!(search(&program, &["--tag", "手"]).is_empty() && search(&program, &["--site", "a.test"]).is_empty());
    assert_eq!(search(&program, &["--site", "127.0.0.1", "-n", "1"]).len(), 1);
    let ran = program.run_to(0, &["search", "--json", "图书馆 \"AND OR"]);
    assert_eq!(ran.summary()["found"], 0);
    let event = &program.run_to(0, &["search", "--json", "装订"]).events_named("found")[0];
    assert!(
        event["snippet"].as_str().unwrap().contains("这座图书馆")
            || event["snippet"].as_str().unwrap().contains("装订")
    );
    program.run_to(0, &["verify"]);
}

#[test]
fn the_index_follows_the_files_and_is_made_anew_from_them() {
    let (server, program) = archived();
    assert_eq!(search(&program, &["第一版"]).len() + search(&program, &["第1版"]).len(), 1);
    program.run_to(0, &["snapshot", "报", "--now", "2026-11-21T00:00:00Z"]);
    assert_eq!((search(&program, &["第1版"]).len(), search(&program, &["第2版"]).len()), (0, 1));
    program.run_to(0, &["remove", server.url("/1").as_str()]);
    assert!(search(&program, &["装订"]).is_empty());
    std::fs::remove_dir_all(program.archive().join(".bindery")).unwrap();
    program.run_to(0, &["reindex"]);
    assert_eq!(search(&program, &["第2版"]).len(), 1);
    std::fs::write(program.archive().join(".bindery/search.sqlite"), "no index at all, and long enough to be one")
        .unwrap();
    assert_eq!(search(&program, &["第2版"]).len(), 1);
}

fn listed(ran: &Ran) -> Vec<(String, String)> {
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    ran.events_named("changed").iter().map(|event| (text(&event["title"]), text(&event["reason"]))).collect()
}

#[test]
fn what_changed_is_listed_shown_and_can_be_subscribed_to() {
    let (server, program) = archived();
    program.run_to(0, &["snapshot", "--now", "2026-11-21T00:00:00Z"]);
    program.run_to(0, &["archive", server.url("/3").as_str()]);
    let changed = ["list", "--json", "--changed"];
    let since =
        listed(&program.run_to(0, &[&changed[..], &["--since", "2026-11-20T12:00:00Z", "--source", "报"]].concat()));
    assert_eq!(since, [("馆长的一天".to_owned(), "text".to_owned())]);
    let all = listed(&program.run_to(0, &[&changed[..], &["--source", "报"]].concat()));
    assert_eq!(all.len(), 3, "{all:?}");
    assert!(listed(&program.run_to(0, &[&changed[..], &["--source", "别的"]].concat())).is_empty());

    let diff = program.run_to(0, &["diff", "--source", "报", "--since", "2026-11-20T12:00:00Z"]);
    assert!(diff.out.contains("[-1-]{+2+}") || diff.out.contains("[-第1版-]"), "{}", diff.out);

    let feed = program.run_to(0, &["list", "--changed", "--source", "报", "--atom"]).out;
    let again = program.run_to(0, &["list", "--changed", "--source", "报", "--atom"]).out;
    assert_eq!(feed, again);
    assert!(
        feed.starts_with("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<feed xmlns=\"http://www.w3.org/2005/Atom\">")
    );
    assert!(feed.contains("<updated>2026-11-21T00:00:00Z</updated>") && feed.contains("&lt;ins&gt;"), "{feed}");
    assert_eq!(feed.matches("<entry>").count(), 3);
    // Bindery reads its own feed.
    program.write("changes.xml", &feed);
    let ran = program.run_to(0, &["crawl", "--json", "--delay", "0s", "--allow-private", "-a", "other", "changes.xml"]);
    assert_eq!(ran.events_named("article").len(), 2, "{}{}", ran.out, ran.err);
}
