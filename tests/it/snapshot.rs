//! Sources and their schedules, through the program.
#![cfg(all(feature = "cli", feature = "net", feature = "store"))]

use std::time::{Duration, Instant};

use crate::support::program::{Program, Ran};
use crate::support::server::{Answer, Asked, Server};

const TEXT: &str = "<p>这座图书馆建于一九五六年，当时只有两层，藏书不到三万册，读者大多是附近工厂的工人。</p>\
<p>七十年过去，它搬过三次家，换过五任馆长，书却越来越多，如今已经有一百二十万册，每天开放到晚上十点。</p>";

fn serve(asked: &Asked) -> Answer {
    let host = asked.header("host").unwrap_or_default();
    let page = |title: &str| {
        Answer::html(format!(
            "<html lang=zh-CN><title>{title}</title><article><h1>{title}</h1>{TEXT}<p>{title}</p></article>"
        ))
    };
    match asked.path.as_str() {
        "/rss" => Answer::bytes(
            "text/xml",
            format!(
                "<rss version='2.0'><channel><title>报</title><item><link>http://{host}/1</link></item>\
             <item><link>http://{host}/2</link></item></channel></rss>"
            ),
        ),
        "/1" => page("不变"),
        "/2" => page(&format!("第{}版", asked.n + 1)),
        "/secret" if asked.header("cookie") == Some("id=geheim") => page("登录之后"),
        path if path.starts_with("http://news.test/") => page("经过代理"),
        _ => Answer::status(404),
    }
}

fn source(name: &str, seed: &str, more: &str) -> String {
    format!("[[source]]\nname = \"{name}\"\nseeds = [\"{seed}\"]\ndelay = \"0s\"\n{more}\n\n")
}

fn at(program: &Program, now: &str, more: &[&str]) -> Ran {
    program.run(&[&["snapshot", "--json", "--now", now], more].concat())
}

#[test]
fn what_is_due_is_visited_once_and_what_was_missed_is_caught_up_once() {
    let (server, program) = (Server::start(serve), Program::new());
    program.write("bindery.toml", source("报", server.url("/rss").as_str(), "every = \"6h\""));
    let first = at(&program, "2026-11-24T00:00:00Z", &[]);
    assert_eq!((first.code, first.summary()["new"].as_u64()), (0, Some(2)), "{}{}", first.out, first.err);
    assert_eq!(first.summary()["source"], "报");
    let early = at(&program, "2026-11-24T05:59:00Z", &[]);
    assert_eq!(
        (early.summary()["sources"].as_u64(), early.summary()["next"].as_str()),
        (Some(0), Some("2026-11-24T06:00:00Z"))
    );
    let late = at(&program, "2026-11-27T00:00:00Z", &[]);
    assert_eq!((late.summary()["updated"].as_u64(), late.summary()["unchanged"].as_u64()), (Some(1), Some(1)));
    assert_eq!(
        at(&program, "2026-11-27T00:01:00Z", &[]).summary()["sources"],
        0,
        "twelve turns were missed, one is made"
    );
    let back = at(&program, "2026-11-20T00:00:00Z", &[]);
    assert_eq!(back.summary()["next"], "2026-11-20T06:00:00Z", "a clock that was set back");
    let named = at(&program, "2026-11-27T00:02:00Z", &["报"]);
    assert_eq!(named.summary()["updated"], 1, "a source that is named need not be due");
    program.run_to(0, &["verify"]);
}

#[test]
fn each_source_has_its_own_profile_cookies_and_proxy() {
    let (server, proxy, program) = (Server::start(serve), Server::start(serve), Program::new());
    let host = "127.0.0.1";
    program.write("cookies.txt", format!("# Netscape HTTP Cookie File\n{host}\tFALSE\t/\tFALSE\t0\tid\tgeheim\n"));
    let secret = source(
        "登录",
        server.url("/secret").as_str(),
        "cookie-file = \"cookies.txt\"\nprofile = \"hexo\"\ncategories = [\"新闻\"]",
    );
    let behind = source("代理", "http://news.test/1", &format!("proxy = \"http://127.0.0.1:{}\"", proxy.port()));
    program.write("bindery.toml", secret + &behind);
    let ran = at(&program, "2026-11-24T00:00:00Z", &["登录", "代理"]);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    let articles = ran.events_named("article");
    let text = |n: usize| program.read(&format!("bindery-archive/{}", articles[n]["path"].as_str().unwrap()));
    assert!(
        text(0).contains("登录之后") && text(0).replace("  - ", "- ").contains("categories:\n- 新闻"),
        "{}",
        text(0)
    );
    assert!(text(1).contains("经过代理"), "{}", text(1));
    assert!(proxy.log().iter().any(|asked| asked.path == "http://news.test/1"));
    for file in program.files("bindery-archive") {
        let bytes = std::fs::read(program.archive().join(&file)).unwrap();
        assert!(!bytes.windows(6).any(|window| window == b"geheim"), "{file} holds the cookie");
    }
}

