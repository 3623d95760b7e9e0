//! What a user must keep secret reaches no file, no message, and no host but its own.
#![cfg(all(feature = "cli", feature = "net", feature = "store"))]

use std::io::Read;

use crate::support::program::{Program, Ran};
use crate::support::server::{Answer, Asked, Server};

/// In every secret; nobody else says it.
const MARK: &str = "geheim";

const TEXT: &str = "<p>这座图书馆建于一九五六年，当时只有两层，藏书不到三万册，读者大多是附近工厂的工人。</p>\
<p>七十年过去，它搬过三次家，换过五任馆长，书却越来越多，如今已经有一百二十万册，每天开放到晚上十点。</p>";

fn page(title: &str, more: &str) -> Answer {
    Answer::html(format!(
        "<html lang=zh-CN><title>{title}</title><article><h1>{title}</h1>{TEXT}<p>{title}的正文。</p>{more}</article></html>"
    ))
}

/// A host that is asked for secrets by nobody.
fn stranger() -> Server {
    Server::start_at("127.0.0.2", |asked| match asked.path.as_str() {
        "/robots.txt" => Answer::status(404),
        path if path.ends_with(".gif") => Answer::bytes("image/gif", b"GIF89a\x0a\0\x0a\0\0\0\0;".to_vec()),
        path => page(path, ""),
    })
}

/// A host with a session, which sends its readers and its images to the stranger.
fn home(stranger: &Server) -> Server {
    let (away, image) = (stranger.url("/away"), stranger.url("/image.gif"));
    Server::start(move |asked| {
        let answer = match asked.path.as_str() {
            "/robots.txt" => return Answer::status(404),
            "/away" => Answer::redirect(302, &away),
            "/" => page("首页", "<a href=/one>一</a> <a href=/away>二</a>"),
            path => page(path, &format!("<img src='{image}'>")),
        };
        answer.header("Set-Cookie", format!("sid={MARK}-session; Path=/"))
    })
}

fn sent(log: &[Asked], secret: &str) -> bool {
    log.iter().any(|asked| asked.headers.iter().any(|(_, value)| value.contains(secret)))
}

fn holds(bytes: &[u8]) -> bool {
    bytes.windows(MARK.len()).any(|window| window == MARK.as_bytes())
}

/// No secret was said, and none is in any file, packed or not, but in those that the user wrote.
fn nothing_leaked(program: &Program, ran: &Ran, own: &[&str]) {
    assert!(!ran.out.contains(MARK), "{}", ran.out);
    assert!(!ran.err.contains(MARK), "{}", ran.err);
    let files = program.files("");
    assert!(files.iter().any(|file| file.ends_with(".warc.gz")), "{files:?}");
    for file in files.iter().filter(|file| !own.contains(&file.as_str())) {
        let bytes = std::fs::read(program.path(file)).unwrap();
        assert!(!holds(&bytes) && !file.contains(MARK), "{file}");
        if file.ends_with(".gz") {
            let mut whole = Vec::new();
            flate2::read::MultiGzDecoder::new(bytes.as_slice()).read_to_end(&mut whole).unwrap();
            assert!(!whole.is_empty() && !holds(&whole), "{file}, unpacked");
            assert!(String::from_utf8_lossy(&whole).contains("redacted"), "{file} names what was taken out");
        }
    }
}

