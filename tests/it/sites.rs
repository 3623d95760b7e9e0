//! What each profile writes of a WordPress export, built by the generator that it is written for.
#![cfg(feature = "cli")]

use crate::support::generators::{GENERATORS, Site};
use crate::support::program::Program;

const HEAD: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<rss version=\"2.0\" xmlns:content=\"http://purl.org/rss/1.0/modules/content/\" \
    xmlns:wp=\"http://wordpress.org/export/1.2/\"><channel><title>守灯人</title><link>https://blog.example.cn</link>\
    <language>zh-CN</language><wp:wxr_version>1.2</wp:wxr_version>";

/// One pixel, inside the post.
const PIXEL: &str = "data:image/gif;base64,R0lGODlhHgAoAIAAAAAAAP///yH5BAAAAAAALAAAAAAeACgAAAIghI+py+0Po5y02ouz3rz7D4biSJbmiabqyrbuC8fyTAsAOw==";

/// An item of the export: number, title, slug, type, state, password and body.
fn item(id: u32, [title, slug, kind, status, password]: [&str; 5], body: &str) -> String {
    let link = match (status, kind) {
        ("draft", _) => format!("https://blog.example.cn/?p={id}"),
        (_, "page") => format!("https://blog.example.cn/{slug}/"),
        _ => format!("https://blog.example.cn/2012/05/{slug}/"),
    };
    format!(
        "<item><title><![CDATA[{title}]]></title><link>{link}</link><guid isPermaLink=\"false\">https://blog.example.cn/?p={id}</guid>\
         <content:encoded><![CDATA[{body}]]></content:encoded><wp:post_id>{id}</wp:post_id>\
         <wp:post_date><![CDATA[2012-05-0{id} 18:44:26]]></wp:post_date><wp:post_date_gmt><![CDATA[2012-05-0{id} 10:44:26]]></wp:post_date_gmt>\
         <wp:post_name><![CDATA[{slug}]]></wp:post_name><wp:status><![CDATA[{status}]]></wp:status>\
         <wp:post_type><![CDATA[{kind}]]></wp:post_type><wp:post_password><![CDATA[{password}]]></wp:post_password></item>\n"
    )
}

/// What was not for everybody: each has a word of its own.
const HIDDEN: [&str; 3] = ["尚未写完的稿子", "只给自己看的账", "有密码才能读的信"];

/// Links by number, without the last slash, with a fragment, around an image, in emphasis, in a table and beside a template.
fn links() -> String {
    let site = "https://blog.example.cn";
    format!(
        "<p>见<a href=\"{site}/?p=2\">第 二 篇</a>、<a href=\"{site}/2012/05/oil-wicks\">Oil</a>、<a href=\"/2012/05/oil-wicks/#wick\">\
         又<em>一</em>次</a>，还有<strong><a href=\"{site}/?p=3\">粗的</a></strong>和<a href=\"{site}/about/\">关于</a>。</p>\
         <p><a href=\"{site}/?p=2\"><img src=\"{PIXEL}\" alt=\"灯\"></a></p>\
         <table><tr><th>一</th><th>二</th></tr><tr><td><a href=\"{site}/?p=3\">表里</a></td><td><ul><li>列</li></ul></td></tr></table>\
         <p>未写完的<a href=\"{site}/?p=4\">稿</a>、<a href=\"{site}/?p=5\">账</a>和<a href=\"{site}/?p=6\">信</a>，别处的\
         <a href=\"https://elsewhere.example/\">页</a>。</p>"
    )
}

fn export() -> String {
    let words = "灯塔在岬角上，守了四十年，来的船多半是老主顾。";
    let code = "<pre><code>{{ page.title }} {% include a.html %} {{&lt; figure &gt;}}</code></pre>";
    let post = |title, slug| [title, slug, "post", "publish", ""];
    let items = [
        item(1, post("灯塔的第一夜", "%e7%81%af%e5%a1%94"), &format!("<p>{words}</p>{}", links())),
        item(
            2,
            post("Oil & wicks", "oil-wicks"),
            "<h2 id=\"wick\">Wick</h2><p>The lamp room was swept before the keeper slept.</p>",
        ),
        item(3, post("模板", "%e6%a8%a1%e6%9d%bf"), &format!("<p>{words}</p>{code}{}", links())),
        item(
            4,
            ["草稿", "draft", "post", "draft", ""],
            &format!("{} <a href=\"https://blog.example.cn/?p=2\">x</a>", HIDDEN[0]),
        ),
        item(5, ["账", "accounts", "post", "private", ""], HIDDEN[1]),
        item(6, ["信", "letter", "post", "publish", "lamp"], HIDDEN[2]),
        item(
            7,
            ["关于", "about", "page", "publish", ""],
            "<p>关于这座灯塔，<a href=\"https://blog.example.cn/?p=1\">从头</a>读起。</p>",
        ),
    ];
    format!("{HEAD}{}</channel></rss>\n", items.concat())
}

