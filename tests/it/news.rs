//! The page that the first user keeps: Chinese news in GBK, from the server to the file they open.
#![cfg(all(feature = "cli", feature = "net"))]

use crate::support::program::Program;
use crate::support::server::{Answer, Server};

const NEWS: &str = include_str!("../../examples/news.html");

/// A value as the front matter should have it.
fn value(yaml: &str) -> serde_yaml::Value {
    serde_yaml::from_str(yaml).unwrap()
}

fn image(name: &str) -> Vec<u8> {
    std::fs::read(format!("{}/examples/news_files/{name}.png", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

/// The page in GBK, labelled as such in the page or not at all, with its images.
fn serve(labelled: bool) -> Server {
    let label = if labelled { "<meta charset=\"gbk\">" } else { "" };
    let html = NEWS.replace("<meta charset=\"utf-8\">", label);
    let (bytes, _, lossy) = encoding_rs::GBK.encode(&html);
    assert!(!lossy);
    let bytes = bytes.into_owned();
    Server::start(move |asked| match asked.path.as_str() {
        "/wenhua/1.shtml" => Answer::bytes("text/html", bytes.clone()),
        path => match path.strip_prefix("/wenhua/news_files/").and_then(|file| file.strip_suffix(".png")) {
            Some(name) => Answer::bytes("image/png", image(name)),
            None => Answer::status(404),
        },
    })
}

fn archived(labelled: bool, flags: &[&str]) -> (Program, String) {
    let server = serve(labelled);
    let program = Program::new();
    let url = server.url("/wenhua/1.shtml");
    let arguments = [&["archive", url.as_str(), "--json"], flags].concat();
    let ran = program.run_to(0, &arguments);
    let article = ran.article();
    assert_eq!(article["images"], serde_json::json!({ "saved": 3, "missing": 0 }), "{}", ran.err);
    let text = program.read(&format!("bindery-archive/{}", article["path"].as_str().unwrap()));
    (program, text)
}

#[test]
fn hexo_front_matter_has_the_seven_keys_with_local_images_and_the_source() {
    let (_program, text) = archived(true, &["--profile", "hexo", "--categories", "新媒体,晨钟网,首页"]);
    let (front, _) = text.strip_prefix("---\n").unwrap().split_once("\n---\n").unwrap();
    let fields: serde_yaml::Mapping = serde_yaml::from_str(front).unwrap();
    let keys: Vec<&str> = fields.keys().map(|key| key.as_str().unwrap()).collect();
    assert_eq!(keys, ["title", "categories", "headimg", "author", "comments", "date", "thumbnail", "tags", "source"]);
    assert_eq!(fields["title"].as_str(), Some("老城最后一家装订铺，要把手艺留在网上"));
    assert_eq!(fields["categories"], value("[新媒体, 晨钟网, 首页]"));
    assert_eq!(fields["author"].as_str(), Some("林远"));
    assert_eq!(fields["comments"].as_bool(), Some(false));
    assert_eq!(fields["date"].as_str(), Some("Mon, 18 Mar 2024 01:26:15 GMT"));
    let first = bindery::images::identify(image("workshop")).unwrap();
    let local = format!("../../../../images/{}", first.path());
    assert_eq!(
        (fields["headimg"].as_str(), fields["thumbnail"].as_str()),
        (Some(local.as_str()), Some(local.as_str()))
    );
}

#[test]
fn the_body_is_every_paragraph_with_local_images_and_nothing_else() {
    let (program, text) = archived(false, &["--profile", "hexo"]);
    let (_, body) = text.strip_prefix("---\n").unwrap().split_once("\n---\n").unwrap();
    assert!(!body.contains('<'), "an HTML tag: {body}");
    assert!(!body.contains("![](http"), "a remote image: {body}");
    for gone in ["国际", "当前位置", "责任编辑", "分享到", "相关阅读", "版权所有", "来源："] {
        assert!(!body.contains(gone), "{gone}");
    }
    let (before, _) = NEWS.split_once("<div class=\"editor\">").unwrap();
    let paragraphs = before.split("<p>\n").skip(1).map(|rest| rest.split("\n</p>").next().unwrap());
    let mut counted = 0;
    for paragraph in paragraphs.filter(|paragraph| !paragraph.contains('<')) {
        assert!(body.contains(paragraph), "{paragraph}");
        counted += 1;
    }
    assert_eq!(counted, 8);
    for (name, caption) in [
        ("workshop", "周师傅的铺子，墙上挂着四十年来用过的针"),
        ("thread", "麻线在蜂蜡里过一遍，可以防潮防虫（林远 摄）"),
        ("class", "周末课堂上，学员在核对文件的指纹"),
    ] {
        let image = bindery::images::identify(image(name)).unwrap();
        let tied = format!("![](../../../../images/{})\n*{caption}*\n", image.path());
        assert!(body.contains(&tied), "{tied}\n{body}");
        assert_eq!(std::fs::read(program.archive().join("images").join(image.path())).unwrap(), image.bytes);
    }
    assert!(body.contains("\n## 一根线，穿过六百页\n"), "{body}");
}

#[test]
fn the_default_profile_says_where_it_came_from_and_seals_the_body() {
    let (_program, text) = archived(true, &["--now", "2026-11-23T08:00:00Z"]);
    let (front, body) = text.strip_prefix("---\n").unwrap().split_once("\n---\n").unwrap();
    let fields: serde_yaml::Mapping = serde_yaml::from_str(front).unwrap();
    assert_eq!(fields["published"].as_str(), Some("2024-03-18T09:26:15+08:00"));
    assert_eq!(fields["site"].as_str(), Some("晨钟网"));
    assert_eq!(fields["language"].as_str(), Some("zh-CN"));
    assert_eq!(fields["tags"], value("[装订, 古籍, 手艺]"));
    assert_eq!(fields["archived"].as_str(), Some("2026-11-23T08:00:00Z"));
    assert_eq!(fields["canonical"].as_str(), Some("https://news.chenzhong.example/wenhua/2024_03_18_1024.shtml"));
    assert_eq!(fields["sha256"].as_str(), Some(bindery::model::Digest::of(body.as_bytes()).hex().as_str()));
}

#[test]
fn a_saved_page_with_its_images_beside_it_comes_out_the_same() {
    let program = Program::new();
    program.write("saved/news.html", NEWS);
    for name in ["workshop", "thread", "class"] {
        program.write(&format!("saved/news_files/{name}.png"), image(name));
    }
    let article = program.run_to(0, &["archive", "saved/news.html", "--json"]).article();
    assert_eq!(article["images"]["saved"], 3);
    assert_eq!(article["url"], "https://news.chenzhong.example/wenhua/2024_03_18_1024.shtml");
    assert_eq!(program.run_to(0, &["archive", "saved/news.html", "--json"]).article()["outcome"], "unchanged");
    program.run_to(0, &["verify"]);

    program.run_to(0, &["convert", "saved", "--output", "out"]);
    let converted = program.read("out/news.md");
    assert_eq!(converted.matches("](images/").count(), 3, "{converted}");
    assert_eq!(program.files("out").len(), 4);
}
