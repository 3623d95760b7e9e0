//! A feed that becomes posts on a schedule, with one file of configuration.
#![cfg(all(feature = "net", feature = "store"))]

use crate::support::program::{Program, Ran};
use crate::support::server::{Answer, Asked, Server};

use super::fixture::{png, snapshot};

const CONFIGURATION: &str = "[[source]]\nname = \"文化\"\nseeds = [\"RSS\"]\ndelay = \"0s\"\nevery = \"6h\"\n\
    categories = [\"新闻\", \"首页\"]\nexport = { profile = \"hexo\", output = \"out\", into = true }\n";

/// A feed of two articles, the second of which changes at each visit after the second and links to the first.
fn serve(asked: &Asked) -> Answer {
    let host = asked.header("host").unwrap_or_default();
    let page = |title: &str, more: &str| {
        Answer::html(format!(
            "<html lang=zh-CN><title>{title}</title><meta name=author content=林远>\
             <meta property=article:published_time content=2024-03-18T09:26:15+08:00><article><h1>{title}</h1>\
             <p>老城南门外最后一家装订铺还开着，师傅今年七十三岁，每天早上七点开门，一直做到天黑才收工。</p>\
             <p>他说这门手艺不难，难的是坐得住；如今他把每一步都拍下来，放到网上，谁想学都可以看。</p>\
             {more}</article></html>"
        ))
    };
    match asked.path.as_str() {
        "/rss.xml" => {
            let item = |path: &str, title: &str| {
                format!("<item><title>{title}</title><link>http://{host}{path}</link></item>")
            };
            let items = item("/wen/1.html", "装订铺") + &item("/wen/2.html", "手艺");
            Answer::bytes(
                "application/rss+xml",
                format!("<rss version=\"2.0\"><channel><title>文化</title>{items}</channel></rss>"),
            )
        }
        "/wen/1.html" => page("装订铺", "<p><img src=/img/1.png alt=铺子></p>"),
        "/wen/2.html" => {
            let news = if asked.n >= 2 {
                "<p>后来，隔壁的茶馆也把烧水的炉子搬到了网上，看的人比喝茶的人还多。</p>"
            } else {
                ""
            };
            let link =
                format!("<p>师傅的铺子，见<a href=http://{host}/wen/1.html>前一篇文章</a>里的照片和地址。</p>{news}");
            page("手艺", &(link + "<p><img src=/img/2.png alt=工具></p>"))
        }
        "/img/1.png" => Answer::bytes("image/png", png(1)),
        "/img/2.png" => Answer::bytes("image/png", png(2)),
        _ => Answer::status(404),
    }
}

fn at(program: &Program, now: &str) -> Ran {
    let ran = program.run(&["snapshot", "--json", "--now", now]);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    ran
}

fn post(program: &Program, title: &str) -> String {
    let posts = program.files("out/source/_posts");
    format!(
        "out/source/_posts/{}",
        posts.iter().find(|post| post.contains(title)).unwrap_or_else(|| panic!("{posts:?}"))
    )
}

#[test]
fn a_feed_becomes_hexo_posts_with_local_images_and_edited_posts_stay() {
    let (server, program) = (Server::start(serve), Program::new());
    program.write("bindery.toml", CONFIGURATION.replace("RSS", server.url("/rss.xml").as_str()));
    program.write("out/_config.yml", "title: 我的博客\n");
    let first = at(&program, "2026-11-24T00:00:00Z");
    assert_eq!((first.events_named("article").len(), first.events_named("exported").len()), (2, 2), "{}", first.out);
    assert_eq!((&first.summary()["command"], &first.summary()["new"]), (&"export".into(), &2.into()));
    let craft = program.read(&post(&program, "手艺")).replace("  - ", "- ");
    for wanted in [
        "title: 手艺\n",
        "categories:\n- 新闻\n- 首页\n",
        "author: 林远\n",
        "![工具](/images/",
        "<a href=\"{% post_path 装订铺-",
    ] {
        assert!(craft.contains(wanted), "{wanted}\n{craft}");
    }
    assert_eq!(program.files("out/source/images").len(), 2);
    let before = snapshot(&program);
    let second = at(&program, "2026-11-24T06:00:00Z");
    assert_eq!(second.summary()["unchanged"], 2, "{}", second.out);
    assert!(before == snapshot(&program), "nothing new, and no byte is written");
    let shop = post(&program, "装订铺");
    let edited = program.read(&shop) + "\n我的批注。\n";
    program.write(&shop, &edited);
    let third = at(&program, "2026-11-24T12:00:00Z");
    assert_eq!((&third.summary()["updated"], &third.summary()["edited"]), (&1.into(), &1.into()), "{}", third.out);
    assert!(program.read(&post(&program, "手艺")).contains("隔壁的茶馆"));
    assert_eq!((program.read(&shop), program.read("out/_config.yml")), (edited, "title: 我的博客\n".to_owned()));
    // The name of a source selects its articles.
    program.run_to(0, &["export", "文化", "--profile", "plain", "--output", "texts"]);
    assert_eq!(program.files("texts").iter().filter(|file| file.ends_with(".md")).count(), 2);
    program.run_to(0, &["verify"]);
}

#[test]
fn a_folder_that_is_refused_is_an_error_before_anything_is_fetched() {
    let (server, program) = (Server::start(serve), Program::new());
    let text = CONFIGURATION.replace("RSS", server.url("/rss.xml").as_str()).replace(", into = true", "");
    program.write("bindery.toml", text);
    program.write("out/_config.yml", "title: 我的博客\n");
    let ran = program.run_to(2, &["snapshot"]);
    assert!(ran.err.contains("source `文化`") && ran.err.contains("is not empty"), "{}", ran.err);
    assert!(server.log().is_empty() && !program.archive().exists());
}

#[test]
fn a_source_that_cannot_be_exported_is_named_and_the_others_go_on() {
    let (server, program) = (Server::start(serve), Program::new());
    let second = CONFIGURATION.replace("文化", "手艺").replace("\"out\"", "\"other\"");
    let text = (CONFIGURATION.to_owned() + &second).replace("RSS", server.url("/rss.xml").as_str());
    program.write("bindery.toml", text.replacen("hexo", "plain", 1));
    // A file stands where the folder of the images has to be.
    program.write("out/images", "x");
    let ran = program.run(&["snapshot", "--json", "--now", "2026-11-24T00:00:00Z"]);
    assert_eq!(ran.code, 3, "{}{}", ran.out, ran.err);
    let failed = ran.events_named("exported").into_iter().find(|event| event["outcome"] == "failed").unwrap();
    assert_eq!(failed["source"], "文化");
    assert!(ran.err.contains("source `文化` is not exported"), "{}", ran.err);
    assert_eq!(program.files("other/source/_posts").len(), 2);
    std::fs::remove_file(program.path("out/images")).unwrap();
    let ran = program.run(&["snapshot", "--json", "--now", "2026-11-24T06:00:00Z"]);
    assert_eq!((ran.code, program.files("out/images").len()), (0, 2), "{}{}", ran.out, ran.err);
}
