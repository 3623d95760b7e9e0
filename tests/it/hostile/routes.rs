//! The routes of the hostile site: one misbehaviour each, and what must come of it.

use std::io::Write;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;

use crate::support::server::Answer;

/// What must become of a page.
#[derive(Debug, Clone, Copy)]
pub enum Must {
    /// It fails, with one of these kinds.
    Fail(&'static [&'static str]),
    /// It is kept, and its text holds this.
    Hold(&'static str),
    /// It is kept or has no article, as long as it ends.
    End,
}

/// A misbehaviour.
pub struct Route {
    pub path: String,
    pub must: Must,
    pub answer: Box<dyn Fn(u16) -> Answer + Send + Sync>,
}

/// A sentence that every page with an article holds.
pub const SENTENCE: &str = "渡口的老船工每天清早都要把缆绳重新系一遍";

/// The insides of an honest article.
pub fn article() -> String {
    let mut text = format!("<p>{SENTENCE}，他说水位一夜之间能涨半尺，绳子短了船就会歪。</p>");
    for year in 1961..1967 {
        text += &format!(
            "<p>{year}年修桥的时候，两岸来了三百多人，桥墩打了四个月，木料从上游一根一根放下来，没有一根走丢。</p>"
        );
    }
    text
}

/// A page around an article; `title` as it stands in the source.
pub fn page(title: &str, body: &str) -> String {
    format!(
        "<html lang=zh-CN><head><title>{title}</title></head><body><article><h1>{title}</h1>{body}</article></body></html>"
    )
}

