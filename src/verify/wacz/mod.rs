//! Checks WACZ 1.0 to 1.2.
//!
//! Stricter than `wacz validate`: required files must exist, all files must be listed, captures and indexes must be stored
//! without compression, every index line must point to its record, and every page must be in the index.

mod blocks;
mod index;
mod lines;
mod warcs;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::bundle::{Maker, Tree};
use crate::model::FindingKind::{Changed, Malformed, Missing, Unexpected, Warning};

use super::checksums::{self, Algorithm, FileDigests};
use super::findings::Findings;
use super::{Progress, Report, VerifyError};

const PACKAGE: &str = "datapackage.json";
const DIGEST: &str = "datapackage-digest.json";
const PAGES: &str = "pages/pages.jsonl";
const ASKED: [Algorithm; 2] = [Algorithm::Md5, Algorithm::Sha256];
/// The maximum size of a JSON file in bytes.
const MAX_JSON: usize = 1 << 28;
/// The maximum length of a line of the list of pages, in bytes.
const MAX_PAGE: u64 = 1 << 24;

/// Checks the WACZ in a folder or at the top of a ZIP file.
pub(super) fn check(tree: &Tree, threads: usize, progress: &mut dyn FnMut(Progress)) -> Result<Report, VerifyError> {
    let (files, mut found) = Findings::of_files(tree);
    let mut at = Progress { all_folders: files.len() as u64, ..Progress::default() };
    let sums = checksums::compute(tree, &files, &ASKED, threads, &mut |bytes| {
        at.bytes += bytes;
        progress(at);
    });
    let sums: BTreeMap<&str, &FileDigests> = files
        .iter()
        .zip(&sums)
        .filter_map(|(path, summed)| match summed {
            Ok(summed) => Some((path.as_str(), summed)),
            Err(error) => {
                found.add(Malformed, path, "a file that can be read to its end", error.to_string());
                None
            }
        })
        .collect();
    let package = package(tree, &mut found)?;
    let software = package.as_ref().and_then(|package| package.get("software")).and_then(Value::as_str);
    let maker = Maker::of_software(software);
    found.zip_faults(tree, "", maker);
    found.check_names(files.iter(), Malformed);
    if let Some(package) = &package {
        resources(package, &files, &sums, &mut found);
    }
    digest(tree, &sums, maker, &mut found);
    required(&files, maker, &mut found);
    stored(tree, &files, &mut found);
    let mut records = warcs::read(tree, &files, maker, threads, &mut found);
    let lines = index::check(tree, &files, &mut records, maker, &mut found);
    drop(records);
    let pages = pages(tree, &lines, maker, &mut found);
    let findings = found.finish();
    let report = Report { files: files.len() as u64, bytes: at.bytes, articles: pages, ..Report::default() };
    Ok(Report { findings, ..report })
}

/// Reads `datapackage.json`; None if it is missing or cannot be read, which is reported.
fn package(tree: &Tree, found: &mut Findings) -> Result<Option<Value>, VerifyError> {
    if !tree.is_file(PACKAGE) {
        found.add(Missing, PACKAGE, "the description of the package", "nothing");
        return Ok(None);
    }
    let package: Value = match tree
        .read_limited(PACKAGE, MAX_JSON)
        .map_err(|error| error.to_string())
        .and_then(|bytes| serde_json::from_slice(&bytes).map_err(|error| error.to_string()))
    {
        Ok(package) => package,
        Err(cause) => {
            found.add(Malformed, PACKAGE, "a JSON object", cause);
            return Ok(None);
        }
    };
    let text = |name: &str| package.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let version = text("wacz_version");
    let numbers: Vec<u32> = version.split('.').map_while(|part| part.parse().ok()).collect();
    match numbers.as_slice() {
        [1, 0..=2, ..] => {}
        [major, minor, ..] if (*major, *minor) > (1, 2) => {
            let found = format!("a WACZ of version {version}");
            return Err(VerifyError::NewerBundle { path: tree.path(), found, known: "WACZ 1.0 to 1.2" });
        }
        _ => found.add(Malformed, PACKAGE, "a wacz_version from 1.0.0 to 1.2.0", format!("`{version}`")),
    }
    if !matches!(text("profile").as_str(), "data-package" | "wacz") {
        found.add(Malformed, PACKAGE, "the profile data-package", format!("`{}`", text("profile")));
    }
    Ok(Some(package))
}

