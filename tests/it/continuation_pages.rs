//! Articles on several pages, on the web and in folders of saved pages.
#![cfg(all(feature = "cli", feature = "net", feature = "store"))]

use crate::support::program::Program;
use crate::support::server::{Answer, Asked, Server};

const TEXTS: [&str; 3] = [
    "<p>隧道从山的两头同时开挖，工人们每天只能前进半米，遇到硬石的时候连半米也没有。</p><p>工程师把每一天的进度记在墙上，旁边写着当天用掉的木料和灯油，一共写了三面墙。</p>",
    "<p>第二年春天，山里渗出了地下水，抽水机日夜不停，厨师把饭送到洞口的棚子里。</p><p>勘测员重新量了一遍方向，发现两头的洞口相差不到一掌宽，大家才放下心来。</p>",
    "<p>打通的那天没有放鞭炮，只有一阵风从对面吹过来，把所有的灯都吹灭了。</p><p>后来人们在洞口立了一块石碑，上面没有名字，只刻着三年里每一个月的长度。</p>",
];

fn page(title: &str, text: &str, links: &str) -> String {
    format!(
        "<html lang=zh-CN><title>{title}</title><body><article><h1>{title}</h1>{text}<p class=nav>{links}</p></article></body>"
    )
}

/// A server with an article on three pages.
fn serve(paths: [&'static str; 3], link: fn(&str, usize) -> String) -> Server {
    Server::start(move |asked: &Asked| {
        let Some(at) = paths.iter().position(|path| *path == asked.path) else { return Answer::status(404) };
        let links = paths.get(at + 1).map(|next| link(next, at + 2)).unwrap_or_default();
        Answer::html(page("隧道", TEXTS[at], &links))
    })
}

fn is_whole(text: &str) -> bool {
    ["每天只能前进半米", "抽水机日夜不停", "每一个月的长度"].iter().all(|part| text.contains(part))
}

fn index(program: &Program) -> String {
    let paths = program.files("bindery-archive/articles");
    let texts: Vec<&String> = paths.iter().filter(|path| path.ends_with("index.md")).collect();
    assert_eq!(texts.len(), 1, "{texts:?}");
    program.read(&format!("bindery-archive/articles/{}", texts[0]))
}

/// The URLs of three pages, and the link from one to the next with its number.
type Shape = ([&'static str; 3], fn(&str, usize) -> String);

#[test]
fn pages_are_joined_whatever_their_urls_and_labels() {
    let label = |text: &'static str| text;
    let shapes: [Shape; 5] = [
        (["/q/200.html", "/q/200_2.html", "/q/200_3.html"], |next, _| format!("<a href={next}>下一页</a>")),
        (["/a/7.html", "/a/7_2.html", "/a/7_3.html"], |next, _| format!("<a href={next}>Next</a>")),
        (["/read/paged", "/read/paged2", "/read/paged3"], |next, _| format!("<a href={next}>Next page</a>")),
        (["/s/t", "/s/t-2", "/s/t-3"], |next, number| format!("<a href={next}>{number}</a>")),
        (["/t20240318_1234.html", "/t20240318_1234_1.html", "/t20240318_1234_2.html"], |next, _| {
            format!("<a href={next}>»</a>")
        }),
    ];
    for (paths, link) in shapes {
        for command in [label("archive"), label("crawl")] {
            let (server, program) = (serve(paths, link), Program::new());
            let ran = program.run_to(0, &[command, "--delay", "0s", "--retries", "0", server.url(paths[0]).as_str()]);
            assert!(is_whole(&index(&program)), "{command} {paths:?}: {}", ran.err);
            assert!(!ran.err.contains("pagination"), "{}", ran.err);
        }
    }
}

#[test]
fn a_continuation_page_without_a_link_back_stays_a_part_of_its_article() {
    let (server, program) =
        (serve(["/s/t", "/s/t-2", "/s/t-3"], |next, _| format!("<a href={next}>下一页</a>")), Program::new());
    program.run_to(0, &["archive", server.url("/s/t").as_str()]);
    let ran = program.run_to(0, &["archive", server.url("/s/t-2").as_str(), server.url("/s/t-3").as_str()]);
    assert!(ran.err.contains("0 new, 0 updated, 2 unchanged"), "{}", ran.err);
    assert!(is_whole(&index(&program)));
    program.run_to(0, &["reindex"]);
    program.run_to(0, &["archive", server.url("/s/t-3").as_str()]);
    assert!(is_whole(&index(&program)), "a new index knows it, too");
}

#[test]
fn the_next_article_is_not_a_continuation_page() {
    let server = Server::start(|asked: &Asked| {
        let number = asked.path.strip_prefix("/post").and_then(|number| number.parse::<usize>().ok());
        let Some(number) = number.filter(|number| (7..10).contains(number)) else { return Answer::status(404) };
        let links = format!("<a href=/post{}>Previous</a> <a href=/post{}>Next</a>", number - 1, number + 1);
        Answer::html(page(["渡船", "隧道", "灯塔"][number - 7], TEXTS[number - 7], &links))
    });
    let program = Program::new();
    for number in 7..10 {
        let ran = program.run_to(0, &["archive", server.url(&format!("/post{number}")).as_str()]);
        assert!(
            ran.out.starts_with("new") && !ran.err.contains("pages-missing") && !ran.err.contains("pagination"),
            "{}{}",
            ran.out,
            ran.err
        );
    }
}

#[test]
fn saved_pages_that_lie_together_become_one_text() {
    let program = Program::new();
    let names = ["200.html", "200_2.html", "200_3.html"];
    for (at, name) in names.iter().enumerate() {
        let links = names.get(at + 1).map(|next| format!("<a href={next}>下一页</a>")).unwrap_or_default();
        program.write(&format!("saved/{name}"), page("隧道", TEXTS[at], &links));
    }
    let ran = program.run_to(0, &["convert", "saved", "--output", "posts"]);
    assert_eq!(program.files("posts"), ["200.md"], "{}", ran.err);
    assert!(is_whole(&program.read("posts/200.md")) && ran.err.contains("2 × continuation page"), "{}", ran.err);
    program.run_to(0, &["convert", "saved", "--archive", "bindery-archive"]);
    assert!(is_whole(&index(&program)));
    program.run_to(0, &["verify"]);
    program.run_to(0, &["archive", "saved/200_3.html"]);
    assert!(is_whole(&index(&program)), "the page that was named continues the same article");
    program.write("cut/a.html", page("隧道", TEXTS[0], "<a href=a_2.html>下一页</a>"));
    let cut = program.run(&["archive", "--strict", "cut/a.html"]);
    assert!(cut.code == 3 && cut.err.contains("pagination"), "{}", cut.err);
}
