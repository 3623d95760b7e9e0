//! Captures, runs and tombstones: what belongs together, and who is blamed when it does not.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::path::Path;

use bindery::model::{Digest, Exchange, FindingKind, Headers};
use bindery::verify;
use bindery::warc::{HttpHead, Original, Record, RecordId};
use serde_json::{Value, json};

use super::fixture::*;
use crate::warc::fixture::original;

const FIRST: &str = "captures/2026/11/20261123T080000Z.warc.gz";
const SECOND: &str = "captures/2026/11/20261124T080000Z.warc.gz";
const RUN: &str = "runs/2026/20261123T080000Z.jsonl";
/// The body of every page of the fixture.
const PAGE: &[u8] = b"<html>";

fn headers(fields: &[(&str, &str)]) -> Headers {
    Headers(fields.iter().map(|(name, value)| (name.to_string(), value.as_bytes().to_vec())).collect())
}

/// Makes a record of an answer to `url`.
fn answer<T>(written: &str, status: u16, make: impl FnOnce(&HttpHead<'_>) -> T) -> T {
    let remote = "192.0.2.7".parse().ok();
    let request_headers = headers(&[("Host", "example.org")]);
    let exchange = Exchange { method: "GET".into(), request_headers, protocol: "http/1.1".into(), remote };
    let (url, headers) = (url(written), headers(&[("content-type", "text/html")]));
    make(&HttpHead { url: &url, status, headers: &headers, exchange: &exchange, secret: &[] })
}

fn response(url: &str, body: &[u8], date: &str) -> Record {
    answer(url, 200, |head| Record::response(head, body, date.parse().unwrap()))
}

fn revisit(url: &str, payload: &[u8], original: &Original, date: &str) -> Record {
    answer(url, 200, |head| Record::revisit(head, &Digest::of(payload), original, date.parse().unwrap()))
}

/// A capture file of these records, behind its warcinfo.
fn warc(path: &str, records: &[Record]) -> Vec<u8> {
    let info =
        Record::warcinfo(path.rsplit('/').next().unwrap(), "bindery 0.1.0", "2026-11-23T08:00:00Z".parse().unwrap());
    [info].iter().chain(records).flat_map(Record::to_gzip).collect()
}

fn put(root: &Path, path: &str, bytes: &[u8]) {
    let path = root.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, bytes).unwrap();
}

/// Writes every manifest anew, so that it agrees with what is there.
fn seal(root: &Path) {
    let mut leaves: BTreeMap<String, String> = BTreeMap::new();
    let mut top = String::new();
    for (path, bytes) in files(root).iter().filter(|(path, _)| !path.ends_with(".open")) {
        let depth = match path.split('/').next() {
            _ if path.ends_with("manifest-sha256.txt") => continue,
            Some("articles" | "captures") => 3,
            Some("images" | "runs") => 2,
            _ => {
                top += &format!("{}  {path}\n", Digest::of(bytes));
                continue;
            }
        };
        let (at, _) = path.match_indices('/').nth(depth - 1).unwrap();
        let line = format!("{}  {}\n", Digest::of(bytes), &path[at + 1..]);
        *leaves.entry(path[..at].to_owned()).or_default() += &line;
    }
    for path in files(root).keys().filter(|path| path.ends_with("/manifest-sha256.txt")) {
        fs::remove_file(root.join(path)).unwrap();
    }
    let mut lines: Vec<(String, Digest)> = Vec::new();
    for (folder, text) in leaves {
        let path = format!("{folder}/manifest-sha256.txt");
        put(root, &path, text.as_bytes());
        lines.push((path, Digest::of(text.as_bytes())));
    }
    let all = top.lines().map(|line| (line[66..].to_owned(), line[..64].parse().unwrap()));
    lines.extend(all);
    lines.sort();
    let text: String = lines.iter().map(|(path, digest)| format!("{digest}  {path}\n")).collect();
    put(root, "manifest-sha256.txt", text.as_bytes());
}

/// The folder of the article with this URL.
fn folder(root: &Path, url: &str) -> String {
    let records = files(root).into_iter().filter(|(path, _)| path.ends_with("record.json"));
    let is_it = |bytes: &[u8]| serde_json::from_slice::<Value>(bytes).unwrap()["url"] == url;
    let (path, _) = records.into_iter().find(|(_, bytes)| is_it(bytes)).unwrap();
    path.strip_suffix("/record.json").unwrap().to_owned()
}

