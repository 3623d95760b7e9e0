//! One article lies in one place, whatever URL led to it; different articles lie apart, whatever their pages claim.
#![cfg(all(feature = "cli", feature = "net"))]

use crate::support::program::{Program, Ran};
use crate::support::server::{Answer, Asked, Server};

const FIRE: &str = "<p>绳厂在半夜起火，守塔人最先看见火光，他敲钟叫醒了整条街的人，大家提着水桶跑到码头边上。</p>\
<p>天亮以前火被扑灭了，仓房只剩下四面墙，账本却完好，因为会计每天晚上都把它带回家，放在床头的木匣里。</p>\
<p>镇上决定春天重建绳厂，木料由上游的锯木厂捐出，石匠和木匠都说，他们愿意先做工，以后再谈工钱的事。</p>";

const WEIR: &str = "<p>The old weir below the mill has leaked for years, and the miller says that he can hear it at night.</p>\
<p>A diver who looked at the sill in May found a gap as wide as a door, and closed it with clay and sacking.</p>\
<p>Nobody knows who owns the weir; the county and the railway have written to each other about it since the flood.</p>";

fn page(title: &str, head: &str, body: &str) -> Answer {
    Answer::html(format!(
        "<html lang=zh-CN><head><meta charset=utf-8><title>{title}</title>{head}</head>\
         <body><article><h1>{title}</h1>{body}</article></body></html>"
    ))
}

fn claims(path: &str) -> String {
    format!("<link rel=canonical href={path}>")
}

fn archive(program: &Program, day: u8, server: &Server, paths: &[&str], more: &[&str]) -> Ran {
    let now = format!("2026-11-{day:02}T08:00:00Z");
    let urls: Vec<String> = paths.iter().map(|path| server.url(path).to_string()).collect();
    let urls: Vec<&str> = urls.iter().map(String::as_str).collect();
    program.run(&[&["archive", "--json", "--retries", "0", "--now", &now], more, &urls].concat())
}

/// Returns the number of articles in the archive, which must verify.
fn articles(program: &Program) -> usize {
    program.run_to(0, &["verify"]);
    program.files("bindery-archive").iter().filter(|file| file.ends_with("/record.json")).count()
}

#[test]
fn pages_that_state_one_canonical_url_are_one_article_although_nobody_visited_it() {
    let server = Server::start(|_| page("绳厂起火", &claims("/2024/fire"), FIRE));
    let program = Program::new();
    archive(&program, 20, &server, &["/s/1?view=list", "/share/88", "/section/fire"], &[]);
    assert_eq!(articles(&program), 1);
    let later = archive(&program, 21, &server, &["/2024/fire", "/share/99"], &[]);
    assert!(later.events_named("article").iter().all(|event| event["outcome"] == "unchanged"), "{}", later.out);
    assert_eq!(articles(&program), 1);
}

#[test]
fn templates_that_state_one_canonical_url_for_all_pages_join_nothing() {
    for canonical in ["/", "/fires/all"] {
        let server = Server::start(move |asked: &Asked| match asked.path.as_str() {
            "/fires/1" => page("绳厂起火", &claims(canonical), FIRE),
            _ => page("绳厂起火", &claims(canonical), WEIR),
        });
        let program = Program::new();
        archive(&program, 20, &server, &["/fires/1", "/fires/2", "/fires/all"], &[]);
        // The third page is the second one under the URL that both state.
        assert_eq!(articles(&program), if canonical == "/" { 3 } else { 2 }, "{canonical}");
    }
}

#[test]
fn canonical_urls_in_a_circle_come_to_an_end() {
    let server = Server::start(|asked: &Asked| match asked.path.as_str() {
        "/a" => page("绳厂起火", &claims("/b"), FIRE),
        "/b" => page("绳厂起火", &claims("/c"), FIRE),
        _ => page("绳厂起火", &claims("/a"), FIRE),
    });
    let program = Program::new();
    archive(&program, 20, &server, &["/a", "/b", "/c"], &[]);
    assert_eq!(articles(&program), 1);
}

