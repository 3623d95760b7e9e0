//! The program at a terminal and in a pipe: what it prints, where, and with which exit code.
#![cfg(all(feature = "cli", feature = "net"))]

use std::io::{BufRead, BufReader, Read};
use std::process::Stdio;
use std::time::Duration;

use crate::support::program::Program;
use crate::support::server::{Answer, Server};

const PAGE: &str = "<html lang=zh-CN><head><title>图书馆的七十年</title></head><body><article>\
<p>这座图书馆建于一九五六年，当时只有两层，藏书不到三万册，读者大多是附近工厂的工人。</p>\
<p>七十年过去，它搬过三次家，换过五任馆长，书却越来越多，如今已经有一百二十万册，每天开放到晚上十点。</p>\
<p>馆长说，最难的不是买书，而是让每一本书都找得到，为此他们花了整整六年。</p></article></body></html>";

fn site() -> Server {
    Server::start(|asked| match asked.path.split('?').next() {
        Some("/robots.txt") => Answer::status(404),
        _ => Answer::bytes("text/html; charset=utf-8", PAGE),
    })
}

fn stored_page(program: &Program) {
    program.write("page.html", PAGE);
    program.run_to(0, &["archive", "page.html"]);
}

#[test]
fn help_is_no_error_and_a_wrong_flag_is_one() {
    let program = Program::new();
    let help = program.run_to(0, &["--help"]);
    assert!(help.out.contains("archive") && help.out.contains("Exit codes:") && help.err.is_empty());
    assert!(program.run_to(0, &["archive", "--help"]).out.contains("--respect-robots"));
    let wrong = program.run_to(2, &["archive", "--retrys", "2", "http://127.0.0.1/"]);
    assert!(wrong.out.is_empty() && wrong.err.contains("--retries"), "{}", wrong.err);
    program.run_to(2, &[]);
    program.run_to(2, &["archive"]);
    program.run_to(2, &["convert", "a.html", "--format", "docx"]);
    assert!(program.files("").is_empty());
}

#[test]
fn results_go_to_standard_output_and_everything_else_to_standard_error() {
    let (server, program) = (site(), Program::new());
    let ran = program.run_to(0, &["archive", server.url("/1").as_str()]);
    assert_eq!(ran.out.lines().count(), 1);
    assert!(ran.out.starts_with("new       articles/127.0.0.1_"), "{}", ran.out);
    assert!(ran.err.contains("1 new, 0 updated, 0 unchanged, 0 skipped, 0 failed"), "{}", ran.err);
    let quiet = program.run_to(0, &["archive", "-q", server.url("/1").as_str()]);
    assert_eq!((quiet.out.as_str(), quiet.err.as_str()), ("", ""), "-q prints errors only");
    let events = program.run_to(0, &["archive", "-q", "--json", server.url("/1").as_str()]).events();
    assert_eq!(events[0]["outcome"], "unchanged", "--json was asked for");
}

#[test]
fn json_has_one_article_event_a_page_failures_included() {
    let (server, program) = (site(), Program::new());
    let list = format!("# 两页\n{}\n\nnonsense\n{}\n", server.url("/1"), server.url("/2"));
    program.write("list.txt", list);
    let ran = program.run_to(3, &["archive", "--input-file", "list.txt", "--json"]);
    let outcomes: Vec<_> = ran.events_named("article").iter().map(|event| event["outcome"].clone()).collect();
    assert_eq!(outcomes, ["new", "failed", "new"]);
    let failed = &ran.events_named("article")[1];
    assert_eq!((&failed["error"]["stage"], &failed["error"]["kind"]), (&"input".into(), &"url".into()));
    assert!(failed["error"]["message"].as_str().unwrap().starts_with("list.txt, line 4: `nonsense`"));
    let summary = ran.summary();
    assert_eq!((&summary["new"], &summary["failed"]), (&2.into(), &1.into()));
}

