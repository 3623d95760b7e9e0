//! What warcio and pywb make of files written here. Runs when `BINDERY_PYTHON` names an interpreter that has them.

use std::path::Path;
use std::process::Command;

use bindery::model::Digest;
use bindery::warc::{HttpHead, Record};

use super::fixture::*;
use crate::support::oracle::{python, replay, said};

#[test]
fn warcio_accepts_and_indexes_every_record() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("20261123T085855Z.warc.gz");
    std::fs::write(&path, file()).unwrap();
    let Some(python) = python("warcio") else { return };
    let warcio = |arguments: &[&str]| {
        Command::new(&python).args(["-m", "warcio.cli"]).args(arguments).arg(&path).output().unwrap()
    };
    let check = warcio(&["check", "-v"]);
    let said = said(&check);
    assert!(check.status.success(), "{said}");
    // It looks at no digest of a revisit.
    assert_eq!(said.matches("digest pass").count(), 5, "{said}");
    assert_eq!(said.matches("not checked (revisit)").count(), 2, "{said}");
    let index = warcio(&["index", "-f", "offset,length,warc-type,warc-target-uri,http:status"]);
    assert!(index.status.success());
    let lines: Vec<serde_json::Value> =
        String::from_utf8(index.stdout).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let entries = entries(&file()).unwrap();
    assert_eq!(lines.len(), entries.len());
    for (line, entry) in lines.iter().zip(&entries) {
        assert_eq!(line["offset"], entry.offset.to_string());
        assert_eq!(line["length"], entry.length.to_string());
        assert_eq!(line["warc-type"], entry.kind.word());
        assert_eq!(line["warc-target-uri"].as_str(), entry.target.as_deref());
    }
    assert_eq!((&lines[1]["http:status"], &lines[5]["http:status"]), (&"200".into(), &"304".into()));
}

const DAY: &str = "20261123085855";
const NEXT_DAY: &str = "20261124085855";

/// Writes a capture of a page that is gzip-coded and shows three images, the last of which is the first again; on the
/// next day the page was not modified. Gives what must come back: URL, moment, body.
fn page_with_images(root: &Path) -> Vec<(&'static str, &'static str, Vec<u8>)> {
    let exchange = exchange();
    let png = headers(&[("content-type", "image/png")]);
    let html = headers(&[("content-type", "text/html; charset=utf-8"), ("content-encoding", "gzip")]);
    let other = [PNG, b" but other"].concat();
    let (first, third) = (response(&url(IMAGE), 200, &png, PNG), url("https://img.example.org/c.png"));
    let head = HttpHead { url: &third, status: 200, headers: &png, exchange: &exchange, secret: &[] };
    let (page_url, next_day) = (url(PAGE), "2026-11-24T08:58:55Z".parse().unwrap());
    let answer = response(&page_url, 200, &html, &page());
    let not_modified = HttpHead { url: &page_url, status: 304, headers: &html, ..head };
    let answers = [
        answer.clone(),
        first.clone(),
        response(&url("https://img.example.org/b.png"), 200, &png, &other),
        Record::revisit(&head, &Digest::of(PNG), &original(&first), date()),
        Record::not_modified(&not_modified, &original(&answer), next_day),
    ];
    let folder = root.join("captures/2026/11");
    std::fs::create_dir_all(&folder).unwrap();
    let name = "20261123T085855Z.warc.gz";
    let mut file = Record::warcinfo(name, "bindery 0.1.0", date()).to_gzip();
    for answer in answers {
        let request = Record::request(&exchange, &url(answer.target().unwrap()), date(), &[]);
        file.extend(request.to_gzip());
        file.extend(answer.concurrent_to(request.id()).to_gzip());
    }
    std::fs::write(folder.join(name), file).unwrap();
    let png = PNG.to_vec();
    vec![
        (PAGE, DAY, page()),
        (IMAGE, DAY, png.clone()),
        ("https://img.example.org/b.png", DAY, other),
        ("https://img.example.org/c.png", DAY, png),
        // A 304 it hands on as the server did, and does not look for what it stands for.
        (PAGE, NEXT_DAY, Vec::new()),
    ]
}

#[test]
fn pywb_replays_a_page_with_its_images_byte_for_byte() {
    let Some(python) = python("warcio, pywb") else { return };
    let folder = tempfile::tempdir().unwrap();
    let bodies = page_with_images(folder.path());
    let line = |(url, moment, body): &(&str, &str, Vec<u8>)| format!("{url} {} {moment}\n", Digest::of(body));
    let expected: String = bodies.iter().map(line).collect();
    let output = replay(&python, folder.path(), &expected);
    assert!(output.status.success(), "{}", said(&output));
    assert_eq!(said(&output), "1 captures, 11 records, 5 of 5 bodies replayed\n");
    let wrong = format!("{PAGE} {} {DAY}\n", Digest::of(b"other"));
    assert!(!replay(&python, folder.path(), &wrong).status.success(), "it sees another body");
}