/// Checks that all files are listed with their digest and length, and that all listed files exist.
fn resources(package: &Value, files: &[String], sums: &BTreeMap<&str, &FileDigests>, found: &mut Findings) {
    let empty = Vec::new();
    let resources = package.get("resources").and_then(Value::as_array).unwrap_or(&empty);
    let (mut listed, mut names) = (BTreeSet::new(), BTreeSet::new());
    for resource in resources {
        let text = |name: &str| resource.get(name).and_then(Value::as_str).unwrap_or_default();
        let path = text("path");
        if path.is_empty() {
            found.add(Malformed, PACKAGE, "a path for each resource", "none");
            continue;
        }
        if !listed.insert(path) {
            found.add(Malformed, PACKAGE, "each file once", format!("`{path}` again"));
        }
        let name = text("name");
        let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_' | '.' | '/');
        if name.is_empty() || !names.insert(name) || !name.chars().all(fits) {
            found.add(Warning, PACKAGE, "a unique name in lower-case ASCII for each resource", format!("`{name}`"));
        }
        let Some(summed) = sums.get(path) else {
            // The files are sorted.
            if files.binary_search_by(|file| file.as_str().cmp(path)).is_err() {
                found.add(Missing, path, format!("the file that {PACKAGE} lists"), "nothing");
            }
            continue;
        };
        let (algorithm, stated) = text("hash").split_once(':').unwrap_or_default();
        let actual = match algorithm {
            "md5" => summed.hex(&ASKED, Algorithm::Md5),
            "sha256" => summed.hex(&ASKED, Algorithm::Sha256),
            _ => {
                found.add(
                    Malformed,
                    PACKAGE,
                    "a hash that begins with sha256:",
                    format!("`{}` for {path}", text("hash")),
                );
                continue;
            }
        };
        if !actual.eq_ignore_ascii_case(stated) {
            found.add(Changed, path, format!("{stated} ({PACKAGE})"), actual);
        }
        let bytes = resource.get("bytes").and_then(Value::as_u64);
        if bytes != Some(summed.length) {
            let stated = bytes.map_or_else(|| "no number".to_owned(), |bytes| format!("{bytes}"));
            found.add(Changed, path, format!("{stated} bytes ({PACKAGE})"), format!("{} bytes", summed.length));
        }
    }
    for path in
        files.iter().filter(|path| !matches!(path.as_str(), PACKAGE | DIGEST) && !listed.contains(path.as_str()))
    {
        found.add(Unexpected, path, format!("a resource in {PACKAGE}"), "a file that is not listed");
    }
}

/// Compares `datapackage.json` with its digest. If they differ both are reported, since either may have been changed.
fn digest(tree: &Tree, sums: &BTreeMap<&str, &FileDigests>, maker: Maker, found: &mut Findings) {
    if !tree.is_file(DIGEST) {
        let kind = if maker.is_bindery() { Missing } else { Warning };
        return found.add(kind, DIGEST, format!("the digest of {PACKAGE}"), "nothing");
    }
    let bytes = tree.read_limited(DIGEST, MAX_JSON).unwrap_or_default();
    let value: Value = serde_json::from_slice(&bytes).unwrap_or_default();
    let stated = value.get("hash").and_then(Value::as_str).unwrap_or_default();
    let Some(summed) = sums.get(PACKAGE) else {
        // There is no description to compare with.
        return;
    };
    let actual = format!("sha256:{}", summed.hex(&ASKED, Algorithm::Sha256));
    let is_own_form = bytes == format!("{{\n  \"hash\": \"{stated}\",\n  \"path\": \"{PACKAGE}\"\n}}\n").into_bytes();
    if value.get("signedData").is_some() {
        let found_it = "a signature of the WACZ itself (signedData), which bindery does not check";
        found.add(Warning, DIGEST, "no signature, or one that can be checked here", found_it);
    }
    if value.get("path").and_then(Value::as_str) != Some(PACKAGE) || maker.is_bindery() && !is_own_form {
        found.add(Malformed, DIGEST, format!("an object with the path {PACKAGE} and its hash"), "another");
    }
    if stated != actual {
        found.add(Changed, DIGEST, actual.as_str(), stated);
        found.add(Changed, PACKAGE, format!("{stated} ({DIGEST})"), actual);
    }
}

