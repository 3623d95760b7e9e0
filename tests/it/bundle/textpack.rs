//! TextPacks of bindery and TextBundles of others.

use bindery::archive::Archive;
use bindery::bundle::{self, Selection, TextPack};
use bindery::model::{Digest, FindingKind};
use serde_json::Value;

use super::packed::{assert_whole, findings, making, put, scratch, textpack, unzip};
use crate::archive::fixture::{self as store, RIVER};

#[test]
fn a_textpack_holds_the_newest_text_and_its_images() {
    let scratch = scratch();
    store::small(&scratch.root);
    let path = textpack(&scratch, "river.textpack", RIVER);
    assert_whole(&path);
    let files = unzip(&path);
    let names: Vec<&str> = files.keys().map(|name| name.split_once(".textbundle/").unwrap().1).collect();
    let image = store::image("a.gif");
    let asset = format!("assets/{}.gif", image.digest);
    assert_eq!(names, [asset.as_str(), "info.json", "manifest-sha256.txt", "text.md"]);
    let file = |name: &str| files.iter().find(|(path, _)| path.ends_with(name)).unwrap().1.clone();
    let text = String::from_utf8(file("text.md")).unwrap();
    assert!(text.contains("河水很快。") && text.contains(&format!("![图]({asset})")), "{text}");
    assert!(text.contains("https://img.example.org/b.gif"), "a missing image stays linked: {text}");
    let info: Value = serde_json::from_slice(&file("info.json")).unwrap();
    assert_eq!((&info["version"], &info["type"]), (&2.into(), &"net.daringfireball.markdown".into()));
    assert_eq!(info["sourceURL"], RIVER);
    assert_eq!(info["org.bindery"]["sha256"]["text.md"], Digest::of(text.as_bytes()).hex());
}

#[test]
fn several_go_into_a_folder_and_not_into_one_file() {
    let scratch = scratch();
    store::small(&scratch.root);
    let archive = Archive::open(&scratch.root).unwrap();
    let all = making(Selection::default());
    let target = scratch.folder.join("one.textpack");
    let error = bundle::write(&archive, &TextPack, &target, &all, &mut |_, _| {}).unwrap_err().to_string();
    assert!(error.contains("2 articles") && !target.exists(), "{error}");
    let folder = scratch.folder.join("texts/");
    let made = bundle::write(&archive, &TextPack, &folder, &all, &mut |_, _| {}).unwrap();
    assert_eq!(made.articles, 2);
    for entry in std::fs::read_dir(&folder).unwrap() {
        assert_whole(&entry.unwrap().path());
    }
}

#[test]
fn a_textbundle_of_others_is_checked_for_its_form() {
    let scratch = scratch();
    let root = scratch.folder.join("note.textbundle");
    let files =
        [("info.json", "{\"version\": 2, \"type\": \"net.daringfireball.markdown\"}"), ("text.markdown", "# 标题\n")];
    put(&root, &files.map(|(name, text)| (name.to_owned(), text.as_bytes().to_vec())).into());
    let found = findings(&root);
    assert_eq!(found.iter().map(|finding| finding.kind).collect::<Vec<_>>(), [FindingKind::Warning], "{found:?}");
    std::fs::write(root.join("info.json"), "{\"version\": 3}").unwrap();
    let error = bindery::verify::any(&root, 1, &mut |_| {}).unwrap_err().to_string();
    assert!(error.contains("version 3"), "{error}");
}
