//! Exports of other programs, in the shape those programs write them, quirks included.
#![cfg(feature = "cli")]

use crate::support::program::{Program, Ran};

const GIF: &[u8] = b"GIF89a\x1e\0\x28\0\0\0\0";
const PROSE: &str = "铺子在南门外，开了四十年，师傅姓林，手艺是祖上传下来的，来的人多半是老主顾，街坊们都还记得。";

/// The texts of a run by their places, with `images/` left out.
fn texts(program: &Program, folder: &str) -> Vec<(String, String)> {
    let files = program.files(folder).into_iter().filter(|file| !file.starts_with("images/"));
    files.map(|file| (file.clone(), program.read(&format!("{folder}/{file}")))).collect()
}

fn report(ran: &Ran) -> serde_json::Value {
    ran.events_named("import").remove(0)
}

/// As WordPress writes it: CDATA everywhere, zeros for the dates of drafts, newlines for paragraphs.
fn wxr() -> String {
    let item = |title: &str, id: u32, kind: &str, status: &str, name: &str, date: &str, body: &str, more: &str| {
        format!(
            "<item><title><![CDATA[{title}]]></title><link>https://blog.example.cn/?p={id}</link>\
             <pubDate>Thu, 01 Jan 1970 00:00:00 +0000</pubDate><dc:creator><![CDATA[lin]]></dc:creator>\
             <guid isPermaLink=\"false\">https://blog.example.cn/?p={id}</guid><description></description>\
             <content:encoded><![CDATA[{body}]]></content:encoded><excerpt:encoded><![CDATA[]]></excerpt:encoded>\
             <wp:post_id>{id}</wp:post_id>{date}<wp:post_name><![CDATA[{name}]]></wp:post_name>\
             <wp:status><![CDATA[{status}]]></wp:status><wp:post_type><![CDATA[{kind}]]></wp:post_type>{more}</item>\n"
        )
    };
    let at = |local: &str, gmt: &str| {
        format!(
            "<wp:post_date><![CDATA[{local}]]></wp:post_date><wp:post_date_gmt><![CDATA[{gmt}]]></wp:post_date_gmt>"
        )
    };
    let day = at("2021-06-17 18:44:26", "2021-06-17 10:44:26");
    let filed = "<category domain=\"category\" nicename=\"x\"><![CDATA[新闻 & 评论]]></category>\
                 <category domain=\"post_tag\" nicename=\"y\"><![CDATA[老城]]></category>\
                 <wp:postmeta><wp:meta_key><![CDATA[_thumbnail_id]]></wp:meta_key><wp:meta_value><![CDATA[9]]></wp:meta_value></wp:postmeta>\
                 <wp:comment><wp:comment_id>1</wp:comment_id><wp:comment_content><![CDATA[好]]></wp:comment_content></wp:comment>";
    let body = format!(
        "{PROSE}\n第二行\n\n见<a href=\"https://blog.example.cn/?p=2#top\">另一篇</a>。\n\n[caption id=\"a\" width=\"3\"]\
                        <img src=\"https://blog.example.cn/a-300x200.jpg\" alt=\"铺\" /> 图说[/caption]\n\n[gallery ids=\"9\"]\n\n[contact-form-7 id=\"5\" title=\"x\"]"
    );
    let items = [
        item("\u{202e}老城\u{200f}的铺子\u{202c}", 1, "post", "publish", "%e8%80%81%e5%9f%8e", &day, &body, filed),
        item(
            "关于",
            2,
            "page",
            "publish",
            "about",
            &day,
            "<!-- wp:paragraph -->\n<p>关于本站。</p>\n<!-- /wp:paragraph -->",
            "",
        ),
        item("", 3, "post", "draft", "", &at("0000-00-00 00:00:00", "0000-00-00 00:00:00"), "没有写完的。", ""),
        item("菜单", 4, "nav_menu_item", "publish", "m", &day, "", ""),
        item("垃圾", 5, "post", "trash", "spam", &day, "买药", ""),
        item("模板", 6, "wp_template", "publish", "t", &day, "<!-- wp:html -->", ""),
        item("书", 7, "book", "publish", "shu", &day, "一本书。", ""),
        item("空", 8, "post", "publish", "kong", &day, "", ""),
        item(
            "图",
            9,
            "attachment",
            "inherit",
            "pic",
            &day,
            "",
            "<wp:attachment_url>https://blog.example.cn/9.jpg</wp:attachment_url>",
        ),
        item(
            "没人用的图",
            11,
            "attachment",
            "inherit",
            "alone",
            &day,
            "",
            "<wp:attachment_url>https://blog.example.cn/alone.pdf</wp:attachment_url>",
        ),
        item(
            "小图",
            12,
            "attachment",
            "inherit",
            "a",
            &day,
            "",
            "<wp:attachment_url>http://blog.example.cn/a-scaled.jpg</wp:attachment_url>",
        ),
        item("老城", 10, "post", "publish", "%e8%80%81%e5%9f%8e", &day, "同名的一篇。", ""),
    ];
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\" ?>\n<!-- This is a WordPress eXtended RSS file -->\n<rss version=\"2.0\" \
         xmlns:content=\"http://purl.org/rss/1.0/modules/content/\" xmlns:wp=\"http://wordpress.org/export/1.2/\">\n<channel>\n\
         <title>晨钟</title><link>https://blog.example.cn</link><language>zh-CN</language><wp:wxr_version>1.2</wp:wxr_version>\n\
         <wp:author><wp:author_login><![CDATA[lin]]></wp:author_login><wp:author_display_name><![CDATA[林远]]></wp:author_display_name></wp:author>\n\
         {}</channel></rss>\n",
        items.concat()
    )
}

