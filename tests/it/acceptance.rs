//! What answers in an article's place never displaces it, and noise on a page is no new version.
#![cfg(all(feature = "cli", feature = "net"))]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::Value;

use crate::support::program::{Program, Ran};
use crate::support::server::{Answer, Asked, Server};

const TEXT: [&str; 6] = [
    "The lock at Eastlow was drained on Monday, and for two weeks the boats will wait above the weir.",
    "Its gates are of oak and older than anyone in the village, said the keeper, who has oiled them for thirty years.",
    "Nobody had seen the sill since the spring of 1956, when a barge laden with slate went down on it.",
    "What the masons found under the mud was a row of marks, each cut by another hand, and a shoe.",
    "The council has promised to put the marks under glass; the shoe goes to the museum in the old mill.",
    "When the water returns the keeper means to be the first who passes, in the boat that his father built.",
];

fn paragraphs(texts: &[&str]) -> String {
    texts.iter().map(|text| format!("<p>{text}</p>")).collect()
}

fn page(title: &str, body: &str) -> String {
    format!(
        "<!DOCTYPE html><html lang=en><head><meta charset=utf-8><title>{title}</title></head><body><main><article>\
         <h1>{title}</h1>{body}</article></main></body></html>"
    )
}

fn article(body: &str) -> String {
    page("The lock at Eastlow", &format!("{}{body}", paragraphs(&TEXT)))
}

/// A site whose `/a` answers with another form at each visit; the last form stays.
fn site(forms: Vec<Answer>) -> Server {
    let visits = Arc::new(AtomicUsize::new(0));
    Server::start(move |asked: &Asked| match asked.path.as_str() {
        "/a" => forms[visits.fetch_add(1, Ordering::SeqCst).min(forms.len() - 1)].clone(),
        "/" => Answer::html(page("Eastlow Courier", &paragraphs(&["News of the lock", "Letters", "Tides"]).repeat(9))),
        _ => Answer::status(404),
    })
}

fn visit(program: &Program, day: u8, arguments: &[&str]) -> Ran {
    let now = format!("2026-11-{day:02}T08:00:00Z");
    program.run(&[&["archive", "--retries", "0", "--now", &now], arguments].concat())
}

fn record(program: &Program, url: &str) -> Value {
    serde_json::from_str(&program.run_to(0, &["show", "--record", url]).out).unwrap()
}

fn snapshots(record: &Value) -> &Vec<Value> {
    record["snapshots"].as_array().unwrap()
}

/// Visits a page twice, and asserts that the first text stays and the second is set aside for a reason of this kind.
fn stays(kind: &str, title: &str, body: &str) {
    let server = site(vec![Answer::html(article("")), Answer::html(page(title, body))]);
    let program = Program::new();
    let url = server.url("/a").to_string();
    assert_eq!(visit(&program, 1, &[&url]).code, 0);
    let text = program.run_to(0, &["show", &url]).out;
    let ran = visit(&program, 2, &[&url]);
    assert!(ran.err.contains(&format!("{url}: set aside ({kind})")), "{kind}: {title}: {}", ran.err);
    assert_eq!(program.run_to(0, &["show", &url]).out, text, "{title}");
    let all = program.run_to(0, &["show", "--all", &url]).out;
    assert!(all.contains(&format!("(set aside: {kind}: ")) && all.starts_with("==> articles/"), "{title}: {all}");
    let kept = record(&program, &url);
    assert_eq!(
        (&kept["title"], &snapshots(&kept)[1]["set_aside"]["kind"]),
        (&"The lock at Eastlow".into(), &kind.into())
    );
    let again = visit(&program, 3, &["--json", "--strict", &url]);
    let event = again.article();
    assert_eq!((again.code, &event["outcome"]), (3, &"unchanged".into()), "{event}");
    assert!(event["set_aside"].as_str().unwrap().starts_with(kind), "{event}");
    let kept = record(&program, &url);
    assert_eq!((snapshots(&kept).len(), &snapshots(&kept)[1]["unchanged"]["count"]), (2, &1.into()), "stored once");
    program.run_to(0, &["reindex"]);
    assert!(program.run_to(0, &["search", "oiled"]).out.contains("The lock at Eastlow"));
    program.run_to(0, &["verify"]);
}

