//! Folders in one file: zip and tar archives, read where they lie.

use std::collections::BTreeMap;
use std::io::{Read, Seek, SeekFrom};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use zip::ZipArchive;

use super::folder::Files;
use super::input::Bytes;
use super::{IMAGE_CAP, ImportError, Input, Item, Nothing, PAGE_CAP, Place, Report, Sink, What};

/// The most bytes of an export inside an archive.
const NESTED_CAP: u64 = 16 << 30;

/// Reads every page, post and export in an archive.
pub fn read(archive: Archive, name: &str, sink: Sink<'_>) -> Report {
    let archive = Arc::new(archive);
    let mut report = Report::default();
    for _ in 0..archive.refused {
        report.leave_out("file with a path that leads out of the archive");
    }
    let page_folders: Vec<String> = archive.places.keys().filter_map(|place| companion_of(place, &archive)).collect();
    for place in archive.places.keys() {
        if page_folders.iter().any(|folder| place.starts_with(folder.as_str())) {
            if super::folder::is_page_name(place) {
                report.leave_out("frame of a saved page");
            }
            continue;
        }
        let start = match super::looks_convertible(Path::new(place)) {
            false => continue,
            true => archive.take(place, super::START as u64),
        };
        let what = match start {
            Err(error) => What::Broken(error),
            Ok(start) => match super::kind_of(Path::new(place), &start) {
                None => continue,
                Some(kind) => match archive.input(place, &format!("{name}/{place}"), kind.is_single()) {
                    Ok(input) => {
                        let files = Arc::clone(&archive) as Arc<dyn Files>;
                        What::File(input, kind, Place { files, page: place.clone() })
                    }
                    Err(error) => What::Broken(error),
                },
            },
        };
        let item = Item { name: PathBuf::from(place), what, around: Arc::new(Nothing), losses: Vec::new() };
        if let ControlFlow::Break(()) = sink(item) {
            break;
        }
    }
    report
}

/// The companion folder that a page has beside it, with `/`; None for what is no page or has none.
fn companion_of(place: &str, archive: &Archive) -> Option<String> {
    let (stem, _) = place.rsplit_once('.').filter(|_| super::folder::is_page_name(place))?;
    let folder = format!("{stem}_files/");
    let next = archive.places.range(folder.clone()..).next()?;
    next.0.starts_with(&folder).then_some(folder)
}

/// An archive whose files can be read in any order.
pub struct Archive {
    places: BTreeMap<String, Lies>,
    bytes: Container,
    /// Files whose path would lead out of the archive's own folder.
    refused: usize,
}

enum Container {
    Zip(Box<Mutex<ZipArchive<Box<dyn Bytes>>>>),
    Tar(Input),
}

#[derive(Clone, Copy)]
enum Lies {
    /// A number in a zip archive.
    Nth(usize),
    /// Where a file in a tar archive begins, and its length.
    At(u64, u64),
}

impl Archive {
    /// Opens a zip archive.
    pub fn zip(input: &Input) -> Result<Self, ImportError> {
        let damaged = |error: zip::result::ZipError| ImportError::Damaged {
            name: input.name().to_owned(),
            cause: error.to_string(),
        };
        let mut zip = ZipArchive::new(input.seekable()?.open()?).map_err(damaged)?;
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
        let mut archive =
            Self { places: BTreeMap::new(), bytes: Container::Zip(Box::new(Mutex::new(zip))), refused: 0 };
        for (nth, name) in names {
            let name = match String::from_utf8(name) {
                Ok(name) => name,
                Err(error) => encoding.decode(error.as_bytes()).0.into_owned(),
            };
            archive.add(&name, Lies::Nth(nth));
        }
        Ok(archive)
    }

    /// Opens a tar archive. Of a damaged one what comes before the damage is there, and the second value says where it is.
    pub fn tar(input: &Input) -> Result<(Self, Option<String>), ImportError> {
        let input = input.seekable()?;
        let mut tar = tar::Archive::new(input.open()?);
        let mut archive = Self { places: BTreeMap::new(), bytes: Container::Tar(input.clone()), refused: 0 };
        let mut damage = None;
        for entry in tar.entries_with_seek().map_err(|error| input.unreadable(error))? {
            let entry = match entry {
                Ok(entry) => entry,
                Err(error) => {
                    damage = Some(format!("after {} files: {error}", archive.places.len()));
                    break;
                }
            };
            if entry.header().entry_type().is_file() {
                let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
                archive.add(&name, Lies::At(entry.raw_file_position(), entry.size()));
            }
        }
        Ok((archive, damage))
    }

