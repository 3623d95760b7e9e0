//! ZIP files that end too early: their directory, which stands at the end, is made again from the headers of the files.

use std::io::{self, Read, Seek, SeekFrom};

use memchr::memmem::Finder;

use super::input::Bytes;

const LOCAL_HEADER: [u8; 4] = *b"PK\x03\x04";
const DESCRIPTOR: [u8; 4] = *b"PK\x07\x08";
const DIRECTORY_HEADER: [u8; 4] = *b"PK\x01\x02";

/// The length of a local header without its name and extra fields, in bytes.
const LOCAL_LENGTH: usize = 30;

/// The flag of an entry whose sizes follow its bytes.
const SIZES_FOLLOW: u16 = 1 << 3;

/// The value of a 32-bit size or offset that stands in a ZIP64 field.
const IN_ZIP64: u32 = u32::MAX;

/// The identifier of the extra field of 64-bit sizes.
const ZIP64: u16 = 1;

/// The maximum number of entries that are looked for.
const MAX_ENTRIES: usize = 4 << 20;

/// A ZIP file with a directory of the entries that are complete.
pub struct Mended {
    /// The bytes of the file, followed by the directory.
    pub bytes: Box<dyn Bytes>,
    /// States where the file ends, for people.
    pub damage: String,
}

/// Makes the directory of a ZIP file that lacks it (APPNOTE.TXT, 4.3). Returns `None` when not one entry is complete.
pub fn mended(mut bytes: Box<dyn Bytes>) -> io::Result<Option<Mended>> {
    let length = bytes.seek(SeekFrom::End(0))?;
    let (mut entries, mut at, mut within) = (Vec::new(), 0, None);
    while entries.len() < MAX_ENTRIES {
        match entry(&mut bytes, at, length)? {
            Found::Entry(entry, end) => {
                entries.push(entry);
                at = end;
            }
            Found::Cut(name) => {
                within = Some(name);
                break;
            }
            Found::End => break,
        }
    }
    if entries.is_empty() {
        return Ok(None);
    }
    let place = within.map_or(String::new(), |name| format!("; it ends within {name}"));
    let damage = format!("after {} files: its directory is missing{place}", entries.len());
    let directory = directory(&entries, at);
    Ok(Some(Mended { bytes: Box::new(Joined { bytes, length: at, tail: directory, at: 0 }), damage }))
}

/// An entry, as its local header and its descriptor state it.
struct Entry {
    /// The offset of its local header.
    offset: u64,
    /// Version, flags, method, time and date, as in the local header.
    head: [u8; 10],
    checksum: [u8; 4],
    compressed: u64,
    size: u64,
    name: Vec<u8>,
}

enum Found {
    /// An entry, and the offset of what follows it.
    Entry(Entry, u64),
    /// The file ends within an entry with this name.
    Cut(String),
    /// No entry begins here.
    End,
}

fn entry(bytes: &mut dyn Bytes, offset: u64, length: u64) -> io::Result<Found> {
    let mut head = [0; LOCAL_LENGTH];
    let start = read_at(bytes, offset, &mut head)?;
    if !start.starts_with(&LOCAL_HEADER) {
        return Ok(Found::End);
    }
    if start.len() < LOCAL_LENGTH {
        return Ok(Found::Cut("the header of a file".to_owned()));
    }
    let (name_length, extra_length) = (u16_at(start, 26), u16_at(start, 28));
    let mut names = vec![0; usize::from(name_length) + usize::from(extra_length)];
    let complete = names.len();
    let names = read_at(bytes, offset + LOCAL_LENGTH as u64, &mut names)?;
    let name = names[..names.len().min(usize::from(name_length))].to_vec();
    let cut = || Ok(Found::Cut(String::from_utf8_lossy(&name).into_owned()));
    if names.len() < complete {
        return cut();
    }
    let data = offset + (LOCAL_LENGTH + complete) as u64;
    let sizes = match u16_at(&head, 6) & SIZES_FOLLOW {
        0 => sizes_before(&head, &names[usize::from(name_length)..]),
        _ => match descriptor(bytes, data)? {
            Some(sizes) => sizes,
            None => return cut(),
        },
    };
    let Some(end) = data.checked_add(sizes.compressed).and_then(|end| end.checked_add(sizes.follow)) else {
        return cut();
    };
    if end > length {
        return cut();
    }
    let mut kept = [0; 10];
    kept.copy_from_slice(&head[4..14]);
    let Sizes { checksum, compressed, size, .. } = sizes;
    Ok(Found::Entry(Entry { offset, head: kept, checksum, compressed, size, name }, end))
}

