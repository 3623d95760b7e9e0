//! Search, and what changed, through the program.
#![cfg(all(feature = "cli", feature = "net", feature = "store"))]

use crate::support::program::{Program, Ran};
use crate::support::server::{Answer, Asked, Server};
use crate::support::skip::skip;

const TEXT: &str = "<p>这座图书馆建于一九五六年，当时只有两层，藏书不到三万册，读者大多是附近工厂的工人。</p>\
<p>七十年过去，它搬过三次家，换过五任馆长，书却越来越多，如今已经有一百二十万册，每天开放到晚上十点。</p>";

fn serve(asked: &Asked) -> Answer {
    let host = asked.header("host").unwrap_or_default();
    let page = |title: &str, date: &str, more: &str| {
        Answer::html(format!(
            "<html lang=zh-CN><head><title>{title}</title><meta name=keywords content=\"书籍,手艺\">\
             <meta property=article:published_time content=\"{date}T08:00:00+08:00\"></head>\
             <body><article><h1>{title}</h1>{TEXT}<p>{more}</p></article></body></html>"
        ))
    };
    match asked.path.as_str() {
        "/rss" => Answer::bytes(
            "text/xml",
            format!(
                "<rss version='2.0'><channel><item><link>http://{host}/1</link></item><item><link>http://{host}/2</link></item></channel></rss>"
            ),
        ),
        "/1" => page("老城最后一家装订铺", "2024-03-18", "师傅说手艺不能断，Open Source 也是一种手艺。"),
        "/2" => page("馆长的一天", "2026-10-01", &format!("早上八点，第{}版的目录还没有录完。", asked.n + 1)),
        "/3" => page("别处来的", "2026-10-02", "没有来源带来它。"),
        _ => Answer::status(404),
    }
}

fn archived() -> (Server, Program) {
    let (server, program) = (Server::start(serve), Program::new());
    program.write(
        "bindery.toml",
        format!("[[source]]\nname = \"报\"\nseeds = [\"{}\"]\ndelay = \"0s\"\nevery = \"1h\"\n", server.url("/rss")),
    );
    program.run_to(0, &["snapshot", "--now", "2026-11-20T00:00:00Z"]);
    (server, program)
}

