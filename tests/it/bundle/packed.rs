//! Bundles of small archives, and ZIP files taken apart and put together again.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Cursor, Read, Write};
use std::path::{Path, PathBuf};

use bindery::archive::Archive;
use bindery::bundle::{self, Bag, BundleOptions, Selection, TextPack, Wacz};
use bindery::model::{Finding, FindingKind};
use bindery::verify;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

pub const SOFTWARE: &str = "bindery 0.1.0";

/// A scratch folder with a small archive in it.
pub struct Scratch {
    _folder: tempfile::TempDir,
    pub root: PathBuf,
    pub folder: PathBuf,
}

pub fn scratch() -> Scratch {
    let memory = Path::new("/dev/shm");
    let folder = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() }.unwrap();
    let path = folder.path().to_owned();
    Scratch { root: path.join("archive"), folder: path, _folder: folder }
}

pub fn making(selection: Selection) -> BundleOptions {
    BundleOptions { selection, software: SOFTWARE.to_owned(), ..BundleOptions::default() }
}

pub fn selected(selectors: &[&str]) -> Selection {
    Selection { selectors: selectors.iter().map(|text| (*text).to_owned()).collect(), ..Selection::default() }
}

/// A bag of what is selected.
pub fn bag(scratch: &Scratch, name: &str, selection: Selection) -> PathBuf {
    let path = scratch.folder.join(name);
    let archive = Archive::open(&scratch.root).unwrap();
    bundle::write(&archive, &Bag, &path, &making(selection), &mut |_, _| {}).unwrap();
    path
}

/// A WACZ of what is selected.
pub fn wacz(scratch: &Scratch, name: &str, selection: Selection) -> PathBuf {
    let path = scratch.folder.join(name);
    let archive = Archive::open(&scratch.root).unwrap();
    bundle::write(&archive, &Wacz, &path, &making(selection), &mut |_, _| {}).unwrap();
    path
}

/// The text of an article with its images.
pub fn textpack(scratch: &Scratch, name: &str, selector: &str) -> PathBuf {
    let path = scratch.folder.join(name);
    let archive = Archive::open(&scratch.root).unwrap();
    bundle::write(&archive, &TextPack, &path, &making(selected(&[selector])), &mut |_, _| {}).unwrap();
    path
}

pub fn findings(path: &Path) -> Vec<Finding> {
    verify::any(path, 2, &mut |_| {}).unwrap().findings
}

pub fn assert_whole(path: &Path) {
    assert_eq!(findings(path), [], "{}", path.display());
}

/// What is wrong; without warnings.
pub fn damage(path: &Path) -> Vec<Finding> {
    findings(path).into_iter().filter(|finding| finding.kind != FindingKind::Warning).collect()
}

/// Every file of a ZIP file.
pub fn unzip(path: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut zip = ZipArchive::new(File::open(path).unwrap()).unwrap();
    let mut files = BTreeMap::new();
    for at in 0..zip.len() {
        let mut entry = zip.by_index(at).unwrap();
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).unwrap();
        let name = entry.name().unwrap().into_owned();
        files.insert(name, bytes);
    }
    files
}

/// A ZIP file as bindery writes one.
pub fn zip(path: &Path, files: &BTreeMap<String, Vec<u8>>) {
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Stored)
        .last_modified_time(zip::DateTime::default())
        .unix_permissions(0o644)
        .system(zip::System::Unix);
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        zip.start_file(name.as_str(), options).unwrap();
        zip.write_all(bytes).unwrap();
    }
    std::fs::write(path, zip.finish().unwrap().into_inner()).unwrap();
}

/// Writes files below a folder.
pub fn put(root: &Path, files: &BTreeMap<String, Vec<u8>>) {
    for (name, bytes) in files {
        let path = root.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }
}
