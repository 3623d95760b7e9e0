//! Compares the central directory of a ZIP file with its local headers.

use std::collections::BTreeMap;
use std::io::{Read, Seek, SeekFrom};

use super::{ZipEntry, ZipFault};
use crate::bundle::manifest::is_safe;

const END: u32 = 0x0605_4b50;
const END64: u32 = 0x0606_4b50;
const LOCATOR64: u32 = 0x0706_4b50;
const CENTRAL: u32 = 0x0201_4b50;
const LOCAL: u32 = 0x0403_4b50;
/// The maximum size of a central directory in bytes.
const MAX_DIRECTORY: u64 = 1 << 29;
const UTF8: u16 = 1 << 11;
const STREAMED: u16 = 1 << 3;
const ENCRYPTED: u16 = 1 | 1 << 6 | 1 << 13;
/// The maximum length of a data descriptor after the data of a streamed entry, in bytes.
const DESCRIPTOR: u64 = 24;
/// The operating system Unix, in the upper byte of `made_by`.
const UNIX: u8 = 3;
const REGULAR_0644: u32 = 0o100_644 << 16;

/// The result of comparing the directory with the headers.
#[derive(Default)]
pub(super) struct DirectoryScan {
    /// By name; None for folders, and for files that must not be read.
    pub entries: BTreeMap<String, Option<ZipEntry>>,
    pub folders: Vec<String>,
    pub faults: Vec<ZipFault>,
    /// See [`super::Zip::is_uniform`].
    pub uniform: bool,
}

/// A header of the central directory.
struct Central {
    name: Vec<u8>,
    made_by: u16,
    /// The version of the format that a reader must support.
    needed: u16,
    /// The number of the disk, always 0.
    disk: u16,
    flags: u16,
    method: u16,
    time: u32,
    crc: u32,
    packed: u64,
    size: u64,
    attributes: u32,
    internal: u16,
    /// The length of extra fields other than ZIP64's, and of the comment.
    more: usize,
    offset: u64,
}

/// The end of central directory record, or ZIP64's if there is one.
struct End {
    directory: u64,
    length: u64,
    entries: u64,
    /// Whether it has a comment.
    comment: bool,
    /// The offset of the first end record.
    begins: u64,
}

/// Reads the central directory and all local headers of a file of this length. An error if there is no central directory,
/// or it is malformed.
pub(super) fn read(file: &mut (impl Read + Seek), length: u64) -> Result<DirectoryScan, String> {
    let end = end(file, length)?;
    if end.length > MAX_DIRECTORY || end.length > length {
        return Err(format!("its central directory claims {} bytes", end.length));
    }
    let mut scan = DirectoryScan { uniform: !end.comment, ..DirectoryScan::default() };
    let mut centrals = parse(&read_at(file, end.directory, end.length)?, end.entries)?;
    if end.directory + end.length != end.begins {
        scan.add_file_fault("a central directory up to its end record", "other bytes between them");
    }
    scan.uniform &= centrals.windows(2).all(|pair| pair[0].offset < pair[1].offset && pair[0].time == pair[1].time);
    centrals.sort_by_key(|central| central.offset);
    scan.uniform &= centrals.windows(2).all(|pair| pair[0].name < pair[1].name);
    let mut at = 0;
    for central in centrals {
        at = scan.add(file, central, at, end.directory)?;
    }
    if at < end.directory {
        scan.add_file_fault(
            "nothing between the last entry and the central directory",
            &format!("{} bytes", end.directory - at),
        );
    }
    Ok(scan)
}

/// Collects the faults of one entry.
struct EntryFaults<'a> {
    name: &'a str,
    faults: &'a mut Vec<ZipFault>,
    /// Whether the entry must not be read.
    is_blocked: bool,
}

impl EntryFaults<'_> {
    /// Adds a fault with which the entry can be read.
    fn add(&mut self, expected: &str, found: String) {
        let (name, expected) = (self.name.to_owned(), expected.to_owned());
        self.faults.push(ZipFault { name, expected, found, is_blocked: false });
    }

    /// Adds a fault with which the entry must not be read.
    fn block(&mut self, expected: &str, found: String) {
        let (name, expected) = (self.name.to_owned(), expected.to_owned());
        self.faults.push(ZipFault { name, expected, found, is_blocked: true });
        self.is_blocked = true;
    }
}

