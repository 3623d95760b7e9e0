//! An archive that the program made is checked, indexed and replayed by warcio and pywb.
#![cfg(all(feature = "cli", feature = "net"))]

use std::io::Write;

use crate::support::oracle;
use crate::support::program::Program;
use crate::support::server::{Answer, Asked, Server};
use bindery::model::Digest;
use flate2::Compression;
use flate2::write::GzEncoder;

const TEXT: &str = "<p>这座图书馆建于一九五六年，当时只有两层，藏书不到三万册，读者大多是附近工厂的工人。</p>\
<p>七十年过去，它搬过三次家，换过五任馆长，书却越来越多，如今已经有一百二十万册，每天开放到晚上十点。</p>";

fn page(version: usize) -> Vec<u8> {
    let images: String = (0..3).map(|n| format!("<p><img src=/{n}.gif></p>")).collect();
    let html = format!(
        "<html lang=zh-CN><meta charset=utf-8><title>图书馆</title><article>{TEXT}<p>第{version}版。</p>{images}</article></html>"
    );
    let mut coded = GzEncoder::new(Vec::new(), Compression::default());
    coded.write_all(html.as_bytes()).unwrap();
    coded.finish().unwrap()
}

fn image(path: &str) -> Vec<u8> {
    let mut gif = b"GIF89a\x0a\0\x0a\0\0\0\0!\xfe\x20".to_vec();
    gif.extend(Digest::of(path.as_bytes()).as_bytes());
    gif.extend(b"\0;");
    gif
}

#[test]
fn warcio_and_pywb_take_what_the_program_captured() {
    let Some(python) = oracle::python("warcio, pywb") else { return };
    let server = Server::start(|asked: &Asked| match asked.path.as_str() {
        "/page" => Answer::html(page(asked.n)).header("Content-Encoding", "gzip"),
        "/old" => Answer::redirect(301, "/page"),
        path if path.ends_with(".gif") => Answer::bytes("image/gif", image(path)),
        _ => Answer::status(404),
    });
    let program = Program::new();
    let mut expected = String::new();
    for (day, path) in [(20, "/page"), (21, "/old"), (22, "/page")] {
        let now = format!("2026-11-{day}T08:00:00Z");
        let url = server.url(path);
        program.run_to(0, &["archive", url.as_str(), "--captures", "all", "--now", &now]);
        let body = Digest::of(&page(usize::try_from(day - 20).unwrap()));
        expected.push_str(&format!("{} {body} 202611{day}080000\n", server.url("/page")));
        for n in 0..3 {
            // From the second visit on these are revisits, which replay as what they refer to.
            let gif = format!("/{n}.gif");
            expected.push_str(&format!("{} {} 202611{day}080000\n", server.url(&gif), Digest::of(&image(&gif))));
        }
    }
    program.run_to(0, &["verify"]);
    let output = oracle::replay(&python, &program.archive(), &expected);
    assert!(output.status.success(), "{}", oracle::said(&output));
    let said = oracle::said(&output);
    assert!(said.starts_with("3 captures, ") && said.ends_with("12 of 12 bodies replayed\n"), "{said}");
    print!("{said}");
}
