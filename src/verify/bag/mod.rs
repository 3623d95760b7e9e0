//! Checks bags of BagIt 0.93 to 1.0 (RFC 8493).
//!
//! Violations of the standard are damage; what it allows but other programs may not accept is a warning. A bag of bindery
//! must be exactly as bindery writes it, and the archive in it is checked too.

mod lines;
mod manifests;
mod paths;
mod tags;

use std::collections::BTreeSet;

use crate::bundle::{Maker, Tree};
use crate::model::Digest;
use crate::model::FindingKind::{Changed, Foreign, Malformed, Missing, Unexpected, Warning};

use super::checksums::{self, Algorithm, FileDigests, hex};
use super::findings::Findings;
use super::{Progress, Report, VerifyError};
use manifests::{BagManifest, ManifestRole};
use paths::{PathMatcher, PercentEncoding};
use tags::BagDeclaration;

/// The files of every bag of bindery other than its payload.
const TAG_FILES: [&str; 6] = [
    "bag-info.txt",
    "bagit.txt",
    "manifest-sha256.txt",
    "manifest-sha512.txt",
    "tagmanifest-sha256.txt",
    "tagmanifest-sha512.txt",
];

/// The maximum number of missing files that are listed individually.
const MAX_MISSING: usize = 10_000;

/// Checks the bag in a folder. `top` is its folder in the ZIP file; empty on disk, and if there is none.
pub(super) fn check(
    tree: &Tree,
    top: &str,
    threads: usize,
    progress: &mut dyn FnMut(Progress),
) -> Result<Report, VerifyError> {
    let (files, mut found) = Findings::of_files(tree);
    let declaration = tags::declaration(tree, &mut found)?;
    let info = tags::info(tree, &declaration, &mut found);
    let maker = Maker::of_software(info.first("Bag-Software-Agent"));
    found.zip_faults(tree, top, maker);
    found.check_names(files.iter(), if maker.is_bindery() { Malformed } else { Warning });
    found.check_top_folder(tree, top);
    let payload: Vec<&String> = files.iter().filter(|path| path.starts_with("data/")).collect();
    if payload.is_empty() && !tree.list("").unwrap_or_default().iter().any(|child| child.name == "data") {
        found.add(Missing, "data", "the folder of the payload", "none");
    }
    let mut bag = BagCheck { tree, declaration, maker, files: &files, found };
    let lists = bag.read_lists();
    let algorithms: Vec<Algorithm> =
        lists.iter().map(|list| list.algorithm).collect::<BTreeSet<_>>().into_iter().collect();
    let mut at = Progress { all_folders: files.len() as u64, ..Progress::default() };
    let sums = checksums::compute(tree, &files, &algorithms, threads, &mut |bytes| {
        at.bytes += bytes;
        progress(at);
    });
    let mut known: Vec<Option<Digest>> = Vec::with_capacity(files.len());
    for (at, summed) in sums.iter().enumerate() {
        bag.check_file(at, summed, &lists, &algorithms);
        let digest = summed.as_ref().ok().map(|summed| summed.hex(&algorithms, Algorithm::Sha256));
        known.push(digest.and_then(|digest| digest.parse().ok()));
    }
    bag.check_missing(&lists);
    bag.check_oxum(&info, &sums);
    bag.check_own();
    let BagCheck { mut found, .. } = bag;
    // Frees their memory before the archive is checked.
    drop((lists, sums));
    let mut report = Report { files: files.len() as u64, bytes: at.bytes, ..Report::default() };
    if tree.is_file("data/bindery-archive.json") || maker.is_bindery() {
        let archive = super::tree(&tree.below_known("data", files, known), threads, &mut |done| {
            progress(Progress { bytes: at.bytes + done.bytes, ..done });
        });
        match archive {
            Ok(inner) => {
                report.articles = inner.articles;
                report.images = inner.images;
                let mut findings = inner.findings;
                // A bag of bindery contains nothing but the archive and the notes on it.
                let foreign = findings.iter_mut().filter(|finding| maker.is_bindery() && finding.kind == Foreign);
                foreign.for_each(|finding| finding.kind = Unexpected);
                found.extend("data", findings);
            }
            Err(error @ (VerifyError::NewerFormat { .. } | VerifyError::OlderRecords { .. })) => return Err(error),
            Err(error) => found.add(Malformed, "data", "an archive, as the bag declares", error.to_string()),
        }
    }
    report.findings = found.finish();
    Ok(report)
}

