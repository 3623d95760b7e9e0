//! A difficult site on loopback: each case looks at the bytes that were written.
#![cfg(all(feature = "cli", feature = "net"))]

use std::io::Write;
use std::time::Duration;

use crate::support::program::Program;
use crate::support::server::{Answer, Server};
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::Value;

const TEXT: &str = "<p>这座图书馆建于一九五六年，当时只有两层，藏书不到三万册，读者大多是附近工厂的工人。</p>\
<p>七十年过去，它搬过三次家，换过五任馆长，书却越来越多，如今已经有一百二十万册，每天开放到晚上十点。</p>\
<p>馆长说，最难的不是买书，而是让每一本书都找得到，为此他们花了整整六年，把卡片目录一张一张录入电脑。</p>";

fn page(body: &str) -> Answer {
    Answer::bytes("text/html; charset=utf-8", html(body))
}

fn html(body: &str) -> String {
    format!(
        "<html lang=zh-CN><head><title>图书馆的七十年</title></head><body><article>{TEXT}{body}</article></body></html>"
    )
}

/// An image of one colour; another byte is another image.
fn image(shade: u8) -> Vec<u8> {
    let mut gif = b"GIF89a\x0a\0\x0a\0\x80\0\0".to_vec();
    gif.extend([shade, shade, shade, 255, 255, 255]);
    gif.extend(b"!\xf9\x04\x01\0\0\0\0,\0\0\0\0\x0a\0\x0a\0\0\x02\x08\x84\x8f\xa9\xcb\xed\x0f\x63\x2b\0;");
    gif
}

struct Archived {
    program: Program,
    event: Value,
    text: String,
}

impl Archived {
    /// The file that an image must be, and what the text must say to show it.
    fn shows(&self, shade: u8) -> bool {
        let image = bindery::images::identify(image(shade)).unwrap();
        let stored = std::fs::read(self.program.archive().join("images").join(image.path()));
        stored.is_ok_and(|bytes| bytes == image.bytes)
            && self.text.contains(&format!("](../../../../images/{})", image.path()))
    }

    fn images(&self) -> (u64, u64) {
        let count = |name: &str| self.event["images"][name].as_u64().unwrap();
        (count("saved"), count("missing"))
    }
}

/// Archives `/page` of a server, verifies the archive, reads what was written.
fn archive(server: &Server) -> Archived {
    let program = Program::new();
    let url = server.url("/page");
    let event = program.run_to(0, &["archive", url.as_str(), "--json"]).article();
    let text = program.read(&format!("bindery-archive/{}", event["path"].as_str().unwrap()));
    program.run_to(0, &["verify"]);
    Archived { program, event, text }
}

/// Archives `/page` in vain; the archive holds no text.
fn fail(server: &Server, flags: &[&str]) -> Value {
    let program = Program::new();
    let url = server.url("/page");
    let event = program.run_to(3, &[&["archive", url.as_str(), "--json"], flags].concat()).article();
    assert_eq!(event["outcome"], "failed");
    assert!(!program.files("bindery-archive").iter().any(|file| file.ends_with(".md") && file != "README.md"));
    program.run_to(0, &["verify"]);
    event["error"].clone()
}

#[test]
fn gbk_without_a_label_is_read_and_the_guess_is_on_record() {
    let body = encoding_rs::GBK.encode(&html("<p>朱师傅说：“对得上。”</p>")).0.into_owned();
    let server = Server::start(move |_| Answer::bytes("text/html", body.clone()));
    let archived = archive(&server);
    assert!(archived.text.contains("朱师傅说：“对得上。”"), "{}", archived.text);
    assert!(archived.event["warnings"][0].as_str().unwrap().starts_with("charset: "), "{}", archived.event);
}

#[test]
fn an_image_that_is_refused_to_any_referer_is_had_without_one() {
    let server = Server::start(|asked| match (asked.path.as_str(), asked.header("referer")) {
        ("/page", _) => page("<p><img src=/hot.gif></p>"),
        ("/hot.gif", None) => Answer::bytes("image/gif", image(1)),
        ("/hot.gif", Some(_)) => Answer::status(403),
        _ => Answer::status(404),
    });
    let archived = archive(&server);
    assert!(archived.shows(1), "{}", archived.text);
    let referers: Vec<Option<String>> = server
        .log()
        .iter()
        .filter(|asked| asked.path == "/hot.gif")
        .map(|asked| asked.header("referer").map(str::to_owned))
        .collect();
    assert_eq!(referers, [Some(server.url("/page").to_string()), None]);
}