impl DirectoryScan {
    fn add_file_fault(&mut self, expected: &str, found: &str) {
        let (name, expected, found) = (String::new(), expected.to_owned(), found.to_owned());
        self.faults.push(ZipFault { name, expected, found, is_blocked: false });
    }

    /// Checks and adds one entry, which must begin at `at`; returns where the next one must begin.
    fn add(&mut self, file: &mut (impl Read + Seek), central: Central, at: u64, end: u64) -> Result<u64, String> {
        let name = String::from_utf8_lossy(&central.name).into_owned();
        let mut faults = EntryFaults { name: &name, faults: &mut self.faults, is_blocked: false };
        if central.offset < at {
            let found = format!("it begins {} bytes too early", at - central.offset);
            faults.block("an entry after the one before it", found);
        } else if central.offset > at {
            let found = format!("{} bytes between them", central.offset - at);
            faults.add("an entry where the one before it ends", found);
        }
        let Some(local) = Local::read(file, central.offset, end) else {
            faults.block("a local header at the offset in the central directory", "none".to_owned());
            return Ok(at.max(central.offset));
        };
        if let Some((expected, found)) = local.differs(&central) {
            faults.add(&expected, found);
        }
        let data = central.offset + local.length;
        let stop = data.saturating_add(central.packed);
        if stop > end {
            let found = format!("it ends {} bytes after the directory begins", stop - end);
            faults.block("an entry before the central directory", found);
        }
        central.check(&mut faults);
        let folder = name.strip_suffix('/');
        if !is_safe(folder.unwrap_or(&name)) {
            faults.block("a path below its folder", "an invalid path, or one that leads out".to_owned());
        }
        if self.entries.contains_key(&name) {
            // Programs differ in which of the two they read.
            faults.block("each name once", "it occurs twice".to_owned());
        }
        let is_blocked = faults.is_blocked;
        self.uniform &= central.is_plain() && local.extra == 0 && (local.needed == central.needed || central.is_far());
        let next = match central.is_streamed() {
            // A descriptor of 12 to 24 bytes follows; its length is not stored.
            true => local.after_descriptor(file, &central, stop, end),
            false => stop,
        };
        let Central { packed, size, crc, method, .. } = central;
        let entry = ZipEntry { data, packed, size, crc, deflated: method == 8 };
        if !is_blocked && folder.is_some() {
            self.folders.push(name.clone());
        }
        let readable = !is_blocked && folder.is_none();
        self.entries.insert(name, readable.then_some(entry));
        Ok(next.max(at))
    }
}

impl Central {
    /// Checks the header by itself.
    fn check(&self, faults: &mut EntryFaults<'_>) {
        if self.flags & ENCRYPTED != 0 {
            faults.block("an entry without encryption", "an encrypted one".to_owned());
        }
        if !matches!(self.method, 0 | 8) {
            faults.block("a stored or deflated entry", format!("compression method {}", self.method));
        }
        if self.method == 0 && self.packed != self.size {
            let found = format!("{} and {} bytes", self.packed, self.size);
            faults.block("a stored entry as long as its file", found);
        }
        if std::str::from_utf8(&self.name).is_err() {
            faults.add("a name in UTF-8", "other bytes".to_owned());
        }
        let mode = self.attributes >> 16 & 0o170_000;
        if self.made_by >> 8 == u16::from(UNIX) && !matches!(mode, 0 | 0o100_000 | 0o040_000) {
            let what = if mode == 0o120_000 { "a symbolic link" } else { "a special file" };
            faults.block("a file or a folder", what.to_owned());
        }
    }

    fn is_streamed(&self) -> bool {
        self.flags & STREAMED != 0
    }

    /// Returns whether its offset needs ZIP64, which the central directory has only then.
    fn is_far(&self) -> bool {
        self.offset >= u64::from(u32::MAX)
    }

    /// Returns whether it is as bindery writes it.
    fn is_plain(&self) -> bool {
        let ascii = self.name.is_ascii();
        self.method == 0
            && self.flags == if ascii { 0 } else { UTF8 }
            && self.made_by >> 8 == u16::from(UNIX)
            && (self.made_by & 0xff == self.needed || self.is_far())
            && self.disk == 0
            && self.attributes == REGULAR_0644
            && self.internal == 0
            && self.more == 0
    }
}

