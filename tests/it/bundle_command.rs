//! Bundles as a user makes, checks and restores them; and what other programs make of them.
#![cfg(feature = "cli")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use crate::support::oracle;
use crate::support::program::Program;
use crate::support::skip::skip;

const NOW: &str = "2026-11-24T10:00:00Z";

/// An archive of the example page and of another one without images.
fn archived() -> Program {
    let program = Program::in_memory();
    let page = "<html lang=zh-CN><meta charset=utf-8><title>石桥</title><article><h1>石桥</h1>\
        <p>这座石桥建于明代，桥面用青石铺成，两边的栏杆上刻着莲花，几百年来一直有人走。</p>\
        <p>去年夏天的大水冲坏了一个桥墩，村里的人自己出钱出力，用了三个月把它修好了。</p></article></html>";
    program.write("bridge.html", page);
    for (file, url) in
        [(example(), "https://news.example.cn/a.shtml"), (program.path("bridge.html"), "https://example.org/bridge")]
    {
        let file = file.to_str().unwrap().to_owned();
        program.run_to(0, &["archive", &file, "--url", url, "--now", NOW]);
    }
    program
}

fn example() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/news.html")
}

fn said(output: &Output) -> String {
    assert!(output.status.success(), "{}", oracle::said(output));
    oracle::said(output)
}

/// Runs one of the oracle's checks; None, which is said, when there is no interpreter for it.
fn judged(check: &str, modules: &str, arguments: &[&Path]) -> Option<String> {
    let python = oracle::python(modules)?;
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/oracle/bundle.py");
    Some(said(&Command::new(python).arg(script).arg(check).args(arguments).output().unwrap()))
}

/// Has every other program look at bundles of the whole archive and of one article.
fn others_accept(program: &Program, one: &str) {
    for (name, selectors) in [("all", &[][..]), ("one", &[one][..])] {
        for format in ["bag", "wacz"] {
            let path = program.path(&format!("{name}.{format}"));
            let target = path.to_str().unwrap();
            let arguments = [&["bundle", "-o", target, "--format", format], selectors].concat();
            program.run_to(0, &arguments);
            let ran = program.run_to(0, &["verify", target]);
            assert_eq!(ran.out, "", "{}", ran.err);
            let modules = if format == "bag" { "bagit, warcio" } else { "wacz, warcio, pywb" };
            if let Some(said) = judged(format, modules, &[&path]) {
                println!("{name}, {format}: {}", said.trim());
            }
        }
    }
}

#[test]
fn other_programs_accept_bundles_of_a_small_archive() {
    others_accept(&archived(), "https://example.org/bridge");
}

#[test]
fn other_programs_accept_bundles_of_a_corpus() {
    let Some(corpus) = std::env::var_os("BINDERY_CORPUS") else {
        return skip("sets", "BINDERY_CORPUS names none");
    };
    let mut pages: Vec<String> = std::fs::read_dir(Path::new(&corpus).join("cjk-open/html"))
        .unwrap()
        .map(|entry| entry.unwrap().path().to_str().unwrap().to_owned())
        .collect();
    pages.sort();
    let program = Program::in_memory();
    let arguments: Vec<&str> = ["archive", "--now", NOW].into_iter().chain(pages.iter().map(String::as_str)).collect();
    program.run(&arguments);
    let list = program.run_to(0, &["list", "--json"]);
    let first = list.events().into_iter().find_map(|event| event["path"].as_str().map(str::to_owned)).unwrap();
    println!("{} pages archived", list.events_named("article").len());
    others_accept(&program, &first);
}

#[test]
fn a_bundle_goes_to_standard_output_as_to_a_file() {
    let program = archived();
    let one = "https://example.org/bridge";
    for format in ["bag", "wacz", "textpack", "epub", "html", "jsonl"] {
        let make = |target: &str| {
            let output = program.command(&["bundle", one, "--format", format, "-o", target]).output().unwrap();
            assert!(output.status.success(), "{format} {target}: {}", oracle::said(&output));
            output.stdout
        };
        make("file");
        let bytes = std::fs::read(program.path("file")).unwrap();
        assert!(make("-") == bytes, "{format}");
        #[cfg(target_os = "linux")]
        assert!(make("/dev/stdout") == bytes, "{format}");
        assert!(!program.path("-").exists(), "{format}");
    }
    let all = program.run_to(0, &["bundle", "--format", "jsonl", "-o", "-"]);
    assert_eq!(all.out.lines().count(), 2);
    assert!(all.err.contains("standard output: 2 articles"), "{}", all.err);
}

