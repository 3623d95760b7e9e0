//! Articles that were put together from several pages: every page is followed, packed and restored.

use std::fs;
use std::process::Command;

use bindery::archive::{Archive, Writer, WriterOptions};
use bindery::bundle::Selection;
use bindery::model::Digest;
use bindery::verify;

use super::packed::{Scratch, assert_whole, bag, scratch, selected, wacz};
use crate::archive::fixture as store;

const LONG: &str = "https://example.org/long";

/// An archive with an article on three pages.
fn stitched() -> Scratch {
    let scratch = scratch();
    let mut visit = store::visit(LONG, "2026-11-24T08:00:00Z", "第一页、第二页和第三页。", &[]);
    let part = |number: u32| {
        let body = format!("<html>第{number}页</html>").into_bytes();
        vec![store::answer(&format!("{LONG}?page={number}"), "2026-11-24T08:00:00Z", Some(body))]
    };
    visit.continuation_pages = vec![part(2), part(3)];
    store::run(&scratch.root, visit);
    store::run(&scratch.root, store::visit(store::HILL, "2026-11-24T09:00:00Z", "山很高。", &[]));
    scratch
}

#[test]
fn the_chain_follows_every_page() {
    let scratch = stitched();
    let archive = Archive::open(&scratch.root).unwrap();
    let entry = archive.find(LONG).unwrap().remove(0);
    let links = verify::explain(&archive, &entry);
    for number in [2, 3] {
        let payload = Digest::of(format!("<html>第{number}页</html>").as_bytes()).hex();
        let of = |what: &str| links.iter().filter(|link| link.what.contains(what)).collect::<Vec<_>>();
        let [record, sent] = of(&format!("page {number} of it, {LONG}?page={number}"))[..] else {
            panic!("a record and a payload of page {number}: {links:#?}")
        };
        assert!(record.value.starts_with("urn:uuid:") && sent.value == payload, "{record:?} {sent:?}");
    }
    for link in &links {
        assert_eq!(link.fault, None, "{}", link.what);
        let ran = Command::new("sh").args(["-c", &link.command]).current_dir(&scratch.root).output().unwrap();
        let printed = String::from_utf8_lossy(&ran.stdout).into_owned();
        assert!(printed.contains(&link.value) || printed.ends_with(": OK\n"), "{}\n{printed}", link.command);
    }
}

#[test]
fn a_page_that_is_not_what_the_record_says_breaks_the_chain() {
    let scratch = stitched();
    let archive = Archive::open(&scratch.root).unwrap();
    let path = scratch.root.join(&archive.find(LONG).unwrap()[0].folder).join("record.json");
    let payload = Digest::of("<html>第3页</html>".as_bytes()).hex();
    let record = fs::read_to_string(&path).unwrap();
    assert!(record.contains(&payload));
    store::spoil(&path, record.replace(&payload, &"0".repeat(64)).as_bytes());
    let links = verify::explain(&archive, &archive.find(LONG).unwrap().remove(0));
    let broken: Vec<_> = links.iter().filter(|link| link.fault.is_some()).map(|link| link.what.as_str()).collect();
    assert!(broken.iter().any(|what| what.contains("page 3 of it")), "{broken:?}");
    assert!(!broken.iter().any(|what| what.contains("page 2 of it")), "{broken:?}");
}

#[test]
fn bundles_hold_every_page() {
    let scratch = stitched();
    for selection in [Selection::default(), selected(&[LONG])] {
        let path = bag(&scratch, "all.zip", selection.clone());
        assert_whole(&path);
        let back = scratch.folder.join("back");
        bindery::bundle::restore(&path, &back, &std::sync::atomic::AtomicBool::new(false), &mut |_, _| {}).unwrap();
        store::assert_whole(&back, "restored");
        let archive = Archive::open(&back).unwrap();
        let links = verify::explain(&archive, &archive.find(LONG).unwrap().remove(0));
        assert_eq!(links.iter().filter(|link| link.what.contains(" of it, ") && link.fault.is_none()).count(), 4);
        fs::remove_dir_all(&back).unwrap();
        assert_whole(&wacz(&scratch, "all.wacz", selection));
    }
}

#[test]
fn an_index_is_made_anew_with_every_page() {
    let scratch = stitched();
    let before = store::files(&scratch.root);
    let again = WriterOptions { reindex: true, ..store::opening("2026-11-25T08:00:00Z") };
    let writer = Writer::open(&scratch.root, again).unwrap();
    assert_eq!(writer.articles().unwrap(), 2);
    drop(writer);
    assert_eq!(store::files(&scratch.root), before);
    // A page that is the same as one that was kept stands for it.
    let mut visit = store::visit("https://example.org/other", "2026-11-26T08:00:00Z", "另一篇。", &[]);
    let body = "<html>第2页</html>".as_bytes().to_vec();
    visit.continuation_pages = vec![vec![store::answer(&format!("{LONG}?page=2"), "2026-11-26T08:00:00Z", Some(body))]];
    store::run(&scratch.root, visit);
    store::assert_whole(&scratch.root, "after it");
    let archive = Archive::open(&scratch.root).unwrap();
    let entry = archive.find("https://example.org/other").unwrap().remove(0);
    let capture = entry.record.newest().unwrap().capture.clone().unwrap();
    assert!(capture.continuation_pages[0].original.is_some(), "the index knows it: {capture:?}");
    let links = verify::explain(&archive, &entry);
    assert!(links.iter().all(|link| link.fault.is_none()), "{links:#?}");
    assert!(links.iter().any(|link| link.what.contains("page 2 of it") && link.what.contains("an earlier one")));
}
