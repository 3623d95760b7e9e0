//! A clock that goes back by a month between two runs, or forward by years.

use crate::site::{self, archive, assert_whole, shim, shimmed};
use crate::support::server::{Answer, Server};

#[test]
fn texts_kept_after_the_clock_went_back_lie_beside_the_others() {
    let Some(shim) = shim() else { return };
    let server = Server::start(|asked| match asked.path.as_str() {
        "/robots.txt" => Answer::status(404),
        _ => Answer::html(format!(
            "<html lang=zh-CN><title>变化</title><article><h1>变化</h1><p>这座图书馆建于一九五六年，当时只有两层，藏书不到三万册。</p>\
             <p>七十年过去，它搬过三次家，换过五任馆长，书却越来越多，这是第{}版。</p></article></html>",
            asked.n
        )),
    });
    let program = crate::support::program::Program::in_memory();
    let url = server.url("/a").to_string();
    // Now, a month back, years ahead, now again.
    for (round, seconds) in ["0", "-2592000", "200000000", "-1"].into_iter().enumerate() {
        let output =
            shimmed(&program, shim, &[("SHIM_CLOCK", seconds)], &["archive", &url, "--json"]).output().unwrap();
        let out = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{seconds}: {out}{}", String::from_utf8_lossy(&output.stderr));
        assert!(out.contains(if round == 0 { "\"new\"" } else { "\"updated\"" }), "{seconds}: {out}");
        assert_whole(&program, seconds);
    }
    let texts = program.files("bindery-archive/articles");
    let texts: Vec<&String> = texts.iter().filter(|file| file.contains('Z') && file.ends_with(".md")).collect();
    assert_eq!(texts.len(), 4, "{texts:?}");
    let said: String = texts.iter().map(|file| program.read(&format!("bindery-archive/articles/{file}"))).collect();
    assert!((0..4).all(|n| said.contains(&format!("第{n}版"))), "{said}");
}

#[test]
fn a_crawl_whose_clock_goes_back_while_it_is_interrupted_ends_all_the_same() {
    let Some(shim) = shim() else { return };
    let server = site::start();
    let program = site::kept(&server);
    let seed = server.url("/").to_string();
    let arguments = ["crawl", "--json", "--delay", "0s", "--depth", "1", "--allow-private", &seed];
    let begin = std::time::Instant::now();
    let settings = [("SHIM_AT", "12"), ("SHIM_SIGNAL", "9")];
    shimmed(&program, shim, &settings, &arguments).output().unwrap();
    let output = shimmed(&program, shim, &[("SHIM_CLOCK", "-86400")], &arguments).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(begin.elapsed().as_secs() < 60, "leases of a time to come are not waited for");
    assert_whole(&program, "a day back");
    assert_eq!(site::listed(&program).len(), site::PAGES + 1);
    archive(&program, &server).expect_code(0);
}
