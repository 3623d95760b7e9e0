//! Damage of every kind, and who is blamed for it.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use bindery::model::{Digest, FindingKind};
use bindery::verify;

use super::fixture::*;
use crate::support::skip::skip;

/// The bytes to spoil: all of a small file, a spread over a large one.
fn positions(len: usize) -> impl Iterator<Item = usize> {
    (0..len).step_by(1 + len / 150).chain(len.checked_sub(1))
}

fn paths(root: &Path) -> BTreeSet<String> {
    findings(root).into_iter().map(|finding| finding.path).collect()
}

fn is_accepted_by_sha256sum(root: &Path) -> Option<bool> {
    // The lines that the README of an archive gives.
    let script = "sha256sum --check --strict --quiet manifest-sha256.txt && \
        find . -mindepth 2 -name manifest-sha256.txt -execdir sha256sum --check --strict --quiet {} +";
    let status = Command::new("sha256sum").arg("--version").output().ok()?.status;
    let output = Command::new("sh").arg("-c").arg(script).current_dir(root).output().ok()?;
    status.success().then(|| output.status.success() && output.stdout.is_empty() && output.stderr.is_empty())
}

#[test]
fn one_flipped_bit_is_found_in_the_very_file_that_has_it() {
    let scratch = scratch();
    small(&scratch.root);
    age(&scratch.root);
    assert_whole(&scratch.root, "before");
    for (path, bytes) in files(&scratch.root) {
        for at in positions(bytes.len()) {
            for bit in [at % 8, 0, 5] {
                let mut spoilt = bytes.clone();
                spoilt[at] ^= 1 << bit;
                spoil(&scratch.root.join(&path), &spoilt);
                let blamed = paths(&scratch.root);
                assert!(blamed.contains(&path), "{path}, byte {at}, bit {bit}: {:#?}", findings(&scratch.root));
                assert_eq!(blamed.len(), 1, "{path}, byte {at}, bit {bit}: {:#?}", findings(&scratch.root));
            }
        }
        spoil(&scratch.root.join(&path), &bytes);
    }
    assert_whole(&scratch.root, "after");
}

#[test]
fn a_file_cut_short_or_gone_is_found() {
    let scratch = scratch();
    small(&scratch.root);
    age(&scratch.root);
    for (path, bytes) in files(&scratch.root) {
        let file = scratch.root.join(&path);
        for len in [0, bytes.len() / 2, bytes.len() - 1] {
            spoil(&file, &bytes[..len]);
            assert!(paths(&scratch.root).contains(&path), "{path} cut to {len}");
        }
        fs::remove_file(&file).unwrap();
        let found = findings(&scratch.root);
        assert!(
            found.iter().any(|finding| finding.path == path && finding.kind == FindingKind::Missing),
            "{path} gone: {found:#?}"
        );
        fs::write(&file, &bytes).unwrap();
        age(&scratch.root);
    }
    assert_whole(&scratch.root, "after");
}

#[test]
fn a_run_after_damage_heals_it_or_leaves_it_to_be_found() {
    let (scratch, unhurt) = (scratch(), scratch());
    small(&unhurt.root);
    open(&unhurt.root).store_image(&image("new.gif")).unwrap();
    drop(open(&unhurt.root));
    small(&scratch.root);
    for (path, bytes) in files(&scratch.root) {
        if path == "bindery-archive.json" {
            continue;
        }
        for at in positions(bytes.len()).step_by(10) {
            age(&scratch.root);
            let mut spoilt = bytes.clone();
            spoilt[at] ^= 1;
            spoil(&scratch.root.join(&path), &spoilt);
            let mut writer = open(&scratch.root);
            writer.store_image(&image("new.gif")).unwrap();
            writer.commit().unwrap();
            drop(writer);
            let healed = files(&scratch.root) == files(&unhurt.root);
            assert_eq!(findings(&scratch.root).is_empty(), healed, "{path}, byte {at}");
            fs::remove_dir_all(&scratch.root).unwrap();
            small(&scratch.root);
        }
    }
}

#[test]
fn what_looks_like_the_archives_and_is_not_listed_is_unexpected() {
    let scratch = scratch();
    small(&scratch.root);
    age(&scratch.root);
    let folder = open(&scratch.root).find(&visit(RIVER, "2026-12-01T08:00:00Z", "", &[]).key).unwrap().unwrap().folder;
    let year = folder.rsplit_once('/').unwrap().0;
    let other = image("new.gif");
    let strays = [
        format!("{folder}/20200101T000000Z.md"),
        format!("{folder}/removed.json"),
        format!("{year}/forged-01234567/index.md"),
        "captures/2026/11/20261101T000000Z.warc.gz".to_owned(),
        "runs/2026/20260101T000000Z.jsonl".to_owned(),
        format!("images/{}", other.path()),
    ];
    for stray in strays {
        let path = scratch.root.join(&stray);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, "x").unwrap();
        let found = findings(&scratch.root);
        assert!(found.iter().any(|finding| finding.path == stray && finding.kind.is_damage()), "{stray}: {found:#?}");
        fs::remove_file(&path).unwrap();
    }
}