#[test]
fn headers_cookies_and_passwords_of_archived_pages_stay_secret() {
    let stranger = stranger();
    let home = home(&stranger);
    let program = Program::in_memory();
    let url = |path: &str| home.url(path).as_str().replace("http://", &format!("http://reader:{MARK}-word@"));
    let ran = program.run(&[
        "archive",
        &url("/one"),
        &url("/away"),
        &url("/two"),
        "--header",
        &format!("X-Api-Key: {MARK}-key"),
        "--header",
        &format!("Cookie: id={MARK}-cookie"),
        "--allow-private",
        "--json",
        "-v",
    ]);
    assert_eq!(ran.events_named("article").len(), 3, "{}{}", ran.out, ran.err);
    assert!(sent(&home.log(), "geheim-key") && sent(&home.log(), "geheim-cookie"), "they are used");
    assert!(sent(&home.log(), "Basic "), "so is the password");
    assert!(stranger.count("/away") > 0 && stranger.count("/image.gif") > 0);
    assert!(!sent(&stranger.log(), MARK) && !sent(&stranger.log(), "Basic "), "{:?}", stranger.log());
    let word = base64_of(&format!("reader:{MARK}-word"));
    assert!(!ran.out.contains(&word) && !ran.err.contains(&word));
    nothing_leaked(&program, &ran, &[]);
    program.run_to(0, &["verify"]);
    program.run_to(0, &["bundle", "-o", "all.zip"]);
    assert!(!holds(&std::fs::read(program.path("all.zip")).unwrap()));
}

fn base64_of(text: &str) -> String {
    use base64::Engine;
    base64::engine::general_purpose::STANDARD.encode(text)
}

#[test]
fn cookies_headers_and_proxies_of_a_crawl_stay_secret() {
    let stranger = stranger();
    let home = home(&stranger);
    let program = Program::in_memory();
    program
        .write("cookies.txt", format!("# Netscape HTTP Cookie File\n127.0.0.1\tFALSE\t/\tFALSE\t0\tid\t{MARK}-keks\n"));
    program.write(
        "bindery.toml",
        format!(
            "[[source]]\nname = \"home\"\nseeds = [\"{}\"]\nevery = \"1h\"\ndepth = 1\ndelay = \"0s\"\nwithin = \"any\"\n\
             header = [\"X-Api-Key: {MARK}-key\"]\ncookie-file = \"cookies.txt\"\n",
            home.url("/")
        ),
    );
    let ran = program.run(&["snapshot", "home", "--allow-private", "--json", "-v"]);
    assert!(ran.events_named("article").len() >= 2, "{}{}", ran.out, ran.err);
    assert!(sent(&home.log(), "geheim-keks"), "it is used: {:?}", home.log());
    assert!(stranger.count("/away") + stranger.count("/image.gif") > 0, "{}", ran.out);
    assert!(!sent(&stranger.log(), MARK), "{:?}", stranger.log());
    nothing_leaked(&program, &ran, &["bindery.toml", "cookies.txt"]);
    // A proxy that nobody answers at: the message names it without its password.
    let proxy = format!("http://reader:{MARK}-proxy@127.0.0.1:9");
    let asked = home.log().len();
    let seed = home.url("/");
    let ran = program.run(&[
        "crawl",
        seed.as_str(),
        "-a",
        "other",
        "--proxy",
        &proxy,
        "--allow-private",
        "-v",
        "--retries",
        "0",
    ]);
    assert!(home.log().len() == asked && ran.err.contains("refused"), "{}{}", ran.out, ran.err);
    nothing_leaked(&program, &ran, &["bindery.toml", "cookies.txt"]);
}

/// A proxy that is all the hosts there are: it answers for each by itself, and sees what is sent to whom.
fn proxy() -> Server {
    Server::start(|asked| {
        let path = asked.path.as_str();
        if asked.method == "CONNECT" {
            return Answer::status(403);
        }
        match path.strip_prefix("http://home.example") {
            _ if path.ends_with("/robots.txt") => Answer::status(404),
            Some("/") => page("首页", "<a href=/one>一</a> <a href=/away>二</a> <a href=https://shut.example/>三</a>")
                .header("Set-Cookie", format!("sid={MARK}-session; Path=/")),
            Some("/away") => Answer::redirect(302, "http://stranger.example/there"),
            Some(own) => page(own, "<img src='http://stranger.example/image.gif'>"),
            None if path.ends_with(".gif") => Answer::bytes("image/gif", b"GIF89a\x0a\0\x0a\0\0\0\0;".to_vec()),
            None => page("别处", ""),
        }
    })
}

