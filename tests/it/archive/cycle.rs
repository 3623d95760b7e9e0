//! Visits of pages, one after another.

use std::fs;

use bindery::archive::Archive;
use bindery::model::{Outcome, Sourced, Update, UrlKey};

use super::fixture::*;

#[test]
fn a_new_archive_is_whole_before_anything_is_in_it() {
    let scratch = scratch();
    drop(open(&scratch.root));
    assert_whole(&scratch.root, "empty");
    let files = files(&scratch.root);
    assert_eq!(files.keys().collect::<Vec<_>>(), ["README.md", "bindery-archive.json", "manifest-sha256.txt"]);
    assert_eq!(files["bindery-archive.json"], b"{\"format\": 1}\n");
}

#[test]
fn a_new_article_is_a_text_its_copy_and_a_record() {
    let scratch = scratch();
    let kept = run(&scratch.root, visit(RIVER, "2026-11-23T08:00:00Z", "河水很慢。", &[("a.gif", true)]));
    assert_eq!(kept.outcome, Outcome::New);
    assert!(kept.folder.starts_with("articles/example.org/2024/城市里的河-"), "{}", kept.folder);
    let files = files(&scratch.root);
    assert_eq!(files[&kept.path], files[&format!("{}/20261123T080000Z.md", kept.folder)]);
    assert!(String::from_utf8_lossy(&files[&kept.path]).contains("河水很慢。"));
    assert_whole(&scratch.root, "new");
    let link = scratch.root.join(&kept.folder).join("../../../../images").join(image("a.gif").path());
    assert_eq!(fs::read(link).unwrap(), image("a.gif").bytes);
}

#[test]
fn the_same_text_moves_only_the_counters() {
    let scratch = scratch();
    let images = [("a.gif", true), ("b.gif", false)];
    run(&scratch.root, visit(RIVER, "2026-11-23T08:00:00Z", "河水很慢。", &images));
    let before = files(&scratch.root);
    for day in 24..30 {
        let mut again = visit(RIVER, &format!("2026-11-{day}T08:00:00Z"), "河水很慢。", &images);
        again.etag = Some(format!("\"{day}\""));
        again.images[1].reason = Some("gone".to_owned());
        assert_eq!(run(&scratch.root, again).outcome, Outcome::Unchanged);
    }
    assert_whole(&scratch.root, "unchanged");
    let after = files(&scratch.root);
    assert_eq!(before.keys().collect::<Vec<_>>(), after.keys().collect::<Vec<_>>());
    let entry = Archive::open(&scratch.root).unwrap().find(RIVER).unwrap().remove(0);
    assert_eq!(entry.record.etag.as_deref(), Some("\"29\""));
    let newest = entry.record.newest().unwrap();
    let seen = newest.unchanged.clone().unwrap();
    assert_eq!(
        (seen.first.compact(), seen.last.compact(), seen.count),
        ("20261124T080000Z".into(), "20261129T080000Z".into(), 6)
    );
    assert_eq!(newest.images[1].reason.as_deref(), Some("gone"));
}

#[test]
fn a_changed_text_stands_beside_the_old_one() {
    let scratch = scratch();
    let first = run(&scratch.root, visit(RIVER, "2026-11-23T08:00:00Z", "河水很慢。", &[]));
    let old = files(&scratch.root)[&first.path].clone();
    let mut changed = visit(RIVER, "2026-12-01T08:00:00Z", "河水很快。", &[]);
    changed.metadata.title = Some(Sourced::new("另一个标题".to_owned(), "h1"));
    changed.metadata.published = Some(Sourced::new("2025-01-01".parse().unwrap(), "json-ld"));
    let second = run(&scratch.root, changed);
    assert_eq!(second.outcome, Outcome::Updated(Update::Text));
    assert_eq!(first.folder, second.folder, "the folder is chosen once");
    let files = files(&scratch.root);
    assert_eq!(files[&format!("{}/20261123T080000Z.md", first.folder)], old);
    assert_eq!(files[&format!("{}/20261201T080000Z.md", first.folder)], files[&first.path]);
    assert_whole(&scratch.root, "updated");
    let record = Archive::open(&scratch.root).unwrap().find(&first.path).unwrap().remove(0).record;
    assert_eq!((record.title.as_str(), record.snapshots.len()), ("另一个标题", 2));
}