#[test]
fn a_wall_does_not_displace_an_article() {
    for (kind, title, body) in [
        (
            "consent-wall",
            "Ihre Privatsphäre",
            "<p>Wir und unsere 713 Partner speichern Informationen auf einem Gerät, um Ihnen personalisierte Werbung zu zeigen.</p><p>Alle akzeptieren. Alle ablehnen.</p>",
        ),
        ("login", "登录", "<p>您需要登录后才能查看此页面。如果您还没有账号，请先注册，注册只需要一分钟。</p>"),
        (
            "maintenance",
            "Eastlow Courier",
            "<p>Our site is down for maintenance tonight, and we will be back in the morning.</p>",
        ),
        ("removed", "提示", "<p>抱歉，該文章已被作者刪除，您可以返回首頁瀏覽其他內容，或者稍後再試。</p>"),
        (
            "parked",
            "eastlow.example",
            "<p>Ce domaine est à vendre. Vous pouvez acheter ce domaine dès maintenant auprès de notre service.</p>",
        ),
        (
            "region",
            "Aviso",
            "<p>Este contenido no está disponible en su país por motivos legales. Disculpe las molestias.</p>",
        ),
        (
            "error-page",
            "Страница не найдена",
            "<p>Страница, которую вы ищете, была перемещена или удалена. Проверьте адрес и попробуйте ещё раз.</p>",
        ),
    ] {
        stays(kind, title, body);
    }
}

#[test]
fn a_correction_that_halves_a_text_is_accepted() {
    let short =
        format!("<p>Correction: figures that could not be confirmed are taken out.</p>{}", paragraphs(&TEXT[..3]));
    let server = site(vec![Answer::html(article("")), Answer::html(page("The lock at Eastlow", &short))]);
    let program = Program::new();
    let url = server.url("/a").to_string();
    visit(&program, 1, &[&url]);
    assert_eq!(visit(&program, 2, &["--json", &url]).article()["outcome"], "updated");
    let text = program.run_to(0, &["show", &url]).out;
    assert!(text.contains("could not be confirmed") && !text.contains("museum"), "{text}");
}

#[test]
fn a_consent_bar_around_a_whole_article_sets_nothing_aside() {
    let bar = "<div class=bar><p>We value your privacy. We and our partners store and access information on a device.</p>\
               <button>Accept all</button><button>Reject all</button></div>";
    let changed = article(&format!("<p>An earlier version misnamed the keeper.</p>{bar}"));
    let server = site(vec![Answer::html(article("")), Answer::html(changed)]);
    let program = Program::new();
    let url = server.url("/a").to_string();
    visit(&program, 1, &[&url]);
    assert_eq!(visit(&program, 2, &["--json", &url]).article()["outcome"], "updated");
    assert!(program.run_to(0, &["show", &url]).out.contains("misnamed the keeper"));
}

#[test]
fn a_wall_that_came_first_is_replaced_by_the_first_good_text() {
    let wall = page(
        "Just a moment",
        "<p>We need to be sure that you are no program. Complete the security check to go on to the site, and verify you are human.</p>\
        <p>This takes a few seconds and is asked of every visitor to our site since last week.</p>",
    );
    let server = site(vec![Answer::html(wall.clone()), Answer::html(article("")), Answer::html(wall)]);
    let program = Program::new();
    let url = server.url("/a").to_string();
    let first = visit(&program, 1, &["--json", &url]).article();
    assert_eq!(first["outcome"], "new", "{first}");
    assert!(first["warnings"].to_string().contains("bot-check"), "{first}");
    assert_eq!(visit(&program, 2, &["--json", &url]).article()["outcome"], "updated");
    // The third visit finds the first text again, which was accepted when nothing better was there.
    visit(&program, 3, &[&url]);
    assert!(program.run_to(0, &["show", &url]).out.contains("museum"), "the good text stays");
    program.run_to(0, &["verify"]);
}

