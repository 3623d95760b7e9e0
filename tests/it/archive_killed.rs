//! The program is killed at random instants, fifty times: after the next run the archive is whole, and whatever was
//! reported is there.
#![cfg(all(feature = "cli", feature = "net", unix))]

use std::collections::BTreeMap;
use std::io::Read;
use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::support::program::Program;
use crate::support::server::{Answer, Asked, Server};
use serde_json::Value;

const KILLS: u32 = 50;

const TEXT: &str = "<p>这座图书馆建于一九五六年，当时只有两层，藏书不到三万册，读者大多是附近工厂的工人。</p>\
<p>七十年过去，它搬过三次家，换过五任馆长，书却越来越多，如今已经有一百二十万册，每天开放到晚上十点。</p>";

fn serve(asked: &Asked) -> Answer {
    let page = |title: &str| {
        let images: String = (0..3).map(|n| format!("<p><img src=\"{}/{n}.gif\"></p>", asked.path)).collect();
        let html = format!("<title>{title}</title><article><h1>{title}</h1>{TEXT}<p>{title}</p>{images}</article>");
        Answer::html(format!("<html lang=zh-CN><meta charset=utf-8>{html}</html>"))
    };
    match asked.path.as_str() {
        path if path.ends_with(".gif") => {
            let mut gif = b"GIF89a\x0a\0\x0a\0\0\0\0!\xfe\x20".to_vec();
            gif.extend(bindery::model::Digest::of(path.as_bytes()).as_bytes());
            gif.extend(b"\0;");
            Answer::bytes("image/gif", gif)
        }
        path if path.starts_with("/new") => page(&format!("新闻{path}")),
        path if path.starts_with("/changing") => page(&format!("变化{path}第{}版", asked.n)),
        path if path.starts_with("/same") => page(&format!("旧闻{path}")),
        _ => Answer::status(404),
    }
}

/// What a run reported before it ended or was killed: outcome and title by path.
fn run(program: &Program, urls: &[String], kill_after: Option<Duration>) -> (Vec<Value>, Duration) {
    let arguments: Vec<&str> = ["archive", "--json", "--captures", "all", "--retries", "0"]
        .into_iter()
        .chain(urls.iter().map(String::as_str))
        .collect();
    let begin = Instant::now();
    let mut child =
        program.command(&arguments).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("the program starts");
    if let Some(after) = kill_after {
        std::thread::sleep(after);
        child.kill().unwrap();
    }
    let mut out = String::new();
    child.stdout.take().unwrap().read_to_string(&mut out).unwrap();
    child.wait().unwrap();
    // A line that was cut off was not reported.
    let events =
        out.split_inclusive('\n').filter(|line| line.ends_with('\n')).map(|line| serde_json::from_str(line).unwrap());
    (events.filter(|event: &Value| event["event"] == "article").collect(), begin.elapsed())
}

/// Every text of an article, by the path of its newest.
fn texts(program: &Program, path: &str) -> String {
    let folder = format!("bindery-archive/{}", path.strip_suffix("/index.md").unwrap());
    let files = program.files(&folder).into_iter().filter(|file| file.ends_with("Z.md") || file.contains("Z-"));
    files.map(|file| program.read(&format!("{folder}/{file}"))).collect()
}

#[test]
fn fifty_kills_lose_nothing_that_was_reported() {
    let server = Server::start(serve);
    let program = Program::in_memory();
    let list = |round: u32| -> Vec<String> {
        let paths = (0..3).flat_map(|n| [format!("/same/{n}"), format!("/changing/{n}"), format!("/new/{round}-{n}")]);
        paths.map(|path| server.url(&path).to_string()).collect()
    };
    let (events, whole) = run(&program, &list(0), None);
    assert_eq!(events.len(), 9);
    let mut random = fastrand::Rng::with_seed(20_261_124);
    let mut by_path: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut cut_off = 0;
    for round in 1..=KILLS {
        let limit = u64::try_from(whole.as_micros()).unwrap() * 11 / 10;
        let (events, _) = run(&program, &list(round), Some(Duration::from_micros(random.u64(..limit))));
        cut_off += u32::from(events.len() < 9);
        for event in events {
            let (path, title) = (event["path"].as_str().unwrap(), event["title"].as_str().unwrap());
            assert!(["new", "updated", "unchanged"].contains(&event["outcome"].as_str().unwrap()), "{event}");
            by_path.entry(path.to_owned()).or_default().push(title.to_owned());
        }
        program.run_to(0, &["reindex", "-q"]);
        let verified = program.run(&["verify"]);
        assert_eq!(verified.code, 0, "after kill {round}: {}", verified.out);
    }
    let mut reported = 0;
    for (path, titles) in &by_path {
        let kept = texts(&program, path);
        for title in titles {
            reported += 1;
            assert!(kept.contains(title.as_str()), "{path} lacks {title}");
        }
    }
    println!("figure: kills of an archiving run at any instant: {KILLS}");
    println!("{KILLS} kills, {cut_off} of them before the run had reported every page; {reported} reports, all there");
    assert!(cut_off > KILLS / 3, "{cut_off} of {KILLS} kills hit a run");
    let (events, _) = run(&program, &list(0), None);
    assert_eq!(events.len(), 9);
    program.run_to(0, &["verify"]);
}
