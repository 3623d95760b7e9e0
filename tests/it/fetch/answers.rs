//! What is made of an answer: redirects, codings, limits, failures.

use std::io::Write;
use std::net::TcpListener;
use std::time::Duration;

use bindery::fetch::{Event, Settings};
use bindery::model::{FailureKind, Request};
use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};
use url::Url;

use super::{client, get, hearing, kind, retries, settings};
use crate::support::server::{Answer, Server};

const LINE: &str = "乌鲁木齐的雪下了一整夜。The snow fell all night. ";
/// `LINE` twenty times over, as `zlib.brotliCompressSync` and `zstd -19 --check` write it.
const BROTLI: &str = "1bc304f88d94abed6883e74064088f2a7c6395d1bac2d060038e03d512b2c1e066429b8f4c3242b7c31791\
                      3423ff035a29bc9ed165a347439740d20db70d142430a57442fffd2000";
const ZSTD: &str = "28b52ffd64c403350200d403e4b98ce9b281e69ca8e9bd90e79a84e99baae4b88be4ba86e4b880e695b4e5a4\
                    9ce3808254686520736e6f772066656c6c20616c6c206e696768742e2001004d08f0072816a29066";

fn text() -> Vec<u8> {
    LINE.repeat(20).into_bytes()
}

fn unhex(text: &str) -> Vec<u8> {
    let digits: Vec<u32> = text.chars().filter_map(|c| c.to_digit(16)).collect();
    digits.chunks(2).map(|pair| (pair[0] * 16 + pair[1]) as u8).collect()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[tokio::test]
async fn a_page_comes_with_all_that_was_said() {
    let server = Server::start(|_| Answer::html("<p>雪").header("X-Order", "1").header("ETag", "W/\"a\""));
    let page = get(&client(settings(), &[&server]), server.url("/a?b#c")).await.unwrap();

    assert_eq!((page.status, page.body.as_slice(), page.decoded.as_deref()), (200, "<p>雪".as_bytes(), None));
    assert_eq!(page.url, Some(server.url("/a?b")));
    assert_eq!(page.captured.unwrap().as_second(), 1_700_000_000);
    assert_eq!(page.headers.get("etag"), Some("W/\"a\""));
    let exchange = page.exchange.unwrap();
    assert_eq!((exchange.method.as_str(), exchange.protocol.as_str()), ("GET", "http/1.1"));
    assert!(exchange.remote.unwrap().is_loopback());
    let log = server.log();
    for (name, value) in &exchange.request_headers.0 {
        assert!(
            log[0].headers.iter().any(|(sent, with)| sent == name && with.as_bytes() == value),
            "{name} was not sent so"
        );
    }
    assert_eq!(log[0].headers.len(), exchange.request_headers.0.len());
    assert_eq!(log[0].header("user-agent"), Some(concat!("bindery/", env!("CARGO_PKG_VERSION"))));
    assert_eq!(log[0].header("accept-encoding"), Some("gzip, br, zstd, deflate"));
}

#[tokio::test]
async fn every_redirect_is_on_record() {
    let server = Server::start(|asked| match asked.path.as_str() {
        "/1" => Answer::redirect(301, "/2").body("moved"),
        "/2" => Answer::redirect(302, "3"),
        "/3" => Answer::redirect(303, "?q=新"),
        "/3?q=%E6%96%B0" => Answer::redirect(307, "/4"),
        "/4" => Answer::redirect(308, "/5"),
        "/5" => Answer::html("wait").header("Refresh", "0; url=/6"),
        "/6" => Answer::html("arrived").header("Refresh", "5; url=/6"),
        _ => Answer::status(404),
    });
    let page = get(&client(settings(), &[&server]), server.url("/1")).await.unwrap();
    let hops: Vec<(u16, &str)> = page.redirects.iter().map(|hop| (hop.status, hop.url.path())).collect();
    assert_eq!(hops, [(301, "/1"), (302, "/2"), (303, "/3"), (307, "/3"), (308, "/4"), (200, "/5")]);
    assert_eq!(page.redirects[0].body, b"moved");
    assert_eq!(page.redirects[0].headers.get("location"), Some("/2"));
    assert_eq!((page.url, page.requested), (Some(server.url("/6")), Some(server.url("/1"))));
    assert_eq!(page.body, b"arrived");
}

#[tokio::test]
async fn a_circle_of_redirects_is_named() {
    let server = Server::start(|asked| match asked.path.as_str() {
        "/a" => Answer::redirect(302, "/b"),
        _ => Answer::redirect(302, "/a"),
    });
    let error = get(&client(settings(), &[&server]), server.url("/a")).await.unwrap_err();
    assert_eq!(error.kind(), FailureKind::RedirectLoop);
    assert!(error.to_string().starts_with(server.url("/a").as_str()), "{error}");
    assert_eq!(server.log().len(), 2);
}

#[tokio::test]
async fn ten_redirects_are_followed_and_eleven_are_not() {
    let server = Server::start(|asked| match asked.path[1..].parse::<u32>() {
        Ok(0) | Err(_) => Answer::html("end"),
        Ok(left) => Answer::redirect(302, format!("/{}", left - 1)),
    });
    let client = client(settings(), &[&server]);
    assert_eq!(get(&client, server.url("/10")).await.unwrap().redirects.len(), 10);
    assert_eq!(kind(&client, server.url("/11")).await, FailureKind::Redirects);
}

#[tokio::test]
async fn a_redirect_to_itself_that_sets_a_cookie_is_no_circle() {
    let server = Server::start(|asked| match asked.header("cookie") {
        Some("seen=1") => Answer::html("文"),
        _ => Answer::redirect(302, "/").header("Set-Cookie", "seen=1; Path=/; HttpOnly"),
    });
    let page = get(&client(settings(), &[&server]), server.url("/")).await.unwrap();
    assert_eq!((page.redirects.len(), page.body.as_slice()), (1, "文".as_bytes()));
}

#[tokio::test]
async fn a_refresh_found_in_the_page_counts_as_a_redirect() {
    let server = Server::start(|asked| match asked.path.as_str() {
        "/start" => Answer::redirect(301, "/wait"),
        "/wait" => Answer::html("<meta http-equiv=refresh content='0;url=/end'>"),
        "/back" => Answer::redirect(302, "/start"),
        _ => Answer::html("end"),
    });
    let client = client(settings(), &[&server]);
    let waiting = get(&client, server.url("/start")).await.unwrap();
    let page = client.follow(waiting.clone(), server.url("/end")).await.unwrap();
    let hops: Vec<(u16, &str)> = page.redirects.iter().map(|hop| (hop.status, hop.url.path())).collect();
    assert_eq!(hops, [(301, "/start"), (200, "/wait")]);
    assert_eq!((page.requested, page.body.as_slice()), (Some(server.url("/start")), &b"end"[..]));
    assert_eq!(client.follow(waiting, server.url("/back")).await.unwrap_err().kind(), FailureKind::RedirectLoop);
}

#[tokio::test]
async fn codings_come_off_and_the_bytes_as_sent_stay() {
    let server = Server::start(|asked| {
        let mut zlib = ZlibEncoder::new(Vec::new(), Compression::best());
        zlib.write_all(&text()).unwrap();
        let mut raw = DeflateEncoder::new(Vec::new(), Compression::best());
        raw.write_all(&text()).unwrap();
        match asked.path.as_str() {
            "/gzip" => Answer::html(gzip(&text())).header("Content-Encoding", "gzip").chunked(7),
            "/zlib" => Answer::html(zlib.finish().unwrap()).header("Content-Encoding", "deflate"),
            "/raw" => Answer::html(raw.finish().unwrap()).header("Content-Encoding", "deflate"),
            "/br" => Answer::html(unhex(BROTLI)).header("Content-Encoding", "br").until_close(),
            _ => Answer::html(unhex(ZSTD)).header("Content-Encoding", "zstd"),
        }
    });
    let client = client(settings(), &[&server]);
    for path in ["/gzip", "/zlib", "/raw", "/br", "/zstd"] {
        let page = get(&client, server.url(path)).await.unwrap();
        assert_eq!(page.content(), text(), "{path}");
        assert!(page.body.len() < 200, "{path}");
    }
    assert_eq!(get(&client, server.url("/br")).await.unwrap().body, unhex(BROTLI));
}

#[tokio::test]
async fn a_page_whose_coding_is_none_or_is_not_on_it_is_read_as_it_is() {
    let server = Server::start(|asked| match asked.path.as_str() {
        "/binary" => Answer::html(b"\x1f\x9d\x90\x3c\xe0\x10\0").header("Content-Encoding", "compress"),
        path => Answer::html("<p>没有压缩").header("Content-Encoding", &path[1..]),
    });
    let client = client(settings(), &[&server]);
    for coding in ["gzip", "br", "deflate", "zstd", "utf-8", "none", "identity", "compress", "x-unknown"] {
        let page = get(&client, server.url(&format!("/{coding}"))).await.unwrap();
        let seen = (page.content(), page.decoded.as_deref(), page.damage.as_deref());
        assert_eq!(seen, ("<p>没有压缩".as_bytes(), None, None), "{coding}");
        assert_eq!(page.headers.get("content-encoding"), Some(coding), "what was sent is on record");
    }
    assert_eq!(kind(&client, server.url("/binary")).await, FailureKind::Coding);
}

#[tokio::test]
async fn a_bomb_and_a_body_without_end_stop_at_the_cap() {
    let bomb = gzip(&gzip(&vec![0; 64 << 20]));
    let server = Server::start(move |asked| match asked.path.as_str() {
        "/bomb" => Answer::html(bomb.clone()).header("Content-Encoding", "gzip, gzip"),
        "/endless" => Answer::html("").endless(vec![b'a'; 4096]),
        _ => Answer::html(vec![b'a'; 200_001]),
    });
    let capped = Settings { page_cap: 200_000, ..settings() };
    let client = client(capped, &[&server]);
    for path in ["/bomb", "/endless", "/long"] {
        assert_eq!(kind(&client, server.url(path)).await, FailureKind::TooLarge, "{path}");
        assert_eq!(server.count(path), 1, "{path} is not asked for again");
    }
    let message = get(&client, server.url("/bomb")).await.unwrap_err().to_string();
    assert!(message.contains("200000 bytes once decoded"), "{message}");
}

#[tokio::test]
async fn of_a_feed_without_end_or_of_a_gigabyte_the_start_is_kept() {
    let server = Server::start(|asked| match asked.path.as_str() {
        "/endless" => Answer::html("").endless(vec![b'a'; 4096]),
        "/long" => Answer::html(vec![b'a'; 1 << 20]),
        _ => Answer::html(vec![b'a'; 1000]).cut(500),
    });
    let client = client(Settings { seed_cap: 200_000, retries: 0, ..settings() }, &[&server]);
    for path in ["/endless", "/long"] {
        let page = client.seed(&Request::new(server.url(path))).await.unwrap();
        assert_eq!(page.content().len(), 200_000, "{path}");
    }
    let cut = client.seed(&Request::new(server.url("/cut"))).await.unwrap();
    assert_eq!(cut.damage.as_deref(), Some("only 500 of 1000 bytes were received"), "what is smaller must be whole");
}

#[tokio::test]
async fn a_cut_body_is_asked_for_again_and_then_damaged_or_an_error() {
    let server = Server::start(|asked| match asked.path.as_str() {
        "/length" => Answer::html(text()).cut(100),
        "/nothing" => Answer::html(text()).cut(0),
        "/checksum" => {
            let mut body = gzip(&text());
            let at = body.len() - 6;
            body[at] ^= 1;
            Answer::html(body).header("Content-Encoding", "gzip")
        }
        "/chunked" => Answer::html(text()).chunked(50).cut(120),
        "/coded" => {
            let whole = gzip(&text());
            Answer::html(&whole[..whole.len() - 4]).header("Content-Encoding", "gzip")
        }
        _ if asked.n == 0 => Answer::html(text()).cut(100),
        _ => Answer::html(text()),
    });
    let (client, heard) = hearing(settings());
    client.name_origin(&server.url("/"));
    for path in ["/nothing", "/chunked", "/coded"] {
        heard.lock().unwrap().clear();
        assert_eq!(kind(&client, server.url(path)).await, FailureKind::Truncated, "{path}");
        assert_eq!((server.count(path), retries(&heard)), (4, 3), "{path}");
    }
    for (path, length, damage) in
        [("/length", 100, "only 100 of"), ("/checksum", text().len(), "its gzip data is damaged")]
    {
        heard.lock().unwrap().clear();
        let page = get(&client, server.url(path)).await.unwrap();
        assert_eq!(page.content(), &text()[..length], "{path}");
        assert!(page.damage.as_deref().is_some_and(|why| why.starts_with(damage)), "{path}: {:?}", page.damage);
        assert_eq!((server.count(path), retries(&heard)), (4, 3), "{path}");
    }
    let whole = get(&client, server.url("/once")).await.unwrap();
    assert_eq!((whole.body, whole.damage), (text(), None));
    let image = client.image(&server.url("/length"), None, &server.url("/")).await;
    assert_eq!(image.unwrap_err().kind(), FailureKind::Truncated, "an image must be whole");
}

#[tokio::test]
async fn a_busy_server_is_asked_again() {
    let server = Server::start(|asked| match (asked.path.as_str(), asked.n) {
        ("/503", 0) => Answer::status(503),
        ("/lost", _) => Answer::status(404),
        ("/dead", _) => Answer::status(500),
        _ => Answer::html("好了"),
    });
    let (client, heard) = hearing(Settings { retries: 2, ..settings() });
    client.name_origin(&server.url("/"));
    assert_eq!(get(&client, server.url("/503")).await.unwrap().body, "好了".as_bytes());
    assert!(matches!(&heard.lock().unwrap()[0],
        Event::Retry { url, attempt: 1, reason, .. } if *url == server.url("/503") && reason.contains("503")));
    assert_eq!(get(&client, server.url("/dead")).await.unwrap_err().status(), Some(500));
    assert_eq!(get(&client, server.url("/lost")).await.unwrap_err().status(), Some(404));
    assert_eq!((server.count("/dead"), server.count("/lost")), (3, 1));
}

#[tokio::test]
async fn a_server_that_says_when_to_come_back_is_left_alone_until_then() {
    let later = ["86400", "Wed, 15 Nov 2023 22:13:20 GMT"];
    for (status, when) in [(429, later[0]), (503, later[1])] {
        let server = Server::start(move |asked| match asked.path.as_str() {
            "/busy" => Answer::status(status).header("Retry-After", when),
            _ => Answer::html("here"),
        });
        let (client, heard) = hearing(settings());
        client.name_origin(&server.url("/"));
        let error = get(&client, server.url("/busy")).await.unwrap_err();
        assert_eq!((error.kind(), error.status()), (FailureKind::RetryLater, Some(status)));
        assert!(error.to_string().contains("at 2023-11-15T22:13:20Z (in 24 hours)"), "{error}");
        // It said so for all of its pages.
        let other = get(&client, server.url("/other")).await.unwrap_err().to_string();
        assert!(other.starts_with(server.url("/other").as_str()) && other.contains("2023-11-15"), "{other}");
        assert_eq!((server.log().len(), retries(&heard)), (1, 0));
    }
}

#[tokio::test]
async fn an_error_is_short_whatever_the_server_sends() {
    let server = Server::start(|asked| match asked.path.as_str() {
        "/long" => Answer::redirect(302, format!("/{}/end", "x".repeat(60_000))),
        "/robots.txt" => {
            Answer::bytes("text/plain", format!("User-agent: *\nDisallow: /a\u{1b}[31m{}", "*".repeat(9_000)))
        }
        _ => Answer::status(404),
    });
    let client = client(settings(), &[&server]);
    let said = get(&client, server.url("/long")).await.unwrap_err().to_string();
    assert!(said.contains("/end: the server answered 404") && said.chars().count() <= 300, "{said}");
    let url = server.url("/a%1B[31m");
    let said = client.robots(&url).await.permit(&url).unwrap_err().to_string();
    assert!(said.contains("Disallow: /a\\u{1b}[31m*") && said.chars().count() <= 300, "{said}");
}

#[tokio::test]
async fn a_closed_port_is_refused() {
    let port = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
    let url = Url::parse(&format!("http://127.0.0.1:{port}/")).unwrap();
    let (client, heard) = hearing(settings());
    client.name_origin(&url);
    assert_eq!(kind(&client, url).await, FailureKind::Refused);
    assert_eq!(retries(&heard), 3);
}

#[tokio::test]
async fn an_unknown_name_is_not_asked_for_again() {
    let (client, heard) = hearing(settings());
    let url = Url::parse("http://no-such-host.invalid/").unwrap();
    let error = get(&client, url.clone()).await.unwrap_err();
    assert_eq!(error.kind(), FailureKind::Dns);
    assert!(error.to_string().contains("`no-such-host.invalid` does not resolve"), "{error}");
    assert_eq!(kind(&client, url).await, FailureKind::Dns);
    assert!(heard.lock().unwrap().is_empty());
}

#[tokio::test]
async fn each_time_limit_is_named() {
    let server = Server::start(|asked| match asked.path.as_str() {
        "/silent" => Answer::html("x").stall(),
        "/stops" => Answer::html(text()).cut(100).stall(),
        _ => Answer::html("").endless("slow ".repeat(10)).delay(Duration::from_millis(100)),
    });
    let fast = Settings {
        retries: 1,
        first_byte_timeout: Duration::from_millis(200),
        idle_timeout: Duration::from_millis(150),
        timeout: Duration::from_millis(600),
        page_cap: u64::MAX >> 1,
        ..settings()
    };
    let client = client(fast, &[&server]);
    for (path, words) in [
        ("/silent", "did not respond within 200ms"),
        ("/stops", "sent no more of the body within 150ms"),
        ("/slow", "not complete within 600ms"),
    ] {
        let error = get(&client, server.url(path)).await.unwrap_err();
        assert_eq!(error.kind(), FailureKind::Timeout);
        assert!(error.to_string().contains(words), "{error}");
        assert_eq!(server.count(path), 2, "{path}");
    }
}

#[tokio::test]
async fn tls_to_a_port_without_it_says_so() {
    let server = Server::start(|_| Answer::html("plain"));
    let url = Url::parse(&format!("https://127.0.0.1:{}/", server.port())).unwrap();
    let (client, heard) = hearing(settings());
    client.name_origin(&url);
    let error = get(&client, url).await.unwrap_err();
    assert_eq!(error.kind(), FailureKind::Tls, "{error}");
    assert!(error.to_string().contains("does not use TLS on that port"), "{error}");
    assert_eq!(retries(&heard), 0);
}

#[tokio::test]
async fn what_is_no_http_is_named() {
    let server = Server::start(|asked| match asked.path.as_str() {
        "/ssh" => Answer::raw("SSH-2.0-OpenSSH_9.2\r\n"),
        _ => Answer::raw(""),
    });
    let client = client(settings(), &[&server]);
    assert_eq!(kind(&client, server.url("/ssh")).await, FailureKind::Protocol);
    assert_eq!(kind(&client, server.url("/hangs-up")).await, FailureKind::Connect);
    assert_eq!(kind(&client, Url::parse("ftp://example.org/").unwrap()).await, FailureKind::Scheme);
    assert_eq!((server.count("/ssh"), server.count("/hangs-up")), (1, 4));
}

#[tokio::test]
async fn a_redirect_is_followed_though_its_body_is_cut_or_long() {
    let server = Server::start(|asked| match asked.path.as_str() {
        "/cut" => Answer::redirect(302, "/end").body(text()).cut(100),
        "/long" => Answer::redirect(302, "/end").body(vec![b'a'; 2 << 20]),
        _ => Answer::html("end"),
    });
    let (client, heard) = hearing(settings());
    client.name_origin(&server.url("/"));
    for (path, kept) in [("/cut", 100), ("/long", 1 << 20)] {
        heard.lock().unwrap().clear();
        let page = get(&client, server.url(path)).await.unwrap();
        assert_eq!((page.body.as_slice(), page.redirects[0].body.len()), (&b"end"[..], kept), "{path}");
        let warned =
            |event: &Event| matches!(event, Event::Warning(note) if note.contains(&format!("only {kept} bytes")));
        assert!(heard.lock().unwrap().iter().any(warned), "{path}");
    }
}

#[tokio::test]
async fn every_byte_received_is_reported() {
    let server = Server::start(|_| Answer::html(text()).chunked(100));
    let (client, heard) = hearing(settings());
    client.name_origin(&server.url("/"));
    get(&client, server.url("/")).await.unwrap();
    let received = |event: &Event| if let Event::Received { bytes } = event { *bytes } else { 0 };
    assert_eq!(heard.lock().unwrap().iter().map(received).sum::<u64>(), text().len() as u64);
}
