//! Exports that are damaged or hostile: what comes before the damage is kept, the damage is named, nothing grows or leads
//! out. One table of readers, each with a way to write an export of any size.
#![cfg(feature = "cli")]

use std::io::Write;
use std::ops::ControlFlow;

use bindery::import::{self, Input, ItemContent, Kind};

use crate::note_exports::{tar, zip};
use crate::support::program::Program;

/// A reader, and an export of so many items, all with the same title.
struct Reader {
    kind: Kind,
    export: fn(usize) -> Vec<u8>,
}

fn joined(start: &str, count: usize, item: impl Fn(usize) -> String, between: &str, end: &str) -> Vec<u8> {
    let items: Vec<String> = (1..=count).map(item).collect();
    format!("{start}{}{end}", items.join(between)).into_bytes()
}

const WORDPRESS: &str =
    "<?xml version=\"1.0\"?><rss version=\"2.0\" xmlns:wp=\"http://wordpress.org/export/1.2/\"><channel>";

fn wordpress(count: usize) -> Vec<u8> {
    let item = |n| {
        format!(
            "<item><title>渡口</title><content:encoded><![CDATA[<p>第{n}篇。</p><!-- wp:block {{\"ref\":900000}} /-->]]></content:encoded>\
             <wp:post_id>{n}</wp:post_id><wp:status>publish</wp:status><wp:post_type>post</wp:post_type></item>"
        )
    };
    // A reusable block that holds itself, twice.
    let block = "<!-- wp:block {\"ref\":900000} /-->";
    let start = format!(
        "{WORDPRESS}<item><title>块</title><content:encoded><![CDATA[{block}<p>块</p>{block}]]></content:encoded>\
         <wp:post_id>900000</wp:post_id><wp:status>publish</wp:status><wp:post_type>wp_block</wp:post_type></item>"
    );
    joined(&start, count, item, "", "</channel></rss>")
}

fn enex(count: usize) -> Vec<u8> {
    let item = |n| {
        format!(
            "<note><title>渡口</title><content><![CDATA[<en-note><div>第{n}篇。<a href=\"evernote:///view/1/\">渡口</a></div></en-note>]]></content>\
             <resource><data>bm90IGFuIGltYWdl</data><mime>text/plain</mime><resource-attributes><file-name>../../../leads-out.txt</file-name></resource-attributes></resource></note>"
        )
    };
    joined("<?xml version=\"1.0\"?><en-export>", count, item, "", "</en-export>")
}

fn feed(count: usize) -> Vec<u8> {
    let item = |n| {
        format!(
            "<item><title>渡口</title><guid>g{n}</guid><description>&lt;p&gt;第{n}篇。&lt;/p&gt;</description></item>"
        )
    };
    joined("<?xml version=\"1.0\"?><rss version=\"2.0\"><channel><title>x</title>", count, item, "", "</channel></rss>")
}

fn ghost(count: usize) -> Vec<u8> {
    let item =
        |n| format!("{{\"id\":\"{n}\",\"title\":\"渡口\",\"html\":\"<p>第{n}篇。</p>\",\"status\":\"published\"}}");
    joined("{\"db\":[{\"meta\":{\"exported_on\":1},\"data\":{\"posts\":[", count, item, ",", "],\"tags\":[]}}]}")
}

fn wallabag(count: usize) -> Vec<u8> {
    let item = |n| format!("{{\"is_archived\":0,\"id\":{n},\"title\":\"渡口\",\"content\":\"<p>第{n}篇。</p>\"}}");
    joined("[", count, item, ",", "]")
}

fn articles(count: usize) -> Vec<u8> {
    let item = |n| {
        format!(
            "{{\"url\":\"https://a.example/{n}\",\"title\":\"渡口\",\"saved_at\":\"2024\",\"html_content\":\"<p>第{n}篇。</p>\"}}"
        )
    };
    joined("{\"results\":[", count, item, ",", "]}")
}

fn reading_json(count: usize) -> Vec<u8> {
    joined(
        "[",
        count,
        |n| format!("{{\"url\":\"https://a.example/{n}\",\"title\":\"渡口\",\"time\":\"1600322788\"}}"),
        ",",
        "]",
    )
}

fn reading_csv(count: usize) -> Vec<u8> {
    joined("title,url,time_added,tags\n", count, |n| format!("渡口,https://a.example/{n},1600322788,河\n"), "", "")
}

fn opml(count: usize) -> Vec<u8> {
    let item = |n| format!("<outline text=\"渡口\" xmlUrl=\"https://a.example/{n}\"/>");
    joined("<opml version=\"2.0\"><body>", count, item, "", "</body></opml>")
}

fn sitemap(count: usize) -> Vec<u8> {
    joined("<urlset>", count, |n| format!("<url><loc>https://a.example/{n}</loc></url>"), "", "</urlset>")
}

