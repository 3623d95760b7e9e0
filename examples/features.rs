//! Writes what the block model learns from: `features OUT PAGES... [--words FILE]`.
//!
//! `OUT.f32` holds the rows of all pages one after another (little-endian 32-bit floats), `OUT.jsonl` one object a page:
//! its path, the width of a row, and the text of each block. `--words` names the table of words that some numbers of
//! the rows come from, as it stands in a model file. Without it those numbers are zero, and `OUT.u32` holds what the
//! table is learned from: for each block three times (right around it, near it, anywhere above it) how many words there
//! are, and their hashes (little-endian 32-bit numbers).

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use bindery::extract::training;
use bindery::import::{self, PAGE_CAP};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let words = match arguments.iter().position(|argument| argument == Path::new("--words")) {
        Some(at) => Some(table(&std::fs::read(&arguments.drain(at..).nth(1).ok_or("--words needs a file")?)?)),
        None => None,
    };
    let (out, pages) = arguments.split_first().ok_or("features OUT PAGES... [--words FILE]")?;
    let mut rows = BufWriter::new(File::create(out.with_extension("f32"))?);
    let mut lines = BufWriter::new(File::create(out.with_extension("jsonl"))?);
    let mut names = BufWriter::new(File::create(out.with_extension("u32"))?);
    for path in pages {
        let raw = import::read(path, PAGE_CAP, None, None)?;
        let sheet = training::sheet(&raw, words.as_deref().unwrap_or_default());
        for number in &sheet.numbers {
            rows.write_all(&number.to_le_bytes())?;
        }
        let line = serde_json::json!({ "page": path, "width": sheet.width, "texts": sheet.texts });
        writeln!(lines, "{line}")?;
        for seen in sheet.names.iter().flatten().filter(|_| words.is_none()) {
            names.write_all(&u32::try_from(seen.len())?.to_le_bytes())?;
            for hash in seen {
                names.write_all(&hash.to_le_bytes())?;
            }
        }
    }
    Ok(())
}

/// How many words, then the hash and the three weights of each.
fn table(bytes: &[u8]) -> Vec<(u32, [i16; 3])> {
    let weight = |row: &[u8], at: usize| i16::from_le_bytes([row[at], row[at + 1]]);
    let rows = bytes[4..].chunks_exact(10);
    rows.map(|row| {
        (u32::from_le_bytes([row[0], row[1], row[2], row[3]]), [weight(row, 4), weight(row, 6), weight(row, 8)])
    })
    .collect()
}