#[test]
fn texts_of_one_second_have_names_of_their_own() {
    let scratch = scratch();
    let mut writer = open(&scratch.root);
    for text in ["一", "二", "三"] {
        keep(&mut writer, visit(RIVER, "2026-11-23T08:00:00Z", text, &[]));
    }
    writer.commit().unwrap();
    let names: Vec<String> = Archive::open(&scratch.root).unwrap().find(RIVER).unwrap()[0]
        .record
        .snapshots
        .iter()
        .map(|snapshot| snapshot.file.clone())
        .collect();
    assert_eq!(names, ["20261123T080000Z.md", "20261123T080000Z-2.md", "20261123T080000Z-3.md"]);
    assert_whole(&scratch.root, "one second");
}

#[test]
fn a_recovered_image_makes_a_new_text_and_a_lost_one_does_not() {
    let scratch = scratch();
    let shows =
        |images: &[(&str, bool)], day: u8| visit(RIVER, &format!("2026-11-{day}T08:00:00Z"), "河水很慢。", images);
    run(&scratch.root, shows(&[("a.gif", false), ("b.gif", false)], 20));
    let recovered = run(&scratch.root, shows(&[("a.gif", true), ("b.gif", false)], 21));
    assert_eq!(recovered.outcome, Outcome::Updated(Update::Images));
    let before = files(&scratch.root)[&recovered.path].clone();
    let lost = run(&scratch.root, shows(&[("a.gif", false), ("b.gif", false)], 22));
    assert_eq!(lost.outcome, Outcome::Unchanged);
    assert_eq!(files(&scratch.root)[&lost.path], before, "what was saved stays linked");
    let record = Archive::open(&scratch.root).unwrap().find(RIVER).unwrap().remove(0).record;
    assert_eq!(record.snapshots.len(), 2);
    assert_eq!(record.snapshots[0].text_digest, record.snapshots[1].text_digest);
    let saved = record.saved_images();
    assert_eq!(saved.path_of("https://img.example.org/a.gif"), Some(&*format!("images/{}", image("a.gif").path())));
    assert_eq!(saved.path_of("https://img.example.org/b.gif"), None);
    assert_whole(&scratch.root, "images");
}

#[test]
fn a_page_is_found_by_each_of_its_urls_and_by_its_path() {
    let scratch = scratch();
    let mut river = visit(RIVER, "2026-11-23T08:00:00Z", "河水很慢。", &[]);
    river.aliases = vec![url("http://www.example.org/2024/river?utm_source=x"), url("https://example.org/go?id=7")];
    let kept = run(&scratch.root, river);
    let writer = open(&scratch.root);
    for known in [RIVER, "http://example.org/2024/river", "https://www.example.org/go?id=7#top"] {
        assert_eq!(writer.find(&UrlKey::of(&url(known))).unwrap().unwrap().folder, kept.folder, "{known}");
        assert_eq!(Archive::open(&scratch.root).unwrap().find(known).unwrap().len(), 1, "{known}");
    }
    assert!(writer.find(&UrlKey::of(&url("https://example.org/go?id=8"))).unwrap().is_none());
    let archive = Archive::open(&scratch.root).unwrap();
    for path in [kept.folder.clone(), format!("./{}/", kept.folder), kept.path.clone()] {
        assert_eq!(archive.find(&path).unwrap().len(), 1, "{path}");
    }
    assert!(archive.find("articles/../..").unwrap().is_empty());
}

