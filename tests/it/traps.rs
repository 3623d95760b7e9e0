//! A site that makes URLs without end: the crawl ends, and says why.
#![cfg(all(feature = "cli", feature = "net"))]

use std::collections::BTreeSet;

use crate::support::program::{Program, Ran};
use crate::support::server::{Answer, Asked, Server};

/// Words that no two numbers share in one order.
fn prose(n: usize) -> String {
    let words =
        ["河水", "仓房", "账本", "石桥", "灯塔", "木匠", "渡口", "绳厂", "水闸", "钟楼", "谷仓", "书库", "染坊"];
    let sentence = |at: usize| {
        let word = |step: usize| words[(n * 7 + at * (3 + n % 5) + step * (1 + n % 11)) % words.len()];
        format!(
            "第{n}年{}旁边的{}由{}重新修过，{}的人说它比{}还要结实{at}分。",
            word(0),
            word(1),
            word(2),
            word(3),
            word(4)
        )
    };
    (0..4).map(|part| format!("<p>{}</p>", (part * 6..part * 6 + 6).map(sentence).collect::<String>())).collect()
}

fn page(title: &str, n: usize, links: &[String]) -> Answer {
    let links: String = links.iter().map(|link| format!("<p><a href=\"{link}\">{}</a></p>", link.len())).collect();
    Answer::html(format!(
        "<html lang=zh-CN><head><meta charset=utf-8><title>{title}</title></head>\
         <body><article><h1>{title}</h1>{}</article><nav>{links}</nav></body></html>",
        prose(n)
    ))
}

fn crawl(
    site: impl Fn(&Asked) -> Answer + Send + Sync + 'static,
    start: &str,
    more: &[&str],
) -> (Ran, usize, Vec<String>) {
    let server = Server::start(move |asked| match asked.path.as_str() {
        "/robots.txt" => Answer::status(404),
        _ => site(asked),
    });
    let program = Program::in_memory();
    let url = server.url(start);
    let base = ["crawl", "--json", "--delay", "0s", "--retries", "0", "--max-pages", "300"];
    let ran = program.run(&[&base[..], &[url.as_str()], more].concat());
    let articles = program.files("bindery-archive").iter().filter(|file| file.ends_with("/record.json")).count();
    (ran, articles, server.log().into_iter().map(|asked| asked.path).collect())
}

fn reasons(ran: &Ran) -> BTreeSet<String> {
    ran.summary()["trapped"].as_object().unwrap().keys().cloned().collect()
}

#[test]
fn sessions_in_urls_make_no_new_pages() {
    for form in 0..4 {
        let (ran, articles, asked) = crawl(
            move |asked| {
                let spell = |path: &str| match form {
                    0 => format!("{path}?PHPSESSID={:026x}", asked.n + asked.path.len()),
                    1 => format!("{path};jsessionid={:08X}.node1", asked.n + asked.path.len()),
                    2 => format!("/(S({:024x})){path}", asked.n + asked.path.len()),
                    _ => format!("{path}?visit={:x}{}", asked.n, asked.path.len()),
                };
                let of = (0..4).rev().find(|n| asked.path.contains(&format!("/a{n}"))).unwrap_or(0);
                page(&format!("第{of}页"), of, &(0..4).map(|n| spell(&format!("/a{n}"))).collect::<Vec<_>>())
            },
            "/a0",
            &[],
        );
        assert_eq!(articles, 4, "{form}: {}{}", ran.out, ran.err);
        assert!(asked.len() < 70, "{form}: {} requests", asked.len());
    }
}