#[test]
fn what_standard_output_cannot_hold_is_refused_with_what_to_do() {
    let program = archived();
    let several = program.run_to(1, &["bundle", "--format", "html", "-o", "-"]);
    assert!(several.err.contains("standard output can contain only one; select one, or"), "{}", several.err);
    let events = program.run_to(2, &["bundle", "-o", "-", "--json"]);
    assert!(events.err.contains("use --output FILE"), "{}", events.err);
    let signed = program.run_to(2, &["bundle", "-o", "-", "--sign", "key"]);
    assert!(signed.err.contains("use --output FILE") && signed.out.is_empty(), "{}", signed.err);
}

#[test]
fn a_reader_that_has_read_enough_of_a_bundle_is_no_error() {
    let program = archived();
    let one = "https://example.org/bridge";
    let targets = if cfg!(unix) { &["-", "/dev/stdout"][..] } else { &["-"] };
    for (format, target) in
        ["bag", "html", "jsonl"].iter().flat_map(|format| targets.iter().map(move |to| (format, to)))
    {
        let mut command = program.command(&["bundle", one, "--format", format, "-o", target]);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{format} {target}: {}", oracle::said(&output));
        assert!(output.stderr.is_empty(), "{format} {target}: {}", oracle::said(&output));
    }
}

#[test]
fn the_same_bytes_at_any_hour_in_any_zone_and_from_any_folder() {
    let program = archived();
    let make = |name: &str, zone: &str, epoch: Option<&str>| {
        let mut command = program.command(&["bundle", "-o", name]);
        command.env("TZ", zone).env_remove("SOURCE_DATE_EPOCH");
        if let Some(epoch) = epoch {
            command.env("SOURCE_DATE_EPOCH", epoch);
        }
        said(&command.output().unwrap());
        std::fs::read(program.path(name)).unwrap()
    };
    let first = make("a.zip", "Asia/Shanghai", None);
    assert!(first == make("b.zip", "America/New_York", None));
    assert!(first == make("c.zip", "UTC", Some("1795514400")), "the newest capture is the date");
    assert!(first != make("d.zip", "UTC", Some("1700000000")));
    let ran = program.command(&["bundle", "-o", "e.zip"]).env("SOURCE_DATE_EPOCH", "now").output().unwrap();
    assert_eq!(ran.status.code(), Some(2));
}

#[test]
fn the_chain_can_be_repeated_by_anyone() {
    let program = archived();
    let ran = program.run_to(0, &["verify", "--explain", "https://example.org/bridge", "--json"]);
    let links = ran.events_named("link");
    assert!(links.len() >= 8, "{}", ran.out);
    for link in &links {
        let (command, value) = (link["command"].as_str().unwrap(), link["value"].as_str().unwrap());
        let output = Command::new("sh").arg("-c").arg(command).current_dir(program.archive()).output().unwrap();
        let printed = said(&output);
        assert!(printed.contains(value) || printed.ends_with(": OK\n"), "{command}\n{printed}");
    }
    let text = program
        .files("bindery-archive")
        .into_iter()
        .find(|path| path.contains("石桥") && path.ends_with("Z.md"))
        .unwrap();
    program.write(&format!("bindery-archive/{text}"), "spoilt");
    let ran = program.run_to(4, &["verify", "--explain", "https://example.org/bridge"]);
    assert!(ran.out.contains("BROKEN"), "{}", ran.out);
}

#[test]
fn a_bag_is_restored_byte_for_byte_and_a_damaged_one_is_not() {
    let program = archived();
    program.run_to(0, &["bundle", "-o", "all.zip"]);
    program.run_to(0, &["restore", "all.zip", "-a", "back"]);
    let files =
        |folder: &str| program.files(folder).into_iter().filter(|path| !path.contains(".bindery")).collect::<Vec<_>>();
    assert_eq!(files("back"), files("bindery-archive"));
    for path in files("back") {
        assert!(
            std::fs::read(program.path("back").join(&path)).unwrap()
                == std::fs::read(program.archive().join(&path)).unwrap()
        );
    }
    let mut bytes = std::fs::read(program.path("all.zip")).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    program.write("bad.zip", bytes);
    let ran = program.run_to(4, &["restore", "bad.zip", "-a", "worse", "--json"]);
    assert!(ran.events_named("finding").iter().all(|event| !event["path"].is_null()), "{}", ran.out);
    assert!(!program.path("worse").exists());
}