#[test]
fn pages_are_reported_in_the_order_in_which_they_were_named_whichever_is_ready_first() {
    let slow = Server::start(|asked| match asked.path.as_str() {
        "/robots.txt" => Answer::status(404),
        "/0" => Answer::html(PAGE.replace("图书馆的", "0 ")).delay(Duration::from_secs(1)),
        path => Answer::html(PAGE.replace("图书馆的", &path[1..])),
    });
    let (quick, program) = (Server::start_at("localhost", |_| Answer::html(PAGE)), Program::new());
    program.write("page.html", PAGE.replace("七十", "八十"));
    // More pages than are visited at once; one of them twice, and one that does not exist.
    let mut named: Vec<String> = (0..20).map(|n| slow.url(&format!("/{n}")).to_string()).collect();
    named.extend(["page.html".to_owned(), "nonsense".to_owned(), quick.url("/x").to_string(), named[3].clone()]);
    program.write("list.txt", named.join("\n"));
    let ran = program.run_to(3, &["archive", "--input-file", "list.txt", "--json"]);
    let reported: Vec<_> = ran.events_named("article").iter().map(|event| event["url"].clone()).collect();
    let web = |url: &String| url.starts_with("http").then(|| url.clone());
    assert_eq!(reported, named[..23].iter().map(web).map(|url| serde_json::json!(url)).collect::<Vec<_>>());
    assert_eq!(slow.busiest(), 1);
}

#[test]
fn the_same_run_writes_the_same_bytes() {
    let server = site();
    let archive = || {
        let program = Program::new();
        let (one, two) = (server.url("/1"), server.url("/2"));
        let flags = ["archive", one.as_str(), two.as_str(), "--now", "2026-11-23T08:00:00Z"];
        let out = program.run_to(0, &flags).out;
        let files: Vec<(String, Vec<u8>)> = program
            .files("bindery-archive")
            .into_iter()
            .filter(|file| !file.starts_with(".bindery"))
            .map(|file| (file.clone(), std::fs::read(program.archive().join(&file)).unwrap()))
            .collect();
        (out, files)
    };
    assert_eq!(archive(), archive());
}

#[test]
fn a_closed_pipe_is_no_error() {
    let program = Program::new();
    stored_page(&program);
    for arguments in [&["list"][..], &["man"], &["show", "page"], &["completions", "bash"], &["convert", "page.html"]] {
        let mut child = program.command(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let status = child.wait().unwrap();
        let mut err = String::new();
        child.stderr.take().unwrap().read_to_string(&mut err).unwrap();
        // `show` finds nothing by that name, and says so.
        assert_eq!(status.code(), Some(i32::from(arguments[0] == "show")), "{arguments:?} {err}");
        assert!(!err.contains("panicked"), "{err}");
    }
}

#[test]
fn an_interrupted_run_keeps_what_was_done() {
    let server = Server::start(|asked| match asked.path.as_str() {
        "/1" => Answer::bytes("text/html; charset=utf-8", PAGE),
        "/robots.txt" => Answer::status(404),
        _ => Answer::bytes("text/html", PAGE).delay(Duration::from_secs(60)),
    });
    let program = Program::new();
    let (one, two) = (server.url("/1"), server.url("/2"));
    let mut child =
        program.command(&["archive", one.as_str(), two.as_str(), "--json"]).stdout(Stdio::piped()).spawn().unwrap();
    // The line that reports the first page is written after the page was stored; the second page is still awaited then.
    let mut lines = BufReader::new(child.stdout.take().unwrap());
    let mut out = String::new();
    while !out.contains("\"outcome\":\"new\"") {
        assert_ne!(lines.read_line(&mut out).unwrap(), 0, "{out}");
    }
    assert!(std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    lines.read_to_string(&mut out).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130), "{out}");
    assert!(out.contains("\"interrupted\":true"), "{out}");
    program.run_to(0, &["verify"]);
    assert!(program.run_to(0, &["list"]).out.contains("图书馆的七十年"));
}