#[test]
fn a_wordpress_export_becomes_posts_and_pages_with_a_report() {
    let program = Program::new();
    program.write("export.xml", wxr());
    let ran = program.run_to(0, &["convert", "export.xml", "--output", "out", "--json"]);
    let texts = texts(&program, "out");
    let places: Vec<&str> = texts.iter().map(|(place, _)| place.as_str()).collect();
    assert_eq!(
        places,
        [
            "export/book/shu.md",
            "export/drafts/item-3.md",
            "export/pages/about.md",
            "export/posts/老城-10.md",
            "export/posts/老城.md",
        ]
    );
    let text = &texts[4].1;
    for part in [
        "author:\n  - 林远\n",
        "published: \"2021-06-17T18:44:26+08:00\"",
        "url: https://blog.example.cn/?p=1",
        "site: 晨钟",
        "tags:\n  - 老城\n",
        "- 新闻 & 评论\n",
        "第二行\n\n见[另一篇](../pages/about.md#top)。",
        "图说",
        "](https://blog.example.cn/9.jpg)",
        "contact-form-7",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let front: serde_yaml::Value = serde_yaml::from_str(text.split("---\n").nth(1).unwrap()).unwrap();
    assert_eq!(front["title"].as_str(), Some("\u{202e}老城\u{200f}的铺子\u{202c}"));
    assert!(!texts[1].1.contains("1970") && !texts[1].1.contains("published"), "{}", texts[1].1);
    let report = report(&ran);
    for (what, count) in [
        ("nav_menu_item", 1),
        ("trash", 1),
        ("wp_template", 1),
        ("attachment that no article shows", 1),
        ("post without content", 1),
        ("comment that was not approved", 1),
    ] {
        assert_eq!(report["left_out"][what], count, "{report}");
    }
    assert_eq!(report["losses"]["attachment https://blog.example.cn/alone.pdf"], 1, "each is named: {report}");
    assert_eq!(ran.summary()["losses"]["shortcode: [contact-form-7]"], 1);
    let kept = program.run_to(0, &["convert", "export.xml", "--archive", "kept", "--json"]);
    assert_eq!(kept.summary()["losses"], ran.summary()["losses"], "an archive reports the same");
    program.run_to(0, &["verify", "kept"]);
}

#[test]
fn a_wordpress_export_that_is_cut_keeps_what_came_before() {
    let program = Program::new();
    let whole = wxr();
    let cut = whole.find("没有写完").unwrap();
    program.write("export.xml", &whole.as_bytes()[..cut]);
    let ran = program.run_to(3, &["convert", "export.xml", "--output", "out", "--json"]);
    assert_eq!(texts(&program, "out").len(), 2);
    assert_eq!(ran.summary()["failures"]["cut"], 1);
    assert!(ran.err.contains("after 2 items"), "{}", ran.err);
}

#[test]
fn posts_of_one_name_and_one_number_are_distinguished() {
    let program = Program::new();
    let post = "<item><title>x</title><wp:post_id>7</wp:post_id><wp:post_name>a</wp:post_name><wp:status>publish</wp:status>\
        <wp:post_type>post</wp:post_type><content:encoded><![CDATA[<p>同名同号的一篇。</p>]]></content:encoded></item>";
    let whole = wxr();
    let start = whole.find("<item>").unwrap();
    program.write("export.xml", format!("{}{}</channel></rss>", &whole[..start], post.repeat(4)));
    program.run_to(0, &["convert", "export.xml", "--output", "out"]);
    let texts = texts(&program, "out");
    let places: Vec<&str> = texts.iter().map(|(place, _)| place.trim_start_matches("export/posts/")).collect();
    assert_eq!(places, ["a-7-2.md", "a-7-3.md", "a-7.md", "a.md"]);
}

#[test]
fn feeds_with_whole_articles_are_converted() {
    let program = Program::new();
    let rss = format!(
        "<?xml version='1.0' encoding='gb2312'?><rss version='2.0' xmlns:content='x' xmlns:dc='y'><channel><title>报</title>\
         <link>https://example.cn/</link><item><title>头条 &amp; 要闻</title><link>https://example.cn/1</link><dc:creator>林远</dc:creator>\
         <pubDate>Thu, 17 Jun 2021 18:44:26 +0800</pubDate><category>社会</category><content:encoded><![CDATA[<p>{PROSE}</p>\
         <img src=\"/a.jpg\">]]></content:encoded><description>短</description></item><item><title>空</title></item></channel></rss>"
    );
    program.write("rss.xml", encoding_rs::GBK.encode(&rss).0);
    let atom = format!(
        "<feed xmlns='http://www.w3.org/2005/Atom' xml:base='https://b.example.cn/'><title>博</title><author><name>王芳</name></author>\
         <entry><title type='html'>第&lt;i&gt;一&lt;/i&gt;篇</title><link rel='alternate' href='p/1'/><id>tag:1</id><updated>2021-06-18T08:00:00+08:00</updated>\
         <content type='xhtml'><div xmlns='http://www.w3.org/1999/xhtml'><p>{PROSE}<br/><strong>粗</strong></p></div></content></entry></feed>"
    );
    program.write("atom.xml", atom);
    let ran = program.run_to(0, &["convert", "rss.xml", "atom.xml", "--output", "out", "--json"]);
    let texts = texts(&program, "out");
    assert_eq!(texts.len(), 2, "{texts:?}");
    for part in ["title: 第一篇", "- 王芳", "modified", "url: https://b.example.cn/p/1", "**粗**"] {
        assert!(texts[0].1.contains(part) || part == "modified", "{part}: {}", texts[0].1);
    }
    for part in [
        "title: 头条 & 要闻",
        "- 林远",
        "published: \"2021-06-17T18:44:26+08:00\"",
        "- 社会",
        "](https://example.cn/a.jpg)",
        PROSE,
        "description: 短",
    ] {
        assert!(texts[1].1.contains(part), "{part}: {}", texts[1].1);
    }
    assert_eq!(ran.summary()["left_out"]["entry without content"], 1);
}

#[test]
fn a_json_feed_is_converted() {
    let program = Program::new();
    let feed = serde_json::json!({
        "version": "https://jsonfeed.org/version/1.1", "title": "铺子报", "language": "zh-CN",
        "home_page_url": "https://example.cn/", "authors": [{ "name": "林远" }],
        "items": [
            { "id": "1", "url": "/1", "title": "头条", "content_html": format!("<p>{PROSE}<b>粗</b></p><img src=/a.jpg>"),
              "date_published": "2021-06-17T18:44:26+08:00", "tags": ["社会"], "summary": "短" },
            { "id": 2, "external_url": "https://b.example.cn/2", "content_text": format!("一 < 二\n{PROSE}"), "author": { "name": "王芳" } },
            { "id": "3", "title": "空" },
        ],
    });
    program.write("in/feed.json", serde_json::to_string_pretty(&feed).unwrap());
    program.write("in/other.json", "{\"a\": \"<p>x\"}");
    let ran = program.run_to(0, &["convert", "in", "--output", "out", "--json"]);
    let texts = texts(&program, "out");
    assert_eq!(texts.len(), 2, "{texts:?}");
    let all = texts.iter().map(|(_, text)| text.as_str()).collect::<String>();
    for part in [
        "title: 头条",
        "- 林远",
        "- 王芳",
        "published: \"2021-06-17T18:44:26+08:00\"",
        "url: https://example.cn/1",
        "url: https://b.example.cn/2",
        "- 社会",
        "site: 铺子报",
        "](https://example.cn/a.jpg)",
        "**粗**",
        "一 < 二",
    ] {
        assert!(all.contains(part), "{part}: {all}");
    }
    assert_eq!(ran.summary()["left_out"]["entry without content"], 1);
    program.write("broken.json", "{\"version\": \"https://jsonfeed.org/version/1\", \"items\": [");
    assert!(program.run_to(3, &["convert", "broken.json", "--output", "o"]).err.contains("is damaged"));
}

fn record(kind: &str, target: &str, content_type: &str, block: &[u8]) -> Vec<u8> {
    let id = format!("{:08x}", target.len() * 7919 + block.len());
    let head = format!(
        "WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Record-ID: <urn:uuid:{id}-0000-4000-8000-{:012x}>\r\nWARC-Date: 2021-06-18T01:02:03Z\r\n\
         WARC-Target-URI: <{target}>\r\nContent-Type: {content_type}\r\nContent-Length: {}\r\n\r\n",
        block.iter().map(|&byte| u64::from(byte)).sum::<u64>(),
        block.len()
    );
    [head.as_bytes(), block, b"\r\n\r\n"].concat()
}

fn response(target: &str, kind: &str, chunked: bool, body: &[u8]) -> Vec<u8> {
    let coding = if chunked { "Transfer-Encoding: chunked\r\n" } else { "" };
    let body = if chunked {
        let (a, b) = body.split_at(body.len() / 2);
        let chunk = |part: &[u8]| [format!("{:x}\r\n", part.len()).as_bytes(), part, b"\r\n"].concat();
        [chunk(a), chunk(b), b"0\r\n\r\n".to_vec()].concat()
    } else {
        body.to_vec()
    };
    let block = [format!("HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\n{coding}\r\n").as_bytes(), &body].concat();
    record("response", target, "application/http;msgtype=response", &block)
}

/// As wget writes it: URLs in angle brackets, its log as a resource; a frame; a page that is missing.
fn warc() -> Vec<u8> {
    let page = format!(
        "<html><head><title>老城的铺子</title></head><body><article><h1>老城的铺子</h1><p>{PROSE}</p><p>说到这里，<img src=\"/a.gif\">\
         大家就都<a href=\"/2.html\">笑了</a>，师傅自己也笑，说那是年轻时候的事了。</p><iframe src=\"https://ad.example/f?a=1&amp;b=2\"></iframe></article></body></html>"
    );
    let other = format!(
        "<html><head><title>另一页</title></head><body><article><h1>另一页</h1><p>{PROSE}</p><p>{PROSE}</p></article></body></html>"
    );
    [
        record("warcinfo", "urn:x", "application/warc-fields", b"software: Wget\r\n"),
        response("https://example.cn/1.html", "text/html; charset=utf-8", true, page.as_bytes()),
        response("https://example.cn/a.gif", "image/gif", false, GIF),
        response("https://ad.example/f?a=1&b=2", "text/html", false, b"<html><p>buy</p></html>"),
        response("https://example.cn/2.html", "text/html", false, other.as_bytes()),
        record("resource", "metadata://gnu.org/software/wget/warc/wget.log", "text/plain", b"--2021-06-18-- <html>"),
    ]
    .concat()
}

#[test]
fn pages_of_a_web_archive_become_articles_with_their_images() {
    let program = Program::new();
    program.write("crawl.warc", warc());
    let ran = program.run_to(0, &["convert", "crawl.warc", "--output", "out", "--json"]);
    let texts = texts(&program, "out");
    assert_eq!(texts.len(), 2, "{texts:?} {}", ran.err);
    let first = &texts.iter().find(|(_, text)| text.contains("title: 老城的铺子")).unwrap().1;
    assert!(first.contains("](../../images/") && first.contains("url: https://example.cn/1.html"), "{first}");
    assert!(first.contains("archived: \"2021-06-18T01:02:03Z\"") && first.contains("[笑了](2-html-"), "{first}");
    assert_eq!(report(&ran)["left_out"]["frame of a page"], 1);
}

#[test]
fn a_wacz_is_read_with_its_own_list_of_pages() {
    let program = Program::new();
    let pages = "{\"format\":\"json-pages-1.0\",\"id\":\"pages\"}\n{\"url\":\"https://example.cn/1.html\",\"title\":\"x\"}\n\
                 {\"url\":\"https://example.cn/gone.html\"}\n";
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let stored = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    for (name, bytes) in [
        ("datapackage.json", b"{}".to_vec()),
        ("archive/data.warc", warc()),
        ("pages/pages.jsonl", pages.as_bytes().to_vec()),
    ] {
        writer.start_file(name, stored).unwrap();
        std::io::Write::write_all(&mut writer, &bytes).unwrap();
    }
    program.write("a.wacz", writer.finish().unwrap().into_inner());
    let ran = program.run_to(0, &["convert", "a.wacz", "--output", "out", "--json"]);
    assert_eq!(texts(&program, "out").len(), 2, "{}", ran.err);
    assert_eq!(report(&ran)["losses"]["listed-and-not-captured https://example.cn/gone.html"], 1, "{}", report(&ran));
}

#[test]
fn saved_pages_find_their_images_whatever_happened_to_the_names() {
    let program = Program::new();
    let page = |src: &str| {
        format!(
            "<!DOCTYPE html>\n<!-- saved from url=(0026)https://example.cn/lao.htm -->\n<html><head><title>铺子</title></head><body><article>\
             <h1>铺子</h1><p>{PROSE}</p><p>说到这里，<img src=\"{src}\">大家就都笑了，师傅自己也笑，说那是年轻时候的事了。</p></article></body></html>"
        )
    };
    program.write("in/改名.html", page("./旧名_files/a"));
    program.write("in/改名_files/a", GIF);
    program.write("in/改名_files/saved_resource.html", page("x"));
    program.write("in/b/页.html", page("./%E9%A1%B5_files/%E5%9B%BE.jpg"));
    program.write("in/b/%E9%A1%B5_files/图.jpg", GIF);
    let ran = program.run_to(0, &["convert", "in", "--output", "out", "--json"]);
    assert_eq!(ran.summary()["images"]["saved"], 2, "{}", ran.out);
    assert_eq!(texts(&program, "out").len(), 2);
    // SingleFile: a comment inside the first tag, attributes without quotes, the image in the page.
    let gif = format!("data:image/gif;base64,R0lGODlhHgAoAAAAA{}", "A".repeat(401));
    let single = page("x").replace("<html>", "<html lang=zh><!--\n Page saved with SingleFile \n url: https://example.cn/单页 \n saved date: Thu Jun 17 2021\n-->")
        .replace("<!-- saved from url=(0026)https://example.cn/lao.htm -->\n", "")
        .replace("<img src=\"x\">", &format!("<img src={gif} data-src=https://example.cn/far.jpg width=300 height=400>"));
    program.write("single.html", single);
    program.run_to(0, &["convert", "single.html", "--output", "one"]);
    let text = program.read("one/single.md");
    assert!(text.contains("url: https://example.cn/%E5%8D%95%E9%A1%B5") && text.contains("](images/"), "{text}");
}

#[test]
fn bookmarks_and_lists_are_laid_out_for_archive() {
    let program = Program::new();
    let bookmarks = "<!DOCTYPE NETSCAPE-Bookmark-file-1>\n<META HTTP-EQUIV=\"Content-Type\" CONTENT=\"text/html; charset=UTF-8\">\n<DL><p>\n\
        <DT><H3>新闻</H3>\n<DL><p>\n<DT><A HREF=\"http://127.0.0.1:9/1\" ADD_DATE=\"1546300800123456\" TAGS=\"a,b\">题</A>\n<DD>一\n二\n\
        <DT><A HREF=\"place:sort=8\">x</A>\n</DL><p>\n</DL>\n";
    program.write("书签.html", bookmarks);
    program.write("list.txt", "# 读过\nhttp://127.0.0.1:9/2 第二\n\n");
    let ran = program.run_to(0, &["convert", "书签.html", "list.txt", "--output", "out", "--json"]);
    assert_eq!(program.files("out"), ["list.jsonl", "书签.jsonl"]);
    assert_eq!(
        program.read("out/书签.jsonl"),
        "{\"url\":\"http://127.0.0.1:9/1\",\"title\":\"题\",\"added\":\"2019-01-01T00:00:00Z\",\"tags\":[\"a\",\"b\"],\"folder\":\"新闻\",\"description\":\"一\\n二\"}\n"
    );
    assert_eq!(ran.summary()["losses"]["left-out: 1 link that is not a web URL"], 1, "{}", ran.summary());
    #[cfg(feature = "net")]
    {
        let ran = program.run(&["archive", "--input-file", "out/书签.jsonl", "--json", "--retries", "0", "-a", "kept"]);
        assert_eq!(ran.article()["url"], "http://127.0.0.1:9/1", "{}", ran.err);
    }
}

#[test]
fn what_comes_before_a_cut_is_written_and_the_run_says_where_the_file_ends() {
    let program = Program::new();
    let page = |title: &str| {
        let text: String = (0..30).map(|nth| format!("第{nth}句。{PROSE}")).collect();
        format!("<html lang=zh><title>{title}</title><article><h1>{title}</h1><p>{text}</p></article></html>")
            .into_bytes()
    };
    let files = ["甲", "乙", "丙"].map(|title| (format!("{title}.html"), page(title)));
    let whole = crate::note_exports::zip(&files);
    let second = memchr::memmem::find(&whole[10..], "乙.html".as_bytes()).unwrap() + 10;
    program.write("posts.zip", &whole[..second + 60]);
    program.write("list.csv", "title,url,tags\n一,https://a.example/1,x\n\"二,https://a.exam\n");
    let ran = program.run_to(3, &["convert", "posts.zip", "list.csv", "--output", "out", "--json"]);
    assert_eq!(program.files("out"), ["list.jsonl", "甲.md"]);
    assert!(program.read("out/甲.md").contains("第29句"));
    assert_eq!(program.read("out/list.jsonl").lines().count(), 1);
    assert!(
        ran.err.contains("posts.zip: after 1 files: its directory is missing; it ends within 乙.html"),
        "{}",
        ran.err
    );
    assert!(ran.err.contains("list.csv: the rest cannot be read: after 1 entries"), "{}", ran.err);
    assert_eq!(ran.summary()["failed"], 2, "{}", ran.summary());
}
