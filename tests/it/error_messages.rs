//! Whatever is wrong gets one clear sentence, the right exit code, and leaves nothing half-written.
#![cfg(all(feature = "cli", feature = "net"))]

use crate::support::program::{Program, Ran};
use crate::support::server::{Answer, Server};

const PAGE: &str = include_str!("../../examples/news.html");

/// One sentence on standard error, besides the closing count of a run.
fn sentence(ran: &Ran) -> String {
    let lines: Vec<&str> = ran.err.lines().filter(|line| !line.contains(" new, ")).collect();
    assert_eq!(lines.len(), 1, "{}", ran.err);
    assert!(!lines[0].contains("panicked"), "{}", ran.err);
    lines[0].to_owned()
}

/// Archives a URL in vain, with exit code 3, and gives the sentence. Nothing is left but a clean archive.
fn refused(url: &str, kind: &str) -> String {
    let program = Program::new();
    let ran = program.run_to(3, &["archive", url, "--json", "--retries", "0"]);
    assert_eq!(ran.article()["error"]["kind"], kind, "{}", ran.out);
    let said = sentence(&ran);
    assert_eq!(ran.article()["error"]["message"], said.as_str());
    program.run_to(0, &["verify"]);
    assert_eq!(program.run_to(0, &["list"]).out, "");
    said
}

fn answering(answer: impl Fn() -> Answer + Send + Sync + 'static) -> Server {
    Server::start(move |asked| if asked.path == "/robots.txt" { Answer::status(404) } else { answer() })
}

#[test]
fn a_file_that_is_missing_or_of_another_kind_is_named_with_what_to_do() {
    let program = Program::new();
    program.write("page.html", PAGE);
    for (arguments, said) in [
        (["verify", "all.zip"], "bindery: all.zip does not exist; check the path"),
        (["restore", "all.zip"], "bindery: all.zip does not exist; check the path"),
        (["verify", "page.html"], "bindery: page.html is neither an archive nor a bundle: it is not a ZIP file; use "),
    ] {
        let ran = sentence(&program.run_to(1, &arguments));
        assert!(ran.starts_with(said), "{ran}");
    }
}

#[test]
fn an_invalid_url_is_wrong_usage() {
    let program = Program::new();
    for (url, part) in [
        ("http://[::1", "not a web URL"),
        ("https://", "not a web URL"),
        ("example.org/page", "did you mean https://example.org/page?"),
        ("localhost:8080/page", "did you mean http://localhost:8080/page?"),
        ("ftp://example.org/page", "http:// and https:// only"),
        ("没有这个文件.html", "neither a web URL nor a file"),
    ] {
        let said = sentence(&program.run_to(2, &["archive", url]));
        assert!(said.contains(part) && said.contains(url), "{said}");
    }
    assert!(program.files("").is_empty());
}

#[test]
fn a_name_that_does_not_resolve_is_distinguished_from_a_refused_connection() {
    let said = refused("http://no-such-host.invalid/a", "dns");
    assert!(said.contains("no-such-host.invalid"), "{said}");
    // A port that was just free is closed.
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let said = refused(&format!("http://127.0.0.1:{port}/a"), "refused");
    assert!(said.contains(&format!("127.0.0.1:{port}")), "{said}");
}

#[test]
fn a_tls_failure_is_named_as_one() {
    let server = answering(|| Answer::bytes("text/html", PAGE));
    let said = refused(&server.url("/a").to_string().replace("http:", "https:"), "tls");
    assert!(said.contains("127.0.0.1"), "{said}");
}

#[test]
fn without_a_certificate_store_there_is_one_warning() {
    let server = answering(|| Answer::bytes("text/html", PAGE.replace("news_files/", "/missing/")));
    let program = Program::new();
    let (one, two) = (server.url("/1"), server.url("/2"));
    let mut command = program.command(&["archive", one.as_str(), two.as_str(), "--retries", "0"]);
    command.env("SSL_CERT_FILE", program.path("none.pem")).env("SSL_CERT_DIR", program.path("none"));
    let output = command.output().unwrap();
    let err = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(0), "{err}");
    assert_eq!(err.lines().filter(|line| line.contains("certificate")).count(), 1, "{err}");
}

