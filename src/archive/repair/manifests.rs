//! Restores manifests from the files that they list.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::BufReader;
use std::path::Path;

use crate::model::Digest;
use crate::warc;

use super::super::ArchiveError;
use super::super::images::digest_of;
use super::super::layout::{
    ARTICLES, CAPTURES, IMAGES, INDEX, MANIFEST, MARKER, MARKER_TEXT, README, README_TEXT, RECORD, RUNS, TOMBSTONE,
    check_path, image_name, is_capture_name, is_own_path, is_run_name, is_text_name, leaf_of,
};
use super::super::manifest::{self, Lines};
use super::super::reader::list;
use super::super::tombstone::Tombstone;
use super::{Step, is_consistent};

/// Digests of files that are restored before, by path.
type Restored = BTreeMap<String, Digest>;

/// Returns how damaged manifests are derived: those of leaf folders, then that at the root.
pub(super) fn steps(root: &Path, damaged: &BTreeSet<&str>, restored: Restored) -> Result<Vec<Step>, ArchiveError> {
    let top = manifest::read(root)?.map(|top| top.lines).unwrap_or_default();
    let mut steps = Vec::new();
    // An archive of another version has another README.
    let of_every_archive =
        [README, MARKER].into_iter().filter_map(|path| Some((path.to_owned(), *restored.get(path)?)));
    let mut changed: Lines = of_every_archive.filter(|(path, digest)| top.get(path) != Some(digest)).collect();
    for path in damaged {
        let Some(leaf) = path.strip_suffix(MANIFEST).map(|leaf| leaf.trim_end_matches('/')) else { continue };
        if leaf_of(path).is_none_or(|(own, _)| own != leaf) {
            continue;
        }
        let files = LeafFiles { root, leaf, restored: &restored, damaged };
        if let Some(step) = files.manifest(top.get(*path))? {
            if top.get(*path) != Some(&step.digest) {
                changed.insert((*path).to_owned(), step.digest);
            }
            steps.push(step);
        }
    }
    let is_damaged = damaged.contains(MANIFEST);
    if !is_damaged && changed.is_empty() {
        return Ok(steps);
    }
    let lines = match is_damaged {
        true => root_lines(root, top, damaged)?,
        false => top,
    };
    let bytes = text(lines.into_iter().chain(changed).collect());
    steps.push(Step::of_bytes(MANIFEST, "follows from the manifests that it lists", bytes));
    Ok(steps)
}

fn text(lines: Lines) -> Vec<u8> {
    manifest::merged(b"", &lines.into_iter().map(|(path, digest)| (path, Some(digest))).collect())
}

/// The files of a leaf folder.
struct LeafFiles<'a> {
    root: &'a Path,
    leaf: &'a str,
    restored: &'a Restored,
    damaged: &'a BTreeSet<&'a str>,
}

