//! A kill at every moment of a run: the next run brings the archive in order and loses nothing that was kept.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use bindery::archive::Visit;
use bindery::model::FindingKind;

use crate::fixture::*;

/// Where a file comes in the order of writing.
fn rank(path: &str) -> u8 {
    match path {
        "bindery-archive.json" => 0,
        "README.md" => 1,
        "manifest-sha256.txt" => 9,
        _ if path.ends_with("manifest-sha256.txt") => 8,
        _ if path.starts_with("images/") => 2,
        _ if path.ends_with("index.md") => 4,
        _ if path.ends_with("record.json") => 5,
        _ => 3,
    }
}

/// What a run with this visit writes, in order.
fn writes(before: &BTreeMap<String, Vec<u8>>, visit: &Visit) -> Vec<(String, Vec<u8>)> {
    let other = scratch();
    lay_out(&other.root, before);
    run(&other.root, visit.clone());
    let mut changed: Vec<_> =
        files(&other.root).into_iter().filter(|(path, bytes)| before.get(path) != Some(bytes)).collect();
    changed.sort_by_key(|(path, _)| (rank(path), path.clone()));
    changed
}

fn lay_out(root: &Path, files: &BTreeMap<String, Vec<u8>>) {
    for (path, bytes) in files {
        put(root, path, bytes);
    }
    if !files.is_empty() {
        age(root);
    }
}

fn put(root: &Path, path: &str, bytes: &[u8]) {
    let path = root.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, bytes).unwrap();
}

fn temp_of(path: &str) -> String {
    match path.rsplit_once('/') {
        Some((folder, name)) => format!("{folder}/.bindery-{name}.tmp"),
        None => format!(".bindery-{path}.tmp"),
    }
}

/// Cuts a run off after each of its writes and in the middle of the next.
fn survives_every_kill(before: &BTreeMap<String, Vec<u8>>, visit: &Visit) {
    let writes = writes(before, visit);
    let end = {
        let mut end = before.clone();
        end.extend(writes.iter().cloned());
        end
    };
    for done in 0..=writes.len() {
        let scratch = scratch();
        fs::create_dir_all(&scratch.root).unwrap();
        lay_out(&scratch.root, before);
        writes[..done].iter().for_each(|(path, bytes)| put(&scratch.root, path, bytes));
        if let Some((path, bytes)) = writes.get(done) {
            put(&scratch.root, &temp_of(path), &bytes[..bytes.len() / 2]);
        }
        let when = format!("killed after {:?}", writes[..done].last().map(|(path, _)| path));
        let writer = open(&scratch.root);
        assert!(findings(&scratch.root).iter().all(|finding| finding.kind == FindingKind::Pending), "{when}");
        let found = writer.find(&visit.key).unwrap();
        let kept = writes[..done].iter().any(|(path, _)| path.ends_with("record.json"));
        let has_it = found.is_some_and(|entry| {
            let newest = entry.record.newest().unwrap();
            newest.captured == visit.captured || newest.unchanged.is_some_and(|seen| seen.last == visit.captured)
        });
        assert_eq!(has_it, kept, "{when}: what was kept is there, and nothing else is");
        drop(writer);
        assert_whole(&scratch.root, &when);
        if !kept {
            run(&scratch.root, visit.clone());
        }
        assert_whole(&scratch.root, &when);
        assert_eq!(files(&scratch.root), end, "{when}: another run ends where the first would have");
    }
}

#[test]
fn a_kill_in_the_first_run_of_an_archive() {
    survives_every_kill(&BTreeMap::new(), &visit(RIVER, "2026-11-23T08:00:00Z", "河水很慢。", &[("a.gif", true)]));
}

#[test]
fn a_kill_while_an_article_comes_to_an_archive() {
    let scratch = scratch();
    small(&scratch.root);
    let before = files(&scratch.root);
    let other_host = visit("https://example.com/sea", "2026-12-01T08:00:00Z", "海很远。", &[("a.gif", true)]);
    let same_host = visit("https://example.org/sea", "2026-12-01T08:00:00Z", "海很远。", &[("d.gif", true)]);
    survives_every_kill(&before, &other_host);
    survives_every_kill(&before, &same_host);
}

#[test]
fn a_kill_while_a_text_is_updated_or_counted() {
    let scratch = scratch();
    small(&scratch.root);
    let before = files(&scratch.root);
    let images = [("a.gif", true), ("b.gif", false)];
    survives_every_kill(&before, &visit(RIVER, "2026-12-01T08:00:00Z", "河水不见了。", &images));
    survives_every_kill(&before, &visit(RIVER, "2026-12-01T08:00:00Z", "河水很快。", &images));
    let recovered = [("a.gif", true), ("b.gif", true)];
    survives_every_kill(&before, &visit(RIVER, "2026-12-01T08:00:00Z", "河水很快。", &recovered));
}

#[test]
fn a_text_that_was_not_finished_is_set_aside_and_named() {
    let scratch = scratch();
    small(&scratch.root);
    age(&scratch.root);
    let folder = open(&scratch.root).find(&visit(RIVER, "2026-12-01T08:00:00Z", "", &[]).key).unwrap().unwrap().folder;
    put(&scratch.root, &format!("{folder}/20261201T080000Z.md"), "半".as_bytes());
    put(&scratch.root, &format!("{folder}/index.md"), "半".as_bytes());
    let writer = open(&scratch.root);
    let below = folder.strip_prefix("articles/").unwrap();
    let aside = scratch.root.join(format!(".bindery/unfinished/{below}/20261201T080000Z.md"));
    assert_eq!(fs::read_to_string(aside).unwrap(), "半");
    assert_eq!(writer.notes().len(), 1, "{:?}", writer.notes());
    assert!(writer.notes()[0].contains(".bindery/unfinished/"), "{:?}", writer.notes());
    drop(writer);
    assert_whole(&scratch.root, "set aside");
}

#[test]
fn what_a_live_writer_has_not_listed_yet_is_pending() {
    let scratch = scratch();
    small(&scratch.root);
    age(&scratch.root);
    let mut writer = open(&scratch.root);
    keep(&mut writer, visit(RIVER, "2026-12-01T08:00:00Z", "河水不见了。", &[("d.gif", true)]));
    keep(&mut writer, visit("https://example.com/sea", "2026-12-01T08:00:00Z", "海很远。", &[]));
    let beside = findings(&scratch.root);
    assert_eq!(beside.len(), 7, "{beside:#?}");
    assert!(beside.iter().all(|finding| finding.kind == FindingKind::Pending), "{beside:#?}");
    drop(writer);
    let after_a_kill = findings(&scratch.root);
    assert_eq!(after_a_kill.len(), 7, "{after_a_kill:#?}");
    assert!(after_a_kill.iter().all(|finding| finding.kind != FindingKind::Pending), "{after_a_kill:#?}");
    drop(open(&scratch.root));
    assert_whole(&scratch.root, "next run");
}