#[test]
fn rebuilding_shows_what_changes_and_keeps_it_on_request() {
    let program = archived();
    let ran = program.run_to(0, &["rebuild", "--json"]);
    assert_eq!((&ran.summary()["changed"], &ran.summary()["unchanged"]), (&0.into(), &2.into()), "{}", ran.out);
    let bridge = "https://example.org/bridge";
    let ran = program.run_to(0, &["rebuild", bridge, "--profile", "hexo"]);
    assert!(ran.out.contains("{+comments+}") && ran.err.contains("--write"), "{}{}", ran.out, ran.err);
    program.run_to(0, &["verify"]);
    program.run_to(0, &["rebuild", bridge, "--profile", "hexo", "--write", "--now", "2026-12-01T08:00:00Z"]);
    program.run_to(0, &["verify"]);
    let record = program.run_to(0, &["show", bridge, "--record"]).out;
    let record: serde_json::Value = serde_json::from_str(&record).unwrap();
    let texts = record["snapshots"].as_array().unwrap();
    assert_eq!((texts.len(), &record["profile"]), (2, &"hexo".into()));
    assert_eq!(texts[1]["rebuilt"], "2026-12-01T08:00:00Z");
    assert!(texts[1]["software"].as_str().unwrap().starts_with("bindery "));
    assert_eq!(texts[0]["capture"], texts[1]["capture"]);
    let ran = program.run_to(0, &["rebuild", "--json"]);
    assert_eq!(ran.summary()["changed"], 0, "{}", ran.out);
}

#[test]
fn what_readers_wrote_stays_when_a_text_is_made_again() {
    let program = Program::in_memory();
    let comment = |n: u32| format!("<li class=comment-item><p>第{n}位读者说，他小时候天天从这座桥上走。</p></li>");
    let comments: String = (1..6).map(comment).collect();
    let page = format!(
        "<html lang=zh-CN><meta charset=utf-8><title>石桥</title><article><h1>石桥</h1>\
         <p>这座石桥建于明代，桥面用青石铺成，两边的栏杆上刻着莲花，几百年来一直有人走。</p>\
         <p>去年夏天的大水冲坏了一个桥墩，村里的人自己出钱出力，用了三个月把它修好了。</p></article>\
         <section id=comments><h2>读者评论</h2><ul class=comment-list>{comments}</ul></section></html>"
    );
    let page = program.write("bridge.html", page).to_str().unwrap().to_owned();
    let bridge = "https://example.org/bridge";
    program.run_to(0, &["archive", &page, "--url", bridge, "--now", NOW, "--comments"]);
    assert!(program.run_to(0, &["show", bridge]).out.contains("第5位读者"));
    let ran = program.run_to(0, &["rebuild", "--json"]);
    assert_eq!((&ran.summary()["changed"], &ran.summary()["unchanged"]), (&0.into(), &1.into()), "{}", ran.out);
    program.run_to(0, &["rebuild", "--profile", "hexo", "--write", "--now", "2026-12-01T08:00:00Z"]);
    assert!(program.run_to(0, &["show", bridge]).out.contains("第5位读者"));
    program.run_to(0, &["verify"]);
    let record: serde_json::Value =
        serde_json::from_str(&program.run_to(0, &["show", bridge, "--record"]).out).unwrap();
    assert!(
        record["snapshots"].as_array().unwrap().iter().all(|text| text["options"] == serde_json::json!(["comments"]))
    );
}

#[test]
fn a_body_that_was_archived_as_one_stays_one() {
    let program = Program::in_memory();
    program.write(
        "body.html",
        "<html lang=zh-CN><body><p>这是正文的第一段。</p><p class=share>分享到</p><p>这是正文的最后一段。</p>",
    );
    program.run_to(0, &["convert", "body.html", "--fragment", "--archive", "kept", "--now", NOW]);
    let ran = program.run_to(0, &["rebuild", "-a", "kept", "--json"]);
    assert_eq!((&ran.summary()["changed"], &ran.summary()["unchanged"]), (&0.into(), &1.into()), "{}", ran.out);
    program.write(
        "feed.xml",
        "<rss version='2.0'><channel><item><title>桥</title><link>https://example.org/b</link>\
        <description>&lt;p&gt;这座石桥建于明代，桥面用青石铺成。&lt;/p&gt;</description></item></channel></rss>",
    );
    program.run_to(0, &["convert", "feed.xml", "--archive", "fed", "--now", NOW]);
    let ran = program.run_to(0, &["rebuild", "-a", "fed", "--json"]);
    assert_eq!(ran.summary()["skipped"], 1, "the feed stated the title: {}", ran.out);
    assert!(ran.err.contains("came from an export or a feed"), "{}", ran.err);
}