fn search(program: &Program, arguments: &[&str]) -> Vec<String> {
    let ran = program.run_to(0, &[&["search", "--json"], arguments].concat());
    ran.events_named("found").iter().map(|event| event["title"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn words_of_any_script_are_found_with_filters() {
    let (_server, program) = archived();
    let (shop, day) = ("老城最后一家装订铺", "馆长的一天");
    assert_eq!(search(&program, &["装订"]), [shop]);
    assert_eq!(search(&program, &["订"]), [shop], "a single character");
    assert_eq!(search(&program, &["open source"]), [shop]);
    assert_eq!(search(&program, &["图书馆"]).len(), 2);
    assert_eq!(search(&program, &["图书馆 -装订铺"]), [day]);
    assert_eq!(search(&program, &["\"录完\""]), [day]);
    assert!(search(&program, &["书图"]).is_empty() && search(&program, &["没有这个词"]).is_empty());
    assert_eq!(search(&program, &["--title", "馆长"]), [day], "in the title, not in the text");
    assert_eq!(search(&program, &["图书馆", "--since", "2026-01-01"]), [day]);
    assert_eq!(search(&program, &["--until", "2025-12-31"]), [shop]);
    assert_eq!(search(&program, &["--tag", "手艺"]).len(), 2);
    assert!(search(&program, &["--tag", "手"]).is_empty() && search(&program, &["--site", "a.test"]).is_empty());
    assert_eq!(search(&program, &["--site", "127.0.0.1", "-n", "1"]).len(), 1);
    let ran = program.run_to(0, &["search", "--json", "图书馆 \"AND OR"]);
    assert_eq!(ran.summary()["found"], 0);
    let event = &program.run_to(0, &["search", "--json", "装订"]).events_named("found")[0];
    assert!(
        event["snippet"].as_str().unwrap().contains("这座图书馆")
            || event["snippet"].as_str().unwrap().contains("装订")
    );
    program.run_to(0, &["verify"]);
}

#[test]
fn the_index_follows_the_files_and_is_made_anew_from_them() {
    let (server, program) = archived();
    assert_eq!(search(&program, &["第一版"]).len() + search(&program, &["第1版"]).len(), 1);
    program.run_to(0, &["snapshot", "报", "--now", "2026-11-21T00:00:00Z"]);
    assert_eq!((search(&program, &["第1版"]).len(), search(&program, &["第2版"]).len()), (0, 1));
    program.run_to(0, &["remove", server.url("/1").as_str()]);
    assert!(search(&program, &["装订"]).is_empty());
    std::fs::remove_dir_all(program.archive().join(".bindery")).unwrap();
    program.run_to(0, &["reindex"]);
    assert_eq!(search(&program, &["第2版"]).len(), 1);
    std::fs::write(program.archive().join(".bindery/search.sqlite"), "no index at all, and long enough to be one")
        .unwrap();
    assert_eq!(search(&program, &["第2版"]).len(), 1);
}

/// An archive of pages, each with a title, a paragraph of HTML and text that no query matches.
fn library(pages: &[(&str, &str)]) -> Program {
    let program = Program::new();
    for (at, (title, body)) in pages.iter().enumerate() {
        let more = "<p>Nothing else happens below, although it takes a while to say so in every detail.</p>".repeat(3);
        program.write(
            &format!("{at}.html"),
            format!("<meta charset=utf-8><title>{title}</title><article><h1>{title}</h1><p>{body}</p>{more}</article>"),
        );
        let url = format!("https://example.org/{at}");
        program.run_to(0, &["archive", &format!("{at}.html"), "--url", &url, "--no-check"]);
    }
    program
}

#[test]
fn a_word_is_found_however_it_is_spelled() {
    let program = library(&[
        ("Η Αθήνα", "Ο Οδυσσέας πήγε στην Ιθάκη."),
        ("Ёлка", "Ещё вчера лёд стоял."),
        ("Tiếng Việt", "Ông Nguyễn sống ở Đà Nẵng."),
        ("Œuvre", "Straße, ﬁne, Ｏｐｅｎ, Donau&shy;dampf."),
        ("مَكْتَبَة", "ذَهَبَ الطالب إلى البيت الكتـــاب"),
        ("שָׁלוֹם", "עוֹלָם"),
        ("臺灣", "臺灣的圖書館員說：裝訂鋪要搬家了，図書室も。"),
    ]);
    for (title, queries) in [
        ("Η Αθήνα", &["αθηνα", "ΑΘΗΝΑ", "οδυσσεας", "Ιθάκη"][..]),
        ("Ёлка", &["елка", "ёлка", "еще", "лед"]),
        ("Tiếng Việt", &["tieng viet", "nguyen", "\"da nang\"", "Đà Nẵng"]),
        ("Œuvre", &["oeuvre", "strasse", "STRASSE", "fine", "open", "Donaudampf"]),
        ("مَكْتَبَة", &["مكتبة", "ذهب", "الكتاب", "الي"]),
        ("שָׁלוֹם", &["שלום", "עולם"]),
        ("臺灣", &["台湾", "图书馆", "圖書館", "装订铺", "图书室"]),
    ] {
        for query in queries {
            assert_eq!(search(&program, &[query]), [title], "{query}");
        }
    }
}

#[test]
fn words_are_found_in_scripts_without_spaces_and_in_code() {
    let program = library(&[
        ("ไทย", "ห้องสมุดประชาชนเปิดทุกวันจันทร์"),
        ("ລາວ", "ຫໍສະໝຸດແຫ່ງຊາດເປີດທຸກມື້"),
        ("ខ្មែរ", "បណ្ណាល័យជាតិបើករាល់ថ្ងៃ"),
        ("မြန်မာ", "အမျိုးသားစာကြည့်တိုက်ဖွင့်သည်"),
        ("Code", "Set max_file_size, <code>Vec&lt;Ledgerline&gt;</code>, &lt;stdiohead.h&gt; and a|pipeword."),
    ]);
    for (title, queries) in [
        ("ไทย", &["ประชาชน", "วันจันทร์"][..]),
        ("ລາວ", &["ແຫ່ງຊາດ"]),
        ("ខ្មែរ", &["ជាតិ"]),
        ("မြန်မာ", &["စာကြည့်တိုက်"]),
        ("Code", &["max_file_size", "file", "size", "Ledgerline", "Vec<Ledgerline>", "stdiohead", "pipeword"]),
    ] {
        for query in queries {
            assert_eq!(search(&program, &[query]), [title], "{query}");
        }
    }
}

#[test]
fn a_search_says_how_many_it_did_not_show() {
    let pages: Vec<(String, &str)> = (0..5).map(|n| (format!("Regatta {n}"), "A day of rowing.")).collect();
    let program = library(&pages.iter().map(|(title, body)| (title.as_str(), *body)).collect::<Vec<_>>());
    let ran = program.run_to(0, &["search", "regatta", "-n", "3"]);
    assert_eq!((ran.err.as_str(), ran.out.lines().count()), ("3 of 5; -n 0 shows all\n", 9));
    assert_eq!(program.run_to(0, &["search", "regatta"]).err, "5 found\n");
    let summary = program.run_to(0, &["search", "-n", "2", "--json", "regatta"]).summary();
    assert_eq!((&summary["found"], &summary["shown"]), (&5.into(), &2.into()));
}

#[test]
fn words_of_earlier_texts_are_found_with_the_time_of_their_capture() {
    let (server, program) = archived();
    let url = server.url("/2").to_string();
    program.run_to(0, &["archive", &url, "--now", "2026-11-21T00:00:00Z"]);
    let first = "第1版";
    assert!(search(&program, &[first]).is_empty());
    assert_eq!(search(&program, &[first, "--versions"]), ["馆长的一天"]);
    let ran = program.run_to(0, &["search", first, "--versions"]);
    assert!(ran.out.contains("(in the text captured 2026-11-20T00:00:00Z)"), "{}", ran.out);
    // What the newest text has, too, is found there.
    let found = program.run_to(0, &["search", "--json", "目录", "--versions"]).events_named("found");
    assert_eq!((found.len(), &found[0]["earlier"]), (1, &serde_json::Value::Null), "{found:?}");
    assert_eq!(program.run_to(0, &["search", "--json", first, "--versions"]).events_named("found").len(), 1);
    program.run_to(0, &["archive", &url, "--now", "2026-11-22T00:00:00Z"]);
    assert_eq!(search(&program, &["第2版", "--versions"]), ["馆长的一天"], "an earlier text by now");
    program.run_to(0, &["remove", &url]);
    assert!(search(&program, &[first, "--versions"]).is_empty());
}

#[test]
#[cfg(unix)]
fn what_was_found_is_coloured_on_a_terminal_only() {
    let program = library(&[("臺灣", "臺灣的圖書館員說，裝訂鋪要搬家了。")]);
    let bindery = env!("CARGO_BIN_EXE_bindery");
    let on_a_terminal = |colour: &str| {
        let line = format!("env {colour} TERM=xterm {bindery} search 图书馆");
        let mut command = std::process::Command::new("script");
        command.current_dir(program.path("")).args(["-qec", &line, "/dev/null"]).stdin(std::process::Stdio::null());
        command.output().ok().map(|output| String::from_utf8_lossy(&output.stdout).into_owned())
    };
    assert!(!program.run_to(0, &["search", "图书馆"]).out.contains('\u{1b}'));
    let Some(coloured) = on_a_terminal("-u NO_COLOR") else { return skip("script", "it runs a program on a terminal") };
    assert!(coloured.contains("\u{1b}[1;31m圖書館\u{1b}[0m員"), "{coloured:?}");
    assert!(!on_a_terminal("NO_COLOR=1").unwrap().contains('\u{1b}'));
}

fn listed(ran: &Ran) -> Vec<(String, String)> {
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    ran.events_named("changed").iter().map(|event| (text(&event["title"]), text(&event["reason"]))).collect()
}

#[test]
fn what_changed_is_listed_shown_and_can_be_subscribed_to() {
    let (server, program) = archived();
    program.run_to(0, &["snapshot", "--now", "2026-11-21T00:00:00Z"]);
    program.run_to(0, &["archive", server.url("/3").as_str()]);
    let changed = ["list", "--json", "--changed"];
    let since =
        listed(&program.run_to(0, &[&changed[..], &["--since", "2026-11-20T12:00:00Z", "--source", "报"]].concat()));
    assert_eq!(since, [("馆长的一天".to_owned(), "text".to_owned())]);
    let all = listed(&program.run_to(0, &[&changed[..], &["--source", "报"]].concat()));
    assert_eq!(all.len(), 3, "{all:?}");
    assert!(listed(&program.run_to(0, &[&changed[..], &["--source", "别的"]].concat())).is_empty());

    let diff = program.run_to(0, &["diff", "--source", "报", "--since", "2026-11-20T12:00:00Z"]);
    assert!(diff.out.contains("[-1-]{+2+}") || diff.out.contains("[-第1版-]"), "{}", diff.out);

    let feed = program.run_to(0, &["list", "--changed", "--source", "报", "--atom"]).out;
    let again = program.run_to(0, &["list", "--changed", "--source", "报", "--atom"]).out;
    assert_eq!(feed, again);
    assert!(
        feed.starts_with("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<feed xmlns=\"http://www.w3.org/2005/Atom\">")
    );
    assert!(feed.contains("<updated>2026-11-21T00:00:00Z</updated>") && feed.contains("&lt;ins&gt;"), "{feed}");
    assert!(feed.contains("&lt;p&gt;这座图书馆建于"), "a new text is HTML: {feed}");
    assert_eq!(feed.matches("<entry>").count(), 3);
    // Bindery reads its own feed.
    program.write("changes.xml", &feed);
    let ran = program.run_to(0, &["crawl", "--json", "--delay", "0s", "--allow-private", "-a", "other", "changes.xml"]);
    assert_eq!(ran.events_named("article").len(), 3, "each change is an item of its own: {}{}", ran.out, ran.err);
}
