//! WACZ files of bindery, and such as others write badly.

use std::collections::BTreeMap;

use bindery::bundle::{self, BundleError, Selection, Wacz};
use bindery::model::Digest;
use bindery::verify::{self, VerifyError};
use serde_json::{Value, json};

use super::packed::{Scratch, assert_whole, damage, making, scratch, selected, unzip, wacz, zip};
use crate::archive::fixture::{self as store, RIVER};

type Files = BTreeMap<String, Vec<u8>>;

fn small() -> (Scratch, Files) {
    let scratch = scratch();
    store::small(&scratch.root);
    let path = wacz(&scratch, "all.wacz", Selection::default());
    assert_whole(&path);
    (scratch, unzip(&path))
}

#[test]
fn a_wacz_has_every_part_and_tells_its_pages() {
    let (scratch, files) = small();
    let names: Vec<&str> = files.keys().map(String::as_str).collect();
    let expected = [
        "archive/20261123T080000Z.warc.gz",
        "archive/20261124T080000Z.warc.gz",
        "archive/20261124T080001Z.warc.gz",
        "datapackage-digest.json",
        "datapackage.json",
        "indexes/index.cdx.gz",
        "indexes/index.idx",
        "pages/pages.jsonl",
    ];
    assert_eq!(names, expected);
    let pages = String::from_utf8(files["pages/pages.jsonl"].clone()).unwrap();
    let pages: Vec<Value> = pages.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(pages[0]["format"], "json-pages-1.0");
    assert_eq!((pages.len(), &pages[1]["url"]), (4, &json!("https://example.org/hill")));
    assert!(pages[2]["text"].as_str().unwrap().starts_with("河水很慢。"), "{}", pages[2]);
    let package: Value = serde_json::from_slice(&files["datapackage.json"]).unwrap();
    assert_eq!((&package["wacz_version"], &package["created"]), (&json!("1.1.1"), &json!("2026-11-24T08:00:01Z")));
    assert_eq!(package["resources"][0]["name"], "r0001");
    let one = wacz(&scratch, "one.wacz", selected(&[RIVER]));
    assert_whole(&one);
    let package: Value = serde_json::from_slice(&unzip(&one)["datapackage.json"]).unwrap();
    assert_eq!(package["mainPageUrl"], RIVER);
}

#[test]
fn articles_without_captures_are_reported() {
    let scratch = scratch();
    store::small_without_captures(&scratch.root);
    let archive = bindery::archive::Archive::open(&scratch.root).unwrap();
    let path = scratch.folder.join("none.wacz");
    let error = bundle::write(&archive, &Wacz, &path, &making(Selection::default()), &mut |_, _| {}).unwrap_err();
    assert!(matches!(error, BundleError::NoCaptures));
    store::run(&scratch.root, store::visit("https://example.org/sea", "2026-11-25T08:00:00Z", "海很大。", &[]));
    let made = bundle::write(&archive, &Wacz, &path, &making(Selection::default()), &mut |_, _| {}).unwrap();
    assert_eq!((made.articles, made.skipped.len()), (1, 2));
    assert_whole(&path);
}

/// Puts another program's name on a package, and lists every file as it is.
fn resealed(mut files: Files) -> Files {
    let mut package: Value = serde_json::from_slice(&files["datapackage.json"]).unwrap();
    package["software"] = json!("another 1.0");
    let listed = files.iter().filter(|(path, _)| !path.starts_with("datapackage"));
    package["resources"] = listed
        .enumerate()
        .map(|(at, (path, bytes))| {
            json!({"name": format!("r{at}"), "path": path, "bytes": bytes.len(), "hash": format!("sha256:{}", Digest::of(bytes))})
        })
        .collect();
    let bytes = package.to_string().into_bytes();
    let digest = json!({"path": "datapackage.json", "hash": format!("sha256:{}", Digest::of(&bytes))});
    files.insert("datapackage-digest.json".to_owned(), digest.to_string().into_bytes());
    files.insert("datapackage.json".to_owned(), bytes);
    files
}

