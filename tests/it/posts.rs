//! Posts of static sites with bodies of HTML: the front matter survives to the letter, the body becomes Markdown.
#![cfg(feature = "cli")]

use crate::support::program::Program;

/// As a migration from a feed leaves it: an empty line first, unusual spacing, a comment, images on another server.
const FRONT: &str = "---\ntitle: '老城最后一家装订铺：手艺'\ncategories: \n - 新媒体\n - 首页\n# 旧站导入\nheadimg: ''\n\
comments: false\ndate: Thu, 17 Jun 2021 10:44:26 GMT\nweird_key:   { a: 1 }\n---\n";
const BODY: &str = "\n<div>   \n<p>\n【文/晨钟网 林远】铺子在<strong>“南门”</strong>外。\n</p>\n\
<p style=\"text-align:center\"><img src=\"https://img.example.cn/a.png\" referrerpolicy=\"no-referrer\"></p></div>\n";

#[test]
fn front_matter_survives_to_the_letter_and_the_body_is_markdown() {
    let program = Program::new();
    program.write("posts/2021/铺子.md", format!("\n{FRONT}{BODY}"));
    program.write("posts/notes.txt", "---\nplain: text\n---\nno markup here\n");
    program.write(
        "posts/page.html",
        "<article><h1>页</h1><p>这是一页，不是一篇旧文章，所以有自己的题目和正文，也有逗号。</p></article>",
    );
    let ran = program.run_to(0, &["convert", "posts", "--output", "out", "--json"]);
    assert_eq!(program.files("out"), ["2021/铺子.md", "page.md"], "a text without markup is no page");
    let text = program.read("out/2021/铺子.md");
    let body = text.strip_prefix(FRONT).expect("the front matter as it was");
    assert!(body.contains("【文/晨钟网 林远】铺子在") && body.contains("“南门”"), "{body}");
    assert!(
        body.contains("![](https://img.example.cn/a.png)") && !body.contains("<p") && !body.contains("<div"),
        "{body}"
    );
    let event = ran.events_named("converted").into_iter().find(|event| event["output"] == "2021/铺子.md").unwrap();
    assert_eq!(event["title"], "老城最后一家装订铺：手艺");
    assert_eq!(event["images"]["missing"], 1);
}

#[test]
fn front_matter_that_nobody_can_read_is_kept_and_reported() {
    let program = Program::new();
    let broken = "---\ntitle: \"引号\" 之后还有字\ndate: Invalid Date\n---\n";
    program.write("post.md", format!("{broken}<p>正文还在。</p>"));
    let ran = program.run_to(0, &["convert", "post.md", "-v"]);
    assert_eq!(ran.out, format!("{broken}正文还在。\n"));
    assert!(ran.err.contains("front-matter: it cannot be read, and is kept as it was"), "{}", ran.err);
    let bare = program.run_to(0, &["convert", "post.md", "--no-front-matter"]);
    assert_eq!(bare.out, "正文还在。\n");
}

/// Front matter as it is found, and what an archive is to make of it: title, published, tags, categories.
const QUIRKS: [(&str, [&str; 4]); 8] = [
    ("---\ntitle: 一\ndate: Invalid Date\nthumbnail: ''\nheadimg:\npublished: true\n---\n", ["一", "", "", ""]),
    (
        "---\ntitle: 二\ntag: a\ntags:\n - b\n - a\ncategory: c\ncategories:\n- [d, e]\n- c\n---\n",
        ["二", "", "a b", "c d e"],
    ),
    ("{\n  \"title\": \"三\",\n  \"published\": true,\n  \"date\": \"2021-06-17\"\n}\n", ["三", "2021-06-17", "", ""]),
    ("---\ntitle: null\ndate: 2021-06-17 18:44:26\n---\n", ["", "2021-06-17", "", ""]),
    ("---\ntitle: 四\ndate: 2021-06-17 18:44:26 +0800\n---\n", ["四", "2021-06-17T18:44:26+08:00", "", ""]),
    ("---\ntitle: 2021\npublished: false\ntags: 老城\n---\n", ["2021", "", "老城", ""]),
    ("\n\n---\ntitle: \"六\" 后面: [还有\ndate: Invalid Date\n---\n", ["六\" 后面: [还有", "", "", ""]),
    ("---\r\ntitle: 七\r\nheadimg: 'https://img.cdn.cn/?url=https://a.cn/1.png'\r\n---\r\n", ["七", "", "", ""]),
];

#[test]
fn quirks_of_real_posts_survive() {
    let program = Program::new();
    // A body may begin with bare text.
    let body = "开头没有标签，<br>\n第二行。<p>铺子在南门外，开了四十年，师傅姓林，手艺是祖上传下来的。</p>\n";
    for (nth, (front, [title, published, tags, categories])) in QUIRKS.into_iter().enumerate() {
        let name = format!("in/{nth}.md");
        program.write(&name, format!("{front}{body}"));
        program.run_to(0, &["convert", &name, "--output", "out"]);
        let text = program.read(&format!("out/{nth}.md"));
        let rest = text.strip_prefix(front.trim_start_matches('\n')).unwrap_or_else(|| panic!("{front}: {text}"));
        assert!(rest.contains("开头没有标签，") && rest.contains("铺子在南门外") && !rest.contains("<p>"), "{rest}");
        let archive = format!("kept{nth}");
        let ran = program.run_to(0, &["convert", &name, "--archive", &archive, "--json"]);
        let event = ran.article();
        let warnings = event["warnings"].to_string();
        assert_eq!(
            warnings.contains("front-matter: it cannot be read")
                && warnings.contains("was: line 4, column 12: invalid"),
            nth == 6,
            "{warnings}"
        );
        let kept = program.read(&format!("{archive}/{}", event["path"].as_str().unwrap()));
        let fields: serde_yaml::Value = serde_yaml::from_str(kept.split("---\n").nth(1).unwrap()).unwrap();
        let list = |name: &str| {
            let words = fields[name].as_sequence().into_iter().flatten().filter_map(|word| word.as_str());
            words.collect::<Vec<_>>().join(" ")
        };
        assert_eq!(fields["title"].as_str().unwrap_or_default(), title, "{kept}");
        assert_eq!(fields["published"].as_str().unwrap_or_default(), published, "{kept}");
        assert_eq!((list("tags").as_str(), list("categories").as_str()), (tags, categories), "{kept}");
        program.run_to(0, &["verify", &archive]);
    }
}
