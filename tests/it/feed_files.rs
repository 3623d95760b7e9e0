//! Feeds in files, as feeds are in the wild: charsets, text constructs, dates, namespaces.
#![cfg(feature = "cli")]

use encoding_rs::Encoding;

use crate::support::program::{Program, Ran};

const PROSE: &str = "渡口每天开六班船，第一班在天亮以前，最后一班要等到对岸的灯都灭了才走，船上的人多半彼此认识。";

/// The only text that becomes of a feed, and how the run went.
fn converted(feed: impl AsRef<[u8]>) -> (String, Ran) {
    let program = Program::new();
    program.write("feed.xml", feed);
    let ran = program.run_to(0, &["convert", "feed.xml", "--output", "out", "--json"]);
    let files: Vec<_> = program.files("out").into_iter().filter(|file| file.ends_with(".md")).collect();
    assert_eq!(files.len(), 1, "{files:?} {}", ran.err);
    (program.read(&format!("out/{}", files[0])), ran)
}

fn rss(item: &str) -> String {
    format!(
        "<rss version=\"2.0\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\"><channel><title>渡口</title><item>{item}</item></channel></rss>"
    )
}

fn atom(entry: &str) -> String {
    format!(
        "<feed xmlns=\"http://www.w3.org/2005/Atom\"><title>渡口</title><entry><id>urn:x</id>{entry}</entry></feed>"
    )
}

#[test]
fn a_charset_without_a_label_is_detected() {
    let russian =
        "Паром ходит шесть раз в день, первый до рассвета, а последний ждёт, пока на том берегу погаснут огни.";
    let japanese = "渡し船は一日に六便あり、最初の便は夜明け前に、最後の便は対岸の灯がすべて消えてから出る。";
    let korean = "나룻배는 하루에 여섯 번 떠나고, 첫 배는 동트기 전에, 마지막 배는 건너편 불이 모두 꺼진 뒤에 떠난다.";
    let traditional = "渡口每天開六班船，第一班在天亮以前，最後一班要等到對岸的燈都滅了才走，船上的人多半彼此認識。";
    for (label, text) in [
        ("gbk", PROSE),
        ("big5", traditional),
        ("shift_jis", japanese),
        ("euc-kr", korean),
        ("windows-1251", russian),
        ("utf-8", PROSE),
    ] {
        let item = format!("<title>{text}</title><description>&lt;p&gt;{text}&lt;/p&gt;</description>");
        let padded = format!("<!-- {} -->{item}", "ascii ".repeat(20_000));
        let wrong = if label == "utf-8" { "gb2312" } else { "utf-8" };
        let declared = format!("<?xml version=\"1.0\" encoding=\"{wrong}\"?>");
        // Without a declaration, with the first letters far from the start, and with a wrong declaration.
        for (start, item) in [("", &item), ("<?xml version=\"1.0\"?>", &item), ("", &padded), (&declared, &item)] {
            let feed = format!("{start}{}", rss(item));
            let feed = Encoding::for_label(label.as_bytes()).unwrap().encode(&feed).0.into_owned();
            let (converted, _) = converted(feed);
            assert!(converted.contains(text) && !converted.contains('\u{fffd}'), "{label} {start:.40}: {converted}");
        }
    }
}

#[test]
fn a_text_of_atom_is_what_its_type_says() {
    use base64::Engine as _;
    let packed = |text: &str| base64::engine::general_purpose::STANDARD.encode(text);
    let html = format!("<p>{PROSE}<b>粗</b></p>");
    for content in [
        format!("<content type=\"html\">&lt;p&gt;{PROSE}&lt;b&gt;粗&lt;/b&gt;&lt;/p&gt;</content>"),
        format!("<content type=\"xhtml\"><div xmlns=\"http://www.w3.org/1999/xhtml\">{html}</div></content>"),
        format!(
            "<content type=\"application/xhtml+xml\"><div xmlns=\"http://www.w3.org/1999/xhtml\">{html}</div></content>"
        ),
        format!("<content>{html}</content>"),
        format!("<content type=\"application/octet-stream\">{}</content>", packed(&html)),
        format!("<content type=\"text/html\" mode=\"base64\">\n  {}\n</content>", packed(&html)),
        format!("<summary>{html}</summary>"),
    ] {
        let (text, _) = converted(atom(&format!("<title>河与船</title>{content}")));
        assert!(text.contains(&format!("{PROSE}**粗**")), "{content}: {text}");
    }
    let plain = "<content type=\"text\">a &lt;b&gt; 1 &lt; 2 &amp;amp; c</content>";
    let (text, _) = converted(atom(&format!("<title>河与船</title>{plain}")));
    assert!(text.contains("a \\<b> 1 < 2 \\&amp; c"), "{text}");
    // What is not text is reported, and the summary stays.
    let image = base64::engine::general_purpose::STANDARD.encode(b"\x89PNG\r\n\x1a\n\0\0\0\0");
    let entry = format!(
        "<title>河</title><summary type=\"html\">{html}</summary><content type=\"image/png\">{image}</content>"
    );
    let (text, ran) = converted(atom(&entry));
    assert!(text.contains(PROSE) && ran.out.contains("content of the type image/png"), "{text} {}", ran.out);
}