/// A plain index of one line.
fn cdx(line: &str) -> (String, Vec<u8>) {
    ("indexes/index.cdx".to_owned(), format!("{line}\n").into_bytes())
}

#[test]
fn what_other_validators_let_pass_is_found() {
    let (scratch, files) = small();
    let path = scratch.folder.join("foreign.wacz");
    let check = |files: &Files| {
        zip(&path, files);
        damage(&path)
    };
    assert_eq!(check(&resealed(files.clone())), []);
    let changed = |change: &dyn Fn(&mut Files)| {
        let mut changed = files.clone();
        change(&mut changed);
        check(&resealed(changed))
    };
    let without = |part: &str| changed(&|files: &mut Files| files.retain(|path, _| !path.starts_with(part)));
    let names = |found: Vec<bindery::model::Finding>| found.into_iter().map(|finding| finding.path).collect::<Vec<_>>();
    assert!(names(without("archive/")).contains(&"archive".to_owned()));
    assert!(names(without("indexes/")).contains(&"indexes".to_owned()));
    assert_eq!(without("pages/"), [], "other programs list pages only when they are asked to");
    // An unlisted file without a dot in its name.
    let mut more = resealed(files.clone());
    more.insert("archive/unlisted".to_owned(), b"x".to_vec());
    assert!(names(check(&more)).contains(&"archive/unlisted".to_owned()));
    let lines = [
        ("../../etc/passwd", 0),
        ("20261124T080001Z.warc.gz", 1),
        ("20261124T080001Z.warc.gz", 1u64 << 40),
        ("none.warc.gz", 0),
    ];
    for (filename, offset) in lines {
        let line = json!({"url": store::HILL, "filename": filename, "offset": offset.to_string(), "length": "9", "digest": "sha256:00"});
        let found = changed(&|files: &mut Files| {
            files.retain(|path, _| !path.starts_with("indexes/"));
            files.extend([cdx(&format!("org,example)/hill 20261124080001 {line}"))]);
        });
        assert!(names(found).contains(&"indexes/index.cdx".to_owned()), "{filename} {offset}");
    }
    let page = |files: &mut Files| {
        files
            .get_mut("pages/pages.jsonl")
            .unwrap()
            .extend(b"{\"url\": \"https://example.org/none\", \"ts\": \"2026-11-24T08:00:01Z\"}\n");
    };
    assert_eq!(names(changed(&page)), ["pages/pages.jsonl"]);
    let mut pathless = resealed(files.clone());
    let mut package: Value = serde_json::from_slice(&pathless["datapackage.json"]).unwrap();
    package["resources"].as_array_mut().unwrap().push(json!({"name": "none", "file": "pages/pages.jsonl"}));
    pathless.insert("datapackage.json".to_owned(), package.to_string().into_bytes());
    assert!(names(check(&pathless)).iter().all(|path| path.starts_with("datapackage")));
    let cut = |files: &mut Files| {
        let warc = files.get_mut("archive/20261124T080001Z.warc.gz").unwrap();
        warc.truncate(warc.len() - 20);
    };
    assert!(names(changed(&cut)).contains(&"archive/20261124T080001Z.warc.gz".to_owned()));
}

#[test]
fn a_newer_wacz_is_refused_by_its_version() {
    let (scratch, mut files) = small();
    let text = String::from_utf8(files["datapackage.json"].clone()).unwrap().replace("1.1.1", "2.0.0");
    files.insert("datapackage.json".to_owned(), text.into_bytes());
    let path = scratch.folder.join("new.wacz");
    zip(&path, &files);
    let error = verify::any(&path, 1, &mut |_| {}).unwrap_err();
    assert!(matches!(error, VerifyError::NewerBundle { .. }) && error.to_string().contains("2.0.0"), "{error}");
}