/// The archive of a test: two articles, each text with its capture.
struct Evidence {
    scratch: Scratch,
    river: String,
    page: Record,
    image: Record,
    again: Record,
}

impl Evidence {
    fn root(&self) -> &Path {
        &self.scratch.root
    }

    fn record(&self) -> String {
        format!("{}/record.json", self.river)
    }

    /// Changes the record of the river and every manifest after it.
    fn edit(&self, change: impl FnOnce(&mut Value)) {
        let path = self.root().join(self.record());
        let mut record: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        change(&mut record);
        fs::write(&path, serde_json::to_vec_pretty(&record).unwrap()).unwrap();
        seal(self.root());
    }

    fn write(&self, path: &str, bytes: &[u8]) {
        put(self.root(), path, bytes);
        seal(self.root());
    }

    /// The only thing found.
    fn only(&self, kind: FindingKind, path: &str) -> String {
        let found = findings(self.root());
        assert!(matches!(&found[..], [one] if one.kind == kind && one.path == path), "{kind:?} {path}: {found:#?}");
        found[0].detail.clone()
    }
}

fn evidence() -> Evidence {
    let scratch = scratch();
    small_without_captures(&scratch.root);
    let river = folder(&scratch.root, RIVER);
    let page = response(RIVER, PAGE, "2026-11-23T08:00:00Z");
    let image = response("https://img.example.org/a.gif", b"GIF89a a.gif", "2026-11-23T08:00:00Z");
    let again = revisit(RIVER, PAGE, &original(&page), "2026-11-24T08:00:00Z");
    let not_modified = answer(RIVER, 304, |head| {
        Record::not_modified(head, &original(&page), "2026-11-25T08:00:00Z".parse().unwrap())
    });
    put(&scratch.root, FIRST, &warc(FIRST, &[page.clone(), image.clone()]));
    put(&scratch.root, SECOND, &warc(SECOND, &[again.clone(), not_modified.clone()]));
    put(&scratch.root, RUN, b"{\"event\":\"article\"}\n{\"event\":\"summary\"}\n");
    let evidence = Evidence { scratch, river, page, image, again };
    put(evidence.root(), &format!("{}/removed.json", evidence.river), tombstone("").to_string().as_bytes());
    evidence.edit(|record| {
        let (page, image) = (evidence.page.id().as_str(), evidence.image.id().as_str());
        let snapshots = record["snapshots"].as_array_mut().unwrap();
        snapshots[0]["capture"] = json!({ "file": FIRST, "page": page, "others": [image] });
        snapshots[0]["images"][0]["record"] = json!(image);
        let original = json!({ "file": FIRST, "record": page });
        let again = evidence.again.id().as_str();
        snapshots[1]["capture"] = json!({ "file": SECOND, "page": again, "original": original });
        let visit = json!({ "file": SECOND, "page": not_modified.id().as_str(), "others": [] });
        let instant = "2026-11-25T08:00:00Z";
        snapshots[1]["unchanged"] = json!({ "first": instant, "last": instant, "count": 1, "captures": [visit] });
        record["absences"] = json!([{ "status": 404, "first": instant, "last": instant, "count": 2 }]);
    });
    evidence
}

/// A tombstone of the river, or of another URL.
fn tombstone(suffix: &str) -> Value {
    json!({
        "format": 1,
        "url": format!("{RIVER}{suffix}"),
        "removed": "2026-11-22T08:00:00Z",
        "texts": 2,
        "record_sha256": Digest::of(b"").hex(),
        "software": "bindery 0.1.0",
    })
}

const ABSENT: &str = "urn:uuid:00000000-0000-8000-8000-000000000000";

#[test]
fn an_archive_with_captures_is_whole_and_read_once() {
    let evidence = evidence();
    assert_whole(evidence.root(), "with captures");
    let all = files(evidence.root());
    let one = verify::archive(evidence.root(), 1, &mut |_| {}).unwrap();
    assert_eq!(one.files, all.len() as u64);
    assert_eq!(one.bytes, all.values().map(|bytes| bytes.len() as u64).sum::<u64>());
    for threads in [0, 2, 3, 8] {
        assert_eq!(verify::archive(evidence.root(), threads, &mut |_| {}).unwrap(), one);
    }
}