/// The check of one bag.
struct BagCheck<'a> {
    tree: &'a Tree,
    declaration: BagDeclaration,
    maker: Maker,
    /// Every file, sorted.
    files: &'a [String],
    found: Findings,
}

impl<'a> BagCheck<'a> {
    /// Reads all manifests whose algorithm is supported.
    fn read_lists(&mut self) -> Vec<BagManifest<'a>> {
        let mut lists = Vec::new();
        let mut unknown = Vec::new();
        let encoding = match self.declaration.is_final() {
            true => PercentEncoding::Always,
            false => PercentEncoding::LineBreaks,
        };
        let paths = PathMatcher::new(self.files, encoding);
        for path in self.files.iter().filter(|path| !path.contains('/')) {
            let (role, name) = match (path.strip_prefix("manifest-"), path.strip_prefix("tagmanifest-")) {
                (Some(name), _) => (ManifestRole::Payload, name),
                (_, Some(name)) => (ManifestRole::Tags, name),
                _ => continue,
            };
            let Some(name) = name.strip_suffix(".txt") else { continue };
            match Algorithm::named(name) {
                Some(algorithm) => {
                    lists.extend(manifests::read(
                        self.tree,
                        path,
                        role,
                        algorithm,
                        &self.declaration,
                        self.maker,
                        &paths,
                        &mut self.found,
                    ));
                }
                None => unknown.push(path),
            }
        }
        for path in unknown {
            self.found.add(Warning, path, "a supported algorithm", "another");
        }
        let payload: Vec<&BagManifest> = lists.iter().filter(|list| list.role == ManifestRole::Payload).collect();
        if payload.is_empty() {
            self.found.add(Missing, "manifest-sha256.txt", "a manifest of the payload", "none that can be checked");
        } else if payload.iter().all(|list| list.algorithm.is_weak()) {
            let (path, expected) = (payload[0].path.clone(), "SHA-256 or stronger, since others allow collisions");
            self.found.add(Warning, &path, expected, format!("{:?} only", payload[0].algorithm).to_uppercase());
        }
        lists
    }

    /// Compares a file with all manifests that list it, or should.
    fn check_file(
        &mut self,
        at: usize,
        summed: &std::io::Result<FileDigests>,
        lists: &[BagManifest<'_>],
        algorithms: &[Algorithm],
    ) {
        let path = &self.files[at];
        let role = if path.starts_with("data/") { ManifestRole::Payload } else { ManifestRole::Tags };
        let lists: Vec<&BagManifest<'_>> = lists.iter().filter(|list| list.role == role).collect();
        let listing: Vec<(&BagManifest<'_>, &[u8])> =
            lists.iter().filter_map(|list| Some((*list, list.lines.of(at)?))).collect();
        if role == ManifestRole::Payload || self.maker.is_bindery() && !path.starts_with("tagmanifest-") {
            match listing.len() {
                0 => self.found.add(Unexpected, path, "a line in a manifest", "none"),
                some if some < lists.len() && (self.declaration.is_final() || self.maker.is_bindery()) => {
                    for list in lists.iter().filter(|list| list.lines.of(at).is_none()) {
                        self.found.add(Malformed, &list.path, format!("a line for {path}"), "none");
                    }
                }
                _ => {}
            }
        }
        let summed = match summed {
            Ok(summed) => summed,
            Err(error) => {
                return self.found.add(Malformed, path, "a file that can be read to its end", error.to_string());
            }
        };
        let agrees = |(list, line): &(&BagManifest<'_>, &[u8])| *line == summed.bytes(algorithms, list.algorithm);
        // A file that agrees with a strong digest is intact, so the lines of other manifests are wrong.
        let is_intact = listing.iter().any(|listed| agrees(listed) && !listed.0.algorithm.is_weak());
        for (list, line) in listing.iter().filter(|listed| !agrees(listed)) {
            let (actual, line) = (summed.hex(algorithms, list.algorithm), hex(line));
            match is_intact {
                true => self.found.add(Changed, &list.path, format!("{actual} for {path}"), line),
                false => self.found.add(Changed, path, format!("{line} ({})", list.path), actual),
            }
        }
    }

    /// Reports files that are listed but missing.
    fn check_missing(&mut self, lists: &[BagManifest<'_>]) {
        let fetched = tags::fetch(self.tree, &self.declaration, &mut self.found);
        let mut count = 0;
        for role in [ManifestRole::Payload, ManifestRole::Tags] {
            let lists: Vec<&BagManifest<'_>> = lists.iter().filter(|list| list.role == role).collect();
            let missing: BTreeSet<&String> = lists.iter().flat_map(|list| list.lines.missing()).collect();
            for path in missing {
                count += 1;
                if count > MAX_MISSING {
                    continue;
                }
                let (listing, others): (Vec<&BagManifest<'_>>, Vec<&BagManifest<'_>>) =
                    lists.iter().partition(|list| list.lines.has(path));
                if self.maker.is_bindery() && !others.is_empty() {
                    let (expected, found) = ("lines for existing files", format!("a line for {path}"));
                    listing.iter().for_each(|list| self.found.add(Malformed, &list.path, expected, &found));
                    continue;
                }
                let found = match fetched.get(path) {
                    Some(url) => format!("nothing; fetch.txt says to download it from {url}"),
                    None => "nothing".to_owned(),
                };
                self.found.add(Missing, path, format!("the file that {} lists", listing[0].path), found);
            }
        }
        if count > MAX_MISSING {
            let more = format!("{} more listed files are missing", count - MAX_MISSING);
            self.found.add(Missing, "data", "all listed files", more);
        }
        let listed =
            |path: &String| lists.iter().any(|list| list.role == ManifestRole::Payload && list.lines.has(path));
        for path in fetched.keys().filter(|path| !listed(path)) {
            self.found.add(Malformed, "fetch.txt", "files that a manifest lists", path);
        }
    }

    fn check_oxum(&mut self, info: &tags::BagInfo, sums: &[std::io::Result<FileDigests>]) {
        let Some(stated) = info.first("Payload-Oxum") else { return };
        let payload = self.files.iter().zip(sums).filter(|(path, _)| path.starts_with("data/"));
        let (mut bytes, mut count) = (0, 0u64);
        for (_, summed) in payload {
            bytes += summed.as_ref().map_or(0, |summed| summed.length);
            count += 1;
        }
        let found = format!("{bytes}.{count}");
        // If files are missing or changed it cannot agree, and they are reported.
        if stated.trim() != found && (self.maker.is_bindery() || !self.found.is_damage()) {
            self.found.add(Changed, &info.path, format!("Payload-Oxum {}", stated.trim()), found);
        }
    }

    fn check_own(&mut self) {
        if !self.maker.is_bindery() {
            return;
        }
        let is_missing = |path: &&str| !self.tree.is_file(path) && !self.found.has(path);
        for path in TAG_FILES.into_iter().filter(is_missing).collect::<Vec<_>>() {
            self.found.add(Missing, path, "a file of every bag of bindery", "nothing");
        }
        for path in self.files.iter().filter(|path| !path.starts_with("data/") && path.starts_with("tagmanifest-")) {
            if !TAG_FILES.contains(&path.as_str()) && !self.found.has(path) {
                self.found.add(Unexpected, path, "only the files of a bag of bindery", "another file");
            }
        }
    }
}
