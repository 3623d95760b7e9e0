//! Writes what the block model learns from: `features OUT PAGES... [--scores FILE]`.
//!
//! `OUT.f32` holds the rows of all pages one after another (little-endian 32-bit floats), `OUT.jsonl` one object a page:
//! its path, the width of a row, and the text of each block. `--scores` names a file of as many floats as there are
//! blocks, the first forest's scores; the rows are then those of the second forest.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use bindery::extract::training;
use bindery::import;

/// The largest page that is read.
const PAGE_CAP: u64 = 64 << 20;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let scores = match arguments.iter().position(|argument| argument == Path::new("--scores")) {
        Some(at) => floats(&std::fs::read(&arguments.drain(at..).nth(1).ok_or("--scores needs a file")?)?),
        None => Vec::new(),
    };
    let (out, pages) = arguments.split_first().ok_or("features OUT PAGES... [--scores FILE]")?;
    let mut rows = BufWriter::new(File::create(out.with_extension("f32"))?);
    let mut lines = BufWriter::new(File::create(out.with_extension("jsonl"))?);
    let mut used = 0;
    for path in pages {
        let raw = import::read(path, PAGE_CAP, None, None)?;
        let sheet = if scores.is_empty() {
            training::sheet(&raw, None)
        } else {
            let count = training::sheet(&raw, None).texts.len();
            used += count;
            training::sheet(&raw, Some(scores.get(used - count..used).ok_or("fewer scores than blocks")?))
        };
        for number in &sheet.numbers {
            rows.write_all(&number.to_le_bytes())?;
        }
        let line = serde_json::json!({ "page": path, "width": sheet.width, "texts": sheet.texts });
        writeln!(lines, "{line}")?;
    }
    Ok(())
}

fn floats(bytes: &[u8]) -> Vec<f32> {
    bytes.chunks_exact(4).map(|four| f32::from_le_bytes([four[0], four[1], four[2], four[3]])).collect()
}
