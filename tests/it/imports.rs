//! Exports of services and programs: each is read as what it is, or refused by name; nothing private is published.
#![cfg(feature = "cli")]

use std::io::Write;

use base64::Engine as _;
use md5::{Digest as _, Md5};

use crate::support::program::{Program, Ran};

fn converted(program: &Program, input: &str, more: &[&str]) -> Ran {
    program.run(&[&["convert", input, "--output", "out"], more].concat())
}

/// A WordPress export of items, each with its title, state, password and content.
fn wordpress(items: &[(&str, &str, &str, &str)]) -> String {
    let item = |(nth, (title, status, password, content)): (usize, &(&str, &str, &str, &str))| {
        format!(
            "<item><title><![CDATA[{title}]]></title><link>https://log.example/{nth}/</link>\
             <guid isPermaLink=\"false\">https://log.example/?p={nth}</guid>\
             <content:encoded><![CDATA[{content}]]></content:encoded><wp:post_id>{nth}</wp:post_id>\
             <wp:post_date>2021-05-0{} 09:30:00</wp:post_date><wp:post_name>post-{nth}</wp:post_name>\
             <wp:status>{status}</wp:status><wp:post_type>post</wp:post_type>\
             <wp:post_password>{password}</wp:post_password></item>",
            nth + 1
        )
    };
    let items: String = items.iter().enumerate().map(item).collect();
    format!(
        "<?xml version=\"1.0\"?><rss version=\"2.0\" xmlns:content=\"c\" xmlns:wp=\"http://wordpress.org/export/1.2/\">\
         <channel><title>渡口</title>{items}</channel></rss>"
    )
}

#[test]
fn a_file_of_an_unknown_kind_is_refused_by_name_and_a_fragment_is_not() {
    let program = Program::new();
    for (name, text, says) in [
        ("walk.gpx", "<?xml version='1.0'?><gpx><name>沿河走</name></gpx>", "a GPX track"),
        ("notes.xml", "<?xml version='1.0'?><ledger><p>一</p></ledger>", "an XML document (<ledger>)"),
        ("tide.json", "{\"station\": \"码头\", \"note\": \"<p>潮水</p>\"}", "JSON data of an unknown kind"),
        ("tide.csv", "day,height,note\n1,2.4,<p>涨潮</p>\n2,2.6,落潮\n", "a CSV table"),
        ("words.txt", "Only words.\n", "plain text without HTML in it"),
    ] {
        program.write(name, text);
        let ran = converted(&program, name, &[]);
        assert!(ran.code == 3 && ran.err.contains(name) && ran.err.contains(says), "{name}: {}", ran.err);
    }
    assert!(!program.path("out").exists(), "nothing is written");
    let fragment = program.run_to(0, &["convert", "words.txt", "--fragment"]);
    assert!(fragment.out.contains("Only words."), "{}", fragment.out);
    // A folder and a ZIP say what they hold.
    program.write("papers/report.docx", "PK");
    let folder = program.run_to(2, &["convert", "papers", "--output", "out"]);
    assert!(folder.err.contains("1 .docx file"), "{}", folder.err);
    let mut zip = zip::ZipWriter::new(std::fs::File::create(program.path("mail.zip")).unwrap());
    zip.start_file("inbox.mbox", zip::write::SimpleFileOptions::default()).unwrap();
    zip.write_all(b"From nell@example.org\nFrom: Nell\n\nHello\n").unwrap();
    zip.finish().unwrap();
    let ran = converted(&program, "mail.zip", &[]);
    assert!(ran.code == 3 && ran.err.contains("1 .mbox file"), "{}", ran.err);
}