#[test]
fn markup_that_is_not_escaped_is_the_text() {
    for body in [
        format!("<description><p>{PROSE}<b>粗</b></p><p>另一段。<br/>下一行</p></description>"),
        format!("<description><p>{PROSE}<b>粗</b><br>另一段。</description><pubDate>2024-03-18</pubDate>"),
        format!("<content:encoded><div>{PROSE}<b>粗</b></div></content:encoded>"),
        format!("<body xmlns=\"http://www.w3.org/1999/xhtml\"><p>{PROSE}<b>粗</b></p></body>"),
    ] {
        let (text, _) = converted(rss(&format!("<title>河<i>与</i>船</title>{body}")));
        assert!(text.contains(&format!("{PROSE}**粗**")) && text.contains("title: 河与船"), "{body}: {text}");
    }
}

#[test]
fn references_to_c1_controls_are_punctuation() {
    for (title, body) in [
        ("1996&#150;2006", format!("{PROSE}&#147;x&#148;")),
        ("1996&amp;#150;2006", format!("&lt;p&gt;{PROSE}&amp;#147;x&amp;#x94;&lt;/p&gt;")),
        ("<![CDATA[1996&#150;2006]]>", format!("<![CDATA[<p>{PROSE}&#147;x&#148;</p>]]>")),
    ] {
        let (text, _) = converted(rss(&format!("<title>{title}</title><description>{body}</description>")));
        assert!(text.contains("1996–2006") && text.contains("“x”"), "{text}");
    }
}

#[test]
fn dates_in_many_forms_are_read_and_others_reported() {
    for (written, expected) in [
        ("2024年3月18日 09:26", "2024-03-18"),
        ("2024年03月18日 星期一 09:26:15", "2024-03-18"),
        ("2024/03/18 09:26:15", "2024-03-18"),
        ("2024.03.18", "2024-03-18"),
        ("2024-03-18 09:26:15 GMT+8", "2024-03-18T09:26:15+08:00"),
        ("2024-03-18 09:26:15 +0800", "2024-03-18T09:26:15+08:00"),
        ("2024-03-18T09:26:15+0800", "2024-03-18T09:26:15+08:00"),
        ("2024-03-18T09:26+08:00", "2024-03-18T09:26:00+08:00"),
        ("Mon, 18 Mar 2024 09:26:15 +0800", "2024-03-18T09:26:15+08:00"),
        ("Mon, 18 Mar 2024 09:26:15 GMT+8", "2024-03-18T09:26:15+08:00"),
        ("Monday, March 18, 2024 9:26 AM", "2024-03-18"),
        ("18 Mar 2024", "2024-03-18"),
        ("18 mars 2024", "2024-03-18"),
        ("18. März 2024", "2024-03-18"),
        ("1710725175", "2024-03-18T01:26:15Z"),
    ] {
        let item = format!("<title>河</title><description>{PROSE}</description><pubDate>{written}</pubDate>");
        let (text, _) = converted(rss(&item));
        let line = text.lines().find_map(|line| line.strip_prefix("published:")).unwrap_or_default();
        assert_eq!(line.trim_matches([' ', '"']), expected, "{written}");
    }
    let item = format!("<title>河</title><description>{PROSE}</description><pubDate>third moon of year 9</pubDate>");
    let (_, ran) = converted(rss(&item));
    let report = ran.events_named("import").remove(0);
    assert_eq!(report["warnings"]["entry with a date in an unknown form"], 1);
}

#[test]
fn dublin_core_and_prefixes_are_read() {
    let item = format!(
        "<dc:title>河与船</dc:title><dc:description>{PROSE}</dc:description><dc:creator>林远</dc:creator><dc:creator>王芳</dc:creator>\
         <dc:date>2024-03-18T09:26:15+08:00</dc:date><dc:subject>船</dc:subject><atom:link href=\"https://ferry.example/1\"/>"
    );
    let prefixed =
        "<r:rss version=\"2.0\" xmlns:r=\"x\"><r:channel><r:title>渡口</r:title><r:item><r:title>河与船</r:title>\
         <r:link>https://ferry.example/1</r:link><r:description>"
            .to_owned()
            + PROSE
            + "</r:description><r:author>a@b.example (林远)</r:author><r:author>王芳</r:author><r:category>船</r:category>\
           <r:pubDate>2024-03-18T09:26:15+08:00</r:pubDate></r:item></r:channel></r:rss>";
    for feed in [rss(&item), prefixed] {
        let (text, _) = converted(&feed);
        for part in [
            "title: 河与船",
            "- 林远",
            "- 王芳",
            "- 船",
            "url: https://ferry.example/1",
            "published: \"2024-03-18T09:26:15+08:00\"",
            PROSE,
        ] {
            assert!(text.contains(part), "{part}: {text}");
        }
    }
}

#[test]
fn a_base_is_relative_to_the_outer_one() {
    let feed = format!(
        "<feed xmlns=\"http://www.w3.org/2005/Atom\" xml:base=\"https://ferry.example/a/\"><entry xml:base=\"b/\"><id>urn:x</id>\
         <title>河</title><link href=\"c.html\"/><content type=\"html\">&lt;p&gt;{PROSE}&lt;/p&gt;</content></entry></feed>"
    );
    assert!(converted(&feed).0.contains("url: https://ferry.example/a/b/c.html"));
}