fn honest() -> String {
    page("渡口", &article())
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// 64 MiB of one letter, by brotli.
const BROTLI_BOMB: &str =
    "cfffff7ff825c2e2b14020f7fe9ffffffff04b00c4610180eefd3fffffffe1970088c32200ddfb7ffeffffc32f0110870500baf7ff03";

fn unhex(text: &str) -> Vec<u8> {
    (0..text.len() / 2).map(|at| u8::from_str_radix(&text[at * 2..at * 2 + 2], 16).unwrap()).collect()
}

/// A zstd frame of `blocks` blocks, each 128 KiB of one letter in four bytes.
fn zstd_bomb(blocks: usize) -> Vec<u8> {
    let mut frame = vec![0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x58];
    for block in 1..=blocks {
        let header = u32::from(block == blocks) | 1 << 1 | (128 << 10) << 3;
        frame.extend(&header.to_le_bytes()[..3]);
        frame.push(b'a');
    }
    frame
}

type Maker = Box<dyn Fn(u16) -> Answer + Send + Sync>;

fn route(path: &str, must: Must, answer: impl Fn(u16) -> Answer + Send + Sync + 'static) -> Route {
    Route { path: path.to_owned(), must, answer: Box::new(answer) as Maker }
}

/// A page that is made beforehand: a large one takes this server longer than the client waits.
fn html(path: &str, must: Must, text: impl Fn() -> String) -> Route {
    let text = text();
    route(path, must, move |_| Answer::html(text.clone()))
}

/// The images of the pages, none of which is what it seems.
pub fn image(path: &str) -> Answer {
    match path {
        "/two-gigabytes.gif" => Answer::bytes("image/gif", "").endless(vec![b'G'; 1 << 20]),
        "/a-page.png" => Answer::bytes("image/png", honest()),
        "/a-script.gif" => Answer::bytes("text/html", b"GIF89a\x2f\x2a\0\0\0*/=1;<script>x()</script>".as_slice()),
        "/a-script.svg" => Answer::bytes(
            "image/svg+xml",
            "<svg xmlns='http://www.w3.org/2000/svg' onload='x()'><script>x()</script></svg>",
        ),
        "/a-file.png" => Answer::redirect(302, "file:///etc/passwd"),
        "/a-router.png" => Answer::redirect(302, "http://169.254.169.254/latest/meta-data/"),
        "/a-loop.png" => Answer::redirect(302, "/a-loop.png"),
        "/cut.png" => Answer::bytes("image/png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".repeat(100)).cut(200),
        _ => Answer::status(404),
    }
}

/// Every route. The closures get the port of another server that nobody named.
pub fn routes() -> Vec<Route> {
    let mut all = Vec::new();
    all.extend(slow_and_cut());
    all.extend(bombs());
    all.extend(redirects());
    all.extend(headers());
    all.extend(lies());
    all.extend(shapes());
    all.extend(titles());
    all.extend(inert());
    all
}

fn slow_and_cut() -> Vec<Route> {
    const TIMEOUT: Must = Must::Fail(&["timeout"]);
    const TRUNCATED: Must = Must::Fail(&["truncated"]);
    vec![
        route("/slow-header", TIMEOUT, |_| Answer::html(honest()).delay(Duration::from_secs(60))),
        route("/no-answer", TIMEOUT, |_| Answer::html(honest()).stall()),
        route("/one-byte-at-a-time", TIMEOUT, |_| Answer::html(honest()).drip(Duration::from_millis(400))),
        route("/falls-silent", TIMEOUT, |_| Answer::html(honest()).cut(200).stall()),
        route("/endless", Must::Fail(&["too-large"]), |_| Answer::html("").endless("<p>没完没了</p>".repeat(4000))),
        // What came of it is kept, with a warning.
        route("/too-short-for-its-length", Must::End, |_| Answer::html(honest()).cut(300)),
        route("/cut-chunk", TRUNCATED, |_| Answer::html(honest()).chunked(100).cut(300)),
        route("/longer-than-its-length", Must::Hold(SENTENCE), |_| {
            let page = honest();
            let head = format!(
                "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
                page.len()
            );
            Answer::raw(format!("{head}{page}<p>多出来的一段</p>"))
        }),
        route("/length-of-another-kind", Must::Fail(&["protocol", "connect"]), |_| {
            Answer::raw("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n<p>x")
        }),
        route("/two-lengths", Must::Fail(&["protocol", "connect"]), |_| {
            Answer::raw("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 9\r\n\r\n<p>xyzzy")
        }),
        route("/cut-gzip", TRUNCATED, |_| {
            let body = gzip(honest().as_bytes());
            Answer::html(&body[..body.len() / 2]).header("Content-Encoding", "gzip")
        }),
    ]
}

fn bombs() -> Vec<Route> {
    const TOO_LARGE: Must = Must::Fail(&["too-large"]);
    vec![
        route("/gzip-bomb", TOO_LARGE, |_| {
            Answer::html(gzip(&vec![b' '; 64 << 20])).header("Content-Encoding", "gzip")
        }),
        route("/nested-bomb", TOO_LARGE, |_| {
            Answer::html(gzip(&gzip(&vec![b' '; 64 << 20]))).header("Content-Encoding", "gzip, gzip")
        }),
        route("/brotli-bomb", TOO_LARGE, |_| Answer::html(unhex(BROTLI_BOMB)).header("Content-Encoding", "br")),
        route("/zstd-bomb", TOO_LARGE, |_| Answer::html(zstd_bomb(4096)).header("Content-Encoding", "zstd")),
        route("/forty-codings", Must::Fail(&["coding"]), |_| {
            Answer::html(honest()).header("Content-Encoding", vec!["gzip"; 40].join(", "))
        }),
        route("/large-by-its-length", TOO_LARGE, |_| {
            Answer::raw("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 9000000000\r\n\r\n<p>x")
        }),
        html("/fifty-megabytes", TOO_LARGE, || "<p>长</p>".repeat(50_000_000 / 10)),
        html("/image-of-two-gigabytes", Must::Hold(SENTENCE), || {
            page("渡口", &format!("{}<p><img src=/two-gigabytes.gif></p>", article()))
        }),
    ]
}

fn redirects() -> Vec<Route> {
    let to = |path: &str, kinds: &'static [&'static str], target: &'static str| {
        route(path, Must::Fail(kinds), move |_| Answer::redirect(302, target))
    };
    vec![
        to("/loop", &["redirect-loop"], "/loop"),
        to("/to-file", &["scheme"], "file:///etc/passwd"),
        to("/to-script", &["scheme"], "javascript:alert(1)"),
        to("/to-data", &["scheme"], "data:text/html,<p>x"),
        to("/to-metadata", &["private-address"], "http://169.254.169.254/latest/meta-data/"),
        to("/to-a-router", &["private-address"], "http://192.168.1.1/"),
        to("/to-mapped-loopback", &["private-address"], "http://[::ffff:127.0.0.1]/"),
        to("/to-a-number", &["private-address"], "http://2130706433/"),
        to("/to-octal", &["private-address"], "http://0177.0.0.1/"),
        to("/to-localhost", &["private-address", "refused"], "http://localhost:1/"),
        route("/to-another-port", Must::Fail(&["private-address"]), |other| {
            Answer::redirect(302, format!("http://127.0.0.1:{other}/secret"))
        }),
        route("/ever-further", Must::Fail(&["redirects"]), {
            let further = AtomicUsize::new(0);
            move |_| Answer::redirect(302, format!("/ever-further?{}", further.fetch_add(1, Ordering::SeqCst)))
        }),
        route("/refresh-to-file", Must::End, |_| {
            Answer::html("<meta http-equiv=refresh content='0; url=file:///etc/passwd'><p>x")
        }),
    ]
}