fn required(files: &[String], maker: Maker, found: &mut Findings) {
    let is_warc =
        |path: &String| path.starts_with("archive/") && (path.ends_with(".warc.gz") || path.ends_with(".warc"));
    let is_index = |path: &String| path.starts_with("indexes/") && index::is_cdx(path);
    if !files.iter().any(is_warc) {
        found.add(Missing, "archive", "a WARC file", "none");
    }
    if !files.iter().any(is_index) {
        found.add(Missing, "indexes", "an index", "none");
    }
    if !files.iter().any(|path| path == PAGES) {
        // Other programs write a list only if they are asked to detect pages.
        let kind = if maker.is_bindery() { Missing } else { Warning };
        found.add(kind, PAGES, "the list of pages", "nothing");
    }
    for path in files.iter().filter(|path| path.starts_with("archive/") && !is_warc(path)) {
        found.add(Unexpected, path, "WARC files only in archive/", "another file");
    }
    for path in files.iter().filter(|path| path.starts_with("indexes/") && !is_index(path) && !path.ends_with(".idx")) {
        found.add(Unexpected, path, "indexes only in indexes/", "another file");
    }
}

/// Checks that captures and indexes are stored without compression, since replay programs read parts of them.
fn stored(tree: &Tree, files: &[String], found: &mut Findings) {
    let Some(zip) = tree.zip() else { return };
    let must = |path: &&String| path.starts_with("archive/") || path.starts_with("indexes/") && path.ends_with(".gz");
    for path in files.iter().filter(must) {
        if zip.is_stored(path) == Some(false) {
            found.add(Malformed, path, "a file stored without compression", "a compressed one");
        }
    }
}

/// Checks that all pages are in the index, and returns their number.
fn pages(tree: &Tree, lines: &index::IndexLines, maker: Maker, found: &mut Findings) -> u64 {
    // A file that cannot be read was reported before, when it was hashed.
    let Ok(opened) = tree.open(PAGES) else { return 0 };
    let mut at = 0;
    let _ = lines::each_line(opened.bytes, MAX_PAGE, |line| {
        at += 1;
        if let Err((expected, what)) = page(line, at, lines, maker) {
            found.line(PAGES, "pages that are in the index", &expected, &what);
        }
    });
    // The first line is a header.
    u64::saturating_sub(at, 1)
}

/// Checks a line of the list of pages. An error holds what was expected and what was found.
fn page(line: Option<&str>, at: u64, lines: &index::IndexLines, maker: Maker) -> Result<(), (String, String)> {
    let Some(Ok(Value::Object(page))) = line.map(serde_json::from_str) else {
        return Err((format!("a JSON object in line {at}"), "another text".to_owned()));
    };
    let text = |name: &str| page.get(name).and_then(Value::as_str).unwrap_or_default();
    if at == 1 {
        return match text("format") {
            "json-pages-1.0" => Ok(()),
            other => Err(("the format json-pages-1.0 in its first line".to_owned(), format!("`{other}`"))),
        };
    }
    let url = text("url");
    if !lines.has(url) {
        return Err(("pages that are in the index".to_owned(), format!("{url} in line {at}")));
    }
    let moment: String = text("ts").chars().filter(char::is_ascii_digit).take(14).collect();
    let is_known = moment.parse().is_ok_and(|moment| lines.has_at(url, moment));
    match moment.len() == 14 && (is_known || !maker.is_bindery()) {
        true => Ok(()),
        false => Err((format!("a timestamp of the index for {url}"), format!("`{}`", text("ts")))),
    }
}