struct Sizes {
    checksum: [u8; 4],
    compressed: u64,
    size: u64,
    /// The length of the descriptor after the data, in bytes.
    follow: u64,
}

/// Reads the sizes in a local header and in its ZIP64 field.
fn sizes_before(head: &[u8; LOCAL_LENGTH], extra: &[u8]) -> Sizes {
    let (mut compressed, mut size) = (u64::from(u32_at(head, 18)), u64::from(u32_at(head, 22)));
    let mut rest = extra;
    while let Some((field, after)) = rest.split_at_checked(4) {
        let (id, length) = (u16_at(field, 0), usize::from(u16_at(field, 2)));
        let Some((value, after)) = after.split_at_checked(length) else { break };
        rest = after;
        if id == ZIP64 {
            let mut values = value.chunks_exact(8).map(|value| u64_at(value, 0));
            if u32_at(head, 22) == IN_ZIP64 {
                size = values.next().unwrap_or(size);
            }
            if u32_at(head, 18) == IN_ZIP64 {
                compressed = values.next().unwrap_or(compressed);
            }
        }
    }
    Sizes { checksum: [head[14], head[15], head[16], head[17]], compressed, size, follow: 0 }
}

/// Finds the descriptor that follows the data of an entry: the first one whose compressed size is its distance from the
/// start of the data. Returns `None` if the file ends before one.
fn descriptor(bytes: &mut dyn Bytes, data: u64) -> io::Result<Option<Sizes>> {
    const STEP: usize = 1 << 16;
    /// A descriptor with 64-bit sizes.
    const LONGEST: usize = 24;
    let finder = Finder::new(&DESCRIPTOR);
    let mut window = vec![0; STEP + LONGEST];
    let mut at = data;
    loop {
        let read = read_at(bytes, at, &mut window)?;
        for found in finder.find_iter(read).take_while(|found| *found < STEP) {
            let distance = at + found as u64 - data;
            if let Some(sizes) = descriptor_at(&read[found..], distance) {
                return Ok(Some(sizes));
            }
        }
        if read.len() < STEP + LONGEST {
            return Ok(None);
        }
        at += STEP as u64;
    }
}

fn descriptor_at(bytes: &[u8], distance: u64) -> Option<Sizes> {
    let checksum = bytes.get(4..8)?.try_into().ok()?;
    let short = bytes.get(8..16).map(|sizes| (u64::from(u32_at(sizes, 0)), u64::from(u32_at(sizes, 4)), 16));
    let long = bytes.get(8..24).map(|sizes| (u64_at(sizes, 0), u64_at(sizes, 8), 24));
    let (compressed, size, follow) = [long, short].into_iter().flatten().find(|sizes| sizes.0 == distance)?;
    Some(Sizes { checksum, compressed, size, follow })
}