/// A local header.
struct Local {
    needed: u16,
    length: u64,
    name: Vec<u8>,
    flags: u16,
    method: u16,
    time: u32,
    crc: u32,
    packed: u64,
    size: u64,
    /// The length of extra fields other than ZIP64's.
    extra: usize,
}

impl Local {
    fn read(file: &mut (impl Read + Seek), offset: u64, end: u64) -> Option<Self> {
        let fixed = (offset + 30 <= end).then(|| read_at(file, offset, 30).ok()).flatten()?;
        let (name_length, extra_length) = (u16_at(&fixed, 26)?, u16_at(&fixed, 28)?);
        let rest = read_at(file, offset + 30, u64::from(name_length) + u64::from(extra_length)).ok()?;
        let (name, extra) = rest.split_at(usize::from(name_length));
        let mut sizes = [u64::from(u32_at(&fixed, 22)?), u64::from(u32_at(&fixed, 18)?)];
        let more = zip64(extra, &mut sizes)?;
        (u32_at(&fixed, 0)? == LOCAL).then_some(())?;
        Some(Self {
            length: 30 + rest.len() as u64,
            name: name.to_vec(),
            needed: u16_at(&fixed, 4)?,
            flags: u16_at(&fixed, 6)?,
            method: u16_at(&fixed, 8)?,
            time: u32_at(&fixed, 10)?,
            crc: u32_at(&fixed, 14)?,
            packed: sizes[1],
            size: sizes[0],
            extra: more,
        })
    }

    /// Returns the first difference from the central header, as expected and found.
    fn differs(&self, central: &Central) -> Option<(String, String)> {
        let shown = |name: &[u8]| String::from_utf8_lossy(name).into_owned();
        let streamed = central.is_streamed() && (self.crc, self.packed, self.size) == (0, 0, 0);
        let pairs = [
            ("the name", shown(&central.name), shown(&self.name)),
            ("the flags", central.flags.to_string(), self.flags.to_string()),
            ("the method", central.method.to_string(), self.method.to_string()),
            ("the date", format!("{:08x}", central.time), format!("{:08x}", self.time)),
            ("the checksum", format!("{:08x}", central.crc), format!("{:08x}", self.crc)),
            ("the packed size", central.packed.to_string(), self.packed.to_string()),
            ("the size", central.size.to_string(), self.size.to_string()),
        ];
        let known = if streamed { 4 } else { pairs.len() };
        let (what, central, local) = pairs.into_iter().take(known).find(|(_, central, local)| central != local)?;
        Some((format!("{what} {central}, as in the central directory"), format!("{local} in the local header")))
    }

    /// Returns where the descriptor of a streamed entry ends.
    fn after_descriptor(&self, file: &mut (impl Read + Seek), central: &Central, stop: u64, end: u64) -> u64 {
        let room = end.saturating_sub(stop).min(DESCRIPTOR);
        let bytes = read_at(file, stop, room).unwrap_or_default();
        let signature = 0x0807_4b50u32.to_le_bytes();
        let body = bytes.strip_prefix(&signature[..]).unwrap_or(&bytes);
        if !body.starts_with(&central.crc.to_le_bytes()) {
            return stop;
        }
        let long = body.get(12..20) == Some(&central.size.to_le_bytes()[..]);
        let length = bytes.len() - body.len() + if long { 20 } else { 12 };
        stop + length as u64
    }
}

fn parse(bytes: &[u8], count: u64) -> Result<Vec<Central>, String> {
    let mut at = 0;
    let mut all = Vec::new();
    while at < bytes.len() {
        let (central, length) = central(&bytes[at..])
            .ok_or_else(|| format!("entry {} of its central directory is malformed", all.len() + 1))?;
        all.push(central);
        at += length;
    }
    match all.len() as u64 == count {
        true => Ok(all),
        false => Err(format!("it claims {count} entries, but its central directory has {}", all.len())),
    }
}

