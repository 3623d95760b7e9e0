//! `repair`, and what edits, notes and damage of an archive's files come to.
#![cfg(all(feature = "cli", feature = "net"))]

use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::support::program::Program;
use crate::support::server::{Answer, Server};

const EDITED: &str = "\n我自己的话：问问渡口的人。\n";

/// A site of two pages with an image each, whose texts follow the version.
fn site() -> (Server, Arc<AtomicUsize>) {
    let version = Arc::new(AtomicUsize::new(1));
    let now = Arc::clone(&version);
    let server = Server::start(move |asked| {
        let path = asked.path.clone();
        if path.ends_with(".gif") {
            let mut gif = b"GIF89a\x0a\0\x0a\0\0\0\0!\xfe\x20".to_vec();
            gif.extend(bindery::model::Digest::of(path.as_bytes()).as_bytes());
            return Answer::bytes("image/gif", [gif.as_slice(), b"\0;"].concat());
        }
        Answer::html(format!(
            "<html lang=zh-CN><meta charset=utf-8><title>渡口{path}</title><article><h1>渡口{path}</h1>\
             <p>渡口在村子的东边，船工每天清早把第一班船撑过去，船上坐着去镇里卖菜的人，第{version}年也是这样。</p>\
             <img src=\"{path}.gif\"><p>到了冬天，河面结冰，船就拉上岸来修，等到第二年春天再放回水里。</p></article></html>",
            version = now.load(Ordering::Relaxed),
        ))
    });
    (server, version)
}

struct Kept {
    program: Program,
    server: Server,
    version: Arc<AtomicUsize>,
}

impl Kept {
    fn new() -> Self {
        let (server, version) = site();
        let kept = Self { program: Program::in_memory(), server, version };
        kept.visit();
        kept
    }

    fn pages(&self) -> Vec<String> {
        ["/a", "/b"].map(|path| self.server.url(path).to_string()).into()
    }

    fn visit(&self) -> String {
        let pages = self.pages();
        let arguments: Vec<&str> = ["archive", "--delay", "0s", "--allow-private"]
            .into_iter()
            .chain(pages.iter().map(String::as_str))
            .collect();
        self.program.run_to(0, &arguments).err
    }

    /// The paths of the archive's files whose name ends so, in order.
    fn files(&self, end: &str) -> Vec<String> {
        let all = self.program.files("bindery-archive").into_iter();
        all.filter(|path| path.ends_with(end) && !path.starts_with(".bindery")).map(|path| below(&path)).collect()
    }

    fn append(&self, path: &str, more: &str) {
        let text = self.program.read(path) + more;
        self.program.write(path, text);
    }

    /// What was kept of edited files.
    fn edited(&self) -> Vec<String> {
        let folder = "bindery-archive/.bindery/edited";
        let files = if self.program.path(folder).is_dir() { self.program.files(folder) } else { Vec::new() };
        files.iter().map(|path| self.program.read(&format!("{folder}/{path}"))).collect()
    }
}

fn below(path: &str) -> String {
    format!("bindery-archive/{path}")
}

#[test]
fn an_edited_article_is_named_restored_and_kept() {
    let kept = Kept::new();
    let index = &kept.files("index.md")[0];
    let whole = kept.program.read(index);
    kept.append(index, EDITED);
    let verified = kept.program.run_to(4, &["verify"]);
    assert!(verified.out.contains("bindery repair") && verified.out.contains("notes.md"), "{}", verified.out);
    let planned = kept.program.run_to(0, &["repair", "--dry-run"]);
    assert!(planned.out.contains("would restore") && planned.out.contains("index.md"), "{}", planned.out);
    assert!(kept.program.read(index).ends_with(EDITED), "a dry run changes nothing");
    let repaired = kept.program.run_to(0, &["repair"]);
    assert!(repaired.err.contains(".bindery/edited/"), "{}", repaired.err);
    assert_eq!((kept.program.read(index), kept.edited()), (whole.clone(), vec![whole + EDITED]));
    kept.program.run_to(0, &["verify", "--strict"]);
    let again = kept.program.run_to(0, &["repair"]);
    assert!(again.out.is_empty() && again.err.contains("no damage is left"), "{}{}", again.out, again.err);
}

#[test]
fn an_edited_article_is_kept_and_named_when_its_page_changes_or_it_is_removed() {
    let kept = Kept::new();
    let index = &kept.files("index.md")[0];
    kept.append(index, EDITED);
    let edited = kept.program.read(index);
    let unchanged = kept.visit();
    assert!(!unchanged.contains(".bindery/edited") && kept.program.read(index) == edited, "{unchanged}");
    kept.version.store(2, Ordering::Relaxed);
    let said = kept.visit();
    let line = said.lines().find(|line| line.contains(".bindery/edited/")).unwrap_or_else(|| panic!("{said}"));
    assert!(line.contains("index.md"), "{line}");
    assert!(kept.program.read(index).contains("第2年") && !kept.program.read(index).contains(EDITED));
    assert_eq!(kept.edited(), [edited]);
    kept.program.run_to(0, &["verify", "--strict"]);
    kept.append(index, "另一句。\n");
    let removed = kept.program.run_to(0, &["remove", &kept.pages()[0]]);
    assert!(removed.err.contains(".bindery/edited/"), "{}", removed.err);
    assert_eq!(kept.edited().len(), 2);
    kept.program.run_to(0, &["verify", "--strict"]);
}