fn pinboard(count: usize) -> Vec<u8> {
    let item = |n| format!("<post href=\"https://a.example/{n}\" description=\"渡口\" tag=\"河\"/>");
    joined("<?xml version=\"1.0\"?><posts user=\"x\">", count, item, "", "</posts>")
}

fn joplin(count: usize) -> Vec<u8> {
    let item = |n: usize| {
        let id = format!("{n:032x}");
        (
            format!("{id}.md"),
            format!("渡口\n\n第{n}篇，见[自己](:/{id})。![](:/{id})\n\nid: {id}\nparent_id: {id}\ntype_: 1")
                .into_bytes(),
        )
    };
    tar(&(1..=count).map(item).collect::<Vec<_>>())
}

const READERS: [Reader; 12] = [
    Reader { kind: Kind::Wxr, export: wordpress },
    Reader { kind: Kind::Enex, export: enex },
    Reader { kind: Kind::Feed, export: feed },
    Reader { kind: Kind::Ghost, export: ghost },
    Reader { kind: Kind::Wallabag, export: wallabag },
    Reader { kind: Kind::SavedArticles, export: articles },
    Reader { kind: Kind::ReadingList, export: reading_json },
    Reader { kind: Kind::ReadingList, export: reading_csv },
    Reader { kind: Kind::Opml, export: opml },
    Reader { kind: Kind::Sitemap, export: sitemap },
    Reader { kind: Kind::ReadingList, export: pinboard },
    Reader { kind: Kind::Joplin, export: joplin },
];

/// What an export gave.
#[derive(Default)]
struct Read {
    names: Vec<String>,
    /// The texts of all articles, and all URLs.
    text: String,
    items: usize,
    cut: Option<String>,
}

fn read(bytes: Vec<u8>, kind: Kind) -> Read {
    let input = Input::memory(bytes, "export");
    assert_eq!(Kind::detect(&input.start().unwrap()), Some(kind));
    let mut read = Read::default();
    let report = import::open(&input, kind, None, &mut |item| {
        read.names.push(item.name.to_string_lossy().into_owned());
        match item.content {
            ItemContent::Body(raw, _) => {
                read.items += 1;
                read.text.push_str(&String::from_utf8_lossy(&raw.body));
            }
            ItemContent::UrlList(urls) => {
                read.items += urls.len();
                urls.iter().for_each(|url| read.text.push_str(&format!("{} {:?}\n", url.url, url.title)));
            }
            ItemContent::Broken(error) => read.cut = Some(error.to_string()),
            _ => {}
        }
        ControlFlow::Continue(())
    });
    match report {
        Ok(report) => read.cut = report.cut.or(read.cut),
        Err(error) => read.cut = Some(error.to_string()),
    }
    read
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut coder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    coder.write_all(bytes).unwrap();
    coder.finish().unwrap()
}

#[test]
fn what_comes_before_a_cut_is_kept_and_the_cut_is_named() {
    for Reader { kind, export } in READERS {
        let whole = export(40);
        let complete = read(whole.clone(), kind);
        assert_eq!((complete.items, complete.cut), (40, None), "{kind:?}");
        for share in [3, 5, 7] {
            // In the middle of a row: a table that ends with a line is whole.
            let cut =
                whole[..whole.len() * share / 10].strip_suffix(b"\n").map_or(whole.len() * share / 10, <[u8]>::len);
            let found = read(whole[..cut].to_vec(), kind);
            assert!(found.items > 5 && found.items < 40, "{kind:?}: {} items of {share}/10", found.items);
            assert!(found.cut.is_some(), "{kind:?}: {share}/10 names no cut");
        }
        let packed = gzip(&whole);
        let found = read(packed[..packed.len() / 2].to_vec(), kind);
        assert!(found.items < 40 && found.cut.is_some(), "{kind:?}: {} items of half a gzip file", found.items);
    }
}

#[test]
fn items_of_one_name_become_files_of_their_own_and_many_cost_no_more_each() {
    for Reader { kind, export } in READERS {
        let count = if kind == Kind::Joplin { 300 } else { 3000 };
        let found = read(export(count), kind);
        assert_eq!((found.items, found.cut), (count, None), "{kind:?}");
        let mut names = found.names.clone();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), found.names.len(), "{kind:?}");
    }
}

