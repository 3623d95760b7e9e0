//! Bundles as a user makes, checks and restores them; and what other programs make of them.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]
#![cfg(feature = "cli")]

#[path = "oracle/mod.rs"]
mod oracle;
mod program;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use program::Program;

const NOW: &str = "2026-11-24T10:00:00Z";

/// An archive of the example page and of another one without pictures.
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
        return eprintln!("skipped: BINDERY_CORPUS names no measuring sets");
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
fn rebuilding_shows_what_changes_and_keeps_it_when_told() {
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
        assert!(ran.err.contains("the signature is right"), "{}", ran.err);
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
        return eprintln!("skipped: there is no minisign to ask");
    }
    // A key and a check of minisign's own.
    said(&program_in(&program, "minisign", &["-G", "-W", "-p", "own.pub", "-s", "own.sec"]));
    program.run_to(0, &["bundle", "-o", "own.zip", "--sign", "own.sec"]);
    let bytes = std::fs::read(program.path("own.zip")).unwrap();
    let folder = program.path("bag");
    bindery::bundle::restore(&program.path("own.zip"), &folder, &mut |_, _| {}).unwrap();
    let zip = std::sync::Arc::new(bindery::bundle::Zip::open(&program.path("own.zip")).unwrap());
    let name = zip.names().find(|name| name.ends_with("/tagmanifest-sha256.txt")).unwrap().to_owned();
    let mut seal = Vec::new();
    std::io::Read::read_to_end(&mut bindery::bundle::Tree::in_zip(&zip, "").open(&name).unwrap().bytes, &mut seal)
        .unwrap();
    assert!(!bytes.is_empty() && !seal.is_empty());
    program.write("seal", seal);
    let checked =
        said(&program_in(&program, "minisign", &["-V", "-m", "seal", "-x", "own.zip.minisig", "-p", "own.pub"]));
    println!("minisign: {}", checked.lines().next().unwrap_or_default());
}

fn program_in(program: &Program, name: &str, arguments: &[&str]) -> Output {
    Command::new(name).args(arguments).current_dir(program.path("")).output().unwrap()
}
