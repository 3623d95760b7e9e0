//! Bundles: bags, WACZ, TextPacks. The input is a recipe, so that what it makes is mostly whole:
//!
//! ```text
//! === path/in/the/bundle
//! its content, up to the next such line; {sha256 PATH} becomes the digest of another file, {size PATH} its length
//! ```

use std::collections::BTreeMap;
use std::io::{Cursor, Write};
use std::path::Path;
use std::sync::atomic::AtomicBool;

use bindery::model::Digest;
use bindery::{bundle, verify};
use zip::write::SimpleFileOptions;

pub fn body(input: &[u8]) {
    let files = cooked(input);
    if files.is_empty() {
        return;
    }
    let scratch = Scratch::new();
    let path = scratch.path().join("a.zip");
    std::fs::write(&path, packed(files.clone().into_iter())).unwrap();
    let verified = verify::any(&path, 1, &mut |_| {});
    match &verified {
        Ok(report) => {
            let again = verify::any(&path, 2, &mut |_| {}).unwrap();
            assert_eq!(report.findings, again.findings, "two threads find something else");
            for finding in &report.findings {
                assert!(!finding.path.is_empty(), "{finding:?}");
            }
        }
        Err(error) => super::assert_said(&error.to_string()),
    }
    let target = scratch.path().join("target");
    let restored = bundle::restore(&path, &target, &AtomicBool::new(false), &mut |_, _| {});
    let beside: Vec<_> = std::fs::read_dir(scratch.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(beside.iter().all(|name| name == "a.zip" || name == "target"), "{beside:?}");
    match restored {
        Ok(restored) => assert_restored(&target, &files, restored.files),
        Err(error) => {
            super::assert_said(&error.to_string());
            assert!(!target.exists(), "nothing is left of what failed");
        }
    }
}

/// What was restored is what was packed, byte for byte. A recipe may pack files of one name in several folders, of which
/// one is the bag.
fn assert_restored(target: &Path, files: &BTreeMap<String, Vec<u8>>, count: u64) {
    let mut packed: BTreeMap<&str, Vec<&Vec<u8>>> = BTreeMap::new();
    for (name, bytes) in files.iter().filter_map(|(name, bytes)| Some((name.split_once("data/")?.1, bytes))) {
        packed.entry(name).or_default().push(bytes);
    }
    let mut found = 0;
    for (name, bytes) in packed {
        if let Ok(there) = std::fs::read(target.join(name)) {
            assert!(bytes.contains(&&there), "{name} has other bytes");
            found += 1;
        }
    }
    assert!(found >= count, "{count} files, {found} of them packed");
}

/// The recipe's files by name.
fn cooked(input: &[u8]) -> BTreeMap<String, Vec<u8>> {
    let text = String::from_utf8_lossy(input);
    let mut raw: BTreeMap<String, String> = BTreeMap::new();
    for part in text.split("=== ").skip(1).take(64) {
        let (name, content) = part.split_once('\n').unwrap_or((part, ""));
        if !name.is_empty() && name.len() < 1000 {
            raw.insert(name.to_owned(), content.to_owned());
        }
    }
    let mut files = BTreeMap::new();
    // Files without marks first: those with them speak of these, and a manifest of manifests comes last.
    let mut names: Vec<&String> = raw.keys().collect();
    names
        .sort_by_key(|name| (raw[*name].contains('{'), name.contains("tagmanifest") || name.contains("digest"), *name));
    // Of each file once: a long recipe has many marks, and each may name a long file.
    let mut said = BTreeMap::new();
    for name in names {
        let bytes = filled(&raw[name], &said).into_bytes();
        said.insert(name.clone(), (Digest::of(&bytes).hex(), bytes.len()));
        files.insert(name.clone(), bytes);
    }
    files
}

/// The content with its marks filled in, from the digest and the length of each file.
fn filled(content: &str, files: &BTreeMap<String, (String, usize)>) -> String {
    let mut out = String::with_capacity(content.len());
    let mut rest = content;
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        let mark = after.split_once('}').and_then(|(mark, after)| Some((mark.split_once(' ')?, after)));
        let value = mark.and_then(|((what, name), _)| {
            let (digest, length) = files.get(name)?;
            match what {
                "sha256" => Some(digest.clone()),
                "size" => Some(length.to_string()),
                _ => None,
            }
        });
        match (mark, value) {
            (Some((_, after)), Some(value)) => {
                out.push_str(&value);
                rest = after;
            }
            _ => {
                out.push('{');
                rest = after;
            }
        }
    }
    out + rest
}

/// A ZIP file of stored entries.
pub fn packed(files: impl Iterator<Item = (String, Vec<u8>)>) -> Vec<u8> {
    let options = SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        if zip.start_file(name, options).is_ok() {
            zip.write_all(&bytes).unwrap();
        }
    }
    zip.finish().unwrap().into_inner()
}

/// A path that stays below its folder on every system.
pub fn is_safe(name: &str) -> bool {
    !name.starts_with('/') && !name.contains('\\') && name.split('/').all(|part| !matches!(part, "" | "." | ".."))
}

/// A folder that goes away, in memory where there is such a place.
pub struct Scratch(tempfile::TempDir);

impl Scratch {
    pub fn new() -> Self {
        let memory = Path::new("/dev/shm");
        Self(if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() }.unwrap())
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }
}

/// A longer content of each file.
pub fn grown(bytes: &[u8], times: usize) -> Vec<u8> {
    let text = String::from_utf8_lossy(bytes);
    let mut out = String::new();
    for part in text.split("=== ").skip(1) {
        let (name, content) = part.split_once('\n').unwrap_or((part, ""));
        out += &format!("=== {name}\n{}", content.repeat(times));
    }
    out.into_bytes()
}
