//! A site for browsers.

use std::fs;

use crate::support::program::Program;

use super::fixture::{HOST, NOW, Page, archive, archived, counts, export_to, snapshot, text_of};

const LATER: &str = "2026-11-25T10:00:00Z";

#[test]
fn a_site_has_pages_lists_a_feed_and_search_and_no_page_that_is_read_has_a_script() {
    let program = archived();
    let ran = export_to(&program, 0, "html", &["--backlinks"]);
    assert_eq!((counts(&ran)["new"], counts(&ran)["images"]), (3, 1), "{}", ran.out);
    let tea = program.read(&text_of(&ran, "茶馆"));
    let bridge = text_of(&ran, "石桥");
    let bridge_name = bridge.strip_prefix("out/articles/").unwrap();
    for wanted in [
        "<html lang=\"zh-CN\">",
        "content=\"default-src 'none';",
        "<link rel=\"stylesheet\" href=\"../style.css\"/>",
        "<img src=\"../images/",
        "<a href=\"https://elsewhere.example.org/\">别处</a>",
    ] {
        assert!(tea.contains(wanted), "{wanted}\n{tea}");
    }
    let coded = bindery_url(bridge_name);
    assert!(tea.contains(&format!("<a href=\"../articles/{coded}#jiu\"><strong>石桥</strong>一文</a>")), "{tea}");
    assert!(program.read(&bridge).contains("<h2>链接到本文的文章</h2>"));
    let template = program.read(&text_of(&ran, "模板"));
    assert!(template.contains("{{ page.title }} 与 {% raw %}") && template.contains("{{&lt; fig &gt;}}"), "{template}");
    let files = program.files("out");
    for file in ["index.html", "sources/index.html", "tags/index.html", "feed.xml", "search.html", "style.css"] {
        assert!(files.contains(&file.to_owned()), "{file}: {files:?}");
    }
    let index = program.read("out/index.html");
    assert!(index.contains(&format!("<a href=\"articles/{coded}\">石桥：一百年</a>")), "{index}");
    for file in files.iter().filter(|file| file.ends_with(".html") && *file != "search.html") {
        assert!(!program.read(&format!("out/{file}")).contains("<script"), "{file}");
    }
}