#[test]
fn a_page_that_ends_in_the_middle_is_set_aside() {
    let whole = article("");
    let cut = whole[..whole.len() / 2].to_owned();
    let server = site(vec![Answer::html(whole), Answer::html(cut).until_close()]);
    let program = Program::new();
    let url = server.url("/a").to_string();
    visit(&program, 1, &[&url]);
    let ran = visit(&program, 2, &[&url]);
    assert!(ran.err.contains("set aside (truncated)"), "{}", ran.err);
    assert!(program.run_to(0, &["show", &url]).out.contains("his father built"));
}

#[test]
fn a_redirect_to_the_home_page_is_an_absence() {
    let server = site(vec![Answer::html(article("")), Answer::redirect(302, "/")]);
    let program = Program::new();
    let url = server.url("/a").to_string();
    visit(&program, 1, &[&url]);
    let ran = visit(&program, 2, &[&url]);
    assert_eq!(ran.code, 3);
    assert!(ran.err.contains("leads to the home page") && ran.err.contains("stays in articles/"), "{}", ran.err);
    let absence = record(&program, &url)["absences"][0].clone();
    assert_eq!((&absence["status"], &absence["reason"]), (&302.into(), &"home-page".into()));
    assert_eq!(program.run_to(0, &["list"]).out.lines().count(), 1);
    program.run_to(0, &["verify"]);
}

#[test]
fn a_page_that_goes_back_to_an_earlier_text_adds_no_file() {
    let other = article("<p>The keeper has asked for a new boat.</p>");
    let forms = [article(""), other.clone(), article(""), other, article("")];
    let server = site(forms.into_iter().map(Answer::html).collect());
    let program = Program::new();
    let url = server.url("/a").to_string();
    let outcomes: Vec<Value> =
        (1..6).map(|day| visit(&program, day, &["--json", &url]).article()["outcome"].clone()).collect();
    assert_eq!(outcomes, ["new", "updated", "unchanged", "unchanged", "unchanged"]);
    let kept = record(&program, &url);
    assert_eq!((snapshots(&kept).len(), &kept["current"]), (2, &snapshots(&kept)[0]["file"]));
    assert!(!program.run_to(0, &["show", &url]).out.contains("a new boat"), "index.md is what the page shows now");
    program.run_to(0, &["verify"]);
    for (time, has_boat) in [("2026-11-01", false), ("2026-11-02", true), ("2026-11-05", false)] {
        let text = program.run_to(0, &["show", "--as-of", time, &url]).out;
        assert_eq!(text.contains("a new boat"), has_boat, "{time}");
    }
    assert!(
        program.run_to(2, &["show", "--as-of", "2026-10-31", &url]).err.contains("its first text is of 2026-11-01")
    );
}

#[test]
fn what_changes_at_each_visit_is_no_new_version() {
    type Form = fn(usize) -> String;
    let forms: [(&str, Form); 6] = [
        ("a counter", |n| article(&format!("<p>{} views · {n} comments</p>", 1000 + n))),
        ("a counter in Chinese", |n| article(&format!("<p>阅读 {n}　点赞 {}</p>", n * 2))),
        ("an age", |n| article(&format!("<p>Updated {n} hours ago</p>"))),
        ("a token", |n| article(&format!("<p>Read the <a href='/r.pdf?token=f0{n}a&expires=17{n}'>report</a>.</p>"))),
        ("a quote", |n| article(&format!("<div class=quote-of-the-day><p>Water finds gap number {n}.</p></div>"))),
        ("messages", |n| article("").replace("<title>", &format!("<title>({n}) "))),
    ];
    for (what, form) in forms {
        let server = site((1..4).map(|n| Answer::html(form(n))).collect());
        let program = Program::new();
        let url = server.url("/a").to_string();
        let outcomes: Vec<Value> =
            (1..4).map(|day| visit(&program, day, &["--json", &url]).article()["outcome"].clone()).collect();
        assert_eq!(outcomes, ["new", "unchanged", "unchanged"], "{what}");
    }
}