#[test]
fn what_was_not_public_is_marked_in_the_way_of_each_profile_and_kept_apart() {
    let program = Program::new();
    let export = wordpress(&[
        ("给所有人", "publish", "", "<p>渡口每天早上六点开船。</p>"),
        ("没写完", "draft", "", "<p>船工的名单还没有写完。</p>"),
        ("值班表", "private", "", "<p>值班表只给船工看。</p>"),
        ("钥匙", "publish", "1234", "<p>钥匙挂在面包房后面。</p>"),
    ]);
    program.write("export.xml", export);
    for (profile, mark) in [
        ("default", "draft: true"),
        ("hugo", "draft: true"),
        ("zola", "draft = true"),
        ("hexo", "published: false"),
        ("jekyll", "published: false"),
        ("obsidian", "publish: false"),
    ] {
        let ran = converted(&program, "export.xml", &["--profile", profile, "--force"]);
        assert!(ran.code == 0 && ran.err.contains("not public: 1 draft, 1 private, 1 protected"), "{}", ran.err);
        let read = |path: &str| program.read(&format!("out/export/{path}.md"));
        // Jekyll knows a post by the date in its name.
        let public = match profile {
            "jekyll" => program.read("out/_posts/export/2021-05-01-post-0.md"),
            _ => read("posts/post-0"),
        };
        assert!(!public.contains(mark), "{profile}");
        for path in ["drafts/post-1", "private/post-2", "protected/post-3"] {
            assert!(read(path).contains(mark), "{profile}: {path}");
        }
    }
    assert_eq!(program.files("out").len(), 5, "{:?}", program.files("out"));
}