fn headers() -> Vec<Route> {
    const PROTOCOL: Must = Must::Fail(&["protocol", "connect", "too-large"]);
    vec![
        route("/header-of-a-megabyte", PROTOCOL, |_| Answer::html(honest()).header("X-Long", "a".repeat(1 << 20))),
        route("/ten-thousand-cookies", PROTOCOL, |_| {
            (0..10_000).fold(Answer::html(honest()), |answer, n| answer.header("Set-Cookie", format!("k{n}=v")))
        }),
        route("/a-cookie-of-60-kilobytes", Must::Hold(SENTENCE), |_| {
            Answer::html(honest()).header("Set-Cookie", format!("k={}", "v".repeat(60_000)))
        }),
        route("/no-http", Must::Fail(&["protocol"]), |_| Answer::raw("SSH-2.0-OpenSSH_9.2\r\n")),
        route("/nothing", Must::Fail(&["protocol", "connect", "truncated"]), |_| Answer::raw("")),
        route("/bytes-in-header", Must::Hold(SENTENCE), |_| Answer::html(honest()).header("X-Odd", b"\xff\xfe\x80")),
        route("/no-content", Must::Fail(&["empty", "status"]), |_| Answer::status(204)),
        route("/teapot", Must::Fail(&["status"]), |_| Answer::status(418)),
        route("/status-999", Must::Fail(&["status", "protocol"]), |_| Answer::status(999).body("x")),
    ]
}