#[test]
fn a_page_that_asks_for_no_referer_is_obeyed_at_once() {
    let server = Server::start(|asked| match asked.path.as_str() {
        "/page" => page("<p><img referrerpolicy=no-referrer src=/a.gif></p>"),
        "/a.gif" => Answer::bytes("image/gif", image(2)),
        _ => Answer::status(404),
    });
    assert!(archive(&server).shows(2));
    assert!(server.log().iter().filter(|asked| asked.path == "/a.gif").all(|asked| asked.header("referer").is_none()));
}

#[test]
fn lazy_and_srcset_images_are_the_real_ones() {
    let server = Server::start(|asked| match asked.path.as_str() {
        "/page" => page(
            "<p><img src='data:image/gif;base64,R0lGODlhAQABAAAAACw=' data-original=/photo.gif></p>\
             <p><img src=/small.gif width=100 srcset='/small.gif 100w, /c,w_800/large.gif 800w'></p>\
             <p><picture><source type=image/avif srcset=/p.avif><source type=image/webp srcset='/p.gif 900w'>\
             <img src=/loading.gif></picture></p>",
        ),
        "/photo.gif" => Answer::bytes("image/gif", image(3)),
        "/c,w_800/large.gif" => Answer::bytes("image/gif", image(4)),
        "/p.gif" => Answer::bytes("image/gif", image(5)),
        "/small.gif" => Answer::bytes("image/gif", image(9)),
        _ => Answer::status(404),
    });
    let archived = archive(&server);
    assert!(archived.shows(3) && archived.shows(4) && archived.shows(5), "{}", archived.text);
    assert_eq!(archived.images(), (3, 0));
}

#[test]
fn one_image_under_two_urls_is_stored_once() {
    let server = Server::start(|asked| match asked.path.as_str() {
        "/page" => page("<p><img src=/a.gif></p><p><img src=/b.png?x=1></p>"),
        "/a.gif" | "/b.png?x=1" => Answer::bytes("image/png", image(6)),
        _ => Answer::status(404),
    });
    let archived = archive(&server);
    assert!(archived.shows(6));
    assert_eq!(archived.text.matches("](../../../../images/").count(), 2);
    assert_eq!(archived.images(), (1, 0));
    let stored = archived.program.files("bindery-archive/images");
    assert_eq!(stored.iter().filter(|file| !file.ends_with("manifest-sha256.txt")).count(), 1, "{stored:?}");
}

#[test]
fn an_image_that_is_not_there_stays_linked_and_is_fetched_by_a_later_run() {
    let server = Server::start(|asked| match (asked.path.as_str(), asked.n) {
        ("/page", _) => page("<p><img src=/gone.gif alt=旧照片></p>"),
        // Not there while the first run asks with every Referer; there for the second.
        ("/gone.gif", 0..=2) => Answer::status(404),
        ("/gone.gif", _) => Answer::bytes("image/gif", image(7)),
        _ => Answer::status(404),
    });
    let mut archived = archive(&server);
    let remote = format!("![旧照片]({})", server.url("/gone.gif"));
    assert!(archived.text.contains(&remote), "{}", archived.text);
    assert_eq!(archived.images(), (0, 1));
    assert!(archived.event["missing"][0]["reason"].as_str().unwrap().contains("404"));
    let record = archived.program.run_to(0, &["show", server.url("/page").as_str(), "--record"]).out;
    assert!(record.contains("/gone.gif") && record.contains("404"), "{record}");

    let again = archived.program.run_to(0, &["archive", server.url("/page").as_str(), "--json"]).article();
    assert_eq!((&again["outcome"], &again["updated"]), (&"updated".into(), &"images".into()));
    archived.text = archived.program.read(&format!("bindery-archive/{}", again["path"].as_str().unwrap()));
    assert!(archived.shows(7), "{}", archived.text);
    archived.program.run_to(0, &["verify"]);
}