#[test]
fn one_flipped_bit_in_a_capture_accuses_nothing_else() {
    let evidence = evidence();
    age(evidence.root());
    let tombstone = format!("{}/removed.json", evidence.river);
    for path in [FIRST, SECOND, RUN, &tombstone, &evidence.record()] {
        let bytes = fs::read(evidence.root().join(path)).unwrap();
        for at in (0..bytes.len()).step_by(1 + bytes.len() / 150) {
            let mut spoilt = bytes.clone();
            spoilt[at] ^= 1 << (at % 8);
            spoil(&evidence.root().join(path), &spoilt);
            evidence.only(FindingKind::Changed, path);
        }
        for cut in [0, bytes.len() / 2, bytes.len() - 1] {
            spoil(&evidence.root().join(path), &bytes[..cut]);
            evidence.only(FindingKind::Changed, path);
        }
        fs::remove_file(evidence.root().join(path)).unwrap();
        evidence.only(FindingKind::Missing, path);
        spoil_back(evidence.root(), path, &bytes);
    }
    assert_whole(evidence.root(), "after");
}

fn spoil_back(root: &Path, path: &str, bytes: &[u8]) {
    fs::write(root.join(path), bytes).unwrap();
    age(root);
}

#[test]
fn a_capture_that_no_manifest_betrays_is_held_against_itself() {
    let evidence = evidence();
    let whole = fs::read(evidence.root().join(FIRST)).unwrap();
    let stranger = response("https://example.org/x", b"x", "2026-11-23T08:00:00Z");
    let cases = [
        (whole[..whole.len() - 1].to_vec(), "ends inside a record"),
        ([&whole[..], b"more"].concat(), "no gzip member"),
        (Vec::new(), "no record"),
        (warc(SECOND, &[evidence.page.clone(), evidence.image.clone()]), "not a warcinfo"),
        ([stranger.to_gzip(), whole.clone()].concat(), "not a warcinfo"),
        (b"<html>".to_vec(), "no gzip member"),
    ];
    for (bytes, said) in cases {
        evidence.write(FIRST, &bytes);
        let detail = evidence.only(FindingKind::Malformed, FIRST);
        assert!(detail.contains(said), "{detail}");
    }
    evidence.write(FIRST, &whole);
    assert_whole(evidence.root(), "after");
}

#[test]
fn a_pointer_that_leads_nowhere_is_found_in_its_record() {
    let evidence = evidence();
    let before = fs::read(evidence.root().join(evidence.record())).unwrap();
    let (image, again) = (evidence.image.id().as_str(), evidence.again.id().as_str());
    let wrong: Vec<(&str, &str, Value)> = vec![
        ("/snapshots/0/capture/page", "does not contain", json!(ABSENT)),
        ("/snapshots/0/capture/page", "does not contain", json!(again)),
        ("/snapshots/0/capture/page", "does not have the payload", json!(image)),
        ("/snapshots/0/capture/others", "does not contain", json!([image, ABSENT])),
        ("/snapshots/0/capture/others", "is not a valid record", json!(["urn:uuid:1"])),
        ("/snapshots/0/capture/file", "is not the path of a capture", json!("../x.warc.gz")),
        (
            "/snapshots/0/capture/file",
            "is not the path of a capture",
            json!("captures/2026/12/20261123T080000Z.warc.gz"),
        ),
        ("/snapshots/0/capture", "no capture that contains them", json!(null)),
        ("/snapshots/0/payload_sha256", "does not have the payload", json!(Digest::of(b"other").hex())),
        ("/snapshots/0/images/0/record", "does not contain", json!(again)),
        ("/snapshots/0/images/0/record", "does not have the payload", json!(evidence.page.id())),
        ("/snapshots/1/capture/original/record", "does not contain", json!(again)),
        ("/snapshots/1/capture/original/record", "does not have the payload", json!(image)),
        ("/snapshots/1/capture/original/file", "is not the path of a capture", json!("x")),
        ("/absences/0/count", "is not a valid record", json!(0)),
        ("/absences/0/first", "is not a valid record", json!("yesterday")),
    ];
    for (at, said, value) in wrong {
        evidence.edit(|record| *record.pointer_mut(at).unwrap() = value);
        let detail = evidence.only(FindingKind::Malformed, &evidence.record());
        assert!(detail.contains(said), "{at}: {detail}");
        evidence.write(&evidence.record(), &before);
    }
    evidence.edit(|record| {
        record["snapshots"][1]["unchanged"]["captures"][0]["page"] = json!(ABSENT);
    });
    evidence.only(FindingKind::Malformed, &evidence.record());
}

