//! Archives to export from.

use std::collections::BTreeMap;

use crate::support::program::{Program, Ran};

/// A PNG of one pixel; the last byte is the number of the image.
pub fn png(number: u8) -> Vec<u8> {
    let mut bytes = vec![0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13, b'I', b'H', b'D', b'R'];
    bytes.extend([0, 0, 2, 0x80, 0, 0, 1, 0xe0, 8, 2, 0, 0, 0, number, 2, 3, 4]);
    bytes
}

/// An article of the fixture: path and title, and HTML after two long paragraphs.
pub struct Page<'a> {
    pub path: &'a str,
    pub title: &'a str,
    pub more: &'a str,
}

pub const HOST: &str = "https://daily.example.cn";

/// Archives pages as they stand in files, with the images beside them.
pub fn archive(program: &Program, now: &str, pages: &[Page<'_>]) {
    for (number, page) in pages.iter().enumerate() {
        let Page { path, title, more } = page;
        let html = format!(
            "<!doctype html><html lang=zh-CN><meta charset=utf-8><title>{title}</title>\
             <meta property=article:published_time content=2024-03-18T09:26:15+08:00>\
             <meta name=keywords content=老城,手艺><meta name=author content=林远><article><h1>{title}</h1>\
             <p>清晨的雾还没有散，渡口边的茶馆已经坐满了等船的人，他们说的是同一件事：河上的桥今年一定能修好。</p>\
             <p>掌柜的把最后一壶茶端上来，说他在这里开了三十年的店，看着河水涨了又落，船来了又走。</p>{more}</article></html>"
        );
        let file = program.write(&format!("pages/{number}.html"), html);
        let url = format!("{HOST}{path}");
        program.run_to(0, &["archive", file.to_str().unwrap(), "--url", &url, "--now", now]);
    }
}

pub const NOW: &str = "2026-11-24T10:00:00Z";

/// Three articles: the second links to the first, with an image; the third has template markers.
pub fn archived() -> Program {
    let program = Program::in_memory();
    program.write("pages/img/bridge.png", png(1));
    let link = format!(
        "<p>桥的旧事见<a href=\"{HOST}/wen/qiao.html?utm_source=x#jiu\"><b>石桥</b>一文</a>，也见\
         <a href=\"https://elsewhere.example.org/\">别处</a>。</p><p><img src=\"img/bridge.png\" alt=\"桥\"></p>"
    );
    archive(
        &program,
        NOW,
        &[
            Page { path: "/wen/qiao.html", title: "石桥：一百年", more: "" },
            Page { path: "/wen/cha.html", title: "茶馆", more: &link },
            Page {
                path: "/wen/ma.html",
                title: "模板 {{ x }}",
                more: "<p>写作 {{ page.title }} 与 {% raw %}，还有 {{&lt; fig &gt;}}。</p>",
            },
        ],
    );
    program
}

/// Exports the archive of a program to the folder `out`.
pub fn export(program: &Program, profile: &str, more: &[&str]) -> Ran {
    program.run(&[&["export", "--profile", profile, "--output", "out", "--json"], more].concat())
}

/// Exports and insists on the exit code.
pub fn export_to(program: &Program, code: i32, profile: &str, more: &[&str]) -> Ran {
    let ran = export(program, profile, more);
    assert_eq!(ran.code, code, "{}\n{}", ran.out, ran.err);
    ran
}

/// The counts of a summary by name.
pub fn counts(ran: &Ran) -> BTreeMap<String, u64> {
    let summary = ran.summary();
    let fields = summary.as_object().unwrap().iter();
    fields.filter_map(|(key, value)| Some((key.clone(), value.as_u64()?))).filter(|(_, count)| *count > 0).collect()
}

/// The path of the text whose title contains some words, below the folder `out`.
pub fn text_of(ran: &Ran, title: &str) -> String {
    let articles = ran.events_named("article");
    let found = articles.iter().find(|event| event["title"].as_str().is_some_and(|own| own.contains(title)));
    format!("out/{}", found.unwrap_or_else(|| panic!("{title}: {}", ran.out))["path"].as_str().unwrap())
}

/// Every file below the folder `out` with its bytes and its time of change.
pub fn snapshot(program: &Program) -> BTreeMap<String, (Vec<u8>, std::time::SystemTime)> {
    let files = program.files("out").into_iter();
    let read = |file: String| {
        let path = program.path("out").join(&file);
        let bytes = std::fs::read(&path).unwrap();
        (file, (bytes, path.metadata().unwrap().modified().unwrap()))
    };
    files.map(read).collect()
}