fn central(bytes: &[u8]) -> Option<(Central, usize)> {
    (u32_at(bytes, 0)? == CENTRAL).then_some(())?;
    let lengths = [28, 30, 32].map(|at| u16_at(bytes, at).map(usize::from));
    let [Some(name_length), Some(extra_length), Some(comment_length)] = lengths else { return None };
    let name = bytes.get(46..46 + name_length)?;
    let extra = bytes.get(46 + name_length..46 + name_length + extra_length)?;
    let mut sizes = [u32_at(bytes, 24)?, u32_at(bytes, 20)?, u32_at(bytes, 42)?].map(u64::from);
    let more = zip64(extra, &mut sizes)?;
    let length = 46 + name_length + extra_length + comment_length;
    (length <= bytes.len()).then_some(())?;
    let central = Central {
        name: name.to_vec(),
        made_by: u16_at(bytes, 4)?,
        needed: u16_at(bytes, 6)?,
        disk: u16_at(bytes, 34)?,
        flags: u16_at(bytes, 8)?,
        method: u16_at(bytes, 10)?,
        time: u32_at(bytes, 12)?,
        crc: u32_at(bytes, 16)?,
        size: sizes[0],
        packed: sizes[1],
        offset: sizes[2],
        internal: u16_at(bytes, 36)?,
        attributes: u32_at(bytes, 38)?,
        more: more + comment_length,
    };
    Some((central, length))
}

/// Replaces the values that need ZIP64 by those of the ZIP64 field, and returns the length of all other extra fields. None
/// if a value is missing.
fn zip64(mut extra: &[u8], sizes: &mut [u64]) -> Option<usize> {
    let mut others = 0;
    while extra.len() >= 4 {
        let (id, length) = (u16_at(extra, 0)?, usize::from(u16_at(extra, 2)?));
        let mut field = extra.get(4..4 + length)?;
        extra = &extra[4 + length..];
        if id != 1 {
            others += 4 + length;
            continue;
        }
        for size in sizes.iter_mut().filter(|size| **size == u64::from(u32::MAX)) {
            *size = u64_at(field, 0)?;
            field = &field[8..];
        }
    }
    Some(others + extra.len())
}

fn end(file: &mut (impl Read + Seek), length: u64) -> Result<End, String> {
    let room = length.min(22 + u64::from(u16::MAX));
    let tail = read_at(file, length - room, room)?;
    let fits = |at: &usize| {
        u32_at(&tail, *at) == Some(END)
            && u16_at(&tail, at + 20).is_some_and(|comment| at + 22 + usize::from(comment) == tail.len())
    };
    let last = tail.len().checked_sub(22).and_then(|last| (0..=last).rev().find(fits));
    let at = last.ok_or("it has no end of central directory")?;
    let short = |offset| u16_at(&tail, at + offset).map(u64::from).unwrap_or_default();
    let long = |offset| u32_at(&tail, at + offset).map(u64::from).unwrap_or_default();
    if short(4) != 0 || short(6) != 0 || short(8) != short(10) {
        return Err("it is split over several disks".to_owned());
    }
    let begins = length - room + at as u64;
    let plain = End { directory: long(16), length: long(12), entries: short(10), comment: short(20) > 0, begins };
    let large = plain.entries == 0xffff || plain.length == 0xffff_ffff || plain.directory == 0xffff_ffff;
    let locator = begins.checked_sub(20).filter(|_| large).map(|at| read_at(file, at, 20)).transpose()?;
    match locator.filter(|locator| u32_at(locator, 0) == Some(LOCATOR64)) {
        None => Ok(plain),
        Some(locator) => {
            let at = u64_at(&locator, 8).unwrap_or_default();
            let record = (at < begins).then(|| read_at(file, at, 56)).transpose()?.unwrap_or_default();
            let value = |offset| u64_at(&record, offset).ok_or("its ZIP64 end record is not where it should be");
            if u32_at(&record, 0) != Some(END64) {
                return Err("its ZIP64 end record is not where it should be".to_owned());
            }
            Ok(End {
                directory: value(48)?,
                length: value(40)?,
                entries: value(32)?,
                comment: plain.comment,
                begins: at,
            })
        }
    }
}

fn read_at(file: &mut (impl Read + Seek), offset: u64, length: u64) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    file.seek(SeekFrom::Start(offset)).map_err(|error| error.to_string())?;
    file.take(length).read_to_end(&mut bytes).map_err(|error| error.to_string())?;
    match bytes.len() as u64 == length {
        true => Ok(bytes),
        false => Err(format!("it ends before byte {}", offset.saturating_add(length))),
    }
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(bytes.get(at..at + 2)?.try_into().ok()?))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    Some(u64::from_le_bytes(bytes.get(at..at + 8)?.try_into().ok()?))
}