#[test]
fn an_offline_run_never_looks_for_certificates() {
    let program = Program::new();
    program.write("page.html", PAGE);
    let mut command = program.command(&["archive", "page.html"]);
    command.env("SSL_CERT_FILE", program.path("none.pem")).env("SSL_CERT_DIR", program.path("none"));
    let output = command.output().unwrap();
    assert!(!String::from_utf8_lossy(&output.stderr).contains("certificate"));
}

#[test]
fn what_is_no_article_page_is_named() {
    let cases: [(&str, &str, Vec<u8>, &str, &str); 5] = [
        ("/a.pdf", "application/pdf", b"%PDF-1.7 1 0 obj".to_vec(), "not-a-page", "a PDF file"),
        ("/a.gif", "image/gif", b"GIF89a\x0a\0\x0a\0\0\0\0;".to_vec(), "not-a-page", "an image"),
        ("/empty", "text/html", b" \n".to_vec(), "empty", "empty"),
        (
            "/app",
            "text/html",
            b"<html><body><div id=root></div><script>go()</script>".to_vec(),
            "no-article",
            "scripts",
        ),
        ("/gone", "text/html", Vec::new(), "status", "404"),
    ];
    for (path, media, body, kind, part) in cases {
        let server =
            answering(move || if path == "/gone" { Answer::status(404) } else { Answer::bytes(media, body.clone()) });
        let url = server.url(path).to_string();
        let said = refused(&url, kind);
        assert!(said.contains(part) && said.contains(&url), "{said}");
    }
}

#[test]
fn a_folder_that_is_no_archive_is_left_alone() {
    let program = Program::new();
    program.write("page.html", PAGE);
    program.write("photos/holiday.jpg", "x");
    for arguments in [
        &["archive", "page.html", "-a", "photos"][..],
        &["verify", "photos"],
        &["list", "-a", "photos"],
        &["show", "x", "-a", "photos"],
    ] {
        let said = sentence(&program.run_to(1, arguments));
        assert!(said.contains("photos") && said.contains("bindery archive"), "{said}");
    }
    assert_eq!(program.files("photos"), ["holiday.jpg"]);
    let said = sentence(&program.run_to(1, &["verify", "-a", "nowhere"]));
    assert!(said.contains("nowhere"), "{said}");
    assert!(!program.path("nowhere").exists());
}

#[test]
fn an_archive_of_a_newer_format_is_not_touched() {
    let program = Program::new();
    program.write("page.html", PAGE);
    program.run_to(0, &["archive", "page.html"]);
    // As a newer release would leave it: whole, by its own manifest.
    let manifest = "bindery-archive/manifest-sha256.txt";
    let digest = |text: &str| bindery::model::Digest::of(text.as_bytes()).hex();
    let (old, new) = (program.read("bindery-archive/bindery-archive.json"), "{\"format\": 2}\n");
    let listed = program.read(manifest).replace(&digest(&old), &digest(new));
    program.write(manifest, listed);
    program.write("bindery-archive/bindery-archive.json", new);
    let before = program.files("bindery-archive");
    for arguments in [&["archive", "page.html"][..], &["verify"], &["list"]] {
        let said = sentence(&program.run_to(1, arguments));
        assert!(said.contains("format 2"), "{said}");
    }
    assert_eq!(program.files("bindery-archive"), before);
}

#[test]
fn a_place_that_cannot_be_written_is_named() {
    let program = Program::new();
    program.write("page.html", PAGE);
    program.write("file", "x");
    let said = sentence(&program.run_to(1, &["archive", "page.html", "-a", "file/archive"]));
    assert!(said.contains("file/archive"), "{said}");
    let said = sentence(&program.run_to(1, &["archive", "page.html", "-a", "file"]));
    assert!(said.contains("file"), "{said}");
    let ran = program.run_to(3, &["convert", "page.html", "--output", "file/out"]);
    assert!(ran.err.contains("cannot be written"), "{}", ran.err);
}