#[test]
fn tags_choose_what_is_bundled_in_every_profile() {
    let page = "<html lang=zh><meta charset=utf-8><meta property=article:tag content=桥梁><title>石桥</title><article><h1>石桥</h1>\
        <p>这座石桥建于明代，桥面用青石铺成，两边的栏杆上刻着莲花，几百年来一直有人走。</p>\
        <p>去年夏天的大水冲坏了一个桥墩，村里的人自己出钱出力，用了三个月把它修好了。</p></article></html>";
    for profile in ["default", "hexo", "hugo", "jekyll", "obsidian", "zola"] {
        let program = Program::in_memory();
        program.write("bridge.html", page);
        program.run_to(0, &["archive", "bridge.html", "--profile", profile, "--categories", "古迹"]);
        for tag in ["桥梁", "古迹"] {
            let ran = program.run(&["bundle", "--format", "jsonl", "-o", "-", "--tag", tag]);
            assert!(ran.code == 0 && ran.out.lines().count() == 1, "{profile} {tag}: {}", ran.err);
        }
    }
}

#[cfg(feature = "store")]
#[test]
fn a_search_chooses_what_is_bundled() {
    let program = archived();
    let ran = program.run_to(0, &["bundle", "-o", "found.zip", "--query", "桥墩 莲花", "--json"]);
    assert_eq!(ran.summary()["articles"], 1, "{}", ran.out);
    program.run_to(0, &["restore", "found.zip", "-a", "back"]);
    assert!(program.run_to(0, &["list", "-a", "back"]).out.contains("石桥"));
    let ran = program.run_to(1, &["bundle", "-o", "none.zip", "--query", "没有人写过的话"]);
    assert!(ran.err.contains("--query") && !program.path("none.zip").exists(), "{}", ran.err);
    program.run_to(1, &["bundle", "https://news.example.cn/a.shtml", "-o", "none.zip", "--query", "桥墩"]);
}

#[cfg(not(feature = "store"))]
#[test]
fn a_search_is_refused_where_there_is_no_store() {
    let program = Program::in_memory();
    program.write("bridge.html", "<html><body><p>这座石桥建于明代，桥面用青石铺成。</p>");
    program.run_to(0, &["convert", "bridge.html", "--fragment", "--archive", "kept", "--now", NOW]);
    let ran = program.run_to(2, &["bundle", "-a", "kept", "-o", "x.zip", "--query", "石桥"]);
    assert!(ran.err.contains("--query") && ran.err.contains("--features store"), "{}", ran.err);
    assert!(!program.path("x.zip").exists());
    let ran = program.run_to(2, &["search", "-a", "kept", "石桥"]);
    assert!(ran.out.is_empty() && ran.err.contains("--features store"), "{}", ran.err);
    program.run_to(0, &["reindex", "-a", "kept"]);
    program.run_to(0, &["bundle", "-a", "kept", "-o", "x.zip"]);
    program.run_to(0, &["verify", "x.zip"]);
}

#[cfg(feature = "net")]
#[test]
fn one_of_something_is_counted_as_one() {
    let program = archived();
    let said = |arguments: &[&str]| program.run_to(0, arguments).err;
    for (format, name) in [("bag", "one.zip"), ("wacz", "one.wacz"), ("textpack", "one.textpack")] {
        let made = said(&["bundle", "https://example.org/bridge", "-o", name, "--format", format]);
        assert!(made.contains("1 article, "), "{made}");
        let checked = said(&["verify", name]);
        assert!(
            !["1 articles", "1 files", "1 images"].iter().any(|wrong| checked.contains(&format!(" {wrong}"))),
            "{checked}"
        );
    }
    assert!(said(&["restore", "one.zip", "-a", "back"]).contains("1 article, "));
}

