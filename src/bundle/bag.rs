//! Bags: BagIt 1.0 (RFC 8493) in a ZIP file with one top folder.

use std::path::Path;

use crate::archive::Archive;
use crate::model::{Digest, Timestamp};

use super::pack::Packer;
use super::plan::{Contents, contents};
use super::{BundleError, Made, Making, Seal, lines};

const DECLARATION: &str = "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n";

/// Digests of packed files, by their paths in the bag.
#[derive(Default)]
struct Listing {
    sha256: Vec<(String, Digest)>,
    sha512: Vec<(String, String)>,
}

impl Listing {
    fn files(&self) -> [(&'static str, Vec<u8>); 2] {
        let sha256 = self.sha256.iter().map(|(path, digest)| (path.as_str(), digest));
        let sha512 = self.sha512.iter().map(|(path, digest)| (path.as_str(), digest));
        [("sha256", lines::write(sha256)), ("sha512", lines::write(sha512))]
    }
}

/// Packs the selected articles of an archive as a bag at `path`. The payload is an archive itself, in `data/`.
pub(super) fn write(
    archive: &Archive,
    path: &Path,
    making: &Making,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<Made, BundleError> {
    let contents = contents(archive, &making.selection)?;
    let date = making.date.or(contents.newest()).unwrap_or_else(super::earliest);
    let payload: u64 = contents.pieces.values().map(|piece| piece.length).sum();
    let mut done = 0;
    let mut count = |bytes| {
        done += bytes;
        progress(done, payload);
    };
    let mut packer = Packer::create(path, date, true, &mut count)?;
    let top = top_folder(&contents, date);
    let mut tags = Listing::default();
    let info = bag_info(&contents, date, payload, &making.software);
    add_tag(&mut packer, &top, "bag-info.txt", info.into_bytes(), &mut tags)?;
    add_tag(&mut packer, &top, "bagit.txt", DECLARATION.as_bytes().to_vec(), &mut tags)?;
    let mut listing = Listing::default();
    for (path, piece) in &contents.pieces {
        let name = format!("data/{path}");
        let sums = packer.add(&format!("{top}/{name}"), piece)?;
        listing.sha512.extend(sums.sha512.map(|digest| (name.clone(), digest)));
        listing.sha256.push((name, sums.sha256));
    }
    for (algorithm, bytes) in listing.files() {
        add_tag(&mut packer, &top, &format!("manifest-{algorithm}.txt"), bytes, &mut tags)?;
    }
    let mut seal = Vec::new();
    for (algorithm, bytes) in tags.files() {
        if algorithm == "sha256" {
            seal.clone_from(&bytes);
        }
        packer.add_bytes(&format!("{top}/tagmanifest-{algorithm}.txt"), bytes)?;
    }
    packer.finish()?;
    Ok(Made {
        articles: contents.entries.len(),
        files: contents.pieces.len(),
        bytes: payload,
        seals: vec![Seal { path: path.to_owned(), bytes: seal }],
        skipped: contents.left_out,
    })
}

fn add_tag(
    packer: &mut Packer<'_>,
    top: &str,
    name: &str,
    bytes: Vec<u8>,
    tags: &mut Listing,
) -> Result<(), BundleError> {
    let sums = packer.add_bytes(&format!("{top}/{name}"), bytes)?;
    tags.sha512.extend(sums.sha512.map(|digest| (name.to_owned(), digest)));
    tags.sha256.push((name.to_owned(), sums.sha256));
    Ok(())
}

/// The same whatever the file is called, and short: some systems have room for few letters in a path.
fn top_folder(contents: &Contents, date: Timestamp) -> String {
    let day = &date.compact()[..8];
    match contents.entries.as_slice() {
        [only] => format!("bindery-{}-{day}", only.folder.rsplit('-').next().unwrap_or_default()),
        _ => format!("bindery-{day}"),
    }
}

fn bag_info(contents: &Contents, date: Timestamp, payload: u64, software: &str) -> String {
    let mut lines =
        vec![format!("Bag-Software-Agent: {software}"), format!("Bagging-Date: {}", &date.to_string()[..10])];
    match contents.entries.as_slice() {
        [only] => lines.push(format!("External-Identifier: {}", one_line(&only.record.address))),
        all => lines.push(format!("External-Description: an archive of {} articles in bindery's format 1", all.len())),
    }
    lines.push(format!("Payload-Oxum: {payload}.{}", contents.pieces.len()));
    lines.iter().map(|line| format!("{line}\n")).collect()
}

/// A value that stays on its line.
fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}