fn lies() -> Vec<Route> {
    let gbk = || encoding_rs::GBK.encode(&honest()).0.into_owned();
    vec![
        route("/utf8-called-gbk", Must::Hold(SENTENCE), |_| Answer::bytes("text/html; charset=gbk", honest())),
        route("/gbk-called-utf8", Must::Hold(SENTENCE), move |_| Answer::html(gbk())),
        route("/no-such-charset", Must::Hold(SENTENCE), |_| Answer::bytes("text/html; charset=x-none", honest())),
        route("/called-a-image", Must::End, |_| Answer::bytes("image/png", honest())),
        route("/a-image-called-a-page", Must::Fail(&["not-a-page"]), |_| {
            Answer::html(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0".as_slice())
        }),
        route("/a-program-called-a-page", Must::Fail(&["not-a-page", "no-article"]), |_| {
            Answer::html([b"\x7fELF\x02\x01\x01\0".as_slice(), &[0; 4096]].concat())
        }),
        route("/nul-bytes", Must::Hold(SENTENCE), |_| Answer::html(honest().replace("<p>", "<p>\0"))),
    ]
}

fn shapes() -> Vec<Route> {
    vec![
        html("/nested", Must::End, || page("深", &format!("{}{}", "<div>".repeat(100_000), article()))),
        html("/nested-inline", Must::End, || page("深", &format!("{}{}", "<b><i>".repeat(50_000), article()))),
        html("/nested-tables", Must::End, || page("表", &format!("{}{}", "<table><tr><td>".repeat(5_000), article()))),
        html("/nested-lists", Must::End, || page("表", &format!("{}{}", "<ul><li>".repeat(20_000), article()))),
        html("/attributes", Must::Hold(SENTENCE), || {
            let attributes: String = (0..1_000_000).map(|n| format!(" a{n}")).collect();
            page("属性", &format!("<div{attributes}>{}</div>", article()))
        }),
        html("/a-long-attribute", Must::Hold(SENTENCE), || {
            page("属性", &format!("<div class='{}'>{}</div>", "名 ".repeat(500_000), article()))
        }),
        html("/links", Must::End, || page("链接", &"<a href=/x>一个链接</a> ".repeat(50_000))),
        html("/unclosed", Must::End, || page("开", &format!("{}{}", "<p><a href=x><b>".repeat(20_000), article()))),
        html("/entities", Must::End, || page("实体", &format!("<p>{}</p>{}", "&amp;".repeat(500_000), article()))),
        html("/frameset", Must::End, || "<html><frameset><frame src=/a><frame src=/b></frameset></html>".to_owned()),
        html("/only-script", Must::Fail(&["no-article"]), || "<script>x()</script>".repeat(1000)),
        html("/srcset", Must::Hold(SENTENCE), || {
            let many: String = (1..20_000).map(|n| format!("/i{n}.gif {n}w, ")).collect();
            page("图", &format!("{}<img src=/none.gif srcset='{many}'>", article()))
        }),
        html("/json-ld", Must::Hold(SENTENCE), || {
            let deep = format!("{}1{}", "[".repeat(200_000), "]".repeat(200_000));
            page("数据", &format!("<script type=application/ld+json>{deep}</script>{}", article()))
        }),
    ]
}

fn titles() -> Vec<Route> {
    [
        ("passwd", "../../etc/passwd"),
        ("backslashes", "..\\..\\windows\\system32"),
        ("con", "CON"),
        ("device", "nul.txt"),
        ("long", &"长".repeat(4000)),
        ("override", "\u{202e}gnp.elif\u{2066}"),
        ("yaml", "x\n---\ninjected: true\n---\n"),
        ("yaml-escape", "&quot;\\&quot;: [&amp;a, *a] #"),
        ("escape", "&#27;[31m红\u{9b}2J&#7;"),
        ("nul", "一&#0;二"),
        ("template", "{{ 7 * 7 }}{% raw %}"),
        ("markup", "&lt;script&gt;alert(1)&lt;/script&gt;"),
        ("percent", "%2e%2e%2f%00"),
        ("dots", "...."),
        ("joiners", "\u{200b}\u{200d}\u{feff}"),
    ]
    .into_iter()
    .map(|(name, title)| {
        let text = page(title, &article());
        html(&format!("/title-{name}"), Must::Hold(SENTENCE), || text.clone())
    })
    .chain([
        html(&format!("/{}", "深".repeat(1_100)), Must::Hold(SENTENCE), honest),
        html("/..%2f..%2fetc%2fpasswd", Must::Hold(SENTENCE), honest),
        html("/a/%00/con/", Must::Hold(SENTENCE), honest),
    ])
    .collect()
}

fn inert() -> Vec<Route> {
    let in_text = |path: &str, source: &str| {
        html(path, Must::Hold(SENTENCE), move || page("渡口", &format!("{}{source}{}", article(), article())))
    };
    vec![
        in_text(
            "/script-link",
            "<p>看<a href='javascript:alert(1)'>这里</a>和<a href=' JAVA&#10;SCRIPT:x'>那里</a></p>",
        ),
        in_text(
            "/other-schemes",
            "<p><a href='vbscript:x'>一</a><a href='data:text/html,<script>x</script>'>二</a></p>",
        ),
        in_text("/handlers", "<p onclick='x()'>点<img src=/x.gif onerror='x()' alt='坏图'></p>"),
        in_text(
            "/frames",
            "<p>前</p><iframe src='https://evil.example/'></iframe><object data='https://evil.example/x'></object>",
        ),
        in_text("/svg", "<svg onload='x()'><script>x()</script><text>字</text></svg>"),
        in_text(
            "/in-code",
            "<pre><code>x = 1</code></pre><table><tr><td colspan=2 onclick='x()'>格<script>x()</script></td></tr></table>",
        ),
        in_text(
            "/in-title",
            "<p><a href=/ok title='\"><script>x()</script>'>好</a><img src=/x.gif alt='](javascript:x)'></p>",
        ),
        in_text(
            "/in-math",
            "<math><mtext><img src=x onerror=x()></mtext></math><details ontoggle=x()><summary>题</summary>文</details>",
        ),
        in_text(
            "/images",
            "<p><img src=/a-page.png><img src=/a-script.gif><img src=/a-script.svg><img src=/a-file.png>\
             <img src=/a-router.png><img src=/a-loop.png><img src=/cut.png><img src='data:text/html,<script>x</script>'>\
             <img src='http://127.0.0.1:1/x.png'><img src='file:///etc/passwd'></p>",
        ),
        in_text(
            "/odd-URLs",
            "<p><a href='http://user:secret@www.example/'>一</a><a href='https://аррӏе.example/'>二</a>\
             <a href='http://[::1]:1/#\u{202e}'>三</a><a href='http://a.example:99999/'>四</a><a href='ms-msdt:/id'>五</a>\
             <a href='//evil.example\\@good.example'>六</a><a href='http:evil'>七</a><a href='&#1;javascript:x'>八</a></p>",
        ),
        in_text(
            "/mutation",
            "<noscript><p title='</noscript><img src=x onerror=x()>'></noscript><style><!--</style><img src=x onerror=x()>",
        ),
    ]
}
