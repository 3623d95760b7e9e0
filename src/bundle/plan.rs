//! What an archive of the selected articles is made of: every file with its length and digest, before one is copied.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use crate::archive::{Archive, Entry};
use crate::model::{Digest, Timestamp};
use crate::warc::RecordId;

use super::lines;
use super::members;
use super::{BundleError, Kind, Selection, Tree};

pub(super) const MANIFEST: &str = "manifest-sha256.txt";
const MARKER: &str = "bindery-archive.json";
const README: &str = "README.md";
/// More than any manifest of a folder that a file system handles well.
const MAX_MANIFEST: u64 = 1 << 30;
const UNLISTED: &str = "no manifest lists it; `bindery verify` tells what is damaged";

/// Where the bytes of a file come from.
pub(super) enum Source {
    /// A file as it stands.
    File(PathBuf),
    /// Parts of a file, offset and length each.
    Parts(PathBuf, Vec<(u64, u64)>),
    /// Bytes in memory.
    Bytes(Vec<u8>),
    /// A file without a name.
    Spool(File),
}

/// A file to be packed.
pub(super) struct Piece {
    pub source: Source,
    /// Its length in bytes.
    pub length: u64,
    /// Digest that its bytes must have.
    pub digest: Digest,
}

impl Piece {
    pub fn of_bytes(bytes: Vec<u8>) -> Self {
        Self { length: bytes.len() as u64, digest: Digest::of(&bytes), source: Source::Bytes(bytes) }
    }
}

impl Piece {
    /// Its bytes, one part after another.
    pub fn open(&self) -> std::io::Result<Box<dyn Read + '_>> {
        let (path, parts) = match &self.source {
            Source::Bytes(bytes) => return Ok(Box::new(bytes.as_slice())),
            Source::File(path) => return Ok(Box::new(File::open(path)?)),
            Source::Spool(file) => {
                let mut file = file.try_clone()?;
                file.seek(SeekFrom::Start(0))?;
                return Ok(Box::new(file));
            }
            Source::Parts(path, parts) => (path, parts.as_slice()),
        };
        Ok(Box::new(Parts { file: File::open(path)?, parts, left: 0 }))
    }
}

/// Parts of a file, read as one.
struct Parts<'a> {
    file: File,
    /// Those that are not begun.
    parts: &'a [(u64, u64)],
    /// Bytes left of the one that is.
    left: u64,
}

impl Read for Parts<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        while self.left == 0 {
            let Some(((offset, length), rest)) = self.parts.split_first() else { return Ok(0) };
            self.file.seek(SeekFrom::Start(*offset))?;
            (self.left, self.parts) = (*length, rest);
        }
        let room = usize::try_from(self.left).unwrap_or(usize::MAX).min(buffer.len());
        let read = self.file.read(&mut buffer[..room])?;
        if read == 0 && room > 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        self.left -= read as u64;
        Ok(read)
    }
}

/// Path below the archive → file, in the order in which they are packed.
pub(super) type Pieces = BTreeMap<String, Piece>;

/// An archive of the selected articles.
pub(super) struct Contents {
    /// Folders of the selected articles, sorted.
    pub folders: Vec<String>,
    /// When the newest text was captured; None when there is none.
    pub newest: Option<Timestamp>,
    /// Its files.
    pub pieces: Pieces,
    /// What lies in the archive, or in the folders of selected articles, and is not among the files: path, and why.
    pub left_out: Vec<(String, String)>,
}

/// What the selected articles need, gathered while their records are gone through.
#[derive(Default)]
pub(super) struct Needs {
    /// Folder of each article, and when its newest text was captured.
    folders: BTreeMap<String, Option<Timestamp>>,
    images: BTreeSet<String>,
    /// Records of captures, and the files that hold them.
    pub records: BTreeSet<RecordId>,
    pub captures: BTreeSet<String>,
}

impl Needs {
    fn add(&mut self, entry: &Entry, with_files: bool) {
        let texts = &entry.record.snapshots;
        self.folders.insert(entry.folder.clone(), texts.iter().map(|text| text.captured).max());
        if !with_files {
            return;
        }
        self.images.extend(texts.iter().flat_map(|text| &text.images).filter_map(|image| image.path.clone()));
        for pointer in texts.iter().flat_map(|text| text.records().into_iter().chain(text.originals())) {
            self.records.insert(pointer.record);
            self.captures.insert(pointer.file);
        }
    }
}

