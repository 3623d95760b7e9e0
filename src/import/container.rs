//! Containers: ZIP and tar files, read without unpacking them to disk.

use std::collections::BTreeMap;
use std::io::{Read, Seek, SeekFrom};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use parking_lot::Mutex;
use zip::ZipArchive;

use super::cut_zip;
use super::error::ImportError;
use super::folder::is_page_name;
use super::input::{Bytes, DETECTION_BYTES, IMAGE_CAP, Input, PAGE_CAP};
use super::item::{Item, ItemContent, Report, Sink};
use super::kind::{Kind, kind_of, looks_convertible, not_read};
use super::notion_name::is_repeated;
use super::resources::{Files, NoResources, PageLocation};

/// The maximum size of an export within a container, in bytes.
const NESTED_CAP: u64 = 16 << 30;

/// The size to which entries of a tar file are padded, in bytes.
const TAR_BLOCK: u64 = 512;

/// Reads every page, post and export in a container.
pub fn read(container: Container, name: &str, sink: Sink<'_>) -> Report {
    let container = Arc::new(container);
    let mut report = Report::default();
    for _ in 0..container.refused {
        report.leave_out("file with a path that leads out of the archive");
    }
    let page_folders: Vec<String> = container.paths.keys().filter_map(|path| companion_of(path, &container)).collect();
    for path in container.paths.keys() {
        if page_folders.iter().any(|folder| path.starts_with(folder.as_str())) {
            if is_page_name(path) {
                report.leave_out("frame of a saved page");
            }
            continue;
        }
        let start = match looks_convertible(Path::new(path)) {
            false => {
                leave_out(path, &mut report);
                continue;
            }
            true => container.take(path, DETECTION_BYTES as u64),
        };
        let content = match start {
            Err(error) => ItemContent::Broken(error),
            Ok(start) => {
                match kind_of(Path::new(path), &start).filter(|_| !is_repeated(path, &|path| container.has(path))) {
                    None => {
                        leave_out(path, &mut report);
                        continue;
                    }
                    Some(kind) => match container.input(path, &format!("{name}/{path}"), storage_for(kind)) {
                        Ok(input) => {
                            let files = Arc::clone(&container) as Arc<dyn Files>;
                            ItemContent::File(input, kind, PageLocation { files, page: path.clone() })
                        }
                        Err(error) => ItemContent::Broken(error),
                    },
                }
            }
        };
        let item = Item { name: PathBuf::from(path), content, resources: Arc::new(NoResources), losses: Vec::new() };
        if let ControlFlow::Break(()) = sink(item) {
            break;
        }
    }
    report
}

/// Counts a file that is not read by its extension, unless pages refer to such files.
fn leave_out(path: &str, report: &mut Report) {
    if let Some(what) = not_read(Path::new(path)) {
        report.leave_out(&what);
    }
}

/// Where an input from a container is stored while it is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Storage {
    /// In memory, up to the size of a page.
    Memory,
    /// In a temporary file.
    TemporaryFile,
}

fn storage_for(kind: Kind) -> Storage {
    if kind.is_single() { Storage::Memory } else { Storage::TemporaryFile }
}

/// Returns the path of a page's companion folder, ending in `/`; None when the file is not a page or has no such folder.
fn companion_of(path: &str, container: &Container) -> Option<String> {
    let (stem, _) = path.rsplit_once('.').filter(|_| is_page_name(path))?;
    let folder = format!("{stem}_files/");
    let next = container.paths.range(folder.clone()..).next()?;
    next.0.starts_with(&folder).then_some(folder)
}

/// A ZIP or tar file whose entries can be read in any order.
pub struct Container {
    paths: BTreeMap<String, EntryLocation>,
    format: Format,
    /// The number of entries whose path leads out of the container.
    refused: usize,
}

enum Format {
    Zip(Box<Mutex<ZipArchive<Box<dyn Bytes>>>>),
    Tar(Input),
    Folder(PathBuf),
}

/// Where the bytes of an entry are.
#[derive(Clone, Copy)]
enum EntryLocation {
    /// The index of the entry in a ZIP file.
    ZipIndex(usize),
    /// The offset and length of the entry in a tar file.
    TarRange(u64, u64),
    /// A file in a folder on disk, by its path.
    OnDisk,
}

