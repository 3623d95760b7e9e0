//! Posts whose bodies are Markdown: their remote images become local when that is asked for, links to converted posts follow
//! these, and nothing else changes.
#![cfg(all(feature = "cli", feature = "net"))]

use crate::support::program::Program;
use crate::support::server::{Answer, Server};

const GIF: &[u8] = b"GIF89a\x1e\0\x28\0\0\0\0";

fn server() -> Server {
    Server::start(|asked| match asked.path.as_str() {
        "/a.gif" | "/cover.gif" | "/%E5%9B%BE%20%E4%B8%80.gif" => Answer::bytes("image/gif", GIF),
        "/page.html" => Answer::html("<p>not an image"),
        _ => Answer::status(404),
    })
}

/// A post with everything that must not change around what must; `{s}` is the server.
const HEXO: &str = "\u{feff}---\r\ntitle:  '旧文：灯塔'   # 手写\r\ncover: {s}/cover.gif\r\nlink: {s}/cover.gif\r\nimage: {s}/page.html\r\n\
    photos:\r\n  - {s}/a.gif\r\nweird_key:   { a: 1 }\r\n---\r\n\r\n第一段\t有制表符，![灯 塔]({s}/a.gif \"题 (一)\")和*斜体*。  \r\n\r\n<!-- more -->\r\n\r\n\
    {% img {s}/a.gif %} {{ site.url }} ![外](<{s}/图 一.gif>) ![再][灯]\r\n\r\n```md\r\n![]({s}/a.gif)\r\n```\r\n\r\n    ![]({s}/a.gif)\r\n\r\n行内 `![]({s}/a.gif)`。\r\n\r\n\
    {% codeblock %}\r\n![]({s}/a.gif)\r\n{% endcodeblock %}\r\n\r\n<p align=\"center\"><img alt=\"x\" src=\"{s}/a.gif\" width=\"60\"></p>\r\n\r\n\
    ![没有了]({s}/gone.gif) [链接]({s}/a.gif)\r\n\r\n[灯]: {s}/a.gif 'x'";

#[test]
fn images_of_markdown_posts_become_local_and_every_other_byte_stays() {
    let (server, program) = (server(), Program::new());
    let post = HEXO.replace("{s}", server.url("").as_str().trim_end_matches('/'));
    program.write("posts/2021/灯塔.md", &post);
    let arguments = ["convert", "posts", "--output", "out", "--json", "--retries", "0"];
    let ran = program.run_to(0, &arguments);
    assert_eq!(program.read("out/2021/灯塔.md"), post, "offline unless asked");
    assert_eq!(server.log().len(), 0);
    assert_eq!(ran.summary()["images"], serde_json::json!({ "saved": 0, "missing": 3 }));
    let fetching = [&arguments[..], &["--fetch-images", "--allow-private"]].concat();
    let ran = program.run_to(0, &fetching);
    let local = format!("../images/{}", bindery::images::identify(GIF.to_vec()).unwrap().path());
    let url = |path: &str| format!("{}{path}", server.url("").as_str().trim_end_matches('/'));
    let expected = post
        .replace(&format!("cover: {}", url("/cover.gif")), &format!("cover: {local}"))
        .replace(&format!("  - {}", url("/a.gif")), &format!("  - {local}"))
        .replace(&format!("![灯 塔]({}", url("/a.gif")), &format!("![灯 塔]({local}"))
        .replace(&format!("<{}>", url("/图 一.gif")), &local)
        .replace(&format!("src=\"{}", url("/a.gif")), &format!("src=\"{local}"))
        .replace(&format!("[灯]: {}", url("/a.gif")), &format!("[灯]: {local}"));
    assert_eq!(program.read("out/2021/灯塔.md"), expected);
    assert!(program.path(&format!("out/{}", &local[3..])).exists());
    let event = ran.events_named("converted").remove(0);
    assert_eq!(event["images"], serde_json::json!({ "saved": 2, "missing": 1 }), "{event}");
    let missing: Vec<_> = event["missing"].as_array().unwrap().iter().map(|one| one["url"].as_str().unwrap()).collect();
    assert_eq!(missing, [url("/gone.gif"), url("/page.html")], "what cannot be had is named");
    // Another run over the result, into another folder and into itself, changes nothing.
    program.run_to(0, &["convert", "out", "--output", "again", "--fetch-images", "--allow-private", "--retries", "0"]);
    assert_eq!(program.read("again/2021/灯塔.md"), expected);
    let time = || std::fs::metadata(program.path("out/2021/灯塔.md")).unwrap().modified().unwrap();
    let before = time();
    program.run_to(0, &["convert", "out", "--output", "out", "--fetch-images", "--allow-private", "--retries", "0"]);
    assert_eq!((program.read("out/2021/灯塔.md"), time()), (expected, before));
}