/// Finds every file of an archive of the selected articles. Everything: the archive's tree as its manifests list it. A
/// selection: the folders of its articles, the images that they show, the records that they name (and those that these
/// refer to or answer), with manifests written anew; no events of runs, which tell of other pages.
pub(super) fn contents(archive: &Archive, selection: &Selection) -> Result<Contents, BundleError> {
    let is_everything = selection.is_everything();
    let mut needs = Needs::default();
    selection.each(archive, &mut |entry| needs.add(&entry, !is_everything))?;
    let listed = Listed::read(archive.root())?;
    let pieces = if is_everything { listed.everything()? } else { listed.some(&needs)? };
    let (whole, loose): (Vec<_>, Vec<_>) =
        needs.folders.into_iter().partition(|(folder, _)| pieces.contains_key(&format!("{folder}/record.json")));
    let newest = whole.iter().filter_map(|(_, newest)| *newest).max();
    let names = |all: Vec<(String, Option<Timestamp>)>| all.into_iter().map(|(folder, _)| folder).collect::<Vec<_>>();
    let (folders, loose) = (names(whole), names(loose));
    let looked_at = if is_everything { vec![String::new()] } else { [folders.clone(), loose.clone()].concat() };
    let left_out = left_out(archive.root(), &looked_at, &pieces);
    match (folders.is_empty(), loose.first()) {
        (true, Some(folder)) => Err(BundleError::damaged(&format!("{folder}/record.json"), UNLISTED)),
        _ => Ok(Contents { folders, newest, pieces, left_out }),
    }
}

/// Everything in and below these folders that is none of the pieces.
fn left_out(root: &Path, folders: &[String], pieces: &Pieces) -> Vec<(String, String)> {
    let mut out = Vec::new();
    for folder in folders {
        let below = |path: &str| if folder.is_empty() { path.to_owned() } else { format!("{folder}/{path}") };
        let is_own = |path: &str| folder.is_empty() && path.starts_with(".bindery/");
        let (files, faults) = Tree::folder(&root.join(folder)).files();
        let why = |path: &str, kind| match kind {
            Kind::File if path.ends_with(".open") => "a run is writing it; bundle again when it has ended",
            Kind::File => UNLISTED,
            _ => "it is neither a file nor a folder",
        };
        let all =
            files.into_iter().map(|(path, kind)| (why(&path, kind).to_owned(), path)).map(|(why, path)| (path, why));
        let loose = all.chain(faults).filter(|(path, _)| !is_own(path)).map(|(path, why)| (below(&path), why));
        out.extend(loose.filter(|(path, _)| !pieces.contains_key(path)));
    }
    out.sort();
    out
}

/// An archive as its manifests list it.
struct Listed<'a> {
    root: &'a Path,
    /// The root manifest as it stands.
    top: Vec<u8>,
    /// Path of each leaf manifest → its bytes.
    leaves: BTreeMap<String, Vec<u8>>,
}

impl<'a> Listed<'a> {
    fn read(root: &'a Path) -> Result<Self, BundleError> {
        let top = read(root, MANIFEST)?;
        let mut leaves = BTreeMap::new();
        for (path, digest) in parse(MANIFEST, &top)? {
            if path == README || path == MARKER {
                continue;
            }
            let bytes = read(root, &path)?;
            let found = Digest::of(&bytes);
            if found != digest {
                return Err(BundleError::damaged(&path, format!("{digest} is listed, and it is {found}")));
            }
            leaves.insert(path, bytes);
        }
        Ok(Self { root, top, leaves })
    }

    fn everything(&self) -> Result<Pieces, BundleError> {
        let mut pieces = Pieces::new();
        for (path, digest) in parse(MANIFEST, &self.top)? {
            if !self.leaves.contains_key(&path) {
                self.add(&mut pieces, path, digest)?;
            }
        }
        for (path, bytes) in &self.leaves {
            for (file, digest) in below(path, bytes)? {
                self.add(&mut pieces, file, digest)?;
            }
            pieces.insert(path.clone(), Piece::of_bytes(bytes.clone()));
        }
        pieces.insert(MANIFEST.to_owned(), Piece::of_bytes(self.top.clone()));
        Ok(pieces)
    }

