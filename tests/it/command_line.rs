//! The habits of a command line: places, lists, quiet runs, answers to wrong usage.
#![cfg(all(feature = "cli", feature = "net"))]

use bindery::model::Digest;

use crate::support::program::Program;
use crate::support::server::{Answer, Server};

const PAGE: &str = include_str!("../../examples/news.html");

fn site() -> Server {
    Server::start(|asked| match asked.path.as_str() {
        "/robots.txt" => Answer::bytes("text/plain", "User-agent: *\nDisallow: /closed/\n"),
        "/links" => Answer::html("<title>Links</title><p><a href=/a>one</a> <a href=/b>two</a> <a href=/c>three</a>"),
        path => Answer::html(article(path)),
    })
}

/// A page with text of its own.
fn article(title: &str) -> String {
    let text =
        format!("<p>{title} stands in this sentence, which goes on for long enough to be an article.</p>").repeat(4);
    format!("<title>{title}</title><article><h1>{title}</h1>{text}</article>")
}

/// A page with text of its own, as a file.
fn page(program: &Program, name: &str, title: &str) -> String {
    program.write(name, article(title));
    name.to_owned()
}

#[test]
fn a_command_inside_an_archive_finds_that_archive() {
    let program = Program::new();
    page(&program, "a.html", "Alpha");
    program.run_to(0, &["archive", "a.html", "-a", "kept"]);
    for below in ["kept", "kept/articles"] {
        let output = program.command(&["list"]).current_dir(program.path(below)).output().unwrap();
        assert!(String::from_utf8_lossy(&output.stdout).contains("Alpha"), "{below}");
        let file = program.path("a.html");
        let output =
            program.command(&["archive", file.to_str().unwrap()]).current_dir(program.path(below)).output().unwrap();
        assert_eq!(output.status.code(), Some(0));
        assert!(!program.path(below).join("bindery-archive").exists());
    }
    let output = program.command(&["config"]).current_dir(program.path("kept")).output().unwrap();
    assert!(String::from_utf8_lossy(&output.stdout).contains("(contains the working folder)"));
    // What a file or a variable names comes before.
    let mut command = program.command(&["list"]);
    let output = command.current_dir(program.path("kept")).env("BINDERY_ARCHIVE", "nowhere").output().unwrap();
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn the_home_folder_is_expanded_in_files() {
    let program = Program::new();
    page(&program, "a.html", "Alpha");
    program.write("bindery.toml", "archive = \"~/kept\"\n");
    program.run_to(0, &["archive", "a.html"]);
    assert!(program.path("kept/bindery-archive.json").exists());
}

#[test]
fn a_quiet_run_prints_errors_and_answers_only() {
    let program = Program::new();
    page(&program, "a.html", "Alpha");
    let quiet = |arguments: &[&str]| {
        let ran = program.run_to(0, &[arguments, &["-q"]].concat());
        (ran.out, ran.err)
    };
    let nothing = (String::new(), String::new());
    assert_eq!(quiet(&["archive", "a.html", "--url", "https://example.org/a"]), nothing);
    assert_eq!(quiet(&["convert", "a.html", "--output", "out"]), nothing);
    assert_eq!(quiet(&["verify"]), nothing);
    assert!(quiet(&["list"]).0.contains("Alpha"), "a list is what was asked for");
    assert_eq!(quiet(&["remove", "https://example.org/a"]), nothing);
    program.write("empty.html", " ");
    let failed = program.run_to(3, &["archive", "-q", "empty.html"]);
    assert!(failed.out.is_empty() && failed.err.contains("empty.html") && failed.err.lines().count() == 1);
}

#[test]
fn a_comment_may_follow_a_page_in_a_list() {
    let (server, program) = (site(), Program::new());
    page(&program, "a #1.html", "Alpha");
    let (one, two) = (server.url("/1"), server.url("/2#part"));
    program.write("list.txt", format!("# pages\n{one} # the first\n  {two}\t# the second\na #1.html\n"));
    let ran = program.run_to(0, &["archive", "--input-file", "list.txt", "--json"]);
    assert_eq!(ran.summary()["new"], 3, "{}{}", ran.out, ran.err);
    program.write("list.txt", format!("{one} # the first\n{two} A title # the second\n"));
    let ran = program.run_to(0, &["crawl", "list.txt", "--json", "--delay", "0", "-a", "other"]);
    assert_eq!(ran.events_named("article").len(), 2, "{}{}", ran.out, ran.err);
    assert!(server.log().iter().all(|asked| !asked.path.contains('%')), "{:?}", server.log());
}

#[test]
fn a_file_url_names_a_file() {
    let program = Program::new();
    page(&program, "书 页.html", "Alpha");
    let url = url::Url::from_file_path(program.path("书 页.html")).unwrap().to_string();
    assert!(program.run_to(0, &["archive", &url]).out.starts_with("new "));
    assert!(program.run_to(0, &["convert", &url]).out.contains("Alpha stands"));
    let missing = program.run_to(2, &["archive", "file:///no/such/page.html"]);
    assert!(missing.err.contains("/no/such/page.html does not exist"), "{}", missing.err);
}

#[test]
fn the_list_is_sorted_and_limited() {
    let program = Program::new();
    for (at, title) in ["Zeta", "Alpha", "Mid"].into_iter().enumerate() {
        let file = page(&program, &format!("{at}.html"), title);
        let html = program.read(&file);
        let published = format!("<meta property=article:published_time content=202{}-05-01T08:00:00Z>", 9 - at);
        program.write(&file, html.replace("<article>", &format!("{published}<article>")));
        let (url, now) = (format!("https://example.org/{at}"), format!("2026-11-2{at}T08:00:00Z"));
        program.run_to(0, &["archive", &file, "--url", &url, "--now", &now]);
    }
    let titles = |arguments: &[&str]| -> Vec<String> {
        let ran = program.run_to(0, &[&["list", "--json", "--now", "2026-11-22T09:00:00Z"], arguments].concat());
        ran.events_named("listed").iter().map(|event| event["title"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(titles(&[]), ["Mid", "Alpha", "Zeta"], "the newest first");
    assert_eq!(titles(&["--sort", "published"]), ["Zeta", "Alpha", "Mid"]);
    assert_eq!(titles(&["--sort", "title"]), ["Alpha", "Mid", "Zeta"]);
    assert_eq!(titles(&["--since", "2d"]), ["Mid", "Alpha"]);
    assert_eq!(titles(&["alpha"]), ["Alpha"]);
    let lines = program.run_to(0, &["list"]).out;
    assert!(lines.starts_with("2026-11-22  Mid  https://example.org/2\n"), "{lines}");
    let long = program.run_to(0, &["list", "--long"]).out;
    assert!(long.starts_with("2027-05-01  2026-11-22    1 text  Mid  "), "{long}");
    // The index is made anew, or done without.
    std::fs::remove_dir_all(program.path("bindery-archive/.bindery")).unwrap();
    assert_eq!(titles(&["--sort", "url"]), ["Zeta", "Alpha", "Mid"]);
}

#[test]
fn a_record_that_cannot_be_read_is_reported_by_the_list() {
    let program = Program::new();
    page(&program, "a.html", "Alpha");
    program.run_to(0, &["archive", "a.html"]);
    let record = program.files("bindery-archive").into_iter().find(|file| file.ends_with("record.json")).unwrap();
    program.write(&format!("bindery-archive/{record}"), "{");
    let ran = program.run_to(4, &["list"]);
    assert!(ran.err.contains("record.json") && ran.out.is_empty(), "{}{}", ran.out, ran.err);
}

#[test]
fn a_file_of_all_settings_is_written_and_never_overwritten() {
    let program = Program::new();
    program.run_to(0, &["config", "init"]);
    let text = program.read("bindery.toml");
    let settings = program.run_to(0, &["config", "--json"]).events_named("setting");
    for setting in &settings {
        let key = setting["key"].as_str().unwrap();
        let value = match &setting["value"] {
            serde_json::Value::String(value) => format!("\"{value}\"\n"),
            serde_json::Value::Null => String::new(),
            value => format!("{value}\n"),
        };
        assert!(text.contains(&format!("\n# {key} = {value}")), "{key}");
    }
    let all: String = text.lines().filter_map(|line| line.strip_prefix("# ")).filter(|line| line.contains(" = ")).fold(
        String::new(),
        |all, line| {
            if line.contains("schedule") || line.starts_with("What") { all } else { all + line + "\n" }
        },
    );
    let all = all.split("name = ").next().unwrap();
    program.write("all.toml", all);
    program.run_to(0, &["config", "--config", "all.toml"]);
    let refused = program.run_to(2, &["config", "init"]);
    assert!(refused.err.contains("bindery.toml exists"), "{}", refused.err);
    assert_eq!(program.read("bindery.toml"), text);
}

#[test]
fn convert_says_what_holds_markdown_already() {
    let program = Program::new();
    page(&program, "a.html", "Alpha");
    program.run_to(0, &["archive", "a.html", "-a", "kept"]);
    program.run_to(0, &["bundle", "-a", "kept", "-o", "all.zip"]);
    program.run_to(0, &["bundle", "-a", "kept", "-o", "one.textpack", "--format", "textpack"]);
    program.run_to(0, &["bundle", "-a", "kept", "-o", "all.wacz", "--format", "wacz"]);
    for (path, what, advice) in [
        ("kept", "an archive", "rebuild"),
        ("all.zip", "a bag", "restore all.zip"),
        ("one.textpack", "a TextPack", "unzip"),
    ] {
        let ran = program.run_to(2, &["convert", path, "--output", "out"]);
        assert!(ran.err.contains(what) && ran.err.contains(advice), "{}", ran.err);
    }
    assert!(!program.path("out").exists());
    let ran = program.run(&["convert", "all.wacz", "--output", "out"]);
    assert!(ran.err.contains("all.wacz is a WACZ"), "{}", ran.err);
}

#[test]
fn html_is_a_whole_document() {
    let program = Program::new();
    program.write("a.html", PAGE);
    program.run_to(0, &["convert", "a.html", "--output", "out", "--format", "html"]);
    let html = program.read("out/a.html");
    assert!(
        html.starts_with("<!DOCTYPE html>\n<html lang=\"zh-CN\">\n<head>\n<meta charset=\"utf-8\">\n<title>老城"),
        "{html}"
    );
    assert!(html.ends_with("</body>\n</html>\n") && html.contains("<h1>老城"), "{html}");
    program.write("b.md", "---\ntitle: A <b> & c\n---\n<p>A post whose body is <b>HTML</b>.</p>\n");
    program.run_to(0, &["convert", "b.md", "--output", "out", "--format", "html"]);
    let html = program.read("out/b.html");
    assert!(html.contains("<title>A &lt;b&gt; &amp; c</title>") && html.contains("<b>HTML</b>"), "{html}");
}

#[test]
fn a_removal_can_be_tried() {
    let program = Program::new();
    page(&program, "a.html", "Alpha");
    program.run_to(0, &["archive", "a.html", "--url", "https://example.org/a"]);
    let before = program.files("bindery-archive");
    let ran = program.run_to(0, &["remove", "--dry-run", "https://example.org/a"]);
    assert!(
        ran.out.starts_with("would remove articles/example.org/") && ran.out.contains("1 text, 0 images, 1 captured")
    );
    assert_eq!(program.files("bindery-archive"), before);
    assert!(
        program.run_to(0, &["remove", "https://example.org/a"]).out.contains("1 text, 0 images, 1 captured record")
    );
}

#[test]
fn rebuild_keeps_the_categories_of_a_text() {
    let (server, program) = (site(), Program::new());
    let url = server.url("/1").to_string();
    let category = |program: &Program| program.run_to(0, &["show", &url]).out.contains("- 新闻");
    program.run_to(0, &["archive", &url, "--profile", "hexo", "--categories", "新闻"]);
    assert!(category(&program));
    let ran = program.run_to(0, &["rebuild", "--write"]);
    assert!(category(&program) && ran.err.contains("1 unchanged"), "{}{}", ran.out, ran.err);
    program.run_to(0, &["rebuild", "--write", "--categories", "书"]);
    assert!(!category(&program));
}

#[test]
fn what_is_to_know_of_many_pages_is_said_once() {
    let (server, program) = (site(), Program::new());
    let urls: Vec<String> = (0..4).map(|n| server.url(&format!("/open/{n}")).to_string()).collect();
    let mut arguments = vec!["archive", "--profile", "hexo"];
    arguments.extend(urls.iter().map(String::as_str));
    program.run_to(0, &arguments);
    arguments.drain(1..3);
    let ran = program.run_to(0, &arguments);
    let lines: Vec<&str> = ran.err.lines().filter(|line| line.contains("keeps its profile")).collect();
    assert_eq!(lines.len(), 2, "{}", ran.err);
    assert!(lines[1].starts_with("3 more pages: the article keeps its profile `hexo`"), "{lines:?}");
}

#[test]
fn a_page_without_an_article_gets_advice_that_fits_the_command() {
    let (server, program) = (site(), Program::new());
    let url = server.url("/links").to_string();
    let named = program.run_to(3, &["archive", &url]);
    assert!(named.err.contains("it is a list of links; give the URL of one article"), "{}", named.err);
    let crawled = program.run_to(0, &["crawl", &url, "--depth", "1", "--delay", "0", "-a", "other"]);
    assert!(!crawled.err.contains("give the URL"), "{}", crawled.err);
    program.write("links.html", "<title>Links</title><p><a href=/a>one</a> <a href=/b>two</a> <a href=/c>three</a>");
    let converted = program.run_to(3, &["convert", "links.html"]);
    assert!(converted.err.contains("--fragment keeps the whole page"), "{}", converted.err);
}

#[test]
fn a_video_counts_as_missing() {
    let program = Program::new();
    let file = page(&program, "a.html", "Alpha");
    let html =
        program.read(&file).replace("</article>", "<p><video src=https://example.org/film.mp4></video></p></article>");
    program.write(&file, html);
    let ran = program.run_to(0, &["archive", "--json", &file]);
    let missing = &ran.article()["missing"];
    assert!(missing[0]["reason"].as_str().unwrap().contains("videos and sounds are not stored"), "{missing}");
    assert_eq!(ran.summary()["images"]["missing"], 1);
    assert!(program.run_to(0, &["convert", &file, "--output", "out"]).err.contains("0 images saved, 1 not saved"));
}

#[test]
fn one_thing_is_not_counted_as_many() {
    let program = Program::new();
    program.write("page.html", PAGE);
    program.write("news_files/workshop.png", include_bytes!("../../examples/news_files/workshop.png"));
    let said = program.run_to(0, &["archive", "page.html"]).err;
    assert!(said.contains("; 1 image saved, "), "{said}");
}

#[test]
#[cfg(all(feature = "store", unix))]
fn a_forecast_is_in_the_time_of_the_schedule_and_a_watch_says_when_it_is_next() {
    let (server, program) = (site(), Program::new());
    let source = format!("name = \"a\"\nseeds = [\"{}\"]\ndepth = 0\ndelay = \"0s\"\n", server.url("/1"));
    let zone = "schedule = \"0 8 * * *\"\ntime-zone = \"Asia/Shanghai\"\n";
    program.write("bindery.toml", format!("[[source]]\n{source}{zone}"));
    program.run_to(0, &["snapshot", "a", "--now", "2026-11-20T00:00:00Z"]);
    let ran = program.run_to(0, &["snapshot", "--dry-run", "--now", "2026-11-20T12:00:00Z"]);
    assert_eq!(ran.out, "2026-11-21 08:00 +08:00  a\n");
    program.write("bindery.toml", format!("[[source]]\n{source}every = \"1d\"\n"));
    let mut command = program.command(&["snapshot", "--dry-run", "--now", "2026-11-20T12:00:00Z"]);
    let output = command.env("TZ", "America/New_York").output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout), "2026-11-20 19:00 -05:00  a\n");
    let mut watch = program.command(&["snapshot", "--watch", "--now", "2026-11-20T12:00:00Z"]);
    let mut child = watch.env("TZ", "UTC").stderr(std::process::Stdio::piped()).spawn().unwrap();
    let mut err = std::io::BufReader::new(child.stderr.take().unwrap());
    let mut line = String::new();
    std::io::BufRead::read_line(&mut err, &mut line).unwrap();
    assert_eq!(line, "next: a at 2026-11-21 00:00 +00:00\n");
    assert!(std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    let mut rest = String::new();
    std::io::Read::read_to_string(&mut err, &mut rest).unwrap();
    // A watch that only waits may end before the message about it is printed.
    assert_eq!(child.wait().unwrap().code(), Some(130), "{rest}");
}

#[test]
fn an_invalid_number_is_refused_with_what_is_expected() {
    let program = Program::new();
    for (command, flag) in [
        (["crawl", "https://example.org/"], "--max-pages"),
        (["crawl", "https://example.org/"], "--depth"),
        (["archive", "https://example.org/"], "--retries"),
        (["diff", "https://example.org/"], "--context"),
        (["search", "lock"], "--limit"),
    ] {
        let said = program.run_to(2, &[command[0], command[1], flag, "many"]).err;
        assert!(said.contains(flag) && said.contains("expected a whole number, 0 or more"), "{said}");
    }
}

#[test]
fn a_template_that_no_profile_uses_is_an_error_of_usage() {
    let program = Program::new();
    program.write("page.html", PAGE);
    program.write("own.j2", "own: {{ title }}\n");
    let refused = |program: &Program, arguments: &[&str]| {
        let ran = program.run_to(2, arguments);
        assert!(ran.err.contains("own.j2") && ran.err.contains("add --profile custom"), "{}", ran.err);
    };
    refused(&program, &["convert", "page.html", "--template", "own.j2"]);
    refused(&program, &["archive", "page.html", "--template", "own.j2", "--profile", "hexo"]);
    program.write("bindery.toml", "template = \"own.j2\"\n");
    refused(&program, &["convert", "page.html"]);
    program.write("bindery.toml", "template = \"own.j2\"\nprofile = \"custom\"\n");
    assert!(program.run_to(0, &["convert", "page.html"]).out.starts_with("own: "));
    let overridden = program.run_to(0, &["convert", "page.html", "--profile", "hexo"]);
    assert!(overridden.out.starts_with("---\ntitle: "), "{}", overridden.out);
}

#[test]
fn an_empty_standard_input_is_named_as_such() {
    let program = Program::new();
    for arguments in [&["convert", "-"][..], &["convert", "-", "--json"], &["convert", "-", "-o", "texts"]] {
        let ran = program.run(arguments);
        assert!(ran.code == 3 || ran.code == 1, "{arguments:?} {}", ran.err);
        assert!(ran.err.contains("standard input is empty") && !ran.err.contains("save the page"), "{}", ran.err);
    }
    assert!(!program.path("texts").exists());
}

/// Replaces bytes of the only record of an archive, and lists its new digest in the manifests.
fn rewrite_record(program: &Program, replaced: &[(&str, &str)]) {
    let digest = |path: &str| Digest::of(program.read(path).as_bytes()).to_string();
    let file = |end: &str| {
        let files = program.files("bindery-archive");
        format!(
            "bindery-archive/{}",
            files.iter().find(|file| file.starts_with("articles/") && file.ends_with(end)).unwrap()
        )
    };
    let mut changed = file("record.json");
    let before = digest(&changed);
    let record = replaced.iter().fold(program.read(&changed), |text, (from, to)| text.replace(from, to));
    program.write(&changed, record);
    let mut before = before;
    for manifest in [file("manifest-sha256.txt"), "bindery-archive/manifest-sha256.txt".to_owned()] {
        let own = digest(&manifest);
        program.write(&manifest, program.read(&manifest).replace(&before, &digest(&changed)));
        (changed, before) = (manifest, own);
    }
}

#[test]
fn a_record_in_an_older_form_is_refused_and_not_called_damage() {
    for (old, field) in [("address", "url"), ("doubts", "warnings"), ("adequacy", "confidence")] {
        let program = Program::new();
        page(&program, "a.html", "Alpha");
        let again = ["archive", "a.html", "--url", "https://a.example/alpha"];
        program.run_to(0, &again);
        rewrite_record(&program, &[(&format!("\"{field}\":"), &format!("\"{old}\":"))]);
        let advice = "`bindery convert OLD/captures --archive NEW`";
        for arguments in
            [&["list"][..], &["verify"], &["reindex"], &["search", "Alpha"], &again, &["bundle", "-o", "a.zip"]]
        {
            let ran = program.run(arguments);
            let said = format!("{arguments:?} {old} {}: {}{}", ran.code, ran.out, ran.err);
            assert!(ran.code != 4 && !said.contains("missing field") && !said.contains("damaged"), "{said}");
            assert!(arguments[0] == "search" || ran.err.contains("older form") && ran.err.contains(advice), "{said}");
        }
        assert!([["list"], ["verify"], ["reindex"]].iter().all(|arguments| program.run(arguments).code == 1));
        program.run_to(0, &["convert", "bindery-archive/captures", "--archive", "new"]);
        assert!(program.run_to(0, &["list", "-a", "new"]).out.contains("Alpha"));
        // Real damage is still reported as such.
        let text = program.files("bindery-archive").into_iter().find(|file| file.ends_with("index.md")).unwrap();
        program.write(&format!("bindery-archive/{text}"), "changed");
        let damaged = program.run_to(4, &["verify"]);
        assert!(
            damaged.out.contains("older form") && damaged.out.contains("index.md"),
            "{}{}",
            damaged.out,
            damaged.err
        );
    }
}
