//! WACZ 1.0 to 1.2, of bindery and of others.
//!
//! Strict where `wacz validate` is not: what must be in it is in it, nothing is unlisted, captures and indexes are stored,
//! every index line lands on the record it names, and every page is in the index.

mod blocks;
mod index;
mod warcs;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::bundle::Tree;
use crate::model::FindingKind::{Changed, Malformed, Missing, Unexpected, Warning};

use super::found::Found;
use super::sums::{self, Algorithm, Summed};
use super::{Progress, Report, Subject, VerifyError};

const PACKAGE: &str = "datapackage.json";
const DIGEST: &str = "datapackage-digest.json";
const PAGES: &str = "pages/pages.jsonl";
const ASKED: [Algorithm; 2] = [Algorithm::Md5, Algorithm::Sha256];
/// More than the description of any package has.
const MAX_JSON: usize = 1 << 28;
/// Longer than any page with its text.
const MAX_PAGE: u64 = 1 << 24;
/// Checks the WACZ at the top of a ZIP file.
pub(super) fn check(tree: &Tree, threads: usize, progress: &mut dyn FnMut(Progress)) -> Result<Report, VerifyError> {
    let mut found = Found::default();
    let (files, faults) = tree.files();
    for (path, fault) in faults {
        found.add(Malformed, &path, "a folder or file with a name", fault);
    }
    let files = found.only_files(files);
    let mut at = Progress { all_folders: files.len() as u64, ..Progress::default() };
    let sums = sums::all(tree, &files, &ASKED, threads, &mut |bytes| {
        at.bytes += bytes;
        progress(at);
    });
    let sums: BTreeMap<&str, &Summed> = files
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
    let own = software.is_some_and(|software| software.starts_with("bindery "));
    found.zip_faults(tree, "", own);
    found.names(files.iter(), Malformed);
    if let Some(package) = &package {
        resources(package, &files, &sums, &mut found);
    }
    digest(tree, &sums, own, &mut found);
    required(&files, &mut found);
    stored(tree, &files, &mut found);
    let mut records = warcs::read(tree, &files, own, threads, &mut found);
    let lines = index::check(tree, &files, &mut records, own, &mut found);
    drop(records);
    let pages = pages(tree, &lines, own, &mut found);
    let findings = found.finish();
    let report = Report {
        subject: Subject::Wacz,
        files: files.len() as u64,
        bytes: at.bytes,
        articles: pages,
        ..Report::default()
    };
    Ok(Report { findings, ..report })
}

/// Reads `datapackage.json`; None when there is none that can be read, which is told.
fn package(tree: &Tree, found: &mut Found) -> Result<Option<Value>, VerifyError> {
    if !tree.is_file(PACKAGE) {
        found.add(Missing, PACKAGE, "the description of the package", "nothing");
        return Ok(None);
    }
    let package: Value = match super::whole(tree, PACKAGE, MAX_JSON)
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

/// Every file is listed as it is, and every file listed is there.
fn resources(package: &Value, files: &[String], sums: &BTreeMap<&str, &Summed>, found: &mut Found) {
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
            found.add(Warning, PACKAGE, "a name for each resource in lower-case ASCII, each once", format!("`{name}`"));
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

/// The digest of the description. When they differ nobody else tells which of the two was changed: both are told.
fn digest(tree: &Tree, sums: &BTreeMap<&str, &Summed>, own: bool, found: &mut Found) {
    if !tree.is_file(DIGEST) {
        let kind = if own { Missing } else { Warning };
        return found.add(kind, DIGEST, format!("the digest of {PACKAGE}"), "nothing");
    }
    let bytes = super::whole(tree, DIGEST, MAX_JSON).unwrap_or_default();
    let value: Value = serde_json::from_slice(&bytes).unwrap_or_default();
    let stated = value.get("hash").and_then(Value::as_str).unwrap_or_default();
    let Some(summed) = sums.get(PACKAGE) else {
        // Whatever it says, there is nothing that it is of.
        return;
    };
    let actual = format!("sha256:{}", summed.hex(&ASKED, Algorithm::Sha256));
    let is_own_form = bytes == format!("{{\n  \"hash\": \"{stated}\",\n  \"path\": \"{PACKAGE}\"\n}}\n").into_bytes();
    if value.get("path").and_then(Value::as_str) != Some(PACKAGE) || own && !is_own_form {
        found.add(Malformed, DIGEST, format!("an object with the path {PACKAGE} and its hash"), "another");
    }
    if stated != actual {
        found.add(Changed, DIGEST, actual.as_str(), stated);
        found.add(Changed, PACKAGE, format!("{stated} ({DIGEST})"), actual);
    }
}

fn required(files: &[String], found: &mut Found) {
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
        found.add(Missing, PAGES, "the list of pages", "nothing");
    }
    for path in files.iter().filter(|path| path.starts_with("archive/") && !is_warc(path)) {
        found.add(Unexpected, path, "WARC files only in archive/", "another file");
    }
    for path in files.iter().filter(|path| path.starts_with("indexes/") && !is_index(path) && !path.ends_with(".idx")) {
        found.add(Unexpected, path, "indexes only in indexes/", "another file");
    }
}

/// Whoever replays reads parts of these files where they lie.
fn stored(tree: &Tree, files: &[String], found: &mut Found) {
    let Some(zip) = tree.zip() else { return };
    let must = |path: &&String| path.starts_with("archive/") || path.starts_with("indexes/") && path.ends_with(".gz");
    for path in files.iter().filter(must) {
        if zip.is_stored(path) == Some(false) {
            found.add(Malformed, path, "stored, so that parts of it can be read", "compressed");
        }
    }
}

/// Every page is in the index. How many pages there are.
fn pages(tree: &Tree, lines: &index::Lines, own: bool, found: &mut Found) -> u64 {
    // What cannot be read is told already.
    let Ok(opened) = tree.open(PAGES) else { return 0 };
    let mut at = 0;
    // An error in the middle was told when its digest was taken.
    let _ = index::each_line(opened.bytes, MAX_PAGE, |line| {
        at += 1;
        if let Err((expected, what)) = page(line, at, lines, own) {
            found.line(PAGES, "pages that are in the index", &expected, &what);
        }
    });
    // The first line is a heading.
    u64::saturating_sub(at, 1)
}

/// Checks a line of the list of pages; what was expected and found when they differ.
fn page(line: Option<&str>, at: u64, lines: &index::Lines, own: bool) -> Result<(), (String, String)> {
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
    match moment.len() == 14 && (is_known || !own) {
        true => Ok(()),
        false => Err((format!("a moment of the index for {url}"), format!("`{}`", text("ts")))),
    }
}