#[test]
fn a_second_writer_learns_who_holds_the_archive() {
    let server = Server::start(|asked| match asked.path.as_str() {
        "/robots.txt" => Answer::status(404),
        _ => Answer::bytes("text/html", PAGE).delay(Duration::from_secs(60)),
    });
    let program = Program::new();
    program.write("page.html", PAGE);
    let url = server.url("/slow");
    let mut first = program.command(&["archive", url.as_str()]).stderr(Stdio::null()).spawn().unwrap();
    for _ in 0..600 {
        if server.log().iter().any(|asked| asked.path == "/slow") {
            break;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    let second = program.run_to(1, &["archive", "page.html"]);
    assert!(second.err.contains(&format!("process {}", first.id())), "{}", second.err);
    assert_eq!(second.err.lines().count(), 1);
    first.kill().unwrap();
    first.wait().unwrap();
    program.run_to(0, &["archive", "page.html"]);
    program.run_to(0, &["verify"]);
}

#[test]
fn secrets_reach_no_file_and_no_line() {
    let server =
        Server::start(|asked| match (asked.path.as_str(), asked.header("authorization"), asked.header("x-key")) {
            ("/robots.txt", ..) => Answer::status(404),
            ("/1", Some(_), Some("hunter22")) => {
                Answer::bytes("text/html", PAGE).header("Set-Cookie", "session=hunter33")
            }
            _ => Answer::status(401),
        });
    let program = Program::new();
    let url = server.url("/1").to_string().replace("http://", "http://me:hunter11@");
    let ran = program.run_to(0, &["archive", "-v", "--json", "--header", "X-Key: hunter22", &url]);
    let said = format!("{}{}", ran.out, ran.err);
    for file in program.files("bindery-archive") {
        let mut bytes = std::fs::read(program.archive().join(&file)).unwrap();
        if file.ends_with(".gz") {
            let packed = std::mem::take(&mut bytes);
            std::io::Read::read_to_end(&mut flate2::read::MultiGzDecoder::new(packed.as_slice()), &mut bytes).unwrap();
            assert!(String::from_utf8_lossy(&bytes).contains("X-Key: redacted"), "{file}");
        }
        assert!(!String::from_utf8_lossy(&bytes).contains("hunter"), "{file}");
    }
    assert!(!said.contains("hunter"), "{said}");
    let failed = program.run_to(3, &["archive", "-v", &url.replace("/1", "/2")]);
    assert!(!failed.err.contains("hunter") && failed.err.contains("401"), "{}", failed.err);
}

#[test]
fn a_private_address_that_nobody_named_is_not_visited() {
    let other = Server::start(|_| Answer::bytes("image/gif", b"GIF89a\x0a\0\x0a\0\0\0\0;".as_slice()));
    let image = other.url("/a.gif");
    let body = PAGE.replace("</article>", &format!("<p><img src={image}></p></article>"));
    let server = Server::start(move |asked| match asked.path.as_str() {
        "/robots.txt" => Answer::status(404),
        _ => Answer::bytes("text/html; charset=utf-8", body.clone()),
    });
    let program = Program::new();
    let refused = program.run_to(0, &["archive", "--json", server.url("/1").as_str()]).article();
    assert_eq!(refused["images"]["missing"], 1);
    assert!(refused["missing"][0]["reason"].as_str().unwrap().contains("--allow-private"), "{refused}");
    assert!(other.log().is_empty());
    let allowed = program.run_to(0, &["archive", "--json", "--allow-private", server.url("/1").as_str()]).article();
    assert_eq!(allowed["images"]["saved"], 1, "{allowed}");
}

#[test]
fn robots_txt_is_heeded_when_asked_and_warned_of_otherwise() {
    let server = Server::start(|asked| match asked.path.as_str() {
        "/robots.txt" => Answer::bytes("text/plain", "User-agent: *\nDisallow: /closed/\n"),
        _ => Answer::bytes("text/html; charset=utf-8", PAGE),
    });
    let program = Program::new();
    let url = server.url("/closed/1");
    let skipped = program.run_to(0, &["archive", "--json", "--respect-robots", url.as_str()]).article();
    assert_eq!(skipped["outcome"], "skipped");
    assert!(skipped["reason"].as_str().unwrap().contains("robots.txt"), "{skipped}");
    assert!(server.log().iter().all(|asked| asked.path == "/robots.txt"));
    let warned = program.run_to(0, &["archive", url.as_str()]);
    assert!(
        warned.err.contains("robots.txt forbids pages that you named") && warned.out.starts_with("new"),
        "{}",
        warned.err
    );
}

#[test]
fn settings_show_where_they_come_from() {
    let program = Program::new();
    program.write(
        "bindery.toml",
        "profile = \"hexo\"\ncategories = [\"新媒体\", \"首页\"]\nheader = [\"Cookie: hunter2\"]\n",
    );
    let mut command = program.command(&["config", "-a", "news"]);
    let output = command.env("BINDERY_RETRIES", "7").output().unwrap();
    let out = String::from_utf8(output.stdout).unwrap();
    let row = |key: &str| out.lines().find(|line| line.starts_with(key)).unwrap().to_owned();
    assert!(row("archive").ends_with("\"news\"  (--archive)"));
    assert!(row("profile").contains("\"hexo\"") && row("profile").contains("bindery.toml"));
    assert!(row("retries").ends_with("7  (BINDERY_RETRIES)"));
    assert!(row("timeout").ends_with("\"120s\"  (default)"));
    assert!(!out.contains("hunter2"));
    program.write("bindery.toml", "profil = \"hexo\"\n");
    let wrong = program.run_to(2, &["config"]);
    assert!(
        wrong.err.contains("bindery.toml, line 1, column 1") && wrong.err.contains("did you mean `profile`?"),
        "{}",
        wrong.err
    );
    program.write("bindery.toml", "profile = \"jeckyl\"\n");
    assert!(program.run_to(2, &["convert", "x.html"]).err.contains("hexo"));
}

#[test]
fn completions_and_manual_pages_come_from_the_same_definition() {
    let program = Program::new();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        assert!(program.run_to(0, &["completions", shell]).out.contains("input-file"), "{shell}");
    }
    let manual = program.run_to(0, &["man"]).out;
    for part in [".TH bindery 1", ".SH ENVIRONMENT", "BINDERY_PROFILE", ".SH FILES", ".SH EXIT STATUS", ".SH EXAMPLES"]
    {
        assert!(manual.contains(part), "{part}");
    }
    let profiles = program.run_to(0, &["completions", "zsh"]).out;
    assert!(profiles.contains("default hexo hugo jekyll obsidian zola custom"), "completions list the values");
    program.run_to(0, &["man", "man1"]);
    assert!(program.files("man1").contains(&"bindery-archive.1".to_owned()), "{:?}", program.files("man1"));
}

#[test]
fn list_and_show_find_an_article_by_url_title_and_path() {
    let (server, program) = (site(), Program::new());
    let url = server.url("/1").to_string();
    let path = program.run_to(0, &["archive", "--json", &url]).article()["path"].as_str().unwrap().to_owned();
    assert!(program.run_to(0, &["list", "图书馆"]).out.contains(&url));
    assert_eq!(program.run_to(0, &["list", "没有"]).out, "");
    let listed = program.run_to(0, &["list", "--json"]).events();
    assert_eq!((&listed[0]["path"], &listed[0]["texts"]), (&path.as_str().into(), &1.into()));
    let text = program.read(&format!("bindery-archive/{path}"));
    for name in [url.as_str(), &url.replace("http:", "https:"), &path, path.trim_end_matches("/index.md")] {
        assert_eq!(program.run_to(0, &["show", name]).out, text, "{name}");
    }
    let missing = program.run_to(1, &["show", "https://example.org/"]);
    assert!(missing.err.contains("is not in the archive; `bindery list` shows what is"));
}

#[test]
fn archive_sends_cookies_and_uses_proxies() {
    let program = Program::new();
    let closed = Server::start(|asked| match (asked.path.as_str(), asked.header("cookie")) {
        ("/1", Some("sid=geheim")) => Answer::bytes("text/html; charset=utf-8", PAGE),
        _ => Answer::status(404),
    });
    program.write("cookies.txt", "# Netscape HTTP Cookie File\n127.0.0.1\tFALSE\t/\tFALSE\t0\tsid\tgeheim\n");
    program.run_to(0, &["archive", "--cookie-file", "cookies.txt", closed.url("/1").as_str()]);
    let proxy = Server::start(|asked| match asked.path.as_str() {
        "http://news.test/1" | "http://news.test/2" => Answer::bytes("text/html; charset=utf-8", PAGE),
        _ => Answer::status(404),
    });
    let through = format!("http://127.0.0.1:{}", proxy.port());
    program.run_to(0, &["archive", "--proxy", &through, "http://news.test/1"]);
    let ran = program.command(&["archive", "http://news.test/2"]).env("HTTP_PROXY", &through).output().unwrap();
    assert_eq!(ran.status.code(), Some(0), "{}", String::from_utf8_lossy(&ran.stderr));
    assert_eq!((proxy.count("http://news.test/1"), proxy.count("http://news.test/2")), (1, 1));
    // A host of NO_PROXY and this machine are asked directly.
    let mut direct = program.command(&["archive", "--retries", "0", "http://news.test/2", closed.url("/2").as_str()]);
    let ran = direct.env("HTTP_PROXY", &through).env("NO_PROXY", ".test").output().unwrap();
    assert_eq!(ran.status.code(), Some(3));
    assert_eq!((proxy.count("http://news.test/2"), closed.count("/2")), (1, 1));
    program.write("bindery.toml", format!("proxy = \"http://me:geheim@127.0.0.1:{}\"\n", proxy.port()));
    assert!(!program.run_to(0, &["config"]).out.contains("geheim"), "the password is not shown");
    program.run_to(0, &["archive", "http://news.test/2"]);
    assert_eq!(proxy.count("http://news.test/2"), 2, "the configuration names the proxy");
}

#[test]
fn an_article_on_three_pages_is_archived_as_one_from_any_of_them() {
    let page = |n: usize| {
        let text =
            format!("<p>第{n}页。{}</p>", "河水今年比往年都慢，岸边的老人说上游新修的水坝还没有放水。".repeat(6));
        let link = |to: usize, word: &str| format!("<a href='/long_{to}.html'>{word}</a>");
        let before = if n > 1 { link(n - 1, "上一页").replace("_1.html", ".html") } else { String::new() };
        let after = if n < 3 { link(n + 1, "下一页") } else { String::new() };
        Answer::html(format!("<html lang=zh-CN><title>河</title><article><h1>河</h1>{text}</article>{before} {after}"))
    };
    let server = Server::start(move |asked| match asked.path.as_str() {
        "/long.html" => page(1),
        "/long_2.html" => page(2),
        "/long_3.html" => page(3),
        _ => Answer::status(404),
    });
    let program = Program::new();
    let text = |program: &Program, from: &str| {
        let ran = program.run_to(0, &["archive", "--json", "--strict", server.url(from).as_str()]);
        let article = ran.article();
        assert_eq!(article["url"], server.url("/long.html").as_str(), "{article}");
        program.read(&format!("bindery-archive/{}", article["path"].as_str().unwrap()))
    };
    let whole = text(&program, "/long.html");
    assert!((1..=3).all(|n| whole.contains(&format!("第{n}页"))), "{whole}");
    let other = Program::new();
    assert!((1..=3).all(|n| text(&other, "/long_3.html").contains(&format!("第{n}页"))));
    assert_eq!(other.run_to(0, &["list"]).out.lines().count(), 1);
    other.run_to(0, &["verify"]);
}

#[test]
fn strict_runs_fail_for_warnings_whichever_command_it_is() {
    let wall = "<html><title>x</title><article><p>Only the start of the story is here, for those who have not paid.</p>\
        <div class=paywall>Subscribe to continue reading this article.</div></article></html>";
    let server = Server::start(move |asked| match asked.path.as_str() {
        "/1" => Answer::html(wall),
        _ => Answer::status(404),
    });
    let program = Program::new();
    program.write("page.html", wall);
    let url = server.url("/1").to_string();
    program.write("bindery.toml", format!("delay = 0\n[[source]]\nname = \"a\"\nseeds = [\"{url}\"]\ndepth = 0\n"));
    for command in [
        &["archive", &url][..],
        &["crawl", "--depth", "0", &url],
        #[cfg(feature = "store")]
        &["snapshot", "a"],
        &["convert", "page.html"],
    ] {
        let plain = program.run_to(0, command);
        assert!(plain.err.contains("paywall: ") || plain.err.contains("thin: "), "{command:?} {}", plain.err);
        program.run_to(3, &[command, &["--strict"][..]].concat());
    }
}

#[test]
fn common_options_stand_under_one_heading_and_crawl_offers_nothing_that_it_ignores() {
    let program = Program::new();
    for command in ["archive", "crawl", "convert", "list", "verify"] {
        let help = program.run_to(0, &[command, "--help"]).out;
        let common = help.split("Common options:").nth(1).unwrap_or_default();
        assert!(["--archive", "--config", "--json", "--quiet"].iter().all(|flag| common.contains(flag)), "{help}");
    }
    let crawl = program.run_to(0, &["crawl", "--help"]).out;
    let scope = crawl.split("Scope options:").nth(1).unwrap().split("\n\n").next().unwrap();
    assert!(!scope.contains("--captures") && !crawl.contains("--respect-robots"), "{crawl}");
    assert!(crawl.contains("Examples:"));
}