/// Stands for a full disk: no file may grow beyond a few blocks.
#[test]
#[cfg(unix)]
fn a_full_disk_leaves_nothing_half_written() {
    let program = Program::new();
    program.write("page.html", PAGE);
    program.write("news_files/workshop.png", vec![0x42; 10]);
    program.run_to(0, &["archive", "page.html"]);
    // What the run that failed has to tell is kept.
    let kept = || {
        let files = program.files("bindery-archive").into_iter();
        files.filter(|file| !file.starts_with(".bindery/") && !file.starts_with("runs/")).collect::<Vec<_>>()
    };
    let before = kept();
    let noise: Vec<u8> = (0..200_000u32).flat_map(|n| n.wrapping_mul(2_654_435_761).to_le_bytes()).collect();
    program.write("news_files/workshop.png", [b"GIF89a\x0a\0\x0a\0\0\0\0".as_slice(), &noise].concat());
    let bindery = env!("CARGO_BIN_EXE_bindery");
    let mut command = std::process::Command::new("sh");
    command
        .current_dir(program.path(""))
        .args(["-c", &format!("trap '' XFSZ; ulimit -f 64; exec {bindery} archive page.html")]);
    let output = command.output().unwrap();
    let err = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{err}");
    assert!(err.lines().count() == 1 && err.contains("images/"), "{err}");
    assert_eq!(kept(), before);
    program.run_to(0, &["verify"]);
}

#[test]
fn one_flipped_bit_is_damage_with_its_path() {
    let program = Program::new();
    program.write("page.html", PAGE);
    program.write("news_files/workshop.png", include_bytes!("../../examples/news_files/workshop.png"));
    program.run_to(0, &["archive", "page.html"]);
    let files: Vec<String> =
        program.files("bindery-archive").into_iter().filter(|file| !file.starts_with(".bindery")).collect();
    assert!(files.len() >= 8, "{files:?}");
    for file in files {
        let path = program.archive().join(&file);
        let whole = std::fs::read(&path).unwrap();
        for (nth, at) in [0, whole.len() / 3, whole.len() - 1].into_iter().enumerate() {
            let mut broken = whole.clone();
            broken[at] ^= 1 << (nth + 1);
            std::fs::write(&path, broken).unwrap();
            let ran = program.run(&["verify", "--json"]);
            assert_eq!(ran.code, 4, "{file} {at}: {}{}", ran.out, ran.err);
            assert!(ran.out.contains(&format!("\"path\":\"{file}\"")), "{file} {at}: {}{}", ran.out, ran.err);
        }
        std::fs::write(&path, whole).unwrap();
    }
    program.run_to(0, &["verify"]);
}

#[test]
fn conversions_go_on_after_a_file_that_is_none() {
    let program = Program::new();
    program.write("in/a.html", PAGE);
    program.write("in/b.html", "%PDF-1.4");
    program.write("in/深/c.htm", PAGE);
    let ran = program.run_to(3, &["convert", "in", "--output", "out", "--json"]);
    assert_eq!(program.files("out"), ["a.md", "深/c.md"]);
    let converted = ran.events_named("converted");
    assert_eq!(converted[1]["error"]["kind"], "not-a-page");
    assert_eq!((&ran.summary()["converted"], &ran.summary()["failed"]), (&2.into(), &1.into()));
    program.write("in2/a.html", PAGE);
    let clash = sentence(&program.run_to(2, &["convert", "in", "in2", "--output", "out2"]));
    assert!(clash.contains("in/a.html") && clash.contains("in2/a.html"), "{clash}");
    assert!(!program.path("out2").exists());
    assert!(sentence(&program.run_to(2, &["convert", "in"])).contains("--output"));
    assert!(
        sentence(&program.run_to(2, &["convert", "missing.html", "--output", "out"]))
            .contains("missing.html does not exist")
    );
    assert!(program.run_to(3, &["convert", "missing.html"]).err.contains("missing.html does not exist"));
}

