//! SVG that can act is stored so that it cannot; SVG that only draws is stored as received.
#![cfg(all(feature = "cli", feature = "net", feature = "store"))]

use std::io::Read;

use crate::support::program::Program;
use crate::support::server::{Answer, Asked, Server};

const PLAIN: &str = "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"40\"><rect width=\"9\"/></svg>";
const ACTIVE: &str = "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"40\" onload=\"a()\"><script>a()</script>\
    <a href=\"javascript:a()\"><rect width=\"9\"/></a></svg>";

fn captures(program: &Program) -> String {
    let mut text = String::new();
    for path in program.files("bindery-archive/captures").iter().filter(|path| path.ends_with(".warc.gz")) {
        let bytes = std::fs::read(program.path(&format!("bindery-archive/captures/{path}"))).unwrap();
        flate2::read::MultiGzDecoder::new(bytes.as_slice()).read_to_string(&mut text).unwrap();
    }
    text
}

fn stored(program: &Program, folder: &str) -> Vec<String> {
    let paths = program.files(folder).into_iter().filter(|path| path.ends_with(".svg"));
    paths.map(|path| program.read(&format!("{folder}/{path}"))).collect()
}

fn page() -> String {
    let text = "<p>水坝建成的那一年，河水第一次在冬天没有结冰，孩子们就在岸边看船。</p>".repeat(4);
    format!(
        "<html lang=zh-CN><title>水坝</title><body><article><h1>水坝</h1>{text}<figure><img src=active.svg alt=图></figure>\
        <figure><img src=plain.svg alt=表></figure>{text}</article></body>"
    )
}

fn is_safe(stored: &[String]) {
    assert_eq!(stored.len(), 2);
    assert!(stored.contains(&PLAIN.to_owned()), "SVG that only draws is stored as received");
    for svg in stored {
        assert!(svg.contains("<rect") && !svg.contains("script") && !svg.contains("onload"), "{svg}");
    }
}

#[test]
fn fetched_svg_cannot_act_and_the_capture_has_it_as_received() {
    let server = Server::start(|asked: &Asked| match asked.path.as_str() {
        "/dam" => Answer::html(page()),
        "/active.svg" => Answer::bytes("image/svg+xml", ACTIVE),
        "/plain.svg" => Answer::bytes("image/svg+xml", PLAIN),
        _ => Answer::status(404),
    });
    let program = Program::new();
    program.run_to(0, &["archive", server.url("/dam").as_str()]);
    is_safe(&stored(&program, "bindery-archive/images"));
    assert!(captures(&program).contains(ACTIVE));
    program.run_to(0, &["verify"]);
    let again = program.run_to(0, &["archive", server.url("/dam").as_str()]);
    assert!(again.out.starts_with("unchanged"), "{}", again.out);
}

#[test]
fn svg_beside_a_saved_page_cannot_act_either() {
    let program = Program::new();
    program.write("saved/dam.html", page());
    program.write("saved/active.svg", ACTIVE);
    program.write("saved/plain.svg", PLAIN);
    program.run_to(0, &["archive", "saved/dam.html"]);
    is_safe(&stored(&program, "bindery-archive/images"));
    assert!(captures(&program).contains(ACTIVE));
    program.run_to(0, &["convert", "saved", "--output", "posts"]);
    is_safe(&stored(&program, "posts/images"));
    program.run_to(0, &["verify"]);
}
