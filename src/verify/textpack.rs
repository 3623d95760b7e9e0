//! Checks TextBundle v1 and v2 in a folder or a ZIP file. Only those of bindery contain digests; of others the structure is
//! checked.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::bundle::Tree;
use crate::model::Digest;
use crate::model::FindingKind::{Changed, Malformed, Missing, Unexpected, Warning};

use super::checksums::{self, Algorithm};
use super::findings::{Findings, Maker};
use super::manifest::{self, MANIFEST};
use super::{Progress, Report, Subject, VerifyError};

const INFO: &str = "info.json";
const VENDOR: &str = "org.bindery";
const MAX_INFO: usize = 1 << 26;

/// Checks the bundle in a folder. `top` is its folder in the ZIP file; empty on disk, and if there is none.
pub(super) fn check(
    tree: &Tree,
    top: &str,
    threads: usize,
    progress: &mut dyn FnMut(Progress),
) -> Result<Report, VerifyError> {
    let mut found = Findings::default();
    let (files, faults) = tree.files();
    for (path, fault) in faults {
        found.add(Malformed, &path, "a readable folder and a name in UTF-8", fault);
    }
    let files = found.only_files(files);
    let info = info(tree, &mut found)?;
    let vendor = info.as_ref().and_then(|(_, info)| info.get(VENDOR));
    let creator = info.as_ref().and_then(|(_, info)| info.get("creatorIdentifier")).and_then(Value::as_str);
    let maker = match vendor.is_some() || creator == Some(VENDOR) || files.iter().any(|path| path == MANIFEST) {
        true => Maker::Bindery,
        false => Maker::Other,
    };
    found.zip_faults(tree, top, maker);
    found.check_top_folder(tree, top);
    found.check_names(files.iter(), Malformed);
    let texts = files.iter().filter(|path| path.starts_with("text.") && !path.contains('/')).count();
    if texts != 1 {
        found.add(if texts == 0 { Missing } else { Malformed }, "text.md", "one text", format!("{texts}"));
    }
    let mut at = Progress { all_folders: files.len() as u64, ..Progress::default() };
    let asked = [Algorithm::Sha256];
    let sums = checksums::compute(tree, &files, &asked, threads, &mut |bytes| {
        at.bytes += bytes;
        progress(at);
    });
    let mut digests = BTreeMap::new();
    for (path, summed) in files.iter().zip(sums) {
        match summed {
            Ok(summed) => drop(digests.insert(path.as_str(), summed.hex(&asked, Algorithm::Sha256))),
            Err(error) => found.add(Malformed, path, "a file that can be read to its end", error.to_string()),
        }
    }
    match (&info, maker) {
        (Some((bytes, info)), Maker::Bindery) => compare(tree, bytes, info, &files, &digests, &mut found)?,
        (Some(_), Maker::Other) => found.add(Warning, INFO, "digests to check the files with", "none"),
        (None, Maker::Bindery) => compare(tree, &[], &Value::Null, &files, &digests, &mut found)?,
        (None, Maker::Other) => {}
    }
    let images = files.iter().filter(|path| path.starts_with("assets/")).count() as u64;
    let report = Report { subject: Subject::TextPack, files: files.len() as u64, bytes: at.bytes, ..Report::default() };
    Ok(Report { findings: found.finish(), articles: 1, images, ..report })
}

/// Returns the bytes and the value of `info.json`; None if it cannot be read, which is reported.
fn info(tree: &Tree, found: &mut Findings) -> Result<Option<(Vec<u8>, Value)>, VerifyError> {
    if !tree.is_file(INFO) {
        found.add(Missing, INFO, "the description of the bundle", "nothing");
        return Ok(None);
    }
    let read = super::read_limited(tree, INFO, MAX_INFO).map_err(|error| error.to_string());
    let read = read.and_then(|bytes| {
        let value = serde_json::from_slice(&bytes).map_err(|error| error.to_string())?;
        Ok((bytes, value))
    });
    let (bytes, info): (Vec<u8>, Value) = match read {
        Ok(read) => read,
        Err(cause) => {
            found.add(Malformed, INFO, "a JSON object", cause);
            return Ok(None);
        }
    };
    match info.get("version").and_then(Value::as_u64) {
        Some(1 | 2) => {}
        Some(version) if version > 2 => {
            let found = format!("a TextBundle of version {version}");
            return Err(VerifyError::NewerBundle { path: tree.path(), found, known: "versions 1 and 2" });
        }
        other => found.add(Malformed, INFO, "a version, 1 or 2", format!("{other:?}")),
    }
    Ok(Some((bytes, info)))
}