#[test]
fn a_source_lays_out_its_own_front_matter_and_follows_its_own_settings() {
    let (server, program) = (Server::start(serve), Program::new());
    program.write("own.j2", "own: {{ title }}\n");
    let more = "profile = \"custom\"\ntemplate = \"own.j2\"\nheading-style = \"setext\"\nstrict = true\nretries = 0\n\
        timeout = \"20s\"\nuser-agent = \"reader/1\"";
    program.write("bindery.toml", source("own", server.url("/1").as_str(), more));
    let ran = at(&program, "2026-11-24T00:00:00Z", &["own"]);
    assert_eq!(ran.code, 3, "the article is thin, and the source strict: {}{}", ran.out, ran.err);
    let text = program.read(&format!("bindery-archive/{}", ran.article()["path"].as_str().unwrap()));
    assert!(text.starts_with("own: 不变\n"), "{text}");
    assert!(server.log().iter().all(|asked| asked.header("user-agent") == Some("reader/1")));
    program.write("bindery.toml", source("own", server.url("/1").as_str(), "profile = \"custom\""));
    let missing = at(&program, "2026-11-24T00:00:00Z", &["own"]);
    assert!(missing.code == 2 && missing.err.contains("source `own`: the profile `custom` needs"), "{}", missing.err);
    program.write("bindery.toml", source("own", server.url("/1").as_str(), "template = \"own.j2\""));
    let unused = at(&program, "2026-11-24T00:00:00Z", &["own"]);
    assert!(unused.code == 2 && unused.err.contains("source `own`: the template "), "{}", unused.err);
    program.write("bindery.toml", source("own", server.url("/1").as_str(), "profile = \"hexo\""));
    let top = "profile = \"custom\"\ntemplate = \"own.j2\"\n".to_owned();
    program.write("bindery.toml", top + &program.read("bindery.toml"));
    assert_eq!(at(&program, "2026-11-24T00:00:00Z", &["own"]).code, 0, "the source has a profile of its own");
}

#[test]
fn a_mistake_in_bindery_toml_is_named_before_anything_is_visited() {
    let program = Program::new();
    program.write("bindery.toml", source("a", "https://a.test/", "shedule = \"0 8 * * *\""));
    let ran = at(&program, "2026-11-24T00:00:00Z", &[]);
    assert_eq!(ran.code, 2);
    assert!(
        ran.err.contains("bindery.toml, line 5, column 1: unknown key `shedule` in a source; did you mean `schedule`?"),
        "{}",
        ran.err
    );
    program.write("bindery.toml", source("a", "https://a.test/", "every = \"6h\""));
    let unknown = at(&program, "2026-11-24T00:00:00Z", &["b"]);
    assert!(unknown.code == 2 && unknown.err.contains("no source `b`"), "{}", unknown.err);
    let forecast = at(&program, "2026-11-24T00:00:00Z", &["--dry-run"]);
    assert_eq!(forecast.events_named("source")[0]["now"], true);
    program.write("bindery.toml", "");
    assert!(at(&program, "2026-11-24T00:00:00Z", &[]).err.contains("[[source]]"));
}

#[cfg(unix)]
#[test]
fn a_watch_keeps_the_schedule_until_it_is_asked_to_end() {
    let (server, program) = (Server::start(serve), Program::new());
    program.write("bindery.toml", source("报", server.url("/rss").as_str(), "every = \"6h\""));
    let mut child =
        program.command(&["snapshot", "--watch", "-q"]).stderr(std::process::Stdio::null()).spawn().unwrap();
    let begin = Instant::now();
    while server.count("/2") == 0 {
        assert!(begin.elapsed() < Duration::from_secs(60) && child.try_wait().unwrap().is_none(), "it ended by itself");
        std::thread::sleep(Duration::from_millis(20));
    }
    std::thread::sleep(Duration::from_millis(500));
    let killed = std::process::Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap();
    assert!(killed.success());
    let asked = Instant::now();
    let status = child.wait().unwrap();
    assert!(asked.elapsed() < Duration::from_secs(10), "{:?}", asked.elapsed());
    assert_eq!(status.code(), Some(130));
    program.run_to(0, &["verify"]);
    assert_eq!(server.count("/rss"), 1, "the source is not visited again before it is due");
}

#[cfg(unix)]
#[test]
fn a_source_is_never_visited_twice_at_a_time() {
    // The feed is held back until the second run has ended, however long that takes.
    let (release, held) = std::sync::mpsc::channel::<()>();
    let held = std::sync::Mutex::new(held);
    let slow = move |asked: &Asked| {
        if asked.path == "/rss" {
            // Once released, and after a minute in any case, it is answered at once.
            let _ = held.lock().unwrap().recv_timeout(Duration::from_secs(60));
        }
        serve(asked)
    };
    let (server, program) = (Server::start(slow), Program::new());
    program.write("bindery.toml", source("报", server.url("/rss").as_str(), "every = \"6h\""));
    let mut watch =
        program.command(&["snapshot", "--watch", "-q"]).stderr(std::process::Stdio::null()).spawn().unwrap();
    let begin = Instant::now();
    while server.count("/rss") == 0 {
        assert!(begin.elapsed() < Duration::from_secs(60), "nothing is visited");
        std::thread::sleep(Duration::from_millis(10));
    }
    let other = program.run(&["snapshot", "报"]);
    assert_eq!(other.code, 1, "{}", other.err);
    assert!(other.err.contains(&format!("process {}", watch.id())), "{}", other.err);
    assert_eq!(server.count("/rss"), 1);
    drop(release);
    assert!(std::process::Command::new("kill").args(["-TERM", &watch.id().to_string()]).status().unwrap().success());
    assert_eq!(watch.wait().unwrap().code(), Some(130));
    // What was handed back is visited by the next run, and by it alone.
    program.run_to(0, &["snapshot"]);
    assert_eq!(program.run_to(0, &["list"]).out.lines().count(), 2);
    program.run_to(0, &["verify"]);
}
