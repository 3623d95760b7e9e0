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

fn export() -> String {
    let words = "灯塔在岬角上，守了四十年，来的船多半是老主顾。";
    let items = [
        item(
            1,
            ["灯塔的第一夜", "%e7%81%af%e5%a1%94", "post", "publish", ""],
            &format!("{words}<img src=\"{PIXEL}\" alt=\"灯\">"),
        ),
        item(
            2,
            ["Oil & wicks", "oil-wicks", "post", "publish", ""],
            "<p>The lamp room was swept before the keeper slept.</p>",
        ),
        item(4, ["草稿", "draft", "post", "draft", ""], HIDDEN[0]),
        item(5, ["账", "accounts", "post", "private", ""], HIDDEN[1]),
        item(6, ["信", "letter", "post", "publish", "lamp"], HIDDEN[2]),
        item(7, ["关于", "about", "page", "publish", ""], "关于这座灯塔。"),
    ];
    format!("{HEAD}{}</channel></rss>\n", items.concat())
}

#[test]
fn generators_build_the_posts_of_an_export_and_publish_nothing_that_was_hidden() {
    let program = Program::new();
    program.write("blog.xml", export());
    for generator in GENERATORS {
        let output = format!("{generator}/posts");
        let arguments =
            ["convert", "blog.xml", "--output", &output, "--profile", generator, "--image-base", "/images/"];
        program.run_to(0, &arguments);
        let Some(site) = Site::build(generator, &program.path(&output)) else { continue };
        let report = site.check(&[], &HIDDEN);
        assert!(report["pages"].as_u64() >= Some(3), "{report}");
    }
}