/// Compares the files of a bundle of bindery with the digests in `info.json` and in the manifest.
fn compare(
    tree: &Tree,
    bytes: &[u8],
    info: &Value,
    files: &[String],
    digests: &BTreeMap<&str, String>,
    found: &mut Findings,
) -> Result<(), VerifyError> {
    let vendor = info.get(VENDOR).unwrap_or(&Value::Null);
    let is_intact = is_intact(bytes, vendor);
    match vendor.get("format").and_then(Value::as_u64) {
        Some(format) if format > 1 && is_intact => {
            let found = format!("a TextPack of bindery's format {format}");
            return Err(VerifyError::NewerBundle { path: tree.path(), found, known: "format 1" });
        }
        _ => {}
    }
    if !is_intact {
        let stated = vendor.get("self_sha256").and_then(Value::as_str).unwrap_or("none");
        found.add(Changed, INFO, format!("its own digest {stated}, with that value empty"), "another");
    }
    let empty = serde_json::Map::new();
    let stated = vendor.get("sha256").and_then(Value::as_object).filter(|_| is_intact).unwrap_or(&empty);
    let mut by_info: BTreeMap<&str, &str> =
        stated.iter().map(|(path, digest)| (path.as_str(), digest.as_str().unwrap_or_default())).collect();
    if let Some(digest) = digests.get(INFO).filter(|_| is_intact) {
        // It contains its own digest in another form.
        by_info.insert(INFO, digest);
    }
    let text = super::read_limited(tree, MANIFEST, MAX_INFO).unwrap_or_default();
    let (lines, fault) = manifest::parse(&text);
    match fault {
        _ if !files.iter().any(|path| path == MANIFEST) => {
            found.add(Missing, MANIFEST, "in every TextPack of bindery", "nothing");
        }
        Some(fault) => found.add(Malformed, MANIFEST, "lines in the format of sha256sum", fault),
        None => {}
    }
    let lines: BTreeMap<&str, String> = lines.iter().map(|(path, digest)| (path.as_str(), digest.hex())).collect();
    let names: BTreeSet<&str> = files.iter().map(String::as_str).collect();
    let listed = by_info.keys().chain(lines.keys()).copied();
    let existing = files.iter().map(String::as_str).filter(|path| *path != MANIFEST);
    for path in existing.chain(listed).collect::<BTreeSet<_>>() {
        let exists = names.contains(path);
        let listed =
            ListedDigests { info: by_info.get(path).copied(), line: lines.get(path).map(String::as_str), is_intact };
        listed.check(path, digests.get(path).map(String::as_str), exists, found);
    }
    Ok(())
}

/// The digests of a file in `info.json` and in the manifest. If only one of them agrees with the file, the other is damaged.
struct ListedDigests<'a> {
    info: Option<&'a str>,
    line: Option<&'a str>,
    /// Whether `info.json` is intact.
    is_intact: bool,
}

impl ListedDigests<'_> {
    fn check(&self, path: &str, actual: Option<&str>, exists: bool, found: &mut Findings) {
        let Some(actual) = actual else {
            match (self.info, self.line) {
                // It could not be read, which was reported.
                _ if exists => {}
                (None, Some(_)) if self.is_intact => found.add(Malformed, MANIFEST, "lines for existing files", path),
                _ => found.add(Missing, path, "the file that is listed", "nothing"),
            }
            return;
        };
        match (self.info == Some(actual), self.line == Some(actual)) {
            (true, true) => {}
            (true, false) if !found.has(MANIFEST) => {
                found.add(Changed, MANIFEST, format!("{actual} for {path}"), self.line.unwrap_or("no line"));
            }
            (true, false) => {}
            (false, true) if self.is_intact => {
                found.add(Changed, INFO, format!("{actual} for {path}"), self.info.unwrap_or("no digest"));
            }
            (false, true) => {}
            (false, false) => match self.info.or(self.line) {
                Some(stated) => found.add(Changed, path, stated, actual),
                None if path != INFO => found.add(Unexpected, path, "a digest of it", "a file that is not listed"),
                None => {}
            },
        }
    }
}

/// Returns whether `info.json` has the digest that it contains.
fn is_intact(bytes: &[u8], vendor: &Value) -> bool {
    let Some(stated) = vendor.get("self_sha256").and_then(Value::as_str).filter(|stated| stated.len() == 64) else {
        return false;
    };
    let with = format!("\"self_sha256\": \"{stated}\"");
    std::str::from_utf8(bytes).is_ok_and(|text| {
        text.matches(&with).count() == 1
            && Digest::of(text.replace(&with, "\"self_sha256\": \"\"").as_bytes()).hex() == stated
    })
}