/// Writes the directory of `entries`, which begins at `offset`; all sizes and offsets are 64 bits long.
fn directory(entries: &[Entry], offset: u64) -> Vec<u8> {
    let mut out = Vec::new();
    for entry in entries {
        out.extend(DIRECTORY_HEADER);
        out.extend(45_u16.to_le_bytes());
        out.extend(entry.head);
        out.extend(entry.checksum);
        out.extend([IN_ZIP64.to_le_bytes(), IN_ZIP64.to_le_bytes()].concat());
        // The lengths of name and extra fields come from 16-bit numbers.
        out.extend((entry.name.len() as u16).to_le_bytes());
        out.extend(28_u16.to_le_bytes());
        out.extend([0; 10]);
        out.extend(IN_ZIP64.to_le_bytes());
        out.extend(&entry.name);
        out.extend(ZIP64.to_le_bytes());
        out.extend(24_u16.to_le_bytes());
        out.extend([entry.size, entry.compressed, entry.offset].map(u64::to_le_bytes).concat());
    }
    let length = out.len() as u64;
    let count = entries.len() as u64;
    // The end of the directory with 64 bits, its locator, and the end with 32 bits.
    out.extend(b"PK\x06\x06");
    out.extend(44_u64.to_le_bytes());
    out.extend([45, 0, 45, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    out.extend([count, count, length, offset].map(u64::to_le_bytes).concat());
    out.extend(b"PK\x06\x07\0\0\0\0");
    out.extend((offset + length).to_le_bytes());
    out.extend(1_u32.to_le_bytes());
    out.extend(b"PK\x05\x06\0\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\0\0");
    out
}

/// Reads from an offset until the buffer is full or the file ends; returns what was read.
fn read_at<'a>(bytes: &mut dyn Bytes, offset: u64, buffer: &'a mut [u8]) -> io::Result<&'a [u8]> {
    bytes.seek(SeekFrom::Start(offset))?;
    let mut read = 0;
    while read < buffer.len() {
        match bytes.read(&mut buffer[read..]) {
            Ok(0) => break,
            Ok(count) => read += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(&buffer[..read])
}

fn u16_at(bytes: &[u8], at: usize) -> u16 {
    u16::from_le_bytes([bytes[at], bytes[at + 1]])
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from(u16_at(bytes, at)) | u32::from(u16_at(bytes, at + 2)) << 16
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    u64::from(u32_at(bytes, at)) | u64::from(u32_at(bytes, at + 4)) << 32
}

/// The first bytes of a file, followed by others.
struct Joined {
    bytes: Box<dyn Bytes>,
    /// The number of bytes taken from the file.
    length: u64,
    tail: Vec<u8>,
    at: u64,
}

impl Read for Joined {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = match self.at.checked_sub(self.length) {
            // The difference is within the tail, which is in memory.
            Some(within) => self.tail.get(within as usize..).unwrap_or_default().read(buffer)?,
            None => {
                self.bytes.seek(SeekFrom::Start(self.at))?;
                let left = self.length - self.at;
                let most = usize::try_from(left).map_or(buffer.len(), |left| left.min(buffer.len()));
                self.bytes.read(&mut buffer[..most])?
            }
        };
        self.at += read as u64;
        Ok(read)
    }
}

impl Seek for Joined {
    fn seek(&mut self, position: SeekFrom) -> io::Result<u64> {
        let target = match position {
            SeekFrom::Start(offset) => Some(offset),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
            SeekFrom::End(by) => (self.length + self.tail.len() as u64).checked_add_signed(by),
        };
        self.at = target.ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))?;
        Ok(self.at)
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Write};

    use zip::write::SimpleFileOptions;
    use zip::{CompressionMethod, ZipArchive, ZipWriter};

    use super::*;

    fn names_and_texts(bytes: Vec<u8>) -> Option<(Vec<(String, String)>, String)> {
        let mended = mended(Box::new(Cursor::new(bytes))).unwrap()?;
        let mut zip = ZipArchive::new(mended.bytes).unwrap();
        let read = (0..zip.len()).map(|nth| {
            let mut file = zip.by_index(nth).unwrap();
            let mut text = String::new();
            file.read_to_string(&mut text).unwrap();
            (file.name().unwrap().into_owned(), text)
        });
        Some((read.collect(), mended.damage))
    }

    fn written<W: Write + Seek>(mut zip: ZipWriter<W>) -> W {
        let options = SimpleFileOptions::default();
        for (name, method) in [("一.html", CompressionMethod::Deflated), ("two.html", CompressionMethod::Stored)] {
            zip.start_file(name, options.compression_method(method)).unwrap();
            zip.write_all(name.repeat(99).as_bytes()).unwrap();
        }
        zip.start_file("three.html", options.large_file(true)).unwrap();
        zip.write_all(b"three").unwrap();
        zip.finish().unwrap()
    }

    #[test]
    fn complete_files_before_a_cut_can_be_read_at_whatever_byte_it_is() {
        let complete = written(ZipWriter::new(Cursor::new(Vec::new()))).into_inner();
        let (all, damage) = names_and_texts(complete.clone()).unwrap();
        assert_eq!((all.len(), &*all[0].0, &*all[2].1), (3, "一.html", "three"));
        assert_eq!(damage, "after 3 files: its directory is missing");
        let mut counts = Vec::new();
        for length in 0..complete.len() {
            match names_and_texts(complete[..length].to_vec()) {
                Some((read, _)) => {
                    assert_eq!(read, all[..read.len()]);
                    counts.push(read.len());
                }
                None => counts.push(0),
            }
        }
        assert!(counts.is_sorted() && counts.contains(&1) && counts.contains(&2));
        let second = names_and_texts(complete[..counts.iter().position(|count| *count == 1).unwrap() + 200].to_vec());
        assert_eq!(second.unwrap().1, "after 1 files: its directory is missing; it ends within two.html");
    }

    #[test]
    fn sizes_that_follow_the_bytes_are_found() {
        let streamed = written(ZipWriter::new_stream(Vec::new())).into_inner();
        let cut = streamed.len() - 60;
        let (read, _) = names_and_texts(streamed[..cut].to_vec()).unwrap();
        assert_eq!((read.len(), read[1].1.len()), (3, 99 * "two.html".len()));
    }

    #[test]
    fn other_bytes_have_no_entries() {
        for bytes in [&b""[..], b"PK", b"PK\x03\x04", b"<html>", &[b"PK\x03\x04".as_slice(), &[0xff; 60]].concat()] {
            assert!(names_and_texts(bytes.to_vec()).is_none(), "{bytes:?}");
        }
    }
}
