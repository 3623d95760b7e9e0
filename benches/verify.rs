//! How long a check takes against `sha256sum` alone on the same files: pages and images in one WARC file, and the same
//! images in `images/`. Of every byte in the WARC file three digests are needed, which makes it the worst case.
//!
//! `cargo bench --bench verify` prints both and fails when the check runs at less than 60 % of the speed.
#![allow(clippy::expect_used, reason = "a measurement that cannot go on fails")]

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use bindery::model::{Digest, Exchange, Headers};
use bindery::verify;
use bindery::warc::{HttpHead, Record};
use url::Url;

const PAGES: u64 = 1200;
const IMAGES_EACH: u64 = 3;
const IMAGE_BYTES: usize = 40_000;
const CODED_BYTES: usize = 20_000;
const FLOOR: f64 = 0.6;
const CAPTURE: &str = "captures/2026/11/20261123T085855Z.warc.gz";
const SENTENCE: &str = "会谈后，两国领导人就战略稳定问题签署了一份声明，双方大使将在不久后重返各自的岗位。";

fn main() {
    let scratch = tempfile::tempdir().expect("a scratch folder");
    let root = scratch.path();
    build(root);
    let mut report = verify::Report::default();
    let checked = best(|| {
        report = verify::archive(root, 2, &mut |_| {}).expect("an archive");
        assert_eq!(report.findings, []);
    });
    let speed = |took: Duration| report.bytes as f64 / took.as_secs_f64() / 1e6;
    println!("{} files, {:.0} MB", report.files, report.bytes as f64 / 1e6);
    println!("verify, 2 threads: {:.0} ms, {:.0} MB/s", checked.as_secs_f64() * 1e3, speed(checked));
    let Some(alone) = sha256sum(root) else {
        println!("skipped: there is no find or sha256sum to compare with");
        return;
    };
    println!("sha256sum alone: {:.0} ms, {:.0} MB/s", alone.as_secs_f64() * 1e3, speed(alone));
    let ratio = alone.as_secs_f64() / checked.as_secs_f64();
    println!("verify runs at {:.0} % of its speed; {:.0} % are the floor", ratio * 100.0, FLOOR * 100.0);
    assert!(ratio >= FLOOR);
}

/// The best of three.
fn best(mut once: impl FnMut()) -> Duration {
    let timed = (0..3).map(|_| {
        let begin = Instant::now();
        once();
        begin.elapsed()
    });
    timed.min().unwrap_or_default()
}

/// None when the tools are not there.
fn sha256sum(root: &Path) -> Option<Duration> {
    let run = || {
        let all = ["-type", "f", "-exec", "sha256sum", "{}", "+"];
        let status = Command::new("find").arg(root).args(all).stdout(Stdio::null()).status();
        status.is_ok_and(|status| status.success())
    };
    run().then(|| best(|| assert!(run())))
}

/// Bytes that no coding makes smaller, different for every `seed`.
fn noise(seed: u64, length: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()
    };
    std::iter::repeat_with(&mut next).flatten().take(length).collect()
}

fn build(root: &Path) {
    let date = "2026-11-23T08:58:55Z".parse().expect("an instant");
    let exchange = Exchange {
        method: "GET".to_owned(),
        request_headers: Headers(vec![("Host".to_owned(), b"example.org".to_vec())]),
        protocol: "http/1.1".to_owned(),
        remote: None,
    };
    let mut files: BTreeMap<String, Digest> = BTreeMap::new();
    let mut warc = Vec::new();
    let info = Record::warcinfo("20261123T085855Z.warc.gz", "bindery 0.1.0", date);
    warc.extend(info.to_gzip());
    let mut add = |url: String, fields: &[(&str, &str)], body: &[u8]| {
        let url = Url::parse(&url).expect("a URL");
        let headers =
            Headers(fields.iter().map(|(name, value)| (name.to_string(), value.as_bytes().to_vec())).collect());
        let head = HttpHead { url: &url, status: 200, headers: &headers, exchange: &exchange, secret: &[] };
        warc.extend(Record::request(&exchange, &url, date, &[]).to_gzip());
        warc.extend(Record::response(&head, body, date).to_gzip());
    };
    for page in 0..PAGES {
        let url = format!("https://example.org/{page}");
        let html = ("Content-Type", "text/html");
        if page % 4 == 0 {
            let text = format!("<p>{page} {SENTENCE}</p>").repeat(500);
            add(url, &[html], text.as_bytes());
        } else {
            add(url, &[html, ("Content-Encoding", "br")], &noise(page, CODED_BYTES));
        }
        for image in 0..IMAGES_EACH {
            let bytes = noise((page << 8) + image + 1, IMAGE_BYTES);
            let digest = Digest::of(&bytes);
            add(format!("https://example.org/{page}/{image}.jpg"), &[("Content-Type", "image/jpeg")], &bytes);
            let path = format!("images/{}/{digest}.jpg", &digest.hex()[..2]);
            put(root, &path, &bytes);
            files.insert(path, digest);
        }
    }
    put(root, CAPTURE, &warc);
    files.insert(CAPTURE.to_owned(), Digest::of(&warc));
    seal(root, &files);
}

/// Writes what makes a folder an archive.
fn seal(root: &Path, files: &BTreeMap<String, Digest>) {
    let mut leaves: BTreeMap<String, String> = BTreeMap::new();
    for (path, digest) in files {
        let (folder, name) = path.rsplit_once('/').expect("a file in a folder");
        *leaves.entry(folder.to_owned()).or_default() += &format!("{digest}  {name}\n");
    }
    let mut top = BTreeMap::new();
    let manifests = leaves.iter().map(|(folder, text)| (format!("{folder}/manifest-sha256.txt"), text.as_bytes()));
    let fixed: [(String, &[u8]); 2] = [
        ("README.md".to_owned(), include_bytes!("../src/archive/root-readme.md")),
        ("bindery-archive.json".to_owned(), b"{\"format\": 1}\n"),
    ];
    for (path, bytes) in manifests.chain(fixed) {
        put(root, &path, bytes);
        top.insert(path, Digest::of(bytes));
    }
    let text: String = top.iter().map(|(path, digest)| format!("{digest}  {path}\n")).collect();
    put(root, "manifest-sha256.txt", text.as_bytes());
}

fn put(root: &Path, path: &str, bytes: &[u8]) {
    let path = root.join(path);
    fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
    fs::File::create(path).expect("a file").write_all(bytes).expect("written");
}