#[test]
fn a_capture_that_is_gone_is_missed_once_and_excuses_its_revisits() {
    let evidence = evidence();
    fs::remove_file(evidence.root().join(FIRST)).unwrap();
    seal(evidence.root());
    evidence.only(FindingKind::Missing, FIRST);
    fs::remove_dir_all(evidence.root().join("captures")).unwrap();
    seal(evidence.root());
    let found: BTreeSet<_> =
        findings(evidence.root()).into_iter().map(|finding| (finding.kind, finding.path)).collect();
    let missing = |path: &str| (FindingKind::Missing, path.to_owned());
    assert_eq!(found, [missing(FIRST), missing(SECOND)].into());
}

#[test]
fn a_revisit_stands_for_a_record_with_its_payload() {
    let evidence = evidence();
    let second = fs::read(evidence.root().join(SECOND)).unwrap();
    let page = original(&evidence.page);
    let absent = Original { id: ABSENT.parse().unwrap(), ..page.clone() };
    for wrong in [
        revisit(RIVER, b"other", &page, "2026-11-24T08:00:00Z"),
        revisit(RIVER, PAGE, &absent, "2026-11-24T09:00:00Z"),
        revisit(RIVER, PAGE, &original(&evidence.again), "2026-11-24T09:00:00Z"),
    ] {
        let bytes = [&second[..], &wrong.to_gzip()].concat();
        evidence.write(SECOND, &bytes);
        let detail = evidence.only(FindingKind::Malformed, SECOND);
        assert!(detail.contains(wrong.id().as_str()), "{detail}");
    }
}

#[test]
fn names_of_captures_and_runs_are_those_of_their_instants() {
    let evidence = evidence();
    for (path, bytes) in [
        ("captures/2026/12/20261123T080000Z.warc.gz", warc(FIRST, &[])),
        ("captures/2026/11/notes.txt", b"x".to_vec()),
        ("captures/2026/11/20261123T080000Z.warc", b"x".to_vec()),
        ("runs/2026/20251123T080000Z.jsonl", b"{}\n".to_vec()),
        ("runs/2026/20261123T080000Z.log", b"x".to_vec()),
    ] {
        evidence.write(path, &bytes);
        evidence.only(FindingKind::Unexpected, path);
        fs::remove_file(evidence.root().join(path)).unwrap();
        seal(evidence.root());
    }
    let part = "captures/2026/11/20261123T080000Z-2.warc.gz";
    evidence.write(part, &warc(part, &[]));
    assert_whole(evidence.root(), "a further part");
}

#[test]
fn a_line_of_a_run_that_is_no_event_is_found() {
    let evidence = evidence();
    for (text, line) in [("{}\n{}", 2), ("{}\n[1]\n", 2), ("\n", 1), ("{\"a\":1}\n{\"a\":}\n", 2)] {
        evidence.write(RUN, text.as_bytes());
        let detail = evidence.only(FindingKind::Malformed, RUN);
        assert!(detail.contains(&format!("line {line} ")), "{detail}");
    }
}

#[test]
fn a_tombstone_tells_where_an_article_was() {
    let evidence = evidence();
    let path = format!("{}/removed.json", evidence.river);
    let mut no_texts = tombstone("");
    no_texts["texts"] = json!(0);
    let mut newer = tombstone("");
    newer["format"] = json!(2);
    for wrong in [tombstone("-other"), no_texts, newer, json!([]), json!({ "format": 1 })] {
        evidence.write(&path, wrong.to_string().as_bytes());
        evidence.only(FindingKind::Malformed, &path);
    }
    evidence.write(&path, tombstone("").to_string().as_bytes());
    let folder = evidence.root().join(&evidence.river);
    for entry in fs::read_dir(&folder).unwrap() {
        let file = entry.unwrap().path();
        if !file.ends_with("removed.json") {
            fs::remove_file(file).unwrap();
        }
    }
    seal(evidence.root());
    assert_whole(evidence.root(), "a tombstone alone");
}