#[test]
fn what_is_not_the_archives_is_foreign_at_any_level_and_hides_no_damage() {
    let scratch = scratch();
    small(&scratch.root);
    age(&scratch.root);
    let folder = open(&scratch.root).find(&visit(RIVER, "2026-12-01T08:00:00Z", "", &[]).key).unwrap().unwrap().folder;
    let year = folder.rsplit_once('/').unwrap().0.to_owned();
    let images = format!("images/{}", &image("a.gif").digest.hex()[..2]);
    let strays = [
        ".git/objects/ab/cd",
        ".gitignore",
        ".obsidian/app.json",
        ".stfolder/",
        ".DS_Store",
        "._README.md",
        "lost+found/",
        "README.sync-conflict-20261201-080000-ABCDEFG.md",
        "articles/desktop.ini",
        "articles/.obsidian/app.json",
        "articles/example.org/.stversions/",
        "images/Thumbs.db",
        "images/.thumbnails/x.png",
        "captures/2026/.DS_Store",
        "captures/2026/11/20261123T080000Z.sync-conflict-20261201-080000-ABCDEFG.warc.gz",
        "runs/2026/20261123T080000Z (copy).jsonl",
        "{year}/.DS_Store",
        "{year}/.obsidian/app.json",
        "{folder}/index (Ada's conflicted copy 2026-12-01).md",
        "{folder}/index (conflicted copy 2026-12-01 080000).md",
        "{folder}/.index.md.icloud",
        "{folder}/._index.md",
        "{folder}/.stfolder/",
        "{images}/x.gif",
        "{images}/~syncthing~x.gif.tmp",
    ];
    let strays =
        strays.map(|stray| stray.replace("{year}", &year).replace("{folder}", &folder).replace("{images}", &images));
    for stray in &strays {
        let path = scratch.root.join(stray.trim_end_matches('/'));
        fs::create_dir_all(if stray.ends_with('/') { &path } else { path.parent().unwrap() }).unwrap();
        if !stray.ends_with('/') {
            fs::write(&path, "x").unwrap();
        }
        let found = findings(&scratch.root);
        let names = |path: &str| stray.trim_end_matches('/') == path || stray.starts_with(&format!("{path}/"));
        let is_named = found.iter().any(|finding| finding.kind == FindingKind::Foreign && names(&finding.path));
        assert!(is_named && found.iter().all(|finding| finding.kind == FindingKind::Foreign), "{stray}: {found:#?}");
    }
    fs::write(scratch.root.join(&folder).join("notes.md"), "my own").unwrap();
    assert!(findings(&scratch.root).iter().all(|finding| !finding.path.ends_with("notes.md")));
    // All of it together does not hide a damaged file, and the next runs leave it alone.
    let before = findings(&scratch.root);
    for _ in 0..2 {
        drop(open(&scratch.root));
        fs::remove_dir_all(scratch.root.join(".bindery")).unwrap();
    }
    assert_eq!(findings(&scratch.root), before);
    let text = scratch.root.join(&folder).join("20261123T080000Z.md");
    fs::write(&text, "forged").unwrap();
    let found = findings(&scratch.root);
    assert!(found.iter().any(|finding| finding.path.ends_with("20261123T080000Z.md") && finding.kind.is_damage()));
}

#[cfg(unix)]
#[test]
fn a_symbolic_link_is_foreign_and_not_followed() {
    let scratch = scratch();
    small(&scratch.root);
    let outside = scratch.root.with_file_name("outside");
    fs::create_dir(&outside).unwrap();
    fs::write(outside.join("secret"), "x").unwrap();
    for stray in ["link", "articles/link", "articles/example.org/2023"] {
        std::os::unix::fs::symlink(&outside, scratch.root.join(stray)).unwrap();
        assert_eq!(paths(&scratch.root), [stray.to_owned()].into());
        fs::remove_file(scratch.root.join(stray)).unwrap();
    }
}

/// Rewrites every manifest so that digests agree with what is there, as a forger would.
fn forge(root: &Path) {
    let all = files(root);
    let mut top = Vec::new();
    for (path, bytes) in &all {
        if let Some(folder) = path.strip_suffix("/manifest-sha256.txt") {
            let below = |path: &String| path.strip_prefix(&format!("{folder}/")).map(str::to_owned);
            let listed = all.iter().filter_map(|(path, bytes)| Some((below(path)?, bytes)));
            let listed = listed.filter(|(path, _)| path != "manifest-sha256.txt");
            let text: String = listed.map(|(path, bytes)| format!("{}  {path}\n", Digest::of(bytes))).collect();
            fs::write(root.join(path), &text).unwrap();
            top.push((path.clone(), Digest::of(text.as_bytes())));
        } else if !path.contains('/') && path != "manifest-sha256.txt" {
            top.push((path.clone(), Digest::of(bytes)));
        }
    }
    top.sort();
    let text: String = top.iter().map(|(path, digest)| format!("{digest}  {path}\n")).collect();
    fs::write(root.join("manifest-sha256.txt"), text).unwrap();
}