#[test]
fn a_view_of_a_page_is_the_page_only_if_the_text_bears_it_out() {
    let server = Server::start(|asked: &Asked| match asked.path.as_str() {
        "/fire.html?print=1" => page("绳厂起火", "", &format!("{FIRE}<p>打印于二〇二六年十一月。</p>")),
        "/fires" => page("The weir", "", WEIR),
        "/act?ref=10" => page("Act 10", "", WEIR),
        "/act?ref=11" => page("Act 11", "", FIRE),
        _ => page("绳厂起火", "", FIRE),
    });
    let program = Program::new();
    let same = ["/fire.html", "/fire/", "/fire/index.html", "/fire.html?print=1", "/amp/fire", "/fire?ref=rss&cmp=x"];
    archive(&program, 20, &server, &same, &[]);
    assert_eq!(articles(&program), 1);
    archive(&program, 20, &server, &["/fires", "/fires/", "/act?ref=10", "/act?ref=11"], &[]);
    assert_eq!(articles(&program), 5);
}

#[test]
fn a_url_that_shows_another_article_later_leaves_the_first() {
    let server = Server::start(|asked: &Asked| match (asked.path.as_str(), asked.n) {
        ("/latest", 1..) => page("The weir", "", WEIR),
        ("/latest", _) => page("绳厂起火", &claims("/fire"), FIRE),
        _ => page("绳厂起火", "", FIRE),
    });
    let program = Program::new();
    archive(&program, 20, &server, &["/fire", "/latest"], &[]);
    assert_eq!(articles(&program), 1);
    let later = archive(&program, 21, &server, &["/latest"], &[]).article();
    assert_eq!((&later["outcome"], articles(&program)), (&"new".into(), 2));
    let again = archive(&program, 22, &server, &["/latest"], &[]).article();
    assert_eq!((&again["outcome"], &again["path"]), (&"unchanged".into(), &later["path"]));
}

#[test]
fn the_old_url_of_a_renamed_article_leads_to_it() {
    let server = Server::start(|asked: &Asked| match (asked.path.as_str(), asked.n) {
        ("/2024/old-slug", 1..) => Answer::redirect(301, "/2024/new-slug"),
        _ => page("绳厂起火", "", FIRE),
    });
    let program = Program::new();
    archive(&program, 20, &server, &["/2024/old-slug"], &[]);
    let moved = archive(&program, 21, &server, &["/2024/old-slug"], &[]).article();
    assert_eq!((&moved["outcome"], articles(&program)), (&"unchanged".into(), 1));
    assert_eq!(archive(&program, 22, &server, &["/2024/new-slug"], &[]).article()["outcome"], "unchanged");
}

#[test]
fn a_user_can_name_parameters_that_select_no_page() {
    let server = Server::start(|asked: &Asked| {
        let more = format!("{FIRE}<p>您从 {} 来到这里。</p>", asked.path.replace(['?', '='], " "));
        page("绳厂起火", "", &more)
    });
    let program = Program::new();
    let paths = ["/fire?partner=rss", "/fire?partner=mail&xy_1=2"];
    archive(&program, 20, &server, &paths, &["--tracking-parameters", "partner,xy_*"]);
    assert_eq!(articles(&program), 1);
    let record = program.run_to(0, &["show", "--record", server.url("/fire").as_str()]).out;
    assert!(record.contains("/fire\""), "{record}");
    let list = program.write("list.txt", paths.map(|path| server.url(path).to_string()).join("\n"));
    let before = server.log().len();
    let url = list.to_string_lossy().into_owned();
    program.run_to(0, &["crawl", "--delay", "0s", "--tracking-parameters", "partner,xy_*", &url]);
    assert_eq!(server.log()[before..].iter().filter(|asked| asked.path.starts_with("/fire")).count(), 1);
    let other = Program::new();
    archive(&other, 20, &server, &paths, &[]);
    assert_eq!(articles(&other), 2);
}

#[test]
fn an_article_is_not_named_by_a_counter_of_messages() {
    let server = Server::start(|_| {
        Answer::html(format!(
            "<html><head><meta charset=utf-8><title>(3) 绳厂起火</title></head><body>{FIRE}</body></html>"
        ))
    });
    let program = Program::new();
    let path = archive(&program, 20, &server, &["/fire"], &[]).article()["path"].as_str().unwrap().to_owned();
    assert!(path.contains("/绳厂起火-"), "{path}");
}