#[test]
fn a_capture_that_has_grown_is_sealed_and_another_begun() {
    let scratch = scratch();
    let mut opening = opening("2026-11-23T08:00:00Z");
    opening.roll_at = Some(1);
    let mut writer = bindery::archive::Writer::open(&scratch.root, opening).unwrap();
    for url in [RIVER, HILL, "https://example.org/sea"] {
        keep(&mut writer, visit(url, "2026-11-23T08:00:00Z", url, &[("a.gif", true)]));
    }
    writer.commit().unwrap();
    let captures: Vec<String> = files(&scratch.root).into_keys().filter(|path| path.ends_with(".warc.gz")).collect();
    let folder = "captures/2026/11/20261123T080000Z";
    assert_eq!(captures, [format!("{folder}-2.warc.gz"), format!("{folder}-3.warc.gz"), format!("{folder}.warc.gz")]);
    assert_whole(&scratch.root, "rolled");
}

#[test]
fn names_that_differ_in_case_only_do_not_meet() {
    let scratch = scratch();
    let urls =
        ["https://example.org/A", "https://example.org/a", "https://EXAMPLE.org/%C3%84", "https://example.org/%C3%A4"];
    for url in urls {
        run(&scratch.root, visit(url, "2026-11-23T08:00:00Z", url, &[("a.gif", true)]));
    }
    let paths = files(&scratch.root);
    let folded: std::collections::BTreeSet<String> = paths.keys().map(|path| path.to_lowercase()).collect();
    assert_eq!(folded.len(), paths.len(), "a disk that ignores case keeps them apart");
    assert_eq!(Archive::open(&scratch.root).unwrap().articles().unwrap().len(), 4);
    assert_whole(&scratch.root, "case");
}

#[test]
fn a_clock_that_went_back_loses_no_text() {
    let scratch = scratch();
    for (captured, text) in
        [("2026-11-23T08:00:00Z", "一"), ("2026-11-20T08:00:00Z", "二"), ("2026-11-19T08:00:00Z", "二")]
    {
        run(&scratch.root, visit(RIVER, captured, text, &[]));
    }
    let record = Archive::open(&scratch.root).unwrap().find(RIVER).unwrap().remove(0).record;
    let files: Vec<&str> = record.snapshots.iter().map(|text| text.file.as_str()).collect();
    assert_eq!(files, ["20261123T080000Z.md", "20261120T080000Z.md"], "in the order in which they were kept");
    let seen = record.newest().unwrap().unchanged.clone().unwrap();
    assert_eq!((seen.first, seen.count), ("2026-11-19T08:00:00Z".parse().unwrap(), 1));
    assert_whole(&scratch.root, "clock");
}

#[test]
fn an_articles_own_url_goes_before_what_leads_to_others() {
    let scratch = scratch();
    run(&scratch.root, visit(RIVER, "2026-11-23T08:00:00Z", "河水很慢。", &[]));
    let mut hill = visit(HILL, "2026-11-24T08:00:00Z", "山很高。", &[]);
    hill.aliases = vec![url(RIVER), url("https://example.org/up")];
    let hill = run(&scratch.root, hill);
    let archive = Archive::open(&scratch.root).unwrap();
    let found = archive.find(RIVER).unwrap();
    assert_eq!((found.len(), found[0].record.url.as_str()), (1, RIVER));
    assert_eq!(archive.find("https://example.org/up").unwrap()[0].folder, hill.folder);
}

#[test]
fn a_record_of_a_newer_format_is_left_alone() {
    let scratch = scratch();
    let kept = run(&scratch.root, visit(RIVER, "2026-11-23T08:00:00Z", "河水很慢。", &[]));
    let path = scratch.root.join(&kept.folder).join("record.json");
    let newer = fs::read_to_string(&path).unwrap().replacen("\"format\": 1", "\"format\": 2", 1);
    fs::write(&path, &newer).unwrap();
    let error = open(&scratch.root).keep(visit(RIVER, "2026-11-24T08:00:00Z", "河水很快。", &[])).unwrap_err();
    assert!(error.is_of_one_article() && error.to_string().contains("record"), "{error}");
    assert_eq!(fs::read_to_string(&path).unwrap(), newer);
}