#[test]
fn clippings_of_obsidian_and_posts_of_other_generators_are_treated_alike() {
    let (server, program) = (server(), Program::new());
    let image = server.url("/a.gif");
    let clipping = format!(
        "---\ntitle: \"灯塔\"\nsource: \"{image}\"\ntags:\n  - \"clippings\"\n---\n![[附件.png]] ![图|300]({image})\n\n> [!note] [[另一篇]]\n> ![]({image})\n"
    );
    let hugo = format!(
        "+++\ntitle = \"灯塔\"\nimages = [\"{image}\"]\n+++\n{{{{< figure src=\"{image}\" >}}}}\n\n![]({image})\n"
    );
    program.write("notes/剪藏.md", &clipping);
    program.write("notes/hugo/a.md", &hugo);
    program.run_to(
        0,
        &["convert", "notes", "--output", "out", "--fetch-images", "--allow-private", "--image-base", "/images/"],
    );
    let local = format!("/images/{}", bindery::images::identify(GIF.to_vec()).unwrap().path());
    let changed = clipping.replace(&format!("]({image})"), &format!("]({local})"));
    assert_eq!(program.read("out/剪藏.md"), changed, "the source of a clipping is no image of it");
    let changed = hugo.replace(&format!("[\"{image}"), &format!("[\"{local}"));
    assert_eq!(program.read("out/hugo/a.md"), changed.replace(&format!("]({image})"), &format!("]({local})")));
}

#[test]
fn links_of_markdown_posts_to_converted_posts_follow_them() {
    let program = Program::new();
    let head = "---\ntitle: 题\n---\n";
    let body = "<p>铺子在南门外，开了四十年，师傅姓林，手艺是祖上传下来的。</p>\n";
    program.write("in/_posts/2012-05-01-灯塔.html", format!("{head}{body}"));
    program.write("in/_posts/2012-05-03-draft.html", format!("---\ntitle: 稿\npublished: false\n---\n{body}"));
    let links = |one: &str, same: &str, html: &str, reference: &str| {
        format!(
            "{head}见[灯 塔]({one})、[**同**]({same} \"题\")、<a href=\"{html}\">灯</a>、[灯][1]、[稿](2012-05-03-draft.html)、\
             [不在](gone.html) `[](2012-05-01-灯塔.html)`\n\n第二段。\n\n第三段。\n\n[1]: {reference}\n"
        )
    };
    let html = "2012-05-01-灯塔.html";
    program.write("in/_posts/2012-05-02-a.md", links("<2012-05-01-灯塔.html#顶>", html, html, html));
    let written = |profile: &str| {
        program.run_to(0, &["convert", "in", "--output", profile, "--profile", profile]);
        program.read(&format!("{profile}/_posts/2012-05-02-a.md"))
    };
    let md = "2012-05-01-灯塔.md";
    assert_eq!(
        written("default"),
        links(&format!("{md}#顶"), md, md, md).replace("draft.html", "draft.md"),
        "files lead to files"
    );
    let tag = "{% post_url 2012-05-01-灯塔 %}";
    assert_eq!(
        written("jekyll"),
        links(&format!("{tag}#顶"), tag, tag, tag),
        "a post that is not published has no page"
    );
    let tag = "{{< relref \"2012-05-01-灯塔.md\" >}}";
    assert_eq!(written("hugo"), links("{{< relref \"2012-05-01-灯塔.md#顶\" >}}", tag, tag, tag));
    let hexo = links("L", html, "{% post_path 2012-05-01-灯塔 %}", html)
        .replace("[灯 塔](L)", "{% post_link 2012-05-01-灯塔#顶 '灯 塔' %}");
    assert_eq!(written("hexo"), hexo, "a tag of Hexo cannot stand where a title or a definition is");
    let zola = "@/_posts/2012-05-01-灯塔.md";
    // Zola does not read a folder whose name begins with an underscore otherwise than any other.
    assert_eq!(written("zola"), links(&format!("{zola}#顶"), zola, html, zola));
}