#[test]
fn a_run_under_way_is_pending_beside_its_writer_and_unfinished_without() {
    let evidence = evidence();
    let open = "captures/2026/12/20261201T080000Z.warc.gz";
    let events = "runs/2026/20261201T080000Z.jsonl.open";
    put(evidence.root(), &format!("{open}.open"), &warc(open, std::slice::from_ref(&evidence.page))[..20]);
    put(evidence.root(), events, b"{\"event\"");
    let id: &RecordId = evidence.page.id();
    evidence.edit(|record| record["snapshots"][0]["capture"] = json!({ "file": open, "page": id, "others": [ABSENT] }));
    age(evidence.root());
    let expect = |kind, when: &str| {
        let found: Vec<_> = findings(evidence.root()).into_iter().map(|one| (one.kind, one.path)).collect();
        assert_eq!(found, [(kind, format!("{open}.open")), (kind, events.to_owned())], "{when}");
    };
    expect(FindingKind::Unfinished, "after a kill");
    let _lock = hold_lock(evidence.root());
    expect(FindingKind::Pending, "beside a writer");
}

#[test]
fn a_pointer_younger_than_the_archive_is_pending_beside_its_writer() {
    let evidence = evidence();
    let coming = "captures/2026/12/20261201T080000Z.warc.gz";
    let id: &RecordId = evidence.page.id();
    age(evidence.root());
    let root_manifest = evidence.root().join("manifest-sha256.txt");
    let committed = fs::metadata(&root_manifest).unwrap().modified().unwrap();
    evidence.edit(|record| record["snapshots"][0]["capture"] = json!({ "file": coming, "page": id }));
    File::options().append(true).open(root_manifest).unwrap().set_modified(committed).unwrap();
    let lock = hold_lock(evidence.root());
    let found = findings(evidence.root());
    assert!(!found.is_empty() && found.iter().all(|one| one.kind == FindingKind::Pending), "{found:#?}");
    drop(lock);
    evidence.only(FindingKind::Missing, coming);
}

#[test]
fn what_a_removal_under_way_took_is_pending_beside_its_writer() {
    let evidence = evidence();
    let tombstone = format!("{}/removed.json", evidence.river);
    let mut named: Value = serde_json::from_slice(&fs::read(evidence.root().join(&tombstone)).unwrap()).unwrap();
    fs::remove_file(evidence.root().join(&tombstone)).unwrap();
    named["record_sha256"] = json!(Digest::of(&fs::read(evidence.root().join(evidence.record())).unwrap()));
    let bytes = named.to_string().into_bytes();
    seal(evidence.root());
    age(evidence.root());
    let lock = hold_lock(evidence.root());
    let text = format!("{}/20261123T080000Z.md", evidence.river);
    let image = format!("images/{}", image("a.gif").path());
    fs::remove_file(evidence.root().join(&text)).unwrap();
    fs::remove_file(evidence.root().join(&image)).unwrap();
    let kinds = || findings(evidence.root()).into_iter().map(|one| (one.path, one.kind)).collect::<BTreeMap<_, _>>();
    let missing = [(text.clone(), FindingKind::Missing), (image.clone(), FindingKind::Missing)];
    assert_eq!(kinds(), missing.into(), "a writer alone explains nothing that is gone");
    put(evidence.root(), &tombstone, &bytes);
    assert!(kinds().values().all(|kind| *kind == FindingKind::Pending), "{:#?}", findings(evidence.root()));
    assert_eq!(kinds().len(), 3);
    drop(lock);
    assert!(kinds().values().all(|kind| *kind != FindingKind::Pending), "{:#?}", findings(evidence.root()));
}

/// Holds the archive's lock as a writer does, until the file is dropped.
fn hold_lock(root: &Path) -> File {
    let lock = File::options().create(true).truncate(false).write(true).open(root.join(".bindery/lock")).unwrap();
    lock.lock().unwrap();
    lock
}