/// A path as the address of a page has it.
fn bindery_url(path: &str) -> String {
    path.bytes()
        .map(|byte| if byte.is_ascii() { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}

#[test]
fn every_link_of_a_site_leads_to_a_file_of_it() {
    let program = archived();
    let many: Vec<String> = (0..120).map(|n| format!("/many/{n}.html")).collect();
    let pages: Vec<Page<'_>> = many.iter().map(|path| Page { path, title: "渡口 & <桥>", more: "" }).collect();
    archive(&program, NOW, &pages);
    export_to(&program, 0, "html", &["--backlinks"]);
    let files = program.files("out");
    assert!(files.contains(&"pages/1.html".to_owned()), "{files:?}");
    let mut checked = 0;
    for file in files.iter().filter(|file| file.ends_with(".html")) {
        let text = program.read(&format!("out/{file}"));
        for attribute in [" href=\"", " src=\""] {
            for link in text.split(attribute).skip(1).filter_map(|rest| rest.split('"').next()) {
                if link.contains(':') || link.starts_with('#') {
                    continue;
                }
                let base = url::Url::parse(&format!("file:///out/{}", bindery_url(file))).unwrap();
                let path = base.join(link).unwrap().to_file_path().unwrap();
                let path = path.strip_prefix("/out").unwrap().to_str().unwrap().to_owned();
                assert!(files.contains(&path), "{file} leads to {link}");
                checked += 1;
            }
        }
    }
    assert!(checked > 500, "{checked}");
}

#[test]
fn generated_files_follow_the_selection_and_edited_ones_stay() {
    let program = archived();
    let first = export_to(&program, 0, "html", &[]);
    let (tea, bridge) = (text_of(&first, "茶馆"), text_of(&first, "石桥"));
    program.write("out/style.css", "body { color: green; }");
    fs::remove_file(program.path("out/search.html")).unwrap();
    fs::remove_file(program.path(&bridge)).unwrap();
    archive(&program, LATER, &[Page { path: "/wen/xin.html", title: "新篇", more: "" }]);
    let second = export_to(&program, 0, "html", &[]);
    assert_eq!((counts(&second)["new"], counts(&second)["deleted"]), (1, 1), "{}", second.out);
    assert_eq!(program.read("out/style.css"), "body { color: green; }");
    assert!(
        second
            .events_named("index")
            .iter()
            .any(|event| { event["path"] == "style.css" && event["outcome"] == "edited" })
    );
    let index = program.read("out/index.html");
    assert!(index.contains("新篇") && !index.contains("石桥"), "the page that was removed is not listed: {index}");
    assert!(program.read(&tea).contains(&format!("{HOST}/wen/qiao.html")), "its link leads to the web");
    assert!(program.path("out/search.html").exists(), "others need it, so it is written again");
    let only = format!("{HOST}/wen/ma.html");
    let pruned = export_to(&program, 0, "html", &[&only, "--prune"]);
    assert_eq!(counts(&pruned)["removed"], 3, "{}", pruned.out);
    let index = program.read("out/index.html");
    assert!(index.contains("模板") && !index.contains("茶馆") && !program.path("out/images").exists(), "{index}");
    export_to(&program, 0, "html", &[&only, "--force"]);
    assert!(program.read("out/style.css").contains(".site nav"));
}

#[test]
fn a_site_of_a_damaged_archive_lists_what_it_has() {
    let program = archived();
    let first = export_to(&program, 0, "html", &[]);
    let before = snapshot(&program);
    export_to(&program, 0, "html", &[]);
    assert!(before == snapshot(&program));
    let folder = first.events_named("article")[0]["folder"].as_str().unwrap().to_owned();
    let texts = program.files(&format!("bindery-archive/{folder}"));
    let file = texts.iter().find(|file| file.ends_with("Z.md")).unwrap();
    program.write(&format!("bindery-archive/{folder}/{file}"), "spoilt");
    let second = export_to(&program, 3, "html", &["--prune"]);
    assert_eq!((counts(&second)["failed"], counts(&second)["unchanged"]), (1, 2), "{}", second.out);
    let title = first.events_named("article")[0]["title"].as_str().unwrap().to_owned();
    assert!(program.read("out/index.html").contains(&title));
}

#[test]
fn a_feed_has_full_texts_and_complete_links_where_the_address_is_known() {
    let program = archived();
    export_to(&program, 0, "html", &[]);
    let relative = program.read("out/feed.xml");
    assert!(relative.contains("<link href=\"articles/") && relative.contains("渡口边的茶馆"), "{relative}");
    assert!(relative.contains("&lt;img src=&quot;images/"), "{relative}");
    let options = ["--site-url", "https://kept.example.org/wen", "--site-title", "留下的 & 文章"];
    export_to(&program, 0, "html", &options);
    let feed = program.read("out/feed.xml");
    for wanted in [
        "<title>留下的 &amp; 文章</title>",
        "<id>https://kept.example.org/wen/feed.xml</id>",
        "<link href=\"https://kept.example.org/wen/articles/",
        "&lt;img src=&quot;https://kept.example.org/wen/images/",
    ] {
        assert!(feed.contains(wanted), "{wanted}\n{feed}");
    }
    assert!(program.read("out/index.html").contains("<title>留下的 &amp; 文章</title>"));
    let ran = export_to(&program, 2, "hexo", &["--site-title", "x"]);
    assert!(ran.err.contains("--profile html"), "{}", ran.err);
}

#[test]
fn an_empty_archive_is_a_site_that_says_so() {
    let program = Program::new();
    fs::create_dir_all(program.archive()).unwrap();
    archive(&program, NOW, &[Page { path: "/a", title: "一", more: "" }]);
    program.run_to(0, &["remove", &format!("{HOST}/a")]);
    export_to(&program, 0, "html", &[]);
    assert!(program.read("out/index.html").contains("There are no articles."));
}