    fn add(&mut self, name: &str, place: Lies) {
        let name = name.replace('\\', "/");
        let plain = name.strip_prefix("./").unwrap_or(&name);
        let parts: Vec<&str> = plain.split('/').filter(|part| !matches!(*part, "" | ".")).collect();
        let leads_out = plain.starts_with('/')
            || parts.iter().any(|part| *part == ".." || part.contains('\0'))
            || plain.get(1..3) == Some(":/");
        if leads_out || parts.is_empty() {
            self.refused += 1;
        } else if !parts.contains(&"__MACOSX") {
            self.places.insert(parts.join("/"), place);
        }
    }

    /// The places of its files, in order.
    pub fn places(&self) -> impl Iterator<Item = &str> {
        self.places.keys().map(String::as_str)
    }

    /// At most `cap` bytes from the start of a file.
    pub fn take(&self, place: &str, cap: u64) -> Result<Vec<u8>, ImportError> {
        let mut bytes = Vec::new();
        self.with(place, |source| source.take(cap).read_to_end(&mut bytes).map(|_| ()))?;
        Ok(bytes)
    }

    /// A file as an input of its own: in memory, or unpacked to where it can be read from any place.
    pub fn input(&self, place: &str, name: &str, small: bool) -> Result<Input, ImportError> {
        if small {
            let bytes = self.take(place, PAGE_CAP + 1)?;
            if bytes.len() as u64 > PAGE_CAP {
                return Err(ImportError::TooLarge { name: name.to_owned(), cap: PAGE_CAP });
            }
            return Ok(Input::memory(bytes, name));
        }
        let own = Input::memory(Vec::new(), name);
        let mut copy = Err(ImportError::Missing { name: name.to_owned() });
        self.with(place, |source| {
            copy = own.copy_of(source, NESTED_CAP, name);
            Ok(())
        })?;
        copy
    }

    fn with(&self, place: &str, work: impl FnOnce(&mut dyn Read) -> std::io::Result<()>) -> Result<(), ImportError> {
        let name = || place.to_owned();
        let unreadable = |source| ImportError::Unreadable { name: name(), source };
        match (&self.bytes, self.places.get(place)) {
            (Container::Zip(zip), Some(Lies::Nth(nth))) => {
                // A thread that panicked left the archive's list as it was.
                let mut zip = zip.lock().unwrap_or_else(PoisonError::into_inner);
                let mut file = zip
                    .by_index(*nth)
                    .map_err(|error| ImportError::Damaged { name: name(), cause: error.to_string() })?;
                work(&mut file).map_err(unreadable)
            }
            (Container::Tar(input), Some(Lies::At(offset, length))) => {
                let mut bytes = input.open()?;
                bytes.seek(SeekFrom::Start(*offset)).map_err(unreadable)?;
                work(&mut bytes.take(*length)).map_err(unreadable)
            }
            _ => Err(ImportError::Missing { name: name() }),
        }
    }
}

impl Files for Archive {
    fn read(&self, place: &str) -> Option<Vec<u8>> {
        let bytes = self.has(place).then(|| self.take(place, IMAGE_CAP + 1).ok()).flatten()?;
        (bytes.len() as u64 <= IMAGE_CAP).then_some(bytes)
    }

    fn has(&self, place: &str) -> bool {
        self.places.contains_key(place)
    }

    fn folders(&self, place: &str, most: usize) -> Option<Vec<String>> {
        let prefix = if place.is_empty() { String::new() } else { format!("{place}/") };
        let mut folders: Vec<String> = Vec::new();
        for inside in self.places.range(prefix.clone()..).take(most).map(|(place, _)| place) {
            let Some(rest) = inside.strip_prefix(&prefix) else { break };
            if let Some((folder, _)) = rest.split_once('/')
                && folders.last().is_none_or(|last| last != folder)
            {
                folders.push(folder.to_owned());
            }
        }
        Some(folders)
    }
}