#[test]
fn what_no_manifest_shows_is_derived_from_names_and_records() {
    let scratch = scratch();
    small(&scratch.root);
    forge(&scratch.root);
    assert_whole(&scratch.root, "forging changes nothing by itself");
    let before = files(&scratch.root);
    let river = before.keys().find(|path| path.ends_with("20261123T080000Z.md")).unwrap().clone();
    let folder = river.rsplit_once('/').unwrap().0.to_owned();
    let a = format!("images/{}", image("a.gif").path());
    let (index, record) = (format!("{folder}/index.md"), format!("{folder}/record.json"));
    let changes: [(&str, Option<&[u8]>, &str, FindingKind); 9] = [
        (&river, Some("别的".as_bytes()), &river, FindingKind::Changed),
        (&river, None, &river, FindingKind::Missing),
        (&index, Some(&before[&river]), &index, FindingKind::Changed),
        (&index, None, &index, FindingKind::Missing),
        (&record, Some(b"{}"), &record, FindingKind::Malformed),
        (&record, None, &record, FindingKind::Missing),
        (&a, Some(b"GIF89a other"), &a, FindingKind::Changed),
        (&a, None, &a, FindingKind::Missing),
        ("bindery-archive.json", Some(b"[]"), "bindery-archive.json", FindingKind::Malformed),
    ];
    for (path, bytes, blamed, kind) in changes {
        match bytes {
            Some(bytes) => fs::write(scratch.root.join(path), bytes).unwrap(),
            None => fs::remove_file(scratch.root.join(path)).unwrap(),
        }
        forge(&scratch.root);
        let found = findings(&scratch.root);
        let matches = found.iter().any(|finding| finding.path == blamed && finding.kind == kind);
        assert!(matches && found.len() == 1, "{path} {kind:?}: {found:#?}");
        fs::write(scratch.root.join(path), &before[path]).unwrap();
    }
    let text = String::from_utf8(before[&record].clone()).unwrap();
    let body = format!("\"body_sha256\": \"{}\"", Digest::of(b"other"));
    let start = text.find("\"body_sha256\"").unwrap();
    for wrong in [
        text.replacen("https://example.org/river", "https://example.org/sea", 1),
        text.replacen("\"format\": 1", "\"format\": 2", 1),
        text.replacen("images/", "../images/", 1),
        format!("{}{body}{}", &text[..start], &text[start + body.len()..]),
    ] {
        assert_ne!(wrong, text);
        fs::write(scratch.root.join(&record), &wrong).unwrap();
        forge(&scratch.root);
        let found = findings(&scratch.root);
        assert!(matches!(&found[..], [one] if one.path == record && one.kind == FindingKind::Malformed), "{found:#?}");
    }
}

#[test]
fn sha256sum_accepts_what_verify_accepts() {
    let scratch = scratch();
    small(&scratch.root);
    age(&scratch.root);
    let Some(accepted) = is_accepted_by_sha256sum(&scratch.root) else {
        return skip("sha256sum", "it is not asked what it finds");
    };
    assert!(accepted, "a whole archive");
    for (path, bytes) in files(&scratch.root) {
        for at in positions(bytes.len()).step_by(40) {
            let mut spoilt = bytes.clone();
            spoilt[at] ^= 1;
            spoil(&scratch.root.join(&path), &spoilt);
            assert_eq!(is_accepted_by_sha256sum(&scratch.root), Some(false), "{path}, byte {at}");
            assert!(paths(&scratch.root).contains(&path), "{path}, byte {at}");
        }
        spoil(&scratch.root.join(&path), &bytes);
    }
}

#[test]
fn every_byte_is_read_once_whatever_the_number_of_threads() {
    let scratch = scratch();
    small(&scratch.root);
    fs::write(scratch.root.join("README.md"), "x").unwrap();
    let all = files(&scratch.root);
    let mut last = None;
    let one = verify::archive(&scratch.root, 1, &mut |progress| last = Some(progress)).unwrap();
    assert_eq!(one.files, all.len() as u64);
    assert_eq!(one.bytes, all.values().map(|bytes| bytes.len() as u64).sum::<u64>());
    assert_eq!((one.articles, one.images), (2, 2));
    let last = last.unwrap();
    assert_eq!((last.bytes, last.folders), (one.bytes, last.all_folders));
    for threads in [0, 2, 7] {
        assert_eq!(verify::archive(&scratch.root, threads, &mut |_| {}).unwrap(), one);
    }
}