#[test]
fn what_the_rest_of_the_archive_tells_is_restored() {
    let kept = Kept::new();
    let files = kept.program.files("bindery-archive").into_iter().filter(|path| !path.starts_with(".bindery"));
    let whole: Vec<(String, Vec<u8>)> =
        files.map(|path| (path.clone(), fs::read(kept.program.path(&below(&path))).unwrap())).collect();
    let restorable = |path: &str| {
        let name = path.rsplit('/').next().unwrap();
        !(name.ends_with(".warc.gz") || name.ends_with(".jsonl") || name == "record.json")
    };
    for (path, bytes) in whole.iter().filter(|(path, _)| restorable(path)) {
        let file = kept.program.path(&below(path));
        for damage in ["changed", "missing"] {
            // A new copy each time, since a repair leaves the events of its run.
            for (path, bytes) in &whole {
                kept.program.write(&below(path), bytes);
            }
            fs::remove_dir_all(kept.program.path("bindery-archive/runs")).unwrap();
            for (path, bytes) in whole.iter().filter(|(path, _)| path.starts_with("runs/")) {
                kept.program.write(&below(path), bytes);
            }
            match damage {
                "missing" => fs::remove_file(&file).unwrap(),
                _ => fs::write(&file, [&bytes[..bytes.len() / 2], b"\0"].concat()).unwrap(),
            }
            let is_named = kept.program.run(&["verify"]);
            assert_eq!(is_named.code, 4, "{path} {damage}: {}{}", is_named.out, is_named.err);
            let repaired = kept.program.run(&["repair"]);
            assert_eq!(repaired.code, 0, "{path} {damage}: {}{}", repaired.out, repaired.err);
            assert!(repaired.out.contains(path.as_str()), "{path} {damage}: {}", repaired.out);
            let is_of_runs = path == "manifest-sha256.txt" || path.starts_with("runs/");
            assert!(is_of_runs || fs::read(&file).unwrap() == *bytes, "{path} {damage}");
            kept.program.run_to(0, &["verify", "--strict"]);
        }
    }
}

#[test]
fn what_nothing_tells_is_named_and_left() {
    let kept = Kept::new();
    let record = &kept.files("record.json")[0];
    let capture = &kept.files(".warc.gz")[0];
    let folder = record.trim_end_matches("record.json");
    kept.append(record, " ");
    fs::write(kept.program.path(capture), "cut").unwrap();
    kept.program.write(&format!("{folder}20200101T000000Z.md"), "forged");
    // The index stands for what the manifests say.
    let before = kept.program.run_to(4, &["verify"]).out;
    let repaired = kept.program.run_to(4, &["repair", "--json"]);
    let left: Vec<String> =
        repaired.events_named("damaged").iter().map(|event| below(event["path"].as_str().unwrap())).collect();
    for path in [record, capture, &format!("{folder}20200101T000000Z.md")] {
        assert!(left.contains(path), "{path} in {left:?}");
    }
    assert_eq!(kept.program.run_to(4, &["verify"]).out, before, "nothing was hidden");
}

#[test]
fn notes_of_the_reader_survive_everything_and_are_packed_on_request() {
    let kept = Kept::new();
    let notes: Vec<String> = kept.files("index.md").iter().map(|path| path.replace("index.md", "notes.md")).collect();
    for path in &notes {
        kept.program.write(path, "我的笔记");
    }
    let named = |arguments: &[&str]| kept.program.run_to(0, arguments);
    assert_eq!(named(&["verify", "--strict"]).out, "");
    kept.version.store(2, Ordering::Relaxed);
    kept.visit();
    fs::remove_dir_all(kept.program.path("bindery-archive/.bindery")).unwrap();
    named(&["reindex"]);
    named(&["rebuild", "--write"]);
    named(&["repair"]);
    assert!(named(&["bundle", "-o", "all.zip"]).err.contains("--notes"));
    named(&["restore", "all.zip", "-a", "without"]);
    assert!(kept.program.files("without").iter().all(|path| !path.ends_with("notes.md")));
    named(&["bundle", "-o", "noted.zip", "--notes"]);
    assert_eq!(named(&["verify", "noted.zip"]).out, "");
    named(&["restore", "noted.zip", "-a", "with"]);
    assert_eq!(kept.program.files("with").iter().filter(|path| path.ends_with("notes.md")).count(), 2);
    assert_eq!(named(&["verify", "with", "--strict"]).out, "");
    let refused = kept.program.run_to(2, &["bundle", "-o", "x.wacz", "--format", "wacz", "--notes"]);
    assert!(refused.err.contains("--format bag"), "{}", refused.err);
    named(&["remove", &kept.pages()[0]]);
    assert!(notes.iter().all(|path| kept.program.read(path) == "我的笔记"));
    assert_eq!(named(&["verify", "--strict"]).out, "");
}

#[test]
fn a_path_that_cannot_be_checked_does_not_end_the_check_of_others() {
    let kept = Kept::new();
    kept.program.write("bindery-archive/.git/HEAD", "x");
    let ran = kept.program.run_to(1, &["verify", "missing", "bindery-archive", "also-missing"]);
    for said in
        ["bindery-archive: no damage found", "bindery: missing does not exist", "bindery: also-missing does not exist"]
    {
        assert!(ran.err.contains(said), "{said}: {}", ran.err);
    }
    assert!(ran.out.contains("foreign    bindery-archive: .git"), "{}", ran.out);
    kept.program.run_to(0, &["verify"]);
    kept.program.run_to(4, &["verify", "--strict"]);
}
