//! Checks bundles by digests: those of all files, those in `manifest-sha256.txt`, and those in a file of the format.

use std::collections::{BTreeMap, BTreeSet};

use crate::bundle::{Description, ListedDigests, Maker, NewerVersion, Tree};
use crate::model::FindingKind::{Changed, Malformed, Missing, Unexpected};

use super::checksums::{self, Algorithm};
use super::findings::Findings;
use super::manifest::{self, MANIFEST};
use super::{Progress, Report, VerifyError};

const MAX_MANIFEST: usize = 1 << 26;

/// Checks the bundle in a folder. `top` is its folder in the ZIP file; empty on disk, and if there is none.
pub(super) fn check(
    tree: &Tree,
    top: &str,
    describe: fn(&Tree) -> Result<Description, NewerVersion>,
    threads: usize,
    progress: &mut dyn FnMut(Progress),
) -> Result<Report, VerifyError> {
    let (files, mut found) = Findings::of_files(tree);
    let Description { maker, listed, findings } = describe(tree)
        .map_err(|NewerVersion { found, known }| VerifyError::NewerBundle { path: tree.path(), found, known })?;
    findings.into_iter().for_each(|finding| found.push(finding));
    found.zip_faults(tree, top, maker);
    found.check_top_folder(tree, top);
    found.check_names(files.iter(), Malformed);
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
    if maker == Maker::Bindery {
        compare(tree, listed.as_ref(), &files, &digests, &mut found);
    }
    let images = files.iter().filter(|path| path.starts_with("assets/")).count() as u64;
    let report = Report { files: files.len() as u64, bytes: at.bytes, ..Report::default() };
    Ok(Report { findings: found.finish(), articles: 1, images, ..report })
}

/// Compares the files of a bundle of bindery with the digests in its own file and in the manifest.
fn compare(
    tree: &Tree,
    listed: Option<&ListedDigests>,
    files: &[String],
    digests: &BTreeMap<&str, String>,
    found: &mut Findings,
) {
    let text = tree.read_limited(MANIFEST, MAX_MANIFEST).unwrap_or_default();
    let (lines, fault) = manifest::parse(&text);
    match fault {
        _ if !files.iter().any(|path| path == MANIFEST) => {
            found.add(Missing, MANIFEST, "in every such bundle of bindery", "nothing");
        }
        Some(fault) => found.add(Malformed, MANIFEST, "lines in the format of sha256sum", fault),
        None => {}
    }
    let lines: BTreeMap<&str, String> = lines.iter().map(|(path, digest)| (path.as_str(), digest.hex())).collect();
    let names: BTreeSet<&str> = files.iter().map(String::as_str).collect();
    let own = listed.iter().flat_map(|listed| listed.digests.keys()).map(String::as_str);
    let paths = own.chain(lines.keys().copied());
    let existing = files.iter().map(String::as_str).filter(|path| *path != MANIFEST);
    for path in existing.chain(paths).collect::<BTreeSet<_>>() {
        let stated = StatedDigests {
            file: listed.map(|listed| listed.file),
            own: listed.and_then(|listed| listed.digests.get(path)).map(String::as_str),
            line: lines.get(path).map(String::as_str),
        };
        match digests.get(path) {
            Some(actual) => stated.check(path, actual, found),
            // It could not be read, which was reported.
            None if names.contains(path) => {}
            None => stated.note_missing(path, found),
        }
    }
}

/// The digests of a file in the format's own file and in the manifest. If only one of them agrees with the file, the other
/// is damaged.
struct StatedDigests<'a> {
    /// The format's own file; None if there is none, or if it is damaged.
    file: Option<&'static str>,
    own: Option<&'a str>,
    line: Option<&'a str>,
}

impl StatedDigests<'_> {
    fn note_missing(&self, path: &str, found: &mut Findings) {
        match (self.own, self.line, self.file) {
            (None, Some(_), Some(_)) => found.add(Malformed, MANIFEST, "lines for existing files", path),
            _ => found.add(Missing, path, "the file that is listed", "nothing"),
        }
    }

    fn check(&self, path: &str, actual: &str, found: &mut Findings) {
        match (self.own == Some(actual), self.line == Some(actual), self.file) {
            (true, true, _) => {}
            (true, false, _) if !found.has(MANIFEST) => {
                found.add(Changed, MANIFEST, format!("{actual} for {path}"), self.line.unwrap_or("no line"));
            }
            (true, false, _) | (false, true, None) => {}
            (false, true, Some(file)) => {
                found.add(Changed, file, format!("{actual} for {path}"), self.own.unwrap_or("no digest"));
            }
            (false, false, _) => match self.own.or(self.line) {
                Some(stated) => found.add(Changed, path, stated, actual),
                None if !found.has(path) => found.add(Unexpected, path, "a digest of it", "a file that is not listed"),
                None => {}
            },
        }
    }
}