#[test]
fn nothing_of_the_archive_is_left_out_in_silence() {
    let program = archived();
    let list = program.run_to(0, &["list", "--json"]);
    let bridge = list.events().into_iter().find(|event| event["title"] == "石桥").unwrap();
    let folder = bridge["path"].as_str().unwrap().trim_end_matches("/index.md").to_owned();
    let loose = [format!("{folder}/notes.md"), "images/notes.txt".to_owned()];
    for path in &loose {
        program.write(&format!("bindery-archive/{path}"), "自己写的");
    }
    let left_out = |selectors: &[&str]| {
        let ran = program.run_to(0, &[&["bundle", "-o", "all.zip", "--json"], selectors].concat());
        let events = ran.events_named("left-out");
        let paths: Vec<String> = events.iter().map(|event| event["path"].as_str().unwrap().to_owned()).collect();
        assert!(paths.iter().all(|path| ran.err.contains(path)), "{}", ran.err);
        assert_eq!(ran.summary()["skipped"], paths.len());
        program.run_to(0, &["verify", "all.zip"]);
        paths
    };
    assert_eq!(left_out(&[]), loose);
    assert_eq!(left_out(&["https://example.org/bridge"]), loose[..1]);
    assert_eq!(left_out(&["https://news.example.cn/a.shtml"]), [""; 0]);
    let ran = program.run_to(1, &["bundle", "-o", "bindery-archive/all.zip"]);
    assert!(ran.err.contains("outside"), "{}", ran.err);
}

#[test]
fn a_signature_holds_for_bindery_and_minisign() {
    let program = archived();
    let keys = minisign::KeyPair::generate_unencrypted_keypair().unwrap();
    program.write("key.pub", keys.pk.to_box().unwrap().into_string());
    program.write("key.sec", keys.sk.to_box(None).unwrap().into_string());
    for format in ["bag", "wacz", "textpack"] {
        let name = format!("one.{format}");
        program
            .run_to(0, &["bundle", "https://example.org/bridge", "-o", &name, "--format", format, "--sign", "key.sec"]);
        let ran = program.run_to(0, &["verify", &name, "--public-key", "key.pub"]);
        assert!(ran.err.contains("the signature is valid"), "{}", ran.err);
    }
    program.run_to(0, &["bundle", "-o", "texts/", "--format", "textpack", "--sign", "key.sec"]);
    let packs: Vec<String> = program.files("texts").into_iter().filter(|name| name.ends_with(".textpack")).collect();
    assert_eq!((packs.len(), program.files("texts").len()), (2, 4), "a signature for each");
    for pack in packs {
        let path = format!("texts/{pack}");
        let ran = program.run_to(0, &["verify", &path, "--public-key", "key.pub"]);
        assert!(ran.err.contains("the signature is valid"), "{}", ran.err);
    }
    let other = minisign::KeyPair::generate_unencrypted_keypair().unwrap();
    program.write("other.pub", other.pk.to_box().unwrap().into_string());
    let ran = program.run_to(4, &["verify", "one.bag", "--public-key", "other.pub"]);
    assert!(ran.out.contains("one.bag.minisig"), "{}", ran.out);
    std::fs::remove_file(program.path("one.wacz.minisig")).unwrap();
    program.run_to(4, &["verify", "one.wacz", "--public-key", "key.pub"]);
    let locked = minisign::KeyPair::generate_encrypted_keypair(Some("geheim".to_owned())).unwrap();
    program.write("locked.sec", locked.sk.to_box(None).unwrap().into_string());
    let ran = program.run_to(2, &["bundle", "-o", "x.zip", "--sign", "locked.sec"]);
    assert!(ran.err.contains("--password-file") && !program.path("x.zip").exists(), "{}", ran.err);
    if Command::new("minisign").arg("-v").output().is_err() {
        return skip("minisign", "its own key and check are not tried");
    }
    // A key and a check of minisign's own.
    said(&program_in(&program, "minisign", &["-G", "-W", "-p", "own.pub", "-s", "own.sec"]));
    program.run_to(0, &["bundle", "-o", "own.zip", "--sign", "own.sec"]);
    let checked = said(&program_in(&program, "minisign", &["-V", "-m", "own.zip", "-p", "own.pub"]));
    // And the other way round, hashed and as old versions sign.
    for (name, legacy) in [("all.zip", None), ("old.zip", Some("-l"))] {
        program.run_to(0, &["bundle", "-o", name]);
        let arguments: Vec<&str> = ["-S", "-m", name, "-s", "own.sec"].into_iter().chain(legacy).collect();
        said(&program_in(&program, "minisign", &arguments));
        let ran = program.run_to(0, &["verify", name, "--public-key", "own.pub"]);
        assert!(ran.err.contains("the signature is valid"), "{}", ran.err);
    }
    let ran = program.run_to(0, &["verify", "own.zip"]);
    assert!(ran.err.contains("own.zip.minisig was not checked"), "{}", ran.err);
    println!("minisign: {}", checked.lines().next().unwrap_or_default());
}

fn program_in(program: &Program, name: &str, arguments: &[&str]) -> Output {
    Command::new(name).args(arguments).current_dir(program.path("")).output().unwrap()
}