#[test]
fn a_wordpress_post_keeps_code_marks_and_titles() {
    let program = Program::new();
    let content = "第一段。\n\n<!--more-->\n\n<pre lang=\"html\">\n<ul>\n  <li>一</li>\n\n  <li>二</li>\n</ul>\n</pre>\n\n\
        [caption]<img src=\"https://log.example/1.jpg\" /> 由 <a href=\"https://a.example/\">林远</a> 拍摄[/caption]\n\n\
        见<a href=\"/?p=1\">另一篇</a>。";
    program.write(
        "export.xml",
        wordpress(&[
            ("Tom &amp; Nell&#8217;s <em>day</em>", "publish", "", content),
            ("二", "publish", "", "<p>第二篇。</p>"),
        ]),
    );
    converted(&program, "export.xml", &["--profile", "hexo"]);
    let text = program.read("out/export/posts/post-0.md");
    for part in [
        "title: Tom & Nell’s day\n",
        "\n<!-- more -->\n",
        "\n<ul>\n  <li>一</li>\n\n  <li>二</li>\n</ul>\n",
        "由 [林远](https://a.example/) 拍摄",
        "见{% post_link export/posts/post-1 '另一篇' %}。",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
}

#[test]
fn lists_of_read_later_services_become_lists_of_urls() {
    let program = Program::new();
    program.write(
        "pocket.csv",
        "title,url,time_added,tags,status\n渡口的船,https://a.example/1?x=1&y=2,1600322788,河|船,unread\n",
    );
    program.write(
        "omnivore.json",
        "[{\"slug\":\"a\",\"title\":\"灯\",\"url\":\"https://a.example/2\",\"labels\":[\"岸\"],\"savedAt\":\"2024-10-29T16:30:11.000Z\"}]",
    );
    program.write(
        "bookmarks.html",
        "<title>书签</title><dl><p><dt><a href=\"https://a.example/3\" add_date=\"1600000000\">桥</a></dl>",
    );
    for (name, expected) in [
        (
            "pocket.csv",
            "{\"url\":\"https://a.example/1?x=1&y=2\",\"title\":\"渡口的船\",\"added\":\"2020-09-17T06:06:28Z\",\"tags\":[\"河\",\"船\"],\"folder\":\"unread\"}\n",
        ),
        (
            "omnivore.json",
            "{\"url\":\"https://a.example/2\",\"title\":\"灯\",\"added\":\"2024-10-29T16:30:11Z\",\"tags\":[\"岸\"]}\n",
        ),
        ("bookmarks.html", "{\"url\":\"https://a.example/3\",\"title\":\"桥\",\"added\":\"2020-09-13T12:26:40Z\"}\n"),
    ] {
        converted(&program, name, &[]);
        let stem = name.split('.').next().unwrap();
        let written = program.files("out").into_iter().find(|file| file.starts_with(stem)).unwrap();
        assert_eq!(program.read(&format!("out/{written}")), expected, "{name}");
    }
}

#[test]
fn notes_of_evernote_keep_images_tasks_and_links() {
    let program = Program::new();
    let bytes = include_bytes!("../../examples/news_files/class.png");
    let png = base64::engine::general_purpose::STANDARD.encode(bytes);
    let hash: String = Md5::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    let note = |title: &str, body: &str, more: &str| {
        format!(
            "<note><title>{title}</title><created>20230412T071500Z</created><tag>河</tag><content><![CDATA[<?xml version=\"1.0\"?>\
             <en-note>{body}</en-note>]]></content>{more}</note>"
        )
    };
    let tasks = "<div><en-todo checked=\"true\"/>上油</div><ul><li style=\"--en-checked:false;\"><div>锁门</div></li></ul>\
        <div>见<a href=\"evernote:///view/1/\">船</a></div><div>密码<en-crypt hint=\"旧的\">aGVs</en-crypt></div>";
    let export = format!(
        "<?xml version=\"1.0\"?><en-export>{}{}</en-export>",
        note("渡口", tasks, ""),
        note(
            "船",
            &format!("<div>船在河上。<en-media type=\"image/png\" hash=\"{hash}\"/></div>"),
            &format!("<resource><data>{png}</data><mime>image/png</mime></resource>")
        )
    );
    program.write("notes.enex", export);
    let ran = converted(&program, "notes.enex", &["--json"]);
    let text = program.read("out/notes/渡口.md");
    for part in ["[x] 上油", "[ ] 锁门", "[船](船.md)", "published: \"2023-04-12T", "- 河"] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert!(ran.out.contains("an encrypted passage"), "{}", ran.out);
    let image = program.files("out").into_iter().find(|file| file.ends_with(".png")).expect("the image is stored");
    assert_eq!(std::fs::read(program.path("out").join(&image)).unwrap(), bytes);
    assert!(program.read("out/notes/船.md").contains(&format!("](../{image})")), "{}", program.read("out/notes/船.md"));
}

#[test]
fn a_note_that_is_nothing_but_its_title_is_written() {
    let program = Program::new();
    let note = "<note><title>打电话给船夫</title><created>20230412T071500Z</created><tag>河</tag>\
        <content><![CDATA[<?xml version=\"1.0\"?><en-note/>]]></content></note>";
    program.write("notes.enex", format!("<?xml version=\"1.0\"?><en-export>{note}</en-export>"));
    assert_eq!(converted(&program, "notes.enex", &[]).code, 0);
    let text = program.read("out/notes/打电话给船夫.md");
    assert!(text.starts_with("---\ntitle: 打电话给船夫\n") && text.ends_with("---\n"), "{text}");
    // An item of a feed without a text is a link, not an article.
    program.write(
        "feed.xml",
        "<rss version='2.0'><channel><item><title>头条</title><link>https://a.example/1</link></item></channel></rss>",
    );
    assert_eq!(converted(&program, "feed.xml", &[]).code, 3);
}

#[test]
fn posts_keep_the_tags_of_their_generator_and_markdown_posts_are_copied() {
    let program = Program::new();
    program.write(
        "site/a.html",
        "---\ntitle: 灯\n---\n<p>一 {% img a_b.jpg \"*c*\" %}</p>\n<!-- more -->\n{% highlight ruby %}\nputs \"<b>\"\n{% endhighlight %}\n<p>{{ site.base_url }}</p>\n",
    );
    let copied = "\n---\ntitle: 船\n---\n# 船\n\n* 一\n\n{% x %} <br>\n";
    program.write("site/b.md", copied);
    let ran = converted(&program, "site", &[]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let text = program.read("out/a.md");
    for part in ["{% img a_b.jpg \"*c*\" %}", "\n<!-- more -->\n", "```ruby\nputs \"<b>\"\n```", "{{ site.base_url }}"]
    {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert_eq!(program.read("out/b.md"), copied);
}

#[test]
fn every_kind_is_listed_and_described_in_the_documents() {
    let document = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/imports.md")).unwrap();
    let listed = Program::new().run_to(0, &["convert", "--list-kinds"]).out;
    let names: Vec<&str> = listed.lines().filter_map(|line| line.split_whitespace().next()).collect();
    assert!(names.len() > 12, "{listed}");
    for name in names {
        assert!(document.contains(&format!("`{name}`")), "docs/imports.md does not describe {name}");
    }
}
