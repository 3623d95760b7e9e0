//! Bags of bindery: what is in them, the same bytes every time, an archive again.

use std::fs;
use std::sync::atomic::AtomicBool;

use bindery::archive::Archive;
use bindery::bundle::{self, Bag, BundleError, Selection, TextPack, Wacz};
use bindery::model::Digest;

use super::packed::{assert_whole, bag, findings, making, scratch, selected, unzip};
use crate::archive::fixture::{self as store, HILL, RIVER};

#[test]
fn a_bag_of_everything_becomes_the_same_archive_again() {
    let scratch = scratch();
    store::small(&scratch.root);
    let path = bag(&scratch, "all.zip", Selection::default());
    assert_whole(&path);
    let back = scratch.folder.join("back");
    let restored = bundle::restore(&path, &back, &AtomicBool::new(false), &mut |_, _| {}).unwrap();
    assert_eq!(store::files(&back), store::files(&scratch.root));
    assert_eq!(restored.files, store::files(&back).len() as u64);
    store::assert_whole(&back, "restored");
    let error = bundle::restore(&path, &back, &AtomicBool::new(false), &mut |_, _| {}).unwrap_err().to_string();
    assert!(error.contains("not empty"), "{error}");
}

#[test]
fn the_same_archive_gives_the_same_bytes_wherever_it_lies() {
    let (one, two) = (scratch(), scratch());
    store::small(&one.root);
    // Written in another order of folders.
    let names: Vec<String> = store::files(&one.root).into_keys().rev().collect();
    for name in names {
        let to = two.root.join(&name);
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::copy(one.root.join(&name), to).unwrap();
    }
    for selection in [Selection::default(), selected(&[RIVER])] {
        let a = bag(&one, "a.zip", selection.clone());
        let b = bag(&two, "another name.bag", selection);
        assert_eq!(Digest::of(&fs::read(a).unwrap()), Digest::of(&fs::read(b).unwrap()));
    }
}

#[test]
fn a_selection_is_an_archive_with_every_record_it_needs() {
    let scratch = scratch();
    store::small(&scratch.root);
    // Its capture holds a revisit of an image that the first article's capture holds.
    store::run(
        &scratch.root,
        store::visit("https://example.org/sea", "2026-11-25T08:00:00Z", "海很大。", &[("a.gif", true)]),
    );
    let path = bag(&scratch, "sea.zip", selected(&["https://example.org/sea"]));
    assert_whole(&path);
    let names: Vec<String> = unzip(&path).into_keys().filter(|name| name.ends_with(".warc.gz")).collect();
    assert_eq!(names.len(), 2, "{names:?}");
    assert!(names[0].ends_with("20261123T080000Z.warc.gz"), "{names:?}");
    let back = scratch.folder.join("back");
    bundle::restore(&path, &back, &AtomicBool::new(false), &mut |_, _| {}).unwrap();
    store::assert_whole(&back, "a selection");
    let kept = |name: &str| fs::read(back.join(name)).unwrap().len() < fs::read(scratch.root.join(name)).unwrap().len();
    assert!(kept("captures/2026/11/20261123T080000Z.warc.gz"), "other members stay out");
    let articles = Archive::open(&back).unwrap().articles().unwrap();
    assert_eq!(articles.len(), 1);
}

#[test]
fn selectors_choose_by_url_path_source_time_and_tag() {
    let scratch = scratch();
    store::small(&scratch.root);
    let archive = Archive::open(&scratch.root).unwrap();
    let hill = archive.find(HILL).unwrap().remove(0).folder;
    let year = hill.rsplit_once('/').unwrap().0.to_owned();
    let chosen = |selection: Selection| selection.articles(&archive).map(|entries| entries.len());
    assert_eq!(chosen(selected(&[HILL])).unwrap(), 1);
    assert_eq!(chosen(selected(&[&hill])).unwrap(), 1);
    assert_eq!(chosen(selected(&[&year])).unwrap(), 2);
    assert_eq!(chosen(selected(&[HILL, RIVER, &hill])).unwrap(), 2);
    // As a shell completes them, from where the archive lies.
    let from_outside = |path: &str| scratch.root.join(path).to_string_lossy().into_owned();
    assert_eq!(chosen(selected(&[&from_outside(&hill)])).unwrap(), 1);
    assert_eq!(chosen(selected(&[&from_outside(&year)])).unwrap(), 2);
    let error = chosen(selected(&["https://example.org/none"])).unwrap_err();
    assert!(matches!(error, BundleError::NoMatch { .. }) && error.to_string().contains("example.org/none"));
    let at = |text: &str| Some(text.parse().unwrap());
    let until = Selection { until: at("2026-11-23T23:59:59Z"), ..Selection::default() };
    assert_eq!(chosen(until.clone()).unwrap(), 1);
    assert_eq!(chosen(Selection { since: at("2026-11-24T00:00:00Z"), ..Selection::default() }).unwrap(), 2);
    let none = Selection { since: at("2026-11-25T00:00:00Z"), ..until };
    assert!(matches!(chosen(none).unwrap_err(), BundleError::NothingSelected));
    let folders = Some([hill].into());
    assert_eq!(chosen(Selection { folders, ..Selection::default() }).unwrap(), 1);
    let mut tagged = store::visit("https://example.org/tagged", "2026-11-25T08:00:00Z", "有标签。", &[]);
    tagged.document.front_matter = "---\ntitle: 城市里的河\ntags:\n- 河流\n---\n".to_owned();
    store::run(&scratch.root, tagged);
    let tags = |tag: &str| Selection { tags: vec![tag.to_owned()], ..Selection::default() };
    assert_eq!(chosen(tags("河流")).unwrap(), 1);
    assert!(chosen(tags("山")).is_err());
}