#[test]
fn a_proxy_gets_its_own_password_and_every_host_only_what_is_its() {
    let proxy = proxy();
    let program = Program::in_memory();
    let cookie = format!("# Netscape HTTP Cookie File\nhome.example\tFALSE\t/\tFALSE\t0\tid\t{MARK}-keks\n");
    program.write("cookies.txt", cookie);
    program.write(
        "bindery.toml",
        format!(
            "[[source]]\nname = \"home\"\nseeds = [\"http://home.example/\"]\nevery = \"1h\"\ndepth = 1\ndelay = \"0s\"\n\
             within = \"any\"\nheader = [\"X-Api-Key: {MARK}-key\", \"Authorization: Bearer {MARK}-bearer\"]\n\
             cookie-file = \"cookies.txt\"\nproxy = \"http://reader:{MARK}-proxy@127.0.0.1:{}\"\n",
            proxy.port()
        ),
    );
    let ran = program.run(&["snapshot", "home", "--json", "-v", "--retries", "0"]);
    assert!(ran.events_named("article").len() >= 4, "{}{}", ran.out, ran.err);
    let word = base64_of(&format!("reader:{MARK}-proxy"));
    let log = proxy.log();
    let is_home = |asked: &Asked| asked.path.starts_with("http://home.example/");
    let to_others: Vec<&Asked> = log.iter().filter(|asked| !is_home(asked)).collect();
    for expected in ["http://stranger.example/there", "http://stranger.example/image.gif", "shut.example:443"] {
        assert!(to_others.iter().any(|asked| asked.path == expected), "{expected} in {log:?}");
    }
    for asked in &log {
        let credentials = asked.header("proxy-authorization").unwrap_or_default();
        assert_eq!(credentials, format!("Basic {word}"), "{}: the proxy gets its password", asked.path);
    }
    assert!(log.iter().any(|asked| is_home(asked) && asked.header("x-api-key").is_some()), "{log:?}");
    for name in ["cookie", "authorization", "x-api-key"] {
        assert!(to_others.iter().all(|asked| asked.header(name).is_none()), "{name} in {to_others:?}");
        let used = log.iter().filter(|asked| is_home(asked) && !asked.path.ends_with("/robots.txt"));
        assert!(
            used.clone().any(|asked| asked.header(name).is_some_and(|value| value.contains(MARK))),
            "{name} is used"
        );
    }
    nothing_leaked(&program, &ran, &["bindery.toml", "cookies.txt"]);
    assert!(!ran.out.contains(&word) && !ran.err.contains(&word));
    for file in program.files("bindery-archive") {
        let bytes = std::fs::read(program.path("bindery-archive").join(&file)).unwrap();
        let mut whole = Vec::new();
        let packed = file.ends_with(".gz")
            && flate2::read::MultiGzDecoder::new(bytes.as_slice()).read_to_end(&mut whole).is_ok();
        let text = String::from_utf8_lossy(if packed { &whole } else { &bytes });
        assert!(!text.contains(&word) && !text.to_ascii_lowercase().contains("proxy-authorization"), "{file}");
    }
}

#[test]
fn a_proxy_that_refuses_is_named_without_its_password() {
    let proxy = Server::start(|_| Answer::status(407).header("Proxy-Authenticate", "Basic realm=\"x\""));
    let program = Program::in_memory();
    let url = format!("http://reader:{MARK}-proxy@127.0.0.1:{}", proxy.port());
    for seed in ["http://home.example/", "https://home.example/"] {
        let ran = program.run(&["crawl", seed, "--proxy", &url, "--retries", "0", "-v"]);
        let printed = format!("{}{}", ran.out, ran.err).to_lowercase();
        assert!(printed.contains("407") || printed.contains("proxy authorization required"), "{printed}");
        assert!(!ran.out.contains(MARK) && !ran.err.contains(MARK), "{}{}", ran.out, ran.err);
        let word = base64_of(&format!("reader:{MARK}-proxy"));
        assert!(!ran.out.contains(&word) && !ran.err.contains(&word), "{}{}", ran.out, ran.err);
    }
    assert!(proxy.log().len() >= 2);
    for file in program.files("bindery-archive") {
        assert!(!holds(&std::fs::read(program.path("bindery-archive").join(&file)).unwrap()), "{file}");
    }
}
