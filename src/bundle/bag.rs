//! Writes bags: BagIt 1.0 (RFC 8493) in a ZIP file with one top folder.

use std::io::Write as _;
use std::path::Path;

use crate::archive::{Archive, Entry};
use crate::model::Timestamp;

use super::pack::{Checksums, Digests, Packer};
use super::piece::Piece;
use super::plan::{Contents, contents};
use super::spool::Spool;
use super::text::{counted, one_line};
use super::{BundleError, BundleFormat, BundleOptions, BundleSummary, Rules, Tree};

const DECLARATION: &str = "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n";

/// BagIt 1.0 in a ZIP file: an archive that can be restored.
#[derive(Debug, Clone, Copy)]
pub struct Bag;

impl BundleFormat for Bag {
    fn name(&self) -> &'static str {
        "bag"
    }

    fn about(&self) -> &'static str {
        "An archive of the articles in BagIt 1.0, for preservation"
    }

    fn write(
        &self,
        archive: &Archive,
        path: &Path,
        options: &BundleOptions,
        progress: &mut dyn FnMut(u64, u64),
    ) -> Result<BundleSummary, BundleError> {
        let contents = contents(archive, &options.selection, options.notes)?;
        let date = options.date.or(contents.newest).unwrap_or_else(super::default_date);
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
        let packer = Packer::create(path, date, Checksums::Sha256AndSha512, &options.stop, &mut count)?;
        let mut bag =
            BagWriter { packer, path, top: top_folder(only.as_ref(), date), tags: ManifestWriter::new(path)? };
        let info = bag_info(&contents, only.as_ref(), date, payload, &options.software);
        bag.add_tag_file("bag-info.txt", &Piece::of_bytes(info.into_bytes()))?;
        bag.add_tag_file("bagit.txt", &Piece::of_bytes(DECLARATION.as_bytes().to_vec()))?;
        let mut manifest = ManifestWriter::new(path)?;
        for (below, piece) in &contents.pieces {
            let name = format!("data/{below}");
            let digests = bag.add(&name, piece).map_err(|error| error.of_file(below))?;
            manifest.add(&name, &digests).map_err(|error| bag.failed(error))?;
        }
        for (algorithm, piece) in manifest.files().map_err(|error| bag.failed(error))? {
            bag.add_tag_file(&format!("manifest-{algorithm}.txt"), &piece)?;
        }
        bag.finish()?;
        Ok(BundleSummary {
            articles: contents.folders.len(),
            files: contents.pieces.len(),
            bytes: payload,
            written: vec![path.to_owned()],
            skipped: contents.left_out,
            ..BundleSummary::default()
        })
    }

    fn is_in(&self, folder: &Tree) -> bool {
        let names = folder.names();
        let is_manifest = |name: &String| name.starts_with("manifest-") && name.ends_with(".txt");
        names.contains("bagit.txt") || names.contains("data") && names.iter().any(is_manifest)
    }

    fn rules(&self) -> Rules {
        Rules::BagIt
    }
}

/// Writes a manifest of each algorithm, a line for each packed file.
struct ManifestWriter {
    sha256: Spool,
    sha512: Spool,
}

impl ManifestWriter {
    fn new(target: &Path) -> Result<Self, BundleError> {
        let spool = || Spool::new(target).map_err(|error| BundleError::io("write", target, error));
        Ok(Self { sha256: spool()?, sha512: spool()? })
    }

    fn add(&mut self, path: &str, digests: &Digests) -> std::io::Result<()> {
        writeln!(self.sha256, "{}  {path}", digests.sha256)?;
        digests.sha512.iter().try_for_each(|digest| writeln!(self.sha512, "{digest}  {path}"))
    }

    fn files(self) -> std::io::Result<[(&'static str, Piece); 2]> {
        Ok([("sha256", self.sha256.finish()?), ("sha512", self.sha512.finish()?)])
    }
}

/// Writes one bag.
struct BagWriter<'a> {
    packer: Packer<'a>,
    path: &'a Path,
    top: String,
    tags: ManifestWriter,
}

impl BagWriter<'_> {
    fn add(&mut self, name: &str, piece: &Piece) -> Result<Digests, BundleError> {
        self.packer.add(&format!("{}/{name}", self.top), piece)
    }

    /// Packs a tag file, which the tag manifests list.
    fn add_tag_file(&mut self, name: &str, piece: &Piece) -> Result<(), BundleError> {
        let digests = self.add(name, piece)?;
        self.tags.add(name, &digests).map_err(|error| self.failed(error))
    }

    /// Packs the tag manifests.
    fn finish(self) -> Result<(), BundleError> {
        let Self { mut packer, path, top, tags } = self;
        for (algorithm, piece) in tags.files().map_err(|error| BundleError::io("write", path, error))? {
            packer.add(&format!("{top}/tagmanifest-{algorithm}.txt"), &piece)?;
        }
        packer.finish()
    }

    fn failed(&self, error: std::io::Error) -> BundleError {
        BundleError::io("write", self.path, error)
    }
}

/// Returns the name of the top folder. It does not depend on the file's name, and is short, since some systems limit the
/// length of paths.
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
