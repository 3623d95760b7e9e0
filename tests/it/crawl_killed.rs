//! A crawl is killed at random instants and started again: at its end every page is archived exactly once, the archive is
//! whole, and hardly a page was fetched twice.
#![cfg(all(feature = "cli", feature = "net", feature = "store", unix))]

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::process::Stdio;
use std::time::Duration;

use crate::support::program::Program;
use crate::support::server::{Answer, Asked, Server};
use serde_json::Value;

/// Pages and kills, more where the program is fast; `BINDERY_KILLS=10000,100` makes it large.
const SMALL: (usize, usize) = if cfg!(debug_assertions) { (240, 8) } else { (2000, 30) };

/// One machine with many ports is one host: each server has a URL of its own.
const HOSTS: [&str; 8] =
    ["127.0.0.1", "127.0.0.2", "127.0.0.3", "127.0.0.4", "127.0.0.5", "127.0.0.6", "127.0.0.7", "127.0.0.8"];

const TEXT: &str = "<p>这座图书馆建于一九五六年，当时只有两层，藏书不到三万册，读者大多是附近工厂的工人。</p>\
<p>七十年过去，它搬过三次家，换过五任馆长，书却越来越多，如今已经有一百二十万册，每天开放到晚上十点。</p>";

/// Each page leads to the next ten: links are found all along.
fn serve(asked: &Asked, pages: usize) -> Answer {
    let Some(number) = asked.path.strip_prefix("/p/").and_then(|text| text.parse::<usize>().ok()) else {
        return Answer::status(404);
    };
    if number >= pages {
        return Answer::status(404);
    }
    let links: String = (number * 10 + 1..=number * 10 + 10)
        .filter(|next| *next < pages)
        .map(|next| format!("<a href=/p/{next}>{next}</a> "))
        .collect();
    Answer::html(format!(
        "<html lang=zh-CN><meta charset=utf-8><title>第{number}页</title><article><h1>第{number}页</h1>{TEXT}<p>这是第{number}页。</p>{links}</article></html>"
    ))
}

struct Crawled {
    /// The URLs that were reported as done, which the queue had recorded before.
    reported: Vec<String>,
    ended: bool,
}

/// Crawls until it has reported `kill_after` pages, and then for a moment more; or to the end.
fn crawl(program: &Program, seeds: &[String], kill_after: Option<(usize, Duration)>) -> Crawled {
    let arguments: Vec<&str> = ["crawl", "--json", "--delay", "0s", "--allow-private", "--no-check"]
        .into_iter()
        .chain(seeds.iter().map(String::as_str))
        .collect();
    let mut child =
        program.command(&arguments).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("the program starts");
    let mut lines = BufReader::new(child.stdout.take().unwrap()).split(b'\n');
    let mut crawled = Crawled { reported: Vec::new(), ended: false };
    let mut read = |line: Vec<u8>| {
        // A line that was cut off was not reported.
        let Ok(event) = serde_json::from_slice::<Value>(&line) else { return };
        if event["event"] == "article" {
            assert_eq!(event["error"], Value::Null, "{event}");
            crawled.reported.push(event["url"].as_str().unwrap().to_owned());
        }
        crawled.ended |= event["event"] == "summary" && event["interrupted"] == false;
    };
    if let Some((pages, moment)) = kill_after {
        lines.by_ref().take(pages).for_each(|line| read(line.unwrap()));
        std::thread::sleep(moment);
        child.kill().unwrap();
    }
    lines.map_while(Result::ok).for_each(&mut read);
    child.wait().unwrap();
    crawled
}

#[test]
fn a_killed_crawl_goes_on_where_it_was() {
    let (pages, kills) = size();
    let hosts = HOSTS.len();
    let each = pages / hosts;
    let servers: Vec<Server> =
        HOSTS.iter().map(|host| Server::start_at(host, move |asked| serve(asked, each))).collect();
    let seeds: Vec<String> = servers.iter().map(|server| server.url("/p/0").to_string()).collect();
    let program = Program::in_memory();
    let mut random = fastrand::Rng::with_seed(20_261_124);
    let mut acknowledged = BTreeSet::new();
    let mut again = 0;
    let mut hit = 0;
    let mut ended = false;
    let mut count = |crawled: &Crawled| {
        for url in &crawled.reported {
            assert!(acknowledged.insert(url.clone()), "{url} was done, and visited again");
        }
    };
    for _ in 0..kills {
        let each = pages / kills;
        let after = random.usize(..each);
        // Short beside the time of the pages between two kills, so that the crawl outlasts all kills.
        let crawled = crawl(&program, &seeds, Some((after, Duration::from_micros(random.u64(..10_000)))));
        hit += usize::from(!crawled.ended);
        count(&crawled);
        ended = crawled.ended;
        if ended {
            break;
        }
    }
    // One that came to its end before it was killed would begin anew.
    if !ended {
        let last = crawl(&program, &seeds, None);
        assert!(last.ended);
        count(&last);
    }
    for server in &servers {
        for number in 0..pages / hosts {
            let count = server.count(&format!("/p/{number}"));
            assert!(count > 0, "page {number} was never visited");
            again += count - 1;
        }
    }
    program.run_to(0, &["verify"]);
    let listed = program.run_to(0, &["list", "--json"]).events();
    let urls: BTreeSet<String> = listed.iter().map(|event| event["url"].as_str().unwrap().to_owned()).collect();
    assert_eq!((listed.len(), urls.len()), (pages, pages), "each page once");
    assert!(listed.iter().all(|event| event["texts"] == 1), "and each with one text");
    println!("figure: kills of a crawl at any instant: {hit}");
    println!("{hit} kills over {pages} pages of {hosts} hosts: {again} pages fetched again, {} may be", hit * hosts);
    assert!(hit * 2 > kills, "{hit} of {kills} kills hit the crawl");
    assert!(again <= hit * hosts, "{again} pages fetched again after {hit} kills with {hosts} leases in flight");
}

fn size() -> (usize, usize) {
    let asked = std::env::var("BINDERY_KILLS").ok();
    asked
        .and_then(|text| Some((text.split_once(',')?.0.parse().ok()?, text.split_once(',')?.1.parse().ok()?)))
        .unwrap_or(SMALL)
}
