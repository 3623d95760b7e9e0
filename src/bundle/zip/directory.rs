//! The central directory of a ZIP file against its local headers.

use std::collections::BTreeMap;
use std::io::{Read, Seek, SeekFrom};

use super::{Entry, Fault};
use crate::bundle::lines::is_safe;

const END: u32 = 0x0605_4b50;
const END64: u32 = 0x0606_4b50;
const LOCATOR64: u32 = 0x0706_4b50;
const CENTRAL: u32 = 0x0201_4b50;
const LOCAL: u32 = 0x0403_4b50;
/// More than the directory of any bundle that can be handled.
const MAX_DIRECTORY: u64 = 1 << 29;
const UTF8: u16 = 1 << 11;
const STREAMED: u16 = 1 << 3;
const ENCRYPTED: u16 = 1 | 1 << 6 | 1 << 13;
/// The longest data descriptor that may follow the data of a streamed entry.
const DESCRIPTOR: u64 = 24;
/// Unix, version 1.0, 2.0 or 4.5 of the format.
const UNIX: u8 = 3;
const REGULAR_0644: u32 = 0o100_644 << 16;

/// What the directories say.
#[derive(Default)]
pub(super) struct Found {
    /// By name; None for what must not be read, and for folders.
    pub entries: BTreeMap<String, Option<Entry>>,
    pub folders: Vec<String>,
    pub faults: Vec<Fault>,
    pub uniform: bool,
}

/// One central header.
struct Central {
    name: Vec<u8>,
    made_by: u16,
    /// Version of the format that a reader must know.
    needed: u16,
    /// Number of the disk, which is 0.
    disk: u16,
    flags: u16,
    method: u16,
    time: u32,
    crc: u32,
    packed: u64,
    size: u64,
    attributes: u32,
    internal: u16,
    /// Length of extra fields other than ZIP64's, and of the comment.
    more: usize,
    offset: u64,
}

/// The end of central directory record, and ZIP64's where there is one.
struct End {
    directory: u64,
    length: u64,
    entries: u64,
    /// Whether a comment follows it.
    comment: bool,
    /// Where the first of the end records begins.
    begins: u64,
}

pub(super) fn read(file: &mut (impl Read + Seek), length: u64) -> Result<Found, String> {
    let end = end(file, length)?;
    if end.length > MAX_DIRECTORY || end.length > length {
        return Err(format!("its central directory is said to have {} bytes", end.length));
    }
    let mut found = Found { uniform: !end.comment, ..Found::default() };
    let mut centrals = parse(&read_at(file, end.directory, end.length)?, end.entries)?;
    if end.directory + end.length != end.begins {
        found.whole("the central directory ends where its end record begins", "there are bytes between them");
    }
    found.uniform &= centrals.windows(2).all(|pair| pair[0].offset < pair[1].offset && pair[0].time == pair[1].time);
    centrals.sort_by_key(|central| central.offset);
    found.uniform &= centrals.windows(2).all(|pair| pair[0].name < pair[1].name);
    let mut at = 0;
    for central in centrals {
        at = found.take(file, central, at, end.directory)?;
    }
    if at < end.directory {
        found.whole(
            "nothing stands between the last entry and the central directory",
            &format!("{} bytes", end.directory - at),
        );
    }
    Ok(found)
}

impl Found {
    fn whole(&mut self, expected: &str, found: &str) {
        let fault = |text: &str| text.to_owned();
        self.faults.push(Fault { name: String::new(), expected: fault(expected), found: fault(found), closed: false });
    }