impl Container {
    /// Opens a ZIP file. Of one that was cut, the complete entries are available, and the second value states where it
    /// ends.
    pub fn zip(input: &Input) -> Result<(Self, Option<String>), ImportError> {
        let damaged = |error: zip::result::ZipError| ImportError::Damaged {
            name: input.name().to_owned(),
            cause: error.to_string(),
        };
        let input = input.seekable()?;
        let (mut zip, damage) = match ZipArchive::new(input.open()?) {
            Ok(zip) => (zip, None),
            Err(error) => match cut_zip::mended(input.open()?).map_err(|error| input.unreadable(error))? {
                Some(mended) => (ZipArchive::new(mended.bytes).map_err(damaged)?, Some(mended.damage)),
                None => return Err(damaged(error)),
            },
        };
        let mut names = Vec::new();
        for nth in 0..zip.len() {
            let file = zip.by_index_raw(nth).map_err(damaged)?;
            if file.is_file() {
                names.push((nth, file.name_raw().to_vec()));
            }
        }
        let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
        for (_, name) in names.iter().filter(|(_, name)| std::str::from_utf8(name).is_err()) {
            detector.feed(name, false);
        }
        let encoding = detector.guess(None, Utf8Detection::Deny);
        let mut container = Self { paths: BTreeMap::new(), format: Format::Zip(Box::new(Mutex::new(zip))), refused: 0 };
        for (nth, name) in names {
            let name = match String::from_utf8(name) {
                Ok(name) => name,
                Err(error) => encoding.decode(error.as_bytes()).0.into_owned(),
            };
            container.add(&name, EntryLocation::ZipIndex(nth));
        }
        Ok((container, damage))
    }

    /// Opens a tar file. Of a damaged one, the entries before the damage are available, and the second value states where
    /// the damage is.
    pub fn tar(input: &Input) -> Result<(Self, Option<String>), ImportError> {
        let input = input.seekable()?;
        let mut tar = tar::Archive::new(input.open()?);
        let mut container = Self { paths: BTreeMap::new(), format: Format::Tar(input.clone()), refused: 0 };
        let (mut damage, length) = (None, input.length()?);
        for entry in tar.entries_with_seek().map_err(|error| input.unreadable(error))? {
            let entry = match entry {
                Ok(entry) => entry,
                Err(error) => {
                    damage = Some(format!("after {} files: {error}", container.paths.len()));
                    break;
                }
            };
            if entry.header().entry_type().is_file() {
                let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
                let (offset, size) = (entry.raw_file_position(), entry.size());
                // Entries are padded to blocks; one that was cut is not padded.
                let end = offset.saturating_add(size);
                if end.checked_next_multiple_of(TAR_BLOCK).is_none_or(|end| end > length) {
                    damage = Some(format!("after {} files: it ends within {name}", container.paths.len()));
                }
                if end <= length {
                    container.add(&name, EntryLocation::TarRange(offset, size));
                }
            }
        }
        Ok((container, damage))
    }

    /// Lists a folder on disk. Symbolic links are not followed.
    pub fn folder(root: &Path) -> Result<Self, ImportError> {
        let unreadable = |path: &Path, source| ImportError::Unreadable { name: path.display().to_string(), source };
        let mut container = Self { paths: BTreeMap::new(), format: Format::Folder(root.to_owned()), refused: 0 };
        let mut folders = vec![root.to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(&folder).map_err(|error| unreadable(&folder, error))? {
                let entry = entry.map_err(|error| unreadable(&folder, error))?;
                let (path, kind) = (entry.path(), entry.file_type().map_err(|error| unreadable(&folder, error))?);
                if kind.is_dir() {
                    folders.push(path);
                } else if kind.is_file() {
                    let name = path.strip_prefix(root).unwrap_or(&path).to_string_lossy().into_owned();
                    container.add(&name, EntryLocation::OnDisk);
                }
            }
        }
        Ok(container)
    }