#[test]
fn with_strict_a_text_with_warnings_ends_the_run_as_a_failed_page_does_and_is_kept() {
    let program = Program::new();
    let begun = "这座图书馆建于一九五六年，当时只有两层，藏书不到三万册，读者大多是附近工厂的工人。".repeat(2);
    let walled = format!(
        "<html lang=zh-CN><meta charset=utf-8><title>图书馆</title><article><h1>图书馆</h1><p>{begun}</p></article>\
         <p>试读结束，订阅后继续阅读全文</p>"
    );
    program.write("walled.html", walled);
    program.write("whole.html", PAGE);
    let lenient = program.run_to(0, &["archive", "walled.html", "whole.html", "--json"]);
    assert_eq!((&lenient.summary()["new"], &lenient.summary()["with_warnings"]), (&2.into(), &1.into()));
    let strict = program.run_to(3, &["archive", "walled.html", "whole.html", "--strict", "-a", "strict"]);
    assert!(strict.err.contains("paywall: the page asks for a subscription"), "{}", strict.err);
    assert_eq!(program.files("strict").iter().filter(|file| file.ends_with("index.md")).count(), 2);
    program.run_to(0, &["archive", "whole.html", "--strict", "-a", "whole"]);
}

fn count(text: &str, part: &str) -> usize {
    text.lines().filter(|line| line.contains(part)).count()
}

#[test]
fn cookies_that_are_not_sent_are_named_once_a_run() {
    let server = answering(|| Answer::bytes("text/html", PAGE.replace("news_files/", "/missing/")));
    let (one, two) = (server.url("/1"), server.url("/2"));
    for (cookie, part) in [
        (
            "127.0.0.1\tFALSE\t/\tFALSE\t1000000000\tsid\tgeheim\n",
            "have expired and were not sent: `sid` for 127.0.0.1",
        ),
        ("other.example\tFALSE\t/\tFALSE\t0\tsid\tgeheim\n", "no cookie of the cookie file is for a requested host"),
    ] {
        let program = Program::new();
        program.write("cookies.txt", cookie);
        let ran = program.run_to(0, &["archive", "--cookie-file", "cookies.txt", one.as_str(), two.as_str()]);
        assert_eq!(count(&ran.err, part), 1, "{}", ran.err);
        assert!(!ran.err.contains("geheim"), "{}", ran.err);
    }
    assert!(server.log().iter().all(|asked| asked.header("cookie").is_none()));
}

#[test]
fn a_rule_of_robots_txt_is_named_once_for_the_pages_of_a_host() {
    let server = Server::start(|asked| match asked.path.as_str() {
        "/robots.txt" => Answer::bytes("text/plain", "User-agent: *\nDisallow: /"),
        _ => Answer::bytes("text/html", PAGE.replace("news_files/", "/missing/")),
    });
    let program = Program::new();
    let (one, two) = (server.url("/1"), server.url("/2"));
    let ran = program.run_to(0, &["archive", one.as_str(), two.as_str()]);
    assert_eq!(count(&ran.err, "robots.txt forbids pages that you named (Disallow: /)"), 1, "{}", ran.err);
    let ran = program.run_to(0, &["archive", "--respect-robots", "--json", one.as_str(), two.as_str()]);
    assert_eq!(count(&ran.err, "skipped "), 1, "{}", ran.err);
    assert_eq!(ran.events_named("article").len(), 2, "each page has its event");
}

#[test]
fn a_page_shorter_than_announced_is_kept_with_a_warning() {
    let page = PAGE.replace("news_files/", "/missing/");
    let length = page.len() - 20;
    let server = answering(move || Answer::bytes("text/html", page.as_str()).cut(length));
    let program = Program::new();
    let url = server.url("/1");
    let ran = program.run_to(0, &["archive", "--retries", "0", url.as_str()]);
    assert_eq!(count(&ran.err, "truncated: the page may end early: only"), 1, "{}", ran.err);
    program.run_to(0, &["verify"]);
    program.run_to(3, &["archive", "--retries", "0", "--strict", url.as_str()]);
}

#[test]
fn an_error_about_a_page_is_one_line_that_a_person_can_read() {
    let server = Server::start(|asked| match asked.path.as_str() {
        "/a" => Answer::redirect(302, format!("/{}", "x".repeat(60_000))),
        _ => Answer::status(404),
    });
    let said = refused(server.url("/a").as_str(), "status");
    assert!(said.chars().count() <= 300 && said.contains("404"), "{said}");
}