#[test]
fn a_calendar_with_texts_ends_and_a_chain_of_stories_does_not() {
    let (ran, articles, _) = crawl(
        |asked| {
            let month: usize = asked
                .path
                .split(['=', '&'])
                .filter_map(|part| part.parse::<usize>().ok())
                .fold(0, |sum, n| sum * 12 + n);
            let link = |at: usize| format!("/when?y={}&m={}", (at - 1) / 12, (at - 1) % 12 + 1);
            match month {
                0 => page("首页", 0, &["/when?y=2024&m=1".to_owned()]),
                at => page(&format!("第{at}月"), at, &[link(at - 1), link(at + 1)]),
            }
        },
        "/",
        &[],
    );
    assert!((20..60).contains(&articles), "{articles}: {}", ran.err);
    assert!(reasons(&ran).iter().any(|why| why.contains("calendar")), "{}", ran.out);
    let story = |asked: &Asked| {
        let n: usize = asked.path.rsplit('=').next().and_then(|n| n.parse().ok()).unwrap_or(0);
        page(&format!("第{n}篇"), n, &if n < 80 { vec![format!("/read?id={}", n + 1)] } else { Vec::new() })
    };
    let (ran, articles, _) = crawl(story, "/read?id=1", &[]);
    assert_eq!(articles, 80, "{}", ran.err);
}

#[test]
fn one_text_under_many_urls_ends_a_crawl() {
    let (ran, articles, asked) = crawl(
        |asked| {
            let chosen: Vec<&str> =
                asked.path.split_once('?').map(|(_, query)| query.split('&').collect()).unwrap_or_default();
            let is_free = |name: &&str| !chosen.iter().any(|pair| pair.starts_with(*name));
            let more = ["colour", "size", "sort", "brand", "view"].into_iter().filter(is_free);
            let mut links: Vec<String> = more
                .map(|name| format!("/list?{}", [&chosen[..], &[&format!("{name}=1")]].concat().join("&")))
                .collect();
            links.extend((1..4).map(|n| format!("/lamp/{n}")));
            match asked.path.strip_prefix("/lamp/").and_then(|n| n.parse().ok()) {
                Some(n) => page(&format!("第{n}盏灯"), n, &[]),
                None => page("全部的灯", 0, &links),
            }
        },
        "/list",
        &[],
    );
    assert_eq!(articles, 4, "{}{}", ran.out, ran.err);
    assert!(asked.len() < 60, "{} requests", asked.len());
    assert!(!reasons(&ran).is_empty());
    let (ran, articles, asked) = crawl(|_| page("条款", 1, &["terms/".to_owned(), "privacy/".to_owned()]), "/de/", &[]);
    assert!(articles <= 4 && asked.len() < 20, "{} requests: {}", asked.len(), ran.err);
    assert!(reasons(&ran).iter().any(|why| why.contains("grow")), "{}", ran.out);
}

#[test]
fn a_link_that_logs_out_is_followed_only_without_a_session() {
    let site = |asked: &Asked| match asked.path.as_str() {
        "/m1" => page("会员的一页", 1, &["/m2".to_owned(), "/logout".to_owned(), "/do?action=sign_out".to_owned()]),
        "/m2" => Answer::html(format!("<title>另一页</title><article>{}</article><a href=/x7>退出登录</a>", prose(2))),
        _ => page("再见", 3, &[]),
    };
    let (ran, _, asked) = crawl(site, "/m1", &["--header", "Cookie: sid=geheim"]);
    assert_eq!(asked.iter().filter(|path| *path != "/robots.txt").collect::<Vec<_>>(), ["/m1", "/m2"], "{}", ran.err);
    assert_eq!(ran.summary()["trapped"]["the link logs out"], 3);
    let (_, _, asked) = crawl(site, "/m1", &[]);
    assert!(asked.contains(&"/logout".to_owned()));
}

#[test]
fn a_site_that_shows_its_login_page_at_every_url_ends_a_crawl() {
    let (ran, articles, asked) = crawl(
        |asked| {
            let n: usize = asked.path.trim_start_matches("/story/").parse().unwrap_or(0);
            let links: String = (1..4).map(|k| format!("<a href=/story/{0}>story {0}</a> ", n * 3 + k)).collect();
            Answer::html(format!(
                "<html lang=en><title>Log in</title><main><h1>Log in</h1><p>You need to log in to read this page. Forgot \
                 your password? Create an account; it takes one minute.</p></main><nav>{links}</nav></html>"
            ))
        },
        "/",
        &[],
    );
    assert!(articles < 60 && asked.len() < 120, "{articles} articles, {} pages", asked.len());
    assert!(reasons(&ran).iter().any(|reason| reason.contains("same login")), "{:?}", reasons(&ran));
}