#[test]
fn an_ignored_line_is_not_compared_and_a_pattern_for_every_line_is_refused() {
    let weather = |sky: &str| Answer::html(article(&format!("<p>Weather at the lock: {sky}</p>")));
    let server = site(vec![weather("fine"), weather("rain"), weather("fog")]);
    let program = Program::new();
    let url = server.url("/a").to_string();
    visit(&program, 1, &["--ignore", "^Weather", &url]);
    let event = visit(&program, 2, &["--json", "--ignore", "^Weather", &url]).article();
    assert_eq!(event["outcome"], "unchanged");
    let refused = visit(&program, 3, &["--ignore", ".*", &url]);
    assert!(refused.code == 2 && refused.err.contains("`.*` matches every line"), "{}", refused.err);
}

#[test]
fn other_patterns_of_ignored_lines_make_no_version() {
    let page = |sky: &str| Answer::html(article(&format!("<p>Weather at the lock: {sky}</p>")));
    let server = site(vec![page("fine"), page("rain"), page("rain"), page("rain"), page("fog")]);
    let program = Program::new();
    let url = server.url("/a").to_string();
    let outcome =
        |day: u8, more: &[&str]| visit(&program, day, &[more, &["--json", &url]].concat()).article()["outcome"].clone();
    assert_eq!(outcome(1, &[]), "new");
    assert_eq!(outcome(2, &["--ignore", "^Weather"]), "unchanged", "the pattern is new, and the line alone differs");
    assert_eq!(outcome(3, &["--ignore", "^Weather at"]), "unchanged");
    assert_eq!(outcome(4, &[]), "updated", "without a pattern the line counts");
    assert_eq!(outcome(5, &["--ignore", "^Weather"]), "unchanged");
    program.run_to(0, &["verify"]);
}

#[test]
fn the_same_image_at_another_url_is_no_change_and_an_image_corrected_in_place_is_seen_on_request() {
    let shade = Arc::new(AtomicUsize::new(1));
    let server = Server::start({
        let (shade, visits) = (shade.clone(), AtomicUsize::new(0));
        move |asked: &Asked| match asked.path.split('?').next().unwrap() {
            "/a" => {
                let n = visits.fetch_add(1, Ordering::SeqCst);
                Answer::html(article(&format!("<p><img src='/lock.gif?v={}' alt='The lock'></p>", n.min(1))))
            }
            "/lock.gif" => image(u8::try_from(shade.load(Ordering::SeqCst)).unwrap()),
            _ => Answer::status(404),
        }
    });
    let program = Program::new();
    let url = server.url("/a").to_string();
    let outcome =
        |day: u8, more: &[&str]| visit(&program, day, &[&["--json", &url], more].concat()).article()["outcome"].clone();
    assert_eq!(outcome(1, &[]), "new");
    assert_eq!(outcome(2, &[]), "unchanged");
    shade.store(9, Ordering::SeqCst);
    assert_eq!(outcome(4, &["--check-images"]), "updated");
    assert_eq!(outcome(5, &["--check-images"]), "unchanged");
    let kept = record(&program, &url);
    assert_ne!(snapshots(&kept)[0]["images"][0]["path"], snapshots(&kept)[1]["images"][0]["path"]);
    program.run_to(0, &["verify"]);
}

fn image(shade: u8) -> Answer {
    let mut gif = b"GIF89a\x0a\0\x0a\0\x80\0\0".to_vec();
    gif.extend([shade, shade, shade, 255, 255, 255]);
    gif.extend(b"!\xf9\x04\x01\0\0\0\0,\0\0\0\0\x0a\0\x0a\0\0\x02\x08\x84\x8f\xa9\xcb\xed\x0f\x63\x2b\0;");
    Answer::bytes("image/gif", gif)
}

#[test]
fn diff_shows_title_authors_and_dates() {
    let other = article("").replace("The lock at Eastlow", "The lock at Eastlow stays closed");
    let server = site(vec![Answer::html(article("")), Answer::html(other)]);
    let program = Program::new();
    let url = server.url("/a").to_string();
    visit(&program, 1, &[&url]);
    visit(&program, 2, &[&url]);
    let shown = program.run_to(0, &["diff", &url]).out;
    assert!(shown.contains("title: The lock at Eastlow{+ stays closed+}"), "{shown}");
}