    fn some(&self, needs: &Needs) -> Result<Pieces, BundleError> {
        let chosen = |path: &str| {
            let article = path.match_indices('/').nth(3).map(|(at, _)| &path[..at]);
            needs.images.contains(path) || article.is_some_and(|folder| needs.folders.contains_key(folder))
        };
        let mut pieces = Pieces::new();
        for (path, bytes) in self.leaves.iter().filter(|(path, _)| !path.starts_with("captures/")) {
            for (file, digest) in below(path, bytes)?.into_iter().filter(|(file, _)| chosen(file)) {
                self.add(&mut pieces, file, digest)?;
            }
        }
        if let Some(image) = needs.images.iter().find(|image| !pieces.contains_key(*image)) {
            return Err(BundleError::damaged(image, "a record names it, and no manifest lists it"));
        }
        let mut captures = BTreeMap::new();
        for (path, bytes) in self.leaves.iter().filter(|(path, _)| path.starts_with("captures/")) {
            captures.extend(below(path, bytes)?);
        }
        pieces.extend(members::pick(self.root, &captures, needs)?);
        seal(&mut pieces);
        let top = parse(MANIFEST, &self.top)?;
        for path in [README, MARKER] {
            let digest = top.get(path).ok_or_else(|| BundleError::damaged(MANIFEST, format!("it lists no {path}")))?;
            self.add(&mut pieces, path.to_owned(), *digest)?;
        }
        let lists = |path: &str| path == README || path == MARKER || path.ends_with(&format!("/{MANIFEST}"));
        let lines = pieces.iter().filter(|(path, _)| lists(path)).map(|(path, piece)| (path.as_str(), piece.digest));
        let bytes = lines::write(lines);
        pieces.insert(MANIFEST.to_owned(), Piece::of_bytes(bytes));
        Ok(pieces)
    }

    fn add(&self, pieces: &mut Pieces, path: String, digest: Digest) -> Result<(), BundleError> {
        let file = self.root.join(&path);
        let meta = file.symlink_metadata().map_err(|error| BundleError::damaged(&path, error.to_string()))?;
        if !meta.is_file() {
            return Err(BundleError::damaged(&path, "it is no file"));
        }
        pieces.insert(path, Piece { source: Source::File(file), length: meta.len(), digest });
        Ok(())
    }
}

/// Adds the manifest of every leaf folder.
fn seal(pieces: &mut Pieces) {
    let mut leaves: BTreeMap<String, Vec<(String, Digest)>> = BTreeMap::new();
    for (path, piece) in pieces.iter() {
        let depth = match path.split('/').next() {
            Some("images" | "runs") => 2,
            _ => 3,
        };
        if let Some((at, _)) = path.match_indices('/').nth(depth - 1) {
            leaves.entry(path[..at].to_owned()).or_default().push((path[at + 1..].to_owned(), piece.digest));
        }
    }
    for (folder, files) in leaves {
        let bytes = lines::write(files.iter().map(|(path, digest)| (path.as_str(), digest)));
        pieces.insert(format!("{folder}/{MANIFEST}"), Piece::of_bytes(bytes));
    }
}

/// The lines of a leaf manifest, as paths below the archive.
fn below(path: &str, bytes: &[u8]) -> Result<BTreeMap<String, Digest>, BundleError> {
    let folder = path.strip_suffix(MANIFEST).unwrap_or_default();
    Ok(parse(path, bytes)?.into_iter().map(|(file, digest)| (format!("{folder}{file}"), digest)).collect())
}

fn parse(path: &str, bytes: &[u8]) -> Result<BTreeMap<String, Digest>, BundleError> {
    lines::parse(bytes).ok_or_else(|| BundleError::damaged(path, "a line of it is none"))
}

fn read(root: &Path, path: &str) -> Result<Vec<u8>, BundleError> {
    let mut bytes = Vec::new();
    let read = File::open(root.join(path)).and_then(|file| file.take(MAX_MANIFEST).read_to_end(&mut bytes));
    read.map_err(|error| BundleError::damaged(path, error.to_string()))?;
    Ok(bytes)
}