impl LeafFiles<'_> {
    /// Returns how the manifest is derived. `line` is its digest in the root manifest.
    fn manifest(&self, line: Option<&Digest>) -> Result<Option<Step>, ArchiveError> {
        let path = format!("{}/{MANIFEST}", self.leaf);
        let folder = self.root.join(self.leaf);
        let own = self.own()?;
        if own.is_empty() {
            return Ok(None);
        }
        let all = text(own.clone());
        if line == Some(&Digest::of(&all)) {
            return Ok(Some(Step::of_bytes(&path, "follows from its files, as the root manifest confirms", all)));
        }
        let mut lines = manifest::read(&folder)?.map(|old| old.lines).unwrap_or_default();
        lines.retain(|below, _| is_own_path(&format!("{}/{below}", self.leaf)));
        let vouched = self.vouched(&own)?;
        lines.extend(own.into_iter().filter(|(below, _)| vouched.contains(below)));
        let bytes = text(lines);
        let is_new = fs::read(folder.join(MANIFEST)).ok().as_ref() != Some(&bytes);
        let how = "follows from the names, records and captures of its files";
        Ok((is_new && !bytes.is_empty()).then(|| Step::of_bytes(&path, how, bytes)))
    }

    /// Returns the digests of the files that belong to an archive.
    fn own(&self) -> Result<Lines, ArchiveError> {
        let (folders, files) = list(&self.root.join(self.leaf))?;
        let names: Vec<String> = match self.leaf.split('/').next() {
            Some(ARTICLES) => {
                let mut names = Vec::new();
                let is_own = |name: &&String| matches!(name.as_str(), INDEX | RECORD | TOMBSTONE) || is_text_name(name);
                for slug in folders {
                    let files = list(&self.root.join(self.leaf).join(&slug))?.1;
                    names.extend(files.iter().filter(is_own).map(|name| format!("{slug}/{name}")));
                }
                names
            }
            Some(IMAGES) => files.into_iter().filter(|name| image_name(name).is_some()).collect(),
            Some(CAPTURES) => files.into_iter().filter(|name| is_capture_name(name)).collect(),
            _ => files.into_iter().filter(|name| is_run_name(name)).collect(),
        };
        let mut own = Lines::new();
        for below in names {
            let path = format!("{}/{below}", self.leaf);
            let digest = match self.restored.get(&path) {
                Some(digest) => *digest,
                None => digest_of(&self.root.join(&path))?,
            };
            own.insert(below, digest);
        }
        Ok(own)
    }

    /// Returns the files that something other than the manifest vouches for.
    fn vouched(&self, own: &Lines) -> Result<BTreeSet<String>, ArchiveError> {
        let mut vouched = BTreeSet::new();
        let mut articles: BTreeMap<&str, bool> = BTreeMap::new();
        for (below, digest) in own {
            let path = self.root.join(self.leaf).join(below);
            let is_vouched = match (self.leaf.split('/').next(), below.split_once('/')) {
                (Some(ARTICLES), Some((_, TOMBSTONE))) => {
                    fs::read(&path).is_ok_and(|bytes| Tombstone::parse(&path, &bytes).is_ok())
                }
                (Some(ARTICLES), Some((slug, _))) => match articles.get(slug) {
                    Some(known) => *known,
                    None => {
                        let folder = format!("{}/{slug}", self.leaf);
                        let found = is_consistent(self.root, &folder, self.restored, self.damaged)?;
                        articles.insert(slug, found);
                        found
                    }
                },
                (Some(IMAGES), _) => image_name(below).is_some_and(|(named, _)| named == *digest),
                (Some(CAPTURES), _) => is_whole_capture(&path),
                // Nothing says what the events of a run were.
                _ => false,
            };
            if is_vouched {
                vouched.insert(below.clone());
            }
        }
        Ok(vouched)
    }
}

fn is_whole_capture(path: &Path) -> bool {
    let length = |file: File| Some((file.metadata().ok()?.len(), warc::valid_length(BufReader::new(file)).ok()?));
    File::open(path).ok().and_then(length).is_some_and(|(all, valid)| all == valid && all > 0)
}

/// Returns the lines of the root manifest, as the manifests of the leaf folders give them. A line whose manifest does not
/// exist is kept, so that the loss remains visible, unless it is the line of another one under a damaged name.
fn root_lines(root: &Path, old: Lines, damaged: &BTreeSet<&str>) -> Result<Lines, ArchiveError> {
    let mut lines = Lines::new();
    for leaf in leaves(root)? {
        let path = format!("{leaf}/{MANIFEST}");
        // A damaged one is derived, or keeps its line.
        if damaged.contains(path.as_str()) {
            lines.extend(old.get(&path).map(|digest| (path.clone(), *digest)));
        } else if let Some(digest) = manifest::digest(&root.join(&leaf))? {
            lines.insert(path, digest);
        }
    }
    let present: BTreeSet<Digest> = lines.values().copied().collect();
    let is_leaf = |path: &str| {
        path.ends_with(&format!("/{MANIFEST}")) && leaf_of(path).is_some_and(|(_, below)| below == MANIFEST)
    };
    let is_lost = |path: &str, digest: &Digest| check_path(path).is_ok() && is_leaf(path) && !present.contains(digest);
    let lost = old.into_iter().filter(|(path, digest)| is_lost(path, digest));
    for (path, digest) in lost {
        lines.entry(path).or_insert(digest);
    }
    lines.insert(README.to_owned(), Digest::of(README_TEXT.as_bytes()));
    lines.insert(MARKER.to_owned(), Digest::of(MARKER_TEXT.as_bytes()));
    Ok(lines)
}

/// Returns the paths of all leaf folders that exist.
fn leaves(root: &Path) -> Result<Vec<String>, ArchiveError> {
    let mut all = Vec::new();
    for (part, depth) in [(ARTICLES, 2), (IMAGES, 1), (CAPTURES, 2), (RUNS, 1)] {
        let mut level = vec![part.to_owned()];
        for _ in 0..depth {
            let mut below = Vec::new();
            for folder in level {
                below.extend(list(&root.join(&folder))?.0.into_iter().map(|name| format!("{folder}/{name}")));
            }
            level = below;
        }
        all.extend(level);
    }
    Ok(all)
}