#[test]
fn an_archive_that_is_damaged_is_not_certified_anew() {
    let scratch = scratch();
    store::small(&scratch.root);
    let image = format!("images/{}", store::image("a.gif").path());
    store::spoil(&scratch.root.join(&image), b"GIF89a !.gif");
    let archive = Archive::open(&scratch.root).unwrap();
    let target = scratch.folder.join("bad.zip");
    for selection in [Selection::default(), selected(&[RIVER])] {
        let error = bundle::write(&archive, &Bag, &target, &making(selection), &mut |_, _| {}).unwrap_err();
        assert!(error.to_string().contains(&image), "{error}");
    }
    let left: Vec<_> = fs::read_dir(&scratch.folder).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["archive"], "no half-written file stays");
}

#[test]
fn a_damaged_bag_is_not_restored() {
    let scratch = scratch();
    store::small(&scratch.root);
    let path = bag(&scratch, "all.zip", Selection::default());
    let mut bytes = fs::read(&path).unwrap();
    let text = "河水很快".as_bytes();
    let at = bytes.windows(text.len()).position(|window| window == text).unwrap();
    bytes[at] ^= 1;
    fs::write(&path, bytes).unwrap();
    let back = scratch.folder.join("back");
    assert!(bundle::restore(&path, &back, &AtomicBool::new(false), &mut |_, _| {}).is_err());
    assert!(!back.exists() && findings(&path).iter().any(|finding| finding.path.ends_with(".md")));
}

#[test]
fn a_bundle_beside_a_writer_is_distinguished_from_damage() {
    let scratch = scratch();
    store::small(&scratch.root);
    let archive = Archive::open(&scratch.root).unwrap();
    let target = scratch.folder.join("live.zip");
    let record = format!("{}/record.json", archive.find(RIVER).unwrap().remove(0).folder);
    let writer = store::open(&scratch.root);
    // A writer that has renewed a record and not yet the manifests.
    let path = scratch.root.join(&record);
    let changed = fs::read_to_string(&path).unwrap() + "\n";
    fs::remove_file(&path).unwrap();
    fs::write(&path, changed).unwrap();
    let make = || bundle::write(&archive, &Bag, &target, &making(Selection::default()), &mut |_, _| {}).unwrap_err();
    let error = make();
    assert!(matches!(&error, BundleError::ConcurrentChange { path, .. } if *path == record), "{error}");
    assert!(error.to_string().contains(store::HOLDER) && error.to_string().contains("bundle again"), "{error}");
    drop(writer);
    assert!(matches!(make(), BundleError::Damaged { path, .. } if path == record));
    assert!(!target.exists());
}

#[test]
fn what_is_stopped_leaves_nothing() {
    let scratch = scratch();
    store::small(&scratch.root);
    let archive = Archive::open(&scratch.root).unwrap();
    let all = making(Selection::default());
    let whole = bag(&scratch, "whole.zip", Selection::default());
    let left = |stage: &str| {
        let mut left: Vec<_> = fs::read_dir(&scratch.folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        left.sort();
        assert_eq!(left, ["archive", "whole.zip"], "{stage}");
    };
    // Stopped in the middle: when something was packed already.
    let stop = std::sync::Arc::clone(&all.stop);
    let mut halfway = |_, _| stop.store(true, std::sync::atomic::Ordering::Relaxed);
    let stopped = bundle::write(&archive, &Bag, &scratch.folder.join("a.zip"), &all, &mut halfway).unwrap_err();
    assert!(matches!(stopped, BundleError::Interrupted));
    left("a bag");
    let stopped = bundle::write(&archive, &Wacz, &scratch.folder.join("a.wacz"), &all, &mut halfway).unwrap_err();
    assert!(matches!(stopped, BundleError::Interrupted));
    left("a WACZ");
    let text = bindery::bundle::BundleOptions { selection: selected(&[RIVER]), ..all.clone() };
    let stopped =
        bundle::write(&archive, &TextPack, &scratch.folder.join("a.textpack"), &text, &mut halfway).unwrap_err();
    assert!(matches!(stopped, BundleError::Interrupted));
    left("a TextPack");
    let stopped = bundle::restore(&whole, &scratch.folder.join("back"), &all.stop, &mut |_, _| {}).unwrap_err();
    assert!(matches!(stopped, BundleError::Interrupted));
    left("an archive");
}
