//! Bags of BagIt 0.93 to 1.0 (RFC 8493), of bindery and of others.
//!
//! Strict where the standard is; where it leaves room a warning says what other programs would take ill. A bag that
//! bindery made must be exactly as bindery makes it, and the archive in it is checked as one.

mod lines;
mod manifests;
mod tags;

use std::collections::BTreeSet;

use crate::bundle::Tree;
use crate::model::Digest;
use crate::model::FindingKind::{Changed, Malformed, Missing, Unexpected, Warning};

use super::found::Found;
use super::sums::{self, Algorithm, Summed, hex};
use super::{Progress, Report, Subject, VerifyError};
use manifests::{Listing, Role};
use tags::Declaration;

/// What every bag of bindery has beside its payload.
const OWN: [&str; 6] = [
    "bag-info.txt",
    "bagit.txt",
    "manifest-sha256.txt",
    "manifest-sha512.txt",
    "tagmanifest-sha256.txt",
    "tagmanifest-sha512.txt",
];

/// Files that are missing and told one by one; how many more there are is told in one line.
const MAX_MISSING: usize = 10_000;

/// Checks the bag in a folder. `top` is its folder in the ZIP file, empty on disk and where there is none.
pub(super) fn check(
    tree: &Tree,
    top: &str,
    threads: usize,
    progress: &mut dyn FnMut(Progress),
) -> Result<Report, VerifyError> {
    let mut found = Found::default();
    let (files, faults) = tree.files();
    for (path, fault) in faults {
        found.add(Malformed, &path, "a folder or file with a name", fault);
    }
    let files = found.only_files(files);
    let declaration = tags::declaration(tree, &mut found)?;
    let info = tags::info(tree, &declaration, &mut found);
    let own = info.first("Bag-Software-Agent").is_some_and(|agent| agent.starts_with("bindery "));
    found.zip_faults(tree, top, own);
    found.names(files.iter(), if own { Malformed } else { Warning });
    found.outside(tree, top);
    let payload: Vec<&String> = files.iter().filter(|path| path.starts_with("data/")).collect();
    if payload.is_empty() && !tree.list("").unwrap_or_default().iter().any(|child| child.name == "data") {
        found.add(Missing, "data", "the folder of the payload", "none");
    }
    let mut bag = Bag { tree, declaration, own, files: &files, found };
    let lists = bag.read_lists();
    let algorithms: Vec<Algorithm> =
        lists.iter().map(|list| list.algorithm).collect::<BTreeSet<_>>().into_iter().collect();
    let mut at = Progress { all_folders: files.len() as u64, ..Progress::default() };
    let sums = sums::all(tree, &files, &algorithms, threads, &mut |bytes| {
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
    let Bag { mut found, .. } = bag;
    // The archive is checked in the room that they took.
    drop((lists, sums));
    let mut report = Report { subject: Subject::Bag, files: files.len() as u64, bytes: at.bytes, ..Report::default() };
    if tree.is_file("data/bindery-archive.json") || own {
        let archive = super::tree(&tree.below_known("data", files, known), threads, &mut |done| {
            progress(Progress { bytes: at.bytes + done.bytes, ..done });
        });
        match archive {
            Ok(inner) => {
                report.articles = inner.articles;
                report.images = inner.images;
                found.extend("data", inner.findings);
            }
            Err(error @ VerifyError::NewerFormat { .. }) => return Err(error),
            Err(error) => found.add(Malformed, "data", "an archive, since it says that it is one", error.to_string()),
        }
    }
    report.findings = found.finish();
    Ok(report)
}

/// A bag while it is checked.
struct Bag<'a> {
    tree: &'a Tree,
    declaration: Declaration,
    own: bool,
    /// Every file, sorted.
    files: &'a [String],
    found: Found,
}

impl<'a> Bag<'a> {
    /// Every manifest whose algorithm is known.
    fn read_lists(&mut self) -> Vec<Listing<'a>> {
        let mut lists = Vec::new();
        let mut unknown = Vec::new();
        let paths = manifests::Paths::new(self.files, self.declaration.is_final());
        for path in self.files.iter().filter(|path| !path.contains('/')) {
            let (role, name) = match (path.strip_prefix("manifest-"), path.strip_prefix("tagmanifest-")) {
                (Some(name), _) => (Role::Payload, name),
                (_, Some(name)) => (Role::Tags, name),
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
                        self.own,
                        &paths,
                        &mut self.found,
                    ));
                }
                None => unknown.push(path),
            }
        }
        for path in unknown {
            self.found.add(Warning, path, "an algorithm that can be checked", "another");
        }
        let payload: Vec<&Listing> = lists.iter().filter(|list| list.role == Role::Payload).collect();
        if payload.is_empty() {
            self.found.add(Missing, "manifest-sha256.txt", "a manifest of the payload", "none that can be checked");
        } else if payload.iter().all(|list| list.algorithm.is_weak()) {
            let (path, expected) = (payload[0].path.clone(), "SHA-256 or stronger: others can be made to collide");
            self.found.add(Warning, &path, expected, format!("{:?} only", payload[0].algorithm).to_uppercase());
        }
        lists
    }

    /// One file against every manifest that lists it, or should.
    fn check_file(
        &mut self,
        at: usize,
        summed: &std::io::Result<Summed>,
        lists: &[Listing<'_>],
        algorithms: &[Algorithm],
    ) {
        let path = &self.files[at];
        let role = if path.starts_with("data/") { Role::Payload } else { Role::Tags };
        let lists: Vec<&Listing<'_>> = lists.iter().filter(|list| list.role == role).collect();
        let listing: Vec<(&Listing<'_>, &[u8])> =
            lists.iter().filter_map(|list| Some((*list, list.lines.of(at)?))).collect();
        if role == Role::Payload || self.own && !path.starts_with("tagmanifest-") {
            match listing.len() {
                0 => self.found.add(Unexpected, path, "a line in a manifest", "none"),
                some if some < lists.len() && (self.declaration.is_final() || self.own) => {
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
        let agrees = |(list, line): &(&Listing<'_>, &[u8])| *line == summed.bytes(algorithms, list.algorithm);
        // Bytes that have a strong digest are those it is of: then another manifest's line is what is wrong.
        let vouched = listing.iter().any(|listed| agrees(listed) && !listed.0.algorithm.is_weak());
        for (list, line) in listing.iter().filter(|listed| !agrees(listed)) {
            let (actual, line) = (summed.hex(algorithms, list.algorithm), hex(line));
            match vouched {
                true => self.found.add(Changed, &list.path, format!("{actual} for {path}"), line),
                false => self.found.add(Changed, path, format!("{line} ({})", list.path), actual),
            }
        }
    }

    /// What is listed and not there.
    fn check_missing(&mut self, lists: &[Listing<'_>]) {
        let fetched = tags::fetch(self.tree, &self.declaration, &mut self.found);
        let mut told = 0;
        for role in [Role::Payload, Role::Tags] {
            let lists: Vec<&Listing<'_>> = lists.iter().filter(|list| list.role == role).collect();
            let missing: BTreeSet<&String> = lists.iter().flat_map(|list| list.lines.missing()).collect();
            for path in missing {
                told += 1;
                if told > MAX_MISSING {
                    continue;
                }
                let (listing, others): (Vec<&Listing<'_>>, Vec<&Listing<'_>>) =
                    lists.iter().partition(|list| list.lines.has(path));
                if self.own && !others.is_empty() {
                    let (expected, found) = ("lines for the files that are there", format!("a line for {path}"));
                    listing.iter().for_each(|list| self.found.add(Malformed, &list.path, expected, &found));
                    continue;
                }
                let found = match fetched.get(path) {
                    Some(url) => format!("nothing; fetch.txt says that it is to be fetched from {url}"),
                    None => "nothing".to_owned(),
                };
                self.found.add(Missing, path, format!("the file that {} lists", listing[0].path), found);
            }
        }
        if told > MAX_MISSING {
            let more = format!("{} more files that are listed are not there", told - MAX_MISSING);
            self.found.add(Missing, "data", "every file that is listed", more);
        }
        let listed = |path: &String| lists.iter().any(|list| list.role == Role::Payload && list.lines.has(path));
        for path in fetched.keys().filter(|path| !listed(path)) {
            self.found.add(Malformed, "fetch.txt", "files that a manifest lists", path);
        }
    }

    fn check_oxum(&mut self, info: &tags::Info, sums: &[std::io::Result<Summed>]) {
        let Some(stated) = info.first("Payload-Oxum") else { return };
        let payload = self.files.iter().zip(sums).filter(|(path, _)| path.starts_with("data/"));
        let (mut bytes, mut count) = (0, 0u64);
        for (_, summed) in payload {
            bytes += summed.as_ref().map_or(0, |summed| summed.length);
            count += 1;
        }
        let found = format!("{bytes}.{count}");
        // With files that are missing or changed it cannot agree, and they are told.
        if stated.trim() != found && (self.own || !self.found.is_damage()) {
            self.found.add(Changed, &info.path, format!("Payload-Oxum {}", stated.trim()), found);
        }
    }

    fn check_own(&mut self) {
        if !self.own {
            return;
        }
        let gone = |path: &&str| !self.tree.is_file(path) && !self.found.has(path);
        for path in OWN.into_iter().filter(gone).collect::<Vec<_>>() {
            self.found.add(Missing, path, "in every bag of bindery", "nothing");
        }
        for path in self.files.iter().filter(|path| !path.starts_with("data/") && path.starts_with("tagmanifest-")) {
            if !OWN.contains(&path.as_str()) && !self.found.has(path) {
                self.found.add(Unexpected, path, "in no bag of bindery", "a file");
            }
        }
    }
}