#[test]
fn generators_build_the_posts_of_an_export_without_a_dead_link_and_publish_nothing_that_was_hidden() {
    let program = Program::new();
    program.write("blog.xml", export());
    for (generator, page) in
        GENERATORS.into_iter().zip(["2012/05/01/blog/posts/灯塔", "blog/posts/灯塔", "2012/05/01/灯塔"])
    {
        let output = format!("{generator}/posts");
        let arguments =
            ["convert", "blog.xml", "--output", &output, "--profile", generator, "--image-base", "/images/"];
        program.run_to(0, &arguments);
        let Some(site) = Site::build(generator, &program.path(&output)) else { continue };
        let report = site.check(&[], &HIDDEN);
        assert!(report["pages"].as_u64() >= Some(4) && report["links"].as_u64() >= Some(15), "{report}");
        let built = site.page(&format!("{page}/index.html")).unwrap();
        let old: Vec<&str> =
            built.split("href=\"").filter_map(|rest| rest.strip_prefix("https://blog.example.cn/")).collect();
        let kept = old.iter().map(|rest| rest.split('"').next().unwrap()).collect::<Vec<_>>();
        assert_eq!(kept, ["?p=4", "?p=5", "?p=6"], "{generator}: the links to what is not published");
        let built = site.page("2012/05/灯塔/index.html");
        assert!(built.is_some_and(|page| page.contains("http-equiv")), "{generator}: the old permalink leads on");
    }
}

#[test]
fn a_jekyll_site_has_dated_names_and_every_profile_its_own_permalinks() {
    let program = Program::new();
    program.write("blog.xml", export());
    let convert = |profile: &str| {
        program.run_to(0, &["convert", "blog.xml", "--output", profile, "--profile", profile]);
        let files = program.files(profile);
        let post = files.iter().find(|file| file.contains("灯塔")).unwrap();
        (files.clone(), program.read(&format!("{profile}/{post}")))
    };
    let (files, text) = convert("jekyll");
    let of_posts =
        ["_posts/blog/2012-05-01-灯塔.md", "_posts/blog/2012-05-02-oil-wicks.md", "_posts/blog/2012-05-03-模板.md"];
    let others =
        ["blog/drafts/draft.md", "blog/pages/about.md", "blog/private/accounts.md", "blog/protected/letter.md"];
    let texts: Vec<_> = files.iter().filter(|file| !file.starts_with("images/")).map(String::as_str).collect();
    assert_eq!(texts, [&of_posts[..], &others[..]].concat());
    assert!(text.contains("redirect_from:\n  - /2012/05/灯塔/\n"), "{text}");
    assert!(text.contains("]({% post_url blog/2012-05-02-oil-wicks %}#wick)"), "{text}");
    let (_, text) = convert("hugo");
    assert!(
        text.contains("aliases:\n  - /2012/05/灯塔/\n") && text.contains("]({{< relref \"../pages/about.md\" >}})"),
        "{text}"
    );
    let (_, text) = convert("hexo");
    assert!(text.contains("alias:\n  - /2012/05/灯塔/\n"), "{text}");
    assert!(text.contains("见{% post_link blog/posts/oil-wicks '第 二 篇' %}、"), "{text}");
    let (_, text) = convert("zola");
    assert!(text.contains("aliases = [\"/2012/05/灯塔/\"]\n") && text.contains("](@/blog/pages/about.md)"), "{text}");
    for profile in ["default", "obsidian"] {
        let (_, text) = convert(profile);
        assert!(!text.contains("alias") && text.contains("](oil-wicks.md#wick)"), "{text}");
    }
}
