//! Bags: BagIt 1.0 (RFC 8493) in a ZIP file with one top folder.

use std::io::{Read as _, Write as _};
use std::path::Path;

use crate::archive::{Archive, Entry};
use crate::model::Timestamp;

use super::pack::{Packer, Sums};
use super::plan::{Contents, Piece, contents};
use super::spool::Spool;
use super::text::{counted, one_line};
use super::{BundleError, Made, Making, Seal};

const DECLARATION: &str = "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n";

/// Manifests under way: a line for each packed file, by its path in the bag.
struct Listing {
    sha256: Spool,
    sha512: Spool,
}

impl Listing {
    fn new(target: &Path) -> Result<Self, BundleError> {
        let spool = || Spool::new(target).map_err(|error| BundleError::io("write", target, error));
        Ok(Self { sha256: spool()?, sha512: spool()? })
    }

    fn add(&mut self, path: &str, sums: &Sums) -> std::io::Result<()> {
        writeln!(self.sha256, "{}  {path}", sums.sha256)?;
        sums.sha512.iter().try_for_each(|digest| writeln!(self.sha512, "{digest}  {path}"))
    }

    fn files(self) -> std::io::Result<[(&'static str, Piece); 2]> {
        Ok([("sha256", self.sha256.finish()?), ("sha512", self.sha512.finish()?)])
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
    let date = making.date.or(contents.newest).unwrap_or_else(super::earliest);
    let only = match contents.folders.as_slice() {
        [only] => Some(archive.entry(only)?),
        _ => None,
    };
    let payload: u64 = contents.pieces.values().map(|piece| piece.length).sum();
    let mut done = 0;
    let mut count = |bytes| {
        done += bytes;
        progress(done, payload);
    };
    let packer = Packer::create(path, date, true, &making.stop, &mut count)?;
    let mut bag = Bag { packer, path, top: top_folder(only.as_ref(), date), tags: Listing::new(path)? };
    let info = bag_info(&contents, only.as_ref(), date, payload, &making.software);
    bag.tag("bag-info.txt", &Piece::of_bytes(info.into_bytes()))?;
    bag.tag("bagit.txt", &Piece::of_bytes(DECLARATION.as_bytes().to_vec()))?;
    let mut listing = Listing::new(path)?;
    for (below, piece) in &contents.pieces {
        let name = format!("data/{below}");
        let sums = bag.add(&name, piece).map_err(|error| error.of_file(below))?;
        listing.add(&name, &sums).map_err(|error| bag.failed(error))?;
    }
    for (algorithm, piece) in listing.files().map_err(|error| bag.failed(error))? {
        bag.tag(&format!("manifest-{algorithm}.txt"), &piece)?;
    }
    let seal = bag.finish()?;
    Ok(Made {
        articles: contents.folders.len(),
        files: contents.pieces.len(),
        bytes: payload,
        seals: vec![Seal { path: path.to_owned(), bytes: seal }],
        skipped: contents.left_out,
    })
}

/// A bag under way.
struct Bag<'a> {
    packer: Packer<'a>,
    path: &'a Path,
    top: String,
    tags: Listing,
}

impl Bag<'_> {
    fn add(&mut self, name: &str, piece: &Piece) -> Result<Sums, BundleError> {
        self.packer.add(&format!("{}/{name}", self.top), piece)
    }

    /// Packs a file that the manifest of tags lists.
    fn tag(&mut self, name: &str, piece: &Piece) -> Result<(), BundleError> {
        let sums = self.add(name, piece)?;
        self.tags.add(name, &sums).map_err(|error| self.failed(error))
    }

    /// Packs the manifests of tags, and gives back the first.
    fn finish(self) -> Result<Vec<u8>, BundleError> {
        let Self { mut packer, path, top, tags } = self;
        let mut seal = Vec::new();
        let fail = |error| BundleError::io("write", path, error);
        for (algorithm, piece) in tags.files().map_err(fail)? {
            if algorithm == "sha256" {
                piece.open().and_then(|mut bytes| bytes.read_to_end(&mut seal)).map_err(fail)?;
            }
            packer.add(&format!("{top}/tagmanifest-{algorithm}.txt"), &piece)?;
        }
        packer.finish()?;
        Ok(seal)
    }

    fn failed(&self, error: std::io::Error) -> BundleError {
        BundleError::io("write", self.path, error)
    }
}

/// The same whatever the file is called, and short: some systems have room for few letters in a path.
fn top_folder(only: Option<&Entry>, date: Timestamp) -> String {
    let day = &date.compact()[..8];
    match only {
        Some(only) => format!("bindery-{}-{day}", only.folder.rsplit('-').next().unwrap_or_default()),
        None => format!("bindery-{day}"),
    }
}

fn bag_info(contents: &Contents, only: Option<&Entry>, date: Timestamp, payload: u64, software: &str) -> String {
    let mut lines =
        vec![format!("Bag-Software-Agent: {software}"), format!("Bagging-Date: {}", &date.to_string()[..10])];
    match only {
        Some(only) => lines.push(format!("External-Identifier: {}", one_line(&only.record.url))),
        None => {
            let articles = counted(contents.folders.len(), "article");
            lines.push(format!("External-Description: an archive of {articles} in bindery's format 1"));
        }
    }
    lines.push(format!("Payload-Oxum: {payload}.{}", contents.pieces.len()));
    lines.iter().map(|line| format!("{line}\n")).collect()
}