#[test]
fn html_sent_for_an_image_is_no_image() {
    let server = Server::start(|asked| match asked.path.as_str() {
        "/page" => page("<p><img src=/a.jpg></p>"),
        _ => Answer::bytes("image/jpeg", "<html><body>请登录</body></html>"),
    });
    let archived = archive(&server);
    assert_eq!(archived.images(), (0, 1));
    assert!(archived.event["missing"][0]["reason"].as_str().unwrap().contains("not an image but an HTML page"));
    assert!(archived.text.contains(&format!("![]({})", server.url("/a.jpg"))));
    assert!(!archived.program.path("bindery-archive/images").exists());
}

#[test]
fn a_counter_is_dropped_and_on_record() {
    let counter = b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xff\xff\xff,\0\0\0\0\x01\0\x01\0\0\x02\x02\x44\x01\0;";
    let server = Server::start(|asked| match asked.path.as_str() {
        "/page" => page("<p><img src=/count></p>"),
        _ => Answer::bytes("image/gif", counter.as_slice()),
    });
    let archived = archive(&server);
    assert!(!archived.text.contains("!["), "{}", archived.text);
    let record = archived.program.run_to(0, &["show", server.url("/page").as_str(), "--record"]).out;
    assert!(record.contains("only 1×1 pixels"), "{record}");
}

#[test]
fn a_server_that_is_busy_once_is_asked_again() {
    let server = Server::start(|asked| match asked.n {
        0 if asked.path == "/page" => Answer::status(503),
        _ if asked.path == "/page" => page(""),
        _ => Answer::status(404),
    });
    assert!(archive(&server).text.contains("一百二十万册"));
    assert_eq!(server.log().iter().filter(|asked| asked.path == "/page").count(), 2);
}

#[test]
fn a_chain_of_redirects_is_followed_and_on_record() {
    let server = Server::start(|asked| match asked.path.as_str() {
        "/page" => Answer::redirect(301, "/b"),
        "/b" => Answer::redirect(302, "c?utm_source=x"),
        "/c?utm_source=x" => Answer::bytes("text/html", "<meta http-equiv=refresh content='0; url=/d'>"),
        "/d" => page(""),
        _ => Answer::status(404),
    });
    let archived = archive(&server);
    assert_eq!(archived.event["url"], server.url("/d").as_str());
    assert!(archived.text.contains(&format!("url: {}", server.url("/d"))), "{}", archived.text);
    let record: Value =
        serde_json::from_str(&archived.program.run_to(0, &["show", server.url("/page").as_str(), "--record"]).out)
            .unwrap();
    let hops: Vec<&str> = record["snapshots"][0]["redirects"]
        .as_array()
        .unwrap()
        .iter()
        .map(|hop| hop["url"].as_str().unwrap())
        .collect();
    assert_eq!(hops, ["/page", "/b", "/c?utm_source=x"].map(|path| server.url(path).to_string()));
}

#[test]
fn a_loop_of_redirects_is_named() {
    let server = Server::start(|asked| match asked.path.as_str() {
        "/page" => Answer::redirect(302, "/b"),
        "/b" => Answer::redirect(302, "/page"),
        _ => Answer::status(404),
    });
    let error = fail(&server, &[]);
    assert_eq!(error["kind"], "redirect-loop");
    assert!(error["message"].as_str().unwrap().contains(server.url("/page").as_str()), "{error}");
}

#[test]
fn a_body_without_end_is_cut_at_the_limit() {
    let server = Server::start(|asked| match asked.path.as_str() {
        "/page" => Answer::bytes("text/html", "").endless("<p>没完没了</p>".repeat(4000)),
        _ => Answer::status(404),
    });
    assert_eq!(fail(&server, &[])["kind"], "too-large");
}

#[test]
fn a_gzip_bomb_does_not_go_off() {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    let block = vec![b' '; 1 << 20];
    for _ in 0..200 {
        encoder.write_all(&block).unwrap();
    }
    let bomb = encoder.finish().unwrap();
    assert!(bomb.len() < 1 << 20);
    let server = Server::start(move |asked| match asked.path.as_str() {
        "/page" => Answer::bytes("text/html", bomb.clone()).header("Content-Encoding", "gzip"),
        _ => Answer::status(404),
    });
    assert_eq!(fail(&server, &[])["kind"], "too-large");
}

#[test]
fn a_server_that_says_nothing_is_given_up() {
    let server = Server::start(|asked| match asked.path.as_str() {
        "/page" => page("").delay(Duration::from_secs(20)),
        _ => Answer::status(404),
    });
    assert_eq!(fail(&server, &["--timeout", "300ms", "--retries", "0"])["kind"], "timeout");
}