    fn add(&mut self, name: &str, location: EntryLocation) {
        let name = name.replace('\\', "/");
        let plain = name.strip_prefix("./").unwrap_or(&name);
        let parts: Vec<&str> = plain.split('/').filter(|part| !matches!(*part, "" | ".")).collect();
        let leads_out = plain.starts_with('/')
            || parts.iter().any(|part| *part == ".." || part.contains('\0'))
            || plain.get(1..3) == Some(":/");
        if leads_out || parts.is_empty() {
            self.refused += 1;
        } else if !parts.contains(&"__MACOSX") {
            self.paths.insert(parts.join("/"), location);
        }
    }

    /// Returns the paths of its files, sorted.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.paths.keys().map(String::as_str)
    }

    /// Returns at most `cap` bytes from the start of a file.
    pub fn take(&self, path: &str, cap: u64) -> Result<Vec<u8>, ImportError> {
        let mut bytes = Vec::new();
        self.with(path, |source| source.take(cap).read_to_end(&mut bytes).map(|_| ()))?;
        Ok(bytes)
    }

    /// Returns a file as an input of its own.
    pub fn input(&self, path: &str, name: &str, storage: Storage) -> Result<Input, ImportError> {
        if storage == Storage::Memory {
            let bytes = self.take(path, PAGE_CAP + 1)?;
            if bytes.len() as u64 > PAGE_CAP {
                return Err(ImportError::TooLarge { name: name.to_owned(), cap: PAGE_CAP });
            }
            return Ok(Input::memory(bytes, name));
        }
        let own = Input::memory(Vec::new(), name);
        let mut copy = Err(ImportError::Missing { name: name.to_owned() });
        self.with(path, |source| {
            copy = own.copy_of(source, NESTED_CAP, name);
            Ok(())
        })?;
        copy
    }

    fn with(&self, path: &str, work: impl FnOnce(&mut dyn Read) -> std::io::Result<()>) -> Result<(), ImportError> {
        let name = || path.to_owned();
        let unreadable = |source| ImportError::Unreadable { name: name(), source };
        match (&self.format, self.paths.get(path)) {
            (Format::Zip(zip), Some(EntryLocation::ZipIndex(nth))) => {
                let mut zip = zip.lock();
                let mut file = zip
                    .by_index(*nth)
                    .map_err(|error| ImportError::Damaged { name: name(), cause: error.to_string() })?;
                work(&mut file).map_err(unreadable)
            }
            (Format::Tar(input), Some(EntryLocation::TarRange(offset, length))) => {
                let mut bytes = input.open()?;
                bytes.seek(SeekFrom::Start(*offset)).map_err(unreadable)?;
                work(&mut bytes.take(*length)).map_err(unreadable)
            }
            (Format::Folder(root), Some(EntryLocation::OnDisk)) => {
                work(&mut std::fs::File::open(root.join(path)).map_err(unreadable)?).map_err(unreadable)
            }
            _ => Err(ImportError::Missing { name: name() }),
        }
    }
}

impl Files for Container {
    fn read(&self, path: &str) -> Option<Vec<u8>> {
        let bytes = self.has(path).then(|| self.take(path, IMAGE_CAP + 1).ok()).flatten()?;
        (bytes.len() as u64 <= IMAGE_CAP).then_some(bytes)
    }

    fn has(&self, path: &str) -> bool {
        self.paths.contains_key(path)
    }

    fn may_have(&self, _: &str) -> bool {
        true
    }

    fn folders(&self, path: &str, limit: usize) -> Option<Vec<String>> {
        let prefix = if path.is_empty() { String::new() } else { format!("{path}/") };
        let mut folders: Vec<String> = Vec::new();
        for inside in self.paths.range(prefix.clone()..).take(limit).map(|(path, _)| path) {
            let Some(rest) = inside.strip_prefix(&prefix) else { break };
            if let Some((folder, _)) = rest.split_once('/')
                && folders.last().is_none_or(|last| last != folder)
            {
                folders.push(folder.to_owned());
            }
        }
        Some(folders)
    }

    fn names(&self, path: &str, limit: usize) -> Vec<String> {
        let prefix = if path.is_empty() { String::new() } else { format!("{path}/") };
        let inside = self.paths.range(prefix.clone()..).map_while(|(path, _)| path.strip_prefix(&prefix));
        inside.filter(|name| !name.contains('/')).take(limit).map(str::to_owned).collect()
    }
}