#[test]
fn entities_and_what_holds_itself_do_not_grow() {
    let entities: String =
        (1..12).map(|n| format!("<!ENTITY e{n} \"{}\">", format!("&e{};", n - 1).repeat(10))).collect();
    for Reader { kind, export } in READERS {
        let text = export(10);
        assert!(read(text.clone(), kind).text.len() < 20 * text.len(), "{kind:?}");
        let Ok(text) = String::from_utf8(text) else { continue };
        if !text.starts_with('<') || kind == Kind::Joplin {
            continue;
        }
        let text = text.strip_prefix("<?xml version=\"1.0\"?>").unwrap_or(&text).replace("渡口", "&e11;");
        let bomb = format!("<?xml version=\"1.0\"?><!DOCTYPE x [<!ENTITY e0 \"lol\">{entities}]>{text}");
        let found = read(bomb.clone().into_bytes(), kind);
        assert!(found.text.len() < 20 * bomb.len() && !found.text.contains("lol"), "{kind:?}");
    }
}

#[test]
fn other_charsets_are_read_where_the_export_names_them_or_its_bytes_show_them() {
    for Reader { kind, export } in READERS {
        let Ok(text) = String::from_utf8(export(20)) else { continue };
        if kind == Kind::Joplin {
            continue;
        }
        let is_xml = text.starts_with('<');
        let bytes = if is_xml {
            let text = text.strip_prefix("<?xml version=\"1.0\"?>").unwrap_or(&text);
            encoding_rs::GBK.encode(&format!("<?xml version=\"1.0\" encoding=\"gb2312\"?>{text}")).0.into_owned()
        } else if text.starts_with(['[', '{']) {
            [0xff, 0xfe].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect()
        } else {
            let text = text.replace("渡口", "渡口的老船工每天清早都要把缆绳重新系一遍");
            encoding_rs::GBK.encode(&text).0.into_owned()
        };
        let found = read(bytes, kind);
        assert_eq!((found.items, found.cut), (20, None), "{kind:?}");
        let expected = if kind == Kind::Sitemap {
            "a.example"
        } else if found.text.contains("https://a.example/1 ") {
            "渡口"
        } else {
            "第1篇"
        };
        assert!(found.text.contains(expected), "{kind:?}: {:.300}", found.text);
    }
}

#[test]
fn a_bomb_ends_with_a_message_and_little_memory() {
    // 80 MB of one text in a few kilobytes.
    let long = "渡".repeat(80 << 20 >> 1);
    for (kind, text) in [
        (Kind::Wallabag, format!("[{{\"is_archived\":0,\"content\":\"{long}\"}}]")),
        (Kind::Ghost, format!("{{\"meta\":{{\"exported_on\":1}},\"data\":{{\"posts\":[{{\"html\":\"{long}\"}}]}}}}")),
        (Kind::Enex, format!("<?xml version='1.0'?><en-export><note><content>{long}</content></note></en-export>")),
        (Kind::Opml, format!("<opml><body><outline text='{long}'/></body></opml>")),
    ] {
        let found = read(gzip(text.as_bytes()), kind);
        let cut = found.cut.unwrap_or_default();
        assert!(found.items == 0 && cut.contains("more than"), "{kind:?}: {cut}");
    }
}

#[test]
fn nothing_is_read_or_written_outside() {
    let program = Program::new();
    program.write("secret.html", "<p>secret</p>");
    let id = "0f0e0d0c0b0a09080706050403020100";
    let note = format!(
        "../../../leads-out\n\n![](../../secret.html) ![](:/../../secret)\n\nid: {id}\nparent_id: ../..\ntype_: 1"
    );
    program.write("in/joplin.jex", tar(&[(format!("{id}.md"), note.clone().into_bytes())]));
    program.write("in/raw/a.md", "x");
    program.write(&format!("in/raw/{id}.md"), note);
    let list = "[{\"slug\":\"../../../secret\",\"title\":\"../leads-out\",\"url\":\"https://a.example/1\",\"savedAt\":\"2024\"}]";
    program.write("in/omnivore/metadata_0_to_20.json", list);
    program.write("in/omnivore/content/x.html", "<p>x</p>");
    program.write(
        "in/omnivore.zip",
        zip(&[("metadata_0_to_20.json".into(), list.into()), ("content/../../secret.html".into(), b"x".to_vec())]),
    );
    program.write("in/notes.enex", enex(1));
    let notion = "e65ec18c87607b653d1693a4a104149a";
    program.write(
        &format!("in/a {notion}.md"),
        format!("# ../../leads-out\n\n![x](../../secret.html) [自己](a%20{notion}.md)\n"),
    );
    program.write(&format!("in/b {notion}.csv"), "Name\n../../secret\n");
    let ran = program.run(&["convert", "in", "--output", "out/deep"]);
    assert!(!ran.err.contains("internal error"), "{}", ran.err);
    for file in program.files("") {
        assert!(["in/", "out/deep/", "secret.html"].iter().any(|start| file.starts_with(start)), "{file}");
        assert!(!file.starts_with("out/") || !program.read(&file).contains("<p>secret"), "{file}");
    }
}