    /// Checks one entry, which must begin at `at`; where the next one must begin.
    fn take(&mut self, file: &mut (impl Read + Seek), central: Central, at: u64, end: u64) -> Result<u64, String> {
        let name = String::from_utf8_lossy(&central.name).into_owned();
        let mut fault = |expected: &str, found: String, closed: bool| {
            self.faults.push(Fault { name: name.clone(), expected: expected.to_owned(), found, closed });
            closed
        };
        let mut closed = false;
        if central.offset < at {
            closed |= fault(
                "begins after the entry before it",
                format!("begins {} bytes too early", at - central.offset),
                true,
            );
        } else if central.offset > at {
            fault(
                "begins where the entry before it ends",
                format!("{} bytes stand between them", central.offset - at),
                false,
            );
        }
        let Some(local) = Local::read(file, central.offset, end) else {
            fault("a local header at the offset that the central directory names", "there is none".to_owned(), true);
            return Ok(at.max(central.offset));
        };
        if let Some((expected, found)) = local.differs(&central) {
            fault(&expected, found, false);
        }
        let data = central.offset + local.length;
        let stop = data.saturating_add(central.packed);
        if stop > end {
            closed |=
                fault("ends before the central directory", format!("ends {} bytes behind its begin", stop - end), true);
        }
        let streamed = central.flags & STREAMED != 0;
        if central.flags & ENCRYPTED != 0 {
            closed |= fault("bytes that anyone can read", "it is encrypted".to_owned(), true);
        }
        if !matches!(central.method, 0 | 8) {
            closed |= fault("stored or deflated", format!("compression method {}", central.method), true);
        }
        if central.method == 0 && central.packed != central.size {
            closed |= fault(
                "a stored entry as long as its file",
                format!("{} and {} bytes", central.packed, central.size),
                true,
            );
        }
        if std::str::from_utf8(&central.name).is_err() {
            fault("a name in UTF-8", "it is not".to_owned(), false);
        }
        let mode = central.attributes >> 16 & 0o170_000;
        if central.made_by >> 8 == u16::from(UNIX) && !matches!(mode, 0 | 0o100_000 | 0o040_000) {
            let what = if mode == 0o120_000 { "a symbolic link" } else { "a special file" };
            closed |= fault("a file or a folder", what.to_owned(), true);
        }
        let folder = name.strip_suffix('/');
        if !is_safe(folder.unwrap_or(&name)) {
            closed |= fault("a path that stays below its folder", "it leads out, or is none".to_owned(), true);
        }
        if self.entries.contains_key(&name) {
            // Which of the two is meant nobody can tell.
            closed |= fault("a name that stands once", "it stands twice".to_owned(), true);
        }
        self.uniform &= central.is_plain() && local.extra == 0 && (local.needed == central.needed || central.is_far());
        let next = match streamed {
            // A descriptor of 12 to 24 bytes follows; its size is not written down.
            true => local.after_descriptor(file, &central, stop, end),
            false => stop,
        };
        let Central { packed, size, crc, method, .. } = central;
        let entry = Entry { data, packed, size, crc, deflated: method == 8 };
        if !closed && folder.is_some() {
            self.folders.push(name.clone());
        }
        let readable = !closed && folder.is_none();
        self.entries.insert(name, readable.then_some(entry));
        Ok(next.max(at))
    }
}

impl Central {
    /// Whether only ZIP64 can say where it is, in the central directory alone.
    fn is_far(&self) -> bool {
        self.offset >= u64::from(u32::MAX)
    }

    /// As bindery writes it.
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
    /// Length of extra fields other than ZIP64's.
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

    /// What is not as the central header has it.
    fn differs(&self, central: &Central) -> Option<(String, String)> {
        let shown = |name: &[u8]| String::from_utf8_lossy(name).into_owned();
        let streamed = central.flags & STREAMED != 0 && (self.crc, self.packed, self.size) == (0, 0, 0);
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

    /// Where the descriptor of a streamed entry ends.
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
        let (central, length) =
            central(&bytes[at..]).ok_or_else(|| format!("entry {} of its central directory is none", all.len() + 1))?;
        all.push(central);
        at += length;
    }
    match all.len() as u64 == count {
        true => Ok(all),
        false => Err(format!("{count} entries are said to be in it, and its central directory has {}", all.len())),
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

/// Puts the values of a ZIP64 field in place of those that are too large for their own; the length of all other fields.
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
        return Err("it is a part of several disks".to_owned());
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