#[test]
fn passwords_do_not_reach_the_disk() {
    let scratch = scratch();
    let mut secret = visit(RIVER, "2026-11-23T08:00:00Z", "河水很慢。", &[("a.gif", false)]);
    let with_password = url("https://reader:geheim@example.org/river");
    secret.requested = Some(with_password.clone());
    secret.answered = Some(with_password.clone());
    secret.metadata.canonical = Some(Sourced::new(with_password.clone(), "rel=canonical"));
    secret.redirects = vec![(with_password.clone(), 301)];
    secret.aliases = vec![url("https://reader:geheim@example.org/other")];
    secret.images[0].url = "https://reader:geheim@img.example.org/a.gif".to_owned();
    run(&scratch.root, secret);
    for (path, bytes) in files(&scratch.root) {
        let text = String::from_utf8_lossy(&bytes);
        assert!(!text.contains("geheim") && !text.contains("reader:"), "{path}: {text}");
    }
}

#[test]
fn a_page_without_a_url_is_kept_under_its_bytes() {
    let scratch = scratch();
    let mut local = visit(RIVER, "2026-11-23T08:00:00Z", "河水很慢。", &[]);
    local.key = UrlKey::of_bytes(&local.payload_digest);
    (local.requested, local.answered) = (None, None);
    local.metadata.published = None;
    let key = local.key.clone();
    let kept = run(&scratch.root, local.clone());
    assert!(kept.folder.starts_with("articles/local/2026/"), "{}", kept.folder);
    assert_whole(&scratch.root, "local");
    assert_eq!(open(&scratch.root).find(&key).unwrap().unwrap().folder, kept.folder);
    assert_eq!(run(&scratch.root, local).outcome, Outcome::Unchanged);
}

#[test]
fn fields_of_a_later_release_outlive_a_visit() {
    let scratch = scratch();
    let kept = run(&scratch.root, visit(RIVER, "2026-11-23T08:00:00Z", "河水很慢。", &[]));
    let path = scratch.root.join(&kept.folder).join("record.json");
    let text = fs::read_to_string(&path).unwrap();
    let later = text.replacen("\"captured\"", "\"captures\": [\"urn:uuid:1\"],\n      \"captured\"", 1);
    fs::write(&path, later.replacen("\"format\": 1,", "\"format\": 1,\n  \"mood\": \"好\",", 1)).unwrap();
    run(&scratch.root, visit(RIVER, "2026-11-24T08:00:00Z", "河水很快。", &[]));
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains("\"mood\": \"好\"") && text.contains("urn:uuid:1"), "{text}");
}

#[test]
fn the_same_visits_make_the_same_bytes() {
    let (one, two) = (scratch(), scratch());
    small(&one.root);
    small(&two.root);
    assert_eq!(files(&one.root), files(&two.root));
}

#[test]
fn a_commit_without_changes_writes_nothing() {
    let scratch = scratch();
    small(&scratch.root);
    age(&scratch.root);
    let modified = || fs::metadata(scratch.root.join("manifest-sha256.txt")).unwrap().modified().unwrap();
    let before = modified();
    let mut writer = open(&scratch.root);
    writer.store_image(&image("a.gif")).unwrap();
    writer.commit().unwrap();
    assert_eq!(modified(), before);
    assert!(writer.notes().is_empty(), "{:?}", writer.notes());
}

#[test]
fn visits_side_by_side_make_one_article_in_either_order() {
    for urls in
        [["https://m.example.org/s1", "https://example.org/s1"], ["https://example.org/s1", "https://m.example.org/s1"]]
    {
        let scratch = scratch();
        let mut writer = open(&scratch.root);
        // Both were read before either of them was archived, so both were new.
        let visits = urls.map(|page| visit(page, "2026-11-23T08:00:00Z", "河水很慢。", &[]));
        let kept = visits.map(|visit| writer.keep_identified(visit).unwrap());
        assert_eq!(kept.clone().map(|kept| kept.outcome), [Outcome::New, Outcome::Unchanged]);
        assert_eq!(kept[0].folder, kept[1].folder);
        writer.commit().unwrap();
        assert_whole(&scratch.root, "side by side");
    }
}
